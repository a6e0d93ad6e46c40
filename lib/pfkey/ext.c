// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What PF_KEYv2 messages are made of: RFC 2367 sections 2.3 and 3.1, with the
 * additions of KLIPS.
 *
 * extensions[] says how long each extension may be and which function looks at its
 * content.  messages[] says which extensions each message must and may carry on its
 * way down to the kernel and on its way up.  Adding a message or an extension is
 * adding a row.
 *
 * A check function sees an extension whose length is within the row's bounds and
 * within the message.  It must not look past that length, and must not judge what
 * only the SA database can know.
 *
 * Keys travel downwards only.  No set for PFKEY_UP holds a key, so neither a GET nor
 * a DUMP nor the echo of an ADD can tell a listener one.
 */
#include "lib/pfkey/ext.h"

#define KEY_OCTETS_MAX	128U		/* twice the longest authentication key */
#define IDENT_MAX	512U		/* text of an identity, with its NUL */
#define SENS_WORDS_MAX	16U		/* of each bit map */
#define PROPOSALS_MAX	16U
#define ALGS_MAX	64U

_Static_assert(sizeof(struct sadb_msg) == 16, "sadb_msg is two words");
_Static_assert(sizeof(struct sadb_sa) == 24, "sadb_sa is three words");
_Static_assert(sizeof(struct sadb_lifetime) == 40, "sadb_lifetime is five words");
_Static_assert(sizeof(struct sadb_address) == 8, "sadb_address is one word");
_Static_assert(sizeof(struct sadb_key) == 8, "sadb_key is one word");
_Static_assert(sizeof(struct sadb_ident) == 16, "sadb_ident is two words");
_Static_assert(sizeof(struct sadb_comb) == 80, "sadb_comb is ten words");
_Static_assert(sizeof(struct sadb_spirange) == 16, "sadb_spirange is two words");
_Static_assert(sizeof(struct sadb_x_debug) == 56, "sadb_x_debug is seven words");
_Static_assert(sizeof(struct sadb_x_saref) == 16, "sadb_x_saref is two words");
_Static_assert(sizeof(struct sadb_x_replay) == 24, "sadb_x_replay is three words");
_Static_assert(sizeof(struct sadb_x_error) == 8, "sadb_x_error is one word");
_Static_assert(sizeof(struct sadb_sens) == 16, "sadb_sens is two words");

static size_t octets(const struct sadb_ext *ext)
{
	return (size_t)ext->sadb_ext_len * 8;
}

/* Note the number at fault, and what it may be; returns why. */
static const char *number(struct pfkey_error *e, const char *field, uint64_t found, uint64_t low,
			  uint64_t high, const char *why)
{
	e->field = field;
	e->found = found;
	e->low = low;
	e->high = high;
	return why;
}

static const char *reserved(struct pfkey_error *e, const char *field, uint64_t found)
{
	return number(e, field, found, 0, 0, "reserved field not zero");
}

static bool both(const struct sadb_sa *sa, uint32_t flags)
{
	return (sa->sadb_sa_flags & flags) == flags;
}

/* RFC 2367 section 2.3.1, in the short form without our reference or in the long one. */
static const char *check_sa(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_sa *sa = (const struct sadb_sa *)ext;
	uint32_t unknown = sa->sadb_sa_flags & ~SADB_X_SAFLAGS_ALL;

	if (sa->sadb_sa_state > SADB_SASTATE_DEAD)
		return number(e, "sadb_sa_state", sa->sadb_sa_state, SADB_SASTATE_LARVAL,
			      SADB_SASTATE_DEAD, "unknown SA state");
	if (unknown)
		return number(e, "sadb_sa_flags less the known ones", unknown, 0, 0,
			      "unknown SA flags");
	if (both(sa, SADB_X_SAFLAGS_DF_COPY | SADB_X_SAFLAGS_DF_SET) ||
	    both(sa, SADB_X_SAFLAGS_TOS_COPY | SADB_X_SAFLAGS_TOS_HIDE) ||
	    both(sa, SADB_X_SAFLAGS_ECN | SADB_X_SAFLAGS_NOECN))
		return "SA flags that contradict each other";
	if (octets(ext) > SADB_SA_V1_LEN && sa->sadb_x_sa_reserved)
		return reserved(e, "sadb_x_sa_reserved", sa->sadb_x_sa_reserved);
	return NULL;
}

/* RFC 2367 section 2.3.3: the sockaddr must fit, and be of a family we speak. */
static const char *check_address(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_address *a = (const struct sadb_address *)ext;
	size_t room = octets(ext) - sizeof(*a);
	uint16_t family = pfkey_sockaddr(ext)->sa_family;
	unsigned int bits = family == AF_INET ? 32 : 128;

	if (a->sadb_address_reserved)
		return reserved(e, "sadb_address_reserved", a->sadb_address_reserved);
	if (family != AF_INET && family != AF_INET6)
		return number(e, "sa_family", family, AF_INET, AF_INET6,
			      "address family is neither IPv4 nor IPv6");
	if (family == AF_INET6 && room < sizeof(struct sockaddr_in6))
		return number(e, "length in octets", octets(ext), 40, 40,
			      "too short for an IPv6 address");
	if (a->sadb_address_prefixlen > bits)
		return number(e, "sadb_address_prefixlen", a->sadb_address_prefixlen, 0, bits,
			      "prefix longer than the address");
	return NULL;
}

/* A netmask as an address: ones, then zeros. */
static const char *check_mask(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const char *why = check_address(ext, e);
	const struct sockaddr *sa;
	const uint8_t *octet;
	size_t n, i;
	bool ended = false;

	if (why)
		return why;
	sa = pfkey_sockaddr(ext);
	if (sa->sa_family == AF_INET) {
		octet = (const uint8_t *)&((const struct sockaddr_in *)sa)->sin_addr;
		n = 4;
	} else {
		octet = (const uint8_t *)&((const struct sockaddr_in6 *)sa)->sin6_addr;
		n = 16;
	}
	for (i = 0; i < n * 8; i++) {
		bool one = octet[i / 8] & (0x80 >> (i % 8));

		if (one && ended)
			return number(e, "bit that is set after one that is not", i, 0,
				      0, "netmask with a gap");
		ended = !one;
	}
	return NULL;
}

/* RFC 2367 section 2.3.4: zero bits are an error, and so is a length that differs. */
static const char *check_key(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_key *k = (const struct sadb_key *)ext;
	size_t room = octets(ext) - sizeof(*k);
	size_t len = k->sadb_key_bits / 8;

	if (k->sadb_key_reserved)
		return reserved(e, "sadb_key_reserved", k->sadb_key_reserved);
	if (!k->sadb_key_bits || k->sadb_key_bits % 8)
		return number(e, "sadb_key_bits", k->sadb_key_bits, room * 8 - 56, room * 8,
			      "key bits are not a positive multiple of 8");
	if ((len + 7) / 8 * 8 != room)
		return number(e, "sadb_key_bits", k->sadb_key_bits, room * 8 - 56, room * 8,
			      "key bits do not agree with the length");
	return NULL;
}

/* RFC 2367 section 2.3.5: text, with its NUL inside the extension. */
static const char *check_ident(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_ident *id = (const struct sadb_ident *)ext;

	if (id->sadb_ident_reserved)
		return reserved(e, "sadb_ident_reserved", id->sadb_ident_reserved);
	if (id->sadb_ident_type < SADB_IDENTTYPE_PREFIX ||
	    id->sadb_ident_type > SADB_X_IDENTTYPE_CONNECTION)
		return number(e, "sadb_ident_type", id->sadb_ident_type, SADB_IDENTTYPE_PREFIX,
			      SADB_X_IDENTTYPE_CONNECTION, "unknown identity type");
	if (!memchr(id + 1, 0, octets(ext) - sizeof(*id)))
		return "text without a NUL";
	return NULL;
}

/* RFC 2367 section 2.3.6: two bit maps, each as long as the header says. */
static const char *check_sens(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_sens *s = (const struct sadb_sens *)ext;
	size_t words = (size_t)s->sadb_sens_sens_len + s->sadb_sens_integ_len;
	size_t room = (octets(ext) - sizeof(*s)) / 8;

	if (s->sadb_sens_reserved)
		return reserved(e, "sadb_sens_reserved", s->sadb_sens_reserved);
	if (words != room)
		return number(e, "sadb_sens_sens_len + sadb_sens_integ_len", words, room, room,
			      "bit maps do not agree with the length");
	return NULL;
}

static const char *check_proposal(const struct sadb_ext *ext, struct pfkey_error *e)
{
	if ((octets(ext) - sizeof(struct sadb_prop)) % sizeof(struct sadb_comb))
		return number(e, "octets behind the last combination",
			      (octets(ext) - sizeof(struct sadb_prop)) % sizeof(struct sadb_comb),
			      0, 0, "not a whole number of combinations");
	return NULL;
}

static const char *check_spirange(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_spirange *r = (const struct sadb_spirange *)ext;

	if (r->sadb_spirange_reserved)
		return reserved(e, "sadb_spirange_reserved", r->sadb_spirange_reserved);
	if (r->sadb_spirange_min > r->sadb_spirange_max)
		return number(e, "sadb_spirange_min", r->sadb_spirange_min, SPI_MIN,
			      r->sadb_spirange_max, "minimum above maximum");
	return NULL;
}

static const char *check_satype2(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_x_satype *t = (const struct sadb_x_satype *)ext;

	if (pfkey_satype_to_proto(t->sadb_x_satype_satype))
		return NULL;
	return number(e, "sadb_x_satype_satype", t->sadb_x_satype_satype, SADB_SATYPE_AH,
		      SADB_SATYPE_MAX, "unknown SA type");
}

static const char *check_natt_type(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_x_natt_type *t = (const struct sadb_x_natt_type *)ext;

	if (t->sadb_x_natt_type_type <= SADB_X_NAT_T_NON_ESP)
		return NULL;
	return number(e, "sadb_x_natt_type_type", t->sadb_x_natt_type_type, SADB_X_NAT_T_NONE,
		      SADB_X_NAT_T_NON_ESP, "unknown encapsulation");
}

static const char *check_error(const struct sadb_ext *ext, struct pfkey_error *e)
{
	(void)e;
	return memchr(ext + sizeof(struct sadb_x_error) / sizeof(*ext), 0,
		      octets(ext) - sizeof(struct sadb_x_error)) ? NULL : "text without a NUL";
}

/* RFC 4303 section 3.4.3; extended numbers cannot do without a window (appendix A2). */
static const char *check_replay(const struct sadb_ext *ext, struct pfkey_error *e)
{
	const struct sadb_x_replay *r = (const struct sadb_x_replay *)ext;
	bool esn = r->sadb_x_replay_flags & SADB_X_REPLAY_ESN;

	if (r->sadb_x_replay_flags & ~(uint32_t)SADB_X_REPLAY_ESN)
		return number(e, "sadb_x_replay_flags", r->sadb_x_replay_flags, 0,
			      SADB_X_REPLAY_ESN, "unknown replay flags");
	if (r->sadb_x_replay_reserved)
		return reserved(e, "sadb_x_replay_reserved", r->sadb_x_replay_reserved);
	if (!r->sadb_x_replay_window && esn)
		return number(e, "sadb_x_replay_window", 0, SADB_X_REPLAY_WINDOW_MIN,
			      SADB_X_REPLAY_WINDOW_MAX,
			      "extended sequence numbers without a window");
	if (r->sadb_x_replay_window && (r->sadb_x_replay_window < SADB_X_REPLAY_WINDOW_MIN ||
					r->sadb_x_replay_window > SADB_X_REPLAY_WINDOW_MAX))
		return number(e, "sadb_x_replay_window", r->sadb_x_replay_window,
			      SADB_X_REPLAY_WINDOW_MIN, SADB_X_REPLAY_WINDOW_MAX,
			      "window is neither 0 nor 32 to 65536 packets");
	if (r->sadb_x_replay_seq >> 32 && !esn)
		return number(e, "sadb_x_replay_seq", r->sadb_x_replay_seq, 0, 0xffffffffU,
			      "sequence number of more than 32 bits on an SA without extended ones");
	return NULL;
}

#define FIXED(structure)	sizeof(struct structure), sizeof(struct structure)
#define ADDRESS			8 + 16, 8 + 32
#define KEY			8 + 8, 8 + KEY_OCTETS_MAX
#define IDENT			16 + 8, 16 + IDENT_MAX
#define ALGS			8 + 8, 8 + 8 * ALGS_MAX
#define SENS			16, 16 + 2 * 8 * SENS_WORDS_MAX
#define ERROR			8 + 8, 8 + PFKEY_ERROR_TEXT
/* Numbers that we know but that no message of ours carries. */
#define UNUSED			8, 256

static const struct pfkey_ext_row extensions[SADB_EXT_MAX + 1] = {
	[SADB_EXT_RESERVED]	       = { "header" },
	[SADB_EXT_SA]		       = { "SA", SADB_SA_V1_LEN, sizeof(struct sadb_sa),
					   check_sa },
	[SADB_EXT_LIFETIME_CURRENT]    = { "LIFETIME_CURRENT", SADB_LIFETIME_V1_LEN,
					   sizeof(struct sadb_lifetime) },
	[SADB_EXT_LIFETIME_HARD]       = { "LIFETIME_HARD", SADB_LIFETIME_V1_LEN,
					   sizeof(struct sadb_lifetime) },
	[SADB_EXT_LIFETIME_SOFT]       = { "LIFETIME_SOFT", SADB_LIFETIME_V1_LEN,
					   sizeof(struct sadb_lifetime) },
	[SADB_EXT_ADDRESS_SRC]	       = { "ADDRESS_SRC", ADDRESS, check_address },
	[SADB_EXT_ADDRESS_DST]	       = { "ADDRESS_DST", ADDRESS, check_address },
	[SADB_EXT_ADDRESS_PROXY]       = { "ADDRESS_PROXY", ADDRESS, check_address },
	[SADB_EXT_KEY_AUTH]	       = { "KEY_AUTH", KEY, check_key },
	[SADB_EXT_KEY_ENCRYPT]	       = { "KEY_ENCRYPT", KEY, check_key },
	[SADB_EXT_IDENTITY_SRC]	       = { "IDENTITY_SRC", IDENT, check_ident },
	[SADB_EXT_IDENTITY_DST]	       = { "IDENTITY_DST", IDENT, check_ident },
	[SADB_EXT_SENSITIVITY]	       = { "SENSITIVITY", SENS, check_sens },
	[SADB_EXT_PROPOSAL]	       = { "PROPOSAL", 8 + sizeof(struct sadb_comb),
					   8 + PROPOSALS_MAX * sizeof(struct sadb_comb),
					   check_proposal },
	[SADB_EXT_SUPPORTED_AUTH]      = { "SUPPORTED_AUTH", ALGS },
	[SADB_EXT_SUPPORTED_ENCRYPT]   = { "SUPPORTED_ENCRYPT", ALGS },
	[SADB_EXT_SPIRANGE]	       = { "SPIRANGE", FIXED(sadb_spirange), check_spirange },
	[SADB_X_EXT_KMPRIVATE]	       = { "X_KMPRIVATE", UNUSED },
	[SADB_X_EXT_SATYPE2]	       = { "X_SATYPE2", FIXED(sadb_x_satype), check_satype2 },
	[SADB_X_EXT_SA2]	       = { "X_SA2", SADB_SA_V1_LEN, sizeof(struct sadb_sa),
					   check_sa },
	[SADB_X_EXT_ADDRESS_DST2]      = { "X_ADDRESS_DST2", ADDRESS, check_address },
	[SADB_X_EXT_ADDRESS_SRC_FLOW]  = { "X_ADDRESS_SRC_FLOW", ADDRESS, check_address },
	[SADB_X_EXT_ADDRESS_DST_FLOW]  = { "X_ADDRESS_DST_FLOW", ADDRESS, check_address },
	[SADB_X_EXT_ADDRESS_SRC_MASK]  = { "X_ADDRESS_SRC_MASK", ADDRESS, check_mask },
	[SADB_X_EXT_ADDRESS_DST_MASK]  = { "X_ADDRESS_DST_MASK", ADDRESS, check_mask },
	[SADB_X_EXT_DEBUG]	       = { "X_DEBUG", FIXED(sadb_x_debug) },
	[SADB_X_EXT_PROTOCOL]	       = { "X_PROTOCOL", FIXED(sadb_x_protocol) },
	[SADB_X_EXT_NAT_T_TYPE]	       = { "X_NAT_T_TYPE", FIXED(sadb_x_natt_type),
					   check_natt_type },
	[SADB_X_EXT_NAT_T_SPORT]       = { "X_NAT_T_SPORT", FIXED(sadb_x_natt_port) },
	[SADB_X_EXT_NAT_T_DPORT]       = { "X_NAT_T_DPORT", FIXED(sadb_x_natt_port) },
	[SADB_X_EXT_NAT_T_OA]	       = { "X_NAT_T_OA", ADDRESS, check_address },
	[SADB_X_EXT_PLUMBIF]	       = { "X_PLUMBIF", UNUSED },
	[SADB_X_EXT_SAREF]	       = { "X_SAREF", FIXED(sadb_x_saref) },
	[SADB_X_EXT_REPLAY]	       = { "X_REPLAY", FIXED(sadb_x_replay), check_replay },
	[SADB_X_EXT_ERROR]	       = { "X_ERROR", ERROR, check_error },
};

/* Names for the sets below. */
#define SA	PFKEY_BIT(SADB_EXT_SA)
#define SRC	PFKEY_BIT(SADB_EXT_ADDRESS_SRC)
#define DST	PFKEY_BIT(SADB_EXT_ADDRESS_DST)
#define PROXY	PFKEY_BIT(SADB_EXT_ADDRESS_PROXY)
#define CURRENT	PFKEY_BIT(SADB_EXT_LIFETIME_CURRENT)
#define LIMITS	(PFKEY_BIT(SADB_EXT_LIFETIME_HARD) | PFKEY_BIT(SADB_EXT_LIFETIME_SOFT))
#define KEYS	(PFKEY_BIT(SADB_EXT_KEY_AUTH) | PFKEY_BIT(SADB_EXT_KEY_ENCRYPT))
#define IDS	(PFKEY_BIT(SADB_EXT_IDENTITY_SRC) | PFKEY_BIT(SADB_EXT_IDENTITY_DST))
#define LABEL	PFKEY_BIT(SADB_EXT_SENSITIVITY)
#define PROP	PFKEY_BIT(SADB_EXT_PROPOSAL)
#define ALGSETS	(PFKEY_BIT(SADB_EXT_SUPPORTED_AUTH) | PFKEY_BIT(SADB_EXT_SUPPORTED_ENCRYPT))
#define RANGE	PFKEY_BIT(SADB_EXT_SPIRANGE)
#define SECOND	(PFKEY_BIT(SADB_X_EXT_SATYPE2) | PFKEY_BIT(SADB_X_EXT_SA2) | \
		 PFKEY_BIT(SADB_X_EXT_ADDRESS_DST2))
#define FLOW	(PFKEY_BIT(SADB_X_EXT_ADDRESS_SRC_FLOW) | \
		 PFKEY_BIT(SADB_X_EXT_ADDRESS_DST_FLOW) | \
		 PFKEY_BIT(SADB_X_EXT_ADDRESS_SRC_MASK) | \
		 PFKEY_BIT(SADB_X_EXT_ADDRESS_DST_MASK))
#define MASKS	PFKEY_BIT(SADB_X_EXT_DEBUG)
#define PROTO	PFKEY_BIT(SADB_X_EXT_PROTOCOL)
#define PORTS	(PFKEY_BIT(SADB_X_EXT_NAT_T_SPORT) | PFKEY_BIT(SADB_X_EXT_NAT_T_DPORT))
#define NATT	(PFKEY_BIT(SADB_X_EXT_NAT_T_TYPE) | PORTS | PFKEY_BIT(SADB_X_EXT_NAT_T_OA))
#define MOVED	PFKEY_BIT(SADB_X_EXT_ADDRESS_DST2)
#define SAREF	PFKEY_BIT(SADB_X_EXT_SAREF)
#define REPLAY	PFKEY_BIT(SADB_X_EXT_REPLAY)

/* What else the kernel may tell of an SA. */
#define DETAILS	(CURRENT | LIMITS | PROXY | IDS | LABEL | NATT | MOVED | SAREF | REPLAY)

static uint16_t family(const struct pfkey_msg *m, unsigned int ext)
{
	return pfkey_sockaddr(m->ext[ext])->sa_family;
}

/* The second SA is there as a whole, or not at all: then the first leaves its group. */
static const char *check_grpsa(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	(void)dir;
	if ((m->present & SECOND) && (m->present & SECOND) != SECOND)
		return "second SA is incomplete";
	return NULL;
}

/* The selector is of one family.  The tunnel around it may be of the other. */
static const char *check_flow(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	uint16_t src;

	(void)dir;
	if ((m->present & FLOW) != FLOW)
		return NULL;
	src = family(m, SADB_X_EXT_ADDRESS_SRC_FLOW);
	if (src != family(m, SADB_X_EXT_ADDRESS_DST_FLOW) ||
	    src != family(m, SADB_X_EXT_ADDRESS_SRC_MASK) ||
	    src != family(m, SADB_X_EXT_ADDRESS_DST_MASK))
		return "selector mixes IPv4 and IPv6";
	return NULL;
}

/* One flow, or all of them when the flag CLEARFLOW says so. */
static const char *check_delflow(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	const struct sadb_sa *sa = pfkey_get(m, SADB_EXT_SA, sadb_sa);

	if (dir == PFKEY_DOWN && (m->present & FLOW) != FLOW &&
	    !(sa && (sa->sadb_sa_flags & SADB_X_SAFLAGS_CLEARFLOW)))
		return "neither a whole selector nor the flag to clear all";
	return check_flow(m, dir);
}

/* RFC 2367 section 3.1.8: the current lifetime, and the limit that was met. */
static const char *check_expire(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	(void)dir;
	return m->present & LIMITS ? NULL : "neither a hard nor a soft lifetime";
}

/*
 * RFC 2367 section 3.1.6: downwards it is either a refusal, with an errno, or a program's
 * wish for an SA, which says between whom and of what kind.
 */
static const char *check_acquire(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	const uint64_t wish = SRC | DST | PROP;

	if (dir == PFKEY_DOWN && !m->base->sadb_msg_errno && (m->present & wish) != wish)
		return "neither an errno nor what is wanted: ADDRESS_SRC, ADDRESS_DST, PROPOSAL";
	return NULL;
}

/* Where encapsulated packets come from and go to. */
static const char *check_ports(const struct pfkey_msg *m)
{
	unsigned int ext;

	for (ext = SADB_X_EXT_NAT_T_SPORT; ext <= SADB_X_EXT_NAT_T_DPORT; ext++)
		if ((m->present & PFKEY_BIT(ext)) &&
		    !pfkey_get(m, ext, sadb_x_natt_port)->sadb_x_natt_port_port)
			return "ESP in UDP with port 0";
	return NULL;
}

/* ESP in UDP needs its ports, and they it. */
static const char *check_add(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	const struct sadb_x_natt_type *t = pfkey_get(m, SADB_X_EXT_NAT_T_TYPE, sadb_x_natt_type);

	(void)dir;
	if (!t && (m->present & NATT))
		return "ports or an original address, but no X_NAT_T_TYPE";
	if (t && t->sadb_x_natt_type_type != SADB_X_NAT_T_NONE && (m->present & PORTS) != PORTS)
		return "X_NAT_T_TYPE without both X_NAT_T_SPORT and X_NAT_T_DPORT";
	return check_ports(m);
}

/* Without keys it is about an SA that there is: what it does not mention stays as it is. */
static const char *check_update(const struct pfkey_msg *m, enum pfkey_dir dir)
{
	if ((m->present & MOVED) && !(m->present & NATT))
		return "X_ADDRESS_DST2, but nothing of ESP in UDP";
	return m->present & KEYS ? check_add(m, dir) : check_ports(m);
}

#define T(satype)	(1U << (satype))
#define REAL_SAS	(T(SADB_SATYPE_AH) | T(SADB_SATYPE_ESP) | T(SADB_X_SATYPE_IPIP) | \
			 T(SADB_X_SATYPE_COMP))
#define OR_SHUNT	(REAL_SAS | T(SADB_X_SATYPE_INT))
#define OR_ALL		(REAL_SAS | T(SADB_SATYPE_UNSPEC))
#define ANYTHING	(OR_SHUNT | T(SADB_SATYPE_UNSPEC))

#define DOWN(need, may)	[PFKEY_DOWN] = { true, need, may }
#define UP(need, may)	[PFKEY_UP] = { true, need, may }

static const struct pfkey_msg_row messages[SADB_MAX + 1] = {
	[SADB_GETSPI]	= { "GETSPI", REAL_SAS, {
		DOWN(SRC | DST | RANGE, PROXY),
		UP(SA | SRC | DST, PROXY) } },
	[SADB_UPDATE]	= { "UPDATE", REAL_SAS, {
		DOWN(SA | SRC | DST, CURRENT | LIMITS | PROXY | KEYS | IDS | LABEL | NATT | MOVED |
		     REPLAY),
		UP(SA | SRC | DST, DETAILS) }, check_update },
	[SADB_ADD]	= { "ADD", REAL_SAS, {
		DOWN(SA | SRC | DST, LIMITS | PROXY | KEYS | IDS | LABEL | NATT | REPLAY),
		UP(SA | SRC | DST, DETAILS) }, check_add },
	[SADB_DELETE]	= { "DELETE", REAL_SAS, {
		DOWN(SA | SRC | DST, 0),
		UP(SA | SRC | DST, 0) } },
	[SADB_GET]	= { "GET", REAL_SAS, {
		DOWN(SA | SRC | DST, 0),
		UP(SA | SRC | DST, DETAILS) } },
	/* Down: a key manager gave up; RFC 2367 section 3.1.6 wants no more than the header. */
	[SADB_ACQUIRE]	= { "ACQUIRE", OR_ALL, {
		DOWN(0, SRC | DST | PROXY | IDS | LABEL | PROP),
		UP(SRC | DST | PROP, PROXY | IDS | LABEL) }, check_acquire },
	[SADB_REGISTER]	= { "REGISTER", REAL_SAS, {
		DOWN(0, 0),
		UP(0, ALGSETS) } },
	[SADB_EXPIRE]	= { "EXPIRE", REAL_SAS, {
		UP(SA | CURRENT | SRC | DST, LIMITS) }, check_expire },
	[SADB_FLUSH]	= { "FLUSH", OR_ALL, {
		DOWN(0, 0),
		UP(0, 0) } },
	/* The last answer, with sequence number 0, may be a bare header. */
	[SADB_DUMP]	= { "DUMP", OR_ALL, {
		DOWN(0, 0),
		UP(0, SA | SRC | DST | DETAILS) } },
	/* The SA type is a switch: 1 is on.  Refused, but not without a word why. */
	[SADB_X_PROMISC] = { "X_PROMISC", T(SADB_SATYPE_UNSPEC) | T(1), {
		DOWN(0, 0) } },
	[SADB_X_GRPSA]	= { "X_GRPSA", REAL_SAS, {
		DOWN(SA | DST, SECOND),
		UP(SA | DST, SECOND) }, check_grpsa },
	[SADB_X_ADDFLOW] = { "X_ADDFLOW", OR_SHUNT, {
		DOWN(SA | DST | FLOW, SRC | IDS | PROTO),
		UP(SA | DST | FLOW, SRC | IDS | PROTO) }, check_flow },
	[SADB_X_DELFLOW] = { "X_DELFLOW", ANYTHING, {
		DOWN(0, SA | FLOW | IDS | PROTO),
		UP(0, SA | FLOW | IDS | PROTO) }, check_delflow },
	[SADB_X_DEBUG]	= { "X_DEBUG", ANYTHING, {
		DOWN(MASKS, 0),
		UP(MASKS, 0) } },
	[SADB_X_NAT_T_NEW_MAPPING] = { "X_NAT_T_NEW_MAPPING", REAL_SAS, {
		UP(SA | SRC | DST | PORTS, 0) } },
};

static const struct {
	uint8_t satype, proto;
	const char *name;
} satypes[] = {
	{ SADB_SATYPE_UNSPEC, 0, "UNSPEC" },
	{ SADB_SATYPE_AH, IPPROTO_AH, "AH" },
	{ SADB_SATYPE_ESP, IPPROTO_ESP, "ESP" },
	{ SADB_X_SATYPE_IPIP, IPPROTO_IPIP, "IPIP" },
	{ SADB_X_SATYPE_COMP, IPPROTO_COMP, "COMP" },
	{ SADB_X_SATYPE_INT, IPPROTO_INT, "INT" },
};
#define SATYPES	(sizeof(satypes) / sizeof(satypes[0]))

const struct pfkey_ext_row *pfkey_ext_row(unsigned int ext)
{
	return ext <= SADB_EXT_MAX && extensions[ext].min ? &extensions[ext] : NULL;
}

const struct pfkey_msg_row *pfkey_msg_row(unsigned int type)
{
	return type <= SADB_MAX && messages[type].name ? &messages[type] : NULL;
}

const char *pfkey_ext_name(unsigned int ext)
{
	return ext <= SADB_EXT_MAX ? extensions[ext].name : NULL;
}

const char *pfkey_type_name(unsigned int type)
{
	return type <= SADB_MAX ? messages[type].name : NULL;
}

const char *pfkey_satype_name(unsigned int satype)
{
	size_t i;

	for (i = 0; i < SATYPES; i++)
		if (satypes[i].satype == satype)
			return satypes[i].name;
	return NULL;
}

unsigned int pfkey_satype_to_proto(unsigned int satype)
{
	size_t i;

	for (i = 0; i < SATYPES; i++)
		if (satypes[i].satype == satype)
			return satypes[i].proto;
	return 0;
}

unsigned int pfkey_proto_to_satype(unsigned int proto)
{
	size_t i;

	for (i = 0; i < SATYPES; i++)
		if (satypes[i].proto == proto)
			return satypes[i].satype;
	return 0;
}
