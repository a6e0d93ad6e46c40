// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IKE's datagrams: between the sockets and demux().
 *
 * A wakeup reads at most READ_BATCH datagrams, so that a flood on one socket does not
 * starve timers, whack and the other sockets.  Errors that the network reports
 * (ICMP, with IP_RECVERR) come by way of the error queue and are logged with who
 * complained about what; anybody can forge ICMP, so they change nothing.
 *
 * Both kinds of line can be provoked by strangers, and are limited.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h>		/* wants struct timespec */

#include "lib/base/buf.h"
#include "pluto/iface.h"
#include "pluto/net.h"
#include "pluto/plog.h"
#include "pluto/pluto.h"

#define READ_BATCH	16
#define DATAGRAM_MAX	65536		/* no UDP datagram is larger */

static struct plog_limit error_limit;

static const char *origin_name(unsigned int origin)
{
	switch (origin) {
	case SO_EE_ORIGIN_LOCAL:
		return "local";
	case SO_EE_ORIGIN_ICMP:
		return "ICMP";
	case SO_EE_ORIGIN_ICMP6:
		return "ICMPv6";
	default:
		return "other";
	}
}

static void report(struct iface *ifp, const struct endpoint *to,
		   const struct sock_extended_err *ee)
{
	const struct sockaddr *offender = SO_EE_OFFENDER(ee);
	struct endpoint complainant = { 0 };
	struct addr_buf ab1, ab2;
	struct buf from = { 0 };

	if (offender->sa_family == AF_INET || offender->sa_family == AF_INET6)
		if (!endpoint_from_sockaddr(offender, sizeof(struct sockaddr_in6), &complainant))
			buf_printf(&from, ", complainant %s", addr_show(&complainant.addr, &ab2));
	plog_pluto(ifp->pluto, NULL, RC_LOG_SERIOUS,
		   "ERROR: asynchronous network error report on %s for message to %s port %u%s: "
		   "%s [errno %u, origin %s type %u code %u (not authenticated)]", ifp->pname,
		   addr_show(&to->addr, &ab1), to->port, buf_str(&from),
		   strerror((int)ee->ee_errno), ee->ee_errno,
		   origin_name(ee->ee_origin), ee->ee_type, ee->ee_code);
	buf_free(&from);
}

/* One report from the error queue; false when it is empty. */
static bool read_error(struct iface *ifp)
{
	union {
		struct cmsghdr align;
		char octets[512];
	} control;
	struct sockaddr_storage to_ss = { 0 };
	struct msghdr m = {
		.msg_name = &to_ss, .msg_namelen = sizeof(to_ss),
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct endpoint to = { 0 };

	if (recvmsg(ifp->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	if (endpoint_from_sockaddr((struct sockaddr *)&to_ss, m.msg_namelen, &to))
		return true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			if (plog_limited(&error_limit))
				report(ifp, &to, (const struct sock_extended_err *)CMSG_DATA(c));
	return true;
}

void net_read(int fd, void *ctx)
{
	static uint8_t datagram[DATAGRAM_MAX];
	struct iface *ifp = ctx;
	struct pluto *p = ifp->pluto;

	for (unsigned int i = 0; i < READ_BATCH; i++) {
		struct sockaddr_storage ss = { 0 };
		struct iovec iov = { .iov_base = datagram, .iov_len = sizeof(datagram) };
		struct msghdr m = {
			.msg_name = &ss, .msg_namelen = sizeof(ss),
			.msg_iov = &iov, .msg_iovlen = 1,
		};
		struct endpoint from;
		ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
			read_error(ifp);
			return;
		}
		if (n < 0) {
			bool refused = errno == ECONNREFUSED;

			if (!read_error(ifp) && refused && plog_limited(&error_limit))
				plog_pluto(p, NULL, RC_LOG, "some IKE message we sent has been "
					   "rejected with ECONNREFUSED (kernel supplied no "
					   "details)");
			continue;
		}
		if (!p->listening || p->shutting_down ||
		    endpoint_from_sockaddr((struct sockaddr *)&ss, m.msg_namelen, &from))
			continue;
		demux(p, ifp, &from, span_of(datagram, (size_t)n));
	}
}

void net_send(struct iface *ifp, const struct endpoint *to, struct span datagram)
{
	struct sockaddr_storage ss;
	socklen_t len = endpoint_to_sockaddr(to, &ss);
	struct addr_buf ab;
	int err = 0;

	for (unsigned int try = 0; try < 3; try++) {
		if (sendto(ifp->fd, datagram.ptr, datagram.len, MSG_DONTWAIT | MSG_NOSIGNAL,
			   (struct sockaddr *)&ss, len) >= 0)
			return;
		/* An earlier packet's error may be reported by this call: fetch it, try again. */
		err = errno;
		if (err != EINTR && !read_error(ifp))
			break;
	}
	if (plog_limited(&error_limit))
		plog_pluto(ifp->pluto, NULL, RC_LOG_SERIOUS,
			   "sending %zu octets from %s to %s failed: %s", datagram.len, ifp->pname,
			   endpoint_show(to, &ab), strerror(err));
}
