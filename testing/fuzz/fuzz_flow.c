// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile IP headers, as the kernel module reads them: klips_flow_parse().
 *
 * The first two octets say how much longer the packet claims to be than what may be
 * seen of it.  Whatever is accepted must be a flow: well formed, all bits given, covered
 * by itself and by everything, and found again when widened to its own shape.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "klips/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct klips_selector flow, all = { .family = 0 }, same;
	struct klips_shape shape;
	size_t beyond;
	int at;

	if (size < 2)
		return 0;
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
	return 0;
}
