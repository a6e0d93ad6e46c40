// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SA database: SAs by SAID, RFC 4301 section 4.4.2.
 *
 * Packets look up under RCU and get a reference; changes hold klips_net.lock.  An SA
 * is in the hash table and in an array by id, which /proc and DUMP walk.  The
 * table holds a reference, and so does each neighbour in a bundle.
 *
 * Deleting one SA deletes its whole bundle, so that a tunnel header can never outlive
 * the encryption around it.  Order matters to packets under way: first all are marked
 * dead, then the links go.
 *
 * The last reference may go in a softirq; what must sleep (crypto) happens in a work
 * item after a grace period.
 */
#include <linux/inetdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "klips/compat.h"
#include "klips/xform.h"

static const struct rhashtable_params sadb_params = {
	.key_len = sizeof(struct klips_said),
	.key_offset = offsetof(struct klips_sa, said),
	.head_offset = offsetof(struct klips_sa, node),
	.automatic_shrinking = true,
};

/* Random SPIs tried before a range is called full. */
#define SPI_TRIES	256

const char *klips_said_text(const struct klips_said *said, char *text)
{
	const struct klips_xform *xform = klips_xform_find(said->proto);
	const char *name = xform ? xform->name : "unk";

	if (said->family == AF_INET6)
		snprintf(text, KLIPS_SAID_TEXT, "%s0x%x@%pI6c", name, ntohl(said->spi),
			 &said->dst);
	else
		snprintf(text, KLIPS_SAID_TEXT, "%s0x%x@%pI4", name, ntohl(said->spi),
			 &said->dst);
	return text;
}

static void sa_free(struct work_struct *work)
{
	struct klips_sa *sa = container_of(to_rcu_work(work), struct klips_sa, free);
	struct klips_net *kn = sa->net;

	sa->xform->destroy(sa);
	dst_cache_destroy(&sa->dst_cache);
	kfree(rcu_dereference_protected(sa->policy, true));	/* nobody else is left */
	kfree(rcu_dereference_protected(sa->natt, true));
	kvfree(sa->replay);
	kfree(sa->kept);
	kfree_sensitive(sa);
	if (atomic_dec_and_test(&kn->alive))
		wake_up(&kn->all_freed);
}

void klips_sa_put(struct klips_sa *sa)
{
	if (refcount_dec_and_test(&sa->ref))
		queue_rcu_work(klips_wq, &sa->free);
}

/* Is the SA's destination an address of ours? */
static bool is_inbound(struct klips_net *kn, const struct klips_said *said)
{
	if (said->family == AF_INET)
		return inet_addr_type(kn->net, said->dst.v4) == RTN_LOCAL;
	return ipv6_chk_addr(kn->net, &said->dst.v6, NULL, 0);
}

struct klips_sa *klips_sa_new(struct klips_net *kn, const struct klips_said *said)
{
	struct klips_sa *sa = kzalloc(sizeof(*sa), GFP_KERNEL_ACCOUNT);

	if (!sa)
		return NULL;
	if (dst_cache_init(&sa->dst_cache, GFP_KERNEL_ACCOUNT)) {
		kfree(sa);
		return NULL;
	}
	sa->said = *said;
	sa->xform = klips_xform_find(said->proto);
	sa->net = kn;
	sa->state = KLIPS_SA_MATURE;
	sa->inbound = is_inbound(kn, said);
	refcount_set(&sa->ref, 1);
	spin_lock_init(&sa->lock);
	INIT_DELAYED_WORK(&sa->expiry, klips_life_work);
	INIT_RCU_WORK(&sa->free, sa_free);
	sa->life.born = ktime_get_boottime_seconds();
	atomic_inc(&kn->alive);
	return sa;
}

bool klips_sa_usable(const struct klips_sa *sa)
{
	u8 state = READ_ONCE(sa->state);

	return state == KLIPS_SA_MATURE || state == KLIPS_SA_DYING;
}

struct klips_sa *klips_sadb_find(struct klips_net *kn, const struct klips_said *said)
{
	struct klips_sa *sa;

	rcu_read_lock();
	sa = rhashtable_lookup(&kn->sadb, said, sadb_params);
	if (sa && !refcount_inc_not_zero(&sa->ref))
		sa = NULL;
	rcu_read_unlock();
	return sa;
}

/* The table's share of taking an SA out; the reference goes with it. */
static void left(struct klips_net *kn, struct klips_sa *sa)
{
	kn->nsas--;
	klips_life_stop(sa);
	klips_sa_put(sa);
}

int klips_sadb_insert(struct klips_net *kn, struct klips_sa *sa)
{
	int err;

	lockdep_assert_held(&kn->lock);
	if (kn->nsas >= KLIPS_SA_MAX)
		return -ENOSPC;
	/* Reserved, and filled when it is sure that the name is free. */
	err = xa_alloc_cyclic(&kn->sas, &sa->id, NULL, xa_limit_32b, &kn->last_id,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err == -EBUSY ? -ENOSPC : err;
	refcount_inc(&sa->ref);
	err = rhashtable_lookup_insert_fast(&kn->sadb, &sa->node, sadb_params);
	if (err) {
		xa_release(&kn->sas, sa->id);
		klips_sa_put(sa);
		return err;
	}
	xa_store(&kn->sas, sa->id, sa, GFP_KERNEL_ACCOUNT);
	kn->nsas++;
	klips_life_start(sa);
	return 0;
}

/* Who walks by id meets either the one or the other. */
int klips_sadb_replace(struct klips_net *kn, struct klips_sa *old, struct klips_sa *sa)
{
	int err;

	lockdep_assert_held(&kn->lock);
	refcount_inc(&sa->ref);
	sa->id = old->id;
	err = rhashtable_replace_fast(&kn->sadb, &old->node, &sa->node, sadb_params);
	if (err) {
		klips_sa_put(sa);
		return err;
	}
	xa_store(&kn->sas, sa->id, sa, GFP_KERNEL_ACCOUNT);	/* where one is: no allocation */
	WRITE_ONCE(old->state, KLIPS_SA_DEAD);
	left(kn, old);
	kn->nsas++;
	klips_life_start(sa);
	return 0;
}

struct klips_sa *klips_sa_outer(struct klips_sa *sa)
{
	return rcu_dereference_protected(sa->outer, lockdep_is_held(&sa->net->lock));
}

static struct klips_sa *inner_of(struct klips_sa *sa)
{
	return rcu_dereference_protected(sa->inner, lockdep_is_held(&sa->net->lock));
}

struct klips_sa *klips_sa_innermost(struct klips_sa *sa)
{
	while (inner_of(sa))
		sa = inner_of(sa);
	return sa;
}

static void unlink_outer(struct klips_sa *sa)
{
	struct klips_sa *outer = klips_sa_outer(sa);

	if (!outer)
		return;
	RCU_INIT_POINTER(sa->outer, NULL);
	RCU_INIT_POINTER(outer->inner, NULL);
	klips_sa_put(outer);
	klips_sa_put(sa);
}

/* All of the bundle: from here on no packet takes it. */
static void mark_dead(struct klips_sa *sa)
{
	for (sa = klips_sa_innermost(sa); sa; sa = klips_sa_outer(sa))
		WRITE_ONCE(sa->state, KLIPS_SA_DEAD);
}

/* Take one dead SA out of its bundle and out of the table. */
static void take_out(struct klips_net *kn, struct klips_sa *sa)
{
	if (inner_of(sa))
		unlink_outer(inner_of(sa));
	unlink_outer(sa);
	rhashtable_remove_fast(&kn->sadb, &sa->node, sadb_params);
	xa_erase(&kn->sas, sa->id);
	left(kn, sa);
}

void klips_sadb_remove(struct klips_net *kn, struct klips_sa *sa)
{
	struct klips_sa *next;

	lockdep_assert_held(&kn->lock);
	mark_dead(sa);
	smp_wmb();		/* dead before unlinked: see rcv_finish() */
	for (sa = klips_sa_innermost(sa); sa; sa = next) {
		next = klips_sa_outer(sa);
		take_out(kn, sa);
	}
}

void klips_sadb_flush(struct klips_net *kn, u8 proto)
{
	struct klips_sa *sa;
	unsigned long id;

	lockdep_assert_held(&kn->lock);
	xa_for_each(&kn->sas, id, sa)
		if (!proto || sa->said.proto == proto)
			mark_dead(sa);
	smp_wmb();		/* as above */
	xa_for_each(&kn->sas, id, sa) {
		if (sa->state == KLIPS_SA_DEAD)
			take_out(kn, sa);
		cond_resched();
	}
}

static unsigned int bundle_size(struct klips_sa *sa)
{
	unsigned int n = 0;

	for (sa = klips_sa_innermost(sa); sa; sa = klips_sa_outer(sa))
		n++;
	return n;
}

/*
 * Why outer cannot be put around inner; NULL if it can.  Up to the next tunnel header all
 * SAs of a bundle work on one IP header, so they go to one place.  RFC 4301 section 4.3.
 */
static const char *group_trouble(struct klips_sa *inner, struct klips_sa *outer)
{
	struct klips_sa *sa;

	if (!klips_sa_usable(inner) || !klips_sa_usable(outer))
		return "an SA is larval or dead";
	if (klips_sa_innermost(inner) == outer)
		return "the outer SA is in the bundle already";
	if (bundle_size(inner) + bundle_size(outer) > KLIPS_BUNDLE_MAX)
		return "more than four SAs";
	if (rcu_access_pointer(inner->natt))
		return "ESP in UDP inside of something: its place is the wire";
	if (outer->said.proto == IPPROTO_IPIP)
		return inner->said.proto == IPPROTO_IPIP ?
		       "a tunnel around a tunnel, and nothing between that protects" : NULL;
	if (outer->said.proto == IPPROTO_COMP && inner->said.proto != IPPROTO_IPIP)
		return "IPComp outside of ESP or AH, where nothing can be compressed";
	if (outer->said.family != inner->said.family ||
	    !klips_addr_equal(&outer->said.dst, &inner->said.dst))
		return "two destinations without a tunnel header between";
	for (sa = inner; sa && sa->said.proto != IPPROTO_IPIP; sa = inner_of(sa))
		if (sa->said.proto == outer->said.proto)
			return "the same protocol twice without a tunnel header between";
	return NULL;
}

int klips_sadb_group(struct klips_sa *inner, struct klips_sa *outer, const char **why)
{
	lockdep_assert_held(&inner->net->lock);
	if (klips_sa_outer(inner) || inner_of(outer))
		return -EEXIST;
	*why = group_trouble(inner, outer);
	if (*why)
		return -EINVAL;
	refcount_inc(&inner->ref);
	refcount_inc(&outer->ref);
	rcu_assign_pointer(outer->inner, inner);
	rcu_assign_pointer(inner->outer, outer);
	return 0;
}

void klips_sadb_ungroup(struct klips_sa *sa)
{
	struct klips_sa *next;

	lockdep_assert_held(&sa->net->lock);
	for (sa = klips_sa_innermost(sa); sa; sa = next) {
		next = klips_sa_outer(sa);
		unlink_outer(sa);
	}
}

bool klips_sadb_has_policy(struct klips_sa *sa, const struct klips_selector *sel)
{
	const struct klips_policy *policy;

	policy = rcu_dereference_protected(klips_sa_innermost(sa)->policy,
					   lockdep_is_held(&sa->net->lock));
	return policy && !memcmp(&policy->sel, sel, sizeof(*sel));
}

int klips_sadb_set_policy(struct klips_sa *sa, const struct klips_selector *sel)
{
	struct klips_policy *policy, *old;

	lockdep_assert_held(&sa->net->lock);
	sa = klips_sa_innermost(sa);
	policy = kzalloc(sizeof(*policy), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return -ENOMEM;
	policy->sel = *sel;
	old = rcu_replace_pointer(sa->policy, policy, lockdep_is_held(&sa->net->lock));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

struct klips_sa *klips_sadb_getspi(struct klips_net *kn, struct klips_said *said,
				   const union klips_addr *src, u32 min, u32 max)
{
	struct klips_sa *sa;
	int err = -EEXIST;
	int i;

	lockdep_assert_held(&kn->lock);
	for (i = 0; err == -EEXIST && i < (min == max ? 1 : SPI_TRIES); i++) {
		u32 spi = min + (u32)(((u64)get_random_u32() * ((u64)max - min + 1)) >> 32);

		said->spi = htonl(spi);
		sa = klips_sa_new(kn, said);
		if (!sa)
			return ERR_PTR(-ENOMEM);
		sa->src = *src;
		sa->state = KLIPS_SA_LARVAL;
		err = klips_sadb_insert(kn, sa);
		if (err)
			klips_sa_put(sa);
	}
	return err ? ERR_PTR(err) : sa;
}

int klips_sadb_init(struct klips_net *kn)
{
	xa_init_flags(&kn->sas, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	init_waitqueue_head(&kn->all_freed);
	mutex_init(&kn->lock);
	return rhashtable_init(&kn->sadb, &sadb_params);
}

/*
 * No packet can come any more, but some may be with a cipher: wait for the last.  The
 * work item that frees the last SA touches kn once more, to wake us: wait for that, too.
 */
void klips_sadb_exit(struct klips_net *kn)
{
	mutex_lock(&kn->lock);
	klips_sadb_flush(kn, 0);
	mutex_unlock(&kn->lock);
	wait_event(kn->all_freed, !atomic_read(&kn->alive));
	flush_workqueue(klips_wq);
	rhashtable_destroy(&kn->sadb);
	xa_destroy(&kn->sas);
}
