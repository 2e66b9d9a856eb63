/* score.h -- policy learned: the last turn's score beside a threshold of the traffic's.
 */
#ifndef WEIR_ROUTE_SCORE_H
#define WEIR_ROUTE_SCORE_H

#include "core/arena.h"
#include "route/calibrate.h"

/* What one request takes from and gives to policy learned; made for it, and filled the
 * first time that the policy is asked: a request is scored, and counted, once. */
struct route_learned {
    const struct router *router;
    struct calibration *calibration; /* NULL: nothing is known of the traffic */
    struct goal goal;
    int64_t cost_nanousd; /* in the cloud; -1: unknown */
    uint64_t wall_ms;
    bool is_dry; /* only asked what if: it is no traffic */
    bool is_scored;
    struct router_score score;
    float suffices, threshold;
    char why[300];
};

/* The text that a content value ends with: both ends of a long one, all text parts of
 * several.  In the arena, or part of raw. */
struct str score_text(struct str raw, struct arena *a);

/* Fills l for this content, unless it is filled.  True: to the cloud. */
bool score_wants_cloud(struct route_learned *l, struct str content, struct arena *a);

#endif
