/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Borrowed bytes: comparing, splitting, and taking from the front.
 *
 * Every reader of outside input in this tree moves by span_take() and its kin.  They
 * hand out what is there or nothing; a length found in the input is only ever an
 * argument to them, never arithmetic on a pointer.  Nothing here looks behind the end
 * of a span, so text in a span needs no NUL.
 */
#include "lib/base/span.h"

#include <string.h>
#include <strings.h>

#include "lib/base/alloc.h"

struct span span_str(const char *s)
{
	return s ? span_of(s, strlen(s)) : SPAN_EMPTY;
}

bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/*
 * For hashes and keys.  The length is no secret.  The accumulator is volatile so that
 * no loop is cut short once the answer is known.
 */
bool span_eq_secret(struct span a, struct span b)
{
	volatile uint8_t differ = 0;

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		differ = differ | (a.ptr[i] ^ b.ptr[i]);
	return differ == 0;
}

bool span_is(struct span a, const char *s)
{
	return span_eq(a, span_str(s));
}

bool span_is_nocase(struct span a, const char *s)
{
	return a.len == strlen(s) &&
	       (a.len == 0 || strncasecmp((const char *)a.ptr, s, a.len) == 0);
}

bool span_starts(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.len >= n && span_is(span_of(a.ptr, n), prefix);
}

bool span_split(struct span text, char sep, struct span *head, struct span *tail)
{
	const uint8_t *at = text.len ? memchr(text.ptr, sep, text.len) : NULL;

	if (!at) {
		*head = text;
		*tail = SPAN_EMPTY;
		return false;
	}
	*head = span_of(text.ptr, (size_t)(at - text.ptr));
	*tail = span_skip(text, head->len + 1);
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct span span_trim(struct span text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = span_skip(text, 1);
	while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

struct span span_skip(struct span s, size_t n)
{
	if (n >= s.len)
		return SPAN_EMPTY;
	return span_of(s.ptr + n, s.len - n);
}

char *span_dup(struct span s)
{
	char *copy = xalloc(s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

bool span_take(struct span *in, size_t n, struct span *out)
{
	if (in->len < n)
		return false;
	*out = span_of(in->ptr, n);
	*in = span_skip(*in, n);
	return true;
}

/* n octets as a number, most significant first. */
static bool take_number(struct span *in, size_t n, uint64_t *v)
{
	struct span s;

	if (!span_take(in, n, &s))
		return false;
	*v = 0;
	for (size_t i = 0; i < n; i++)
		*v = *v << 8 | s.ptr[i];
	return true;
}

bool span_take_u8(struct span *in, uint8_t *v)
{
	uint64_t n;

	if (!take_number(in, 1, &n))
		return false;
	*v = (uint8_t)n;
	return true;
}

bool span_take_u16(struct span *in, uint16_t *v)
{
	uint64_t n;

	if (!take_number(in, 2, &n))
		return false;
	*v = (uint16_t)n;
	return true;
}

bool span_take_u32(struct span *in, uint32_t *v)
{
	uint64_t n;

	if (!take_number(in, 4, &n))
		return false;
	*v = (uint32_t)n;
	return true;
}

bool span_take_u64(struct span *in, uint64_t *v)
{
	return take_number(in, 8, v);
}
