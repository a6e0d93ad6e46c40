// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The doors from above: bring a connection up, end it, show what there is.
 *
 *	ike_initiate	a usable ISAKMP SA -> Quick Mode now
 *			a Main Mode that we have begun -> Quick Mode when that is done
 *			neither -> Main Mode, and Quick Mode after it
 *
 * Whoever waits (struct reply) goes along: held by the exchange that works for him, then by
 * the next; when the last lets go, the channel closes.
 */
#include "pluto/initiate.h"

#include <string.h>

#include "pluto/iface.h"
#include "pluto/info.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/kernel.h"
#include "pluto/main_mode.h"
#include "pluto/quick_mode.h"


/* A Main Mode of ours under way that would serve c too. */
static struct exchange *main_under_way(const struct connection *c)
{
	struct exchange *x;

	LIST_EACH(x, &c->pluto->exchanges, struct exchange, link)
		if (!x->msgid && x->initiator && !x->isakmp->established && x->iface == c->iface &&
		    addr_eq(&x->peer.addr, &c->that.host) &&
		    id_eq(&x->c->this.id, &c->this.id) && id_eq(&x->c->that.id, &c->that.id) &&
		    (x->c->policy & c->policy & POLICY_AUTH_MASK))
			return x;
	return NULL;
}

static void initiate(struct connection *c, struct reply *r, unsigned int try,
		     unsigned long replacing, uint64_t delay)
{
	struct isakmp_sa *sa = isakmp_sa_for(c);
	struct exchange *x;

	if (sa) {
		exchange_start(quick_mode_begin(sa, c, r, try, replacing), delay);
		return;
	}
	x = main_under_way(c);
	if (x) {
		if (r)
			plog(&(struct subject){ .pluto = c->pluto, .c = c, .reply = r }, RC_LOG,
			     "waiting for Main Mode #%lu, which is under way", x->subject.serial);
		pending_add(x->isakmp, c, r, try, replacing);
		return;
	}
	x = main_mode_begin(c, r, try, 0);
	pending_add(x->isakmp, c, r, try, replacing);
	exchange_start(x, delay);
}

void ike_initiate(struct connection *c, struct reply *r, unsigned int try, unsigned long replacing)
{
	initiate(c, r, try, replacing, 0);
}

void ike_initiate_later(struct connection *c, unsigned int try, unsigned long replacing,
			uint64_t delay)
{
	initiate(c, NULL, try, replacing, delay);
}

bool ike_pending(const struct connection *c)
{
	struct isakmp_sa *sa;
	struct pending *w;

	LIST_EACH(sa, &c->pluto->isakmp_sas, struct isakmp_sa, link)
		LIST_EACH(w, &sa->pending, struct pending, link)
			if (w->c == c)
				return true;
	return false;
}

/* --- ending ---------------------------------------------------------------------------- */

/* An instance would be freed with the last of what is ended here: it must wait for us. */
static bool protect(struct connection *c)
{
	bool before = c->going;

	c->going = true;
	return before;
}

static void drop_pending(struct connection *c)
{
	struct isakmp_sa *sa;
	struct pending *w, *tmp;

	LIST_EACH(sa, &c->pluto->isakmp_sas, struct isakmp_sa, link)
		LIST_EACH_SAFE(w, tmp, &sa->pending, struct pending, link)
			if (w->c == c)
				pending_free(w);
}

/* Others may wait for a Main Mode that is about to end: they begin their own. */
static void release_waiting(struct exchange *x)
{
	struct pending *w;

	if (x->msgid || x->c->pluto->shutting_down)
		return;
	/* Not this one. */
	x->initiator = false;
	/* Listed here, an instance stays, even if what it begins fails at once. */
	while ((w = LIST_FIRST(&x->isakmp->pending, struct pending, link))) {
		initiate(w->c, w->reply, w->try, w->replacing, 0);
		pending_free(w);
	}
}

static struct exchange *exchange_of(const struct connection *c)
{
	struct exchange *x;

	LIST_EACH(x, &c->pluto->exchanges, struct exchange, link)
		if (x->c == c && x->state != STATE_INFO_PROTECTED)
			return x;
	return NULL;
}

static struct ipsec_sa *ipsec_of(const struct connection *c)
{
	struct ipsec_sa *sa;

	LIST_EACH(sa, &c->pluto->ipsec_sas, struct ipsec_sa, link)
		if (sa->c == c)
			return sa;
	return NULL;
}

/* Who else lives under this ISAKMP SA, and could have asked for it? */
static struct connection *other_user(const struct isakmp_sa *sa)
{
	struct ipsec_sa *ipsec;

	LIST_EACH(ipsec, &sa->subject.pluto->ipsec_sas, struct ipsec_sa, link)
		if (ipsec->c != sa->c && endpoint_eq(&ipsec->peer, &sa->peer) &&
		    id_eq(&ipsec->peer_id, &sa->peer_id) && isakmp_sa_serves(sa, ipsec->c))
			return ipsec->c;
	return NULL;
}

static void end_isakmp_sas(struct connection *c)
{
	struct isakmp_sa *sa, *tmp;
	struct connection *heir;

	LIST_EACH_SAFE(sa, tmp, &c->pluto->isakmp_sas, struct isakmp_sa, link) {
		if (sa->c != c)
			continue;
		heir = sa->established ? other_user(sa) : NULL;
		if (!heir) {
			isakmp_sa_delete(sa, true);
			continue;
		}
		sa->c = heir;
		sa->subject.c = heir;
		heir->newest_isakmp = sa;
		if (c->newest_isakmp == sa)
			c->newest_isakmp = NULL;
	}
}

void ike_terminate(struct connection *c, const char *why)
{
	struct subject s = { .pluto = c->pluto, .c = c };
	bool before = protect(c);
	struct exchange *x;
	struct ipsec_sa *sa;

	if (exchange_of(c) || ipsec_of(c) || c->newest_isakmp)
		plog_quiet(&s, "terminating SAs using this connection: %s", why);
	drop_pending(c);
	while ((sa = ipsec_of(c)) && sa->established)
		ipsec_sa_delete(sa, true);
	while ((x = exchange_of(c))) {
		release_waiting(x);
		exchange_free(x);
	}
	while ((sa = ipsec_of(c)))
		ipsec_sa_delete(sa, true);
	end_isakmp_sas(c);
	c->going = before;
	connection_release_instance(c);
}

bool ike_delete_state(struct pluto *p, unsigned long serial)
{
	struct isakmp_sa *isakmp;
	struct ipsec_sa *ipsec;
	struct exchange *x;

	ipsec = ipsec_sa_by_serial(p, serial);
	if (ipsec && ipsec->established) {
		ipsec_sa_delete(ipsec, true);
		return true;
	}
	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (x->subject.serial == serial && x->state != STATE_INFO_PROTECTED &&
		    !x->lingering) {
			exchange_free(x);
			return true;
		}
	isakmp = isakmp_sa_by_serial(p, serial);
	if (!isakmp)
		return false;
	isakmp_sa_delete(isakmp, true);
	return true;
}

void ike_shutdown(struct pluto *p)
{
	struct exchange *x;
	struct ipsec_sa *ipsec;
	struct isakmp_sa *sa;

	p->shutting_down = true;
	while ((ipsec = LIST_FIRST(&p->ipsec_sas, struct ipsec_sa, link)) && ipsec->established)
		ipsec_sa_delete(ipsec, true);
	while ((x = LIST_FIRST(&p->exchanges, struct exchange, link)))
		exchange_free(x);
	while ((ipsec = LIST_FIRST(&p->ipsec_sas, struct ipsec_sa, link)))
		ipsec_sa_delete(ipsec, true);
	while ((sa = LIST_FIRST(&p->isakmp_sas, struct isakmp_sa, link)))
		isakmp_sa_delete(sa, true);
}

/* --- status ---------------------------------------------------------------------------- */

static void show_event(struct buf *b, const char *event, const struct timer *t)
{
	if (event && t->armed)
		buf_printf(b, "; %s in %llus", event,
			   (unsigned long long)(timer_left(t) + 999) / 1000);
}

/* `#2: "x" STATE_QUICK_I2 (sent QI2, IPsec SA established); EVENT_SA_REPLACE in 27912s` */
static void show_head(struct buf *b, const struct subject *s, enum state state,
		      const char *event, const struct timer *t)
{
	buf_clear(b);
	buf_printf(b, "#%lu: ", s->serial);
	connection_prefix(s->c, b);
	buf_printf(b, " %s (%s)", state_name(state), state_story(state));
	show_event(b, event, t);
}

static void show_used(struct buf *b, struct pluto *p, const struct said *said,
		      const struct addr *src)
{
	struct kernel_usage u;

	if (p->kernel->usage && p->kernel->usage(p, said, src, &u) && u.idle != UINT64_MAX)
		buf_printf(b, " used %llus ago;", (unsigned long long)u.idle);
}

static void show_ipsec(struct pluto *p, const struct ipsec_sa *sa, struct reply *r)
{
	struct said said[4] = { ipsec_sa_out(sa), ipsec_sa_in(sa), ipsec_sa_tun_out(sa),
				ipsec_sa_tun_in(sa) };
	struct said_buf sb;
	struct buf b = { 0 };

	show_head(&b, &sa->subject, sa->state, sa->event, &sa->timer);
	if (sa->c->newest_ipsec == sa)
		buf_add_str(&b, "; newest IPSEC");
	if (sa->c->eroute_owner == sa->subject.serial)
		buf_add_str(&b, "; eroute owner");
	reply_say(r, RC_COMMENT, "%s", buf_str(&b));
	buf_clear(&b);
	buf_printf(&b, "#%lu: ", sa->subject.serial);
	connection_prefix(sa->c, &b);
	show_used(&b, p, &said[0], &sa->c->this.host);
	for (size_t i = 0; i < ARRAY_SIZE(said); i++)
		buf_printf(&b, " %s", said_show_dot(&said[i], &sb));
	reply_say(r, RC_COMMENT, "%s", buf_str(&b));
	buf_free(&b);
}

static void show_pending(const struct isakmp_sa *sa, struct reply *r)
{
	struct pending *w;
	struct buf b = { 0 };

	LIST_EACH(w, &sa->pending, struct pending, link) {
		buf_clear(&b);
		connection_prefix(w->c, &b);
		reply_say(r, RC_COMMENT, "#%lu: pending Phase 2 for %s replacing #%lu",
			  sa->subject.serial, buf_str(&b), w->replacing);
	}
	buf_free(&b);
}

static void show_isakmp(const struct isakmp_sa *sa, struct reply *r)
{
	struct buf b = { 0 };

	show_head(&b, &sa->subject, sa->state, sa->event, &sa->timer);
	if (sa->c->newest_isakmp == sa)
		buf_add_str(&b, "; newest ISAKMP");
	reply_say(r, RC_COMMENT, "%s", buf_str(&b));
	buf_free(&b);
	show_pending(sa, r);
}

static void show_exchange(const struct exchange *x, struct reply *r)
{
	struct buf b = { 0 };

	show_head(&b, &x->subject, x->state, x->event, &x->timer);
	if (x->job)
		buf_add_str(&b, "; computing");
	if (x->why)
		buf_printf(&b, "; last refusal: %s", x->why);
	reply_say(r, RC_COMMENT, "%s", buf_str(&b));
	buf_free(&b);
	if (!x->msgid)
		show_pending(x->isakmp, r);
}

/* By number, which is what remains when a connection's lines are read together. */
static void show_number(struct pluto *p, unsigned long serial, struct reply *r)
{
	struct isakmp_sa *isakmp;
	struct ipsec_sa *ipsec;
	struct exchange *x;

	LIST_EACH(isakmp, &p->isakmp_sas, struct isakmp_sa, link)
		if (isakmp->established && isakmp->subject.serial == serial)
			show_isakmp(isakmp, r);
	LIST_EACH(ipsec, &p->ipsec_sas, struct ipsec_sa, link)
		if (ipsec->established && ipsec->subject.serial == serial)
			show_ipsec(p, ipsec, r);
	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (!x->lingering && x->subject.serial == serial)
			show_exchange(x, r);
}

/* The next number in use after serial; 0: none. */
static unsigned long next_number(struct pluto *p, unsigned long serial)
{
	unsigned long next = 0;
	struct isakmp_sa *isakmp;
	struct ipsec_sa *ipsec;
	struct exchange *x;

	LIST_EACH(isakmp, &p->isakmp_sas, struct isakmp_sa, link)
		if (isakmp->subject.serial > serial && (!next || isakmp->subject.serial < next))
			next = isakmp->subject.serial;
	LIST_EACH(ipsec, &p->ipsec_sas, struct ipsec_sa, link)
		if (ipsec->subject.serial > serial && (!next || ipsec->subject.serial < next))
			next = ipsec->subject.serial;
	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (x->subject.serial > serial && (!next || x->subject.serial < next))
			next = x->subject.serial;
	return next;
}

void ike_show_states(struct pluto *p, struct reply *r)
{
	unsigned long serial = 0;

	while ((serial = next_number(p, serial)))
		show_number(p, serial, r);
}

/* --- start ----------------------------------------------------------------------------- */

void ike_init(struct pluto *p)
{
	random_fill(p->cookie_secret, sizeof(p->cookie_secret));
	p->cookie_secret_since = server_now();
}
