/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a parameter's text to its place in a struct.  Private to lib/conf.
 */
#ifndef LIB_CONF_VALUE_H
#define LIB_CONF_VALUE_H

#include "lib/conf/keywords.h"
#include "lib/conf/lex.h"

/* Where a value goes, and who hears of it when it is bad. */
struct setting {
	struct conf *conf;
	const struct keyword *kw;
	bool right;
	struct param *param;		/* NULL: the table's default, which is good */
	const char *conn;		/* name of the connection, for reports; NULL */
	bool quiet;			/* reports have been made before */
	void *base;			/* struct conf_setup, conf_conn or conf_end */
};

/* Set it; false when the text is bad, which has been reported (unless quiet). */
bool value_set(const struct setting *st, const char *text);

/* conf.c: what a struct owns, without the struct itself. */
struct conf *conf_new(void);
void conf_interfaces_free(struct conf_setup *s);
void conf_setup_clear(struct conf_setup *s);
void conf_conn_clear(struct conf_conn *conn);

/* check.c: the rules between parameters of one connection; false when it is bad. */
bool conf_check_conn(struct conf *c, struct conf_conn *conn);
void conf_check_setup(struct conf *c);

#endif
