// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.ipsec.*, per network namespace: ipsec(4) lists them.
 *
 *   icmp			tell senders when a packet does not fit the tunnel
 *   inbound_policy_check	a tunnel without inbound policy lets nothing out
 *   mss_clamp			lower the segment size of TCP to what fits the tunnel
 *   tos			1: outer TOS is zero; 0: it is the inner one
 *   debug_*			klipsdebug(8) classes: bit masks
 */
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "klips/compat.h"
#include "klips/klips.h"

static const struct {
	const char *name;
	size_t at;		/* of an int in struct klips_net */
	bool flag;		/* 0 or 1 */
	int initial;
} knobs[] = {
	{ "icmp",		  offsetof(struct klips_net, icmp),		    true, 0 },
	{ "inbound_policy_check", offsetof(struct klips_net, inbound_policy_check), true, 1 },
	{ "mss_clamp",		  offsetof(struct klips_net, mss_clamp),	    true, 0 },
	{ "tos",		  offsetof(struct klips_net, tos),		    true, 0 },
#define DEBUG(name, class) { "debug_" name, offsetof(struct klips_net, debug[KLIPS_DBG_##class]) }
	DEBUG("tunnel", TUNNEL),
	DEBUG("netlink", NETLINK),
	DEBUG("xform", XFORM),
	DEBUG("eroute", EROUTE),
	DEBUG("spi", SPI),
	DEBUG("radij", RADIJ),
	DEBUG("esp", ESP),
	DEBUG("ah", AH),
	DEBUG("rcv", RCV),
	DEBUG("pfkey", PFKEY),
	DEBUG("ipcomp", IPCOMP),
	DEBUG("verbose", VERBOSE),
#undef DEBUG
};

int klips_sysctl_init(struct klips_net *kn)
{
	struct ctl_table *table;
	unsigned int i;

	/* One row more, empty: the end, for kernels that want one. */
	table = kcalloc(ARRAY_SIZE(knobs) + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		int *value = (void *)kn + knobs[i].at;

		*value = knobs[i].initial;
		table[i].procname = knobs[i].name;
		table[i].data = value;
		table[i].maxlen = sizeof(*value);
		table[i].mode = 0644;
		table[i].proc_handler = proc_dointvec;
		if (knobs[i].flag) {
			table[i].proc_handler = proc_dointvec_minmax;
			table[i].extra1 = SYSCTL_ZERO;
			table[i].extra2 = SYSCTL_ONE;
		}
	}
	kn->sysctl = klips_register_sysctl(kn->net, "net/ipsec", table, ARRAY_SIZE(knobs));
	if (!kn->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	kn->sysctl_table = table;
	return 0;
}

void klips_sysctl_exit(struct klips_net *kn)
{
	unregister_net_sysctl_table(kn->sysctl);
	kfree(kn->sysctl_table);
}
