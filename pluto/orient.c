// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Orientation: which end of a connection is this host?
 *
 * The end whose address belongs to one of our interfaces (an ipsecN and the device
 * behind it, iface.c) becomes `this`.  A connection that no interface fits stays
 * loaded and is tried again whenever interfaces are looked for.
 */
#include "pluto/connection.h"
#include "pluto/iface.h"
#include "pluto/initiate.h"
#include "pluto/plog.h"
#include "pluto/route.h"

static struct iface *iface_of(struct pluto *p, const struct addr *host)
{
	struct iface *ifp;

	if (addr_is_any(host))
		return NULL;
	LIST_EACH(ifp, &p->ifaces, struct iface, link)
		if (addr_eq(&ifp->local.addr, host))
			return ifp;
	return NULL;
}

bool connection_orient(struct connection *c)
{
	struct subject s = { .pluto = c->pluto, .c = c };
	struct iface *here = iface_of(c->pluto, &c->this.host);
	struct iface *there = iface_of(c->pluto, &c->that.host);

	if (c->iface)
		return true;
	if (here && there) {
		plog(&s, RC_LOG_SERIOUS, "both sides of \"%s\" are our interface %s!", c->name,
		     here == there ? here->pname : there->pname);
		return false;
	}
	if (there)
		connection_swap_ends(c);
	c->iface = here ? here : there;
	return c->iface != NULL;
}

void connection_say_unoriented(const struct connection *c, struct reply *r)
{
	struct subject s = { .pluto = c->pluto, .c = c, .reply = r };
	struct buf ours = { 0 };
	struct addr_buf ab;
	struct iface *ifp;

	plog(&s, RC_ORIENT, "we have no ipsecN interface for either end of this connection");
	LIST_EACH(ifp, &c->pluto->ifaces, struct iface, link)
		buf_printf(&ours, "%s%s/%s %s", ours.len ? ", " : "", ifp->vname, ifp->pname,
			   addr_show(&ifp->local.addr, &ab));
	if (ours.len)
		reply_say(r, RC_LOG_SERIOUS, "our addresses are %s: one of them must be left= or "
			  "right=", buf_str(&ours));
	else
		reply_say(r, RC_LOG_SERIOUS, "no ipsecN interface has an address: see interfaces= "
			  "in ipsec.conf, and ipsec tncfg");
	buf_free(&ours);
}

void connection_orient_all(struct pluto *p)
{
	struct connection *c;

	LIST_EACH(c, &p->connections, struct connection, link)
		connection_orient(c);
}

static void unorient(struct connection *c)
{
	ike_terminate(c, "interface gone");
	unroute_connection(c, NULL);
	c->iface = NULL;
}

/* Which connections hang on ifp changes while they are taken down: start over each time. */
static struct connection *one_on(struct pluto *p, const struct iface *ifp)
{
	struct connection *c;

	LIST_EACH(c, &p->connections, struct connection, link)
		if (c->iface && (!ifp || c->iface == ifp))
			return c;
	return NULL;
}

void connection_iface_gone(struct pluto *p, struct iface *ifp)
{
	struct connection *c;

	while ((c = one_on(p, ifp))) {
		if (c->kind == CK_INSTANCE)
			connection_delete(c, NULL);
		else
			unorient(c);
	}
}

void connection_unorient_all(struct pluto *p)
{
	connection_iface_gone(p, NULL);
}
