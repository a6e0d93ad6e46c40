/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet grows by in a bundle, what fits a path after it, and who is told.
 */
#ifndef KLIPS_MTU_H
#define KLIPS_MTU_H

#include "klips/klips.h"

/* How a bundle changes a packet. */
struct klips_growth {
	struct klips_sa *last;		/* the outermost: whose destination counts; borrowed */
	unsigned int grow, front;	/* octets added in all, and of them in front */
	u8 count;			/* SAs */
};

/* Of a packet of len octets, through the bundle that begins with sa.  Under RCU. */
struct klips_growth klips_growth_of(struct klips_sa *sa, unsigned int len);

/*
 * The packet, at its IP header and still clear, is about to go through the bundle that
 * begins with sa, whose growth is g, and then by this route: if it will not fit in one
 * piece, tell its sender, who may be this host.  Clamps TCP's segment size, too, if
 * that is wanted.  Returns whether it will not fit.  Under RCU; the skb stays the caller's.
 */
bool klips_mtu_check(struct sk_buff *skb, struct klips_sa *sa, const struct klips_growth *g,
		     const struct dst_entry *dst);

/*
 * The packet, at its IP header and clear again, is about to come out of kd: clamp TCP's
 * segment size to what fits into the tunnel that answers go by.  Under RCU, with bottom
 * halves off.
 */
void klips_mtu_arrived(struct sk_buff *skb, struct klips_dev *kd);

/*
 * A router has said that the path of sa takes but mtu octets; skb is its ICMP error,
 * skb->data the header that it quotes.  Under RCU.
 */
void klips_mtu_learn(struct sk_buff *skb, struct klips_sa *sa, u32 mtu);

#endif
