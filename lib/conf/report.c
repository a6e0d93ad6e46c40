/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was wrong, and where.
 *
 * A report is a line for people: the message (its texts are of old, scripts and habits know
 * them), the place, and, in brackets behind it, the column and what to do.  Text that
 * came out of a file goes through shown() first, so that no terminal sees control
 * characters and no message grows without bound.  Contents of ipsec.secrets never come here.
 */
#include "lib/conf/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/text.h"

/* Each kept name, in a list of struct conf's or struct secrets' files. */
struct file_name {
	struct list link;
	char path[];
};

static struct conf_error *report_new(struct about about)
{
	struct conf_error *e = xalloc(sizeof(*e));

	if (about.whence)
		e->whence = *about.whence;
	e->hint = xstrdup(about.hint);
	e->conn = xstrdup(about.conn);
	return e;
}

void report_v(struct list *reports, size_t *n, struct about about, const char *fmt, va_list ap)
{
	struct conf_error *e;
	struct buf text = { 0 };

	if ((*n)++ > REPORTS_MAX)
		return;
	if (*n > REPORTS_MAX) {
		about.hint = NULL;
		buf_add_str(&text, "too many messages: the others are not shown");
	} else {
		buf_vprintf(&text, fmt, ap);
	}
	e = report_new(about);
	e->text = xstrdup(buf_str(&text));
	buf_free(&text);
	list_add(reports, &e->link);
}

void report(struct list *reports, size_t *n, struct about about, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_v(reports, n, about, fmt, ap);
	va_end(ap);
}

void reports_free(struct list *reports)
{
	struct conf_error *e, *tmp;

	LIST_EACH_SAFE(e, tmp, reports, struct conf_error, link) {
		list_del(&e->link);
		free(e->text);
		free(e->hint);
		free(e->conn);
		free(e);
	}
}

struct sort_key {
	struct conf_error *report;
	size_t file, seq;
};

static size_t file_number(const struct list *files, const char *path)
{
	struct file_name *f;
	size_t n = 0;

	LIST_EACH(f, files, struct file_name, link) {
		if (f->path == path)
			break;
		n++;
	}
	return n;
}

static int compare_size(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_reports(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	int order = compare_size(x->file, y->file);

	if (!order)
		order = compare_size(x->report->whence.line, y->report->whence.line);
	return order ? order : compare_size(x->seq, y->seq);
}

void reports_sort(struct list *reports, const struct list *files)
{
	struct sort_key *key = xalloc((REPORTS_MAX + 1) * sizeof(*key));
	struct conf_error *e, *tmp;
	size_t n = 0;

	LIST_EACH_SAFE(e, tmp, reports, struct conf_error, link) {
		list_del(&e->link);
		key[n] = (struct sort_key){ e, file_number(files, e->whence.file), n };
		n++;
	}
	qsort(key, n, sizeof(*key), compare_reports);
	for (size_t i = 0; i < n; i++)
		list_add(reports, &key[i].report->link);
	free(key);
}

void conf_err(struct conf *c, struct about about, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_v(&c->errors, &c->n_errors, about, fmt, ap);
	va_end(ap);
}

void conf_warn(struct conf *c, struct about about, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report_v(&c->warnings, &c->n_warnings, about, fmt, ap);
	va_end(ap);
}

void conf_error_show(const struct conf_error *e, struct buf *out)
{
	if (e->whence.file && e->whence.line)
		buf_printf(out, "(%s, line %u) ", e->whence.file, e->whence.line);
	else if (e->whence.file)
		buf_printf(out, "(%s) ", e->whence.file);
	buf_add_str(out, e->text);
	if (e->whence.column && e->hint)
		buf_printf(out, " (column %u; %s)", e->whence.column, e->hint);
	else if (e->whence.column)
		buf_printf(out, " (column %u)", e->whence.column);
	else if (e->hint)
		buf_printf(out, " (%s)", e->hint);
}

const char *shown(struct span text, struct shown *out)
{
	const size_t max = sizeof(out->s) - sizeof("...");
	struct buf b = { 0 };
	bool cut = text.len > max;

	if (cut)
		text.len = max;
	data_to_printable(text, &b);
	if (b.len > max) {
		b.len = max;
		cut = true;
	}
	snprintf(out->s, sizeof(out->s), "%s%s", buf_str(&b), cut ? "..." : "");
	buf_free(&b);
	return out->s;
}

const char *file_name_keep(struct list *files, const char *path)
{
	struct file_name *f = xalloc(sizeof(*f) + strlen(path) + 1);

	memcpy(f->path, path, strlen(path) + 1);
	list_add(files, &f->link);
	return f->path;
}

void file_names_free(struct list *files)
{
	struct file_name *f, *tmp;

	LIST_EACH_SAFE(f, tmp, files, struct file_name, link) {
		list_del(&f->link);
		free(f);
	}
}
