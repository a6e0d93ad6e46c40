/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose key is whose: secrets of ours, public keys of peers.
 *
 * auth.c is the only caller of what hands out secrets, so that they can move into a
 * process of their own.
 */
#ifndef PLUTO_KEYS_H
#define PLUTO_KEYS_H

#include "lib/base/list.h"
#include "lib/conf/secrets.h"
#include "lib/crypto/crypto.h"
#include "pluto/connection.h"

struct pubkey {
	struct list link;		/* in pluto->pubkeys */
	struct id id;
	struct rsa_pub *rsa;
	char *whence;			/* "/etc/ipsec.conf:12", or "whack" */
};

/* The pre-shared key of a connection, by the rules of ipsec.secrets(5); NULL: none. */
const struct secret_entry *key_psk(const struct connection *c);
/* Our private RSA key for a connection: the one behind leftrsasigkey if given, else by ID. */
const struct secret_entry *key_rsa(const struct connection *c);
/* add == false: replaces all keys of that ID. */
void pubkey_add(struct pluto *p, const struct id *id, struct rsa_pub *rsa, const char *whence,
		bool add);
void pubkey_forget_all(struct pluto *p);
/* The next key of id after prev (NULL: the first). */
struct pubkey *pubkey_next(struct pluto *p, const struct id *id, struct pubkey *prev);
/* ipsec auto --rereadsecrets: logs "forgetting secrets", "loading secrets from ...". */
void keys_reread(struct pluto *p, struct reply *r);
void keys_fini(struct pluto *p);

#endif
