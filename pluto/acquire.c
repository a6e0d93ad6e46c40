// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet has met %trap: find the connection that set it, and bring it up.
 *
 *	KLIPS: %trap -> %hold, ACQUIRE -> kernel_acquire -> ike_initiate
 *
 * Whoever may send packets through this gateway can make ACQUIREs: one connection is
 * initiated by them at most once in PAUSE_MS, and not while it negotiates already.
 */
#include <string.h>

#include "pluto/connection.h"
#include "pluto/eroute.h"
#include "pluto/exchange.h"
#include "pluto/initiate.h"
#include "pluto/kernel.h"
#include "pluto/server.h"
#include "pluto/shunt.h"

#define PAUSE_MS	5000

static struct plog_limit stray_limit;

static bool traps(const struct connection *c, const struct addr *src, const struct addr *dst,
		  uint8_t proto)
{
	struct selector sel = connection_selector(c);

	return (c->routing == RT_ROUTED_TRAP || c->routing == RT_HELD) && !c->shunt &&
	       subnet_contains(&sel.src, src) && subnet_contains(&sel.dst, dst) &&
	       (!sel.proto || !proto || sel.proto == proto);
}

/* The eroute names its connection; the most specific that fits, should that be lost. */
static struct connection *trapper(struct pluto *p, const struct addr *src, const struct addr *dst,
				  uint8_t proto, const char *name)
{
	struct connection *c = name ? connection_by_name(p, name) : NULL, *best = NULL;
	struct selector sel, best_sel = { 0 };

	if (c && traps(c, src, dst, proto))
		return c;
	LIST_EACH(c, &p->connections, struct connection, link) {
		if (!traps(c, src, dst, proto))
			continue;
		sel = connection_selector(c);
		if (!best || sel.src.bits > best_sel.src.bits ||
		    (sel.src.bits == best_sel.src.bits && sel.dst.bits > best_sel.dst.bits)) {
			best = c;
			best_sel = sel;
		}
	}
	return best;
}

/* One that lingers has done its work. */
static bool is_negotiating(const struct connection *c)
{
	struct exchange *x;

	LIST_EACH(x, &c->pluto->exchanges, struct exchange, link)
		if (x->c == c && !x->lingering)
			return true;
	return false;
}

void kernel_acquire(struct pluto *p, const struct addr *src, const struct addr *dst,
		    uint8_t proto, const char *conn)
{
	struct connection *c = trapper(p, src, dst, proto, conn);
	struct subject s = { .pluto = p, .c = c };
	uint64_t now = server_now();
	struct addr_buf b1, b2;

	if (!c) {
		if (plog_limited(&stray_limit))
			plog(&s, RC_LOG, "a packet from %s to %s is held, but no connection is "
			     "routed for it", addr_show(src, &b1), addr_show(dst, &b2));
		shunt_drop_stray(p, src, dst);
		return;
	}
	shunt_held(c, src, dst);
	route_event(c, ON_ACQUIRE, NULL, &s);
	if (is_negotiating(c) || !p->listening || p->shutting_down ||
	    (c->acquired && now - c->acquired < PAUSE_MS))
		return;
	c->acquired = now;
	plog(&s, RC_LOG, "initiate on demand from %s to %s proto=%u", addr_show(src, &b1),
	     addr_show(dst, &b2), proto);
	ike_initiate(c, NULL, 1, 0);
}
