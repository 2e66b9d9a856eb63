/* test_anthropic_answer.c -- what an engine says in Anthropic's form, in weir's: streams
 * and whole answers, and the ways in which other gateways have broken them. */
#include "translating.h"

#include <stdio.h>

#define EVENT(name, rest) "event: " name "\ndata: {\"type\":\"" name "\"" rest "}\n\n"
#define START(usage)                                                                     \
    EVENT("message_start",                                                               \
          ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":"                \
          "\"assistant\",\"content\":[],\"model\":\"claude\","                           \
          "\"stop_reason\":null,\"usage\":{" usage "}}")
#define BEGIN(index, block)                                                              \
    EVENT("content_block_start", ",\"index\":" index ",\"content_block\":{" block "}")
#define DELTA(index, delta)                                                              \
    EVENT("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define END(index) EVENT("content_block_stop", ",\"index\":" index)
#define STOP(delta, usage)                                                               \
    EVENT("message_delta", ",\"delta\":{" delta "},\"usage\":{" usage "}")
#define OVER             EVENT("message_stop", "")
#define TEXT(index)      BEGIN(index, "\"type\":\"text\",\"text\":\"\"")
#define SAY(index, text) DELTA(index, "\"type\":\"text_delta\",\"text\":\"" text "\"")
#define THINK(index, text)                                                               \
    DELTA(index, "\"type\":\"thinking_delta\",\"thinking\":\"" text "\"")
#define SIGN(index, text)                                                                \
    DELTA(index, "\"type\":\"signature_delta\",\"signature\":\"" text "\"")
#define TOOL(index, id, name)                                                            \
    BEGIN(index,                                                                         \
          "\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"" name "\",\"input\":{}")
#define INPUT(index, text)                                                               \
    DELTA(index, "\"type\":\"input_json_delta\",\"partial_json\":\"" text "\"")
#define USED "\"input_tokens\":4,\"output_tokens\":1"
#define END_TURN                                                                         \
    STOP("\"stop_reason\":\"end_turn\",\"stop_sequence\":null", "\"output_tokens\":9")

static void read_stream(struct told *t, const char *stream)
{
    told_stream(t, SPEECH_ANTHROPIC, stream, 1 << 20);
}

/* Bugs 1 and 2: the kind of a block is that of its start, and no token is lost at it. */
static void blocks_follow_each_other_and_nothing_of_them_is_lost(void **state)
{
    (void)state;
    const char *stream = START(USED)
        BEGIN("0", "\"type\":\"thinking\",\"thinking\":\"h\","
                   "\"signature\":\"\"") THINK("0", "m") SIGN("0", "SIG\\u003d") END("0")
            BEGIN("1", "\"type\":\"text\",\"text\":\"a\"") SAY("1", "b\\n") END("1")
                TEXT("2") SAY("2", "c") END("2") END_TURN OVER;
    for (size_t size = 1; size < 300; size += 7) {
        struct told t;
        told_stream(&t, SPEECH_ANTHROPIC, stream, size);
        assert_false(t.has_failed || t.has_error);
        assert_told(&t.reasoning, "hm");
        assert_told(&t.text, "ab\nc");
        assert_told(&t.finish, "stop");
        assert_told(&t.order, "rrstttf");
        assert_int_equal(t.nends, 1);
        assert_true(t.is_finished);
        told_release(&t);
    }
}

static void a_signature_is_sealed_behind_its_thought(void **state)
{
    (void)state;
    struct told t;
    struct seal s;
    struct str first, rest;
    read_stream(&t,
                START(USED) BEGIN("0", "\"type\":\"thinking\",\"thinking\":\"\"")
                    THINK("0", "caf\\u00e9") SIGN("0", "S1") END("0")
                        BEGIN("1", "\"type\":\"redacted_thinking\",\"data\":\"R\\/2\"")
                            END("1") END_TURN OVER);
    rest = buf_view(&t.seals);
    assert_true(str_split(&rest, '\n', &first));
    assert_true(seal_read(first, &s));
    assert_int_equal(s.kind, SEAL_THOUGHT);
    assert_true(str_eqz(s.issuer, "issuer-1"));
    assert_int_equal(s.length, strlen("caf\xc3\xa9"));
    assert_true(str_eqz(s.payload, "S1"));
    assert_int_equal(s.call.n, 16);
    assert_true(seal_read(rest, &s));
    assert_int_equal(s.kind, SEAL_REDACTED);
    assert_true(str_eqz(s.payload, "R/2"));
    told_release(&t);
}

/* Bugs 3, 21, 22, 23, 36: fragments as they are, an index for each call, {} for none. */
static void calls_have_their_own_numbers_and_exact_arguments(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t,
        START(USED) BEGIN("0", "\"type\":\"thinking\",\"thinking\":\"x\"") END("0")
            TOOL("1", "t1", "look") INPUT("1", "") INPUT("1", "{\\\"q\\\":")
                INPUT("1", " 1.50}") END("1") TOOL("2", "t2", "find") END("2")
                    BEGIN("3", "\"type\":\"tool_use\",\"id\":\"t3\",\"name\":\"put\","
                               "\"input\":{\"a\":1}") END("3")
                        STOP("\"stop_reason\":\"tool_use\"", "\"output_tokens\":9") OVER);
    assert_int_equal(t.ncalls, 3);
    assert_told(&t.id[0], "t1");
    assert_told(&t.name[0], "look");
    assert_told(&t.arguments[0], "{\"q\": 1.50}");
    assert_told(&t.id[1], "t2");
    assert_told(&t.arguments[1], "{}");
    assert_told(&t.name[2], "put");
    assert_told(&t.arguments[2], "{\"a\":1}");
    assert_told(&t.finish, "tool_calls");
    told_release(&t);
}

/* Bugs 15, 16: a second stop of a block, blocks that overlap. */
static void blocks_may_overlap_and_stop_twice(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, START(USED) TOOL("0", "t1", "look") TOOL("1", "t2", "find")
                        INPUT("1", "{}") INPUT("0", "{\\\"q\\\":1}") END("0") END("0")
                            END("1") STOP("\"stop_reason\":\"end_turn\"", "") OVER);
    assert_int_equal(t.ncalls, 2);
    assert_told(&t.arguments[0], "{\"q\":1}");
    assert_told(&t.arguments[1], "{}");
    assert_told(&t.finish, "tool_calls"); /* else nobody would run them */
    told_release(&t);
}

/* Bug 7. */
static void a_delta_of_a_block_that_was_not_begun_begins_it(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, START(USED) SAY("0", "a") END_TURN OVER);
    assert_told(&t.text, "a");
    told_release(&t);
    read_stream(&t, START(USED) INPUT("0", "{}") END_TURN OVER);
    assert_true(t.has_failed);
    assert_string_equal(t.error.code, "upstream_bad_answer");
    told_release(&t);
}

/* Bugs 19, 20: the last count holds, and what the cache gave is input. */
static void counts_are_those_said_last(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t, START("\"input_tokens\":10,\"cache_read_input_tokens\":0,\"cache_creation\":{"
                  "\"ephemeral_5m_input_tokens\":2,\"ephemeral_1h_input_tokens\":5},"
                  "\"cache_creation_input_tokens\":7,\"output_tokens\":1,"
                  "\"service_tier\":\"priority\"") TEXT("0") SAY("0", "a") END("0")
                STOP("\"stop_reason\":\"end_turn\"", "\"output_tokens\":3")
                    STOP("\"stop_reason\":null",
                         "\"input_tokens\":null,\"cache_read_input_tokens\":100,"
                         "\"output_tokens\":30,\"output_tokens_details\":{"
                         "\"thinking_tokens\":20}") OVER);
    assert_int_equal(t.usage.input_tokens, 117);
    assert_int_equal(t.usage.cached_tokens, 100);
    assert_int_equal(t.usage.cache_write_tokens, 7);
    assert_int_equal(t.usage.output_tokens, 30);
    assert_int_equal(t.usage.reasoning_tokens, 20);
    assert_int_equal(t.usage.tier, TIER_PRIORITY);
    assert_true(t.usage.has_unpriced); /* an hour in the cache */
    told_release(&t);
    /* One that breaks off: what went in is known, what came out is not. */
    read_stream(&t,
                START("\"input_tokens\":10,\"output_tokens\":1") TEXT("0") SAY("0", "a"));
    assert_int_equal(t.usage.input_tokens, 10);
    assert_int_equal(t.usage.output_tokens, 0);
    assert_false(t.is_finished);
    told_release(&t);
}

static void every_way_to_stop_has_its_word(void **state)
{
    (void)state;
    static const struct {
        const char *delta, *finish, *stopped_by, *refusal;
    } rows[] = {
        {"\"stop_reason\":\"end_turn\"", "stop", "", ""},
        {"\"stop_reason\":\"max_tokens\"", "length", "", ""},
        {"\"stop_reason\":\"model_context_window_exceeded\"", "length", "", ""},
        {"\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"\\n\\n\"", "stop", "\n\n",
         ""},
        /* Bugs 37, 38. */
        {"\"stop_reason\":\"refusal\",\"stop_details\":{\"type\":\"refusal\","
         "\"category\":"
         "\"bio\",\"explanation\":\"I must not.\"}",
         "content_filter", "", "I must not."},
        {"\"stop_reason\":\"refusal\",\"stop_details\":null", "content_filter", "", ""},
        {"\"stop_reason\":\"yet_unknown\"", "yet_unknown", "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        char stream[2048];
        snprintf(stream, sizeof stream,
                 START(USED) TEXT("0") SAY("0", "a") END("0")
                     STOP("%s", "\"output_tokens\":2") OVER,
                 rows[i].delta);
        read_stream(&t, stream);
        assert_told(&t.finish, rows[i].finish);
        assert_told(&t.stopped_by, rows[i].stopped_by);
        assert_told(&t.refusal, rows[i].refusal);
        told_release(&t);
    }
}

static void sources_are_where_they_were_named(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t,
        START(USED) TEXT("0") SAY("0", "So: ") END("0") BEGIN(
            "1", "\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\","
                 "\"input\":{}") INPUT("1", "{}") END("1")
            BEGIN("2", "\"type\":\"web_search_tool_result\",\"tool_use_id\":\"s\","
                       "\"content\":[]") END("2") TEXT("3")
                DELTA("3", "\"type\":\"citations_delta\",\"citation\":{\"type\":"
                           "\"web_search_result_location\",\"url\":\"https://a.test\","
                           "\"title\":\"A\",\"encrypted_index\":\"e\"}")
                    SAY("3", "caf\\u00e9") END("3") END_TURN OVER);
    assert_told(&t.text, "So: caf\xc3\xa9");
    assert_told(
        &t.annotations,
        "[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"https://a.test\","
        "\"title\":\"A\",\"start_index\":4,\"end_index\":8}}]");
    assert_int_equal(t.ncalls, 0);
    told_release(&t);
}

static void what_cannot_be_told_is_an_error_that_says_what(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *words;
    } rows[] = {
        {START(USED) TEXT("0") STOP("\"stop_reason\":\"pause_turn\"", "") OVER,
         "pause_turn"},
        {START(USED) BEGIN("0", "\"type\":\"hologram\"") END("0") END_TURN OVER,
         "'hologram'"},
        {START(USED) TEXT("0") DELTA("0", "\"type\":\"smell_delta\"") END_TURN OVER,
         "'smell_delta'"},
        {START(USED) TEXT("0") INPUT("0", "{}") END_TURN OVER, "'input_json_delta'"},
        {START(USED) TEXT("0") TEXT("0") END_TURN OVER, "'text'"},
        {START(USED) BEGIN("0", "\"type\":\"tool_use\",\"id\":\"t\"") OVER,
         "without a name"},
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

/* Bug 39, and events that are yet to be invented. */
static void nothing_is_made_of_what_says_nothing(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, ": hello\n\n" EVENT("ping", "") START(USED) EVENT("weather", "")
                        TEXT("0") SAY("0", "a") START(USED) END("0") END_TURN OVER
                "data: [DONE]\n\n" SAY("0", "late"));
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.text, "a");
    assert_int_equal(t.nends, 1);
    told_release(&t);
}

static void errors_in_the_stream_have_their_kind(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum err_kind kind;
        const char *code;
    } rows[] = {
        {"overloaded_error", ERR_OVERLOAD, "upstream_overloaded"},
        {"rate_limit_error", ERR_RATE_LIMIT, "upstream_rate_limit"},
        {"authentication_error", ERR_UPSTREAM, "upstream_auth"},
        {"permission_error", ERR_UPSTREAM, "upstream_auth"},
        {"billing_error", ERR_UPSTREAM, "upstream_payment"},
        {"not_found_error", ERR_UPSTREAM, "upstream_not_found"},
        {"request_too_large", ERR_TOO_LARGE, "upstream_body_too_large"},
        {"timeout_error", ERR_TIMEOUT, "upstream_timeout"},
        {"api_error", ERR_UPSTREAM, "upstream_error"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        char stream[1024];
        snprintf(stream, sizeof stream,
                 START(USED) TEXT("0") SAY("0", "a")
                     EVENT("error", ",\"error\":{\"type\":\"%s\",\"message\":\"Sorry\"}"),
                 rows[i].type);
        read_stream(&t, stream);
        assert_true(t.has_error);
        if (t.error.kind != rows[i].kind || strcmp(t.error.code, rows[i].code) != 0)
            fail_msg("%s is %s", rows[i].type, t.error.code);
        assert_false(t.is_finished);
        told_release(&t);
    }
}

static void a_whole_answer_says_the_same_as_a_stream(void **state)
{
    (void)state;
    struct told t;
    told_whole(&t, SPEECH_ANTHROPIC,
               "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
               "\"claude\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"h\","
               "\"signature\":\"S\"},{\"type\":\"thinking\",\"thinking\":\"m\","
               "\"signature\":\"T\"},{\"type\":\"text\",\"text\":\"a\",\"citations\":[{"
               "\"type\":\"search_result_location\",\"source\":\"https://b.test\","
               "\"title\":null}]},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"look\","
               "\"input\":{}},{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"find\","
               "\"input\":{\"q\":1.50}}],\"stop_reason\":\"tool_use\",\"stop_sequence\":"
               "null,\"usage\":{\"input_tokens\":4,\"cache_creation_input_tokens\":3,"
               "\"cache_creation\":{\"ephemeral_1h_input_tokens\":3},\"output_tokens\":9,"
               "\"service_tier\":\"batch\"}}");
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.reasoning, "hm");
    assert_told(&t.text, "a");
    assert_true(str_find(buf_view(&t.annotations), STR("https://b.test")) >= 0);
    assert_told(&t.arguments[0], "{}");
    assert_told(&t.arguments[1], "{\"q\":1.50}");
    assert_told(&t.finish, "tool_calls");
    assert_int_equal(t.usage.input_tokens, 7);
    assert_int_equal(t.usage.output_tokens, 9);
    assert_int_equal(t.usage.tier, TIER_BATCH);
    assert_true(t.usage.has_unpriced);
    assert_true(str_find(buf_view(&t.seals), STR("\n")) > 0); /* two of them */
    told_release(&t);
}

static void a_whole_answer_that_is_none_says_why(void **state)
{
    (void)state;
    struct told t;
    told_whole(&t, SPEECH_ANTHROPIC,
               "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
               "\"Overloaded\"},\"request_id\":\"r\"}");
    assert_true(t.has_error);
    assert_int_equal(t.error.kind, ERR_OVERLOAD);
    told_release(&t);
    told_whole(&t, SPEECH_ANTHROPIC,
               "{\"type\":\"message\",\"content\":[],\"stop_reason\":null}");
    assert_true(t.has_failed);
    assert_string_equal(t.error.code, "upstream_truncated");
    told_release(&t);
    told_whole(
        &t, SPEECH_ANTHROPIC,
        "{\"type\":\"message\",\"content\":\"text\",\"stop_reason\":\"end_turn\"}");
    assert_true(t.has_failed);
    assert_string_equal(t.error.code, "upstream_bad_answer");
    told_release(&t);
}

/* The client gets the engine's own bytes: it may know what weir does not. */
static void where_its_own_bytes_pass_nothing_is_too_new(void **state)
{
    (void)state;
    struct told t;
    told_naming.is_own = true;
    read_stream(&t, START(USED) BEGIN("0", "\"type\":\"hologram\"")
                        DELTA("0", "\"type\":\"smell_delta\"") END("0") TEXT("1")
                            DELTA("1", "\"type\":\"smell_delta\"") SAY("1", "a") END("1")
                                STOP("\"stop_reason\":\"pause_turn\"", "") OVER);
    told_naming.is_own = false;
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.text, "a");
    assert_told(&t.finish, "pause_turn");
    told_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_its_own_bytes_pass_nothing_is_too_new),
        cmocka_unit_test(blocks_follow_each_other_and_nothing_of_them_is_lost),
        cmocka_unit_test(a_signature_is_sealed_behind_its_thought),
        cmocka_unit_test(calls_have_their_own_numbers_and_exact_arguments),
        cmocka_unit_test(blocks_may_overlap_and_stop_twice),
        cmocka_unit_test(a_delta_of_a_block_that_was_not_begun_begins_it),
        cmocka_unit_test(counts_are_those_said_last),
        cmocka_unit_test(every_way_to_stop_has_its_word),
        cmocka_unit_test(sources_are_where_they_were_named),
        cmocka_unit_test(what_cannot_be_told_is_an_error_that_says_what),
        cmocka_unit_test(nothing_is_made_of_what_says_nothing),
        cmocka_unit_test(errors_in_the_stream_have_their_kind),
        cmocka_unit_test(a_whole_answer_says_the_same_as_a_stream),
        cmocka_unit_test(a_whole_answer_that_is_none_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
