/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The anti-replay window as a fool would write it: all numbers ever accepted are kept, and
 * searched one by one.  What klips/replay.c does is judged by it.
 */
#ifndef TESTING_UNIT_REPLAY_ORACLE_H
#define TESTING_UNIT_REPLAY_ORACLE_H

#include <stdlib.h>

#include "klips/replay.h"

#define ORACLE_MAX	8192

struct oracle {
	u64 seen[ORACLE_MAX];
	size_t n;
	u64 before;		/* numbers up to here count as seen */
	u64 top;
	u32 size;
};

/* Is the number new?  One that is becomes seen. */
static inline bool oracle_accept(struct oracle *o, u64 seq)
{
	if (seq <= o->before || (seq <= o->top && o->top - seq >= o->size))
		return false;
	for (size_t i = 0; i < o->n; i++)
		if (o->seen[i] == seq)
			return false;
	o->seen[o->n++ % ORACLE_MAX] = seq;
	if (seq > o->top)
		o->top = seq;
	return true;
}

/*
 * The whole number behind 32 bits: the only one that lies between the window's lower edge
 * and 2^32 numbers further on.  0 if there is none, as numbers end at 2^64.
 */
static inline u64 oracle_number(const struct oracle *o, u32 seq)
{
	u64 edge = o->top >= o->size ? o->top - o->size + 1 : 0;
	u64 number = (edge & ~0xffffffffULL) | seq;

	if (number >= edge)
		return number;
	return number + (1ULL << 32) < number ? 0 : number + (1ULL << 32);
}

#endif
