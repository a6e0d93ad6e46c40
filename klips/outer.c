// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a tunnel does with the outer header, and what it brings in from there.
 *
 * An SA's flags (SADB_X_SAFLAGS_*, lib/pfkey/pfkeyv2.h) say how; what they leave open is
 * as FreeS/WAN did it: DF clear, so that routers may fragment what a path is too small
 * for, TTL 64, the type of service by net.ipsec.tos.  Where that is hidden, so is
 * congestion, as a sender who hides will not have four levels of it read: the
 * "compatibility mode" of RFC 6040 section 4.3.  Else it is copied, "normal mode".
 *
 * Pure; RFC 4301 section 5.1.2, RFC 6040 sections 4.1 (entering) and 4.2 (leaving).
 */
#include "klips/outer.h"
#include "lib/pfkey/pfkeyv2.h"

#define TTL		64

#define ECN_MASK	3
enum { NOT_ECT = 0, ECT_1 = 1, ECT_0 = 2, CE = 3 };

u8 klips_outer_tos(u32 flags, bool hide, u8 inner)
{
	bool ecn;

	if (flags & (SADB_X_SAFLAGS_TOS_HIDE | SADB_X_SAFLAGS_TOS_COPY))
		hide = flags & SADB_X_SAFLAGS_TOS_HIDE;
	ecn = !hide;
	if (flags & (SADB_X_SAFLAGS_ECN | SADB_X_SAFLAGS_NOECN))
		ecn = flags & SADB_X_SAFLAGS_ECN;
	return (u8)((hide ? 0 : inner & ~ECN_MASK) | (ecn ? inner & ECN_MASK : NOT_ECT));
}

bool klips_outer_df(u32 flags, bool inner)
{
	if (flags & SADB_X_SAFLAGS_DF_SET)
		return true;
	return (flags & SADB_X_SAFLAGS_DF_COPY) && inner;
}

u8 klips_outer_ttl(u32 flags)
{
	u8 ttl = (u8)((flags & SADB_X_SAFLAGS_TTL) >> SADB_X_SAFLAGS_TTL_SHIFT);

	return ttl ? ttl : TTL;
}

/* RFC 6040 section 4.2, Figure 4: a row for what is inside, a column for what is outside. */
int klips_ecn_leaving(u8 inner, u8 outer)
{
	static const signed char leaving[4][4] = {
		/*		Not-ECT	 ECT(1)	  ECT(0)   CE */
		[NOT_ECT] = {	NOT_ECT, NOT_ECT, NOT_ECT, -EINVAL },
		[ECT_1]	  = {	ECT_1,	 ECT_1,	  ECT_1,   CE },
		[ECT_0]	  = {	ECT_0,	 ECT_1,	  ECT_0,   CE },
		[CE]	  = {	CE,	 CE,	  CE,	   CE },
	};

	return leaving[inner & ECN_MASK][outer & ECN_MASK];
}
