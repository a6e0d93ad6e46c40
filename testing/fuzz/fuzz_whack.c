/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whack messages from anywhere.  What is accepted says the same when it is built anew
 * from what was read; texts end and are printable.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/whack/msg.h"

static void insist(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void copy_field(struct buf *b, const struct whack_msg *m, unsigned int key)
{
	const struct whack_key_desc *k = whack_key_find(key);
	const char *text;

	insist(k != NULL);
	switch (k->type) {
	case WT_TEXT:
		text = whack_get_text(m, key);
		insist(strlen(text) + 1 == m->field[key].len);
		whack_msg_text(b, key, text);
		break;
	case WT_UINT:
		whack_msg_uint(b, key, whack_get_uint(m, key, 0));
		break;
	case WT_FLAG:
		insist(whack_get_uint(m, key, 0) == 1);
		whack_msg_flag(b, key);
		break;
	case WT_DATA:
		whack_msg_data(b, key, m->field[key]);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct whack_msg m, back;
	struct buf b = { 0 };

	if (whack_msg_parse(span_of(data, size), &m))
		return 0;
	insist(whack_verb_name(m.verb) != NULL);
	whack_msg_start(&b, m.verb);
	for (unsigned int key = 0; key < WK_MAX; key++)
		if (whack_has(&m, key))
			copy_field(&b, &m, key);
	insist(b.len == size);
	insist(whack_msg_parse(buf_span(&b), &back) == NULL);
	for (unsigned int key = 0; key < WK_MAX; key++) {
		insist(m.present[key] == back.present[key]);
		insist(span_eq(m.field[key], back.field[key]));
	}
	buf_free(&b);
	return 0;
}
