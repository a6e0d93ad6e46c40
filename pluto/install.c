// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's half of an IPsec SA: what is installed, in which order, and its undoing.
 *
 *	inbound		tun SA (us) -- ESP SA (us), grouped
 *	outbound	tun SA (peer) -- ESP SA (peer), grouped; eroute, route, up
 *	open		policy for inner addresses, inbound
 *
 * Inbound comes first, before our half of Quick Mode is answered: the peer may send at
 * once.  But KLIPS lets nothing out of a tunnel without a policy, and that is set when the
 * route is there: until then, answers would leave in clear.  When the connection is open
 * already (rekeying), it is set at once.  The tunnel SA does the
 * IP-in-IP of tunnel mode and is private to this host; its SPI is a counter of ours and
 * never travels.
 *
 * Whatever fails, all that was installed for this SA in that call is taken out again;
 * and an eroute that led to it is first led elsewhere, never to nothing.
 *
 * RFC 4301 sections 4.4.2 (SAD) and 5.2 step 4 (the check after decapsulation).
 */
#include "pluto/eroute.h"
#include "pluto/ipsec_sa.h"
#include "pluto/kernel.h"
#include "pluto/route.h"

#define REPLAY_WINDOW	1024		/* packets; RFC 4303 section 3.4.3 asks for 32 at least */

/* Rekeying by volume begins when this much of the limit is used up. */
#define SOFT_PERCENT	85

/* KEYMAT is cipher key and salt, then the integrity key: RFC 2409 section 5.5, RFC 4106. */
static void split_keymat(const struct ipsec_sa *sa, struct span keymat, struct kernel_sa *k)
{
	size_t enc = (sa->suite.key_bits + sa->suite.cipher->salt_bits) / 8;

	k->enc_key = span_of(keymat.ptr, enc < keymat.len ? enc : keymat.len);
	k->auth_key = span_skip(keymat, enc);
	k->encrypt = sa->suite.cipher->sadb;
	k->auth = sa->suite.auth ? sa->suite.auth->sadb : 0;
}

static bool failed(struct ipsec_sa *sa, const char *what, const struct said *said, err_t ugh)
{
	struct said_buf sb;

	plog(&sa->subject, RC_LOG_SERIOUS, "ERROR: kernel refuses to %s %s: %s", what,
	     said_show(said, &sb), ugh);
	return false;
}

struct direction {
	struct said tun, esp;
	struct addr src;
	struct span keymat;
	bool inbound;
};

static struct direction direction_of(const struct ipsec_sa *sa, bool inbound)
{
	return (struct direction){
		.tun = inbound ? ipsec_sa_tun_in(sa) : ipsec_sa_tun_out(sa),
		.esp = inbound ? ipsec_sa_in(sa) : ipsec_sa_out(sa),
		.src = inbound ? sa->c->that.host : sa->c->this.host,
		.keymat = secret_span(inbound ? &sa->in_keymat : &sa->out_keymat),
		.inbound = inbound,
	};
}

/* Quietly: what was never there cannot be deleted either. */
static void remove_pair(struct pluto *p, const struct direction *d)
{
	p->kernel->del_sa(p, &d->esp, &d->src);
	p->kernel->del_sa(p, &d->tun, &d->src);
}

static bool add_pair(struct ipsec_sa *sa, const struct direction *d)
{
	struct pluto *p = sa->c->pluto;
	uint64_t kb = sa->life_kb < UINT64_MAX / 1024 ? sa->life_kb : UINT64_MAX / 1024;
	struct kernel_sa tun = { .said = d->tun, .src = d->src, .inbound = d->inbound };
	struct kernel_sa esp = {
		.said = d->esp, .src = d->src, .inbound = d->inbound,
		.replay = REPLAY_WINDOW,
		.update = d->inbound,		/* the kernel chose our SPI */
		.hard_bytes = kb * 1024,
		.soft_bytes = kb * 1024 / 100 * SOFT_PERCENT,
	};
	struct said bundle[] = { d->tun, d->esp };
	err_t ugh;

	split_keymat(sa, d->keymat, &esp);
	ugh = p->kernel->add_sa(p, &tun);
	if (ugh)
		return failed(sa, "add", &d->tun, ugh);
	ugh = p->kernel->add_sa(p, &esp);
	if (ugh)
		return failed(sa, "add", &d->esp, ugh);
	ugh = p->kernel->group(p, bundle, ARRAY_SIZE(bundle));
	if (ugh)
		return failed(sa, "group", &d->tun, ugh);
	return true;
}

/* KLIPS lets nothing out of a tunnel without a policy: "no check" is one for everything. */
static struct selector anything(int family)
{
	struct subnet all = { .addr = addr_any((sa_family_t)family), .bits = 0 };

	return (struct selector){ .src = all, .dst = all };
}

static bool set_policy(struct ipsec_sa *sa)
{
	struct said tun = ipsec_sa_tun_in(sa);
	struct selector inner = selector_reverse(&sa->sel);
	err_t ugh;

	if (sa->c->policy & POLICY_DISABLEARRIVALCHECK)
		inner = anything(inner.src.addr.family);
	ugh = sa->c->pluto->kernel->inbound_policy(sa->c->pluto, &tun, &inner);
	return !ugh || failed(sa, "set the inbound policy of", &tun, ugh);
}

/* sa will not be up: neither will its connection, unless another SA is on its way. */
static void unprepare(struct ipsec_sa *sa)
{
	struct ipsec_sa *other;

	LIST_EACH(other, &sa->c->pluto->ipsec_sas, struct ipsec_sa, link)
		if (other != sa && other->c == sa->c && other->installed_in)
			return;
	route_unprepare(sa->c, &sa->subject);
}

bool install_inbound(struct ipsec_sa *sa)
{
	struct pluto *p = sa->c->pluto;
	struct direction d;

	if (sa->installed_in)
		return true;
	/* The sooner the route is there, the fewer packets of the peer are lost to waiting. */
	if (!route_event(sa->c, ON_PREPARE, NULL, &sa->subject))
		return false;
	sa->our_tun = ++p->last_tun_spi;
	d = direction_of(sa, true);
	if (!add_pair(sa, &d) || (sa->c->open && !set_policy(sa))) {
		remove_pair(p, &d);
		unprepare(sa);
		return false;
	}
	sa->installed_in = true;
	secret_free(&sa->in_keymat);
	return true;
}

void install_open(struct connection *c)
{
	struct ipsec_sa *sa;

	c->open = true;
	LIST_EACH(sa, &c->pluto->ipsec_sas, struct ipsec_sa, link)
		if (sa->c == c && sa->installed_in)
			set_policy(sa);
}

bool install_outbound(struct ipsec_sa *sa)
{
	struct pluto *p = sa->c->pluto;
	struct direction d;

	if (sa->installed_out)
		return true;
	sa->peer_tun = ++p->last_tun_spi;
	d = direction_of(sa, false);
	if (!add_pair(sa, &d)) {
		remove_pair(p, &d);
		return false;
	}
	if (!route_event(sa->c, ON_UP, &d.tun, &sa->subject)) {
		remove_pair(p, &d);
		return false;
	}
	sa->c->eroute_owner = sa->subject.serial;
	sa->installed_out = true;
	secret_free(&sa->out_keymat);
	return true;
}

/* The youngest other SA of the connection that could carry its packets. */
static struct ipsec_sa *successor(const struct ipsec_sa *sa)
{
	struct ipsec_sa *other, *best = NULL;

	LIST_EACH(other, &sa->c->pluto->ipsec_sas, struct ipsec_sa, link)
		if (other != sa && other->c == sa->c && other->installed_out &&
		    (!best || other->subject.serial > best->subject.serial))
			best = other;
	return best;
}

static void hand_over_eroute(struct ipsec_sa *sa)
{
	struct connection *c = sa->c;
	struct ipsec_sa *next = successor(sa);

	if (c->eroute_owner != sa->subject.serial)
		return;
	c->eroute_owner = 0;
	if (next) {
		struct said tun = ipsec_sa_tun_out(next);

		if (route_event(c, ON_UP, &tun, &next->subject)) {
			c->eroute_owner = next->subject.serial;
			return;
		}
	}
	route_down(c, &sa->subject);
}

static void uninstall_pair(struct ipsec_sa *sa, bool inbound)
{
	struct pluto *p = sa->c->pluto;
	struct direction d = direction_of(sa, inbound);
	struct said_buf sb;
	err_t ugh = p->kernel->del_sa(p, &d.esp, &d.src);

	/* The kernel ends SAs by itself too, when their time or volume is used up. */
	if (ugh)
		dbg(DBG_KLIPS, "deleting %s: %s", said_show(&d.esp, &sb), ugh);
}

void uninstall(struct ipsec_sa *sa)
{
	if (sa->installed_out) {
		hand_over_eroute(sa);
		uninstall_pair(sa, false);
		sa->installed_out = false;
	}
	if (sa->installed_in) {
		uninstall_pair(sa, true);
		sa->installed_in = false;
		unprepare(sa);
	} else if (sa->our_spi) {
		/* Larval: only the SPI was taken. */
		uninstall_pair(sa, true);
	}
}
