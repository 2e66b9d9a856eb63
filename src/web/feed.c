/* feed.c -- see feed.h. */
#include "web/feed.h"

#include "core/mem.h"

#include <pthread.h>
#include <stdatomic.h>

enum { WATCHED_MS = 60 * 1000 };

struct line {
    uint64_t uid;
    char *p; /* owned; NULL: lost for want of memory */
    size_t n;
};

struct feed {
    pthread_mutex_t mutex;        /* of lines and what is below */
    struct line lines[FEED_ROWS]; /* line k stands at k % FEED_ROWS, from 1 */
    uint64_t first, put;          /* the oldest that is kept; behind the newest */
    uint64_t put_uid, newest_uid; /* of the newest row, put and published; 0: none yet */
    atomic_uint_fast64_t end;     /* what is published: up to here */
    atomic_uint_fast64_t watched_ms; /* 0: never */
};

struct feed *feed_create(void)
{
    struct feed *f = mem_new(struct feed);
    if (!f)
        return NULL;
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

void feed_put(struct feed *f, uint64_t uid, struct str line)
{
    char *copy = line.n && line.n <= FEED_ROW_BYTES ? mem_alloc(line.n) : NULL;
    if (copy)
        memcpy(copy, line.p, line.n);
    pthread_mutex_lock(&f->mutex);
    struct line *l = &f->lines[f->put % FEED_ROWS];
    char *old = l->p;
    *l = (struct line){uid, copy, copy ? line.n : 0};
    f->put++;
    f->put_uid = uid;
    if (f->put > f->first + FEED_ROWS)
        f->first = f->put - FEED_ROWS;
    pthread_mutex_unlock(&f->mutex);
    mem_free(old);
}

void feed_lapse(struct feed *f, uint64_t uid)
{
    pthread_mutex_lock(&f->mutex);
    for (; f->first < f->put; f->first++) {
        struct line *l = &f->lines[f->first % FEED_ROWS];
        mem_free(l->p);
        *l = (struct line){0};
    }
    f->put_uid = uid;
    pthread_mutex_unlock(&f->mutex);
}

void feed_publish(struct feed *f)
{
    pthread_mutex_lock(&f->mutex);
    f->newest_uid = f->put_uid;
    atomic_store(&f->end, f->put);
    pthread_mutex_unlock(&f->mutex);
}

uint64_t feed_end(const struct feed *f)
{
    return atomic_load_explicit(&f->end, memory_order_acquire);
}

uint64_t feed_find(struct feed *f, uint64_t uid)
{
    uint64_t found = 0;
    pthread_mutex_lock(&f->mutex);
    uint64_t end = atomic_load(&f->end);
    for (uint64_t at = end; at-- > f->first && !found;)
        if (f->lines[at % FEED_ROWS].uid == uid)
            found = at + 1;
    if (!found && uid && uid == f->newest_uid)
        found = end;
    pthread_mutex_unlock(&f->mutex);
    return found;
}

uint64_t feed_take(struct feed *f, uint64_t at, struct buf *out, uint64_t *ret_uid,
                   bool *ret_gap)
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
        *ret_uid = l->uid;
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
