/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main Mode: beginning it, from either side.
 */
#ifndef PLUTO_MAIN_MODE_H
#define PLUTO_MAIN_MODE_H

#include "pluto/transition.h"

/* A new exchange as initiator, not yet started.  replacing: serial of the ISAKMP SA, 0. */
struct exchange *main_mode_begin(struct connection *c, struct reply *r, unsigned int try,
				 unsigned long replacing);
/* The first message of a stranger.  m is consumed. */
void main_mode_respond(struct pluto *p, struct ike_msg *m);

#endif
