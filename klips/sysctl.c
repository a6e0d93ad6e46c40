// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.ipsec.*, per network namespace: ipsec(4) lists them.
 *
 *   hold_seconds		how long packets wait for a key daemon; 0: until it decides
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

#define HOLD_SECONDS_MAX	86400

static int hold_seconds_max = HOLD_SECONDS_MAX;

/* Who switches this off lets peers send in each other's names: it is said aloud. */
static int set_policy_check(KLIPS_CTL_TABLE *table, int write, void *buffer, size_t *len,
			    loff_t *pos)
{
	int *value = table->data;
	int before = READ_ONCE(*value);
	int err = proc_dointvec_minmax(table, write, buffer, len, pos);

	if (write && !err && before && !READ_ONCE(*value))
		pr_warn_ratelimited("klips_warning:%s: net.ipsec.inbound_policy_check=0: what comes from tunnels without an inbound policy is no longer stopped\n",
				    __func__);
	return err;
}

#define AT(field)	offsetof(struct klips_net, field)

static const struct {
	const char *name;
	size_t at;		/* of an int in struct klips_net */
	int initial;
	void *max;		/* from 0 to the int there; NULL: any number */
	proc_handler *handler;	/* NULL: nothing special */
} knobs[] = {
	{ "hold_seconds",	  AT(hold_seconds),	    60, &hold_seconds_max },
	{ "icmp",		  AT(icmp),		    0, SYSCTL_ONE },
	{ "inbound_policy_check", AT(inbound_policy_check), 1, SYSCTL_ONE, set_policy_check },
	{ "mss_clamp",		  AT(mss_clamp),	    0, SYSCTL_ONE },
	{ "tos",		  AT(tos),		    0, SYSCTL_ONE },
#define DEBUG(name, class) { "debug_" name, AT(debug[KLIPS_DBG_##class]) }
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
#undef AT

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
		if (knobs[i].max) {
			table[i].proc_handler = knobs[i].handler ? knobs[i].handler :
								   proc_dointvec_minmax;
			table[i].extra1 = SYSCTL_ZERO;
			table[i].extra2 = knobs[i].max;
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
