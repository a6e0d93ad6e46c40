/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in for the outside: a clock that jumps, a wire that is a queue, a kernel that
 * is a ledger.  They define what pluto/server.c, net.c and a kernel_*.c would.
 */
#ifndef TESTING_EXCHANGE_FAKES_H
#define TESTING_EXCHANGE_FAKES_H

#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "pluto/iface.h"
#include "pluto/kernel.h"

/* --- server_fake.c --------------------------------------------------------------------- */

bool fake_run_deferred(void);		/* one; false when there was none */
uint64_t fake_next_due(void);		/* of the earliest timer; UINT64_MAX: none */
void fake_jump(uint64_t to);		/* runs the timers that are due at `to`, and none later */
void fake_clock_reset(void);
unsigned int fake_timers_armed(void);

/* --- net_fake.c ------------------------------------------------------------------------ */

struct packet {
	struct list link;
	struct endpoint from, to;
	struct buf data;
};

struct packet *wire_first(void);	/* stays on the wire; NULL */
struct packet *wire_take(void);		/* now the caller's */
void packet_free(struct packet *k);
struct packet *packet_copy(const struct packet *k);
void wire_put(struct packet *k);	/* at the end */
void wire_clear(void);
extern unsigned long wire_octets, wire_sent;	/* so far */

/* --- kernel_fake.c --------------------------------------------------------------------- */

struct fake_kernel {
	struct { struct said said; bool inbound; struct buf key; } sa[64];
	unsigned int n_sas;
	unsigned int eroutes;		/* that lead to an SA */
	uint32_t next_spi;
	bool refuse_sas;
};

extern const struct kernel_ops kernel_fake;
/* The key of an ESP SA, encryption and integrity together; empty when there is no such SA. */
struct span fake_key(const struct fake_kernel *k, const struct said *said);
unsigned int fake_count(const struct fake_kernel *k, uint8_t proto, bool inbound);
void fake_kernel_clear(struct fake_kernel *k);

#endif
