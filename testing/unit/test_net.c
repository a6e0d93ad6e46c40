/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, subnets, selectors and SAIDs: text to value and back, and their arithmetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/net/said.h"
#include "lib/net/selector.h"

static struct addr addr(const char *text)
{
	struct addr a;

	assert_null(ttoaddr(span_str(text), &a));
	return a;
}

static struct subnet subnet(const char *text)
{
	struct subnet s;

	assert_null(ttosubnet(span_str(text), &s));
	return s;
}

static void addresses_are_numeric_and_whole(void **state)
{
	/* canonical text, or NULL when wrong */
	static const struct { const char *text, *shown; } row[] = {
		{ "192.0.2.1", "192.0.2.1" }, { "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" }, { "2001:DB8::1", "2001:db8::1" },
		{ "::", "::" }, { "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "", NULL }, { "192.0.2", NULL }, { "192.0.2.256", NULL }, { "192.0.2.1.", NULL },
		{ "192.0.2.01", NULL }, { " 192.0.2.1", NULL }, { "192.0.2.1 ", NULL },
		{ "0xc0000201", NULL }, { "localhost", NULL }, { "2001:db8:::1", NULL },
		{ "2001:db8::1%eth0", NULL }, { "1:2:3:4:5:6:7:8:9", NULL },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct addr a;
		struct addr_buf b;
		err_t ugh = ttoaddr(span_str(row[i].text), &a);

		if ((ugh == NULL) != (row[i].shown != NULL))
			fail_msg("\"%s\": %s", row[i].text, ugh ? ugh : "accepted");
		if (!ugh)
			assert_string_equal(addr_show(&a, &b), row[i].shown);
	}
}

static void text_with_a_nul_is_no_address(void **state)
{
	struct addr a;

	(void)state;
	assert_non_null(ttoaddr(span_of("192.0.2.1\0x", 11), &a));
	assert_non_null(ttoaddr(span_of("192.0.2.1", 10), &a));
}

static void unset_differs_from_unspecified(void **state)
{
	struct addr none = { 0 }, any = addr_any(AF_INET), one = addr("192.0.2.1");
	struct addr_buf b;

	(void)state;
	assert_false(addr_is_set(&none));
	assert_true(addr_is_set(&any));
	assert_true(addr_is_any(&none) && addr_is_any(&any));
	assert_false(addr_is_any(&one));
	assert_false(addr_eq(&none, &any));
	assert_string_equal(addr_show(&none, &b), "<none>");
	assert_int_equal(addr_len(&none), 0);
}

static void addresses_are_ordered(void **state)
{
	struct addr a = addr("192.0.2.1"), b = addr("192.0.2.2"), c = addr("::1");

	(void)state;
	assert_true(addr_cmp(&a, &b) < 0 && addr_cmp(&b, &a) > 0 && addr_cmp(&a, &a) == 0);
	assert_true(addr_cmp(&b, &c) < 0);
}

static void endpoints_survive_sockaddrs(void **state)
{
	static const struct { const char *addr; uint16_t port; const char *shown; } row[] = {
		{ "192.0.2.1", 500, "192.0.2.1:500" },
		{ "2001:db8::1", 4500, "[2001:db8::1]:4500" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 65535,
		  "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct endpoint e = { addr(row[i].addr), row[i].port }, back;
		struct sockaddr_storage ss;
		struct addr_buf b;
		socklen_t len = endpoint_to_sockaddr(&e, &ss);

		assert_null(endpoint_from_sockaddr((struct sockaddr *)&ss, len, &back));
		assert_true(endpoint_eq(&e, &back));
		assert_string_equal(endpoint_show(&e, &b), row[i].shown);
		assert_non_null(endpoint_from_sockaddr((struct sockaddr *)&ss, len - 1, &back));
		assert_non_null(endpoint_from_sockaddr((struct sockaddr *)&ss, 1, &back));
		ss.ss_family = AF_UNIX;
		assert_non_null(endpoint_from_sockaddr((struct sockaddr *)&ss, len, &back));
	}
}

static void subnets_have_masks_without_holes_and_no_host_bits(void **state)
{
	static const struct { const char *text, *shown; } row[] = {
		{ "192.0.2.0/24", "192.0.2.0/24" }, { "192.0.2.0/255.255.255.0", "192.0.2.0/24" },
		{ "192.0.2.128/25", "192.0.2.128/25" }, { "0.0.0.0/0", "0.0.0.0/0" },
		{ "192.0.2.1/32", "192.0.2.1/32" }, { "2001:db8::/32", "2001:db8::/32" },
		{ "::/0", "::/0" }, { "2001:db8::1/128", "2001:db8::1/128" },
		{ "0.0.0.0/0.0.0.0", "0.0.0.0/0" }, { "2001:db8::/ffff:ffff::", "2001:db8::/32" },
		{ "192.0.2.1/24", NULL }, { "192.0.2.0/33", NULL }, { "192.0.2.0/", NULL },
		{ "192.0.2.0", NULL }, { "/24", NULL }, { "192.0.2.0/255.0.255.0", NULL },
		{ "192.0.2.0/-1", NULL }, { "192.0.2.0/0x18", NULL }, { "192.0.2.0/24/24", NULL },
		{ "2001:db8::/129", NULL }, { "2001:db8::/255.255.255.0", NULL },
		{ "192.0.2.0/99999999999", NULL }, { "192.0.2.64/25", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct subnet s;
		struct subnet_buf b;
		err_t ugh = ttosubnet(span_str(row[i].text), &s);

		if ((ugh == NULL) != (row[i].shown != NULL))
			fail_msg("\"%s\": %s", row[i].text, ugh ? ugh : "accepted");
		if (!ugh)
			assert_string_equal(subnet_show(&s, &b), row[i].shown);
	}
}

static void masks_go_both_ways(void **state)
{
	struct addr net = addr("10.1.0.0"), mask = addr("255.255.0.0"), holes = addr("255.0.255.0");
	struct addr host = addr("10.1.0.1"), mask6 = addr("ffff::"), back;
	struct subnet s;

	(void)state;
	assert_true(subnet_of_mask(&net, &mask, &s));
	assert_int_equal(s.bits, 16);
	back = subnet_mask(&s);
	assert_true(addr_eq(&back, &mask));
	assert_false(subnet_of_mask(&net, &holes, &s));
	assert_false(subnet_of_mask(&host, &mask, &s));
	assert_false(subnet_of_mask(&net, &mask6, &s));
}

static void ranges_that_are_subnets_become_subnets(void **state)
{
	static const struct { const char *low, *high, *shown; } row[] = {
		{ "192.0.2.0", "192.0.2.255", "192.0.2.0/24" },
		{ "192.0.2.7", "192.0.2.7", "192.0.2.7/32" },
		{ "0.0.0.0", "255.255.255.255", "0.0.0.0/0" },
		{ "2001:db8::", "2001:db8::ffff", "2001:db8::/112" },
		{ "192.0.2.0", "192.0.2.254", NULL }, { "192.0.2.1", "192.0.2.255", NULL },
		{ "192.0.2.255", "192.0.2.0", NULL }, { "192.0.2.1", "192.0.2.2", NULL },
		{ "192.0.2.0", "2001:db8::", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct addr low = addr(row[i].low), high = addr(row[i].high);
		err_t ugh = "unset";
		struct subnet s = subnet_of_range(&low, &high, &ugh);
		struct subnet_buf b;

		if ((ugh == NULL) != (row[i].shown != NULL))
			fail_msg("%s-%s: %s", row[i].low, row[i].high, ugh ? ugh : "accepted");
		if (!ugh)
			assert_string_equal(subnet_show(&s, &b), row[i].shown);
	}
}

static void containing_covering_overlapping(void **state)
{
	static const struct { const char *outer, *inner; bool covers, overlaps; } row[] = {
		{ "10.0.0.0/8", "10.1.0.0/16", true, true },
		{ "10.1.0.0/16", "10.0.0.0/8", false, true },
		{ "10.0.0.0/8", "10.0.0.0/8", true, true },
		{ "10.0.0.0/8", "11.0.0.0/8", false, false },
		{ "0.0.0.0/0", "192.0.2.1/32", true, true },
		{ "192.0.2.0/25", "192.0.2.128/25", false, false },
		{ "0.0.0.0/0", "::/0", false, false },
		{ "2001:db8::/33", "2001:db8:8000::/33", false, false },
	};
	struct subnet host, net = subnet("192.0.2.0/24");
	struct addr in = addr("192.0.2.77"), out = addr("192.0.3.77"), none = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct subnet a = subnet(row[i].outer), b = subnet(row[i].inner);

		assert_int_equal(subnet_covers(&a, &b), row[i].covers);
		assert_int_equal(subnet_overlaps(&a, &b), row[i].overlaps);
		assert_int_equal(subnet_overlaps(&b, &a), row[i].overlaps);
	}
	assert_true(subnet_contains(&net, &in));
	assert_false(subnet_contains(&net, &out));
	assert_false(subnet_contains(&net, &none));
	host = subnet_of_host(&in);
	assert_true(subnet_is_host(&host));
	assert_false(subnet_is_host(&net));
	assert_true(subnet_covers(&net, &host));
}

static void selectors_reverse(void **state)
{
	struct selector s = {
		.src = subnet("192.0.2.0/24"), .dst = subnet("192.0.3.0/24"), .proto = 17,
		.sport = 53, .dport = 1024,
	};
	struct selector r = selector_reverse(&s), rr = selector_reverse(&r);

	(void)state;
	assert_true(subnet_eq(&r.src, &s.dst) && r.sport == 1024 && r.dport == 53);
	assert_false(selector_eq(&s, &r));
	assert_true(selector_eq(&s, &rr));
}

static void saids_are_read_in_all_forms(void **state)
{
	/* shown with 0x; NULL when wrong */
	static const struct { const char *text, *shown, *dotted; } row[] = {
		{ "esp0x1001@198.51.100.2", "esp0x1001@198.51.100.2", "esp.1001@198.51.100.2" },
		{ "esp.1001@198.51.100.2", "esp0x1001@198.51.100.2", "esp.1001@198.51.100.2" },
		{ "tun4098@198.51.100.2", "tun0x1002@198.51.100.2", "tun.1002@198.51.100.2" },
		{ "ah0xffffffff@2001:db8::2", "ah0xffffffff@2001:db8::2",
		  "ah:ffffffff@2001:db8::2" },
		{ "comp:1a@2001:db8::2", "comp0x1a@2001:db8::2", "comp:1a@2001:db8::2" },
		{ "%pass", "%pass", "%pass" }, { "%trapsubnet", "%trapsubnet", "%trapsubnet" },
		{ "int0x101@0.0.0.0", "%drop", "%drop" },
		{ "%passthrough", "tun0x0@0.0.0.0", "tun.0@0.0.0.0" },
		{ "", NULL }, { "esp0x1001", NULL }, { "esp@198.51.100.2", NULL },
		{ "esp0x@198.51.100.2", NULL }, { "esp.@198.51.100.2", NULL },
		{ "esp0x100000000@198.51.100.2", NULL }, { "esp.10000000000000000@198.51.100.2", NULL },
		{ "foo0x1001@198.51.100.2", NULL }, { "0x1001@198.51.100.2", NULL },
		{ "esp0x1001@", NULL }, { "esp0x1001@gw", NULL }, { "%no", NULL }, { "%", NULL },
		{ "esp0x1001@198.51.100.2@x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct said s, back;
		struct said_buf b;
		err_t ugh = ttosaid(span_str(row[i].text), &s);

		if ((ugh == NULL) != (row[i].shown != NULL))
			fail_msg("\"%s\": %s", row[i].text, ugh ? ugh : "accepted");
		if (ugh)
			continue;
		assert_string_equal(said_show(&s, &b), row[i].shown);
		assert_null(ttosaid(span_str(b.s), &back));
		assert_true(said_eq(&s, &back));
		assert_string_equal(said_show_dot(&s, &b), row[i].dotted);
	}
}

static void protocols_have_names(void **state)
{
	(void)state;
	assert_string_equal(said_proto_name(50), "esp");
	assert_string_equal(said_proto_name(4), "tun");
	assert_string_equal(said_proto_name(61), "int");
	assert_null(said_proto_name(6));
	assert_null(said_proto_name(0));
	assert_int_equal(said_proto_by_name(span_str("ah")), 51);
	assert_int_equal(said_proto_by_name(span_str("tcp")), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_numeric_and_whole),
		cmocka_unit_test(text_with_a_nul_is_no_address),
		cmocka_unit_test(unset_differs_from_unspecified),
		cmocka_unit_test(addresses_are_ordered),
		cmocka_unit_test(endpoints_survive_sockaddrs),
		cmocka_unit_test(subnets_have_masks_without_holes_and_no_host_bits),
		cmocka_unit_test(masks_go_both_ways),
		cmocka_unit_test(ranges_that_are_subnets_become_subnets),
		cmocka_unit_test(containing_covering_overlapping),
		cmocka_unit_test(selectors_reverse),
		cmocka_unit_test(saids_are_read_in_all_forms),
		cmocka_unit_test(protocols_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
