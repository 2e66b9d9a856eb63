/* standing.h -- what weir has learnt of a model while it runs: one per model, shared by
 * all workers and kept across reloads (gateway/standings.h keeps them).  These are hints,
 * read and written without a lock: one that comes late does no harm. */
#ifndef WEIR_ROUTE_STANDING_H
#define WEIR_ROUTE_STANDING_H

#include <stdatomic.h>

struct standing {
    atomic_uint lacks; /* CAP_* bits that its engine has refused: it is asked last */
    atomic_uint adapt; /* ADAPT_* bits (engine/engine.h) without which it refuses */
    atomic_ullong not_before_ms; /* the engine asked to be left alone until then, on the
                                  * loops' clock; 0: it did not */
    atomic_ullong told_ms;       /* when a wrong url or key was last told; 0: never */
};

#endif
