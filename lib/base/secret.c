/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Owned bytes that must not be seen.
 *
 * Secrets live in regions of their own, which are left out of core files and, as far as
 * the system's limits allow, out of swap.  A region is cut into blocks of one size; freed
 * blocks are wiped and used again, never given back, so the number of regions follows the
 * largest number of secrets that were alive at a time.  A secret too large for a block has a
 * mapping to itself.
 *
 * Ahead of each secret stands its capacity, behind it a mark: a writer that ran over
 * the end is caught when the secret is freed.  Where the program runs with an address
 * checker, free blocks and the marks are declared out of bounds to it as well.
 *
 * Any thread may allocate and free.
 */
#include "lib/base/secret.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/log.h"

#define REGION		(64 * 1024)	/* octets */
#define MARK		0x5ec7e75ec7e75ec7ULL

struct head {
	size_t cap;			/* octets of the whole block, this head included */
	size_t len;			/* octets of the secret as it was allocated */
};

/* A block that holds no secret. */
struct vacant {
	struct head head;
	struct vacant *next;
};

static const size_t block_size[] = { 64, 128, 256, 512, 1024, 2048, 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vacant *vacant[ARRAY_SIZE(block_size)];

/* Provided by the address checker where there is one. */
void __asan_poison_memory_region(const volatile void *addr, size_t size) __attribute__((weak));
void __asan_unpoison_memory_region(const volatile void *addr, size_t size) __attribute__((weak));

static void out_of_bounds(const void *ptr, size_t len)
{
	if (__asan_poison_memory_region)
		__asan_poison_memory_region(ptr, len);
}

static void in_bounds(const void *ptr, size_t len)
{
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(ptr, len);
}

void secret_wipe(void *ptr, size_t len)
{
	if (len)
		explicit_bzero(ptr, len);
}

static void *map_region(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		log_msg(LOG_LVL_ERROR, "out of memory: no room for %zu octets of keys", size);
		abort();
	}
	/* Both are for the better only: old kernels and small limits refuse them. */
	(void)madvise(p, size, MADV_DONTDUMP);
	(void)mlock(p, size);
	return p;
}

static size_t size_class(size_t need)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(block_size) && block_size[i] < need)
		i++;
	return i;
}

static struct head *block_get(size_t need)
{
	size_t i = size_class(need);
	struct vacant *v;

	if (i == ARRAY_SIZE(block_size)) {
		struct head *h = map_region(need);

		h->cap = need;
		return h;
	}
	pthread_mutex_lock(&lock);
	if (!vacant[i]) {
		uint8_t *region = map_region(REGION);

		for (size_t at = 0; at + block_size[i] <= REGION; at += block_size[i]) {
			v = (struct vacant *)(region + at);
			v->head.cap = block_size[i];
			v->next = vacant[i];
			vacant[i] = v;
			out_of_bounds(v + 1, block_size[i] - sizeof(*v));
		}
	}
	v = vacant[i];
	vacant[i] = v->next;
	pthread_mutex_unlock(&lock);
	in_bounds(v, v->head.cap);
	v->next = NULL;
	return &v->head;
}

static void block_put(struct head *h)
{
	size_t i = size_class(h->cap);
	struct vacant *v = (struct vacant *)h;

	secret_wipe(h + 1, h->cap - sizeof(*h));
	if (i == ARRAY_SIZE(block_size)) {
		munmap(h, h->cap);
		return;
	}
	pthread_mutex_lock(&lock);
	v->next = vacant[i];
	vacant[i] = v;
	out_of_bounds(v + 1, h->cap - sizeof(*v));
	pthread_mutex_unlock(&lock);
}

uint8_t *secret_alloc(struct secret *s, size_t len)
{
	const uint64_t mark = MARK;
	size_t need = sizeof(struct head) + len + sizeof(mark);
	struct head *h;

	assert(len < SIZE_MAX / 2);
	secret_free(s);
	h = block_get(need < sizeof(struct vacant) ? sizeof(struct vacant) : need);
	h->len = len;
	s->ptr = (uint8_t *)(h + 1);
	s->len = len;
	memcpy(s->ptr + len, &mark, sizeof(mark));
	out_of_bounds(s->ptr + len, h->cap - sizeof(*h) - len);
	return s->ptr;
}

/* from may lie in *s itself: a secret may be cut to a part of what it holds. */
void secret_set(struct secret *s, struct span from)
{
	struct secret fresh = { 0 };

	secret_alloc(&fresh, from.len);
	if (from.len)
		memcpy(fresh.ptr, from.ptr, from.len);
	secret_move(s, &fresh);
}

void secret_move(struct secret *to, struct secret *from)
{
	if (to == from)
		return;
	secret_free(to);
	*to = *from;
	*from = (struct secret){ 0 };
}

void secret_free(struct secret *s)
{
	const uint64_t mark = MARK;
	struct head *h;

	if (s->ptr) {
		h = (struct head *)s->ptr - 1;
		in_bounds(h, h->cap);
		/* Programming error: somebody wrote behind the end of a key. */
		assert(memcmp(s->ptr + h->len, &mark, sizeof(mark)) == 0);
		block_put(h);
	}
	*s = (struct secret){ 0 };
}
