/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prf of IKE: HMAC (RFC 2104) with the negotiated hash, untruncated.
 *
 * RFC 2409 section 4: "If a prf is not negotiated, the HMAC version of the negotiated
 * hash algorithm is used as a pseudo-random function"; no others are registered.
 */
#include "lib/crypto/evp.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

void prf_spans(const struct hash_desc *h, struct span key, const struct span *in, size_t n,
	       uint8_t *out)
{
	EVP_MAC *mac = NEEDED(EVP_MAC_fetch(NULL, "HMAC", NULL), "looking up HMAC");
	EVP_MAC_CTX *ctx = NEEDED(EVP_MAC_CTX_new(mac), "starting HMAC");
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)EVP_MD_get0_name(hash_md(h)), 0),
		OSSL_PARAM_construct_end(),
	};
	static const uint8_t no_key[1];
	size_t len;

	/* A key of no octets is a key (SKEYID of two empty secrets); a NULL one is none. */
	if (!EVP_MAC_init(ctx, key.len ? key.ptr : no_key, key.len, params))
		crypto_broken("starting HMAC");
	for (size_t i = 0; i < n; i++)
		if (in[i].len && !EVP_MAC_update(ctx, in[i].ptr, in[i].len))
			crypto_broken("computing HMAC");
	if (!EVP_MAC_final(ctx, out, &len, h->len) || len != h->len)
		crypto_broken("finishing HMAC");
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}
