// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instances: what a template (right=%any) becomes for one peer.
 *
 *	"road"  ->  "road"[1] 203.0.113.9,  "road"[2] 203.0.113.77, ...
 *
 * An instance is made when a peer's first message arrives, before anybody knows who
 * it is; it learns the peer's identity when that has been said, and goes when its last
 * SA, exchange and route have gone.  It is never found by name.
 */
#include "lib/base/alloc.h"
#include "pluto/connection.h"
#include "pluto/exchange.h"
#include "pluto/initiate.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"

static void copy_end(struct end *to, const struct end *from)
{
	*to = *from;
	to->id = (struct id){ 0 };
	id_copy(&to->id, &from->id);
	to->updown = xstrdup(from->updown);
	to->key = from->key ? rsa_pub_ref(from->key) : NULL;
}

struct connection *connection_instantiate(struct connection *tmpl, const struct addr *peer,
					  const struct id *peer_id)
{
	struct connection *c = xmemdup(tmpl, sizeof(*tmpl));
	struct pluto *p = tmpl->pluto;

	c->name = xstrdup(tmpl->name);
	c->whence = xstrdup(tmpl->whence);
	c->kind = CK_INSTANCE;
	c->serial = ++p->last_connection;
	c->instance = ++p->last_instance;
	c->tmpl = tmpl;
	copy_end(&c->this, &tmpl->this);
	copy_end(&c->that, &tmpl->that);
	c->that.host = *peer;
	if (peer_id && !id_is_any(peer_id)) {
		id_free(&c->that.id);
		id_copy(&c->that.id, peer_id);
	}
	c->ike = (struct ike_proposals){ 0 };
	ike_proposals_copy(&c->ike, &tmpl->ike);
	c->esp = (struct esp_proposals){ 0 };
	esp_proposals_copy(&c->esp, &tmpl->esp);
	c->routing = RT_UNROUTED;
	c->stays_routed = false;
	c->prepared = c->route_up = c->route_done = c->open = false;
	c->eroute_owner = 0;
	c->newest_isakmp = NULL;
	c->newest_ipsec = NULL;
	list_add(&p->connections, &c->link);
	return c;
}

static bool is_used(const struct connection *c)
{
	struct pluto *p = c->pluto;
	struct isakmp_sa *isakmp;
	struct ipsec_sa *ipsec;
	struct exchange *x;

	if (c->routing != RT_UNROUTED)
		return true;
	LIST_EACH(x, &p->exchanges, struct exchange, link)
		if (x->c == c)
			return true;
	LIST_EACH(isakmp, &p->isakmp_sas, struct isakmp_sa, link)
		if (isakmp->c == c)
			return true;
	LIST_EACH(ipsec, &p->ipsec_sas, struct ipsec_sa, link)
		if (ipsec->c == c)
			return true;
	return ike_pending(c);
}

void connection_release_instance(struct connection *c)
{
	if (c->kind != CK_INSTANCE || c->going || is_used(c))
		return;
	list_del(&c->link);
	connection_free(c);
}
