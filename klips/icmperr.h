/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors, and the packets that they are about: RFC 4301 section 6.
 */
#ifndef KLIPS_ICMPERR_H
#define KLIPS_ICMPERR_H

#include "klips/selector.h"

/*
 * If the IP packet whose first head octets are at p is an ICMP error to the sender of the
 * packet that it quotes: the flow of an answer to that packet, that is with its addresses and
 * ports exchanged.  False if it is anything else.
 */
bool klips_icmp_error_flow(const u8 *p, size_t head, struct klips_selector *answer);

#endif
