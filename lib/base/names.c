/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of names for numbers.
 *
 * One table serves both ways: what a log says of a number from the wire, and what a
 * configuration may say to mean it.  Further rows of the same value are aliases for
 * reading; the first one is shown.  Tables are short and searched in order.
 */
#include "lib/base/names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *name_of(const struct names *t, unsigned int value)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->tab[i].value == value)
			return t->tab[i].text;
	return NULL;
}

const char *name_show(const struct names *t, unsigned int value, struct name_buf *nb)
{
	const char *name = name_of(t, value);

	if (name)
		return name;
	snprintf(nb->s, sizeof(nb->s), "??%u??", value);
	return nb->s;
}

bool name_find(const struct names *t, struct span text, unsigned int *value)
{
	for (size_t i = 0; i < t->n; i++) {
		if (span_is_nocase(text, t->tab[i].text)) {
			*value = t->tab[i].value;
			return true;
		}
	}
	return false;
}

#define WORD_MAX 40		/* longer words are nobody's misspelling */

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Insertions, deletions and replacements that make b of a, without regard to case. */
static size_t edit_distance(struct span a, struct span b)
{
	size_t row[WORD_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 0; i < a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.len; j++) {
			size_t above = row[j + 1];
			bool same = tolower(a.ptr[i]) == tolower(b.ptr[j]);

			row[j + 1] = smallest(above + 1, row[j] + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[b.len];
}

const char *name_nearest(const struct names *t, struct span text)
{
	size_t best = 1 + text.len / 4;		/* one slip, and one more for every four letters */
	const char *nearest = NULL;

	if (text.len < 2 || text.len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < t->n; i++) {
		struct span name = span_str(t->tab[i].text);
		size_t d;

		if (name.len > WORD_MAX)
			continue;
		d = edit_distance(text, name);
		if (d < best || (d == best && !nearest)) {
			best = d;
			nearest = t->tab[i].text;
		}
	}
	return nearest;
}
