/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The PF_KEYv2 codec: one table of extensions and messages, a parser that
 * proves a message well formed, and a builder that cannot overrun.
 *
 * The kernel and user space compile the same ext.c, parse.c and build.c.  The
 * parser borrows: the struct it fills points into the caller's octets, which
 * must be 8-byte aligned and outlive it.
 */
#ifndef LIB_PFKEY_PFKEY_H
#define LIB_PFKEY_PFKEY_H

#include "lib/pfkey/pfkeyv2.h"

/* An extension as a bit of a set.  PFKEY_EXT(SPIRANGE) is for SADB_EXT_SPIRANGE by number. */
#define PFKEY_BIT(type)		(1ULL << (type))

#define PFKEY_MSG_MAX		4096	/* octets; no message of ours is longer */

/* Which way a message travels decides what it must and may hold. */
enum pfkey_dir { PFKEY_DOWN, PFKEY_UP };	/* to the kernel; from the kernel */

struct pfkey_msg {
	const struct sadb_msg *base;
	uint64_t present;				/* PFKEY_BIT() of each extension found */
	const struct sadb_ext *ext[SADB_EXT_MAX + 1];	/* NULL where absent */
};

/*
 * Why a message was refused: which extension (0: the header) and a constant phrase; and,
 * where one number is to blame, its name, what it is and what it may be.
 */
struct pfkey_error {
	unsigned int ext;
	const char *why;
	const char *field;		/* NULL: no single number is to blame */
	uint64_t found, low, high;
	uint64_t need;			/* PFKEY_BIT()s that the type wants; 0: no matter */
};

#define PFKEY_ERROR_TEXT	256	/* octets that any explanation fits into, with its NUL */

/*
 * Split the len octets at buf into extensions and check each one's size, reserved
 * values and contents against the table (RFC 2367 sections 2.1 to 2.3).
 * Returns 0, -EMSGSIZE when len is not what the header says, or -EINVAL; *e is set on error.
 */
int pfkey_parse(const void *buf, size_t len, struct pfkey_msg *m, struct pfkey_error *e);

/*
 * Check that m has what its type requires in that direction, and nothing that its
 * type does not permit (the tables of SADB_* messages, RFC 2367 section 3.1).
 * Returns 0 or -EINVAL (-EOPNOTSUPP for a type not in the table); *e is set on error.
 */
int pfkey_check(const struct pfkey_msg *m, enum pfkey_dir dir, struct pfkey_error *e);

/*
 * What is wrong, what was found and what would be right, as one line into text[size]:
 * "SA: unknown SA state: sadb_sa_state is 9, must be 0 to 3".  Returns text.
 */
const char *pfkey_error_text(const struct pfkey_error *e, char *text, size_t size);

/* Names for messages to people; NULL when the number is not known. */
const char *pfkey_ext_name(unsigned int ext);
const char *pfkey_type_name(unsigned int type);
const char *pfkey_satype_name(unsigned int satype);

/* IP protocol number <-> SA type (ESP 50 <-> 3, ...); 0 when there is none. */
unsigned int pfkey_satype_to_proto(unsigned int satype);
unsigned int pfkey_proto_to_satype(unsigned int proto);

/* Typed access; the extension must be present (m->present says so). */
#define pfkey_get(m, num, structure)	((const struct structure *)(m)->ext[num])
/*
 * An SA or a lifetime whose last fields may be absent (the 16 and 32 octet forms of
 * RFC 2367): copied out, absent fields zero.  Use these, not pfkey_get(), wherever
 * a field named sadb_x_* is wanted.
 */
void pfkey_sa(const struct sadb_ext *ext, struct sadb_sa *out);
void pfkey_lifetime(const struct sadb_ext *ext, struct sadb_lifetime *out);
/* The sockaddr behind a sadb_address; its family has been checked: AF_INET or AF_INET6. */
const struct sockaddr *pfkey_sockaddr(const struct sadb_ext *ext);
/* The key behind a sadb_key, and its length in octets. */
const uint8_t *pfkey_key(const struct sadb_ext *ext, size_t *len);
/* The NUL-terminated text behind a sadb_ident; never NULL. */
const char *pfkey_ident(const struct sadb_ext *ext);
/* What the kernel says about its refusal, from wherever it came; NULL if it says nothing. */
const char *pfkey_refusal(const struct pfkey_msg *m);

/*
 * A message being built in the caller's buffer, which must be 8-byte aligned.  An
 * overflow is remembered, not fatal: add what you like, ask pfkey_finish() once.
 */
struct pfkey_out {
	uint8_t *buf;
	size_t cap;
	size_t len;
	bool overflow;
};

void pfkey_start(struct pfkey_out *o, void *buf, size_t cap, unsigned int type,
		 unsigned int satype, uint32_t seq, uint32_t pid);
/* Append a whole extension: a header structure of hlen octets with len and exttype
 * filled in here, then tlen octets of tail, then zeros up to 64 bits. */
void pfkey_add(struct pfkey_out *o, unsigned int ext, const void *head, size_t hlen,
	       const void *tail, size_t tlen);
void pfkey_add_sa(struct pfkey_out *o, unsigned int ext, const struct sadb_sa *sa);
void pfkey_add_address(struct pfkey_out *o, unsigned int ext, uint8_t proto,
		       const struct sockaddr *sa);
void pfkey_add_key(struct pfkey_out *o, unsigned int ext, const void *key, size_t len);
void pfkey_add_ident(struct pfkey_out *o, unsigned int ext, unsigned int type, const char *text);
void pfkey_add_lifetime(struct pfkey_out *o, unsigned int ext, const struct sadb_lifetime *l);
void pfkey_add_spirange(struct pfkey_out *o, uint32_t min, uint32_t max);
void pfkey_add_satype2(struct pfkey_out *o, unsigned int satype);
void pfkey_add_protocol(struct pfkey_out *o, uint8_t proto);
/* Window in packets, flags SADB_X_REPLAY_*, and the last number in use so far. */
void pfkey_add_replay(struct pfkey_out *o, uint32_t window, uint32_t flags, uint64_t seq);
/* Text that is too long is cut. */
void pfkey_add_error(struct pfkey_out *o, unsigned int at_fault, const char *text);
void pfkey_add_algs(struct pfkey_out *o, unsigned int ext, const struct sadb_alg *alg,
		    unsigned int n);
/* Write the length into the header.  Returns the octets to send, or -EMSGSIZE. */
int pfkey_finish(struct pfkey_out *o);

#endif
