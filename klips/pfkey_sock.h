/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the PF_KEY side of klips share.
 */
#ifndef KLIPS_PFKEY_SOCK_H
#define KLIPS_PFKEY_SOCK_H

#include <linux/mutex.h>
#include <net/sock.h>

#include "klips/klips.h"
#include "lib/pfkey/pfkey.h"

/* A socket. */
struct klips_pfkey {
	struct sock sk;			/* first: what sk_alloc() makes */
	struct hlist_node node;		/* klips_net.sockets */
	u32 registered;			/* 1 << SA type */
	pid_t pid;			/* who opened it */
	struct mutex dump_lock;
	struct {
		bool active;
		u8 proto;		/* 0: all */
		u8 satype;
		u32 seq, pid;		/* the asker's */
		u32 after;		/* id of the last SA sent */
	} dump;
};

/* A message from user space, parsed and checked, and who wants what done. */
struct pfkey_cmd {
	struct klips_net *net;
	struct klips_pfkey *asker;
	struct pfkey_msg m;
	unsigned int at_fault;		/* the extension that pfkey_refuse() blames */
	char why[PFKEY_ERROR_TEXT];	/* empty: nothing to say */
};

/*
 * Note for the asker what is wrong with which extension (0: none in particular), what was
 * found, what would be right, and what to do.  Returns err, a negative errno.
 */
__printf(4, 5) int pfkey_refuse(struct pfkey_cmd *c, int err, unsigned int ext,
				const char *fmt, ...);

/* Does it, and answers.  A negative errno is answered by the caller. */
typedef int (*pfkey_op)(struct pfkey_cmd *c);

int pfkey_getspi(struct pfkey_cmd *c);
int pfkey_new_sa(struct pfkey_cmd *c);
int pfkey_update_sa(struct pfkey_cmd *c);
int pfkey_delete(struct pfkey_cmd *c);
int pfkey_get_sa(struct pfkey_cmd *c);
int pfkey_flush(struct pfkey_cmd *c);
int pfkey_dump(struct pfkey_cmd *c);
int pfkey_grpsa(struct pfkey_cmd *c);
int pfkey_addflow(struct pfkey_cmd *c);
int pfkey_delflow(struct pfkey_cmd *c);
int pfkey_register(struct pfkey_cmd *c);
int pfkey_debug(struct pfkey_cmd *c);
int pfkey_promisc(struct pfkey_cmd *c);
int pfkey_acquire(struct pfkey_cmd *c);

/* A message being built in an skb. */
struct pfkey_skb {
	struct pfkey_out out;
	struct sk_buff *skb;		/* NULL: no memory; all else then does nothing */
};

void pfkey_skb_start(struct pfkey_skb *b, size_t room, gfp_t gfp, unsigned int type,
		     unsigned int satype, u32 seq, u32 pid);
/* Start the answer to a command. */
void pfkey_answer_start(struct pfkey_skb *b, const struct pfkey_cmd *c, size_t room);
/* Finish, and send to one socket.  0, -ENOMEM or -ENOBUFS. */
int pfkey_skb_to(struct pfkey_skb *b, struct klips_pfkey *to);
/* Finish, and send to all sockets, or to those registered for satype.  Returns to how many. */
int pfkey_skb_to_all(struct pfkey_skb *b, struct klips_net *kn, unsigned int satype);
/* Tell all sockets that the command was carried out: itself, without keys. */
int pfkey_echo(const struct pfkey_cmd *c);

/* The extensions of a message but for some; keys never. */
void pfkey_put_rest(struct pfkey_out *o, const struct pfkey_msg *m, u64 without);

/* Room for any message about one SA, but for the extensions that it was given to keep. */
#define PFKEY_SA_ROOM	512
/* And with them. */
size_t pfkey_sa_room(const struct klips_sa *sa);

/* <SA, lifetimes, addresses, X_REPLAY>: what GET, DUMP and EXPIRE tell of an SA. */
void pfkey_put_sa(struct pfkey_out *o, const struct klips_sa *sa);
/* The lifetime extension of that number: CURRENT, HARD or SOFT. */
void pfkey_put_lifetime(struct pfkey_out *o, const struct klips_sa *sa, unsigned int ext);
void pfkey_put_said(struct pfkey_out *o, const struct klips_sa *sa);
void pfkey_put_address(struct pfkey_out *o, unsigned int ext, u8 family,
		       const union klips_addr *addr, u8 proto, __be16 port);

/* Whoever is sending the message now. */
void pfkey_take_owner(struct klips_owner *owner);
/* The address and port in an address extension that is present; returns the family. */
u8 pfkey_take_address(const struct pfkey_msg *m, unsigned int ext, union klips_addr *addr,
		      __be16 *port);
/* The SAID that an SA type, an SA extension and an address extension make. */
void pfkey_take_said(const struct pfkey_msg *m, unsigned int satype, unsigned int sa_ext,
		     unsigned int dst_ext, struct klips_said *said);

/* ESP in UDP: give a new SA what the ADD says of it.  0 or a negative errno. */
int pfkey_take_natt(struct pfkey_cmd *c, struct klips_sa *sa);
void pfkey_put_natt(struct pfkey_out *o, const struct klips_sa *sa);
/* What an UPDATE holds that moves an SA to other ports or addresses.  Wants kn->lock held. */
#define PFKEY_MOVES	(PFKEY_BIT(SADB_X_EXT_NAT_T_TYPE) | PFKEY_BIT(SADB_X_EXT_NAT_T_SPORT) | \
			 PFKEY_BIT(SADB_X_EXT_NAT_T_DPORT) | PFKEY_BIT(SADB_X_EXT_NAT_T_OA) | \
			 PFKEY_BIT(SADB_X_EXT_ADDRESS_DST2))
int pfkey_move_natt(struct pfkey_cmd *c, struct klips_sa *sa);

/* Send what more there is of a socket's dump, as far as it has room. */
void pfkey_dump_more(struct klips_pfkey *pk);

#endif
