/* test_loop.c -- the promises of loop/: order within a turn, timers against a naive
 * oracle, tasks from other threads, readiness and the life of what is watched. */
#include "loop/loop.h"
#include "loop/pool.h"

#include "core/clock.h"
#include "loop/wheel.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *make_loop(void)
{
    struct err err;
    struct loop *l = loop_create(&err);
    assert_non_null(l);
    return l;
}

/* -- the wheel -------------------------------------------------------------- */

enum { NTIMERS = 300 };

struct oracle {
    struct wheel w;
    struct loop_timer t[NTIMERS];
    uint64_t due[NTIMERS]; /* 0: not set */
    uint64_t now;
};

static uint64_t random_delay(void)
{
    static const uint64_t reach[] = {2, 70, 5000, 400000, 40000000, UINT64_C(1) << 36};
    uint64_t r = (uint64_t)random() << 20 ^ (uint64_t)random();
    return r % reach[(size_t)random() % ARRAY_LEN(reach)];
}

static void set_timer(struct oracle *o, size_t i, uint64_t due)
{
    o->t[i].due_ms = o->due[i] = due;
    if (list_empty(&o->t[i].link)) {
        wheel_add(&o->w, &o->t[i]);
    } else if (o->t[i].filed_ms > due) {
        wheel_remove(&o->w, &o->t[i]);
        wheel_add(&o->w, &o->t[i]);
    }
}

static uint64_t soonest(const struct oracle *o)
{
    uint64_t min = UINT64_MAX;
    for (size_t i = 0; i < NTIMERS; i++)
        if (o->due[i] && o->due[i] < min)
            min = o->due[i];
    return min;
}

static void advance(struct oracle *o, uint64_t to)
{
    struct link due;
    list_init(&due);
    o->now = to;
    wheel_advance(&o->w, to, &due);
    while (!list_empty(&due)) {
        struct loop_timer *t = list_first(&due, struct loop_timer, link);
        size_t i = (size_t)(t - o->t);
        list_remove(&t->link);
        assert_true(o->due[i] && o->due[i] <= to);
        o->due[i] = 0;
    }
    for (size_t i = 0; i < NTIMERS; i++)
        assert_true(!o->due[i] || o->due[i] > to);
}

/* Every timer fires at its time and none before, whatever the jumps; and the wheel
 * never asks to be woken later than the soonest timer. */
static void wheel_agrees_with_a_naive_list(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        static struct oracle o;
        srandom(seed);
        memset(&o, 0, sizeof o);
        o.now = UINT64_C(1) << (10 + seed);
        wheel_init(&o.w, o.now);
        for (size_t i = 0; i < NTIMERS; i++)
            list_init(&o.t[i].link);
        for (int step = 0; step < 3000; step++) {
            size_t i = (size_t)random() % NTIMERS;
            long dice = random() % 10;
            if (dice < 5) {
                set_timer(&o, i, o.now + random_delay());
            } else if (dice < 6) {
                wheel_remove(&o.w, &o.t[i]);
                o.due[i] = 0;
            } else if (dice < 9) {
                uint64_t next = wheel_next_ms(&o.w);
                assert_true(next <= soonest(&o));
                if (next != UINT64_MAX)
                    advance(&o, next > o.now ? next : o.now);
            } else {
                advance(&o, o.now + random_delay());
            }
        }
    }
}

static void an_empty_wheel_never_wakes(void **state)
{
    (void)state;
    static struct wheel w;
    struct loop_timer t = {.due_ms = 5000};
    list_init(&t.link);
    wheel_init(&w, 1000);
    assert_true(wheel_next_ms(&w) == UINT64_MAX);
    wheel_add(&w, &t);
    assert_true(wheel_next_ms(&w) <= 5000);
    wheel_remove(&w, &t);
    assert_true(wheel_next_ms(&w) == UINT64_MAX);
}

/* -- the turn --------------------------------------------------------------- */

struct trace {
    struct loop *loop;
    char text[64];
    size_t n;
    struct loop_task a, b;
    struct loop_timer timer;
    struct loop_io io;
};

static void note(struct trace *tr, char c)
{
    assert_true(tr->n < sizeof tr->text - 1);
    tr->text[tr->n++] = c;
}

static void note_b(void *arg)
{
    note(arg, 'b');
}

static void note_a_then_b(void *arg)
{
    struct trace *tr = arg;
    note(tr, 'a');
    loop_defer(tr->loop, &tr->b);
}

static void note_turn(void *arg)
{
    struct trace *tr = arg;
    note(tr, '|');
}

static void note_closed(struct loop_io *io)
{
    note(CONTAINER_OF(io, struct trace, io), 'c');
}

static void never_ready(struct loop_io *io, unsigned ready)
{
    (void)io;
    (void)ready;
    fail();
}

static void timer_closes_and_defers(struct loop_timer *t)
{
    struct trace *tr = CONTAINER_OF(t, struct trace, timer);
    note(tr, 't');
    loop_io_close(&tr->io, note_closed);
    tr->a = (struct loop_task){.fn = note_a_then_b, .arg = tr};
    tr->b = (struct loop_task){.fn = note_b, .arg = tr};
    loop_defer(tr->loop, &tr->a);
}

static void stop_loop(struct loop_timer *t)
{
    loop_stop(t->loop);
}

/* Timer, task, hook, then the memory; what a task defers comes one turn later. */
static void a_turn_has_one_order(void **state)
{
    (void)state;
    struct trace tr = {.loop = make_loop()};
    struct err err;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(loop_io_open(tr.loop, &tr.io, fds[0], never_ready, &err), 0);
    loop_timer_init(tr.loop, &tr.timer, timer_closes_and_defers);
    loop_timer_at(&tr.timer, loop_now_ms(tr.loop));
    loop_on_turn_end(tr.loop, note_turn, &tr);
    struct loop_timer stop;
    loop_timer_init(tr.loop, &stop, stop_loop);
    loop_timer_at(&stop, loop_now_ms(tr.loop) + 20);
    loop_run(tr.loop);
    assert_memory_equal(tr.text, "ta|cb|", 6);
    loop_free(tr.loop);
    close(fds[0]);
    close(fds[1]);
}

static void an_undeferred_task_does_not_run(void **state)
{
    (void)state;
    struct trace tr = {.loop = make_loop()};
    tr.a = (struct loop_task){.fn = note_a_then_b, .arg = &tr};
    tr.b = (struct loop_task){.fn = note_b, .arg = &tr};
    loop_defer(tr.loop, &tr.b);
    loop_defer(tr.loop, &tr.a);
    loop_undefer(tr.loop, &tr.a);
    loop_undefer(tr.loop, &tr.a);
    loop_free(tr.loop);
    assert_string_equal(tr.text, "b");
}

/* -- timers ----------------------------------------------------------------- */

struct count_timer {
    struct loop_timer t;
    int fired;
    uint64_t at_ms;
};

static void count_fire(struct loop_timer *t)
{
    struct count_timer *c = CONTAINER_OF(t, struct count_timer, t);
    c->fired++;
    c->at_ms = loop_now_ms(t->loop);
}

static void a_pushed_back_timer_fires_once_at_its_last_time(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    struct count_timer moved = {0}, sooner = {0}, stopped = {0};
    struct loop_timer stop;
    uint64_t t0 = loop_now_ms(l);
    loop_timer_init(l, &moved.t, count_fire);
    loop_timer_init(l, &sooner.t, count_fire);
    loop_timer_init(l, &stopped.t, count_fire);
    loop_timer_init(l, &stop, stop_loop);
    loop_timer_at(&moved.t, t0 + 5);
    loop_timer_at(&moved.t, t0 + 60);
    loop_timer_at(&sooner.t, t0 + 60000);
    loop_timer_at(&sooner.t, t0 + 10);
    loop_timer_at(&stopped.t, t0 + 10);
    loop_timer_stop(&stopped.t);
    loop_timer_stop(&stopped.t);
    loop_timer_at(&stop, t0 + 100);
    loop_run(l);
    assert_int_equal(moved.fired, 1);
    assert_true(moved.at_ms >= t0 + 60);
    assert_int_equal(sooner.fired, 1);
    assert_true(sooner.at_ms >= t0 + 10 && sooner.at_ms < moved.at_ms);
    assert_int_equal(stopped.fired, 0);
    loop_free(l);
}

static void count_turn(void *arg)
{
    ++*(int *)arg;
}

/* Between two timers the loop sleeps: it does not tick. */
static void waiting_costs_no_turns(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    int turns = 0;
    struct loop_timer stop;
    loop_timer_init(l, &stop, stop_loop);
    loop_timer_at(&stop, loop_now_ms(l) + 200);
    loop_on_turn_end(l, count_turn, &turns);
    loop_run(l);
    assert_true(turns >= 1 && turns < 10);
    loop_free(l);
}

/* -- other threads ---------------------------------------------------------- */

enum { NTHREADS = 4, NPOSTS = 5000 };

struct posted_task {
    struct loop_task task;
    struct loop *loop;
    int thread, index;
    int *last;
    int *total;
};

static void count_posted(void *arg)
{
    struct posted_task *p = arg;
    assert_int_equal(p->index, p->last[p->thread] + 1);
    p->last[p->thread] = p->index;
    if (++*p->total == NTHREADS * NPOSTS)
        loop_stop(p->loop);
}

static void *post_all(void *arg)
{
    struct posted_task *p = arg;
    for (int i = 0; i < NPOSTS; i++)
        loop_post(p[i].loop, &p[i].task);
    return NULL;
}

static void posts_from_threads_all_run_in_order(void **state)
{
    (void)state;
    struct loop *l = make_loop();
    int total = 0, last[NTHREADS];
    struct posted_task *all = calloc(NTHREADS * NPOSTS, sizeof *all);
    pthread_t threads[NTHREADS];
    for (int t = 0; t < NTHREADS; t++) {
        last[t] = -1;
        for (int i = 0; i < NPOSTS; i++) {
            struct posted_task *p = &all[t * NPOSTS + i];
            *p = (struct posted_task){
                .loop = l, .thread = t, .index = i, .last = last, .total = &total};
            p->task = (struct loop_task){.fn = count_posted, .arg = p};
        }
    }
    for (int t = 0; t < NTHREADS; t++)
        pthread_create(&threads[t], NULL, post_all, &all[t * NPOSTS]);
    loop_run(l);
    for (int t = 0; t < NTHREADS; t++)
        pthread_join(threads[t], NULL);
    assert_int_equal(total, NTHREADS * NPOSTS);
    loop_free(l);
    free(all);
}

/* -- readiness -------------------------------------------------------------- */

struct echo {
    struct loop_io io;
    int fd, calls;
    unsigned last;
    struct loop *loop;
};

static void stop_on_ready(struct loop_io *io, unsigned ready)
{
    struct echo *e = CONTAINER_OF(io, struct echo, io);
    e->calls++;
    e->last = ready;
    loop_io_want(io, 0);
    loop_stop(e->loop);
}

/* A reset peer is told to whoever waits for anything, and told again when asked
 * again: no event is lost because libuv stopped the handle by itself. */
static void a_hang_up_is_delivered_as_ready(void **state)
{
    (void)state;
    static const unsigned wants[] = {LOOP_READ, LOOP_WRITE, LOOP_READ | LOOP_WRITE};
    for (size_t i = 0; i < ARRAY_LEN(wants); i++) {
        struct echo e = {.loop = make_loop()};
        struct err err;
        int fds[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        assert_int_equal(loop_io_open(e.loop, &e.io, fds[0], stop_on_ready, &err), 0);
        assert_int_equal(write(fds[0], "unread", 6), 6);
        close(fds[1]); /* unread bytes make this a reset */
        for (int round = 1; round <= 3; round++) {
            loop_io_want(&e.io, wants[i]);
            loop_run(e.loop);
            assert_int_equal(e.calls, round);
            assert_true(e.last != 0 && (e.last & ~wants[i]) == 0);
        }
        loop_io_close(&e.io, NULL);
        close(fds[0]);
        loop_free(e.loop);
    }
}

enum { NREADY = 64, SERVED_US = 1000, ROUNDS = 3 };

struct crowd {
    struct loop *loop;
    struct loop_io io[NREADY];
    int fds[NREADY][2], served[NREADY], turns, longest_in_turn, in_turn;
};

static struct crowd crowd;

static void on_turn_of_crowd(void *arg)
{
    (void)arg;
    crowd.turns++;
    if (crowd.in_turn > crowd.longest_in_turn)
        crowd.longest_in_turn = crowd.in_turn;
    crowd.in_turn = 0;
}

/* What is ready stays ready: nothing is read. */
static void take_a_while(struct loop_io *io, unsigned ready)
{
    size_t i = (size_t)(io - crowd.io);
    uint64_t until = clock_mono_us() + SERVED_US;
    assert_int_equal(ready, LOOP_READ);
    for (size_t k = 0; k < NREADY - 2; k++) /* nobody runs ahead of another */
        assert_true(crowd.served[i] <= crowd.served[k] + 1);
    crowd.served[i]++;
    crowd.in_turn++;
    while (clock_mono_us() < until)
        ;
    loop_io_close(&crowd.io[NREADY - 1], NULL);
    loop_io_want(&crowd.io[NREADY - 2], 0);
    if (crowd.served[i] == ROUNDS && i == NREADY - 3)
        loop_stop(crowd.loop);
}

/* However many are ready at once, a turn ends, and each is served in its turn; but not
 * what was closed, or not wanted any more, while it stood in line. */
static void a_crowd_is_served_over_several_turns(void **state)
{
    (void)state;
    struct err err;
    crowd = (struct crowd){.loop = make_loop()};
    loop_on_turn_end(crowd.loop, on_turn_of_crowd, NULL);
    for (size_t i = 0; i < NREADY; i++) {
        assert_int_equal(
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, crowd.fds[i]), 0);
        assert_int_equal(write(crowd.fds[i][1], "x", 1), 1);
        assert_int_equal(
            loop_io_open(crowd.loop, &crowd.io[i], crowd.fds[i][0], take_a_while, &err),
            0);
        loop_io_want(&crowd.io[i], LOOP_READ);
    }
    loop_run(crowd.loop);
    assert_int_equal(crowd.served[NREADY - 1], 0);
    assert_int_equal(crowd.served[NREADY - 2], 0);
    assert_true(crowd.turns >= ROUNDS * (NREADY - 2) / 16);
    assert_in_range(crowd.longest_in_turn, 1, 16);
    for (size_t i = 0; i < NREADY; i++) {
        loop_io_close(&crowd.io[i], NULL);
        close(crowd.fds[i][0]);
        close(crowd.fds[i][1]);
    }
    loop_free(crowd.loop);
}

/* -- the pool ---------------------------------------------------------------------- */

enum { NWORKS = 200 };

struct sum {
    struct work work;
    struct loop *loop;
    unsigned *left;
    int in, out, done;
};

static void square(struct work *w)
{
    struct sum *s = CONTAINER_OF(w, struct sum, work);
    s->out = s->in * s->in;
}

static void squared(struct work *w)
{
    struct sum *s = CONTAINER_OF(w, struct sum, work);
    s->done++;
    if (--*s->left == 0)
        loop_stop(s->loop);
}

static void every_work_comes_back_once_and_done(void **state)
{
    (void)state;
    static struct sum sums[NWORKS];
    struct err err = {0};
    unsigned left = NWORKS;
    struct loop *l = loop_create(&err);
    struct pool *p = pool_create(3, &err);
    assert_non_null(l);
    assert_non_null(p);
    for (int i = 0; i < NWORKS; i++) {
        sums[i] = (struct sum){
            .work = {.fn = square, .done = squared}, .loop = l, .left = &left, .in = i};
        pool_submit(p, l, &sums[i].work);
    }
    loop_run(l);
    for (int i = 0; i < NWORKS; i++) {
        assert_int_equal(sums[i].out, i * i);
        assert_int_equal(sums[i].done, 1);
    }
    pool_free(p);
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wheel_agrees_with_a_naive_list),
        cmocka_unit_test(an_empty_wheel_never_wakes),
        cmocka_unit_test(a_turn_has_one_order),
        cmocka_unit_test(an_undeferred_task_does_not_run),
        cmocka_unit_test(a_pushed_back_timer_fires_once_at_its_last_time),
        cmocka_unit_test(waiting_costs_no_turns),
        cmocka_unit_test(posts_from_threads_all_run_in_order),
        cmocka_unit_test(a_hang_up_is_delivered_as_ready),
        cmocka_unit_test(a_crowd_is_served_over_several_turns),
        cmocka_unit_test(every_work_comes_back_once_and_done),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
