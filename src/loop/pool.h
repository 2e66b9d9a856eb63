/* pool.h -- a few threads for work too long for a loop.
 *
 *     work: fn(work) runs on one of the pool's threads, then done(work) on the loop
 *           that handed it in; the caller owns it from work_submit() to done().
 *
 * First in, first out.  The threads run at a lower priority than loops where the
 * system has such a thing, so that relaying goes before.  libuv's own pool is not used:
 * name look-ups share it, and must not wait behind this. */
#ifndef WEIR_LOOP_POOL_H
#define WEIR_LOOP_POOL_H

#include "loop/loop.h"

struct pool;

struct work {
    struct link link;
    void (*fn)(struct work *w);
    void (*done)(struct work *w);
    struct loop *loop;
    struct loop_task task;
};

struct pool *pool_create(unsigned nthreads, struct err *err);
/* Waits for the work under way; none may be handed in any more, and none may still be
 * waiting, so its loops must have seen every done().  NULL is fine. */
void pool_free(struct pool *p);

/* From the loop's own thread; w->fn and w->done are set. */
void pool_submit(struct pool *p, struct loop *l, struct work *w);

#endif
