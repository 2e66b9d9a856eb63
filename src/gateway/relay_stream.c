/* relay_stream.c -- an answer that comes as events, for a client that streams or for one
 * that does not.
 *
 * A stream's head is held back until the first content: until then another engine may
 * still be tried and the client sees nothing of it.  Afterwards the answer is what it
 * is, and a failure becomes an error event.  Its events come through the stages of
 * stages.h. */
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/illness.h"
#include "gateway/pairing.h"
#include "gateway/relay.h"
#include "gateway/stages.h"

enum {
    MAX_OPENING_BYTES = 1 << 20, /* of a stream, before its first content */
    MAX_PINGS_BYTES = 64 << 10,  /* ... after which events that say nothing are dropped */
    MAX_PING_BYTES = 4 << 10     /* an opening chunk that is larger says something */
};

/* The stream before its first content: opening chunks, comments. */
static void release_held(struct leg *l)
{
    struct buf *out = &l->request->worker->out;
    buf_append(out, buf_view(&l->answer.held));
    out->failed |= l->answer.held.failed;
    buf_release(&l->answer.held);
}

static void count_event(struct leg *l, const struct event *e)
{
    struct answer *a = &l->answer;
    a->content_bytes += e->content_bytes + e->reasoning_bytes + e->tool_bytes;
    a->has_finish |= e->kind == EVENT_FINISH;
    if (e->kind == EVENT_DELTA || e->content_bytes)
        leg_note_content(l);
}

/* Clients leave at an error event, so the engine is judged by it now and not at the end
 * of the stream. */
static void note_passed_error(struct leg *l, const struct err *error)
{
    if (!l->answer.has_passed_error)
        attempt_report(l, error);
    l->answer.has_passed_error = true;
    l->request->error_code = error->code ? error->code : "upstream_error";
}

/* Engines send events that say nothing for as long as they think: what ends that is a
 * deadline, not a number of bytes.  The first opening chunk says who speaks. */
static bool is_ping(struct answer *a, const struct event *e)
{
    if (e->kind != EVENT_START)
        return e->kind == EVENT_NOTE;
    bool is_first = !a->has_opened;
    a->has_opened = true;
    return !is_first && e->raw.n <= MAX_PING_BYTES;
}

/* An event before any content.  Comments are not kept: they would show a
 * client that its answer is still being made, and it has no answer yet to keep open. */
static int hold_opening(struct leg *l, const struct event *e)
{
    struct answer *a = &l->answer;
    size_t before = a->held.n;
    bool is_dropped = is_ping(a, e) && buf_len(&a->held) >= MAX_PINGS_BYTES;
    if (is_dropped && !e->usage.is_known)
        return 0;
    if (e->data.n || e->own.n)
        answer_encode(a->encoder, e, &a->held);
    if (is_dropped && !a->held.failed)
        a->held.n = before; /* its usage has been kept */
    if (LIKELY(!a->held.failed && buf_len(&a->held) <= MAX_OPENING_BYTES))
        return 0;
    err_set(&l->request->draft->last_failure, ERR_UPSTREAM, "upstream_bad_sse",
            "engine '%.*s' sent more than %d bytes of events before any content",
            STR_ARG(l->model->engine->name), MAX_OPENING_BYTES);
    return -1;
}

/* -1 stops the stages: the attempt is over. */
static int on_stream_event(void *ctx, const struct event *e)
{
    struct leg *l = ctx;
    struct request *r = l->request;
    struct answer *a = &l->answer;
    bool is_content = e->kind == EVENT_DELTA || e->kind == EVENT_FINISH;
    if (r->state == REQ_ATTEMPT && e->kind == EVENT_ERROR) {
        r->draft->last_failure = *e->error;
        return -1;
    }
    count_event(l, e);
    if (UNLIKELY(pairing_wants(l)))
        pairing_event(r, e);
    if (UNLIKELY(escalate_holds(l)) && escalate_event(l, e))
        return 0;
    if (r->state == REQ_ATTEMPT && (is_content || a->content_bytes)) {
        relay_commit(l, -1);
        release_held(l);
    }
    if (UNLIKELY(r->state == REQ_ATTEMPT))
        return hold_opening(l, e);
    struct buf *out = &r->worker->out;
    if (LIKELY(e->kind != EVENT_ERROR)) {
        answer_encode(a->encoder, e, out);
    } else {
        struct err scratch;
        struct event told = *e;
        told.error = request_tell(r, e->error, &scratch);
        answer_encode(a->encoder, &told, out);
        note_passed_error(l, e->error);
    }
    return 0;
}

static int on_collect_event(void *ctx, const struct event *e)
{
    struct leg *l = ctx;
    struct err err;
    err_init(&err);
    if (e->kind == EVENT_ERROR) {
        l->request->draft->last_failure = *e->error;
        return -1;
    }
    count_event(l, e);
    if (engine_collect(l->answer.collector, e, &err) == 0)
        return 0;
    l->request->draft->last_failure = err;
    return -1;
}

bool relay_start_stream(struct leg *l)
{
    struct answer *a = &l->answer;
    const struct request *r = l->request;
    if (a->mode == ANSWER_COLLECT) {
        a->collector = engine_collector_create(r->surface, WHOLE_MAX_BYTES);
        return a->collector && stages_begin(l, on_collect_event);
    }
    const struct answer_about about = request_about(r);
    a->encoder = answer_encoder_create(r->dialect, &about, r->wants_usage);
    if (!a->encoder)
        return false;
    a->encoder->passes_own = l->passes_own;
    return stages_begin(l, on_stream_event);
}

/* The stream cannot go on.  Before content another engine may answer; after it the
 * client is told inside the stream. */
enum fate relay_stream_broke(struct leg *l, const struct err *err)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    if (r->state == REQ_ATTEMPT) {
        struct err copy = *err;
        attempt_failed(r, &copy);
        return IS_OVER;
    }
    /* No room here says nothing of the engine; an error event has said it already. */
    if (err->kind != ERR_OVERLOAD && !a->has_passed_error) {
        char why[PAST_WHY];
        illness_words(err, a->status, why);
        gate_fail(leg_gate(l), why, loop_now_ms(r->worker->loop));
    }
    leg_drop(l);
    r->outcome = OUTCOME_ERROR;
    r->error_code = err->code;
    if (r->client && a->encoder) {
        struct err scratch;
        stages_flush(l);
        r->dialect->encode_stream_error(a->encoder, request_tell(r, err, &scratch),
                                        &r->worker->out);
        relay_finish(l);
    } else if (r->client) {
        client_answer_abort(r->client);
        r->client = NULL;
        request_end(r);
    }
    return IS_OVER;
}

enum fate relay_feed_stream(struct leg *l, struct str piece, bool is_end)
{
    struct request *r = l->request;
    struct err err;
    err_init(&err);
    if (LIKELY(stages_feed(l, piece, is_end, &err) == 0))
        return GOES_ON;
    if (r->state == REQ_ATTEMPT && r->draft->last_failure.kind && !err.kind)
        err = r->draft->last_failure;
    return relay_stream_broke(l, &err);
}

/* What is collected of a stream after a read; what said nothing is gone. */
void relay_count_collected(struct leg *l)
{
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    if (budget_hold(l->request->worker, &a->counted_bytes,
                    engine_collector_held(a->collector) +
                        engine_decoder_held(a->decoder)))
        return;
    budget_refuse(&err);
    request_refuse(l->request, &err);
}

/* What was held to be judged goes out as it is. */
static NOINLINE enum fate release(struct leg *l)
{
    struct request *r = l->request;
    relay_commit(l, -1);
    release_held(l);
    if (relay_flush(l) == IS_OVER)
        return IS_OVER;
    if (client_is_choked(r->client) && l->exchange)
        exchange_pause(l->exchange);
    return GOES_ON;
}

void relay_release(struct leg *l)
{
    (void)release(l);
}

/* What a stream keeps after a read: its opening, and an event that has not come whole. */
enum fate relay_count_stream(struct leg *l)
{
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    size_t restoring = a->restorer ? restorer_held(a->restorer) : 0;
    if (budget_hold(l->request->worker, &a->counted_bytes,
                    a->held.n + engine_decoder_held(a->decoder) + a->encoder->held_bytes +
                        restoring))
        return GOES_ON;
    if (UNLIKELY(escalate_holds(l)) && a->content_bytes)
        return release(l); /* rather than none, it is given unjudged */
    budget_refuse(&err);
    if (l->request->state != REQ_ATTEMPT)
        return relay_stream_broke(l, &err);
    request_refuse(l->request, &err);
    return IS_OVER;
}

/* A stream is ended in order by the finishes of all its choices or, from servers that
 * send none, by [DONE] after some content. */
static bool is_whole(const struct leg *l)
{
    const struct answer *a = &l->answer;
    if (a->decoder->has_ended)
        return a->has_finish || (a->content_bytes > 0 && !a->decoder->needs_finish);
    return engine_decoder_is_finished(a->decoder, l->request->nchoices);
}

/* What the stages still hold comes. */
static enum fate end_of_stream(struct leg *l)
{
    l->exchange = NULL;
    if (relay_feed_stream(l, STR(""), true) == IS_OVER)
        return IS_OVER;
    l->answer.usage = l->answer.decoder->usage;
    return GOES_ON;
}

static void err_incomplete(const struct leg *l, bool has_begun, struct err *err)
{
    err_set(err, ERR_UPSTREAM, has_begun ? "upstream_truncated" : "upstream_empty",
            "engine '%.*s' ended its stream before the answer was complete",
            STR_ARG(l->model->engine->name));
}

void relay_end_stream(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    struct err err;
    if (end_of_stream(l) == IS_OVER)
        return;
    if (!is_whole(l) && !a->has_passed_error) {
        err_incomplete(l, r->state == REQ_RELAY, &err);
        relay_stream_broke(l, &err);
        return;
    }
    r->outcome = a->has_passed_error ? OUTCOME_ERROR : OUTCOME_OK;
    if (a->has_passed_error)
        leg_drop(l);
    else
        relay_succeed(l);
    if (UNLIKELY(r->state == REQ_ATTEMPT && escalate_holds(l))) {
        answer_encode_end(a->encoder, &a->held);
        escalate_take(l, dialect_stream_type(r->dialect, r->path), &a->held, NULL);
        return;
    }
    relay_finish(l);
}

void relay_end_collect(struct leg *l)
{
    struct err err;
    if (end_of_stream(l) == IS_OVER)
        return;
    if (is_whole(l)) {
        whole_make(l, relay_pass_whole);
        return;
    }
    err_incomplete(l, l->answer.content_bytes > 0, &err);
    attempt_failed(l->request, &err);
}

void relay_stop(struct request *r, const struct err *err)
{
    relay_stream_broke(&r->leg, err);
}
