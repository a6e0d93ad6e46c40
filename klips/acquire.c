// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first packet: what %trap and %hold do.
 *
 * A packet that meets %trap becomes the first packet of a new %hold eroute for just
 * its pair of hosts (and protocol and ports, where the trap has them), and the key
 * daemon is asked, once, with ACQUIRE.  Later packets of the flow meet %hold, which
 * keeps the last of them.  When the daemon has decided, it replaces or deletes the
 * %hold, and both packets go the way that the table then shows.  If that is again
 * %trap or %hold they are dropped: a packet is held once.
 *
 * %trapsubnet becomes %hold itself, with the width that it has.
 *
 * A held packet keeps its device; whoever takes it out gives that reference back.
 */
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/klips.h"

static void drop_held(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;

	KLIPS_CB(skb)->drop = KLIPS_DROP_HOLD;
	klips_drop(skb);
	dev_put(dev);
}

/* Keep the packet as the first or the last. */
static int hold(struct klips_eroute *er, struct sk_buff *skb)
{
	struct sk_buff *old = NULL;
	bool gone;

	skb_dst_force(skb);
	spin_lock_bh(&er->lock);
	gone = er->gone;
	if (!gone) {
		dev_hold(skb->dev);
		if (!er->first) {
			er->first = skb;
		} else {
			old = er->last;
			er->last = skb;
		}
	}
	spin_unlock_bh(&er->lock);
	if (gone)
		return klips_fail(skb, KLIPS_DROP_HOLD);
	if (old)
		drop_held(old);
	return 0;
}

/* The selector of the %hold that a flow makes out of this trap. */
static struct klips_selector narrow(const struct klips_eroute *trap,
				    const struct klips_selector *flow)
{
	struct klips_shape shape = klips_shape_of(&trap->sel);

	if (trap->shunt == KLIPS_SHUNT_TRAPSUBNET)
		return trap->sel;
	shape.src_bits = flow->src_bits;
	shape.dst_bits = flow->dst_bits;
	return klips_selector_widen(flow, &shape);
}

static struct klips_eroute *hold_new(const struct klips_eroute *trap,
				     const struct klips_selector *flow)
{
	struct klips_selector sel = narrow(trap, flow);
	struct klips_eroute *er = klips_eroute_new(&sel, GFP_ATOMIC);

	if (!er)
		return NULL;
	er->shunt = KLIPS_SHUNT_HOLD;
	er->said = trap->said;
	er->src_ident_type = trap->src_ident_type;
	er->dst_ident_type = trap->dst_ident_type;
	er->src_ident = kstrdup(trap->src_ident, GFP_ATOMIC);	/* NULL of NULL */
	er->dst_ident = kstrdup(trap->dst_ident, GFP_ATOMIC);
	atomic64_set(&er->packets, 1);
	return er;
}

/* The first packet of a flow: hold it, then ask. */
static int trap(struct klips_eroute *trap_er, const struct klips_selector *flow,
		struct sk_buff *skb)
{
	struct klips_net *kn = KLIPS_CB(skb)->net;
	struct klips_eroute *er;
	int err;

	atomic_inc(&kn->traps);
	if (!klips_pfkey_has_daemon(kn))
		return klips_fail(skb, KLIPS_DROP_NODAEMON);
	er = hold_new(trap_er, flow);
	if (!er)
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	err = klips_eroute_add_hold(kn, er, trap_er);
	if (err) {
		klips_eroute_free(er);
		if (err == -EEXIST)	/* another CPU, or the daemon, was first */
			return klips_fail(skb, KLIPS_DROP_HOLD);
		return klips_fail(skb, err == -ENOSPC ? KLIPS_DROP_HOLDFULL : KLIPS_DROP_NOMEM);
	}
	/* In the hold before the daemon can know.  RCU keeps er, should it be deleted already. */
	err = hold(er, skb);
	if (klips_pfkey_acquire(kn, trap_er, flow))
		atomic_inc(&kn->traps_sent);
	else if (trap_er->shunt == KLIPS_SHUNT_TRAP)
		klips_eroute_del(kn, &er->sel);		/* so that the next packet asks again */
	return err;
}

int klips_acquire(struct klips_eroute *er, const struct klips_selector *flow, struct sk_buff *skb)
{
	if (KLIPS_CB(skb)->held)
		return klips_fail(skb, KLIPS_DROP_HOLD);
	if (er->shunt == KLIPS_SHUNT_HOLD)
		return hold(er, skb);
	return trap(er, flow, skb);
}

/* Take both packets out, those of dev only unless that is NULL. */
static void take(struct klips_eroute *er, const struct net_device *dev,
		 struct sk_buff **first, struct sk_buff **last)
{
	*first = NULL;
	*last = NULL;
	if (er->first && (!dev || er->first->dev == dev))
		swap(*first, er->first);
	if (er->last && (!dev || er->last->dev == dev))
		swap(*last, er->last);
}

void klips_acquire_release(struct klips_eroute *er)
{
	struct sk_buff *first, *last;

	spin_lock_bh(&er->lock);
	er->gone = true;
	take(er, NULL, &first, &last);
	spin_unlock_bh(&er->lock);
	if (first)
		klips_xmit_held(first);
	if (last)
		klips_xmit_held(last);
}

void klips_acquire_forget(struct klips_net *kn, const struct net_device *dev)
{
	struct sk_buff *first, *last;
	struct klips_eroute *er;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&kn->eroutes.all, id, er) {
		spin_lock_bh(&er->lock);
		take(er, dev, &first, &last);
		spin_unlock_bh(&er->lock);
		if (first)
			drop_held(first);
		if (last)
			drop_held(last);
	}
	rcu_read_unlock();
}
