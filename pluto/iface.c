// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces: which addresses are ours to speak IKE from.
 *
 * KLIPS says which ipsecN is attached to which device (/proc/net/ipsec_tncfg), the system
 * which device has which addresses.  An ipsecN and its device make one interface for
 * each address of the device; with --noklips every device but loopback is one of its own.
 * Each gets a UDP socket bound to its address: an answer must leave with the address
 * that the question came to, and packets to other addresses are none of our business.
 *
 * Looking again (whack --listen) keeps the sockets of what is still there, closes what
 * has gone and takes down the connections that leaned on it.
 *
 * How the IKE packets themselves stay out of the tunnels is KLIPS's doing.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "pluto/connection.h"
#include "pluto/iface.h"
#include "pluto/kernel.h"
#include "pluto/net.h"
#include "pluto/plog.h"
#include "pluto/server.h"

#define TNCFG "/proc/net/ipsec_tncfg"

/* --- what there is ------------------------------------------------------------------- */

struct found {
	struct list link;
	char vname[IFNAMSIZ], pname[IFNAMSIZ];
	struct addr addr;
};

static void found_add(struct list *found, const char *vname, const char *pname,
		      const struct addr *a)
{
	struct found *f = xalloc(sizeof(*f));

	snprintf(f->vname, sizeof(f->vname), "%s", vname);
	snprintf(f->pname, sizeof(f->pname), "%s", pname);
	f->addr = *a;
	list_add(found, &f->link);
}

static void found_free(struct list *found)
{
	struct found *f;

	while ((f = LIST_FIRST(found, struct found, link))) {
		list_del(&f->link);
		free(f);
	}
}

/* --interface given: these alone.  Either name of a pair will do. */
static bool wanted(const struct pluto *p, const char *vname, const char *pname)
{
	for (unsigned int i = 0; i < p->n_interfaces; i++)
		if (!strcmp(p->interface[i], vname) || !strcmp(p->interface[i], pname))
			return true;
	return p->n_interfaces == 0;
}

/* A link-local address is good on one link only: nobody's end of a tunnel. */
static bool usable(const struct addr *a)
{
	if (a->family == AF_INET6)
		return !(a->octets[0] == 0xfe && (a->octets[1] & 0xc0) == 0x80);
	return true;
}

static void add_addresses(struct list *found, const struct ifaddrs *all, const char *vname,
			  const char *pname)
{
	struct endpoint e;

	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr || strcmp(i->ifa_name, pname) || !(i->ifa_flags & IFF_UP))
			continue;
		if (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6)
			continue;
		if (!endpoint_from_sockaddr(i->ifa_addr, sizeof(struct sockaddr_in6), &e) &&
		    usable(&e.addr))
			found_add(found, vname, pname, &e.addr);
	}
}

bool iface_parse_tncfg(const char *line, char *vname, char *pname)
{
	char v[IFNAMSIZ], d[IFNAMSIZ];

	if (sscanf(line, "%15s -> %15s ", v, d) != 2 || !strcmp(d, "NULL"))
		return false;
	memcpy(vname, v, sizeof(v));
	memcpy(pname, d, sizeof(d));
	return true;
}

static err_t find_klips(struct pluto *p, const struct ifaddrs *all, struct list *found)
{
	char line[256], vname[IFNAMSIZ], pname[IFNAMSIZ];
	FILE *f = fopen(TNCFG, "re");

	if (!f)
		return "cannot read " TNCFG ": is ipsec.ko loaded?";
	while (fgets(line, sizeof(line), f))
		if (iface_parse_tncfg(line, vname, pname) && wanted(p, vname, pname))
			add_addresses(found, all, vname, pname);
	fclose(f);
	return NULL;
}

static void find_plain(struct pluto *p, const struct ifaddrs *all, struct list *found)
{
	struct if_nameindex *names = if_nameindex();

	for (struct if_nameindex *n = names; n && n->if_name; n++)
		if (strcmp(n->if_name, "lo") && wanted(p, n->if_name, n->if_name))
			add_addresses(found, all, n->if_name, n->if_name);
	if (names)
		if_freenameindex(names);
}

/* Two devices with one address: a peer could not tell them apart, so the first counts. */
static void drop_shared(struct pluto *p, struct list *found, struct reply *r)
{
	struct found *f, *tmp, *g;
	struct addr_buf ab;

	LIST_EACH_SAFE(f, tmp, found, struct found, link)
		LIST_EACH(g, found, struct found, link) {
			if (g == f)
				break;
			if (!addr_eq(&f->addr, &g->addr))
				continue;
			plog_pluto(p, r, RC_LOG_SERIOUS, "IP interfaces %s and %s share address "
				   "%s! Using %s", g->pname, f->pname, addr_show(&f->addr, &ab),
				   g->pname);
			list_del(&f->link);
			free(f);
			break;
		}
}

/* --- sockets ------------------------------------------------------------------------- */

static void iface_free(struct iface *ifp)
{
	list_del(&ifp->link);
	server_unwatch(ifp->watch);
	close(ifp->fd);
	free(ifp->vname);
	free(ifp->pname);
	free(ifp);
}

static int open_socket(const struct endpoint *local, const char **step)
{
	struct sockaddr_storage ss;
	socklen_t len = endpoint_to_sockaddr(local, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool v6 = ss.ss_family == AF_INET6;
	int on = 1;

	*step = "socket";
	if (fd < 0)
		return -1;
	*step = "setsockopt";
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR,
		       &on, sizeof(on)))
		goto fail;
	if (v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)))
		goto fail;
	*step = "bind";
	if (bind(fd, (struct sockaddr *)&ss, len))
		goto fail;
	return fd;
fail:
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

static void iface_add(struct pluto *p, const struct found *f, struct reply *r)
{
	struct endpoint local = { .addr = f->addr, .port = p->ike_port };
	struct addr_buf ab;
	struct iface *ifp;
	const char *step;
	int fd = open_socket(&local, &step);

	if (fd < 0) {
		plog_pluto(p, r, RC_LOG_SERIOUS, "%s for %s/%s %s failed: %s%s", step, f->vname,
			   f->pname, endpoint_show(&local, &ab), strerror(errno),
			   errno == EADDRINUSE ? " (another IKE daemon is running?)" : "");
		return;
	}
	ifp = xalloc(sizeof(*ifp));
	ifp->pluto = p;
	ifp->vname = xstrdup(f->vname);
	ifp->pname = xstrdup(f->pname);
	ifp->local = local;
	ifp->fd = fd;
	ifp->watch = server_watch(fd, net_read, ifp);
	list_add(&p->ifaces, &ifp->link);
	plog_pluto(p, r, RC_LOG, "adding interface %s/%s %s", f->vname, f->pname,
		   addr_show(&f->addr, &ab));
}

static struct iface *iface_known(struct pluto *p, const struct found *f)
{
	struct iface *ifp;

	LIST_EACH(ifp, &p->ifaces, struct iface, link)
		if (addr_eq(&ifp->local.addr, &f->addr) && !strcmp(ifp->vname, f->vname) &&
		    !strcmp(ifp->pname, f->pname))
			return ifp;
	return NULL;
}

static void iface_shut(struct iface *ifp, struct reply *r)
{
	struct addr_buf ab;

	plog_pluto(ifp->pluto, r, RC_LOG, "shutting down interface %s/%s %s", ifp->vname,
		   ifp->pname, addr_show(&ifp->local.addr, &ab));
	connection_iface_gone(ifp->pluto, ifp);
	iface_free(ifp);
}

/* --- looking ------------------------------------------------------------------------- */

static err_t find_all(struct pluto *p, struct list *found)
{
	struct ifaddrs *all;
	err_t ugh = NULL;

	if (getifaddrs(&all))
		return "cannot list the system's addresses";
	if (!p->kernel->devices)
		find_plain(p, all, found);
	else
		ugh = find_klips(p, all, found);
	freeifaddrs(all);
	return ugh;
}

void iface_scan(struct pluto *p, struct reply *r)
{
	struct list found = LIST_INIT(found);
	struct iface *ifp, *tmp;
	struct found *f;
	err_t ugh = find_all(p, &found);

	if (ugh) {
		/* Not knowing is no reason to close what works. */
		plog_pluto(p, r, RC_LOG_SERIOUS, "looking for interfaces: %s", ugh);
		found_free(&found);
		return;
	}
	drop_shared(p, &found, r);
	LIST_EACH(ifp, &p->ifaces, struct iface, link)
		ifp->stale = true;
	LIST_EACH(f, &found, struct found, link) {
		ifp = iface_known(p, f);
		if (ifp)
			ifp->stale = false;
	}
	LIST_EACH_SAFE(ifp, tmp, &p->ifaces, struct iface, link)
		if (ifp->stale)
			iface_shut(ifp, r);
	LIST_EACH(f, &found, struct found, link)
		if (!iface_known(p, f))
			iface_add(p, f, r);
	found_free(&found);

	if (list_empty(&p->ifaces))
		plog_pluto(p, r, RC_LOG_SERIOUS, "no public interfaces found%s",
			   !p->kernel->devices ? "" :
			   ": attach an ipsecN to a device that has an address (interfaces= in "
			   "ipsec.conf, or ipsec tncfg)");
	connection_orient_all(p);
}

void iface_close_all(struct pluto *p)
{
	struct iface *ifp, *tmp;

	connection_unorient_all(p);
	LIST_EACH_SAFE(ifp, tmp, &p->ifaces, struct iface, link)
		iface_free(ifp);
}
