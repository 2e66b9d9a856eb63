/* evaluate.h -- how far the speed model can be trusted, by rows that it did not see.
 *
 * Three figures stand beside each other for every row that is judged: predicted by
 * coefficients that never saw its device, nor (second) any row of its collection, and
 * (third) by those that weir carries, which did see the rows that weir carries too.  The
 * first is the fair one. */
#ifndef WEIR_FIT_EVALUATE_H
#define WEIR_FIT_EVALUATE_H

#include "fit/refit.h"

struct evaluated {
    size_t n;
    double device_pct;    /* median error, its device left out of the fit */
    double source_pct;    /* median error, its collection left out of the fit */
    double carried_pct;   /* median error of the coefficients carried */
    double bias_pct;      /* median of estimate / measured - 1, device left out */
    double in_interval;   /* share of rows inside the interval, 0..1, device left out */
    double carried_in;    /* the same for the coefficients carried */
    size_t above_ceiling; /* rows that claim more than physics allows */
};

struct evaluation {
    struct evaluated all, of[KINDS];
    struct refit fit;       /* on all rows that weir carries */
    double low_10, high_90; /* measured / estimate, device left out: tenths of the rows */
};

/* Judges the rows of `judged`; fits on the rows that `f` carries, one GPU each. */
int evaluate_rows(const struct facts *f, const struct speeds *judged,
                  struct evaluation *ret, struct err *err);

/* One run corrects other models on the same machine: all pairs of rows of one device and
 * one collection, none partly in main memory, under coefficients that never saw it. */
struct pairs_evaluation {
    size_t n;
    double median_pct, uncorrected_pct, in_interval;
};
int evaluate_pairs(const struct facts *f, const struct speeds *judged,
                   struct pairs_evaluation *ret, struct err *err);

#endif
