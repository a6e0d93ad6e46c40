// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel that only keeps books: which SAs there are, with which keys, and how many
 * eroutes lead to one.
 */
#include <string.h>

#include "pluto/pluto.h"
#include "testing/exchange/fakes.h"

static struct fake_kernel *of(struct pluto *p)
{
	return p->kernel_ctx;
}

static err_t get_spi(struct pluto *p, uint8_t proto, const struct addr *src,
		     const struct addr *dst, uint32_t *spi)
{
	(void)proto;
	(void)src;
	(void)dst;
	*spi = ++of(p)->next_spi;
	return NULL;
}

static int find(const struct fake_kernel *k, const struct said *said)
{
	for (unsigned int i = 0; i < k->n_sas; i++)
		if (said_eq(&k->sa[i].said, said))
			return (int)i;
	return -1;
}

static err_t add_sa(struct pluto *p, const struct kernel_sa *sa)
{
	struct fake_kernel *k = of(p);

	if (k->refuse_sas || k->n_sas == ARRAY_SIZE(k->sa))
		return "no";
	if (find(k, &sa->said) >= 0)
		return "SA already in use.  Delete old one first.";
	memset(&k->sa[k->n_sas], 0, sizeof(k->sa[0]));
	k->sa[k->n_sas].said = sa->said;
	k->sa[k->n_sas].inbound = sa->inbound;
	buf_add_span(&k->sa[k->n_sas].key, sa->enc_key);
	buf_add_span(&k->sa[k->n_sas].key, sa->auth_key);
	k->n_sas++;
	return NULL;
}

static void remove_at(struct fake_kernel *k, int i)
{
	buf_free(&k->sa[i].key);
	k->sa[i] = k->sa[--k->n_sas];
}

/* As KLIPS does: the tunnel SA inside goes with its ESP SA; it is the one added before. */
static err_t del_sa(struct pluto *p, const struct said *said, const struct addr *src)
{
	struct fake_kernel *k = of(p);
	int i = find(k, said);

	(void)src;
	if (i < 0)
		return "SA not found";
	remove_at(k, i);
	return NULL;
}

static err_t group(struct pluto *p, const struct said *saids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (find(of(p), &saids[i]) < 0)
			return "SA not found";
	return NULL;
}

static err_t inbound_policy(struct pluto *p, const struct said *tun, const struct selector *sel)
{
	(void)sel;
	return find(of(p), tun) < 0 ? "SA not found" : NULL;
}

static err_t eroute(struct pluto *p, enum eroute_op op, const struct kernel_eroute *er)
{
	struct fake_kernel *k = of(p);

	if (op == EROUTE_DELETE || er->said.proto != IPPROTO_IPIP)
		k->eroutes = 0;
	else
		k->eroutes = 1;
	return NULL;
}

static bool usage(struct pluto *p, const struct said *said, const struct addr *src,
		  struct kernel_usage *u)
{
	(void)src;
	*u = (struct kernel_usage){ .idle = 5 };
	return find(of(p), said) >= 0;
}

static bool has_suite(struct pluto *p, uint8_t encrypt, uint8_t auth, unsigned int key_bits)
{
	(void)p;
	(void)encrypt;
	(void)auth;
	(void)key_bits;
	return true;
}

const struct kernel_ops kernel_fake = {
	.name = "ledger",
	.get_spi = get_spi,
	.add_sa = add_sa,
	.del_sa = del_sa,
	.group = group,
	.inbound_policy = inbound_policy,
	.eroute = eroute,
	.usage = usage,
	.has_suite = has_suite,
};

struct span fake_key(const struct fake_kernel *k, const struct said *said)
{
	int i = find(k, said);

	return i < 0 ? SPAN_EMPTY : buf_span(&k->sa[i].key);
}

unsigned int fake_count(const struct fake_kernel *k, uint8_t proto, bool inbound)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < k->n_sas; i++)
		n += k->sa[i].said.proto == proto && k->sa[i].inbound == inbound;
	return n;
}

void fake_kernel_clear(struct fake_kernel *k)
{
	while (k->n_sas)
		remove_at(k, 0);
}
