// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPComp, RFC 3173, with DEFLATE, RFC 2394.
 *
 *   IP header(s) | next header, flags, CPI | compressed payload
 *
 * A packet that would not become shorter is sent as it was, without IPComp's header
 * (section 2.2): output() then has done nothing, and the other end's rcv.c leaves its
 * SA out.  So are packets that are too short to gain anything; and after some that did
 * not, which is what a stream of encrypted or packed data looks like, only one of a few is
 * tried, then one of many.
 *
 * Inbound, DEFLATE can turn little into much.  What comes out is at most one IP packet,
 * 64 KB, whatever goes in; and it cannot be compressed again: a packet that holds itself
 * is possible, and would go round for ever.
 *
 * The kernel's zlib works in memory that it is given.  Each CPU has its own, which lasts
 * from the first IPComp SA to the last; bottom halves are off, so a packet has it for
 * itself.  Peers may use a window of 32 KB, but the native stack looks back no farther
 * than 2 KB: so we do when we compress.
 */
#include <linux/err.h>
#include <linux/ip.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/zlib.h>
#include <net/ip.h>

#include "klips/compat.h"
#include "klips/xform.h"
#include "lib/pfkey/pfkeyv2.h"

#define COMP_HDR	4

#define OUT_WINDOW	(-11)	/* bits; negative: DEFLATE alone, without zlib's header */
#define IN_WINDOW	(-15)
#define MEM_LEVEL	6	/* 16 KB to be cleared for each packet rather than 64 */

#define THRESHOLD	90	/* octets of payload; what is shorter hardly gains */

/* Packets in sequence that did not gain until some are left out; and how many at most. */
#define MISSES		8
#define SKIP_MAX	256

/* What is put back into the linear part of a packet; the rest goes into pages. */
#define LINEAR_MAX	4096

struct klips_ipcomp {
	atomic64_t plain, packed;	/* octets, of packets that were compressed */
	u16 misses, skip;		/* a guess, so no lock */
};

struct scratch {
	z_stream deflate, inflate;
	u8 out[IP_MAX_MTU + 1];
};

static struct scratch * __percpu *scratches;
static unsigned int users;
static DEFINE_MUTEX(users_lock);

/*
 * The memory.
 */

static void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	vfree(s->deflate.workspace);
	vfree(s->inflate.workspace);
	vfree(s);
}

static struct scratch *scratch_new(int node)
{
	struct scratch *s = vzalloc_node(sizeof(*s), node);

	if (!s)
		return NULL;
	s->deflate.workspace = vzalloc_node(zlib_deflate_workspacesize(OUT_WINDOW, MEM_LEVEL),
					    node);
	s->inflate.workspace = vzalloc_node(zlib_inflate_workspacesize(), node);
	if (s->deflate.workspace && s->inflate.workspace &&
	    zlib_deflateInit2(&s->deflate, Z_DEFAULT_COMPRESSION, Z_DEFLATED, OUT_WINDOW, MEM_LEVEL,
			      Z_DEFAULT_STRATEGY) == Z_OK &&
	    zlib_inflateInit2(&s->inflate, IN_WINDOW) == Z_OK)
		return s;
	scratch_free(s);
	return NULL;
}

static void scratches_free(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		scratch_free(*per_cpu_ptr(scratches, cpu));
	free_percpu(scratches);
	scratches = NULL;
}

static int scratches_get(void)
{
	int cpu;

	lockdep_assert_held(&users_lock);
	if (users++)
		return 0;
	scratches = alloc_percpu(struct scratch *);
	if (!scratches)
		goto none;
	for_each_possible_cpu(cpu) {
		*per_cpu_ptr(scratches, cpu) = scratch_new(cpu_to_node(cpu));
		if (!*per_cpu_ptr(scratches, cpu)) {
			scratches_free();
			goto none;
		}
	}
	return 0;

none:
	users--;
	return -ENOMEM;
}

static int ipcomp_init(struct klips_sa *sa, const struct klips_keys *keys)
{
	int err;

	if (keys->ealg != SADB_X_CALG_DEFLATE)
		return klips_keys_refuse(keys, -EPROTONOSUPPORT,
					 "compression %u is not known: there is DEFLATE, %u",
					 keys->ealg, SADB_X_CALG_DEFLATE);
	if (keys->aalg || keys->akey_len || keys->ekey_len)
		return klips_keys_refuse(keys, -EINVAL, "IPComp takes no authentication and no key");
	sa->ipcomp = kzalloc(sizeof(*sa->ipcomp), GFP_KERNEL_ACCOUNT);
	if (!sa->ipcomp)
		return -ENOMEM;
	mutex_lock(&users_lock);
	err = scratches_get();
	mutex_unlock(&users_lock);
	if (err) {
		kfree(sa->ipcomp);
		sa->ipcomp = NULL;	/* not one of the users */
	}
	return err;
}

static void ipcomp_destroy(struct klips_sa *sa)
{
	if (!sa->ipcomp)
		return;
	kfree(sa->ipcomp);
	mutex_lock(&users_lock);
	if (!--users)
		scratches_free();
	mutex_unlock(&users_lock);
}

/* Never: a packet that would grow is left alone. */
static unsigned int ipcomp_overhead(const struct klips_sa *sa, unsigned int len,
				    unsigned int *front)
{
	*front = 0;
	return 0;
}

/* Let the packet go on with these octets, from at on. */
static int replace(struct sk_buff *skb, unsigned int at, const u8 *p, unsigned int len)
{
	unsigned int n = min_t(unsigned int, len, LINEAR_MAX);
	struct page *page;

	/* Others may have the same data: a socket that may send them again, a listener. */
	if (skb_unclone(skb, GFP_ATOMIC) || pskb_trim(skb, at))
		return -ENOMEM;
	if (skb_tailroom(skb) < n &&
	    pskb_expand_head(skb, 0, n - skb_tailroom(skb), GFP_ATOMIC))
		return -ENOMEM;
	skb_put_data(skb, p, n);
	for (p += n, len -= n; len; p += n, len -= n) {
		page = alloc_page(GFP_ATOMIC);
		if (!page)
			return -ENOMEM;
		n = min_t(unsigned int, len, PAGE_SIZE);
		memcpy(page_address(page), p, n);
		skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, 0, n);
		skb->len += n;
		skb->data_len += n;
		if (!skb->sk)
			skb->truesize += PAGE_SIZE;
	}
	return 0;
}

/*
 * Outbound.
 */

/* Compress the packet from at on into out.  The length, or 0: it would not become shorter. */
static unsigned int pack(z_stream *z, struct sk_buff *skb, unsigned int at, u8 *out)
{
	unsigned int room = skb->len - at - COMP_HDR - 1;
	unsigned int done = 0, n;
	struct skb_seq_state seq;
	const u8 *piece;

	if (zlib_deflateReset(z) != Z_OK)
		return 0;
	z->next_out = out;
	z->avail_out = room;
	skb_prepare_seq_read(skb, at, skb->len, &seq);
	while ((n = skb_seq_read(done, &piece, &seq))) {
		z->next_in = piece;
		z->avail_in = n;
		if (zlib_deflate(z, Z_NO_FLUSH) != Z_OK || z->avail_in) {
			skb_abort_seq_read(&seq);
			return 0;
		}
		done += n;
	}
	z->next_in = NULL;
	return zlib_deflate(z, Z_FINISH) == Z_STREAM_END ? room - z->avail_out : 0;
}

/* After a few packets that did not gain, leave some out: RFC 3173 section 2.2. */
static bool worth_trying(struct klips_ipcomp *c, unsigned int payload)
{
	u16 skip = READ_ONCE(c->skip);

	if (payload < THRESHOLD)
		return false;
	if (!skip)
		return true;
	WRITE_ONCE(c->skip, skip - 1);
	return false;
}

static void note(struct klips_ipcomp *c, bool gained)
{
	u16 misses = READ_ONCE(c->misses);

	if (gained) {
		WRITE_ONCE(c->misses, 0);
		return;
	}
	if (misses < U16_MAX)
		WRITE_ONCE(c->misses, ++misses);
	if (misses >= MISSES)
		WRITE_ONCE(c->skip, min(1 << min(misses - MISSES + 4, 15), SKIP_MAX));
}

static int ipcomp_output(struct klips_sa *sa, struct sk_buff *skb)
{
	struct scratch *s = *this_cpu_ptr(scratches);
	struct klips_ipcomp *c = sa->ipcomp;
	unsigned int len, payload;
	struct ip_comp_hdr *comp;
	u8 *nexthdr;
	int at;

	at = klips_payload_at(skb, &nexthdr);
	if (at < 0)
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	payload = skb->len - at;
	if (*nexthdr == IPPROTO_COMP || !worth_trying(c, payload))
		return 0;
	len = pack(&s->deflate, skb, at, s->out + COMP_HDR);
	note(c, len);
	if (!len)
		return 0;

	comp = (struct ip_comp_hdr *)s->out;
	comp->nexthdr = *nexthdr;
	comp->flags = 0;
	comp->cpi = htons(ntohl(sa->said.spi));
	if (replace(skb, at, s->out, COMP_HDR + len))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	klips_payload_at(skb, &nexthdr);	/* once more: the head may have moved */
	*nexthdr = IPPROTO_COMP;
	klips_set_len(skb);
	atomic64_add(payload, &c->plain);
	atomic64_add(COMP_HDR + len, &c->packed);
	return 0;
}

/*
 * Inbound.
 */

/* Expand the packet from at on into room octets at out.  The length, or -EINVAL. */
static int unpack(z_stream *z, struct sk_buff *skb, unsigned int at, u8 *out, unsigned int room)
{
	unsigned int done = 0, n;
	struct skb_seq_state seq;
	const u8 *piece;
	int err = Z_OK;

	if (zlib_inflateReset(z) != Z_OK)
		return -EINVAL;
	z->next_out = out;
	z->avail_out = room;
	skb_prepare_seq_read(skb, at, skb->len, &seq);
	while ((n = skb_seq_read(done, &piece, &seq))) {
		z->next_in = piece;
		z->avail_in = n;
		/* Nothing may follow the end of the stream, in this piece or another. */
		if (err == Z_OK)
			err = zlib_inflate(z, Z_SYNC_FLUSH);
		else
			err = Z_DATA_ERROR;
		if ((err != Z_OK && err != Z_STREAM_END) || z->avail_in) {
			skb_abort_seq_read(&seq);
			return -EINVAL;
		}
		done += n;
	}
	return err == Z_STREAM_END ? (int)(room - z->avail_out) : -EINVAL;
}

static int ipcomp_input(struct klips_sa *sa, struct sk_buff *skb)
{
	struct scratch *s = *this_cpu_ptr(scratches);
	unsigned int was = skb->len;
	u8 proto;
	int len;

	if (!pskb_may_pull(skb, COMP_HDR)) {
		atomic_inc(&sa->size_errs);
		return klips_fail(skb, KLIPS_DROP_MALFORMED);
	}
	proto = ((struct ip_comp_hdr *)skb->data)->nexthdr;
	len = proto == IPPROTO_COMP ? -EINVAL :
	      unpack(&s->inflate, skb, COMP_HDR, s->out, IP_MAX_MTU - KLIPS_CB(skb)->iplen);
	if (len < 0) {
		atomic_inc(&sa->size_errs);
		return klips_fail(skb, KLIPS_DROP_EXPAND);
	}
	if (replace(skb, 0, s->out, len))
		return klips_fail(skb, KLIPS_DROP_NOMEM);
	KLIPS_CB(skb)->proto = proto;
	atomic64_add(len, &sa->ipcomp->plain);
	atomic64_add(was, &sa->ipcomp->packed);
	return 0;
}

bool klips_ipcomp_bare(const struct klips_sa *sa)
{
	return sa->said.proto == IPPROTO_COMP && (sa->flags & SADB_X_SAFLAGS_BARE);
}

void klips_ipcomp_ratio(const struct klips_sa *sa, u64 *plain, u64 *packed)
{
	*plain = atomic64_read(&sa->ipcomp->plain);
	*packed = atomic64_read(&sa->ipcomp->packed);
}

const struct klips_xform klips_ipcomp_xform = {
	.proto = IPPROTO_COMP,
	.name = "comp",
	.init = ipcomp_init,
	.destroy = ipcomp_destroy,
	.overhead = ipcomp_overhead,
	.output = ipcomp_output,
	.input = ipcomp_input,
};
