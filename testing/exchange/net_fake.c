// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The wire between two Plutos of one process: a queue that the test looks at, delays,
 * repeats, changes and loses as it likes.
 */
#include <stdlib.h>

#include "lib/base/alloc.h"
#include "pluto/net.h"
#include "testing/exchange/fakes.h"

static struct list wire = LIST_INIT(wire);
unsigned long wire_octets, wire_sent;

void net_send(struct iface *ifp, const struct endpoint *to, struct span datagram)
{
	struct packet *k = xalloc(sizeof(*k));

	k->from = ifp->local;
	k->to = *to;
	buf_set(&k->data, datagram);
	wire_put(k);
	wire_octets += datagram.len;
	wire_sent++;
}

void net_read(int fd, void *ifp)
{
	(void)fd;
	(void)ifp;
}

struct packet *wire_first(void)
{
	return LIST_FIRST(&wire, struct packet, link);
}

struct packet *wire_take(void)
{
	struct packet *k = wire_first();

	if (k)
		list_del(&k->link);
	return k;
}

void packet_free(struct packet *k)
{
	if (!k)
		return;
	buf_free(&k->data);
	free(k);
}

struct packet *packet_copy(const struct packet *k)
{
	struct packet *copy = xalloc(sizeof(*copy));

	copy->from = k->from;
	copy->to = k->to;
	buf_set(&copy->data, buf_span(&k->data));
	return copy;
}

void wire_put(struct packet *k)
{
	list_add(&wire, &k->link);
}

void wire_clear(void)
{
	struct packet *k;

	while ((k = wire_take()))
		packet_free(k);
}
