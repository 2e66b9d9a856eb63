/* fuzz_answer.c -- any bytes as an engine's stream: the client sees the same however
 * it is cut and whether or not shapes are recognised, and always one clean end. */
#include "cut.h"
#include "dialect/dialect.h"
#include "engine/engine.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* One way of reading the stream, and what came of it. */
struct reading {
    struct engine_decoder decoder;
    struct answer_encoder *encoder;
    struct engine_collector *collector;
    struct buf trace, out;
    bool can_collect;
};

static int on_event(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    struct err err;
    buf_printf(&r->trace, "%d %u %u %u %u %d %d %llu %llu\n", e->kind, e->content_bytes,
               e->reasoning_bytes, e->tool_bytes, e->choice, e->finish, e->usage.is_known,
               (unsigned long long)e->usage.input_tokens,
               (unsigned long long)e->usage.output_tokens);
    require((e->kind == EVENT_ERROR) == (e->error != NULL));
    if (e->error)
        buf_append(&r->trace, str_of(e->error->msg));
    r->encoder->dialect->encode_event(r->encoder, e, &r->out);
    if (r->can_collect && engine_collect(r->collector, e, &err) != 0)
        r->can_collect = false;
    return 0;
}

static void feed(struct reading *r, struct cut c, bool has_shapes)
{
    struct str rest = c.stream;
    struct err err;
    while (rest.n > 0) {
        struct str piece = has_shapes ? cut_next(&c, &rest) : str_sub(rest, 0, 1);
        if (!has_shapes)
            rest = str_sub(rest, 1, rest.n);
        char *copy = malloc(piece.n); /* gone before the next piece comes */
        require(copy != NULL);
        memcpy(copy, piece.p, piece.n);
        require(engine_decode(&r->decoder, (struct str){copy, piece.n}, on_event, r,
                              &err) == 0);
        free(copy);
        if (!has_shapes)
            r->decoder.shape_head = 0;
    }
    require(engine_decode_end(&r->decoder, on_event, r, &err) == 0);
    r->encoder->dialect->encode_end(r->encoder, &r->out);
}

static void check_end(struct str out, bool has_error)
{
    ptrdiff_t at = str_find(out, STR("data: [DONE]\n\n"));
    require(has_error || str_ends(out, STR("data: [DONE]\n\n")));
    require(!has_error || str_ends(out, STR("}}\n\n")));
    /* the mark could also stand inside a comment, but then not at a line's start */
    require(at < 0 || has_error || (size_t)at + 14 <= out.n);
}

static struct reading read_cut(struct cut c, enum engine_speech speaks, bool wants_usage,
                               bool has_shapes)
{
    struct reading r = {.can_collect = true};
    struct buf answer;
    struct err err;
    buf_init(&r.trace, (size_t)1 << 26);
    buf_init(&r.out, (size_t)1 << 26);
    buf_init(&answer, (size_t)1 << 26);
    engine_decoder_init(&r.decoder, speaks, SURFACE_CHAT);
    r.encoder = answer_encoder_create(dialect_get(DIALECT_OPENAI), NULL, wants_usage);
    r.collector = engine_collector_create(SURFACE_CHAT, (size_t)1 << 20);
    require(r.collector != NULL);
    feed(&r, c, has_shapes);
    check_end(buf_view(&r.out), r.encoder->has_error);
    if (r.can_collect &&
        engine_collector_finish(r.collector, &r.decoder.usage, &answer, &err) == 0) {
        struct engine_answer read = {.is_other = false};
        require(engine_read_answer(SURFACE_CHAT, buf_view(&answer), &read, &err) == 0);
        require(!read.is_other);
    }
    buf_release(&answer);
    engine_collector_free(r.collector);
    engine_decoder_release(&r.decoder);
    answer_encoder_free(r.encoder);
    return r;
}

static void release(struct reading *r)
{
    buf_release(&r->trace);
    buf_release(&r->out);
}

static void require_same(const struct reading *a, const struct reading *b)
{
    require(str_eq(buf_view(&a->trace), buf_view(&b->trace)));
    require(str_eq(buf_view(&a->out), buf_view(&b->out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool wants_usage = size > 0 && (data[0] & 1);
    enum engine_speech speaks = size > 0 && (data[0] & 2) ? SPEECH_OLLAMA : SPEECH_OPENAI;
    struct cut cut = cut_of(size ? data + 1 : data, size ? size - 1 : 0);
    struct cut whole = {.stream = cut.stream};
    struct reading a = read_cut(whole, speaks, wants_usage, true);
    struct reading b = read_cut(cut, speaks, wants_usage, true);
    struct reading c = read_cut(whole, speaks, wants_usage, false);
    require_same(&a, &b);
    require_same(&a, &c);
    release(&a);
    release(&b);
    release(&c);
    return 0;
}
