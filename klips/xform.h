/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A transform: what one SA does to a packet.  One row per IPsec protocol.
 *
 * Both directions return 0 when done, -EINPROGRESS when klips_xmit_resume() or
 * klips_rcv_resume() will be called, or what klips_fail() returns.  They run under
 * RCU with bottom halves off, and never free the skb.
 *
 * A packet is of IPv4 or IPv6, as skb->protocol says.
 *
 * Before and after output() skb->data is the network header, whose lengths are right.
 * All but IPIP put their own header where klips_payload_at() says, which is transport
 * mode, set the octet that announces it, and end with klips_set_len().
 *
 * Before input() skb->data is the transform's own header, directly behind the IP
 * header(s), which are in the headroom at the network header; the length of those is
 * KLIPS_CB(skb)->iplen, and their octet ->next announces it.  Afterwards skb->data is
 * what the transform uncovered, whose protocol is in KLIPS_CB(skb)->proto; the IP
 * header(s) stay where they were, rcv.c brings them up.
 */
#ifndef KLIPS_XFORM_H
#define KLIPS_XFORM_H

#include "klips/klips.h"

/* What a new SA is to use.  Keys are borrowed. */
struct klips_keys {
	u8 ealg, aalg;			/* SADB numbers */
	const u8 *ekey, *akey;
	size_t ekey_len, akey_len;	/* octets */
	char *why;			/* KLIPS_WHY_MAX octets for klips_keys_refuse(), or NULL */
};

#define KLIPS_WHY_MAX	192

/* For init(): say in words why not.  The key manager is told.  Returns err. */
__printf(3, 4) int klips_keys_refuse(const struct klips_keys *keys, int err, const char *fmt, ...);

struct klips_xform {
	u8 proto;
	const char *name;		/* as in a SAID: "esp" */
	int (*init)(struct klips_sa *sa, const struct klips_keys *keys);	/* may sleep */
	void (*destroy)(struct klips_sa *sa);					/* may sleep */
	/* What output() adds to a packet of len octets: in all, and of that in front. */
	unsigned int (*overhead)(const struct klips_sa *sa, unsigned int len,
				 unsigned int *front);
	int (*output)(struct klips_sa *sa, struct sk_buff *skb);
	int (*input)(struct klips_sa *sa, struct sk_buff *skb);
};

/* The transform of an IPsec protocol, or NULL. */
const struct klips_xform *klips_xform_find(u8 proto);

/*
 * Outbound, skb->data being the network header: the offset at which an IPsec header of
 * transport mode goes, and in *nexthdr the octet that says what is there; see payload.c.
 * It is good until the packet's head is reallocated.  -EINVAL for headers that cannot be.
 */
int klips_payload_at(struct sk_buff *skb, u8 **nexthdr);

/*
 * Inbound, skb->data being the network header: note in KLIPS_CB(skb) where the first header
 * is that is no extension header, what announces it, and its protocol.  0 or -EINVAL.
 */
int klips_payload_enter(struct sk_buff *skb);

/* Set total or payload length, and IPv4's checksum, from skb->len; skb->data as above. */
void klips_set_len(struct sk_buff *skb);

extern const struct klips_xform klips_esp_xform;
extern const struct klips_xform klips_ah_xform;
extern const struct klips_xform klips_ipcomp_xform;
extern const struct klips_xform klips_ipip_xform;

/* May the packet at the network header not be fragmented? */
bool klips_ip_df(const struct sk_buff *skb);
/* Will the outermost tunnel header of the bundle beginning with sa forbid it?  Under RCU. */
bool klips_ipip_outer_df(const struct klips_sa *sa, const struct sk_buff *skb);

/* What /proc/net/ipsec_spi says of an ESP SA. */
struct klips_esp_info {
	const char *ename, *aname;	/* aname: NULL for AEAD */
	unsigned int iv_bits, ekey_bits, akey_bits, icv_bits;
};
/* And what PF_KEY does: the SADB numbers of its algorithms. */
void klips_esp_algs(const struct klips_sa *sa, u8 *ealg, u8 *aalg);
void klips_esp_info(const struct klips_sa *sa, struct klips_esp_info *info);

/* The same of an AH SA: as if it encrypted with nothing. */
u8 klips_ah_alg(const struct klips_sa *sa);
void klips_ah_info(const struct klips_sa *sa, struct klips_esp_info *info);

/* Is this an IPComp SA that may be the outermost one, with nothing that protects? */
bool klips_ipcomp_bare(const struct klips_sa *sa);

/* Octets of the packets that an IPComp SA has compressed, or expanded: at either end. */
void klips_ipcomp_ratio(const struct klips_sa *sa, u64 *plain, u64 *packed);

#endif
