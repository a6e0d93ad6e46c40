/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors: which flow would answer the packet that they quote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "klips/icmperr.h"

/* 203.0.113.9 to 10.0.0.1, time exceeded, about 10.0.0.1:1025 > 192.0.2.7:33434, UDP */
static const u8 exceeded4[] = {
	0x45, 0, 0, 56, 0, 1, 0, 0, 255, 1, 0, 0, 203, 0, 113, 9, 10, 0, 0, 1,
	11, 0, 0, 0, 0, 0, 0, 0,
	0x45, 0, 0, 60, 0, 2, 0, 0, 1, 17, 0, 0, 10, 0, 0, 1, 192, 0, 2, 7,
	0x04, 0x01, 0x82, 0x9a, 0, 40, 0, 0,
};
#define OUTER_FRAG	6
#define OUTER_DST	19
#define ICMP_TYPE	20
#define QUOTE		28
#define QUOTE_FRAG	(QUOTE + 6)
#define QUOTE_PROTO	(QUOTE + 9)
#define QUOTE_DATA	(QUOTE + 20)

/* 2001:db8::9 to 2001:db8:1::1, too big, about 2001:db8:1::1 > 2001:db8:2::7, ESP */
static const u8 too_big6[] = {
	0x60, 0, 0, 0, 0, 56, 58, 64,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
	0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	2, 0, 0, 0, 0, 0, 5, 0,
	0x60, 0, 0, 0, 5, 0xdc, 50, 63,
	0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7,
	0, 0, 0x10, 1, 0, 0, 0, 1,
};

static void error_names_the_answer_to_what_it_quotes(void **state)
{
	struct klips_selector a;

	(void)state;
	assert_true(klips_icmp_error_flow(exceeded4, sizeof(exceeded4), &a));
	assert_int_equal(a.family, AF_INET);
	assert_int_equal(a.proto, IPPROTO_UDP);
	assert_int_equal(a.src_bits, 32);
	assert_memory_equal(a.src.octet, ((u8[]){ 192, 0, 2, 7 }), 4);
	assert_memory_equal(a.dst.octet, ((u8[]){ 10, 0, 0, 1 }), 4);
	assert_int_equal(a.sport, htons(33434));
	assert_int_equal(a.dport, htons(1025));

	assert_true(klips_icmp_error_flow(too_big6, sizeof(too_big6), &a));
	assert_int_equal(a.family, AF_INET6);
	assert_int_equal(a.proto, IPPROTO_ESP);
	assert_int_equal(a.src.octet[5], 2);
	assert_int_equal(a.dst.octet[5], 1);
}

static void other_packets_are_no_errors(void **state)
{
	static const struct { size_t at; u8 octet; bool error; } row[] = {
		{ ICMP_TYPE, 3, true }, { ICMP_TYPE, 4, true }, { ICMP_TYPE, 12, true },
		{ ICMP_TYPE, 0, false }, { ICMP_TYPE, 8, false },
		{ ICMP_TYPE, 5, false },		/* a redirect asks for something */
		{ 9, IPPROTO_UDP, false },
		{ OUTER_FRAG, 0x20, false },		/* more fragments */
		{ OUTER_DST, 2, false },		/* for another than the sender */
		{ QUOTE, 0x55, false }, { QUOTE, 0x44, false }, { QUOTE, 0x4f, false },
		{ QUOTE_FRAG, 0x20, true },		/* what it quotes may be one */
	};
	u8 packet[sizeof(exceeded4)];
	struct klips_selector a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		memcpy(packet, exceeded4, sizeof(packet));
		packet[row[i].at] = row[i].octet;
		if (klips_icmp_error_flow(packet, sizeof(packet), &a) != row[i].error)
			fail_msg("octet %zu = %u", row[i].at, row[i].octet);
	}
}

static void error_about_an_error_is_none(void **state)
{
	u8 packet[sizeof(exceeded4)];
	struct klips_selector a;

	(void)state;
	memcpy(packet, exceeded4, sizeof(packet));
	packet[QUOTE_PROTO] = IPPROTO_ICMP;
	packet[QUOTE_DATA] = 8;			/* echo: traceroute -I sends it */
	assert_true(klips_icmp_error_flow(packet, sizeof(packet), &a));
	packet[QUOTE_DATA] = 11;
	assert_false(klips_icmp_error_flow(packet, sizeof(packet), &a));
}

static void error_cut_off_is_none(void **state)
{
	struct klips_selector a;

	(void)state;
	for (size_t head = 0; head < QUOTE_DATA; head++)
		assert_false(klips_icmp_error_flow(exceeded4, head, &a));
	/* Without its ports the flow has none, and fits only selectors that ask for none. */
	assert_true(klips_icmp_error_flow(exceeded4, QUOTE_DATA + 3, &a));
	assert_int_equal(a.sport, 0);
	for (size_t head = 0; head < 88; head++)
		assert_false(klips_icmp_error_flow(too_big6, head, &a));
	assert_true(klips_icmp_error_flow(too_big6, 88, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_names_the_answer_to_what_it_quotes),
		cmocka_unit_test(other_packets_are_no_errors),
		cmocka_unit_test(error_about_an_error_is_none),
		cmocka_unit_test(error_cut_off_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
