// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The anti-replay window: which sequence numbers have been seen.
 *
 *            top - size              top
 *   too old     |  . . x . x x . x . x |   new: the window moves
 *
 * The map is a ring of words, one word or more longer than the window needs, so
 * that moving forward clears whole words and never shifts.  A packet is asked for
 * twice: klips_replay_check() before its ICV has been verified, which changes
 * nothing, and klips_replay_accept() afterwards, which does (RFC 4303 section 3.4.3).
 * Accepting before the ICV was verified would let a forger close the window.
 *
 * The number 0 is never sent, and never accepted.  With extended sequence numbers the
 * wire shows the lower half of a number only, which may well be 0; the upper half follows
 * from where the window is, as long as no more than 2^32 packets in a row are lost.
 *
 * Pure: callers of accept() serialise themselves; memory comes from outside.
 */
#include "klips/replay.h"

#define WORD_BITS	64

u32 klips_replay_width(u8 sadb_replay)
{
	return sadb_replay == 255 ? KLIPS_REPLAY_LARGE : sadb_replay;
}

u32 klips_replay_words(u32 size)
{
	u32 need = (size + WORD_BITS - 2) / WORD_BITS + 1;	/* size bits at any offset */
	u32 words = 1;

	while (words < need)
		words *= 2;
	return words;
}

static u64 *word(struct klips_replay *r, u64 seq)
{
	return &r->map[(u32)(seq / WORD_BITS) & (r->words - 1)];
}

void klips_replay_init(struct klips_replay *r, u32 size, bool esn, u64 top)
{
	if (size > KLIPS_REPLAY_MAX)
		size = KLIPS_REPLAY_MAX;
	r->size = size;
	r->words = klips_replay_words(size);
	r->esn = esn;
	r->top = top;
	r->span = 0;
	memset(r->map, top ? 0xff : 0, r->words * sizeof(r->map[0]));
	if (top)	/* what is ahead in top's own word has not been seen */
		*word(r, top) = (2ULL << (top % WORD_BITS)) - 1;
}

/*
 * RFC 4303 appendix A2.2.  Case A: the window lies within one subspace of 2^32 numbers;
 * what is below it on the wire is from the next one.  Case B: the window begins in the
 * subspace before; what is not below its beginning is from there.  There is none before
 * the first: that is then a leap forward, too.
 */
u64 klips_replay_number(const struct klips_replay *r, u32 seq)
{
	u32 top = (u32)r->top, high = (u32)(r->top >> 32);
	u32 bottom = top - r->size + 1;

	if (!r->esn)
		return seq;
	if (top >= r->size - 1)
		high += seq < bottom;
	else if (high)
		high -= seq >= bottom;
	return (u64)high << 32 | seq;
}

static bool seen(const struct klips_replay *r, u64 seq)
{
	return r->map[(u32)(seq / WORD_BITS) & (r->words - 1)] >> (seq % WORD_BITS) & 1;
}

bool klips_replay_check(const struct klips_replay *r, u64 seq)
{
	if (r->size == 0)
		return true;
	if (seq == 0)
		return false;
	if (seq > r->top)
		return true;
	return r->top - seq < r->size && !seen(r, seq);
}

/* Clear what the window enters on its way from top to seq. */
static void advance(struct klips_replay *r, u64 seq)
{
	u64 n = seq / WORD_BITS - r->top / WORD_BITS;
	u32 i;

	if (n > r->words)
		n = r->words;
	for (i = 0; i < n; i++)
		*word(r, seq - (u64)i * WORD_BITS) = 0;
	if (r->top && seq - r->top > r->span)
		r->span = seq - r->top;
	r->top = seq;
}

bool klips_replay_accept(struct klips_replay *r, u64 seq)
{
	if (!klips_replay_check(r, seq))
		return false;
	if (seq > r->top)
		advance(r, seq);
	if (r->size)
		*word(r, seq) |= 1ULL << (seq % WORD_BITS);
	return true;
}

u32 klips_replay_bits(const struct klips_replay *r)
{
	u32 bits = 0;
	u32 i;

	for (i = 0; i < 32 && i < r->size && i < r->top; i++)
		bits |= (u32)seen(r, r->top - i) << i;
	return bits;
}
