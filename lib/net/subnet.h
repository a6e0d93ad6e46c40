/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subnets: an address and a number of leading bits.
 */
#ifndef LIB_NET_SUBNET_H
#define LIB_NET_SUBNET_H

#include "lib/net/addr.h"

struct subnet {
	struct addr addr;		/* host bits are zero */
	unsigned int bits;
};

struct subnet_buf {
	char s[INET6_ADDRSTRLEN + 8];
};

/* a.b.c.d/n, a.b.c.d/m.m.m.m, v6/n; host bits must be zero. */
err_t ttosubnet(struct span text, struct subnet *s);
err_t ttomask(struct span text, sa_family_t family, unsigned int *bits);
const char *subnet_show(const struct subnet *s, struct subnet_buf *b);
struct subnet subnet_of_host(const struct addr *a);
struct addr subnet_mask(const struct subnet *s);
/* The subnet that exactly covers low to high; *ugh says why there is none, or is NULL. */
struct subnet subnet_of_range(const struct addr *low, const struct addr *high, err_t *ugh);
/* False when the mask has holes or addr has bits set behind it. */
bool subnet_of_mask(const struct addr *addr, const struct addr *mask, struct subnet *s);
bool subnet_eq(const struct subnet *a, const struct subnet *b);
bool subnet_contains(const struct subnet *s, const struct addr *a);
bool subnet_covers(const struct subnet *outer, const struct subnet *inner);
bool subnet_overlaps(const struct subnet *a, const struct subnet *b);
bool subnet_is_host(const struct subnet *s);

#endif
