/* test_turn.c -- what waits in a loop's turn ends the process, and what is allowed does
 * not; how long a turn took is known. */
#include "loop/loop.h"
#include "loop/turn.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *loop;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*in_turn)(void);

static void run_in_turn(void *arg)
{
    (void)arg;
    in_turn();
    loop_stop(loop);
}

static void turn_with(void (*fn)(void))
{
    struct loop_task task = {.fn = run_in_turn};
    in_turn = fn;
    loop_defer(loop, &task);
    loop_run(loop);
}

/* True when fn, in a process of its own, is ended by an abort. */
static bool is_caught(void (*fn)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        (void)!freopen("/dev/null", "w", stderr);
        loop = loop_create(NULL);
        fn();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void nothing(void)
{
}

static void do_read(void)
{
    char c;
    (void)!read(-1, &c, 1);
}

static void do_write(void)
{
    (void)!write(-1, "", 0);
}

static void do_nap(void)
{
    const struct timespec ms = {0, 1000000};
    nanosleep(&ms, NULL);
}

static void do_sync(void)
{
    fdatasync(-1);
}

static void do_allowed(void)
{
    LOOP_MAY_BLOCK("a test");
    do_nap();
}

static void do_after_allowed(void)
{
    do_allowed();
    do_nap();
}

static void do_lock(void)
{
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

static void read_in_turn(void)
{
    turn_with(do_read);
}

static void write_in_turn(void)
{
    turn_with(do_write);
}

static void nap_in_turn(void)
{
    turn_with(do_nap);
}

static void sync_in_turn(void)
{
    turn_with(do_sync);
}

static void allowed_in_turn(void)
{
    turn_with(do_allowed);
}

static void after_allowed_in_turn(void)
{
    turn_with(do_after_allowed);
}

static void nap_between_turns(void)
{
    turn_with(nothing);
    turn_end(&(struct turn){.sched_fd = -1}, 0); /* as before a wait */
    do_nap();
}

static void nap_with_a_loops_lock(void)
{
    turn_with(do_lock);
    turn_end(&(struct turn){.sched_fd = -1}, 0);
    pthread_mutex_lock(&lock);
    do_nap();
    pthread_mutex_unlock(&lock);
}

static void nap_with_another_lock(void)
{
    static pthread_mutex_t another = PTHREAD_MUTEX_INITIALIZER;
    turn_with(do_lock);
    turn_end(&(struct turn){.sched_fd = -1}, 0);
    pthread_mutex_lock(&another);
    do_nap();
    pthread_mutex_unlock(&another);
}

static void work_with_a_loops_lock(void)
{
    turn_with(do_lock);
    turn_end(&(struct turn){.sched_fd = -1}, 0);
    pthread_mutex_lock(&lock);
    for (clock_t began = clock(); clock() - began < CLOCKS_PER_SEC / 5;)
        ;
    pthread_mutex_unlock(&lock);
}

static void what_waits_in_a_turn_is_caught(void **state)
{
    (void)state;
    assert_true(is_caught(read_in_turn));
    assert_true(is_caught(write_in_turn));
    assert_true(is_caught(nap_in_turn));
    assert_true(is_caught(sync_in_turn));
    assert_true(is_caught(after_allowed_in_turn));
    assert_false(is_caught(allowed_in_turn));
    assert_false(is_caught(nap_between_turns));
}

static void a_lock_of_loops_is_not_held_across_work(void **state)
{
    (void)state;
    assert_true(is_caught(nap_with_a_loops_lock));
    assert_true(is_caught(work_with_a_loops_lock));
    assert_false(is_caught(nap_with_another_lock));
}

static void do_allowed_long(void)
{
    LOOP_MAY_BLOCK("a test");
    const struct timespec ms = {0, 30 * 1000000};
    nanosleep(&ms, NULL);
}

static void turn_again(void *arg)
{
    (void)arg;
    loop_stop(loop);
}

/* The turn ends where the loop would wait again, so another one follows. */
static void the_longest_turn_is_known(void **state)
{
    (void)state;
    struct loop_task task = {.fn = turn_again};
    loop = loop_create(NULL);
    assert_int_equal(loop_longest_turn_us(loop), 0);
    turn_with(do_allowed_long);
    loop_defer(loop, &task);
    loop_run(loop);
    assert_in_range(loop_longest_turn_us(loop), 30 * 1000, 10 * 1000 * 1000);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_in_a_turn_is_caught),
        cmocka_unit_test(a_lock_of_loops_is_not_held_across_work),
        cmocka_unit_test(the_longest_turn_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
