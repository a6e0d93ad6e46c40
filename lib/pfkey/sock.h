/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * PF_KEYv2 from a program: open the socket, ask the kernel something, show a message.
 *
 * User space only; the kernel compiles ext.c, parse.c and build.c and nothing else.
 * Errors are negative errno values, as everywhere in lib/pfkey.
 */
#ifndef LIB_PFKEY_SOCK_H
#define LIB_PFKEY_SOCK_H

#include "lib/base/buf.h"
#include "lib/pfkey/pfkey.h"

/* How long a kernel that is there may take to answer. */
#define PFKEY_PATIENCE_MS	5000

/* One message from the kernel; m points into octets. */
struct pfkey_reply {
	uint64_t octets[PFKEY_MSG_MAX / 8];
	size_t len;
	struct pfkey_msg m;
};

/*
 * A PF_KEY socket of KLIPS, close-on-exec.  Looks first whether KLIPS is there, so
 * that opening never makes the system load another owner of the family.
 * Returns the descriptor, or a negative errno with *why saying what is the matter
 * and what to do.
 */
int pfkey_open(err_t *why);

/*
 * Receive one well-formed message, waiting at most timeout_ms (-1: for ever).
 * Malformed ones are skipped.  Returns 0, -ETIMEDOUT, -ENOBUFS when the kernel had to
 * drop messages for us, or another negative errno.
 */
int pfkey_receive(int fd, struct pfkey_reply *r, int timeout_ms);

/*
 * Send the len octets at msg, a finished message, and wait for the answer to it: same
 * type, sequence number and process.  Others' messages are skipped.
 * Returns 0 with the answer in *r, or the negative of the errno that send(2) or the
 * answer holds, or -ETIMEDOUT.  On errors, too, r->m is fit for pfkey_refusal().
 */
int pfkey_ask(int fd, const void *msg, size_t len, struct pfkey_reply *r);

/* Append one readable line, without newline and without a single bit of any key. */
void pfkey_print(const struct pfkey_msg *m, struct buf *out);

#endif
