/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf: its grammar, its parameters, and what it says of mistakes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/conf/keywords.h"

#define KEY "0sAwEAAbESUQFVoe8c85D5KBd/KOR3Ub0LqRDUVz7oqnv3xzKvZ6nTGvVCgPB63iJ8+zgJoQhohaQMgZE1" \
	"wd2BhFqMbldi9namkpAHHqL3C0wJP5Ge0FpMx6LHakYNv1/JLjOX5eHxrqVyW8LOqm0oz2vse6zyGczotMgIcX" \
	"gZskVn7NbF"
#define ENDS "\tleft=198.51.100.1\n\tright=198.51.100.2\n"

static struct conf *parse(const char *text)
{
	return conf_parse("test.conf", span_str(text));
}

/* The messages, one a line. */
static char *messages(const struct list *reports)
{
	struct conf_error *e;
	struct buf all = { 0 };
	char *text;

	LIST_EACH(e, reports, struct conf_error, link) {
		conf_error_show(e, &all);
		buf_add_str(&all, "\n");
	}
	text = xstrdup(buf_str(&all));
	buf_free(&all);
	return text;
}

static void assert_errors(const char *text, const char *wanted)
{
	struct conf *c = parse(text);
	char *got = messages(&c->errors);

	assert_string_equal(got, wanted);
	free(got);
	conf_free(c);
}

/* One error, which says this at this line. */
static void assert_error(const char *text, const char *wanted, unsigned int line)
{
	struct conf *c = parse(text);
	struct conf_error *e = LIST_FIRST(&c->errors, struct conf_error, link);

	if (!e || strcmp(e->text, wanted) != 0)
		print_message("in:\n%s", text);
	assert_non_null(e);
	assert_string_equal(e->text, wanted);
	assert_int_equal(e->whence.line, line);
	assert_int_equal(c->n_errors, 1);
	conf_free(c);
}

static struct conf *parse_good(const char *text)
{
	struct conf *c = parse(text);

	if (!conf_ok(c)) {
		char *got = messages(&c->errors);

		print_message("%s", got);
		free(got);
	}
	assert_true(conf_ok(c));
	return c;
}

static void assert_subnet(const struct conf_end *e, const char *text)
{
	struct subnet_buf sb;

	assert_true(e->has_subnet);
	assert_string_equal(subnet_show(&e->subnet, &sb), text);
}

static void assert_host(const struct conf_end *e, const char *text)
{
	struct addr_buf ab;

	assert_int_equal(e->host_kind, HOST_ADDR);
	assert_string_equal(addr_show(&e->host, &ab), text);
}

/* --- grammar ---------------------------------------------------------------------------- */

static void a_usual_file_is_read_as_meant(void **state)
{
	static const char text[] =
		"# /etc/ipsec.conf\n"
		"version\t2.0\t# of the file\n"
		"\n"
		"config setup\n"
		"\tinterfaces=\"ipsec0=eth0 ipsec1=ppp0\"\n"
		"\tplutodebug=\"crypt parsing\"\n"
		"\toverridemtu = 1400\n"
		"\n"
		"conn west-east\n"
		"\tleft=198.51.100.1\n"
		"\n"
		"# comments and blank lines do not end a section\n"
		"\tleftsubnet=192.0.2.0/24\t# nor do these\n"
		"\tleftid=@west#1\n"
		"  right = 198.51.100.2\r\n"
		"\trightsubnet=\"192.0.3.0/255.255.255.0\"\n"
		"\tleftupdown=\"ipsec _updown # not a comment\"\n"
		"\tauto=start\n"
		"\tkeylife=1.5h\n"
		"\tx-remark=\"any thing\"";
	struct conf *c = parse_good(text);
	const struct conf_conn *conn = conf_conn_find(c, "west-east");
	const struct conf_interface *i;

	(void)state;
	assert_int_equal(c->version, 2);
	assert_int_equal(c->setup.overridemtu, 1400);
	assert_int_equal(c->setup.plutodebug, DBG_CRYPT | DBG_PARSING);
	i = LIST_FIRST(&c->setup.interfaces, struct conf_interface, link);
	assert_string_equal(i->virt, "ipsec0");
	assert_string_equal(i->phys, "eth0");
	assert_non_null(conn);
	assert_false(conn->bad);
	assert_int_equal(conn->whence.line, 9);
	assert_host(&conn->left, "198.51.100.1");
	assert_host(&conn->right, "198.51.100.2");
	assert_subnet(&conn->left, "192.0.2.0/24");
	assert_subnet(&conn->right, "192.0.3.0/24");
	assert_string_equal(conn->left.id, "@west#1");
	assert_string_equal(conn->left.updown, "ipsec _updown # not a comment");
	assert_int_equal(conn->autostart, AUTO_START);
	assert_int_equal(conn->keylife, 5400);
	assert_string_equal(conf_param_find(&conn->params, "x-remark")->value, "any thing");
	conf_free(c);
}

static void each_dialect_has_its_defaults(void **state)
{
	struct conf *one = parse_good("conn a\n" ENDS);
	struct conf *two = parse_good("version 2\nconn a\n" ENDS);
	const struct conf_conn *a = conf_conn_find(one, "a"), *b = conf_conn_find(two, "a");

	(void)state;
	assert_int_equal(one->version, 1);
	assert_int_equal(a->authby, AUTHBY_PSK);
	assert_int_equal(a->keyingtries, 3);
	assert_true(a->disablearrivalcheck);
	assert_true(one->setup.interfaces_none);
	assert_false(one->setup.uniqueids);
	assert_true(one->setup.plutowait);
	assert_int_equal(one->n_warnings, 1);

	assert_int_equal(b->authby, AUTHBY_RSASIG);
	assert_int_equal(b->keyingtries, 0);
	assert_false(b->disablearrivalcheck);
	assert_false(two->setup.interfaces_none);
	assert_true(two->setup.uniqueids);
	assert_false(two->setup.plutowait);

	for (int i = 0; i < 2; i++) {
		const struct conf_conn *c = i ? b : a;

		assert_int_equal(c->ikelifetime, 3600);
		assert_int_equal(c->keylife, 28800);
		assert_int_equal(c->rekeymargin, 540);
		assert_int_equal(c->rekeyfuzz, 100);
		assert_true(c->pfs);
		assert_true(c->rekey);
		assert_int_equal(c->left.nexthop_kind, HOST_DIRECT);
		assert_int_equal(c->autostart, AUTO_IGNORE);
	}
	conf_free(one);
	conf_free(two);
}

static void default_also_and_alsoflip_fill_in(void **state)
{
	struct conf *c = parse_good(
		"version 2\n"
		"conn %default\n\tkeyingtries=7\n\trekeyfuzz=20%\n\tauthby=secret\n"
		"conn a\n\talso=ends\n\talso=nets\n\tkeyingtries=2\n"
		"conn b\n\talsoflip=nets\n\talso=ends\n\trekeyfuzz=\n"
		"conn ends\n" ENDS
		"conn nets\n\tleftsubnet=192.0.2.0/24\n\tpfs=no\n");
	const struct conf_conn *a = conf_conn_find(c, "a"), *b = conf_conn_find(c, "b");

	(void)state;
	assert_int_equal(a->keyingtries, 2);
	assert_int_equal(a->rekeyfuzz, 20);
	assert_int_equal(a->authby, AUTHBY_PSK);
	assert_subnet(&a->left, "192.0.2.0/24");
	assert_false(a->right.has_subnet);
	assert_false(a->pfs);
	assert_int_equal(b->keyingtries, 7);
	assert_int_equal(b->rekeyfuzz, 100);	/* empty: the system's default */
	assert_subnet(&b->right, "192.0.2.0/24");
	assert_false(b->left.has_subnet);
	assert_true(conf_conn_find(c, "nets")->incomplete);
	assert_null(conf_conn_find(c, "c"));
	conf_free(c);
}

static void mistakes_of_grammar_have_their_texts(void **state)
{
	static const struct { const char *text, *message; unsigned int line; } row[] = {
		{ "version 3\n", "we only support version 2.0 ipsec.conf files, not \"3\"", 1 },
		{ "version\n", "we only support version 2 ipsec.conf files", 1 },
		{ "conn\n", "section header \"conn\" has wrong number of fields (1)", 1 },
		{ "conn a b\n", "section header \"conn a b\" has wrong number of fields (3)", 1 },
		{ "con a\n", "section type \"con\" not recognized", 1 },
		{ "config set\n", "unknown config section \"set\"", 1 },
		{ "conn 1a\n", "invalid section name \"1a\"", 1 },
		{ "conn a\nconn b\nconn a\n", "duplicate conn section \"a\"", 3 },
		{ "config setup\nconfig setup\n", "duplicate config section \"setup\"", 2 },
		{ "\tleft=%any\n", "parameter is not within a section", 1 },
		{ "conn a\n\tleft=%any\nversion 2\n",
		  "\"version\" must be the first line of the file", 3 },
		{ "conn a\n\tleftid=\"@x\n", "mismatched quotes in parameter value", 2 },
		{ "conn a\n\tleftid=@\"x\n", "mismatched quotes in parameter value", 2 },
		{ "conn a\n\tleftid=\"@x\" y\n", "mismatched quotes in parameter value", 2 },
		{ "conn a\n\tleft\n", "syntax error or illegal parameter name", 2 },
		{ "conn a\n\t9left=%any\n", "syntax error or illegal parameter name", 2 },
		{ "conn a\n\t=x\n", "syntax error or illegal parameter name", 2 },
		{ "conn a\n\tesp=a b\n", "white space within non-quoted parameter \"esp\"", 2 },
		{ "conn a\n\tesp=a\001b\n",
		  "parameter value \"a\\001b\" contains unprintable character", 2 },
		{ "conn a\n\tpfs=no\n\tpfs=no\n", "duplicated parameter \"pfs\"", 3 },
		{ "conn a\n\tkeylife=1h\n\tlifetime=1h\n", "duplicated parameter \"lifetime\"", 3 },
		{ "conn a\n\tsubnet=1\n", "unknown parameter name \"subnet\"", 2 },
		{ "conn %default\n\tpfs=no\nconn %default\n\tpfs=no\n",
		  "duplicated default parameter \"pfs\"", 4 },
		{ "conn %default\n\talso=x\n",
		  "%default section may not contain \"also\" or \"alsoflip\" parameter", 2 },
		{ "conn a\nconn %default\n",
		  "\"conn %default\" sections must precede non-default ones", 2 },
		{ "conn a\n\talso=b\n", "did not find conn section(s) \"b\"", 2 },
		{ "conn a\n\talso=a\n", "section \"a\" requested more than once", 2 },
		{ "conn a\n\talso=b\n\talso=b\nconn b\n",
		  "section \"b\" requested more than once", 3 },
		{ "conn a\n\talso=b\n\tpfs=no\nconn b\n\tpfs=no\n",
		  "duplicated parameter \"pfs\"", 3 },
		{ "include x.conf\n", "include is not possible here: \"x.conf\"", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++)
		assert_error(row[i].text, row[i].message, row[i].line);
}

static void mistakes_in_values_have_their_texts(void **state)
{
	static const struct { const char *param, *message; } row[] = {
		{ "auto=strat", "illegal auto value \"strat\"" },
		{ "type=tunel", "unknown type \"tunel\"" },
		{ "authby=rsa", "unknown authby value \"rsa\"" },
		{ "failureshunt=x", "unknown failureshunt value \"x\"" },
		{ "keyexchange=ikev2", "only know how to do keyexchange=ike, not \"ikev2\"" },
		{ "auth=md5", "only know how to do auth=esp or auth=ah, not \"md5\"" },
		{ "pfs=maybe", "parameter \"pfs\" must be \"yes\" or \"no\"" },
		{ "keyingtries=many", "parameter \"keyingtries\" value must be integer" },
		{ "keyingtries=-1", "parameter \"keyingtries\" value must be integer" },
		{ "keyingtries=0x10", "parameter \"keyingtries\" value must be integer" },
		{ "keyingtries=99999999999999999999",
		  "parameter \"keyingtries\" value must be integer" },
		{ "keylife=8x", "parameter \"keylife\" not valid time, must be nnn[smhd]" },
		{ "keylife=25h", "parameter \"keylife\" value is too large" },
		{ "rekeyfuzz=100", "rekeyfuzz must be nnn%" },
		{ "rekeyfuzz=%", "rekeyfuzz must be nnn%" },
		{ "leftsubnet=192.0.2.1/24", "bad subnet \"192.0.2.1/24\"" },
		{ "leftsubnet=vhost:%no", "bad subnet \"vhost:%no\"" },
		{ "leftnexthop=gw", "next hop is not an address: \"gw\"" },
		{ "leftsourceip=x", "bad address \"x\"" },
		{ "leftprotoport=nosuch/1", "bad protocol and port \"nosuch/1\"" },
		{ "leftprotoport=50/500", "a port, but neither TCP nor UDP: \"50/500\"" },
		{ "leftid=\"C=x, CN=y\"", "bad identity \"C=x, CN=y\"" },
		{ "leftrsasigkey=0sAA==", "bad RSA key \"0sAA==\"" },
		{ "leftrsasigkey=%dnsondemand", "no such key here: \"%dnsondemand\"" },
		{ "leftcert=gw.pem", "\"leftcert=gw.pem\" is not supported" },
		{ "aggrmode=yes", "\"aggrmode=yes\" is not supported" },
		{ "ikev2=insist", "\"ikev2=insist\" is not supported" },
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		text = xasprintf("conn a\n\t%s\n" ENDS, row[i].param);
		assert_error(text, row[i].message, 2);
		free(text);
	}
}

static void parameters_must_agree(void **state)
{
	static const struct { const char *params, *message; } row[] = {
		{ "left=%defaultroute\n\tright=%defaultroute",
		  "left and right cannot both be %defaultroute" },
		{ "left=%any\n\tright=0.0.0.0", "left and right cannot both be %any" },
		{ "left=192.0.2.1\n\tright=192.0.2.1", "left and right must not be the same" },
		{ "left=192.0.2.1\n\tright=2001:db8::1",
		  "left and right must both be IPv4 or both IPv6" },
		{ "left=192.0.2.1\n\tright=%any\n\tleftnexthop=192.0.2.1",
		  "left and leftnexthop must not be the same" },
		{ "right=%defaultroute\n\tleft=%any\n\trightnexthop=192.0.2.1",
		  "non-default value of rightnexthop is being overridden" },
		{ "left=%any\n\tright=gw\n\tleftfirewall=yes\n\tleftupdown=x",
		  "cannot have both leftfirewall and leftupdown" },
		{ "left=%any\n\tright=gw\n\tleftid=%any\n\tleftrsasigkey=" KEY,
		  "ID \"%any\" cannot have RSA key" },
		{ "left=%any\n\tright=gw\n\tleftid=%myid",
		  "\"leftid=%myid\" needs myid in config setup" },
		{ "left=%any\n\tright=gw\n\tauto=add\n\ttype=drop", "\"type=drop\" is not supported" },
		{ "left=%any\n\tright=gw\n\tauth=ah", "\"auth=ah\" is not supported" },
		{ "left=%any\n\tright=gw\n\tfailureshunt=passthrough",
		  "\"failureshunt=passthrough\" is not supported" },
		{ "left=%any\n\tright=gw\n\tauthby=never",
		  "authby=never and type=tunnel do not go together" },
		{ "left=%any\n\tauto=add", "connection has no \"right\" parameter specified" },
		{ "right=%any\n\tauto=add", "connection has no \"left\" parameter specified" },
	};
	struct conf *c;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		text = xasprintf("conn a\n\t%s\n", row[i].params);
		c = parse(text);
		assert_int_equal(c->n_errors, 1);
		assert_string_equal(LIST_FIRST(&c->errors, struct conf_error, link)->text,
				    row[i].message);
		assert_true(conf_conn_find(c, "a")->bad);
		conf_free(c);
		free(text);
	}
}

static void all_errors_come_in_one_run_and_in_order(void **state)
{
	(void)state;
	assert_errors("version 2\n"
		      "conn a\n"
		      "\tlefft=%any\n"
		      "\tpfs=perhaps\n"
		      "\talso=c\n"
		      "left=%any\n"
		      "conn b\n"
		      "\tauto=ad\n",
		      "(test.conf, line 3) unknown parameter name \"lefft\" "
		      "(column 2; did you mean \"left\"?)\n"
		      "(test.conf, line 4) parameter \"pfs\" must be \"yes\" or \"no\" (column 2)\n"
		      "(test.conf, line 5) did not find conn section(s) \"c\" (column 2)\n"
		      "(test.conf, line 6) section header \"left=%any\" has wrong number of "
		      "fields (1) (column 1; parameters must be indented)\n"
		      "(test.conf, line 8) illegal auto value \"ad\" "
		      "(column 2; did you mean \"add\"?)\n");
}

static void a_bad_connection_leaves_the_others_alone(void **state)
{
	struct conf *c = parse("version 2\n"
			       "conn good\n" ENDS "\tauto=add\n"
			       "conn bad\n" ENDS "\tpfs=perhaps\n"
			       "conn too\n\talso=bad\n");

	(void)state;
	assert_false(conf_ok(c));
	assert_true(conf_usable(c));
	assert_false(conf_conn_find(c, "good")->bad);
	assert_true(conf_conn_find(c, "bad")->bad);
	assert_true(conf_conn_find(c, "too")->bad);
	conf_free(c);
}

static void a_bad_setup_or_head_spoils_the_file(void **state)
{
	static const char *const row[] = {
		"config setup\n\tuniqueids=perhaps\n", "conn %default\n\tpfs=perhaps\n",
		"conn 1x\n", "version 1.0\n", "left=%any\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct conf *c = parse(row[i]);

		assert_false(conf_usable(c));
		conf_free(c);
	}
}

static void harmless_strangers_are_warned_of(void **state)
{
	struct conf *c = parse_good("version 2\n"
				    "config setup\n\tprotostack=klips\n\tnat_traversal=no\n"
				    "\tvirtual-private=%v4:10.0.0.0/8\n"
				    "conn a\n" ENDS "\tdpdaction=none\n\tikev2=never\n"
				    "\tauthby=secret\n\tdpddelay=30\n\trekey=yes\n\tphase2=esp\n");
	char *got = messages(&c->warnings);

	(void)state;
	assert_string_equal(got,
		"(test.conf, line 5) parameter \"virtual-private\" is ignored (column 2; "
		"no virtual addresses: name subnets in leftsubnet)\n"
		"(test.conf, line 12) parameter \"dpddelay\" is ignored (column 2; "
		"no dead peer detection: keyingtries and keylife must do)\n");
	free(got);
	conf_free(c);
}

static void addresses_have_kinds(void **state)
{
	static const struct { const char *text; enum conf_host_kind kind; } row[] = {
		{ "198.51.100.7", HOST_ADDR }, { "2001:db8::7", HOST_ADDR },
		{ "%any", HOST_ANY }, { "0.0.0.0", HOST_ANY },
		{ "%defaultroute", HOST_DEFAULTROUTE }, { "gw.example.org", HOST_NAME },
	};
	struct conf *c;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		text = xasprintf("conn a\n\tleft=%s\n", row[i].text);
		c = parse_good(text);
		assert_int_equal(conf_conn_find(c, "a")->left.host_kind, row[i].kind);
		conf_free(c);
		free(text);
	}
	assert_error("conn a\n\tleft=198.51.100.300\n",
		     "neither an address nor a name: \"198.51.100.300\"", 2);
	assert_error("conn a\n\tright=%group\n", "no such address here: \"%group\"", 2);
}

static void networks_may_be_short(void **state)
{
	static const struct { const char *text, *shown; } row[] = {
		{ "10/8", "10.0.0.0/8" }, { "10.1/16", "10.1.0.0/16" },
		{ "0/0", "0.0.0.0/0" }, { "%default", "0.0.0.0/0" },
		{ "192.0.2.0/255.255.255.0", "192.0.2.0/24" }, { "2001:db8::/32", "2001:db8::/32" },
	};
	static const char *const bad[] = {
		"10./8", "/8", "10", "10.1.2.3.0/8", "10.1/8", "10/", "10/33", ".10/8",
	};
	struct conf *c;
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		text = xasprintf("conn a\n\tleftsubnet=%s\n", row[i].text);
		c = parse_good(text);
		assert_subnet(&conf_conn_find(c, "a")->left, row[i].shown);
		conf_free(c);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		text = xasprintf("conn a\n\tleftsubnet=%s\n", bad[i]);
		c = parse(text);
		assert_false(conf_ok(c));
		conf_free(c);
		free(text);
	}
}

static void lists_of_1x_files_start_connections(void **state)
{
	struct conf *c = parse_good("config setup\n\tplutoload=\"a b\"\n\tplutostart=b\n"
				    "conn a\n" ENDS "conn b\n" ENDS "conn c\n" ENDS);

	(void)state;
	assert_int_equal(conf_conn_find(c, "a")->autostart, AUTO_ADD);
	assert_int_equal(conf_conn_find(c, "b")->autostart, AUTO_START);
	assert_int_equal(conf_conn_find(c, "c")->autostart, AUTO_IGNORE);
	conf_free(c);
}

/* --- files ------------------------------------------------------------------------------ */

static void write_file(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

static char *test_dir(void)
{
	char *dir = xstrdup("/tmp/test_conf.XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void remove_dir(char *dir)
{
	char *command = xasprintf("rm -r %s", dir);

	assert_int_equal(system(command), 0);
	free(command);
	free(dir);
}

static struct conf *load(const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct conf *c = conf_load(path);

	free(path);
	return c;
}

static void include_is_relative_and_may_be_a_pattern(void **state)
{
	char *dir = test_dir();
	struct conf *c;

	(void)state;
	write_file(dir, "ipsec.conf",
		   "version 2\ninclude ipsec.*.conf\ninclude none-*.conf\nconn c\n" ENDS);
	write_file(dir, "ipsec.a.conf", "conn a\n" ENDS);
	write_file(dir, "ipsec.b.conf", "conn b\n" ENDS "include deeper\n");
	write_file(dir, "deeper", "conn d\n" ENDS);
	c = load(dir, "ipsec.conf");
	assert_true(conf_ok(c));
	assert_int_equal(c->n_conns, 4);
	assert_non_null(strstr(conf_conn_find(c, "d")->whence.file, "/deeper"));
	conf_free(c);
	remove_dir(dir);
}

static void an_include_ends_the_section(void **state)
{
	char *dir = test_dir();
	struct conf *c;

	(void)state;
	write_file(dir, "ipsec.conf", "version 2\nconn c\ninclude a\n\tleft=%any\n");
	write_file(dir, "a", "\tright=%any\n");
	c = load(dir, "ipsec.conf");
	assert_int_equal(c->n_errors, 2);
	conf_free(c);
	remove_dir(dir);
}

static void a_loop_of_includes_ends(void **state)
{
	char *dir = test_dir();
	struct conf *c;

	(void)state;
	write_file(dir, "ipsec.conf", "include ipsec.conf\ninclude ipsec.conf\ninclude nowhere\n");
	c = load(dir, "ipsec.conf");
	assert_false(conf_usable(c));
	conf_free(c);
	remove_dir(dir);
}

static void a_file_that_anybody_can_change_is_warned_of(void **state)
{
	char *dir = test_dir(), *path = xasprintf("%s/ipsec.conf", dir);
	struct conf *c;

	(void)state;
	write_file(dir, "ipsec.conf", "version 2\n");
	assert_int_equal(chmod(path, 0646), 0);
	c = conf_load(path);
	assert_int_equal(c->n_warnings, 1);
	assert_string_equal(LIST_FIRST(&c->warnings, struct conf_error, link)->text,
			    "anybody can change this file");
	conf_free(c);
	free(path);
	remove_dir(dir);
}

static void no_file_is_an_empty_one(void **state)
{
	struct conf *c = conf_load("/nonexistent/ipsec.conf");

	(void)state;
	assert_true(conf_ok(c));
	assert_int_equal(c->n_warnings, 1);
	assert_int_equal(c->n_conns, 0);
	conf_free(c);
}

/* --- sizes ------------------------------------------------------------------------------ */

static double seconds_of(struct conf **c, struct buf *text)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	*c = conf_parse("big.conf", buf_span(text));
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* The bounds are wide, as this runs under sanitizers. */
static void ten_thousand_connections_are_no_matter(void **state)
{
	struct buf text = { 0 };
	struct conf *c;

	(void)state;
	buf_add_str(&text, "version 2\nconn %default\n\tkeyingtries=3\n");
	for (unsigned int i = 0; i < 10000; i++)
		buf_printf(&text, "conn c%u\n\talso=common\n\tright=10.%u.%u.1\n"
			   "\trightsubnet=172.16.%u.0/24\n\trightid=@c%u.example.org\n"
			   "\trightrsasigkey=" KEY "\n", i, i / 250, i % 250, i % 250, i);
	buf_add_str(&text, "conn common\n\tleft=198.51.100.1\n\tauto=add\n\tx-y=z\n");
	/* common itself has no right= */
	assert_true(seconds_of(&c, &text) < 10);
	assert_int_equal(c->n_errors, 1);
	assert_int_equal(c->n_conns, 10001);
	assert_false(conf_conn_find(c, "c9999")->bad);
	conf_free(c);
	buf_free(&text);
}

static void hostile_files_take_no_longer(void **state)
{
	struct buf text = { 0 };
	struct conf *c;

	(void)state;
	for (unsigned int i = 0; i < 50000; i++)
		buf_printf(&text, "conn a\n\tnonsense%u=\n", i);
	assert_true(seconds_of(&c, &text) < 10);
	conf_free(c);
	buf_clear(&text);
	for (unsigned int i = 0; i < 10000; i++)
		buf_printf(&text, "conn c%u\n\talso=hub\n", i);
	buf_add_str(&text, "conn hub\n");
	for (unsigned int i = 0; i < 10000; i++)
		buf_printf(&text, "\talso=c%u\n", i);
	assert_true(seconds_of(&c, &text) < 10);
	conf_free(c);
	buf_clear(&text);
	for (unsigned int i = 0; i < 20000; i++)
		buf_printf(&text, "conn d%u\n\talso=d%u\n", i, i + 1);
	assert_true(seconds_of(&c, &text) < 10);
	assert_false(conf_ok(c));
	conf_free(c);
	buf_free(&text);
}

/* --- tables ----------------------------------------------------------------------------- */

static void assert_sorted(const struct keywords *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct keyword *kw = &t->row[i];
		const struct keyword *found = keyword_find(t, span_str(kw->name));

		if (i)
			assert_true(strcmp(kw[-1].name, kw->name) < 0);
		assert_non_null(found);
		assert_true(found == kw || kw->type == KW_ALIAS);
		assert_true(found->type != KW_ALIAS);
		if (kw->type == KW_REFUSED || kw->type == KW_IGNORED)
			assert_non_null(kw->hint);
	}
}

static void tables_are_sound(void **state)
{
	(void)state;
	assert_sorted(&setup_keywords);
	assert_sorted(&conn_keywords);
	assert_sorted(&end_keywords);
	assert_non_null(keyword_find(&setup_keywords, span_str("virtual-private")));
	assert_null(keyword_find(&setup_keywords, span_str("virtual")));
}

static void collect(void *ctx, const char *name, const char *value)
{
	buf_printf(ctx, "%s=%s\n", name, value);
}

static void scripts_get_words_they_know(void **state)
{
	struct conf *c = parse_good("version 2\nconfig setup\n\tuniqueids=off\n\tplutowait=1\n"
				    "\tplutodebug=\"control crypt strange\"\n\tklipsdebug=all\n");
	struct buf got = { 0 };

	(void)state;
	conf_setup_each(c, collect, &got);
	assert_non_null(strstr(buf_str(&got), "uniqueids=no\n"));
	assert_non_null(strstr(buf_str(&got), "plutowait=yes\n"));
	assert_non_null(strstr(buf_str(&got), "plutodebug=crypt control\n"));
	assert_non_null(strstr(buf_str(&got), "klipsdebug=all\n"));
	assert_non_null(strstr(buf_str(&got), "interfaces=%defaultroute\n"));
	buf_free(&got);
	conf_free(c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_file_is_read_as_meant),
		cmocka_unit_test(each_dialect_has_its_defaults),
		cmocka_unit_test(default_also_and_alsoflip_fill_in),
		cmocka_unit_test(mistakes_of_grammar_have_their_texts),
		cmocka_unit_test(mistakes_in_values_have_their_texts),
		cmocka_unit_test(parameters_must_agree),
		cmocka_unit_test(all_errors_come_in_one_run_and_in_order),
		cmocka_unit_test(a_bad_connection_leaves_the_others_alone),
		cmocka_unit_test(a_bad_setup_or_head_spoils_the_file),
		cmocka_unit_test(harmless_strangers_are_warned_of),
		cmocka_unit_test(addresses_have_kinds),
		cmocka_unit_test(networks_may_be_short),
		cmocka_unit_test(lists_of_1x_files_start_connections),
		cmocka_unit_test(include_is_relative_and_may_be_a_pattern),
		cmocka_unit_test(an_include_ends_the_section),
		cmocka_unit_test(a_loop_of_includes_ends),
		cmocka_unit_test(a_file_that_anybody_can_change_is_warned_of),
		cmocka_unit_test(no_file_is_an_empty_one),
		cmocka_unit_test(ten_thousand_connections_are_no_matter),
		cmocka_unit_test(hostile_files_take_no_longer),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(scripts_get_words_they_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
