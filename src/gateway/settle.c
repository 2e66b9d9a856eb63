/* settle.c -- one ledger row for every request that was admitted, however it ended.
 *
 * What each leg used and cost stands in its own record (leg_cost.c); the row is the
 * summary: all that the request cost, and the tokens of the answer. */
#include "gateway/escalate.h"
#include "gateway/feedback.h"
#include "gateway/pairing.h"
#include "gateway/request.h"

#include "core/log.h"
#include "ledger/judged.h"

/* No engine's context is so small that a shorter prompt would be cut. */
enum { SHORTEST_CUT_TOKENS = 256 };

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

static struct str in_words(struct arena *a, int64_t cost)
{
    return cost == COST_UNKNOWN ? STR("at an unknown price")
                                : arena_printf(a, "%lld nano-dollars", (long long)cost);
}

/* What was spent beside the answer, in words. */
static NOINLINE void tell_other_costs(struct request *r, struct ledger_row *row)
{
    struct str cost = in_words(&r->keep, r->other_nanousd);
    if (r->nfailed_paid)
        add_reason(r, row, "failed_attempts",
                   arena_printf(&r->keep, "%u cloud attempts that failed had begun: %.*s",
                                r->nfailed_paid, STR_ARG(cost)));
    if (r->naside_paid)
        add_reason(r, row, "aside",
                   arena_printf(&r->keep, "%u legs beside the answer", r->naside_paid));
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
    if (r->leg.answer.restorer)
        restore_counts_add(&n, restorer_counts(r->leg.answer.restorer));
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
        .dialect = r->dialect->id,
        .surface = r->surface,
        .model_asked = r->model_asked,
        .label = label_name(&r->label),
    };
}

static int64_t ttft_of(const struct request *r)
{
    const struct leg *l = &r->leg;
    return l->ttft_ms < 0 ? -1 : (int64_t)(l->started_ms - r->started_ms) + l->ttft_ms;
}

void settle_enter(struct request *r)
{
    if (UNLIKELY(r->escalation != NULL))
        escalate_settle(r);
    leg_settle(&r->leg, r->outcome, NULL);
    r->ended_ms = loop_now_ms(r->worker->loop);
    if (UNLIKELY(r->pairing != NULL))
        pairing_answered(r);
    feedback_end(r);
    struct meter *meter = r->model ? r->setup->model_meters[r->model->index] : NULL;
    /* A plain answer's first byte comes when all of it is made: not a time to a token. */
    if (meter)
        meter_count(meter, r->outcome, r->is_stream ? ttft_of(r) : -1,
                    r->ended_ms - r->started_ms);
    if (meter && r->outcome == OUTCOME_OK)
        meter_note_answer(meter, r->started_wall_ms + r->ended_ms - r->started_ms);
    else
        meters_count_refused(r->worker->server->parts.meters, r->outcome);
}

void settle_row(struct request *r)
{
    char noted[NOTED_TEXT];
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
        .attempts = r->ntries,
        .nlegs_told = r->nlegs,
        .ttft_ms = ttft_of(r),
        .total_ms = r->ended_ms - r->started_ms,
        .request_bytes = r->request_bytes,
        .answer_bytes = r->leg.answer.sent_bytes,
        .is_stream = r->is_stream,
        .was_at_cloud = r->was_at_cloud,
        .is_at_cloud_told = true,
        .knew = r->knew,
        .usage = r->usage,
        .usage_is_reported = r->usage_is_reported,
        .cost_nanousd = r->cost_nanousd,
        .price_date = r->price_date,
    };
    if (UNLIKELY(r->noted != NULL)) {
        noted_put(r->noted, noted);
        row.noted = (struct str){noted, sizeof noted};
    }
    if (r->model) {
        row.engine = r->model->engine->name;
        row.model_used = r->model->name;
    }
    mark_truncation(r, &row);
    if (UNLIKELY(r->nfailed_paid || r->naside_paid))
        tell_other_costs(r, &row);
    note_tags(r, &row);
    const struct str judged = escalate_words(r);
    if (UNLIKELY(judged.n)) {
        add_reason(r, &row, "judged", judged);
        meters_count_judged(r->worker->server->parts.meters,
                            judged_of(judged, row.outcome));
    }
    ledger_append_settle(r->worker->log, &row);
}
