/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cryptography for IKE and the key tools, over OpenSSL's EVP.
 *
 * No other file includes an OpenSSL header.  Algorithms are named by IKE's numbers
 * (RFC 2409 appendix A and IANA's IKEv1 registries).  Everything that is secret comes and
 * goes as struct secret.  Functions that can fail on a peer's input return err_t; what can
 * only fail for want of memory, or because libcrypto lacks an algorithm that
 * crypto_selftest() has tried, ends the program.
 *
 * Worker threads may call all of these; no function keeps state.
 */
#ifndef LIB_CRYPTO_CRYPTO_H
#define LIB_CRYPTO_CRYPTO_H

#include "lib/base/buf.h"
#include "lib/base/secret.h"

/* --- hash.c, prf.c: OAKLEY_HASH_ALGORITHM ------------------------------------------ */

enum { IKE_HASH_MD5 = 1, IKE_HASH_SHA1 = 2, IKE_HASH_SHA2_256 = 4, IKE_HASH_SHA2_384 = 5,
       IKE_HASH_SHA2_512 = 6 };

#define HASH_MAX	64			/* octets */

struct hash_desc {
	unsigned int id;
	const char *name;			/* "md5", "sha1", "sha2_256", ... */
	const char *oakley;			/* "OAKLEY_SHA1", "OAKLEY_SHA2_256" ... */
	size_t len;				/* octets of output */
	bool weak;				/* only when a connection names it */
};

const struct hash_desc *hash_by_id(unsigned int id);		/* NULL when unknown */
const struct hash_desc *hash_by_name(struct span name);		/* aliases: sha, sha256, sha2 ... */
/* The digest of n spans one after the other, out has h->len octets. */
void hash_spans(const struct hash_desc *h, const struct span *in, size_t n, uint8_t *out);
/* HMAC (RFC 2104) as IKE's prf, over n spans; out has h->len octets. */
void prf_spans(const struct hash_desc *h, struct span key, const struct span *in, size_t n,
	       uint8_t *out);

/* --- cipher.c: OAKLEY_ENCRYPTION_ALGORITHM, CBC only ------------------------------- */

enum { IKE_CIPHER_DES = 1, IKE_CIPHER_3DES = 5, IKE_CIPHER_AES = 7 };

#define CIPHER_BLOCK_MAX	16

struct cipher_desc {
	unsigned int id;
	const char *name;			/* "aes", "3des" */
	const char *oakley;			/* "OAKLEY_AES_CBC" ... */
	size_t block;				/* octets */
	unsigned int key_bits[4];		/* allowed, 0-terminated; first is default */
	bool key_length_attribute;		/* Key Length must (true) or must not be sent */
	bool weak;
};

const struct cipher_desc *cipher_by_id(unsigned int id);
const struct cipher_desc *cipher_by_name(struct span name);
bool cipher_key_bits_ok(const struct cipher_desc *c, unsigned int bits);
/* In place, whole blocks only; iv (c->block octets) is updated to the last ciphertext block. */
err_t cipher_cbc(const struct cipher_desc *c, struct span key, bool encrypt, uint8_t *iv,
		 uint8_t *data, size_t len);

/* --- dh.c: OAKLEY_GROUP_DESCRIPTION ------------------------------------------------ */

enum { DH_MODP1024 = 2, DH_MODP1536 = 5, DH_MODP2048 = 14, DH_MODP3072 = 15, DH_MODP4096 = 16,
       DH_MODP6144 = 17, DH_MODP8192 = 18, DH_ECP256 = 19, DH_ECP384 = 20, DH_ECP521 = 21 };

struct dh_group {
	unsigned int id;
	const char *name;			/* "modp2048" */
	const char *oakley;			/* "OAKLEY_GROUP_MODP2048" */
	size_t public_len;			/* octets of KE, leading zeros kept */
	bool weak;
	const void *priv;			/* for dh.c */
};

const struct dh_group *dh_by_id(unsigned int id);
const struct dh_group *dh_by_name(struct span name);
/* A fresh key pair: *secret is ours to keep, *ke is what to send. */
void dh_generate(const struct dh_group *g, struct secret *secret, struct buf *ke);
/*
 * g^xy from our secret and the peer's KE.  Checks the peer's value first (RFC 6989: not 0, 1,
 * p-1, below p, exact length; on the curve for ECP), so it must be called on every KE.
 */
err_t dh_shared(const struct dh_group *g, struct span secret, struct span peer_ke,
		struct secret *shared);

/* --- rsa.c ------------------------------------------------------------------------- */

struct rsa_pub;					/* immutable after it is made; counted */
struct rsa_priv;

#define RSA_MIN_BITS	1024
#define RSA_MAX_BITS	8192

/* From RFC 3110 octets (exponent length, exponent, modulus). */
err_t rsa_pub_from_rfc3110(struct span octets, struct rsa_pub **out);
void rsa_pub_to_rfc3110(const struct rsa_pub *k, struct buf *out);
struct rsa_pub *rsa_pub_ref(struct rsa_pub *k);
void rsa_pub_unref(struct rsa_pub *k);		/* NULL is fine */
size_t rsa_pub_bits(const struct rsa_pub *k);
bool rsa_pub_eq(const struct rsa_pub *a, const struct rsa_pub *b);
/* The first 9 characters of the base64 form. */
void rsa_pub_keyid(const struct rsa_pub *k, char out[10]);

/* The eight numbers of ipsec.secrets(5), big-endian octets; consistency is checked
 * (p*q = n, exponents, coefficient), and the phrase names the field that is wrong. */
struct rsa_numbers {
	struct secret modulus, public_exponent, private_exponent, prime1, prime2,
		      exponent1, exponent2, coefficient;
};
void rsa_numbers_free(struct rsa_numbers *n);
err_t rsa_priv_from_numbers(const struct rsa_numbers *n, struct rsa_priv **out);
struct rsa_priv *rsa_priv_ref(struct rsa_priv *k);
void rsa_priv_unref(struct rsa_priv *k);	/* wipes with the last one */
const struct rsa_pub *rsa_priv_pub(const struct rsa_priv *k);

/* IKEv1 signature (RFC 2409 section 5.1): PKCS#1 v1.5 type 1 over the raw hash, no DigestInfo. */
void rsa_sign(const struct rsa_priv *k, struct span hash, struct buf *sig);
/* NULL when sig is exactly the signature of hash under k; the whole encoded block is compared. */
err_t rsa_verify(const struct rsa_pub *k, struct span hash, struct span sig);

/* --- random.c, selftest.c ---------------------------------------------------------- */

void random_fill(void *ptr, size_t len);
uint32_t random_u32(void);
/* Replace the generator (tests want repeatable exchanges); NULL restores it. */
void random_override(void (*fill)(void *ptr, size_t len));

/* One known answer per algorithm; NULL, or which one failed. */
err_t crypto_selftest(void);

#endif
