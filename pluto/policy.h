/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy half of whack's connection message: bits, times, suites.
 */
#ifndef PLUTO_POLICY_H
#define PLUTO_POLICY_H

#include "pluto/connection.h"

/*
 * Fill in policy, times and suites of c from m.  False, with a reply line that names the
 * parameter, when something in it cannot be used; c is then only good for freeing.
 */
bool policy_read(struct connection *c, const struct whack_msg *m, struct reply *r);

#endif
