// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sequence numbers in any order, with and without extended ones, at any width: the window
 * must say what an oracle says that remembers all of them.
 *
 * Twelve octets say how the window is: its width, whether numbers are extended, and where
 * it begins.  Then each four octets are a number on the wire; their order, and how near
 * they are to what came before, is the fuzzer's to find.  To help it, an octet in front of
 * each says whether the number is meant as it is, or forward or backward from the highest.
 */
#include <string.h>

#include "klips/replay.h"
#include "testing/unit/replay_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static u32 next(const struct oracle *o, const uint8_t *data)
{
	u32 seq;

	memcpy(&seq, data + 1, sizeof(seq));
	switch (data[0] % 4) {
	case 0:
		return (u32)o->top + (seq & 0xff);
	case 1:
		return (u32)o->top - seq % (o->size + 70);
	case 2:
		return (u32)o->top + seq % (2 * o->size + 70);
	default:
		return seq;
	}
}

static void step(struct klips_replay *r, struct oracle *o, u32 wire)
{
	u64 seq = klips_replay_number(r, wire);
	bool could;

	must((u32)seq == wire);
	if (r->esn)
		must(seq == oracle_number(o, wire) || !klips_replay_check(r, seq));
	else
		must(seq == wire);
	could = klips_replay_check(r, seq);
	must(could == klips_replay_accept(r, seq));
	must(could == oracle_accept(o, seq));
	must(r->top == o->top);
	must(!klips_replay_check(r, seq));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct klips_replay *r;
	static struct oracle o;
	u32 width;
	u64 top;

	if (size < 12 || size > 5 * ORACLE_MAX)
		return 0;
	width = 32 + (u32)(data[0] << 8 | data[1]);
	memcpy(&top, data + 4, sizeof(top));
	if (!(data[2] & 1))
		top = (u32)top;
	if (width > KLIPS_REPLAY_MAX)
		width = KLIPS_REPLAY_MAX;

	r = malloc(sizeof(*r) + klips_replay_words(width) * sizeof(u64));
	must(r);
	klips_replay_init(r, width, data[2] & 1, top);
	o.n = 0;
	o.before = top;
	o.top = top;
	o.size = width;
	for (size_t i = 12; i + 5 <= size; i += 5)
		step(r, &o, next(&o, data + i));
	must(!o.n || (klips_replay_bits(r) & 1));	/* the highest is seen */
	free(r);
	return 0;
}
