/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ranbits: random bits as text, for manual keys and pre-shared secrets.
 *
 *	ipsec ranbits 128		0x5b1e29c3_0d4f....
 *	ipsec ranbits --continuous 256	without the underscores
 *	ipsec ranbits --bytes 16	counted in octets
 *
 * They come from getrandom(2).  --quick once chose a weaker source that did not block;
 * the kernel's generator no longer blocks, so the option is accepted and changes nothing.
 * What is printed is likely to be a key: it stays out of core files and is wiped.
 * See ipsec_ranbits(8).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/common/die.h"
#include "utils/common/entropy.h"

#define ME		"ipsec ranbits"
#define BITS_MAX	20000

const char tool_name[] = "ranbits";
const char tool_usage[] =
	"Usage: " ME " [--quick] [--continuous] [--bytes] N\n";

/* How many octets: N bits must fill them. */
static size_t octets_argument(const char *text, bool bytes)
{
	uint64_t n = 0;
	err_t ugh = text_to_u64(span_str(text), bytes ? BITS_MAX / 8 : BITS_MAX, &n);

	if (ugh || n == 0)
		tool_die(TOOL_MISUSED, "bad number `%s': %s", text, ugh ? ugh : "must not be 0");
	if (!bytes && n % 8)
		tool_die(TOOL_MISUSED, "the number of bits must be a multiple of 8, %s is not", text);
	return (size_t)(bytes ? n : n / 8);
}

static void put(const uint8_t *octets, size_t len, bool continuous)
{
	struct buf text = { 0 };

	/* Room for all that comes: growing would leave a copy behind. */
	buf_grow(&text, 2 * (BITS_MAX / 8) + BITS_MAX / 32 + 8);
	buf_clear(&text);
	buf_add_str(&text, "0x");
	for (size_t i = 0; i < len; i += 4) {
		if (!continuous && i)
			buf_add_str(&text, "_");
		data_to_hex(span_of(octets + i, len - i < 4 ? len - i : 4), &text);
	}
	puts(buf_str(&text));
	secret_wipe(text.ptr, text.cap);
	buf_free(&text);
}

/* What the command line asks for; does not return from --help and errors. */
static size_t parse_options(int argc, char **argv, bool *continuous)
{
	static const struct option longopts[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ "continuous", no_argument, NULL, 'c' },
		{ "bytes", no_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 }
	};
	bool bytes = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+", longopts, NULL)) != -1) {
		switch (c) {
		case 'q':
			break;
		case 'c':
			*continuous = true;
			break;
		case 'b':
			bytes = true;
			break;
		case 'h':
			fputs(tool_usage, stdout);
			exit(0);
		case 'V':
			puts(ME " " IPSEC_VERSION);
			exit(0);
		default:
			tool_die(TOOL_MISUSED, "unknown option `%s'", argv[optind - 1]);
		}
	}
	if (argc - optind != 1)
		tool_die(TOOL_MISUSED, "give one number, for example 128");
	return octets_argument(argv[optind], bytes);
}

int main(int argc, char **argv)
{
	static uint8_t octets[BITS_MAX / 8];
	static char out_buffer[BUFSIZ];
	bool continuous = false;
	size_t len = parse_options(argc, argv, &continuous);
	struct entropy random;
	err_t ugh;

	keep_secrets();
	setvbuf(stdout, out_buffer, _IOFBF, sizeof(out_buffer));
	ugh = entropy_open(&random, NULL);
	if (!ugh)
		ugh = entropy_read(&random, octets, len);
	if (ugh)
		tool_fail("no random bits: %s", ugh);
	put(octets, len, continuous);
	if (fflush(stdout) || ferror(stdout))
		tool_fail("cannot write");
	secret_wipe(octets, sizeof(octets));
	secret_wipe(out_buffer, sizeof(out_buffer));
	return 0;
}
