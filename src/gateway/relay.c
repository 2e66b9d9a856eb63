/* relay.c -- the answer of the promised leg on its way from its engine to the client.
 *
 * A stream's head is held back until the first content: until then another engine may
 * still be tried and the client sees nothing of it.  Afterwards the answer is what it
 * is, and a failure becomes an error event.  A plain answer is held whole (so that an
 * error inside a 200 is found), unless it is too large to hold.
 *
 * One read from an engine becomes one write to the client: events collect in the
 * worker's buffer until `flush`.
 *
 * What a body is, stream or object, its first bytes say, and what the client asked for
 * decides what becomes of it.
 *
 * Its events come through the stages of stages.h.  Where a cloud engine may know tags of
 * the session, a plain answer is held whole whatever its size, up to the bound of
 * collected ones.
 *
 * A callee that may end the leg, or the request with it, says so by its `enum fate`.
 *
 * Heads are in relay_head.c, an engine's refusals in relay_failure.c. */
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/quiet.h"
#include "gateway/stages.h"
#include "gateway/witness.h"

#include "core/mem.h"

enum {
    MAX_HELD_BYTES = 1 << 20,    /* of a plain answer, before it is passed on */
    MAX_OPENING_BYTES = 1 << 20, /* of a stream, before its first content */
    MAX_PINGS_BYTES = 64 << 10,  /* ... after which events that say nothing are dropped */
    MAX_PING_BYTES = 4 << 10,    /* an opening chunk that is larger says something */
    MAX_BLANK_BYTES = 64 << 10,  /* before a body says what it is */
    TAIL_BYTES = 4096            /* of a large answer, where usage stands */
};

/* -- the head --------------------------------------------------------------------- */

static enum answer_mode mode_of(const struct request *r, const struct http_head *head)
{
    if (head->status < 200 || head->status > 299)
        return ANSWER_FAILURE;
    return r->surface == SURFACE_EMBEDDINGS ? ANSWER_PLAIN : ANSWER_OPEN;
}

/* Of a plain answer, before it is passed on; what must be restored, translated, or become
 * a stream, never is. */
static size_t max_held(const struct leg *l)
{
    return stages_restores(l) || stages_translates(l) || l->request->is_stream
               ? WHOLE_MAX_BYTES
               : MAX_HELD_BYTES;
}

static void on_head(void *ctx, const struct http_head *head)
{
    struct leg *l = ctx;
    struct request *r = l->request;
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    leg_note_sent(l, true);
    a->status = head->status;
    a->content_length = head->content_length;
    a->mode = mode_of(r, head);
    buf_init(&a->held, a->mode == ANSWER_FAILURE ? RELAY_FAILURE_BYTES
                                                 : max_held(l) + LOOP_SCRATCH_BYTES);
    relay_keep_head(l, head);
    if (UNLIKELY(r->draft->adapt) && a->mode != ANSWER_FAILURE)
        attempt_worked(r);
    if (a->mode != ANSWER_FAILURE && a->is_compressed) {
        a->was_at_work = a->usage.has_unpriced =
            true; /* of what it made no word was read */
        err_set(&err, ERR_UPSTREAM, "upstream_bad_answer",
                "engine '%.*s' has compressed its answer, although weir asked for none; "
                "switch compression off in it or in the proxy before it",
                STR_ARG(l->model->engine->name));
    } else if (!stages_begin_restoring(l)) {
        err_nomem(&err);
    }
    if (err.kind)
        attempt_failed(r, &err);
}

/* -- RELAY begins ------------------------------------------------------------------- */

/* From here on nothing is retried, so what a retry would need is dropped. */
static void commit(struct leg *l, int64_t content_length)
{
    _Alignas(16) char first[1024];
    struct request *r = l->request;
    struct arena a;
    arena_init_in(&a, 32 * 1024, first, sizeof first);
    request_enter(r, REQ_RELAY);
    r->status = l->answer.status;
    if (UNLIKELY(r->escalation != NULL))
        escalate_over(r);
    if (UNLIKELY(r->is_opened)) {
        opened_tell(r);
        arena_reset(&a);
        request_drop_draft(r);
        return;
    }
    struct str fields = request_answer_fields(r, l->answer.fields, &a);
    struct str type = l->answer.mode == ANSWER_STREAM
                          ? r->dialect->stream_type
                          : relay_json_type(l->answer.content_type);
    client_answer_head(r->client, r->status, type, fields, content_length);
    arena_reset(&a);
    request_drop_draft(r);
}

/* The stream before its first content: opening chunks, comments. */
static void release_held(struct leg *l)
{
    struct buf *out = &l->request->worker->out;
    buf_append(out, buf_view(&l->answer.held));
    out->failed |= l->answer.held.failed;
    buf_release(&l->answer.held);
}

/* -- streams ---------------------------------------------------------------------- */

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
    if (UNLIKELY(escalate_holds(l)) && escalate_event(l, e))
        return 0;
    if (r->state == REQ_ATTEMPT && (is_content || a->content_bytes)) {
        commit(l, -1);
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

static bool start_stream(struct leg *l)
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

static void relay_finish(struct leg *l);

/* The stream cannot go on.  Before content another engine may answer; after it the
 * client is told inside the stream. */
static enum fate stream_broke(struct leg *l, const struct err *err)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    if (r->state == REQ_ATTEMPT) {
        struct err copy = *err;
        attempt_failed(r, &copy);
        return IS_OVER;
    }
    /* No room here says nothing of the engine; an error event has said it already. */
    if (err->kind != ERR_OVERLOAD && !a->has_passed_error)
        gate_report(leg_gate(l), false, loop_now_ms(r->worker->loop));
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

static enum fate feed_stream(struct leg *l, struct str piece, bool is_end)
{
    struct request *r = l->request;
    struct err err;
    err_init(&err);
    if (LIKELY(stages_feed(l, piece, is_end, &err) == 0))
        return GOES_ON;
    if (r->state == REQ_ATTEMPT && r->draft->last_failure.kind && !err.kind)
        err = r->draft->last_failure;
    return stream_broke(l, &err);
}

/* -- plain answers ------------------------------------------------------------------ */

static void pass_piece(struct leg *l, struct str piece)
{
    struct request *r = l->request;
    l->answer.sent_bytes += piece.n;
    if (client_answer_piece(r->client, piece) == IS_OVER)
        return;
    if (client_is_choked(r->client))
        exchange_pause(l->exchange);
}

static enum fate may_hold(struct leg *l, size_t n)
{
    struct err err;
    err_init(&err);
    struct answer *a = &l->answer;
    a->taken_bytes += n;
    if (budget_hold(l->request->worker, &a->counted_bytes, a->taken_bytes))
        return GOES_ON;
    budget_refuse(&err);
    request_refuse(l->request, &err);
    return IS_OVER;
}

/* What is collected of a stream after a read; what said nothing is gone. */
static void count_collected(struct leg *l)
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

static enum fate flush(struct leg *l);

/* What was held to be judged goes out as it is. */
static NOINLINE enum fate release(struct leg *l)
{
    struct request *r = l->request;
    commit(l, -1);
    release_held(l);
    if (flush(l) == IS_OVER)
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
static enum fate count_stream(struct leg *l)
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
        return stream_broke(l, &err);
    request_refuse(l->request, &err);
    return IS_OVER;
}

/* It has become too large to hold: what there is goes out, and the rest as it comes. */
static void pass_held(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    struct buf held = a->held;
    struct str whole = buf_view(&held), mark = STR("\xEF\xBB\xBF");
    if (str_starts(whole, mark)) {
        whole = str_sub(whole, mark.n, whole.n);
        a->content_length -= a->content_length > 0 ? (int64_t)mark.n : 0;
    }
    commit(l, a->content_length);
    budget_release(r->worker, &a->counted_bytes);
    buf_init(&a->held, 4 * TAIL_BYTES);
    a->usage = engine_usage_in_tail(r->surface, str_sub(whole, 0, TAIL_BYTES));
    buf_append_end(&a->held, whole, TAIL_BYTES);
    pass_piece(l, whole);
    buf_release(&held);
}

/* A large answer in the form of the other surface is held whole as well, to be put into
 * the client's; by the name that it gives itself. */
static bool is_of_other_surface(const struct leg *l)
{
    struct str start = str_sub(buf_view(&l->answer.held), 0, TAIL_BYTES);
    enum surface surface = l->request->surface;
    return surface != SURFACE_EMBEDDINGS &&
           str_find(start, surface == SURFACE_CHAT ? STR("\"text_completion\"")
                                                   : STR("\"chat.completion")) >= 0;
}

/* Too large to be passed on later: goes on as it comes from now on, or is refused. */
static void outgrow(struct leg *l)
{
    struct answer *a = &l->answer;
    bool is_stream = l->request->is_stream;
    struct err err;
    err_init(&err);
    if (a->held.max_bytes < WHOLE_MAX_BYTES && is_of_other_surface(l)) {
        a->held.max_bytes = WHOLE_MAX_BYTES + LOOP_SCRATCH_BYTES;
        return;
    }
    if (!a->restorer && !is_stream && a->held.max_bytes < WHOLE_MAX_BYTES) {
        pass_held(l);
        return;
    }
    if (buf_len(&a->held) <= WHOLE_MAX_BYTES)
        return;
    err_set(&err, ERR_UPSTREAM, "answer_too_large",
            "an answer %s is larger than %d bytes",
            a->restorer ? "with tags in it"
            : is_stream ? "that is to become a stream"
                        : "that is to be put into another form",
            WHOLE_MAX_BYTES);
    attempt_failed(l->request, &err);
}

static void feed_plain(struct leg *l, struct str piece)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    leg_note_content(l);
    /* Until it is whole and read, its bytes say best how much was made. */
    if (r->surface != SURFACE_EMBEDDINGS)
        a->content_bytes += piece.n;
    if (r->state == REQ_RELAY) {
        buf_append_end(&a->held, piece, TAIL_BYTES);
        pass_piece(l, piece);
        return;
    }
    if (may_hold(l, piece.n) == IS_OVER)
        return;
    buf_append(&a->held, piece);
    if (UNLIKELY(buf_len(&a->held) > max_held(l)))
        outgrow(l);
}

/* -- body, flush, end ---------------------------------------------------------------- */

/* Too much of it, and its start stays: `failed`. */
static void take_failure(struct leg *l, struct str piece)
{
    struct answer *a = &l->answer;
    buf_append(&a->held, piece);
    if (!budget_hold(l->request->worker, &a->counted_bytes, a->held.n))
        a->held.failed = true;
}

/* What the client asked for decides what becomes of it, whatever the engine made. */
static enum fate begin_mode(struct leg *l, enum body_look look)
{
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    bool is_stream = engine_is_stream(l->model->engine->speaks, l->request->surface, look,
                                      l->asks_stream);
    if (UNLIKELY(look == LOOKS_OTHER || look == LOOKS_OPEN))
        is_stream = str_contains_nocase(a->content_type, STR("text/event-stream"));
    if (!is_stream) {
        a->mode = ANSWER_PLAIN;
        return GOES_ON;
    }
    a->mode = l->request->is_stream ? ANSWER_STREAM : ANSWER_COLLECT;
    if (start_stream(l))
        return GOES_ON;
    err_nomem(&err);
    attempt_failed(l->request, &err);
    return IS_OVER;
}

static void on_body(void *ctx, struct str piece);

/* Blanks keep a connection open while a plain answer is made, for as long as that takes.
 */
static struct str without_blanks(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
        s = str_sub(s, 1, s.n);
    return s;
}

static void feed_open(struct leg *l, struct str piece)
{
    struct answer *a = &l->answer;
    struct buf start = a->held;
    struct str all = piece;
    if (UNLIKELY(buf_len(&start))) {
        buf_append(&start, piece);
        all = buf_view(&start);
    }
    enum body_look look = engine_look(all);
    struct str rest = look == LOOKS_OPEN ? without_blanks(all) : all;
    if (UNLIKELY(look == LOOKS_OPEN && rest.n < MAX_BLANK_BYTES && !start.failed)) {
        if (!buf_len(&start))
            buf_append(&start, rest);
        else
            buf_consume(&start, all.n - rest.n);
        a->held = start;
        return;
    }
    buf_init(&a->held, max_held(l) + LOOP_SCRATCH_BYTES);
    if (begin_mode(l, look) == GOES_ON)
        on_body(l, all);
    buf_release(&start);
}

static void on_body(void *ctx, struct str piece)
{
    struct leg *l = ctx;
    switch (l->answer.mode) {
    case ANSWER_OPEN:
        feed_open(l, piece);
        return;
    case ANSWER_COLLECT:
        feed_stream(l, piece, false);
        if (l->answer.mode == ANSWER_COLLECT)
            count_collected(l);
        return;
    case ANSWER_STREAM:
        feed_stream(l, piece, false);
        return;
    case ANSWER_PLAIN:
        feed_plain(l, piece);
        return;
    case ANSWER_FAILURE:
    case ANSWER_NONE:
        take_failure(l, piece);
        return;
    }
}

static enum fate flush(struct leg *l)
{
    struct request *r = l->request;
    struct buf *out = &r->worker->out;
    if (UNLIKELY(out->failed))
        return request_cut(r);
    if (buf_len(out) == 0)
        return GOES_ON;
    l->answer.sent_bytes += buf_len(out);
    enum fate fate = quiet_break(r, buf_view(out));
    buf_clear(out);
    return fate;
}

static void on_end(void *ctx);

static void on_flush(void *ctx)
{
    struct leg *l = ctx;
    struct request *r = l->request;
    const struct engine_decoder *decoder = l->answer.decoder;
    if (!decoder)
        return;
    if (UNLIKELY(decoder->has_ended) && engine_decoder_is_over(decoder, r->nchoices)) {
        /* The client closes at [DONE]; the engine's connection may be used again. */
        struct exchange *x = l->exchange;
        on_end(l);
        exchange_leave(x);
        return;
    }
    if (l->answer.mode != ANSWER_STREAM || count_stream(l) == IS_OVER ||
        r->state != REQ_RELAY)
        return;
    if (flush(l) == GOES_ON && client_is_choked(r->client) && l->exchange)
        exchange_pause(l->exchange);
}

/* Everything that is to be said has been encoded. */
static void relay_finish(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    struct buf *out = &r->worker->out;
    if (a->encoder)
        answer_encode_end(a->encoder, out);
    if (UNLIKELY(out->failed)) {
        request_cut(r);
        return;
    }
    struct client *c = r->client;
    a->sent_bytes += buf_len(out);
    enum fate fate = client_answer_last(c, buf_view(out));
    buf_clear(out);
    if (fate == IS_OVER)
        return;
    r->client = NULL;
    c->request = NULL;
    request_end(r);
    client_answer_end(c);
}

static void succeed(struct leg *l)
{
    gate_report(leg_gate(l), true, loop_now_ms(l->request->worker->loop));
    leg_drop(l);
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

static void end_stream(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    l->exchange = NULL;
    if (feed_stream(l, STR(""), true) == IS_OVER)
        return;
    a->usage = a->decoder->usage;
    if (!is_whole(l) && !a->has_passed_error) {
        err_set(&err, ERR_UPSTREAM,
                r->state == REQ_RELAY ? "upstream_truncated" : "upstream_empty",
                "engine '%.*s' ended its stream before the answer was complete",
                STR_ARG(l->model->engine->name));
        stream_broke(l, &err);
        return;
    }
    r->outcome = a->has_passed_error ? OUTCOME_ERROR : OUTCOME_OK;
    if (a->has_passed_error)
        leg_drop(l);
    else
        succeed(l);
    if (UNLIKELY(r->state == REQ_ATTEMPT && escalate_holds(l))) {
        answer_encode_end(a->encoder, &a->held);
        escalate_take(l, r->dialect->stream_type, &a->held, NULL);
        return;
    }
    relay_finish(l);
}

/* Takes the body. */
static void answer_whole(struct leg *l, struct str type, struct buf *body)
{
    _Alignas(16) char first[1024];
    struct request *r = l->request;
    struct arena scratch;
    struct client *c = r->client;
    request_enter(r, REQ_RELAY);
    r->status = l->answer.status;
    r->outcome = OUTCOME_OK;
    l->answer.sent_bytes = buf_len(body);
    /* From here on it is the client's, and counted there. */
    budget_release(r->worker, &l->answer.counted_bytes);
    if (UNLIKELY(r->escalation != NULL))
        escalate_over(r);
    if (UNLIKELY(r->is_opened)) {
        opened_answer(l, body);
        return;
    }
    arena_init_in(&scratch, 32 * 1024, first, sizeof first);
    struct str fields = request_answer_fields(r, l->answer.fields, &scratch);
    r->client = NULL;
    c->request = NULL;
    client_answer_taking(c, r->status, type, fields, body);
    arena_reset(&scratch);
    request_end(r);
}

void relay_give(struct leg *l, struct str type, struct buf *body)
{
    answer_whole(l, type, body);
}

/* A whole_then. */
static void pass_whole(struct leg *l, struct buf *body, const struct err *err)
{
    const struct request *r = l->request;
    const struct answer *a = &l->answer;
    if (err) {
        if (!a->usage.is_known && !a->usage.has_unpriced && a->content_bytes == 0)
            l->ttft_ms = -1; /* an error in a 200: a refusal, not the beginning of work */
        attempt_failed(l->request, err);
        return;
    }
    struct str type = r->is_stream                ? r->dialect->stream_type
                      : a->mode == ANSWER_COLLECT ? STR("application/json")
                                                  : relay_json_type(a->content_type);
    succeed(l);
    if (UNLIKELY(escalate_holds(l)))
        escalate_take(l, type, body, &l->answer.judged);
    else
        answer_whole(l, type, body);
}

static void end_collect(struct leg *l)
{
    struct answer *a = &l->answer;
    struct err err;
    err_init(&err);
    l->exchange = NULL;
    if (feed_stream(l, STR(""), true) == IS_OVER)
        return;
    a->usage = a->decoder->usage;
    if (is_whole(l)) {
        whole_make(l, pass_whole);
        return;
    }
    err_set(&err, ERR_UPSTREAM,
            a->content_bytes ? "upstream_truncated" : "upstream_empty",
            "engine '%.*s' ended its stream before the answer was complete",
            STR_ARG(l->model->engine->name));
    attempt_failed(l->request, &err);
}

static void end_plain(struct leg *l)
{
    struct request *r = l->request;
    struct answer *a = &l->answer;
    l->exchange = NULL;
    if (r->state == REQ_RELAY) {
        struct usage last = engine_usage_in_tail(r->surface, buf_view(&a->held));
        if (last.tier == TIER_STANDARD)
            last.tier = a->usage.tier; /* of the answer's beginning */
        if (last.is_known)
            a->usage = last;
        a->usage.tier = last.tier;
        r->outcome = OUTCOME_OK;
        succeed(l);
        relay_finish(l);
        return;
    }
    whole_make(l, pass_whole);
}

static void on_end(void *ctx)
{
    struct leg *l = ctx;
    witness_leg_over(l);
    if (l->answer.mode == ANSWER_OPEN) /* an empty body, or blanks */
        l->answer.mode = ANSWER_PLAIN;
    switch (l->answer.mode) {
    case ANSWER_STREAM:
        end_stream(l);
        return;
    case ANSWER_COLLECT:
        end_collect(l);
        return;
    case ANSWER_PLAIN:
        end_plain(l);
        return;
    case ANSWER_FAILURE:
    case ANSWER_OPEN:
    case ANSWER_NONE:
        relay_end_failure(l->request);
        return;
    }
}

static void on_fail(void *ctx, const struct err *err)
{
    struct leg *l = ctx;
    struct request *r = l->request;
    struct engine_decoder *decoder = l->answer.decoder;
    struct err copy = *err;
    leg_note_sent(l, false);
    witness_leg_over(l);
    if (r->state == REQ_ATTEMPT && err->code &&
        strcmp(err->code, "upstream_stale") == 0) {
        l->exchange = NULL;
        leg_again(l, &copy);
        return;
    }
    l->answer.was_at_work = exchange_stats(l->exchange).worked_ms > EXCHANGE_STALE_MS;
    l->exchange = NULL;
    if (decoder && r->state == REQ_RELAY)
        l->answer.usage = decoder->usage;
    bool is_late = err->kind == ERR_TIMEOUT; /* nothing more came, and nothing broke */
    if (decoder && decoder->has_ended &&
        (is_late || engine_decoder_is_over(decoder, r->nchoices)))
        on_end(l);
    else
        stream_broke(l, &copy);
}

const struct exchange_events relay_events = {
    .head = on_head,
    .body = on_body,
    .flush = on_flush,
    .end = on_end,
    .fail = on_fail,
};

void relay_stop(struct request *r, const struct err *err)
{
    stream_broke(&r->leg, err);
}
