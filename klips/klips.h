/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of ipsec.ko share: the structures, and who may touch them.
 *
 * Everything hangs off struct klips_net, one per network namespace.  Configuration
 * (PF_KEY, expiry) is serialised by klips_net.lock; packets read under RCU and hold
 * a reference on each SA that they use.  An SA is freed from a work item, one grace
 * period after its last reference has gone.
 */
#ifndef KLIPS_KLIPS_H
#define KLIPS_KLIPS_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst_cache.h>
#include <net/gro_cells.h>
#include <net/net_namespace.h>

#include "klips/drop.h"
#include "klips/replay.h"
#include "klips/selector.h"
#include "klips/shunt.h"

#define KLIPS_VERSION		"3.0.0"

#define KLIPS_SA_MAX		131072	/* per namespace */
#define KLIPS_EROUTE_MAX	262144
#define KLIPS_HOLD_MAX		1024	/* eroutes that hold packets */
#define KLIPS_HOLD_PACKETS	4	/* held by one of them */
#define KLIPS_HELD_MAX		2048	/* packets held by all */
#define KLIPS_SHAPE_MAX		128	/* each costs every packet a hash probe */
#define KLIPS_BUNDLE_MAX	4	/* SAs */

/* So many sequence numbers are left when another SA is asked for. */
#define KLIPS_SEQ_RESERVE	0x10000000U

/* The name of an SA: RFC 4301 section 4.1. */
struct klips_said {
	union klips_addr dst;
	__be32 spi;
	u8 proto;
	u8 family;
	u16 zero;
};
static_assert(sizeof(struct klips_said) == 24, "said is a hash key: no padding");

#define KLIPS_SAID_TEXT		64	/* tun0x12345678@ and an IPv6 address */

/* The numbers are those of sadb_sa_state. */
enum klips_state {
	KLIPS_SA_LARVAL = 0,
	KLIPS_SA_MATURE = 1,
	KLIPS_SA_DYING = 2,	/* past its soft limit, in use */
	KLIPS_SA_DEAD = 3,
};

/* Limits; 0: none.  Times in seconds since birth or first use. */
struct klips_limits {
	u64 bytes, addtime, usetime;
	u32 allocations, packets;
};

struct klips_life {
	struct klips_limits soft, hard;
	u32 allocations;	/* eroutes and inbound selectors it was given; klips_net.lock */
	atomic64_t bytes, packets;
	time64_t born, used, last;	/* seconds since boot; used, last: 0 before the first */
	unsigned long flags;
};
/* Bits of flags. */
#define KLIPS_LIFE_SOFT_TOLD	0	/* the soft EXPIRE has gone out */
#define KLIPS_LIFE_OVERDRAWN	1	/* one allocation more was asked for than there may be */

/* Who made something, to be told to who finds the place taken. */
struct klips_owner {
	pid_t pid;
	char comm[TASK_COMM_LEN];	/* printable */
};

struct klips_policy {
	struct klips_selector sel;
	struct rcu_head rcu;
};

/* One end of the way that an encapsulated packet takes. */
struct klips_endpoint {
	union klips_addr addr;
	__be16 port;
};

/* ESP in UDP, of one SA.  Replaced as a whole when the daemon says so, never by a packet. */
struct klips_natt {
	u8 type;			/* SADB_X_NAT_T_*, which is the socket's UDP_ENCAP_* */
	struct klips_endpoint src, dst;	/* as in the SA's packets on the wire */
	union klips_addr oa;		/* the peer's own idea of src; zero: not known */
	spinlock_t lock;		/* told, told_at */
	struct klips_endpoint told;	/* what NEW_MAPPING has said last, */
	unsigned long told_at;		/* and when: jiffies, 0: never */
	struct rcu_head rcu;
};

struct klips_ah;
struct klips_esp;
struct klips_ipcomp;
struct klips_xform;

struct klips_sa {
	struct rhash_head node;
	struct klips_said said;
	refcount_t ref;
	u8 state;			/* enum klips_state */
	bool inbound;
	const struct klips_xform *xform;
	struct klips_net *net;
	union klips_addr src;		/* zero: not known */
	struct klips_sa __rcu *outer;	/* the bundle: next towards the wire, a reference */
	struct klips_sa __rcu *inner;	/* next towards the clear text, a reference */

	struct klips_esp *esp;		/* of these three that of its protocol */
	struct klips_ah *ah;
	struct klips_ipcomp *ipcomp;
	struct klips_natt __rcu *natt;	/* NULL: not in UDP */
	u32 flags;			/* SADB_X_SAFLAGS_* */
	bool esn;			/* sequence numbers of 64 bits */
	atomic64_t seq;			/* last number sent */
	spinlock_t lock;		/* replay */
	struct klips_replay *replay;	/* NULL: not checked */
	struct klips_policy __rcu *policy;	/* innermost, inbound: what may come out */
	struct dst_cache dst_cache;	/* the way to said.dst */
	u32 pmtu;			/* that routers have told of; 0: none */
	unsigned long pmtu_until;	/* jiffies */
	atomic_t auth_errs, replay_errs, pad_errs, size_errs;

	struct klips_life life;
	struct delayed_work expiry;	/* a reference while queued */
	struct rcu_work free;
	u32 id;				/* in klips_net.sas, from GETSPI or ADD to the end */
	struct klips_owner owner;
	void *kept;			/* extensions that GET repeats; NULL: none */
	u16 kept_len;
};

struct klips_eroute {
	struct rhash_head node;
	struct klips_selector sel;
	enum klips_shunt shunt;
	struct klips_said said;		/* of the innermost SA */
	atomic64_t packets;
	u32 id;				/* in klips_eroutes.all; a replacement inherits it */
	struct rcu_head rcu;
	spinlock_t lock;		/* held, gone */
	struct sk_buff_head held;	/* %hold: each packet holds its device */
	bool gone;			/* takes no more packets */
	enum klips_shunt back;		/* %hold: the trap whose place it has taken, or NONE */
	struct list_head hold;		/* klips_eroutes.holds, if a packet has made it */
	bool entered;			/* is in the table; under klips_eroutes.lock */
	time64_t born;			/* seconds since boot */
	struct klips_owner owner;
	char *src_ident, *dst_ident;	/* for ACQUIRE; may be NULL */
	u8 src_ident_type, dst_ident_type;
};

struct klips_eroutes {
	struct rhashtable routes;
	struct list_head shapes;	/* most specific first, RCU */
	struct xarray all;		/* by id, in the order of birth; RCU */
	spinlock_t lock;		/* writers, with bottom halves off */
	u32 count, nshapes, nholds, last_id;
	struct list_head holds;		/* made by packets, the oldest first; under lock */
	struct delayed_work ageing;	/* of these */
	atomic_t held, aged;		/* packets now; holds given up so far */
};

/* Debug classes, as klipsdebug(8) and X_DEBUG order them. */
enum klips_debug {
	KLIPS_DBG_TUNNEL, KLIPS_DBG_NETLINK, KLIPS_DBG_XFORM, KLIPS_DBG_EROUTE,
	KLIPS_DBG_SPI, KLIPS_DBG_RADIJ, KLIPS_DBG_ESP, KLIPS_DBG_AH, KLIPS_DBG_RCV,
	KLIPS_DBG_PFKEY, KLIPS_DBG_IPCOMP, KLIPS_DBG_VERBOSE,
	KLIPS_DBG_MAX
};

struct klips_net {
	struct net *net;
	struct mutex lock;		/* writers of sadb, bundles and policies */

	struct rhashtable sadb;
	struct xarray sas;		/* by id, in the order of birth; RCU */
	u32 nsas, last_id;
	atomic_t alive;			/* SAs not yet freed */
	wait_queue_head_t all_freed;

	struct klips_eroutes eroutes;

	struct list_head devs;		/* klips_dev.list, written under RTNL, RCU */

	struct hlist_head sockets;	/* PF_KEY, RCU */
	spinlock_t sockets_lock;
	atomic_t acquire_seq;
	atomic_t traps, traps_sent;	/* ACQUIREs wanted, delivered */

	u64 __percpu *drops;
	int hold_seconds, icmp, inbound_policy_check, tos, mss_clamp, debug[KLIPS_DBG_MAX];
	struct ctl_table_header *sysctl;
	struct ctl_table *sysctl_table;
};

/* Private area of ipsecN. */
struct klips_dev {
	struct net_device *dev;
	struct net_device __rcu *phys;	/* NULL: detached.  Written under RTNL */
	struct gro_cells cells;
	u64 __percpu *drops;		/* one for each enum klips_drop */
	struct list_head list;
	int mtu;			/* what fits unfragmented, as far as learned */
	unsigned long mtu_until;	/* jiffies: then it may rise again */
};

/* What one packet's passage needs to remember, in skb->cb; zeroed before the stack sees it. */
struct klips_cb {
	struct klips_net *net;
	struct klips_sa *sa;	/* being applied; a reference */
	void *crypto;		/* the request under way: the transform's */
	u64 seq;		/* ESP, AH, inbound: to be accepted */
	u8 drop;		/* enum klips_drop, from klips_fail() */
	bool inbound;
	bool held;		/* outbound: was in an eroute's hold, not to be held again */
	u8 left;		/* outbound: SAs still to be applied */
	bool sealed;		/* outbound: the last one applied was ESP or AH, */
	bool bare;		/* or need not be, since none was asked for */
	u8 proto;		/* inbound: what the last transform uncovered */
	bool whole;		/* inbound: a whole IP packet, at the network header */
	u16 iplen;		/* inbound: of the IP header(s) in front of an IPsec header, */
	u16 next;		/* and which of their octets announces it */
	u8 encap;		/* ESP in UDP: which SADB_X_NAT_T_*, 0: not */
	__be16 sport;		/* inbound, in UDP: the port it came from */
};
#define KLIPS_CB(skb)	((struct klips_cb *)(skb)->cb)

static inline void klips_cb_init(struct sk_buff *skb, struct klips_net *kn, bool inbound)
{
	BUILD_BUG_ON(sizeof(struct klips_cb) > sizeof_field(struct sk_buff, cb));
	memset(skb->cb, 0, sizeof(skb->cb));
	KLIPS_CB(skb)->net = kn;
	KLIPS_CB(skb)->inbound = inbound;
}

extern struct workqueue_struct *klips_wq;

/* Say something of a class that klipsdebug(8) has switched on. */
#define klips_dbg(kn, class, fmt, ...)						\
	do {									\
		if (unlikely(READ_ONCE((kn)->debug[KLIPS_DBG_##class])))	\
			pr_info_ratelimited("klips_debug:%s: " fmt "\n",	\
					    __func__, ##__VA_ARGS__);		\
	} while (0)

/* main.c */
struct klips_net *klips_net(const struct net *net);

/* device.c */
extern struct rtnl_link_ops klips_link_ops;
extern const struct ethtool_ops klips_ethtool_ops;	/* ethtool.c */
int klips_dev_init(void);
void klips_dev_exit(void);
/* The ipsecN that is attached to phys, or else any attached one; NULL if none.  Under RCU. */
struct klips_dev *klips_dev_of(struct klips_net *kn, const struct net_device *phys);
/*
 * Received through a VRF, the packet names that as its device: make it name the physical
 * one below.  Under RCU, with skb->cb still as IP has left it.
 */
void klips_dev_of_slave(struct sk_buff *skb);
/* Learned that packets of dev may have at most mtu octets. */
void klips_dev_learn_mtu(struct klips_dev *kd, int mtu);

/* xmit.c: both consume the skb. */
void klips_xmit(struct sk_buff *skb);
/* Send again what an eroute held, its device's reference included. */
void klips_xmit_held(struct sk_buff *skb);
/* A transform has finished, in whatever context: carry on. */
void klips_xmit_resume(struct sk_buff *skb, int err);

/* rcv.c */
int klips_rcv_init(void);
void klips_rcv_exit(void);
void klips_rcv_resume(struct sk_buff *skb, int err);

/* sadb.c; those that change anything want kn->lock held */
int klips_sadb_init(struct klips_net *kn);
void klips_sadb_exit(struct klips_net *kn);
/* An SA outside the table, with one reference: the caller's.  NULL: no memory. */
struct klips_sa *klips_sa_new(struct klips_net *kn, const struct klips_said *said);
/* With a reference, in whatever state; NULL if there is none. */
struct klips_sa *klips_sadb_find(struct klips_net *kn, const struct klips_said *said);
/*
 * Both take a reference of their own.  0, -EEXIST, -ENOSPC, -ENOMEM.  Replace: old must be
 * larval.
 */
int klips_sadb_insert(struct klips_net *kn, struct klips_sa *sa);
int klips_sadb_replace(struct klips_net *kn, struct klips_sa *old, struct klips_sa *sa);
/* Remove sa and all of its bundle. */
void klips_sadb_remove(struct klips_net *kn, struct klips_sa *sa);
/* Remove all of one protocol, and their bundles, or with 0 all. */
void klips_sadb_flush(struct klips_net *kn, u8 proto);
/*
 * Put outer around inner.  0, -EEXIST if a place is taken, -EINVAL, and why, if that makes
 * no bundle.
 */
int klips_sadb_group(struct klips_sa *inner, struct klips_sa *outer, const char **why);
void klips_sadb_ungroup(struct klips_sa *sa);
/* The neighbours of an SA in its bundle, and the innermost; with klips_net.lock held. */
struct klips_sa *klips_sa_outer(struct klips_sa *sa);
struct klips_sa *klips_sa_innermost(struct klips_sa *sa);
/* Does this selector come out of the bundle of sa already? */
bool klips_sadb_has_policy(struct klips_sa *sa, const struct klips_selector *sel);
/* What may come out of the bundle that sa belongs to.  0 or -ENOMEM. */
int klips_sadb_set_policy(struct klips_sa *sa, const struct klips_selector *sel);
/* Insert a larval SA with a free SPI of min..max.  Returns it with a reference, or ERR_PTR. */
struct klips_sa *klips_sadb_getspi(struct klips_net *kn, struct klips_said *said,
				   const union klips_addr *src, u32 min, u32 max);
void klips_sa_put(struct klips_sa *sa);
bool klips_sa_usable(const struct klips_sa *sa);
/* "esp0x1001@192.0.2.1" into text[KLIPS_SAID_TEXT]; returns text. */
const char *klips_said_text(const struct klips_said *said, char *text);

/* natt.c: ESP in UDP, under RCU; all of them do nothing to an SA that is not encapsulated */
/* Octets that it adds to each packet, all in front. */
unsigned int klips_natt_overhead(const struct klips_sa *sa);
/* Where packets of sa go to: its destination, or what the daemon has set since. */
const union klips_addr *klips_natt_dst(const struct klips_sa *sa);
/* And where they are to come from. */
const union klips_addr *klips_natt_src(const struct klips_sa *sa);
/* Put the UDP header of sa around its ESP; skb->data is the network header.  0 or a failure. */
int klips_natt_output(struct klips_sa *sa, struct sk_buff *skb);
/* Is an inbound packet encapsulated as its SA says?  0 or a failure. */
int klips_natt_check(const struct klips_sa *sa, struct sk_buff *skb);
/* An inbound packet of sa, its outer headers still there, has proved to be authentic. */
void klips_natt_heard(struct klips_sa *sa, struct sk_buff *skb);
/*
 * A clear packet, its IP header at skb->data, has come out of the transport mode SA inner and
 * all around it: correct the checksum of what it carries.  0 or a failure.
 */
int klips_natt_repair(struct klips_sa *inner, struct sk_buff *skb);
/* Is the socket that sends a packet of UDP a key daemon's, for IKE beside encapsulated ESP? */
bool klips_natt_is_ike(const struct sock *sk);

/* lifetime.c */
/* Account one packet of len octets.  False when the SA has reached a hard limit. */
bool klips_life_count(struct klips_sa *sa, unsigned int len);
/*
 * Give sa, and all of its bundle, one more flow: an eroute leads there, or a selector may come
 * out of it.  False: one of them has as many as it may have, and ends.  klips_net.lock held.
 */
bool klips_life_allocate(struct klips_sa *sa);
/* The SA went into the table: start its clock. */
void klips_life_start(struct klips_sa *sa);
void klips_life_stop(struct klips_sa *sa);
/* Something has happened that may end the SA: look at once.  Any context. */
void klips_life_kick(struct klips_sa *sa);
void klips_life_work(struct work_struct *work);

/* eroute.c */
int klips_eroutes_init(struct klips_net *kn);
void klips_eroutes_exit(struct klips_net *kn);
/* The most specific one covering the flow, or NULL; valid until rcu_read_unlock(). */
struct klips_eroute *klips_eroute_find(struct klips_net *kn, const struct klips_selector *flow);
/* The one with just this selector, or NULL; valid until rcu_read_unlock(). */
struct klips_eroute *klips_eroute_exact(struct klips_net *kn, const struct klips_selector *sel);
/* "%trap", or the SAID: into text[KLIPS_SAID_TEXT]; returns what to print. */
const char *klips_eroute_target(const struct klips_eroute *er, char *text);
/* "192.0.2.0/24 -> 192.0.3.0/24:25 protocol 6"; returns text. */
#define KLIPS_SELECTOR_TEXT	128
const char *klips_selector_text(const struct klips_selector *sel, char *text);
/* "192.0.3.0/24:25", the port only if there is one. */
void klips_prefix_text(char *text, size_t size, u8 family, const union klips_addr *addr, u8 bits,
		       __be16 port);
/* The flow of the IP packet at the network header, which is skb->data.  0 or -EINVAL. */
int klips_flow_of(struct sk_buff *skb, struct klips_selector *flow);
struct klips_eroute *klips_eroute_new(const struct klips_selector *sel, gfp_t gfp);
/* Give a new eroute the identities of another.  False: no memory. */
bool klips_eroute_copy_idents(struct klips_eroute *to, const struct klips_eroute *from);
void klips_eroute_free(struct klips_eroute *er);
/* When nobody looks at it any more. */
void klips_eroute_free_later(struct klips_eroute *er);
/* Take er over on success.  0, -EEXIST (only without replace), -ENOSPC, -ENOMEM. */
int klips_eroute_add(struct klips_net *kn, struct klips_eroute *er, bool replace);
/*
 * Enter the %hold that a packet made of trap; where that has the same selector it takes its
 * place.  -EEXIST: trap is no longer in force, or another packet was first.
 */
int klips_eroute_add_hold(struct klips_net *kn, struct klips_eroute *er,
			  const struct klips_eroute *trap);
/*
 * A packet's %hold ends without a decision: whatever trap it came from is in force again.
 * Whoever calls it under RCU may hold a pointer to er without a lock.  0, -ENOENT if it has
 * ended already, -ENOMEM.
 */
int klips_eroute_unhold(struct klips_net *kn, struct klips_eroute *er);
/* The same for one with this selector, which must be a %hold, too, if a daemon has set it. */
int klips_eroute_del_hold(struct klips_net *kn, const struct klips_selector *sel);
/* Take the oldest %hold out if it is that old, its packets still in it; the caller frees it. */
struct klips_eroute *klips_eroute_take_aged(struct klips_net *kn, u32 seconds);
/* Is there an eroute for particular ports?  Under RCU. */
bool klips_eroutes_have_ports(struct klips_net *kn);
int klips_eroute_del(struct klips_net *kn, const struct klips_selector *sel);
/* Delete the %hold that this flow waits in, if it does. */
void klips_eroute_end_hold(struct klips_net *kn, const struct klips_selector *flow);
void klips_eroute_clear(struct klips_net *kn);

/* acquire.c */
/*
 * A packet met %trap, %trapsubnet or %hold.  0: the skb was taken; -EAGAIN: er is no longer
 * in force, look again; else it failed.
 */
int klips_acquire(struct klips_eroute *er, const struct klips_selector *flow, struct sk_buff *skb);
/* Send what er, no longer in the table, has held. */
void klips_acquire_release(struct klips_net *kn, struct klips_eroute *er);
/* Work of klips_eroutes.ageing. */
void klips_acquire_age(struct work_struct *work);
/* Drop what is held for a device that goes away. */
void klips_acquire_forget(struct klips_net *kn, const struct net_device *dev);

/* pfkey_sock.c; any context.  Is there a key daemon? */
bool klips_pfkey_has_daemon(struct klips_net *kn);

/* pfkey_up.c; any context.  Acquire returns how many sockets took the message. */
int klips_pfkey_acquire(struct klips_net *kn, const struct klips_eroute *trap,
			const struct klips_selector *flow);
void klips_pfkey_expire(struct klips_sa *sa, bool hard);
/* Packets of sa, authentic ones, come from somewhere else than natt says. */
void klips_pfkey_new_mapping(struct klips_sa *sa, const struct klips_natt *natt,
			     const struct klips_endpoint *from);

/*
 * proc.c: the next of an array by id, for readers that come back: an entry that is there
 * all the time is found once, whatever comes and goes.  Under RCU.  NULL: no more.
 */
void *klips_walk_after(struct xarray *all, u32 *id);

/* pfkey_misc.c: /proc/net/pf_key and its kin */
int klips_pfkey_show(struct seq_file *m, void *v);
int klips_pfkey_show_registered(struct seq_file *m, void *v);
int klips_pfkey_show_supported(struct seq_file *m, void *v);

/* pfkey_sock.c */
int klips_pfkey_init(void);
void klips_pfkey_exit(void);

/* proc.c, sysctl.c */
int klips_proc_init(struct klips_net *kn);
void klips_proc_exit(struct klips_net *kn);
int klips_sysctl_init(struct klips_net *kn);
void klips_sysctl_exit(struct klips_net *kn);

#endif
