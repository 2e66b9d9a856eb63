/* fit_list.h -- what fits a machine, first what one would try first. */
#ifndef WEIR_CMD_DECIDE_FIT_LIST_H
#define WEIR_CMD_DECIDE_FIT_LIST_H

#include "cmd/decide/fit_choose.h"

/* The answer, the machine and two tables: one model for each use, and all in order
 * (fit/pick.h). */
void fit_list(struct fitting *x);

#endif
