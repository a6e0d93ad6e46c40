// SPDX-License-Identifier: GPL-2.0-only
/*
 * What PF_KEY says about ESP in UDP: the extensions X_NAT_T_TYPE, _SPORT, _DPORT and _OA.
 *
 * An ADD, or the UPDATE of a larval SA, brings type and ports with it, and in transport mode the
 * address that the peer believes it has.  X_NAT_T_NEW_MAPPING tells the daemon
 * that authentic packets come from somewhere else.  The daemon answers, if it wants to,
 * with an UPDATE without keys, which moves the SA: its ports, for an inbound SA the
 * ADDRESS_SRC, for an outbound one the X_ADDRESS_DST2, the address where its packets go from
 * now on.  Keys, numbers and the name of the SA stay as they are, so no sequence
 * number is ever used twice, and eroutes and bundles know it as before.
 *
 * Reads and writes of sa->natt here hold klips_net.lock or the RCU read lock; packets see the
 * old mapping or the new one, never a mixture.
 */
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/pfkey_sock.h"
#include "klips/xform.h"

/* Room for SA, lifetimes and two addresses with their ports. */
#define MAPPING_ROOM	256

static bool has(const struct pfkey_msg *m, unsigned int ext)
{
	return m->present & PFKEY_BIT(ext);
}

static u8 type_of(const struct pfkey_msg *m)
{
	if (!has(m, SADB_X_EXT_NAT_T_TYPE))
		return SADB_X_NAT_T_NONE;
	return pfkey_get(m, SADB_X_EXT_NAT_T_TYPE, sadb_x_natt_type)->sadb_x_natt_type_type;
}

static __be16 port_of(const struct pfkey_msg *m, unsigned int ext)
{
	return (__force __be16)pfkey_get(m, ext, sadb_x_natt_port)->sadb_x_natt_port_port;
}

/* An address that, if it is there and not zero, must be of the SA's family. */
static int take_address(struct pfkey_cmd *c, unsigned int ext, const struct klips_sa *sa,
			union klips_addr *to)
{
	union klips_addr addr;
	__be16 port;

	if (!has(&c->m, ext))
		return 0;
	if (pfkey_take_address(&c->m, ext, &addr, &port) != sa->said.family)
		return pfkey_refuse(c, -EINVAL, ext, "%s: it is not of the family of the SA's destination",
				    pfkey_ext_name(ext));
	if (!klips_addr_is_any(&addr))
		*to = addr;
	return 0;
}

static int take_others(struct pfkey_cmd *c, const struct klips_sa *sa, struct klips_natt *natt)
{
	int err = take_address(c, SADB_X_EXT_ADDRESS_DST2, sa, &natt->dst.addr);

	return err ? err : take_address(c, SADB_X_EXT_NAT_T_OA, sa, &natt->oa);
}

/* Can this kernel do it? */
static int check_type(struct pfkey_cmd *c, const struct klips_sa *sa, u8 type)
{
	if (sa->said.proto != IPPROTO_ESP)
		return pfkey_refuse(c, -EINVAL, SADB_X_EXT_NAT_T_TYPE,
				    "X_NAT_T_TYPE: %u, but only ESP goes in UDP", type);
	if (type == SADB_X_NAT_T_NON_IKE && sa->inbound && !KLIPS_NATT_NON_IKE)
		return pfkey_refuse(c, -EPROTONOSUPPORT, SADB_X_EXT_NAT_T_TYPE,
				    "X_NAT_T_TYPE: %u, the encapsulation of the drafts, which this kernel cannot receive: use %u, RFC 3948's",
				    type, SADB_X_NAT_T_NON_ESP);
	return 0;
}

int pfkey_take_natt(struct pfkey_cmd *c, struct klips_sa *sa)
{
	u8 type = type_of(&c->m);
	struct klips_natt *natt;
	int err;

	if (type == SADB_X_NAT_T_NONE)
		return 0;
	err = check_type(c, sa, type);
	if (err)
		return err;
	natt = kzalloc(sizeof(*natt), GFP_KERNEL_ACCOUNT);
	if (!natt)
		return -ENOMEM;
	spin_lock_init(&natt->lock);
	natt->type = type;
	natt->src.addr = sa->src;
	natt->src.port = port_of(&c->m, SADB_X_EXT_NAT_T_SPORT);
	natt->dst.addr = sa->said.dst;
	natt->dst.port = port_of(&c->m, SADB_X_EXT_NAT_T_DPORT);
	RCU_INIT_POINTER(sa->natt, natt);	/* sa_free() has it now, whatever follows */
	return take_others(c, sa, natt);
}

/* The mapping that the message makes of the one there is, or ERR_PTR. */
static struct klips_natt *moved(struct pfkey_cmd *c, const struct klips_sa *sa,
				const struct klips_natt *old)
{
	struct klips_natt *natt = kmemdup(old, sizeof(*old), GFP_KERNEL_ACCOUNT);
	int err;

	if (!natt)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&natt->lock);
	natt->told_at = 0;
	if (has(&c->m, SADB_X_EXT_NAT_T_SPORT))
		natt->src.port = port_of(&c->m, SADB_X_EXT_NAT_T_SPORT);
	if (has(&c->m, SADB_X_EXT_NAT_T_DPORT))
		natt->dst.port = port_of(&c->m, SADB_X_EXT_NAT_T_DPORT);
	err = take_address(c, SADB_EXT_ADDRESS_SRC, sa, &natt->src.addr);
	if (!err)
		err = take_others(c, sa, natt);
	if (!err)
		return natt;
	kfree(natt);
	return ERR_PTR(err);
}

int pfkey_move_natt(struct pfkey_cmd *c, struct klips_sa *sa)
{
	struct klips_natt *old, *natt;

	lockdep_assert_held(&c->net->lock);
	old = rcu_dereference_protected(sa->natt, lockdep_is_held(&c->net->lock));
	if (!old)
		return pfkey_refuse(c, -EINVAL, 0, "the SA is not in UDP, so it has no ports: make another SA");
	if (has(&c->m, SADB_X_EXT_NAT_T_TYPE) && type_of(&c->m) != old->type)
		return pfkey_refuse(c, -EINVAL, SADB_X_EXT_NAT_T_TYPE,
				    "X_NAT_T_TYPE: %u, but the SA has %u, which does not change",
				    type_of(&c->m), old->type);
	natt = moved(c, sa, old);
	if (IS_ERR(natt))
		return PTR_ERR(natt);
	rcu_assign_pointer(sa->natt, natt);
	kfree_rcu(old, rcu);
	dst_cache_reset(&sa->dst_cache);
	return 0;
}

static void put_port(struct pfkey_out *o, unsigned int ext, __be16 port)
{
	struct sadb_x_natt_port p = { .sadb_x_natt_port_port = (__force u16)port };

	pfkey_add(o, ext, &p, sizeof(p), NULL, 0);
}

void pfkey_put_natt(struct pfkey_out *o, const struct klips_sa *sa)
{
	struct sadb_x_natt_type type = { 0 };
	const struct klips_natt *natt;

	rcu_read_lock();
	natt = rcu_dereference(sa->natt);
	if (natt) {
		type.sadb_x_natt_type_type = natt->type;
		pfkey_add(o, SADB_X_EXT_NAT_T_TYPE, &type, sizeof(type), NULL, 0);
		put_port(o, SADB_X_EXT_NAT_T_SPORT, natt->src.port);
		put_port(o, SADB_X_EXT_NAT_T_DPORT, natt->dst.port);
		if (!klips_addr_is_any(&natt->oa))
			pfkey_put_address(o, SADB_X_EXT_NAT_T_OA, sa->said.family, &natt->oa, 0,
					  0);
		if (!klips_addr_equal(&natt->dst.addr, &sa->said.dst))
			pfkey_put_address(o, SADB_X_EXT_ADDRESS_DST2, sa->said.family,
					  &natt->dst.addr, 0, 0);
	}
	rcu_read_unlock();
}

/* SRC and SPORT are what the SA says, DST and DPORT where the packets now come from. */
void klips_pfkey_new_mapping(struct klips_sa *sa, const struct klips_natt *natt,
			     const struct klips_endpoint *from)
{
	u8 family = sa->said.family;
	struct pfkey_skb b;

	pfkey_skb_start(&b, MAPPING_ROOM, GFP_ATOMIC, SADB_X_NAT_T_NEW_MAPPING,
			pfkey_proto_to_satype(sa->said.proto), 0, 0);
	pfkey_put_said(&b.out, sa);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_SRC, family, &natt->src.addr, 0, natt->src.port);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_DST, family, &from->addr, 0, from->port);
	put_port(&b.out, SADB_X_EXT_NAT_T_SPORT, natt->src.port);
	put_port(&b.out, SADB_X_EXT_NAT_T_DPORT, from->port);
	pfkey_skb_to_all(&b, sa->net, 0);
}
