/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talking to Pluto: used by whack, addconn and the tests.
 */
#ifndef LIB_WHACK_CLIENT_H
#define LIB_WHACK_CLIENT_H

#include "lib/whack/msg.h"

/* Called for each reply line: its code and the text behind it. */
typedef void whack_line(void *ctx, unsigned int code, const char *text);

/*
 * Send one message to the socket at path and hand over reply lines until Pluto closes.
 * Returns whack's exit status: 0; 1 if we failed (said on stderr, as
 * `whack: Pluto is not running (no "/run/pluto/pluto.ctl")`); else the code of
 * the last line that is not 000 or 002, with 004 as 0 (ipsec_whack(8)).
 */
int whack_call(const char *path, const struct buf *msg, whack_line *line, void *ctx);

/* Prints "NNN text" on stdout; lines of code 002 only if ctx points to a true bool, or is NULL. */
void whack_print_line(void *ctx, unsigned int code, const char *text);

#endif
