/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What parameters mean to each other.
 *
 * Each rule looks at one connection whose values are all good, and reports at the
 * line of the parameter that should change.  A connection without left or right is there for
 * others to ask for (also=) and is looked at only when it is to be loaded by itself: then
 * "incomplete" is the complaint.
 *
 * What the struct can say but this Pluto does not do is refused here too, so that nobody
 * believes to have what is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/conf/report.h"
#include "lib/conf/value.h"
#include "lib/id/id.h"

struct check {
	struct conf *conf;
	struct conf_conn *conn;
	bool bad;
};

/* One end, with the names of its parameters. */
struct side {
	const char *name;		/* "left" */
	const struct conf_end *end;
};

/* Where a parameter was given; else the head of the section. */
static const struct whence *whence_of(const struct check *k, const char *param)
{
	const struct conf_param *p = param ? conf_param_find(&k->conn->params, param) : NULL;

	return p ? &p->whence : &k->conn->whence;
}

static struct about about(const struct check *k, const char *param, const char *hint)
{
	return (struct about){ .whence = whence_of(k, param), .conn = k->conn->name,
			       .hint = hint };
}

static void wrong(struct check *k, const char *param, const char *hint, const char *fmt, ...)
	PRINTF(4, 5);

static void wrong(struct check *k, const char *param, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_v(&k->conf->errors, &k->conf->n_errors, about(k, param, hint), fmt, ap);
	va_end(ap);
	k->bad = true;
}

static const char *end_param(const struct side *s, const char *name, char out[40])
{
	snprintf(out, 40, "%s%s", s->name, name);
	return out;
}

/* --- the ends ------------------------------------------------------------------------- */

static void check_hosts(struct check *k)
{
	const struct conf_end *l = &k->conn->left, *r = &k->conn->right;

	if (l->host_kind == HOST_DEFAULTROUTE && r->host_kind == HOST_DEFAULTROUTE)
		wrong(k, "right", NULL, "left and right cannot both be %%defaultroute");
	if (l->host_kind == HOST_ANY && r->host_kind == HOST_ANY)
		wrong(k, "right", "one of them is this host",
		      "left and right cannot both be %%any");
	if (l->host_kind != HOST_ADDR || r->host_kind != HOST_ADDR)
		return;
	if (addr_eq(&l->host, &r->host))
		wrong(k, "right", NULL, "left and right must not be the same");
	else if (l->host.family != r->host.family)
		wrong(k, "right", NULL, "left and right must both be IPv4 or both IPv6");
}

static void check_nexthop(struct check *k, const struct side *s)
{
	const struct conf_end *e = s->end;
	char name[40];

	end_param(s, "nexthop", name);
	if (e->host_kind == HOST_DEFAULTROUTE && conf_param_find(&k->conn->params, name) &&
	    e->nexthop_kind != HOST_DEFAULTROUTE)
		wrong(k, name, "%defaultroute brings its own",
		      "non-default value of %s is being overridden", name);
	if (e->host_kind != HOST_ADDR || e->nexthop_kind != HOST_ADDR)
		return;
	if (addr_eq(&e->host, &e->nexthop))
		wrong(k, name, NULL, "%s and %s must not be the same", s->name, name);
	else if (e->host.family != e->nexthop.family)
		wrong(k, name, NULL, "%s and %s must both be IPv4 or both IPv6", s->name, name);
}

static void check_updown(struct check *k, const struct side *s)
{
	char updown[40], firewall[40];

	end_param(s, "updown", updown);
	end_param(s, "firewall", firewall);
	if (s->end->firewall && s->end->updown)
		wrong(k, updown, NULL, "cannot have both %s and %s", firewall, updown);
	else if (s->end->firewall)
		wrong(k, firewall, "say the same with nftables, or in an updown script of your own",
		      "\"%s=yes\" is not supported", firewall);
}

static void check_id(struct check *k, const struct side *s)
{
	struct id id = { 0 };
	char name[40];

	if (!s->end->id)
		return;
	end_param(s, "id", name);
	if (strcmp(s->end->id, "%myid") == 0) {
		if (!k->conf->setup.myid)
			wrong(k, name, NULL, "\"%s=%%myid\" needs myid in config setup", name);
		return;
	}
	if (!ttoid(span_str(s->end->id), &id) && id_is_any(&id) && s->end->rsasigkey &&
	    s->end->rsasigkey[0] != '%')
		wrong(k, name, NULL, "ID \"%%any\" cannot have RSA key");
	id_free(&id);
}

static void check_end(struct check *k, const struct side *s)
{
	const struct conf_end *e = s->end;
	char name[40];

	check_nexthop(k, s);
	check_updown(k, s);
	check_id(k, s);
	if (e->has_sourceip && e->has_subnet && !subnet_contains(&e->subnet, &e->sourceip))
		wrong(k, end_param(s, "sourceip", name), "it should be an address of this "
		      "gateway in that network", "%s is not in %ssubnet", name, s->name);
}

static void check_subnets(struct check *k)
{
	const struct conf_end *l = &k->conn->left, *r = &k->conn->right;

	if (!l->has_subnet || !r->has_subnet)
		return;
	if (l->subnet.addr.family != r->subnet.addr.family)
		wrong(k, "rightsubnet", NULL,
		      "leftsubnet and rightsubnet must both be IPv4 or both IPv6");
	else if (subnet_overlaps(&l->subnet, &r->subnet))
		conf_warn(k->conf, about(k, "rightsubnet", "the more specific eroute wins"),
			  "leftsubnet and rightsubnet overlap");
}

/* --- the connection ------------------------------------------------------------------- */

static bool is_for_pluto(const struct conf_conn *c)
{
	return c->autostart != AUTO_MANUAL && c->autostart != AUTO_IGNORE;
}

static bool is_manual(const struct conf_conn *c)
{
	return !is_for_pluto(c) && (c->autostart == AUTO_MANUAL || c->manual.spi ||
				    c->manual.spibase);
}

static void check_type(struct check *k)
{
	static const char *const not_for_pluto[] = {
		[TYPE_TRANSPORT] = "type=transport", [TYPE_PASSTHROUGH] = "type=passthrough",
		[TYPE_DROP] = "type=drop", [TYPE_REJECT] = "type=reject",
	};
	struct conf_conn *c = k->conn;

	if (c->type == TYPE_TUNNEL) {
		if (c->authby == AUTHBY_NEVER)
			wrong(k, "authby", "secret or rsasig",
			      "authby=never and type=tunnel do not go together");
		return;
	}
	if (c->type == TYPE_TRANSPORT && c->left.has_subnet)
		wrong(k, "leftsubnet", NULL, "type=transport incompatible with leftsubnet");
	if (c->type == TYPE_TRANSPORT && c->right.has_subnet)
		wrong(k, "rightsubnet", NULL, "type=transport incompatible with rightsubnet");
	if (!is_for_pluto(c))
		c->not_for_pluto = not_for_pluto[c->type];
	else
		wrong(k, "type", "tunnels only; ipsec manual does the others",
		      "\"%s\" is not supported", not_for_pluto[c->type]);
}

static void check_policy(struct check *k)
{
	struct conf_conn *c = k->conn;

	if (c->ah)
		wrong(k, "auth", "ESP authenticates as well: auth=esp",
		      "\"auth=ah\" is not supported");
	if (c->failureshunt == FAIL_PASSTHROUGH || c->failureshunt == FAIL_REJECT)
		wrong(k, "failureshunt", "packets are dropped when a negotiation fails",
		      "\"failureshunt=%s\" is not supported",
		      c->failureshunt == FAIL_REJECT ? "reject" : "passthrough");
	if (c->autostart == AUTO_MANUAL)
		c->not_for_pluto = "auto=manual";
	if (c->manual.spi && c->manual.spibase)
		wrong(k, "spibase", NULL, "cannot specify both spi and spibase");
	if (c->keylife == 0)
		wrong(k, "keylife", NULL, "keylife must not be 0");
	if (c->ikelifetime == 0)
		wrong(k, "ikelifetime", NULL, "ikelifetime must not be 0");
}

static void warn_of(struct check *k)
{
	struct conf_conn *c = k->conn;
	uint64_t margin = c->rekeymargin + c->rekeymargin * c->rekeyfuzz / 100;

	if (is_manual(c))
		return;
	if (c->compress)
		conf_warn(k->conf, about(k, "compress", NULL),
			  "compress=yes has no effect: Pluto proposes no IPComp");
	if (c->authby == AUTHBY_RSASIG && !c->left.rsasigkey && !c->right.rsasigkey)
		conf_warn(k->conf, about(k, "authby", "give the keys, or authby=secret"),
			  "authby=rsasig, but neither leftrsasigkey nor rightrsasigkey");
	if (c->rekey && c->keylife <= margin)
		conf_warn(k->conf, about(k, "keylife", "a shorter rekeymargin helps"),
			  "keylife of %llus is not longer than rekeymargin with fuzz, %llus",
			  (unsigned long long)c->keylife, (unsigned long long)margin);
	if (c->rekey && c->ikelifetime <= margin)
		conf_warn(k->conf, about(k, "ikelifetime", "a shorter rekeymargin helps"),
			  "ikelifetime of %llus is not longer than rekeymargin with fuzz, %llus",
			  (unsigned long long)c->ikelifetime, (unsigned long long)margin);
	if (c->autostart == AUTO_START &&
	    (c->left.host_kind == HOST_ANY || c->right.host_kind == HOST_ANY))
		conf_warn(k->conf, about(k, "auto", "use auto=add"),
			  "auto=start cannot start towards %%any");
}

static void check_incomplete(struct check *k)
{
	struct conf_conn *c = k->conn;
	const char *missing = c->left.host_kind == HOST_UNSET ? "left" : "right";

	if (c->autostart != AUTO_IGNORE)
		wrong(k, NULL, NULL, "connection has no \"%s\" parameter specified", missing);
	else if (strcmp(c->name, "default") == 0)
		conf_warn(k->conf, about(k, NULL, NULL), "this is a connection called "
			  "\"default\"; values for all others go into \"conn %%default\"");
}

bool conf_check_conn(struct conf *c, struct conf_conn *conn)
{
	struct check k = { .conf = c, .conn = conn };
	struct side left = { "left", &conn->left }, right = { "right", &conn->right };

	if (conn->incomplete) {
		check_incomplete(&k);
		return !k.bad;
	}
	check_hosts(&k);
	check_end(&k, &left);
	check_end(&k, &right);
	check_subnets(&k);
	check_type(&k);
	check_policy(&k);
	if (!k.bad)
		warn_of(&k);
	return !k.bad;
}

/* --- config setup --------------------------------------------------------------------- */

static bool is_word(struct span *in, struct span *word)
{
	size_t n = 0;

	*in = span_trim(*in);
	while (n < in->len && in->ptr[n] != ' ' && in->ptr[n] != '\t')
		n++;
	return n > 0 && span_take(in, n, word);
}

/* 1.x: connections named in config setup are loaded or started whatever their auto= says. */
static void name_conns(struct conf *c, const char *param, const char *names, enum conf_auto to)
{
	const struct conf_param *p = conf_param_find(&c->setup.params, param);
	struct span in = span_str(names), word;
	struct about where = { .whence = p ? &p->whence : NULL };

	while (is_word(&in, &word)) {
		char *name = span_dup(word);
		struct conf_conn *conn = conf_conn_find(c, name);
		struct shown sh;

		if (!conn)
			conf_err(c, where, "did not find conn section(s) \"%s\"",
				 shown(word, &sh));
		else if (conn->autostart == AUTO_IGNORE || to == AUTO_START)
			conn->autostart = to;
		free(name);
	}
}

static void check_pluto_list(struct conf *c, const char *param, char **names,
			     enum conf_auto to)
{
	const struct conf_param *p = conf_param_find(&c->setup.params, param);
	struct about where = { .whence = p ? &p->whence : NULL,
			       .hint = "auto= in each connection says it" };

	if (!*names)
		return;
	if (strcmp(*names, "%search") != 0 && c->version == 1)
		name_conns(c, param, *names, to);
	else if (strcmp(*names, "%search") != 0)
		conf_err(c, where, "version 2 files have no parameter \"%s\"", param);
	free(*names);
	*names = NULL;
}

static bool is_among(const char *names, const char *name)
{
	struct span in = span_str(names), word;

	while (is_word(&in, &word))
		if (span_is(word, name))
			return true;
	return false;
}

/* manualstart= first, then auto=manual: one list for whoever brings them up. */
static void list_manual(struct conf *c)
{
	const char *given = c->setup.manualstart;
	struct buf all = { 0 };
	struct conf_conn *conn;

	if (given && strcmp(given, "%none") != 0)
		buf_add_str(&all, given);
	LIST_EACH(conn, &c->conns, struct conf_conn, link) {
		if (conn->bad || conn->autostart != AUTO_MANUAL || is_among(given, conn->name))
			continue;
		buf_printf(&all, "%s%s", all.len ? " " : "", conn->name);
	}
	free(c->setup.manualstart);
	c->setup.manualstart = xstrdup(buf_str(&all));
	buf_free(&all);
}

void conf_check_setup(struct conf *c)
{
	list_manual(c);
	check_pluto_list(c, "plutoload", &c->setup.plutoload, AUTO_ADD);
	check_pluto_list(c, "plutostart", &c->setup.plutostart, AUTO_START);
	if (c->version == 1 && c->n_conns > 0)
		conf_warn(c, (struct about){ .hint = "see VERSIONS in ipsec.conf(5)" },
			  "no \"version 2\" at the top: defaults are those of FreeS/WAN 1.x "
			  "(authby=secret, keyingtries=3, interfaces=%%none ...)");
}
