/* stream_run.h -- one stream through decoder and encoder, under every way of cutting its
 * bytes: what the client sees, and the events in between. */
#ifndef WEIR_TEST_STREAM_RUN_H
#define WEIR_TEST_STREAM_RUN_H

#include "chunks.h"
#include "dialect/dialect.h"
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

static enum surface run_surface; /* what the client of the next run speaks */

/* One stream through decoder and encoder. */
struct run {
    struct engine_decoder decoder;
    struct answer_encoder *encoder;
    struct buf out;   /* what the client gets */
    struct buf trace; /* one letter an event, with its counts */
    struct usage usage;
    struct err error;
    bool has_error;
};

static const char letters[] = "nsdfuex";

static inline int on_event(void *ctx, const struct event *e)
{
    struct run *r = ctx;
    buf_printf(&r->trace, "%c%u/%u/%u.%u ", letters[e->kind], e->content_bytes,
               e->reasoning_bytes, e->tool_bytes, e->choice);
    if (e->usage.is_known)
        r->usage = e->usage;
    if (e->kind == EVENT_ERROR) {
        r->has_error = true;
        r->error = *e->error;
    } else {
        assert_null(e->error);
    }
    r->encoder->dialect->encode_event(r->encoder, e, &r->out);
    return 0;
}

static inline void run_init(struct run *r, enum engine_kind kind, bool wants_usage)
{
    (void)kind; /* the streams of all kinds are read alike */
    memset(r, 0, sizeof *r);
    engine_decoder_init(&r->decoder, SPEECH_OPENAI, run_surface);
    r->encoder = answer_encoder_create(dialect_get(DIALECT_OPENAI), NULL, wants_usage);
    buf_init(&r->out, 1 << 24);
    buf_init(&r->trace, 1 << 24);
}

static inline void run_release(struct run *r)
{
    engine_decoder_release(&r->decoder);
    answer_encoder_free(r->encoder);
    buf_release(&r->out);
    buf_release(&r->trace);
}

/* Each piece in memory of its own, so that a read past its end is seen. */
static inline void feed(struct run *r, struct str bytes)
{
    char *copy = malloc(bytes.n ? bytes.n : 1);
    memcpy(copy, bytes.p, bytes.n);
    assert_int_equal(
        engine_decode(&r->decoder, (struct str){copy, bytes.n}, on_event, r, &r->error),
        0);
    free(copy);
}

static inline void run_end(struct run *r)
{
    assert_int_equal(engine_decode_end(&r->decoder, on_event, r, &r->error), 0);
    r->encoder->dialect->encode_end(r->encoder, &r->out);
    assert_false(r->out.failed);
}

static inline void run_whole(struct run *r, enum engine_kind kind, bool wants_usage,
                             struct str bytes)
{
    run_init(r, kind, wants_usage);
    feed(r, bytes);
    run_end(r);
}

static inline void assert_same(struct str a, struct str b)
{
    if (!str_eq(a, b))
        fail_msg("differs:\n--- want\n%.*s\n--- got\n%.*s", STR_ARG(b), STR_ARG(a));
}

/* Fed in two pieces at every place, and byte by byte, the result is the same. */
static inline void assert_same_under_splits(enum engine_kind kind, bool wants_usage,
                                            struct str bytes, const struct run *whole)
{
    struct run r;
    size_t step = bytes.n > 4000 ? 7 : 1;
    for (size_t at = 0; at <= bytes.n; at += step) {
        run_init(&r, kind, wants_usage);
        feed(&r, str_sub(bytes, 0, at));
        feed(&r, str_sub(bytes, at, bytes.n));
        run_end(&r);
        assert_same(buf_view(&r.out), buf_view(&whole->out));
        assert_same(buf_view(&r.trace), buf_view(&whole->trace));
        assert_true(memcmp(&r.usage, &whole->usage, sizeof r.usage) == 0);
        run_release(&r);
    }
    run_init(&r, kind, wants_usage);
    for (size_t i = 0; i < bytes.n; i++)
        feed(&r, str_sub(bytes, i, i + 1));
    run_end(&r);
    assert_same(buf_view(&r.out), buf_view(&whole->out));
    assert_same(buf_view(&r.trace), buf_view(&whole->trace));
    run_release(&r);
}

static inline void check(enum engine_kind kind, bool wants_usage, const char *in,
                         const char *out)
{
    struct run r;
    run_whole(&r, kind, wants_usage, str_of(in));
    assert_same(buf_view(&r.out), str_of(out));
    assert_same_under_splits(kind, wants_usage, str_of(in), &r);
    run_release(&r);
}

static inline void check_trace(const char *in, const char *trace)
{
    struct run r;
    run_whole(&r, ENGINE_OPENAI, false, str_of(in));
    assert_same(buf_view(&r.trace), str_of(trace));
    assert_same_under_splits(ENGINE_OPENAI, false, str_of(in), &r);
    run_release(&r);
}

#endif
