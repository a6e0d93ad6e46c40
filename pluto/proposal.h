/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suites: what ike= and esp= ask for, what an SA payload offers, and the choice between.
 *
 * RFC 2408 sections 3.4 to 3.6 and 4.2, RFC 2409 appendix A, RFC 2407 section 4.5,
 * RFC 3602, RFC 4106, RFC 4868.
 */
#ifndef PLUTO_PROPOSAL_H
#define PLUTO_PROPOSAL_H

#include "lib/base/buf.h"
#include "lib/crypto/crypto.h"

enum { OAKLEY_PRESHARED_KEY = 1, OAKLEY_DSS_SIG = 2, OAKLEY_RSA_SIG = 3, OAKLEY_RSA_ENC = 4 };

struct ike_suite {
	const struct cipher_desc *cipher;
	unsigned int key_bits;
	const struct hash_desc *hash;
	const struct dh_group *group;
};

struct ike_proposals {
	struct ike_suite *v;		/* in order of preference */
	size_t n;
	bool is_default;
};

/* An ESP cipher or integrity algorithm, with its number on the IKE wire and in PF_KEY. */
struct esp_cipher {
	const char *name;		/* "aes", "aes_gcm", "3des", "null" */
	uint8_t transform;		/* RFC 2407 section 4.4.4 */
	uint8_t sadb;			/* PF_KEY */
	unsigned int key_bits[4];	/* allowed, 0-terminated, first is the default */
	unsigned int salt_bits;		/* of KEYMAT after the key */
	bool key_length_attribute;
	bool aead;
	bool weak;
};

struct esp_auth {
	const char *name;		/* "sha1", "sha2_256", "md5" */
	uint16_t attribute;		/* Authentication Algorithm, RFC 2407 section 4.5 */
	uint8_t sadb;
	size_t key_len;			/* octets */
	bool weak;
};

struct esp_suite {
	const struct esp_cipher *cipher;
	unsigned int key_bits;
	const struct esp_auth *auth;	/* NULL with an AEAD cipher */
};

struct esp_proposals {
	struct esp_suite *v;
	size_t n;
	const struct dh_group *pfs_group;	/* of esp=...;modp2048; NULL: that of Phase 1 */
	bool is_default;
};

/* "aes256-sha2_256;modp2048,aes128-sha1"; empty text: the defaults.  The phrase names the word. */
err_t ike_proposals_parse(struct span text, struct ike_proposals *out, struct buf *why);
err_t esp_proposals_parse(struct span text, struct esp_proposals *out, struct buf *why);
void ike_proposals_free(struct ike_proposals *p);
void esp_proposals_free(struct esp_proposals *p);
void ike_proposals_copy(struct ike_proposals *to, const struct ike_proposals *from);
void esp_proposals_copy(struct esp_proposals *to, const struct esp_proposals *from);
void ike_suite_show(const struct ike_suite *s, struct buf *out);	/* "aes256-sha2_256;modp2048" */
void esp_suite_show(const struct esp_suite *s, struct buf *out);
bool ike_suite_eq(const struct ike_suite *a, const struct ike_suite *b);
/* By the numbers of the wire; NULL when unknown. */
const struct esp_cipher *esp_cipher_by_transform(unsigned int transform);
const struct esp_auth *esp_auth_by_attribute(unsigned int attribute);
/* Octets of KEYMAT that each direction needs: cipher key + salt + integrity key. */
size_t esp_keymat_len(const struct esp_suite *s);

#endif
