/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * PF_KEY version 2 on the wire: RFC 2367, with the extensions of KLIPS.
 *
 * All lengths called *_len count 64-bit words; integers are in host order unless
 * the comment says "network order".  Numbers above RFC 2367's are KLIPS's and
 * differ from those of the native af_key of Linux: the two cannot be mixed.
 */
#ifndef LIB_PFKEY_PFKEYV2_H
#define LIB_PFKEY_PFKEYV2_H

#include "lib/pfkey/port.h"

#define PF_KEY_V2			2
#define PFKEYV2_REVISION		199806L

/* Message types: RFC 2367 section 3.1; from 13 on KLIPS. */
enum {
	SADB_RESERVED = 0,
	SADB_GETSPI = 1,
	SADB_UPDATE = 2,
	SADB_ADD = 3,
	SADB_DELETE = 4,
	SADB_GET = 5,
	SADB_ACQUIRE = 6,
	SADB_REGISTER = 7,
	SADB_EXPIRE = 8,
	SADB_FLUSH = 9,
	SADB_DUMP = 10,
	SADB_X_PROMISC = 11,
	SADB_X_PCHANGE = 12,
	SADB_X_GRPSA = 13,		/* bundle two SAs, or unbundle one */
	SADB_X_ADDFLOW = 14,		/* add or replace an eroute, or set an inbound policy */
	SADB_X_DELFLOW = 15,		/* delete an eroute, or all */
	SADB_X_DEBUG = 16,		/* klipsdebug masks */
	SADB_X_NAT_T_NEW_MAPPING = 17,
	SADB_MAX = 17
};

/* Extension types: RFC 2367 section 2.3; from 18 on KLIPS. */
enum {
	SADB_EXT_RESERVED = 0,
	SADB_EXT_SA = 1,
	SADB_EXT_LIFETIME_CURRENT = 2,
	SADB_EXT_LIFETIME_HARD = 3,
	SADB_EXT_LIFETIME_SOFT = 4,
	SADB_EXT_ADDRESS_SRC = 5,
	SADB_EXT_ADDRESS_DST = 6,
	SADB_EXT_ADDRESS_PROXY = 7,
	SADB_EXT_KEY_AUTH = 8,
	SADB_EXT_KEY_ENCRYPT = 9,
	SADB_EXT_IDENTITY_SRC = 10,
	SADB_EXT_IDENTITY_DST = 11,
	SADB_EXT_SENSITIVITY = 12,
	SADB_EXT_PROPOSAL = 13,
	SADB_EXT_SUPPORTED_AUTH = 14,
	SADB_EXT_SUPPORTED_ENCRYPT = 15,
	SADB_EXT_SPIRANGE = 16,
	SADB_X_EXT_KMPRIVATE = 17,
	SADB_X_EXT_SATYPE2 = 18,
	SADB_X_EXT_SA2 = 19,
	SADB_X_EXT_ADDRESS_DST2 = 20,
	SADB_X_EXT_ADDRESS_SRC_FLOW = 21,
	SADB_X_EXT_ADDRESS_DST_FLOW = 22,
	SADB_X_EXT_ADDRESS_SRC_MASK = 23,
	SADB_X_EXT_ADDRESS_DST_MASK = 24,
	SADB_X_EXT_DEBUG = 25,
	SADB_X_EXT_PROTOCOL = 26,
	SADB_X_EXT_NAT_T_TYPE = 27,
	SADB_X_EXT_NAT_T_SPORT = 28,
	SADB_X_EXT_NAT_T_DPORT = 29,
	SADB_X_EXT_NAT_T_OA = 30,
	SADB_X_EXT_PLUMBIF = 31,
	SADB_X_EXT_SAREF = 32,
	SADB_X_EXT_REPLAY = 33,		/* a wide window, extended numbers, where to go on */
	SADB_X_EXT_ERROR = 34,		/* why, in words; only upwards, beside an errno */
	SADB_EXT_MAX = 34
};

/* SA types. */
enum {
	SADB_SATYPE_UNSPEC = 0,
	SADB_SATYPE_AH = 2,
	SADB_SATYPE_ESP = 3,
	SADB_X_SATYPE_IPIP = 9,
	SADB_X_SATYPE_COMP = 10,
	SADB_X_SATYPE_INT = 11,		/* shunts: protocol 61, SPI one of SPI_PASS.. */
	SADB_SATYPE_MAX = 11
};

enum {
	SADB_SASTATE_LARVAL = 0,
	SADB_SASTATE_MATURE = 1,
	SADB_SASTATE_DYING = 2,
	SADB_SASTATE_DEAD = 3
};

/* sadb_sa_flags */
#define SADB_SAFLAGS_PFS		1
#define SADB_X_SAFLAGS_REPLACEFLOW	2
#define SADB_X_SAFLAGS_CLEARFLOW	4
#define SADB_X_SAFLAGS_INFLOW		8
#define SADB_X_SAFLAGS_POLICYONLY	16
/* An IPComp SA that need not be inside ESP or AH.  What it sends can be read and changed. */
#define SADB_X_SAFLAGS_BARE		64
/*
 * What a tunnel does with its outer header; of SAs of type IPIP only.  Of each pair at
 * most one.  ECN is RFC 6040's "normal mode", NOECN its "compatibility mode".
 */
#define SADB_X_SAFLAGS_DF_COPY		0x0100	/* as inside; IPv6 inside counts as set */
#define SADB_X_SAFLAGS_DF_SET		0x0200	/* neither: clear */
#define SADB_X_SAFLAGS_TOS_COPY		0x0400	/* differentiated services as inside */
#define SADB_X_SAFLAGS_TOS_HIDE		0x0800	/* zero; neither: as net.ipsec.tos says */
#define SADB_X_SAFLAGS_ECN		0x1000	/* congestion bits as inside */
#define SADB_X_SAFLAGS_NOECN		0x2000	/* zero; neither: as inside unless TOS is hidden */
#define SADB_X_SAFLAGS_TTL		0x00ff0000	/* TTL or hop limit; 0: 64 */
#define SADB_X_SAFLAGS_TTL_SHIFT	16
#define SADB_X_SAFLAGS_TUNNEL		0x00ff3f00	/* all of these */
#define SADB_X_SAFLAGS_ALL \
	((uint32_t)(SADB_SAFLAGS_PFS | SADB_X_SAFLAGS_REPLACEFLOW | SADB_X_SAFLAGS_CLEARFLOW | \
		    SADB_X_SAFLAGS_INFLOW | SADB_X_SAFLAGS_POLICYONLY | \
		    SADB_X_SAFLAGS_BARE | \
		    SADB_X_SAFLAGS_TUNNEL))

/*
 * Authentication algorithms: the numbers of the IPsec DOI (RFC 2407 section 4.5 and
 * IANA).  Those from 249 on are private there, and ours: what has no number of its own,
 * and HMAC-SHA2-256 as peers cut it before RFC 4868.
 */
enum {
	SADB_AALG_NONE = 0,
	SADB_AALG_MD5HMAC = 2,
	SADB_AALG_SHA1HMAC = 3,
	SADB_X_AALG_SHA2_256HMAC = 5,	/* truncated to 128 bits, RFC 4868 */
	SADB_X_AALG_SHA2_384HMAC = 6,
	SADB_X_AALG_SHA2_512HMAC = 7,
	SADB_X_AALG_AES_XCBC_MAC = 9,	/* truncated to 96 bits, RFC 3566 */
	SADB_X_AALG_NULL = 251,
	SADB_X_AALG_SHA2_256HMAC_96 = 252,	/* truncated to 96 bits, the old draft's way */
	SADB_X_AALG_AES_CMAC = 253,	/* truncated to 96 bits, RFC 4494 */
	SADB_AALG_MAX = 253
};

/* Encryption algorithms: the numbers of the IPsec DOI (RFC 2407 section 4.4.4 and IANA). */
enum {
	SADB_EALG_NONE = 0,
	SADB_EALG_DESCBC = 2,		/* never supported; here for messages */
	SADB_EALG_3DESCBC = 3,
	SADB_EALG_NULL = 11,
	SADB_X_EALG_AESCBC = 12,
	SADB_X_EALG_AESCTR = 13,
	SADB_X_EALG_AES_CCM_ICV8 = 14,
	SADB_X_EALG_AES_CCM_ICV12 = 15,
	SADB_X_EALG_AES_CCM_ICV16 = 16,
	SADB_X_EALG_AES_GCM_ICV8 = 18,	/* AEAD keys end in the salt: key bits + 32 */
	SADB_X_EALG_AES_GCM_ICV12 = 19,
	SADB_X_EALG_AES_GCM_ICV16 = 20,
	SADB_X_EALG_NULL_AES_GMAC = 23,	/* authenticates only, RFC 4543 */
	SADB_X_EALG_CHACHA20_POLY1305 = 28,	/* IKEv2's number: IKEv1 has none */
	SADB_EALG_MAX = 255
};

/* Compression algorithms, in sadb_sa_encrypt of an IPComp SA: RFC 2407 section 4.4.5. */
enum {
	SADB_X_CALG_NONE = 0,
	SADB_X_CALG_OUI = 1,
	SADB_X_CALG_DEFLATE = 2,
	SADB_X_CALG_LZS = 3,
};

/* SPIs of shunts, with protocol IPPROTO_INT. */
#define IPPROTO_INT			61
enum {
	SPI_PASS = 256,
	SPI_DROP = 257,
	SPI_REJECT = 258,
	SPI_HOLD = 259,
	SPI_TRAP = 260,
	SPI_TRAPSUBNET = 261
};

/* The smallest SPI that may be chosen: 1..255 are IANA's (RFC 4303 section 2.1). */
#define SPI_MIN				0x100

enum { SADB_X_NAT_T_NONE = 0, SADB_X_NAT_T_NON_IKE = 1, SADB_X_NAT_T_NON_ESP = 2 };

struct sadb_msg {
	uint8_t sadb_msg_version;
	uint8_t sadb_msg_type;
	uint8_t sadb_msg_errno;
	uint8_t sadb_msg_satype;
	uint16_t sadb_msg_len;
	uint16_t sadb_msg_reserved;
	uint32_t sadb_msg_seq;
	uint32_t sadb_msg_pid;
};

struct sadb_ext {
	uint16_t sadb_ext_len;
	uint16_t sadb_ext_type;
};

/* The first 16 octets are RFC 2367's, and are accepted alone. */
struct sadb_sa {
	uint16_t sadb_sa_len;
	uint16_t sadb_sa_exttype;
	uint32_t sadb_sa_spi;			/* network order */
	uint8_t sadb_sa_replay;			/* window in packets; 255: 1024 or more */
	uint8_t sadb_sa_state;
	uint8_t sadb_sa_auth;
	uint8_t sadb_sa_encrypt;
	uint32_t sadb_sa_flags;
	uint32_t sadb_x_sa_ref;
	uint32_t sadb_x_sa_reserved;
};
#define SADB_SA_V1_LEN			16	/* octets */

struct sadb_lifetime {
	uint16_t sadb_lifetime_len;
	uint16_t sadb_lifetime_exttype;
	uint32_t sadb_lifetime_allocations;
	uint64_t sadb_lifetime_bytes;
	uint64_t sadb_lifetime_addtime;		/* seconds; in CURRENT: birth, Unix time */
	uint64_t sadb_lifetime_usetime;
	uint32_t sadb_x_lifetime_packets;
	uint32_t sadb_x_lifetime_reserved;
};
#define SADB_LIFETIME_V1_LEN		32	/* octets */

struct sadb_address {			/* a struct sockaddr_in or _in6 follows, padded */
	uint16_t sadb_address_len;
	uint16_t sadb_address_exttype;
	uint8_t sadb_address_proto;
	uint8_t sadb_address_prefixlen;
	uint16_t sadb_address_reserved;
};

struct sadb_key {			/* the key follows, padded with zeros */
	uint16_t sadb_key_len;
	uint16_t sadb_key_exttype;
	uint16_t sadb_key_bits;
	uint16_t sadb_key_reserved;
};

struct sadb_ident {			/* text with its NUL follows, padded */
	uint16_t sadb_ident_len;
	uint16_t sadb_ident_exttype;
	uint16_t sadb_ident_type;
	uint16_t sadb_ident_reserved;
	uint64_t sadb_ident_id;
};

struct sadb_supported {			/* sadb_algs follow */
	uint16_t sadb_supported_len;
	uint16_t sadb_supported_exttype;
	uint32_t sadb_supported_reserved;
};

struct sadb_alg {
	uint8_t sadb_alg_id;
	uint8_t sadb_alg_ivlen;			/* bits */
	uint16_t sadb_alg_minbits;
	uint16_t sadb_alg_maxbits;
	uint16_t sadb_alg_reserved;
};

struct sadb_prop {			/* sadb_combs follow */
	uint16_t sadb_prop_len;
	uint16_t sadb_prop_exttype;
	uint8_t sadb_prop_replay;
	uint8_t sadb_prop_reserved[3];
};

struct sadb_comb {
	uint8_t sadb_comb_auth;
	uint8_t sadb_comb_encrypt;
	uint16_t sadb_comb_flags;
	uint16_t sadb_comb_auth_minbits;
	uint16_t sadb_comb_auth_maxbits;
	uint16_t sadb_comb_encrypt_minbits;
	uint16_t sadb_comb_encrypt_maxbits;
	uint32_t sadb_comb_reserved;
	uint32_t sadb_comb_soft_allocations;
	uint32_t sadb_comb_hard_allocations;
	uint64_t sadb_comb_soft_bytes;
	uint64_t sadb_comb_hard_bytes;
	uint64_t sadb_comb_soft_addtime;
	uint64_t sadb_comb_hard_addtime;
	uint64_t sadb_comb_soft_usetime;
	uint64_t sadb_comb_hard_usetime;
	uint32_t sadb_x_comb_soft_packets;
	uint32_t sadb_x_comb_hard_packets;
};

struct sadb_spirange {
	uint16_t sadb_spirange_len;
	uint16_t sadb_spirange_exttype;
	uint32_t sadb_spirange_min;		/* host order, both inclusive */
	uint32_t sadb_spirange_max;
	uint32_t sadb_spirange_reserved;
};

struct sadb_x_satype {
	uint16_t sadb_x_satype_len;
	uint16_t sadb_x_satype_exttype;
	uint8_t sadb_x_satype_satype;
	uint8_t sadb_x_satype_reserved[3];
};

/*
 * klipsdebug masks.  The top bit of the netlink mask says how they are meant: set, each
 * is added to what is on; clear, each is what may stay on.  It is no part of the mask.
 */
#define SADB_X_DEBUG_ADD		0x80000000U

struct sadb_x_debug {
	uint16_t sadb_x_debug_len;
	uint16_t sadb_x_debug_exttype;
	uint32_t sadb_x_debug_tunnel;
	uint32_t sadb_x_debug_netlink;
	uint32_t sadb_x_debug_xform;
	uint32_t sadb_x_debug_eroute;
	uint32_t sadb_x_debug_spi;
	uint32_t sadb_x_debug_radij;
	uint32_t sadb_x_debug_esp;
	uint32_t sadb_x_debug_ah;
	uint32_t sadb_x_debug_rcv;
	uint32_t sadb_x_debug_pfkey;
	uint32_t sadb_x_debug_ipcomp;
	uint32_t sadb_x_debug_verbose;
	uint8_t sadb_x_debug_reserved[4];
};

struct sadb_x_protocol {
	uint16_t sadb_x_protocol_len;
	uint16_t sadb_x_protocol_exttype;
	uint8_t sadb_x_protocol_proto;
	uint8_t sadb_x_protocol_direction;
	uint8_t sadb_x_protocol_flags;
	uint8_t sadb_x_protocol_reserved;
};

struct sadb_x_natt_type {
	uint16_t sadb_x_natt_type_len;
	uint16_t sadb_x_natt_type_exttype;
	uint8_t sadb_x_natt_type_type;
	uint8_t sadb_x_natt_type_reserved[3];
};

struct sadb_x_natt_port {
	uint16_t sadb_x_natt_port_len;
	uint16_t sadb_x_natt_port_exttype;
	uint16_t sadb_x_natt_port_port;		/* network order */
	uint16_t sadb_x_natt_port_reserved;
};

struct sadb_x_saref {
	uint16_t sadb_x_saref_len;
	uint16_t sadb_x_saref_exttype;
	uint32_t sadb_x_saref_me;
	uint32_t sadb_x_saref_him;
	uint32_t sadb_x_saref_reserved;
};

/*
 * What the octet sadb_sa_replay cannot say; where it is, that octet counts for nothing.
 * RFC 4303 section 3.4.3.
 */
struct sadb_x_replay {
	uint16_t sadb_x_replay_len;
	uint16_t sadb_x_replay_exttype;
	uint32_t sadb_x_replay_window;		/* packets: 0 (no check) or 32 to 65536 */
	uint32_t sadb_x_replay_flags;
	uint32_t sadb_x_replay_reserved;
	/*
	 * The last number sent, or the highest received.  In ADD and UPDATE: go on behind
	 * it, with an SA that has been in use elsewhere.
	 */
	uint64_t sadb_x_replay_seq;
};
#define SADB_X_REPLAY_ESN		1	/* extended sequence numbers */
#define SADB_X_REPLAY_WINDOW_MIN	32
#define SADB_X_REPLAY_WINDOW_MAX	65536

/*
 * Why the kernel has refused a message: text with its NUL follows, padded.  Only the asker
 * gets it, and only in an answer whose sadb_msg_errno is not 0.
 */
struct sadb_x_error {
	uint16_t sadb_x_error_len;
	uint16_t sadb_x_error_exttype;
	uint16_t sadb_x_error_ext;		/* the extension at fault; 0: the header, or none */
	uint16_t sadb_x_error_reserved;
};

/* RFC 2367 section 2.3.6: the bit maps follow, of sens_len and integ_len words. */
struct sadb_sens {
	uint16_t sadb_sens_len;
	uint16_t sadb_sens_exttype;
	uint32_t sadb_sens_dpd;
	uint8_t sadb_sens_sens_level;
	uint8_t sadb_sens_sens_len;		/* words */
	uint8_t sadb_sens_integ_level;
	uint8_t sadb_sens_integ_len;		/* words */
	uint32_t sadb_sens_reserved;
};

/* Identity types: RFC 2367 section 2.3.5; KLIPS adds the fourth. */
enum { SADB_IDENTTYPE_PREFIX = 1, SADB_IDENTTYPE_FQDN = 2, SADB_IDENTTYPE_USERFQDN = 3,
       SADB_X_IDENTTYPE_CONNECTION = 4 };

#endif
