// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec whack: tell Pluto to do one thing, or several one after the other.
 *
 * Options come from two tables: those that are a key of the message (lib/whack/keys.c), and
 * those here, which are a verb or a set of bits.  All options are read first; then each verb
 * becomes a message, in a fixed order that does not depend on that of the options:
 * what describes comes before what acts.  The first verb that fails is the last that is
 * tried, and its status is ours.
 *
 * No option takes a secret: a command line is public.  See ipsec_whack(8).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/conf/conf.h"
#include "lib/whack/client.h"

#define FILES_MAX	10		/* --optionsfrom in --optionsfrom in ... */
#define ARGS_MAX	10000

/* Values of getopt_long(): a verb or a key in the lower bits. */
enum {
	OPT_KEY = 0x1000, OPT_VERB = 0x2000, OPT_DEBUG = 0x4000, OPT_AUTHBY = 0x8000,
	OPT_TYPE = 0x10000, OPT_FAIL = 0x20000, OPT_OWN = 0x40000,
	OPT_HELP = OPT_OWN, OPT_VERSION, OPT_CTLBASE, OPT_LABEL, OPT_TO, OPT_PUBKEY,
	OPT_PROTOPORT, OPT_DONTREKEY, OPT_NOTHING,
};

struct args {
	const char *ctlbase;
	const char *value[WK_MAX];	/* NULL: not given */
	bool verb[WHACK_VERB_MAX];
	bool to;			/* --to seen: options are of the right end now */
	bool dontrekey, debug_given;
	unsigned int authby, type, failure, debug;
	const char *pubkey;
};

static char program[80] = "whack";

static const struct option own_options[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "ctlbase", required_argument, NULL, OPT_CTLBASE },
	{ "label", required_argument, NULL, OPT_LABEL },

	{ "delete", no_argument, NULL, OPT_VERB | WHACK_DELETE },
	{ "listen", no_argument, NULL, OPT_VERB | WHACK_LISTEN },
	{ "unlisten", no_argument, NULL, OPT_VERB | WHACK_UNLISTEN },
	{ "route", no_argument, NULL, OPT_VERB | WHACK_ROUTE },
	{ "unroute", no_argument, NULL, OPT_VERB | WHACK_UNROUTE },
	{ "initiate", no_argument, NULL, OPT_VERB | WHACK_INITIATE },
	{ "terminate", no_argument, NULL, OPT_VERB | WHACK_TERMINATE },
	{ "status", no_argument, NULL, OPT_VERB | WHACK_STATUS },
	{ "shutdown", no_argument, NULL, OPT_VERB | WHACK_SHUTDOWN },
	{ "rereadsecrets", no_argument, NULL, OPT_VERB | WHACK_REREADSECRETS },
	{ "rereadall", no_argument, NULL, OPT_VERB | WHACK_REREADSECRETS },
	{ "listpubkeys", no_argument, NULL, OPT_VERB | WHACK_LISTPUBKEYS },

	{ "to", no_argument, NULL, OPT_TO },
	{ "clientprotoport", required_argument, NULL, OPT_PROTOPORT },
	{ "psk", no_argument, NULL, OPT_AUTHBY | AUTHBY_PSK },
	{ "rsasig", no_argument, NULL, OPT_AUTHBY | AUTHBY_RSASIG },
	{ "dontrekey", no_argument, NULL, OPT_DONTREKEY },
	{ "encrypt", no_argument, NULL, OPT_NOTHING },
	{ "ipv4", no_argument, NULL, OPT_NOTHING },
	{ "ipv6", no_argument, NULL, OPT_NOTHING },
	{ "tunnelipv4", no_argument, NULL, OPT_NOTHING },
	{ "tunnelipv6", no_argument, NULL, OPT_NOTHING },
	{ "tunnel", no_argument, NULL, OPT_TYPE | TYPE_TUNNEL },
	{ "pass", no_argument, NULL, OPT_TYPE | TYPE_PASSTHROUGH },
	{ "drop", no_argument, NULL, OPT_TYPE | TYPE_DROP },
	{ "reject", no_argument, NULL, OPT_TYPE | TYPE_REJECT },
	{ "failnone", no_argument, NULL, OPT_FAIL | FAIL_NONE },
	{ "failpass", no_argument, NULL, OPT_FAIL | FAIL_PASSTHROUGH },
	{ "faildrop", no_argument, NULL, OPT_FAIL | FAIL_DROP },
	{ "failreject", no_argument, NULL, OPT_FAIL | FAIL_REJECT },
	{ "pubkeyrsa", required_argument, NULL, OPT_PUBKEY },

	{ "debug-none", no_argument, NULL, OPT_DEBUG },
	{ "debug-all", no_argument, NULL, OPT_DEBUG | DBG_ALL },
	{ "debug-raw", no_argument, NULL, OPT_DEBUG | DBG_RAW },
	{ "debug-crypt", no_argument, NULL, OPT_DEBUG | DBG_CRYPT },
	{ "debug-parsing", no_argument, NULL, OPT_DEBUG | DBG_PARSING },
	{ "debug-emitting", no_argument, NULL, OPT_DEBUG | DBG_EMITTING },
	{ "debug-control", no_argument, NULL, OPT_DEBUG | DBG_CONTROL },
	{ "debug-lifecycle", no_argument, NULL, OPT_DEBUG | DBG_LIFECYCLE },
	{ "debug-klips", no_argument, NULL, OPT_DEBUG | DBG_KLIPS },
	{ "debug-dns", no_argument, NULL, OPT_DEBUG | DBG_DNS },
	{ "debug-oppo", no_argument, NULL, OPT_DEBUG | DBG_OPPO },
	{ "debug-controlmore", no_argument, NULL, OPT_DEBUG | DBG_CONTROLMORE },
	{ "debug-pfkey", no_argument, NULL, OPT_DEBUG | DBG_PFKEY },
};

_Static_assert((int)DBG_ALL < (int)OPT_KEY && (int)WK_MAX < (int)OPT_KEY, "bits of an option do not meet");

static void fail(const char *fmt, ...) PRINTF(1, 2) __attribute__((noreturn));

static void fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* --- help ----------------------------------------------------------------------------- */

static void help_keys(const char *head, unsigned int from, unsigned int to)
{
	char option[48];

	printf("\n%s:\n", head);
	for (size_t i = 0; i < whack_n_keys; i++) {
		const struct whack_key_desc *k = &whack_keys[i];

		if (!k->option || k->key < from || k->key > to)
			continue;
		snprintf(option, sizeof(option), "--%s %s", k->option, k->arg ? k->arg : "");
		printf("  %-28s %s\n", option, k->help);
	}
}

static void help(void)
{
	printf("Usage: ipsec whack [--ctlbase PATH] [--optionsfrom FILE] [--label TEXT] ...\n"
	       "\n"
	       "  --name CONN --host ... --to --host ... [policy]    add a connection\n"
	       "  --name CONN --delete | --route | --unroute | --terminate\n"
	       "  --name CONN --initiate [--asynchronous]\n"
	       "  --keyid ID --pubkeyrsa KEY [--addkey]\n"
	       "  --deletestate NUMBER\n"
	       "  --listen | --unlisten | --rereadsecrets | --listpubkeys\n"
	       "  --debug-none | --debug-all | --debug-CLASS ...\n"
	       "  --status | --shutdown\n"
	       "  --help | --version\n");
	help_keys("What it is about", WK_NAME, WK_WHENCE);
	help_keys("Each end, before --to and behind it", WK_HOST, WK_MAX);
	printf("  %-28s %s\n", "--clientprotoport P/N", "only this protocol and port");
	help_keys("Policy", WK_TYPE, WK_REPLACE);
	printf("  %-28s %s\n"
	       "  %-28s %s\n"
	       "  %-28s %s\n"
	       "  %-28s %s\n",
	       "--psk, --rsasig", "how the ends prove who they are",
	       "--tunnel", "tunnel mode, which is the default",
	       "--dontrekey", "do not ask for new keys before the old ones expire",
	       "--failnone, --faildrop ...", "what becomes of packets when negotiation fails");
}

/* --- options from files --------------------------------------------------------------- */

struct arg_list {
	char **arg;
	size_t n;
	unsigned int files;
};

static void add_arg(struct arg_list *l, char *arg)
{
	if (l->n >= ARGS_MAX)
		fail("more than %d options", ARGS_MAX);
	if (l->n % 64 == 0)
		l->arg = xrealloc(l->arg, (l->n + 65) * sizeof(char *));
	l->arg[l->n++] = arg;
	l->arg[l->n] = NULL;
}

/* A word, or what stands between double quotes; NULL at the end of the line. */
static char *take_word(char **at)
{
	char *word = *at + strspn(*at, " \t\r\n");

	if (*word == '\0' || *word == '#')
		return NULL;
	if (*word == '"') {
		*at = strchr(++word, '"');
		if (!*at)
			fail("unterminated quotes in a file of options");
	} else {
		*at = word + strcspn(word, " \t\r\n");
	}
	if (**at)
		*(*at)++ = '\0';
	return word;
}

static void read_options(struct arg_list *l, const char *path);

/* Add an argument; *from: the one before was --optionsfrom. */
static void expand_arg(struct arg_list *l, char *arg, bool *from)
{
	static const char option[] = "--optionsfrom";

	if (*from) {
		*from = false;
		read_options(l, arg);
	} else if (strcmp(arg, option) == 0) {
		*from = true;
	} else if (strncmp(arg, option, strlen(option)) == 0 && arg[strlen(option)] == '=') {
		read_options(l, arg + strlen(option) + 1);
	} else {
		add_arg(l, arg);
	}
}

static void read_options(struct arg_list *l, const char *path)
{
	FILE *f = fopen(path, "re");
	bool from = false;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		fail("cannot open \"%s\": %m", path);
	if (++l->files > FILES_MAX)
		fail("too many files of options, from \"%s\" on", path);
	while (getline(&line, &size, f) > 0) {
		char *at = line, *word;

		while ((word = take_word(&at)))
			expand_arg(l, xstrdup(word), &from);
	}
	if (from)
		fail("--optionsfrom without a file in \"%s\"", path);
	free(line);
	fclose(f);
}

/* --- reading options ------------------------------------------------------------------ */

static struct option *all_options(void)
{
	struct option *opt = xalloc((ARRAY_SIZE(own_options) + whack_n_keys + 1) *
				    sizeof(*opt));
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++)
		opt[n++] = own_options[i];
	for (size_t i = 0; i < whack_n_keys; i++) {
		const struct whack_key_desc *k = &whack_keys[i];

		if (k->option)
			opt[n++] = (struct option){ k->option, k->type != WT_FLAG, NULL,
						    OPT_KEY | (int)k->key };
	}
	return opt;
}

static void set_key(struct args *a, unsigned int key, const char *value)
{
	const struct whack_key_desc *k = whack_key_find(key);

	if (key >= WK_HOST && a->to)
		key += WK_RIGHT;
	if (a->value[key])
		fail("--%s given twice%s", k->option, key >= WK_HOST ? " for one end" : "");
	a->value[key] = value;
}

static void set_protoport(struct args *a, const char *text)
{
	unsigned int side = a->to ? WK_RIGHT : 0;
	struct span proto, port;

	if (a->value[WK_PROTO + side])
		fail("--clientprotoport given twice for one end");
	if (!span_split(span_str(text), '/', &proto, &port))
		port = span_str("0");
	a->value[WK_PROTO + side] = span_dup(proto);
	a->value[WK_PORT + side] = span_dup(port);
}

static void own_option(struct args *a, int opt)
{
	switch (opt) {
	case OPT_HELP:
		help();
		exit(0);
	case OPT_VERSION:
		printf("ipsec whack %s\n", IPSEC_VERSION);
		exit(0);
	case OPT_CTLBASE:
		a->ctlbase = optarg;
		break;
	case OPT_LABEL:
		snprintf(program, sizeof(program), "whack --label %s", optarg);
		break;
	case OPT_TO:
		if (a->to)
			fail("--to given twice");
		a->to = true;
		break;
	case OPT_PUBKEY:
		a->pubkey = optarg;
		break;
	case OPT_PROTOPORT:
		set_protoport(a, optarg);
		break;
	case OPT_DONTREKEY:
		a->dontrekey = true;
		break;
	}
}

static void take_option(struct args *a, int opt)
{
	unsigned int low = (unsigned int)opt & (OPT_KEY - 1);

	if (opt >= OPT_OWN) {
		own_option(a, opt);
	} else if (opt & OPT_KEY) {
		set_key(a, low, optarg ? optarg : "");
	} else if (opt & OPT_VERB) {
		a->verb[low] = true;
	} else if (opt & OPT_DEBUG) {
		a->debug |= low;
		a->debug_given = true;
	} else if (opt & OPT_AUTHBY) {
		a->authby |= low;
	} else if (opt & OPT_TYPE) {
		a->type = low;
	} else if (opt & OPT_FAIL) {
		a->failure = low;
	} else {
		fprintf(stderr, "see: ipsec whack --help\n");
		exit(2);
	}
}

static void read_args(struct args *a, int argc, char **argv)
{
	struct option *options = all_options();
	struct arg_list l = { 0 };
	bool from = false;
	int opt;

	for (int i = 0; i < argc; i++)
		expand_arg(&l, argv[i], &from);
	if (from)
		fail("--optionsfrom without a file");
	while ((opt = getopt_long((int)l.n, l.arg, "", options, NULL)) != -1)
		take_option(a, opt);
	if (optind < (int)l.n)
		fail("\"%s\" is not an option", l.arg[optind]);
	free(options);
}

/* --- messages ------------------------------------------------------------------------- */

/* Add a key that was given, by its type. */
static void add_key(struct buf *msg, const struct args *a, unsigned int key)
{
	const struct whack_key_desc *k = whack_key_find(key);
	uint64_t v;
	err_t ugh;

	if (!k || !a->value[key])
		return;
	switch (k->type) {
	case WT_TEXT:
		whack_msg_text(msg, key, a->value[key]);
		break;
	case WT_FLAG:
		whack_msg_flag(msg, key);
		break;
	case WT_UINT:
		ugh = text_to_u64(span_str(a->value[key]), UINT32_MAX, &v);
		if (ugh)
			fail("--%s %s: %s", k->option ? k->option : "clientprotoport",
			     a->value[key], ugh);
		whack_msg_uint(msg, key, v);
		break;
	case WT_DATA:
		break;
	}
}

static void add_uint_or(struct buf *msg, const struct args *a, unsigned int key, uint64_t dflt)
{
	if (a->value[key])
		add_key(msg, a, key);
	else
		whack_msg_uint(msg, key, dflt);
}

static void add_connection(struct buf *msg, const struct args *a)
{
	if (!a->value[WK_HOST] || !a->value[WK_HOST + WK_RIGHT])
		fail("a connection needs --host before --to and behind it");
	if (a->type == TYPE_TUNNEL && !a->authby)
		fail("a connection needs --psk or --rsasig");
	whack_msg_uint(msg, WK_TYPE, a->type);
	whack_msg_uint(msg, WK_AUTHBY, a->authby ? a->authby : AUTHBY_NEVER);
	whack_msg_uint(msg, WK_FAILURESHUNT, a->failure);
	if (!a->dontrekey)
		whack_msg_flag(msg, WK_REKEY);
	if (a->verb[WHACK_DELETE])
		whack_msg_flag(msg, WK_REPLACE);
	add_key(msg, a, WK_PFS);
	add_key(msg, a, WK_COMPRESS);
	add_key(msg, a, WK_AH);
	add_key(msg, a, WK_NOARRIVALCHECK);
	add_uint_or(msg, a, WK_IKELIFETIME, 3600);
	add_uint_or(msg, a, WK_KEYLIFE, 28800);
	add_uint_or(msg, a, WK_REKEYMARGIN, 540);
	add_uint_or(msg, a, WK_REKEYFUZZ, 100);
	add_uint_or(msg, a, WK_KEYINGTRIES, 3);
	add_key(msg, a, WK_IKE);
	add_key(msg, a, WK_ESP);
	for (unsigned int key = WK_HOST; key < WK_MAX; key++)
		add_key(msg, a, key);
}

static void add_pubkey(struct buf *msg, const struct args *a)
{
	struct buf key = { 0 };
	err_t ugh;

	if (!a->pubkey)
		fail("--keyid needs --pubkeyrsa: keys are not fetched from the DNS");
	ugh = text_to_data(span_str(a->pubkey), &key);
	if (ugh)
		fail("--pubkeyrsa: %s", ugh);
	add_key(msg, a, WK_KEYID);
	add_key(msg, a, WK_ADDKEY);
	whack_msg_data(msg, WK_PUBKEY, buf_span(&key));
	buf_free(&key);
}

static bool needs_name(enum whack_verb verb)
{
	return verb == WHACK_CONNECTION || verb == WHACK_DELETE || verb == WHACK_ROUTE ||
	       verb == WHACK_UNROUTE || verb == WHACK_INITIATE || verb == WHACK_TERMINATE;
}

static int call(const struct args *a, enum whack_verb verb)
{
	char *path = xasprintf("%s.ctl", a->ctlbase);
	struct buf msg = { 0 };
	int status;

	whack_msg_start(&msg, verb);
	if (needs_name(verb)) {
		if (!a->value[WK_NAME])
			fail("--%s needs --name", whack_verb_name(verb));
		add_key(&msg, a, WK_NAME);
	}
	if (verb == WHACK_CONNECTION)
		add_connection(&msg, a);
	else if (verb == WHACK_KEY)
		add_pubkey(&msg, a);
	else if (verb == WHACK_INITIATE)
		add_key(&msg, a, WK_ASYNC);
	else if (verb == WHACK_DELETESTATE)
		add_key(&msg, a, WK_STATE);
	else if (verb == WHACK_DEBUG)
		whack_msg_uint(&msg, WK_DEBUG, a->debug);
	status = whack_call(path, &msg, whack_print_line, NULL);
	buf_free(&msg);
	free(path);
	return status;
}

static const enum whack_verb order[] = {
	WHACK_DEBUG, WHACK_DELETE, WHACK_DELETESTATE, WHACK_CONNECTION, WHACK_LISTEN,
	WHACK_UNLISTEN, WHACK_REREADSECRETS, WHACK_KEY, WHACK_LISTPUBKEYS, WHACK_ROUTE,
	WHACK_UNROUTE, WHACK_INITIATE, WHACK_TERMINATE, WHACK_STATUS, WHACK_SHUTDOWN,
};

/* What no verb would look at was meant for something else. */
static void check_sense(const struct args *a)
{
	if (a->verb[WHACK_KEY] && !a->value[WK_KEYID])
		fail("--pubkeyrsa needs --keyid");
	if (a->debug_given && a->value[WK_NAME] && !a->to)
		fail("--debug-* is about all connections: leave out --name");
	for (unsigned int key = WK_TYPE; key < WK_MAX && !a->to; key++)
		if (a->value[key] && whack_key_find(key)->option)
			fail("--%s is about a connection: there is no --to",
			     whack_key_find(key)->option);
}

int main(int argc, char **argv)
{
	struct args a = { .ctlbase = IPSEC_RUNDIR "/pluto" };
	bool done = false;
	int status = 0;

	read_args(&a, argc, argv);
	a.verb[WHACK_CONNECTION] = a.to;
	a.verb[WHACK_KEY] = a.value[WK_KEYID] || a.pubkey;
	a.verb[WHACK_DELETESTATE] = a.value[WK_STATE];
	a.verb[WHACK_DEBUG] = a.debug_given;
	check_sense(&a);
	for (size_t i = 0; i < ARRAY_SIZE(order) && !status; i++) {
		/* Beside a connection, --delete means: replace one of that name. */
		if (!a.verb[order[i]] || (order[i] == WHACK_DELETE && a.to))
			continue;
		status = call(&a, order[i]);
		done = true;
	}
	if (!done)
		fail("nothing to do (see: ipsec whack --help)");
	return status;
}
