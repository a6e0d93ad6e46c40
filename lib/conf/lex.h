/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar of ipsec.conf(5), without the meaning: sections and their parameters as
 * they stand.  Private to lib/conf.
 */
#ifndef LIB_CONF_LEX_H
#define LIB_CONF_LEX_H

#include "lib/conf/conf.h"

struct keyword;

/* name=value as it stood; load.c finds out what it is. */
struct param {
	struct list link;
	struct whence whence;			/* of the name */
	const char *name, *value;		/* within this allocation */
	const struct keyword *kw;		/* NULL: private (x-...) or unknown */
	bool right;				/* of the right end */
	bool bad;				/* unknown, double, bad value: that has been said */
};

struct section {
	struct list link;
	bool is_config;				/* "config", else "conn" */
	char *name;
	struct whence whence;
	struct list params;			/* of struct param */
	struct list privates;			/* those of x- names; load.c moves them here */
	size_t order;				/* in the files, from 0 */
	bool bad;				/* not to be used, and that has been said */
	size_t requested_by;			/* load.c: order + 1 of the last conn to ask */
};

struct lexed {
	struct list sections;			/* of struct section */
	size_t n_sections;
};

void lex_file(struct conf *c, const char *path, struct lexed *out);
void lex_text(struct conf *c, const char *name, struct span text, struct lexed *out);
/* section.c.  At the end of s; both texts are copied. */
void section_add_param(struct section *s, struct whence whence, struct span name,
		       struct span value);
/* One connection more, which asks for those called parts; see conf_load_union(). */
void lexed_add_union(struct conf *c, struct lexed *l, const char *path, char *const *parts,
		     size_t n);
void lexed_free(struct lexed *l);
bool section_is_default(const struct section *s);	/* %default */

#endif
