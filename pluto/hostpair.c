// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Choosing: which connection is meant by what a peer says.
 *
 *	message 1	addresses			connection_for_peer
 *	ID payload	addresses, IDs, authentication	connection_refine
 *	Quick Mode	and the clients, exactly	connection_for_clients
 *
 * What a peer has proved in Main Mode opens only those connections that ask for no more:
 * connection_accepts() is asked of every one, before its clients are looked at.
 *
 * A pair of hosts may have many connections; a peer whose address is unknown
 * beforehand is served by templates.  When nothing fits, `nearest` says which connection
 * came closest, what it wants instead and where it stands in ipsec.conf: that is
 * what an administrator needs, and the peer is never told.
 *
 * A shunt (type=passthrough, drop, reject) is never chosen.  Nothing here logs.
 *
 * RFC 2409 section 5.4 for why Main Mode with pre-shared keys goes by address.
 */
#include "lib/crypto/crypto.h"
#include "pluto/connection.h"
#include "pluto/initiate.h"
#include "pluto/keys.h"

static bool same_here(const struct connection *c, const struct addr *us)
{
	return c->iface && !c->shunt && addr_eq(&c->this.host, us);
}

static bool same_pair(const struct connection *c, const struct addr *us, const struct addr *them)
{
	return c->kind != CK_TEMPLATE && same_here(c, us) && addr_eq(&c->that.host, them);
}

/* --- by address ---------------------------------------------------------------------- */

struct connection *connection_for_peer(struct pluto *p, const struct addr *us,
				       const struct addr *them, unsigned int *auth)
{
	struct connection *c, *exact = NULL, *tmpl = NULL;
	unsigned int tmpl_auth = 0;

	*auth = 0;
	LIST_EACH(c, &p->connections, struct connection, link) {
		if (same_pair(c, us, them)) {
			*auth |= c->policy & POLICY_AUTH_MASK;
			if (!exact || (exact->kind == CK_INSTANCE && c->kind == CK_PERMANENT))
				exact = c;
		} else if (c->kind == CK_TEMPLATE && same_here(c, us)) {
			tmpl_auth |= c->policy & POLICY_AUTH_MASK;
			if (!tmpl)
				tmpl = c;
		}
	}
	if (exact && exact->kind == CK_PERMANENT)
		return exact;
	/* The peer behind an instance may come back as somebody else: templates still count. */
	*auth |= tmpl_auth;
	if (exact || !tmpl)
		return exact;
	return connection_instantiate(tmpl, them, NULL);
}

/* --- by identity --------------------------------------------------------------------- */

/* The exchange's keys come from one pre-shared key: another connection must have the same. */
static bool same_psk(const struct connection *a, const struct connection *b)
{
	const struct secret_entry *ka, *kb;

	if (a == b)
		return true;
	ka = key_psk(a);
	kb = key_psk(b);
	if (!ka || !kb)
		return ka == kb;
	return span_eq_secret(secret_span(&ka->psk), secret_span(&kb->psk));
}

/* How well does d fit?  0: not at all.  A named ID is better than %any. */
enum fit { FIT_NOT, FIT_ID_ONLY, FIT_ANY, FIT_EXACT };

static enum fit id_fit(const struct connection *d, const struct connection *c, unsigned int auth,
		       const struct id *peer_id, const struct id *our_id)
{
	bool any = id_is_any(&d->that.id);

	if (!any && !id_eq(&d->that.id, peer_id))
		return FIT_NOT;
	if (our_id && !id_eq(&d->this.id, our_id))
		return any ? FIT_NOT : FIT_ID_ONLY;
	if (!(d->policy & auth))
		return any ? FIT_NOT : FIT_ID_ONLY;
	if ((auth & POLICY_PSK) && d->kind != CK_TEMPLATE && !same_psk(d, c))
		return FIT_ID_ONLY;
	return any ? FIT_ANY : FIT_EXACT;
}

static void say_why_id_only(const struct connection *d, unsigned int auth, const struct id *our_id,
			    struct buf *nearest)
{
	connection_whereis(d, nearest);
	buf_add_str(nearest, " has that peer ID, but ");
	if (our_id && !id_eq(&d->this.id, our_id)) {
		buf_printf(nearest, "%sid=", d->this.side);
		id_show(&d->this.id, nearest);
		buf_add_str(nearest, " while the peer asks for ");
		id_show(our_id, nearest);
	} else if (!(d->policy & auth)) {
		buf_printf(nearest, "it does not have authby=%s",
			   auth & POLICY_PSK ? "secret" : "rsasig");
	} else {
		buf_add_str(nearest, "ipsec.secrets has another pre-shared key for it than "
			    "the one chosen by the addresses");
	}
}

static void add_wanted(const struct connection *d, struct buf *nearest)
{
	buf_add_str(nearest, nearest->len ? ", " : "we would have taken ");
	if (id_is_any(&d->that.id))
		buf_add_str(nearest, "%any");
	else
		id_show(&d->that.id, nearest);
	buf_add_str(nearest, " for ");
	connection_whereis(d, nearest);
}

#define WANTED_SHOWN	4

struct search {
	struct connection *best, *id_only;
	enum fit fit;
	unsigned int shown;
};

static struct search search_ids(struct connection *c, unsigned int auth, const struct id *peer_id,
				const struct id *our_id, struct buf *wanted)
{
	struct search s = { .best = c, .fit = id_fit(c, c, auth, peer_id, our_id) };
	struct connection *d;

	if (s.fit < FIT_ANY)
		s.best = NULL;
	LIST_EACH(d, &c->pluto->connections, struct connection, link) {
		enum fit fit;

		if (!same_pair(d, &c->this.host, &c->that.host) &&
		    !(d->kind == CK_TEMPLATE && same_here(d, &c->this.host)))
			continue;
		fit = id_fit(d, c, auth, peer_id, our_id);
		if (fit == FIT_NOT && d->kind != CK_INSTANCE && s.shown++ < WANTED_SHOWN)
			add_wanted(d, wanted);
		if (fit == FIT_ID_ONLY && !s.id_only)
			s.id_only = d;
		if (fit >= FIT_ANY && (!s.best || fit > s.fit)) {
			s.best = d;
			s.fit = fit;
		}
	}
	return s;
}

struct connection *connection_refine(struct connection *c, unsigned int auth,
				     const struct id *peer_id, const struct id *our_id_asked,
				     struct buf *nearest)
{
	struct buf wanted = { 0 };
	struct search s = search_ids(c, auth, peer_id, our_id_asked, &wanted);

	buf_clear(nearest);
	if (!s.best && s.id_only)
		say_why_id_only(s.id_only, auth, our_id_asked, nearest);
	else if (!s.best)
		buf_add_span(nearest, buf_span(&wanted));
	buf_free(&wanted);
	if (!s.best)
		return NULL;

	if (s.best->kind == CK_TEMPLATE)
		return connection_instantiate(s.best, &c->that.host, peer_id);
	/* Now the instance knows whose it is. */
	if (s.best->kind == CK_INSTANCE && id_is_any(&s.best->that.id))
		id_copy(&s.best->that.id, peer_id);
	return s.best;
}

/* --- by clients ---------------------------------------------------------------------- */

/* What d would be for c's peer, without making it. */
static struct selector selector_for(const struct connection *d, const struct connection *c)
{
	struct selector sel = connection_selector(d);

	if (d->kind == CK_TEMPLATE && !d->that.has_client)
		sel.dst = subnet_of_host(&c->that.host);
	return sel;
}

static bool same_hosts(const struct connection *d, const struct connection *c)
{
	return same_pair(d, &c->this.host, &c->that.host) ||
	       (d->kind == CK_TEMPLATE && same_here(d, &c->this.host));
}

/*
 * Is the key that was used the one by which Main Mode for d goes?  An instance has learned the
 * peer's ID; it is the template that says whether keys go by that or by address.
 */
static bool has_psk(const struct connection *d, const struct connection *c,
		    const struct peer_proof *proof)
{
	struct connection instance = *d;	/* borrows all that d owns */
	const struct secret_entry *e;

	instance.that.host = c->that.host;
	instance.that.id = d->tmpl ? d->tmpl->that.id : d->that.id;
	e = key_psk(&instance);
	return e && span_eq_secret(secret_span(&e->psk), proof->psk);
}

bool connection_accepts(const struct connection *d, const struct connection *c,
			const struct peer_proof *proof)
{
	if (!(d->policy & proof->auth) || !id_eq(&d->this.id, &c->this.id))
		return false;
	if (!id_is_any(&d->that.id) && !id_eq(&d->that.id, proof->id))
		return false;
	/* c's key may have been changed in ipsec.secrets since; it was right then. */
	return d == c || proof->auth != POLICY_PSK || has_psk(d, c, proof);
}

static unsigned int fields_that_fit(const struct selector *a, const struct selector *b)
{
	return 4u * subnet_eq(&a->src, &b->src) + 4u * subnet_eq(&a->dst, &b->dst) +
	       (a->proto == b->proto) + (a->sport == b->sport) + (a->dport == b->dport);
}

static void say_first_difference(const struct connection *d, const struct selector *has,
				 const struct selector *want, struct buf *out)
{
	struct subnet_buf b1, b2;

	buf_add_str(out, "nearest is ");
	connection_whereis(d, out);
	buf_add_str(out, ": it has ");
	if (!subnet_eq(&has->src, &want->src))
		buf_printf(out, "%ssubnet=%s, the peer asks for %s", d->this.side,
			   subnet_show(&has->src, &b1), subnet_show(&want->src, &b2));
	else if (!subnet_eq(&has->dst, &want->dst))
		buf_printf(out, "%ssubnet=%s, the peer asks for %s", d->that.side,
			   subnet_show(&has->dst, &b1), subnet_show(&want->dst, &b2));
	else if (has->proto != want->proto || has->sport != want->sport)
		buf_printf(out, "%sprotoport=%u/%u, the peer asks for %u/%u", d->this.side,
			   has->proto, has->sport, want->proto, want->sport);
	else
		buf_printf(out, "%sprotoport=%u/%u, the peer asks for %u/%u", d->that.side,
			   has->proto, has->dport, want->proto, want->dport);
}

/* c itself, then what already is for this peer and routed, then templates. */
static unsigned int rank(const struct connection *d, const struct connection *c)
{
	if (d == c)
		return 4;
	if (d->kind == CK_TEMPLATE)
		return 1;
	return d->routing == RT_UNROUTED ? 2 : 3;
}

static void say_barred(const struct connection *d, struct buf *out)
{
	connection_whereis(d, out);
	buf_add_str(out, " has these clients, but the peer has not proved what authby=, the IDs "
		    "and ipsec.secrets demand for it");
}

struct connection *connection_for_clients(struct connection *c, const struct peer_proof *proof,
					  const struct selector *want, struct buf *nearest)
{
	struct connection *d, *best = NULL, *near = NULL, *barred = NULL;
	unsigned int near_fit = 0;
	struct selector sel;

	buf_clear(nearest);
	LIST_EACH(d, &c->pluto->connections, struct connection, link) {
		if (!same_hosts(d, c))
			continue;
		sel = selector_for(d, c);
		if (!connection_accepts(d, c, proof)) {
			if (selector_eq(&sel, want))
				barred = d;
		} else if (selector_eq(&sel, want)) {
			if (!best || rank(d, c) > rank(best, c))
				best = d;
		} else if (!near || fields_that_fit(&sel, want) > near_fit) {
			near = d;
			near_fit = fields_that_fit(&sel, want);
		}
	}
	if (best && best->kind == CK_TEMPLATE)
		return connection_instantiate(best, &c->that.host, proof->id);
	if (!best && barred) {
		say_barred(barred, nearest);
	} else if (!best && near) {
		sel = selector_for(near, c);
		say_first_difference(near, &sel, want, nearest);
	}
	return best;
}

/* Who has proved less than d asks for must not be able to end d. */
static struct connection *rival_of(struct connection *c, const struct peer_proof *proof)
{
	struct connection *d;

	LIST_EACH(d, &c->pluto->connections, struct connection, link)
		if (d != c && d->kind != CK_TEMPLATE && (d->newest_isakmp || d->newest_ipsec) &&
		    id_eq(&d->that.id, &c->that.id) &&
		    !addr_eq(&d->that.host, &c->that.host) &&
		    ((d->tmpl && d->tmpl == c->tmpl) || connection_accepts(d, c, proof)))
			return d;
	return NULL;
}

void connection_enforce_unique(struct connection *c, const struct peer_proof *proof)
{
	struct connection *rival;

	if (!c->pluto->uniqueids || id_is_any(&c->that.id))
		return;
	/* Ending one may end others: look anew each time. */
	while ((rival = rival_of(c, proof))) {
		if (rival->kind == CK_INSTANCE)
			connection_delete(rival, NULL);
		else
			ike_terminate(rival, "its peer has come back from another address");
		if (rival_of(c, proof) == rival)
			break;
	}
}
