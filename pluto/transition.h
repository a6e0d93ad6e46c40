/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of the protocol: what one message must hold, what it makes us compute, and say.
 *
 * RFC 2409 section 5: each row stands under its line of the RFC's ladder.
 */
#ifndef PLUTO_TRANSITION_H
#define PLUTO_TRANSITION_H

#include "pluto/exchange.h"
#include "pluto/job.h"
#include "pluto/msg.h"

enum {
	R_DEC = 1 << 0,		/* the message must be encrypted; else it must not be */
	R_ENC = 1 << 1,		/* ours will be */
	R_REPLY = 1 << 2,	/* we answer (or begin) */
	R_DONE = 1 << 3,	/* the exchange has reached its end */
	R_RETRY = 1 << 4,	/* say it again until something comes */
	R_WAIT = 1 << 5,	/* wait for the peer, but not for long */
	/* Phase 2: which hash the engine verifies before `in` ... */
	R_HASH1 = 1 << 6, R_HASH2 = 1 << 7, R_HASH3 = 1 << 8,
	/* ... and which it puts in front of what `out` wrote. */
	R_OUT_HASH1 = 1 << 9, R_OUT_HASH2 = 1 << 10, R_OUT_HASH3 = 1 << 11,
	R_HASHES_IN = R_HASH1 | R_HASH2 | R_HASH3,
	R_HASHES_OUT = R_OUT_HASH1 | R_OUT_HASH2 | R_OUT_HASH3
};

/* As bits of the numbers of OAKLEY_AUTHENTICATION_METHOD. */
#define AUTH_PSK	(1u << OAKLEY_PRESHARED_KEY)
#define AUTH_RSASIG	(1u << OAKLEY_RSA_SIG)
#define AUTH_ANY	(~0u)

/* A slow computation between `in` and `out`. */
struct step {
	const struct job_desc *job;	/* NULL: prepare does it all */
	/* Copy the inputs into work; V_IGNORED: there is nothing to compute. */
	enum verdict (*prepare)(struct exchange *x, void *work);
	/* Take the results. */
	enum verdict (*finish)(struct exchange *x, void *work);
};

#define STEPS_MAX 3

struct transition {
	enum state from, to;
	unsigned int auth;
	unsigned int flags;
	uint32_t need, may;		/* payloads, P() */
	enum verdict (*in)(struct exchange *x, const struct ike_msg *m);
	const struct step *steps[STEPS_MAX];
	enum verdict (*out)(struct exchange *x, struct ike_out *o);
};

struct mode {
	const char *name;		/* "Main Mode" */
	uint8_t exchange;		/* XCHG_* */
	const struct transition *rows;
	size_t n;
	void (*announce)(struct exchange *x);	/* we are about to begin one */
};

extern const struct mode main_mode, quick_mode, info_mode;
extern const struct mode *const modes[];
extern const size_t n_modes;

/* The row for a message that comes in this state, or, before the first one, for none. */
const struct transition *transition_find(const struct mode *mode, enum state from,
					 unsigned int auth);
const struct mode *mode_by_exchange(uint8_t exchange);	/* NULL when not one of ours */
/* Is the state one where nothing more is expected? */
bool state_is_terminal(enum state s);

#endif
