/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a connection of ipsec.conf to the message that Pluto gets, names resolved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/alloc.h"
#include "lib/whack/msg.h"
#include "utils/common/connmsg.h"

#define KEY "0sAwEAAbESUQFVoe8c85D5KBd/KOR3Ub0LqRDUVz7oqnv3xzKvZ6nTGvVCgPB63iJ8+zgJoQhohaQMgZE1" \
	"wd2BhFqMbldi9namkpAHHqL3C0wJP5Ge0FpMx6LHakYNv1/JLjOX5eHxrqVyW8LOqm0oz2vse6zyGczotMgIcX" \
	"gZskVn7NbF"

static err_t known_route(struct default_route *out)
{
	memset(out, 0, sizeof(*out));
	ttoaddr(span_str("198.51.100.1"), &out->addr);
	return ttoaddr(span_str("198.51.100.254"), &out->nexthop);
}

static err_t link_route(struct default_route *out)
{
	memset(out, 0, sizeof(*out));
	return ttoaddr(span_str("198.51.100.1"), &out->addr);
}

static err_t no_route(struct default_route *out)
{
	(void)out;
	return "there is no default route";
}

/* Knows one name, and only the family that was asked for. */
static err_t one_name(const char *name, sa_family_t family, struct addr *out)
{
	if (strcmp(name, "gw.example.org") != 0)
		return "Name or service not known";
	return ttoaddr(span_str(family == AF_INET6 ? "2001:db8::2" : "198.51.100.2"), out);
}

static const struct resolver good = { known_route, one_name };
static const struct resolver on_link = { link_route, one_name };
static const struct resolver lost = { no_route, one_name };

/* Build it; buffers live until the next call. */
static bool build(const char *params, const struct resolver *r, struct whack_msg *m,
		  struct buf *msg, struct buf *why)
{
	char *text = xasprintf("version 2\nconfig setup\n\tmyid=@me\nconn a\n%s", params);
	struct conf *c = conf_parse("test.conf", span_str(text));
	bool ok;

	assert_true(conf_ok(c));
	ok = connection_message(c, conf_conn_find(c, "a"), false, r, msg, why);
	if (ok)
		assert_null(whack_msg_parse(buf_span(msg), m));
	conf_free(c);
	free(text);
	return ok;
}

static void assert_text(const struct whack_msg *m, unsigned int key, const char *wanted)
{
	const char *got = whack_get_text(m, key);

	if (!wanted) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, wanted);
}

static void everything_of_a_connection_is_in_the_message(void **state)
{
	struct buf msg = { 0 }, why = { 0 };
	struct whack_msg m;

	(void)state;
	assert_true(build("\tleft=198.51.100.1\n\tleftsubnet=192.0.2.0/24\n\tleftid=@west\n"
			  "\tleftnexthop=198.51.100.9\n\tleftsourceip=192.0.2.1\n"
			  "\tleftupdown=\"my updown\"\n\tleftprotoport=17/1701\n"
			  "\tright=%any\n\trightrsasigkey=" KEY "\n\tike=aes128-sha1;modp2048\n"
			  "\tkeylife=1h\n\trekeyfuzz=7%\n\trekey=no\n\tauto=route\n",
			  &lost, &m, &msg, &why));
	assert_int_equal(m.verb, WHACK_CONNECTION);
	assert_text(&m, WK_NAME, "a");
	assert_text(&m, WK_WHENCE, "test.conf:4");
	assert_text(&m, WK_HOST, "198.51.100.1");
	assert_text(&m, WK_SUBNET, "192.0.2.0/24");
	assert_text(&m, WK_ID, "@west");
	assert_text(&m, WK_NEXTHOP, "198.51.100.9");
	assert_text(&m, WK_SOURCEIP, "192.0.2.1");
	assert_text(&m, WK_UPDOWN, "my updown");
	assert_int_equal(whack_get_uint(&m, WK_PROTO, 0), 17);
	assert_int_equal(whack_get_uint(&m, WK_PORT, 0), 1701);
	assert_text(&m, WK_HOST + WK_RIGHT, "%any");
	assert_text(&m, WK_NEXTHOP + WK_RIGHT, "%direct");
	assert_text(&m, WK_SUBNET + WK_RIGHT, NULL);
	assert_text(&m, WK_ID + WK_RIGHT, NULL);
	assert_false(whack_has(&m, WK_RSASIGKEY));
	assert_int_equal(m.field[WK_RSASIGKEY + WK_RIGHT].len, 132);
	assert_int_equal(whack_get_uint(&m, WK_AUTHBY, 0), AUTHBY_RSASIG);
	assert_int_equal(whack_get_uint(&m, WK_AUTO, 0), AUTO_ROUTE);
	assert_int_equal(whack_get_uint(&m, WK_KEYLIFE, 0), 3600);
	assert_int_equal(whack_get_uint(&m, WK_REKEYFUZZ, 0), 7);
	assert_true(whack_has(&m, WK_PFS));
	assert_false(whack_has(&m, WK_REKEY));
	assert_false(whack_has(&m, WK_REPLACE));
	assert_text(&m, WK_IKE, "aes128-sha1;modp2048");
	assert_text(&m, WK_ESP, NULL);
	buf_free(&msg);
	buf_free(&why);
}

static void addresses_are_found(void **state)
{
	static const struct {
		const char *params;
		const struct resolver *r;
		const char *left, *nexthop, *right, *leftid;
	} row[] = {
		{ "\tleft=%defaultroute\n\tright=%any\n", &good,
		  "198.51.100.1", "198.51.100.254", "%any", NULL },
		{ "\tleft=%defaultroute\n\tright=%any\n", &on_link,
		  "198.51.100.1", "%direct", "%any", NULL },
		{ "\tleft=198.51.100.7\n\tleftnexthop=%defaultroute\n\tright=gw.example.org\n",
		  &good, "198.51.100.7", "198.51.100.254", "198.51.100.2", NULL },
		{ "\tleft=2001:db8::1\n\tright=gw.example.org\n", &lost,
		  "2001:db8::1", "%direct", "2001:db8::2", NULL },
		{ "\tleft=%any\n\tleftid=gw.example.org\n\tright=198.51.100.7\n", &lost,
		  "%any", "%direct", "198.51.100.7", "198.51.100.2" },
		{ "\tleft=%any\n\tleftid=%myid\n\tright=198.51.100.7\n", &lost,
		  "%any", "%direct", "198.51.100.7", "@me" },
		{ "\tleft=%any\n\tleftid=me@gw.example.org\n\tright=198.51.100.7\n", &lost,
		  "%any", "%direct", "198.51.100.7", "me@gw.example.org" },
	};
	struct buf msg = { 0 }, why = { 0 };
	struct whack_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		assert_true(build(row[i].params, row[i].r, &m, &msg, &why));
		assert_text(&m, WK_HOST, row[i].left);
		assert_text(&m, WK_NEXTHOP, row[i].nexthop);
		assert_text(&m, WK_HOST + WK_RIGHT, row[i].right);
		assert_text(&m, WK_ID, row[i].leftid);
	}
	buf_free(&msg);
	buf_free(&why);
}

static void what_cannot_be_found_is_named(void **state)
{
	static const struct { const char *params, *why; const struct resolver *r; } row[] = {
		{ "\tleft=%defaultroute\n\tright=%any\n",
		  "%defaultroute requested but not known (there is no default route)", &lost },
		{ "\tleft=%any\n\tright=no.example.org\n",
		  "cannot resolve right=no.example.org: Name or service not known", &good },
		{ "\tleft=%any\n\tright=198.51.100.7\n\tleftid=no.example.org\n",
		  "cannot resolve leftid=no.example.org: Name or service not known", &good },
		{ "\tleft=gw.example.org\n\tleftnexthop=198.51.100.2\n\tright=%any\n",
		  "left and leftnexthop must not be the same", &good },
	};
	struct buf msg = { 0 }, why = { 0 };
	struct whack_msg m;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		assert_false(build(row[i].params, row[i].r, &m, &msg, &why));
		assert_string_equal(buf_str(&why), row[i].why);
	}
	buf_free(&msg);
	buf_free(&why);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_of_a_connection_is_in_the_message),
		cmocka_unit_test(addresses_are_found),
		cmocka_unit_test(what_cannot_be_found_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
