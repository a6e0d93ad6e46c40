/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names into addresses, before Pluto sees them: the default route and the DNS.
 *
 * Both may take their time, which is why programs do it and the daemon never does.
 */
#ifndef UTILS_COMMON_RESOLVE_H
#define UTILS_COMMON_RESOLVE_H

#include <net/if.h>

#include "lib/net/addr.h"

struct default_route {
	char device[IF_NAMESIZE];
	struct addr addr;		/* of the device */
	struct addr nexthop;		/* no address: the peers are on the link */
};

/* The IPv4 default route of this network namespace, ipsecN devices apart. */
err_t find_default_route(struct default_route *out);
/* Ask the DNS for an address of family (or AF_UNSPEC). */
err_t resolve_name(const char *name, sa_family_t family, struct addr *out);

#endif
