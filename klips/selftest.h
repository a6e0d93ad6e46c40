/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module makes sure of before it is relied on.
 */
#ifndef KLIPS_SELFTEST_H
#define KLIPS_SELFTEST_H

#include <linux/types.h>

struct crypto_aead;
struct klips_suite;
struct seq_file;

/* Replay windows and selectors.  0, or -EIO: then the module must not be loaded. */
int klips_selftest_init(void);
static inline void klips_selftest_exit(void)
{
}

/*
 * The vectors of one algorithm of the suite, ealg or aalg, the other being 0, through a
 * transform of it.  The hash of a suite with extended sequence numbers is told by esn.
 * Sets keys; may sleep.  0, -ELIBBAD if the outcome is not the vector's, -ENOMEM or what
 * the crypto API says.
 */
int klips_selftest_suite(struct crypto_aead *aead, const struct klips_suite *suite, u8 ealg,
			 u8 aalg, bool esn);

/* /proc/net/ipsec/selftest; waits for those that have not been done yet. */
int klips_selftest_show(struct seq_file *m, void *v);

#endif
