// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications and Deletes: honoured when proved, and only then.
 */
#include <string.h>

#include "pluto/info.h"
#include "pluto/keymat.h"
#include "pluto/iv.h"
#include "pluto/lifetime.h"
#include "testing/exchange/world.h"

static struct world *up(void)
{
	struct world *w = world();

	initiate(w, WEST);
	settle(w);
	assert_up(w);
	return w;
}

static void down_takes_both_ends_down(void **state)
{
	struct world *w = up();

	(void)state;
	w->side[EAST].c->policy &= ~(unsigned int)POLICY_UP;
	ike_terminate(w->side[WEST].c, "test");
	settle(w);
	assert_down(w, WEST);
	assert_down(w, EAST);
	assert_logged(w, "east: \"west-east\" #2: received Delete SA(0x10001001) payload: deleting "
		      "IPSEC State #2\n");
	assert_logged(w, "east: \"west-east\" #1: received Delete SA payload: deleting ISAKMP State "
		      "#1\n");
	world_end(w);
}

static void deleted_tunnel_that_is_to_be_up_is_replaced_once(void **state)
{
	struct world *w = up();

	(void)state;
	assert_true(ike_delete_state(&w->side[EAST].p, 2));
	settle(w);
	assert_logged(w, "west: \"west-east\" #2: received Delete SA payload: replace IPSEC State #2 "
		      "in 10 seconds\n");
	advance(w, SECONDS(25));
	assert_up(w);
	assert_int_equal(w->side[WEST].c->newest_ipsec->subject.serial, 3);
	assert_int_equal(count_list(&w->side[WEST].p.ipsec_sas), 1);
	world_end(w);
}

static void numbers_that_are_not_there_are_not_deleted(void **state)
{
	struct world *w = up();

	(void)state;
	assert_false(ike_delete_state(&w->side[EAST].p, 17));
	assert_false(ike_delete_state(&w->side[EAST].p, 0));
	assert_up(w);
	world_end(w);
}

/* An Informational message to east under its ISAKMP SA, as west, or as one who lacks the key. */
static void forge(struct world *w, enum payload type, struct span body, bool good_hash,
		  bool encrypted, uint32_t msgid)
{
	struct isakmp_sa *sa = w->side[WEST].c->newest_isakmp;
	struct isa_hdr h = { .version = ISAKMP_VERSION, .exchange = XCHG_INFO, .msgid = msgid,
			     .flags = encrypted ? ISAKMP_ENCRYPTION : 0 };
	uint8_t hash[HASH_MAX] = { 0 }, iv[CIPHER_BLOCK_MAX];
	struct ike_out o;

	memcpy(h.icookie, sa->icookie, COOKIE_LEN);
	memcpy(h.rcookie, sa->rcookie, COOKIE_LEN);
	msg_start(&o, &h);
	if (encrypted)
		msg_add(&o, PLD_HASH, span_of(hash, sa->suite.hash->len));
	msg_add(&o, type, body);
	if (encrypted) {
		keymat_hash_info(sa, msgid, msg_built_after(&o, ISAKMP_HDR_LEN), hash);
		if (!good_hash)
			hash[3] ^= 1;
		memcpy(o.b.ptr + ISAKMP_HDR_LEN + GENERIC_LEN, hash, sa->suite.hash->len);
	}
	iv_phase2(sa, msgid, iv);
	msg_seal(&o, sa->suite.cipher, secret_span(&sa->key), iv);
	net_send(&w->side[WEST].ifp, &sa->peer, buf_span(&o.b));
	msg_out_free(&o);
	settle(w);
}

static void delete_of(struct buf *b, uint8_t protocol, uint8_t spi_size, uint16_t n,
		      struct span spis)
{
	struct isa_delete d = { .doi = DOI_IPSEC, .protocol = protocol, .spi_size = spi_size,
				.spis = n };
	struct out out;

	buf_clear(b);
	pack_root(&out, b, &delete_desc, &d);
	buf_add_span(b, spis);
}

static void forged_deletes_are_ignored(void **state)
{
	struct world *w = up();
	struct isakmp_sa *sa = w->side[EAST].c->newest_isakmp;
	uint8_t cookies[16], spi[4] = { 0x10, 0x00, 0x10, 0x01 };
	struct buf del = { 0 };
	unsigned long sent = wire_sent;

	(void)state;
	memcpy(cookies, sa->icookie, 8);
	memcpy(cookies + 8, sa->rcookie, 8);
	delete_of(&del, PROTO_IPSEC_ESP, 4, 1, span_of(spi, 4));
	forge(w, PLD_D, buf_span(&del), false, false, 77);	/* in clear */
	forge(w, PLD_D, buf_span(&del), false, true, 78);	/* with a wrong hash */
	delete_of(&del, PROTO_ISAKMP, 16, 1, span_of(cookies, 16));
	forge(w, PLD_D, buf_span(&del), false, false, 79);
	forge(w, PLD_D, buf_span(&del), false, true, 80);
	assert_up(w);
	assert_non_null(w->side[EAST].c->newest_isakmp);
	/* None of it was worth an answer. */
	assert_int_equal(wire_sent - sent, 4);
	buf_free(&del);
	world_end(w);
}

static void deletes_that_lie_are_ignored(void **state)
{
	static const struct { uint8_t protocol, size; uint16_t n; size_t octets; } row[] = {
		{ PROTO_IPSEC_ESP, 4, 65535, 4 }, { PROTO_IPSEC_ESP, 4, 2, 4 },
		{ PROTO_IPSEC_ESP, 0, 65535, 0 }, { PROTO_IPSEC_ESP, 255, 1, 4 },
		{ PROTO_ISAKMP, 16, 65535, 16 }, { PROTO_ISAKMP, 4, 1, 4 },
		{ PROTO_IPSEC_AH, 4, 1, 4 }, { 0, 4, 1, 4 }, { 255, 4, 1, 4 },
	};
	uint8_t spi[16] = { 0x10, 0x00, 0x10, 0x01 };
	struct world *w = up();
	struct buf del = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		delete_of(&del, row[i].protocol, row[i].size, row[i].n,
			  span_of(spi, row[i].octets));
		forge(w, PLD_D, buf_span(&del), true, true, 100 + (uint32_t)i);
		assert_up(w);
	}
	/* Cut off at each octet. */
	delete_of(&del, PROTO_IPSEC_ESP, 4, 1, span_of(spi, 4));
	for (size_t n = 0; n < del.len; n++)
		forge(w, PLD_D, span_of(del.ptr, n), true, true, 200 + (uint32_t)n);
	assert_up(w);
	/* The same is honoured when it is whole, and duplicates of SPIs do no harm. */
	memcpy(spi + 4, spi, 4);
	delete_of(&del, PROTO_IPSEC_ESP, 4, 2, span_of(spi, 8));
	forge(w, PLD_D, buf_span(&del), true, true, 300);
	assert_null(w->side[EAST].c->newest_ipsec);
	buf_free(&del);
	world_end(w);
}

static void replayed_informational_messages_are_ignored(void **state)
{
	struct world *w = up();
	uint8_t spi[4] = { 0x10, 0x00, 0x10, 0x01 };
	struct buf del = { 0 };

	(void)state;
	delete_of(&del, PROTO_IPSEC_ESP, 4, 1, span_of((const uint8_t *)"\1\2\3\4", 4));
	forge(w, PLD_D, buf_span(&del), true, true, 500);
	delete_of(&del, PROTO_IPSEC_ESP, 4, 1, span_of(spi, 4));
	forge(w, PLD_D, buf_span(&del), true, true, 500);
	assert_up(w);
	buf_free(&del);
	world_end(w);
}

static void notify_of(struct buf *b, uint16_t type, uint8_t spi_size, struct span rest)
{
	struct isa_notify n = { .doi = DOI_IPSEC, .protocol = PROTO_IPSEC_ESP, .type = type,
				.spi_size = spi_size };
	struct out out;

	buf_clear(b);
	pack_root(&out, b, &notify_desc, &n);
	buf_add_span(b, rest);
}

static void initial_contact_counts_only_under_protection(void **state)
{
	struct world *w = up();
	struct buf n = { 0 };

	(void)state;
	/* A second ISAKMP SA; what was made under the first is older. */
	isakmp_sa_delete(w->side[WEST].c->newest_isakmp, true);
	settle(w);
	initiate(w, WEST);
	settle(w);
	notify_of(&n, IPSEC_INITIAL_CONTACT, 0, SPAN_EMPTY);
	forge(w, PLD_N, buf_span(&n), false, false, 600);
	forge(w, PLD_N, buf_span(&n), false, true, 601);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 2);
	forge(w, PLD_N, buf_span(&n), true, true, 602);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 1);
	buf_free(&n);
	world_end(w);
}

static void restarted_peer_sweeps_its_old_sas_away(void **state)
{
	struct world *w = up();
	struct pluto *p = &w->side[WEST].p;

	(void)state;
	/* West loses its memory without a word. */
	while (!list_empty(&p->exchanges))
		exchange_free(LIST_FIRST(&p->exchanges, struct exchange, link));
	while (!list_empty(&p->ipsec_sas))
		ipsec_sa_delete(LIST_FIRST(&p->ipsec_sas, struct ipsec_sa, link), false);
	while (!list_empty(&p->isakmp_sas))
		isakmp_sa_delete(LIST_FIRST(&p->isakmp_sas, struct isakmp_sa, link), false);
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	assert_logged(w, "the peer says INITIAL-CONTACT: forgetting older SAs with it");
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 1);
	assert_int_equal(count_list(&w->side[EAST].p.isakmp_sas), 1);
	world_end(w);
}

static void responder_lifetime_is_understood(void **state)
{
	struct world *w = up();
	uint8_t rest[] = { 0x10, 0x00, 0x10, 0x01, 0x80, 1, 0, 1, 0, 2, 0, 4, 0, 0, 2, 0x58 };
	struct buf n = { 0 };

	(void)state;
	notify_of(&n, IPSEC_RESPONDER_LIFETIME, 4, span_of(rest, sizeof(rest)));
	forge(w, PLD_N, buf_span(&n), true, true, 700);
	assert_int_equal(w->side[EAST].c->newest_ipsec->life, 600);
	/* Nonsense is not. */
	for (size_t len = 0; len < sizeof(rest); len++) {
		notify_of(&n, IPSEC_RESPONDER_LIFETIME, 4, span_of(rest, len));
		forge(w, PLD_N, buf_span(&n), true, true, 701 + (uint32_t)len);
	}
	assert_int_equal(w->side[EAST].c->newest_ipsec->life, 600);
	buf_free(&n);
	world_end(w);
}

static void life_of_a_superseded_sa_is_not_begun_anew(void **state)
{
	struct world *w = up();
	struct ipsec_sa *sa = w->side[WEST].c->newest_ipsec;

	(void)state;
	lifetime_supersede_ipsec(sa, 99);
	lifetime_shorten_ipsec(sa, 600, 0);
	assert_string_equal(sa->event, "EVENT_SA_EXPIRE");
	assert_true(timer_left(&sa->timer) <= SECONDS(10));
	world_end(w);
}

/* With rightid=%any it is the proved ID that tells whose an SA is. */
static void delete_is_honoured_from_a_peer_without_a_configured_id(void **state)
{
	struct side_setup east = { .peer_id = "%any" };
	struct world *w = world_new(NULL, &east);

	(void)state;
	initiate(w, WEST);
	settle(w);
	assert_up(w);
	assert_true(ike_delete_state(&w->side[WEST].p, 2));
	settle(w);
	assert_int_equal(count_list(&w->side[EAST].p.ipsec_sas), 0);
	world_end(w);
}

static void notifications_are_never_answered(void **state)
{
	struct world *w = up();
	unsigned long sent;
	struct buf n = { 0 };

	(void)state;
	for (unsigned int type = 0; type < 70000; type += 37) {
		notify_of(&n, (uint16_t)type, 0, SPAN_EMPTY);
		sent = wire_sent;
		forge(w, PLD_N, buf_span(&n), true, true, 1000 + type);
		assert_int_equal(wire_sent - sent, 1);
		forge(w, PLD_N, buf_span(&n), false, false, 1000 + type);
		assert_int_equal(wire_sent - sent, 2);
	}
	assert_up(w);
	buf_free(&n);
	world_end(w);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(down_takes_both_ends_down),
	cmocka_unit_test(deleted_tunnel_that_is_to_be_up_is_replaced_once),
	cmocka_unit_test(numbers_that_are_not_there_are_not_deleted),
	cmocka_unit_test(forged_deletes_are_ignored),
	cmocka_unit_test(deletes_that_lie_are_ignored),
	cmocka_unit_test(replayed_informational_messages_are_ignored),
	cmocka_unit_test(initial_contact_counts_only_under_protection),
	cmocka_unit_test(restarted_peer_sweeps_its_old_sas_away),
	cmocka_unit_test(responder_lifetime_is_understood),
	cmocka_unit_test(life_of_a_superseded_sa_is_not_begun_anew),
	cmocka_unit_test(delete_is_honoured_from_a_peer_without_a_configured_id),
	cmocka_unit_test(notifications_are_never_answered),
};

const struct scenario info_scenario = { "info", tests, ARRAY_SIZE(tests) };
