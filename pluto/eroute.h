/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a connection's eroute, for those who make it happen: install.c, acquire.c.
 */
#ifndef PLUTO_EROUTE_H
#define PLUTO_EROUTE_H

#include "lib/net/said.h"
#include "pluto/connection.h"
#include "pluto/plog.h"

enum route_event {
	ON_ROUTE,			/* the administrator's --route */
	ON_PREPARE,			/* an SA is about to be there */
	ON_UP,				/* an SA is there (again): bundle names it */
	ON_DOWN,			/* the last SA is about to go: %drop */
	ON_REST,			/* likewise, of a connection that stays routed: %trap */
	ON_ACQUIRE,			/* a packet waits */
	ON_UNROUTE,
	ROUTE_EVENTS
};

/* One row of route.c's table.  bundle: for ON_UP.  False: refused, and said to s. */
bool route_event(struct connection *c, enum route_event ev, const struct said *bundle,
		 const struct subject *s);
/* ON_DOWN or ON_REST, as the connection wants it; an instance is unrouted as well. */
void route_down(struct connection *c, const struct subject *s);
/* The SA that ON_PREPARE was for will not come: undo it, if nothing else needs it. */
void route_unprepare(struct connection *c, const struct subject *s);
void route_fini(struct pluto *p);
/* The route is there: let packets out of the tunnels (install.c). */
void install_open(struct connection *c);

#endif
