/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shunts: names and magic SPIs are those that eroute(8) and Pluto know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "klips/shunt.h"

static void each_shunt_has_its_spi_and_name(void **state)
{
	static const struct { enum klips_shunt shunt; u32 spi; const char *name; } row[] = {
		{ KLIPS_SHUNT_PASS, 256, "%pass" },
		{ KLIPS_SHUNT_DROP, 257, "%drop" },
		{ KLIPS_SHUNT_REJECT, 258, "%reject" },
		{ KLIPS_SHUNT_HOLD, 259, "%hold" },
		{ KLIPS_SHUNT_TRAP, 260, "%trap" },
		{ KLIPS_SHUNT_TRAPSUBNET, 261, "%trapsubnet" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(klips_shunt_of_spi(row[i].spi), row[i].shunt);
		assert_int_equal(klips_shunt_spi(row[i].shunt), row[i].spi);
		assert_string_equal(klips_shunt_name(row[i].shunt), row[i].name);
	}
}

static void other_spis_are_no_shunt(void **state)
{
	static const u32 row[] = { 0, 1, 255, 262, 0x1000, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		assert_int_equal(klips_shunt_of_spi(row[i]), KLIPS_SHUNT_NONE);
	assert_int_equal(klips_shunt_spi(KLIPS_SHUNT_NONE), 0);
	assert_null(klips_shunt_name(KLIPS_SHUNT_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shunt_has_its_spi_and_name),
		cmocka_unit_test(other_spis_are_no_shunt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
