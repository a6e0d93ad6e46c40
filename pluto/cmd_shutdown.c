// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --shutdown: end everything, orderly.
 *
 * Peers are told, eroutes and routes go, and Pluto ends when the scripts have: whack
 * waits for that.
 */
#include "pluto/connection.h"
#include "pluto/initiate.h"
#include "pluto/plog.h"
#include "pluto/server.h"
#include "pluto/updown.h"
#include "pluto/whack.h"

/* The scripts have ended: nothing is left to wait for. */
static void idle(struct pluto *p)
{
	reply_release(p->last_word);
	p->last_word = NULL;
	server_stop(0);
}

void pluto_shutdown(struct pluto *p, struct reply *r)
{
	struct connection *c;

	if (p->shutting_down)
		return;
	p->shutting_down = true;
	p->last_word = reply_hold(r);
	plog_pluto(p, r, RC_LOG, "shutting down");
	whack_shut(p);
	ike_shutdown(p);
	while ((c = LIST_FIRST(&p->connections, struct connection, link)))
		connection_delete(c, r);
	updown_when_idle(p, idle);
}

static void shut_down(struct whack_ctx *w)
{
	pluto_shutdown(w->p, w->reply);
}

const struct whack_cmd cmd_shutdown = {
	.verb = WHACK_SHUTDOWN,
	.run  = shut_down,
	.help = "end Pluto",
};
