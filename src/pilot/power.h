/* power.h -- can so many pairs decide?  Asked before anything is sent.
 *
 * Pilots are simulated: pairs are drawn with the differences that are supposed, the
 * evidence (evidence.h) is looked at after every day, and it is counted how many of them
 * have accepted in time.  The same arguments give the same figures: seeds are fixed. */
#ifndef WEIR_PILOT_POWER_H
#define WEIR_PILOT_POWER_H

#include "core/compiler.h"

struct pilot_plan {
    double margin; /* the local side may be so much worse: 0.05 */
    double alpha;  /* accepted wrongly at most so often: 0.05 */
    double truth;  /* the mean difference that is supposed; 0: equally good */
    double split;  /* share of pairs on which the two differ: 0.2 */
    uint64_t per_day, days;
    /* Share of pairs that no check decides: a judge does, and people say of a sample what
     * is true (book.h).  0: checks decide all of them. */
    double judged;
    double judge_wrong; /* share of these on which the judge says the opposite, or says
                         * that there is a difference where there is none */
    double kept;        /* share of these that people look at */
};

/* Share of `runs` simulated pilots that accept by the end of the last day. */
double pilot_power(const struct pilot_plan *p, uint32_t runs, uint64_t seed);

/* Days until at least `power` of them accept (and a standard error more, which is what a
 * simulation may be off by), at most 10 * p->days; 0: not even then. */
uint64_t pilot_days(const struct pilot_plan *p, double power, uint32_t runs,
                    uint64_t seed);

/* The least margin, to half a percentage point, that these days decide with so much power
 * (and a standard error more); NAN: none below 0.5. */
double pilot_margin(const struct pilot_plan *p, double power, uint32_t runs,
                    uint64_t seed);

#endif
