// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --name CONN ... --to ...: add a connection, or replace it.
 *
 * The reader of ipsec.conf (addconn) sends the same message.  The whole work is
 * connection_add()'s, which says what it did or what is wrong.
 */
#include "pluto/connection.h"
#include "pluto/whack.h"

static void add(struct whack_ctx *w)
{
	connection_add(w->p, w->m, w->reply);
}

const struct whack_cmd cmd_connection = {
	.verb	 = WHACK_CONNECTION,
	.need	 = { WK_NAME },
	.any_key = true,
	.run	 = add,
	.help	 = "add a connection",
};
