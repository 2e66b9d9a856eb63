/* past.h -- what became of an engine: when its breaker opened, was tried and closed, when
 * it was stopped and started, and why.
 *
 * In memory alone, the newest PAST_CHANGES of them.  While an engine is down it is tried
 * again and again: of an outage the tries are one entry and their failures another, each
 * with how many there were, so that a long one does not push out what was before it.
 *
 * Not thread safe: it belongs to its gate, and stands under the gate's lock. */
#ifndef WEIR_UPSTREAM_PAST_H
#define WEIR_UPSTREAM_PAST_H

#include "core/str.h"

enum past_what {
    PAST_OPENED,       /* failures in a row: it is left alone */
    PAST_HALF_OPENED,  /* one request may find out whether it is back */
    PAST_OPENED_AGAIN, /* ... and did not find it so */
    PAST_CLOSED,
    PAST_STOPPED, /* by whoever operates weir */
    PAST_DIED,    /* weir runs it, and starts it again */
    PAST_STARTED  /* it answers */
};
/* "opened" */
const char *past_what_name(enum past_what w);

enum { PAST_CHANGES = 64, PAST_WHY = 120 };

/* One that came several times is told once; at_ms and why are of the last time. */
struct past_change {
    enum past_what what;
    uint32_t times;
    uint64_t first_ms, at_ms; /* since 1970 */
    char why[PAST_WHY];       /* weir's own words, cut to fit */
};

struct past {
    struct past_change *items; /* a ring of PAST_CHANGES; NULL: nothing yet */
    size_t n, next;
};

/* Lost when there is no memory for it. */
void past_add(struct past *p, enum past_what what, uint64_t at_ms, const char *why);
/* Those since since_ms, newest first; how many. */
size_t past_list(const struct past *p, uint64_t since_ms,
                 struct past_change ret[PAST_CHANGES]);
void past_release(struct past *p);

#endif
