// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ICMP errors, and the packets that they are about.
 *
 * A router in a protected network, or a gateway itself, answers a packet that came
 * through a tunnel with "time exceeded", from an address of its own.  The tunnel is for
 * the addresses of the networks, so by its own header the error may not go back through
 * it, and traceroute would show a hole.  RFC 4301 section 6 has it go by the packet that
 * it quotes: on the SA that an answer to that packet would take; and the receiver checks
 * the same, quoted packet against the selectors of the SA.  So a peer can tell of
 * errors of the flows that it is there for, and of no others.
 *
 * An error that quotes an error, or is for somebody else than the sender of the quoted
 * packet, is none.
 *
 * Pure; RFC 792, RFC 4443 section 2.1 (errors have the types below 128), RFC 1122
 * section 3.2.2.
 */
#include "klips/icmperr.h"
#include "klips/payload.h"

#define ICMP_HEADER	8	/* of either version; the quoted packet follows */

/* RFC 792 and RFC 4443: the errors that quote a packet. */
static bool is_error(u8 proto, u8 type)
{
	switch (proto) {
	case IPPROTO_ICMP:
		return type == 3 || type == 4 || type == 11 || type == 12;
	case IPPROTO_ICMPV6:
		return type >= 1 && type <= 4;
	default:
		return false;
	}
}

bool klips_icmp_error_flow(const u8 *p, size_t head, struct klips_selector *answer)
{
	struct klips_selector error, quoted;
	size_t at, quote;
	int n;

	n = klips_flow_parse(p, head, SIZE_MAX, &error);
	if (n < 0 || klips_payload_is_fragment(p, head))
		return false;
	at = (size_t)n;
	quote = at + ICMP_HEADER;
	if (head < quote || !is_error(error.proto, p[at]))
		return false;
	/* It is cut off where the router liked: any length of it will do. */
	n = klips_flow_parse(p + quote, head - quote, SIZE_MAX, &quoted);
	if (n < 0 || quoted.family != error.family || !klips_addr_equal(&quoted.src, &error.dst))
		return false;
	if (head > quote + (size_t)n && is_error(quoted.proto, p[quote + (size_t)n]))
		return false;
	*answer = quoted;
	answer->src = quoted.dst;
	answer->dst = quoted.src;
	answer->sport = quoted.dport;
	answer->dport = quoted.sport;
	return true;
}
