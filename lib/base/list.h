/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doubly linked lists whose links are members of what they hold.
 *
 *	struct list head;  list_init(&head);
 *	list_add(&head, &c->link);		at the end
 *	LIST_EACH(c, &head, struct connection, link) ...
 *	LIST_EACH_SAFE(c, tmp, ...) when c may be removed and freed in the body
 */
#ifndef LIB_BASE_LIST_H
#define LIB_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

/* Put link before at: with the head of a list, at its end. */
static inline void list_add(struct list *at, struct list *link)
{
	link->prev = at->prev;
	link->next = at;
	at->prev->next = link;
	at->prev = link;
}

/* Take link out of whatever list it is in; it may be removed again, or added elsewhere. */
static inline void list_del(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

#define LIST_FIRST(head, type, member) \
	(list_empty(head) ? NULL : container_of((head)->next, type, member))

#define LIST_EACH(pos, head, type, member) \
	for (pos = container_of((head)->next, type, member); \
	     &pos->member != (head); \
	     pos = container_of(pos->member.next, type, member))

#define LIST_EACH_SAFE(pos, tmp, head, type, member) \
	for (pos = container_of((head)->next, type, member), \
	     tmp = container_of(pos->member.next, type, member); \
	     &pos->member != (head); \
	     pos = tmp, tmp = container_of(tmp->member.next, type, member))

#endif
