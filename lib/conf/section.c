/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections of ipsec.conf(5) and their parameters, as objects: made, joined, freed.
 *
 * lex.c makes them from lines, load.c makes connections of them.  Any value may be a key of
 * a manual connection, so all are wiped.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/conf/lex.h"
#include "lib/conf/report.h"

void section_add_param(struct section *s, struct whence whence, struct span name,
		       struct span value)
{
	struct param *p = xalloc(sizeof(*p) + name.len + value.len + 2);
	char *text = (char *)(p + 1);

	p->whence = whence;
	p->name = text;
	memcpy(text, name.ptr, name.len);
	text += name.len + 1;
	p->value = text;
	if (value.len)
		memcpy(text, value.ptr, value.len);
	list_add(&s->params, &p->link);
}

/* Any may hold a key. */
static void params_free(struct list *params)
{
	struct param *p, *tmp;

	LIST_EACH_SAFE(p, tmp, params, struct param, link) {
		size_t len = strlen(p->value);

		secret_wipe((char *)(uintptr_t)p->value, len);
		free(p);
	}
}

static void section_free(struct section *s)
{
	params_free(&s->params);
	params_free(&s->privates);
	free(s->name);
	free(s);
}

void lexed_free(struct lexed *l)
{
	struct section *s, *tmp;

	LIST_EACH_SAFE(s, tmp, &l->sections, struct section, link)
		section_free(s);
}

void lexed_add_union(struct conf *c, struct lexed *l, const char *path, char *const *parts,
		     size_t n)
{
	struct section *s = xalloc(sizeof(*s));
	struct whence w = { .file = file_name_keep(&c->files, path) };
	struct buf name = { 0 };

	list_init(&s->params);
	list_init(&s->privates);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&name, "%s%s", i ? " " : "", parts[i]);
		section_add_param(s, w, span_str("also"), span_str(parts[i]));
	}
	s->name = xstrdup(buf_str(&name));
	buf_free(&name);
	s->whence = w;
	s->order = l->n_sections++;
	list_add(&l->sections, &s->link);
}

bool section_is_default(const struct section *s)
{
	return strcmp(s->name, "%default") == 0;
}
