/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf(5) from anywhere.  Whatever it says, all messages can be shown, a good
 * connection has what a good connection has, and can be found by its name.
 */
#include <stdlib.h>

#include "lib/conf/conf.h"

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

static void check_conn(const struct conf *c, const struct conf_conn *conn)
{
	insist(conf_conn_find(c, conn->name) == conn);
	if (conn->bad)
		insist(!conf_ok(c));
	if (conn->bad || conn->incomplete)
		return;
	insist(conn->left.host_kind != HOST_UNSET && conn->right.host_kind != HOST_UNSET);
	insist(conn->type == TYPE_TUNNEL && conn->authby != 0);
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
	conf_setup_each(c, ignore, NULL);
	conf_free(c);
	return 0;
}
