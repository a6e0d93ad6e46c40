/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diffie-Hellman by the numbers of OAKLEY_GROUP_DESCRIPTION.
 *
 *	2		RFC 2409 section 6.2	(the second Oakley group)
 *	5, 14-18	RFC 3526
 *	19-21		RFC 5903: KE is x|y, the shared secret x alone
 *
 * Groups 1 and 22-24 are left out for good: too small, and of unknown making.  All values
 * on the wire have the length of the group with their leading zeros, and so has the
 * shared secret, which is what both sides hash (RFC 2409 section 5).
 *
 * A peer's value is judged before our secret touches it (RFC 6989 section 2): for these
 * safe primes, 1 < y < p-1 leaves no small subgroup but {1, p-1}; for the curves, whose
 * cofactor is 1, to be a point on the curve is enough.
 */
#include "lib/crypto/evp.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

/* Where the numbers of a group come from: a prime (generator 2), or a curve. */
struct dh_math {
	BIGNUM *(*prime)(BIGNUM *);
	int curve;
	/*
	 * Octets of the private value.  RFC 3526 section 8 asks for up to 620 bits, at least
	 * twice the strength of the group; for a curve, the size of its order.
	 */
	size_t secret_len;
};

static const struct dh_math
	math_2  = { BN_get_rfc2409_prime_1024, .secret_len = 40 },
	math_5  = { BN_get_rfc3526_prime_1536, .secret_len = 40 },
	math_14 = { BN_get_rfc3526_prime_2048, .secret_len = 40 },
	math_15 = { BN_get_rfc3526_prime_3072, .secret_len = 54 },
	math_16 = { BN_get_rfc3526_prime_4096, .secret_len = 60 },
	math_17 = { BN_get_rfc3526_prime_6144, .secret_len = 68 },
	math_18 = { BN_get_rfc3526_prime_8192, .secret_len = 78 },
	math_19 = { .curve = NID_X9_62_prime256v1, .secret_len = 32 },
	math_20 = { .curve = NID_secp384r1, .secret_len = 48 },
	math_21 = { .curve = NID_secp521r1, .secret_len = 66 };

static const struct dh_group dh_tab[] = {
	{ DH_MODP2048, "modp2048", "OAKLEY_GROUP_MODP2048", 256, .priv = &math_14 },
	{ DH_MODP3072, "modp3072", "OAKLEY_GROUP_MODP3072", 384, .priv = &math_15 },
	{ DH_MODP4096, "modp4096", "OAKLEY_GROUP_MODP4096", 512, .priv = &math_16 },
	{ DH_MODP6144, "modp6144", "OAKLEY_GROUP_MODP6144", 768, .priv = &math_17 },
	{ DH_MODP8192, "modp8192", "OAKLEY_GROUP_MODP8192", 1024, .priv = &math_18 },
	{ DH_ECP256, "ecp256", "OAKLEY_GROUP_ECP256", 64, .priv = &math_19 },
	{ DH_ECP384, "ecp384", "OAKLEY_GROUP_ECP384", 96, .priv = &math_20 },
	{ DH_ECP521, "ecp521", "OAKLEY_GROUP_ECP521", 132, .priv = &math_21 },
	{ DH_MODP1536, "modp1536", "OAKLEY_GROUP_MODP1536", 192, true, &math_5 },
	{ DH_MODP1024, "modp1024", "OAKLEY_GROUP_MODP1024", 128, true, &math_2 },
};

const struct dh_group *dh_by_id(unsigned int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(dh_tab); i++)
		if (dh_tab[i].id == id)
			return &dh_tab[i];
	return NULL;
}

const struct dh_group *dh_by_name(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(dh_tab); i++)
		if (span_is_nocase(name, dh_tab[i].name))
			return &dh_tab[i];
	return NULL;
}

static BIGNUM *number_new(void)
{
	return NEEDED(BN_new(), "making a number");
}

static BIGNUM *number_from(struct span octets)
{
	return NEEDED(BN_bin2bn(octets.ptr, (int)octets.len, NULL), "reading a number");
}

static void number_put(const BIGNUM *n, uint8_t *out, size_t len)
{
	if (BN_bn2binpad(n, out, (int)len) < 0)
		crypto_broken("writing a number");
}

/* Our private value, marked so that its use takes the same time whatever it is. */
static BIGNUM *secret_number(struct span secret)
{
	BIGNUM *x = number_from(secret);

	BN_set_flags(x, BN_FLG_CONSTTIME);
	return x;
}

/* --- MODP -------------------------------------------------------------------------- */

/* base^secret mod p into out, whole length. */
static void modp_power(const struct dh_group *g, const BIGNUM *base, struct span secret,
		       uint8_t *out)
{
	const struct dh_math *math = g->priv;
	BN_CTX *ctx = NEEDED(BN_CTX_new(), "Diffie-Hellman");
	BIGNUM *p = NEEDED(math->prime(NULL), "Diffie-Hellman");
	BIGNUM *x = secret_number(secret), *r = number_new();

	if (!BN_mod_exp_mont_consttime(r, base, x, p, ctx, NULL))
		crypto_broken("Diffie-Hellman");
	number_put(r, out, g->public_len);
	BN_clear_free(r);
	BN_clear_free(x);
	BN_free(p);
	BN_CTX_free(ctx);
}

static void modp_public(const struct dh_group *g, struct span secret, uint8_t *ke)
{
	BIGNUM *two = number_new();

	BN_set_word(two, 2);
	modp_power(g, two, secret, ke);
	BN_free(two);
}

static err_t modp_judge(const struct dh_group *g, const BIGNUM *y)
{
	const struct dh_math *math = g->priv;
	BIGNUM *p = NEEDED(math->prime(NULL), "Diffie-Hellman");
	err_t ugh = NULL;

	if (BN_is_zero(y))
		ugh = "public value is 0";
	else if (BN_is_one(y))
		ugh = "public value is 1";
	else if (BN_cmp(y, p) >= 0)
		ugh = "public value is not below the prime of its group";
	else if (BN_sub_word(p, 1) && BN_cmp(y, p) == 0)
		ugh = "public value is p-1";
	BN_free(p);
	return ugh;
}

static err_t modp_shared(const struct dh_group *g, struct span secret, struct span peer_ke,
			 struct secret *shared)
{
	BIGNUM *y = number_from(peer_ke);
	err_t ugh = modp_judge(g, y);

	if (!ugh)
		modp_power(g, y, secret, secret_alloc(shared, g->public_len));
	BN_free(y);
	return ugh;
}

/* --- ECP --------------------------------------------------------------------------- */

/* The affine coordinates of a point, each half of out_len or x alone. */
static void ecp_put(const EC_GROUP *curve, const EC_POINT *point, bool with_y, uint8_t *out,
		    size_t half, BN_CTX *ctx)
{
	BIGNUM *x = number_new(), *y = number_new();

	if (!EC_POINT_get_affine_coordinates(curve, point, x, y, ctx))
		crypto_broken("elliptic curve Diffie-Hellman");
	number_put(x, out, half);
	if (with_y)
		number_put(y, out + half, half);
	BN_clear_free(x);
	BN_clear_free(y);
}

static EC_GROUP *ecp_curve(const struct dh_group *g)
{
	const struct dh_math *math = g->priv;

	return NEEDED(EC_GROUP_new_by_curve_name(math->curve), "elliptic curve Diffie-Hellman");
}

static void ecp_public(const struct dh_group *g, struct span secret, uint8_t *ke)
{
	BN_CTX *ctx = NEEDED(BN_CTX_new(), "elliptic curve Diffie-Hellman");
	EC_GROUP *curve = ecp_curve(g);
	EC_POINT *point = NEEDED(EC_POINT_new(curve), "elliptic curve Diffie-Hellman");
	BIGNUM *x = secret_number(secret);

	if (!EC_POINT_mul(curve, point, x, NULL, NULL, ctx))
		crypto_broken("elliptic curve Diffie-Hellman");
	ecp_put(curve, point, true, ke, g->public_len / 2, ctx);
	BN_clear_free(x);
	EC_POINT_clear_free(point);
	EC_GROUP_free(curve);
	BN_CTX_free(ctx);
}

static err_t ecp_shared(const struct dh_group *g, struct span secret, struct span peer_ke,
			struct secret *shared)
{
	size_t half = g->public_len / 2;
	BN_CTX *ctx = NEEDED(BN_CTX_new(), "elliptic curve Diffie-Hellman");
	EC_GROUP *curve = ecp_curve(g);
	EC_POINT *peer = NEEDED(EC_POINT_new(curve), "elliptic curve Diffie-Hellman");
	EC_POINT *point = NEEDED(EC_POINT_new(curve), "elliptic curve Diffie-Hellman");
	BIGNUM *x = number_from(span_of(peer_ke.ptr, half));
	BIGNUM *y = number_from(span_of(peer_ke.ptr + half, half));
	BIGNUM *ours = secret_number(secret);
	err_t ugh = NULL;

	/* Setting coordinates fails for a point that is not on the curve. */
	ERR_set_mark();
	if (!EC_POINT_set_affine_coordinates(curve, peer, x, y, ctx))
		ugh = "public value is not a point on its curve";
	else if (!EC_POINT_mul(curve, point, NULL, peer, ours, ctx))
		crypto_broken("elliptic curve Diffie-Hellman");
	else if (EC_POINT_is_at_infinity(curve, point))
		ugh = "public value gives no shared secret";
	else
		ecp_put(curve, point, false, secret_alloc(shared, half), half, ctx);
	ERR_pop_to_mark();		/* a peer's mistake is not ours to report */
	BN_clear_free(ours);
	BN_free(y);
	BN_free(x);
	EC_POINT_clear_free(point);
	EC_POINT_free(peer);
	EC_GROUP_free(curve);
	BN_CTX_free(ctx);
	return ugh;
}

/* --- both -------------------------------------------------------------------------- */

/* A private value of the group: for MODP any of its length, for a curve 0 < x < order. */
static void make_secret(const struct dh_group *g, struct secret *secret)
{
	const struct dh_math *math = g->priv;
	uint8_t *x = secret_alloc(secret, math->secret_len);
	EC_GROUP *curve;
	bool good;

	if (!math->curve) {
		random_fill(x, math->secret_len);
		x[0] |= 0x80;		/* of the full length, so 0 and 1 cannot come up */
		return;
	}
	curve = ecp_curve(g);
	do {
		BIGNUM *n;

		random_fill(x, math->secret_len);
		if (math->curve == NID_secp521r1)
			x[0] &= 1;	/* 521 bits in 528 */
		n = secret_number(secret_span(secret));
		good = !BN_is_zero(n) && BN_cmp(n, EC_GROUP_get0_order(curve)) < 0;
		BN_clear_free(n);
	} while (!good);
	EC_GROUP_free(curve);
}

void dh_generate(const struct dh_group *g, struct secret *secret, struct buf *ke)
{
	const struct dh_math *math = g->priv;

	make_secret(g, secret);
	buf_clear(ke);
	if (math->curve)
		ecp_public(g, secret_span(secret), buf_grow(ke, g->public_len));
	else
		modp_public(g, secret_span(secret), buf_grow(ke, g->public_len));
}

err_t dh_shared(const struct dh_group *g, struct span secret, struct span peer_ke,
		struct secret *shared)
{
	const struct dh_math *math = g->priv;

	if (peer_ke.len != g->public_len)
		return "public value is not of the length of its group";
	return math->curve ? ecp_shared(g, secret, peer_ke, shared) :
			     modp_shared(g, secret, peer_ke, shared);
}
