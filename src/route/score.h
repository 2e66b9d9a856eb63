/* score.h -- policy learned: the last turn's score beside a threshold of the traffic's.
 */
#ifndef WEIR_ROUTE_SCORE_H
#define WEIR_ROUTE_SCORE_H

#include "config/kinds.h"
#include "core/arena.h"
#include "route/calibrate.h"
#include "route/learned/noted.h"

/* Where the conversation's last answer came from, and why it should stay there. */
struct route_kept {
    bool is_known;     /* there is one; else nothing below but is_lifted means anything */
    bool is_same_turn; /* no user has spoken since: the loop of an agent */
    enum side side;
    /* A score must pass the threshold by so much to move the conversation: what the other
     * side's prompt cache is worth (score_margin). */
    float margin;
    bool is_lifted; /* the agent's loop is stuck: to the strong side */
    bool is_back;   /* ... was, and goes well again */
    char loop[120]; /* ... and how, in words */
};

/* The score that a switch has to bring.  Prices of a token, in any one unit: fresh and
 * cached, that the cloud reads anew or finds in its cache; out, that it writes.  tokens:
 * of the conversation.  All prices 0: unknown, and the least is returned. */
float score_margin(double fresh, double cached, double out, uint64_t tokens);

/* What one request takes from and gives to policy learned; made for it, and filled the
 * first time that the policy is asked: a request is scored, and counted, once. */
struct route_learned {
    const struct router *router;
    struct calibration *calibration; /* NULL: nothing is known of the traffic */
    struct goal goal;
    int64_t cost_nanousd; /* in the cloud; -1: unknown */
    uint64_t wall_ms;
    bool is_dry; /* only asked what if: it is no traffic */
    struct route_kept kept;
    uint32_t explore_ppm; /* so many of a million new turns go to the other side */
    uint32_t draw;        /* this one's number, below a million */
    const struct adapter *adapter; /* what was learnt here; NULL: the weights alone */
    bool keeps_noted;              /* the row keeps what its score was made of */
    bool is_scored, goes;          /* goes: to the cloud */
    struct router_score score;
    float suffices, threshold;
    struct noted noted; /* where keeps_noted; its models are for the caller to set */
    char why[300];
};

/* The text that a content value ends with: both ends of a long one, all text parts of
 * several.  In the arena, or part of raw. */
struct str score_text(struct str raw, struct arena *a);

/* Fills l for this content, unless it is filled.  True: to the cloud. */
bool score_wants_cloud(struct route_learned *l, struct str content, struct arena *a);
/* Its last step: from score, threshold and what is kept to l->goes and l->why. */
bool score_decide(struct route_learned *l);

#endif
