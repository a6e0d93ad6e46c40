// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Where the payload of an IP packet begins.
 *
 *   IPv4:  header, options | payload
 *   IPv6:  header, hop-by-hop, destination (1), routing | payload, which may begin with
 *          destination options of the second kind
 *
 * Transport mode puts its header where that stroke is: behind what routers on the way
 * look at, in front of all that only the destination does.  Destination options are of
 * the first kind if a routing header follows them (RFC 8200 section 4.1).  A Fragment
 * header belongs to the payload: transport mode knows no fragments, and who asks has
 * asked klips_payload_is_fragment() before.
 *
 * All that is read here comes from the wire.  No length in it is trusted, and no octet
 * beyond head is looked at; whoever calls has pulled what is to be seen.
 *
 * Pure; RFC 791 section 3.1, RFC 8200 section 4, RFC 4302 and 4303 section 3.1.1.
 */
#include "klips/payload.h"

enum { EXT_HOPOPTS = 0, EXT_ROUTING = 43, EXT_FRAGMENT = 44, EXT_DSTOPTS = 60 };

#define V4_MIN		20
#define V4_PROTO	9		/* offset of the protocol */
#define V6_LEN		40
#define V6_NEXT		6		/* offset of the next header */

/* More extension headers than any honest packet has. */
#define EXT_HEADERS_MAX	8

static int find_v4(const u8 *p, size_t head, struct klips_place *place)
{
	size_t ihl;

	if (head < V4_MIN)
		return -EINVAL;
	ihl = (p[0] & 15) * 4;
	if (ihl < V4_MIN || head < ihl)
		return -EINVAL;
	place->at = (u16)ihl;
	place->next = V4_PROTO;
	return 0;
}

/* Step over the extension header at place; false when it is not whole. */
static bool step(const u8 *p, size_t head, struct klips_place *place)
{
	size_t at = place->at, len;

	if (head < at + 8)
		return false;
	len = p[place->next] == EXT_FRAGMENT ? 8 : 8 + 8 * (size_t)p[at + 1];
	if (head < at + len)
		return false;
	place->next = (u16)at;
	place->at = (u16)(at + len);
	return true;
}

static bool is_extension(u8 next)
{
	return next == EXT_HOPOPTS || next == EXT_ROUTING || next == EXT_DSTOPTS ||
	       next == EXT_FRAGMENT;
}

static int find_v6(const u8 *p, size_t head, struct klips_place *place)
{
	struct klips_place here = { .at = V6_LEN, .next = V6_NEXT };
	u8 what;
	int n;

	if (head < V6_LEN)
		return -EINVAL;
	*place = here;
	for (n = 0;; n++) {
		what = p[here.next];
		if (what != EXT_HOPOPTS && what != EXT_ROUTING && what != EXT_DSTOPTS)
			return 0;
		if (n == EXT_HEADERS_MAX || !step(p, head, &here))
			return -EINVAL;
		if (what != EXT_DSTOPTS)
			*place = here;
	}
}

int klips_payload_find(const u8 *p, size_t head, struct klips_place *place)
{
	if (!head)
		return -EINVAL;
	switch (p[0] >> 4) {
	case 4:
		return find_v4(p, head, place);
	case 6:
		return find_v6(p, head, place);
	default:
		return -EINVAL;
	}
}

int klips_payload_locate(const u8 *p, size_t head, struct klips_place *place)
{
	int n;

	if (!head)
		return -EINVAL;
	if (p[0] >> 4 == 4)
		return find_v4(p, head, place);
	if (p[0] >> 4 != 6 || head < V6_LEN)
		return -EINVAL;
	*place = (struct klips_place){ .at = V6_LEN, .next = V6_NEXT };
	for (n = 0; is_extension(p[place->next]); n++)
		if (n == EXT_HEADERS_MAX || !step(p, head, place))
			return -EINVAL;
	return 0;
}

bool klips_payload_is_fragment(const u8 *p, size_t head)
{
	struct klips_place here = { .at = V6_LEN, .next = V6_NEXT };
	int n;

	if (head < V4_MIN)
		return false;
	if (p[0] >> 4 == 4)
		return (p[6] & 0x3f) | p[7];		/* more to come, or an offset */
	if (p[0] >> 4 != 6 || head < V6_LEN)
		return false;
	for (n = 0; n <= EXT_HEADERS_MAX && is_extension(p[here.next]); n++) {
		bool fragment = p[here.next] == EXT_FRAGMENT;

		if (!step(p, head, &here))
			return false;
		/* Without offset and "more" it is a whole packet: RFC 6946. */
		if (fragment && (p[here.next + 2] | (p[here.next + 3] & 0xf9)))
			return true;
	}
	return false;
}
