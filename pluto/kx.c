// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Diffie-Hellman as steps between `in` and `out`.
 *
 *	initiator	step_dh_generate -> KE ... KE -> step_dh_finish
 *	responder			    KE -> step_dh_answer -> KE
 *
 * The work area owns copies of everything; the peer's value is checked by dh_shared()
 * (RFC 6989), its length before that, by kx_take_ke().  Without a group (Quick Mode
 * without PFS) there is nothing to compute and the engine goes straight on.
 *
 * RFC 2409 section 5: KE is exactly as long as the group's prime, leading zeros kept; a
 * nonce has 8 to 256 octets.
 */
#include "pluto/kx.h"

#include "pluto/auth.h"
#include "pluto/keymat.h"

#define NONCE_OURS 32

struct dh_work {
	const struct dh_group *group;
	struct secret secret;
	struct buf ours, theirs;
	bool generate, finish;
	struct secret shared;
	err_t ugh;
};

static void dh_run(void *work)
{
	struct dh_work *w = work;

	if (w->generate)
		dh_generate(w->group, &w->secret, &w->ours);
	if (w->finish)
		w->ugh = dh_shared(w->group, secret_span(&w->secret), buf_span(&w->theirs),
				   &w->shared);
}

static void dh_wipe(void *work)
{
	struct dh_work *w = work;

	secret_free(&w->secret);
	secret_free(&w->shared);
	buf_free(&w->ours);
	buf_free(&w->theirs);
}

static const struct job_desc job_dh = { "Diffie-Hellman", sizeof(struct dh_work), dh_run, dh_wipe };

static struct buf *our_ke(struct exchange *x)
{
	return x->initiator ? &x->ke_i : &x->ke_r;
}

static struct buf *peer_ke(struct exchange *x)
{
	return x->initiator ? &x->ke_r : &x->ke_i;
}

static enum verdict prepare(struct exchange *x, struct dh_work *w)
{
	if (!x->group)
		return V_IGNORED;
	w->group = x->group;
	if (w->finish)
		buf_set(&w->theirs, buf_span(peer_ke(x)));
	return V_OK;
}

static enum verdict prepare_generate(struct exchange *x, void *work)
{
	struct dh_work *w = work;

	w->generate = true;
	return prepare(x, w);
}

static enum verdict prepare_answer(struct exchange *x, void *work)
{
	struct dh_work *w = work;

	w->generate = w->finish = true;
	return prepare(x, w);
}

static enum verdict prepare_finish(struct exchange *x, void *work)
{
	struct dh_work *w = work;

	w->finish = true;
	secret_set(&w->secret, secret_span(&x->dh_secret));
	return prepare(x, w);
}

static enum verdict finish(struct exchange *x, void *work)
{
	struct dh_work *w = work;

	if (w->ugh)
		return refuse(x, CAUSE_KE_VALUE, "the peer's Diffie-Hellman value for %s: %s",
			      x->group->oakley, w->ugh);
	if (w->generate) {
		secret_move(&x->dh_secret, &w->secret);
		buf_set(our_ke(x), buf_span(&w->ours));
	}
	if (!w->finish)
		return V_OK;
	secret_move(&x->dh_shared, &w->shared);
	return x->msgid ? V_OK : auth_derive(x);
}

const struct step step_dh_generate = { &job_dh, prepare_generate, finish };
const struct step step_dh_answer = { &job_dh, prepare_answer, finish };
const struct step step_dh_finish = { &job_dh, prepare_finish, finish };

enum verdict kx_take_ke(struct exchange *x, struct span ke)
{
	if (ke.len != x->group->public_len)
		return refuse(x, CAUSE_KE_SIZE, "KE is %zu octets, group %s needs %zu", ke.len,
			      x->group->oakley, x->group->public_len);
	buf_set(peer_ke(x), ke);
	return V_OK;
}

enum verdict kx_take_nonce(struct exchange *x, struct span nonce)
{
	if (nonce.len < NONCE_MIN || nonce.len > NONCE_MAX)
		return refuse(x, CAUSE_NONCE, "a nonce of %zu octets, must be %u to %u",
			      nonce.len, NONCE_MIN, NONCE_MAX);
	buf_set(x->initiator ? &x->nr : &x->ni, nonce);
	return V_OK;
}

void kx_make_nonce(struct exchange *x)
{
	struct buf *b = x->initiator ? &x->ni : &x->nr;

	buf_clear(b);
	random_fill(buf_grow(b, NONCE_OURS), NONCE_OURS);
}
