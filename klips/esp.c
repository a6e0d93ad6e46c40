// SPDX-License-Identifier: GPL-2.0-only
/*
 * ESP, RFC 4303.
 *
 *   IP header | SPI, sequence number | IV | payload, padding, pad length, next header | ICV
 *             '-- associated data, assoclen -'------------ cryptlen -------------------'
 *
 * With extended sequence numbers the upper half of the number is authenticated but not
 * sent (section 2.2.1).  The crypto API wants it between SPI and lower half, so that the
 * associated data is then a copy, in front of the packet from the IV's end on:
 *
 *   | SPI, upper half, lower half, IV |   | payload, padding, pad length, next header | ICV
 *
 * All suites are one AEAD and take one path; what differs is in the table of alg.c.
 * IVs are our own: random for CBC (RFC 3602 section 3), the sequence counter for
 * counter modes, where an IV must never come twice under one key (RFC 4106 section
 * 3.1).  So a packet's number and IV are settled before the cipher sees it, and the
 * cipher may finish later, on another CPU.
 *
 * Nothing that a packet says is acted on before its ICV has been verified: the
 * replay window is asked before, to save work, and moves afterwards (3.4.3); padding
 * and next header are read afterwards (2.4).
 *
 * ESP is put between the IP header(s) and what follows, which is transport mode; tunnel
 * mode is ipip.c's header in front of it first.
 */
#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <net/esp.h>
#include <net/ip.h>

#include "klips/alg.h"
#include "klips/async.h"
#include "klips/compat.h"
#include "klips/sequence.h"
#include "klips/xform.h"

#define ESP_HDR		8	/* SPI, sequence number */
#define ESP_TRAILER	2	/* pad length, next header */
#define ESP_ALIGN	4	/* RFC 4303 section 2.4 */
#define ESP_IV_MAX	16
#define ESP_ESN		4	/* the half that is not sent */

struct klips_esp {
	struct crypto_aead *aead;
	struct klips_suite suite;
	u16 ekey_len, akey_len;
	u8 iv, icv;
	bool esn;
	u8 align;			/* of payload and trailer: the cipher's block */
};

/* The memory of one request: this, the request and its context, then the fragments. */
struct esp_crypt {
	u8 iv[ESP_IV_MAX];
	u8 assoc[ESP_HDR + ESP_ESN + ESP_IV_MAX];	/* with ESN */
	struct aead_request *req;
	struct scatterlist *sg;
	struct klips_async async;
};

static int esp_set_cipher(struct klips_esp *esp, const struct klips_keys *keys)
{
	int err;

	esp->aead = klips_suite_alloc(&esp->suite, esp->esn);
	if (IS_ERR(esp->aead)) {
		err = PTR_ERR(esp->aead);
		esp->aead = NULL;
		return err;
	}
	return klips_suite_set_keys(esp->aead, &esp->suite, keys);
}

static int esp_init(struct klips_sa *sa, const struct klips_keys *keys)
{
	struct klips_esp *esp;
	const char *why;
	int err;

	esp = kzalloc(sizeof(*esp), GFP_KERNEL);
	if (!esp)
		return -ENOMEM;
	sa->esp = esp;			/* esp_destroy() cleans up, whatever follows */

	err = klips_suite_find(keys->ealg, keys->aalg, sa->esn, &esp->suite, &why);
	if (err)
		return klips_keys_refuse(keys, err, "encryption %u with authentication %u: %s",
					 keys->ealg, keys->aalg, why);
	if (!klips_suite_keys_fit(&esp->suite, keys->ekey_len, keys->akey_len))
		return klips_keys_refuse(keys, -EINVAL, "%s%s%s does not take keys of %zu and %zu octets",
					 esp->suite.enc->name, esp->suite.auth ? "_" : "",
					 esp->suite.auth ? esp->suite.auth->name : "",
					 keys->ekey_len, keys->akey_len);
	esp->iv = esp->suite.enc->iv;
	esp->icv = klips_suite_icv(&esp->suite);
	esp->ekey_len = keys->ekey_len - esp->suite.enc->salt;
	esp->akey_len = keys->akey_len;
	esp->esn = sa->esn;
	err = esp_set_cipher(esp, keys);
	if (err)
		return err;
	if (WARN_ON_ONCE(crypto_aead_ivsize(esp->aead) != esp->iv))
		return -EINVAL;
	esp->align = ALIGN(crypto_aead_blocksize(esp->aead), ESP_ALIGN);
	return 0;
}

static void esp_destroy(struct klips_sa *sa)
{
	if (sa->esp && sa->esp->aead)
		crypto_free_aead(sa->esp->aead);
	kfree(sa->esp);
}

static unsigned int esp_overhead(const struct klips_sa *sa, unsigned int len, unsigned int *front)
{
	const struct klips_esp *esp = sa->esp;
	unsigned int payload;
	unsigned int head = sa->said.family == AF_INET6 ? sizeof(struct ipv6hdr) :
							  sizeof(struct iphdr);

	*front = ESP_HDR + esp->iv;
	payload = len > head ? len - head : 0;
	return *front + ALIGN(payload + ESP_TRAILER, esp->align) - payload + esp->icv;
}

/* Memory for a request over a packet in n fragments, and one more for ESN. */
static struct esp_crypt *crypt_alloc(const struct klips_esp *esp, int n)
{
	size_t req_at = ALIGN(sizeof(struct esp_crypt), crypto_tfm_ctx_alignment());
	size_t sg_at = ALIGN(req_at + sizeof(struct aead_request) + crypto_aead_reqsize(esp->aead),
			     __alignof__(struct scatterlist));
	struct esp_crypt *crypt;

	crypt = kmalloc(sg_at + (n + esp->esn) * sizeof(struct scatterlist), GFP_ATOMIC);
	if (!crypt)
		return NULL;
	crypt->req = (void *)crypt + req_at;
	crypt->sg = (void *)crypt + sg_at;
	aead_request_set_tfm(crypt->req, esp->aead);
	return crypt;
}

/* Copy the associated data, whose place is esph, with the upper half of the number in it. */
static void put_assoc(const struct klips_esp *esp, struct esp_crypt *crypt,
		      const struct ip_esp_hdr *esph, u64 seq)
{
	__be32 high = htonl(upper_32_bits(seq));
	u8 *p = crypt->assoc;

	memcpy(p, &esph->spi, sizeof(esph->spi));
	memcpy(p + 4, &high, sizeof(high));
	memcpy(p + 8, &esph->seq_no, sizeof(esph->seq_no));
	memcpy(p + ESP_HDR + ESP_ESN, esph->enc_data, esp->iv);
}

/*
 * Fill in the request, in place: what is associated, and len octets of the rest, from
 * skb->data + at, where ESP's header with the IV is in the linear part.
 */
static int crypt_prepare(const struct klips_esp *esp, struct esp_crypt *crypt,
			 struct sk_buff *skb, int n, int at, u64 seq, unsigned int len,
			 crypto_completion_t done)
{
	const struct ip_esp_hdr *esph = (const void *)skb->data + at;
	unsigned int assoc = ESP_HDR + esp->iv;
	struct scatterlist *sg = crypt->sg;
	int err;

	memcpy(crypt->iv, esph->enc_data, esp->iv);
	sg_init_table(sg, n + esp->esn);
	if (esp->esn) {
		put_assoc(esp, crypt, esph, seq);
		sg_set_buf(sg++, crypt->assoc, assoc + ESP_ESN);
		at += assoc;
		assoc += ESP_ESN;
	}
	err = skb_to_sgvec(skb, sg, at, skb->len - at);
	if (err < 0)
		return err;
	aead_request_set_crypt(crypt->req, crypt->sg, crypt->sg, len, crypt->iv);
	aead_request_set_ad(crypt->req, assoc);
	aead_request_set_callback(crypt->req, 0, done, skb);
	KLIPS_CB(skb)->crypto = crypt;
	return 0;
}

static void crypt_done(struct sk_buff *skb)
{
	kfree(KLIPS_CB(skb)->crypto);
	KLIPS_CB(skb)->crypto = NULL;
}

/*
 * Outbound.
 */

static int esp_output_done(struct sk_buff *skb, int err)
{
	crypt_done(skb);
	return err ? klips_fail(skb, KLIPS_DROP_CRYPTO) : 0;
}

KLIPS_CRYPTO_DONE(esp_output_async)
{
	struct sk_buff *skb = KLIPS_CRYPTO_DATA(data);
	struct net_device *dev = skb->dev;

	if (err == -EINPROGRESS)
		return;
	klips_xmit_resume(skb, esp_output_done(skb, err));
	dev_put(dev);
}

/* Append padding, pad length and next header, and leave room for the ICV. */
static void put_trailer(struct sk_buff *skb, struct sk_buff *last, unsigned int pad, u8 proto,
			unsigned int icv)
{
	u8 *p = pskb_put(skb, last, pad + ESP_TRAILER + icv);
	unsigned int i;

	for (i = 0; i < pad; i++)
		p[i] = i + 1;
	p[pad] = pad;
	p[pad + 1] = proto;
}

/* Open the gap for ESP's header at this place, and fill it. */
static u8 *put_header(struct klips_sa *sa, struct sk_buff *skb, unsigned int at, u8 *nexthdr,
		      u64 seq)
{
	unsigned int gap = ESP_HDR + sa->esp->iv;
	struct ip_esp_hdr *esph;

	*nexthdr = IPPROTO_ESP;
	skb_push(skb, gap);
	memmove(skb->data, skb->data + gap, at);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, at);
	klips_set_len(skb);

	esph = (void *)skb_transport_header(skb);
	esph->spi = sa->said.spi;
	esph->seq_no = htonl(lower_32_bits(seq));
	return esph->enc_data;
}

/* The number is never the same twice, with all of its 64 bits: neither is a counter's IV. */
static void make_iv(const struct klips_esp *esp, u64 seq, u8 *iv)
{
	__be64 counter = cpu_to_be64(seq);

	if (esp->suite.enc->counter)
		memcpy(iv, &counter, sizeof(counter));
	else if (esp->iv)
		get_random_bytes(iv, esp->iv);
}

static int esp_output(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_esp *esp = sa->esp;
	unsigned int front = ESP_HDR + esp->iv;
	unsigned int payload, clen;
	struct esp_crypt *crypt;
	struct sk_buff *last;
	u8 *nexthdr;
	u64 seq;
	int at, n, err;

	at = klips_payload_at(skb, &nexthdr);
	if (at < 0)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	payload = skb->len - at;
	clen = ALIGN(payload + ESP_TRAILER, esp->align);
	if (skb->len + front + clen - payload + esp->icv > IP_MAX_MTU)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (skb_cow_head(skb, front))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	n = skb_cow_data(skb, clen - payload + esp->icv, &last);
	if (n < 0)
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	crypt = crypt_alloc(esp, n);
	if (!crypt)
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	seq = klips_seq_next(sa);
	if (!seq) {
		kfree(crypt);
		return klips_fail(skb, KLIPS_DROP_SEQUENCE);
	}

	klips_payload_at(skb, &nexthdr);	/* once more: the head may have moved */
	put_trailer(skb, last, clen - payload - ESP_TRAILER, *nexthdr, esp->icv);
	make_iv(esp, seq, put_header(sa, skb, at, nexthdr, seq));
	err = crypt_prepare(esp, crypt, skb, n, at, seq, clen, esp_output_async);
	if (err) {
		kfree(crypt);
		return klips_fail(skb, KLIPS_DROP_CRYPTO);
	}

	dev_hold(skb->dev);		/* it must stay while the cipher is at work */
	err = klips_async_result(&crypt->async, &crypt->req->base,
				 crypto_aead_encrypt(crypt->req));
	if (err == -EINPROGRESS)
		return err;
	dev_put(skb->dev);
	return esp_output_done(skb, err);
}

/*
 * Inbound.
 */

/* The padding is authenticated: anything but 1, 2, 3... was made by the peer's mistake. */
static bool padding_is_right(struct sk_buff *skb, unsigned int at, unsigned int len)
{
	u8 pad[255];
	unsigned int i;

	if (skb_copy_bits(skb, at, pad, len))
		return false;
	for (i = 0; i < len; i++)
		if (pad[i] != i + 1)
			return false;
	return true;
}

/* Take ESP off an authentic packet; skb->data is at its header. */
static int esp_strip(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_esp *esp = sa->esp;
	unsigned int front = ESP_HDR + esp->iv;
	unsigned int end = skb->len - esp->icv;		/* of the trailer */
	u8 trailer[ESP_TRAILER];

	if (skb_copy_bits(skb, end - ESP_TRAILER, trailer, ESP_TRAILER))
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	if (front + trailer[0] + ESP_TRAILER > end ||
	    !padding_is_right(skb, end - ESP_TRAILER - trailer[0], trailer[0])) {
		atomic_inc(&sa->pad_errs);
		return klips_fail(skb, KLIPS_DROP_PADDING);
	}
	if (trailer[1] == IPPROTO_NONE)
		return klips_fail(skb, KLIPS_DROP_DUMMY);
	if (pskb_trim(skb, end - ESP_TRAILER - trailer[0]))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	__skb_pull(skb, front);
	KLIPS_CB(skb)->proto = trailer[1];
	return 0;
}

static int esp_input_done(struct sk_buff *skb, int err)
{
	struct klips_sa *sa = KLIPS_CB(skb)->sa;

	crypt_done(skb);
	if (err == -EBADMSG) {
		atomic_inc(&sa->auth_errs);
		return klips_fail(skb, KLIPS_DROP_AUTH);
	}
	if (err)
		return klips_fail(skb, KLIPS_DROP_CRYPTO);
	err = klips_seq_accept(sa, skb);
	return err ? err : esp_strip(sa, skb);
}

KLIPS_CRYPTO_DONE(esp_input_async)
{
	struct sk_buff *skb = KLIPS_CRYPTO_DATA(data);
	struct net_device *dev = skb->dev;

	if (err == -EINPROGRESS)
		return;
	klips_rcv_resume(skb, esp_input_done(skb, err));
	dev_put(dev);
}

static int esp_input(struct klips_sa *sa, struct sk_buff *skb)
{
	const struct klips_esp *esp = sa->esp;
	unsigned int front = ESP_HDR + esp->iv;
	struct esp_crypt *crypt;
	struct sk_buff *last;
	unsigned int clen;
	int n, err;

	if (skb->len < front + esp->align + esp->icv || !pskb_may_pull(skb, front)) {
		atomic_inc(&sa->size_errs);
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	}
	clen = skb->len - front - esp->icv;
	if (clen % esp->align) {
		atomic_inc(&sa->size_errs);
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	}
	err = klips_seq_check(sa, skb, ((struct ip_esp_hdr *)skb->data)->seq_no);
	if (err)
		return err;

	n = skb_cow_data(skb, 0, &last);
	if (n < 0)
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	crypt = crypt_alloc(esp, n);
	if (!crypt)
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	err = crypt_prepare(esp, crypt, skb, n, 0, KLIPS_CB(skb)->seq, clen + esp->icv,
			    esp_input_async);
	if (err) {
		kfree(crypt);
		return klips_fail(skb, KLIPS_DROP_CRYPTO);
	}
	skb->ip_summed = CHECKSUM_NONE;

	dev_hold(skb->dev);
	err = klips_async_result(&crypt->async, &crypt->req->base,
				 crypto_aead_decrypt(crypt->req));
	if (err == -EINPROGRESS)
		return err;
	dev_put(skb->dev);
	return esp_input_done(skb, err);
}

void klips_esp_info(const struct klips_sa *sa, struct klips_esp_info *info)
{
	const struct klips_esp *esp = sa->esp;

	info->ename = esp->suite.enc->name;
	info->aname = esp->suite.auth ? esp->suite.auth->name : NULL;
	info->iv_bits = esp->iv * 8;
	info->ekey_bits = esp->ekey_len * 8;
	info->akey_bits = esp->akey_len * 8;
	info->icv_bits = esp->icv * 8;
}

void klips_esp_algs(const struct klips_sa *sa, u8 *ealg, u8 *aalg)
{
	*ealg = sa->esp->suite.enc->id;
	*aalg = sa->esp->suite.auth ? sa->esp->suite.auth->id : 0;
}

const struct klips_xform klips_esp_xform = {
	.proto = IPPROTO_ESP,
	.name = "esp",
	.init = esp_init,
	.destroy = esp_destroy,
	.overhead = esp_overhead,
	.output = esp_output,
	.input = esp_input,
};
