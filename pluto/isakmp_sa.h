/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ISAKMP SAs: what Phase 1 leaves, and the protection of everything after it.
 */
#ifndef PLUTO_ISAKMP_SA_H
#define PLUTO_ISAKMP_SA_H

#include "pluto/exchange.h"

struct isakmp_sa {
	struct list link;			/* in pluto->isakmp_sas */
	struct subject subject;			/* serial as of its exchange */
	struct connection *c;
	struct iface *iface;
	struct endpoint peer;
	bool initiator;
	bool established;
	enum state state;			/* STATE_MAIN_I4 or _R3; shown in status */
	uint8_t icookie[COOKIE_LEN], rcookie[COOKIE_LEN];
	unsigned int auth;
	struct ike_suite suite;
	struct secret skeyid_d, skeyid_a, skeyid_e, key;	/* key: of the cipher */
	uint8_t iv[CIPHER_BLOCK_MAX];		/* last block of Phase 1: seed of Phase 2's IVs */
	struct id peer_id;
	uint64_t life;				/* seconds, negotiated */
	struct timer timer;
	const char *event;			/* "EVENT_SA_REPLACE" or "EVENT_SA_EXPIRE" */
	struct list pending;			/* Quick Modes that wait for it */
	uint32_t *msgids;			/* seen from the peer: never to be used again */
	size_t n_msgids;
	struct buf last_in, last_out;		/* of Phase 1, to answer a lost last message */
	unsigned int dup_replies;
};

struct isakmp_sa *isakmp_sa_by_cookies(struct pluto *p, const uint8_t *icookie,
				       const uint8_t *rcookie);
/* A usable one for c: established, same hosts, IDs and policy; or NULL. */
struct isakmp_sa *isakmp_sa_for(struct connection *c);
/* notify: send a Delete (RFC 2408 section 3.15) first.  Its exchanges end with it. */
void isakmp_sa_delete(struct isakmp_sa *sa, bool notify);

#endif
