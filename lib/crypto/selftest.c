/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers: one for each algorithm, tried when Pluto starts.
 *
 * A libcrypto that lacks an algorithm (a policy of the machine may forbid one), or that was
 * built badly, is found here with a name instead of later by a peer that cannot decrypt.
 * The answers come from RFC 1321, FIPS 180, RFC 2202 and 4231 (test case 2), RFC 3602, SP
 * 800-38A and SP 800-67; those for Diffie-Hellman and RSA were computed from the primes'
 * formulas in RFC 2409 and 3526, and from a key made for this purpose, by plain arithmetic
 * without libcrypto.
 */
#include "lib/crypto/crypto.h"

#include <string.h>

#include "lib/base/text.h"

/* out is ours to free. */
static struct span unhex(const char *hex, struct buf *out)
{
	buf_clear(out);
	return text_to_hex(span_str(hex), out) ? SPAN_EMPTY : buf_span(out);
}

static bool is_hex_of(struct span data, const char *hex)
{
	struct buf expected = { 0 };
	bool same = span_eq(data, unhex(hex, &expected));

	buf_free(&expected);
	return same;
}

static const struct hash_answer {
	unsigned int id;
	const char *failure;
	const char *digest;		/* of "abc" */
	const char *hmac;		/* of "what do ya want for nothing?" under "Jefe" */
} hash_answers[] = {
	{
		IKE_HASH_MD5, "self-test of MD5 failed",
		"900150983cd24fb0d6963f7d28e17f72", "750c783e6ab0b503eaa86e310a5db738",
	}, {
		IKE_HASH_SHA1, "self-test of SHA1 failed",
		"a9993e364706816aba3e25717850c26c9cd0d89d",
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
	}, {
		IKE_HASH_SHA2_256, "self-test of SHA2-256 failed",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	}, {
		IKE_HASH_SHA2_384, "self-test of SHA2-384 failed",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		"8086072ba1e7cc2358baeca134c825a7",
		"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
		"8e2240ca5e69e2c78b3239ecfab21649",
	}, {
		IKE_HASH_SHA2_512, "self-test of SHA2-512 failed",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
		"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
	},
};

static err_t test_hashes(void)
{
	struct span abc = span_str("abc"), question = span_str("what do ya want for nothing?");
	uint8_t out[HASH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(hash_answers); i++) {
		const struct hash_answer *a = &hash_answers[i];
		const struct hash_desc *h = hash_by_id(a->id);

		hash_spans(h, &abc, 1, out);
		if (!is_hex_of(span_of(out, h->len), a->digest))
			return a->failure;
		prf_spans(h, span_str("Jefe"), &question, 1, out);
		if (!is_hex_of(span_of(out, h->len), a->hmac))
			return a->failure;
	}
	return NULL;
}

static const struct cipher_answer {
	unsigned int id;
	const char *failure;
	const char *key, *iv, *plain, *secret;
} cipher_answers[] = {
	{
		IKE_CIPHER_AES, "self-test of AES-128 failed",
		"06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41",
		"53696e676c6520626c6f636b206d7367", "e353779c1079aeb82708942dbe77181a",
	}, {
		IKE_CIPHER_AES, "self-test of AES-192 failed",
		"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
		"000102030405060708090a0b0c0d0e0f",
		"6bc1bee22e409f96e93d7e117393172a", "4f021db243bc633d7178183a9fa071e8",
	}, {
		IKE_CIPHER_AES, "self-test of AES-256 failed",
		"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
		"000102030405060708090a0b0c0d0e0f",
		"6bc1bee22e409f96e93d7e117393172a", "f58c4c04d6e5f1ba779eabfb5f7bfbd6",
	}, {
		IKE_CIPHER_3DES, "self-test of 3DES failed",
		"0123456789abcdef23456789abcdef01456789abcdef0123", "0000000000000000",
		"5468652071756663", "a826fd8ce53b855f",
	},
};

static bool cipher_answers_well(const struct cipher_answer *a, bool encrypt)
{
	const struct cipher_desc *c = cipher_by_id(a->id);
	struct buf key = { 0 }, iv = { 0 }, data = { 0 };
	bool good;

	unhex(a->key, &key);
	unhex(a->iv, &iv);
	unhex(encrypt ? a->plain : a->secret, &data);
	good = !cipher_cbc(c, buf_span(&key), encrypt, iv.ptr, data.ptr, data.len) &&
	       is_hex_of(buf_span(&data), encrypt ? a->secret : a->plain) &&
	       is_hex_of(buf_span(&iv), a->secret);
	buf_free(&key);
	buf_free(&iv);
	buf_free(&data);
	return good;
}

static err_t test_ciphers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cipher_answers); i++)
		if (!cipher_answers_well(&cipher_answers[i], true) ||
		    !cipher_answers_well(&cipher_answers[i], false))
			return cipher_answers[i].failure;
	return NULL;
}

/*
 * Our secret is a5a5.. (for a curve, 01 a5a5..), the peer's value 5555.. (the curve's
 * generator, where one is given).  The answer is the start of the SHA2-256 of the shared secret.
 */
static const struct dh_answer {
	unsigned int id;
	const char *failure;
	size_t secret_len;
	const char *answer;
	const char *peer;
} dh_answers[] = {
	{ DH_MODP1024, "self-test of MODP1024 failed", 40, "5d825d91ce1436fd879760e6d108cbd0" },
	{ DH_MODP1536, "self-test of MODP1536 failed", 40, "e45b0d3e230254bb8696d7c9701a8c9b" },
	{ DH_MODP2048, "self-test of MODP2048 failed", 40, "52c0516d08ee59d19cf9a5d710838f4d" },
	{ DH_MODP3072, "self-test of MODP3072 failed", 54, "a239aba56a6cd826b6faab7e6a9f63f2" },
	{ DH_MODP4096, "self-test of MODP4096 failed", 60, "2e3d44f650cfd7a01acaa90dcf1b5c20" },
	{ DH_MODP6144, "self-test of MODP6144 failed", 68, "c808ec263b16785e2a672cbc48729685" },
	{ DH_MODP8192, "self-test of MODP8192 failed", 78, "bd4fdcee5b09d1491474947b35fc16d2" },
	{
		DH_ECP256, "self-test of ECP256 failed", 32, "c60bd1f8718b4d75272848604cb521eb",
		"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
		"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
	}, {
		DH_ECP384, "self-test of ECP384 failed", 48, "c40a65d07178992ce16a28471775f26e",
		"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98"
		"59f741e082542a385502f25dbf55296c3a545e3872760ab7"
		"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c"
		"e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
	}, {
		DH_ECP521, "self-test of ECP521 failed", 66, "4fb07270ea25943fd73cd3179b09b443",
		"00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d"
		"3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66"
		"011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e"
		"662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
	},
};

static bool dh_answers_well(const struct dh_answer *a)
{
	const struct dh_group *g = dh_by_id(a->id);
	const struct hash_desc *sha2 = hash_by_id(IKE_HASH_SHA2_256);
	uint8_t secret[80], digest[HASH_MAX];
	struct secret shared = { 0 };
	struct buf peer = { 0 };
	struct span s;
	bool good;

	memset(secret, 0xa5, sizeof(secret));
	if (a->peer) {
		secret[0] = 1;
		unhex(a->peer, &peer);
	} else {
		memset(buf_grow(&peer, g->public_len), 0x55, g->public_len);
	}
	good = !dh_shared(g, span_of(secret, a->secret_len), buf_span(&peer), &shared);
	if (good) {
		s = secret_span(&shared);
		hash_spans(sha2, &s, 1, digest);
		good = is_hex_of(span_of(digest, 16), a->answer);
	}
	secret_free(&shared);
	buf_free(&peer);
	return good;
}

static err_t test_groups(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(dh_answers); i++)
		if (!dh_answers_well(&dh_answers[i]))
			return dh_answers[i].failure;
	return NULL;
}

/* A public key of exponent 3, and what its private key made of the SHA1 of "abc". */
static err_t test_rsa(void)
{
	static const char key[] =
		"0103"
		"cbe7a802762f641d0357af7f6555c2ae110d70340f9477d33e8e84b7816337f7"
		"bdfe1bfa327f9b61368d6b6327de8d7435b7d938e095c5bb59333f2103fbf33a"
		"da0797adaa7c348ea7c21da17a27e52d8a93203a74f06345260ec9d39dae67b1"
		"373bf1ac55aca716c9c00a0e489e1409eee43df26224d0c75b093ca58835c00f";
	static const char signature[] =
		"4357363394d7acfc1baae033042d841efbd95b0a2bc8d8daa52f6b20931ab5c2"
		"08f052532c0c109bbc2745e844ad71d86fa86b967cd84729adaed55a263c0002"
		"80acc4f766f1a27723c408cf8760eb44261eb297fc26d8ede513c9c7fe8cd825"
		"169e73bdf87df44db5aafd58233d268db15259c5f764bea8fa787f5d2cf7d9ce";
	struct buf octets = { 0 }, sig = { 0 }, hash = { 0 };
	struct rsa_pub *pub = NULL;
	err_t ugh;

	unhex(signature, &sig);
	unhex("a9993e364706816aba3e25717850c26c9cd0d89d", &hash);
	ugh = rsa_pub_from_rfc3110(unhex(key, &octets), &pub);
	if (!ugh)
		ugh = rsa_verify(pub, buf_span(&hash), buf_span(&sig));
	if (!ugh) {
		sig.ptr[sig.len - 1] ^= 1;
		if (!rsa_verify(pub, buf_span(&hash), buf_span(&sig)))
			ugh = "a wrong signature was accepted";
	}
	rsa_pub_unref(pub);
	buf_free(&octets);
	buf_free(&sig);
	buf_free(&hash);
	return ugh ? "self-test of RSA failed" : NULL;
}

err_t crypto_selftest(void)
{
	err_t ugh = test_hashes();

	if (!ugh)
		ugh = test_ciphers();
	if (!ugh)
		ugh = test_groups();
	if (!ugh)
		ugh = test_rsa();
	return ugh;
}
