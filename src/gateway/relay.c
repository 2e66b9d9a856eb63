/* relay.c -- the answer on its way from an engine to the client.
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
 * Where a cloud engine may know tags of the session, a restorer stands between its
 * events and these: it puts the values back (guard/restore.h).  A plain answer is then
 * held whole whatever its size, up to the bound of collected ones.
 *
 * Heads are in relay_head.c, an engine's refusals in relay_failure.c. */
#include "gateway/budget.h"
#include "gateway/witness.h"

#include "core/log.h"
#include "core/mem.h"

enum {
    MAX_HELD_BYTES = 1 << 20,    /* of a plain answer, before it is passed on */
    MAX_OPENING_BYTES = 1 << 20, /* of a stream, before its first content */
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

/* Answers of the cloud in a session with a vault; embeddings have no text. */
static bool needs_restoring(const struct request *r)
{
    return r->is_cloud && r->vault && r->surface != SURFACE_EMBEDDINGS;
}

static bool start_restoring(struct request *r)
{
    if (needs_restoring(r))
        r->answer.restorer = restorer_create(r->vault, WHOLE_MAX_BYTES);
    return !needs_restoring(r) || r->answer.restorer;
}

static void stop_restoring(struct request *r)
{
    if (r->answer.restorer)
        restore_counts_add(&r->restored, restorer_counts(r->answer.restorer));
    restorer_free(r->answer.restorer);
}

static bool start_stream(struct request *r)
{
    struct answer *a = &r->answer;
    a->decoder = mem_new(struct engine_decoder);
    if (!a->decoder)
        return false;
    engine_decoder_init(a->decoder, r->model->engine->kind, r->surface);
    if (a->mode == ANSWER_COLLECT) {
        a->collector = engine_collector_create(r->surface, WHOLE_MAX_BYTES);
        return a->collector != NULL;
    }
    a->encoder = mem_new(struct answer_encoder);
    if (a->encoder)
        answer_encoder_init(a->encoder, DIALECT_OPENAI, r->wants_usage);
    return a->encoder != NULL;
}

/* Of a plain answer, before it is passed on; what must be restored, or become a stream,
 * never is. */
static size_t max_held(const struct request *r)
{
    return needs_restoring(r) || r->is_stream ? WHOLE_MAX_BYTES : MAX_HELD_BYTES;
}

static void on_head(void *ctx, const struct http_head *head)
{
    struct request *r = ctx;
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    attempt_note_sent(r, true);
    relay_release(r);
    a->status = head->status;
    a->content_length = head->content_length;
    a->mode = mode_of(r, head);
    buf_init(&a->held, a->mode == ANSWER_FAILURE ? RELAY_FAILURE_BYTES
                                                 : max_held(r) + LOOP_SCRATCH_BYTES);
    relay_keep_head(r, head);
    if (UNLIKELY(r->draft->adapt) && a->mode != ANSWER_FAILURE)
        attempt_worked(r);
    if (a->mode != ANSWER_FAILURE && a->is_compressed)
        err_set(&err, ERR_UPSTREAM, "upstream_bad_answer",
                "engine '%.*s' has compressed its answer, although weir asked for none; "
                "switch compression off in it or in the proxy before it",
                STR_ARG(r->model->engine->name));
    else if (!start_restoring(r))
        err_nomem(&err);
    if (err.kind)
        attempt_failed(r, &err);
}

/* -- RELAY begins ------------------------------------------------------------------- */

static void note_first_content(struct request *r)
{
    if (r->ttft_ms < 0)
        r->ttft_ms = (int64_t)(loop_now_ms(r->worker->loop) - r->started_ms);
}

/* From here on nothing is retried, so what a retry would need is dropped. */
static void commit(struct request *r, int64_t content_length)
{
    _Alignas(16) char first[1024];
    struct arena a;
    arena_init_in(&a, 32 * 1024, first, sizeof first);
    request_enter(r, REQ_RELAY);
    r->status = r->answer.status;
    struct str fields = request_answer_fields(r, r->answer.fields, &a);
    struct str type = r->answer.mode == ANSWER_STREAM
                          ? STR("text/event-stream")
                          : relay_json_type(r->answer.content_type);
    client_answer_head(r->client, r->status, type, fields, content_length);
    arena_reset(&a);
    request_drop_draft(r);
}

/* The stream before its first content: opening chunks, comments. */
static void release_held(struct request *r)
{
    buf_append(&r->worker->out, buf_view(&r->answer.held));
    r->worker->out.failed |= r->answer.held.failed;
    buf_release(&r->answer.held);
}

/* -- streams ---------------------------------------------------------------------- */

static void count_event(struct request *r, const struct event *e)
{
    struct answer *a = &r->answer;
    a->content_bytes += e->content_bytes + e->reasoning_bytes + e->tool_bytes;
    a->has_finish |= e->kind == EVENT_FINISH;
    if (e->kind == EVENT_DELTA || e->content_bytes)
        note_first_content(r);
}

/* Clients leave at an error event, so the engine is judged by it now and not at the end
 * of the stream. */
static void note_passed_error(struct request *r, const struct err *error)
{
    if (!r->answer.has_passed_error)
        attempt_report(r, error);
    r->answer.has_passed_error = true;
    r->error_code = error->code ? error->code : "upstream_error";
}

/* An event before any content.  Comments say to nobody that somebody is at work: there
 * is no answer yet that they could keep open. */
static int hold_opening(struct request *r, const struct event *e)
{
    struct answer *a = &r->answer;
    if (e->data.n || e->kind == EVENT_END)
        a->encoder->ops->encode_event(a->encoder, e, &a->held);
    if (LIKELY(!a->held.failed && buf_len(&a->held) <= MAX_OPENING_BYTES))
        return 0;
    err_set(&r->draft->last_failure, ERR_UPSTREAM, "upstream_bad_sse",
            "engine '%.*s' sent more than %d bytes of events before any content",
            STR_ARG(r->model->engine->name), MAX_OPENING_BYTES);
    return -1;
}

/* -1 stops the decoder: the attempt is over. */
static int on_stream_event(void *ctx, const struct event *e)
{
    struct request *r = ctx;
    struct answer *a = &r->answer;
    bool is_content = e->kind == EVENT_DELTA || e->kind == EVENT_FINISH;
    if (r->state == REQ_ATTEMPT && e->kind == EVENT_ERROR) {
        r->draft->last_failure = *e->error;
        return -1;
    }
    count_event(r, e);
    if (r->state == REQ_ATTEMPT && is_content) {
        commit(r, -1);
        release_held(r);
    }
    if (UNLIKELY(r->state == REQ_ATTEMPT))
        return hold_opening(r, e);
    struct buf *out = &r->worker->out;
    if (LIKELY(e->kind != EVENT_ERROR)) {
        a->encoder->ops->encode_event(a->encoder, e, out);
    } else {
        struct err scratch;
        struct event told = *e;
        told.error = request_tell(r, e->error, &scratch);
        a->encoder->ops->encode_event(a->encoder, &told, out);
        note_passed_error(r, e->error);
    }
    return 0;
}

static int on_collect_event(void *ctx, const struct event *e)
{
    struct request *r = ctx;
    struct err err;
    err_init(&err);
    if (e->kind == EVENT_ERROR) {
        r->draft->last_failure = *e->error;
        return -1;
    }
    count_event(r, e);
    if (engine_collect(r->answer.collector, e, &err) == 0)
        return 0;
    r->draft->last_failure = err;
    return -1;
}

static event_sink *sink_of(const struct request *r)
{
    return r->answer.mode == ANSWER_STREAM ? on_stream_event : on_collect_event;
}

/* Whose events these are, and where the restorer says what went wrong. */
struct feed {
    struct request *request;
    struct err *err;
};

static int on_tagged_event(void *ctx, const struct event *e)
{
    struct feed *f = ctx;
    return restore_event(f->request->answer.restorer, e, sink_of(f->request), f->request,
                         f->err);
}

static int decode_tagged(struct request *r, struct str piece, bool is_end,
                         struct err *err)
{
    struct answer *a = &r->answer;
    struct feed f = {r, err};
    if (!is_end)
        return engine_decode(a->decoder, piece, on_tagged_event, &f, err);
    if (engine_decode_end(a->decoder, on_tagged_event, &f, err) < 0)
        return -1;
    return restore_end(a->restorer, sink_of(r), r, err);
}

static void relay_finish(struct request *r);

/* What waits for the rest of a tag was said all the same. */
static void release_restorer(struct request *r)
{
    struct err unheard;
    if (r->answer.restorer)
        restore_end(r->answer.restorer, sink_of(r), r, &unheard);
}

/* The stream cannot go on.  Before content another engine may answer; after it the
 * client is told inside the stream. */
static void stream_broke(struct request *r, const struct err *err)
{
    struct answer *a = &r->answer;
    if (r->state == REQ_ATTEMPT) {
        struct err copy = *err;
        attempt_failed(r, &copy);
        return;
    }
    /* No room here says nothing of the engine; an error event has said it already. */
    if (err->kind != ERR_OVERLOAD && !a->has_passed_error)
        gate_report(r->setup->gates[r->model->engine->index], false,
                    loop_now_ms(r->worker->loop));
    attempt_drop(r);
    r->outcome = OUTCOME_ERROR;
    r->error_code = err->code;
    if (r->client && a->encoder) {
        struct err scratch;
        release_restorer(r);
        a->encoder->ops->encode_stream_error(a->encoder, request_tell(r, err, &scratch),
                                             &r->worker->out);
        relay_finish(r);
    } else if (r->client) {
        client_answer_abort(r->client);
        r->client = NULL;
        request_end(r);
    }
}

static void feed_stream(struct request *r, struct str piece, bool is_end)
{
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    int rc = a->restorer ? decode_tagged(r, piece, is_end, &err)
             : is_end    ? engine_decode_end(a->decoder, sink_of(r), r, &err)
                         : engine_decode(a->decoder, piece, sink_of(r), r, &err);
    if (rc == 0)
        return;
    if (r->state == REQ_ATTEMPT && r->draft->last_failure.kind && !err.kind)
        err = r->draft->last_failure;
    stream_broke(r, &err);
}

/* -- plain answers ------------------------------------------------------------------ */

static void keep_tail(struct answer *a, struct str piece)
{
    if (piece.n >= TAIL_BYTES) {
        buf_clear(&a->held);
        buf_append(&a->held, str_sub(piece, piece.n - TAIL_BYTES, piece.n));
        return;
    }
    if (buf_len(&a->held) + piece.n > TAIL_BYTES)
        buf_consume(&a->held, buf_len(&a->held) + piece.n - TAIL_BYTES);
    buf_append(&a->held, piece);
}

static void pass_piece(struct request *r, struct str piece)
{
    r->answer.sent_bytes += piece.n;
    if (!client_answer_piece(r->client, piece))
        return; /* the client has gone and took the request with it */
    if (client_is_choked(r->client))
        exchange_pause(r->exchange);
}

/* false: there is no room for it, and r is refused. */
static bool may_hold(struct request *r, size_t n)
{
    struct err err;
    err_init(&err);
    struct answer *a = &r->answer;
    a->taken_bytes += n;
    if (budget_hold(r->worker, &a->counted_bytes, a->taken_bytes))
        return true;
    budget_refuse(&err);
    request_refuse(r, &err);
    return false;
}

/* What a stream keeps after a read: its opening, and an event that has not come whole. */
static void count_stream(struct request *r)
{
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    if (budget_hold(r->worker, &a->counted_bytes,
                    a->held.n + engine_decoder_held(a->decoder) +
                        answer_encoder_held(a->encoder)))
        return;
    budget_refuse(&err);
    if (r->state == REQ_ATTEMPT)
        request_refuse(r, &err);
    else
        stream_broke(r, &err);
}

/* It has become too large to hold: what there is goes out, and the rest as it comes. */
static void pass_held(struct request *r)
{
    struct answer *a = &r->answer;
    struct buf held = a->held;
    struct str whole = buf_view(&held), mark = STR("\xEF\xBB\xBF");
    if (str_starts(whole, mark)) {
        whole = str_sub(whole, mark.n, whole.n);
        a->content_length -= a->content_length > 0 ? (int64_t)mark.n : 0;
    }
    commit(r, a->content_length);
    budget_release(r->worker, &a->counted_bytes);
    buf_init(&a->held, 4 * TAIL_BYTES);
    a->usage = engine_usage_in_tail(r->surface, str_sub(whole, 0, TAIL_BYTES));
    keep_tail(a, str_sub(whole, whole.n - TAIL_BYTES, whole.n));
    pass_piece(r, whole);
    buf_release(&held);
}

/* A large answer in the form of the other surface is held whole as well, to be put into
 * the client's; by the name that it gives itself. */
static bool is_of_other_surface(const struct request *r)
{
    struct str start = str_sub(buf_view(&r->answer.held), 0, TAIL_BYTES);
    bool is_chat = r->surface == SURFACE_CHAT;
    return r->surface != SURFACE_EMBEDDINGS &&
           str_find(start,
                    is_chat ? STR("\"text_completion\"") : STR("\"chat.completion")) >= 0;
}

/* Too large to be passed on later: goes on as it comes from now on, or is refused. */
static void outgrow(struct request *r)
{
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    if (a->held.max_bytes < WHOLE_MAX_BYTES && is_of_other_surface(r)) {
        a->held.max_bytes = WHOLE_MAX_BYTES + LOOP_SCRATCH_BYTES;
        return;
    }
    if (!a->restorer && !r->is_stream && a->held.max_bytes < WHOLE_MAX_BYTES) {
        pass_held(r);
        return;
    }
    if (buf_len(&a->held) <= WHOLE_MAX_BYTES)
        return;
    err_set(&err, ERR_UPSTREAM, "answer_too_large",
            "an answer %s is larger than %d bytes",
            a->restorer    ? "with tags in it"
            : r->is_stream ? "that is to become a stream"
                           : "in the form of another endpoint",
            WHOLE_MAX_BYTES);
    attempt_failed(r, &err);
}

static void feed_plain(struct request *r, struct str piece)
{
    struct answer *a = &r->answer;
    note_first_content(r);
    /* Until it is whole and read, its bytes say best how much was made. */
    if (r->surface != SURFACE_EMBEDDINGS)
        a->content_bytes += piece.n;
    if (r->state == REQ_RELAY) {
        keep_tail(a, piece);
        pass_piece(r, piece);
        return;
    }
    if (!may_hold(r, piece.n))
        return;
    buf_append(&a->held, piece);
    if (UNLIKELY(buf_len(&a->held) > max_held(r)))
        outgrow(r);
}

/* -- body, flush, end ---------------------------------------------------------------- */

/* Too much of it, and its start stays: `failed`. */
static void take_failure(struct answer *a, struct worker *w, struct str piece)
{
    buf_append(&a->held, piece);
    if (!budget_hold(w, &a->counted_bytes, a->held.n))
        a->held.failed = true;
}

/* What the client asked for decides what becomes of it, whatever the engine made. */
static bool begin_mode(struct request *r, enum body_look look)
{
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    bool is_stream = look == LOOKS_STREAM;
    if (UNLIKELY(look == LOOKS_OTHER || look == LOOKS_OPEN))
        is_stream = str_contains_nocase(a->content_type, STR("text/event-stream"));
    if (!is_stream) {
        a->mode = ANSWER_PLAIN;
        return true;
    }
    a->mode = r->is_stream ? ANSWER_STREAM : ANSWER_COLLECT;
    if (start_stream(r))
        return true;
    err_nomem(&err);
    attempt_failed(r, &err);
    return false;
}

static void on_body(void *ctx, struct str piece);

static void feed_open(struct request *r, struct str piece)
{
    struct answer *a = &r->answer;
    struct buf start = a->held;
    struct str all = piece;
    if (UNLIKELY(buf_len(&start))) {
        buf_append(&start, piece);
        all = buf_view(&start);
    }
    enum body_look look = engine_look(all);
    if (UNLIKELY(look == LOOKS_OPEN && all.n < MAX_BLANK_BYTES && !start.failed)) {
        if (!buf_len(&start))
            buf_append(&start, piece);
        a->held = start;
        return;
    }
    buf_init(&a->held, max_held(r) + LOOP_SCRATCH_BYTES);
    if (begin_mode(r, look))
        on_body(r, all);
    buf_release(&start);
}

static void on_body(void *ctx, struct str piece)
{
    struct request *r = ctx;
    switch (r->answer.mode) {
    case ANSWER_OPEN:
        feed_open(r, piece);
        return;
    case ANSWER_COLLECT:
        if (may_hold(r, piece.n))
            feed_stream(r, piece, false);
        return;
    case ANSWER_STREAM:
        feed_stream(r, piece, false);
        return;
    case ANSWER_PLAIN:
        feed_plain(r, piece);
        return;
    case ANSWER_FAILURE:
    case ANSWER_NONE:
        take_failure(&r->answer, r->worker, piece);
        return;
    }
}

/* false: the client has gone, and r with it. */
static bool flush(struct request *r)
{
    struct buf *out = &r->worker->out;
    if (UNLIKELY(out->failed))
        return request_cut(r);
    if (buf_len(out) == 0)
        return true;
    r->answer.sent_bytes += buf_len(out);
    bool ok = client_answer_piece(r->client, buf_view(out));
    buf_clear(out);
    return ok;
}

static void on_end(void *ctx);

static void on_flush(void *ctx)
{
    struct request *r = ctx;
    const struct engine_decoder *decoder = r->answer.decoder;
    if (!decoder)
        return;
    if (UNLIKELY(decoder->has_ended)) {
        /* The client closes at [DONE]; the engine's connection may be used again. */
        struct exchange *x = r->exchange;
        on_end(r);
        exchange_leave(x);
        return;
    }
    if (r->state == REQ_DONE || r->answer.mode != ANSWER_STREAM)
        return;
    count_stream(r);
    if (r->state != REQ_RELAY)
        return;
    if (flush(r) && client_is_choked(r->client) && r->exchange)
        exchange_pause(r->exchange);
}

/* Everything that is to be said has been encoded. */
static void relay_finish(struct request *r)
{
    struct answer *a = &r->answer;
    struct buf *out = &r->worker->out;
    if (a->encoder)
        a->encoder->ops->encode_end(a->encoder, out);
    if (UNLIKELY(out->failed)) {
        request_cut(r);
        return;
    }
    struct client *c = r->client;
    a->sent_bytes += buf_len(out);
    bool ok = client_answer_last(c, buf_view(out));
    buf_clear(out);
    if (!ok)
        return;
    r->client = NULL;
    c->request = NULL;
    request_end(r);
    client_answer_end(c);
}

static void succeed(struct request *r)
{
    gate_report(r->setup->gates[r->model->engine->index], true,
                loop_now_ms(r->worker->loop));
    attempt_drop(r);
}

/* A stream is ended in order by the finishes of all its choices or, from servers that
 * send none, by [DONE] after some content. */
static bool is_whole(const struct request *r)
{
    const struct answer *a = &r->answer;
    if (a->decoder->has_ended)
        return a->has_finish || a->content_bytes > 0;
    return engine_decoder_is_finished(a->decoder, r->nchoices);
}

static void end_stream(struct request *r)
{
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    r->exchange = NULL;
    feed_stream(r, STR(""), true);
    if (r->state == REQ_DONE || r->answer.mode == ANSWER_NONE)
        return;
    a->usage = a->decoder->usage;
    if (!is_whole(r) && !a->has_passed_error) {
        err_set(&err, ERR_UPSTREAM,
                r->state == REQ_RELAY ? "upstream_truncated" : "upstream_empty",
                "engine '%.*s' ended its stream before the answer was complete",
                STR_ARG(r->model->engine->name));
        stream_broke(r, &err);
        return;
    }
    r->outcome = a->has_passed_error ? OUTCOME_ERROR : OUTCOME_OK;
    if (a->has_passed_error)
        attempt_drop(r);
    else
        succeed(r);
    relay_finish(r);
}

/* Takes the body. */
static void answer_whole(struct request *r, struct str type, struct buf *body)
{
    _Alignas(16) char first[1024];
    struct arena scratch;
    struct client *c = r->client;
    arena_init_in(&scratch, 32 * 1024, first, sizeof first);
    request_enter(r, REQ_RELAY);
    r->status = r->answer.status;
    r->outcome = OUTCOME_OK;
    r->answer.sent_bytes = buf_len(body);
    /* From here on it is the client's, and counted there. */
    budget_release(r->worker, &r->answer.counted_bytes);
    struct str fields = request_answer_fields(r, r->answer.fields, &scratch);
    r->client = NULL;
    c->request = NULL;
    client_answer_taking(c, r->status, type, fields, body);
    arena_reset(&scratch);
    request_end(r);
}

/* A whole_then. */
static void pass_whole(struct request *r, struct buf *body, const struct err *err)
{
    const struct answer *a = &r->answer;
    if (err) {
        if (!a->usage.is_known && a->content_bytes == 0)
            r->ttft_ms = -1; /* an error in a 200: a refusal, not the beginning of work */
        attempt_failed(r, err);
        return;
    }
    succeed(r);
    answer_whole(r,
                 r->is_stream ? STR("text/event-stream")
                 : r->answer.mode == ANSWER_COLLECT
                     ? STR("application/json")
                     : relay_json_type(r->answer.content_type),
                 body);
}

static void end_collect(struct request *r)
{
    struct answer *a = &r->answer;
    struct err err;
    err_init(&err);
    r->exchange = NULL;
    feed_stream(r, STR(""), true);
    if (r->state == REQ_DONE || r->answer.mode == ANSWER_NONE)
        return;
    a->usage = a->decoder->usage;
    if (is_whole(r)) {
        whole_make(r, pass_whole);
        return;
    }
    err_set(&err, ERR_UPSTREAM,
            a->content_bytes ? "upstream_truncated" : "upstream_empty",
            "engine '%.*s' ended its stream before the answer was complete",
            STR_ARG(r->model->engine->name));
    attempt_failed(r, &err);
}

static void end_plain(struct request *r)
{
    struct answer *a = &r->answer;
    r->exchange = NULL;
    if (r->state == REQ_RELAY) {
        struct usage last = engine_usage_in_tail(r->surface, buf_view(&a->held));
        if (last.tier == TIER_STANDARD)
            last.tier = a->usage.tier; /* of the answer's beginning */
        if (last.is_known)
            a->usage = last;
        a->usage.tier = last.tier;
        r->outcome = OUTCOME_OK;
        succeed(r);
        relay_finish(r);
        return;
    }
    whole_make(r, pass_whole);
}

static void on_end(void *ctx)
{
    struct request *r = ctx;
    witness_attempt_over(r);
    if (r->answer.mode == ANSWER_OPEN) /* an empty body, or blanks */
        r->answer.mode = ANSWER_PLAIN;
    switch (r->answer.mode) {
    case ANSWER_STREAM:
        end_stream(r);
        return;
    case ANSWER_COLLECT:
        end_collect(r);
        return;
    case ANSWER_PLAIN:
        end_plain(r);
        return;
    case ANSWER_FAILURE:
    case ANSWER_OPEN:
    case ANSWER_NONE:
        relay_end_failure(r);
        return;
    }
}

static void on_fail(void *ctx, const struct err *err)
{
    struct request *r = ctx;
    struct engine_decoder *decoder = r->answer.decoder;
    struct err copy = *err;
    attempt_note_sent(r, false);
    witness_attempt_over(r);
    if (r->state == REQ_ATTEMPT && err->code &&
        strcmp(err->code, "upstream_stale") == 0) {
        r->exchange = NULL;
        attempt_resend(r);
        return;
    }
    r->answer.was_at_work = exchange_stats(r->exchange).worked_ms > EXCHANGE_STALE_MS;
    r->exchange = NULL;
    if (decoder && r->state == REQ_RELAY)
        r->answer.usage = decoder->usage;
    if (decoder && decoder->has_ended)
        on_end(r); /* after [DONE] nothing can be missing */
    else
        stream_broke(r, &copy);
}

const struct exchange_events relay_events = {
    .head = on_head,
    .body = on_body,
    .flush = on_flush,
    .end = on_end,
    .fail = on_fail,
};

void request_unchoke(struct request *r)
{
    if (r->exchange)
        exchange_resume(r->exchange);
}

void relay_stop(struct request *r, const struct err *err)
{
    stream_broke(r, err);
}

void relay_release(struct request *r)
{
    struct answer *a = &r->answer;
    if (a->decoder)
        engine_decoder_release(a->decoder);
    if (a->encoder)
        answer_encoder_release(a->encoder);
    engine_collector_free(a->collector);
    stop_restoring(r);
    mem_free(a->decoder);
    mem_free(a->encoder);
    buf_release(&a->held);
    budget_release(r->worker, &a->counted_bytes);
    *a = (struct answer){.mode = ANSWER_NONE};
}
