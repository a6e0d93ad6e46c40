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

static struct klips_replay *window(u32 size)
{
	struct klips_replay *r = calloc(1, sizeof(*r) + klips_replay_words(size) * sizeof(u64));

	assert_non_null(r);
	klips_replay_init(r, size);
	return r;
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
	static const u32 sizes[] = { 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 254, 1024, 4096 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (u32 top = 5000; top < 5000 + 130; top++) {
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
	klips_replay_init(w, UINT32_MAX);
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
	static const u32 sizes[] = { 1, 32, 33, 64, 100, 254, 1024, 4096 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (u32 seed = 1; seed <= 3; seed++)
			oracle_agrees(sizes[i], seed);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
