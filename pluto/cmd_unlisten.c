// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --unlisten: be deaf to peers.
 *
 * SAs that are up stay up, sockets stay open (their ports stay ours), and what
 * arrives is thrown away unread until --listen.
 */
#include "pluto/plog.h"
#include "pluto/whack.h"

static void stop_listening(struct whack_ctx *w)
{
	w->p->listening = false;
	plog_pluto(w->p, w->reply, RC_LOG, "no longer listening for IKE messages");
}

const struct whack_cmd cmd_unlisten = {
	.verb = WHACK_UNLISTEN,
	.run  = stop_listening,
	.help = "stop listening for peers",
};
