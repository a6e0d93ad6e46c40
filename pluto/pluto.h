/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct pluto: all that one daemon knows.  There is nothing global beside it, so two of
 * them live in one process in testing/exchange/.
 */
#ifndef PLUTO_PLUTO_H
#define PLUTO_PLUTO_H

#include "lib/base/list.h"
#include "lib/net/addr.h"

struct kernel_ops;
struct reply;
struct secrets;
struct shunts;
struct updown;
struct whack_server;

#define PLUTO_INTERFACES_MAX	16

#define IKE_PORT 500

struct pluto {
	char *name;			/* for tests: "west"; NULL in the daemon */
	char *ctlbase;			/* "/run/pluto/pluto" */
	char *secretsfile;		/* may be a glob pattern */
	bool uniqueids;
	bool listening;			/* after whack --listen */
	bool shutting_down;
	struct reply *last_word;	/* who asked for that */
	uint16_t ike_port;
	const char *interface[PLUTO_INTERFACES_MAX];	/* --interface: these alone; none: all */
	unsigned int n_interfaces;
	unsigned int debug;		/* DBG_* of the whole daemon */
	struct whack_server *whack;	/* NULL in tests */
	struct updown *updown;		/* scripts that run or wait; made when first needed */
	struct list removals;		/* eroutes that wait for their unroute scripts; likewise */
	struct shunts *shunts;		/* %holds of trapped packets; likewise */

	struct list connections;	/* struct connection, by link */
	struct list ifaces;		/* struct iface */
	struct list exchanges;		/* struct exchange under way */
	struct list isakmp_sas;
	struct list ipsec_sas;
	struct list pubkeys;		/* struct pubkey */
	struct secrets *secrets;	/* NULL before the first --listen */

	unsigned long last_serial;	/* the # of log lines: exchanges and what comes of them */
	unsigned long last_instance, last_connection;
	uint32_t last_tun_spi;		/* tunnel SAs count from 0x1000; never on the wire */
	unsigned int half_open;		/* responder exchanges before authentication */

	uint8_t cookie_secret[32];	/* refreshed hourly */
	uint64_t cookie_secret_since;	/* server_now() */
	const struct kernel_ops *kernel;
	void *kernel_ctx;
};

#endif
