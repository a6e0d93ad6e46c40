/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The doors to the engine for those above it: whack's commands, the kernel's messages, timers.
 */
#ifndef PLUTO_INITIATE_H
#define PLUTO_INITIATE_H

#include "pluto/connection.h"

/*
 * Bring c up: Quick Mode under a usable ISAKMP SA, or Main Mode first.  r (held while it lasts;
 * NULL is fine) gets the progress lines and the outcome.  replacing: serial of the IPsec SA
 * to be replaced, 0 for none.  c is permanent or an instance, oriented, with a peer address:
 * the caller has checked.
 */
void ike_initiate(struct connection *c, struct reply *r, unsigned int try, unsigned long replacing);
/* The same after some milliseconds, with nobody waiting. */
void ike_initiate_later(struct connection *c, unsigned int try, unsigned long replacing,
			uint64_t delay);
/* Does c wait for an ISAKMP SA? */
bool ike_pending(const struct connection *c);
/* End all SAs and exchanges of c; Deletes are sent.  The ISAKMP SA stays if others need it. */
void ike_terminate(struct connection *c, const char *why);
/* whack --deletestate n.  False: no such number. */
bool ike_delete_state(struct pluto *p, unsigned long serial);
/* The state lines of ipsec auto --status. */
void ike_show_states(struct pluto *p, struct reply *r);
/* At shutdown: Deletes for everything, then silence. */
void ike_shutdown(struct pluto *p);
/* Once at start, and then for each hour in which strangers come: a new secret for cookies. */
void ike_init(struct pluto *p);

#endif
