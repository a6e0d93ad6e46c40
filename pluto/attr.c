// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data attributes: the type-value and type-length-value pairs inside a transform.
 *
 *  !A!       attribute type        !    A=0: length, A=1: value    !
 *  ~                    A=0: attribute value                       ~
 *
 * Order is free and each peer has its own, except that a life duration belongs to the life
 * type before it (RFC 2407 section 4.5.1).  What may appear twice is the caller's business;
 * what is too long is refused there as well, since a length of 60000 is legal syntax.
 *
 * RFC 2408 section 3.3; RFC 2409 appendix A; RFC 2407 section 4.5.
 */
#include "pluto/attr.h"

#define ATTR_BASIC 0x8000

static const struct name oakley_attr_tab[] = {
	{ OAKLEY_ENCRYPTION_ALGORITHM, "OAKLEY_ENCRYPTION_ALGORITHM" },
	{ OAKLEY_HASH_ALGORITHM, "OAKLEY_HASH_ALGORITHM" },
	{ OAKLEY_AUTHENTICATION_METHOD, "OAKLEY_AUTHENTICATION_METHOD" },
	{ OAKLEY_GROUP_DESCRIPTION, "OAKLEY_GROUP_DESCRIPTION" },
	{ OAKLEY_GROUP_TYPE, "OAKLEY_GROUP_TYPE" },
	{ OAKLEY_GROUP_PRIME, "OAKLEY_GROUP_PRIME" },
	{ OAKLEY_GROUP_GENERATOR_ONE, "OAKLEY_GROUP_GENERATOR_ONE" },
	{ OAKLEY_GROUP_GENERATOR_TWO, "OAKLEY_GROUP_GENERATOR_TWO" },
	{ OAKLEY_GROUP_CURVE_A, "OAKLEY_GROUP_CURVE_A" },
	{ OAKLEY_GROUP_CURVE_B, "OAKLEY_GROUP_CURVE_B" },
	{ OAKLEY_LIFE_TYPE, "OAKLEY_LIFE_TYPE" },
	{ OAKLEY_LIFE_DURATION, "OAKLEY_LIFE_DURATION" },
	{ OAKLEY_PRF, "OAKLEY_PRF" },
	{ OAKLEY_KEY_LENGTH, "OAKLEY_KEY_LENGTH" },
	{ OAKLEY_FIELD_SIZE, "OAKLEY_FIELD_SIZE" },
	{ OAKLEY_GROUP_ORDER, "OAKLEY_GROUP_ORDER" },
};
NAMES(oakley_attr_names, oakley_attr_tab);

static const struct name oakley_cipher_tab[] = {
	{ 1, "OAKLEY_DES_CBC" }, { 2, "OAKLEY_IDEA_CBC" }, { 3, "OAKLEY_BLOWFISH_CBC" },
	{ 4, "OAKLEY_RC5_R16_B64_CBC" }, { 5, "OAKLEY_3DES_CBC" }, { 6, "OAKLEY_CAST_CBC" },
	{ 7, "OAKLEY_AES_CBC" }, { 8, "OAKLEY_CAMELLIA_CBC" },
};
NAMES(oakley_cipher_names, oakley_cipher_tab);

static const struct name oakley_hash_tab[] = {
	{ 1, "OAKLEY_MD5" }, { 2, "OAKLEY_SHA" }, { 3, "OAKLEY_TIGER" }, { 4, "OAKLEY_SHA2_256" },
	{ 5, "OAKLEY_SHA2_384" }, { 6, "OAKLEY_SHA2_512" },
};
NAMES(oakley_hash_names, oakley_hash_tab);

static const struct name oakley_auth_tab[] = {
	{ 1, "OAKLEY_PRESHARED_KEY" }, { 2, "OAKLEY_DSS_SIG" }, { 3, "OAKLEY_RSA_SIG" },
	{ 4, "OAKLEY_RSA_ENC" }, { 5, "OAKLEY_RSA_ENC_REV" }, { 9, "OAKLEY_ECDSA_P256" },
	{ 10, "OAKLEY_ECDSA_P384" }, { 11, "OAKLEY_ECDSA_P521" },
	{ 64221, "OAKLEY_HYBRID_INIT_RSA" }, { 64222, "OAKLEY_HYBRID_RESP_RSA" },
	{ 65001, "OAKLEY_XAUTH_INIT_PRESHARED" }, { 65002, "OAKLEY_XAUTH_RESP_PRESHARED" },
	{ 65005, "OAKLEY_XAUTH_INIT_RSA" }, { 65006, "OAKLEY_XAUTH_RESP_RSA" },
};
NAMES(oakley_auth_names, oakley_auth_tab);

static const struct name oakley_group_tab[] = {
	{ 1, "OAKLEY_GROUP_MODP768" }, { 2, "OAKLEY_GROUP_MODP1024" },
	{ 3, "OAKLEY_GROUP_GP155" }, { 4, "OAKLEY_GROUP_GP185" },
	{ 5, "OAKLEY_GROUP_MODP1536" }, { 14, "OAKLEY_GROUP_MODP2048" },
	{ 15, "OAKLEY_GROUP_MODP3072" }, { 16, "OAKLEY_GROUP_MODP4096" },
	{ 17, "OAKLEY_GROUP_MODP6144" }, { 18, "OAKLEY_GROUP_MODP8192" },
	{ 19, "OAKLEY_GROUP_ECP256" }, { 20, "OAKLEY_GROUP_ECP384" },
	{ 21, "OAKLEY_GROUP_ECP521" }, { 22, "OAKLEY_GROUP_DH22" }, { 23, "OAKLEY_GROUP_DH23" },
	{ 24, "OAKLEY_GROUP_DH24" }, { 31, "OAKLEY_GROUP_CURVE25519" },
};
NAMES(oakley_group_names, oakley_group_tab);

static const struct name ipsec_attr_tab[] = {
	{ IPSEC_SA_LIFE_TYPE, "SA_LIFE_TYPE" }, { IPSEC_SA_LIFE_DURATION, "SA_LIFE_DURATION" },
	{ IPSEC_GROUP_DESCRIPTION, "GROUP_DESCRIPTION" },
	{ IPSEC_ENCAPSULATION_MODE, "ENCAPSULATION_MODE" },
	{ IPSEC_AUTH_ALGORITHM, "AUTH_ALGORITHM" }, { IPSEC_KEY_LENGTH, "KEY_LENGTH" },
	{ IPSEC_KEY_ROUNDS, "KEY_ROUNDS" }, { IPSEC_COMPRESS_DICT_SIZE, "COMPRESS_DICT_SIZE" },
	{ IPSEC_COMPRESS_PRIVATE_ALG, "COMPRESS_PRIVATE_ALG" },
	{ IPSEC_ECN_TUNNEL, "ECN_TUNNEL" },
};
NAMES(ipsec_attr_names, ipsec_attr_tab);

err_t attr_take(struct span *in, struct attr *a)
{
	uint16_t type, v;

	if (!span_take_u16(in, &type) || !span_take_u16(in, &v))
		return "an attribute is cut off";
	*a = (struct attr){ .type = type & ~ATTR_BASIC, .basic = type & ATTR_BASIC, .value = v };
	if (a->basic)
		return NULL;
	if (!span_take(in, v, &a->data))
		return "an attribute goes beyond the end of its transform";
	a->value = 0;
	for (size_t i = 0; i < a->data.len; i++) {
		if (a->value >> 56) {
			a->value = UINT64_MAX;
			break;
		}
		a->value = a->value << 8 | a->data.ptr[i];
	}
	return NULL;
}

void attr_put(struct buf *b, uint16_t type, uint32_t value)
{
	if (value <= UINT16_MAX) {
		buf_add_u16(b, type | ATTR_BASIC);
		buf_add_u16(b, (uint16_t)value);
		return;
	}
	buf_add_u16(b, type);
	buf_add_u16(b, 4);
	buf_add_u32(b, value);
}

err_t life_type(struct life *l, const struct attr *a)
{
	if (l->type)
		return "a life type without a duration";
	if (a->value != LIFE_SECONDS && a->value != LIFE_KILOBYTES)
		return "an unknown life type";
	l->type = a->value;
	return NULL;
}

err_t life_duration(struct life *l, const struct attr *a)
{
	uint64_t *to = l->type == LIFE_SECONDS ? &l->seconds : &l->kilobytes;

	if (!l->type)
		return "a life duration without a type";
	if (!a->value)
		return "a life duration of 0";
	if (*to)
		return "two life durations of one type";
	*to = a->value;
	l->type = 0;
	return NULL;
}
