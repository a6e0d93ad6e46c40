/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator must see: once per event, with a prefix that says whom it is about.
 *
 *	"conn" #7: text			subject with connection and serial
 *	"conn"[2] 203.0.113.9 #7: text	an instance
 *	packet from 203.0.113.9:500: text
 *
 * A line goes to the log, and as "NNN line" to whoever waits in subject->reply.
 */
#ifndef PLUTO_PLOG_H
#define PLUTO_PLOG_H

#include "lib/base/log.h"
#include "lib/net/addr.h"
#include "pluto/reply.h"

struct buf;
struct connection;
struct pluto;

struct subject {
	struct pluto *pluto;
	const struct connection *c;	/* NULL: none known */
	unsigned long serial;		/* 0: none */
	struct endpoint from;		/* used when c is NULL; AF_UNSPEC: no prefix */
	struct reply *reply;		/* owned: a held reference, or NULL */
};

/* code RC_COMMENT goes to the log only if a level says so; others always. */
void plog(const struct subject *s, unsigned int code, const char *fmt, ...) PRINTF(3, 4);
void plog_v(const struct subject *s, unsigned int code, const char *fmt, va_list ap)
	PRINTF(3, 0);
/* To the log only, never to whack. */
void plog_quiet(const struct subject *s, const char *fmt, ...) PRINTF(2, 3);
/* For messages about the daemon itself, with an optional reply. */
void plog_pluto(struct pluto *p, struct reply *r, unsigned int code, const char *fmt, ...)
	PRINTF(4, 5);
/* The prefix alone, e.g. `"west-east" #1: `. */
void plog_prefix(const struct subject *s, struct buf *out);
/* At most n lines of one kind in a second: for what strangers can provoke.  True: say it. */
struct plog_limit {
	uint64_t since;
	unsigned int said, held;
};
bool plog_limited(struct plog_limit *l);

#endif
