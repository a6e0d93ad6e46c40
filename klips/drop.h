/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why packets are dropped: one row per reason, known by the same word to the
 * operator, the counter, the log and the tests.
 */
#ifndef KLIPS_DROP_H
#define KLIPS_DROP_H

#include <linux/types.h>

struct klips_dev;
struct klips_net;
struct net_device;
struct sk_buff;

/*
 * Which device counter a reason adds to: of rx_ or tx_, by the packet's direction.  What
 * an SA's end means for a packet depends on the direction, too: coming in it is not
 * wanted any more, going out it could not be protected.
 */
enum klips_drop_class { KLIPS_COUNT_DROPPED, KLIPS_COUNT_ERRORS, KLIPS_COUNT_TX_ERRORS };

/*	 symbol		name		counter	 explanation */
#define KLIPS_DROPS(X)								\
	X(UNSPEC,	"unspecified",	ERRORS,	 "no reason was noted")		\
	X(NOEROUTE,	"noeroute",	DROPPED, "no eroute covers the packet")	\
	X(SHUNT,	"shunt",	DROPPED, "the eroute is %drop")		\
	X(REJECT,	"reject",	DROPPED, "the eroute is %reject; the sender was told") \
	X(HOLD,		"hold",		DROPPED, "waited in %hold and a later packet, or a decision, took its place") \
	X(HOLDAGED,	"holdaged",	DROPPED, "waited in %hold, and no key daemon decided in time") \
	X(NODAEMON,	"nodaemon",	DROPPED, "met %trap and no key daemon is registered") \
	X(HOLDFULL,	"holdfull",	DROPPED, "too many flows or packets wait in %hold")	\
	X(NOSA,		"nosa",		DROPPED, "the eroute's SA does not exist")	\
	X(SASTATE,	"sastate",	TX_ERRORS, "the SA is larval or dead")	\
	X(BUNDLE,	"bundle",	DROPPED, "the bundle is incomplete, or the packet did not pass all of it") \
	X(TRANSPORT,	"transport",	DROPPED, "a transport mode SA is for packets between its own ends")	\
	X(TOOBIG,	"toobig",	DROPPED, "does not fit the path, and the tunnel may not fragment; the sender was told") \
	X(LINK,		"link",		DROPPED, "for neighbours on the link only, and an ipsec device has none") \
	X(LIFETIME,	"lifetime",	TX_ERRORS, "the SA has reached a hard limit")	\
	X(SEQUENCE,	"sequence",	ERRORS,	 "the SA's sequence numbers are used up")	\
	X(SOURCE,	"source",	DROPPED, "the outer source is not the SA's")	\
	X(ENCAP,	"encap",	DROPPED, "in UDP, or not in UDP, other than the SA says")	\
	X(REPLAY,	"replay",	DROPPED, "sequence number seen before or too old")	\
	X(EXPAND,	"expand",	ERRORS,	 "compressed data that cannot be, or are too long, or are compressed twice") \
	X(AUTH,		"auth",		DROPPED, "the integrity check failed")	\
	X(PADDING,	"padding",	ERRORS,	 "the padding is not 1, 2, 3...")	\
	X(DUMMY,	"dummy",	DROPPED, "a dummy packet, next header 59")	\
	X(POLICY,	"policy",	DROPPED, "addresses, protocol or ports are not those that the SA is for")	\
	X(NOPOLICY,	"nopolicy",	DROPPED, "the SA has no inbound policy")	\
	X(MALFORMED,	"malformed",	ERRORS,	 "lengths or headers that cannot be")	\
	X(FRAGMENT,	"fragment",	ERRORS,	 "a fragment where only whole packets may be")	\
	X(ECN,		"ecn",		DROPPED, "congestion mark on a packet that cannot carry it")	\
	X(NODEVICE,	"nodevice",	ERRORS,	 "the ipsec device is not attached")	\
	X(NOROUTE,	"noroute",	ERRORS,	 "no route to the peer through the physical device")	\
	X(LOOP,		"loop",		ERRORS,	 "the route to the peer leads back into KLIPS")	\
	X(NOMEM,	"nomem",	ERRORS,	 "no memory")	\
	X(CRYPTO,	"crypto",	ERRORS,	 "the cipher reported an error")	\
	X(SEND,		"send",		ERRORS,	 "the physical device refused the packet") \
	X(DELIVER,	"deliver",	DROPPED, "the ipsec device is down, or its queue is full")

enum klips_drop {
#define X(symbol, name, counter, why) KLIPS_DROP_##symbol,
	KLIPS_DROPS(X)
#undef X
	KLIPS_DROP_MAX
};

/* Note why the packet in hand fails.  Returns a negative errno to hand on. */
int __must_check klips_fail(struct sk_buff *skb, enum klips_drop why);

/* The door: count what klips_fail() noted, release what the packet holds, free it. */
void klips_drop(struct sk_buff *skb);

/* Count, for an ipsec device and its namespace, a packet that is not there to be dropped. */
void klips_drop_count(struct net_device *dev, enum klips_drop why);

int klips_drop_init(struct klips_net *kn);
void klips_drop_exit(struct klips_net *kn);

const char *klips_drop_name(enum klips_drop why);
const char *klips_drop_why(enum klips_drop why);
/* Of all CPUs: of the namespace, and of one device. */
u64 klips_drop_sum(const struct klips_net *kn, enum klips_drop why);
u64 klips_drop_sum_of(const struct klips_dev *kd, enum klips_drop why);

#endif
