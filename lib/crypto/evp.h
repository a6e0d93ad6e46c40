/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of lib/crypto share about OpenSSL.  For them only.
 */
#ifndef LIB_CRYPTO_EVP_H
#define LIB_CRYPTO_EVP_H

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "lib/crypto/crypto.h"

const EVP_MD *hash_md(const struct hash_desc *h);

/*
 * What cannot fail failed: no memory, or no such algorithm in this libcrypto, which
 * crypto_selftest() would have found.  Says so, with OpenSSL's reason, and ends the program.
 */
_Noreturn void crypto_broken(const char *doing);

/* p, unless it is NULL. */
#define NEEDED(p, doing) \
	({ __typeof__(p) p_ = (p); if (!p_) crypto_broken(doing); p_; })

#endif
