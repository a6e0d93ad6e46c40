/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the key tools get their random octets, and how they keep what they make.
 */
#ifndef UTILS_COMMON_ENTROPY_H
#define UTILS_COMMON_ENTROPY_H

#include "lib/base/span.h"

struct entropy {
	int fd;				/* -1: the kernel's generator */
	const char *path;		/* of the file instead of it, or NULL */
};

/* path NULL is the kernel's generator.  The phrase tells why path cannot be used. */
err_t entropy_open(struct entropy *e, const char *path);
/* Fill out with len octets; a file that ends too early is an error, not zeros. */
err_t entropy_read(const struct entropy *e, void *out, size_t len);
void entropy_close(struct entropy *e);

/* This process is about to hold a private key: no core file, no debugger, no swap. */
void keep_secrets(void);

#endif
