/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When SAs are replaced, and when they end.
 */
#ifndef PLUTO_LIFETIME_H
#define PLUTO_LIFETIME_H

#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"

/* A new SA's life begins: arm its first event. */
void lifetime_start_isakmp(struct isakmp_sa *sa);
void lifetime_start_ipsec(struct ipsec_sa *sa);
/* A newer one has taken its place: Delete it in a moment, when its last packets have come. */
void lifetime_supersede_isakmp(struct isakmp_sa *sa, unsigned long by);
void lifetime_supersede_ipsec(struct ipsec_sa *sa, unsigned long by);
/* The peer has deleted it, but the connection is to stay up: replace it, soon and once. */
void lifetime_replace_soon(struct ipsec_sa *sa);
/* RESPONDER-LIFETIME: the peer's is shorter.  0: nothing said of it. */
void lifetime_shorten_ipsec(struct ipsec_sa *sa, uint64_t seconds, uint64_t kilobytes);

#endif
