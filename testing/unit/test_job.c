// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Jobs in real threads: results come back in the event loop, once, or not at all.
 *
 * The event loop is a poll() of the one descriptor that job.c watches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/alloc.h"
#include "lib/base/span.h"
#include "pluto/job.h"
#include "pluto/server.h"

/* --- the event loop -------------------------------------------------------------------- */

static struct watch {
	int fd;
	void (*fn)(int fd, void *ctx);
	void *ctx;
} watched;

static void (*deferred[64])(void *ctx);
static unsigned int n_deferred;

struct watch *server_watch(int fd, void (*fn)(int fd, void *ctx), void *ctx)
{
	watched = (struct watch){ fd, fn, ctx };
	return &watched;
}

void server_unwatch(struct watch *w)
{
	w->fn = NULL;
}

void server_defer(void (*fn)(void *ctx), void *ctx)
{
	(void)ctx;
	assert_true(n_deferred < ARRAY_SIZE(deferred));
	deferred[n_deferred++] = fn;
}

/* --- a job ----------------------------------------------------------------------------- */

struct work {
	unsigned int in, out;
	pthread_t by;
	char *owned;
};

static unsigned int wiped, done_calls, sum;
static pthread_t ran_by;

static void run(void *work)
{
	struct work *w = work;

	w->out = w->in * w->in;
	w->by = pthread_self();
}

static void wipe(void *work)
{
	struct work *w = work;

	free(w->owned);
	wiped++;
}

static const struct job_desc square = { "square", sizeof(struct work), run, wipe };

static void done(void *ctx, void *work)
{
	struct work *w = work;

	assert_ptr_equal(ctx, &sum);
	ran_by = w->by;
	sum += w->out;
	done_calls++;
}

static struct job *submit(unsigned int in)
{
	struct work *w = xalloc(sizeof(*w));

	w->in = in;
	w->owned = xstrdup("something");
	return job_submit(&square, w, done, &sum);
}

static void pump(unsigned int until)
{
	struct pollfd p = { .fd = watched.fd, .events = POLLIN };

	while (wiped < until) {
		assert_int_equal(poll(&p, 1, 10000), 1);
		watched.fn(watched.fd, watched.ctx);
	}
}

static int reset(void **state)
{
	(void)state;
	wiped = done_calls = sum = n_deferred = 0;
	return 0;
}

static int fini(void **state)
{
	(void)state;
	job_fini();
	return 0;
}

static void results_of_threads_arrive_in_the_loop(void **state)
{
	(void)state;
	job_threads(2);
	for (unsigned int i = 1; i <= 10; i++)
		submit(i);
	assert_int_equal(done_calls, 0);
	pump(10);
	assert_int_equal(done_calls, 10);
	assert_int_equal(sum, 385);
	assert_false(pthread_equal(ran_by, pthread_self()));
}

static void cancelled_jobs_are_wiped_and_not_reported(void **state)
{
	(void)state;
	job_threads(2);
	for (unsigned int i = 1; i <= 10; i++) {
		struct job *j = submit(i);

		if (i % 2)
			job_cancel(j);
	}
	job_cancel(NULL);
	pump(10);
	assert_int_equal(done_calls, 5);
	assert_int_equal(sum, 220);
}

static void what_is_left_at_the_end_is_wiped(void **state)
{
	(void)state;
	job_threads(1);
	for (unsigned int i = 1; i <= 50; i++)
		submit(i);
	job_fini();
	assert_int_equal(wiped, 50);
	assert_int_equal(done_calls, 0);
}

static void without_threads_jobs_run_in_the_loop_and_in_order(void **state)
{
	(void)state;
	job_threads(0);
	for (unsigned int i = 1; i <= 3; i++)
		submit(i);
	assert_int_equal(done_calls, 0);
	assert_int_equal(n_deferred, 3);
	for (unsigned int i = 0; i < 3; i++) {
		deferred[i](NULL);
		assert_int_equal(done_calls, i + 1);
	}
	assert_int_equal(sum, 14);
	assert_true(pthread_equal(ran_by, pthread_self()));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(results_of_threads_arrive_in_the_loop, reset, fini),
		cmocka_unit_test_setup_teardown(cancelled_jobs_are_wiped_and_not_reported, reset,
						fini),
		cmocka_unit_test_setup_teardown(what_is_left_at_the_end_is_wiped, reset, fini),
		cmocka_unit_test_setup_teardown(without_threads_jobs_run_in_the_loop_and_in_order,
						reset, fini),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
