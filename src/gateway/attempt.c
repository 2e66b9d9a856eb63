/* attempt.c -- choosing an engine and trying it, until content comes or none is left.
 *
 * An attempt waits twice: for a slot of the engine, and for the end of the loop's turn,
 * when one write puts the records of all attempts of that turn into the log.  Only
 * then does a byte leave.  A cloud attempt whose record could not be written does not
 * go at all; a local one goes on, counted. */
#include "gateway/witness.h"

#include "core/log.h"

enum { MAX_ROUTINGS = 12, LEAST_CONTEXT_TOKENS = 256 };
/* OpenAI's own clients take no longer Retry-After than a minute for their word. */
enum { MAX_RETRY_AFTER_S = 60, MAX_HOLD_MS = 10 * 60 * 1000 };

/* -- ROUTE ----------------------------------------------------------------------- */

/* Whose turn it is in an engine's queue.  By the key's own hash and not by its place in
 * the file, which a reload changes while the queue stays.  Requests without a key are one
 * key: without keys weir listens on loopback alone, where all clients have the same
 * address. */
static uint64_t fairness_key(const struct request *r)
{
    uint64_t key = 0;
    if (r->key)
        memcpy(&key, r->key->hash, sizeof key);
    return key;
}

/* The session has the key in it; the shape is the kind of thing that is asked. */
static struct gate_who who_of(const struct request *r)
{
    const struct draft *d = r->draft;
    uint64_t needs = d ? d->chat.needs : 0;
    return (struct gate_who){.session = r->session,
                             .shape =
                                 fairness_key(r) ^ (needs << 8 | r->surface << 1 | 1)};
}

void request_look_at_engines(struct request *r)
{
    struct worker *w = r->worker;
    const struct config *cfg = r->setup->config;
    uint64_t now = loop_now_ms(w->loop), key = fairness_key(r);
    for (size_t i = 0; i < cfg->nengines; i++) {
        struct gate_state g = gate_look(r->setup->gates[i], key, now);
        uint64_t wait_ms = g.retry_after_ms ? g.retry_after_ms : g.queue_time_ms;
        uint64_t wait_s = (wait_ms + 999) / 1000;
        w->health[i] = (struct engine_health){
            .is_up = g.breaker != BREAKER_OPEN ||
                     gate_knows_not(r->setup->gates[i], who_of(r)),
            .is_idle = g.has_slot,
            .has_room = g.takes_key,
            .retry_after_s =
                (uint32_t)(wait_s < MAX_RETRY_AFTER_S ? wait_s : MAX_RETRY_AFTER_S),
        };
    }
}

static bool is_masked(const struct draft *d)
{
    return d->clearance && d->screened && d->screened->masked.total > 0;
}

struct route_query request_query(struct request *r)
{
    struct draft *d = r->draft;
    struct route_query q = {
        .config = r->setup->config,
        .chat = &d->chat,
        .label = &r->label,
        .policy = r->policy,
        .hints = d->hints,
        .has_clearance = d->clearance != NULL,
        .masked = is_masked(d) ? screened_masked_words(d->screened, &d->arena) : STR(""),
        .would = d->screened ? screened_would_words(d->screened, &d->arena) : STR(""),
        .health = r->worker->health,
        .ntried = d->ntried,
        .context_above = d->context_above,
        .standings = r->setup->standings,
        .now_ms = loop_now_ms(r->worker->loop),
    };
    for (size_t i = 0; i < d->ntried; i++)
        q.tried[i] = d->tried[i];
    return q;
}

/* False when there is no room for all of it: a command that is cut is worse than none. */
static bool fits(const struct err *err, size_t n)
{
    return strlen(err->msg) + n + sizeof "; " <= sizeof err->msg;
}

static void add_words(struct err *err, struct str words)
{
    size_t n = strlen(err->msg);
    if (words.n)
        snprintf(err->msg + n, sizeof err->msg - n, "; %.*s", STR_ARG(words));
}

/* A refusal for a label, and for nothing else, says where that comes from and how the
 * session can go on; one for what could not be read, how the client can. */
static void add_offer(struct request *r, struct err *err)
{
    const struct screened *s = r->draft->screened;
    struct arena *a = &r->draft->arena;
    const char *remedy = s ? screened_remedy(s) : NULL;
    struct str hint = s ? screened_hint(s, buf_view(&r->draft->body), a) : STR("");
    if (!r->draft->choice.is_for_label)
        return;
    if (hint.n || remedy) {
        add_words(err, hint.n ? hint : str_of(remedy));
        return;
    }
    struct str origin = label_origin(r, a), offer = label_offer(r, a);
    if (!offer.n || fits(err, origin.n + sizeof "; " + offer.n))
        add_words(err, origin);
    if (fits(err, offer.n))
        add_words(err, offer);
}

static void take_choice(struct request *r)
{
    struct draft *d = r->draft;
    r->reasons_json = arena_strdup(&r->keep, route_reasons_json(&d->choice, &d->arena));
    r->reason_line = arena_strdup(&r->keep, route_reason_line(&d->choice, &d->arena));
    if (!d->choice.model)
        return;
    r->model = d->choice.model;
    r->role = d->choice.role;
    r->is_cloud = r->model->is_cloud;
    r->is_low_quality = d->choice.is_low_quality;
    r->is_masked = r->is_cloud && is_masked(d);
    if (r->is_masked)
        r->masked_words = screened_masked_words(d->screened, &r->keep);
}

void route_enter(struct request *r)
{
    struct draft *d = r->draft;
    struct err err;
    err_init(&err);
    request_look_at_engines(r);
    const struct route_query q = request_query(r);
    if (d->again) {
        d->again = NULL; /* r->model is still the choice */
        request_enter(r, REQ_ATTEMPT);
        return;
    }
    bool may_go_on = d->nroutings++ < MAX_ROUTINGS && r->attempts < ATTEMPTS_MAX;
    if (!may_go_on)
        err_set(&err, ERR_OVERLOAD, "queue_full",
                "other clients took this request's place in the queue again and again");
    if (!may_go_on || route_decide(&q, &d->arena, &d->choice, &err) < 0) {
        /* After a failed attempt the client learns what the engine said. */
        d->retry_after_s = d->choice.retry_after_s;
        if (!d->last_failure.kind) {
            take_choice(r);
            add_offer(r, &err);
        }
        request_refuse(r, d->last_failure.kind ? &d->last_failure : &err);
        return;
    }
    take_choice(r);
    request_enter(r, REQ_ATTEMPT);
}

/* -- ATTEMPT --------------------------------------------------------------------- */

static struct gate *gate_of(const struct request *r)
{
    return r->setup->gates[r->model->engine->index];
}

/* Records it, and queues it for the end of the turn. */
static void announce(struct request *r)
{
    r->attempts++;
    r->leg_began_ms = loop_now_ms(r->worker->loop);
    struct ledger_attempt a = {
        .uid = r->uid,
        .number = r->attempts,
        .purpose = r->attempts > 1 ? LEG_RETRY : LEG_ANSWER,
        .engine = r->model->engine->name,
        .model = r->model->name,
        .side = r->is_cloud ? SIDE_CLOUD : SIDE_LOCAL,
        .policy = str_of(policy_name(r->policy)),
        .role = str_of(role_name(r->role)),
        .reasons_json = r->reasons_json,
    };
    ledger_append_attempt(r->worker->log, &a);
    witness_attempt(r);
    list_append(&r->worker->launches, &r->launch);
}

/* What earlier requests have learnt, and this one. */
static unsigned adapt_of(const struct request *r)
{
    const struct standing *s = r->setup->standings[r->model->index];
    unsigned adapt = s ? atomic_load_explicit(&s->adapt, memory_order_relaxed) : 0;
    if (UNLIKELY(r->draft->adapted == r->model))
        adapt |= r->draft->adapt;
    return adapt;
}

static void prepare(struct request *r)
{
    struct draft *d = r->draft;
    struct err err;
    err_init(&err);
    struct target target = {r->model->engine, r->model, adapt_of(r)};
    const struct chat *chat = r->is_cloud && d->leaving ? d->leaving : &d->chat;
    if (engine_encode(chat, &target, d->clearance, &d->arena, &d->message, &d->plan,
                      &err) < 0) {
        request_refuse(r, &err);
        return;
    }
    if (r->is_masked)
        atomic_fetch_add_explicit(&r->worker->server->counters.values_masked,
                                  d->screened->masked.total, memory_order_relaxed);
    d->failed_status = 0; /* what an engine before this one said is no longer the last */
    d->failed_fields = STR("");
    d->engine_wait_ms = 0;
    d->needs_fresh = false;
    announce(r);
}

void attempt_resend(struct request *r)
{
    settle_stale_attempt(r);
    r->is_launched = false;
    r->draft->needs_fresh = true;
    announce(r);
}

static void on_granted(struct gate_ticket *t)
{
    prepare(CONTAINER_OF(t, struct request, ticket));
}

/* Another engine may have room; if none has, the client is told to come again. */
static void on_refused(struct gate_ticket *t)
{
    request_enter(CONTAINER_OF(t, struct request, ticket), REQ_ROUTE);
}

void attempt_enter(struct request *r)
{
    struct draft *d = r->draft;
    r->is_launched = false;
    r->ticket = (struct gate_ticket){
        .gate = gate_of(r),
        .loop = r->worker->loop,
        .key_id = fairness_key(r),
        .who = who_of(r),
        .granted = on_granted,
        .refused = on_refused,
    };
    list_init(&r->ticket.link);
    switch (gate_enter(gate_of(r), &r->ticket, loop_now_ms(r->worker->loop))) {
    case GATE_GRANTED:
        prepare(r);
        return;
    case GATE_QUEUED:
        return;
    case GATE_FULL:
    case GATE_BROKEN:
        /* Lost a race with another worker: what route saw is no longer so. */
        r->ticket.gate = NULL;
        if (d->ntried < ROUTE_MAX_TRIED && d->nroutings > 2)
            d->tried[d->ntried++] = r->model;
        request_enter(r, REQ_ROUTE);
        return;
    }
}

void attempt_launch(struct request *r, enum missing_record missing)
{
    struct draft *d = r->draft;
    struct err err;
    err_init(&err);
    if (missing && r->is_cloud) {
        err_set(&err, ERR_OVERLOAD,
                missing == MISSING_LEDGER ? "ledger_unavailable" : "audit_unwritable",
                "the record of this request cannot be written, so nothing goes to the "
                "cloud; local engines still answer");
        request_refuse(r, &err);
        return;
    }
    r->exchange = exchange_start(
        r->worker->pool, &r->setup->endpoints[r->model->engine->index], &d->message,
        d->needs_fresh ? EXCHANGE_FRESH : 0, &relay_events, r, &err);
    if (!r->exchange)
        attempt_failed(r, &err);
}

void attempt_note_sent(struct request *r, bool has_answer)
{
    if (r->is_launched)
        return;
    struct exchange_stats s = {.may_have_left = true, .sent_bytes = 1};
    if (!has_answer)
        s = exchange_stats(r->exchange);
    r->is_launched = s.sent_bytes != 0;
    r->was_at_cloud |= r->is_cloud && (s.sent_bytes || s.may_have_left);
}

void attempt_drop(struct request *r)
{
    witness_attempt_over(r);
    if (r->exchange) {
        attempt_note_sent(r, false);
        exchange_cancel(r->exchange);
    }
    r->exchange = NULL;
    list_remove(&r->launch);
    if (r->ticket.gate)
        gate_leave(&r->ticket);
    r->ticket.gate = NULL;
}

/* What weir itself lacks says neither that an engine is ill nor that it is well. */
static bool is_our_shortage(const struct err *err)
{
    return err->kind == ERR_INTERNAL || (err->kind == ERR_OVERLOAD && err->sys);
}

/* The prompt is too long for this model: only a larger context is worth asking.  What
 * the engine says of its limit counts where it is smaller than what is configured: the
 * least of the numbers it names is the limit, or less than that. */
static void note_overflow(struct draft *d, const struct config_model *m,
                          const struct err *err)
{
    uint64_t limit = m->context_tokens ? m->context_tokens : UINT64_MAX;
    for (const char *p = err->msg; *p;) {
        uint64_t n = 0;
        size_t len = strspn(p, "0123456789");
        if (len && str_to_u64((struct str){p, len}, &n) && n >= LEAST_CONTEXT_TOKENS &&
            n < limit)
            limit = n;
        p += len ? len : 1;
    }
    if (limit != UINT64_MAX && limit > d->context_above)
        d->context_above = limit;
}

/* All that a failed attempt leaves behind goes; the reason stays. */
static void end_attempt(struct request *r, const struct err *err)
{
    settle_attempt(r, err);
    attempt_drop(r);
    relay_release(r);
    r->ttft_ms = -1; /* none of it has reached the client */
    r->draft->last_failure = *err;
}

void attempt_adapt(struct request *r, unsigned adapt, const struct err *err)
{
    struct draft *d = r->draft;
    gate_report(gate_of(r), true, loop_now_ms(r->worker->loop));
    end_attempt(r, err);
    d->adapt = d->adapted == r->model ? d->adapt | adapt : adapt;
    d->adapted = d->again = r->model;
    log_debug("%.*s is sent again without what engine %.*s refused (%x): %s",
              STR_ARG(r->id), STR_ARG(r->model->engine->name), adapt, err->msg);
    request_enter(r, REQ_ROUTE);
}

/* What is the server's matter and not the model's. */
enum { ADAPT_OF_ENGINE = ADAPT_NO_STREAM_OPTIONS | ADAPT_NO_STREAM };

/* A limit of rate is the model's, an overload the whole engine's.  Bounded, for a waiting
 * time that nobody meant must not put an engine last for a day. */
void attempt_hold(struct request *r, const struct err *err, uint64_t ms)
{
    const struct config_engine *e = r->model->engine;
    uint64_t until = loop_now_ms(r->worker->loop) + (ms < MAX_HOLD_MS ? ms : MAX_HOLD_MS);
    for (size_t i = 0; i < e->nmodels; i++) {
        struct standing *s = r->setup->standings[e->models[i].index];
        bool is_meant = &e->models[i] == r->model || err->kind == ERR_OVERLOAD;
        if (s && is_meant)
            atomic_store_explicit(&s->not_before_ms, until, memory_order_relaxed);
    }
}

void attempt_worked(struct request *r)
{
    const struct config_engine *e = r->model->engine;
    unsigned adapt = r->draft->adapt;
    bool is_new = false;
    if (r->draft->adapted != r->model)
        return;
    for (size_t i = 0; i < e->nmodels; i++) {
        struct standing *s = r->setup->standings[e->models[i].index];
        unsigned bits = &e->models[i] == r->model ? adapt : adapt & ADAPT_OF_ENGINE;
        if (s && bits)
            is_new |= (atomic_fetch_or_explicit(&s->adapt, bits, memory_order_relaxed) &
                       bits) != bits;
    }
    if (!is_new) /* another request under way has found it out */
        return;
    log_info("engine %.*s refuses %s: from now on it is sent without, until weir is "
             "restarted",
             STR_ARG(e->name), engine_adapt_words(adapt));
}

/* It answered, and said that something went wrong: perhaps because of what it was asked.
 * 502 is what stands in front of an engine that does not answer. */
static bool may_be_the_requests(const struct request *r, const struct err *err)
{
    return r->answer.mode != ANSWER_NONE && r->answer.status != 502 && err->code &&
           strcmp(err->code, "upstream_error") == 0;
}

void attempt_report(struct request *r, const struct err *err)
{
    uint64_t now = loop_now_ms(r->worker->loop);
    if (is_our_shortage(err))
        return;
    if (engine_is_ill(err) && may_be_the_requests(r, err))
        gate_blame(gate_of(r), r->ticket.who, now);
    else
        gate_report(gate_of(r), !engine_is_ill(err), now);
}

void attempt_failed(struct request *r, const struct err *err)
{
    struct draft *d = r->draft;
    attempt_report(r, err);
    if (engine_is_overflow(err))
        note_overflow(d, r->model, err);
    end_attempt(r, err);
    if (d->ntried < ROUTE_MAX_TRIED)
        d->tried[d->ntried++] = r->model;
    log_debug("%.*s attempt %u failed: %s", STR_ARG(r->id), r->attempts, err->msg);
    if (engine_may_differ(err))
        request_enter(r, REQ_ROUTE);
    else
        request_refuse(r, &d->last_failure);
}
