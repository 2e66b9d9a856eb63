/* settle.c -- one ledger row for every request that was admitted, whatever died.
 *
 * Tokens come from the engine where it reported them; otherwise they are estimated
 * from bytes and marked so.  A cost is what a provider charges by its list price:
 * integer nano-dollars, 0 for local engines (their electricity is `weir plan`'s
 * business), null when no price is known. */
#include "gateway/request.h"

#include "core/log.h"

enum {
    BYTES_PER_TOKEN = 4,
    /* No engine's context is so small that a shorter prompt would be cut. */
    SHORTEST_CUT_TOKENS = 256
};

/* What the engine has not reported, or not yet when its answer broke off, is estimated
 * from bytes.  True when nothing had to be. */
static bool usage_of(struct request *r, bool has_begun, bool is_whole, struct usage *ret)
{
    struct answer *a = &r->answer;
    if (a->decoder && !a->usage.is_known)
        a->usage = a->decoder->usage;
    *ret = a->usage;
    if (!r->model || !r->is_launched)
        return ret->is_known;
    bool lacks_input = !ret->is_known || ret->lacks_input;
    bool lacks_output =
        !ret->is_known || (!is_whole && ret->output_tokens == 0 && a->content_bytes > 0);
    if (lacks_input)
        ret->input_tokens = has_begun ? r->input_estimate : 0;
    if (lacks_output)
        ret->output_tokens = (a->content_bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    return !lacks_input && !lacks_output;
}

/* A failed attempt that brought nothing is not billed as if it had read the prompt; a
 * stream that was cut is, and so is an engine that was at work when the client left, or
 * whose answer weir could not take. */
static bool settle_usage(struct request *r, struct usage *ret)
{
    bool is_answering = r->answer.mode != ANSWER_NONE && r->answer.mode != ANSWER_FAILURE;
    bool has_begun = r->ttft_ms >= 0 || is_answering || r->outcome == OUTCOME_CANCELLED;
    return usage_of(r, has_begun, r->outcome == OUTCOME_OK, ret);
}

/* Of this attempt alone.  One that no byte went to is owed nothing.  The price is that of
 * the day the request came, and of the tier of service that the answer names.
 * *ret_date is left alone when no price was used. */
static int64_t cost_of(const struct request *r, const struct usage *u,
                       struct str *ret_date)
{
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
    if (!r->model || !r->is_launched)
        return 0;
    const struct price *p = setup_price_at(r->setup, r->model, r->started_wall_ms);
    if (!p)
        return r->is_cloud ? COST_UNKNOWN : 0;
    p = price_of_tier(p, u->tier);
    if (!p || u->has_unpriced || prices_cost_nanousd(p, &n, &cost, &ignored) < 0)
        return COST_UNKNOWN;
    *ret_date = str_of(p->source_date);
    return cost;
}

/* -- attempts that failed ---------------------------------------------------------- */

/* It had the prompt and worked on it: some of an answer came, or a deadline passed or
 * the connection broke while it was at work.  One that refused, or broke off at once
 * without a word, bills nothing. */
static bool has_worked(const struct request *r, const struct err *err)
{
    const struct answer *a = &r->answer;
    if (a->mode == ANSWER_FAILURE)
        return false;
    bool is_given_up =
        err->kind == ERR_TIMEOUT && strcmp(err->code, "connect_timeout") != 0;
    return is_given_up || a->was_at_work || r->ttft_ms >= 0 || a->usage.is_known ||
           (a->decoder && a->decoder->usage.is_known);
}

/* What the attempt that is under way is to its row: all but what it brought. */
static struct ledger_leg leg_of(const struct request *r)
{
    uint64_t now = loop_now_ms(r->worker->loop);
    return (struct ledger_leg){
        .uid = r->uid,
        .number = r->attempts,
        .purpose = r->attempts > 1 ? LEG_RETRY : LEG_ANSWER,
        .side = r->is_cloud ? SIDE_CLOUD : SIDE_LOCAL,
        .engine = r->model->engine->name,
        .model = r->model->name,
        .status = r->answer.mode == ANSWER_NONE ? 0 : r->answer.status,
        .outcome = OUTCOME_ERROR,
        .has_left = r->is_launched,
        .started_ms = r->leg_began_ms - r->started_ms,
        .ttft_ms = -1,
        .total_ms = now - r->leg_began_ms,
        .sent_bytes = r->is_launched ? r->request_bytes : 0,
        .answer_bytes = r->answer.content_bytes,
    };
}

static void append(struct request *r, const struct ledger_leg *leg)
{
    r->nlegs++;
    r->owed_nanousd = ledger_cost_sum(r->owed_nanousd, leg->cost_nanousd);
    ledger_append_leg(r->worker->log, leg);
}

/* What is owed stands by itself, with the engine that is paid: another may answer. */
void settle_attempt(struct request *r, const struct err *err)
{
    if (r->nlegs == r->attempts)
        return;
    struct ledger_leg leg = leg_of(r);
    leg.error_code = str_of(err->code ? err->code : "");
    if (r->ttft_ms >= 0)
        leg.ttft_ms = r->ttft_ms - (int64_t)leg.started_ms;
    if (r->is_launched && has_worked(r, err)) {
        leg.usage_is_reported = usage_of(r, true, false, &leg.usage);
        leg.cost_nanousd = cost_of(r, &leg.usage, &leg.price_date);
        struct meter *meter = r->setup->model_meters[r->model->index];
        if (meter)
            meter_count_cost(meter, leg.cost_nanousd);
        if (r->price_date.n == 0)
            r->price_date = leg.price_date;
    }
    r->nowed += leg.cost_nanousd != 0;
    append(r, &leg);
    r->is_launched = false; /* it has been settled */
}

void settle_stale_attempt(struct request *r)
{
    struct ledger_leg leg = leg_of(r);
    leg.error_code = STR("connection_ended");
    append(r, &leg);
}

/* -- the row ----------------------------------------------------------------------- */

/* One more reason, when there is memory for it. */
static void add_reason(struct request *r, struct ledger_row *row, const char *rule,
                       struct str detail)
{
    struct str old = row->reasons_json;
    struct str all = arena_printf(
        &r->keep, "%.*s%s{\"rule\":\"%s\",\"detail\":\"%.*s\"}]",
        (int)(old.n ? old.n - 1 : 0), old.p, old.n > 2 ? "," : "", rule, STR_ARG(detail));
    if (detail.p && all.p)
        row->reasons_json = all;
}

/* The row's tokens are those of the answer; its cost is all that the request cost, and
 * each part of it keeps the engine where it was spent. */
static void add_what_is_owed(struct request *r, struct ledger_row *row)
{
    int64_t owed = r->owed_nanousd;
    if (row->price_date.n == 0)
        row->price_date = r->price_date;
    if (r->nowed == 0)
        return;
    row->cost_nanousd = ledger_cost_sum(row->cost_nanousd, owed);
    struct str cost = owed == COST_UNKNOWN
                          ? STR("at an unknown price")
                          : arena_printf(&r->keep, "%lld nano-dollars", (long long)owed);
    add_reason(r, row, "failed_attempts",
               arena_printf(&r->keep, "%u cloud attempts that failed had begun: %.*s",
                            r->nowed, STR_ARG(cost)));
}

/* The attempt that ends with the request. */
static void append_last(struct request *r, const struct ledger_row *row)
{
    struct ledger_leg leg = leg_of(r);
    leg.is_promised = row->outcome == OUTCOME_OK || row->ttft_ms >= 0;
    leg.outcome = row->outcome;
    leg.error_code = row->error_code;
    leg.usage = row->usage;
    leg.usage_is_reported = row->usage_is_reported;
    leg.cost_nanousd = row->cost_nanousd;
    leg.price_date = row->price_date;
    if (row->ttft_ms >= 0)
        leg.ttft_ms = row->ttft_ms - (int64_t)leg.started_ms;
    leg.answer_bytes = row->answer_bytes;
    r->nlegs++;
    ledger_append_leg(r->worker->log, &leg);
}

/* An engine that reports to have read far fewer tokens than were sent has cut the
 * prompt, as Ollama does at 4,096 unless told otherwise.  The answer was made without
 * what was cut, so the row says it and the operator is told. */
static void mark_truncation(struct request *r, struct ledger_row *row)
{
    uint64_t got = row->usage.input_tokens;
    if (!row->usage_is_reported || row->outcome != OUTCOME_OK || got == 0 ||
        r->input_floor < SHORTEST_CUT_TOKENS || got >= r->input_floor ||
        r->surface == SURFACE_EMBEDDINGS)
        return;
    log_warn_rarely(
        "%.*s on %.*s read %llu of about %llu prompt tokens: it cuts prompts; raise "
        "its context (Ollama: num_ctx) or set context: %llu for it",
        STR_ARG(row->model_used), STR_ARG(row->engine), (unsigned long long)got,
        (unsigned long long)r->input_estimate, (unsigned long long)got);
    add_reason(r, row, "truncated",
               arena_printf(&r->keep, "the engine read %llu of about %llu prompt tokens",
                            (unsigned long long)got,
                            (unsigned long long)r->input_estimate));
}

static void count(atomic_ullong *sum, uint64_t n)
{
    if (n)
        atomic_fetch_add_explicit(sum, n, memory_order_relaxed);
}

/* What became of the tags, and the one thing that must not be: an answer that knows a
 * value which the cloud was never told. */
static void note_tags(struct request *r, struct ledger_row *row)
{
    struct server_counters *sums = &r->worker->server->counters;
    struct restore_counts n = r->restored;
    if (r->answer.restorer)
        restore_counts_add(&n, restorer_counts(r->answer.restorer));
    count(&sums->tags_restored, n.restored);
    count(&sums->tags_damaged, n.damaged);
    count(&sums->tags_unknown, n.unknown);
    count(&sums->tags_withheld, n.withheld);
    count(&sums->clear_alarms, n.alarms);
    if (n.alarms)
        log_warn_rarely(
            "%.*s: the answer of %.*s has %llu values in clear that it was never "
            "told: it may know them from elsewhere, or a client sends them past "
            "weir",
            STR_ARG(r->id), STR_ARG(row->engine), (unsigned long long)n.alarms);
    if (r->is_masked)
        add_reason(
            r, row, "restored",
            arena_printf(&r->keep,
                         "%llu tags, %llu of them damaged; %llu unknown, %llu "
                         "secrets withheld, %llu alarms",
                         (unsigned long long)n.restored, (unsigned long long)n.damaged,
                         (unsigned long long)n.unknown, (unsigned long long)n.withheld,
                         (unsigned long long)n.alarms));
}

struct ledger_open request_open(const struct request *r)
{
    return (struct ledger_open){
        .uid = r->uid,
        .ts_ms = r->started_wall_ms,
        .request_id = r->client_id, /* the uid's own is not written out */
        .key = r->key ? r->key->name : STR(""),
        .session = r->session,
        .dialect = DIALECT_OPENAI,
        .surface = r->surface,
        .model_asked = r->model_asked,
        .label = label_name(&r->label),
    };
}

void settle_enter(struct request *r)
{
    struct ledger_row row = {
        .open = request_open(r),
        .session_name = r->session_name,
        .side = r->is_cloud ? SIDE_CLOUD : SIDE_LOCAL,
        .has_engine = r->model != NULL,
        .policy = str_of(policy_name(r->policy)),
        .role = str_of(role_name(r->role)),
        .reasons_json = r->reasons_json.n ? r->reasons_json : STR("[]"),
        .status = r->status,
        .outcome = r->outcome,
        .error_code = r->error_code ? str_of(r->error_code) : STR(""),
        .attempts = r->attempts,
        .ttft_ms = r->ttft_ms,
        .total_ms = loop_now_ms(r->worker->loop) - r->started_ms,
        .request_bytes = r->request_bytes,
        .answer_bytes = r->answer.sent_bytes,
        .is_stream = r->is_stream,
        .was_at_cloud = r->was_at_cloud,
        .is_at_cloud_told = true,
    };
    if (r->model) {
        row.engine = r->model->engine->name;
        row.model_used = r->model->name;
    }
    row.usage_is_reported = settle_usage(r, &row.usage);
    row.cost_nanousd = cost_of(r, &row.usage, &row.price_date);
    struct meter *meter = r->model ? r->setup->model_meters[r->model->index] : NULL;
    if (meter)
        meter_count(meter, &row); /* what failed attempts cost is counted already */
    else
        meters_count_refused(r->worker->server->parts.meters, row.outcome);
    mark_truncation(r, &row);
    if (r->attempts > r->nlegs)
        append_last(r, &row);
    row.nlegs_told = r->nlegs;
    add_what_is_owed(r, &row);
    note_tags(r, &row);
    ledger_append_settle(r->worker->log, &row);
}
