/* allowance.c -- see allowance.h. */
#include "mask/allowance.h"

#include "core/mem.h"

#include <stdatomic.h>

struct allowance {
    atomic_uint refs;
    atomic_size_t used, max;
    struct allowance *whole;
};

struct allowance *allowance_create(struct allowance *whole, size_t max_bytes)
{
    struct allowance *b = mem_new(struct allowance);
    if (!b)
        return NULL;
    atomic_init(&b->refs, 1);
    atomic_init(&b->max, max_bytes);
    b->whole = whole ? allowance_retain(whole) : NULL;
    return b;
}

struct allowance *allowance_retain(struct allowance *b)
{
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}

void allowance_release(struct allowance *b)
{
    while (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) {
        struct allowance *whole = b->whole;
        mem_free(b);
        b = whole;
    }
}

static bool take_one(struct allowance *b, size_t bytes)
{
    size_t was = atomic_fetch_add_explicit(&b->used, bytes, memory_order_relaxed);
    if (was + bytes <= atomic_load_explicit(&b->max, memory_order_relaxed))
        return true;
    atomic_fetch_sub_explicit(&b->used, bytes, memory_order_relaxed);
    return false;
}

bool allowance_take(struct allowance *b, size_t bytes)
{
    for (struct allowance *at = b; at; at = at->whole) {
        if (take_one(at, bytes))
            continue;
        for (struct allowance *undo = b; undo != at; undo = undo->whole)
            atomic_fetch_sub_explicit(&undo->used, bytes, memory_order_relaxed);
        return false;
    }
    return true;
}

void allowance_give_back(struct allowance *b, size_t bytes)
{
    for (; b; b = b->whole)
        atomic_fetch_sub_explicit(&b->used, bytes, memory_order_relaxed);
}

void allowance_set_max(struct allowance *b, size_t max_bytes)
{
    atomic_store_explicit(&b->max, max_bytes, memory_order_relaxed);
}

size_t allowance_max(const struct allowance *b)
{
    return atomic_load_explicit(&b->max, memory_order_relaxed);
}

size_t allowance_used(const struct allowance *b)
{
    return atomic_load_explicit(&b->used, memory_order_relaxed);
}
