/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Pluto asks of the kernel; kernel_klips.c does it by PF_KEYv2, kernel_none.c not at
 * all, the exchange tests keep a ledger.
 *
 * All of these are quick and synchronous; err_t is a phrase for the log.  Keys are
 * borrowed and not kept.
 */
#ifndef PLUTO_KERNEL_H
#define PLUTO_KERNEL_H

#include "lib/base/span.h"
#include "lib/net/said.h"
#include "lib/net/selector.h"

struct pluto;

struct kernel_sa {
	struct said said;
	struct addr src;
	bool inbound;
	/* ESP */
	uint8_t encrypt, auth;		/* SADB_EALG_*, SADB_AALG_* */
	struct span enc_key, auth_key;	/* enc_key with its salt */
	unsigned int replay;		/* window in packets */
	bool update;			/* the SPI came from get_spi() */
	uint64_t soft_bytes, hard_bytes;	/* 0: no limit */
	/* IPIP: src and said.dst are the outer addresses; nothing else counts */
};

enum eroute_op { EROUTE_ADD, EROUTE_REPLACE, EROUTE_DELETE };

struct kernel_eroute {
	struct selector sel;		/* src: behind us */
	struct said said;		/* innermost SA of the bundle, or a shunt (proto 61) */
	struct addr our_host, peer_host;
	const char *conn;		/* for ACQUIRE's identity; may be NULL */
};

struct kernel_usage {
	uint64_t bytes, packets;
	uint64_t idle;			/* seconds since the last packet; ~0: never used */
};

struct kernel_ops {
	const char *name;		/* "KLIPS" */
	bool devices;			/* has ipsecN devices to route to: scripts are run */
	err_t (*init)(struct pluto *p);
	void (*fini)(struct pluto *p);
	err_t (*get_spi)(struct pluto *p, uint8_t proto, const struct addr *src,
			 const struct addr *dst, uint32_t *spi);
	err_t (*add_sa)(struct pluto *p, const struct kernel_sa *sa);
	/* Those it is grouped with go along. */
	err_t (*del_sa)(struct pluto *p, const struct said *said, const struct addr *src);
	/* innermost first; n is 2..4 */
	err_t (*group)(struct pluto *p, const struct said *saids, size_t n);
	/* The inner packets that may come out of this inbound tunnel SA: src is behind the peer. */
	err_t (*inbound_policy)(struct pluto *p, const struct said *tun,
				const struct selector *sel);
	err_t (*eroute)(struct pluto *p, enum eroute_op op, const struct kernel_eroute *er);
	bool (*usage)(struct pluto *p, const struct said *said, const struct addr *src,
		      struct kernel_usage *u);
	/* Does the kernel have this suite (REGISTER's answer)? */
	bool (*has_suite)(struct pluto *p, uint8_t encrypt, uint8_t auth, unsigned int key_bits);
	/* SAs that nobody here made: a dead Pluto's.  Called at start; may be NULL. */
	size_t (*leftovers)(struct pluto *p);
};

extern const struct kernel_ops kernel_klips, kernel_none;

/* From the kernel; implemented in acquire.c and lifetime.c. */
void kernel_acquire(struct pluto *p, const struct addr *src, const struct addr *dst,
		    uint8_t proto, const char *conn);
void kernel_expire(struct pluto *p, const struct said *said, bool hard);

#endif
