// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --shutdown: end everything, orderly.
 *
 * Peers are told, eroutes and routes go, and Pluto ends when the scripts have: whack
 * waits for that.
 */
#include "pluto/whack.h"

static void shut_down(struct whack_ctx *w)
{
	pluto_shutdown(w->p, w->reply);
}

const struct whack_cmd cmd_shutdown = {
	.verb = WHACK_SHUTDOWN,
	.run  = shut_down,
	.help = "end Pluto",
};
