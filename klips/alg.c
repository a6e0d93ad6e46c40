// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of algorithms: SADB number -> crypto API template and sizes.
 *
 * Every ESP suite is one AEAD, so that esp.c has one path.  A cipher and a hash are
 * married by authenc(); NULL encryption is a cipher like any other.  What the running
 * kernel cannot allocate is left out of REGISTER's reply, and refused in ADD.
 *
 * Finding that out may take the crypto API seconds, for it runs modprobe for each name
 * that it has not heard yet.  So each row is tried once, by whoever comes first: a work
 * item that loading the module starts, and waits for by none; an ADD, for the rows of
 * its suite; a REGISTER, for all.
 *
 * Sizes: RFC 3602 (AES-CBC), 2451 (3DES), 2410 (NULL), 4106 (GCM); 2403, 2404
 * (HMAC-MD5-96, HMAC-SHA-1-96), 4868 (HMAC-SHA-2, of which SHA-256 is cut to 128).
 * DES is not here and must not be.
 */
#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "klips/alg.h"
#include "klips/klips.h"
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

enum found { UNTRIED, ABSENT, HERE };

/* Of each row; written once, under trying.  Packets read without. */
static u8 ealgs_found[ARRAY_SIZE(ealgs)], aalgs_found[ARRAY_SIZE(aalgs)];
static DEFINE_MUTEX(trying);
static bool leaving;

/* 0, or why the crypto API does not give us the suite. */
static int try_suite(const struct klips_ealg *enc, const struct klips_aalg *auth)
{
	struct klips_suite suite = { enc, enc->aead ? NULL : auth };
	struct crypto_aead *aead = klips_suite_alloc(&suite);

	if (IS_ERR(aead))
		return PTR_ERR(aead);
	crypto_free_aead(aead);
	return 0;
}

/* What a trial has found out; nothing, if it was cut short. */
static u8 finding(int err)
{
	if (err == -ENOMEM || err == -EINTR || err == -EAGAIN || err == -ETIMEDOUT)
		return UNTRIED;
	return err ? ABSENT : HERE;
}

/* With any cipher: a kernel may lack each of them. */
static int try_auth(const struct klips_aalg *auth)
{
	int i = ARRAY_SIZE(ealgs);
	int err = -ENOENT;

	while (err && i--)		/* NULL is the last, and the quickest */
		if (!ealgs[i].aead)
			err = try_suite(&ealgs[i], auth);
	return err;
}

static bool aalg_here(unsigned int i)
{
	lockdep_assert_held(&trying);
	if (aalgs_found[i] == UNTRIED)
		WRITE_ONCE(aalgs_found[i], finding(try_auth(&aalgs[i])));
	return aalgs_found[i] == HERE;
}

/* A cipher needs a hash to be tried with: one that is known to work, or the first that does. */
static const struct klips_aalg *some_auth(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aalgs); i++)
		if (aalgs_found[i] == HERE)
			return &aalgs[i];
	for (i = 0; i < ARRAY_SIZE(aalgs); i++)
		if (aalg_here(i))
			return &aalgs[i];
	return NULL;
}

static int try_ealg(const struct klips_ealg *enc)
{
	const struct klips_aalg *auth = enc->aead ? NULL : some_auth();

	return enc->aead || auth ? try_suite(enc, auth) : -ENOENT;
}

static bool ealg_here(unsigned int i)
{
	lockdep_assert_held(&trying);
	if (ealgs_found[i] == UNTRIED)
		WRITE_ONCE(ealgs_found[i], finding(try_ealg(&ealgs[i])));
	return ealgs_found[i] == HERE;
}

bool klips_alg_try_all(void)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aalgs) && !READ_ONCE(leaving); i++) {
		mutex_lock(&trying);
		aalg_here(i);
		mutex_unlock(&trying);
	}
	for (i = 0; i < ARRAY_SIZE(ealgs) && !READ_ONCE(leaving); i++) {
		mutex_lock(&trying);
		any |= ealg_here(i);
		mutex_unlock(&trying);
	}
	return any;
}

static void try_all(struct work_struct *work)
{
	if (!klips_alg_try_all() && !READ_ONCE(leaving))
		pr_err("klips_error:%s: the kernel offers no cipher for ESP: no ESP SA can be made\n",
		       __func__);
}

static DECLARE_WORK(trial, try_all);

int klips_alg_init(void)
{
	queue_work(klips_wq, &trial);
	return 0;
}

void klips_alg_exit(void)
{
	WRITE_ONCE(leaving, true);
	cancel_work_sync(&trial);
}

static const struct klips_ealg *ealg_find(u8 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ealgs); i++)
		if (ealgs[i].id == id && ealg_here(i))
			return &ealgs[i];
	return NULL;
}

static const struct klips_aalg *aalg_find(u8 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aalgs); i++)
		if (aalgs[i].id == id && aalg_here(i))
			return &aalgs[i];
	return NULL;
}

const struct klips_aalg *klips_aalg_find(u8 id)
{
	const struct klips_aalg *auth;

	mutex_lock(&trying);
	auth = aalg_find(id);
	mutex_unlock(&trying);
	return auth;
}

/* The hash first: the cipher is tried with it. */
static int find_both(u8 ealg, u8 aalg, struct klips_suite *suite, const char **why)
{
	bool no_auth = aalg == SADB_AALG_NONE || aalg == SADB_X_AALG_NULL;

	suite->auth = no_auth ? NULL : aalg_find(aalg);
	suite->enc = ealg_find(ealg);
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
	*why = "authentication algorithm not known, or not offered by this kernel";
	return suite->auth ? 0 : -EPROTONOSUPPORT;
}

int klips_suite_find(u8 ealg, u8 aalg, struct klips_suite *suite, const char **why)
{
	int err;

	mutex_lock(&trying);
	err = find_both(ealg, aalg, suite, why);
	mutex_unlock(&trying);
	return err;
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

struct crypto_aead *klips_suite_alloc(const struct klips_suite *suite)
{
	char name[CRYPTO_MAX_ALG_NAME];

	if (!suite->auth)
		return crypto_alloc_aead(suite->enc->crypto, 0, 0);
	snprintf(name, sizeof(name), "authenc(%s,%s)", suite->auth->crypto, suite->enc->crypto);
	return crypto_alloc_aead(name, 0, CRYPTO_NOLOAD);
}

const struct klips_ealg *klips_ealg_at(unsigned int i)
{
	for (unsigned int row = 0; row < ARRAY_SIZE(ealgs); row++)
		if (READ_ONCE(ealgs_found[row]) == HERE && !i--)
			return &ealgs[row];
	return NULL;
}

const struct klips_aalg *klips_aalg_at(unsigned int i)
{
	for (unsigned int row = 0; row < ARRAY_SIZE(aalgs); row++)
		if (READ_ONCE(aalgs_found[row]) == HERE && !i--)
			return &aalgs[row];
	return NULL;
}
