// SPDX-License-Identifier: GPL-2.0-only
/*
 * AH, RFC 4302.
 *
 *   IP header(s) | next header, length, SPI, sequence number | ICV, padding | payload
 *   '-- as mutable.c makes them -'                            '-- zero -'
 *
 * The ICV is a keyed hash over all of that, and with extended sequence numbers over
 * their upper half, which does not travel (section 3.3.3.2.2).  What the hash sees
 * of the headers is made in the memory of the request, so the packet keeps them as they
 * are, and the hash may finish later, on another CPU, as ESP's ciphers may.
 *
 * Nothing that a packet says is acted on before its ICV has been verified, but for
 * lengths that cannot be and numbers that are too old: section 3.4.
 *
 * An AH header is a multiple of four octets long with IPv4 and of eight with IPv6, and
 * no longer than that needs (section 3.3.3.2.1).  The native stack pads for IPv4, too,
 * unless its SA has the flag align4: without it the two agree only where there is nothing
 * to pad, which is with ICVs of 96 bits.
 *
 * AH is put between the IP header and what follows, which is transport mode; tunnel
 * mode is ipip.c's header in front of it first.
 */
#include <crypto/algapi.h>
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <net/ah.h>
#include <net/ip.h>

#include "klips/alg.h"
#include "klips/async.h"
#include "klips/compat.h"
#include "klips/mutable.h"
#include "klips/sequence.h"
#include "klips/xform.h"

#define AH_HDR		12	/* all but the ICV */
#define AH_DIGEST_MAX	64

struct klips_ah {
	struct crypto_ahash *hash;
	const struct klips_aalg *alg;
	u8 len;			/* of the header with ICV and padding */
};

/* The memory of one request: this, the request and its context, fragments, the headers. */
struct ah_crypt {
	u8 digest[AH_DIGEST_MAX];
	struct ahash_request *req;
	struct scatterlist *sg;
	u8 *form;		/* the headers as the hash sees them */
	__be32 high;		/* of an extended sequence number */
	struct klips_async async;
};

static int ah_set_hash(struct klips_ah *ah, const struct klips_keys *keys)
{
	unsigned int size;
	int err;

	ah->hash = crypto_alloc_ahash(ah->alg->crypto, 0, 0);
	if (IS_ERR(ah->hash)) {
		err = PTR_ERR(ah->hash);
		ah->hash = NULL;
		return err;
	}
	size = crypto_ahash_digestsize(ah->hash);
	if (WARN_ON_ONCE(size > AH_DIGEST_MAX || size < ah->alg->icv))
		return -EINVAL;
	return crypto_ahash_setkey(ah->hash, keys->akey, keys->akey_len);
}

static int ah_init(struct klips_sa *sa, const struct klips_keys *keys)
{
	struct klips_ah *ah;

	if (keys->ealg || keys->ekey_len)
		return klips_keys_refuse(keys, -EINVAL, "AH does not encrypt: leave encryption %u and its key out",
					 keys->ealg);
	ah = kzalloc(sizeof(*ah), GFP_KERNEL);
	if (!ah)
		return -ENOMEM;
	sa->ah = ah;			/* ah_destroy() cleans up, whatever follows */
	ah->alg = klips_aalg_find(keys->aalg);
	if (!ah->alg)
		return klips_keys_refuse(keys, -EPROTONOSUPPORT,
					 "authentication %u is not known, or not offered by this kernel",
					 keys->aalg);
	if (keys->akey_len * 8 != ah->alg->bits)
		return klips_keys_refuse(keys, -EINVAL, "%s takes a key of %u octets, not of %zu",
					 ah->alg->name, ah->alg->bits / 8, keys->akey_len);
	ah->len = ALIGN(AH_HDR + ah->alg->icv, sa->said.family == AF_INET6 ? 8 : 4);
	return ah_set_hash(ah, keys);
}

static void ah_destroy(struct klips_sa *sa)
{
	if (sa->ah && sa->ah->hash)
		crypto_free_ahash(sa->ah->hash);
	kfree(sa->ah);
}

static unsigned int ah_overhead(const struct klips_sa *sa, unsigned int len, unsigned int *front)
{
	*front = sa->ah->len;
	return *front;
}

/* Memory for a request over n fragments, with headers of so many octets. */
static struct ah_crypt *crypt_alloc(const struct klips_ah *ah, int n, unsigned int headers)
{
	size_t req_at = ALIGN(sizeof(struct ah_crypt), crypto_tfm_ctx_alignment());
	size_t sg_at = ALIGN(req_at + sizeof(struct ahash_request) + crypto_ahash_reqsize(ah->hash),
			     __alignof__(struct scatterlist));
	size_t form_at = sg_at + n * sizeof(struct scatterlist);
	struct ah_crypt *crypt;

	crypt = kmalloc(form_at + headers, GFP_ATOMIC);
	if (!crypt)
		return NULL;
	crypt->req = (void *)crypt + req_at;
	crypt->sg = (void *)crypt + sg_at;
	crypt->form = (void *)crypt + form_at;
	ahash_request_set_tfm(crypt->req, ah->hash);
	return crypt;
}

/* The sequence number, and the upper half of it that does not travel; returns fragments. */
static int add_high(const struct klips_sa *sa, struct ah_crypt *crypt, int n, u64 seq)
{
	if (!sa->esn)
		return n;
	crypt->high = htonl(seq >> 32);
	sg_set_buf(crypt->sg + n, &crypt->high, sizeof(crypt->high));
	return n + 1;
}

/* Set up the request for a packet whose IP header(s) are ip octets.  0, or a drop. */
static int crypt_prepare(struct klips_sa *sa, struct ah_crypt *crypt, struct sk_buff *skb,
			 unsigned int ip, crypto_completion_t done)
{
	unsigned int front = ip + sa->ah->len;
	int at = skb_network_offset(skb) + front;
	unsigned int rest = skb->len - at;
	int n;

	memcpy(crypt->form, skb_network_header(skb), front);
	memset(crypt->form + ip + AH_HDR, 0, sa->ah->alg->icv);
	if (klips_mutable_clear(crypt->form, ip))
		return KLIPS_DROP_MALFORMED;
	sg_set_buf(crypt->sg, crypt->form, front);
	n = skb_to_sgvec_nomark(skb, crypt->sg + 1, at, rest);
	if (n < 0)
		return KLIPS_DROP_CRYPTO;
	n = add_high(sa, crypt, 1 + n, KLIPS_CB(skb)->seq);
	sg_mark_end(crypt->sg + n - 1);
	ahash_request_set_crypt(crypt->req, crypt->sg, crypt->digest,
				front + rest + (sa->esn ? sizeof(crypt->high) : 0));
	ahash_request_set_callback(crypt->req, 0, done, skb);
	return 0;
}

/*
 * Hash the packet at the network header, of which the IP header(s) are ip octets, with AH
 * behind them.  Returns 0 with the digest in the request, -EINPROGRESS, in which case
 * done comes, or what klips_fail() returns.
 */
static int hash_packet(struct klips_sa *sa, struct sk_buff *skb, unsigned int ip,
		       crypto_completion_t done)
{
	struct ah_crypt *crypt;
	int n, err;

	if (skb_has_frag_list(skb) && skb_linearize(skb))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	n = skb_shinfo(skb)->nr_frags + 3;	/* headers, linear data, upper half */
	crypt = crypt_alloc(sa->ah, n, ip + sa->ah->len);
	if (!crypt)
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	sg_init_table(crypt->sg, n);
	err = crypt_prepare(sa, crypt, skb, ip, done);
	if (err) {
		kfree(crypt);
		return klips_fail(skb, err);
	}
	KLIPS_CB(skb)->crypto = crypt;

	dev_hold(skb->dev);		/* it must stay while the hash is computed */
	err = klips_async_result(&crypt->async, &crypt->req->base,
				 crypto_ahash_digest(crypt->req));
	if (err != -EINPROGRESS)
		dev_put(skb->dev);
	return err;
}

static void crypt_done(struct sk_buff *skb)
{
	kfree_sensitive(KLIPS_CB(skb)->crypto);
	KLIPS_CB(skb)->crypto = NULL;
}

/*
 * Outbound: AH is at the transport header.
 */

static int ah_output_done(struct sk_buff *skb, int err)
{
	const struct klips_ah *ah = KLIPS_CB(skb)->sa->ah;
	const struct ah_crypt *crypt = KLIPS_CB(skb)->crypto;

	if (!err)
		memcpy(skb_transport_header(skb) + AH_HDR, crypt->digest, ah->alg->icv);
	crypt_done(skb);
	return err ? klips_fail(skb, KLIPS_DROP_CRYPTO) : 0;
}

KLIPS_CRYPTO_DONE(ah_output_async)
{
	struct sk_buff *skb = KLIPS_CRYPTO_DATA(data);
	struct net_device *dev = skb->dev;

	if (err == -EINPROGRESS)
		return;
	klips_xmit_resume(skb, ah_output_done(skb, err));
	dev_put(dev);
}

/* Open the gap for AH at this place, and fill it but for the ICV. */
static void put_header(struct klips_sa *sa, struct sk_buff *skb, unsigned int at, u8 *nexthdr)
{
	struct ip_auth_hdr *ah;
	u8 proto = *nexthdr;

	*nexthdr = IPPROTO_AH;
	skb_push(skb, sa->ah->len);
	memmove(skb->data, skb->data + sa->ah->len, at);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, at);
	klips_set_len(skb);

	ah = (void *)skb_transport_header(skb);
	memset(ah, 0, sa->ah->len);
	ah->nexthdr = proto;
	ah->hdrlen = sa->ah->len / 4 - 2;	/* RFC 4302 section 2.2 */
	ah->spi = sa->said.spi;
	ah->seq_no = htonl(KLIPS_CB(skb)->seq);
}

static int ah_output(struct klips_sa *sa, struct sk_buff *skb)
{
	u8 *nexthdr;
	int at, err;

	if (skb->len + sa->ah->len > IP_MAX_MTU)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (skb_cow_head(skb, sa->ah->len))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	at = klips_payload_at(skb, &nexthdr);
	if (at < 0)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	KLIPS_CB(skb)->seq = klips_seq_next(sa);
	if (!KLIPS_CB(skb)->seq)
		return klips_fail(skb, KLIPS_DROP_SEQUENCE);
	put_header(sa, skb, at, nexthdr);
	err = hash_packet(sa, skb, at, ah_output_async);
	if (err == -EINPROGRESS || !KLIPS_CB(skb)->crypto)
		return err;
	return ah_output_done(skb, err);
}

/*
 * Inbound: AH is at skb->data, the IP header(s) in front of it.
 */

/* Take AH off an authentic packet. */
static int ah_strip(struct klips_sa *sa, struct sk_buff *skb)
{
	KLIPS_CB(skb)->proto = ((struct ip_auth_hdr *)skb->data)->nexthdr;
	__skb_pull(skb, sa->ah->len);
	return 0;
}

static int ah_input_done(struct sk_buff *skb, int err)
{
	const struct ah_crypt *crypt = KLIPS_CB(skb)->crypto;
	struct klips_sa *sa = KLIPS_CB(skb)->sa;
	bool differs;

	differs = !err && crypto_memneq(crypt->digest, skb->data + AH_HDR, sa->ah->alg->icv);
	crypt_done(skb);
	if (err)
		return klips_fail(skb, KLIPS_DROP_CRYPTO);
	if (differs) {
		atomic_inc(&sa->auth_errs);
		return klips_fail(skb, KLIPS_DROP_AUTH);
	}
	err = klips_seq_accept(sa, skb);
	return err ? err : ah_strip(sa, skb);
}

KLIPS_CRYPTO_DONE(ah_input_async)
{
	struct sk_buff *skb = KLIPS_CRYPTO_DATA(data);
	struct net_device *dev = skb->dev;

	if (err == -EINPROGRESS)
		return;
	klips_rcv_resume(skb, ah_input_done(skb, err));
	dev_put(dev);
}

static int ah_input(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct ip_auth_hdr *ah;
	int err;

	if (!pskb_may_pull(skb, sa->ah->len) ||
	    (((struct ip_auth_hdr *)skb->data)->hdrlen + 2) * 4 != sa->ah->len) {
		atomic_inc(&sa->size_errs);
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	}
	ah = (void *)skb->data;
	err = klips_seq_check(sa, skb, ah->seq_no);
	if (err)
		return err;
	/* The IP header will be moved up, and whoever listens may share it. */
	if (skb_unclone(skb, GFP_ATOMIC))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	err = hash_packet(sa, skb, KLIPS_CB(skb)->iplen, ah_input_async);
	if (err == -EINPROGRESS || !KLIPS_CB(skb)->crypto)
		return err;
	return ah_input_done(skb, err);
}

void klips_ah_info(const struct klips_sa *sa, struct klips_esp_info *info)
{
	const struct klips_aalg *alg = sa->ah->alg;

	*info = (struct klips_esp_info){
		.aname = alg->name,
		.akey_bits = alg->bits,
		.icv_bits = alg->icv * 8,
	};
}

u8 klips_ah_alg(const struct klips_sa *sa)
{
	return sa->ah->alg->id;
}

const struct klips_xform klips_ah_xform = {
	.proto = IPPROTO_AH,
	.name = "ah",
	.init = ah_init,
	.destroy = ah_destroy,
	.overhead = ah_overhead,
	.output = ah_output,
	.input = ah_input,
};
