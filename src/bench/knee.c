/* knee.c -- see knee.h. */
#include "bench/knee.h"

#include <math.h>

struct bench_knee bench_knee(const struct bench_step *steps, size_t n)
{
    struct bench_knee k = {0};
    for (size_t i = 1; i < n && !k.is_reached; i++) {
        if (steps[i].tokens_per_s >= BENCH_KNEE_RISE * steps[k.at].tokens_per_s)
            k.at = i;
        else
            k.is_reached = true;
    }
    for (size_t i = 0; i < n; i++)
        k.has_limits |= !isnan(steps[i].good_share);
    k.is_kept = k.has_limits && steps[0].good_share >= BENCH_KEPT;
    while (k.is_kept && k.kept_up_to + 1 < n &&
           steps[k.kept_up_to + 1].good_share >= BENCH_KEPT)
        k.kept_up_to++;
    return k;
}
