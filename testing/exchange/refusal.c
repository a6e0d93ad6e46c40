// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ends that do not agree: what is refused, in which words, and what remains.
 */
#include "testing/exchange/world.h"

static struct world *attempt(const struct side_setup *west, const struct side_setup *east)
{
	struct world *w = world_new(west, east);

	initiate(w, WEST);
	advance(w, SECONDS(70));
	assert_down(w, WEST);
	assert_int_equal(count_list(&w->side[WEST].p.exchanges), 0);
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	assert_true(w->side[WEST].reply_closed);
	return w;
}

static void different_secrets_look_like_garbage(void **state)
{
	struct side_setup east = { .psk = "another secret" };
	struct world *w = attempt(NULL, &east);

	(void)state;
	assert_logged(w, "east: \"west-east\" #1: probable authentication failure (mismatch of "
		      "preshared secrets?): malformed payload in packet\n"
		      "east: \"west-east\" #1: hint: compare the PSK lines");
	assert_told(w, WEST, "003 \"west-east\" #1: ignoring informational payload, type "
		    "PAYLOAD_MALFORMED\n");
	assert_told(w, WEST, "031 \"west-east\" #1: max number of retransmissions (5) reached "
		    "STATE_MAIN_I3.  Possible authentication failure: no acceptable response to "
		    "our first encrypted message\n"
		    "003 \"west-east\" #1: the peer has said PAYLOAD_MALFORMED; hint: ");
	world_end(w);
}

static void no_secret_is_said_with_both_names(void **state)
{
	struct side_setup none = { .psk = "" };
	struct world *w = attempt(&none, NULL);

	(void)state;
	assert_told(w, WEST, "224 \"west-east\" #1: Can't authenticate: no preshared key found for "
		    "`@west' and `@east'\n");
	world_end(w);
	w = attempt(NULL, &none);
	assert_logged(w, "east: \"west-east\" #1: Can't authenticate: no preshared key found for "
		      "`@east' and `@west'.  Attribute OAKLEY_AUTHENTICATION_METHOD\n");
	assert_logged(w, "east: \"west-east\" #1: no acceptable Oakley Transform\n");
	world_end(w);
}

static void unknown_peer_has_no_connection(void **state)
{
	struct side_setup east = { .no_conn = true };
	struct world *w = attempt(NULL, &east);

	(void)state;
	assert_logged(w, "east: packet from 192.0.2.1:500: initial Main Mode message received on "
		      "198.51.100.1:500 but no connection has been authorized\n");
	assert_told(w, WEST, "003 \"west-east\" #1: ignoring informational payload, type "
		    "NO_PROPOSAL_CHOSEN\n");
	assert_told(w, WEST, "031 \"west-east\" #1: max number of retransmissions");
	world_end(w);
}

static void phase_1_suites_must_meet(void **state)
{
	static const struct { const char *west, *east, *text; } row[] = {
		{ "3des-sha1;modp1536", "aes128-sha1;modp1536",
		  "OAKLEY_3DES_CBC with 192 bits is not allowed by ike=.  Attribute "
		  "OAKLEY_ENCRYPTION_ALGORITHM\n" },
		{ "aes128-md5;modp2048", NULL,
		  "OAKLEY_MD5 is not allowed by ike=.  Attribute OAKLEY_HASH_ALGORITHM\n" },
		{ "aes128-sha1;modp1024", NULL,
		  "OAKLEY_GROUP_MODP1024 is not allowed by ike=.  Attribute "
		  "OAKLEY_GROUP_DESCRIPTION\n" },
		{ "aes128-sha1;modp2048", "aes256-sha1;modp2048",
		  "OAKLEY_AES_CBC with 128 bits is not allowed by ike=.  Attribute "
		  "OAKLEY_ENCRYPTION_ALGORITHM\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct side_setup west = { .ike = row[i].west }, east = { .ike = row[i].east };
		struct world *w = attempt(&west, &east);

		assert_logged(w, row[i].text);
		assert_logged(w, "east: \"west-east\" #1: no acceptable Oakley Transform\n");
		assert_logged(w, "hint: no suite in common: compare ike=");
		world_end(w);
	}
}

static void ways_to_authenticate_must_meet(void **state)
{
	struct side_setup west = { .rsa = 1 };
	struct world *w = attempt(&west, NULL);

	(void)state;
	assert_logged(w, "policy does not allow OAKLEY_RSA_SIG authentication.  Attribute "
		      "OAKLEY_AUTHENTICATION_METHOD\n");
	world_end(w);
}

static void phase_2_suites_must_meet(void **state)
{
	struct side_setup west = { .esp = "3des-sha1" }, east = { .esp = "aes256-sha2_256" };
	struct world *w = world_new(&west, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "east: \"west-east\" #2: 3des with 0 bits and sha1 is not allowed by esp=");
	assert_logged(w, "east: \"west-east\" #2: no acceptable Proposal in IPsec SA\n");
	assert_told(w, WEST, "214 \"west-east\" #2: the peer refuses our request: "
		    "NO_PROPOSAL_CHOSEN\n");
	/* Under protection that is an answer: nobody waits for a minute. */
	assert_true(w->side[WEST].reply_closed);
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 0);
	assert_int_equal(count_list(&w->side[WEST].p.isakmp_sas), 1);
	world_end(w);
}

static void pfs_is_insisted_on_where_it_is_asked_for(void **state)
{
	struct side_setup west = { .no_pfs = true };
	struct world *w = world_new(&west, NULL);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "east: \"west-east\" #2: we require PFS but the peer does not offer it.  "
		      "Attribute GROUP_DESCRIPTION\n");
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 0);
	world_end(w);
	/* The other way round it is welcome. */
	w = world_new(NULL, &west);
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	world_end(w);
}

static void peer_must_be_who_we_think(void **state)
{
	struct side_setup west = { .peer_id = "@xforce" };
	struct side_setup east = { .peer_id = "@xforce" };
	struct world *w = attempt(&west, NULL);

	(void)state;
	assert_told(w, WEST, "218 \"west-east\" #1: we require peer to have ID '@xforce', but peer "
		    "declares '@east'\n");
	world_end(w);
	w = attempt(NULL, &east);
	assert_logged(w, "east: \"west-east\" #1: no suitable connection for peer '@west' (we would "
		      "have taken @xforce");
	world_end(w);
}

static void signature_of_another_key_is_refused(void **state)
{
	struct side_setup west = { .rsa = 1 }, east = { .rsa = 2, .peer_rsa = 3 };
	struct world *w = attempt(&west, &east);

	(void)state;
	assert_logged(w, "east: \"west-east\" #1: Signature check (on @west) failed (wrong key?); "
		      "tried *");
	world_end(w);
	/* And by the initiator of the responder's. */
	west.peer_rsa = 3;
	east.peer_rsa = 0;
	w = attempt(&west, &east);
	assert_logged(w, "west: \"west-east\" #1: Signature check (on @east) failed (wrong key?); "
		      "tried *");
	world_end(w);
}

static void clients_must_be_exactly_those(void **state)
{
	struct side_setup east = { .peer_client = "10.0.1.0/25" };
	struct world *w = world_new(NULL, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_logged(w, "east: \"west-east\" #2: cannot respond to IPsec SA request because no "
		      "connection is known for 10.0.2.0/24===198.51.100.1...192.0.2.1"
		      "===10.0.1.0/24 (nearest is ");
	assert_told(w, WEST, "218 \"west-east\" #2: the peer refuses our request: "
		    "INVALID_ID_INFORMATION\n");
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 0);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 0);
	world_end(w);
}

static void kernel_that_refuses_leaves_nothing_on_either_side(void **state)
{
	struct world *w = world();

	(void)state;
	w->side[EAST].kernel.refuse_sas = true;
	initiate(w, WEST);
	settle(w);
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 0);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 0);
	world_end(w);
	w = world();
	w->side[WEST].kernel.refuse_sas = true;
	initiate(w, WEST);
	advance(w, SECONDS(70));
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 0);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 0);
	world_end(w);
}

static void refused_attempts_are_repeated_with_growing_pauses(void **state)
{
	struct side_setup west = { .esp = "3des-sha1", .tries = ~0u };
	struct side_setup east = { .esp = "aes256-sha2_256" };
	struct world *w = world_new(&west, &east);
	unsigned long sent = wire_sent;

	(void)state;
	initiate(w, WEST);
	advance(w, SECONDS(600));
	assert_true(wire_sent - sent < 40);
	assert_told(w, WEST, "starting keying attempt 2 of an unlimited number, but releasing whack");
	assert_logged(w, "starting keying attempt 5 of an unlimited number");
	world_end(w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(different_secrets_look_like_garbage),
	cmocka_unit_test(no_secret_is_said_with_both_names),
	cmocka_unit_test(unknown_peer_has_no_connection),
	cmocka_unit_test(phase_1_suites_must_meet),
	cmocka_unit_test(ways_to_authenticate_must_meet),
	cmocka_unit_test(phase_2_suites_must_meet),
	cmocka_unit_test(pfs_is_insisted_on_where_it_is_asked_for),
	cmocka_unit_test(peer_must_be_who_we_think),
	cmocka_unit_test(signature_of_another_key_is_refused),
	cmocka_unit_test(clients_must_be_exactly_those),
	cmocka_unit_test(kernel_that_refuses_leaves_nothing_on_either_side),
	cmocka_unit_test(refused_attempts_are_repeated_with_growing_pauses),
};

const struct scenario refusal_scenario = { "refusal", tests, ARRAY_SIZE(tests) };
