/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two Plutos, west and east, and the wire between them.
 *
 *	sunrise 10.0.1.0/24 -- west 192.0.2.1 ... 198.51.100.1 east -- 10.0.2.0/24 sunset
 *
 * A test makes a world, initiates, lets messages through one by one (step, deliver, lose)
 * or all at once (settle), moves the clock (advance), and looks at states, keys and the log.
 * world_end() shuts both down and insists that nothing is left: no exchange, SA or timer.
 */
#ifndef TESTING_EXCHANGE_WORLD_H
#define TESTING_EXCHANGE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/whack/msg.h"
#include "pluto/connection.h"
#include "pluto/exchange.h"
#include "pluto/initiate.h"
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/pluto.h"
#include "testing/exchange/fakes.h"

enum { WEST, EAST, SIDES };

#define TEST_KEYS 3
extern const char *const test_keys[TEST_KEYS];	/* ": RSA { ..." */

/* What a side is given; NULL and 0 are the usual. */
struct side_setup {
	const char *psk;		/* "one secret"; "" is none at all */
	int rsa;			/* 1 + index into test_keys: authby=rsasig with it */
	bool also_psk;			/* authby=secret|rsasig */
	int peer_rsa;			/* the key that we expect of the peer; 0: the right one */
	const char *ike, *esp;
	bool no_pfs, no_rekey;
	const char *id, *peer_id;	/* "@west" ... */
	const char *client, *peer_client;	/* "10.0.1.0/24"; "" is the host itself */
	uint8_t proto, peer_proto;	/* leftprotoport= and rightprotoport= */
	uint16_t port, peer_port;
	uint64_t ike_life, ipsec_life, margin;
	unsigned int tries;		/* keyingtries; 0 here is 1, ~0u is for ever */
	bool no_conn;			/* no connection at all */
	bool road_warrior;		/* the peer is %any */
};

struct side {
	struct pluto p;
	struct iface ifp;
	struct fake_kernel kernel;
	struct connection *c;
	struct reply reply;		/* of whoever has initiated */
	struct buf said;		/* to him, lines with codes */
	bool reply_closed;
};

struct world {
	struct side side[SIDES];
	struct buf log;
};

struct world *world_new(const struct side_setup *west, const struct side_setup *east);
#define world() world_new(NULL, NULL)
void world_end(struct world *w);
/* One more connection on a side, with other clients. */
struct connection *world_add(struct world *w, int side, const char *name,
			     const struct side_setup *s);

/* Its ipsec.secrets, from now on. */
void world_secrets(struct world *w, int side, const char *text);

void initiate(struct world *w, int side);
bool step(struct world *w);		/* the first datagram goes through; false: none is there */
void settle(struct world *w);		/* until nothing moves */
void compute(void);			/* jobs and other deferred calls, no datagrams */
void lose(struct world *w);		/* the first datagram */
void advance(struct world *w, uint64_t ms);	/* the clock; settles at each event */
void deliver(struct world *w, const struct packet *k);

bool logged(struct world *w, const char *text);
bool told(struct world *w, int side, const char *text);
void assert_logged(struct world *w, const char *text);
unsigned int count_logged(struct world *w, const char *text);
void assert_told(struct world *w, int side, const char *text);
/* Both have an established ISAKMP SA and IPsec SA, with the same keys. */
void assert_up(struct world *w);
/* What each side's eroute leads to is an SA that the other one still has. */
void assert_packets_pass(struct world *w);
void assert_down(struct world *w, int side);	/* nothing established */
unsigned int count_list(const struct list *l);

#define SECONDS(n)	((n) * 1000ull)

/* Scenarios, each a file of tests. */
struct scenario {
	const char *name;
	const struct CMUnitTest *tests;
	size_t n;
};

#endif
