/* adapter.h -- a small correction of the learned score, by what was seen of the answers
 * of the models that run here.
 *
 *   P(local suffices) = 1 / (1 + exp(-(a + b logit(p) + c g + w_1 x_1 + .. + w_n x_n)))
 *
 * p and g are what the router says (chance that the local answer suffices, gain by the
 * cloud), x are some of the prompt's figures, each less its usual value and in units of
 * its usual spread.  a = c = w = 0 and b = 1 leave everything as it is: the base.  It is
 * Platt's scaling ("Probabilistic outputs for support vector machines", 1999) with a few
 * inputs more; train/adapt.h fits it.
 *
 * Its inputs are 32 bytes in coarse steps, so that they can be kept until somebody says
 * what an answer was worth.  They tell of length, counts and kind, and of no word: the
 * hashed words of features.h are no inputs, because hashes of words can be guessed back,
 * and neither are the counts of words by subject (law, medicine ..).
 *
 * No memory, no lock, no clock; the same figures every time. */
#ifndef WEIR_ROUTE_LEARNED_ADAPTER_H
#define WEIR_ROUTE_LEARNED_ADAPTER_H

#include "route/learned/learned.h"

enum {
    ADAPTER_FIGURES = 28,
    ADAPTER_SIZE = 3 + ADAPTER_FIGURES, /* a, b, c, w */
    ADAPTER_STEPS = 1000,               /* of 1, in logit and gap */
    ADAPTER_INPUT_BYTES = 32
};

struct adapter_inputs {
    int16_t logit, gap; /* in ADAPTER_STEPS; cut at +-4 and +-2 */
    int8_t figure[ADAPTER_FIGURES];
};
_Static_assert(sizeof(struct adapter_inputs) == ADAPTER_INPUT_BYTES, "no gaps");

struct adapter {
    float x[ADAPTER_SIZE];
};

/* Changes nothing. */
struct adapter adapter_base(void);

/* What the adapter may know of a prompt that has been read and judged. */
void adapter_inputs_of(const struct prompt *p, const struct router_score *s,
                       struct adapter_inputs *ret);
/* What the weights stand before: 1, logit(p), g in its usual spread, x. */
void adapter_row(const struct adapter_inputs *in, double ret[ADAPTER_SIZE]);

/* P(local suffices), 0..1. */
double adapter_suffices(const struct adapter *a, const struct adapter_inputs *in);
/* The score as the adapter sees it: P is its own, and the gain by the cloud falls by as
 * much as P rose above the base's. */
void adapter_apply(const struct adapter *a, const struct adapter_inputs *in,
                   struct router_score *s);

/* The name of weight k in words: "numbers", "a multiple choice". */
const char *adapter_weight_name(unsigned k);

#endif
