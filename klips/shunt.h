/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shunts: what an eroute may say instead of naming an SA.
 */
#ifndef KLIPS_SHUNT_H
#define KLIPS_SHUNT_H

#include "klips/port.h"

enum klips_shunt {
	KLIPS_SHUNT_NONE,	/* no shunt: the eroute leads to an SA */
	KLIPS_SHUNT_PASS,	/* in clear */
	KLIPS_SHUNT_DROP,	/* nowhere */
	KLIPS_SHUNT_REJECT,	/* nowhere, with an ICMP message to the sender */
	KLIPS_SHUNT_HOLD,	/* kept until the key daemon has decided */
	KLIPS_SHUNT_TRAP,	/* to the key daemon, becoming %hold for this pair of hosts */
	KLIPS_SHUNT_TRAPSUBNET,	/* to the key daemon, becoming %hold itself */
};

/* The shunt that the magic SPI of protocol 61 stands for; NONE when it is not magic. */
enum klips_shunt klips_shunt_of_spi(u32 spi);

/* The magic SPI; 0 for NONE. */
u32 klips_shunt_spi(enum klips_shunt shunt);

/* As eroute(8) and /proc/net/ipsec_eroute write it, "%pass"; NULL for NONE. */
const char *klips_shunt_name(enum klips_shunt shunt);

#endif
