// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An ISAKMP SA and an IPsec SA, the straight way.
 */
#include "testing/exchange/world.h"

static void psk_with_pfs_comes_up(void **state)
{
	struct world *w = world();

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	assert_told(w, WEST, "002 \"west-east\" #1: initiating Main Mode\n");
	assert_told(w, WEST, "104 \"west-east\" #1: STATE_MAIN_I1: initiate\n");
	assert_told(w, WEST, "106 \"west-east\" #1: STATE_MAIN_I2: sent MI2, expecting MR2\n");
	assert_told(w, WEST, "108 \"west-east\" #1: STATE_MAIN_I3: sent MI3, expecting MR3\n");
	assert_told(w, WEST, "002 \"west-east\" #1: Peer ID is ID_FQDN: '@east'\n");
	assert_told(w, WEST, "004 \"west-east\" #1: STATE_MAIN_I4: ISAKMP SA established\n");
	assert_told(w, WEST, "112 \"west-east\" #2: STATE_QUICK_I1: initiate\n");
	assert_told(w, WEST, "004 \"west-east\" #2: STATE_QUICK_I2: sent QI2, IPsec SA established "
		    "{ESP=>0x20002001 <0x10001001}\n");
	assert_true(w->side[WEST].reply_closed);
	assert_logged(w, "east: \"west-east\" #1: responding to Main Mode\n");
	assert_logged(w, "east: \"west-east\" #2: responding to Quick Mode\n");
	assert_logged(w, "east: \"west-east\" #2: STATE_QUICK_R1: sent QR1, inbound IPsec SA "
		      "installed, expecting QI2\n");
	assert_logged(w, "east: \"west-east\" #2: STATE_QUICK_R2: IPsec SA established");
	world_end(w);
}

static void responder_initiates_as_well(void **state)
{
	struct world *w = world();

	(void)state;
	initiate(w, EAST);
	settle(w);
	assert_up(w);
	world_end(w);
}

static void rsa_signatures_authenticate(void **state)
{
	struct side_setup west = { .rsa = 1 }, east = { .rsa = 2 };
	struct world *w = world_new(&west, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	world_end(w);
}

static void second_tunnel_uses_the_first_isakmp_sa(void **state)
{
	struct side_setup west = { .client = "10.9.1.0/24" }, east = { .peer_client = "10.9.1.0/24" };
	struct world *w = world();

	(void)state;
	initiate(w, WEST);
	settle(w);
	world_add(w, EAST, "other", &east);
	w->side[WEST].c = world_add(w, WEST, "other", &west);
	initiate(w, WEST);
	settle(w);
	assert_told(w, WEST, "004 \"other\" #3: STATE_QUICK_I2");
	assert_int_equal(count_list(&w->side[WEST].p.isakmp_sas), 1);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 2);
	assert_logged(w, "switched from \"west-east\" to \"other\"");
	world_end(w);
}

static void two_pending_tunnels_share_one_main_mode(void **state)
{
	struct side_setup west = { .client = "10.9.1.0/24" }, east = { .peer_client = "10.9.1.0/24" };
	struct world *w = world();
	struct connection *other = world_add(w, WEST, "other", &west);

	(void)state;
	world_add(w, EAST, "other", &east);
	initiate(w, WEST);
	ike_initiate(other, NULL, 1, 0);
	settle(w);
	assert_int_equal(count_list(&w->side[EAST].p.isakmp_sas), 1);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 2);
	world_end(w);
}

static void hosts_without_clients_are_their_own(void **state)
{
	struct side_setup both = { .client = "", .peer_client = "" };
	struct world *w = world_new(&both, &both);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	world_end(w);
}

static void protocols_and_ports_are_negotiated_and_must_agree(void **state)
{
	struct side_setup west = { .proto = 6, .peer_proto = 6, .peer_port = 80 };
	struct side_setup east = { .proto = 6, .peer_proto = 6, .port = 80 };
	struct world *w = world_new(&west, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	assert_int_equal(w->side[EAST].c->newest_ipsec->sel.sport, 80);
	world_end(w);
	east.port = 443;
	w = world_new(&west, &east);
	initiate(w, WEST);
	settle(w);
	assert_null(w->side[EAST].c->newest_ipsec);
	assert_logged(w, "protoport=6/443, the peer asks for 6/80");
	world_end(w);
}

static void subnet_of_one_end_reaches_the_other_host(void **state)
{
	struct side_setup west = { .client = "" }, east = { .peer_client = "" };
	struct world *w;

	(void)state;
	for (int side = WEST; side <= EAST; side++) {
		w = world_new(&west, &east);
		initiate(w, side);
		settle(w);
		assert_up(w);
		world_end(w);
	}
}

/* A protocol named at one end is the protocol of the tunnel. */
static void protoport_of_one_end_is_enough(void **state)
{
	struct side_setup west = { .peer_proto = 6, .peer_port = 80 };
	struct side_setup east = { .proto = 6, .port = 80 };
	struct world *w;

	(void)state;
	for (int side = WEST; side <= EAST; side++) {
		w = world_new(&west, &east);
		initiate(w, side);
		settle(w);
		assert_up(w);
		assert_int_equal(w->side[EAST].c->newest_ipsec->sel.proto, 6);
		assert_int_equal(w->side[EAST].c->newest_ipsec->sel.sport, 80);
		world_end(w);
	}
	west.client = west.peer_client = east.client = east.peer_client = "";
	w = world_new(&west, &east);
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	world_end(w);
}

static void road_warrior_gets_an_instance_that_goes_with_it(void **state)
{
	struct side_setup west = { 0 }, east = { .road_warrior = true };
	struct world *w = world_new(&west, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	assert_logged(w, "east: \"west-east\"[1] 192.0.2.1 #1: responding to Main Mode from unknown "
		      "peer IP\n");
	assert_int_equal(count_list(&w->side[EAST].p.connections), 2);
	w->side[WEST].c->policy &= ~(unsigned int)POLICY_UP;
	ike_terminate(w->side[WEST].c, "test");
	settle(w);
	assert_down(w, EAST);
	assert_int_equal(count_list(&w->side[EAST].p.connections), 1);
	world_end(w);
}

/* East begins when n messages of west's have passed. */
static void both_at_once_both_come_up(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 9; n++) {
		struct side_setup both = { .ipsec_life = 600, .ike_life = 900, .margin = 60 };
		struct world *w = world_new(&both, &both);

		initiate(w, WEST);
		for (unsigned int i = 0; i < n; i++)
			step(w);
		initiate(w, EAST);
		settle(w);
		assert_told(w, WEST, "004 \"west-east\" #");
		assert_told(w, EAST, "004 \"west-east\" #");
		for (unsigned int s = 0; s < 2000; s += 5) {
			assert_packets_pass(w);
			advance(w, SECONDS(5));
		}
		world_end(w);
	}
}

static void status_shows_states_and_spis(void **state)
{
	struct world *w = world();
	struct side *s = &w->side[WEST];

	(void)state;
	initiate(w, WEST);
	settle(w);
	buf_clear(&s->said);
	ike_show_states(&s->p, &s->reply);
	assert_told(w, WEST, "000 #1: \"west-east\" STATE_MAIN_I4 (ISAKMP SA established); "
		    "EVENT_SA_REPLACE in ");
	assert_told(w, WEST, "s; newest ISAKMP\n");
	assert_told(w, WEST, "000 #2: \"west-east\" STATE_QUICK_I2 (sent QI2, IPsec SA established); "
		    "EVENT_SA_REPLACE in ");
	assert_told(w, WEST, "; newest IPSEC; eroute owner\n");
	assert_told(w, WEST, "000 #2: \"west-east\" used 5s ago; esp.20002001@198.51.100.1 "
		    "esp.10001001@192.0.2.1 tun.1002@198.51.100.1 tun.1001@192.0.2.1\n");
	world_end(w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(psk_with_pfs_comes_up),
	cmocka_unit_test(responder_initiates_as_well),
	cmocka_unit_test(rsa_signatures_authenticate),
	cmocka_unit_test(second_tunnel_uses_the_first_isakmp_sa),
	cmocka_unit_test(two_pending_tunnels_share_one_main_mode),
	cmocka_unit_test(hosts_without_clients_are_their_own),
	cmocka_unit_test(protocols_and_ports_are_negotiated_and_must_agree),
	cmocka_unit_test(subnet_of_one_end_reaches_the_other_host),
	cmocka_unit_test(protoport_of_one_end_is_enough),
	cmocka_unit_test(road_warrior_gets_an_instance_that_goes_with_it),
	cmocka_unit_test(both_at_once_both_come_up),
	cmocka_unit_test(status_shows_states_and_spis),
};

const struct scenario first_scenario = { "first", tests, ARRAY_SIZE(tests) };
