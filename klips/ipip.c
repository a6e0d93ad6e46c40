// SPDX-License-Identifier: GPL-2.0-only
/*
 * IP in IP: the outer header of tunnel mode, on and off.
 *
 * Either family may be inside, whichever is outside: that of the SA's destination.  What
 * the outer header is to look like, and what of it is carried inwards when it comes off,
 * outer.c says.
 *
 * The SA has no keys; its SPI never travels.  Inbound it is reached only through the
 * ESP or AH SA that it is bundled with, and holds the policy that rcv.c checks.
 *
 * Traffic flow confidentiality padding (RFC 4303 section 2.7) falls off here: the
 * inner header's own length is what counts.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "klips/compat.h"
#include "klips/outer.h"
#include "klips/xform.h"

static int ipip_init(struct klips_sa *sa, const struct klips_keys *keys)
{
	if (keys->ealg || keys->aalg || keys->ekey_len || keys->akey_len) {
		pr_info_ratelimited("klips_info:%s: a tunnel SA takes no algorithm and no key\n", __func__);
		return -EINVAL;
	}
	if (klips_addr_is_any(&sa->src)) {
		pr_info_ratelimited("klips_info:%s: a tunnel SA needs a source address\n", __func__);
		return -EINVAL;
	}
	return 0;
}

static void ipip_destroy(struct klips_sa *sa)
{
}

static unsigned int header_len(const struct klips_sa *sa)
{
	return sa->said.family == AF_INET6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

static unsigned int ipip_overhead(const struct klips_sa *sa, unsigned int len, unsigned int *front)
{
	*front = header_len(sa);
	return *front;
}

static bool is_v6(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6);
}

/* Of the packet at the network header. */
static u8 tos_of(const struct sk_buff *skb)
{
	return is_v6(skb) ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
}

bool klips_ip_df(const struct sk_buff *skb)
{
	return is_v6(skb) || (ip_hdr(skb)->frag_off & htons(IP_DF));
}

bool klips_ipip_outer_df(const struct klips_sa *sa, const struct sk_buff *skb)
{
	bool df = klips_ip_df(skb);
	bool tunnel = false;

	for (; sa; sa = rcu_dereference(sa->outer)) {
		if (sa->said.proto != IPPROTO_IPIP)
			continue;
		df = klips_outer_df(sa->flags, df);
		tunnel = true;
	}
	return tunnel && df;
}

/* The rest of both is zero. */
struct outer {
	u8 tos, ttl, proto;
	bool df;
};

static void put_v4(const struct klips_sa *sa, struct sk_buff *skb, const struct outer *o)
{
	struct iphdr *iph = ip_hdr(skb);

	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = o->tos,
		.tot_len = htons(skb->len),
		.frag_off = o->df ? htons(IP_DF) : 0,
		.ttl = o->ttl,
		.protocol = o->proto,
		.saddr = sa->src.v4,
		.daddr = sa->said.dst.v4,
	};
	__ip_select_ident(sa->net->net, iph, 1);
	ip_send_check(iph);
}

static void put_v6(const struct klips_sa *sa, struct sk_buff *skb, const struct outer *o)
{
	struct ipv6hdr *iph = ipv6_hdr(skb);

	*iph = (struct ipv6hdr){
		.payload_len = htons(skb->len - sizeof(*iph)),
		.nexthdr = o->proto,
		.hop_limit = o->ttl,
		.saddr = sa->src.v6,
		.daddr = sa->said.dst.v6,
	};
	ip6_flow_hdr(iph, o->tos, 0);
}

static int ipip_output(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct outer outer = {
		.tos = klips_outer_tos(sa->flags, READ_ONCE(sa->net->tos), tos_of(skb)),
		.ttl = klips_outer_ttl(sa->flags),
		.proto = is_v6(skb) ? IPPROTO_IPV6 : IPPROTO_IPIP,
		.df = klips_outer_df(sa->flags, klips_ip_df(skb)),
	};
	unsigned int len = header_len(sa);

	if (skb->len + len > IP_MAX_MTU)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (skb_cow_head(skb, len))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	skb_push(skb, len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, len);
	if (sa->said.family == AF_INET6) {
		skb->protocol = htons(ETH_P_IPV6);
		put_v6(sa, skb, &outer);
	} else {
		skb->protocol = htons(ETH_P_IP);
		put_v4(sa, skb, &outer);
	}
	return 0;
}

/* The length that the inner header gives itself; 0 when it cannot be. */
static unsigned int inner_len(struct sk_buff *skb, bool v6)
{
	if (v6) {
		if (!pskb_may_pull(skb, sizeof(struct ipv6hdr)) ||
		    ((struct ipv6hdr *)skb->data)->version != 6)
			return 0;
		return sizeof(struct ipv6hdr) +
		       ntohs(((struct ipv6hdr *)skb->data)->payload_len);
	}
	if (!pskb_may_pull(skb, sizeof(struct iphdr)) ||
	    ((struct iphdr *)skb->data)->version != 4)
		return 0;
	return ntohs(((struct iphdr *)skb->data)->tot_len);
}

/* Let the packet at skb->data have these congestion bits. */
static int set_ecn(struct sk_buff *skb, u8 ecn)
{
	if ((tos_of(skb) & INET_ECN_MASK) == ecn)
		return 0;
	if (skb_ensure_writable(skb, is_v6(skb) ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	if (is_v6(skb))
		ipv6_change_dsfield(ipv6_hdr(skb), (u8)~INET_ECN_MASK, ecn);
	else
		ipv4_change_dsfield(ip_hdr(skb), (u8)~INET_ECN_MASK, ecn);
	return 0;
}

static int ipip_input(struct klips_sa *sa, struct sk_buff *skb)
{
	bool v6 = KLIPS_CB(skb)->proto == IPPROTO_IPV6;
	u8 tos = tos_of(skb);		/* of the outer header, still in the headroom */
	unsigned int len = inner_len(skb, v6);
	int ecn;

	if (!len || len > skb->len)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (pskb_trim(skb, len))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	skb_reset_network_header(skb);
	skb->protocol = v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	KLIPS_CB(skb)->whole = true;
	ecn = klips_ecn_leaving(tos_of(skb), tos);
	return ecn < 0 ? klips_fail(skb, KLIPS_DROP_ECN) : set_ecn(skb, ecn);
}

const struct klips_xform klips_ipip_xform = {
	.proto = IPPROTO_IPIP,
	.name = "tun",
	.init = ipip_init,
	.destroy = ipip_destroy,
	.overhead = ipip_overhead,
	.output = ipip_output,
	.input = ipip_input,
};
