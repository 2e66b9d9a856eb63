/* plan_ledger.h -- the workload of the last 30 days, from weir's own ledger.
 *
 * plan_ledger.c reads it; plan_ledger_none.c stands in for builds without a ledger. */
#ifndef WEIR_CMD_DECIDE_PLAN_LEDGER_H
#define WEIR_CMD_DECIDE_PLAN_LEDGER_H

#include "facts/models.h"
#include "plan/plan.h"

enum { PLAN_LEDGER_DAYS = 30 };

struct plan_ledger_ask {
    const char *state_dir; /* NULL: the usual place */
    const struct models *models;
    const struct model *model; /* whose local speed is wanted; NULL: of the only one */
    bool wants_speed;          /* false: the plan is for another machine than this one */
    bool allow_short;          /* a sample of less than a day is taken for a month */
};

struct plan_ledger_seen {
    uint64_t requests, span_ms; /* from the first of the last 30 days until now */
};

/* Fills the workload of `in`, scaled from its span to 30 days, and the speed that local
 * requests of that model had.  An empty ledger is a fault, and so is a short one. */
int plan_ledger_read(const struct plan_ledger_ask *ask, struct plan_input *in,
                     struct plan_ledger_seen *ret, struct err *err);

#endif
