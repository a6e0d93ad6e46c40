// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eroutes: which packets go into which SA, or meet which shunt.
 *
 * Tuple-space search: all eroutes are in one hash table, by selector; the shapes that
 * occur among them are in a list, the most specific first.  A look-up widens the
 * packet's flow to one shape after the other and probes the table, so the first hit is
 * the right one, and its cost is the number of shapes, not of eroutes.
 *
 * Readers are packets, under RCU.  Writers hold the table's spinlock: PF_KEY, and
 * packets that met %trap.  Replacing is atomic: at no time is there no eroute.
 *
 * RFC 4301 section 4.4.1: the ordered SPD; here the order is the specificity.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/klips.h"

/* As much of a packet as klips_flow_parse() may want to see. */
#define FLOW_HEAD	128

struct eroute_shape {
	struct list_head list;
	struct klips_shape shape;
	unsigned int count;		/* eroutes of this shape */
	struct rcu_head rcu;
};

static const struct rhashtable_params eroute_params = {
	.key_len = sizeof(struct klips_selector),
	.key_offset = offsetof(struct klips_eroute, sel),
	.head_offset = offsetof(struct klips_eroute, node),
	.automatic_shrinking = true,
};

int klips_flow_of(struct sk_buff *skb, struct klips_selector *flow)
{
	if (!pskb_may_pull(skb, min_t(unsigned int, skb->len, FLOW_HEAD)))
		return -EINVAL;
	return klips_flow_parse(skb->data, skb_headlen(skb), skb->len, flow) < 0 ? -EINVAL : 0;
}

struct klips_eroute *klips_eroute_find(struct klips_net *kn, const struct klips_selector *flow)
{
	struct eroute_shape *s;

	list_for_each_entry_rcu(s, &kn->eroutes.shapes, list) {
		struct klips_selector key;
		struct klips_eroute *er;

		if (s->shape.family != flow->family)
			continue;
		key = klips_selector_widen(flow, &s->shape);
		er = rhashtable_lookup(&kn->eroutes.routes, &key, eroute_params);
		if (er)
			return er;
	}
	return NULL;
}

struct klips_eroute *klips_eroute_exact(struct klips_net *kn, const struct klips_selector *sel)
{
	return rhashtable_lookup(&kn->eroutes.routes, sel, eroute_params);
}

const char *klips_eroute_target(const struct klips_eroute *er, char *text)
{
	return er->shunt ? klips_shunt_name(er->shunt) : klips_said_text(&er->said, text);
}

void klips_prefix_text(char *text, size_t size, u8 family, const union klips_addr *addr, u8 bits,
		       __be16 port)
{
	int n;

	if (family == AF_INET6)
		n = scnprintf(text, size, "%pI6c/%u", addr, bits);
	else
		n = scnprintf(text, size, "%pI4/%u", addr, bits);
	if (port)
		scnprintf(text + n, size - n, ":%u", ntohs(port));
}

const char *klips_selector_text(const struct klips_selector *sel, char *text)
{
	size_t n;

	klips_prefix_text(text, KLIPS_SELECTOR_TEXT, sel->family, &sel->src, sel->src_bits,
			  sel->sport);
	n = strlen(text);
	n += scnprintf(text + n, KLIPS_SELECTOR_TEXT - n, " -> ");
	klips_prefix_text(text + n, KLIPS_SELECTOR_TEXT - n, sel->family, &sel->dst,
			  sel->dst_bits, sel->dport);
	n = strlen(text);
	if (sel->proto)
		scnprintf(text + n, KLIPS_SELECTOR_TEXT - n, " protocol %u", sel->proto);
	return text;
}

struct klips_eroute *klips_eroute_new(const struct klips_selector *sel, gfp_t gfp)
{
	struct klips_eroute *er = kzalloc(sizeof(*er), gfp);

	if (!er)
		return NULL;
	er->sel = *sel;
	er->born = ktime_get_boottime_seconds();
	spin_lock_init(&er->lock);
	__skb_queue_head_init(&er->held);
	INIT_LIST_HEAD(&er->hold);
	return er;
}

bool klips_eroute_copy_idents(struct klips_eroute *to, const struct klips_eroute *from)
{
	to->src_ident_type = from->src_ident_type;
	to->dst_ident_type = from->dst_ident_type;
	to->src_ident = kstrdup(from->src_ident, GFP_ATOMIC);	/* NULL of NULL */
	to->dst_ident = kstrdup(from->dst_ident, GFP_ATOMIC);
	return !from->src_ident == !to->src_ident && !from->dst_ident == !to->dst_ident;
}

void klips_eroute_free(struct klips_eroute *er)
{
	kfree(er->src_ident);
	kfree(er->dst_ident);
	kfree(er);
}

static void eroute_free_rcu(struct rcu_head *rcu)
{
	klips_eroute_free(container_of(rcu, struct klips_eroute, rcu));
}

void klips_eroute_free_later(struct klips_eroute *er)
{
	call_rcu(&er->rcu, eroute_free_rcu);
}

/* Count one more eroute of this shape. */
static int shape_get(struct klips_eroutes *t, const struct klips_shape *shape)
{
	struct list_head *before = &t->shapes;
	struct eroute_shape *s, *new;
	int cmp;

	list_for_each_entry(s, &t->shapes, list) {
		cmp = klips_shape_cmp(shape, &s->shape);
		if (!cmp) {
			s->count++;
			return 0;
		}
		if (cmp < 0) {
			before = &s->list;
			break;
		}
	}
	if (t->nshapes >= KLIPS_SHAPE_MAX)
		return -ENOSPC;
	new = kzalloc(sizeof(*new), GFP_ATOMIC);
	if (!new)
		return -ENOMEM;
	new->shape = *shape;
	new->count = 1;
	list_add_tail_rcu(&new->list, before);
	t->nshapes++;
	return 0;
}

static void shape_put(struct klips_eroutes *t, const struct klips_shape *shape)
{
	struct eroute_shape *s;

	list_for_each_entry(s, &t->shapes, list) {
		if (klips_shape_cmp(shape, &s->shape))
			continue;
		if (!--s->count) {
			list_del_rcu(&s->list);
			t->nshapes--;
			kfree_rcu(s, rcu);
		}
		return;
	}
}

static void entered(struct klips_eroutes *t, struct klips_eroute *er)
{
	t->count++;
	if (er->shunt == KLIPS_SHUNT_HOLD)
		t->nholds++;
}

static void left(struct klips_eroutes *t, struct klips_eroute *er)
{
	WRITE_ONCE(er->entered, false);
	t->count--;
	list_del_init(&er->hold);
	if (er->shunt == KLIPS_SHUNT_HOLD)
		t->nholds--;
}

/* It is out of the table: send what it held on its way, and free it when none looks at it. */
static void retire(struct klips_net *kn, struct klips_eroute *er)
{
	klips_acquire_release(kn, er);
	klips_eroute_free_later(er);
}

static int insert(struct klips_eroutes *t, struct klips_eroute *er)
{
	struct klips_shape shape = klips_shape_of(&er->sel);
	int err;

	if (t->count >= KLIPS_EROUTE_MAX ||
	    (er->shunt == KLIPS_SHUNT_HOLD && t->nholds >= KLIPS_HOLD_MAX))
		return -ENOSPC;
	err = xa_alloc_cyclic(&t->all, &er->id, NULL, xa_limit_32b, &t->last_id, GFP_ATOMIC);
	if (err < 0)
		return err == -EBUSY ? -ENOSPC : err;
	err = shape_get(t, &shape);
	if (err)
		goto no_shape;
	WRITE_ONCE(er->entered, true);		/* before a packet can find it */
	err = rhashtable_lookup_insert_fast(&t->routes, &er->node, eroute_params);
	if (err)
		goto no_place;
	xa_store(&t->all, er->id, er, GFP_ATOMIC);	/* what is reserved needs no allocation */
	entered(t, er);
	return 0;

no_place:
	WRITE_ONCE(er->entered, false);
	shape_put(t, &shape);
no_shape:
	xa_release(&t->all, er->id);
	return err;
}

static void take_out(struct klips_eroutes *t, struct klips_eroute *er)
{
	struct klips_shape shape = klips_shape_of(&er->sel);

	rhashtable_remove_fast(&t->routes, &er->node, eroute_params);
	xa_erase(&t->all, er->id);
	shape_put(t, &shape);
	left(t, er);
}

/* Put er in the place of old, or, if that is NULL, where nothing was. */
static int put_in(struct klips_eroutes *t, struct klips_eroute *er, struct klips_eroute *old)
{
	int err;

	if (!old)
		return insert(t, er);
	er->id = old->id;
	WRITE_ONCE(er->entered, true);
	err = rhashtable_replace_fast(&t->routes, &old->node, &er->node, eroute_params);
	if (err) {
		WRITE_ONCE(er->entered, false);
		return err;
	}
	xa_store(&t->all, er->id, er, GFP_ATOMIC);	/* where one is: no allocation */
	left(t, old);
	entered(t, er);
	return 0;
}

int klips_eroute_add(struct klips_net *kn, struct klips_eroute *er, bool replace)
{
	struct klips_eroutes *t = &kn->eroutes;
	struct klips_eroute *old = NULL;
	int err;

	spin_lock_bh(&t->lock);
	if (replace)
		old = rhashtable_lookup_fast(&t->routes, &er->sel, eroute_params);
	err = put_in(t, er, old);
	spin_unlock_bh(&t->lock);
	if (!err && old)
		retire(kn, old);
	return err;
}

/*
 * The packet looked the trap up without a lock.  What the daemon has decided since must
 * not be overruled: a trap that is gone makes no %hold any more.
 */
int klips_eroute_add_hold(struct klips_net *kn, struct klips_eroute *er,
			  const struct klips_eroute *trap)
{
	struct klips_eroutes *t = &kn->eroutes;
	struct klips_eroute *old = NULL;
	int err = -EEXIST;

	spin_lock_bh(&t->lock);
	if (trap->entered) {
		if (!memcmp(&trap->sel, &er->sel, sizeof(er->sel))) {
			old = rhashtable_lookup_fast(&t->routes, &trap->sel, eroute_params);
			er->back = trap->shunt;
		}
		err = put_in(t, er, old);
	}
	if (!err)
		list_add_tail(&er->hold, &t->holds);
	spin_unlock_bh(&t->lock);
	if (!err && old)
		retire(kn, old);
	return err;
}

/* The trap that a %hold was made of, to take its place again; NULL: no memory. */
static struct klips_eroute *trap_of(const struct klips_eroute *hold)
{
	struct klips_eroute *er = klips_eroute_new(&hold->sel, GFP_ATOMIC);

	if (!er)
		return NULL;
	er->shunt = hold->back;
	er->said = hold->said;
	er->owner = hold->owner;
	atomic64_set(&er->packets, atomic64_read(&hold->packets));
	if (klips_eroute_copy_idents(er, hold))
		return er;
	klips_eroute_free(er);
	return NULL;
}

/* Back to the state before the packet came.  The lock is held. */
static int unhold(struct klips_eroutes *t, struct klips_eroute *er)
{
	struct klips_eroute *trap;
	int err;

	if (!er->back) {
		take_out(t, er);
		return 0;
	}
	trap = trap_of(er);
	if (!trap)
		return -ENOMEM;
	err = put_in(t, trap, er);
	if (err)
		klips_eroute_free(trap);
	return err;
}

int klips_eroute_unhold(struct klips_net *kn, struct klips_eroute *er)
{
	struct klips_eroutes *t = &kn->eroutes;
	int err = -ENOENT;

	spin_lock_bh(&t->lock);
	if (er->entered)
		err = unhold(t, er);
	spin_unlock_bh(&t->lock);
	if (!err)
		retire(kn, er);
	return err;
}

int klips_eroute_del_hold(struct klips_net *kn, const struct klips_selector *sel)
{
	struct klips_eroutes *t = &kn->eroutes;
	struct klips_eroute *er;
	int err = -ENOENT;

	spin_lock_bh(&t->lock);
	er = rhashtable_lookup_fast(&t->routes, sel, eroute_params);
	if (er && er->shunt == KLIPS_SHUNT_HOLD)
		err = unhold(t, er);
	spin_unlock_bh(&t->lock);
	if (!err)
		retire(kn, er);
	return err;
}

struct klips_eroute *klips_eroute_take_aged(struct klips_net *kn, u32 seconds)
{
	struct klips_eroutes *t = &kn->eroutes;
	struct klips_eroute *er;

	spin_lock_bh(&t->lock);
	er = list_first_entry_or_null(&t->holds, struct klips_eroute, hold);
	if (er && (ktime_get_boottime_seconds() - er->born < seconds || unhold(t, er)))
		er = NULL;
	spin_unlock_bh(&t->lock);
	return er;
}

bool klips_eroutes_have_ports(struct klips_net *kn)
{
	struct eroute_shape *s;

	list_for_each_entry_rcu(s, &kn->eroutes.shapes, list)
		if (s->shape.sport || s->shape.dport)
			return true;
	return false;
}

int klips_eroute_del(struct klips_net *kn, const struct klips_selector *sel)
{
	struct klips_eroutes *t = &kn->eroutes;
	struct klips_eroute *er;

	spin_lock_bh(&t->lock);
	er = rhashtable_lookup_fast(&t->routes, sel, eroute_params);
	if (er)
		take_out(t, er);
	spin_unlock_bh(&t->lock);
	if (!er)
		return -ENOENT;
	retire(kn, er);
	return 0;
}

void klips_eroute_end_hold(struct klips_net *kn, const struct klips_selector *flow)
{
	struct klips_eroute *er;

	rcu_read_lock();
	er = klips_eroute_find(kn, flow);
	if (er && er->shunt == KLIPS_SHUNT_HOLD)
		klips_eroute_unhold(kn, er);
	rcu_read_unlock();
}

/* No %pass may outlive the narrower eroute that kept a packet out of it. */
static void clear_pass(struct klips_eroutes *t)
{
	struct klips_eroute *er;
	unsigned long id;

	spin_lock_bh(&t->lock);
	xa_for_each(&t->all, id, er) {
		if (er->shunt != KLIPS_SHUNT_PASS)
			continue;
		take_out(t, er);
		klips_eroute_free_later(er);	/* it holds no packet */
	}
	spin_unlock_bh(&t->lock);
}

void klips_eroute_clear(struct klips_net *kn)
{
	struct klips_eroutes *t = &kn->eroutes;
	struct klips_eroute *er;
	unsigned long id;

	clear_pass(t);
	do {
		id = 0;
		spin_lock_bh(&t->lock);
		er = xa_find(&t->all, &id, U32_MAX, XA_PRESENT);
		if (er)
			take_out(t, er);
		spin_unlock_bh(&t->lock);
		if (er)
			retire(kn, er);
		cond_resched();
	} while (er);
}

int klips_eroutes_init(struct klips_net *kn)
{
	struct klips_eroutes *t = &kn->eroutes;

	INIT_LIST_HEAD(&t->shapes);
	xa_init_flags(&t->all, XA_FLAGS_ALLOC1);
	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->holds);
	INIT_DELAYED_WORK(&t->ageing, klips_acquire_age);
	return rhashtable_init(&t->routes, &eroute_params);
}

void klips_eroutes_exit(struct klips_net *kn)
{
	cancel_delayed_work_sync(&kn->eroutes.ageing);
	klips_eroute_clear(kn);
	rhashtable_destroy(&kn->eroutes.routes);
	xa_destroy(&kn->eroutes.all);
}
