/* internal.h -- what the two ways of training share. */
#ifndef WEIR_ROUTE_TRAIN_INTERNAL_H
#define WEIR_ROUTE_TRAIN_INTERNAL_H

#include "route/train/train.h"

/* A gain that is held out counts when it is above so many of its standard errors.  By
 * chance a normally distributed gain is above two in 1 of 44 times, above one in 1 of 6;
 * somewhat more often where the best of several tries is taken. */
#define TRAIN_SURE 2.0

struct trainer {
    struct fit_design d;
    struct router_weights w;
    int8_t *table;
    double *weight, *y, *x;
};

struct trainer *trainer_create(size_t n); /* NULL: no memory */
void trainer_free(struct trainer *t);     /* NULL is fine */

/* Reads the prompts into the design. */
int design_read(struct fit_design *d, const struct train_row *v, size_t n,
                const uint8_t *common, struct err *err);
/* The figures as they stand, the terms as small whole numbers. */
void take_solution(const struct fit_design *d, enum router_head head, const double *x,
                   struct router_weights *w, int8_t *table);
/* What the finished weights say of the rows, lowest to highest. */
int find_quantiles(struct router_weights *w, const int8_t *table,
                   const struct train_row *v, size_t n, struct err *err);

#endif
