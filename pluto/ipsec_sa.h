/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPsec SAs: what Phase 2 leaves: a pair of ESP SAs and a pair of tunnel SAs in the kernel.
 */
#ifndef PLUTO_IPSEC_SA_H
#define PLUTO_IPSEC_SA_H

#include "lib/net/said.h"
#include "pluto/exchange.h"

struct ipsec_sa {
	struct list link;			/* in pluto->ipsec_sas */
	struct subject subject;			/* serial as of its exchange */
	struct connection *c;
	struct endpoint peer;
	struct id peer_id;			/* as proved in its Main Mode */
	unsigned long isakmp;			/* serial of the ISAKMP SA that made it */
	bool initiator;
	bool established;
	enum state state;			/* STATE_QUICK_I2, _R1 or _R2 */
	struct esp_suite suite;
	struct selector sel;			/* src: behind us */
	uint32_t our_spi, peer_spi;		/* inbound, outbound; host order, 0: none yet */
	uint32_t our_tun, peer_tun;		/* private tunnel SPIs, inbound and outbound */
	struct secret in_keymat, out_keymat;	/* until installed */
	bool installed_in, installed_out;
	uint64_t life;				/* seconds */
	uint64_t life_kb;			/* 0: none */
	uint64_t ends;				/* server_now() of its end */
	unsigned long superseded_by;		/* serial of the SA that took its place, 0 */
	bool replacing;				/* that has been begun */
	struct timer timer;
	const char *event;
};

/* Of a Quick Mode that begins; not established. */
struct ipsec_sa *ipsec_sa_new(struct exchange *x, const struct selector *sel);
/*
 * Quick Mode is done: the outbound half, timers, and what it replaces.  False: the kernel did
 * not take it; the peer has been told, and the SA goes with its exchange.
 */
bool ipsec_sa_established(struct exchange *x);
struct ipsec_sa *ipsec_sa_by_serial(struct pluto *p, unsigned long serial);
struct said ipsec_sa_in(const struct ipsec_sa *sa);	/* esp, to us */
struct said ipsec_sa_out(const struct ipsec_sa *sa);	/* esp, to the peer */
struct said ipsec_sa_tun_in(const struct ipsec_sa *sa);
struct said ipsec_sa_tun_out(const struct ipsec_sa *sa);
struct ipsec_sa *ipsec_sa_by_peer_spi(struct pluto *p, const struct addr *peer, uint32_t spi);
struct ipsec_sa *ipsec_sa_by_our_spi(struct pluto *p, uint32_t spi);
void ipsec_sa_delete(struct ipsec_sa *sa, bool notify);

#endif
