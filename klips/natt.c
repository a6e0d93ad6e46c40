// SPDX-License-Identifier: GPL-2.0-only
/*
 * ESP in UDP: RFC 3948, and the form of its first drafts.
 *
 *   IP header | UDP header, 8 octets | ESP ...
 *   IP header | UDP header, 8 octets | non-IKE marker, 8 octets of 0 | ESP ...	(drafts 00, 01)
 *
 * A NAT can only tell apart packets with ports, so ESP gets some: 4500 mostly, the ports
 * of the IKE that made the SA.  On the way out the UDP header is put around the finished
 * ESP packet, last of all.  On the way in the kernel does the work: the daemon's socket
 * has the option UDP_ENCAP, the kernel takes the UDP header off what comes there, eats
 * keepalives, leaves IKE to the daemon, and hands ESP to our input_handler (rcv.c).
 *
 * An SA is encapsulated or it is not, and its packets have to come that way.  RFC 3948
 * does not ask for it, but nobody negotiates one form and sends another, and an attacker
 * should not have the choice.
 *
 * A NAT may forget its mapping and make another.  Then authentic packets come from a new
 * address or port.  The daemon is told so, by X_NAT_T_NEW_MAPPING, and it alone changes
 * where we send to: what comes from a new place is enough to listen, but only the
 * daemon knows all SAs of the peer (RFC 3947 section 7).
 *
 * The UDP checksum is zero over IPv4 (RFC 3948 section 2.1).  Over IPv6, where a packet
 * with none is dropped by any socket that has not asked for such (RFC 6936), it is computed, as the
 * native stack does, too.
 *
 * This file must not believe anything of a packet that its ICV has not covered, or tell
 * the daemon of it.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/udp.h>

#include "klips/checksum.h"
#include "klips/compat.h"
#include "klips/xform.h"
#include "lib/pfkey/pfkeyv2.h"

static_assert(SADB_X_NAT_T_NON_IKE == UDP_ENCAP_ESPINUDP_NON_IKE &&
	      SADB_X_NAT_T_NON_ESP == UDP_ENCAP_ESPINUDP, "the numbers of sockets are ours");

#define NON_IKE_MARKER	8	/* octets */

/* A change is told at once, but changes not more often than this, */
#define TELL_CHANGES	HZ
/* and the same one again after this time, in case that nobody heard. */
#define TELL_AGAIN	(10 * HZ)

static unsigned int overhead(const struct klips_natt *natt)
{
	if (!natt)
		return 0;
	return sizeof(struct udphdr) + (natt->type == SADB_X_NAT_T_NON_IKE ? NON_IKE_MARKER : 0);
}

unsigned int klips_natt_overhead(const struct klips_sa *sa)
{
	return overhead(rcu_dereference(sa->natt));
}

const union klips_addr *klips_natt_dst(const struct klips_sa *sa)
{
	const struct klips_natt *natt = rcu_dereference(sa->natt);

	return natt ? &natt->dst.addr : &sa->said.dst;
}

const union klips_addr *klips_natt_src(const struct klips_sa *sa)
{
	const struct klips_natt *natt = rcu_dereference(sa->natt);

	return natt ? &natt->src.addr : &sa->src;
}

/*
 * Outbound.
 */

/* Over IPv6, a checksum of what is there from offset at on. */
static void sum_up(struct sk_buff *skb, unsigned int at)
{
	struct udphdr *uh = (void *)skb->data + at;
	unsigned int len = skb->len - at;
	__wsum sum = skb_checksum(skb, at, len, 0);

	uh->check = csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, len,
				    IPPROTO_UDP, sum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
}

/* The daemon may have sent the peer's packets after it; the SA has kept its name. */
static void set_dst(struct sk_buff *skb, const struct klips_natt *natt)
{
	if (ip_hdr(skb)->version == 6)
		memcpy(&ipv6_hdr(skb)->daddr, &natt->dst.addr, sizeof(struct in6_addr));
	else
		ip_hdr(skb)->daddr = natt->dst.addr.v4;
}

int klips_natt_output(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_natt *natt = rcu_dereference(sa->natt);
	unsigned int gap = overhead(natt);
	struct udphdr *uh;
	u8 *nexthdr;
	int at;

	if (!natt)
		return 0;
	if (skb->len + gap > IP_MAX_MTU)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (skb_cow_head(skb, gap))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	at = klips_payload_at(skb, &nexthdr);
	if (at < 0 || *nexthdr != IPPROTO_ESP)
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	*nexthdr = IPPROTO_UDP;
	skb_push(skb, gap);
	memmove(skb->data, skb->data + gap, at);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, at);
	set_dst(skb, natt);
	klips_set_len(skb);

	uh = udp_hdr(skb);
	uh->source = natt->src.port;
	uh->dest = natt->dst.port;
	uh->len = htons(skb->len - at);
	uh->check = 0;
	memset(uh + 1, 0, gap - sizeof(*uh));
	if (ip_hdr(skb)->version == 6)
		sum_up(skb, at);
	KLIPS_CB(skb)->encap = natt->type;
	return 0;
}

/*
 * Port 4500 is not privileged as 500 is, and anybody may set UDP_ENCAP.  So a socket whose
 * packets may leave in clear must be root's, too, of the namespace's owner.
 */
bool klips_natt_is_ike(const struct sock *sk)
{
	return sk_fullsock(sk) && sk->sk_protocol == IPPROTO_UDP &&
	       READ_ONCE(udp_sk(sk)->encap_type) &&
	       uid_eq(sk->sk_uid, make_kuid(sock_net(sk)->user_ns, 0));
}

/*
 * Inbound.
 */

int klips_natt_check(const struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_natt *natt = rcu_dereference(sa->natt);

	if (KLIPS_CB(skb)->encap != (natt ? natt->type : SADB_X_NAT_T_NONE))
		return klips_fail(skb, KLIPS_DROP_ENCAP);
	/* Several packets in one that GRO has put together: sockets with UDP_ENCAP get none. */
	if (natt && skb_is_gso(skb))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	return 0;
}

/* Is it where it was expected?  An address that the SA leaves open is any. */
static bool same_end(const struct klips_endpoint *a, const struct klips_endpoint *b)
{
	return a->port == b->port &&
	       (klips_addr_is_any(&a->addr) || klips_addr_equal(&a->addr, &b->addr));
}

/* Is it time to tell the daemon that packets come from there?  Then it counts as told. */
static bool worth_telling(struct klips_natt *natt, const struct klips_endpoint *from)
{
	unsigned long wait;
	bool tell;

	spin_lock_bh(&natt->lock);
	wait = same_end(&natt->told, from) ? TELL_AGAIN : TELL_CHANGES;
	tell = !natt->told_at || time_after_eq(jiffies, natt->told_at + wait);
	if (tell) {
		natt->told = *from;
		natt->told_at = jiffies ? jiffies : 1;
	}
	spin_unlock_bh(&natt->lock);
	return tell;
}

void klips_natt_heard(struct klips_sa *sa, struct sk_buff *skb)
{
	struct klips_natt *natt = rcu_dereference(sa->natt);
	struct klips_endpoint from = { .port = KLIPS_CB(skb)->sport };

	if (!natt)
		return;
	if (sa->said.family == AF_INET6)
		memcpy(&from.addr, &ipv6_hdr(skb)->saddr, sizeof(from.addr));
	else
		from.addr.v4 = ip_hdr(skb)->saddr;
	if (unlikely(!same_end(&natt->src, &from)) && worth_telling(natt, &from))
		klips_pfkey_new_mapping(sa, natt, &from);
}

/*
 * Checksums in transport mode, RFC 3948 section 3.1.2.
 */

/* The address that the packet has, instead of what its sender gave it. */
static const u8 *source_of(const struct sk_buff *skb)
{
	if (ip_hdr(skb)->version == 6)
		return (const u8 *)&ipv6_hdr(skb)->saddr;
	return (const u8 *)&ip_hdr(skb)->saddr;
}

/* Make it anew, of whatever the packet holds: the ICV says that this is what was sent. */
static void resum(const struct sk_buff *skb, unsigned int at, u8 proto, __sum16 *check)
{
	unsigned int len = skb->len - at;
	__wsum sum;

	*check = 0;
	sum = skb_checksum(skb, at, len, 0);
	if (ip_hdr(skb)->version == 6)
		*check = csum_ipv6_magic(&ipv6_hdr(skb)->saddr, &ipv6_hdr(skb)->daddr, len, proto,
					 sum);
	else
		*check = csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr, len, proto, sum);
	if (!*check && klips_checksum_optional(proto))
		*check = CSUM_MANGLED_0;
}

/* The encapsulation of the bundle that inner belongs to, or NULL. */
static const struct klips_natt *natt_around(struct klips_sa *inner)
{
	const struct klips_natt *natt = NULL;

	for (; inner && !natt; inner = rcu_dereference(inner->outer))
		natt = rcu_dereference(inner->natt);
	return natt;
}

int klips_natt_repair(struct klips_sa *inner, struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	const struct klips_natt *natt;
	__sum16 *check;
	int in;

	if (!cb->encap)
		return 0;
	natt = natt_around(inner);
	if (!natt)
		return klips_fail(skb, KLIPS_DROP_BUNDLE);
	if (klips_payload_enter(skb))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	in = klips_checksum_at(cb->proto);
	if (in < 0)
		return 0;
	if (!pskb_may_pull(skb, cb->iplen + in + sizeof(*check)))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	check = (void *)skb->data + cb->iplen + in;
	if (!klips_addr_is_any(&natt->oa))
		klips_checksum_changed(cb->proto, (u8 *)check, natt->oa.octet, source_of(skb),
				       inner->said.family == AF_INET6 ? 16 : 4);
	else if (*check || !klips_checksum_optional(cb->proto))
		resum(skb, cb->iplen, cb->proto, check);
	return 0;
}
