// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines for the operator: one place makes their prefix and sends them both ways.
 *
 *	plog -> "conn" #7: text -> the log
 *			       `-> 003 "conn" #7: text -> whack, if one waits
 *
 * Much of what is said quotes what a stranger sent.  Whoever quotes escapes it
 * (data_to_printable); at both ends (log.c, whack.c) what still is a control character
 * is replaced, so a line never becomes two, nor drives the terminal of who reads it.
 *
 * What strangers can make us say goes through plog_limited() first.
 */
#include <stdarg.h>

#include "lib/base/buf.h"
#include "pluto/connection.h"
#include "pluto/plog.h"
#include "pluto/pluto.h"
#include "pluto/server.h"

#define LIMIT_LINES	10		/* in a second, of one kind */

void plog_prefix(const struct subject *s, struct buf *out)
{
	struct addr_buf ab;

	if (s->c) {
		connection_prefix(s->c, out);
		if (s->serial)
			buf_printf(out, " #%lu", s->serial);
		buf_add_str(out, ": ");
	} else if (addr_is_set(&s->from.addr)) {
		buf_printf(out, "packet from %s: ", endpoint_show(&s->from, &ab));
	} else if (s->serial) {
		buf_printf(out, "#%lu: ", s->serial);
	}
}

/* In tests two Plutos share one log; theirs have names. */
static void to_log(const struct pluto *p, unsigned int code, const char *text)
{
	enum log_level level = code == RC_LOG_SERIOUS ? LOG_LVL_WARNING : LOG_LVL_NOTICE;

	if (code == RC_COMMENT) {
		dbg(DBG_CONTROL, "%s", text);
		return;
	}
	if (p && p->name)
		log_msg(level, "%s: %s", p->name, text);
	else
		log_msg(level, "%s", text);
}

void plog_v(const struct subject *s, unsigned int code, const char *fmt, va_list ap)
{
	struct buf line = { 0 };

	plog_prefix(s, &line);
	buf_vprintf(&line, fmt, ap);
	to_log(s->pluto, code, buf_str(&line));
	reply_say(s->reply, code, "%s", buf_str(&line));
	buf_free(&line);
}

void plog(const struct subject *s, unsigned int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	plog_v(s, code, fmt, ap);
	va_end(ap);
}

void plog_quiet(const struct subject *s, const char *fmt, ...)
{
	struct subject deaf = *s;
	va_list ap;

	deaf.reply = NULL;
	va_start(ap, fmt);
	plog_v(&deaf, RC_LOG, fmt, ap);
	va_end(ap);
}

void plog_pluto(struct pluto *p, struct reply *r, unsigned int code, const char *fmt, ...)
{
	struct subject s = { .pluto = p, .reply = r };
	va_list ap;

	va_start(ap, fmt);
	plog_v(&s, code, fmt, ap);
	va_end(ap);
}

/*
 * A second begins with its first line.  When a new one begins after lines were held
 * back, the log says how many, so that silence is never mistaken for peace.
 */
bool plog_limited(struct plog_limit *l)
{
	uint64_t now = server_now();

	if (l->said == 0 || now - l->since >= 1000) {
		if (l->held)
			log_msg(LOG_LVL_WARNING, "%u more lines like the next one were not logged",
				l->held);
		*l = (struct plog_limit){ .since = now, .said = 1 };
		return true;
	}
	if (l->said < LIMIT_LINES) {
		l->said++;
		return true;
	}
	l->held++;
	return false;
}
