/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail.
 *
 * A daemon that has no memory for a few hundred octets has no way on that would be
 * better than stopping with a message: each caller's error path would be code that no
 * test ever runs.  So these end the program.  Sizes here come from our own structures
 * and from input that a parser has already bounded; never pass a length from a peer.
 */
#include "lib/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"

static _Noreturn void out_of_memory(size_t size)
{
	log_msg(LOG_LVL_ERROR, "out of memory: no room for %zu octets", size);
	abort();
}

/* Zero octets are as good as one: a pointer that may be freed and compared. */
void *xalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		out_of_memory(size);
	return p;
}

void *xrealloc(void *ptr, size_t size)
{
	void *p = realloc(ptr, size ? size : 1);

	if (!p)
		out_of_memory(size);
	return p;
}

char *xstrdup(const char *s)
{
	return s ? xmemdup(s, strlen(s) + 1) : NULL;
}

void *xmemdup(const void *ptr, size_t len)
{
	void *p = xalloc(len);

	if (len)
		memcpy(p, ptr, len);
	return p;
}

char *xasprintf(const char *fmt, ...)
{
	char *s;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory(strlen(fmt));
	return s;
}
