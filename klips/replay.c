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
 * Number 0 is never sent without extended sequence numbers, and never accepted.
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

void klips_replay_init(struct klips_replay *r, u32 size)
{
	if (size > KLIPS_REPLAY_MAX)
		size = KLIPS_REPLAY_MAX;
	r->size = size;
	r->words = klips_replay_words(size);
	r->top = 0;
	r->span = 0;
	memset(r->map, 0, r->words * sizeof(r->map[0]));
}

static u64 *word(struct klips_replay *r, u32 seq)
{
	return &r->map[(seq / WORD_BITS) & (r->words - 1)];
}

static bool seen(const struct klips_replay *r, u32 seq)
{
	return r->map[(seq / WORD_BITS) & (r->words - 1)] >> (seq % WORD_BITS) & 1;
}

bool klips_replay_check(const struct klips_replay *r, u32 seq)
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
static void advance(struct klips_replay *r, u32 seq)
{
	u32 n = seq / WORD_BITS - r->top / WORD_BITS;
	u32 i;

	if (n > r->words)
		n = r->words;
	for (i = 0; i < n; i++)
		*word(r, seq - i * WORD_BITS) = 0;
	if (r->top && seq - r->top > r->span)
		r->span = seq - r->top;
	r->top = seq;
}

bool klips_replay_accept(struct klips_replay *r, u32 seq)
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
