// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ISAKMP SAs: found by cookies, by connection, by peer; and what waits for them.
 *
 * An SA exists from the first message of its Main Mode, since it has the cookies, but
 * nobody gets it from isakmp_sa_for() before it is established.  It ends by
 * isakmp_sa_delete(); Quick Modes under way end with it and, if we had begun them, begin
 * anew under another one.  IPsec SAs do not end with it.
 *
 * Cookies of ours as a responder are made from a secret, the peer's address and
 * cookie, and a counter: fast, bound to the peer, never the same twice.
 *
 * RFC 2408 section 2.5.3 (cookies), RFC 2409 section 5.5 (message IDs are used once).
 */
#include "pluto/isakmp_sa.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "pluto/iface.h"
#include "pluto/info.h"
#include "pluto/initiate.h"
#include "pluto/ipsec_sa.h"
#include "pluto/lifetime.h"
#include "pluto/quick_mode.h"
#include "pluto/retransmit.h"

#define SECRET_MS	(3600 * 1000ull)
#define MSGIDS_MAX	65536		/* of one SA; then it is time for a new one */

/* --- cookies --------------------------------------------------------------------------- */

bool isakmp_cookie_is_zero(const uint8_t *cookie)
{
	static const uint8_t zero[COOKIE_LEN];

	return !memcmp(cookie, zero, COOKIE_LEN);
}

void isakmp_make_cookie(struct pluto *p, const struct endpoint *peer, const uint8_t *icookie,
			uint8_t *out)
{
	const struct hash_desc *h = hash_by_id(IKE_HASH_SHA2_256);
	uint8_t digest[HASH_MAX], extra[10];

	if (server_now() - p->cookie_secret_since >= SECRET_MS)
		ike_init(p);
	do {
		struct span in[] = { addr_span(&peer->addr), { icookie, COOKIE_LEN },
				     { extra, sizeof(extra) } };

		random_fill(extra, 8);
		extra[8] = (uint8_t)(peer->port >> 8);
		extra[9] = (uint8_t)peer->port;
		prf_spans(h, span_of(p->cookie_secret, sizeof(p->cookie_secret)), in,
			  ARRAY_SIZE(in), digest);
		memcpy(out, digest, COOKIE_LEN);
	} while (isakmp_cookie_is_zero(out));
}

/* --- message IDs ----------------------------------------------------------------------- */

bool isakmp_msgid_used(const struct isakmp_sa *sa, uint32_t msgid)
{
	for (size_t i = 0; i < sa->n_msgids; i++)
		if (sa->msgids[i] == msgid)
			return true;
	return sa->n_msgids >= MSGIDS_MAX;
}

void isakmp_use_msgid(struct isakmp_sa *sa, uint32_t msgid)
{
	size_t n = sa->n_msgids;

	if (isakmp_msgid_used(sa, msgid))
		return;
	/* Room for 16, 32, 64 ...: full whenever n is such a number. */
	if (n == 0 || (n >= 16 && !(n & (n - 1))))
		sa->msgids = xrealloc(sa->msgids, (n ? 2 * n : 16) * sizeof(*sa->msgids));
	sa->msgids[sa->n_msgids++] = msgid;
}

uint32_t isakmp_new_msgid(struct isakmp_sa *sa)
{
	uint32_t id;

	do
		id = random_u32();
	while (id == 0 || (sa->n_msgids < MSGIDS_MAX && isakmp_msgid_used(sa, id)));
	isakmp_use_msgid(sa, id);
	return id;
}

/* --- finding --------------------------------------------------------------------------- */

struct isakmp_sa *isakmp_sa_by_cookies(struct pluto *p, const uint8_t *icookie,
				       const uint8_t *rcookie)
{
	struct isakmp_sa *sa;

	LIST_EACH(sa, &p->isakmp_sas, struct isakmp_sa, link)
		if (!memcmp(sa->icookie, icookie, COOKIE_LEN) &&
		    !memcmp(sa->rcookie, rcookie, COOKIE_LEN))
			return sa;
	return NULL;
}

struct isakmp_sa *isakmp_sa_by_serial(struct pluto *p, unsigned long serial)
{
	struct isakmp_sa *sa;

	LIST_EACH(sa, &p->isakmp_sas, struct isakmp_sa, link)
		if (sa->subject.serial == serial)
			return sa;
	return NULL;
}

struct peer_proof isakmp_sa_proof(const struct isakmp_sa *sa)
{
	return (struct peer_proof){
		.auth = sa->auth == OAKLEY_PRESHARED_KEY ? POLICY_PSK : POLICY_RSASIG,
		.id = &sa->peer_id,
		.psk = secret_span(&sa->psk),
	};
}

bool isakmp_sa_serves(const struct isakmp_sa *sa, const struct connection *c)
{
	struct peer_proof proof = isakmp_sa_proof(sa);

	return sa->established && !sa->superseded_by && !sa->silent &&
	       addr_eq(&sa->peer.addr, &c->that.host) && sa->iface == c->iface &&
	       connection_accepts(c, sa->c, &proof);
}

struct isakmp_sa *isakmp_sa_for(struct connection *c)
{
	struct isakmp_sa *sa, *newest = NULL;

	LIST_EACH(sa, &c->pluto->isakmp_sas, struct isakmp_sa, link)
		if (isakmp_sa_serves(sa, c))
			newest = sa;
	return newest;
}

struct isakmp_sa *isakmp_sa_to_peer(const struct ipsec_sa *ipsec)
{
	struct isakmp_sa *sa = isakmp_sa_for(ipsec->c);

	if (sa)
		return sa;
	LIST_EACH(sa, &ipsec->c->pluto->isakmp_sas, struct isakmp_sa, link)
		if (sa->established && endpoint_eq(&sa->peer, &ipsec->peer) &&
		    id_eq(&sa->peer_id, &ipsec->peer_id))
			return sa;
	return NULL;
}

/* --- what waits ------------------------------------------------------------------------ */

void pending_add(struct isakmp_sa *sa, struct connection *c, struct reply *r, unsigned int try,
		 unsigned long replacing)
{
	struct pending *w;

	LIST_EACH(w, &sa->pending, struct pending, link)
		if (w->c == c) {
			if (r && !w->reply)
				w->reply = reply_hold(r);
			return;
		}
	w = xalloc(sizeof(*w));
	w->c = c;
	w->reply = reply_hold(r);
	w->try = try;
	w->replacing = replacing;
	list_add(&sa->pending, &w->link);
}

void pending_free(struct pending *w)
{
	struct connection *c = w->c;

	list_del(&w->link);
	reply_release(w->reply);
	free(w);
	connection_release_instance(c);
}

void pending_move(struct isakmp_sa *to, struct isakmp_sa *from)
{
	struct pending *w, *tmp;

	LIST_EACH_SAFE(w, tmp, &from->pending, struct pending, link) {
		pending_add(to, w->c, NULL, w->try, w->replacing);
		pending_free(w);
	}
}

/* Which method Main Mode would end with was not known when they began to wait. */
static void start_pending(struct isakmp_sa *sa)
{
	struct pending *w, *tmp;

	LIST_EACH_SAFE(w, tmp, &sa->pending, struct pending, link) {
		if (isakmp_sa_serves(sa, w->c))
			exchange_start(quick_mode_begin(sa, w->c, w->reply, w->try, w->replacing),
				       0);
		else
			ike_initiate(w->c, w->reply, w->try, w->replacing);
		pending_free(w);
	}
}

/* --- life ------------------------------------------------------------------------------ */

struct isakmp_sa *isakmp_sa_new(struct exchange *x)
{
	struct isakmp_sa *sa = xalloc(sizeof(*sa));

	sa->subject = x->subject;
	sa->subject.reply = NULL;
	sa->c = x->c;
	sa->iface = x->iface;
	sa->peer = x->peer;
	sa->initiator = x->initiator;
	list_init(&sa->pending);
	list_add(&x->c->pluto->isakmp_sas, &sa->link);
	return sa;
}

void isakmp_sa_forget_older(struct isakmp_sa *sa)
{
	struct pluto *p = sa->c->pluto;
	struct isakmp_sa *old, *tmp;
	struct ipsec_sa *ipsec, *tmp2;

	plog_quiet(&sa->subject, "the peer says INITIAL-CONTACT: forgetting older SAs with it");
	LIST_EACH_SAFE(ipsec, tmp2, &p->ipsec_sas, struct ipsec_sa, link)
		if (ipsec->established && ipsec->isakmp != sa->subject.serial &&
		    addr_eq(&ipsec->peer.addr, &sa->peer.addr) &&
		    id_eq(&ipsec->peer_id, &sa->peer_id))
			ipsec_sa_delete(ipsec, false);
	LIST_EACH_SAFE(old, tmp, &p->isakmp_sas, struct isakmp_sa, link)
		if (old != sa && old->established && addr_eq(&old->peer.addr, &sa->peer.addr) &&
		    id_eq(&old->peer_id, &sa->peer_id))
			isakmp_sa_delete(old, false);
}

void isakmp_sa_established(struct exchange *x)
{
	struct isakmp_sa *sa = x->isakmp, *old;
	struct peer_proof proof;

	sa->established = true;
	sa->state = x->state;
	sa->auth = x->auth;
	sa->life = x->life;
	id_copy(&sa->peer_id, &x->peer_id);
	memcpy(sa->iv, x->iv, sizeof(sa->iv));
	buf_set(&sa->last_in, buf_span(&x->last_in));
	buf_set(&sa->last_out, buf_span(&x->last_out));
	sa->c->newest_isakmp = sa;
	lifetime_start_isakmp(sa);

	if (x->initial_contact)
		isakmp_sa_forget_older(sa);
	proof = isakmp_sa_proof(sa);
	connection_enforce_unique(sa->c, &proof);
	old = x->replacing ? isakmp_sa_by_serial(sa->c->pluto, x->replacing) : NULL;
	if (old)
		lifetime_supersede_isakmp(old, sa->subject.serial);
	start_pending(sa);
}

static void newest_without(const struct isakmp_sa *gone)
{
	struct connection *c = gone->c;
	struct isakmp_sa *sa;

	if (c->newest_isakmp != gone)
		return;
	c->newest_isakmp = NULL;
	LIST_EACH(sa, &c->pluto->isakmp_sas, struct isakmp_sa, link)
		if (sa != gone && sa->established && sa->c == c)
			c->newest_isakmp = sa;
}

void isakmp_sa_free(struct isakmp_sa *sa)
{
	struct connection *c = sa->c;
	struct pending *w, *tmp;

	newest_without(sa);
	list_del(&sa->link);
	LIST_EACH_SAFE(w, tmp, &sa->pending, struct pending, link)
		pending_free(w);
	timer_clear(&sa->timer);
	secret_free(&sa->skeyid_d);
	secret_free(&sa->skeyid_a);
	secret_free(&sa->skeyid_e);
	secret_free(&sa->key);
	secret_free(&sa->psk);
	id_free(&sa->peer_id);
	buf_free(&sa->last_in);
	buf_free(&sa->last_out);
	free(sa->msgids);
	free(sa);
	connection_release_instance(c);
}

/* Quick Modes under sa cannot go on.  Those that we began begin anew, under another SA. */
static void end_exchanges(struct isakmp_sa *sa)
{
	struct pluto *p = sa->c->pluto;
	struct exchange *x, *tmp;

	LIST_EACH_SAFE(x, tmp, &p->exchanges, struct exchange, link) {
		if (x->isakmp != sa || !x->msgid)
			continue;
		if (x->initiator && !x->lingering && !p->shutting_down && !x->c->going)
			ike_initiate_later(x->c, x->try, x->replacing, retransmit_backoff(x->try));
		exchange_free(x);
	}
}

void isakmp_sa_delete(struct isakmp_sa *sa, bool notify)
{
	plog_quiet(&sa->subject, "deleting state (%s)", state_name(sa->state));
	if (notify && sa->established)
		info_send_delete_isakmp(sa);
	/* It serves nobody from here on. */
	sa->established = false;
	end_exchanges(sa);
	isakmp_sa_free(sa);
}
