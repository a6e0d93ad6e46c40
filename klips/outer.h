/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a tunnel does with the outer header: RFC 4301 section 5.1.2, RFC 6040.
 */
#ifndef KLIPS_OUTER_H
#define KLIPS_OUTER_H

#include "klips/port.h"

/*
 * The outer type of service or traffic class.  Flags are the SA's, of sadb_sa_flags;
 * hide is what applies where they say nothing.
 */
u8 klips_outer_tos(u32 flags, bool hide, u8 inner);

/* "Don't fragment" of the outer header; an inner IPv6 packet counts as having it. */
bool klips_outer_df(u32 flags, bool inner);

/* TTL or hop limit. */
u8 klips_outer_ttl(u32 flags);

/*
 * The congestion bits that a packet leaves the tunnel with, from its inner and outer
 * type of service; -EINVAL if the packet cannot carry the mark that it has got.
 */
int klips_ecn_leaving(u8 inner, u8 outer);

#endif
