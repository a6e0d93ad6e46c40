// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables themselves: rows, states, payloads, causes.
 *
 * With STATES_DOT=FILE in the environment the states are written there as a graph.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pluto/transition.h"
#include "testing/exchange/world.h"

#define EACH_ROW(mode, row) \
	for (size_t mi = 0; mi < n_modes; mi++) \
		for (const struct mode *mode = modes[mi]; mode; mode = NULL) \
			for (const struct transition *row = mode->rows; \
			     row < mode->rows + mode->n; row++)

static bool leaves(enum state s, unsigned int auth)
{
	EACH_ROW(mode, row)
		if (row->from == s && (row->auth & auth))
			return true;
	return false;
}

static void every_state_leads_on_or_is_an_end(void **state)
{
	(void)state;
	EACH_ROW(mode, row) {
		if (state_is_terminal(row->to))
			assert_true(row->flags & R_DONE);
		else
			assert_true(leaves(row->to, row->auth == AUTH_ANY ? AUTH_PSK : row->auth));
		if (!state_is_terminal(row->to))
			assert_true(!(row->flags & R_RETRY) != !(row->flags & R_WAIT));
	}
}

static void every_state_that_branches_knows_each_way_to_authenticate(void **state)
{
	(void)state;
	EACH_ROW(mode, row)
		if (row->auth != AUTH_ANY) {
			assert_true(leaves(row->from, AUTH_PSK));
			assert_true(leaves(row->from, AUTH_RSASIG));
		}
}

static void rows_are_unique(void **state)
{
	(void)state;
	EACH_ROW(mode, row)
		for (const struct transition *other = mode->rows; other < mode->rows + mode->n;
		     other++)
			if (other != row && other->from == row->from)
				assert_false(other->auth & row->auth);
}

static void encryption_comes_after_keys(void **state)
{
	(void)state;
	EACH_ROW(mode, row) {
		bool before_keys = row->from == STATE_MAIN_I0 || row->from == STATE_MAIN_R0 ||
				   row->from == STATE_MAIN_I1 || row->from == STATE_MAIN_R1;

		if (before_keys)
			assert_false(row->flags & (R_ENC | R_DEC));
		if (mode->exchange != XCHG_MAIN && (row->in || row->need))
			assert_true(row->flags & R_DEC);
		if (mode->exchange != XCHG_MAIN && (row->flags & R_REPLY))
			assert_true(row->flags & R_ENC);
	}
}

static void phase_2_messages_carry_exactly_one_hash(void **state)
{
	(void)state;
	EACH_ROW(mode, row) {
		unsigned int in = row->flags & R_HASHES_IN, out = row->flags & R_HASHES_OUT;

		assert_int_equal(in & (in - 1), 0);
		assert_int_equal(out & (out - 1), 0);
		if (mode->exchange == XCHG_MAIN) {
			assert_int_equal(in | out, 0);
			continue;
		}
		assert_true(!in == !(row->need & P(HASH)));
		assert_true(!out == !(row->flags & R_REPLY));
	}
}

static void payloads_of_rows_are_known_and_in_one_set_only(void **state)
{
	(void)state;
	EACH_ROW(mode, row) {
		assert_int_equal(row->need & row->may, 0);
		for (unsigned int type = 0; type < PLD_SET_MAX; type++)
			if ((row->need | row->may) & PLD_BIT(type))
				assert_true(payload_known((uint8_t)type));
	}
}

static void what_is_said_has_words(void **state)
{
	(void)state;
	EACH_ROW(mode, row) {
		assert_true(!(row->flags & R_REPLY) == !row->out);
		assert_true(strlen(state_story(row->to)) > 0);
		assert_non_null(strstr(state_name(row->to), "STATE_"));
	}
	assert_int_equal(RC_NEW_STATE + STATE_MAIN_I1, 104);
	assert_int_equal(RC_NEW_STATE + STATE_QUICK_I1, 112);
}

static void tables_of_fields_add_up(void **state)
{
	static const struct payload_desc *const descs[] = {
		&hdr_desc, &generic_desc, &sa_desc, &sa_body_desc, &proposal_desc,
		&transform_desc, &id_desc, &notify_desc, &delete_desc,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(descs); i++) {
		size_t octets = 0;

		for (size_t f = 0; f < descs[i]->n_fields; f++) {
			const struct field *field = &descs[i]->fields[f];

			octets += field->width;
			assert_true(field->kind == F_ZERO || field->host >= field->width);
			assert_true(field->offset + (size_t)field->host <= descs[i]->host);
		}
		assert_int_equal(octets, descs[i]->wire);
	}
}

static void every_cause_has_a_name_and_a_hint(void **state)
{
	(void)state;
	for (int i = 0; i < CAUSE_MAX; i++) {
		assert_non_null(causes[i].name);
		assert_non_null(causes[i].hint);
		assert_true(strlen(causes[i].hint) > 10);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(causes[i].name, causes[j].name);
	}
}

static void states_can_be_drawn(void **state)
{
	const char *path = getenv("STATES_DOT");
	FILE *f = fopen(path ? path : "/dev/null", "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "digraph states {\n\tnode [shape=box];\n");
	EACH_ROW(mode, row)
		fprintf(f, "\t%s -> %s [label=\"%s%s%s\"];\n", state_name(row->from),
			state_name(row->to), mode->name,
			row->auth == AUTH_PSK ? ", PSK" : "",
			row->auth == AUTH_RSASIG ? ", RSA" : "");
	fprintf(f, "}\n");
	assert_int_equal(fclose(f), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_state_leads_on_or_is_an_end),
	cmocka_unit_test(every_state_that_branches_knows_each_way_to_authenticate),
	cmocka_unit_test(rows_are_unique),
	cmocka_unit_test(encryption_comes_after_keys),
	cmocka_unit_test(phase_2_messages_carry_exactly_one_hash),
	cmocka_unit_test(payloads_of_rows_are_known_and_in_one_set_only),
	cmocka_unit_test(what_is_said_has_words),
	cmocka_unit_test(tables_of_fields_add_up),
	cmocka_unit_test(every_cause_has_a_name_and_a_hint),
	cmocka_unit_test(states_can_be_drawn),
};

const struct scenario table_scenario = { "tables", tests, ARRAY_SIZE(tests) };
