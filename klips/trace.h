/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint klips:klips_drop, for perf and bpftrace: one event per packet dropped,
 * with the reason's name.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM klips

#if !defined(KLIPS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KLIPS_TRACE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

TRACE_EVENT(klips_drop,
	TP_PROTO(const struct sk_buff *skb, bool inbound, u32 spi, const char *reason),
	TP_ARGS(skb, inbound, spi, reason),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(unsigned int, len)
		__field(u32, spi)
		__field(bool, inbound)
		__field(const char *, reason)
	),
	TP_fast_assign(
		__entry->ifindex = skb->dev ? skb->dev->ifindex : 0;
		__entry->len = skb->len;
		__entry->spi = spi;
		__entry->inbound = inbound;
		__entry->reason = reason;
	),
	TP_printk("%s ifindex=%d len=%u spi=0x%x reason=%s", __entry->inbound ? "in" : "out",
		  __entry->ifindex, __entry->len, __entry->spi, __entry->reason)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH klips
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
