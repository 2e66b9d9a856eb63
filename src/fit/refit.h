/* refit.h -- the speed model's coefficients from measured rows.
 *
 * Fitted are logarithms: shares of bandwidth and microseconds a layer, one each for a
 * kind of hardware; a factor for each generation of NVIDIA cards; and what old engines,
 * M1 chips, two dies and mixtures of experts cost more.  Minimised is the squared
 * logarithm of estimate / measured, far rows counting less (soft L1 at 15 %), together
 * with a pull of every unknown towards a common start: so a kind with one row, or with
 * none, gets 0.80 of its bandwidth and 60 microseconds rather than nonsense.
 * Gauss-Newton; deterministic. */
#ifndef WEIR_FIT_REFIT_H
#define WEIR_FIT_REFIT_H

#include "fit/samples.h"

struct refit {
    struct speed_coefficients families[FAMILIES]; /* as estimate/speed.h uses them */
    double ram_gbs;                               /* main memory of unknown speed */
};

/* True for a row that takes part. */
typedef bool refit_takes_fn(const void *arg, const struct sample *s);

void refit_rows(const struct samples *all, refit_takes_fn *takes, const void *arg,
                struct refit *ret);

/* What such coefficients expect of a row. */
struct speed refit_speed(const struct refit *r, const struct sample *s);

#endif
