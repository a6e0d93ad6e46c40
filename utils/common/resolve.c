/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names into addresses: what %defaultroute and a DNS name stand for just now.
 *
 * The default route is the one with the lowest metric in /proc/net/route, a file of
 * the reader's own network namespace.  A default route through an ipsecN device is one of
 * ours: it says nothing about the way to the outside.
 */
#include "utils/common/resolve.h"

#include <ifaddrs.h>
#include <net/route.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

struct route_line {
	char device[IF_NAMESIZE];
	unsigned int dst, gateway, flags, mask;
	int metric;
};

static bool parse_route(const char *line, struct route_line *r)
{
	_Static_assert(IF_NAMESIZE == 16, "%15s below");

	return sscanf(line, "%15s %x %x %x %*d %*d %d %x", r->device, &r->dst, &r->gateway,
		      &r->flags, &r->metric, &r->mask) == 6;
}

static bool is_default(const struct route_line *r)
{
	return r->dst == 0 && r->mask == 0 && (r->flags & RTF_UP) &&
	       !(r->flags & RTF_REJECT) && strncmp(r->device, "ipsec", 5) != 0;
}

static bool best_route(struct route_line *best)
{
	FILE *f = fopen("/proc/net/route", "re");
	struct route_line r;
	bool found = false;
	char line[256];

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (!parse_route(line, &r) || !is_default(&r))
			continue;
		if (!found || r.metric < best->metric)
			*best = r;
		found = true;
	}
	fclose(f);
	return found;
}

static bool to_addr(const struct sockaddr *sa, struct addr *out)
{
	struct endpoint e;

	if (!sa || sa->sa_family != AF_INET ||
	    endpoint_from_sockaddr(sa, sizeof(struct sockaddr_in), &e))
		return false;
	*out = e.addr;
	return true;
}

/* The first address of the device; of a point-to-point link, also who is at the other end. */
static bool device_address(struct default_route *out)
{
	struct ifaddrs *all, *i;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (i = all; i && !found; i = i->ifa_next) {
		if (strcmp(i->ifa_name, out->device) != 0 || !to_addr(i->ifa_addr, &out->addr))
			continue;
		found = true;
		if (!addr_is_set(&out->nexthop) && (i->ifa_flags & IFF_POINTOPOINT))
			to_addr(i->ifa_dstaddr, &out->nexthop);
	}
	freeifaddrs(all);
	return found;
}

err_t find_default_route(struct default_route *out)
{
	struct route_line r;

	memset(out, 0, sizeof(*out));
	if (!best_route(&r))
		return "there is no default route";
	memcpy(out->device, r.device, sizeof(out->device));
	/* The kernel prints the octets in network order as one number of the host. */
	if (r.gateway &&
	    addr_from_octets(AF_INET, span_of(&r.gateway, sizeof(r.gateway)), &out->nexthop))
		return "the default route has no proper gateway";
	if (!device_address(out))
		return "the device of the default route has no address";
	return NULL;
}

err_t resolve_name(const char *name, sa_family_t family, struct addr *out)
{
	struct addrinfo want = { .ai_family = family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *got, *i;
	struct endpoint e;
	int code = getaddrinfo(name, NULL, &want, &got);

	if (code)
		return gai_strerror(code);
	for (i = got; i; i = i->ai_next)
		if (!endpoint_from_sockaddr(i->ai_addr, i->ai_addrlen, &e))
			break;
	if (i)
		*out = e.addr;
	freeaddrinfo(got);
	return i ? NULL : "no address of a kind that we know";
}
