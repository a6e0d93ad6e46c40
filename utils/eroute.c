// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipsec eroute: which packets go through which SA.
 *
 * One X_ADDFLOW or X_DELFLOW message per call.  --addin does not make an eroute: it
 * tells the tunnel SA which inner addresses may come out of it, with the same message
 * and the flag INFLOW.  A SAID of protocol int, or a name like %drop, makes a shunt.
 *
 * Without arguments: show the table.  See ipsec_eroute(8).
 */
#include <errno.h>
#include <string.h>

#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/net/subnet.h"
#include "utils/common/tool.h"

const char tool_name[] = "eroute";
const char tool_usage[] =
	"Usage: ipsec eroute\n"
	"       ipsec eroute --add | --addin | --replace [--eraf inet|inet6]\n"
	"               --src ADDR/MASK --dst ADDR/MASK\n"
	"               [--transport-proto PROTO] [--src-port PORT] [--dst-port PORT] SA\n"
	"       ipsec eroute --del [--eraf inet|inet6] --src ADDR/MASK --dst ADDR/MASK\n"
	"               [--transport-proto PROTO] [--src-port PORT] [--dst-port PORT]\n"
	"       ipsec eroute --clear\n"
	"\n"
	"SA is --said SAID, for example tun0x1002@192.0.2.1 or %trap, or\n"
	"--af inet|inet6 --edst ADDR --spi 0xSPI --proto ah|esp|comp|tun|int\n"
	"\n"
	"Common options: --debug --label TEXT --help --version\n";

enum {
	OPT_ADD = TOOL_OPT_OWN, OPT_ADDIN, OPT_REPLACE, OPT_DEL, OPT_CLEAR,
	OPT_ERAF, OPT_SRC, OPT_DST, OPT_TRANSPORT, OPT_SPORT, OPT_DPORT,
};

static const struct option options[] = {
	{ "add", no_argument, NULL, OPT_ADD },
	{ "addin", no_argument, NULL, OPT_ADDIN },
	{ "replace", no_argument, NULL, OPT_REPLACE },
	{ "del", no_argument, NULL, OPT_DEL },
	{ "clear", no_argument, NULL, OPT_CLEAR },
	{ "eraf", required_argument, NULL, OPT_ERAF },
	{ "src", required_argument, NULL, OPT_SRC },
	{ "dst", required_argument, NULL, OPT_DST },
	{ "transport-proto", required_argument, NULL, OPT_TRANSPORT },
	{ "src-port", required_argument, NULL, OPT_SPORT },
	{ "dst-port", required_argument, NULL, OPT_DPORT },
	TOOL_SA_OPTIONS,
	{ NULL }
};

struct request {
	int action;			/* OPT_ADD .. OPT_CLEAR; 0: none */
	const char *eraf, *src, *dst;
	const char *transport, *sport, *dport;
	struct tool_sa sa;
};

/* The selector, after all checks. */
struct flow {
	struct subnet src, dst;
	uint8_t proto;
	uint16_t sport, dport;
};

static const struct tool_hint add_hints[] = {
	{ EEXIST, "eroute already in use.  Delete old one first.",
	  "ipsec eroute shows it; --replace puts the new one in its place" },
	{ ENOENT, "the SA does not exist.", "make it with ipsec spi; ipsec spi shows which exist" },
	{ ESRCH, "the SA does not exist.", "make it with ipsec spi; ipsec spi shows which exist" },
	{ EOPNOTSUPP, "this kernel module does not do that with eroutes.", NULL },
	{ 0 }
};

static const struct tool_hint addin_hints[] = {
	{ ENOENT, "non-existant IPIP SA.",
	  "the SA must exist, a tunnel or not: ipsec spi shows which do" },
	{ ESRCH, "non-existant IPIP SA.",
	  "the SA must exist, a tunnel or not: ipsec spi shows which do" },
	{ 0 }
};

static const struct tool_hint del_hints[] = {
	{ ENOENT, "eroute does not exist.  Cannot delete.",
	  "addresses, masks, protocol and ports must be those that ipsec eroute shows" },
	{ ESRCH, "eroute does not exist.  Cannot delete.",
	  "addresses, masks, protocol and ports must be those that ipsec eroute shows" },
	{ 0 }
};

static const struct name transport_tab[] = {
	{ IPPROTO_TCP, "tcp" }, { IPPROTO_UDP, "udp" }, { IPPROTO_ICMP, "icmp" },
	{ IPPROTO_ICMPV6, "ipv6-icmp" }, { IPPROTO_ICMPV6, "icmpv6" },
	{ IPPROTO_SCTP, "sctp" }, { IPPROTO_DCCP, "dccp" }, { IPPROTO_UDPLITE, "udplite" },
	{ IPPROTO_GRE, "gre" }, { IPPROTO_IPIP, "ipip" }, { IPPROTO_ESP, "esp" },
	{ IPPROTO_AH, "ah" },
};
static NAMES(transport_names, transport_tab);

static struct subnet parse_subnet(const char *option, const char *text)
{
	struct subnet s;
	err_t ugh;

	if (!text)
		tool_misuse("%s is missing", option);
	ugh = ttosubnet(span_str(text), &s);
	if (ugh)
		tool_misuse("%s \"%s\": %s", option, text, ugh);
	return s;
}

static uint16_t parse_number(const char *option, const char *text, uint64_t max)
{
	uint64_t v;
	err_t ugh = text_to_u64(span_str(text), max, &v);

	if (ugh)
		tool_misuse("%s \"%s\": %s", option, text, ugh);
	return (uint16_t)v;
}

static uint8_t parse_transport(const char *text)
{
	unsigned int proto;

	if (name_find(&transport_names, span_str(text), &proto))
		return (uint8_t)proto;
	return (uint8_t)parse_number("--transport-proto", text, 255);
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP || proto == IPPROTO_UDPLITE;
}

static struct flow parse_flow(const struct request *r)
{
	struct flow f = {
		.src = parse_subnet("--src", r->src),
		.dst = parse_subnet("--dst", r->dst),
	};

	if (f.src.addr.family != f.dst.addr.family)
		tool_misuse("--src and --dst must be of one family");
	if (r->eraf && strcmp(r->eraf, "inet") != 0 && strcmp(r->eraf, "inet6") != 0)
		tool_misuse("--eraf \"%s\": must be inet or inet6", r->eraf);
	if (r->eraf && !strcmp(r->eraf, "inet6") != (f.src.addr.family == AF_INET6))
		tool_misuse("--src and --dst are not of family %s", r->eraf);
	if (r->transport)
		f.proto = parse_transport(r->transport);
	if (r->sport)
		f.sport = parse_number("--src-port", r->sport, UINT16_MAX);
	if (r->dport)
		f.dport = parse_number("--dst-port", r->dport, UINT16_MAX);
	if ((f.sport || f.dport) && !has_ports(f.proto))
		tool_misuse("ports need a --transport-proto that has them, such as tcp or udp");
	return f;
}

static void add_flow(struct tool_msg *msg, const struct flow *f)
{
	struct addr src_mask = subnet_mask(&f->src), dst_mask = subnet_mask(&f->dst);

	tool_add_addr(msg, SADB_X_EXT_ADDRESS_SRC_FLOW, &f->src.addr, f->sport);
	tool_add_addr(msg, SADB_X_EXT_ADDRESS_DST_FLOW, &f->dst.addr, f->dport);
	tool_add_addr(msg, SADB_X_EXT_ADDRESS_SRC_MASK, &src_mask, 0);
	tool_add_addr(msg, SADB_X_EXT_ADDRESS_DST_MASK, &dst_mask, 0);
	if (f->proto)
		pfkey_add_protocol(&msg->o, f->proto);
}

static uint32_t flags_of(int action)
{
	switch (action) {
	case OPT_ADDIN:
		return SADB_X_SAFLAGS_INFLOW;
	case OPT_REPLACE:
		return SADB_X_SAFLAGS_REPLACEFLOW;
	case OPT_CLEAR:
		return SADB_X_SAFLAGS_CLEARFLOW;
	default:
		return 0;
	}
}

static void add(const struct request *r)
{
	struct flow f = parse_flow(r);
	struct said said = tool_said(&r->sa);
	struct sadb_sa sa = {
		.sadb_sa_spi = htonl(said.spi),
		.sadb_sa_flags = flags_of(r->action),
	};
	struct pfkey_reply reply;
	struct tool_msg msg;

	tool_check_spi(&said);
	if (said.proto == IPPROTO_INT)	/* its name says nothing of a family */
		said.dst = addr_any(f.src.addr.family);
	tool_start(&msg, SADB_X_ADDFLOW, pfkey_proto_to_satype(said.proto));
	pfkey_add_sa(&msg.o, SADB_EXT_SA, &sa);
	tool_add_addr(&msg, SADB_EXT_ADDRESS_DST, &said.dst, 0);
	add_flow(&msg, &f);
	tool_ask(&msg, &reply, r->action == OPT_ADDIN ? addin_hints : add_hints);
}

static void del(const struct request *r)
{
	struct flow f = parse_flow(r);
	struct pfkey_reply reply;
	struct tool_msg msg;

	if (tool_sa_given(&r->sa))
		tool_misuse("--del takes no SA: an eroute is known by what it is for");
	tool_start(&msg, SADB_X_DELFLOW, SADB_SATYPE_UNSPEC);
	add_flow(&msg, &f);
	tool_ask(&msg, &reply, del_hints);
}

static void clear(const struct request *r)
{
	struct sadb_sa sa = { .sadb_sa_flags = flags_of(r->action) };
	struct pfkey_reply reply;
	struct tool_msg msg;

	if (r->src || r->dst || tool_sa_given(&r->sa))
		tool_misuse("--clear clears all eroutes and takes nothing else");
	tool_start(&msg, SADB_X_DELFLOW, SADB_SATYPE_UNSPEC);
	pfkey_add_sa(&msg.o, SADB_EXT_SA, &sa);
	tool_ask(&msg, &reply, NULL);
}

static void take_option(struct request *r, int opt)
{
	switch (opt) {
	case OPT_ADD:
	case OPT_ADDIN:
	case OPT_REPLACE:
	case OPT_DEL:
	case OPT_CLEAR:
		if (r->action)
			tool_misuse("one of --add, --addin, --replace, --del, --clear at a time");
		r->action = opt;
		break;
	case OPT_ERAF:
		r->eraf = optarg;
		break;
	case OPT_SRC:
		r->src = optarg;
		break;
	case OPT_DST:
		r->dst = optarg;
		break;
	case OPT_TRANSPORT:
		r->transport = optarg;
		break;
	case OPT_SPORT:
		r->sport = optarg;
		break;
	case OPT_DPORT:
		r->dport = optarg;
		break;
	default:
		tool_sa_option(&r->sa, opt);
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
	switch (r.action) {
	case OPT_ADD:
	case OPT_ADDIN:
	case OPT_REPLACE:
		add(&r);
		break;
	case OPT_DEL:
		del(&r);
		break;
	case OPT_CLEAR:
		clear(&r);
		break;
	default:
		if (any)
			tool_misuse("what to do?  --add, --addin, --replace, --del or --clear");
		tool_show("ipsec_eroute");
	}
	return 0;
}
