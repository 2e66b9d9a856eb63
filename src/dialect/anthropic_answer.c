/* anthropic_answer.c -- a whole answer in Anthropic's form. */
#include "core/arena.h"
#include "dialect/anthropic.h"
#include "dialect/anthropic_write.h"
#include "dialect/openai_usage.h"
#include "dialect/seal.h"
#include "dialect/spoken.h"
#include "json/write.h"

enum { ANSWER_ARENA_BYTES = 64 * 1024 * 1024 };

struct writing {
    const struct answer_about *about;
    struct buf *out;
    bool has_block;
};

static void next_block(struct writing *w)
{
    if (w->has_block)
        buf_byte(w->out, ',');
    w->has_block = true;
}

static bool is_of(struct str seal, enum seal_kind kind)
{
    struct seal s;
    return seal_read(seal, &s) && s.kind == kind;
}

/* Several thoughts, each with its seal, are one text in weir's form: all of it is told
 * before the first seal, the other seals stand alone. */
static void write_thoughts(struct writing *w, const struct spoken *s)
{
    enum anthropic_thoughts shown = anthropic_thoughts(w->about);
    struct str text = shown == THOUGHTS_SHOWN ? s->reasoning : STR("");
    size_t first = 0;
    while (first < s->nseals && !is_of(s->seals[first], SEAL_THOUGHT))
        first++;
    if (shown != THOUGHTS_HIDDEN && (text.n || first < s->nseals)) {
        next_block(w);
        anthropic_open_thinking(w->out);
        json_write_inside(w->out, text);
        buf_lit(w->out, "\",\"signature\":");
        json_write_string(w->out, first < s->nseals ? s->seals[first] : STR(""));
        buf_byte(w->out, '}');
    }
    for (size_t i = 0; i < s->nseals; i++) {
        if (i == first || is_of(s->seals[i], SEAL_TEXT) ||
            (shown == THOUGHTS_HIDDEN && !is_of(s->seals[i], SEAL_CALL)))
            continue;
        next_block(w);
        anthropic_write_redacted(s->seals[i], w->out);
    }
}

static void write_texts(struct writing *w, const struct spoken *s)
{
    if (s->text.n || s->refusal.n) {
        next_block(w);
        anthropic_open_text(w->out);
        json_write_inside(w->out, s->text);
        json_write_inside(w->out, s->refusal);
        buf_lit(w->out, "\"}");
    }
    for (size_t i = 0; i < s->nseals; i++) {
        if (!is_of(s->seals[i], SEAL_TEXT))
            continue;
        next_block(w);
        anthropic_write_redacted(s->seals[i], w->out);
    }
}

/* An object is needed where weir's form has a text.  A model's broken text is kept. */
static void write_input(struct str text, struct buf *out)
{
    struct json_cur c;
    json_begin(&c, text);
    bool is_object =
        json_peek(&c) == JSON_OBJECT && json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
    if (is_object) {
        buf_append(out, str_trim(text));
    } else if (!str_trim(text).n) {
        buf_lit(out, "{}");
    } else {
        buf_lit(out, "{\"text\":");
        json_write_string(out, text);
        buf_byte(out, '}');
    }
}

static int write_calls(struct writing *w, const struct spoken *s, struct err *err)
{
    for (size_t i = 0; i < s->ncalls; i++) {
        const struct spoken_call *c = &s->calls[i];
        if (!c->name.n)
            return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                           "the engine sent a tool call without a name");
        next_block(w);
        anthropic_open_call(w->about->id, (uint32_t)i, c->id, c->name, w->out);
        write_input(c->arguments.p ? c->arguments : STR(""), w->out);
        buf_byte(w->out, '}');
    }
    return 0;
}

static enum finish_reason finish_of(struct str word)
{
    return str_eqz(word, "length")           ? FINISH_LENGTH
           : str_eqz(word, "content_filter") ? FINISH_CONTENT_FILTER
                                             : FINISH_STOP;
}

static int write_answer(const struct answer_about *about, struct str answer,
                        const struct spoken *s, struct buf *out, struct err *err)
{
    struct writing w = {.about = about, .out = out};
    struct usage usage = {.input_tokens = 0};
    const struct anthropic_finish finish = {finish_of(s->finish), s->stopped_by,
                                            s->refusal, s->ncalls > 0};
    (void)usage_read(json_get(answer, "usage"), &usage);
    buf_byte(out, '{');
    anthropic_write_names(about, s->model, out);
    buf_lit(out, "\"content\":[");
    write_thoughts(&w, s);
    write_texts(&w, s);
    if (write_calls(&w, s, err) != 0)
        return -1;
    buf_lit(out, "],");
    anthropic_write_finish(&finish, out);
    buf_lit(out, ",\"usage\":");
    anthropic_write_usage(&usage, out);
    buf_byte(out, '}');
    return 0;
}

int anthropic_encode_answer(const struct answer_about *about, struct str answer,
                            struct buf *out, struct err *err)
{
    struct arena a;
    struct spoken s;
    arena_init(&a, ANSWER_ARENA_BYTES);
    int rc = spoken_read(answer, about->issuer, &a, &s, err);
    if (rc == 0)
        rc = spoken_remark_images(&s, &a, err);
    if (rc == 0)
        rc = write_answer(about, answer, &s, out, err);
    arena_reset(&a);
    return rc;
}
