/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a pure file of klips may use, in the kernel and in user space.
 *
 * The files under either licence compute on values: they allocate nothing, lock
 * nothing, log nothing and see no skb.  So the arithmetic in which mistakes hide is
 * tested in user space under sanitizers, from the very files that the module is
 * built of.  They include their own headers, which include this one, and no other.
 *
 * The second half gives user space the few kernel names that they need.
 */
#ifndef KLIPS_PORT_H
#define KLIPS_PORT_H

#ifdef __KERNEL__
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/socket.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include <arpa/inet.h>
#include <errno.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __force
#define cpu_to_be16(x)	((__be16)htons(x))
#define cpu_to_be32(x)	((__be32)htonl(x))
#define be16_to_cpu(x)	ntohs(x)
#define be32_to_cpu(x)	ntohl(x)
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif
#ifndef static_assert
#define static_assert	_Static_assert
#endif
#endif

#endif
