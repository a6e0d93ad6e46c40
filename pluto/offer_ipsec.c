// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SA payload of Quick Mode: one ESP proposal for each cipher, with a transform for each
 * key size and integrity algorithm.
 *
 * Proposals of one number belong together (AH and ESP, say): those are passed over, as
 * we have one protocol to offer.  A cipher without integrity is never accepted, whatever
 * its name (RFC 8221 section 4); every suite comes from the connection's list, so its
 * keymat is known.
 *
 * With PFS each transform names the group, and all the same one: there is one KE payload.
 *
 * RFC 2409 section 5.5; RFC 2407 sections 4.4.4 and 4.5; RFC 2408 section 4.2.
 */
#include "pluto/ipsec_sa.h"
#include "pluto/isakmp_sa.h"
#include "pluto/kernel.h"
#include "pluto/offer.h"

#define SPI_MIN		256		/* those below are reserved: RFC 4303 section 2.1 */

/* What one transform says. */
struct esp_attrs {
	uint64_t mode, auth, key_bits, group, ecn;
	struct life life;
};

static bool kernel_has(const struct exchange *x, const struct esp_suite *s)
{
	const struct pluto *p = x->c->pluto;

	return p->kernel->has_suite(x->c->pluto, s->cipher->sadb, s->auth ? s->auth->sadb : 0,
				    s->key_bits);
}

static void put_transform(struct exchange *x, struct out *parent, uint8_t number,
			  const struct esp_suite *s)
{
	struct isa_transform t = { .number = number, .id = s->cipher->transform };
	struct out out;

	pack_open(&out, parent, PLD_T, &transform_desc, &t);
	attr_put(out.b, IPSEC_SA_LIFE_TYPE, LIFE_SECONDS);
	attr_put(out.b, IPSEC_SA_LIFE_DURATION, (uint32_t)x->c->ipsec_life);
	if (x->group)
		attr_put(out.b, IPSEC_GROUP_DESCRIPTION, x->group->id);
	attr_put(out.b, IPSEC_ENCAPSULATION_MODE, ENCAPSULATION_TUNNEL);
	if (s->auth)
		attr_put(out.b, IPSEC_AUTH_ALGORITHM, s->auth->attribute);
	if (s->cipher->key_length_attribute)
		attr_put(out.b, IPSEC_KEY_LENGTH, s->key_bits);
	pack_close(&out);
}

/* Has an earlier suite of the list the same cipher, so that its proposal holds this one too? */
static bool cipher_seen(const struct esp_proposals *e, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (e->v[j].cipher == e->v[i].cipher)
			return true;
	return false;
}

static unsigned int put_proposal(struct exchange *x, struct out *parent, uint8_t number,
				 const struct esp_cipher *cipher)
{
	struct isa_proposal p = { .number = number, .protocol = PROTO_IPSEC_ESP, .spi_size = 4 };
	const struct esp_proposals *e = &x->c->esp;
	unsigned int n = 0;
	struct out out;
	size_t count_at;

	pack_open(&out, parent, PLD_P, &proposal_desc, &p);
	count_at = out.b->len - 1;
	buf_add_u32(out.b, x->ipsec->our_spi);
	for (size_t i = 0; i < e->n && n < 255; i++)
		if (e->v[i].cipher == cipher && kernel_has(x, &e->v[i]))
			put_transform(x, &out, (uint8_t)n++, &e->v[i]);
	out.b->ptr[count_at] = (uint8_t)n;
	pack_close(&out);
	return n;
}

static bool any_in_kernel(const struct exchange *x, const struct esp_cipher *cipher)
{
	for (size_t i = 0; i < x->c->esp.n; i++)
		if (x->c->esp.v[i].cipher == cipher && kernel_has(x, &x->c->esp.v[i]))
			return true;
	return false;
}

enum verdict offer_ipsec(struct exchange *x, struct ike_out *o)
{
	struct isa_sa sa = { .doi = DOI_IPSEC, .situation = SIT_IDENTITY_ONLY };
	const struct esp_proposals *e = &x->c->esp;
	struct out out_sa;
	uint8_t number = 0;

	pack_open(&out_sa, &o->root, PLD_SA, &sa_desc, &sa);
	for (size_t i = 0; i < e->n; i++)
		if (!cipher_seen(e, i) && any_in_kernel(x, e->v[i].cipher))
			put_proposal(x, &out_sa, number++, e->v[i].cipher);
	pack_close(&out_sa);
	if (!number)
		return refuse(x, CAUSE_KERNEL, "the kernel has none of the suites of esp=");
	return V_OK;
}

static err_t take_attr(struct esp_attrs *k, const struct attr *a)
{
	uint64_t *to;

	switch (a->type) {
	case IPSEC_SA_LIFE_TYPE:
		return life_type(&k->life, a);
	case IPSEC_SA_LIFE_DURATION:
		return life_duration(&k->life, a);
	case IPSEC_GROUP_DESCRIPTION:
		to = &k->group;
		break;
	case IPSEC_ENCAPSULATION_MODE:
		to = &k->mode;
		break;
	case IPSEC_AUTH_ALGORITHM:
		to = &k->auth;
		break;
	case IPSEC_KEY_LENGTH:
		to = &k->key_bits;
		break;
	case IPSEC_ECN_TUNNEL:
		to = &k->ecn;
		break;
	default:
		return "unsupported IPsec attribute";
	}
	if (*to)
		return "the attribute is there twice";
	if (!a->value || a->value > UINT16_MAX)
		return "the value is out of range";
	*to = a->value;
	return NULL;
}

static bool complain(struct exchange *x, unsigned int *said, unsigned int attribute,
		     const char *text)
{
	struct name_buf nb;

	if (offer_may_complain(x, said))
		plog(&x->subject, RC_LOG_SERIOUS, "%s.  Attribute %s", text,
		     name_show(&ipsec_attr_names, attribute, &nb));
	return false;
}

static bool read_transform(struct exchange *x, struct span attrs, struct esp_attrs *k,
			   unsigned int *said)
{
	struct attr a;

	*k = (struct esp_attrs){ 0 };
	while (attrs.len) {
		err_t ugh = attr_take(&attrs, &a);

		if (!ugh)
			ugh = take_attr(k, &a);
		if (ugh)
			return complain(x, said, a.type, ugh);
	}
	return true;
}

static bool find_suite(struct exchange *x, uint8_t transform, const struct esp_attrs *k,
		       struct esp_suite *s)
{
	const struct esp_proposals *e = &x->c->esp;

	for (size_t i = 0; i < e->n; i++) {
		const struct esp_suite *o = &e->v[i];
		uint64_t bits = o->cipher->key_length_attribute ? o->key_bits : 0;

		if (o->cipher->transform == transform && k->key_bits == bits &&
		    k->auth == (o->auth ? o->auth->attribute : 0) && kernel_has(x, o)) {
			*s = *o;
			return true;
		}
	}
	return false;
}

static bool say_not_listed(struct exchange *x, uint8_t transform, const struct esp_attrs *k,
			   unsigned int *said)
{
	const struct esp_cipher *cipher = esp_cipher_by_transform(transform);
	const struct esp_auth *auth = esp_auth_by_attribute((unsigned int)k->auth);

	if (!offer_may_complain(x, said))
		return false;
	if (!cipher)
		plog(&x->subject, RC_LOG_SERIOUS, "ESP transform %u is not supported", transform);
	else if (k->auth && !auth)
		plog(&x->subject, RC_LOG_SERIOUS, "authentication algorithm %llu is not supported.  "
		     "Attribute AUTH_ALGORITHM", (unsigned long long)k->auth);
	else
		plog(&x->subject, RC_LOG_SERIOUS, "%s with %llu bits and %s is not allowed by esp=, "
		     "or the kernel lacks it", cipher->name, (unsigned long long)k->key_bits,
		     auth ? auth->name : "no integrity");
	return false;
}

/* May the peer use this group?  Ours, that of Phase 1, or one that ike= names. */
static bool group_fine(const struct exchange *x, const struct dh_group *g)
{
	if (x->c->esp.pfs_group)
		return g == x->c->esp.pfs_group;
	if (g == x->isakmp->suite.group)
		return true;
	for (size_t i = 0; i < x->c->ike.n; i++)
		if (x->c->ike.v[i].group == g)
			return true;
	return false;
}

static bool pfs_fine(struct exchange *x, const struct esp_attrs *k, bool pfs, unsigned int *said)
{
	const struct dh_group *g = dh_by_id((unsigned int)k->group);

	if (!k->group && !pfs) {
		if (!(x->c->policy & POLICY_PFS))
			return true;
		return complain(x, said, IPSEC_GROUP_DESCRIPTION,
				"we require PFS but the peer does not offer it");
	}
	if (!k->group || !pfs)
		return complain(x, said, IPSEC_GROUP_DESCRIPTION,
				"a group without KE payload, or a KE payload without group");
	if (!g || !group_fine(x, g))
		return complain(x, said, IPSEC_GROUP_DESCRIPTION,
				"the PFS group is not one that esp= or ike= allows");
	if (x->initiator && g != x->group)
		return complain(x, said, IPSEC_GROUP_DESCRIPTION,
				"the answer has another group than we offered");
	return true;
}

static bool acceptable(struct exchange *x, uint8_t transform, struct span attrs, bool pfs,
		       unsigned int *said)
{
	struct esp_attrs k;
	struct esp_suite s;

	if (!read_transform(x, attrs, &k, said))
		return false;
	if (k.mode != ENCAPSULATION_TUNNEL)
		return complain(x, said, IPSEC_ENCAPSULATION_MODE, "only tunnel mode is supported");
	if (!find_suite(x, transform, &k, &s))
		return say_not_listed(x, transform, &k, said);
	if (!pfs_fine(x, &k, pfs, said))
		return false;
	if (!offer_life(x, k.life.seconds ? k.life.seconds : LIFE_DEFAULT, x->c->ipsec_life,
			said))
		return false;
	x->life_kb = k.life.kilobytes;
	x->group = pfs ? dh_by_id((unsigned int)k.group) : NULL;
	x->ipsec->suite = s;
	return true;
}

/* V_OK: found one; V_IGNORED: none here. */
static enum verdict choose_transform(struct exchange *x, const struct proposal *p, bool pfs,
				     bool look, unsigned int *said)
{
	struct span transforms = p->transforms, whole, attrs;
	struct isa_transform t;
	unsigned int n = 0;
	bool found = false;
	enum verdict v;

	while ((v = offer_next_transform(x, &transforms, &t, &whole, &attrs)) == V_OK) {
		n++;
		if (look && !found && acceptable(x, t.id, attrs, pfs, said)) {
			offer_pick(x, p, whole);
			found = true;
		}
	}
	if (v == V_REFUSED)
		return v;
	if (n != p->hdr.transforms)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: proposal has %u "
			      "transforms and claims %u", n, p->hdr.transforms);
	if (found && x->initiator && n != 1)
		return refuse(x, CAUSE_NO_PROPOSAL, "the answer has %u transforms instead of one",
			      n);
	return found ? V_OK : V_IGNORED;
}

/* Is the next proposal of the same number, so that both must be taken or none? */
static bool next_has_number(struct span proposals, uint8_t number)
{
	struct isa_proposal next;

	return !unpack(&proposals, &proposal_desc, &next, NULL) && next.number == number;
}

static bool read_spi(const struct proposal *p, uint32_t *spi)
{
	struct span s = p->spi;

	return p->hdr.spi_size == 4 && span_take_u32(&s, spi) && *spi >= SPI_MIN;
}

enum verdict offer_choose_ipsec(struct exchange *x, struct span sa_body, bool pfs)
{
	unsigned int said = 0, count = 0;
	int last_number = -1;
	struct span proposals;
	struct proposal p;
	bool found = false;
	uint32_t spi = 0;
	enum verdict v = offer_open(x, sa_body, &proposals);

	if (v != V_OK)
		return v;
	while ((v = offer_next(x, &proposals, &p)) == V_OK) {
		bool bundle = p.hdr.number == last_number ||
			      next_has_number(proposals, p.hdr.number);
		bool ours = !found && !bundle && p.hdr.protocol == PROTO_IPSEC_ESP;

		count++;
		last_number = p.hdr.number;
		if (ours && !read_spi(&p, &spi))
			return refuse(x, CAUSE_SPI, "the peer's proposal has no usable SPI "
				      "(%u octets)", p.hdr.spi_size);
		v = choose_transform(x, &p, pfs, ours, &said);
		if (v == V_REFUSED)
			return v;
		if (v == V_OK) {
			x->ipsec->peer_spi = spi;
			found = true;
		}
	}
	if (v == V_REFUSED)
		return v;
	if (found && x->initiator && count != 1)
		return refuse(x, CAUSE_NO_PROPOSAL, "the answer has %u proposals instead of one",
			      count);
	if (!found)
		return refuse(x, CAUSE_NO_PROPOSAL, "no acceptable Proposal in IPsec SA");
	return V_OK;
}
