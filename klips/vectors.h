/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Test vectors of the suites, from the documents that define them: data for the
 * self-tests of the module, and for a unit test that has another implementation judge
 * them.
 */
#ifndef KLIPS_VECTORS_H
#define KLIPS_VECTORS_H

#include "klips/port.h"

/* Octets of a string constant, without its NUL. */
struct klips_octets {
	const char *ptr;
	u8 len;
};
#define KLIPS_OCTETS(text)	{ text, sizeof(text) - 1 }

/*
 * One call.  Either of a cipher or AEAD, with the SPI and the number in assoc, iv, and
 * what they make of plain; icv is empty for a cipher that needs a hash beside it.  Or
 * of a hash, whose message is assoc.
 */
struct klips_vector {
	const char *source;		/* document and section */
	u8 ealg, aalg;			/* SADB_EALG_* or SADB_AALG_*; the other is 0 */
	struct klips_octets key;	/* for counter modes with the salt behind it */
	struct klips_octets iv, assoc, plain, cipher, icv;
};

/* The i-th, or NULL past the end. */
const struct klips_vector *klips_vector_at(unsigned int i);

#endif
