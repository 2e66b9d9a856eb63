/* budget.c -- see budget.h. */
#include "guard/budget.h"

#include "core/mem.h"

#include <stdatomic.h>

struct budget {
    atomic_uint refs;
    atomic_size_t used, max;
    struct budget *whole;
};

struct budget *budget_create(struct budget *whole, size_t max_bytes)
{
    struct budget *b = mem_new(struct budget);
    if (!b)
        return NULL;
    atomic_init(&b->refs, 1);
    atomic_init(&b->max, max_bytes);
    b->whole = whole ? budget_retain(whole) : NULL;
    return b;
}

struct budget *budget_retain(struct budget *b)
{
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void budget_release(struct budget *b)
{
    while (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) {
        struct budget *whole = b->whole;
        mem_free(b);
        b = whole;
    }
}

static bool take_one(struct budget *b, size_t bytes)
{
    size_t was = atomic_fetch_add_explicit(&b->used, bytes, memory_order_relaxed);
    if (was + bytes <= atomic_load_explicit(&b->max, memory_order_relaxed))
        return true;
    atomic_fetch_sub_explicit(&b->used, bytes, memory_order_relaxed);
    return false;
}

bool budget_take(struct budget *b, size_t bytes)
{
    for (struct budget *at = b; at; at = at->whole) {
        if (take_one(at, bytes))
            continue;
        for (struct budget *undo = b; undo != at; undo = undo->whole)
            atomic_fetch_sub_explicit(&undo->used, bytes, memory_order_relaxed);
        return false;
    }
    return true;
}

void budget_give_back(struct budget *b, size_t bytes)
{
    for (; b; b = b->whole)
        atomic_fetch_sub_explicit(&b->used, bytes, memory_order_relaxed);
}

void budget_set_max(struct budget *b, size_t max_bytes)
{
    atomic_store_explicit(&b->max, max_bytes, memory_order_relaxed);
}

size_t budget_max(const struct budget *b)
{
    return atomic_load_explicit(&b->max, memory_order_relaxed);
}

size_t budget_used(const struct budget *b)
{
    return atomic_load_explicit(&b->used, memory_order_relaxed);
}
