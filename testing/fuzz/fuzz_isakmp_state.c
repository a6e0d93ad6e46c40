// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arbitrary payloads in each message of an honest negotiation, on the inside of its
 * encryption.
 *
 *	octet 0		which of the nine messages is replaced (or, from 9 on, an
 *			Informational message at the end)
 *	octet 1		bit 0: a right HASH is put in front, in Phase 2; bit 1: the honest
 *			message follows
 *	octet 2		type of the first payload
 *	the rest	payloads
 *
 * This is a peer who knows our keys and is hostile all the same.  With SEEDS=DIR in the
 * environment the honest messages are written there in this form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pluto/iv.h"
#include "pluto/keymat.h"
#include "pluto/msg.h"
#include "testing/exchange/world.h"

#define MESSAGES 9

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct side_setup fast = {
	.ike = "aes128-sha1;modp1024", .esp = "aes128-sha1,aes_gcm128;modp1024",
};

static struct exchange *exchange_at(struct side *s)
{
	struct exchange *x, *last = NULL;

	LIST_EACH(x, &s->p.exchanges, struct exchange, link)
		last = x;
	return last;
}

/* Who sends message m, and what it is protected by there. */
static struct side *sender_of(struct world *w, unsigned int m)
{
	return &w->side[m < 6 ? m % 2 : m == 7];
}

/* The keys under which an honest message was made: by now its sender has moved on. */
static bool keys_of(struct world *w, const struct isa_hdr *h, struct side *to,
		    struct isakmp_sa **sa, uint8_t *iv)
{
	struct exchange *x = exchange_at(to);

	*sa = isakmp_sa_by_cookies(&to->p, h->icookie, h->rcookie);
	if (!*sa || !(*sa)->key.len)
		return false;
	if (x && x->msgid == h->msgid && x->isakmp == *sa)
		memcpy(iv, x->iv, CIPHER_BLOCK_MAX);
	else
		iv_phase2(*sa, h->msgid, iv);
	(void)w;
	return true;
}

static void put_hash(struct side *to, const struct isakmp_sa *sa, struct ike_out *o,
		     uint32_t msgid, unsigned int n)
{
	struct exchange like = { .isakmp = (struct isakmp_sa *)sa, .msgid = msgid };
	struct exchange *x = exchange_at(to);
	uint8_t hash[HASH_MAX];
	struct span h;

	if (x && x->msgid == msgid) {
		like.ni = x->ni;
		like.nr = x->nr;
	}
	h = keymat_hash_n(&like, n, msg_built_after(o, ISAKMP_HDR_LEN), hash);
	memcpy(o->b.ptr + ISAKMP_HDR_LEN + GENERIC_LEN, h.ptr, h.len);
}

/* The datagram of hostile payloads in place of an honest one with header h. */
static void replace(struct world *w, struct side *from, struct side *to, struct isa_hdr h,
		    unsigned int m, uint8_t flags, uint8_t next, struct span payloads)
{
	bool encrypted = h.flags & ISAKMP_ENCRYPTION, hash = encrypted && h.msgid && (flags & 1);
	unsigned int n = m == 7 ? 2 : m == 8 ? 3 : 1;
	static const uint8_t zeros[HASH_MAX];
	uint8_t iv[CIPHER_BLOCK_MAX] = { 0 };
	struct isakmp_sa *sa = NULL;
	struct ike_out o;

	if (encrypted && !keys_of(w, &h, to, &sa, iv))
		return;
	msg_start(&o, &h);
	if (hash)
		msg_add(&o, PLD_HASH, span_of(zeros, sa->suite.hash->len));
	o.b.ptr[hash ? ISAKMP_HDR_LEN : 16] = next;
	buf_add_span(&o.b, payloads);
	if (hash)
		put_hash(to, sa, &o, h.msgid, n);
	msg_seal(&o, sa ? sa->suite.cipher : NULL, sa ? secret_span(&sa->key) : SPAN_EMPTY, iv);
	demux(&to->p, &to->ifp, &from->ifp.local, buf_span(&o.b));
	compute();
	msg_out_free(&o);
}

static void write_seed(struct world *w, struct side *to, const struct packet *k,
		       const struct isa_hdr *h, unsigned int m)
{
	const char *dir = getenv("SEEDS");
	uint8_t iv[CIPHER_BLOCK_MAX] = { 0 };
	struct buf body = { 0 };
	struct isakmp_sa *sa;
	char path[256];
	uint8_t next = h->next;
	FILE *f;

	if (!dir)
		return;
	buf_set(&body, span_skip(buf_span(&k->data), ISAKMP_HDR_LEN));
	if ((h->flags & ISAKMP_ENCRYPTION) && keys_of(w, h, to, &sa, iv)) {
		cipher_cbc(sa->suite.cipher, secret_span(&sa->key), false, iv, body.ptr, body.len);
		/* The harness makes the hash itself. */
		if (h->msgid) {
			next = body.ptr[0];
			buf_set(&body, span_skip(buf_span(&body),
						 GENERIC_LEN + sa->suite.hash->len));
		}
	}
	snprintf(path, sizeof(path), "%s/message-%u", dir, m + 1);
	f = fopen(path, "w");
	if (f) {
		fputc((int)m, f);
		fputc(3, f);
		fputc(next, f);
		fwrite(body.ptr, 1, body.len, f);
		fclose(f);
	}
	buf_free(&body);
}

static void informational(struct world *w, uint8_t flags, uint8_t next, struct span payloads)
{
	struct isakmp_sa *sa = w->side[WEST].c->newest_isakmp;
	struct isa_hdr h = { .version = ISAKMP_VERSION, .exchange = XCHG_INFO, .msgid = 0x1234567,
			     .flags = ISAKMP_ENCRYPTION };

	if (!sa)
		return;
	memcpy(h.icookie, sa->icookie, COOKIE_LEN);
	memcpy(h.rcookie, sa->rcookie, COOKIE_LEN);
	replace(w, &w->side[WEST], &w->side[EAST], h, MESSAGES, flags, next, payloads);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	uint8_t which, flags, next;
	struct world *w;
	struct packet *k;
	err_t ugh = NULL;

	if (!span_take_u8(&in, &which) || !span_take_u8(&in, &flags) || !span_take_u8(&in, &next))
		return 0;
	w = world_new(&fast, &fast);
	initiate(w, WEST);
	for (unsigned int m = 0; m < MESSAGES; m++) {
		struct side *from = sender_of(w, m), *to = &w->side[from == &w->side[WEST]];
		struct isa_hdr h;
		struct span at;

		compute();
		k = wire_take();
		if (!k)
			break;
		at = buf_span(&k->data);
		ugh = unpack(&at, &hdr_desc, &h, NULL);
		if (!ugh && m == which)
			replace(w, from, to, h, m, flags, next, in);
		else if (!ugh)
			write_seed(w, to, k, &h, m);
		if (m != which || (flags & 2))
			deliver(w, k);
		packet_free(k);
	}
	if (which >= MESSAGES)
		informational(w, flags, next, in);
	settle(w);
	world_end(w);
	return 0;
}
