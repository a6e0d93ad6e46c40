// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mistakes made on purpose, so that a checker that sees nothing is not taken for a module
 * without mistakes: testing/sanitized/run has each of them made, in the sanitised kernel, and
 * fails when a single one goes unnoticed.
 *
 *	insmod planted.ko; echo use-after-free >/proc/planted
 *
 * Each kind of report that the tests rely on has a row in planted_bugs[] and a test of the
 * same name in testing/sanitized/planted.  Nothing else may load this: it does damage.
 */
#include <linux/debugobjects.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>

/* Where what was allocated is kept, and lost; volatile, or the compiler sees through it. */
static void *volatile planted_held;
static volatile int planted_five = 5;

static void planted_use_after_free(void)
{
	char *p = kmalloc(40, GFP_KERNEL);

	planted_held = p;
	kfree(p);
	p = planted_held;
	if (p)
		p[3] = 1;
	planted_held = NULL;
}

static void planted_overflow(void)
{
	char *p = kmalloc(40, GFP_KERNEL);

	planted_held = p;
	p = planted_held;
	if (p)
		p[35 + planted_five] = 1;
	kfree(p);
	planted_held = NULL;
}

static void planted_stack_overflow(void)
{
	volatile char on_stack[16], *p = on_stack;

	planted_held = (void *)on_stack;
	p = planted_held;
	p[11 + planted_five] = 1;
	planted_held = NULL;
}

static void planted_bounds(void)
{
	volatile char on_stack[16] = "";

	planted_five = on_stack[11 + planted_five] ? 5 : 5;
}

static void planted_double_free(void)
{
	void *p = kmalloc(40, GFP_KERNEL);

	planted_held = p;
	kfree(p);
	kfree(planted_held);
	planted_held = NULL;
}

static void planted_shift(void)
{
	int by = planted_five * 8;

	planted_five = (1 << by) ? 5 : 5;
}

static void planted_sleep_fn(unsigned long unused)
{
	msleep(20);
}

static DECLARE_TASKLET_OLD(planted_tasklet, planted_sleep_fn);

static void planted_softirq_sleep(void)
{
	tasklet_schedule(&planted_tasklet);
	msleep(100);
	tasklet_kill(&planted_tasklet);
}

/* What would sleep if there were nothing to be had, in a section that may not. */
static void planted_atomic_alloc(void)
{
	rcu_read_lock();
	kfree(kmalloc(40, GFP_KERNEL));
	rcu_read_unlock();
}

static DEFINE_SPINLOCK(planted_a);
static DEFINE_SPINLOCK(planted_b);

static void planted_lock_order(void)
{
	spin_lock(&planted_a);
	spin_lock(&planted_b);
	spin_unlock(&planted_b);
	spin_unlock(&planted_a);
	spin_lock(&planted_b);
	spin_lock(&planted_a);
	spin_unlock(&planted_a);
	spin_unlock(&planted_b);
}

static void planted_lock_fn(unsigned long unused)
{
	spin_lock(&planted_a);
	spin_unlock(&planted_a);
}

static DECLARE_TASKLET_OLD(planted_lock_tasklet, planted_lock_fn);

/* A lock that a softirq takes, too, taken while softirqs may come. */
static void planted_lock_softirq(void)
{
	tasklet_schedule(&planted_lock_tasklet);
	msleep(50);
	spin_lock(&planted_a);
	spin_unlock(&planted_a);
	tasklet_kill(&planted_lock_tasklet);
}

static void __rcu *planted_pointer;

static void planted_rcu(void)
{
	planted_held = rcu_dereference(planted_pointer);
}

/* More than one: what stacks and registers still hold does not count as lost. */
static void planted_leak(void)
{
	int i;

	for (i = 0; i < 50; i++)
		planted_held = kmalloc(40, GFP_KERNEL);
	planted_held = NULL;
}

static void planted_timer_fn(struct timer_list *unused)
{
}

static void planted_timer_freed(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, planted_timer_fn, 0);
	mod_timer(timer, jiffies + 100 * HZ);
	kfree(timer);
}

static void planted_refcount(void)
{
	refcount_t r;

	refcount_set(&r, 1);
	if (refcount_dec_and_test(&r))
		refcount_inc(&r);
}

/* A namespace that is let go more often than it was held. */
static void planted_netns(void)
{
	netns_tracker tracker = NULL;
	struct net *net = get_net_track(current->nsproxy->net_ns, &tracker, GFP_KERNEL);

	netns_tracker_free(net, &tracker);
	netns_tracker_free(net, &tracker);
	put_net(net);
}

static const struct {
	const char *name;
	void (*make)(void);
} planted_bugs[] = {
	{ "use-after-free",	planted_use_after_free },
	{ "overflow",		planted_overflow },
	{ "stack-overflow",	planted_stack_overflow },
	{ "double-free",	planted_double_free },
	{ "bounds",		planted_bounds },
	{ "shift",		planted_shift },
	{ "softirq-sleep",	planted_softirq_sleep },
	{ "atomic-alloc",	planted_atomic_alloc },
	{ "lock-order",		planted_lock_order },
	{ "lock-softirq",	planted_lock_softirq },
	{ "rcu",		planted_rcu },
	{ "leak",		planted_leak },
	{ "timer-freed",	planted_timer_freed },
	{ "refcount",		planted_refcount },
	{ "netns",		planted_netns },
};

static ssize_t planted_write(struct file *file, const char __user *from, size_t n, loff_t *at)
{
	char name[32] = "";
	size_t i;

	if (n >= sizeof(name) || copy_from_user(name, from, n))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(planted_bugs); i++) {
		if (sysfs_streq(name, planted_bugs[i].name)) {
			planted_bugs[i].make();
			return n;
		}
	}
	return -ENOENT;
}

static const struct proc_ops planted_ops = {
	.proc_write	= planted_write,
	.proc_lseek	= noop_llseek,
};

static int __init planted_init(void)
{
	return proc_create("planted", 0200, NULL, &planted_ops) ? 0 : -ENOMEM;
}

static void __exit planted_exit(void)
{
	remove_proc_entry("planted", NULL);
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes for the sanitised kernel to find");
