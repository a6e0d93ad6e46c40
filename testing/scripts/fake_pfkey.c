/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel for the tools: preloaded, it answers what they send to PF_KEY, and writes down
 * what it was, keys included, for a test to compare.
 *
 *	FAKE_PFKEY_LOG		a line per message goes there
 *	FAKE_PFKEY_REFUSE	"3=17": messages of type 3 are answered with errno 17
 *	FAKE_PFKEY_WHY		and with these words (X_ERROR)
 *
 * Everything else succeeds: the answer repeats the message without its keys, as a real
 * one does.  No module is needed, and no privilege.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/pfkey/pfkeyv2.h"

#define OCTETS_MAX	4096
#define WORD		8

static int ours = -1, kernel_end = -1;

/* --- what was asked ------------------------------------------------------------------ */

static const char *const ext_names[] = {
	[SADB_EXT_SA] = "sa", [SADB_X_EXT_SA2] = "sa2",
	[SADB_EXT_LIFETIME_HARD] = "hard", [SADB_EXT_LIFETIME_SOFT] = "soft",
	[SADB_EXT_ADDRESS_SRC] = "src", [SADB_EXT_ADDRESS_DST] = "dst",
	[SADB_X_EXT_ADDRESS_DST2] = "dst2", [SADB_X_EXT_ADDRESS_SRC_FLOW] = "from",
	[SADB_X_EXT_ADDRESS_DST_FLOW] = "to", [SADB_X_EXT_ADDRESS_SRC_MASK] = "frommask",
	[SADB_X_EXT_ADDRESS_DST_MASK] = "tomask",
	[SADB_EXT_KEY_AUTH] = "authkey", [SADB_EXT_KEY_ENCRYPT] = "enckey",
	[SADB_X_EXT_SATYPE2] = "satype2", [SADB_X_EXT_PROTOCOL] = "proto",
	[SADB_X_EXT_NAT_T_TYPE] = "encap", [SADB_X_EXT_NAT_T_SPORT] = "sport",
	[SADB_X_EXT_NAT_T_DPORT] = "dport", [SADB_X_EXT_NAT_T_OA] = "oa",
	[SADB_X_EXT_DEBUG] = "debug", [SADB_X_EXT_REPLAY] = "replay", [SADB_EXT_MAX] = NULL,
};

static void log_sa(FILE *f, const void *ext)
{
	const struct sadb_sa *sa = ext;

	fprintf(f, "0x%x/window=%u/auth=%u/encrypt=%u/flags=%u", ntohl(sa->sadb_sa_spi),
		sa->sadb_sa_replay, sa->sadb_sa_auth, sa->sadb_sa_encrypt, sa->sadb_sa_flags);
}

static void log_lifetime(FILE *f, const void *ext)
{
	const struct sadb_lifetime *l = ext;

	fprintf(f, "%u/%llu/%llu/%llu/%u", l->sadb_lifetime_allocations,
		(unsigned long long)l->sadb_lifetime_bytes,
		(unsigned long long)l->sadb_lifetime_addtime,
		(unsigned long long)l->sadb_lifetime_usetime, l->sadb_x_lifetime_packets);
}

static void log_address(FILE *f, const void *ext)
{
	const struct sockaddr_in *v4 = (const void *)((const struct sadb_address *)ext + 1);
	const struct sockaddr_in6 *v6 = (const void *)v4;
	char text[INET6_ADDRSTRLEN] = "?";

	if (v4->sin_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	fprintf(f, "%s", text);
	if (v4->sin_port)
		fprintf(f, ",%u", ntohs(v4->sin_port));
}

static void log_replay(FILE *f, const void *ext)
{
	const struct sadb_x_replay *r = ext;

	fprintf(f, "%u/flags=%u/seq=%llu", r->sadb_x_replay_window, r->sadb_x_replay_flags,
		(unsigned long long)r->sadb_x_replay_seq);
}

static void log_octets(FILE *f, const uint8_t *octet, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(f, "%02x", octet[i]);
}

static void log_ext(FILE *f, const struct sadb_ext *ext)
{
	const struct sadb_x_natt_port *port = (const void *)ext;
	const struct sadb_key *key = (const void *)ext;
	unsigned int type = ext->sadb_ext_type;

	fprintf(f, " %s=", type < SADB_EXT_MAX && ext_names[type] ? ext_names[type] : "other");
	switch (type) {
	case SADB_EXT_SA:
	case SADB_X_EXT_SA2:
		log_sa(f, ext);
		break;
	case SADB_EXT_LIFETIME_HARD:
	case SADB_EXT_LIFETIME_SOFT:
		log_lifetime(f, ext);
		break;
	case SADB_EXT_KEY_AUTH:
	case SADB_EXT_KEY_ENCRYPT:
		log_octets(f, (const uint8_t *)(key + 1), key->sadb_key_bits / 8);
		break;
	case SADB_X_EXT_REPLAY:
		log_replay(f, ext);
		break;
	case SADB_X_EXT_NAT_T_SPORT:
	case SADB_X_EXT_NAT_T_DPORT:
		fprintf(f, "%u", ntohs(port->sadb_x_natt_port_port));
		break;
	case SADB_X_EXT_SATYPE2:
	case SADB_X_EXT_PROTOCOL:
	case SADB_X_EXT_NAT_T_TYPE:
		fprintf(f, "%u", ((const uint8_t *)ext)[sizeof(*ext)]);
		break;
	case SADB_X_EXT_DEBUG:
		for (size_t i = 1; i <= 12; i++)
			fprintf(f, "%s%x", i > 1 ? "," : "", ((const uint32_t *)(const void *)ext)[i]);
		break;
	default:
		log_address(f, ext);
	}
}

/* --- the answer ---------------------------------------------------------------------- */

static int refusal(unsigned int type)
{
	const char *what = getenv("FAKE_PFKEY_REFUSE");
	unsigned int which;
	int err;

	return what && sscanf(what, "%u=%d", &which, &err) == 2 && which == type ? err : 0;
}

static bool is_key(const struct sadb_ext *ext)
{
	return ext->sadb_ext_type == SADB_EXT_KEY_AUTH ||
	       ext->sadb_ext_type == SADB_EXT_KEY_ENCRYPT;
}

/* Append why; how long the answer is then. */
static size_t add_why(uint8_t *to, size_t n)
{
	const char *why = getenv("FAKE_PFKEY_WHY");
	struct sadb_x_error head = { .sadb_x_error_exttype = SADB_X_EXT_ERROR };
	size_t len = why ? strlen(why) + 1 : 0;
	size_t size = (sizeof(head) + len + WORD - 1) / WORD * WORD;

	if (!why)
		return n;
	head.sadb_x_error_len = (uint16_t)(size / WORD);
	memset(to + n, 0, size);
	memcpy(to + n, &head, sizeof(head));
	memcpy(to + n + sizeof(head), why, len);
	return n + size;
}

static void answer(const uint8_t *ask, size_t len)
{
	const char *path = getenv("FAKE_PFKEY_LOG");
	FILE *f = fopen(path ? path : "/dev/null", "a");
	uint64_t octets[OCTETS_MAX / WORD];
	uint8_t *to = (uint8_t *)octets;
	struct sadb_msg *base = (struct sadb_msg *)octets;
	size_t n = sizeof(*base);

	memcpy(to, ask, n);
	base->sadb_msg_errno = (uint8_t)refusal(base->sadb_msg_type);
	fprintf(f, "%u/%u", base->sadb_msg_type, base->sadb_msg_satype);
	for (size_t at = sizeof(*base); at + sizeof(struct sadb_ext) <= len;) {
		const struct sadb_ext *ext = (const void *)(ask + at);
		size_t size = (size_t)ext->sadb_ext_len * WORD;

		if (size == 0 || at + size > len)
			break;
		log_ext(f, ext);
		if (!base->sadb_msg_errno && !is_key(ext)) {
			memcpy(to + n, ext, size);
			n += size;
		}
		at += size;
	}
	fputc('\n', f);
	fclose(f);
	if (base->sadb_msg_errno)
		n = add_why(to, n);
	base->sadb_msg_len = (uint16_t)(n / WORD);
	if (write(kernel_end, octets, n) < 0)
		perror("fake_pfkey");
}

/* --- in the place of the C library's --------------------------------------------------- */

int access(const char *path, int mode)
{
	return strcmp(path, "/proc/net/ipsec_version") == 0 ? 0 : faccessat(AT_FDCWD, path, mode, 0);
}

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	int pair[2];

	if (domain != PF_KEY)
		return real(domain, type, protocol);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	ours = pair[0];
	kernel_end = pair[1];
	return ours;
}

ssize_t send(int fd, const void *octets, size_t len, int flags)
{
	ssize_t (*real)(int, const void *, size_t, int) =
		(ssize_t (*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");

	if (fd != ours || fd < 0)
		return real(fd, octets, len, flags);
	answer(octets, len);
	return (ssize_t)len;
}
