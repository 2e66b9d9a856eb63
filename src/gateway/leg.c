/* leg.c -- see leg.h; what a leg cost is in leg_cost.c. */
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/stages.h"
#include "gateway/witness.h"

enum { MUCH_BYTES = 1 << 20, MAX_LOST_BYTES = 1024 };

struct gate *leg_gate(const struct leg *l)
{
    return l->request->setup->gates[l->model->engine->index];
}

void leg_init(struct leg *l, struct request *r)
{
    l->request = r;
    l->ttft_ms = -1;
    list_init(&l->link);
    list_init(&l->launch);
}

void leg_begin(struct leg *l, struct request *r, const struct leg_kind *kind,
               const struct config_model *model, struct draft *d)
{
    *l = (struct leg){
        .request = r,
        .kind = kind,
        .model = model,
        .draft = d,
        .is_cloud = model->is_cloud,
        .is_masked = model->is_cloud && request_leaves_masked(d),
        .started_ms = loop_now_ms(r->worker->loop),
        .ttft_ms = -1,
    };
    list_init(&l->link);
    list_init(&l->launch);
}

enum gate_answer leg_enter_gate(struct leg *l, void (*granted)(struct gate_ticket *t),
                                void (*refused)(struct gate_ticket *t))
{
    const struct request *r = l->request;
    l->ticket = (struct gate_ticket){
        .gate = leg_gate(l),
        .loop = r->worker->loop,
        .key_id = request_fairness_key(r),
        .who = request_gate_who(r),
        .granted = granted,
        .refused = refused,
    };
    list_init(&l->ticket.link);
    return gate_enter(l->ticket.gate, &l->ticket, l->started_ms);
}

bool leg_borrow_slot(struct leg *l, void (*yield)(struct gate_ticket *t))
{
    l->ticket = (struct gate_ticket){.loop = l->request->worker->loop, .yield = yield};
    list_init(&l->ticket.link);
    return gate_enter(leg_gate(l), &l->ticket, l->started_ms) == GATE_GRANTED;
}

/* What earlier requests have learnt, and this one. */
static unsigned adapt_of(const struct leg *l)
{
    const struct request *r = l->request;
    const struct standing *s = r->setup->standings[l->model->index];
    unsigned adapt = s ? atomic_load_explicit(&s->adapt, memory_order_relaxed) : 0;
    if (UNLIKELY(l->draft->adapted == l->model))
        adapt |= l->draft->adapt;
    return adapt;
}

/* What the draft holds, and what is added to it. */
static bool hold_draft(struct leg *l, size_t more)
{
    struct request *r = l->request;
    const struct draft *d = l->draft;
    return l != &r->leg || budget_hold(r->worker, &r->counted_bytes,
                                       buf_len(&d->body) + d->arena.used_bytes + more);
}

/* One that is translated is in the arena once more as its texts, and once as what goes:
 * that must be there before it is taken. */
static size_t translated_bytes(const struct leg *l)
{
    bool is_translated =
        engine_translates(l->model->engine->speaks, l->request->surface) ||
        l->request->dialect->encode_answer;
    size_t n = is_translated ? buf_len(&l->draft->body) : 0;
    return n > MUCH_BYTES ? 2 * n : 0;
}

struct engine_naming leg_naming(const struct leg *l)
{
    struct engine_naming naming = {.id = l->request->uid, .names = l->names};
    if (UNLIKELY(stages_translates(l)))
        naming.issuer = engine_issuer(l->model->engine);
    return naming;
}

/* What the engine was not told, for the client; and what it was told instead. */
static int keep_told(struct leg *l, const struct engine_plan *plan, struct err *err)
{
    struct request *r = l->request;
    if (l == &r->leg && UNLIKELY(plan->lost.n || r->lost.n))
        r->lost = arena_strdup(&r->keep, str_sub(plan->lost, 0, MAX_LOST_BYTES));
    if (UNLIKELY(plan->names.n))
        l->names = arena_strdup(&r->keep, plan->names);
    return plan->names.n && !l->names.p ? err_nomem(err) : 0;
}

/* Tokens that the model can make, for forms that must be told a number; 0: unknown, or
 * not asked for. */
static uint64_t output_max(const struct leg *l)
{
    const struct request *r = l->request;
    if (LIKELY(!engine_translates(l->model->engine->speaks, r->surface)))
        return 0;
    const struct price *p = setup_price_at(r->setup, l->model, r->started_wall_ms);
    return p ? p->max_output : 0;
}

int leg_prepare(struct leg *l, struct leg_outgoing *out, struct err *err)
{
    struct request *r = l->request;
    struct draft *d = l->draft;
    struct str mark = {r->worker->server->mark, sizeof r->worker->server->mark - 1};
    struct target target = {.engine = l->model->engine,
                            .model = l->model,
                            .adapt = adapt_of(l),
                            .output_max = output_max(l),
                            .passed = d->passed,
                            .via = d->via.n ? d->via : mark};
    const struct chat *chat = l->is_cloud && d->leaving ? d->leaving : &d->chat;
    size_t more = translated_bytes(l);
    if (UNLIKELY(more) && !hold_draft(l, more))
        return budget_refuse(err);
    bool is_encoded = engine_encode(chat, &target, d->clearance, &d->arena, &out->message,
                                    &out->plan, err) == 0;
    bool fits = LIKELY(!more && d->arena.used_bytes <= MUCH_BYTES) || hold_draft(l, 0);
    if (!is_encoded)
        return draft_fail(d, err);
    if (!fits)
        return budget_refuse(err);
    if (l->is_masked)
        atomic_fetch_add_explicit(&r->worker->server->counters.values_masked,
                                  d->screened->masked.total, memory_order_relaxed);
    if (keep_told(l, &out->plan, err) != 0)
        return -1;
    l->out = out;
    l->asks_stream = out->plan.is_stream;
    if (UNLIKELY(l == &r->leg && r->dialect->encode_answer))
        r->issuer = engine_issuer(l->model->engine);
    l->passes_own = out->plan.is_own && !stages_restores(l);
    l->body_bytes = out->message.body_bytes;
    leg_announce(l);
    return 0;
}

void leg_announce(struct leg *l)
{
    struct request *r = l->request;
    l->number = ++r->nlegs;
    l->purpose = l->kind->purpose;
    if (l->purpose == LEG_ANSWER && r->ntries++ > 0)
        l->purpose = escalate_is_away(r) ? LEG_ESCALATED : LEG_RETRY;
    const struct ledger_attempt a = {
        .uid = r->uid,
        .number = l->number,
        .purpose = l->purpose,
        .engine = l->model->engine->name,
        .model = l->model->name,
        .side = l->is_cloud ? SIDE_CLOUD : SIDE_LOCAL,
        .policy = str_of(policy_name(r->policy)),
        .role = str_of(role_name(r->role)),
        .reasons_json = r->reasons_json,
    };
    ledger_append_attempt(r->worker->log, &a);
    witness_leg(l);
    l->is_open = true;
    list_append(&r->worker->launches, &l->launch);
}

void leg_again(struct leg *l, const struct err *err)
{
    leg_settle(l, OUTCOME_ERROR, err);
    l->is_launched = false;
    l->needs_fresh = true;
    l->started_ms = loop_now_ms(l->request->worker->loop);
    leg_announce(l);
}

void leg_launch(struct leg *l, enum missing_record missing)
{
    const struct request *r = l->request;
    struct err err;
    err_init(&err);
    if (missing && l->is_cloud) {
        err_set(&err, ERR_OVERLOAD,
                missing == MISSING_LEDGER ? "ledger_unavailable" : "audit_unwritable",
                "the record of this request cannot be written, so nothing goes to the "
                "cloud; local engines still answer");
        l->kind->unsent(l, &err);
        return;
    }
    l->exchange = exchange_start(
        r->worker->pool, &r->setup->endpoints[l->model->engine->index], &l->out->message,
        (l->needs_fresh ? EXCHANGE_FRESH : 0) | (l->is_cloud ? EXCHANGE_LEAVES : 0),
        l->kind->events, l, &err);
    if (!l->exchange)
        l->kind->unsent(l, &err);
}

void leg_note_sent(struct leg *l, bool has_answer)
{
    if (l->is_launched)
        return;
    struct exchange_stats s = {.may_have_left = true, .sent_bytes = 1};
    if (!has_answer)
        s = exchange_stats(l->exchange);
    l->is_launched = s.sent_bytes != 0;
    l->request->was_at_cloud |= l->is_cloud && (s.sent_bytes || s.may_have_left);
}

void leg_drop(struct leg *l)
{
    witness_leg_over(l);
    if (l->exchange) {
        leg_note_sent(l, false);
        exchange_cancel(l->exchange);
    }
    l->exchange = NULL;
    list_remove(&l->launch);
    if (l->ticket.gate)
        gate_leave(&l->ticket);
    l->ticket.gate = NULL;
}

void leg_note_content(struct leg *l)
{
    if (l->ttft_ms < 0)
        l->ttft_ms = (int64_t)(loop_now_ms(l->request->worker->loop) - l->started_ms);
}

void leg_release_work(struct leg *l)
{
    struct answer *a = &l->answer;
    stages_release(l);
    answer_encoder_free(a->encoder);
    engine_collector_free(a->collector);
    a->encoder = NULL;
    a->collector = NULL;
    buf_release(&a->held);
    buf_release(&a->judged);
    budget_release(l->request->worker, &a->counted_bytes);
}

void leg_release_answer(struct leg *l)
{
    leg_release_work(l);
    l->answer = (struct answer){.mode = ANSWER_NONE};
}
