/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A manually keyed connection as one of its ends sees it: which SAs there are, with which
 * keys, what goes through them.  Nothing here touches the kernel.
 */
#ifndef UTILS_COMMON_MANUAL_H
#define UTILS_COMMON_MANUAL_H

#include "lib/conf/conf.h"
#include "lib/net/said.h"

enum manual_side { MANUAL_LEFT, MANUAL_RIGHT };

/* The addresses of both ends, by side, once %defaultroute is known. */
struct manual_hosts {
	struct addr host[2];
	struct addr nexthop[2];
};

struct manual_sa {
	struct said said;
	const char *suite;			/* NULL: a tunnel */
	const struct secret *enckey, *authkey;	/* of the connection; NULL where there is none */
	unsigned int replay;
};

#define MANUAL_SAS_MAX	3			/* tunnel, ESP, AH */

/* One direction: SAs with the innermost first; none where the connection is a shunt. */
struct manual_way {
	struct addr src, dst;
	struct manual_sa sa[MANUAL_SAS_MAX];
	size_t n;
};

struct manual_plan {
	const struct conf_conn *conn;
	const struct conf_end *us, *them;
	struct addr nexthop;			/* of packets to them */
	struct subnet mine, theirs;
	uint8_t proto;				/* 0: any */
	struct said target;			/* of the eroute */
	struct manual_way out, in;
	bool counts;				/* a counter, which must not repeat with a key */
};

/*
 * The hosts of the connection.  addr and nexthop are those of %defaultroute; NULL where
 * there is no default route.  False: *why says what is wrong.
 */
bool manual_hosts(const struct conf_conn *conn, const struct addr *addr,
		  const struct addr *nexthop, struct manual_hosts *out, struct buf *why);
/* What the end on side us has to set up.  It points into conn.  False: *why says why not. */
bool manual_plan(const struct conf_conn *conn, const struct manual_hosts *hosts,
		 enum manual_side us, struct manual_plan *out, struct buf *why);

#endif
