/* fit.h -- ridge regression over figures and hashed terms, by conjugate gradients.
 *
 * Minimises  sum_i w_i (y_i - b - z_i.a - t_i.u)^2 + L_f |a - a0|^2 + L_t |u - u0|^2
 * where z are standardised figures and t has 1 / sqrt(terms) for each term of a row.  The
 * order of additions is fixed, so the same rows give the same bytes. */
#ifndef WEIR_ROUTE_TRAIN_FIT_H
#define WEIR_ROUTE_TRAIN_FIT_H

#include "core/err.h"
#include "route/learned/learned.h"

/* The rows, read once. */
struct fit_design {
    size_t n;
    float *figures;   /* n times F_NFEATURES; standardised by fit_standardise */
    uint32_t *first;  /* n + 1: where a row's buckets begin */
    uint16_t *bucket; /* of each term */
    double mean[F_NFEATURES], deviation[F_NFEATURES];
};

enum { FIT_SIZE = 1 + F_NFEATURES + ROUTER_BUCKETS }; /* b, a, u */

struct fit_strength {
    double figures, terms; /* L_f, L_t; weights of rows sum to 1 */
};

/* Mean and deviation by the weights; deviations below 0.1 count as 0.1, so that what
 * hardly ever varies stays small. */
void fit_standardise(struct fit_design *d, const double *weight);

/* Solves into x (FIT_SIZE), which holds the prior (b0, a0, u0) at the call.  Rows of
 * weight 0 are left out. */
int fit_solve(const struct fit_design *d, const double *weight, const double *y,
              struct fit_strength s, double *x, struct err *err);

/* What x says of row i. */
double fit_at(const struct fit_design *d, const double *x, size_t i);

/* A rising step function through the points: at most ROUTER_KNOTS.  `pos` is sorted. */
uint32_t fit_rising(const double *pos, const double *y, size_t n,
                    struct router_knot *ret);

#endif
