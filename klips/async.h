/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: crypto requests that finish later although they were done at once.
 */
#ifndef KLIPS_ASYNC_H
#define KLIPS_ASYNC_H

#include <linux/crypto.h>
#include <linux/workqueue.h>

/* Room for that in the memory of a request. */
struct klips_async {
	struct work_struct work;
	struct crypto_async_request *req;
	int err;
};

/* What the crypto API has returned for req, or -EINPROGRESS: then req's callback comes. */
int klips_async_result(struct klips_async *async, struct crypto_async_request *req, int err);

#endif
