// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of SAs: replaced in time, deleted when replaced, expired at the end.
 *
 *	EVENT_SA_REPLACE	rekeymargin before the end, earlier by up to rekeyfuzz per cent for
 *				who was initiator; half the margin before it for the responder, or
 *				somewhat later, in case the initiator does not
 *	EVENT_SA_EXPIRE		the end; or, with a newer SA in its place, some seconds
 *				after that came up
 *
 * With rekey=no there is only the end.  An ISAKMP SA that serves no connection any more is
 * not replaced.
 *
 * RFC 2409 section 5.5 and RFC 2407 section 4.5.4 say little of this; what both ends
 * need is that no packet finds its SA gone before the next is there.
 */
#include "pluto/lifetime.h"

#include "pluto/initiate.h"
#include "pluto/kernel.h"
#include "pluto/main_mode.h"

#define SUPERSEDED_SECONDS	10	/* the old SA still receives for so long */
#define DELETED_SECONDS		10	/* after the peer's Delete of an SA that is to stay up */
#define LAST_CHANCE_SECONDS	120	/* for replacing an SA that the peer has deleted */

/*
 * Milliseconds before the end of a life at which a replacement begins; 0: never.  A peer may
 * have shortened the life until the margin does not fit: then half of it.
 */
static uint64_t margin(const struct connection *c, bool initiator, uint64_t life)
{
	uint64_t ms = c->rekey_margin * 1000;

	if (c->policy & POLICY_DONTREKEY)
		return 0;
	/* Not all at once: a responder may have thousands of the same age. */
	if (!initiator)
		ms = ms / 2 - random_u32() % (ms / 8 + 1);
	else if (c->rekey_fuzz)
		ms += ms * (random_u32() % (c->rekey_fuzz + 1)) / 100;
	if (ms > life / 2)
		ms = initiator ? life / 2 : life / 4;
	return ms;
}

static uint64_t left_of(uint64_t ends)
{
	uint64_t now = server_now();

	return ends > now ? ends - now : 0;
}

/* --- ISAKMP SAs ------------------------------------------------------------------------ */

static void isakmp_expire(void *ctx)
{
	struct isakmp_sa *sa = ctx;

	if (sa->superseded_by)
		plog(&sa->subject, RC_LOG, "ISAKMP SA expired (superseded by #%lu)",
		     sa->superseded_by);
	else
		plog(&sa->subject, RC_LOG, "ISAKMP SA expired (%s)",
		     sa->c->policy & POLICY_DONTREKEY ? "--dontrekey" : "LATEST!");
	isakmp_sa_delete(sa, true);
}

static void isakmp_expire_at_end(struct isakmp_sa *sa)
{
	sa->event = "EVENT_SA_EXPIRE";
	timer_set(&sa->timer, left_of(sa->ends), isakmp_expire, sa);
}

/* Is there anything that will want an ISAKMP SA with this peer? */
static bool isakmp_is_wanted(const struct isakmp_sa *sa)
{
	struct pluto *p = sa->c->pluto;
	struct ipsec_sa *ipsec;

	if (sa->c->policy & POLICY_UP)
		return true;
	LIST_EACH(ipsec, &p->ipsec_sas, struct ipsec_sa, link)
		if (endpoint_eq(&ipsec->peer, &sa->peer))
			return true;
	return false;
}

static void isakmp_replace(void *ctx)
{
	struct isakmp_sa *sa = ctx, *newer = isakmp_sa_for(sa->c);

	isakmp_expire_at_end(sa);
	if (newer && newer != sa) {
		plog(&sa->subject, RC_LOG, "not replacing stale ISAKMP SA: #%lu will do",
		     newer->subject.serial);
		sa->superseded_by = newer->subject.serial;
		return;
	}
	if (!isakmp_is_wanted(sa)) {
		plog(&sa->subject, RC_LOG, "not replacing stale ISAKMP SA: no IPsec SA needs it");
		return;
	}
	plog(&sa->subject, RC_LOG, "replacing stale ISAKMP SA");
	exchange_start(main_mode_begin(sa->c, NULL, 1, sa->subject.serial), 0);
}

void lifetime_start_isakmp(struct isakmp_sa *sa)
{
	uint64_t life = sa->life * 1000, before = margin(sa->c, sa->initiator, life);

	sa->ends = server_now() + life;
	if (!before) {
		isakmp_expire_at_end(sa);
		return;
	}
	sa->event = "EVENT_SA_REPLACE";
	timer_set(&sa->timer, life - before, isakmp_replace, sa);
}

void lifetime_supersede_isakmp(struct isakmp_sa *sa, unsigned long by)
{
	sa->superseded_by = by;
	sa->event = "EVENT_SA_EXPIRE";
	timer_set(&sa->timer, SUPERSEDED_SECONDS * 1000, isakmp_expire, sa);
}

/* --- IPsec SAs ------------------------------------------------------------------------- */

static void ipsec_expire(void *ctx)
{
	struct ipsec_sa *sa = ctx;
	struct connection *c = sa->c;
	/* Used up before its time, so that nothing is under way yet. */
	bool again = !sa->superseded_by && !sa->replacing && c->kind == CK_PERMANENT &&
		     (c->policy & POLICY_UP) && !(c->policy & POLICY_DONTREKEY);

	if (sa->superseded_by)
		plog(&sa->subject, RC_LOG, "IPsec SA expired (superseded by #%lu)",
		     sa->superseded_by);
	else
		plog(&sa->subject, RC_LOG, "IPsec SA expired (%s)",
		     sa->c->policy & POLICY_DONTREKEY ? "--dontrekey" : "LATEST!");
	ipsec_sa_delete(sa, true);
	if (again)
		ike_initiate(c, NULL, 1, 0);
}

static void ipsec_expire_at_end(struct ipsec_sa *sa)
{
	sa->event = "EVENT_SA_EXPIRE";
	timer_set(&sa->timer, left_of(sa->ends), ipsec_expire, sa);
}

static void ipsec_replace(void *ctx)
{
	struct ipsec_sa *sa = ctx, *newest = sa->c->newest_ipsec;

	ipsec_expire_at_end(sa);
	if (newest && newest != sa) {
		plog(&sa->subject, RC_LOG, "not replacing stale IPsec SA: #%lu will do",
		     newest->subject.serial);
		sa->superseded_by = newest->subject.serial;
		return;
	}
	if (sa->replacing)
		return;
	sa->replacing = true;
	plog(&sa->subject, RC_LOG, "replacing stale IPsec SA");
	ike_initiate(sa->c, NULL, 1, sa->subject.serial);
}

void lifetime_start_ipsec(struct ipsec_sa *sa)
{
	uint64_t life = sa->life * 1000, before = margin(sa->c, sa->initiator, life);

	sa->ends = server_now() + life;
	if (!before) {
		ipsec_expire_at_end(sa);
		return;
	}
	sa->event = "EVENT_SA_REPLACE";
	timer_set(&sa->timer, life - before, ipsec_replace, sa);
}

void lifetime_supersede_ipsec(struct ipsec_sa *sa, unsigned long by)
{
	if (sa->superseded_by)
		return;
	sa->superseded_by = by;
	sa->event = "EVENT_SA_EXPIRE";
	timer_set(&sa->timer, SUPERSEDED_SECONDS * 1000, ipsec_expire, sa);
}

void lifetime_replace_soon(struct ipsec_sa *sa)
{
	uint64_t end = server_now() + LAST_CHANCE_SECONDS * 1000;

	if (sa->replacing) {
		plog(&sa->subject, RC_LOG_SERIOUS, "received Delete SA payload: already replacing "
		     "IPSEC State #%lu in %llu seconds", sa->subject.serial,
		     (unsigned long long)timer_left(&sa->timer) / 1000);
		return;
	}
	plog(&sa->subject, RC_LOG_SERIOUS, "received Delete SA payload: replace IPSEC State #%lu "
	     "in %d seconds", sa->subject.serial, DELETED_SECONDS);
	if (sa->ends > end)
		sa->ends = end;
	sa->event = "EVENT_SA_REPLACE";
	timer_set(&sa->timer, DELETED_SECONDS * 1000, ipsec_replace, sa);
}

void lifetime_shorten_ipsec(struct ipsec_sa *sa, uint64_t seconds, uint64_t kilobytes)
{
	if (kilobytes && (!sa->life_kb || kilobytes < sa->life_kb))
		sa->life_kb = kilobytes;
	/* One that has been replaced is about to end anyway. */
	if (!seconds || seconds >= sa->life || sa->superseded_by)
		return;
	plog_quiet(&sa->subject, "the peer's SA lives only %llu seconds: so does ours",
		   (unsigned long long)seconds);
	sa->life = seconds;
	if (sa->established)
		lifetime_start_ipsec(sa);
}

/* Bytes or packets have been used up, in the kernel's count. */
void kernel_expire(struct pluto *p, const struct said *said, bool hard)
{
	struct ipsec_sa *sa = ipsec_sa_by_our_spi(p, said->spi);

	if (!sa || !addr_eq(&sa->c->this.host, &said->dst))
		sa = ipsec_sa_by_peer_spi(p, &said->dst, said->spi);
	if (!sa || !sa->established || said->proto != IPPROTO_ESP)
		return;
	if (!hard) {
		if (!sa->superseded_by && !(sa->c->policy & POLICY_DONTREKEY))
			ipsec_replace(sa);
		return;
	}
	ipsec_expire(sa);
}
