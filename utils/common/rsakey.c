/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making RSA keys with GMP: RFC 8017 section 3.2 for the numbers.
 *
 * A prime starts as random octets with the two highest bits set, so that the product of
 * two has exactly the bits that were asked for, and the search goes upwards from there
 * in steps of two.  The primality test is GMP's: trial division, Baillie-PSW, and
 * Miller-Rabin for the rounds beyond 24; there is no known composite that passes.
 *
 * Every key is tried before it leaves: a random number must survive encryption with the
 * public and decryption with the private half, the latter by the Chinese remainder
 * theorem as Pluto does it, so that each of the eight numbers has been used once.
 *
 * Time does depend on the primes.  These are tools that run once, for their owner,
 * without an observer who could ask a thousand times; Pluto signs with OpenSSL.
 */
#include "utils/common/rsakey.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/secret.h"

/* --- memory ------------------------------------------------------------------------ */

static void gmp_wipe_free(void *ptr, size_t size)
{
	secret_wipe(ptr, size);
	free(ptr);
}

/* Not xrealloc(): that may leave a copy of the key behind. */
static void *gmp_wipe_realloc(void *ptr, size_t old_size, size_t new_size)
{
	void *fresh = xalloc(new_size);

	memcpy(fresh, ptr, old_size < new_size ? old_size : new_size);
	gmp_wipe_free(ptr, old_size);
	return fresh;
}

void rsakey_wipe_memory(void)
{
	mp_set_memory_functions(xalloc, gmp_wipe_realloc, gmp_wipe_free);
}

void rsakey_init(struct rsakey *k)
{
	mpz_inits(k->n, k->e, k->d, k->p, k->q, k->dp, k->dq, k->qinv, NULL);
}

void rsakey_clear(struct rsakey *k)
{
	mpz_clears(k->n, k->e, k->d, k->p, k->q, k->dp, k->dq, k->qinv, NULL);
}

void rsakey_octets(const mpz_t number, struct buf *out)
{
	size_t len = (mpz_sizeinbase(number, 2) + 7) / 8;

	if (mpz_sgn(number) != 0)
		mpz_export(buf_grow(out, len), NULL, 1, 1, 1, 0, number);
}

/* --- numbers ------------------------------------------------------------------------ */

static err_t random_number(mpz_t out, unsigned int bits, const struct entropy *from)
{
	uint8_t octets[1024];		/* 8192 bits */
	size_t len = bits / 8;
	err_t ugh;

	if (len > sizeof(octets))
		return "number too large";
	ugh = entropy_read(from, octets, len);
	if (!ugh)
		mpz_import(out, len, 1, 1, 1, 0, octets);
	secret_wipe(octets, sizeof(octets));
	return ugh;
}

/* p - 1 must have no factor in common with e, or e has no inverse. */
static bool suits_exponent(const mpz_t p, const mpz_t e)
{
	bool fits;
	mpz_t t;

	mpz_init(t);
	mpz_sub_ui(t, p, 1);
	mpz_gcd(t, t, e);
	fits = mpz_cmp_ui(t, 1) == 0;
	mpz_clear(t);
	return fits;
}

/* The next suitable prime from a random start; a start near 2^bits is given up. */
static err_t random_prime(mpz_t p, const mpz_t e, unsigned int bits,
			  const struct rsakey_wish *wish, const struct entropy *from)
{
	do {
		err_t ugh = random_number(p, bits, from);

		if (ugh)
			return ugh;
		mpz_setbit(p, bits - 1);
		mpz_setbit(p, bits - 2);
		mpz_setbit(p, 0);
		while (!suits_exponent(p, e) || !mpz_probab_prime_p(p, wish->rounds))
			mpz_add_ui(p, p, 2);
	} while (mpz_sizeinbase(p, 2) != bits);
	return NULL;
}

/*
 * FIPS 186-4 appendix B.3.1: primes whose upper 100 bits agree can be found from their
 * product by Fermat's method.
 */
static bool too_close(const mpz_t p, const mpz_t q, unsigned int bits)
{
	bool close;
	mpz_t t;

	mpz_init(t);
	mpz_sub(t, p, q);
	close = mpz_sizeinbase(t, 2) <= bits - 100;
	mpz_clear(t);
	return close;
}

/* d, dp, dq and qinv from e, p and q. */
static err_t private_numbers(struct rsakey *k, bool euler)
{
	bool ok;
	mpz_t p1, q1, m;

	mpz_inits(p1, q1, m, NULL);
	mpz_sub_ui(p1, k->p, 1);
	mpz_sub_ui(q1, k->q, 1);
	if (euler)
		mpz_mul(m, p1, q1);
	else
		mpz_lcm(m, p1, q1);
	ok = mpz_invert(k->d, k->e, m) && mpz_invert(k->qinv, k->q, k->p);
	if (ok) {
		mpz_mod(k->dp, k->d, p1);
		mpz_mod(k->dq, k->d, q1);
	}
	mpz_clears(p1, q1, m, NULL);
	return ok ? NULL : "the public exponent does not suit the primes";
}

/* RFC 8017 section 5.1.2, step 2b: m = c^d mod n from its remainders. */
static void decrypt(const struct rsakey *k, mpz_t m, const mpz_t c)
{
	mpz_t m2;

	mpz_init(m2);
	mpz_powm(m, c, k->dp, k->p);
	mpz_powm(m2, c, k->dq, k->q);
	mpz_sub(m, m, m2);
	mpz_mul(m, m, k->qinv);
	mpz_mod(m, m, k->p);
	mpz_mul(m, m, k->q);
	mpz_add(m, m, m2);
	mpz_clear(m2);
}

/* Both ways to decrypt must bring back what was encrypted. */
static bool works(const struct rsakey *k)
{
	mpz_t m, c, back;
	bool ok;

	mpz_inits(m, c, back, NULL);
	mpz_fdiv_q_ui(m, k->n, 3);	/* anything as long as n, but not special to it */
	mpz_powm(c, m, k->e, k->n);
	decrypt(k, back, c);
	ok = mpz_cmp(back, m) == 0;
	mpz_powm(back, c, k->d, k->n);
	ok = ok && mpz_cmp(back, m) == 0;
	mpz_clears(m, c, back, NULL);
	return ok;
}

/* --- keys --------------------------------------------------------------------------- */

err_t rsakey_make(struct rsakey *k, const struct rsakey_wish *wish, const struct entropy *from,
		  void (*progress)(const char *what))
{
	unsigned int half = wish->bits / 2;
	err_t ugh;

	mpz_set_ui(k->e, wish->e);
	do {
		if (progress)
			progress("looking for the first prime...");
		ugh = random_prime(k->p, k->e, half, wish, from);
		if (ugh)
			return ugh;
		if (progress)
			progress("looking for the second prime...");
		ugh = random_prime(k->q, k->e, half, wish, from);
		if (ugh)
			return ugh;
	} while (too_close(k->p, k->q, half));
	mpz_mul(k->n, k->p, k->q);
	if (progress)
		progress("trying the key...");
	return rsakey_complete(k, wish);
}

err_t rsakey_complete(struct rsakey *k, const struct rsakey_wish *wish)
{
	err_t ugh;
	mpz_t n;

	if (mpz_even_p(k->e) || mpz_cmp_ui(k->e, 3) < 0)
		return "PublicExponent is not an odd number from 3 upwards";
	if (!mpz_probab_prime_p(k->p, wish->rounds))
		return "Prime1 is not prime";
	if (!mpz_probab_prime_p(k->q, wish->rounds))
		return "Prime2 is not prime";
	if (mpz_cmp(k->p, k->q) == 0)
		return "Prime1 and Prime2 are the same";
	mpz_init(n);
	mpz_mul(n, k->p, k->q);
	ugh = mpz_cmp(n, k->n) == 0 ? NULL : "Modulus is not the product of the primes";
	mpz_clear(n);
	if (ugh)
		return ugh;
	if (mpz_cmp(k->p, k->q) < 0)
		mpz_swap(k->p, k->q);
	ugh = private_numbers(k, wish->euler);
	if (ugh)
		return ugh;
	return works(k) ? NULL : "the finished key does not decrypt what it encrypted";
}
