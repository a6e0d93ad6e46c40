// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack --status: interfaces, connections, states.
 *
 * Scripts read these lines: their shape is that of FreeS/WAN 2, and what is new comes
 * on lines of its own.  Connections are in order of name, kind and instance number.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "pluto/connection.h"
#include "pluto/iface.h"
#include "pluto/initiate.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/route.h"
#include "pluto/shunt.h"
#include "pluto/whack.h"

static void show_interfaces(struct pluto *p, struct reply *r)
{
	struct addr_buf ab;
	struct iface *ifp;

	LIST_EACH(ifp, &p->ifaces, struct iface, link)
		reply_say(r, RC_COMMENT, "interface %s/%s %s", ifp->vname, ifp->pname,
			  addr_show(&ifp->local.addr, &ab));
}

static void show_topology(const struct connection *c, const char *name, struct reply *r)
{
	struct buf b = { 0 };

	connection_topology(c, &b);
	reply_say(r, RC_COMMENT, "%s: %s; %s; eroute owner: #%lu", name, buf_str(&b),
		  routing_name(c->routing), c->eroute_owner);
	buf_free(&b);
}

static void show_policy(const struct connection *c, const char *name, struct reply *r)
{
	struct selector sel = connection_selector(c);
	struct buf b = { 0 };

	if (c->policy)
		policy_show(c->policy, &b);
	if (c->shunt)
		buf_add_str(&b, shunt_policy_name(c));
	reply_say(r, RC_COMMENT, "%s:   policy: %s; prio: %u,%u; interface: %s; ", name,
		  buf_str(&b), sel.src.bits, sel.dst.bits, c->iface ? c->iface->pname : "");
	buf_free(&b);
}

/* What the administrator has asked for; the defaults are in ipsec.conf(5). */
static void show_suites(const struct connection *c, const char *name, struct reply *r)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < c->ike.n && !c->ike.is_default; i++) {
		buf_add_str(&b, i ? "," : "");
		ike_suite_show(&c->ike.v[i], &b);
	}
	if (b.len)
		reply_say(r, RC_COMMENT, "%s:   ike: %s", name, buf_str(&b));
	buf_clear(&b);
	for (size_t i = 0; i < c->esp.n && !c->esp.is_default; i++) {
		buf_add_str(&b, i ? "," : "");
		esp_suite_show(&c->esp.v[i], &b);
	}
	if (b.len && c->esp.pfs_group)
		buf_printf(&b, ";%s", c->esp.pfs_group->name);
	if (b.len)
		reply_say(r, RC_COMMENT, "%s:   esp: %s", name, buf_str(&b));
	buf_free(&b);
}

static void show_connection(const struct connection *c, struct reply *r)
{
	struct buf name = { 0 };
	const char *n;

	connection_prefix(c, &name);
	n = buf_str(&name);
	show_topology(c, n, r);
	reply_say(r, RC_COMMENT, "%s:   ike_life: %llus; ipsec_life: %llus; rekey_margin: %llus; "
		  "rekey_fuzz: %u%%; keyingtries: %u", n, (unsigned long long)c->ike_life,
		  (unsigned long long)c->ipsec_life, (unsigned long long)c->rekey_margin,
		  c->rekey_fuzz, c->keyingtries);
	show_policy(c, n, r);
	reply_say(r, RC_COMMENT, "%s:   newest ISAKMP SA: #%lu; newest IPsec SA: #%lu; ", n,
		  c->newest_isakmp ? c->newest_isakmp->subject.serial : 0,
		  c->newest_ipsec ? c->newest_ipsec->subject.serial : 0);
	if (!c->shunt)
		show_suites(c, n, r);
	buf_free(&name);
}

static int by_name(const void *pa, const void *pb)
{
	const struct connection *a = *(const struct connection *const *)pa;
	const struct connection *b = *(const struct connection *const *)pb;
	int d = strcmp(a->name, b->name);

	if (!d)
		d = (int)a->kind - (int)b->kind;
	if (!d)
		d = a->instance < b->instance ? -1 : a->instance > b->instance;
	return d;
}

static void show_connections(struct pluto *p, struct reply *r)
{
	const struct connection **v;
	struct connection *c;
	size_t n = 0, i = 0;

	LIST_EACH(c, &p->connections, struct connection, link)
		n++;
	v = xalloc((n + 1) * sizeof(*v));
	LIST_EACH(c, &p->connections, struct connection, link)
		v[i++] = c;
	qsort(v, n, sizeof(*v), by_name);
	for (i = 0; i < n; i++)
		show_connection(v[i], r);
	free(v);
}

static void status(struct whack_ctx *w)
{
	char classes[128];

	show_interfaces(w->p, w->reply);
	reply_say(w->reply, RC_COMMENT, "%%myid = (none)");
	reply_say(w->reply, RC_COMMENT, "debug %s",
		  log_classes_show(w->p->debug, classes, sizeof(classes)));
	reply_say(w->reply, RC_COMMENT, " ");
	show_connections(w->p, w->reply);
	reply_say(w->reply, RC_COMMENT, " ");
	ike_show_states(w->p, w->reply);
	reply_say(w->reply, RC_COMMENT, " ");
	shunt_show(w->p, w->reply);
}

const struct whack_cmd cmd_status = {
	.verb = WHACK_STATUS,
	.run  = status,
	.help = "show interfaces, connections and states",
};
