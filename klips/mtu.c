// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MTU of a tunnel: what its bundle adds to a packet, what the path to the peer takes,
 * and so what a sender may send in one piece.
 *
 * What a bundle adds depends on the packet's length, as ESP pads to whole blocks; so the
 * longest packet that fits is found by trying around the estimate.
 *
 * The path is that of the route to the peer, and what routers have said of it.  An ICMP
 * error about a packet of ours is the word of a stranger: its reader (rcv.c) has checked
 * that it quotes a living SA, and all that it can do here is to lower the MTU of that SA
 * and of the route to its peer, not below a bound, for ten minutes.
 *
 * A packet that does not fit is sent all the same, in fragments: a sender who cannot
 * hear us is not cut off.
 *
 * RFC 4301 section 8, RFC 1191, RFC 8201; RFC 8200 section 5 (1280 octets always pass).
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "klips/compat.h"
#include "klips/mss.h"
#include "klips/mtu.h"
#include "klips/xform.h"

#define PMTU_SECONDS	600	/* RFC 1191 section 6.3 */
#define PMTU_MIN4	552	/* as the kernel's routes have it: net.ipv4.route.min_pmtu */

struct klips_growth klips_growth_of(struct klips_sa *sa, unsigned int len)
{
	struct klips_growth g = { .count = 0 };
	unsigned int front;

	for (; sa && g.count < KLIPS_BUNDLE_MAX; sa = rcu_dereference(sa->outer)) {
		g.grow += sa->xform->overhead(sa, len + g.grow, &front) + klips_natt_overhead(sa);
		g.front += front + klips_natt_overhead(sa);
		g.last = sa;
		g.count++;
	}
	return g;
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

/* What routers have said of the path of this SA, not too long ago; else no limit. */
static int pmtu_of(const struct klips_sa *sa)
{
	u32 pmtu = READ_ONCE(sa->pmtu);

	if (!pmtu || time_after(jiffies, READ_ONCE(sa->pmtu_until)))
		return INT_MAX;
	return pmtu;
}

static void tell(struct sk_buff *skb, struct klips_net *kn, int mtu)
{
	klips_dev_learn_mtu(netdev_priv(skb->dev), mtu);
	if (!READ_ONCE(kn->icmp))
		return;
	if (skb->protocol == htons(ETH_P_IPV6)) {
		/* Nobody sends less than this: it is our part to fragment it. */
		mtu = max(mtu, IPV6_MIN_MTU);
		if (skb->len > mtu)
			icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	} else if (ip_hdr(skb)->frag_off & htons(IP_DF)) {
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	}
}

/* Is it TCP's first word, at skb->data + at? */
static bool is_syn(struct sk_buff *skb, int *at)
{
	struct klips_selector flow;

	*at = klips_flow_parse(skb->data, skb_headlen(skb), skb->len, &flow);
	return *at > 0 && flow.proto == IPPROTO_TCP && flow.sport &&	/* no later fragment */
	       pskb_may_pull(skb, *at + sizeof(struct tcphdr)) &&
	       ((struct tcphdr *)(skb->data + *at))->syn;
}

/* Let the SYN at skb->data + at announce no more than fits into packets of mtu octets. */
static void lower_mss(struct sk_buff *skb, int at, int mtu)
{
	int ip = ip_hdr(skb)->version == 6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	int mss = mtu - ip - (int)sizeof(struct tcphdr);
	unsigned int head = min_t(unsigned int, skb->len - at, KLIPS_MSS_HEAD);
	size_t value;

	if (mss <= 0 || mss > U16_MAX || !pskb_may_pull(skb, at + head))
		return;
	value = klips_mss_excess(skb->data + at, head, mss);
	if (value && !skb_ensure_writable(skb, at + head))
		klips_mss_set(skb->data + at, value, mss);
}

bool klips_mtu_check(struct sk_buff *skb, struct klips_sa *sa, const struct klips_growth *g,
		     const struct dst_entry *dst)
{
	int path = min_t(int, dst_mtu(dst), pmtu_of(g->last));
	bool big = skb->len + g->grow > path;
	int at;

	if (big)
		tell(skb, sa->net, inner_mtu(sa, path));
	if (READ_ONCE(sa->net->mss_clamp) && is_syn(skb, &at))
		lower_mss(skb, at, inner_mtu(sa, path));
	return big;
}

/* Through the bundle that begins with sa and out by phys, as far as it is known by now. */
static int mtu_through(struct klips_sa *sa, const struct net_device *phys)
{
	struct klips_growth g = klips_growth_of(sa, 0);
	struct dst_entry *dst = dst_cache_get(&g.last->dst_cache);
	int path = min_t(int, dst ? dst_mtu(dst) : phys->mtu, pmtu_of(g.last));

	dst_release(dst);
	return inner_mtu(sa, path);
}

/* The other direction of a flow. */
static struct klips_selector back(const struct klips_selector *flow)
{
	struct klips_selector b = *flow;

	swap(b.src, b.dst);
	swap(b.sport, b.dport);
	return b;
}

void klips_mtu_arrived(struct sk_buff *skb, struct klips_dev *kd)
{
	struct klips_net *kn = klips_net(dev_net(kd->dev));
	const struct net_device *phys = rcu_dereference(kd->phys);
	struct klips_selector flow;
	struct klips_eroute *er;
	struct klips_sa *sa;
	int at;

	if (!READ_ONCE(kn->mss_clamp) || !phys || !is_syn(skb, &at) || klips_flow_of(skb, &flow))
		return;
	flow = back(&flow);
	er = klips_eroute_find(kn, &flow);
	if (!er || er->shunt)
		return;
	sa = klips_sadb_find(kn, &er->said);
	if (!sa)
		return;
	if (klips_sa_usable(sa))
		lower_mss(skb, at, mtu_through(sa, phys));
	klips_sa_put(sa);
}

/* Routes of SAs go through a physical device, whichever one the ICMP error came by. */
static void lower_routes(struct sk_buff *skb, const struct klips_sa *sa, u32 mtu)
{
	struct net *net = sa->net->net;
	const struct net_device *phys;
	struct klips_dev *kd;

	list_for_each_entry_rcu(kd, &sa->net->devs, list) {
		phys = rcu_dereference(kd->phys);
		if (!phys)
			continue;
		if (sa->said.family == AF_INET6)
			ip6_update_pmtu(skb, net, htonl(mtu), phys->ifindex, 0,
					sock_net_uid(net, NULL));
		else
			ipv4_update_pmtu(skb, net, mtu, phys->ifindex, sa->said.proto);
	}
}

void klips_mtu_learn(struct sk_buff *skb, struct klips_sa *sa, u32 mtu)
{
	mtu = max_t(u32, mtu, sa->said.family == AF_INET6 ? IPV6_MIN_MTU : PMTU_MIN4);
	if (mtu <= pmtu_of(sa)) {
		WRITE_ONCE(sa->pmtu_until, jiffies + PMTU_SECONDS * HZ);
		WRITE_ONCE(sa->pmtu, mtu);
	}
	lower_routes(skb, sa, mtu);
	dst_cache_reset(&sa->dst_cache);
}
