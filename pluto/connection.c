// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections: made from whack's message, found by name, taken away with all they own.
 *
 *	addconn -> whack socket -> cmd_connection.c -> connection_add -> orient
 *							`-> policy_read
 *
 * Ends arrive as left and right.  The end that is %any becomes `that` at once; else
 * orientation (orient.c) finds out which end is this host, and swaps.  Each end keeps
 * its side's name, so messages speak of rightsubnet= as the administrator wrote it.
 *
 * A message that cannot be used adds nothing, and is answered with the parameter, what
 * is wrong with it, and where the connection stood in ipsec.conf.
 *
 * RFC 4301 sections 4.4.1 (SPD) and 4.4.3 (PAD).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/whack/msg.h"
#include "pluto/connection.h"
#include "pluto/iface.h"
#include "pluto/initiate.h"
#include "pluto/keys.h"
#include "pluto/plog.h"
#include "pluto/policy.h"
#include "pluto/route.h"

#define NAME_MAX_LEN	200

/* --- what they are called ------------------------------------------------------------ */

void connection_prefix(const struct connection *c, struct buf *out)
{
	struct addr_buf ab;

	buf_printf(out, "\"%s\"", c->name);
	if (c->kind == CK_INSTANCE)
		buf_printf(out, "[%lu] %s", c->instance, addr_show(&c->that.host, &ab));
}

void connection_whereis(const struct connection *c, struct buf *out)
{
	connection_prefix(c, out);
	if (c->whence)
		buf_printf(out, " (%s)", c->whence);
}

static void show_protoport(const struct end *e, struct buf *out)
{
	if (e->proto || e->port)
		buf_printf(out, ":%u/%u", e->proto, e->port);
}

static void show_host(const struct end *e, struct buf *out)
{
	struct id from_addr = { 0 };
	struct addr_buf ab;

	if (addr_is_any(&e->host))
		buf_add_str(out, "%any");
	else
		buf_add_str(out, addr_show(&e->host, &ab));
	if (e->host_port != IKE_PORT)
		buf_printf(out, ":%u", e->host_port);
	id_from_addr(&e->host, &from_addr);
	if (!id_is_any(&e->id) && !id_eq(&e->id, &from_addr)) {
		buf_add_str(out, "[");
		id_show(&e->id, out);
		buf_add_str(out, "]");
	}
	id_free(&from_addr);
	show_protoport(e, out);
}

static void show_client(const struct end *e, struct buf *out)
{
	struct subnet_buf sb;

	if (e->has_client)
		buf_add_str(out, subnet_show(&e->client, &sb));
}

static bool shows_nexthop(const struct end *e, const struct end *other)
{
	return addr_is_set(&e->nexthop) && !addr_eq(&e->nexthop, &other->host);
}

void connection_topology(const struct connection *c, struct buf *out)
{
	struct addr_buf ab;

	show_client(&c->this, out);
	if (c->this.has_client)
		buf_add_str(out, "===");
	show_host(&c->this, out);
	if (shows_nexthop(&c->this, &c->that))
		buf_printf(out, "---%s", addr_show(&c->this.nexthop, &ab));
	buf_add_str(out, "...");
	if (shows_nexthop(&c->that, &c->this))
		buf_printf(out, "%s---", addr_show(&c->that.nexthop, &ab));
	show_host(&c->that, out);
	if (c->that.has_client)
		buf_add_str(out, "===");
	show_client(&c->that, out);
}

struct selector connection_selector(const struct connection *c)
{
	struct selector s = {
		.src = c->this.has_client ? c->this.client : subnet_of_host(&c->this.host),
		.dst = c->that.has_client ? c->that.client : subnet_of_host(&c->that.host),
		.proto = c->this.proto ? c->this.proto : c->that.proto,
		.sport = c->this.port,
		.dport = c->that.port,
	};

	return s;
}

struct connection *connection_by_name(struct pluto *p, const char *name)
{
	struct connection *c;

	LIST_EACH(c, &p->connections, struct connection, link)
		if (c->kind != CK_INSTANCE && !strcmp(c->name, name))
			return c;
	return NULL;
}

/* --- from whack's message ------------------------------------------------------------ */

/* "bad leftsubnet=10.0.1.1/24: ..." */
static bool bad(const struct connection *c, const struct end *e, unsigned int code,
		const char *param, const char *text, const char *why, struct reply *r)
{
	reply_say(r, code, "\"%s\": bad %s%s=%s: %s%s%s", c->name, e->side, param, text, why,
		  c->whence ? "; see " : "", c->whence ? c->whence : "");
	return false;
}

static bool read_host(struct connection *c, struct end *e, const char *text, struct reply *r)
{
	err_t ugh;

	if (!text)
		return bad(c, e, RC_CLASH, "", "", "no address given", r);
	if (!strcmp(text, "%any")) {
		e->host = addr_any(AF_INET);
		return true;
	}
	ugh = ttoaddr(span_str(text), &e->host);
	return !ugh || bad(c, e, RC_CLASH, "", text, ugh, r);
}

static bool read_addr(struct connection *c, struct end *e, const char *param, const char *text,
		      struct addr *out, struct reply *r)
{
	err_t ugh;

	if (!text || !strcmp(text, "%direct"))
		return true;
	ugh = ttoaddr(span_str(text), out);
	return !ugh || bad(c, e, RC_CLASH, param, text, ugh, r);
}

static bool read_client(struct connection *c, struct end *e, const char *text, struct reply *r)
{
	err_t ugh;

	if (!text)
		return true;
	ugh = ttosubnet(span_str(text), &e->client);
	if (ugh)
		return bad(c, e, RC_CLASH, "subnet", text, ugh, r);
	e->has_client = true;
	return true;
}

static bool read_id(struct connection *c, struct end *e, const char *text, struct reply *r)
{
	err_t ugh = NULL;

	if (text)
		ugh = ttoid(span_str(text), &e->id);
	else if (!addr_is_any(&e->host))
		id_from_addr(&e->host, &e->id);
	return !ugh || bad(c, e, RC_BADID, "id", text, ugh, r);
}

static bool read_key(struct connection *c, struct end *e, struct span octets, struct reply *r)
{
	err_t ugh;

	if (octets.len == 0)
		return true;
	ugh = rsa_pub_from_rfc3110(octets, &e->key);
	return !ugh || bad(c, e, RC_CLASH, "rsasigkey", "...", ugh, r);
}

static bool read_end(struct connection *c, struct end *e, unsigned int side,
		     const struct whack_msg *m, struct reply *r)
{
	const char *updown = whack_get_text(m, WK_UPDOWN + side);

	e->side = side ? "right" : "left";
	e->host_port = c->pluto->ike_port;
	if (!read_host(c, e, whack_get_text(m, WK_HOST + side), r) ||
	    !read_addr(c, e, "nexthop", whack_get_text(m, WK_NEXTHOP + side), &e->nexthop, r) ||
	    !read_addr(c, e, "sourceip", whack_get_text(m, WK_SOURCEIP + side), &e->sourceip, r) ||
	    !read_client(c, e, whack_get_text(m, WK_SUBNET + side), r) ||
	    !read_id(c, e, whack_get_text(m, WK_ID + side), r))
		return false;
	if (whack_has(m, WK_RSASIGKEY + side) &&
	    !read_key(c, e, m->field[WK_RSASIGKEY + side], r))
		return false;
	e->proto = (uint8_t)whack_get_uint(m, WK_PROTO + side, 0);
	e->port = (uint16_t)whack_get_uint(m, WK_PORT + side, 0);
	e->updown = xstrdup(updown);
	return true;
}

/* One family for the hosts, one for the clients; and somebody must be known. */
static bool ends_agree(const struct connection *c, struct reply *r)
{
	struct selector sel = connection_selector(c);

	if (addr_is_any(&c->this.host) && addr_is_any(&c->that.host)) {
		reply_say(r, RC_CLASH, "\"%s\": left and right cannot both be %%any: "
			  "one of them must be an address of this host", c->name);
		return false;
	}
	if (!addr_is_any(&c->that.host) && c->this.host.family != c->that.host.family) {
		reply_say(r, RC_CLASH, "\"%s\": left= and right= are not both IPv4 or both IPv6",
			  c->name);
		return false;
	}
	if (addr_eq(&c->this.host, &c->that.host)) {
		reply_say(r, RC_CLASH, "\"%s\": left= and right= are the same address", c->name);
		return false;
	}
	if (sel.src.addr.family != sel.dst.addr.family) {
		reply_say(r, RC_CLASH, "\"%s\": what is behind left and right must be both IPv4 "
			  "or both IPv6", c->name);
		return false;
	}
	if (c->this.proto && c->that.proto && c->this.proto != c->that.proto) {
		reply_say(r, RC_CLASH, "\"%s\": leftprotoport= and rightprotoport= name different "
			  "protocols", c->name);
		return false;
	}
	return true;
}

/* Names go into logs, scripts and status lines; keep them one plain word. */
static bool name_ok(const char *name, struct reply *r)
{
	if (!name || !*name || strlen(name) > NAME_MAX_LEN) {
		reply_say(r, RC_BADWHACKMESSAGE, "a connection needs a name of at most %d characters",
			  NAME_MAX_LEN);
		return false;
	}
	for (const char *s = name; *s; s++) {
		if (isgraph((unsigned char)*s) && !strchr("\"'`\\$", *s))
			continue;
		reply_say(r, RC_BADWHACKMESSAGE,
			  "bad connection name: only letters, digits and most marks, no blanks");
		return false;
	}
	return true;
}

void connection_swap_ends(struct connection *c)
{
	struct end e = c->this;

	c->this = c->that;
	c->that = e;
}

static void end_free(struct end *e)
{
	id_free(&e->id);
	free(e->updown);
	rsa_pub_unref(e->key);
}

void connection_free(struct connection *c)
{
	end_free(&c->this);
	end_free(&c->that);
	ike_proposals_free(&c->ike);
	esp_proposals_free(&c->esp);
	free(c->whence);
	free(c->name);
	free(c);
}

static void publish_keys(struct connection *c, const struct end *e, unsigned int side,
			 const struct whack_msg *m, struct reply *r)
{
	struct rsa_pub *second = NULL;
	err_t ugh;

	if (!e->key)
		return;
	pubkey_add(c->pluto, &e->id, rsa_pub_ref(e->key), c->whence ? c->whence : "whack", false);
	if (!whack_has(m, WK_RSASIGKEY2 + side))
		return;
	ugh = rsa_pub_from_rfc3110(m->field[WK_RSASIGKEY2 + side], &second);
	if (ugh)
		bad(c, e, RC_LOG_SERIOUS, "rsasigkey2", "...", ugh, r);
	else
		pubkey_add(c->pluto, &e->id, second, c->whence ? c->whence : "whack", true);
}

static bool read_message(struct connection *c, const struct whack_msg *m, struct reply *r)
{
	if (!read_end(c, &c->this, 0, m, r) || !read_end(c, &c->that, WK_RIGHT, m, r))
		return false;
	if (addr_is_any(&c->this.host) && !addr_is_any(&c->that.host))
		connection_swap_ends(c);
	if (addr_is_any(&c->that.host)) {
		c->that.host = addr_any(c->this.host.family);
		c->kind = CK_TEMPLATE;
	}
	return ends_agree(c, r) && policy_read(c, m, r);
}

struct connection *connection_add(struct pluto *p, const struct whack_msg *m, struct reply *r)
{
	const char *name = whack_get_text(m, WK_NAME);
	struct connection *c, *old;

	if (!name_ok(name, r))
		return NULL;
	old = connection_by_name(p, name);
	if (old && !whack_has(m, WK_REPLACE)) {
		reply_say(r, RC_DUPNAME, "attempt to redefine connection \"%s\"; "
			  "ipsec auto --replace %s does it", name, name);
		return NULL;
	}

	c = xalloc(sizeof(*c));
	c->pluto = p;
	c->serial = ++p->last_connection;
	c->name = xstrdup(name);
	c->whence = xstrdup(whack_get_text(m, WK_WHENCE));
	if (!read_message(c, m, r)) {
		connection_free(c);
		return NULL;
	}
	/* Only now: a bad message must not cost the connection that works. */
	if (old)
		connection_delete(old, r);

	list_add(&p->connections, &c->link);
	publish_keys(c, &c->this, strcmp(c->this.side, "left") ? WK_RIGHT : 0, m, r);
	publish_keys(c, &c->that, strcmp(c->that.side, "left") ? WK_RIGHT : 0, m, r);
	connection_orient(c);
	plog_pluto(p, r, RC_LOG, "added connection description \"%s\"", name);
	return c;
}

/* --- and away ------------------------------------------------------------------------ */

static void say_deleting(const struct connection *c, struct reply *r)
{
	struct subject s = { .pluto = c->pluto, .c = c, .reply = r };

	plog(&s, RC_LOG, "deleting connection");
}

static void delete_instances(struct connection *tmpl, struct reply *r)
{
	struct pluto *p = tmpl->pluto;
	struct connection *c;
	bool found;

	/* Ending one may end others (a peer's, by way of its ISAKMP SA): start over each time. */
	do {
		found = false;
		LIST_EACH(c, &p->connections, struct connection, link) {
			if (c->tmpl != tmpl)
				continue;
			connection_delete(c, r);
			found = true;
			break;
		}
	} while (found);
}

void connection_delete(struct connection *c, struct reply *r)
{
	say_deleting(c, r);
	if (c->kind == CK_TEMPLATE)
		delete_instances(c, r);
	/* Off the list first: nothing that ends with it may find it again and keep it. */
	c->going = true;
	list_del(&c->link);
	ike_terminate(c, "connection deleted");
	unroute_connection(c, r);
	connection_free(c);
}
