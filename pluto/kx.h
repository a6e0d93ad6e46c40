/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Diffie-Hellman steps of both phases, and KE payloads.
 */
#ifndef PLUTO_KX_H
#define PLUTO_KX_H

#include "pluto/transition.h"

/* Initiator, before the message with KE; both, after the peer's KE has come. */
extern const struct step step_dh_generate, step_dh_answer, step_dh_finish;

/* Take the peer's KE; x->group is known. */
enum verdict kx_take_ke(struct exchange *x, struct span ke);
/* Take the peer's nonce; and make ours. */
enum verdict kx_take_nonce(struct exchange *x, struct span nonce);
void kx_make_nonce(struct exchange *x);

#endif
