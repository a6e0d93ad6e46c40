// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink in small: RFC 3549, and the kernel's own headers for the rest.
 *
 * A message is a header, an ifinfomsg and attributes, each of 4-octet alignment.  What
 * comes back is believed no further than what was received; strings are copied by the
 * length of their attribute, not by their NUL.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "utils/common/rtnl.h"

/* A dump's part may be as long as the kernel likes up to this. */
#define ANSWER_MAX	32768
#define PATIENCE_S	5

int rtnl_open(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int one = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* Ask for errors in words too: old kernels refuse, and are terse. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return fd;
}

void rtnl_start(struct rtnl_req *r, uint16_t type, uint16_t flags, int index)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = index };

	memset(r, 0, sizeof(*r));
	r->hdr.nlmsg_len = NLMSG_LENGTH(sizeof(info));
	r->hdr.nlmsg_type = type;
	r->hdr.nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(NLMSG_DATA(&r->hdr), &info, sizeof(info));
}

void rtnl_add(struct rtnl_req *r, uint16_t type, const void *data, size_t len)
{
	struct rtattr attr = { .rta_type = type };
	size_t at = NLMSG_ALIGN(r->hdr.nlmsg_len);

	if (r->overflow || len > sizeof(r->octets) ||
	    at + RTA_SPACE(len) > sizeof(r->octets)) {
		r->overflow = true;
		return;
	}
	attr.rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(r->octets + at, &attr, sizeof(attr));
	if (len)
		memcpy(r->octets + at + RTA_LENGTH(0), data, len);
	r->hdr.nlmsg_len = (uint32_t)(at + RTA_SPACE(len));
}

void rtnl_add_str(struct rtnl_req *r, uint16_t type, const char *text)
{
	rtnl_add(r, type, text, strlen(text) + 1);
}

void rtnl_add_u32(struct rtnl_req *r, uint16_t type, uint32_t v)
{
	rtnl_add(r, type, &v, sizeof(v));
}

size_t rtnl_nest(struct rtnl_req *r, uint16_t type)
{
	size_t at = NLMSG_ALIGN(r->hdr.nlmsg_len);

	rtnl_add(r, type, NULL, 0);
	return at;
}

void rtnl_nest_end(struct rtnl_req *r, size_t nest)
{
	if (!r->overflow)
		((struct rtattr *)(void *)(r->octets + nest))->rta_len =
			(unsigned short)(r->hdr.nlmsg_len - nest);
}

/* --- what comes back ----------------------------------------------------------------- */

static uint32_t last_seq;

static int send_request(int fd, struct rtnl_req *r)
{
	if (r->overflow)
		return -EMSGSIZE;
	r->hdr.nlmsg_seq = ++last_seq;
	if (send(fd, r->octets, r->hdr.nlmsg_len, 0) < 0)
		return -errno;
	return 0;
}

static void copy_text(char *to, size_t size, const struct rtattr *a)
{
	size_t len = RTA_PAYLOAD(a);

	if (len >= size)
		len = size - 1;
	memcpy(to, RTA_DATA(a), len);
	to[len] = '\0';
}

/* The kernel's words, behind the header it acknowledges. */
static void read_words(const struct nlmsghdr *h, struct rtnl_error *e)
{
	size_t skip = NLMSG_ALIGN(sizeof(struct nlmsgerr));
	const struct rtattr *a;
	int left;	/* RTA_NEXT() may take it below 0 */

	if (!e || !(h->nlmsg_flags & NLM_F_ACK_TLVS) || NLMSG_PAYLOAD(h, 0) < skip)
		return;
	left = (int)(NLMSG_PAYLOAD(h, 0) - skip);
	a = (const struct rtattr *)(const void *)((const uint8_t *)NLMSG_DATA(h) + skip);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == NLMSGERR_ATTR_MSG)
			copy_text(e->text, sizeof(e->text), a);
}

static void read_kind(const struct rtattr *info, struct rtnl_link *link)
{
	int left = (int)RTA_PAYLOAD(info);
	const struct rtattr *a = RTA_DATA(info);

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_INFO_KIND)
			copy_text(link->kind, sizeof(link->kind), a);
}

static bool read_link(const struct nlmsghdr *h, struct rtnl_link *link)
{
	const struct ifinfomsg *info = NLMSG_DATA(h);
	const struct rtattr *a;
	int left;

	if (h->nlmsg_type != RTM_NEWLINK || NLMSG_PAYLOAD(h, 0) < NLMSG_ALIGN(sizeof(*info)))
		return false;
	memset(link, 0, sizeof(*link));
	link->index = info->ifi_index;
	left = (int)NLMSG_PAYLOAD(h, sizeof(*info));
	a = IFLA_RTA(info);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFLA_IFNAME)
			copy_text(link->name, sizeof(link->name), a);
		else if (a->rta_type == IFLA_LINK && RTA_PAYLOAD(a) == sizeof(link->lower))
			memcpy(&link->lower, RTA_DATA(a), sizeof(link->lower));
		else if ((a->rta_type & NLA_TYPE_MASK) == IFLA_LINKINFO)
			read_kind(a, link);
	}
	return true;
}

struct listener {
	bool (*fn)(const struct rtnl_link *link, void *arg);	/* NULL: waiting for an ACK */
	void *arg;
	struct rtnl_error *error;
	int result;
};

/* Returns true when the answer is complete, with l->result set. */
static bool read_answer(struct listener *l, const struct nlmsghdr *h)
{
	struct rtnl_link link;

	if (h->nlmsg_seq != last_seq)
		return false;
	if (h->nlmsg_type == NLMSG_DONE)
		return true;
	if (h->nlmsg_type == NLMSG_ERROR) {
		if (NLMSG_PAYLOAD(h, 0) < sizeof(int))
			l->result = -EPROTO;
		else
			memcpy(&l->result, NLMSG_DATA(h), sizeof(int));
		read_words(h, l->error);
		return true;
	}
	/* A listener that has enough hears no more, but the dump is read to its end. */
	if (l->fn && read_link(h, &link) && !l->fn(&link, l->arg))
		l->fn = NULL;
	return false;
}

/* Read what one datagram holds; true when the answer is complete. */
static bool read_datagram(struct listener *l, const uint8_t *at, size_t left)
{
	for (;;) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)at;
		size_t step;

		if (left < sizeof(*h) || h->nlmsg_len < sizeof(*h) || h->nlmsg_len > left)
			return false;
		if (read_answer(l, h))
			return true;
		step = NLMSG_ALIGN(h->nlmsg_len);
		if (step >= left)
			return false;
		at += step;
		left -= step;
	}
}

static int listen_to_kernel(int fd, struct listener *l)
{
	static uint64_t room[ANSWER_MAX / 8];

	for (;;) {
		ssize_t n = recv(fd, room, sizeof(room), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		if (read_datagram(l, (const uint8_t *)room, (size_t)n))
			return l->result;
	}
}

int rtnl_ask(int fd, struct rtnl_req *r, struct rtnl_error *e)
{
	struct listener l = { .error = e };
	int err;

	if (e)
		e->text[0] = '\0';
	r->hdr.nlmsg_flags |= NLM_F_ACK;
	err = send_request(fd, r);
	return err ? err : listen_to_kernel(fd, &l);
}

int rtnl_links(int fd, bool (*fn)(const struct rtnl_link *link, void *arg), void *arg)
{
	struct listener l = { .fn = fn, .arg = arg };
	struct rtnl_req r;
	int err;

	rtnl_start(&r, RTM_GETLINK, NLM_F_DUMP, 0);
	err = send_request(fd, &r);
	return err ? err : listen_to_kernel(fd, &l);
}
