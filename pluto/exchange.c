// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine: run one row of the protocol.
 *
 *	exchange_run		find the row; decrypt, decode, payload sets, hash; in
 *	proceed			jobs, one after the other; each completion comes back here
 *	conclude		out; hash, seal, remember, send; new state, timer
 *	`-> isakmp_sa_established, ipsec_sa_established when the row is the last
 *
 * Nothing else sends a message of an exchange, sets its state or arms its timer.  What a
 * message brings becomes part of the exchange's IV chain, and the message becomes the
 * one to be known as duplicate, only in conclude(): a message that is refused on the way,
 * forged perhaps, leaves everything where it was, and the honest one can still come.
 *
 * A message in Phase 2 is trusted once its HASH was right.  A refusal after that ends the
 * exchange; in Phase 1 nothing does but time, or too many refusals.
 *
 * RFC 2408 section 5; RFC 2409 sections 5, 5.5 and appendix B.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "pluto/half_open.h"
#include "pluto/iface.h"
#include "pluto/info.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/keymat.h"
#include "pluto/retransmit.h"
#include "pluto/transition.h"

#define FAILURES_MAX	16		/* refused messages of one Phase 1 exchange */
#define LINGER_SECONDS	60		/* how long a last message may have to be repeated */

enum verdict refuse(struct exchange *x, enum cause cause, const char *fmt, ...)
{
	struct buf why = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	free(x->why);
	x->why = xstrdup(buf_str(&why));
	x->cause = cause;
	buf_free(&why);
	return V_REFUSED;
}

/* --- life ------------------------------------------------------------------------------ */

struct exchange *exchange_new(struct pluto *p, struct connection *c, struct iface *ifp,
			      const struct endpoint *peer, struct reply *r)
{
	struct exchange *x = xalloc(sizeof(*x));

	x->c = c;
	x->iface = ifp;
	x->peer = *peer;
	x->try = 1;
	x->subject = (struct subject){ .pluto = p, .c = c, .from = *peer,
				       .reply = reply_hold(r) };
	list_add(&p->exchanges, &x->link);
	return x;
}

void exchange_number(struct exchange *x)
{
	x->subject.serial = ++x->subject.pluto->last_serial;
}

void exchange_switch(struct exchange *x, struct connection *c)
{
	struct connection *before = x->c;
	struct buf a = { 0 }, b = { 0 };

	connection_prefix(before, &a);
	connection_prefix(c, &b);
	plog_quiet(&x->subject, "switched from %s to %s", buf_str(&a), buf_str(&b));
	buf_free(&a);
	buf_free(&b);
	x->c = c;
	x->subject.c = c;
	if (!x->msgid && x->isakmp) {
		x->isakmp->c = c;
		x->isakmp->subject.c = c;
	}
	connection_release_instance(before);
}

static void free_contents(struct exchange *x)
{
	msg_free(x->msg);
	buf_free(&x->sa_body);
	buf_free(&x->ni);
	buf_free(&x->nr);
	buf_free(&x->ke_i);
	buf_free(&x->ke_r);
	buf_free(&x->id_i);
	buf_free(&x->id_r);
	buf_free(&x->sig);
	buf_free(&x->pick);
	buf_free(&x->last_in);
	buf_free(&x->bad_in);
	buf_free(&x->last_out);
	secret_free(&x->dh_secret);
	secret_free(&x->dh_shared);
	secret_free(&x->skeyid);
	id_free(&x->peer_id);
	reply_release(x->subject.reply);
	free(x->why);
}

void exchange_free(struct exchange *x)
{
	struct connection *c = x->c;

	half_open_uncount(x);
	job_cancel(x->job);
	timer_clear(&x->timer);
	if (!x->msgid && x->isakmp && !x->isakmp->established)
		isakmp_sa_free(x->isakmp);
	if (x->ipsec && !x->ipsec->established)
		ipsec_sa_delete(x->ipsec, false);
	/* Only now: while it is listed, an instance stays. */
	list_del(&x->link);
	free_contents(x);
	free(x);
	connection_release_instance(c);
}

bool exchange_is_strangers(const struct exchange *x)
{
	return !x->initiator && !x->isakmp->established;
}

void exchange_resend(struct exchange *x)
{
	net_send(x->iface, &x->peer, buf_span(&x->last_out));
}

/* --- refusals -------------------------------------------------------------------------- */

/* Say it once: to the log, to whack, to the peer. */
static void tell(struct exchange *x, bool trusted)
{
	static struct plog_limit limit;
	const struct cause_row *row = &causes[x->cause];
	unsigned int code = row->notify ? RC_NOTIFICATION + row->notify : RC_LOG_SERIOUS;

	/* Whoever has seen our cookies can provoke these in numbers. */
	if ((exchange_is_strangers(x) || !trusted) && !plog_limited(&limit))
		return;
	plog(&x->subject, code, "%s", x->why);
	plog(&x->subject, RC_LOG_SERIOUS, "hint: %s", row->hint);
	/* A notification is never answered, RFC 2408 section 5.14; nor is a forgery. */
	if ((trusted || !x->msgid) && row->notify && x->msg && x->state != STATE_INFO_PROTECTED)
		info_send_refusal(x, x->msg, row->notify);
}

/* The row cannot be completed.  x may be gone afterwards. */
static void fail(struct exchange *x, bool trusted)
{
	static struct plog_limit limit;
	bool first = x->state == STATE_MAIN_R0 || x->state == STATE_QUICK_R0 ||
		     x->state == STATE_INFO_PROTECTED;
	bool ours = !x->msg;

	tell(x, trusted);
	if (first || (ours && !x->msgid)) {
		exchange_free(x);
		return;
	}
	if (x->msgid && trusted) {
		retransmit_give_up(x, retransmit_backoff(x->try));
		return;
	}
	buf_set(&x->bad_in, span_of(x->msg->digest, sizeof(x->msg->digest)));
	msg_free(x->msg);
	x->msg = NULL;
	x->row = NULL;
	if (++x->failures > FAILURES_MAX) {
		if (!exchange_is_strangers(x) || plog_limited(&limit))
			plog(&x->subject, RC_LOG_SERIOUS, "too many unacceptable messages in %s",
			     state_name(x->state));
		retransmit_give_up(x, retransmit_backoff(x->try));
	}
}

/* --- in -------------------------------------------------------------------------------- */

static enum verdict malformed(struct exchange *x, const char *what, err_t ugh)
{
	const char *sep = what && *what ? ": " : "";

	/* Decrypted with a wrong key it would look just so. */
	if ((x->state == STATE_MAIN_R2 || x->state == STATE_MAIN_I3) &&
	    x->auth == OAKLEY_PRESHARED_KEY)
		return refuse(x, CAUSE_MALFORMED_ENCRYPTED, "probable authentication failure "
			      "(mismatch of preshared secrets?): malformed payload in packet");
	return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: %s%s%s",
		      what ? what : "", sep, ugh);
}

static enum verdict missing_payload(struct exchange *x, const char *name)
{
	if (x->row->flags & R_DEC)
		return malformed(x, name, "the payload is missing");
	return refuse(x, CAUSE_PAYLOAD_MISSING, "malformed payload in packet: %s: the payload is "
		      "missing", name);
}

static enum verdict decrypt(struct exchange *x, struct ike_msg *m)
{
	bool encrypted = m->hdr.flags & ISAKMP_ENCRYPTION;
	err_t ugh;

	if (!(x->row->flags & R_DEC)) {
		if (encrypted)
			return refuse(x, CAUSE_FLAGS, "packet rejected: should not have been "
				      "encrypted");
		return V_OK;
	}
	if (!encrypted)
		return refuse(x, CAUSE_FLAGS, "packet rejected: should have been encrypted");
	ugh = msg_decrypt(m, x->isakmp->suite.cipher, secret_span(&x->isakmp->key), x->iv);
	return ugh ? malformed(x, NULL, ugh) : V_OK;
}

/* All that the row needs, nothing twice that would be ambiguous, nothing foreign. */
static enum verdict check_sets(struct exchange *x, const struct ike_msg *m)
{
	const struct transition *row = x->row;
	uint32_t single = row->need & ~P(ID), missing = row->need & ~m->seen;
	struct name_buf nb;

	for (unsigned int type = 0; type < PLD_SET_MAX; type++) {
		const char *name = name_show(&payload_names, type, &nb);

		if (missing & PLD_BIT(type))
			return missing_payload(x, name);
		if ((single & PLD_BIT(type)) && msg_count(m, type) > 1)
			return malformed(x, name, "the payload is there twice");
		if ((m->seen & ~(row->need | row->may)) & PLD_BIT(type)) {
			if (x->state == STATE_MAIN_R2 || x->state == STATE_MAIN_I3)
				return malformed(x, name, "unexpected payload");
			return refuse(x, CAUSE_PAYLOAD_UNEXPECTED, "message ignored because it "
				      "contains an unexpected payload type (%s)", name);
		}
	}
	if ((row->need & P(ID)) && msg_count(m, PLD_ID) > 1)
		return malformed(x, "ISAKMP_NEXT_ID", "the payload is there twice");
	return V_OK;
}

/* RFC 2409 section 5.5: HASH is the first payload and covers all that follow. */
static enum verdict check_hash(struct exchange *x, const struct ike_msg *m)
{
	unsigned int flags = x->row->flags, n = flags & R_HASH1 ? 1 : flags & R_HASH2 ? 2 : 3;
	uint8_t out[HASH_MAX];
	struct span want;

	if (!(flags & R_HASHES_IN))
		return V_OK;
	if (m->pld[0].type != PLD_HASH)
		return malformed(x, NULL, "the first payload is not HASH");
	want = keymat_hash_n(x, n, msg_after_hash(m), out);
	if (!span_eq_secret(want, m->pld[0].body))
		return refuse(x, CAUSE_HASH, "received Hash Payload does not match computed value");
	return V_OK;
}

static enum verdict open_message(struct exchange *x, struct ike_msg *m)
{
	struct buf what = { 0 };
	enum verdict v = decrypt(x, m);
	err_t ugh;

	if (v == V_OK) {
		ugh = msg_decode(m, &what);
		if (ugh)
			v = malformed(x, buf_str(&what), ugh);
	}
	if (v == V_OK)
		v = check_sets(x, m);
	if (v == V_OK)
		v = check_hash(x, m);
	buf_free(&what);
	return v;
}

/* --- out ------------------------------------------------------------------------------- */

static void start_message(struct exchange *x, struct ike_out *o)
{
	struct isa_hdr h = { .version = ISAKMP_VERSION, .msgid = x->msgid,
			     .exchange = x->msgid ? XCHG_QUICK : XCHG_MAIN,
			     .flags = x->row->flags & R_ENC ? ISAKMP_ENCRYPTION : 0 };

	memcpy(h.icookie, x->isakmp->icookie, COOKIE_LEN);
	memcpy(h.rcookie, x->isakmp->rcookie, COOKIE_LEN);
	msg_start(o, &h);
}

/* Write the message; out's octets follow a HASH whose value is known only afterwards. */
static enum verdict build(struct exchange *x, struct ike_out *o)
{
	unsigned int flags = x->row->flags & R_HASHES_OUT;
	unsigned int n = flags & R_OUT_HASH1 ? 1 : flags & R_OUT_HASH2 ? 2 : 3;
	uint8_t hash[HASH_MAX] = { 0 };
	struct span h = { hash, 0 };
	size_t hash_at;
	enum verdict v;

	start_message(x, o);
	hash_at = o->b.len;
	if (flags) {
		h.len = x->isakmp->suite.hash->len;
		msg_add(o, PLD_HASH, h);
	}
	v = x->row->out(x, o);
	if (v == V_OK && flags) {
		h = keymat_hash_n(x, n, msg_built_after(o, hash_at), hash);
		memcpy(o->b.ptr + hash_at + GENERIC_LEN, h.ptr, h.len);
	}
	return v;
}

static void show_spis(const struct ipsec_sa *sa, struct buf *out)
{
	buf_printf(out, " {ESP=>0x%08x <0x%08x}", sa->peer_spi, sa->our_spi);
}

static void say_state(struct exchange *x, enum state from)
{
	static struct plog_limit limit;
	bool done = x->row->flags & R_DONE;
	struct buf tail = { 0 };

	if (!done && exchange_is_strangers(x) && !plog_limited(&limit))
		return;
	plog_quiet(&x->subject, "transition from state %s to state %s", state_name(from),
		   state_name(x->state));
	if (done && x->ipsec)
		show_spis(x->ipsec, &tail);
	plog(&x->subject, done ? RC_SUCCESS : RC_NEW_STATE + x->state, "%s: %s%s",
	     state_name(x->state), x->row->in || x->row->need ? state_story(x->state) : "initiate",
	     buf_str(&tail));
	buf_free(&tail);
}

/* The last row has run: what was negotiated begins its own life. */
static void finish(struct exchange *x, enum state from)
{
	if (x->state == STATE_INFO_PROTECTED) {
		info_finish(x);
		return;
	}
	if (!x->msgid) {
		say_state(x, from);
		half_open_uncount(x);
		isakmp_sa_established(x);
		exchange_free(x);
		return;
	}
	if (!ipsec_sa_established(x)) {
		retransmit_give_up(x, retransmit_backoff(x->try));
		return;
	}
	say_state(x, from);
	x->ipsec = NULL;
	if (!x->last_out.len) {
		exchange_free(x);
		return;
	}
	/* The peer may not have heard our last message. */
	reply_release(x->subject.reply);
	x->subject.reply = NULL;
	x->lingering = true;
	retransmit_wait(x, LINGER_SECONDS);
}

static void remember(struct exchange *x, const struct ike_out *o, const uint8_t *iv)
{
	memcpy(x->iv, iv, sizeof(x->iv));
	x->dup_replies = 0;
	x->failures = 0;
	buf_clear(&x->bad_in);
	buf_clear(&x->last_out);
	if (x->msg)
		buf_set(&x->last_in, span_of(x->msg->digest, sizeof(x->msg->digest)));
	if (x->row->flags & R_REPLY)
		buf_set(&x->last_out, buf_span(&o->b));
	free(x->why);
	x->why = NULL;
	x->cause = CAUSE_NONE;
	x->peer_said = NOTIFY_NONE;
	msg_free(x->msg);
	x->msg = NULL;
}

static void conclude(struct exchange *x)
{
	const struct transition *row = x->row;
	struct ike_out o = { 0 };
	uint8_t iv[CIPHER_BLOCK_MAX];
	enum state from = x->state;

	memcpy(iv, row->flags & R_DEC ? x->msg->iv_after : x->iv, sizeof(iv));
	if (row->flags & R_REPLY) {
		if (build(x, &o) != V_OK) {
			msg_out_free(&o);
			fail(x, true);
			return;
		}
		msg_seal(&o, x->isakmp->suite.cipher, secret_span(&x->isakmp->key), iv);
	}
	remember(x, &o, iv);
	msg_out_free(&o);
	x->state = row->to;
	timer_clear(&x->timer);
	if (row->flags & R_REPLY)
		exchange_resend(x);
	if (row->flags & R_DONE) {
		finish(x, from);
		return;
	}
	say_state(x, from);
	if (row->flags & R_RETRY)
		retransmit_start(x);
	else
		retransmit_wait(x, HALF_OPEN_SECONDS);
	x->row = NULL;
}

/* --- between --------------------------------------------------------------------------- */

static void proceed(struct exchange *x);

static void step_done(void *ctx, void *work)
{
	struct exchange *x = ctx;
	const struct step *s = x->row->steps[x->step];

	x->job = NULL;
	x->step++;
	if (s->finish(x, work) == V_OK)
		proceed(x);
	else
		fail(x, true);
}

static void proceed(struct exchange *x)
{
	const struct step *s;
	enum verdict v;
	void *work;

	while (x->step < STEPS_MAX && (s = x->row->steps[x->step])) {
		work = s->job ? xalloc(s->job->size) : NULL;
		v = s->prepare(x, work);
		if (v == V_OK && s->job) {
			x->job = job_submit(s->job, work, step_done, x);
			return;
		}
		if (s->job)
			s->job->wipe(work);
		free(work);
		if (v == V_REFUSED) {
			fail(x, true);
			return;
		}
		x->step++;
	}
	conclude(x);
}

void exchange_run(struct exchange *x, struct ike_msg *m)
{
	const struct mode *mode = mode_by_exchange(m->hdr.exchange);
	const struct transition *row = mode ? transition_find(mode, x->state, x->auth) : NULL;

	if (!row || x->job) {
		dbg(DBG_CONTROL, "#%lu: message in %s ignored: %s", x->subject.serial,
		    state_name(x->state), row ? "a job is under way" : "none is expected");
		msg_free(m);
		return;
	}
	x->row = row;
	x->step = 0;
	x->msg = m;
	if (open_message(x, m) != V_OK) {
		fail(x, false);
		return;
	}
	if (row->in && row->in(x, m) != V_OK)
		fail(x, true);
	else
		proceed(x);
}

static void begin(void *ctx)
{
	struct exchange *x = ctx;
	const struct mode *mode = x->msgid ? &quick_mode : &main_mode;

	x->event = NULL;
	x->row = transition_find(mode, x->state, x->auth);
	x->step = 0;
	mode->announce(x);
	proceed(x);
}

void exchange_start(struct exchange *x, uint64_t delay)
{
	if (!delay) {
		begin(x);
		return;
	}
	x->event = "EVENT_REINITIATE";
	timer_set(&x->timer, delay, begin, x);
}
