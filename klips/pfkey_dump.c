// SPDX-License-Identifier: GPL-2.0-only
/*
 * DUMP: all SAs, to one socket, as fast as it is read.  RFC 2367 section 3.1.10.
 *
 * However many there are, none is lost: the dump keeps its place by the id of the last
 * SA sent, stops while the socket's queue is half full, and goes on when its owner has
 * read.  The other half is for what everybody is told meanwhile.  An SA keeps its id as
 * long as it lives, so each that is there from the beginning to the end of the dump is
 * sent once; one that comes or goes meanwhile may be sent or not.
 *
 * No lock is held between two SAs.  The last message is a bare header with sequence
 * number 0.
 */
#include "klips/compat.h"
#include "klips/pfkey_sock.h"

int pfkey_dump(struct pfkey_cmd *c)
{
	struct klips_pfkey *pk = c->asker;

	mutex_lock(&pk->dump_lock);
	if (pk->dump.active) {
		mutex_unlock(&pk->dump_lock);
		return pfkey_refuse(c, -EBUSY, 0, "this socket has not yet read all of its last DUMP: read on, or open another");
	}
	pk->dump.satype = c->m.base->sadb_msg_satype;
	pk->dump.proto = pfkey_satype_to_proto(pk->dump.satype);
	pk->dump.seq = c->m.base->sadb_msg_seq;
	pk->dump.pid = c->m.base->sadb_msg_pid;
	pk->dump.after = 0;
	WRITE_ONCE(pk->dump.active, true);
	mutex_unlock(&pk->dump_lock);
	pfkey_dump_more(pk);
	return 0;
}

/* An empty queue always has room, so who waits for a message gets one. */
static bool has_room(const struct sock *sk)
{
	return atomic_read(&sk->sk_rmem_alloc) <= READ_ONCE(sk->sk_rcvbuf) / 2;
}

/* The next SA of the dump, with a reference, or NULL. */
static struct klips_sa *next_sa(struct klips_net *kn, u8 proto, u32 *id)
{
	struct klips_sa *sa;
	bool wanted;

	do {
		rcu_read_lock();
		sa = klips_walk_after(&kn->sas, id);
		wanted = sa && (!proto || sa->said.proto == proto) &&
			 refcount_inc_not_zero(&sa->ref);
		rcu_read_unlock();
		cond_resched();
	} while (sa && !wanted);
	return sa;
}

static int dump_one(struct klips_pfkey *pk, const struct klips_sa *sa)
{
	struct pfkey_skb b;

	pfkey_skb_start(&b, pfkey_sa_room(sa), GFP_KERNEL, SADB_DUMP,
			pfkey_proto_to_satype(sa->said.proto), pk->dump.seq, pk->dump.pid);
	pfkey_put_sa(&b.out, sa);
	return pfkey_skb_to(&b, pk);
}

static int dump_end(struct klips_pfkey *pk)
{
	struct pfkey_skb b;

	pfkey_skb_start(&b, sizeof(struct sadb_msg), GFP_KERNEL, SADB_DUMP, pk->dump.satype, 0,
			pk->dump.pid);
	return pfkey_skb_to(&b, pk);
}

/* Send SAs from where the dump was left, and the end.  -EAGAIN: there was no room for all. */
static int dump_some(struct klips_pfkey *pk)
{
	struct klips_net *kn = klips_net(sock_net(&pk->sk));
	struct klips_sa *sa;
	u32 id;
	int err;

	while (has_room(&pk->sk)) {
		id = pk->dump.after;
		sa = next_sa(kn, pk->dump.proto, &id);
		if (!sa)
			return dump_end(pk);
		err = dump_one(pk, sa);
		klips_sa_put(sa);
		if (err)
			return err;
		pk->dump.after = id;
	}
	return -EAGAIN;
}

/*
 * Go on until the queue is full; what others were told has filled it when there is no room
 * in spite of all.  Any other failure ends the dump, and the reader's wait.
 */
void pfkey_dump_more(struct klips_pfkey *pk)
{
	int err;

	if (!READ_ONCE(pk->dump.active))
		return;
	mutex_lock(&pk->dump_lock);
	if (pk->dump.active) {
		err = dump_some(pk);
		if (err != -EAGAIN && err != -ENOBUFS)
			WRITE_ONCE(pk->dump.active, false);
		if (err && !pk->dump.active) {
			pk->sk.sk_err = -err;
			klips_error_report(&pk->sk);
		}
	}
	mutex_unlock(&pk->dump_lock);
}
