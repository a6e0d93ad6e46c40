/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of ipsec.conf(5) as a message to Pluto.
 *
 * Everything that can wait for somebody happens here: names are resolved, %defaultroute
 * becomes an address and a next hop.  Pluto gets numbers, and identities as text.
 */
#include "utils/common/connmsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/id/id.h"
#include "lib/whack/msg.h"

const struct resolver system_resolver = { find_default_route, resolve_name };

struct builder {
	const struct conf *conf;
	const struct conf_conn *conn;
	const struct resolver *resolver;
	struct default_route route;
	bool have_route;
	struct buf *msg, *why;
};

/* One end with its addresses resolved. */
struct side {
	const char *name;
	const struct conf_end *end;
	unsigned int key;		/* 0 or WK_RIGHT */
	struct addr host, nexthop;	/* no address: %any, %direct */
};

static bool need_route(struct builder *b)
{
	err_t ugh;

	if (b->have_route)
		return true;
	ugh = b->resolver->default_route(&b->route);
	if (ugh)
		buf_printf(b->why, "%%defaultroute requested but not known (%s)", ugh);
	b->have_route = !ugh;
	return b->have_route;
}

static bool look_up(struct builder *b, const char *param, const char *name,
		    sa_family_t family, struct addr *out)
{
	err_t ugh = b->resolver->name(name, family, out);

	if (ugh)
		buf_printf(b->why, "cannot resolve %s=%s: %s", param, name, ugh);
	return !ugh;
}

/* A name should resolve to an address of the other end's kind. */
static sa_family_t wanted_family(const struct side *other)
{
	return other->end->host_kind == HOST_ADDR ? other->end->host.family : AF_UNSPEC;
}

static bool resolve_host(struct builder *b, struct side *s, const struct side *other)
{
	switch (s->end->host_kind) {
	case HOST_ADDR:
		s->host = s->end->host;
		return true;
	case HOST_NAME:
		return look_up(b, s->name, s->end->host_name, wanted_family(other), &s->host);
	case HOST_DEFAULTROUTE:
		if (!need_route(b))
			return false;
		s->host = b->route.addr;
		s->nexthop = b->route.nexthop;
		return true;
	default:
		return true;
	}
}

static bool resolve_nexthop(struct builder *b, struct side *s)
{
	if (s->end->nexthop_kind == HOST_ADDR)
		s->nexthop = s->end->nexthop;
	if (s->end->nexthop_kind == HOST_DEFAULTROUTE) {
		if (!need_route(b))
			return false;
		s->nexthop = b->route.nexthop;
	}
	if (addr_is_set(&s->host) && addr_eq(&s->host, &s->nexthop)) {
		buf_printf(b->why, "%s and %snexthop must not be the same", s->name, s->name);
		return false;
	}
	return true;
}

static void add_addr(struct builder *b, unsigned int key, const struct addr *a,
		     const char *unset)
{
	struct addr_buf ab;

	whack_msg_text(b->msg, key, addr_is_set(a) ? addr_show(a, &ab) : unset);
}

/* A name without @ stands for its address, as it always has. */
static bool is_dns_name(const char *id)
{
	struct addr a;

	return !strpbrk(id, "@%=:") && ttoaddr(span_str(id), &a) != NULL;
}

static bool add_id(struct builder *b, const struct side *s)
{
	const char *id = s->end->id;
	char param[16];
	struct addr a;

	if (id && strcmp(id, "%myid") == 0)
		id = b->conf->setup.myid;
	if (!id)
		return true;
	if (!is_dns_name(id)) {
		whack_msg_text(b->msg, WK_ID + s->key, id);
		return true;
	}
	snprintf(param, sizeof(param), "%sid", s->name);
	if (!look_up(b, param, id, AF_UNSPEC, &a))
		return false;
	add_addr(b, WK_ID + s->key, &a, NULL);
	return true;
}

static void add_rsa_key(struct builder *b, unsigned int key, const char *text)
{
	struct buf data = { 0 };

	/* %none; anything else has been read once, by the rules of the file. */
	if (text && !text_to_data(span_str(text), &data))
		whack_msg_data(b->msg, key, buf_span(&data));
	buf_free(&data);
}

static bool add_end(struct builder *b, const struct side *s)
{
	const struct conf_end *e = s->end;
	struct subnet_buf sb;

	add_addr(b, WK_HOST + s->key, &s->host, "%any");
	add_addr(b, WK_NEXTHOP + s->key, &s->nexthop, "%direct");
	if (e->has_subnet)
		whack_msg_text(b->msg, WK_SUBNET + s->key, subnet_show(&e->subnet, &sb));
	if (!add_id(b, s))
		return false;
	whack_msg_text(b->msg, WK_UPDOWN + s->key, e->updown);
	whack_msg_uint(b->msg, WK_PROTO + s->key, e->proto);
	whack_msg_uint(b->msg, WK_PORT + s->key, e->port);
	add_rsa_key(b, WK_RSASIGKEY + s->key, e->rsasigkey);
	add_rsa_key(b, WK_RSASIGKEY2 + s->key, e->rsasigkey2);
	if (e->has_sourceip)
		add_addr(b, WK_SOURCEIP + s->key, &e->sourceip, NULL);
	return true;
}

static void add_flag(struct builder *b, unsigned int key, bool on)
{
	if (on)
		whack_msg_flag(b->msg, key);
}

static void add_policy(struct builder *b)
{
	const struct conf_conn *c = b->conn;

	whack_msg_uint(b->msg, WK_TYPE, c->type);
	whack_msg_uint(b->msg, WK_AUTHBY, c->authby);
	add_flag(b, WK_PFS, c->pfs);
	add_flag(b, WK_COMPRESS, c->compress);
	add_flag(b, WK_AH, c->ah);
	add_flag(b, WK_REKEY, c->rekey);
	add_flag(b, WK_NOARRIVALCHECK, c->disablearrivalcheck);
	whack_msg_uint(b->msg, WK_FAILURESHUNT, c->failureshunt);
	whack_msg_uint(b->msg, WK_IKELIFETIME, c->ikelifetime);
	whack_msg_uint(b->msg, WK_KEYLIFE, c->keylife);
	whack_msg_uint(b->msg, WK_REKEYMARGIN, c->rekeymargin);
	whack_msg_uint(b->msg, WK_REKEYFUZZ, c->rekeyfuzz);
	whack_msg_uint(b->msg, WK_KEYINGTRIES, c->keyingtries);
	whack_msg_text(b->msg, WK_IKE, c->ike);
	whack_msg_text(b->msg, WK_ESP, c->esp);
	whack_msg_uint(b->msg, WK_AUTO, c->autostart);
}

bool connection_message(const struct conf *c, const struct conf_conn *conn, bool replace,
			const struct resolver *resolver, struct buf *msg, struct buf *why)
{
	struct builder b = { .conf = c, .conn = conn, .resolver = resolver, .msg = msg,
			     .why = why };
	struct side left = { .name = "left", .end = &conn->left };
	struct side right = { .name = "right", .end = &conn->right, .key = WK_RIGHT };
	struct buf whence = { 0 };

	buf_clear(why);
	if (!resolve_host(&b, &left, &right) || !resolve_host(&b, &right, &left) ||
	    !resolve_nexthop(&b, &left) || !resolve_nexthop(&b, &right))
		return false;
	whack_msg_start(msg, WHACK_CONNECTION);
	whack_msg_text(msg, WK_NAME, conn->name);
	buf_printf(&whence, "%s:%u", conn->whence.file, conn->whence.line);
	whack_msg_text(msg, WK_WHENCE, buf_str(&whence));
	buf_free(&whence);
	add_flag(&b, WK_REPLACE, replace);
	add_policy(&b);
	return add_end(&b, &left) && add_end(&b, &right);
}
