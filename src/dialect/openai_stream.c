/* openai_stream.c -- a streamed answer towards an OpenAI client, in canonical order.
 *
 * deltas, then finishes, then one usage chunk if it was asked for, then [DONE]; or an
 * error, after which nothing follows.  What engines do instead, and what happens:
 *   usage in the finish chunk (llama-server completions, Mistral, xAI) or in every
 *     chunk (Gemini): taken out, and sent as a chunk of its own at the end;
 *   usage twice (llama-server with n > 1): the decoder sums, one chunk shows the sum;
 *   an empty delta that carries only usage, after the finish (OpenRouter): its usage
 *     is kept, the chunk is not;
 *   no [DONE] (a connection that just ends): added;
 *   anything after [DONE] or an error: dropped.
 * All other bytes are the engine's own.  Usage is never invented. */
#include "dialect/openai.h"
#include "dialect/openai_usage.h"
#include "json/scan.h"

static void write_event(struct str data, struct buf *out)
{
    buf_lit(out, "data: ");
    buf_append(out, data);
    buf_lit(out, "\n\n");
}

/* The chunk that says usage, from the members that name the stream in `data`. */
static void build_usage_chunk(struct str data, struct str usage, struct buf *out)
{
    static const char *const kept[] = {
        "id", "object", "created", "model", "system_fingerprint", "service_tier"};
    struct json_cur c;
    struct json_string k;
    struct str value;
    buf_byte(out, '{');
    json_begin(&c, data);
    json_enter_object(&c);
    while (json_next_member(&c, &k)) {
        bool is_kept = false;
        for (size_t i = 0; i < ARRAY_LEN(kept); i++)
            is_kept |= json_string_is(k, kept[i]);
        if (!json_skip(&c, &value) || !is_kept)
            continue;
        buf_byte(out, '"');
        buf_append(out, k.raw);
        buf_lit(out, "\":");
        buf_append(out, value);
        buf_byte(out, ',');
    }
    buf_lit(out, "\"choices\":[],\"usage\":");
    buf_append(out, usage);
    buf_byte(out, '}');
}

/* Keeps what this event says of usage; a later one replaces it.  A usage chunk is
 * kept whole (llama-server adds timings) unless the decoder's sum says otherwise. */
static void hold_usage(struct answer_encoder *enc, const struct event *e)
{
    struct member at = {0};
    struct usage own = {0};
    bool has_member = member_find(e->data, "usage", &at);
    struct str raw = member_value(e->data, &at);
    enc->usage = e->usage;
    if (!enc->wants_usage)
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
    member_cut(e->data, &at, out);
    buf_lit(out, "\n\n");
}

static void pass(const struct event *e, struct buf *out)
{
    if (e->usage.is_known)
        write_without_usage(e, out);
    else
        buf_append(out, e->raw);
}

static void finish(struct answer_encoder *enc, struct buf *out)
{
    buf_append(out, buf_view(&enc->held_finishes));
    buf_clear(&enc->held_finishes);
    if (enc->wants_usage && buf_len(&enc->held_usage) && !enc->held_usage.failed)
        write_event(buf_view(&enc->held_usage), out);
    buf_lit(out, "data: [DONE]\n\n");
    enc->is_ended = true;
}

static void hold_finish(struct answer_encoder *enc, const struct event *e)
{
    /* A finish is never lost: out of room, it goes out early and in order. */
    if (!buf_reserve(&enc->held_finishes, e->raw.n + 16)) {
        enc->held_finishes.failed = true;
        return;
    }
    pass(e, &enc->held_finishes);
}

static void on_finish(struct answer_encoder *enc, const struct event *e, struct buf *out)
{
    hold_finish(enc, e);
    if (!enc->held_finishes.failed)
        return;
    enc->held_finishes.failed = false;
    buf_append(out, buf_view(&enc->held_finishes));
    buf_clear(&enc->held_finishes);
    pass(e, out);
}

void openai_encode_event(struct answer_encoder *enc, const struct event *e,
                         struct buf *out)
{
    if (UNLIKELY(enc->is_ended))
        return;
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
        openai_encode_stream_error(enc, e->error, out);
        break;
    case EVENT_END:
        finish(enc, out);
        break;
    }
}

void openai_encode_end(struct answer_encoder *enc, struct buf *out)
{
    if (!enc->is_ended)
        finish(enc, out);
}

void openai_encode_stream_error(struct answer_encoder *enc, const struct err *err,
                                struct buf *out)
{
    if (enc->is_ended)
        return;
    buf_lit(out, "data: ");
    openai_encode_error(err, out);
    buf_lit(out, "\n\n");
    enc->is_ended = true;
    enc->has_error = true;
}

const struct dialect_ops openai_ops = {
    .id = DIALECT_OPENAI,
    .decode = openai_decode,
    .encode_event = openai_encode_event,
    .encode_end = openai_encode_end,
    .encode_stream_error = openai_encode_stream_error,
    .encode_error = openai_encode_error,
};
