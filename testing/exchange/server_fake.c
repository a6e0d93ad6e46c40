// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An event loop without events: time stands still until a test moves it, from one
 * timer to the next; deferred calls run when asked for.
 */
#include <assert.h>
#include <stdlib.h>

#include "lib/base/alloc.h"
#include "pluto/server.h"
#include "testing/exchange/fakes.h"

struct armed {
	struct list link;
	struct timer *t;
};

struct deferred {
	struct list link;
	void (*fn)(void *ctx);
	void *ctx;
};

static struct list timers = LIST_INIT(timers);
static struct list deferred = LIST_INIT(deferred);
static uint64_t now = 1000000;

void server_init(void)
{
}

void server_fini(void)
{
}

uint64_t server_now(void)
{
	return now;
}

void timer_set(struct timer *t, uint64_t delay, void (*fn)(void *ctx), void *ctx)
{
	struct armed *a = t->impl;

	if (!a) {
		a = xalloc(sizeof(*a));
		a->t = t;
		t->impl = a;
		list_add(&timers, &a->link);
	}
	t->fn = fn;
	t->ctx = ctx;
	t->due = now + delay;
	t->armed = true;
}

void timer_clear(struct timer *t)
{
	struct armed *a = t->impl;

	t->armed = false;
	if (!a)
		return;
	list_del(&a->link);
	free(a);
	t->impl = NULL;
}

uint64_t timer_left(const struct timer *t)
{
	return t->armed && t->due > now ? t->due - now : 0;
}

void server_defer(void (*fn)(void *ctx), void *ctx)
{
	struct deferred *d = xalloc(sizeof(*d));

	d->fn = fn;
	d->ctx = ctx;
	list_add(&deferred, &d->link);
}

bool fake_run_deferred(void)
{
	struct deferred *d = LIST_FIRST(&deferred, struct deferred, link), copy;

	if (!d)
		return false;
	list_del(&d->link);
	copy = *d;
	free(d);
	copy.fn(copy.ctx);
	return true;
}

static struct timer *earliest(void)
{
	struct timer *best = NULL;
	struct armed *a;

	LIST_EACH(a, &timers, struct armed, link)
		if (a->t->armed && (!best || a->t->due < best->due))
			best = a->t;
	return best;
}

uint64_t fake_next_due(void)
{
	struct timer *t = earliest();

	return t ? t->due : UINT64_MAX;
}

void fake_jump(uint64_t to)
{
	struct timer *t;

	assert(to >= now);
	now = to;
	while ((t = earliest()) && t->due <= now) {
		t->armed = false;
		t->fn(t->ctx);
	}
}

void fake_clock_reset(void)
{
	while (fake_run_deferred())
		;
	/* Never back: limits of lines in a second outlive a world. */
	now += 3600 * 1000;
}

unsigned int fake_timers_armed(void)
{
	unsigned int n = 0;
	struct armed *a;

	LIST_EACH(a, &timers, struct armed, link)
		n += a->t->armed;
	return n;
}

struct watch *server_watch(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	(void)fd;
	(void)fn;
	(void)ctx;
	return NULL;
}

struct watch *server_watch_write(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	return server_watch(fd, fn, ctx);
}

void server_unwatch(struct watch *w)
{
	(void)w;
}

void server_on_signal(int sig, void (*fn)(int sig, void *ctx), void *ctx)
{
	(void)sig;
	(void)fn;
	(void)ctx;
}

void server_on_child(int pid, void (*fn)(int status, void *ctx), void *ctx)
{
	(void)pid;
	(void)fn;
	(void)ctx;
}

int server_run(void)
{
	return 0;
}

void server_stop(int status)
{
	(void)status;
}
