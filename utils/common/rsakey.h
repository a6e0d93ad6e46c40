/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RSA keys as numbers: making them, completing them from their primes, checking them.
 */
#ifndef UTILS_COMMON_RSAKEY_H
#define UTILS_COMMON_RSAKEY_H

#include <gmp.h>

#include "lib/base/buf.h"
#include "utils/common/entropy.h"

/* The names are those of ipsec.secrets(5); p is the larger prime. */
struct rsakey {
	mpz_t n, e, d, p, q, dp, dq, qinv;
};

struct rsakey_wish {
	unsigned int bits;		/* of the modulus; a multiple of 16 */
	unsigned long e;		/* public exponent: odd, > 1 */
	int rounds;			/* of the primality test */
	bool euler;			/* d modulo (p-1)(q-1), not modulo their l.c.m. */
};

/*
 * All memory of GMP is wiped before it is given back.  Call this before the first mpz_init(),
 * once in a program that handles private keys.
 */
void rsakey_wipe_memory(void);

void rsakey_init(struct rsakey *k);
void rsakey_clear(struct rsakey *k);
/* A fresh key.  progress, if not NULL, is told what is going on. */
err_t rsakey_make(struct rsakey *k, const struct rsakey_wish *wish, const struct entropy *from,
		  void (*progress)(const char *what));
/* Given n, e, p and q: check that they belong together, and compute the rest. */
err_t rsakey_complete(struct rsakey *k, const struct rsakey_wish *wish);
/* The number as big-endian octets without leading zeros, appended. */
void rsakey_octets(const mpz_t number, struct buf *out);

#endif
