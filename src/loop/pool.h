/* pool.h -- a few threads for work too long for a loop.
 *
 *     work: fn(work) runs on one of the pool's threads, then done(work) on the loop
 *           that handed it in; the caller owns it from pool_submit() to done(), or to a
 *           pool_cancel() that was in time.
 *
 * First in, first out, but fair: a thread that is free takes the first work of an owner
 * that has no thread yet, if there is one.  Long work asks pool_step_aside() now and
 * then: while one owner has all threads, another's work is done in between; and so is
 * what is much smaller.  So neither waits longer than from one question to the next.
 *
 * The threads run at a lower priority than loops where the system has such a thing, so
 * that relaying goes before.  libuv's own pool is not used: name look-ups share it, and
 * must not wait behind this. */
#ifndef WEIR_LOOP_POOL_H
#define WEIR_LOOP_POOL_H

#include "loop/loop.h"

struct pool;

struct work {
    struct link link;
    void (*fn)(struct work *w);
    void (*done)(struct work *w);
    uint64_t owner; /* whose work it is: one number for each owner */
    uint64_t bytes; /* how much there is to do */
    struct loop *loop;
    struct loop_task task;
};

struct pool *pool_create(unsigned nthreads, struct err *err);
/* Waits for the work under way; none may be handed in any more, and none may still be
 * waiting, so its loops must have seen every done().  NULL is fine. */
void pool_free(struct pool *p);

/* From the loop's own thread; w->fn and w->done are set. */
void pool_submit(struct pool *p, struct loop *l, struct work *w);
/* True: no thread has begun it, and none will; done() is not called.  From the loop's
 * own thread, for work whose done() has not run. */
bool pool_cancel(struct pool *p, struct work *w);
/* From inside fn(), between two steps of it: runs other work that should not wait
 * until this work is done. */
void pool_step_aside(struct pool *p, const struct work *mine);

#endif
