/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quick Mode: beginning it, from either side.
 */
#ifndef PLUTO_QUICK_MODE_H
#define PLUTO_QUICK_MODE_H

#include "pluto/transition.h"

/* A new exchange as initiator under sa, not yet started; NULL when the kernel has no SPI. */
struct exchange *quick_mode_begin(struct isakmp_sa *sa, struct connection *c, struct reply *r,
				  unsigned int try, unsigned long replacing);
/* A first message under sa, with a message ID not seen before.  m is consumed. */
void quick_mode_respond(struct isakmp_sa *sa, struct ike_msg *m);

#endif
