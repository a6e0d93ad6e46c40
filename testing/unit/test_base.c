/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spans, bufs, secrets, lists, names, logs: what everything else stands on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/alloc.h"
#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/base/log.h"
#include "lib/base/names.h"
#include "lib/base/secret.h"

/* --- span -------------------------------------------------------------------------- */

static void taking_gives_what_is_there_or_nothing(void **state)
{
	static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct span in = span_of(octets, sizeof(octets)), out;
	uint8_t v8;
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	(void)state;
	assert_true(span_take_u8(&in, &v8) && v8 == 1);
	assert_true(span_take_u16(&in, &v16) && v16 == 0x0203);
	assert_true(span_take_u32(&in, &v32) && v32 == 0x04050607);
	assert_true(span_take_u64(&in, &v64) && v64 == 0x08090a0b0c0d0e0fULL);
	assert_false(span_take_u16(&in, &v16));
	assert_false(span_take_u32(&in, &v32));
	assert_false(span_take_u64(&in, &v64));
	assert_false(span_take(&in, 2, &out));
	assert_false(span_take(&in, SIZE_MAX, &out));
	assert_int_equal(in.len, 1);
	assert_true(span_take(&in, 1, &out));
	assert_int_equal(out.ptr[0], 16);
	assert_false(span_take_u8(&in, &v8));
	assert_true(span_take(&in, 0, &out));
}

static void splitting_finds_the_first_separator(void **state)
{
	struct span head, tail;

	(void)state;
	assert_true(span_split(span_str("a/b/c"), '/', &head, &tail));
	assert_true(span_is(head, "a") && span_is(tail, "b/c"));
	assert_true(span_split(span_str("a/"), '/', &head, &tail));
	assert_true(span_is(head, "a") && tail.len == 0);
	assert_true(span_split(span_str("/"), '/', &head, &tail));
	assert_true(head.len == 0 && tail.len == 0);
	assert_false(span_split(span_str("abc"), '/', &head, &tail));
	assert_true(span_is(head, "abc") && tail.len == 0);
	assert_false(span_split(SPAN_EMPTY, '/', &head, &tail));
}

static void comparing_minds_length_and_case_as_told(void **state)
{
	(void)state;
	assert_true(span_is(span_str("abc"), "abc"));
	assert_false(span_is(span_str("abc"), "ab"));
	assert_false(span_is(span_of("abc", 4), "abc"));	/* the NUL counts */
	assert_true(span_is_nocase(span_str("ABc"), "abC"));
	assert_true(span_starts(span_str("abc"), "ab"));
	assert_true(span_starts(span_str("abc"), ""));
	assert_false(span_starts(span_str("a"), "ab"));
	assert_true(span_eq(SPAN_EMPTY, span_str("")));
	assert_true(span_eq_secret(span_str("abc"), span_str("abc")));
	assert_false(span_eq_secret(span_str("abc"), span_str("abd")));
	assert_false(span_eq_secret(span_str("abc"), span_str("ab")));
	assert_true(span_eq_secret(SPAN_EMPTY, SPAN_EMPTY));
}

static void trimming_takes_blanks_off_both_ends(void **state)
{
	char *copy = span_dup(span_trim(span_str(" \t a b\t ")));

	(void)state;
	assert_string_equal(copy, "a b");
	assert_int_equal(span_trim(span_str(" \t ")).len, 0);
	assert_int_equal(span_skip(span_str("ab"), 3).len, 0);
	free(copy);
}

/* --- buf --------------------------------------------------------------------------- */

static void bufs_grow_and_write_in_network_order(void **state)
{
	static const uint8_t expected[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 'x', 'y', 0
	};
	struct buf b = { 0 };

	(void)state;
	buf_add_u8(&b, 1);
	buf_add_u16(&b, 0xffff);
	buf_add_u32(&b, 0xffffffff);
	buf_add_u64(&b, 0x08090a0b0c0d0e0fULL);
	buf_add_str(&b, "xy");
	buf_put_u16(&b, 1, 0x0203);
	buf_put_u32(&b, 3, 0x04050607);
	assert_int_equal(*buf_grow(&b, 1), 0);
	assert_int_equal(b.len, sizeof(expected));
	assert_memory_equal(b.ptr, expected, sizeof(expected));
	buf_free(&b);
	assert_null(b.ptr);
}

static void bufs_may_be_set_to_a_part_of_themselves(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add_str(&b, "0123456789");
	buf_set(&b, span_skip(buf_span(&b), 3));
	assert_string_equal(buf_str(&b), "3456789");
	buf_set(&b, SPAN_EMPTY);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
}

static void text_grows_over_any_size(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	assert_int_equal(strlen(buf_str(&b)), b.len);
	buf_free(&b);
}

/* --- secret ------------------------------------------------------------------------ */

static void secrets_hold_any_length_and_start_as_zeros(void **state)
{
	static const size_t len[] = {
		0, 1, 7, 8, 20, 31, 32, 64, 104, 105, 1000, 4072, 4073, 100000
	};
	struct secret s[ARRAY_SIZE(len)] = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(len); i++) {
			uint8_t *p = secret_alloc(&s[i], len[i]);

			assert_int_equal(s[i].len, len[i]);
			for (size_t j = 0; j < len[i]; j++)
				assert_int_equal(p[j], 0);
			memset(p, 0xaa, len[i]);
		}
		for (size_t i = 0; i < ARRAY_SIZE(len); i++)
			secret_free(&s[i]);
	}
}

static void secrets_move_and_are_cut(void **state)
{
	struct secret a = { 0 }, b = { 0 };

	(void)state;
	secret_set(&a, span_str("swordfish"));
	secret_set(&a, span_skip(secret_span(&a), 5));
	secret_move(&b, &a);
	assert_null(a.ptr);
	assert_true(span_is(secret_span(&b), "fish"));
	secret_free(&b);
	secret_free(&b);
}

/* A block is used again for the next secret of its size, so what it held can be looked for. */
static void freed_secrets_leave_nothing_behind(void **state)
{
	struct secret s = { 0 };

	(void)state;
	memset(secret_alloc(&s, 200), 0x5a, 200);
	secret_free(&s);
	secret_alloc(&s, 190);
	for (size_t i = 0; i < 190; i++)
		assert_int_equal(s.ptr[i], 0);
	secret_free(&s);
}

/* --- list -------------------------------------------------------------------------- */

struct item {
	int n;
	struct list link;
};

static void lists_keep_order_and_bear_removal(void **state)
{
	struct item item[4] = { { .n = 1 }, { .n = 2 }, { .n = 3 }, { .n = 4 } };
	struct list head = LIST_INIT(head);
	struct item *it, *tmp;
	int sum = 0;

	(void)state;
	assert_null(LIST_FIRST(&head, struct item, link));
	for (size_t i = 0; i < 4; i++)
		list_add(&head, &item[i].link);
	LIST_EACH_SAFE(it, tmp, &head, struct item, link)
		if (it->n % 2)
			list_del(&it->link);
	LIST_EACH(it, &head, struct item, link)
		sum = sum * 10 + it->n;
	assert_int_equal(sum, 24);
	list_del(&item[0].link);		/* again: harmless */
	assert_int_equal(LIST_FIRST(&head, struct item, link)->n, 2);
}

/* --- names ------------------------------------------------------------------------- */

static const struct name fruit_tab[] = {
	{ 1, "apple" }, { 2, "pear" }, { 2, "poire" }, { 3, "ikelifetime" }, { 4, "keylife" },
};
static NAMES(fruit, fruit_tab);

static void names_go_both_ways_and_aliases_are_only_read(void **state)
{
	struct name_buf nb;
	unsigned int v;

	(void)state;
	assert_string_equal(name_of(&fruit, 2), "pear");
	assert_null(name_of(&fruit, 9));
	assert_string_equal(name_show(&fruit, 9, &nb), "??9??");
	assert_string_equal(name_show(&fruit, 1, &nb), "apple");
	assert_true(name_find(&fruit, span_str("POIRE"), &v) && v == 2);
	assert_false(name_find(&fruit, span_str("appl"), &v));
	assert_false(name_find(&fruit, SPAN_EMPTY, &v));
}

static void near_names_are_suggested(void **state)
{
	static const struct { const char *text, *nearest; } row[] = {
		{ "aple", "apple" }, { "ikelifetme", "ikelifetime" }, { "ikeliftmie", "ikelifetime" },
		{ "keylive", "keylife" }, { "KEYLIFE", "keylife" }, { "zebra", NULL }, { "", NULL },
		{ "x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		const char *n = name_nearest(&fruit, span_str(row[i].text));

		if (!row[i].nearest)
			assert_null(n);
		else
			assert_string_equal(n, row[i].nearest);
	}
}

/* --- log --------------------------------------------------------------------------- */

static char last_line[4096];

static void keep_line(enum log_level level, const char *line)
{
	(void)level;
	strncpy(last_line, line, sizeof(last_line) - 1);
}

static void log_lines_stay_lines(void **state)
{
	char *huge = xalloc(10000);

	(void)state;
	log_to(keep_line);
	log_msg(LOG_LVL_INFO, "one\ntwo\x1b[1m %d", 3);
	assert_string_equal(last_line, "one?two?[1m 3");
	memset(huge, 'x', 9999);
	log_msg(LOG_LVL_INFO, "%s", huge);
	assert_int_equal(strlen(last_line), 2047);
	log_to(NULL);
	free(huge);
}

static void debug_text_needs_its_class(void **state)
{
	(void)state;
	log_to(keep_line);
	last_line[0] = '\0';
	log_debug_classes = DBG_CRYPT;
	dbg(DBG_PARSING, "not this");
	assert_string_equal(last_line, "");
	dbg(DBG_CRYPT, "this: %d", 1);
	assert_string_equal(last_line, "| this: 1");
	log_debug_classes = 0;
	log_to(NULL);
}

static void debug_classes_have_names(void **state)
{
	unsigned int bits;
	char out[100];

	(void)state;
	assert_true(log_class_by_name(span_str("crypt"), &bits) && bits == DBG_CRYPT);
	assert_true(log_class_by_name(span_str("all"), &bits) && bits == DBG_ALL);
	assert_true(log_class_by_name(span_str("none"), &bits) && bits == 0);
	assert_false(log_class_by_name(span_str("crypto"), &bits));
	assert_string_equal(log_classes_show(DBG_CRYPT | DBG_PARSING, out, sizeof(out)),
			    "crypt+parsing");
	assert_string_equal(log_classes_show(0, out, sizeof(out)), "none");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(taking_gives_what_is_there_or_nothing),
		cmocka_unit_test(splitting_finds_the_first_separator),
		cmocka_unit_test(comparing_minds_length_and_case_as_told),
		cmocka_unit_test(trimming_takes_blanks_off_both_ends),
		cmocka_unit_test(bufs_grow_and_write_in_network_order),
		cmocka_unit_test(bufs_may_be_set_to_a_part_of_themselves),
		cmocka_unit_test(text_grows_over_any_size),
		cmocka_unit_test(secrets_hold_any_length_and_start_as_zeros),
		cmocka_unit_test(secrets_move_and_are_cut),
		cmocka_unit_test(freed_secrets_leave_nothing_behind),
		cmocka_unit_test(lists_keep_order_and_bear_removal),
		cmocka_unit_test(names_go_both_ways_and_aliases_are_only_read),
		cmocka_unit_test(near_names_are_suggested),
		cmocka_unit_test(log_lines_stay_lines),
		cmocka_unit_test(debug_text_needs_its_class),
		cmocka_unit_test(debug_classes_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
