/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * showhostkey: this host's public key, in the form that whoever needs it can paste.
 *
 *	ipsec showhostkey --left | --right	for ipsec.conf(5)
 *	ipsec showhostkey --txt 192.0.2.1	a TXT record as FreeS/WAN 2.x looked it up
 *	ipsec showhostkey --ipseckey [GATEWAY]	an IPSECKEY record, RFC 4025
 *	ipsec showhostkey --key			a KEY record, RFC 2535
 *
 * The key is the RSA entry of ipsec.secrets(5) that --id names, or the one without an
 * index.  It is read by the same code that Pluto uses, so what is shown here is what Pluto
 * will sign with; comments in the file are not trusted.  Only the public half is
 * ever turned into text.
 *
 * RFC 3110 for the octets of the key.  See ipsec_showhostkey(8).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/conf/secrets.h"
#include "utils/common/die.h"
#include "utils/common/entropy.h"

#define ME		"ipsec showhostkey"
#define SECRETS_FILE	IPSEC_CONFDIR "/ipsec.secrets"
#define TXT_PRIORITY	10
#define TXT_STRING_MAX	255		/* RFC 1035 section 3.3: a character-string */

const char tool_name[] = "showhostkey";
const char tool_usage[] =
"Usage: " ME " [--file FILE] [--id ID] FORMAT\n"
"FORMAT is one of:\n"
"	--left, --right		leftrsasigkey= or rightrsasigkey= for ipsec.conf\n"
"	--txt GATEWAY		a TXT record of the DNS\n"
"	--ipseckey [GATEWAY]	an IPSECKEY record of the DNS\n"
"	--key			a KEY record of the DNS\n";

struct options {
	int format;
	const char *file, *id, *gateway;
};

/* What the formats print. */
struct shown {
	const char *host;
	const char *gateway;		/* as given, or NULL */
	struct addr gateway_addr;	/* unset when the gateway is a name, or none */
	const char *key;		/* RFC 3110 octets in base64 */
	size_t bits;
};

/* --- formats ------------------------------------------------------------------------- */

static void put_comment(char mark, const struct shown *s)
{
	printf("\t%c RSA %zu bits   %s   key id %.9s\n", mark, s->bits, s->host, s->key);
}

static void put_left(const struct shown *s)
{
	put_comment('#', s);
	printf("\tleftrsasigkey=0s%s\n", s->key);
}

static void put_right(const struct shown *s)
{
	put_comment('#', s);
	printf("\trightrsasigkey=0s%s\n", s->key);
}

static void put_key(const struct shown *s)
{
	put_comment(';', s);
	/* 0x4200: may authenticate, belongs to a host; 4: IPsec; 1: RSA. */
	printf("%s.\tIN\tKEY\t0x4200 4 1 %s\n", s->host, s->key);
}

/* The first string ends where the key begins; the rest is cut where it must be. */
static void put_txt(const struct shown *s)
{
	const char *rest = s->key;

	put_comment(';', s);
	printf("\tIN TXT  \"X-IPsec-Server(%d)=%s\" \" ", TXT_PRIORITY, s->gateway);
	for (int room = TXT_STRING_MAX - 1; *rest; room = TXT_STRING_MAX) {
		rest += printf("%.*s", room, rest);
		fputs(*rest ? "\" \"" : "\"\n", stdout);
	}
}

/* RFC 4025 section 3.1: precedence, gateway type, algorithm (2: RSA), gateway, key. */
static void put_ipseckey(const struct shown *s)
{
	int type = !s->gateway ? 0 : s->gateway_addr.family == AF_INET ? 1 :
		   s->gateway_addr.family == AF_INET6 ? 2 : 3;

	put_comment(';', s);
	printf("%s.\tIN\tIPSECKEY\t%d %d 2 %s %s\n", s->host, TXT_PRIORITY, type,
	       s->gateway ? s->gateway : ".", s->key);
}

enum { LEFT, RIGHT, KEY, TXT, IPSECKEY, NO_FORMAT };

static void (*const put[])(const struct shown *s) = {
	[LEFT] = put_left,
	[RIGHT] = put_right,
	[KEY] = put_key,
	[TXT] = put_txt,
	[IPSECKEY] = put_ipseckey,
};

/* --- the key -------------------------------------------------------------------------- */

static bool entry_is_for(const struct secret_entry *e, const struct id *id)
{
	if (e->kind != SECRET_RSA)
		return false;
	if (!id)
		return e->n_index == 0;
	for (size_t i = 0; i < e->n_index; i++)
		if (id_eq(&e->index[i], id))
			return true;
	return false;
}

/* The only RSA key of a file is meant whatever its index. */
static const struct rsa_pub *find_key(const struct secrets *secrets, const struct options *o)
{
	const struct secret_entry *e, *found = NULL, *any = NULL;
	struct id id = { 0 };
	unsigned int n = 0;
	err_t ugh;

	if (o->id) {
		ugh = ttoid(span_str(o->id), &id);
		if (ugh)
			tool_die(TOOL_MISUSED, "bad --id `%s': %s", o->id, ugh);
	}
	LIST_EACH(e, &secrets->entries, struct secret_entry, link) {
		if (e->kind == SECRET_RSA) {
			any = e;
			n++;
		}
		if (!found && entry_is_for(e, o->id ? &id : NULL))
			found = e;
	}
	id_free(&id);
	if (!found && !o->id && n == 1)
		found = any;
	if (!found && o->id)
		tool_fail("no RSA key for `%s' in %s", o->id, o->file);
	if (!found && n)
		tool_fail("%u RSA keys in %s, all with an index: say which with --id", n, o->file);
	if (!found)
		tool_fail("no RSA key in %s: make one with `ipsec newhostkey --output %s'", o->file,
			  o->file);
	return rsa_priv_pub(found->rsa);
}

static struct secrets *load(const struct options *o)
{
	struct secrets *secrets;
	struct conf_error *error;
	struct buf text = { 0 };

	if (access(o->file, R_OK) != 0)
		tool_fail(errno == EACCES ? "permission denied (cannot read %s)" :
			  "cannot read %s", o->file);
	secrets = secrets_load(o->file);
	LIST_EACH(error, &secrets->errors, struct conf_error, link) {
		buf_clear(&text);
		conf_error_show(error, &text);
		fprintf(stderr, ME ": %s\n", buf_str(&text));
	}
	buf_free(&text);
	return secrets;
}

/* --- the command line ----------------------------------------------------------------- */

static void choose(struct options *o, int format)
{
	if (o->format != NO_FORMAT)
		tool_die(TOOL_MISUSED, "only one format at a time");
	o->format = format;
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longopts[] = {
		{ "left", no_argument, NULL, LEFT },
		{ "right", no_argument, NULL, RIGHT },
		{ "key", no_argument, NULL, KEY },
		{ "txt", required_argument, NULL, TXT },
		{ "ipseckey", no_argument, NULL, IPSECKEY },
		{ "file", required_argument, NULL, 'f' },
		{ "id", required_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", longopts, NULL)) != -1) {
		switch (c) {
		case TXT:
			o->gateway = optarg;
			choose(o, c);
			break;
		case IPSECKEY:
			if (optind < argc && argv[optind][0] != '-')
				o->gateway = argv[optind++];
			choose(o, c);
			break;
		case LEFT:
		case RIGHT:
		case KEY:
			choose(o, c);
			break;
		case 'f':
			o->file = optarg;
			break;
		case 'i':
			o->id = optarg;
			break;
		case 'h':
			fputs(tool_usage, stdout);
			exit(0);
		case 'V':
			puts(ME " " IPSEC_VERSION);
			exit(0);
		default:
			tool_die(TOOL_MISUSED, "%s `%s'", c == ':' ? "no value for" : "unknown option",
				 argv[optind - 1]);
		}
	}
	if (optind != argc)
		tool_die(TOOL_MISUSED, "unexpected argument `%s'", argv[optind]);
	if (o->format == NO_FORMAT)
		tool_die(TOOL_MISUSED, "must specify a format for the result");
}

int main(int argc, char **argv)
{
	struct options o = { .format = NO_FORMAT, .file = SECRETS_FILE };
	struct buf octets = { 0 }, text = { 0 };
	struct shown s = { 0 };
	const struct rsa_pub *pub;
	struct secrets *secrets;
	char host[256] = "";

	parse_options(argc, argv, &o);
	s.gateway = o.gateway;
	if (s.gateway && ttoaddr(span_str(s.gateway), &s.gateway_addr) && o.format == TXT)
		tool_die(TOOL_MISUSED, "bad gateway `%s': a TXT record needs its address", s.gateway);

	keep_secrets();
	secrets = load(&o);
	pub = find_key(secrets, &o);
	rsa_pub_to_rfc3110(pub, &octets);
	data_to_base64(buf_span(&octets), &text);
	s.key = buf_str(&text);
	s.bits = rsa_pub_bits(pub);
	gethostname(host, sizeof(host) - 1);
	s.host = host;
	put[o.format](&s);

	buf_free(&octets);
	buf_free(&text);
	secrets_free(secrets);
	if (fflush(stdout) || ferror(stdout))
		tool_fail("cannot write: %s", strerror(errno));
	return 0;
}
