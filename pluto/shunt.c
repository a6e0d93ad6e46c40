// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bare shunts: eroutes for one pair of hosts that belong to a packet, not to a connection.
 *
 *	packet meets %trap -> KLIPS makes %hold, keeps it, sends ACQUIRE
 *	SA comes up	   -> the %hold is deleted, the packet leaves by the tunnel
 *	nothing comes	   -> the %hold is deleted after HOLD_MS; the next packet traps again
 *
 * A %hold is narrower than its connection's eroute and would win for ever: each one
 * that the kernel has told us of is remembered until it is gone.  Deleting it opens
 * nothing, as %trap, the SA or %drop lies beneath.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/pfkey/pfkeyv2.h"
#include "pluto/kernel.h"
#include "pluto/plog.h"
#include "pluto/server.h"
#include "pluto/shunt.h"

#define HOLD_MS		60000
#define SCAN_MS		15000
#define HOLDS_MAX	1024

struct hold {
	struct list link;
	char *conn;
	struct selector sel;
	uint64_t since;
};

struct shunts {
	struct list holds;
	unsigned int n;
	struct timer timer;
};

struct said shunt_said(uint32_t spi, const struct addr *dst)
{
	return (struct said){ .dst = addr_any(dst->family), .proto = IPPROTO_INT, .spi = spi };
}

static void delete_hold(struct pluto *p, const struct selector *sel)
{
	struct kernel_eroute er = {
		.sel = *sel,
		.said = shunt_said(SPI_HOLD, &sel->dst.addr),
		.our_host = addr_any(sel->src.addr.family),
		.peer_host = addr_any(sel->dst.addr.family),
	};
	err_t ugh = p->kernel->eroute(p, EROUTE_DELETE, &er);

	/* KLIPS may have let it go first: nothing is lost by that. */
	if (ugh)
		dbg(DBG_KLIPS, "deleting a %%hold: %s", ugh);
}

static void hold_free(struct shunts *s, struct hold *h)
{
	list_del(&h->link);
	s->n--;
	free(h->conn);
	free(h);
}

static void scan(void *ctx)
{
	struct pluto *p = ctx;
	struct shunts *s = p->shunts;
	uint64_t now = server_now();
	struct hold *h, *tmp;

	LIST_EACH_SAFE(h, tmp, &s->holds, struct hold, link) {
		if (now - h->since < HOLD_MS)
			continue;
		delete_hold(p, &h->sel);
		hold_free(s, h);
	}
	if (s->n)
		timer_set(&s->timer, SCAN_MS, scan, p);
}

static struct shunts *shunts_of(struct pluto *p)
{
	if (!p->shunts) {
		p->shunts = xalloc(sizeof(*p->shunts));
		list_init(&p->shunts->holds);
	}
	return p->shunts;
}

void shunt_held(struct connection *c, const struct addr *src, const struct addr *dst)
{
	struct selector sel = connection_selector(c);
	struct shunts *s = shunts_of(c->pluto);
	struct hold *h;

	/* As narrow as the packet's addresses, as wide as the trap in all else. */
	sel.src = subnet_of_host(src);
	sel.dst = subnet_of_host(dst);
	if (s->n >= HOLDS_MAX) {
		delete_hold(c->pluto, &sel);
		return;
	}
	h = xalloc(sizeof(*h));
	h->conn = xstrdup(c->name);
	h->sel = sel;
	h->since = server_now();
	list_add(&s->holds, &h->link);
	s->n++;
	if (!s->timer.armed)
		timer_set(&s->timer, SCAN_MS, scan, c->pluto);
}

void shunt_release(struct connection *c)
{
	struct shunts *s = c->pluto->shunts;
	struct hold *h, *tmp;

	if (!s || c->kind == CK_INSTANCE)
		return;
	LIST_EACH_SAFE(h, tmp, &s->holds, struct hold, link) {
		if (strcmp(h->conn, c->name))
			continue;
		delete_hold(c->pluto, &h->sel);
		hold_free(s, h);
	}
}

void shunt_drop_stray(struct pluto *p, const struct addr *src, const struct addr *dst)
{
	struct selector sel = { .src = subnet_of_host(src), .dst = subnet_of_host(dst) };

	delete_hold(p, &sel);
}

void shunt_show(struct pluto *p, struct reply *r)
{
	struct subnet_buf b1, b2;
	struct hold *h;

	if (!p->shunts)
		return;
	LIST_EACH(h, &p->shunts->holds, struct hold, link)
		reply_say(r, RC_COMMENT, "%s:%u -%u-> %s:%u => %%hold 0    %s",
			  subnet_show(&h->sel.src, &b1), h->sel.sport, h->sel.proto,
			  subnet_show(&h->sel.dst, &b2), h->sel.dport, h->conn);
}

void shunt_fini(struct pluto *p)
{
	struct hold *h;

	if (!p->shunts)
		return;
	while ((h = LIST_FIRST(&p->shunts->holds, struct hold, link))) {
		delete_hold(p, &h->sel);
		hold_free(p->shunts, h);
	}
	timer_clear(&p->shunts->timer);
	free(p->shunts);
	p->shunts = NULL;
}
