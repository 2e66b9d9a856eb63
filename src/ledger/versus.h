/* versus.h -- what the requests of a span would have cost at one model, each of them
 * once: the answers that were given, without retries, second opinions and judges beside
 * them. */
#ifndef WEIR_LEDGER_VERSUS_H
#define WEIR_LEDGER_VERSUS_H

#include "facts/prices.h"
#include "ledger/index/sums.h"

/* `total` is what the query's span adds up to.  Surcharges for long contexts depend on
 * each request: the sum is priced without them.  -1: the ledger cannot be read, or a
 * price is unknown. */
int ledger_versus(const struct ledger_sums_query *q, const struct ledger_sums *total,
                  const struct price *price, int64_t *ret_nanousd, struct err *err);

#endif
