/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The anti-replay window of an inbound SA: RFC 4303 section 3.4.3, with the extended
 * sequence numbers of section 2.2.1 and appendix A.
 *
 * Numbers have 64 bits here.  An SA without extended ones uses the lower 32 of them, and
 * nothing else differs.
 */
#ifndef KLIPS_REPLAY_H
#define KLIPS_REPLAY_H

#include "klips/port.h"

#define KLIPS_REPLAY_LARGE	1024	/* what sadb_sa_replay 255 stands for */
#define KLIPS_REPLAY_MAX	65536

struct klips_replay {
	u32 size;		/* width in packets; 0: no check is wanted */
	u32 words;		/* of map: a power of two */
	bool esn;		/* extended sequence numbers */
	u64 top;		/* the highest number accepted; 0: none yet */
	u64 span;		/* the largest leap forward, for /proc */
	u64 map[];		/* a ring: number n is bit n % 64 of word n / 64 % words */
};

/* The width that the eight bits of sadb_sa_replay stand for: 0..254 themselves, 255 LARGE. */
u32 klips_replay_width(u8 sadb_replay);

/* Words of map that a window of size packets needs. */
u32 klips_replay_words(u32 size);

/*
 * Prepare a window of size packets (at most MAX) in memory that holds
 * klips_replay_words(size).  Numbers up to top count as seen: 0, unless the SA has been in
 * use elsewhere.
 */
void klips_replay_init(struct klips_replay *r, u32 size, bool esn, u64 top);

/*
 * The whole number of a packet that says seq on the wire: the one that is nearest to the
 * window, not the one that is right, which only the ICV can tell (appendix A2.2).
 */
u64 klips_replay_number(const struct klips_replay *r, u32 seq);

/*
 * Might a packet with this number be new?  Changes nothing: to be asked before the
 * packet has been authenticated, to save the work on those that cannot be.
 */
bool klips_replay_check(const struct klips_replay *r, u64 seq);

/*
 * Note the number of a packet that has been authenticated, moving the window.
 * False when it has been seen in the meantime or has fallen out of the window.
 */
bool klips_replay_accept(struct klips_replay *r, u64 seq);

/* The numbers top-31 (bit 31) .. top (bit 0) as a bit map, as /proc/net/ipsec_spi shows it. */
u32 klips_replay_bits(const struct klips_replay *r);

#endif
