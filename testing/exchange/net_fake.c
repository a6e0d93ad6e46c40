// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The wire between two Plutos of one process: a queue that the test looks at, delays,
 * repeats, changes and loses as it likes.
 *
 * With WIRE_DIR=DIR in the environment each datagram is also written there, with the two octets
 * of length that testing/fuzz/fuzz_isakmp.c reads.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/alloc.h"
#include "pluto/net.h"
#include "testing/exchange/fakes.h"

static struct list wire = LIST_INIT(wire);
unsigned long wire_octets, wire_sent;

static void keep(struct span datagram)
{
	const char *dir = getenv("WIRE_DIR");
	char path[256];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/datagram-%lu", dir, wire_sent);
	f = fopen(path, "w");
	if (!f)
		return;
	fputc((int)(datagram.len >> 8), f);
	fputc((int)(datagram.len & 0xff), f);
	fwrite(datagram.ptr, 1, datagram.len, f);
	fclose(f);
}

void net_send(struct iface *ifp, const struct endpoint *to, struct span datagram)
{
	struct packet *k = xalloc(sizeof(*k));

	k->from = ifp->local;
	k->to = *to;
	buf_set(&k->data, datagram);
	wire_put(k);
	keep(datagram);
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
