// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket: commands in, numbered lines out.
 *
 *	accept -> read one message -> whack_run -> cmd_*.c
 *	              reply_say -> queue -> write when whack reads -> close
 *
 * One client sends one message.  What it gets back is queued and written when the
 * socket takes it, so a client that is slow, stopped or gone costs memory up to a bound
 * and never the daemon's time.  The channel closes when the last holder of the struct
 * reply lets go and the queue is empty.
 *
 * Only root, or who the daemon runs as, may give commands: the directory and the
 * socket are closed to others, and SO_PEERCRED is checked besides.
 *
 * SOCK_SEQPACKET keeps messages whole: there is no framing to get wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/base/secret.h"
#include "pluto/plog.h"
#include "pluto/server.h"
#include "pluto/whack.h"

#define CLIENTS_MAX	64
#define QUEUE_MAX	(8u << 20)	/* octets waiting for one client */
#define PATIENCE_MS	10000		/* for its message, and for its reading the last lines */
#define LINE_MAX_LEN	1024

struct whack_server {
	struct pluto *pluto;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;
	struct watch *watch;
	struct list clients;
	unsigned int n_clients;
};

struct packet {
	struct list link;
	struct span text;
};

struct client {
	struct reply reply;
	struct list link;
	struct whack_server *server;
	int fd;				/* -1: gone */
	struct watch *reading, *writing;
	struct timer timer;
	struct list queue;
	size_t queued;
	bool asked;			/* its message has come */
	bool closing;			/* nobody holds the channel: end when the queue is empty */
};

/* --- one client ---------------------------------------------------------------------- */

static void packet_free(struct client *c, struct packet *k)
{
	list_del(&k->link);
	c->queued -= k->text.len;
	free((void *)k->text.ptr);
	free(k);
}

/* It reads no more, whatever is still said. */
static void client_gone(struct client *c)
{
	struct packet *k;

	while ((k = LIST_FIRST(&c->queue, struct packet, link)))
		packet_free(c, k);
	server_unwatch(c->reading);
	server_unwatch(c->writing);
	c->reading = c->writing = NULL;
	timer_clear(&c->timer);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void client_free(struct client *c)
{
	client_gone(c);
	list_del(&c->link);
	c->server->n_clients--;
	free(c);
}

static void client_impatient(void *ctx)
{
	struct client *c = ctx;

	if (c->closing) {
		client_free(c);
		return;
	}
	client_gone(c);
	reply_release(&c->reply);
}

static void client_write(int fd, void *ctx);

/* Write what the socket takes; true when the queue is empty. */
static bool client_flush(struct client *c)
{
	struct packet *k;

	while ((k = LIST_FIRST(&c->queue, struct packet, link))) {
		ssize_t n = send(c->fd, k->text.ptr, k->text.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (!c->writing)
				c->writing = server_watch_write(c->fd, client_write, c);
			return false;
		}
		if (n < 0) {
			client_gone(c);
			return true;
		}
		packet_free(c, k);
	}
	server_unwatch(c->writing);
	c->writing = NULL;
	return true;
}

static void client_write(int fd, void *ctx)
{
	struct client *c = ctx;

	(void)fd;
	if (client_flush(c) && c->closing)
		client_free(c);
}

static void client_line(struct reply *r, unsigned int code, const char *text)
{
	struct client *c = r->impl;
	struct buf line = { 0 };
	struct packet *k;

	if (c->fd < 0)
		return;
	buf_printf(&line, "%03u %s", code, text);
	if (line.len > LINE_MAX_LEN)
		line.len = LINE_MAX_LEN;
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] < 0x20 || line.ptr[i] == 0x7f)
			line.ptr[i] = '?';
	buf_add_str(&line, "\n");
	if (c->queued + line.len > QUEUE_MAX) {
		log_msg(LOG_LVL_WARNING, "whack does not read what it is told: leaving it alone");
		buf_free(&line);
		client_gone(c);
		return;
	}
	k = xalloc(sizeof(*k));
	k->text = buf_span(&line);
	c->queued += line.len;
	list_add(&c->queue, &k->link);
	if (!c->writing)
		client_flush(c);
}

static void client_release(struct reply *r)
{
	struct client *c = r->impl;

	c->closing = true;
	if (c->fd < 0 || client_flush(c))
		client_free(c);
	else
		timer_set(&c->timer, PATIENCE_MS, client_impatient, c);
}

static void take_message(struct client *c, struct span packet)
{
	struct whack_msg *m = xalloc(sizeof(*m));
	err_t ugh = whack_msg_parse(packet, m);

	if (ugh)
		plog_pluto(c->server->pluto, &c->reply, RC_BADWHACKMESSAGE,
			   "ignoring message from whack: %s", ugh);
	else
		whack_run(c->server->pluto, m, &c->reply);
	free(m);
}

static void client_read(int fd, void *ctx)
{
	struct client *c = ctx;
	uint8_t *packet = xalloc(WHACK_MSG_MAX + 1);
	ssize_t n = recv(fd, packet, WHACK_MSG_MAX + 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		free(packet);
		return;
	}
	if (n > 0 && !c->asked) {
		c->asked = true;
		timer_clear(&c->timer);
		take_message(c, span_of(packet, (size_t)n));
		reply_release(&c->reply);	/* c may be gone now */
	} else {
		/* It hung up (whack was interrupted), or says more than it may. */
		bool asked = c->asked;
		bool closing = c->closing;

		client_gone(c);
		if (closing)
			client_free(c);
		else if (!asked)
			reply_release(&c->reply);
	}
	secret_wipe(packet, WHACK_MSG_MAX + 1);
	free(packet);
}

/* --- the socket ---------------------------------------------------------------------- */

static bool peer_may(int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return false;
	if (cred.uid == 0 || cred.uid == geteuid())
		return true;
	log_msg(LOG_LVL_WARNING, "ignoring whack of user %u: only root may use it",
		(unsigned int)cred.uid);
	return false;
}

static void accept_client(int fd, void *ctx)
{
	struct whack_server *s = ctx;
	struct client *c;
	int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (conn < 0)
		return;
	if (s->n_clients >= CLIENTS_MAX || !peer_may(conn)) {
		close(conn);
		return;
	}
	c = xalloc(sizeof(*c));
	c->server = s;
	c->fd = conn;
	c->reply = (struct reply){ .refs = 1, .line = client_line, .close = client_release,
				   .impl = c };
	list_init(&c->queue);
	list_add(&s->clients, &c->link);
	s->n_clients++;
	c->reading = server_watch(conn, client_read, c);
	timer_set(&c->timer, PATIENCE_MS, client_impatient, c);
}

/* The directory is ours alone; one that the administrator has made stays as it is. */
static err_t make_directory(const char *path)
{
	char *copy = xstrdup(path);
	int err = mkdir(dirname(copy), 0700);

	free(copy);
	if (err && errno != EEXIST)
		return "cannot make its directory";
	return NULL;
}

err_t whack_open(struct pluto *p)
{
	struct whack_server *s = xalloc(sizeof(*s));
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	err_t ugh;
	int err;

	if (strlen(p->ctlbase) + sizeof(".ctl") > sizeof(sun.sun_path)) {
		free(s);
		return "the name is too long for a socket";
	}
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.ctl", p->ctlbase);
	memcpy(s->path, sun.sun_path, sizeof(s->path));
	ugh = make_directory(s->path);
	if (ugh) {
		free(s);
		return ugh;
	}
	s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	unlink(s->path);		/* the lock file says that nobody answers it */
	mask = umask(0177);
	err = s->fd < 0 || bind(s->fd, (struct sockaddr *)&sun, sizeof(sun)) ||
	      listen(s->fd, CLIENTS_MAX);
	umask(mask);
	if (err) {
		if (s->fd >= 0)
			close(s->fd);
		free(s);
		return "cannot bind the socket";
	}
	s->pluto = p;
	list_init(&s->clients);
	s->watch = server_watch(s->fd, accept_client, s);
	p->whack = s;
	return NULL;
}

void whack_shut(struct pluto *p)
{
	struct whack_server *s = p->whack;

	if (!s || s->fd < 0)
		return;
	server_unwatch(s->watch);
	close(s->fd);
	s->fd = -1;
	unlink(s->path);
}

void whack_close(struct pluto *p)
{
	struct whack_server *s = p->whack;
	struct client *c;

	if (!s)
		return;
	whack_shut(p);
	while ((c = LIST_FIRST(&s->clients, struct client, link)))
		client_free(c);
	free(s);
	p->whack = NULL;
}
