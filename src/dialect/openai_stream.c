/* openai_stream.c -- a streamed answer towards an OpenAI client, in canonical order.
 *
 * deltas, then finishes, then one usage chunk if it was asked for, then [DONE]; or an
 * error, after which nothing follows.  What engines do instead, and what happens:
 *   a finish on a chunk with text, or on every chunk, and text after it: the text goes
 *     on in its place, the last finish of each choice comes at the end;
 *   usage in the finish chunk (llama-server completions, Mistral, xAI) or in every
 *     chunk (Gemini): taken out, and sent as a chunk of its own at the end;
 *   usage twice (llama-server with n > 1): the decoder sums, one chunk shows the sum;
 *   an empty delta that carries only usage, after the finish (OpenRouter): its usage
 *     is kept, the chunk is not;
 *   no [DONE] (a connection that just ends): added;
 *   anything after [DONE] or an error: dropped.
 * All other bytes are the engine's own.  Usage is never invented. */
#include "dialect/member.h"
#include "dialect/openai.h"
#include "dialect/openai_finish.h"
#include "dialect/openai_usage.h"
#include "json/scan.h"

/* One event's size is bounded by the decoder; n choices may each hold a finish. */
enum { MAX_HELD_BYTES = 32 * 1024 * 1024 };

static struct openai_encoder *own(struct answer_encoder *base)
{
    return CONTAINER_OF(base, struct openai_encoder, base);
}

void openai_encoder_init(struct answer_encoder *base)
{
    buf_init(&own(base)->held_finishes, MAX_HELD_BYTES);
    buf_init(&own(base)->held_usage, MAX_HELD_BYTES);
}

void openai_encoder_release(struct answer_encoder *base)
{
    buf_release(&own(base)->held_finishes);
    buf_release(&own(base)->held_usage);
}

static void write_event(struct str data, struct buf *out)
{
    buf_lit(out, "data: ");
    size_t from = out->n;
    buf_append(out, data);
    openai_end_event(out, from);
}

/* The chunk that says usage, from the members that name the stream in `data`. */
static void build_usage_chunk(struct str data, struct str usage, struct buf *out)
{
    buf_byte(out, '{');
    openai_write_names(data, out);
    buf_lit(out, "\"choices\":[],\"usage\":");
    buf_append(out, usage);
    buf_byte(out, '}');
}

/* Keeps what this event says of usage; a later one replaces it.  A usage chunk is
 * kept whole (llama-server adds timings) unless the decoder's sum says otherwise. */
static void hold_usage(struct openai_encoder *enc, const struct event *e)
{
    struct member at = {0};
    struct usage own = {0};
    bool has_member = member_find(e->data, "usage", &at);
    struct str raw = member_value(e->data, &at);
    if (!enc->base.wants_usage)
        return;
    buf_clear(&enc->held_usage);
    bool is_exact = has_member && usage_read(raw, &own) && usage_equal(&own, &e->usage);
    if (e->kind == EVENT_USAGE && is_exact) {
        buf_append(&enc->held_usage, e->data);
        return;
    }
    struct buf written;
    buf_init(&written, 512);
    if (!is_exact) {
        usage_write(&e->usage, &written);
        raw = buf_view(&written);
    }
    build_usage_chunk(e->data, raw, &enc->held_usage);
    enc->held_usage.failed |= written.failed; /* then it is not shown */
    buf_release(&written);
}

/* The event without its usage member; `"usage":null` stays, as OpenAI sends it. */
static void write_without_usage(const struct event *e, struct buf *out)
{
    struct member at;
    if (!member_find(e->data, "usage", &at)) {
        buf_append(out, e->raw);
        return;
    }
    buf_lit(out, "data: ");
    size_t from = out->n;
    member_cut(e->data, &at, out);
    openai_end_event(out, from);
}

static void pass(const struct event *e, struct buf *out)
{
    if (e->usage.is_known)
        write_without_usage(e, out);
    else
        buf_append(out, e->raw);
}

static void finish(struct openai_encoder *enc, struct buf *out)
{
    openai_release_finishes(&enc->held_finishes, out);
    if (enc->base.wants_usage && buf_len(&enc->held_usage) && !enc->held_usage.failed)
        write_event(buf_view(&enc->held_usage), out);
    buf_lit(out, "data: [DONE]\n\n");
    enc->base.is_ended = true;
}

static void on_finish(struct openai_encoder *enc, const struct event *e, struct buf *out)
{
    struct member at;
    if (!e->usage.is_known || !member_find(e->data, "usage", &at)) {
        openai_hold_finish(&enc->held_finishes, e, out);
        return;
    }
    struct event bare = *e;
    struct buf raw;
    buf_init(&raw, e->data.n + 64);
    write_without_usage(e, &raw);
    if (raw.failed) {
        out->failed = true;
    } else {
        bare.raw = buf_view(&raw);
        bare.data = str_sub(bare.raw, strlen("data: "), bare.raw.n - strlen("\n\n"));
        openai_hold_finish(&enc->held_finishes, &bare, out);
    }
    buf_release(&raw);
}

/* Also of events that are rare: what waits is what the memory budget counts. */
static void take_rare(struct openai_encoder *enc, const struct event *e, struct buf *out)
{
    if (UNLIKELY(e->usage.is_known))
        hold_usage(enc, e);
    switch (e->kind) {
    case EVENT_DELTA:
    case EVENT_NOTE:
        pass(e, out);
        break;
    case EVENT_START:
        if (!e->usage.is_known || buf_len(&enc->held_finishes) == 0)
            pass(e, out);
        break;
    case EVENT_FINISH:
        on_finish(enc, e, out);
        break;
    case EVENT_USAGE:
        break;
    case EVENT_ERROR:
        openai_encode_stream_error(&enc->base, e->error, out);
        break;
    case EVENT_END: /* is said by openai_encode_end(), once nothing can be missing */
        break;
    }
    enc->base.held_bytes = enc->held_finishes.n + enc->held_usage.n;
}

void openai_encode_event(struct answer_encoder *base, const struct event *e,
                         struct buf *out)
{
    if (UNLIKELY(base->is_ended))
        return;
    if (LIKELY(e->kind == EVENT_DELTA && !e->usage.is_known))
        buf_append(out, e->raw);
    else
        take_rare(own(base), e, out);
}

void openai_encode_end(struct answer_encoder *base, struct buf *out)
{
    if (!base->is_ended)
        finish(own(base), out);
}

void openai_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                struct buf *out)
{
    if (base->is_ended)
        return;
    buf_lit(out, "data: ");
    openai_encode_error(err, out);
    buf_lit(out, "\n\n");
    base->is_ended = true;
    base->has_error = true;
}
