/* feed.c -- see feed.h. */
#include "web/feed.h"

#include "core/hash.h"
#include "core/mem.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { WATCHED_MS = 60 * 1000 };

struct line {
    char *p; /* owned; NULL: lost for want of memory, or of somebody who watches */
    size_t n;
};

struct feed {
    uint64_t born;                   /* random: in the names of its places */
    pthread_mutex_t mutex;           /* of lines and what is below */
    struct line lines[FEED_ROWS];    /* line k stands at k % FEED_ROWS, from 1 */
    uint64_t first, put;             /* the oldest that is kept; behind the newest */
    atomic_uint_fast64_t end;        /* what is published: up to here */
    atomic_uint_fast64_t watched_ms; /* 0: never */
};

struct feed *feed_create(void)
{
    struct feed *f = mem_new(struct feed);
    if (!f || !random_bytes(&f->born, sizeof f->born)) {
        mem_free(f);
        return NULL;
    }
    pthread_mutex_init(&f->mutex, NULL);
    f->first = f->put = 1;
    atomic_store(&f->end, 1);
    return f;
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < FEED_ROWS; i++)
        mem_free(f->lines[i].p);
    pthread_mutex_destroy(&f->mutex);
    mem_free(f);
}

void feed_touch(struct feed *f, uint64_t now_ms)
{
    atomic_store_explicit(&f->watched_ms, now_ms ? now_ms : 1, memory_order_relaxed);
}

bool feed_is_watched(const struct feed *f, uint64_t now_ms)
{
    uint64_t at = atomic_load_explicit(&f->watched_ms, memory_order_relaxed);
    return at && now_ms < at + WATCHED_MS;
}

void feed_put(struct feed *f, struct str line)
{
    char *copy = line.n && line.n <= FEED_ROW_BYTES ? mem_alloc(line.n) : NULL;
    if (copy)
        memcpy(copy, line.p, line.n);
    pthread_mutex_lock(&f->mutex);
    struct line *l = &f->lines[f->put % FEED_ROWS];
    char *old = l->p;
    *l = (struct line){copy, copy ? line.n : 0};
    f->put++;
    if (f->put > f->first + FEED_ROWS)
        f->first = f->put - FEED_ROWS;
    pthread_mutex_unlock(&f->mutex);
    mem_free(old);
}

void feed_lapse(struct feed *f)
{
    pthread_mutex_lock(&f->mutex);
    for (; f->first < f->put; f->first++) {
        struct line *l = &f->lines[f->first % FEED_ROWS];
        mem_free(l->p);
        *l = (struct line){0};
    }
    pthread_mutex_unlock(&f->mutex);
    feed_put(f, STR(""));
}

void feed_publish(struct feed *f)
{
    pthread_mutex_lock(&f->mutex);
    atomic_store(&f->end, f->put);
    pthread_mutex_unlock(&f->mutex);
}

uint64_t feed_end(const struct feed *f)
{
    return atomic_load_explicit(&f->end, memory_order_acquire);
}

void feed_name(const struct feed *f, uint64_t at, char out[FEED_NAME])
{
    snprintf(out, FEED_NAME, "%016" PRIx64 "-%" PRIu64, f->born, at);
}

uint64_t feed_find(struct feed *f, struct str name)
{
    char own[FEED_NAME];
    struct str rest = name, born;
    uint64_t at = 0;
    if (!str_split(&rest, '-', &born) || !str_to_u64(rest, &at))
        return 0;
    feed_name(f, at, own);
    pthread_mutex_lock(&f->mutex);
    bool is_there = at >= f->first && at <= atomic_load(&f->end);
    pthread_mutex_unlock(&f->mutex);
    return is_there && str_eqz(name, own) ? at : 0;
}

uint64_t feed_take(struct feed *f, uint64_t at, struct buf *out, bool *ret_gap)
{
    bool is_first = true;
    pthread_mutex_lock(&f->mutex);
    uint64_t end = atomic_load(&f->end);
    *ret_gap = at < f->first || at + FEED_AT_ONCE < end;
    if (at + FEED_AT_ONCE < end)
        at = end - FEED_AT_ONCE; /* the newest are the ones to see */
    if (at < f->first)
        at = f->first;
    for (; at < end; at++) {
        const struct line *l = &f->lines[at % FEED_ROWS];
        if (buf_len(out) + l->n + 1 > FEED_BYTES_AT_ONCE)
            break;
        *ret_gap |= !l->p;
        if (!l->p)
            continue;
        if (!is_first)
            buf_byte(out, ',');
        is_first = false;
        buf_append(out, (struct str){l->p, l->n});
    }
    pthread_mutex_unlock(&f->mutex);
    return at;
}
