/* leg_cost.c -- what a leg used and cost, and its record.
 *
 * Tokens come from the engine where it reported them; otherwise they are estimated
 * from bytes and marked so.  A cost is what a provider charges by its list price:
 * integer nano-dollars, 0 for local engines (their electricity is `weir plan`'s
 * business), unknown when no price is known. */
#include "gateway/escalate.h"
#include "gateway/request.h"

enum { BYTES_PER_TOKEN = 4 };

/* What the engine has not reported, or not yet when its answer broke off, is estimated
 * from bytes.  True when nothing had to be.  No prompt is read without a token and no
 * text made without one: who says 0 has not counted (Ollama, where it stops a model that
 * repeats itself). */
static bool usage_of(struct leg *l, bool has_begun, struct usage *ret)
{
    struct answer *a = &l->answer;
    if (a->decoder && !a->usage.is_known)
        a->usage = a->decoder->usage;
    *ret = a->usage;
    if (!l->is_launched)
        return ret->is_known;
    bool lacks_input = !ret->is_known || ret->input_tokens == 0;
    bool lacks_output =
        !ret->is_known || (ret->output_tokens == 0 && a->content_bytes > 0);
    if (lacks_input)
        ret->input_tokens = has_begun ? l->request->input_estimate : 0;
    if (lacks_output)
        ret->output_tokens = (a->content_bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    return !lacks_input && !lacks_output;
}

/* A failed leg had the prompt and worked on it: some of an answer came, or a deadline
 * passed or the connection broke while it was at work.  One that refused, or broke off at
 * once without a word, bills nothing. */
static bool has_worked(const struct leg *l, const struct err *err)
{
    const struct answer *a = &l->answer;
    if (a->mode == ANSWER_FAILURE)
        return false;
    bool is_given_up =
        err->kind == ERR_TIMEOUT && strcmp(err->code, "connect_timeout") != 0;
    return is_given_up || a->was_at_work || l->ttft_ms >= 0 || a->usage.is_known ||
           (a->decoder && a->decoder->usage.is_known);
}

/* An answer that brought nothing is not billed as if its engine had read the prompt; a
 * stream that was cut is, and so is an engine that was at work when the client left, or
 * when weir's time to stop came, or whose answer weir could not take. */
static bool has_begun(const struct leg *l, enum outcome outcome)
{
    bool is_answering = l->answer.mode != ANSWER_NONE && l->answer.mode != ANSWER_FAILURE;
    return l->ttft_ms >= 0 || is_answering || l->answer.was_at_work ||
           outcome == OUTCOME_CANCELLED;
}

/* Of this leg alone.  One that no byte went to is owed nothing.  The price is that of
 * the day the request came, and of the tier of service that the answer names.
 * *ret_date is left alone when no price was used. */
static int64_t cost_of(const struct leg *l, const struct usage *u, struct str *ret_date)
{
    const struct request *r = l->request;
    struct err ignored;
    int64_t cost = COST_UNKNOWN;
    const struct token_counts n = {
        .input = u->input_tokens,
        .cached = u->cached_tokens,
        .cache_write = u->cache_write_tokens,
        .output = u->output_tokens,
        .reasoning = u->reasoning_tokens,
        .audio_in = u->audio_input_tokens,
        .audio_out = u->audio_output_tokens,
    };
    if (!l->is_launched)
        return 0;
    const struct price *p = setup_price_at(r->setup, l->model, r->started_wall_ms);
    if (!p)
        return l->is_cloud ? COST_UNKNOWN : 0;
    p = price_of_tier(p, u->tier);
    if (!p || u->has_unpriced || prices_cost_nanousd(p, &n, &cost, &ignored) < 0)
        return COST_UNKNOWN;
    *ret_date = str_of(p->source_date);
    return cost;
}

/* What the row will show of it; is_last: of the legs that were promised to the client. */
static void add_to_request(struct request *r, const struct ledger_leg *x, bool is_last)
{
    r->cost_nanousd = ledger_cost_sum(r->cost_nanousd, x->cost_nanousd);
    if (is_last) {
        r->usage = x->usage;
        r->usage_is_reported = x->usage_is_reported;
    }
    if (x->price_date.n && (is_last || !r->price_date.n))
        r->price_date = x->price_date;
    if (is_last || x->cost_nanousd == 0)
        return;
    r->naside_paid += !ledger_is_try(x->purpose);
    r->nfailed_paid += ledger_is_try(x->purpose);
    r->other_nanousd = ledger_cost_sum(r->other_nanousd, x->cost_nanousd);
}

void leg_settle(struct leg *l, enum outcome outcome, const struct err *err)
{
    struct request *r = l->request;
    uint64_t now = loop_now_ms(r->worker->loop);
    bool is_last = !err && l == &r->leg;
    if (!l->is_open)
        return;
    l->is_open = false;
    struct ledger_leg x = {
        .uid = r->uid,
        .number = l->number,
        .purpose = l->purpose,
        .is_promised = is_last && (outcome == OUTCOME_OK ||
                                   (l->ttft_ms >= 0 && !escalate_keeps_back(r))),
        .side = l->is_cloud ? SIDE_CLOUD : SIDE_LOCAL,
        .engine = l->model->engine->name,
        .model = l->model->name,
        .status = l->answer.status,
        .outcome = outcome,
        .error_code = str_of(err           ? err->code
                             : l->end_code ? l->end_code
                             : is_last     ? r->error_code
                                           : ""),
        .has_left = l->is_launched,
        .started_ms = l->started_ms - r->started_ms,
        .ttft_ms = l->ttft_ms,
        .total_ms = now - l->started_ms,
        .sent_bytes = l->is_launched ? l->body_bytes : 0,
        .answer_bytes = l->answer.sent_bytes,
    };
    if (!err || (l->is_launched && has_worked(l, err))) {
        bool is_begun = err || has_begun(l, outcome);
        x.usage_is_reported = usage_of(l, is_begun, &x.usage);
        x.cost_nanousd = cost_of(l, &x.usage, &x.price_date);
    }
    l->cost_nanousd = x.cost_nanousd;
    ledger_append_leg(r->worker->log, &x);
    meter_count_leg(r->setup->model_meters[l->model->index], &x);
    if (UNLIKELY(r->escalation != NULL))
        meters_count_judging(r->worker->server->parts.meters, &x);
    add_to_request(r, &x, is_last);
}
