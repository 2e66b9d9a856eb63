/* plan_ledger.h -- the workload of the last 30 days, from weir's own ledger.
 *
 * plan_ledger.c reads it; plan_ledger_none.c stands in for builds without a ledger. */
#ifndef WEIR_CMD_DECIDE_PLAN_LEDGER_H
#define WEIR_CMD_DECIDE_PLAN_LEDGER_H

#include "plan/plan.h"

enum { PLAN_LEDGER_DAYS = 30 };

/* Fills the workload of `in`, and the speeds when local requests were timed.  state_dir
 * NULL: the usual place.  *ret_days is how many days the rows cover; a shorter ledger is
 * scaled to 30.  An empty ledger is a fault. */
int plan_ledger_read(const char *state_dir, struct plan_input *in, uint64_t *ret_days,
                     struct err *err);

#endif
