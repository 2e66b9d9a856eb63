/* failed.h -- what tries came to that failed while another one ended their request. */
#ifndef WEIR_LEDGER_INDEX_FAILED_H
#define WEIR_LEDGER_INDEX_FAILED_H

#include "ledger/index/sums.h"

struct ledger_failed {
    uint64_t tries; /* as many as failed_attempts of a total */
    int64_t cost_nanousd;
    uint64_t cost_unknown; /* tries whose cost nobody knows; not in cost_nanousd */
};

/* Of the span of the query; its `by` is not looked at.  Errors as ledger_sum(). */
int ledger_sum_failed(const struct ledger_sums_query *q, struct ledger_failed *ret,
                      struct err *err);

#endif
