// SPDX-License-Identifier: GPL-2.0-only
/*
 * PF_KEY commands about SAs: GETSPI, UPDATE, ADD, DELETE, GET, FLUSH, X_GRPSA.
 *
 * RFC 2367 section 3.1.  Each function is called with a message that has what its
 * type needs, every extension well formed.  An SA is built whole, its cipher keyed,
 * before the lock is taken and it becomes visible; UPDATE puts it in the place of the
 * larval one that GETSPI made, in one step.
 *
 * The cipher has the keys; no copy is kept here, so no message can hold them.
 */
#include <linux/ctype.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/pfkey_sock.h"
#include "klips/sequence.h"
#include "klips/xform.h"

/*
 * Between messages and structures.
 */

u8 pfkey_take_address(const struct pfkey_msg *m, unsigned int ext, union klips_addr *addr,
		      __be16 *port)
{
	const struct sockaddr *sa = pfkey_sockaddr(m->ext[ext]);

	memset(addr, 0, sizeof(*addr));
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		memcpy(addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
		*port = in6->sin6_port;
	} else {
		const struct sockaddr_in *in = (const void *)sa;

		addr->v4 = in->sin_addr.s_addr;
		*port = in->sin_port;
	}
	return sa->sa_family;
}

void pfkey_take_said(const struct pfkey_msg *m, unsigned int satype, unsigned int sa_ext,
		     unsigned int dst_ext, struct klips_said *said)
{
	__be16 port;

	memset(said, 0, sizeof(*said));
	said->family = pfkey_take_address(m, dst_ext, &said->dst, &port);
	said->proto = pfkey_satype_to_proto(satype);
	said->spi = (__force __be32)pfkey_get(m, sa_ext, sadb_sa)->sadb_sa_spi;
}

static void take_own_said(const struct pfkey_cmd *c, struct klips_said *said)
{
	pfkey_take_said(&c->m, c->m.base->sadb_msg_satype, SADB_EXT_SA, SADB_EXT_ADDRESS_DST,
			said);
}

void pfkey_put_address(struct pfkey_out *o, unsigned int ext, u8 family,
		       const union klips_addr *addr, u8 proto, __be16 port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };

	if (family == AF_INET6) {
		memcpy(&in6.sin6_addr, addr, sizeof(in6.sin6_addr));
		pfkey_add_address(o, ext, proto, (struct sockaddr *)&in6);
	} else {
		in.sin_addr.s_addr = addr->v4;
		pfkey_add_address(o, ext, proto, (struct sockaddr *)&in);
	}
}

void pfkey_put_lifetime(struct pfkey_out *o, const struct klips_sa *sa, unsigned int ext)
{
	const struct klips_limits *limits = ext == SADB_EXT_LIFETIME_HARD ? &sa->life.hard :
									    &sa->life.soft;
	time64_t epoch = ktime_get_real_seconds() - ktime_get_boottime_seconds();
	time64_t used = READ_ONCE(sa->life.used);
	struct sadb_lifetime l = {
		.sadb_lifetime_allocations = limits->allocations,
		.sadb_lifetime_bytes = limits->bytes,
		.sadb_lifetime_addtime = limits->addtime,
		.sadb_lifetime_usetime = limits->usetime,
		.sadb_x_lifetime_packets = limits->packets,
	};

	if (ext == SADB_EXT_LIFETIME_CURRENT) {
		l.sadb_lifetime_allocations = READ_ONCE(sa->life.allocations);
		l.sadb_lifetime_bytes = atomic64_read(&sa->life.bytes);
		l.sadb_lifetime_addtime = sa->life.born + epoch;
		l.sadb_lifetime_usetime = used ? used + epoch : 0;
		l.sadb_x_lifetime_packets = atomic64_read(&sa->life.packets);
	}
	pfkey_add_lifetime(o, ext, &l);
}

void pfkey_put_said(struct pfkey_out *o, const struct klips_sa *sa)
{
	struct sadb_sa ext = {
		.sadb_sa_spi = (__force u32)sa->said.spi,
		.sadb_sa_state = READ_ONCE(sa->state),
		.sadb_sa_flags = sa->flags,
		.sadb_x_sa_ref = sa->id,
	};

	if (sa->replay)
		ext.sadb_sa_replay = min_t(u32, sa->replay->size, 255);
	if (sa->esp)
		klips_esp_algs(sa, &ext.sadb_sa_encrypt, &ext.sadb_sa_auth);
	if (sa->ah)
		ext.sadb_sa_auth = klips_ah_alg(sa);
	if (sa->ipcomp)
		ext.sadb_sa_encrypt = SADB_X_CALG_DEFLATE;
	pfkey_add_sa(o, SADB_EXT_SA, &ext);
}

/* What a key manager may tell us of an SA, and we only keep for whoever asks. */
#define KEPT	(PFKEY_BIT(SADB_EXT_ADDRESS_PROXY) | PFKEY_BIT(SADB_EXT_IDENTITY_SRC) | \
		 PFKEY_BIT(SADB_EXT_IDENTITY_DST) | PFKEY_BIT(SADB_EXT_SENSITIVITY))

static int keep_extensions(const struct pfkey_msg *m, struct klips_sa *sa)
{
	unsigned int i;
	u8 *at;

	for (i = 1; i <= SADB_EXT_MAX; i++)
		if (m->present & KEPT & PFKEY_BIT(i))
			sa->kept_len += m->ext[i]->sadb_ext_len * 8;
	if (!sa->kept_len)
		return 0;
	sa->kept = kmalloc(sa->kept_len, GFP_KERNEL_ACCOUNT);
	if (!sa->kept)
		return -ENOMEM;
	at = sa->kept;
	for (i = 1; i <= SADB_EXT_MAX; i++) {
		if (!(m->present & KEPT & PFKEY_BIT(i)))
			continue;
		memcpy(at, m->ext[i], m->ext[i]->sadb_ext_len * 8);
		at += m->ext[i]->sadb_ext_len * 8;
	}
	return 0;
}

static void put_kept(struct pfkey_out *o, const struct klips_sa *sa)
{
	const struct sadb_ext *ext = sa->kept;
	const void *end = sa->kept + sa->kept_len;

	for (; (void *)ext < end; ext = (void *)ext + ext->sadb_ext_len * 8)
		pfkey_add(o, ext->sadb_ext_type, ext, ext->sadb_ext_len * 8, NULL, 0);
}

size_t pfkey_sa_room(const struct klips_sa *sa)
{
	return PFKEY_SA_ROOM + sa->kept_len;
}

void pfkey_put_sa(struct pfkey_out *o, const struct klips_sa *sa)
{
	pfkey_put_said(o, sa);
	pfkey_put_lifetime(o, sa, SADB_EXT_LIFETIME_CURRENT);
	pfkey_put_lifetime(o, sa, SADB_EXT_LIFETIME_HARD);
	pfkey_put_lifetime(o, sa, SADB_EXT_LIFETIME_SOFT);
	rcu_read_lock();
	pfkey_put_address(o, SADB_EXT_ADDRESS_SRC, sa->said.family, klips_natt_src(sa), 0, 0);
	rcu_read_unlock();
	pfkey_put_address(o, SADB_EXT_ADDRESS_DST, sa->said.family, &sa->said.dst, 0, 0);
	put_kept(o, sa);
	pfkey_put_natt(o, sa);
	if (klips_seq_has(sa))
		pfkey_add_replay(o, sa->replay ? sa->replay->size : 0,
				 sa->esn ? SADB_X_REPLAY_ESN : 0, klips_seq_now(sa));
}

static void take_limits(const struct pfkey_msg *m, unsigned int ext, struct klips_limits *limits)
{
	const struct sadb_lifetime *l;

	if (!(m->present & PFKEY_BIT(ext)))
		return;
	l = pfkey_get(m, ext, sadb_lifetime);
	limits->allocations = l->sadb_lifetime_allocations;
	limits->bytes = l->sadb_lifetime_bytes;
	limits->addtime = l->sadb_lifetime_addtime;
	limits->usetime = l->sadb_lifetime_usetime;
	if (l->sadb_lifetime_len * 8 >= sizeof(*l))
		limits->packets = l->sadb_x_lifetime_packets;
}

static void take_keys(const struct pfkey_msg *m, struct klips_keys *keys)
{
	const struct sadb_sa *sa = pfkey_get(m, SADB_EXT_SA, sadb_sa);

	memset(keys, 0, sizeof(*keys));
	keys->ealg = sa->sadb_sa_encrypt;
	keys->aalg = sa->sadb_sa_auth;
	if (m->present & PFKEY_BIT(SADB_EXT_KEY_ENCRYPT))
		keys->ekey = pfkey_key(m->ext[SADB_EXT_KEY_ENCRYPT], &keys->ekey_len);
	if (m->present & PFKEY_BIT(SADB_EXT_KEY_AUTH))
		keys->akey = pfkey_key(m->ext[SADB_EXT_KEY_AUTH], &keys->akey_len);
}

/*
 * Commands.
 */

/* Who is asking. */
void pfkey_take_owner(struct klips_owner *owner)
{
	char *c;

	owner->pid = task_tgid_vnr(current);
	get_task_comm(owner->comm, current);
	for (c = owner->comm; *c; c++)
		if (!isascii(*c) || !isgraph(*c))
			*c = '?';
}

/* Can we have an SA of this name? */
static int check_said(struct pfkey_cmd *c, const struct klips_said *said)
{
	if (!klips_xform_find(said->proto))
		return pfkey_refuse(c, -EPROTONOSUPPORT, 0, "header: this kernel has no SAs of type %s",
				    pfkey_satype_name(c->m.base->sadb_msg_satype));
	return 0;
}

/* RFC 3173 section 3.3: 16 bits.  Below 64 it is that of the algorithm, and not chosen. */
static int check_cpi(struct pfkey_cmd *c, unsigned int ext, u32 cpi)
{
	if ((cpi >= SPI_MIN && cpi <= U16_MAX) ||
	    (cpi == SADB_X_CALG_DEFLATE && ext != SADB_EXT_SPIRANGE))
		return 0;
	return pfkey_refuse(c, -EINVAL, ext, "%s: CPI 0x%x must be 0x%x to 0x%x, or %u for DEFLATE",
			    pfkey_ext_name(ext), cpi, SPI_MIN, U16_MAX, SADB_X_CALG_DEFLATE);
}

static int check_spi(struct pfkey_cmd *c, unsigned int ext, u32 spi)
{
	if (pfkey_satype_to_proto(c->m.base->sadb_msg_satype) == IPPROTO_COMP)
		return check_cpi(c, ext, spi);
	if (spi >= SPI_MIN)
		return 0;
	return pfkey_refuse(c, -EINVAL, ext, "%s: SPI 0x%x is reserved, the least is 0x%x",
			    pfkey_ext_name(ext), spi, SPI_MIN);
}

/* RFC 2367 section 3.1.1: the source is that of the packets to come. */
static int take_src(struct pfkey_cmd *c, const struct klips_said *said, union klips_addr *src)
{
	__be16 port;

	if (pfkey_take_address(&c->m, SADB_EXT_ADDRESS_SRC, src, &port) == said->family)
		return 0;
	return pfkey_refuse(c, -EINVAL, SADB_EXT_ADDRESS_SRC,
			    "ADDRESS_SRC: not of the family of ADDRESS_DST");
}

static int refuse_missing(struct pfkey_cmd *c, int err, unsigned int ext,
			  const struct klips_said *said)
{
	char text[KLIPS_SAID_TEXT];

	return pfkey_refuse(c, err, ext, "%s: there is no %s: ipsec spi lists what there is",
			    pfkey_ext_name(ext), klips_said_text(said, text));
}

static int refuse_taken(struct pfkey_cmd *c, const struct klips_said *said)
{
	struct klips_sa *sa = klips_sadb_find(c->net, said);
	char text[KLIPS_SAID_TEXT];
	int err;

	if (!sa)
		return -EEXIST;
	err = pfkey_refuse(c, -EEXIST, SADB_EXT_SA,
			   "SA: %s is %s, made by %s[%d] %lld seconds ago: delete it, or take another SPI",
			   klips_said_text(said, text),
			   READ_ONCE(sa->state) == KLIPS_SA_LARVAL ? "larval" : "in use",
			   sa->owner.comm, sa->owner.pid,
			   ktime_get_boottime_seconds() - sa->life.born);
	klips_sa_put(sa);
	return err;
}

static int refuse_full(struct pfkey_cmd *c)
{
	return pfkey_refuse(c, -ENOSPC, 0, "this network namespace has %u SAs, the most there may be: delete some",
			    KLIPS_SA_MAX);
}

int pfkey_getspi(struct pfkey_cmd *c)
{
	const struct sadb_spirange *range = pfkey_get(&c->m, SADB_EXT_SPIRANGE, sadb_spirange);
	u32 min = range->sadb_spirange_min, max = range->sadb_spirange_max;
	struct klips_said said = { 0 };
	union klips_addr src;
	struct pfkey_skb b;
	struct klips_sa *sa;
	__be16 port;
	int err;

	said.proto = pfkey_satype_to_proto(c->m.base->sadb_msg_satype);
	said.family = pfkey_take_address(&c->m, SADB_EXT_ADDRESS_DST, &said.dst, &port);
	err = take_src(c, &said, &src);
	if (!err)
		err = check_said(c, &said);
	if (!err)
		err = check_spi(c, SADB_EXT_SPIRANGE, min);
	if (!err && said.proto == IPPROTO_COMP)
		err = check_spi(c, SADB_EXT_SPIRANGE, max);
	if (err)
		return err;

	mutex_lock(&c->net->lock);
	sa = klips_sadb_getspi(c->net, &said, &src, min, max);
	if (!IS_ERR(sa))
		pfkey_take_owner(&sa->owner);
	mutex_unlock(&c->net->lock);
	if (PTR_ERR_OR_ZERO(sa) == -ENOSPC)
		return refuse_full(c);
	if (PTR_ERR_OR_ZERO(sa) == -EEXIST)
		return pfkey_refuse(c, -EEXIST, SADB_EXT_SPIRANGE,
				    "SPIRANGE: no free SPI found in 0x%x to 0x%x: ask for a wider range",
				    min, max);
	if (IS_ERR(sa))
		return PTR_ERR(sa);
	pfkey_answer_start(&b, c, PFKEY_SA_ROOM);
	pfkey_put_said(&b.out, sa);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_SRC, said.family, &sa->src, 0, 0);
	pfkey_put_address(&b.out, SADB_EXT_ADDRESS_DST, said.family, &said.dst, 0, 0);
	pfkey_skb_to_all(&b, c->net, 0);
	klips_sa_put(sa);
	return 0;
}

/* The counter and the window, of protocols that have them. */
static int give_numbers(struct pfkey_cmd *c, struct klips_sa *sa)
{
	const struct sadb_x_replay *r = pfkey_get(&c->m, SADB_X_EXT_REPLAY, sadb_x_replay);
	u8 octet = pfkey_get(&c->m, SADB_EXT_SA, sadb_sa)->sadb_sa_replay;

	if (!klips_seq_has(sa))
		return r ? pfkey_refuse(c, -EINVAL, SADB_X_EXT_REPLAY,
					"X_REPLAY: only SAs of ESP and AH count packets") : 0;
	if (!r)
		return klips_seq_init(sa, klips_replay_width(octet), false, 0);
	return klips_seq_init(sa, r->sadb_x_replay_window,
			      r->sadb_x_replay_flags & SADB_X_REPLAY_ESN, r->sadb_x_replay_seq);
}

int klips_keys_refuse(const struct klips_keys *keys, int err, const char *fmt, ...)
{
	va_list ap;

	if (keys->why) {
		va_start(ap, fmt);
		vscnprintf(keys->why, KLIPS_WHY_MAX, fmt, ap);
		va_end(ap);
	}
	return err;
}

static int give_keys(struct pfkey_cmd *c, struct klips_sa *sa)
{
	char why[KLIPS_WHY_MAX] = "";
	struct klips_keys keys;
	int err;

	take_keys(&c->m, &keys);
	keys.why = why;
	err = sa->xform->init(sa, &keys);
	memzero_explicit(&keys, sizeof(keys));
	if (err && why[0])
		return pfkey_refuse(c, err, SADB_EXT_SA, "SA: %s", why);
	if (err == -ENOENT)
		return pfkey_refuse(c, -EPROTONOSUPPORT, SADB_EXT_SA,
				    "SA: the kernel has no module for these algorithms");
	return err;
}

/* The SA that an ADD or UPDATE describes, with a reference, or ERR_PTR. */
static struct klips_sa *build(struct pfkey_cmd *c)
{
	const struct sadb_sa *ext = pfkey_get(&c->m, SADB_EXT_SA, sadb_sa);
	struct klips_said said;
	struct klips_sa *sa;
	int err;

	take_own_said(c, &said);
	err = check_said(c, &said);
	if (!err)
		err = check_spi(c, SADB_EXT_SA, ntohl(said.spi));
	if (err)
		return ERR_PTR(err);
	if (ext->sadb_sa_state != SADB_SASTATE_MATURE)
		return ERR_PTR(pfkey_refuse(c, -EINVAL, SADB_EXT_SA, "SA: sadb_sa_state is %u, must be %u, mature",
					    ext->sadb_sa_state, SADB_SASTATE_MATURE));
	if (said.proto != IPPROTO_IPIP && (ext->sadb_sa_flags & SADB_X_SAFLAGS_TUNNEL))
		return ERR_PTR(pfkey_refuse(c, -EINVAL, SADB_EXT_SA, "SA: sadb_sa_flags has 0x%x, which only an IPIP SA may have",
					    ext->sadb_sa_flags & SADB_X_SAFLAGS_TUNNEL));
	if (said.proto != IPPROTO_COMP && (ext->sadb_sa_flags & SADB_X_SAFLAGS_BARE))
		return ERR_PTR(pfkey_refuse(c, -EINVAL, SADB_EXT_SA, "SA: sadb_sa_flags has 0x%x, which only a COMP SA may have",
					    SADB_X_SAFLAGS_BARE));
	sa = klips_sa_new(c->net, &said);
	if (!sa)
		return ERR_PTR(-ENOMEM);
	sa->flags = ext->sadb_sa_flags & (SADB_X_SAFLAGS_TUNNEL | SADB_X_SAFLAGS_BARE);
	pfkey_take_owner(&sa->owner);
	err = take_src(c, &said, &sa->src);
	if (!err)
		err = keep_extensions(&c->m, sa);
	take_limits(&c->m, SADB_EXT_LIFETIME_SOFT, &sa->life.soft);
	take_limits(&c->m, SADB_EXT_LIFETIME_HARD, &sa->life.hard);
	if (!err)
		err = pfkey_take_natt(c, sa);
	if (!err)
		err = give_numbers(c, sa);
	if (!err)
		err = give_keys(c, sa);
	if (!err)
		return sa;
	klips_sa_put(sa);
	return ERR_PTR(err);
}

static int enter(struct pfkey_cmd *c, struct klips_sa *sa)
{
	struct klips_net *kn = c->net;
	struct klips_sa *old;
	int err;

	lockdep_assert_held(&kn->lock);
	if (c->m.base->sadb_msg_type != SADB_UPDATE) {
		err = klips_sadb_insert(kn, sa);
		if (err == -EEXIST)
			return refuse_taken(c, &sa->said);
		return err == -ENOSPC ? refuse_full(c) : err;
	}
	old = klips_sadb_find(kn, &sa->said);
	if (!old)
		return refuse_missing(c, -ENOENT, SADB_EXT_SA, &sa->said);
	if (old->state == KLIPS_SA_LARVAL)
		err = klips_sadb_replace(kn, old, sa);
	else
		err = pfkey_refuse(c, -EEXIST, SADB_EXT_SA, "SA: %s[%d] has completed it just now",
				   sa->owner.comm, sa->owner.pid);
	klips_sa_put(old);
	return err;
}

/* The answer is what was asked for, with the SA as it now is: its reference, its window. */
static void answer_with(struct pfkey_cmd *c, const struct klips_sa *sa)
{
	struct pfkey_skb b;

	pfkey_answer_start(&b, c, PFKEY_MSG_MAX);
	pfkey_put_said(&b.out, sa);
	pfkey_put_rest(&b.out, &c->m, PFKEY_BIT(SADB_EXT_SA));
	pfkey_skb_to_all(&b, c->net, 0);
}

int pfkey_new_sa(struct pfkey_cmd *c)
{
	struct klips_sa *sa = build(c);
	int err;

	if (IS_ERR(sa))
		return PTR_ERR(sa);
	mutex_lock(&c->net->lock);
	err = enter(c, sa);
	mutex_unlock(&c->net->lock);
	if (!err)
		answer_with(c, sa);
	klips_sa_put(sa);
	return err;
}

/* New limits for an SA in use; one that was dying may live on, and is told of again. */
static void renew_limits(struct pfkey_cmd *c, struct klips_sa *sa)
{
	lockdep_assert_held(&c->net->lock);
	take_limits(&c->m, SADB_EXT_LIFETIME_SOFT, &sa->life.soft);
	take_limits(&c->m, SADB_EXT_LIFETIME_HARD, &sa->life.hard);
	if (c->m.present & PFKEY_BIT(SADB_EXT_LIFETIME_SOFT)) {
		clear_bit(KLIPS_LIFE_SOFT_TOLD, &sa->life.flags);
		WRITE_ONCE(sa->state, KLIPS_SA_MATURE);
	}
	klips_life_kick(sa);
}

/*
 * RFC 2367 section 3.1.2: of an SA in use the lifetimes may change, and nothing it works with,
 * but for where the peer is behind its NAT.
 */
static int update_mature(struct pfkey_cmd *c, struct klips_sa *sa)
{
	const u64 may = PFKEY_BIT(SADB_EXT_SA) | PFKEY_BIT(SADB_EXT_ADDRESS_SRC) |
			PFKEY_BIT(SADB_EXT_ADDRESS_DST) | PFKEY_BIT(SADB_EXT_LIFETIME_CURRENT) |
			PFKEY_BIT(SADB_EXT_LIFETIME_SOFT) | PFKEY_BIT(SADB_EXT_LIFETIME_HARD) |
			PFKEY_MOVES;
	u64 extra = c->m.present & ~may;
	unsigned int ext = extra ? __ffs64(extra) : 0;
	int err = 0;

	if (extra)
		return pfkey_refuse(c, -EINVAL, ext, "%s: the SA is mature, made by %s[%d]: of it only lifetimes and ports can be changed; make another SA",
				    pfkey_ext_name(ext), sa->owner.comm, sa->owner.pid);
	mutex_lock(&c->net->lock);
	if (!klips_sa_usable(sa))
		err = refuse_missing(c, -ENOENT, SADB_EXT_SA, &sa->said);
	else if (c->m.present & PFKEY_MOVES)
		err = pfkey_move_natt(c, sa);
	if (!err)
		renew_limits(c, sa);
	mutex_unlock(&c->net->lock);
	if (!err)
		answer_with(c, sa);
	return err;
}

int pfkey_update_sa(struct pfkey_cmd *c)
{
	struct klips_said said;
	struct klips_sa *sa;
	int err;

	take_own_said(c, &said);
	sa = klips_sadb_find(c->net, &said);
	if (!sa)
		return refuse_missing(c, -ENOENT, SADB_EXT_SA, &said);
	if (READ_ONCE(sa->state) == KLIPS_SA_LARVAL)
		err = pfkey_new_sa(c);
	else
		err = update_mature(c, sa);
	klips_sa_put(sa);
	return err;
}

int pfkey_delete(struct pfkey_cmd *c)
{
	struct klips_said said;
	struct klips_sa *sa;

	take_own_said(c, &said);
	mutex_lock(&c->net->lock);
	sa = klips_sadb_find(c->net, &said);
	if (sa)
		klips_sadb_remove(c->net, sa);
	mutex_unlock(&c->net->lock);
	if (!sa)
		return refuse_missing(c, -ESRCH, SADB_EXT_SA, &said);
	klips_sa_put(sa);
	return pfkey_echo(c);
}

int pfkey_get_sa(struct pfkey_cmd *c)
{
	struct klips_said said;
	struct klips_sa *sa;
	struct pfkey_skb b;

	take_own_said(c, &said);
	sa = klips_sadb_find(c->net, &said);
	if (!sa)
		return refuse_missing(c, -ESRCH, SADB_EXT_SA, &said);
	pfkey_answer_start(&b, c, pfkey_sa_room(sa));
	pfkey_put_sa(&b.out, sa);
	klips_sa_put(sa);
	pfkey_skb_to(&b, c->asker);
	return 0;
}

int pfkey_flush(struct pfkey_cmd *c)
{
	unsigned int satype = c->m.base->sadb_msg_satype;

	mutex_lock(&c->net->lock);
	klips_sadb_flush(c->net, pfkey_satype_to_proto(satype));
	mutex_unlock(&c->net->lock);
	return pfkey_echo(c);
}

/* Why two SAs that are there do not make one bundle. */
static int refuse_group(struct pfkey_cmd *c, int err, const struct klips_sa *inner,
			const struct klips_sa *outer, const char *why)
{
	char in[KLIPS_SAID_TEXT], out[KLIPS_SAID_TEXT];

	klips_said_text(&inner->said, in);
	klips_said_text(&outer->said, out);
	if (err == -EEXIST)
		return pfkey_refuse(c, err, SADB_X_EXT_SA2, "%s has an SA around it, or %s one inside: ungroup first (ipsec spigrp --said %s)",
				    in, out, rcu_access_pointer(inner->outer) ? in : out);
	return pfkey_refuse(c, err, SADB_X_EXT_SA2, "%s inside of %s makes no bundle: %s", in, out,
			    why);
}

static int group(struct pfkey_cmd *c, struct klips_sa *inner)
{
	struct klips_said said;
	struct klips_sa *outer;
	const char *why = NULL;
	int err;

	pfkey_take_said(&c->m, pfkey_get(&c->m, SADB_X_EXT_SATYPE2,
					 sadb_x_satype)->sadb_x_satype_satype,
			SADB_X_EXT_SA2, SADB_X_EXT_ADDRESS_DST2, &said);
	outer = klips_sadb_find(c->net, &said);
	if (!outer)
		return refuse_missing(c, -ENOENT, SADB_X_EXT_SA2, &said);
	err = klips_sadb_group(inner, outer, &why);
	if (err)
		refuse_group(c, err, inner, outer, why);
	klips_sa_put(outer);
	return err;
}

int pfkey_grpsa(struct pfkey_cmd *c)
{
	struct klips_said said;
	struct klips_sa *inner;
	int err = 0;

	take_own_said(c, &said);
	mutex_lock(&c->net->lock);
	inner = klips_sadb_find(c->net, &said);
	if (!inner)
		err = refuse_missing(c, -ENOENT, SADB_EXT_SA, &said);
	else if (c->m.present & PFKEY_BIT(SADB_X_EXT_SA2))
		err = group(c, inner);
	else
		klips_sadb_ungroup(inner);
	mutex_unlock(&c->net->lock);
	if (inner)
		klips_sa_put(inner);
	return err ? err : pfkey_echo(c);
}
