/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP addresses and endpoints as values.
 *
 * A struct addr of zeros is no address (AF_UNSPEC); that differs from 0.0.0.0, which is
 * one.  Octets that the family does not use are zero, always, so that addresses may be
 * compared and hashed as a whole.  Nothing here asks the DNS.
 */
#include "lib/net/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static size_t family_len(sa_family_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

size_t addr_len(const struct addr *a)
{
	return family_len(a->family);
}

struct span addr_span(const struct addr *a)
{
	return span_of(a->octets, addr_len(a));
}

err_t ttoaddr(struct span text, struct addr *a)
{
	char s[INET6_ADDRSTRLEN];
	struct addr parsed = { 0 };

	if (text.len == 0)
		return "empty address";
	if (text.len >= sizeof(s) || memchr(text.ptr, '\0', text.len))
		return "not a numeric IP address";
	memcpy(s, text.ptr, text.len);
	s[text.len] = '\0';
	parsed.family = strchr(s, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(parsed.family, s, parsed.octets) != 1)
		return "not a numeric IP address";
	*a = parsed;
	return NULL;
}

err_t addr_from_octets(sa_family_t family, struct span octets, struct addr *a)
{
	size_t len = family_len(family);

	if (len == 0)
		return "address family is neither IPv4 nor IPv6";
	if (octets.len != len)
		return "length of an address is wrong for its family";
	*a = (struct addr){ .family = family };
	memcpy(a->octets, octets.ptr, len);
	return NULL;
}

const char *addr_show(const struct addr *a, struct addr_buf *b)
{
	if (!addr_is_set(a) || !inet_ntop(a->family, a->octets, b->s, sizeof(b->s)))
		snprintf(b->s, sizeof(b->s), "<none>");
	return b->s;
}

const char *endpoint_show(const struct endpoint *e, struct addr_buf *b)
{
	struct addr_buf ab;
	bool v6 = e->addr.family == AF_INET6;

	snprintf(b->s, sizeof(b->s), "%s%.*s%s:%u", v6 ? "[" : "", INET6_ADDRSTRLEN,
		 addr_show(&e->addr, &ab), v6 ? "]" : "", e->port);
	return b->s;
}

struct addr addr_any(sa_family_t family)
{
	return (struct addr){ .family = family };
}

bool addr_is_set(const struct addr *a)
{
	return addr_len(a) != 0;
}

bool addr_is_any(const struct addr *a)
{
	for (size_t i = 0; i < addr_len(a); i++)
		if (a->octets[i])
			return false;
	return true;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_cmp(a, b) == 0;
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->octets, b->octets, addr_len(a));
}

socklen_t endpoint_to_sockaddr(const struct endpoint *e, struct sockaddr_storage *ss)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(e->port) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };

	memset(ss, 0, sizeof(*ss));
	switch (e->addr.family) {
	case AF_INET:
		memcpy(&sin.sin_addr, e->addr.octets, sizeof(sin.sin_addr));
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	case AF_INET6:
		memcpy(&sin6.sin6_addr, e->addr.octets, sizeof(sin6.sin6_addr));
		memcpy(ss, &sin6, sizeof(sin6));
		return sizeof(sin6);
	default:
		return 0;
	}
}

err_t endpoint_from_sockaddr(const struct sockaddr *sa, socklen_t len, struct endpoint *e)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (len < sizeof(sa->sa_family))
		return "socket address is too short for a family";
	switch (sa->sa_family) {
	case AF_INET:
		if (len < sizeof(sin))
			return "IPv4 socket address is too short";
		memcpy(&sin, sa, sizeof(sin));
		e->port = ntohs(sin.sin_port);
		return addr_from_octets(AF_INET, span_of(&sin.sin_addr, 4), &e->addr);
	case AF_INET6:
		if (len < sizeof(sin6))
			return "IPv6 socket address is too short";
		memcpy(&sin6, sa, sizeof(sin6));
		e->port = ntohs(sin6.sin6_port);
		return addr_from_octets(AF_INET6, span_of(&sin6.sin6_addr, 16), &e->addr);
	default:
		return "socket address is neither IPv4 nor IPv6";
	}
}

bool endpoint_eq(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_eq(&a->addr, &b->addr);
}
