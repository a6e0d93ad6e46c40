/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct conf: made, asked, and freed.  load.c fills it.
 *
 * Connections are kept in the order of the file, for whoever loads all of them, and
 * in the order of their names, for finding one.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/conf/report.h"
#include "lib/conf/value.h"

struct conf *conf_new(void)
{
	struct conf *c = xalloc(sizeof(*c));

	c->version = 1;
	list_init(&c->files);
	list_init(&c->setup.interfaces);
	list_init(&c->setup.params);
	list_init(&c->conns);
	list_init(&c->errors);
	list_init(&c->warnings);
	return c;
}

void conf_interfaces_free(struct conf_setup *s)
{
	struct conf_interface *i, *tmp;

	LIST_EACH_SAFE(i, tmp, &s->interfaces, struct conf_interface, link) {
		list_del(&i->link);
		free(i->virt);
		free(i->phys);
		free(i);
	}
}

static void params_free(struct list *params)
{
	struct conf_param *p, *tmp;

	LIST_EACH_SAFE(p, tmp, params, struct conf_param, link) {
		list_del(&p->link);
		free(p);
	}
}

void conf_setup_clear(struct conf_setup *s)
{
	conf_interfaces_free(s);
	params_free(&s->params);
	free(s->syslog);
	free(s->plutoopts);
	free(s->plutostderrlog);
	free(s->prepluto);
	free(s->postpluto);
	free(s->myid);
	free(s->plutoload);
	free(s->plutostart);
	free(s->manualstart);
}

static void keys_clear(struct conf_keys *k)
{
	secret_free(&k->espenckey);
	secret_free(&k->espauthkey);
	secret_free(&k->ahkey);
}

static void end_clear(struct conf_end *e)
{
	free(e->host_name);
	free(e->id);
	free(e->rsasigkey);
	free(e->rsasigkey2);
	free(e->updown);
	keys_clear(&e->keys);
}

void conf_conn_clear(struct conf_conn *conn)
{
	params_free(&conn->params);
	end_clear(&conn->left);
	end_clear(&conn->right);
	free(conn->ike);
	free(conn->esp);
	free(conn->name);
	free(conn->manual.ah);
	keys_clear(&conn->manual.keys);
}

void conf_free(struct conf *c)
{
	struct conf_conn *conn, *tmp;

	if (!c)
		return;
	LIST_EACH_SAFE(conn, tmp, &c->conns, struct conf_conn, link) {
		conf_conn_clear(conn);
		free(conn);
	}
	conf_setup_clear(&c->setup);
	reports_free(&c->errors);
	reports_free(&c->warnings);
	file_names_free(&c->files);
	free(c->by_name);
	free(c);
}

/* --- questions ------------------------------------------------------------------------ */

bool conf_ok(const struct conf *c)
{
	return c->n_errors == 0;
}

bool conf_usable(const struct conf *c)
{
	struct conf_error *e;

	if (c->n_errors > REPORTS_MAX)
		return false;
	LIST_EACH(e, &c->errors, struct conf_error, link)
		if (!e->conn)
			return false;
	return true;
}

struct conf_conn *conf_conn_find(const struct conf *c, const char *name)
{
	size_t low = 0, high = c->n_conns;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(name, c->by_name[mid]->name);

		if (order == 0)
			return c->by_name[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const struct conf_param *conf_param_find(const struct list *params, const char *name)
{
	struct conf_param *p;

	LIST_EACH(p, params, struct conf_param, link)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

/* "crypt parsing", "all", or nothing; the second row of the table is all of them. */
static void names_of_bits(const struct names *t, unsigned int bits, struct buf *out)
{
	unsigned int done = 0;

	if (bits == t->tab[1].value) {
		buf_add_str(out, t->tab[1].text);
		return;
	}
	for (size_t i = 2; i < t->n; i++) {
		if (!(bits & t->tab[i].value & ~done))
			continue;
		done |= t->tab[i].value;
		buf_printf(out, "%s%s", out->len ? " " : "", t->tab[i].text);
	}
}

/* As scripts want it: yes or no, and only classes that exist. */
static void effective_value(const struct conf *c, const struct keyword *kw, struct buf *out)
{
	const struct conf_param *p = conf_param_find(&c->setup.params, kw->name);
	const char *dflt = keyword_default(c, kw);
	const char *setup = (const char *)&c->setup;

	if (kw->type == KW_BOOL)
		buf_add_str(out, *(const bool *)(setup + kw->offset) ? "yes" : "no");
	else if (kw->type == KW_CLASSES)
		names_of_bits(kw->names, *(const unsigned int *)(setup + kw->offset), out);
	else if (kw->type == KW_TEXT)
		buf_add_span(out, span_str(*(char *const *)(setup + kw->offset)));
	else
		buf_add_str(out, p ? p->value : dflt ? dflt : "");
}

void conf_setup_each(const struct conf *c, conf_setup_fn *fn, void *ctx)
{
	for (size_t i = 0; i < setup_keywords.n; i++) {
		const struct keyword *kw = &setup_keywords.row[i];
		struct buf value = { 0 };

		if (kw->type == KW_REFUSED || kw->type == KW_IGNORED)
			continue;
		effective_value(c, kw, &value);
		fn(ctx, kw->name, buf_str(&value));
		buf_free(&value);
	}
}
