// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --deletestate N: end the SA or the exchange that --status shows as #N.
 */
#include "pluto/initiate.h"
#include "pluto/plog.h"
#include "pluto/whack.h"

static void delete_state(struct whack_ctx *w)
{
	unsigned long serial = (unsigned long)whack_get_uint(w->m, WK_STATE, 0);

	if (!ike_delete_state(w->p, serial))
		plog_pluto(w->p, w->reply, RC_UNKNOWN_NAME, "no state #%lu to delete", serial);
}

const struct whack_cmd cmd_deletestate = {
	.verb = WHACK_DELETESTATE,
	.need = { WK_STATE },
	.run  = delete_state,
	.help = "end one SA or exchange, by its number in --status",
};
