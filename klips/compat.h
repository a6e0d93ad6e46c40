/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernels differ, from 5.10 on: the only file of klips that asks which.
 *
 * Each entry gives the newest kernel's shape to the rest of the code.  Stable kernels
 * carry helpers back, so what is a macro or a header of its own is asked for by name,
 * and the version number decides only where nothing else can.
 */
#ifndef KLIPS_COMPAT_H
#define KLIPS_COMPAT_H

#include <linux/crypto.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/sysctl.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

#define KLIPS_SINCE(major, minor)	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

/* Completion of a crypto request: its data came wrapped until 6.3. */
#if KLIPS_SINCE(6, 3)
#define KLIPS_CRYPTO_DONE(name)		static void name(void *data, int err)
#define KLIPS_CRYPTO_DATA(data)		(data)
#define klips_crypto_complete(req, err)	((req)->complete((req)->data, err))
#else
#define KLIPS_CRYPTO_DONE(name)		static void name(struct crypto_async_request *data, int err)
#define KLIPS_CRYPTO_DATA(data)		((data)->data)
#define klips_crypto_complete(req, err)	((req)->complete(req, err))
#endif

/* rtnl_link_ops.newlink took its parameters one by one until 6.15. */
#if KLIPS_SINCE(6, 15)
#define KLIPS_NEWLINK(name)							\
	static int name(struct net_device *dev, struct rtnl_newlink_params *params,	\
			struct netlink_ext_ack *extack)
#define KLIPS_NEWLINK_NET(params)	rtnl_newlink_link_net(params)
#define KLIPS_NEWLINK_TB(params)	((params)->tb)
#define KLIPS_NEWLINK_DATA(params)	((params)->data)
#else
#define KLIPS_NEWLINK(name)							\
	static int name(struct net *link_net, struct net_device *dev, struct nlattr *tb[],	\
			struct nlattr *data[], struct netlink_ext_ack *extack)
#define KLIPS_NEWLINK_NET(params)	link_net
#define KLIPS_NEWLINK_TB(params)	tb
#define KLIPS_NEWLINK_DATA(params)	data
#endif

/* No transmit lock; bound to its namespace: once feature bits, fields since 6.12. */
static inline void klips_dev_flags(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX | NETIF_F_NETNS_LOCAL;
#else
	dev->lltx = true;
	dev->KLIPS_NETNS_FIELD = true;
#endif
}

/* Per-CPU counters: kept by the core from 6.7 on. */
static inline int klips_dev_stats_init(struct net_device *dev)
{
#if KLIPS_SINCE(6, 7)
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
#else
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
#endif
	return 0;
}

static inline void klips_dev_stats_exit(struct net_device *dev)
{
#if !KLIPS_SINCE(6, 7)
	free_percpu(dev->tstats);
#endif
}

#if !KLIPS_SINCE(5, 11)
static inline void dev_sw_netstats_tx_add(struct net_device *dev, unsigned int packets,
					  unsigned int len)
{
	struct pcpu_sw_netstats *tstats = this_cpu_ptr(dev->tstats);

	u64_stats_update_begin(&tstats->syncp);
	tstats->tx_bytes += len;
	tstats->tx_packets += packets;
	u64_stats_update_end(&tstats->syncp);
}

#define dev_get_tstats64	ip_tunnel_get_stats64
#endif

#ifndef DEV_STATS_INC
#define DEV_STATS_INC(dev, field)	((dev)->stats.field++)
#endif

#if KLIPS_SINCE(5, 19)
#define klips_recv_datagram(sk, flags, err)	skb_recv_datagram(sk, flags, err)
#else
#define klips_recv_datagram(sk, flags, err) \
	skb_recv_datagram(sk, (flags) & ~MSG_DONTWAIT, (flags) & MSG_DONTWAIT, err)
#endif

#if KLIPS_SINCE(5, 15)
#define klips_error_report(sk)	sk_error_report(sk)
#else
#define klips_error_report(sk)	((sk)->sk_error_report(sk))
#endif

/* Per-CPU work queues are to be asked for by name since 6.17. */
#if !KLIPS_SINCE(6, 17)
#define WQ_PERCPU	0
#endif

/* What a handler of a sysctl gets must not be changed by it since 6.11. */
#if KLIPS_SINCE(6, 11)
#define KLIPS_CTL_TABLE		const struct ctl_table
#else
#define KLIPS_CTL_TABLE		struct ctl_table
#endif

/* sysctl tables ended in an empty row until 6.11, and have their size counted since 6.6. */
#if KLIPS_SINCE(6, 6)
#define klips_register_sysctl(net, path, table, size) \
	register_net_sysctl_sz(net, path, table, size)
#else
#define klips_register_sysctl(net, path, table, size)	register_net_sysctl(net, path, table)
#endif

#endif
