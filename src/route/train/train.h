/* train.h -- weights of the learned router from prompts that several models answered.
 *
 * What is learnt is pooled: the mean score of strong models minus the mean of weak ones,
 * which is far less noisy than one pair.  Sources weigh the same, however many prompts
 * they have.  What the sources say little about is held near a prior (prior.c), which
 * says where each of its figures comes from. */
#ifndef WEIR_ROUTE_TRAIN_TRAIN_H
#define WEIR_ROUTE_TRAIN_TRAIN_H

#include "core/buf.h"
#include "route/learned/learned.h"
#include "route/train/fit.h"

struct train_row {
    struct str text;
    uint64_t tie;    /* eval_tie(id) */
    float gap;       /* strong minus weak */
    float suffices;  /* how often a weak answer is as good as a strong one, 0..1 */
    uint32_t source; /* below TRAIN_MAX_SOURCES */
};

enum { TRAIN_MAX_SOURCES = 256 };

struct train_settings {
    struct fit_strength strength;
};
struct train_settings train_usual(void);

/* Fewer prompts are refused: about four for each figure that is learnt.  With less the
 * weights would be the noise of the scores. */
enum { TRAIN_LEAST = 400 };
/* Appends the weights to *out.  -1: no memory, or ERR_CONFIG for too few rows. */
int train_router(const struct train_row *v, size_t n, const struct train_settings *s,
                 struct buf *out, struct err *err);

/* A user's own labels, on top of weights there are. */
struct train_own {
    size_t n;
    double loss_before, loss_after; /* mean squared error of the gap, held out */
    double error;                   /* standard error of their difference */
    bool is_better;                 /* by more than twice that: *out has new weights */
};
enum { TRAIN_OWN_LEAST = 100 }; /* fewer do not replace anything */
int train_own(const struct router *was, const struct train_row *v, size_t n,
              struct buf *out, struct train_own *ret, struct err *err);

/* The prior of a head: weights of figures as they stand (not standardised). */
void train_prior(enum router_head head, float figure[F_NFEATURES]);

#endif
