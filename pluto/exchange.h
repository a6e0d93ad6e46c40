/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exchanges: one negotiation under way, and the table that says how it goes on.
 *
 * RFC 2408 section 4, RFC 2409 section 5.  The engine (exchange.c) runs a row: check
 * payload sets, in, job, out, seal, send, arm the timer.  Handlers (main_mode.c, quick_mode.c,
 * info.c) only check, compute and say; refuse() notes why not.
 */
#ifndef PLUTO_EXCHANGE_H
#define PLUTO_EXCHANGE_H

#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/base/secret.h"
#include "pluto/cause.h"
#include "pluto/connection.h"
#include "pluto/plog.h"
#include "pluto/server.h"

struct iface;
struct ike_msg;
struct ike_out;
struct ipsec_sa;
struct isakmp_sa;
struct job;
struct transition;

/* Numbered as FreeS/WAN did: whack's progress lines are 100 + state. */
enum state {
	STATE_UNDEFINED = 0,
	STATE_MAIN_R0 = 3, STATE_MAIN_I1, STATE_MAIN_R1, STATE_MAIN_I2, STATE_MAIN_R2,
	STATE_MAIN_I3, STATE_MAIN_R3, STATE_MAIN_I4,
	STATE_QUICK_R0 = 11, STATE_QUICK_I1, STATE_QUICK_R1, STATE_QUICK_I2, STATE_QUICK_R2,
	STATE_INFO = 16, STATE_INFO_PROTECTED = 17,
	STATE_MAIN_I0 = 18, STATE_QUICK_I0 = 19,	/* before the initiator's first message */
	STATE_MAX
};

const char *state_name(enum state s);		/* "STATE_MAIN_I1" */
const char *state_story(enum state s);		/* "sent MI1, expecting MR1" */

#define COOKIE_LEN	8
#define NONCE_MIN	8
#define NONCE_MAX	256

struct exchange {
	struct list link;			/* in pluto->exchanges */
	struct subject subject;			/* subject.serial is the # of the log */
	struct connection *c;
	struct iface *iface;
	struct endpoint peer;
	bool initiator;
	enum state state;
	uint32_t msgid;				/* 0: Phase 1 */
	unsigned int try;			/* keying attempt, from 1 */
	unsigned long replacing;		/* serial of the SA that this is to replace, 0 */

	/* Phase 1: becomes isakmp when done.  Phase 2: isakmp protects it from the start. */
	struct isakmp_sa *isakmp;
	struct ipsec_sa *ipsec;			/* Phase 2 */

	unsigned int auth_allowed;		/* responder: POLICY_PSK | POLICY_RSASIG */
	unsigned int auth;			/* OAKLEY_PRESHARED_KEY ... */
	struct ike_suite suite;			/* as negotiated */
	struct buf sa_body;			/* initiator's SA payload body, verbatim: SAi_b */
	struct buf ni, nr;
	struct buf ke_i, ke_r;
	struct secret dh_secret, dh_shared, skeyid;
	const struct dh_group *group;
	struct buf id_i, id_r;			/* ID payload bodies, IDii_b and IDir_b */
	struct id peer_id;
	struct buf sig;				/* the peer's, then ours */
	struct buf pick;			/* responder: the proposal chosen, for the answer */
	bool wants_ids;				/* Quick Mode: IDci and IDcr are sent */
	bool initial_contact;			/* the peer said so, under protection */
	bool isakmp_deleted;			/* the peer did, in this Informational exchange */
	uint64_t life, life_kb;			/* as negotiated; seconds, kilobytes or 0 */
	uint64_t life_asked;			/* by the peer; seconds, or 0 */

	uint8_t iv[CIPHER_BLOCK_MAX];		/* for the next message */

	struct buf last_in;			/* digest: to know a duplicate */
	struct buf bad_in;			/* digest of one that was refused: refuse it once */
	struct buf last_out;			/* to answer it, or to retransmit */
	unsigned int sends;			/* times last_out was sent on a timer */
	unsigned int dup_replies;
	struct timer timer;
	const char *event;			/* "EVENT_RETRANSMIT": what the timer is for, in status */

	const struct transition *row;		/* suspended in a job: the row to resume */
	unsigned int step;			/* and where in it */
	struct job *job;
	struct ike_msg *msg;			/* being worked on, owned while suspended */

	bool half_open;				/* counted as such: half_open.c */
	bool lingering;				/* done, but may have to repeat its last message */
	unsigned int failures;			/* messages refused */
	enum notify peer_said;			/* its refusal, for the end of our patience */
	enum cause cause;			/* set by refuse() */
	char *why;				/* the whole sentence */
};

/* Note why; always returns V_REFUSED.  The engine logs it, tells the peer and whack, once. */
enum verdict refuse(struct exchange *x, enum cause cause, const char *fmt, ...) PRINTF(3, 4);

/* --- exchange.c: the engine ---------------------------------------------------------- */

/* A new one, in no state and without a number; it holds r. */
struct exchange *exchange_new(struct pluto *p, struct connection *c, struct iface *ifp,
			      const struct endpoint *peer, struct reply *r);
void exchange_number(struct exchange *x);	/* from now on it is #n in the log */
/* Run the row that m is for.  m is consumed. */
void exchange_run(struct exchange *x, struct ike_msg *m);
/* Run the initiator's first row, now or after some milliseconds. */
void exchange_start(struct exchange *x, uint64_t delay);
/* It is over: free it, with the SA that it has not finished. */
void exchange_free(struct exchange *x);
/* From another connection on: what the peer's ID or clients have shown. */
void exchange_switch(struct exchange *x, struct connection *c);
/*
 * Is what it logs provoked by somebody who has proved nothing yet?  Then the lines of each kind
 * have a plog_limit.
 */
bool exchange_is_strangers(const struct exchange *x);
/* Send the stored message once more. */
void exchange_resend(struct exchange *x);

#endif
