/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maximum segment size that a TCP SYN announces: RFC 9293 section 3.7.1.
 */
#ifndef KLIPS_MSS_H
#define KLIPS_MSS_H

#include "klips/port.h"

#define KLIPS_MSS_HEAD	60	/* octets: the longest TCP header */

/*
 * Where in a TCP header, of which len octets are at tcp, a SYN announces more than mss:
 * the offset of the two octets of the value.  0 if it does not, is no SYN, or is wrong.
 */
size_t klips_mss_excess(const u8 *tcp, size_t len, u16 mss);

/* Write mss there, and put the checksum right.  at is what klips_mss_excess() returned. */
void klips_mss_set(u8 *tcp, size_t at, u16 mss);

#endif
