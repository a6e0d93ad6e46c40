// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything at once, at random, repeatably: losses, duplicates, disorder, commands at any
 * moment, short lives.  What counts is that nothing breaks, and that quiet brings the tunnels
 * back.
 *
 * CHAOS=n in the environment runs n seeds instead of the usual few.
 */
#include <stdlib.h>

#include "testing/exchange/world.h"

#define HELD_MAX 8

struct chaos {
	struct world *w;
	unsigned int seed;
	struct packet *held[HELD_MAX];	/* on their way, out of order */
};

static unsigned int roll(struct chaos *k, unsigned int n)
{
	return (unsigned int)rand_r(&k->seed) % n;
}

/* Keep it for later, or let one go that was kept. */
static void hold(struct chaos *k, struct packet *p)
{
	unsigned int slot = roll(k, HELD_MAX);

	if (k->held[slot]) {
		deliver(k->w, k->held[slot]);
		packet_free(k->held[slot]);
	}
	k->held[slot] = p;
}

static void one_datagram(struct chaos *k)
{
	struct packet *p = wire_take();

	if (!p)
		return;
	switch (roll(k, 10)) {
	case 0:
		packet_free(p);
		break;
	case 1:
		deliver(k->w, p);
		deliver(k->w, p);
		packet_free(p);
		break;
	case 2:
		hold(k, p);
		break;
	case 3:
		hold(k, packet_copy(p));
		deliver(k->w, p);
		packet_free(p);
		break;
	default:
		deliver(k->w, p);
		packet_free(p);
		break;
	}
}

static void command(struct chaos *k)
{
	struct side *s = &k->w->side[roll(k, 2)];

	switch (roll(k, 12)) {
	case 0:
		ike_terminate(s->c, "chaos");
		break;
	case 1:
		ike_delete_state(&s->p, s->p.last_serial - roll(k, 4));
		break;
	case 2:
		if (s->c->kind == CK_PERMANENT)
			ike_initiate(s->c, NULL, 1, 0);
		break;
	case 3:
		s->kernel.refuse_sas = true;
		break;
	default:
		s->kernel.refuse_sas = false;
		break;
	}
}

static void storm(struct chaos *k, unsigned int steps)
{
	for (unsigned int i = 0; i < steps; i++) {
		unsigned int what = roll(k, 100);

		if (what < 60)
			one_datagram(k);
		else if (what < 80)
			fake_run_deferred();
		else if (what < 97)
			fake_jump(server_now() + 1 + roll(k, 3000));
		else
			command(k);
	}
}

static void calm(struct chaos *k)
{
	for (unsigned int i = 0; i < HELD_MAX; i++) {
		if (k->held[i])
			deliver(k->w, k->held[i]);
		packet_free(k->held[i]);
		k->held[i] = NULL;
	}
	k->w->side[WEST].kernel.refuse_sas = k->w->side[EAST].kernel.refuse_sas = false;
	advance(k->w, SECONDS(400));
}

static void run(unsigned int seed, const struct side_setup *west, const struct side_setup *east)
{
	struct chaos k = { .w = world_new(west, east), .seed = seed };

	initiate(k.w, WEST);
	storm(&k, 2000);
	calm(&k);
	ike_initiate(k.w->side[WEST].c, NULL, 1, 0);
	advance(k.w, SECONDS(100));
	if (!k.w->side[WEST].c->newest_ipsec)
		fail_msg("seed %u: not up\n%s", seed,
			 buf_str(&k.w->log) + (k.w->log.len > 4000 ? k.w->log.len - 4000 : 0));
	ike_terminate(k.w->side[WEST].c, "end");
	advance(k.w, SECONDS(100));
	world_end(k.w);
}

static unsigned int seeds(void)
{
	const char *n = getenv("CHAOS");

	return n ? (unsigned int)strtoul(n, NULL, 10) : 40;
}

static void short_lives_and_commands_in_a_storm(void **state)
{
	struct side_setup both = { .ike_life = 400, .ipsec_life = 200, .margin = 30, .tries = ~0u,
				   .ike = "aes128-sha1;modp1024", .no_pfs = true };

	(void)state;
	for (unsigned int seed = 1; seed <= seeds(); seed++)
		run(seed, &both, &both);
}

static void road_warrior_in_a_storm(void **state)
{
	struct side_setup west = { .ike_life = 400, .ipsec_life = 200, .margin = 30, .tries = ~0u,
				   .ike = "aes128-sha1;modp1024", .no_pfs = true };
	struct side_setup east = west;

	(void)state;
	east.road_warrior = true;
	for (unsigned int seed = 1; seed <= seeds(); seed++)
		run(seed, &west, &east);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(short_lives_and_commands_in_a_storm),
	cmocka_unit_test(road_warrior_in_a_storm),
};

const struct scenario chaos_scenario = { "chaos", tests, ARRAY_SIZE(tests) };
