/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digests, by the numbers of OAKLEY_HASH_ALGORITHM (RFC 2409 appendix A, RFC 4868).
 *
 * MD5 is here for peers that know nothing better, and used only by a connection that
 * names it.
 */
#include "lib/crypto/evp.h"

#include <stdlib.h>

#include <openssl/err.h>

#include "lib/base/log.h"
#include "lib/base/names.h"

static const struct hash_desc hash_tab[] = {
	{ IKE_HASH_SHA2_256,	"sha2_256",	"OAKLEY_SHA2_256",	32 },
	{ IKE_HASH_SHA2_384,	"sha2_384",	"OAKLEY_SHA2_384",	48 },
	{ IKE_HASH_SHA2_512,	"sha2_512",	"OAKLEY_SHA2_512",	64 },
	{ IKE_HASH_SHA1,	"sha1",		"OAKLEY_SHA1",		20 },
	{ IKE_HASH_MD5,		"md5",		"OAKLEY_MD5",		16, .weak = true },
};

static const struct name hash_name_tab[] = {
	{ IKE_HASH_SHA2_256,	"sha2_256" },
	{ IKE_HASH_SHA2_256,	"sha256" },
	{ IKE_HASH_SHA2_256,	"sha2" },
	{ IKE_HASH_SHA2_384,	"sha2_384" },
	{ IKE_HASH_SHA2_384,	"sha384" },
	{ IKE_HASH_SHA2_512,	"sha2_512" },
	{ IKE_HASH_SHA2_512,	"sha512" },
	{ IKE_HASH_SHA1,	"sha1" },
	{ IKE_HASH_SHA1,	"sha" },
	{ IKE_HASH_MD5,		"md5" },
};
static NAMES(hash_names, hash_name_tab);

_Noreturn void crypto_broken(const char *doing)
{
	char why[256];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	log_msg(LOG_LVL_ERROR, "libcrypto failed %s: %s", doing, why);
	abort();
}

const struct hash_desc *hash_by_id(unsigned int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(hash_tab); i++)
		if (hash_tab[i].id == id)
			return &hash_tab[i];
	return NULL;
}

const struct hash_desc *hash_by_name(struct span name)
{
	unsigned int id;

	return name_find(&hash_names, name, &id) ? hash_by_id(id) : NULL;
}

const EVP_MD *hash_md(const struct hash_desc *h)
{
	switch (h->id) {
	case IKE_HASH_MD5:
		return EVP_md5();
	case IKE_HASH_SHA1:
		return EVP_sha1();
	case IKE_HASH_SHA2_256:
		return EVP_sha256();
	case IKE_HASH_SHA2_384:
		return EVP_sha384();
	case IKE_HASH_SHA2_512:
		return EVP_sha512();
	default:
		crypto_broken("looking up a hash");
	}
}

void hash_spans(const struct hash_desc *h, const struct span *in, size_t n, uint8_t *out)
{
	EVP_MD_CTX *ctx = NEEDED(EVP_MD_CTX_new(), "hashing");

	if (!EVP_DigestInit_ex(ctx, hash_md(h), NULL))
		crypto_broken("starting a hash");
	for (size_t i = 0; i < n; i++)
		if (in[i].len && !EVP_DigestUpdate(ctx, in[i].ptr, in[i].len))
			crypto_broken("hashing");
	if (!EVP_DigestFinal_ex(ctx, out, NULL))
		crypto_broken("finishing a hash");
	EVP_MD_CTX_free(ctx);
}
