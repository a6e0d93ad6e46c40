// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec spi: make and delete single SAs by hand.
 *
 * One ADD, DELETE or FLUSH message per call.  Keys come from a file or standard input,
 * or, with a warning, as data on the command line; they are wiped as soon as they are
 * sent, and appear in no message.
 *
 * Without arguments: show the SAs.  See ipsec_spi(8).  Spellings of suites are in
 * common/suite.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "utils/common/suite.h"
#include "utils/common/tool.h"

#define REPLAY_OCTET_MAX	64	/* what FreeS/WAN had; more goes into X_REPLAY */

const char tool_name[] = "spi";
const char tool_usage[] =
	"Usage: ipsec spi\n"
	"       ipsec spi SA --src ADDR --esp SUITE [--enckey KEY] [--authkey KEY]\n"
	"               [--encap ENCAP [--oa ADDR]] [--replay_window N] [--esn]\n"
	"               [--life LIFE] [--saref]\n"
	"       ipsec spi SA --src ADDR --ah ALGORITHM --authkey KEY\n"
	"               [--replay_window N] [--esn] [--life LIFE] [--saref]\n"
	"       ipsec spi SA --src ADDR --comp deflate [--bare] [--life LIFE] [--saref]\n"
	"       ipsec spi SA --ip4 | --ip6 --src ADDR [--dst ADDR] [--life LIFE] [--saref]\n"
	"               [--df clear|copy|set] [--ttl N] [--tos copy|hide] [--ecn yes|no]\n"
	"       ipsec spi --del SA\n"
	"       ipsec spi --clear\n"
	"\n"
	"SA is --said SAID, for example esp0x1001@192.0.2.1, or\n"
	"--af inet|inet6 --edst ADDR --spi 0xSPI --proto ah|esp|comp|tun\n"
	"\n"
	"SUITE is for example aes256-sha2_256, aes_gcm256, aes-sha1-96, 3des-md5-96 or\n"
	"null-sha1; ALGORITHM is for example hmac-sha2-256-128, hmac-sha1-96 or hmac-md5-96.\n"
	"KEY is @FILE, - for a line of standard input, or 0xHEX (underscores allowed), which\n"
	"others may see; with aes_gcm it ends in four octets of salt.\n"
	"\n"
	"ENCAP is udp:SPORT:DPORT, or udp-draft:SPORT:DPORT for the form before RFC 3948.\n"
	"\n"
	"N is 0 (no replay check; the default) to 65536; --esn, extended sequence numbers,\n"
	"needs one of 32 at least.  LIFE is a comma-separated list of\n"
	"soft|hard-allocations|bytes|addtime|usetime|packets=NUMBER\n"
	"\n"
	"Common options: --debug --label TEXT --help --version\n";

enum {
	OPT_ESP = TOOL_OPT_OWN, OPT_AH, OPT_COMP, OPT_IP4, OPT_IP6, OPT_SRC, OPT_DST,
	OPT_ENCKEY, OPT_AUTHKEY, OPT_ENCAP, OPT_OA, OPT_REPLAY, OPT_ESN, OPT_LIFE,
	OPT_BARE, OPT_SAREF, OPT_DEL, OPT_CLEAR,
	OPT_DF, OPT_TTL, OPT_TOS, OPT_ECN,
};

static const struct option options[] = {
	TOOL_SA_OPTIONS,
	{ "esp", required_argument, NULL, OPT_ESP },
	{ "ah", required_argument, NULL, OPT_AH },
	{ "comp", required_argument, NULL, OPT_COMP },
	{ "ip4", no_argument, NULL, OPT_IP4 },
	{ "ip6", no_argument, NULL, OPT_IP6 },
	{ "src", required_argument, NULL, OPT_SRC },
	{ "dst", required_argument, NULL, OPT_DST },
	{ "enckey", required_argument, NULL, OPT_ENCKEY },
	{ "authkey", required_argument, NULL, OPT_AUTHKEY },
	{ "encap", required_argument, NULL, OPT_ENCAP },
	{ "oa", required_argument, NULL, OPT_OA },
	{ "replay_window", required_argument, NULL, OPT_REPLAY },
	{ "replay-window", required_argument, NULL, OPT_REPLAY },
	{ "esn", no_argument, NULL, OPT_ESN },
	{ "bare", no_argument, NULL, OPT_BARE },
	{ "life", required_argument, NULL, OPT_LIFE },
	{ "saref", no_argument, NULL, OPT_SAREF },
	{ "df", required_argument, NULL, OPT_DF },
	{ "ttl", required_argument, NULL, OPT_TTL },
	{ "tos", required_argument, NULL, OPT_TOS },
	{ "ecn", required_argument, NULL, OPT_ECN },
	{ "del", no_argument, NULL, OPT_DEL },
	{ "clear", no_argument, NULL, OPT_CLEAR },
	{ NULL }
};

struct life {
	struct sadb_lifetime soft, hard;
	bool has_soft, has_hard;
};

struct request {
	struct tool_sa sa;
	int action;			/* OPT_ESP .. OPT_IP6, OPT_DEL, OPT_CLEAR; 0: none */
	const char *suite, *src, *dst, *encap, *oa;
	uint32_t window;		/* packets */
	bool has_window, esn;
	struct secret enckey, authkey;
	struct life life;
	bool saref, bare;
	uint32_t flags;			/* SADB_X_SAFLAGS_TUNNEL, for the outer header */
	bool has_flags;
};

static const struct tool_hint add_hints[] = {
	{ EEXIST, "SA already in use.  Delete old one first.",
	  "ipsec spi shows it; ipsec spi --del --said SAID deletes it" },
	{ EPROTONOSUPPORT,
	  "Algorithm support not available in the kernel.  Please compile in support.",
	  "/proc/net/pf_key_supported shows what there is" },
	{ EOPNOTSUPP,
	  "Algorithm support not available in the kernel.  Please compile in support.",
	  "/proc/net/pf_key_supported shows what there is" },
	{ 0 }
};

static const struct tool_hint del_hints[] = {
	{ ENXIO, "SA does not exist.  Cannot delete.", "ipsec spi shows which exist" },
	{ ESRCH, "SA does not exist.  Cannot delete.", "ipsec spi shows which exist" },
	{ ENOENT, "SA does not exist.  Cannot delete.", "ipsec spi shows which exist" },
	{ 0 }
};

/* --- lifetimes ----------------------------------------------------------------------- */

static void set_limit(struct sadb_lifetime *l, struct span name, uint64_t v)
{
	if (span_is(name, "allocations"))
		l->sadb_lifetime_allocations = (uint32_t)v;
	else if (span_is(name, "bytes"))
		l->sadb_lifetime_bytes = v;
	else if (span_is(name, "addtime"))
		l->sadb_lifetime_addtime = v;
	else if (span_is(name, "usetime"))
		l->sadb_lifetime_usetime = v;
	else if (span_is(name, "packets"))
		l->sadb_x_lifetime_packets = (uint32_t)v;
	else
		tool_misuse("--life: \"%.*s\" must be allocations, bytes, addtime, usetime or packets",
			    (int)name.len, (const char *)name.ptr);
}

/* "hard-bytes=1000000" */
static void parse_limit(struct life *life, struct span item)
{
	struct span what, number, kind, name;
	bool narrow;
	uint64_t v;
	err_t ugh;

	if (!span_split(item, '=', &what, &number) || !span_split(what, '-', &kind, &name))
		tool_misuse("--life: \"%.*s\" must look like hard-bytes=1000000", (int)item.len,
			    (const char *)item.ptr);
	narrow = span_is(name, "allocations") || span_is(name, "packets");
	ugh = text_to_u64(number, narrow ? UINT32_MAX : UINT64_MAX, &v);
	if (ugh)
		tool_misuse("--life: \"%.*s\": %s", (int)item.len, (const char *)item.ptr, ugh);
	if (span_is(kind, "soft")) {
		set_limit(&life->soft, name, v);
		life->has_soft = true;
	} else if (span_is(kind, "hard")) {
		set_limit(&life->hard, name, v);
		life->has_hard = true;
	} else {
		tool_misuse("--life: \"%.*s\" must start with soft- or hard-", (int)item.len,
			    (const char *)item.ptr);
	}
}

static void parse_life(struct life *life, const char *text)
{
	struct span rest = span_str(text), item;
	bool more;

	do {
		more = span_split(rest, ',', &item, &rest);
		parse_limit(life, item);
	} while (more);
}

/* --- the outer header of a tunnel ---------------------------------------------------- */

static const struct {
	int opt;
	const char *option, *word;
	uint32_t flag;
} outer_words[] = {
	{ OPT_DF, "--df", "clear", 0 },
	{ OPT_DF, "--df", "copy", SADB_X_SAFLAGS_DF_COPY },
	{ OPT_DF, "--df", "set", SADB_X_SAFLAGS_DF_SET },
	{ OPT_TOS, "--tos", "copy", SADB_X_SAFLAGS_TOS_COPY },
	{ OPT_TOS, "--tos", "hide", SADB_X_SAFLAGS_TOS_HIDE },
	{ OPT_ECN, "--ecn", "yes", SADB_X_SAFLAGS_ECN },
	{ OPT_ECN, "--ecn", "no", SADB_X_SAFLAGS_NOECN },
};

static void take_outer_word(struct request *r, int opt, const char *text)
{
	const char *option = NULL;
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(outer_words); i++) {
		if (outer_words[i].opt != opt)
			continue;
		option = outer_words[i].option;
		r->flags &= ~outer_words[i].flag;	/* the last one counts */
	}
	for (size_t i = 0; i < ARRAY_SIZE(outer_words); i++) {
		if (outer_words[i].opt != opt || strcmp(outer_words[i].word, text) != 0)
			continue;
		r->flags |= outer_words[i].flag;
		found = true;
	}
	if (!found)
		tool_misuse("%s \"%s\": see --help for what it may be", option, text);
}

static void take_ttl(struct request *r, const char *text)
{
	uint64_t v;
	err_t ugh = text_to_u64(span_str(text), 255, &v);

	if (ugh || v == 0)
		tool_misuse("--ttl \"%s\": must be a number from 1 to 255", text);
	r->flags &= ~SADB_X_SAFLAGS_TTL;
	r->flags |= (uint32_t)v << SADB_X_SAFLAGS_TTL_SHIFT;
}

static void take_outer(struct request *r, int opt, const char *text)
{
	r->has_flags = true;
	if (opt == OPT_TTL)
		take_ttl(r, text);
	else
		take_outer_word(r, opt, text);
}

/* --- messages ------------------------------------------------------------------------ */

static struct addr parse_src(const struct request *r, const struct said *said)
{
	struct addr src;

	if (!r->src)
		tool_misuse("--src is missing: the address that the packets come from");
	src = tool_addr("--src", r->src);
	if (src.family != said->dst.family)
		tool_misuse("--src %s is of another family than the SA", r->src);
	return src;
}

static uint32_t parse_window(const char *text)
{
	uint64_t v;
	err_t ugh = text_to_u64(span_str(text), SADB_X_REPLAY_WINDOW_MAX, &v);

	if (ugh)
		tool_misuse("--replay_window \"%s\": %s", text, ugh);
	return (uint32_t)v;
}

/* Wide windows and extended sequence numbers need an extension of their own. */
static bool needs_x_replay(const struct request *r)
{
	return r->esn || r->window > REPLAY_OCTET_MAX;
}

static void add_port(struct tool_msg *msg, unsigned int ext, const char *text, struct span number)
{
	struct sadb_x_natt_port port = { 0 };
	uint64_t v;
	err_t ugh = text_to_u64(number, UINT16_MAX, &v);

	if (!ugh && !v)
		ugh = "port 0 is none";
	if (ugh)
		tool_misuse("--encap \"%s\": %s", text, ugh);
	port.sadb_x_natt_port_port = htons((uint16_t)v);
	pfkey_add(&msg->o, ext, &port, sizeof(port), NULL, 0);
}

/* "udp:4500:4500" */
static void add_encap(struct tool_msg *msg, const struct request *r, const struct said *said)
{
	struct sadb_x_natt_type type = { .sadb_x_natt_type_type = SADB_X_NAT_T_NON_ESP };
	struct span kind, ports, sport, dport;
	struct addr oa;

	if (!r->encap && r->oa)
		tool_misuse("--oa belongs to --encap");
	if (!r->encap)
		return;
	if (!span_split(span_str(r->encap), ':', &kind, &ports) ||
	    !span_split(ports, ':', &sport, &dport))
		tool_misuse("--encap \"%s\" must look like udp:4500:4500", r->encap);
	if (span_is(kind, "udp-draft"))
		type.sadb_x_natt_type_type = SADB_X_NAT_T_NON_IKE;
	else if (!span_is(kind, "udp"))
		tool_misuse("--encap \"%s\" must start with udp: or udp-draft:", r->encap);
	pfkey_add(&msg->o, SADB_X_EXT_NAT_T_TYPE, &type, sizeof(type), NULL, 0);
	add_port(msg, SADB_X_EXT_NAT_T_SPORT, r->encap, sport);
	add_port(msg, SADB_X_EXT_NAT_T_DPORT, r->encap, dport);
	if (!r->oa)
		return;
	oa = tool_addr("--oa", r->oa);
	if (oa.family != said->dst.family)
		tool_misuse("--oa %s is of another family than the SA", r->oa);
	tool_add_addr(msg, SADB_X_EXT_NAT_T_OA, &oa, 0);
}

/* A message about one SA that says no more than its name. */
static void ask_about(unsigned int type, const struct said *said, struct pfkey_reply *reply,
		      const struct tool_hint *hints)
{
	struct sadb_sa sa = { .sadb_sa_spi = htonl(said->spi) };
	struct addr any = addr_any(said->dst.family);
	struct tool_msg msg;

	tool_start(&msg, type, pfkey_proto_to_satype(said->proto));
	pfkey_add_sa(&msg.o, SADB_EXT_SA, &sa);
	tool_add_addr(&msg, SADB_EXT_ADDRESS_SRC, &any, 0);
	tool_add_addr(&msg, SADB_EXT_ADDRESS_DST, &said->dst, 0);
	tool_ask(&msg, reply, hints);
}

/* The answer to an ADD repeats what was asked; what the kernel made of it, GET tells. */
static void print_saref(const struct said *said)
{
	struct pfkey_reply reply;
	struct sadb_sa sa;

	ask_about(SADB_GET, said, &reply, NULL);
	pfkey_sa(reply.m.ext[SADB_EXT_SA], &sa);
	printf("%s: saref=%u\n", tool_prefix(), sa.sadb_x_sa_ref);
}

static void add_sa(struct request *r, const struct said *said, const struct sadb_sa *sa)
{
	struct addr src = parse_src(r, said);
	struct pfkey_reply reply;
	struct tool_msg msg;

	tool_start(&msg, SADB_ADD, pfkey_proto_to_satype(said->proto));
	pfkey_add_sa(&msg.o, SADB_EXT_SA, sa);
	if (r->life.has_hard)
		pfkey_add_lifetime(&msg.o, SADB_EXT_LIFETIME_HARD, &r->life.hard);
	if (r->life.has_soft)
		pfkey_add_lifetime(&msg.o, SADB_EXT_LIFETIME_SOFT, &r->life.soft);
	tool_add_addr(&msg, SADB_EXT_ADDRESS_SRC, &src, 0);
	tool_add_addr(&msg, SADB_EXT_ADDRESS_DST, &said->dst, 0);
	pfkey_add_key(&msg.o, SADB_EXT_KEY_AUTH, r->authkey.ptr, r->authkey.len);
	pfkey_add_key(&msg.o, SADB_EXT_KEY_ENCRYPT, r->enckey.ptr, r->enckey.len);
	add_encap(&msg, r, said);
	if (needs_x_replay(r))
		pfkey_add_replay(&msg.o, r->window, r->esn ? SADB_X_REPLAY_ESN : 0, 0);
	secret_free(&r->authkey);
	secret_free(&r->enckey);
	tool_ask(&msg, &reply, add_hints);
	if (r->saref)
		print_saref(said);
}

/* --esp and --ah: what the suite says, and the keys that it wants. */
static void add_cipher(struct request *r, const struct said *said)
{
	bool ah = r->action == OPT_AH;
	const char *option = ah ? "--ah" : "--esp";
	struct sadb_sa sa = {
		.sadb_sa_spi = htonl(said->spi),
		.sadb_sa_state = SADB_SASTATE_MATURE,
	};
	struct suite suite;
	err_t ugh = ah ? suite_of_ah(span_str(r->suite), &suite) :
			 suite_by_name(span_str(r->suite), &suite);

	if (ugh)
		tool_misuse("%s \"%s\": %s", option, r->suite, ugh);
	if (said->proto != (ah ? IPPROTO_AH : IPPROTO_ESP))
		tool_misuse("%s makes SAs of protocol %s", option, option + 2);
	if (r->dst)
		tool_misuse("--dst belongs to --ip4 and --ip6");
	ugh = suite_check_keys(&suite, r->enckey.len, r->authkey.len);
	if (ugh)
		tool_misuse("%s %s: %s", option, r->suite, ugh);
	sa.sadb_sa_encrypt = suite.encrypt;
	sa.sadb_sa_auth = suite.auth;
	if (r->esn && r->window < SADB_X_REPLAY_WINDOW_MIN)
		tool_misuse("--esn needs a --replay_window of %d to %d", SADB_X_REPLAY_WINDOW_MIN,
			    SADB_X_REPLAY_WINDOW_MAX);
	if (!needs_x_replay(r))
		sa.sadb_sa_replay = (uint8_t)r->window;
	add_sa(r, said, &sa);
}

/* The SPI of an IPComp SA is a CPI, of 16 bits: RFC 3173 section 3.3. */
static void add_comp(struct request *r, const struct said *said)
{
	struct sadb_sa sa = {
		.sadb_sa_spi = htonl(said->spi),
		.sadb_sa_state = SADB_SASTATE_MATURE,
		.sadb_sa_encrypt = SADB_X_CALG_DEFLATE,
	};

	if (strcmp(r->suite, "deflate") != 0)
		tool_misuse("--comp \"%s\": unknown compression; there is deflate", r->suite);
	if (said->proto != IPPROTO_COMP)
		tool_misuse("--comp makes SAs of protocol comp");
	if (said->spi > UINT16_MAX)
		tool_misuse("an SPI of 0x%x is too large for protocol comp: 0xffff at most",
			    said->spi);
	if (r->dst)
		tool_misuse("--dst belongs to --ip4 and --ip6");
	if (r->enckey.len || r->authkey.len || r->has_window || r->esn)
		tool_misuse("--comp has no keys and no replay window: "
			    "those belong to --esp and --ah");
	if (r->bare)
		sa.sadb_sa_flags |= SADB_X_SAFLAGS_BARE;
	add_sa(r, said, &sa);
}

static void add_tunnel(struct request *r, const struct said *said)
{
	struct sadb_sa sa = {
		.sadb_sa_spi = htonl(said->spi),
		.sadb_sa_state = SADB_SASTATE_MATURE,
		.sadb_sa_flags = r->flags,
	};
	const char *option = r->action == OPT_IP6 ? "--ip6" : "--ip4";
	struct addr dst;

	if (said->proto != IPPROTO_IPIP)
		tool_misuse("%s makes SAs of protocol tun", option);
	if ((r->action == OPT_IP6) != (said->dst.family == AF_INET6))
		tool_misuse("%s is not the family of the SA's destination", option);
	if (r->enckey.len || r->authkey.len || r->has_window || r->esn)
		tool_misuse("a tunnel has no keys and no replay window: "
			    "those belong to --esp and --ah");
	if (r->dst) {
		dst = tool_addr("--dst", r->dst);
		if (!addr_eq(&dst, &said->dst))
			tool_misuse("--dst %s is not the destination of the SA", r->dst);
	}
	add_sa(r, said, &sa);
}

static void del(const struct said *said)
{
	struct pfkey_reply reply;

	ask_about(SADB_DELETE, said, &reply, del_hints);
}

static void clear(void)
{
	struct pfkey_reply reply;
	struct tool_msg msg;

	tool_start(&msg, SADB_FLUSH, SADB_SATYPE_UNSPEC);
	tool_ask(&msg, &reply, NULL);
}

/* --- options ------------------------------------------------------------------------- */

static void set_action(struct request *r, int action)
{
	if (r->action)
		tool_misuse("one of --esp, --ah, --comp, --ip4, --ip6, --del, --clear at a time");
	r->action = action;
}

static void take_option(struct request *r, int opt)
{
	switch (opt) {
	case OPT_ESP:
	case OPT_AH:
	case OPT_COMP:
		r->suite = optarg;
		set_action(r, opt);
		break;
	case OPT_IP4:
	case OPT_IP6:
	case OPT_DEL:
	case OPT_CLEAR:
		set_action(r, opt);
		break;
	case OPT_SRC:
		r->src = optarg;
		break;
	case OPT_DST:
		r->dst = optarg;
		break;
	case OPT_ENCKEY:
		tool_key("--enckey", optarg, &r->enckey);
		break;
	case OPT_AUTHKEY:
		tool_key("--authkey", optarg, &r->authkey);
		break;
	case OPT_ENCAP:
		r->encap = optarg;
		break;
	case OPT_OA:
		r->oa = optarg;
		break;
	case OPT_REPLAY:
		r->window = parse_window(optarg);
		r->has_window = true;
		break;
	case OPT_BARE:
		r->bare = true;
		break;
	case OPT_ESN:
		r->esn = true;
		break;
	case OPT_LIFE:
		parse_life(&r->life, optarg);
		break;
	case OPT_SAREF:
		r->saref = true;
		break;
	case OPT_DF:
	case OPT_TTL:
	case OPT_TOS:
	case OPT_ECN:
		take_outer(r, opt, optarg);
		break;
	default:
		tool_sa_option(&r->sa, opt);
	}
}

static void run(struct request *r)
{
	struct said said;

	if (r->action == OPT_CLEAR) {
		if (tool_sa_given(&r->sa))
			tool_misuse("--clear deletes all SAs and takes nothing else");
		clear();
		return;
	}
	said = tool_said(&r->sa);
	if ((r->encap || r->oa) && r->action != OPT_ESP)
		tool_misuse("--encap and --oa belong to --esp");
	if (said.proto == IPPROTO_INT)
		tool_misuse("a shunt is no SA: see ipsec eroute --help");
	tool_check_spi(&said);
	if (r->has_flags && r->action != OPT_IP4 && r->action != OPT_IP6)
		tool_misuse("--df, --ttl, --tos and --ecn are for tunnels: --ip4 or --ip6");
	if (r->bare && r->action != OPT_COMP)
		tool_misuse("--bare belongs to --comp");
	switch (r->action) {
	case OPT_ESP:
	case OPT_AH:
		add_cipher(r, &said);
		break;
	case OPT_COMP:
		add_comp(r, &said);
		break;
	case OPT_IP4:
	case OPT_IP6:
		add_tunnel(r, &said);
		break;
	case OPT_DEL:
		del(&said);
		break;
	default:
		tool_misuse("what to do?  --esp, --ah, --comp, --ip4, --ip6, --del or --clear");
	}
}

int main(int argc, char **argv)
{
	struct request r = { 0 };
	bool any = false;
	int opt;

	while ((opt = tool_option(argc, argv, options, TOOL_NO_ARGS)) != -1) {
		take_option(&r, opt);
		any = true;
	}
	if (!any)
		tool_show("ipsec_spi");
	run(&r);
	return 0;
}
