/* escalation.c -- see escalation.h. */
#include "ledger/escalation.h"

#include "ledger/judged.h"

static void add_leg(struct escalation_sums *s, const struct ledger_leg *l)
{
    bool is_aside = l->purpose == LEG_SECOND_OPINION || l->purpose == LEG_JUDGE;
    bool is_discarded = l->purpose <= LEG_RETRY && l->outcome == OUTCOME_OK &&
                        !l->is_promised && l->side == SIDE_LOCAL;
    s->nopinions += l->purpose == LEG_SECOND_OPINION;
    s->njudges += l->purpose == LEG_JUDGE;
    if (is_aside)
        s->aside_nanousd = ledger_cost_sum(s->aside_nanousd, l->cost_nanousd);
    if (l->purpose == LEG_ESCALATED)
        s->stronger_nanousd = ledger_cost_sum(s->stronger_nanousd, l->cost_nanousd);
    if ((is_aside && l->side == SIDE_LOCAL) || is_discarded)
        s->local_ms += l->total_ms;
}

void escalation_sums_add(struct escalation_sums *s, const struct ledger_row *row)
{
    enum judged j = judged_of(judged_words_of(row), row->outcome);
    if (j == JUDGED_NOT)
        return;
    for (size_t i = 0; i < row->nlegs; i++)
        add_leg(s, &row->legs[i]);
    bool is_unsure = j == JUDGED_UNSURE || j == JUDGED_NOTHING_AGAINST;
    bool is_kept = is_unsure || j == JUDGED_KEPT || j == JUDGED_GIVEN_BACK;
    s->kept += j == JUDGED_KEPT;
    s->unsure += is_unsure;
    s->given_back += j == JUDGED_GIVEN_BACK;
    s->escalated += j == JUDGED_ESCALATED;
    s->cancelled += j == JUDGED_CANCELLED;
    s->not_judged += !is_kept && j != JUDGED_ESCALATED && j != JUDGED_CANCELLED;
    if (!is_kept)
        return;
    s->kept_tokens.input += row->usage.input_tokens;
    s->kept_tokens.cached += row->usage.cached_tokens;
    s->kept_tokens.output += row->usage.output_tokens;
    s->kept_tokens.reasoning += row->usage.reasoning_tokens;
}

uint64_t escalation_sums_total(const struct escalation_sums *s)
{
    return s->kept + s->unsure + s->escalated + s->given_back + s->not_judged +
           s->cancelled;
}

int escalation_kept_cost(const struct escalation_sums *s, const struct price *price,
                         int64_t *ret_nanousd, struct err *err)
{
    struct price base = *price;
    base.ntiers = 0;
    return prices_cost_nanousd(&base, &s->kept_tokens, ret_nanousd, err);
}
