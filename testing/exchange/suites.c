// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each algorithm, in both phases: both ends come to the same keys.
 */
#include <stdio.h>

#include "testing/exchange/world.h"

static void both_with(const char *ike, const char *esp, bool no_pfs, size_t key_len)
{
	struct side_setup both = { .ike = ike, .esp = esp, .no_pfs = no_pfs };
	struct world *w = world_new(&both, &both);
	struct said said;

	initiate(w, WEST);
	settle(w);
	assert_up(w);
	if (key_len) {
		said = ipsec_sa_in(w->side[WEST].c->newest_ipsec);
		assert_int_equal(fake_key(&w->side[WEST].kernel, &said).len, key_len);
	}
	world_end(w);
}

static void every_cipher_and_hash_of_phase_1(void **state)
{
	static const char *const cipher[] = { "aes128", "aes192", "aes256", "3des" };
	static const char *const hash[] = { "md5", "sha1", "sha2_256", "sha2_384", "sha2_512" };
	char text[64];

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(cipher); c++)
		for (size_t h = 0; h < ARRAY_SIZE(hash); h++) {
			snprintf(text, sizeof(text), "%s-%s;modp1536", cipher[c], hash[h]);
			both_with(text, NULL, true, 0);
		}
}

static void every_group(void **state)
{
	static const char *const group[] = { "modp1024", "modp1536", "modp2048", "modp3072",
					     "modp4096", "ecp256", "ecp384", "ecp521" };
	char text[64];

	(void)state;
	for (size_t g = 0; g < ARRAY_SIZE(group); g++) {
		if (!dh_by_name(span_str(group[g])))
			continue;
		snprintf(text, sizeof(text), "aes128-sha1;%s", group[g]);
		both_with(text, NULL, false, 0);
	}
}

static void every_suite_of_phase_2(void **state)
{
	static const struct { const char *esp; size_t key_len; } row[] = {
		{ "aes128-sha1", 16 + 20 }, { "aes192-sha2_256", 24 + 32 },
		{ "aes256-sha2_256", 32 + 32 }, { "aes256-sha2_384", 32 + 48 },
		{ "aes256-sha2_512", 32 + 64 }, { "3des-md5", 24 + 16 }, { "3des-sha1", 24 + 20 },
		{ "aes_gcm128", 16 + 4 }, { "aes_gcm256", 32 + 4 }, { "null-sha1", 20 },
		{ "null-sha2_256", 32 }, { "aes128-sha1;modp2048", 16 + 20 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		both_with("aes128-sha1;modp1536", row[i].esp, true, row[i].key_len);
		both_with("aes128-sha1;modp1536", row[i].esp, false, row[i].key_len);
	}
}

static void defaults_of_both_phases(void **state)
{
	(void)state;
	both_with(NULL, NULL, false, 32 + 32);
}

static void first_common_suite_in_the_initiators_order(void **state)
{
	struct side_setup west = { .ike = "aes256-sha2_512;modp4096,aes128-sha1;modp1536,"
					  "aes256-sha1;modp1536" };
	struct side_setup east = { .ike = "aes256-sha1;modp1536,aes128-sha1;modp1536" };
	struct world *w = world_new(&west, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	assert_int_equal(w->side[WEST].c->newest_isakmp->suite.key_bits, 128);
	world_end(w);
}

static void lists_of_suites_are_read_or_blamed(void **state)
{
	static const struct { const char *text, *why; } bad_ike[] = {
		{ "des-sha1", "\"des\"" }, { "aes129-sha1", "\"aes129\"" },
		{ "aes128-sha9", "\"sha9\"" }, { "aes128-sha1;modp512", "\"modp512\"" },
		{ "aes128-sha1,", "\"\"" }, { "aes128-", "\"aes128-\"" },
	}, bad_esp[] = {
		{ "aes128-null", "\"aes128-null\"" }, { "aes_gcm128-sha1", "\"aes_gcm128\"" },
		{ "aes128-sha1;modp2048,3des-sha1;modp1536", "\"modp1536\"" },
		{ "blowfish", "\"blowfish\"" },
	};
	struct ike_proposals ike;
	struct esp_proposals esp;
	struct buf why = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_ike); i++) {
		assert_non_null(ike_proposals_parse(span_str(bad_ike[i].text), &ike, &why));
		assert_string_equal(buf_str(&why), bad_ike[i].why);
		assert_int_equal(ike.n, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_esp); i++) {
		assert_non_null(esp_proposals_parse(span_str(bad_esp[i].text), &esp, &why));
		assert_string_equal(buf_str(&why), bad_esp[i].why);
		assert_int_equal(esp.n, 0);
	}
	assert_null(ike_proposals_parse(span_str(" 3des , aes256-sha2_256-modp3072"), &ike, &why));
	assert_int_equal(ike.n, 3 * 4 + 1);
	ike_proposals_free(&ike);
	buf_free(&why);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_cipher_and_hash_of_phase_1),
	cmocka_unit_test(every_group),
	cmocka_unit_test(every_suite_of_phase_2),
	cmocka_unit_test(defaults_of_both_phases),
	cmocka_unit_test(first_common_suite_in_the_initiators_order),
	cmocka_unit_test(lists_of_suites_are_read_or_blamed),
};

const struct scenario suite_scenario = { "suites", tests, ARRAY_SIZE(tests) };
