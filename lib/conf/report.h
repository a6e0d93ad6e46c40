/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors and warnings of configuration files.  Private to lib/conf.
 */
#ifndef LIB_CONF_REPORT_H
#define LIB_CONF_REPORT_H

#include "lib/conf/conf.h"

#define REPORTS_MAX	1000		/* of a kind; more are counted, not kept */

/* What a message says beside its text; all of it may be NULL. */
struct about {
	const struct whence *whence;
	const char *conn;
	const char *hint;
};

void report(struct list *reports, size_t *n, struct about about, const char *fmt, ...) PRINTF(4, 5);
void report_v(struct list *reports, size_t *n, struct about about, const char *fmt, va_list ap)
	PRINTF(4, 0);
/* Into the order of their places: files as they were read, then lines. */
void reports_sort(struct list *reports, const struct list *files);
void reports_free(struct list *reports);

void conf_err(struct conf *c, struct about about, const char *fmt, ...) PRINTF(3, 4);
void conf_warn(struct conf *c, struct about about, const char *fmt, ...) PRINTF(3, 4);

/* A piece of a file fit for a message: printable, and cut where it is long. */
struct shown {
	char s[136];
};

const char *shown(struct span text, struct shown *out);

/* Remember a file name for as long as the list lives. */
const char *file_name_keep(struct list *files, const char *path);
void file_names_free(struct list *files);

#endif
