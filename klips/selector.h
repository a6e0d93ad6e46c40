/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Selectors: which packets, RFC 4301 section 4.4.1.1.
 */
#ifndef KLIPS_SELECTOR_H
#define KLIPS_SELECTOR_H

#include "klips/port.h"

/* An IPv4 or IPv6 address; the octets that IPv4 leaves over are zero. */
union klips_addr {
	__be32 v4;
	struct in6_addr v6;
	u8 octet[16];
	__be32 word[4];
};

/* A set of flows; with all bits of both addresses, one flow. */
struct klips_selector {
	u8 family;			/* AF_INET or AF_INET6 */
	u8 proto;			/* 0: any */
	u8 src_bits, dst_bits;		/* prefix lengths */
	__be16 sport, dport;		/* 0: any */
	union klips_addr src, dst;	/* host bits zero */
};
static_assert(sizeof(struct klips_selector) == 40, "selector is a hash key: no padding");

/* What all selectors of one kind have in common: the shape of the tuple. */
struct klips_shape {
	u8 family;
	u8 src_bits, dst_bits;
	bool proto, sport, dport;	/* is it given? */
};

/* All bits of an address of this family. */
u8 klips_addr_bits(u8 family);
bool klips_addr_equal(const union klips_addr *a, const union klips_addr *b);
bool klips_addr_is_any(const union klips_addr *a);

/* Prefix length of a netmask, or -EINVAL when its ones are not contiguous. */
int klips_mask_bits(u8 family, const union klips_addr *mask);

/* The shape of a selector, and the order of shapes: negative when a is the more specific. */
struct klips_shape klips_shape_of(const struct klips_selector *sel);
int klips_shape_cmp(const struct klips_shape *a, const struct klips_shape *b);

/* The selector of that shape which covers flow. */
struct klips_selector klips_selector_widen(const struct klips_selector *flow,
					   const struct klips_shape *shape);

/* Is every flow of narrow also one of wide? */
bool klips_selector_covers(const struct klips_selector *wide, const struct klips_selector *narrow);

/* Is it well formed?  Prefix lengths fit, no host bits, ports only where a protocol has them. */
bool klips_selector_valid(const struct klips_selector *sel);

/*
 * The flow of an IP packet of total octets, whose first head octets are at p.
 * Ports of a fragment other than the first are unknown: 0.  Returns the length of
 * the IP header(s) before the transport header, or -EINVAL for a malformed packet.
 */
int klips_flow_parse(const u8 *p, size_t head, size_t total, struct klips_selector *flow);

#endif
