/* row.c -- a row and its legs: which one the row tells of, and where its money stands. */
#include "ledger/row.h"

const char *leg_purpose_name(enum leg_purpose p)
{
    static const char *const names[LEG_PURPOSES + 1] = {
        [LEG_ANSWER] = "answer",
        [LEG_RETRY] = "retry",
        [LEG_SECOND_OPINION] = "second_opinion",
        [LEG_JUDGE] = "judge",
        [LEG_MIRROR] = "mirror",
        [LEG_ESCALATED] = "escalated",
        [LEG_PURPOSES] = "other",
    };
    return names[p < LEG_PURPOSES ? p : LEG_PURPOSES];
}

const char *feedback_name(enum feedback f)
{
    static const char *const names[FEEDBACK_KINDS + 1] = {
        [FEEDBACK_GOOD] = "good",     [FEEDBACK_BAD] = "bad",
        [FEEDBACK_EDITED] = "edited", [FEEDBACK_REGENERATE] = "regenerate",
        [FEEDBACK_REASK] = "reask",   [FEEDBACK_KINDS] = "other",
    };
    return names[f < FEEDBACK_KINDS ? f : FEEDBACK_KINDS];
}

bool ledger_is_try(enum leg_purpose p)
{
    return p == LEG_ANSWER || p == LEG_RETRY || p == LEG_ESCALATED;
}

const struct ledger_leg *ledger_own_leg(const struct ledger_row *r)
{
    const struct ledger_leg *last = NULL;
    for (size_t i = 0; i < r->nlegs; i++)
        if (r->legs[i].is_promised)
            return &r->legs[i];
    for (size_t i = r->nlegs; i-- > 0 && !last;)
        if (ledger_is_try(r->legs[i].purpose))
            last = &r->legs[i];
    return last && str_eq(last->engine, r->engine) && str_eq(last->model, r->model_used)
               ? last
               : NULL;
}

/* The row says itself whether it was a stream; so those of older weirs do. */
int64_t ledger_first_token_ms(const struct ledger_row *r)
{
    return r->is_stream ? r->ttft_ms : -1;
}

bool ledger_leg_failed_beside(const struct ledger_row *r, const struct ledger_leg *l)
{
    return ledger_is_try(l->purpose) && l->outcome != OUTCOME_OK &&
           l != ledger_own_leg(r);
}

struct ledger_leg ledger_leg_of_row(const struct ledger_row *r)
{
    return (struct ledger_leg){
        .uid = r->open.uid,
        .number = r->attempts ? r->attempts : 1,
        .is_promised = r->outcome == OUTCOME_OK || r->ttft_ms >= 0,
        .side = r->side,
        .engine = r->engine,
        .model = r->model_used,
        .status = r->status,
        .outcome = r->outcome,
        .error_code = r->error_code,
        .has_left = r->attempts > 0,
        .usage = r->usage,
        .usage_is_reported = r->usage_is_reported,
        .cost_nanousd = r->cost_nanousd,
        .price_date = r->price_date,
        .ttft_ms = r->ttft_ms,
        .total_ms = r->total_ms,
        .sent_bytes = r->request_bytes,
        .answer_bytes = r->answer_bytes,
    };
}

int64_t ledger_cost_sum(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? COST_UNKNOWN : a + b;
}

int64_t ledger_own_cost(const struct ledger_row *r)
{
    const struct ledger_leg *own = ledger_own_leg(r);
    return own ? own->cost_nanousd : r->nlegs ? 0 : r->cost_nanousd;
}

int64_t ledger_cloud_cost(const struct ledger_row *r)
{
    int64_t sum = 0;
    for (size_t i = 0; i < r->nlegs; i++)
        if (r->legs[i].side == SIDE_CLOUD)
            sum = ledger_cost_sum(sum, r->legs[i].cost_nanousd);
    return sum;
}

bool ledger_is_local_after_cloud(const struct ledger_row *r)
{
    return r->was_at_cloud && r->side == SIDE_LOCAL;
}
