/* loop.h -- the event loop: readiness, timers, tasks, and the end of a turn.
 *
 * One loop belongs to one thread.  Only loop_post() may be called from another.
 * A turn is: wait, run what is ready, run due timers, run the turn-end hook, free
 * what was closed.  Where so much is ready that one turn would take long, the rest of it
 * comes first in the next.  All callbacks run on the loop's thread, never nested.
 *
 * libuv does the waiting.  It is seen in this folder alone: name look-ups go through
 * upstream/dial.c, which gets libuv by way of this header. */
#ifndef WEIR_LOOP_LOOP_H
#define WEIR_LOOP_LOOP_H

#include "core/err.h"
#include "core/list.h"

#include <uv.h>

struct loop; /* opaque: loop.c */

struct loop *loop_create(struct err *err);
void loop_free(struct loop *l); /* closes what is left; NULL is fine */
void loop_run(struct loop *l);  /* until loop_stop() */
void loop_stop(struct loop *l); /* from the loop's own thread */
uv_loop_t *loop_uv(struct loop *l);
/* The longest turn so far, in microseconds; any thread.  See turn.h. */
uint64_t loop_longest_turn_us(const struct loop *l);
uint64_t loop_now_ms(const struct loop *l); /* monotonic, as of this turn's start */

/* A scratch buffer of LOOP_SCRATCH_BYTES shared by everything on this loop: valid
 * until the callback that asked for it returns.  Every read goes through it, so an
 * idle connection owns no buffer at all. */
enum { LOOP_SCRATCH_BYTES = 64 * 1024 };
char *loop_scratch(struct loop *l);

/* -- readiness ------------------------------------------------------------- */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop_io;
typedef void loop_io_fn(struct loop_io *io, unsigned ready);
struct loop_io {
    uv_poll_t poll;
    loop_io_fn *fn;
    void (*closed)(struct loop_io *io);
    struct link late; /* ready, and not served in the turn that saw it */
    unsigned wanted, ready;
    bool is_open;
};

/* Watches fd (non-blocking); nothing is delivered until loop_io_want().  The caller
 * owns fd and io.  Errors and hang-ups are delivered as ready, so that the next
 * read or write reports them. */
int loop_io_open(struct loop *l, struct loop_io *io, int fd, loop_io_fn *fn,
                 struct err *err);
/* The set of events to be told of.  No system call when it does not change. */
void loop_io_want(struct loop_io *io, unsigned events);
/* Stops watching at once.  `closed` runs at the end of the turn: only then may io's
 * memory go.  The caller closes fd after this call. */
void loop_io_close(struct loop_io *io, void (*closed)(struct loop_io *io));

/* -- timers ---------------------------------------------------------------- */
/* Deadlines that are pushed back on every event must cost nothing: setting a later
 * time only stores it, and the timer is re-filed when its old slot comes up. */
struct loop_timer;
typedef void loop_timer_fn(struct loop_timer *t);
struct loop_timer {
    struct link link;
    uint64_t due_ms;   /* when to fire; 0 = not set */
    uint64_t filed_ms; /* the slot it is filed under; <= due_ms */
    loop_timer_fn *fn;
    struct loop *loop;
};
void loop_timer_init(struct loop *l, struct loop_timer *t, loop_timer_fn *fn);
void loop_timer_at(struct loop_timer *t, uint64_t due_ms); /* sets or moves */
void loop_timer_stop(struct loop_timer *t);                /* idempotent */

/* -- tasks ----------------------------------------------------------------- */
/* The caller owns the task until it has run; a task may be queued once at a time. */
struct loop_task {
    struct loop_task *next;
    void (*fn)(void *arg);
    void *arg;
};
void loop_post(struct loop *l, struct loop_task *task);  /* any thread; wakes the loop */
void loop_defer(struct loop *l, struct loop_task *task); /* end of this turn */
/* Takes a deferred task out again; nothing when it is not queued.  Loop's thread. */
void loop_undefer(struct loop *l, struct loop_task *task);

/* Called at the end of every turn, after deferred tasks, before the loop sleeps. */
void loop_on_turn_end(struct loop *l, void (*fn)(void *arg), void *arg);

#endif
