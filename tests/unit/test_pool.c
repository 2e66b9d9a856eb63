/* test_pool.c -- the pool's order is fair: whoever has much to do does not keep the
 * others waiting, and what nobody has begun can be taken back. */
#include "core/mem.h"
#include "loop/pool.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

enum { ALICE = 1, BOB = 2, GATE = 9, MB = 1 << 20 };

static atomic_int clock_of_begins;

struct job {
    struct work work;
    struct pool *pool;
    struct loop *loop;
    atomic_int *left;
    const struct job *until; /* goes on until that one has begun */
    bool steps_aside;
    atomic_bool is_done;
    atomic_int begun; /* the when-th of all; 0: not yet */
};

static void run(struct work *w)
{
    struct job *j = CONTAINER_OF(w, struct job, work);
    atomic_store(&j->begun, atomic_fetch_add(&clock_of_begins, 1) + 1);
    while (j->until && !atomic_load(&j->until->begun)) {
        if (j->steps_aside)
            pool_step_aside(j->pool, w);
        sched_yield();
    }
}

static void ran(struct work *w)
{
    struct job *j = CONTAINER_OF(w, struct job, work);
    atomic_store(&j->is_done, true);
    if (atomic_fetch_sub(j->left, 1) == 1)
        loop_stop(j->loop);
}

struct scene {
    struct loop *loop;
    struct pool *pool;
    atomic_int left;
    struct job jobs[8];
    unsigned n;
};

static void open_scene(struct scene *s, unsigned nthreads)
{
    struct err err = {0};
    memset(s, 0, sizeof *s);
    s->loop = loop_create(&err);
    s->pool = pool_create(nthreads, &err);
    assert_non_null(s->loop);
    assert_non_null(s->pool);
    atomic_store(&clock_of_begins, 0);
}

static void close_scene(struct scene *s)
{
    if (atomic_load(&s->left) > 0)
        loop_run(s->loop);
    for (unsigned i = 0; i < s->n; i++)
        assert_true(atomic_load(&s->jobs[i].is_done));
    pool_free(s->pool);
    loop_free(s->loop);
}

static struct job *add(struct scene *s, uint64_t owner, uint64_t bytes)
{
    struct job *j = &s->jobs[s->n++];
    j->work = (struct work){.fn = run, .done = ran, .owner = owner, .bytes = bytes};
    j->pool = s->pool;
    j->loop = s->loop;
    j->left = &s->left;
    atomic_fetch_add(&s->left, 1);
    return j;
}

static void submit(struct scene *s, struct job *j)
{
    pool_submit(s->pool, s->loop, &j->work);
}

static void wait_begun(const struct job *j)
{
    while (!atomic_load(&j->begun))
        sched_yield();
}

/* One owner has both threads, with work that goes on until the other's has been done. */
static void another_owner_is_served_in_between(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, 2);
    struct job *a1 = add(&s, ALICE, MB), *a2 = add(&s, ALICE, MB), *b = add(&s, BOB, MB);
    a1->until = a2->until = b;
    a1->steps_aside = true;
    submit(&s, a1);
    submit(&s, a2);
    wait_begun(a1);
    wait_begun(a2);
    submit(&s, b);
    close_scene(&s);
}

static void what_is_much_smaller_is_done_in_between(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, 1);
    struct job *large = add(&s, ALICE, 14 * MB), *small = add(&s, ALICE, 20 * 1024);
    large->until = small;
    large->steps_aside = true;
    submit(&s, large);
    wait_begun(large);
    submit(&s, small);
    close_scene(&s);
}

static void what_is_as_large_waits_for_its_turn(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, 1);
    struct job *first = add(&s, ALICE, MB), *gate = add(&s, ALICE, 1);
    struct job *second = add(&s, ALICE, MB / 2);
    first->until = gate;
    first->steps_aside = true;
    submit(&s, first);
    wait_begun(first);
    submit(&s, second);
    submit(&s, gate); /* behind it, and much smaller */
    close_scene(&s);
    assert_true(atomic_load(&gate->begun) < atomic_load(&second->begun));
}

/* Both threads are held until three wait: of them the one whose owner has no thread is
 * taken first by the thread that is free. */
static void a_free_thread_takes_the_work_of_who_has_none(void **state)
{
    (void)state;
    struct scene s;
    struct job opened = {.until = NULL};
    open_scene(&s, 2);
    struct job *g1 = add(&s, GATE, MB), *a1 = add(&s, ALICE, MB);
    struct job *a2 = add(&s, ALICE, MB), *b = add(&s, BOB, MB);
    g1->until = &opened;
    a1->until = b;
    submit(&s, g1);
    submit(&s, a1);
    wait_begun(g1);
    wait_begun(a1);
    submit(&s, a2);
    submit(&s, b);
    atomic_store(&opened.begun, 1);
    close_scene(&s);
    assert_true(atomic_load(&b->begun) < atomic_load(&a2->begun));
}

static void what_nobody_has_begun_is_taken_back(void **state)
{
    (void)state;
    struct scene s;
    struct job opened = {.until = NULL};
    open_scene(&s, 1);
    struct job *running = add(&s, ALICE, MB), *waiting = add(&s, ALICE, MB);
    running->until = &opened;
    submit(&s, running);
    wait_begun(running);
    submit(&s, waiting);
    assert_false(pool_cancel(s.pool, &running->work));
    assert_true(pool_cancel(s.pool, &waiting->work));
    assert_false(pool_cancel(s.pool, &waiting->work));
    atomic_store(&opened.begun, 1);
    atomic_fetch_sub(&s.left, 1);
    atomic_store(&waiting->is_done, true);
    loop_run(s.loop);
    assert_int_equal(atomic_load(&waiting->begun), 0);
    atomic_store(&s.left, 0);
    close_scene(&s);
}

/* What runs on top of another does not step aside itself: stacks stay short. */
static void it_is_one_deep(void **state)
{
    (void)state;
    struct scene s;
    open_scene(&s, 1);
    struct job *large = add(&s, ALICE, 64 * MB), *middle = add(&s, ALICE, 4 * MB);
    struct job *small = add(&s, ALICE, 1024);
    large->until = middle;
    large->steps_aside = middle->steps_aside = true;
    submit(&s, large);
    wait_begun(large);
    submit(&s, middle);
    submit(&s, small);
    close_scene(&s);
    assert_true(atomic_load(&middle->begun) < atomic_load(&small->begun));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_owner_is_served_in_between),
        cmocka_unit_test(what_is_much_smaller_is_done_in_between),
        cmocka_unit_test(what_is_as_large_waits_for_its_turn),
        cmocka_unit_test(a_free_thread_takes_the_work_of_who_has_none),
        cmocka_unit_test(what_nobody_has_begun_is_taken_back),
        cmocka_unit_test(it_is_one_deep),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
