/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tracepoint klips:klips_drop, for tracefs, perf and bpftrace: one event per packet
 * dropped, with its flow, its SA and the reason.
 *
 *   out dev=ipsec0 reason=noeroute src=192.0.2.1:1025 dst=192.0.3.1:80 proto=6 len=60 sa=none
 *
 * Ports are 0 where the protocol has none, or the packet no longer shows them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM klips

#if !defined(KLIPS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KLIPS_TRACE_H

#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "klips/drop.h"
#include "klips/klips.h"

/* The numbers of reasons are nobody's business: names, also for who reads the raw event. */
#define KLIPS_TRACE_ENUM(symbol, name, counter, why)	TRACE_DEFINE_ENUM(KLIPS_DROP_##symbol);
#define KLIPS_TRACE_NAME(symbol, name, counter, why)	{ KLIPS_DROP_##symbol, name },

KLIPS_DROPS(KLIPS_TRACE_ENUM)

TRACE_EVENT(klips_drop,
	TP_PROTO(const char *dev, bool inbound, u8 reason, const struct sockaddr_in6 *src,
		 const struct sockaddr_in6 *dst, u8 proto, unsigned int len, const char *said),
	TP_ARGS(dev, inbound, reason, src, dst, proto, len, said),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(char, said, KLIPS_SAID_TEXT)
		__array(u8, src, sizeof(struct sockaddr_in6))
		__array(u8, dst, sizeof(struct sockaddr_in6))
		__field(unsigned int, len)
		__field(bool, inbound)
		__field(u8, reason)
		__field(u8, proto)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, IFNAMSIZ);
		strscpy(__entry->said, said, KLIPS_SAID_TEXT);
		memcpy(__entry->src, src, sizeof(struct sockaddr_in6));
		memcpy(__entry->dst, dst, sizeof(struct sockaddr_in6));
		__entry->len = len;
		__entry->inbound = inbound;
		__entry->reason = reason;
		__entry->proto = proto;
	),
	TP_printk("%s dev=%s reason=%s src=%pISpc dst=%pISpc proto=%u len=%u sa=%s",
		  __entry->inbound ? "in" : "out", __entry->dev,
		  __print_symbolic(__entry->reason, KLIPS_DROPS(KLIPS_TRACE_NAME)
				   { KLIPS_DROP_MAX, "?" }),
		  __entry->src, __entry->dst, __entry->proto, __entry->len, __entry->said)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH klips
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
