// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first packet: what %trap and %hold do.
 *
 * A packet that meets %trap becomes the first packet of a new %hold eroute for just
 * its pair of hosts (and protocol and ports, where the trap has them), and the key
 * daemon is asked, once, with ACQUIRE.  Where the trap has just this selector, and for
 * %trapsubnet always, the %hold takes its place, and gives it back in the end.
 *
 * Later packets of the flow meet %hold, which keeps the first of them and the latest
 * three.  When the daemon has decided, it replaces or deletes the %hold, and they go, in
 * the order in which they came, the way that the table then shows.  If that is again
 * %trap or %hold they are dropped: a packet is held once.
 *
 * A daemon that does not answer, or is no more, decides nothing: after net.ipsec.hold_seconds
 * the packets are dropped and the trap is in force again, so that the next one asks anew.
 * What a daemon has set itself, a %hold too, stays until a daemon changes it.
 *
 * A held packet keeps its device; whoever takes it out gives that reference back.
 */
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/klips.h"

#define AGE_STEP	10		/* seconds: how late hold_seconds may take effect */

static void drop_held(struct sk_buff *skb, enum klips_drop why)
{
	struct net_device *dev = skb->dev;

	KLIPS_CB(skb)->drop = why;
	klips_drop(skb);
	dev_put(dev);
}

/*
 * Make room for one more packet.  The lock is held.  Returns the packet that has to go, if
 * any, in *old.
 */
static int make_room(struct klips_eroutes *t, struct klips_eroute *er, struct sk_buff **old)
{
	if (skb_queue_len(&er->held) >= KLIPS_HOLD_PACKETS) {
		*old = skb_queue_next(&er->held, skb_peek(&er->held));
		__skb_unlink(*old, &er->held);
		return 0;
	}
	if (atomic_inc_return(&t->held) <= KLIPS_HELD_MAX)
		return 0;
	atomic_dec(&t->held);
	return -ENOSPC;
}

/* Keep the packet. */
static int hold(struct klips_eroute *er, struct sk_buff *skb)
{
	struct klips_eroutes *t = &KLIPS_CB(skb)->net->eroutes;
	struct sk_buff *old = NULL;
	int err = -EAGAIN;

	skb_dst_force(skb);
	spin_lock_bh(&er->lock);
	if (!er->gone)
		err = make_room(t, er, &old);
	if (!err) {
		dev_hold(skb->dev);
		__skb_queue_tail(&er->held, skb);
	}
	spin_unlock_bh(&er->lock);
	if (old)
		drop_held(old, KLIPS_DROP_HOLD);
	return err == -ENOSPC ? klips_fail(skb, KLIPS_DROP_HOLDFULL) : err;
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
	er->owner = trap->owner;
	atomic64_set(&er->packets, 1);
	if (klips_eroute_copy_idents(er, trap))
		return er;
	klips_eroute_free(er);
	return NULL;
}

/* Look after the holds as long as there are any. */
static void arm(struct klips_net *kn)
{
	u32 seconds = READ_ONCE(kn->hold_seconds);

	queue_delayed_work(klips_wq, &kn->eroutes.ageing,
			   (seconds && seconds < AGE_STEP ? seconds : AGE_STEP) * HZ);
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
			return -EAGAIN;
		return klips_fail(skb, err == -ENOSPC ? KLIPS_DROP_HOLDFULL : KLIPS_DROP_NOMEM);
	}
	arm(kn);
	/* In the hold before the daemon can know.  RCU keeps er, should it be deleted already. */
	err = hold(er, skb);
	if (klips_pfkey_acquire(kn, trap_er, flow))
		atomic_inc(&kn->traps_sent);
	else
		klips_eroute_unhold(kn, er);		/* so that the next packet asks again */
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

/* Take the packets out, those of dev only unless that is NULL.  Its lock is held. */
static void take(struct klips_eroutes *t, struct klips_eroute *er, const struct net_device *dev,
		 struct sk_buff_head *out)
{
	struct sk_buff *skb, *next;

	__skb_queue_head_init(out);
	skb_queue_walk_safe(&er->held, skb, next) {
		if (dev && skb->dev != dev)
			continue;
		__skb_unlink(skb, &er->held);
		__skb_queue_tail(out, skb);
		atomic_dec(&t->held);
	}
}

/* No more packets for er, which is no longer in the table; out gets those it has. */
static void close_hold(struct klips_eroutes *t, struct klips_eroute *er, struct sk_buff_head *out)
{
	spin_lock_bh(&er->lock);
	er->gone = true;
	take(t, er, NULL, out);
	spin_unlock_bh(&er->lock);
}

void klips_acquire_release(struct klips_net *kn, struct klips_eroute *er)
{
	struct sk_buff_head packets;
	struct sk_buff *skb;

	close_hold(&kn->eroutes, er, &packets);
	while ((skb = __skb_dequeue(&packets)))
		klips_xmit_held(skb);
}

void klips_acquire_forget(struct klips_net *kn, const struct net_device *dev)
{
	struct sk_buff_head packets;
	struct klips_eroute *er;
	struct sk_buff *skb;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&kn->eroutes.all, id, er) {
		if (er->shunt != KLIPS_SHUNT_HOLD)
			continue;
		spin_lock_bh(&er->lock);
		take(&kn->eroutes, er, dev, &packets);
		spin_unlock_bh(&er->lock);
		while ((skb = __skb_dequeue(&packets)))
			drop_held(skb, KLIPS_DROP_HOLD);
	}
	rcu_read_unlock();
}

static void give_up(struct klips_net *kn, struct klips_eroute *er)
{
	struct sk_buff_head packets;
	struct sk_buff *skb;

	atomic_inc(&kn->eroutes.aged);
	close_hold(&kn->eroutes, er, &packets);
	local_bh_disable();
	while ((skb = __skb_dequeue(&packets)))
		drop_held(skb, KLIPS_DROP_HOLDAGED);
	local_bh_enable();
	klips_eroute_free_later(er);
}

void klips_acquire_age(struct work_struct *work)
{
	struct klips_net *kn = container_of(to_delayed_work(work), struct klips_net,
					    eroutes.ageing);
	u32 seconds = READ_ONCE(kn->hold_seconds);
	struct klips_eroute *er;

	while (seconds && (er = klips_eroute_take_aged(kn, seconds))) {
		give_up(kn, er);
		cond_resched();
	}
	if (!list_empty_careful(&kn->eroutes.holds))
		arm(kn);
}
