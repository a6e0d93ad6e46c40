/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which end of a connection this host is.
 *
 *	/proc/net/ipsec_tncfg	ipsec0 -> eth0 ...
 *	addresses		of ipsec0, and of eth0 under it
 *
 * ipsecN has a copy of eth0's IPv4 address, by which this has always been found out; IPv6
 * addresses are not copied, so those of eth0 itself count as well.  Exactly one end must
 * be here, on one ipsecN: to guess would be to set up the wrong direction.
 */
#include "utils/common/place.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

#define TNCFG	"/proc/net/ipsec_tncfg"

struct search {
	const struct manual_hosts *hosts;
	struct manual_place *place;
	const struct ifaddrs *addrs;
	struct buf *why;
	bool any_device, found;
};

static bool is_end(const struct manual_hosts *h, const struct addr *a, enum manual_side *side)
{
	*side = addr_eq(a, &h->host[MANUAL_LEFT]) ? MANUAL_LEFT : MANUAL_RIGHT;
	return addr_eq(a, &h->host[*side]);
}

/* Another place than before is one too many. */
static bool note(struct search *s, const char *device, enum manual_side side)
{
	struct manual_place *p = s->place;

	if (s->found && (p->side != side || strcmp(p->device, device) != 0)) {
		buf_printf(s->why, "ambiguous: could be on \"%s\" or \"%s\"", p->device, device);
		return false;
	}
	s->found = true;
	p->side = side;
	snprintf(p->device, sizeof(p->device), "%s", device);
	return true;
}

static bool read_addr(const struct sockaddr *sa, struct addr *a)
{
	socklen_t len = sa && sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
							  sizeof(struct sockaddr_in);
	struct endpoint e;

	if (!sa || endpoint_from_sockaddr(sa, len, &e))
		return false;
	*a = e.addr;
	return true;
}

static bool look_on(struct search *s, const char *virt, const char *phys)
{
	struct addr a;

	for (const struct ifaddrs *i = s->addrs; i; i = i->ifa_next) {
		enum manual_side side;

		if (strcmp(i->ifa_name, virt) && strcmp(i->ifa_name, phys))
			continue;
		if (read_addr(i->ifa_addr, &a) && is_end(s->hosts, &a, &side) &&
		    !note(s, virt, side))
			return false;
	}
	return true;
}

static bool look_on_all(struct search *s, FILE *tncfg)
{
	char line[256], virt[IF_NAMESIZE], phys[IF_NAMESIZE];

	while (fgets(line, sizeof(line), tncfg)) {
		if (sscanf(line, "%15s -> %15s", virt, phys) != 2 || !strcmp(phys, "NULL"))
			continue;
		s->any_device = true;
		if (!look_on(s, virt, phys))
			return false;
	}
	return true;
}

static bool search(struct search *s)
{
	FILE *tncfg = fopen(TNCFG, "re");
	struct ifaddrs *all = NULL;
	bool ok = false;

	if (!tncfg) {
		buf_printf(s->why, "no IPsec-enabled interfaces found (%s)", errno == ENOENT ?
			   "KLIPS is not loaded: `ipsec setup start' loads it" :
			   strerror(errno));
		return false;
	}
	if (getifaddrs(&all) < 0) {
		buf_printf(s->why, "cannot list our addresses: %s", strerror(errno));
	} else {
		s->addrs = all;
		ok = look_on_all(s, tncfg);
		freeifaddrs(all);
	}
	fclose(tncfg);
	return ok;
}

static bool believe(struct search *s, const char *iam)
{
	struct span address, device;
	struct addr a;

	if (!span_split(span_str(iam), '@', &address, &device) || ttoaddr(address, &a) ||
	    device.len == 0 || device.len >= IF_NAMESIZE) {
		buf_printf(s->why, "--iam \"%s\" is not like 198.51.100.1@ipsec0", iam);
		return false;
	}
	s->any_device = true;
	s->found = is_end(s->hosts, &a, &s->place->side);
	memcpy(s->place->device, device.ptr, device.len);
	return true;
}

bool manual_place(const struct manual_hosts *hosts, const char *iam, struct manual_place *out,
		  struct buf *why)
{
	struct search s = { .hosts = hosts, .place = out, .why = why };
	struct addr_buf left, right;

	*out = (struct manual_place){ 0 };
	if (iam ? !believe(&s, iam) : !search(&s))
		return false;
	if (!s.any_device) {
		buf_printf(why, "no IPsec-enabled interfaces found (none is attached: "
			   "see ipsec tncfg)");
		return false;
	}
	if (!s.found)
		buf_printf(why, "cannot find interface for %s or %s",
			   addr_show(&hosts->host[MANUAL_LEFT], &left),
			   addr_show(&hosts->host[MANUAL_RIGHT], &right));
	return s.found;
}
