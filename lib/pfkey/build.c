// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PF_KEYv2 messages, put together in a buffer of the caller's.
 *
 *	pfkey_start(&o, buf, sizeof(buf), SADB_DELETE, SADB_SATYPE_ESP, seq, pid);
 *	pfkey_add_sa(&o, SADB_EXT_SA, &sa);
 *	pfkey_add_address(&o, SADB_EXT_ADDRESS_SRC, 0, src);
 *	pfkey_add_address(&o, SADB_EXT_ADDRESS_DST, 0, dst);
 *	len = pfkey_finish(&o);
 *
 * What does not fit, or cannot be said, spoils the message, not the memory:
 * pfkey_finish() then returns an error.  Every octet that is sent has been set, so
 * no stale memory crosses the border of the kernel.
 *
 * RFC 2367 section 2: lengths in 64-bit words, padding of zeros.
 */
#include "lib/pfkey/pfkey.h"

#define WORDS_MAX	0xffffU		/* what a 16-bit length can say */

void pfkey_start(struct pfkey_out *o, void *buf, size_t cap, unsigned int type,
		 unsigned int satype, uint32_t seq, uint32_t pid)
{
	struct sadb_msg base = {
		.sadb_msg_version = PF_KEY_V2,
		.sadb_msg_type = (uint8_t)type,
		.sadb_msg_satype = (uint8_t)satype,
		.sadb_msg_seq = seq,
		.sadb_msg_pid = pid,
	};

	o->buf = buf;
	o->cap = cap;
	o->len = 0;
	o->overflow = cap < sizeof(base);
	if (o->overflow)
		return;
	memcpy(o->buf, &base, sizeof(base));
	o->len = sizeof(base);
}

void pfkey_add(struct pfkey_out *o, unsigned int ext, const void *head, size_t hlen,
	       const void *tail, size_t tlen)
{
	struct sadb_ext start = { .sadb_ext_type = (uint16_t)ext };
	size_t room = o->cap - o->len;
	size_t total;

	/* Compared apart first, so that no sum can wrap. */
	if (o->overflow || hlen < sizeof(start) || hlen > room || tlen > room - hlen ||
	    (hlen + tlen + 7) / 8 * 8 > room || (hlen + tlen + 7) / 8 > WORDS_MAX) {
		o->overflow = true;
		return;
	}
	total = (hlen + tlen + 7) / 8 * 8;
	start.sadb_ext_len = (uint16_t)(total / 8);

	memset(o->buf + o->len, 0, total);
	memcpy(o->buf + o->len, head, hlen);
	memcpy(o->buf + o->len, &start, sizeof(start));
	if (tlen)
		memcpy(o->buf + o->len + hlen, tail, tlen);
	o->len += total;
}

void pfkey_add_sa(struct pfkey_out *o, unsigned int ext, const struct sadb_sa *sa)
{
	pfkey_add(o, ext, sa, sizeof(*sa), NULL, 0);
}

void pfkey_add_address(struct pfkey_out *o, unsigned int ext, uint8_t proto,
		       const struct sockaddr *sa)
{
	struct sadb_address head = { .sadb_address_proto = proto };
	struct sockaddr_in in = { .sin_family = AF_INET };

	switch (sa->sa_family) {
	case AF_INET:
		/* By fields: what is behind the address is not ours to tell. */
		in.sin_port = ((const struct sockaddr_in *)sa)->sin_port;
		in.sin_addr = ((const struct sockaddr_in *)sa)->sin_addr;
		pfkey_add(o, ext, &head, sizeof(head), &in, sizeof(in));
		break;
	case AF_INET6:
		pfkey_add(o, ext, &head, sizeof(head), sa, sizeof(struct sockaddr_in6));
		break;
	default:
		o->overflow = true;
	}
}

/* A key of no octets is no key: nothing is added. */
void pfkey_add_key(struct pfkey_out *o, unsigned int ext, const void *key, size_t len)
{
	struct sadb_key head = { .sadb_key_bits = (uint16_t)(len * 8) };

	if (len > WORDS_MAX / 8)
		o->overflow = true;
	else if (len)
		pfkey_add(o, ext, &head, sizeof(head), key, len);
}

void pfkey_add_ident(struct pfkey_out *o, unsigned int ext, unsigned int type, const char *text)
{
	struct sadb_ident head = { .sadb_ident_type = (uint16_t)type };

	pfkey_add(o, ext, &head, sizeof(head), text, strlen(text) + 1);
}

void pfkey_add_error(struct pfkey_out *o, unsigned int at_fault, const char *text)
{
	struct sadb_x_error head = { .sadb_x_error_ext = (uint16_t)at_fault };
	size_t len = strnlen(text, PFKEY_ERROR_TEXT - 1);
	char line[PFKEY_ERROR_TEXT] = { 0 };

	memcpy(line, text, len);
	pfkey_add(o, SADB_X_EXT_ERROR, &head, sizeof(head), line, len + 1);
}

void pfkey_add_lifetime(struct pfkey_out *o, unsigned int ext, const struct sadb_lifetime *l)
{
	pfkey_add(o, ext, l, sizeof(*l), NULL, 0);
}

void pfkey_add_spirange(struct pfkey_out *o, uint32_t min, uint32_t max)
{
	struct sadb_spirange range = { .sadb_spirange_min = min, .sadb_spirange_max = max };

	pfkey_add(o, SADB_EXT_SPIRANGE, &range, sizeof(range), NULL, 0);
}

void pfkey_add_satype2(struct pfkey_out *o, unsigned int satype)
{
	struct sadb_x_satype second = { .sadb_x_satype_satype = (uint8_t)satype };

	pfkey_add(o, SADB_X_EXT_SATYPE2, &second, sizeof(second), NULL, 0);
}

void pfkey_add_protocol(struct pfkey_out *o, uint8_t proto)
{
	struct sadb_x_protocol x = { .sadb_x_protocol_proto = proto };

	pfkey_add(o, SADB_X_EXT_PROTOCOL, &x, sizeof(x), NULL, 0);
}

void pfkey_add_replay(struct pfkey_out *o, uint32_t window, uint32_t flags, uint64_t seq)
{
	struct sadb_x_replay x = {
		.sadb_x_replay_window = window,
		.sadb_x_replay_flags = flags,
		.sadb_x_replay_seq = seq,
	};

	pfkey_add(o, SADB_X_EXT_REPLAY, &x, sizeof(x), NULL, 0);
}

void pfkey_add_algs(struct pfkey_out *o, unsigned int ext, const struct sadb_alg *alg,
		    unsigned int n)
{
	struct sadb_supported head = { 0 };

	pfkey_add(o, ext, &head, sizeof(head), alg, n * sizeof(*alg));
}

int pfkey_finish(struct pfkey_out *o)
{
	struct sadb_msg base;

	if (o->overflow || o->len / 8 > WORDS_MAX)
		return -EMSGSIZE;
	memcpy(&base, o->buf, sizeof(base));
	base.sadb_msg_len = (uint16_t)(o->len / 8);
	memcpy(o->buf, &base, sizeof(base));
	return (int)o->len;
}
