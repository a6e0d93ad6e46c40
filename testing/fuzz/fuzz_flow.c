// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile IP headers, as the kernel module reads them: klips_flow_parse(),
 * klips_payload_find() with its kin, and what ICMP errors quote: klips_icmp_error_flow().
 *
 * The first two octets say how much longer the packet claims to be than what may be
 * seen of it.  Whatever is accepted must be a flow: well formed, all bits given, covered
 * by itself and by everything, and found again when widened to its own shape.  And a place
 * for a payload must lie behind the header that announces it, and not outside.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "klips/icmperr.h"
#include "klips/payload.h"
#include "klips/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void place_is_inside(const struct klips_place *place, size_t size)
{
	must(place->at <= size && place->next < place->at);
}

static void try_payload(const uint8_t *p, size_t size)
{
	struct klips_place put, found;
	bool may_put = !klips_payload_find(p, size, &put);
	bool may_find = !klips_payload_locate(p, size, &found);

	if (may_put)
		place_is_inside(&put, size);
	if (may_find)
		place_is_inside(&found, size);
	must(!may_put || !may_find || put.at <= found.at);
	klips_payload_is_fragment(p, size);
}

/* What an error is taken to answer is a flow to where the error goes. */
static void look_into_error(const uint8_t *p, size_t head, const struct klips_selector *flow)
{
	struct klips_selector answer;

	if (!klips_icmp_error_flow(p, head, &answer))
		return;
	must(answer.family == flow->family && klips_addr_equal(&answer.dst, &flow->dst));
	must(flow->proto == IPPROTO_ICMP || flow->proto == IPPROTO_ICMPV6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct klips_selector flow, all = { .family = 0 }, same;
	struct klips_shape shape;
	size_t beyond;
	int at;

	if (size < 2)
		return 0;
	try_payload(data + 2, size - 2);
	beyond = (size_t)(data[0] << 8 | data[1]);
	at = klips_flow_parse(data + 2, size - 2, size - 2 + beyond, &flow);
	if (at < 0)
		return 0;

	must(klips_selector_valid(&flow) || flow.proto == 0);
	must(flow.src_bits == klips_addr_bits(flow.family) && flow.dst_bits == flow.src_bits);
	all.family = flow.family;
	must(klips_selector_covers(&all, &flow) && klips_selector_covers(&flow, &flow));
	shape = klips_shape_of(&flow);
	same = klips_selector_widen(&flow, &shape);
	must(!memcmp(&same, &flow, sizeof(flow)));
	look_into_error(data + 2, size - 2, &flow);
	return 0;
}
