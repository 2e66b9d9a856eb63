/* calibrate.h -- from what the operator asks for to a threshold, by weir's own traffic.
 *
 * A score orders prompts; where to cut depends on the traffic.  So the scores of weir's
 * own requests are counted (a histogram that forgets: it is halved each time it has
 * CALIBRATE_FULL of them), and three wishes become a threshold:
 *   cloud share  the score above which that share of the traffic lies, a little more or
 * less where less or more than that has gone so far; quality      the lowest threshold
 * whose loss fits: of the prompts that stay local, so many get a worse answer than the
 * cloud's.  With at least CALIBRATE_PAIRS audited outcomes their upper bound counts
 * (Clopper and Pearson, 1934, 95 %), before that what the router itself says of the
 * traffic; price        the share that a month's money pays, at the cost and the rate of
 * the traffic so far. Before there is traffic, the prompts that the router learnt from
 * stand for it; at first they count as CALIBRATE_PRIOR requests, after twice as many
 * requests not at all.
 *
 * Shared by all workers without a lock: counters are atomic, and a figure that comes late
 * does no harm.  The isotonic table that says what a score is worth has at most
 * ROUTER_KNOTS knots.  Pure: who keeps it on disk is gateway/calibration.h. */
#ifndef WEIR_ROUTE_CALIBRATE_H
#define WEIR_ROUTE_CALIBRATE_H

#include "route/learned/learned.h"

#include <stdatomic.h>

enum {
    CALIBRATE_BINS = 512,
    CALIBRATE_FULL = 4000, /* requests, and then half of them */
    CALIBRATE_PRIOR = 20,  /* requests that the training stands for */
    CALIBRATE_PAIRS = 100, /* audited outcomes that a bound needs */
    CALIBRATE_EVERY = 16   /* requests between two looks at the threshold */
};

enum goal_kind { GOAL_SHARE, GOAL_QUALITY, GOAL_PRICE };
struct goal {
    enum goal_kind kind;
    double value; /* share 0..1; quality 0..1; USD a month */
};

struct calibration {
    atomic_uint seen[CALIBRATE_BINS];  /* requests by score */
    atomic_uint doubt[CALIBRATE_BINS]; /* 1000 times 1 - P(local suffices), summed */
    atomic_uint pairs[CALIBRATE_BINS]; /* audited: both answers were judged */
    atomic_uint worse[CALIBRATE_BINS]; /* ... and the local one was worse */
    atomic_uint count;                 /* of seen, about */
    atomic_uint sent;                  /* of these, to the cloud */
    atomic_uint npairs;
    atomic_uint models; /* a digest of the local models that outcomes are of; 0: none */
    atomic_uint files;  /* ... of what their engines say of the files; 0: not known */
    atomic_ullong cost_nanousd; /* what the seen requests would cost in the cloud */
    atomic_ullong since_ms;     /* when the first of `count` came; 0: none */
    _Atomic float threshold;    /* the last one; not a number: none yet */
    /* What outcomes say of scores: a table that rises, made anew with the threshold. */
    atomic_uint nknots;
    _Atomic float knot_gap[ROUTER_KNOTS], knot_worse[ROUTER_KNOTS];
    atomic_uint version; /* changes with every request: is there news for the disk? */
};

/* A new one, or one whose weights are no longer the same: it knows nothing. */
void calibration_reset(struct calibration *c);

/* One decision: counts the score and says from which score on prompts go to the cloud.
 * cost: of this request in the cloud, or -1.  now_ms: wall clock. */
float calibration_decide(struct calibration *c, const struct router *r,
                         const struct router_score *s, const struct goal *goal,
                         int64_t cost_nanousd, uint64_t now_ms);
/* The threshold without counting anything: for `weir route` and /v1/decision.  c may be
 * NULL: nothing is known of the traffic. */
float calibration_threshold(const struct calibration *c, const struct router *r,
                            const struct goal *goal, uint64_t now_ms);

/* Both sides have answered a prompt of this score, and somebody judged. */
void calibration_outcome(struct calibration *c, float gap, bool local_was_worse);
/* Outcomes are of the local models with this digest (not 0).  True: there were some of
 * other models, and they are forgotten: what one model could do says nothing of the next.
 * The scores of the traffic stay. */
bool calibration_of_models(struct calibration *c, uint32_t models);
/* The same for the files and builds behind their names.  True: there was another one. The
 * first that is known forgets nothing, and 0 (not known now) changes nothing. */
bool calibration_of_files(struct calibration *c, uint32_t files);
/* Scores are others from now on, as another adapter serves (learned/adapter.h): the
 * histogram of the traffic and the outcomes by score begin anew.  What the traffic costs
 * and how much of it went stays. */
void calibration_rescored(struct calibration *c);
/* P(local suffices) of this score, by outcomes where there are CALIBRATE_PAIRS, else as
 * the router says. */
float calibration_suffices(const struct calibration *c, const struct router_score *s);

/* What a threshold costs and gives, by the traffic so far. */
struct calibration_point {
    double share; /* of the traffic goes to the cloud */
    double loss;  /* of all prompts: stay, and get a worse answer */
};
/* n points, shares from 0 to 1.  False: loss is what the router itself says of the
 * traffic; true: the upper bound that outcomes give. */
bool calibration_curve(const struct calibration *c, const struct router *r,
                       struct calibration_point *ret, size_t n);
struct calibration_counts {
    unsigned count, sent, npairs, worse;
    int64_t cost_nanousd; /* of `count`, had all gone */
    uint64_t since_ms;
};
/* `sent` and `worse` as the histogram has them, which forgets. */
struct calibration_counts calibration_count(const struct calibration *c);

/* Upper bound, one-sided 95 %, of a chance of which k of n came true. */
double calibration_upper(unsigned k, unsigned n);

/* For the disk: CALIBRATION_BYTES with magic, version, the weights' digest and a
 * checksum. load: false, and reset, for anything else or for other weights. */
enum { CALIBRATION_BYTES = 4 * (4 * CALIBRATE_BINS) + 56 };
void calibration_save(const struct calibration *c, uint32_t digest,
                      unsigned char out[CALIBRATION_BYTES]);
bool calibration_load(struct calibration *c, uint32_t digest, struct str bytes);

#endif
