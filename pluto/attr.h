/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data attributes of transforms: RFC 2408 section 3.3.
 */
#ifndef PLUTO_ATTR_H
#define PLUTO_ATTR_H

#include "lib/base/buf.h"
#include "lib/base/names.h"

/* Phase 1, RFC 2409 appendix A. */
enum {
	OAKLEY_ENCRYPTION_ALGORITHM = 1, OAKLEY_HASH_ALGORITHM, OAKLEY_AUTHENTICATION_METHOD,
	OAKLEY_GROUP_DESCRIPTION, OAKLEY_GROUP_TYPE, OAKLEY_GROUP_PRIME, OAKLEY_GROUP_GENERATOR_ONE,
	OAKLEY_GROUP_GENERATOR_TWO, OAKLEY_GROUP_CURVE_A, OAKLEY_GROUP_CURVE_B, OAKLEY_LIFE_TYPE,
	OAKLEY_LIFE_DURATION, OAKLEY_PRF, OAKLEY_KEY_LENGTH, OAKLEY_FIELD_SIZE, OAKLEY_GROUP_ORDER
};
/* Phase 2, RFC 2407 section 4.5. */
enum {
	IPSEC_SA_LIFE_TYPE = 1, IPSEC_SA_LIFE_DURATION, IPSEC_GROUP_DESCRIPTION,
	IPSEC_ENCAPSULATION_MODE, IPSEC_AUTH_ALGORITHM, IPSEC_KEY_LENGTH, IPSEC_KEY_ROUNDS,
	IPSEC_COMPRESS_DICT_SIZE, IPSEC_COMPRESS_PRIVATE_ALG, IPSEC_ECN_TUNNEL
};
enum { LIFE_SECONDS = 1, LIFE_KILOBYTES = 2 };		/* of both phases */
enum { ENCAPSULATION_TUNNEL = 1, ENCAPSULATION_TRANSPORT = 2 };

/* Values that only messages know; those we have are in the tables of lib/crypto. */
extern const struct names oakley_attr_names, oakley_cipher_names, oakley_hash_names,
			  oakley_auth_names, oakley_group_names, ipsec_attr_names;

struct attr {
	uint16_t type;			/* without the format bit */
	bool basic;			/* TV: the value is in the attribute */
	uint64_t value;			/* of either form; ~0 when a TLV is too long for it */
	struct span data;		/* TLV only */
};

/* Take the next attribute of *in.  NULL, or a phrase. */
err_t attr_take(struct span *in, struct attr *a);
/* Append: TV when the value fits, else TLV of four octets. */
void attr_put(struct buf *b, uint16_t type, uint32_t value);

/* A pair of life type and duration, as it is being collected from a transform. */
struct life {
	uint64_t seconds, kilobytes;	/* 0: not given */
	uint64_t type;			/* of the duration that must follow, 0: none */
};
/* Feed one attribute of either kind.  NULL, or what is wrong with it. */
err_t life_type(struct life *l, const struct attr *a);
err_t life_duration(struct life *l, const struct attr *a);

#endif
