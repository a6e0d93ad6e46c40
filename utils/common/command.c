/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running another tool, with keys that nobody sees.
 *
 * Arguments and environment of a process are there for all to read, with ps(1) or in
 * /proc.  So a key goes as a line into a pipe, which is the standard input of the tool, in
 * the order of the options that say "-".  Where there is no key, it is /dev/null.
 */
#include "utils/common/command.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/alloc.h"

void command_add(struct command *c, const char *word)
{
	if (c->n == COMMAND_WORDS_MAX)
		abort();	/* the words are the caller's own, and so is the error */
	c->word[c->n++] = xstrdup(word);
}

void command_add_key(struct command *c, const char *option, const struct secret *key)
{
	if (!key)
		return;
	if (c->n_keys == COMMAND_KEYS_MAX)
		abort();
	command_add(c, option);
	command_add(c, "-");
	c->key[c->n_keys++] = key;
}

void command_free(struct command *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->word[i]);
}

bool command_word_is_plain(const char *word)
{
	return *word && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%+=:,./_-")] == '\0';
}

void command_show(const struct command *c)
{
	const char *sep = c->verb ? " " : "\t";

	if (c->verb)
		printf("\tPLUTO_VERB=%s", c->verb);
	if (c->shell)
		printf("%s%s", sep, c->shell);
	else
		printf("%sipsec", sep);
	for (size_t i = 0; i < c->n; i++)
		printf(command_word_is_plain(c->word[i]) ? " %s" : " '%s'", c->word[i]);
	printf("%s\n", c->n_keys ? "	# keys: standard input" : "");
	fflush(stdout);
}

/* --- keys ---------------------------------------------------------------------------- */

static size_t line_length(const struct secret *key)
{
	return 2 * key->len + 3;	/* 0x, and a newline */
}

static uint8_t *write_line(uint8_t *at, const struct secret *key)
{
	static const char digits[] = "0123456789abcdef";

	*at++ = '0';
	*at++ = 'x';
	for (size_t i = 0; i < key->len; i++) {
		*at++ = (uint8_t)digits[key->ptr[i] >> 4];
		*at++ = (uint8_t)digits[key->ptr[i] & 15];
	}
	*at++ = '\n';
	return at;
}

/* They are far shorter than what a pipe takes unread, so writing does not block. */
static bool write_keys(const struct command *c, int fd)
{
	struct secret text = { 0 };
	size_t len = 0;
	uint8_t *at;
	bool ok;

	for (size_t i = 0; i < c->n_keys; i++)
		len += line_length(c->key[i]);
	if (len > PIPE_BUF) {
		errno = EMSGSIZE;
		return false;
	}
	at = secret_alloc(&text, len);
	for (size_t i = 0; i < c->n_keys; i++)
		at = write_line(at, c->key[i]);
	ok = write(fd, text.ptr, len) == (ssize_t)len;
	secret_free(&text);
	return ok;
}

/* What the tool will read, or -1. */
static int standard_input(const struct command *c)
{
	int end[2];

	if (!c->n_keys)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (pipe2(end, O_CLOEXEC) < 0)
		return -1;
	if (!write_keys(c, end[1])) {
		close(end[0]);
		end[0] = -1;
	}
	close(end[1]);
	return end[0];
}

/* --- processes ----------------------------------------------------------------------- */

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int start(const char *path, char *const *argv, int in)
{
	posix_spawn_file_actions_t files;
	pid_t pid;
	int err;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	err = posix_spawn(&pid, path, &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (!err)
		return wait_for(pid);
	fprintf(stderr, "cannot run %s: %s\n", path, strerror(err));
	return 1;
}

int command_run(const struct command *c)
{
	char *shell[] = { xstrdup("sh"), xstrdup("-c"), xstrdup(c->shell ? c->shell : ""), NULL };
	const char *dir = getenv("IPSEC_EXECDIR");
	int in = standard_input(c), status = 1;
	char *path = c->shell ? xstrdup("/bin/sh") :
				xasprintf("%s/%s", dir ? dir : IPSEC_LIBEXECDIR, c->word[0]);

	if (c->verb)
		setenv("PLUTO_VERB", c->verb, 1);
	if (in >= 0) {
		status = start(path, c->shell ? shell : (char *const *)c->word, in);
		close(in);
	} else {
		fprintf(stderr, "cannot hand keys to %s: %s\n", path, strerror(errno));
	}
	for (size_t i = 0; shell[i]; i++)
		free(shell[i]);
	free(path);
	return status;
}
