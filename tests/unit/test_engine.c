/* test_engine.c -- requests to engines, whole answers, and what failures mean. */
#include "cleared.h"
#include "dialect/dialect.h"
#include "engine/engine.h"
#include "fixture.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

static struct arena arena;

/* One encoding: what went in, and the request with its body joined. */
struct encoded {
    struct chat chat;
    struct config_engine engine;
    struct config_model model;
    struct http_message message;
    struct engine_plan plan;
    struct str body;
};

static struct encoded target(enum engine_kind kind)
{
    return (struct encoded){
        .engine = {.name = STR("e"),
                   .kind = kind,
                   .side = SIDE_LOCAL,
                   .base_path = STR("/v1")},
        .model = {.name = STR("m"), .upstream = STR("m")},
    };
}

static struct str joined(const struct http_message *m)
{
    char *p = arena_alloc(&arena, m->body_bytes + 1);
    size_t n = 0;
    assert_non_null(p);
    assert_true(m->npieces <= HTTP_MAX_PIECES);
    for (size_t i = 0; i < m->npieces; i++) {
        memcpy(p + n, m->body[i].p, m->body[i].n);
        n += m->body[i].n;
    }
    assert_int_equal(n, m->body_bytes);
    return (struct str){p, n};
}

static int try_encode(struct encoded *e, enum surface s, const char *body,
                      const struct clearance *clearance, struct err *err)
{
    struct target t = {.engine = &e->engine, .model = &e->model};
    if (dialect_read(dialect_get(DIALECT_OPENAI), s, str_of(body), &arena, &e->chat,
                     err) != 0)
        fail_msg("%s: %s", body, err->msg);
    return engine_encode(&e->chat, &t, clearance, &arena, &e->message, &e->plan, err);
}

static void encode(struct encoded *e, enum surface s, const char *body)
{
    struct err err;
    if (try_encode(e, s, body, NULL, &err) != 0)
        fail_msg("%s: %s", body, err.msg);
    e->body = joined(&e->message);
}

static void assert_str(struct str got, const char *want)
{
    if (!str_eqz(got, want))
        fail_msg("\nwant %s\ngot  %.*s", want, STR_ARG(got));
}

static void check_body(struct encoded e, enum surface s, const char *in, const char *want)
{
    encode(&e, s, in);
    assert_str(e.body, want);
}

#define MSGS "\"messages\":[{\"role\":\"user\",\"content\":\"\\u0041 x\"}]"

static void a_plain_request_passes_untouched(void **state)
{
    (void)state;
    static const char in[] = " { \"x\" : [1, {\"y\":1.50}] ,\"model\":\"m\", " MSGS
                             ",\"stream_options\":{\"a\":1}}\n";
    check_body(target(ENGINE_OPENAI), SURFACE_CHAT, in, in);
    struct encoded e = target(ENGINE_OPENAI);
    encode(&e, SURFACE_CHAT, in);
    assert_int_equal(e.message.npieces, 1);
    assert_ptr_equal(e.message.body[0].p, in); /* not even copied */
    assert_false(e.plan.is_stream);
}

static void only_the_model_changes_when_it_is_called_otherwise(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_OPENAI);
    e.model.upstream = STR("big \"one\"");
    check_body(e, SURFACE_CHAT, "{\"a\":1,\"model\" :\"m\" ," MSGS "}",
               "{\"a\":1,\"model\" :\"big \\\"one\\\"\" ," MSGS "}");
    check_body(e, SURFACE_EMBEDDINGS, "{\"model\":\"m\",\"input\":[\"a\"]}",
               "{\"model\":\"big \\\"one\\\"\",\"input\":[\"a\"]}");
}

static void usage_is_asked_for_in_every_stream(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_OPENAI);
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"model\":\"m\",\"stream\":true," MSGS "}",
         "{\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"stream\":"
         "true," MSGS "}"},
        {"{\"model\":\"m\",\"stream\":true,\"stream_options\":null," MSGS "}",
         "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
         "," MSGS "}"},
        {"{\"model\":\"m\",\"stream\":true,\"stream_options\":{}," MSGS "}",
         "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
         "," MSGS "}"},
        {"{\"model\":\"m\",\"stream\":true,\"stream_options\":{ \"x\":1}," MSGS "}",
         "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true, "
         "\"x\":1}," MSGS "}"},
        {"{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"x\":1,\"include_usage\":"
         " "
         "false}," MSGS "}",
         "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"x\":1,\"include_usage\":"
         " "
         "true}," MSGS "}"},
        {"{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
         "," MSGS "}",
         "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}"
         "," MSGS "}"},
        {"{\"model\":\"m\",\"stream\":false,\"stream_options\":{\"include_usage\":false}"
         "," MSGS "}",
         "{\"model\":\"m\",\"stream\":false,\"stream_options\":{\"include_usage\":false}"
         "," MSGS "}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_body(e, SURFACE_CHAT, cases[i].in, cases[i].out);
}

static void mistral_gets_no_stream_options(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_MISTRAL);
    static const char want[] = "{\"model\":\"m\",\"stream\":true," MSGS "}";
    check_body(e, SURFACE_CHAT, want, want);
    check_body(e, SURFACE_CHAT,
               "{\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"stream\":"
               "true," MSGS "}",
               want);
    check_body(e, SURFACE_CHAT,
               "{\"model\":\"m\",\"stream\":true," MSGS
               ", \"stream_options\":{\"include_usage\":true}}",
               want);
    e.engine.default_params = STR("{\"top_p\":1}");
    check_body(e, SURFACE_CHAT,
               "{\"stream_options\":{},\"model\":\"m\",\"stream\":true," MSGS "}",
               "{\"top_p\":1,\"model\":\"m\",\"stream\":true," MSGS "}");
}

static void plain_requests_are_streamed_where_leaving_is_not_noticed(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_LLAMA_SERVER);
    encode(&e, SURFACE_CHAT, "{\"model\":\"m\"," MSGS "}");
    assert_true(e.plan.is_stream);
    assert_true(e.plan.is_collect);
    assert_str(e.body, "{\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                       "\"model\":\"m\"," MSGS "}");
    assert_true(str_find(e.message.fields, STR("Accept: text/event-stream\r\n")) >= 0);
    encode(&e, SURFACE_CHAT, "{\"model\":\"m\",\"stream\":false," MSGS "}");
    assert_str(e.body,
               "{\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"stream\":"
               "true," MSGS "}");
    encode(&e, SURFACE_CHAT, "{\"model\":\"m\",\"stream\":true," MSGS "}");
    assert_true(e.plan.is_stream);
    assert_false(e.plan.is_collect);
    encode(&e, SURFACE_EMBEDDINGS, "{\"model\":\"m\",\"input\":\"x\"}");
    assert_false(e.plan.is_stream);
    assert_str(e.body, "{\"model\":\"m\",\"input\":\"x\"}");
}

static void defaults_fill_only_what_is_absent(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_OPENAI);
    e.engine.default_params =
        STR("{\"temperature\": 0.2,\"top_p\":0.9,\"max_tokens\":5,\"model\":\"evil\","
            "\"extra\":{\"a\":[1]}}");
    check_body(
        e, SURFACE_CHAT,
        "{\"model\":\"m\",\"top_p\":null,\"max_completion_tokens\":7," MSGS "}",
        "{\"temperature\":0.2,\"extra\":{\"a\":[1]},\"model\":\"m\",\"top_p\":null,"
        "\"max_completion_tokens\":7," MSGS "}");
    check_body(e, SURFACE_EMBEDDINGS, "{\"model\":\"m\",\"input\":\"x\"}",
               "{\"model\":\"m\",\"input\":\"x\"}");
}

static void a_default_system_message_comes_first_unless_there_is_one(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_OPENAI);
    static const char with[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":\"x\"}]}";
    e.engine.default_system = STR("be \"kind\"\n");
    check_body(e, SURFACE_CHAT, "{\"model\":\"m\",\"messages\":[ {\"role\":\"user\"}]}",
               "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be "
               "\\\"kind\\\"\\n\"}, {\"role\":\"user\"}]}");
    check_body(e, SURFACE_CHAT, with, with);
    check_body(e, SURFACE_COMPLETIONS, "{\"model\":\"m\",\"prompt\":\"x\"}",
               "{\"model\":\"m\",\"prompt\":\"x\"}");
}

static void the_head_says_what_is_wanted(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_OPENAI);
    struct err err;
    encode(&e, SURFACE_COMPLETIONS, "{\"model\":\"m\",\"prompt\":\"x\"}");
    assert_str(e.message.method, "POST");
    assert_str(e.message.target, "/v1/completions");
    assert_str(e.message.fields, "Content-Type: application/json\r\n"
                                 "Accept: application/json\r\n"
                                 "Accept-Encoding: identity\r\n"
                                 "User-Agent: weir/" WEIR_VERSION "\r\n");
    e.engine.api_key = STR("sk-1");
    e.engine.base_path = STR("");
    encode(&e, SURFACE_EMBEDDINGS, "{\"model\":\"m\",\"input\":\"x\"}");
    assert_str(e.message.target, "/embeddings");
    assert_true(str_ends(e.message.fields, STR("\r\nAuthorization: Bearer sk-1\r\n")));
    e.engine.api_key = STR("sk-1\r\nX-Evil: 1");
    assert_int_equal(try_encode(&e, SURFACE_EMBEDDINGS,
                                "{\"model\":\"m\",\"input\":\"x\"}", NULL, &err),
                     -1);
    assert_string_equal(err.code, "bad_api_key");
    assert_null(strstr(err.msg, "sk-1"));
}

static void nothing_leaves_without_a_clearance_for_these_bytes(void **state)
{
    (void)state;
    struct encoded e = target(ENGINE_OPENAI), other = target(ENGINE_OPENAI);
    struct err err;
    char a[] = "{\"model\":\"m\",\"input\":\"x\"}",
         b[] = "{\"model\":\"m\",\"input\":\"y\"}";
    for (int i = 0; i < 2; i++) {
        e.engine.side = i ? SIDE_LOCAL : SIDE_CLOUD;
        e.message.npieces = 0;
        e.model.is_cloud = i; /* a cloud model behind a local engine is as far away */
        assert_int_equal(try_encode(&e, SURFACE_EMBEDDINGS, a, NULL, &err), -1);
        assert_int_equal(err.kind, ERR_FORBIDDEN);
        assert_string_equal(err.code, "no_clearance");
        assert_int_equal(e.message.npieces, 0);

        encode(&other, SURFACE_EMBEDDINGS, b);
        const struct clearance *c = cleared(&other.chat, SENSITIVITY_UNLABELLED, &arena);
        assert_non_null(c);
        assert_int_equal(try_encode(&e, SURFACE_EMBEDDINGS, a, c, &err), -1);
        c = cleared(&e.chat, SENSITIVITY_UNLABELLED, &arena);
        assert_int_equal(try_encode(&e, SURFACE_EMBEDDINGS, a, c, &err), 0);
    }
}

/* --- the property: equal as JSON but for those members, equal as bytes elsewhere ---- */

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    return *x ^= *x << 17;
}

/* A body with its members in any order, blanks anywhere, and some absent. */
static struct str random_body(uint64_t *x)
{
    static const char *const pool[] = {
        "\"model\" : \"m\"",
        "\"messages\":[ {\"role\":\"user\",\"content\":\"\\ud83d\\ude00 \xE6\x97\xA5\"}]",
        "\"stream\":true",
        "\"stream_options\" : {\"z\":1 , \"include_usage\":false}",
        "\"n\":2",
        "\"logprobs\":true",
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
        "\"unheard\":{\"of\":[1,2.50,\"\\/\"]}",
        "\"temperature\":1e0",
    };
    static const char *const blanks[] = {"", " ", "\n\t", "  \r\n"};
    bool used[ARRAY_LEN(pool)] = {false};
    struct buf b;
    buf_init(&b, 4096);
    buf_byte(&b, '{');
    for (size_t left = ARRAY_LEN(pool), first = 1; left > 0; left--) {
        size_t i = next_random(x) % ARRAY_LEN(pool);
        while (used[i])
            i = (i + 1) % ARRAY_LEN(pool);
        used[i] = true;
        if (i > 1 && next_random(x) % 3 == 0)
            continue;
        buf_append(&b, str_of(first ? "" : ","));
        buf_append(&b, str_of(blanks[next_random(x) % 4]));
        buf_append(&b, str_of(pool[i]));
        buf_append(&b, str_of(blanks[next_random(x) % 4]));
        first = 0;
    }
    buf_byte(&b, '}');
    struct str s = arena_strdup(&arena, buf_view(&b));
    buf_release(&b);
    assert_non_null(s.p);
    return s;
}

static json_t *without_decided(struct str s)
{
    json_error_t err;
    json_t *j = json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES, &err);
    if (!j)
        fail_msg("%s: %.*s", err.text, STR_ARG(s));
    json_object_del(j, "model");
    json_object_del(j, "stream");
    json_object_del(j, "top_k");
    json_t *options = json_object_get(j, "stream_options");
    json_object_del(options, "include_usage");
    if (!json_object_get(options, "z"))
        json_object_del(j, "stream_options");
    return j;
}

static void everything_else_survives(void **state)
{
    (void)state;
    static const enum engine_kind kinds[] = {ENGINE_OPENAI, ENGINE_LLAMA_SERVER,
                                             ENGINE_MISTRAL};
    uint64_t x = 20251121;
    for (int round = 0; round < 3000; round++) {
        struct encoded e = target(kinds[round % 3]);
        if (round & 1)
            e.model.upstream = STR("another");
        if (round & 2)
            e.engine.default_params = STR("{\"top_k\":4}");
        struct str in = random_body(&x);
        encode(&e, SURFACE_CHAT, in.p);
        json_t *a = without_decided(in), *b = without_decided(e.body);
        if (kinds[round % 3] == ENGINE_MISTRAL)
            json_object_del(a, "stream_options");
        if (!json_equal(a, b))
            fail_msg("\nin  %.*s\nout %.*s", STR_ARG(in), STR_ARG(e.body));
        json_decref(a);
        json_decref(b);
        /* What is not new is a run of the client's own bytes, in order. */
        const char *at = in.p;
        for (size_t i = 0; i < e.message.npieces; i++) {
            struct str piece = e.message.body[i];
            if (piece.p < in.p || piece.p > in.p + in.n)
                continue;
            assert_true(piece.p >= at);
            at = piece.p + piece.n;
        }
        assert_ptr_equal(at, in.p + in.n);
        /* encoding again gives the same bytes: a retry asks the same thing */
        struct str first = e.body;
        encode(&e, SURFACE_CHAT, in.p);
        assert_true(str_eq(first, e.body));
        arena_reset(&arena);
    }
}

/* --- whole answers -------------------------------------------------------------- */

static struct str recording(const char *name, struct buf *b)
{
    char path[128];
    snprintf(path, sizeof path, "llama-server/%s", name);
    return fixture_read(path, b);
}

static void whole_answers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum surface surface;
        uint64_t input, output, cached, content;
    } cases[] = {
        {"chat.json", SURFACE_CHAT, 43, 12, 0, 53},
        {"tools.json", SURFACE_CHAT, 400, 86, 399, 8 + 38},
        {"n2.json", SURFACE_CHAT, 43, 4, 42, 19 + 14},
        {"embeddings.json", SURFACE_EMBEDDINGS, 11, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf b;
        struct engine_answer read = {.content_bytes = 0};
        struct err err;
        struct str body = recording(cases[i].name, &b);
        if (engine_read_answer(cases[i].surface, body, &read, &err) != 0)
            fail_msg("%s: %s", cases[i].name, err.msg);
        struct usage u = read.usage;
        assert_false(read.is_other);
        assert_true(u.is_known);
        assert_int_equal(u.input_tokens, cases[i].input);
        assert_int_equal(u.output_tokens, cases[i].output);
        assert_int_equal(u.cached_tokens, cases[i].cached);
        assert_int_equal(read.content_bytes, cases[i].content);
        struct usage tail =
            engine_usage_in_tail(SURFACE_CHAT, str_sub(body, body.n - 600, body.n));
        if (cases[i].surface != SURFACE_EMBEDDINGS) /* there it stands in front */
            assert_int_equal(tail.input_tokens, cases[i].input);
        buf_release(&b);
    }
}

static void a_200_without_an_answer_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum surface surface;
        enum err_kind kind;
        const char *code;
    } cases[] = {
        {"{\"error\":{\"code\":429,\"message\":\"slow down\"}}", SURFACE_CHAT,
         ERR_RATE_LIMIT, "upstream_rate_limit"},
        {"{\"error\":\"model not found\"}", SURFACE_CHAT, ERR_UPSTREAM,
         "upstream_not_found"},
        {"{}", SURFACE_CHAT, ERR_UPSTREAM, "upstream_bad_answer"},
        {"{\"choices\":[]}", SURFACE_CHAT, ERR_UPSTREAM, "upstream_bad_answer"},
        {"{\"choices\":[{}]}", SURFACE_EMBEDDINGS, ERR_UPSTREAM, "upstream_bad_answer"},
        {"<html>", SURFACE_CHAT, ERR_UPSTREAM, "upstream_bad_answer"},
        {"", SURFACE_CHAT, ERR_UPSTREAM, "upstream_bad_answer"},
        {"{\"choices\":[{\"message\":{\"content\":\"cut", SURFACE_CHAT, ERR_UPSTREAM,
         "upstream_bad_answer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct engine_answer read;
        struct err err;
        assert_int_equal(
            engine_read_answer(cases[i].surface, str_of(cases[i].body), &read, &err), -1);
        assert_int_equal(err.kind, cases[i].kind);
        assert_string_equal(err.code, cases[i].code);
    }
}

static void what_is_no_json_is_told_from_other_faults(void **state)
{
    (void)state;
    static const struct {
        struct str body;
        const char *says;
    } cases[] = {
        {STR_INIT(""), "is empty"},
        {STR_INIT(" \n"), "is empty"},
        {STR_INIT("\x1f\x8b\x08\x00\x00"), "compressed"},
        {STR_INIT("\x28\xb5\x2f\xfd\x00"), "compressed"},
        {STR_INIT("\xff\xfe{\0"), "UTF-16"},
        {STR_INIT("<html>no</html>"), "is a page of HTML, not JSON"},
        {STR_INIT("<html><title>Sign in</title></html>"), "HTML (\"Sign in\"), not JSON"},
        {STR_INIT("<b>"), "is not a JSON object"},
        {STR_INIT("it broke"), "is not a JSON object"},
        {STR_INIT("[1]"), "is not a JSON object"},
        {STR_INIT("{\"choices\":[{\"logprobs\":{\"x\":-Infinity}}]}"),
         "number -Infinity at byte 29"},
        {STR_INIT("{\"choices\":[{\"logprobs\":{\"x\":[0.5,NaN]}}]}"), "number NaN"},
        {STR_INIT("{\"choices\":[{\"logprobs\":{\"x\":Infinity}}]}"), "number Infinity"},
        {STR_INIT("{\"choices\":[{\"logprobs\":{\"x\":nan}}]}"), "number nan"},
        {STR_INIT("{\"choices\":[{\"text\":\"NaN\"},]}"), "is not a JSON object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct engine_answer read;
        struct err err;
        assert_int_equal(engine_read_answer(SURFACE_CHAT, cases[i].body, &read, &err),
                         -1);
        if (!strstr(err.msg, cases[i].says))
            fail_msg("case %zu: %s", i, err.msg);
    }
}

static void an_object_is_found_between_a_mark_and_an_end_mark(void **state)
{
    (void)state;
    static const struct {
        const char *body, *object;
    } cases[] = {
        {"{\"a\":1}", "{\"a\":1}"},
        {"\xEF\xBB\xBF{\"a\":1}", "{\"a\":1}"},
        {"{\"a\":1}\n\ndata: [DONE]\n\n", "{\"a\":1}"},
        {"\xEF\xBB\xBF{\"a\":\n1}data:[DONE]", "{\"a\":\n1}"},
        {"{\"a\":1}\r\n[DONE]\r\ndata: [DONE]\r\n", "{\"a\":1}"},
        {"{\"a\":1}\n", "{\"a\":1}\n"},
        {"{\"a\":1}{\"b\":2}", "{\"a\":1}{\"b\":2}"},
        {"data: {\"a\":1}\n\n", "{\"a\":1}"},
        {": note\nevent: error\ndata: {\"a\":1}\r\n\r\ndata: [DONE]\n\n", "{\"a\":1}"},
        {"data: {\"a\":1}\n\ndata: {\"b\":2}\n\n",
         "data: {\"a\":1}\n\ndata: {\"b\":2}\n\n"},
        {"{\"a\":\n\"data:\"}\n", "{\"a\":\n\"data:\"}\n"},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (!str_eqz(engine_object_in(str_of(cases[i].body)), cases[i].object))
            fail_msg("case %zu", i);
}

static void a_body_is_known_by_its_beginning(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        enum body_look look;
    } cases[] = {
        {"", LOOKS_OPEN},
        {" \r\n", LOOKS_OPEN},
        {"\xEF\xBB", LOOKS_OPEN},
        {"\xEF\xBB\xBF", LOOKS_OPEN},
        {"d", LOOKS_OPEN},
        {"data", LOOKS_OPEN},
        {"retry", LOOKS_OPEN},
        {"{", LOOKS_JSON},
        {"\n\n {", LOOKS_JSON},
        {"\xEF\xBB\xBF{", LOOKS_JSON},
        {"data:", LOOKS_STREAM},
        {"\n\ndata: {", LOOKS_STREAM},
        {": ping", LOOKS_STREAM},
        {"event: x", LOOKS_STREAM},
        {"id:1", LOOKS_STREAM},
        {"dates", LOOKS_OTHER},
        {"<html>", LOOKS_NEITHER},
        {"[1]", LOOKS_NEITHER},
        {"\x1f\x8b", LOOKS_NEITHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (engine_look(str_of(cases[i].start)) != cases[i].look)
            fail_msg("case %zu", i);
}

static void usage_is_found_in_a_tail(void **state)
{
    (void)state;
    struct usage u = engine_usage_in_tail(
        SURFACE_CHAT, STR("e\":[0.1]}],\"usage\" : {\"prompt_tokens\":3},\"x\":1}\n"));
    assert_true(u.is_known);
    assert_int_equal(u.input_tokens, 3);
    /* the last one that can be read counts */
    u = engine_usage_in_tail(SURFACE_CHAT,
                             STR("\"usage\":{\"prompt_tokens\":1}, "
                                 "\"usage\":{\"prompt_tokens\":2},\"usage\":{\"pro"));
    assert_int_equal(u.input_tokens, 2);
    assert_false(engine_usage_in_tail(SURFACE_CHAT, STR("\"usage\"")).is_known);
    assert_false(engine_usage_in_tail(SURFACE_CHAT, STR("")).is_known);
    assert_false(engine_usage_in_tail(SURFACE_CHAT, STR("\"usage\":null}")).is_known);
}

/* --- failures -------------------------------------------------------------------- */

static void failures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum err_kind kind;
        const char *code, *says;
    } cases[] = {
        {400, "{\"error\":{\"message\":\"bad n\",\"type\":\"invalid_request_error\"}}",
         ERR_BAD_REQUEST, "upstream_rejected", "bad n"},
        {400,
         "{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens\","
         "\"code\":\"context_length_exceeded\"}}",
         ERR_BAD_REQUEST, "context_length_exceeded", "8192"},
        {400, "{\"error\":{\"message\":\"no\",\"code\":\"content_filter\"}}",
         ERR_BAD_REQUEST, "content_filter", "no"},
        {422, "{\"detail\":[{\"loc\":[\"body\",\"x\"],\"msg\":\"Extra inputs\"}]}",
         ERR_BAD_REQUEST, "upstream_rejected", "Extra inputs"},
        {422,
         "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\","
         "\"msg\":"
         "\"Not permitted\"}]},\"type\":\"invalid_request_error\"}",
         ERR_BAD_REQUEST, "upstream_rejected", "Not permitted"},
        {404, "{\"detail\":\"Not Found\"}", ERR_UPSTREAM, "upstream_not_found",
         "Not Found"},
        {403, "{\"error\":{\"message\":\"key sk-abcdefghijk is wrong\"}}", ERR_UPSTREAM,
         "upstream_auth", "HTTP 403"},
        {402, "{}", ERR_UPSTREAM, "upstream_payment", "HTTP 402"},
        {429, "{\"error\":{\"message\":\"slow\",\"type\":\"tokens\"}}", ERR_RATE_LIMIT,
         "upstream_rate_limit", "slow"},
        {429, "{\"error\":{\"message\":\"pay\",\"code\":\"insufficient_quota\"}}",
         ERR_RATE_LIMIT, "upstream_quota", "pay"},
        {429,
         "[{\"error\":{\"code\":429,\"message\":\"quota\",\"status\":"
         "\"RESOURCE_EXHAUSTED\"}}]",
         ERR_RATE_LIMIT, "upstream_rate_limit", "quota"},
        {500, "oops \x01\xFF there", ERR_UPSTREAM, "upstream_error", "oops  ? there"},
        {502, "<html><h1>Bad</h1></html>", ERR_UPSTREAM, "upstream_error", "HTTP 502"},
        {503, "", ERR_OVERLOAD, "upstream_overloaded", "HTTP 503"},
        {529, "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
         ERR_OVERLOAD, "upstream_overloaded", "Overloaded"},
        {504, "gateway timeout", ERR_TIMEOUT, "upstream_timeout", "gateway timeout"},
        {302, "", ERR_UPSTREAM, "upstream_error", "HTTP 302"},
        {500, "{\"error\":\"model runner has crashed\"}", ERR_UPSTREAM, "upstream_error",
         "crashed"},
        {500,
         "{\"error\":{\"message\":\"2 validation errors:\\n  {'type': 'string_type', "
         "'loc': "
         "('body', 'stop', 'str'), 'msg': 'Input should be a valid string', 'input': "
         "5}\","
         "\"type\":\"internal_server_error\"}}",
         ERR_BAD_REQUEST, "upstream_rejected", "valid string"},
        {500, "{\"error\":{\"message\":\"Failed to parse grammar\"}}", ERR_BAD_REQUEST,
         "upstream_rejected", "grammar"},
        {500,
         "{\"error\":{\"message\":\"Conversation roles must alternate "
         "user/assistant/user\"}}",
         ERR_BAD_REQUEST, "upstream_rejected", "alternate"},
        {500,
         "{\"detail\":\"1 validation error for ChatCompletionRequest temperature field "
         "required\"}",
         ERR_BAD_REQUEST, "upstream_rejected", "temperature"},
        {500,
         "{\"error\":{\"message\":\"1 validation error for ChatCompletionResponse usage "
         "field required\"}}",
         ERR_UPSTREAM, "upstream_error", "Response"},
        {503, "{\"error\":{\"message\":\"1 validation error\"}}", ERR_OVERLOAD,
         "upstream_overloaded", "validation"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err;
        engine_classify(cases[i].status, str_of(cases[i].body), &err);
        if (err.kind != cases[i].kind || strcmp(err.code, cases[i].code) != 0 ||
            !strstr(err.msg, cases[i].says))
            fail_msg("case %zu: kind %d, code %s, %s", i, err.kind, err.code, err.msg);
    }
}

static void a_page_is_told_by_its_title_and_status(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body, *code, *says;
    } cases[] = {
        {400, "<html><head><title>400 Bad Request</title></head></html>",
         "upstream_no_reason",
         "the engine answered HTTP 400 with a page of HTML: \"400 Bad Request\""},
        {400,
         "<!DOCTYPE html>\r\n<HTML>\n<TITLE lang=en>\n Too \t large&nbsp;a header\n"
         "</TITLE>",
         "upstream_no_reason", "HTML: \"Too large a header\""},
        {502, "\xEF\xBB\xBF \n<!doctype html><h1 class=\"x\">No <b>healthy</b> host</h1>",
         "upstream_error", "HTTP 502 with a page of HTML: \"No healthy host\""},
        {500, "<html><body>oops</body></html>", "upstream_error",
         "HTTP 500 with a page of HTML instead of a reason"},
        {503, "<html><title></title><h1>Busy &amp; gone</h1>", "upstream_overloaded",
         "HTML: \"Busy & gone\""},
        {404, "<html><title>not closed", "upstream_not_found", "HTML: \"not closed\""},
        {404, "<html><title", "upstream_not_found", "instead of a reason"},
        {500, "<html><title>A &lt;script&gt;alert(1)&lt;/script&gt; <script>x()",
         "upstream_error", "\"A &lt;script&gt;alert(1)&lt;/script&gt; x()\""},
        {500, "<html><title>\x1b[31mred\x07 \xC2\x9B\x32J</title>", "upstream_error",
         "HTML: \"[31mred 2J\""},
        {500, "<html><title>Fehler f\xC3\xBCr</title>", "upstream_error",
         "HTML: \"Fehler f\xC3\xBCr\""},
        {500, "<html><title>Fehler f\xFCr</title>", "upstream_error",
         "HTML: \"Fehler f?r\""},
        {500, "<html><title>key sk-abcdefgh12345 in /home/x/app.py</title>",
         "upstream_error", "HTML: \"key *** in app.py\""},
        {500,
         "<?xml version=\"1.0\"?><Error><Code>X</Code><Message>Slow "
         "down</Message></Error>",
         "upstream_error", "HTTP 500 with a document of XML: \"Slow down\""},
        {500, "{\"error\":{\"message\":\"<html><title>Bad gateway</title></html>\"}}",
         "upstream_error", "HTTP 500 with a page of HTML: \"Bad gateway\""},
        {500, "<think> is no known tag", "upstream_error", "<think> is no known tag"},
        {401, "<html><title>Login</title></html>", "upstream_auth", "HTTP 401"},
        {400, "<html><title>maximum context length exceeded</title>",
         "upstream_no_reason", "HTTP 400 with a page"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err;
        engine_classify(cases[i].status, str_of(cases[i].body), &err);
        if (strcmp(err.code, cases[i].code) != 0 || !strstr(err.msg, cases[i].says))
            fail_msg("case %zu: code %s, %s", i, err.code, err.msg);
    }
}

static void recorded_failures_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
        enum err_kind kind;
        const char *code, *says;
    } cases[] = {
        {"overflow.json", 400, ERR_BAD_REQUEST, "context_length_exceeded", "9020 tokens"},
        {"err_bad_json.json", 500, ERR_UPSTREAM, "upstream_error", "parse error"},
        {"err_401.json", 401, ERR_UPSTREAM, "upstream_auth", "credentials"},
        {"err_loading.json", 503, ERR_OVERLOAD, "upstream_overloaded", "Loading model"},
        {"err_404.json", 404, ERR_UPSTREAM, "upstream_not_found", "File Not Found"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err;
        struct buf b;
        engine_classify(cases[i].status, recording(cases[i].name, &b), &err);
        if (err.kind != cases[i].kind || strcmp(err.code, cases[i].code) != 0 ||
            !strstr(err.msg, cases[i].says))
            fail_msg("%s: kind %d, code %s, %s", cases[i].name, err.kind, err.code,
                     err.msg);
        buf_release(&b);
    }
}

static void messages_carry_no_keys_and_are_bounded(void **state)
{
    (void)state;
    struct err err;
    engine_classify(500,
                    STR("{\"error\":\"cannot use sk-proj-Abc_123-xyz or gsk_0123456789 "
                        "(Bearer eyJhbGciOi.J9) but sk-1 is short\"}"),
                    &err);
    assert_string_equal(err.msg, "cannot use *** or *** (***) but sk-1 is short");
    char body[4096] = "{\"error\":\"";
    size_t at = strlen(body);
    for (int i = 0; i < 900; i++)
        memcpy(body + at + 3 * (size_t)i, "\xE6\x97\xA5", 3);
    strcpy(body + at + 2700, "\"}");
    engine_classify(500, str_of(body), &err);
    assert_true(strlen(err.msg) > 200 && strlen(err.msg) < sizeof err.msg);
    assert_int_equal(strlen(err.msg) % 3, 0); /* cut between characters */
    char key[600] = "sk-";
    memset(key + 3, 'k', 500);
    engine_classify(500, str_of(key), &err);
    assert_string_equal(err.msg, "***");
}

static void every_kind_has_its_row(void **state)
{
    (void)state;
    for (int k = 0; k < ENGINE_KINDS; k++) {
        const struct engine_quirks *q = engine_quirks((enum engine_kind)k);
        assert_int_equal(q->kind, k);
        assert_non_null(q->note);
    }
    assert_true(engine_quirks(ENGINE_MISTRAL)->refuses_stream_options);
    assert_true(engine_quirks(ENGINE_LLAMA_SERVER)->cancel_needs_stream);
    assert_int_equal(engine_quirks(ENGINE_KINDS)->kind, ENGINE_OPENAI);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 22);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plain_request_passes_untouched),
        TEST(only_the_model_changes_when_it_is_called_otherwise),
        TEST(usage_is_asked_for_in_every_stream),
        TEST(mistral_gets_no_stream_options),
        TEST(plain_requests_are_streamed_where_leaving_is_not_noticed),
        TEST(defaults_fill_only_what_is_absent),
        TEST(a_default_system_message_comes_first_unless_there_is_one),
        TEST(the_head_says_what_is_wanted),
        TEST(everything_else_survives),
        TEST(whole_answers_are_read),
        TEST(a_200_without_an_answer_is_an_error),
        TEST(what_is_no_json_is_told_from_other_faults),
        TEST(an_object_is_found_between_a_mark_and_an_end_mark),
        TEST(a_body_is_known_by_its_beginning),
        TEST(usage_is_found_in_a_tail),
        TEST(failures_are_told_apart),
        TEST(a_page_is_told_by_its_title_and_status),
        TEST(recorded_failures_are_told_apart),
        TEST(messages_carry_no_keys_and_are_bounded),
        TEST(every_kind_has_its_row),
        TEST(nothing_leaves_without_a_clearance_for_these_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
