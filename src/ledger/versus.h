/* versus.h -- what the requests of a span would have cost at one model, each of them
 * once: the answers that were given, without retries, second opinions and judges beside
 * them. */
#ifndef WEIR_LEDGER_VERSUS_H
#define WEIR_LEDGER_VERSUS_H

#include "facts/prices.h"
#include "ledger/index/sums.h"

/* `total` is what a span adds up to, `beside` what ledger_sum_beside() says of it.
 * Surcharges for long contexts depend on each request: the sum is priced without them.
 * -1: a price is unknown. */
int ledger_versus(const struct ledger_sums *total, const struct ledger_sums *beside,
                  const struct price *price, int64_t *ret_nanousd, struct err *err);

#endif
