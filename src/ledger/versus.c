/* versus.c -- see versus.h. */
#include "ledger/versus.h"

int ledger_versus(const struct ledger_sums *total, const struct ledger_sums *beside,
                  const struct price *price, int64_t *ret_nanousd, struct err *err)
{
    struct price base = *price;
    base.ntiers = 0;
    const struct token_counts given = {
        .input = total->input_tokens - beside->input_tokens,
        .cached = total->cached_tokens - beside->cached_tokens,
        .cache_write = total->cache_write_tokens - beside->cache_write_tokens,
        .output = total->output_tokens - beside->output_tokens,
        .reasoning = total->reasoning_tokens - beside->reasoning_tokens};
    return prices_cost_nanousd(&base, &given, ret_nanousd, err);
}
