// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pluto's command line.
 *
 * The options of FreeS/WAN's pluto that have a meaning here; --optionsfrom FILE puts
 * the words of a file in its place, so that options need not show in ps(1).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "pluto/kernel.h"
#include "pluto/options.h"

#define FILES_MAX	10		/* --optionsfrom within --optionsfrom */
#define FILE_LEN_MAX	65536

enum {
	OPT_HELP = 256, OPT_VERSION, OPT_NOFORK, OPT_STDERRLOG, OPT_NOKLIPS, OPT_UNIQUEIDS,
	OPT_INTERFACE, OPT_IKEPORT, OPT_CTLBASE, OPT_SECRETSFILE, OPT_SELFTEST, OPT_DEBUG,
};

static const struct row {
	const char *name;
	int opt;
	const char *arg, *help;
} rows[] = {
	{ "help",		OPT_HELP,	 NULL,	 "say this" },
	{ "version",		OPT_VERSION,	 NULL,	 "say which version this is" },
	{ "optionsfrom",	0,		 "FILE", "read more options from a file" },
	{ "nofork",		OPT_NOFORK,	 NULL,	 "stay in the foreground" },
	{ "stderrlog",		OPT_STDERRLOG,	 NULL,	 "log to stderr, not to syslog" },
	{ "noklips",		OPT_NOKLIPS,	 NULL,	 "negotiate only: leave the kernel alone" },
	{ "uniqueids",		OPT_UNIQUEIDS,	 NULL,	 "a peer that comes back replaces itself" },
	{ "interface",		OPT_INTERFACE,	 "DEV",	 "use only this device (may be repeated)" },
	{ "ikeport",		OPT_IKEPORT,	 "PORT", "UDP port of IKE, if not 500" },
	{ "ctlbase",		OPT_CTLBASE,	 "PATH", "socket PATH.ctl, lock PATH.pid" },
	{ "secretsfile",	OPT_SECRETSFILE, "FILE", "the file of secrets, may be a pattern" },
	{ "selftest",		OPT_SELFTEST,	 NULL,	 "try the cryptography and exit" },
	{ "debug-none",		OPT_DEBUG,	 NULL,	 "no debugging messages" },
	{ "debug-all",		OPT_DEBUG,	 NULL,	 "all debugging messages" },
	{ "debug-raw",		OPT_DEBUG,	 NULL,	 "octets of messages" },
	{ "debug-crypt",	OPT_DEBUG,	 NULL,	 "cryptographic steps, not keys" },
	{ "debug-parsing",	OPT_DEBUG,	 NULL,	 "messages received" },
	{ "debug-emitting",	OPT_DEBUG,	 NULL,	 "messages sent" },
	{ "debug-control",	OPT_DEBUG,	 NULL,	 "decisions" },
	{ "debug-controlmore",	OPT_DEBUG,	 NULL,	 "more of them" },
	{ "debug-lifecycle",	OPT_DEBUG,	 NULL,	 "SAs and exchanges, from birth to death" },
	{ "debug-klips",	OPT_DEBUG,	 NULL,	 "what the kernel is asked" },
	{ "debug-dns",		OPT_DEBUG,	 NULL,	 "name resolution" },
	{ "debug-oppo",		OPT_DEBUG,	 NULL,	 "opportunistic encryption" },
	{ "debug-pfkey",	OPT_DEBUG,	 NULL,	 "PF_KEY messages" },
};

static void help(void)
{
	printf("Usage: ipsec pluto [options]\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		printf("\t--%s%s%s\n\t\t%s\n", rows[i].name, rows[i].arg ? " " : "",
		       rows[i].arg ? rows[i].arg : "", rows[i].help);
	exit(0);
}

static void __attribute__((format(printf, 1, 2), noreturn)) misuse(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "pluto: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\npluto: ipsec pluto --help lists the options\n");
	exit(1);
}

/* --- --optionsfrom ------------------------------------------------------------------- */

struct words {
	char **v;
	int n;
	unsigned int files;
};

static void words_add(struct words *w, char *word)
{
	w->v = xrealloc(w->v, (size_t)(w->n + 2) * sizeof(*w->v));
	w->v[w->n++] = word;
	w->v[w->n] = NULL;
}

static void expand(struct words *w, char **argv);

/* Words are separated by blanks and newlines; # starts a comment. */
static void read_file(struct words *w, const char *path)
{
	struct words inner = { .files = w->files };
	char *text, *line, *next;
	FILE *f;
	size_t n;

	if (w->files++ >= FILES_MAX)
		misuse("--optionsfrom: more than %d files", FILES_MAX);
	f = fopen(path, "re");
	if (!f)
		misuse("--optionsfrom %s: cannot be read", path);
	text = xalloc(FILE_LEN_MAX + 1);
	n = fread(text, 1, FILE_LEN_MAX + 1, f);
	fclose(f);
	if (n > FILE_LEN_MAX)
		misuse("--optionsfrom %s: longer than %d octets", path, FILE_LEN_MAX);
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		char *word, *rest;

		for (word = strtok_r(line, " \t\r", &rest); word && *word != '#';
		     word = strtok_r(NULL, " \t\r", &rest))
			words_add(&inner, xstrdup(word));
	}
	free(text);
	if (inner.n)
		expand(w, inner.v);
	free(inner.v);
}

static void expand(struct words *w, char **argv)
{
	static const char option[] = "--optionsfrom";

	for (; *argv; argv++) {
		if (!strcmp(*argv, option)) {
			if (!*++argv)
				misuse("--optionsfrom needs the name of a file");
			read_file(w, *argv);
		} else if (!strncmp(*argv, option, strlen(option)) &&
			   (*argv)[strlen(option)] == '=') {
			read_file(w, *argv + sizeof(option));
		} else {
			words_add(w, *argv);
		}
	}
}

/* --- one option ---------------------------------------------------------------------- */

static void take_debug(struct pluto *p, const char *class)
{
	unsigned int bit;

	if (!strcmp(class, "none"))
		p->debug = 0;
	else if (!strcmp(class, "all"))
		p->debug = DBG_ALL;
	else if (log_class_by_name(span_str(class), &bit))
		p->debug |= bit;
}

static void take_port(struct pluto *p, const char *text)
{
	uint64_t port;
	err_t ugh = text_to_u64(span_str(text), UINT16_MAX, &port);

	if (ugh || port == 0)
		misuse("--ikeport \"%s\": %s", text, ugh ? ugh : "must not be 0");
	p->ike_port = (uint16_t)port;
}

static void take(struct options *o, struct pluto *p, const struct row *row)
{
	switch (row->opt) {
	case OPT_HELP:
		help();
		break;
	case OPT_VERSION:
		printf("Linux FreeS/WAN %s\n", IPSEC_VERSION);
		exit(0);
	case OPT_NOFORK:
		o->nofork = true;
		break;
	case OPT_STDERRLOG:
		o->stderrlog = true;
		break;
	case OPT_NOKLIPS:
		p->kernel = &kernel_none;
		break;
	case OPT_UNIQUEIDS:
		p->uniqueids = true;
		break;
	case OPT_INTERFACE:
		if (p->n_interfaces == PLUTO_INTERFACES_MAX)
			misuse("--interface: more than %d of them", PLUTO_INTERFACES_MAX);
		p->interface[p->n_interfaces++] = optarg;
		break;
	case OPT_IKEPORT:
		take_port(p, optarg);
		break;
	case OPT_CTLBASE:
		p->ctlbase = optarg;
		break;
	case OPT_SECRETSFILE:
		p->secretsfile = optarg;
		break;
	case OPT_SELFTEST:
		o->selftest = true;
		break;
	case OPT_DEBUG:
		take_debug(p, row->name + strlen("debug-"));
		break;
	}
}

void options_read(int argc, char **argv, struct options *o, struct pluto *p)
{
	struct option longopts[ARRAY_SIZE(rows) + 1] = { 0 };
	struct words w = { 0 };
	int index, c;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		longopts[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].arg ? required_argument : no_argument,
			.val = 1,
		};
	if (argc > 0)
		expand(&w, argv);
	while ((c = getopt_long(w.n, w.v, "", longopts, &index)) != -1) {
		if (c != 1)
			misuse("bad options");	/* getopt has said which */
		take(o, p, &rows[index]);
	}
	if (optind < w.n)
		misuse("unexpected argument \"%s\"", w.v[optind]);
	o->words = w.v;
}

void options_free(struct options *o)
{
	free(o->words);
	o->words = NULL;
}
