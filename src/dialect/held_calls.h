/* held_calls.h -- inside dialect/: calls of a streamed answer, for dialects that say a
 * call whole.
 *
 * Calls may come in pieces, and the pieces of several mixed: each is known by its index.
 * They stay in the order in which they began. */
#ifndef WEIR_DIALECT_HELD_CALLS_H
#define WEIR_DIALECT_HELD_CALLS_H

#include "core/buf.h"
#include "dialect/spoken.h"

struct held_call {
    uint32_t index;
    struct buf id, name, arguments;
};

/* All zero: none are held. */
struct held_calls {
    struct held_call *items;
    size_t n, cap;
    size_t bytes; /* of all */
};

/* -1 with *err: they exceed what is held of one answer (some MB, a thousand calls), or
 * no memory. */
int held_calls_take(struct held_calls *h, const struct spoken_call *pieces, size_t n,
                    struct err *err);
void held_calls_release(struct held_calls *h); /* all zero again */

/* The arguments as a JSON object: "{}" where the model wrote none; and of what is none,
 * or was cut off, {"text": all that it wrote}.  p == NULL: no memory. */
struct str held_arguments(struct str text, struct arena *a);

#endif
