// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inbound packets: from the wire to an ipsecN device.
 *
 *   rcv -> SA -> input -> (next header is the inner SA's) -> input -> ...
 *             -> ingress policy -> rcv_deliver -> ipsecN
 *
 * The kernel's protocol multiplexer asks us before the native IPsec, because our
 * priority is higher; for an SPI that is not ours we return -EINVAL with the packet
 * untouched, and the next one is asked.  Any other answer means that we have taken it.
 *
 * A packet must come through the whole bundle of the SA on which it arrived: ESP of a
 * tunnel uncovers IPIP or nothing.  Only IPComp may be left out, by a sender whose packet
 * it would not have made shorter (RFC 3173 section 2.2).  What comes out of the innermost
 * SA must match the policy that was set for it, else one peer could send in another's name
 * (RFC 4301 section 5.2).  Whatever is missing for that check, the packet is dropped.
 *
 * Between two transforms the IP header is brought up to what was uncovered, so each sees
 * the packet as its peer had made it.
 *
 * Ownership: once the SA is found, rcv() or klips_rcv_resume() consumes the skb.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "klips/compat.h"
#include "klips/icmperr.h"
#include "klips/mtu.h"
#include "klips/payload.h"
#include "klips/xform.h"

#define RCV_PRIORITY	200	/* native ESP has 0, XFRM interfaces 10, VTI 100 */

#define DELIVERED	1	/* the packet is no longer ours */

/* The addresses of the IP packet at the network header. */
static void addrs_of(const struct sk_buff *skb, union klips_addr *src, union klips_addr *dst)
{
	memset(src, 0, sizeof(*src));
	memset(dst, 0, sizeof(*dst));
	if (skb->protocol == htons(ETH_P_IPV6)) {
		src->v6 = ipv6_hdr(skb)->saddr;
		dst->v6 = ipv6_hdr(skb)->daddr;
	} else {
		src->v4 = ip_hdr(skb)->saddr;
		dst->v4 = ip_hdr(skb)->daddr;
	}
}

/* The SPI, or CPI, in an IPsec header of this protocol. */
static __be32 spi_at(const u8 *p, u8 proto)
{
	__be32 spi;
	__be16 cpi;

	if (proto == IPPROTO_COMP) {
		memcpy(&cpi, p + 2, sizeof(cpi));
		return htonl(ntohs(cpi));
	}
	memcpy(&spi, p + (proto == IPPROTO_AH ? 4 : 0), sizeof(spi));
	return spi;
}

/* The SPI, or CPI, of the IPsec header at skb->data; false if it is not there. */
static bool spi_of(struct sk_buff *skb, u8 proto, __be32 *spi)
{
	if (!pskb_may_pull(skb, proto == IPPROTO_AH ? 8 : 4))
		return false;
	*spi = spi_at(skb->data, proto);
	return true;
}

/* Put the IP header(s) in front of what a transform has uncovered, and begin there. */
static void restore_header(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);

	memmove(skb->data - cb->iplen, skb_network_header(skb), cb->iplen);
	skb_push(skb, cb->iplen);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, cb->iplen);
	skb->data[cb->next] = cb->proto;
	klips_set_len(skb);
}

/*
 * Is the packet one that the policy is for?  An ICMP error may instead be about such a
 * packet, sent the other way: RFC 4301 section 6.2.
 */
static bool agrees(const struct sk_buff *skb, const struct klips_selector *sel,
		   const struct klips_selector *flow)
{
	struct klips_selector answer;

	return klips_selector_covers(sel, flow) ||
	       (klips_icmp_error_flow(skb->data, skb_headlen(skb), &answer) &&
		klips_selector_covers(sel, &answer));
}

/* The policy that a packet meets whose innermost SA this is. */
static int ingress_policy(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_policy *policy = rcu_dereference(sa->policy);
	struct klips_selector flow;

	if (klips_flow_of(skb, &flow))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	/* Without a policy that asks for it by number, a tunnel would escape all policies. */
	if (sa->said.proto != IPPROTO_IPIP &&
	    (flow.proto == IPPROTO_IPIP || flow.proto == IPPROTO_IPV6) &&
	    !(policy && policy->sel.proto == flow.proto))
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	if (policy)
		return agrees(skb, &policy->sel, &flow) ? 0 : klips_fail(skb, KLIPS_DROP_POLICY);
	/* An ESP SA that is not yet, or no longer, bundled with its tunnel has none either. */
	if (READ_ONCE(sa->net->inbound_policy_check))
		return klips_fail(skb, KLIPS_DROP_NOPOLICY);
	return 0;
}

/* Hand a clear packet to the stack, as arrived on ipsecN.  DELIVERED, or a failure. */
static int rcv_deliver(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	unsigned int len = skb->len;
	struct klips_dev *kd;

	kd = klips_dev_of(cb->net, skb->dev);
	if (!kd)
		return klips_fail(skb, KLIPS_DROP_NODEVICE);
	klips_sa_put(cb->sa);
	memset(skb->cb, 0, sizeof(skb->cb));

	skb->dev = kd->dev;
	klips_mtu_arrived(skb, kd);
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	skb_reset_transport_header(skb);
	skb_clear_hash(skb);
	skb_gso_reset(skb);
	skb_scrub_packet(skb, false);
	if (gro_cells_receive(&kd->cells, skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(kd->dev, len);
	else
		klips_drop_count(kd->dev, KLIPS_DROP_DELIVER);
	return DELIVERED;
}

/* All SAs are done.  DELIVERED, or a failure. */
static int rcv_finish(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	int err;

	/* A bundle being deleted is marked dead first, unlinked then. */
	smp_rmb();
	if (!klips_sa_usable(cb->sa))
		return klips_fail(skb, KLIPS_DROP_SASTATE);
	if (!cb->whole) {
		restore_header(skb);
		/* RFC 4301 section 7: no fragment goes through transport mode. */
		if (klips_payload_is_fragment(skb->data, skb_headlen(skb)))
			return klips_fail(skb, KLIPS_DROP_FRAGMENT);
		err = klips_natt_repair(cb->sa, skb);
		if (err)
			return err;
	}
	err = ingress_policy(cb->sa, skb);
	return err ? err : rcv_deliver(skb);
}

/* Is proto what this SA is applied to?  IPv6 may be in a tunnel, too. */
static bool carries(const struct klips_sa *sa, u8 proto)
{
	return proto == sa->said.proto ||
	       (proto == IPPROTO_IPV6 && sa->said.proto == IPPROTO_IPIP);
}

/* A tunnel has come off, and there is a further SA inside: it must be in that packet. */
static int enter_packet(struct klips_sa *sa, struct sk_buff *skb)
{
	u8 family = skb->protocol == htons(ETH_P_IPV6) ? AF_INET6 : AF_INET;
	union klips_addr src, dst;

	if (klips_payload_enter(skb))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	addrs_of(skb, &src, &dst);
	if (family != sa->said.family || !klips_addr_equal(&dst, &sa->said.dst))
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	if (!klips_addr_is_any(&sa->src) && !klips_addr_equal(&src, &sa->src))
		return klips_fail(skb, KLIPS_DROP_SOURCE);
	if (klips_payload_is_fragment(skb->data, skb_headlen(skb)))
		return klips_fail(skb, KLIPS_DROP_FRAGMENT);
	KLIPS_CB(skb)->whole = false;
	__skb_pull(skb, KLIPS_CB(skb)->iplen);
	skb_reset_transport_header(skb);
	return 0;
}

/* May sa, the next one inside, be applied to what is at skb->data?  Make it so that it can. */
static int enter(struct klips_sa *sa, struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	__be32 spi;
	int err;

	if (cb->whole) {
		err = enter_packet(sa, skb);
		if (err)
			return err;
	} else if (sa->said.proto != IPPROTO_IPIP) {
		restore_header(skb);
		__skb_pull(skb, cb->iplen);
	}
	if (!carries(sa, cb->proto))
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	if (sa->said.proto == IPPROTO_IPIP)
		return 0;
	if (!spi_of(skb, cb->proto, &spi) || spi != sa->said.spi)
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	return 0;
}

/*
 * The transform of cb->sa is done, and the packet authentic: go to the SA inside it.
 * Returns 0 if there is one, DELIVERED if the packet has gone, else the failure.
 */
static int rcv_step(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	struct klips_sa *inner;

	klips_natt_heard(cb->sa, skb);
	if (!klips_life_count(cb->sa, skb->len))
		return klips_fail(skb, KLIPS_DROP_LIFETIME);
	for (;;) {
		inner = rcu_dereference(cb->sa->inner);
		if (!inner)
			return rcv_finish(skb);
		if (!refcount_inc_not_zero(&inner->ref))
			return klips_fail(skb, KLIPS_DROP_SASTATE);
		klips_sa_put(cb->sa);
		cb->sa = inner;
		if (inner->said.proto != IPPROTO_COMP || cb->proto == IPPROTO_COMP)
			return enter(inner, skb);
		/* RFC 3173 section 2.2: sent as it was, for it would not have become shorter. */
	}
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

/* Before any work is done on it: is it the SA's peer who sent it, and all of the bundle? */
static int rcv_check(struct klips_sa *sa, struct sk_buff *skb, const union klips_addr *src)
{
	/* What a NAT made of the source may change: see klips_natt_heard(). */
	if (!KLIPS_CB(skb)->encap && !klips_addr_is_any(&sa->src) &&
	    !klips_addr_equal(&sa->src, src))
		return klips_fail(skb, KLIPS_DROP_SOURCE);
	if (klips_payload_is_fragment(skb_network_header(skb),
				      skb_tail_pointer(skb) - skb_network_header(skb)))
		return klips_fail(skb, KLIPS_DROP_FRAGMENT);
	if (rcu_access_pointer(sa->outer) ||
	    (sa->said.proto == IPPROTO_COMP && !klips_ipcomp_bare(sa)))
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	return 0;
}

/*
 * Note where the IP header(s) end.  They do at skb->data, whoever called us; or with ESP in
 * UDP, back octets before it.
 */
static int note_headers(struct sk_buff *skb, unsigned int back)
{
	unsigned int at = skb->data - skb_network_header(skb);
	int err;

	__skb_push(skb, at);
	err = klips_payload_enter(skb);
	__skb_pull(skb, at);
	return err || KLIPS_CB(skb)->iplen + back != at ? -EINVAL : 0;
}

/*
 * A packet of this protocol for this host: skb->data is at the IPsec header.  If it is in UDP,
 * encap says how, and the UDP header began back octets before.
 */
static int rcv(struct sk_buff *skb, u8 proto, u8 encap, unsigned int back)
{
	struct klips_net *kn = klips_net(dev_net(skb->dev));
	struct klips_said said = { .proto = proto };
	union klips_addr src;
	struct klips_sa *sa;
	int err;

	if (!spi_of(skb, proto, &said.spi))
		return -EINVAL;
	said.family = skb->protocol == htons(ETH_P_IPV6) ? AF_INET6 : AF_INET;
	addrs_of(skb, &src, &said.dst);
	sa = klips_sadb_find(kn, &said);
	if (!sa)
		return -EINVAL;

	klips_dev_of_slave(skb);
	klips_cb_init(skb, kn, true);
	KLIPS_CB(skb)->sa = sa;
	KLIPS_CB(skb)->encap = encap;
	if (encap)
		KLIPS_CB(skb)->sport = ((struct udphdr *)(skb->data - back))->source;
	skb->ip_summed = CHECKSUM_NONE;		/* what was known was of the outer packet */
	err = klips_natt_check(sa, skb);
	if (!err)
		err = rcv_check(sa, skb, &src);
	if (!err && note_headers(skb, back))
		err = klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (!err)
		err = rcv_bundle(skb);
	drop_unless_done(skb, err);
	return 0;
}

static int klips_rcv_esp(struct sk_buff *skb)
{
	return rcv(skb, IPPROTO_ESP, 0, 0);
}

static int klips_rcv_ah(struct sk_buff *skb)
{
	return rcv(skb, IPPROTO_AH, 0, 0);
}

static int klips_rcv_comp(struct sk_buff *skb)
{
	/* Not what a bundle has let out: a packet can be made that holds itself for ever. */
	if (skb->dev->rtnl_link_ops == &klips_link_ops)
		return -EINVAL;
	return rcv(skb, IPPROTO_COMP, 0, 0);
}

/*
 * ESP in UDP, from a socket with the option UDP_ENCAP.  The kernel has taken the UDP header
 * off, and the non-IKE marker if there was one; both still lie in front of skb->data.
 */
static int klips_rcv_encap(struct sk_buff *skb, int nexthdr, __be32 spi, int encap_type)
{
	unsigned int back = sizeof(struct udphdr);

	if (encap_type == UDP_ENCAP_ESPINUDP_NON_IKE)
		back += 8;
	else if (encap_type != UDP_ENCAP_ESPINUDP)
		return -EINVAL;			/* ESP in TCP, or whatever may come */
	return nexthdr == IPPROTO_ESP ? rcv(skb, nexthdr, encap_type, back) : -EINVAL;
}

/* The native stack announces that a packet of its own is done: none of ours. */
static int klips_rcv_cb(struct sk_buff *skb, int err)
{
	return 1;
}

/* Does the quoted packet name an SA that we send by? */
static bool is_ours(const struct klips_sa *sa, const union klips_addr *src)
{
	return !sa->inbound && klips_sa_usable(sa) &&
	       (klips_addr_is_any(&sa->src) || klips_addr_equal(&sa->src, src));
}

/*
 * An ICMP error about a packet of ours; skb->data is at the IP header that it quotes.
 * Anyone can forge it, so it is believed only with the addresses and the SPI of a living
 * SA, and only as far as to learn a path MTU, which the route bounds from below
 * (RFC 4301 section 8.2).
 */
static int rcv_error(struct sk_buff *skb, const struct klips_said *said,
		     const union klips_addr *src, bool too_big, u32 mtu)
{
	struct klips_sa *sa = klips_sadb_find(klips_net(dev_net(skb->dev)), said);

	if (!sa)
		return -ENOENT;
	if (too_big && is_ours(sa, src))
		klips_mtu_learn(skb, sa, mtu);
	klips_sa_put(sa);
	return 0;
}

static int klips_rcv_err4(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct klips_said said = { .family = AF_INET, .proto = iph->protocol };
	union klips_addr src = { .v4 = iph->saddr };

	said.dst.v4 = iph->daddr;
	said.spi = spi_at(skb->data + iph->ihl * 4, iph->protocol);
	return rcv_error(skb, &said, &src, icmp_hdr(skb)->type == ICMP_DEST_UNREACH &&
					   icmp_hdr(skb)->code == ICMP_FRAG_NEEDED, info);
}

static int rcv_err6(struct sk_buff *skb, u8 proto, u8 type, int offset, __be32 info)
{
	const struct ipv6hdr *iph = (const struct ipv6hdr *)skb->data;
	struct klips_said said = { .family = AF_INET6, .proto = proto };
	union klips_addr src = { .v6 = iph->saddr };

	said.dst.v6 = iph->daddr;
	said.spi = spi_at(skb->data + offset, proto);
	return rcv_error(skb, &said, &src, type == ICMPV6_PKT_TOOBIG, ntohl(info));
}

#define RCV_ERR6(name, proto)							\
	static int name(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,	\
			u8 code, int offset, __be32 info)			\
	{									\
		return rcv_err6(skb, proto, type, offset, info);		\
	}

RCV_ERR6(klips_rcv_esp_err6, IPPROTO_ESP)
RCV_ERR6(klips_rcv_ah_err6, IPPROTO_AH)
RCV_ERR6(klips_rcv_comp_err6, IPPROTO_COMP)

/* The kernel links these into lists of its own. */
static struct {
	u8 proto;
	struct xfrm4_protocol v4;
	struct xfrm6_protocol v6;
} handlers[] = {
#define HANDLER(number, name) {							\
	.proto = number,							\
	.v4 = { .handler = klips_rcv_##name, .input_handler = klips_rcv_encap,	\
		.cb_handler = klips_rcv_cb, .err_handler = klips_rcv_err4,	\
		.priority = RCV_PRIORITY },					\
	.v6 = { .handler = klips_rcv_##name, .input_handler = klips_rcv_encap,	\
		.cb_handler = klips_rcv_cb, .err_handler = klips_rcv_##name##_err6,	\
		.priority = RCV_PRIORITY } }
	HANDLER(IPPROTO_ESP, esp),
	HANDLER(IPPROTO_AH, ah),
	HANDLER(IPPROTO_COMP, comp),
#undef HANDLER
};

static void deregister(unsigned int n4, unsigned int n6)
{
	while (n6--)
		xfrm6_protocol_deregister(&handlers[n6].v6, handlers[n6].proto);
	while (n4--)
		xfrm4_protocol_deregister(&handlers[n4].v4, handlers[n4].proto);
	synchronize_net();
}

int klips_rcv_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		err = xfrm4_protocol_register(&handlers[i].v4, handlers[i].proto);
		if (err) {
			deregister(i, i);
			return err;
		}
		err = xfrm6_protocol_register(&handlers[i].v6, handlers[i].proto);
		if (err) {
			deregister(i + 1, i);
			return err;
		}
	}
	return 0;
}

void klips_rcv_exit(void)
{
	deregister(ARRAY_SIZE(handlers), ARRAY_SIZE(handlers));
}
