/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our ends of IKE: one socket for each address that belongs to an ipsecN device.
 */
#ifndef PLUTO_IFACE_H
#define PLUTO_IFACE_H

#include "lib/base/list.h"
#include "lib/net/addr.h"
#include "pluto/reply.h"

struct pluto;
struct watch;

struct iface {
	struct list link;
	struct pluto *pluto;
	char *vname;			/* "ipsec0" */
	char *pname;			/* "eth0" */
	struct endpoint local;
	int fd;
	struct watch *watch;
	bool stale;			/* used while looking again */
};

/* Look for interfaces, open and close sockets; logs each as "adding interface ipsec0/eth0 192.0.2.1". */
void iface_scan(struct pluto *p, struct reply *r);
void iface_close_all(struct pluto *p);
/* "ipsec0 -> eth0 mtu=16260(1443) -> 1500": the names, IFNAMSIZ each; false: not attached. */
bool iface_parse_tncfg(const char *line, char *vname, char *pname);

/* net.c; the exchange tests have their own.  Consumes nothing; errors are logged. */
void net_send(struct iface *ifp, const struct endpoint *to, struct span datagram);
/* Implemented in demux.c, called by net.c for each datagram. */
void demux(struct pluto *p, struct iface *ifp, const struct endpoint *from, struct span datagram);

#endif
