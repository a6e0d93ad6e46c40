/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.secrets(5) from anywhere.  All messages can be shown; an entry that was read has
 * its secret, and a search finds one that it may find.
 */
#include <stdlib.h>

#include "lib/conf/secrets.h"

static void insist(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void check_entry(const struct secret_entry *e)
{
	insist(e->whence.line > 0);
	if (e->kind == SECRET_PSK)
		insist(e->psk.len > 0 && !e->rsa);
	else
		insist(e->rsa != NULL && e->psk.len == 0);
}

static void check_search(const struct secrets *s)
{
	struct id us = { 0 }, them = { 0 };
	const struct secret_entry *e;
	bool ambiguous;

	insist(ttoid(span_str("192.0.2.1"), &us) == NULL);
	insist(ttoid(span_str("@east"), &them) == NULL);
	e = secrets_find(s, SECRET_PSK, &us, &them, &ambiguous);
	insist(!e || e->kind == SECRET_PSK);
	e = secrets_find(s, SECRET_RSA, &us, &them, &ambiguous);
	insist(!e || e->kind == SECRET_RSA);
	id_free(&us);
	id_free(&them);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secrets *s = secrets_parse("fuzz.secrets", span_of(data, size));
	struct secret_entry *e;
	struct conf_error *err;

	LIST_EACH(e, &s->entries, struct secret_entry, link)
		check_entry(e);
	LIST_EACH(err, &s->errors, struct conf_error, link) {
		struct buf text = { 0 };

		secrets_error_show(err, &text);
		for (size_t i = 0; i < text.len; i++)
			insist(text.ptr[i] >= ' ' && text.ptr[i] < 0x7f);
		buf_free(&text);
	}
	check_search(s);
	secrets_free(s);
	return 0;
}
