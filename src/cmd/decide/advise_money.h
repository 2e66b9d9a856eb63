/* advise_money.h -- what the money says about the answers, computed by the same functions
 * as weir plan, so that both say the same of the same load. */
#ifndef WEIR_CMD_DECIDE_ADVISE_MONEY_H
#define WEIR_CMD_DECIDE_ADVISE_MONEY_H

#include "cmd/decide/advise_models.h"
#include "cmd/lib/options.h"
#include "facts/facts.h"
#include "plan/advise.h"
#include "report/report.h"

/* Computes the load of the answers against one cloud model (--model), or against a cheap
 * and a dear one when none is named, puts a->money, and adds the figures to the report.
 * *ret_says becomes one sentence about it, or stays.  Nothing is computed, and a->money
 * stays SAYS_NOTHING, when neither tokens nor a bill are known. */
int advise_money(const struct options *o, const struct facts *f, struct report *r,
                 const struct advice_models *models, struct answers *a,
                 const char **ret_says, struct err *err);

#endif
