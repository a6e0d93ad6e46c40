// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/ipsec_*: what KLIPS is doing, in the columns that operators and scripts
 * have known for twenty years.  Formats: klips(4).
 *
 * Readable by root only.  No key, IV or packet content is ever shown.  The files are
 * walked under RCU: a long read sees each entry that was there all the time once, and
 * may or may not see one that came or went meanwhile.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "klips/compat.h"
#include "klips/selftest.h"
#include "klips/xform.h"
#include "lib/pfkey/pfkeyv2.h"

#define PROC_MODE	0440

static struct klips_net *kn_of(struct seq_file *m)
{
	return klips_net(seq_file_single_net(m));
}

/*
 * Walking by id: a reader's place is the id of the next entry, not a count of entries, so
 * it is found at once, and right, whatever has come and gone since.
 */

void *klips_walk_after(struct xarray *all, u32 *id)
{
	unsigned long at = *id;
	void *entry = xa_find_after(all, &at, U32_MAX, XA_PRESENT);

	if (entry)
		*id = at;
	return entry;
}

static void *walk_start(struct xarray *all, loff_t *pos)
	__acquires(rcu)
{
	unsigned long id = *pos;
	void *entry = NULL;

	rcu_read_lock();
	if (*pos <= U32_MAX)
		entry = xa_find(all, &id, U32_MAX, XA_PRESENT);
	if (entry)
		*pos = id;
	return entry;
}

static void *walk_next(struct xarray *all, loff_t *pos)
{
	u32 id = *pos;
	void *entry = klips_walk_after(all, &id);

	*pos = entry ? id : (loff_t)U32_MAX + 1;
	return entry;
}

static void walk_stop(struct seq_file *m, void *v)
	__releases(rcu)
{
	rcu_read_unlock();
}

/*
 * ipsec_eroute
 */

static void *eroute_start(struct seq_file *m, loff_t *pos)
	__acquires(rcu)
{
	return walk_start(&klips_net(seq_file_net(m))->eroutes.all, pos);
}

static void *eroute_next(struct seq_file *m, void *v, loff_t *pos)
{
	return walk_next(&klips_net(seq_file_net(m))->eroutes.all, pos);
}

#define PREFIX_TEXT	64

static int eroute_show(struct seq_file *m, void *v)
{
	const struct klips_eroute *er = v;
	const struct klips_selector *sel = &er->sel;
	char src[PREFIX_TEXT], dst[PREFIX_TEXT], said[KLIPS_SAID_TEXT];

	klips_prefix_text(src, sizeof(src), sel->family, &sel->src, sel->src_bits, sel->sport);
	klips_prefix_text(dst, sizeof(dst), sel->family, &sel->dst, sel->dst_bits, sel->dport);
	seq_printf(m, "%-10lld %-18s -> %-18s => %s", atomic64_read(&er->packets), src, dst,
		   klips_eroute_target(er, said));
	if (sel->proto)
		seq_printf(m, ":%u", sel->proto);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations eroute_ops = {
	.start = eroute_start,
	.next = eroute_next,
	.stop = walk_stop,
	.show = eroute_show,
};

/*
 * ipsec_spi, ipsec_spigrp
 */

static void *sa_start(struct seq_file *m, loff_t *pos)
	__acquires(rcu)
{
	return walk_start(&klips_net(seq_file_net(m))->sas, pos);
}

static void *sa_next(struct seq_file *m, void *v, loff_t *pos)
{
	return walk_next(&klips_net(seq_file_net(m))->sas, pos);
}

static void show_xform(struct seq_file *m, const struct klips_sa *sa)
{
	struct klips_esp_info info;

	if (sa->said.proto == IPPROTO_IPIP) {
		seq_puts(m, "IPIP");
	} else if (sa->said.proto == IPPROTO_COMP) {
		seq_puts(m, sa->ipcomp ? "COMP_DEFLATE" : "COMP");
	} else if (sa->said.proto == IPPROTO_AH) {
		if (sa->ah)
			klips_ah_info(sa, &info);
		seq_printf(m, "AH%s%s", sa->ah ? "_" : "", sa->ah ? info.aname : "");
	} else if (!sa->esp) {
		seq_puts(m, "ESP");		/* larval */
	} else {
		klips_esp_info(sa, &info);
		seq_printf(m, "ESP_%s%s%s", info.ename, info.aname ? "_" : "",
			   info.aname ? info.aname : "");
	}
}

static void show_policy(struct seq_file *m, const struct klips_sa *sa)
{
	const struct klips_policy *policy = rcu_dereference(sa->policy);
	char src[PREFIX_TEXT], dst[PREFIX_TEXT];
	const struct klips_selector *p;

	if (!policy)
		return;
	p = &policy->sel;
	klips_prefix_text(src, sizeof(src), p->family, &p->src, p->src_bits, p->sport);
	klips_prefix_text(dst, sizeof(dst), p->family, &p->dst, p->dst_bits, p->dport);
	seq_printf(m, " policy=%s->%s", src, dst);
	if (p->proto)
		seq_printf(m, ":%u", p->proto);
}

static void show_count(struct seq_file *m, const char *name, u64 n)
{
	if (n)
		seq_printf(m, " %s=%llu", name, n);
}

static void show_replay(struct seq_file *m, const struct klips_sa *sa)
{
	const struct klips_replay *r = sa->replay;

	if (r)
		show_count(m, "ooowin", r->size);
	show_count(m, "esn", sa->esn);
	show_count(m, "ooo_errs", atomic_read(&sa->replay_errs));
	if (!sa->inbound)
		show_count(m, "seq", atomic64_read(&sa->seq));
	if (!r || !r->top)
		return;
	show_count(m, "seq", r->top);
	seq_printf(m, " bit=0x%x", klips_replay_bits(r));
	show_count(m, "max_seq_diff", r->span);
}

/* What ESP and AH have. */
static void show_keyed(struct seq_file *m, const struct klips_sa *sa)
{
	struct klips_esp_info info;

	if (sa->esp)
		klips_esp_info(sa, &info);
	else if (sa->ah)
		klips_ah_info(sa, &info);
	else
		return;
	if (info.iv_bits)
		seq_printf(m, " iv_bits=%ubits", info.iv_bits);
	show_replay(m, sa);
	show_count(m, "alen", info.icv_bits);
	show_count(m, "aklen", info.akey_bits);
	show_count(m, "auth_errs", atomic_read(&sa->auth_errs));
	show_count(m, "eklen", info.ekey_bits);
	show_count(m, "encr_size_errs", atomic_read(&sa->size_errs));
	show_count(m, "encr_pad_errs", atomic_read(&sa->pad_errs));
}

/* Octets before compression, and with it. */
static void show_ratio(struct seq_file *m, const struct klips_sa *sa)
{
	u64 plain, packed;

	if (!sa->ipcomp)
		return;
	klips_ipcomp_ratio(sa, &plain, &packed);
	if (plain)
		seq_printf(m, " ratio=%llu:%llu", plain, packed);
}

static void show_limit(struct seq_file *m, const char *name, u64 current_value, u64 soft, u64 hard)
{
	if (current_value > 1 || soft || hard)
		seq_printf(m, "%s(%llu,%llu,%llu)", name, current_value, soft, hard);
}

static u64 age(time64_t since)
{
	return since ? ktime_get_boottime_seconds() - since : 0;
}

static void show_life(struct seq_file *m, const struct klips_sa *sa)
{
	const struct klips_life *l = &sa->life;

	seq_puts(m, " life(c,s,h)=");
	show_limit(m, "alloc", READ_ONCE(l->allocations), l->soft.allocations, l->hard.allocations);
	show_limit(m, "bytes", atomic64_read(&l->bytes), l->soft.bytes, l->hard.bytes);
	show_limit(m, "addtime", age(l->born), l->soft.addtime, l->hard.addtime);
	show_limit(m, "usetime", age(READ_ONCE(l->used)), l->soft.usetime, l->hard.usetime);
	show_limit(m, "packets", atomic64_read(&l->packets), l->soft.packets, l->hard.packets);
	if (READ_ONCE(l->last))
		seq_printf(m, " idle=%llu", age(READ_ONCE(l->last)));
}

static void show_natt(struct seq_file *m, const struct klips_natt *natt)
{
	if (natt)
		seq_printf(m, " natencap=%s natsport=%u natdport=%u",
			   natt->type == SADB_X_NAT_T_NON_IKE ? "nonike" : "nonesp",
			   ntohs(natt->src.port), ntohs(natt->dst.port));
}

static int spi_show(struct seq_file *m, void *v)
{
	const struct klips_sa *sa = v;
	char said[KLIPS_SAID_TEXT];

	seq_printf(m, "%s ", klips_said_text(&sa->said, said));
	show_xform(m, sa);
	seq_printf(m, ": dir=%s", sa->inbound ? "in " : "out");
	if (sa->said.family == AF_INET6)
		seq_printf(m, " src=%pI6c", klips_natt_src(sa));
	else
		seq_printf(m, " src=%pI4", klips_natt_src(sa));
	show_policy(m, sa);
	if (sa->flags)
		seq_printf(m, " flags=0x%x<>", sa->flags);
	show_keyed(m, sa);
	show_life(m, sa);
	show_ratio(m, sa);
	seq_printf(m, " refcount=%u ref=%u", refcount_read(&sa->ref), sa->id);
	show_natt(m, rcu_dereference(sa->natt));
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations spi_ops = {
	.start = sa_start,
	.next = sa_next,
	.stop = walk_stop,
	.show = spi_show,
};

/* One line per bundle, at its innermost SA. */
static int spigrp_show(struct seq_file *m, void *v)
{
	const struct klips_sa *sa = v;
	char said[KLIPS_SAID_TEXT];

	if (rcu_access_pointer(sa->inner))
		return 0;
	for (; sa; sa = rcu_dereference(sa->outer))
		seq_printf(m, "%s ", klips_said_text(&sa->said, said));
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations spigrp_ops = {
	.start = sa_start,
	.next = sa_next,
	.stop = walk_stop,
	.show = spigrp_show,
};

/*
 * The short ones.
 */

static int tncfg_show(struct seq_file *m, void *v)
{
	const struct net_device *phys;
	struct klips_dev *kd;

	rcu_read_lock();
	list_for_each_entry_rcu(kd, &kn_of(m)->devs, list) {
		phys = rcu_dereference(kd->phys);
		if (phys)
			seq_printf(m, "%s -> %s mtu=%u(%d) -> %u\n", kd->dev->name, phys->name,
				   kd->dev->mtu, READ_ONCE(kd->mtu), phys->mtu);
		else
			seq_printf(m, "%s -> NULL mtu=0(0) -> 0\n", kd->dev->name);
	}
	rcu_read_unlock();
	return 0;
}

static int version_show(struct seq_file *m, void *v)
{
	seq_printf(m, "FreeS/WAN version: %s\n", KLIPS_VERSION);
	return 0;
}

static int klipsdebug_show(struct seq_file *m, void *v)
{
	static const struct {
		const char *name;
		enum klips_debug class;
	} rows[] = {
		{ "tunnel", KLIPS_DBG_TUNNEL },	{ "xform", KLIPS_DBG_XFORM },
		{ "eroute", KLIPS_DBG_EROUTE },	{ "spi", KLIPS_DBG_SPI },
		{ "radij", KLIPS_DBG_RADIJ },	{ "esp", KLIPS_DBG_ESP },
		{ "ah", KLIPS_DBG_AH },		{ "rcv", KLIPS_DBG_RCV },
		{ "pfkey", KLIPS_DBG_PFKEY },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		seq_printf(m, "debug_%s=%08x.\n", rows[i].name,
			   READ_ONCE(kn_of(m)->debug[rows[i].class]));
	return 0;
}

static int drops_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < KLIPS_DROP_MAX; i++)
		seq_printf(m, "%-12s %10llu   %s\n", klips_drop_name(i),
			   klips_drop_sum(kn_of(m), i), klips_drop_why(i));
	return 0;
}

static int traps_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%08x\n", atomic_read(&kn_of(m)->traps));
	return 0;
}

static int traps_sent_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%08x\n", atomic_read(&kn_of(m)->traps_sent));
	return 0;
}

/* What there is and what there may be; one thing a line, its name first. */
static int status_show(struct seq_file *m, void *v)
{
	struct klips_net *kn = kn_of(m);
	struct klips_eroutes *t = &kn->eroutes;

	seq_printf(m, "inbound_policy_check %s\n", READ_ONCE(kn->inbound_policy_check) ? "on" :
		   "OFF: what comes from tunnels without an inbound policy is not stopped");
	seq_printf(m, "sas %u of %u\n", READ_ONCE(kn->nsas), KLIPS_SA_MAX);
	seq_printf(m, "eroutes %u of %u\n", READ_ONCE(t->count), KLIPS_EROUTE_MAX);
	seq_printf(m, "shapes %u of %u\n", READ_ONCE(t->nshapes), KLIPS_SHAPE_MAX);
	seq_printf(m, "holds %u of %u\n", READ_ONCE(t->nholds), KLIPS_HOLD_MAX);
	seq_printf(m, "held_packets %d of %u\n", atomic_read(&t->held), KLIPS_HELD_MAX);
	seq_printf(m, "holds_given_up %d\n", atomic_read(&t->aged));
	return 0;
}

/*
 * The tree: /proc/net/ipsec/... as in FreeS/WAN 2, with the names of 1 leading there.
 */

enum dir { D_NET, D_IPSEC, D_EROUTE, D_SPI, D_SPIGRP, D_STATS, D_MAX };

static const struct {
	enum dir parent;
	const char *name;
} dirs[D_MAX] = {
	[D_IPSEC]  = { D_NET,	"ipsec" },
	[D_EROUTE] = { D_IPSEC, "eroute" },
	[D_SPI]	   = { D_IPSEC, "spi" },
	[D_SPIGRP] = { D_IPSEC, "spigrp" },
	[D_STATS]  = { D_IPSEC, "stats" },
};

static const struct {
	enum dir dir;
	const char *name;
	const struct seq_operations *walk;		/* either entry by entry */
	int (*show)(struct seq_file *m, void *v);	/* or all at once */
} files[] = {
	{ D_EROUTE, "all",		&eroute_ops },
	{ D_SPI,    "all",		&spi_ops },
	{ D_SPIGRP, "all",		&spigrp_ops },
	{ D_IPSEC,  "tncfg",		NULL, tncfg_show },
	{ D_IPSEC,  "version",		NULL, version_show },
	{ D_IPSEC,  "klipsdebug",	NULL, klipsdebug_show },
	{ D_IPSEC,  "drops",		NULL, drops_show },
	{ D_IPSEC,  "status",		NULL, status_show },
	{ D_IPSEC,  "selftest",		NULL, klips_selftest_show },
	{ D_STATS,  "trap_count",	NULL, traps_show },
	{ D_STATS,  "trap_sendcount",	NULL, traps_sent_show },
	{ D_NET,    "pf_key",		NULL, klips_pfkey_show },
	{ D_NET,    "pf_key_registered", NULL, klips_pfkey_show_registered },
	{ D_NET,    "pf_key_supported",	NULL, klips_pfkey_show_supported },
};

static const struct {
	const char *name, *target;
} links[] = {
	{ "ipsec_eroute",	"ipsec/eroute/all" },
	{ "ipsec_spi",		"ipsec/spi/all" },
	{ "ipsec_spigrp",	"ipsec/spigrp/all" },
	{ "ipsec_tncfg",	"ipsec/tncfg" },
	{ "ipsec_version",	"ipsec/version" },
	{ "ipsec_klipsdebug",	"ipsec/klipsdebug" },
};

static struct proc_dir_entry *make_file(struct proc_dir_entry *dir, unsigned int i)
{
	if (files[i].show)
		return proc_create_net_single(files[i].name, PROC_MODE, dir, files[i].show, NULL);
	return proc_create_net(files[i].name, PROC_MODE, dir, files[i].walk,
			       sizeof(struct seq_net_private));
}

/* Remove what of the first so many files and links is not below our own directory. */
static void unmake(struct klips_net *kn, unsigned int nfiles, unsigned int nlinks)
{
	while (nlinks--)
		remove_proc_entry(links[nlinks].name, kn->net->proc_net);
	while (nfiles--)
		if (files[nfiles].dir == D_NET)
			remove_proc_entry(files[nfiles].name, kn->net->proc_net);
	remove_proc_subtree(dirs[D_IPSEC].name, kn->net->proc_net);
}

int klips_proc_init(struct klips_net *kn)
{
	struct proc_dir_entry *at[D_MAX] = { [D_NET] = kn->net->proc_net };
	unsigned int d, f = 0, l = 0;

	for (d = D_NET + 1; d < D_MAX; d++) {
		at[d] = proc_net_mkdir(kn->net, dirs[d].name, at[dirs[d].parent]);
		if (!at[d])
			goto fail;
	}
	for (; f < ARRAY_SIZE(files); f++)
		if (!make_file(at[files[f].dir], f))
			goto fail;
	for (; l < ARRAY_SIZE(links); l++)
		if (!proc_symlink(links[l].name, kn->net->proc_net, links[l].target))
			goto fail;
	return 0;

fail:
	if (at[D_IPSEC])
		unmake(kn, f, l);
	return -ENOMEM;
}

void klips_proc_exit(struct klips_net *kn)
{
	unmake(kn, ARRAY_SIZE(files), ARRAY_SIZE(links));
}
