// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops have names.
 *
 * Whoever finds out that a packet cannot go on returns klips_fail(skb, reason); the
 * door of its direction (klips_xmit, klips_rcv, or a resume) calls klips_drop(),
 * which alone counts, traces and frees.  A reason is one row of KLIPS_DROPS.
 *
 * Counters are per namespace and CPU, shown by /proc/net/ipsec/drops, and add to
 * rx_ or tx_, _errors or _dropped of the ipsec device.  With a debug class on, the
 * reason is logged too, at a limited rate.  Nothing of the packet's content is.
 */
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

static void count_on_device(struct sk_buff *skb, const struct klips_cb *cb)
{
	bool error = drops[cb->drop].counter == KLIPS_COUNT_ERRORS;
	struct net_device *dev = skb->dev;

	if (cb->inbound) {
		struct klips_dev *kd = klips_dev_of(cb->net, skb->dev);

		if (!kd)
			return;
		dev = kd->dev;
		if (error)
			DEV_STATS_INC(dev, rx_errors);
		else
			DEV_STATS_INC(dev, rx_dropped);
	} else if (error) {
		DEV_STATS_INC(dev, tx_errors);
	} else {
		DEV_STATS_INC(dev, tx_dropped);
	}
}

void klips_drop_count(struct klips_net *kn, enum klips_drop why)
{
	this_cpu_inc(kn->drops[why]);
}

void klips_drop(struct sk_buff *skb)
{
	struct klips_cb *cb = KLIPS_CB(skb);

	klips_drop_count(cb->net, cb->drop);
	trace_klips_drop(skb, cb->inbound, cb->sa ? ntohl(cb->sa->said.spi) : 0,
			 drops[cb->drop].name);
	if (cb->inbound)
		klips_dbg(cb->net, RCV, "dropped, %s: %s", drops[cb->drop].name,
			  drops[cb->drop].why);
	else
		klips_dbg(cb->net, TUNNEL, "dropped, %s: %s", drops[cb->drop].name,
			  drops[cb->drop].why);
	rcu_read_lock();
	count_on_device(skb, cb);
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

u64 klips_drop_sum(const struct klips_net *kn, enum klips_drop why)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(kn->drops, cpu)[why]);
	return sum;
}
