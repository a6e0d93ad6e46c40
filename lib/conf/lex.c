/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipsec.conf(5) as lines.
 *
 *	version 2			head lines start in the first column
 *	include ipsec.*.conf
 *	conn west-east			opens a section
 *		left=198.51.100.1	indented: a parameter of the section above
 *		leftupdown="ipsec _updown --log"
 *
 * Blank lines and comments mean nothing, wherever they stand; an include ends the
 * section above it, before and behind.  Names of included files are relative to the
 * directory of the including one, and may be patterns of the shell.
 *
 * The reader goes on after an error, so that one run shows all of them; parameters
 * below a bad head are checked for their form and dropped.  Each octet is looked at a fixed
 * number of times.  Files and includes are bounded, lest a loop of includes fill memory.
 */
#include "lib/conf/lex.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "lib/conf/report.h"

#define DEPTH_MAX	10			/* of includes */
#define FILES_MAX	1000
#define OCTETS_MAX	(64 * 1024 * 1024)	/* of all files together */
#define LINE_MAX_LEN	65535			/* a whack message holds no more, either */
#define FIELDS_MAX	8			/* of a head line that we count */

struct lexer {
	struct conf *conf;
	struct lexed *out;
	struct section *section;		/* the one that is open; NULL */
	bool skip;				/* parameters belong to a head that was bad */
	bool begun;				/* something but comments has been seen */
	bool memory;				/* no files: include is refused */
	unsigned int depth, n_files;
	size_t octets;
};

/* One line of one file. */
struct line {
	struct whence whence;
	struct span text;
};

static void read_text(struct lexer *lx, const char *file, struct span text);

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Where in its line a piece of it stands, for messages. */
static struct whence at(const struct line *line, struct span piece)
{
	struct whence w = line->whence;

	w.column = (unsigned int)(piece.ptr - line->text.ptr) + 1;
	return w;
}

/* An error below the head of a connection spoils that one; elsewhere, the file. */
static const char *spoil(struct lexer *lx)
{
	if (!lx->section || lx->section->is_config || section_is_default(lx->section))
		return NULL;
	lx->section->bad = true;
	return lx->section->name;
}

static void complain(struct lexer *lx, const struct line *line, struct span piece,
		     const char *hint, const char *text)
{
	struct whence w = at(line, piece);

	conf_err(lx->conf, (struct about){ .whence = &w, .conn = spoil(lx), .hint = hint },
		 "%s", text);
}

/* The same of messages that end in what was found: text "found". */
static void complain_of(struct lexer *lx, const struct line *line, struct span piece,
			const char *hint, const char *text)
{
	struct whence w = at(line, piece);
	struct shown sh;

	conf_err(lx->conf, (struct about){ .whence = &w, .conn = spoil(lx), .hint = hint },
		 "%s \"%s\"", text, shown(piece, &sh));
}

/* --- words --------------------------------------------------------------------------- */

/* Without a comment (a # at the start or behind a blank, not in quotes) and trailing blanks. */
static struct span cut_comment(struct span s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"')
			quoted = !quoted;
		else if (s.ptr[i] == '#' && !quoted && (i == 0 || is_blank(s.ptr[i - 1])))
			s.len = i;
	}
	while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* Take the next word; false at the end. */
static bool next_field(struct span *in, struct span *word)
{
	size_t n = 0;

	while (in->len > 0 && is_blank(in->ptr[0]))
		*in = span_skip(*in, 1);
	while (n < in->len && !is_blank(in->ptr[n]))
		n++;
	return n > 0 && span_take(in, n, word);
}

static size_t split_fields(struct span text, struct span field[FIELDS_MAX])
{
	struct span word;
	size_t n = 0;

	while (next_field(&text, &word)) {
		if (n < FIELDS_MAX)
			field[n] = word;
		n++;
	}
	return n;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name_char(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* ^[a-zA-Z][a-zA-Z0-9._-]*$ */
static bool is_section_name(struct span s)
{
	if (s.len == 0 || !is_letter(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_name_char(s.ptr[i]) && s.ptr[i] != '.')
			return false;
	return true;
}

/* ^[a-zA-Z_][a-zA-Z0-9_-]*$ */
static bool is_param_name(struct span s)
{
	if (s.len == 0 || (!is_letter(s.ptr[0]) && s.ptr[0] != '_'))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_name_char(s.ptr[i]))
			return false;
	return true;
}

/* Control characters of ASCII and of ISO 8859, but for the tab. */
static bool is_printable(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.ptr[i] < ' ' && s.ptr[i] != '\t') || (s.ptr[i] >= 127 && s.ptr[i] <= 159))
			return false;
	return true;
}

/* --- parameters ---------------------------------------------------------------------- */

static bool take_value(struct lexer *lx, const struct line *line, struct span name,
		       struct span raw, struct span *value)
{
	static const char mismatched[] = "mismatched quotes in parameter value";
	const uint8_t *quote;
	struct span inside;

	*value = raw;
	if (raw.len > 0 && raw.ptr[0] == '"') {
		inside = span_of(raw.ptr + 1, raw.len - 1);
		quote = memchr(inside.ptr, '"', inside.len);
		if (!quote || quote != raw.ptr + raw.len - 1) {
			complain(lx, line, raw, "a value cannot hold a quote", mismatched);
			return false;
		}
		*value = span_of(inside.ptr, inside.len - 1);
		return true;
	}
	if (raw.len > 0 && memchr(raw.ptr, '"', raw.len)) {
		complain(lx, line, raw, "put the whole value in quotes, or nothing", mismatched);
		return false;
	}
	for (size_t i = 0; i < raw.len; i++) {
		if (is_blank(raw.ptr[i])) {
			complain_of(lx, line, name, "put the value in double quotes",
				    "white space within non-quoted parameter");
			return false;
		}
	}
	return true;
}

/* Keys of manual connections are not for messages, whatever is wrong with them. */
static const char *shown_value(struct span name, struct span value, struct shown *out)
{
	bool key = name.len > 3 && span_is(span_skip(name, name.len - 3), "key");

	return key ? "..." : shown(value, out);
}

static void read_param(struct lexer *lx, const struct line *line, struct span text)
{
	struct span name, raw, value;
	struct shown sh;
	struct whence w;

	if (!lx->section && !lx->skip) {
		complain(lx, line, text, "it needs a line such as \"conn NAME\" above it",
			 "parameter is not within a section");
		return;
	}
	if (!span_split(text, '=', &name, &raw) || !is_param_name(span_trim(name))) {
		complain(lx, line, text, "expected name=value",
			 "syntax error or illegal parameter name");
		return;
	}
	name = span_trim(name);
	if (!take_value(lx, line, name, span_trim(raw), &value))
		return;
	w = at(line, name);
	if (!is_printable(value)) {
		conf_err(lx->conf, (struct about){ .whence = &w, .conn = spoil(lx) },
			 "parameter value \"%s\" contains unprintable character",
			 shown_value(name, value, &sh));
		return;
	}
	if (!lx->skip)
		section_add_param(lx->section, w, name, value);
}

/* --- files --------------------------------------------------------------------------- */

static void file_error(struct lexer *lx, const struct whence *from, const char *path,
		       const char *why)
{
	struct shown sh;

	conf_err(lx->conf, (struct about){ .whence = from }, "cannot read \"%s\": %s",
		 shown(span_str(path), &sh), why);
}

static void writable(struct lexer *lx, const char *path)
{
	struct whence w = { .file = file_name_keep(&lx->conf->files, path) };

	conf_warn(lx->conf, (struct about){ .whence = &w, .hint = "chmod 644 it" },
		  "anybody can change this file");
}

/* There may be keys in it: growing, where it could leave a copy behind, is for giants. */
static bool read_all(int fd, size_t max, struct buf *out)
{
	buf_grow(out, 4 * 65536);
	buf_clear(out);
	for (;;) {
		uint8_t *room = buf_grow(out, 65536);
		ssize_t n = read(fd, room, 65536);

		out->len -= 65536 - (n > 0 ? (size_t)n : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (out->len > max) {
			errno = EFBIG;
			return false;
		}
		if (n == 0)
			return true;
	}
}

/* An included name must be of a file: reading a pipe would block. */
static bool read_file(struct lexer *lx, const struct whence *from, const char *path,
		      struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | (from ? O_NONBLOCK : 0));
	struct stat st;
	bool ok;

	if (fd < 0) {
		file_error(lx, from, path, strerror(errno));
		return false;
	}
	if (from && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		file_error(lx, from, path, "not a file");
		close(fd);
		return false;
	}
	/* It names commands that root runs. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH))
		writable(lx, path);
	ok = read_all(fd, OCTETS_MAX - lx->octets, out);
	if (!ok)
		file_error(lx, from, path, strerror(errno));
	close(fd);
	lx->octets += out->len < OCTETS_MAX - lx->octets ? out->len : OCTETS_MAX - lx->octets;
	return ok;
}

static void enter_file(struct lexer *lx, const struct whence *from, const char *path)
{
	struct buf text = { 0 };

	if (lx->n_files >= FILES_MAX) {
		if (lx->n_files++ == FILES_MAX)
			file_error(lx, from, path, "too many files included");
		return;
	}
	lx->n_files++;
	if (read_file(lx, from, path, &text)) {
		lx->depth++;
		read_text(lx, file_name_keep(&lx->conf->files, path), buf_span(&text));
		lx->depth--;
	}
	secret_wipe(text.ptr, text.cap);
	buf_free(&text);
}

/* The pattern below the directory of the file in which it stands; the caller frees it. */
static char *relative_to(const char *file, struct span pattern)
{
	const char *slash = strrchr(file, '/');

	if (pattern.ptr[0] == '/' || !slash)
		return span_dup(pattern);
	return xasprintf("%.*s/%.*s", (int)(slash - file), file, (int)pattern.len,
			 (const char *)pattern.ptr);
}

static void include(struct lexer *lx, const struct line *line, struct span word)
{
	struct whence w = at(line, word);
	glob_t found = { 0 };
	char *pattern;

	if (word.len > 2 && word.ptr[0] == '"' && word.ptr[word.len - 1] == '"')
		word = span_of(word.ptr + 1, word.len - 2);
	if (lx->memory || lx->depth >= DEPTH_MAX || !is_printable(word)) {
		complain_of(lx, line, word, NULL,
			    lx->memory ? "include is not possible here:" :
			    lx->depth >= DEPTH_MAX ? "includes nested too deeply:" :
			    "unprintable character in the name of a file:");
		return;
	}
	pattern = relative_to(line->whence.file, word);
	switch (glob(pattern, GLOB_NOCHECK, NULL, &found)) {
	case 0:
		/* Nothing fits a pattern: that is fine, as with run-parts directories. */
		if (found.gl_pathc == 1 && strcmp(found.gl_pathv[0], pattern) == 0 &&
		    strpbrk(pattern, "*?[") && access(pattern, F_OK) < 0)
			break;
		for (size_t i = 0; i < found.gl_pathc; i++)
			enter_file(lx, &w, found.gl_pathv[i]);
		break;
	default:
		file_error(lx, &w, pattern, "cannot expand the pattern");
	}
	globfree(&found);
	free(pattern);
}

/* --- head lines ---------------------------------------------------------------------- */

static void read_version(struct lexer *lx, const struct line *line, const struct span *field,
			 size_t n)
{
	if (n != 2) {
		complain(lx, line, field[0], "the line should be: version 2",
			 "we only support version 2 ipsec.conf files");
		return;
	}
	if (!span_is(field[1], "2") && !span_is(field[1], "2.0")) {
		complain_of(lx, line, field[1], NULL,
			    "we only support version 2.0 ipsec.conf files, not");
		return;
	}
	if (lx->begun) {
		complain(lx, line, field[0], "move it to the top, before any include",
			 "\"version\" must be the first line of the file");
		return;
	}
	lx->conf->version = 2;
}

/* NULL, or what is wrong with a head of two words. */
static const char *check_head(const struct span *field, const char **hint, size_t *culprit)
{
	bool config = span_is(field[0], "config");

	*culprit = 0;
	*hint = NULL;
	if (!config && !span_is(field[0], "conn")) {
		*hint = "expected conn, config, include or version; indent parameters";
		return "section type";
	}
	*culprit = 1;
	if (span_is(field[1], "%default"))
		return NULL;
	if (config)
		return span_is(field[1], "setup") ? NULL : "unknown config section";
	if (is_section_name(field[1]))
		return NULL;
	*hint = "a letter, then letters, digits, . _ -";
	return "invalid section name";
}

static void open_section(struct lexer *lx, const struct line *line, const struct span *field)
{
	struct section *s = xalloc(sizeof(*s));

	s->is_config = span_is(field[0], "config");
	s->name = span_dup(field[1]);
	s->whence = at(line, field[0]);
	s->order = lx->out->n_sections++;
	list_init(&s->params);
	list_init(&s->privates);
	list_add(&lx->out->sections, &s->link);
	lx->section = s;
}

/* What may be a parameter that is not indented, without the key that may be its value. */
static struct span without_key(struct span s)
{
	const uint8_t *key = s.len ? memmem(s.ptr, s.len, "key", 3) : NULL;

	return key ? span_of(s.ptr, (size_t)(key - s.ptr) + 3) : s;
}

static void read_section_head(struct lexer *lx, const struct line *line,
			      const struct span *field, size_t n)
{
	struct whence w = at(line, field[0]);
	const char *wrong, *hint;
	size_t culprit;
	struct shown sh;

	lx->skip = true;
	if (n != 2) {
		hint = memchr(line->text.ptr, '=', line->text.len) ?
		       "parameters must be indented" : "expected: conn NAME";
		conf_err(lx->conf, (struct about){ .whence = &w, .hint = hint },
			 "section header \"%s\" has wrong number of fields (%zu)",
			 shown(without_key(cut_comment(line->text)), &sh), n);
		return;
	}
	wrong = check_head(field, &hint, &culprit);
	if (wrong) {
		w = at(line, field[culprit]);
		conf_err(lx->conf, (struct about){ .whence = &w, .hint = hint }, "%s \"%s\"%s",
			 wrong, shown(without_key(field[culprit]), &sh), culprit ? "" : " not recognized");
		return;
	}
	lx->skip = false;
	open_section(lx, line, field);
}

static void read_head(struct lexer *lx, const struct line *line, struct span text)
{
	struct span field[FIELDS_MAX];
	size_t n = split_fields(text, field);

	lx->section = NULL;
	lx->skip = false;
	if (span_is(field[0], "version")) {
		read_version(lx, line, field, n);
		lx->begun = true;
		return;
	}
	lx->begun = true;
	if (span_is(field[0], "include") && n == 2) {
		include(lx, line, field[1]);
		lx->section = NULL;
		lx->skip = false;
		return;
	}
	read_section_head(lx, line, field, n);
}

/* --- lines --------------------------------------------------------------------------- */

static void read_line(struct lexer *lx, const struct line *line)
{
	struct span text = cut_comment(line->text);
	bool indented = text.len > 0 && is_blank(text.ptr[0]);

	text = span_trim(text);
	if (text.len == 0)
		return;
	if (text.len > LINE_MAX_LEN) {
		complain(lx, line, line->text, NULL,
			 "line is longer than 65535 characters");
		return;
	}
	if (indented) {
		lx->begun = true;
		read_param(lx, line, text);
	} else {
		read_head(lx, line, text);
	}
}

static void read_text(struct lexer *lx, const char *file, struct span text)
{
	struct line line = { .whence = { .file = file } };
	bool more = text.len > 0;

	if (span_starts(text, "\xef\xbb\xbf"))	/* some editors put it before UTF-8 */
		text = span_skip(text, 3);
	while (more) {
		more = span_split(text, '\n', &line.text, &text);
		if (line.text.len > 0 && line.text.ptr[line.text.len - 1] == '\r')
			line.text.len--;
		line.whence.line++;
		read_line(lx, &line);
	}
}

/* --- in and out ---------------------------------------------------------------------- */

static void lexed_init(struct lexed *l)
{
	list_init(&l->sections);
	l->n_sections = 0;
}

void lex_file(struct conf *c, const char *path, struct lexed *out)
{
	struct lexer lx = { .conf = c, .out = out };
	struct whence w = { .file = file_name_keep(&c->files, path) };

	lexed_init(out);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		conf_warn(c, (struct about){ .whence = &w },
			  "there is no such file: taken as an empty one");
		return;
	}
	enter_file(&lx, NULL, path);
}

void lex_text(struct conf *c, const char *name, struct span text, struct lexed *out)
{
	struct lexer lx = { .conf = c, .out = out, .memory = true };

	lexed_init(out);
	read_text(&lx, file_name_keep(&c->files, name), text);
}
