/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * THE tables of parameters: name, type, where the value goes, default.
 *
 * Three of them: of "config setup", of a connection as a whole, and of one end of it
 * (named without "left" or "right").  What a type means is load.c's business; what two
 * parameters mean to each other, check.c's.  To add a parameter is to add a row.
 *
 * Defaults are those of FreeS/WAN 2.x (version 2 files); .dflt1 says where 1.x differs,
 * for files without a version line.  Parameters of later IPsec packages that would change
 * what a connection does are refused with a word on what to do; others are warned of.  Rows are
 * sorted by name, with _ for -, as the file may have either.
 */
#include "lib/conf/keywords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"

#define SETUP(m)	.offset = offsetof(struct conf_setup, m)
#define CONN(m)		.offset = offsetof(struct conf_conn, m)
#define END(m)		.offset = offsetof(struct conf_end, m)
#define NO_OFFSET	.offset = NOWHERE
#define ALIAS(of)	.type = KW_ALIAS, NO_OFFSET, .hint = of
#define REFUSED(ok, h)	.type = KW_REFUSED, NO_OFFSET, .harmless = ok, .hint = h
#define IGNORED(ok, h)	.type = KW_IGNORED, NO_OFFSET, .harmless = ok, .hint = h

#define HOUR		3600

static const char no_certs[] = "no X.509 certificates: give leftrsasigkey and rightrsasigkey";
static const char no_xauth[] = "no XAUTH or mode configuration";
static const char no_dpd[] = "no dead peer detection: keyingtries and keylife must do";
static const char no_natt[] = "no NAT traversal: a peer behind NAT cannot connect";
static const char no_oe[] = "no opportunistic encryption";
static const char no_core[] = "Pluto holds keys, and never leaves a core file";
static const char not_here[] = "it means nothing to this Pluto";

static const struct name debug_tab[] = {
	{ 0, "none" }, { DBG_ALL, "all" }, { DBG_RAW, "raw" }, { DBG_CRYPT, "crypt" },
	{ DBG_PARSING, "parsing" }, { DBG_EMITTING, "emitting" }, { DBG_CONTROL, "control" },
	{ DBG_LIFECYCLE, "lifecycle" }, { DBG_KLIPS, "klips" }, { DBG_DNS, "dns" },
	{ DBG_OPPO, "oppo" }, { DBG_CONTROLMORE, "controlmore" }, { DBG_PFKEY, "pfkey" },
};
static NAMES(debug_names, debug_tab);

static const struct name klips_tab[] = {
	{ 0, "none" }, { 0xfff, "all" }, { 0x1, "tunnel" }, { 0x2, "tunnel-xmit" },
	{ 0x4, "pfkey" }, { 0x8, "xform" }, { 0x10, "eroute" }, { 0x20, "spi" }, { 0x40, "radij" },
	{ 0x80, "esp" }, { 0x100, "ah" }, { 0x200, "rcv" }, { 0x400, "netlink" },
	{ 0x800, "ipcomp" }, { 0x800, "comp" }, { 0x1000, "verbose" },
};
static NAMES(klips_names, klips_tab);

static const struct name rp_filter_tab[] = {
	{ 0, "0" }, { 1, "1" }, { 2, "2" }, { 3, "%unchanged" },
};
static NAMES(rp_filter_names, rp_filter_tab);

static const struct name auto_tab[] = {
	{ AUTO_IGNORE, "ignore" }, { AUTO_ADD, "add" }, { AUTO_ROUTE, "route" },
	{ AUTO_START, "start" }, { AUTO_MANUAL, "manual" }, { AUTO_START, "up" },
	{ AUTO_ROUTE, "ondemand" },
};
static NAMES(auto_names, auto_tab);

static const struct name type_tab[] = {
	{ TYPE_TUNNEL, "tunnel" }, { TYPE_TRANSPORT, "transport" },
	{ TYPE_PASSTHROUGH, "passthrough" }, { TYPE_DROP, "drop" }, { TYPE_REJECT, "reject" },
};
static NAMES(type_names, type_tab);

static const struct name failure_tab[] = {
	{ FAIL_NONE, "none" }, { FAIL_PASSTHROUGH, "passthrough" }, { FAIL_DROP, "drop" },
	{ FAIL_REJECT, "reject" },
};
static NAMES(failure_names, failure_tab);

static const struct name authby_tab[] = {
	{ AUTHBY_PSK, "secret" }, { AUTHBY_RSASIG, "rsasig" }, { AUTHBY_NEVER, "never" },
	{ AUTHBY_PSK | AUTHBY_RSASIG, "secret|rsasig" },
	{ AUTHBY_PSK | AUTHBY_RSASIG, "rsasig|secret" },
};
static NAMES(authby_names, authby_tab);

static const struct name auth_tab[] = { { false, "esp" }, { true, "ah" } };
static NAMES(auth_names, auth_tab);

static const struct name keyexchange_tab[] = { { 0, "ike" }, { 0, "ikev1" } };
static NAMES(keyexchange_names, keyexchange_tab);

static const struct keyword setup_tab[] = {
	{ "crlcheckinterval",	 IGNORED("0", no_certs) },
	{ "disable_port_floating", IGNORED("no", no_natt) },
	{ "dump",		 IGNORED("no", no_core) },
	{ "dumpdir",		 IGNORED(NULL, no_core) },
	{ "force_busy",		 IGNORED("no", not_here) },
	{ "force_keepalive",	 IGNORED("no", no_natt) },
	{ "forwardcontrol",	 KW_BOOL, SETUP(forwardcontrol), "no" },
	{ "fragicmp",		 KW_BOOL, SETUP(fragicmp), "yes" },
	{ "hidetos",		 KW_BOOL, SETUP(hidetos), "yes" },
	{ "ikev1_policy",	 REFUSED("accept", "this Pluto speaks IKEv1 only") },
	{ "interfaces",		 KW_INTERFACES, NO_OFFSET, "%defaultroute", "%none" },
	{ "keep_alive",		 IGNORED(NULL, no_natt) },
	{ "klipsdebug",		 KW_CLASSES, SETUP(klipsdebug), .names = &klips_names },
	{ "listen",		 IGNORED(NULL, "Pluto listens on what interfaces= names") },
	{ "logfile",		 IGNORED(NULL, "use plutostderrlog") },
	{ "logtime",		 IGNORED(NULL, not_here) },
	{ "manualstart",	 KW_TEXT, SETUP(manualstart) },
	{ "myid",		 KW_ID, SETUP(myid) },
	{ "nat_traversal",	 IGNORED("no", no_natt) },
	{ "nhelpers",		 IGNORED(NULL, not_here) },
	{ "no_eroute_pass",	 REFUSED("no", "packets without an eroute are dropped") },
	{ "nocrsend",		 IGNORED("no", no_certs) },
	{ "oe",			 REFUSED("no|off", no_oe) },
	{ "opportunistic",	 REFUSED("no", no_oe) },
	{ "overridemtu",	 KW_UINT, SETUP(overridemtu), .max = 65535 },
	{ "packetdefault",	 REFUSED("drop", "packets without an eroute are dropped") },
	{ "pluto",		 KW_BOOL, SETUP(pluto), "yes" },
	{ "plutobackgroundload", IGNORED(NULL, "it is always so") },
	{ "plutodebug",		 KW_CLASSES, SETUP(plutodebug), .names = &debug_names },
	{ "plutoload",		 KW_TEXT, SETUP(plutoload) },
	{ "plutoopts",		 KW_TEXT, SETUP(plutoopts) },
	{ "plutorestartoncrash", IGNORED("no", "systemd's Restart= does it") },
	{ "plutostart",		 KW_TEXT, SETUP(plutostart) },
	{ "plutostderrlog",	 KW_TEXT, SETUP(plutostderrlog) },
	{ "plutowait",		 KW_BOOL, SETUP(plutowait), "no", "yes" },
	{ "postpluto",		 KW_TEXT, SETUP(postpluto) },
	{ "prepluto",		 KW_TEXT, SETUP(prepluto) },
	{ "protostack",		 REFUSED("klips|auto", "there is no stack here but KLIPS") },
	{ "rp_filter",		 KW_ENUM, NO_OFFSET, "0", .names = &rp_filter_names,
				 .complaint = "unknown rp_filter value" },
	{ "secretsfile",	 REFUSED("/etc/ipsec.secrets",
					 "use plutoopts=\"--secretsfile FILE\"") },
	{ "strictcrlpolicy",	 IGNORED("no", no_certs) },
	{ "syslog",		 KW_TEXT, SETUP(syslog), "daemon.error" },
	{ "uniqueids",		 KW_BOOL, SETUP(uniqueids), "yes", "no" },
	{ "virtual_private",	 IGNORED(NULL, "no virtual addresses: name subnets in leftsubnet") },
};

static const struct keyword conn_tab[] = {
	{ "aggressive",		 ALIAS("aggrmode") },
	{ "aggrmode",		 REFUSED("no", "Main Mode only: say aggrmode=no on both ends") },
	{ "ah",			 KW_TEXT, CONN(manual.ah) },
	{ "ahkey",		 KW_SECRET, CONN(manual.keys.ahkey) },
	{ "ahreplay_window",	 KW_UINT, CONN(manual.ahreplay_window), .max = 65536 },
	{ "also",		 KW_ALSO, NO_OFFSET },
	{ "alsoflip",		 KW_ALSOFLIP, NO_OFFSET },
	{ "auth",		 KW_BOOL, CONN(ah), "esp", .names = &auth_names,
				 .complaint = "only know how to do auth=esp or auth=ah, not" },
	{ "authby",		 KW_ENUM, CONN(authby), "rsasig", "secret", &authby_names,
				 .complaint = "unknown authby value" },
	{ "auto",		 KW_ENUM, CONN(autostart), "ignore", .names = &auto_names,
				 .complaint = "illegal auto value" },
	{ "compress",		 KW_BOOL, CONN(compress), "no" },
	{ "connaddrfamily",	 IGNORED("ipv4", "the addresses say it") },
	{ "connalias",		 IGNORED(NULL, not_here) },
	{ "decap_dscp",		 IGNORED("no", not_here) },
	{ "disablearrivalcheck", KW_BOOL, CONN(disablearrivalcheck), "no", "yes" },
	{ "dpdaction",		 IGNORED("none", no_dpd) },
	{ "dpddelay",		 IGNORED("0", no_dpd) },
	{ "dpdtimeout",		 IGNORED("0", no_dpd) },
	{ "encapsulation",	 REFUSED("no|auto", no_natt) },
	{ "esn",		 REFUSED("no", "no extended sequence numbers") },
	{ "esp",		 KW_TEXT, CONN(esp) },
	{ "espauthkey",		 KW_SECRET, CONN(manual.keys.espauthkey) },
	{ "espenckey",		 KW_SECRET, CONN(manual.keys.espenckey) },
	{ "espreplay_window",	 KW_UINT, CONN(manual.espreplay_window), .max = 65536 },
	{ "failureshunt",	 KW_ENUM, CONN(failureshunt), "none", .names = &failure_names,
				 .complaint = "unknown failureshunt value" },
	{ "forceencaps",	 REFUSED("no", no_natt) },
	{ "fragmentation",	 IGNORED("no", "IKE messages are not fragmented by Pluto") },
	{ "ike",		 KW_TEXT, CONN(ike) },
	{ "ikelifetime",	 KW_TIME, CONN(ikelifetime), "1h", .max = 24 * HOUR },
	{ "ikepad",		 IGNORED("yes", not_here) },
	{ "ikev2",		 REFUSED("no|never|permit", "this Pluto speaks IKEv1 only") },
	{ "initial_contact",	 IGNORED("no", not_here) },
	{ "ipsec_interface",	 REFUSED("no", "interfaces= in config setup names ipsecN devices") },
	{ "ipsec_lifetime",	 ALIAS("keylife") },
	{ "keyexchange",	 KW_ENUM, NO_OFFSET, .names = &keyexchange_names,
				 .complaint = "only know how to do keyexchange=ike, not" },
	{ "keyingtries",	 KW_TRIES, CONN(keyingtries), "%forever", "3", .max = 1000000 },
	{ "keylife",		 KW_TIME, CONN(keylife), "8h", .max = 24 * HOUR },
	{ "labeled_ipsec",	 REFUSED("no", "no security labels") },
	{ "lifetime",		 ALIAS("keylife") },
	{ "mark",		 REFUSED(NULL, "no packet marks") },
	{ "metric",		 IGNORED("0", not_here) },
	{ "modecfgpull",	 REFUSED("no", no_xauth) },
	{ "mtu",		 IGNORED(NULL, "use overridemtu in config setup") },
	{ "nic_offload",	 IGNORED("no|auto", not_here) },
	{ "nm_configured",	 IGNORED("no", not_here) },
	{ "overlapip",		 REFUSED("no", "two peers cannot have the same subnet") },
	{ "pfs",		 KW_BOOL, CONN(pfs), "yes" },
	{ "pfsgroup",		 REFUSED(NULL, "write the group behind the algorithms: "
						"esp=aes256-sha2_256;modp2048") },
	{ "phase2",		 ALIAS("auth") },
	{ "phase2alg",		 ALIAS("esp") },
	{ "rekey",		 KW_BOOL, CONN(rekey), "yes" },
	{ "rekeyfuzz",		 KW_PERCENT, CONN(rekeyfuzz), "100%", .max = 10000 },
	{ "rekeymargin",	 KW_TIME, CONN(rekeymargin), "9m", .max = 24 * HOUR },
	{ "rekeystart",		 ALIAS("rekeymargin") },
	{ "rekeytries",		 ALIAS("keyingtries") },
	{ "remote_peer_type",	 REFUSED("ietf", no_xauth) },
	{ "replay_window",	 IGNORED(NULL, "KLIPS has a window of its own") },
	{ "retransmit_interval", IGNORED(NULL, not_here) },
	{ "retransmit_timeout",	 IGNORED(NULL, not_here) },
	{ "salifetime",		 ALIAS("keylife") },
	{ "sareftrack",		 IGNORED("no", not_here) },
	{ "sha2_truncbug",	 REFUSED("no", "SHA2-256 is cut to 128 bits, as RFC 4868 says") },
	{ "spi",		 KW_SPI, CONN(manual.spi), .complaint = "0x..." },
	{ "spibase",		 KW_SPIBASE, CONN(manual.spibase), .complaint = "0x...0" },
	{ "type",		 KW_ENUM, CONN(type), "tunnel", .names = &type_names,
				 .complaint = "unknown type" },
	{ "xauthby",		 REFUSED(NULL, no_xauth) },
};

static const struct keyword end_tab[] = {
	{ "",			 KW_HOST, END(host) },
	{ "addresspool",	 REFUSED(NULL, no_xauth) },
	{ "ahkey",		 KW_SECRET, END(keys.ahkey) },
	{ "ahspi",		 KW_SPI, END(ahspi), .complaint = "0x..." },
	{ "ca",			 REFUSED(NULL, no_certs) },
	{ "cert",		 REFUSED(NULL, no_certs) },
	{ "espauthkey",		 KW_SECRET, END(keys.espauthkey) },
	{ "espenckey",		 KW_SECRET, END(keys.espenckey) },
	{ "espspi",		 KW_SPI, END(espspi), .complaint = "0x..." },
	{ "firewall",		 KW_BOOL, END(firewall), "no" },
	{ "id",			 KW_ID, END(id) },
	{ "modecfgclient",	 REFUSED("no", no_xauth) },
	{ "modecfgserver",	 REFUSED("no", no_xauth) },
	{ "nexthop",		 KW_NEXTHOP, END(nexthop), "%direct" },
	{ "protoport",		 KW_PROTOPORT, END(proto) },
	{ "rsasigkey",		 KW_KEY, END(rsasigkey) },
	{ "rsasigkey2",		 KW_KEY, END(rsasigkey2) },
	{ "sendcert",		 IGNORED("never|no", no_certs) },
	{ "sourceip",		 KW_ADDR, END(sourceip) },
	{ "subnet",		 KW_SUBNET, END(subnet) },
	{ "subnets",		 REFUSED(NULL, "write a conn for each subnet; also= shares the rest") },
	{ "subnetwithin",	 REFUSED(NULL, "name the subnet in a conn of its own") },
	{ "updown",		 KW_TEXT, END(updown) },
	{ "username",		 REFUSED(NULL, no_xauth) },
	{ "xauthclient",	 REFUSED("no", no_xauth) },
	{ "xauthname",		 REFUSED(NULL, no_xauth) },
	{ "xauthserver",	 REFUSED("no", no_xauth) },
	{ "xauthusername",	 REFUSED(NULL, no_xauth) },
};

const struct keywords setup_keywords = { setup_tab, ARRAY_SIZE(setup_tab) };
const struct keywords conn_keywords = { conn_tab, ARRAY_SIZE(conn_tab) };
const struct keywords end_keywords = { end_tab, ARRAY_SIZE(end_tab) };

_Static_assert(ARRAY_SIZE(conn_tab) + 2 * ARRAY_SIZE(end_tab) <= KEYWORD_SLOTS,
	       "keyword_slot() has a number for each");

static int name_order(struct span name, const char *row)
{
	for (size_t i = 0; i < name.len; i++) {
		int c = name.ptr[i] == '-' ? '_' : name.ptr[i];

		if (c != (unsigned char)row[i])
			return c - (unsigned char)row[i];
	}
	return row[name.len] ? -1 : 0;
}

const struct keyword *keyword_find(const struct keywords *t, struct span name)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = name_order(name, t->row[mid].name);

		if (order == 0 && t->row[mid].type == KW_ALIAS)
			return keyword_find(t, span_str(t->row[mid].hint));
		if (order == 0)
			return &t->row[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const struct keyword *keyword_of_conn(struct span name, bool *right)
{
	*right = false;
	if (span_starts(name, "left"))
		return keyword_find(&end_keywords, span_skip(name, strlen("left")));
	if (span_starts(name, "right")) {
		*right = true;
		return keyword_find(&end_keywords, span_skip(name, strlen("right")));
	}
	return keyword_find(&conn_keywords, name);
}

bool keyword_is_of_end(const struct keyword *kw)
{
	return kw >= end_tab && kw < end_tab + ARRAY_SIZE(end_tab);
}

size_t keyword_slot(const struct keyword *kw, bool right)
{
	if (!keyword_is_of_end(kw))
		return (size_t)(kw - conn_tab);
	return ARRAY_SIZE(conn_tab) + 2 * (size_t)(kw - end_tab) + right;
}

char *keyword_name(const struct keyword *kw, bool right)
{
	if (!keyword_is_of_end(kw))
		return xstrdup(kw->name);
	return xasprintf("%s%s", right ? "right" : "left", kw->name);
}

/* Names of a table behind prefix, for name_nearest(); texts are the caller's to free. */
static size_t add_names(struct name *out, const struct keywords *t, const char *prefix)
{
	for (size_t i = 0; i < t->n; i++)
		out[i].text = xasprintf("%s%s", prefix, t->row[i].name);
	return t->n;
}

char *keyword_nearest(bool is_config, struct span name)
{
	struct name tab[ARRAY_SIZE(setup_tab) + ARRAY_SIZE(conn_tab) + 2 * ARRAY_SIZE(end_tab)];
	struct names all = { tab, 0 };
	const char *nearest;
	char *copy;

	memset(tab, 0, sizeof(tab));
	if (is_config) {
		all.n += add_names(tab + all.n, &setup_keywords, "");
	} else {
		all.n += add_names(tab + all.n, &conn_keywords, "");
		all.n += add_names(tab + all.n, &end_keywords, "left");
		all.n += add_names(tab + all.n, &end_keywords, "right");
	}
	nearest = name_nearest(&all, name);
	copy = xstrdup(nearest);
	for (size_t i = 0; i < all.n; i++)
		free((char *)(uintptr_t)tab[i].text);
	return copy;
}

bool keyword_value_is_harmless(const struct keyword *kw, const char *value)
{
	struct span rest = span_str(kw->harmless), one;
	bool more = kw->harmless != NULL;

	while (more) {
		more = span_split(rest, '|', &one, &rest);
		if (span_is(one, value))
			return true;
	}
	return false;
}

const char *keyword_default(const struct conf *c, const struct keyword *kw)
{
	return c->version == 1 && kw->dflt1 ? kw->dflt1 : kw->dflt;
}
