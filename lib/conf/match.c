/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which secret of ipsec.secrets(5) is for whom.
 *
 *	the entry lists		weight
 *	us and them		highest
 *	us and %any
 *	us alone		the peer is not looked at
 *	%any and them
 *	%any alone
 *	nobody			lowest: good for anything
 *
 * Indices of a private key are names of its owner, so that others beside ours do no
 * harm; those of a pre-shared key are the parties who share it, and an entry of several
 * that does not list the peer is for somebody else.  The first of equals wins.
 *
 * In Main Mode with pre-shared keys the responder needs the key before it can read the
 * peer's ID: "them" is an address then (RFC 2409 section 5.4).
 */
#include "lib/conf/secrets.h"

enum {
	W_DEFAULT = 1, W_ANY = 2, W_THEM = 4, W_US = 8
};

static bool is_set(const struct id *id)
{
	return id && id->type != ID_NONE;
}

/* 0: not for these two. */
static unsigned int weight(const struct secret_entry *e, const struct id *us,
			   const struct id *them)
{
	unsigned int w = 0, n_any = 0;

	if (e->n_index == 0)
		return W_DEFAULT;
	for (size_t i = 0; i < e->n_index; i++) {
		if (id_is_any(&e->index[i]) && ++n_any)
			w |= W_ANY;
		else if (is_set(us) && id_eq(&e->index[i], us))
			w |= W_US;
		else if (is_set(them) && id_eq(&e->index[i], them))
			w |= W_THEM;
	}
	if (e->kind == SECRET_RSA)
		return w & (W_US | W_ANY);
	if (e->n_index == 1)
		return w & ~(unsigned int)W_THEM;
	/* Of several indices there must be one for each party. */
	if (w == W_US || w == W_THEM || (w == W_ANY && n_any == 1))
		return 0;
	return w;
}

static bool same_secret(const struct secret_entry *a, const struct secret_entry *b)
{
	if (a->kind == SECRET_RSA)
		return rsa_pub_eq(rsa_priv_pub(a->rsa), rsa_priv_pub(b->rsa));
	return span_eq_secret(secret_span(&a->psk), secret_span(&b->psk));
}

const struct secret_entry *secrets_find(const struct secrets *s, enum secret_kind kind,
					const struct id *us, const struct id *them,
					bool *ambiguous)
{
	const struct secret_entry *e, *best = NULL;
	unsigned int best_weight = 0;
	bool differ = false;

	LIST_EACH(e, &s->entries, struct secret_entry, link) {
		unsigned int w = e->kind == kind ? weight(e, us, them) : 0;

		if (w > best_weight) {
			best = e;
			best_weight = w;
			differ = false;
		} else if (w && w == best_weight && !same_secret(e, best)) {
			differ = true;
		}
	}
	if (ambiguous)
		*ambiguous = differ;
	return best;
}

const struct secret_entry *secrets_find_rsa_by_pub(const struct secrets *s,
						   const struct rsa_pub *pub)
{
	const struct secret_entry *e;

	LIST_EACH(e, &s->entries, struct secret_entry, link)
		if (e->kind == SECRET_RSA && rsa_pub_eq(rsa_priv_pub(e->rsa), pub))
			return e;
	return NULL;
}
