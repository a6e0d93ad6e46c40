/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Algorithms: what PF_KEY's numbers mean to the kernel's crypto API.
 */
#ifndef KLIPS_ALG_H
#define KLIPS_ALG_H

#include <linux/types.h>

struct crypto_aead;

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

/* Begin to find out, in the background, what this kernel has; and stop. */
int klips_alg_init(void);
void klips_alg_exit(void);

/* Have all of it found out, which may sleep for seconds.  False: there is no cipher. */
bool klips_alg_try_all(void);

/*
 * The suite of these two SADB numbers.  May sleep.  Returns 0, -EPROTONOSUPPORT when this kernel
 * lacks an algorithm, or -EINVAL for a pair that must not be: above all encryption
 * without integrity (RFC 8221 section 4).  *why then says so.
 */
int klips_suite_find(u8 ealg, u8 aalg, struct klips_suite *suite, const char **why);

/* The authentication of this SADB number, if this kernel offers it; else NULL.  May sleep. */
const struct klips_aalg *klips_aalg_find(u8 id);

/* Are these lengths of keys, in octets, right for the suite? */
bool klips_suite_keys_fit(const struct klips_suite *suite, size_t ekey, size_t akey);

/*
 * A transform of the crypto API's for the suite, or ERR_PTR.  May sleep.  No module has
 * a marriage of authenc() by name, so none is looked for under it; for the partners are.
 */
struct crypto_aead *klips_suite_alloc(const struct klips_suite *suite);

/* What this kernel offers, as far as is known yet: the i-th, or NULL past the end. */
const struct klips_ealg *klips_ealg_at(unsigned int i);
const struct klips_aalg *klips_aalg_at(unsigned int i);

#endif
