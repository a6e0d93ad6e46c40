/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a connection of ipsec.conf(5) to SAs with manual keys.
 *
 *	out:  tun0x200@him  esp0x202@him  ah0x204@him	with spibase=0x200, seen from left
 *	in:   tun0x201@me   esp0x203@me   ah0x205@me
 *
 * Both ends must come to the same SPIs, without a word between them: those of what flows
 * to the right are even, from spibase on, those to the left odd; in each direction the
 * tunnel has the first (not in transport mode), ESP the next, AH the last.  With spi= all
 * of them are the same, as destination and protocol tell them apart.  leftespspi= and its
 * kin are for SAs that flow towards that end; so are leftespenckey= and the other keys.
 *
 * What is wrong is said in FreeS/WAN's words where it had some, and never with a key.
 */
#include "utils/common/manual.h"

#include <stdio.h>
#include <string.h>

#include "lib/pfkey/pfkeyv2.h"
#include "utils/common/suite.h"

static const char *const side_names[] = { [MANUAL_LEFT] = "left", [MANUAL_RIGHT] = "right" };

static bool wrong(struct buf *why, const char *fmt, ...) PRINTF(2, 3);

static bool wrong(struct buf *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(why, fmt, ap);
	va_end(ap);
	return false;
}

static const struct conf_end *end_of(const struct conf_conn *conn, enum manual_side side)
{
	return side == MANUAL_LEFT ? &conn->left : &conn->right;
}

static enum manual_side other(enum manual_side side)
{
	return side == MANUAL_LEFT ? MANUAL_RIGHT : MANUAL_LEFT;
}

/* --- hosts --------------------------------------------------------------------------- */

static bool find_host(const struct conf_conn *conn, enum manual_side side,
		      const struct addr *dflt, struct addr *out, struct buf *why)
{
	const struct conf_end *e = end_of(conn, side);

	switch (e->host_kind) {
	case HOST_ADDR:
		*out = e->host;
		return true;
	case HOST_DEFAULTROUTE:
		if (!dflt)
			return wrong(why, "%%defaultroute requested but not known");
		*out = *dflt;
		return true;
	case HOST_UNSET:
		return wrong(why, "connection has no \"%s\" parameter specified",
			     side_names[side]);
	case HOST_NAME:
		return wrong(why, "%s=%s: manual connections need the address, not a name",
			     side_names[side], e->host_name);
	default:
		return wrong(why, "%s=%%any: manual connections need the address of the peer",
			     side_names[side]);
	}
}

static bool find_nexthop(const struct conf_conn *conn, enum manual_side side,
			 const struct addr *dflt, struct manual_hosts *h, struct buf *why)
{
	const struct conf_end *e = end_of(conn, side);

	if (e->nexthop_kind == HOST_DEFAULTROUTE || e->host_kind == HOST_DEFAULTROUTE) {
		if (!dflt)
			return wrong(why, "%%defaultroute requested but not known");
		h->nexthop[side] = *dflt;
	}
	if (e->nexthop_kind == HOST_ADDR)
		h->nexthop[side] = e->nexthop;
	if (!addr_is_set(&h->nexthop[side]) || addr_is_any(&h->nexthop[side]))
		h->nexthop[side] = h->host[other(side)];
	return true;
}

bool manual_hosts(const struct conf_conn *conn, const struct addr *addr,
		  const struct addr *nexthop, struct manual_hosts *out, struct buf *why)
{
	*out = (struct manual_hosts){ 0 };
	for (int side = MANUAL_LEFT; side <= MANUAL_RIGHT; side++)
		if (!find_host(conn, side, addr, &out->host[side], why))
			return false;
	if (out->host[MANUAL_LEFT].family != out->host[MANUAL_RIGHT].family)
		return wrong(why, "left and right must both be IPv4 or both IPv6");
	if (addr_eq(&out->host[MANUAL_LEFT], &out->host[MANUAL_RIGHT]))
		return wrong(why, "left and right must not be the same");
	for (int side = MANUAL_LEFT; side <= MANUAL_RIGHT; side++)
		if (!find_nexthop(conn, side, nexthop, out, why))
			return false;
	return true;
}

/* --- keys ---------------------------------------------------------------------------- */

/* Keys of what flows towards side: its own, else those of both. */
static const struct secret *pick(const struct secret *own, const struct secret *both)
{
	return own->len ? own : both->len ? both : NULL;
}

/* A key of one end only leaves the other direction without. */
static bool check_pairs(const struct conf_conn *conn, struct buf *why)
{
	const struct conf_keys *l = &conn->left.keys, *r = &conn->right.keys;
	const struct conf_keys *both = &conn->manual.keys;
	const struct {
		const char *name;
		const struct secret *left, *right, *both;
	} pair[] = {
		{ "espenckey", &l->espenckey, &r->espenckey, &both->espenckey },
		{ "espauthkey", &l->espauthkey, &r->espauthkey, &both->espauthkey },
		{ "ahkey", &l->ahkey, &r->ahkey, &both->ahkey },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pair); i++) {
		const struct secret *left = pick(pair[i].left, pair[i].both);
		const struct secret *right = pick(pair[i].right, pair[i].both);

		if (!left != !right)
			return wrong(why, "%s%s is given and %s%s is not: each direction needs one",
				     left ? "left" : "right", pair[i].name,
				     left ? "right" : "left", pair[i].name);
	}
	return true;
}

static size_t length_of(const struct secret *key)
{
	return key ? key->len : 0;
}

static bool check_keys(const struct manual_sa *sa, const struct suite *suite,
		       enum manual_side to, struct buf *why)
{
	err_t ugh = suite_check_keys(suite, length_of(sa->enckey), length_of(sa->authkey));

	return !ugh || wrong(why, "%s=%s: %s (of what flows towards %s)",
			     said_proto_name(sa->said.proto), sa->suite, ugh, side_names[to]);
}

/* --- SAs ----------------------------------------------------------------------------- */

/* The SPIs of one direction, one after the other. */
struct spis {
	uint32_t next, step;
};

static uint32_t next_spi(struct spis *s)
{
	uint32_t spi = s->next;

	s->next += s->step;
	return spi;
}

static struct manual_sa *add_sa(struct manual_way *way, uint8_t proto, uint32_t spi)
{
	struct manual_sa *sa = &way->sa[way->n++];

	sa->said = (struct said){ .dst = way->dst, .proto = proto, .spi = spi };
	return sa;
}

/*
 * A cipher with salt counts packets, and each direction counts from 1: two with one key
 * give all of it away.  RFC 4106 section 2.
 */
static bool check_counter(const struct conf_conn *conn, struct manual_plan *p, struct buf *why)
{
	const struct secret *out = p->out.sa[conn->type == TYPE_TUNNEL].enckey;
	const struct secret *in = p->in.sa[conn->type == TYPE_TUNNEL].enckey;
	struct suite suite;

	if (!conn->esp || suite_by_name(span_str(conn->esp), &suite) || !suite.salt)
		return true;
	p->counts = true;
	return !span_eq_secret(secret_span(out), secret_span(in)) ||
	       wrong(why, "esp=%s: the two directions must not share a key: give leftespenckey "
		     "and rightespenckey", conn->esp);
}

static bool add_esp(const struct conf_conn *conn, enum manual_side to, uint32_t spi,
		    struct manual_way *way, struct buf *why)
{
	const struct conf_end *end = end_of(conn, to);
	struct manual_sa *sa = add_sa(way, IPPROTO_ESP, end->espspi ? end->espspi : spi);
	struct suite suite;
	err_t ugh = suite_by_name(span_str(conn->esp), &suite);

	sa->suite = conn->esp;
	if (ugh)
		return wrong(why, "esp \"%s\": %s", sa->suite, ugh);
	sa->enckey = pick(&end->keys.espenckey, &conn->manual.keys.espenckey);
	sa->authkey = pick(&end->keys.espauthkey, &conn->manual.keys.espauthkey);
	sa->replay = conn->manual.espreplay_window;
	return check_keys(sa, &suite, to, why);
}

static bool add_ah(const struct conf_conn *conn, enum manual_side to, uint32_t spi,
		   struct manual_way *way, struct buf *why)
{
	const struct conf_end *end = end_of(conn, to);
	struct manual_sa *sa = add_sa(way, IPPROTO_AH, end->ahspi ? end->ahspi : spi);
	struct suite suite;
	err_t ugh = suite_of_ah(span_str(conn->manual.ah), &suite);

	sa->suite = conn->manual.ah;
	if (ugh)
		return wrong(why, "ah \"%s\": %s", sa->suite, ugh);
	sa->authkey = pick(&end->keys.ahkey, &conn->manual.keys.ahkey);
	if (!sa->authkey)
		return wrong(why, "AH without a key: ahkey is missing");
	sa->replay = conn->manual.ahreplay_window;
	return check_keys(sa, &suite, to, why);
}

/* All that flows towards one end. */
static bool add_way(const struct conf_conn *conn, const struct manual_hosts *hosts,
		    enum manual_side to, struct manual_way *way, struct buf *why)
{
	const struct conf_manual *m = &conn->manual;
	struct spis spis = { m->spi, 0 };

	if (m->spibase)
		spis = (struct spis){ m->spibase + (to == MANUAL_LEFT), 2 };
	*way = (struct manual_way){ .src = hosts->host[other(to)], .dst = hosts->host[to] };
	if (conn->type == TYPE_TUNNEL)
		add_sa(way, IPPROTO_IPIP, next_spi(&spis));
	return (!conn->esp || add_esp(conn, to, next_spi(&spis), way, why)) &&
	       (!m->ah || add_ah(conn, to, next_spi(&spis), way, why));
}

static bool plan_sas(const struct conf_conn *conn, const struct manual_hosts *hosts,
		     enum manual_side us, struct manual_plan *p, struct buf *why)
{
	if (!conn->esp && !conn->manual.ah)
		return wrong(why, "neither AH nor ESP specified for connection");
	if (!conn->manual.spi && !conn->manual.spibase)
		return wrong(why, "connection has no \"spi\" parameter specified");
	if (conn->manual.spi && conn->manual.spibase)
		return wrong(why, "cannot specify both spi and spibase");
	if (!check_pairs(conn, why) || !add_way(conn, hosts, other(us), &p->out, why) ||
	    !add_way(conn, hosts, us, &p->in, why) || !check_counter(conn, p, why))
		return false;
	p->target = p->out.sa[0].said;
	return true;
}

static bool plan_shunt(const struct conf_conn *conn, struct manual_plan *p, struct buf *why)
{
	static const uint32_t spi[] = {
		[TYPE_PASSTHROUGH] = SPI_PASS, [TYPE_DROP] = SPI_DROP, [TYPE_REJECT] = SPI_REJECT,
	};

	if (conn->esp || conn->manual.ah)
		return wrong(why, "a connection that is no tunnel and no transport has "
			     "neither AH nor ESP");
	p->target = (struct said){ .dst = addr_any(p->theirs.addr.family), .proto = IPPROTO_INT,
				   .spi = spi[conn->type] };
	return true;
}

static struct subnet client_of(const struct conf_end *e, const struct addr *host)
{
	return e->has_subnet ? e->subnet : subnet_of_host(host);
}

bool manual_plan(const struct conf_conn *conn, const struct manual_hosts *hosts,
		 enum manual_side us, struct manual_plan *out, struct buf *why)
{
	enum manual_side them = other(us);
	struct manual_plan p = {
		.conn = conn, .us = end_of(conn, us), .them = end_of(conn, them),
		.nexthop = hosts->nexthop[us],
	};
	bool ok;

	p.mine = client_of(p.us, &hosts->host[us]);
	p.theirs = client_of(p.them, &hosts->host[them]);
	if (p.mine.addr.family != p.theirs.addr.family)
		return wrong(why, "what is behind left and behind right must both be IPv4 "
			     "or both IPv6");
	p.proto = p.us->proto ? p.us->proto : p.them->proto;
	if (conn->type == TYPE_TUNNEL || conn->type == TYPE_TRANSPORT)
		ok = plan_sas(conn, hosts, us, &p, why);
	else
		ok = plan_shunt(conn, &p, why);
	*out = p;
	return ok;
}
