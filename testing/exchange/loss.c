// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP loses, repeats and reorders; the SAs come up all the same.
 */
#include "testing/exchange/world.h"

#define MESSAGES 9			/* six of Main Mode, three of Quick Mode */

static void any_one_message_may_be_lost(void **state)
{
	(void)state;
	for (unsigned int lost = 0; lost < MESSAGES; lost++) {
		struct world *w = world();

		initiate(w, WEST);
		for (unsigned int i = 0; i < lost; i++)
			assert_true(step(w));
		lose(w);
		advance(w, SECONDS(20));
		assert_up(w);
		world_end(w);
	}
}

static void any_two_messages_may_be_lost(void **state)
{
	(void)state;
	for (unsigned int first = 0; first < MESSAGES; first++) {
		for (unsigned int second = 0; second < 4; second++) {
			struct world *w = world();

			initiate(w, WEST);
			for (unsigned int i = 0; i < first; i++)
				step(w);
			lose(w);
			for (unsigned int i = 0; i < second; i++)
				if (!step(w))
					break;
			advance(w, SECONDS(1));
			lose(w);
			advance(w, SECONDS(30));
			assert_up(w);
			world_end(w);
		}
	}
}

static void every_message_may_come_twice(void **state)
{
	struct world *w = world();
	struct packet *k;
	unsigned int n = 0;

	(void)state;
	initiate(w, WEST);
	compute();
	while ((k = wire_take()) && n++ < 100) {
		deliver(w, k);
		deliver(w, k);
		packet_free(k);
		compute();
	}
	assert_true(n < 40);
	assert_up(w);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 1);
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 1);
	world_end(w);
}

static void old_messages_coming_again_later_change_nothing(void **state)
{
	struct world *w = world();
	struct packet *seen[32], *k;
	unsigned int n = 0;

	(void)state;
	initiate(w, WEST);
	compute();
	while ((k = wire_first()) && n < ARRAY_SIZE(seen)) {
		seen[n++] = packet_copy(k);
		step(w);
		compute();
	}
	assert_up(w);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < n; i++) {
			deliver(w, seen[i]);
			settle(w);
		}
	}
	/* But the first message, from nowhere, may begin something that ends by itself. */
	advance(w, SECONDS(61));
	assert_up(w);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 1);
	assert_int_equal(count_list(&w->side[EAST].p.isakmp_sas), 1);
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	for (unsigned int i = 0; i < n; i++)
		packet_free(seen[i]);
	world_end(w);
}

static void silence_is_met_with_five_repetitions_and_an_explanation(void **state)
{
	struct world *w = world();

	(void)state;
	initiate(w, WEST);
	for (unsigned int s = 0; s < 70; s++) {
		fake_jump(server_now() + 1000);
		compute();
		while (wire_first())
			lose(w);
	}
	assert_int_equal(count_list(&w->side[WEST].p.exchanges), 0);
	assert_told(w, WEST, "010 \"west-east\" #1: STATE_MAIN_I1: retransmission; will wait 2s for "
		    "response\n");
	assert_told(w, WEST, "will wait 32s for response\n");
	assert_told(w, WEST, "031 \"west-east\" #1: max number of retransmissions (5) reached "
		    "STATE_MAIN_I1.  No response (or no acceptable response) to our first IKE "
		    "message\n");
	assert_told(w, WEST, "003 \"west-east\" #1: hint: ");
	assert_true(w->side[WEST].reply_closed);
	world_end(w);
}

static void further_attempts_follow_until_the_peer_is_there(void **state)
{
	struct side_setup west = { .tries = ~0u };
	struct world *w = world_new(&west, NULL);

	(void)state;
	initiate(w, WEST);
	for (unsigned int s = 0; s < 150; s++) {
		fake_jump(server_now() + 1000);
		compute();
		while (wire_first())
			lose(w);
	}
	assert_told(w, WEST, "000 \"west-east\" #1: starting keying attempt 2 of an unlimited number, "
		    "but releasing whack\n");
	assert_true(w->side[WEST].reply_closed);
	advance(w, SECONDS(40));
	assert_up(w);
	world_end(w);
}

static void responder_says_nothing_by_itself_before_authentication(void **state)
{
	struct world *w = world();
	unsigned long request, sent;

	(void)state;
	initiate(w, WEST);
	compute();
	request = wire_octets;
	step(w);
	lose(w);			/* MR1 */
	sent = wire_octets;
	/* West is gone; sixty seconds of east alone. */
	ike_terminate(w->side[WEST].c, "test");
	advance(w, SECONDS(60));
	assert_int_equal(wire_octets, sent);
	assert_true(sent - request <= 2 * request);
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	world_end(w);
}

static void duplicates_are_answered_five_times_at_most(void **state)
{
	struct world *w = world();
	struct packet *first;
	unsigned long before;

	(void)state;
	initiate(w, WEST);
	compute();
	first = packet_copy(wire_first());
	step(w);
	before = wire_sent;
	for (unsigned int i = 0; i < 20; i++)
		deliver(w, first);
	assert_int_equal(wire_sent - before, 5);
	assert_logged(w, "discarding duplicate packet -- exhausted retransmission; already "
		      "STATE_MAIN_R1");
	packet_free(first);
	wire_clear();
	world_end(w);
}

static void terminating_in_the_middle_of_anything_leaves_nothing(void **state)
{
	(void)state;
	for (unsigned int when = 0; when < 2 * MESSAGES + 4; when++) {
		for (int side = 0; side < SIDES; side++) {
			struct world *w = world();
			unsigned int n = 0;

			initiate(w, WEST);
			/* Jobs and datagrams one by one, so that it also hits waiting results. */
			while (n < when) {
				if (!fake_run_deferred() && wire_first()) {
					struct packet *k = wire_take();

					demux(&w->side[addr_eq(&k->to.addr,
						&w->side[EAST].ifp.local.addr)].p,
					      &w->side[addr_eq(&k->to.addr,
						&w->side[EAST].ifp.local.addr)].ifp,
					      &k->from, buf_span(&k->data));
					packet_free(k);
				}
				n++;
			}
			w->side[side].c->policy &= ~(unsigned int)POLICY_UP;
			ike_terminate(w->side[side].c, "test");
			assert_down(w, side);
			settle(w);
			world_end(w);
		}
	}
}

static void peer_that_has_restarted_silently_is_found_again(void **state)
{
	struct side_setup west = { .tries = ~0u };
	struct world *w = world_new(&west, NULL);
	struct pluto *p = &w->side[EAST].p;

	(void)state;
	initiate(w, WEST);
	settle(w);
	while (!list_empty(&p->exchanges))
		exchange_free(LIST_FIRST(&p->exchanges, struct exchange, link));
	while (!list_empty(&p->ipsec_sas))
		ipsec_sa_delete(LIST_FIRST(&p->ipsec_sas, struct ipsec_sa, link), false);
	while (!list_empty(&p->isakmp_sas))
		isakmp_sa_delete(LIST_FIRST(&p->isakmp_sas, struct isakmp_sa, link), false);
	/* The next Quick Mode meets silence, and the one after it a new ISAKMP SA. */
	ike_initiate(w->side[WEST].c, NULL, 1, 0);
	advance(w, SECONDS(70));
	assert_logged(w, "the peer does not answer under ISAKMP SA #1: deleting it");
	assert_up(w);
	assert_int_equal(count_list(&w->side[WEST].p.isakmp_sas), 1);
	world_end(w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(any_one_message_may_be_lost),
	cmocka_unit_test(any_two_messages_may_be_lost),
	cmocka_unit_test(every_message_may_come_twice),
	cmocka_unit_test(old_messages_coming_again_later_change_nothing),
	cmocka_unit_test(silence_is_met_with_five_repetitions_and_an_explanation),
	cmocka_unit_test(further_attempts_follow_until_the_peer_is_there),
	cmocka_unit_test(responder_says_nothing_by_itself_before_authentication),
	cmocka_unit_test(duplicates_are_answered_five_times_at_most),
	cmocka_unit_test(peer_that_has_restarted_silently_is_found_again),
	cmocka_unit_test(terminating_in_the_middle_of_anything_leaves_nothing),
};

const struct scenario loss_scenario = { "loss", tests, ARRAY_SIZE(tests) };
