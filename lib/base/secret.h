/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owned bytes that must not be seen: keys, shared secrets, passwords.
 *
 * A secret is wiped when it is freed or replaced, has no printer, and lives in memory
 * that is kept out of core files where the system allows it.
 */
#ifndef LIB_BASE_SECRET_H
#define LIB_BASE_SECRET_H

#include "lib/base/span.h"

struct secret {
	uint8_t *ptr;
	size_t len;
};

uint8_t *secret_alloc(struct secret *s, size_t len);	/* zeros, to be filled in */
void secret_set(struct secret *s, struct span from);
void secret_move(struct secret *to, struct secret *from);	/* from becomes empty */
void secret_free(struct secret *s);			/* wipes */
void secret_wipe(void *ptr, size_t len);		/* not optimised away */

static inline struct span secret_span(const struct secret *s)
{
	return (struct span){ s->ptr, s->len };
}

#endif
