/* anthropic_stream.c -- a streamed answer in Anthropic's form.
 *
 *     message_start, { content_block_start, content_block_delta ..., content_block_stop
 * }, message_delta, message_stop; or an error, after which nothing follows
 *
 * Its blocks are in anthropic_queue.c.  The counts that a client wants at the start come
 * from most engines at the end: they are 0 in message_start, and the sum stands in
 * message_delta, where the SDKs take it from. */
#include "core/arena.h"
#include "dialect/anthropic.h"
#include "dialect/anthropic_write.h"
#include "dialect/seal.h"
#include "dialect/spoken.h"

enum { MAX_STOP_BYTES = 64 * 1024, EVENT_ARENA_BYTES = 64 * 1024 * 1024 };

static struct anthropic_encoder *own(struct answer_encoder *base)
{
    return CONTAINER_OF(base, struct anthropic_encoder, base);
}

void anthropic_encoder_init(struct answer_encoder *base)
{
    buf_init(&own(base)->stop, MAX_STOP_BYTES);
    buf_init(&own(base)->refusal, MAX_STOP_BYTES);
}

void anthropic_encoder_release(struct answer_encoder *base)
{
    block_queue_release(&own(base)->queue);
    buf_release(&own(base)->stop);
    buf_release(&own(base)->refusal);
}

static void start(struct anthropic_encoder *enc, struct str model, struct buf *out)
{
    if (enc->is_started)
        return;
    enc->is_started = true;
    enc->queue.answer_id = enc->base.about.id;
    buf_lit(out, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{");
    anthropic_write_names(&enc->base.about, model, out);
    buf_lit(out, "\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":");
    anthropic_write_usage(&enc->usage, out);
    buf_lit(out, "}}\n\n");
}

/* -- what an event says -----------------------------------------------------------------
 */

/* A seal of a call or a text goes back with it whatever the client asked for: some
 * providers refuse a call without. */
static void take_seal(struct anthropic_encoder *enc, struct str text, struct buf *out)
{
    struct seal seal = {.kind = SEAL_REDACTED};
    (void)seal_read(text, &seal);
    bool is_of_thought = seal.kind == SEAL_THOUGHT || seal.kind == SEAL_REDACTED;
    if (is_of_thought && anthropic_thoughts(&enc->base.about) == THOUGHTS_HIDDEN)
        return;
    if (seal.kind == SEAL_THOUGHT)
        block_queue_sign(&enc->queue, text, out);
    else
        block_queue_redacted(&enc->queue, text, out);
}

/* Thoughts that are not shown still say that the answer goes on. */
static void take_thought(struct anthropic_encoder *enc, struct str text, struct buf *out)
{
    enum { EVENTS_A_PING = 64 };
    if (anthropic_thoughts(&enc->base.about) == THOUGHTS_SHOWN)
        block_queue_text(&enc->queue, BLOCK_THINKING, text, out);
    else if (text.n && enc->nhidden++ % EVENTS_A_PING == 0)
        buf_append(out, enc->base.dialect->ping);
}

static void take_seals(struct anthropic_encoder *enc, const struct spoken *s,
                       bool of_text, struct buf *out)
{
    struct seal seal;
    for (size_t i = 0; i < s->nseals; i++)
        if (of_text == (seal_read(s->seals[i], &seal) && seal.kind == SEAL_TEXT))
            take_seal(enc, s->seals[i], out);
}

static void take_stop(struct anthropic_encoder *enc, struct str stop)
{
    buf_clear(&enc->stop);
    buf_append(&enc->stop, stop);
}

static void take(struct anthropic_encoder *enc, const struct spoken *s, struct buf *out)
{
    struct block_queue *q = &enc->queue;
    take_thought(enc, s->reasoning, out);
    take_seals(enc, s, false, out);
    block_queue_text(q, BLOCK_TEXT, s->text, out);
    take_seals(enc, s, true, out);
    block_queue_text(q, BLOCK_TEXT, s->refusal, out);
    if (s->refusal.n && enc->refusal.n + s->refusal.n <= MAX_STOP_BYTES)
        buf_append(&enc->refusal, s->refusal);
    for (size_t i = 0; i < s->ncalls; i++) {
        const struct call_piece piece = {s->calls[i].index, s->calls[i].id,
                                         s->calls[i].name, s->calls[i].arguments};
        block_queue_call(q, &piece, out);
    }
    if (s->stopped_by.n)
        take_stop(enc, s->stopped_by);
}

static void check_queue(struct anthropic_encoder *enc, struct buf *out)
{
    struct err err;
    if (!enc->queue.fault)
        return;
    err_set(&err, ERR_UPSTREAM, "upstream_bad_answer", "%s", enc->queue.fault);
    anthropic_encode_stream_error(&enc->base, &err, out);
}

static void take_data(struct anthropic_encoder *enc, const struct event *e,
                      struct buf *out)
{
    _Alignas(16) char first[2048];
    struct arena a;
    struct spoken s;
    struct err err;
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    if (spoken_read_event(e, enc->base.about.issuer, &enc->base.halves, &a, &s, &err) !=
            0 ||
        spoken_remark_images(&s, &a, &err) != 0) {
        out->failed = true;
    } else {
        start(enc, s.model, out);
        if (s.choice == 0)
            take(enc, &s, out);
    }
    arena_reset(&a);
    check_queue(enc, out);
}

bool anthropic_encode_sole(struct answer_encoder *base, const struct event *e,
                           struct buf *out)
{
    const struct anthropic_encoder *enc = own(base);
    if (e->choice != 0 || !enc->is_started)
        return false;
    if (e->sole_kind == SOLE_TEXT)
        return block_queue_more(&enc->queue, BLOCK_TEXT, e->sole, out);
    return e->sole_kind == SOLE_THOUGHT &&
           anthropic_thoughts(&base->about) == THOUGHTS_SHOWN &&
           block_queue_more(&enc->queue, BLOCK_THINKING, e->sole, out);
}

void anthropic_encode_event(struct answer_encoder *base, const struct event *e,
                            struct buf *out)
{
    struct anthropic_encoder *enc = own(base);
    if (base->is_ended)
        return;
    if (e->usage.is_known)
        enc->usage = e->usage;
    if (e->finish != FINISH_NONE && e->choice == 0)
        enc->finish = e->finish;
    if (e->kind == EVENT_ERROR)
        anthropic_encode_stream_error(base, e->error, out);
    else if (e->kind == EVENT_NOTE)
        buf_append(out, base->dialect->ping);
    else if (e->kind != EVENT_END && e->data.n)
        take_data(enc, e, out);
    base->held_bytes =
        base->is_ended ? 0 : enc->queue.held_bytes + enc->stop.n + enc->refusal.n;
}

void anthropic_encode_end(struct answer_encoder *base, struct buf *out)
{
    struct anthropic_encoder *enc = own(base);
    if (base->is_ended)
        return;
    start(enc, STR(""), out);
    block_queue_end(&enc->queue, out);
    check_queue(enc, out);
    if (base->is_ended)
        return;
    const struct anthropic_finish finish = {enc->finish, buf_view(&enc->stop),
                                            buf_view(&enc->refusal), enc->queue.has_call};
    buf_lit(out, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{");
    anthropic_write_finish(&finish, out);
    buf_lit(out, "},\"usage\":");
    anthropic_write_usage(&enc->usage, out);
    buf_lit(out, "}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    base->is_ended = true;
    base->held_bytes = 0;
}

void anthropic_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                   struct buf *out)
{
    if (base->is_ended)
        return;
    buf_lit(out, "event: error\ndata: ");
    anthropic_encode_error(err, out);
    buf_lit(out, "\n\n");
    base->is_ended = base->has_error = true;
    base->held_bytes = 0;
}
