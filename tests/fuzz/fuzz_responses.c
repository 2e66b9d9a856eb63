/* fuzz_responses.c -- any bytes as a request to OpenAI's Responses, and as what an engine
 * says to it: what is read is one JSON object whose members are as jansson has them, and
 * said again as a conversation or refused by name; and a strict client finds no fault
 * with the stream that comes of the answer, nor another text in the whole one. */
#include "../unit/responses_client.h"
#include "cut.h"
#include "dialect/responses_stream.h"
#include "engine/engine.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_fields(const struct chat *c, json_t *body)
{
    json_t *model = json_object_get(body, "model");
    json_t *input = json_object_get(body, "input");
    struct str name = {json_string_value(model), json_string_length(model)};
    require(name.p && str_eq(c->model, name));
    require(c->is_stream == json_is_true(json_object_get(body, "stream")));
    if (json_array_size(input))
        require(c->nmessages == json_array_size(input));
    else
        require(c->nmessages == (json_string_value(input) != NULL));
}

static void check_conversation(const struct chat *chat, struct arena *a)
{
    struct conversation c;
    struct err err = {0};
    if (responses_read_conversation(chat, a, &c, &err) != 0) {
        require(err.kind != ERR_NONE && err.code && err.msg[0]);
        return;
    }
    for (size_t i = 0; i < c.nmessages; i++)
        for (size_t k = 0; k < c.messages[i].npieces; k++)
            require(c.messages[i].pieces[k].kind != PIECE_CALL ||
                    c.messages[i].pieces[k].call < c.messages[i].ncalls);
    for (size_t i = 0; i < c.ntools; i++)
        require(c.tools[i].name.n > 0);
}

static void as_request(struct str text, struct arena *a, struct buf *echo)
{
    struct chat c;
    struct err err = {0};
    json_error_t e;
    if (dialect_read(&dialect_openai_responses, SURFACE_CHAT, text, a, &c, &err) != 0) {
        require(err.kind != ERR_NONE && err.code && err.msg[0]);
        return;
    }
    json_t *body = oracle_load(text, &e);
    require(body || oracle_is_at_its_own_limit(&e));
    if (body)
        check_fields(&c, body);
    json_decref(body);
    check_conversation(&c, a);
    if (responses_echo(&c, a, echo, &err) != 0)
        buf_clear(echo);
}

struct answering {
    struct answer_encoder *encoder;
    struct buf out;
};

static int on_event(void *ctx, const struct event *e)
{
    struct answering *r = ctx;
    r->encoder->dialect->encode_event(r->encoder, e, &r->out);
    return 0;
}

/* The numbers of time are left out: they differ from one reading to the next. */
static void answer(struct answering *r, const struct answer_about *about, struct cut c)
{
    struct engine_decoder d;
    struct err err;
    struct str rest = c.stream;
    engine_decoder_init(&d, SPEECH_OPENAI, SURFACE_CHAT);
    buf_init(&r->out, (size_t)1 << 26);
    r->encoder = answer_encoder_create(&dialect_openai_responses, about, true);
    require(r->encoder != NULL);
    while (rest.n > 0)
        require(engine_decode(&d, cut_next(&c, &rest), on_event, r, &err) == 0);
    require(engine_decode_end(&d, on_event, r, &err) == 0);
    r->encoder->dialect->encode_end(r->encoder, &r->out);
    engine_decoder_release(&d);
}

static void as_answer(struct cut c, struct str echo)
{
    const struct answer_about about = {.model = STR("m"), .echo = echo, .id = 7};
    struct answering r;
    struct responses_client client;
    answer(&r, &about, c);
    require(!r.out.failed);
    responses_client_read(&client, buf_view(&r.out));
    /* jansson has limits of its own */
    if (client.problem[0] && !strstr(client.problem, "invalid Unicode") &&
        !strstr(client.problem, "real number overflow") &&
        !strstr(client.problem, "integer") && !strstr(client.problem, "NUL byte")) {
        fprintf(stderr, "%s\n%.*s\n", client.problem, STR_ARG(buf_view(&r.out)));
        abort();
    }
    responses_client_release(&client);
    answer_encoder_free(r.encoder);
    buf_release(&r.out);
}

/* An answer that came whole. */
static void as_whole(struct str text)
{
    const struct answer_about about = {.model = STR("m"), .id = 7};
    struct json_cur c;
    struct buf out;
    struct err err = {0};
    json_begin(&c, text);
    if (!json_skip(&c, NULL) || json_finish(&c, NULL) != 0)
        return;
    buf_init(&out, (size_t)1 << 26);
    if (responses_encode_answer(&about, text, &out, &err) == 0) {
        json_begin(&c, buf_view(&out));
        require(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
    } else {
        require(err.kind != ERR_NONE && err.msg[0]);
    }
    buf_release(&out);
}

/* A request, and behind the first line end what the engine says to it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str all = {(const char *)data, size}, request = all;
    struct arena a;
    struct buf echo;
    ptrdiff_t end = str_index(all, '\n');
    arena_init(&a, (size_t)1 << 24);
    buf_init(&echo, (size_t)1 << 24);
    if (end >= 0)
        request = str_sub(all, 0, (size_t)end);
    as_request(request, &a, &echo);
    if (end >= 0) {
        const uint8_t *rest = data + end + 1;
        as_answer(cut_of(rest, size - (size_t)end - 1), buf_view(&echo));
        as_whole(str_sub(all, (size_t)end + 1, size));
    }
    buf_release(&echo);
    arena_reset(&a);
    return 0;
}
