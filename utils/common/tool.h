/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the KLIPS tools (eroute, spi, spigrp, tncfg, klipsdebug, pf_key) have in common:
 * options, SAIDs on the command line, keys, and asking the kernel with errors in words.
 *
 * A tool defines tool_name and tool_usage, reads its options with tool_option(), and
 * ends with tool_fail() on any error: nothing here is meant for a daemon.
 */
#ifndef UTILS_COMMON_TOOL_H
#define UTILS_COMMON_TOOL_H

#include <getopt.h>

#include "lib/base/secret.h"
#include "lib/net/said.h"
#include "lib/pfkey/sock.h"
#include "utils/common/die.h"

/* Values of options: a tool's own start at TOOL_OPT_OWN. */
enum {
	TOOL_OPT_HELP = 256, TOOL_OPT_VERSION, TOOL_OPT_LABEL, TOOL_OPT_DEBUG,
	TOOL_OPT_AF, TOOL_OPT_EDST, TOOL_OPT_SPI, TOOL_OPT_PROTO, TOOL_OPT_SAID,
	TOOL_OPT_OWN,
};

/* The rows of a getopt_long table that name an SA. */
#define TOOL_SA_OPTIONS \
	{ "af", required_argument, NULL, TOOL_OPT_AF }, \
	{ "edst", required_argument, NULL, TOOL_OPT_EDST }, \
	{ "spi", required_argument, NULL, TOOL_OPT_SPI }, \
	{ "proto", required_argument, NULL, TOOL_OPT_PROTO }, \
	{ "said", required_argument, NULL, TOOL_OPT_SAID }

/* An SA as given by options; NULL where not. */
struct tool_sa {
	const char *af, *edst, *spi, *proto, *said;
};

/* What an errno means to this tool, and what to do about it. */
struct tool_hint {
	int err;			/* 0 ends a table */
	const char *text;
	const char *todo;		/* may be NULL */
};

/* A message under construction. */
struct tool_msg {
	uint64_t octets[PFKEY_MSG_MAX / 8];
	struct pfkey_out o;
};

/*
 * The next option of the tool, with optarg set, or -1 after the last.  own is a table
 * for getopt_long(3) ending in zeros.  Deals with --help, --version, --label and
 * --debug itself; ends the program on unknown options and on stray arguments, unless
 * the tool takes arguments (then they start at argv[optind]).
 */
enum tool_args { TOOL_NO_ARGS, TOOL_ARGS };
int tool_option(int argc, char **argv, const struct option *own, enum tool_args args);

/* tool_fail(), where the command line is at fault: points to --help. */
_Noreturn void tool_misuse(const char *fmt, ...) PRINTF(1, 2);
/* The same with the words for an errno; hints may be NULL. */
_Noreturn void tool_fail_errno(const char *what, int err, const struct tool_hint *hints);

/* Copy a file of /proc/net to stdout; fails when KLIPS is not there. */
void tool_show(const char *name);

/* Take an option of TOOL_SA_OPTIONS; false when it is another. */
bool tool_sa_option(struct tool_sa *sa, int opt);
bool tool_sa_given(const struct tool_sa *sa);
/* The SAID that the options name; fails when they are incomplete or contradict each other. */
struct said tool_said(const struct tool_sa *sa);
struct said tool_said_of(const char *af, const char *edst, const char *spi, const char *proto);
/* SPIs below 0x100 are IANA's: RFC 4303 section 2.1. */
void tool_check_spi(const struct said *said);

struct addr tool_addr(const char *option, const char *text);

/*
 * Read the key that arg names: data as 0x..., 0s... or 0t..., "@FILE" or "-" (a line of
 * standard input).  The octets of arg are wiped, so that ps(1) does not show them.
 */
void tool_key(const char *option, char *arg, struct secret *key);

void tool_start(struct tool_msg *msg, unsigned int type, unsigned int satype);
void tool_add_addr(struct tool_msg *msg, unsigned int ext, const struct addr *a, uint16_t port);
/* Send it and wait for the answer; wipes the message; fails with hints on an error. */
void tool_ask(struct tool_msg *msg, struct pfkey_reply *reply, const struct tool_hint *hints);

#endif
