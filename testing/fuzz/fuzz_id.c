/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities from anywhere: the first octet is a type (RFC 2407 section 4.6.2.1), or 0 for
 * text as in ipsec.conf.  What is accepted is printable, equals its copy, and survives
 * the way to the wire and back; what is refused leaves the identity alone.
 */
#include <stdlib.h>

#include "lib/id/id.h"

static void insist(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void check_shown(const struct id *id)
{
	struct buf text = { 0 };

	id_show(id, &text);
	insist(text.len > 0);
	for (size_t i = 0; i < text.len; i++)
		insist(text.ptr[i] >= ' ' && text.ptr[i] < 0x7f);
	buf_free(&text);
}

static void check_wire(const struct id *id)
{
	struct id back = { 0 };
	struct buf body = { 0 };

	id_to_payload(id, &body);
	insist(id_from_payload((uint8_t)id->type, buf_span(&body), &back) == NULL);
	insist(id_eq(id, &back));
	id_free(&back);
	buf_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	struct id id = { 0 }, copy = { 0 };
	uint8_t type;
	err_t ugh;

	if (!span_take_u8(&in, &type))
		return 0;
	ugh = type == 0 ? ttoid(in, &id) : id_from_payload(type, in, &id);
	if (ugh) {
		insist(id_is_any(&id) && id.name.len == 0);
	} else {
		check_shown(&id);
		if (!id_is_any(&id))
			check_wire(&id);
		id_copy(&copy, &id);
		insist(id_eq(&copy, &id));
	}
	id_free(&id);
	id_free(&copy);
	return 0;
}
