/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The anti-replay window, against its description in RFC 4303 section 3.4.3 and against
 * an oracle that remembers every number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "klips/replay.h"
#include "testing/unit/replay_oracle.h"

static struct klips_replay *window_at(u32 size, bool esn, u64 top)
{
	struct klips_replay *r = calloc(1, sizeof(*r) + klips_replay_words(size) * sizeof(u64));

	assert_non_null(r);
	klips_replay_init(r, size, esn, top);
	return r;
}

static struct klips_replay *window(u32 size)
{
	return window_at(size, false, 0);
}

static void window_accepts_each_number_once(void **state)
{
	static const struct { uint32_t seq; bool fresh; } step[] = {
		{ 1, true },  { 1, false },
		{ 3, true },  { 2, true },  { 2, false },
		{ 64, true }, { 1, false },		/* left the 32-wide window */
		{ 33, true }, { 32, false },
		{ 0, false },
		{ 1000000, true }, { 999969, true }, { 999968, false },
		{ 0xffffffff, true }, { 0xffffffff, false }, { 0xfffffffe, true },
		{ 0xffffffe0, true }, { 0xffffffdf, false }, { 1, false },
	};
	struct klips_replay *w = window(32);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(step); i++)
		if (klips_replay_accept(w, step[i].seq) != step[i].fresh)
			fail_msg("step %zu, number %u", i, step[i].seq);
	free(w);
}

static void checking_changes_nothing(void **state)
{
	struct klips_replay *w = window(64);

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(klips_replay_check(w, 5000));
		assert_true(klips_replay_check(w, 1));
	}
	assert_true(klips_replay_accept(w, 1));
	assert_false(klips_replay_check(w, 1));
	assert_true(klips_replay_check(w, 2));
	free(w);
}

static void width_is_what_was_asked_for(void **state)
{
	static const u32 sizes[] = { 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 254, 1024, 4096,
				     65535, 65536 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (u64 top = 70000; top < 70000 + 130; top++) {
			struct klips_replay *w = window(sizes[i]);

			assert_true(klips_replay_accept(w, top));
			assert_false(klips_replay_check(w, top - sizes[i]));
			if (sizes[i] > 1)
				assert_true(klips_replay_accept(w, top - sizes[i] + 1));
			free(w);
		}
	}
}

static void no_window_accepts_everything(void **state)
{
	struct klips_replay *w = window(0);

	(void)state;
	assert_true(klips_replay_accept(w, 7));
	assert_true(klips_replay_accept(w, 7));
	assert_true(klips_replay_accept(w, 1));
	free(w);
}

static void an_excessive_width_is_cut(void **state)
{
	struct klips_replay *w = window(KLIPS_REPLAY_MAX);

	(void)state;
	klips_replay_init(w, UINT32_MAX, false, 0);
	assert_int_equal(w->size, KLIPS_REPLAY_MAX);
	free(w);
}

static void sadb_octet_stands_for_a_width(void **state)
{
	(void)state;
	assert_int_equal(klips_replay_width(0), 0);
	assert_int_equal(klips_replay_width(1), 1);
	assert_int_equal(klips_replay_width(64), 64);
	assert_int_equal(klips_replay_width(254), 254);
	assert_int_equal(klips_replay_width(255), KLIPS_REPLAY_LARGE);
}

static void bits_show_the_last_32(void **state)
{
	struct klips_replay *w = window(64);

	(void)state;
	assert_int_equal(klips_replay_bits(w), 0);
	klips_replay_accept(w, 1);
	assert_int_equal(klips_replay_bits(w), 1);
	klips_replay_accept(w, 3);
	assert_int_equal(klips_replay_bits(w), 5);
	klips_replay_accept(w, 2);
	assert_int_equal(klips_replay_bits(w), 7);
	klips_replay_accept(w, 40);
	assert_int_equal(klips_replay_bits(w), 1);
	assert_int_equal(w->span, 37);
	free(w);
}

/* A small generator, so that a failure can be had again. */
static u32 rnd(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

#define NUMBERS	100000

static void oracle_agrees(u32 size, u32 seed)
{
	struct klips_replay *w = window(size);
	u8 *got = calloc(NUMBERS, 1);
	u32 top = 0;

	assert_non_null(got);
	while (top < NUMBERS - 2 * size - 200) {
		u32 far = rnd(&seed) % 20 ? 3 : 2 * size + 130;
		u32 seq = top + rnd(&seed) % far;
		u32 back = rnd(&seed) % (size + 70);
		bool fresh;

		if (rnd(&seed) % 2)
			seq = seq > back ? seq - back : 0;
		fresh = seq && !got[seq] && (seq > top || top - seq < size);
		if (klips_replay_check(w, seq) != fresh || klips_replay_accept(w, seq) != fresh)
			fail_msg("width %u, number %u, highest %u", size, seq, top);
		if (fresh)
			got[seq] = 1;
		if (fresh && seq > top)
			top = seq;
	}
	free(got);
	free(w);
}

static void window_agrees_with_an_oracle(void **state)
{
	static const u32 sizes[] = { 1, 32, 33, 64, 100, 254, 1024, 4096, 20000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (u32 seed = 1; seed <= 3; seed++)
			oracle_agrees(sizes[i], seed);
}

/* RFC 4303 appendix A2.2: case A within a subspace, case B across two, and the first. */
static void upper_half_follows_from_the_window(void **state)
{
	static const struct {
		u64 top;
		u32 wire;
		u64 number;
	} row[] = {
		{ 0, 1, 1 },
		{ 0, 0xffffffff, 0xffffffff },		/* there is nothing before the first */
		{ 5, 0xfffffff0, 0xfffffff0 },
		{ 0x80000000, 0x7fffffe1, 0x7fffffe1 },	/* A: the window's lower edge */
		{ 0x80000000, 0x7fffffc0, 0x17fffffc0 },	/* A: below it */
		{ 0xffffffff, 0, 0x100000000 },
		{ 0xffffffff, 0xffffffe0, 0xffffffe0 },
		{ 0x100000000, 0xffffffff, 0xffffffff },	/* B: still of the one before */
		{ 0x100000000, 0xffffffc1, 0xffffffc1 },
		{ 0x100000000, 0xffffffc0, 0x1ffffffc0 },	/* B: below its edge */
		{ 0x10000003e, 0xffffffff, 0xffffffff },
		{ 0x10000003f, 0, 0x100000000 },		/* A again */
		{ 0x10000003f, 0xffffffff, 0x1ffffffff },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct klips_replay *w = window_at(64, true, row[i].top);

		if (klips_replay_number(w, row[i].wire) != row[i].number)
			fail_msg("row %zu", i);
		free(w);
	}
}

static void plain_numbers_have_no_upper_half(void **state)
{
	struct klips_replay *w = window_at(64, false, 0xffffffff);

	(void)state;
	assert_true(klips_replay_number(w, 0) == 0);
	assert_false(klips_replay_check(w, klips_replay_number(w, 0)));
	assert_false(klips_replay_check(w, klips_replay_number(w, 5)));
	free(w);
}

static void extended_numbers_end_at_their_last(void **state)
{
	struct klips_replay *w = window_at(64, true, UINT64_MAX - 1);

	(void)state;
	assert_true(klips_replay_accept(w, klips_replay_number(w, 0xffffffff)));
	for (u32 wire = 0; wire < 200; wire++)
		assert_false(klips_replay_accept(w, klips_replay_number(w, wire)));
	free(w);
}

static void what_an_sa_had_seen_elsewhere_is_old(void **state)
{
	static const u64 tops[] = { 1, 63, 64, 65, 127, 1000, 0xffffffff, 0x100000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		struct klips_replay *w = window_at(64, true, tops[i]);

		for (u64 back = 0; back < 100 && back <= tops[i]; back++)
			assert_false(klips_replay_check(w, tops[i] - back));
		assert_true(klips_replay_accept(w, tops[i] + 2));
		assert_true(klips_replay_accept(w, tops[i] + 1));
		assert_false(klips_replay_accept(w, tops[i]));
		free(w);
	}
}

/* Numbers from around the borders of subspaces, as they come over a wire that reorders. */
static void extended_oracle_agrees(u32 size, u64 start, u32 seed)
{
	struct klips_replay *w = window_at(size, true, start);
	struct oracle *o = calloc(1, sizeof(*o));

	assert_non_null(o);
	o->size = size;
	o->top = start;
	o->before = start;
	for (int i = 0; i < 3000; i++) {
		u64 far = rnd(&seed) % 50 ? 5 : rnd(&seed) % 4 ? 2 * size : 0x7fffffff;
		u64 seq = o->top + rnd(&seed) % far;
		u32 back = rnd(&seed) % (size + 20);

		if (rnd(&seed) % 2)
			seq -= seq > back ? back : 0;
		/* Of what is too old for the window, only the ICV could tell how old. */
		if (o->top < size || seq > o->top - size)
			assert_true(klips_replay_number(w, (u32)seq) == seq);
		else
			assert_false(klips_replay_check(w, seq));
		assert_true(klips_replay_number(w, (u32)seq) == oracle_number(o, (u32)seq));
		if (klips_replay_accept(w, seq) != oracle_accept(o, seq))
			fail_msg("width %u, number %llx, highest %llx", size,
				 (unsigned long long)seq, (unsigned long long)o->top);
	}
	free(o);
	free(w);
}

static void extended_window_agrees_with_an_oracle(void **state)
{
	static const u32 sizes[] = { 32, 33, 64, 1024, 65536 };
	static const u64 starts[] = { 0, 0xfffffc00, 0xfffffffe, 0x100000000, 0x7fffffff00000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (size_t s = 0; s < ARRAY_SIZE(starts); s++)
			extended_oracle_agrees(sizes[i], starts[s], (u32)(i * 7 + s + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_accepts_each_number_once),
		cmocka_unit_test(checking_changes_nothing),
		cmocka_unit_test(width_is_what_was_asked_for),
		cmocka_unit_test(no_window_accepts_everything),
		cmocka_unit_test(an_excessive_width_is_cut),
		cmocka_unit_test(sadb_octet_stands_for_a_width),
		cmocka_unit_test(bits_show_the_last_32),
		cmocka_unit_test(window_agrees_with_an_oracle),
		cmocka_unit_test(upper_half_follows_from_the_window),
		cmocka_unit_test(plain_numbers_have_no_upper_half),
		cmocka_unit_test(extended_numbers_end_at_their_last),
		cmocka_unit_test(what_an_sa_had_seen_elsewhere_is_old),
		cmocka_unit_test(extended_window_agrees_with_an_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
