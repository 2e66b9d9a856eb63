/* logprobs.h -- how sure the engine was of its tokens, without regard to their number.
 *
 * A sum or a mean of log-probabilities says mostly how long an answer is.  Quantiles do
 * not (Gupta et al., "Language Model Cascades: Token-level uncertainty and beyond",
 * arXiv 2404.10136).  The values are counted in 64 steps of equal width in the logarithm
 * of -logprob, so no token is stored: a stream can be counted as it passes. */
#ifndef WEIR_JUDGE_LOGPROBS_H
#define WEIR_JUDGE_LOGPROBS_H

#include "core/str.h"

enum { LOGPROB_BINS = 64 };

struct logprobs { /* = {0} before the first */
    uint32_t n;   /* tokens */
    double least; /* the most surprising one: 0 or below */
    uint32_t bins[LOGPROB_BINS];
};

/* Counts one token.  What is no number or above 0 counts as 0: certain. */
void logprobs_add(struct logprobs *l, double logprob);
/* The value that a share q of the tokens is below: 0 or less; NAN when there are none.
 * Right to about a tenth of itself. */
double logprobs_quantile(const struct logprobs *l, double q);
/* Counts what stands in OpenAI's member `logprobs` (of a choice, whole or of a chunk; a
 * raw JSON value): {"content":[{"token","logprob"}]}, the older {"token_logprobs":[]}, or
 * the array alone. Returns how many tokens were counted; 0 of null or of anything else.
 */
uint32_t logprobs_read(struct logprobs *l, struct str raw);

#endif
