// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --terminate --name CONN: end its SAs, of a template those of all instances.
 *
 * Its route stays, and the eroute becomes %trap or %drop: packets are stopped, not
 * leaked, until --unroute or --delete.  Not so those to the peers of a template: their
 * instances go with all they have, as when such a peer leaves by itself.
 */
#include "pluto/connection.h"
#include "pluto/initiate.h"
#include "pluto/whack.h"

static struct connection *an_instance(struct connection *tmpl)
{
	struct connection *c;

	LIST_EACH(c, &tmpl->pluto->connections, struct connection, link)
		if (c->tmpl == tmpl)
			return c;
	return NULL;
}

static void terminate(struct whack_ctx *w)
{
	struct connection *c = whack_connection(w), *i;

	if (!c)
		return;
	reply_say(w->reply, RC_LOG, "\"%s\": terminating SAs using this connection", c->name);
	c->policy &= ~(unsigned int)POLICY_UP;
	while (c->kind == CK_TEMPLATE && (i = an_instance(c)))
		connection_delete(i, w->reply);
	ike_terminate(c, "terminated by the administrator");
}

const struct whack_cmd cmd_terminate = {
	.verb = WHACK_TERMINATE,
	.need = { WK_NAME },
	.run  = terminate,
	.help = "end the SAs of a connection",
};
