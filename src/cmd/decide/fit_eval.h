/* fit_eval.h -- weir fit --eval: the speed model judged on measured rows. */
#ifndef WEIR_CMD_DECIDE_FIT_EVAL_H
#define WEIR_CMD_DECIDE_FIT_EVAL_H

#include "cmd/lib/options.h"
#include "facts/facts.h"

/* Exit 1 when the goal is missed: a median error of 10 %, each device left out. */
int fit_evaluate(const struct options *o, const struct facts *f, const char *path);

#endif
