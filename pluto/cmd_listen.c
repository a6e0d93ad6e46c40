// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --listen: look for interfaces, read the secrets, answer peers.
 *
 * May be given again at any time: after an interface has come or gone, or when
 * ipsec.secrets has changed.
 */
#include "pluto/connection.h"
#include "pluto/iface.h"
#include "pluto/keys.h"
#include "pluto/plog.h"
#include "pluto/whack.h"

static void start_listening(struct whack_ctx *w)
{
	w->p->listening = true;
	plog_pluto(w->p, w->reply, RC_LOG, "listening for IKE messages");
	iface_scan(w->p, w->reply);
	keys_reread(w->p, w->reply);
}

const struct whack_cmd cmd_listen = {
	.verb = WHACK_LISTEN,
	.run  = start_listening,
	.help = "look for interfaces, read the secrets and listen for peers",
};
