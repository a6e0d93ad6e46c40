// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec pf_key: watch what the kernel tells key managers.
 *
 * Registers for the SA types asked for, or for all of them, and prints each message
 * from the kernel as one line, until it is killed.  The first lines are the answers to
 * the registrations: which algorithms the kernel offers.  No line shows a key.
 *
 * Being registered, it also makes the kernel believe that somebody will answer an
 * ACQUIRE; so it is a tool for looking, not one to leave running without Pluto.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "utils/common/tool.h"

const char tool_name[] = "pf_key";
const char tool_usage[] =
	"Usage: ipsec pf_key [--ah] [--esp] [--ipip] [--ipcomp] [--daemon PIDFILE]\n"
	"\n"
	"Prints the messages that the kernel sends to key managers, one on a line.\n"
	"Registers for the SA types given, or for all of them.\n"
	"\n"
	"Common options: --debug --label TEXT --help --version\n";

enum { OPT_DAEMON = TOOL_OPT_OWN, OPT_SATYPE };	/* OPT_SATYPE + SADB_SATYPE_* */

static const struct option options[] = {
	{ "ah", no_argument, NULL, OPT_SATYPE + SADB_SATYPE_AH },
	{ "esp", no_argument, NULL, OPT_SATYPE + SADB_SATYPE_ESP },
	{ "ipip", no_argument, NULL, OPT_SATYPE + SADB_X_SATYPE_IPIP },
	{ "ipcomp", no_argument, NULL, OPT_SATYPE + SADB_X_SATYPE_COMP },
	{ "daemon", required_argument, NULL, OPT_DAEMON },
	{ NULL }
};

static const unsigned int all_types[] = {
	SADB_SATYPE_AH, SADB_SATYPE_ESP, SADB_X_SATYPE_IPIP, SADB_X_SATYPE_COMP,
};

static const struct tool_hint hints[] = {
	{ EOPNOTSUPP, "the kernel offers no SAs of this type.",
	  "/proc/net/pf_key_supported shows what there is" },
	{ EPROTONOSUPPORT, "the kernel offers no SAs of this type.",
	  "/proc/net/pf_key_supported shows what there is" },
	{ 0 }
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void print_message(const struct pfkey_reply *r)
{
	struct buf line = { 0 };

	pfkey_print(&r->m, &line);
	printf("pfkey v2 msg received. %s\n", buf_str(&line));
	buf_free(&line);
	if (fflush(stdout))
		tool_fail("cannot write to standard output: %s", strerror(errno));
}

/* A type that the kernel lacks is no reason to stop, unless it was asked for by name. */
static void register_for(int fd, unsigned int satype, bool by_name)
{
	static uint32_t seq;
	struct tool_msg msg;
	struct pfkey_reply r;
	int err;

	pfkey_start(&msg.o, msg.octets, sizeof(msg.octets), SADB_REGISTER, satype, ++seq,
		    (uint32_t)getpid());
	err = pfkey_ask(fd, msg.octets, (size_t)pfkey_finish(&msg.o), &r);
	if (!err)
		print_message(&r);
	else if (by_name || (err != -EOPNOTSUPP && err != -EPROTONOSUPPORT && err != -EINVAL))
		tool_fail_errno(pfkey_satype_name(satype), -err, hints);
}

/* The parent goes when the child is ready, that is: when the file says who it is. */
static void go_to_background(const char *pidfile)
{
	FILE *f;

	if (daemon(1, 1) < 0)
		tool_fail("cannot go to the background: %s", strerror(errno));
	f = fopen(pidfile, "we");
	if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f))
		tool_fail("cannot write %s: %s", pidfile, strerror(errno));
}

static void watch(int fd)
{
	struct pfkey_reply r;

	while (!stop) {
		int err = pfkey_receive(fd, &r, 1000);

		if (err == -ENOBUFS)
			fprintf(stderr, "%s: some messages were lost: too many at once\n",
				tool_prefix());
		else if (err && err != -ETIMEDOUT)
			tool_fail("cannot read from the kernel: %s", strerror(-err));
		if (!err)
			print_message(&r);
	}
}

int main(int argc, char **argv)
{
	struct sigaction quit = { .sa_handler = on_signal };
	const char *pidfile = NULL;
	unsigned int types = 0;
	err_t why;
	int opt, fd;

	while ((opt = tool_option(argc, argv, options, TOOL_NO_ARGS)) != -1) {
		if (opt == OPT_DAEMON)
			pidfile = optarg;
		else
			types |= 1U << (opt - OPT_SATYPE);
	}
	fd = pfkey_open(&why);
	if (fd < 0)
		tool_fail("%s", why);
	sigaction(SIGTERM, &quit, NULL);
	sigaction(SIGINT, &quit, NULL);

	if (pidfile)
		go_to_background(pidfile);
	for (size_t i = 0; i < ARRAY_SIZE(all_types); i++)
		if (!types || (types & 1U << all_types[i]))
			register_for(fd, all_types[i], types != 0);
	watch(fd);
	if (pidfile)
		unlink(pidfile);
	return 0;
}
