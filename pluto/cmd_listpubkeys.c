// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --listpubkeys: the public keys known, each by its key ID.
 */
#include "pluto/keys.h"
#include "pluto/whack.h"

static void list_keys(struct whack_ctx *w)
{
	struct pubkey *k;
	char keyid[10];

	reply_say(w->reply, RC_COMMENT, "List of Public Keys:");
	LIST_EACH(k, &w->p->pubkeys, struct pubkey, link) {
		struct buf id = { 0 };

		id_show(&k->id, &id);
		rsa_pub_keyid(k->rsa, keyid);
		reply_say(w->reply, RC_COMMENT, "%zu RSA Key %s, ID '%s', from %s",
			  rsa_pub_bits(k->rsa), keyid, buf_str(&id), k->whence);
		buf_free(&id);
	}
}

const struct whack_cmd cmd_listpubkeys = {
	.verb = WHACK_LISTPUBKEYS,
	.run  = list_keys,
	.help = "list the public keys known",
};
