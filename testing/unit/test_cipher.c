/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CBC ciphers: RFC 3602 section 4, and how the IV is carried from message to message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "lib/crypto/crypto.h"

/* RFC 3602 section 4, cases 2 and 4. */
static const struct {
	const char *key, *iv, *plain, *secret;
} rfc3602[] = {
	{
		"c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1",
	}, {
		"56e47a38c5598974bc46903dba290349", "8ce82eefbea0da3c44699ed7db51b7d9",
		"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
		"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
		"c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e"
		"35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55",
	},
};

struct fixture {
	struct buf key, iv, plain, secret;
};

static void read_row(size_t i, struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	assert_null(text_to_hex(span_str(rfc3602[i].key), &f->key));
	assert_null(text_to_hex(span_str(rfc3602[i].iv), &f->iv));
	assert_null(text_to_hex(span_str(rfc3602[i].plain), &f->plain));
	assert_null(text_to_hex(span_str(rfc3602[i].secret), &f->secret));
}

static void drop_row(struct fixture *f)
{
	buf_free(&f->key);
	buf_free(&f->iv);
	buf_free(&f->plain);
	buf_free(&f->secret);
}

static void aes_cbc_matches_rfc3602_both_ways(void **state)
{
	const struct cipher_desc *aes = cipher_by_id(IKE_CIPHER_AES);
	struct fixture f;
	uint8_t data[64], iv[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rfc3602); i++) {
		read_row(i, &f);
		memcpy(data, f.plain.ptr, f.plain.len);
		memcpy(iv, f.iv.ptr, sizeof(iv));
		assert_null(cipher_cbc(aes, buf_span(&f.key), true, iv, data, f.plain.len));
		assert_memory_equal(data, f.secret.ptr, f.secret.len);
		assert_memory_equal(iv, f.secret.ptr + f.secret.len - 16, 16);
		memcpy(iv, f.iv.ptr, sizeof(iv));
		assert_null(cipher_cbc(aes, buf_span(&f.key), false, iv, data, f.plain.len));
		assert_memory_equal(data, f.plain.ptr, f.plain.len);
		assert_memory_equal(iv, f.secret.ptr + f.secret.len - 16, 16);
		drop_row(&f);
	}
}

static void two_messages_chained_by_iv_equal_one(void **state)
{
	const struct cipher_desc *aes = cipher_by_id(IKE_CIPHER_AES);
	struct fixture f;

	(void)state;
	read_row(1, &f);
	for (int encrypt = 1; encrypt >= 0; encrypt--) {
		struct buf *from = encrypt ? &f.plain : &f.secret;
		struct buf *to = encrypt ? &f.secret : &f.plain;
		uint8_t data[64], iv[16];

		memcpy(data, from->ptr, 64);
		memcpy(iv, f.iv.ptr, sizeof(iv));
		assert_null(cipher_cbc(aes, buf_span(&f.key), encrypt, iv, data, 16));
		assert_null(cipher_cbc(aes, buf_span(&f.key), encrypt, iv, data + 16, 48));
		assert_memory_equal(data, to->ptr, 64);
	}
	drop_row(&f);
}

static void part_of_a_block_and_wrong_keys_are_refused_untouched(void **state)
{
	static const struct { unsigned int id; size_t key, data; } row[] = {
		{ IKE_CIPHER_AES, 16, 1 }, { IKE_CIPHER_AES, 16, 15 }, { IKE_CIPHER_AES, 16, 17 },
		{ IKE_CIPHER_AES, 16, 40 }, { IKE_CIPHER_3DES, 24, 7 }, { IKE_CIPHER_3DES, 24, 12 },
		{ IKE_CIPHER_AES, 0, 16 }, { IKE_CIPHER_AES, 15, 16 }, { IKE_CIPHER_AES, 33, 16 },
		{ IKE_CIPHER_3DES, 16, 16 }, { IKE_CIPHER_3DES, 8, 16 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		uint8_t key[33] = { 1 }, iv[16] = { 2 }, data[40] = { 3 };
		static const uint8_t iv_before[16] = { 2 }, data_before[40] = { 3 };

		assert_non_null(cipher_cbc(cipher_by_id(row[i].id), span_of(key, row[i].key), false,
					   iv, data, row[i].data));
		assert_memory_equal(iv, iv_before, sizeof(iv));
		assert_memory_equal(data, data_before, sizeof(data));
	}
}

static void nothing_encrypts_to_nothing(void **state)
{
	uint8_t key[16] = { 0 }, iv[16] = { 7 }, data[1];

	(void)state;
	assert_null(cipher_cbc(cipher_by_id(IKE_CIPHER_AES), span_of(key, 16), true, iv, data, 0));
	assert_int_equal(iv[0], 7);
}

static void ciphers_know_their_key_lengths(void **state)
{
	static const struct { unsigned int id, bits; bool ok; } row[] = {
		{ IKE_CIPHER_AES, 128, true }, { IKE_CIPHER_AES, 192, true },
		{ IKE_CIPHER_AES, 256, true }, { IKE_CIPHER_AES, 0, false },
		{ IKE_CIPHER_AES, 64, false }, { IKE_CIPHER_AES, 512, false },
		{ IKE_CIPHER_3DES, 192, true }, { IKE_CIPHER_3DES, 168, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		assert_int_equal(cipher_key_bits_ok(cipher_by_id(row[i].id), row[i].bits),
				 row[i].ok);
	assert_true(cipher_by_name(span_str("AES"))->key_length_attribute);
	assert_false(cipher_by_name(span_str("3des"))->key_length_attribute);
	assert_null(cipher_by_id(IKE_CIPHER_DES));
	assert_null(cipher_by_name(span_str("des")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(aes_cbc_matches_rfc3602_both_ways),
		cmocka_unit_test(two_messages_chained_by_iv_equal_one),
		cmocka_unit_test(part_of_a_block_and_wrong_keys_are_refused_untouched),
		cmocka_unit_test(nothing_encrypts_to_nothing),
		cmocka_unit_test(ciphers_know_their_key_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
