/* loop.c -- one turn of the loop, on top of libuv.
 *
 * Facts that shape it.  libuv runs, in this order: its timers, prepare, the wait and
 * what is ready, check, close callbacks.  So the end of a turn is a check handle: our
 * timers, tasks and hook run there, and memory is given back after them, never
 * before.  Changing what uv_poll watches costs two system calls (libuv leaves and
 * re-enters the epoll set), so interest is left alone whenever it can be.  After
 * EPOLLERR libuv stops the handle by itself; loop_io_want() starts it again.
 *
 * What is ready is told by libuv again in each turn, and in the same order, until it is
 * served: so what a turn had no time for stands in a line of our own, or those in front
 * would always come first.
 *
 * One uv_timer only bounds the sleep; which timers are due is decided by core/clock.h,
 * so that a test's clock rules.  The wheel is in wheel.c. */
#include "loop/loop.h"

#include "core/clock.h"
#include "core/mem.h"
#include "loop/turn.h"
#include "loop/wheel.h"

#include <stdatomic.h>

enum { VIRTUAL_TICK_MS = 1, DRAIN_ROUNDS = 100 };

struct loop {
    uv_loop_t uv;
    uv_prepare_t before_wait;
    uv_check_t after_wait;
    uv_idle_t no_wait; /* active while something is left for the next turn */
    uv_async_t wake;
    uv_timer_t alarm;
    uint64_t alarm_ms; /* the slot `alarm` is set for; 0 when it is not */
    uint64_t now_ms;
    bool is_now_stale; /* asleep since now_ms was read */
    bool is_virtual;
    _Atomic(struct loop_task *) posted; /* newest first */
    struct loop_task *tasks, **tasks_end;
    size_t ntasks;
    struct link late; /* of loop_io: first in the next turn */
    void (*turn_end)(void *arg);
    void *turn_end_arg;
    struct wheel wheel;
    struct turn turn;
    char scratch[LOOP_SCRATCH_BYTES];
};

uv_loop_t *loop_uv(struct loop *l)
{
    return &l->uv;
}

char *loop_scratch(struct loop *l)
{
    return l->scratch;
}

uint64_t loop_now_ms(const struct loop *l)
{
    return l->is_now_stale ? clock_mono_ms() : l->now_ms;
}

static void serve_late(struct loop *l);

/* The first callback after the wait begins the turn. */
static inline void begin_turn(struct loop *l)
{
    if (!l->is_now_stale)
        return;
    uint64_t us = clock_mono_us();
    l->now_ms = us / 1000;
    l->is_now_stale = false;
    turn_begin(&l->turn, UNLIKELY(l->is_virtual) ? turn_real_us() : us);
    if (UNLIKELY(!list_empty(&l->late)))
        serve_late(l);
}

/* -- the turn --------------------------------------------------------------- */

static void collect_posted(struct loop *l)
{
    struct loop_task *t = NULL;
    if (atomic_load_explicit(&l->posted, memory_order_relaxed))
        t = atomic_exchange_explicit(&l->posted, NULL, memory_order_acquire);
    struct loop_task *oldest_first = NULL;
    while (t) {
        struct loop_task *next = t->next;
        t->next = oldest_first;
        oldest_first = t;
        t = next;
    }
    while (oldest_first) {
        struct loop_task *next = oldest_first->next;
        loop_defer(l, oldest_first);
        oldest_first = next;
    }
}

/* Tasks queued by these tasks wait for the next turn: I/O is never starved. */
static void run_tasks(struct loop *l)
{
    for (size_t n = l->ntasks; n && l->tasks; n--) {
        struct loop_task *t = l->tasks;
        l->tasks = t->next;
        if (!l->tasks)
            l->tasks_end = &l->tasks;
        l->ntasks--;
        t->fn(t->arg);
    }
}

static void run_timers(struct loop *l)
{
    struct link due;
    list_init(&due);
    wheel_advance(&l->wheel, l->now_ms, &due);
    while (!list_empty(&due)) {
        struct loop_timer *t = list_first(&due, struct loop_timer, link);
        list_remove(&t->link);
        if (t->due_ms > l->now_ms) { /* pushed back by a callback before it */
            wheel_add(&l->wheel, t);
            continue;
        }
        t->due_ms = 0;
        t->fn(t);
    }
}

static void on_after_wait(uv_check_t *h)
{
    struct loop *l = h->data;
    begin_turn(l);
    run_timers(l);
    collect_posted(l);
    run_tasks(l);
    if (l->turn_end)
        l->turn_end(l->turn_end_arg);
}

static void on_alarm(uv_timer_t *h)
{
    struct loop *l = h->data;
    l->alarm_ms = 0;
}

static void set_alarm(struct loop *l)
{
    uint64_t next = wheel_next_ms(&l->wheel);
    if (l->is_virtual || next == l->alarm_ms)
        return;
    if (next == UINT64_MAX) {
        uv_timer_stop(&l->alarm);
        l->alarm_ms = 0;
        return;
    }
    uint64_t now = clock_mono_ms();
    /* libuv adds the delay to its own idea of now and subtracts it again for the
     * wait, so the delay alone counts. */
    uv_timer_start(&l->alarm, on_alarm, next > now ? next - now : 0, 0);
    l->alarm_ms = next;
}

static void stay_awake(uv_idle_t *h)
{
    (void)h;
}

static void on_before_wait(uv_prepare_t *h)
{
    struct loop *l = h->data;
    if (l->tasks || !list_empty(&l->late) ||
        (l->is_virtual && !list_empty(&l->wheel.due)))
        uv_idle_start(&l->no_wait, stay_awake);
    else
        uv_idle_stop(&l->no_wait);
    set_alarm(l);
    if (!l->is_now_stale)
        turn_end(&l->turn, turn_real_us());
    l->is_now_stale = true;
}

static void on_wake(uv_async_t *h)
{
    (void)h; /* only ends the wait: posted tasks run at the end of the turn */
}

/* -- life ------------------------------------------------------------------- */

static int start_handles(struct loop *l)
{
    int rc = uv_async_init(&l->uv, &l->wake, on_wake);
    if (rc < 0)
        return rc;
    uv_prepare_init(&l->uv, &l->before_wait);
    uv_check_init(&l->uv, &l->after_wait);
    uv_idle_init(&l->uv, &l->no_wait);
    uv_timer_init(&l->uv, &l->alarm);
    l->before_wait.data = l->after_wait.data = l->alarm.data = l;
    uv_prepare_start(&l->before_wait, on_before_wait);
    uv_check_start(&l->after_wait, on_after_wait);
    if (l->is_virtual)
        uv_timer_start(&l->alarm, on_alarm, VIRTUAL_TICK_MS, VIRTUAL_TICK_MS);
    return 0;
}

struct loop *loop_create(struct err *err)
{
    struct loop *l = mem_new(struct loop);
    if (!l) {
        err_nomem(err);
        return NULL;
    }
    int rc = uv_loop_init(&l->uv);
    if (rc < 0) {
        mem_free(l);
        err_set(err, ERR_INTERNAL, "loop", "cannot make an event loop: %s",
                uv_strerror(rc));
        return NULL;
    }
    l->uv.data = l;
    l->tasks_end = &l->tasks;
    list_init(&l->late);
    l->is_virtual = clock_is_virtual();
    l->now_ms = clock_mono_ms();
    wheel_init(&l->wheel, l->now_ms);
    turn_init(&l->turn, !l->is_virtual);
    rc = start_handles(l);
    if (rc < 0) {
        uv_loop_close(&l->uv);
        mem_free(l);
        err_set(err, ERR_INTERNAL, "loop", "cannot make an event loop: %s",
                uv_strerror(rc));
        return NULL;
    }
    return l;
}

static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

/* Runs what tasks are left, so that their owners' memory is given back. */
static void drain_tasks(struct loop *l)
{
    for (int round = 0; round < DRAIN_ROUNDS; round++) {
        collect_posted(l);
        if (!l->tasks)
            return;
        run_tasks(l);
    }
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    l->turn_end = NULL;
    while (!list_empty(&l->late)) /* nobody is told of anything any more */
        list_remove(l->late.next);
    do {
        drain_tasks(l);
        uv_walk(&l->uv, close_handle, NULL);
        uv_run(&l->uv, UV_RUN_DEFAULT); /* close callbacks, look-ups under way */
    } while (l->tasks || uv_loop_alive(&l->uv));
    uv_loop_close(&l->uv);
    turn_release(&l->turn);
    mem_free(l);
}

uint64_t loop_longest_turn_us(const struct loop *l)
{
    return atomic_load_explicit(&l->turn.longest_us, memory_order_relaxed);
}

void loop_run(struct loop *l)
{
    uv_run(&l->uv, UV_RUN_DEFAULT);
    if (!l->is_now_stale) /* stopped in the middle of a turn, which ends with it */
        turn_end(&l->turn, turn_real_us());
    l->is_now_stale = true;
}

void loop_stop(struct loop *l)
{
    uv_stop(&l->uv);
}

void loop_on_turn_end(struct loop *l, void (*fn)(void *arg), void *arg)
{
    l->turn_end = fn;
    l->turn_end_arg = arg;
}

/* -- tasks ------------------------------------------------------------------ */

void loop_defer(struct loop *l, struct loop_task *task)
{
    task->next = NULL;
    *l->tasks_end = task;
    l->tasks_end = &task->next;
    l->ntasks++;
}

void loop_undefer(struct loop *l, struct loop_task *task)
{
    for (struct loop_task **p = &l->tasks; *p; p = &(*p)->next) {
        if (*p != task)
            continue;
        *p = task->next;
        if (!*p)
            l->tasks_end = p;
        l->ntasks--;
        return;
    }
}

void loop_post(struct loop *l, struct loop_task *task)
{
    struct loop_task *head = atomic_load_explicit(&l->posted, memory_order_relaxed);
    do
        task->next = head;
    while (!atomic_compare_exchange_weak_explicit(
        &l->posted, &head, task, memory_order_release, memory_order_relaxed));
    if (!head) /* whoever found it empty wakes the loop for all */
        uv_async_send(&l->wake);
}

/* -- timers ----------------------------------------------------------------- */

void loop_timer_init(struct loop *l, struct loop_timer *t, loop_timer_fn *fn)
{
    *t = (struct loop_timer){.loop = l, .fn = fn};
    list_init(&t->link);
}

void loop_timer_at(struct loop_timer *t, uint64_t due_ms)
{
    t->due_ms = due_ms ? due_ms : 1;
    bool is_filed = !list_empty(&t->link);
    if (is_filed && t->filed_ms <= t->due_ms)
        return;
    if (is_filed)
        wheel_remove(&t->loop->wheel, t);
    wheel_add(&t->loop->wheel, t);
}

void loop_timer_stop(struct loop_timer *t)
{
    t->due_ms = 0;
    wheel_remove(&t->loop->wheel, t);
}

/* -- readiness -------------------------------------------------------------- */

/* What is no longer wanted is not told of either. */
static void serve(struct loop_io *io)
{
    unsigned ready = io->ready & io->wanted;
    io->ready = 0;
    list_remove(&io->late);
    if (ready)
        io->fn(io, ready);
}

static void serve_late(struct loop *l)
{
    while (!list_empty(&l->late) && turn_may_serve(&l->turn))
        serve(list_first(&l->late, struct loop_io, late));
}

static void fail(struct loop_io *io)
{
    unsigned ready = io->wanted;
    io->wanted = io->ready = 0; /* libuv has stopped the handle */
    list_remove(&io->late);
    if (ready)
        io->fn(io, ready);
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct loop_io *io = CONTAINER_OF(h, struct loop_io, poll);
    struct loop *l = h->loop->data;
    begin_turn(l);
    if (!io->is_open)
        return; /* closed by one that came late */
    if (status < 0) {
        fail(io);
        return;
    }
    io->ready |= events & UV_READABLE ? LOOP_READ : 0;
    io->ready |= events & UV_WRITABLE ? LOOP_WRITE : 0;
    if (!list_empty(&io->late))
        return; /* it has its place */
    if (LIKELY(turn_may_serve(&l->turn)))
        serve(io);
    else
        list_append(&l->late, &io->late);
}

int loop_io_open(struct loop *l, struct loop_io *io, int fd, loop_io_fn *fn,
                 struct err *err)
{
    *io = (struct loop_io){.fn = fn};
    list_init(&io->late);
    int rc = uv_poll_init(&l->uv, &io->poll, fd);
    if (rc < 0)
        return err_set(err, ERR_INTERNAL, "loop", "cannot watch a descriptor: %s",
                       uv_strerror(rc));
    io->is_open = true;
    return 0;
}

void loop_io_want(struct loop_io *io, unsigned events)
{
    if (!io->is_open || io->wanted == events)
        return;
    io->wanted = events;
    int uv_events =
        (events & LOOP_READ ? UV_READABLE : 0) | (events & LOOP_WRITE ? UV_WRITABLE : 0);
    if (uv_events)
        uv_poll_start(&io->poll, uv_events, on_poll);
    else
        uv_poll_stop(&io->poll);
}

static void on_closed(uv_handle_t *h)
{
    struct loop_io *io = CONTAINER_OF(h, struct loop_io, poll);
    if (io->closed)
        io->closed(io);
}

void loop_io_close(struct loop_io *io, void (*closed)(struct loop_io *io))
{
    if (!io->is_open)
        return;
    io->is_open = false;
    io->wanted = 0;
    list_remove(&io->late);
    io->closed = closed;
    uv_close((uv_handle_t *)&io->poll, on_closed);
}
