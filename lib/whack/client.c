/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message to Pluto, its reply lines, and what they come to.
 *
 * A packet of reply is one or more lines "NNN text\n"; the codes are those of
 * ipsec_whack(8).  Pluto keeps the channel open until the operation has come to an end,
 * so whoever calls this waits for it, without time-out: an administrator may interrupt.
 */
#include "lib/whack/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/alloc.h"

#define FAILED		1		/* whack's own exit status */
#define REPLY_MAX	65536		/* octets of one packet */

enum { RC_COMMENT = 0, RC_LOG = 2, RC_SUCCESS = 4 };

static int explain_connect(const char *path)
{
	switch (errno) {
	case ENOENT:
		fprintf(stderr, "whack: Pluto is not running (no \"%s\")\n", path);
		break;
	case ECONNREFUSED:
		fprintf(stderr, "whack: Pluto is not running (nobody listens to \"%s\")\n", path);
		break;
	case EACCES:
	case EPERM:
		fprintf(stderr, "whack: permission denied on \"%s\" (must be superuser)\n", path);
		break;
	default:
		fprintf(stderr, "whack: cannot connect to \"%s\": %s\n", path, strerror(errno));
	}
	return -1;
}

static int connect_to(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path)) {
		fprintf(stderr, "whack: name of socket \"%s\" is too long\n", path);
		return -1;
	}
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		fprintf(stderr, "whack: cannot make a socket: %s\n", strerror(errno));
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		explain_connect(path);
		close(fd);
		return -1;
	}
	return fd;
}

static ssize_t receive(int fd, char *reply)
{
	ssize_t n;

	do {
		n = recv(fd, reply, REPLY_MAX, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "NNN text": its code; 0 for a line of another shape, which is shown whole. */
static unsigned int line_code(const char **text)
{
	const char *s = *text;

	if (!is_digit(s[0]) || !is_digit(s[1]) || !is_digit(s[2]) || s[3] != ' ')
		return RC_COMMENT;
	*text = s + 4;
	return (unsigned int)((s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0'));
}

/* What a line's code makes of the exit status so far. */
static int status_after(int status, unsigned int code)
{
	if (code == RC_COMMENT || code == RC_LOG)
		return status;
	if (code == RC_SUCCESS)
		return 0;
	return code > 255 ? FAILED : (int)code;	/* an exit status has 8 bits */
}

static int hand_over(char *reply, int status, whack_line *line, void *ctx)
{
	char *save = NULL;

	for (char *s = strtok_r(reply, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		const char *text = s;
		unsigned int code = line_code(&text);

		status = status_after(status, code);
		if (line)
			line(ctx, code, text);
	}
	return status;
}

static int read_replies(int fd, whack_line *line, void *ctx)
{
	char *reply = xalloc(REPLY_MAX + 1);
	int status = 0;
	ssize_t n;

	while ((n = receive(fd, reply)) > 0) {
		reply[n] = '\0';
		status = hand_over(reply, status, line, ctx);
	}
	if (n < 0) {
		fprintf(stderr, "whack: Pluto broke off: %s\n", strerror(errno));
		status = FAILED;
	}
	free(reply);
	return status;
}

int whack_call(const char *path, const struct buf *msg, whack_line *line, void *ctx)
{
	int fd, status;

	if (msg->len > WHACK_MSG_MAX) {
		fprintf(stderr, "whack: message too long: Pluto takes %d octets at most\n",
			WHACK_MSG_MAX);
		return FAILED;
	}
	fd = connect_to(path);
	if (fd < 0)
		return FAILED;
	if (send(fd, msg->ptr, msg->len, MSG_NOSIGNAL) != (ssize_t)msg->len) {
		fprintf(stderr, "whack: cannot send to Pluto: %s\n", strerror(errno));
		close(fd);
		return FAILED;
	}
	status = read_replies(fd, line, ctx);
	close(fd);
	return status;
}

void whack_print_line(void *ctx, unsigned int code, const char *text)
{
	const bool *verbose = ctx;

	if (code == RC_LOG && verbose && !*verbose)
		return;
	printf("%03u %s\n", code, text);
	fflush(stdout);
}
