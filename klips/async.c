// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fault switch async_crypto: all crypto as if in hardware.
 *
 * On most machines no cipher ever finishes later, and the code for it would rot unseen.
 * With the switch on, a request that is done at once completes from a work queue, in
 * another context and perhaps on another CPU.
 */
#include <linux/module.h>

#include "klips/async.h"
#include "klips/compat.h"
#include "klips/klips.h"

static bool async_crypto;
module_param(async_crypto, bool, 0600);
MODULE_PARM_DESC(async_crypto, "let all ciphers finish later, from a work queue (for tests)");

static void finish(struct work_struct *work)
{
	struct klips_async *async = container_of(work, struct klips_async, work);

	local_bh_disable();
	klips_crypto_complete(async->req, async->err);
	local_bh_enable();
}

int klips_async_result(struct klips_async *async, struct crypto_async_request *req, int err)
{
	if (likely(!READ_ONCE(async_crypto)) || err == -EINPROGRESS)
		return err;
	async->req = req;
	async->err = err;
	INIT_WORK(&async->work, finish);
	queue_work(klips_wq, &async->work);
	return -EINPROGRESS;
}
