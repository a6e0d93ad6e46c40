/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little of rtnetlink that tncfg needs: list links, and make, change or remove one.
 */
#ifndef UTILS_COMMON_RTNL_H
#define UTILS_COMMON_RTNL_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "lib/base/span.h"

#define RTNL_KIND_MAX	16

struct rtnl_link {
	int index;
	int lower;			/* the device it is on; 0 where there is none */
	char name[IFNAMSIZ];
	char kind[RTNL_KIND_MAX];	/* "" where there is none */
};

/* A request under construction; overflow spoils it, not the memory. */
struct rtnl_req {
	union {
		struct nlmsghdr hdr;
		uint8_t octets[512];
	};
	bool overflow;
};

/* What the kernel said beyond an errno; "" when nothing. */
struct rtnl_error {
	char text[160];
};

/* A socket, close-on-exec, or a negative errno. */
int rtnl_open(void);

/* A request about the link with that index; 0 where it is named by an attribute. */
void rtnl_start(struct rtnl_req *r, uint16_t type, uint16_t flags, int index);
void rtnl_add(struct rtnl_req *r, uint16_t type, const void *data, size_t len);
void rtnl_add_str(struct rtnl_req *r, uint16_t type, const char *text);
void rtnl_add_u32(struct rtnl_req *r, uint16_t type, uint32_t v);
/* Open a nested attribute; close it with what this returned. */
size_t rtnl_nest(struct rtnl_req *r, uint16_t type);
void rtnl_nest_end(struct rtnl_req *r, size_t nest);

/* Send it and wait for the acknowledgement.  0 or a negative errno. */
int rtnl_ask(int fd, struct rtnl_req *r, struct rtnl_error *e);

/* Call fn for each link until it returns false.  0 or a negative errno. */
int rtnl_links(int fd, bool (*fn)(const struct rtnl_link *link, void *arg), void *arg);

#endif
