/* test_gemini_answer.c -- what an engine says in Gemini's form, in weir's: streams and
 * whole answers, and the ways in which other gateways have broken them. */
#include "translating.h"

#include <stdio.h>

#define EVENT(members) "data: {" members "}\r\n\r\n"
#define CANDIDATE(parts, more)                                                           \
    "\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" parts "]}" more       \
    ",\"index\":0}],\"modelVersion\":\"gemini\",\"responseId\":\"r1\""
#define PART(parts) EVENT(CANDIDATE(parts, ""))
#define USED(in, out)                                                                    \
    ",\"usageMetadata\":{\"promptTokenCount\":" in ",\"candidatesTokenCount\":" out      \
    ",\"totalTokenCount\":99}"
#define OVER(reason)                                                                     \
    EVENT(CANDIDATE("{\"text\":\"\"}",                                                   \
                    ",\"finishReason\":\"" reason                                        \
                    "\"") ",\"usageMetadata\":{\"promptTokenCount\":10,"                 \
                          "\"cachedContentTokenCount\":4,"                               \
                          "\"candidatesTokenCount\":5,\"thoughtsTokenCount\":7,"         \
                          "\"toolUsePromptTokenCount\":3,\"totalTokenCount\":25}")

static void read_stream(struct told *t, const char *stream)
{
    told_stream(t, SPEECH_GEMINI, stream, 1 << 20);
}

static void parts_follow_each_other_however_they_are_cut(void **state)
{
    (void)state;
    const char *stream =
        EVENT(CANDIDATE("{\"text\":\"h\",\"thought\":true}",
                        "") ",\"usageMetadata\":{\"promptTokenCount\":10}")
            PART("{\"text\":\"m\",\"thought\":true},{\"text\":\"a\"}")
                PART("{\"text\":\"b\\n\"},{\"executableCode\":{\"code\":\"x\"}}")
                    OVER("STOP");
    for (size_t size = 1; size < 400; size += 9) {
        struct told t;
        told_stream(&t, SPEECH_GEMINI, stream, size);
        assert_false(t.has_failed || t.has_error);
        assert_told(&t.reasoning, "hm");
        assert_told(&t.text, "ab\n");
        assert_told(&t.finish, "stop");
        assert_told(&t.order, "rrttf");
        assert_int_equal(t.nends, 1);
        assert_true(t.is_finished);
        told_release(&t);
    }
}

/* Bugs 4, 14, 23, 33, 36: whole, an index and an id for each, {} for none, and a reason
 * that says so. */
static void calls_come_whole_with_numbers_and_ids(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, PART("{\"functionCall\":{\"name\":\"look\",\"args\":{\"q\":1.50}}},{"
                         "\"functionCall\":{\"name\":\"find\",\"id\":\"own\"}}")
                        PART("{\"functionCall\":{\"name\":\"put\",\"args\":{}}}")
                            OVER("STOP"));
    assert_int_equal(t.ncalls, 3);
    assert_told(&t.name[0], "look");
    assert_told(&t.arguments[0], "{\"q\":1.50}");
    assert_told(&t.id[0], "call_bbbbbbbbbbbbbbbl_0_0");
    assert_told(&t.id[1], "own");
    assert_told(&t.arguments[1], "{}");
    assert_told(&t.name[2], "put");
    assert_told(&t.id[2], "call_bbbbbbbbbbbbbbbl_0_2");
    assert_told(&t.arguments[2], "{}");
    assert_told(&t.finish, "tool_calls");
    told_release(&t);
}

/* Bug 18: the signature of a call stands before it, and names it. */
static void signatures_are_sealed_for_what_they_sign(void **state)
{
    (void)state;
    struct told t;
    struct seal s;
    struct str first, rest;
    read_stream(&t, PART("{\"text\":\"a\"}") PART(
                        "{\"functionCall\":{\"name\":\"look\"},\"thoughtSignature\":"
                        "\"S1\"}") PART("{\"text\":\"\",\"thoughtSignature\":\"S2\"}")
                        OVER("STOP"));
    assert_told(&t.order, "tsicpsf");
    rest = buf_view(&t.seals);
    assert_true(str_split(&rest, '\n', &first));
    assert_true(seal_read(first, &s));
    assert_int_equal(s.kind, SEAL_CALL);
    assert_true(str_eqz(s.issuer, "issuer-1"));
    assert_true(str_eq(s.call, buf_view(&t.id[0])));
    assert_true(str_eqz(s.payload, "S1"));
    assert_true(seal_read(rest, &s));
    assert_int_equal(s.kind, SEAL_TEXT);
    assert_true(str_eqz(s.payload, "S2"));
    told_release(&t);
}

/* Bugs 19, 20: they grow from event to event; thoughts and what tools read count too. */
static void counts_are_those_said_last(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, EVENT(CANDIDATE("{\"text\":\"a\"}", "") USED("10", "1")) EVENT(
                        CANDIDATE("{\"text\":\"b\"}", "") USED("10", "2")) OVER("STOP"));
    assert_int_equal(t.usage.input_tokens, 13);
    assert_int_equal(t.usage.cached_tokens, 4);
    assert_int_equal(t.usage.output_tokens, 12);
    assert_int_equal(t.usage.reasoning_tokens, 7);
    told_release(&t);
    read_stream(&t, EVENT(CANDIDATE("{\"text\":\"a\"}", "") USED("10", "1")));
    assert_int_equal(t.usage.input_tokens, 10);
    assert_int_equal(t.usage.output_tokens, 0);
    assert_false(t.is_finished);
    told_release(&t);
}

static void every_way_to_stop_has_its_word(void **state)
{
    (void)state;
    static const struct {
        const char *reason, *finish;
    } rows[] = {
        {"STOP", "stop"},
        {"MAX_TOKENS", "length"},
        {"SAFETY", "content_filter"},
        {"RECITATION", "content_filter"},
        {"PROHIBITED_CONTENT", "content_filter"},
        {"SPII", "content_filter"},
        {"OTHER", "OTHER"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        char stream[1024];
        snprintf(stream, sizeof stream,
                 PART("{\"text\":\"a\"}")
                     EVENT(CANDIDATE("", ",\"finishReason\":\"%s\"")),
                 rows[i].reason);
        read_stream(&t, stream);
        assert_told(&t.finish, rows[i].finish);
        assert_true(t.is_finished);
        told_release(&t);
    }
}

static void a_prompt_that_is_blocked_ends_as_filtered(void **state)
{
    (void)state;
    struct told t;
    const char *blocked =
        "{\"promptFeedback\":{\"blockReason\":\"SAFETY\",\"blockReasonMessage\":\"No.\"},"
        "\"usageMetadata\":{\"promptTokenCount\":4,\"totalTokenCount\":4}}";
    char stream[512];
    snprintf(stream, sizeof stream, "data: %s\n\n", blocked);
    read_stream(&t, stream);
    assert_told(&t.finish, "content_filter");
    assert_told(&t.refusal, "No.");
    assert_int_equal(t.usage.input_tokens, 4);
    told_release(&t);
    told_whole(&t, SPEECH_GEMINI, blocked);
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.finish, "content_filter");
    told_release(&t);
}

static void several_candidates_are_several_choices(void **state)
{
    (void)state;
    struct told t;
    read_stream(
        &t,
        EVENT("\"candidates\":[{\"index\":0,\"content\":{\"parts\":[{\"text\":\"a\"}]}},{"
              "\"index\":1,\"content\":{\"parts\":[{\"text\":\"b\"}]}}]")
            EVENT("\"candidates\":[{\"index\":0,\"finishReason\":\"STOP\"}]" USED("10",
                                                                                  "1"))
                EVENT("\"candidates\":[{\"index\":1,\"finishReason\":\"STOP\"}],"
                      "\"usageMetadata\":{\"promptTokenCount\":10,"
                      "\"candidatesTokenCount\":2,\"totalTokenCount\":12}"));
    assert_told(&t.text, "ab");
    assert_true(t.is_finished);
    assert_int_equal(t.usage.input_tokens, 10);
    assert_int_equal(t.usage.output_tokens, 2);
    told_release(&t);
}

static void sources_are_annotations(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t, PART("{\"text\":\"caf\\u00e9\"}") EVENT(
                        CANDIDATE("", ",\"finishReason\":\"STOP\",\"groundingMetadata\":{"
                                      "\"groundingChunks\":[{\"web\":{\"uri\":"
                                      "\"https://a.test\",\"title\":\"A\"}}]}")));
    assert_told(
        &t.annotations,
        "[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"https://a.test\","
        "\"title\":\"A\",\"start_index\":0,\"end_index\":4}}]");
    told_release(&t);
}

static void how_likely_it_was_stands_beside_the_text(void **state)
{
    (void)state;
    struct told t;
    read_stream(&t,
                EVENT(CANDIDATE("{\"text\":\"a\"}",
                                ",\"finishReason\":\"STOP\",\"logprobsResult\":{"
                                "\"chosenCandidates\":[{\"token\":\"a\",\"tokenId\":7,"
                                "\"logProbability\":-0.25}],\"topCandidates\":[{"
                                "\"candidates\":[{\"token\":\"b\",\"logProbability\":"
                                "-1.5}]}]}")));
    assert_told(&t.text, "a");
    assert_told(
        &t.logprobs,
        "{\"content\":[{\"token\":\"a\",\"logprob\":-0.25,\"bytes\":null,"
        "\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-1.5,\"bytes\":null}]}]}");
    told_release(&t);
}

static void what_cannot_be_told_is_an_error_that_says_what(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *words;
    } rows[] = {
        {PART("{\"hologram\":{}}"), "'hologram'"},
        {PART("{\"inlineData\":{\"mimeType\":\"image/png\"}}"), "'inlineData'"},
        {PART("{\"functionCall\":{\"args\":{}}}"), "without a name"},
        {PART("{\"functionCall\":{\"name\":\"f\",\"partialArgs\":[]}}"),
         "'functionCall'"},
        {PART("{\"text\":7}"), "'text'"},
        {EVENT(CANDIDATE("", ",\"finishReason\":\"MALFORMED_FUNCTION_CALL\","
                             "\"finishMessage\":\"print(x)\"")),
         "MALFORMED_FUNCTION_CALL: print(x)"},
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

static void errors_in_the_stream_have_their_kind(void **state)
{
    (void)state;
    static const struct {
        const char *code, *status;
        enum err_kind kind;
    } rows[] = {
        {"503", "UNAVAILABLE", ERR_OVERLOAD},
        {"429", "RESOURCE_EXHAUSTED", ERR_RATE_LIMIT},
        {"504", "DEADLINE_EXCEEDED", ERR_TIMEOUT},
        {"500", "INTERNAL", ERR_UPSTREAM},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct told t;
        char stream[1024];
        snprintf(stream, sizeof stream,
                 PART("{\"text\":\"a\"}") EVENT(
                     "\"error\":{\"code\":%s,\"message\":\"Sorry\",\"status\":\"%s\"}"),
                 rows[i].code, rows[i].status);
        read_stream(&t, stream);
        assert_true(t.has_error);
        assert_int_equal(t.error.kind, rows[i].kind);
        assert_false(t.is_finished);
        told_release(&t);
    }
}

static void a_whole_answer_says_the_same_as_a_stream(void **state)
{
    (void)state;
    struct told t;
    told_whole(&t, SPEECH_GEMINI,
               "{" CANDIDATE("{\"text\":\"hm\",\"thought\":true},{\"text\":\"a\"},{"
                             "\"functionCall\":{\"name\":\"look\",\"args\":{\"q\":[1]}},"
                             "\"thoughtSignature\":\"S\"}",
                             ",\"finishReason\":\"STOP\"") USED("10", "5") "}");
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.reasoning, "hm");
    assert_told(&t.text, "a");
    assert_told(&t.arguments[0], "{\"q\":[1]}");
    assert_told(&t.finish, "tool_calls");
    assert_int_equal(t.usage.input_tokens, 10);
    assert_true(str_find(buf_view(&t.seals), STR("weir1:issuer-1:c:")) >= 0);
    told_release(&t);
    told_whole(&t, SPEECH_GEMINI, "{" CANDIDATE("{\"text\":\"a\"}", "") "}");
    assert_true(t.has_failed);
    assert_string_equal(t.error.code, "upstream_truncated");
    told_release(&t);
}

/* The client gets the engine's own bytes: it may know what weir does not. */
static void where_its_own_bytes_pass_nothing_is_too_new(void **state)
{
    (void)state;
    struct told t;
    told_naming.is_own = true;
    read_stream(&t, PART("{\"hologram\":{}},{\"text\":\"a\"}")
                        EVENT(CANDIDATE("", ",\"finishReason\":\"MALFORMED_RESPONSE\"")));
    told_naming.is_own = false;
    assert_false(t.has_failed || t.has_error);
    assert_told(&t.text, "a");
    assert_told(&t.finish, "MALFORMED_RESPONSE");
    told_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_its_own_bytes_pass_nothing_is_too_new),
        cmocka_unit_test(parts_follow_each_other_however_they_are_cut),
        cmocka_unit_test(calls_come_whole_with_numbers_and_ids),
        cmocka_unit_test(signatures_are_sealed_for_what_they_sign),
        cmocka_unit_test(counts_are_those_said_last),
        cmocka_unit_test(every_way_to_stop_has_its_word),
        cmocka_unit_test(a_prompt_that_is_blocked_ends_as_filtered),
        cmocka_unit_test(several_candidates_are_several_choices),
        cmocka_unit_test(sources_are_annotations),
        cmocka_unit_test(how_likely_it_was_stands_beside_the_text),
        cmocka_unit_test(what_cannot_be_told_is_an_error_that_says_what),
        cmocka_unit_test(errors_in_the_stream_have_their_kind),
        cmocka_unit_test(a_whole_answer_says_the_same_as_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
