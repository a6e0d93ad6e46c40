// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transforms that there are, and what they share: where in an IP packet an IPsec
 * header goes, and lengths put right afterwards.
 *
 * A transform is one row of xforms[]; nothing else names them all.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>

#include "klips/compat.h"
#include "klips/payload.h"
#include "klips/xform.h"

/* As many octets of headers as an honest packet may have. */
#define HEADERS_MAX	512

static const struct klips_xform *const xforms[] = {
	&klips_esp_xform,
	&klips_ah_xform,
	&klips_ipcomp_xform,
	&klips_ipip_xform,
};

const struct klips_xform *klips_xform_find(u8 proto)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xforms); i++)
		if (xforms[i]->proto == proto)
			return xforms[i];
	return NULL;
}

int klips_payload_at(struct sk_buff *skb, u8 **nexthdr)
{
	struct klips_place place;

	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, HEADERS_MAX)) ||
	    klips_payload_find(skb->data, skb_headlen(skb), &place))
		return -EINVAL;
	*nexthdr = skb->data + place.next;
	return place.at;
}

int klips_payload_enter(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	struct klips_place place;

	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, HEADERS_MAX)) ||
	    klips_payload_locate(skb->data, skb_headlen(skb), &place))
		return -EINVAL;
	cb->iplen = place.at;
	cb->next = place.next;
	cb->proto = skb->data[place.next];
	return 0;
}

void klips_set_len(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6)) {
		ipv6_hdr(skb)->payload_len = htons(skb->len - sizeof(struct ipv6hdr));
	} else {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	}
}
