/* arena.c -- a list of blocks, each twice the last, bumped from the front.
 *
 * The first block is small (most requests need a few hundred bytes) and later ones
 * grow, so that the number of mallocs stays logarithmic in what is asked.  With its
 * head it is 1,024 bytes: glibc keeps up to 1,032 in a list of the thread, and takes
 * and gives back larger ones five times slower.
 *
 * What nobody has taken of a block of ours is closed (core/poison.h): a read behind what
 * was taken ends a build with AddressSanitizer.  A caller's block may be forgotten
 * without a word, so it stays open. */
#include "core/arena.h"

#include "core/mem.h"
#include "core/poison.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_BLOCK_BYTES = 992, LARGEST_STEP_BYTES = 256 * 1024, ALIGN_BYTES = 16 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    _Alignas(ALIGN_BYTES) char data[];
};

void arena_init(struct arena *a, size_t ceiling_bytes)
{
    *a = (struct arena){.ceiling_bytes = ceiling_bytes};
}

void arena_init_in(struct arena *a, size_t ceiling_bytes, void *first, size_t n)
{
    struct arena_block *b = first;
    *b = (struct arena_block){.size = n - sizeof *b};
    *a = (struct arena){.blocks = b, .given = b, .ceiling_bytes = ceiling_bytes};
}

void arena_allow(struct arena *a, size_t more)
{
    a->ceiling_bytes += more;
}

void arena_reset(struct arena *a)
{
    while (a->blocks && a->blocks != a->given) {
        struct arena_block *b = a->blocks;
        a->blocks = b->next;
        mem_free(b);
    }
    if (a->given)
        a->given->used = 0;
    a->used_bytes = 0;
}

static bool add_block(struct arena *a, size_t size)
{
    struct arena_block *b = mem_alloc(sizeof *b + size);
    if (!b)
        return false;
    *b = (struct arena_block){.next = a->blocks, .size = size};
    memory_close(b->data, size);
    a->blocks = b;
    a->used_bytes += size;
    return true;
}

void arena_rewind(struct arena *a)
{
    struct arena_block *b = a->blocks;
    size_t total = a->used_bytes;
    if (b && b != a->given && b->next == a->given) {
        b->used = 0;
        memory_close(b->data, b->size);
        if (a->given)
            a->given->used = 0;
        return;
    }
    arena_reset(a);
    if (total)
        add_block(a, total); /* without memory it begins small again */
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->blocks, a->blocks ? a->blocks->used : 0, a->used_bytes};
}

void arena_back(struct arena *a, struct arena_mark m)
{
    while (a->blocks != m.block) {
        struct arena_block *b = a->blocks;
        a->blocks = b->next;
        mem_free(b);
    }
    if (a->blocks)
        a->blocks->used = m.used;
    if (a->blocks && a->blocks != a->given)
        memory_close(a->blocks->data + m.used, a->blocks->size - m.used);
    a->used_bytes = m.used_bytes;
}

static bool grow(struct arena *a, size_t need)
{
    bool is_first = !a->blocks || a->blocks == a->given;
    size_t size = is_first ? FIRST_BLOCK_BYTES : a->blocks->size * 2;
    if (size > LARGEST_STEP_BYTES)
        size = LARGEST_STEP_BYTES;
    if (size < need)
        size = need;
    if (size > a->ceiling_bytes - a->used_bytes)
        size = a->ceiling_bytes - a->used_bytes;
    a->is_full |= size < need;
    return size >= need && add_block(a, size);
}

static char *take(struct arena *a, size_t size)
{
    if (UNLIKELY(size > a->ceiling_bytes)) {
        a->is_full = true;
        return NULL;
    }
    size_t need = (size + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
    struct arena_block *b = a->blocks;
    if (!b || b->size - b->used < need) {
        if (!grow(a, need))
            return NULL;
        b = a->blocks;
    }
    char *p = b->data + b->used;
    b->used += need;
    memory_open(p, size);
    return p;
}

void *arena_raw(struct arena *a, size_t size)
{
    return take(a, size);
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *p = take(a, size);
    return p ? memset(p, 0, size) : NULL;
}

struct str arena_strdup(struct arena *a, struct str s)
{
    char *p = take(a, s.n + 1);
    if (!p)
        return (struct str){NULL, 0};
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

struct str arena_join(struct arena *a, const struct str *pieces, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += pieces[i].n;
    char *p = take(a, bytes + 1), *to = p;
    if (!p)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < n; i++)
        if (pieces[i].n)
            to = mempcpy(to, pieces[i].p, pieces[i].n);
    *to = '\0';
    return (struct str){p, bytes};
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        return (struct str){NULL, 0};
    char *p = arena_alloc(a, (size_t)n + 1);
    if (!p)
        return (struct str){NULL, 0};
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (struct str){p, (size_t)n};
}
