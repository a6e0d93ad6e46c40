// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ethtool(8) shows of an ipsecN device: ethtool -i, and with -S how many packets it
 * has dropped for each reason of drop.h.
 *
 * They add up to what ip -s link shows as errors and dropped of both directions, as long
 * as nobody else drops its packets (a qdisc, or the stack for want of a listener).
 * /proc/net/ipsec/drops has the same for the namespace, and those packets besides that
 * came in when no device was attached.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "klips/compat.h"
#include "klips/if_ipsec.h"
#include "klips/klips.h"

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KLIPS_LINK_KIND, sizeof(info->driver));
	strscpy(info->version, KLIPS_VERSION, sizeof(info->version));
}

static int get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? KLIPS_DROP_MAX : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	unsigned int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < KLIPS_DROP_MAX; i++)
		snprintf((char *)data + i * ETH_GSTRING_LEN, ETH_GSTRING_LEN, "drop_%s",
			 klips_drop_name(i));
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	unsigned int i;

	for (i = 0; i < KLIPS_DROP_MAX; i++)
		data[i] = klips_drop_sum_of(netdev_priv(dev), i);
}

const struct ethtool_ops klips_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
};
