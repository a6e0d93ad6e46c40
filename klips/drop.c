// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops have names.
 *
 * Whoever finds out that a packet cannot go on returns klips_fail(skb, reason); the
 * door of its direction (klips_xmit, klips_rcv, or a resume) calls klips_drop(),
 * which alone counts, traces and frees.  A reason is one row of KLIPS_DROPS.
 *
 * Counters are per namespace, shown by /proc/net/ipsec/drops, and per ipsec device,
 * shown by ethtool -S; each also adds to rx_ or tx_, _errors or _dropped of the device.
 * The tracepoint says to which flow it happened.  With a debug class on, that is
 * logged, too, at a limited rate, in words that operators have searched for since 1999.
 * Nothing of the packet's content is ever shown.
 */
#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>

#include "klips/compat.h"
#include "klips/klips.h"

#define CREATE_TRACE_POINTS
#include "klips/trace.h"

static const struct {
	const char *name;
	enum klips_drop_class counter;
	const char *why;
} drops[KLIPS_DROP_MAX] = {
#define X(symbol, name, counter, why) \
	[KLIPS_DROP_##symbol] = { name, KLIPS_COUNT_##counter, why },
	KLIPS_DROPS(X)
#undef X
};

int klips_fail(struct sk_buff *skb, enum klips_drop why)
{
	KLIPS_CB(skb)->drop = why;
	return -EPERM;
}

/*
 * Counting.
 */

static bool is_error(enum klips_drop why, bool inbound)
{
	return drops[why].counter == KLIPS_COUNT_ERRORS ||
	       (drops[why].counter == KLIPS_COUNT_TX_ERRORS && !inbound);
}

/* In the counters of ip -s link. */
static void count_in_general(struct net_device *dev, enum klips_drop why, bool inbound)
{
	bool error = is_error(why, inbound);

	if (inbound && error)
		DEV_STATS_INC(dev, rx_errors);
	else if (inbound)
		DEV_STATS_INC(dev, rx_dropped);
	else if (error)
		DEV_STATS_INC(dev, tx_errors);
	else
		DEV_STATS_INC(dev, tx_dropped);
}

void klips_drop_count(struct net_device *dev, enum klips_drop why)
{
	struct klips_dev *kd = netdev_priv(dev);

	this_cpu_inc(kd->drops[why]);
	this_cpu_inc(klips_net(dev_net(dev))->drops[why]);
}

static u64 sum_of(const u64 __percpu *counters, enum klips_drop why)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(counters, cpu)[why]);
	return sum;
}

u64 klips_drop_sum(const struct klips_net *kn, enum klips_drop why)
{
	return sum_of(kn->drops, why);
}

u64 klips_drop_sum_of(const struct klips_dev *kd, enum klips_drop why)
{
	return sum_of(kd->drops, why);
}

/*
 * Saying.
 */

/* A packet's flow and the SA that it was with, for whoever wants to know. */
struct fate {
	struct klips_selector flow;
	struct sockaddr_in6 src, dst;	/* as %pISpc takes them, of either family */
	char said[KLIPS_SAID_TEXT];	/* "none" */
};

static void endpoint(struct sockaddr_in6 *to, u8 family, const union klips_addr *addr, __be16 port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	to->sin6_family = family;
	to->sin6_port = port;
	if (family == AF_INET6)
		memcpy(&to->sin6_addr, addr, sizeof(to->sin6_addr));
	else
		v4->sin_addr.s_addr = addr->v4;
}

/* Of the packet as it now is: the outer one as long as there is one, else the inner. */
static void learn_fate(struct sk_buff *skb, struct fate *f)
{
	const struct klips_cb *cb = KLIPS_CB(skb);
	const u8 *p = skb_network_header(skb);

	strscpy(f->said, "none", sizeof(f->said));
	if (cb->sa)
		klips_said_text(&cb->sa->said, f->said);
	/* What was cut off of it already is no reason to say nothing: any length will do. */
	if (p > skb_tail_pointer(skb) ||
	    klips_flow_parse(p, skb_tail_pointer(skb) - p, SIZE_MAX, &f->flow) < 0)
		memset(&f->flow, 0, sizeof(f->flow));
	if (!f->flow.family)
		f->flow.family = AF_INET;
	endpoint(&f->src, f->flow.family, &f->flow.src, f->flow.sport);
	endpoint(&f->dst, f->flow.family, &f->flow.dst, f->flow.dport);
}

static void say_policy(const struct klips_sa *sa, const struct fate *f)
{
	const struct klips_policy *policy = rcu_dereference(sa->policy);
	struct sockaddr_in6 src, dst;

	if (!policy)
		return;
	endpoint(&src, policy->sel.family, &policy->sel.src, 0);
	endpoint(&dst, policy->sel.family, &policy->sel.dst, 0);
	pr_info_ratelimited("klips_debug:ipsec_rcv: SA:%s, inner tunnel policy [%pISc/%u -> %pISc/%u] does not agree with pkt contents [%pISc -> %pISc].\n",
			    f->said, &src, policy->sel.src_bits, &dst, policy->sel.dst_bits,
			    &f->src, &f->dst);
}

static void say_in(const struct klips_cb *cb, const struct fate *f)
{
	switch (cb->drop) {
	case KLIPS_DROP_POLICY:
		say_policy(cb->sa, f);
		break;
	case KLIPS_DROP_REPLAY:
		pr_info_ratelimited("klips_debug:ipsec_rcv: duplicate frame from %pISc, packet dropped\n",
				    &f->src);
		break;
	case KLIPS_DROP_AUTH:
		pr_info_ratelimited("klips_debug:ipsec_rcv: auth failed on incoming packet from %pISc: SA:%s, dropped\n",
				    &f->src, f->said);
		break;
	default:
		pr_info_ratelimited("klips_debug:ipsec_rcv: %pISpc -> %pISpc, protocol %u, SA:%s: dropped, %s: %s\n",
				    &f->src, &f->dst, f->flow.proto, f->said,
				    drops[cb->drop].name, drops[cb->drop].why);
	}
}

static void say_out(const struct klips_cb *cb, const struct fate *f)
{
	struct timespec64 now;

	ktime_get_boottime_ts64(&now);
	switch (cb->drop) {
	case KLIPS_DROP_NOEROUTE:
		pr_info_ratelimited("klips_debug:ipsec_tunnel_start_xmit: no eroute!: ts=%lld.%03ld0, dropping.\n",
				    now.tv_sec, now.tv_nsec / NSEC_PER_MSEC);
		break;
	case KLIPS_DROP_SHUNT:
		pr_info_ratelimited("klips_debug:ipsec_tunnel_start_xmit: shunt SA of DROP or no eroute: dropping.\n");
		break;
	case KLIPS_DROP_REJECT:
		pr_info_ratelimited("klips_debug:ipsec_tunnel_start_xmit: shunt SA of REJECT: notifying and dropping.\n");
		break;
	default:
		pr_info_ratelimited("klips_debug:ipsec_tunnel_start_xmit: %pISpc -> %pISpc, protocol %u, SA:%s: dropped, %s: %s\n",
				    &f->src, &f->dst, f->flow.proto, f->said,
				    drops[cb->drop].name, drops[cb->drop].why);
	}
}

/* Tell the log and the tracepoint, where somebody listens.  dev is the ipsec device, or NULL. */
static void say(struct sk_buff *skb, const struct net_device *dev)
{
	const struct klips_cb *cb = KLIPS_CB(skb);
	bool log = READ_ONCE(cb->net->debug[cb->inbound ? KLIPS_DBG_RCV : KLIPS_DBG_TUNNEL]);
	struct fate f;

	if (likely(!log && !trace_klips_drop_enabled()))
		return;
	learn_fate(skb, &f);
	trace_klips_drop(dev ? dev->name : "none", cb->inbound, cb->drop, &f.src, &f.dst,
			 f.flow.proto, skb->len, f.said);
	if (!log)
		return;
	if (cb->inbound)
		say_in(cb, &f);
	else
		say_out(cb, &f);
}

/* The ipsec device whose packet it is, or NULL.  Under RCU. */
static struct net_device *device_of(const struct sk_buff *skb)
{
	struct klips_dev *kd;

	if (!KLIPS_CB(skb)->inbound)
		return skb->dev;
	kd = klips_dev_of(KLIPS_CB(skb)->net, skb->dev);
	return kd ? kd->dev : NULL;
}

void klips_drop(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);
	struct net_device *dev;

	rcu_read_lock();
	dev = device_of(skb);
	if (dev) {
		klips_drop_count(dev, cb->drop);
		count_in_general(dev, cb->drop, cb->inbound);
	} else {
		this_cpu_inc(cb->net->drops[cb->drop]);
	}
	say(skb, dev);
	rcu_read_unlock();
	if (cb->sa)
		klips_sa_put(cb->sa);
	kfree_skb(skb);
}

int klips_drop_init(struct klips_net *kn)
{
	kn->drops = __alloc_percpu(KLIPS_DROP_MAX * sizeof(u64), sizeof(u64));
	return kn->drops ? 0 : -ENOMEM;
}

void klips_drop_exit(struct klips_net *kn)
{
	free_percpu(kn->drops);
}

const char *klips_drop_name(enum klips_drop why)
{
	return drops[why].name;
}

const char *klips_drop_why(enum klips_drop why)
{
	return drops[why].why;
}
