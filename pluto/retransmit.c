// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP loses things: repeat, then give up, then begin again.
 *
 *	EVENT_RETRANSMIT	an initiator repeats its message after 1, 2, 4, 8 and 16 s
 *	EVENT_SO_DISCARD	a responder waits in silence, at most 30 s
 *
 * Before a peer is authenticated a responder never sends by itself: it answers a duplicate
 * with what it answered before, five times at most, so that nobody can aim us at a third
 * party (RFC 2408 section 5.1; CVE-2016-5361).  What is repeated is the stored datagram: it is
 * not encrypted anew and does not advance the IV.
 *
 * When the attempt is over, keyingtries= says whether another begins; 0 is for ever.
 */
#include "pluto/retransmit.h"

#include <stdio.h>

#include "pluto/initiate.h"
#include "pluto/isakmp_sa.h"
#include "pluto/main_mode.h"

static const char *last_words(enum state s)
{
	switch (s) {
	case STATE_MAIN_I1:
		return ".  No response (or no acceptable response) to our first IKE message";
	case STATE_MAIN_I3:
		return ".  Possible authentication failure: no acceptable response to our first "
		       "encrypted message";
	case STATE_QUICK_I1:
		return ".  No acceptable response to our first Quick Mode message: perhaps peer "
		       "likes no proposal";
	default:
		return "";
	}
}

/*
 * No answer to Quick Mode, not even a refusal: the peer has restarted perhaps, and knows
 * nothing of the ISAKMP SA.  The next attempt makes a new one.
 */
static void give_up_isakmp(struct exchange *x)
{
	struct isakmp_sa *sa = x->isakmp;

	plog_quiet(&x->subject, "the peer does not answer under ISAKMP SA #%lu: deleting it",
		   sa->subject.serial);
	sa->silent = true;
	retransmit_give_up(x, 0);
	isakmp_sa_delete(sa, true);
}

static void give_up_waiting(struct exchange *x)
{
	struct name_buf nb;

	plog(&x->subject, RC_NORETRANSMISSION, "max number of retransmissions (%d) reached %s%s",
	     RETRANSMIT_MAX, state_name(x->state), last_words(x->state));
	/* What has been refused on the way explains the silence at its end. */
	if (x->why)
		plog(&x->subject, RC_LOG_SERIOUS, "the last message from the peer was refused: %s",
		     x->why);
	else if (x->peer_said)
		plog(&x->subject, RC_LOG_SERIOUS, "the peer has said %s; hint: %s",
		     name_show(&notify_names, x->peer_said, &nb),
		     causes[CAUSE_PEER_REFUSED].hint);
	else
		plog(&x->subject, RC_LOG_SERIOUS, "hint: %s", causes[CAUSE_TIMEOUT].hint);
	if (x->state == STATE_QUICK_I1)
		give_up_isakmp(x);
	else
		retransmit_give_up(x, 0);
}

static void again(void *ctx)
{
	struct exchange *x = ctx;
	uint64_t wait;

	if (x->sends > RETRANSMIT_MAX) {
		give_up_waiting(x);
		return;
	}
	wait = RETRANSMIT_FIRST << x->sends;
	plog(&x->subject, RC_RETRANSMISSION, "%s: retransmission; will wait %llus for response",
	     state_name(x->state), (unsigned long long)wait / 1000);
	x->sends++;
	timer_set(&x->timer, wait, again, x);
	exchange_resend(x);
}

void retransmit_start(struct exchange *x)
{
	x->sends = 1;
	x->event = "EVENT_RETRANSMIT";
	timer_set(&x->timer, RETRANSMIT_FIRST, again, x);
}

static void discard(void *ctx)
{
	struct exchange *x = ctx;

	dbg(DBG_LIFECYCLE, "#%lu discarded in %s", x->subject.serial, state_name(x->state));
	exchange_free(x);
}

void retransmit_wait(struct exchange *x, unsigned int seconds)
{
	x->event = "EVENT_SO_DISCARD";
	timer_set(&x->timer, seconds * 1000ull, discard, x);
}

void retransmit_duplicate(struct exchange *x)
{
	const char *state = state_name(x->state);
	static struct plog_limit limit;
	bool say = !exchange_is_strangers(x) || plog_limited(&limit);

	/* An initiator that still waits has a timer of its own. */
	if (!x->last_out.len || (x->initiator && !x->lingering)) {
		if (say)
			plog_quiet(&x->subject, "discarding duplicate packet; already %s", state);
		return;
	}
	if (x->dup_replies >= DUP_REPLIES_MAX) {
		if (say)
			plog_quiet(&x->subject, "discarding duplicate packet -- exhausted "
				   "retransmission; already %s", state);
		return;
	}
	x->dup_replies++;
	if (say)
		plog_quiet(&x->subject, "retransmitting in response to duplicate packet; already "
			   "%s", state);
	exchange_resend(x);
}

uint64_t retransmit_backoff(unsigned int try)
{
	unsigned int shift = try > 6 ? 6 : try;

	return 2500ull << shift;	/* 5 s, 10 s, ... 160 s */
}

void retransmit_give_up(struct exchange *x, uint64_t delay)
{
	struct connection *c = x->c;
	unsigned int try = x->try;
	bool phase1 = !x->msgid;
	unsigned long replacing = x->replacing;
	char of[32];

	if (!x->initiator || c->going || c->pluto->shutting_down ||
	    (c->keyingtries && try >= c->keyingtries)) {
		exchange_free(x);
		return;
	}
	if (c->keyingtries)
		snprintf(of, sizeof(of), "at most %u", c->keyingtries);
	else
		snprintf(of, sizeof(of), "an unlimited number");
	plog_quiet(&x->subject, "starting keying attempt %u of %s", try + 1, of);
	if (x->subject.reply)
		plog(&x->subject, RC_COMMENT, "starting keying attempt %u of %s, but releasing whack",
		     try + 1, of);
	if (phase1) {
		struct exchange *next = main_mode_begin(c, NULL, try + 1, replacing);

		pending_move(next->isakmp, x->isakmp);
		exchange_free(x);
		exchange_start(next, delay);
		return;
	}
	/* The connection must not go with its last exchange: begin before ending. */
	ike_initiate_later(c, try + 1, replacing, delay);
	exchange_free(x);
}
