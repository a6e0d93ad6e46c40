// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec addconn: reads ipsec.conf(5) for everybody else.
 *
 * Pluto never reads that file, and the scripts never parse it: they ask here.
 *
 *	--add, --replace, --autoall	connections to Pluto
 *	--autoroute, --autostart	route, initiate those whose auto= says so
 *	--list, --setup, --showconfig	for scripts and people
 *	--checkconfig			all errors and warnings
 *
 * An error in one connection does not keep others from being used; one in the
 * grammar of the file, or in config setup, does.  See ipsec_addconn(8).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/conf/conf.h"
#include "lib/whack/client.h"
#include "utils/common/connmsg.h"

#define FAILED	1

static const char usage[] =
	"Usage: ipsec addconn [--config FILE] [--ctlbase PATH] ...\n"
	"\n"
	"  --add NAME | --replace NAME	hand this connection to Pluto\n"
	"  --autoall			all connections with auto=add, route or start\n"
	"  --autoroute			route those with auto=route\n"
	"  --autostart			initiate those with auto=start, without waiting\n"
	"  --list add|route|start|manual	names of connections with that auto=\n"
	"  --checkconfig			what is wrong with the file\n"
	"  --showconfig NAME		what the file says of a connection\n"
	"  --setup PREFIX		config setup as assignments of a shell\n"
	"  --help | --version\n";

enum {
	OPT_HELP = 256, OPT_VERSION, OPT_CONFIG, OPT_CTLBASE, OPT_ADD, OPT_REPLACE,
	OPT_AUTOALL, OPT_AUTOROUTE, OPT_AUTOSTART, OPT_LIST, OPT_CHECK, OPT_SHOW, OPT_SETUP,
};

static const struct option options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "ctlbase", required_argument, NULL, OPT_CTLBASE },
	{ "add", required_argument, NULL, OPT_ADD },
	{ "replace", required_argument, NULL, OPT_REPLACE },
	{ "autoall", no_argument, NULL, OPT_AUTOALL },
	{ "autoroute", no_argument, NULL, OPT_AUTOROUTE },
	{ "autostart", no_argument, NULL, OPT_AUTOSTART },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "checkconfig", no_argument, NULL, OPT_CHECK },
	{ "showconfig", required_argument, NULL, OPT_SHOW },
	{ "setup", required_argument, NULL, OPT_SETUP },
	{ 0 }
};

struct job {
	int op;				/* OPT_ADD ... */
	const char *arg;
	const char *file;
	char *socket;
	const struct conf *conf;
};

/* --- saying what is wrong ------------------------------------------------------------- */

static void print_report(FILE *to, const char *head, const struct conf_error *e)
{
	struct buf text = { 0 };

	conf_error_show(e, &text);
	fprintf(to, "%s%s\n", head, buf_str(&text));
	buf_free(&text);
}

/* With the words that ipsec auto has always had for it. */
static void fatal_in(const char *conn, const char *text)
{
	fprintf(stderr, "ipsec_auto: fatal error in \"%s\": %s\n", conn, text);
}

static bool concerns(const struct conf_error *e, const char *conn)
{
	return !e->conn || strcmp(e->conn, conn) == 0;
}

/* Errors of the file as a whole; false when there are any. */
static bool file_is_good(const struct job *j)
{
	struct conf_error *e;

	if (conf_usable(j->conf))
		return true;
	LIST_EACH(e, &j->conf->errors, struct conf_error, link)
		if (!e->conn)
			print_report(stderr, "", e);
	return false;
}

static void explain_unknown(const struct job *j, const char *name)
{
	struct names all = { NULL, 0 };
	struct name *tab = xalloc((j->conf->n_conns + 1) * sizeof(*tab));
	struct buf text = { 0 };
	struct conf_conn *conn;
	const char *nearest;

	LIST_EACH(conn, &j->conf->conns, struct conf_conn, link)
		tab[all.n++].text = conn->name;
	all.tab = tab;
	nearest = name_nearest(&all, span_str(name));
	buf_printf(&text, "(%s) did not find conn section(s) \"%s\"", j->file, name);
	if (nearest)
		buf_printf(&text, " (did you mean \"%s\"?)", nearest);
	fatal_in(name, buf_str(&text));
	buf_free(&text);
	free(tab);
}

static void explain_bad(const struct job *j, const char *name)
{
	struct buf text = { 0 };
	struct conf_error *e;

	LIST_EACH(e, &j->conf->errors, struct conf_error, link) {
		if (!concerns(e, name))
			continue;
		buf_clear(&text);
		conf_error_show(e, &text);
		fatal_in(name, buf_str(&text));
	}
	if (!text.len)
		fatal_in(name, "a section that it asks for with also= is bad");
	buf_free(&text);
}

static void print_warnings(const struct job *j, const char *name)
{
	struct conf_error *e;

	LIST_EACH(e, &j->conf->warnings, struct conf_error, link)
		if (!name || (e->conn && strcmp(e->conn, name) == 0))
			print_report(stderr, "warning: ", e);
}

/* The connection, if it can be loaded; else NULL, and why has been said. */
static const struct conf_conn *usable_conn(const struct job *j, const char *name)
{
	const struct conf_conn *conn = conf_conn_find(j->conf, name);
	struct buf text = { 0 };

	if (!conn) {
		explain_unknown(j, name);
		return NULL;
	}
	if (conn->bad || !conf_usable(j->conf)) {
		explain_bad(j, name);
		return NULL;
	}
	if (conn->incomplete) {
		buf_printf(&text, "connection has no \"%s\" parameter specified",
			   conn->left.host_kind == HOST_UNSET ? "left" : "right");
		fatal_in(name, buf_str(&text));
		buf_free(&text);
		return NULL;
	}
	return conn;
}

static void explain_manual(const struct conf_conn *conn)
{
	struct buf text = { 0 };

	buf_printf(&text, "\"%s\" is not for Pluto: use ipsec manual", conn->not_for_pluto);
	fatal_in(conn->name, buf_str(&text));
	buf_free(&text);
}

/* --- to Pluto -------------------------------------------------------------------------- */

static int send_conn(const struct job *j, const struct conf_conn *conn, bool replace)
{
	struct buf msg = { 0 }, why = { 0 };
	int status = FAILED;

	if (connection_message(j->conf, conn, replace, &system_resolver, &msg, &why))
		status = whack_call(j->socket, &msg, whack_print_line, NULL);
	else
		fatal_in(conn->name, buf_str(&why));
	buf_free(&msg);
	buf_free(&why);
	return status;
}

static int add(const struct job *j)
{
	const struct conf_conn *conn = usable_conn(j, j->arg);

	if (!conn)
		return FAILED;
	if (conn->not_for_pluto) {
		explain_manual(conn);
		return FAILED;
	}
	print_warnings(j, conn->name);
	return send_conn(j, conn, j->op == OPT_REPLACE);
}

static bool is_loaded_at_start(const struct conf_conn *conn)
{
	return conn->autostart == AUTO_ADD || conn->autostart == AUTO_ROUTE ||
	       conn->autostart == AUTO_START;
}

static int auto_all(const struct job *j)
{
	const struct conf_conn *conn;
	int status = 0, one;

	if (!file_is_good(j))
		return FAILED;
	print_warnings(j, NULL);
	LIST_EACH(conn, &j->conf->conns, struct conf_conn, link) {
		if (conn->bad) {
			explain_bad(j, conn->name);
			one = FAILED;
		} else if (!is_loaded_at_start(conn)) {
			continue;
		} else {
			one = send_conn(j, conn, false);
		}
		if (!status)
			status = one;
	}
	return status;
}

static int simple_call(const struct job *j, enum whack_verb verb, const char *name)
{
	struct buf msg = { 0 };
	int status;

	whack_msg_start(&msg, verb);
	whack_msg_text(&msg, WK_NAME, name);
	if (verb == WHACK_INITIATE)
		whack_msg_flag(&msg, WK_ASYNC);
	status = whack_call(j->socket, &msg, whack_print_line, NULL);
	buf_free(&msg);
	return status;
}

static int auto_verb(const struct job *j, enum conf_auto which, enum whack_verb verb)
{
	const struct conf_conn *conn;
	int status = 0, one;

	if (!file_is_good(j))
		return FAILED;
	LIST_EACH(conn, &j->conf->conns, struct conf_conn, link) {
		if (conn->bad || conn->autostart != which)
			continue;
		one = simple_call(j, verb, conn->name);
		if (!status)
			status = one;
	}
	return status;
}

/* --- for scripts and people ------------------------------------------------------------ */

static int list(const struct job *j)
{
	static const struct name tab[] = {
		{ AUTO_ADD, "add" }, { AUTO_ROUTE, "route" }, { AUTO_START, "start" },
		{ AUTO_MANUAL, "manual" },
	};
	static NAMES(kinds, tab);
	const struct conf_conn *conn;
	unsigned int which;

	if (!name_find(&kinds, span_str(j->arg), &which)) {
		fprintf(stderr, "addconn: --list knows add, route, start and manual, not \"%s\"\n",
			j->arg);
		return 2;
	}
	if (!file_is_good(j))
		return FAILED;
	LIST_EACH(conn, &j->conf->conns, struct conf_conn, link)
		if (!conn->bad && conn->autostart == which)
			puts(conn->name);
	return 0;
}

static int check(const struct job *j)
{
	struct conf_error *e;

	LIST_EACH(e, &j->conf->errors, struct conf_error, link)
		print_report(stdout, "", e);
	LIST_EACH(e, &j->conf->warnings, struct conf_error, link)
		print_report(stdout, "warning: ", e);
	printf("%s: %zu connections, %zu errors, %zu warnings\n", j->file, j->conf->n_conns,
	       j->conf->n_errors, j->conf->n_warnings);
	return conf_ok(j->conf) ? 0 : FAILED;
}

static int show(const struct job *j)
{
	const struct conf_conn *conn = usable_conn(j, j->arg);
	const struct conf_param *p;

	if (!conn)
		return FAILED;
	printf("conn %s\t\t# %s:%u\n", conn->name, conn->whence.file, conn->whence.line);
	LIST_EACH(p, &conn->params, struct conf_param, link)
		printf("\t%s=\"%s\"\t# %s:%u\n", p->name, p->value, p->whence.file,
		       p->whence.line);
	return 0;
}

static void print_assignment(void *ctx, const char *name, const char *value)
{
	const struct job *j = ctx;
	struct buf quoted = { 0 };

	data_to_shell(span_str(value), &quoted);
	printf("%s%s=%s\n", j->arg, name, buf_str(&quoted));
	buf_free(&quoted);
}

static bool is_shell_name(const char *s)
{
	return *s && !(*s >= '0' && *s <= '9') &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] == '\0';
}

static int print_setup(struct job *j)
{
	if (!is_shell_name(j->arg)) {
		fprintf(stderr, "addconn: --setup needs a prefix of letters, digits and _\n");
		return 2;
	}
	if (!file_is_good(j))
		return FAILED;
	conf_setup_each(j->conf, print_assignment, j);
	return 0;
}

/* --- options --------------------------------------------------------------------------- */

static int run(struct job *j)
{
	switch (j->op) {
	case OPT_ADD:
	case OPT_REPLACE:
		return add(j);
	case OPT_AUTOALL:
		return auto_all(j);
	case OPT_AUTOROUTE:
		return auto_verb(j, AUTO_ROUTE, WHACK_ROUTE);
	case OPT_AUTOSTART:
		return auto_verb(j, AUTO_START, WHACK_INITIATE);
	case OPT_LIST:
		return list(j);
	case OPT_CHECK:
		return check(j);
	case OPT_SHOW:
		return show(j);
	default:
		return print_setup(j);
	}
}

static int bad_usage(const char *text)
{
	fprintf(stderr, "addconn: %s (see: ipsec addconn --help)\n", text);
	return 2;
}

int main(int argc, char **argv)
{
	struct job j = { .file = IPSEC_CONFDIR "/ipsec.conf" };
	const char *ctlbase = IPSEC_RUNDIR "/pluto";
	int opt, status;
	struct conf *c;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == OPT_HELP)
			return fputs(usage, stdout) < 0;
		if (opt == OPT_VERSION)
			return printf("ipsec addconn %s\n", IPSEC_VERSION) < 0;
		if (opt == '?')
			return bad_usage("cannot do that");
		if (opt == OPT_CONFIG) {
			j.file = optarg;
		} else if (opt == OPT_CTLBASE) {
			ctlbase = optarg;
		} else if (j.op) {
			return bad_usage("one thing at a time");
		} else {
			j.op = opt;
			j.arg = optarg;
		}
	}
	if (!j.op || optind < argc)
		return bad_usage(j.op ? "too many arguments" : "nothing to do");
	c = conf_load(j.file);
	j.conf = c;
	j.socket = xasprintf("%s.ctl", ctlbase);
	status = run(&j);
	free(j.socket);
	conf_free(c);
	return status;
}
