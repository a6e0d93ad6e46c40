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
	uint64_t ends;				/* server_now() of its end */
	unsigned long superseded_by;		/* serial of the SA that took its place, 0 */
	bool silent;				/* no answers under it: about to end */
	struct id peer_id;
	struct secret psk;			/* the one that was used */
	uint64_t life;				/* seconds, negotiated */
	struct timer timer;
	const char *event;			/* "EVENT_SA_REPLACE" or "EVENT_SA_EXPIRE" */
	struct list pending;			/* struct pending: Quick Modes that wait for it */
	uint32_t *msgids;			/* seen from the peer: never to be used again */
	size_t n_msgids;
	struct buf last_in, last_out;		/* of Phase 1, to answer a lost last message */
	unsigned int dup_replies;
};

/* A Quick Mode that will begin when an ISAKMP SA is there. */
struct pending {
	struct list link;
	struct connection *c;
	struct reply *reply;			/* owned */
	unsigned int try;
	unsigned long replacing;		/* serial of an IPsec SA, 0 */
};

/* Of a Phase 1 exchange that begins; not established. */
struct isakmp_sa *isakmp_sa_new(struct exchange *x);
/* Phase 1 is done: timers, what it replaces, and what has waited for it. */
void isakmp_sa_established(struct exchange *x);
/*
 * INITIAL-CONTACT: the peer knows nothing of older SAs, so they go, without a word to it.  Only
 * those with this very peer, by ID and address.
 */
void isakmp_sa_forget_older(struct isakmp_sa *sa);
/* No Delete, no exchanges: see isakmp_sa_delete(). */
void isakmp_sa_free(struct isakmp_sa *sa);
struct isakmp_sa *isakmp_sa_by_serial(struct pluto *p, unsigned long serial);
/* What its Main Mode has proved; valid as long as sa. */
struct peer_proof isakmp_sa_proof(const struct isakmp_sa *sa);
/* Could c negotiate under it: established, same hosts and IDs, and proved as c wants it? */
bool isakmp_sa_serves(const struct isakmp_sa *sa, const struct connection *c);
/* An established SA with its peer, for its Delete.  One for its connection first; NULL: none. */
struct isakmp_sa *isakmp_sa_to_peer(const struct ipsec_sa *ipsec);
bool isakmp_cookie_is_zero(const uint8_t *cookie);
/* Ours, as a responder: RFC 2408 section 2.5.3. */
void isakmp_make_cookie(struct pluto *p, const struct endpoint *peer, const uint8_t *icookie,
			uint8_t *out);
/* Message IDs of Phase 2: a fresh one of ours; note one; has it been used? */
uint32_t isakmp_new_msgid(struct isakmp_sa *sa);
void isakmp_use_msgid(struct isakmp_sa *sa, uint32_t msgid);
bool isakmp_msgid_used(const struct isakmp_sa *sa, uint32_t msgid);

void pending_add(struct isakmp_sa *sa, struct connection *c, struct reply *r, unsigned int try,
		 unsigned long replacing);
void pending_free(struct pending *w);
/* Another SA will have to do. */
void pending_move(struct isakmp_sa *to, struct isakmp_sa *from);

struct isakmp_sa *isakmp_sa_by_cookies(struct pluto *p, const uint8_t *icookie,
				       const uint8_t *rcookie);
/* A usable one for c: established, same hosts, IDs and policy; or NULL. */
struct isakmp_sa *isakmp_sa_for(struct connection *c);
/* notify: send a Delete (RFC 2408 section 3.15) first.  Its exchanges end with it. */
void isakmp_sa_delete(struct isakmp_sa *sa, bool notify);

#endif
