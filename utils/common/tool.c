// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The common part of the KLIPS tools.
 *
 * Every tool is the same story: read options, build one PF_KEY message, send it, and
 * either be silent or say in words what the kernel's errno means here and what to do
 * about it.  Errors go to stderr, with the tool's name (and --label) before them, and
 * exit status 1.
 *
 * Keys never appear in a message, and leave the command line as soon as they are read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "utils/common/tool.h"

#define KEY_LINE_MAX	4096

static bool debugging;

void tool_misuse(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", tool_prefix());
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n%s: see ipsec %s --help\n", tool_prefix(), tool_name);
	exit(1);
}

/* What errno means wherever it comes from; a tool's own hints go before. */
static const struct tool_hint common_hints[] = {
	{ EACCES, "access denied.  You must be root to open this file.", NULL },
	{ EPERM, "access denied.  You must be root to open this file.", NULL },
	{ ENODEV, "KLIPS not loaded or enabled.", "load it with: modprobe ipsec" },
	{ EAFNOSUPPORT, "KLIPS not loaded or enabled.", "load it with: modprobe ipsec" },
	{ EINVAL, "Invalid argument, check kernel log messages for specifics.",
	  "see dmesg; ipsec klipsdebug --set pfkey makes it say more" },
	{ ENOMEM, "No kernel memory to allocate SA.", NULL },
	{ ENOBUFS, "No kernel memory to allocate SA.", NULL },
	{ ENOSPC, "The kernel holds as many as it may.", "delete what is not needed" },
	{ ETIMEDOUT, "The kernel took the message and did not answer.",
	  "see dmesg; /proc/net/ipsec_spi and ipsec_eroute show what it did" },
	{ EMSGSIZE, "The message is too long for the kernel.", NULL },
	{ 0 }
};

static const struct tool_hint *find_hint(const struct tool_hint *hints, int err)
{
	for (; hints && hints->err; hints++)
		if (hints->err == err)
			return hints;
	return NULL;
}

/* refusal: what the kernel itself says of this case, or NULL. */
static _Noreturn void fail_errno(const char *what, int err, const struct tool_hint *hints,
				 const char *refusal)
{
	const struct tool_hint *hint = find_hint(hints, err);
	struct buf line = { 0 };

	if (!hint)
		hint = find_hint(common_hints, err);
	fprintf(stderr, "%s: %s (errno=%d): %s\n", tool_prefix(), what, err,
		hint ? hint->text : strerror(err));
	if (refusal) {		/* may repeat what another program calls itself */
		data_to_printable(span_str(refusal), &line);
		fprintf(stderr, "%s: KLIPS: %s\n", tool_prefix(), buf_str(&line));
	} else if (hint && hint->todo) {
		fprintf(stderr, "%s: %s\n", tool_prefix(), hint->todo);
	}
	exit(1);
}

void tool_fail_errno(const char *what, int err, const struct tool_hint *hints)
{
	fail_errno(what, err, hints, NULL);
}

/* --- options ------------------------------------------------------------------------- */

static const struct option common_options[] = {
	{ "help", no_argument, NULL, TOOL_OPT_HELP },
	{ "version", no_argument, NULL, TOOL_OPT_VERSION },
	{ "label", required_argument, NULL, TOOL_OPT_LABEL },
	{ "debug", no_argument, NULL, TOOL_OPT_DEBUG },
	{ NULL }
};

#define OPTIONS_MAX 40

/* The tool's table and ours as one. */
static const struct option *all_options(const struct option *own)
{
	static struct option all[OPTIONS_MAX];
	size_t n = 0;

	while (n < OPTIONS_MAX - ARRAY_SIZE(common_options) && own[n].name) {
		all[n] = own[n];
		n++;
	}
	memcpy(&all[n], common_options, sizeof(common_options));
	return all;
}

static _Noreturn void finish_stdout(void)
{
	if (fflush(stdout) || ferror(stdout))
		tool_fail("cannot write to standard output: %s", strerror(errno));
	exit(0);
}

int tool_option(int argc, char **argv, const struct option *own, enum tool_args args)
{
	for (;;) {
		int opt = getopt_long(argc, argv, args == TOOL_ARGS ? "+" : "",
				      all_options(own), NULL);

		switch (opt) {
		case TOOL_OPT_HELP:
			fputs(tool_usage, stdout);
			finish_stdout();
		case TOOL_OPT_VERSION:
			printf("ipsec %s %s\n", tool_name, IPSEC_VERSION);
			finish_stdout();
		case TOOL_OPT_LABEL:
			tool_set_label(optarg);
			break;
		case TOOL_OPT_DEBUG:
			debugging = true;
			break;
		case '?':	/* getopt_long has said what */
			fprintf(stderr, "%s: see ipsec %s --help\n", tool_prefix(), tool_name);
			exit(1);
		case -1:
			if (args == TOOL_NO_ARGS && optind < argc)
				tool_misuse("\"%s\" is no option", argv[optind]);
			return -1;
		default:
			return opt;
		}
	}
}

void tool_show(const char *name)
{
	char path[64], block[8192];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/net/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		tool_fail("%s: KLIPS not loaded or enabled.  Load it with: modprobe ipsec", path);
	if (fd < 0)
		tool_fail_errno(path, errno, NULL);
	while ((n = read(fd, block, sizeof(block))) > 0)
		fwrite(block, 1, (size_t)n, stdout);
	if (n < 0)
		tool_fail_errno(path, errno, NULL);
	close(fd);
	finish_stdout();
}

/* --- SAs ----------------------------------------------------------------------------- */

bool tool_sa_option(struct tool_sa *sa, int opt)
{
	const char **where;

	switch (opt) {
	case TOOL_OPT_AF:
		where = &sa->af;
		break;
	case TOOL_OPT_EDST:
		where = &sa->edst;
		break;
	case TOOL_OPT_SPI:
		where = &sa->spi;
		break;
	case TOOL_OPT_PROTO:
		where = &sa->proto;
		break;
	case TOOL_OPT_SAID:
		where = &sa->said;
		break;
	default:
		return false;
	}
	if (*where)
		tool_misuse("two names for the SA: \"%s\" and \"%s\"", *where, optarg);
	*where = optarg;
	return true;
}

bool tool_sa_given(const struct tool_sa *sa)
{
	return sa->said || sa->af || sa->edst || sa->spi || sa->proto;
}

struct addr tool_addr(const char *option, const char *text)
{
	struct addr a;
	err_t ugh = ttoaddr(span_str(text), &a);

	if (ugh)
		tool_misuse("%s \"%s\": %s", option, text, ugh);
	return a;
}

static sa_family_t family_of(const char *text)
{
	if (!strcmp(text, "inet"))
		return AF_INET;
	if (!strcmp(text, "inet6"))
		return AF_INET6;
	tool_misuse("--af \"%s\": must be inet or inet6", text);
}

struct said tool_said_of(const char *af, const char *edst, const char *spi, const char *proto)
{
	struct said said = { .dst = tool_addr("--edst", edst) };
	uint64_t v;
	err_t ugh;

	if (af && family_of(af) != said.dst.family)
		tool_misuse("--edst %s is not an address of family %s", edst, af);
	ugh = text_to_u64(span_str(spi), UINT32_MAX, &v);
	if (ugh)
		tool_misuse("--spi \"%s\": %s", spi, ugh);
	said.spi = (uint32_t)v;
	said.proto = said_proto_by_name(span_str(proto));
	if (!said.proto)
		tool_misuse("--proto \"%s\": must be esp, ah, comp, tun or int", proto);
	return said;
}

struct said tool_said(const struct tool_sa *sa)
{
	struct said said;
	err_t ugh;

	if (!sa->said) {
		if (!sa->edst || !sa->spi || !sa->proto)
			tool_misuse("which SA?  Give --said, or all of --af, --edst, --spi, --proto");
		return tool_said_of(sa->af, sa->edst, sa->spi, sa->proto);
	}
	if (sa->af || sa->edst || sa->spi || sa->proto)
		tool_misuse("--said goes alone, without --af, --edst, --spi and --proto");
	ugh = ttosaid(span_str(sa->said), &said);
	if (ugh)
		tool_misuse("--said \"%s\": %s", sa->said, ugh);
	/* What old scripts call %passthrough. */
	if (said.proto == IPPROTO_IPIP && said.spi == 0) {
		said.proto = IPPROTO_INT;
		said.spi = SPI_PASS;
	}
	return said;
}

void tool_check_spi(const struct said *said)
{
	if (said->proto == IPPROTO_COMP && said->spi == SADB_X_CALG_DEFLATE)
		return;		/* a well-known CPI: RFC 3173 section 3.3 */
	if (said->spi < SPI_MIN)
		tool_fail("Illegal reserved spi: 0x%x.  Must be larger than 0x100.", said->spi);
}

/* --- keys ---------------------------------------------------------------------------- */

/* Octet by octet: what follows the line on standard input is the next key's. */
static size_t read_line(const char *option, int fd, uint8_t *line, size_t max)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, line + len, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			tool_fail("%s: cannot read the key: %s", option, strerror(errno));
		if (n == 0 || line[len] == '\n')
			return len;
		if (++len == max)
			tool_fail("%s: the key is longer than %zu characters", option, max);
	}
}

static void key_from_text(const char *option, struct span text, struct secret *key)
{
	err_t ugh = text_to_secret(span_trim(text), key);

	if (ugh)	/* without the text: it is a key */
		tool_fail("%s: bad key: %s", option, ugh);
}

/* It is wiped at once, but whoever looked before has seen it; and a shell remembers. */
static void warn_of_argument(const char *option)
{
	static bool said;

	if (!said)
		fprintf(stderr, "%s: warning: %s: a key among the arguments can be seen with "
			"ps(1): give @FILE, or - for standard input\n", tool_prefix(), option);
	said = true;
}

void tool_key(const char *option, char *arg, struct secret *key)
{
	struct secret line = { 0 };
	int fd = STDIN_FILENO;
	size_t len;

	prctl(PR_SET_DUMPABLE, 0);
	if (arg[0] != '@' && strcmp(arg, "-") != 0) {
		warn_of_argument(option);
		key_from_text(option, span_str(arg), key);
		secret_wipe(arg, strlen(arg));
		return;
	}
	if (arg[0] == '@')
		fd = open(arg + 1, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		tool_fail("%s: cannot open %s: %s", option, arg + 1, strerror(errno));
	secret_alloc(&line, KEY_LINE_MAX);
	len = read_line(option, fd, line.ptr, line.len);
	key_from_text(option, span_of(line.ptr, len), key);
	secret_free(&line);
	if (fd != STDIN_FILENO)
		close(fd);
}

/* --- PF_KEY -------------------------------------------------------------------------- */

void tool_start(struct tool_msg *msg, unsigned int type, unsigned int satype)
{
	static uint32_t seq;

	pfkey_start(&msg->o, msg->octets, sizeof(msg->octets), type, satype, ++seq,
		    (uint32_t)getpid());
}

void tool_add_addr(struct tool_msg *msg, unsigned int ext, const struct addr *a, uint16_t port)
{
	struct endpoint e = { *a, port };
	struct sockaddr_storage ss = { 0 };

	endpoint_to_sockaddr(&e, &ss);
	pfkey_add_address(&msg->o, ext, 0, (const struct sockaddr *)&ss);
}

static void show_message(const char *what, const void *octets, size_t len)
{
	struct buf line = { 0 };
	struct pfkey_error e;
	struct pfkey_msg m;

	if (!debugging)
		return;
	if (pfkey_parse(octets, len, &m, &e)) {
		fprintf(stderr, "%s: %s: malformed: %s: %s\n", tool_prefix(), what,
			pfkey_ext_name(e.ext) ? pfkey_ext_name(e.ext) : "extension", e.why);
		return;
	}
	pfkey_print(&m, &line);
	fprintf(stderr, "%s: %s: %s\n", tool_prefix(), what, buf_str(&line));
	buf_free(&line);
}

void tool_ask(struct tool_msg *msg, struct pfkey_reply *reply, const struct tool_hint *hints)
{
	static int fd = -1;
	int len = pfkey_finish(&msg->o);
	err_t why;
	int err;

	if (len < 0)
		tool_fail("the message to the kernel would be too long");
	if (fd < 0)
		fd = pfkey_open(&why);
	if (fd < 0)
		tool_fail("%s", why);
	show_message("to the kernel", msg->octets, (size_t)len);
	err = pfkey_ask(fd, msg->octets, (size_t)len, reply);
	secret_wipe(msg->octets, sizeof(msg->octets));
	if (err)
		fail_errno("pfkey write failed", -err, hints, pfkey_refusal(&reply->m));
	show_message("from the kernel", reply->octets, reply->len);
}
