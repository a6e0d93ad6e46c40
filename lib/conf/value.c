/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One function per type of parameter: reads the text, says what is wrong with it, writes
 * the value.
 *
 * The texts of errors are FreeS/WAN's; what was expected stands in the hint.  Nothing is
 * looked up anywhere but in /etc/protocols and /etc/services.
 */
#include "lib/conf/value.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/text.h"
#include "lib/conf/report.h"
#include "lib/id/id.h"

#define SPI_LOWEST	0x100		/* RFC 4303 section 2.1 */
#define RSA_OCTETS_MIN	64		/* of a modulus: less is a slip of the mouse */
#define RSA_OCTETS_MAX	2048		/* of a key in RFC 3110 form, with room to spare */

static void *place(const struct setting *st)
{
	return (char *)st->base + st->kw->offset;
}

static struct about about(const struct setting *st, const char *hint)
{
	return (struct about){ .whence = &st->param->whence, .conn = st->conn, .hint = hint };
}

/* text "value" */
static bool bad_value(const struct setting *st, const char *text, const char *value,
		      const char *hint)
{
	struct shown sh;

	if (!st->quiet)
		conf_err(st->conf, about(st, hint), "%s \"%s\"", text,
			 shown(span_str(value), &sh));
	return false;
}

/* parameter "name" text */
static bool bad_param(const struct setting *st, const char *text, const char *hint)
{
	if (!st->quiet)
		conf_err(st->conf, about(st, hint), "parameter \"%s\" %s", st->param->name, text);
	return false;
}

static bool set_text(const struct setting *st, const char *text)
{
	char **to = place(st);

	free(*to);
	*to = xstrdup(text);
	return true;
}

static bool set_bool(const struct setting *st, const char *text)
{
	static const struct name tab[] = {
		{ true, "yes" }, { true, "true" }, { true, "on" }, { true, "1" },
		{ false, "no" }, { false, "false" }, { false, "off" }, { false, "0" },
	};
	static NAMES(yes_no, tab);
	unsigned int v = 0;

	if (!name_find(st->kw->names ? st->kw->names : &yes_no, span_str(text), &v)) {
		if (st->kw->complaint)
			return bad_value(st, st->kw->complaint, text, NULL);
		return bad_param(st, "must be \"yes\" or \"no\"", NULL);
	}
	*(bool *)place(st) = v;
	return true;
}

static bool set_number(const struct setting *st, const char *text)
{
	uint64_t max = st->kw->max ? st->kw->max : UINT32_MAX, v;
	char hint[64];

	if (text_to_u64(span_str(text), UINT64_MAX, &v) || !strncmp(text, "0x", 2))
		return bad_param(st, "value must be integer", NULL);
	if (v > max) {
		snprintf(hint, sizeof(hint), "%llu at most", (unsigned long long)max);
		return bad_param(st, "value is too large", hint);
	}
	*(unsigned int *)place(st) = (unsigned int)v;
	return true;
}

static bool set_tries(const struct setting *st, const char *text)
{
	return set_number(st, strcmp(text, "%forever") == 0 ? "0" : text);
}

static bool set_percent(const struct setting *st, const char *text)
{
	struct span digits = span_str(text);
	uint64_t v;

	if (digits.len > 0 && digits.ptr[digits.len - 1] == '%')
		digits.len--;
	else
		digits.len = 0;
	if (text_to_u64(digits, st->kw->max, &v) || span_starts(digits, "0x")) {
		if (!st->quiet)
			conf_err(st->conf, about(st, "for example 50%, 10000% at most"),
				 "%s must be nnn%%", st->kw->name);
		return false;
	}
	*(unsigned int *)place(st) = (unsigned int)v;
	return true;
}

static bool set_time(const struct setting *st, const char *text)
{
	uint64_t v;

	if (text_to_duration(span_str(text), &v))
		return bad_param(st, "not valid time, must be nnn[smhd]", NULL);
	if (st->kw->max && v > st->kw->max)
		return bad_param(st, "value is too large", "24h at most");
	*(uint64_t *)place(st) = v;
	return true;
}

static bool set_enum(const struct setting *st, const char *text)
{
	const char *nearest;
	char hint[80];
	unsigned int v;

	if (name_find(st->kw->names, span_str(text), &v)) {
		if (st->kw->offset != NOWHERE)
			*(unsigned int *)place(st) = v;
		return true;
	}
	nearest = name_nearest(st->kw->names, span_str(text));
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", nearest);
	return bad_value(st, st->kw->complaint, text, nearest ? hint : NULL);
}

/* --- addresses ----------------------------------------------------------------------- */

/* Could the DNS know it?  All digits and dots is a mistyped address. */
static bool is_dns_name(const char *s)
{
	bool letter = false;
	size_t n;

	for (n = 0; s[n]; n++) {
		bool digit = s[n] >= '0' && s[n] <= '9';

		if ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z'))
			letter = true;
		else if (!digit && s[n] != '-' && s[n] != '.' && s[n] != '_')
			return false;
	}
	return letter && n <= 253 && s[0] != '.' && s[0] != '-';
}

static bool set_host(const struct setting *st, const char *text)
{
	struct conf_end *end = st->base;
	struct addr a;

	if (strcmp(text, "%defaultroute") == 0) {
		end->host_kind = HOST_DEFAULTROUTE;
	} else if (strcmp(text, "%any") == 0 || strcmp(text, "%any6") == 0) {
		end->host_kind = HOST_ANY;
	} else if (text[0] == '%') {
		return bad_value(st, "no such address here:", text,
				 "%any or %defaultroute; there are no policy groups");
	} else if (!ttoaddr(span_str(text), &a)) {
		end->host_kind = addr_is_any(&a) ? HOST_ANY : HOST_ADDR;
		end->host = a;
	} else if (is_dns_name(text)) {
		end->host_kind = HOST_NAME;
		free(end->host_name);
		end->host_name = xstrdup(text);
	} else {
		return bad_value(st, "neither an address nor a name:", text, NULL);
	}
	return true;
}

static bool set_nexthop(const struct setting *st, const char *text)
{
	struct conf_end *end = st->base;
	struct addr a;

	if (strcmp(text, "%defaultroute") == 0) {
		end->nexthop_kind = HOST_DEFAULTROUTE;
	} else if (strcmp(text, "%direct") == 0) {
		end->nexthop_kind = HOST_DIRECT;
	} else if (!ttoaddr(span_str(text), &a)) {
		end->nexthop_kind = addr_is_any(&a) ? HOST_DIRECT : HOST_ADDR;
		end->nexthop = a;
	} else {
		return bad_value(st, "next hop is not an address:", text,
				 "an address, %direct or %defaultroute");
	}
	return true;
}

/*
 * A network as FreeS/WAN has always taken it: trailing zeros of an IPv4 one may be left out
 * (10.1/16, 0/0), %default is everything.
 */
static err_t read_subnet(const char *text, struct subnet *out)
{
	struct span net, mask;
	struct buf full = { 0 };
	size_t dots = 0;
	err_t ugh;

	if (strcmp(text, "%default") == 0)
		text = "0/0";
	if (!span_split(span_str(text), '/', &net, &mask) ||
	    strspn(text, "0123456789.") != net.len || net.len == 0 ||
	    net.ptr[net.len - 1] == '.')
		return ttosubnet(span_str(text), out);
	for (size_t i = 0; i < net.len; i++)
		dots += net.ptr[i] == '.';
	buf_add_span(&full, net);
	for (; dots < 3; dots++)
		buf_add_str(&full, ".0");
	buf_add_str(&full, "/");
	buf_add_span(&full, mask);
	ugh = ttosubnet(buf_span(&full), out);
	buf_free(&full);
	return ugh;
}

static bool set_subnet(const struct setting *st, const char *text)
{
	struct conf_end *end = st->base;
	err_t ugh = read_subnet(text, &end->subnet);

	if (ugh && strncmp(text, "vhost:", 6) && strncmp(text, "vnet:", 5))
		return bad_value(st, "bad subnet", text, ugh);
	if (ugh)
		return bad_value(st, "bad subnet", text, "no virtual addresses here");
	end->has_subnet = true;
	return true;
}

static bool set_addr(const struct setting *st, const char *text)
{
	struct conf_end *end = st->base;
	err_t ugh = ttoaddr(span_str(text), &end->sourceip);

	if (ugh)
		return bad_value(st, "bad address", text, ugh);
	end->has_sourceip = true;
	return true;
}

/* --- identities and keys --------------------------------------------------------------- */

static bool set_id(const struct setting *st, const char *text)
{
	struct id id = { 0 };
	err_t ugh = NULL;

	if (text[0] != '@' && strchr(text, '='))
		ugh = "there are no X.509 names";
	else if (strcmp(text, "%myid") != 0)
		ugh = ttoid(span_str(text), &id);
	id_free(&id);
	if (ugh)
		return bad_value(st, "bad identity", text, ugh);
	return set_text(st, text);
}

/* Only whether there can be a key in it: Pluto looks at the numbers.  RFC 3110 section 2. */
static err_t check_key(struct span key)
{
	struct span exponent;
	uint8_t len8 = 0;
	uint16_t len = 0;

	if (key.len > RSA_OCTETS_MAX)
		return "key is too long";
	if (!span_take_u8(&key, &len8) || (len8 == 0 && !span_take_u16(&key, &len)))
		return "key is empty";
	if (len8)
		len = len8;
	if (len == 0 || !span_take(&key, len, &exponent) || key.len < RSA_OCTETS_MIN)
		return "not the whole of an RSA public key";
	return NULL;
}

static bool set_key(const struct setting *st, const char *text)
{
	struct buf key = { 0 };
	err_t ugh;

	if (strcmp(text, "%none") == 0)
		return set_text(st, text);
	if (text[0] == '%')
		return bad_value(st, "no such key here:", text, "keys come neither from the DNS nor "
				 "from certificates: give what ipsec showhostkey prints");
	ugh = text_to_data(span_str(text), &key);
	if (!ugh)
		ugh = check_key(buf_span(&key));
	buf_free(&key);
	if (ugh)
		return bad_value(st, "bad RSA key", text, ugh);
	return set_text(st, text);
}

/* --- manual keying -------------------------------------------------------------------- */

/* bad syntax in spibase -- must be 0x...0 */
static bool bad_spi(const struct setting *st)
{
	if (!st->quiet)
		conf_err(st->conf, about(st, "0x100 to 0xfff are kept for manual connections"),
			 "bad syntax in %s -- must be %s", st->param->name, st->kw->complaint);
	return false;
}

static bool set_spi(const struct setting *st, const char *text)
{
	uint64_t v;

	if (strncmp(text, "0x", 2) != 0 || text_to_u64(span_str(text), UINT32_MAX, &v))
		return bad_spi(st);
	if (v < SPI_LOWEST)
		return bad_param(st, "value is too small", "0x100 at least: those below are reserved");
	*(uint32_t *)place(st) = (uint32_t)v;
	return true;
}

static bool set_spibase(const struct setting *st, const char *text)
{
	return text[strlen(text) - 1] == '0' ? set_spi(st, text) : bad_spi(st);
}

/* What is wrong with a key is said without the key. */
static bool set_secret(const struct setting *st, const char *text)
{
	err_t ugh = text_to_secret(span_str(text), place(st));

	return !ugh || bad_param(st, "is not a key", ugh);
}

/* --- protocols and ports --------------------------------------------------------------- */

/* A number, or a name of /etc/protocols. */
static bool protocol_of(struct span text, uint8_t *proto)
{
	struct protoent *pe;
	uint64_t v;
	char *name;

	if (!text_to_u64(text, 255, &v)) {
		*proto = (uint8_t)v;
		return true;
	}
	name = span_dup(text);
	pe = getprotobyname(name);
	free(name);
	if (!pe || pe->p_proto < 0 || pe->p_proto > 255)
		return false;
	*proto = (uint8_t)pe->p_proto;
	return true;
}

/* A number, %any, or a name of /etc/services. */
static bool port_of(struct span text, uint8_t proto, uint16_t *port)
{
	struct servent *se;
	uint64_t v = 0;
	char *name;

	if (span_is(text, "%any") || !text_to_u64(text, 65535, &v)) {
		*port = (uint16_t)v;
		return true;
	}
	name = span_dup(text);
	se = getservbyname(name, proto == IPPROTO_UDP ? "udp" : "tcp");
	free(name);
	if (!se)
		return false;
	*port = ntohs((uint16_t)se->s_port);
	return true;
}

static bool set_protoport(const struct setting *st, const char *text)
{
	struct conf_end *end = st->base;
	struct span proto, port;
	bool with_port = span_split(span_str(text), '/', &proto, &port);

	if (!protocol_of(proto, &end->proto) ||
	    (with_port && !port_of(port, end->proto, &end->port)))
		return bad_value(st, "bad protocol and port", text,
				 "for example 17/1701, udp/l2tp, tcp");
	if (end->port && end->proto != IPPROTO_TCP && end->proto != IPPROTO_UDP)
		return bad_value(st, "a port, but neither TCP nor UDP:", text, NULL);
	return true;
}

/* --- lists --------------------------------------------------------------------------- */

static bool next_word(struct span *in, struct span *word)
{
	*in = span_trim(*in);
	if (in->len == 0)
		return false;
	for (size_t i = 0; i < in->len; i++) {
		if (in->ptr[i] == ' ' || in->ptr[i] == '\t' || in->ptr[i] == ',')
			return span_take(in, i ? i : 1, word);
	}
	return span_take(in, in->len, word);
}

static bool is_virtual(struct span s)
{
	return s.len == 6 && span_starts(s, "ipsec") && s.ptr[5] >= '0' && s.ptr[5] <= '9';
}

static bool add_interface(const struct setting *st, struct span word)
{
	struct conf_setup *setup = st->base;
	struct span virt = span_str("ipsec0"), phys = word;
	struct conf_interface *i;
	struct shown sh, of;

	if (!span_is(word, "%defaultroute") && !span_split(word, '=', &virt, &phys)) {
		if (!st->quiet)
			conf_err(st->conf, about(st, "ipsec0=eth0, %defaultroute or %none"),
				 "interface '%s' not understood", shown(word, &sh));
		return false;
	}
	if (!is_virtual(virt) || phys.len == 0 || phys.len > 31) {
		if (!st->quiet)
			conf_err(st->conf, about(st, "ipsec0 to ipsec9, = and a device"),
				 "invalid interface '%s' in '%s'",
				 shown(is_virtual(virt) ? phys : virt, &sh), shown(word, &of));
		return false;
	}
	i = xalloc(sizeof(*i));
	i->virt = span_dup(virt);
	i->phys = span_dup(phys);
	list_add(&setup->interfaces, &i->link);
	return true;
}

static bool set_interfaces(const struct setting *st, const char *text)
{
	struct conf_setup *setup = st->base;
	struct span in = span_str(text), word;

	if (strcmp(text, "%none") == 0) {
		setup->interfaces_none = true;
		return true;
	}
	while (next_word(&in, &word))
		if (!add_interface(st, word))
			return false;
	return true;
}

/* Unknown classes are no reason not to start: other versions had others. */
static bool set_classes(const struct setting *st, const char *text)
{
	struct span in = span_str(text), word;
	unsigned int bits = 0, bit;
	struct shown sh;

	while (next_word(&in, &word)) {
		if (name_find(st->kw->names, word, &bit))
			bits |= bit;
		else if (!st->quiet && !span_is(word, ","))
			conf_warn(st->conf, about(st, NULL), "unknown %s class \"%s\"",
				  st->kw->name, shown(word, &sh));
	}
	*(unsigned int *)place(st) = bits;
	return true;
}

/* --- what other IPsec packages have -------------------------------------------------- */

static bool set_refused(const struct setting *st, const char *text)
{
	struct shown sh;

	if (keyword_value_is_harmless(st->kw, text))
		return true;
	if (!st->quiet)
		conf_err(st->conf, about(st, st->kw->hint), "\"%s=%s\" is not supported",
			 st->param->name, shown(span_str(text), &sh));
	return false;
}

static bool set_ignored(const struct setting *st, const char *text)
{
	if (!st->quiet && !keyword_value_is_harmless(st->kw, text))
		conf_warn(st->conf, about(st, st->kw->hint), "parameter \"%s\" is ignored",
			  st->param->name);
	return true;
}

static bool (*const setters[])(const struct setting *st, const char *text) = {
	[KW_TEXT]	= set_text,
	[KW_BOOL]	= set_bool,
	[KW_UINT]	= set_number,
	[KW_TRIES]	= set_tries,
	[KW_PERCENT]	= set_percent,
	[KW_TIME]	= set_time,
	[KW_ENUM]	= set_enum,
	[KW_HOST]	= set_host,
	[KW_NEXTHOP]	= set_nexthop,
	[KW_SUBNET]	= set_subnet,
	[KW_ADDR]	= set_addr,
	[KW_ID]		= set_id,
	[KW_KEY]	= set_key,
	[KW_PROTOPORT]	= set_protoport,
	[KW_SPI]	= set_spi,
	[KW_SPIBASE]	= set_spibase,
	[KW_SECRET]	= set_secret,
	[KW_INTERFACES]	= set_interfaces,
	[KW_CLASSES]	= set_classes,
	[KW_REFUSED]	= set_refused,
	[KW_IGNORED]	= set_ignored,
};

bool value_set(const struct setting *st, const char *text)
{
	return setters[st->kw->type](st, text);
}
