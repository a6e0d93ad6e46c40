// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sequence numbers: where replay.c, which only computes, meets an SA that packets
 * share.
 *
 * Outbound a number is given away once, whatever becomes of its packet, and never
 * wraps: the SA ends first (RFC 4303 section 2.2).  Inbound the window is asked before
 * the ICV is verified, to save work, and moves afterwards: else a forger could close
 * it (3.4.3).  RFC 4302 says the same for AH in the same sections.
 */
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/sequence.h"

int klips_seq_init(struct klips_sa *sa, u32 size, bool esn, u64 seq)
{
	sa->esn = esn;
	if (!sa->inbound)
		atomic64_set(&sa->seq, seq);
	if (!size)
		return 0;
	sa->replay = kvzalloc(struct_size(sa->replay, map, klips_replay_words(size)),
			      GFP_KERNEL_ACCOUNT);
	if (!sa->replay)
		return -ENOMEM;
	klips_replay_init(sa->replay, size, esn, seq);
	return 0;
}

u64 klips_seq_now(const struct klips_sa *sa)
{
	if (sa->inbound && sa->replay)
		return READ_ONCE(sa->replay->top);
	return atomic64_read(&sa->seq);
}

u64 klips_seq_next(struct klips_sa *sa)
{
	u64 seq = atomic64_inc_return(&sa->seq);

	if (unlikely(seq >= klips_seq_soft(sa)) &&
	    (seq > klips_seq_last(sa) || !test_bit(KLIPS_LIFE_SOFT_TOLD, &sa->life.flags)))
		klips_life_kick(sa);
	return seq > klips_seq_last(sa) ? 0 : seq;
}

static int replayed(struct klips_sa *sa, struct sk_buff *skb)
{
	atomic_inc(&sa->replay_errs);
	return klips_fail(skb, KLIPS_DROP_REPLAY);
}

int klips_seq_check(struct klips_sa *sa, struct sk_buff *skb, __be32 seq)
{
	bool fresh = true;

	KLIPS_CB(skb)->seq = ntohl(seq);
	if (sa->replay) {
		spin_lock_bh(&sa->lock);
		KLIPS_CB(skb)->seq = klips_replay_number(sa->replay, ntohl(seq));
		fresh = klips_replay_check(sa->replay, KLIPS_CB(skb)->seq);
		spin_unlock_bh(&sa->lock);
	}
	return fresh ? 0 : replayed(sa, skb);
}

int klips_seq_accept(struct klips_sa *sa, struct sk_buff *skb)
{
	bool fresh = true;

	if (sa->replay) {
		spin_lock_bh(&sa->lock);
		fresh = klips_replay_accept(sa->replay, KLIPS_CB(skb)->seq);
		spin_unlock_bh(&sa->lock);
	}
	return fresh ? 0 : replayed(sa, skb);
}
