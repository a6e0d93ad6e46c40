// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The PF_KEYv2 codec of lib/pfkey: tables, parser, builder, printer.
 *
 * Most tests run over the tables themselves: for every row, and for every extension
 * that the row requires, permits or forbids.  So a new row is tested the day it is
 * added, and sample() has to learn what a new extension looks like.
 *
 * RFC 2367; every message is parsed in a buffer of exactly its size, so that the
 * sanitizer sees the first octet read too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "lib/pfkey/ext.h"
#include "lib/pfkey/sock.h"

static const enum pfkey_dir dirs[] = { PFKEY_DOWN, PFKEY_UP };

struct message {
	uint64_t octets[PFKEY_MSG_MAX / 8];
	struct pfkey_out o;
};

static const struct sockaddr_in v4 = {
	.sin_family = AF_INET, .sin_addr.s_addr = 0x010200c0, .sin_port = 0x1900,
};
static const struct sockaddr_in v4mask = {
	.sin_family = AF_INET, .sin_addr.s_addr = 0x00ffffff,
};
static const struct sockaddr_in6 v6 = {
	.sin6_family = AF_INET6,
	.sin6_addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
};
static const char key[] = "0123456789abcdef0123";	/* 20 octets: not a whole word */

static void sample_sa(struct pfkey_out *o, unsigned int ext)
{
	struct sadb_sa sa = { .sadb_sa_spi = htonl(0x1001), .sadb_sa_replay = 64,
			      .sadb_sa_state = SADB_SASTATE_MATURE,
			      .sadb_sa_auth = SADB_AALG_SHA1HMAC,
			      .sadb_sa_encrypt = SADB_X_EALG_AESCBC, .sadb_x_sa_ref = 7 };

	pfkey_add_sa(o, ext, &sa);
}

static void sample_lifetime(struct pfkey_out *o, unsigned int ext)
{
	struct sadb_lifetime life = { .sadb_lifetime_bytes = 1ULL << 40,
				      .sadb_lifetime_addtime = 3600,
				      .sadb_x_lifetime_packets = 9 };

	pfkey_add_lifetime(o, ext, &life);
}

static void sample_address(struct pfkey_out *o, unsigned int ext)
{
	bool mask = ext == SADB_X_EXT_ADDRESS_SRC_MASK || ext == SADB_X_EXT_ADDRESS_DST_MASK;

	pfkey_add_address(o, ext, 0, (const struct sockaddr *)(mask ? &v4mask : &v4));
}

static void sample_key(struct pfkey_out *o, unsigned int ext)
{
	pfkey_add_key(o, ext, key, 20);
}

static void sample_ident(struct pfkey_out *o, unsigned int ext)
{
	pfkey_add_ident(o, ext, SADB_IDENTTYPE_FQDN, "west.example.com");
}

static void sample_proposal(struct pfkey_out *o, unsigned int ext)
{
	struct sadb_prop prop = { 0 };
	struct sadb_comb comb = { .sadb_comb_encrypt = SADB_EALG_3DESCBC };

	pfkey_add(o, ext, &prop, sizeof(prop), &comb, sizeof(comb));
}

static void sample_algs(struct pfkey_out *o, unsigned int ext)
{
	struct sadb_alg alg = { SADB_EALG_3DESCBC, 64, 192, 192, 0 };

	pfkey_add_algs(o, ext, &alg, 1);
}

static void sample_satype2(struct pfkey_out *o, unsigned int ext)
{
	(void)ext;
	pfkey_add_satype2(o, SADB_SATYPE_ESP);
}

static void sample_replay(struct pfkey_out *o, unsigned int ext)
{
	(void)ext;
	pfkey_add_replay(o, 4096, SADB_X_REPLAY_ESN, 1ULL << 32);
}

static void sample_port(struct pfkey_out *o, unsigned int ext)
{
	struct sadb_x_natt_port port = { .sadb_x_natt_port_port = htons(4500) };

	pfkey_add(o, ext, &port, sizeof(port), NULL, 0);
}

static void (*const samples[SADB_EXT_MAX + 1])(struct pfkey_out *o, unsigned int ext) = {
	[SADB_EXT_SA] = sample_sa,
	[SADB_EXT_LIFETIME_CURRENT ... SADB_EXT_LIFETIME_SOFT] = sample_lifetime,
	[SADB_EXT_ADDRESS_SRC ... SADB_EXT_ADDRESS_PROXY] = sample_address,
	[SADB_EXT_KEY_AUTH ... SADB_EXT_KEY_ENCRYPT] = sample_key,
	[SADB_EXT_IDENTITY_SRC ... SADB_EXT_IDENTITY_DST] = sample_ident,
	[SADB_EXT_PROPOSAL] = sample_proposal,
	[SADB_EXT_SUPPORTED_AUTH ... SADB_EXT_SUPPORTED_ENCRYPT] = sample_algs,
	[SADB_X_EXT_SATYPE2] = sample_satype2,
	[SADB_X_EXT_SA2] = sample_sa,
	[SADB_X_EXT_ADDRESS_DST2 ... SADB_X_EXT_ADDRESS_DST_MASK] = sample_address,
	[SADB_X_EXT_NAT_T_SPORT ... SADB_X_EXT_NAT_T_DPORT] = sample_port,
	[SADB_X_EXT_NAT_T_OA] = sample_address,
	[SADB_X_EXT_REPLAY] = sample_replay,
};

/* An extension with nothing wrong in it; zeros of the smallest size do for the rest. */
static void sample(struct pfkey_out *o, unsigned int ext)
{
	static const uint64_t zeros[8];

	assert_non_null(pfkey_ext_row(ext));
	if (samples[ext])
		samples[ext](o, ext);
	else
		pfkey_add(o, ext, zeros, pfkey_ext_row(ext)->min, NULL, 0);
}

static unsigned int some_satype(const struct pfkey_msg_row *row)
{
	unsigned int satype = 0;

	while (!(row->satypes & 1U << satype))
		satype++;
	return satype;
}

static void build(struct message *msg, unsigned int type, uint64_t set)
{
	pfkey_start(&msg->o, msg->octets, sizeof(msg->octets), type,
		    some_satype(pfkey_msg_row(type)), 42, 4711);
	for (unsigned int i = 1; i <= SADB_EXT_MAX; i++)
		if (set & PFKEY_BIT(i))
			sample(&msg->o, i);
	assert_true(pfkey_finish(&msg->o) > 0);
}

/* Parse len octets in a heap block of that size; the caller frees *copy. */
static int parse(const void *octets, size_t len, void **copy, struct pfkey_msg *m,
		 struct pfkey_error *e)
{
	*copy = malloc(len ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, octets, len);
	return pfkey_parse(*copy, len, m, e);
}

/* Parse and check; 0, or the errno, with *e. */
static int judge(struct message *msg, enum pfkey_dir dir, struct pfkey_error *e)
{
	struct pfkey_msg m;
	void *copy;
	int err = parse(msg->octets, msg->o.len, &copy, &m, e);

	if (!err)
		err = pfkey_check(&m, dir, e);
	free(copy);
	return err;
}

static void every_bit_of_a_set_has_a_row_and_a_name(void **state)
{
	(void)state;
	for (unsigned int t = 0; t <= SADB_MAX; t++) {
		const struct pfkey_msg_row *row = pfkey_msg_row(t);

		if (!row)
			continue;
		assert_non_null(pfkey_type_name(t));
		assert_int_not_equal(row->satypes, 0);
		for (size_t d = 0; d < 2; d++) {
			uint64_t all = row->set[d].need | row->set[d].may;

			assert_int_equal(row->set[d].need & row->set[d].may, 0);
			assert_true(row->set[d].legal || !all);
			for (unsigned int i = 0; i < 64; i++) {
				if (!(all & PFKEY_BIT(i)))
					continue;
				assert_non_null(pfkey_ext_row(i));
				assert_non_null(pfkey_ext_name(i));
			}
		}
	}
}

static void every_extension_has_whole_words_and_room_for_its_header(void **state)
{
	(void)state;
	assert_null(pfkey_ext_row(0));
	assert_null(pfkey_ext_row(SADB_EXT_MAX + 1));
	for (unsigned int i = 1; i <= SADB_EXT_MAX; i++) {
		const struct pfkey_ext_row *row = pfkey_ext_row(i);

		assert_non_null(row);
		assert_int_equal(row->min % 8, 0);
		assert_int_equal(row->max % 8, 0);
		assert_in_range(row->min, 8, row->max);
	}
}

static void no_message_from_the_kernel_holds_a_key(void **state)
{
	uint64_t keys = PFKEY_BIT(SADB_EXT_KEY_AUTH) | PFKEY_BIT(SADB_EXT_KEY_ENCRYPT);

	(void)state;
	for (unsigned int t = 0; t <= SADB_MAX; t++) {
		const struct pfkey_msg_row *row = pfkey_msg_row(t);

		if (!row)
			continue;
		assert_int_equal(row->set[PFKEY_UP].need & keys, 0);
		assert_int_equal(row->set[PFKEY_UP].may & keys, 0);
	}
}

static void full_and_bare_messages_of_every_type_are_accepted(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (unsigned int t = 1; t <= SADB_MAX; t++) {
		for (size_t d = 0; d < ARRAY_SIZE(dirs); d++) {
			const struct pfkey_msg_row *row = pfkey_msg_row(t);
			const struct pfkey_set *set = row ? &row->set[dirs[d]] : NULL;

			if (!set || !set->legal)
				continue;
			build(&msg, t, set->need | set->may);
			assert_int_equal(judge(&msg, dirs[d], &e), 0);
			if (row->check)		/* wants more than its set says: tested apart */
				continue;
			build(&msg, t, set->need);
			assert_int_equal(judge(&msg, dirs[d], &e), 0);
		}
	}
}

static void a_missing_extension_is_named(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (unsigned int t = 1; t <= SADB_MAX; t++) {
		for (size_t d = 0; d < ARRAY_SIZE(dirs); d++) {
			const struct pfkey_msg_row *row = pfkey_msg_row(t);
			const struct pfkey_set *set = row ? &row->set[dirs[d]] : NULL;

			for (unsigned int i = 1; set && i <= SADB_EXT_MAX; i++) {
				if (!(set->need & PFKEY_BIT(i)))
					continue;
				build(&msg, t, (set->need | set->may) & ~PFKEY_BIT(i));
				assert_int_equal(judge(&msg, dirs[d], &e), -EINVAL);
				assert_int_equal(e.ext, i);
				assert_string_equal(e.why, "missing");
			}
		}
	}
}

static void a_foreign_extension_is_refused(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (unsigned int t = 1; t <= SADB_MAX; t++) {
		for (size_t d = 0; d < ARRAY_SIZE(dirs); d++) {
			const struct pfkey_msg_row *row = pfkey_msg_row(t);
			const struct pfkey_set *set = row ? &row->set[dirs[d]] : NULL;

			for (unsigned int i = 1; set && set->legal && i <= SADB_EXT_MAX; i++) {
				if ((set->need | set->may) & PFKEY_BIT(i))
					continue;
				build(&msg, t, set->need | PFKEY_BIT(i));
				assert_int_equal(judge(&msg, dirs[d], &e), -EINVAL);
				assert_int_equal(e.ext, i);
			}
		}
	}
}

static void a_refusal_from_the_kernel_is_a_bare_header(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	build(&msg, SADB_ADD, 0);
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = EEXIST;
	assert_int_equal(judge(&msg, PFKEY_UP, &e), 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
}

static void a_refusal_says_why(void **state)
{
	static const uint64_t whatever[8];
	struct message msg;
	struct pfkey_error e;
	struct pfkey_msg m;
	struct buf line = { 0 };
	char text[2 * PFKEY_ERROR_TEXT];

	(void)state;
	build(&msg, SADB_ADD, 0);
	pfkey_add_error(&msg.o, SADB_EXT_SA, "SA: taken by \x1b[2J[812]");
	assert_true(pfkey_finish(&msg.o) > 0);
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = EEXIST;
	assert_int_equal(judge(&msg, PFKEY_UP, &e), 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	assert_int_equal(pfkey_parse(msg.octets, msg.o.len, &m, &e), 0);
	assert_string_equal(pfkey_refusal(&m), "SA: taken by \x1b[2J[812]");
	pfkey_print(&m, &line);
	assert_non_null(strstr(buf_str(&line), "X_ERROR(SA: taken by"));
	assert_null(strchr(buf_str(&line), '\x1b'));
	buf_free(&line);

	/* Nothing else may come with it, and it never comes without an errno. */
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = 0;
	assert_int_equal(judge(&msg, PFKEY_UP, &e), -EINVAL);
	build(&msg, SADB_ADD, PFKEY_BIT(SADB_EXT_KEY_AUTH));
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = EEXIST;
	assert_int_equal(judge(&msg, PFKEY_UP, &e), -EINVAL);

	/* Whatever the header was, that it was refused can be read. */
	build(&msg, SADB_FLUSH, 0);
	((struct sadb_msg *)msg.octets)->sadb_msg_satype = 77;
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = EINVAL;
	assert_int_equal(judge(&msg, PFKEY_UP, &e), 0);

	/* Text that is too long is cut; text without an end is refused. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	build(&msg, SADB_ADD, 0);
	pfkey_add_error(&msg.o, 0, text);
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = EEXIST;
	assert_true(pfkey_finish(&msg.o) > 0);
	assert_int_equal(pfkey_parse(msg.octets, msg.o.len, &m, &e), 0);
	assert_int_equal(strlen(pfkey_refusal(&m)), PFKEY_ERROR_TEXT - 1);
	memset((uint8_t *)msg.octets + 24, 'x', msg.o.len - 24);
	assert_int_equal(judge(&msg, PFKEY_UP, &e), -EINVAL);
	build(&msg, SADB_ADD, 0);
	assert_null(pfkey_refusal(&(struct pfkey_msg){ .base = (const void *)whatever }));
}

/* One octet of a good message is spoilt; the text names the field, and what it may be. */
static void an_error_names_field_found_and_expected(void **state)
{
	static const struct {
		unsigned int ext;
		size_t at;
		uint8_t value;
		const char *text;
	} bad[] = {
		{ SADB_EXT_SA, 9, 4, "SA: unknown SA state: sadb_sa_state is 4, must be 0 to 3" },
		{ SADB_EXT_SA, 20, 7,
		  "SA: reserved field not zero: sadb_x_sa_reserved is 7, must be 0" },
		{ SADB_EXT_ADDRESS_DST, 5, 33, "ADDRESS_DST: prefix longer than the address: "
		  "sadb_address_prefixlen is 33, must be 0 to 32" },
		{ SADB_EXT_KEY_AUTH, 4, 128, "KEY_AUTH: key bits do not agree with the length: "
		  "sadb_key_bits is 128, must be 136 to 192" },
		{ SADB_EXT_SA, 0, 1, "SA: too short: length in octets is 8, must be 16 to 24" },
	};
	char text[PFKEY_ERROR_TEXT], tiny[8];
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		build(&msg, SADB_FLUSH, PFKEY_BIT(bad[i].ext));
		((uint8_t *)&msg.octets[2])[bad[i].at] = bad[i].value;
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
		assert_string_equal(pfkey_error_text(&e, text, sizeof(text)), bad[i].text);
	}
	assert_string_equal(pfkey_error_text(&e, tiny, sizeof(tiny)), "SA: too");

	build(&msg, SADB_DELETE, PFKEY_BIT(SADB_EXT_SA));
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	assert_string_equal(pfkey_error_text(&e, text, sizeof(text)),
			    "ADDRESS_SRC: missing: needed are SA, ADDRESS_SRC, ADDRESS_DST");
	build(&msg, SADB_FLUSH, 0);
	((struct sadb_msg *)msg.octets)->sadb_msg_type = 99;
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EOPNOTSUPP);
	assert_string_equal(pfkey_error_text(&e, text, sizeof(text)),
			    "header: unknown message type: sadb_msg_type is 99, must be 1 to 17");
}

static void an_acquire_from_a_program_says_what_it_wants(void **state)
{
	uint64_t wish = pfkey_msg_row(SADB_ACQUIRE)->set[PFKEY_UP].need;
	struct message msg;
	struct pfkey_error e;

	(void)state;
	build(&msg, SADB_ACQUIRE, wish);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
	build(&msg, SADB_ACQUIRE, 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	((struct sadb_msg *)msg.octets)->sadb_msg_errno = ETIMEDOUT;
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
}

/* RFC 2367 section 2.3.6: two bit maps, whose lengths are in words. */
static void a_label_is_as_long_as_it_says(void **state)
{
	static const struct { uint8_t sens, integ; size_t words; int err; } row[] = {
		{ 0, 0, 0, 0 }, { 1, 0, 1, 0 }, { 2, 3, 5, 0 }, { 1, 1, 1, -EINVAL },
		{ 0, 0, 1, -EINVAL }, { 255, 255, 2, -EINVAL }, { 16, 17, 33, -EINVAL },
	};
	static const uint64_t map[64];
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct sadb_sens head = { .sadb_sens_sens_len = row[i].sens,
					  .sadb_sens_integ_len = row[i].integ };

		build(&msg, SADB_ADD, pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].need);
		pfkey_add(&msg.o, SADB_EXT_SENSITIVITY, &head, sizeof(head), map,
			  row[i].words * 8);
		assert_true(pfkey_finish(&msg.o) > 0);
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), row[i].err);
	}
}

static void types_without_a_row_are_not_supported(void **state)
{
	static const uint8_t type[] = { SADB_RESERVED, SADB_X_PCHANGE, SADB_MAX + 1, 255 };
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(type); i++) {
		build(&msg, SADB_FLUSH, 0);
		((struct sadb_msg *)msg.octets)->sadb_msg_type = type[i];
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EOPNOTSUPP);
	}
	build(&msg, SADB_EXPIRE, 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EOPNOTSUPP);
}

static void what_is_built_is_what_is_read(void **state)
{
	struct message msg;
	struct pfkey_error e;
	struct pfkey_msg m;
	struct sadb_sa sa;
	struct sadb_lifetime life;
	const uint8_t *k;
	size_t len;
	uint64_t set = pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].need |
		       pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].may;

	(void)state;
	build(&msg, SADB_ADD, set);
	assert_int_equal(pfkey_parse(msg.octets, msg.o.len, &m, &e), 0);
	assert_true(m.present == set);
	assert_int_equal(m.base->sadb_msg_seq, 42);
	assert_int_equal(m.base->sadb_msg_pid, 4711);

	pfkey_sa(m.ext[SADB_EXT_SA], &sa);
	assert_int_equal(ntohl(sa.sadb_sa_spi), 0x1001);
	assert_int_equal(sa.sadb_x_sa_ref, 7);
	pfkey_lifetime(m.ext[SADB_EXT_LIFETIME_HARD], &life);
	assert_true(life.sadb_lifetime_bytes == 1ULL << 40);
	assert_int_equal(life.sadb_x_lifetime_packets, 9);
	assert_memory_equal(pfkey_sockaddr(m.ext[SADB_EXT_ADDRESS_DST]), &v4, sizeof(v4));
	k = pfkey_key(m.ext[SADB_EXT_KEY_AUTH], &len);
	assert_int_equal(len, 20);
	assert_memory_equal(k, key, 20);
	assert_string_equal(pfkey_ident(m.ext[SADB_EXT_IDENTITY_DST]), "west.example.com");
}

static void short_forms_read_as_zero_where_they_end(void **state)
{
	uint64_t octets[8] = { 0 };
	struct sadb_sa *sa = (struct sadb_sa *)octets, wide;
	struct sadb_lifetime *life = (struct sadb_lifetime *)octets, wide_life;

	(void)state;
	memset(octets, 0xee, sizeof(octets));
	sa->sadb_sa_len = SADB_SA_V1_LEN / 8;
	pfkey_sa((const struct sadb_ext *)octets, &wide);
	assert_int_equal(wide.sadb_sa_replay, 0xee);
	assert_int_equal(wide.sadb_x_sa_ref, 0);
	life->sadb_lifetime_len = SADB_LIFETIME_V1_LEN / 8;
	pfkey_lifetime((const struct sadb_ext *)octets, &wide_life);
	assert_int_equal(wide_life.sadb_x_lifetime_packets, 0);
}

static void every_truncation_is_refused(void **state)
{
	struct message msg;
	struct pfkey_error e;
	struct pfkey_msg m;
	void *copy;

	(void)state;
	for (unsigned int t = 1; t <= SADB_MAX; t++) {
		const struct pfkey_msg_row *row = pfkey_msg_row(t);

		if (!row)
			continue;
		build(&msg, t, row->set[PFKEY_DOWN].need | row->set[PFKEY_DOWN].may);
		for (size_t len = 0; len < msg.o.len; len++) {
			assert_int_equal(parse(msg.octets, len, &copy, &m, &e), -EMSGSIZE);
			free(copy);
		}
	}
}

/* The header is made to agree, so only the extension itself can be at fault. */
static void a_wrong_length_is_refused_in_every_extension(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= SADB_EXT_MAX; i++) {
		const struct pfkey_ext_row *row = pfkey_ext_row(i);
		const unsigned int wrong[] = { 0, row->min - 8U, row->max + 8U, 0xffffU * 8 };

		for (size_t w = 0; w < ARRAY_SIZE(wrong); w++) {
			struct message msg;
			struct pfkey_error e;
			uint16_t words = (uint16_t)(wrong[w] / 8);

			build(&msg, SADB_FLUSH, PFKEY_BIT(i));
			((struct sadb_ext *)&msg.octets[2])->sadb_ext_len = words;
			if (words && wrong[w] < sizeof(msg.octets) - 16)
				msg.o.len = 16 + wrong[w];
			((struct sadb_msg *)msg.octets)->sadb_msg_len = (uint16_t)(msg.o.len / 8);
			assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
			assert_int_equal(e.ext, i);
		}
	}
}

static void an_extension_may_occur_once(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (unsigned int i = 1; i <= SADB_EXT_MAX; i++) {
		build(&msg, SADB_FLUSH, PFKEY_BIT(i));
		sample(&msg.o, i);
		assert_true(pfkey_finish(&msg.o) > 0);
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
		assert_string_equal(e.why, "occurs twice");
	}
}

static void bad_headers_are_refused(void **state)
{
	static const struct { size_t at; uint8_t value; int err; } bad[] = {
		{ 0, 1, -EINVAL }, { 0, 3, -EINVAL },		/* version */
		{ 3, 1, -EINVAL }, { 3, 4, -EINVAL }, { 3, 255, -EINVAL },	/* SA type */
		{ 4, 1, -EMSGSIZE }, { 4, 3, -EMSGSIZE }, { 5, 1, -EMSGSIZE },	/* length */
		{ 6, 1, -EINVAL },				/* reserved */
	};
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		build(&msg, SADB_FLUSH, 0);
		((uint8_t *)msg.octets)[bad[i].at] = bad[i].value;
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), bad[i].err);
		assert_int_equal(e.ext, 0);
		assert_non_null(e.why);
	}
}

/* One octet of a good extension is spoilt; offsets are those of the extension. */
static void bad_contents_are_refused(void **state)
{
	static const struct { unsigned int ext; size_t at; uint8_t value; } bad[] = {
		{ SADB_EXT_SA, 9, 4 },				/* state */
		{ SADB_EXT_SA, 12, 0x20 }, { SADB_EXT_SA, 15, 0x80 },	/* flags */
		{ SADB_EXT_SA, 20, 1 },				/* reserved */
		{ SADB_EXT_ADDRESS_SRC, 5, 33 },		/* prefix length */
		{ SADB_EXT_ADDRESS_SRC, 6, 1 },			/* reserved */
		{ SADB_EXT_ADDRESS_SRC, 8, AF_INET6 },		/* without room for it */
		{ SADB_EXT_ADDRESS_SRC, 8, AF_UNIX },
		{ SADB_EXT_ADDRESS_SRC, 9, 1 },
		{ SADB_X_EXT_ADDRESS_SRC_MASK, 13, 0xfd },	/* 255.253.255.0 */
		{ SADB_X_EXT_ADDRESS_DST_MASK, 15, 0x01 },
		{ SADB_EXT_KEY_AUTH, 4, 0 }, { SADB_EXT_KEY_AUTH, 4, 161 },
		{ SADB_EXT_KEY_AUTH, 4, 128 }, { SADB_EXT_KEY_AUTH, 4, 200 },
		{ SADB_EXT_KEY_AUTH, 5, 1 }, { SADB_EXT_KEY_ENCRYPT, 6, 1 },
		{ SADB_EXT_IDENTITY_SRC, 4, 0 }, { SADB_EXT_IDENTITY_SRC, 4, 5 },
		{ SADB_EXT_IDENTITY_SRC, 6, 1 },
		{ SADB_EXT_SPIRANGE, 12, 1 },
		{ SADB_X_EXT_SATYPE2, 4, 0 }, { SADB_X_EXT_SATYPE2, 4, 4 },
		{ SADB_X_EXT_NAT_T_TYPE, 4, 3 },
	};
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		build(&msg, SADB_FLUSH, PFKEY_BIT(bad[i].ext));
		((uint8_t *)&msg.octets[2])[bad[i].at] = bad[i].value;
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
		assert_int_equal(e.ext, bad[i].ext);
		assert_string_not_equal(e.why, "not for this message type");
	}
}

static void a_range_of_spis_runs_upwards(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	build(&msg, SADB_FLUSH, 0);
	pfkey_add_spirange(&msg.o, 0x1001, 0x1000);
	assert_true(pfkey_finish(&msg.o) > 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	assert_string_equal(e.why, "minimum above maximum");
}

static void a_window_and_its_numbers_must_agree(void **state)
{
	static const struct {
		uint32_t window, flags;
		uint64_t seq;
		bool good;
	} row[] = {
		{ 0, 0, 0, true },		{ 0, SADB_X_REPLAY_ESN, 0, false },
		{ 31, 0, 0, false },		{ 32, 0, 0, true },
		{ 32, SADB_X_REPLAY_ESN, 0, true },
		{ 65536, 0, 0, true },		{ 65537, 0, 0, false },
		{ UINT32_MAX, 0, 0, false },	{ 64, 2, 0, false },
		{ 64, 0, UINT32_MAX, true },	{ 64, 0, 1ULL << 32, false },
		{ 64, SADB_X_REPLAY_ESN, UINT64_MAX, true },
	};
	struct message msg;
	struct pfkey_error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		build(&msg, SADB_ADD, pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].need);
		pfkey_add_replay(&msg.o, row[i].window, row[i].flags, row[i].seq);
		assert_true(pfkey_finish(&msg.o) > 0);
		assert_int_equal(judge(&msg, PFKEY_DOWN, &e), row[i].good ? 0 : -EINVAL);
		if (!row[i].good)
			assert_int_equal(e.ext, SADB_X_EXT_REPLAY);
	}
}

static void text_must_end_inside_its_extension(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	build(&msg, SADB_FLUSH, PFKEY_BIT(SADB_EXT_IDENTITY_SRC));
	memset((uint8_t *)&msg.octets[4], 'x', msg.o.len - 32);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	assert_string_equal(e.why, "text without a NUL");
}

static void a_flow_is_of_one_family(void **state)
{
	struct message msg;
	struct pfkey_error e;
	uint64_t need = pfkey_msg_row(SADB_X_ADDFLOW)->set[PFKEY_DOWN].need;

	(void)state;
	build(&msg, SADB_X_ADDFLOW, need);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
	build(&msg, SADB_X_ADDFLOW, need & ~PFKEY_BIT(SADB_X_EXT_ADDRESS_DST_FLOW));
	pfkey_add_address(&msg.o, SADB_X_EXT_ADDRESS_DST_FLOW, 0, (const struct sockaddr *)&v6);
	assert_true(pfkey_finish(&msg.o) > 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	assert_string_equal(e.why, "selector mixes IPv4 and IPv6");
}

static void a_tunnel_may_be_of_the_other_family(void **state)
{
	struct message msg;
	struct pfkey_error e;
	uint64_t need = pfkey_msg_row(SADB_X_ADDFLOW)->set[PFKEY_DOWN].need;

	(void)state;
	build(&msg, SADB_X_ADDFLOW, need & ~PFKEY_BIT(SADB_EXT_ADDRESS_DST));
	pfkey_add_address(&msg.o, SADB_EXT_ADDRESS_DST, 0, (const struct sockaddr *)&v6);
	assert_true(pfkey_finish(&msg.o) > 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
}

static void a_flow_is_deleted_whole_or_all_are_cleared(void **state)
{
	struct message msg;
	struct pfkey_error e;
	struct sadb_sa clear = { .sadb_sa_flags = SADB_X_SAFLAGS_CLEARFLOW };
	uint64_t flow = pfkey_msg_row(SADB_X_ADDFLOW)->set[PFKEY_DOWN].need &
			~(PFKEY_BIT(SADB_EXT_SA) | PFKEY_BIT(SADB_EXT_ADDRESS_DST));

	(void)state;
	build(&msg, SADB_X_DELFLOW, flow);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
	build(&msg, SADB_X_DELFLOW, flow & ~PFKEY_BIT(SADB_X_EXT_ADDRESS_DST_MASK));
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	build(&msg, SADB_X_DELFLOW, PFKEY_BIT(SADB_EXT_SA));
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);

	build(&msg, SADB_X_DELFLOW, 0);
	pfkey_add_sa(&msg.o, SADB_EXT_SA, &clear);
	assert_true(pfkey_finish(&msg.o) > 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
}

static void a_second_sa_is_whole_or_absent(void **state)
{
	struct message msg;
	struct pfkey_error e;
	const struct pfkey_set *set = &pfkey_msg_row(SADB_X_GRPSA)->set[PFKEY_DOWN];

	(void)state;
	build(&msg, SADB_X_GRPSA, set->need);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), 0);
	build(&msg, SADB_X_GRPSA, set->need | PFKEY_BIT(SADB_X_EXT_SA2));
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
}

static void an_expiry_says_which_limit_was_met(void **state)
{
	struct message msg;
	struct pfkey_error e;
	const struct pfkey_set *set = &pfkey_msg_row(SADB_EXPIRE)->set[PFKEY_UP];

	(void)state;
	build(&msg, SADB_EXPIRE, set->need);
	assert_int_equal(judge(&msg, PFKEY_UP, &e), -EINVAL);
	build(&msg, SADB_EXPIRE, set->need | PFKEY_BIT(SADB_EXT_LIFETIME_SOFT));
	assert_int_equal(judge(&msg, PFKEY_UP, &e), 0);
}

/* ESP in UDP in an ADD or UPDATE of this type: type as a number, or -1 for none. */
static int natt(unsigned int msg_type, int type, uint16_t sport, uint64_t more)
{
	struct sadb_x_natt_type t = { .sadb_x_natt_type_type = (uint8_t)type };
	struct sadb_x_natt_port port = { .sadb_x_natt_port_port = htons(sport) };
	struct message msg;
	struct pfkey_error e;

	build(&msg, msg_type, pfkey_msg_row(msg_type)->set[PFKEY_DOWN].need | more);
	if (type >= 0)
		pfkey_add(&msg.o, SADB_X_EXT_NAT_T_TYPE, &t, sizeof(t), NULL, 0);
	if (sport)
		pfkey_add(&msg.o, SADB_X_EXT_NAT_T_SPORT, &port, sizeof(port), NULL, 0);
	assert_true(pfkey_finish(&msg.o) > 0);
	return judge(&msg, PFKEY_DOWN, &e);
}

static void esp_in_udp_has_a_type_and_two_ports(void **state)
{
	uint64_t dport = PFKEY_BIT(SADB_X_EXT_NAT_T_DPORT);
	uint64_t keys = PFKEY_BIT(SADB_EXT_KEY_AUTH);

	(void)state;
	assert_int_equal(natt(SADB_ADD, SADB_X_NAT_T_NON_ESP, 4500, dport), 0);
	assert_int_equal(natt(SADB_ADD, SADB_X_NAT_T_NON_IKE, 500, dport), 0);
	assert_int_equal(natt(SADB_ADD, SADB_X_NAT_T_NONE, 0, 0), 0);
	assert_int_equal(natt(SADB_ADD, SADB_X_NAT_T_NON_ESP, 0, dport), -EINVAL);
	assert_int_equal(natt(SADB_ADD, SADB_X_NAT_T_NON_ESP, 4500, 0), -EINVAL);
	assert_int_equal(natt(SADB_ADD, -1, 4500, dport), -EINVAL);
	assert_int_equal(natt(SADB_ADD, -1, 0, PFKEY_BIT(SADB_X_EXT_NAT_T_OA)), -EINVAL);
	assert_int_equal(natt(SADB_ADD, 9, 4500, dport), -EINVAL);
	assert_int_equal(natt(SADB_UPDATE, -1, 4500, dport | keys), -EINVAL);
}

static void a_move_names_what_changes(void **state)
{
	uint64_t dst2 = PFKEY_BIT(SADB_X_EXT_ADDRESS_DST2);
	struct sadb_x_natt_port none = { 0 };
	struct message msg;
	struct pfkey_error e;

	(void)state;
	assert_int_equal(natt(SADB_UPDATE, -1, 4500, 0), 0);
	assert_int_equal(natt(SADB_UPDATE, -1, 4500, dst2), 0);
	assert_int_equal(natt(SADB_UPDATE, -1, 0, dst2), -EINVAL);
	assert_int_equal(natt(SADB_ADD, SADB_X_NAT_T_NON_ESP, 4500,
			      dst2 | PFKEY_BIT(SADB_X_EXT_NAT_T_DPORT)), -EINVAL);

	build(&msg, SADB_UPDATE, pfkey_msg_row(SADB_UPDATE)->set[PFKEY_DOWN].need);
	pfkey_add(&msg.o, SADB_X_EXT_NAT_T_DPORT, &none, sizeof(none), NULL, 0);
	assert_true(pfkey_finish(&msg.o) > 0);
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	assert_string_equal(e.why, "ESP in UDP with port 0");
}

static void an_sa_type_must_suit_the_message(void **state)
{
	struct message msg;
	struct pfkey_error e;

	(void)state;
	build(&msg, SADB_ADD, pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].need);
	((struct sadb_msg *)msg.octets)->sadb_msg_satype = SADB_X_SATYPE_INT;
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
	((struct sadb_msg *)msg.octets)->sadb_msg_satype = SADB_SATYPE_UNSPEC;
	assert_int_equal(judge(&msg, PFKEY_DOWN, &e), -EINVAL);
}

static void a_buffer_that_is_too_small_spoils_the_message_only(void **state)
{
	struct message msg;
	size_t whole;

	(void)state;
	build(&msg, SADB_ADD, pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].need);
	whole = msg.o.len;
	for (size_t cap = 0; cap < whole; cap++) {
		struct pfkey_out o;
		uint8_t *small = malloc(cap ? cap : 1);

		assert_non_null(small);
		pfkey_start(&o, small, cap, SADB_ADD, SADB_SATYPE_ESP, 1, 1);
		sample(&o, SADB_EXT_SA);
		sample(&o, SADB_EXT_ADDRESS_SRC);
		sample(&o, SADB_EXT_ADDRESS_DST);
		assert_int_equal(pfkey_finish(&o), -EMSGSIZE);
		free(small);
	}
}

static void what_cannot_be_said_spoils_the_message(void **state)
{
	struct sockaddr strange = { .sa_family = AF_UNIX };
	struct message msg;

	(void)state;
	build(&msg, SADB_FLUSH, 0);
	pfkey_add_key(&msg.o, SADB_EXT_KEY_AUTH, key, 0);	/* no key: nothing */
	assert_int_equal(pfkey_finish(&msg.o), 16);
	pfkey_add_address(&msg.o, SADB_EXT_ADDRESS_SRC, 0, &strange);
	assert_int_equal(pfkey_finish(&msg.o), -EMSGSIZE);
	build(&msg, SADB_FLUSH, 0);
	pfkey_add_key(&msg.o, SADB_EXT_KEY_AUTH, key, 1U << 20);
	assert_int_equal(pfkey_finish(&msg.o), -EMSGSIZE);
}

static void padding_and_reserved_octets_are_zero(void **state)
{
	struct message msg;
	const uint8_t *octet = (const uint8_t *)msg.octets;

	(void)state;
	memset(&msg, 0xee, sizeof(msg));
	build(&msg, SADB_ADD, PFKEY_BIT(SADB_EXT_KEY_AUTH) | PFKEY_BIT(SADB_EXT_ADDRESS_SRC));
	for (size_t i = 0; i < msg.o.len; i++)
		assert_int_not_equal(octet[i], 0xee);
}

static void sa_types_and_protocols_translate_both_ways(void **state)
{
	static const struct { unsigned int satype, proto; const char *name; } row[] = {
		{ SADB_SATYPE_AH, 51, "AH" }, { SADB_SATYPE_ESP, 50, "ESP" },
		{ SADB_X_SATYPE_IPIP, 4, "IPIP" }, { SADB_X_SATYPE_COMP, 108, "COMP" },
		{ SADB_X_SATYPE_INT, 61, "INT" }, { SADB_SATYPE_UNSPEC, 0, "UNSPEC" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(pfkey_satype_to_proto(row[i].satype), row[i].proto);
		assert_int_equal(pfkey_proto_to_satype(row[i].proto), row[i].satype);
		assert_string_equal(pfkey_satype_name(row[i].satype), row[i].name);
	}
	assert_null(pfkey_satype_name(1));
	assert_int_equal(pfkey_proto_to_satype(17), 0);
}

static void a_message_is_printed_in_one_line_without_its_keys(void **state)
{
	struct message msg;
	struct pfkey_error e;
	struct pfkey_msg m;
	struct buf line = { 0 };
	const char *text;

	(void)state;
	build(&msg, SADB_ADD, pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].need |
			      pfkey_msg_row(SADB_ADD)->set[PFKEY_DOWN].may);
	assert_int_equal(pfkey_parse(msg.octets, msg.o.len, &m, &e), 0);
	pfkey_print(&m, &line);
	text = buf_str(&line);
	assert_non_null(strstr(text, "type=3(ADD) seq=42 len="));
	assert_non_null(strstr(text, "SA(spi=0x00001001 replay=64 state=1(MATURE) "
			       "auth=3(HMAC-SHA1) encrypt=12(AES-CBC) "));
	assert_non_null(strstr(text, "ADDRESS_SRC(192.0.2.1:25)"));
	assert_non_null(strstr(text, "KEY_AUTH(160 bits)"));
	assert_non_null(strstr(text, "X_REPLAY(window=4096 esn seq=4294967296)"));
	assert_non_null(strstr(text, "IDENTITY_SRC(type=2 west.example.com)"));
	assert_null(strstr(text, "0123456"));
	assert_null(strstr(text, "30313233"));
	assert_null(strchr(text, '\n'));
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_of_a_set_has_a_row_and_a_name),
		cmocka_unit_test(every_extension_has_whole_words_and_room_for_its_header),
		cmocka_unit_test(no_message_from_the_kernel_holds_a_key),
		cmocka_unit_test(full_and_bare_messages_of_every_type_are_accepted),
		cmocka_unit_test(a_missing_extension_is_named),
		cmocka_unit_test(a_foreign_extension_is_refused),
		cmocka_unit_test(a_refusal_from_the_kernel_is_a_bare_header),
		cmocka_unit_test(a_refusal_says_why),
		cmocka_unit_test(an_error_names_field_found_and_expected),
		cmocka_unit_test(an_acquire_from_a_program_says_what_it_wants),
		cmocka_unit_test(a_label_is_as_long_as_it_says),
		cmocka_unit_test(types_without_a_row_are_not_supported),
		cmocka_unit_test(what_is_built_is_what_is_read),
		cmocka_unit_test(short_forms_read_as_zero_where_they_end),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_wrong_length_is_refused_in_every_extension),
		cmocka_unit_test(an_extension_may_occur_once),
		cmocka_unit_test(bad_headers_are_refused),
		cmocka_unit_test(bad_contents_are_refused),
		cmocka_unit_test(a_range_of_spis_runs_upwards),
		cmocka_unit_test(a_window_and_its_numbers_must_agree),
		cmocka_unit_test(text_must_end_inside_its_extension),
		cmocka_unit_test(a_flow_is_of_one_family),
		cmocka_unit_test(a_tunnel_may_be_of_the_other_family),
		cmocka_unit_test(a_flow_is_deleted_whole_or_all_are_cleared),
		cmocka_unit_test(a_second_sa_is_whole_or_absent),
		cmocka_unit_test(an_expiry_says_which_limit_was_met),
		cmocka_unit_test(esp_in_udp_has_a_type_and_two_ports),
		cmocka_unit_test(a_move_names_what_changes),
		cmocka_unit_test(an_sa_type_must_suit_the_message),
		cmocka_unit_test(a_buffer_that_is_too_small_spoils_the_message_only),
		cmocka_unit_test(what_cannot_be_said_spoils_the_message),
		cmocka_unit_test(padding_and_reserved_octets_are_zero),
		cmocka_unit_test(sa_types_and_protocols_translate_both_ways),
		cmocka_unit_test(a_message_is_printed_in_one_line_without_its_keys),
	};

	return cmocka_run_group_tests_name("pfkey", tests, NULL, NULL);
}
