// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No kernel at all (--noklips): everything succeeds, nothing happens.
 *
 * For negotiating with other implementations where no packet is to be protected, and
 * for those tests that do not look at what reaches the kernel.  SPIs are random, so
 * that they look to a peer like anybody's.
 */
#include "lib/crypto/crypto.h"
#include "pluto/kernel.h"
#include "pluto/pluto.h"

#define SPI_LOW	0x1000u

static err_t none_init(struct pluto *p)
{
	(void)p;
	return NULL;
}

static void none_fini(struct pluto *p)
{
	(void)p;
}

static err_t none_get_spi(struct pluto *p, uint8_t proto, const struct addr *src,
			  const struct addr *dst, uint32_t *spi)
{
	(void)p;
	(void)proto;
	(void)src;
	(void)dst;
	do
		*spi = random_u32();
	while (*spi < SPI_LOW);
	return NULL;
}

static err_t none_add_sa(struct pluto *p, const struct kernel_sa *sa)
{
	(void)p;
	(void)sa;
	return NULL;
}

static err_t none_del_sa(struct pluto *p, const struct said *said, const struct addr *src)
{
	(void)p;
	(void)said;
	(void)src;
	return NULL;
}

static err_t none_group(struct pluto *p, const struct said *saids, size_t n)
{
	(void)p;
	(void)saids;
	(void)n;
	return NULL;
}

static err_t none_inbound_policy(struct pluto *p, const struct said *tun,
				 const struct selector *sel)
{
	(void)p;
	(void)tun;
	(void)sel;
	return NULL;
}

static err_t none_eroute(struct pluto *p, enum eroute_op op, const struct kernel_eroute *er)
{
	(void)p;
	(void)op;
	(void)er;
	return NULL;
}

static bool none_usage(struct pluto *p, const struct said *said, const struct addr *src,
		       struct kernel_usage *u)
{
	(void)p;
	(void)said;
	(void)src;
	(void)u;
	return false;
}

static bool none_has_suite(struct pluto *p, uint8_t encrypt, uint8_t auth, unsigned int key_bits)
{
	(void)p;
	(void)encrypt;
	(void)auth;
	(void)key_bits;
	return true;
}

const struct kernel_ops kernel_none = {
	.name		= "no kernel",
	.init		= none_init,
	.fini		= none_fini,
	.get_spi	= none_get_spi,
	.add_sa		= none_add_sa,
	.del_sa		= none_del_sa,
	.group		= none_group,
	.inbound_policy	= none_inbound_policy,
	.eroute		= none_eroute,
	.usage		= none_usage,
	.has_suite	= none_has_suite,
};
