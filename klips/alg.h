/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Algorithms: what PF_KEY's numbers mean to the kernel's crypto API.
 */
#ifndef KLIPS_ALG_H
#define KLIPS_ALG_H

#include <linux/types.h>

#define KLIPS_CRYPTO_NAME	80

struct klips_ealg {
	u8 id;			/* SADB_EALG_* */
	const char *name;	/* as /proc/net/ipsec_spi writes it */
	const char *crypto;	/* the cipher, or the whole AEAD */
	bool aead;		/* brings its own integrity; its IV is a counter */
	u8 iv;			/* octets, on the wire */
	u8 icv;			/* octets, if AEAD */
	u8 salt;		/* octets, the end of the key */
	u16 min, max, step;	/* key without salt, bits */
};

struct klips_aalg {
	u8 id;			/* SADB_AALG_* */
	const char *name;
	const char *crypto;
	u16 bits;		/* key */
	u8 icv;			/* octets, after truncation */
};

struct klips_suite {
	const struct klips_ealg *enc;
	const struct klips_aalg *auth;	/* NULL if enc is an AEAD */
};

int klips_alg_init(void);
void klips_alg_exit(void);

/*
 * The suite of these two SADB numbers.  Returns 0, -EPROTONOSUPPORT when this kernel
 * lacks an algorithm, or -EINVAL for a pair that must not be: above all encryption
 * without integrity (RFC 8221 section 4).  *why then says so.
 */
int klips_suite_find(u8 ealg, u8 aalg, struct klips_suite *suite, const char **why);

/* The authentication of this SADB number, if this kernel offers it; else NULL. */
const struct klips_aalg *klips_aalg_find(u8 id);

/* Are these lengths of keys, in octets, right for the suite? */
bool klips_suite_keys_fit(const struct klips_suite *suite, size_t ekey, size_t akey);

/* The crypto API's name of the suite, into name[KLIPS_CRYPTO_NAME]. */
void klips_suite_crypto(const struct klips_suite *suite, char *name);

/* What this kernel offers: the i-th, or NULL past the end. */
const struct klips_ealg *klips_ealg_at(unsigned int i);
const struct klips_aalg *klips_aalg_at(unsigned int i);

#endif
