/* learner.h -- an adapter that learns while weir runs, and serves only when it has proved
 * to be better.
 *
 * Progressive validation (prequential; Dawid, "Statistical Theory: The Prequential
 * Approach", 1984): each outcome is first predicted by the base, by the adapter that
 * serves and by the candidate, and only then learnt from.  So every loss is of an outcome
 * that the predictor had not seen.  The candidate is fitted anew to the last
 * LEARNER_WINDOW outcomes each LEARNER_EVERY of them (train/adapt.h).
 *
 * Two questions are asked after each outcome, both about differences of losses of the
 * same outcomes, in sums in which an outcome counts half after about LEARNER_MEMORY more:
 *   Is the candidate better than what serves?  Then it serves from now on.
 *   Is what serves worse than the base?        Then the base serves again (the models, or
 *                                              what people ask, have changed).
 * Yes needs LEARNER_LEAST outcomes since the last change, a mean difference above
 * LEARNER_MARGIN and above LEARNER_ERRORS of its standard errors.  The question is asked
 * again and again, so two standard errors would say yes by chance too often.
 *
 * Pure: one thread at a time, no clock, no files.  The same outcomes in the same order
 * give the same bits. */
#ifndef WEIR_ROUTE_TRAIN_LEARNER_H
#define WEIR_ROUTE_TRAIN_LEARNER_H

#include "route/train/adapt.h"

enum {
    LEARNER_WINDOW = 2048, /* outcomes */
    LEARNER_EVERY = 40,
    LEARNER_FIRST = 60, /* outcomes before the first candidate */
    LEARNER_LEAST = 200,
    LEARNER_MEMORY = 350,
    LEARNER_ERRORS = 3
};
#define LEARNER_MARGIN 0.005 /* natural logarithm units an outcome */

/* Differences of losses: sums of w, w^2, w d and w d^2 with decay. */
struct learner_sums {
    double w, ww, d, dd;
    uint64_t n; /* outcomes, without decay */
};

struct learner {
    struct adapter base, serving, candidate;
    bool is_serving;    /* serving is another than the base */
    bool has_candidate; /* fitted at least once */
    struct adapt_row rows[LEARNER_WINDOW];
    uint32_t nrows, at; /* rows that there are; where the next one goes */
    uint64_t nlearnt;   /* outcomes in all */
    uint64_t npromoted, nrolled_back;
    struct learner_sums gain; /* loss of what serves, less the candidate's */
    struct learner_sums harm; /* loss of what serves, less the base's */
    /* Decayed sums of weight and of each one's loss, for people. */
    double weight, loss_base, loss_serving, loss_candidate;
};

/* It knows nothing, and the base serves. */
void learner_reset(struct learner *l, const struct adapter *base);

enum learner_step {
    LEARNER_SAME,
    LEARNER_PROMOTED,   /* the candidate serves from now on */
    LEARNER_ROLLED_BACK /* the base serves again */
};
enum learner_step learner_take(struct learner *l, const struct adapt_row *r);

/* Mean of the differences and its standard error; NAN before there are two. */
double learner_mean(const struct learner_sums *s, double *ret_error);

/* For the disk: LEARNER_BYTES, whole, with a checksum.  digest: of the weights, the base
 * and the models that the outcomes are of. */
enum { LEARNER_BYTES = sizeof(struct learner) + 24 };
void learner_save(const struct learner *l, uint32_t digest,
                  unsigned char out[LEARNER_BYTES]);
/* What became of the bytes; *l is reset to the base unless LEARNER_LOADED. */
enum learner_load { LEARNER_LOADED, LEARNER_OTHER, LEARNER_DAMAGED };
enum learner_load learner_load(struct learner *l, const struct adapter *base,
                               uint32_t digest, struct str bytes);

#endif
