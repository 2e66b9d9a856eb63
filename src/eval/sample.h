/* sample.h -- a list of measured numbers and what statistics say of it.
 *
 * What cannot be said is not a number (NAN), never 0: a mean of nothing, a deviation of
 * one.  Values that are not numbers are left out when they are added. */
#ifndef WEIR_EVAL_SAMPLE_H
#define WEIR_EVAL_SAMPLE_H

#include "core/err.h"

struct sample {
    double *values;
    size_t n, room;
    /* Of more values than this, a random choice of so many is kept; 0: all are. */
    size_t most;
    uint64_t seen; /* values that were added */
    uint64_t chance;
    bool is_sorted;
};

void sample_init(struct sample *s);
void sample_release(struct sample *s);
int sample_add(struct sample *s, double value, struct err *err); /* -1: no memory */

double sample_sum(const struct sample *s);
double sample_mean(const struct sample *s);
/* Of a sample: divided by n - 1. */
double sample_deviation(const struct sample *s);
/* Coefficient of variation: deviation / mean. */
double sample_variation(const struct sample *s);
/* 0 <= p <= 1, linear between the two nearest ranks ((n - 1) p), as numpy's default and
 * spreadsheets' PERCENTILE.INC.  Sorts the sample. */
double sample_quantile(struct sample *s, double p);
/* Mean absolute difference of neighbours, in the order in which they were added: of gaps
 * between tokens this is their jitter.  Asked for before any quantile. */
double sample_jitter(const struct sample *s);

#endif
