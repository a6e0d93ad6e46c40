// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --keyid ID --pubkeyrsa KEY [--addkey]: a peer's public key.
 */
#include "pluto/keys.h"
#include "pluto/plog.h"
#include "pluto/whack.h"

static void add_key(struct whack_ctx *w)
{
	const char *text = whack_get_text(w->m, WK_KEYID);
	struct rsa_pub *rsa;
	struct id id = { 0 };
	err_t ugh;

	ugh = ttoid(span_str(text), &id);
	if (ugh) {
		plog_pluto(w->p, w->reply, RC_BADID, "bad --keyid \"%s\": %s", text, ugh);
		id_free(&id);
		return;
	}
	ugh = rsa_pub_from_rfc3110(w->m->field[WK_PUBKEY], &rsa);
	if (ugh)
		plog_pluto(w->p, w->reply, RC_NOKEY, "bad --pubkeyrsa for \"%s\": %s", text, ugh);
	else
		pubkey_add(w->p, &id, rsa, "whack", whack_has(w->m, WK_ADDKEY));
	id_free(&id);
}

const struct whack_cmd cmd_key = {
	.verb = WHACK_KEY,
	.need = { WK_KEYID, WK_PUBKEY },
	.may  = { WK_ADDKEY },
	.run  = add_key,
	.help = "set, or add, the public key of an identity",
};
