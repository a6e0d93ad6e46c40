// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --rereadsecrets: ipsec.secrets has changed.
 */
#include "pluto/keys.h"
#include "pluto/whack.h"

static void reread(struct whack_ctx *w)
{
	keys_reread(w->p, w->reply);
}

const struct whack_cmd cmd_rereadsecrets = {
	.verb = WHACK_REREADSECRETS,
	.run  = reread,
	.help = "read ipsec.secrets again",
};
