/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's end of whack's socket, and the rows that its verbs are.
 */
#ifndef PLUTO_WHACK_H
#define PLUTO_WHACK_H

#include "lib/whack/msg.h"
#include "pluto/pluto.h"
#include "pluto/reply.h"

struct connection;

#define WHACK_CMD_KEYS	4

/* What a command gets. */
struct whack_ctx {
	struct pluto *p;
	const struct whack_msg *m;
	struct reply *reply;		/* hold it to keep whack waiting */
	const char *name;		/* WK_NAME, or NULL */
};

/* One verb: what its message must and may hold, and what to do. */
struct whack_cmd {
	enum whack_verb verb;
	enum whack_key need[WHACK_CMD_KEYS], may[WHACK_CMD_KEYS];	/* ends with WK_NONE */
	bool any_key;			/* may hold whatever keys.c knows */
	void (*run)(struct whack_ctx *w);
	const char *help;
};

extern const struct whack_cmd cmd_connection, cmd_delete, cmd_listen, cmd_unlisten, cmd_route,
	cmd_unroute, cmd_initiate, cmd_terminate, cmd_status, cmd_shutdown, cmd_rereadsecrets,
	cmd_key, cmd_deletestate, cmd_debug, cmd_listpubkeys;

/* The row's rules, then the row.  Says 030 when the message breaks them. */
void whack_run(struct pluto *p, const struct whack_msg *m, struct reply *r);
/* The connection named in w; NULL, and 021 said, when there is none. */
struct connection *whack_connection(struct whack_ctx *w);
/* Listening, oriented?  Says 024 or 022 when not; what: "--initiate". */
bool whack_ready(struct whack_ctx *w, struct connection *c, const char *what);

/* Make p->ctlbase.ctl and serve it.  The phrase says what went wrong with it. */
err_t whack_open(struct pluto *p);
/* Take no more commands, and remove the socket; those that wait are kept. */
void whack_shut(struct pluto *p);
void whack_close(struct pluto *p);

/* End everything, then the loop, when all scripts have ended (cmd_shutdown.c).  r may be NULL. */
void pluto_shutdown(struct pluto *p, struct reply *r);

#endif
