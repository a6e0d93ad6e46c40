// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec klipsdebug: what the kernel part says in its log.
 *
 * Each option is one X_DEBUG message of twelve masks.  Its top bit of the netlink mask
 * says how they are meant: set, they are added to what is on; clear, they are what
 * may stay on.
 *
 * Without arguments: show the masks.  See ipsec_klipsdebug(8).
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "utils/common/tool.h"

const char tool_name[] = "klipsdebug";
const char tool_usage[] =
	"Usage: ipsec klipsdebug\n"
	"       ipsec klipsdebug --set FLAG | --clear FLAG | --all | --none ...\n"
	"\n"
	"FLAG is one of tunnel tunnel-xmit netlink xform eroute spi radij esp ah rcv pfkey\n"
	"comp verbose.  --all sets all but verbose, --none clears all.  Options are\n"
	"carried out in the order in which they are given.\n"
	"\n"
	"Common options: --debug --label TEXT --help --version\n";

enum { OPT_SET = TOOL_OPT_OWN, OPT_CLEAR, OPT_ALL, OPT_NONE };

static const struct option options[] = {
	{ "set", required_argument, NULL, OPT_SET },
	{ "clear", required_argument, NULL, OPT_CLEAR },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "none", no_argument, NULL, OPT_NONE },
	{ NULL }
};

#define ALL_BITS	(~(uint32_t)0)
#define MASK(name)	offsetof(struct sadb_x_debug, sadb_x_debug_ ## name)

/* Flags by name; the second name of a mask is an alias or a part of it. */
static const struct flag {
	const char *name;
	size_t at;
	uint32_t bits;
} flags[] = {
	{ "tunnel",	 MASK(tunnel),	ALL_BITS },
	{ "tunnel-xmit", MASK(tunnel),	2 },
	{ "netlink",	 MASK(netlink),	ALL_BITS },
	{ "xform",	 MASK(xform),	ALL_BITS },
	{ "eroute",	 MASK(eroute),	ALL_BITS },
	{ "spi",	 MASK(spi),	ALL_BITS },
	{ "radij",	 MASK(radij),	ALL_BITS },
	{ "esp",	 MASK(esp),	ALL_BITS },
	{ "ah",		 MASK(ah),	ALL_BITS },
	{ "rcv",	 MASK(rcv),	ALL_BITS },
	{ "pfkey",	 MASK(pfkey),	ALL_BITS },
	{ "comp",	 MASK(ipcomp),	ALL_BITS },
	{ "ipcomp",	 MASK(ipcomp),	ALL_BITS },
	{ "verbose",	 MASK(verbose),	ALL_BITS },
};

static const struct tool_hint hints[] = {
	{ EOPNOTSUPP, "this kernel module has no debugging by flags.",
	  "see sysctl net.ipsec" },
	{ 0 }
};

static const struct flag *find_flag(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (!strcmp(flags[i].name, name))
			return &flags[i];
	tool_misuse("\"%s\" is no flag", name);
}

static uint32_t *mask_of(struct sadb_x_debug *masks, const struct flag *flag)
{
	return (uint32_t *)((char *)masks + flag->at);
}

static void set_all(struct sadb_x_debug *masks, uint32_t bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		*mask_of(masks, &flags[i]) = bits;
}

/* name: of a flag, where the option has one. */
static void carry_out(int opt, const char *name)
{
	struct sadb_x_debug masks = { 0 };
	bool add = opt == OPT_SET || opt == OPT_ALL;
	const struct flag *flag;
	struct pfkey_reply reply;
	struct tool_msg msg;

	switch (opt) {
	case OPT_SET:
		flag = find_flag(name);
		*mask_of(&masks, flag) = flag->bits;
		break;
	case OPT_CLEAR:
		flag = find_flag(name);
		set_all(&masks, ALL_BITS);
		*mask_of(&masks, flag) = ~flag->bits;
		break;
	case OPT_ALL:
		set_all(&masks, ALL_BITS);
		masks.sadb_x_debug_verbose = 0;
		break;
	default:	/* --none: nothing may stay on */
		break;
	}
	if (add)
		masks.sadb_x_debug_netlink |= SADB_X_DEBUG_ADD;
	else
		masks.sadb_x_debug_netlink &= ~SADB_X_DEBUG_ADD;

	tool_start(&msg, SADB_X_DEBUG, SADB_SATYPE_UNSPEC);
	pfkey_add(&msg.o, SADB_X_EXT_DEBUG, &masks, sizeof(masks), NULL, 0);
	tool_ask(&msg, &reply, hints);
}

int main(int argc, char **argv)
{
	bool any = false;
	int opt;

	while ((opt = tool_option(argc, argv, options, TOOL_NO_ARGS)) != -1) {
		carry_out(opt, optarg);
		any = true;
	}
	if (!any)
		tool_show("ipsec_klipsdebug");
	return 0;
}
