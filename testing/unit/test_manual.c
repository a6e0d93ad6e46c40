/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections with manual keys: utils/common/manual.c, and what lib/conf makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/alloc.h"
#include "utils/common/manual.h"

#define ENDS	"\tleft=192.0.2.1\n\tright=192.0.2.2\n"
#define NETS	"\tleftsubnet=10.0.1.0/24\n\trightsubnet=10.0.2.0/24\n"
#define KEY16	"0x00112233445566778899aabbccddeeff"
#define KEY16B	"0xff112233445566778899aabbccddeeff"
#define KEY24	"0x00112233445566778899aabbccddeeff0011223344556677"
#define ESP	"\tesp=3des-md5-96\n\tespenckey=" KEY24 "\n\tespauthkey=" KEY16 "\n"
#define AH	"\tah=hmac-md5-96\n\tahkey=" KEY16 "\n"

static struct conf *parse(const char *params)
{
	char *text = xasprintf("version 2\nconn a\n%s", params);
	struct conf *c = conf_parse("test", span_str(text));

	free(text);
	return c;
}

/* The plan of one end; why it cannot be, in a static buffer, or NULL. */
static const char *plan_of(const struct conf *c, enum manual_side us, struct manual_plan *p)
{
	static char text[200];
	const struct conf_conn *conn = conf_conn_find(c, "a");
	struct manual_hosts hosts;
	struct buf why = { 0 };
	bool ok;

	assert_non_null(conn);
	assert_false(conn->bad);
	ok = manual_hosts(conn, NULL, NULL, &hosts, &why) &&
	     manual_plan(conn, &hosts, us, p, &why);
	snprintf(text, sizeof(text), "%s", buf_str(&why));
	buf_free(&why);
	return ok ? NULL : text;
}

/* "tun0x200@192.0.2.2 esp0x202@192.0.2.2" */
static const char *saids_of(const struct manual_way *way, char out[200])
{
	struct said_buf sb;
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < way->n; i++)
		at += (size_t)snprintf(out + at, 200 - at, "%s%s", i ? " " : "",
				       said_show(&way->sa[i].said, &sb));
	return out;
}

static void both_ends_come_to_the_same_spis(void **state)
{
	static const struct { const char *params, *to_right, *to_left; } row[] = {
		{ ENDS NETS ESP "\tspi=0x200\n", "tun0x200@192.0.2.2 esp0x200@192.0.2.2",
		  "tun0x200@192.0.2.1 esp0x200@192.0.2.1" },
		{ ENDS NETS ESP "\tspibase=0x200\n", "tun0x200@192.0.2.2 esp0x202@192.0.2.2",
		  "tun0x201@192.0.2.1 esp0x203@192.0.2.1" },
		{ ENDS NETS ESP AH "\tspibase=0x2c0\n",
		  "tun0x2c0@192.0.2.2 esp0x2c2@192.0.2.2 ah0x2c4@192.0.2.2",
		  "tun0x2c1@192.0.2.1 esp0x2c3@192.0.2.1 ah0x2c5@192.0.2.1" },
		{ ENDS NETS AH "\tspibase=0x200\n", "tun0x200@192.0.2.2 ah0x202@192.0.2.2",
		  "tun0x201@192.0.2.1 ah0x203@192.0.2.1" },
		{ ENDS "\ttype=transport\n" ESP "\tspibase=0x200\n", "esp0x200@192.0.2.2",
		  "esp0x201@192.0.2.1" },
		{ ENDS "\ttype=transport\n" ESP AH "\tspibase=0x200\n",
		  "esp0x200@192.0.2.2 ah0x202@192.0.2.2", "esp0x201@192.0.2.1 ah0x203@192.0.2.1" },
		{ ENDS NETS ESP "\tspi=0x200\n\tleftespspi=0x301\n\trightespspi=0x302\n",
		  "tun0x200@192.0.2.2 esp0x302@192.0.2.2",
		  "tun0x200@192.0.2.1 esp0x301@192.0.2.1" },
		{ ENDS NETS ESP AH "\tspi=0x200\n\tleftahspi=0x301\n\trightahspi=0x302\n",
		  "tun0x200@192.0.2.2 esp0x200@192.0.2.2 ah0x302@192.0.2.2",
		  "tun0x200@192.0.2.1 esp0x200@192.0.2.1 ah0x301@192.0.2.1" },
		{ "\tleft=2001:db8::1\n\tright=2001:db8::2\n" NETS ESP "\tspi=0x200\n",
		  "tun0x200@2001:db8::2 esp0x200@2001:db8::2",
		  "tun0x200@2001:db8::1 esp0x200@2001:db8::1" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct conf *c = parse(row[i].params);
		struct manual_plan left, right;

		assert_null(plan_of(c, MANUAL_LEFT, &left));
		assert_null(plan_of(c, MANUAL_RIGHT, &right));
		assert_string_equal(saids_of(&left.out, text), row[i].to_right);
		assert_string_equal(saids_of(&left.in, text), row[i].to_left);
		assert_string_equal(saids_of(&right.in, text), row[i].to_right);
		assert_string_equal(saids_of(&right.out, text), row[i].to_left);
		assert_true(said_eq(&left.target, &left.out.sa[0].said));
		conf_free(c);
	}
}

static void a_key_of_an_end_is_for_what_flows_towards_it(void **state)
{
	struct conf *c = parse(ENDS NETS "\tesp=null-md5-96\n\tleftespauthkey=" KEY16
			       "\n\trightespauthkey=" KEY16B "\n\tspi=0x200\n");
	struct manual_plan left, right;

	(void)state;
	assert_null(plan_of(c, MANUAL_LEFT, &left));
	assert_null(plan_of(c, MANUAL_RIGHT, &right));
	assert_int_equal(left.in.sa[1].authkey->ptr[0], 0x00);
	assert_int_equal(left.out.sa[1].authkey->ptr[0], 0xff);
	assert_int_equal(right.in.sa[1].authkey->ptr[0], 0xff);
	assert_int_equal(right.out.sa[1].authkey->ptr[0], 0x00);
	conf_free(c);
}

static void what_goes_through_is_seen_from_each_end(void **state)
{
	struct conf *c = parse(ENDS NETS ESP "\tspi=0x200\n\tespreplay_window=64\n"
			       "\tleftnexthop=192.0.2.254\n\tleftprotoport=6/25\n");
	struct manual_plan p;
	struct subnet_buf sb;
	struct addr_buf ab;

	(void)state;
	assert_null(plan_of(c, MANUAL_LEFT, &p));
	assert_string_equal(subnet_show(&p.mine, &sb), "10.0.1.0/24");
	assert_string_equal(subnet_show(&p.theirs, &sb), "10.0.2.0/24");
	assert_string_equal(addr_show(&p.nexthop, &ab), "192.0.2.254");
	assert_int_equal(p.out.sa[1].replay, 64);
	assert_int_equal(p.proto, 6);
	assert_null(plan_of(c, MANUAL_RIGHT, &p));
	assert_string_equal(subnet_show(&p.mine, &sb), "10.0.2.0/24");
	assert_string_equal(addr_show(&p.nexthop, &ab), "192.0.2.1");
	assert_int_equal(p.proto, 6);
	conf_free(c);
}

static void a_shunt_has_no_sas(void **state)
{
	static const struct { const char *type, *target; } row[] = {
		{ "passthrough", "%pass" }, { "drop", "%drop" }, { "reject", "%reject" },
	};
	struct said_buf sb;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char *text = xasprintf(ENDS NETS "\ttype=%s\n", row[i].type);
		struct conf *c = parse(text);
		struct manual_plan p;

		assert_null(plan_of(c, MANUAL_LEFT, &p));
		assert_string_equal(said_show(&p.target, &sb), row[i].target);
		assert_int_equal(p.out.n + p.in.n, 0);
		conf_free(c);
		free(text);
	}
}

static void what_cannot_be_is_said_in_the_old_words(void **state)
{
	static const struct { const char *params, *why; } row[] = {
		{ ENDS "\tspi=0x200\n", "neither AH nor ESP specified for connection" },
		{ ENDS ESP, "connection has no \"spi\" parameter specified" },
		{ "\tleft=192.0.2.1\n" ESP, "connection has no \"right\" parameter specified" },
		{ "\tleft=%defaultroute\n\tright=192.0.2.2\n" ESP "\tspi=0x200\n",
		  "%defaultroute requested but not known" },
		{ "\tleft=192.0.2.1\n\tright=%any\n" ESP "\tspi=0x200\n",
		  "right=%any: manual connections need the address of the peer" },
		{ "\tleft=192.0.2.1\n\tright=gw.example.org\n" ESP "\tspi=0x200\n",
		  "right=gw.example.org: manual connections need the address, not a name" },
		{ ENDS "\tspi=0x200\n\tesp=3des-md5-96\n\tleftespenckey=" KEY24 "\n",
		  "leftespenckey is given and rightespenckey is not: each direction needs one" },
		{ ENDS "\tspi=0x200\n\tesp=3des-md5-96\n\tespenckey=" KEY16 "\n\tespauthkey="
		  KEY16 "\n", "esp=3des-md5-96: the encryption key has the wrong length for "
		  "the cipher (of what flows towards right)" },
		{ ENDS "\tspi=0x200\n\tah=hmac-md5-96\n", "AH without a key: ahkey is missing" },
		{ ENDS "\tspi=0x200\n\tah=hmac-rot13\n\tahkey=" KEY16 "\n",
		  "ah \"hmac-rot13\": unknown authentication" },
		{ ENDS "\tspi=0x200\n\tesp=aes_gcm128\n\tespenckey=" KEY16 "00010203\n",
		  "esp=aes_gcm128: the two directions must not share a key: give leftespenckey "
		  "and rightespenckey" },
		{ ENDS "\ttype=passthrough\n" ESP,
		  "a connection that is no tunnel and no transport has neither AH nor ESP" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct conf *c = parse(row[i].params);
		struct manual_plan p;
		const char *why = plan_of(c, MANUAL_LEFT, &p);

		assert_non_null(why);
		assert_string_equal(why, row[i].why);
		conf_free(c);
	}
}

static void the_file_is_checked_without_showing_a_key(void **state)
{
	static const struct { const char *param, *message; } row[] = {
		{ "spi=200", "bad syntax in spi -- must be 0x..." },
		{ "spi=0x200\n\tspibase=0x200", "cannot specify both spi and spibase" },
		{ "spibase=0x201", "bad syntax in spibase -- must be 0x...0" },
		{ "spi=0xff", "parameter \"spi\" value is too small" },
		{ "leftespspi=esp", "bad syntax in leftespspi -- must be 0x..." },
		{ "espreplay_window=65537", "parameter \"espreplay_window\" value is too large" },
		{ "espenckey=0x0123456789z", "parameter \"espenckey\" is not a key" },
		{ "leftahkey=0123456789", "parameter \"leftahkey\" is not a key" },
	};
	struct conf_error *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char *text = xasprintf(ENDS "\t%s\n", row[i].param);
		struct conf *c = parse(text);
		struct buf shown = { 0 };

		assert_int_equal(c->n_errors, 1);
		e = LIST_FIRST(&c->errors, struct conf_error, link);
		assert_string_equal(e->text, row[i].message);
		conf_error_show(e, &shown);
		assert_null(strstr(buf_str(&shown), "0123456789"));
		buf_free(&shown);
		conf_free(c);
		free(text);
	}
}

static void not_even_where_the_line_is_no_parameter(void **state)
{
	static const char *const lines[] = {
		"espenckey=0x0123456789\n", "espenckey = 0x0123456789\n",
		"conn espenckey=0x0123456789\n", "leftahkey=0x0123456789 x\n",
		"ahkey 0x0123456789 x\n", "conn a\n\tespenckey=0x0123456789 1\n",
		"conn a\n\tespenckey=\"0x0123456789\n", "conn a\n\tespenckey=0x0123456789\001\n",
		"\tespenckey=0x0123456789\n", "conn a\n\tesp enckey=0x0123456789\n",
		"conn a\n\txespenckey=0x0123456789\n", "config setup\n\tahkey=0x0123456789\n",
	};
	struct conf_error *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct conf *c = conf_parse("test", span_str(lines[i]));

		assert_true(c->n_errors > 0);
		LIST_EACH(e, &c->errors, struct conf_error, link) {
			struct buf shown = { 0 };

			conf_error_show(e, &shown);
			assert_null(strstr(buf_str(&shown), "0123456789"));
			buf_free(&shown);
		}
		conf_free(c);
	}
}

static void keys_are_not_among_the_parameters(void **state)
{
	struct conf *c = parse(ENDS ESP "\tleftahkey=" KEY16 "\n\tspi=0x200\n");
	struct conf_conn *conn = conf_conn_find(c, "a");

	(void)state;
	assert_string_equal(conf_param_find(&conn->params, "espenckey")->value, "[...]");
	assert_string_equal(conf_param_find(&conn->params, "leftahkey")->value, "[...]");
	assert_string_equal(conf_param_find(&conn->params, "spi")->value, "0x200");
	assert_int_equal(conn->manual.keys.espenckey.len, 24);
	assert_int_equal(conn->left.keys.ahkey.len, 16);
	conf_free(c);
}

static void pluto_is_not_given_what_is_manual(void **state)
{
	static const struct { const char *param, *what; } row[] = {
		{ "auto=manual", "auto=manual" }, { "type=transport", "type=transport" },
		{ "type=passthrough", "type=passthrough" }, { "spi=0x200", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char *text = xasprintf(ENDS "\tauthby=secret\n\t%s\n", row[i].param);
		struct conf *c = parse(text);
		struct conf_conn *conn = conf_conn_find(c, "a");

		assert_int_equal(c->n_errors + c->n_warnings, 0);
		if (row[i].what)
			assert_string_equal(conn->not_for_pluto, row[i].what);
		else
			assert_null(conn->not_for_pluto);
		conf_free(c);
		free(text);
	}
}

static void collect(void *ctx, const char *name, const char *value)
{
	if (strcmp(name, "manualstart") == 0)
		buf_printf(ctx, "%s", value);
}

static void one_list_says_what_is_brought_up(void **state)
{
	static const struct { const char *setup, *list; } row[] = {
		{ "", "b c" }, { "\tmanualstart=%none\n", "b c" },
		{ "\tmanualstart=\"a c\"\n", "a c b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char *text = xasprintf("version 2\nconfig setup\n%sconn a\n" ENDS
				       "\tspi=0x200\nconn b\n\tauto=manual\n" ENDS
				       "conn c\n\tauto=manual\n" ENDS, row[i].setup);
		struct conf *c = conf_parse("test", span_str(text));
		struct buf list = { 0 };

		assert_true(conf_ok(c));
		conf_setup_each(c, collect, &list);
		assert_string_equal(buf_str(&list), row[i].list);
		buf_free(&list);
		conf_free(c);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_come_to_the_same_spis),
		cmocka_unit_test(a_key_of_an_end_is_for_what_flows_towards_it),
		cmocka_unit_test(what_goes_through_is_seen_from_each_end),
		cmocka_unit_test(a_shunt_has_no_sas),
		cmocka_unit_test(what_cannot_be_is_said_in_the_old_words),
		cmocka_unit_test(the_file_is_checked_without_showing_a_key),
		cmocka_unit_test(not_even_where_the_line_is_no_parameter),
		cmocka_unit_test(keys_are_not_among_the_parameters),
		cmocka_unit_test(pluto_is_not_given_what_is_manual),
		cmocka_unit_test(one_list_says_what_is_brought_up),
	};

	return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
