/* learn.h -- weights of the score, learnt from answers of which one knows how good they
 * were. */
#ifndef WEIR_JUDGE_LEARN_H
#define WEIR_JUDGE_LEARN_H

#include "core/err.h"
#include "judge/traits.h"

struct learn_row {
    double v[FEATURE_COUNT];
    double good;     /* 0..1: how well the local answer did beside the cloud's */
    double weight;   /* so that a large source does not drown a small one */
    unsigned source; /* for leaving one out */
};

/* Logistic regression with a ridge penalty, by Newton's method: the same rows give the
 * same weights.  Rows of the source `leave_out` are skipped (UINT_MAX: none is). */
void learn_weights(const struct learn_row *rows, size_t n, unsigned leave_out,
                   double ridge, double w[FEATURE_COUNT]);

/* The log odds that these weights give. */
double learn_log_odds(const double w[FEATURE_COUNT], const double v[FEATURE_COUNT]);

#endif
