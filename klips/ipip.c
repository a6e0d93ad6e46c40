// SPDX-License-Identifier: GPL-2.0-only
/*
 * IP in IP: the outer header of tunnel mode, on and off.
 *
 * Outer header (RFC 4301 section 5.1.2): TTL 64, DF clear, so that routers may
 * fragment what a path is too small for; TOS zero when net.ipsec.tos is 1, else the
 * inner one with its congestion bits treated as RFC 6040 says.  Coming off, a
 * congestion mark of the outer header is carried over to the inner one, or the packet
 * is dropped if that cannot carry it.
 *
 * The SA has no keys; its SPI never travels.  Inbound it is reached only through the
 * ESP SA that it is bundled with, and holds the policy that rcv.c checks.
 *
 * Traffic flow confidentiality padding (RFC 4303 section 2.7) falls off here: the
 * inner header's own length is what counts.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "klips/compat.h"
#include "klips/xform.h"

#define OUTER_TTL	64

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

static unsigned int ipip_overhead(const struct klips_sa *sa, unsigned int len, unsigned int *front)
{
	*front = sizeof(struct iphdr);
	return sizeof(struct iphdr);
}

static u8 outer_tos(const struct klips_sa *sa, u8 inner)
{
	if (READ_ONCE(sa->net->tos))
		return 0;
	return INET_ECN_encapsulate(inner, inner);
}

static int ipip_output(struct klips_sa *sa, struct sk_buff *skb)
{
	bool v6 = skb->protocol == htons(ETH_P_IPV6);
	u8 tos = v6 ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos;
	struct iphdr *iph;

	if (skb->len + sizeof(*iph) > IP_MAX_MTU)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (skb_cow_head(skb, sizeof(*iph)))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*iph));
	skb->protocol = htons(ETH_P_IP);

	iph = ip_hdr(skb);
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = outer_tos(sa, tos),
		.tot_len = htons(skb->len),
		.ttl = OUTER_TTL,
		.protocol = v6 ? IPPROTO_IPV6 : IPPROTO_IPIP,
		.saddr = sa->src.v4,
		.daddr = sa->said.dst.v4,
	};
	__ip_select_ident(sa->net->net, iph, 1);
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

static int ipip_input(struct klips_sa *sa, struct sk_buff *skb)
{
	bool v6 = KLIPS_CB(skb)->proto == IPPROTO_IPV6;
	u8 tos = ip_hdr(skb)->tos;		/* of the outer header, still in the headroom */
	unsigned int len = inner_len(skb, v6);

	if (!len || len > skb->len)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (pskb_trim(skb, len))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	skb_reset_network_header(skb);
	skb->protocol = v6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	KLIPS_CB(skb)->whole = true;
	if (INET_ECN_decapsulate(skb, tos, v6 ? ipv6_get_dsfield(ipv6_hdr(skb)) :
					       ip_hdr(skb)->tos) > 1)
		return klips_fail(skb, KLIPS_DROP_ECN);
	return 0;
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
