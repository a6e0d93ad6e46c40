/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ISAKMP messages: one that was received, and one that is being built.
 */
#ifndef PLUTO_MSG_H
#define PLUTO_MSG_H

#include "lib/crypto/crypto.h"
#include "lib/net/addr.h"
#include "pluto/payloads.h"

struct iface;

#define MSG_PAYLOADS_MAX	64	/* more are nobody's honest message */
#define MSG_MAX			16384	/* octets of a datagram that is looked at */

struct ike_msg {
	struct buf datagram;		/* owned; everything below points in here */
	struct iface *iface;
	struct endpoint from;
	struct isa_hdr hdr;
	uint8_t digest[32];		/* of the datagram as received: to know it again */
	struct {
		uint8_t type;
		struct span body;	/* behind the generic header */
	} pld[MSG_PAYLOADS_MAX];
	unsigned int npld;
	uint32_t seen;			/* P() of each type */
	struct span end;		/* what is behind the last payload: padding */
	uint8_t iv_after[CIPHER_BLOCK_MAX];	/* last ciphertext block */
};

/* Copy and check a datagram's header, without its payloads.  NULL and *ugh when it is none. */
struct ike_msg *msg_new(struct span datagram, struct isa_hdr *hdr, err_t *ugh);
void msg_free(struct ike_msg *m);	/* wipes: it may have been decrypted */
/* Decrypt what is behind the header, in place; iv is not changed, ->iv_after is set. */
err_t msg_decrypt(struct ike_msg *m, const struct cipher_desc *c, struct span key,
		  const uint8_t *iv);
/*
 * Walk the chain of payloads.  NULL, or a phrase with the payload's name in why; ->npld tells
 * how many were fine.  Trailing octets are padding (->end) if encrypted, else an error.
 */
err_t msg_decode(struct ike_msg *m, struct buf *why);
struct span msg_body(const struct ike_msg *m, enum payload type);	/* of the first one */
unsigned int msg_count(const struct ike_msg *m, enum payload type);
/* Everything behind the HASH payload, which is the first: what HASH(1) is made over. */
struct span msg_after_hash(const struct ike_msg *m);

struct ike_out {
	struct buf b;
	struct out root;
	bool encrypt;
};

void msg_start(struct ike_out *o, const struct isa_hdr *hdr);
/* A payload without fields of its own. */
void msg_add(struct ike_out *o, enum payload type, struct span body);
/* The octets behind the payload that begins at `start`: for HASH(1..3) of what was built. */
struct span msg_built_after(const struct ike_out *o, size_t start);
/* Write the length; with a cipher: pad with zeros, encrypt, and leave the last block in iv. */
void msg_seal(struct ike_out *o, const struct cipher_desc *c, struct span key, uint8_t *iv);
void msg_out_free(struct ike_out *o);

#endif
