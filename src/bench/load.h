/* load.h -- when the requests of a run begin.
 *
 * Closed loop: `concurrency` requests are open at any time, and the next one begins when
 * one of them ends.  An engine that stalls then also stops being asked: what would have
 * come meanwhile is in no figure ("coordinated omission").
 * Open loop: requests begin when the clock says so, at a constant distance or at that of
 * a Poisson process, whatever has become of those before.  Their latencies count from the
 * intended start.
 *
 * Pure. */
#ifndef WEIR_BENCH_LOAD_H
#define WEIR_BENCH_LOAD_H

#include "core/compiler.h"

enum bench_shape { LOAD_CLOSED, LOAD_CONSTANT, LOAD_POISSON };

struct bench_load {
    enum bench_shape shape;
    uint32_t concurrency; /* closed: at least 1; open: at most so many at once, 0: any */
    double per_s;         /* open: requests a second, above 0 */
    uint32_t requests;    /* measured ones, at least 1 */
    uint64_t max_us;      /* no request begins later than this; 0: all of them do */
    uint64_t seed;        /* of the Poisson process: the same gives the same starts */
};

/* Walks over the intended starts of an open loop, in microseconds from its beginning. */
struct bench_starts {
    const struct bench_load *load;
    uint64_t state;
    double at_us;
    uint32_t n;
};
void bench_starts_begin(struct bench_starts *s, const struct bench_load *l);
/* The next one; false: there is none any more. */
bool bench_starts_next(struct bench_starts *s, uint64_t *ret_us);

#endif
