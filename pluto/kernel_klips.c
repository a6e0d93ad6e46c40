// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KLIPS, by PF_KEYv2: what Pluto asks of the kernel, and what the kernel tells.
 *
 *	ask	one message, one answer, waited for: the kernel is quick
 *	events	ACQUIRE and EXPIRE, read by the event loop
 *
 * Two sockets, since the kernel tells each of them about every change that anybody
 * makes: the first is emptied before a question, the second is read all the time, so
 * that neither overflows.  A message that got lost all the same is not lost for good: a
 * trap asks again, and Pluto's own timers end what an EXPIRE would have.
 *
 * Keys pass through a message on the stack, wiped before it goes.
 *
 * RFC 2367; KLIPS's own messages are described in lib/pfkey/pfkeyv2.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "lib/base/log.h"
#include "lib/base/secret.h"
#include "lib/pfkey/sock.h"
#include "pluto/kernel.h"
#include "pluto/plog.h"
#include "pluto/pluto.h"
#include "pluto/server.h"

/* The SPIs that we choose from: RFC 4303 section 2.1 keeps the lowest 256 for IANA. */
#define SPI_LOW		0x1000u
#define SPI_HIGH	0xffffffffu
#define ALGS_MAX	64
#define EVENTS_BATCH	64

struct klips {
	int ask, events;
	struct watch *watch;
	uint32_t seq;
	struct sadb_alg auth[ALGS_MAX], enc[ALGS_MAX];
	size_t n_auth, n_enc;
	char why[PFKEY_ERROR_TEXT];	/* the last refusal */
};

/* --- messages ------------------------------------------------------------------------ */

struct msg {
	uint64_t octets[PFKEY_MSG_MAX / 8];
	struct pfkey_out o;
};

static void start(struct klips *k, struct msg *m, unsigned int type, unsigned int satype)
{
	/* 0 is for what the kernel says of itself. */
	if (++k->seq == 0)
		k->seq = 1;
	pfkey_start(&m->o, m->octets, sizeof(m->octets), type, satype, k->seq,
		    (uint32_t)getpid());
}

static void add_addr(struct msg *m, unsigned int ext, const struct addr *a, uint16_t port)
{
	struct endpoint e = { .addr = *a, .port = port };
	struct sockaddr_storage ss;

	endpoint_to_sockaddr(&e, &ss);
	pfkey_add_address(&m->o, ext, 0, (const struct sockaddr *)&ss);
}

static void add_spi(struct msg *m, unsigned int ext, uint32_t spi, uint32_t flags)
{
	struct sadb_sa sa = { .sadb_sa_spi = htonl(spi), .sadb_sa_flags = flags };

	pfkey_add_sa(&m->o, ext, &sa);
}

static void add_selector(struct msg *m, const struct selector *sel)
{
	struct addr src_mask = subnet_mask(&sel->src), dst_mask = subnet_mask(&sel->dst);

	add_addr(m, SADB_X_EXT_ADDRESS_SRC_FLOW, &sel->src.addr, sel->sport);
	add_addr(m, SADB_X_EXT_ADDRESS_DST_FLOW, &sel->dst.addr, sel->dport);
	add_addr(m, SADB_X_EXT_ADDRESS_SRC_MASK, &src_mask, 0);
	add_addr(m, SADB_X_EXT_ADDRESS_DST_MASK, &dst_mask, 0);
	if (sel->proto)
		pfkey_add_protocol(&m->o, sel->proto);
}

static err_t phrase(int err)
{
	switch (-err) {
	case EEXIST:
		return "it exists already";
	case ENOENT:
	case ESRCH:
		return "there is none";
	case EINVAL:
		return "KLIPS finds the request not valid (see the kernel log)";
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
	case EOPNOTSUPP:
		return "KLIPS has no such thing (see the kernel log)";
	case ETIMEDOUT:
		return "KLIPS does not answer";
	case ENOMEM:
	case ENOBUFS:
		return "no kernel memory";
	default:
		return strerror(-err);
	}
}

/* What others were told meanwhile is of no interest, but takes room. */
static void empty(int fd, struct pfkey_reply *r)
{
	int err;

	do
		err = pfkey_receive(fd, r, 0);
	while (!err || err == -ENOBUFS);
}

/* 0 with the answer in *r, or a negative errno. */
static int ask(struct klips *k, struct msg *m, struct pfkey_reply *r)
{
	int len = pfkey_finish(&m->o);
	int err = len;

	memset(&r->m, 0, sizeof(r->m));
	if (len > 0) {
		empty(k->ask, r);
		err = pfkey_ask(k->ask, m->octets, (size_t)len, r);
	}
	secret_wipe(m->octets, sizeof(m->octets));
	return err;
}

/* Why the kernel has refused: in its own words, good until the next question, or in ours. */
static err_t refusal(struct klips *k, int err, const struct pfkey_reply *r)
{
	const char *text = pfkey_refusal(&r->m);

	if (!text)
		return phrase(err);
	snprintf(k->why, sizeof(k->why), "%s", text);
	return k->why;
}

static err_t tell(struct klips *k, struct msg *m)
{
	struct pfkey_reply r;
	int err = ask(k, m, &r);

	return err ? refusal(k, err, &r) : NULL;
}

/* --- SAs ----------------------------------------------------------------------------- */

static err_t klips_get_spi(struct pluto *p, uint8_t proto, const struct addr *src,
			   const struct addr *dst, uint32_t *spi)
{
	struct klips *k = p->kernel_ctx;
	struct pfkey_reply r;
	struct msg m;
	int err;

	start(k, &m, SADB_GETSPI, pfkey_proto_to_satype(proto));
	add_addr(&m, SADB_EXT_ADDRESS_SRC, src, 0);
	add_addr(&m, SADB_EXT_ADDRESS_DST, dst, 0);
	pfkey_add_spirange(&m.o, SPI_LOW, SPI_HIGH);
	err = ask(k, &m, &r);
	if (err)
		return refusal(k, err, &r);
	*spi = ntohl(pfkey_get(&r.m, SADB_EXT_SA, sadb_sa)->sadb_sa_spi);
	return NULL;
}

static void add_limit(struct msg *m, unsigned int ext, uint64_t bytes)
{
	struct sadb_lifetime l = { .sadb_lifetime_bytes = bytes };

	if (bytes)
		pfkey_add_lifetime(&m->o, ext, &l);
}

static err_t klips_add_sa(struct pluto *p, const struct kernel_sa *sa)
{
	struct sadb_sa ext = {
		.sadb_sa_spi = htonl(sa->said.spi),
		.sadb_sa_state = SADB_SASTATE_MATURE,
		.sadb_sa_auth = sa->auth,
		.sadb_sa_encrypt = sa->encrypt,
	};
	struct klips *k = p->kernel_ctx;
	struct msg m;

	start(k, &m, sa->update ? SADB_UPDATE : SADB_ADD, pfkey_proto_to_satype(sa->said.proto));
	pfkey_add_sa(&m.o, SADB_EXT_SA, &ext);
	add_limit(&m, SADB_EXT_LIFETIME_HARD, sa->hard_bytes);
	add_limit(&m, SADB_EXT_LIFETIME_SOFT, sa->soft_bytes);
	add_addr(&m, SADB_EXT_ADDRESS_SRC, &sa->src, 0);
	add_addr(&m, SADB_EXT_ADDRESS_DST, &sa->said.dst, 0);
	if (sa->auth_key.len)
		pfkey_add_key(&m.o, SADB_EXT_KEY_AUTH, sa->auth_key.ptr, sa->auth_key.len);
	if (sa->enc_key.len)
		pfkey_add_key(&m.o, SADB_EXT_KEY_ENCRYPT, sa->enc_key.ptr, sa->enc_key.len);
	if (sa->inbound && sa->replay)
		pfkey_add_replay(&m.o, sa->replay, 0, 0);
	return tell(k, &m);
}

static void start_about(struct klips *k, struct msg *m, unsigned int type,
			const struct said *said, const struct addr *src)
{
	start(k, m, type, pfkey_proto_to_satype(said->proto));
	add_spi(m, SADB_EXT_SA, said->spi, 0);
	add_addr(m, SADB_EXT_ADDRESS_SRC, src, 0);
	add_addr(m, SADB_EXT_ADDRESS_DST, &said->dst, 0);
}

static err_t klips_del_sa(struct pluto *p, const struct said *said, const struct addr *src)
{
	struct klips *k = p->kernel_ctx;
	struct msg m;

	start_about(k, &m, SADB_DELETE, said, src);
	return tell(k, &m);
}

static err_t group_two(struct klips *k, const struct said *inner, const struct said *outer)
{
	struct msg m;

	start(k, &m, SADB_X_GRPSA, pfkey_proto_to_satype(inner->proto));
	add_spi(&m, SADB_EXT_SA, inner->spi, 0);
	add_addr(&m, SADB_EXT_ADDRESS_DST, &inner->dst, 0);
	pfkey_add_satype2(&m.o, pfkey_proto_to_satype(outer->proto));
	add_spi(&m, SADB_X_EXT_SA2, outer->spi, 0);
	add_addr(&m, SADB_X_EXT_ADDRESS_DST2, &outer->dst, 0);
	return tell(k, &m);
}

static err_t klips_group(struct pluto *p, const struct said *saids, size_t n)
{
	err_t ugh = NULL;

	for (size_t i = 0; i + 1 < n && !ugh; i++)
		ugh = group_two(p->kernel_ctx, &saids[i], &saids[i + 1]);
	return ugh;
}

static bool klips_usage(struct pluto *p, const struct said *said, const struct addr *src,
			struct kernel_usage *u)
{
	struct klips *k = p->kernel_ctx;
	struct sadb_lifetime life;
	struct pfkey_reply r;
	struct msg m;
	uint64_t now;

	start_about(k, &m, SADB_GET, said, src);
	if (ask(k, &m, &r) || !r.m.ext[SADB_EXT_LIFETIME_CURRENT])
		return false;
	pfkey_lifetime(r.m.ext[SADB_EXT_LIFETIME_CURRENT], &life);
	now = (uint64_t)time(NULL);
	u->bytes = life.sadb_lifetime_bytes;
	u->packets = life.sadb_x_lifetime_packets;
	u->idle = !life.sadb_lifetime_usetime ? UINT64_MAX :
		  now > life.sadb_lifetime_usetime ? now - life.sadb_lifetime_usetime : 0;
	return true;
}

/* --- eroutes ------------------------------------------------------------------------- */

static err_t klips_inbound_policy(struct pluto *p, const struct said *tun,
				  const struct selector *sel)
{
	struct klips *k = p->kernel_ctx;
	struct msg m;

	start(k, &m, SADB_X_ADDFLOW, pfkey_proto_to_satype(tun->proto));
	add_spi(&m, SADB_EXT_SA, tun->spi, SADB_X_SAFLAGS_INFLOW);
	add_addr(&m, SADB_EXT_ADDRESS_DST, &tun->dst, 0);
	add_selector(&m, sel);
	return tell(k, &m);
}

static int set_eroute(struct klips *k, const struct kernel_eroute *er, uint32_t flags,
		      struct pfkey_reply *r)
{
	struct msg m;

	start(k, &m, SADB_X_ADDFLOW, er->said.proto == IPPROTO_INT ? SADB_X_SATYPE_INT :
				     pfkey_proto_to_satype(er->said.proto));
	add_spi(&m, SADB_EXT_SA, er->said.spi, flags);
	add_addr(&m, SADB_EXT_ADDRESS_DST, &er->said.dst, 0);
	add_selector(&m, &er->sel);
	/* ACQUIRE brings it back, and so finds the connection at once. */
	if (er->conn)
		pfkey_add_ident(&m.o, SADB_EXT_IDENTITY_SRC, SADB_X_IDENTTYPE_CONNECTION,
				er->conn);
	return ask(k, &m, r);
}

static err_t klips_eroute(struct pluto *p, enum eroute_op op, const struct kernel_eroute *er)
{
	struct klips *k = p->kernel_ctx;
	struct pfkey_reply r;
	struct msg m;
	int err;

	if (op == EROUTE_DELETE) {
		/* A %hold may have a connection's own selector: then nothing but it may go. */
		bool hold = er->said.proto == IPPROTO_INT && er->said.spi == SPI_HOLD;

		start(k, &m, SADB_X_DELFLOW, hold ? SADB_X_SATYPE_INT : SADB_SATYPE_UNSPEC);
		if (hold)
			add_spi(&m, SADB_EXT_SA, er->said.spi, 0);
		add_selector(&m, &er->sel);
		return tell(k, &m);
	}
	err = set_eroute(k, er, op == EROUTE_REPLACE ? SADB_X_SAFLAGS_REPLACEFLOW : 0, &r);
	/* No connection of ours has it: a dead Pluto's, which has kept its packets in till now. */
	if (err == -EEXIST)
		err = set_eroute(k, er, SADB_X_SAFLAGS_REPLACEFLOW, &r);
	return err ? refusal(k, err, &r) : NULL;
}

/* --- what the kernel can ------------------------------------------------------------- */

static size_t take_algs(const struct pfkey_msg *m, unsigned int ext, struct sadb_alg *algs)
{
	const struct sadb_ext *e = m->ext[ext];
	size_t n;

	if (!e)
		return 0;
	n = (e->sadb_ext_len * 8u - sizeof(struct sadb_supported)) / sizeof(*algs);
	if (n > ALGS_MAX)
		n = ALGS_MAX;
	memcpy(algs, (const uint8_t *)e + sizeof(struct sadb_supported), n * sizeof(*algs));
	return n;
}

static const struct sadb_alg *alg_find(const struct sadb_alg *algs, size_t n, uint8_t id)
{
	for (size_t i = 0; i < n; i++)
		if (algs[i].sadb_alg_id == id)
			return &algs[i];
	return NULL;
}

static bool is_aead(uint8_t encrypt)
{
	return encrypt >= SADB_X_EALG_AES_CCM_ICV8 && encrypt <= SADB_X_EALG_AES_GCM_ICV16;
}

static bool klips_has_suite(struct pluto *p, uint8_t encrypt, uint8_t auth, unsigned int key_bits)
{
	const struct klips *k = p->kernel_ctx;
	const struct sadb_alg *enc = alg_find(k->enc, k->n_enc, encrypt);
	/* KLIPS counts the salt as key. */
	unsigned int bits = key_bits + (is_aead(encrypt) ? 32 : 0);

	if (!enc || (enc->sadb_alg_maxbits &&
		     (bits < enc->sadb_alg_minbits || bits > enc->sadb_alg_maxbits)))
		return false;
	return auth == SADB_AALG_NONE || alg_find(k->auth, k->n_auth, auth);
}

static int register_for(struct klips *k, unsigned int satype)
{
	struct pfkey_reply r;
	struct msg m;
	int len, err;

	start(k, &m, SADB_REGISTER, satype);
	len = pfkey_finish(&m.o);
	err = len < 0 ? len : pfkey_ask(k->events, m.octets, (size_t)len, &r);
	if (!err && satype == SADB_SATYPE_ESP) {
		k->n_auth = take_algs(&r.m, SADB_EXT_SUPPORTED_AUTH, k->auth);
		k->n_enc = take_algs(&r.m, SADB_EXT_SUPPORTED_ENCRYPT, k->enc);
	}
	return err;
}

/* --- what the kernel tells ----------------------------------------------------------- */

static bool take_addr(const struct pfkey_msg *m, unsigned int ext, struct addr *a)
{
	struct endpoint e;

	if (!m->ext[ext] || endpoint_from_sockaddr(pfkey_sockaddr(m->ext[ext]),
						   sizeof(struct sockaddr_in6), &e))
		return false;
	*a = e.addr;
	return true;
}

static void acquire(struct pluto *p, const struct pfkey_msg *m)
{
	const struct sadb_ident *id = pfkey_get(m, SADB_EXT_IDENTITY_SRC, sadb_ident);
	struct addr src, dst;
	char *conn = NULL;

	if (!take_addr(m, SADB_EXT_ADDRESS_SRC, &src) || !take_addr(m, SADB_EXT_ADDRESS_DST, &dst))
		return;
	if (id && id->sadb_ident_type == SADB_X_IDENTTYPE_CONNECTION)
		conn = xstrdup(pfkey_ident(m->ext[SADB_EXT_IDENTITY_SRC]));
	kernel_acquire(p, &src, &dst,
		       pfkey_get(m, SADB_EXT_ADDRESS_SRC, sadb_address)->sadb_address_proto, conn);
	free(conn);
}

static void expire(struct pluto *p, const struct pfkey_msg *m)
{
	struct said said = { .proto = (uint8_t)pfkey_satype_to_proto(m->base->sadb_msg_satype) };

	if (!m->ext[SADB_EXT_SA] || !take_addr(m, SADB_EXT_ADDRESS_DST, &said.dst))
		return;
	said.spi = ntohl(pfkey_get(m, SADB_EXT_SA, sadb_sa)->sadb_sa_spi);
	kernel_expire(p, &said, m->ext[SADB_EXT_LIFETIME_HARD] != NULL);
}

static void read_events(int fd, void *ctx)
{
	struct pluto *p = ctx;
	struct pfkey_reply r;

	for (unsigned int i = 0; i < EVENTS_BATCH; i++) {
		int err = pfkey_receive(fd, &r, 0);

		if (err == -ENOBUFS) {
			plog_pluto(p, NULL, RC_LOG, "the kernel had more to tell than we could read: "
				   "an ACQUIRE or EXPIRE may be lost");
			continue;
		}
		if (err)
			return;
		if (r.m.base->sadb_msg_type == SADB_ACQUIRE && r.m.base->sadb_msg_pid == 0)
			acquire(p, &r.m);
		else if (r.m.base->sadb_msg_type == SADB_EXPIRE)
			expire(p, &r.m);
	}
}

/* --- start and end ------------------------------------------------------------------- */

/* Tunnel SPIs are ours to choose: don't choose one that a dead Pluto has left in use. */
static void note_leftover(struct pluto *p, const struct pfkey_msg *m)
{
	uint32_t spi = ntohl(pfkey_get(m, SADB_EXT_SA, sadb_sa)->sadb_sa_spi);

	if (m->base->sadb_msg_satype == SADB_X_SATYPE_IPIP && spi > p->last_tun_spi)
		p->last_tun_spi = spi;
}

static size_t dump(struct pluto *p, unsigned int satype)
{
	struct klips *k = p->kernel_ctx;
	struct pfkey_reply r;
	struct msg m;
	size_t n = 0;
	int len, err;

	/* Answers bear our number, the last one 0: with 0 for ours, all of them match. */
	pfkey_start(&m.o, m.octets, sizeof(m.octets), SADB_DUMP, satype, 0, (uint32_t)getpid());
	len = pfkey_finish(&m.o);
	empty(k->ask, &r);
	err = len < 0 ? len : pfkey_ask(k->ask, m.octets, (size_t)len, &r);
	for (; !err; err = pfkey_receive(k->ask, &r, PFKEY_PATIENCE_MS)) {
		if (r.m.base->sadb_msg_type != SADB_DUMP)
			continue;		/* somebody else's doing */
		if (!r.m.ext[SADB_EXT_SA])
			break;
		note_leftover(p, &r.m);
		n++;
	}
	return n;
}

static size_t klips_leftovers(struct pluto *p)
{
	return dump(p, SADB_X_SATYPE_IPIP) + dump(p, SADB_SATYPE_ESP);
}

static void klips_fini(struct pluto *p)
{
	struct klips *k = p->kernel_ctx;

	if (!k)
		return;
	server_unwatch(k->watch);
	close(k->events);
	close(k->ask);
	free(k);
	p->kernel_ctx = NULL;
}

static err_t klips_init(struct pluto *p)
{
	struct klips *k = xalloc(sizeof(*k));
	err_t why = NULL;
	int err;

	k->ask = pfkey_open(&why);
	if (k->ask < 0) {
		free(k);
		return why;
	}
	k->events = pfkey_open(&why);
	if (k->events < 0) {
		close(k->ask);
		free(k);
		return why;
	}
	err = register_for(k, SADB_SATYPE_ESP);
	if (!err)
		err = register_for(k, SADB_X_SATYPE_IPIP);
	p->kernel_ctx = k;
	if (err) {
		klips_fini(p);
		return phrase(err);
	}
	k->watch = server_watch(k->events, read_events, p);
	return NULL;
}

const struct kernel_ops kernel_klips = {
	.name		= "KLIPS",
	.devices	= true,
	.init		= klips_init,
	.fini		= klips_fini,
	.get_spi	= klips_get_spi,
	.add_sa		= klips_add_sa,
	.del_sa		= klips_del_sa,
	.group		= klips_group,
	.inbound_policy	= klips_inbound_policy,
	.eroute		= klips_eroute,
	.usage		= klips_usage,
	.has_suite	= klips_has_suite,
	.leftovers	= klips_leftovers,
};
