/* test_usage.c -- token counts in the forms engines report them, and what each of them
 * comes to. */
#include "dialect/openai_usage.h"
#include "dialect/usage.h"
#include "json/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct form {
    const char *what, *object;
    uint64_t input, cached, write, output, reasoning;
};

static void assert_form(const struct form *f, const struct usage *u)
{
    if (u->is_known && u->input_tokens == f->input && u->cached_tokens == f->cached &&
        u->cache_write_tokens == f->write && u->output_tokens == f->output &&
        u->reasoning_tokens == f->reasoning)
        return;
    fail_msg(
        "%s: known %d, input %llu (%llu cached, %llu written), output %llu (%llu)",
        f->what, u->is_known, (unsigned long long)u->input_tokens,
        (unsigned long long)u->cached_tokens, (unsigned long long)u->cache_write_tokens,
        (unsigned long long)u->output_tokens, (unsigned long long)u->reasoning_tokens);
}

static const struct form forms[] = {
    {"OpenAI",
     "{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":29,"
     "\"prompt_tokens_details\":{\"cached_tokens\":4,\"audio_tokens\":0},"
     "\"completion_tokens_details\":{\"reasoning_tokens\":3,"
     "\"accepted_prediction_tokens\":2,\"rejected_prediction_tokens\":1}}",
     20, 4, 0, 9, 3},
    {"camel case",
     "{\"promptTokens\":20,\"completionTokens\":9,\"totalTokens\":29,"
     "\"promptTokensDetails\":"
     "{\"cachedTokens\":4},\"completionTokensDetails\":{\"reasoningTokens\":3}}",
     20, 4, 0, 9, 3},
    {"AI SDK 5",
     "{\"inputTokens\":20,\"outputTokens\":9,\"totalTokens\":29,\"reasoningTokens\":3,"
     "\"cachedInputTokens\":4}",
     20, 4, 0, 9, 3},
    {"AI SDK 6",
     "{\"inputTokens\":20,\"inputTokenDetails\":{\"noCacheTokens\":11,"
     "\"cacheReadTokens\":4,"
     "\"cacheWriteTokens\":5},\"outputTokens\":9,\"outputTokenDetails\":{"
     "\"textTokens\":6,\"reasoningTokens\":3},\"totalTokens\":29}",
     20, 4, 5, 9, 3},
    {"AI SDK, its providers",
     "{\"inputTokens\":{\"total\":20,\"noCache\":11,\"cacheRead\":4,\"cacheWrite\":5},"
     "\"outputTokens\":{\"total\":9,\"text\":6,\"reasoning\":3}}",
     20, 4, 5, 9, 3},
    {"Gemini, whole",
     "{\"promptTokenCount\":20,\"cachedContentTokenCount\":4,\"candidatesTokenCount\":6,"
     "\"thoughtsTokenCount\":3,\"totalTokenCount\":29,\"promptTokensDetails\":[{"
     "\"modality\":\"TEXT\",\"tokenCount\":20}],\"cacheTokensDetails\":[{\"modality\":"
     "\"TEXT\",\"tokenCount\":4}]}",
     20, 4, 0, 9, 3},
    {"Cohere: what is billed is less than what was processed",
     "{\"billed_units\":{\"input_tokens\":20,\"output_tokens\":9},\"tokens\":{"
     "\"input_tokens\":210,\"output_tokens\":11},\"cached_tokens\":16}",
     20, 16, 0, 9, 0},
    {"... in the other order",
     "{\"tokens\":{\"input_tokens\":210,\"output_tokens\":11},\"billed_units\":{"
     "\"input_tokens\":20,\"output_tokens\":9}}",
     20, 0, 0, 9, 0},
    {"... and what was processed alone",
     "{\"tokens\":{\"input_tokens\":210.0,\"output_tokens\":11.0}}", 210, 0, 0, 11, 0},
    {"Responses",
     "{\"input_tokens\":20,\"input_tokens_details\":{\"cached_tokens\":8,"
     "\"cache_write_tokens\":5},\"output_tokens\":9,"
     "\"output_tokens_details\":{\"reasoning_tokens\":3},\"total_tokens\":29}",
     20, 8, 5, 9, 3},
    {"Anthropic: the cache stands beside the input",
     "{\"input_tokens\":20,\"cache_creation_input_tokens\":100,"
     "\"cache_read_input_tokens\":1000,\"output_tokens\":9,"
     "\"output_tokens_details\":{\"thinking_tokens\":4}}",
     1120, 1000, 100, 9, 4},
    {"Anthropic's names beside an OpenAI prompt that includes them",
     "{\"prompt_tokens\":1120,\"completion_tokens\":9,\"total_tokens\":1129,"
     "\"cache_creation_input_tokens\":100,\"cache_read_input_tokens\":1000,"
     "\"prompt_tokens_details\":{\"cached_tokens\":1000}}",
     1120, 1000, 100, 9, 0},
    {"... and that leaves them out, as the total shows",
     "{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":1129,"
     "\"cache_creation_input_tokens\":100,\"cache_read_input_tokens\":1000}",
     1120, 1000, 100, 9, 0},
    {"... or as there is more of them than prompt",
     "{\"prompt_tokens\":20,\"completion_tokens\":9,\"cache_read_input_tokens\":1000}",
     1020, 1000, 0, 9, 0},
    {"both names of the input, of which OpenAI's includes the cache",
     "{\"input_tokens\":20,\"prompt_tokens\":1020,\"cache_read_input_tokens\":1000,"
     "\"completion_tokens\":9,\"output_tokens\":9}",
     1020, 1000, 0, 9, 0},
    {"an input whose total shows that it includes the cache",
     "{\"input_tokens\":1020,\"cache_read_input_tokens\":1000,\"output_tokens\":9,"
     "\"total_tokens\":1029}",
     1020, 1000, 0, 9, 0},
    {"Gemini",
     "{\"promptTokenCount\":20,\"cachedContentTokenCount\":8,\"candidatesTokenCount\":9,"
     "\"thoughtsTokenCount\":40,\"toolUsePromptTokenCount\":5,\"totalTokenCount\":74}",
     25, 8, 0, 49, 40},
    {"thinking that only the total shows",
     "{\"prompt_tokens\":20,\"completion_tokens\":198,\"total_tokens\":623}", 20, 0, 0,
     603, 405},
    {"... with nothing else written",
     "{\"prompt_tokens\":20,\"completion_tokens\":0,\"total_tokens\":623}", 20, 0, 0, 603,
     603},
    {"reasoning outside of the output (xAI)",
     "{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":229,"
     "\"completion_tokens_details\":{\"reasoning_tokens\":200}}",
     20, 0, 0, 209, 200},
    {"... without a total",
     "{\"prompt_tokens\":20,\"completion_tokens\":9,\"reasoning_tokens\":200}", 20, 0, 0,
     209, 200},
    {"DeepSeek",
     "{\"prompt_tokens\":20,\"completion_tokens\":9,\"total_tokens\":29,"
     "\"prompt_cache_hit_tokens\":15,\"prompt_cache_miss_tokens\":5}",
     20, 15, 0, 9, 0},
    {"hit and miss alone",
     "{\"prompt_cache_hit_tokens\":15,\"prompt_cache_miss_tokens\":5,"
     "\"completion_tokens\":9}",
     20, 15, 0, 9, 0},
    {"Ollama", "{\"prompt_eval_count\":20,\"eval_count\":9}", 20, 0, 0, 9, 0},
    {"llama.cpp", "{\"tokens_evaluated\":20,\"tokens_predicted\":9,\"tokens_cached\":77}",
     20, 0, 0, 9, 0},
    {"Bedrock",
     "{\"inputTokens\":20,\"outputTokens\":9,\"totalTokens\":129,"
     "\"cacheReadInputTokens\":100,\"cacheWriteInputTokens\":0}",
     120, 100, 0, 9, 0},
    {"numbers with a point", "{\"prompt_tokens\":12.0,\"completion_tokens\":1.2e1}", 12,
     0, 0, 12, 0},
    {"numbers as texts",
     "{\"prompt_tokens\":\"12\",\"completion_tokens\":\"7.0\",\"cached_tokens\":\"3\"}",
     12, 3, 0, 7, 0},
    {"a total that is too small says nothing",
     "{\"prompt_tokens\":500,\"completion_tokens\":20,\"total_tokens\":20}", 500, 0, 0,
     20, 0},
    {"a total that is too large says nothing either",
     "{\"prompt_tokens\":500,\"completion_tokens\":20,\"total_tokens\":999999999999}",
     500, 0, 0, 20, 0},
    {"more cached than there was", "{\"prompt_tokens\":10,\"cached_tokens\":50}", 10, 10,
     0, 0, 0},
    {"what is no count is left out",
     "{\"prompt_tokens\":10,\"completion_tokens\":-5,\"total_tokens\":1e300,"
     "\"cached_tokens\":0.5,\"reasoning_tokens\":\"many\",\"cache_write_tokens\":null}",
     10, 0, 0, 0, 0},
    {"cached at the top (Moonshot)",
     "{\"prompt_tokens\":2000,\"completion_tokens\":7,\"cached_tokens\":1500}", 2000,
     1500, 0, 7, 0},
};

static void every_form_comes_to_its_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct usage u = {0};
        assert_true(usage_read(str_of(forms[i].object), &u));
        assert_form(&forms[i], &u);
        assert_false(u.has_unpriced);
    }
}

static void what_says_no_count_is_none(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "{}",
        "[]",
        "null",
        "{\"total_tokens\":30}",
        "{\"prompt_tokens\":-1}",
        "{\"prompt_tokens\":1e300}",
        "{\"prompt_tokens\":1.5}",
        "{\"prompt_tokens\":\"\"}",
        "{\"prompt_tokens\":\"1 2\"}",
        "{\"prompt_tokens\":\"0x10\"}",
        "{\"prompt_tokens\":\"-3\"}",
        "{\"prompt_tokens\":\"NaN\",\"completion_tokens\":true}",
        "{\"prompt_tokens\":9007199254740993}",
        "{\"prompt_tokens\":[12],\"completion_tokens\":{\"n\":3}}",
        "{\"prompt_tokens\":12",
    };
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct usage u = {.input_tokens = 77};
        if (usage_read(str_of(objects[i]), &u))
            fail_msg("%s was read as usage", objects[i]);
        assert_int_equal(u.input_tokens, 77);
    }
}

struct sequence {
    const char *what, *objects[4];
    uint64_t input, cached, write, output;
};

static void later_reports_add_to_earlier_ones(void **state)
{
    (void)state;
    static const struct sequence rows[] = {
        {"two halves",
         {"{\"prompt_tokens\":500,\"completion_tokens\":0,\"total_tokens\":500}",
          "{\"prompt_tokens\":0,\"completion_tokens\":20,\"total_tokens\":20}"},
         500,
         0,
         0,
         20},
        {"all, then zeros",
         {"{\"prompt_tokens\":500,\"completion_tokens\":20,\"total_tokens\":520}",
          "{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}"},
         500,
         0,
         0,
         20},
        {"the rest alone",
         {"{\"prompt_tokens\":500,\"prompt_tokens_details\":{\"cached_tokens\":400}}",
          "{\"completion_tokens\":20}"},
         500,
         400,
         0,
         20},
        {"growing",
         {"{\"prompt_tokens\":500,\"completion_tokens\":1,\"total_tokens\":501}",
          "{\"prompt_tokens\":500,\"completion_tokens\":2,\"total_tokens\":502}",
          "{\"prompt_tokens\":500,\"completion_tokens\":20,\"total_tokens\":520}"},
         500,
         0,
         0,
         20},
        {"less than before",
         {"{\"prompt_tokens\":500,\"completion_tokens\":20,\"total_tokens\":520}",
          "{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}"},
         500,
         0,
         0,
         20},
        {"Anthropic's two events",
         {"{\"input_tokens\":20,\"cache_read_input_tokens\":1000,\"output_tokens\":1}",
          "{\"output_tokens\":30}"},
         1020,
         1000,
         0,
         30},
        {"... the second of which says the cache again",
         {"{\"input_tokens\":20,\"cache_read_input_tokens\":1000,\"output_tokens\":1}",
          "{\"input_tokens\":20,\"cache_read_input_tokens\":1000,"
          "\"cache_creation_input_tokens\":0,\"output_tokens\":30}"},
         1020,
         1000,
         0,
         30},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct usage_report sum = {0}, r;
        for (size_t k = 0; k < 4 && rows[i].objects[k]; k++) {
            assert_true(usage_report_read(str_of(rows[i].objects[k]), &r));
            usage_report_merge(&sum, &r);
        }
        struct usage u = usage_resolve(&sum, false);
        struct form want = {.what = rows[i].what,
                            .input = rows[i].input,
                            .cached = rows[i].cached,
                            .write = rows[i].write,
                            .output = rows[i].output};
        assert_form(&want, &u);
    }
}

static void sound_is_counted_by_itself(void **state)
{
    (void)state;
    struct usage u;
    assert_true(usage_read(
        STR("{\"prompt_tokens\":100,\"completion_tokens\":50,"
            "\"prompt_tokens_details\":{\"audio_tokens\":90,\"image_tokens\":5},"
            "\"completion_tokens_details\":{\"audio_tokens\":40,\"text_tokens\":10}}"),
        &u));
    assert_int_equal(u.audio_input_tokens, 90);
    assert_int_equal(u.audio_output_tokens, 40);
    assert_false(u.has_unpriced);
    assert_true(usage_read(
        STR("{\"promptTokenCount\":100,\"candidatesTokenCount\":50,"
            "\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":10},"
            "{\"modality\":\"AUDIO\",\"tokenCount\":90}]}"),
        &u));
    assert_int_equal(u.audio_input_tokens, 90);
}

static void what_no_list_has_a_price_for_is_marked(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "{\"prompt_tokens\":1,\"completion_tokens_details\":{\"image_tokens\":1290}}",
        "{\"input_tokens\":1,\"server_tool_use\":{\"web_search_requests\":2}}",
        "{\"input_tokens\":1,\"cache_creation_input_tokens\":9,\"cache_creation\":{"
        "\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":9}}",
        "{\"prompt_tokens\":1,\"search_context_size\":\"low\"}",
        "{\"prompt_tokens\":100,\"prompt_tokens_details\":{\"cached_tokens\":90,"
        "\"audio_tokens\":50}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct usage u;
        assert_true(usage_read(str_of(objects[i]), &u));
        if (!u.has_unpriced)
            fail_msg("%s is not marked", objects[i]);
    }
    struct usage u;
    assert_true(usage_read(STR("{\"input_tokens\":1,\"cache_creation_input_tokens\":9,"
                               "\"cache_creation\":{\"ephemeral_5m_input_tokens\":9,"
                               "\"ephemeral_1h_input_tokens\":0},\"server_tool_use\":{"
                               "\"web_search_requests\":0}}"),
                           &u));
    assert_false(u.has_unpriced);
    assert_int_equal(u.cache_write_tokens, 9);
}

static void the_tier_of_service_is_read_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        enum service_tier tier;
    } rows[] = {
        {"{\"input_tokens\":1}", TIER_STANDARD},
        {"{\"input_tokens\":1,\"service_tier\":\"batch\"}", TIER_BATCH},
        {"{\"input_tokens\":1,\"service_tier\":\"standard\",\"speed\":\"fast\"}",
         TIER_FAST},
        {"{\"speed\":\"standard\",\"input_tokens\":1,\"service_tier\":\"priority\"}",
         TIER_PRIORITY},
        {"{\"input_tokens\":1,\"service_tier\":null}", TIER_STANDARD},
        {"{\"input_tokens\":1,\"service_tier\":\"glacial\"}", TIER_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct usage u;
        assert_true(usage_read(str_of(rows[i].object), &u));
        assert_int_equal(u.tier, rows[i].tier);
    }
}

static void output_alone_is_known_without_its_input(void **state)
{
    (void)state;
    struct usage u;
    assert_true(usage_read(STR("{\"completion_tokens\":20}"), &u));
    assert_true(u.is_known && u.input_tokens == 0 && u.output_tokens == 20);
    assert_true(usage_read(STR("{\"completion_tokens\":20,\"total_tokens\":50}"), &u));
    assert_int_equal(u.input_tokens, 30);
}

static void embeddings_have_no_output(void **state)
{
    (void)state;
    struct usage_report r;
    assert_true(usage_report_read(STR("{\"prompt_tokens\":8,\"total_tokens\":12}"), &r));
    assert_int_equal(usage_resolve(&r, true).output_tokens, 0);
    assert_true(usage_report_read(STR("{\"total_tokens\":12}"), &r));
    assert_int_equal(usage_resolve(&r, true).input_tokens, 12);
    assert_true(usage_resolve(&r, true).is_known);
    assert_false(usage_resolve(&r, false).is_known);
}

static void timings_leave_out_what_the_cache_gave(void **state)
{
    (void)state;
    struct usage_report r;
    assert_true(usage_report_read_timings(
        STR("{\"cache_n\":236,\"prompt_n\":1,\"prompt_ms\":30.9,\"predicted_n\":35,"
            "\"predicted_per_second\":54.5}"),
        &r));
    struct usage u = usage_resolve(&r, false);
    assert_int_equal(u.input_tokens, 237);
    assert_int_equal(u.cached_tokens, 236);
    assert_int_equal(u.output_tokens, 35);
}

/* Whatever stands there, what comes behind it is read: a value of an odd type within a
 * usage is not taken for bad JSON. */
static void the_cursor_stands_behind_what_was_read(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_known;
    } rows[] = {
        {"{\"prompt_tokens\":8,\"completion_tokens\":2}", true},
        {"{\"prompt_tokens\":8,\"service_tier\":5,\"speed\":[],\"tokens\":\"many\","
         "\"prompt_tokens_details\":[1,{\"modality\":3},[]],\"billed_units\":null,"
         "\"completion_tokens_details\":7,\"cache_creation\":{\"x\":{}},"
         "\"server_tool_use\":true,\"search_context_size\":{},\"input_tokens\":{}}",
         true},
        {"{\"other\":{\"prompt_tokens\":1}}", false},
        {"[{\"prompt_tokens\":1}]", false},
        {"null", false},
        {"\"prompt_tokens\"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[512];
        struct usage_report r;
        struct json_cur c;
        int64_t behind = 0;
        (void)snprintf(text, sizeof text, "[%s, 17]", rows[i].value);
        json_begin(&c, str_of(text));
        assert_true(json_enter_array(&c) && json_next_element(&c));
        assert_int_equal(usage_report_read_at(&c, &r), rows[i].is_known);
        assert_true(json_next_element(&c) && json_read_i64(&c, &behind));
        assert_int_equal(behind, 17);
        assert_false(json_next_element(&c));
        assert_int_equal(json_finish(&c, NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_comes_to_its_counts),
        cmocka_unit_test(what_says_no_count_is_none),
        cmocka_unit_test(later_reports_add_to_earlier_ones),
        cmocka_unit_test(sound_is_counted_by_itself),
        cmocka_unit_test(what_no_list_has_a_price_for_is_marked),
        cmocka_unit_test(the_tier_of_service_is_read_where_it_stands),
        cmocka_unit_test(output_alone_is_known_without_its_input),
        cmocka_unit_test(embeddings_have_no_output),
        cmocka_unit_test(timings_leave_out_what_the_cache_gave),
        cmocka_unit_test(the_cursor_stands_behind_what_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
