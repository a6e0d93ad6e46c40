// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * TCP's maximum segment size, made smaller on the way.
 *
 * Where ICMP does not get through, nobody learns that a tunnel takes less than the
 * network it lies in, and connections stall as soon as they carry much.  A gateway can
 * spare them that: it lowers the segment size that both ends announce when they set
 * out.  It is never raised, and never added where a SYN has none.
 *
 * Options are what a stranger wrote.  Reading ends at the first that cannot be, and then
 * nothing is changed.
 *
 * Pure; RFC 9293 sections 3.1, 3.2 (options) and 3.7.1 (the size).
 */
#include "klips/checksum.h"
#include "klips/mss.h"

#define TCP_HEADER	20
#define HDR_OFFSET	12	/* the header's length, in its upper four bits */
#define HDR_FLAGS	13
#define FLAG_SYN	0x02

enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2 };
#define OPT_MSS_LEN	4

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static void put16(u8 *p, u16 value)
{
	p[0] = value >> 8;
	p[1] = value & 0xff;
}

/* The offset of the value among the options, or 0. */
static size_t find_mss(const u8 *tcp, size_t end)
{
	size_t at = TCP_HEADER;

	while (at < end && tcp[at] != OPT_END) {
		if (tcp[at] == OPT_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || tcp[at + 1] < 2 || tcp[at + 1] > end - at)
			return 0;
		if (tcp[at] == OPT_MSS)
			return tcp[at + 1] == OPT_MSS_LEN ? at + 2 : 0;
		at += tcp[at + 1];
	}
	return 0;
}

size_t klips_mss_excess(const u8 *tcp, size_t len, u16 mss)
{
	size_t end, at;

	if (len < TCP_HEADER || !(tcp[HDR_FLAGS] & FLAG_SYN))
		return 0;
	end = (tcp[HDR_OFFSET] >> 4) * 4;
	if (end < TCP_HEADER || end > len)
		return 0;
	at = find_mss(tcp, end);
	return at && get16(tcp + at) > mss ? at : 0;
}

/* The words of the sum that the value is part of: at an odd place, two. */
void klips_mss_set(u8 *tcp, size_t at, u16 mss)
{
	u8 *words = tcp + (at & ~(size_t)1);
	size_t n = at % 2 ? 4 : 2;
	u8 was[4];

	memcpy(was, words, n);
	put16(tcp + at, mss);
	klips_checksum_changed(IPPROTO_TCP, tcp + klips_checksum_at(IPPROTO_TCP), was, words, n);
}
