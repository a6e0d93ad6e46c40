/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From sections to connections.
 *
 * Three passes over what lex.c read:
 *
 *	look up		each parameter's keyword; each value is tried once, so that
 *			an error is reported once, also in sections that nobody uses
 *	gather		for a connection: its own parameters, those of sections it asks
 *			for (also, alsoflip), those of %default that are still missing
 *	set		the gathered values, over the defaults of the tables
 *
 * A section may ask for another that stands anywhere in the file, once.  An empty
 * value stands for the default of the table, against %default, too.  Work per connection
 * is bounded: ALSO_MAX sections, KEYWORD_SLOTS parameters.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/conf/report.h"
#include "lib/conf/value.h"

#define ALSO_MAX	100		/* sections that a connection may ask for */
#define ALSO_DEPTH	16

struct loader {
	struct conf *conf;
	struct lexed lexed;
	struct section **conns;		/* not %default, sorted by name */
	size_t n_conns;
	struct param *dflt[KEYWORD_SLOTS];	/* of conn %default */
	bool dflt_bad;
	struct conf_conn blank;		/* a connection of defaults */
};

/* The parameters of one connection. */
struct gathering {
	struct loader *ld;
	struct section *section;
	struct param *slot[KEYWORD_SLOTS];
	unsigned int n_also;
	bool bad;
};

/* --- look up -------------------------------------------------------------------------- */

static bool is_private(const char *name)
{
	return (name[0] == 'x' || name[0] == 'X') && (name[1] == '-' || name[1] == '_');
}

static const char *conn_of(const struct section *s)
{
	return s->is_config || section_is_default(s) ? NULL : s->name;
}

static void unknown(struct conf *c, const struct section *s, struct param *p)
{
	/* Looking for it takes longer than all the rest: not for what nobody will see. */
	char *nearest = c->n_errors < REPORTS_MAX ?
			keyword_nearest(s->is_config, span_str(p->name)) : NULL;
	char *hint = nearest ? xasprintf("did you mean \"%s\"?", nearest) : NULL;
	struct shown sh;

	conf_err(c, (struct about){ .whence = &p->whence, .conn = conn_of(s), .hint = hint },
		 "unknown parameter name \"%s\"", shown(span_str(p->name), &sh));
	free(nearest);
	free(hint);
}

static const struct keyword *find(const struct section *s, struct param *p)
{
	if (s->is_config)
		return keyword_find(&setup_keywords, span_str(p->name));
	return keyword_of_conn(span_str(p->name), &p->right);
}

static void *base_of(struct conf_conn *conn, const struct keyword *kw, bool right)
{
	if (!keyword_is_of_end(kw))
		return conn;
	return right ? &conn->right : &conn->left;
}

static bool is_also(const struct param *p)
{
	return p->kw && (p->kw->type == KW_ALSO || p->kw->type == KW_ALSOFLIP);
}

/* Set it on something to be thrown away, to hear of errors. */
static bool try_value(struct conf *c, const struct section *s, struct param *p)
{
	struct conf_conn conn = { 0 };
	struct conf_setup setup = { 0 };
	struct setting st = { .conf = c, .kw = p->kw, .right = p->right, .param = p,
			      .conn = conn_of(s) };
	bool ok;

	if (p->value[0] == '\0')
		return true;
	list_init(&conn.params);
	list_init(&setup.params);
	list_init(&setup.interfaces);
	st.base = s->is_config ? (void *)&setup : base_of(&conn, p->kw, p->right);
	ok = value_set(&st, p->value);
	conf_conn_clear(&conn);
	conf_setup_clear(&setup);
	return ok;
}

static void look_up(struct conf *c, struct section *s, struct param *p, bool *seen)
{
	struct about where = { .whence = &p->whence, .conn = conn_of(s) };
	size_t slot;

	p->kw = find(s, p);
	if (!p->kw) {
		unknown(c, s, p);
		p->bad = true;
		return;
	}
	if (is_also(p)) {
		if (section_is_default(s)) {
			conf_err(c, where, "%%default section may not contain \"also\" or "
				 "\"alsoflip\" parameter");
			p->bad = true;
		}
		return;
	}
	slot = s->is_config ? (size_t)(p->kw - setup_keywords.row) :
	       keyword_slot(p->kw, p->right);
	if (seen[slot]) {
		conf_err(c, where, "duplicated parameter \"%s\"", p->name);
		p->bad = true;
		return;
	}
	seen[slot] = true;
	p->bad = !try_value(c, s, p);
}

static void look_up_all(struct conf *c, struct section *s)
{
	bool seen[KEYWORD_SLOTS] = { false };
	struct param *p, *tmp;

	LIST_EACH_SAFE(p, tmp, &s->params, struct param, link) {
		if (is_private(p->name)) {
			list_del(&p->link);
			list_add(&s->privates, &p->link);
			continue;
		}
		look_up(c, s, p, seen);
		s->bad = s->bad || p->bad;
	}
}

/* --- gather --------------------------------------------------------------------------- */

static int section_order(const void *a, const void *b)
{
	const struct section *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	if (order)
		return order;
	return (*x)->order < (*y)->order ? -1 : (*x)->order > (*y)->order;
}

static void drop_duplicates(struct loader *ld)
{
	size_t kept = 0;

	for (size_t i = 0; i < ld->n_conns; i++) {
		struct section *s = ld->conns[i];
		struct section *last = kept ? ld->conns[kept - 1] : NULL;

		if (!last || strcmp(last->name, s->name) != 0) {
			ld->conns[kept++] = s;
			continue;
		}
		conf_err(ld->conf, (struct about){ .whence = &s->whence, .conn = s->name },
			 "duplicate conn section \"%s\"", s->name);
		s->bad = last->bad = true;
	}
	ld->n_conns = kept;
}

static void index_sections(struct loader *ld)
{
	struct section *s;
	bool begun = false;

	ld->conns = xalloc((ld->lexed.n_sections + 1) * sizeof(struct section *));
	LIST_EACH(s, &ld->lexed.sections, struct section, link) {
		if (s->is_config)
			continue;
		if (!section_is_default(s)) {
			ld->conns[ld->n_conns++] = s;
			begun = true;
		} else if (begun) {
			conf_err(ld->conf, (struct about){ .whence = &s->whence },
				 "\"conn %%default\" sections must precede non-default ones");
		}
	}
	qsort(ld->conns, ld->n_conns, sizeof(ld->conns[0]), section_order);
	drop_duplicates(ld);
}

static struct section *section_find(const struct loader *ld, const char *name);

/* Sections that are asked for must be there. */
static void check_targets(struct loader *ld, struct section *s)
{
	struct param *p;
	struct shown sh;

	LIST_EACH(p, &s->params, struct param, link) {
		if (!is_also(p) || p->bad || section_find(ld, p->value))
			continue;
		conf_err(ld->conf, (struct about){ .whence = &p->whence, .conn = conn_of(s) },
			 "did not find conn section(s) \"%s\"",
			 shown(span_str(p->value), &sh));
		p->bad = s->bad = true;
	}
}

static struct section *section_find(const struct loader *ld, const char *name)
{
	size_t low = 0, high = ld->n_conns;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(name, ld->conns[mid]->name);

		if (order == 0)
			return ld->conns[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static void gather(struct gathering *g, struct section *s, bool flip, unsigned int depth);

/* The connection cannot be put together. */
static void spoilt(struct gathering *g, const struct param *p, const char *fmt, ...)
	PRINTF(3, 4);

static void spoilt(struct gathering *g, const struct param *p, const char *fmt, ...)
{
	struct about about = { .whence = &p->whence, .conn = g->section->name };
	struct conf *c = g->ld->conf;
	va_list ap;

	va_start(ap, fmt);
	report_v(&c->errors, &c->n_errors, about, fmt, ap);
	va_end(ap);
	g->bad = true;
}

static void gather_also(struct gathering *g, const struct param *p, bool flip,
			unsigned int depth)
{
	struct section *s = section_find(g->ld, p->value);

	if (s->requested_by == g->section->order + 1)
		spoilt(g, p, "section \"%s\" requested more than once", s->name);
	else if (depth >= ALSO_DEPTH || g->n_also++ >= ALSO_MAX)
		spoilt(g, p, "too many sections requested, section \"%s\" is one too many",
		       s->name);
	else
		gather(g, s, flip ^ (p->kw->type == KW_ALSOFLIP), depth + 1);
}

static void gather_param(struct gathering *g, struct param *p, bool flip)
{
	bool right = p->right ^ (flip && keyword_is_of_end(p->kw));
	struct param **slot = &g->slot[keyword_slot(p->kw, right)];

	if (*slot)
		spoilt(g, p, "duplicated parameter \"%s\"", p->name);
	*slot = p;
}

static void gather(struct gathering *g, struct section *s, bool flip, unsigned int depth)
{
	struct param *p;

	s->requested_by = g->section->order + 1;
	if (s->bad) {
		g->bad = true;
		return;
	}
	LIST_EACH(p, &s->params, struct param, link) {
		if (g->bad)
			return;
		if (is_also(p))
			gather_also(g, p, flip, depth);
		else
			gather_param(g, p, flip);
	}
}

/* --- set ------------------------------------------------------------------------------ */

/* A key is kept as what it is, and not as text. */
static const char *text_to_keep(const struct param *p)
{
	return p->kw && p->kw->type == KW_SECRET ? "[...]" : p->value;
}

static void add_conf_param(struct list *to, const char *name, const struct param *p)
{
	const char *value = text_to_keep(p);
	size_t nlen = strlen(name) + 1, vlen = strlen(value) + 1;
	struct conf_param *cp = xalloc(sizeof(*cp) + nlen + vlen);

	cp->name = (char *)(cp + 1);
	cp->value = cp->name + nlen;
	memcpy(cp->name, name, nlen);
	memcpy(cp->value, value, vlen);
	cp->whence = p->whence;
	list_add(to, &cp->link);
}

static void set_param(struct loader *ld, struct conf_conn *conn, struct param *p, bool right)
{
	struct setting st = { .conf = ld->conf, .kw = p->kw, .right = right, .param = p,
			      .conn = conn->name, .quiet = true,
			      .base = base_of(conn, p->kw, right) };
	char *name;

	if (p->value[0] == '\0')
		return;
	name = keyword_name(p->kw, right);
	add_conf_param(&conn->params, name, p);
	free(name);
	if (!value_set(&st, p->value))
		conn->bad = true;
}

static void set_params(struct gathering *g, struct conf_conn *conn)
{
	struct param *p;

	for (size_t i = 0; i < KEYWORD_SLOTS; i++) {
		p = g->slot[i] ? g->slot[i] : g->ld->dflt[i];
		if (!p)
			continue;
		/* Slots of the two ends alternate. */
		set_param(g->ld, conn, p,
			  keyword_is_of_end(p->kw) && i == keyword_slot(p->kw, true));
	}
	LIST_EACH(p, &g->section->privates, struct param, link)
		add_conf_param(&conn->params, p->name, p);
}

static void load_conn(struct loader *ld, struct section *s)
{
	struct gathering g = { .ld = ld, .section = s };
	struct conf_conn *conn = xmemdup(&ld->blank, sizeof(*conn));

	conn->name = xstrdup(s->name);
	conn->whence = s->whence;
	list_init(&conn->params);
	list_add(&ld->conf->conns, &conn->link);
	ld->conf->n_conns++;
	gather(&g, s, false, 0);
	conn->bad = g.bad || ld->dflt_bad;
	if (!conn->bad)
		set_params(&g, conn);
	conn->incomplete = !conn->bad && (conn->left.host_kind == HOST_UNSET ||
					  conn->right.host_kind == HOST_UNSET);
	if (!conn->bad && !conf_check_conn(ld->conf, conn))
		conn->bad = true;
}

static void set_defaults(struct conf *c, const struct keywords *t, void *base)
{
	for (size_t i = 0; i < t->n; i++) {
		struct setting st = { .conf = c, .kw = &t->row[i], .quiet = true, .base = base };

		if (keyword_default(c, st.kw))
			value_set(&st, keyword_default(c, st.kw));
	}
}

static void load_default_section(struct loader *ld, struct section *s)
{
	struct param *p;

	ld->dflt_bad = ld->dflt_bad || s->bad;
	LIST_EACH(p, &s->params, struct param, link) {
		size_t slot;

		if (p->bad || is_also(p))
			continue;
		slot = keyword_slot(p->kw, p->right);
		if (ld->dflt[slot]) {
			conf_err(ld->conf, (struct about){ .whence = &p->whence },
				 "duplicated default parameter \"%s\"", p->name);
			continue;
		}
		ld->dflt[slot] = p;
	}
}

static int conn_order(const void *a, const void *b)
{
	const struct conf_conn *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void index_conns(struct conf *c)
{
	struct conf_conn *conn;
	size_t n = 0;

	c->by_name = xalloc((c->n_conns + 1) * sizeof(struct conf_conn *));
	LIST_EACH(conn, &c->conns, struct conf_conn, link)
		c->by_name[n++] = conn;
	qsort(c->by_name, n, sizeof(c->by_name[0]), conn_order);
}

static void load_conns(struct loader *ld)
{
	struct section *s;

	list_init(&ld->blank.params);
	set_defaults(ld->conf, &conn_keywords, &ld->blank);
	set_defaults(ld->conf, &end_keywords, &ld->blank.left);
	set_defaults(ld->conf, &end_keywords, &ld->blank.right);
	LIST_EACH(s, &ld->lexed.sections, struct section, link)
		if (!s->is_config && section_is_default(s))
			load_default_section(ld, s);
	LIST_EACH(s, &ld->lexed.sections, struct section, link)
		if (!s->is_config && section_find(ld, s->name) == s)
			load_conn(ld, s);
	index_conns(ld->conf);
}

static void set_setup(struct conf *c, const struct section *s)
{
	struct param *p;

	LIST_EACH(p, &s->params, struct param, link) {
		struct setting st = { .conf = c, .kw = p->kw, .param = p, .quiet = true,
				      .base = &c->setup };

		if (p->bad || p->value[0] == '\0' ||
		    conf_param_find(&c->setup.params, p->kw->name))
			continue;
		add_conf_param(&c->setup.params, p->kw->name, p);
		if (p->kw->type == KW_INTERFACES) {
			conf_interfaces_free(&c->setup);
			c->setup.interfaces_none = false;
		}
		value_set(&st, p->value);
	}
}

static void load_setup(struct loader *ld)
{
	const struct section *first = NULL;
	struct section *s;

	set_defaults(ld->conf, &setup_keywords, &ld->conf->setup);
	LIST_EACH(s, &ld->lexed.sections, struct section, link) {
		if (!s->is_config || section_is_default(s))
			continue;
		if (first)
			conf_err(ld->conf, (struct about){ .whence = &s->whence },
				 "duplicate config section \"setup\"");
		else
			set_setup(ld->conf, first = s);
	}
	LIST_EACH(s, &ld->lexed.sections, struct section, link)
		if (s->is_config && section_is_default(s))
			set_setup(ld->conf, s);
}

/* --- in and out ----------------------------------------------------------------------- */

static struct conf *load(struct loader *ld)
{
	struct section *s;

	LIST_EACH(s, &ld->lexed.sections, struct section, link)
		look_up_all(ld->conf, s);
	index_sections(ld);
	LIST_EACH(s, &ld->lexed.sections, struct section, link)
		check_targets(ld, s);
	load_setup(ld);
	load_conns(ld);
	conf_check_setup(ld->conf);
	free(ld->conns);
	lexed_free(&ld->lexed);
	reports_sort(&ld->conf->errors, &ld->conf->files);
	reports_sort(&ld->conf->warnings, &ld->conf->files);
	return ld->conf;
}

struct conf *conf_load(const char *path)
{
	struct loader ld = { .conf = conf_new() };

	lex_file(ld.conf, path, &ld.lexed);
	return load(&ld);
}

struct conf *conf_load_union(const char *path, char *const *parts, size_t n)
{
	struct loader ld = { .conf = conf_new() };

	lex_file(ld.conf, path, &ld.lexed);
	lexed_add_union(ld.conf, &ld.lexed, path, parts, n);
	return load(&ld);
}

struct conf *conf_parse(const char *name, struct span text)
{
	struct loader ld = { .conf = conf_new() };

	lex_text(ld.conf, name, text, &ld.lexed);
	return load(&ld);
}
