// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PF_KEYv2 socket family: RFC 2367.
 *
 * A message from user space is copied, parsed and checked against the tables of
 * lib/pfkey before anyone looks at it; then one row of ops[] is called.  A command
 * that fails is answered to its asker alone, with errno in the header and the reason
 * in words behind it.  One that succeeds is told to every open socket, without keys.
 * Only what has no sound header, and so cannot be answered, fails in send(2) itself.
 *
 * Messages that the kernel originates go out from any context.  A socket that is not
 * read loses messages, and its next recv(2) says ENOBUFS once (RFC 2367 section 1.4).
 *
 * Opening needs CAP_NET_ADMIN in the user namespace that owns the network namespace.
 * The family has room for one owner: when af_key is there, we cannot be.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/slab.h>

#include "klips/compat.h"
#include "klips/pfkey_sock.h"

static const pfkey_op ops[SADB_MAX + 1] = {
	[SADB_GETSPI]	 = pfkey_getspi,
	[SADB_UPDATE]	 = pfkey_update_sa,
	[SADB_ADD]	 = pfkey_new_sa,
	[SADB_DELETE]	 = pfkey_delete,
	[SADB_GET]	 = pfkey_get_sa,
	[SADB_ACQUIRE]	 = pfkey_acquire,
	[SADB_REGISTER]	 = pfkey_register,
	[SADB_FLUSH]	 = pfkey_flush,
	[SADB_DUMP]	 = pfkey_dump,
	[SADB_X_PROMISC] = pfkey_promisc,
	[SADB_X_GRPSA]	 = pfkey_grpsa,
	[SADB_X_ADDFLOW] = pfkey_addflow,
	[SADB_X_DELFLOW] = pfkey_delflow,
	[SADB_X_DEBUG]	 = pfkey_debug,
};

/* A header, and the reason in words. */
#define PFKEY_REFUSAL_ROOM \
	(sizeof(struct sadb_msg) + sizeof(struct sadb_x_error) + PFKEY_ERROR_TEXT)

static struct klips_pfkey *pk_of(struct sock *sk)
{
	return container_of(sk, struct klips_pfkey, sk);
}

/*
 * Messages to user space.
 */

void pfkey_skb_start(struct pfkey_skb *b, size_t room, gfp_t gfp, unsigned int type,
		     unsigned int satype, u32 seq, u32 pid)
{
	b->skb = alloc_skb(room, gfp);
	pfkey_start(&b->out, b->skb ? b->skb->data : NULL, b->skb ? room : 0, type, satype,
		    seq, pid);
}

void pfkey_answer_start(struct pfkey_skb *b, const struct pfkey_cmd *c, size_t room)
{
	const struct sadb_msg *base = c->m.base;

	pfkey_skb_start(b, room, GFP_KERNEL, base->sadb_msg_type, base->sadb_msg_satype,
			base->sadb_msg_seq, base->sadb_msg_pid);
}

/* The message is complete: give it its length.  On failure it is freed. */
static int finish(struct pfkey_skb *b)
{
	int len;

	if (!b->skb)
		return -ENOMEM;
	len = pfkey_finish(&b->out);
	if (WARN_ON_ONCE(len < 0)) {
		kfree_skb(b->skb);
		return len;
	}
	skb_put(b->skb, len);
	return 0;
}

/* Queue the skb, which is consumed.  A message lost is noted on the socket. */
static int deliver(struct klips_pfkey *pk, struct sk_buff *skb)
{
	if (!sock_queue_rcv_skb(&pk->sk, skb))
		return 0;
	kfree_skb(skb);
	WRITE_ONCE(pk->sk.sk_err, ENOBUFS);
	klips_error_report(&pk->sk);
	return -ENOBUFS;
}

int pfkey_skb_to(struct pfkey_skb *b, struct klips_pfkey *to)
{
	int err = finish(b);

	return err ? err : deliver(to, b->skb);
}

int pfkey_skb_to_all(struct pfkey_skb *b, struct klips_net *kn, unsigned int satype)
{
	struct klips_pfkey *pk;
	struct sk_buff *copy;
	int n = 0;

	if (finish(b))
		return 0;
	rcu_read_lock();
	hlist_for_each_entry_rcu(pk, &kn->sockets, node) {
		if (satype && !(READ_ONCE(pk->registered) & BIT(satype)))
			continue;
		copy = skb_clone(b->skb, GFP_ATOMIC);
		if (copy && !deliver(pk, copy))
			n++;
	}
	rcu_read_unlock();
	consume_skb(b->skb);
	return n;
}

bool klips_pfkey_has_daemon(struct klips_net *kn)
{
	struct klips_pfkey *pk;
	bool found = false;

	rcu_read_lock();
	hlist_for_each_entry_rcu(pk, &kn->sockets, node)
		found |= READ_ONCE(pk->registered) & BIT(SADB_SATYPE_ESP);
	rcu_read_unlock();
	return found;
}

void pfkey_put_rest(struct pfkey_out *o, const struct pfkey_msg *m, u64 without)
{
	const u64 keys = PFKEY_BIT(SADB_EXT_KEY_AUTH) | PFKEY_BIT(SADB_EXT_KEY_ENCRYPT);
	u64 put = m->present & ~keys & ~without;
	unsigned int i;

	for (i = 1; i <= SADB_EXT_MAX; i++)
		if (put & PFKEY_BIT(i))
			pfkey_add(o, i, m->ext[i], m->ext[i]->sadb_ext_len * 8, NULL, 0);
}

int pfkey_echo(const struct pfkey_cmd *c)
{
	struct pfkey_skb b;

	pfkey_answer_start(&b, c, PFKEY_MSG_MAX);
	pfkey_put_rest(&b.out, &c->m, 0);
	pfkey_skb_to_all(&b, c->net, 0);
	return 0;
}

int pfkey_refuse(struct pfkey_cmd *c, int err, unsigned int ext, const char *fmt, ...)
{
	va_list ap;

	c->at_fault = ext;
	va_start(ap, fmt);
	vscnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	return err;
}

/* What is wrong with a message goes to the log, what only does not fit with a debug class. */
static void log_refusal(const struct pfkey_cmd *c, int err)
{
	const char *type = pfkey_type_name(c->m.base->sadb_msg_type);

	type = type ? type : "of unknown type";
	if (err == -EINVAL || err == -EPROTONOSUPPORT || err == -EOPNOTSUPP)
		pr_info_ratelimited("klips_info:pfkey: message %s refused (%d): %s\n", type, -err,
				    c->why);
	else
		klips_dbg(c->net, PFKEY, "%s refused (%d): %s", type, -err, c->why);
}

static void answer_error(const struct pfkey_cmd *c, int err)
{
	struct pfkey_skb b;

	log_refusal(c, err);
	pfkey_answer_start(&b, c, PFKEY_REFUSAL_ROOM);
	if (b.skb)
		((struct sadb_msg *)b.skb->data)->sadb_msg_errno = -err;
	if (c->why[0])
		pfkey_add_error(&b.out, c->at_fault, c->why);
	pfkey_skb_to(&b, c->asker);
}

/*
 * Messages from user space.
 */

static void judge(struct pfkey_cmd *c, const struct pfkey_error *e)
{
	c->at_fault = e->ext;
	pfkey_error_text(e, c->why, sizeof(c->why));
}

/* Carry out the message in buf.  Returns what send(2) is to say. */
static int handle(struct klips_pfkey *pk, const void *buf, size_t len)
{
	struct pfkey_cmd c = { .net = klips_net(sock_net(&pk->sk)), .asker = pk };
	struct pfkey_error e;
	pfkey_op op;
	int err;

	err = pfkey_parse(buf, len, &c.m, &e);
	if (!err)
		err = pfkey_check(&c.m, PFKEY_DOWN, &e);
	if (err) {
		judge(&c, &e);
		if (!c.m.base) {
			pr_info_ratelimited("klips_info:pfkey: message refused (%d): %s\n", -err,
					    c.why);
			return err;
		}
	} else {
		klips_dbg(c.net, PFKEY, "%s seq=%u pid=%u",
			  pfkey_type_name(c.m.base->sadb_msg_type), c.m.base->sadb_msg_seq,
			  c.m.base->sadb_msg_pid);
		op = ops[c.m.base->sadb_msg_type];
		err = op ? op(&c) : -EOPNOTSUPP;
	}
	if (err)
		answer_error(&c, err);
	return 0;
}

static int pfkey_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	void *buf;
	int err;

	if (msg->msg_controllen || msg->msg_namelen || (msg->msg_flags & MSG_OOB))
		return -EINVAL;
	if (len < sizeof(struct sadb_msg) || len > PFKEY_MSG_MAX)
		return -EMSGSIZE;
	buf = kmalloc(len, GFP_KERNEL);
	if (!buf)
		return -ENOBUFS;
	err = -EFAULT;
	if (copy_from_iter_full(buf, len, &msg->msg_iter))
		err = handle(pk_of(sock->sk), buf, len);
	kfree_sensitive(buf);
	return err ? err : len;
}

static int pfkey_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int copied, err;

	if (flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_COMPAT))
		return -EINVAL;
	skb = klips_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	copied = min_t(size_t, skb->len, len);
	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (!err)
		err = flags & MSG_TRUNC ? skb->len : copied;
	skb_free_datagram(sk, skb);
	pfkey_dump_more(pk_of(sk));
	return err;
}

/*
 * The socket.
 */

static int pfkey_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct klips_net *kn;

	if (!sk)
		return 0;
	kn = klips_net(sock_net(sk));
	spin_lock_bh(&kn->sockets_lock);
	hlist_del_init_rcu(&pk_of(sk)->node);
	spin_unlock_bh(&kn->sockets_lock);
	sock_orphan(sk);
	sock->sk = NULL;
	sock_put(sk);
	return 0;
}

static const struct proto_ops pfkey_proto_ops = {
	.family = PF_KEY,
	.owner = THIS_MODULE,
	.release = pfkey_release,
	.bind = sock_no_bind,
	.connect = sock_no_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = sock_no_getname,
	.poll = datagram_poll,
	.ioctl = sock_no_ioctl,
	.listen = sock_no_listen,
	.shutdown = sock_no_shutdown,
	.sendmsg = pfkey_sendmsg,
	.recvmsg = pfkey_recvmsg,
	.mmap = sock_no_mmap,
};

static struct proto pfkey_proto = {
	.name = "KLIPS_KEY",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct klips_pfkey),
};

/* A grace period after the release: nobody will queue anything any more. */
static void pfkey_destruct(struct sock *sk)
{
	skb_queue_purge(&sk->sk_receive_queue);
}

static int pfkey_create(struct net *net, struct socket *sock, int protocol, int kern)
{
	struct klips_net *kn = klips_net(net);
	struct klips_pfkey *pk;
	struct sock *sk;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EACCES;
	if (sock->type != SOCK_RAW)
		return -ESOCKTNOSUPPORT;
	if (protocol != PF_KEY_V2)
		return -EPROTONOSUPPORT;
	sk = sk_alloc(net, PF_KEY, GFP_KERNEL, &pfkey_proto, kern);
	if (!sk)
		return -ENOBUFS;
	sock->ops = &pfkey_proto_ops;
	sock_init_data(sock, sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk->sk_destruct = pfkey_destruct;
	pk = pk_of(sk);
	pk->pid = task_tgid_vnr(current);
	mutex_init(&pk->dump_lock);
	spin_lock_bh(&kn->sockets_lock);
	hlist_add_head_rcu(&pk->node, &kn->sockets);
	spin_unlock_bh(&kn->sockets_lock);
	return 0;
}

static const struct net_proto_family pfkey_family = {
	.family = PF_KEY,
	.create = pfkey_create,
	.owner = THIS_MODULE,
};

int klips_pfkey_init(void)
{
	int err;

	err = proto_register(&pfkey_proto, 0);
	if (err)
		return err;
	err = sock_register(&pfkey_family);
	if (!err)
		return 0;
	proto_unregister(&pfkey_proto);
	if (err != -EEXIST)
		return err;
	pr_err("klips_error:%s: another module, probably af_key, holds the PF_KEY socket family: remove it, and keep it from being loaded\n",
	       __func__);
	return -EBUSY;		/* modprobe takes -EEXIST for success */
}

void klips_pfkey_exit(void)
{
	sock_unregister(PF_KEY);
	proto_unregister(&pfkey_proto);
}

MODULE_ALIAS_NETPROTO(PF_KEY);
