/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures on the wire as tables of fields: reading, writing and printing them.
 *
 * A payload's header is described once (payloads.c), under its picture; unpack(), pack_open()
 * and the debug printer walk the same rows.  Host structures hold host integers.
 */
#ifndef PLUTO_PACKET_H
#define PLUTO_PACKET_H

#include "lib/base/buf.h"
#include "lib/base/names.h"

enum field_kind {
	F_UINT,			/* a number */
	F_ENUM,			/* a number with names; other values are let through */
	F_NEXT,			/* the type of the next payload; patched when that is opened */
	F_LEN,			/* octets of the payload with its header; patched at its end */
	F_OCTETS,		/* copied as they are */
	F_ZERO			/* reserved: sent as zero, refused when it is not */
};

struct field {
	const char *name;
	enum field_kind kind;
	uint8_t width;			/* octets on the wire */
	uint8_t host;			/* octets in the host structure; 0 for F_ZERO */
	uint16_t offset;		/* in the host structure */
	const struct names *names;	/* F_ENUM */
};

#define FIELD(type, member, k, w, ...) \
	{ .name = #member, .kind = k, .width = w, .host = sizeof(((type *)0)->member), \
	  .offset = offsetof(type, member), ##__VA_ARGS__ }
#define ZERO(w) { .name = "reserved", .kind = F_ZERO, .width = w }

struct payload_desc {
	const char *name;
	const struct field *fields;
	size_t n_fields;
	size_t wire;			/* octets of the header on the wire */
	size_t host;			/* size of the host structure */
};

/*
 * Take one structure from the front of *in.  One with a length field is taken whole, and
 * *body is what follows its header; else *in is left behind the header and body may be NULL.
 * NULL, or a phrase; *in is undefined then.
 */
err_t unpack(struct span *in, const struct payload_desc *d, void *host, struct span *body);

/*
 * A payload being written, or the message as a whole.  Payloads nest: while a child is
 * open its parent must not be written to.
 */
struct out {
	struct buf *b;
	size_t start;			/* where it begins in b */
	size_t len_at;			/* its length field, or NOWHERE */
	uint8_t len_width;
	size_t next_at;			/* its own next-payload octet, or NOWHERE */
	size_t chain;			/* the octet that names the next child's type, or NOWHERE */
	struct out *parent;
};

#define NOWHERE ((size_t)-1)

/* Begin a structure in b: the header of a message, whose next-payload field starts the chain. */
void pack_root(struct out *o, struct buf *b, const struct payload_desc *d, const void *host);
/*
 * Begin a child of parent, named as `type` by the sibling before it (or, for the first
 * in a message, by the header).  Next, length and reserved fields of host are ignored.
 */
void pack_open(struct out *o, struct out *parent, uint8_t type, const struct payload_desc *d,
	       const void *host);
void pack_close(struct out *o);		/* writes the length */

/* One line of debug text per field. */
void packet_debug(const struct payload_desc *d, const void *host);

#endif
