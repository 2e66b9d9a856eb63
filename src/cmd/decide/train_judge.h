/* train_judge.h -- `weir train judge`: the weights of the judge's score, learnt. */
#ifndef WEIR_CMD_DECIDE_TRAIN_JUDGE_H
#define WEIR_CMD_DECIDE_TRAIN_JUDGE_H

#include "core/compiler.h"

/* Learns from the files and writes the weights to `out`.  Every file counts alike,
 * whatever its length.  Returns the exit code; faults are printed. */
int train_judge(const char *const *files, size_t n, const char *out);

#endif
