/* ollama_answer.c -- answers towards a client of Ollama's API: lines of a stream, or one
 * object.
 *
 * A line is a whole JSON object.  Texts go out as they come; calls wait until they are
 * whole, for here their arguments are an object; the last line says why it ended and what
 * it cost.  An error after the beginning is a line of its own, and nothing follows. */
#include "dialect/ollama.h"

#include "core/clock.h"
#include "dialect/ollama_line.h"
#include "dialect/openai_usage.h"
#include "dialect/spoken.h"
#include "json/scan.h"
#include "json/write.h"

enum {
    EVENT_ARENA_BYTES = 64 << 20,
    FIRST_ARENA_BYTES = 4096,
    MAX_WORD_BYTES = 256,
    MAX_HEAD_BYTES = 64 << 20
};

static struct ollama_encoder *own(struct answer_encoder *base)
{
    return CONTAINER_OF(base, struct ollama_encoder, base);
}

void ollama_encode_error(const struct err *err, struct buf *out)
{
    buf_lit(out, "{\"error\":");
    json_write_string(out, str_of(err->msg));
    buf_lit(out, "}");
}

/* -- whole --------------------------------------------------------------------------- */

/* Refusals are text here: there is no other place for them. */
static struct str text_of(const struct spoken *s, struct arena *a)
{
    const struct str both[] = {s->text, s->refusal};
    if (s->refusal.n == 0)
        return s->text;
    return s->text.n ? arena_join(a, both, ARRAY_LEN(both)) : s->refusal;
}

static int whole_calls(const struct spoken *s, struct arena *a, struct ollama_line *l,
                       struct err *err)
{
    struct ollama_call *calls = arena_array(a, struct ollama_call, s->ncalls + 1);
    if (!calls)
        return err_nomem(err);
    for (size_t i = 0; i < s->ncalls; i++) {
        const struct spoken_call *from = &s->calls[i];
        calls[i] = (struct ollama_call){.id = from->id,
                                        .name = from->name,
                                        .arguments = held_arguments(from->arguments, a)};
        if (!calls[i].arguments.p)
            return err_nomem(err);
    }
    l->calls = calls;
    l->ncalls = s->ncalls;
    return 0;
}

static int encode_said(const struct answer_about *about, struct str answer,
                       struct arena *a, struct buf *out, struct err *err)
{
    struct ollama_line l = {.request = ollama_request_of(about->path),
                            .model = about->model,
                            .is_done = true,
                            .began_ms = about->began_ms};
    struct spoken s;
    if (spoken_read(answer, STR(""), a, &s, err) != 0 || whole_calls(&s, a, &l, err) != 0)
        return -1;
    l.text = text_of(&s, a);
    l.thinking = s.reasoning;
    l.images = &s;
    l.finish = s.finish;
    l.logprobs = ollama_logprobs(s.logprobs);
    (void)usage_read(json_get(answer, "usage"), &l.usage);
    ollama_write_line(&l, out);
    return 0;
}

int ollama_encode_answer(const struct answer_about *about, struct str answer,
                         struct buf *out, struct err *err)
{
    _Alignas(16) char first[FIRST_ARENA_BYTES];
    struct arena a;
    if (about->path->surface == SURFACE_EMBEDDINGS)
        return ollama_encode_vectors(about, answer, out, err);
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    int rc = encode_said(about, answer, &a, out, err);
    arena_reset(&a);
    return rc;
}

/* -- streams ------------------------------------------------------------------------- */

void ollama_encoder_init(struct answer_encoder *base)
{
    buf_init(&own(base)->finish, MAX_WORD_BYTES);
    buf_init(&own(base)->head.text, MAX_HEAD_BYTES);
}

void ollama_encoder_release(struct answer_encoder *base)
{
    buf_release(&own(base)->finish);
    buf_release(&own(base)->head.text);
    held_calls_release(&own(base)->calls);
}

static struct ollama_line line_of(const struct ollama_encoder *enc)
{
    const struct answer_about *about = &enc->base.about;
    return (struct ollama_line){.request = ollama_request_of(about->path),
                                .model = about->model};
}

static void note_first(struct ollama_encoder *enc)
{
    if (!enc->first_ms)
        enc->first_ms = clock_mono_ms();
}

static void write_line(const struct ollama_line *l, struct buf *out)
{
    ollama_write_line(l, out);
    buf_byte(out, '\n');
}

void ollama_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                struct buf *out)
{
    if (base->is_ended)
        return;
    ollama_encode_error(err, out);
    buf_byte(out, '\n');
    base->is_ended = base->has_error = true;
}

static void say(struct ollama_encoder *enc, const struct spoken *s, struct arena *a,
                struct buf *out)
{
    struct ollama_line l = line_of(enc);
    l.text = text_of(s, a);
    l.thinking = s->reasoning;
    l.images = s;
    l.logprobs = ollama_logprobs(s->logprobs);
    if (!l.text.n && !l.thinking.n && !l.logprobs.p && !s->images.p)
        return;
    note_first(enc);
    write_line(&l, out);
}

static void take(struct ollama_encoder *enc, const struct event *e, struct arena *a,
                 struct buf *out)
{
    struct spoken s;
    struct err err;
    if (spoken_read_event(e, STR(""), &enc->base.halves, a, &s, &err) != 0) {
        out->failed = true;
        return;
    }
    if (s.choice != 0)
        return;
    say(enc, &s, a, out);
    if (held_calls_take(&enc->calls, s.calls, s.ncalls, &err) != 0) {
        ollama_encode_stream_error(&enc->base, &err, out);
        return;
    }
    if (s.finish.n) {
        buf_clear(&enc->finish);
        buf_append(&enc->finish, s.finish);
    }
    enc->base.held_bytes = enc->finish.n + enc->calls.bytes;
}

bool ollama_encode_sole(struct answer_encoder *base, const struct event *e,
                        struct buf *out)
{
    struct ollama_encoder *enc = own(base);
    const struct ollama_line l = line_of(enc);
    if (e->choice != 0)
        return true;
    if (e->sole_kind == SOLE_ARGUMENTS)
        return false;
    note_first(enc);
    ollama_write_piece(&l, e->sole_kind == SOLE_THOUGHT, e->sole, &enc->head, out);
    return true;
}

void ollama_encode_event(struct answer_encoder *base, const struct event *e,
                         struct buf *out)
{
    _Alignas(16) char first[FIRST_ARENA_BYTES];
    struct ollama_encoder *enc = own(base);
    struct arena a;
    if (base->is_ended)
        return;
    if (e->usage.is_known)
        enc->usage = e->usage;
    if (e->kind == EVENT_ERROR)
        ollama_encode_stream_error(base, e->error, out);
    else if (e->kind == EVENT_NOTE)
        buf_append(out, base->dialect->ping);
    if (base->is_ended || e->kind == EVENT_NOTE || e->kind == EVENT_END || !e->data.n)
        return;
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    take(enc, e, &a, out);
    arena_reset(&a);
}

/* The calls in a line of their own; false: no memory. */
static bool end_calls(struct ollama_encoder *enc, struct arena *a, struct buf *out)
{
    struct ollama_line l = line_of(enc);
    struct ollama_call *calls = arena_array(a, struct ollama_call, enc->calls.n);
    if (!calls)
        return false;
    for (size_t i = 0; i < enc->calls.n; i++) {
        const struct held_call *from = &enc->calls.items[i];
        calls[i] = (struct ollama_call){
            .id = buf_view(&from->id),
            .name = buf_view(&from->name),
            .arguments = held_arguments(buf_view(&from->arguments), a)};
        if (!calls[i].arguments.p)
            return false;
    }
    l.calls = calls;
    l.ncalls = enc->calls.n;
    write_line(&l, out);
    return true;
}

void ollama_encode_end(struct answer_encoder *base, struct buf *out)
{
    _Alignas(16) char first[FIRST_ARENA_BYTES];
    struct ollama_encoder *enc = own(base);
    struct arena a;
    if (base->is_ended)
        return;
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    out->failed |= enc->calls.n && !end_calls(enc, &a, out);
    arena_reset(&a);
    struct ollama_line l = line_of(enc);
    l.is_done = true;
    l.finish = buf_view(&enc->finish);
    l.usage = enc->usage;
    l.began_ms = base->about.began_ms;
    l.first_ms = l.began_ms ? enc->first_ms : 0;
    write_line(&l, out);
    base->is_ended = true;
}
