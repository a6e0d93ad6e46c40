// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of algorithms: SADB number -> crypto API template and sizes.
 *
 * Every ESP suite is one AEAD, so that esp.c has one path.  A cipher and a hash are
 * married by authenc(); NULL encryption is a cipher like any other.  What the running
 * kernel cannot allocate is left out of REGISTER's reply, and refused in ADD.
 *
 * Finding that out may take the crypto API seconds, for it runs modprobe twice for each
 * name that it has not heard yet.  So each row is tried once, by whoever comes first: a
 * work item that loading the module starts and does not wait for; an ADD, for the rows of
 * its suite; a REGISTER, for all.  And where a name is composed, modprobe is not run for
 * the whole (CRYPTO_NOLOAD), which no module has, only for its parts, which do.
 *
 * What it can allocate must then do the row's vectors right: selftest.c.
 *
 * Sizes: RFC 3602 (AES-CBC), 2451 (3DES), 3686 (AES-CTR), 4106 (GCM), 4309 (CCM), 4543
 * (GMAC), 7634 (ChaCha20-Poly1305), 2410 (NULL); 2403, 2404 (HMAC-MD5-96, HMAC-SHA-1-96),
 * 4868 (HMAC-SHA-2, of which SHA-256 is cut to 128), 3566 (AES-XCBC-MAC-96), 4494
 * (AES-CMAC-96).  HMAC-SHA-256 cut to 96 bits is what Linux did before RFC 4868, and some
 * peers do to this day.  DES is not here and must not be.
 */
#include <crypto/aead.h>
#include <crypto/authenc.h>
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "klips/alg.h"
#include "klips/selftest.h"
#include "klips/xform.h"
#include "lib/pfkey/pfkeyv2.h"

#define GCM	"rfc4106(gcm(aes))"
#define CHACHA	"rfc7539esp(chacha20,poly1305)"
#define CBC	"cbc(aes)"
#define CCM	"rfc4309(ccm(aes))"
#define CTR	"rfc3686(ctr(aes))"
#define DES3	"cbc(des3_ede)"
#define GMAC	"rfc4543(gcm(aes))"
#define PLAIN	"ecb(cipher_null)"

/* The order is that of preference, in what we propose; NULL is the last. */
static const struct klips_ealg ealgs[] = {
	/* id, name, crypto, aead, counter, clear, iv, icv, salt, min, max, step */
	{ SADB_X_EALG_AES_GCM_ICV16, "AES_GCM",	   GCM,	   true, true, false, 8, 16, 4, 128, 256, 64 },
	{ SADB_X_EALG_CHACHA20_POLY1305, "CHACHA20_POLY1305",
		CHACHA, true, true, false, 8, 16, 4, 256, 256, 64 },
	{ SADB_X_EALG_AESCBC,	     "AES",	   CBC,	   false, false, false, 16, 0, 0, 128, 256, 64 },
	{ SADB_X_EALG_AES_CCM_ICV16, "AES_CCM",	   CCM,	   true, true, false, 8, 16, 3, 128, 256, 64 },
	{ SADB_X_EALG_AESCTR,	     "AES_CTR",	   CTR,	   false, true, false, 8, 0, 4, 128, 256, 64 },
	{ SADB_X_EALG_AES_GCM_ICV12, "AES_GCM_12", GCM,	   true, true, false, 8, 12, 4, 128, 256, 64 },
	{ SADB_X_EALG_AES_GCM_ICV8,  "AES_GCM_8",  GCM,	   true, true, false, 8, 8, 4, 128, 256, 64 },
	{ SADB_X_EALG_AES_CCM_ICV12, "AES_CCM_12", CCM,	   true, true, false, 8, 12, 3, 128, 256, 64 },
	{ SADB_X_EALG_AES_CCM_ICV8,  "AES_CCM_8",  CCM,	   true, true, false, 8, 8, 3, 128, 256, 64 },
	{ SADB_EALG_3DESCBC,	     "3DES",	   DES3,   false, false, false, 8, 0, 0, 192, 192, 64 },
	{ SADB_X_EALG_NULL_AES_GMAC, "NULL_AES_GMAC",
		GMAC, true, true, true, 8, 16, 4, 128, 256, 64 },
	{ SADB_EALG_NULL,	     "NULL",	   PLAIN,  false, false, true, 0, 0, 0, 0, 0, 1 },
};

static const struct klips_aalg aalgs[] = {
	{ SADB_X_AALG_SHA2_256HMAC,    "HMAC_SHA2_256",	   "hmac(sha256)", 256, 16 },
	{ SADB_X_AALG_SHA2_384HMAC,    "HMAC_SHA2_384",	   "hmac(sha384)", 384, 24 },
	{ SADB_X_AALG_SHA2_512HMAC,    "HMAC_SHA2_512",	   "hmac(sha512)", 512, 32 },
	{ SADB_AALG_SHA1HMAC,	       "HMAC_SHA1",	   "hmac(sha1)",   160, 12 },
	{ SADB_X_AALG_AES_CMAC,	       "AES_CMAC",	   "cmac(aes)",	   128, 12 },
	{ SADB_X_AALG_AES_XCBC_MAC,    "AES_XCBC",	   "xcbc(aes)",	   128, 12 },
	{ SADB_AALG_MD5HMAC,	       "HMAC_MD5",	   "hmac(md5)",    128, 12 },
	{ SADB_X_AALG_SHA2_256HMAC_96, "HMAC_SHA2_256_96", "hmac(sha256)", 256, 12 },
};

enum found { UNTRIED, ABSENT, FAILED, HERE };

/* Of each row; written once, under trying.  Packets read without. */
static u8 ealgs_found[ARRAY_SIZE(ealgs)], aalgs_found[ARRAY_SIZE(aalgs)];
static u8 esn_found;			/* extended numbers with a hash: authencesn() */
static DEFINE_MUTEX(trying);
static bool leaving;

/* From now on the crypto API knows the name, if it can do it at all. */
static void compose_hash(const struct klips_aalg *auth)
{
	struct crypto_shash *hash = crypto_alloc_shash(auth->crypto, 0, CRYPTO_NOLOAD);

	if (!IS_ERR(hash))
		crypto_free_shash(hash);
}

/*
 * Allocate the suite and do the vectors of the algorithm that is named, of either kind,
 * the other being 0.  0, -ELIBBAD if one comes out wrong, or what the crypto API
 * says when it has not got the suite.
 */
static int try_suite(const struct klips_ealg *enc, const struct klips_aalg *auth, u8 ealg,
		     u8 aalg, bool esn)
{
	struct klips_suite suite = { enc, enc->aead ? NULL : auth };
	struct crypto_aead *aead;
	int err;

	if (suite.auth)
		compose_hash(suite.auth);
	aead = klips_suite_alloc(&suite, esn);
	if (IS_ERR(aead))
		return PTR_ERR(aead);
	err = klips_selftest_suite(aead, &suite, ealg, aalg, esn);
	crypto_free_aead(aead);
	return err;
}

/* What a trial has found out; nothing, if it was cut short. */
static u8 finding(const char *name, int err)
{
	if (err == -ENOMEM || err == -EINTR || err == -EAGAIN || err == -ETIMEDOUT)
		return UNTRIED;
	if (err == -ELIBBAD)
		pr_err("klips_error:alg: %s fails its self-test: it will not be used\n", name);
	if (err == -ELIBBAD)
		return FAILED;
	return err ? ABSENT : HERE;
}

/* With any cipher: a kernel may lack each of them. */
static int try_auth(const struct klips_aalg *auth)
{
	int i = ARRAY_SIZE(ealgs);
	int err = -ENOENT;

	while (err && err != -ELIBBAD && i--)	/* NULL is the last, and the quickest */
		if (!ealgs[i].aead)
			err = try_suite(&ealgs[i], auth, 0, auth->id, false);
	return err;
}

static bool aalg_here(unsigned int i)
{
	lockdep_assert_held(&trying);
	if (aalgs_found[i] == UNTRIED)
		WRITE_ONCE(aalgs_found[i], finding(aalgs[i].name, try_auth(&aalgs[i])));
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

	return enc->aead || auth ? try_suite(enc, auth, enc->id, 0, false) : -ENOENT;
}

static bool ealg_here(unsigned int i)
{
	lockdep_assert_held(&trying);
	if (ealgs_found[i] == UNTRIED)
		WRITE_ONCE(ealgs_found[i], finding(ealgs[i].name, try_ealg(&ealgs[i])));
	return ealgs_found[i] == HERE;
}

/* With this pair, or with any: the way of hashing is the same for all. */
static bool esn_here(const struct klips_suite *suite)
{
	lockdep_assert_held(&trying);
	if (esn_found == UNTRIED)
		WRITE_ONCE(esn_found, finding("ESN", try_suite(suite->enc, suite->auth, 0,
							       suite->auth->id, true)));
	return esn_found == HERE;
}

static void try_esn(void)
{
	struct klips_suite any = { .auth = some_auth() };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ealgs); i++)
		if (!ealgs[i].aead && ealgs_found[i] == HERE)
			any.enc = &ealgs[i];
	if (any.enc && any.auth)
		esn_here(&any);
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
	mutex_lock(&trying);
	if (!READ_ONCE(leaving))
		try_esn();
	mutex_unlock(&trying);
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
static int find_both(u8 ealg, u8 aalg, bool esn, struct klips_suite *suite, const char **why)
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
	if (!suite->auth)
		return -EPROTONOSUPPORT;
	*why = "this kernel has no extended sequence numbers for such suites";
	return !esn || esn_here(suite) ? 0 : -EPROTONOSUPPORT;
}

int klips_suite_find(u8 ealg, u8 aalg, bool esn, struct klips_suite *suite, const char **why)
{
	int err;

	mutex_lock(&trying);
	err = find_both(ealg, aalg, esn, suite, why);
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

struct crypto_aead *klips_suite_alloc(const struct klips_suite *suite, bool esn)
{
	char name[CRYPTO_MAX_ALG_NAME];

	if (!suite->auth)
		return crypto_alloc_aead(suite->enc->crypto, 0, CRYPTO_NOLOAD);
	snprintf(name, sizeof(name), "%s(%s,%s)", esn ? "authencesn" : "authenc",
		 suite->auth->crypto, suite->enc->crypto);
	return crypto_alloc_aead(name, 0, CRYPTO_NOLOAD);
}

/* authenc() wants both keys in one blob, behind a routing attribute. */
static int set_authenc_keys(struct crypto_aead *aead, const struct klips_keys *keys)
{
	struct crypto_authenc_key_param *param;
	size_t head = RTA_SPACE(sizeof(*param));
	size_t len = head + keys->akey_len + keys->ekey_len;
	struct rtattr *rta;
	u8 *blob;
	int err;

	blob = kzalloc(len, GFP_KERNEL);
	if (!blob)
		return -ENOMEM;
	rta = (void *)blob;
	rta->rta_type = CRYPTO_AUTHENC_KEYA_PARAM;
	rta->rta_len = RTA_LENGTH(sizeof(*param));
	param = RTA_DATA(rta);
	param->enckeylen = cpu_to_be32(keys->ekey_len);
	memcpy(blob + head, keys->akey, keys->akey_len);
	if (keys->ekey_len)
		memcpy(blob + head + keys->akey_len, keys->ekey, keys->ekey_len);
	err = crypto_aead_setkey(aead, blob, len);
	kfree_sensitive(blob);
	return err;
}

int klips_suite_set_keys(struct crypto_aead *aead, const struct klips_suite *suite,
			 const struct klips_keys *keys)
{
	int err = crypto_aead_setauthsize(aead, klips_suite_icv(suite));

	if (err)
		return err;
	if (suite->auth)
		return set_authenc_keys(aead, keys);
	return crypto_aead_setkey(aead, keys->ekey, keys->ekey_len);
}

static const char *found_text(u8 found)
{
	static const char *const text[] = {
		[UNTRIED] = "untried",
		[ABSENT] = "absent",
		[FAILED] = "failed",
		[HERE] = "passed",
	};

	return text[found];
}

void klips_alg_show(struct seq_file *m)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ealgs); i++)
		seq_printf(m, "%-20s %s\n", ealgs[i].name, found_text(READ_ONCE(ealgs_found[i])));
	for (i = 0; i < ARRAY_SIZE(aalgs); i++)
		seq_printf(m, "%-20s %s\n", aalgs[i].name, found_text(READ_ONCE(aalgs_found[i])));
	seq_printf(m, "%-20s %s\n", "ESN", found_text(READ_ONCE(esn_found)));
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
