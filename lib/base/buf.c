/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owned bytes that grow by appending.
 *
 * A struct buf of zeros is empty and valid; buf_free() makes it so again.  Room
 * doubles, so appending is linear over all.  A pointer or span into a buf dies with the
 * next append: keep an offset instead (buf_put_u16() takes one, for lengths that are known
 * only when a payload is complete).
 *
 * Not for keys: growing leaves old copies behind.  Those go into a struct secret.
 */
#include "lib/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"

void buf_free(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
}

/* Make room for extra octets behind len. */
static void reserve(struct buf *b, size_t extra)
{
	size_t cap = b->cap ? b->cap : 64;

	assert(extra < SIZE_MAX / 2 - b->len);
	if (b->cap - b->len >= extra && b->ptr)
		return;
	while (cap - b->len < extra)
		cap *= 2;
	b->ptr = xrealloc(b->ptr, cap);
	b->cap = cap;
}

/* s may lie in b itself: a buf may be cut to a part of what it holds. */
void buf_set(struct buf *b, struct span s)
{
	if (s.len > b->cap) {
		struct buf fresh = { 0 };

		buf_add_span(&fresh, s);
		buf_free(b);
		*b = fresh;
		return;
	}
	if (s.len)
		memmove(b->ptr, s.ptr, s.len);
	b->len = s.len;
}

uint8_t *buf_grow(struct buf *b, size_t len)
{
	uint8_t *at;

	reserve(b, len);
	at = b->ptr + b->len;
	memset(at, 0, len);
	b->len += len;
	return at;
}

void buf_add(struct buf *b, const void *ptr, size_t len)
{
	if (len == 0)
		return;
	reserve(b, len);
	memcpy(b->ptr + b->len, ptr, len);
	b->len += len;
}

void buf_add_span(struct buf *b, struct span s)
{
	buf_add(b, s.ptr, s.len);
}

static void put_number(uint8_t *at, size_t n, uint64_t v)
{
	while (n-- > 0) {
		at[n] = (uint8_t)v;
		v >>= 8;
	}
}

void buf_add_u8(struct buf *b, uint8_t v)
{
	put_number(buf_grow(b, 1), 1, v);
}

void buf_add_u16(struct buf *b, uint16_t v)
{
	put_number(buf_grow(b, 2), 2, v);
}

void buf_add_u32(struct buf *b, uint32_t v)
{
	put_number(buf_grow(b, 4), 4, v);
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	put_number(buf_grow(b, 8), 8, v);
}

void buf_put_u16(struct buf *b, size_t at, uint16_t v)
{
	assert(at + 2 <= b->len);
	put_number(b->ptr + at, 2, v);
}

void buf_put_u32(struct buf *b, size_t at, uint32_t v)
{
	assert(at + 4 <= b->len);
	put_number(b->ptr + at, 4, v);
}

void buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	assert(n >= 0);
	reserve(b, (size_t)n + 1);
	vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *buf_str(struct buf *b)
{
	reserve(b, 1);
	b->ptr[b->len] = '\0';
	return (const char *)b->ptr;
}
