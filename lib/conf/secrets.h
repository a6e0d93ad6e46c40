/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.secrets(5): pre-shared keys and private keys, and which one is for whom.
 */
#ifndef LIB_CONF_SECRETS_H
#define LIB_CONF_SECRETS_H

#include "lib/conf/conf.h"
#include "lib/crypto/crypto.h"
#include "lib/id/id.h"

enum secret_kind { SECRET_PSK, SECRET_RSA };

struct secret_entry {
	struct list link;
	struct whence whence;			/* shown when a key turns out to be the wrong one */
	enum secret_kind kind;
	struct id *index;			/* n_index of them */
	size_t n_index;
	struct secret psk;
	struct rsa_priv *rsa;
};

struct secrets {
	struct list files;
	struct list entries;
	struct list errors;			/* of struct conf_error: secrets_error_show() */
	size_t n_errors;
};

/* path may be a glob pattern.  Always returns a struct; entries with errors are left out. */
struct secrets *secrets_load(const char *path);
struct secrets *secrets_parse(const char *name, struct span text);
/* "/etc/ipsec.secrets" line 3: unrecognized kind of secret */
void secrets_error_show(const struct conf_error *e, struct buf *out);
void secrets_free(struct secrets *s);		/* wipes */
/*
 * The best entry of a kind for us (and, for PSK, the peer); NULL when there is none.  A
 * peer of ID_NONE, or whose address matches nothing, may match %any.  *ambiguous is set when
 * equally good entries hold different secrets (the first is returned).
 */
const struct secret_entry *secrets_find(const struct secrets *s, enum secret_kind kind,
					const struct id *us, const struct id *them,
					bool *ambiguous);
const struct secret_entry *secrets_find_rsa_by_pub(const struct secrets *s,
						   const struct rsa_pub *pub);

#endif
