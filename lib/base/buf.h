/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owned bytes that grow.  buf_free() releases; a buf of zeros is an empty one.
 */
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <stdarg.h>

#include "lib/base/span.h"

struct buf {
	uint8_t *ptr;
	size_t len;
	size_t cap;
};

void buf_free(struct buf *b);
void buf_clear(struct buf *b);			/* len 0, room kept */
void buf_set(struct buf *b, struct span s);	/* becomes a copy of s */
void buf_add(struct buf *b, const void *ptr, size_t len);
void buf_add_span(struct buf *b, struct span s);
uint8_t *buf_grow(struct buf *b, size_t len);	/* append len zeros, return the first */
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_u16(struct buf *b, uint16_t v);	/* network order */
void buf_add_u32(struct buf *b, uint32_t v);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_put_u16(struct buf *b, size_t at, uint16_t v);	/* overwrite */
void buf_put_u32(struct buf *b, size_t at, uint32_t v);
void buf_add_str(struct buf *b, const char *s);	/* without the NUL */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);
/* The text so far, NUL-terminated (the NUL is not counted in len); valid until the next change. */
const char *buf_str(struct buf *b);

static inline struct span buf_span(const struct buf *b)
{
	return (struct span){ b->ptr, b->len };
}

#endif
