/* train_judge.h -- `weir train judge`: the weights of the judge's score, learnt. */
#ifndef WEIR_CMD_DECIDE_TRAIN_JUDGE_H
#define WEIR_CMD_DECIDE_TRAIN_JUDGE_H

#include "cmd/lib/command.h"

extern const struct command cmd_train_judge;

#endif
