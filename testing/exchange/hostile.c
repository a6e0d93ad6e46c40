// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strangers and broken peers: nothing they send crashes us, keeps state for long, or keeps an
 * honest peer out.
 */
#include <stdlib.h>
#include <string.h>

#include "pluto/half_open.h"
#include "pluto/payloads.h"
#include "testing/exchange/world.h"

#define MESSAGES 9

static struct side *receiver(struct world *w, const struct packet *k)
{
	return &w->side[addr_eq(&k->to.addr, &w->side[EAST].ifp.local.addr)];
}

/* Let n datagrams through; the next one is what the test tampers with. */
static struct packet *next_after(struct world *w, unsigned int n)
{
	struct packet *k;

	initiate(w, WEST);
	while (n--)
		step(w);
	compute();
	k = wire_take();
	assert_non_null(k);
	return k;
}

static void hit(struct world *w, const struct packet *k, struct span octets)
{
	struct side *s = receiver(w, k);

	demux(&s->p, &s->ifp, &k->from, octets);
	compute();
	wire_clear();
}

static void finish_honestly(struct world *w, struct packet *k)
{
	deliver(w, k);
	packet_free(k);
	advance(w, SECONDS(3));
	assert_up(w);
	world_end(w);
}

static void cut_off_anywhere_each_message_changes_nothing(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < MESSAGES; m++) {
		struct world *w = world();
		struct packet *k = next_after(w, m);

		for (size_t len = 0; len < k->data.len; len++)
			hit(w, k, span_of(k->data.ptr, len));
		finish_honestly(w, k);
	}
}

/* The same, with a header that tells the truth about the length. */
static void shortened_anywhere_each_message_changes_nothing(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < MESSAGES; m++) {
		for (size_t from = ISAKMP_HDR_LEN; ; from += 16) {
			struct world *w = world();
			struct packet *k = next_after(w, m);
			struct buf copy = { 0 };
			bool more = from + 16 < k->data.len;

			for (size_t len = from; len < from + 16 && len < k->data.len; len++) {
				buf_set(&copy, span_of(k->data.ptr, len));
				buf_put_u32(&copy, 24, (uint32_t)len);
				hit(w, k, buf_span(&copy));
			}
			buf_free(&copy);
			finish_honestly(w, k);
			if (!more)
				break;
		}
	}
}

static void one_flipped_bit_in_each_message_changes_nothing(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (unsigned int m = 0; m < MESSAGES; m++) {
		struct world *w = world();
		struct packet *k = next_after(w, m);
		size_t bits = k->data.len * 8;
		unsigned int tried = 0, up = 0;

		packet_free(k);
		world_end(w);
		for (size_t bit = 0; bit < bits; bit += 1 + (size_t)rand_r(&seed) % 60) {
			w = world();
			k = next_after(w, m);
			k->data.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			hit(w, k, buf_span(&k->data));
			k->data.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
			/*
			 * Some bits make another good message: those in clear before
			 * authentication, and those of padding, which still is the next IV.
			 * Then this attempt fails later, and that must be the end of it.
			 */
			deliver(w, k);
			packet_free(k);
			advance(w, SECONDS(3));
			if (w->side[WEST].c->newest_ipsec && w->side[EAST].c->newest_ipsec)
				up++;
			advance(w, SECONDS(100));
			assert_int_equal(w->side[EAST].p.half_open, 0);
			assert_int_equal(count_list(&w->side[WEST].p.exchanges), 0);
			assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
			tried++;
			world_end(w);
		}
		assert_true(tried > 5);
		assert_true(m < 4 || up * 4 > tried * 3);
	}
}

static void noise_of_any_length_changes_nothing(void **state)
{
	struct world *w = world();
	struct packet *k = next_after(w, 0);
	uint8_t noise[600];

	(void)state;
	for (size_t len = 0; len < sizeof(noise); len++) {
		random_fill(noise, len);
		hit(w, k, span_of(noise, len));
		if (len >= ISAKMP_HDR_LEN) {
			/* Half-way plausible. */
			memcpy(noise, k->data.ptr, 24);
			noise[24] = noise[25] = 0;
			noise[26] = (uint8_t)(len >> 8);
			noise[27] = (uint8_t)len;
			hit(w, k, span_of(noise, len));
		}
	}
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	finish_honestly(w, k);
}

static void every_value_of_each_octet_of_the_header(void **state)
{
	struct world *w = world();
	struct packet *k = next_after(w, 0);
	unsigned long sent;

	(void)state;
	for (size_t at = 16; at < 20; at++)
		for (unsigned int v = 0; v < 256; v++) {
			uint8_t before = k->data.ptr[at];

			if (v == before)
				continue;
			k->data.ptr[at] = (uint8_t)v;
			sent = wire_sent;
			/* Only the commit flag is harmless. */
			if (!(at == 19 && v == ISAKMP_COMMIT))
				hit(w, k, buf_span(&k->data));
			assert_true(wire_sent - sent <= 1);
			k->data.ptr[at] = before;
		}
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	finish_honestly(w, k);
}

static void ikev2_is_answered_without_state(void **state)
{
	struct world *w = world();
	struct packet *k = next_after(w, 0);
	unsigned long sent = wire_sent;

	(void)state;
	k->data.ptr[17] = 0x20;
	k->data.ptr[18] = 34;
	hit(w, k, buf_span(&k->data));
	assert_logged(w, "IKE version 2.0 is not supported: this is IKEv1 only");
	assert_int_equal(wire_sent - sent, 1);
	k->data.ptr[17] = 0x10;
	k->data.ptr[18] = XCHG_MAIN;
	finish_honestly(w, k);
}

/* --- floods ---------------------------------------------------------------------------- */

static void flood(struct world *w, const struct packet *k, unsigned int n, bool one_source)
{
	struct packet *copy = packet_copy(k);

	for (unsigned int i = 0; i < n; i++) {
		copy->data.ptr[0] = (uint8_t)(i >> 16);
		copy->data.ptr[1] = (uint8_t)(i >> 8);
		copy->data.ptr[2] = (uint8_t)i;
		if (!one_source) {
			copy->from.addr.octets[0] = 203;
			copy->from.addr.octets[2] = (uint8_t)(i >> 8);
			copy->from.addr.octets[3] = (uint8_t)i;
		}
		hit(w, copy, buf_span(&copy->data));
	}
	packet_free(copy);
}

static void flood_from_one_source_is_bounded_and_honest_peers_get_in(void **state)
{
	struct world *w = world();
	struct packet *k = next_after(w, 0);

	(void)state;
	flood(w, k, 5000, true);
	assert_true(count_list(&w->side[EAST].p.exchanges) <= HALF_OPEN_PER_SOURCE);
	/* Even from the very address that the flood claims to come from. */
	finish_honestly(w, k);
}

static void flood_from_everywhere_is_bounded_and_honest_peers_get_in(void **state)
{
	struct side_setup east = { .road_warrior = true };
	struct world *w = world_new(NULL, &east);
	struct packet *k = next_after(w, 0);

	(void)state;
	flood(w, k, 3000, false);
	assert_true(count_list(&w->side[EAST].p.exchanges) <= HALF_OPEN_MAX);
	assert_true(count_list(&w->side[EAST].p.connections) <= HALF_OPEN_MAX + 1);
	deliver(w, k);
	packet_free(k);
	settle(w);
	assert_up(w);
	/* And all of it passes. */
	advance(w, SECONDS(HALF_OPEN_SECONDS + 1));
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	assert_int_equal(count_list(&w->side[EAST].p.connections), 2);
	world_end(w);
}

static void log_of_a_flood_is_short(void **state)
{
	struct side_setup east = { .no_conn = true };
	struct world *w = world_new(NULL, &east);
	struct packet *k = next_after(w, 0);
	unsigned long sent = wire_sent;
	size_t before = w->log.len;

	(void)state;
	flood(w, k, 5000, true);
	assert_true(w->log.len - before < 8000);
	assert_true(wire_sent - sent <= 5);
	packet_free(k);
	world_end(w);
}

/* --- payloads -------------------------------------------------------------------------- */

/* Message 1 of our own making. */
static struct packet *message_1(struct world *w, const struct buf *payloads, uint8_t next)
{
	struct packet *k = calloc(1, sizeof(*k));
	struct isa_hdr h = { .version = ISAKMP_VERSION, .exchange = XCHG_MAIN };
	struct out root;

	memset(h.icookie, 0x5a, 8);
	pack_root(&root, &k->data, &hdr_desc, &h);
	buf_add_span(&k->data, buf_span(payloads));
	k->data.ptr[16] = next;
	pack_close(&root);
	k->from = w->side[WEST].ifp.local;
	k->to = w->side[EAST].ifp.local;
	return k;
}

static void refused_first_message(struct world *w, const struct buf *payloads, uint8_t next)
{
	struct packet *k = message_1(w, payloads, next);

	hit(w, k, buf_span(&k->data));
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 0);
	assert_int_equal(w->side[EAST].p.half_open, 0);
	packet_free(k);
}

static void long_chains_of_payloads_end(void **state)
{
	struct world *w = world();
	struct buf b = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 4000; i++)
		buf_add(&b, i ? "\15\0\0\4" : "\15\0\0\4", 4);
	refused_first_message(w, &b, PLD_VID);
	refused_first_message(w, &b, PLD_SA);
	buf_clear(&b);
	for (unsigned int i = 0; i < 200; i++)
		buf_add(&b, "\1\0\0\14\0\0\0\1\0\0\0\1", 12);
	refused_first_message(w, &b, PLD_SA);
	buf_free(&b);
	world_end(w);
}

static void lengths_of_payloads_that_lie(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 2, 3, 4, 5, 11, 12, 13, 100, 32767, 65535 };
	struct world *w = world();
	struct buf b = { 0 };

	(void)state;
	for (unsigned int type = 0; type < 256; type++)
		for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
			buf_clear(&b);
			buf_add_u16(&b, 0);
			buf_add_u16(&b, lengths[i]);
			buf_grow(&b, 20);
			if (type)
				refused_first_message(w, &b, (uint8_t)type);
		}
	buf_free(&b);
	world_end(w);
}

/* A SA payload around these proposals. */
static void wrap_sa(struct buf *b, uint32_t doi, uint32_t situation, struct span proposals)
{
	buf_clear(b);
	buf_add_u16(b, 0);
	buf_add_u16(b, (uint16_t)(12 + proposals.len));
	buf_add_u32(b, doi);
	buf_add_u32(b, situation);
	buf_add_span(b, proposals);
}

static void wrap_proposal(struct buf *b, uint8_t protocol, uint8_t spi_size, uint8_t claims,
			  struct span attrs, unsigned int transforms)
{
	buf_clear(b);
	buf_add_u16(b, 0);
	buf_add_u16(b, (uint16_t)(8 + transforms * (8 + attrs.len)));
	buf_add_u8(b, 0);
	buf_add_u8(b, protocol);
	buf_add_u8(b, spi_size);
	buf_add_u8(b, claims);
	for (unsigned int i = 0; i < transforms; i++) {
		buf_add_u16(b, i + 1 < transforms ? PLD_T << 8 : 0);
		buf_add_u16(b, (uint16_t)(8 + attrs.len));
		buf_add_u8(b, (uint8_t)i);
		buf_add_u8(b, 1);
		buf_add_u16(b, 0);
		buf_add_span(b, attrs);
	}
}

#define GOOD_ATTRS "\200\1\0\7\200\16\1\0\200\2\0\4\200\3\0\1\200\4\0\16"

static void sa_payloads_of_all_shapes(void **state)
{
	static const struct {
		uint8_t protocol, spi_size, claims;
		unsigned int transforms;
	} row[] = {
		{ 0, 0, 1, 1 }, { 2, 0, 1, 1 }, { 3, 0, 1, 1 }, { 255, 0, 1, 1 },
		{ 1, 1, 1, 1 }, { 1, 4, 1, 1 }, { 1, 255, 1, 1 }, { 1, 0, 0, 0 }, { 1, 0, 1, 0 },
		{ 1, 0, 0, 1 }, { 1, 0, 2, 1 }, { 1, 0, 255, 1 }, { 1, 0, 1, 200 },
	};
	static const uint32_t words[] = { 0, 2, 3, 4, 7, 0xffffffff };
	struct span attrs = span_of(GOOD_ATTRS, 20);
	struct buf p = { 0 }, sa = { 0 };
	struct world *w = world();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		wrap_proposal(&p, row[i].protocol, row[i].spi_size, row[i].claims, attrs,
			      row[i].transforms);
		wrap_sa(&sa, 1, 1, buf_span(&p));
		refused_first_message(w, &sa, PLD_SA);
	}
	wrap_proposal(&p, 1, 0, 1, attrs, 1);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		wrap_sa(&sa, words[i], 1, buf_span(&p));
		refused_first_message(w, &sa, PLD_SA);
		wrap_sa(&sa, 1, words[i], buf_span(&p));
		refused_first_message(w, &sa, PLD_SA);
	}
	wrap_sa(&sa, 1, 1, SPAN_EMPTY);
	refused_first_message(w, &sa, PLD_SA);
	buf_free(&p);
	buf_free(&sa);
	world_end(w);
}

static void attributes_out_of_bounds_are_refused(void **state)
{
#define ROW(s) { s, sizeof(s) - 1 }
	static const struct { const char *attrs; size_t len; } row[] = {
		ROW(""), ROW("\200"), ROW("\200\1\0"), ROW("\0\1\0\7"), ROW("\0\1\377\377\0\7"),
		/* AES without, with absurd and with two key lengths */
		ROW("\200\1\0\7\200\2\0\4\200\3\0\1\200\4\0\16"),
		ROW("\200\1\0\7\200\16\0\0\200\2\0\4\200\3\0\1\200\4\0\16"),
		ROW("\200\1\0\7\200\16\0\201\200\2\0\4\200\3\0\1\200\4\0\16"),
		ROW("\200\1\0\7\200\16\377\377\200\2\0\4\200\3\0\1\200\4\0\16"),
		ROW(GOOD_ATTRS "\200\16\1\0"),
		/* 3DES with a key length; DES; Blowfish */
		ROW("\200\1\0\5\200\16\0\300\200\2\0\2\200\3\0\1\200\4\0\16"),
		ROW("\200\1\0\1\200\2\0\2\200\3\0\1\200\4\0\16"),
		ROW("\200\1\0\3\200\16\0\200\200\2\0\2\200\3\0\1\200\4\0\16"),
		/* groups: unknown, and of the peer's own making */
		ROW("\200\1\0\7\200\16\1\0\200\2\0\4\200\3\0\1\200\4\0\143"),
		ROW("\200\1\0\7\200\16\1\0\200\2\0\4\200\3\0\1\200\5\0\1\0\6\0\0\200\7\0\2"),
		/* DSS, RSA encryption, XAUTH */
		ROW("\200\1\0\7\200\16\1\0\200\2\0\4\200\3\0\2\200\4\0\16"),
		ROW("\200\1\0\7\200\16\1\0\200\2\0\4\200\3\0\4\200\4\0\16"),
		ROW("\200\1\0\7\200\16\1\0\200\2\0\4\200\3\375\351\200\4\0\16"),
		/* lives: of 0, without a type, twice, beyond a day, of nine octets */
		ROW(GOOD_ATTRS "\200\13\0\1\200\14\0\0"), ROW(GOOD_ATTRS "\200\14\0\1"),
		ROW(GOOD_ATTRS "\200\13\0\1\200\14\16\20\200\13\0\1\200\14\16\20"),
		ROW(GOOD_ATTRS "\200\13\0\1\0\14\0\4\0\2\0\0"),
		ROW(GOOD_ATTRS "\200\13\0\1\0\14\0\11\1\0\0\0\0\0\0\0\0"),
		ROW(GOOD_ATTRS "\200\13\0\3\200\14\0\1"), ROW(GOOD_ATTRS "\200\143\0\1"),
	};
	struct buf p = { 0 }, sa = { 0 };
	struct world *w = world();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		wrap_proposal(&p, 1, 0, 1, span_of(row[i].attrs, row[i].len), 1);
		wrap_sa(&sa, 1, 1, buf_span(&p));
		refused_first_message(w, &sa, PLD_SA);
		/* Of a stranger's, few lines a second are logged. */
		advance(w, SECONDS(1));
	}
	assert_logged(w, "OAKLEY_DES_CBC is not supported.  Attribute OAKLEY_ENCRYPTION_ALGORITHM\n");
	buf_free(&p);
	buf_free(&sa);
	world_end(w);
}

static void attributes_may_come_in_any_order(void **state)
{
	static const char odd[] = "\200\13\0\2\0\14\0\4\377\377\377\377\200\4\0\16\200\16\1\0"
				  "\200\3\0\1\0\1\0\2\0\7\200\2\0\4\200\13\0\1\0\14\0\4\0\0\16\20";
	struct buf p = { 0 }, sa = { 0 };
	struct world *w = world();
	struct packet *k;

	(void)state;
	wrap_proposal(&p, 1, 0, 1, span_of(odd, sizeof(odd) - 1), 1);
	wrap_sa(&sa, 1, 1, buf_span(&p));
	k = message_1(w, &sa, PLD_SA);
	demux(&w->side[EAST].p, &w->side[EAST].ifp, &k->from, buf_span(&k->data));
	compute();
	assert_int_equal(count_list(&w->side[EAST].p.exchanges), 1);
	/* The answer has these very octets. */
	assert_memory_equal(wire_first()->data.ptr + ISAKMP_HDR_LEN + 12 + 8 + 8, odd,
			    sizeof(odd) - 1);
	packet_free(k);
	buf_free(&p);
	buf_free(&sa);
	world_end(w);
}

/* --- message 3 ------------------------------------------------------------------------- */

static void keys_and_nonces_of_wrong_size_or_value(void **state)
{
	struct side_setup both = { .ike = "aes128-sha1;modp1536" };
	struct world *w = world_new(&both, &both);
	struct packet *k = next_after(w, 2);
	struct buf m = { 0 };
	const size_t ke = 192, ke_at = ISAKMP_HDR_LEN + GENERIC_LEN;
	static const size_t nonces[] = { 0, 1, 7, 257, 2000 };
	static const size_t sizes[] = { 0, 1, 191, 193, 4000 };

	(void)state;
	assert_int_equal(k->data.ptr[ISAKMP_HDR_LEN + 3], ke + GENERIC_LEN);
	/* 0, 1, and more than the prime */
	for (unsigned int i = 0; i < 3; i++) {
		buf_set(&m, buf_span(&k->data));
		memset(m.ptr + ke_at, i == 2 ? 0xff : 0, ke);
		if (i == 1)
			m.ptr[ke_at + ke - 1] = 1;
		hit(w, k, buf_span(&m));
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes) + ARRAY_SIZE(nonces); i++) {
		bool of_ke = i < ARRAY_SIZE(sizes);
		size_t n = of_ke ? sizes[i] : ke;
		size_t nonce = of_ke ? 16 : nonces[i - ARRAY_SIZE(sizes)];

		buf_set(&m, span_of(k->data.ptr, ISAKMP_HDR_LEN));
		buf_add_u16(&m, PLD_NONCE << 8);
		buf_add_u16(&m, (uint16_t)(n + GENERIC_LEN));
		memset(buf_grow(&m, n), 0x42, n);
		buf_add_u16(&m, 0);
		buf_add_u16(&m, (uint16_t)(nonce + GENERIC_LEN));
		buf_grow(&m, nonce);
		buf_put_u32(&m, 24, (uint32_t)m.len);
		/* So that the limit of lines in a second hides none. */
		fake_jump(server_now() + 1000);
		hit(w, k, buf_span(&m));
	}
	assert_logged(w, "the peer's Diffie-Hellman value for OAKLEY_GROUP_MODP1536: ");
	assert_logged(w, "KE is 191 octets, group OAKLEY_GROUP_MODP1536 needs 192\n");
	assert_logged(w, "a nonce of 7 octets, must be 8 to 256\n");
	buf_free(&m);
	finish_honestly(w, k);
}

static void quick_mode_before_its_time_is_ignored(void **state)
{
	struct world *w = world();
	struct packet *k = next_after(w, 3);
	struct buf m = { 0 };

	(void)state;
	buf_set(&m, buf_span(&k->data));
	m.ptr[18] = XCHG_QUICK;
	m.ptr[19] = ISAKMP_ENCRYPTION;
	buf_put_u32(&m, 20, 12345);
	hit(w, k, buf_span(&m));
	assert_logged(w, "Quick Mode message is unacceptable because it is for an incomplete ISAKMP "
		      "SA");
	m.ptr[0] ^= 1;
	hit(w, k, buf_span(&m));
	assert_logged(w, "Quick Mode message is for a non-existent (expired?) ISAKMP SA");
	buf_free(&m);
	finish_honestly(w, k);
}

static void answer_from_another_address_is_named(void **state)
{
	struct world *w = world();
	struct packet *k = next_after(w, 1);

	(void)state;
	k->from.addr.octets[3] ^= 1;
	hit(w, k, buf_span(&k->data));
	assert_logged(w, "west: packet from 198.51.100.0:500: phase 1 message is part of #1, whose "
		      "peer is 198.51.100.1:500\n"
		      "west: packet from 198.51.100.0:500: hint: the peer answers from another");
	k->from.addr.octets[3] ^= 1;
	finish_honestly(w, k);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(cut_off_anywhere_each_message_changes_nothing),
	cmocka_unit_test(shortened_anywhere_each_message_changes_nothing),
	cmocka_unit_test(one_flipped_bit_in_each_message_changes_nothing),
	cmocka_unit_test(noise_of_any_length_changes_nothing),
	cmocka_unit_test(every_value_of_each_octet_of_the_header),
	cmocka_unit_test(ikev2_is_answered_without_state),
	cmocka_unit_test(flood_from_one_source_is_bounded_and_honest_peers_get_in),
	cmocka_unit_test(flood_from_everywhere_is_bounded_and_honest_peers_get_in),
	cmocka_unit_test(log_of_a_flood_is_short),
	cmocka_unit_test(long_chains_of_payloads_end),
	cmocka_unit_test(lengths_of_payloads_that_lie),
	cmocka_unit_test(sa_payloads_of_all_shapes),
	cmocka_unit_test(attributes_out_of_bounds_are_refused),
	cmocka_unit_test(attributes_may_come_in_any_order),
	cmocka_unit_test(keys_and_nonces_of_wrong_size_or_value),
	cmocka_unit_test(quick_mode_before_its_time_is_ignored),
	cmocka_unit_test(answer_from_another_address_is_named),
};

const struct scenario hostile_scenario = { "hostile", tests, ARRAY_SIZE(tests) };
