// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys: what we sign and answer with, what peers' signatures are checked with.
 *
 * Secrets come from ipsec.secrets(5), are read at --listen and --rereadsecrets, and
 * are handed out to auth.c alone.  Public keys come with connections and from
 * whack --keyid; there may be several for one identity, tried in turn.
 *
 * The file that cannot be read, or has errors, is said to whoever asked and to the log,
 * with file and line; entries without errors are used.
 */
#include <stdlib.h>

#include "lib/base/alloc.h"
#include "pluto/keys.h"
#include "pluto/plog.h"

static void say_ambiguous(const struct connection *c)
{
	struct subject s = { .pluto = c->pluto, .c = c };
	static struct plog_limit limit;

	/* Looked for at every first message, whoever has sent it. */
	if (plog_limited(&limit))
		plog_quiet(&s, "multiple ipsec.secrets entries with distinct secrets match "
			   "endpoints: first secret used");
}

/*
 * By the IDs of the connection.  A peer that has not said who it is goes by its
 * address, which is all that the responder of Main Mode has (RFC 2409 section 5.4).
 */
const struct secret_entry *key_psk(const struct connection *c)
{
	const struct secret_entry *e = NULL;
	struct id us = { 0 }, them = { 0 };
	bool ambiguous = false;

	if (!c->pluto->secrets)
		return NULL;
	if (!id_is_any(&c->that.id))
		e = secrets_find(c->pluto->secrets, SECRET_PSK, &c->this.id, &c->that.id,
				 &ambiguous);
	if (!e && !addr_is_any(&c->that.host)) {
		id_from_addr(&c->that.host, &them);
		e = secrets_find(c->pluto->secrets, SECRET_PSK, &c->this.id, &them, &ambiguous);
		if (!e) {
			id_from_addr(&c->this.host, &us);
			e = secrets_find(c->pluto->secrets, SECRET_PSK, &us, &them, &ambiguous);
		}
	}
	if (e && ambiguous)
		say_ambiguous(c);
	id_free(&us);
	id_free(&them);
	return e;
}

const struct secret_entry *key_rsa(const struct connection *c)
{
	const struct secret_entry *e;
	struct id nobody = { 0 };
	bool ambiguous = false;

	if (!c->pluto->secrets)
		return NULL;
	if (c->this.key)
		return secrets_find_rsa_by_pub(c->pluto->secrets, c->this.key);
	e = secrets_find(c->pluto->secrets, SECRET_RSA, &c->this.id, &nobody, &ambiguous);
	if (e && ambiguous)
		say_ambiguous(c);
	return e;
}

/* --- public keys --------------------------------------------------------------------- */

static void pubkey_free(struct pubkey *k)
{
	list_del(&k->link);
	id_free(&k->id);
	rsa_pub_unref(k->rsa);
	free(k->whence);
	free(k);
}

struct pubkey *pubkey_next(struct pluto *p, const struct id *id, struct pubkey *prev)
{
	struct list *l = prev ? prev->link.next : p->pubkeys.next;

	for (; l != &p->pubkeys; l = l->next) {
		struct pubkey *k = container_of(l, struct pubkey, link);

		if (id_eq(&k->id, id))
			return k;
	}
	return NULL;
}

void pubkey_add(struct pluto *p, const struct id *id, struct rsa_pub *rsa, const char *whence,
		bool add)
{
	struct pubkey *k, *tmp;

	LIST_EACH_SAFE(k, tmp, &p->pubkeys, struct pubkey, link)
		if (id_eq(&k->id, id) && (!add || rsa_pub_eq(k->rsa, rsa)))
			pubkey_free(k);
	k = xalloc(sizeof(*k));
	id_copy(&k->id, id);
	k->rsa = rsa;
	k->whence = xstrdup(whence);
	list_add(&p->pubkeys, &k->link);
}

void pubkey_forget_all(struct pluto *p)
{
	struct pubkey *k, *tmp;

	LIST_EACH_SAFE(k, tmp, &p->pubkeys, struct pubkey, link)
		pubkey_free(k);
}

/* --- ipsec.secrets ------------------------------------------------------------------- */

void keys_reread(struct pluto *p, struct reply *r)
{
	struct buf text = { 0 };
	struct conf_error *e;

	if (p->secrets) {
		plog_pluto(p, r, RC_LOG, "forgetting secrets");
		secrets_free(p->secrets);
	}
	plog_pluto(p, r, RC_LOG, "loading secrets from \"%s\"", p->secretsfile);
	p->secrets = secrets_load(p->secretsfile);
	LIST_EACH(e, &p->secrets->errors, struct conf_error, link) {
		buf_clear(&text);
		secrets_error_show(e, &text);
		plog_pluto(p, r, RC_LOG_SERIOUS, "%s", buf_str(&text));
	}
	buf_free(&text);
}

void keys_fini(struct pluto *p)
{
	secrets_free(p->secrets);
	p->secrets = NULL;
	pubkey_forget_all(p);
}
