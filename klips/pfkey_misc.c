// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other PF_KEY commands: REGISTER, X_DEBUG, ACQUIRE, X_PROMISC; and what
 * /proc/net/pf_key* show of the sockets.  Where those files once had addresses of
 * kernel objects they have 0: nobody needs them who should have them.
 */
#include <linux/seq_file.h>

#include "klips/alg.h"
#include "klips/compat.h"
#include "klips/pfkey_sock.h"
#include "klips/xform.h"

#define ALGS_MAX	32

/* With ESP and AH, what authenticates. */
static unsigned int auth_algs(struct sadb_alg *algs)
{
	const struct klips_aalg *auth;
	unsigned int n;

	for (n = 0; n < ALGS_MAX && (auth = klips_aalg_at(n)); n++)
		algs[n] = (struct sadb_alg){
			.sadb_alg_id = auth->id,
			.sadb_alg_minbits = auth->bits,
			.sadb_alg_maxbits = auth->bits,
		};
	return n;
}

/* With ESP, what encrypts; with IPComp, what compresses. */
static unsigned int encrypt_algs(struct sadb_alg *algs, unsigned int satype)
{
	const struct klips_ealg *enc;
	unsigned int n;

	if (satype == SADB_X_SATYPE_COMP) {
		algs[0] = (struct sadb_alg){ .sadb_alg_id = SADB_X_CALG_DEFLATE };
		return 1;
	}
	for (n = 0; n < ALGS_MAX && (enc = klips_ealg_at(n)); n++)
		algs[n] = (struct sadb_alg){
			.sadb_alg_id = enc->id,
			.sadb_alg_ivlen = enc->iv * 8,
			.sadb_alg_minbits = enc->min + enc->salt * 8,
			.sadb_alg_maxbits = enc->max + enc->salt * 8,
		};
	return n;
}

/* Which lists an SA type has. */
static const struct {
	u8 satype;
	bool auth, encrypt;
} supported[] = {
	{ SADB_SATYPE_AH,	true,  false },
	{ SADB_SATYPE_ESP,	true,  true },
	{ SADB_X_SATYPE_COMP,	false, true },
};

static void put_supported(struct pfkey_out *o, unsigned int satype)
{
	struct sadb_alg algs[ALGS_MAX];
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(supported); i++) {
		if (supported[i].satype != satype)
			continue;
		n = supported[i].auth ? auth_algs(algs) : 0;
		if (n)
			pfkey_add_algs(o, SADB_EXT_SUPPORTED_AUTH, algs, n);
		n = supported[i].encrypt ? encrypt_algs(algs, satype) : 0;
		if (n)
			pfkey_add_algs(o, SADB_EXT_SUPPORTED_ENCRYPT, algs, n);
	}
}

/* RFC 2367 section 3.1.7: the answer says what this kernel really has. */
int pfkey_register(struct pfkey_cmd *c)
{
	unsigned int satype = c->m.base->sadb_msg_satype;
	struct klips_net *kn = c->net;
	struct pfkey_skb b;

	if (!klips_xform_find(pfkey_satype_to_proto(satype)))
		return pfkey_refuse(c, -EPROTONOSUPPORT, 0, "header: this kernel has no SAs of type %s",
				    pfkey_satype_name(satype));
	klips_alg_try_all();
	spin_lock_bh(&kn->sockets_lock);
	WRITE_ONCE(c->asker->registered, c->asker->registered | BIT(satype));
	spin_unlock_bh(&kn->sockets_lock);

	pfkey_answer_start(&b, c, PFKEY_MSG_MAX);
	put_supported(&b.out, satype);
	pfkey_skb_to_all(&b, kn, satype);
	return 0;
}

/* klipsdebug(8): what is on grows by the masks, or shrinks to them; SADB_X_DEBUG_ADD says which. */
int pfkey_debug(struct pfkey_cmd *c)
{
	const struct sadb_x_debug *d = pfkey_get(&c->m, SADB_X_EXT_DEBUG, sadb_x_debug);
	const u32 masks[KLIPS_DBG_MAX] = {
		[KLIPS_DBG_TUNNEL]  = d->sadb_x_debug_tunnel,
		[KLIPS_DBG_NETLINK] = d->sadb_x_debug_netlink,
		[KLIPS_DBG_XFORM]   = d->sadb_x_debug_xform,
		[KLIPS_DBG_EROUTE]  = d->sadb_x_debug_eroute,
		[KLIPS_DBG_SPI]	    = d->sadb_x_debug_spi,
		[KLIPS_DBG_RADIJ]   = d->sadb_x_debug_radij,
		[KLIPS_DBG_ESP]	    = d->sadb_x_debug_esp,
		[KLIPS_DBG_AH]	    = d->sadb_x_debug_ah,
		[KLIPS_DBG_RCV]	    = d->sadb_x_debug_rcv,
		[KLIPS_DBG_PFKEY]   = d->sadb_x_debug_pfkey,
		[KLIPS_DBG_IPCOMP]  = d->sadb_x_debug_ipcomp,
		[KLIPS_DBG_VERBOSE] = d->sadb_x_debug_verbose,
	};
	bool more = d->sadb_x_debug_netlink & SADB_X_DEBUG_ADD;
	unsigned int i;

	for (i = 0; i < KLIPS_DBG_MAX; i++) {
		u32 old = READ_ONCE(c->net->debug[i]);
		u32 new = more ? old | masks[i] : old & masks[i];

		if (i == KLIPS_DBG_NETLINK)
			new &= ~SADB_X_DEBUG_ADD;
		WRITE_ONCE(c->net->debug[i], new);
	}
	return pfkey_echo(c);
}

/*
 * The daemon cannot do what an ACQUIRE asked: the flow waits no longer, and its next
 * packet asks again.  There is no answer.
 */
static int acquire_refused(struct pfkey_cmd *c)
{
	const u64 need = PFKEY_BIT(SADB_EXT_ADDRESS_SRC) | PFKEY_BIT(SADB_EXT_ADDRESS_DST);
	struct klips_selector sel = { 0 };

	if ((c->m.present & need) != need)
		return 0;
	sel.family = pfkey_take_address(&c->m, SADB_EXT_ADDRESS_SRC, &sel.src, &sel.sport);
	if (pfkey_take_address(&c->m, SADB_EXT_ADDRESS_DST, &sel.dst, &sel.dport) != sel.family)
		return pfkey_refuse(c, -EINVAL, SADB_EXT_ADDRESS_DST,
				    "ADDRESS_DST: not of the family of ADDRESS_SRC");
	sel.proto = pfkey_get(&c->m, SADB_EXT_ADDRESS_SRC, sadb_address)->sadb_address_proto;
	sel.src_bits = klips_addr_bits(sel.family);
	sel.dst_bits = sel.src_bits;
	klips_eroute_end_hold(c->net, &sel);
	return 0;
}

/*
 * RFC 2367 section 3.1.6: with an errno, a daemon's refusal; without, a program's wish
 * for an SA, which those who are registered for its type are told.
 */
int pfkey_acquire(struct pfkey_cmd *c)
{
	unsigned int satype = c->m.base->sadb_msg_satype;
	struct pfkey_skb b;

	if (c->m.base->sadb_msg_errno)
		return acquire_refused(c);
	if (!satype)
		return pfkey_refuse(c, -EINVAL, 0, "header: an ACQUIRE without errno asks for SAs of one type: sadb_msg_satype is 0");
	pfkey_answer_start(&b, c, PFKEY_MSG_MAX);
	pfkey_put_rest(&b.out, &c->m, 0);
	if (pfkey_skb_to_all(&b, c->net, satype))
		return 0;
	return pfkey_refuse(c, -EPROTONOSUPPORT, 0, "no key manager is registered for SAs of type %s: start one",
			    pfkey_satype_name(satype));
}

/*
 * RFC 2367 section 3.1.11 has a socket see all messages of all others.  An ADD holds
 * keys, so nobody sees another's messages here; everybody hears what was done.
 */
int pfkey_promisc(struct pfkey_cmd *c)
{
	return pfkey_refuse(c, -EOPNOTSUPP, 0, "X_PROMISC: messages to the kernel hold keys and are shown to nobody; what was done is told to every socket without being asked for");
}

int klips_pfkey_show(struct seq_file *m, void *v)
{
	struct klips_net *kn = klips_net(seq_file_single_net(m));
	struct klips_pfkey *pk;

	seq_puts(m, "    sock   pid   socket     next     prev e n p sndbf    Flags     Type St\n");
	rcu_read_lock();
	hlist_for_each_entry_rcu(pk, &kn->sockets, node)
		seq_printf(m, "%8u %5d %8u %8u %8u %u %u %u %5d %08lX %8X %2X\n", 0, pk->pid, 0, 0,
			   0, READ_ONCE(pk->sk.sk_err), 0, pk->sk.sk_protocol, pk->sk.sk_sndbuf,
			   pk->sk.sk_flags, pk->sk.sk_type, pk->sk.sk_state);
	rcu_read_unlock();
	return 0;
}

int klips_pfkey_show_registered(struct seq_file *m, void *v)
{
	struct klips_net *kn = klips_net(seq_file_single_net(m));
	struct klips_pfkey *pk;
	unsigned int satype;

	seq_puts(m, "satype   socket   pid       sk\n");
	rcu_read_lock();
	for (satype = 1; satype <= SADB_SATYPE_MAX; satype++)
		hlist_for_each_entry_rcu(pk, &kn->sockets, node)
			if (READ_ONCE(pk->registered) & BIT(satype))
				seq_printf(m, "%6u %8u %5d %8u\n", satype, 0, pk->pid, 0);
	rcu_read_unlock();
	return 0;
}

static void show_algs(struct seq_file *m, unsigned int satype, unsigned int ext,
		      const struct sadb_alg *algs, unsigned int n)
{
	for (; n; n--, algs++)
		seq_printf(m, "    %2u      %2u     %2u   %3u     %3u     %3u\n", satype, ext,
			   algs->sadb_alg_id, algs->sadb_alg_ivlen, algs->sadb_alg_minbits,
			   algs->sadb_alg_maxbits);
}

int klips_pfkey_show_supported(struct seq_file *m, void *v)
{
	struct sadb_alg algs[ALGS_MAX];
	unsigned int i, satype;

	klips_alg_try_all();
	seq_puts(m, "satype exttype alg_id ivlen minbits maxbits\n");
	for (i = 0; i < ARRAY_SIZE(supported); i++) {
		satype = supported[i].satype;
		if (supported[i].encrypt)
			show_algs(m, satype, SADB_EXT_SUPPORTED_ENCRYPT, algs,
				  encrypt_algs(algs, satype));
		if (supported[i].auth)
			show_algs(m, satype, SADB_EXT_SUPPORTED_AUTH, algs, auth_algs(algs));
	}
	return 0;
}
