// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SKEYID and its children, HASH_I/R, HASH(1..3), KEYMAT.
 *
 *	SKEYID   = prf(psk, Ni_b | Nr_b)		pre-shared key
 *	         = prf(Ni_b | Nr_b, g^xy)		signatures
 *	SKEYID_d = prf(SKEYID, g^xy | CKY-I | CKY-R | 0)
 *	SKEYID_a = prf(SKEYID, SKEYID_d | g^xy | CKY-I | CKY-R | 1)
 *	SKEYID_e = prf(SKEYID, SKEYID_a | g^xy | CKY-I | CKY-R | 2)
 *
 * The prf is HMAC with the negotiated hash.  `_b` is a payload's body without its generic
 * header, verbatim as it was sent: nothing here is ever rebuilt from parsed values.
 *
 * RFC 2409 section 5 (keys and HASH_I/R), 5.5 (Quick Mode), 5.7 (Informational), appendix B
 * (stretching SKEYID_e to the cipher's key).
 */
#include "pluto/keymat.h"

#include <string.h>

#include "pluto/iv.h"
#include "pluto/payloads.h"

static struct span cookie(const uint8_t *c)
{
	return span_of(c, COOKIE_LEN);
}

static void skeyid(struct exchange *x, struct span psk)
{
	const struct hash_desc *h = x->suite.hash;
	struct span nonces[] = { buf_span(&x->ni), buf_span(&x->nr) };
	struct span shared = secret_span(&x->dh_shared);
	uint8_t *out = secret_alloc(&x->skeyid, h->len);

	if (x->auth == OAKLEY_PRESHARED_KEY) {
		prf_spans(h, psk, nonces, ARRAY_SIZE(nonces), out);
	} else {
		struct buf key = { 0 };

		buf_add_span(&key, nonces[0]);
		buf_add_span(&key, nonces[1]);
		prf_spans(h, buf_span(&key), &shared, 1, out);
		buf_free(&key);
	}
}

/* One of SKEYID_d, _a, _e: the one before it, empty for the first, and its number. */
static void child(const struct exchange *x, const struct secret *before, uint8_t number,
		  struct secret *out)
{
	struct span in[] = { secret_span(before), secret_span(&x->dh_shared),
			     cookie(x->isakmp->icookie), cookie(x->isakmp->rcookie),
			     { &number, 1 } };
	uint8_t *p = secret_alloc(out, x->suite.hash->len);

	prf_spans(x->suite.hash, secret_span(&x->skeyid), in, ARRAY_SIZE(in), p);
}

/* Appendix B: Ka = K1 | K2 ..., K1 = prf(SKEYID_e, 0), Kn = prf(SKEYID_e, Kn-1), if need be. */
static void cipher_key(struct isakmp_sa *sa)
{
	const struct hash_desc *h = sa->suite.hash;
	size_t len = sa->suite.key_bits / 8, done = 0;
	uint8_t *out = secret_alloc(&sa->key, len), block[HASH_MAX] = { 0 };
	struct span before = { block, 1 };

	if (len <= sa->skeyid_e.len) {
		memcpy(out, sa->skeyid_e.ptr, len);
		return;
	}
	while (done < len) {
		size_t n = len - done < h->len ? len - done : h->len;

		prf_spans(h, secret_span(&sa->skeyid_e), &before, 1, block);
		memcpy(out + done, block, n);
		done += n;
		before.len = h->len;
	}
	secret_wipe(block, sizeof(block));
}

void keymat_isakmp(struct exchange *x, struct span psk)
{
	static const struct secret none;
	struct isakmp_sa *sa = x->isakmp;

	sa->suite = x->suite;
	skeyid(x, psk);
	child(x, &none, 0, &sa->skeyid_d);
	child(x, &sa->skeyid_d, 1, &sa->skeyid_a);
	child(x, &sa->skeyid_a, 2, &sa->skeyid_e);
	cipher_key(sa);
	iv_phase1(x, x->iv);
}

/*
 *	HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b)
 *	HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b)
 */
struct span keymat_hash(const struct exchange *x, enum hash_of which, uint8_t *out)
{
	struct span ci = cookie(x->isakmp->icookie), cr = cookie(x->isakmp->rcookie);
	struct span gi = buf_span(&x->ke_i), gr = buf_span(&x->ke_r);
	bool i = which == HASH_I;
	struct span in[] = { i ? gi : gr, i ? gr : gi, i ? ci : cr, i ? cr : ci,
			     buf_span(&x->sa_body), buf_span(i ? &x->id_i : &x->id_r) };

	prf_spans(x->suite.hash, secret_span(&x->skeyid), in, ARRAY_SIZE(in), out);
	return span_of(out, x->suite.hash->len);
}

static void put_msgid(uint32_t msgid, uint8_t out[4])
{
	for (unsigned int i = 0; i < 4; i++)
		out[i] = (uint8_t)(msgid >> (24 - 8 * i));
}

/*
 *	HASH(1) = prf(SKEYID_a, M-ID | rest)
 *	HASH(2) = prf(SKEYID_a, M-ID | Ni_b | rest)
 *	HASH(3) = prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b)
 */
struct span keymat_hash_n(const struct exchange *x, unsigned int n, struct span rest,
			  uint8_t *out)
{
	const struct isakmp_sa *sa = x->isakmp;
	uint8_t zero_id[5] = { 0 };
	struct span id = { zero_id + 1, 4 }, zero = { zero_id, 5 };
	struct span in1[] = { id, rest }, in2[] = { id, buf_span(&x->ni), rest };
	struct span in3[] = { zero, buf_span(&x->ni), buf_span(&x->nr) };

	put_msgid(x->msgid, zero_id + 1);
	if (n == 1)
		prf_spans(sa->suite.hash, secret_span(&sa->skeyid_a), in1, 2, out);
	else if (n == 2)
		prf_spans(sa->suite.hash, secret_span(&sa->skeyid_a), in2, 3, out);
	else
		prf_spans(sa->suite.hash, secret_span(&sa->skeyid_a), in3, 3, out);
	return span_of(out, sa->suite.hash->len);
}

struct span keymat_hash_info(const struct isakmp_sa *sa, uint32_t msgid, struct span rest,
			     uint8_t *out)
{
	uint8_t id[4];
	struct span in[] = { { id, sizeof(id) }, rest };

	put_msgid(msgid, id);
	prf_spans(sa->suite.hash, secret_span(&sa->skeyid_a), in, ARRAY_SIZE(in), out);
	return span_of(out, sa->suite.hash->len);
}

/*
 *	KEYMAT = K1 | K2 ...	K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b)
 *				Kn = prf(SKEYID_d, Kn-1 | the same)
 *
 * SPI is that of the SA's receiver, so the two directions differ.
 */
static void keymat_one(const struct exchange *x, uint32_t spi, struct secret *out)
{
	const struct isakmp_sa *sa = x->isakmp;
	const struct hash_desc *h = sa->suite.hash;
	uint8_t proto_spi[5] = { PROTO_IPSEC_ESP }, block[HASH_MAX];
	size_t len = esp_keymat_len(&x->ipsec->suite), done = 0;
	struct span in[] = { { block, 0 }, secret_span(&x->dh_shared),
			     { proto_spi, sizeof(proto_spi) }, buf_span(&x->ni),
			     buf_span(&x->nr) };
	uint8_t *p = secret_alloc(out, len);

	put_msgid(spi, proto_spi + 1);
	while (done < len) {
		size_t n = len - done < h->len ? len - done : h->len;

		prf_spans(h, secret_span(&sa->skeyid_d), in, ARRAY_SIZE(in), block);
		memcpy(p + done, block, n);
		done += n;
		in[0].len = h->len;
	}
	secret_wipe(block, sizeof(block));
}

void keymat_ipsec(struct exchange *x)
{
	keymat_one(x, x->ipsec->our_spi, &x->ipsec->in_keymat);
	keymat_one(x, x->ipsec->peer_spi, &x->ipsec->out_keymat);
}
