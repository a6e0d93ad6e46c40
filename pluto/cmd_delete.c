// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --delete --name CONN: take a connection away, with all that is up of it.
 */
#include "pluto/connection.h"
#include "pluto/whack.h"

static void delete(struct whack_ctx *w)
{
	struct connection *c = whack_connection(w);

	if (c)
		connection_delete(c, w->reply);
}

const struct whack_cmd cmd_delete = {
	.verb = WHACK_DELETE,
	.need = { WK_NAME },
	.run  = delete,
	.help = "delete a connection and what is up of it",
};
