/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksums of transport headers behind a NAT: RFC 1624's arithmetic, against one that adds
 * everything up, and RFC 768's zero.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "klips/checksum.h"

static uint32_t add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* RFC 768 and RFC 9293 section 3.1: over the pseudo-header and all of the packet. */
static void sum_all(uint8_t proto, const uint8_t *src, const uint8_t *dst, size_t alen,
		    uint8_t *p, size_t len)
{
	uint8_t rest[4] = { 0, proto, (uint8_t)(len >> 8), (uint8_t)len };
	uint8_t *check = p + klips_checksum_at(proto);
	uint32_t sum;

	check[0] = check[1] = 0;
	sum = add(add(add(add(0, src, alen), dst, alen), rest, sizeof(rest)), p, len);
	sum = ~sum & 0xffff;
	if (!sum && klips_checksum_optional(proto))
		sum = 0xffff;
	check[0] = (uint8_t)(sum >> 8);
	check[1] = (uint8_t)sum;
}

static void a_known_example_comes_out(void **state)
{
	/* RFC 1624 section 4: 0x5555 becomes 0x3285 under a sum of 0xDD2F: 0x0000 results. */
	uint8_t was[2] = { 0x55, 0x55 }, is[2] = { 0x32, 0x85 };
	uint8_t check[2] = { 0xdd, 0x2f };

	(void)state;
	klips_checksum_changed(IPPROTO_TCP, check, was, is, 2);
	assert_int_equal(check[0] << 8 | check[1], 0x0000);
}

static void a_changed_address_gives_what_adding_up_gives(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6 };
	uint8_t packet[64], wanted[64], was[16], is[16], dst[16];

	(void)state;
	srand(1);
	for (int i = 0; i < 30000; i++) {
		uint8_t proto = protos[i % 3];
		size_t alen = i % 2 || proto == IPPROTO_ICMPV6 ? 16 : 4;
		size_t len = 20 + (size_t)rand() % 45;

		for (size_t j = 0; j < sizeof(packet); j++)
			packet[j] = (uint8_t)rand();
		for (size_t j = 0; j < 16; j++) {
			was[j] = (uint8_t)rand();
			is[j] = (uint8_t)rand();
			dst[j] = (uint8_t)rand();
		}
		memcpy(wanted, packet, sizeof(packet));
		sum_all(proto, was, dst, alen, packet, len);
		sum_all(proto, is, dst, alen, wanted, len);
		klips_checksum_changed(proto, packet + klips_checksum_at(proto), was, is, alen);
		assert_memory_equal(packet, wanted, len);
	}
}

static void all_ones_and_all_zeros_meet_every_checksum(void **state)
{
	uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff }, zeros[4] = { 0 };

	(void)state;
	for (unsigned int v = 1; v <= 0xffff; v++) {
		uint8_t there[2] = { (uint8_t)(v >> 8), (uint8_t)v };

		/* In one's complement they are the same number, so nothing changes. */
		klips_checksum_changed(IPPROTO_UDP, there, zeros, ones, 4);
		assert_int_equal(there[0] << 8 | there[1], v);
		klips_checksum_changed(IPPROTO_UDP, there, ones, zeros, 4);
		assert_int_equal(there[0] << 8 | there[1], v);
	}
}

static void no_checksum_of_udp_stays_none(void **state)
{
	uint8_t was[4] = { 10, 0, 0, 1 }, is[4] = { 192, 0, 2, 1 }, check[2] = { 0, 0 };

	(void)state;
	klips_checksum_changed(IPPROTO_UDP, check, was, is, 4);
	assert_int_equal(check[0] | check[1], 0);
	klips_checksum_changed(IPPROTO_TCP, check, was, is, 4);
	assert_int_not_equal(check[0] | check[1], 0);
}

static void a_checksum_of_udp_never_becomes_none(void **state)
{
	/* The example above once more: TCP gets zero, UDP the other zero. */
	uint8_t was[2] = { 0x55, 0x55 }, is[2] = { 0x32, 0x85 };
	uint8_t check[2] = { 0xdd, 0x2f };

	(void)state;
	klips_checksum_changed(IPPROTO_UDP, check, was, is, 2);
	assert_int_equal(check[0] << 8 | check[1], 0xffff);
}

static void a_wrong_checksum_stays_wrong(void **state)
{
	uint8_t packet[20] = { 1, 2, 3 }, right[20] = { 1, 2, 3 };
	uint8_t was[4] = { 10, 0, 0, 1 }, is[4] = { 192, 0, 2, 1 }, dst[4] = { 192, 0, 2, 2 };

	(void)state;
	sum_all(IPPROTO_TCP, was, dst, 4, packet, sizeof(packet));
	sum_all(IPPROTO_TCP, is, dst, 4, right, sizeof(right));
	packet[16] ^= 0x40;
	klips_checksum_changed(IPPROTO_TCP, packet + 16, was, is, 4);
	assert_memory_not_equal(packet + 16, right + 16, 2);
}

static void protocols_without_a_pseudo_header_have_none(void **state)
{
	(void)state;
	assert_int_equal(klips_checksum_at(IPPROTO_TCP), 16);
	assert_int_equal(klips_checksum_at(IPPROTO_UDP), 6);
	assert_int_equal(klips_checksum_at(IPPROTO_ICMP), -1);
	assert_int_equal(klips_checksum_at(IPPROTO_SCTP), -1);
	assert_int_equal(klips_checksum_at(0), -1);
	assert_int_equal(klips_checksum_at(255), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_example_comes_out),
		cmocka_unit_test(a_changed_address_gives_what_adding_up_gives),
		cmocka_unit_test(all_ones_and_all_zeros_meet_every_checksum),
		cmocka_unit_test(no_checksum_of_udp_stays_none),
		cmocka_unit_test(a_checksum_of_udp_never_becomes_none),
		cmocka_unit_test(a_wrong_checksum_stays_wrong),
		cmocka_unit_test(protocols_without_a_pseudo_header_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
