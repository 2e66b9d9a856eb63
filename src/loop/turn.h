/* turn.h -- one turn of a loop thread: it waits for nothing, and how long it takes.
 *
 * All clients of a worker share its loop, so no turn may wait for a disk, a terminal, a
 * name service or a lock that somebody holds across work.  In builds with test hooks
 * turn_check.c stands behind the calls that could wait and ends the process when one is
 * made in a turn; the few that must be are marked, with the reason, for their block:
 *
 *     LOOP_MAY_BLOCK("one write puts the records of a turn into the log");
 *
 * Nor does a turn serve whatever is ready: after TURN_SERVES_US the rest stands in line
 * for the next one (loop.c).  The clock is looked at once for TURN_LOOKS_EVERY of them,
 * so a turn of few costs nothing.  Where a test moves the clock a turn has no end of its
 * time, so that what happens in it is the same each time.
 *
 * The meter costs one look at the clock a turn.  With WEIR_TURN_METER=1 in the
 * environment it is exact: the time that the thread waited for a core is taken off, which
 * costs two system calls a turn, and turns of more than TURN_LONG_US are logged. */
#ifndef WEIR_LOOP_TURN_H
#define WEIR_LOOP_TURN_H

#include "core/compiler.h"

#include <stdatomic.h>

enum {
    TURN_LONG_US = 20 * 1000,
    TURN_SERVES_US = 5 * 1000,
    TURN_LOOKS_EVERY = 4,
    TURN_MOST_BYTES = 1 << 20
};

struct turn {
    uint64_t began_us, waited_ns; /* waited_ns: for a core, of the thread's life */
    int sched_fd;                 /* -1: not exact */
    unsigned nserved;
    bool is_spent, is_timed;
    atomic_uint_fast64_t longest_us;
};

void turn_init(struct turn *t, bool is_timed);
void turn_release(struct turn *t);
/* Real microseconds, also where a test moves the clock. */
void turn_begin(struct turn *t, uint64_t now_us);
void turn_end(struct turn *t, uint64_t now_us);
uint64_t turn_real_us(void);
/* One more is to be served.  False: not in this turn, its time is used up. */
bool turn_may_serve(struct turn *t);

#ifdef WEIR_TEST_HOOKS
bool turn_is_running(void); /* on this thread, and nothing allows it to wait */
bool turn_is_allowed(void); /* ... and LOOP_MAY_BLOCK allows it to wait */
/* What takes longer the more bytes there are is a pool's when there are many: in a turn
 * this ends the process for more than TURN_MOST_BYTES. */
void turn_takes(size_t bytes, const char *what);
int turn_allow(const char *reason);
void turn_disallow(const int *allowed);
#define LOOP_MAY_BLOCK(reason)                                                           \
    __attribute__((cleanup(turn_disallow), unused)) int allowed_to_block =               \
        turn_allow(reason)
#else
static inline void turn_takes(size_t bytes, const char *what)
{
    (void)bytes;
    (void)what;
}
#define LOOP_MAY_BLOCK(reason) _Static_assert(sizeof(reason) > 1, "the reason is missing")
#endif

#endif
