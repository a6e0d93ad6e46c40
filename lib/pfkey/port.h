/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ground that the PF_KEYv2 codec stands on, in the kernel and in user space.
 *
 * lib/pfkey is compiled twice: into ipsec.ko and into libipsec.a.  Its files
 * include this header and no other system header, allocate nothing, log nothing
 * and keep no state; so kernel and daemon cannot drift apart on the wire format.
 */
#ifndef LIB_PFKEY_PORT_H
#define LIB_PFKEY_PORT_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#endif

#endif
