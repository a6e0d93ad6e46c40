/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.secrets(5): reading it.  match.c says which secret is for whom.
 *
 *	198.51.100.1 198.51.100.2 : PSK "something long"
 *	@west.example.org : RSA {
 *		Modulus: 0x...		and seven more fields, in this order
 *		}
 *	include ipsec.*.secrets
 *
 * An entry starts in the first column and goes on over indented lines.  Blank lines and
 * comments mean nothing.  After an error the reader goes on with the next entry; the one
 * with the error is left out.  A name that only the DNS could turn into an address is an
 * error: Pluto does not wait for the DNS.
 *
 * All text of the file lives in a struct secret and is wiped; no message quotes anything
 * that stands behind a colon.  A file that others may read, or change, is refused whole.
 */
#include "lib/conf/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "lib/base/text.h"
#include "lib/conf/report.h"

#define DEPTH_MAX	10			/* of includes */
#define FILES_MAX	1000
#define OCTETS_MAX	(16 * 1024 * 1024)	/* of one file */
#define INDEX_MAX	256			/* of one entry */

struct reader {
	struct secrets *out;
	const char *file;
	struct span text;			/* what has not been read */
	unsigned int line;			/* of the next octet of text */
	bool line_start;			/* the next octet is a line's first */
	bool memory;				/* include is refused */
	unsigned int depth;
	unsigned int *n_files;
};

/* A word of an entry. */
struct token {
	struct span text;			/* of quoted: between the quotes */
	bool quoted;
	unsigned int line;
};

static void read_path(struct reader *parent, const char *pattern, unsigned int line);

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_space(uint8_t c)
{
	return is_blank(c) || c == '\n';
}

static void complain(struct reader *r, unsigned int line, const char *fmt, ...) PRINTF(3, 4);

static void complain(struct reader *r, unsigned int line, const char *fmt, ...)
{
	struct whence w = { .file = r->file, .line = line };
	va_list ap;

	va_start(ap, fmt);
	report_v(&r->out->errors, &r->out->n_errors, (struct about){ .whence = &w }, fmt, ap);
	va_end(ap);
}

/* --- words --------------------------------------------------------------------------- */

static void advance(struct reader *r, size_t n)
{
	for (size_t i = 0; i < n && i < r->text.len; i++) {
		r->line_start = r->text.ptr[i] == '\n';
		r->line += r->line_start;
	}
	r->text = span_skip(r->text, n);
}

static void skip_line(struct reader *r)
{
	const uint8_t *end = r->text.len ? memchr(r->text.ptr, '\n', r->text.len) : NULL;

	advance(r, end ? (size_t)(end - r->text.ptr) + 1 : r->text.len);
}

/*
 * Go to the next word.  False when the entry has ended: at the end of the file, or
 * before something in the first column (a closing brace excepted: it ends what it is in).
 */
static bool skip_to_word(struct reader *r, bool braces)
{
	while (r->text.len > 0) {
		uint8_t c = r->text.ptr[0];

		if (c == '#')
			skip_line(r);
		else if (is_space(c))
			advance(r, 1);
		else
			return !r->line_start || (braces && c == '}');
	}
	return false;
}

/* To the next entry, over what is left of a bad one. */
static void skip_entry(struct reader *r)
{
	while (skip_to_word(r, false)) {
		while (r->text.len > 0 && !is_space(r->text.ptr[0]))
			advance(r, 1);
	}
}

/* A colon at the end of a word stands by itself; those within IPv6 addresses do not. */
static size_t word_length(struct span text)
{
	size_t n = 0;

	while (n < text.len && !is_space(text.ptr[n]))
		n++;
	if (n > 1 && text.ptr[n - 1] == ':' && text.ptr[n - 2] != ':')
		n--;
	return n;
}

static bool take_quoted(struct reader *r, struct token *t)
{
	struct span rest = span_skip(r->text, 1);
	size_t n = 0;

	while (n < rest.len && rest.ptr[n] != r->text.ptr[0] && rest.ptr[n] != '\n')
		n++;
	if (n >= rest.len || rest.ptr[n] == '\n') {
		complain(r, r->line, "unterminated string");
		return false;
	}
	*t = (struct token){ { rest.ptr, n }, true, r->line };
	advance(r, n + 2);
	return true;
}

/* False at the end of the entry, or after a complaint. */
static bool next_token(struct reader *r, bool braces, struct token *t)
{
	size_t n;

	if (!skip_to_word(r, braces))
		return false;
	if (r->text.ptr[0] == '"' || r->text.ptr[0] == '\'')
		return take_quoted(r, t);
	n = word_length(r->text);
	*t = (struct token){ { r->text.ptr, n }, false, r->line };
	advance(r, n);
	return true;
}

/* --- kinds of secrets ---------------------------------------------------------------- */

static bool read_psk(struct reader *r, const struct token *t, struct secret_entry *e)
{
	err_t ugh;

	if (t->quoted && t->text.len == 0) {
		complain(r, t->line, "empty pre-shared key");
		return false;
	}
	if (t->quoted) {
		secret_set(&e->psk, t->text);
		return true;
	}
	ugh = text_to_secret(t->text, &e->psk);
	if (ugh)
		complain(r, t->line, "pre-shared key data malformed (%s); "
			 "put text in double quotes", ugh);
	return !ugh;
}

static const struct {
	const char *name;
	size_t offset;
} rsa_fields[] = {
	{ "Modulus:",		offsetof(struct rsa_numbers, modulus) },
	{ "PublicExponent:",	offsetof(struct rsa_numbers, public_exponent) },
	{ "PrivateExponent:",	offsetof(struct rsa_numbers, private_exponent) },
	{ "Prime1:",		offsetof(struct rsa_numbers, prime1) },
	{ "Prime2:",		offsetof(struct rsa_numbers, prime2) },
	{ "Exponent1:",		offsetof(struct rsa_numbers, exponent1) },
	{ "Exponent2:",		offsetof(struct rsa_numbers, exponent2) },
	{ "Coefficient:",	offsetof(struct rsa_numbers, coefficient) },
};

/* "Modulus:" is two words here, as its colon stands by itself. */
static bool read_field_name(struct reader *r, const char *name)
{
	struct token t = { .line = r->line }, colon;
	struct span want = span_str(name);

	want.len--;
	if (!next_token(r, true, &t) || t.quoted || t.text.len != want.len ||
	    !span_eq(t.text, want) || !next_token(r, true, &colon) || colon.quoted ||
	    !span_is(colon.text, ":")) {
		complain(r, t.line, "%s keyword not found where expected in RSA key", name);
		return false;
	}
	return true;
}

static bool read_field(struct reader *r, const char *name, struct secret *out)
{
	struct token t = { .line = r->line };
	err_t ugh;

	if (!read_field_name(r, name))
		return false;
	if (!next_token(r, true, &t) || t.quoted) {
		complain(r, t.line, "RSA key: no value behind %s", name);
		return false;
	}
	ugh = text_to_secret(t.text, out);
	if (ugh)
		complain(r, t.line, "RSA data malformed (%s) in %s", ugh, name);
	return !ugh;
}

static bool read_fields(struct reader *r, struct rsa_numbers *n)
{
	struct token t = { .line = r->line };

	for (size_t i = 0; i < ARRAY_SIZE(rsa_fields); i++) {
		struct secret *field = (struct secret *)((char *)n + rsa_fields[i].offset);

		if (!read_field(r, rsa_fields[i].name, field))
			return false;
	}
	if (!next_token(r, true, &t) || t.quoted || !span_is(t.text, "}")) {
		complain(r, t.line, "malformed end of RSA key: } expected");
		return false;
	}
	return true;
}

static bool read_rsa(struct reader *r, const struct token *t, struct secret_entry *e)
{
	struct rsa_numbers n = { 0 };
	err_t ugh;
	bool ok;

	if (t->quoted || !span_is(t->text, "{")) {
		complain(r, t->line, "RSA key should be { Modulus: ... }, as ipsec newhostkey "
			 "writes it; key files are not supported");
		return false;
	}
	ok = read_fields(r, &n);
	if (ok) {
		ugh = rsa_priv_from_numbers(&n, &e->rsa);
		if (ugh) {
			complain(r, t->line, "bad RSA key: %s", ugh);
			ok = false;
		}
	}
	rsa_numbers_free(&n);
	return ok;
}

/* What stands behind the colon. */
static bool read_secret(struct reader *r, struct secret_entry *e)
{
	struct token t = { .line = r->line };
	struct shown sh;
	size_t before = r->out->n_errors;

	if (!next_token(r, false, &t)) {
		if (before == r->out->n_errors)
			complain(r, t.line, "unexpected end of line: no secret behind the colon");
		return false;
	}
	e->kind = SECRET_PSK;
	if (t.quoted)
		return read_psk(r, &t, e);
	if (span_is_nocase(t.text, "RSA"))
		e->kind = SECRET_RSA;
	else if (span_is_nocase(t.text, "XAUTH") || span_is_nocase(t.text, "PIN")) {
		complain(r, t.line, "%s secrets are not supported", shown(t.text, &sh));
		return false;
	} else if (!span_is_nocase(t.text, "PSK")) {
		complain(r, t.line, "unrecognized kind of secret: PSK or RSA expected");
		return false;
	}
	if (!next_token(r, e->kind == SECRET_RSA, &t)) {
		if (before == r->out->n_errors)
			complain(r, r->line, "unexpected end of line: no data behind %s",
				 e->kind == SECRET_RSA ? "RSA" : "PSK");
		return false;
	}
	return e->kind == SECRET_RSA ? read_rsa(r, &t, e) : read_psk(r, &t, e);
}

/* --- entries ------------------------------------------------------------------------- */

static void entry_free(struct secret_entry *e)
{
	for (size_t i = 0; i < e->n_index; i++)
		id_free(&e->index[i]);
	free(e->index);
	secret_free(&e->psk);
	rsa_priv_unref(e->rsa);
	free(e);
}

static bool is_dns_name(struct span s, const struct id *id)
{
	return id->type == ID_FQDN && !span_starts(s, "@");
}

static bool add_index(struct reader *r, const struct token *t, struct secret_entry *e)
{
	struct id id = { 0 };
	struct shown sh;
	err_t ugh;

	if (memchr(t->text.ptr, '"', t->text.len)) {
		complain(r, t->line, "quote in an index: is there a blank behind the colon?");
		return false;
	}
	ugh = ttoid(t->text, &id);
	if (!ugh && is_dns_name(t->text, &id))
		ugh = "is a name for the DNS: give the address, or @ and the name";
	if (ugh) {
		complain(r, t->line, "index \"%s\" %s", shown(t->text, &sh), ugh);
		id_free(&id);
		return false;
	}
	if (e->n_index % 8 == 0)
		e->index = xrealloc(e->index, (e->n_index + 8) * sizeof(e->index[0]));
	e->index[e->n_index++] = id;
	return true;
}

/*
 * From the indices to the secret; first is the entry's first word.
 *
 * Words become indices only when the colon, or the quoted key of the old form, has been
 * seen: before that any of them may be a secret that somebody wrote without a colon, and
 * no message may quote it.
 */
static bool read_indices(struct reader *r, const struct token *first, struct token *word,
			 size_t *n, struct token *end)
{
	size_t before = r->out->n_errors;
	struct token t = *first;

	while (!t.quoted && !span_is(t.text, ":")) {
		if (*n >= INDEX_MAX) {
			complain(r, t.line, "more than %d indices", INDEX_MAX);
			return false;
		}
		word[(*n)++] = t;
		if (next_token(r, false, &t))
			continue;
		if (before == r->out->n_errors)
			complain(r, first->line, "unexpected end of entry: no colon and no secret");
		return false;
	}
	*end = t;
	return true;
}

static bool read_entry(struct reader *r, const struct token *first, struct secret_entry *e)
{
	struct token word[INDEX_MAX], end;
	size_t n = 0;

	if (!read_indices(r, first, word, &n, &end))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add_index(r, &word[i], e))
			return false;
	return end.quoted ? read_psk(r, &end, e) : read_secret(r, e);
}

static void include(struct reader *r, unsigned int line)
{
	struct token t;
	char *pattern;

	if (!next_token(r, false, &t)) {
		complain(r, line, "include without the name of a file");
		return;
	}
	if (r->memory) {
		complain(r, line, "include is not possible here");
		return;
	}
	pattern = span_dup(t.text);
	read_path(r, pattern, line);
	free(pattern);
}

/* No more of this entry. */
static bool entry_ends(struct reader *r)
{
	if (!skip_to_word(r, false))
		return true;
	complain(r, r->line, "unexpected text behind the secret");
	return false;
}

static void read_one(struct reader *r)
{
	struct secret_entry *e;
	unsigned int line = r->line;
	struct token t = { .line = line };

	r->line_start = false;
	if (!next_token(r, false, &t))
		return;
	if (!t.quoted && span_is(t.text, "include")) {
		include(r, line);
		return;
	}
	e = xalloc(sizeof(*e));
	e->whence = (struct whence){ .file = r->file, .line = line };
	if (read_entry(r, &t, e) && entry_ends(r))
		list_add(&r->out->entries, &e->link);
	else
		entry_free(e);
}

static void read_text(struct reader *r)
{
	r->line = 1;
	r->line_start = true;
	while (r->text.len > 0) {
		if (skip_to_word(r, false))
			complain(r, r->line, "indented line is not part of an entry");
		else if (r->text.len > 0)
			read_one(r);
		skip_entry(r);
	}
}

/* --- files --------------------------------------------------------------------------- */

static err_t check_file(int fd, off_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a file";
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return "it belongs to another user: chown root it";
	if (st.st_mode & (S_IROTH | S_IWOTH | S_IWGRP))
		return "others may read or change it: chmod 600 it";
	if (st.st_size > OCTETS_MAX)
		return "it is too large";
	*size = st.st_size;
	return NULL;
}

static err_t read_secret_file(const char *path, struct secret *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	off_t size = 0;
	ssize_t n = 1;
	size_t have = 0;
	err_t ugh;

	if (fd < 0)
		return strerror(errno);
	ugh = check_file(fd, &size);
	if (!ugh && size > 0) {
		secret_alloc(out, (size_t)size);
		while (have < out->len && n > 0) {
			n = read(fd, out->ptr + have, out->len - have);
			have += n > 0 ? (size_t)n : 0;
		}
		if (n < 0)
			ugh = strerror(errno);
		else if (have < out->len)
			ugh = "it is being changed";
	}
	close(fd);
	return ugh;
}

static void read_one_file(struct reader *parent, const char *path, unsigned int line)
{
	struct reader r = *parent;
	struct secret text = { 0 };
	err_t ugh;

	if ((*r.n_files)++ >= FILES_MAX) {
		complain(parent, line, "too many files included");
		return;
	}
	ugh = read_secret_file(path, &text);
	if (ugh) {
		complain(parent, line, "cannot use \"%s\": %s", path, ugh);
	} else {
		r.file = file_name_keep(&r.out->files, path);
		r.text = secret_span(&text);
		r.depth++;
		read_text(&r);
	}
	secret_free(&text);
}

static char *relative_to(const char *file, const char *pattern)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	if (pattern[0] == '/' || !slash)
		return xstrdup(pattern);
	return xasprintf("%.*s/%s", (int)(slash - file), file, pattern);
}

static void read_path(struct reader *parent, const char *name, unsigned int line)
{
	char *pattern = relative_to(parent->file, name);
	struct shown sh;
	glob_t found = { 0 };

	shown(span_str(pattern), &sh);
	if (parent->depth > DEPTH_MAX)
		complain(parent, line, "preshared secrets file \"%s\" nested too deeply", sh.s);
	else if (glob(pattern, 0, NULL, &found) != 0)
		complain(parent, line, "no secrets filename matched \"%s\"", sh.s);
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_one_file(parent, found.gl_pathv[i], line);
	globfree(&found);
	free(pattern);
}

/* --- in and out ---------------------------------------------------------------------- */

static struct secrets *secrets_new(void)
{
	struct secrets *s = xalloc(sizeof(*s));

	list_init(&s->files);
	list_init(&s->entries);
	list_init(&s->errors);
	return s;
}

struct secrets *secrets_load(const char *path)
{
	unsigned int n_files = 0;
	struct reader r = { .out = secrets_new(), .n_files = &n_files };

	read_path(&r, path, 0);
	return r.out;
}

struct secrets *secrets_parse(const char *name, struct span text)
{
	unsigned int n_files = 0;
	struct reader r = { .out = secrets_new(), .n_files = &n_files, .memory = true,
			    .text = text };

	r.file = file_name_keep(&r.out->files, name);
	read_text(&r);
	return r.out;
}

void secrets_free(struct secrets *s)
{
	struct secret_entry *e, *tmp;

	if (!s)
		return;
	LIST_EACH_SAFE(e, tmp, &s->entries, struct secret_entry, link) {
		list_del(&e->link);
		entry_free(e);
	}
	reports_free(&s->errors);
	file_names_free(&s->files);
	free(s);
}

void secrets_error_show(const struct conf_error *e, struct buf *out)
{
	if (e->whence.file && e->whence.line)
		buf_printf(out, "\"%s\" line %u: ", e->whence.file, e->whence.line);
	buf_add_str(out, e->text);
}
