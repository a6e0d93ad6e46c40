// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of ESP suites, as ipsec spi takes them: utils/common/suite.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/pfkey/pfkeyv2.h"
#include "utils/common/suite.h"

struct spelling {
	const char *name;
	uint8_t encrypt, auth;
	size_t enckey, authkey;		/* octets that fit */
};

static void are_known(const struct spelling *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct suite s;

		assert_null(suite_by_name(span_str(row[i].name), &s));
		assert_int_equal(s.encrypt, row[i].encrypt);
		assert_int_equal(s.auth, row[i].auth);
		assert_null(suite_check_keys(&s, row[i].enckey, row[i].authkey));
	}
}

static void usual_spellings_are_known(void **state)
{
	static const struct spelling row[] = {
		{ "3des-md5-96", SADB_EALG_3DESCBC, SADB_AALG_MD5HMAC, 24, 16 },
		{ "3des-sha1-96", SADB_EALG_3DESCBC, SADB_AALG_SHA1HMAC, 24, 20 },
		{ "3DES-SHA1", SADB_EALG_3DESCBC, SADB_AALG_SHA1HMAC, 24, 20 },
		{ "aes-sha1-96", SADB_X_EALG_AESCBC, SADB_AALG_SHA1HMAC, 16, 20 },
		{ "aes-sha1", SADB_X_EALG_AESCBC, SADB_AALG_SHA1HMAC, 32, 20 },
		{ "aes128-sha1", SADB_X_EALG_AESCBC, SADB_AALG_SHA1HMAC, 16, 20 },
		{ "aes-128-sha1-96", SADB_X_EALG_AESCBC, SADB_AALG_SHA1HMAC, 16, 20 },
		{ "aes256-sha2_256", SADB_X_EALG_AESCBC, SADB_X_AALG_SHA2_256HMAC, 32, 32 },
		{ "aes-sha2_256-128", SADB_X_EALG_AESCBC, SADB_X_AALG_SHA2_256HMAC, 24, 32 },
		{ "aes192-sha2_384", SADB_X_EALG_AESCBC, SADB_X_AALG_SHA2_384HMAC, 24, 48 },
		{ "aes256-sha512", SADB_X_EALG_AESCBC, SADB_X_AALG_SHA2_512HMAC, 32, 64 },
		{ "aes_gcm", SADB_X_EALG_AES_GCM_ICV16, 0, 20, 0 },
		{ "aes_gcm", SADB_X_EALG_AES_GCM_ICV16, 0, 36, 0 },
		{ "aes_gcm128", SADB_X_EALG_AES_GCM_ICV16, 0, 20, 0 },
		{ "aes_gcm-128", SADB_X_EALG_AES_GCM_ICV16, 0, 20, 0 },
		{ "aes_gcm256-null", SADB_X_EALG_AES_GCM_ICV16, 0, 36, 0 },
		{ "null-sha1", SADB_EALG_NULL, SADB_AALG_SHA1HMAC, 0, 20 },
		{ "null-md5-96", SADB_EALG_NULL, SADB_AALG_MD5HMAC, 0, 16 },
	};

	(void)state;
	are_known(row, ARRAY_SIZE(row));
}

static void rarer_suites_are_known(void **state)
{
	static const struct spelling row[] = {
		{ "aes_gcm_12-128", SADB_X_EALG_AES_GCM_ICV12, 0, 20, 0 },
		{ "aes_gcm_8", SADB_X_EALG_AES_GCM_ICV8, 0, 28, 0 },
		{ "aes256gcm8", SADB_X_EALG_AES_GCM_ICV8, 0, 36, 0 },
		{ "aes128gcm12", SADB_X_EALG_AES_GCM_ICV12, 0, 20, 0 },
		{ "aes192gcm16", SADB_X_EALG_AES_GCM_ICV16, 0, 28, 0 },
		{ "aes_gcm_a", SADB_X_EALG_AES_GCM_ICV8, 0, 20, 0 },
		{ "aes_ccm", SADB_X_EALG_AES_CCM_ICV16, 0, 19, 0 },
		{ "aes_ccm_8-256", SADB_X_EALG_AES_CCM_ICV8, 0, 35, 0 },
		{ "aes192ccm12", SADB_X_EALG_AES_CCM_ICV12, 0, 27, 0 },
		{ "aes_ccm_b-null", SADB_X_EALG_AES_CCM_ICV12, 0, 35, 0 },
		{ "aes_ctr-sha1", SADB_X_EALG_AESCTR, SADB_AALG_SHA1HMAC, 20, 20 },
		{ "aes256ctr-sha2_256", SADB_X_EALG_AESCTR, SADB_X_AALG_SHA2_256HMAC, 36, 32 },
		{ "aes_ctr-192-sha2_512", SADB_X_EALG_AESCTR, SADB_X_AALG_SHA2_512HMAC, 28, 64 },
		{ "aes_gmac128", SADB_X_EALG_NULL_AES_GMAC, 0, 20, 0 },
		{ "aes256gmac", SADB_X_EALG_NULL_AES_GMAC, 0, 36, 0 },
		{ "null_auth_aes_gmac-256", SADB_X_EALG_NULL_AES_GMAC, 0, 36, 0 },
		{ "chacha20poly1305", SADB_X_EALG_CHACHA20_POLY1305, 0, 36, 0 },
		{ "chacha20_poly1305", SADB_X_EALG_CHACHA20_POLY1305, 0, 36, 0 },
		{ "aes_cbc256-sha1", SADB_X_EALG_AESCBC, SADB_AALG_SHA1HMAC, 32, 20 },
		{ "aes-aes_xcbc", SADB_X_EALG_AESCBC, SADB_X_AALG_AES_XCBC_MAC, 16, 16 },
		{ "aes128-aesxcbc", SADB_X_EALG_AESCBC, SADB_X_AALG_AES_XCBC_MAC, 16, 16 },
		{ "aes128-aes_cmac", SADB_X_EALG_AESCBC, SADB_X_AALG_AES_CMAC, 16, 16 },
		{ "aes128-sha2_256-96", SADB_X_EALG_AESCBC, SADB_X_AALG_SHA2_256HMAC_96, 16, 32 },
		{ "null-hmac-sha2-256-96", SADB_EALG_NULL, SADB_X_AALG_SHA2_256HMAC_96, 0, 32 },
	};

	(void)state;
	are_known(row, ARRAY_SIZE(row));
}

static void what_does_not_protect_or_is_unknown_is_refused(void **state)
{
	static const char *const name[] = {
		"", "-", "aes", "3des", "null", "aes-null", "null-null", "des-md5-96", "aes-",
		"aes-sha3", "aes-sha1-", "aes512-sha1", "aesx-sha1", "sha1", "aes_gcm-sha1",
		"aes_gcm512", "aes_gcm128-sha2_256", "3des-md5-96-x",
		"aes_ctr", "aes256ctr", "aes_gcm_9", "aes128gcm16x", "aes_gcm-512",
		"chacha20poly1305-sha1", "aes_gmac-sha1", "aes_ccm_10", "aes128gcm16-sha1",
		"3des128-sha1", "null128-sha1", "chacha20", "aes_ctr-", "aes-128", "aes-cmac-96",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(name); i++) {
		struct suite s;

		assert_non_null(suite_by_name(span_str(name[i]), &s));
	}
}

static void keys_have_the_length_of_their_suite(void **state)
{
	static const struct { const char *name; size_t enckey, authkey; } wrong[] = {
		{ "3des-md5-96", 23, 16 }, { "3des-md5-96", 16, 16 }, { "3des-md5-96", 24, 0 },
		{ "3des-md5-96", 24, 20 }, { "aes-sha1", 0, 20 }, { "aes-sha1", 20, 20 },
		{ "aes-sha1", 40, 20 }, { "aes128-sha1", 32, 20 }, { "aes256-sha1", 16, 20 },
		{ "aes_gcm", 16, 0 }, { "aes_gcm", 20, 20 }, { "aes_gcm128", 36, 0 },
		{ "null-sha1", 16, 20 }, { "null-sha1", 0, 16 },
		{ "aes_ccm", 20, 0 }, { "aes_ccm_8", 16, 0 }, { "aes_ctr-sha1", 16, 20 },
		{ "aes_ctr-sha1", 20, 0 }, { "aes256ctr-sha1", 20, 20 }, { "aes_gmac", 16, 0 },
		{ "chacha20poly1305", 32, 0 }, { "chacha20poly1305", 20, 0 },
		{ "aes-aes_cmac", 16, 20 }, { "aes128gcm16", 36, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct suite s;

		assert_null(suite_by_name(span_str(wrong[i].name), &s));
		assert_non_null(suite_check_keys(&s, wrong[i].enckey, wrong[i].authkey));
	}
}

static void ah_has_an_authentication_and_nothing_else(void **state)
{
	static const struct { const char *name; uint8_t auth; size_t key; } good[] = {
		{ "hmac-md5-96", SADB_AALG_MD5HMAC, 16 },
		{ "hmac-sha1-96", SADB_AALG_SHA1HMAC, 20 },
		{ "HMAC-SHA2-256-128", SADB_X_AALG_SHA2_256HMAC, 32 },
		{ "sha2_512", SADB_X_AALG_SHA2_512HMAC, 64 },
	};
	static const char *const bad[] = { "", "null", "aes", "3des-md5-96", "hmac-md5", "-" };
	struct suite s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_null(suite_of_ah(span_str(good[i].name), &s));
		assert_int_equal(s.auth, good[i].auth);
		assert_int_equal(s.encrypt, SADB_EALG_NONE);
		assert_null(suite_check_keys(&s, 0, good[i].key));
		assert_non_null(suite_check_keys(&s, 0, good[i].key - 1));
		assert_non_null(suite_check_keys(&s, 16, good[i].key));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(suite_of_ah(span_str(bad[i]), &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_spellings_are_known),
		cmocka_unit_test(rarer_suites_are_known),
		cmocka_unit_test(what_does_not_protect_or_is_unknown_is_refused),
		cmocka_unit_test(keys_have_the_length_of_their_suite),
		cmocka_unit_test(ah_has_an_authentication_and_nothing_else),
	};

	return cmocka_run_group_tests_name("suite", tests, NULL, NULL);
}
