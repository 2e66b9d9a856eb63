/* knee.h -- where a sweep stops to pay: loads that grow, and what came of each.
 *
 * The knee is the last load whose tokens a second are at least a tenth above those of the
 * last load that was: behind it more requests at once only wait for one another.  Apart
 * from it, the last load up to which the limits (SLO) are kept: by 99 % of the requests,
 * failed ones counted.  Pure. */
#ifndef WEIR_BENCH_KNEE_H
#define WEIR_BENCH_KNEE_H

#include "core/compiler.h"

#define BENCH_KNEE_RISE 1.1
#define BENCH_KEPT      0.99

struct bench_step {
    double tokens_per_s;
    double good_share; /* of the requests; NAN: no limits were given, or none came */
};

struct bench_knee {
    size_t at;         /* index of the step */
    bool is_reached;   /* a step behind it did not pay; else the sweep ended too early */
    bool has_limits;   /* some step has a good_share */
    bool is_kept;      /* by the first step */
    size_t kept_up_to; /* ... and by all up to this one */
};

/* n >= 1, in the order of their loads. */
struct bench_knee bench_knee(const struct bench_step *steps, size_t n);

#endif
