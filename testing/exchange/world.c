// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making, running and ending a world of two Plutos.
 *
 * Connections come in as whack's messages, so the tests go through the same door as
 * the administrator.  Jobs run as deferred calls: in order, and only when the test lets them.
 */
#include "testing/exchange/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/conf/conf.h"
#include "lib/conf/secrets.h"
#include "pluto/job.h"
#include "pluto/keys.h"
#include "pluto/route.h"
#include "pluto/eroute.h"
#include "pluto/shunt.h"
#include "pluto/updown.h"

static const char *const names[] = { "west", "east" };
static const char *const hosts[] = { "192.0.2.1", "198.51.100.1" };
static const char *const ids[] = { "@west", "@east" };
static const char *const clients[] = { "10.0.1.0/24", "10.0.2.0/24" };

static struct world *current;		/* whose log is written */

static void sink(enum log_level level, const char *line)
{
	(void)level;
	if (!current)
		return;
	if (getenv("VERBOSE"))
		fprintf(stderr, "[%llu] %s\n", (unsigned long long)server_now() / 1000, line);
	buf_add_str(&current->log, line);
	buf_add_str(&current->log, "\n");
}

/* --- the one who waits ----------------------------------------------------------------- */

static void reply_line(struct reply *r, unsigned int code, const char *text)
{
	struct side *s = r->impl;

	buf_printf(&s->said, "%03u %s\n", code, text);
}

static void reply_close(struct reply *r)
{
	struct side *s = r->impl;

	s->reply_closed = true;
}

/* --- making ---------------------------------------------------------------------------- */

static void add_rfc3110(struct buf *msg, unsigned int key, int which)
{
	struct secrets *s = secrets_parse("test", span_str(test_keys[which - 1]));
	struct secret_entry *e = LIST_FIRST(&s->entries, struct secret_entry, link);
	struct buf octets = { 0 };

	assert_non_null(e);
	rsa_pub_to_rfc3110(rsa_priv_pub(e->rsa), &octets);
	whack_msg_data(msg, key, buf_span(&octets));
	buf_free(&octets);
	secrets_free(s);
}

static const char *or(const char *a, const char *b)
{
	return a ? a : b;
}

static void add_end(struct buf *m, unsigned int off, const char *host, const char *id,
		    const char *client, uint8_t proto, uint16_t port)
{
	whack_msg_text(m, WK_HOST + off, host);
	whack_msg_text(m, WK_ID + off, id);
	if (*client)
		whack_msg_text(m, WK_SUBNET + off, client);
	if (proto)
		whack_msg_uint(m, WK_PROTO + off, proto);
	if (port)
		whack_msg_uint(m, WK_PORT + off, port);
}

struct connection *world_add(struct world *w, int side, const char *name,
			     const struct side_setup *s)
{
	int peer = !side, own_off = side == WEST ? 0 : WK_RIGHT, peer_off = WK_RIGHT - own_off;
	struct buf m = { 0 };
	struct whack_msg parsed;
	struct connection *c;

	whack_msg_start(&m, WHACK_CONNECTION);
	whack_msg_text(&m, WK_NAME, name);
	whack_msg_uint(&m, WK_TYPE, 0);
	whack_msg_uint(&m, WK_AUTHBY, (s->rsa ? AUTHBY_RSASIG : AUTHBY_PSK) |
		       (s->also_psk ? AUTHBY_PSK : 0));
	if (!s->no_pfs)
		whack_msg_flag(&m, WK_PFS);
	if (!s->no_rekey)
		whack_msg_flag(&m, WK_REKEY);
	whack_msg_uint(&m, WK_IKELIFETIME, s->ike_life ? s->ike_life : 3600);
	whack_msg_uint(&m, WK_KEYLIFE, s->ipsec_life ? s->ipsec_life : 28800);
	whack_msg_uint(&m, WK_REKEYMARGIN, s->margin ? s->margin : 540);
	whack_msg_uint(&m, WK_REKEYFUZZ, 100);
	whack_msg_uint(&m, WK_KEYINGTRIES, s->tries == ~0u ? 0 : s->tries ? s->tries : 1);
	whack_msg_text(&m, WK_IKE, s->ike);
	whack_msg_text(&m, WK_ESP, s->esp);
	add_end(&m, (unsigned int)own_off, hosts[side], or(s->id, ids[side]),
		or(s->client, clients[side]), s->proto, s->port);
	add_end(&m, (unsigned int)peer_off, s->road_warrior ? "%any" : hosts[peer],
		or(s->peer_id, ids[peer]), or(s->peer_client, clients[peer]), s->peer_proto,
		s->peer_port);
	if (s->rsa) {
		add_rfc3110(&m, WK_RSASIGKEY + (unsigned int)own_off, s->rsa);
		add_rfc3110(&m, WK_RSASIGKEY + (unsigned int)peer_off,
			    s->peer_rsa ? s->peer_rsa : 3 - s->rsa);
	}
	assert_null(whack_msg_parse(buf_span(&m), &parsed));
	c = connection_add(&w->side[side].p, &parsed, NULL);
	assert_non_null(c);
	assert_non_null(c->iface);
	buf_free(&m);
	return c;
}

void world_secrets(struct world *w, int side, const char *text)
{
	struct pluto *p = &w->side[side].p;

	secrets_free(p->secrets);
	p->secrets = secrets_parse("ipsec.secrets", span_str(text));
	assert_true(list_empty(&p->secrets->errors));
}

static void load_secrets(struct side *s, const struct side_setup *how)
{
	struct buf text = { 0 };

	if (how->rsa)
		buf_add_str(&text, test_keys[how->rsa - 1]);
	else if (!how->psk || *how->psk)
		buf_printf(&text, ": PSK \"%s\"\n", or(how->psk, "a secret that both know"));
	s->p.secrets = secrets_parse("ipsec.secrets", buf_span(&text));
	assert_true(list_empty(&s->p.secrets->errors));
	buf_free(&text);
}

static void make_side(struct world *w, int i, const struct side_setup *how)
{
	struct side *s = &w->side[i];
	struct pluto *p = &s->p;

	p->name = xstrdup(names[i]);
	p->uniqueids = true;
	p->listening = true;
	p->ike_port = IKE_PORT;
	list_init(&p->connections);
	list_init(&p->ifaces);
	list_init(&p->exchanges);
	list_init(&p->isakmp_sas);
	list_init(&p->ipsec_sas);
	list_init(&p->pubkeys);
	p->kernel = &kernel_fake;
	p->kernel_ctx = &s->kernel;
	s->kernel.next_spi = i == WEST ? 0x10001000 : 0x20002000;
	s->ifp.pluto = p;
	s->ifp.vname = xstrdup("ipsec0");
	s->ifp.pname = xstrdup("eth0");
	assert_null(ttoaddr(span_str(hosts[i]), &s->ifp.local.addr));
	s->ifp.local.port = IKE_PORT;
	s->ifp.fd = -1;
	list_add(&p->ifaces, &s->ifp.link);
	ike_init(p);
	load_secrets(s, how);
	if (!how->no_conn)
		s->c = world_add(w, i, "west-east", how);
}

struct world *world_new(const struct side_setup *west, const struct side_setup *east)
{
	static const struct side_setup usual;
	struct world *w = xalloc(sizeof(*w));

	fake_clock_reset();
	wire_clear();
	job_threads(0);
	current = w;
	log_to(sink);
	make_side(w, WEST, west ? west : &usual);
	make_side(w, EAST, east ? east : &usual);
	return w;
}

/* --- ending ---------------------------------------------------------------------------- */

static void end_side(struct side *s)
{
	struct pluto *p = &s->p;
	struct connection *c;

	ike_shutdown(p);
	assert_true(list_empty(&p->exchanges));
	assert_true(list_empty(&p->isakmp_sas));
	assert_true(list_empty(&p->ipsec_sas));
	assert_int_equal(p->half_open, 0);
	while ((c = LIST_FIRST(&p->connections, struct connection, link)))
		connection_delete(c, NULL);
	keys_fini(p);
	route_fini(p);
	shunt_fini(p);
	updown_fini(p);
	assert_int_equal(fake_count(&s->kernel, IPPROTO_ESP, true), 0);
	assert_int_equal(fake_count(&s->kernel, IPPROTO_ESP, false), 0);
	fake_kernel_clear(&s->kernel);
	free(p->name);
	free(s->ifp.vname);
	free(s->ifp.pname);
	assert_int_equal(s->reply.refs, 0);
	buf_free(&s->said);
}

void world_end(struct world *w)
{
	end_side(&w->side[WEST]);
	end_side(&w->side[EAST]);
	compute();
	wire_clear();
	assert_int_equal(fake_timers_armed(), 0);
	current = NULL;
	buf_free(&w->log);
	free(w);
}

/* --- running --------------------------------------------------------------------------- */

void initiate(struct world *w, int side)
{
	struct side *s = &w->side[side];

	s->reply = (struct reply){ .refs = 1, .line = reply_line, .close = reply_close,
				   .impl = s };
	s->c->policy |= POLICY_UP;
	ike_initiate(s->c, &s->reply, 1, 0);
	reply_release(&s->reply);
}

void compute(void)
{
	while (fake_run_deferred())
		;
}

void deliver(struct world *w, const struct packet *k)
{
	for (int i = 0; i < SIDES; i++)
		if (addr_eq(&w->side[i].ifp.local.addr, &k->to.addr))
			demux(&w->side[i].p, &w->side[i].ifp, &k->from, buf_span(&k->data));
	compute();
}

bool step(struct world *w)
{
	struct packet *k;

	compute();
	k = wire_take();
	if (!k)
		return false;
	deliver(w, k);
	packet_free(k);
	return true;
}

void settle(struct world *w)
{
	while (step(w))
		;
}

void lose(struct world *w)
{
	(void)w;
	compute();
	packet_free(wire_take());
}

void advance(struct world *w, uint64_t ms)
{
	uint64_t end = server_now() + ms;

	settle(w);
	while (fake_next_due() <= end) {
		fake_jump(fake_next_due() > server_now() ? fake_next_due() : server_now());
		settle(w);
	}
	fake_jump(end);
	settle(w);
}

/* --- looking --------------------------------------------------------------------------- */

bool logged(struct world *w, const char *text)
{
	return strstr(buf_str(&w->log), text);
}

bool told(struct world *w, int side, const char *text)
{
	return strstr(buf_str(&w->side[side].said), text);
}

void assert_logged(struct world *w, const char *text)
{
	if (!logged(w, text))
		fail_msg("not logged: %s\n--- log ---\n%s", text, buf_str(&w->log));
}

void assert_told(struct world *w, int side, const char *text)
{
	if (!told(w, side, text))
		fail_msg("not told: %s\n--- replies ---\n%s--- log ---\n%s", text,
			 buf_str(&w->side[side].said), buf_str(&w->log));
}

unsigned int count_logged(struct world *w, const char *text)
{
	unsigned int n = 0;

	for (const char *s = buf_str(&w->log); (s = strstr(s, text)); s += strlen(text))
		n++;
	return n;
}

unsigned int count_list(const struct list *l)
{
	unsigned int n = 0;

	for (const struct list *i = l->next; i != l; i = i->next)
		n++;
	return n;
}

static struct ipsec_sa *newest(struct world *w, int side)
{
	struct ipsec_sa *sa, *best = NULL;

	LIST_EACH(sa, &w->side[side].p.ipsec_sas, struct ipsec_sa, link)
		if (sa->established)
			best = sa;
	return best;
}

static void assert_same_key(struct world *w, struct said said)
{
	struct span a = fake_key(&w->side[WEST].kernel, &said);
	struct span b = fake_key(&w->side[EAST].kernel, &said);

	assert_true(a.len > 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.ptr, b.ptr, a.len);
}

void assert_up(struct world *w)
{
	struct ipsec_sa *sa = newest(w, WEST), *peer = newest(w, EAST);

	if (!sa || !peer)
		fail_msg("not up\n--- log ---\n%s", buf_str(&w->log));
	assert_int_equal(sa->our_spi, peer->peer_spi);
	assert_int_equal(sa->peer_spi, peer->our_spi);
	assert_same_key(w, ipsec_sa_in(sa));
	assert_same_key(w, ipsec_sa_out(sa));
	assert_true(w->side[WEST].kernel.eroutes && w->side[EAST].kernel.eroutes);
}

void assert_packets_pass(struct world *w)
{
	for (int i = 0; i < SIDES; i++) {
		struct side *s = &w->side[i];
		struct ipsec_sa *sa = ipsec_sa_by_serial(&s->p, s->c->eroute_owner);
		struct said out;

		assert_non_null(sa);
		out = ipsec_sa_out(sa);
		assert_same_key(w, out);
	}
}

void assert_down(struct world *w, int side)
{
	struct isakmp_sa *sa;

	assert_null(newest(w, side));
	LIST_EACH(sa, &w->side[side].p.isakmp_sas, struct isakmp_sa, link)
		assert_false(sa->established);
}
