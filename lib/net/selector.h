/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Selectors: which packets an SA or an eroute is for.
 */
#ifndef LIB_NET_SELECTOR_H
#define LIB_NET_SELECTOR_H

#include "lib/net/subnet.h"

struct selector {
	struct subnet src, dst;
	uint8_t proto;			/* 0: any */
	uint16_t sport, dport;		/* host order, 0: any */
};

bool selector_eq(const struct selector *a, const struct selector *b);
struct selector selector_reverse(const struct selector *s);

#endif
