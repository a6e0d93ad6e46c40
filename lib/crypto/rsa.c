/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RSA keys and the signatures of IKEv1.
 *
 * RFC 2409 section 5.1 signs HASH_I or HASH_R as it is: the block is PKCS#1 v1.5 type 1
 * around the bare hash, without the DigestInfo that everything else puts there:
 *
 *	00 01 ff ff .. ff 00 HASH		as long as the modulus
 *
 * A verifier that parses this block has been the undoing of many (a short pad, junk
 * behind the hash, small exponents).  So there is no parser here: rsa_verify() makes the
 * block that it expects, and compares all of it.
 *
 * Public keys travel as in RFC 3110 (which took over RFC 2537's form): exponent length,
 * exponent, modulus.  Private keys come as the eight numbers of ipsec.secrets(5); they are
 * used only after each has been found to fit the others.
 */
#include "lib/crypto/evp.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "lib/base/alloc.h"
#include "lib/base/text.h"

#define EXPONENT_MAX_BITS	64	/* larger ones only make verifying slow */
#define PAD_MIN			8	/* octets of ff; RFC 8017 section 9.2 */

struct rsa_pub {
	atomic_uint refs;
	BIGNUM *n, *e;
	size_t len;			/* octets of n, and of every signature */
};

struct rsa_priv {
	atomic_uint refs;
	struct rsa_pub *pub;
	EVP_PKEY *key;
};

/* --- public keys ------------------------------------------------------------------- */

static BIGNUM *number_from(struct span octets)
{
	return NEEDED(BN_bin2bn(octets.ptr, (int)octets.len, NULL), "reading a number");
}

static err_t judge_public(const BIGNUM *n, const BIGNUM *e)
{
	if (BN_num_bits(n) < RSA_MIN_BITS)
		return "modulus has less than 1024 bits";
	if (BN_num_bits(n) > RSA_MAX_BITS)
		return "modulus has more than 8192 bits";
	if (!BN_is_odd(n))
		return "modulus is even";
	if (!BN_is_odd(e) || BN_is_one(e))
		return "public exponent is even, or 1";
	if (BN_num_bits(e) > EXPONENT_MAX_BITS)
		return "public exponent has more than 64 bits";
	return NULL;
}

/* Takes over n and e. */
static struct rsa_pub *pub_new(BIGNUM *n, BIGNUM *e)
{
	struct rsa_pub *k = xalloc(sizeof(*k));

	atomic_init(&k->refs, 1);
	k->n = n;
	k->e = e;
	k->len = (size_t)BN_num_bytes(n);
	return k;
}

err_t rsa_pub_from_rfc3110(struct span octets, struct rsa_pub **out)
{
	struct span exponent;
	uint16_t elen16;
	uint8_t elen8;
	size_t elen;
	BIGNUM *n, *e;
	err_t ugh;

	if (!span_take_u8(&octets, &elen8))
		return "public key is empty";
	elen = elen8;
	if (elen == 0) {
		if (!span_take_u16(&octets, &elen16))
			return "public key ends within the length of its exponent";
		elen = elen16;
	}
	if (!span_take(&octets, elen, &exponent) || elen == 0)
		return "public key ends within its exponent";
	if (octets.len == 0)
		return "public key has no modulus";
	if (octets.len > RSA_MAX_BITS / 8)
		return "modulus has more than 8192 bits";
	if (exponent.ptr[0] == 0 || octets.ptr[0] == 0)
		return "exponent or modulus of public key starts with a zero octet";
	if (exponent.len > EXPONENT_MAX_BITS / 8)
		return "public exponent has more than 64 bits";
	n = number_from(octets);
	e = number_from(exponent);
	ugh = judge_public(n, e);
	if (ugh) {
		BN_free(n);
		BN_free(e);
		return ugh;
	}
	*out = pub_new(n, e);
	return NULL;
}

static void add_number(struct buf *out, const BIGNUM *v)
{
	BN_bn2bin(v, buf_grow(out, (size_t)BN_num_bytes(v)));
}

void rsa_pub_to_rfc3110(const struct rsa_pub *k, struct buf *out)
{
	buf_add_u8(out, (uint8_t)BN_num_bytes(k->e));
	add_number(out, k->e);
	add_number(out, k->n);
}

struct rsa_pub *rsa_pub_ref(struct rsa_pub *k)
{
	atomic_fetch_add(&k->refs, 1);
	return k;
}

void rsa_pub_unref(struct rsa_pub *k)
{
	if (!k || atomic_fetch_sub(&k->refs, 1) != 1)
		return;
	BN_free(k->n);
	BN_free(k->e);
	free(k);
}

size_t rsa_pub_bits(const struct rsa_pub *k)
{
	return (size_t)BN_num_bits(k->n);
}

bool rsa_pub_eq(const struct rsa_pub *a, const struct rsa_pub *b)
{
	return BN_cmp(a->n, b->n) == 0 && BN_cmp(a->e, b->e) == 0;
}

void rsa_pub_keyid(const struct rsa_pub *k, char out[10])
{
	struct buf octets = { 0 }, text = { 0 };

	rsa_pub_to_rfc3110(k, &octets);
	data_to_base64(buf_span(&octets), &text);
	memcpy(out, text.ptr, 9);
	out[9] = '\0';
	buf_free(&octets);
	buf_free(&text);
}

/* --- private keys ------------------------------------------------------------------ */

/* The eight numbers as BIGNUMs, in the order of the file. */
enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

void rsa_numbers_free(struct rsa_numbers *n)
{
	secret_free(&n->modulus);
	secret_free(&n->public_exponent);
	secret_free(&n->private_exponent);
	secret_free(&n->prime1);
	secret_free(&n->prime2);
	secret_free(&n->exponent1);
	secret_free(&n->exponent2);
	secret_free(&n->coefficient);
}

static err_t numbers_read(const struct rsa_numbers *n, BIGNUM *v[NUMBERS])
{
	const struct secret *from[NUMBERS] = {
		&n->modulus, &n->public_exponent, &n->private_exponent, &n->prime1, &n->prime2,
		&n->exponent1, &n->exponent2, &n->coefficient,
	};

	for (size_t i = 0; i < NUMBERS; i++)
		if (from[i]->len > RSA_MAX_BITS / 8 + 1)
			return "a number has more than 8192 bits";
	for (size_t i = 0; i < NUMBERS; i++)
		v[i] = number_from(secret_span(from[i]));
	return NULL;
}

/* (a * b) mod m is 1 */
static bool product_is_one(const BIGNUM *a, const BIGNUM *b, const BIGNUM *m, BN_CTX *ctx)
{
	BIGNUM *r = NEEDED(BN_new(), "checking a private key");
	bool one;

	if (!BN_mod_mul(r, a, b, m, ctx))
		crypto_broken("checking a private key");
	one = BN_is_one(r);
	BN_clear_free(r);
	return one;
}

/* a mod m is r */
static bool remainder_is(const BIGNUM *a, const BIGNUM *m, const BIGNUM *r, BN_CTX *ctx)
{
	BIGNUM *got = NEEDED(BN_new(), "checking a private key");
	bool same;

	if (!BN_mod(got, a, m, ctx))
		crypto_broken("checking a private key");
	same = BN_cmp(got, r) == 0;
	BN_clear_free(got);
	return same;
}

static bool product_is(const BIGNUM *a, const BIGNUM *b, const BIGNUM *c, BN_CTX *ctx)
{
	BIGNUM *got = NEEDED(BN_new(), "checking a private key");
	bool same;

	if (!BN_mul(got, a, b, ctx))
		crypto_broken("checking a private key");
	same = BN_cmp(got, c) == 0;
	BN_clear_free(got);
	return same;
}

/*
 * RFC 8017 section 3.2.  Whether the primes are prime is not asked: a key whose numbers
 * fit but do not work is found by the signature that is made with it at once.
 */
static err_t judge_private(BIGNUM *v[NUMBERS], const BIGNUM *p1, const BIGNUM *q1, BN_CTX *ctx)
{
	err_t ugh = judge_public(v[N], v[E]);

	if (ugh)
		return ugh;
	if (BN_num_bits(v[P]) < 2 || BN_num_bits(v[Q]) < 2 || !BN_is_odd(v[P]) ||
	    !BN_is_odd(v[Q]) || BN_cmp(v[P], v[Q]) == 0)
		return "Prime1 and Prime2 are not two odd primes";
	if (!product_is(v[P], v[Q], v[N], ctx))
		return "Modulus is not the product of Prime1 and Prime2";
	if (BN_cmp(v[D], v[N]) >= 0 || !product_is_one(v[E], v[D], p1, ctx) ||
	    !product_is_one(v[E], v[D], q1, ctx))
		return "PrivateExponent does not fit PublicExponent and the primes";
	if (!remainder_is(v[D], p1, v[DP], ctx))
		return "Exponent1 is not PrivateExponent modulo Prime1 - 1";
	if (!remainder_is(v[D], q1, v[DQ], ctx))
		return "Exponent2 is not PrivateExponent modulo Prime2 - 1";
	if (BN_cmp(v[QINV], v[P]) >= 0 || !product_is_one(v[QINV], v[Q], v[P], ctx))
		return "Coefficient is not the inverse of Prime2 modulo Prime1";
	return NULL;
}

static err_t numbers_judge(BIGNUM *v[NUMBERS])
{
	BN_CTX *ctx = NEEDED(BN_CTX_new(), "checking a private key");
	BIGNUM *p1 = NEEDED(BN_dup(v[P]), "checking a private key");
	BIGNUM *q1 = NEEDED(BN_dup(v[Q]), "checking a private key");
	err_t ugh;

	BN_sub_word(p1, 1);
	BN_sub_word(q1, 1);
	ugh = judge_private(v, p1, q1, ctx);
	BN_clear_free(p1);
	BN_clear_free(q1);
	BN_CTX_free(ctx);
	return ugh;
}

static EVP_PKEY *key_make(BIGNUM *v[NUMBERS])
{
	static const char *const param[NUMBERS] = {
		[N] = OSSL_PKEY_PARAM_RSA_N, [E] = OSSL_PKEY_PARAM_RSA_E,
		[D] = OSSL_PKEY_PARAM_RSA_D, [P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
		[Q] = OSSL_PKEY_PARAM_RSA_FACTOR2, [DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
		[DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	OSSL_PARAM_BLD *bld = NEEDED(OSSL_PARAM_BLD_new(), "making a private key");
	EVP_PKEY_CTX *ctx = NEEDED(EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL),
				   "making a private key");
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	for (size_t i = 0; i < NUMBERS; i++)
		if (!OSSL_PARAM_BLD_push_BN(bld, param[i], v[i]))
			crypto_broken("making a private key");
	params = NEEDED(OSSL_PARAM_BLD_to_param(bld), "making a private key");
	if (EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		crypto_broken("making a private key");
	for (OSSL_PARAM *p = params; p->key; p++)
		secret_wipe(p->data, p->data_size);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* Private key operation on the block for hash; false when libcrypto finds it to be wrong. */
static bool sign(const struct rsa_priv *k, struct span hash, struct buf *sig)
{
	EVP_PKEY_CTX *ctx = NEEDED(EVP_PKEY_CTX_new(k->key, NULL), "signing");
	size_t len = k->pub->len;
	bool done;

	/* PKCS#1 padding without a digest set is type 1 around the bare octets. */
	buf_clear(sig);
	done = EVP_PKEY_sign_init(ctx) > 0 &&
	       EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	       EVP_PKEY_sign(ctx, buf_grow(sig, len), &len, hash.ptr, hash.len) > 0 &&
	       len == k->pub->len;
	EVP_PKEY_CTX_free(ctx);
	return done;
}

/* Numbers that fit each other may still be of primes that are none. */
static err_t try_key(const struct rsa_priv *k)
{
	static const uint8_t hash[20] = "FreeS/WAN key check";
	struct buf sig = { 0 };
	bool works;

	works = sign(k, span_of(hash, sizeof(hash)), &sig) &&
		rsa_verify(k->pub, span_of(hash, sizeof(hash)), buf_span(&sig)) == NULL;
	buf_free(&sig);
	ERR_clear_error();
	return works ? NULL : "what the private key signs, its public key does not verify";
}

err_t rsa_priv_from_numbers(const struct rsa_numbers *n, struct rsa_priv **out)
{
	BIGNUM *v[NUMBERS] = { NULL };
	struct rsa_priv *k;
	err_t ugh = numbers_read(n, v);

	if (!ugh)
		ugh = numbers_judge(v);
	if (!ugh) {
		k = xalloc(sizeof(*k));
		atomic_init(&k->refs, 1);
		k->pub = pub_new(NEEDED(BN_dup(v[N]), "copying a number"),
				 NEEDED(BN_dup(v[E]), "copying a number"));
		k->key = key_make(v);
		ugh = try_key(k);
		if (ugh)
			rsa_priv_unref(k);
		else
			*out = k;
	}
	for (size_t i = 0; i < NUMBERS; i++)
		BN_clear_free(v[i]);
	return ugh;
}

struct rsa_priv *rsa_priv_ref(struct rsa_priv *k)
{
	atomic_fetch_add(&k->refs, 1);
	return k;
}

void rsa_priv_unref(struct rsa_priv *k)
{
	if (!k || atomic_fetch_sub(&k->refs, 1) != 1)
		return;
	EVP_PKEY_free(k->key);
	rsa_pub_unref(k->pub);
	free(k);
}

const struct rsa_pub *rsa_priv_pub(const struct rsa_priv *k)
{
	return k->pub;
}

/* --- signatures -------------------------------------------------------------------- */

/* Every key that passed has room for the largest hash, so this cannot fail. */
void rsa_sign(const struct rsa_priv *k, struct span hash, struct buf *sig)
{
	if (!sign(k, hash, sig))
		crypto_broken("signing");
}

static void expected_block(struct span hash, uint8_t *em, size_t len)
{
	size_t pad = len - 3 - hash.len;

	em[0] = 0;
	em[1] = 1;
	memset(em + 2, 0xff, pad);
	em[2 + pad] = 0;
	memcpy(em + 3 + pad, hash.ptr, hash.len);
}

err_t rsa_verify(const struct rsa_pub *k, struct span hash, struct span sig)
{
	uint8_t expected[RSA_MAX_BITS / 8], found[RSA_MAX_BITS / 8];
	BN_CTX *ctx;
	BIGNUM *s;
	bool same;

	if (sig.len != k->len)
		return "signature is not as long as the key";
	if (hash.len == 0 || hash.len + 3 + PAD_MIN > k->len)
		return "hash does not fit into a signature";
	s = number_from(sig);
	if (BN_is_zero(s) || BN_cmp(s, k->n) >= 0) {
		BN_free(s);
		return "signature is 0, or not below the modulus";
	}
	ctx = NEEDED(BN_CTX_new(), "verifying");
	if (!BN_mod_exp(s, s, k->e, k->n, ctx) || BN_bn2binpad(s, found, (int)k->len) < 0)
		crypto_broken("verifying");
	BN_CTX_free(ctx);
	BN_free(s);
	expected_block(hash, expected, k->len);
	same = span_eq(span_of(expected, k->len), span_of(found, k->len));
	return same ? NULL : "signature does not match";
}
