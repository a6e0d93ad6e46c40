/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outer headers: what flags of an SA make of them, and RFC 6040's figure 4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "klips/outer.h"
#include "lib/pfkey/pfkeyv2.h"

#define COPY	SADB_X_SAFLAGS_TOS_COPY
#define HIDE	SADB_X_SAFLAGS_TOS_HIDE
#define ECN	SADB_X_SAFLAGS_ECN
#define NOECN	SADB_X_SAFLAGS_NOECN

static void type_of_service_is_copied_or_hidden(void **state)
{
	static const struct { uint32_t flags; bool hide; uint8_t inner, outer; } row[] = {
		{ 0,		false,	0xb8, 0xb8 },
		{ 0,		true,	0xb8, 0x00 },
		{ 0,		false,	0xbb, 0xbb },	/* CE is copied, too: RFC 6040 4.1 */
		{ 0,		true,	0xbb, 0x00 },
		{ COPY,		true,	0xba, 0xba },
		{ HIDE,		false,	0xba, 0x00 },
		{ HIDE | ECN,	false,	0xba, 0x02 },
		{ HIDE | ECN,	true,	0xbb, 0x03 },
		{ COPY | NOECN,	false,	0xba, 0xb8 },
		{ NOECN,	false,	0xb9, 0xb8 },
		{ ECN,		true,	0xb9, 0x01 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		if (klips_outer_tos(row[i].flags, row[i].hide, row[i].inner) != row[i].outer)
			fail_msg("row %zu: 0x%x", i,
				 klips_outer_tos(row[i].flags, row[i].hide, row[i].inner));
}

static void df_is_cleared_copied_or_set(void **state)
{
	static const struct { uint32_t flags; bool inner, outer; } row[] = {
		{ 0, false, false },			   { 0, true, false },
		{ SADB_X_SAFLAGS_DF_COPY, false, false },  { SADB_X_SAFLAGS_DF_COPY, true, true },
		{ SADB_X_SAFLAGS_DF_SET, false, true },	   { SADB_X_SAFLAGS_DF_SET, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		assert_int_equal(klips_outer_df(row[i].flags, row[i].inner), row[i].outer);
}

static void ttl_is_64_unless_the_sa_has_another(void **state)
{
	(void)state;
	assert_int_equal(klips_outer_ttl(0), 64);
	assert_int_equal(klips_outer_ttl(HIDE | SADB_X_SAFLAGS_DF_SET), 64);
	assert_int_equal(klips_outer_ttl(1U << SADB_X_SAFLAGS_TTL_SHIFT), 1);
	assert_int_equal(klips_outer_ttl(255U << SADB_X_SAFLAGS_TTL_SHIFT | COPY), 255);
}

static void all_tunnel_flags_are_in_their_mask(void **state)
{
	(void)state;
	assert_int_equal(SADB_X_SAFLAGS_TUNNEL,
			 COPY | HIDE | ECN | NOECN | SADB_X_SAFLAGS_DF_COPY |
			 SADB_X_SAFLAGS_DF_SET | SADB_X_SAFLAGS_TTL);
}

/* RFC 6040 section 4.2, Figure 4, in the order that it has there. */
static void congestion_is_brought_in(void **state)
{
	enum { NOT, ECT1, ECT0, CE, DROP = -EINVAL };
	static const int order[] = { NOT, ECT0, ECT1, CE };
	static const int figure[4][4] = {
		{ NOT,	NOT,  NOT,  DROP },
		{ ECT0, ECT0, ECT1, CE },
		{ ECT1, ECT1, ECT1, CE },
		{ CE,	CE,   CE,   CE },
	};

	(void)state;
	for (size_t in = 0; in < 4; in++)
		for (size_t out = 0; out < 4; out++)
			assert_int_equal(klips_ecn_leaving((uint8_t)(0xb8 | order[in]),
							   (uint8_t)(0x28 | order[out])),
					 figure[in][out]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_of_service_is_copied_or_hidden),
		cmocka_unit_test(df_is_cleared_copied_or_set),
		cmocka_unit_test(ttl_is_64_unless_the_sa_has_another),
		cmocka_unit_test(all_tunnel_flags_are_in_their_mask),
		cmocka_unit_test(congestion_is_brought_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
