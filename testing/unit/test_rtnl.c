// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The little rtnetlink of tncfg, utils/common/rtnl.c, over a socket pair with the test
 * at the kernel's end: what it makes of honest answers, and of broken ones.
 *
 * Requests are numbered from 1 within the process, so the answer to the next one can be
 * queued before it is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "utils/common/rtnl.h"

static int ours, kernels;
static uint32_t next_seq = 1;

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

/* A link as the kernel shows it; for the test to spoil. */
static void show_link(struct rtnl_req *r, int index, const char *name, const char *kind)
{
	size_t nest;

	rtnl_start(r, RTM_NEWLINK, NLM_F_MULTI, index);
	r->hdr.nlmsg_seq = next_seq;
	rtnl_add_str(r, IFLA_IFNAME, name);
	rtnl_add_u32(r, IFLA_LINK, 3);
	if (kind) {
		nest = rtnl_nest(r, IFLA_LINKINFO);
		rtnl_add_str(r, IFLA_INFO_KIND, kind);
		rtnl_nest_end(r, nest);
	}
	assert_false(r->overflow);
}

static void say(const void *octets, size_t len)
{
	assert_int_equal(send(kernels, octets, len, 0), len);
}

static void say_link(int index, const char *name, const char *kind)
{
	struct rtnl_req r;

	show_link(&r, index, name, kind);
	say(r.octets, r.hdr.nlmsg_len);
}

static void say_end(uint16_t type, int err)
{
	struct {
		struct nlmsghdr hdr;
		struct nlmsgerr e;
	} m = {
		.hdr = { .nlmsg_len = sizeof(m), .nlmsg_type = type, .nlmsg_seq = next_seq },
		.e = { .error = err },
	};

	say(&m, sizeof(m));
}

struct seen {
	struct rtnl_link link[4];
	size_t n, enough;
};

static bool see(const struct rtnl_link *link, void *arg)
{
	struct seen *s = arg;

	s->link[s->n++] = *link;
	return s->n < s->enough;
}

static int links(struct seen *s)
{
	next_seq++;
	return rtnl_links(ours, see, s);
}

static int ask(struct rtnl_error *e)
{
	struct rtnl_req r;

	rtnl_start(&r, RTM_DELLINK, 0, 5);
	next_seq++;
	return rtnl_ask(ours, &r, e);
}

static void links_are_listed_with_kind_and_lower_device(void **state)
{
	struct seen s = { .enough = 4 };

	(void)state;
	say_link(1, "lo", NULL);
	say_link(2, "ipsec0", "ipsec");
	say_end(NLMSG_DONE, 0);
	assert_int_equal(links(&s), 0);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.link[0].kind, "");
	assert_int_equal(s.link[1].index, 2);
	assert_int_equal(s.link[1].lower, 3);
	assert_string_equal(s.link[1].name, "ipsec0");
	assert_string_equal(s.link[1].kind, "ipsec");
}

static void who_has_seen_enough_hears_no_more(void **state)
{
	struct seen s = { .enough = 1 };

	(void)state;
	say_link(1, "a", NULL);
	say_link(2, "b", NULL);
	say_end(NLMSG_DONE, 0);
	assert_int_equal(links(&s), 0);
	assert_int_equal(s.n, 1);
}

static void answers_to_other_requests_are_skipped(void **state)
{
	struct rtnl_error e;

	(void)state;
	next_seq += 100;
	say_end(NLMSG_ERROR, -EPERM);
	next_seq -= 100;
	say_end(NLMSG_ERROR, 0);
	assert_int_equal(ask(&e), 0);
}

static void an_error_comes_with_the_words_of_the_kernel(void **state)
{
	struct {
		struct nlmsghdr hdr;
		struct nlmsgerr e;
		struct rtattr attr;
		char text[16];
	} m = {
		.hdr = { .nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_ERROR,
			 .nlmsg_flags = NLM_F_ACK_TLVS, .nlmsg_seq = next_seq },
		.e = { .error = -ENODEV },
		.attr = { .rta_len = sizeof(m.attr) + 15, .rta_type = NLMSGERR_ATTR_MSG },
		.text = "no such device",
	};
	struct rtnl_error e;

	(void)state;
	say(&m, sizeof(m));
	assert_int_equal(ask(&e), -ENODEV);
	assert_string_equal(e.text, "no such device");
}

/* Each octet of a link in turn, as 0 and as 255: nothing may be read past the end. */
static void a_damaged_link_is_survived(void **state)
{
	struct rtnl_req good, bad;

	(void)state;
	show_link(&good, 2, "ipsec0", "ipsec");
	for (size_t i = 0; i < good.hdr.nlmsg_len; i++) {
		for (int v = 0; v < 256; v += 255) {
			struct seen s = { .enough = 4 };

			bad = good;
			bad.hdr.nlmsg_seq = next_seq;
			bad.octets[i] = (uint8_t)v;
			say(bad.octets, good.hdr.nlmsg_len);
			say_end(NLMSG_DONE, 0);
			(void)links(&s);
			if (s.n)
				assert_true(memchr(s.link[0].name, 0, IFNAMSIZ));
			while (recv(ours, bad.octets, sizeof(bad.octets), MSG_DONTWAIT) > 0)
				;
		}
	}
}

static void a_request_that_does_not_fit_is_not_sent(void **state)
{
	char text[600];
	struct rtnl_req r;
	size_t nest;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rtnl_start(&r, RTM_NEWLINK, 0, 0);
	nest = rtnl_nest(&r, IFLA_LINKINFO);
	rtnl_add_str(&r, IFLA_IFNAME, text);
	rtnl_nest_end(&r, nest);
	assert_int_equal(rtnl_ask(ours, &r, NULL), -EMSGSIZE);
	assert_int_equal(recv(kernels, text, sizeof(text), MSG_DONTWAIT), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(links_are_listed_with_kind_and_lower_device),
		TEST(who_has_seen_enough_hears_no_more),
		TEST(answers_to_other_requests_are_skipped),
		TEST(an_error_comes_with_the_words_of_the_kernel),
		TEST(a_damaged_link_is_survived),
		TEST(a_request_that_does_not_fit_is_not_sent),
	};

	return cmocka_run_group_tests_name("rtnl", tests, NULL, NULL);
}
