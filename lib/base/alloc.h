/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail: out of memory ends the program with a message.
 */
#ifndef LIB_BASE_ALLOC_H
#define LIB_BASE_ALLOC_H

#include <stddef.h>

void *xalloc(size_t size);			/* zeros */
void *xrealloc(void *ptr, size_t size);
char *xstrdup(const char *s);			/* NULL gives NULL */
void *xmemdup(const void *ptr, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
