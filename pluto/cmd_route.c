// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --route --name CONN: packets for the peer's client go to ipsecN from now
 * on, and the first of them brings the connection up.
 */
#include "pluto/connection.h"
#include "pluto/route.h"
#include "pluto/whack.h"

static void route(struct whack_ctx *w)
{
	struct connection *c = whack_connection(w);

	if (c && whack_ready(w, c, "--route"))
		route_connection(c, w->reply);
}

const struct whack_cmd cmd_route = {
	.verb = WHACK_ROUTE,
	.need = { WK_NAME },
	.run  = route,
	.help = "route packets of a connection to it, and bring it up on the first",
};
