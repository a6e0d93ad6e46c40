// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes: who owns the eroute for a pair of clients, and what becomes of it.
 *
 *		     ROUTE	UP	   DOWN, REST	   UNROUTE
 *	unrouted     %trap	SA			   	   (PREPARE: %drop)
 *	trap		        SA			   gone
 *	held	     		SA			   gone
 *	erouted		        next SA	   %drop, %trap	   busy
 *	drop	     %trap	SA			   gone
 *
 * The table below says it exactly: what is done to the eroute, which scripts are run,
 * and the state thereafter.  The eroute is set before a script points packets at ipsecN,
 * and taken away after a script has pointed them elsewhere, so at no moment do packets
 * reach ipsecN that no policy stops.  And nothing comes out of a tunnel before the
 * route is there, as the answers would leave in clear; so the route is begun as soon as
 * a tunnel is about to come.  The end of a tunnel is never
 * the end of the policy: %drop (or %trap, when the administrator has routed the
 * connection) stays until --unroute or --delete.  The instance of a template has no administrator
 * to come back to it: it is unrouted when its last SA goes.
 *
 * Several connections may share a route (the peer's client, device and next hop are
 * the same), never an eroute.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/conf/conf.h"
#include "lib/pfkey/pfkeyv2.h"
#include "pluto/eroute.h"
#include "pluto/iface.h"
#include "pluto/ipsec_sa.h"
#include "pluto/kernel.h"
#include "pluto/route.h"
#include "pluto/shunt.h"
#include "pluto/updown.h"

/* --- the table ----------------------------------------------------------------------- */

enum act {
	TRAP = 1 << 0,			/* eroute: %trap, or the shunt that the connection is */
	DROP = 1 << 1,			/* eroute: %drop */
	SA = 1 << 2,			/* eroute: the bundle */
	ROUTE = 1 << 3,			/* scripts prepare and route, unless done */
	UNROUTE = 1 << 4,		/* script unroute, and then the eroute goes */
	UP = 1 << 5,			/* scripts */
	DOWN = 1 << 6,
	BUSY = 1 << 7,
};

static const struct row {
	unsigned int act;
	enum routing next;
} table[RT_ROUTED_DROP + 1][ROUTE_EVENTS] = {
	[RT_UNROUTED] = {
		[ON_ROUTE]   = { TRAP | ROUTE,		RT_ROUTED_TRAP },
		[ON_PREPARE] = { DROP | ROUTE,		RT_ROUTED_DROP },
		[ON_UP]	     = { SA | ROUTE | UP,	RT_EROUTED },
		[ON_DOWN]    = { 0,			RT_UNROUTED },
		[ON_REST]    = { 0,			RT_UNROUTED },
		[ON_ACQUIRE] = { 0,			RT_UNROUTED },
		[ON_UNROUTE] = { 0,			RT_UNROUTED },
	},
	[RT_ROUTED_TRAP] = {
		[ON_ROUTE]   = { ROUTE,			RT_ROUTED_TRAP },
		[ON_PREPARE] = { ROUTE,			RT_ROUTED_TRAP },
		[ON_UP]	     = { SA | ROUTE | UP,	RT_EROUTED },
		[ON_DOWN]    = { 0,			RT_ROUTED_TRAP },
		[ON_REST]    = { 0,			RT_ROUTED_TRAP },
		[ON_ACQUIRE] = { 0,			RT_HELD },
		[ON_UNROUTE] = { UNROUTE,		RT_UNROUTED },
	},
	[RT_HELD] = {
		[ON_ROUTE]   = { ROUTE,			RT_ROUTED_TRAP },
		[ON_PREPARE] = { ROUTE,			RT_HELD },
		[ON_UP]	     = { SA | ROUTE | UP,	RT_EROUTED },
		[ON_DOWN]    = { 0,			RT_ROUTED_TRAP },
		[ON_REST]    = { 0,			RT_ROUTED_TRAP },
		[ON_ACQUIRE] = { 0,			RT_HELD },
		[ON_UNROUTE] = { UNROUTE,		RT_UNROUTED },
	},
	[RT_EROUTED] = {
		[ON_ROUTE]   = { ROUTE,			RT_EROUTED },
		[ON_PREPARE] = { ROUTE,			RT_EROUTED },
		[ON_UP]	     = { SA | ROUTE,		RT_EROUTED },
		[ON_DOWN]    = { DROP | DOWN,		RT_ROUTED_DROP },
		[ON_REST]    = { TRAP | DOWN,		RT_ROUTED_TRAP },
		[ON_ACQUIRE] = { 0,			RT_EROUTED },
		[ON_UNROUTE] = { BUSY,			RT_EROUTED },
	},
	[RT_FAIL_SHUNT] = {
		[ON_ROUTE]   = { TRAP | ROUTE,		RT_ROUTED_TRAP },
		[ON_PREPARE] = { ROUTE,			RT_FAIL_SHUNT },
		[ON_UP]	     = { SA | ROUTE | UP,	RT_EROUTED },
		[ON_DOWN]    = { 0,			RT_FAIL_SHUNT },
		[ON_REST]    = { TRAP,			RT_ROUTED_TRAP },
		[ON_ACQUIRE] = { 0,			RT_FAIL_SHUNT },
		[ON_UNROUTE] = { UNROUTE,		RT_UNROUTED },
	},
	[RT_ROUTED_DROP] = {
		[ON_ROUTE]   = { TRAP | ROUTE,		RT_ROUTED_TRAP },
		[ON_PREPARE] = { ROUTE,			RT_ROUTED_DROP },
		[ON_UP]	     = { SA | ROUTE | UP,	RT_EROUTED },
		[ON_DOWN]    = { 0,			RT_ROUTED_DROP },
		[ON_REST]    = { TRAP,			RT_ROUTED_TRAP },
		[ON_ACQUIRE] = { 0,			RT_ROUTED_DROP },
		[ON_UNROUTE] = { UNROUTE,		RT_UNROUTED },
	},
};

const char *routing_name(enum routing r)
{
	static const char *const names[] = {
		[RT_UNROUTED]	 = "unrouted",
		[RT_ROUTED_TRAP] = "prospective erouted",
		[RT_HELD]	 = "erouted HOLD",
		[RT_EROUTED]	 = "erouted",
		[RT_FAIL_SHUNT]	 = "fail erouted",
		[RT_ROUTED_DROP] = "drop erouted",
	};

	return names[r];
}

const char *shunt_policy_name(const struct connection *c)
{
	switch (c->shunt) {
	case SPI_PASS:
		return "PASS";
	case SPI_DROP:
		return "DROP";
	case SPI_REJECT:
		return "REJECT";
	default:
		return "";
	}
}

/* --- eroutes ------------------------------------------------------------------------- */

/* The eroute of an ended connection goes when the unroute script has ended. */
struct removal {
	struct list link;
	struct kernel_eroute er;
	char *name;
	size_t scripts;
	bool cancelled;			/* another connection has it now */
};

static struct kernel_eroute eroute_of(const struct connection *c, const struct said *said)
{
	return (struct kernel_eroute){
		.sel = connection_selector(c),
		.said = *said,
		.our_host = c->this.host,
		.peer_host = c->that.host,
		.conn = c->name,
	};
}

static bool cancel_removal(struct pluto *p, const struct selector *sel)
{
	struct removal *m;

	if (!p->removals.next)
		return false;
	LIST_EACH(m, &p->removals, struct removal, link)
		if (!m->cancelled && selector_eq(&m->er.sel, sel)) {
			m->cancelled = true;
			return true;
		}
	return false;
}

static bool set_eroute(struct connection *c, const struct said *said, const struct subject *s)
{
	struct kernel_eroute er = eroute_of(c, said);
	bool there = cancel_removal(c->pluto, &er.sel) || c->routing != RT_UNROUTED;
	struct said_buf sb;
	err_t ugh;

	ugh = c->pluto->kernel->eroute(c->pluto, there ? EROUTE_REPLACE : EROUTE_ADD, &er);
	if (ugh)
		plog(s, RC_ROUTE, "cannot install eroute to %s: %s", said_show(said, &sb), ugh);
	return !ugh;
}

static void removal_free(struct removal *m)
{
	list_del(&m->link);
	free(m->name);
	free(m);
}

static void unrouted(struct pluto *p, size_t done, void *ctx)
{
	struct removal *m = ctx;
	err_t ugh;

	if (done < m->scripts && !m->cancelled) {
		plog_pluto(p, NULL, RC_LOG_SERIOUS, "\"%s\": the route is still there: its eroute "
			   "stays, and drops what comes", m->name);
		m->er.said = shunt_said(SPI_DROP, &m->er.sel.dst.addr);
		p->kernel->eroute(p, EROUTE_REPLACE, &m->er);
	} else if (!m->cancelled) {
		ugh = p->kernel->eroute(p, EROUTE_DELETE, &m->er);
		if (ugh)
			plog_pluto(p, NULL, RC_LOG_SERIOUS, "\"%s\": cannot delete eroute: %s",
				   m->name, ugh);
	}
	removal_free(m);
}

/* --- scripts ------------------------------------------------------------------------- */

struct routing_job {
	unsigned long serial;		/* of the connection, which may go meanwhile */
	struct subnet client;
	struct reply *reply;		/* held */
	size_t n;			/* verbs */
};

static struct routing_job *job_new(const struct connection *c, size_t n, const struct subject *s)
{
	struct routing_job *j = xalloc(sizeof(*j));

	j->serial = c->serial;
	j->reply = reply_hold(s->reply);
	j->client = connection_selector(c).dst;
	j->n = n;
	return j;
}

static void job_free(struct routing_job *j)
{
	reply_release(j->reply);
	free(j);
}

static struct connection *still_there(struct pluto *p, const struct routing_job *j)
{
	struct connection *c;

	LIST_EACH(c, &p->connections, struct connection, link)
		if (c->serial == j->serial)
			return c;
	return NULL;
}

static void open_if_ready(struct connection *c)
{
	if (c->route_done && c->routing == RT_EROUTED && !c->open)
		install_open(c);
}

/* The scripts prepare and route have ended: all that share the route have it, or lost it. */
static void routed(struct pluto *p, size_t done, void *ctx)
{
	struct routing_job *j = ctx;
	struct subject s = { .pluto = p, .c = still_there(p, j), .reply = j->reply };
	struct subnet_buf sb;
	bool ok = done == j->n;
	struct connection *c;

	LIST_EACH(c, &p->connections, struct connection, link) {
		struct selector sel = connection_selector(c);

		if (!c->route_up || !subnet_eq(&sel.dst, &j->client))
			continue;
		c->route_done = ok;
		if (ok)
			open_if_ready(c);
		else
			c->route_up = c->open = false;
	}
	if (!ok)
		plog(&s, RC_ROUTE, "could not route: packets for %s are NOT protected but go where "
		     "they went before, and the tunnel lets nothing in; see the lines above, and "
		     "nexthop= in ipsec.conf", subnet_show(&j->client, &sb));
	job_free(j);
}

/* What has waited for the tunnel goes now, when the peer has most likely got as far too. */
static void upped(struct pluto *p, size_t done, void *ctx)
{
	struct routing_job *j = ctx;
	struct connection *c = still_there(p, j);
	struct subject s = { .pluto = p, .c = c, .reply = j->reply };
	struct subnet_buf sb;

	(void)done;			/* a failure has been logged */
	/* The last word to whoever waits, even when the route was asked for by a sharer. */
	if (c && !c->route_up && j->reply)
		plog(&s, RC_ROUTE, "up, but without a route: packets for %s are NOT protected",
		     subnet_show(&j->client, &sb));
	if (c)
		shunt_release(c);
	job_free(j);
}

/* The other connection that leans on the same route. */
static struct connection *route_sharer(const struct connection *c)
{
	struct selector mine = connection_selector(c);
	struct connection *d;

	LIST_EACH(d, &c->pluto->connections, struct connection, link) {
		struct selector theirs = connection_selector(d);

		if (d != c && d->route_up && subnet_eq(&theirs.dst, &mine.dst))
			return d;
	}
	return NULL;
}

static void run_route(struct connection *c, const struct subject *s)
{
	static const enum updown_verb verbs[] = { UPDOWN_PREPARE, UPDOWN_ROUTE };
	struct connection *sharer = route_sharer(c);

	c->route_up = true;
	c->route_done = sharer && sharer->route_done;
	if (!sharer)
		updown_run(c, verbs, ARRAY_SIZE(verbs), s, routed,
			   job_new(c, ARRAY_SIZE(verbs), s));
}

static void run_scripts(struct connection *c, unsigned int act, const struct subject *s)
{
	static const enum updown_verb up = UPDOWN_UP, down = UPDOWN_DOWN;

	if (act & DOWN) {
		c->open = false;
		updown_run(c, &down, 1, s, NULL, NULL);
	}
	if ((act & ROUTE) && !c->route_up)
		run_route(c, s);
	if (act & UP)
		updown_run(c, &up, 1, s, upped, job_new(c, 1, s));
	open_if_ready(c);
}

static void run_unroute(struct connection *c, const struct subject *s)
{
	static const enum updown_verb verb = UPDOWN_UNROUTE;
	struct said none = shunt_said(SPI_DROP, &c->that.host);
	struct removal *m = xalloc(sizeof(*m));

	m->scripts = c->route_up && !route_sharer(c) ? 1 : 0;
	if (!c->pluto->removals.next)
		list_init(&c->pluto->removals);
	m->er = eroute_of(c, &none);
	m->name = xstrdup(c->name);
	m->er.conn = m->name;
	list_add(&c->pluto->removals, &m->link);
	c->route_up = c->route_done = c->open = false;
	updown_run(c, &verb, m->scripts, s, unrouted, m);
}

/* --- conflicts ----------------------------------------------------------------------- */

static bool same_nexthop(const struct connection *a, const struct connection *b)
{
	const struct addr *ha = addr_is_set(&a->this.nexthop) ? &a->this.nexthop : &a->that.host;
	const struct addr *hb = addr_is_set(&b->this.nexthop) ? &b->this.nexthop : &b->that.host;

	return addr_eq(ha, hb);
}

/* What c and d cannot both have; NULL when nothing. */
static const char *conflict(const struct connection *c, const struct connection *d)
{
	struct selector mine = connection_selector(c), theirs = connection_selector(d);

	if (d == c || d->routing == RT_UNROUTED)
		return NULL;
	if (selector_eq(&mine, &theirs))
		return "eroute";
	if (subnet_eq(&mine.dst, &theirs.dst) && d->route_up &&
	    (c->iface != d->iface || !same_nexthop(c, d)))
		return "route";
	return NULL;
}

static bool say_conflict(const struct connection *d, const char *what, const struct subject *s)
{
	if (!strcmp(what, "eroute") && d->eroute_owner)
		plog(s, RC_ROUTE, "cannot install eroute -- it is in use for \"%s\" #%lu",
		     d->name, d->eroute_owner);
	else if (!strcmp(what, "eroute"))
		plog(s, RC_ROUTE, "cannot install eroute -- it is in use for \"%s\": "
		     "ipsec auto --unroute %s frees it", d->name, d->name);
	else
		plog(s, RC_ROUTE, "cannot route -- route already in use for \"%s\", with another "
		     "interface or next hop", d->name);
	return false;
}

bool route_possible(struct connection *c, const struct subject *s)
{
	struct selector sel = connection_selector(c);
	struct connection *d, *tmp;
	struct addr_buf ab;
	const char *what;

	if (!c->iface) {
		plog(s, RC_ROUTE, "cannot route: we have no ipsecN interface for it");
		return false;
	}
	if (c->pluto->ike_port != IKE_PORT && subnet_contains(&sel.dst, &c->that.host) &&
	    !subnet_is_host(&sel.dst)) {
		plog(s, RC_ROUTE, "cannot install route: peer is within its client");
		return false;
	}
	LIST_EACH_SAFE(d, tmp, &c->pluto->connections, struct connection, link) {
		what = conflict(c, d);
		if (!what)
			continue;
		/* What is at the same address may be the very peer that is negotiating. */
		if (d->kind != CK_INSTANCE || addr_eq(&d->that.host, &c->that.host))
			return say_conflict(d, what, s);
		/* A road warrior that has come back from another place, most likely. */
		plog(s, RC_LOG_SERIOUS, "route to peer's client conflicts with \"%s\" %s; "
		     "releasing old connection to free the route", d->name,
		     addr_show(&d->that.host, &ab));
		connection_delete(d, NULL);
		return route_possible(c, s);
	}
	return true;
}

/* --- events -------------------------------------------------------------------------- */

static const struct said *eroute_for(const struct connection *c, unsigned int act,
				     const struct said *bundle, struct said *shunt)
{
	if (act & SA)
		return bundle;
	if (act & DROP)
		*shunt = shunt_said(SPI_DROP, &c->that.host);
	else
		*shunt = shunt_said(c->shunt ? c->shunt : SPI_TRAP, &c->that.host);
	return act & (TRAP | DROP) ? shunt : NULL;
}

bool route_event(struct connection *c, enum route_event ev, const struct said *bundle,
		 const struct subject *s)
{
	const struct row *row = &table[c->routing][ev];
	struct said shunt;
	const struct said *said = eroute_for(c, row->act, bundle, &shunt);

	if (row->act & BUSY) {
		plog(s, RC_RTBUSY, "cannot unroute: route busy; ipsec auto --down %s first",
		     c->name);
		return false;
	}
	if (row->act & (ROUTE | SA) && !route_possible(c, s))
		return false;
	if (said && !set_eroute(c, said, s))
		return false;
	c->prepared = ev == ON_PREPARE && (c->prepared || c->routing == RT_UNROUTED);
	c->routing = row->next;
	if (row->act & UNROUTE)
		run_unroute(c, s);
	run_scripts(c, row->act, s);
	if (ev == ON_DOWN || ev == ON_REST || ev == ON_UNROUTE)
		shunt_release(c);
	return true;
}

bool route_connection(struct connection *c, struct reply *r)
{
	struct subject s = { .pluto = c->pluto, .c = c, .reply = r };

	if (c->kind == CK_TEMPLATE && !c->shunt) {
		plog(&s, RC_NOPEERIP, "cannot route connection without knowing peer IP address "
		     "(kind=CK_TEMPLATE)");
		return false;
	}
	c->stays_routed = true;
	return route_event(c, ON_ROUTE, NULL, &s);
}

bool unroute_connection(struct connection *c, struct reply *r)
{
	struct subject s = { .pluto = c->pluto, .c = c, .reply = r };

	if (!route_event(c, ON_UNROUTE, NULL, &s))
		return false;
	c->stays_routed = false;
	return true;
}

void route_down(struct connection *c, const struct subject *s)
{
	bool rest = c->stays_routed || c->autostart == AUTO_ROUTE;

	route_event(c, rest ? ON_REST : ON_DOWN, NULL, s);
	if (c->kind == CK_INSTANCE)
		route_event(c, ON_UNROUTE, NULL, s);
}

void route_unprepare(struct connection *c, const struct subject *s)
{
	if (c->prepared)
		route_event(c, ON_UNROUTE, NULL, s);
}

void route_fini(struct pluto *p)
{
	struct removal *m;

	while (p->removals.next && (m = LIST_FIRST(&p->removals, struct removal, link)))
		removal_free(m);
}
