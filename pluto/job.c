// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Worker threads for slow cryptography.
 *
 *	event loop				worker
 *	job_submit -> todo ...................> run
 *	collect <- eventfd <- finished <........'
 *	`-> done(ctx, work), unless cancelled
 *
 * A flood of offers for large groups must not keep the event loop from answering
 * honest peers, so its DH waits in the queue here.  A job has copies of its inputs
 * and knows nothing of exchanges; whoever dies while a job of his is under way cancels
 * it, and the result is wiped when it comes.  Workers never log, allocate only inside
 * libcrypto's calls, and touch nothing but their work area.
 *
 * Threads start with the first job, block all signals, and serve every Pluto of the process.
 */
#include "pluto/job.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/alloc.h"
#include "lib/base/list.h"
#include "lib/base/log.h"
#include "pluto/server.h"

#define THREADS_MAX 8

struct job {
	struct list link;		/* in todo or finished; in none while it runs */
	const struct job_desc *desc;
	void *work;
	void (*done)(void *ctx, void *work);	/* NULL: cancelled; event loop only */
	void *ctx;
};

static struct {
	unsigned int wanted, running;
	pthread_t thread[THREADS_MAX];
	pthread_mutex_t lock;		/* guards what follows */
	pthread_cond_t work_to_do;
	struct list todo, finished;
	bool stop;
	int fd;				/* readable when something has finished */
	struct watch *watch;
} pool = {
	.wanted = 2, .lock = PTHREAD_MUTEX_INITIALIZER, .work_to_do = PTHREAD_COND_INITIALIZER,
	.todo = LIST_INIT(pool.todo), .finished = LIST_INIT(pool.finished), .fd = -1,
};

static void job_free(struct job *j)
{
	j->desc->wipe(j->work);
	free(j->work);
	free(j);
}

/* In the event loop: hand over one result. */
static void deliver(struct job *j)
{
	if (j->done)
		j->done(j->ctx, j->work);
	job_free(j);
}

static void *worker(void *arg)
{
	uint64_t one = 1;
	struct job *j;

	(void)arg;
	pthread_mutex_lock(&pool.lock);
	for (;;) {
		while (list_empty(&pool.todo) && !pool.stop)
			pthread_cond_wait(&pool.work_to_do, &pool.lock);
		if (pool.stop)
			break;
		j = LIST_FIRST(&pool.todo, struct job, link);
		list_del(&j->link);
		pthread_mutex_unlock(&pool.lock);
		j->desc->run(j->work);
		pthread_mutex_lock(&pool.lock);
		list_add(&pool.finished, &j->link);
		/* A full counter means that the loop has been woken often enough. */
		if (write(pool.fd, &one, sizeof(one)) < 0)
			continue;
	}
	pthread_mutex_unlock(&pool.lock);
	return NULL;
}

static void collect(int fd, void *ctx)
{
	struct job *j;
	uint64_t n;

	(void)ctx;
	if (read(fd, &n, sizeof(n)) < 0)
		return;
	for (;;) {
		pthread_mutex_lock(&pool.lock);
		j = LIST_FIRST(&pool.finished, struct job, link);
		if (j)
			list_del(&j->link);
		pthread_mutex_unlock(&pool.lock);
		if (!j)
			return;
		deliver(j);
	}
}

/* Without threads: the first of the queue, from the loop. */
static void run_one(void *ctx)
{
	struct job *j = LIST_FIRST(&pool.todo, struct job, link);

	(void)ctx;
	if (!j)
		return;
	list_del(&j->link);
	if (j->done)
		j->desc->run(j->work);
	deliver(j);
}

static void start_threads(void)
{
	sigset_t all, before;

	pool.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool.fd < 0) {
		log_msg(LOG_LVL_ERROR, "no eventfd for worker threads: cryptography will "
			"run in the event loop");
		pool.wanted = 0;
		return;
	}
	pool.watch = server_watch(pool.fd, collect, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (pool.running < pool.wanted &&
	       !pthread_create(&pool.thread[pool.running], NULL, worker, NULL))
		pool.running++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!pool.running)
		pool.wanted = 0;
}

struct job *job_submit(const struct job_desc *d, void *work, void (*done)(void *ctx, void *work),
		       void *ctx)
{
	struct job *j = xalloc(sizeof(*j));

	*j = (struct job){ .desc = d, .work = work, .done = done, .ctx = ctx };
	if (pool.wanted && !pool.running)
		start_threads();
	pthread_mutex_lock(&pool.lock);
	list_add(&pool.todo, &j->link);
	pthread_cond_signal(&pool.work_to_do);
	pthread_mutex_unlock(&pool.lock);
	if (!pool.running)
		server_defer(run_one, NULL);
	dbg(DBG_CRYPT, "job %s submitted", d->name);
	return j;
}

void job_cancel(struct job *j)
{
	if (j)
		j->done = NULL;
}

void job_threads(unsigned int n)
{
	assert(!pool.running);
	pool.wanted = n < THREADS_MAX ? n : THREADS_MAX;
}

static void drop_all(struct list *l)
{
	struct job *j, *tmp;

	LIST_EACH_SAFE(j, tmp, l, struct job, link) {
		list_del(&j->link);
		job_free(j);
	}
}

void job_fini(void)
{
	pthread_mutex_lock(&pool.lock);
	pool.stop = true;
	pthread_cond_broadcast(&pool.work_to_do);
	pthread_mutex_unlock(&pool.lock);
	while (pool.running)
		pthread_join(pool.thread[--pool.running], NULL);
	pool.stop = false;
	drop_all(&pool.todo);
	drop_all(&pool.finished);
	if (pool.watch)
		server_unwatch(pool.watch);
	pool.watch = NULL;
	if (pool.fd >= 0)
		close(pool.fd);
	pool.fd = -1;
}
