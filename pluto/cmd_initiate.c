// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --initiate --name CONN [--asynchronous]: negotiate it now.
 *
 * whack waits, reading the progress, until the tunnel is up or has failed; with
 * --asynchronous it does not.
 */
#include "pluto/connection.h"
#include "pluto/initiate.h"
#include "pluto/plog.h"
#include "pluto/whack.h"

static void say_no_peer(struct whack_ctx *w, struct connection *c)
{
	struct subject s = { .pluto = w->p, .c = c, .reply = w->reply };

	plog(&s, RC_NOPEERIP, "cannot initiate connection without knowing peer IP address "
	     "(kind=CK_TEMPLATE): let the peer initiate, or set %s=", c->that.side);
}

static void initiate(struct whack_ctx *w)
{
	struct connection *c = whack_connection(w);

	if (!c || !whack_ready(w, c, "--initiate"))
		return;
	if (c->shunt) {
		plog_pluto(w->p, w->reply, RC_CLASH, "\"%s\" is a policy of its own and never "
			   "negotiates: use --route", c->name);
		return;
	}
	if (c->kind == CK_TEMPLATE) {
		say_no_peer(w, c);
		return;
	}
	c->policy |= POLICY_UP;
	ike_initiate(c, whack_has(w->m, WK_ASYNC) ? NULL : w->reply, 1, 0);
}

const struct whack_cmd cmd_initiate = {
	.verb = WHACK_INITIATE,
	.need = { WK_NAME },
	.may  = { WK_ASYNC },
	.run  = initiate,
	.help = "negotiate a connection now",
};
