// SPDX-License-Identifier: GPL-2.0-only
/*
 * PF_KEY messages that the kernel originates: ACQUIRE, EXPIRE.
 *
 * Both may be sent from a packet's path, so nothing here sleeps.  Neither can be
 * relied on: a socket that is full misses them.
 */
#include "klips/alg.h"
#include "klips/compat.h"
#include "klips/pfkey_sock.h"

/* Proposed in ACQUIRE: RFC 2367 section 3.1.6. */
#define PROPOSE_SOFT	57600		/* seconds */
#define PROPOSE_HARD	86400
#define PROPOSE_MAX	16
#define PROPOSE_REPLAY	64

/* Two identities of 512 octets, the proposal, and the rest. */
#define ACQUIRE_ROOM	(2 * 544 + PROPOSE_MAX * sizeof(struct sadb_comb) + 256)

static void propose(struct sadb_comb *comb, const struct klips_ealg *enc,
		    const struct klips_aalg *auth)
{
	*comb = (struct sadb_comb){
		.sadb_comb_encrypt = enc->id,
		.sadb_comb_encrypt_minbits = enc->min + enc->salt * 8,
		.sadb_comb_encrypt_maxbits = enc->max + enc->salt * 8,
		.sadb_comb_auth = auth ? auth->id : 0,
		.sadb_comb_auth_minbits = auth ? auth->bits : 0,
		.sadb_comb_auth_maxbits = auth ? auth->bits : 0,
		.sadb_comb_soft_addtime = PROPOSE_SOFT,
		.sadb_comb_hard_addtime = PROPOSE_HARD,
	};
}

/* All suites that encrypt, as far as they fit; the strongest come first in the tables. */
static unsigned int propose_all(struct sadb_comb *combs)
{
	const struct klips_aalg *auth;
	const struct klips_ealg *enc;
	unsigned int e, a, n = 0;

	for (e = 0; (enc = klips_ealg_at(e)); e++) {
		if (enc->clear)
			continue;
		if (enc->aead && n < PROPOSE_MAX)
			propose(&combs[n++], enc, NULL);
		if (enc->aead)
			continue;
		for (a = 0; n < PROPOSE_MAX && (auth = klips_aalg_at(a)); a++)
			propose(&combs[n++], enc, auth);
	}
	return n;
}

static void put_proposal(struct pfkey_out *o)
{
	struct sadb_prop head = { .sadb_prop_replay = PROPOSE_REPLAY };
	struct sadb_comb *combs;
	unsigned int n;

	combs = kcalloc(PROPOSE_MAX, sizeof(*combs), GFP_ATOMIC);
	if (!combs) {
		o->overflow = true;
		return;
	}
	n = propose_all(combs);
	pfkey_add(o, SADB_EXT_PROPOSAL, &head, sizeof(head), combs, n * sizeof(*combs));
	kfree(combs);
}

int klips_pfkey_acquire(struct klips_net *kn, const struct klips_eroute *trap,
			const struct klips_selector *flow)
{
	const struct klips_selector *sel = &trap->sel;
	struct pfkey_skb b;

	pfkey_skb_start(&b, ACQUIRE_ROOM, GFP_ATOMIC, SADB_ACQUIRE, SADB_SATYPE_ESP,
			atomic_inc_return(&kn->acquire_seq), 0);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_SRC, flow->family, &flow->src, flow->proto,
			  sel->sport ? flow->sport : 0);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_DST, flow->family, &flow->dst, flow->proto,
			  sel->dport ? flow->dport : 0);
	if (trap->src_ident)
		pfkey_add_ident(&b.out, SADB_EXT_IDENTITY_SRC, trap->src_ident_type,
				trap->src_ident);
	if (trap->dst_ident)
		pfkey_add_ident(&b.out, SADB_EXT_IDENTITY_DST, trap->dst_ident_type,
				trap->dst_ident);
	put_proposal(&b.out);
	return pfkey_skb_to_all(&b, kn, SADB_SATYPE_ESP);
}

void klips_pfkey_expire(struct klips_sa *sa, bool hard)
{
	struct pfkey_skb b;

	pfkey_skb_start(&b, PFKEY_SA_ROOM, GFP_ATOMIC, SADB_EXPIRE,
			pfkey_proto_to_satype(sa->said.proto), 0, 0);
	pfkey_put_said(&b.out, sa);
	pfkey_put_lifetime(&b.out, sa, SADB_EXT_LIFETIME_CURRENT);
	pfkey_put_lifetime(&b.out, sa, hard ? SADB_EXT_LIFETIME_HARD : SADB_EXT_LIFETIME_SOFT);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_SRC, sa->said.family, &sa->src, 0, 0);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_DST, sa->said.family, &sa->said.dst, 0, 0);
	pfkey_skb_to_all(&b, sa->net, 0);
}
