// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Selectors: from a packet's headers to its flow, and from a flow to the eroutes
 * and policies that cover it.
 *
 * A flow is a selector with all bits set.  klips_selector_widen() masks a flow to a
 * shape, which turns "does an eroute of this shape match?" into one hash probe; the
 * order of klips_shape_cmp() says which match counts: source before destination,
 * then protocol, then ports, the more specific first.
 *
 * klips_flow_parse() reads octets from the wire.  It trusts no length in them, and
 * looks at no octet beyond head; whoever calls it has pulled what it wants seen.
 *
 * Pure; RFC 4301 section 4.4.1.1 (selectors) and 7 (fragments have no ports),
 * RFC 791 section 3.1, RFC 8200 section 4 (headers).
 */
#include "klips/selector.h"

/* IPv6 extension headers that may stand before the transport header. */
enum { EXT_HOPOPTS = 0, EXT_ROUTING = 43, EXT_FRAGMENT = 44, EXT_DSTOPTS = 60 };

/* More extension headers than any honest packet has. */
#define EXT_HEADERS_MAX		8

u8 klips_addr_bits(u8 family)
{
	return family == AF_INET6 ? 128 : 32;
}

bool klips_addr_equal(const union klips_addr *a, const union klips_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool klips_addr_is_any(const union klips_addr *a)
{
	return !(a->word[0] | a->word[1] | a->word[2] | a->word[3]);
}

int klips_mask_bits(u8 family, const union klips_addr *mask)
{
	int max = klips_addr_bits(family);
	int bits = 0;
	int i;

	while (bits < max && (mask->octet[bits / 8] & (0x80 >> bits % 8)))
		bits++;
	for (i = bits; i < max; i++)
		if (mask->octet[i / 8] & (0x80 >> i % 8))
			return -EINVAL;
	return bits;
}

/* a with all but its first bits cleared. */
static union klips_addr mask_to(const union klips_addr *a, unsigned int bits)
{
	union klips_addr r = { .octet = { 0 } };

	memcpy(r.octet, a->octet, bits / 8);
	if (bits % 8)
		r.octet[bits / 8] = a->octet[bits / 8] & (u8)(0xff00 >> bits % 8);
	return r;
}

struct klips_shape klips_shape_of(const struct klips_selector *sel)
{
	return (struct klips_shape){
		.family = sel->family,
		.src_bits = sel->src_bits,
		.dst_bits = sel->dst_bits,
		.proto = sel->proto != 0,
		.sport = sel->sport != 0,
		.dport = sel->dport != 0,
	};
}

int klips_shape_cmp(const struct klips_shape *a, const struct klips_shape *b)
{
	if (a->family != b->family)
		return a->family - b->family;
	if (a->src_bits != b->src_bits)
		return b->src_bits - a->src_bits;
	if (a->dst_bits != b->dst_bits)
		return b->dst_bits - a->dst_bits;
	if (a->proto != b->proto)
		return b->proto - a->proto;
	if (a->sport != b->sport)
		return b->sport - a->sport;
	return b->dport - a->dport;
}

struct klips_selector klips_selector_widen(const struct klips_selector *flow,
					   const struct klips_shape *shape)
{
	return (struct klips_selector){
		.family = flow->family,
		.proto = shape->proto ? flow->proto : 0,
		.src_bits = shape->src_bits,
		.dst_bits = shape->dst_bits,
		.sport = shape->sport ? flow->sport : 0,
		.dport = shape->dport ? flow->dport : 0,
		.src = mask_to(&flow->src, shape->src_bits),
		.dst = mask_to(&flow->dst, shape->dst_bits),
	};
}

static bool prefix_covers(const union klips_addr *wide, unsigned int wide_bits,
			  const union klips_addr *narrow, unsigned int narrow_bits)
{
	union klips_addr head;

	if (narrow_bits < wide_bits)
		return false;
	head = mask_to(narrow, wide_bits);
	return klips_addr_equal(&head, wide);
}

bool klips_selector_covers(const struct klips_selector *wide, const struct klips_selector *narrow)
{
	return wide->family == narrow->family &&
	       prefix_covers(&wide->src, wide->src_bits, &narrow->src, narrow->src_bits) &&
	       prefix_covers(&wide->dst, wide->dst_bits, &narrow->dst, narrow->dst_bits) &&
	       (!wide->proto || wide->proto == narrow->proto) &&
	       (!wide->sport || wide->sport == narrow->sport) &&
	       (!wide->dport || wide->dport == narrow->dport);
}

/* Do the first four octets of this protocol's header hold two ports? */
static bool has_ports(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_DCCP:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
		return true;
	default:
		return false;
	}
}

bool klips_selector_valid(const struct klips_selector *sel)
{
	union klips_addr src, dst;
	u8 max;

	if (sel->family != AF_INET && sel->family != AF_INET6)
		return false;
	max = klips_addr_bits(sel->family);
	if (sel->src_bits > max || sel->dst_bits > max)
		return false;
	src = mask_to(&sel->src, sel->src_bits);
	dst = mask_to(&sel->dst, sel->dst_bits);
	if (!klips_addr_equal(&src, &sel->src) || !klips_addr_equal(&dst, &sel->dst))
		return false;
	return (!sel->sport && !sel->dport) || has_ports(sel->proto);
}

static void take_ports(const u8 *p, size_t head, size_t at, struct klips_selector *flow)
{
	if (!has_ports(flow->proto) || head < at + 4)
		return;
	memcpy(&flow->sport, p + at, 2);
	memcpy(&flow->dport, p + at + 2, 2);
}

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static int parse_v4(const u8 *p, size_t head, size_t total, struct klips_selector *flow)
{
	size_t ihl, len;

	if (head < 20)
		return -EINVAL;
	ihl = (p[0] & 15) * 4;
	len = get16(p + 2);
	if (ihl < 20 || len < ihl || len > total || head < ihl)
		return -EINVAL;
	flow->family = AF_INET;
	flow->proto = p[9];
	flow->src_bits = 32;
	flow->dst_bits = 32;
	memcpy(&flow->src, p + 12, 4);
	memcpy(&flow->dst, p + 16, 4);
	if (!(get16(p + 6) & 0x1fff))
		take_ports(p, head, ihl, flow);
	return ihl;
}

static bool is_extension(u8 next)
{
	return next == EXT_HOPOPTS || next == EXT_ROUTING || next == EXT_FRAGMENT ||
	       next == EXT_DSTOPTS;
}

static int parse_v6(const u8 *p, size_t head, size_t total, struct klips_selector *flow)
{
	bool first = true;		/* not a later fragment */
	size_t at = 40;
	size_t step;
	u8 next;
	int n;

	if (head < 40 || 40 + (size_t)get16(p + 4) > total)
		return -EINVAL;
	next = p[6];
	for (n = 0; first && is_extension(next); n++) {
		if (n == EXT_HEADERS_MAX || head < at + 8)
			return -EINVAL;
		if (next == EXT_FRAGMENT)
			first = !(get16(p + at + 2) & 0xfff8);
		step = next == EXT_FRAGMENT ? 8 : 8 + 8 * (size_t)p[at + 1];
		next = p[at];
		at += step;
	}
	flow->family = AF_INET6;
	flow->proto = next;
	flow->src_bits = 128;
	flow->dst_bits = 128;
	memcpy(&flow->src, p + 8, 16);
	memcpy(&flow->dst, p + 24, 16);
	if (first)
		take_ports(p, head, at, flow);
	return at;
}

int klips_flow_parse(const u8 *p, size_t head, size_t total, struct klips_selector *flow)
{
	memset(flow, 0, sizeof(*flow));
	if (!head)
		return -EINVAL;
	switch (p[0] >> 4) {
	case 4:
		return parse_v4(p, head, total, flow);
	case 6:
		return parse_v6(p, head, total, flow);
	default:
		return -EINVAL;
	}
}
