/* fit_eval.h -- weir fit --eval: the speed model judged on measured rows. */
#ifndef WEIR_CMD_DECIDE_FIT_EVAL_H
#define WEIR_CMD_DECIDE_FIT_EVAL_H

#include "cmd/lib/options.h"
#include "facts/facts.h"

/* Exit 1 when a goal is missed: 8 % for a left-out RTX card, median 15 % outside. */
int fit_evaluate(const struct options *o, const struct facts *f, const char *path);

#endif
