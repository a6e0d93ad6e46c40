/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proving who we are, and having the peer prove it: RFC 2409 sections 5.1 and 5.4.
 */
#ifndef PLUTO_AUTH_H
#define PLUTO_AUTH_H

#include "pluto/transition.h"

/* Have we what this method (OAKLEY_*) needs to authenticate ourselves on c?  Else *why says. */
bool auth_possible(const struct connection *c, unsigned int method, struct buf *why);
/* DH is done: the keys of Phase 1, which depend on how the ends authenticate. */
enum verdict auth_derive(struct exchange *x);
/* Would the other connection's secrets have led to the same keys? */
bool auth_same_secret(const struct exchange *x, const struct connection *other);
/* The peer's HASH_I or HASH_R. */
enum verdict auth_check_hash(struct exchange *x, struct span hash);
/* The peer's signature of it, in x->sig; and ours into x->sig. */
extern const struct step step_verify, step_sign;

#endif
