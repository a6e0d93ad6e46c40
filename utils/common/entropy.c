/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random octets for the key tools.
 *
 * They come from getrandom(2), which waits until the kernel's generator has been
 * seeded and then never blocks; so there is no weaker, quicker source to choose.  A file
 * may be named instead, for a hardware generator or for a test that wants the same key
 * twice.  Nothing here falls back to another source: a source that fails ends the
 * program that asked.
 */
#include "utils/common/entropy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

err_t entropy_open(struct entropy *e, const char *path)
{
	*e = (struct entropy){ .fd = -1, .path = path };
	if (!path)
		return NULL;
	e->fd = open(path, O_RDONLY | O_CLOEXEC);
	return e->fd < 0 ? strerror(errno) : NULL;
}

err_t entropy_read(const struct entropy *e, void *out, size_t len)
{
	uint8_t *to = out;

	while (len > 0) {
		ssize_t n = e->fd < 0 ? getrandom(to, len, 0) : read(e->fd, to, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return strerror(errno);
		if (n == 0)
			return "it ends before there are enough random octets";
		to += n;
		len -= (size_t)n;
	}
	return NULL;
}

void entropy_close(struct entropy *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

/*
 * Each of these may be refused; the key is still made, as it would be without them.  Who is
 * not root may lock so little that locking it all would end in want of memory.
 */
void keep_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	if (geteuid() == 0)
		mlockall(MCL_CURRENT | MCL_FUTURE);
}
