// SPDX-License-Identifier: GPL-2.0-only
/*
 * Outbound packets: from an ipsecN device to the wire.
 *
 *   klips_dev_xmit -> klips_xmit -> eroute -> shunt: pass, drop, reject, hold, trap
 *                                          `> bundle: output -> ... -> xmit_send
 *
 * A bundle is a chain of SAs linked by ->outer, innermost first, for instance IPIP,
 * ESP.  Crypto may finish later, on another CPU; the only state that survives the
 * gap is in KLIPS_CB(skb): the SA now being applied, with a reference, and how many
 * are left.  The count is taken when the packet sets out, so that a bundle taken
 * apart under way ends the packet, and can never let it out with less than it had.
 *
 * Ownership: klips_xmit() consumes the skb whatever happens, and is with
 * klips_xmit_resume() the only one here that drops it.
 *
 * The outer packet is routed through the physical device that ipsecN is attached to,
 * whatever the route for the peer says: else a route for the peer through ipsecN
 * would lead back here.
 *
 * RFC 4301 section 5.1 (outbound processing); path MTU is in mtu.c.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "klips/compat.h"
#include "klips/icmperr.h"
#include "klips/mtu.h"
#include "klips/payload.h"
#include "klips/xform.h"

#define IKE_PORT	500	/* privileged: no ordinary program can send from it */

/* From where to where, and as what. */
struct way {
	u8 family, proto;
	union klips_addr src, dst;
};

/* Through phys, or NULL.  Flags: FLOWI_FLAG_ANYSRC if the source need not be ours. */
static struct dst_entry *route_v4(struct net *net, const struct net_device *phys,
				  const struct way *way, u8 flags)
{
	struct flowi4 fl4 = {
		.flowi4_oif = phys->ifindex,
		.flowi4_proto = way->proto,
		.flowi4_flags = flags,
		.saddr = way->src.v4,
		.daddr = way->dst.v4,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

/* IPv6 takes the device for a wish when a source is given, unless told otherwise. */
static struct dst_entry *route_v6(struct net *net, const struct net_device *phys,
				  const struct way *way, u8 flags)
{
	struct flowi6 fl6 = {
		.flowi6_oif = phys->ifindex,
		.flowi6_proto = way->proto,
		.flowi6_flags = flags,
		.saddr = way->src.v6,
		.daddr = way->dst.v6,
	};
	struct dst_entry *dst = ip6_route_output_flags(net, NULL, &fl6, RT6_LOOKUP_F_IFACE);

	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static struct dst_entry *route_through(struct net *net, const struct net_device *phys,
				       const struct way *way, u8 flags)
{
	return way->family == AF_INET6 ? route_v6(net, phys, way, flags) :
					 route_v4(net, phys, way, flags);
}

static struct dst_entry *cached_route(struct klips_sa *sa)
{
	struct in6_addr src6;
	struct rtable *rt;
	__be32 src4;

	if (sa->said.family == AF_INET6)
		return dst_cache_get_ip6(&sa->dst_cache, &src6);
	rt = dst_cache_get_ip4(&sa->dst_cache, &src4);
	return rt ? &rt->dst : NULL;
}

/* The way to the SA's other end, remembered with the SA. */
static struct dst_entry *route_of_sa(struct klips_sa *sa, const struct net_device *phys)
{
	const struct way way = {
		.family = sa->said.family,
		.proto = rcu_access_pointer(sa->natt) ? IPPROTO_UDP : sa->said.proto,
		.src = sa->src,
		.dst = *klips_natt_dst(sa),
	};
	struct dst_entry *dst = cached_route(sa);

	if (dst && dst->dev == phys)
		return dst;
	dst_release(dst);
	dst = route_through(sa->net->net, phys, &way, 0);
	if (!dst)
		return NULL;
	if (way.family == AF_INET6)
		dst_cache_set_ip6(&sa->dst_cache, dst, &sa->src.v6);
	else
		dst_cache_set_ip4(&sa->dst_cache, dst, sa->src.v4);
	return dst;
}

static bool is_klips(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &klips_link_ops;
}

/* The packet is as it shall be on the wire, its route set. */
static int xmit_send(struct sk_buff *skb)
{
	struct klips_net *kn = KLIPS_CB(skb)->net;
	struct net_device *dev = skb->dev;
	unsigned int len = skb->len;
	int err;

	/* However the bundle was regrouped meanwhile: clear text does not go this way. */
	if (!KLIPS_CB(skb)->sealed && !KLIPS_CB(skb)->bare)
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->ignore_df = 1;
	if (skb->protocol == htons(ETH_P_IPV6))
		err = ip6_local_out(kn->net, NULL, skb);
	else
		err = ip_local_out(kn->net, NULL, skb);
	if (net_xmit_eval(err)) {
		klips_drop_count(dev, KLIPS_DROP_SEND);
		DEV_STATS_INC(dev, tx_errors);
	} else {
		dev_sw_netstats_tx_add(dev, 1, len);
	}
	return 0;
}

/* In clear, as if there were no ipsecN. */
static int xmit_pass(struct sk_buff *skb, const struct klips_selector *flow)
{
	const struct way way = {
		.family = flow->family,
		.proto = flow->proto,
		.src = flow->src,
		.dst = flow->dst,
	};
	struct klips_dev *kd = netdev_priv(skb->dev);
	struct net_device *phys = rcu_dereference(kd->phys);
	struct klips_net *kn = KLIPS_CB(skb)->net;
	unsigned int len = skb->len;
	struct dst_entry *dst;

	if (!phys)
		return klips_fail(skb, KLIPS_DROP_NODEVICE);
	dst = route_through(kn->net, phys, &way, FLOWI_FLAG_ANYSRC);
	if (!dst)
		return klips_fail(skb, KLIPS_DROP_NOROUTE);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	if (is_klips(dst->dev))
		return klips_fail(skb, KLIPS_DROP_LOOP);
	memset(skb->cb, 0, sizeof(skb->cb));
	dev_sw_netstats_tx_add(kd->dev, 1, len);
	dst_output(kn->net, NULL, skb);
	return 0;
}

static int xmit_reject(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0);
	else
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED, 0);
	return klips_fail(skb, KLIPS_DROP_REJECT);
}

/* Does this SA protect what is inside it?  The outermost of a bundle must. */
static bool seals(const struct klips_sa *sa)
{
	return sa->said.proto == IPPROTO_ESP || sa->said.proto == IPPROTO_AH;
}

/* One SA of the bundle is done: go to the next. */
static int xmit_step(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	struct klips_sa *next = NULL;
	int err;

	err = klips_natt_output(cb->sa, skb);
	if (err)
		return err;
	cb->sealed = seals(cb->sa);
	if (--cb->left) {
		next = rcu_dereference(cb->sa->outer);
		if (!next || !refcount_inc_not_zero(&next->ref))
			return klips_fail(skb, KLIPS_DROP_BUNDLE);
	}
	klips_sa_put(cb->sa);
	cb->sa = next;
	return 0;
}

/* Apply what is left of the bundle and send.  On failure the skb is still the caller's. */
static int xmit_bundle(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	int err;

	while (cb->left) {
		if (!klips_sa_usable(cb->sa))
			return klips_fail(skb, KLIPS_DROP_SASTATE);
		if (!klips_life_count(cb->sa, skb->len))
			return klips_fail(skb, KLIPS_DROP_LIFETIME);
		err = cb->sa->xform->output(cb->sa, skb);
		if (!err)
			err = xmit_step(skb);
		if (err)
			return err;
	}
	return xmit_send(skb);
}

void klips_xmit_resume(struct sk_buff *skb, int err)
{
	local_bh_disable();
	rcu_read_lock();
	if (!err)
		err = xmit_step(skb);
	if (!err)
		err = xmit_bundle(skb);
	if (err && err != -EINPROGRESS)
		klips_drop(skb);
	rcu_read_unlock();
	local_bh_enable();
}

/* Without a tunnel header of its own a packet can only go from end to end of the SA. */
static int check_transport(struct sk_buff *skb, const struct klips_sa *sa,
			   const struct klips_selector *flow)
{
	if (flow->family != sa->said.family || !klips_addr_equal(&flow->dst, &sa->said.dst) ||
	    (!klips_addr_is_any(&sa->src) && !klips_addr_equal(&flow->src, &sa->src)))
		return klips_fail(skb, KLIPS_DROP_TRANSPORT);
	/* RFC 4301 section 7: transport mode is for whole packets. */
	if (klips_payload_is_fragment(skb->data, skb_headlen(skb)))
		return klips_fail(skb, KLIPS_DROP_FRAGMENT);
	return 0;
}

/* The packet is to go in fragments, though its header may forbid it, and so be unnumbered. */
static void allow_fragments(struct sk_buff *skb, struct net *net)
{
	struct iphdr *iph = ip_hdr(skb);

	if (skb->protocol != htons(ETH_P_IP) || !(iph->frag_off & htons(IP_DF)))
		return;
	iph->frag_off &= ~htons(IP_DF);
	__ip_select_ident(net, iph, 1);
	ip_send_check(iph);
}

/*
 * May a packet that does not fit, whose sender has been told, go in fragments of the
 * outer one?  Not if neither header allows it.  Short ones of IPv6 are always ours to
 * fragment: RFC 8200 section 5.
 */
static bool may_fragment(const struct klips_sa *sa, const struct sk_buff *skb)
{
	if (!klips_ip_df(skb) || !klips_ipip_outer_df(sa, skb))
		return true;
	return skb->protocol == htons(ETH_P_IPV6) && skb->len <= IPV6_MIN_MTU;
}

/* Make the packet ready for its bundle, with room for all of it. */
static int xmit_prepare(struct sk_buff *skb, const struct klips_growth *bundle,
			struct dst_entry *dst)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	bool transport = cb->sa->said.proto != IPPROTO_IPIP;
	bool big = klips_mtu_check(skb, cb->sa, bundle, dst);

	if (big && !may_fragment(cb->sa, skb)) {
		dst_release(dst);
		return klips_fail(skb, KLIPS_DROP_TOOBIG);
	}
	skb_scrub_packet(skb, false);
	skb->ip_summed = CHECKSUM_NONE;		/* what was known was of the inner packet */
	skb_dst_set(skb, dst);
	if (skb_cow_head(skb, bundle->front + LL_RESERVED_SPACE(dst->dev)))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	if (transport && big)
		allow_fragments(skb, cb->net->net);
	return 0;
}

/*
 * The eroute's SA is gone.  A daemon that takes another first replaces the eroute, then
 * deletes the old SA: a packet that has seen the old eroute looks again.
 */
static int unless_replaced(struct sk_buff *skb, const struct klips_eroute *er, enum klips_drop why)
{
	struct klips_cb *cb = KLIPS_CB(skb);

	smp_rmb();		/* the eroute was taken out first, the SA then */
	if (READ_ONCE(er->entered))
		return klips_fail(skb, why);
	if (cb->sa)
		klips_sa_put(cb->sa);
	cb->sa = NULL;
	return -EAGAIN;
}

/* Through the bundle that begins with this SA. */
static int xmit_said(struct sk_buff *skb, const struct klips_eroute *er,
		     const struct klips_selector *flow)
{
	struct klips_dev *kd = netdev_priv(skb->dev);
	struct net_device *phys = rcu_dereference(kd->phys);
	struct klips_cb *cb = KLIPS_CB(skb);
	struct klips_growth bundle;
	struct dst_entry *dst;
	int err = 0;

	if (!phys)
		return klips_fail(skb, KLIPS_DROP_NODEVICE);
	cb->sa = klips_sadb_find(cb->net, &er->said);
	if (!cb->sa)
		return unless_replaced(skb, er, KLIPS_DROP_NOSA);
	if (cb->sa->said.proto != IPPROTO_IPIP)
		err = check_transport(skb, cb->sa, flow);
	if (err)
		return err;
	if (!klips_sa_usable(cb->sa))
		return unless_replaced(skb, er, KLIPS_DROP_SASTATE);

	bundle = klips_growth_of(cb->sa, skb->len);
	cb->left = bundle.count;
	cb->bare = klips_ipcomp_bare(bundle.last);
	if (!seals(bundle.last) && !cb->bare)
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	dst = route_of_sa(bundle.last, phys);
	if (!dst)
		return klips_fail(skb, KLIPS_DROP_NOROUTE);
	if (is_klips(dst->dev)) {
		dst_release(dst);
		return klips_fail(skb, KLIPS_DROP_LOOP);
	}
	err = xmit_prepare(skb, &bundle, dst);
	return err ? err : xmit_bundle(skb);
}

/*
 * IKE negotiates the very SAs that it would have to wait for: what our own key daemon
 * sends to the peer goes in clear, also where the eroute covers the peer itself.
 */
static bool is_own_ike(const struct sk_buff *skb, const struct klips_selector *flow,
		       const struct klips_eroute *er)
{
	if (!skb->sk || flow->proto != IPPROTO_UDP ||
	    (flow->sport != htons(IKE_PORT) && !klips_natt_is_ike(skb->sk)))
		return false;
	if (!er)
		return true;
	switch (er->shunt) {
	case KLIPS_SHUNT_NONE:
		return er->said.family == flow->family &&
		       klips_addr_equal(&er->said.dst, &flow->dst);
	case KLIPS_SHUNT_DROP:
	case KLIPS_SHUNT_REJECT:
		return false;
	default:
		return true;
	}
}

/*
 * A later fragment does not show its ports, so an eroute for some ports would not stop
 * it on its way to a wider %pass: RFC 4301 section 7.  Without the others the first one
 * is of no use.
 */
static int pass_unless_fragment(struct sk_buff *skb, const struct klips_selector *flow)
{
	if (klips_payload_is_fragment(skb->data, skb_headlen(skb)) &&
	    klips_eroutes_have_ports(KLIPS_CB(skb)->net))
		return klips_fail(skb, KLIPS_DROP_FRAGMENT);
	return xmit_pass(skb, flow);
}

/*
 * Neighbours are found, and groups joined, on the physical device.  What is for this link
 * only has no business on one that has no neighbours, nor beyond: only transport mode
 * from end to end may carry it (RFC 4291 sections 2.5.6 and 2.7).
 */
static bool is_for_link(const struct klips_selector *flow, const struct klips_eroute *er)
{
	const struct in6_addr *dst = &flow->dst.v6;

	if (flow->family != AF_INET6 ||
	    !(ipv6_addr_type(dst) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)))
		return false;
	return !er || er->shunt || er->said.proto == IPPROTO_IPIP;
}

/*
 * The eroute of a packet, or NULL.  An ICMP error that has none of its own goes where an
 * answer to the packet would go that it quotes: RFC 4301 section 6.2.
 */
static struct klips_eroute *eroute_of(struct sk_buff *skb, const struct klips_selector *flow)
{
	struct klips_net *kn = KLIPS_CB(skb)->net;
	struct klips_eroute *er = klips_eroute_find(kn, flow);
	struct klips_selector answer;

	if (er || !klips_icmp_error_flow(skb->data, skb_headlen(skb), &answer))
		return er;
	er = klips_eroute_find(kn, &answer);
	return er && er->shunt == KLIPS_SHUNT_NONE ? er : NULL;
}

/* Find what is to become of the packet, and do it. */
static int xmit_classify(struct sk_buff *skb)
{
	struct klips_selector flow;
	struct klips_eroute *er;

	skb_reset_network_header(skb);
	if (klips_flow_of(skb, &flow))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	/* A packet socket may say what it likes. */
	if (skb->protocol != (flow.family == AF_INET ? htons(ETH_P_IP) : htons(ETH_P_IPV6)))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (WARN_ON_ONCE(skb_is_gso(skb)))	/* the device offers no offload */
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return klips_fail(skb, KLIPS_DROP_NOMEM);

	er = eroute_of(skb, &flow);
	if (is_own_ike(skb, &flow, er))
		return xmit_pass(skb, &flow);
	if (is_for_link(&flow, er))
		return klips_fail(skb, KLIPS_DROP_LINK);
	if (!er)
		return klips_fail(skb, KLIPS_DROP_NOEROUTE);
	atomic64_inc(&er->packets);
	switch (er->shunt) {
	case KLIPS_SHUNT_NONE:
		return xmit_said(skb, er, &flow);
	case KLIPS_SHUNT_PASS:
		return pass_unless_fragment(skb, &flow);
	case KLIPS_SHUNT_DROP:
		return klips_fail(skb, KLIPS_DROP_SHUNT);
	case KLIPS_SHUNT_REJECT:
		return xmit_reject(skb);
	case KLIPS_SHUNT_HOLD:
	case KLIPS_SHUNT_TRAP:
	case KLIPS_SHUNT_TRAPSUBNET:
		return klips_acquire(er, &flow, skb);
	}
	return klips_fail(skb, KLIPS_DROP_UNSPEC);
}

static void xmit(struct sk_buff *skb, bool held)
{
	int err;

	klips_cb_init(skb, klips_net(dev_net(skb->dev)), false);
	KLIPS_CB(skb)->held = held;
	rcu_read_lock();
	do	/* again, if the eroute was replaced meanwhile: no packet is lost by that */
		err = xmit_classify(skb);
	while (err == -EAGAIN);
	if (err && err != -EINPROGRESS)
		klips_drop(skb);
	rcu_read_unlock();
}

void klips_xmit(struct sk_buff *skb)
{
	xmit(skb, false);
}

void klips_xmit_held(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;

	local_bh_disable();
	xmit(skb, true);
	local_bh_enable();
	dev_put(dev);
}
