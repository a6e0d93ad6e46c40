/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diffie-Hellman: both sides agree, whatever the leading octets; hostile values of a peer are
 * refused before our secret meets them (RFC 6989).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/text.h"
#include "lib/crypto/crypto.h"

static const unsigned int all_groups[] = {
	DH_MODP1024, DH_MODP1536, DH_MODP2048, DH_MODP3072, DH_MODP4096, DH_MODP6144, DH_MODP8192,
	DH_ECP256, DH_ECP384, DH_ECP521,
};

static bool is_ecp(unsigned int id)
{
	return id >= DH_ECP256;
}

static void both_sides_get_the_same_secret_in_every_group(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all_groups); i++) {
		const struct dh_group *g = dh_by_id(all_groups[i]);
		struct secret a = { 0 }, b = { 0 }, ab = { 0 }, ba = { 0 };
		struct buf ke_a = { 0 }, ke_b = { 0 };

		dh_generate(g, &a, &ke_a);
		dh_generate(g, &b, &ke_b);
		assert_int_equal(ke_a.len, g->public_len);
		assert_false(span_eq(buf_span(&ke_a), buf_span(&ke_b)));
		assert_null(dh_shared(g, secret_span(&a), buf_span(&ke_b), &ab));
		assert_null(dh_shared(g, secret_span(&b), buf_span(&ke_a), &ba));
		assert_int_equal(ab.len, is_ecp(g->id) ? g->public_len / 2 : g->public_len);
		assert_true(span_eq(secret_span(&ab), secret_span(&ba)));
		secret_free(&a);
		secret_free(&b);
		secret_free(&ab);
		secret_free(&ba);
		buf_free(&ke_a);
		buf_free(&ke_b);
	}
}

/* 2^7 in MODP1024: a hundred and some leading zero octets. */
static void leading_zeros_are_kept(void **state)
{
	const struct dh_group *g = dh_by_id(DH_MODP1024);
	static const uint8_t seven[] = { 7 };
	uint8_t two[128] = { [127] = 2 };
	struct secret shared = { 0 };

	(void)state;
	assert_null(dh_shared(g, span_of(seven, 1), span_of(two, 128), &shared));
	assert_int_equal(shared.len, 128);
	assert_int_equal(shared.ptr[127], 128);
	for (size_t i = 0; i < 127; i++)
		assert_int_equal(shared.ptr[i], 0);
	secret_free(&shared);
}

/* RFC 5903 section 8.1 */
static void ecp256_gives_the_secret_of_rfc5903(void **state)
{
	static const char i[] = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433";
	static const char gr[] =
		"d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
		"56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
	static const char gir[] =
		"d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
	struct buf secret = { 0 }, peer = { 0 }, shown = { 0 };
	struct secret shared = { 0 };

	(void)state;
	assert_null(text_to_hex(span_str(i), &secret));
	assert_null(text_to_hex(span_str(gr), &peer));
	assert_null(dh_shared(dh_by_id(DH_ECP256), buf_span(&secret), buf_span(&peer), &shared));
	data_to_hex(secret_span(&shared), &shown);
	assert_string_equal(buf_str(&shown), gir);
	secret_free(&shared);
	buf_free(&secret);
	buf_free(&peer);
	buf_free(&shown);
}

static void refused(const struct dh_group *g, const uint8_t *ke, size_t len)
{
	uint8_t secret[66] = { 0, 3 };
	struct secret shared = { 0 };

	assert_non_null(dh_shared(g, span_of(secret, 40), span_of(ke, len), &shared));
	assert_null(shared.ptr);
}

/* p of group 2, RFC 2409 section 6.2 */
static const char modp1024_prime[] =
	"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
	"020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
	"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
	"ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";

static void hostile_modp_values_are_refused(void **state)
{
	const struct dh_group *g = dh_by_id(DH_MODP1024);
	uint8_t zero[128] = { 0 }, one[128] = { [127] = 1 }, ones[128];
	struct buf p = { 0 };

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_null(text_to_hex(span_str(modp1024_prime), &p));
	refused(g, zero, 128);
	refused(g, one, 128);
	refused(g, ones, 128);
	refused(g, p.ptr, 128);			/* p */
	p.ptr[127]--;
	refused(g, p.ptr, 128);			/* p - 1 */
	p.ptr[119]++;
	p.ptr[127] = 0;
	refused(g, p.ptr, 128);			/* more than p */
	buf_free(&p);
}

static void largest_and_smallest_good_values_pass(void **state)
{
	const struct dh_group *g = dh_by_id(DH_MODP1024);
	static const uint8_t secret[] = { 5 };
	uint8_t two[128] = { [127] = 2 };
	struct secret shared = { 0 };
	struct buf p = { 0 };

	(void)state;
	assert_null(text_to_hex(span_str(modp1024_prime), &p));
	p.ptr[127] -= 2;
	assert_null(dh_shared(g, span_of(secret, 1), span_of(two, 128), &shared));
	assert_null(dh_shared(g, span_of(secret, 1), buf_span(&p), &shared));
	secret_free(&shared);
	buf_free(&p);
}

static void values_of_wrong_length_are_refused_in_every_group(void **state)
{
	static uint8_t ke[4000];

	(void)state;
	memset(ke, 0x11, sizeof(ke));
	for (size_t i = 0; i < ARRAY_SIZE(all_groups); i++) {
		const struct dh_group *g = dh_by_id(all_groups[i]);

		refused(g, ke, 0);
		refused(g, ke, 1);
		refused(g, ke, g->public_len - 1);
		refused(g, ke, g->public_len + 1);
		refused(g, ke, sizeof(ke));
	}
}

static void points_off_the_curve_are_refused(void **state)
{
	static const unsigned int curves[] = { DH_ECP256, DH_ECP384, DH_ECP521 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
		const struct dh_group *g = dh_by_id(curves[i]);
		struct secret s = { 0 };
		struct buf ke = { 0 };
		uint8_t raw[132] = { 0 };

		refused(g, raw, g->public_len);		/* 0, 0 */
		memset(raw, 0xff, sizeof(raw));
		refused(g, raw, g->public_len);		/* beyond the field */
		dh_generate(g, &s, &ke);
		ke.ptr[ke.len - 1] ^= 1;
		refused(g, ke.ptr, ke.len);
		secret_free(&s);
		buf_free(&ke);
	}
}

static void groups_are_found_by_name_and_weak_ones_marked(void **state)
{
	(void)state;
	assert_int_equal(dh_by_name(span_str("modp2048"))->id, DH_MODP2048);
	assert_int_equal(dh_by_name(span_str("MODP3072"))->id, DH_MODP3072);
	assert_null(dh_by_name(span_str("14")));
	assert_null(dh_by_name(span_str("modp768")));
	assert_null(dh_by_id(1));
	assert_null(dh_by_id(22));
	assert_true(dh_by_id(DH_MODP1024)->weak);
	assert_false(dh_by_id(DH_MODP2048)->weak);
	assert_false(dh_by_id(DH_ECP256)->weak);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_get_the_same_secret_in_every_group),
		cmocka_unit_test(leading_zeros_are_kept),
		cmocka_unit_test(ecp256_gives_the_secret_of_rfc5903),
		cmocka_unit_test(hostile_modp_values_are_refused),
		cmocka_unit_test(largest_and_smallest_good_values_pass),
		cmocka_unit_test(values_of_wrong_length_are_refused_in_every_group),
		cmocka_unit_test(points_off_the_curve_are_refused),
		cmocka_unit_test(groups_are_found_by_name_and_weak_ones_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
