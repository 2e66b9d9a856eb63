/* lanes.h -- an engine that answers so many requests at once, and a queue before it.
 *
 * First come, first served.  Time is in milliseconds of any clock; requests are entered
 * in the order of their arrival.  Pure but for its memory. */
#ifndef WEIR_WHATIF_LANES_H
#define WEIR_WHATIF_LANES_H

#include "core/err.h"

struct lanes {
    double *free_ms; /* a heap: when each lane is free again, the soonest first */
    uint32_t n;
    double busy_ms; /* of all lanes together */
};

/* n >= 1.  -1: no memory. */
int lanes_init(struct lanes *l, uint32_t n, struct err *err);
void lanes_release(struct lanes *l);
/* When it would begin: not before it arrives. */
double lanes_begin(const struct lanes *l, double arrives_ms);
/* It takes the lane that is free soonest, for so long; returns how long it waited. */
double lanes_enter(struct lanes *l, double arrives_ms, double takes_ms);

#endif
