/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAIDs as text.
 *
 * esp0x1001@198.51.100.2 is what /proc/net/ipsec_* shows and the manual tools take,
 * esp.1001@198.51.100.2 (always hexadecimal; with a colon for IPv6) what Pluto's status says.
 * A SAID of protocol 61 is no SA but a shunt, an instruction in an eroute; its SPI says
 * which, and its text is the name alone.  Reading takes all of the forms, whichever
 * printer made them; what is printed can be read.
 */
#include "lib/net/said.h"

#include <stdio.h>

#include "lib/base/names.h"
#include "lib/base/text.h"

#define PROTO_TUN	4
#define PROTO_INT	61

/* The first name of a protocol is shown. */
static const struct name proto_tab[] = {
	{ 50,		"esp" },
	{ 51,		"ah" },
	{ 108,		"comp" },
	{ PROTO_TUN,	"tun" },
	{ PROTO_INT,	"int" },
};

static const struct name shunt_tab[] = {
	{ 256,		"%pass" },
	{ 257,		"%drop" },
	{ 258,		"%reject" },
	{ 259,		"%hold" },
	{ 260,		"%trap" },
	{ 261,		"%trapsubnet" },
};
static NAMES(shunt_names, shunt_tab);

const char *said_proto_name(uint8_t proto)
{
	for (size_t i = 0; i < ARRAY_SIZE(proto_tab); i++)
		if (proto_tab[i].value == proto)
			return proto_tab[i].text;
	return NULL;
}

uint8_t said_proto_by_name(struct span text)
{
	for (size_t i = 0; i < ARRAY_SIZE(proto_tab); i++)
		if (span_is_nocase(text, proto_tab[i].text))
			return (uint8_t)proto_tab[i].value;
	return 0;
}

/* What old scripts say for %pass: a tunnel that leads nowhere. */
static bool is_passthrough(struct span text, struct said *s)
{
	bool v6 = span_is(text, "%passthrough6");

	if (!v6 && !span_is(text, "%passthrough") && !span_is(text, "%passthrough4"))
		return false;
	*s = (struct said){ .dst = addr_any(v6 ? AF_INET6 : AF_INET), .proto = PROTO_TUN };
	return true;
}

static err_t shunt_from_text(struct span text, struct said *s)
{
	unsigned int spi;

	if (is_passthrough(text, s))
		return NULL;
	if (!name_find(&shunt_names, text, &spi))
		return "unknown name of a shunt";
	*s = (struct said){ .dst = addr_any(AF_INET), .proto = PROTO_INT, .spi = spi };
	return NULL;
}

/* Hexadecimal digits without a prefix. */
static err_t bare_hex(struct span digits, uint64_t *spi)
{
	struct buf prefixed = { 0 };
	err_t ugh;

	buf_add_str(&prefixed, "0x");
	buf_add_span(&prefixed, digits);
	ugh = text_to_u64(buf_span(&prefixed), UINT32_MAX, spi);
	buf_free(&prefixed);
	return ugh;
}

/* "esp0x1001", "esp.1001", "esp:1001", or decimal as "esp4097". */
static err_t split_spi(struct span text, uint8_t *proto, uint64_t *spi)
{
	struct span rest;
	size_t n = 0;
	err_t ugh;

	while (n < text.len && text.ptr[n] >= 'a' && text.ptr[n] <= 'z')
		n++;
	*proto = said_proto_by_name(span_of(text.ptr, n));
	if (*proto == 0)
		return "SAID does not start with esp, ah, tun, comp or int";
	rest = span_skip(text, n);
	if (span_starts(rest, ".") || span_starts(rest, ":"))
		ugh = bare_hex(span_skip(rest, 1), spi);
	else
		ugh = text_to_u64(rest, UINT32_MAX, spi);
	return ugh ? "SPI is not a number of up to 32 bits" : NULL;
}

err_t ttosaid(struct span text, struct said *s)
{
	struct span name, dst;
	struct said parsed;
	uint64_t spi;
	err_t ugh;

	if (span_starts(text, "%"))
		return shunt_from_text(text, s);
	if (!span_split(text, '@', &name, &dst))
		return "no @ in SAID";
	ugh = split_spi(name, &parsed.proto, &spi);
	if (ugh)
		return ugh;
	ugh = ttoaddr(dst, &parsed.dst);
	if (ugh)
		return ugh;
	parsed.spi = (uint32_t)spi;
	*s = parsed;
	return NULL;
}

/* The name of a shunt; NULL for an SA. */
static const char *shunt_name(const struct said *s)
{
	return s->proto == PROTO_INT ? name_of(&shunt_names, s->spi) : NULL;
}

static const char *show(const struct said *s, const char *sep, struct said_buf *b)
{
	const char *shunt = shunt_name(s), *proto = said_proto_name(s->proto);
	struct addr_buf ab;

	if (shunt)
		snprintf(b->s, sizeof(b->s), "%s", shunt);
	else
		snprintf(b->s, sizeof(b->s), "%s%s%x@%.*s", proto ? proto : "unk", sep, s->spi,
			 INET6_ADDRSTRLEN, addr_show(&s->dst, &ab));
	return b->s;
}

const char *said_show(const struct said *s, struct said_buf *b)
{
	return show(s, "0x", b);
}

const char *said_show_dot(const struct said *s, struct said_buf *b)
{
	return show(s, s->dst.family == AF_INET6 ? ":" : ".", b);
}

bool said_eq(const struct said *a, const struct said *b)
{
	return a->proto == b->proto && a->spi == b->spi && addr_eq(&a->dst, &b->dst);
}
