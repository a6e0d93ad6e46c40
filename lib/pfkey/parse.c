// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From octets to a PF_KEYv2 message that can be trusted to be well formed.
 *
 * pfkey_parse() proves the frame: RFC 2367 section 2.  Every extension lies inside
 * the message, is long enough and sane, and occurs once.  pfkey_check() then proves
 * the message complete for its type: RFC 2367 section 3.1.  After both, a handler
 * may look at what its type requires without asking again.
 *
 * Whoever sent the octets is not trusted: no length is believed before it has been
 * compared with what is left, and nothing is read past the end.  Nothing here
 * allocates, logs or keeps state.
 */
#include "lib/pfkey/ext.h"

static int refuse(struct pfkey_error *e, int err, unsigned int ext, const char *why)
{
	e->ext = ext;
	e->why = why;
	return err;
}

/* The same, for a number that is not between low and high. */
static int refuse_number(struct pfkey_error *e, int err, unsigned int ext, const char *why,
			 const char *field, uint64_t found, uint64_t low, uint64_t high)
{
	e->field = field;
	e->found = found;
	e->low = low;
	e->high = high;
	return refuse(e, err, ext, why);
}

static int parse_header(const struct sadb_msg *base, size_t len, struct pfkey_error *e)
{
	if (len < sizeof(*base))
		return refuse(e, -EMSGSIZE, 0, "shorter than a header");
	if (base->sadb_msg_version != PF_KEY_V2)
		return refuse_number(e, -EINVAL, 0, "version is not 2", "sadb_msg_version",
				     base->sadb_msg_version, PF_KEY_V2, PF_KEY_V2);
	if (len != (size_t)base->sadb_msg_len * 8)
		return refuse_number(e, -EMSGSIZE, 0, "length differs from what the header says",
				     "sadb_msg_len", base->sadb_msg_len, len / 8, len / 8);
	if (base->sadb_msg_reserved)
		return refuse_number(e, -EINVAL, 0, "reserved field not zero",
				     "sadb_msg_reserved", base->sadb_msg_reserved, 0, 0);
	return 0;
}

/* Take the extension at ext, of which left octets are inside the message. */
static int parse_ext(struct pfkey_msg *m, const struct sadb_ext *ext, size_t left,
		     struct pfkey_error *e)
{
	unsigned int type = ext->sadb_ext_type;
	size_t len = (size_t)ext->sadb_ext_len * 8;
	const struct pfkey_ext_row *row = pfkey_ext_row(type);
	const char *why;

	if (!len)
		return refuse(e, -EINVAL, type, "length of zero");
	if (len > left)
		return refuse_number(e, -EINVAL, type, "runs past the end of the message",
				     "length in octets", len, 8, left);
	if (!row)
		return refuse(e, -EINVAL, type, "unknown extension");
	if (m->present & PFKEY_BIT(type))
		return refuse(e, -EINVAL, type, "occurs twice");
	if (len < row->min || len > row->max)
		return refuse_number(e, -EINVAL, type, len < row->min ? "too short" : "too long",
				     "length in octets", len, row->min, row->max);
	why = row->check ? row->check(ext, e) : NULL;
	if (why)
		return refuse(e, -EINVAL, type, why);

	m->present |= PFKEY_BIT(type);
	m->ext[type] = ext;
	return 0;
}

int pfkey_parse(const void *buf, size_t len, struct pfkey_msg *m, struct pfkey_error *e)
{
	size_t at = sizeof(struct sadb_msg);
	int err;

	memset(m, 0, sizeof(*m));
	memset(e, 0, sizeof(*e));
	err = parse_header(buf, len, e);
	if (err)
		return err;
	m->base = buf;

	/* len is a multiple of 8, and so is every step: at least 8 octets are left. */
	while (at < len) {
		const struct sadb_ext *ext =
			(const struct sadb_ext *)((const uint8_t *)buf + at);

		err = parse_ext(m, ext, len - at, e);
		if (err)
			return err;
		at += (size_t)ext->sadb_ext_len * 8;
	}
	return 0;
}

static unsigned int lowest(uint64_t set)
{
	unsigned int ext = 0;

	while (!(set & PFKEY_BIT(ext)))
		ext++;
	return ext;
}

/* Is what stands in the header known, and does it go together? */
static int check_header(const struct pfkey_msg *m, const struct pfkey_msg_row *row,
			enum pfkey_dir dir, struct pfkey_error *e)
{
	const struct sadb_msg *base = m->base;

	if (!row)
		return refuse_number(e, -EOPNOTSUPP, 0, "unknown message type", "sadb_msg_type",
				     base->sadb_msg_type, SADB_GETSPI, SADB_MAX);
	/* What has been refused may have been as odd as you like. */
	if (dir == PFKEY_UP && base->sadb_msg_errno)
		return 0;
	if (!row->set[dir].legal)
		return refuse(e, -EOPNOTSUPP, 0, "message type not for this direction");
	if (!pfkey_satype_name(base->sadb_msg_satype) && base->sadb_msg_type != SADB_X_PROMISC)
		return refuse_number(e, -EINVAL, 0, "unknown SA type", "sadb_msg_satype",
				     base->sadb_msg_satype, SADB_SATYPE_AH, SADB_SATYPE_MAX);
	if (base->sadb_msg_satype > SADB_SATYPE_MAX ||
	    !(row->satypes & 1U << base->sadb_msg_satype))
		return refuse(e, -EINVAL, 0, "SA type not for this message type");
	return 0;
}

int pfkey_check(const struct pfkey_msg *m, enum pfkey_dir dir, struct pfkey_error *e)
{
	const struct pfkey_msg_row *row = pfkey_msg_row(m->base->sadb_msg_type);
	bool refusal = dir == PFKEY_UP && m->base->sadb_msg_errno;
	uint64_t missing, extra, may;
	const char *why;
	int err;

	memset(e, 0, sizeof(*e));
	err = check_header(m, row, dir, e);
	if (err)
		return err;

	may = row->set[dir].need | row->set[dir].may;
	if (refusal)
		may |= PFKEY_BIT(SADB_X_EXT_ERROR);
	extra = m->present & ~may;
	if (extra)
		return refuse(e, -EINVAL, lowest(extra), "not for this message type");
	/* The kernel refuses with a header, and its reason: RFC 2367 section 2.1. */
	if (refusal)
		return 0;
	missing = row->set[dir].need & ~m->present;
	if (missing) {
		e->need = row->set[dir].need;
		return refuse(e, -EINVAL, lowest(missing), "missing");
	}
	why = row->check ? row->check(m, dir) : NULL;
	return why ? refuse(e, -EINVAL, 0, why) : 0;
}

/* Append to a text that is cut where it does not fit; returns its new length. */
static size_t append(char *text, size_t size, size_t len, const char *more)
{
	size_t n = strlen(more);

	if (n > size - 1 - len)
		n = size - 1 - len;
	memcpy(text + len, more, n);
	text[len + n] = 0;
	return len + n;
}

static size_t append_number(char *text, size_t size, size_t len, uint64_t n)
{
	char digits[24];

	snprintf(digits, sizeof(digits), n > 0xffff ? "0x%llx" : "%llu", (unsigned long long)n);
	return append(text, size, len, digits);
}

static size_t append_names(char *text, size_t size, size_t len, uint64_t set)
{
	const char *between = ": needed are ";
	unsigned int i;

	for (i = 1; i <= SADB_EXT_MAX; i++) {
		if (!(set & PFKEY_BIT(i)))
			continue;
		len = append(text, size, len, between);
		len = append(text, size, len, pfkey_ext_name(i));
		between = ", ";
	}
	return len;
}

const char *pfkey_error_text(const struct pfkey_error *e, char *text, size_t size)
{
	const char *name = pfkey_ext_name(e->ext);
	size_t len = 0;

	if (!size)
		return text;
	text[0] = 0;
	if (name) {
		len = append(text, size, len, name);
	} else {
		len = append(text, size, len, "extension ");
		len = append_number(text, size, len, e->ext);
	}
	len = append(text, size, len, ": ");
	len = append(text, size, len, e->why);
	append_names(text, size, len, e->need);
	if (!e->field)
		return text;
	len = append(text, size, len, ": ");
	len = append(text, size, len, e->field);
	len = append(text, size, len, " is ");
	len = append_number(text, size, len, e->found);
	len = append(text, size, len, ", must be ");
	len = append_number(text, size, len, e->low);
	if (e->high != e->low) {
		len = append(text, size, len, " to ");
		append_number(text, size, len, e->high);
	}
	return text;
}

const struct sockaddr *pfkey_sockaddr(const struct sadb_ext *ext)
{
	return (const struct sockaddr *)((const uint8_t *)ext + sizeof(struct sadb_address));
}

const uint8_t *pfkey_key(const struct sadb_ext *ext, size_t *len)
{
	*len = ((const struct sadb_key *)ext)->sadb_key_bits / 8;
	return (const uint8_t *)ext + sizeof(struct sadb_key);
}

const char *pfkey_ident(const struct sadb_ext *ext)
{
	return (const char *)ext + sizeof(struct sadb_ident);
}

const char *pfkey_refusal(const struct pfkey_msg *m)
{
	const struct sadb_ext *ext = m->ext[SADB_X_EXT_ERROR];

	return ext ? (const char *)ext + sizeof(struct sadb_x_error) : NULL;
}

/* The short forms lack the fields at the end: those read as zero. */
static void widen(void *to, size_t size, const struct sadb_ext *ext)
{
	size_t len = (size_t)ext->sadb_ext_len * 8;

	memset(to, 0, size);
	memcpy(to, ext, len < size ? len : size);
}

void pfkey_sa(const struct sadb_ext *ext, struct sadb_sa *out)
{
	widen(out, sizeof(*out), ext);
}

void pfkey_lifetime(const struct sadb_ext *ext, struct sadb_lifetime *out)
{
	widen(out, sizeof(*out), ext);
}
