// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All scenarios of two Plutos in one process.
 *
 *	build/test/exchange		run them
 *	build/test/exchange NAME	the tests whose names hold NAME
 *	VERBOSE=1 ...			with the log of both, as it is written
 */
#include <stdio.h>

#include "testing/exchange/world.h"

extern const struct scenario first_scenario, loss_scenario, refusal_scenario, suite_scenario,
			     rekey_scenario, info_scenario, table_scenario, trust_scenario,
			     hostile_scenario, chaos_scenario;

int main(int argc, char **argv)
{
	static const struct scenario *const all[] = {
		&first_scenario, &loss_scenario, &refusal_scenario, &suite_scenario,
		&rekey_scenario, &info_scenario, &table_scenario, &hostile_scenario,
		&trust_scenario, &chaos_scenario,
	};
	int failed = 0;
	char pattern[64];

	if (argc > 1) {
		snprintf(pattern, sizeof(pattern), "*%s*", argv[1]);
		cmocka_set_test_filter(pattern);
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		failed += _cmocka_run_group_tests(all[i]->name, all[i]->tests, all[i]->n, NULL,
						  NULL);
	return failed ? 1 : 0;
}
