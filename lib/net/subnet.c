/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subnets: an address and a number of leading bits.
 *
 * The host bits of a struct subnet are zero, and bits is at most 32 or 128.  All ways to make
 * one keep to that: text and wire forms with host bits set are refused, not silently cut,
 * because the two ends of a tunnel have to mean the same.
 */
#include "lib/net/subnet.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

static unsigned int addr_bits(const struct addr *a)
{
	return (unsigned int)addr_len(a) * 8;
}

/* The bits of octet i that belong to a prefix of bits. */
static uint8_t mask_octet(unsigned int bits, size_t i)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	if (bits <= 8 * i)
		return 0;
	return (uint8_t)(0xff << (8 - bits % 8));
}

static bool host_bits_are_zero(const struct addr *a, unsigned int bits)
{
	for (size_t i = 0; i < addr_len(a); i++)
		if (a->octets[i] & ~mask_octet(bits, i))
			return false;
	return true;
}

/* The leading ones of a mask; false when a zero comes before a one. */
static bool mask_to_bits(const struct addr *mask, unsigned int *bits)
{
	unsigned int n = 0;

	while (n < addr_bits(mask) && (mask->octets[n / 8] & (0x80 >> n % 8)))
		n++;
	*bits = n;
	return host_bits_are_zero(mask, n);
}

err_t ttomask(struct span text, sa_family_t family, unsigned int *bits)
{
	struct addr any = addr_any(family), mask;
	uint64_t n;

	if (text.len && memchr(text.ptr, family == AF_INET ? '.' : ':', text.len)) {
		if (ttoaddr(text, &mask) || mask.family != family)
			return "mask is neither a number of bits nor an address";
		return mask_to_bits(&mask, bits) ? NULL : "mask has holes";
	}
	if (text.len == 0 || span_starts(text, "0x") || text_to_u64(text, UINT32_MAX, &n))
		return "mask is neither a number of bits nor an address";
	if (n > addr_bits(&any))
		return "mask has more bits than the address";
	*bits = (unsigned int)n;
	return NULL;
}

err_t ttosubnet(struct span text, struct subnet *s)
{
	struct span host, mask;
	struct subnet parsed;
	err_t ugh;

	if (!span_split(text, '/', &host, &mask))
		return "no / between address and mask";
	ugh = ttoaddr(host, &parsed.addr);
	if (ugh)
		return ugh;
	ugh = ttomask(mask, parsed.addr.family, &parsed.bits);
	if (ugh)
		return ugh;
	if (!host_bits_are_zero(&parsed.addr, parsed.bits))
		return "address has bits set behind its mask";
	*s = parsed;
	return NULL;
}

const char *subnet_show(const struct subnet *s, struct subnet_buf *b)
{
	struct addr_buf ab;

	snprintf(b->s, sizeof(b->s), "%.*s/%u", INET6_ADDRSTRLEN, addr_show(&s->addr, &ab),
		 s->bits);
	return b->s;
}

struct subnet subnet_of_host(const struct addr *a)
{
	return (struct subnet){ .addr = *a, .bits = addr_bits(a) };
}

struct addr subnet_mask(const struct subnet *s)
{
	struct addr mask = addr_any(s->addr.family);

	for (size_t i = 0; i < addr_len(&mask); i++)
		mask.octets[i] = mask_octet(s->bits, i);
	return mask;
}

/* RFC 2407 section 4.6.2.8 allows any range; one that is no subnet has no eroute. */
struct subnet subnet_of_range(const struct addr *low, const struct addr *high, err_t *ugh)
{
	struct subnet s = { .addr = *low };
	struct addr last;

	*ugh = NULL;
	if (!addr_is_set(low) || low->family != high->family) {
		*ugh = "the two ends of a range are of different families";
		return (struct subnet){ 0 };
	}
	while (s.bits < addr_bits(low) &&
	       !((low->octets[s.bits / 8] ^ high->octets[s.bits / 8]) & (0x80 >> s.bits % 8)))
		s.bits++;
	last = *low;
	for (size_t i = 0; i < addr_len(low); i++)
		last.octets[i] |= (uint8_t)~mask_octet(s.bits, i);
	if (!host_bits_are_zero(low, s.bits) || !addr_eq(&last, high)) {
		*ugh = "range of addresses is not a subnet";
		return (struct subnet){ 0 };
	}
	return s;
}

bool subnet_of_mask(const struct addr *addr, const struct addr *mask, struct subnet *s)
{
	unsigned int bits;

	if (!addr_is_set(addr) || addr->family != mask->family ||
	    !mask_to_bits(mask, &bits) || !host_bits_are_zero(addr, bits))
		return false;
	*s = (struct subnet){ .addr = *addr, .bits = bits };
	return true;
}

bool subnet_eq(const struct subnet *a, const struct subnet *b)
{
	return a->bits == b->bits && addr_eq(&a->addr, &b->addr);
}

bool subnet_contains(const struct subnet *s, const struct addr *a)
{
	if (!addr_is_set(a) || s->addr.family != a->family)
		return false;
	for (size_t i = 0; i < addr_len(a); i++)
		if ((s->addr.octets[i] ^ a->octets[i]) & mask_octet(s->bits, i))
			return false;
	return true;
}

bool subnet_covers(const struct subnet *outer, const struct subnet *inner)
{
	return outer->bits <= inner->bits && subnet_contains(outer, &inner->addr);
}

bool subnet_overlaps(const struct subnet *a, const struct subnet *b)
{
	return subnet_covers(a, b) || subnet_covers(b, a);
}

bool subnet_is_host(const struct subnet *s)
{
	return addr_is_set(&s->addr) && s->bits == addr_bits(&s->addr);
}
