/* translating.h -- an engine's answer of any form, streamed or whole, and what it says in
 * weir's. */
#ifndef WEIR_TEST_TRANSLATING_H
#define WEIR_TEST_TRANSLATING_H

#include "dialect/seal.h"
#include "dialect/spoken.h"
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TOLD_CALLS = 8 };

struct told {
    struct arena arena;
    struct buf text, reasoning, refusal, annotations, seals, stopped_by, finish, logprobs;
    struct buf id[TOLD_CALLS], name[TOLD_CALLS], arguments[TOLD_CALLS];
    struct buf
        order; /* a letter an event: r reasoning, s seal, t text, c call, f finish */
    size_t ncalls, nends, nchunks;
    bool has_role, has_error, has_failed, is_finished;
    struct err error;
    struct usage usage;
};

static inline void told_init(struct told *t)
{
    memset(t, 0, sizeof *t);
    arena_init(&t->arena, 1 << 24);
    struct buf *all[] = {&t->text,        &t->reasoning, &t->refusal,
                         &t->annotations, &t->seals,     &t->stopped_by,
                         &t->finish,      &t->order,     &t->logprobs};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_init(all[i], 1 << 20);
    for (size_t i = 0; i < TOLD_CALLS; i++) {
        buf_init(&t->id[i], 1 << 20);
        buf_init(&t->name[i], 1 << 20);
        buf_init(&t->arguments[i], 1 << 20);
    }
}

static inline void told_release(struct told *t)
{
    struct buf *all[] = {&t->text,        &t->reasoning, &t->refusal,
                         &t->annotations, &t->seals,     &t->stopped_by,
                         &t->finish,      &t->order,     &t->logprobs};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_release(all[i]);
    for (size_t i = 0; i < TOLD_CALLS; i++) {
        buf_release(&t->id[i]);
        buf_release(&t->name[i]);
        buf_release(&t->arguments[i]);
    }
    arena_reset(&t->arena);
}

static inline void told_add(struct told *t, struct buf *to, struct str text, char letter)
{
    if (!text.p || !text.n)
        return;
    buf_append(to, text);
    buf_byte(&t->order, letter);
}

static inline void told_take(struct told *t, struct str data)
{
    struct spoken s;
    struct err err;
    assert_int_equal(spoken_read(data, STR(""), &t->arena, &s, &err), 0);
    told_add(t, &t->reasoning, s.reasoning, 'r');
    for (size_t i = 0; i < s.nseals; i++) {
        if (buf_len(&t->seals))
            buf_byte(&t->seals, '\n');
        told_add(t, &t->seals, s.seals[i], 's');
    }
    told_add(t, &t->text, s.text, 't');
    told_add(t, &t->refusal, s.refusal, 'n');
    told_add(t, &t->annotations, s.annotations, 'a');
    for (size_t i = 0; i < s.ncalls; i++) {
        uint32_t k = s.calls[i].index;
        assert_true(k < TOLD_CALLS);
        t->ncalls = k + 1 > t->ncalls ? k + 1 : t->ncalls;
        told_add(t, &t->id[k], s.calls[i].id, 'i');
        told_add(t, &t->name[k], s.calls[i].name, 'c');
        told_add(t, &t->arguments[k], s.calls[i].arguments, 'p');
    }
    told_add(t, &t->logprobs, s.logprobs, 'l');
    told_add(t, &t->stopped_by, s.stopped_by, 'x');
    told_add(t, &t->finish, s.finish, 'f');
    t->has_role |= str_find(data, STR("\"role\":\"assistant\"")) >= 0;
}

static inline int told_event(void *ctx, const struct event *e)
{
    struct told *t = ctx;
    t->nends += e->kind == EVENT_END;
    if (e->usage.is_known)
        t->usage = e->usage;
    if (e->kind == EVENT_ERROR) {
        t->has_error = true;
        t->error = *e->error;
        return 0;
    }
    if (!e->data.n || e->kind == EVENT_END)
        return 0;
    if (t->nchunks++ == 0) /* bug 24 */
        assert_true(str_find(e->data, STR("\"role\":\"assistant\"")) >= 0);
    told_take(t, e->data);
    return 0;
}

static struct engine_naming told_naming = {.id = 7, .issuer = {"issuer-1"}};

/* In pieces of `size` bytes. */
static inline void told_stream(struct told *t, enum engine_speech speech,
                               const char *stream, size_t size)
{
    struct engine_decoder d;
    struct str all = str_of(stream);
    told_init(t);
    engine_decoder_init(&d, speech, SURFACE_CHAT);
    engine_decoder_name(&d, &told_naming);
    for (size_t at = 0; at < all.n && !t->has_failed; at += size)
        t->has_failed =
            engine_decode(&d, str_sub(all, at, at + size), told_event, t, &t->error) != 0;
    if (!t->has_failed)
        t->has_failed = engine_decode_end(&d, told_event, t, &t->error) != 0;
    t->usage = d.usage;
    t->is_finished = engine_decoder_is_finished(&d, 1);
    engine_decoder_release(&d);
}

static inline void told_whole(struct told *t, enum engine_speech speech,
                              const char *answer)
{
    struct buf own;
    struct engine_answer read;
    told_init(t);
    buf_init(&own, 1 << 20);
    t->has_failed = engine_translate_answer(speech, SURFACE_CHAT, &told_naming,
                                            str_of(answer), &own, &t->error) != 0;
    if (!t->has_failed &&
        engine_read_answer(SURFACE_CHAT, buf_view(&own), &read, &t->error) != 0)
        t->has_error = true;
    if (!t->has_failed && !t->has_error) {
        told_take(t, buf_view(&own));
        t->usage = read.usage;
        t->is_finished = buf_len(&t->finish) > 0;
    }
    buf_release(&own);
}

#define assert_told(buf, text)                                                           \
    do {                                                                                 \
        struct str has_ = buf_view(buf);                                                 \
        if (!str_eqz(has_, text))                                                        \
            fail_msg("%s:%d says '%.*s' and not '%s'", __FILE__, __LINE__,               \
                     STR_ARG(has_), text);                                               \
    } while (0)

#endif
