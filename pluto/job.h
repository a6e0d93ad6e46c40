/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only door to slow cryptography: Diffie-Hellman and RSA run beside the event loop.
 */
#ifndef PLUTO_JOB_H
#define PLUTO_JOB_H

#include <stddef.h>

struct job;

struct job_desc {
	const char *name;
	size_t size;			/* of its work area */
	void (*run)(void *work);	/* in any thread: touches nothing but work */
	void (*wipe)(void *work);	/* frees what work owns; in the event loop */
};

/*
 * Run d->run(work) in a worker, then done(ctx, work) in the event loop, then wipe and free
 * work.  work came from xalloc(d->size) and belongs to the job from here on.  done is
 * never called before job_submit() has returned.
 */
struct job *job_submit(const struct job_desc *d, void *work, void (*done)(void *ctx, void *work),
		       void *ctx);
/* Nobody wants the result any more: done will not be called.  NULL is fine. */
void job_cancel(struct job *j);
/* How many threads; 0: jobs run in the event loop, one after the other (tests).  Before any job. */
void job_threads(unsigned int n);
/* Waits for what is running, throws away what is not.  At exit. */
void job_fini(void);

#endif
