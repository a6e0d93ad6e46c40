// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Log lines: their prefixes, where they go, and how often strangers may cause them.
 */
#include "testing/unit/fake_pluto.h"

#include "pluto/plog.h"

static void prefix_says_whom_a_line_is_about(void **state)
{
	struct connection conn = { .name = (char *)(uintptr_t)"west-east" };
	struct connection inst = { .name = (char *)(uintptr_t)"road", .kind = CK_INSTANCE,
				   .instance = 2, .that.host = addr_of("203.0.113.9") };
	const struct {
		struct subject s;
		const char *prefix;
	} cases[] = {
		{ { .c = &conn, .serial = 7 }, "\"west-east\" #7: " },
		{ { .c = &conn }, "\"west-east\": " },
		{ { .c = &inst, .serial = 7 }, "\"road\"[2] 203.0.113.9 #7: " },
		{ { .from = { addr_of("203.0.113.9"), 500 } }, "packet from 203.0.113.9:500: " },
		{ { .serial = 3 }, "#3: " },
		{ { 0 }, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf b = { 0 };

		plog_prefix(&cases[i].s, &b);
		assert_string_equal(buf_str(&b), cases[i].prefix);
		buf_free(&b);
	}
}

static void line_goes_to_the_log_and_to_who_waits(void **state)
{
	struct connection conn = { .name = (char *)(uintptr_t)"x" };
	struct subject s = { .pluto = &pluto, .c = &conn, .serial = 1, .reply = &whack };

	(void)state;
	plog(&s, RC_LOG_SERIOUS, "no luck with %d", 3);
	assert_string_equal(buf_str(&logged), "\"x\" #1: no luck with 3\n");
	assert_string_equal(buf_str(&said), "003 \"x\" #1: no luck with 3\n");
	plog_quiet(&s, "secretive");
	assert_non_null(strstr(buf_str(&logged), "secretive"));
	assert_null(strstr(buf_str(&said), "secretive"));
}

static void chatter_stays_out_of_the_log(void **state)
{
	struct subject s = { .pluto = &pluto, .reply = &whack };

	(void)state;
	plog(&s, RC_COMMENT, "just so");
	assert_string_equal(buf_str(&logged), "");
	assert_string_equal(buf_str(&said), "000 just so\n");
}

static void strangers_cause_ten_lines_a_second(void **state)
{
	struct plog_limit l = { 0 };
	unsigned int lines = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		lines += plog_limited(&l);
	assert_int_equal(lines, 10);
	fake_now += 1000;
	assert_true(plog_limited(&l));
	assert_non_null(strstr(buf_str(&logged), "990 more lines"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, fresh, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(prefix_says_whom_a_line_is_about),
		T(line_goes_to_the_log_and_to_who_waits),
		T(chatter_stays_out_of_the_log),
		T(strangers_cause_ten_lines_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
