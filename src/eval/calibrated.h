/* calibrated.h -- does "70 % sure" come true in 70 of 100 cases?
 *
 * Expected calibration error (Guo et al., "On Calibration of Modern Neural Networks",
 * 2017): ten bins of equal width over the stated chance; in each, the distance between
 * the mean chance that was stated and the share that came true, weighted by how many
 * cases the bin has.  0 is perfect.  Pure. */
#ifndef WEIR_EVAL_CALIBRATED_H
#define WEIR_EVAL_CALIBRATED_H

#include "core/compiler.h"

/* `stated` in 0..1, `came` true or not; n > 0. */
double eval_ece(const double *stated, const bool *came, size_t n);

#endif
