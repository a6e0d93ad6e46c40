/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys and hashes of IKE: RFC 2409 sections 5, 5.5, 5.7 and appendix B.
 */
#ifndef PLUTO_KEYMAT_H
#define PLUTO_KEYMAT_H

#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"

/*
 * From the nonces and g^xy (and the pre-shared key, else empty): SKEYID into x, SKEYID_d, _a,
 * _e and the cipher's key into x->isakmp, the first IV into x->iv.
 */
void keymat_isakmp(struct exchange *x, struct span psk);
/* HASH_I or HASH_R into out, which has room for HASH_MAX; returns what was written. */
enum hash_of { HASH_I, HASH_R };
struct span keymat_hash(const struct exchange *x, enum hash_of which, uint8_t *out);
/* HASH(1), (2) or (3) of Phase 2 over what follows the HASH payload (nothing for 3). */
struct span keymat_hash_n(const struct exchange *x, unsigned int n, struct span rest,
			  uint8_t *out);
/* HASH(1) of an Informational exchange. */
struct span keymat_hash_info(const struct isakmp_sa *sa, uint32_t msgid, struct span rest,
			     uint8_t *out);
/* KEYMAT for both directions into x->ipsec; both SPIs, nonces and the PFS secret are known. */
void keymat_ipsec(struct exchange *x);

#endif
