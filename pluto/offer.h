/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SA payloads: what we offer in one, and what we choose from one.
 *
 * RFC 2408 sections 3.4 to 3.6 and 4.2; RFC 2409 appendix A; RFC 2407 section 4.5.
 */
#ifndef PLUTO_OFFER_H
#define PLUTO_OFFER_H

#include "pluto/attr.h"
#include "pluto/exchange.h"
#include "pluto/msg.h"

#define LIFE_MAX	86400		/* seconds that a peer may ask for */
#define LIFE_DEFAULT	28800		/* of a peer that asks for none: RFC 2407 section 4.5.4 */

/* One proposal of a SA payload, cut out but not looked into. */
struct proposal {
	struct isa_proposal hdr;
	struct span whole;		/* with its header */
	struct span spi;
	struct span transforms;
};

/* DOI and situation checked; *proposals is what follows. */
enum verdict offer_open(struct exchange *x, struct span sa_body, struct span *proposals);
/* Take the next proposal.  V_IGNORED: there is none. */
enum verdict offer_next(struct exchange *x, struct span *proposals, struct proposal *p);
/*
 * Take the next transform of a proposal: its header, all its octets and its attributes.
 * V_IGNORED: there is none.
 */
enum verdict offer_next_transform(struct exchange *x, struct span *transforms,
				  struct isa_transform *t, struct span *whole,
				  struct span *attrs);
/* A SA payload with one proposal and one transform, verbatim, and this SPI. */
void offer_answer(struct exchange *x, struct ike_out *o, uint32_t spi);
/* Note the choice for offer_answer(). */
void offer_pick(struct exchange *x, const struct proposal *p, struct span transform);
/*
 * May one more line be said about the transforms of this SA payload?  *said counts them; a few
 * are, and of strangers' payloads a few in a second.
 */
bool offer_may_complain(struct exchange *x, unsigned int *said);
/* The lesser of what the peer asks for and what we have; false: the peer asks for too much. */
bool offer_life(struct exchange *x, uint64_t asked, uint64_t ours, unsigned int *said);

/* --- Phase 1: offer_isakmp.c ----------------------------------------------------------- */

/* Write our SA payload and keep its body in x->sa_body. */
enum verdict offer_isakmp(struct exchange *x, struct ike_out *o);
/*
 * Responder: choose; initiator: check the answer.  Sets suite, auth, group and life of x.  auth:
 * the POLICY_PSK and POLICY_RSASIG that are fine.
 */
enum verdict offer_choose_isakmp(struct exchange *x, struct span sa_body, unsigned int auth);

/* --- Phase 2: offer_ipsec.c ------------------------------------------------------------ */

enum verdict offer_ipsec(struct exchange *x, struct ike_out *o);
/* pfs: the message has a KE payload.  Sets group, life and x->ipsec's suite and peer_spi. */
enum verdict offer_choose_ipsec(struct exchange *x, struct span sa_body, bool pfs);

#endif
