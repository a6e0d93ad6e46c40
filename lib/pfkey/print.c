// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A PF_KEYv2 message as one line for people.  User space only.
 *
 *	type=3(ADD) seq=7 len=22 pid=812 errno=0 satype=3(ESP) SA(spi=0x00001001
 *	replay=64 state=1 auth=3 encrypt=12 flags=0x0) ADDRESS_SRC(192.0.2.1) ...
 *
 * (the line is broken here only.)  The message has been parsed, so what is printed is
 * inside it.  Keys are shown by their length alone, whoever asks; identities come from
 * other hosts, so what is not printable is escaped.
 */
#include <arpa/inet.h>
#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/net/addr.h"
#include "lib/pfkey/ext.h"
#include "lib/pfkey/sock.h"

static void print_sa(const struct sadb_ext *ext, struct buf *out)
{
	struct sadb_sa sa;

	pfkey_sa(ext, &sa);
	buf_printf(out, "spi=0x%08" PRIx32 " replay=%u state=%u auth=%u encrypt=%u flags=0x%" PRIx32,
		   ntohl(sa.sadb_sa_spi), sa.sadb_sa_replay, sa.sadb_sa_state,
		   sa.sadb_sa_auth, sa.sadb_sa_encrypt, sa.sadb_sa_flags);
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

	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%sauth=%u encrypt=%u:%u-%u", i ? ", " : "",
			   c[i].sadb_comb_auth, c[i].sadb_comb_encrypt,
			   c[i].sadb_comb_encrypt_minbits, c[i].sadb_comb_encrypt_maxbits);
}

static void print_algs(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_alg *a = (const struct sadb_alg *)
				   ((const uint8_t *)ext + sizeof(struct sadb_supported));
	size_t n = ((size_t)ext->sadb_ext_len * 8 - sizeof(struct sadb_supported)) / sizeof(*a);

	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%u:iv=%u,%u-%u", i ? " " : "", a[i].sadb_alg_id,
			   a[i].sadb_alg_ivlen, a[i].sadb_alg_minbits, a[i].sadb_alg_maxbits);
}

static void print_spirange(const struct sadb_ext *ext, struct buf *out)
{
	const struct sadb_spirange *r = (const struct sadb_spirange *)ext;

	buf_printf(out, "0x%08" PRIx32 "-0x%08" PRIx32, r->sadb_spirange_min,
		   r->sadb_spirange_max);
}

/* SATYPE2, PROTOCOL and NAT_T_TYPE: one octet says it all. */
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
	[SADB_EXT_SA] = print_sa,
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
	[SADB_EXT_SUPPORTED_AUTH] = print_algs,
	[SADB_EXT_SUPPORTED_ENCRYPT] = print_algs,
	[SADB_EXT_SPIRANGE] = print_spirange,
	[SADB_X_EXT_SATYPE2] = print_octet,
	[SADB_X_EXT_SA2] = print_sa,
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
		if (printers[i])
			printers[i](m->ext[i], out);
		buf_add_str(out, ")");
	}
}
