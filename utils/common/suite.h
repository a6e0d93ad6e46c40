/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ESP suites by the names that people give them: "3des-md5-96", "aes256-sha2_256",
 * "aes_gcm-128"; and the algorithms of AH: "hmac-sha1-96".
 */
#ifndef UTILS_COMMON_SUITE_H
#define UTILS_COMMON_SUITE_H

#include "lib/base/span.h"

struct suite {
	uint8_t encrypt, auth;		/* SADB_EALG_*, SADB_AALG_* */
	/* Octets of keys; a cipher without a length in its name takes several. */
	size_t enckey_min, enckey_max, enckey_step;
	size_t salt;			/* included in the above */
	size_t authkey;			/* 0: none */
};

err_t suite_by_name(struct span text, struct suite *s);
/* The same for AH, which has an authentication and nothing else: "hmac-sha1-96". */
err_t suite_of_ah(struct span text, struct suite *s);
/* Is the length of the key right?  NULL, or a phrase that says what it should be. */
err_t suite_check_keys(const struct suite *s, size_t enckey, size_t authkey);

#endif
