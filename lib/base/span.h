/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Borrowed bytes.
 *
 * A span points into something that outlives it and is passed by value; it never
 * frees.  Reading from the front of a span ("taking") is the only way that the
 * parsers here move through input, so no parser can leave its bounds.
 */
#ifndef LIB_BASE_SPAN_H
#define LIB_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL, or a constant phrase that completes "bad address: ..." */
typedef const char *err_t;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct span {
	const uint8_t *ptr;
	size_t len;
};

static inline struct span span_of(const void *ptr, size_t len)
{
	return (struct span){ ptr, len };
}

#define SPAN_EMPTY ((struct span){ NULL, 0 })

struct span span_str(const char *s);		/* without the NUL; NULL gives an empty span */
bool span_eq(struct span a, struct span b);
bool span_eq_secret(struct span a, struct span b);	/* time does not depend on the contents */
bool span_is(struct span a, const char *s);	/* same text */
bool span_is_nocase(struct span a, const char *s);
bool span_starts(struct span a, const char *prefix);
/* Split at the first sep; false (and *head = all) when there is none. */
bool span_split(struct span text, char sep, struct span *head, struct span *tail);
struct span span_trim(struct span text);	/* without blanks and tabs at both ends */
struct span span_skip(struct span s, size_t n);	/* without its first n octets (or empty) */
char *span_dup(struct span s);			/* a NUL-terminated copy, owned by the caller */

/* Take from the front; false, with *in untouched, when there is not enough.  Network order. */
bool span_take(struct span *in, size_t n, struct span *out);
bool span_take_u8(struct span *in, uint8_t *v);
bool span_take_u16(struct span *in, uint16_t *v);
bool span_take_u32(struct span *in, uint32_t *v);
bool span_take_u64(struct span *in, uint64_t *v);

#endif
