/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whack message as octets, both ways.
 *
 *	"FWhk"  version (1)  verb (2)		then any number of
 *	key (2)  length (2)  value (length)	in network order
 *
 * Text goes with its NUL, so that the reader can borrow it from the packet; a uint has 8
 * octets, a flag none.  The socket is open to root alone, but the daemon reads a message as it
 * reads any other outside input: all lengths are checked, nothing unknown is skipped.
 */
#include "lib/whack/msg.h"

#include <string.h>

#define MAGIC "FWhk"

void whack_msg_start(struct buf *b, enum whack_verb verb)
{
	buf_clear(b);
	buf_add_str(b, MAGIC);
	buf_add_u8(b, WHACK_VERSION);
	buf_add_u16(b, (uint16_t)verb);
}

/*
 * A value too long for its length field makes the message longer than any packet may
 * be, so it cannot be sent: whack_call() refuses it.
 */
static void add_field(struct buf *b, unsigned int key, const void *ptr, size_t len)
{
	if (len > UINT16_MAX) {
		buf_grow(b, WHACK_MSG_MAX);
		return;
	}
	buf_add_u16(b, (uint16_t)key);
	buf_add_u16(b, (uint16_t)len);
	buf_add(b, ptr, len);
}

void whack_msg_text(struct buf *b, unsigned int key, const char *text)
{
	if (text)
		add_field(b, key, text, strlen(text) + 1);
}

void whack_msg_uint(struct buf *b, unsigned int key, uint64_t v)
{
	buf_add_u16(b, (uint16_t)key);
	buf_add_u16(b, sizeof(v));
	buf_add_u64(b, v);
}

void whack_msg_flag(struct buf *b, unsigned int key)
{
	add_field(b, key, NULL, 0);
}

void whack_msg_data(struct buf *b, unsigned int key, struct span data)
{
	add_field(b, key, data.ptr, data.len);
}

static err_t check_text(struct span v)
{
	if (v.len == 0 || v.ptr[v.len - 1] != '\0')
		return "a text that does not end";
	for (size_t i = 0; i < v.len - 1; i++)
		if (v.ptr[i] < ' ' || v.ptr[i] == 0x7f)
			return "a control character in a text";
	return NULL;
}

static err_t check_value(enum whack_type type, struct span v)
{
	switch (type) {
	case WT_TEXT:
		return check_text(v);
	case WT_UINT:
		return v.len == sizeof(uint64_t) ? NULL : "a number that is not 8 octets long";
	case WT_FLAG:
		return v.len == 0 ? NULL : "a flag with a value";
	case WT_DATA:
		return NULL;
	}
	return "a key of no known type";
}

static err_t take_field(struct span *in, struct whack_msg *m)
{
	const struct whack_key_desc *desc;
	uint16_t key, len;
	struct span v;

	if (!span_take_u16(in, &key) || !span_take_u16(in, &len) || !span_take(in, len, &v))
		return "the last field is cut short";
	desc = whack_key_find(key);
	if (!desc || key >= WK_MAX)
		return "a key that this version does not know";
	if (m->present[key])
		return "a key that comes twice";
	m->present[key] = true;
	m->field[key] = v;
	return check_value(desc->type, v);
}

err_t whack_msg_parse(struct span packet, struct whack_msg *m)
{
	struct span magic;
	uint8_t version;
	uint16_t verb;
	err_t ugh;

	memset(m, 0, sizeof(*m));
	if (packet.len > WHACK_MSG_MAX)
		return "message too long";
	if (!span_take(&packet, strlen(MAGIC), &magic) || !span_is(magic, MAGIC))
		return "bad magic; probably wrong version";
	if (!span_take_u8(&packet, &version) || version != WHACK_VERSION)
		return "whack and pluto are of different versions";
	if (!span_take_u16(&packet, &verb) || !whack_verb_name(verb))
		return "unknown verb";
	m->verb = verb;
	while (packet.len > 0) {
		ugh = take_field(&packet, m);
		if (ugh)
			return ugh;
	}
	return NULL;
}

bool whack_has(const struct whack_msg *m, unsigned int key)
{
	return key < WK_MAX && m->present[key];
}

const char *whack_get_text(const struct whack_msg *m, unsigned int key)
{
	return whack_has(m, key) ? (const char *)m->field[key].ptr : NULL;
}

uint64_t whack_get_uint(const struct whack_msg *m, unsigned int key, uint64_t dflt)
{
	struct span v;
	uint64_t n;

	if (!whack_has(m, key))
		return dflt;
	v = m->field[key];
	if (v.len == 0)
		return 1;
	return span_take_u64(&v, &n) ? n : dflt;
}
