/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an IPsec header goes in a packet, and where the receiver finds it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "klips/payload.h"

enum { HOP = 0, TCP = 6, ROUTING = 43, FRAGMENT = 44, ESP = 50, AH = 51, NONE = 59, DEST = 60 };

/* An IPv6 header and a chain of extension headers of 8 octets each. */
static size_t v6(uint8_t *p, const uint8_t *chain, size_t n)
{
	memset(p, 0, 40 + 8 * n);
	p[0] = 0x60;
	p[6] = chain[0];
	for (size_t i = 0; i + 1 < n; i++)
		p[40 + 8 * i] = chain[i + 1];
	return 40 + 8 * n;
}

/* Chains end in the payload's protocol; at and next are in units of extension headers. */
static const struct chain {
	const char *what;
	uint8_t chain[6];
	size_t n;
	int put, put_next, found, found_next;
} chains[] = {
	{ "nothing between", { TCP }, 1, 0, -1, 0, -1 },
	{ "hop-by-hop", { HOP, TCP }, 2, 1, 0, 1, 0 },
	{ "routing", { ROUTING, ESP }, 2, 1, 0, 1, 0 },
	{ "options of the second kind", { DEST, TCP }, 2, 0, -1, 1, 0 },
	{ "options of the first kind", { DEST, ROUTING, TCP }, 3, 2, 1, 2, 1 },
	{ "of both kinds", { HOP, DEST, ROUTING, DEST, TCP }, 5, 3, 2, 4, 3 },
	{ "a fragment", { HOP, FRAGMENT, TCP }, 3, 1, 0, 2, 1 },
	{ "AH is no extension header", { HOP, AH, ESP }, 3, 1, 0, 1, 0 },
};

static uint16_t offset(int i)
{
	return (uint16_t)(40 + 8 * i);
}

static uint16_t announcer(int i)
{
	return i < 0 ? 6 : offset(i);
}

static void transport_headers_go_behind_what_routers_read(void **state)
{
	uint8_t p[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		const struct chain *c = &chains[i];
		size_t len = v6(p, c->chain, c->n);
		struct klips_place place;

		if (klips_payload_find(p, len, &place) || place.at != offset(c->put) ||
		    place.next != announcer(c->put_next))
			fail_msg("%s: put at %u, announced at %u", c->what, place.at, place.next);
	}
}

static void receivers_look_behind_all_extension_headers(void **state)
{
	uint8_t p[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		const struct chain *c = &chains[i];
		size_t len = v6(p, c->chain, c->n);
		struct klips_place place;

		if (klips_payload_locate(p, len, &place) || place.at != offset(c->found) ||
		    place.next != announcer(c->found_next))
			fail_msg("%s: found at %u, announced at %u", c->what, place.at, place.next);
	}
}

static void ipv4_options_belong_to_the_header(void **state)
{
	uint8_t p[60] = { 0x45 };
	struct klips_place place;

	(void)state;
	for (unsigned int words = 5; words <= 15; words++) {
		p[0] = (uint8_t)(0x40 | words);
		assert_int_equal(klips_payload_find(p, sizeof(p), &place), 0);
		assert_int_equal(place.at, words * 4);
		assert_int_equal(place.next, 9);
		assert_int_equal(klips_payload_find(p, words * 4 - 1, &place), -EINVAL);
		assert_int_equal(klips_payload_locate(p, words * 4 - 1, &place), -EINVAL);
	}
	for (unsigned int words = 0; words < 5; words++) {
		p[0] = (uint8_t)(0x40 | words);
		assert_int_equal(klips_payload_find(p, sizeof(p), &place), -EINVAL);
	}
}

static void headers_that_are_not_whole_are_refused(void **state)
{
	static const uint8_t chain[] = { HOP, DEST, ROUTING, TCP };
	struct klips_place place;
	uint8_t p[128], *cut;

	(void)state;
	v6(p, chain, ARRAY_SIZE(chain));
	for (size_t len = 0; len < 64; len++) {
		cut = malloc(len + !len);	/* so that a step too far is seen */
		assert_non_null(cut);
		memcpy(cut, p, len);
		assert_int_equal(klips_payload_find(cut, len, &place), -EINVAL);
		assert_int_equal(klips_payload_locate(cut, len, &place), -EINVAL);
		assert_false(klips_payload_is_fragment(cut, len));
		free(cut);
	}
	p[41] = 255;			/* 2048 octets of hop-by-hop options */
	assert_int_equal(klips_payload_find(p, sizeof(p), &place), -EINVAL);
	p[0] = 0x50;
	assert_int_equal(klips_payload_find(p, sizeof(p), &place), -EINVAL);
	assert_int_equal(klips_payload_locate(p, sizeof(p), &place), -EINVAL);
}

static void endless_chains_are_refused(void **state)
{
	static uint8_t p[4096];
	struct klips_place place;

	(void)state;
	p[0] = 0x60;
	p[6] = ROUTING;
	for (size_t at = 40; at < sizeof(p); at += 8)
		p[at] = ROUTING;
	assert_int_equal(klips_payload_find(p, sizeof(p), &place), -EINVAL);
	assert_int_equal(klips_payload_locate(p, sizeof(p), &place), -EINVAL);
	assert_false(klips_payload_is_fragment(p, sizeof(p)));
}

static void fragments_are_told_from_whole_packets(void **state)
{
	static const struct { uint8_t high, low; bool fragment; } row[] = {
		{ 0x00, 0x00, false },
		{ 0x40, 0x00, false },		/* don't fragment */
		{ 0x20, 0x00, true },		/* more */
		{ 0x00, 0x01, true },
		{ 0x1f, 0xff, true },
	}, row6[] = {
		{ 0x00, 0x00, false },		/* RFC 6946: atomic */
		{ 0x00, 0x06, false },		/* reserved bits */
		{ 0x00, 0x01, true },		/* more */
		{ 0x00, 0x08, true },
		{ 0x01, 0x00, true },
	};
	static const uint8_t chain[] = { HOP, FRAGMENT, TCP };
	uint8_t p[128] = { 0x45 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		p[6] = row[i].high;
		p[7] = row[i].low;
		assert_int_equal(klips_payload_is_fragment(p, 20), row[i].fragment);
	}
	for (size_t i = 0; i < ARRAY_SIZE(row6); i++) {
		size_t len = v6(p, chain, ARRAY_SIZE(chain));

		p[50] = row6[i].high;
		p[51] = row6[i].low;
		assert_int_equal(klips_payload_is_fragment(p, len), row6[i].fragment);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transport_headers_go_behind_what_routers_read),
		cmocka_unit_test(receivers_look_behind_all_extension_headers),
		cmocka_unit_test(ipv4_options_belong_to_the_header),
		cmocka_unit_test(headers_that_are_not_whole_are_refused),
		cmocka_unit_test(endless_chains_are_refused),
		cmocka_unit_test(fragments_are_told_from_whole_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
