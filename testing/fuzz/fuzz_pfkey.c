// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arbitrary octets as a PF_KEYv2 message.
 *
 * Whatever parses is checked in both directions and read through every accessor and
 * the printer; whatever was refused must have been given a reason.
 */
#include <stdlib.h>

#include "lib/pfkey/ext.h"
#include "lib/pfkey/sock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touch the first and last octet, so that the sanitizer sees what is promised. */
static void touch(const void *p, size_t len)
{
	const volatile uint8_t *octet = p;

	if (len)
		(void)(octet[0] + octet[len - 1]);
}

static void read_all(const struct pfkey_msg *m)
{
	struct sadb_lifetime life;
	struct sadb_sa sa;
	size_t len;

	for (unsigned int i = 1; i <= SADB_EXT_MAX; i++) {
		const struct sadb_ext *ext = m->ext[i];
		const struct pfkey_ext_row *row = pfkey_ext_row(i);

		if (!ext)
			continue;
		touch(ext, (size_t)ext->sadb_ext_len * 8);
		if (i == SADB_EXT_SA || i == SADB_X_EXT_SA2) {
			pfkey_sa(ext, &sa);
		} else if (i == SADB_EXT_KEY_AUTH || i == SADB_EXT_KEY_ENCRYPT) {
			const uint8_t *k = pfkey_key(ext, &len);

			touch(k, len);
		} else if (i == SADB_EXT_IDENTITY_SRC || i == SADB_EXT_IDENTITY_DST) {
			touch(pfkey_ident(ext), strlen(pfkey_ident(ext)) + 1);
		} else if (row->min == 8 + sizeof(struct sockaddr_in) && row->max == 8 + 32) {
			touch(pfkey_sockaddr(ext), pfkey_sockaddr(ext)->sa_family == AF_INET6 ?
			      sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		} else if (i == SADB_X_EXT_ERROR) {
			touch(pfkey_refusal(m), strlen(pfkey_refusal(m)) + 1);
		} else if (row->min == SADB_LIFETIME_V1_LEN) {
			pfkey_lifetime(ext, &life);
		}
	}
}

/* A refusal has a reason, which fits into the answer and comes out of it as it was. */
static void explained(const struct pfkey_error *e)
{
	uint64_t octets[(PFKEY_ERROR_TEXT + 64) / 8];
	char text[PFKEY_ERROR_TEXT], tiny[16];
	struct pfkey_error none;
	struct pfkey_out o;
	struct pfkey_msg m;
	int len;

	if (!e->why)
		abort();
	pfkey_error_text(e, text, sizeof(text));
	pfkey_error_text(e, tiny, sizeof(tiny));
	if (!strstr(text, e->why) || strncmp(text, tiny, sizeof(tiny) - 1) || strchr(text, '\n'))
		abort();
	pfkey_start(&o, octets, sizeof(octets), SADB_ADD, SADB_SATYPE_ESP, 1, 1);
	((struct sadb_msg *)octets)->sadb_msg_errno = EINVAL;
	pfkey_add_error(&o, e->ext, text);
	len = pfkey_finish(&o);
	if (len < 0 || pfkey_parse(octets, (size_t)len, &m, &none) ||
	    pfkey_check(&m, PFKEY_UP, &none) || strcmp(pfkey_refusal(&m), text) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pfkey_error e;
	struct pfkey_msg m;
	struct buf line = { 0 };
	void *copy = malloc(size ? size : 1);	/* aligned, and of exactly that size */

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (pfkey_parse(copy, size, &m, &e)) {
		explained(&e);
	} else {
		if (pfkey_check(&m, PFKEY_DOWN, &e))
			explained(&e);
		if (pfkey_check(&m, PFKEY_UP, &e))
			explained(&e);
		read_all(&m);
		pfkey_print(&m, &line);
		buf_free(&line);
	}
	free(copy);
	return 0;
}
