/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities: their texts, their payloads, and when two are the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/names.h"
#include "lib/id/id.h"

static void assert_shown(const struct id *id, const char *text)
{
	struct buf b = { 0 };

	id_show(id, &b);
	assert_string_equal(buf_str(&b), text);
	buf_free(&b);
}

static void texts_have_types(void **state)
{
	static const struct { const char *text; enum id_type type; const char *shown; } row[] = {
		{ "198.51.100.2", ID_IPV4_ADDR, "198.51.100.2" },
		{ "2001:db8::2", ID_IPV6_ADDR, "2001:db8::2" },
		{ "@gw.example.org", ID_FQDN, "@gw.example.org" },
		{ "gw.example.org", ID_FQDN, "@gw.example.org" },
		{ "admin@gw.example.org", ID_USER_FQDN, "admin@gw.example.org" },
		{ "@#00ff", ID_KEY_ID, "@#00ff" },
		{ "%any", ID_NONE, "%any" }, { "%any6", ID_NONE, "%any" },
		{ "0.0.0.0", ID_NONE, "%any" }, { "::", ID_NONE, "%any" },
		{ "@198.51.100.2", ID_FQDN, "@198.51.100.2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct id id = { 0 };

		assert_null(ttoid(span_str(row[i].text), &id));
		assert_int_equal(id.type, row[i].type);
		assert_shown(&id, row[i].shown);
		id_free(&id);
	}
}

static void bad_texts_leave_the_identity_alone(void **state)
{
	static const char *const row[] = {
		"", "@", "user@", "%something", "@#", "@#0", "@#xy", "a b", "gw\n", "2001:db8:::2",
	};
	struct id id = { 0 };

	(void)state;
	assert_null(ttoid(span_str("@keep"), &id));
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		if (!ttoid(span_str(row[i]), &id))
			fail_msg("accepted \"%s\"", row[i]);
		assert_shown(&id, "@keep");
	}
	id_free(&id);
}

static void very_long_names_are_refused(void **state)
{
	char name[2000];
	struct id id = { 0 };

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_non_null(ttoid(span_of(name, sizeof(name)), &id));
	assert_non_null(id_from_payload(ID_FQDN, span_of(name, sizeof(name)), &id));
	assert_null(id_from_payload(ID_FQDN, span_of(name, 255), &id));
	id_free(&id);
}

static void payloads_go_both_ways(void **state)
{
	static const char *const row[] = {
		"198.51.100.2", "2001:db8::2", "@gw.example.org", "admin@gw.example.org", "@#00ff10",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct id id = { 0 }, back = { 0 };
		struct buf body = { 0 };

		assert_null(ttoid(span_str(row[i]), &id));
		id_to_payload(&id, &body);
		assert_null(id_from_payload((uint8_t)id.type, buf_span(&body), &back));
		assert_true(id_eq(&id, &back));
		id_free(&id);
		id_free(&back);
		buf_free(&body);
	}
}

static void hostile_payloads_are_refused(void **state)
{
	static const struct { uint8_t type; const char *body; size_t len; } row[] = {
		{ ID_NONE, "", 0 }, { ID_IPV4_ADDR, "abc", 3 }, { ID_IPV4_ADDR, "abcde", 5 },
		{ ID_IPV4_ADDR, "", 0 }, { ID_IPV4_ADDR, "\0\0\0\0", 4 }, { ID_IPV6_ADDR, "abcd", 4 },
		{ ID_FQDN, "", 0 }, { ID_FQDN, "gw\0.example.org", 15 }, { ID_USER_FQDN, "", 0 },
		{ ID_USER_FQDN, "a@b\0", 4 }, { ID_KEY_ID, "", 0 },
		{ ID_IPV4_ADDR_SUBNET, "abcdefgh", 8 }, { ID_IPV4_ADDR_RANGE, "abcdefgh", 8 },
		{ ID_DER_ASN1_GN, "x", 1 }, { 12, "x", 1 }, { 255, "x", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct id id = { 0 };

		if (!id_from_payload(row[i].type, span_of(row[i].body, row[i].len), &id))
			fail_msg("accepted row %zu", i);
		assert_int_equal(id.type, ID_NONE);
	}
}

static void what_a_peer_calls_itself_is_shown_safely(void **state)
{
	struct id id = { 0 };

	(void)state;
	assert_null(id_from_payload(ID_FQDN, span_str("gw\x1b[2J\n\"'\xff"), &id));
	assert_shown(&id, "@gw\\033[2J\\012\"'\\377");
	id_free(&id);
}

static void names_compare_as_the_dns_does(void **state)
{
	static const struct { const char *a, *b; bool same; } row[] = {
		{ "@gw.example.org", "@GW.Example.ORG", true },
		{ "@gw.example.org", "@gw.example.org.", true },
		{ "@gw.example.org", "@gw.example.or", false },
		{ "@gw.example.org", "gw.example.org", true },
		{ "admin@gw", "ADMIN@gw", true },
		{ "@gw", "admin@gw", false },
		{ "@#0011", "@#0011", true }, { "@#0011", "@#001122", false },
		{ "198.51.100.2", "@198.51.100.2", false },
		{ "198.51.100.2", "198.51.100.2", true },
		{ "198.51.100.2", "198.51.100.3", false },
		{ "%any", "0.0.0.0", true }, { "%any", "198.51.100.2", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct id a = { 0 }, b = { 0 };

		assert_null(ttoid(span_str(row[i].a), &a));
		assert_null(ttoid(span_str(row[i].b), &b));
		if (id_eq(&a, &b) != row[i].same)
			fail_msg("%s and %s", row[i].a, row[i].b);
		id_free(&a);
		id_free(&b);
	}
}

static void a_prefix_followed_by_a_nul_is_another_name(void **state)
{
	struct id a = { 0 }, b = { 0 };

	(void)state;
	assert_null(id_from_payload(ID_KEY_ID, span_of("gw\0x", 4), &a));
	assert_null(id_from_payload(ID_KEY_ID, span_of("gw\0y", 4), &b));
	assert_false(id_eq(&a, &b));
	id_free(&a);
	id_free(&b);
}

static void copies_are_their_own(void **state)
{
	struct id a = { 0 }, b = { 0 };

	(void)state;
	assert_null(ttoid(span_str("@gw"), &a));
	assert_null(ttoid(span_str("a-much-longer-name@somewhere.example.org"), &b));
	id_copy(&b, &a);
	id_free(&a);
	assert_shown(&b, "@gw");
	assert_null(ttoid(span_str("198.51.100.2"), &b));
	assert_shown(&b, "198.51.100.2");
	assert_false(id_is_any(&b));
	id_free(&b);
	assert_true(id_is_any(&b));
}

static void types_have_names(void **state)
{
	(void)state;
	assert_string_equal(name_of(&id_type_names, ID_FQDN), "ID_FQDN");
	assert_string_equal(name_of(&id_type_names, ID_KEY_ID), "ID_KEY_ID");
	assert_null(name_of(&id_type_names, 12));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_types),
		cmocka_unit_test(bad_texts_leave_the_identity_alone),
		cmocka_unit_test(very_long_names_are_refused),
		cmocka_unit_test(payloads_go_both_ways),
		cmocka_unit_test(hostile_payloads_are_refused),
		cmocka_unit_test(what_a_peer_calls_itself_is_shown_safely),
		cmocka_unit_test(names_compare_as_the_dns_does),
		cmocka_unit_test(a_prefix_followed_by_a_nul_is_another_name),
		cmocka_unit_test(copies_are_their_own),
		cmocka_unit_test(types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
