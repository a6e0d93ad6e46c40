// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The channel to a waiting whack, as its holders see it.
 *
 * An operation that goes on after its command has returned (an exchange, a script)
 * holds the channel; whack reads until the last holder lets go.  What is behind
 * it, and what happens when whack has gone meanwhile, is the business of ->line and
 * ->close: saying something never fails and never blocks.
 */
#include "lib/base/buf.h"
#include "pluto/reply.h"

struct reply *reply_hold(struct reply *r)
{
	if (r)
		r->refs++;
	return r;
}

void reply_release(struct reply *r)
{
	if (r && --r->refs == 0)
		r->close(r);
}

void reply_say(struct reply *r, unsigned int code, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	if (!r)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	r->line(r, code, buf_str(&text));
	buf_free(&text);
}
