/* contract_dialects.c -- what every dialect must keep, the toy one of the tests too; and
 * each of them in front of each form of engines, from the client's bytes to the engine's
 * and back, with a value that must not leave. */
#include "dialect/anthropic.h"
#include "dialect/gemini.h"
#include "dialect/ollama.h"
#include "dialect/openai.h"
#include "dialect/openai_body.h"
#include "dialect/responses.h"
#include "engine/engine.h"
#include "mask/restore.h"
#include "unit/guarding.h"
#include "unit/toy_dialect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MAIL "maria.schmidt@acme-labs.io"

/* What a dialect's bodies and streams look like. */
static const struct client {
    const struct dialect *dialect;
    const char *model;                      /* in the path; NULL: in the body */
    const char *minimal, *plain, *streamed; /* the last two: with MAIL and a tool */
    const char *bad, *names;                /* a bad body, and the member it must name */
    const char *error;                      /* how an error begins */
    const char *text;                       /* of an answer that says "to MAIL" */
    const char *call, *end, *broken;        /* of a stream: a call, its end, an error */
    const char *finish;    /* how an answer says that it came to its end by itself */
    int64_t minimal_limit; /* of tokens, in `minimal`; 0: it has none */
    bool holds_no_bytes;   /* of a finish, until the end of a stream */
} clients[] = {
    {.dialect = &dialect_openai,
     .finish = "\"stop\"",
     .minimal = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
     .plain =
         "{\"model\":\"m\",\"max_tokens\":7,\"messages\":[{\"role\":\"system\","
         "\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"Write to " MAIL
         "\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"send\"}}]}",
     .streamed =
         "{\"model\":\"m\",\"max_tokens\":7,\"stream\":true,\"stream_options\":{"
         "\"include_usage\":true},\"messages\":[{\"role\":\"system\","
         "\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"Write to " MAIL
         "\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"send\"}}]}",
     .bad = "{\"model\":\"m\",\"messages\":7}",
     .names = "messages",
     .error = "{\"error\":{",
     .text = MAIL "!",
     .call = "\"arguments\":\"{\\\"to\\\":\\\"" MAIL "\\\"}\"",
     .end = "data: [DONE]\n\n",
     .broken = "data: {\"error\":{"},
    {.dialect = &dialect_anthropic,
     .finish = "\"end_turn\"",
     .minimal_limit = 9,
     .holds_no_bytes = true,
     .minimal = "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                "\"content\":\"x\"}]}",
     .plain = "{\"model\":\"m\",\"max_tokens\":7,\"system\":\"be brief\",\"messages\":[{"
              "\"role\":\"user\",\"content\":\"Write to " MAIL
              "\"}],\"tools\":[{\"name\":\"send\",\"input_schema\":{}}]}",
     .streamed = "{\"model\":\"m\",\"max_tokens\":7,\"stream\":true,\"system\":\"be "
                 "brief\",\"messages\":[{\"role\":\"user\",\"content\":\"Write to " MAIL
                 "\"}],\"tools\":[{\"name\":\"send\",\"input_schema\":{}}]}",
     .bad = "{\"model\":\"m\",\"max_tokens\":\"many\",\"messages\":[]}",
     .names = "max_tokens",
     .error = "{\"type\":\"error\",\"error\":{\"type\":\"",
     .text = MAIL "!",
     .call = "\"partial_json\":\"{\\\"to\\\":\\\"" MAIL "\\\"}\"",
     .end = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
     .broken = "event: error\ndata: {\"type\":\"error\""},
    {.dialect = &dialect_openai_responses,
     .finish = "\"status\":\"completed\",\"completed_at\"",
     .minimal = "{\"model\":\"m\",\"input\":\"x\"}",
     .plain = "{\"model\":\"m\",\"max_output_tokens\":7,\"instructions\":\"be brief\","
              "\"input\":\"Write to " MAIL "\",\"tools\":[{\"type\":\"function\","
              "\"name\":\"send\"}]}",
     .streamed = "{\"model\":\"m\",\"max_output_tokens\":7,\"stream\":true,\"input\":[{"
                 "\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\","
                 "\"content\":[{\"type\":\"input_text\",\"text\":\"Write to " MAIL
                 "\"}]}],\"tools\":[{\"type\":\"function\",\"name\":\"send\"}]}",
     .bad = "{\"model\":\"m\",\"input\":7}",
     .names = "input",
     .error = "{\"error\":{",
     .text = MAIL "!",
     .call = "\"arguments\":\"{\\\"to\\\":\\\"" MAIL "\\\"}\"",
     .end = "\"total_tokens\":29}}}\n\n",
     .broken = "event: response.failed\ndata: {"},
    {.dialect = &toy_dialect,
     .finish = "\"stop\"",
     .model = "m",
     .minimal = "{\"ask\":\"x\"}",
     .plain = "{\"boss\":\"be brief\",\"ask\":\"Write to " MAIL
              "\",\"most\":7,\"may\":\"send\"}",
     .streamed = "{\"boss\":\"be brief\",\"ask\":\"Write to " MAIL
                 "\",\"most\":7,\"may\":\"send\"}",
     .bad = "{\"ask\":\"x\",\"most\":\"many\"}",
     .names = "most",
     .error = "{\"oops\":\"",
     .text = MAIL "!",
     .call = "\"{\\\"to\\\":\\\"" MAIL "\\\"}\"]\n",
     .end = "= [\"tool_calls\",20,9]\n.\n",
     .broken = "! \""},
    {.dialect = &dialect_gemini,
     .finish = "\"finishReason\":\"STOP\"",
     .model = "m",
     .minimal = "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]}",
     .plain = "{\"systemInstruction\":{\"parts\":[{\"text\":\"be brief\"}]},"
              "\"generationConfig\":{\"maxOutputTokens\":7},\"contents\":[{\"role\":"
              "\"user\",\"parts\":[{\"text\":\"Write to " MAIL "\"}]}],\"tools\":[{"
              "\"functionDeclarations\":[{\"name\":\"send\"}]}]}",
     .streamed = "{\"systemInstruction\":{\"parts\":[{\"text\":\"be brief\"}]},"
                 "\"generationConfig\":{\"maxOutputTokens\":7},\"contents\":[{\"role\":"
                 "\"user\",\"parts\":[{\"text\":\"Write to " MAIL "\"}]}],\"tools\":[{"
                 "\"functionDeclarations\":[{\"name\":\"send\"}]}]}",
     .bad = "{\"contents\":7}",
     .names = "contents",
     .error = "{\"error\":{\"code\":",
     .text = MAIL "!",
     .call = "\"args\":{\"to\":\"" MAIL "\"}",
     .end = "\"totalTokenCount\":29},\"modelVersion\":\"\",\"responseId\":"
            "\"bbbbbbbbbbbbbbbb\"}\n\n",
     .broken = "data: {\"error\":{"},
    {.dialect = &dialect_ollama,
     .finish = "\"done_reason\":\"stop\"",
     .minimal = "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\","
                "\"content\":\"x\"}]}",
     .plain = "{\"model\":\"m\",\"stream\":false,\"options\":{\"num_predict\":7},"
              "\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":"
              "\"user\",\"content\":\"Write to " MAIL "\"}],\"tools\":[{\"type\":"
              "\"function\",\"function\":{\"name\":\"send\"}}]}",
     .streamed = "{\"model\":\"m\",\"options\":{\"num_predict\":7},"
                 "\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":"
                 "\"user\",\"content\":\"Write to " MAIL "\"}],\"tools\":[{\"type\":"
                 "\"function\",\"function\":{\"name\":\"send\"}}]}",
     .bad = "{\"model\":\"m\",\"messages\":7}",
     .names = "messages",
     .error = "{\"error\":\"",
     .text = MAIL "!",
     .call = "\"arguments\":{\"to\":\"" MAIL "\"}",
     .end = "\"done_reason\":\"stop\",\"prompt_eval_count\":20,\"eval_count\":9}\n",
     .broken = "{\"error\":\""},
};

/* What an engine of each form answers; %s is the tag that it was shown. */
static const struct engine_form {
    const char *streamed, *plain;
} forms[SPEECH_COUNT] = {
    [SPEECH_OPENAI] =
        {"data: "
         "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
         "\"content\":\"to %s!\"}}]}\n\n"
         "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
         "\"index\":0,\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"send\","
         "\"arguments\":\"{\\\"to\\\":\\\"%s\\\"}\"}}]}}]}\n\n"
         "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
         "\"tool_calls\"}],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":9}}\n\n"
         "data: [DONE]\n\n",
         "{\"id\":\"c\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
         "\"content\":\"to %s!\"},\"finish_reason\":\"stop\"}]}"},
    [SPEECH_OLLAMA] =
        {"{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"to "
         "%s!\"},\"done\":false}\n"
         "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\","
         "\"tool_calls\":[{\"function\":{\"name\":\"send\",\"arguments\":{\"to\":"
         "\"%s\"}}}]},\"done\":false}\n"
         "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},"
         "\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":20,"
         "\"eval_count\":9}\n",
         "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"to "
         "%s!\"},\"done\":true,\"done_reason\":\"stop\"}"},
    [SPEECH_ANTHROPIC] =
        {"event: message_start\n"
         "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"content\":[],"
         "\"model\":\"m\",\"usage\":{\"input_tokens\":20,\"output_tokens\":1}}}\n\n"
         "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
         "\"type\":\"text\",\"text\":\"\"}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
         "\"text_delta\",\"text\":\"to %s!\"}}\n\n"
         "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
         "\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"send\",\"input\":{}}}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
         "\"input_json_delta\",\"partial_json\":\"{\\\"to\\\":\\\"%s\\\"}\"}}\n\n"
         "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
         "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},"
         "\"usage\":{\"output_tokens\":9}}\n\n"
         "data: {\"type\":\"message_stop\"}\n\n",
         "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
         "\"content\":[{\"type\":\"text\",\"text\":\"to %s!\"}],\"stop_reason\":"
         "\"end_turn\"}"},
    [SPEECH_GEMINI] =
        {"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"to %s!\"}]},"
         "\"index\":0}]}\n\n"
         "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":"
         "\"send\",\"args\":{\"to\":\"%s\"}}}]},\"finishReason\":\"STOP\",\"index\":0}],"
         "\"usageMetadata\":{\"promptTokenCount\":20,\"candidatesTokenCount\":9}}\n\n",
         "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"to %s!\"}]},"
         "\"finishReason\":\"STOP\",\"index\":0}]}"},
    [SPEECH_RESPONSES] =
        {"data: "
         "{\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"model\":\"m\"}}"
         "\n\n"
         "data: "
         "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"to "
         "%s!\"}\n\n"
         "data: {\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{"
         "\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"send\",\"arguments\":"
         "\"{\\\"to\\\":\\\"%s\\\"}\"}}\n\n"
         "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\","
         "\"usage\":{\"input_tokens\":20,\"output_tokens\":9,\"total_tokens\":29}}}\n\n",
         "{\"id\":\"r\",\"status\":\"completed\",\"output\":[{\"type\":\"message\","
         "\"content\":[{\"type\":\"output_text\",\"text\":\"to %s!\"}]}]}"},
};

static const struct dialect_path *path_of(const struct client *c, bool is_stream)
{
    for (size_t i = 0; i < c->dialect->npaths; i++)
        if (c->dialect->paths[i].is_stream == (is_stream && c->model))
            return &c->dialect->paths[i];
    return NULL;
}

static int read_body(const struct client *c, const char *body, bool is_stream,
                     struct arena *a, struct chat *ret, struct err *err)
{
    const struct dialect_ask ask = {.path = path_of(c, is_stream),
                                    .model = c->model ? str_of(c->model) : STR(""),
                                    .body = str_of(body)};
    return dialect_decode(c->dialect, &ask, a, ret, err);
}

/* -- each by itself ------------------------------------------------------------------ */

static void bodies_are_read_and_bad_ones_name_the_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        const struct client *c = &clients[i];
        struct arena a;
        struct chat chat;
        struct err err = {0};
        arena_init(&a, 1 << 20);
        assert_int_equal(read_body(c, c->minimal, false, &a, &chat, &err), 0);
        assert_ptr_equal(chat.dialect, c->dialect);
        assert_true(str_eqz(chat.model, "m"));
        assert_false(chat.is_stream);
        assert_int_equal(chat.max_output_tokens,
                         c->minimal_limit ? c->minimal_limit : -1);
        assert_int_equal(read_body(c, c->streamed, true, &a, &chat, &err), 0);
        assert_true(chat.is_stream);
        assert_true(chat.has_system);
        assert_int_equal(chat.max_output_tokens, 7);
        assert_int_equal(read_body(c, "{\"", false, &a, &chat, &err), -1);
        assert_string_equal(err.code, "invalid_json");
        assert_int_equal(read_body(c, c->bad, false, &a, &chat, &err), -1);
        assert_int_equal(err.kind, ERR_BAD_REQUEST);
        assert_non_null(strstr(err.msg, c->names));
        arena_reset(&a);
    }
}

static void paths_are_found_again(void **state)
{
    (void)state;
    for (size_t k = 0; k < dialect_count; k++)
        for (size_t i = 0; i < dialect_table[k]->npaths; i++) {
            struct str name, path = str_of(dialect_table[k]->paths[i].pattern);
            assert_true(dialect_path_matches(&dialect_table[k]->paths[i], path, &name));
            assert_ptr_equal(dialect_of_path(path, NULL), dialect_table[k]);
        }
    for (size_t k = 0; k < dialect_count; k++) {
        const struct dialect *d = dialect_table[k];
        assert_int_equal(d->npaths > 0, d->decode != NULL);
        assert_non_null(d->encode_error);
        if (d->decode)
            assert_true(d->encoder_bytes >= sizeof(struct answer_encoder) && d->ping.n &&
                        d->stream_type.n);
        for (size_t i = 0; i < d->nprefixes; i++)
            assert_ptr_equal(dialect_of_path(str_of(d->prefixes[i].prefix), NULL), d);
    }
}

static void errors_have_the_dialects_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        for (int kind = ERR_NONE + 1; kind < ERR_KINDS; kind++) {
            const struct dialect *d = clients[i].dialect;
            struct json_cur c;
            struct err err;
            struct buf out;
            buf_init(&out, 4096);
            err_set(&err, (enum err_kind)kind, "a_code", "no \"room\" %c", 7);
            d->encode_error(&err, &out);
            assert_true(str_starts(buf_view(&out), str_of(clients[i].error)));
            json_begin(&c, buf_view(&out));
            assert_true(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
            assert_true(dialect_error_status(d, &err) >= 400);
            buf_release(&out);
        }
}

static void send(struct answer_encoder *enc, enum event_kind kind, const char *data,
                 const struct err *error, struct buf *out)
{
    char raw[512];
    snprintf(raw, sizeof raw, "data: %s\n\n", data);
    const struct event e = {.kind = kind,
                            .raw = *data ? str_of(raw) : enc->dialect->ping,
                            .data = str_of(data),
                            .error = error};
    enc->dialect->encode_event(enc, &e, out);
}

#define DELTA "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}"
#define STOP  "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"

/* Pings come out as they are; nothing follows the end, nor an error. */
static void nothing_follows_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        for (int is_error = 0; is_error < 2; is_error++) {
            const struct dialect *d = clients[i].dialect;
            struct answer_encoder *enc = answer_encoder_create(d, NULL, true);
            struct str finish = str_of(clients[i].finish);
            struct err err;
            struct buf out;
            buf_init(&out, 1 << 16);
            err_set(&err, ERR_UPSTREAM, "x", "it broke");
            send(enc, EVENT_NOTE, "", NULL, &out);
            assert_true(str_eq(buf_view(&out), d->ping));
            send(enc, EVENT_FINISH, STOP, NULL, &out);
            send(enc, EVENT_DELTA, DELTA, NULL, &out);
            size_t before = out.n;
            assert_true(str_find(buf_view(&out), STR("hi")) >= 0);
            assert_true(str_find(buf_view(&out), finish) < 0); /* it waits */
            assert_true(clients[i].holds_no_bytes || enc->held_bytes > 0);
            send(enc, EVENT_END, "", NULL,
                 &out); /* may come where something is missing */
            assert_int_equal(out.n, before);
            if (is_error)
                send(enc, EVENT_ERROR, "", &err, &out);
            else
                d->encode_end(enc, &out);
            struct str rest = str_sub(buf_view(&out), before, out.n);
            assert_true(rest.n > 0);
            assert_int_equal(str_find(rest, finish) >= 0, !is_error);
            assert_int_equal(str_starts(rest, str_of(clients[i].broken)), is_error);
            size_t end = out.n;
            send(enc, EVENT_DELTA, DELTA, NULL, &out);
            send(enc, EVENT_NOTE, "", NULL, &out);
            d->encode_end(enc, &out);
            d->encode_stream_error(enc, &err, &out);
            assert_int_equal(out.n, end);
            assert_int_equal(enc->has_error, is_error);
            answer_encoder_free(enc);
            buf_release(&out);
        }
}

/* -- through the house ----------------------------------------------------------------
 */

/* A request on its way to a cloud engine, and what comes back. */
struct way {
    const struct client *client;
    struct arena a;
    struct chat chat, masked;
    struct buf text, out;
    struct screened s;
    struct config_engine engine;
    struct config_model model;
    struct http_message sent;
    struct engine_plan plan;
    struct answer_encoder *encoder;
    struct restorer *restorer;
    struct usage usage;
    struct err err;
    char tag[64];
};

static int to_client(void *ctx, const struct event *e)
{
    struct way *w = ctx;
    if (e->usage.is_known)
        w->usage = e->usage;
    w->client->dialect->encode_event(w->encoder, e, &w->out);
    return 0;
}

static int to_restorer(void *ctx, const struct event *e)
{
    struct way *w = ctx;
    return restore_event(w->restorer, e, to_client, w, &w->err);
}

static void go(struct way *w, const struct client *c, int speech, bool is_stream)
{
    memset(w, 0, sizeof *w);
    w->client = c;
    arena_init(&w->a, 1 << 20);
    buf_init(&w->text, 1 << 20);
    buf_init(&w->out, 1 << 20);
    assert_int_equal(read_body(c, is_stream ? c->streamed : c->plain, is_stream, &w->a,
                               &w->chat, &w->err),
                     0);
    const struct screen_input in = {.rules = rules,
                                    .body = w->chat.body,
                                    .sessions = sessions,
                                    .session = {.id = 7},
                                    .now_ms = 1};
    guard_screen(&in, &w->a, &w->text, &w->s);
    assert_non_null(w->s.clearance);
    assert_non_null(w->s.vault);
    assert_int_equal(dialect_read_as(&w->chat, w->s.leaving, &w->a, &w->masked, &w->err),
                     0);
    w->engine = (struct config_engine){.name = STR("e"),
                                       .speaks = (enum engine_speech)speech,
                                       .side = SIDE_CLOUD,
                                       .base_path = STR("/v1")};
    w->model = (struct config_model){.upstream = STR("up"), .is_cloud = true};
    const struct target t = {.engine = &w->engine, .model = &w->model};
    assert_int_equal(
        engine_encode(&w->chat, &t, w->s.clearance, &w->a, &w->sent, &w->plan, &w->err),
        -1); /* the client's own words have no clearance */
    assert_string_equal(w->err.code, "no_clearance");
    assert_int_equal(
        engine_encode(&w->masked, &t, w->s.clearance, &w->a, &w->sent, &w->plan, &w->err),
        0);
    assert_int_equal(w->plan.is_stream, is_stream);
}

/* Everything that must be in it is, the value is not; *tag is what stands for it. */
static void look_at_sent(struct way *w)
{
    static const char *const said[] = {"be brief", "Write to mail", "send", "7"};
    struct str body = arena_join(&w->a, w->sent.body, w->sent.npieces);
    assert_true(str_find(body, STR("\"up\"")) >= 0 ||
                str_find(w->sent.target, STR("/up:")) >= 0);
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        assert_true(str_find(body, str_of(said[i])) >= 0);
    assert_true(str_find(body, STR("maria")) < 0);
    ptrdiff_t at = str_find(body, STR("Write to mail"));
    struct str rest = str_sub(body, (size_t)at + strlen("Write to "), body.n);
    size_t n = (size_t)str_find(rest, STR("\""));
    assert_true(n < sizeof w->tag);
    snprintf(w->tag, sizeof w->tag, "%.*s", (int)n, rest.p);
}

static void end(struct way *w)
{
    answer_encoder_free(w->encoder);
    restorer_free(w->restorer);
    screened_release(&w->s);
    buf_release(&w->text);
    buf_release(&w->out);
    arena_reset(&w->a);
}

/* "%s" of the form, twice at most, is the tag. */
static struct str answer_of(struct way *w, const char *form)
{
    struct str rest = str_of(form);
    struct buf b;
    buf_init(&b, 1 << 16);
    for (ptrdiff_t at; (at = str_find(rest, STR("%s"))) >= 0;) {
        buf_append(&b, str_sub(rest, 0, (size_t)at));
        buf_append(&b, str_of(w->tag));
        rest = str_sub(rest, (size_t)at + 2, rest.n);
    }
    buf_append(&b, rest);
    struct str ret = arena_strdup(&w->a, buf_view(&b));
    buf_release(&b);
    return ret;
}

static void a_stream_goes_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        for (int speech = 0; speech < SPEECH_COUNT; speech++) {
            struct way w;
            struct engine_decoder d;
            go(&w, &clients[i], speech, true);
            look_at_sent(&w);
            struct str answer = answer_of(&w, forms[speech].streamed);
            w.encoder = answer_encoder_create(w.client->dialect, NULL, true);
            w.restorer = restorer_create(w.s.vault, 1 << 20);
            engine_decoder_init(&d, (enum engine_speech)speech, SURFACE_CHAT);
            for (size_t k = 0; k < answer.n; k++)
                assert_int_equal(
                    engine_decode(&d, str_sub(answer, k, k + 1), to_restorer, &w, &w.err),
                    0);
            assert_int_equal(engine_decode_end(&d, to_restorer, &w, &w.err), 0);
            assert_int_equal(restore_end(w.restorer, to_client, &w, &w.err), 0);
            w.client->dialect->encode_end(w.encoder, &w.out);
            struct str out = buf_view(&w.out);
            assert_true(str_find(out, str_of(w.client->text)) >= 0);
            assert_true(str_find(out, str_of(w.client->call)) >= 0);
            assert_true(str_ends(out, str_of(w.client->end)));
            assert_true(str_find(out, str_of(w.tag)) < 0);
            assert_int_equal(w.usage.input_tokens, 20);
            assert_int_equal(w.usage.output_tokens, 9);
            engine_decoder_release(&d);
            end(&w);
        }
}

static void a_plain_answer_goes_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        for (int speech = 0; speech < SPEECH_COUNT; speech++) {
            const struct engine_naming naming = {.id = 7};
            struct way w;
            struct buf own, restored;
            go(&w, &clients[i], speech, false);
            look_at_sent(&w);
            struct str answer = answer_of(&w, forms[speech].plain);
            buf_init(&own, 1 << 16);
            buf_init(&restored, 1 << 16);
            if (engine_translates((enum engine_speech)speech, SURFACE_CHAT)) {
                assert_int_equal(engine_translate_answer((enum engine_speech)speech,
                                                         SURFACE_CHAT, &naming, answer,
                                                         &own, &w.err),
                                 0);
                answer = buf_view(&own);
            }
            w.restorer = restorer_create(w.s.vault, 1 << 20);
            assert_int_equal(restore_answer(w.restorer, answer, &restored, &w.err), 0);
            answer = buf_view(&restored);
            if (w.client->dialect->encode_answer) {
                const struct answer_about about = {
                    .path = path_of(&clients[i], false), .model = STR("m"), .id = 7};
                assert_int_equal(
                    w.client->dialect->encode_answer(&about, answer, &w.out, &w.err), 0);
                answer = buf_view(&w.out);
            }
            assert_true(str_find(answer, str_of(w.client->text)) >= 0);
            assert_true(str_find(answer, str_of(w.client->finish)) >= 0);
            buf_release(&own);
            buf_release(&restored);
            end(&w);
        }
}

/* What a conversation says reads back from OpenAI's form, and is written the same. */
static void a_conversation_reads_back(void **state)
{
    (void)state;
    static const char body[] =
        "{\"model\":\"m\",\"messages\":["
        "{\"role\":\"system\",\"content\":\"be \\\"brief\\\"\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"h\\u00e9\"},"
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}},"
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x.example/a.png\"}},"
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"BB\",\"format\":\"wav\"}},"
        "{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
        "\"data:application/pdf;base64,CC\"}}]},"
        "{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"hm\","
        "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
        "\"look\",\"arguments\":\"{\\\"q\\\": 1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"found\"},"
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"no\"}]}"
        "],"
        "\"stream\":true,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
        "\"look\","
        "\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}}],"
        "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"look\"}},"
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\","
        "\"schema\":{\"type\":\"object\"}}},\"temperature\":0.10,\"top_p\":1e-1,\"seed\":"
        "3,"
        "\"max_tokens\":9,\"stop\":\"END\",\"reasoning_effort\":\"low\"}";
    struct arena a;
    struct chat first, again;
    struct err err = {0};
    struct chat chat;
    struct conversation c;
    arena_init(&a, 1 << 20);
    assert_int_equal(
        dialect_read(&dialect_openai, SURFACE_CHAT, str_of(body), &a, &chat, &err), 0);
    assert_int_equal(chat.dialect->read_conversation(&chat, &a, &c, &err), 0);
    assert_int_equal(c.nmessages, 5);
    assert_int_equal(c.messages[1].npieces, 5);
    assert_int_equal(c.nothers, 0);
    assert_int_equal(openai_make_chat(&c, &chat, STR(""), &a, &first, &err), 0);
    assert_int_equal(
        dialect_read(&dialect_openai, SURFACE_CHAT, first.body, &a, &chat, &err), 0);
    assert_int_equal(chat.dialect->read_conversation(&chat, &a, &c, &err), 0);
    assert_int_equal(openai_make_chat(&c, &chat, STR(""), &a, &again, &err), 0);
    assert_true(str_eq(first.body, again.body));
    static const char *const kept[] = {"be \\\"brief\\\"",
                                       "data:image/png;base64,AAAA",
                                       "https://x.example/a.png",
                                       "\"format\":\"wav\"",
                                       "data:application/pdf;base64,CC",
                                       "{\\\"q\\\": 1}",
                                       "\"reasoning_content\":\"hm\"",
                                       "\"refusal\":\"no\"",
                                       "\"temperature\":0.10",
                                       "\"top_p\":1e-1",
                                       "\"max_tokens\":9",
                                       "\"stop\":[\"END\"]",
                                       "\"reasoning_effort\":\"low\"",
                                       "\"tool_call_id\":\"c1\""};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        assert_true(str_find(again.body, str_of(kept[i])) >= 0);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_read_and_bad_ones_name_the_member),
        cmocka_unit_test(paths_are_found_again),
        cmocka_unit_test(errors_have_the_dialects_form),
        cmocka_unit_test(nothing_follows_the_end),
        cmocka_unit_test(a_stream_goes_there_and_back),
        cmocka_unit_test(a_plain_answer_goes_there_and_back),
        cmocka_unit_test(a_conversation_reads_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
