/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAIDs: the name of a security association, <destination, protocol, SPI>.
 *
 * Text forms: esp0x1001@198.51.100.2 (of /proc), esp.1001@198.51.100.2 (of whack's
 * status), and the shunts %pass, %drop, %reject, %hold, %trap, %trapsubnet.
 */
#ifndef LIB_NET_SAID_H
#define LIB_NET_SAID_H

#include "lib/net/addr.h"

struct said {
	struct addr dst;
	uint8_t proto;			/* IP protocol: 50, 51, 108, 4 (tun), 61 (shunt) */
	uint32_t spi;			/* host order */
};

struct said_buf {
	char s[INET6_ADDRSTRLEN + 24];
};

err_t ttosaid(struct span text, struct said *s);
const char *said_show(const struct said *s, struct said_buf *b);	/* with 0x */
const char *said_show_dot(const struct said *s, struct said_buf *b);	/* with . */
bool said_eq(const struct said *a, const struct said *b);
const char *said_proto_name(uint8_t proto);	/* "esp", "ah", "tun", "comp", "int"; NULL */
uint8_t said_proto_by_name(struct span text);		/* 0 when unknown */

#endif
