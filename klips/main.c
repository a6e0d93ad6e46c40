// SPDX-License-Identifier: GPL-2.0-only
/*
 * ipsec.ko: IPsec beside the stack, with a device to see it by.
 *
 * Subsystems start from a table and stop in reverse, once for the module and once for
 * each network namespace.  Nothing is global but what the kernel registers once.
 *
 * The module can go at any time when no PF_KEY socket is open: devices are removed
 * with it, packets under way finish first, and what is discarded is said in one line
 * per namespace.
 */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "klips/alg.h"
#include "klips/compat.h"
#include "klips/klips.h"
#include "klips/selftest.h"

struct workqueue_struct *klips_wq;
static unsigned int klips_net_id;

struct klips_net *klips_net(const struct net *net)
{
	return net_generic(net, klips_net_id);
}

static int klips_lists_init(struct klips_net *kn)
{
	INIT_LIST_HEAD(&kn->devs);
	INIT_HLIST_HEAD(&kn->sockets);
	spin_lock_init(&kn->sockets_lock);
	return 0;
}

static void klips_lists_exit(struct klips_net *kn)
{
	WARN_ON(!list_empty(&kn->devs) || !hlist_empty(&kn->sockets));
}

/* What each namespace has. */
static const struct net_stage {
	int (*init)(struct klips_net *kn);
	void (*exit)(struct klips_net *kn);
} net_stages[] = {
	{ klips_lists_init,	klips_lists_exit },
	{ klips_drop_init,	klips_drop_exit },
	{ klips_sadb_init,	klips_sadb_exit },
	{ klips_eroutes_init,	klips_eroutes_exit },
	{ klips_sysctl_init,	klips_sysctl_exit },
	{ klips_proc_init,	klips_proc_exit },
};

static int __net_init klips_enter_net(struct net *net)
{
	struct klips_net *kn = klips_net(net);
	int i, err;

	kn->net = net;
	for (i = 0; i < ARRAY_SIZE(net_stages); i++) {
		err = net_stages[i].init(kn);
		if (err)
			goto unwind;
	}
	return 0;

unwind:
	while (i--)
		net_stages[i].exit(kn);
	return err;
}

/* Devices and sockets of the namespace have gone before. */
static void __net_exit klips_leave_net(struct net *net)
{
	struct klips_net *kn = klips_net(net);
	int i = ARRAY_SIZE(net_stages);

	if (kn->nsas || kn->eroutes.count)
		pr_info_ratelimited("klips_info:ipsec_cleanup: discarding %u SAs and %u eroutes of a network namespace\n",
			kn->nsas, kn->eroutes.count);
	while (i--)
		net_stages[i].exit(kn);
}

static struct pernet_operations klips_net_ops = {
	.init = klips_enter_net,
	.exit = klips_leave_net,
	.id = &klips_net_id,
	.size = sizeof(struct klips_net),
};

static int klips_net_init(void)
{
	return register_pernet_subsys(&klips_net_ops);
}

static void klips_net_exit(void)
{
	unregister_pernet_subsys(&klips_net_ops);
}

static int klips_wq_init(void)
{
	klips_wq = alloc_workqueue("ipsec", WQ_PERCPU, 0);
	return klips_wq ? 0 : -ENOMEM;
}

/* First what RCU will still call, then what that has queued. */
static void klips_wq_exit(void)
{
	rcu_barrier();
	destroy_workqueue(klips_wq);
}

static const struct stage {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
} stages[] = {
	{ "self-tests",	klips_selftest_init,	klips_selftest_exit },
	{ "work queue",	klips_wq_init,		klips_wq_exit },
	{ "namespaces",	klips_net_init,		klips_net_exit },
	{ "PF_KEY",	klips_pfkey_init,	klips_pfkey_exit },
	{ "devices",	klips_dev_init,		klips_dev_exit },
	{ "receive",	klips_rcv_init,		klips_rcv_exit },	/* packets arrive now */
	{ "algorithms",	klips_alg_init,		klips_alg_exit },	/* in the background */
};

static int __init klips_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		err = stages[i].init();
		if (err)
			goto unwind;
	}
	pr_info("klips_info:ipsec_init: KLIPS startup, FreeS/WAN IPSec version: %s\n",
		KLIPS_VERSION);
	return 0;

unwind:
	pr_err("klips_error:ipsec_init: cannot start %s: %d\n", stages[i].name, err);
	while (i--)
		stages[i].exit();
	return err;
}

static void __exit klips_exit(void)
{
	int i = ARRAY_SIZE(stages);

	while (i--)
		stages[i].exit();
	pr_info("klips_info:ipsec_cleanup: KLIPS is gone\n");
}

module_init(klips_init);
module_exit(klips_exit);
MODULE_DESCRIPTION("KLIPS: kernel IPsec of FreeS/WAN");
MODULE_LICENSE("GPL");
MODULE_VERSION(KLIPS_VERSION);
