/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Selectors as values; the kernel's own copy of these rules is klips/selector.c.
 */
#include "lib/net/selector.h"

bool selector_eq(const struct selector *a, const struct selector *b)
{
	return a->proto == b->proto && a->sport == b->sport && a->dport == b->dport &&
	       subnet_eq(&a->src, &b->src) && subnet_eq(&a->dst, &b->dst);
}

struct selector selector_reverse(const struct selector *s)
{
	return (struct selector){
		.src = s->dst, .dst = s->src, .proto = s->proto,
		.sport = s->dport, .dport = s->sport,
	};
}
