// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program's side of PF_KEY: lib/pfkey/sock.c over a socket pair, with the test at
 * the kernel's end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "lib/pfkey/sock.h"

static int ours, kernels;

static int setup(void **state)
{
	int fd[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -1;
	ours = fd[0];
	kernels = fd[1];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(ours);
	close(kernels);
	return 0;
}

struct said_by {
	unsigned int type;
	uint32_t seq, pid;
	uint8_t err;
};

/* The kernel says a bare header; FLUSH and errors are nothing more. */
static void tell(struct said_by m)
{
	uint64_t octets[2];
	struct pfkey_out o;

	pfkey_start(&o, octets, sizeof(octets), m.type, SADB_SATYPE_ESP, m.seq, m.pid);
	assert_int_equal(pfkey_finish(&o), 16);
	((struct sadb_msg *)octets)->sadb_msg_errno = m.err;
	assert_int_equal(send(kernels, octets, sizeof(octets), 0), 16);
}

static int ask(struct pfkey_reply *r)
{
	uint64_t octets[2];
	struct pfkey_out o;

	pfkey_start(&o, octets, sizeof(octets), SADB_FLUSH, SADB_SATYPE_ESP, 7, 100);
	return pfkey_ask(ours, octets, (size_t)pfkey_finish(&o), r);
}

static void the_answer_is_found_among_what_others_hear(void **state)
{
	struct pfkey_reply r;

	(void)state;
	tell((struct said_by){ SADB_FLUSH, 8, 100, 0 });	/* another request of ours */
	tell((struct said_by){ SADB_FLUSH, 7, 101, EEXIST });	/* somebody else's */
	tell((struct said_by){ SADB_REGISTER, 7, 100, 0 });
	tell((struct said_by){ SADB_FLUSH, 7, 100, 0 });
	assert_int_equal(ask(&r), 0);
	assert_int_equal(r.m.base->sadb_msg_seq, 7);
	assert_int_equal(r.m.base->sadb_msg_pid, 100);
}

static void a_refusal_is_the_errno_of_the_answer(void **state)
{
	struct pfkey_reply r;

	(void)state;
	tell((struct said_by){ SADB_FLUSH, 7, 100, ESRCH });
	assert_int_equal(ask(&r), -ESRCH);
}

static void what_is_malformed_or_too_long_is_skipped(void **state)
{
	static uint64_t junk[PFKEY_MSG_MAX / 8 + 16];
	struct pfkey_reply r;

	(void)state;
	assert_int_equal(send(kernels, junk, 8, 0), 8);
	assert_int_equal(send(kernels, junk, 16, 0), 16);
	assert_int_equal(send(kernels, junk, sizeof(junk), 0), sizeof(junk));
	tell((struct said_by){ SADB_EXPIRE, 7, 100, 0 });	/* lacks everything */
	tell((struct said_by){ SADB_FLUSH, 7, 100, 0 });
	assert_int_equal(ask(&r), 0);
}

static void a_silent_kernel_is_not_waited_for_forever(void **state)
{
	struct pfkey_reply r;

	(void)state;
	assert_int_equal(pfkey_receive(ours, &r, 0), -ETIMEDOUT);
	assert_int_equal(pfkey_receive(ours, &r, 20), -ETIMEDOUT);
}

static void a_stub_of_a_message_is_not_sent(void **state)
{
	struct pfkey_reply r;
	uint64_t octets[2] = { 0 };

	(void)state;
	assert_int_equal(pfkey_ask(ours, octets, 8, &r), -EMSGSIZE);
	assert_int_equal(recv(kernels, octets, sizeof(octets), MSG_DONTWAIT), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_answer_is_found_among_what_others_hear),
		TEST(a_refusal_is_the_errno_of_the_answer),
		TEST(what_is_malformed_or_too_long_is_skipped),
		TEST(a_silent_kernel_is_not_waited_for_forever),
		TEST(a_stub_of_a_message_is_not_sent),
	};

	return cmocka_run_group_tests_name("pfkey_sock", tests, NULL, NULL);
}
