/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes and eroutes of a connection: state x event -> action, next (route.c), the SAs of one
 * tunnel in the kernel (install.c), and the scripts (updown.c).
 *
 * An eroute is in place before a route points packets at ipsecN, and stays (as %trap or
 * %drop) until the route is gone: fail closed.  Scripts run beside the event loop, in order for
 * each connection; a reply that waits is released when the queue is empty.
 */
#ifndef PLUTO_ROUTE_H
#define PLUTO_ROUTE_H

#include "pluto/connection.h"
#include "pluto/plog.h"

struct ipsec_sa;

/* ipsec auto --route: %trap eroute and route.  False: refused, said in r. */
bool route_connection(struct connection *c, struct reply *r);
bool unroute_connection(struct connection *c, struct reply *r);
const char *routing_name(enum routing r);		/* "unrouted", "prospective erouted", "erouted" ... */
const char *shunt_policy_name(const struct connection *c);	/* "PASS", "DROP", "REJECT" */
/* May c have the eroute and route it needs?  Says why not (conflict with another connection). */
bool route_possible(struct connection *c, const struct subject *s);

/*
 * The kernel's half of an IPsec SA.  Inbound first (before our Quick Mode answer leaves),
 * then outbound with eroute, route and up.  False: nothing of it is left behind, said in the log.
 */
bool install_inbound(struct ipsec_sa *sa);
bool install_outbound(struct ipsec_sa *sa);
/* Take it out of the kernel.  If it owned the eroute: to the next SA of the connection, else to
 * %trap (auto=route), else %drop while routed: never to clear. */
void uninstall(struct ipsec_sa *sa);

#endif
