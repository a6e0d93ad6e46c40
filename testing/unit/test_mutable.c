/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What AH protects of an IP header: RFC 4302 appendix A, row by row, and headers that
 * nobody sends by mistake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "klips/mutable.h"

#define AH	51

struct bytes {
	size_t len;
	u8 at[256];
};

/* An IPv4 header with these options, padded with zeros; to 192.0.2.2. */
static struct bytes v4(const u8 *options, size_t n)
{
	struct bytes b = { .len = 20 + (n + 3) / 4 * 4, .at = {
		0x45, 0xb8, 0x00, 0x54, 0x12, 0x34, 0x40, 0x00,
		0x40, AH, 0xab, 0xcd, 192, 0, 2, 1, 192, 0, 2, 2,
	} };

	b.at[0] = (u8)(0x40 | b.len / 4);
	if (n)
		memcpy(b.at + 20, options, n);
	return b;
}

/* An IPv6 header, next header first, with these octets behind it; to ::2. */
static struct bytes v6(u8 first, const u8 *ext, size_t n)
{
	struct bytes b = { .len = 40 + n, .at = { 0x6b, 0x81, 0x23, 0x45, 0, 32, first, 64 } };

	b.at[23] = 1;
	b.at[39] = 2;
	if (n)
		memcpy(b.at + 40, ext, n);
	return b;
}

/* The same from memory of just that size, so that a sanitizer sees what is read beyond. */
static int clear(struct bytes *b)
{
	u8 *exact = malloc(b->len ? b->len : 1);
	int err;

	assert_non_null(exact);
	memcpy(exact, b->at, b->len);
	err = klips_mutable_clear(exact, b->len);
	memcpy(b->at, exact, b->len);
	free(exact);
	return err;
}

static void v4_header_keeps_what_routers_leave_alone(void **state)
{
	static const u8 expected[20] = {
		0x45, 0, 0x00, 0x54, 0x12, 0x34, 0, 0,
		0, AH, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
	};
	struct bytes b = v4(NULL, 0);

	(void)state;
	assert_int_equal(clear(&b), 0);
	assert_memory_equal(b.at, expected, sizeof(expected));
}

/* RFC 4302 appendix A1: every option that it lists. */
static void v4_options_stay_or_go_as_the_appendix_says(void **state)
{
	static const struct { u8 type; bool stays; } row[] = {
		{ 130, true },	/* security */
		{ 133, true },	/* extended security */
		{ 134, true },	/* commercial security */
		{ 148, true },	/* router alert */
		{ 149, true },	/* sender directed multi-destination delivery */
		{ 68, false },	/* time stamp */
		{ 7, false },	/* record route */
		{ 82, false },	/* traceroute */
		{ 136, false },	/* stream ID */
		{ 11, false },	/* MTU probe */
		{ 12, false },	/* MTU reply */
		{ 145, false },	/* extended internet protocol */
		{ 10, false },	/* experimental measurement */
		{ 205, false },	/* experimental flow control */
		{ 142, false },	/* experimental access control */
		{ 15, false },
		{ 144, false },	/* IMI traffic descriptor */
		{ 147, false },	/* address extension */
		{ 99, false },	/* nobody's */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		const u8 options[8] = { 1, row[i].type, 5, 0xaa, 0xbb, 0xcc, 1, 0 };
		const u8 without[8] = { 1, 0, 0, 0, 0, 0, 1, 0 };
		struct bytes b = v4(options, sizeof(options));

		assert_int_equal(clear(&b), 0);
		if (memcmp(b.at + 20, row[i].stays ? options : without, 8))
			fail_msg("option %u", row[i].type);
	}
}

static void v4_end_of_options_ends_them(void **state)
{
	/* What follows the end is no option, whatever it looks like. */
	static const u8 options[8] = { 1, 0, 7, 0, 99, 200, 68, 1 };
	struct bytes b = v4(options, sizeof(options));

	(void)state;
	assert_int_equal(clear(&b), 0);
	assert_memory_equal(b.at + 20, options, sizeof(options));
}

/* The sender's packet and the receiver's, which the route has changed, must come out equal. */
static void v4_source_route_is_followed_to_its_end(void **state)
{
	static const u8 types[] = { 131, 137 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		/* To go: 10.0.0.7, then 203.0.113.9; and where it has been when it arrives. */
		u8 sent[12] = { types[i], 11, 4, 10, 0, 0, 7, 203, 0, 113, 9, 0 };
		u8 got[12] = { types[i], 11, 12, 10, 0, 0, 1, 10, 0, 0, 2, 0 };
		struct bytes a = v4(sent, sizeof(sent)), b = v4(got, sizeof(got));

		memcpy(b.at + 16, "\xcb\x00\x71\x09", 4);
		b.at[8] = 61;
		assert_int_equal(clear(&a), 0);
		assert_int_equal(clear(&b), 0);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.at, b.at, a.len);
		assert_memory_equal(a.at + 16, "\xcb\x00\x71\x09", 4);
	}
}

static void v4_hostile_headers_are_refused(void **state)
{
	static const struct { const char *what; size_t n; u8 options[12]; } row[] = {
		{ "length 0", 4, { 7, 0, 0, 0 } },
		{ "length 1", 4, { 7, 1, 0, 0 } },
		{ "past the end", 4, { 7, 5, 4, 0 } },
		{ "far past the end", 4, { 148, 255, 0, 0 } },
		{ "no room for a length", 4, { 1, 1, 1, 7 } },
		{ "route without an address", 4, { 131, 3, 4, 0 } },
		{ "route with half an address", 8, { 131, 5, 4, 10, 0, 1, 1, 0 } },
		{ "route, pointer 0", 8, { 131, 7, 0, 10, 0, 0, 1, 0 } },
		{ "route, pointer 5", 8, { 137, 7, 5, 10, 0, 0, 1, 0 } },
		{ "two routes in eight octets", 8, { 131, 7, 4, 10, 0, 0, 1, 137 } },
	};
	static const u8 two[16] = { 131, 7, 4, 10, 0, 0, 1, 1, 137, 7, 4, 10, 0, 0, 2, 1 };
	struct bytes b = v4(two, sizeof(two));

	(void)state;
	assert_int_equal(clear(&b), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		b = v4(row[i].options, row[i].n);
		if (clear(&b) != -EINVAL)
			fail_msg("%s", row[i].what);
	}
}

static void v4_length_must_be_that_of_the_header(void **state)
{
	static const u8 nops[4] = { 1, 1, 1, 1 };
	struct bytes b;

	(void)state;
	for (size_t len = 0; len < 60; len++) {
		b = v4(nops, sizeof(nops));
		b.len = len;
		assert_int_equal(clear(&b), len == 24 ? 0 : -EINVAL);
	}
	b = v4(NULL, 0);
	b.at[0] = 0x44;
	assert_int_equal(clear(&b), -EINVAL);
	b = v4(NULL, 0);
	b.at[9] = 6;
	assert_int_equal(clear(&b), -EINVAL);
	b = v4(NULL, 0);
	b.at[0] = 0x55;
	assert_int_equal(clear(&b), -EINVAL);
}

static void v6_header_keeps_what_routers_leave_alone(void **state)
{
	struct bytes b = v6(AH, NULL, 0), expected = b;

	(void)state;
	memcpy(expected.at, "\x60\x00\x00\x00\x00\x20\x33\x00", 8);
	assert_int_equal(clear(&b), 0);
	assert_memory_equal(b.at, expected.at, 40);
}

static void v6_options_go_by_the_bit_in_their_type(void **state)
{
	static const u8 headers[] = { 0, 60 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		for (unsigned int type = 1; type < 256; type++) {
			const u8 ext[16] = {
				AH, 1, 0, 0, (u8)type, 4, 1, 2, 3, 4, 0, 1, 3, 9, 9, 9,
			};
			struct bytes b = v6(headers[i], ext, sizeof(ext));
			u8 expected[16];

			memcpy(expected, ext, sizeof(ext));
			if (type & 0x20)
				memset(expected + 6, 0, 4);
			assert_int_equal(clear(&b), 0);
			if (memcmp(b.at + 40, expected, sizeof(expected)))
				fail_msg("header %u, option %u", headers[i], type);
		}
	}
}

/* RFC 2460 section 4.4 has the example: from S by I1, I2, I3 to D. */
static void v6_routing_header_is_followed_to_its_end(void **state)
{
	u8 sent[56] = { AH, 6, 0, 3 }, got[56] = { AH, 6, 0, 0 };
	struct bytes a, b;

	(void)state;
	sent[8 + 15] = 0x12;	/* I2, I3, D; the destination is I1 */
	sent[24 + 15] = 0x13;
	sent[40 + 15] = 0xd;
	got[8 + 15] = 0x11;
	got[24 + 15] = 0x12;
	got[40 + 15] = 0x13;
	for (int stage = 0; stage < 4; stage++) {
		a = v6(43, sent, sizeof(sent));
		a.at[39] = (u8[]){ 0x11, 0x12, 0x13, 0xd }[stage];
		b = v6(43, got, sizeof(got));
		b.at[39] = 0xd;
		assert_int_equal(clear(&a), 0);
		assert_int_equal(clear(&b), 0);
		if (a.len != b.len || memcmp(a.at, b.at, a.len))
			fail_msg("after %d hops", stage);
		if (stage < 3) {	/* one hop: the destination changes places */
			sent[8 + stage * 16 + 15] = (u8)(0x11 + stage);
			sent[3]--;
		}
	}
}

static void v6_mobile_route_is_followed_too(void **state)
{
	u8 sent[24] = { AH, 2, 2, 1 };
	struct bytes a;

	(void)state;
	sent[8 + 15] = 0x77;
	a = v6(43, sent, sizeof(sent));
	assert_int_equal(clear(&a), 0);
	assert_int_equal(a.at[39], 0x77);
	assert_int_equal(a.at[40 + 8 + 15], 2);
	assert_int_equal(a.at[43], 0);
}

static void v6_chain_of_headers_is_walked(void **state)
{
	u8 ext[40] = {
		43, 0, 0x3e, 4, 1, 2, 3, 4,		/* hop-by-hop: an option that may change */
		60, 2, 4, 0, 9, 9, 9, 9,		/* routing, of a strange type */
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		AH, 0, 0x1e, 4, 5, 6, 7, 8,		/* destination: one that may not */
	};
	struct bytes b = v6(0, ext, sizeof(ext));

	(void)state;
	memset(ext + 4, 0, 4);
	assert_int_equal(clear(&b), 0);
	assert_memory_equal(b.at + 40, ext, sizeof(ext));
}

static void v6_hostile_headers_are_refused(void **state)
{
	static const struct { const char *what; u8 first; size_t n; u8 ext[24]; } row[] = {
		{ "something else than AH", 6, 0, { 0 } },
		{ "seven octets of extension", 0, 7, { AH, 0, 1, 4 } },
		{ "an extension past the end", 0, 8, { AH, 1, 1, 4 } },
		{ "an extension far past the end", 60, 8, { AH, 255, 1, 4 } },
		{ "AH too early", AH, 8, { 6, 0, 1, 4 } },
		{ "AH too late", 0, 8, { 60, 0, 1, 4 } },
		{ "a fragment", 44, 8, { AH, 0, 0, 1, 0, 0, 0, 9 } },
		{ "an unknown extension", 135, 8, { AH, 0, 1, 4 } },
		{ "option without a length", 0, 8, { AH, 0, 1, 3, 0, 0, 0, 5 } },
		{ "option past the end", 0, 8, { AH, 0, 5, 5, 0, 0, 0, 0 } },
		{ "option far past the end", 60, 8, { AH, 0, 0x3e, 255, 0, 0, 0, 0 } },
		{ "more hops than addresses", 43, 24, { AH, 2, 0, 2 } },
		{ "hops without addresses", 43, 8, { AH, 0, 0, 1 } },
		{ "half an address", 43, 16, { AH, 1, 0, 1 } },
		{ "a route of another kind", 43, 24, { AH, 2, 4, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct bytes b = v6(row[i].first, row[i].ext, row[i].n);

		if (clear(&b) != -EINVAL)
			fail_msg("%s", row[i].what);
	}
	for (size_t len = 0; len < 40; len++) {
		struct bytes b = v6(AH, NULL, 0);

		b.len = len;
		assert_int_equal(clear(&b), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v4_header_keeps_what_routers_leave_alone),
		cmocka_unit_test(v4_options_stay_or_go_as_the_appendix_says),
		cmocka_unit_test(v4_end_of_options_ends_them),
		cmocka_unit_test(v4_source_route_is_followed_to_its_end),
		cmocka_unit_test(v4_hostile_headers_are_refused),
		cmocka_unit_test(v4_length_must_be_that_of_the_header),
		cmocka_unit_test(v6_header_keeps_what_routers_leave_alone),
		cmocka_unit_test(v6_options_go_by_the_bit_in_their_type),
		cmocka_unit_test(v6_routing_header_is_followed_to_its_end),
		cmocka_unit_test(v6_mobile_route_is_followed_too),
		cmocka_unit_test(v6_chain_of_headers_is_walked),
		cmocka_unit_test(v6_hostile_headers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
