/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vectors that the module tests itself with, computed again by OpenSSL: neither the
 * kernel's ciphers nor whoever typed them in has the last word.
 *
 * RFC 4106, 4309, 4543 and 7634 say how nonce and associated data are put together;
 * AES-XCBC-MAC, which OpenSSL lacks, is built from AES here as RFC 3566 section 4 does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "klips/vectors.h"
#include "lib/pfkey/pfkeyv2.h"

#define MAX	256

static const uint8_t *octets(const struct klips_octets *o)
{
	return (const uint8_t *)o->ptr;
}

static void is(const struct klips_vector *v, const struct klips_octets *want, const uint8_t *got)
{
	if (memcmp(want->ptr, got, want->len) != 0)
		fail_msg("%s, algorithm %u", v->source, v->ealg ? v->ealg : v->aalg);
}

/* A cipher that needs no more than key and IV. */
static void encrypt(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv,
		    const struct klips_octets *plain, uint8_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len;

	assert_non_null(c);
	assert_int_equal(EVP_EncryptInit_ex(c, cipher, NULL, key, iv), 1);
	EVP_CIPHER_CTX_set_padding(c, 0);
	assert_int_equal(EVP_EncryptUpdate(c, out, &len, octets(plain), plain->len), 1);
	assert_int_equal(len, plain->len);
	EVP_CIPHER_CTX_free(c);
}

static const EVP_CIPHER *aes(const char *mode, size_t key)
{
	char name[32];

	snprintf(name, sizeof(name), "AES-%zu-%s", key * 8, mode);
	return EVP_get_cipherbyname(name);
}

static void check_cbc(const struct klips_vector *v)
{
	uint8_t out[MAX];

	encrypt(v->ealg == SADB_EALG_3DESCBC ? EVP_des_ede3_cbc() : aes("CBC", v->key.len),
		octets(&v->key), octets(&v->iv), &v->plain, out);
	is(v, &v->cipher, out);
}

/* RFC 3686 section 4: nonce, IV, and a counter that begins with 1. */
static void check_ctr(const struct klips_vector *v)
{
	uint8_t counter[16] = { [15] = 1 }, out[MAX];
	size_t key = v->key.len - 4U;

	memcpy(counter, v->key.ptr + key, 4);
	memcpy(counter + 4, v->iv.ptr, 8);
	encrypt(aes("CTR", key), octets(&v->key), counter, &v->plain, out);
	is(v, &v->cipher, out);
}

struct aead {
	const EVP_CIPHER *cipher;
	size_t key, salt;		/* octets */
	bool sizes_first;		/* CCM: lengths of ICV and text come before all else */
	bool clear;			/* GMAC: the text is associated, too */
};

static void associate(EVP_CIPHER_CTX *c, const struct klips_octets *o)
{
	int len;

	assert_int_equal(EVP_EncryptUpdate(c, NULL, &len, octets(o), o->len), 1);
}

static void check_aead(const struct klips_vector *v, const struct aead *a)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t nonce[12], out[MAX], icv[16];
	int len = 0;

	assert_non_null(c);
	assert_non_null(a->cipher);
	memcpy(nonce, v->key.ptr + a->key, a->salt);
	memcpy(nonce + a->salt, v->iv.ptr, v->iv.len);
	assert_int_equal(EVP_EncryptInit_ex(c, a->cipher, NULL, NULL, NULL), 1);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, (int)(a->salt + v->iv.len), NULL);
	if (a->sizes_first)
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, v->icv.len, NULL);
	assert_int_equal(EVP_EncryptInit_ex(c, NULL, NULL, octets(&v->key), nonce), 1);
	if (a->sizes_first)
		assert_int_equal(EVP_EncryptUpdate(c, NULL, &len, NULL, v->plain.len), 1);
	associate(c, &v->assoc);
	if (a->clear) {
		associate(c, &v->iv);
		associate(c, &v->plain);
		memcpy(out, v->plain.ptr, v->plain.len);
	} else {
		assert_int_equal(EVP_EncryptUpdate(c, out, &len, octets(&v->plain),
						   v->plain.len), 1);
	}
	assert_int_equal(EVP_EncryptFinal_ex(c, out + len, &len), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, v->icv.len, icv), 1);
	is(v, &v->cipher, out);
	is(v, &v->icv, icv);
	EVP_CIPHER_CTX_free(c);
}

static void check_cipher(const struct klips_vector *v)
{
	size_t key = v->key.len - 4U;
	struct aead gcm = { aes("GCM", key), key, 4, false, false };
	struct aead gmac = { aes("GCM", key), key, 4, false, true };
	struct aead ccm = { aes("CCM", key + 1), key + 1, 3, true, false };
	struct aead chacha = { EVP_chacha20_poly1305(), key, 4, false, false };

	switch (v->ealg) {
	case SADB_X_EALG_AESCBC:
	case SADB_EALG_3DESCBC:
		check_cbc(v);
		break;
	case SADB_X_EALG_AESCTR:
		check_ctr(v);
		break;
	case SADB_X_EALG_AES_GCM_ICV8:
	case SADB_X_EALG_AES_GCM_ICV12:
	case SADB_X_EALG_AES_GCM_ICV16:
		check_aead(v, &gcm);
		break;
	case SADB_X_EALG_AES_CCM_ICV8:
	case SADB_X_EALG_AES_CCM_ICV12:
	case SADB_X_EALG_AES_CCM_ICV16:
		check_aead(v, &ccm);
		break;
	case SADB_X_EALG_NULL_AES_GMAC:
		check_aead(v, &gmac);
		break;
	case SADB_X_EALG_CHACHA20_POLY1305:
		check_aead(v, &chacha);
		break;
	default:
		fail_msg("%s: nobody to judge algorithm %u", v->source, v->ealg);
	}
}

static void check_mac(const struct klips_vector *v, const char *name, const char *what,
		      const char *value)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, name, NULL);
	EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
	OSSL_PARAM param[] = {
		OSSL_PARAM_utf8_string(what, (void *)(uintptr_t)value, 0),
		OSSL_PARAM_END,
	};
	uint8_t out[EVP_MAX_MD_SIZE];
	size_t len;

	assert_non_null(c);
	assert_int_equal(EVP_MAC_init(c, octets(&v->key), v->key.len, param), 1);
	assert_int_equal(EVP_MAC_update(c, octets(&v->assoc), v->assoc.len), 1);
	assert_int_equal(EVP_MAC_final(c, out, &len, sizeof(out)), 1);
	is(v, &v->icv, out);
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(mac);
}

static void aes_block(const uint8_t *key, const uint8_t *in, uint8_t *out)
{
	const struct klips_octets block = { (const char *)in, 16 };

	encrypt(aes("ECB", 16), key, NULL, &block, out);
}

static void check_xcbc(const struct klips_vector *v)
{
	uint8_t derived[3][16], e[16] = { 0 }, last[16] = { 0 }, n[16];
	size_t left = v->assoc.len, take;
	const uint8_t *m = octets(&v->assoc);
	const uint8_t *mask;

	for (size_t i = 0; i < 3; i++) {
		memset(n, (int)i + 1, sizeof(n));
		aes_block(octets(&v->key), n, derived[i]);
	}
	for (; left > 16; left -= 16, m += 16) {
		for (size_t i = 0; i < 16; i++)
			n[i] = e[i] ^ m[i];
		aes_block(derived[0], n, e);
	}
	take = left;
	memcpy(last, m, take);
	mask = derived[take == 16 ? 1 : 2];
	if (take < 16)
		last[take] = 0x80;
	for (size_t i = 0; i < 16; i++)
		n[i] = e[i] ^ last[i] ^ mask[i];
	aes_block(derived[0], n, e);
	is(v, &v->icv, e);
}

static void check_hash(const struct klips_vector *v)
{
	switch (v->aalg) {
	case SADB_AALG_MD5HMAC:
		check_mac(v, "HMAC", OSSL_MAC_PARAM_DIGEST, "MD5");
		break;
	case SADB_AALG_SHA1HMAC:
		check_mac(v, "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA1");
		break;
	case SADB_X_AALG_SHA2_256HMAC:
	case SADB_X_AALG_SHA2_256HMAC_96:
		check_mac(v, "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256");
		break;
	case SADB_X_AALG_SHA2_384HMAC:
		check_mac(v, "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA384");
		break;
	case SADB_X_AALG_SHA2_512HMAC:
		check_mac(v, "HMAC", OSSL_MAC_PARAM_DIGEST, "SHA512");
		break;
	case SADB_X_AALG_AES_CMAC:
		check_mac(v, "CMAC", OSSL_MAC_PARAM_CIPHER, "AES-128-CBC");
		break;
	case SADB_X_AALG_AES_XCBC_MAC:
		check_xcbc(v);
		break;
	default:
		fail_msg("%s: nobody to judge algorithm %u", v->source, v->aalg);
	}
}

static void openssl_computes_the_same(void **state)
{
	const struct klips_vector *v;
	unsigned int i;

	(void)state;
	for (i = 0; (v = klips_vector_at(i)); i++) {
		assert_true(!v->ealg != !v->aalg);
		assert_int_equal(v->plain.len, v->cipher.len);
		if (v->ealg)
			check_cipher(v);
		else
			check_hash(v);
	}
	assert_in_range(i, 30, 100);
}

/* With extended sequence numbers a hash is told by a message of three words at least. */
static void each_hash_has_a_message_for_extended_numbers(void **state)
{
	const struct klips_vector *v, *w;
	unsigned int longest;

	(void)state;
	for (unsigned int i = 0; (v = klips_vector_at(i)); i++) {
		longest = 0;
		for (unsigned int j = 0; v->aalg && (w = klips_vector_at(j)); j++)
			if (w->aalg == v->aalg && w->assoc.len > longest)
				longest = w->assoc.len;
		if (v->aalg)
			assert_in_range(longest, 12, 64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_computes_the_same),
		cmocka_unit_test(each_hash_has_a_message_for_extended_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
