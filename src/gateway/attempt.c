/* attempt.c -- ATTEMPT: the promised leg, until content comes; and what another is to
 * know of one that failed.
 *
 * It waits twice: for a slot of the engine, and for the end of the loop's turn, when one
 * write puts the records of all legs of that turn into the log (leg.h). */
#include "gateway/aside.h"
#include "gateway/escalate.h"
#include "gateway/illness.h"
#include "gateway/pairing.h"
#include "gateway/relay.h"
#include "gateway/request.h"

#include "core/log.h"

enum { LEAST_CONTEXT_TOKENS = 256, MAX_HOLD_MS = 10 * 60 * 1000 };

static void on_unsent(struct leg *l, const struct err *err)
{
    struct request *r = l->request;
    bool is_unrecorded = err->kind == ERR_OVERLOAD && !err->sys && !cloud_is_refusal(err);
    if (is_unrecorded)
        request_refuse(r, err);
    else
        attempt_failed(r, err);
}

static const struct leg_kind promised = {
    .purpose = LEG_ANSWER, .events = &relay_events, .unsent = on_unsent};

/* This engine's form has no place for what is asked; another's may have. */
static void pass_over(struct request *r, const struct err *err)
{
    struct draft *d = r->draft;
    leg_drop(&r->leg);
    d->last_failure = *err;
    d->tried[d->ntried++] = r->model;
    request_enter(r, REQ_ROUTE);
}

static void prepare(struct request *r)
{
    struct draft *d = r->draft;
    struct err err;
    err_init(&err);
    if (leg_prepare(&r->leg, &d->out, &err) < 0) {
        if (engine_cannot_say(&err) && d->ntried < ROUTE_MAX_TRIED)
            pass_over(r, &err);
        else
            request_refuse(r, &err);
        return;
    }
    d->failed_status = 0; /* what an engine before this one said is no longer the last */
    d->failed_fields = STR("");
    d->engine_wait_ms = 0;
    aside_mirror(r);
    escalate_begin(r);
    pairing_begin(r);
}

static struct request *request_of(struct gate_ticket *t)
{
    return CONTAINER_OF(t, struct leg, ticket)->request;
}

static void on_granted(struct gate_ticket *t)
{
    prepare(request_of(t));
}

/* Another engine may have room; if none has, the client is told to come again. */
static void on_refused(struct gate_ticket *t)
{
    request_enter(request_of(t), REQ_ROUTE);
}

void attempt_enter(struct request *r)
{
    struct draft *d = r->draft;
    leg_begin(&r->leg, r, &promised, r->model, d);
    switch (leg_enter_gate(&r->leg, on_granted, on_refused)) {
    case GATE_GRANTED:
        prepare(r);
        return;
    case GATE_QUEUED:
        return;
    case GATE_FULL:
    case GATE_BROKEN:
        /* Lost a race with another worker: what route saw is no longer so. */
        r->leg.ticket.gate = NULL;
        if (d->ntried < ROUTE_MAX_TRIED && d->nroutings > 2)
            d->tried[d->ntried++] = r->model;
        request_enter(r, REQ_ROUTE);
        return;
    }
}

void attempt_recall(struct request *r)
{
    struct leg *l = &r->leg;
    bool waits = r->state == REQ_ATTEMPT && l->number == 0 && l->ticket.gate;
    if (!waits || !l->is_cloud)
        return;
    leg_drop(l);
    request_enter(r, REQ_ROUTE);
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

/* All that a failed leg leaves behind goes; the reason stays. */
static void end_leg(struct request *r, const struct err *err)
{
    leg_drop(&r->leg);
    leg_settle(&r->leg, OUTCOME_ERROR, err);
    leg_release_answer(&r->leg);
    r->leg.ttft_ms = -1; /* none of it has reached the client */
    r->draft->last_failure = *err;
}

void attempt_adapt(struct request *r, unsigned adapt, const struct err *err)
{
    struct draft *d = r->draft;
    gate_succeed(leg_gate(&r->leg), loop_now_ms(r->worker->loop));
    end_leg(r, err);
    d->adapt = d->adapted == r->model ? d->adapt | adapt : adapt;
    d->adapted = d->again = r->model;
    log_debug("%.*s is sent again without what engine '%.*s' refused (%x): %s",
              STR_ARG(r->id), STR_ARG(r->model->engine->name), adapt, err->msg);
    request_enter(r, REQ_ROUTE);
}

/* What depends on the server that runs the engine and not on the model. */
enum { ADAPT_OF_ENGINE = ADAPT_NO_STREAM_OPTIONS | ADAPT_NO_STREAM };

/* A limit of rate is the model's, an overload the whole engine's.  Bounded, for a waiting
 * time that is an error must not put an engine last for a day. */
void attempt_hold(const struct leg *l, const struct err *err, uint64_t ms)
{
    const struct request *r = l->request;
    const struct config_engine *e = l->model->engine;
    uint64_t until = loop_now_ms(r->worker->loop) + (ms < MAX_HOLD_MS ? ms : MAX_HOLD_MS);
    for (size_t i = 0; i < e->nmodels; i++) {
        struct standing *s = r->setup->standings[e->models[i].index];
        bool is_meant = &e->models[i] == l->model || err->kind == ERR_OVERLOAD;
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
    log_info("engine '%.*s' refuses %s: from now on it is sent without, until weir is "
             "restarted",
             STR_ARG(e->name), engine_adapt_words(adapt));
}

/* It answered, and said that something went wrong: perhaps because of what it was asked.
 * 502 is what stands in front of an engine that does not answer. */
static bool may_be_the_requests(const struct leg *l, const struct err *err)
{
    return l->answer.mode != ANSWER_NONE && l->answer.status != 502 && err->code &&
           strcmp(err->code, "upstream_error") == 0;
}

void attempt_report(const struct leg *l, const struct err *err)
{
    uint64_t now = loop_now_ms(l->request->worker->loop);
    char why[PAST_WHY];
    if (is_our_shortage(err) || cloud_is_refusal(err))
        return;
    if (!engine_is_ill(err)) {
        gate_succeed(leg_gate(l), now);
        return;
    }
    illness_words(err, l->answer.status, why);
    if (may_be_the_requests(l, err))
        gate_blame(leg_gate(l), l->ticket.who, why, now);
    else
        gate_fail(leg_gate(l), why, now);
}

void attempt_failed(struct request *r, const struct err *err)
{
    struct draft *d = r->draft;
    attempt_report(&r->leg, err);
    if (engine_is_overflow(err))
        note_overflow(d, r->model, err);
    end_leg(r, err);
    if (cloud_is_refusal(err)) /* no engine's word: the router says what it means */
        d->last_failure = (struct err){0};
    else if (d->ntried < ROUTE_MAX_TRIED)
        d->tried[d->ntried++] = r->model;
    log_debug("%.*s leg %u failed: %s", STR_ARG(r->id), r->leg.number, err->msg);
    if (engine_may_differ(err))
        request_enter(r, REQ_ROUTE);
    else
        request_refuse(r, &d->last_failure);
}
