/* evidence.h -- is one side at most so much worse than the other?  An answer that may be
 * looked at every day.
 *
 * Each pair is one request that both sides answered: X = (local good) - (other good), so
 * -1, 0 or 1, or between them where a judge gives shares.  Its mean is how much better
 * the local side is.  With a margin of 0.05 the question is whether that mean is above
 * -0.05.  Where X stands for what only a sample tells (book.h), it may be larger: up to
 * `bound`, in both directions, while its mean is still between -1 and 1.
 *
 * A test that is looked at again and again until it says yes says yes too often: at 5 %
 * and a look a day, in more than a quarter of all pilots where it should not.  This one
 * bets: capital begins at 1, and before each pair a part of it is put on "the mean is
 * above -margin", so that under the hypothesis that it is not, the capital cannot be
 * expected to grow.  By Ville's inequality it ever reaches 1/alpha with a probability of
 * at most alpha, however often it is looked at.  The stake is chosen from the pairs
 * before (the mean and the variance so far), so it is known before the pair is.
 *
 * Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
 * betting" (2023): capital process, aGRAPA stakes; the interval is the set of means whose
 * bet has not paid.  Pure. */
#ifndef WEIR_PILOT_EVIDENCE_H
#define WEIR_PILOT_EVIDENCE_H

#include "core/compiler.h"

enum verdict_of_pilot {
    PILOT_UNDECIDED, /* a legal answer: there is not enough yet */
    PILOT_ACCEPT,    /* the local side is at most `margin` worse */
    PILOT_REJECT     /* it is worse than that */
};

enum { EVIDENCE_MEANS = 201 }; /* of the interval: -1, -0.99, ... 1 */

/* The pairs so far: what a stake is chosen from. */
struct evidence_tally {
    double n, sum, squares; /* of X */
};
void evidence_count(struct evidence_tally *t, double x);
/* The stake on "the mean is above m", or below it, for an X within -bound and bound. */
double evidence_stake(const struct evidence_tally *t, double bound, double m,
                      bool is_above);

struct evidence {
    double margin, alpha, bound;
    struct evidence_tally seen;
    /* Logarithms of the capital of who bets that the mean is above, and below, a mean;
     * [EVIDENCE_MEANS] is the one at -margin. */
    double above[EVIDENCE_MEANS + 1], below[EVIDENCE_MEANS + 1];
    /* The largest so far: what has been shown stays shown. */
    double best_above[EVIDENCE_MEANS + 1], best_below[EVIDENCE_MEANS + 1];
};

/* 0 <= margin < 1, 0 < alpha < 1, bound >= 1. */
void evidence_init(struct evidence *e, double margin, double alpha, double bound);
/* -bound <= x <= bound. */
void evidence_add(struct evidence *e, double x);
enum verdict_of_pilot evidence_verdict(const struct evidence *e);
/* Means that have not been ruled out, with 1 - 2 alpha for both ends together; to the
 * hundredth. */
void evidence_interval(const struct evidence *e, double *ret_low, double *ret_high);
double evidence_mean(const struct evidence *e); /* NAN of nothing */

#endif
