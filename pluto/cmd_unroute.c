// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --unroute --name CONN: packets for the peer's client are no business of
 * the connection any more, and may leave in clear.  Refused while the tunnel is up.
 */
#include "pluto/connection.h"
#include "pluto/route.h"
#include "pluto/whack.h"

static void unroute(struct whack_ctx *w)
{
	struct connection *c = whack_connection(w);

	if (c)
		unroute_connection(c, w->reply);
}

const struct whack_cmd cmd_unroute = {
	.verb = WHACK_UNROUTE,
	.need = { WK_NAME },
	.run  = unroute,
	.help = "undo --route, or what --terminate has left of it",
};
