/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters of ipsec.conf(5), as tables.  Private to lib/conf.
 */
#ifndef LIB_CONF_KEYWORDS_H
#define LIB_CONF_KEYWORDS_H

#include "lib/base/names.h"
#include "lib/conf/conf.h"

enum kw_type {
	KW_TEXT,		/* char * */
	KW_BOOL,		/* yes or no; or by .names */
	KW_UINT,		/* unsigned int */
	KW_TRIES,		/* unsigned int, %forever is 0 */
	KW_PERCENT,		/* unsigned int */
	KW_TIME,		/* uint64_t, seconds */
	KW_ENUM,		/* an enum or unsigned int, by .names */
	KW_HOST,		/* the three fields of host in struct conf_end */
	KW_NEXTHOP,
	KW_SUBNET,
	KW_ADDR,		/* sourceip */
	KW_ID,			/* char *, checked */
	KW_KEY,			/* char *, an RSA public key or %none */
	KW_PROTOPORT,
	KW_SPI,			/* uint32_t; .complaint: how it must look */
	KW_SPIBASE,		/* the same, the last digit a 0 */
	KW_SECRET,		/* struct secret: its text is kept nowhere */
	KW_INTERFACES,
	KW_CLASSES,		/* unsigned int: names of debug classes, by .names */
	KW_ALSO,
	KW_ALSOFLIP,
	KW_REFUSED,		/* known, of consequence, not supported: an error */
	KW_IGNORED,		/* known, not supported, harmless: a warning */
	KW_ALIAS		/* another name of the row called .hint */
};

#define NOWHERE ((size_t)-1)	/* checked, kept as text in params only */

struct keyword {
	const char *name;	/* of an end: without "left" */
	enum kw_type type;
	size_t offset;		/* in struct conf_setup, conf_conn or conf_end */
	const char *dflt;	/* as one would write it; NULL: zero */
	const char *dflt1;	/* where files without a version line differ */
	const struct names *names;
	uint64_t max;		/* of numbers and times; 0: no limit of its own */
	const char *complaint;	/* with .names: complaint "value" */
	const char *harmless;	/* of KW_REFUSED and KW_IGNORED: values to pass over, "no|never" */
	const char *hint;	/* what to do instead */
};

/* A table: its rows are sorted by name. */
struct keywords {
	const struct keyword *row;
	size_t n;
};

extern const struct keywords setup_keywords, conn_keywords, end_keywords;

/* By name, - and _ being the same, aliases resolved; NULL. */
const struct keyword *keyword_find(const struct keywords *t, struct span name);
/* A parameter of a conn section, of which table and side; NULL. */
const struct keyword *keyword_of_conn(struct span name, bool *right);
bool keyword_is_of_end(const struct keyword *kw);
/* One number for each parameter that a connection may have, below KEYWORD_SLOTS. */
size_t keyword_slot(const struct keyword *kw, bool right);
#define KEYWORD_SLOTS 256
/* The name in full: "left" and what follows; the caller frees it. */
char *keyword_name(const struct keyword *kw, bool right);
/* The known name most like this one, for "did you mean"; the caller frees it; NULL. */
char *keyword_nearest(bool is_config, struct span name);
/* As text, of the file's dialect; NULL: zero. */
const char *keyword_default(const struct conf *c, const struct keyword *kw);
bool keyword_value_is_harmless(const struct keyword *kw, const char *value);

#endif
