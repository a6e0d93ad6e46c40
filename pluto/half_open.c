// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits for strangers: a flood of first messages costs us a bounded amount of memory,
 * and keeps no honest peer out.
 *
 * A first message may come from anywhere, with any source address; whoever sends the second
 * one has shown, by our cookie, that he can receive what is sent there.  So when the house is
 * full, the oldest guest who has not shown that has to leave: an honest peer's second message
 * is a round trip away, the flood's will never come.  When all have shown it, the newcomer is
 * not let in; those are real hosts, and the per-source limit binds each of them.
 *
 * RFC 2408 section 2.5.3 is about the same fear.
 */
#include "pluto/half_open.h"

#include <string.h>

static bool same_source(const struct addr *a, const struct addr *b)
{
	return a->family == b->family &&
	       !memcmp(a->octets, b->octets, a->family == AF_INET6 ? 8 : 4);
}

/* The oldest one whose cookie has not come back; of source, or of anybody when NULL. */
static struct exchange *oldest_unproved(struct pluto *p, const struct addr *source)
{
	struct exchange *x;

	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (x->half_open && x->state == STATE_MAIN_R1 && !x->job &&
		    (!source || same_source(&x->peer.addr, source)))
			return x;
	return NULL;
}

static unsigned int count_of(struct pluto *p, const struct addr *source)
{
	struct exchange *x;
	unsigned int n = 0;

	LIST_EACH(x, &p->exchanges, struct exchange, link)
		n += x->half_open && same_source(&x->peer.addr, source);
	return n;
}

bool half_open_admit(struct pluto *p, const struct addr *source)
{
	static struct plog_limit limit;
	struct subject s = { .pluto = p, .from = { *source, IKE_PORT } };
	struct exchange *victim = NULL;

	if (count_of(p, source) >= HALF_OPEN_PER_SOURCE)
		victim = oldest_unproved(p, source);
	else if (p->half_open >= HALF_OPEN_MAX)
		victim = oldest_unproved(p, NULL);
	else
		return true;
	if (victim) {
		dbg(DBG_LIFECYCLE, "half-open exchange #%lu makes room", victim->subject.serial);
		exchange_free(victim);
		return true;
	}
	if (plog_limited(&limit))
		plog(&s, RC_LOG_SERIOUS, "too many half-open negotiations; ignoring a new one (%s)",
		     causes[CAUSE_HALF_OPEN].hint);
	return false;
}

void half_open_count(struct exchange *x)
{
	if (!x->half_open)
		x->c->pluto->half_open++;
	x->half_open = true;
}

void half_open_uncount(struct exchange *x)
{
	if (x->half_open)
		x->c->pluto->half_open--;
	x->half_open = false;
}
