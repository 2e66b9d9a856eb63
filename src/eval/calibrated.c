/* calibrated.c -- expected calibration error. */
#include "eval/calibrated.h"

#include <math.h>

enum { BINS = 10 };

double eval_ece(const double *stated, const bool *came, size_t n)
{
    double said[BINS] = {0}, true_n[BINS] = {0};
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        int b = (int)(stated[i] * BINS);
        b = b < 0 ? 0 : b >= BINS ? BINS - 1 : b;
        said[b] += stated[i];
        true_n[b] += came[i] ? 1 : 0;
    }
    for (int b = 0; b < BINS; b++)
        sum += fabs(said[b] - true_n[b]); /* the bin's size cancels */
    return n ? sum / (double)n : 0;
}
