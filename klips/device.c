// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipsecN: the devices by which packets get into KLIPS, and out of it.
 *
 * Routes for the far ends point at ipsecN; the eroute then decides.  Each is attached
 * to a physical device, through which everything leaves that it sends, and whose
 * inbound ESP comes out at it.  tcpdump on ipsecN shows clear text both ways.
 *
 * Made and attached through rtnetlink: klips/if_ipsec.h.  A device that is not attached
 * drops whatever it is given.  When the physical device is removed, or moved to another
 * namespace, so is the attachment, never the ipsecN.  When it is merely down, ipsecN
 * stays as it is and drops what has no route: was its own carrier lost, routes into it
 * might be passed over, and clear text take another way.
 *
 * ipsecN is an upper device of its physical one, so the kernel sees to it that no
 * chain of devices leads back to where it began.
 *
 * The MTU is large on purpose: packets that do not fit the path are to reach us, so
 * that we can tell their sender the size that would, or fragment outside the tunnel.
 *
 * All changes are made under RTNL; packets read the attachment under RCU.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>

#include "klips/compat.h"
#include "klips/if_ipsec.h"
#include "klips/klips.h"

#define VIRTUAL_MTU	16260
#define MTU_SECONDS	600	/* how long the smallest MTU of any tunnel is shown */

/* The most that tunnel mode ESP adds, in front and behind. */
#define TUNNEL_HEADROOM	64
#define TUNNEL_TAILROOM	64

struct klips_dev *klips_dev_of(struct klips_net *kn, const struct net_device *phys)
{
	struct klips_dev *kd, *other = NULL;
	struct net_device *p;

	list_for_each_entry_rcu(kd, &kn->devs, list) {
		p = rcu_dereference(kd->phys);
		if (p == phys)
			return kd;
		if (p && !other)
			other = kd;
	}
	return other;		/* it came in by another way than ours goes out */
}

void klips_dev_of_slave(struct sk_buff *skb)
{
	int index = skb->protocol == htons(ETH_P_IPV6) ? inet6_sdif(skb) : inet_sdif(skb);
	struct net_device *slave = index ? dev_get_by_index_rcu(dev_net(skb->dev), index) : NULL;

	if (slave)
		skb->dev = slave;
}

void klips_dev_learn_mtu(struct klips_dev *kd, int mtu)
{
	int old = READ_ONCE(kd->mtu);
	bool over = time_after(jiffies, READ_ONCE(kd->mtu_until));

	if (mtu <= 0 || !old || (mtu > old && !over))
		return;
	WRITE_ONCE(kd->mtu, mtu);
	WRITE_ONCE(kd->mtu_until, jiffies + MTU_SECONDS * HZ);
	if (mtu < old)
		pr_info_ratelimited("klips_info:%s: dev %s mtu of %d decreased by %d to %d\n",
				    __func__, kd->dev->name, old, old - mtu, mtu);
}

static void detach(struct klips_dev *kd)
{
	struct net_device *phys = rtnl_dereference(kd->phys);

	if (!phys)
		return;
	RCU_INIT_POINTER(kd->phys, NULL);
	WRITE_ONCE(kd->mtu, 0);
	netdev_upper_dev_unlink(phys, kd->dev);
	dev_put(phys);
}

/* Where it fails, a former attachment stays. */
static int attach(struct klips_dev *kd, struct net_device *phys, struct netlink_ext_ack *extack)
{
	int err;

	if (rtnl_dereference(kd->phys) == phys)
		return 0;
	err = netdev_upper_dev_link(phys, kd->dev, extack);
	if (err) {
		if (err == -EBUSY)
			NL_SET_ERR_MSG(extack, "that device is itself above this ipsec device");
		return err;
	}
	detach(kd);
	dev_hold(phys);
	WRITE_ONCE(kd->mtu, phys->mtu);
	kd->dev->needed_headroom = TUNNEL_HEADROOM + LL_RESERVED_SPACE(phys);
	kd->dev->needed_tailroom = TUNNEL_TAILROOM;
	rcu_assign_pointer(kd->phys, phys);
	return 0;
}

/* May dev be attached to the device of this index?  That device, or ERR_PTR. */
static struct net_device *find_phys(struct net_device *dev, u32 index,
				    struct netlink_ext_ack *extack)
{
	struct net_device *phys = __dev_get_by_index(dev_net(dev), index);

	if (!phys) {
		NL_SET_ERR_MSG(extack, "no such physical device");
		return ERR_PTR(-ENODEV);
	}
	if (phys->rtnl_link_ops == &klips_link_ops) {
		NL_SET_ERR_MSG(extack, "an ipsec device cannot be attached to another");
		return ERR_PTR(-EINVAL);
	}
	return phys;
}

static netdev_tx_t klips_dev_xmit(struct sk_buff *skb, struct net_device *dev)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (skb) {
		klips_xmit(skb);
	} else {
		klips_drop_count(dev, KLIPS_DROP_NOMEM);
		DEV_STATS_INC(dev, tx_errors);
	}
	return NETDEV_TX_OK;
}

static int klips_dev_register(struct net_device *dev)
{
	struct klips_dev *kd = netdev_priv(dev);
	int err;

	err = klips_dev_stats_init(dev);
	if (err)
		return err;
	kd->drops = __alloc_percpu(KLIPS_DROP_MAX * sizeof(u64), sizeof(u64));
	err = kd->drops ? gro_cells_init(&kd->cells, dev) : -ENOMEM;
	if (err) {
		free_percpu(kd->drops);
		klips_dev_stats_exit(dev);
		return err;
	}
	kd->dev = dev;
	INIT_LIST_HEAD(&kd->list);	/* found by packets only when nothing can fail any more */
	return 0;
}

static void klips_dev_unregister(struct net_device *dev)
{
	struct klips_dev *kd = netdev_priv(dev);

	if (!list_empty(&kd->list))
		list_del_rcu(&kd->list);
	detach(kd);
}

static void klips_dev_free(struct net_device *dev)
{
	struct klips_dev *kd = netdev_priv(dev);

	gro_cells_destroy(&kd->cells);
	free_percpu(kd->drops);
	klips_dev_stats_exit(dev);
}

static int klips_dev_open(struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct inet6_dev *in6_dev = __in6_dev_get(dev);

	/* Native IPsec policies are not for our clear text. */
	if (in_dev) {
		IN_DEV_CONF_SET(in_dev, NOXFRM, 1);
		IN_DEV_CONF_SET(in_dev, NOPOLICY, 1);
	}
	/* No link-local address: what it would send has no eroute. */
	if (in6_dev)
		in6_dev->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
	return 0;
}

static int klips_dev_stop(struct net_device *dev)
{
	pr_crit_ratelimited("IPSEC EVENT: KLIPS device %s shut down.\n", dev->name);
	return 0;
}

static int klips_dev_iflink(const struct net_device *dev)
{
	const struct klips_dev *kd = netdev_priv(dev);
	const struct net_device *phys;
	int index;

	rcu_read_lock();
	phys = rcu_dereference(kd->phys);
	index = phys ? phys->ifindex : 0;
	rcu_read_unlock();
	return index;
}

static const struct net_device_ops klips_dev_ops = {
	.ndo_init = klips_dev_register,
	.ndo_uninit = klips_dev_unregister,
	.ndo_open = klips_dev_open,
	.ndo_stop = klips_dev_stop,
	.ndo_start_xmit = klips_dev_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_get_iflink = klips_dev_iflink,
};

static const struct device_type klips_dev_type = {
	.name = KLIPS_LINK_KIND,
};

static void klips_dev_setup(struct net_device *dev)
{
	dev->netdev_ops = &klips_dev_ops;
	dev->ethtool_ops = &klips_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = klips_dev_free;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->mtu = VIRTUAL_MTU;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU;
	klips_dev_flags(dev);
	netif_keep_dst(dev);		/* ICMP errors to the sender need it */
	SET_NETDEV_DEVTYPE(dev, &klips_dev_type);
}

KLIPS_NEWLINK(klips_newlink)
{
	struct nlattr **attrs = KLIPS_NEWLINK_TB(params);
	struct nlattr **info = KLIPS_NEWLINK_DATA(params);
	struct klips_dev *kd = netdev_priv(dev);
	struct net_device *phys = NULL;
	u32 index = 0;
	int err;

	if (attrs[IFLA_LINK]) {
		index = nla_get_u32(attrs[IFLA_LINK]);
		if (!net_eq(KLIPS_NEWLINK_NET(params), dev_net(dev))) {
			NL_SET_ERR_MSG(extack, "the physical device must be in the same namespace");
			return -EINVAL;
		}
	}
	if (info && info[IFLA_KLIPS_PHYS])
		index = nla_get_u32(info[IFLA_KLIPS_PHYS]);
	if (index) {
		phys = find_phys(dev, index, extack);
		if (IS_ERR(phys))
			return PTR_ERR(phys);
	}
	err = register_netdevice(dev);
	if (err)
		return err;
	if (phys)
		err = attach(kd, phys, extack);
	if (err) {
		unregister_netdevice(dev);
		return err;
	}
	list_add_tail_rcu(&kd->list, &klips_net(dev_net(dev))->devs);
	return 0;
}

static int klips_changelink(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct klips_dev *kd = netdev_priv(dev);
	struct net_device *phys;
	u32 index;

	if (data && data[IFLA_KLIPS_PHYS])
		index = nla_get_u32(data[IFLA_KLIPS_PHYS]);
	else if (tb[IFLA_LINK])
		index = nla_get_u32(tb[IFLA_LINK]);
	else
		return 0;
	if (!index) {
		detach(kd);
		return 0;
	}
	phys = find_phys(dev, index, extack);
	return IS_ERR(phys) ? PTR_ERR(phys) : attach(kd, phys, extack);
}

static size_t klips_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u32));
}

static int klips_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	return nla_put_u32(skb, IFLA_KLIPS_PHYS, klips_dev_iflink(dev)) ? -EMSGSIZE : 0;
}

static const struct nla_policy klips_policy[IFLA_KLIPS_MAX + 1] = {
	[IFLA_KLIPS_PHYS] = { .type = NLA_U32 },
};

struct rtnl_link_ops klips_link_ops __read_mostly = {
	.kind = KLIPS_LINK_KIND,
	.priv_size = sizeof(struct klips_dev),
	.setup = klips_dev_setup,
	.maxtype = IFLA_KLIPS_MAX,
	.policy = klips_policy,
	.newlink = klips_newlink,
	.changelink = klips_changelink,
	.get_size = klips_get_size,
	.fill_info = klips_fill_info,
};

/* The physical device of kd changes. */
static void follow(struct klips_dev *kd, const struct net_device *phys, unsigned long event)
{
	switch (event) {
	case NETDEV_CHANGEMTU:
		WRITE_ONCE(kd->mtu, phys->mtu);
		break;
	case NETDEV_DOWN:
		pr_info_ratelimited("klips_info:%s: %s is down: nothing leaves by %s until it is up\n",
				    __func__, phys->name, kd->dev->name);
		break;
	case NETDEV_UNREGISTER:
		pr_info_ratelimited("klips_info:%s: %s goes away: detaching %s\n", __func__,
				    phys->name, kd->dev->name);
		detach(kd);
		break;
	}
}

static int klips_dev_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);
	struct klips_net *kn = klips_net(dev_net(dev));
	struct klips_dev *kd;

	if (dev->rtnl_link_ops == &klips_link_ops) {
		if (event == NETDEV_UNREGISTER)
			klips_acquire_forget(kn, dev);
		return NOTIFY_DONE;
	}
	list_for_each_entry(kd, &kn->devs, list)
		if (rtnl_dereference(kd->phys) == dev)
			follow(kd, dev, event);
	return NOTIFY_DONE;
}

static struct notifier_block klips_dev_notifier = {
	.notifier_call = klips_dev_event,
};

int klips_dev_init(void)
{
	int err;

	err = register_netdevice_notifier(&klips_dev_notifier);
	if (err)
		return err;
	err = rtnl_link_register(&klips_link_ops);
	if (err)
		unregister_netdevice_notifier(&klips_dev_notifier);
	return err;
}

void klips_dev_exit(void)
{
	rtnl_link_unregister(&klips_link_ops);
	unregister_netdevice_notifier(&klips_dev_notifier);
}

MODULE_ALIAS_RTNL_LINK(KLIPS_LINK_KIND);
