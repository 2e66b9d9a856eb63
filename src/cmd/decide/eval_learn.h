/* eval_learn.h -- `weir eval route --learn`: what learning while it runs would be worth
 * on these prompts. */
#ifndef WEIR_CMD_DECIDE_EVAL_LEARN_H
#define WEIR_CMD_DECIDE_EVAL_LEARN_H

#include "cmd/decide/prompt_lines.h"
#include "cmd/lib/options.h"
#include "route/learned/learned.h"

/* What of it stands in --help. */
#define EVAL_LEARN_DETAILS                                                               \
    "With --learn the lines of a file come one after the other as judged answers (the\n" \
    "local one suffices when its score is not below the cloud's), in the order of a "    \
    "hash\n"                                                                             \
    "of their ids. After 500, 1,000 and 3,000 of them: the mean log loss of what was\n"  \
    "predicted before each was seen, of the weights alone and of what served; and on "   \
    "the\n"                                                                              \
    "lines that are left, log loss, calibration error (ece) and APGR of the weights, "   \
    "of\n"                                                                               \
    "their calibrated chances, and of the adapter as learnt by then.\n"

/* Exit code. */
int eval_learn(const struct options *o, const char *path, const struct prompt_lines *l,
               const struct router *r);

#endif
