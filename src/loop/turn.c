/* turn.c -- see turn.h. */
#include "loop/turn.h"

#include "core/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef WEIR_TEST_HOOKS
static _Thread_local bool is_in_turn;
static _Thread_local int allowances;

bool turn_is_running(void)
{
    return is_in_turn && allowances == 0;
}

bool turn_is_allowed(void)
{
    return allowances > 0;
}

int turn_allow(const char *reason)
{
    (void)reason;
    return ++allowances;
}

void turn_disallow(const int *allowed)
{
    (void)allowed;
    allowances--;
}

void turn_takes(size_t bytes, const char *what)
{
    if (!turn_is_running() || bytes <= TURN_MOST_BYTES)
        return;
    dprintf(STDERR_FILENO, "turn_check: %s of %zu bytes in a turn: Assertion\n", what,
            bytes);
    abort();
}

static void note_turn(bool is_running)
{
    is_in_turn = is_running;
}
#else
static inline void note_turn(bool is_running)
{
    (void)is_running;
}
#endif

uint64_t turn_real_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void turn_init(struct turn *t, bool is_timed)
{
    *t = (struct turn){.sched_fd = -1, .is_timed = is_timed};
}

void turn_release(struct turn *t)
{
    if (t->sched_fd >= 0)
        close(t->sched_fd);
    t->sched_fd = -1;
}

/* On the loop's own thread, for its own file. */
static void open_exact(struct turn *t)
{
    const char *word = getenv("WEIR_TURN_METER");
    if (word && strcmp(word, "1") == 0)
        t->sched_fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* "on-cpu-ns waited-ns timeslices" */
static uint64_t read_waited_ns(const struct turn *t)
{
    char text[96];
    ssize_t n = pread(t->sched_fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    const char *second = strchr(text, ' ');
    return second ? strtoull(second, NULL, 10) : 0;
}

void turn_begin(struct turn *t, uint64_t now_us)
{
    if (UNLIKELY(t->began_us == 0))
        open_exact(t);
    if (UNLIKELY(t->sched_fd >= 0))
        t->waited_ns = read_waited_ns(t);
    t->began_us = now_us;
    t->nserved = 0;
    t->is_spent = false;
    note_turn(true);
}

bool turn_may_serve(struct turn *t)
{
    if (UNLIKELY(++t->nserved % TURN_LOOKS_EVERY == 0) && !t->is_spent)
        t->is_spent = t->is_timed && turn_real_us() > t->began_us + TURN_SERVES_US;
    return !t->is_spent;
}

static uint64_t without_waiting(const struct turn *t, uint64_t us)
{
    uint64_t waited_us = (read_waited_ns(t) - t->waited_ns) / 1000;
    us = us > waited_us ? us - waited_us : 0;
    if (us > TURN_LONG_US)
        log_warn("a turn of the loop took %llu ms", (unsigned long long)us / 1000);
    return us;
}

void turn_end(struct turn *t, uint64_t now_us)
{
    uint64_t us = now_us - t->began_us;
    note_turn(false);
    if (UNLIKELY(t->began_us == 0)) /* the loop waits for the first time */
        return;
    if (LIKELY(us <= atomic_load_explicit(&t->longest_us, memory_order_relaxed)))
        return;
    if (t->sched_fd >= 0)
        us = without_waiting(t, us);
    if (us > atomic_load_explicit(&t->longest_us, memory_order_relaxed))
        atomic_store_explicit(&t->longest_us, us, memory_order_relaxed);
}
