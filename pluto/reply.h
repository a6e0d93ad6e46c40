/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel on which whack waits for numbered lines; counted, closed with the last holder.
 */
#ifndef PLUTO_REPLY_H
#define PLUTO_REPLY_H

#include <stdarg.h>
#include <stdbool.h>

#include "lib/base/span.h"

/* Reply codes of whack: ipsec_whack(8). */
enum rc {
	RC_COMMENT = 0, RC_WHACK_PROBLEM = 1, RC_LOG = 2, RC_LOG_SERIOUS = 3, RC_SUCCESS = 4,
	RC_RETRANSMISSION = 10,
	RC_DUPNAME = 20, RC_UNKNOWN_NAME = 21, RC_ORIENT = 22, RC_CLASH = 23, RC_DEAF = 24,
	RC_ROUTE = 25, RC_RTBUSY = 26, RC_BADID = 27, RC_NOKEY = 28, RC_NOPEERIP = 29,
	RC_BADWHACKMESSAGE = 30, RC_NORETRANSMISSION = 31, RC_INTERNALERR = 32,
	RC_NEW_STATE = 100,		/* + enum state */
	RC_NOTIFICATION = 200		/* + notify message type */
};

struct reply {
	unsigned int refs;
	void (*line)(struct reply *r, unsigned int code, const char *text);
	void (*close)(struct reply *r);	/* last reference gone: free it */
	void *impl;
};

struct reply *reply_hold(struct reply *r);	/* NULL is fine everywhere */
void reply_release(struct reply *r);
void reply_say(struct reply *r, unsigned int code, const char *fmt, ...) PRINTF(3, 4);

#endif
