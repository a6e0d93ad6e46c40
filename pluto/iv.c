// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the chain of IVs begins.
 *
 *	Phase 1:	hash(g^xi | g^xr), then the last block of each message for the next
 *	Phase 2:	hash(last block of Phase 1 | M-ID), then the same, for each message ID
 *
 * The engine moves along the chain (exchange.c), and only when a message was accepted or is
 * sent for the first time: a retransmission must not advance it, or the peer can never
 * decrypt what comes next.
 *
 * RFC 2409 appendix B.
 */
#include "pluto/iv.h"

#include <string.h>

static void first_block(const struct ike_suite *suite, const struct span *in, size_t n,
			uint8_t *iv)
{
	uint8_t digest[HASH_MAX];

	hash_spans(suite->hash, in, n, digest);
	memcpy(iv, digest, suite->cipher->block);
}

void iv_phase1(const struct exchange *x, uint8_t *iv)
{
	struct span in[] = { buf_span(&x->ke_i), buf_span(&x->ke_r) };

	first_block(&x->suite, in, ARRAY_SIZE(in), iv);
}

void iv_phase2(const struct isakmp_sa *sa, uint32_t msgid, uint8_t *iv)
{
	uint8_t id[4] = { (uint8_t)(msgid >> 24), (uint8_t)(msgid >> 16), (uint8_t)(msgid >> 8),
			  (uint8_t)msgid };
	struct span in[] = { { sa->iv, sa->suite.cipher->block }, { id, sizeof(id) } };

	first_block(&sa->suite, in, ARRAY_SIZE(in), iv);
}
