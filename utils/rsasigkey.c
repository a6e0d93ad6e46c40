/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rsasigkey: make an RSA key, or recompute an old one, in the form of ipsec.secrets(5).
 *
 *	ipsec rsasigkey --verbose --hostname gw.example.org 3072
 *	ipsec rsasigkey --oldkey FILE
 *
 * The public exponent is 65537; --e3 takes 3, as FreeS/WAN always did, for peers whose
 * software was made for nothing else.  With 65537 the text of the public key starts
 * 0sAwEAA (RFC 3110 section 2: a length of 3, then 01 00 01), with 3 it starts 0sAQ.
 *
 * The key goes to stdout and nowhere else: not to syslog, not into a core file, not, where
 * the kernel permits, onto a swap device; all memory that held it is wiped.
 *
 * RFC 3110 for the public key, RFC 8017 for the numbers.  See ipsec_rsasigkey(8).
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "lib/crypto/crypto.h"
#include "utils/common/die.h"
#include "utils/common/rsakey.h"

#define ME		"ipsec rsasigkey"
#define ROUNDS		30
#define LINE_MAX_OCTETS	8192		/* of an old key's file: 8192 bits are 2048 hex digits */

const char tool_name[] = "rsasigkey";
const char tool_usage[] =
"Usage: " ME " [--verbose] [--hostname NAME] [--e3] [--noopt] [--rounds N]\n"
"                       [--random FILE] BITS\n"
"   or: " ME " [--hostname NAME] [--noopt] --oldkey FILE\n";

struct options {
	struct rsakey_wish wish;
	bool verbose;
	const char *hostname, *random, *oldkey;
};

/* stdout's buffer, so that it can be wiped. */
static char out_buffer[BUFSIZ];

static void say_progress(const char *what)
{
	fprintf(stderr, "%s\n", what);
}

/* Room for all that will come: a buf that grows leaves a copy of the key behind. */
static void reserve(struct buf *b, size_t len)
{
	buf_grow(b, len);
	buf_clear(b);
}

static void wipe_free(struct buf *b)
{
	secret_wipe(b->ptr, b->cap);
	buf_free(b);
}

/* --- output ------------------------------------------------------------------------- */

/* Name: 0x..., whole octets. */
static void put_number(const char *name, const mpz_t number)
{
	struct buf octets = { 0 }, text = { 0 };

	reserve(&octets, RSA_MAX_BITS / 8);
	reserve(&text, RSA_MAX_BITS / 4 + 1);
	rsakey_octets(number, &octets);
	data_to_hex(buf_span(&octets), &text);
	printf("\t%s: 0x%s\n", name, buf_str(&text));
	wipe_free(&octets);
	wipe_free(&text);
}

/* RFC 3110 section 2; our exponents are far shorter than 256 octets. */
static void put_public(const struct rsakey *k)
{
	struct buf octets = { 0 }, text = { 0 };

	buf_add_u8(&octets, (uint8_t)((mpz_sizeinbase(k->e, 2) + 7) / 8));
	rsakey_octets(k->e, &octets);
	rsakey_octets(k->n, &octets);
	data_to_base64(buf_span(&octets), &text);
	printf("\t#pubkey=0s%s\n", buf_str(&text));
	buf_free(&octets);
	buf_free(&text);
}

static void put_key(const struct rsakey *k, const char *hostname)
{
	time_t now = time(NULL);
	char date[64];

	strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", localtime(&now));
	printf("\t# RSA %zu bits   %s   %s\n", mpz_sizeinbase(k->n, 2), hostname, date);
	printf("\t# for signatures only, UNSAFE FOR ENCRYPTION\n");
	put_public(k);
	put_number("Modulus", k->n);
	put_number("PublicExponent", k->e);
	printf("\t# everything after this point is secret\n");
	put_number("PrivateExponent", k->d);
	put_number("Prime1", k->p);
	put_number("Prime2", k->q);
	put_number("Exponent1", k->dp);
	put_number("Exponent2", k->dq);
	put_number("Coefficient", k->qinv);
}

/* --- an old key --------------------------------------------------------------------- */

/* "Name: 0x..." of one line into the number of that name; other lines mean nothing. */
static void take_number(struct rsakey *k, struct span line, unsigned int number)
{
	const struct { const char *name; mpz_ptr to; } wanted[] = {
		{ "Modulus", k->n },
		{ "PublicExponent", k->e },
		{ "Prime1", k->p },
		{ "Prime2", k->q },
	};
	struct span name, value;
	struct buf octets = { 0 };
	err_t ugh;

	if (!span_split(line, ':', &name, &value))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		if (!span_is(span_trim(name), wanted[i].name))
			continue;
		reserve(&octets, LINE_MAX_OCTETS);
		ugh = text_to_data(span_trim(value), &octets);
		if (ugh)
			tool_fail("line %u: bad %s: %s", number, wanted[i].name, ugh);
		mpz_import(wanted[i].to, octets.len, 1, 1, 1, 0, octets.ptr);
		wipe_free(&octets);
	}
}

static void read_old_key(struct rsakey *k, const struct options *o)
{
	bool is_stdin = strcmp(o->oldkey, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(o->oldkey, "r");
	static char line[LINE_MAX_OCTETS], buffer[BUFSIZ];
	err_t ugh = NULL;

	if (!f)
		tool_fail("cannot read %s: %s", o->oldkey, strerror(errno));
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	for (unsigned int number = 1; fgets(line, sizeof(line), f); number++) {
		size_t len = strcspn(line, "\r\n");

		if (len == sizeof(line) - 1)
			tool_fail("%s line %u: longer than any key's", o->oldkey, number);
		take_number(k, span_of(line, len), number);
	}
	if (ferror(f))
		tool_fail("cannot read %s: %s", o->oldkey, strerror(errno));
	secret_wipe(line, sizeof(line));
	secret_wipe(buffer, sizeof(buffer));
	if (!is_stdin)
		fclose(f);

	if (!mpz_sgn(k->n) || !mpz_sgn(k->e) || !mpz_sgn(k->p) || !mpz_sgn(k->q))
		ugh = "it needs Modulus, PublicExponent, Prime1 and Prime2";
	else if (mpz_sizeinbase(k->n, 2) < RSA_MIN_BITS || mpz_sizeinbase(k->n, 2) > RSA_MAX_BITS)
		ugh = "Modulus must have 1024 to 8192 bits";
	else if (mpz_sizeinbase(k->e, 2) > 64)
		ugh = "PublicExponent is longer than 64 bits";
	else
		ugh = rsakey_complete(k, &o->wish);
	if (ugh)
		tool_fail("no usable key in %s: %s", o->oldkey, ugh);
}

/* --- the command line ---------------------------------------------------------------- */

static unsigned int number_option(const char *what, const char *text, unsigned int max)
{
	uint64_t v = 0;
	err_t ugh = text_to_u64(span_str(text), max, &v);

	if (ugh || v == 0)
		tool_die(TOOL_MISUSED, "bad %s `%s': %s", what, text, ugh ? ugh : "must not be 0");
	return (unsigned int)v;
}

static unsigned int bits_argument(const char *text)
{
	unsigned int bits = number_option("number of bits", text, 1000000);

	if (bits < RSA_MIN_BITS)
		tool_fail("%u bits are too few to be safe, at least %d are needed", bits,
			  RSA_MIN_BITS);
	if (bits > RSA_MAX_BITS)
		tool_fail("%u bits are too many, at most %d are possible", bits, RSA_MAX_BITS);
	if (bits % 16)
		tool_fail("the number of bits must be a multiple of 16, %u is not", bits);
	return bits;
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longopts[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "random", required_argument, NULL, 'r' },
		{ "rounds", required_argument, NULL, 'p' },
		{ "hostname", required_argument, NULL, 'H' },
		{ "noopt", no_argument, NULL, 'n' },
		{ "oldkey", required_argument, NULL, 'o' },
		{ "e3", no_argument, NULL, '3' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", longopts, NULL)) != -1) {
		switch (c) {
		case 'v':
			o->verbose = true;
			break;
		case 'r':
			o->random = optarg;
			break;
		case 'p':
			o->wish.rounds = (int)number_option("number of rounds", optarg, 1000);
			break;
		case 'H':
			o->hostname = optarg;
			break;
		case 'n':
			o->wish.euler = true;
			break;
		case 'o':
			o->oldkey = optarg;
			break;
		case '3':
			o->wish.e = 3;
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
	argv += optind;
	argc -= optind;
	if (argc != (o->oldkey ? 0 : 1))
		tool_die(TOOL_MISUSED, o->oldkey ? "an old key knows its number of bits" :
			 "give the number of bits, for example 3072");
	if (!o->oldkey)
		o->wish.bits = bits_argument(argv[0]);
}

int main(int argc, char **argv)
{
	struct options o = { .wish = { .e = 65537, .rounds = ROUNDS } };
	struct entropy random;
	struct rsakey key;
	char host[256] = "";
	err_t ugh;

	parse_options(argc, argv, &o);
	keep_secrets();
	rsakey_wipe_memory();
	rsakey_init(&key);
	setvbuf(stdout, out_buffer, _IOFBF, sizeof(out_buffer));

	if (o.oldkey) {
		read_old_key(&key, &o);
	} else {
		ugh = entropy_open(&random, o.random);
		if (ugh)
			tool_fail("cannot open %s: %s", o.random, ugh);
		ugh = rsakey_make(&key, &o.wish, &random, o.verbose ? say_progress : NULL);
		if (ugh)
			tool_fail("no key made: %s: %s", o.random ? o.random : "getrandom", ugh);
		entropy_close(&random);
	}
	if (!o.hostname && gethostname(host, sizeof(host) - 1) == 0)
		o.hostname = host;
	put_key(&key, o.hostname ? o.hostname : "unknown");

	if (fflush(stdout) || ferror(stdout))
		tool_fail("cannot write the key: %s", strerror(errno));
	secret_wipe(out_buffer, sizeof(out_buffer));
	rsakey_clear(&key);
	return 0;
}
