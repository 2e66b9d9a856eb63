/* fuzz_clients.c -- dialects that are not OpenAI's own.
 *
 * Any bytes as a body: what is accepted and can be said in OpenAI's form reads there.
 * Any bytes as an engine's stream, or as its whole answer: what the client gets are whole
 * objects of its own form, and one end. */
#include "cut.h"
#include "dialect/dialect.h"
#include "dialect/openai_body.h"
#include "dialect/openai_view.h"
#include "engine/engine.h"
#include "json/scan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 1 << 26, MOST_BYTES = 1 << 26 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool is_json(struct str text)
{
    struct json_cur c;
    json_begin(&c, text);
    return json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

/* -- requests ------------------------------------------------------------------------ */

static void check_form(const struct chat *chat, struct str body, struct arena *a)
{
    struct chat own;
    struct err err = {0};
    if (dialect_read(dialect_get(DIALECT_OPENAI), chat->surface, body, a, &own, &err) !=
        0)
        require(err.kind == ERR_INTERNAL || chat->surface != SURFACE_CHAT);
    else
        require(own.is_stream == chat->is_stream);
}

static void check_place(const struct member *a, const struct member *b)
{
    require(a->end == b->end);
    require(!a->end || (a->at == b->at && a->value_at == b->value_at));
}

/* What is said of a body that was made is what its reading would say. */
static void check_made(const struct chat *made, struct arena *a)
{
    struct chat own;
    struct err err = {0};
    if (dialect_read(dialect_get(DIALECT_OPENAI), SURFACE_CHAT, made->body, a, &own,
                     &err) != 0) {
        /* memory, or nested one deeper than the client has it */
        require(err.kind == ERR_INTERNAL || strcmp(err.code, "invalid_json") == 0);
        return;
    }
    check_place(&made->view->model_at, &own.view->model_at);
    check_place(&made->view->messages_at, &own.view->messages_at);
    check_place(&made->view->stream_at, &own.view->stream_at);
    check_place(&made->view->stream_options_at, &own.view->stream_options_at);
    require(made->view->object_at == own.view->object_at);
    require(made->view->nkeys == own.view->nkeys);
    for (size_t i = 0; i < own.view->nkeys; i++)
        require(str_eq(made->view->keys[i], own.view->keys[i]));
    require(made->has_system == own.has_system && made->is_stream == own.is_stream);
    require(made->max_output_tokens == own.max_output_tokens);
    require(str_eq(made->model, own.model));
    require(!made->has_system || str_eq(made->system_text, own.system_text));
}

static void read_request(const struct dialect *d, const struct dialect_path *path,
                         struct str body)
{
    const struct dialect_ask ask = {.path = path, .model = STR("m"), .body = body};
    struct arena a;
    struct chat chat;
    struct conversation c, told = {.nlost = 0};
    struct str other;
    struct chat made;
    struct err err = {0};
    arena_init(&a, ARENA_BYTES);
    if (dialect_decode(d, &ask, &a, &chat, &err) != 0) {
        require(err.kind != ERR_NONE && err.msg[0]);
    } else if (chat.answered.p) {
        require(is_json(chat.answered));
    } else if (chat.surface == SURFACE_CHAT) {
        if (d->read_conversation(&chat, &a, &c, &err) == 0) {
            if (openai_make_chat(&c, &chat, STR(""), &a, &made, &err) == 0)
                check_made(&made, &a);
        }
    } else if (d->as_openai && d->as_openai(&chat, &a, &told, &other, &err) == 0) {
        check_form(&chat, other, &a);
    }
    arena_reset(&a);
}

/* -- answers ------------------------------------------------------------------------- */

/* Lines of JSON. */
static void check_lines(struct str out)
{
    struct str line;
    require(str_ends(out, STR("\n")));
    while (out.n && str_split(&out, '\n', &line))
        require(is_json(line));
}

/* Events of one line each, and empty ones as signs of life. */
static void check_events(struct str out)
{
    struct str line;
    require(str_ends(out, STR("\n\n")));
    while (out.n && str_split(&out, '\n', &line))
        require(line.n == 0 || (str_starts(line, STR("data: ")) &&
                                is_json(str_sub(line, strlen("data: "), line.n))));
}

static void check_stream(const struct dialect *d, const struct dialect_path *path,
                         struct str out)
{
    if (d->id == DIALECT_OLLAMA)
        check_lines(out);
    if (d->id == DIALECT_GEMINI && !path->has_own_framing)
        check_events(out);
    if (d->id == DIALECT_GEMINI &&
        path->has_own_framing) /* an array, element by element */
        require(is_json(str_trim(out)));
}

static int on_event(void *ctx, const struct event *e)
{
    struct answer_encoder *enc = ctx;
    struct buf *out = (void *)(uintptr_t)enc->about.id;
    enc->dialect->encode_event(enc, e, out);
    return 0;
}

static void write_stream(const struct dialect *d, const struct dialect_path *path,
                         struct cut cut)
{
    struct engine_decoder decoder;
    struct buf out;
    struct str rest = cut.stream;
    struct err err;
    buf_init(&out, MOST_BYTES);
    const struct answer_about about = {
        .path = path, .model = STR("m"), .id = (uint64_t)(uintptr_t)&out};
    struct answer_encoder *enc = answer_encoder_create(d, &about, true);
    require(enc != NULL);
    engine_decoder_init(&decoder, SPEECH_OPENAI, SURFACE_CHAT);
    while (rest.n > 0)
        require(engine_decode(&decoder, cut_next(&cut, &rest), on_event, enc, &err) == 0);
    require(engine_decode_end(&decoder, on_event, enc, &err) == 0);
    d->encode_end(enc, &out);
    size_t n = out.n;
    d->encode_end(enc, &out);
    require(out.n == n && enc->is_ended);
    check_stream(d, path, buf_view(&out));
    answer_encoder_free(enc);
    engine_decoder_release(&decoder);
    buf_release(&out);
}

static void write_whole(const struct dialect *d, const struct dialect_path *path,
                        struct str answer)
{
    const struct answer_about about = {.path = path, .model = STR("m"), .id = 7};
    struct engine_answer read = {.is_other = false};
    struct buf out;
    struct err err;
    buf_init(&out, MOST_BYTES);
    if (engine_read_answer(path->surface, answer, &read, &err) == 0 &&
        d->encode_answer(&about, answer, &out, &err) == 0)
        require(is_json(buf_view(&out)));
    buf_release(&out);
}

/* The n-th path that a model answers, counted round and round. */
static const struct dialect_path *path_of(const struct dialect *d, unsigned n)
{
    unsigned most = 0;
    for (size_t i = 0; i < d->npaths; i++)
        most += d->paths[i].answer == ANSWERED_BY_MODEL;
    if (most == 0)
        return NULL;
    n %= most;
    for (size_t i = 0; i < d->npaths; i++)
        if (d->paths[i].answer == ANSWERED_BY_MODEL && n-- == 0)
            return &d->paths[i];
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    const struct dialect *d = dialect_get((enum dialect_id)(data[0] % DIALECT_COUNT));
    const struct dialect_path *path = d ? path_of(d, data[1]) : NULL;
    const struct str rest = {(const char *)data + 3, size - 3};
    if (!path || !d->decode || !d->encode_answer)
        return 0;
    if (data[2] % 3 == 0)
        read_request(d, path, rest);
    else if (data[2] % 3 == 1 && path->surface == SURFACE_CHAT)
        write_stream(d, path, cut_of((const uint8_t *)rest.p, rest.n));
    else
        write_whole(d, path, rest);
    return 0;
}
