/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Initialisation vectors of ISAKMP's encryption: RFC 2409 appendix B and section 5.5.
 */
#ifndef PLUTO_IV_H
#define PLUTO_IV_H

#include "pluto/isakmp_sa.h"

/* Of the first encrypted message of Phase 1: hash(g^xi | g^xr). */
void iv_phase1(const struct exchange *x, uint8_t *iv);
/* Of the first message of a Phase 2 exchange: hash(last block of Phase 1 | M-ID). */
void iv_phase2(const struct isakmp_sa *sa, uint32_t msgid, uint8_t *iv);

#endif
