// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Quick Mode: RFC 2409 section 5.5.
 *
 *	initiator					responder
 *	HDR*, HASH(1), SA, Ni
 *	      [, KE] [, IDci, IDcr]	-->
 *					<--		HDR*, HASH(2), SA, Nr
 *							      [, KE] [, IDci, IDcr]
 *	HDR*, HASH(3)			-->
 *
 * The engine has verified the hash before a handler here runs, and makes ours afterwards.
 * KE is there for PFS.  Without IDs the clients are the hosts themselves.  IDs are of address
 * types only; the connection must have exactly these clients, so no peer gets another's
 * subnet.
 *
 * The inbound SA is in the kernel before the message that tells its SPI leaves, the outbound
 * one after the peer is known to have its own.
 */
#include "pluto/quick_mode.h"

#include "pluto/iface.h"
#include "pluto/info.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/iv.h"
#include "pluto/kernel.h"
#include "pluto/keymat.h"
#include "pluto/kx.h"
#include "pluto/offer.h"
#include "pluto/route.h"

/* --- clients in ID payloads ------------------------------------------------------------ */

struct client {
	struct subnet net;
	uint8_t proto;
	uint16_t port;
};

static err_t subnet_from_id(uint8_t type, struct span data, struct subnet *s)
{
	bool v6 = type == ID_IPV6_ADDR || type == ID_IPV6_ADDR_SUBNET ||
		  type == ID_IPV6_ADDR_RANGE;
	bool single = type == ID_IPV4_ADDR || type == ID_IPV6_ADDR;
	sa_family_t family = v6 ? AF_INET6 : AF_INET;
	size_t len = v6 ? 16 : 4;
	struct addr a, b;
	err_t ugh = NULL;

	if (data.len != (single ? len : 2 * len))
		return "its length does not fit its type";
	ugh = addr_from_octets(family, span_of(data.ptr, len), &a);
	if (ugh)
		return ugh;
	if (single) {
		*s = subnet_of_host(&a);
		return NULL;
	}
	ugh = addr_from_octets(family, span_skip(data, len), &b);
	if (ugh)
		return ugh;
	if (type == ID_IPV4_ADDR_RANGE || type == ID_IPV6_ADDR_RANGE) {
		*s = subnet_of_range(&a, &b, &ugh);
		return ugh;
	}
	return subnet_of_mask(&a, &b, s) ? NULL : "a mask with holes, or an address with host bits";
}

static enum verdict take_client(struct exchange *x, const char *name, struct span body,
				struct client *c)
{
	struct span data = body;
	struct isa_id id;
	struct name_buf nb;
	err_t ugh = unpack(&data, &id_desc, &id, NULL);

	if (ugh)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: %s is %s", name, ugh);
	switch (id.type) {
	case ID_IPV4_ADDR:
	case ID_IPV4_ADDR_SUBNET:
	case ID_IPV4_ADDR_RANGE:
	case ID_IPV6_ADDR:
	case ID_IPV6_ADDR_SUBNET:
	case ID_IPV6_ADDR_RANGE:
		break;
	default:
		return refuse(x, CAUSE_ID, "unsupported ID type %s in %s",
			      name_show(&id_type_names, id.type, &nb), name);
	}
	ugh = subnet_from_id(id.type, data, &c->net);
	if (ugh)
		return refuse(x, CAUSE_ID, "%s in %s: %s",
			      name_show(&id_type_names, id.type, &nb), name, ugh);
	/* Protocol and port: both or none (RFC 2407 section 4.6.2). */
	if (!id.protocol && id.port)
		return refuse(x, CAUSE_ID, "port %u without a protocol in %s", id.port, name);
	c->proto = id.protocol;
	c->port = id.port;
	return V_OK;
}

static void make_client_id(struct buf *b, const struct client *c, bool is_host)
{
	bool v6 = c->net.addr.family == AF_INET6;
	struct addr mask = subnet_mask(&c->net);

	buf_clear(b);
	if (is_host)
		buf_add_u8(b, v6 ? ID_IPV6_ADDR : ID_IPV4_ADDR);
	else
		buf_add_u8(b, v6 ? ID_IPV6_ADDR_SUBNET : ID_IPV4_ADDR_SUBNET);
	buf_add_u8(b, c->proto);
	buf_add_u16(b, c->port);
	buf_add_span(b, addr_span(&c->net.addr));
	if (!is_host)
		buf_add_span(b, addr_span(&mask));
}

/* A protocol that one end names is that of both. */
static void make_client_ids(struct exchange *x)
{
	struct selector sel = connection_selector(x->c);
	struct client us = { sel.src, sel.proto, sel.sport };
	struct client them = { sel.dst, sel.proto, sel.dport };

	make_client_id(&x->id_i, &us, !x->c->this.has_client);
	make_client_id(&x->id_r, &them, !x->c->that.has_client);
}

/* The peer's two IDs, or the hosts, as a selector from our side. */
static enum verdict take_clients(struct exchange *x, const struct ike_msg *m,
				 struct selector *sel)
{
	struct client ci = { .net = subnet_of_host(&x->peer.addr) };
	struct client cr = { .net = subnet_of_host(&x->iface->local.addr) };
	struct span body[2] = { SPAN_EMPTY, SPAN_EMPTY };
	unsigned int n = 0;
	enum verdict v = V_OK;

	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == PLD_ID && n++ < 2)
			body[n - 1] = m->pld[i].body;
	if (n != 0 && n != 2)
		return refuse(x, CAUSE_ID, "%u ID payloads instead of IDci and IDcr", n);
	x->wants_ids = n;
	if (n)
		v = take_client(x, "IDci", body[0], &ci);
	if (n && v == V_OK)
		v = take_client(x, "IDcr", body[1], &cr);
	if (v != V_OK)
		return v;
	if (ci.proto != cr.proto)
		return refuse(x, CAUSE_ID, "protocol %u in IDci but %u in IDcr", ci.proto, cr.proto);
	buf_set(&x->id_i, body[0]);
	buf_set(&x->id_r, body[1]);
	*sel = (struct selector){ cr.net, ci.net, ci.proto, cr.port, ci.port };
	return V_OK;
}

/* `10.0.1.0/24===192.0.2.1...198.51.100.1===10.0.2.0/24`: what was asked for. */
static void show_request(const struct exchange *x, const struct selector *sel, struct buf *out)
{
	struct subnet_buf sb;
	struct addr_buf ab;

	buf_printf(out, "%s===%s", subnet_show(&sel->src, &sb),
		   addr_show(&x->iface->local.addr, &ab));
	if (sel->proto)
		buf_printf(out, ":%u/%u", sel->proto, sel->sport);
	buf_printf(out, "...%s", addr_show(&x->peer.addr, &ab));
	if (sel->proto)
		buf_printf(out, ":%u/%u", sel->proto, sel->dport);
	buf_printf(out, "===%s", subnet_show(&sel->dst, &sb));
}

static enum verdict choose_connection(struct exchange *x, const struct selector *sel)
{
	struct buf nearest = { 0 }, asked = { 0 };
	struct peer_proof proof = isakmp_sa_proof(x->isakmp);
	struct connection *c = connection_for_clients(x->c, &proof, sel, &nearest);

	if (c) {
		if (c != x->c)
			exchange_switch(x, c);
	} else {
		show_request(x, sel, &asked);
		refuse(x, CAUSE_NO_CLIENTS, "cannot respond to IPsec SA request because no "
		       "connection is known for %s%s%s%s", buf_str(&asked),
		       nearest.len ? " (" : "", buf_str(&nearest), nearest.len ? ")" : "");
	}
	buf_free(&nearest);
	buf_free(&asked);
	return c ? V_OK : V_REFUSED;
}

/* --- responder ------------------------------------------------------------------------- */

static enum verdict take_spi(struct exchange *x)
{
	struct pluto *p = x->c->pluto;
	err_t ugh = p->kernel->get_spi(p, IPPROTO_ESP, &x->peer.addr, &x->iface->local.addr,
				       &x->ipsec->our_spi);

	if (ugh)
		return refuse(x, CAUSE_KERNEL, "no SPI from the kernel: %s", ugh);
	return V_OK;
}

/* KE exactly when the chosen transform has a group; the nonce always. */
static enum verdict take_ke_nonce(struct exchange *x, const struct ike_msg *m)
{
	enum verdict v = kx_take_nonce(x, msg_body(m, PLD_NONCE));

	if (v == V_OK && x->group)
		v = kx_take_ke(x, msg_body(m, PLD_KE));
	return v;
}

static enum verdict qm_in_request(struct exchange *x, const struct ike_msg *m)
{
	struct selector sel;
	enum verdict v;

	/* The hash was right, so this ID has been used, whatever becomes of it. */
	isakmp_use_msgid(x->isakmp, x->msgid);
	exchange_number(x);
	v = take_clients(x, m, &sel);
	if (v == V_OK)
		v = choose_connection(x, &sel);
	if (v != V_OK)
		return v;
	plog(&x->subject, RC_LOG, "responding to Quick Mode");
	if (!route_possible(x->c, &x->subject))
		return refuse(x, CAUSE_ROUTE, "the connection cannot have its route");
	x->ipsec = ipsec_sa_new(x, &sel);
	v = offer_choose_ipsec(x, msg_body(m, PLD_SA), m->seen & P(KE));
	if (v == V_OK)
		v = take_ke_nonce(x, m);
	if (v == V_OK)
		v = take_spi(x);
	if (v == V_OK)
		kx_make_nonce(x);
	return v;
}

static void put_ke_and_ids(struct exchange *x, struct ike_out *o)
{
	if (x->group)
		msg_add(o, PLD_KE, buf_span(x->initiator ? &x->ke_i : &x->ke_r));
	if (x->wants_ids) {
		msg_add(o, PLD_ID, buf_span(&x->id_i));
		msg_add(o, PLD_ID, buf_span(&x->id_r));
	}
}

static enum verdict finish_inbound(struct exchange *x)
{
	bool ok;

	x->ipsec->life = x->life;
	x->ipsec->life_kb = x->life_kb;
	keymat_ipsec(x);
	/* The route is begun here: its failure is for whoever waits. */
	x->ipsec->subject.reply = x->subject.reply;
	ok = install_inbound(x->ipsec);
	x->ipsec->subject.reply = NULL;
	if (!ok)
		return refuse(x, CAUSE_KERNEL, "the kernel did not take the inbound SA");
	return V_OK;
}

/* The transform comes back unchanged; that ours is shorter is said beside it. */
static void put_life(struct exchange *x, struct ike_out *o)
{
	struct buf body = { 0 };

	if (x->life_asked <= x->life)
		return;
	info_put_life(&body, x->ipsec->our_spi, x->life);
	msg_add(o, PLD_N, buf_span(&body));
	buf_free(&body);
}

static enum verdict qm_out_answer(struct exchange *x, struct ike_out *o)
{
	enum verdict v = finish_inbound(x);

	if (v != V_OK)
		return v;
	offer_answer(x, o, x->ipsec->our_spi);
	msg_add(o, PLD_NONCE, buf_span(&x->nr));
	put_ke_and_ids(x, o);
	put_life(x, o);
	return V_OK;
}

/* --- initiator ------------------------------------------------------------------------- */

static enum verdict qm_out_request(struct exchange *x, struct ike_out *o)
{
	enum verdict v = take_spi(x);

	if (v == V_OK)
		v = offer_ipsec(x, o);
	if (v != V_OK)
		return v;
	kx_make_nonce(x);
	make_client_ids(x);
	msg_add(o, PLD_NONCE, buf_span(&x->ni));
	put_ke_and_ids(x, o);
	return V_OK;
}

/* The responder repeats our IDs; a peer that narrows them is not understood. */
static enum verdict check_ids(struct exchange *x, const struct ike_msg *m)
{
	struct client want_i, want_r, ci, cr;
	struct span body[2] = { SPAN_EMPTY, SPAN_EMPTY };
	unsigned int n = 0;
	enum verdict v;

	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == PLD_ID && n++ < 2)
			body[n - 1] = m->pld[i].body;
	if (n == 0 && !x->wants_ids)
		return V_OK;
	if (n != 2)
		return refuse(x, CAUSE_ID, "%u ID payloads in the answer instead of two", n);
	v = take_client(x, "IDci", body[0], &ci);
	if (v == V_OK)
		v = take_client(x, "IDcr", body[1], &cr);
	if (v == V_OK)
		v = take_client(x, "our IDci", buf_span(&x->id_i), &want_i);
	if (v == V_OK)
		v = take_client(x, "our IDcr", buf_span(&x->id_r), &want_r);
	if (v != V_OK)
		return v;
	if (!subnet_eq(&ci.net, &want_i.net) || ci.proto != want_i.proto ||
	    ci.port != want_i.port || !subnet_eq(&cr.net, &want_r.net) ||
	    cr.proto != want_r.proto || cr.port != want_r.port)
		return refuse(x, CAUSE_NO_CLIENTS,
			      "the peer answered with other clients than we asked for");
	return V_OK;
}

static void take_life(struct exchange *x, const struct ike_msg *m)
{
	struct span spi, data;
	struct isa_notify n;
	struct life life;

	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == PLD_N &&
		    info_read_notify(m->pld[i].body, &n, &spi, &data) &&
		    n.type == IPSEC_RESPONDER_LIFETIME && n.protocol != PROTO_ISAKMP &&
		    info_read_life(data, &life)) {
			if (life.seconds && life.seconds < x->life)
				x->life = life.seconds;
			if (life.kilobytes && (!x->life_kb || life.kilobytes < x->life_kb))
				x->life_kb = life.kilobytes;
		}
}

static enum verdict qm_in_answer(struct exchange *x, const struct ike_msg *m)
{
	enum verdict v;

	if (x->group && !(m->seen & P(KE)))
		return refuse(x, CAUSE_PFS, "the answer has no KE although we asked for PFS");
	v = offer_choose_ipsec(x, msg_body(m, PLD_SA), m->seen & P(KE));
	if (v == V_OK)
		take_life(x, m);
	if (v == V_OK)
		v = check_ids(x, m);
	if (v == V_OK)
		v = take_ke_nonce(x, m);
	return v;
}

static enum verdict qm_out_confirm(struct exchange *x, struct ike_out *o)
{
	(void)o;			/* HASH(3) is all of it */
	return finish_inbound(x);
}

/* --- the ladder ------------------------------------------------------------------------ */

#define CHATTER		(P(VID) | P(N) | P(NATOA))

static const struct transition rows[] = {
	/* --> HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr] */
	{ STATE_QUICK_I0, STATE_QUICK_I1, AUTH_ANY, R_ENC | R_REPLY | R_RETRY | R_OUT_HASH1,
	  0, 0, NULL, { &step_dh_generate }, qm_out_request },

	/* HDR*, HASH(1), SA, Ni ... --> HDR*, HASH(2), SA, Nr ... */
	{ STATE_QUICK_R0, STATE_QUICK_R1, AUTH_ANY,
	  R_DEC | R_ENC | R_REPLY | R_RETRY | R_HASH1 | R_OUT_HASH2,
	  P(HASH) | P(SA) | P(NONCE), P(KE) | P(ID) | CHATTER,
	  qm_in_request, { &step_dh_answer }, qm_out_answer },

	/* HDR*, HASH(2), SA, Nr ... --> HDR*, HASH(3) */
	{ STATE_QUICK_I1, STATE_QUICK_I2, AUTH_ANY,
	  R_DEC | R_ENC | R_REPLY | R_DONE | R_HASH2 | R_OUT_HASH3,
	  P(HASH) | P(SA) | P(NONCE), P(KE) | P(ID) | CHATTER,
	  qm_in_answer, { &step_dh_finish }, qm_out_confirm },

	/* HDR*, HASH(3) --> */
	{ STATE_QUICK_R1, STATE_QUICK_R2, AUTH_ANY, R_DEC | R_DONE | R_HASH3,
	  P(HASH), CHATTER, NULL, { NULL }, NULL },
};

static void announce(struct exchange *x)
{
	struct buf policy = { 0 };

	policy_show(x->c->policy, &policy);
	if (x->replacing)
		plog(&x->subject, RC_LOG, "initiating Quick Mode %s to replace #%lu "
		     "{using isakmp#%lu}", buf_str(&policy), x->replacing,
		     x->isakmp->subject.serial);
	else
		plog(&x->subject, RC_LOG, "initiating Quick Mode %s {using isakmp#%lu}",
		     buf_str(&policy), x->isakmp->subject.serial);
	buf_free(&policy);
}

const struct mode quick_mode = { "Quick Mode", XCHG_QUICK, rows, ARRAY_SIZE(rows), announce };

/* --- beginnings ------------------------------------------------------------------------ */

static void join(struct exchange *x, struct isakmp_sa *sa, uint32_t msgid)
{
	x->isakmp = sa;
	x->auth = sa->auth;
	x->msgid = msgid;
	iv_phase2(sa, msgid, x->iv);
}

struct exchange *quick_mode_begin(struct isakmp_sa *sa, struct connection *c, struct reply *r,
				  unsigned int try, unsigned long replacing)
{
	struct exchange *x = exchange_new(c->pluto, c, sa->iface, &sa->peer, r);
	struct selector sel = connection_selector(c);

	exchange_number(x);
	x->initiator = true;
	x->state = STATE_QUICK_I0;
	x->try = try;
	x->replacing = replacing;
	join(x, sa, isakmp_new_msgid(sa));
	if (c->policy & POLICY_PFS)
		x->group = c->esp.pfs_group ? c->esp.pfs_group : sa->suite.group;
	x->wants_ids = c->this.has_client || c->that.has_client || sel.proto;
	x->ipsec = ipsec_sa_new(x, &sel);
	return x;
}

void quick_mode_respond(struct isakmp_sa *sa, struct ike_msg *m)
{
	struct exchange *x = exchange_new(sa->c->pluto, sa->c, m->iface, &sa->peer, NULL);

	x->subject.serial = sa->subject.serial;	/* until the hash has been verified */
	x->state = STATE_QUICK_R0;
	join(x, sa, m->hdr.msgid);
	exchange_run(x, m);
}
