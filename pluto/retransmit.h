/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saying it again, giving up, and trying anew.
 */
#ifndef PLUTO_RETRANSMIT_H
#define PLUTO_RETRANSMIT_H

#include "pluto/exchange.h"

#define RETRANSMIT_FIRST	1000	/* milliseconds; doubles each time */
#define RETRANSMIT_MAX		5	/* so the last is sent after 31 s, and 63 s is the end */
#define DUP_REPLIES_MAX		5

/* last_out has just been sent for the first time, and an answer is wanted. */
void retransmit_start(struct exchange *x);
/* The peer repeats itself: so do we, if it may be that our answer was lost. */
void retransmit_duplicate(struct exchange *x);
/* Wait, but say nothing; then forget the exchange. */
void retransmit_wait(struct exchange *x, unsigned int seconds);
/* This attempt has failed: begin the next if keyingtries= allows.  x is freed. */
void retransmit_give_up(struct exchange *x, uint64_t delay);
/* How long to wait before the next attempt when a peer refused this one: milliseconds. */
uint64_t retransmit_backoff(unsigned int try);

#endif
