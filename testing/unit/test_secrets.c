/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.secrets: what it may say, and which secret is whose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "lib/base/alloc.h"
#include "lib/conf/secrets.h"

#define RSA_UPTO_PRIME2 \
	"\tModulus: 0xb112510155a1ef1cf390f928177f28e47751bd0ba910d4573ee8aa7bf7c732af67a9d31af542" \
	"80f07ade227cfb3809a1086885a40c819135c1dd81845a8c6e5762f676a69290071ea2f70b4c093f919ed05a4c" \
	"c7a2c76a460dbf5fc92e3397e5e1f1aea5725bc2ceaa6d28cf6bec7bacf219cce8b4c808717819b24567ecd6c5" \
	"\n\tPublicExponent: 0x010001\n" \
	"\t# everything after this point is secret\n" \
	"\tPrivateExponent: 0x59fdebf693f36689c71b5dced4b48baf483e2716060459e6b43fe6ae75daabcc6759" \
	"cc9e391a1ca4adcd49cc28e13695e0f0198dcf842ead3ef56ff9143081be45c9bab4e8c1de6b9a62fb18562cfc" \
	"db8bc0f0b01434a20d3c025bae122c3dfe672af478d639520943cbde84e7b2fc2c2e556932923f46a3281ca269" \
	"8d1d61\n" \
	"\tPrime1: 0xe453df3163a9ae0bdc3ae0b1aa8eb5f22f289bfc8dde0bd89deb415a404d526f3cf9c931391189" \
	"e32d48d4e4cb0b0afaa1a636fc211721414b6be9fbed269165\n" \
	"\tPrime2: 0xc6882a680d078804490c1c71b0ba32d0e4db90955b40a6a70a1885a443b5bad74376f22ddeaced" \
	"01aaddeece9ccc0341338ebd90fa418aba1c2aa50888d889e1\n"
#define RSA_EXPONENTS \
	"\tExponent1: 0x129ab2e8f751f0188f4d4cd9ad280bb33c1c76f95125f29927e4ef62473305b082ab67b557" \
	"0d12cb2bf96f3f653bf51d0ee6d83c1b0623738a8db4770e8fc1f1\n" \
	"\tExponent2: 0x8c4b1cec7a889feda7510fa8a7a26cd681634740c443638116f94d374f41d4ced9b5ec5dcd" \
	"c59596601084f92c845ea86caea9f71161cf8ec4e8bdc6d22d7301\n"
#define RSA_COEFFICIENT \
	"\tCoefficient: 0x64ec4639dbb3f6a586f5eddf214d5e706cea1602f78e50e74705ae82a1065755d6eb5249" \
	"fb843576f7d2bd8a6ac8f344daf52fa504fd085fc39a216f74e99842\n"
#define RSA ": RSA\t{\n" RSA_UPTO_PRIME2 RSA_EXPONENTS RSA_COEFFICIENT "\t}\n"

static struct secrets *parse(const char *text)
{
	return secrets_parse("test.secrets", span_str(text));
}

static size_t count(const struct list *l)
{
	const struct list *i;
	size_t n = 0;

	for (i = l->next; i != l; i = i->next)
		n++;
	return n;
}

/* The pre-shared key of these two, or "-". */
static void assert_psk(const struct secrets *s, const char *us, const char *them,
		       const char *wanted)
{
	const struct secret_entry *e;
	struct id me = { 0 }, peer = { 0 };
	bool ambiguous;

	assert_null(ttoid(span_str(us), &me));
	assert_null(ttoid(span_str(them), &peer));
	e = secrets_find(s, SECRET_PSK, &me, &peer, &ambiguous);
	if (!e) {
		assert_string_equal("-", wanted);
	} else {
		assert_int_equal(e->psk.len, strlen(wanted));
		assert_memory_equal(e->psk.ptr, wanted, e->psk.len);
	}
	id_free(&me);
	id_free(&peer);
}

static void entries_come_in_many_shapes(void **state)
{
	static const struct { const char *text; size_t n_index; const char *psk; } row[] = {
		{ ": PSK \"secret\"\n", 0, "secret" },
		{ ": \"secret\"\n", 0, "secret" },
		{ "192.0.2.1 : PSK \"two words\"", 1, "two words" },
		{ "192.0.2.1 192.0.2.2: psk 'single'\n", 2, "single" },
		{ "192.0.2.1 \"old form\"\n", 1, "old form" },
		{ "@west.example.org @east.example.org\n\t:\n\t\tPSK\n\n# x\n\t\"split\"\n", 2,
		  "split" },
		{ "2001:db8::1 :: : PSK 0x6162_6364\n", 2, "abcd" },
		{ "%any: PSK 0sYWJj # comment\n", 1, "abc" },
		{ "user@example.org 10.1.2.3: Psk 0tx#y\r\n", 2, "x#y" },
		{ "# only\n\n: PSK \"#\"\n", 0, "#" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct secrets *s = parse(row[i].text);
		struct secret_entry *e = LIST_FIRST(&s->entries, struct secret_entry, link);

		if (!e)
			print_message("%s", row[i].text);
		assert_non_null(e);
		assert_int_equal(count(&s->entries), 1);
		assert_int_equal(s->n_errors, 0);
		assert_int_equal(e->kind, SECRET_PSK);
		assert_int_equal(e->n_index, row[i].n_index);
		assert_int_equal(e->psk.len, strlen(row[i].psk));
		assert_memory_equal(e->psk.ptr, row[i].psk, e->psk.len);
		secrets_free(s);
	}
}

static void mistakes_name_their_line_and_cost_one_entry(void **state)
{
	static const struct { const char *text, *message; } row[] = {
		{ "\t192.0.2.1 : PSK \"x\"\n",
		  "\"test.secrets\" line 1: indented line is not part of an entry" },
		{ "@a\n", "\"test.secrets\" line 1: unexpected end of entry: no colon and no secret" },
		{ "\n@a :\n",
		  "\"test.secrets\" line 2: unexpected end of line: no secret behind the colon" },
		{ "@a : PSK \"no end\n", "\"test.secrets\" line 1: unterminated string" },
		{ "@a : PSK plain\n", "\"test.secrets\" line 1: pre-shared key data malformed "
		  "(data does not start with 0x, 0s or 0t); put text in double quotes" },
		{ "@a : PSK \"\"\n", "\"test.secrets\" line 1: empty pre-shared key" },
		{ "@a : PSK \"x\" y\n",
		  "\"test.secrets\" line 1: unexpected text behind the secret" },
		{ "@a : XAUTH \"x\"\n",
		  "\"test.secrets\" line 1: XAUTH secrets are not supported" },
		{ "@a : EC {}\n", "\"test.secrets\" line 1: unrecognized kind of secret: PSK or RSA "
		  "expected" },
		{ "gw.example.org : PSK \"x\"\n", "\"test.secrets\" line 1: index "
		  "\"gw.example.org\" is a name for the DNS: give the address, or @ and the name" },
		{ "@a : RSA key.pem \"x\"\n", "\"test.secrets\" line 1: RSA key should be "
		  "{ Modulus: ... }, as ipsec newhostkey writes it; key files are not supported" },
		{ "@a : RSA {\n\tPublicExponent: 0x03\n\t}\n", "\"test.secrets\" line 2: Modulus: "
		  "keyword not found where expected in RSA key" },
		{ "@a : RSA {\n\tModulus: 0xzz\n\t}\n", "\"test.secrets\" line 2: RSA data "
		  "malformed (not a hexadecimal digit in data) in Modulus:" },
		{ "@a : RSA {\n" RSA_UPTO_PRIME2 "}\n", "\"test.secrets\" line 8: Exponent1: "
		  "keyword not found where expected in RSA key" },
		{ "include x\n", "\"test.secrets\" line 1: include is not possible here" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char *text = xasprintf("%s@good : PSK \"good\"\n", row[i].text);
		struct secrets *s = parse(text);
		struct buf b = { 0 };

		assert_true(s->n_errors >= 1);
		secrets_error_show(LIST_FIRST(&s->errors, struct conf_error, link), &b);
		assert_string_equal(buf_str(&b), row[i].message);
		assert_psk(s, "@good", "@x", "good");
		buf_free(&b);
		secrets_free(s);
		free(text);
	}
}

static void messages_quote_no_secret(void **state)
{
	static const char *const row[] = {
		"192.0.2.1 192.0.2.2 hunter2\n", "hunter2\n", "@a : hunter2\n", "@a : PSK hunter2\n",
		"@a : PSK \"hunter2\n", "@a : PSK \"x\" hunter2\n", "@a:\"hunter2\" : PSK \"x\"\n",
		"@a : RSA hunter2\n", "@a : RSA { hunter2 }\n", "@a : RSA { Modulus: hunter2\n",
		"@a : RSA { Modulus: 0xhunter2\n", "include @a : PSK \"x\" hunter2\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct secrets *s = parse(row[i]);
		struct conf_error *e;

		assert_false(list_empty(&s->errors));
		LIST_EACH(e, &s->errors, struct conf_error, link)
			assert_null(strstr(e->text, "hunter2"));
		secrets_free(s);
	}
}

static void private_keys_are_checked(void **state)
{
	struct secrets *s = parse("@west " RSA ": RSA {\n" RSA_UPTO_PRIME2 RSA_EXPONENTS
				  "\tCoefficient: 0x03\n\t}\n");
	struct secret_entry *e = LIST_FIRST(&s->entries, struct secret_entry, link);
	struct conf_error *err = LIST_FIRST(&s->errors, struct conf_error, link);

	(void)state;
	assert_int_equal(count(&s->entries), 1);
	assert_int_equal(e->kind, SECRET_RSA);
	assert_int_equal(rsa_pub_bits(rsa_priv_pub(e->rsa)), 1024);
	assert_ptr_equal(secrets_find_rsa_by_pub(s, rsa_priv_pub(e->rsa)), e);
	assert_non_null(err);
	assert_non_null(strstr(err->text, "bad RSA key: "));
	assert_non_null(strcasestr(err->text, "coefficient"));
	secrets_free(s);
}

static void the_closing_brace_may_stand_in_the_first_column(void **state)
{
	struct secrets *s = parse(": RSA {\n" RSA_UPTO_PRIME2 RSA_EXPONENTS RSA_COEFFICIENT
				  "}\n@a : PSK \"x\"\n");

	(void)state;
	assert_int_equal(s->n_errors, 0);
	assert_int_equal(count(&s->entries), 2);
	secrets_free(s);
}

static void the_best_entry_wins(void **state)
{
	struct secrets *s = parse(
		": PSK \"default\"\n"
		"192.0.2.1 %any : PSK \"warriors\"\n"
		"192.0.2.1 192.0.2.2 : PSK \"pair\"\n"
		"192.0.2.9 : PSK \"alone\"\n"
		"192.0.2.2 192.0.2.3 192.0.2.4 : PSK \"three\"\n"
		"%any 192.0.2.7 : PSK \"seven\"\n");

	(void)state;
	assert_psk(s, "192.0.2.1", "192.0.2.2", "pair");
	assert_psk(s, "192.0.2.2", "192.0.2.1", "pair");
	assert_psk(s, "192.0.2.1", "203.0.113.5", "warriors");
	assert_psk(s, "192.0.2.1", "%any", "warriors");
	assert_psk(s, "192.0.2.9", "203.0.113.5", "alone");
	assert_psk(s, "192.0.2.4", "192.0.2.3", "three");
	assert_psk(s, "192.0.2.4", "203.0.113.5", "default");
	assert_psk(s, "192.0.2.33", "192.0.2.7", "seven");
	assert_psk(s, "192.0.2.33", "192.0.2.34", "default");
	secrets_free(s);
	s = parse("192.0.2.1 192.0.2.2 : PSK \"pair\"\n");
	assert_psk(s, "192.0.2.1", "192.0.2.3", "-");
	assert_psk(s, "192.0.2.3", "192.0.2.2", "-");
	secrets_free(s);
}

static void private_keys_go_by_their_owner(void **state)
{
	struct secrets *s = parse("@west @other " RSA);
	struct id west = { 0 }, east = { 0 };

	(void)state;
	assert_null(ttoid(span_str("@WEST"), &west));
	assert_null(ttoid(span_str("@east"), &east));
	assert_non_null(secrets_find(s, SECRET_RSA, &west, &east, NULL));
	assert_null(secrets_find(s, SECRET_RSA, &east, &west, NULL));
	assert_null(secrets_find(s, SECRET_PSK, &west, &east, NULL));
	id_free(&west);
	id_free(&east);
	secrets_free(s);
}

static void equally_good_secrets_should_be_equal(void **state)
{
	static const struct { const char *text; bool ambiguous; } row[] = {
		{ "@a @b : PSK \"x\"\n@b @a : PSK \"x\"\n", false },
		{ "@a @b : PSK \"x\"\n@b @a : PSK \"y\"\n", true },
		{ "@a : PSK \"x\"\n@a : PSK \"y\"\n@a @b : PSK \"z\"\n", false },
	};
	struct id a = { 0 }, b = { 0 };

	(void)state;
	assert_null(ttoid(span_str("@a"), &a));
	assert_null(ttoid(span_str("@b"), &b));
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct secrets *s = parse(row[i].text);
		bool ambiguous;

		assert_non_null(secrets_find(s, SECRET_PSK, &a, &b, &ambiguous));
		assert_int_equal(ambiguous, row[i].ambiguous);
		secrets_free(s);
	}
	id_free(&a);
	id_free(&b);
}

static void large_files_are_read_in_no_time(void **state)
{
	struct buf text = { 0 };
	struct secrets *s;
	clock_t start;

	(void)state;
	for (unsigned int i = 0; i < 10000; i++)
		buf_printf(&text, "@c%u @east : PSK \"secret %u\"\n", i, i);
	for (unsigned int i = 0; i < 200000; i++)
		buf_add_str(&text, i % 2 ? "@a\n" : "x :\n");
	start = clock();
	s = secrets_parse("test.secrets", buf_span(&text));
	assert_true((clock() - start) / CLOCKS_PER_SEC < 10);
	assert_int_equal(count(&s->entries), 10000);
	assert_psk(s, "@c9999", "@east", "secret 9999");
	secrets_free(s);
	buf_free(&text);
}

/* --- files ------------------------------------------------------------------------------ */

static char *dir;

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static struct secrets *load(const char *name)
{
	char *path = path_of(name);
	struct secrets *s = secrets_load(path);

	free(path);
	return s;
}

static void assert_first_error(const struct secrets *s, const char *part)
{
	struct conf_error *e = LIST_FIRST(&s->errors, struct conf_error, link);
	struct buf b = { 0 };

	assert_non_null(e);
	secrets_error_show(e, &b);
	if (!strstr(buf_str(&b), part))
		print_message("%s\n", buf_str(&b));
	assert_non_null(strstr(buf_str(&b), part));
	buf_free(&b);
}

static void files_that_others_may_touch_are_refused(void **state)
{
	static const struct { mode_t mode; bool good; } row[] = {
		{ 0600, true }, { 0400, true }, { 0640, true },
		{ 0604, false }, { 0620, false }, { 0602, false }, { 0666, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		struct secrets *s;

		write_file("mode", ": PSK \"x\"\n", row[i].mode);
		s = load("mode");
		assert_int_equal(list_empty(&s->entries), !row[i].good);
		if (!row[i].good)
			assert_first_error(s, "chmod 600");
		secrets_free(s);
	}
}

static void includes_are_relative_patterns_and_bounded(void **state)
{
	struct secrets *s;

	(void)state;
	write_file("top", "include inc.*\n: PSK \"top\"\ninclude missing\n", 0600);
	write_file("inc.a", "@a : PSK \"a\"\n", 0600);
	write_file("inc.b", "@b : PSK \"b\"\n", 0600);
	s = load("top");
	assert_int_equal(count(&s->entries), 3);
	assert_int_equal(count(&s->files), 3);
	assert_int_equal(s->n_errors, 1);
	assert_first_error(s, "line 3: no secrets filename matched \"");
	secrets_free(s);

	write_file("loop", "@a : PSK \"x\"\ninclude loop\ninclude loop\n", 0600);
	s = load("loop");
	assert_first_error(s, "nested too deeply");
	secrets_free(s);

	s = load("nothing-*");
	assert_first_error(s, "no secrets filename matched \"");
	secrets_free(s);
}

static int make_dir(void **state)
{
	(void)state;
	dir = xstrdup("/tmp/test_secrets.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char *command = xasprintf("rm -r %s", dir);
	int status = system(command);

	(void)state;
	free(command);
	free(dir);
	return status;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_many_shapes),
		cmocka_unit_test(mistakes_name_their_line_and_cost_one_entry),
		cmocka_unit_test(messages_quote_no_secret),
		cmocka_unit_test(private_keys_are_checked),
		cmocka_unit_test(the_closing_brace_may_stand_in_the_first_column),
		cmocka_unit_test(the_best_entry_wins),
		cmocka_unit_test(private_keys_go_by_their_owner),
		cmocka_unit_test(equally_good_secrets_should_be_equal),
		cmocka_unit_test(large_files_are_read_in_no_time),
		cmocka_unit_test(files_that_others_may_touch_are_refused),
		cmocka_unit_test(includes_are_relative_patterns_and_bounded),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
