/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities: what the two ends of an ISAKMP SA call themselves.
 *
 * RFC 2407 section 4.6.2.  Text forms as in ipsec.conf(5): an address,
 * @fqdn, user@fqdn, @#hex for a key id, %any.  Identities are compared by type, length and
 * octets (FQDNs without regard to case), never as C strings.
 */
#ifndef LIB_ID_ID_H
#define LIB_ID_ID_H

#include "lib/base/buf.h"
#include "lib/net/addr.h"

enum id_type {			/* on the wire, RFC 2407 section 4.6.2.1 */
	ID_NONE = 0,		/* not set; also %any */
	ID_IPV4_ADDR = 1,
	ID_FQDN = 2,
	ID_USER_FQDN = 3,
	ID_IPV4_ADDR_SUBNET = 4,
	ID_IPV6_ADDR = 5,
	ID_IPV6_ADDR_SUBNET = 6,
	ID_IPV4_ADDR_RANGE = 7,
	ID_IPV6_ADDR_RANGE = 8,
	ID_DER_ASN1_DN = 9,
	ID_DER_ASN1_GN = 10,
	ID_KEY_ID = 11
};

struct id {
	enum id_type type;
	struct addr addr;		/* for the two address types */
	struct buf name;		/* for the others: octets without @ */
};

struct names;
extern const struct names id_type_names;	/* "ID_FQDN" ... */

err_t ttoid(struct span text, struct id *id);	/* replaces *id */
err_t id_from_payload(uint8_t type, struct span body, struct id *id);	/* Phase 1 types only */
/* The octets after type, protocol and port. */
void id_to_payload(const struct id *id, struct buf *out);
void id_from_addr(const struct addr *a, struct id *id);
void id_show(const struct id *id, struct buf *out);	/* printable whatever the peer sent */
bool id_eq(const struct id *a, const struct id *b);
bool id_is_any(const struct id *id);
void id_copy(struct id *to, const struct id *from);
void id_free(struct id *id);

#endif
