// SPDX-License-Identifier: GPL-2.0-only
/*
 * PF_KEY commands about eroutes: X_ADDFLOW, X_DELFLOW.
 *
 * X_ADDFLOW makes an eroute to an SA, or, with SA type INT and a magic SPI, a shunt.
 * With the flag REPLACEFLOW it takes the place of one that is there, in one step, and
 * packets held by that one go the new way.  With the flag INFLOW it makes no eroute
 * but sets what may come out of an inbound tunnel.
 */
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/pfkey_sock.h"

static u32 flags_of(const struct pfkey_cmd *c)
{
	if (!(c->m.present & PFKEY_BIT(SADB_EXT_SA)))
		return 0;
	return pfkey_get(&c->m, SADB_EXT_SA, sadb_sa)->sadb_sa_flags;
}

/* The selector that the four flow extensions make, and the protocol. */
static int take_selector(const struct pfkey_msg *m, struct klips_selector *sel)
{
	struct klips_selector flow = { 0 };
	struct klips_shape shape;
	union klips_addr mask;
	__be16 unused;
	int src_bits, dst_bits;

	flow.family = pfkey_take_address(m, SADB_X_EXT_ADDRESS_SRC_FLOW, &flow.src, &flow.sport);
	pfkey_take_address(m, SADB_X_EXT_ADDRESS_DST_FLOW, &flow.dst, &flow.dport);
	pfkey_take_address(m, SADB_X_EXT_ADDRESS_SRC_MASK, &mask, &unused);
	src_bits = klips_mask_bits(flow.family, &mask);
	pfkey_take_address(m, SADB_X_EXT_ADDRESS_DST_MASK, &mask, &unused);
	dst_bits = klips_mask_bits(flow.family, &mask);
	if (src_bits < 0 || dst_bits < 0)
		return -EINVAL;
	if (m->present & PFKEY_BIT(SADB_X_EXT_PROTOCOL))
		flow.proto = pfkey_get(m, SADB_X_EXT_PROTOCOL,
				       sadb_x_protocol)->sadb_x_protocol_proto;

	/* Host bits are cut off, as ever. */
	flow.src_bits = src_bits;
	flow.dst_bits = dst_bits;
	shape = klips_shape_of(&flow);
	*sel = klips_selector_widen(&flow, &shape);
	return klips_selector_valid(sel) ? 0 : -EINVAL;
}

static int take_ident(const struct pfkey_msg *m, unsigned int ext, char **text, u8 *type)
{
	if (!(m->present & PFKEY_BIT(ext)))
		return 0;
	*type = pfkey_get(m, ext, sadb_ident)->sadb_ident_type;
	*text = kstrdup(pfkey_ident(m->ext[ext]), GFP_KERNEL_ACCOUNT);
	return *text ? 0 : -ENOMEM;
}

/* Where the eroute leads: an SA, or a shunt. */
static int take_target(const struct pfkey_cmd *c, struct klips_eroute *er)
{
	unsigned int satype = c->m.base->sadb_msg_satype;

	pfkey_take_said(&c->m, satype, SADB_EXT_SA, SADB_EXT_ADDRESS_DST, &er->said);
	if (satype != SADB_X_SATYPE_INT)
		return er->said.family == AF_INET ? 0 : -EAFNOSUPPORT;
	er->shunt = klips_shunt_of_spi(ntohl(er->said.spi));
	return er->shunt ? 0 : -EINVAL;
}

/* What may come out of the tunnel that the SA belongs to. */
static int set_policy(struct pfkey_cmd *c, const struct klips_selector *sel)
{
	struct klips_said said;
	struct klips_sa *sa;
	int err = -ENOENT;

	pfkey_take_said(&c->m, c->m.base->sadb_msg_satype, SADB_EXT_SA, SADB_EXT_ADDRESS_DST,
			&said);
	mutex_lock(&c->net->lock);
	sa = klips_sadb_find(c->net, &said);
	if (sa)
		err = klips_sadb_set_policy(sa, sel);
	mutex_unlock(&c->net->lock);
	if (sa)
		klips_sa_put(sa);
	return err;
}

static int add(struct pfkey_cmd *c, const struct klips_selector *sel)
{
	struct klips_eroute *er = klips_eroute_new(sel, GFP_KERNEL_ACCOUNT);
	int err;

	if (!er)
		return -ENOMEM;
	err = take_target(c, er);
	if (!err)
		err = take_ident(&c->m, SADB_EXT_IDENTITY_SRC, &er->src_ident, &er->src_ident_type);
	if (!err)
		err = take_ident(&c->m, SADB_EXT_IDENTITY_DST, &er->dst_ident, &er->dst_ident_type);
	if (!err)
		err = klips_eroute_add(c->net, er, flags_of(c) & SADB_X_SAFLAGS_REPLACEFLOW);
	if (err)
		klips_eroute_free(er);
	return err;
}

int pfkey_addflow(struct pfkey_cmd *c)
{
	struct klips_selector sel;
	int err;

	err = take_selector(&c->m, &sel);
	if (!err)
		err = flags_of(c) & SADB_X_SAFLAGS_INFLOW ? set_policy(c, &sel) : add(c, &sel);
	return err ? err : pfkey_echo(c);
}

int pfkey_delflow(struct pfkey_cmd *c)
{
	struct klips_selector sel;
	int err;

	if (flags_of(c) & SADB_X_SAFLAGS_CLEARFLOW) {
		klips_eroute_clear(c->net);
		return pfkey_echo(c);
	}
	err = take_selector(&c->m, &sel);
	if (!err)
		err = klips_eroute_del(c->net, &sel);
	return err ? err : pfkey_echo(c);
}
