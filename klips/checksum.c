// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Checksums of transport headers after their addresses have changed.
 *
 * TCP and UDP include the IP addresses in their checksum.  A NAT that cannot see them,
 * because ESP is around, leaves the checksum as the sender made it, for the address
 * that the sender believes it has.  Who takes the ESP off corrects it, RFC 3948 section
 * 3.1.2.  Doing so by the difference keeps what the checksum is for: a packet that was
 * damaged before it was encrypted still shows it.
 *
 * The arithmetic is that of RFC 1624, equation 3: HC' = ~(~HC + ~m + m'), in one's
 * complement.  It never turns a right checksum into the other zero.
 *
 * This file must not look at anything but the octets that it is given.
 */
#include "klips/checksum.h"

int klips_checksum_at(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return -1;
	}
}

bool klips_checksum_optional(u8 proto)
{
	return proto == IPPROTO_UDP;
}

static u32 word(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

void klips_checksum_changed(u8 proto, u8 check[2], const u8 *was, const u8 *is, size_t n)
{
	u32 sum = ~word(check) & 0xffff;
	size_t i;

	if (klips_checksum_optional(proto) && !word(check))
		return;
	for (i = 0; i + 1 < n; i += 2) {
		sum += ~word(was + i) & 0xffff;
		sum += word(is + i);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	if (klips_checksum_optional(proto) && !sum)
		sum = 0xffff;
	check[0] = (u8)(sum >> 8);
	check[1] = (u8)sum;
}
