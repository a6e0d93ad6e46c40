/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digests and the prf against the vectors of RFC 1321, RFC 2202 and RFC 4231.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "lib/crypto/crypto.h"

static void assert_is_hex(struct span data, const char *hex)
{
	struct buf shown = { 0 };

	data_to_hex(data, &shown);
	assert_string_equal(buf_str(&shown), hex);
	buf_free(&shown);
}

static void every_algorithm_gives_its_known_answer(void **state)
{
	(void)state;
	assert_null(crypto_selftest());
}

static void hashes_are_found_by_number_and_by_all_their_names(void **state)
{
	static const struct { const char *name; unsigned int id; } row[] = {
		{ "md5", IKE_HASH_MD5 }, { "MD5", IKE_HASH_MD5 },
		{ "sha1", IKE_HASH_SHA1 }, { "sha", IKE_HASH_SHA1 },
		{ "sha2_256", IKE_HASH_SHA2_256 }, { "sha256", IKE_HASH_SHA2_256 },
		{ "sha2", IKE_HASH_SHA2_256 }, { "sha384", IKE_HASH_SHA2_384 },
		{ "sha2_512", IKE_HASH_SHA2_512 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		const struct hash_desc *h = hash_by_name(span_str(row[i].name));

		assert_non_null(h);
		assert_int_equal(h->id, row[i].id);
		assert_ptr_equal(hash_by_id(row[i].id), h);
		assert_true(h->len <= HASH_MAX);
	}
	assert_null(hash_by_id(3));		/* Tiger, never */
	assert_null(hash_by_id(0));
	assert_null(hash_by_name(span_str("sha3")));
	assert_null(hash_by_name(SPAN_EMPTY));
}

static void only_md5_wants_to_be_named(void **state)
{
	(void)state;
	assert_true(hash_by_id(IKE_HASH_MD5)->weak);
	assert_false(hash_by_id(IKE_HASH_SHA1)->weak);
	assert_false(hash_by_id(IKE_HASH_SHA2_256)->weak);
}

static void spans_hash_as_if_they_were_one(void **state)
{
	struct span parts[] = { span_str("mess"), SPAN_EMPTY, span_str("age "),
				span_str("digest") };
	const struct hash_desc *md5 = hash_by_id(IKE_HASH_MD5);
	uint8_t out[HASH_MAX];

	(void)state;
	hash_spans(md5, parts, ARRAY_SIZE(parts), out);
	assert_is_hex(span_of(out, md5->len), "f96b697d7cb7938d525a2f31aaf161d0");
	hash_spans(md5, NULL, 0, out);
	assert_is_hex(span_of(out, md5->len), "d41d8cd98f00b204e9800998ecf8427e");
}

/* RFC 2202 and 4231: key of one octet repeated, or text; data likewise. */
static const struct {
	unsigned int id;
	size_t key_len;
	uint8_t key;
	size_t data_len;
	uint8_t data;
	const char *text;		/* instead of data */
	const char *hmac;
} hmac_row[] = {
	{ IKE_HASH_MD5, 16, 0x0b, 0, 0, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d" },
	{ IKE_HASH_MD5, 16, 0xaa, 50, 0xdd, NULL, "56be34521d144c88dbb8c733f0e8b3f6" },
	{ IKE_HASH_MD5, 80, 0xaa, 0, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
	  "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
	{ IKE_HASH_SHA1, 20, 0x0b, 0, 0, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00" },
	{ IKE_HASH_SHA1, 20, 0xaa, 50, 0xdd, NULL, "125d7342b9ac11cd91a39af48aa17b4f63f175d3" },
	{ IKE_HASH_SHA1, 80, 0xaa, 0, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
	  "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
	{ IKE_HASH_SHA2_256, 20, 0x0b, 0, 0, "Hi There",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ IKE_HASH_SHA2_256, 20, 0xaa, 50, 0xdd, NULL,
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ IKE_HASH_SHA2_256, 131, 0xaa, 0, 0,
	  "Test Using Larger Than Block-Size Key - Hash Key First",
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ IKE_HASH_SHA2_384, 20, 0x0b, 0, 0, "Hi There",
	  "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
	  "faea9ea9076ede7f4af152e8b2fa9cb6" },
	{ IKE_HASH_SHA2_512, 20, 0x0b, 0, 0, "Hi There",
	  "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	  "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
	{ IKE_HASH_SHA2_512, 131, 0xaa, 0, 0,
	  "Test Using Larger Than Block-Size Key - Hash Key First",
	  "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	  "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
};

static void prf_is_hmac_of_the_whole_hash(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hmac_row); i++) {
		const struct hash_desc *h = hash_by_id(hmac_row[i].id);
		uint8_t key[131], data[50], out[HASH_MAX];
		struct span in;

		memset(key, hmac_row[i].key, sizeof(key));
		memset(data, hmac_row[i].data, sizeof(data));
		in = hmac_row[i].text ? span_str(hmac_row[i].text) :
					span_of(data, hmac_row[i].data_len);
		prf_spans(h, span_of(key, hmac_row[i].key_len), &in, 1, out);
		assert_is_hex(span_of(out, h->len), hmac_row[i].hmac);
	}
}

static void prf_of_no_key_and_no_data_is_defined(void **state)
{
	const struct hash_desc *h = hash_by_id(IKE_HASH_SHA2_256);
	uint8_t out[HASH_MAX];

	(void)state;
	prf_spans(h, SPAN_EMPTY, NULL, 0, out);
	assert_is_hex(span_of(out, h->len),
		      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void fill_with_nines(void *ptr, size_t len)
{
	memset(ptr, 9, len);
}

static void random_octets_differ_unless_overridden(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	random_fill(a, sizeof(a));
	random_fill(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	random_override(fill_with_nines);
	assert_int_equal(random_u32(), 0x09090909);
	random_override(NULL);
	random_fill(a, sizeof(a));
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_algorithm_gives_its_known_answer),
		cmocka_unit_test(hashes_are_found_by_number_and_by_all_their_names),
		cmocka_unit_test(only_md5_wants_to_be_named),
		cmocka_unit_test(spans_hash_as_if_they_were_one),
		cmocka_unit_test(prf_is_hmac_of_the_whole_hash),
		cmocka_unit_test(prf_of_no_key_and_no_data_is_defined),
		cmocka_unit_test(random_octets_differ_unless_overridden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
