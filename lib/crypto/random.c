/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random octets: cookies, nonces, message ids, SPIs and private values.
 *
 * There is one source, libcrypto's generator, which the kernel seeds.  Tests replace it
 * to have repeatable exchanges; nothing else may.
 */
#include <limits.h>

#include <openssl/rand.h>

#include "lib/crypto/evp.h"

static void (*override)(void *ptr, size_t len);

void random_override(void (*fill)(void *ptr, size_t len))
{
	override = fill;
}

void random_fill(void *ptr, size_t len)
{
	if (override) {
		override(ptr, len);
		return;
	}
	if (len > INT_MAX || RAND_bytes(ptr, (int)len) != 1)
		crypto_broken("making random octets");
}

uint32_t random_u32(void)
{
	uint32_t v;

	random_fill(&v, sizeof(v));
	return v;
}
