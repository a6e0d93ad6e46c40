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
 * The packet will not fit through the bundle that begins with sa in one piece, as the
 * path takes but so many octets: tell its sender, who may be this host.  Under RCU; the
 * skb stays the caller's.
 */
void klips_mtu_tell(struct sk_buff *skb, struct klips_sa *sa, int path);

/*
 * A router has said that the path of sa takes but mtu octets; skb is its ICMP error,
 * skb->data the header that it quotes.  Under RCU.
 */
void klips_mtu_learn(struct sk_buff *skb, struct klips_sa *sa, u32 mtu);

#endif
