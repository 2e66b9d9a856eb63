/* adapt.h -- fits an adapter (learned/adapter.h) to outcomes of this weir's own.
 *
 * Logistic regression held near an adapter there is (`from`): minimises
 *
 *   sum_i w_i loss_i + 1/2 sum_k h_k (x_k - from_k)^2
 *
 * with loss_i = -ln(chance that was given to what came true), by Newton's steps on the
 * whole matrix (iteratively reweighted least squares; Hosmer and Lemeshow, "Applied
 * Logistic Regression", chapter 1).  Each h_k says how many outcomes it takes to move a
 * weight (adapt.c has them): the general level moves soon, a figure's weight late.  A few
 * dozen outcomes therefore change next to nothing but the level.
 *
 * Pure and without memory; the order of additions is fixed, so the same rows in the same
 * order give the same bits. */
#ifndef WEIR_ROUTE_TRAIN_ADAPT_H
#define WEIR_ROUTE_TRAIN_ADAPT_H

#include "route/learned/adapter.h"

/* One outcome. */
struct adapt_row {
    struct adapter_inputs in;
    float weight;     /* above 0; 1: one sure outcome */
    bool suffices;    /* the local answer was good enough */
    uint8_t spare[3]; /* 0: rows are kept as bytes, and these have no gaps */
};

/* strength: 1, or more to hold the weights of figures nearer to `from`. */
void adapt_fit(const struct adapt_row *v, size_t n, const struct adapter *from,
               double strength, struct adapter *ret);

/* -ln(chance) of what came true; a chance below 0.001 counts as that. */
double adapt_loss(const struct adapter *a, const struct adapt_row *r);

#endif
