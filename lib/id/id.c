/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities of ISAKMP peers.
 *
 *	text (ipsec.conf, ipsec.secrets)	type
 *	198.51.100.2, 2001:db8::2		ID_IPV4_ADDR, ID_IPV6_ADDR
 *	@gw.example.org, gw.example.org		ID_FQDN
 *	admin@gw.example.org			ID_USER_FQDN
 *	@#0123abcd				ID_KEY_ID
 *	%any, %any6, 0.0.0.0, ::		nobody in particular (ID_NONE)
 *
 * A name without @ is a host's name that its reader may want to look up in the DNS
 * first; here it is an ID_FQDN all the same.  Names hold octets, from a peer any
 * octets: they are compared by length and never printed raw.
 *
 * RFC 2407 section 4.6.2.
 */
#include "lib/id/id.h"

#include <string.h>

#include "lib/base/names.h"
#include "lib/base/text.h"

static const struct name id_type_tab[] = {
	{ ID_NONE,		"ID_NONE" },
	{ ID_IPV4_ADDR,		"ID_IPV4_ADDR" },
	{ ID_FQDN,		"ID_FQDN" },
	{ ID_USER_FQDN,		"ID_USER_FQDN" },
	{ ID_IPV4_ADDR_SUBNET,	"ID_IPV4_ADDR_SUBNET" },
	{ ID_IPV6_ADDR,		"ID_IPV6_ADDR" },
	{ ID_IPV6_ADDR_SUBNET,	"ID_IPV6_ADDR_SUBNET" },
	{ ID_IPV4_ADDR_RANGE,	"ID_IPV4_ADDR_RANGE" },
	{ ID_IPV6_ADDR_RANGE,	"ID_IPV6_ADDR_RANGE" },
	{ ID_DER_ASN1_DN,	"ID_DER_ASN1_DN" },
	{ ID_DER_ASN1_GN,	"ID_DER_ASN1_GN" },
	{ ID_KEY_ID,		"ID_KEY_ID" },
};
NAMES(id_type_names, id_type_tab);

/* Longest name we accept, in octets: a domain name has 255, a user 64 more. */
#define NAME_MAX_LEN 320

static void set_name(struct id *id, enum id_type type, struct span name)
{
	id->type = type;
	id->addr = (struct addr){ 0 };
	buf_set(&id->name, name);
}

static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f)
			return false;
	return true;
}

static err_t key_id_from_text(struct span hex, struct id *id)
{
	struct buf octets = { 0 };
	err_t ugh = text_to_hex(hex, &octets);

	if (!ugh)
		set_name(id, ID_KEY_ID, buf_span(&octets));
	buf_free(&octets);
	return ugh;
}

err_t ttoid(struct span text, struct id *id)
{
	struct span user, host;
	struct addr addr;

	if (text.len == 0)
		return "empty identity";
	if (text.len > NAME_MAX_LEN)
		return "identity is too long";
	if (span_is(text, "%any") || span_is(text, "%any6")) {
		set_name(id, ID_NONE, SPAN_EMPTY);
		return NULL;
	}
	if (span_starts(text, "%"))
		return "unknown name of an identity starting with %";
	if (span_starts(text, "@#"))
		return key_id_from_text(span_skip(text, 2), id);
	if (!is_text(text))
		return "identity has a blank or a character that is not ASCII";
	if (!ttoaddr(text, &addr)) {
		id_from_addr(&addr, id);
		return NULL;
	}
	if (!span_split(text, '@', &user, &host)) {
		if (memchr(text.ptr, ':', text.len))
			return "neither an IPv6 address nor a name";
		set_name(id, ID_FQDN, text);
		return NULL;
	}
	if (host.len == 0)
		return "no name behind the @ of an identity";
	if (user.len == 0)
		set_name(id, ID_FQDN, host);
	else
		set_name(id, ID_USER_FQDN, text);
	return NULL;
}

err_t id_from_payload(uint8_t type, struct span body, struct id *id)
{
	struct addr addr;
	err_t ugh;

	switch (type) {
	case ID_IPV4_ADDR:
	case ID_IPV6_ADDR:
		ugh = addr_from_octets(type == ID_IPV4_ADDR ? AF_INET : AF_INET6, body, &addr);
		if (ugh)
			return ugh;
		if (addr_is_any(&addr))
			return "identity is the unspecified address";
		id_from_addr(&addr, id);
		return NULL;
	case ID_FQDN:
	case ID_USER_FQDN:
		if (body.len == 0)
			return "identity is an empty name";
		if (body.len > NAME_MAX_LEN)
			return "identity is too long";
		if (memchr(body.ptr, '\0', body.len))
			return "identity has a NUL in its name";
		set_name(id, type, body);
		return NULL;
	case ID_KEY_ID:
		if (body.len == 0)
			return "identity is an empty key id";
		if (body.len > NAME_MAX_LEN)
			return "identity is too long";
		set_name(id, ID_KEY_ID, body);
		return NULL;
	default:
		return "identity is of a type that cannot name a peer";
	}
}

void id_to_payload(const struct id *id, struct buf *out)
{
	if (addr_is_set(&id->addr))
		buf_add_span(out, addr_span(&id->addr));
	else
		buf_add_span(out, buf_span(&id->name));
}

void id_from_addr(const struct addr *a, struct id *id)
{
	if (addr_is_any(a)) {
		set_name(id, ID_NONE, SPAN_EMPTY);
		return;
	}
	id->type = a->family == AF_INET ? ID_IPV4_ADDR : ID_IPV6_ADDR;
	id->addr = *a;
	buf_clear(&id->name);
}

void id_show(const struct id *id, struct buf *out)
{
	struct addr_buf ab;

	switch (id->type) {
	case ID_NONE:
		buf_add_str(out, "%any");
		break;
	case ID_IPV4_ADDR:
	case ID_IPV6_ADDR:
		buf_add_str(out, addr_show(&id->addr, &ab));
		break;
	case ID_FQDN:
		buf_add_u8(out, '@');
		data_to_printable(buf_span(&id->name), out);
		break;
	case ID_KEY_ID:
		buf_add_str(out, "@#");
		data_to_hex(buf_span(&id->name), out);
		break;
	default:
		data_to_printable(buf_span(&id->name), out);
	}
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* DNS names know no case (RFC 4343), and a dot at the end says nothing new. */
static bool dns_name_eq(struct span a, struct span b)
{
	if (a.len > 1 && a.ptr[a.len - 1] == '.')
		a.len--;
	if (b.len > 1 && b.ptr[b.len - 1] == '.')
		b.len--;
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

bool id_eq(const struct id *a, const struct id *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case ID_NONE:
		return true;
	case ID_IPV4_ADDR:
	case ID_IPV6_ADDR:
		return addr_eq(&a->addr, &b->addr);
	case ID_FQDN:
	case ID_USER_FQDN:
		return dns_name_eq(buf_span(&a->name), buf_span(&b->name));
	default:
		return span_eq(buf_span(&a->name), buf_span(&b->name));
	}
}

bool id_is_any(const struct id *id)
{
	return id->type == ID_NONE;
}

void id_copy(struct id *to, const struct id *from)
{
	if (to == from)
		return;
	to->type = from->type;
	to->addr = from->addr;
	buf_set(&to->name, buf_span(&from->name));
}

void id_free(struct id *id)
{
	buf_free(&id->name);
	*id = (struct id){ 0 };
}
