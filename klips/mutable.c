// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The form of an IP header over which AH's ICV is computed.
 *
 * Both ends compute it, one from what it is about to send, the other from what has
 * arrived.  So what routers change must be zero for both (TTL, TOS, checksum, most
 * options), and what only the way decides must be set by the sender to what the receiver
 * will see: the destination of a packet with a source route is its last hop.
 *
 * IPv4 says for each option by number whether it may change (RFC 4302 appendix A1);
 * one that is not known counts as one that may, as a whole.  IPv6 says it by a bit in
 * the option's type, and only the data are cleared (appendix A2, RFC 8200 section 4.2).
 *
 * All octets come from the wire: no length among them is trusted, and only the len
 * octets at p are looked at.
 *
 * Pure; RFC 4302 section 3.3.3.1, RFC 791 section 3.1, RFC 2460 section 4.4 (routing
 * header type 0), RFC 6275 section 6.4 (type 2).
 */
#include "klips/mutable.h"

#define PROTO_AH	51

/*
 * IPv4.
 */

enum {
	V4_TOS = 1, V4_FRAG = 6, V4_TTL = 8, V4_PROTO = 9, V4_CHECK = 10, V4_DST = 16,
	V4_HEADER = 20,
};

enum {
	OPT_END = 0, OPT_NOP = 1,
	OPT_SECURITY = 130, OPT_LSRR = 131, OPT_EXT_SECURITY = 133, OPT_CIPSO = 134,
	OPT_SSRR = 137, OPT_ROUTER_ALERT = 148, OPT_SDMD = 149,
};

#define ROUTE_DATA	3	/* of a source route: type, length, pointer, then addresses */

static bool v4_option_stays(u8 type)
{
	switch (type) {
	case OPT_SECURITY:
	case OPT_EXT_SECURITY:
	case OPT_CIPSO:
	case OPT_ROUTER_ALERT:
	case OPT_SDMD:
		return true;
	default:
		return false;
	}
}

/* Source route of len octets: with hops to go, the last of them is where it will end. */
static int v4_follow_route(const u8 *opt, size_t len, u8 *dst)
{
	if (len < ROUTE_DATA + 4 || (len - ROUTE_DATA) % 4 ||
	    opt[2] < ROUTE_DATA + 1 || opt[2] % 4)
		return -EINVAL;
	if (opt[2] <= len)
		memcpy(dst, opt + len - 4, 4);
	return 0;
}

static int v4_options(u8 *opt, size_t left, u8 *dst)
{
	bool routed = false;
	size_t len;

	for (; left && opt[0] != OPT_END; opt += len, left -= len) {
		len = 1;
		if (opt[0] == OPT_NOP)
			continue;
		if (left < 2 || opt[1] < 2 || opt[1] > left)
			return -EINVAL;
		len = opt[1];
		if (opt[0] == OPT_LSRR || opt[0] == OPT_SSRR) {
			if (routed || v4_follow_route(opt, len, dst))
				return -EINVAL;
			routed = true;
		}
		if (!v4_option_stays(opt[0]))
			memset(opt, 0, len);
	}
	return 0;
}

static int v4_clear(u8 *p, size_t len)
{
	if (len < V4_HEADER || len != (p[0] & 15) * 4U || p[V4_PROTO] != PROTO_AH)
		return -EINVAL;
	p[V4_TOS] = 0;
	p[V4_TTL] = 0;
	memset(p + V4_FRAG, 0, 2);
	memset(p + V4_CHECK, 0, 2);
	return v4_options(p + V4_HEADER, len - V4_HEADER, p + V4_DST);
}

/*
 * IPv6.
 */

enum { V6_NEXT = 6, V6_HOPS = 7, V6_DST = 24, V6_HEADER = 40 };
enum { EXT_HOPOPTS = 0, EXT_ROUTING = 43, EXT_DSTOPTS = 60 };

#define OPT_PAD1	0
#define OPT_MAY_CHANGE	0x20	/* RFC 8200 section 4.2: the third bit of the type */
#define ROUTE_ADDRS	8	/* of a routing header: next, length, type, left, reserved */

/* The options of a hop-by-hop or destination header. */
static int v6_options(u8 *opt, size_t left)
{
	size_t len;

	for (; left; opt += len, left -= len) {
		len = 1;
		if (opt[0] == OPT_PAD1)
			continue;
		if (left < 2 || opt[1] > left - 2)
			return -EINVAL;
		len = 2 + (size_t)opt[1];
		if (opt[0] & OPT_MAY_CHANGE)
			memset(opt + 2, 0, len - 2);
	}
	return 0;
}

/*
 * A routing header of len octets.  Each hop exchanges the destination for the next
 * address of the list, so at the end the destination is the last address, and those
 * still to come have moved up by one behind the present destination.
 */
static int v6_follow_route(u8 *ext, size_t len, u8 *dst)
{
	size_t n = (len - ROUTE_ADDRS) / 16, left = ext[3];
	u8 *next, last[16];

	if (!left)
		return 0;
	if ((ext[2] != 0 && ext[2] != 2) || (len - ROUTE_ADDRS) % 16 || left > n)
		return -EINVAL;
	next = ext + ROUTE_ADDRS + (n - left) * 16;
	memcpy(last, ext + len - 16, 16);
	memmove(next + 16, next, (left - 1) * 16);
	memcpy(next, dst, 16);
	memcpy(dst, last, 16);
	ext[3] = 0;
	return 0;
}

static int v6_extension(u8 type, u8 *ext, size_t len, u8 *dst)
{
	switch (type) {
	case EXT_HOPOPTS:
	case EXT_DSTOPTS:
		return v6_options(ext + 2, len - 2);
	case EXT_ROUTING:
		return v6_follow_route(ext, len, dst);
	default:
		return -EINVAL;
	}
}

static int v6_clear(u8 *p, size_t len)
{
	size_t at = V6_HEADER, step;
	u8 type;
	int err;

	if (len < V6_HEADER)
		return -EINVAL;
	p[0] = 0x60;			/* without traffic class and flow label */
	memset(p + 1, 0, 3);
	p[V6_HOPS] = 0;
	for (type = p[V6_NEXT]; at < len; at += step) {
		if (len - at < 8)
			return -EINVAL;
		step = 8 + 8 * (size_t)p[at + 1];
		if (step > len - at)
			return -EINVAL;
		err = v6_extension(type, p + at, step, p + V6_DST);
		if (err)
			return err;
		type = p[at];
	}
	return type == PROTO_AH ? 0 : -EINVAL;
}

int klips_mutable_clear(u8 *p, size_t len)
{
	if (!len)
		return -EINVAL;
	switch (p[0] >> 4) {
	case 4:
		return v4_clear(p, len);
	case 6:
		return v6_clear(p, len);
	default:
		return -EINVAL;
	}
}
