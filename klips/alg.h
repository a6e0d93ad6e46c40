/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Algorithms: what PF_KEY's numbers mean to the kernel's crypto API.
 */
#ifndef KLIPS_ALG_H
#define KLIPS_ALG_H

#include <linux/types.h>

struct crypto_aead;
struct klips_keys;
struct seq_file;

struct klips_ealg {
	u8 id;			/* SADB_EALG_* */
	const char *name;	/* as /proc/net/ipsec_spi writes it */
	const char *crypto;	/* the cipher, or the whole AEAD */
	bool aead;		/* brings its own integrity */
	bool counter;		/* its IV must never come twice; else it must be random */
	bool clear;		/* does not encrypt */
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

/* A line for each row: name and "passed", "failed" or "absent". */
void klips_alg_show(struct seq_file *m);

/*
 * The suite of these two SADB numbers.  May sleep.  Returns 0, -EPROTONOSUPPORT when this kernel
 * lacks an algorithm or does it wrong, or -EINVAL for a pair that must not be: above all encryption
 * without integrity (RFC 8221 section 4).  *why then says so.
 */
int klips_suite_find(u8 ealg, u8 aalg, bool esn, struct klips_suite *suite, const char **why);

/* The authentication of this SADB number, if this kernel offers it; else NULL.  May sleep. */
const struct klips_aalg *klips_aalg_find(u8 id);

/* Are these lengths of keys, in octets, right for the suite? */
bool klips_suite_keys_fit(const struct klips_suite *suite, size_t ekey, size_t akey);

/*
 * A transform of the crypto API's for the suite, with or without extended sequence
 * numbers, or ERR_PTR.  May sleep.
 */
struct crypto_aead *klips_suite_alloc(const struct klips_suite *suite, bool esn);

/* Give it keys that fit, and the suite's length of ICV.  May sleep. */
int klips_suite_set_keys(struct crypto_aead *aead, const struct klips_suite *suite,
			 const struct klips_keys *keys);

/* Octets of ICV. */
static inline unsigned int klips_suite_icv(const struct klips_suite *suite)
{
	return suite->auth ? suite->auth->icv : suite->enc->icv;
}

/* What this kernel offers, as far as is known yet: the i-th, or NULL past the end. */
const struct klips_ealg *klips_ealg_at(unsigned int i);
const struct klips_aalg *klips_aalg_at(unsigned int i);

#endif
