/* evaluate.h -- fitting the speed model on measured rows, and judging it honestly.
 *
 * Fitting minimises the squared relative error of tokens a second (weighted least
 * squares on time, reweighted until it stands still); everything is deterministic.
 * The fair figure within a source leaves one GPU out: its rows are predicted by
 * coefficients that never saw that GPU.  The fair figure outside it predicts rows of
 * another source, collected two years later, with the coefficients as they are. */
#ifndef WEIR_FIT_EVALUATE_H
#define WEIR_FIT_EVALUATE_H

#include "estimate/speed.h"
#include "facts/facts.h"

struct speed_fit {
    double efficiency, overhead_us;
};

struct evaluation {
    size_t n;
    struct speed_fit fit;        /* on all rows, at the family's width exponent */
    double mape_pct;             /* in sample */
    double left_out_mape_pct;    /* leave one GPU out */
    double left_out_by_width[3]; /* the same at width exponents 0, 1/2 and 1 */
    double max_of_ceiling;       /* the fastest row, as a share of its ceiling */
    size_t above_ceiling;        /* rows that claim more than physics allows */
};

/* One family's single-GPU "public" rows. */
int evaluate_family(const struct facts *f, const struct speeds *s,
                    enum speed_family family, struct evaluation *ret, struct err *err);

struct outside_evaluation {
    size_t n;
    double mape_pct, median_pct, within_20_pct, covered_pct;
    double median_by_width[3]; /* refitted on "public" at exponents 0, 1/2, 1 */
};

/* Distinct dense NVIDIA rows of the "crowd" set, all of them. */
int evaluate_outside(const struct facts *f, const struct speeds *s,
                     struct outside_evaluation *ret, struct err *err);

#endif
