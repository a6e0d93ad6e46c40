// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Informational exchanges: one message, one way, never answered.
 *
 *	HDR*, HASH(1), N | D ...	once there are keys
 *	HDR, N				before that
 *
 * A notification in clear proves nothing: it is logged, kept as a hint for the end of
 * our patience, and changes no state.  Under protection a refusal ends the Quick Mode it is
 * about.  Deletes, INITIAL-CONTACT and RESPONDER-LIFETIME count only under an
 * established ISAKMP SA whose peer owns what they are about, with a HASH that has been
 * verified, and once: a message ID does not come twice.
 *
 * Notifications of a message are looked at before its Deletes; the ISAKMP SA that protects the
 * message goes last of all, when the engine has let go of it (info_finish).
 *
 * RFC 2408 sections 3.14, 3.15, 4.8, 5.14, 5.15; RFC 2409 section 5.7; RFC 2407 section 4.6.3.
 */
#include "pluto/info.h"

#include <string.h>

#include "pluto/iface.h"
#include "pluto/isakmp_sa.h"
#include "pluto/iv.h"
#include "pluto/keymat.h"
#include "pluto/lifetime.h"
#include "pluto/retransmit.h"
#include "pluto/transition.h"

#define CLEAR_PER_SECOND 5		/* notifications to strangers */
#define NOTIFY_STATUS	16384		/* types from here on are no errors */

/* --- out ------------------------------------------------------------------------------- */

static void send_built(struct iface *ifp, const struct endpoint *to, struct ike_out *o)
{
	net_send(ifp, to, buf_span(&o->b));
	msg_out_free(o);
}

/* One payload under the protection of sa, with the IV that its message ID gives. */
static void send_protected(struct isakmp_sa *sa, enum payload type, struct span body)
{
	struct isa_hdr h = { .version = ISAKMP_VERSION, .exchange = XCHG_INFO,
			     .flags = ISAKMP_ENCRYPTION, .msgid = isakmp_new_msgid(sa) };
	uint8_t hash[HASH_MAX] = { 0 }, iv[CIPHER_BLOCK_MAX];
	struct ike_out o;

	memcpy(h.icookie, sa->icookie, COOKIE_LEN);
	memcpy(h.rcookie, sa->rcookie, COOKIE_LEN);
	msg_start(&o, &h);
	msg_add(&o, PLD_HASH, span_of(hash, sa->suite.hash->len));
	msg_add(&o, type, body);
	keymat_hash_info(sa, h.msgid, msg_built_after(&o, ISAKMP_HDR_LEN), hash);
	memcpy(o.b.ptr + ISAKMP_HDR_LEN + GENERIC_LEN, hash, sa->suite.hash->len);
	iv_phase2(sa, h.msgid, iv);
	msg_seal(&o, sa->suite.cipher, secret_span(&sa->key), iv);
	send_built(sa->iface, &sa->peer, &o);
}

static void send_clear(struct iface *ifp, const struct endpoint *to, const uint8_t *icookie,
		       const uint8_t *rcookie, struct span body)
{
	struct isa_hdr h = { .version = ISAKMP_VERSION, .exchange = XCHG_INFO };
	struct ike_out o;

	memcpy(h.icookie, icookie, COOKIE_LEN);
	memcpy(h.rcookie, rcookie, COOKIE_LEN);
	do
		h.msgid = random_u32();
	while (!h.msgid);
	msg_start(&o, &h);
	msg_add(&o, PLD_N, body);
	msg_seal(&o, NULL, SPAN_EMPTY, NULL);
	send_built(ifp, to, &o);
}

static void make_notify(struct buf *b, uint8_t protocol, enum notify type, struct span spi)
{
	struct isa_notify n = { .doi = DOI_IPSEC, .protocol = protocol, .type = (uint16_t)type,
				.spi_size = (uint8_t)spi.len };
	struct out out;

	pack_root(&out, b, &notify_desc, &n);
	buf_add_span(b, spi);
}

static bool clear_allowed(void)
{
	static uint64_t second;
	static unsigned int n;

	if (server_now() / 1000 != second) {
		second = server_now() / 1000;
		n = 0;
	}
	return n++ < CLEAR_PER_SECOND;
}

void info_send_clear(struct pluto *p, const struct ike_msg *m, enum notify type)
{
	struct buf body = { 0 };

	(void)p;
	if (!clear_allowed())
		return;
	make_notify(&body, PROTO_ISAKMP, type, SPAN_EMPTY);
	send_clear(m->iface, &m->from, m->hdr.icookie, m->hdr.rcookie, buf_span(&body));
	buf_free(&body);
}

void info_send_notify(struct isakmp_sa *sa, enum notify type)
{
	struct buf body = { 0 };
	uint8_t spi[2 * COOKIE_LEN];

	memcpy(spi, sa->icookie, COOKIE_LEN);
	memcpy(spi + COOKIE_LEN, sa->rcookie, COOKIE_LEN);
	make_notify(&body, PROTO_ISAKMP, type, span_of(spi, sizeof(spi)));
	send_protected(sa, PLD_N, buf_span(&body));
	buf_free(&body);
}

void info_send_refusal(struct exchange *x, const struct ike_msg *m, enum notify type)
{
	struct isakmp_sa *sa = x->isakmp;
	struct buf body = { 0 }, spi = { 0 };

	if (x->state == STATE_MAIN_R0) {
		info_send_clear(x->subject.pluto, m, type);
		return;
	}
	if (x->msgid && x->ipsec && x->ipsec->peer_spi)
		buf_add_u32(&spi, x->ipsec->peer_spi);
	make_notify(&body, x->msgid ? PROTO_IPSEC_ESP : PROTO_ISAKMP, type, buf_span(&spi));
	if (sa->established) {
		send_protected(sa, PLD_N, buf_span(&body));
	} else if (m && (m->hdr.flags & ISAKMP_ENCRYPTION) && sa->key.len &&
		   x->cause != CAUSE_MALFORMED_ENCRYPTED) {
		/* The last block of Phase 1 so far is the one that the peer has just sent. */
		memcpy(sa->iv, m->iv_after, sizeof(sa->iv));
		send_protected(sa, PLD_N, buf_span(&body));
	} else if (clear_allowed()) {
		send_clear(x->iface, &x->peer, sa->icookie, sa->rcookie, buf_span(&body));
	}
	buf_free(&body);
	buf_free(&spi);
}

static void send_delete(struct isakmp_sa *sa, uint8_t protocol, struct span spi)
{
	struct isa_delete d = { .doi = DOI_IPSEC, .protocol = protocol,
				.spi_size = (uint8_t)spi.len, .spis = 1 };
	struct buf body = { 0 };
	struct out out;

	pack_root(&out, &body, &delete_desc, &d);
	buf_add_span(&body, spi);
	send_protected(sa, PLD_D, buf_span(&body));
	buf_free(&body);
}

void info_send_delete_isakmp(struct isakmp_sa *sa)
{
	uint8_t spi[2 * COOKIE_LEN];

	memcpy(spi, sa->icookie, COOKIE_LEN);
	memcpy(spi + COOKIE_LEN, sa->rcookie, COOKIE_LEN);
	send_delete(sa, PROTO_ISAKMP, span_of(spi, sizeof(spi)));
}

/* The SPI is that of what we receive: the peer knows it as its outbound one. */
void info_send_delete_ipsec(struct ipsec_sa *sa)
{
	struct isakmp_sa *isakmp = isakmp_sa_to_peer(sa);
	struct buf spi = { 0 };

	if (!isakmp || !sa->our_spi)
		return;
	buf_add_u32(&spi, sa->our_spi);
	send_delete(isakmp, PROTO_IPSEC_ESP, buf_span(&spi));
	buf_free(&spi);
}

/* --- notifications --------------------------------------------------------------------- */

bool info_read_notify(struct span body, struct isa_notify *n, struct span *spi,
		      struct span *data)
{
	*data = body;
	return !unpack(data, &notify_desc, n, NULL) && span_take(data, n->spi_size, spi);
}

/* The Quick Mode that a refusal is about: by either SPI, or the only one there is. */
static struct exchange *refused_quick_mode(struct isakmp_sa *sa, struct span spi)
{
	struct exchange *x, *only = NULL;
	unsigned int n = 0;
	uint32_t v = 0;

	if (spi.len == 4)
		span_take_u32(&spi, &v);
	LIST_EACH(x, &sa->subject.pluto->exchanges, struct exchange, link) {
		if (x->isakmp != sa ||
		    (x->state != STATE_QUICK_I1 && x->state != STATE_QUICK_R1))
			continue;
		if (v && (x->ipsec->our_spi == v || x->ipsec->peer_spi == v))
			return x;
		only = x;
		n++;
	}
	return n == 1 ? only : NULL;
}

static void peer_refuses(struct isakmp_sa *sa, const struct isa_notify *n, struct span spi)
{
	struct exchange *x = refused_quick_mode(sa, n->protocol == PROTO_ISAKMP ? SPAN_EMPTY : spi);
	static struct plog_limit limit;
	struct name_buf nb;

	if (!x || !sa->established) {
		if (!sa->established && !plog_limited(&limit))
			return;
		plog(&sa->subject, RC_LOG_SERIOUS, "ignoring informational payload, type %s",
		     name_show(&notify_names, n->type, &nb));
		return;
	}
	plog(&x->subject, RC_NOTIFICATION + n->type, "the peer refuses our request: %s",
	     name_show(&notify_names, n->type, &nb));
	plog(&x->subject, RC_LOG_SERIOUS, "hint: %s", causes[CAUSE_PEER_REFUSED].hint);
	retransmit_give_up(x, retransmit_backoff(x->try));
}

bool info_read_life(struct span attrs, struct life *life)
{
	struct attr a;

	*life = (struct life){ 0 };
	while (attrs.len) {
		err_t ugh = attr_take(&attrs, &a);

		if (!ugh && a.type == IPSEC_SA_LIFE_TYPE)
			ugh = life_type(life, &a);
		else if (!ugh && a.type == IPSEC_SA_LIFE_DURATION)
			ugh = life_duration(life, &a);
		if (ugh)
			return false;
	}
	return true;
}

void info_put_life(struct buf *b, uint32_t spi, uint64_t seconds)
{
	struct buf octets = { 0 };

	buf_add_u32(&octets, spi);
	make_notify(b, PROTO_IPSEC_ESP, IPSEC_RESPONDER_LIFETIME, buf_span(&octets));
	buf_free(&octets);
	attr_put(b, IPSEC_SA_LIFE_TYPE, LIFE_SECONDS);
	attr_put(b, IPSEC_SA_LIFE_DURATION, (uint32_t)seconds);
}

static void responder_lifetime(struct isakmp_sa *sa, const struct isa_notify *n,
			       struct span spi, struct span data)
{
	struct ipsec_sa *ipsec;
	struct life life;
	uint32_t v;

	if (n->protocol == PROTO_ISAKMP || !info_read_life(data, &life) || !span_take_u32(&spi, &v))
		return;
	ipsec = ipsec_sa_by_peer_spi(sa->subject.pluto, &sa->peer.addr, v);
	if (ipsec && ipsec->isakmp == sa->subject.serial)
		lifetime_shorten_ipsec(ipsec, life.seconds, life.kilobytes);
}

static void protected_notify(struct exchange *x, struct span body)
{
	struct isakmp_sa *sa = x->isakmp;
	static struct plog_limit limit;
	struct span spi, data;
	struct isa_notify n;
	struct name_buf nb;

	if (!info_read_notify(body, &n, &spi, &data)) {
		if (sa->established || plog_limited(&limit))
			plog_quiet(&x->subject, "ignoring informational payload: malformed "
				   "notification");
		return;
	}
	if (n.type < NOTIFY_STATUS)
		peer_refuses(sa, &n, spi);
	else if (n.type == IPSEC_INITIAL_CONTACT && sa->established)
		isakmp_sa_forget_older(sa);
	else if (n.type == IPSEC_RESPONDER_LIFETIME && sa->established)
		responder_lifetime(sa, &n, spi, data);
	else
		dbg(DBG_CONTROL, "ignoring informational payload, type %s",
		    name_show(&notify_names, n.type, &nb));
}

/* --- deletes --------------------------------------------------------------------------- */

static void ignore_delete(struct exchange *x, const char *why)
{
	plog(&x->subject, RC_LOG_SERIOUS, "ignoring Delete SA payload: %s", why);
}

static void delete_ipsec(struct exchange *x, uint32_t spi)
{
	struct isakmp_sa *isakmp = x->isakmp;
	struct ipsec_sa *sa = ipsec_sa_by_peer_spi(x->subject.pluto, &isakmp->peer.addr, spi);
	struct connection *c;

	/* It should be the SPI of what the peer receives; some name the other one. */
	if (!sa)
		sa = ipsec_sa_by_our_spi(x->subject.pluto, spi);
	if (!sa || !sa->established) {
		plog(&x->subject, RC_LOG_SERIOUS, "ignoring Delete SA payload: PROTO_IPSEC_ESP SA"
		     "(0x%08x) not found (maybe expired)", spi);
		return;
	}
	c = sa->c;
	/* Two peers may share an address: the SA must be this one's. */
	if (!addr_eq(&sa->peer.addr, &isakmp->peer.addr) ||
	    !id_eq(&sa->peer_id, &isakmp->peer_id) ||
	    !id_eq(&c->this.id, &isakmp->c->this.id)) {
		ignore_delete(x, "the SA is with another peer");
		return;
	}
	if (c->newest_ipsec == sa && (c->policy & POLICY_UP) &&
	    !(c->policy & POLICY_DONTREKEY)) {
		lifetime_replace_soon(sa);
		return;
	}
	plog(&sa->subject, RC_LOG_SERIOUS, "received Delete SA(0x%08x) payload: deleting IPSEC "
	     "State #%lu", spi, sa->subject.serial);
	ipsec_sa_delete(sa, false);
}

static void delete_isakmp(struct exchange *x, struct span spi)
{
	struct isakmp_sa *sa = isakmp_sa_by_cookies(x->subject.pluto, spi.ptr,
						    spi.ptr + COOKIE_LEN);

	if (!sa || !sa->established) {
		ignore_delete(x, "ISAKMP SA not found (maybe expired)");
		return;
	}
	if (!endpoint_eq(&sa->peer, &x->isakmp->peer) ||
	    !id_eq(&sa->peer_id, &x->isakmp->peer_id)) {
		ignore_delete(x, "the SA is with another peer");
		return;
	}
	plog(&sa->subject, RC_LOG_SERIOUS, "received Delete SA payload: deleting ISAKMP State #%lu",
	     sa->subject.serial);
	if (sa == x->isakmp)
		x->isakmp_deleted = true;
	else
		isakmp_sa_delete(sa, false);
}

static void protected_delete(struct exchange *x, struct span body)
{
	struct isa_delete d;
	struct span spi;
	size_t want;
	uint32_t v;

	if (unpack(&body, &delete_desc, &d, NULL)) {
		ignore_delete(x, "it is malformed");
		return;
	}
	if (d.doi != DOI_IPSEC && !(d.doi == DOI_ISAKMP && d.protocol == PROTO_ISAKMP)) {
		ignore_delete(x, "not of the IPsec DOI");
		return;
	}
	want = d.protocol == PROTO_ISAKMP ? 2 * COOKIE_LEN : 4;
	if (d.protocol != PROTO_ISAKMP && d.protocol != PROTO_IPSEC_ESP) {
		ignore_delete(x, "no SAs of that protocol here");
		return;
	}
	if (d.spi_size != want || (size_t)d.spis * want != body.len) {
		ignore_delete(x, "number or size of its SPIs is wrong");
		return;
	}
	while (span_take(&body, want, &spi)) {
		if (d.protocol == PROTO_ISAKMP)
			delete_isakmp(x, spi);
		else if (span_take_u32(&spi, &v))
			delete_ipsec(x, v);
	}
}

/* --- in -------------------------------------------------------------------------------- */

static enum verdict info_in(struct exchange *x, const struct ike_msg *m)
{
	isakmp_use_msgid(x->isakmp, x->msgid);
	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == PLD_N)
			protected_notify(x, m->pld[i].body);
	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == PLD_D && x->isakmp->established)
			protected_delete(x, m->pld[i].body);
	return V_OK;
}

void info_finish(struct exchange *x)
{
	struct isakmp_sa *sa = x->isakmp_deleted ? x->isakmp : NULL;

	exchange_free(x);
	if (sa)
		isakmp_sa_delete(sa, false);
}

static const struct transition rows[] = {
	/* HDR*, HASH(1), N/D --> */
	{ STATE_INFO_PROTECTED, STATE_INFO_PROTECTED, AUTH_ANY, R_DEC | R_DONE | R_HASH1,
	  P(HASH), P(N) | P(D) | P(VID), info_in, { NULL }, NULL },
};

const struct mode info_mode = { "Informational", XCHG_INFO, rows, ARRAY_SIZE(rows) };

static void receive_protected(struct pluto *p, struct isakmp_sa *sa, struct ike_msg *m)
{
	struct exchange *x;

	if (!m->hdr.msgid || isakmp_msgid_used(sa, m->hdr.msgid)) {
		dbg(DBG_CONTROL, "Informational message ignored: message ID used before");
		msg_free(m);
		return;
	}
	x = exchange_new(p, sa->c, m->iface, &sa->peer, NULL);
	x->subject.serial = sa->subject.serial;
	x->state = STATE_INFO_PROTECTED;
	x->isakmp = sa;
	x->auth = sa->auth;
	x->msgid = m->hdr.msgid;
	iv_phase2(sa, x->msgid, x->iv);
	exchange_run(x, m);
}

/* What a stranger may say about a Main Mode that is under way. */
static void receive_clear(struct exchange *x, struct ike_msg *m)
{
	static struct plog_limit limit;
	struct buf what = { 0 };
	struct span spi, data;
	struct isa_notify n;
	struct name_buf nb;

	if (msg_decode(m, &what)) {
		dbg(DBG_CONTROL, "malformed Informational message in clear ignored");
		buf_free(&what);
		return;
	}
	buf_free(&what);
	for (unsigned int i = 0; i < m->npld; i++) {
		if (m->pld[i].type != PLD_N ||
		    !info_read_notify(m->pld[i].body, &n, &spi, &data) ||
		    x->peer_said == n.type || !plog_limited(&limit))
			continue;
		plog(&x->subject, RC_LOG_SERIOUS, "ignoring informational payload, type %s",
		     name_show(&notify_names, n.type, &nb));
		if (n.type >= NOTIFY_STATUS || x->peer_said)
			continue;
		x->peer_said = n.type;
		plog(&x->subject, RC_LOG_SERIOUS, "hint: %s", causes[CAUSE_PEER_REFUSED].hint);
	}
}

static struct exchange *phase1_of(struct pluto *p, const struct ike_msg *m)
{
	struct exchange *x;

	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (!x->msgid && x->iface == m->iface && endpoint_eq(&x->peer, &m->from) &&
		    !memcmp(x->isakmp->icookie, m->hdr.icookie, COOKIE_LEN) &&
		    (x->state == STATE_MAIN_I1 ||
		     !memcmp(x->isakmp->rcookie, m->hdr.rcookie, COOKIE_LEN)))
			return x;
	return NULL;
}

void info_receive(struct pluto *p, struct ike_msg *m)
{
	static struct plog_limit limit;
	struct subject s = { .pluto = p, .from = m->from };
	struct isakmp_sa *sa = isakmp_sa_by_cookies(p, m->hdr.icookie, m->hdr.rcookie);
	struct exchange *x = phase1_of(p, m);
	bool encrypted = m->hdr.flags & ISAKMP_ENCRYPTION;

	if (sa && sa->established && encrypted && sa->iface == m->iface &&
	    endpoint_eq(&sa->peer, &m->from)) {
		receive_protected(p, sa, m);
		return;
	}
	if (x && encrypted && x->isakmp->key.len && !x->job) {
		/* Keys are agreed, nobody is authenticated: only a hint can come of it. */
		memcpy(x->isakmp->iv, x->iv, sizeof(x->isakmp->iv));
		receive_protected(p, x->isakmp, m);
		return;
	}
	if (x && !encrypted)
		receive_clear(x, m);
	else if (plog_limited(&limit))
		plog(&s, RC_LOG_SERIOUS, encrypted
		     ? "Informational Exchange is for an unknown (expired?) SA"
		     : "ignoring informational message in clear");
	msg_free(m);
}
