// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a peer has proved is good for the connections that ask for that proof, and for
 * nothing else: not for those of other methods, nor of other addresses of ours.
 */
#include <string.h>

#include "pluto/msg.h"
#include "pluto/route.h"
#include "testing/exchange/world.h"

#define SECRET ": PSK \"a secret that both know\"\n"

/* Everybody with the group's secret, from anywhere; and the office, which signs. */
static void secret_of_a_group_opens_no_door_of_a_signer(void **state)
{
	struct side_setup road = { .road_warrior = true, .peer_id = "%any", .peer_client = "" };
	struct side_setup office = { .road_warrior = true, .peer_id = "@office", .rsa = 2,
				     .peer_client = "10.2.0.0/16" };
	struct side_setup west = { .id = "@office", .client = "10.2.0.0/16" };
	struct world *w = world_new(&west, &road);

	(void)state;
	world_add(w, EAST, "office", &office);
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "STATE_MAIN_R3");
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 0);
	assert_int_equal(w->side[EAST].kernel.eroutes, 0);
	assert_logged(w, "cannot respond to IPsec SA request because no connection is known for "
		      "10.0.2.0/24===198.51.100.1...192.0.2.1===10.2.0.0/16 (\"office\" has these "
		      "clients, but the peer has not proved what authby=, the IDs and ipsec.secrets "
		      "demand for it)\n");
	world_end(w);
}

static void one_secret_opens_no_door_of_another(void **state)
{
	struct side_setup road = { .road_warrior = true, .peer_id = "%any", .peer_client = "" };
	struct side_setup office = { .road_warrior = true, .peer_id = "@office",
				     .peer_client = "10.2.0.0/16" };
	struct side_setup west = { .id = "@office", .client = "10.2.0.0/16" };
	struct world *w = world_new(&west, &road);

	(void)state;
	world_secrets(w, EAST, SECRET "@east @office : PSK \"of the office\"\n");
	world_add(w, EAST, "office", &office);
	initiate(w, WEST);
	settle(w);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 0);
	world_end(w);
	/* Who has it is let in. */
	w = world_new(&west, &road);
	world_secrets(w, EAST, "@east @office : PSK \"of the office\"\n"
		      "@east 192.0.2.1 : PSK \"of the office\"\n");
	world_secrets(w, WEST, ": PSK \"of the office\"\n");
	world_add(w, EAST, "office", &office);
	initiate(w, WEST);
	settle(w);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 1);
	world_end(w);
}

/* Two connections wait for one Main Mode; it ends in a way that only one of them allows. */
static void who_waits_for_main_mode_gets_the_proof_it_asks_for(void **state)
{
	struct side_setup west = { .rsa = 1, .also_psk = true };
	struct side_setup west2 = { .rsa = 1, .client = "10.9.1.0/24" };
	struct side_setup east = { 0 };
	struct side_setup east2 = { .rsa = 2, .peer_client = "10.9.1.0/24" };
	struct world *w = world_new(&west, &east);
	struct connection *signs = world_add(w, WEST, "signs", &west2);
	struct buf text = { 0 };
	struct ipsec_sa *sa;

	(void)state;
	buf_add_str(&text, SECRET);
	buf_add_str(&text, test_keys[0]);
	world_secrets(w, WEST, buf_str(&text));
	initiate(w, WEST);
	ike_initiate(signs, NULL, 1, 0);
	/* East offers signatures only when Main Mode has been agreed upon. */
	step(w);
	step(w);
	buf_set(&text, span_str(SECRET));
	buf_add_str(&text, test_keys[1]);
	world_secrets(w, EAST, buf_str(&text));
	world_add(w, EAST, "signs", &east2);
	settle(w);
	sa = signs->newest_ipsec;
	assert_non_null(sa);
	assert_non_null(isakmp_sa_by_serial(&w->side[WEST].p, sa->isakmp));
	assert_int_equal(isakmp_sa_by_serial(&w->side[WEST].p, sa->isakmp)->auth, OAKLEY_RSA_SIG);
	assert_non_null(w->side[WEST].c->newest_ipsec);
	buf_free(&text);
	world_end(w);
}

/* He says that he is who may reach what nobody else may. */
static void claim_without_a_signature_switches_nothing(void **state)
{
	struct side_setup west = { .rsa = 3, .peer_rsa = 2 };
	struct side_setup anybody = { .rsa = 2, .peer_rsa = 1, .road_warrior = true,
				      .peer_id = "@nobody", .peer_client = "" };
	struct side_setup named = { .rsa = 2, .peer_rsa = 1, .road_warrior = true };
	struct world *w = world_new(&west, &anybody);

	(void)state;
	world_add(w, EAST, "named", &named);
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "Signature check (on @west) failed");
	assert_false(logged(w, "switched from"));
	wire_clear();
	world_end(w);
	west.rsa = 1;
	w = world_new(&west, &anybody);
	world_add(w, EAST, "named", &named);
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "switched from \"west-east\"[1] 192.0.2.1 to \"named\"[2] 192.0.2.1");
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 1);
	world_end(w);
}

/* Its ISAKMP SA must not become that of a connection that would not have had it. */
static void isakmp_sa_has_no_heir_that_wants_another_proof(void **state)
{
	struct side_setup west2 = { .rsa = 1, .client = "10.9.1.0/24" };
	struct side_setup east2 = { .rsa = 2, .peer_client = "10.9.1.0/24" };
	struct world *w = world();
	struct connection *signs = world_add(w, WEST, "signs", &west2);
	struct isakmp_sa *sa;
	struct buf text = { 0 };

	(void)state;
	for (int side = WEST; side <= EAST; side++) {
		buf_set(&text, span_str(SECRET));
		buf_add_str(&text, test_keys[side]);
		world_secrets(w, side, buf_str(&text));
	}
	buf_free(&text);
	world_add(w, EAST, "signs", &east2);
	initiate(w, WEST);
	ike_initiate(signs, NULL, 1, 0);
	settle(w);
	assert_non_null(signs->newest_ipsec);
	ike_terminate(w->side[WEST].c, "test");
	LIST_EACH(sa, &w->side[WEST].p.isakmp_sas, struct isakmp_sa, link)
		assert_int_equal(sa->auth, OAKLEY_RSA_SIG);
	world_end(w);
}

/* Each kind of message, at another address of ours than the one that negotiates. */
static void messages_count_only_where_they_belong(void **state)
{
	struct iface other = { .vname = NULL };
	struct world *w;
	struct packet *k;

	(void)state;
	for (unsigned int n = 0; n < 9; n++) {
		struct side *s;
		unsigned int exchanges, ipsec;
		bool was_half_open;

		w = world();
		initiate(w, WEST);
		for (unsigned int i = 0; i < n; i++)
			step(w);
		compute();
		k = wire_take();
		assert_non_null(k);
		s = &w->side[addr_eq(&k->to.addr, &w->side[EAST].ifp.local.addr)];
		other = s->ifp;
		assert_null(ttoaddr(span_str("203.0.113.1"), &other.local.addr));
		exchanges = count_list(&s->p.exchanges);
		ipsec = count_list(&s->p.ipsec_sas);
		was_half_open = s->p.half_open;
		demux(&s->p, &other, &k->from, buf_span(&k->data));
		compute();
		assert_int_equal(count_list(&s->p.exchanges), exchanges);
		assert_int_equal(count_list(&s->p.ipsec_sas), ipsec);
		assert_int_equal(s->p.half_open, was_half_open);
		wire_clear();
		deliver(w, k);
		packet_free(k);
		settle(w);
		assert_up(w);
		world_end(w);
	}
}

static void first_contact_is_claimed_only_when_it_is_one(void **state)
{
	struct side_setup west = { .client = "10.9.1.0/24" };
	struct side_setup east = { .peer_client = "10.9.1.0/24" };
	struct world *w = world();

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "INITIAL-CONTACT");
	world_add(w, EAST, "other", &east);
	isakmp_sa_delete(w->side[WEST].c->newest_isakmp, true);
	settle(w);
	buf_clear(&w->log);
	/* The tunnel is still up, though no ISAKMP SA is. */
	w->side[WEST].c = world_add(w, WEST, "other", &west);
	initiate(w, WEST);
	settle(w);
	assert_false(logged(w, "INITIAL-CONTACT"));
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 2);
	world_end(w);
}

/* The last exchange lingers, in case its last message was lost; it is not at work. */
static void packet_brings_up_a_tunnel_whose_last_exchange_lingers(void **state)
{
	struct world *w = world();
	struct side *s = &w->side[WEST];
	struct addr src, dst;

	(void)state;
	assert_null(ttoaddr(span_str("10.0.1.7"), &src));
	assert_null(ttoaddr(span_str("10.0.2.7"), &dst));
	assert_true(route_connection(s->c, NULL));
	ike_initiate(s->c, NULL, 1, 0);
	settle(w);
	assert_true(ike_delete_state(&s->p, 2));
	settle(w);
	assert_true(count_list(&s->p.exchanges) > 0);
	kernel_acquire(&s->p, &src, &dst, 1, "west-east");
	settle(w);
	assert_logged(w, "initiate on demand");
	assert_non_null(s->c->newest_ipsec);
	world_end(w);
}

/* --- what strangers can make us write -------------------------------------------------- */

#define LINES_MAX 40			/* of all kinds, in one second */

static unsigned int lines(struct world *w)
{
	return count_logged(w, "\n");
}

static void duplicates_do_not_fill_the_log(void **state)
{
	struct world *w = world();
	struct packet *k;
	unsigned int before;

	(void)state;
	initiate(w, WEST);
	compute();
	k = packet_copy(wire_first());
	step(w);
	before = lines(w);
	for (unsigned int i = 0; i < 1000; i++)
		deliver(w, k);
	assert_true(lines(w) - before < LINES_MAX);
	packet_free(k);
	wire_clear();
	world_end(w);
}

/* First messages that are fine, each with another cookie. */
static void flood_of_first_messages_does_not_fill_the_log(void **state)
{
	struct world *w = world();
	struct packet *k;
	unsigned int before;

	(void)state;
	initiate(w, WEST);
	compute();
	k = packet_copy(wire_first());
	before = lines(w);
	for (unsigned int i = 0; i < 1000; i++) {
		buf_put_u32(&k->data, 0, i + 1);
		deliver(w, k);
	}
	wire_clear();
	assert_true(lines(w) - before < LINES_MAX);
	packet_free(k);
	world_end(w);
}

/* One datagram with many notifications, about an exchange that has no keys yet. */
static void notifications_in_clear_do_not_fill_the_log(void **state)
{
	struct isa_hdr h = { .version = ISAKMP_VERSION, .exchange = XCHG_INFO, .msgid = 5 };
	struct world *w = world();
	struct exchange *x;
	struct ike_out o;
	unsigned int before;

	(void)state;
	initiate(w, WEST);
	compute();
	step(w);
	x = LIST_FIRST(&w->side[EAST].p.exchanges, struct exchange, link);
	assert_non_null(x);
	before = lines(w);
	for (uint16_t i = 0; i < 50; i++) {
		memcpy(h.icookie, x->isakmp->icookie, COOKIE_LEN);
		memcpy(h.rcookie, x->isakmp->rcookie, COOKIE_LEN);
		msg_start(&o, &h);
		for (uint16_t t = 0; t < 20; t++) {
			struct isa_notify n = { .doi = DOI_IPSEC, .protocol = PROTO_ISAKMP,
						.type = (uint16_t)(20000 + 20 * i + t) };
			struct buf body = { 0 };
			struct out out;

			pack_root(&out, &body, &notify_desc, &n);
			msg_add(&o, PLD_N, buf_span(&body));
			buf_free(&body);
		}
		msg_seal(&o, NULL, SPAN_EMPTY, NULL);
		demux(&w->side[EAST].p, &w->side[EAST].ifp, &w->side[WEST].ifp.local,
		      buf_span(&o.b));
		msg_out_free(&o);
	}
	assert_true(lines(w) - before < LINES_MAX);
	wire_clear();
	world_end(w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(secret_of_a_group_opens_no_door_of_a_signer),
	cmocka_unit_test(one_secret_opens_no_door_of_another),
	cmocka_unit_test(who_waits_for_main_mode_gets_the_proof_it_asks_for),
	cmocka_unit_test(claim_without_a_signature_switches_nothing),
	cmocka_unit_test(isakmp_sa_has_no_heir_that_wants_another_proof),
	cmocka_unit_test(messages_count_only_where_they_belong),
	cmocka_unit_test(first_contact_is_claimed_only_when_it_is_one),
	cmocka_unit_test(packet_brings_up_a_tunnel_whose_last_exchange_lingers),
	cmocka_unit_test(duplicates_do_not_fill_the_log),
	cmocka_unit_test(flood_of_first_messages_does_not_fill_the_log),
	cmocka_unit_test(notifications_in_clear_do_not_fill_the_log),
};

const struct scenario trust_scenario = { "trust", tests, ARRAY_SIZE(tests) };
