// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The PF_KEY socket, seen from a program.  User space only.
 *
 * Address family 15 has room for one owner.  KLIPS and the native af_key both want
 * it, and speak different dialects: a message meant for one must never reach the
 * other.  And socket(2) on a family without an owner makes the kernel load whatever
 * module claims it.  So pfkey_open() asks /proc first who is there.
 *
 * The kernel tells every open socket about every success and failure; that is what
 * RFC 2367 section 3 wants.  A program that asks something must therefore pick out
 * its own answer: same type, same sequence number, same process.
 *
 * Reception is unreliable (RFC 2367 section 1.4): a socket that is not read loses
 * messages, and recv(2) says ENOBUFS once.
 */
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "lib/pfkey/sock.h"

#define PROC_KLIPS	"/proc/net/ipsec_version"
#define PROC_NATIVE	"/proc/net/pfkey"

/* Who owns PF_KEY, if it is not KLIPS? */
static int nobody_home(err_t *why)
{
	if (!access(PROC_NATIVE, F_OK)) {
		*why = "the native IPsec of the kernel holds PF_KEY: stop what uses it, "
		       "rmmod af_key, then modprobe ipsec";
		return -EADDRINUSE;
	}
	*why = "KLIPS not loaded or enabled.  Load it with: modprobe ipsec";
	return -EAFNOSUPPORT;
}

int pfkey_open(err_t *why)
{
	int fd, err;

	if (access(PROC_KLIPS, F_OK))
		return nobody_home(why);
	fd = socket(PF_KEY, SOCK_RAW | SOCK_CLOEXEC, PF_KEY_V2);
	if (fd >= 0)
		return fd;

	err = -errno;
	switch (err) {
	case -EACCES:
	case -EPERM:
		*why = "access denied.  You must be root (have CAP_NET_ADMIN) to use PF_KEY";
		break;
	case -EAFNOSUPPORT:
	case -EPROTONOSUPPORT:
	case -ESOCKTNOSUPPORT:
	case -EINVAL:
		*why = "KLIPS is loaded but does not own PF_KEY: "
		       "rmmod ipsec af_key, then modprobe ipsec, and look at the kernel log";
		break;
	case -EMFILE:
	case -ENFILE:
		*why = "too many open files";
		break;
	case -ENOBUFS:
	case -ENOMEM:
		*why = "no kernel memory for a socket";
		break;
	default:
		*why = "the kernel refuses a PF_KEY socket: look at the kernel log";
	}
	return err;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait until there is something to read.  Returns 0 or a negative errno. */
static int await(int fd, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left = deadline < 0 ? -1 : deadline - now_ms();
		int n;

		if (deadline >= 0 && left < 0)
			left = 0;
		n = poll(&p, 1, (int)left);
		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int receive_until(int fd, struct pfkey_reply *r, int64_t deadline)
{
	struct pfkey_error e;

	for (;;) {
		ssize_t n;
		int err = await(fd, deadline);

		if (err)
			return err;
		n = recv(fd, r->octets, sizeof(r->octets), MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		/* A message that did not fit differs from its length, so it is skipped too. */
		r->len = (size_t)n;
		if (r->len <= sizeof(r->octets) &&
		    !pfkey_parse(r->octets, r->len, &r->m, &e) &&
		    !pfkey_check(&r->m, PFKEY_UP, &e))
			return 0;
	}
}

int pfkey_receive(int fd, struct pfkey_reply *r, int timeout_ms)
{
	return receive_until(fd, r, timeout_ms < 0 ? -1 : now_ms() + timeout_ms);
}

static bool answers(const struct sadb_msg *reply, const struct sadb_msg *ask)
{
	return reply->sadb_msg_type == ask->sadb_msg_type &&
	       reply->sadb_msg_seq == ask->sadb_msg_seq &&
	       reply->sadb_msg_pid == ask->sadb_msg_pid;
}

int pfkey_ask(int fd, const void *msg, size_t len, struct pfkey_reply *r)
{
	int64_t deadline = now_ms() + PFKEY_PATIENCE_MS;
	struct sadb_msg ask;
	ssize_t n;

	memset(&r->m, 0, sizeof(r->m));
	if (len < sizeof(ask))
		return -EMSGSIZE;
	memcpy(&ask, msg, sizeof(ask));
	do
		n = send(fd, msg, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return -EMSGSIZE;

	for (;;) {
		int err = receive_until(fd, r, deadline);

		if (err == -ENOBUFS)
			continue;	/* what was dropped may have been others' */
		if (err)
			return err;
		if (answers(r->m.base, &ask))
			return -r->m.base->sadb_msg_errno;
	}
}
