// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MTU of a tunnel: what its bundle adds to a packet, what the path to the peer takes,
 * and so what a sender may send in one piece.
 *
 * What a bundle adds depends on the packet's length, as ESP pads to whole blocks; so the
 * longest packet that fits is found by trying around the estimate.
 *
 * An ICMP error about a packet of ours is the word of a stranger.  Its reader (rcv.c) has
 * checked that it quotes a living SA; all that it can do here is to lower the MTU of the
 * route to that SA's peer, which the kernel bounds from below.
 *
 * RFC 4301 section 8, RFC 1191, RFC 8201.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include <net/route.h>

#include "klips/compat.h"
#include "klips/mtu.h"
#include "klips/xform.h"

struct klips_growth klips_growth_of(struct klips_sa *sa, unsigned int len)
{
	struct klips_growth b = { .count = 0 };
	unsigned int front;

	for (; sa && b.count < KLIPS_BUNDLE_MAX; sa = rcu_dereference(sa->outer)) {
		b.grow += sa->xform->overhead(sa, len + b.grow, &front);
		b.front += front;
		b.last = sa;
		b.count++;
	}
	return b;
}

/* The longest packet that fits a path after the bundle; padding makes its growth uneven. */
static int inner_mtu(struct klips_sa *sa, int path)
{
	int mtu = path - (int)klips_growth_of(sa, path).grow;

	while (mtu > 0 && mtu + (int)klips_growth_of(sa, mtu).grow > path)
		mtu--;
	while (mtu > 0 && mtu + 1 + (int)klips_growth_of(sa, mtu + 1).grow <= path)
		mtu++;
	return mtu;
}

/* The packet is sent all the same, in fragments: a sender who cannot hear us is not cut off. */
void klips_mtu_tell(struct sk_buff *skb, struct klips_sa *sa, int path)
{
	int mtu = inner_mtu(sa, path);

	klips_dev_learn_mtu(netdev_priv(skb->dev), mtu);
	if (!READ_ONCE(sa->net->icmp))
		return;
	if (skb->protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, max(mtu, IPV6_MIN_MTU));
	else if (ip_hdr(skb)->frag_off & htons(IP_DF))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
}

/* Routes of SAs go through a physical device, whichever one the ICMP error came by. */
void klips_mtu_learn(struct sk_buff *skb, struct klips_sa *sa, u32 mtu)
{
	struct klips_net *kn = sa->net;
	const struct net_device *phys;
	struct klips_dev *kd;

	list_for_each_entry_rcu(kd, &kn->devs, list) {
		phys = rcu_dereference(kd->phys);
		if (phys)
			ipv4_update_pmtu(skb, kn->net, mtu, phys->ifindex, IPPROTO_ESP);
	}
	dst_cache_reset(&sa->dst_cache);
}
