/* relay.c -- the answer of the promised leg on its way from its engine to the client.
 *
 * One read from an engine becomes one write to the client: events collect in the
 * worker's buffer until `relay_flush`.
 *
 * What a body is, stream or object, its first bytes say, and what the client asked for
 * decides what becomes of it: relay_stream.c takes events, relay_plain.c whole bodies.
 * Heads are in relay_head.c, an engine's refusals in relay_failure.c. */
#include "gateway/relay.h"
#include "gateway/budget.h"
#include "gateway/escalate.h"
#include "gateway/quiet.h"
#include "gateway/stages.h"
#include "gateway/witness.h"

enum { MAX_BLANK_BYTES = 64 << 10 }; /* before a body says what it is */

/* -- the head --------------------------------------------------------------------- */

static enum answer_mode mode_of(const struct request *r, const struct http_head *head)
{
    if (head->status < 200 || head->status > 299)
        return ANSWER_FAILURE;
    return r->surface == SURFACE_EMBEDDINGS ? ANSWER_PLAIN : ANSWER_OPEN;
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
    buf_init(&a->held, a->mode == ANSWER_FAILURE
                           ? RELAY_FAILURE_BYTES
                           : relay_max_held(l) + LOOP_SCRATCH_BYTES);
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
void relay_commit(struct leg *l, int64_t content_length)
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
                          ? dialect_stream_type(r->dialect, r->path)
                          : relay_json_type(l->answer.content_type);
    client_answer_head(r->client, r->status, type, fields, content_length);
    arena_reset(&a);
    request_drop_draft(r);
}

/* Everything that is to be said has been encoded. */
void relay_finish(struct leg *l)
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

void relay_succeed(struct leg *l)
{
    gate_succeed(leg_gate(l), loop_now_ms(l->request->worker->loop));
    leg_drop(l);
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
    if (relay_start_stream(l))
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
    buf_init(&a->held, relay_max_held(l) + LOOP_SCRATCH_BYTES);
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
        relay_feed_stream(l, piece, false);
        if (l->answer.mode == ANSWER_COLLECT)
            relay_count_collected(l);
        return;
    case ANSWER_STREAM:
        relay_feed_stream(l, piece, false);
        return;
    case ANSWER_PLAIN:
        relay_feed_plain(l, piece);
        return;
    case ANSWER_FAILURE:
    case ANSWER_NONE:
        take_failure(l, piece);
        return;
    }
}

enum fate relay_flush(struct leg *l)
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
    if (l->answer.mode != ANSWER_STREAM || relay_count_stream(l) == IS_OVER ||
        r->state != REQ_RELAY)
        return;
    if (relay_flush(l) == GOES_ON && client_is_choked(r->client) && l->exchange)
        exchange_pause(l->exchange);
}

static void on_end(void *ctx)
{
    struct leg *l = ctx;
    witness_leg_over(l);
    if (l->answer.mode == ANSWER_OPEN) /* an empty body, or blanks */
        l->answer.mode = ANSWER_PLAIN;
    switch (l->answer.mode) {
    case ANSWER_STREAM:
        relay_end_stream(l);
        return;
    case ANSWER_COLLECT:
        relay_end_collect(l);
        return;
    case ANSWER_PLAIN:
        relay_end_plain(l);
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
        relay_stream_broke(l, &copy);
}

const struct exchange_events relay_events = {
    .head = on_head,
    .body = on_body,
    .flush = on_flush,
    .end = on_end,
    .fail = on_fail,
};
