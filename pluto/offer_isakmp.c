// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SA payload of Phase 1: one proposal, PROTO_ISAKMP, a transform for each suite and
 * way to authenticate.
 *
 * A responder takes the peer's first transform that is in the connection's list, so
 * the order is the initiator's and the choice ours.  An initiator takes nothing that it has
 * not offered.  Weak algorithms need no rule here: they are in a list only when it names them.
 *
 * RFC 2409 section 5 and appendix A.  Only groups by number: prime and generator of the
 * peer's own making (GROUP_TYPE and the like) are refused, as is New Group Mode.
 */
#include "pluto/auth.h"
#include "pluto/offer.h"

/* What one transform says. */
struct oakley {
	uint64_t cipher, hash, auth, group, key_bits, prf;
	struct life life;
};

static void put_transform(struct exchange *x, struct out *parent, uint8_t number,
			  const struct ike_suite *s, unsigned int auth)
{
	struct isa_transform t = { .number = number, .id = KEY_IKE };
	struct out out;

	pack_open(&out, parent, PLD_T, &transform_desc, &t);
	attr_put(out.b, OAKLEY_ENCRYPTION_ALGORITHM, s->cipher->id);
	if (s->cipher->key_length_attribute)
		attr_put(out.b, OAKLEY_KEY_LENGTH, s->key_bits);
	attr_put(out.b, OAKLEY_HASH_ALGORITHM, s->hash->id);
	attr_put(out.b, OAKLEY_AUTHENTICATION_METHOD, auth);
	attr_put(out.b, OAKLEY_GROUP_DESCRIPTION, s->group->id);
	attr_put(out.b, OAKLEY_LIFE_TYPE, LIFE_SECONDS);
	attr_put(out.b, OAKLEY_LIFE_DURATION, (uint32_t)x->c->ike_life);
	pack_close(&out);
}

static unsigned int put_transforms(struct exchange *x, struct out *parent, unsigned int auth,
				   unsigned int n)
{
	for (size_t i = 0; i < x->c->ike.n && n < 255; i++)
		put_transform(x, parent, (uint8_t)n++, &x->c->ike.v[i], auth);
	return n;
}

/* What we can do and the connection wants, as POLICY_ bits; complains when that is nothing. */
static unsigned int usable_auth(struct exchange *x)
{
	unsigned int want = x->c->policy & POLICY_AUTH_MASK, can = 0;
	struct buf psk = { 0 }, rsa = { 0 };

	if ((want & POLICY_PSK) && auth_possible(x->c, OAKLEY_PRESHARED_KEY, &psk))
		can |= POLICY_PSK;
	if ((want & POLICY_RSASIG) && auth_possible(x->c, OAKLEY_RSA_SIG, &rsa))
		can |= POLICY_RSASIG;
	if (!can && psk.len)
		refuse(x, CAUSE_NO_PSK, "%s", buf_str(&psk));
	else if (!can)
		refuse(x, CAUSE_NO_PRIVATE_KEY, "%s", rsa.len ? buf_str(&rsa)
				: "the connection allows no way to authenticate");
	buf_free(&psk);
	buf_free(&rsa);
	return can;
}

enum verdict offer_isakmp(struct exchange *x, struct ike_out *o)
{
	struct isa_sa sa = { .doi = DOI_IPSEC, .situation = SIT_IDENTITY_ONLY };
	struct isa_proposal p = { .protocol = PROTO_ISAKMP };
	unsigned int can = usable_auth(x), n = 0;
	struct out out_sa, out_p;
	size_t count_at;

	if (!can)
		return V_REFUSED;
	pack_open(&out_sa, &o->root, PLD_SA, &sa_desc, &sa);
	pack_open(&out_p, &out_sa, PLD_P, &proposal_desc, &p);
	count_at = o->b.len - 1;
	if (can & POLICY_RSASIG)
		n = put_transforms(x, &out_p, OAKLEY_RSA_SIG, n);
	if (can & POLICY_PSK)
		n = put_transforms(x, &out_p, OAKLEY_PRESHARED_KEY, n);
	o->b.ptr[count_at] = (uint8_t)n;
	pack_close(&out_p);
	pack_close(&out_sa);
	buf_set(&x->sa_body, span_skip(buf_span(&o->b), out_sa.start + GENERIC_LEN));
	return V_OK;
}

/* NULL, or what is wrong with the attribute, in a buffer of the caller. */
static err_t take_attr(struct oakley *k, const struct attr *a)
{
	uint64_t *to;

	switch (a->type) {
	case OAKLEY_ENCRYPTION_ALGORITHM:
		to = &k->cipher;
		break;
	case OAKLEY_HASH_ALGORITHM:
		to = &k->hash;
		break;
	case OAKLEY_AUTHENTICATION_METHOD:
		to = &k->auth;
		break;
	case OAKLEY_GROUP_DESCRIPTION:
		to = &k->group;
		break;
	case OAKLEY_KEY_LENGTH:
		to = &k->key_bits;
		break;
	case OAKLEY_LIFE_TYPE:
		return life_type(&k->life, a);
	case OAKLEY_LIFE_DURATION:
		return life_duration(&k->life, a);
	default:
		return "unsupported OAKLEY attribute";
	}
	if (*to)
		return "the attribute is there twice";
	if (!a->value || a->value > UINT16_MAX)
		return "the value is out of range";
	*to = a->value;
	return NULL;
}

static bool complain(struct exchange *x, unsigned int *said, unsigned int attribute,
		     const char *fmt, ...) PRINTF(4, 5);

static bool complain(struct exchange *x, unsigned int *said, unsigned int attribute,
		     const char *fmt, ...)
{
	struct buf b = { 0 };
	struct name_buf nb;
	va_list ap;

	if (offer_may_complain(x, said)) {
		va_start(ap, fmt);
		buf_vprintf(&b, fmt, ap);
		va_end(ap);
		plog(&x->subject, RC_LOG_SERIOUS, "%s.  Attribute %s", buf_str(&b),
		     name_show(&oakley_attr_names, attribute, &nb));
		buf_free(&b);
	}
	return false;
}

/* Are all attributes known and within bounds? */
static bool read_transform(struct exchange *x, struct span attrs, struct oakley *k,
			   unsigned int *said)
{
	struct attr a;

	*k = (struct oakley){ 0 };
	while (attrs.len) {
		err_t ugh = attr_take(&attrs, &a);

		if (!ugh)
			ugh = take_attr(k, &a);
		if (ugh)
			return complain(x, said, a.type, "%s", ugh);
	}
	return true;
}

/* The algorithms by number, which need not be ones that the connection wants. */
static bool find_suite(struct exchange *x, const struct oakley *k, struct ike_suite *s,
		       unsigned int *said)
{
	struct name_buf nb;

	*s = (struct ike_suite){ .cipher = cipher_by_id((unsigned int)k->cipher),
				 .hash = hash_by_id((unsigned int)k->hash),
				 .group = dh_by_id((unsigned int)k->group) };
	if (!s->cipher)
		return complain(x, said, OAKLEY_ENCRYPTION_ALGORITHM, "%s is not supported",
				name_show(&oakley_cipher_names, (unsigned int)k->cipher, &nb));
	if (!s->hash)
		return complain(x, said, OAKLEY_HASH_ALGORITHM, "%s is not supported",
				name_show(&oakley_hash_names, (unsigned int)k->hash, &nb));
	if (!s->group)
		return complain(x, said, OAKLEY_GROUP_DESCRIPTION, "%s is not supported",
				name_show(&oakley_group_names, (unsigned int)k->group, &nb));
	s->key_bits = s->cipher->key_length_attribute ? (unsigned int)k->key_bits
						      : s->cipher->key_bits[0];
	/* 3DES with a key length, or AES without one or with 129 bits: CVE-2005-3671. */
	if ((k->key_bits && !s->cipher->key_length_attribute) ||
	    !cipher_key_bits_ok(s->cipher, s->key_bits))
		return complain(x, said, OAKLEY_KEY_LENGTH, "%llu bits are no key length of %s",
				(unsigned long long)k->key_bits, s->cipher->oakley);
	return true;
}

/* Which attribute is it that no suite of the connection has? */
static bool say_not_listed(struct exchange *x, const struct ike_suite *s, unsigned int *said)
{
	bool cipher = false, hash = false, group = false;
	struct buf b = { 0 };

	for (size_t i = 0; i < x->c->ike.n; i++) {
		const struct ike_suite *o = &x->c->ike.v[i];

		cipher |= o->cipher == s->cipher && o->key_bits == s->key_bits;
		hash |= o->hash == s->hash;
		group |= o->group == s->group;
	}
	ike_suite_show(s, &b);
	if (!cipher)
		complain(x, said, OAKLEY_ENCRYPTION_ALGORITHM, "%s with %u bits is not allowed by "
			 "ike=", s->cipher->oakley, s->key_bits);
	else if (!hash)
		complain(x, said, OAKLEY_HASH_ALGORITHM, "%s is not allowed by ike=",
			 s->hash->oakley);
	else if (!group)
		complain(x, said, OAKLEY_GROUP_DESCRIPTION, "%s is not allowed by ike=",
			 s->group->oakley);
	else
		complain(x, said, OAKLEY_ENCRYPTION_ALGORITHM, "%s is not allowed by ike=",
			 buf_str(&b));
	buf_free(&b);
	return false;
}

static bool suite_listed(const struct exchange *x, const struct ike_suite *s)
{
	for (size_t i = 0; i < x->c->ike.n; i++)
		if (ike_suite_eq(&x->c->ike.v[i], s))
			return true;
	return false;
}

static bool auth_fine(struct exchange *x, const struct oakley *k, unsigned int auth,
		      unsigned int *said)
{
	unsigned int bit = k->auth == OAKLEY_PRESHARED_KEY ? POLICY_PSK :
			   k->auth == OAKLEY_RSA_SIG ? POLICY_RSASIG : 0;
	struct buf why = { 0 };
	struct name_buf nb;
	bool ok;

	if (!(auth & bit))
		return complain(x, said, OAKLEY_AUTHENTICATION_METHOD,
				bit ? "policy does not allow %s authentication"
				    : "%s is not supported",
				name_show(&oakley_auth_names, (unsigned int)k->auth, &nb));
	ok = auth_possible(x->c, (unsigned int)k->auth, &why);
	if (!ok && offer_may_complain(x, said))
		plog(&x->subject, RC_LOG_SERIOUS, "%s.  Attribute OAKLEY_AUTHENTICATION_METHOD",
		     buf_str(&why));
	buf_free(&why);
	return ok;
}

static bool acceptable(struct exchange *x, struct span attrs, unsigned int auth,
		       unsigned int *said)
{
	struct ike_suite s;
	struct oakley k;

	if (!read_transform(x, attrs, &k, said) || !find_suite(x, &k, &s, said))
		return false;
	if (!suite_listed(x, &s))
		return say_not_listed(x, &s, said);
	if (!auth_fine(x, &k, auth, said))
		return false;
	if (!offer_life(x, k.life.seconds, x->c->ike_life, said))
		return false;
	x->suite = s;
	x->group = s.group;
	x->auth = (unsigned int)k.auth;
	return true;
}

/* The first fine transform of the proposal; the rest must at least be well formed. */
static enum verdict choose(struct exchange *x, const struct proposal *p, unsigned int auth,
			   unsigned int *said)
{
	struct span transforms = p->transforms, whole, attrs;
	struct isa_transform t;
	unsigned int n = 0;
	bool found = false;
	enum verdict v;

	while ((v = offer_next_transform(x, &transforms, &t, &whole, &attrs)) == V_OK) {
		n++;
		if (!found && t.id == KEY_IKE && acceptable(x, attrs, auth, said)) {
			offer_pick(x, p, whole);
			found = true;
		}
	}
	if (v == V_REFUSED)
		return v;
	if (n != p->hdr.transforms)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: proposal has %u "
			      "transforms and claims %u", n, p->hdr.transforms);
	if (x->initiator && n != 1)
		return refuse(x, CAUSE_NO_PROPOSAL, "the answer has %u transforms instead of one",
			      n);
	if (!found)
		return refuse(x, CAUSE_NO_PROPOSAL, "no acceptable Oakley Transform");
	return V_OK;
}

enum verdict offer_choose_isakmp(struct exchange *x, struct span sa_body, unsigned int auth)
{
	unsigned int said = 0;
	struct span proposals;
	struct proposal p;
	enum verdict v = offer_open(x, sa_body, &proposals);

	if (v != V_OK)
		return v;
	v = offer_next(x, &proposals, &p);
	if (v != V_OK)
		return v;
	if (proposals.len)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: more than one "
			      "proposal in the SA payload of Main Mode");
	if (p.hdr.protocol != PROTO_ISAKMP)
		return refuse(x, CAUSE_NO_PROPOSAL, "no acceptable Oakley Transform: "
			      "the proposal is for protocol %u", p.hdr.protocol);
	/* RFC 2408 section 3.5: for ISAKMP the SPI is redundant and its content ignored. */
	if (p.hdr.spi_size > 16)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: SPI of %u octets",
			      p.hdr.spi_size);
	return choose(x, &p, auth, &said);
}
