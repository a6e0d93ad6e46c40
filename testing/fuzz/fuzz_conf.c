/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf(5) from anywhere.  Whatever it says, all messages can be shown, a good
 * connection has what a good connection has, and can be found by its name; if it has manual
 * keys, both of its ends come to the same SAs.
 */
#include <stdlib.h>

#include "lib/conf/conf.h"
#include "utils/common/manual.h"

static void insist(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void check_reports(const struct list *reports)
{
	struct conf_error *e;

	LIST_EACH(e, reports, struct conf_error, link) {
		struct buf text = { 0 };

		conf_error_show(e, &text);
		for (size_t i = 0; i < text.len; i++)
			insist(text.ptr[i] >= ' ' && text.ptr[i] < 0x7f);
		buf_free(&text);
	}
}

static void check_same(const struct manual_way *a, const struct manual_way *b)
{
	insist(a->n == b->n && a->n <= MANUAL_SAS_MAX);
	for (size_t i = 0; i < a->n; i++) {
		insist(said_eq(&a->sa[i].said, &b->sa[i].said) && a->sa[i].said.spi >= 0x100);
		insist(a->sa[i].authkey == b->sa[i].authkey);
		insist(a->sa[i].enckey == b->sa[i].enckey);
		insist(!a->sa[i].suite || a->sa[i].authkey || a->sa[i].enckey);
	}
}

static void check_manual(const struct conf_conn *conn)
{
	struct addr addr = { AF_INET, { 192, 0, 2, 1 } }, hop = { AF_INET, { 192, 0, 2, 254 } };
	struct manual_plan left, right;
	struct manual_hosts hosts;
	struct buf why = { 0 };
	bool ok = manual_hosts(conn, &addr, &hop, &hosts, &why) &&
		  manual_plan(conn, &hosts, MANUAL_LEFT, &left, &why);

	insist(ok == (why.len == 0));
	if (ok) {
		insist(manual_plan(conn, &hosts, MANUAL_RIGHT, &right, &why));
		check_same(&left.out, &right.in);
		check_same(&left.in, &right.out);
		insist(subnet_eq(&left.mine, &right.theirs));
	}
	buf_free(&why);
}

static void check_conn(const struct conf *c, const struct conf_conn *conn)
{
	insist(conf_conn_find(c, conn->name) == conn);
	if (conn->bad)
		insist(!conf_ok(c));
	if (conn->bad || conn->incomplete)
		return;
	insist(conn->left.host_kind != HOST_UNSET && conn->right.host_kind != HOST_UNSET);
	insist(conn->authby != 0 && (conn->type == TYPE_TUNNEL || conn->not_for_pluto));
	insist(conn->keylife > 0 && conn->ikelifetime > 0);
	insist(conn->left.host_kind != HOST_NAME || conn->left.host_name);
}

static void ignore(void *ctx, const char *name, const char *value)
{
	(void)ctx;
	insist(name && value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *c = conf_parse("fuzz.conf", span_of(data, size));
	struct conf_conn *conn;

	check_reports(&c->errors);
	check_reports(&c->warnings);
	LIST_EACH(conn, &c->conns, struct conf_conn, link)
		check_conn(c, conn);
	LIST_EACH(conn, &c->conns, struct conf_conn, link)
		if (!conn->bad)
			check_manual(conn);
	conf_setup_each(c, ignore, NULL);
	conf_free(c);
	return 0;
}
