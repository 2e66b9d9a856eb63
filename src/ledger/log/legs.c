/* legs.c -- see legs.h. */
#include "ledger/log/legs.h"

#include "ledger/log/record.h"

bool legs_add(struct ledger_legs *legs, const struct ledger_leg *l)
{
    size_t at = legs->n;
    if (legs->n == LEDGER_MAX_LEGS)
        return false;
    while (at && legs->items[at - 1].number > l->number)
        at--;
    if (at && legs->items[at - 1].number == l->number)
        return false;
    for (size_t i = legs->n++; i > at; i--)
        legs->items[i] = legs->items[i - 1];
    legs->items[at] = *l;
    return true;
}

static void take_records(struct str records, struct ledger_legs *legs)
{
    struct record rec;
    while (records.n && record_parse(records, &rec) == RECORD_WHOLE) {
        struct ledger_leg leg;
        if (rec.type == RECORD_LEG && record_get_leg(&rec, &leg))
            (void)legs_add(legs, &leg);
        records = str_sub(records, rec.size, records.n);
    }
}

static int64_t sum_of(const struct ledger_legs *legs)
{
    int64_t sum = 0;
    for (size_t i = 0; i < legs->n; i++)
        sum = ledger_cost_sum(sum, legs->items[i].cost_nanousd);
    return sum;
}

/* The one that the row tells of if that is what is missing, else one of which only the
 * cost is known. */
static struct ledger_leg lost_leg(const struct ledger_row *row, int64_t cost)
{
    struct ledger_leg l = {.uid = row->open.uid,
                           .side = row->was_at_cloud ? SIDE_CLOUD : SIDE_LOCAL,
                           .outcome = OUTCOME_ERROR,
                           .error_code = STR("record_lost"),
                           .has_left = true,
                           .is_bare = true,
                           .ttft_ms = -1};
    if (row->has_engine && !ledger_own_leg(row))
        l = ledger_leg_of_row(row);
    if (row->nlegs && l.number <= row->legs[row->nlegs - 1].number)
        l.number = row->legs[row->nlegs - 1].number + 1;
    l.purpose = l.number > 1 ? LEG_RETRY : LEG_ANSWER;
    l.cost_nanousd = cost;
    return l;
}

void legs_attach(struct ledger_row *row, struct str records, struct ledger_legs *legs)
{
    bool has_one = row->has_engine && (row->attempts || row->cost_nanousd);
    size_t told = row->nlegs_told || !has_one ? row->nlegs_told : 1;
    legs->n = 0;
    take_records(records, legs);
    row->legs = legs->items;
    row->nlegs = legs->n;
    if (UNLIKELY(legs->n < told)) {
        int64_t known = sum_of(legs), all = row->cost_nanousd;
        int64_t rest = all < 0 || known < 0 ? COST_UNKNOWN
                       : all > known        ? all - known
                                            : 0;
        legs->items[legs->n] = lost_leg(row, rest);
        row->nlegs = ++legs->n;
    }
    if (row->nlegs)
        row->cost_nanousd = sum_of(legs);
}
