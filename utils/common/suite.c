// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The spellings of ESP suites: CIPHER-AUTH, or CIPHER alone where it authenticates.
 *
 * Over thirty years the same suite has been written in many ways.  A cipher is a row,
 * under the name in front of its key's length ("aes_gcm-128", "aes_ctr256") or under the
 * mode behind it ("aes128gcm16"); the longest name that fits wins.
 *
 * RFC 2451 (3DES), 3602 (AES-CBC), 3686 (AES-CTR), 4106 (AES-GCM), 4309 (AES-CCM), 4543
 * (AES-GMAC), 7634 (ChaCha20-Poly1305), 2410 (NULL); 2403, 2404, 4868, 3566, 4494 for the
 * authentication.  Counter modes have salt at the end of their key.  DES is not here, and
 * neither is a cipher without authentication: RFC 8221 section 4.
 */
#include "lib/pfkey/pfkeyv2.h"
#include "utils/common/suite.h"

#define AES	16, 32			/* octets of key, in steps of 8 */

static const struct cipher {
	const char *name;
	const char *mode;		/* as in "aes128gcm16" */
	uint8_t id;
	uint8_t min, max;		/* octets of key, without salt */
	uint8_t salt;
	bool aead;
} ciphers[] = {
	{ "aes",		NULL,	 SADB_X_EALG_AESCBC,		AES, 0, false },
	{ "aes_cbc",		"cbc",	 SADB_X_EALG_AESCBC,		AES, 0, false },
	{ "aes_ctr",		"ctr",	 SADB_X_EALG_AESCTR,		AES, 4, false },
	{ "aes_gcm",		"gcm",	 SADB_X_EALG_AES_GCM_ICV16,	AES, 4, true },
	{ "aes_gcm_16",		"gcm16", SADB_X_EALG_AES_GCM_ICV16,	AES, 4, true },
	{ "aes_gcm_12",		"gcm12", SADB_X_EALG_AES_GCM_ICV12,	AES, 4, true },
	{ "aes_gcm_8",		"gcm8",	 SADB_X_EALG_AES_GCM_ICV8,	AES, 4, true },
	{ "aes_gcm_c",		NULL,	 SADB_X_EALG_AES_GCM_ICV16,	AES, 4, true },
	{ "aes_gcm_b",		NULL,	 SADB_X_EALG_AES_GCM_ICV12,	AES, 4, true },
	{ "aes_gcm_a",		NULL,	 SADB_X_EALG_AES_GCM_ICV8,	AES, 4, true },
	{ "aes_ccm",		"ccm",	 SADB_X_EALG_AES_CCM_ICV16,	AES, 3, true },
	{ "aes_ccm_16",		"ccm16", SADB_X_EALG_AES_CCM_ICV16,	AES, 3, true },
	{ "aes_ccm_12",		"ccm12", SADB_X_EALG_AES_CCM_ICV12,	AES, 3, true },
	{ "aes_ccm_8",		"ccm8",	 SADB_X_EALG_AES_CCM_ICV8,	AES, 3, true },
	{ "aes_ccm_c",		NULL,	 SADB_X_EALG_AES_CCM_ICV16,	AES, 3, true },
	{ "aes_ccm_b",		NULL,	 SADB_X_EALG_AES_CCM_ICV12,	AES, 3, true },
	{ "aes_ccm_a",		NULL,	 SADB_X_EALG_AES_CCM_ICV8,	AES, 3, true },
	{ "aes_gmac",		"gmac",	 SADB_X_EALG_NULL_AES_GMAC,	AES, 4, true },
	{ "null_auth_aes_gmac",	NULL,	 SADB_X_EALG_NULL_AES_GMAC,	AES, 4, true },
	{ "chacha20poly1305",	NULL,	 SADB_X_EALG_CHACHA20_POLY1305,	32, 32, 4, true },
	{ "chacha20_poly1305",	NULL,	 SADB_X_EALG_CHACHA20_POLY1305,	32, 32, 4, true },
	{ "3des",		NULL,	 SADB_EALG_3DESCBC,		24, 24, 0, false },
	{ "null",		NULL,	 SADB_EALG_NULL,		0, 0, 0, false },
};

static const struct {
	const char *name;
	uint8_t id;
	uint8_t key;			/* octets */
} auths[] = {
	{ "md5",	  SADB_AALG_MD5HMAC,	    16 },
	{ "md5-96",	  SADB_AALG_MD5HMAC,	    16 },
	{ "hmac-md5-96",  SADB_AALG_MD5HMAC,	    16 },
	{ "sha1",	  SADB_AALG_SHA1HMAC,	    20 },
	{ "sha1-96",	  SADB_AALG_SHA1HMAC,	    20 },
	{ "sha",	  SADB_AALG_SHA1HMAC,	    20 },
	{ "hmac-sha1-96", SADB_AALG_SHA1HMAC,	    20 },
	{ "sha2",	  SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha2_256",	  SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha2_256-128", SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha256",	  SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha256-128",	  SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha2_256-96",  SADB_X_AALG_SHA2_256HMAC_96, 32 },
	{ "sha256-96",	  SADB_X_AALG_SHA2_256HMAC_96, 32 },
	{ "hmac-sha2-256-96", SADB_X_AALG_SHA2_256HMAC_96, 32 },
	{ "hmac-sha2-256-128", SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha2_384",	  SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha2_384-192", SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha384",	  SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha384-192",	  SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha2_512",	  SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "sha2_512-256", SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "sha512",	  SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "sha512-256",	  SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "hmac-sha2-384-192", SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "hmac-sha2-512-256", SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "aes_xcbc",	  SADB_X_AALG_AES_XCBC_MAC, 16 },
	{ "aes_xcbc-96",  SADB_X_AALG_AES_XCBC_MAC, 16 },
	{ "aesxcbc",	  SADB_X_AALG_AES_XCBC_MAC, 16 },
	{ "aes-xcbc-mac-96", SADB_X_AALG_AES_XCBC_MAC, 16 },
	{ "aes_cmac",	  SADB_X_AALG_AES_CMAC,	    16 },
	{ "aes_cmac-96",  SADB_X_AALG_AES_CMAC,	    16 },
	{ "aescmac",	  SADB_X_AALG_AES_CMAC,	    16 },
	{ "aes-cmac-96",  SADB_X_AALG_AES_CMAC,	    16 },
};

static bool begins(struct span text, const char *name)
{
	size_t len = span_str(name).len;

	return len <= text.len && span_is_nocase(span_of(text.ptr, len), name);
}

static bool at_end(struct span text, size_t n)
{
	return n == text.len || (n < text.len && text.ptr[n] == '-');
}

/* Three digits for a length of key that the cipher takes, in octets; 0 if they are not there. */
static size_t key_length(const struct cipher *c, struct span text, size_t n)
{
	static const struct { const char *bits; uint8_t octets; } lengths[] = {
		{ "128", 16 }, { "192", 24 }, { "256", 32 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		if (begins(span_skip(text, n), lengths[i].bits) && n < text.len &&
		    lengths[i].octets >= c->min && lengths[i].octets <= c->max)
			return lengths[i].octets;
	return 0;
}

/* "aes_gcm", "aes_gcm128", "aes_gcm-128", up to the end or a hyphen: its length, or 0. */
static size_t fits_name(struct span text, const struct cipher *c, size_t *key)
{
	size_t n = span_str(c->name).len;

	if (!begins(text, c->name))
		return 0;
	*key = key_length(c, text, n);
	if (*key && at_end(text, n + 3))
		return n + 3;
	*key = at_end(text, n) ? key_length(c, text, n + 1) : 0;
	if (*key && at_end(text, n + 4))
		return n + 4;
	*key = 0;
	return at_end(text, n) ? n : 0;
}

/* "aes128gcm16" */
static size_t fits_mode(struct span text, const struct cipher *c, size_t *key)
{
	size_t n = span_str("aes128").len;

	if (!c->mode || !begins(text, "aes"))
		return 0;
	*key = key_length(c, text, n - 3);
	if (!*key || !begins(span_skip(text, n), c->mode))
		return 0;
	n += span_str(c->mode).len;
	return at_end(text, n) ? n : 0;
}

static err_t find_auth(struct span text, bool wanted, struct suite *s)
{
	if (text.len == 0 || span_is_nocase(text, "null"))
		return wanted ? "a cipher without authentication protects nothing: "
				"add one, as in aes256-sha2_256" : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(auths); i++) {
		if (!span_is_nocase(text, auths[i].name))
			continue;
		if (!wanted)
			return "this cipher authenticates by itself: leave the other out";
		s->auth = auths[i].id;
		s->authkey = auths[i].key;
		return NULL;
	}
	return "unknown authentication";
}

err_t suite_by_name(struct span text, struct suite *s)
{
	const struct cipher *best = NULL;
	size_t len = 0, key = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
		size_t of_name = 0, of_mode = 0;
		size_t name = fits_name(text, &ciphers[i], &of_name);
		size_t mode = fits_mode(text, &ciphers[i], &of_mode);

		if (name <= len && mode <= len)
			continue;
		best = &ciphers[i];
		len = name > mode ? name : mode;
		key = name > mode ? of_name : of_mode;
	}
	if (!best)
		return "unknown cipher";
	*s = (struct suite){
		.encrypt = best->id,
		.enckey_min = (key ? key : best->min) + (size_t)best->salt,
		.enckey_max = (key ? key : best->max) + (size_t)best->salt,
		.enckey_step = 8,
		.salt = best->salt,
	};
	return find_auth(span_skip(text, len < text.len ? len + 1 : len), !best->aead, s);
}

err_t suite_of_ah(struct span text, struct suite *s)
{
	*s = (struct suite){ .enckey_step = 1 };
	return text.len ? find_auth(text, true, s) : "no algorithm";
}

err_t suite_check_keys(const struct suite *s, size_t enckey, size_t authkey)
{
	if (s->enckey_max == 0 && enckey)
		return "there is no encryption, and so no encryption key";
	if (enckey < s->enckey_min || enckey > s->enckey_max ||
	    (enckey - s->enckey_min) % s->enckey_step)
		return s->salt ? "the encryption key has the wrong length for the cipher "
				 "(the key, and salt after it: 3 octets for AES-CCM, else 4)"
			       : "the encryption key has the wrong length for the cipher";
	if (!s->authkey && authkey)
		return "this suite takes no authentication key";
	if (authkey != s->authkey)
		return "the authentication key has the wrong length for the algorithm";
	return NULL;
}
