/* decision.c -- POST /v1/decision: where would this request go?  Nothing is sent.
 *
 * The same decode, scan, label, clearance and route as a real request, over the engines
 * as they are at this moment. */
#include "gateway/pages.h"
#include "route/explain.h"

static void estimate(const struct request *r, struct explanation *e)
{
    const struct chat *chat = e->query->chat;
    const struct config_model *m = e->choice->model;
    int64_t max = chat->max_output_tokens;
    struct err ignored;
    e->est_input_tokens = chat_tokens_estimate(chat);
    e->est_output_tokens = max >= 0 ? (uint64_t)max : EXPLAIN_OUTPUT_TOKENS;
    if (!m)
        return;
    const struct price *p = setup_price_at(r->setup, m, r->started_wall_ms);
    const struct token_counts n = {.input = e->est_input_tokens,
                                   .output = e->est_output_tokens};
    e->has_cost = !p ? !m->is_cloud
                     : prices_cost_nanousd(p, &n, &e->est_cost_nanousd, &ignored) == 0;
    struct meter *meter = r->setup->model_meters[m->index];
    e->est_ttft_ms = meter ? atomic_load(&meter->ttft_ewma_ms) : 0;
    e->has_ttft = e->est_ttft_ms > 0;
    explain_by_measurement(e);
}

static void on_labelled(struct request *r)
{
    struct draft *d = r->draft;
    struct err err = {0};
    struct buf out;
    buf_init(&out, 64 * 1024);
    request_look_at_engines(r);
    const struct route_query q = request_query(r);
    if (q.learned)
        q.learned->is_dry = true;
    if (!d->screened || screened_check(d->screened, &d->arena, &err) == 0)
        route_decide(&q, &d->arena, &d->choice, &err);
    struct explanation e = {.query = &q, .choice = &d->choice, .err = &err};
    estimate(r, &e);
    struct explain_judging judging;
    const struct forecast_ask ask = {&q, &d->choice, r->dialect, r->key, r->escalate};
    if (d->choice.model) {
        forecast(&ask, &d->arena, &judging);
        e.judging = &judging;
    }
    explain_json(&e, &d->arena, &out);
    page_answer(r, 200, STR("application/json"), &out);
    buf_release(&out);
}

static void on_read(struct request *r, const struct err *why)
{
    struct buf out;
    if (!why) {
        label_screen(r, on_labelled);
        return;
    }
    buf_init(&out, 64 * 1024);
    r->dialect->encode_error(why, &out);
    page_answer(r, dialect_error_status(r->dialect, why), STR("application/json"), &out);
    buf_release(&out);
}

void page_decision(struct request *r)
{
    request_read(r, on_read);
}
