// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine behind the tables of payloads.c.
 *
 *	unpack()	octets -> host structure, with every length checked once, here
 *	pack_open()	host structure -> octets, appended
 *	pack_close()	patches the length; the next sibling patches the next-payload octet
 *
 * Reading never looks beyond the span it was given, trusts no length field further than
 * that span, and always takes at least the header, so a chain of payloads ends.  The
 * length field drives no allocation.
 *
 * RFC 2408 section 3.2: reserved fields are zero; one that is not makes the message
 * malformed (section 5.3), which is also how a message decrypted with a wrong key is noticed.
 */
#include "pluto/packet.h"

#include <assert.h>
#include <string.h>

#include "lib/base/log.h"

static uint64_t get_number(const uint8_t *p, size_t width)
{
	uint64_t v = 0;

	while (width--)
		v = v << 8 | *p++;
	return v;
}

static void put_number(uint8_t *p, size_t width, uint64_t v)
{
	while (width--) {
		p[width] = (uint8_t)v;
		v >>= 8;
	}
}

static void host_set(const struct field *f, void *host, uint64_t v)
{
	uint8_t *at = (uint8_t *)host + f->offset;

	switch (f->host) {
	case 1:
		*at = (uint8_t)v;
		break;
	case 2:
		memcpy(at, &(uint16_t){ (uint16_t)v }, 2);
		break;
	case 4:
		memcpy(at, &(uint32_t){ (uint32_t)v }, 4);
		break;
	default:
		assert(!"field of a size that hosts do not have");
	}
}

static uint64_t host_get(const struct field *f, const void *host)
{
	const uint8_t *at = (const uint8_t *)host + f->offset;
	uint16_t v16;
	uint32_t v32;

	switch (f->host) {
	case 1:
		return *at;
	case 2:
		memcpy(&v16, at, 2);
		return v16;
	case 4:
		memcpy(&v32, at, 4);
		return v32;
	default:
		assert(!"field of a size that hosts do not have");
		return 0;
	}
}

err_t unpack(struct span *in, const struct payload_desc *d, void *host, struct span *body)
{
	struct span whole = *in, header;
	uint64_t length = 0;
	bool has_length = false;

	if (!span_take(in, d->wire, &header))
		return "shorter than its header";
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];
		struct span v;

		if (!span_take(&header, f->width, &v))
			return "shorter than its header";
		switch (f->kind) {
		case F_ZERO:
			if (get_number(v.ptr, v.len))
				return "a reserved field is not zero";
			break;
		case F_OCTETS:
			memcpy((uint8_t *)host + f->offset, v.ptr, v.len);
			break;
		case F_LEN:
			length = get_number(v.ptr, v.len);
			has_length = true;
			host_set(f, host, length);
			break;
		default:
			host_set(f, host, get_number(v.ptr, v.len));
			break;
		}
	}
	if (!has_length)
		return NULL;
	if (length < d->wire)
		return "its length is smaller than its header";
	if (length > whole.len)
		return "its length goes beyond the end of the message";
	if (body)
		*body = span_of(whole.ptr + d->wire, (size_t)length - d->wire);
	*in = span_skip(whole, (size_t)length);
	return NULL;
}

static void put_header(struct out *o, const struct payload_desc *d, const void *host)
{
	size_t at = o->b->len;

	buf_grow(o->b, d->wire);
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];
		uint8_t *p = o->b->ptr + at;

		switch (f->kind) {
		case F_NEXT:
			o->next_at = at;
			break;
		case F_LEN:
			o->len_at = at;
			o->len_width = f->width;
			break;
		case F_OCTETS:
			memcpy(p, (const uint8_t *)host + f->offset, f->width);
			break;
		case F_ZERO:
			break;
		default:
			put_number(p, f->width, host_get(f, host));
			break;
		}
		at += f->width;
	}
}

static void start(struct out *o, struct buf *b, struct out *parent)
{
	*o = (struct out){ .b = b, .start = b->len, .parent = parent, .len_at = NOWHERE,
			   .next_at = NOWHERE, .chain = NOWHERE };
}

void pack_root(struct out *o, struct buf *b, const struct payload_desc *d, const void *host)
{
	start(o, b, NULL);
	put_header(o, d, host);
	o->chain = o->next_at;
}

void pack_open(struct out *o, struct out *parent, uint8_t type, const struct payload_desc *d,
	       const void *host)
{
	start(o, parent->b, parent);
	put_header(o, d, host);
	/* A payload does not announce its own children, only its siblings. */
	if (parent->chain != NOWHERE)
		o->b->ptr[parent->chain] = type;
	parent->chain = o->next_at;
}

void pack_close(struct out *o)
{
	assert(o->len_at != NOWHERE);
	put_number(o->b->ptr + o->len_at, o->len_width, o->b->len - o->start);
}

void packet_debug(const struct payload_desc *d, const void *host)
{
	struct name_buf nb;

	log_debug("%s:", d->name);
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];

		switch (f->kind) {
		case F_ZERO:
			break;
		case F_OCTETS:
			log_debug("   %s: %u octets", f->name, f->width);
			break;
		default:
			if (f->names)
				log_debug("   %s: %s", f->name,
					  name_show(f->names, (unsigned)host_get(f, host), &nb));
			else
				log_debug("   %s: %llu", f->name,
					  (unsigned long long)host_get(f, host));
			break;
		}
	}
}
