/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP addresses and endpoints, IPv4 and IPv6, as values.
 */
#ifndef LIB_NET_ADDR_H
#define LIB_NET_ADDR_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/base/span.h"

struct addr {
	sa_family_t family;		/* AF_UNSPEC: no address */
	uint8_t octets[16];		/* network order; unused ones are zero */
};

struct endpoint {
	struct addr addr;
	uint16_t port;			/* host order */
};

struct addr_buf {
	char s[INET6_ADDRSTRLEN + 24];
};

err_t ttoaddr(struct span text, struct addr *a);	/* numeric only; never asks the DNS */
err_t addr_from_octets(sa_family_t family, struct span octets, struct addr *a);
const char *addr_show(const struct addr *a, struct addr_buf *b);	/* "<none>" for AF_UNSPEC */
/* addr:port, [v6]:port */
const char *endpoint_show(const struct endpoint *e, struct addr_buf *b);
struct addr addr_any(sa_family_t family);
bool addr_is_any(const struct addr *a);			/* unspecified, or no address at all */
bool addr_is_set(const struct addr *a);
bool addr_eq(const struct addr *a, const struct addr *b);
int addr_cmp(const struct addr *a, const struct addr *b);
size_t addr_len(const struct addr *a);			/* 4, 16 or 0 octets */
struct span addr_span(const struct addr *a);
socklen_t endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *ss);
err_t endpoint_from_sockaddr(const struct sockaddr *sa, socklen_t len, struct endpoint *e);
bool endpoint_eq(const struct endpoint *a, const struct endpoint *b);

#endif
