// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagrams: which exchange, or whose first message?
 *
 *	header			length, version, cookies, exchange type, flags, in the order
 *				of RFC 2408 section 5.2
 *	Main Mode		cookies -> exchange; a zero responder cookie: a new one, or
 *				the duplicate of its first message
 *	Quick Mode		cookies -> ISAKMP SA, message ID -> exchange, or a new one
 *	Informational		info.c
 *
 * What comes to another address of ours than its SA has belongs to nothing: an SA goes with
 * its interface, and only with that.
 *
 * Everything here comes from strangers.  What is refused here leaves no state, is logged
 * a few times in a second at most, and answered, if at all, with one short notification,
 * never when the message was itself Informational.
 */
#include <string.h>

#include "pluto/iface.h"
#include "pluto/info.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/main_mode.h"
#include "pluto/quick_mode.h"
#include "pluto/retransmit.h"

/* Refuse what belongs to nothing of ours.  m is consumed. */
static void refuse_stranger(struct pluto *p, struct ike_msg *m, enum cause cause,
			    const char *fmt, ...) PRINTF(4, 5);

static void refuse_stranger(struct pluto *p, struct ike_msg *m, enum cause cause,
			    const char *fmt, ...)
{
	static struct plog_limit limit;
	struct subject s = { .pluto = p, .from = m->from };
	va_list ap;

	if (plog_limited(&limit)) {
		va_start(ap, fmt);
		plog_v(&s, RC_LOG_SERIOUS, fmt, ap);
		va_end(ap);
		plog(&s, RC_LOG_SERIOUS, "hint: %s", causes[cause].hint);
	}
	if (causes[cause].notify && m->hdr.exchange != XCHG_INFO)
		info_send_clear(p, m, causes[cause].notify);
	msg_free(m);
}

static bool is_duplicate(const struct buf *seen, const struct ike_msg *m)
{
	return span_eq(buf_span(seen), span_of(m->digest, sizeof(m->digest)));
}

/* A message for an exchange that exists: a new one, or one that we know already. */
static void deliver(struct exchange *x, struct ike_msg *m)
{
	if (is_duplicate(&x->last_in, m)) {
		retransmit_duplicate(x);
		msg_free(m);
	} else if (is_duplicate(&x->bad_in, m)) {
		dbg(DBG_CONTROL, "#%lu: what was refused before comes again", x->subject.serial);
		msg_free(m);
	} else {
		exchange_run(x, m);
	}
}

/* --- Main Mode ------------------------------------------------------------------------- */

static struct exchange *main_by_cookies(struct pluto *p, const struct ike_msg *m)
{
	bool first = isakmp_cookie_is_zero(m->hdr.rcookie);
	struct exchange *x;

	LIST_EACH(x, &p->exchanges, struct exchange, link) {
		if (x->msgid || x->iface != m->iface || !endpoint_eq(&x->peer, &m->from) ||
		    memcmp(x->isakmp->icookie, m->hdr.icookie, COOKIE_LEN))
			continue;
		/* The peer's first message has no cookie of ours yet. */
		if (first ? !x->initiator && is_duplicate(&x->last_in, m)
			  : x->state == STATE_MAIN_I1 ||
			    !memcmp(x->isakmp->rcookie, m->hdr.rcookie, COOKIE_LEN))
			return x;
	}
	return NULL;
}

/* An exchange that has this initiator's cookie, but another peer: an address may have changed. */
static struct exchange *namesake(struct pluto *p, const struct ike_msg *m)
{
	struct exchange *x;

	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (!x->msgid && !endpoint_eq(&x->peer, &m->from) &&
		    !memcmp(x->isakmp->icookie, m->hdr.icookie, COOKIE_LEN))
			return x;
	return NULL;
}

/* The last message of Phase 1 again: our answer to it was lost. */
static void repeat_last(struct isakmp_sa *sa, struct ike_msg *m)
{
	if (sa->established && is_duplicate(&sa->last_in, m) && sa->last_out.len &&
	    sa->dup_replies < DUP_REPLIES_MAX) {
		sa->dup_replies++;
		plog_quiet(&sa->subject, "retransmitting in response to duplicate packet; "
			   "already %s", state_name(sa->state));
		net_send(sa->iface, &sa->peer, buf_span(&sa->last_out));
	} else {
		dbg(DBG_CONTROL, "#%lu: Main Mode is over; message ignored", sa->subject.serial);
	}
	msg_free(m);
}

static void demux_main(struct pluto *p, struct ike_msg *m)
{
	bool first = isakmp_cookie_is_zero(m->hdr.rcookie);
	struct addr_buf ab;
	struct exchange *x;
	struct isakmp_sa *sa;

	if (m->hdr.msgid) {
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "Main Mode message has an invalid "
				"Message ID (0x%08x)", m->hdr.msgid);
		return;
	}
	x = main_by_cookies(p, m);
	if (x) {
		deliver(x, m);
		return;
	}
	if (first && (m->hdr.flags & ISAKMP_ENCRYPTION)) {
		refuse_stranger(p, m, CAUSE_FLAGS, "initial Main Mode message is encrypted");
		return;
	}
	if (first && m->hdr.next != PLD_SA) {
		refuse_stranger(p, m, CAUSE_PAYLOAD_UNEXPECTED,
				"initial Main Mode message does not begin with SA");
		return;
	}
	if (first) {
		main_mode_respond(p, m);
		return;
	}
	sa = isakmp_sa_by_cookies(p, m->hdr.icookie, m->hdr.rcookie);
	x = namesake(p, m);
	if (sa && sa->iface == m->iface && endpoint_eq(&sa->peer, &m->from))
		repeat_last(sa, m);
	else if (x)
		refuse_stranger(p, m, CAUSE_OTHER_ADDRESS, "phase 1 message is part of #%lu, whose "
				"peer is %s", x->subject.serial, endpoint_show(&x->peer, &ab));
	else
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "phase 1 message is part of an "
				"unknown exchange");
}

/* --- Quick Mode ------------------------------------------------------------------------ */

static struct exchange *quick_by_msgid(struct pluto *p, const struct isakmp_sa *sa,
				       uint32_t msgid)
{
	struct exchange *x;

	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (x->isakmp == sa && x->msgid == msgid && x->state != STATE_INFO_PROTECTED)
			return x;
	return NULL;
}

static void demux_quick(struct pluto *p, struct ike_msg *m)
{
	struct isakmp_sa *sa = isakmp_sa_by_cookies(p, m->hdr.icookie, m->hdr.rcookie);
	struct exchange *x;

	if (!m->hdr.msgid) {
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "Quick Mode message is invalid because "
				"it has a Message ID of 0");
		return;
	}
	if (!sa || sa->iface != m->iface || !endpoint_eq(&sa->peer, &m->from)) {
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "Quick Mode message is for a "
				"non-existent (expired?) ISAKMP SA");
		return;
	}
	if (!sa->established) {
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "Quick Mode message is unacceptable "
				"because it is for an incomplete ISAKMP SA");
		return;
	}
	x = quick_by_msgid(p, sa, m->hdr.msgid);
	if (x) {
		deliver(x, m);
		return;
	}
	if (isakmp_msgid_used(sa, m->hdr.msgid)) {
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "Quick Mode message has a Message ID "
				"that has been used before");
		return;
	}
	quick_mode_respond(sa, m);
}

/* --- the header ------------------------------------------------------------------------ */

/* False, and m consumed, when it is no message for us. */
static bool header_fine(struct pluto *p, struct ike_msg *m)
{
	const struct isa_hdr *h = &m->hdr;
	struct name_buf nb;

	if (isakmp_cookie_is_zero(h->icookie)) {
		refuse_stranger(p, m, CAUSE_UNKNOWN_COOKIE, "Initiator Cookie must not be zero");
		return false;
	}
	if (h->version >> 4 != ISAKMP_VERSION >> 4) {
		refuse_stranger(p, m, CAUSE_VERSION, "IKE version %u.%u is not supported: this is "
				"IKEv1 only", h->version >> 4, h->version & 0xf);
		return false;
	}
	if (h->version != ISAKMP_VERSION) {
		refuse_stranger(p, m, CAUSE_FLAGS, "unknown minor version %u",
				h->version & 0xf);
		return false;
	}
	if (h->exchange != XCHG_MAIN && h->exchange != XCHG_QUICK && h->exchange != XCHG_INFO) {
		refuse_stranger(p, m, CAUSE_EXCHANGE_TYPE, "unsupported exchange type %s in message",
				name_show(&exchange_names, h->exchange, &nb));
		return false;
	}
	if (h->flags & ~(ISAKMP_ENCRYPTION | ISAKMP_COMMIT)) {
		refuse_stranger(p, m, CAUSE_FLAGS, "message has unknown flags 0x%02x", h->flags);
		return false;
	}
	return true;
}

void demux(struct pluto *p, struct iface *ifp, const struct endpoint *from, struct span datagram)
{
	static struct plog_limit limit;
	struct subject s = { .pluto = p, .from = *from };
	struct isa_hdr hdr;
	struct ike_msg *m;
	err_t ugh;

	m = msg_new(datagram, &hdr, &ugh);
	if (!m) {
		if (plog_limited(&limit))
			plog(&s, RC_LOG_SERIOUS, "malformed message of %zu octets: %s",
			     datagram.len, ugh);
		return;
	}
	m->iface = ifp;
	m->from = *from;
	if (log_debug_classes & DBG_PARSING)
		packet_debug(&hdr_desc, &m->hdr);
	if (!header_fine(p, m))
		return;
	if ((m->hdr.flags & ISAKMP_COMMIT) && plog_limited(&limit))
		plog(&s, RC_LOG, "IKE message has the Commit Flag set but Pluto doesn't implement "
		     "this feature; ignoring flag");
	if (m->hdr.exchange == XCHG_MAIN)
		demux_main(p, m);
	else if (m->hdr.exchange == XCHG_QUICK)
		demux_quick(p, m);
	else
		info_receive(p, m);
}
