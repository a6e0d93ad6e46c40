/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ISAKMP's header and payloads: RFC 2408 section 3, with the numbers of RFC 2407 and 2409.
 */
#ifndef PLUTO_PAYLOADS_H
#define PLUTO_PAYLOADS_H

#include "pluto/packet.h"

enum payload {
	PLD_NONE, PLD_SA, PLD_P, PLD_T, PLD_KE, PLD_ID, PLD_CERT, PLD_CR, PLD_HASH, PLD_SIG,
	PLD_NONCE, PLD_N, PLD_D, PLD_VID,
	PLD_NATD = 20, PLD_NATOA = 21	/* RFC 3947 */
};
#define PLD_SET_MAX	32		/* those below have a bit in sets */
#define PLD_PRIVATE	128		/* from here on: for private use, skipped */

/* A payload as a bit of a set. */
#define P(type)		(1u << PLD_##type)
#define PLD_BIT(type)	((type) < PLD_SET_MAX ? 1u << (type) : 0)

enum {
	XCHG_BASE = 1, XCHG_MAIN = 2, XCHG_AO = 3, XCHG_AGGR = 4, XCHG_INFO = 5,
	XCHG_QUICK = 32, XCHG_NEW_GROUP = 33
};
enum { ISAKMP_ENCRYPTION = 1, ISAKMP_COMMIT = 2, ISAKMP_AUTH_ONLY = 4 };
#define ISAKMP_VERSION	0x10
#define ISAKMP_HDR_LEN	28
#define GENERIC_LEN	4

#define DOI_ISAKMP	0
#define DOI_IPSEC	1
#define SIT_IDENTITY_ONLY 1

enum { PROTO_ISAKMP = 1, PROTO_IPSEC_AH = 2, PROTO_IPSEC_ESP = 3, PROTO_IPCOMP = 4 };
#define KEY_IKE		1		/* the one transform of PROTO_ISAKMP */

struct isa_hdr {
	uint8_t icookie[8], rcookie[8];
	uint8_t next;
	uint8_t version;
	uint8_t exchange;
	uint8_t flags;
	uint32_t msgid;
	uint32_t length;
};

struct isa_generic {
	uint8_t next;
	uint16_t length;
};

struct isa_sa {				/* the whole of a SA payload's header */
	uint8_t next;
	uint16_t length;
	uint32_t doi;
	uint32_t situation;
};

struct isa_proposal {
	uint8_t next;
	uint16_t length;
	uint8_t number;
	uint8_t protocol;
	uint8_t spi_size;
	uint8_t transforms;
};

struct isa_transform {
	uint8_t next;
	uint16_t length;
	uint8_t number;
	uint8_t id;
};

/* The fields of a body, behind the generic header. */
struct isa_id {
	uint8_t type;
	uint8_t protocol;
	uint16_t port;
};

struct isa_notify {
	uint32_t doi;
	uint8_t protocol;
	uint8_t spi_size;
	uint16_t type;
};

struct isa_delete {
	uint32_t doi;
	uint8_t protocol;
	uint8_t spi_size;
	uint16_t spis;
};

extern const struct payload_desc hdr_desc, generic_desc, sa_desc, sa_body_desc, proposal_desc,
				 transform_desc, id_desc, notify_desc, delete_desc;
extern const struct names payload_names, exchange_names, protocol_names, doi_names;

/* Is this number one that may follow in a message: known, or for private use? */
bool payload_known(uint8_t type);

#endif
