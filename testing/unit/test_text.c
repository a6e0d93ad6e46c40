/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers, durations and data as text, both ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/text.h"

static void numbers_are_decimal_or_hexadecimal_and_whole(void **state)
{
	static const struct { const char *text; uint64_t max; bool ok; uint64_t v; } row[] = {
		{ "0", 10, true, 0 }, { "10", 10, true, 10 }, { "11", 10, false },
		{ "0x10", 255, true, 16 }, { "0XfF", 255, true, 255 }, { "0x100", 255, false },
		{ "007", 10, true, 7 }, { "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false },
		{ "0xffffffffffffffff", UINT64_MAX, true, UINT64_MAX },
		{ "0x10000000000000000", UINT64_MAX, false },
		{ "", 10, false }, { "0x", 10, false }, { "-1", 10, false }, { "+1", 10, false },
		{ " 1", 10, false }, { "1 ", 10, false }, { "1a", 255, false }, { "0xg", 255, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		uint64_t v = 77;
		err_t ugh = text_to_u64(span_str(row[i].text), row[i].max, &v);

		if ((ugh == NULL) != row[i].ok)
			fail_msg("\"%s\": %s", row[i].text, ugh ? ugh : "accepted");
		assert_int_equal(v, row[i].ok ? row[i].v : 77);
	}
}

static void durations_have_units_and_fractions(void **state)
{
	static const struct { const char *text; bool ok; uint64_t seconds; } row[] = {
		{ "3600", true, 3600 }, { "3600s", true, 3600 }, { "10m", true, 600 },
		{ "8h", true, 28800 }, { "1d", true, 86400 }, { "1.5h", true, 5400 },
		{ "0.5m", true, 30 }, { "0", true, 0 }, { "0.1s", true, 0 },
		{ "", false }, { "h", false }, { "1w", false }, { "1.h", false }, { ".5h", false },
		{ "1.5.5h", false }, { "-1h", false }, { "1 h", false }, { "0x10", false },
		{ "1hh", false }, { "99999999999999999999d", false }, { "1.0000000h", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		uint64_t v = 77;
		err_t ugh = text_to_duration(span_str(row[i].text), &v);

		if ((ugh == NULL) != row[i].ok)
			fail_msg("\"%s\": %s", row[i].text, ugh ? ugh : "accepted");
		if (row[i].ok)
			assert_int_equal(v, row[i].seconds);
	}
}

static void data_comes_in_three_forms(void **state)
{
	/* hex of what is expected; NULL when the text is wrong */
	static const struct { const char *text, *hex; } row[] = {
		{ "0x0123aBcD", "0123abcd" }, { "0x01_23_45", "012345" }, { "0Xff", "ff" },
		{ "0sAQID", "010203" }, { "0sAQI=", "0102" }, { "0sAQ==", "01" },
		{ "0sAQ ID\tBA==", "01020304" }, { "0s+/+/", "fbffbf" }, { "0tabc", "616263" },
		{ "0x", NULL }, { "0x1", NULL }, { "0x_", NULL }, { "0x0g", NULL }, { "0s", NULL },
		{ "0sA", NULL }, { "0sAQ", NULL }, { "0sAQI", NULL }, { "0sA===", NULL },
		{ "0s====", NULL }, { "0sAQ=D", NULL }, { "0sAQ==AQ==", NULL }, { "0sA!==", NULL },
		{ "0sAR==", NULL },		/* hidden bits */
		{ "0sAQJ=", NULL }, { "0t", NULL }, { "0y12", NULL }, { "abcd", NULL },
		{ "", NULL }, { "0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct buf out = { 0 }, hex = { 0 };
		err_t ugh;

		buf_add_str(&out, "A");		/* what is there stays there */
		ugh = text_to_data(span_str(row[i].text), &out);
		if ((ugh == NULL) != (row[i].hex != NULL))
			fail_msg("\"%s\": %s", row[i].text, ugh ? ugh : "accepted");
		data_to_hex(span_skip(buf_span(&out), 1), &hex);
		assert_string_equal(buf_str(&hex), row[i].hex ? row[i].hex : "");
		assert_int_equal(out.ptr[0], 'A');
		buf_free(&out);
		buf_free(&hex);
	}
}

static void secrets_are_read_the_same_way(void **state)
{
	struct secret s = { 0 };

	(void)state;
	assert_null(text_to_secret(span_str("0x010203"), &s));
	assert_true(span_is(secret_span(&s), "\1\2\3"));
	assert_non_null(text_to_secret(span_str("0x01020"), &s));
	assert_true(span_is(secret_span(&s), "\1\2\3"));
	secret_free(&s);
}

static void base64_of_rfc4648_both_ways(void **state)
{
	static const struct { const char *data, *text; } row[] = {
		{ "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct buf text = { 0 }, data = { 0 };

		data_to_base64(span_str(row[i].data), &text);
		assert_string_equal(buf_str(&text), row[i].text);
		assert_null(text_to_base64(buf_span(&text), &data));
		assert_string_equal(buf_str(&data), row[i].data);
		buf_free(&text);
		buf_free(&data);
	}
}

static void nothing_unprintable_is_printed(void **state)
{
	struct buf out = { 0 };

	(void)state;
	data_to_printable(span_of("a\0\n\x1b[2J\\\x7f\xff z", 12), &out);
	assert_string_equal(buf_str(&out), "a\\000\\012\\033[2J\\134\\177\\377 z");
	buf_free(&out);
}

static void shell_words_cannot_break_out(void **state)
{
	struct buf out = { 0 };

	(void)state;
	data_to_shell(span_str("a'b $(c) `d` \"e\""), &out);
	assert_string_equal(buf_str(&out), "'a'\\''b $(c) `d` \"e\"'");
	buf_clear(&out);
	data_to_shell(SPAN_EMPTY, &out);
	assert_string_equal(buf_str(&out), "''");
	buf_free(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal_or_hexadecimal_and_whole),
		cmocka_unit_test(durations_have_units_and_fractions),
		cmocka_unit_test(data_comes_in_three_forms),
		cmocka_unit_test(secrets_are_read_the_same_way),
		cmocka_unit_test(base64_of_rfc4648_both_ways),
		cmocka_unit_test(nothing_unprintable_is_printed),
		cmocka_unit_test(shell_words_cannot_break_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
