// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A PF_KEYv2 message as one line for people.  User space only.
 *
 *	type=3(ADD) seq=7 len=22 pid=812 errno=0 satype=3(ESP) SA(spi=0x00001001
 *	replay=64 state=1(MATURE) auth=3(HMAC-SHA1) encrypt=12(AES-CBC) flags=0x0)
 *	ADDRESS_SRC(192.0.2.1) ...
 *
 * (the line is broken here only.)  Numbers with a name have it in brackets.  The message
 * has been parsed, so what is printed is inside it.  Keys are shown by their length alone,
 * whoever asks; identities come from other hosts, so what is not printable is escaped.
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/net/addr.h"
#include "lib/pfkey/ext.h"
#include "lib/pfkey/sock.h"

static const struct name state_tab[] = {
	{ SADB_SASTATE_LARVAL, "LARVAL" }, { SADB_SASTATE_MATURE, "MATURE" },
	{ SADB_SASTATE_DYING, "DYING" }, { SADB_SASTATE_DEAD, "DEAD" },
};
static NAMES(state_names, state_tab);

static const struct name auth_tab[] = {
	{ SADB_AALG_MD5HMAC, "HMAC-MD5" }, { SADB_AALG_SHA1HMAC, "HMAC-SHA1" },
	{ SADB_X_AALG_SHA2_256HMAC, "HMAC-SHA2-256" },
	{ SADB_X_AALG_SHA2_384HMAC, "HMAC-SHA2-384" },
	{ SADB_X_AALG_SHA2_512HMAC, "HMAC-SHA2-512" },
	{ SADB_X_AALG_AES_XCBC_MAC, "AES-XCBC" }, { SADB_X_AALG_AES_CMAC, "AES-CMAC" },
	{ SADB_X_AALG_SHA2_256HMAC_96, "HMAC-SHA2-256-96" }, { SADB_X_AALG_NULL, "NULL" },
};
static NAMES(auth_names, auth_tab);

static const struct name encrypt_tab[] = {
	{ SADB_EALG_DESCBC, "DES" }, { SADB_EALG_3DESCBC, "3DES" }, { SADB_EALG_NULL, "NULL" },
	{ SADB_X_EALG_AESCBC, "AES-CBC" }, { SADB_X_EALG_AESCTR, "AES-CTR" },
	{ SADB_X_EALG_AES_CCM_ICV8, "AES-CCM-8" }, { SADB_X_EALG_AES_CCM_ICV12, "AES-CCM-12" },
	{ SADB_X_EALG_AES_CCM_ICV16, "AES-CCM-16" }, { SADB_X_EALG_AES_GCM_ICV8, "AES-GCM-8" },
	{ SADB_X_EALG_AES_GCM_ICV12, "AES-GCM-12" }, { SADB_X_EALG_AES_GCM_ICV16, "AES-GCM-16" },
	{ SADB_X_EALG_NULL_AES_GMAC, "AES-GMAC" },
	{ SADB_X_EALG_CHACHA20_POLY1305, "CHACHA20-POLY1305" },
};
static NAMES(encrypt_names, encrypt_tab);

static const struct name compress_tab[] = {
	{ SADB_X_CALG_OUI, "OUI" }, { SADB_X_CALG_DEFLATE, "DEFLATE" }, { SADB_X_CALG_LZS, "LZS" },
};
static NAMES(compress_names, compress_tab);

static const struct name flag_tab[] = {
	{ SADB_SAFLAGS_PFS, "PFS" }, { SADB_X_SAFLAGS_REPLACEFLOW, "REPLACEFLOW" },
	{ SADB_X_SAFLAGS_CLEARFLOW, "CLEARFLOW" }, { SADB_X_SAFLAGS_INFLOW, "INFLOW" },
	{ SADB_X_SAFLAGS_POLICYONLY, "POLICYONLY" },
	{ SADB_X_SAFLAGS_DF_COPY, "DF_COPY" }, { SADB_X_SAFLAGS_DF_SET, "DF_SET" },
	{ SADB_X_SAFLAGS_TOS_COPY, "TOS_COPY" }, { SADB_X_SAFLAGS_TOS_HIDE, "TOS_HIDE" },
	{ SADB_X_SAFLAGS_ECN, "ECN" }, { SADB_X_SAFLAGS_NOECN, "NOECN" },
};

/* 12(AES-CBC); the number alone where it has no name. */
static void print_named(const struct names *names, unsigned int v, struct buf *out)
{
	const char *name = name_of(names, v);

	buf_printf(out, "%u", v);
	if (name)
		buf_printf(out, "(%s)", name);
}

static void print_flags(uint32_t flags, struct buf *out)
{
	const char *sep = "(";

	buf_printf(out, " flags=0x%" PRIx32, flags);
	for (size_t i = 0; i < ARRAY_SIZE(flag_tab); i++) {
		if (!(flags & flag_tab[i].value))
			continue;
		buf_printf(out, "%s%s", sep, flag_tab[i].text);
		sep = "+";
	}
	if (*sep == '+')
		buf_add_str(out, ")");
}

/* The number of the cipher of an IPComp SA is that of a compression. */
static void print_sa(const struct sadb_ext *ext, unsigned int satype, struct buf *out)
{
	struct sadb_sa sa;

	pfkey_sa(ext, &sa);
	buf_printf(out, "spi=0x%08" PRIx32 " replay=%u state=", ntohl(sa.sadb_sa_spi),
		   sa.sadb_sa_replay);
	print_named(&state_names, sa.sadb_sa_state, out);
	buf_add_str(out, " auth=");
	print_named(&auth_names, sa.sadb_sa_auth, out);
	buf_add_str(out, " encrypt=");
	print_named(satype == SADB_X_SATYPE_COMP ? &compress_names : &encrypt_names,
		    sa.sadb_sa_encrypt, out);
	print_flags(sa.sadb_sa_flags, out);
	if (sa.sadb_x_sa_ref)
		buf_printf(out, " ref=%" PRIu32, sa.sadb_x_sa_ref);
}

static void print_lifetime(const struct sadb_ext *ext, struct buf *out)
{
	struct sadb_lifetime l;

	pfkey_lifetime(ext, &l);
	buf_printf(out, "alloc=%" PRIu32 " bytes=%" PRIu64 " add=%" PRIu64 " use=%" PRIu64
		   " packets=%" PRIu32, l.sadb_lifetime_allocations, l.sadb_lifetime_bytes,
		   l.sadb_lifetime_addtime, l.sadb_lifetime_usetime, l.sadb_x_lifetime_packets);
}

static void print_address(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_address *a = (const struct sadb_address *)ext;
	const struct sockaddr *sa = pfkey_sockaddr(ext);
	struct endpoint e;
	struct addr_buf b;
	socklen_t len = sa->sa_family == AF_INET ? sizeof(struct sockaddr_in)
						 : sizeof(struct sockaddr_in6);

	if (endpoint_from_sockaddr(sa, len, &e))
		return;
	buf_add_str(out, e.port ? endpoint_show(&e, &b) : addr_show(&e.addr, &b));
	if (a->sadb_address_prefixlen)
		buf_printf(out, "/%u", a->sadb_address_prefixlen);
	if (a->sadb_address_proto)
		buf_printf(out, " proto=%u", a->sadb_address_proto);
}

static void print_key(const struct sadb_ext *ext, struct buf *out)
{
	buf_printf(out, "%u bits", ((const struct sadb_key *)ext)->sadb_key_bits);
}

static void print_ident(const struct sadb_ext *ext, struct buf *out)
{
	buf_printf(out, "type=%u ", ((const struct sadb_ident *)ext)->sadb_ident_type);
	data_to_printable(span_str(pfkey_ident(ext)), out);
}

static void print_proposal(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_comb *c = (const struct sadb_comb *)
				    ((const uint8_t *)ext + sizeof(struct sadb_prop));
	size_t n = ((size_t)ext->sadb_ext_len * 8 - sizeof(struct sadb_prop)) / sizeof(*c);

	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%sauth=", i ? ", " : "");
		print_named(&auth_names, c[i].sadb_comb_auth, out);
		buf_add_str(out, " encrypt=");
		print_named(&encrypt_names, c[i].sadb_comb_encrypt, out);
		buf_printf(out, ":%u-%u", c[i].sadb_comb_encrypt_minbits,
			   c[i].sadb_comb_encrypt_maxbits);
	}
}

static void print_algs(const struct sadb_ext *ext, const struct names *names, struct buf *out)
{
	const struct sadb_alg *a = (const struct sadb_alg *)
				   ((const uint8_t *)ext + sizeof(struct sadb_supported));
	size_t n = ((size_t)ext->sadb_ext_len * 8 - sizeof(struct sadb_supported)) / sizeof(*a);

	for (size_t i = 0; i < n; i++) {
		buf_add_str(out, i ? " " : "");
		print_named(names, a[i].sadb_alg_id, out);
		buf_printf(out, ":iv=%u,%u-%u", a[i].sadb_alg_ivlen, a[i].sadb_alg_minbits,
			   a[i].sadb_alg_maxbits);
	}
}

static void print_spirange(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_spirange *r = (const struct sadb_spirange *)ext;

	buf_printf(out, "0x%08" PRIx32 "-0x%08" PRIx32, r->sadb_spirange_min,
		   r->sadb_spirange_max);
}

static void print_satype(const struct sadb_ext *ext, struct buf *out)
{
	unsigned int satype = ((const struct sadb_x_satype *)ext)->sadb_x_satype_satype;
	const char *name = pfkey_satype_name(satype);

	buf_printf(out, "%u(%s)", satype, name ? name : "UNKNOWN");
}

/* klipsdebug: which masks, and whether they are added to what is on or what may stay. */
static void print_debug(const struct sadb_ext *ext, struct buf *out)
{
	static const char *const names[] = { "tunnel", "netlink", "xform", "eroute", "spi",
					     "radij", "esp", "ah", "rcv", "pfkey", "ipcomp",
					     "verbose" };
	const struct sadb_x_debug *d = (const struct sadb_x_debug *)ext;
	bool add = d->sadb_x_debug_netlink & SADB_X_DEBUG_ADD;
	uint32_t mask[ARRAY_SIZE(names)];

	memcpy(mask, &d->sadb_x_debug_tunnel, sizeof(mask));
	mask[1] &= ~SADB_X_DEBUG_ADD;
	buf_add_str(out, add ? "add" : "keep");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (mask[i])
			buf_printf(out, " %s=%" PRIx32, names[i], mask[i]);
}

static void print_saref(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_x_saref *r = (const struct sadb_x_saref *)ext;

	buf_printf(out, "me=%" PRIu32 " him=%" PRIu32, r->sadb_x_saref_me, r->sadb_x_saref_him);
}

static void print_sens(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_sens *s = (const struct sadb_sens *)ext;

	buf_printf(out, "dpd=%" PRIu32 " sens=%u integ=%u", s->sadb_sens_dpd,
		   s->sadb_sens_sens_level, s->sadb_sens_integ_level);
}

/* PROTOCOL and NAT_T_TYPE: one octet says it all. */
static void print_octet(const struct sadb_ext *ext, struct buf *out)
{
	buf_printf(out, "%u", ((const uint8_t *)ext)[sizeof(*ext)]);
}

static void print_port(const struct sadb_ext *ext, struct buf *out)
{
	buf_printf(out, "%u", ntohs(((const struct sadb_x_natt_port *)ext)->sadb_x_natt_port_port));
}

static void print_replay(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_x_replay *r = (const struct sadb_x_replay *)ext;

	buf_printf(out, "window=%" PRIu32 "%s seq=%" PRIu64, r->sadb_x_replay_window,
		   r->sadb_x_replay_flags & SADB_X_REPLAY_ESN ? " esn" : "", r->sadb_x_replay_seq);
}

/* The kernel's words; it may repeat what a program calls itself. */
static void print_error(const struct sadb_ext *ext, struct buf *out)
{
	data_to_printable(span_str((const char *)ext + sizeof(struct sadb_x_error)), out);
}

static void (*const printers[SADB_EXT_MAX + 1])(const struct sadb_ext *ext, struct buf *out) = {
	[SADB_EXT_LIFETIME_CURRENT] = print_lifetime,
	[SADB_EXT_LIFETIME_HARD] = print_lifetime,
	[SADB_EXT_LIFETIME_SOFT] = print_lifetime,
	[SADB_EXT_ADDRESS_SRC] = print_address,
	[SADB_EXT_ADDRESS_DST] = print_address,
	[SADB_EXT_ADDRESS_PROXY] = print_address,
	[SADB_EXT_KEY_AUTH] = print_key,
	[SADB_EXT_KEY_ENCRYPT] = print_key,
	[SADB_EXT_IDENTITY_SRC] = print_ident,
	[SADB_EXT_IDENTITY_DST] = print_ident,
	[SADB_EXT_PROPOSAL] = print_proposal,
	[SADB_EXT_SPIRANGE] = print_spirange,
	[SADB_EXT_SENSITIVITY] = print_sens,
	[SADB_X_EXT_SATYPE2] = print_satype,
	[SADB_X_EXT_DEBUG] = print_debug,
	[SADB_X_EXT_SAREF] = print_saref,
	[SADB_X_EXT_ADDRESS_DST2] = print_address,
	[SADB_X_EXT_ADDRESS_SRC_FLOW] = print_address,
	[SADB_X_EXT_ADDRESS_DST_FLOW] = print_address,
	[SADB_X_EXT_ADDRESS_SRC_MASK] = print_address,
	[SADB_X_EXT_ADDRESS_DST_MASK] = print_address,
	[SADB_X_EXT_PROTOCOL] = print_octet,
	[SADB_X_EXT_NAT_T_TYPE] = print_octet,
	[SADB_X_EXT_NAT_T_SPORT] = print_port,
	[SADB_X_EXT_NAT_T_DPORT] = print_port,
	[SADB_X_EXT_NAT_T_OA] = print_address,
	[SADB_X_EXT_REPLAY] = print_replay,
	[SADB_X_EXT_ERROR] = print_error,
};

static const char *or_unknown(const char *name)
{
	return name ? name : "UNKNOWN";
}

/* What an extension says may depend on the SA type of the message. */
static void print_ext(const struct pfkey_msg *m, unsigned int type, struct buf *out)
{
	const struct sadb_x_satype *second = pfkey_get(m, SADB_X_EXT_SATYPE2, sadb_x_satype);
	const struct sadb_ext *ext = m->ext[type];
	unsigned int satype = m->base->sadb_msg_satype;
	bool comp = satype == SADB_X_SATYPE_COMP;

	switch (type) {
	case SADB_EXT_SA:
		print_sa(ext, satype, out);
		break;
	case SADB_X_EXT_SA2:
		print_sa(ext, second ? second->sadb_x_satype_satype : satype, out);
		break;
	case SADB_EXT_SUPPORTED_AUTH:
		print_algs(ext, &auth_names, out);
		break;
	case SADB_EXT_SUPPORTED_ENCRYPT:
		print_algs(ext, comp ? &compress_names : &encrypt_names, out);
		break;
	default:
		if (printers[type])
			printers[type](ext, out);
	}
}

void pfkey_print(const struct pfkey_msg *m, struct buf *out)
{
	const struct sadb_msg *b = m->base;

	buf_printf(out, "type=%u(%s) seq=%" PRIu32 " len=%u pid=%" PRIu32 " errno=%u satype=%u(%s)",
		   b->sadb_msg_type, or_unknown(pfkey_type_name(b->sadb_msg_type)),
		   b->sadb_msg_seq, b->sadb_msg_len, b->sadb_msg_pid, b->sadb_msg_errno,
		   b->sadb_msg_satype, or_unknown(pfkey_satype_name(b->sadb_msg_satype)));
	for (unsigned int i = 1; i <= SADB_EXT_MAX; i++) {
		if (!m->ext[i])
			continue;
		buf_printf(out, " %s(", pfkey_ext_name(i));
		print_ext(m, i, out);
		buf_add_str(out, ")");
	}
}
