// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inbound packets: from the wire to an ipsecN device.
 *
 *   klips_rcv -> SA -> input -> (next header is the inner SA's) -> input -> ...
 *             -> ingress policy -> rcv_deliver -> ipsecN
 *
 * The kernel's protocol multiplexer asks us before the native IPsec, because our
 * priority is higher; for an SPI that is not ours we return -EINVAL with the packet
 * untouched, and the next one is asked.  Any other answer means that we have taken it.
 *
 * A packet must come through the whole bundle of the SA on which it arrived: ESP of a
 * tunnel uncovers IPIP or nothing.  What comes out of a tunnel must match the policy
 * that was set for it, else one peer could send in another's name (RFC 4301 section
 * 5.2).  Whatever is missing for that check, the packet is dropped.
 *
 * Ownership: once the SA is found, klips_rcv() or klips_rcv_resume() consumes the skb.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "klips/compat.h"
#include "klips/mtu.h"
#include "klips/xform.h"

#define RCV_PRIORITY	200	/* native ESP has 0, XFRM interfaces 10, VTI 100 */

#define DELIVERED	1	/* the packet is no longer ours */

/* Transport mode: put the IP header back in front of what it carried. */
static int restore_header(struct sk_buff *skb)
{
	unsigned int ihl = ip_hdrlen(skb);
	u8 proto = KLIPS_CB(skb)->proto;
	struct iphdr *iph;

	/* A tunnel on an SA that is none would escape the policy check. */
	if (proto == IPPROTO_IPIP || proto == IPPROTO_IPV6)
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	memmove(skb->data - ihl, skb_network_header(skb), ihl);
	skb_push(skb, ihl);
	skb_reset_network_header(skb);
	iph = ip_hdr(skb);
	iph->protocol = proto;
	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	return 0;
}

/* May this packet have come out of this SA? */
static int ingress_policy(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_policy *policy = rcu_dereference(sa->policy);
	struct klips_selector flow;

	if (klips_flow_of(skb, &flow))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (policy)
		return klips_selector_covers(&policy->sel, &flow) ? 0 :
		       klips_fail(skb, KLIPS_DROP_POLICY);
	/* An ESP SA that is not yet, or no longer, bundled with its tunnel has none either. */
	if (READ_ONCE(sa->net->inbound_policy_check))
		return klips_fail(skb, KLIPS_DROP_NOPOLICY);
	return 0;
}

/* Hand a clear packet to the stack, as arrived on ipsecN.  DELIVERED, or a failure. */
static int rcv_deliver(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	struct klips_net *kn = cb->net;
	unsigned int len = skb->len;
	struct klips_dev *kd;

	kd = klips_dev_of(kn, skb->dev);
	if (!kd)
		return klips_fail(skb, KLIPS_DROP_NODEVICE);
	klips_sa_put(cb->sa);
	memset(skb->cb, 0, sizeof(skb->cb));

	skb->dev = kd->dev;
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	skb_reset_transport_header(skb);
	skb_clear_hash(skb);
	skb_gso_reset(skb);
	skb_scrub_packet(skb, false);
	if (gro_cells_receive(&kd->cells, skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(kd->dev, len);
	else
		klips_drop_count(kn, KLIPS_DROP_DELIVER);
	return DELIVERED;
}

/* All SAs are done.  DELIVERED, or a failure. */
static int rcv_finish(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	int err = 0;

	/* A bundle being deleted is marked dead first, unlinked then. */
	smp_rmb();
	if (!klips_sa_usable(cb->sa))
		return klips_fail(skb, KLIPS_DROP_SASTATE);
	if (!cb->whole)
		err = restore_header(skb);
	if (!err)
		err = ingress_policy(cb->sa, skb);
	return err ? err : rcv_deliver(skb);
}

/* Is proto what this SA is applied to?  IPv6 may be in a tunnel, too. */
static bool carries(const struct klips_sa *sa, u8 proto)
{
	return proto == sa->said.proto ||
	       (proto == IPPROTO_IPV6 && sa->said.proto == IPPROTO_IPIP);
}

/*
 * The transform of cb->sa is done, and the packet authentic: go to the SA inside it.
 * Returns 0 if there is one, DELIVERED if the packet has gone, else the failure.
 */
static int rcv_step(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	struct klips_sa *inner;

	if (!klips_life_count(cb->sa, skb->len))
		return klips_fail(skb, KLIPS_DROP_LIFETIME);
	inner = rcu_dereference(cb->sa->inner);
	if (!inner)
		return rcv_finish(skb);
	if (cb->whole || !carries(inner, cb->proto))
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	if (!refcount_inc_not_zero(&inner->ref))
		return klips_fail(skb, KLIPS_DROP_SASTATE);
	klips_sa_put(cb->sa);
	cb->sa = inner;
	return 0;
}

/* Undo cb->sa and all that are inside it.  On failure the skb is still the caller's. */
static int rcv_bundle(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	int err;

	do {
		if (!klips_sa_usable(cb->sa))
			return klips_fail(skb, KLIPS_DROP_SASTATE);
		err = cb->sa->xform->input(cb->sa, skb);
		if (!err)
			err = rcv_step(skb);
	} while (!err);
	return err;
}

static void drop_unless_done(struct sk_buff *skb, int err)
{
	if (err != DELIVERED && err != -EINPROGRESS)
		klips_drop(skb);
}

void klips_rcv_resume(struct sk_buff *skb, int err)
{
	local_bh_disable();
	rcu_read_lock();
	if (!err)
		err = rcv_step(skb);
	if (!err)
		err = rcv_bundle(skb);
	drop_unless_done(skb, err);
	rcu_read_unlock();
	local_bh_enable();
}

/* Before any work is done on it: is it the SA's peer who sent it? */
static int rcv_check(struct klips_sa *sa, struct sk_buff *skb)
{
	if (!klips_addr_is_any(&sa->src) && sa->src.v4 != ip_hdr(skb)->saddr)
		return klips_fail(skb, KLIPS_DROP_SOURCE);
	if (ip_is_fragment(ip_hdr(skb)))
		return klips_fail(skb, KLIPS_DROP_FRAGMENT);
	return 0;
}

/* A packet of protocol ESP for this host: skb->data is at the SPI. */
static int klips_rcv(struct sk_buff *skb)
{
	struct klips_net *kn = klips_net(dev_net(skb->dev));
	struct klips_said said = { .family = AF_INET, .proto = IPPROTO_ESP };
	struct klips_sa *sa;
	int err;

	if (!pskb_may_pull(skb, sizeof(said.spi)))
		return -EINVAL;
	said.dst.v4 = ip_hdr(skb)->daddr;
	memcpy(&said.spi, skb->data, sizeof(said.spi));
	sa = klips_sadb_find(kn, &said);
	if (!sa)
		return -EINVAL;

	klips_cb_init(skb, kn, true);
	KLIPS_CB(skb)->sa = sa;
	err = rcv_check(sa, skb);
	if (!err)
		err = rcv_bundle(skb);
	drop_unless_done(skb, err);
	return 0;
}

/* ESP in UDP: no SA of ours is encapsulated so. */
static int klips_rcv_encap(struct sk_buff *skb, int nexthdr, __be32 spi, int encap_type)
{
	return -EINVAL;
}

/* The native stack announces that a packet of its own is done: none of ours. */
static int klips_rcv_cb(struct sk_buff *skb, int err)
{
	return 1;
}

/* Does the quoted packet name an SA that we send by? */
static bool is_ours(const struct klips_sa *sa, const struct iphdr *quoted)
{
	return !sa->inbound && klips_sa_usable(sa) &&
	       (klips_addr_is_any(&sa->src) || sa->src.v4 == quoted->saddr);
}

/*
 * An ICMP error about a packet of ours; skb->data is at the IP header that it quotes.
 * Anyone can forge it, so it is believed only with the addresses and the SPI of a living
 * SA, and only as far as to learn a path MTU, which the route bounds from below
 * (RFC 4301 section 8.2).
 */
static int klips_rcv_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct klips_net *kn = klips_net(dev_net(skb->dev));
	struct klips_said said = { .family = AF_INET, .proto = IPPROTO_ESP };
	struct klips_sa *sa;

	said.dst.v4 = iph->daddr;
	memcpy(&said.spi, skb->data + iph->ihl * 4, sizeof(said.spi));
	sa = klips_sadb_find(kn, &said);
	if (!sa)
		return -ENOENT;
	if (icmp_hdr(skb)->type == ICMP_DEST_UNREACH &&
	    icmp_hdr(skb)->code == ICMP_FRAG_NEEDED && is_ours(sa, iph))
		klips_mtu_learn(skb, sa, info);
	klips_sa_put(sa);
	return 0;
}

static struct xfrm4_protocol esp4 = {
	.handler = klips_rcv,
	.input_handler = klips_rcv_encap,
	.cb_handler = klips_rcv_cb,
	.err_handler = klips_rcv_err,
	.priority = RCV_PRIORITY,
};

int klips_rcv_init(void)
{
	return xfrm4_protocol_register(&esp4, IPPROTO_ESP);
}

void klips_rcv_exit(void)
{
	xfrm4_protocol_deregister(&esp4, IPPROTO_ESP);
	synchronize_net();
}
