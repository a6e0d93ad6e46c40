// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec spigrp: bundle SAs, so that packets pass through one after the other.
 *
 * The kernel groups two SAs per X_GRPSA message, so SAs A B C, innermost first, are
 * the messages A B and B C.  A single SA is taken out of its group, as the others are.
 *
 * Without arguments: show the groups.  See ipsec_spigrp(8).
 */
#include <errno.h>
#include <string.h>

#include "utils/common/tool.h"

#define MEMBERS_MAX	4

const char tool_name[] = "spigrp";
const char tool_usage[] =
	"Usage: ipsec spigrp\n"
	"       ipsec spigrp --said SAID [SAID [SAID [SAID]]]\n"
	"       ipsec spigrp AF DST SPI PROTO [AF DST SPI PROTO] ...\n"
	"\n"
	"The SAs are given innermost first, for example\n"
	"       ipsec spigrp --said tun0x1002@192.0.2.1 esp0x1003@192.0.2.1\n"
	"A single SA dissolves its group.\n"
	"\n"
	"Common options: --debug --label TEXT --help --version\n";

enum { OPT_SAID = TOOL_OPT_OWN };

static const struct option options[] = {
	{ "said", no_argument, NULL, OPT_SAID },
	{ NULL }
};

struct group {
	struct said said[MEMBERS_MAX];
	size_t n;
};

static const struct tool_hint hints[] = {
	{ ENOENT, "SA does not exist.  Cannot group.", "ipsec spi shows which exist" },
	{ ESRCH, "SA does not exist.  Cannot group.", "ipsec spi shows which exist" },
	{ EEXIST, "SA is in a group already.  Ungroup it first.",
	  "ipsec spigrp shows the groups; ipsec spigrp --said SAID dissolves one" },
	{ EBUSY, "SA is in a group already.  Ungroup it first.",
	  "ipsec spigrp shows the groups; ipsec spigrp --said SAID dissolves one" },
	{ 0 }
};

static void join(struct group *g, struct said said)
{
	if (g->n == MEMBERS_MAX)
		tool_misuse("at most %d SAs make a group", MEMBERS_MAX);
	if (said.proto == IPPROTO_INT)
		tool_misuse("a shunt is no SA, and cannot be grouped");
	tool_check_spi(&said);
	for (size_t i = 0; i < g->n; i++)
		if (said_eq(&g->said[i], &said))
			tool_misuse("the same SA twice");
	g->said[g->n++] = said;
}

static void read_saids(struct group *g, char **argv)
{
	for (; *argv; argv++) {
		struct tool_sa sa = { .said = *argv };

		join(g, tool_said(&sa));
	}
	if (!g->n)
		tool_misuse("which SAs?");
}

static void read_fours(struct group *g, int argc, char **argv)
{
	if (argc % 4)
		tool_misuse("each SA is four words: AF DST SPI PROTO");
	for (; argc; argc -= 4, argv += 4)
		join(g, tool_said_of(argv[0], argv[1], argv[2], argv[3]));
}

/* Group a with b outside it; or, where b is NULL, dissolve a's group. */
static void group(const struct said *a, const struct said *b)
{
	struct sadb_sa sa = { .sadb_sa_spi = htonl(a->spi) };
	struct pfkey_reply reply;
	struct tool_msg msg;

	tool_start(&msg, SADB_X_GRPSA, pfkey_proto_to_satype(a->proto));
	pfkey_add_sa(&msg.o, SADB_EXT_SA, &sa);
	tool_add_addr(&msg, SADB_EXT_ADDRESS_DST, &a->dst, 0);
	if (b) {
		sa.sadb_sa_spi = htonl(b->spi);
		pfkey_add_satype2(&msg.o, pfkey_proto_to_satype(b->proto));
		pfkey_add_sa(&msg.o, SADB_X_EXT_SA2, &sa);
		tool_add_addr(&msg, SADB_X_EXT_ADDRESS_DST2, &b->dst, 0);
	}
	tool_ask(&msg, &reply, hints);
}

int main(int argc, char **argv)
{
	struct group g = { 0 };
	bool saids = false;

	while (tool_option(argc, argv, options, TOOL_ARGS) != -1)
		saids = true;
	argc -= optind;
	argv += optind;
	if (!saids && !argc)
		tool_show("ipsec_spigrp");

	if (saids)
		read_saids(&g, argv);
	else
		read_fours(&g, argc, argv);
	if (g.n == 1)
		group(&g.said[0], NULL);
	for (size_t i = 0; i + 1 < g.n; i++)
		group(&g.said[i], &g.said[i + 1]);
	return 0;
}
