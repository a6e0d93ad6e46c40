/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ciphers of ISAKMP messages, by the numbers of OAKLEY_ENCRYPTION_ALGORITHM, in CBC.
 *
 * RFC 2409 appendix A and B, RFC 3602 for AES.  Padding is the business of the caller; the
 * IV that is left behind is what the next message of an exchange starts from.
 */
#include "lib/crypto/evp.h"

#include <string.h>


static const struct cipher_desc cipher_tab[] = {
	{
		.id = IKE_CIPHER_AES, .name = "aes", .oakley = "OAKLEY_AES_CBC",
		.block = 16, .key_bits = { 128, 192, 256 }, .key_length_attribute = true,
	}, {
		.id = IKE_CIPHER_3DES, .name = "3des", .oakley = "OAKLEY_3DES_CBC",
		.block = 8, .key_bits = { 192 }, .weak = true,
	},
};

const struct cipher_desc *cipher_by_id(unsigned int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(cipher_tab); i++)
		if (cipher_tab[i].id == id)
			return &cipher_tab[i];
	return NULL;
}

const struct cipher_desc *cipher_by_name(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(cipher_tab); i++)
		if (span_is_nocase(name, cipher_tab[i].name))
			return &cipher_tab[i];
	return NULL;
}

bool cipher_key_bits_ok(const struct cipher_desc *c, unsigned int bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->key_bits) && c->key_bits[i]; i++)
		if (c->key_bits[i] == bits)
			return true;
	return false;
}

static const EVP_CIPHER *evp_cipher(const struct cipher_desc *c, size_t key_len)
{
	if (c->id == IKE_CIPHER_3DES)
		return EVP_des_ede3_cbc();
	return key_len == 16 ? EVP_aes_128_cbc() :
	       key_len == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
}

err_t cipher_cbc(const struct cipher_desc *c, struct span key, bool encrypt, uint8_t *iv,
		 uint8_t *data, size_t len)
{
	uint8_t next_iv[CIPHER_BLOCK_MAX];
	EVP_CIPHER_CTX *ctx;
	int done, rest;

	if (!cipher_key_bits_ok(c, (unsigned int)key.len * 8))
		return "key is not of a length that the cipher has";
	if (len % c->block || len > INT32_MAX)
		return "not a whole number of cipher blocks";
	if (len == 0)
		return NULL;
	if (!encrypt)
		memcpy(next_iv, data + len - c->block, c->block);
	ctx = NEEDED(EVP_CIPHER_CTX_new(), "ciphering");
	if (!EVP_CipherInit_ex(ctx, evp_cipher(c, key.len), NULL, key.ptr, iv, encrypt) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0) ||
	    !EVP_CipherUpdate(ctx, data, &done, data, (int)len) ||
	    !EVP_CipherFinal_ex(ctx, data + done, &rest) || (size_t)done != len)
		crypto_broken("ciphering");
	EVP_CIPHER_CTX_free(ctx);
	if (encrypt)
		memcpy(next_iv, data + len - c->block, c->block);
	memcpy(iv, next_iv, c->block);
	return NULL;
}
