/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequence numbers of ESP and AH alike: RFC 4303 and 4302, sections 2.2, 2.5 and 3.4.3.
 */
#ifndef KLIPS_SEQUENCE_H
#define KLIPS_SEQUENCE_H

#include "klips/klips.h"

/*
 * The last number that may be sent, and the one at which another SA is asked for.  Of
 * extended numbers the highest 2^32 are never given away, so that the counter does not
 * come round, however many packets are refused.
 */
static inline u64 klips_seq_last(const struct klips_sa *sa)
{
	return sa->esn ? ~0ULL << 32 : U32_MAX;
}

static inline u64 klips_seq_soft(const struct klips_sa *sa)
{
	return klips_seq_last(sa) - KLIPS_SEQ_RESERVE;
}

/* Does an SA of this kind count its packets? */
static inline bool klips_seq_has(const struct klips_sa *sa)
{
	return sa->said.proto == IPPROTO_ESP || sa->said.proto == IPPROTO_AH;
}

/*
 * Give a new SA its counter and, with a size, its window.  Numbers up to seq have been in
 * use elsewhere.  0 or -ENOMEM.
 */
int klips_seq_init(struct klips_sa *sa, u32 size, bool esn, u64 seq);

/* For people: the last number sent or, inbound, the highest received. */
u64 klips_seq_now(const struct klips_sa *sa);

/* The next number to be sent; 0 when they are used up. */
u64 klips_seq_next(struct klips_sa *sa);

/*
 * Might the packet with this number on the wire be new?  Notes the whole number, with the
 * upper half that only the ICV can confirm, in
 * KLIPS_CB(skb)->seq.  Asked before the ICV is verified, so it changes nothing else.
 * 0, or what klips_fail() returns.
 */
int klips_seq_check(struct klips_sa *sa, struct sk_buff *skb, __be32 seq);

/* The packet is authentic: its number counts.  0, or what klips_fail() returns. */
int klips_seq_accept(struct klips_sa *sa, struct sk_buff *skb);

#endif
