/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of names for numbers: what people read for what the wire carries.
 */
#ifndef LIB_BASE_NAMES_H
#define LIB_BASE_NAMES_H

#include "lib/base/span.h"

struct name {
	unsigned int value;
	const char *text;
};

struct names {
	const struct name *tab;
	size_t n;
};

#define NAMES(var, table) const struct names var = { table, ARRAY_SIZE(table) }

struct name_buf {
	char s[32];
};

const char *name_of(const struct names *t, unsigned int value);	/* NULL when unknown */
/* The name, or "??42??" in *nb. */
const char *name_show(const struct names *t, unsigned int value, struct name_buf *nb);
/* Without regard to case; the first row wins, so further rows are aliases. */
bool name_find(const struct names *t, struct span text, unsigned int *value);
/* The name nearest in spelling to text, for "did you mean"; NULL when nothing is near. */
const char *name_nearest(const struct names *t, struct span text);

#endif
