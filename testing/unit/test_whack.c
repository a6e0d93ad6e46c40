/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whack messages, and what whack makes of the answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/alloc.h"
#include "lib/whack/client.h"

static void a_message_survives_the_way(void **state)
{
	static const char key[] = { 3, 1, 0, 1, 'n' };
	struct whack_msg m;
	struct buf b = { 0 };

	(void)state;
	whack_msg_start(&b, WHACK_CONNECTION);
	whack_msg_text(&b, WK_NAME, "west-east");
	whack_msg_text(&b, WK_IKE, NULL);
	whack_msg_uint(&b, WK_KEYLIFE, 0x123456789);
	whack_msg_flag(&b, WK_PFS);
	whack_msg_text(&b, WK_HOST + WK_RIGHT, "198.51.100.2");
	whack_msg_data(&b, WK_RSASIGKEY + WK_RIGHT, span_of(key, sizeof(key)));
	assert_null(whack_msg_parse(buf_span(&b), &m));
	assert_int_equal(m.verb, WHACK_CONNECTION);
	assert_string_equal(whack_get_text(&m, WK_NAME), "west-east");
	assert_null(whack_get_text(&m, WK_IKE));
	assert_true(whack_get_uint(&m, WK_KEYLIFE, 1) == 0x123456789);
	assert_true(whack_get_uint(&m, WK_IKELIFETIME, 7) == 7);
	assert_true(whack_has(&m, WK_PFS));
	assert_true(whack_get_uint(&m, WK_PFS, 0) == 1);
	assert_false(whack_has(&m, WK_HOST));
	assert_string_equal(whack_get_text(&m, WK_HOST + WK_RIGHT), "198.51.100.2");
	assert_true(span_eq(m.field[WK_RSASIGKEY + WK_RIGHT], span_of(key, sizeof(key))));
	assert_false(whack_has(&m, WK_MAX + 1));
	buf_free(&b);
}

static void bad_messages_are_refused(void **state)
{
	static const struct { const char *octets; size_t len; const char *why; } row[] = {
		{ "", 0, "bad magic; probably wrong version" },
		{ "FWhx\1\0\4", 7, "bad magic; probably wrong version" },
		{ "FWhk\2\0\4", 7, "whack and pluto are of different versions" },
		{ "FWhk\1\0", 6, "unknown verb" },
		{ "FWhk\1\0\0", 7, "unknown verb" },
		{ "FWhk\1\0\377", 7, "unknown verb" },
		{ "FWhk\1\0\4\0", 8, "the last field is cut short" },
		{ "FWhk\1\0\4\0\1\0\5abc\0", 15, "the last field is cut short" },
		{ "FWhk\1\0\4\0\0\0\0", 11, "a key that this version does not know" },
		{ "FWhk\1\0\4\0\120\0\0", 11, "a key that this version does not know" },
		{ "FWhk\1\0\4\377\377\0\0", 11, "a key that this version does not know" },
		{ "FWhk\1\0\4\0\1\0\3abc", 14, "a text that does not end" },
		{ "FWhk\1\0\4\0\1\0\0", 11, "a text that does not end" },
		{ "FWhk\1\0\4\0\1\0\3a\nb", 14, "a text that does not end" },
		{ "FWhk\1\0\4\0\1\0\3a\n\0", 14, "a control character in a text" },
		{ "FWhk\1\0\4\0\1\0\3a\0\0", 14, "a control character in a text" },
		{ "FWhk\1\0\4\0\2\0\1x", 12, "a flag with a value" },
		{ "FWhk\1\0\4\0\4\0\2xx", 13, "a number that is not 8 octets long" },
		{ "FWhk\1\0\4\0\2\0\0\0\2\0\0", 15, "a key that comes twice" },
	};
	struct whack_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		err_t ugh = whack_msg_parse(span_of(row[i].octets, row[i].len), &m);

		assert_non_null(ugh);
		assert_string_equal(ugh, row[i].why);
	}
}

static void each_key_has_one_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < whack_n_keys; i++) {
		const struct whack_key_desc *k = &whack_keys[i];

		assert_ptr_equal(whack_key_find(k->key), k);
		if (k->key >= WK_HOST)
			assert_ptr_equal(whack_key_find(k->key + WK_RIGHT), k);
		if (k->option)
			assert_non_null(k->help);
		for (size_t j = 0; j < i; j++)
			if (k->option && whack_keys[j].option)
				assert_string_not_equal(k->option, whack_keys[j].option);
	}
	for (unsigned int v = WHACK_NONE + 1; v < WHACK_VERB_MAX; v++)
		assert_non_null(whack_verb_name(v));
	assert_null(whack_verb_name(WHACK_NONE));
	assert_null(whack_verb_name(WHACK_VERB_MAX));
}

/* --- a Pluto that knows its lines --------------------------------------------------------- */

static pid_t answer(const char *path, const char *const *packets)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int door = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd;
	char message[256];
	pid_t pid;

	assert_true(strlen(path) < sizeof(sun.sun_path));
	memcpy(sun.sun_path, path, strlen(path) + 1);
	unlink(path);
	assert_int_equal(bind(door, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(door, 1), 0);
	pid = fork();
	if (pid) {
		close(door);
		return pid;
	}
	fd = accept(door, NULL, NULL);
	if (recv(fd, message, sizeof(message), 0) <= 0)
		_exit(1);
	for (; *packets; packets++)
		send(fd, *packets, strlen(*packets), 0);
	_exit(0);
}

static void collect(void *ctx, unsigned int code, const char *text)
{
	buf_printf(ctx, "%u:%s;", code, text);
}

static void the_exit_status_is_the_last_code_that_counts(void **state)
{
	static const struct { const char *packets[4]; int status; const char *seen; } row[] = {
		{ { NULL }, 0, "" },
		{ { "000 a\n002 b\n" }, 0, "0:a;2:b;" },
		{ { "104 \"x\" #1: STATE_MAIN_I1: initiate\n", "004 done\n" }, 0,
		  "104:\"x\" #1: STATE_MAIN_I1: initiate;4:done;" },
		{ { "004 done\n", "031 gave up\n", "002 log\n" }, 31,
		  "4:done;31:gave up;2:log;" },
		{ { "021 no connection named \"x\"\n" }, 21, "21:no connection named \"x\";" },
		{ { "999 far out\n" }, 1, "999:far out;" },
		{ { "no number\n12 short\n" }, 0, "0:no number;0:12 short;" },
	};
	char dir[] = "/tmp/test_whack.XXXXXX";
	char *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/pluto.ctl", dir);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct buf msg = { 0 }, seen = { 0 };
		pid_t pid = answer(path, row[i].packets);

		whack_msg_start(&msg, WHACK_STATUS);
		assert_int_equal(whack_call(path, &msg, collect, &seen), row[i].status);
		assert_string_equal(buf_str(&seen), row[i].seen);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		buf_free(&msg);
		buf_free(&seen);
	}
	unlink(path);
	rmdir(dir);
	free(path);
}

static void without_pluto_the_status_is_1(void **state)
{
	struct buf msg = { 0 };

	(void)state;
	whack_msg_start(&msg, WHACK_STATUS);
	assert_int_equal(whack_call("/nonexistent/pluto.ctl", &msg, NULL, NULL), 1);
	buf_free(&msg);
}

static void what_is_too_long_is_not_sent(void **state)
{
	struct buf msg = { 0 };
	char *text = xalloc(70000);

	(void)state;
	memset(text, 'x', 69999);
	whack_msg_start(&msg, WHACK_CONNECTION);
	whack_msg_text(&msg, WK_NAME, text);
	assert_int_equal(whack_call("/nonexistent/pluto.ctl", &msg, NULL, NULL), 1);
	free(text);
	buf_free(&msg);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_survives_the_way),
		cmocka_unit_test(bad_messages_are_refused),
		cmocka_unit_test(each_key_has_one_row),
		cmocka_unit_test(the_exit_status_is_the_last_code_that_counts),
		cmocka_unit_test(without_pluto_the_status_is_1),
		cmocka_unit_test(what_is_too_long_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
