// SPDX-License-Identifier: GPL-2.0-only
/*
 * PF_KEY commands about eroutes: X_ADDFLOW, X_DELFLOW.
 *
 * X_ADDFLOW makes an eroute to an SA, or, with SA type INT and a magic SPI, a shunt.
 * With the flag REPLACEFLOW it takes the place of one that is there, in one step, and
 * packets held by that one go the new way.  With the flag INFLOW it makes no eroute
 * but sets what may come out of an inbound bundle, a tunnel or not.
 *
 * X_DELFLOW deletes what has the selector, or, with the SAID of %hold, only a %hold.
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
static int take_selector(struct pfkey_cmd *c, struct klips_selector *sel)
{
	const struct pfkey_msg *m = &c->m;
	struct klips_selector flow = { 0 };
	struct klips_shape shape;
	union klips_addr mask;
	__be16 unused;

	flow.family = pfkey_take_address(m, SADB_X_EXT_ADDRESS_SRC_FLOW, &flow.src, &flow.sport);
	pfkey_take_address(m, SADB_X_EXT_ADDRESS_DST_FLOW, &flow.dst, &flow.dport);
	/* That the masks are ones, then zeros, and of that family, has been checked. */
	pfkey_take_address(m, SADB_X_EXT_ADDRESS_SRC_MASK, &mask, &unused);
	flow.src_bits = klips_mask_bits(flow.family, &mask);
	pfkey_take_address(m, SADB_X_EXT_ADDRESS_DST_MASK, &mask, &unused);
	flow.dst_bits = klips_mask_bits(flow.family, &mask);
	if (m->present & PFKEY_BIT(SADB_X_EXT_PROTOCOL))
		flow.proto = pfkey_get(m, SADB_X_EXT_PROTOCOL,
				       sadb_x_protocol)->sadb_x_protocol_proto;

	/* Host bits are cut off, as ever. */
	shape = klips_shape_of(&flow);
	*sel = klips_selector_widen(&flow, &shape);
	if (klips_selector_valid(sel))
		return 0;
	return pfkey_refuse(c, -EINVAL, SADB_X_EXT_PROTOCOL, "X_PROTOCOL: ports %u and %u, but protocol %u has none: name one that has, 6 or 17",
			    ntohs(sel->sport), ntohs(sel->dport), sel->proto);
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
static int take_target(struct pfkey_cmd *c, struct klips_eroute *er)
{
	unsigned int satype = c->m.base->sadb_msg_satype;

	pfkey_take_said(&c->m, satype, SADB_EXT_SA, SADB_EXT_ADDRESS_DST, &er->said);
	if (satype != SADB_X_SATYPE_INT)
		return 0;
	er->shunt = klips_shunt_of_spi(ntohl(er->said.spi));
	if (er->shunt)
		return 0;
	return pfkey_refuse(c, -EINVAL, SADB_EXT_SA, "SA: sadb_sa_spi is %u, which is no shunt: must be %u, %%pass, to %u, %%trapsubnet",
			    ntohl(er->said.spi), SPI_PASS, SPI_TRAPSUBNET);
}

static int refuse_overdrawn(struct pfkey_cmd *c, const struct klips_said *said)
{
	char text[KLIPS_SAID_TEXT];

	return pfkey_refuse(c, -EKEYEXPIRED, SADB_EXT_SA, "SA: %s, or its bundle, has all the flows that its hard limit of allocations permits, and ends now: make another",
			    klips_said_text(said, text));
}

/* What may come out of the bundle that the SA belongs to. */
static int set_policy(struct pfkey_cmd *c, const struct klips_selector *sel)
{
	char text[KLIPS_SAID_TEXT];
	struct klips_said said;
	struct klips_sa *sa;
	int err = -ENOENT;

	pfkey_take_said(&c->m, c->m.base->sadb_msg_satype, SADB_EXT_SA, SADB_EXT_ADDRESS_DST,
			&said);
	mutex_lock(&c->net->lock);
	sa = klips_sadb_find(c->net, &said);
	if (!sa)
		err = pfkey_refuse(c, -ENOENT, SADB_EXT_SA, "SA: there is no %s: ipsec spi lists what there is",
				   klips_said_text(&said, text));
	else if (!klips_sadb_has_policy(sa, sel) && !klips_life_allocate(sa))
		err = refuse_overdrawn(c, &said);
	else
		err = klips_sadb_set_policy(sa, sel);
	mutex_unlock(&c->net->lock);
	if (sa)
		klips_sa_put(sa);
	return err;
}

static int refuse_taken(struct pfkey_cmd *c, const struct klips_selector *sel)
{
	char text[KLIPS_SELECTOR_TEXT], said[KLIPS_SAID_TEXT];
	const struct klips_eroute *er;

	klips_selector_text(sel, text);
	rcu_read_lock();
	er = klips_eroute_exact(c->net, sel);
	if (er && list_empty_careful(&er->hold))
		pfkey_refuse(c, -EEXIST, 0, "%s leads to %s since %lld seconds, made by %s[%d]: delete it, or use --replace",
			     text, klips_eroute_target(er, said),
			     ktime_get_boottime_seconds() - er->born, er->owner.comm,
			     er->owner.pid);
	else if (er)
		pfkey_refuse(c, -EEXIST, 0, "%s is held since %lld seconds, waiting for a key manager: use --replace",
			     text, ktime_get_boottime_seconds() - er->born);
	rcu_read_unlock();
	return -EEXIST;
}

static int refuse_full(struct pfkey_cmd *c)
{
	return pfkey_refuse(c, -ENOSPC, 0, "this network namespace has %u eroutes of %u, of %u different shapes of %u: delete some",
			    READ_ONCE(c->net->eroutes.count), KLIPS_EROUTE_MAX,
			    READ_ONCE(c->net->eroutes.nshapes), KLIPS_SHAPE_MAX);
}

static bool has_eroute(struct klips_net *kn, const struct klips_selector *sel)
{
	bool found;

	rcu_read_lock();
	found = klips_eroute_exact(kn, sel);
	rcu_read_unlock();
	return found;
}

/* Does an eroute of this selector lead to this SA already? */
static bool leads_there(struct klips_net *kn, const struct klips_eroute *new)
{
	const struct klips_eroute *er;
	bool same;

	rcu_read_lock();
	er = klips_eroute_exact(kn, &new->sel);
	same = er && !er->shunt && !memcmp(&er->said, &new->said, sizeof(er->said));
	rcu_read_unlock();
	return same;
}

/* Enter a complete eroute; its SA, if it is there, gets one flow more. */
static int enter(struct pfkey_cmd *c, struct klips_eroute *er)
{
	bool replace = flags_of(c) & SADB_X_SAFLAGS_REPLACEFLOW;
	struct klips_sa *sa = NULL;
	int err = 0;

	if (er->shunt)
		return klips_eroute_add(c->net, er, replace);
	mutex_lock(&c->net->lock);
	if (replace ? !leads_there(c->net, er) : !has_eroute(c->net, &er->sel))
		sa = klips_sadb_find(c->net, &er->said);
	if (sa && !klips_life_allocate(sa))
		err = refuse_overdrawn(c, &er->said);
	if (!err)
		err = klips_eroute_add(c->net, er, replace);
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
	pfkey_take_owner(&er->owner);
	err = take_target(c, er);
	if (!err)
		err = take_ident(&c->m, SADB_EXT_IDENTITY_SRC, &er->src_ident, &er->src_ident_type);
	if (!err)
		err = take_ident(&c->m, SADB_EXT_IDENTITY_DST, &er->dst_ident, &er->dst_ident_type);
	if (!err)
		err = enter(c, er);
	if (err)
		klips_eroute_free(er);
	if (err == -EEXIST)
		return refuse_taken(c, sel);
	return err == -ENOSPC ? refuse_full(c) : err;
}

int pfkey_addflow(struct pfkey_cmd *c)
{
	struct klips_selector sel;
	int err;

	err = take_selector(c, &sel);
	if (!err)
		err = flags_of(c) & SADB_X_SAFLAGS_INFLOW ? set_policy(c, &sel) : add(c, &sel);
	return err ? err : pfkey_echo(c);
}

/*
 * Is it the SAID of %hold that is to be deleted?  Then nothing else will do: where a %hold has
 * taken a trap's place, or the daemon has put an SA there since, that stays.
 */
static bool names_hold(const struct pfkey_cmd *c)
{
	return c->m.base->sadb_msg_satype == SADB_X_SATYPE_INT &&
	       (c->m.present & PFKEY_BIT(SADB_EXT_SA)) &&
	       pfkey_get(&c->m, SADB_EXT_SA, sadb_sa)->sadb_sa_spi == (__force u32)htonl(SPI_HOLD);
}

int pfkey_delflow(struct pfkey_cmd *c)
{
	char text[KLIPS_SELECTOR_TEXT];
	struct klips_selector sel;
	int err;

	if (flags_of(c) & SADB_X_SAFLAGS_CLEARFLOW) {
		klips_eroute_clear(c->net);
		return pfkey_echo(c);
	}
	err = take_selector(c, &sel);
	if (err)
		return err;
	if (names_hold(c))
		err = klips_eroute_del_hold(c->net, &sel);
	else
		err = klips_eroute_del(c->net, &sel);
	if (err == -ENOENT && names_hold(c))
		return pfkey_refuse(c, err, 0, "there is no %%hold for exactly %s",
				    klips_selector_text(&sel, text));
	if (err == -ENOENT)
		return pfkey_refuse(c, err, 0, "there is no eroute for exactly %s: ipsec eroute lists what there is",
				    klips_selector_text(&sel, text));
	return err ? err : pfkey_echo(c);
}
