/* budget.h -- what is held for clients and engines, against limits: buffered.
 *
 * All workers share one sum: bodies of requests and what was read out of them, answers
 * taken whole, the openings of streams, events being gathered, and what clients have not
 * taken or not yet said to the end.  Vaults (guard/sessions.h) have a sum of their own,
 * which counts here too.  Each place that holds bytes keeps its own figure,
 * `mine`, and sets it to what it holds now; up to BUDGET_SMALL_BYTES a place costs
 * nothing and counts for nothing, so that the usual request touches no shared line.
 *
 * Past the limit whoever wants more is refused or paused by the caller.  When somebody
 * was refused, what slow readers leave unread is in the way: see client.c. */
#ifndef WEIR_GATEWAY_BUDGET_H
#define WEIR_GATEWAY_BUDGET_H

#include "gateway/worker.h"

enum {
    BUDGET_SMALL_BYTES = 4096,
    /* What is already here and cannot be refused may pass the limit by this much. */
    BUDGET_SLACK_BYTES = 32 << 20
};

bool budget_change(struct worker *w, uint64_t *mine, uint64_t now);

/* This place holds `now` bytes.  False: all together are past the limit; they are counted
 * all the same, until set again or released. */
static inline bool budget_hold(struct worker *w, uint64_t *mine, uint64_t now)
{
    if (LIKELY(now <= BUDGET_SMALL_BYTES && *mine == 0))
        return true;
    return budget_change(w, mine, now);
}

/* The same on another thread than w's, under the configuration of the request. */
bool budget_hold_aside(struct worker *w, const struct config *c, uint64_t *mine,
                       uint64_t now);

/* This place holds nothing any more. */
static inline void budget_release(struct worker *w, uint64_t *mine)
{
    if (*mine)
        budget_change(w, mine, 0);
}

/* Even the slack is used up. */
bool budget_is_burst(const struct worker *w);
/* Somebody was refused for want of room since then (milliseconds of the loop's clock). */
bool budget_was_short_since(const struct worker *w, uint64_t ms);

/* ERR_OVERLOAD "buffers_full". */
int budget_refuse(struct err *err);

#endif
