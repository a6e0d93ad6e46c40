// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the SA payloads of both phases have in common: SA -> proposals -> transforms.
 *
 * Counts in headers are compared with what is there, never used for anything else.  The
 * answer holds the chosen transform's own octets, since attributes must come back
 * unchanged (RFC 2408 section 4.2); it is built from a copy made when they had been checked.
 *
 * A proposal that is merely not to our liking is passed over; one that is malformed ends
 * the exchange's message.  The lines that say what was not liked are few: a peer may send
 * a thousand transforms.
 */
#include "pluto/offer.h"

#define COMPLAINTS_MAX	4		/* lines about transforms in one SA payload */

enum verdict offer_open(struct exchange *x, struct span sa_body, struct span *proposals)
{
	struct isa_sa sa = { 0 };
	err_t ugh;

	*proposals = sa_body;
	ugh = unpack(proposals, &sa_body_desc, &sa, NULL);
	if (ugh)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: SA is %s", ugh);
	if (sa.doi != DOI_IPSEC)
		return refuse(x, CAUSE_DOI, "Domain Of Interpretation %u is not supported",
			      sa.doi);
	if (sa.situation != SIT_IDENTITY_ONLY)
		return refuse(x, CAUSE_SITUATION, "situation 0x%x is not supported",
			      sa.situation);
	if (!proposals->len)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: SA has no proposal");
	return V_OK;
}

enum verdict offer_next(struct exchange *x, struct span *proposals, struct proposal *p)
{
	struct span at = *proposals, body;
	err_t ugh;

	if (!proposals->len)
		return V_IGNORED;
	ugh = unpack(proposals, &proposal_desc, &p->hdr, &body);
	if (!ugh && p->hdr.next != PLD_NONE && p->hdr.next != PLD_P)
		ugh = "followed by something else than a proposal";
	if (!ugh && (p->hdr.next == PLD_P) != (proposals->len != 0))
		ugh = "more or fewer than announced";
	if (!ugh && !span_take(&body, p->hdr.spi_size, &p->spi))
		ugh = "shorter than its SPI";
	if (ugh)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: proposal is %s", ugh);
	p->whole = span_of(at.ptr, at.len - proposals->len);
	p->transforms = body;
	return V_OK;
}

enum verdict offer_next_transform(struct exchange *x, struct span *transforms,
				  struct isa_transform *t, struct span *whole,
				  struct span *attrs)
{
	struct span at = *transforms;
	err_t ugh;

	if (!transforms->len)
		return V_IGNORED;
	ugh = unpack(transforms, &transform_desc, t, attrs);
	if (!ugh && t->next != PLD_NONE && t->next != PLD_T)
		ugh = "followed by something else than a transform";
	if (!ugh && (t->next == PLD_T) != (transforms->len != 0))
		ugh = "more or fewer than announced";
	if (ugh)
		return refuse(x, CAUSE_MALFORMED, "malformed payload in packet: transform is %s",
			      ugh);
	*whole = span_of(at.ptr, at.len - transforms->len);
	return V_OK;
}

/* x->pick: proposal number, protocol, then the transform from its number on. */
void offer_pick(struct exchange *x, const struct proposal *p, struct span transform)
{
	buf_clear(&x->pick);
	buf_add_u8(&x->pick, p->hdr.number);
	buf_add_u8(&x->pick, p->hdr.protocol);
	buf_add_span(&x->pick, span_skip(transform, GENERIC_LEN));
}

void offer_answer(struct exchange *x, struct ike_out *o, uint32_t spi)
{
	struct isa_sa sa = { .doi = DOI_IPSEC, .situation = SIT_IDENTITY_ONLY };
	struct span pick = buf_span(&x->pick);
	struct isa_proposal p = { .transforms = 1, .spi_size = spi ? 4 : 0 };
	struct isa_transform t = { 0 };
	struct out out_sa, out_p, out_t;
	uint16_t reserved;

	span_take_u8(&pick, &p.number);
	span_take_u8(&pick, &p.protocol);
	span_take_u8(&pick, &t.number);
	span_take_u8(&pick, &t.id);
	span_take_u16(&pick, &reserved);
	pack_open(&out_sa, &o->root, PLD_SA, &sa_desc, &sa);
	pack_open(&out_p, &out_sa, PLD_P, &proposal_desc, &p);
	if (spi)
		buf_add_u32(&o->b, spi);
	pack_open(&out_t, &out_p, PLD_T, &transform_desc, &t);
	buf_add_span(&o->b, pick);
	pack_close(&out_t);
	pack_close(&out_p);
	pack_close(&out_sa);
}

bool offer_may_complain(struct exchange *x, unsigned int *said)
{
	static struct plog_limit limit;

	if ((*said)++ >= COMPLAINTS_MAX)
		return false;
	return !exchange_is_strangers(x) || plog_limited(&limit);
}

bool offer_life(struct exchange *x, uint64_t asked, uint64_t ours, unsigned int *said)
{
	if (asked > LIFE_MAX) {
		if (!offer_may_complain(x, said))
			return false;
		plog(&x->subject, RC_LOG_SERIOUS, "peer requested %llu seconds which exceeds our "
		     "limit %d seconds", (unsigned long long)asked, LIFE_MAX);
		return false;
	}
	x->life_asked = asked;
	x->life = asked && asked < ours ? asked : ours;
	return true;
}
