// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of SAs: new ones before the old ones end, and Deletes.
 */
#include "testing/exchange/world.h"

/* Run the clock in small steps; at each, packets must find an SA that the other end still has. */
static void watch_for(struct world *w, uint64_t seconds)
{
	for (uint64_t s = 0; s < seconds; s += 5) {
		advance(w, SECONDS(5));
		assert_packets_pass(w);
	}
}

static void ipsec_sa_is_replaced_without_a_gap(void **state)
{
	struct side_setup both = { .ipsec_life = 600, .margin = 60 };
	struct world *w = world_new(&both, &both);

	(void)state;
	initiate(w, WEST);
	settle(w);
	watch_for(w, 1900);
	assert_logged(w, "west: \"west-east\" #2: replacing stale IPsec SA\n");
	assert_logged(w, "west: \"west-east\" #3: initiating Quick Mode PSK+ENCRYPT+TUNNEL+PFS+UP "
		      "to replace #2 {using isakmp#1}\n");
	assert_logged(w, "west: \"west-east\" #2: IPsec SA expired (superseded by #3)\n");
	assert_logged(w, "east: \"west-east\" #2: received Delete SA(0x10001001) payload: deleting "
		      "IPSEC State #2\n");
	assert_up(w);
	assert_int_equal(count_list(&w->side[WEST].p.isakmp_sas), 1);
	advance(w, SECONDS(15));
	assert_true(count_list(&w->side[WEST].p.ipsec_sas) <= 2);
	assert_true(fake_count(&w->side[EAST].kernel, IPPROTO_ESP, true) <= 2);
	world_end(w);
}

static void isakmp_sa_is_replaced_and_ipsec_sas_stay(void **state)
{
	struct side_setup both = { .ike_life = 600, .margin = 60 };
	struct world *w = world_new(&both, &both);

	(void)state;
	initiate(w, WEST);
	settle(w);
	watch_for(w, 1900);
	assert_logged(w, "west: \"west-east\" #1: replacing stale ISAKMP SA\n");
	assert_logged(w, "initiating Main Mode to replace #1\n");
	assert_logged(w, "west: \"west-east\" #1: ISAKMP SA expired (superseded by #3)\n");
	assert_logged(w, "east: \"west-east\" #1: received Delete SA payload: deleting ISAKMP State "
		      "#1\n");
	assert_int_equal(w->side[WEST].c->newest_ipsec->subject.serial, 2);
	assert_up(w);
	world_end(w);
}

static void both_lives_end_together_many_times(void **state)
{
	struct side_setup both = { .ike_life = 300, .ipsec_life = 300, .margin = 40 };
	struct world *w = world_new(&both, &both);

	(void)state;
	initiate(w, WEST);
	settle(w);
	watch_for(w, 6000);
	assert_true(count_list(&w->side[WEST].p.ipsec_sas) <= 3);
	assert_true(count_list(&w->side[EAST].p.isakmp_sas) <= 3);
	world_end(w);
}

static void shorter_life_of_the_two_counts(void **state)
{
	struct side_setup west = { .ipsec_life = 3600, .ike_life = 7200 };
	struct side_setup east = { .ipsec_life = 1200, .ike_life = 2400 };
	struct world *w = world_new(&west, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_int_equal(w->side[EAST].c->newest_ipsec->life, 1200);
	assert_int_equal(w->side[EAST].c->newest_isakmp->life, 2400);
	/* East has said so of the IPsec SA; of the other one it asks for a new one in time. */
	assert_int_equal(w->side[WEST].c->newest_ipsec->life, 1200);
	watch_for(w, 3000);
	assert_up(w);
	world_end(w);
}

static void life_shorter_than_the_margin_is_no_reason_for_a_gap(void **state)
{
	struct side_setup east = { .ipsec_life = 200, .ike_life = 300, .margin = 20 };
	struct world *w = world_new(NULL, &east);	/* west has a margin of 540 */

	(void)state;
	initiate(w, WEST);
	settle(w);
	watch_for(w, 3000);
	assert_up(w);
	world_end(w);
}

static void without_rekeying_the_end_is_the_end(void **state)
{
	struct side_setup both = { .no_rekey = true, .ipsec_life = 600, .ike_life = 600 };
	struct world *w = world_new(&both, &both);

	(void)state;
	initiate(w, WEST);
	settle(w);
	advance(w, SECONDS(650));
	assert_logged(w, "west: \"west-east\" #2: IPsec SA expired (--dontrekey)\n");
	assert_down(w, WEST);
	assert_down(w, EAST);
	world_end(w);
}

static void rekeying_survives_losses(void **state)
{
	struct side_setup both = { .ipsec_life = 600, .margin = 60, .tries = ~0u };
	struct world *w = world_new(&both, &both);

	(void)state;
	initiate(w, WEST);
	settle(w);
	/* Each eleventh datagram is lost, for a long time. */
	for (unsigned int s = 0, n = 0; s < 3000; s++) {
		fake_jump(server_now() + 1000);
		compute();
		while (wire_first()) {
			if (++n % 11 == 0)
				lose(w);
			else
				step(w);
			compute();
		}
		assert_non_null(w->side[WEST].c->newest_ipsec);
		assert_non_null(w->side[EAST].c->newest_ipsec);
	}
	world_end(w);
}

static void volume_used_up_means_new_keys(void **state)
{
	struct world *w = world();
	struct said said;

	(void)state;
	initiate(w, WEST);
	settle(w);
	said = ipsec_sa_out(w->side[WEST].c->newest_ipsec);
	kernel_expire(&w->side[WEST].p, &said, false);
	settle(w);
	assert_int_equal(w->side[WEST].c->newest_ipsec->subject.serial, 3);
	assert_up(w);
	/* All at once, without a warning. */
	said = ipsec_sa_out(w->side[WEST].c->newest_ipsec);
	kernel_expire(&w->side[WEST].p, &said, true);
	settle(w);
	assert_int_equal(w->side[WEST].c->newest_ipsec->subject.serial, 4);
	assert_up(w);
	world_end(w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(ipsec_sa_is_replaced_without_a_gap),
	cmocka_unit_test(isakmp_sa_is_replaced_and_ipsec_sas_stay),
	cmocka_unit_test(both_lives_end_together_many_times),
	cmocka_unit_test(shorter_life_of_the_two_counts),
	cmocka_unit_test(life_shorter_than_the_margin_is_no_reason_for_a_gap),
	cmocka_unit_test(without_rekeying_the_end_is_the_end),
	cmocka_unit_test(rekeying_survives_losses),
	cmocka_unit_test(volume_used_up_means_new_keys),
};

const struct scenario rekey_scenario = { "rekey", tests, ARRAY_SIZE(tests) };
