/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Selectors: from packets to flows, from flows to the eroute that wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "klips/selector.h"

/* "10.0.0.0/8:25 > 192.0.2.1/32:0 6": source, destination, protocol. */
static struct klips_selector sel(const char *text)
{
	struct klips_selector s = { .family = AF_INET };
	char src[64], dst[64];
	unsigned int sb, db, sp, dp, proto;

	assert_int_equal(sscanf(text, "%63[^/]/%u:%u > %63[^/]/%u:%u %u", src, &sb, &sp, dst, &db,
				&dp, &proto), 7);
	if (strchr(src, ':'))
		s.family = AF_INET6;
	assert_int_equal(inet_pton(s.family, src, &s.src), 1);
	assert_int_equal(inet_pton(s.family, dst, &s.dst), 1);
	s.src_bits = (u8)sb;
	s.dst_bits = (u8)db;
	s.sport = htons((uint16_t)sp);
	s.dport = htons((uint16_t)dp);
	s.proto = (u8)proto;
	return s;
}

static void wide_covers_narrow(void **state)
{
	static const struct { const char *wide, *narrow; bool covers; } row[] = {
		{ "0.0.0.0/0:0 > 0.0.0.0/0:0 0", "10.1.2.3/32:7 > 192.0.2.1/32:9 17", true },
		{ "10.0.0.0/8:0 > 192.0.2.0/24:0 0", "10.1.2.3/32:7 > 192.0.2.1/32:9 17", true },
		{ "10.0.0.0/8:0 > 192.0.2.0/24:0 0", "11.1.2.3/32:7 > 192.0.2.1/32:9 17", false },
		{ "10.0.0.0/8:0 > 192.0.2.0/24:0 0", "10.1.2.3/32:7 > 192.0.3.1/32:9 17", false },
		{ "10.0.0.0/9:0 > 192.0.2.0/24:0 0", "10.127.0.0/16:0 > 192.0.2.0/24:0 0", true },
		{ "10.0.0.0/9:0 > 192.0.2.0/24:0 0", "10.128.0.0/16:0 > 192.0.2.0/24:0 0", false },
		{ "10.0.0.0/9:0 > 192.0.2.0/24:0 0", "10.0.0.0/8:0 > 192.0.2.0/24:0 0", false },
		{ "10.0.0.0/8:0 > 192.0.2.0/24:0 6", "10.1.2.3/32:7 > 192.0.2.1/32:9 17", false },
		{ "10.0.0.0/8:0 > 192.0.2.0/24:9 17", "10.1.2.3/32:7 > 192.0.2.1/32:9 17", true },
		{ "10.0.0.0/8:0 > 192.0.2.0/24:8 17", "10.1.2.3/32:7 > 192.0.2.1/32:9 17", false },
		/* a fragment without ports is not of a flow that has them */
		{ "10.0.0.0/8:0 > 192.0.2.0/24:9 17", "10.1.2.3/32:0 > 192.0.2.1/32:0 17", false },
		{ "0.0.0.0/0:0 > 0.0.0.0/0:0 0", "2001:db8::1/128:0 > 2001:db8::2/128:0 6", false },
		{ "2001:db8::/33:0 > ::/0:0 0", "2001:db8:7fff::1/128:0 > ::1/128:0 6", true },
		{ "2001:db8::/33:0 > ::/0:0 0", "2001:db8:8000::1/128:0 > ::1/128:0 6", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct klips_selector wide = sel(row[i].wide), narrow = sel(row[i].narrow);

		if (klips_selector_covers(&wide, &narrow) != row[i].covers)
			fail_msg("%s covers %s: not %d", row[i].wide, row[i].narrow,
				 row[i].covers);
		assert_true(klips_selector_covers(&wide, &wide));
	}
}

static void ill_formed_selectors_are_told(void **state)
{
	static const struct { const char *text; bool valid; } row[] = {
		{ "10.0.0.0/8:0 > 192.0.2.0/24:0 0", true },
		{ "10.0.0.1/8:0 > 192.0.2.0/24:0 0", false },
		{ "10.0.0.0/8:0 > 192.0.2.128/24:0 0", false },
		{ "10.0.0.0/33:0 > 192.0.2.0/24:0 0", false },
		{ "10.0.0.0/8:0 > 192.0.2.0/255:0 0", false },
		{ "10.0.0.0/8:25 > 192.0.2.0/24:0 0", false },
		{ "10.0.0.0/8:25 > 192.0.2.0/24:0 6", true },
		{ "10.0.0.0/8:25 > 192.0.2.0/24:0 1", false },
		{ "2001:db8::/32:0 > ::/0:53 17", true },
		{ "2001:db8::1/32:0 > ::/0:53 17", false },
		{ "2001:db8::/129:0 > ::/0:53 17", false },
	};
	struct klips_selector other = sel(row[0].text);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct klips_selector s = sel(row[i].text);

		if (klips_selector_valid(&s) != row[i].valid)
			fail_msg("%s", row[i].text);
	}
	other.family = AF_UNIX;
	assert_false(klips_selector_valid(&other));
}

static void netmasks_have_a_length(void **state)
{
	static const struct { const char *mask; int bits; } row[] = {
		{ "0.0.0.0", 0 }, { "128.0.0.0", 1 }, { "255.255.255.0", 24 },
		{ "255.255.255.255", 32 }, { "255.0.255.0", -EINVAL }, { "0.0.0.1", -EINVAL },
		{ "::", 0 }, { "ffff:ffff:8000::", 33 }, { "ffff::1", -EINVAL },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		u8 family = strchr(row[i].mask, ':') ? AF_INET6 : AF_INET;
		union klips_addr mask = { .octet = { 0 } };

		assert_int_equal(inet_pton(family, row[i].mask, &mask), 1);
		assert_int_equal(klips_mask_bits(family, &mask), row[i].bits);
	}
}

/* The table as eroute.c searches it: widen to shape after shape, and look for equality. */
static int search(const struct klips_selector *table, size_t n, const struct klips_selector *flow)
{
	const struct klips_selector *best = NULL;

	for (size_t i = 0; i < n; i++) {
		struct klips_shape shape = klips_shape_of(&table[i]);
		struct klips_selector key = klips_selector_widen(flow, &shape);
		struct klips_shape best_shape;

		if (table[i].family != flow->family || memcmp(&key, &table[i], sizeof(key)))
			continue;
		if (best)
			best_shape = klips_shape_of(best);
		if (!best || klips_shape_cmp(&shape, &best_shape) < 0)
			best = &table[i];
	}
	return best ? (int)(best - table) : -1;
}

static void source_counts_before_destination_then_protocol_then_ports(void **state)
{
	static const char *const texts[] = {
		"0.0.0.0/0:0 > 0.0.0.0/0:0 0",			/* 0 */
		"10.0.0.0/8:0 > 0.0.0.0/0:0 0",			/* 1 */
		"0.0.0.0/0:0 > 192.0.2.1/32:0 0",		/* 2 */
		"10.0.0.0/8:0 > 192.0.2.0/24:0 0",		/* 3 */
		"10.0.0.0/8:0 > 192.0.2.0/24:0 6",		/* 4 */
		"10.0.0.0/8:0 > 192.0.2.0/24:25 6",		/* 5 */
		"10.0.0.0/8:25 > 192.0.2.0/24:0 6",		/* 6 */
		"10.1.0.0/16:0 > 0.0.0.0/0:0 0",		/* 7 */
	};
	static const struct { const char *flow; int wins; } row[] = {
		{ "11.0.0.1/32:1 > 8.8.8.8/32:1 17", 0 },
		{ "10.0.0.1/32:1 > 8.8.8.8/32:1 17", 1 },
		{ "11.0.0.1/32:1 > 192.0.2.1/32:1 17", 2 },
		{ "10.0.0.1/32:1 > 192.0.2.1/32:1 17", 3 },	/* not 2: the source is narrower */
		{ "10.0.0.1/32:1 > 192.0.2.1/32:1 6", 4 },
		{ "10.0.0.1/32:1 > 192.0.2.1/32:25 6", 5 },
		{ "10.0.0.1/32:25 > 192.0.2.1/32:25 6", 6 },
		{ "10.1.0.1/32:25 > 192.0.2.1/32:25 6", 7 },
	};
	struct klips_selector table[ARRAY_SIZE(texts)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		table[i] = sel(texts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct klips_selector flow = sel(row[i].flow);
		int got = search(table, ARRAY_SIZE(table), &flow);

		if (got != row[i].wins)
			fail_msg("%s: %d, not %d", row[i].flow, got, row[i].wins);
	}
}

static void order_of_shapes_is_total(void **state)
{
	struct klips_shape shape[128];
	size_t n = 0;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(shape); i++)
		shape[n++] = (struct klips_shape){
			.family = i & 1 ? AF_INET : AF_INET6,
			.src_bits = i & 2 ? 24 : 32,
			.dst_bits = i & 4 ? 0 : 8,
			.proto = i & 8, .sport = i & 16, .dport = i & 32,
		};
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int ij = klips_shape_cmp(&shape[i], &shape[j]);
			int ji = klips_shape_cmp(&shape[j], &shape[i]);

			assert_true((ij < 0) == (ji > 0) && (ij == 0) == (ji == 0));
			assert_int_equal(ij == 0, !memcmp(&shape[i], &shape[j], sizeof(shape[i])));
		}
	}
}

/* 10.0.0.1:0x1234 > 10.0.0.2:80, TCP */
static const u8 tcp4[] = {
	0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	0x12, 0x34, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0,
};

static void flow_of_an_ipv4_packet(void **state)
{
	struct klips_selector want = sel("10.0.0.1/32:4660 > 10.0.0.2/32:80 6");
	struct klips_selector flow;

	(void)state;
	assert_int_equal(klips_flow_parse(tcp4, sizeof(tcp4), sizeof(tcp4), &flow), 20);
	assert_memory_equal(&flow, &want, sizeof(flow));
}

static void later_fragments_have_no_ports(void **state)
{
	struct klips_selector want = sel("10.0.0.1/32:0 > 10.0.0.2/32:0 6");
	struct klips_selector flow;
	u8 p[sizeof(tcp4)];

	(void)state;
	memcpy(p, tcp4, sizeof(p));
	p[6] = 0x20;				/* the first of several: has them */
	assert_int_equal(klips_flow_parse(p, sizeof(p), sizeof(p), &flow), 20);
	assert_int_equal(flow.dport, htons(80));
	p[7] = 1;
	assert_int_equal(klips_flow_parse(p, sizeof(p), sizeof(p), &flow), 20);
	assert_memory_equal(&flow, &want, sizeof(flow));
}

static void flow_of_an_ipv6_packet_with_extensions(void **state)
{
	/* hop-by-hop of 16 octets, destination options of 8, fragment (first), UDP 53 > 54 */
	static const u8 head[] = { 0x60, 0, 0, 0, 0, 40, 0, 64 };
	static const u8 tail[] = {
		60, 1, 5, 2, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0,
		44, 0, 1, 4, 0, 0, 0, 0,
		17, 0, 0, 1, 0, 0, 0, 7,
		0, 53, 0, 54, 0, 8, 0, 0,
	};
	struct klips_selector want = sel("2001:db8::1/128:53 > 2001:db8::2/128:54 17");
	struct klips_selector flow;
	u8 p[80];

	(void)state;
	memcpy(p, head, 8);
	memcpy(p + 8, &want.src, 16);
	memcpy(p + 24, &want.dst, 16);
	memcpy(p + 40, tail, sizeof(tail));
	assert_int_equal(klips_flow_parse(p, sizeof(p), sizeof(p), &flow), 72);
	assert_memory_equal(&flow, &want, sizeof(flow));

	p[67] = 9;				/* a later fragment */
	assert_int_equal(klips_flow_parse(p, sizeof(p), sizeof(p), &flow), 72);
	assert_int_equal(flow.proto, 17);
	assert_int_equal(flow.sport, 0);

	p[41] = 255;				/* a length beyond the packet */
	assert_int_equal(klips_flow_parse(p, sizeof(p), sizeof(p), &flow), -EINVAL);
}

static void lying_headers_are_refused(void **state)
{
	static const struct { size_t at; u8 value; } row[] = {
		{ 0, 0x44 }, { 0, 0x40 }, { 0, 0x55 }, { 0, 0x05 }, { 0, 0x4f },
		{ 3, 41 }, { 3, 19 }, { 2, 1 },
	};
	struct klips_selector flow;
	u8 p[sizeof(tcp4)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		memcpy(p, tcp4, sizeof(p));
		p[row[i].at] = row[i].value;
		if (klips_flow_parse(p, sizeof(p), sizeof(p), &flow) != -EINVAL)
			fail_msg("octet %zu is %#x, and that is accepted", row[i].at, row[i].value);
	}
}

/* Memory of exactly that size: the sanitizer sees any octet too many. */
static void no_octet_beyond_the_head_is_read(void **state)
{
	u32 seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t head, i;
		struct klips_selector flow;
		u8 *p;

		seed = seed * 1664525 + 1013904223;
		head = (seed >> 8) % 130;
		p = malloc(head ? head : 1);
		assert_non_null(p);
		for (i = 0; i < head; i++) {
			seed = seed * 1664525 + 1013904223;
			p[i] = (u8)(seed >> 16);
		}
		if (head && round % 2) {
			p[0] = round % 4 == 1 ? 0x45 : 0x60;
			if (head > 6)
				p[6] = round % 3 ? 0 : 44;
		}
		klips_flow_parse(p, head, head + round % 3000, &flow);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide_covers_narrow),
		cmocka_unit_test(ill_formed_selectors_are_told),
		cmocka_unit_test(netmasks_have_a_length),
		cmocka_unit_test(source_counts_before_destination_then_protocol_then_ports),
		cmocka_unit_test(order_of_shapes_is_total),
		cmocka_unit_test(flow_of_an_ipv4_packet),
		cmocka_unit_test(later_fragments_have_no_ports),
		cmocka_unit_test(flow_of_an_ipv6_packet_with_extensions),
		cmocka_unit_test(lying_headers_are_refused),
		cmocka_unit_test(no_octet_beyond_the_head_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
