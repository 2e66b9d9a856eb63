/* list.h -- an intrusive doubly linked ring; the head is a link like any other.
 *
 * A link that is in no list points to itself, so list_remove() may be called
 * twice.  Nothing is allocated and nothing is owned. */
#ifndef WEIR_CORE_LIST_H
#define WEIR_CORE_LIST_H

#include "core/compiler.h"

struct link {
    struct link *prev, *next;
};

static inline void list_init(struct link *l)
{
    l->prev = l->next = l;
}

static inline bool list_empty(const struct link *head)
{
    return head->next == head;
}

static inline void list_append(struct link *head, struct link *l)
{
    l->prev = head->prev;
    l->next = head;
    head->prev->next = l;
    head->prev = l;
}

static inline void list_prepend(struct link *head, struct link *l)
{
    list_append(head->next, l);
}

static inline void list_remove(struct link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    list_init(l);
}

/* The struct T holding link member m, for the first of a list that is not empty. */
#define list_first(head, T, m) CONTAINER_OF((head)->next, T, m)

#endif
