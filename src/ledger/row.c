/* row.c -- where a row's money stands. */
#include "ledger/row.h"

int64_t ledger_own_cost(const struct ledger_row *r)
{
    return r->nspent ? r->own_nanousd : r->cost_nanousd;
}

static void add(int64_t *sum, int64_t cost)
{
    *sum = *sum < 0 || cost < 0 ? COST_UNKNOWN : *sum + cost;
}

int64_t ledger_cloud_cost(const struct ledger_row *r)
{
    int64_t sum = 0;
    if (r->has_engine && r->side == SIDE_CLOUD)
        add(&sum, ledger_own_cost(r));
    for (size_t i = 0; i < r->nspent; i++)
        if (r->spent[i].side == SIDE_CLOUD)
            add(&sum, r->spent[i].cost_nanousd);
    return sum;
}

bool ledger_is_local_after_cloud(const struct ledger_row *r)
{
    return r->was_at_cloud && r->side == SIDE_LOCAL;
}
