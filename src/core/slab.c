/* slab.c -- slabs of objects; each object knows its slab by the word before it. */
#include "core/slab.h"

#include "core/mem.h"
#include "core/poison.h"

/* Pages of a slab that were never taken cost nothing. */
enum { ALIGN_BYTES = 16, SLAB_BYTES = 128 * 1024 };

struct slab {
    struct link link; /* in slabs.open, or alone when full */
    size_t nused;
    size_t nfresh; /* never taken yet: their pages are not touched before that */
    struct cell *free;
    _Alignas(ALIGN_BYTES) char cells[];
};

struct cell {
    struct slab *home;
    struct cell *next; /* while it is free */
    _Alignas(ALIGN_BYTES) char object[];
};

_Static_assert(sizeof(struct cell) == 16, "a cell's head is two words");

void slabs_init(struct slabs *s, size_t object_bytes)
{
    size_t cell = (sizeof(struct cell) + object_bytes + ALIGN_BYTES - 1) &
                  ~(size_t)(ALIGN_BYTES - 1);
    *s = (struct slabs){.cell_bytes = cell,
                        .per_slab = (SLAB_BYTES - sizeof(struct slab)) / cell};
    list_init(&s->open);
}

static void slab_free(struct slabs *s, struct slab *b)
{
    list_remove(&b->link);
    memory_open(b->cells, s->cell_bytes * s->per_slab);
    mem_pages_free(b, SLAB_BYTES);
}

void slabs_release(struct slabs *s)
{
    struct link *l = s->open.next;
    while (l != &s->open) {
        struct slab *b = CONTAINER_OF(l, struct slab, link);
        l = l->next;
        if (b->nused == 0)
            slab_free(s, b);
    }
}

static struct slab *slab_make(struct slabs *s)
{
    struct slab *b = mem_pages(SLAB_BYTES);
    if (!b)
        return NULL;
    b->nused = 0;
    b->nfresh = s->per_slab;
    b->free = NULL;
    memory_close(b->cells, s->cell_bytes * s->per_slab);
    list_prepend(&s->open, &b->link);
    return b;
}

static struct cell *take_fresh(const struct slabs *s, struct slab *b)
{
    void *at = b->cells + s->cell_bytes * (s->per_slab - b->nfresh--);
    struct cell *c = at;
    memory_open(c, sizeof *c);
    c->home = b;
    return c;
}

void *slabs_take(struct slabs *s)
{
    struct slab *b =
        list_empty(&s->open) ? slab_make(s) : list_first(&s->open, struct slab, link);
    if (UNLIKELY(!b))
        return NULL;
    struct cell *c = b->free;
    if (c)
        b->free = c->next;
    else
        c = take_fresh(s, b);
    if (++b->nused == s->per_slab)
        list_remove(&b->link);
    memory_open(c->object, s->cell_bytes - sizeof *c);
    return c->object;
}

/* An empty slab goes when another has room: the next burst's first object must not pay
 * for a new one each time. */
void slabs_give(struct slabs *s, void *object)
{
    if (!object)
        return;
    struct cell *c = CONTAINER_OF(object, struct cell, object);
    struct slab *b = c->home;
    memory_close(c->object, s->cell_bytes - sizeof *c);
    c->next = b->free;
    b->free = c;
    if (b->nused-- == s->per_slab)
        list_prepend(&s->open, &b->link);
    bool is_only = s->open.next == &b->link && b->link.next == &s->open;
    if (b->nused == 0 && !is_only)
        slab_free(s, b);
}
