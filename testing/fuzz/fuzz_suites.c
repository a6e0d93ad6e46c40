// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arbitrary text as ike= and as esp=.
 *
 * A list that was read can be shown, suite by suite, and what is shown is read as that
 * very suite; one that was refused has a reason.
 */
#include <stdlib.h>

#include "pluto/proposal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void ike(struct span text)
{
	struct buf why = { 0 }, shown = { 0 };
	struct ike_proposals p, again;

	if (ike_proposals_parse(text, &p, &why)) {
		check(p.n == 0 && why.len > 0);
		buf_free(&why);
		return;
	}
	for (size_t i = 0; i < p.n; i++) {
		buf_clear(&shown);
		ike_suite_show(&p.v[i], &shown);
		check(!ike_proposals_parse(buf_span(&shown), &again, &why));
		check(again.n == 1 && ike_suite_eq(&again.v[0], &p.v[i]));
		ike_proposals_free(&again);
	}
	ike_proposals_free(&p);
	buf_free(&shown);
	buf_free(&why);
}

static void esp(struct span text)
{
	struct buf why = { 0 }, shown = { 0 };
	struct esp_proposals p, again;

	if (esp_proposals_parse(text, &p, &why)) {
		check(p.n == 0 && why.len > 0);
		buf_free(&why);
		return;
	}
	for (size_t i = 0; i < p.n; i++) {
		buf_clear(&shown);
		esp_suite_show(&p.v[i], &shown);
		check(esp_keymat_len(&p.v[i]) > 0);
		check(p.v[i].auth || p.v[i].cipher->aead);
		check(!esp_proposals_parse(buf_span(&shown), &again, &why));
		check(again.n == 1 && again.v[0].cipher == p.v[i].cipher &&
		      again.v[0].key_bits == p.v[i].key_bits && again.v[0].auth == p.v[i].auth);
		esp_proposals_free(&again);
	}
	esp_proposals_free(&p);
	buf_free(&shown);
	buf_free(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ike(span_of(data, size));
	esp(span_of(data, size));
	return 0;
}
