// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lifetimes of SAs: RFC 2367 section 2.3.2, RFC 4301 section 4.4.2.1.
 *
 * Bytes and packets are counted as they pass; times are watched by one delayed work
 * item per SA, which is also how a packet reports that a count has been reached.
 * Past a soft limit the SA is dying: it works on, and the key daemon is told to
 * negotiate another.  At a hard limit it ends, with its bundle, and the daemon is told.
 *
 * The sequence number is a limit too: an SA ends before it would wrap (RFC 4303
 * section 2.2), whether or not anyone has set a limit.
 *
 * Allocations are the flows that an SA is given: eroutes that are set to it or to its bundle
 * while it is there, and inbound selectors; the same one again does not count.  The soft
 * limit is reached with the flow of that number; the hard one when one more is asked for,
 * which is refused, and ends the SA as any other hard limit does.
 *
 * A larval SA has one limit: its SPI is given back when nobody completes it.
 */
#include <linux/module.h>

#include "klips/compat.h"
#include "klips/klips.h"
#include "klips/sequence.h"

static unsigned int larval_seconds = 300;
module_param(larval_seconds, uint, 0644);
MODULE_PARM_DESC(larval_seconds, "how long an SPI of GETSPI waits for its UPDATE");

#define FOREVER		(~0ULL)

enum level { BELOW, SOFT, HARD };

static time64_t now(void)
{
	return ktime_get_boottime_seconds();
}

static bool counts_reach(const struct klips_sa *sa, const struct klips_limits *limit)
{
	return (limit->bytes && atomic64_read(&sa->life.bytes) >= limit->bytes) ||
	       (limit->packets && atomic64_read(&sa->life.packets) >= limit->packets);
}

/* Seconds until a time limit is reached: 0 if it has been, FOREVER if there is none. */
static u64 time_left(u64 limit, time64_t since)
{
	u64 age;

	if (!limit || !since)
		return FOREVER;
	age = now() - since;
	return age >= limit ? 0 : limit - age;
}

static u64 times_left(const struct klips_sa *sa, const struct klips_limits *limit)
{
	return min(time_left(limit->addtime, sa->life.born),
		   time_left(limit->usetime, READ_ONCE(sa->life.used)));
}

static enum level level_of(const struct klips_sa *sa)
{
	const struct klips_life *life = &sa->life;

	if (sa->state == KLIPS_SA_LARVAL)
		return time_left(READ_ONCE(larval_seconds), life->born) ? BELOW : HARD;
	if (test_bit(KLIPS_LIFE_OVERDRAWN, &life->flags) || counts_reach(sa, &life->hard) ||
	    !times_left(sa, &life->hard) ||
	    (u64)atomic64_read(&sa->seq) > klips_seq_last(sa))
		return HARD;
	if ((life->soft.allocations && life->allocations >= life->soft.allocations) ||
	    counts_reach(sa, &life->soft) || !times_left(sa, &life->soft) ||
	    (u64)atomic64_read(&sa->seq) >= klips_seq_soft(sa))
		return SOFT;
	return BELOW;
}

/*
 * Look again when the next time limit comes, or sooner, if somebody has asked for that
 * meanwhile: a kick must not be put off.
 */
static void arm(struct klips_sa *sa)
{
	u64 left = times_left(sa, &sa->life.hard);

	if (sa->state == KLIPS_SA_LARVAL)
		left = time_left(READ_ONCE(larval_seconds), sa->life.born);
	else if (!test_bit(KLIPS_LIFE_SOFT_TOLD, &sa->life.flags))
		left = min(left, times_left(sa, &sa->life.soft));
	if (left == FOREVER)
		return;
	refcount_inc(&sa->ref);
	if (!queue_delayed_work(klips_wq, &sa->expiry,
				min_t(u64, left, 86400) * HZ))	/* jiffies do not hold ages */
		klips_sa_put(sa);
}

void klips_life_start(struct klips_sa *sa)
{
	arm(sa);
}

void klips_life_stop(struct klips_sa *sa)
{
	if (cancel_delayed_work(&sa->expiry))
		klips_sa_put(sa);
}

/* The work has a reference of its own; when it was queued already, it keeps that one. */
void klips_life_kick(struct klips_sa *sa)
{
	refcount_inc(&sa->ref);
	if (mod_delayed_work(klips_wq, &sa->expiry, 0))
		klips_sa_put(sa);
}

bool klips_life_count(struct klips_sa *sa, unsigned int len)
{
	struct klips_life *life = &sa->life;
	time64_t at = now();

	if (unlikely(!READ_ONCE(life->used)) && !cmpxchg64(&life->used, 0, at) &&
	    (life->soft.usetime || life->hard.usetime))
		klips_life_kick(sa);
	if (READ_ONCE(life->last) != at)
		WRITE_ONCE(life->last, at);

	if (counts_reach(sa, &life->hard)) {
		klips_life_kick(sa);
		return false;
	}
	atomic64_add(len, &life->bytes);
	atomic64_inc(&life->packets);
	if (!test_bit(KLIPS_LIFE_SOFT_TOLD, &life->flags) && counts_reach(sa, &life->soft))
		klips_life_kick(sa);
	return true;
}

bool klips_life_allocate(struct klips_sa *sa)
{
	struct klips_sa *one;
	bool enough = true;

	lockdep_assert_held(&sa->net->lock);
	for (one = klips_sa_innermost(sa); one; one = klips_sa_outer(one)) {
		if (!one->life.hard.allocations ||
		    one->life.allocations < one->life.hard.allocations)
			continue;
		set_bit(KLIPS_LIFE_OVERDRAWN, &one->life.flags);
		klips_life_kick(one);
		enough = false;
	}
	if (!enough)
		return false;
	for (one = klips_sa_innermost(sa); one; one = klips_sa_outer(one))
		if (++one->life.allocations == one->life.soft.allocations)
			klips_life_kick(one);
	return true;
}

static void told_soft(struct klips_sa *sa)
{
	if (test_and_set_bit(KLIPS_LIFE_SOFT_TOLD, &sa->life.flags))
		return;
	WRITE_ONCE(sa->state, KLIPS_SA_DYING);
	klips_pfkey_expire(sa, false);
}

static void reached_hard(struct klips_sa *sa)
{
	bool larval = sa->state == KLIPS_SA_LARVAL;

	klips_sadb_remove(sa->net, sa);
	if (!larval)
		klips_pfkey_expire(sa, true);
}

void klips_life_work(struct work_struct *work)
{
	struct klips_sa *sa = container_of(to_delayed_work(work), struct klips_sa, expiry);
	struct klips_net *kn = sa->net;

	mutex_lock(&kn->lock);
	if (sa->state != KLIPS_SA_DEAD) {
		switch (level_of(sa)) {
		case HARD:
			reached_hard(sa);
			break;
		case SOFT:
			told_soft(sa);
			arm(sa);
			break;
		case BELOW:
			arm(sa);
			break;
		}
	}
	mutex_unlock(&kn->lock);
	klips_sa_put(sa);
}
