// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of algorithms: SADB number -> crypto API template and sizes.
 *
 * Every ESP suite is one AEAD, so that esp.c has one path.  A cipher and a hash are
 * married by authenc(); NULL encryption is a cipher like any other.  At load each row
 * is tried: what the running kernel cannot allocate is left out of REGISTER's reply,
 * and refused in ADD, rather than failing later.
 *
 * Sizes: RFC 3602 (AES-CBC), 2451 (3DES), 2410 (NULL), 4106 (GCM); 2403, 2404
 * (HMAC-MD5-96, HMAC-SHA-1-96), 4868 (HMAC-SHA-2, of which SHA-256 is cut to 128).
 * DES is not here and must not be.
 */
#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "klips/alg.h"
#include "lib/pfkey/pfkeyv2.h"

static const struct klips_ealg ealgs[] = {
	/* id, name, crypto, aead, iv, icv, salt, min, max, step */
	{ SADB_X_EALG_AES_GCM_ICV16, "AES_GCM",	"rfc4106(gcm(aes))",	true,  8, 16, 4, 128, 256, 64 },
	{ SADB_X_EALG_AESCBC,	   "AES",	"cbc(aes)",		false, 16, 0, 0, 128, 256, 64 },
	{ SADB_EALG_3DESCBC,	   "3DES",	"cbc(des3_ede)",	false, 8,  0, 0, 192, 192, 64 },
	{ SADB_EALG_NULL,	   "NULL",	"ecb(cipher_null)",	false, 0,  0, 0, 0,   0,   1 },
};

static const struct klips_aalg aalgs[] = {
	{ SADB_X_AALG_SHA2_256HMAC, "HMAC_SHA2_256", "hmac(sha256)", 256, 16 },
	{ SADB_X_AALG_SHA2_384HMAC, "HMAC_SHA2_384", "hmac(sha384)", 384, 24 },
	{ SADB_X_AALG_SHA2_512HMAC, "HMAC_SHA2_512", "hmac(sha512)", 512, 32 },
	{ SADB_AALG_SHA1HMAC,	    "HMAC_SHA1",     "hmac(sha1)",   160, 12 },
	{ SADB_AALG_MD5HMAC,	    "HMAC_MD5",	     "hmac(md5)",    128, 12 },
};

/* Rows that this kernel has. */
static unsigned long ealgs_here, aalgs_here;

static bool aead_works(const char *name)
{
	struct crypto_aead *aead = crypto_alloc_aead(name, 0, 0);

	if (IS_ERR(aead))
		return false;
	crypto_free_aead(aead);
	return true;
}

static bool suite_works(const struct klips_ealg *enc, const struct klips_aalg *auth)
{
	struct klips_suite suite = { enc, enc->aead ? NULL : auth };
	char name[KLIPS_CRYPTO_NAME];

	klips_suite_crypto(&suite, name);
	return aead_works(name);
}

int klips_alg_init(void)
{
	const struct klips_ealg *null = &ealgs[ARRAY_SIZE(ealgs) - 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aalgs); i++)
		if (suite_works(null, &aalgs[i]))
			aalgs_here |= BIT(i);
	for (i = 0; i < ARRAY_SIZE(ealgs); i++)
		if (suite_works(&ealgs[i], &aalgs[0]))
			ealgs_here |= BIT(i);
	if (!ealgs_here) {
		pr_err("klips_error:%s: the kernel offers no cipher for ESP\n", __func__);
		return -ENOENT;
	}
	return 0;
}

void klips_alg_exit(void)
{
}

static const struct klips_ealg *ealg_find(u8 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ealgs); i++)
		if (ealgs[i].id == id && (ealgs_here & BIT(i)))
			return &ealgs[i];
	return NULL;
}

const struct klips_aalg *klips_aalg_find(u8 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aalgs); i++)
		if (aalgs[i].id == id && (aalgs_here & BIT(i)))
			return &aalgs[i];
	return NULL;
}

int klips_suite_find(u8 ealg, u8 aalg, struct klips_suite *suite, const char **why)
{
	bool no_auth = aalg == SADB_AALG_NONE || aalg == SADB_X_AALG_NULL;

	suite->enc = ealg_find(ealg);
	suite->auth = NULL;
	if (!suite->enc) {
		*why = "encryption algorithm not known, or not offered by this kernel";
		return -EPROTONOSUPPORT;
	}
	if (suite->enc->aead) {
		*why = "this encryption algorithm brings its own authentication: give no other";
		return no_auth ? 0 : -EINVAL;
	}
	if (no_auth) {
		*why = "ESP without authentication is refused";
		return -EINVAL;
	}
	suite->auth = klips_aalg_find(aalg);
	*why = "authentication algorithm not known, or not offered by this kernel";
	return suite->auth ? 0 : -EPROTONOSUPPORT;
}

bool klips_suite_keys_fit(const struct klips_suite *suite, size_t ekey, size_t akey)
{
	const struct klips_ealg *enc = suite->enc;
	size_t bits;

	if (ekey < enc->salt || ekey > U16_MAX / 8)
		return false;
	bits = (ekey - enc->salt) * 8;
	if (bits < enc->min || bits > enc->max || (bits - enc->min) % enc->step)
		return false;
	return akey * 8 == (suite->auth ? suite->auth->bits : 0);
}

void klips_suite_crypto(const struct klips_suite *suite, char *name)
{
	if (suite->auth)
		snprintf(name, KLIPS_CRYPTO_NAME, "authenc(%s,%s)", suite->auth->crypto,
			 suite->enc->crypto);
	else
		strscpy(name, suite->enc->crypto, KLIPS_CRYPTO_NAME);
}

const struct klips_ealg *klips_ealg_at(unsigned int i)
{
	for (unsigned int row = 0; row < ARRAY_SIZE(ealgs); row++)
		if ((ealgs_here & BIT(row)) && !i--)
			return &ealgs[row];
	return NULL;
}

const struct klips_aalg *klips_aalg_at(unsigned int i)
{
	for (unsigned int row = 0; row < ARRAY_SIZE(aalgs); row++)
		if ((aalgs_here & BIT(row)) && !i--)
			return &aalgs[row];
	return NULL;
}
