/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RSA: what is a key, and what is a signature (RFC 2409 section 5.1, RFC 3110).
 *
 * The key and the hostile signatures were made for this test by plain arithmetic; each of
 * them is a block that some verifier once took for the one it should have been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "lib/crypto/crypto.h"

enum field {
	MODULUS, PUBLIC_EXPONENT, PRIVATE_EXPONENT, PRIME1, PRIME2, EXPONENT1, EXPONENT2,
	COEFFICIENT, FIELDS
};

static const char *const key_hex[FIELDS] = {
	[MODULUS] =
		"cbe7a802762f641d0357af7f6555c2ae110d70340f9477d33e8e84b7816337f7"
		"bdfe1bfa327f9b61368d6b6327de8d7435b7d938e095c5bb59333f2103fbf33a"
		"da0797adaa7c348ea7c21da17a27e52d8a93203a74f06345260ec9d39dae67b1"
		"373bf1ac55aca716c9c00a0e489e1409eee43df26224d0c75b093ca58835c00f",
	[PUBLIC_EXPONENT] = "03",
	[PRIVATE_EXPONENT] =
		"87efc556f974ed68ace51faa438e81c960b3a022b50da5377f09adcfab977aa5"
		"295412a6cc551240cf08f2421a945e4d79253b7b4063d92790ccd4c0ad52a226"
		"0aeba80d09e30088659d1e4572a9562b7bdc28ba57cc8efd241ef2ca3549c134"
		"010addf310d52c834d9abcb407327e7e038366ef10c37a4ba5306933ac546fab",
	[PRIME1] =
		"f182f54f4b84be59eb0211d933bd6d2083eb887029fded0a4daac6a36006582c"
		"b0f4a62c71024bbed058d0e767b43e6fede66d96df5a5a37486eeb47c720e641",
	[PRIME2] =
		"d823264ad022f56824545e601a6c76cbccdd5ab2c73f9fbf22359700edb96db6"
		"84b6fe934b6a989304ff1e18d61e17dcfbb8b5f4e9a53f1e9ad1b3903e96324f",
	[EXPONENT1] =
		"a101f8df87add43bf201613b77d39e15ad47b04ac6a948b1891c846ceaaee573"
		"20a31972f60187d48ae5e09a4522d44a9e999e6494e6e6cf859f47852f6b442b",
	[EXPONENT2] =
		"90176edc8ac1f8f018383eeabc484f32889391cc84d5152a16ce64ab49264924"
		"5879ff0cdcf1bb0cadff6965e4140fe8a7d0794df118d4bf11e1226029b976df",
	[COEFFICIENT] =
		"8bbeb0ebe40c0e9dae0ba544f71ed02c458e160b0fc78e7f1669ca439bc81179"
		"edaccc841ff83cdeb784ff92ec612e0dd43f38b90faa9e7b7b6854cb7f323892",
};

static struct secret *field_of(struct rsa_numbers *n, size_t i)
{
	struct secret *field[FIELDS] = {
		&n->modulus, &n->public_exponent, &n->private_exponent, &n->prime1, &n->prime2,
		&n->exponent1, &n->exponent2, &n->coefficient,
	};

	return field[i];
}

static void set_hex(struct secret *s, const char *hex)
{
	struct buf octets = { 0 };

	assert_null(text_to_hex(span_str(hex), &octets));
	secret_set(s, buf_span(&octets));
	buf_free(&octets);
}

static void read_key(struct rsa_numbers *n)
{
	memset(n, 0, sizeof(*n));
	for (size_t i = 0; i < FIELDS; i++)
		set_hex(field_of(n, i), key_hex[i]);
}

static int make_key(void **state)
{
	struct rsa_numbers n;
	struct rsa_priv *k = NULL;

	read_key(&n);
	assert_null(rsa_priv_from_numbers(&n, &k));
	rsa_numbers_free(&n);
	*state = k;
	return 0;
}

static int drop_key(void **state)
{
	rsa_priv_unref(*state);
	return 0;
}

static const uint8_t hash[20] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
};

/* Of that hash under that key. */
static const char good_signature[] =
	"ad42f0cb816559cbf9a0b50bb2209767ff77229a7a5168057de1edc37426c87f"
	"2d8d1e8641f3e7df76688711cacc390acb5c9d9d808a00ca00e475bab235c7f0"
	"9faa9647ca6e4a2501d92344fd1d185ac10760e85efe65a2ab1f49e3fd541091"
	"73d9ef05b8295eb40b86a28464050b221a788e41294308814d10080a325b44ec";

static void signature_is_the_one_of_rfc2409(void **state)
{
	struct buf sig = { 0 }, shown = { 0 };

	rsa_sign(*state, span_of(hash, sizeof(hash)), &sig);
	data_to_hex(buf_span(&sig), &shown);
	assert_string_equal(buf_str(&shown), good_signature);
	assert_null(rsa_verify(rsa_priv_pub(*state), span_of(hash, sizeof(hash)),
			       buf_span(&sig)));
	buf_free(&sig);
	buf_free(&shown);
}

static void hashes_of_every_length_can_be_signed(void **state)
{
	static const uint8_t long_hash[HASH_MAX] = { 0xab };
	static const size_t len[] = { 16, 20, 32, 48, 64 };
	struct buf sig = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(len); i++) {
		struct span h = span_of(long_hash, len[i]);

		rsa_sign(*state, h, &sig);
		assert_null(rsa_verify(rsa_priv_pub(*state), h, buf_span(&sig)));
		h.len--;
		assert_non_null(rsa_verify(rsa_priv_pub(*state), h, buf_span(&sig)));
	}
	buf_free(&sig);
}

static const struct { const char *what, *sig; } hostile[] = {
	{
		"DigestInfo ahead of the hash",
		"649339ac68080a2df4af43a24546025edf3154b76d7d521b209460c0fa116e17"
		"ba41f997997105a8c4a459b866a3c9adc5d9f9a60d86b1b56b7d5d0be3e6985d"
		"725ef289c219c0f601fd30e4491603d110ba5968ae92c21d17cd61f4b9851397"
		"a5a9953a89c2769cd1af4a0dfb2bda3d66b98fd207b2c2e04e92393d7be35b77"
	}, {
		"junk behind the hash",
		"5ee88d9068f7d10b2cb965f3a64a6673c2d70d48d271963bff5c4f907714a02d"
		"83bac7c505d5740ab2f196fabea107da28363a8abba996086df2f7c0f895fa70"
		"44e0ccec884cbfa2bf6967ba58f5e881e0ed1ba00ee47a710fc172db783e9cbc"
		"512f3c0b01557d4b94014ca29cfdd40edd9fbe95c90d64fa9a39016e307191d4"
	}, {
		"a short pad, then zeros",
		"197c41ca2e774fbfc32bbc1dff17af9e7322388b7607e4ce7b069d6fae4789e7"
		"9ada905257e7d41dca7dcf5c50a6dce4cedf0cb23d1512dd589cfa0fff137b4c"
		"df67d00d84f34a948c92824e46ee036364c17c6c867f4f626fd7b09809a59370"
		"1e8ddcd3a2aff18b05a4ee74c1ba21a47d81bd1567c0bffc05b2b65316acb9a1"
	}, {
		"block type 2",
		"3de0557856e982caf1717449f9da4019e11dfc708379d488a59c07c076e63029"
		"dc458433271c57793fa5c3eb3d75d6e001a7880fcdecef6eb91596113a50b4ce"
		"7f8539f44a0ad378744048d4b6bed6a571c7cc778306ac4d6860f9c71fa92b36"
		"e71a9f42231ae3d372b2e238455ba9379d7c939b01c1b05a1b1435815f254a9d"
	}, {
		"an octet of the pad is not ff",
		"c696ce4e2be7078099254d6386477061f01935e3d9e016eb34905b9cf03712b1"
		"be1b8c8a2eda014fae0c55fca62dd2918d6e4eabf3c6e6626e0db96e638afc3c"
		"61519d6db61ea897e734708062c541f49773731f55b0e1f2c3e602217d0a5c09"
		"26f5f2efac255dc372abfcf7157505a388d6e22c15abe34732f5b4c3a250a07d"
	}, {
		"no zero between pad and hash",
		"5834817c8f2eb189d1a7c8f004424969f0c81fc4e1d91d9c4c5995bd27f06061"
		"f167938db4c41798febbd7457506db65f74cf5976217589acd1baa4785d43e20"
		"69e9c4e252c528b19a3f9d61ed983f85c8ea22fb7376e0dc33fad5c295deb60e"
		"551f6dd2241ebb4cdbf326a204779a49333269ce4a8076f71c50bb5fcfe3c3e4"
	}, {
		"the hash alone",
		"434c5432458474e34f0e2b0e31d481f5213cb1f43ba1282e96455c5ed41a5349"
		"6a2278b3eb324122f1249e4c8978c0cc3de38f90f330af13fd214cd10918cf3f"
		"374a67d89bb11462d2afe9be0d4da61f931c46ef49514b9aa0fd12f0f535e8fa"
		"c78cccfefae189ecf314d6a72e8852018f22907268716889a3a70c831a2e59f6"
	}, {
		"another hash",
		"8314bbc94293037d89bcfa0ab3e1560e8359008ade5ce4094346c949d5917abe"
		"84e1e83d05da3b4128028e9747377a2677935a2d8b612ee44ad639b0ac2fcab9"
		"d6ad78ddece1f27200e103b8cd7c5af7de89c4fabeeb0e1a6fc6e9ee9652bca9"
		"e3e262c0c97e553a40fc6eabaf7f4717d2ef688e929b5d684548feb98cffa277"
	}, {
		"the first 16 octets of the hash",
		"9e16f80eb6a13e4475ac4dd1a2aed82e8919907c8488c632d7dddbc804f32855"
		"18198d1019fecd7fa1ce2430c829efb5a3adfac2971937ab6005329dcf44e01e"
		"2c8ad28d99569cd538b7f496bc33a24242aeb161423be533d6469038adcb3581"
		"d0c36bead4df3d096179d7248459550b981a33f8e64e3e08f64678074f561a2c"
	}, {
		"a cube root, made without the key",
		"0000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000000"
		"00000000000000000000000000000000000000000001428a2f98d728ae220819"
		"3aaa1d0f73783d2e0faf693d0bf29164c54514ce5ea26d4b5cf1aac5b754e542"
	},
};

static void hostile_signatures_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct buf sig = { 0 };

		assert_null(text_to_hex(span_str(hostile[i].sig), &sig));
		if (!rsa_verify(rsa_priv_pub(*state), span_of(hash, sizeof(hash)), buf_span(&sig)))
			fail_msg("accepted: %s", hostile[i].what);
		buf_free(&sig);
	}
}

static void signatures_of_wrong_length_are_refused(void **state)
{
	const struct rsa_pub *pub = rsa_priv_pub(*state);
	struct span h = span_of(hash, sizeof(hash));
	struct buf sig = { 0 };

	buf_add_u8(&sig, 0);
	assert_null(text_to_hex(span_str(good_signature), &sig));
	assert_null(rsa_verify(pub, h, span_skip(buf_span(&sig), 1)));
	assert_non_null(rsa_verify(pub, h, buf_span(&sig)));		/* a zero too many */
	assert_non_null(rsa_verify(pub, h, span_skip(buf_span(&sig), 2)));
	assert_non_null(rsa_verify(pub, h, SPAN_EMPTY));
	buf_add_u8(&sig, 0);
	assert_non_null(rsa_verify(pub, h, span_skip(buf_span(&sig), 1)));
	buf_free(&sig);
}

static void zero_one_and_numbers_beyond_the_modulus_are_refused(void **state)
{
	const struct rsa_pub *pub = rsa_priv_pub(*state);
	struct span h = span_of(hash, sizeof(hash));
	uint8_t raw[128] = { 0 };

	assert_non_null(rsa_verify(pub, h, span_of(raw, 128)));
	raw[127] = 1;
	assert_non_null(rsa_verify(pub, h, span_of(raw, 128)));
	memset(raw, 0xff, sizeof(raw));
	assert_non_null(rsa_verify(pub, h, span_of(raw, 128)));
}

static void hashes_that_do_not_fit_are_refused(void **state)
{
	uint8_t raw[128] = { 1 };

	assert_non_null(rsa_verify(rsa_priv_pub(*state), SPAN_EMPTY, span_of(raw, 128)));
	assert_non_null(rsa_verify(rsa_priv_pub(*state), span_of(raw, 118), span_of(raw, 128)));
}

static void a_number_that_does_not_fit_the_others_is_named(void **state)
{
	static const struct { enum field field; const char *named; } row[] = {
		{ MODULUS, "Modulus" }, { PUBLIC_EXPONENT, "PublicExponent" },
		{ PRIVATE_EXPONENT, "PrivateExponent" }, { PRIME1, "Modulus" },
		{ PRIME2, "Modulus" }, { EXPONENT1, "Exponent1" }, { EXPONENT2, "Exponent2" },
		{ COEFFICIENT, "Coefficient" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct rsa_numbers n;
		struct rsa_priv *k = NULL;
		struct secret *s;
		err_t ugh;

		read_key(&n);
		s = field_of(&n, row[i].field);
		s->ptr[s->len - 1] ^= 4;
		ugh = rsa_priv_from_numbers(&n, &k);
		assert_non_null(ugh);
		assert_null(k);
		if (!strstr(ugh, row[i].named))
			fail_msg("field %zu: \"%s\" does not name %s", i, ugh, row[i].named);
		rsa_numbers_free(&n);
	}
}

static void missing_and_swapped_numbers_are_refused(void **state)
{
	struct rsa_numbers n;
	struct rsa_priv *k = NULL;

	(void)state;
	for (size_t i = 0; i < FIELDS; i++) {
		read_key(&n);
		secret_free(field_of(&n, i));
		assert_non_null(rsa_priv_from_numbers(&n, &k));
		rsa_numbers_free(&n);
	}
	read_key(&n);
	set_hex(&n.prime1, key_hex[PRIME2]);
	set_hex(&n.prime2, key_hex[PRIME1]);
	assert_non_null(rsa_priv_from_numbers(&n, &k));
	rsa_numbers_free(&n);
	assert_null(k);
}

static void public_key_survives_its_wire_form(void **state)
{
	struct rsa_pub *again = NULL;
	struct buf octets = { 0 };
	char keyid[10];

	rsa_pub_to_rfc3110(rsa_priv_pub(*state), &octets);
	assert_int_equal(octets.len, 130);
	assert_null(rsa_pub_from_rfc3110(buf_span(&octets), &again));
	assert_true(rsa_pub_eq(again, rsa_priv_pub(*state)));
	assert_int_equal(rsa_pub_bits(again), 1024);
	rsa_pub_keyid(again, keyid);
	assert_string_equal(keyid, "AQPL56gCd");
	rsa_pub_unref(rsa_pub_ref(again));
	rsa_pub_unref(again);
	rsa_pub_unref(NULL);
	buf_free(&octets);
}

static void long_form_of_the_exponent_length_is_read(void **state)
{
	struct buf octets = { 0 };
	struct rsa_pub *pub = NULL;

	assert_null(text_to_hex(span_str("00000103"), &octets));
	assert_null(text_to_hex(span_str(key_hex[MODULUS]), &octets));
	assert_null(rsa_pub_from_rfc3110(buf_span(&octets), &pub));
	assert_true(rsa_pub_eq(pub, rsa_priv_pub(*state)));
	rsa_pub_unref(pub);
	buf_free(&octets);
}

static void malformed_public_keys_are_refused(void **state)
{
	/* What comes ahead of the good modulus, or alone. */
	static const struct { const char *head; bool modulus; } row[] = {
		{ "", false }, { "00", false }, { "0000", false }, { "000001", false },
		{ "0103", false }, { "01", false }, { "0503", false }, { "ff03", true },
		{ "000000", true },		/* exponent of no octets */
		{ "0101", true },		/* exponent 1 */
		{ "0102", true },		/* even */
		{ "020003", true },		/* leading zero */
		{ "010300", true },		/* leading zero of the modulus */
		{ "09010000000000000001", true },
		{ "0103ffffff", false },	/* small */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct buf octets = { 0 };
		struct rsa_pub *pub = NULL;

		if (row[i].head[0])
			assert_null(text_to_hex(span_str(row[i].head), &octets));
		if (row[i].modulus)
			assert_null(text_to_hex(span_str(key_hex[MODULUS]), &octets));
		if (!rsa_pub_from_rfc3110(buf_span(&octets), &pub))
			fail_msg("accepted a public key starting \"%s\"", row[i].head);
		assert_null(pub);
		buf_free(&octets);
	}
}

static void even_and_huge_moduli_are_refused(void **state)
{
	struct rsa_pub *pub = NULL;
	struct buf octets = { 0 };

	(void)state;
	assert_null(text_to_hex(span_str("0103"), &octets));
	assert_null(text_to_hex(span_str(key_hex[MODULUS]), &octets));
	octets.ptr[octets.len - 1] ^= 1;
	assert_non_null(rsa_pub_from_rfc3110(buf_span(&octets), &pub));
	octets.ptr[octets.len - 1] ^= 1;
	memset(buf_grow(&octets, 1024), 0xff, 1024);
	assert_non_null(rsa_pub_from_rfc3110(buf_span(&octets), &pub));
	buf_free(&octets);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signature_is_the_one_of_rfc2409),
		cmocka_unit_test(hashes_of_every_length_can_be_signed),
		cmocka_unit_test(hostile_signatures_are_refused),
		cmocka_unit_test(signatures_of_wrong_length_are_refused),
		cmocka_unit_test(zero_one_and_numbers_beyond_the_modulus_are_refused),
		cmocka_unit_test(hashes_that_do_not_fit_are_refused),
		cmocka_unit_test(a_number_that_does_not_fit_the_others_is_named),
		cmocka_unit_test(missing_and_swapped_numbers_are_refused),
		cmocka_unit_test(public_key_survives_its_wire_form),
		cmocka_unit_test(long_form_of_the_exponent_length_is_read),
		cmocka_unit_test(malformed_public_keys_are_refused),
		cmocka_unit_test(even_and_huge_moduli_are_refused),
	};

	return cmocka_run_group_tests(tests, make_key, drop_key);
}
