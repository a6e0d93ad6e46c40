// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile IP headers, as AH reads them: klips_mutable_clear().
 *
 * Of a header that is accepted, the form must not depend on what routers change, must
 * keep what they do not, and must be its own form.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "klips/mutable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What every router changes. */
static void travel(uint8_t *p)
{
	if (p[0] >> 4 == 4) {
		p[1] ^= 0xff;
		p[6] ^= 0xff;
		p[7] ^= 0xff;
		p[8] ^= 0xff;
		p[10] ^= 0xff;
		p[11] ^= 0xff;
	} else {
		p[0] ^= 0x0f;
		p[1] ^= 0xff;
		p[2] ^= 0xff;
		p[3] ^= 0xff;
		p[7] ^= 0xff;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *form = malloc(size + 1), *other = malloc(size + 1);

	must(form && other);
	memcpy(form, data, size);
	if (!klips_mutable_clear(form, size)) {
		memcpy(other, data, size);
		travel(other);
		must(!klips_mutable_clear(other, size));
		must(!memcmp(form, other, size));
		must(!klips_mutable_clear(other, size));
		must(!memcmp(form, other, size));
		if (data[0] >> 4 == 4)
			must(!memcmp(form + 2, data + 2, 4) && !memcmp(form + 12, data + 12, 4));
		else
			must(!memcmp(form + 4, data + 4, 3) && !memcmp(form + 8, data + 8, 16));
	}
	free(form);
	free(other);
	return 0;
}
