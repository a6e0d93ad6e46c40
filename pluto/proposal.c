// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ike= and esp= say: text -> list of suites, in order of preference.
 *
 *	ike=	aes256-sha2_256;modp2048,3des-sha1;modp1536
 *	esp=	aes_gcm256,aes128-sha1;modp2048
 *
 * A cipher with or without key bits, a hash or integrity algorithm, and a group behind a
 * semicolon (or a further hyphen).  A part left out means all good values of it, best
 * first.  The tables of ESP's algorithms are here, IKE's are in lib/crypto.  Weak ones
 * (MD5, 3DES, modp1024, NULL) are only ever used when a list names them; encryption without
 * integrity cannot be written down at all.
 *
 * RFC 2407 sections 4.4.4 and 4.5 for numbers; RFC 3602, 4106, 4868, 2451, 2410; RFC 8221
 * and 8247 for what is good.
 */
#include "pluto/proposal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/alloc.h"
#include "lib/base/text.h"
#include "lib/pfkey/pfkeyv2.h"

#define SUITES_MAX 128			/* of one list */

static const struct esp_cipher esp_ciphers[] = {
	{ .name = "aes_gcm", .transform = 20, .sadb = SADB_X_EALG_AES_GCM_ICV16,
	  .key_bits = { 256, 128, 192 }, .salt_bits = 32, .key_length_attribute = true,
	  .aead = true },
	{ .name = "aes", .transform = 12, .sadb = SADB_X_EALG_AESCBC,
	  .key_bits = { 128, 256, 192 }, .key_length_attribute = true },
	{ .name = "3des", .transform = 3, .sadb = SADB_EALG_3DESCBC, .key_bits = { 192 },
	  .weak = true },
	{ .name = "null", .transform = 11, .sadb = SADB_EALG_NULL, .weak = true },
};

static const struct esp_auth esp_auths[] = {
	{ .name = "sha2_256", .attribute = 5, .sadb = SADB_X_AALG_SHA2_256HMAC, .key_len = 32 },
	{ .name = "sha2_384", .attribute = 6, .sadb = SADB_X_AALG_SHA2_384HMAC, .key_len = 48 },
	{ .name = "sha2_512", .attribute = 7, .sadb = SADB_X_AALG_SHA2_512HMAC, .key_len = 64 },
	{ .name = "sha1", .attribute = 2, .sadb = SADB_AALG_SHA1HMAC, .key_len = 20 },
	{ .name = "md5", .attribute = 1, .sadb = SADB_AALG_MD5HMAC, .key_len = 16, .weak = true },
};

static const struct {
	const char *alias, *name;
} esp_aliases[] = {
	{ "aes_gcm_c", "aes_gcm" }, { "aes_gcm_16", "aes_gcm" }, { "sha", "sha1" },
	{ "hmac_sha1", "sha1" }, { "hmac_md5", "md5" }, { "sha2", "sha2_256" },
	{ "sha256", "sha2_256" }, { "sha384", "sha2_384" }, { "sha512", "sha2_512" },
	{ "hmac_sha2_256", "sha2_256" },
};

static const char ike_defaults[] =
	"aes256-sha2_256,aes128-sha2_256,aes256-sha2_512,aes256-sha1,aes128-sha1";
static const char esp_defaults[] =
	"aes256-sha2_256,aes128-sha2_256,aes_gcm256,aes_gcm128,aes256-sha2_512,aes256-sha1,"
	"aes128-sha1";
static const char *const default_hashes[] = { "sha2_256", "sha2_512", "sha1" };
static const char *const default_groups[] = { "modp2048", "modp3072", "modp4096", "modp1536" };

static bool same_name(struct span word, const char *name)
{
	if (span_is_nocase(word, name))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(esp_aliases); i++)
		if (!strcmp(esp_aliases[i].name, name) &&
		    span_is_nocase(word, esp_aliases[i].alias))
			return true;
	return false;
}

static const struct esp_cipher *esp_cipher_by_name(struct span word)
{
	for (size_t i = 0; i < ARRAY_SIZE(esp_ciphers); i++)
		if (same_name(word, esp_ciphers[i].name))
			return &esp_ciphers[i];
	return NULL;
}

static const struct esp_auth *esp_auth_by_name(struct span word)
{
	for (size_t i = 0; i < ARRAY_SIZE(esp_auths); i++)
		if (same_name(word, esp_auths[i].name))
			return &esp_auths[i];
	return NULL;
}

const struct esp_cipher *esp_cipher_by_transform(unsigned int transform)
{
	for (size_t i = 0; i < ARRAY_SIZE(esp_ciphers); i++)
		if (esp_ciphers[i].transform == transform)
			return &esp_ciphers[i];
	return NULL;
}

const struct esp_auth *esp_auth_by_attribute(unsigned int attribute)
{
	for (size_t i = 0; i < ARRAY_SIZE(esp_auths); i++)
		if (esp_auths[i].attribute == attribute)
			return &esp_auths[i];
	return NULL;
}

/* "aes256" -> "aes" and 256; a word that does not end in digits has *bits 0. */
static struct span split_bits(struct span word, unsigned int *bits)
{
	size_t n = word.len;
	uint64_t v = 0;

	while (n && word.ptr[n - 1] >= '0' && word.ptr[n - 1] <= '9')
		n--;
	*bits = 0;
	if (n == word.len || text_to_u64(span_skip(word, n), 65535, &v))
		return word;
	*bits = (unsigned int)v;
	if (n && word.ptr[n - 1] == '_')	/* aes_256 */
		n--;
	return span_of(word.ptr, n);
}

static bool bits_allowed(const unsigned int *allowed, unsigned int bits)
{
	for (size_t i = 0; i < 4 && allowed[i]; i++)
		if (allowed[i] == bits)
			return true;
	return false;
}

/* The parts of one suite of a list. */
struct words {
	struct span cipher, integrity, group;
};

static err_t split_suite(struct span text, struct words *w)
{
	struct span head, tail;

	memset(w, 0, sizeof(*w));
	text = span_trim(text);
	if (span_split(text, ';', &head, &tail)) {
		w->group = span_trim(tail);
		text = span_trim(head);
		if (!w->group.len)
			return "no group behind the semicolon";
	}
	if (!span_split(text, '-', &w->cipher, &tail))
		return text.len ? NULL : "an empty suite between commas";
	if (span_split(tail, '-', &w->integrity, &head)) {
		if (w->group.len)
			return "two groups";
		w->group = head;
		if (!head.len)
			return "no group behind the hyphen";
	}
	if (!w->integrity.len)
		return "nothing behind the hyphen";
	return NULL;
}

/* The word that is wrong, for the message, and the phrase. */
static err_t blame(struct buf *why, struct span word, err_t ugh)
{
	buf_clear(why);
	buf_add_str(why, "\"");
	data_to_printable(word, why);
	buf_add_str(why, "\"");
	return ugh;
}

/* Give the suites between the commas of text to take(), until one is wrong. */
static err_t each_suite(struct span text, err_t (*take)(struct span, void *, struct buf *),
			void *list, struct buf *why)
{
	struct span rest = span_trim(text), one, tail;
	bool more = true;
	err_t ugh = NULL;

	while (more && !ugh) {
		more = span_split(rest, ',', &one, &tail);
		if (!more)
			one = rest;
		ugh = take(span_trim(one), list, why);
		rest = tail;
	}
	return ugh;
}

bool ike_suite_eq(const struct ike_suite *a, const struct ike_suite *b)
{
	return a->cipher == b->cipher && a->key_bits == b->key_bits && a->hash == b->hash &&
	       a->group == b->group;
}

static err_t ike_add(struct ike_proposals *out, struct ike_suite s)
{
	for (size_t i = 0; i < out->n; i++)
		if (ike_suite_eq(&out->v[i], &s))
			return NULL;
	if (out->n == SUITES_MAX)
		return "too many suites";
	out->v = xrealloc(out->v, (out->n + 1) * sizeof(*out->v));
	out->v[out->n++] = s;
	return NULL;
}

/* A cipher and the parts that are given or, when they are not, every good one. */
static err_t ike_expand(struct ike_proposals *out, struct ike_suite s)
{
	err_t ugh = NULL;

	for (size_t h = 0; !ugh && h < (s.hash ? 1 : ARRAY_SIZE(default_hashes)); h++) {
		struct ike_suite with_hash = s;

		if (!s.hash)
			with_hash.hash = hash_by_name(span_str(default_hashes[h]));
		for (size_t g = 0; !ugh && g < (s.group ? 1 : ARRAY_SIZE(default_groups)); g++) {
			struct ike_suite full = with_hash;

			if (!s.group)
				full.group = dh_by_name(span_str(default_groups[g]));
			ugh = ike_add(out, full);
		}
	}
	return ugh;
}

static err_t ike_one(struct span text, void *list, struct buf *why)
{
	struct ike_proposals *out = list;
	struct ike_suite s;
	struct words w;
	unsigned int bits = 0;
	err_t ugh = split_suite(text, &w);

	if (ugh)
		return blame(why, text, ugh);
	memset(&s, 0, sizeof(s));
	s.cipher = cipher_by_name(w.cipher);
	if (!s.cipher)
		s.cipher = cipher_by_name(split_bits(w.cipher, &bits));
	if (!s.cipher)
		return blame(why, w.cipher, "unknown cipher (aes128, aes192, aes256, 3des)");
	if (bits && !cipher_key_bits_ok(s.cipher, bits))
		return blame(why, w.cipher, "the cipher has no keys of that size");
	if (w.integrity.len) {
		s.hash = hash_by_name(w.integrity);
		if (!s.hash)
			return blame(why, w.integrity,
				     "unknown hash (sha2_256, sha2_384, sha2_512, sha1, md5)");
	}
	if (w.group.len) {
		s.group = dh_by_name(w.group);
		if (!s.group)
			return blame(why, w.group,
				     "unknown group (modp1536, modp2048, modp3072, modp4096)");
	}
	if (bits || !s.cipher->key_bits[1]) {
		s.key_bits = bits ? bits : s.cipher->key_bits[0];
		return ike_expand(out, s);
	}
	for (size_t i = 0; !ugh && i < 4 && s.cipher->key_bits[i]; i++) {
		s.key_bits = s.cipher->key_bits[i];
		ugh = ike_expand(out, s);
	}
	return ugh;
}

err_t ike_proposals_parse(struct span text, struct ike_proposals *out, struct buf *why)
{
	err_t ugh;

	memset(out, 0, sizeof(*out));
	out->is_default = !span_trim(text).len;
	ugh = each_suite(out->is_default ? span_str(ike_defaults) : text, ike_one, out, why);
	if (ugh)
		ike_proposals_free(out);
	return ugh;
}

static err_t esp_add(struct esp_proposals *out, struct esp_suite s)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].cipher == s.cipher && out->v[i].key_bits == s.key_bits &&
		    out->v[i].auth == s.auth)
			return NULL;
	if (out->n == SUITES_MAX)
		return "too many suites";
	out->v = xrealloc(out->v, (out->n + 1) * sizeof(*out->v));
	out->v[out->n++] = s;
	return NULL;
}

static err_t esp_expand(struct esp_proposals *out, struct esp_suite s)
{
	err_t ugh = NULL;

	if (s.auth || s.cipher->aead)
		return esp_add(out, s);
	for (size_t h = 0; !ugh && h < ARRAY_SIZE(default_hashes); h++) {
		s.auth = esp_auth_by_name(span_str(default_hashes[h]));
		ugh = esp_add(out, s);
	}
	return ugh;
}

static err_t esp_group(struct span word, struct esp_proposals *out, struct buf *why)
{
	const struct dh_group *g = dh_by_name(word);

	if (!g)
		return blame(why, word, "unknown group (modp1536, modp2048, modp3072, modp4096)");
	/* Quick Mode has one KE for all proposals: RFC 2409 section 5.5. */
	if (out->pfs_group && out->pfs_group != g)
		return blame(why, word, "all suites of esp= must name the same group");
	out->pfs_group = g;
	return NULL;
}

static err_t esp_one(struct span text, void *list, struct buf *why)
{
	struct esp_proposals *out = list;
	struct esp_suite s = { 0 };
	struct words w;
	unsigned int bits = 0;
	err_t ugh = split_suite(text, &w);

	if (ugh)
		return blame(why, text, ugh);
	s.cipher = esp_cipher_by_name(w.cipher);
	if (!s.cipher)
		s.cipher = esp_cipher_by_name(split_bits(w.cipher, &bits));
	if (!s.cipher)
		return blame(why, w.cipher, "unknown cipher (aes128, aes256, aes_gcm128, "
			     "aes_gcm256, 3des, null)");
	if (bits && !bits_allowed(s.cipher->key_bits, bits))
		return blame(why, w.cipher, "the cipher has no keys of that size");
	if (w.integrity.len && !span_is_nocase(w.integrity, "null")) {
		s.auth = esp_auth_by_name(w.integrity);
		if (!s.auth)
			return blame(why, w.integrity, "unknown integrity algorithm (sha2_256, "
				     "sha2_384, sha2_512, sha1, md5)");
		if (s.cipher->aead)
			return blame(why, w.cipher, "the cipher has its own integrity: "
				     "leave the second part out");
	} else if (w.integrity.len && !s.cipher->aead) {
		return blame(why, text, "encryption without integrity is not secure");
	}
	if (w.group.len) {
		ugh = esp_group(w.group, out, why);
		if (ugh)
			return ugh;
	}
	if (bits || !s.cipher->key_bits[0] || !s.cipher->key_bits[1]) {
		s.key_bits = bits ? bits : s.cipher->key_bits[0];
		return esp_expand(out, s);
	}
	for (size_t i = 0; !ugh && i < 4 && s.cipher->key_bits[i]; i++) {
		s.key_bits = s.cipher->key_bits[i];
		ugh = esp_expand(out, s);
	}
	return ugh;
}

err_t esp_proposals_parse(struct span text, struct esp_proposals *out, struct buf *why)
{
	err_t ugh;

	memset(out, 0, sizeof(*out));
	out->is_default = !span_trim(text).len;
	ugh = each_suite(out->is_default ? span_str(esp_defaults) : text, esp_one, out, why);
	if (ugh)
		esp_proposals_free(out);
	return ugh;
}

void ike_proposals_free(struct ike_proposals *p)
{
	free(p->v);
	memset(p, 0, sizeof(*p));
}

void esp_proposals_free(struct esp_proposals *p)
{
	free(p->v);
	memset(p, 0, sizeof(*p));
}

void ike_proposals_copy(struct ike_proposals *to, const struct ike_proposals *from)
{
	*to = *from;
	to->v = from->n ? xmemdup(from->v, from->n * sizeof(*from->v)) : NULL;
}

void esp_proposals_copy(struct esp_proposals *to, const struct esp_proposals *from)
{
	*to = *from;
	to->v = from->n ? xmemdup(from->v, from->n * sizeof(*from->v)) : NULL;
}

void ike_suite_show(const struct ike_suite *s, struct buf *out)
{
	buf_add_str(out, s->cipher->name);
	if (s->cipher->key_length_attribute)
		buf_printf(out, "%u", s->key_bits);
	buf_printf(out, "-%s;%s", s->hash->name, s->group->name);
}

void esp_suite_show(const struct esp_suite *s, struct buf *out)
{
	buf_add_str(out, s->cipher->name);
	if (s->cipher->key_length_attribute)
		buf_printf(out, "%u", s->key_bits);
	if (s->auth)
		buf_printf(out, "-%s", s->auth->name);
}

size_t esp_keymat_len(const struct esp_suite *s)
{
	return s->key_bits / 8 + s->cipher->salt_bits / 8 + (s->auth ? s->auth->key_len : 0);
}
