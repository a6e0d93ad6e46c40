/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two tables that say what a PF_KEY message is: one row per extension, one
 * row per message type.  parse.c walks them; tests prove them sound; nobody else
 * should need this header.
 */
#ifndef LIB_PFKEY_EXT_H
#define LIB_PFKEY_EXT_H

#include "lib/pfkey/pfkey.h"

struct pfkey_ext_row {
	const char *name;
	uint16_t min, max;	/* octets of the whole extension; min 0: not an extension */
	/*
	 * Is the content, whose length is within bounds, sane?  NULL, or a constant phrase;
	 * then the number at fault may be in *e.
	 */
	const char *(*check)(const struct sadb_ext *ext, struct pfkey_error *e);
};

/* What a message must and may hold when it travels one way. */
struct pfkey_set {
	bool legal;		/* may the message travel this way at all? */
	uint64_t need;		/* PFKEY_BIT()s that must be present */
	uint64_t may;		/* and those that can be, besides */
};

struct pfkey_msg_row {
	const char *name;
	uint32_t satypes;	/* 1 << SADB_SATYPE_*: what sadb_msg_satype may be */
	struct pfkey_set set[2];	/* by enum pfkey_dir */
	/* What a set cannot express; NULL, or a constant phrase. */
	const char *(*check)(const struct pfkey_msg *m, enum pfkey_dir dir);
};

/* The row of a number, or NULL when there is none. */
const struct pfkey_ext_row *pfkey_ext_row(unsigned int ext);
const struct pfkey_msg_row *pfkey_msg_row(unsigned int type);

#endif
