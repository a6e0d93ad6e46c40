// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The spellings of ESP suites: CIPHER-AUTH, or CIPHER alone where it authenticates.
 *
 * Over thirty years the same suite has been written in many ways; each is a row.  The
 * longest cipher name that fits wins, so "aes_gcm-128" is not "aes" with odd rest.
 *
 * RFC 2451 (3DES), 3602 (AES-CBC), 4106 (AES-GCM: the key ends in four octets of
 * salt), 2410 (NULL); 2403, 2404, 4868 for the authentication.  DES is not here, and
 * neither is a cipher without authentication: RFC 8221 section 4.
 */
#include "lib/pfkey/pfkeyv2.h"
#include "utils/common/suite.h"

static const struct {
	const char *name;
	uint8_t id;
	uint8_t min, max, step;		/* octets of key, without salt */
	uint8_t salt;
} ciphers[] = {
	{ "3des",	SADB_EALG_3DESCBC,	   24, 24, 8, 0 },
	{ "aes",	SADB_X_EALG_AESCBC,	   16, 32, 8, 0 },
	{ "aes128",	SADB_X_EALG_AESCBC,	   16, 16, 8, 0 },
	{ "aes192",	SADB_X_EALG_AESCBC,	   24, 24, 8, 0 },
	{ "aes256",	SADB_X_EALG_AESCBC,	   32, 32, 8, 0 },
	{ "aes-128",	SADB_X_EALG_AESCBC,	   16, 16, 8, 0 },
	{ "aes-192",	SADB_X_EALG_AESCBC,	   24, 24, 8, 0 },
	{ "aes-256",	SADB_X_EALG_AESCBC,	   32, 32, 8, 0 },
	{ "aes_gcm",	SADB_X_EALG_AES_GCM_ICV16, 16, 32, 8, 4 },
	{ "aes_gcm128",	SADB_X_EALG_AES_GCM_ICV16, 16, 16, 8, 4 },
	{ "aes_gcm192",	SADB_X_EALG_AES_GCM_ICV16, 24, 24, 8, 4 },
	{ "aes_gcm256",	SADB_X_EALG_AES_GCM_ICV16, 32, 32, 8, 4 },
	{ "aes_gcm-128", SADB_X_EALG_AES_GCM_ICV16, 16, 16, 8, 4 },
	{ "aes_gcm-192", SADB_X_EALG_AES_GCM_ICV16, 24, 24, 8, 4 },
	{ "aes_gcm-256", SADB_X_EALG_AES_GCM_ICV16, 32, 32, 8, 4 },
	{ "aes_gcm_16",	SADB_X_EALG_AES_GCM_ICV16, 16, 32, 8, 4 },
	{ "aes_gcm_c",	SADB_X_EALG_AES_GCM_ICV16, 16, 32, 8, 4 },
	{ "aes128gcm16", SADB_X_EALG_AES_GCM_ICV16, 16, 16, 8, 4 },
	{ "aes192gcm16", SADB_X_EALG_AES_GCM_ICV16, 24, 24, 8, 4 },
	{ "aes256gcm16", SADB_X_EALG_AES_GCM_ICV16, 32, 32, 8, 4 },
	{ "null",	SADB_EALG_NULL,		   0, 0, 1, 0 },
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
	{ "hmac-sha2-256-128", SADB_X_AALG_SHA2_256HMAC, 32 },
	{ "sha2_384",	  SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha2_384-192", SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha384",	  SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha384-192",	  SADB_X_AALG_SHA2_384HMAC, 48 },
	{ "sha2_512",	  SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "sha2_512-256", SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "sha512",	  SADB_X_AALG_SHA2_512HMAC, 64 },
	{ "sha512-256",	  SADB_X_AALG_SHA2_512HMAC, 64 },
};

/* The name that is all of text, or text up to a hyphen; its length, or 0. */
static size_t fits(struct span text, const char *name)
{
	size_t len = span_str(name).len;

	if (!span_is_nocase(span_of(text.ptr, len < text.len ? len : text.len), name))
		return 0;
	return len == text.len || text.ptr[len] == '-' ? len : 0;
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
			return "AES-GCM authenticates by itself: leave the other out";
		s->auth = auths[i].id;
		s->authkey = auths[i].key;
		return NULL;
	}
	return "unknown authentication";
}

err_t suite_by_name(struct span text, struct suite *s)
{
	size_t best = 0, len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
		size_t n = fits(text, ciphers[i].name);

		if (n > len) {
			len = n;
			best = i;
		}
	}
	if (!len)
		return "unknown cipher";
	*s = (struct suite){
		.encrypt = ciphers[best].id,
		.enckey_min = ciphers[best].min + (size_t)ciphers[best].salt,
		.enckey_max = ciphers[best].max + (size_t)ciphers[best].salt,
		.enckey_step = ciphers[best].step,
		.salt = ciphers[best].salt,
	};
	return find_auth(span_skip(text, len < text.len ? len + 1 : len), !s->salt, s);
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
				 "(AES-GCM: the key, and 4 octets of salt after it)"
			       : "the encryption key has the wrong length for the cipher";
	if (!s->authkey && authkey)
		return "this suite takes no authentication key";
	if (authkey != s->authkey)
		return "the authentication key has the wrong length for the algorithm";
	return NULL;
}
