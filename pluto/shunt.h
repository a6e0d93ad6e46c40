/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bare shunts: the %holds that trapped packets have made in the kernel.
 */
#ifndef PLUTO_SHUNT_H
#define PLUTO_SHUNT_H

#include "pluto/connection.h"

/* A packet from src to dst has met the trap of c, and waits in a %hold. */
void shunt_held(struct connection *c, const struct addr *src, const struct addr *dst);
/* Take the %holds of c out: their packets go by what the table says now. */
void shunt_release(struct connection *c);
/* One that belongs to no connection. */
void shunt_drop_stray(struct pluto *p, const struct addr *src, const struct addr *dst);
void shunt_show(struct pluto *p, struct reply *r);
void shunt_fini(struct pluto *p);
/* The SAID of a shunt eroute: dst is only there for its family. */
struct said shunt_said(uint32_t spi, const struct addr *dst);

#endif
