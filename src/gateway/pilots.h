/* pilots.h -- the pilot that runs here, its money and its files (pilot/records.h).
 *
 * `weir pilot start` writes the terms into the state directory, whether weir runs or not,
 * and `weir pilot stop` a file that ends it: the main thread looks each second.  Loops
 * only ask which pilot there is, take of its money before a byte leaves, and hand over
 * what they found; all files are the main thread's.
 *
 * Money is granted in portions, each written down before any of it may be spent.  After
 * a crash a portion that was begun counts as spent, so that a pilot never costs more than
 * its limit, however often weir dies. */
#ifndef WEIR_GATEWAY_PILOTS_H
#define WEIR_GATEWAY_PILOTS_H

#include "core/hash.h"
#include "core/list.h"
#include "core/mutex.h"
#include "pilot/records.h"

#include <stdatomic.h>

/* One pilot; it lives as long as the server, as requests may still be at work for it. */
struct pilot_live {
    struct pilot_terms terms;
    struct siphash_key key; /* of the digests of texts */
    struct pilot_live *older;
    atomic_llong granted, taken; /* nano-dollars; taken: spent, or promised to a leg */
    atomic_llong asked;          /* a leg could not be begun for want of so much */
    atomic_ullong lost;          /* mirrors that made no pair */
    uint64_t over_ms;            /* when its days are over; the main thread's */
};

/* A pair, and its texts when they are to be kept: one line of pilot.kept without the
 * number, which it gets when it is written. */
struct pilot_finding {
    struct link link;
    const struct pilot_live *pilot;
    struct pilot_pair pair;
    struct arena arena; /* of the texts */
    struct pilot_kept kept;
};

/* Held of what was found and is not written yet, at most: a second's pairs, as a rule. */
enum { PILOTS_FOUND_BYTES = 32 << 20 };

struct pilots {
    _Atomic(struct pilot_live *) now; /* NULL: none runs */
    /* From here on the main thread's, but for what the lock guards. */
    struct pilot_live *newest;
    struct pilot_story story; /* of newest, while it runs */
    struct mutex lock;
    struct link found;  /* guarded by it: findings that are not written yet */
    size_t found_bytes; /* ... and what they hold */
    bool is_open, has_story, is_warned;
    int64_t seen_terms[3], seen_labels[3]; /* inode, mtime and size of a file */
    uint64_t written_lost;
    int64_t written_taken;
    struct buf pairs, kept;      /* lines that the disk has not taken yet */
    atomic_ullong npairs, nkept; /* for /metrics */
};

void pilots_open(struct pilots *p);
/* Main thread, each second: reads what commands have written, writes what loops have
 * found, and ends the pilot when its verdict is there, or its time or money is over.
 * wall_ms is asked for its days when they begin to be counted here; from then on they
 * pass by clock_awake_or_not_ms(), whatever is done to the wall clock. */
void pilots_tend(struct pilots *p, const char *state_dir, uint64_t wall_ms);
/* No loop runs any more: writes the rest, and gives back the money that was not spent. */
void pilots_close(struct pilots *p, const char *state_dir, uint64_t wall_ms);

/* -- for loops: any thread --------------------------------------------------------- */

static inline struct pilot_live *pilots_now(struct pilots *p)
{
    return atomic_load_explicit(&p->now, memory_order_acquire);
}
/* So much may be spent from here on; false: the leg must not be begun. */
bool pilot_take(struct pilot_live *l, int64_t nanousd);
/* Of what was taken, so much was spent; -1: unknown, all of it counts. */
void pilot_spent(struct pilot_live *l, int64_t taken, int64_t spent);
/* Takes f, which mem_new() made.  False: its texts were larger than its arena, or
 * PILOTS_FOUND_BYTES wait for the main thread; there is no pair. */
bool pilots_tell(struct pilots *p, struct pilot_finding *f) NODISCARD;
void pilots_write_metrics(struct pilots *p, struct buf *b);

#endif
