/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which end of a connection this host is, and which ipsecN its packets use.
 */
#ifndef UTILS_COMMON_PLACE_H
#define UTILS_COMMON_PLACE_H

#include <net/if.h>

#include "utils/common/manual.h"

struct manual_place {
	enum manual_side side;
	char device[IF_NAMESIZE];	/* ipsecN */
};

/*
 * Look at the ipsecN devices that are attached, and the devices under them, for an address
 * of one of the hosts; or believe iam, "ADDR@IPSECN", where that is not NULL.
 * False: *why says what was looked for.
 */
bool manual_place(const struct manual_hosts *hosts, const char *iam, struct manual_place *out,
		  struct buf *why);

#endif
