// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hostile TCP options, as the kernel module reads them: klips_mss_excess() and _set().
 *
 * The first two octets are the size to lower to.  What is found lies in the header, is
 * more than that, and is exactly that afterwards; nothing else but the checksum changes,
 * and the sum over all is what it was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "klips/mss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* As a one's complement sum has two zeros, the octets' sum is compared modulo 65535. */
static uint32_t sum_of(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
	return (uint32_t)(sum % 0xffff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *tcp;
	size_t len, at;
	uint16_t mss;

	if (size < 2)
		return 0;
	mss = (uint16_t)(data[0] << 8 | data[1]);
	len = size - 2;
	tcp = malloc(len ? len : 1);		/* of just this length: a sanitizer sees its end */
	must(tcp != NULL);
	memcpy(tcp, data + 2, len);
	at = klips_mss_excess(tcp, len, mss);
	if (at) {
		must(at >= 22 && at + 2 <= len && at + 2 <= KLIPS_MSS_HEAD);
		must((tcp[at] << 8 | tcp[at + 1]) > mss);
		klips_mss_set(tcp, at, mss);
		must((tcp[at] << 8 | tcp[at + 1]) == mss);
		must(sum_of(tcp, len) == sum_of(data + 2, len));
		memcpy(tcp + at, data + 2 + at, 2);
		memcpy(tcp + 16, data + 2 + 16, 2);
		must(!memcmp(tcp, data + 2, len));
	}
	free(tcp);
	return 0;
}
