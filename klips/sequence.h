/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequence numbers of ESP and AH alike: RFC 4303 and 4302, sections 2.2, 2.5 and 3.4.3.
 */
#ifndef KLIPS_SEQUENCE_H
#define KLIPS_SEQUENCE_H

#include "klips/klips.h"

/* The next number to be sent; 0 when they are used up. */
u64 klips_seq_next(struct klips_sa *sa);

/*
 * Might the packet with this number on the wire be new?  Notes the whole number in
 * KLIPS_CB(skb)->seq.  Asked before the ICV is verified, so it changes nothing else.
 * 0, or what klips_fail() returns.
 */
int klips_seq_check(struct klips_sa *sa, struct sk_buff *skb, __be32 seq);

/* The packet is authentic: its number counts.  0, or what klips_fail() returns. */
int klips_seq_accept(struct klips_sa *sa, struct sk_buff *skb);

#endif
