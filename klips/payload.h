/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where in an IP packet an IPsec header belongs, and which octet announces it.
 */
#ifndef KLIPS_PAYLOAD_H
#define KLIPS_PAYLOAD_H

#include "klips/port.h"

/* A place behind the IP header(s), counted in octets from the first one. */
struct klips_place {
	u16 at;
	u16 next;		/* of the octet that says what is there */
};

/*
 * Where ESP, AH or IPComp of transport mode goes in the packet whose first head octets
 * are at p: RFC 4302 and 4303, section 3.1.1.  0, or -EINVAL for headers that cannot be
 * or reach beyond head.
 */
int klips_payload_find(const u8 *p, size_t head, struct klips_place *place);

/*
 * The receiver's side: the first header that is no extension header.  What may stand
 * before it is the sender's choice.
 */
int klips_payload_locate(const u8 *p, size_t head, struct klips_place *place);

/* Is the packet one of several fragments?  Of malformed ones: no. */
bool klips_payload_is_fragment(const u8 *p, size_t head);

#endif
