/* apgr.h -- how good a router's order of prompts is, by RouteLLM's definitions.
 *
 * A router gives each prompt a score; the prompts with the highest scores go to the
 * cloud.  Quality is the mean score of the answers that are returned.  What is measured
 * is the order alone: whatever rises with the score has the same figures.
 *
 * Source of the formulas: Ong et al., "RouteLLM" (2024), and its evaluation code: eleven
 * thresholds, the edges of ten bins with equally many scores (a prompt goes to the cloud
 * when its score is >= the edge, at the last edge when it is > it); quality is joined by
 * straight lines over the share of prompts that go to the cloud.
 *   APGR    (area under quality - area under local) / (area under cloud - area under
 * local) CPT(p)  the least percentage to the cloud with local + p (cloud - local),
 * interpolated as numpy.interp does; where quality does not rise everywhere this is one
 * of several crossings, as it is in their figures Ours, beside them: share95 the least
 * percentage to the cloud whose quality is >= 0.95 of the cloud's, looked for at every
 * prompt and not only at the eleven points
 *
 * APGR of chance is 0.5.  What sees both answers (`eval_oracle`) does not have 1: more
 * where some local answers are better than the cloud's, less where the cloud always wins.
 * Their code refuses equal scores; here they are ordered by a hash of the id, so the
 * same lines give the same figures in any order of the file.
 *
 * Pure but for the memory of an order.  Nothing is drawn at random: what stands for
 * chance comes from fixed seeds. */
#ifndef WEIR_EVAL_APGR_H
#define WEIR_EVAL_APGR_H

#include "core/err.h"
#include "core/str.h"

enum { EVAL_POINTS = 11, EVAL_BINS = EVAL_POINTS - 1 };

/* One prompt, answered by both sides.  Scores are finite; usually 0..1, higher is
 * better. */
struct eval_pair {
    double local, cloud;
    uint64_t tie; /* eval_tie(id): the order among equal scores */
};

uint64_t eval_tie(struct str id);

/* One point of the curve: so much went to the cloud, so good were the answers. */
struct eval_point {
    double share; /* 0..1 */
    double quality;
};

struct eval_figures {
    size_t n;
    double local, cloud; /* mean scores */
    /* Not a number where both sides are equally good on average (within 1e-9), for there
     * is nothing to recover, and of a single prompt, which has no order. */
    double apgr, cpt50, cpt80;            /* cpt: percent */
    double share95;                       /* percent; never above 100 */
    struct eval_point curve[EVAL_POINTS]; /* from nothing to the cloud to everything */
};

/* The prompts in the order in which they go to the cloud: indexes of `pairs`, the
 * highest score first.  Scores that are not numbers come last.  NULL: no memory.  The
 * caller frees it with mem_free(). */
uint32_t *eval_order(const struct eval_pair *pairs, const double *scores, size_t n);

/* The figures of that order.  n > 0. */
void eval_measure(const struct eval_pair *pairs, const uint32_t *order, size_t n,
                  struct eval_figures *ret);

/* Both steps.  -1 and ERR_INTERNAL when there is no memory. */
int eval_scores(const struct eval_pair *pairs, const double *scores, size_t n,
                struct eval_figures *ret, struct err *err);

/* What a router could reach at best: it sees both answers and sends first where the
 * cloud gains most. */
int eval_oracle(const struct eval_pair *pairs, size_t n, struct eval_figures *ret,
                struct err *err);

/* Chance: the mean APGR of ten fixed orders. */
int eval_random(const struct eval_pair *pairs, size_t n, double *ret_apgr,
                struct err *err);

/* The score of "the longer prompt goes to the cloud": its characters (UTF-8 sequences
 * begun). */
double eval_length(struct str prompt);

/* Standard error of APGR: the prompts are drawn anew, with replacement, 200 times, from a
 * fixed seed.  With `other` (an order or NULL): of the difference apgr(order) -
 * apgr(other) on the same draws.  Not a number where no APGR is. */
int eval_error(const struct eval_pair *pairs, const uint32_t *order,
               const uint32_t *other, size_t n, double *ret, struct err *err);

#endif
