// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Datagram -> header and chain of payloads, and back.
 *
 *	in:	msg_new -> (msg_decrypt) -> msg_decode -> handlers ask msg_body()
 *	out:	msg_start -> msg_add, pack_open ... -> msg_seal -> net_send
 *
 * A received message owns a copy of its datagram, so that it can wait for a job; payload
 * bodies are spans into that copy.  At most MSG_PAYLOADS_MAX payloads are looked at: a
 * datagram of 8000 empty Vendor IDs costs no more than one of 64.
 *
 * RFC 2408 sections 3.1, 3.2 and 5.1: the length in the header is the length of the
 * datagram; appendix B of RFC 2409: CBC, padding of zeros that nobody checks.
 */
#include "pluto/msg.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"

struct ike_msg *msg_new(struct span datagram, struct isa_hdr *hdr, err_t *ugh)
{
	struct span in = datagram;
	struct ike_msg *m;

	*ugh = NULL;
	memset(hdr, 0, sizeof(*hdr));
	if (datagram.len > MSG_MAX) {
		*ugh = "too long";
		return NULL;
	}
	*ugh = unpack(&in, &hdr_desc, hdr, NULL);
	if (!*ugh && hdr->length != datagram.len)
		*ugh = "the length in its header is not that of the datagram";
	if (*ugh)
		return NULL;
	m = xalloc(sizeof(*m));
	m->hdr = *hdr;
	buf_set(&m->datagram, datagram);
	hash_spans(hash_by_id(IKE_HASH_SHA2_256), &datagram, 1, m->digest);
	return m;
}

void msg_free(struct ike_msg *m)
{
	if (!m)
		return;
	if (m->datagram.ptr)
		secret_wipe(m->datagram.ptr, m->datagram.len);
	buf_free(&m->datagram);
	free(m);
}

err_t msg_decrypt(struct ike_msg *m, const struct cipher_desc *c, struct span key,
		  const uint8_t *iv)
{
	uint8_t *data = m->datagram.ptr + ISAKMP_HDR_LEN;
	size_t len = m->datagram.len - ISAKMP_HDR_LEN;

	if (!len || len % c->block)
		return "its encrypted part is not a number of cipher blocks";
	memcpy(m->iv_after, iv, c->block);
	return cipher_cbc(c, key, false, m->iv_after, data, len);
}

err_t msg_decode(struct ike_msg *m, struct buf *why)
{
	struct span in = span_skip(buf_span(&m->datagram), ISAKMP_HDR_LEN);
	uint8_t type = m->hdr.next;
	struct name_buf nb;

	m->npld = 0;
	m->seen = 0;
	buf_clear(why);
	while (type != PLD_NONE) {
		struct isa_generic g;
		struct span body;
		err_t ugh;

		if (type == PLD_P || type == PLD_T || !payload_known(type)) {
			buf_printf(why, "%s", name_show(&payload_names, type, &nb));
			return "a payload of this type has no place there";
		}
		if (m->npld == MSG_PAYLOADS_MAX)
			return "too many payloads";
		ugh = unpack(&in, &generic_desc, &g, &body);
		if (ugh) {
			buf_printf(why, "%s", name_show(&payload_names, type, &nb));
			return ugh;
		}
		dbg(DBG_PARSING, "payload %s, %zu octets", name_show(&payload_names, type, &nb),
		    body.len);
		m->pld[m->npld].type = type;
		m->pld[m->npld++].body = body;
		m->seen |= PLD_BIT(type);
		type = g.next;
	}
	m->end = in;
	if (in.len && !(m->hdr.flags & ISAKMP_ENCRYPTION))
		return "octets behind the last payload";
	return NULL;
}

struct span msg_body(const struct ike_msg *m, enum payload type)
{
	for (unsigned int i = 0; i < m->npld; i++)
		if (m->pld[i].type == type)
			return m->pld[i].body;
	return SPAN_EMPTY;
}

unsigned int msg_count(const struct ike_msg *m, enum payload type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->npld; i++)
		n += m->pld[i].type == type;
	return n;
}

struct span msg_after_hash(const struct ike_msg *m)
{
	const uint8_t *from, *to;

	if (!m->npld)
		return SPAN_EMPTY;
	from = m->pld[0].body.ptr + m->pld[0].body.len;
	to = m->pld[m->npld - 1].body.ptr + m->pld[m->npld - 1].body.len;
	return span_of(from, (size_t)(to - from));
}

void msg_start(struct ike_out *o, const struct isa_hdr *hdr)
{
	memset(o, 0, sizeof(*o));
	o->encrypt = hdr->flags & ISAKMP_ENCRYPTION;
	pack_root(&o->root, &o->b, &hdr_desc, hdr);
}

void msg_add(struct ike_out *o, enum payload type, struct span body)
{
	static const struct isa_generic none;
	struct out p;

	pack_open(&p, &o->root, type, &generic_desc, &none);
	buf_add_span(&o->b, body);
	pack_close(&p);
}

struct span msg_built_after(const struct ike_out *o, size_t start)
{
	struct span at = span_skip(buf_span(&o->b), start), body;
	struct isa_generic g;
	err_t ugh = unpack(&at, &generic_desc, &g, &body);

	assert(!ugh);
	return at;
}

void msg_seal(struct ike_out *o, const struct cipher_desc *c, struct span key, uint8_t *iv)
{
	size_t len = o->b.len - ISAKMP_HDR_LEN;
	err_t ugh;

	if (o->encrypt && len % c->block)
		buf_grow(&o->b, c->block - len % c->block);
	pack_close(&o->root);
	if (!o->encrypt)
		return;
	ugh = cipher_cbc(c, key, true, iv, o->b.ptr + ISAKMP_HDR_LEN, o->b.len - ISAKMP_HDR_LEN);
	assert(!ugh);
}

void msg_out_free(struct ike_out *o)
{
	if (o->b.ptr)
		secret_wipe(o->b.ptr, o->b.len);
	buf_free(&o->b);
}
