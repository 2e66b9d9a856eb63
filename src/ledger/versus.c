/* versus.c -- see versus.h. */
#include "ledger/versus.h"

int ledger_versus(const struct ledger_sums_query *q, const struct ledger_sums *total,
                  const struct price *price, int64_t *ret_nanousd, struct err *err)
{
    struct ledger_sums beside;
    struct price base = *price;
    base.ntiers = 0;
    if (ledger_sum_beside(q, &beside, err) < 0)
        return -1;
    const struct token_counts given = {
        .input = total->input_tokens - beside.input_tokens,
        .cached = total->cached_tokens - beside.cached_tokens,
        .cache_write = total->cache_write_tokens - beside.cache_write_tokens,
        .output = total->output_tokens - beside.output_tokens,
        .reasoning = total->reasoning_tokens - beside.reasoning_tokens};
    return prices_cost_nanousd(&base, &given, ret_nanousd, err);
}
