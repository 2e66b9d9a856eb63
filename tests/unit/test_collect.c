/* test_collect.c -- streams joined into the one answer that a plain request expects. */
#include "chunks.h"
#include "dialect/dialect.h"
#include "engine/engine.h"
#include "fixture.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

static struct str recording(const char *name, struct buf *b)
{
    char path[128];
    snprintf(path, sizeof path, "llama-server/%s", name);
    return fixture_read(path, b);
}

struct collecting {
    struct engine_collector *collector;
    struct err *err;
};

static int on_collect(void *ctx, const struct event *e)
{
    struct collecting *c = ctx;
    return engine_collect(c->collector, e, c->err);
}

static int collect(enum surface s, struct str in, struct buf *out, struct err *err)
{
    struct engine_decoder d;
    struct collecting c = {engine_collector_create(s, 1 << 20), err};
    engine_decoder_init(&d, SPEECH_OPENAI, s);
    buf_init(out, 1 << 22);
    int status = engine_decode(&d, in, on_collect, &c, err);
    if (status == 0)
        status = engine_decode_end(&d, on_collect, &c, err);
    if (status == 0)
        status = engine_collector_finish(c.collector, &d.usage, out, err);
    engine_collector_free(c.collector);
    engine_decoder_release(&d);
    return status;
}

static json_t *parse(struct str s)
{
    json_error_t e;
    json_t *j = json_loadb(s.p, s.n, JSON_REJECT_DUPLICATES, &e);
    if (!j)
        fail_msg("not JSON: %s in %.*s", e.text, STR_ARG(s));
    return j;
}

static void drop(json_t *object, const char *const *keys)
{
    for (; *keys; keys++)
        json_object_del(object, *keys);
}

/* What differs by nature between two runs: ids, times, what was cached; and that
 * llama-server counts only one choice in a plain answer and writes "" beside calls. */
static void reduce(json_t *answer)
{
    static const char *const top[] = {"id", "created", "timings", "usage", NULL};
    static const char *const call[] = {"id", NULL};
    size_t i, j;
    json_t *choice, *one;
    drop(answer, top);
    json_array_foreach(json_object_get(answer, "choices"), i, choice)
    {
        json_t *message = json_object_get(choice, "message");
        json_array_foreach(json_object_get(message, "tool_calls"), j, one)
        {
            drop(one, call);
        }
        if (json_object_get(message, "tool_calls"))
            json_object_del(message, "content");
    }
}

static void a_collected_stream_equals_the_plain_answer(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *plain; /* the same request, streamed and not */
    } recorded[] = {
        {"chat.sse", "chat.json"},   {"chat_nousage.sse", "chat.json"},
        {"n2.sse", "n2.json"},       {"empty.sse", "empty.json"},
        {"tools.sse", "tools.json"}, {"logprobs.sse", NULL},
        {"multibyte.sse", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(recorded); i++) {
        struct buf a, b, out;
        struct err err;
        struct str stream = recording(recorded[i].stream, &a);
        if (collect(SURFACE_CHAT, stream, &out, &err) != 0)
            fail_msg("%s: %s", recorded[i].stream, err.msg);
        json_t *got = parse(buf_view(&out));
        if (!recorded[i].plain) { /* its being whole and JSON is what is checked */
            json_decref(got);
            buf_release(&a);
            buf_release(&out);
            continue;
        }
        json_t *want = parse(recording(recorded[i].plain, &b));
        reduce(got);
        reduce(want);
        char *g = json_dumps(got, JSON_SORT_KEYS), *w = json_dumps(want, JSON_SORT_KEYS);
        assert_string_equal(g, w);
        free(g);
        free(w);
        json_decref(got);
        json_decref(want);
        buf_release(&a);
        buf_release(&b);
        buf_release(&out);
    }
}

static void check_collected(enum surface s, const char *in, const char *want)
{
    struct buf out;
    struct err err;
    if (collect(s, str_of(in), &out, &err) != 0)
        fail_msg("%s", err.msg);
    json_t *g = parse(buf_view(&out)), *w = parse(str_of(want));
    if (!json_equal(g, w))
        fail_msg("want %s\ngot %.*s", want, STR_ARG(buf_view(&out)));
    json_decref(g);
    json_decref(w);
    buf_release(&out);
}

static void pieces_are_joined(void **state)
{
    (void)state;
#define C(s) "data: {\"id\":\"i\",\"choices\":[" s "]}\n\n"
    check_collected(
        SURFACE_CHAT,
        C("{\"index\":1,\"delta\":{\"role\":\"assistant\",\"content\":null}}")
            C("{\"index\":1,\"delta\":{\"reasoning_content\":\"th\"}}")
                C("{\"index\":1,\"delta\":{\"reasoning_content\":\"ink\"}}")
                    C("{\"index\":1,\"delta\":{\"content\":\"\\ud83c\"}}")
                        C("{\"index\":0,\"delta\":{\"refusal\":\"N\"}}")
                            C("{\"index\":0,\"delta\":{\"refusal\":\"o\"}}") C(
                                "{\"index\":1,\"delta\":{\"content\":\"\\udf0a\"},"
                                "\"stop_reason\":7}")
                                C("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}")
                                    C("{\"index\":1,\"delta\":{},\"finish_reason\":"
                                      "\"length\"}") DONE,
        "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":["
        "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":"
        "\"No\"},\"finish_reason\":\"stop\"},"
        "{\"index\":1,\"message\":{\"role\":\"assistant\",\"content\":\"\\ud83c\\udf0a\","
        "\"reasoning_content\":\"think\"},\"stop_reason\":7,\"finish_reason\":\"length\"}"
        "]}");
}

static void parallel_tool_calls_are_joined_by_index(void **state)
{
    (void)state;
#define T(s) C("{\"index\":0,\"delta\":{\"tool_calls\":[" s "]}}")
    check_collected(
        SURFACE_CHAT,
        T("{\"index\":1,\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\","
          "\"arguments\":\"[\"}}") T("{\"index\":0,\"id\":\"a\",\"type\":\"function\","
                                     "\"function\":{\"name\":\"f\","
                                     "\"arguments\":\"{\\\"\"}}")
            T("{\"index\":1,\"function\":{\"arguments\":\"]\"}},"
              "{\"index\":0,\"function\":{\"arguments\":\"\\\":1}\"}}")
                C("{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}") DONE,
        "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
        "\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
        "{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{\\\"\\\":1}\"}},{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":"
        "\"g\",\"arguments\":\"[]\"}}]},\"finish_reason\":\"tool_calls\"}]}");
}

/* Engines that leave the index out, or give all calls the same. */
static void calls_are_told_apart_by_their_ids_too(void **state)
{
    (void)state;
#define CALL(index, id, name, arguments)                                                 \
    "{" index "\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name   \
    "\",\"arguments\":\"" arguments "\"}}"
#define MORE(index, arguments) "{" index "\"function\":{\"arguments\":\"" arguments "\"}}"
    static const char *const streams[] = {
        T(CALL("", "a", "f", "[1]") "," CALL("", "b", "g", "[2]")),
        T(CALL("", "a", "f", "[1]")) T(CALL("", "b", "g", "[2]")),
        T(CALL("", "a", "f", "[")) T(MORE("", "1]")) T(CALL("", "b", "g", "[2"))
            T(MORE("", "]")),
        T(CALL("\"index\":0,", "a", "f", "[1]")) T(CALL("\"index\":0,", "b", "g", "[2]")),
        T(CALL("\"index\":0,", "a", "f", "[1")) T(MORE("\"index\":0,", "]"))
            T(CALL("\"index\":0,", "b", "g", "[")) T(MORE("\"index\":0,", "2]")),
        T(CALL("\"index\":0,", "a", "f", "[")) T(CALL("\"index\":0,", "a", "f", "1]"))
            T(CALL("\"index\":1,", "b", "g", "[2]")),
        T(CALL("\"index\":null,", "a", "f", "[1]")) T(CALL("", "b", "g", "[2]")),
    };
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        char in[2048];
        snprintf(in, sizeof in, "%s%s", streams[i],
                 C("{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}") DONE);
        check_collected(
            SURFACE_CHAT, in,
            "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
            "\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" CALL(
                "", "a", "f",
                "[1]") "," CALL("", "b", "g",
                                "[2]") "]},"
                                       "\"finish_reason\":\"tool_calls\"}]}");
    }
}

/* Content in parts, perhaps with plain text before or behind; details of reasoning. */
static void lists_in_deltas_are_joined(void **state)
{
    (void)state;
#define D(members) C("{\"index\":0,\"delta\":{" members "}}")
#define PART(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
    static const char *const streams[] = {
        D("\"content\":\"\"") D("\"content\":[" PART("a") "]")
            D("\"content\":[ " PART("b") " ]") D("\"content\":\"\""),
        D("\"content\":[" PART("a") "]") D("\"content\":\"b\"") D("\"content\":[]"),
        D("\"content\":\"a\"") D("\"content\":[" PART("b") "]"),
    };
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        char in[2048];
        snprintf(in, sizeof in, "%s%s%s", streams[i],
                 D("\"reasoning_details\":[1]") D("\"reasoning_details\":[2]"),
                 C("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}") DONE);
        check_collected(
            SURFACE_CHAT, in,
            "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
            "\"message\":{\"role\":\"assistant\",\"content\":[" PART("a") "," PART(
                "b") "],\"reasoning_details\":[1,2]},\"finish_reason\":\"stop\"}]}");
    }
}

static void logprobs_of_both_surfaces_are_joined(void **state)
{
    (void)state;
    check_collected(
        SURFACE_CHAT,
        C("{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":[{\"t\":"
          "1}],"
          "\"refusal\":null}}") C("{\"index\":0,\"delta\":{\"content\":\"b\"},"
                                  "\"logprobs\":{\"content\":[{\"t\":2}]"
                                  ",\"refusal\":null}}")
            C("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"logprobs\":null}")
                DONE,
        "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
        "\"message\":"
        "{\"role\":\"assistant\",\"content\":\"ab\"},\"logprobs\":{\"content\":[{\"t\":1}"
        ","
        "{\"t\":2}],\"refusal\":null},\"finish_reason\":\"stop\"}]}");
    check_collected(
        SURFACE_COMPLETIONS,
        C("{\"index\":0,\"text\":\"a\",\"logprobs\":{\"tokens\":[\"a\"],\"text_offset\":["
          "]}}") C("{\"index\":0,\"text\":\"b\",\"logprobs\":{\"tokens\":[\"b\"],\"text_"
                   "offset\":"
                   "[1]},\"finish_reason\":\"stop\"}") DONE,
        "{\"id\":\"i\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":"
        "\"ab\",\"logprobs\":{\"tokens\":[\"a\",\"b\"],\"text_offset\":[1]},"
        "\"finish_reason\":\"stop\"}]}");
}

static void a_choice_without_a_finish_says_null(void **state)
{
    (void)state;
    check_collected(SURFACE_CHAT, C("{\"index\":0,\"delta\":{\"content\":\"a\"}}") DONE,
                    "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{"
                    "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\"},"
                    "\"finish_reason\":null}]}");
}

/* Some put the whole message so far beside each delta. */
static void a_message_beside_a_delta_is_not_taken_twice(void **state)
{
    (void)state;
    check_collected(
        SURFACE_CHAT,
        C("{\"index\":0,\"delta\":{\"content\":\"a\"},\"message\":{\"content\":\"a\"}}")
            C("{\"index\":0,\"delta\":{\"content\":\"b\"},\"message\":{\"content\":"
              "\"ab\"},"
              "\"finish_reason\":\"stop\"}") DONE,
        "{\"id\":\"i\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
        "\"message\":{\"role\":\"assistant\",\"content\":\"ab\"},\"finish_reason\":"
        "\"stop\"}]}");
}

static void collecting_has_a_bound_and_needs_a_choice(void **state)
{
    (void)state;
    struct buf out;
    struct err err;
    assert_int_equal(collect(SURFACE_CHAT, STR(DONE), &out, &err), -1);
    assert_string_equal(err.code, "upstream_truncated");
    buf_release(&out);
    assert_int_equal(collect(SURFACE_CHAT, STR(EV("{\"error\":\"x\"}")), &out, &err), -1);
    assert_string_equal(err.msg, "x");
    buf_release(&out);
    struct buf big;
    buf_init(&big, 1 << 24);
    for (int i = 0; i < 30000; i++)
        buf_lit(&big, EV(DELTA("0123456789012345678901234567890123456789")));
    assert_int_equal(collect(SURFACE_CHAT, buf_view(&big), &out, &err), -1);
    assert_string_equal(err.code, "upstream_too_large");
    buf_release(&out);
    buf_release(&big);
}

/* They are searched one by one: many would hold up the loop. */
static void an_answer_has_no_thousands_of_members(void **state)
{
    (void)state;
    static const struct {
        int members;
        bool is_fine;
    } cases[] = {{1000, true}, {2000, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf in, out;
        struct err err = {0};
        buf_init(&in, 1 << 20);
        for (int k = 0; k < cases[i].members; k++) {
            char event[128];
            snprintf(event, sizeof event, D("\"member%d\":1"), k);
            buf_append(&in, str_of(event));
        }
        buf_lit(&in, DONE);
        int rc = collect(SURFACE_CHAT, buf_view(&in), &out, &err);
        assert_int_equal(rc, cases[i].is_fine ? 0 : -1);
        if (!cases[i].is_fine)
            assert_string_equal(err.code, "upstream_too_large");
        buf_release(&in);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_collected_stream_equals_the_plain_answer),
        cmocka_unit_test(pieces_are_joined),
        cmocka_unit_test(parallel_tool_calls_are_joined_by_index),
        cmocka_unit_test(calls_are_told_apart_by_their_ids_too),
        cmocka_unit_test(lists_in_deltas_are_joined),
        cmocka_unit_test(logprobs_of_both_surfaces_are_joined),
        cmocka_unit_test(a_choice_without_a_finish_says_null),
        cmocka_unit_test(a_message_beside_a_delta_is_not_taken_twice),
        cmocka_unit_test(collecting_has_a_bound_and_needs_a_choice),
        cmocka_unit_test(an_answer_has_no_thousands_of_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
