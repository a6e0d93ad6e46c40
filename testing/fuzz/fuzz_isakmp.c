// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arbitrary datagrams to a responder that knows a peer.
 *
 * The input is cut into datagrams by two octets of length before each; they come from the
 * peer's address.  Whatever they were, at the end nothing may be established, all of it
 * passes with time, and world_end() finds nothing left.
 */
#include "testing/exchange/world.h"

#define DATAGRAMS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct side_setup fast = { .ike = "aes128-sha1;modp1024", .no_pfs = true };
	struct world *w = world_new(&fast, &fast);
	struct side *east = &w->side[EAST];
	struct span in = span_of(data, size), datagram;
	uint16_t len;

	for (unsigned int i = 0; i < DATAGRAMS_MAX && span_take_u16(&in, &len); i++) {
		if (!span_take(&in, len, &datagram))
			datagram = in;
		demux(&east->p, &east->ifp, &w->side[WEST].ifp.local, datagram);
		compute();
		wire_clear();
		if (datagram.ptr == in.ptr)
			break;
	}
	assert_down(w, EAST);
	fake_jump(server_now() + SECONDS(31));
	assert_true(list_empty(&east->p.exchanges));
	wire_clear();
	world_end(w);
	return 0;
}
