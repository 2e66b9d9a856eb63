/* aside.c -- see aside.h.  What matters of a mirror's answer is how it ended, how fast it
 * was and what it used; its text goes by.  Of an opinion and a judge it is the text. */
#include "gateway/aside.h"

#include "core/mem.h"
#include "gateway/budget.h"
#include "gateway/events_kept.h"
#include "gateway/relay.h"
#include "gateway/stages.h"
#include "gateway/witness.h"

enum {
    MAX_LINGER_MS = 2 * 60 * 1000, /* a row waits so long for a mirror */
    MAX_PLAIN_BYTES = 1 << 20,     /* of an answer that is read whole */
    TAIL_BYTES = 4096,             /* of a larger one, where usage stands */
    MILLION = 1000000
};

struct aside {
    struct leg leg;
    struct leg_outgoing out;
    struct link all;  /* worker->asides, later worker->dead_asides */
    aside_then *then; /* NULL: its text goes by */
    bool is_paired;   /* `then` is called whatever happens */
    struct engine_collector *collector;
    struct buf said; /* its answer, in weir's form */
};

static struct aside *aside_of(struct leg *l)
{
    return CONTAINER_OF(l, struct aside, leg);
}

/* -- the end ----------------------------------------------------------------------- */

/* The bytes it was made of are no longer needed. */
static void leave_draft(struct leg *l)
{
    struct draft *d = l->draft;
    l->draft = NULL;
    l->out = NULL;
    if (d)
        request_leave_draft(d, l->request);
}

/* err: why it failed; NULL: as `outcome` says. */
static void end(struct leg *l, enum outcome outcome, const struct err *err)
{
    struct request *r = l->request;
    struct worker *w = r->worker;
    struct aside *s = aside_of(l);
    leg_drop(l);
    leg_settle(l, outcome, err);
    leg_release_answer(l);
    leave_draft(l);
    list_remove(&l->link);
    list_remove(&s->all);
    list_append(&w->dead_asides, &s->all);
    w->nasides--;
    if (s->then)
        s->then(r, l,
                outcome == OUTCOME_OK && s->said.n ? buf_view(&s->said)
                                                   : (struct str){0});
    buf_release(&s->said);
    engine_collector_free(s->collector);
    s->collector = NULL;
    request_leg_over(r);
    worker_client_gone(w);
}

/* Nothing is said to the engine's breaker: it decides about clients, and by what became
 * of theirs. */
static void fail(struct leg *l, const struct err *err)
{
    l->has_failed = l->is_launched && leg_is_answerless(err);
    end(l, OUTCOME_ERROR, err);
}

/* An engine that has begun is owed what it would be by a client that leaves. */
static void cancel(struct leg *l, const char *code)
{
    l->end_code = code;
    end(l, OUTCOME_CANCELLED, NULL);
}

static void cancel_all(struct request *r, const char *code, bool with_mirror)
{
    struct link *at = r->asides.next;
    while (at != &r->asides) {
        struct leg *l = CONTAINER_OF(at, struct leg, link);
        at = at->next;
        if (!with_mirror && l->kind->purpose == LEG_MIRROR)
            continue;
        if (!aside_of(l)->is_paired)
            aside_of(l)->then = NULL;
        cancel(l, code);
    }
}

void aside_cancel(struct request *r, const char *code)
{
    cancel_all(r, code, true);
}

void aside_cancel_asked(struct request *r, const char *code)
{
    cancel_all(r, code, false);
}

static void on_linger_over(struct loop_timer *t)
{
    struct request *r = CONTAINER_OF(t, struct request, linger);
    for (struct link *at = r->asides.next; at != &r->asides; at = at->next)
        CONTAINER_OF(at, struct leg, link)->has_failed = true;
    aside_cancel(r, "mirror_too_slow");
}

void aside_linger(struct request *r)
{
    struct loop *loop = r->worker->loop;
    loop_timer_init(loop, &r->linger, on_linger_over);
    loop_timer_at(&r->linger, loop_now_ms(loop) + MAX_LINGER_MS);
}

void aside_stop(struct worker *w)
{
    while (!list_empty(&w->asides))
        aside_cancel(list_first(&w->asides, struct aside, all)->leg.request,
                     "weir_stops");
}

void aside_free_dead(struct worker *w)
{
    while (!list_empty(&w->dead_asides)) {
        struct aside *s = list_first(&w->dead_asides, struct aside, all);
        list_remove(&s->all);
        mem_free(s);
    }
}

/* -- the answer --------------------------------------------------------------------- */

static void on_head(void *ctx, const struct http_head *head)
{
    struct leg *l = ctx;
    struct answer *a = &l->answer;
    bool is_good = head->status >= 200 && head->status <= 299;
    leg_note_sent(l, true);
    a->status = head->status;
    a->mode = is_good ? ANSWER_OPEN : ANSWER_FAILURE;
    buf_init(&a->held, is_good ? MAX_PLAIN_BYTES : RELAY_FAILURE_BYTES);
    leave_draft(l);
}

/* Of an answer that is asked for. */
static int keep(struct leg *l, const struct event *e)
{
    struct aside *s = aside_of(l);
    if (s->collector)
        return engine_collect(s->collector, e, l->answer.sink_err);
    if (l->keeps_events)
        events_keep(&s->said, e);
    if (LIKELY(!s->said.failed))
        return 0;
    return budget_refuse(l->answer.sink_err);
}

/* The last stage: counts, and of a mirror that nobody compares keeps nothing. */
static int on_event(void *ctx, const struct event *e)
{
    struct leg *l = ctx;
    struct answer *a = &l->answer;
    a->content_bytes += e->content_bytes + e->reasoning_bytes + e->tool_bytes;
    a->has_finish |= e->kind == EVENT_FINISH;
    if (e->kind == EVENT_DELTA || e->content_bytes)
        leg_note_content(l);
    if (e->kind != EVENT_ERROR)
        return keep(l, e);
    *a->sink_err = *e->error;
    return -1;
}

static enum fate feed_stream(struct leg *l, struct str piece, bool is_end)
{
    struct err err;
    err_init(&err);
    const struct aside *s = aside_of(l);
    if (stages_feed(l, piece, is_end, &err) < 0) {
        fail(l, &err);
        return IS_OVER;
    }
    size_t held = s->collector ? engine_collector_held(s->collector) : s->said.n;
    if (budget_hold(l->request->worker, &l->answer.counted_bytes, held))
        return GOES_ON;
    budget_refuse(&err);
    end(l, OUTCOME_ERROR, &err); /* no engine's fault */
    return IS_OVER;
}

static void begin_mode(struct leg *l, struct str piece)
{
    struct aside *s = aside_of(l);
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    bool is_stream = engine_is_stream(l->model->engine->speaks, l->request->surface,
                                      engine_look(piece), l->asks_stream);
    a->mode = is_stream ? ANSWER_COLLECT : ANSWER_PLAIN;
    l->keeps_events = is_stream && s->is_paired && l->kind->purpose == LEG_MIRROR;
    bool joins = is_stream && s->then && !l->keeps_events;
    if (joins)
        s->collector = engine_collector_create(l->request->surface, MAX_PLAIN_BYTES);
    bool lacks_memory = joins && !s->collector;
    if (is_stream && (lacks_memory || !stages_begin(l, on_event))) {
        err_nomem(&err);
        fail(l, &err);
    }
}

/* Beyond what is read whole, the end is kept: usage stands there. */
static void hold(struct leg *l, struct str piece)
{
    struct answer *a = &l->answer;
    struct request *r = l->request;
    if (r->surface != SURFACE_EMBEDDINGS)
        a->content_bytes += piece.n;
    leg_note_content(l);
    if (UNLIKELY(a->held.failed)) { /* no memory: what comes now is its end */
        a->is_cut = true;
        buf_clear(&a->held);
    }
    a->is_cut |= buf_len(&a->held) + piece.n > a->held.max_bytes;
    if (a->is_cut)
        buf_append_end(&a->held, piece, TAIL_BYTES);
    else
        buf_append(&a->held, piece);
    if (!budget_hold(r->worker, &a->counted_bytes, a->held.n)) {
        struct err err;
        budget_refuse(&err);
        end(l, OUTCOME_ERROR, &err); /* no engine's fault */
    }
}

static void on_body(void *ctx, struct str piece)
{
    struct leg *l = ctx;
    if (l->answer.mode == ANSWER_OPEN)
        begin_mode(l, piece);
    if (l->answer.mode == ANSWER_COLLECT)
        feed_stream(l, piece, false);
    else if (l->answer.mode == ANSWER_PLAIN)
        hold(l, piece);
    else if (l->answer.mode == ANSWER_FAILURE)
        buf_append(&l->answer.held, piece);
}

static void end_failure(struct leg *l)
{
    struct err err = {0};
    engine_classify(l->answer.status, engine_object_in(buf_view(&l->answer.held)), &err);
    fail(l, &err);
}

static void succeed(struct leg *l)
{
    end(l, OUTCOME_OK, NULL);
}

static void succeed_collected(struct leg *l)
{
    struct aside *s = aside_of(l);
    struct err err;
    err_init(&err);
    if (s->collector &&
        engine_collector_finish(s->collector, &l->answer.usage, &s->said, &err) < 0)
        fail(l, &err);
    else
        succeed(l);
}

static void end_stream(struct leg *l)
{
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    if (feed_stream(l, STR(""), true) == IS_OVER)
        return;
    a->usage = a->decoder->usage;
    if (a->has_finish ||
        (a->decoder->has_ended && a->content_bytes > 0 && !a->decoder->needs_finish)) {
        succeed_collected(l);
        return;
    }
    err_set(&err, ERR_UPSTREAM, "upstream_truncated",
            "engine '%.*s' ended its stream before the answer was complete",
            STR_ARG(l->model->engine->name));
    fail(l, &err);
}

static void end_plain(struct leg *l)
{
    struct answer *a = &l->answer;
    enum surface surface = l->request->surface;
    struct engine_answer read = {.content_bytes = a->content_bytes};
    struct err err;
    err_init(&err);
    struct buf own;
    struct str body = buf_view(&a->held);
    int rc = 0;
    buf_init(&own, 8 * a->held.n + 1024);
    if (engine_translates(l->model->engine->speaks, surface) && !a->is_cut) {
        const struct engine_naming naming = leg_naming(l);
        rc = engine_translate_answer(l->model->engine->speaks, surface, &naming, body,
                                     &own, &err);
        body = buf_view(&own);
    }
    if (a->is_cut)
        read.usage = engine_usage_in_tail(surface, body);
    else if (rc == 0)
        rc = engine_read_answer(surface, engine_object_in(body), &read, &err);
    a->usage = read.usage;
    a->content_bytes = read.content_bytes;
    if (rc == 0 && !a->is_cut && aside_of(l)->then)
        engine_names_back(l->names, engine_object_in(body), &aside_of(l)->said);
    buf_release(&own);
    a->usage.has_unpriced |= rc < 0 && a->is_compressed;
    if (rc < 0 && !a->usage.is_known && !a->usage.has_unpriced && a->content_bytes == 0)
        l->ttft_ms = -1; /* an error in a 200: a refusal, not the beginning of work */
    if (rc < 0)
        fail(l, &err);
    else
        succeed(l);
}

static void on_end(void *ctx)
{
    struct leg *l = ctx;
    witness_leg_over(l);
    l->exchange = NULL;
    if (l->answer.mode == ANSWER_COLLECT)
        end_stream(l);
    else if (l->answer.mode == ANSWER_PLAIN || l->answer.mode == ANSWER_OPEN)
        end_plain(l);
    else
        end_failure(l);
}

/* [DONE] ends an answer; its engine's connection may be used again. */
static void on_flush(void *ctx)
{
    struct leg *l = ctx;
    struct exchange *x = l->exchange;
    const struct engine_decoder *d = l->answer.decoder;
    if (!d || !engine_decoder_is_over(d, l->request->nchoices))
        return;
    on_end(l);
    exchange_leave(x);
}

static void on_fail(void *ctx, const struct err *err)
{
    struct leg *l = ctx;
    struct err copy = *err;
    leg_note_sent(l, false);
    witness_leg_over(l);
    l->answer.was_at_work = exchange_stats(l->exchange).worked_ms > EXCHANGE_STALE_MS;
    l->exchange = NULL;
    if (copy.code && strcmp(copy.code, "upstream_stale") == 0 && l->draft)
        leg_again(l, &copy);
    else
        fail(l, &copy);
}

static const struct exchange_events events = {
    .head = on_head,
    .body = on_body,
    .flush = on_flush,
    .end = on_end,
    .fail = on_fail,
};

static void on_unsent(struct leg *l, const struct err *err)
{
    end(l, OUTCOME_ERROR, err);
}

static const struct leg_kind mirror = {
    .purpose = LEG_MIRROR, .events = &events, .unsent = on_unsent};
static const struct leg_kind second_opinion = {
    .purpose = LEG_SECOND_OPINION, .events = &events, .unsent = on_unsent};
static const struct leg_kind judge = {
    .purpose = LEG_JUDGE, .events = &events, .unsent = on_unsent};

/* -- the beginning ------------------------------------------------------------------ */

bool aside_in_share(const struct request *r, uint64_t ppm)
{
    uint64_t x = (r->session ? r->session : r->uid) * UINT64_C(0x9E3779B97F4A7C15);
    return (x >> 32) % MILLION < ppm;
}

/* Somebody waits for the slot. */
static void on_yield(struct gate_ticket *t)
{
    struct leg *l = CONTAINER_OF(t, struct leg, ticket);
    cancel(l, l->kind->purpose == LEG_MIRROR ? "mirror_gave_way" : "gave_way");
}

/* With the draft d, of which it is one more leg.  NULL: it has no slot now. */
static NOINLINE struct aside *begin(struct request *r, const struct leg_kind *kind,
                                    const struct config_model *model, struct draft *d)
{
    struct worker *w = r->worker;
    struct aside *s = mem_new(struct aside);
    if (!s)
        return NULL;
    leg_begin(&s->leg, r, kind, model, d);
    buf_init(&s->said, 8 * (size_t)MAX_PLAIN_BYTES);
    if (!leg_borrow_slot(&s->leg, on_yield)) {
        mem_free(s);
        return NULL;
    }
    list_init(&s->all);
    list_append(&w->asides, &s->all);
    list_append(&r->asides, &s->leg.link);
    w->nasides++;
    d->nasides++;
    return s;
}

static bool prepare(struct aside *s)
{
    struct err err;
    err_init(&err);
    if (leg_prepare(&s->leg, &s->out, &err) == 0)
        return true;
    end(&s->leg, OUTCOME_REFUSED, &err); /* without a record: nothing was sent */
    return false;
}

static bool ask(struct request *r, const struct config_model *m,
                const struct leg_kind *kind, struct draft *own, aside_then *then,
                bool is_paired)
{
    struct aside *s = begin(r, kind, m, own ? own : r->draft);
    if (!s && own) {
        own->nasides++;
        request_leave_draft(own, r);
    }
    if (!s || !prepare(s))
        return false;
    s->then = then;
    s->is_paired = is_paired;
    return true;
}

bool aside_ask(struct request *r, const struct config_model *m, enum leg_purpose purpose,
               struct draft *own, aside_then *then)
{
    return ask(r, m, purpose == LEG_JUDGE ? &judge : &second_opinion, own, then, false);
}

bool aside_ask_for_pair(struct request *r, const struct config_model *m,
                        enum leg_purpose purpose, struct draft *own, aside_then *then)
{
    return ask(r, m, purpose == LEG_JUDGE ? &judge : &mirror, own, then, true);
}

void aside_mirror(struct request *r)
{
    const struct config_model *to = r->setup->config->mirror_to;
    if (LIKELY(!to))
        return;
    bool is_first = r->ntries == 1 && list_empty(&r->asides);
    if (to == r->model || !is_first || !aside_in_share(r, r->setup->config->mirror_ppm))
        return;
    const struct route_query q = request_query(r);
    if (!route_may_take(&q, to))
        return;
    struct aside *s = begin(r, &mirror, to, r->draft);
    if (s)
        (void)prepare(s);
}
