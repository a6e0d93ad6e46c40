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

static int parse_header(const struct sadb_msg *base, size_t len, struct pfkey_error *e)
{
	if (len < sizeof(*base))
		return refuse(e, -EMSGSIZE, 0, "shorter than a header");
	if (base->sadb_msg_version != PF_KEY_V2)
		return refuse(e, -EINVAL, 0, "version is not 2");
	if (len != (size_t)base->sadb_msg_len * 8)
		return refuse(e, -EMSGSIZE, 0, "length differs from what the header says");
	if (base->sadb_msg_reserved)
		return refuse(e, -EINVAL, 0, "reserved field not zero");
	if (!pfkey_satype_name(base->sadb_msg_satype))
		return refuse(e, -EINVAL, 0, "unknown SA type");
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
		return refuse(e, -EINVAL, type, "runs past the end of the message");
	if (!row)
		return refuse(e, -EINVAL, type, "unknown extension");
	if (m->present & PFKEY_BIT(type))
		return refuse(e, -EINVAL, type, "occurs twice");
	if (len < row->min)
		return refuse(e, -EINVAL, type, "too short");
	if (len > row->max)
		return refuse(e, -EINVAL, type, "too long");
	why = row->check ? row->check(ext) : NULL;
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

int pfkey_check(const struct pfkey_msg *m, enum pfkey_dir dir, struct pfkey_error *e)
{
	const struct pfkey_msg_row *row = pfkey_msg_row(m->base->sadb_msg_type);
	const struct pfkey_set *set;
	uint64_t missing, extra;
	const char *why;

	if (!row)
		return refuse(e, -EOPNOTSUPP, 0, "unknown message type");
	set = &row->set[dir];
	if (!set->legal)
		return refuse(e, -EOPNOTSUPP, 0, "message type not for this direction");
	if (!(row->satypes & 1U << m->base->sadb_msg_satype))
		return refuse(e, -EINVAL, 0, "SA type not for this message type");

	extra = m->present & ~(set->need | set->may);
	if (extra)
		return refuse(e, -EINVAL, lowest(extra), "not for this message type");
	/* The kernel refuses with a bare header: RFC 2367 section 2.1, sadb_msg_errno. */
	if (dir == PFKEY_UP && m->base->sadb_msg_errno)
		return 0;
	missing = set->need & ~m->present;
	if (missing)
		return refuse(e, -EINVAL, lowest(missing), "missing");
	why = row->check ? row->check(m, dir) : NULL;
	return why ? refuse(e, -EINVAL, 0, why) : 0;
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
