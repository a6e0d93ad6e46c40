// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policy: what the negotiated protection of a connection must be like.
 *
 * ipsec.conf's words (type=, authby=, pfs= ...) arrive as numbers of lib/conf/conf.h in
 * whack's message and leave as POLICY_* bits, seconds and lists of suites in struct
 * connection.  The reader of ipsec.conf has checked them once, but whack can be
 * called by hand, so each is checked here again, against what can be done at all.
 *
 * Lifetimes: RFC 2407 section 4.5 and RFC 2409 appendix A leave the unit to the peers;
 * here it is seconds, at most a day.
 */
#include "lib/conf/conf.h"
#include "lib/pfkey/pfkeyv2.h"
#include "lib/whack/msg.h"
#include "pluto/policy.h"

#define IKE_LIFE_DEFAULT	3600
#define IPSEC_LIFE_DEFAULT	28800
#define LIFE_MAX		86400
#define REKEY_MARGIN_DEFAULT	540
#define REKEY_FUZZ_DEFAULT	100
#define REKEY_FUZZ_MAX		10000
#define KEYINGTRIES_DEFAULT	3
#define KEYINGTRIES_MAX		1000000

static const struct {
	unsigned int bit;
	const char *name;
} policy_bits[] = {
	{ POLICY_PSK,			"PSK" },
	{ POLICY_RSASIG,		"RSASIG" },
	{ POLICY_ENCRYPT,		"ENCRYPT" },
	{ POLICY_AUTHENTICATE,		"AUTHENTICATE" },
	{ POLICY_COMPRESS,		"COMPRESS" },
	{ POLICY_TUNNEL,		"TUNNEL" },
	{ POLICY_PFS,			"PFS" },
	{ POLICY_DISABLEARRIVALCHECK,	"DISABLEARRIVALCHECK" },
	{ POLICY_DONTREKEY,		"DONTREKEY" },
	{ POLICY_UP,			"UP" },
};

void policy_show(unsigned int policy, struct buf *out)
{
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_SIZE(policy_bits); i++) {
		if (!(policy & policy_bits[i].bit))
			continue;
		buf_printf(out, "%s%s", sep, policy_bits[i].name);
		sep = "+";
	}
}

static bool read_type(struct connection *c, const struct whack_msg *m, struct reply *r)
{
	switch (whack_get_uint(m, WK_TYPE, TYPE_TUNNEL)) {
	case TYPE_TUNNEL:
		c->policy |= POLICY_TUNNEL;
		return true;
	case TYPE_PASSTHROUGH:
		c->shunt = SPI_PASS;
		return true;
	case TYPE_DROP:
		c->shunt = SPI_DROP;
		return true;
	case TYPE_REJECT:
		c->shunt = SPI_REJECT;
		return true;
	case TYPE_TRANSPORT:
		reply_say(r, RC_CLASH, "\"%s\": KLIPS has no transport mode: "
			  "use type=tunnel, which protects two hosts as well", c->name);
		return false;
	default:
		reply_say(r, RC_CLASH, "\"%s\": unknown type=", c->name);
		return false;
	}
}

static bool read_auth(struct connection *c, const struct whack_msg *m, struct reply *r)
{
	uint64_t authby = whack_get_uint(m, WK_AUTHBY, AUTHBY_RSASIG);

	if (whack_has(m, WK_AH)) {
		reply_say(r, RC_CLASH, "\"%s\": KLIPS has no AH: use auth=esp, "
			  "which authenticates as well", c->name);
		return false;
	}
	if (c->shunt)
		return true;		/* no keys are ever made */
	if (authby & AUTHBY_PSK)
		c->policy |= POLICY_PSK;
	if (authby & AUTHBY_RSASIG)
		c->policy |= POLICY_RSASIG;
	if (!(c->policy & POLICY_AUTH_MASK)) {
		reply_say(r, RC_CLASH, "\"%s\": a tunnel needs authby=secret or authby=rsasig; "
			  "authby=never is for type=passthrough, drop and reject", c->name);
		return false;
	}
	c->policy |= POLICY_ENCRYPT;
	return true;
}

static bool in_range(struct connection *c, const char *param, uint64_t v, uint64_t min,
		     uint64_t max, struct reply *r)
{
	if (v >= min && v <= max)
		return true;
	reply_say(r, RC_CLASH, "\"%s\": %s=%llu must be from %llu to %llu", c->name, param,
		  (unsigned long long)v, (unsigned long long)min, (unsigned long long)max);
	return false;
}

static bool read_times(struct connection *c, const struct whack_msg *m, struct reply *r)
{
	uint64_t fuzz = whack_get_uint(m, WK_REKEYFUZZ, REKEY_FUZZ_DEFAULT);
	uint64_t tries = whack_get_uint(m, WK_KEYINGTRIES, KEYINGTRIES_DEFAULT);

	c->ike_life = whack_get_uint(m, WK_IKELIFETIME, IKE_LIFE_DEFAULT);
	c->ipsec_life = whack_get_uint(m, WK_KEYLIFE, IPSEC_LIFE_DEFAULT);
	c->rekey_margin = whack_get_uint(m, WK_REKEYMARGIN, REKEY_MARGIN_DEFAULT);
	c->rekey_fuzz = (unsigned int)fuzz;
	c->keyingtries = (unsigned int)tries;
	return in_range(c, "ikelifetime", c->ike_life, 1, LIFE_MAX, r) &&
	       in_range(c, "keylife", c->ipsec_life, 1, LIFE_MAX, r) &&
	       in_range(c, "rekeymargin", c->rekey_margin, 0, LIFE_MAX, r) &&
	       in_range(c, "rekeyfuzz", fuzz, 0, REKEY_FUZZ_MAX, r) &&
	       in_range(c, "keyingtries", tries, 0, KEYINGTRIES_MAX, r);
}

/* The two lists of suites; why names the word that is wrong. */
static bool read_suites(struct connection *c, const struct whack_msg *m, struct reply *r)
{
	struct buf why = { 0 };
	const char *param = "ike";
	err_t ugh;

	ugh = ike_proposals_parse(span_str(whack_get_text(m, WK_IKE)), &c->ike, &why);
	if (!ugh) {
		param = "esp";
		ugh = esp_proposals_parse(span_str(whack_get_text(m, WK_ESP)), &c->esp, &why);
	}
	if (ugh)
		reply_say(r, RC_CLASH, "\"%s\": bad %s=: %s", c->name, param,
			  why.len ? buf_str(&why) : ugh);
	buf_free(&why);
	return !ugh;
}

bool policy_read(struct connection *c, const struct whack_msg *m, struct reply *r)
{
	if (!read_type(c, m, r) || !read_auth(c, m, r) || !read_times(c, m, r))
		return false;
	if (!c->shunt && !read_suites(c, m, r))
		return false;
	if (whack_has(m, WK_PFS) && !c->shunt)
		c->policy |= POLICY_PFS;
	if (whack_has(m, WK_COMPRESS))
		c->policy |= POLICY_COMPRESS;
	if (!whack_has(m, WK_REKEY))
		c->policy |= POLICY_DONTREKEY;
	if (whack_has(m, WK_NOARRIVALCHECK))
		c->policy |= POLICY_DISABLEARRIVALCHECK;
	c->failureshunt = (unsigned int)whack_get_uint(m, WK_FAILURESHUNT, FAIL_NONE);
	c->autostart = (unsigned int)whack_get_uint(m, WK_AUTO, AUTO_ADD);
	return true;
}
