/* weights.c -- the weights of the score, built in.
 *
 * A name that traits.h does not have is an error of the compiler; one that the file
 * lacks has no weight. */
#include "judge/traits.h"

#define JUDGE_WEIGHT(name, value) [FEATURE_##name] = (value),
const double judge_weights[FEATURE_COUNT] = {
#include "judge/weights.inc"
};
