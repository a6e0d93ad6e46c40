/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of ipsec.conf(5) as a message to Pluto.
 */
#ifndef UTILS_COMMON_CONNMSG_H
#define UTILS_COMMON_CONNMSG_H

#include "lib/conf/conf.h"
#include "utils/common/resolve.h"

/* Where addresses come from that are not in the file; tests have their own. */
struct resolver {
	err_t (*default_route)(struct default_route *out);
	err_t (*name)(const char *name, sa_family_t family, struct addr *out);
};

extern const struct resolver system_resolver;

/*
 * Resolve names and %defaultroute and build the message (lib/whack/msg.h says what is in
 * it).  False when that cannot be done; *why has the reason then.
 */
bool connection_message(const struct conf *c, const struct conf_conn *conn, bool replace,
			const struct resolver *resolver, struct buf *msg, struct buf *why);

#endif
