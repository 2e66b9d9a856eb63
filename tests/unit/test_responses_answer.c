/* test_responses_answer.c -- what an engine says in the form of OpenAI's Responses, in
 * weir's: streams and whole answers, and the ways in which other gateways have broken
 * them. */
#include "translating.h"

#include <stdio.h>

#define EVENT(name, rest)                                                                \
    "event: response." name "\ndata: {\"type\":\"response." name "\"" rest "}\n\n"
#define START                                                                            \
    EVENT("created",                                                                     \
          ",\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"created_at\":7,"           \
          "\"status\":\"in_progress\",\"output\":[]}")
#define ADDED(index, item)                                                               \
    EVENT("output_item.added", ",\"output_index\":" index ",\"item\":{" item "}")
#define DONE(index, item)                                                                \
    EVENT("output_item.done", ",\"output_index\":" index ",\"item\":{" item "}")
#define DELTA(name, index, text)                                                         \
    EVENT(name ".delta", ",\"output_index\":" index ",\"delta\":\"" text "\"")
#define SAY(index, text) DELTA("output_text", index, text)
#define CALL(id, name, arguments)                                                        \
    "\"type\":\"function_call\",\"id\":\"fc\",\"call_id\":\"" id "\",\"name\":\"" name   \
    "\",\"arguments\":\"" arguments "\""
#define MESSAGE(text)                                                                    \
    "\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_"       \
    "text\","                                                                            \
    "\"text\":\"" text "\",\"annotations\":[]}]"
#define USAGE                                                                            \
    "\"usage\":{\"input_tokens\":10,\"input_tokens_details\":{\"cached_tokens\":4},"     \
    "\"output_tokens\":9,\"output_tokens_details\":{\"reasoning_tokens\":5},"            \
    "\"total_tokens\":19}"
#define OVER                                                                             \
    EVENT("completed", ",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\","      \
                       "\"service_tier\":\"flex\",\"output\":[]," USAGE "}")

static void read_stream(struct told *t, const char *stream)
{
    told_stream(t, SPEECH_RESPONSES, stream, 1 << 20);
}

/* Bugs 28, 35: said in pieces, once more when done and once more at the end, an item is
 * told once. */
static void an_item_is_told_once_however_it_is_cut(void **state)
{
    (void)state;
    const char *stream = START ADDED("0", "\"type\":\"reasoning\",\"summary\":[]")
        EVENT("reasoning_summary_part.added", ",\"output_index\":0,\"summary_index\":0")
            DELTA("reasoning_summary_text", "0", "h") EVENT(
                "reasoning_summary_part.added", ",\"output_index\":0,\"summary_index\":1")
                DELTA("reasoning_summary_text", "0",
                      "m") DONE("0", "\"type\":\"reasoning\",\"summary\":[{\"type\":"
                                     "\"summary_text\",\"text\":\"hm\"}],"
                                     "\"encrypted_content\":\"ENC\"")
                    ADDED("1", "\"type\":\"message\",\"content\":[]") SAY("1", "a")
                        SAY("1", "b\\n") DONE("1", MESSAGE("ab\\n"))
                            ADDED("2", CALL("c1", "look", ""))
                                DELTA("function_call_arguments", "2", "{\\\"q\\\":1.50}")
                                    EVENT("function_call_arguments.done",
                                          ",\"output_index\":2,\"arguments\":"
                                          "\"{\\\"q\\\":1.50}\"")
                                        DONE("2", CALL("c1", "look", "{\\\"q\\\":1.50}"))
                                            OVER;
    for (size_t size = 1; size < 400; size += 9) {
        struct told t;
        struct seal s;
        told_stream(&t, SPEECH_RESPONSES, stream, size);
        assert_false(t.has_failed || t.has_error);
        assert_told(&t.reasoning, "h\n\nm");
        assert_told(&t.text, "ab\n");
        assert_told(&t.id[0], "c1");
        assert_told(&t.name[0], "look");
        assert_told(&t.arguments[0], "{\"q\":1.50}");
        assert_int_equal(t.ncalls, 1);
        assert_told(&t.finish, "tool_calls");
        assert_told(&t.order, "rrrstticpf");
        assert_true(seal_read(buf_view(&t.seals), &s));
        assert_int_equal(s.length, 4);
        assert_true(str_eqz(s.payload, "ENC"));
        assert_int_equal(t.nends, 1);
        assert_int_equal(t.usage.input_tokens, 10);
        assert_int_equal(t.usage.cached_tokens, 4);
        assert_int_equal(t.usage.output_tokens, 9);
        assert_int_equal(t.usage.reasoning_tokens, 5);
        assert_int_equal(t.usage.tier, TIER_FLEX);
        told_release(&t);
    }
}

/* Bugs 3, 36: arguments that come only when they are done, or never. */
static void what_came_in_no_piece_is_taken_from_the_whole(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, START ADDED("0", CALL("c1", "look", ""))
                        EVENT("function_call_arguments.done",
                              ",\"output_index\":0,\"arguments\":\"{\\\"q\\\":1}\"")
                            DONE("0", CALL("c1", "look", "{\\\"q\\\":1}"))
                                ADDED("1", CALL("c2", "find", ""))
                                    DONE("1", CALL("c2", "find", ""))
                                        DONE("2", CALL("c3", "put", "{\\\"a\\\":2}"))
                                            ADDED("3", CALL("c4", "get", "")) OVER);
    assert_int_equal(t.ncalls, 4);
    assert_told(&t.arguments[0], "{\"q\":1}");
    assert_told(&t.arguments[1], "{}");
    assert_told(&t.name[2], "put");
    assert_told(&t.arguments[2], "{\"a\":2}");
    assert_told(&t.arguments[3], "{}");
    told_release(&t);
    read_stream(&t, START DONE("0", MESSAGE("late")) OVER);
    assert_told(&t.text, "late");
    told_release(&t);
    read_stream(
        &t, START EVENT("completed",
                        ",\"response\":{\"status\":\"completed\",\"output\":[{" MESSAGE(
                            "last") "}]}"));
    assert_told(&t.text, "last");
    assert_told(&t.finish, "stop");
    told_release(&t);
}

/* Bugs 16, 22, 29: by their index, whatever comes between. */
static void pieces_find_their_item_by_its_index(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t, START ADDED("0", CALL("c1", "look", "")) ADDED("1", CALL("c2", "find", ""))
                DELTA("function_call_arguments", "1", "{\\\"b\\\":")
                    DELTA("function_call_arguments", "0", "{}") SAY("2", "text")
                        DELTA("function_call_arguments", "1", "2}") OVER);
    assert_told(&t.arguments[0], "{}");
    assert_told(&t.arguments[1], "{\"b\":2}");
    assert_told(&t.text, "text");
    told_release(&t);
}

static void a_custom_tools_input_is_one_text(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t,
                START ADDED("0", "\"type\":\"custom_tool_call\",\"call_id\":\"c1\","
                                 "\"name\":\"patch\",\"input\":\"\"")
                    DELTA("custom_tool_call_input", "0", "a \\\"b\\\"\\n")
                        DELTA("custom_tool_call_input", "0", "\\u00e9\\\\")
                            DONE("0", "\"type\":\"custom_tool_call\",\"call_id\":\"c1\","
                                      "\"name\":\"patch\",\"input\":\"a\"") OVER);
    assert_told(&t.arguments[0], "{\"input\":\"a \\\"b\\\"\\n\xc3\xa9\\\\\"}");
    told_release(&t);
    read_stream(&t, START DONE("0", "\"type\":\"custom_tool_call\",\"call_id\":\"c1\","
                                    "\"name\":\"patch\",\"input\":\"x\"") OVER);
    assert_told(&t.arguments[0], "{\"input\":\"x\"}");
    told_release(&t);
}

static void every_way_to_end_has_its_word(void **state)
{
    (void)state;
    static const struct {
        const char *details, *finish;
    } rows[] = {
        {"{\"reason\":\"max_output_tokens\"}", "length"},
        {"{\"reason\":\"content_filter\"}", "content_filter"},
        {"null", "length"},
        {"{\"reason\":\"steered\"}", "steered"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        char stream[1024];
        snprintf(stream, sizeof stream,
                 START SAY("0", "a")
                     EVENT("incomplete", ",\"response\":{\"status\":\"incomplete\","
                                         "\"incomplete_details\":%s," USAGE "}"),
                 rows[i].details);
        read_stream(&t, stream);
        assert_told(&t.finish, rows[i].finish);
        assert_int_equal(t.usage.output_tokens, 9);
        told_release(&t);
    }
}

static void refusals_and_sources_are_told(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t,
        START DELTA("refusal", "0", "I must not.") SAY("1", "see")
            EVENT("output_text.annotation.added",
                  ",\"output_index\":1,\"annotation\":{\"type\":\"url_citation\",\"url\":"
                  "\"https://a.test\",\"title\":\"A\",\"start_index\":1,\"end_index\":3}")
                EVENT("output_text.annotation.added",
                      ",\"output_index\":1,\"annotation\":{\"type\":\"file_citation\","
                      "\"file_id\":\"f\"}") OVER);
    assert_told(&t.refusal, "I must not.");
    assert_told(
        &t.annotations,
        "[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"https://a.test\","
        "\"title\":\"A\",\"start_index\":1,\"end_index\":3}}]");
    told_release(&t);
}

/* With the pieces, or only when the text is done. */
static void how_likely_it_was_stands_beside_the_text(void **state)
{
    (void)state;
    static const char *const streams[] = {
        START EVENT("output_text.delta",
                    ",\"output_index\":0,\"delta\":\"a\",\"logprobs\":"
                    "[{\"token\":\"a\",\"logprob\":-0.5}]") OVER,
        START SAY("0", "a") DONE("0", "\"type\":\"message\",\"content\":[{\"type\":"
                                      "\"output_text\",\"text\":\"a\",\"logprobs\":[{"
                                      "\"token\":\"a\",\"logprob\":-0.5}]}]") OVER};
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        struct told t;
        read_stream(&t, streams[i]);
        assert_told(&t.text, "a");
        assert_told(&t.logprobs, "{\"content\":[{\"token\":\"a\",\"logprob\":-0.5}]}");
        told_release(&t);
    }
}

static void what_cannot_be_told_is_an_error_that_says_what(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *words;
    } rows[] = {
        {START ADDED("0", "\"type\":\"computer_call\""), "'computer_call'"},
        {START ADDED("0", "\"type\":\"function_call\",\"call_id\":\"c\""),
         "without a name"},
        {START DELTA("function_call_arguments", "0", "{}"),
         "'function_call_arguments.delta'"},
        {START SAY("0", "a") DELTA("function_call_arguments", "0", "{}"),
         "'function_call_arguments.delta'"},
        {START ADDED("0", CALL("c", "f", "")) ADDED("0", CALL("d", "f", "")),
         "'output_item.added'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        read_stream(&t, rows[i].stream);
        if (!t.has_failed || !strstr(t.error.msg, rows[i].words))
            fail_msg("%zu: %s", i, t.has_failed ? t.error.msg : "no error");
        assert_int_equal(t.error.kind, ERR_UPSTREAM);
        told_release(&t);
    }
}

static void failures_have_their_kind(void **state)
{
    (void)state;
    static const struct {
        const char *event;
        enum err_kind kind;
        const char *words;
    } rows[] = {
        {EVENT("failed", ",\"response\":{\"status\":\"failed\",\"error\":{\"code\":"
                         "\"server_error\",\"message\":\"It broke\"}}"),
         ERR_UPSTREAM, "It broke"},
        {EVENT("failed", ",\"response\":{\"status\":\"failed\",\"error\":{\"code\":"
                         "\"rate_limit_exceeded\",\"message\":\"Slow down\"}}"),
         ERR_RATE_LIMIT, "Slow down"},
        {EVENT("failed", ",\"response\":{\"status\":\"failed\",\"error\":null}"),
         ERR_UPSTREAM, "does not say why"},
        {"event: error\ndata: "
         "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"It "
         "broke\",\"param\":null}\n\n",
         ERR_UPSTREAM, "It broke"},
        {"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"server_error\","
         "\"message\":\"It broke\"}}\n\n",
         ERR_UPSTREAM, "It broke"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        char stream[1024];
        snprintf(stream, sizeof stream, "%s%s%s", START, SAY("0", "a"), rows[i].event);
        read_stream(&t, stream);
        assert_true(t.has_error);
        assert_int_equal(t.error.kind, rows[i].kind);
        if (!strstr(t.error.msg, rows[i].words))
            fail_msg("%zu: %s", i, t.error.msg);
        assert_false(t.is_finished);
        told_release(&t);
    }
}

static void what_is_not_known_is_stepped_over(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t, START EVENT("weather.changed", "") "data: {\"type\":\"keepalive\"}\n\n" ADDED(
                "0", "\"type\":\"web_search_call\"")
                EVENT("web_search_call.searching", ",\"output_index\":0")
                    DONE("0", "\"type\":\"web_search_call\"") SAY("1", "a")
                        OVER SAY("1", "late"));
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.text, "a");
    told_release(&t);
}

static void a_whole_answer_says_the_same_as_a_stream(void **state)
{
    (void)state;
    struct told t;
    told_whole(
        &t, SPEECH_RESPONSES,
        "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"error\":"
        "null,\"model\":\"m\",\"created_at\":7,\"output\":[{\"type\":\"reasoning\","
        "\"summary\":[{\"type\":\"summary_text\",\"text\":\"h\"},{\"type\":"
        "\"summary_text\",\"text\":\"m\"}],\"encrypted_content\":\"ENC\"},{"
        "\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\","
        "\"annotations\":[{\"type\":\"url_citation\",\"url\":\"https://a.test\"}]},{"
        "\"type\":\"refusal\",\"refusal\":\"no\"}]},{" CALL("c1", "look",
                                                            "{}") "}]," USAGE "}");
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.reasoning, "h\n\nm");
    assert_told(&t.text, "a");
    assert_told(&t.refusal, "no");
    assert_told(&t.arguments[0], "{}");
    assert_told(&t.finish, "tool_calls");
    assert_int_equal(t.usage.input_tokens, 10);
    assert_true(str_find(buf_view(&t.annotations), STR("https://a.test")) >= 0);
    assert_true(str_find(buf_view(&t.seals), STR("weir1:issuer-1:t:4:0:ENC")) >= 0);
    told_release(&t);
    told_whole(&t, SPEECH_RESPONSES, "{\"status\":\"in_progress\",\"output\":[]}");
    assert_true(t.has_failed);
    assert_string_equal(t.error.code, "upstream_truncated");
    told_release(&t);
    told_whole(
        &t, SPEECH_RESPONSES,
        "{\"status\":\"failed\",\"output\":[],\"error\":{\"code\":\"server_error\","
        "\"message\":\"It broke\"}}");
    assert_true(t.has_error);
    told_release(&t);
}

/* The client gets the engine's own bytes: it may know what weir does not. */
static void where_its_own_bytes_pass_nothing_is_too_new(void **state)
{
    (void)state;
    struct told t;
    told_naming.is_own = true;
    read_stream(&t, START ADDED("0", "\"type\":\"computer_call\"") SAY("1", "a") OVER);
    told_naming.is_own = false;
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.text, "a");
    assert_told(&t.finish, "stop");
    told_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_its_own_bytes_pass_nothing_is_too_new),
        cmocka_unit_test(an_item_is_told_once_however_it_is_cut),
        cmocka_unit_test(what_came_in_no_piece_is_taken_from_the_whole),
        cmocka_unit_test(pieces_find_their_item_by_its_index),
        cmocka_unit_test(a_custom_tools_input_is_one_text),
        cmocka_unit_test(every_way_to_end_has_its_word),
        cmocka_unit_test(refusals_and_sources_are_told),
        cmocka_unit_test(how_likely_it_was_stands_beside_the_text),
        cmocka_unit_test(what_cannot_be_told_is_an_error_that_says_what),
        cmocka_unit_test(failures_have_their_kind),
        cmocka_unit_test(what_is_not_known_is_stepped_over),
        cmocka_unit_test(a_whole_answer_says_the_same_as_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
