// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec manual: bring connections with manual keys up and down.
 *
 *	ipsec.conf -> struct conf_conn -> struct manual_plan -> commands -> kernel
 *
 * The commands are those of whoever does it by hand: spi, spigrp, eroute, and the updown
 * script for the route.  Keys reach "ipsec spi" through its standard input, and appear
 * in no argument list, in no environment and in nothing that is shown.
 *
 * --up does the outbound SAs, the inbound ones, the eroute and then the route, so that
 * there is no moment at which packets would leave in clear; when a step fails, what was
 * made is taken back, and nothing else is touched.  --down leaves the route: packets
 * without an eroute are dropped by KLIPS, not sent in clear.  See ipsec_manual(8).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/base/alloc.h"
#include "utils/common/command.h"
#include "utils/common/die.h"
#include "utils/common/manual.h"
#include "utils/common/place.h"
#include "utils/common/resolve.h"

#define ME		"ipsec manual"

const char tool_name[] = "manual";
const char tool_usage[] =
	"Usage: " ME " [OPTION ...] --up | --down | --route | --unroute NAME\n"
	"       " ME " [OPTION ...] --up | --down | --route | --unroute --union PART ...\n"
	"\n"
	"  --show		show the commands that do it\n"
	"  --showonly		show them, and do not run them\n"
	"  --other		what the other end would do\n"
	"  --iam ADDR@IPSECN	do not look for our address and device\n"
	"  --config FILE		instead of ipsec.conf\n"
	"  --help | --version\n";

enum {
	OPT_HELP = 256, OPT_VERSION, OPT_SHOW, OPT_SHOWONLY, OPT_OTHER, OPT_IAM, OPT_CONFIG,
	OPT_UNION, OPT_UP, OPT_DOWN, OPT_ROUTE, OPT_UNROUTE,
};

static const struct option options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "show", no_argument, NULL, OPT_SHOW },
	{ "showonly", no_argument, NULL, OPT_SHOWONLY },
	{ "other", no_argument, NULL, OPT_OTHER },
	{ "iam", required_argument, NULL, OPT_IAM },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "union", no_argument, NULL, OPT_UNION },
	{ "up", no_argument, NULL, OPT_UP },
	{ "down", no_argument, NULL, OPT_DOWN },
	{ "route", no_argument, NULL, OPT_ROUTE },
	{ "unroute", no_argument, NULL, OPT_UNROUTE },
	{ 0 }
};

struct job {
	int op;				/* OPT_UP ... */
	const char *iam, *file;
	bool show, dry, other, joined;
	char **names;			/* of the connection, or its parts; then NULL */
	size_t n_names;
	char *name;			/* all of them with blanks between */
	struct manual_place place;
	struct manual_plan plan;
};

static void say_fatal(const struct job *j, const char *text)
{
	fflush(stdout);
	fprintf(stderr, "ipsec_manual: fatal error in \"%s\": %s\n", j->name, text);
}

static _Noreturn void fatal(const struct job *j, const char *text)
{
	say_fatal(j, text);
	exit(1);
}

/* --- SAs and eroutes ------------------------------------------------------------------ */

static void add_pair(struct command *c, const char *option, const char *value)
{
	command_add(c, option);
	command_add(c, value);
}

static struct command tool(const struct job *j, const char *name)
{
	struct command c = { .n = 0 };

	command_add(&c, name);
	add_pair(&c, "--label", j->name);
	return c;
}

static void add_said(struct command *c, const struct said *said)
{
	struct said_buf sb;

	command_add(c, said_show(said, &sb));
}

/* Show it, run it, or both; true for success.  The command is freed. */
static bool carry_out(const struct job *j, struct command c)
{
	int status = 0;

	if (j->show)
		command_show(&c);
	if (!j->dry)
		status = command_run(&c);
	command_free(&c);
	return status == 0;
}

static bool add_sa(const struct job *j, const struct manual_way *way, const struct manual_sa *sa)
{
	struct command c = tool(j, "spi");
	struct addr_buf ab;
	char window[16];

	command_add(&c, "--said");
	add_said(&c, &sa->said);
	add_pair(&c, "--src", addr_show(&way->src, &ab));
	if (!sa->suite) {
		command_add(&c, way->dst.family == AF_INET6 ? "--ip6" : "--ip4");
		add_pair(&c, "--dst", addr_show(&way->dst, &ab));
		return carry_out(j, c);
	}
	add_pair(&c, sa->said.proto == IPPROTO_AH ? "--ah" : "--esp", sa->suite);
	if (sa->replay) {
		snprintf(window, sizeof(window), "%u", sa->replay);
		add_pair(&c, "--replay_window", window);
	}
	command_add_key(&c, "--enckey", sa->enckey);
	command_add_key(&c, "--authkey", sa->authkey);
	return carry_out(j, c);
}

static bool del_sa(const struct job *j, const struct manual_sa *sa)
{
	struct command c = tool(j, "spi");

	command_add(&c, "--del");
	command_add(&c, "--said");
	add_said(&c, &sa->said);
	return carry_out(j, c);
}

static bool group(const struct job *j, const struct manual_way *way)
{
	struct command c = tool(j, "spigrp");

	command_add(&c, "--said");
	for (size_t i = 0; i < way->n; i++)
		add_said(&c, &way->sa[i].said);
	return carry_out(j, c);
}

/* All of one direction.  What was made before something failed is deleted again. */
static bool add_way(const struct job *j, const struct manual_way *way)
{
	size_t done = 0;

	while (done < way->n && add_sa(j, way, &way->sa[done]))
		done++;
	if (done == way->n && (way->n < 2 || group(j, way)))
		return true;
	while (done > 0)
		del_sa(j, &way->sa[--done]);
	return false;
}

/* Deleting one of a group deletes all of it. */
static bool del_way(const struct job *j, const struct manual_way *way)
{
	return way->n == 0 || del_sa(j, &way->sa[0]);
}

static void add_subnet(struct command *c, const char *option, const struct subnet *s)
{
	struct subnet_buf sb;

	add_pair(c, option, subnet_show(s, &sb));
}

static void add_number(struct command *c, const char *option, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	if (n)
		add_pair(c, option, text);
}

static const char *family_name(const struct subnet *s)
{
	return s->addr.family == AF_INET6 ? "inet6" : "inet";
}

/* Packets from us to them; or, inbound, the other way round. */
static struct command eroute(const struct job *j, const char *action, bool inbound)
{
	const struct manual_plan *p = &j->plan;
	const struct conf_end *from = inbound ? p->them : p->us, *to = inbound ? p->us : p->them;
	struct command c = tool(j, "eroute");

	command_add(&c, action);
	add_pair(&c, "--eraf", family_name(&p->mine));
	add_subnet(&c, "--src", inbound ? &p->theirs : &p->mine);
	add_subnet(&c, "--dst", inbound ? &p->mine : &p->theirs);
	add_number(&c, "--transport-proto", p->proto);
	add_number(&c, "--src-port", from->port);
	add_number(&c, "--dst-port", to->port);
	return c;
}

static bool add_eroute(const struct job *j)
{
	struct command c = eroute(j, "--replace", false);

	command_add(&c, "--said");
	add_said(&c, &j->plan.target);
	return carry_out(j, c);
}

static bool del_eroute(const struct job *j)
{
	return carry_out(j, eroute(j, "--del", false));
}

/* What may come out of the inbound SAs. */
static bool add_policy(const struct job *j)
{
	struct command c = { .n = 0 };

	if (j->plan.in.n == 0 || j->plan.conn->disablearrivalcheck)
		return true;
	c = eroute(j, "--addin", true);
	command_add(&c, "--said");
	add_said(&c, &j->plan.in.sa[0].said);
	return carry_out(j, c);
}

/* --- the updown script ---------------------------------------------------------------- */

static bool updown(const struct job *j, const char *what)
{
	const struct manual_plan *p = &j->plan;
	char *verb = xasprintf("%s-%s%s", what, p->us->has_subnet ? "client" : "host",
			       p->out.dst.family == AF_INET6 ? "-v6" : "");
	struct command c = { .verb = verb, .shell = p->us->updown };
	bool ok;

	if (!c.shell)
		command_add(&c, "_updown");
	ok = carry_out(j, c);
	free(verb);
	return ok;
}

static void set_env(const struct job *j, const char *name, const char *value)
{
	char *full = xasprintf("PLUTO_%s", name);

	if (j->show)
		printf(command_word_is_plain(value) ? "\t%s=%s\n" : "\t%s='%s'\n", full, value);
	setenv(full, value, 1);
	free(full);
}

static void set_env_client(const struct job *j, const char *whose, const struct subnet *s)
{
	struct addr mask = subnet_mask(s);
	struct subnet_buf sb;
	struct addr_buf ab;
	char name[32];

	snprintf(name, sizeof(name), "%s_CLIENT", whose);
	set_env(j, name, subnet_show(s, &sb));
	snprintf(name, sizeof(name), "%s_CLIENT_NET", whose);
	set_env(j, name, addr_show(&s->addr, &ab));
	snprintf(name, sizeof(name), "%s_CLIENT_MASK", whose);
	set_env(j, name, addr_show(&mask, &ab));
}

static void set_environment(const struct job *j, const struct addr *me, const struct addr *him)
{
	const struct manual_plan *p = &j->plan;
	struct addr_buf ab;

	set_env(j, "VERSION", "1.1");
	set_env(j, "CONNECTION", j->name);
	set_env(j, "NEXT_HOP", addr_show(&p->nexthop, &ab));
	set_env(j, "INTERFACE", j->place.device);
	set_env(j, "ME", addr_show(me, &ab));
	set_env_client(j, "MY", &p->mine);
	set_env(j, "PEER", addr_show(him, &ab));
	set_env_client(j, "PEER", &p->theirs);
	if (p->us->has_sourceip)
		set_env(j, "MY_SOURCEIP", addr_show(&p->us->sourceip, &ab));
}

/* --- operations ----------------------------------------------------------------------- */

static bool down(const struct job *j)
{
	bool ok = updown(j, "down");

	ok = del_eroute(j) && ok;
	ok = del_way(j, &j->plan.out) && ok;
	return del_way(j, &j->plan.in) && ok;
}

/* The route comes last: then there is an eroute for what it brings. */
static bool up(const struct job *j)
{
	if (!add_way(j, &j->plan.out))
		return false;
	if (!add_way(j, &j->plan.in)) {
		del_way(j, &j->plan.out);
		return false;
	}
	if (!add_policy(j) || !add_eroute(j)) {
		del_way(j, &j->plan.out);
		del_way(j, &j->plan.in);
		return false;
	}
	if (updown(j, "prepare") && updown(j, "route") && updown(j, "up"))
		return true;
	down(j);
	return false;
}

static bool operate(const struct job *j)
{
	switch (j->op) {
	case OPT_UP:
		return up(j);
	case OPT_DOWN:
		return down(j);
	case OPT_ROUTE:
		return updown(j, "prepare") && updown(j, "route");
	default:
		return updown(j, "unroute");
	}
}

/* --- the connection -------------------------------------------------------------------- */

/* Of the file as a whole, and of this connection and its parts. */
static bool concerns(const struct job *j, const struct conf_error *e)
{
	for (size_t i = 0; i < j->n_names; i++)
		if (e->conn && strcmp(e->conn, j->names[i]) == 0)
			return true;
	return !e->conn || strcmp(e->conn, j->name) == 0;
}

static _Noreturn void explain_bad(const struct job *j, const struct conf *c)
{
	struct conf_error *e;
	bool said = false;

	LIST_EACH(e, &c->errors, struct conf_error, link) {
		struct buf text = { 0 };

		if (!concerns(j, e))
			continue;
		conf_error_show(e, &text);
		say_fatal(j, buf_str(&text));
		buf_free(&text);
		said = true;
	}
	if (!said)
		say_fatal(j, "a section that it asks for with also= is bad");
	exit(1);
}

static const struct conf_conn *find_conn(const struct job *j, const struct conf *c)
{
	const struct conf_conn *conn = conf_conn_find(c, j->name);
	struct buf text = { 0 };

	if (!conf_usable(c) || (conn && conn->bad))
		explain_bad(j, c);
	if (!conn) {
		buf_printf(&text, "(%s) did not find conn section(s) \"%s\"", j->file, j->name);
		fatal(j, buf_str(&text));
	}
	return conn;
}

/* Keys in a file that others can read are no secret; but that may be a test. */
static void warn_of_readers(const struct conf_conn *conn)
{
	struct conf_param *p;
	struct stat st;

	LIST_EACH(p, &conn->params, struct conf_param, link) {
		if (strcmp(p->value, "[...]") != 0 || stat(p->whence.file, &st) < 0 ||
		    !(st.st_mode & S_IROTH))
			continue;
		fprintf(stderr, "ipsec_manual: warning: %s has keys and can be read by anybody: "
			"chmod 600 it, or put them into a file of their own and include that\n",
			p->whence.file);
		return;
	}
}

static void make_plan(struct job *j, const struct conf_conn *conn)
{
	struct default_route dr = { 0 };
	struct manual_hosts hosts;
	struct buf why = { 0 };
	enum manual_side us;
	bool known;

	known = !find_default_route(&dr);
	if (!manual_hosts(conn, known ? &dr.addr : NULL, known ? &dr.nexthop : NULL, &hosts, &why))
		fatal(j, buf_str(&why));
	if (!manual_place(&hosts, j->iam, &j->place, &why))
		fatal(j, buf_str(&why));
	us = j->place.side;
	if (j->other)
		us = us == MANUAL_LEFT ? MANUAL_RIGHT : MANUAL_LEFT;
	if (!manual_plan(conn, &hosts, us, &j->plan, &why))
		fatal(j, buf_str(&why));
	if (j->plan.counts && !j->dry)
		fprintf(stderr, "ipsec_manual: warning: esp=%s must have new keys at each --up: "
			"its counter starts anew, and must never repeat with a key\n", conn->esp);
	set_environment(j, &hosts.host[us], &hosts.host[us == MANUAL_LEFT]);
}

static int run(struct job *j)
{
	struct conf *c = j->n_names > 1 ? conf_load_union(j->file, j->names, j->n_names) :
					  conf_load(j->file);
	const struct conf_conn *conn = find_conn(j, c);
	int status;

	warn_of_readers(conn);
	make_plan(j, conn);
	status = operate(j) ? 0 : 1;
	conf_free(c);
	return status;
}

/* --- options --------------------------------------------------------------------------- */

static void take_option(struct job *j, int opt)
{
	switch (opt) {
	case OPT_SHOW:
	case OPT_SHOWONLY:
		j->show = true;
		j->dry = opt == OPT_SHOWONLY;
		break;
	case OPT_OTHER:
		j->other = true;
		break;
	case OPT_IAM:
		j->iam = optarg;
		break;
	case OPT_CONFIG:
		j->file = optarg;
		break;
	case OPT_UNION:
		j->joined = true;
		break;
	default:
		if (j->op)
			tool_die(TOOL_MISUSED, "one of --up, --down, --route and --unroute at a time");
		j->op = opt;
	}
}

/* FreeS/WAN 1.0 had it the other way round: manual NAME up */
static void take_old_syntax(struct job *j)
{
	static const char *const verbs[] = { "up", "down", "route", "unroute" };
	const char *last = j->n_names ? j->names[j->n_names - 1] : "";

	for (int i = 0; i < 4; i++) {
		if (strcmp(last, verbs[i]) != 0 || j->n_names < 2)
			continue;
		fprintf(stderr, ME ": warning: obsolete command syntax used\n");
		j->op = OPT_UP + i;
		j->names[--j->n_names] = NULL;
		return;
	}
	tool_die(TOOL_MISUSED, "what to do?  --up, --down, --route or --unroute");
}

static void take_names(struct job *j)
{
	struct buf all = { 0 };

	if (!j->op)
		take_old_syntax(j);
	if (j->n_names == 0)
		tool_die(TOOL_MISUSED, "which connection?");
	if (j->n_names > 1 && !j->joined)
		tool_die(TOOL_MISUSED, "one connection at a time; --union makes one of several parts");
	for (size_t i = 0; i < j->n_names; i++)
		buf_printf(&all, "%s%s", i ? " " : "", j->names[i]);
	j->name = xstrdup(buf_str(&all));
	buf_free(&all);
}

int main(int argc, char **argv)
{
	const char *confs = getenv("IPSEC_CONFS");
	struct job j = { 0 };
	char *file = xasprintf("%s/ipsec.conf", confs ? confs : IPSEC_CONFDIR);
	int opt, status;

	prctl(PR_SET_DUMPABLE, 0);
	j.file = file;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == OPT_HELP)
			return fputs(tool_usage, stdout) < 0;
		if (opt == OPT_VERSION)
			return printf(ME " %s\n", IPSEC_VERSION) < 0;
		if (opt == '?')
			tool_die(TOOL_MISUSED, "that is no option");
		take_option(&j, opt);
	}
	j.names = argv + optind;
	j.n_names = (size_t)(argc - optind);
	take_names(&j);
	status = run(&j);
	free(j.name);
	free(file);
	return status;
}
