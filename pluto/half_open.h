/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many strangers may be half-way through Main Mode with us.
 */
#ifndef PLUTO_HALF_OPEN_H
#define PLUTO_HALF_OPEN_H

#include "pluto/exchange.h"

#define HALF_OPEN_MAX		1000	/* in all */
#define HALF_OPEN_PER_SOURCE	16	/* an IPv4 address, or an IPv6 /64 */
#define HALF_OPEN_SECONDS	30	/* and for no longer than this */

/* May another one begin?  Room is made, if that costs nobody who has sent his cookie back. */
bool half_open_admit(struct pluto *p, const struct addr *source);
void half_open_count(struct exchange *x);	/* from now on */
void half_open_uncount(struct exchange *x);	/* authenticated, or gone; harmless twice */

#endif
