// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The event loop: libevent 2.1 behind server.h, and the only file that knows it.
 *
 * One thread, one loop.  Callbacks run to their end; nothing here is re-entered, and a
 * callback may clear its own timer, or unwatch its own descriptor, while it runs.
 * Time is CLOCK_MONOTONIC, asked anew each time: libevent's cached time would make a
 * slow event's timers fire early.
 *
 * Signals arrive between events, never in the middle of one.  SIGCHLD belongs to
 * server_on_child(), which reaps the children that it has been told of, each by its
 * number, and no others.
 */
#include <assert.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/base/alloc.h"
#include "lib/base/list.h"
#include "lib/base/log.h"
#include "pluto/server.h"

static struct event_base *base;
static int stop_status;

static void need(const void *ptr)
{
	if (ptr)
		return;
	log_msg(LOG_LVL_ERROR, "libevent: out of memory");
	abort();
}

/* --- timers -------------------------------------------------------------------------- */

uint64_t server_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct timer *t = arg;
	void (*fn)(void *) = t->fn;
	void *ctx = t->ctx;

	(void)fd;
	(void)what;
	/* What holds the timer may be freed by fn: be done with it first. */
	timer_clear(t);
	fn(ctx);
}

void timer_set(struct timer *t, uint64_t delay, void (*fn)(void *ctx), void *ctx)
{
	struct timeval tv = {
		.tv_sec = (time_t)(delay / 1000),
		.tv_usec = (suseconds_t)(delay % 1000 * 1000),
	};

	if (!t->impl) {
		t->impl = evtimer_new(base, timer_fired, t);
		need(t->impl);
	}
	t->fn = fn;
	t->ctx = ctx;
	t->due = server_now() + delay;
	t->armed = true;
	evtimer_add((struct event *)t->impl, &tv);
}

void timer_clear(struct timer *t)
{
	if (t->impl)
		event_free(t->impl);
	t->impl = NULL;
	t->armed = false;
}

uint64_t timer_left(const struct timer *t)
{
	uint64_t now = server_now();

	return t->armed && t->due > now ? t->due - now : 0;
}

/* --- soon ---------------------------------------------------------------------------- */

struct deferred {
	struct list link;
	void (*fn)(void *ctx);
	void *ctx;
};

static struct list deferred = LIST_INIT(deferred);
static struct event *defer_event;

/* What is deferred meanwhile waits for the next turn, so that others get theirs. */
static void run_deferred(evutil_socket_t fd, short what, void *arg)
{
	struct list now = LIST_INIT(now);
	struct deferred *d;

	(void)fd;
	(void)what;
	(void)arg;
	while ((d = LIST_FIRST(&deferred, struct deferred, link))) {
		list_del(&d->link);
		list_add(&now, &d->link);
	}
	while ((d = LIST_FIRST(&now, struct deferred, link))) {
		list_del(&d->link);
		d->fn(d->ctx);
		free(d);
	}
}

void server_defer(void (*fn)(void *ctx), void *ctx)
{
	struct deferred *d = xalloc(sizeof(*d));

	d->fn = fn;
	d->ctx = ctx;
	list_add(&deferred, &d->link);
	event_active(defer_event, EV_TIMEOUT, 0);
}

/* --- descriptors --------------------------------------------------------------------- */

struct watch {
	struct event *ev;
	void (*fn)(int fd, void *ctx);
	void *ctx;
};

static void watch_fired(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)what;
	w->fn(fd, w->ctx);		/* w may be gone now */
}

static struct watch *watch(int fd, short what, void (*fn)(int fd, void *ctx), void *ctx)
{
	struct watch *w = xalloc(sizeof(*w));

	w->fn = fn;
	w->ctx = ctx;
	w->ev = event_new(base, fd, what | EV_PERSIST, watch_fired, w);
	need(w->ev);
	event_add(w->ev, NULL);
	return w;
}

struct watch *server_watch(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	return watch(fd, EV_READ, fn, ctx);
}

struct watch *server_watch_write(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	return watch(fd, EV_WRITE, fn, ctx);
}

void server_unwatch(struct watch *w)
{
	if (!w)
		return;
	event_free(w->ev);
	free(w);
}

/* --- signals and children ------------------------------------------------------------ */

#define SIGNALS_MAX	8

static struct signal_watch {
	struct event *ev;
	void (*fn)(int sig, void *ctx);
	void *ctx;
} signals[SIGNALS_MAX];
static unsigned int n_signals;

static void signal_fired(evutil_socket_t sig, short what, void *arg)
{
	struct signal_watch *s = arg;

	(void)what;
	s->fn(sig, s->ctx);
}

void server_on_signal(int sig, void (*fn)(int sig, void *ctx), void *ctx)
{
	struct signal_watch *s = &signals[n_signals];

	assert(n_signals < SIGNALS_MAX);
	n_signals++;
	s->fn = fn;
	s->ctx = ctx;
	s->ev = evsignal_new(base, sig, signal_fired, s);
	need(s->ev);
	evsignal_add(s->ev, NULL);
}

struct child {
	struct list link;
	pid_t pid;
	void (*fn)(int status, void *ctx);
	void *ctx;
};

static struct list children = LIST_INIT(children);

static void reap(void *ctx)
{
	struct child *c, *tmp;
	int status;

	(void)ctx;
	LIST_EACH_SAFE(c, tmp, &children, struct child, link) {
		if (waitpid(c->pid, &status, WNOHANG) != c->pid)
			continue;
		list_del(&c->link);
		c->fn(status, c->ctx);
		free(c);
		/* fn may have started or dropped others: look again from the front. */
		server_defer(reap, NULL);
		return;
	}
}

static void child_signal(int sig, void *ctx)
{
	(void)sig;
	reap(ctx);
}

void server_on_child(int pid, void (*fn)(int status, void *ctx), void *ctx)
{
	struct child *c = xalloc(sizeof(*c));

	c->pid = pid;
	c->fn = fn;
	c->ctx = ctx;
	list_add(&children, &c->link);
	/* It may have ended before we were told of it. */
	server_defer(reap, NULL);
}

/* --- the loop ------------------------------------------------------------------------ */

void server_init(void)
{
	struct event_config *cfg = event_config_new();

	need(cfg);
	event_config_set_flag(cfg, EVENT_BASE_FLAG_NO_CACHE_TIME);
	base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	need(base);
	defer_event = event_new(base, -1, 0, run_deferred, NULL);
	need(defer_event);
	server_on_signal(SIGCHLD, child_signal, NULL);
}

void server_fini(void)
{
	struct deferred *d;
	struct child *c;

	while ((d = LIST_FIRST(&deferred, struct deferred, link))) {
		list_del(&d->link);
		free(d);
	}
	while ((c = LIST_FIRST(&children, struct child, link))) {
		list_del(&c->link);
		free(c);
	}
	while (n_signals)
		event_free(signals[--n_signals].ev);
	event_free(defer_event);
	event_base_free(base);
	base = NULL;
}

int server_run(void)
{
	/* A loop without a watch still waits: for signals. */
	event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
	return stop_status;
}

void server_stop(int status)
{
	stop_status = status;
	event_base_loopbreak(base);
}
