// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Shunts: meaning, names and magic SPIs, in one table.
 *
 * On PF_KEY a shunt is the SAID of an SA that does not exist: protocol 61 (INT)
 * and one of six small SPIs.  Inside klips it is an enumeration, so that the packet
 * path is a switch and no SPI is compared there.
 */
#include "klips/shunt.h"
#include "lib/pfkey/pfkeyv2.h"

static const struct {
	u32 spi;
	const char *name;
} shunts[] = {
	[KLIPS_SHUNT_PASS]	 = { SPI_PASS,	     "%pass" },
	[KLIPS_SHUNT_DROP]	 = { SPI_DROP,	     "%drop" },
	[KLIPS_SHUNT_REJECT]	 = { SPI_REJECT,     "%reject" },
	[KLIPS_SHUNT_HOLD]	 = { SPI_HOLD,	     "%hold" },
	[KLIPS_SHUNT_TRAP]	 = { SPI_TRAP,	     "%trap" },
	[KLIPS_SHUNT_TRAPSUBNET] = { SPI_TRAPSUBNET, "%trapsubnet" },
};

enum klips_shunt klips_shunt_of_spi(u32 spi)
{
	unsigned int i;

	for (i = KLIPS_SHUNT_PASS; i < ARRAY_SIZE(shunts); i++)
		if (shunts[i].spi == spi)
			return (enum klips_shunt)i;
	return KLIPS_SHUNT_NONE;
}

u32 klips_shunt_spi(enum klips_shunt shunt)
{
	return shunts[shunt].spi;
}

const char *klips_shunt_name(enum klips_shunt shunt)
{
	return shunts[shunt].name;
}
