// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --debug-none | --debug-all | --debug-CLASS ...: what Pluto tells about itself.
 */
#include "lib/base/log.h"
#include "pluto/plog.h"
#include "pluto/whack.h"

static void set_debug(struct whack_ctx *w)
{
	char names[128];

	w->p->debug = (unsigned int)whack_get_uint(w->m, WK_DEBUG, 0) & DBG_ALL;
	log_debug_classes = w->p->debug;
	plog_pluto(w->p, w->reply, RC_LOG, "debug %s",
		   log_classes_show(w->p->debug, names, sizeof(names)));
}

const struct whack_cmd cmd_debug = {
	.verb = WHACK_DEBUG,
	.need = { WK_DEBUG },
	.run  = set_debug,
	.help = "choose classes of debugging messages",
};
