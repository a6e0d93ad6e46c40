// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Main Mode: RFC 2409 section 5, with pre-shared keys (5.4) or signatures (5.1).
 *
 *	initiator					responder
 *	HDR, SA				-->
 *					<--		HDR, SA
 *	HDR, KE, Ni			-->
 *					<--		HDR, KE, Nr
 *	HDR*, IDii, HASH_I | SIG_I	-->
 *					<--		HDR*, IDir, HASH_R | SIG_R
 *
 * Handlers check, take and say; they never send, set a state or arm a timer (exchange.c
 * does).  Each may run again for the same message number, since a message that was refused
 * leaves the exchange where it was: what they store they store anew.
 *
 * A responder does no Diffie-Hellman before its cookie has come back in message 3, and keeps
 * nothing of a first message that it refuses.
 */
#include "pluto/main_mode.h"

#include <string.h>

#include "pluto/auth.h"
#include "pluto/half_open.h"
#include "pluto/iface.h"
#include "pluto/info.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/keymat.h"
#include "pluto/kx.h"
#include "pluto/offer.h"

/* Ours; any 16 octets do.  Peers log it at most. */
static const uint8_t vendor_id[16] = "FreeS/WAN 3 IKE";

/* --- SA ------------------------------------------------------------------------------- */

/* --> HDR, SA */
static enum verdict mm_out_offer(struct exchange *x, struct ike_out *o)
{
	enum verdict v = offer_isakmp(x, o);

	if (v == V_OK)
		msg_add(o, PLD_VID, span_of(vendor_id, sizeof(vendor_id)));
	return v;
}

static enum verdict mm_in_SA(struct exchange *x, const struct ike_msg *m)
{
	struct span sa = msg_body(m, PLD_SA);

	if (m->pld[0].type != PLD_SA)
		return refuse(x, CAUSE_PAYLOAD_UNEXPECTED, "the first payload is not SA");
	buf_set(&x->sa_body, sa);
	return offer_choose_isakmp(x, sa, x->auth_allowed);
}

/* HDR, SA --> HDR, SA */
static enum verdict mm_out_SA(struct exchange *x, struct ike_out *o)
{
	offer_answer(x, o, 0);
	msg_add(o, PLD_VID, span_of(vendor_id, sizeof(vendor_id)));
	return V_OK;
}

/* The initiator sees what was chosen. */
static enum verdict mm_in_choice(struct exchange *x, const struct ike_msg *m)
{
	memcpy(x->isakmp->rcookie, m->hdr.rcookie, COOKIE_LEN);
	return offer_choose_isakmp(x, msg_body(m, PLD_SA), x->c->policy & POLICY_AUTH_MASK);
}

/* --- KE, nonces ------------------------------------------------------------------------ */

/* Our ID payload's body, as it goes on the wire and into the hash. */
static void make_id(struct exchange *x)
{
	struct buf *b = x->initiator ? &x->id_i : &x->id_r;

	buf_clear(b);
	buf_add_u8(b, x->c->this.id.type);
	buf_add_u8(b, 0);
	buf_add_u16(b, 0);
	id_to_payload(&x->c->this.id, b);
}

static enum verdict mm_in_KE_Nonce(struct exchange *x, const struct ike_msg *m)
{
	enum verdict v = kx_take_ke(x, msg_body(m, PLD_KE));

	if (v == V_OK)
		v = kx_take_nonce(x, msg_body(m, PLD_NONCE));
	if (v == V_OK && x->initiator)
		make_id(x);
	/* Before the step that mixes both nonces: the answer of the responder has its own. */
	if (v == V_OK && !x->initiator)
		kx_make_nonce(x);
	return v;
}

static enum verdict mm_out_KE_Nonce(struct exchange *x, struct ike_out *o)
{
	if (x->initiator)
		kx_make_nonce(x);
	msg_add(o, PLD_KE, buf_span(x->initiator ? &x->ke_i : &x->ke_r));
	msg_add(o, PLD_NONCE, buf_span(x->initiator ? &x->ni : &x->nr));
	return V_OK;
}

/* --- ID, authentication ---------------------------------------------------------------- */

static enum verdict take_id(struct exchange *x, struct span body)
{
	struct buf *keep = x->initiator ? &x->id_r : &x->id_i, text = { 0 };
	static struct plog_limit limit;
	struct span data = body;
	struct isa_id id;
	struct name_buf nb;
	err_t ugh = unpack(&data, &id_desc, &id, NULL);

	if (ugh)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: ID is %s", ugh);
	/* RFC 2407 section 4.6.2; some send UDP without a port. */
	if (!(id.protocol == 0 && id.port == 0) &&
	    !(id.protocol == IPPROTO_UDP && (id.port == 0 || id.port == IKE_PORT)))
		return refuse(x, CAUSE_ID, "protocol/port in Phase 1 ID Payload must be 0/0 or "
			      "17/500 but are %u/%u", id.protocol, id.port);
	ugh = id_from_payload(id.type, data, &x->peer_id);
	if (ugh)
		return refuse(x, CAUSE_ID, "the peer's %s: %s",
			      name_show(&id_type_names, id.type, &nb), ugh);
	buf_set(keep, body);
	if (exchange_is_strangers(x) && !plog_limited(&limit))
		return V_OK;
	id_show(&x->peer_id, &text);
	plog(&x->subject, RC_LOG, "Peer ID is %s: '%s'", name_show(&id_type_names, id.type, &nb),
	     buf_str(&text));
	buf_free(&text);
	return V_OK;
}

/* The initiator has chosen its connection: the peer must be who that names. */
static enum verdict check_id(struct exchange *x)
{
	struct buf want = { 0 }, got = { 0 };

	if (id_is_any(&x->c->that.id) || id_eq(&x->c->that.id, &x->peer_id))
		return V_OK;
	id_show(&x->c->that.id, &want);
	id_show(&x->peer_id, &got);
	refuse(x, CAUSE_ID_MISMATCH, "we require peer to have ID '%s', but peer declares '%s'",
	       buf_str(&want), buf_str(&got));
	buf_free(&want);
	buf_free(&got);
	return V_REFUSED;
}

/* The responder chooses anew, now by who the peer has proved to be. */
static enum verdict refine(struct exchange *x)
{
	unsigned int auth = x->auth == OAKLEY_PRESHARED_KEY ? POLICY_PSK : POLICY_RSASIG;
	struct buf nearest = { 0 }, id = { 0 };
	struct connection *c = connection_refine(x->c, auth, &x->peer_id, NULL, &nearest);

	if (c && c != x->c && !auth_same_secret(x, c)) {
		connection_release_instance(c);
		c = NULL;
	}
	if (c) {
		if (c != x->c)
			exchange_switch(x, c);
	} else {
		id_show(&x->peer_id, &id);
		refuse(x, CAUSE_ID_MISMATCH, "no suitable connection for peer '%s'%s%s%s",
		       buf_str(&id), nearest.len ? " (" : "", buf_str(&nearest),
		       nearest.len ? ")" : "");
	}
	buf_free(&nearest);
	buf_free(&id);
	return c ? V_OK : V_REFUSED;
}

/* A peer that has lost its memory may say so with its last message (RFC 2407 section 4.6.3.3). */
static void look_for_initial_contact(struct exchange *x, const struct ike_msg *m)
{
	struct span spi, data;
	struct isa_notify n;

	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == PLD_N &&
		    info_read_notify(m->pld[i].body, &n, &spi, &data) &&
		    n.type == IPSEC_INITIAL_CONTACT)
			x->initial_contact = true;
}

static enum verdict mm_in_ID(struct exchange *x, const struct ike_msg *m)
{
	enum verdict v = take_id(x, msg_body(m, PLD_ID));

	x->initial_contact = false;
	look_for_initial_contact(x, m);
	return v;
}

/* Who the peer is, is proved by the hash; then only it decides on the connection. */
static enum verdict mm_in_ID_HASH(struct exchange *x, const struct ike_msg *m)
{
	enum verdict v = mm_in_ID(x, m);

	if (v == V_OK)
		v = auth_check_hash(x, msg_body(m, PLD_HASH));
	if (v == V_OK)
		v = x->initiator ? check_id(x) : refine(x);
	if (v == V_OK && !x->initiator)
		make_id(x);
	return v;
}

/* The signature itself is checked by step_verify, and what follows from it done after that. */
static enum verdict mm_in_ID_SIG(struct exchange *x, const struct ike_msg *m)
{
	enum verdict v = mm_in_ID(x, m);

	if (v == V_OK && x->initiator)
		v = check_id(x);
	if (v == V_OK)
		buf_set(&x->sig, msg_body(m, PLD_SIG));
	return v;
}

/* Instances and switches are only for who has signed. */
static enum verdict choose_verified(struct exchange *x, void *work)
{
	enum verdict v = refine(x);

	(void)work;
	if (v == V_OK)
		make_id(x);
	return v;
}

static const struct step step_choose = { NULL, choose_verified, NULL };

/* Has no connection of ours any SA with this peer?  Then it should forget what it has of us. */
static bool first_contact(const struct exchange *x)
{
	struct pluto *p = x->c->pluto;
	struct isakmp_sa *sa;
	struct ipsec_sa *ipsec;

	LIST_EACH(sa, &p->isakmp_sas, struct isakmp_sa, link)
		if (sa->established && addr_eq(&sa->peer.addr, &x->peer.addr))
			return false;
	LIST_EACH(ipsec, &p->ipsec_sas, struct ipsec_sa, link)
		if (ipsec->established && addr_eq(&ipsec->peer.addr, &x->peer.addr))
			return false;
	return true;
}

static void put_initial_contact(struct exchange *x, struct ike_out *o)
{
	struct isa_notify n = { .doi = DOI_IPSEC, .protocol = PROTO_ISAKMP,
				.spi_size = 2 * COOKIE_LEN, .type = IPSEC_INITIAL_CONTACT };
	struct isa_generic g = { 0 };
	struct out out, body;

	pack_open(&out, &o->root, PLD_N, &generic_desc, &g);
	pack_root(&body, &o->b, &notify_desc, &n);
	buf_add(&o->b, x->isakmp->icookie, COOKIE_LEN);
	buf_add(&o->b, x->isakmp->rcookie, COOKIE_LEN);
	pack_close(&out);
}

static enum verdict mm_out_ID_auth(struct exchange *x, struct ike_out *o)
{
	uint8_t hash[HASH_MAX];

	msg_add(o, PLD_ID, buf_span(x->initiator ? &x->id_i : &x->id_r));
	if (x->auth == OAKLEY_PRESHARED_KEY)
		msg_add(o, PLD_HASH, keymat_hash(x, x->initiator ? HASH_I : HASH_R, hash));
	else
		msg_add(o, PLD_SIG, buf_span(&x->sig));
	if (x->initiator && first_contact(x))
		put_initial_contact(x, o);
	return V_OK;
}

/* --- the ladder ------------------------------------------------------------------------ */

/* Peers announce extensions everywhere: these are looked over, and not answered. */
#define CHATTER		(P(VID) | P(N) | P(NATD))
#define CERTS		(P(CERT) | P(CR))

static const struct transition rows[] = {
	/* --> HDR, SA */
	{ STATE_MAIN_I0, STATE_MAIN_I1, AUTH_ANY, R_REPLY | R_RETRY,
	  0, 0, NULL, { NULL }, mm_out_offer },

	/* HDR, SA --> HDR, SA */
	{ STATE_MAIN_R0, STATE_MAIN_R1, AUTH_ANY, R_REPLY | R_WAIT,
	  P(SA), CHATTER, mm_in_SA, { NULL }, mm_out_SA },

	/* HDR, SA --> HDR, KE, Ni */
	{ STATE_MAIN_I1, STATE_MAIN_I2, AUTH_ANY, R_REPLY | R_RETRY,
	  P(SA), CHATTER, mm_in_choice, { &step_dh_generate }, mm_out_KE_Nonce },

	/* HDR, KE, Ni --> HDR, KE, Nr */
	{ STATE_MAIN_R1, STATE_MAIN_R2, AUTH_ANY, R_REPLY | R_WAIT,
	  P(KE) | P(NONCE), CHATTER | CERTS, mm_in_KE_Nonce, { &step_dh_answer },
	  mm_out_KE_Nonce },

	/* HDR, KE, Nr --> HDR*, IDii, HASH_I */
	{ STATE_MAIN_I2, STATE_MAIN_I3, AUTH_PSK, R_ENC | R_REPLY | R_RETRY,
	  P(KE) | P(NONCE), CHATTER | CERTS, mm_in_KE_Nonce, { &step_dh_finish },
	  mm_out_ID_auth },

	/* HDR, KE, Nr --> HDR*, IDii, SIG_I */
	{ STATE_MAIN_I2, STATE_MAIN_I3, AUTH_RSASIG, R_ENC | R_REPLY | R_RETRY,
	  P(KE) | P(NONCE), CHATTER | CERTS, mm_in_KE_Nonce, { &step_dh_finish, &step_sign },
	  mm_out_ID_auth },

	/* HDR*, IDii, HASH_I --> HDR*, IDir, HASH_R */
	{ STATE_MAIN_R2, STATE_MAIN_R3, AUTH_PSK, R_DEC | R_ENC | R_REPLY | R_DONE,
	  P(ID) | P(HASH), CHATTER, mm_in_ID_HASH, { NULL }, mm_out_ID_auth },

	/* HDR*, IDii, [CERT,] SIG_I --> HDR*, IDir, SIG_R */
	{ STATE_MAIN_R2, STATE_MAIN_R3, AUTH_RSASIG, R_DEC | R_ENC | R_REPLY | R_DONE,
	  P(ID) | P(SIG), CHATTER | CERTS, mm_in_ID_SIG, { &step_verify, &step_choose,
	  &step_sign }, mm_out_ID_auth },

	/* HDR*, IDir, HASH_R --> */
	{ STATE_MAIN_I3, STATE_MAIN_I4, AUTH_PSK, R_DEC | R_DONE,
	  P(ID) | P(HASH), CHATTER, mm_in_ID_HASH, { NULL }, NULL },

	/* HDR*, IDir, [CERT,] SIG_R --> */
	{ STATE_MAIN_I3, STATE_MAIN_I4, AUTH_RSASIG, R_DEC | R_DONE,
	  P(ID) | P(SIG), CHATTER | CERTS, mm_in_ID_SIG, { &step_verify }, NULL },
};

static void announce(struct exchange *x)
{
	if (x->replacing)
		plog(&x->subject, RC_LOG, "initiating Main Mode to replace #%lu", x->replacing);
	else
		plog(&x->subject, RC_LOG, "initiating Main Mode");
}

const struct mode main_mode = { "Main Mode", XCHG_MAIN, rows, ARRAY_SIZE(rows), announce };

/* --- beginnings ------------------------------------------------------------------------ */

struct exchange *main_mode_begin(struct connection *c, struct reply *r, unsigned int try,
				 unsigned long replacing)
{
	struct endpoint peer = { c->that.host, c->that.host_port };
	struct exchange *x = exchange_new(c->pluto, c, c->iface, &peer, r);

	exchange_number(x);
	x->initiator = true;
	x->state = STATE_MAIN_I0;
	x->try = try;
	x->replacing = replacing;
	x->isakmp = isakmp_sa_new(x);
	do
		random_fill(x->isakmp->icookie, COOKIE_LEN);
	while (isakmp_cookie_is_zero(x->isakmp->icookie));
	return x;
}

void main_mode_respond(struct pluto *p, struct ike_msg *m)
{
	struct subject s = { .pluto = p, .from = m->from };
	static struct plog_limit limit;
	struct addr_buf ab;
	struct connection *c;
	struct exchange *x;
	unsigned int auth;

	if (!half_open_admit(p, &m->from.addr)) {
		msg_free(m);
		return;
	}
	c = connection_for_peer(p, &m->iface->local.addr, &m->from.addr, &auth);
	if (!c) {
		if (plog_limited(&limit)) {
			plog(&s, RC_LOG_SERIOUS, "initial Main Mode message received on %s but "
			     "no connection has been authorized",
			     endpoint_show(&m->iface->local, &ab));
			plog(&s, RC_LOG_SERIOUS, "hint: %s", causes[CAUSE_NO_CONNECTION].hint);
		}
		info_send_clear(p, m, causes[CAUSE_NO_CONNECTION].notify);
		msg_free(m);
		return;
	}
	x = exchange_new(p, c, m->iface, &m->from, NULL);
	exchange_number(x);
	x->state = STATE_MAIN_R0;
	x->auth_allowed = auth;
	x->isakmp = isakmp_sa_new(x);
	memcpy(x->isakmp->icookie, m->hdr.icookie, COOKIE_LEN);
	isakmp_make_cookie(p, &m->from, m->hdr.icookie, x->isakmp->rcookie);
	half_open_count(x);
	if (plog_limited(&limit))
		plog(&x->subject, RC_LOG, c->kind == CK_INSTANCE ?
		     "responding to Main Mode from unknown peer IP" : "responding to Main Mode");
	exchange_run(x, m);
}
