// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Authentication of Phase 1: pre-shared key or RSA signature.
 *
 * The only caller of key_psk() and key_rsa(): what is secret stays on the other side
 * of this file.  A peer has authenticated itself when auth_check_hash() or step_verify
 * says V_OK, and in no other way; there is no early success.
 *
 * A signature is over HASH_I or HASH_R itself: PKCS#1 without the hash's OID, which
 * rsa_verify() compares as a whole.  All keys that we have for the peer's ID are tried.
 *
 * RFC 2409 section 5.1 (signatures), 5.4 (pre-shared key: Main Mode chooses it by the
 * peer's address, since the ID comes encrypted with what is made from it).
 */
#include "pluto/auth.h"

#include "pluto/keymat.h"
#include "pluto/keys.h"

#define KEYS_MAX 8			/* of one ID, that are tried */

static void show_ids(const struct connection *c, struct buf *out)
{
	struct addr_buf ab;

	buf_add_str(out, "Can't authenticate: no preshared key found for `");
	id_show(&c->this.id, out);
	buf_add_str(out, "' and `");
	if (id_is_any(&c->that.id))
		buf_add_str(out, addr_is_any(&c->that.host) ? "%any"
							    : addr_show(&c->that.host, &ab));
	else
		id_show(&c->that.id, out);
	buf_add_str(out, "'");
}

bool auth_possible(const struct connection *c, unsigned int method, struct buf *why)
{
	buf_clear(why);
	switch (method) {
	case OAKLEY_PRESHARED_KEY:
		if (key_psk(c))
			return true;
		show_ids(c, why);
		return false;
	case OAKLEY_RSA_SIG:
		if (key_rsa(c))
			return true;
		buf_add_str(why, "unable to locate my private key for RSA Signature");
		return false;
	default:
		buf_add_str(why, "authentication method not supported");
		return false;
	}
}

enum verdict auth_derive(struct exchange *x)
{
	const struct secret_entry *e;
	struct buf why = { 0 };

	if (x->auth != OAKLEY_PRESHARED_KEY) {
		keymat_isakmp(x, SPAN_EMPTY);
		return V_OK;
	}
	e = key_psk(x->c);
	if (!e) {
		show_ids(x->c, &why);
		refuse(x, CAUSE_NO_PSK, "%s", buf_str(&why));
		buf_free(&why);
		return V_REFUSED;
	}
	secret_set(&x->isakmp->psk, secret_span(&e->psk));
	keymat_isakmp(x, secret_span(&e->psk));
	return V_OK;
}

bool auth_same_secret(const struct exchange *x, const struct connection *other)
{
	const struct secret_entry *e;

	if (x->auth != OAKLEY_PRESHARED_KEY)
		return true;
	e = key_psk(other);
	return e && span_eq_secret(secret_span(&x->isakmp->psk), secret_span(&e->psk));
}

static enum hash_of hash_of_peer(const struct exchange *x)
{
	return x->initiator ? HASH_R : HASH_I;
}

enum verdict auth_check_hash(struct exchange *x, struct span hash)
{
	uint8_t out[HASH_MAX];
	struct span want = keymat_hash(x, hash_of_peer(x), out);

	if (!span_eq_secret(hash, want))
		return refuse(x, CAUSE_PSK, "received Hash Payload does not match computed value");
	return V_OK;
}

/* --- RSA ------------------------------------------------------------------------------- */

struct verify_work {
	struct rsa_pub *key[KEYS_MAX];
	size_t n;
	uint8_t hash[HASH_MAX];
	size_t hash_len;
	struct buf sig;
	struct rsa_pub *good;
	err_t ugh;			/* of the last key tried */
};

static void verify_run(void *work)
{
	struct verify_work *w = work;

	for (size_t i = 0; i < w->n && !w->good; i++) {
		w->ugh = rsa_verify(w->key[i], span_of(w->hash, w->hash_len), buf_span(&w->sig));
		if (!w->ugh)
			w->good = w->key[i];
	}
}

static void verify_wipe(void *work)
{
	struct verify_work *w = work;

	for (size_t i = 0; i < w->n; i++)
		rsa_pub_unref(w->key[i]);
	buf_free(&w->sig);
}

static const struct job_desc job_verify = {
	"RSA verification", sizeof(struct verify_work), verify_run, verify_wipe
};

static enum verdict verify_prepare(struct exchange *x, void *work)
{
	struct verify_work *w = work;
	struct pubkey *k = NULL;
	struct buf id = { 0 };

	while (w->n < KEYS_MAX && (k = pubkey_next(x->c->pluto, &x->peer_id, k)))
		w->key[w->n++] = rsa_pub_ref(k->rsa);
	if (!w->n) {
		id_show(&x->peer_id, &id);
		refuse(x, CAUSE_NO_PUBLIC_KEY, "no RSA public key known for '%s'", buf_str(&id));
		buf_free(&id);
		return V_REFUSED;
	}
	w->hash_len = keymat_hash(x, hash_of_peer(x), w->hash).len;
	buf_set(&w->sig, buf_span(&x->sig));
	return V_OK;
}

static enum verdict verify_finish(struct exchange *x, void *work)
{
	struct verify_work *w = work;
	struct buf id = { 0 }, tried = { 0 };
	char keyid[10];

	if (w->good)
		return V_OK;
	for (size_t i = 0; i < w->n; i++) {
		rsa_pub_keyid(w->key[i], keyid);
		buf_printf(&tried, " *%s", keyid);
	}
	id_show(&x->peer_id, &id);
	refuse(x, CAUSE_SIGNATURE, "Signature check (on %s) failed (wrong key?); tried%s",
	       buf_str(&id), buf_str(&tried));
	dbg(DBG_CRYPT, "the last key said: %s", w->ugh);
	buf_free(&id);
	buf_free(&tried);
	return V_REFUSED;
}

const struct step step_verify = { &job_verify, verify_prepare, verify_finish };

struct sign_work {
	struct rsa_priv *key;
	uint8_t hash[HASH_MAX];
	size_t hash_len;
	struct buf sig;
};

static void sign_run(void *work)
{
	struct sign_work *w = work;

	rsa_sign(w->key, span_of(w->hash, w->hash_len), &w->sig);
}

static void sign_wipe(void *work)
{
	struct sign_work *w = work;

	rsa_priv_unref(w->key);
	buf_free(&w->sig);
}

static const struct job_desc job_sign = {
	"RSA signature", sizeof(struct sign_work), sign_run, sign_wipe
};

static enum verdict sign_prepare(struct exchange *x, void *work)
{
	const struct secret_entry *e = key_rsa(x->c);
	struct sign_work *w = work;

	if (!e)
		return refuse(x, CAUSE_NO_PRIVATE_KEY,
			      "unable to locate my private key for RSA Signature");
	w->key = rsa_priv_ref(e->rsa);
	w->hash_len = keymat_hash(x, x->initiator ? HASH_I : HASH_R, w->hash).len;
	return V_OK;
}

static enum verdict sign_finish(struct exchange *x, void *work)
{
	struct sign_work *w = work;

	buf_set(&x->sig, buf_span(&w->sig));
	return V_OK;
}

const struct step step_sign = { &job_sign, sign_prepare, sign_finish };
