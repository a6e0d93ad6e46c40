/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop, and time.  server.c does it with libevent; the exchange tests link
 * server_fake.c, whose clock jumps from event to event.
 */
#ifndef PLUTO_SERVER_H
#define PLUTO_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct timer {
	void (*fn)(void *ctx);
	void *ctx;
	uint64_t due;			/* server_now() at which fn runs */
	bool armed;
	void *impl;
};

struct watch;

void server_init(void);
void server_fini(void);
uint64_t server_now(void);		/* milliseconds of a clock that never jumps back */
/* (Re)arm: fn(ctx) once, after delay milliseconds. */
void timer_set(struct timer *t, uint64_t delay, void (*fn)(void *ctx), void *ctx);
void timer_clear(struct timer *t);	/* harmless when not armed; frees what timer_set() took */
uint64_t timer_left(const struct timer *t);	/* milliseconds, 0 when due or not armed */
/* fn(ctx) soon, from the loop, after the present event is done with. */
void server_defer(void (*fn)(void *ctx), void *ctx);
struct watch *server_watch(int fd, void (*fn)(int fd, void *ctx), void *ctx);
struct watch *server_watch_write(int fd, void (*fn)(int fd, void *ctx), void *ctx);
void server_unwatch(struct watch *w);	/* does not close fd */
void server_on_signal(int sig, void (*fn)(int sig, void *ctx), void *ctx);
/* Called when the child pid has ended, with its wait status. */
void server_on_child(int pid, void (*fn)(int status, void *ctx), void *ctx);
int server_run(void);			/* until server_stop(); returns its argument */
void server_stop(int status);

#endif
