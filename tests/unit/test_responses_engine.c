/* test_responses_engine.c -- a chat as OpenAI's Responses: what is carried, what is left
 * out and said to be, what is refused by name.  Answers: test_responses_answer.c. */
#include "asking.h"

static const struct asking_of asking = {ENGINE_OPENAI, SPEECH_RESPONSES,
                                        "https://api.openai.com/v1"};

#define SAID(model, body, part)         assert_said(&asking, model, body, part)
#define UNSAID(model, body, part, lost) assert_unsaid(&asking, model, body, part, lost)
#define REFUSED(body, name)             assert_refused(&asking, body, name)

static void messages_become_items_in_their_order(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {BODY("{\"role\":\"system\",\"content\":\"a\"}," USER, ""),
         "\"input\":[{\"type\":\"message\",\"role\":\"system\",\"content\":[{\"type\":"
         "\"input_text\",\"text\":\"a\"}]},{\"type\":\"message\",\"role\":\"user\","
         "\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]}]"},
        {BODY(USER "," MODEL("\"refusal\":\"no\""), ""),
         "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
         "\"output_text\",\"text\":\"x\"},{\"type\":\"refusal\",\"refusal\":\"no\"}]}"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL(
                  "a", "{\\\"q\\\":1.50}") "]") "," RESULT("a", "r"),
              ""),
         "{\"type\":\"function_call\",\"call_id\":\"a\",\"name\":\"f\",\"arguments\":"
         "\"{\\\"q\\\":1.50}\"},{\"type\":\"function_call_output\",\"call_id\":\"a\","
         "\"output\":\"r\"}"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL("a", "") "]"), ""),
         "\"arguments\":\"{}\""},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL(
                  "a", "{}") "]") ",{\"role\":\"tool\","
                                  "\"tool_call_id\":\"a\",\"content\":[{\"type\":"
                                  "\"text\",\"text\":\"see\"},{"
                                  "\"type\":\"image_url\",\"image_url\":{\"url\":\"data:"
                                  "image/png;base64,AA\"}}]}",
              ""),
         "\"output\":[{\"type\":\"input_text\",\"text\":\"see\"},{\"type\":\"input_"
         "image\","
         "\"detail\":\"auto\",\"image_url\":\"data:image/png;base64,AA\"}]"},
        {BODY(RESULT("z", "late"), ""),
         "{\"type\":\"input_text\",\"text\":\"Result of the tool z:\"},{\"type\":"
         "\"input_text\",\"text\":\"late\"}"},
        {CONTENT("[{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
                 "\"data:application/pdf;base64,JVBERi0\"}}]"),
         "{\"type\":\"input_file\",\"filename\":\"a.pdf\",\"file_data\":"
         "\"data:application/pdf;base64,JVBERi0\"}"},
        {CONTENT("[{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}},{\"type\":"
                 "\"image_url\",\"image_url\":{\"url\":\"https://a.test/b\"}}]"),
         "{\"type\":\"input_file\",\"file_id\":\"file-1\"},{\"type\":\"input_image\","
         "\"detail\":\"auto\",\"image_url\":\"https://a.test/b\"}"},
        {CONTENT("[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\",\"format\":"
                 "\"wav\"}}]"),
         "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\",\"format\":\"wav\"}"
         "}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        SAID("m-up", rows[i].body, rows[i].part);
}

/* Bug 26. */
static void an_id_that_is_too_long_is_the_same_in_its_result(void **state)
{
    (void)state;
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"
    struct asked g;
    asked_make(&g, &asking, "m-up",
               BODY(USER "," MODEL("\"tool_calls\":[" CALL(LONG, "{}") "]") "," RESULT(
                        LONG, "r"),
                    ""));
    assert_true(asked_encode(&g));
    assert_true(str_find(g.body, STR(LONG)) < 0);
    ptrdiff_t at = str_find(g.body, STR("\"call_id\":\"call_"));
    assert_true(at >= 0);
    struct str id = str_sub(g.body, (size_t)at + 11, (size_t)at + 11 + 37);
    char want[128];
    snprintf(want, sizeof want, "\"function_call_output\",\"call_id\":\"%.*s\"",
             STR_ARG(id));
    assert_true(str_find(g.body, str_of(want)) > at);
    arena_reset(&g.w.arena);
}

static void sealed_thought(char *out, size_t size, const char *url)
{
    char text[256];
    const struct seal s = {.kind = SEAL_THOUGHT, .length = 2, .payload = STR("ENC")};
    seal_of(text, sizeof text, SPEECH_RESPONSES, url, s);
    snprintf(out, size,
             BODY(USER ",{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":"
                       "\"hm\",\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
                       "\"data\":\"%s\"}],\"tool_calls\":[" CALL("a", "{}") "]}," RESULT(
                           "a", "r"),
                  ""),
             text);
}

static void a_thought_goes_back_to_who_encrypted_it(void **state)
{
    (void)state;
    char body[1024];
    sealed_thought(body, sizeof body, asking.url);
    SAID("gpt-5", body,
         "{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":"
         "\"hm\"}],"
         "\"encrypted_content\":\"ENC\"},{\"type\":\"function_call\"");
    sealed_thought(body, sizeof body, "https://elsewhere.test");
    UNSAID("gpt-5", body, "ENC", "reasoning of earlier turns");
}

static void wishes_become_members(void **state)
{
    (void)state;
    static const struct {
        const char *model, *body, *part;
    } rows[] = {
        {"gpt-4o", MORE("\"max_tokens\":77,\"temperature\":1.5,\"top_p\":0.5"),
         "\"store\":false,\"max_output_tokens\":77,\"temperature\":1.5,\"top_p\":0.5}"},
        {"gpt-5", MORE("\"reasoning_effort\":\"low\""),
         "\"reasoning\":{\"effort\":\"low\"},\"include\":[\"reasoning.encrypted_"
         "content\"]"},
        {"gpt-4o", MORE("\"logprobs\":true,\"top_logprobs\":2"),
         "\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":2"},
        {"m-up", SCHEMA(",\"strict\":true"),
         "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{"
         "\"type\":\"object\"},\"strict\":true}}"},
        {"m-up",
         MORE("\"response_format\":{\"type\":\"json_object\"},\"verbosity\":\"low\""),
         "\"text\":{\"format\":{\"type\":\"json_object\"},\"verbosity\":\"low\"}"},
        {"m-up", MORE("\"tools\":[" F "],\"parallel_tool_calls\":false"),
         "\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":"
         "\"object\",\"properties\":{}},\"strict\":false}]"},
        {"m-up", MORE("\"tools\":[" F "],\"parallel_tool_calls\":false"),
         "\"parallel_tool_calls\":false"},
        {"m-up",
         MORE("\"tools\":[" F "],\"tool_choice\":{\"type\":\"function\",\"function\":{"
              "\"name\":\"f\"}}"),
         "\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}"},
        {"m-up", MORE("\"tools\":[" F "],\"tool_choice\":\"required\""),
         "\"tool_choice\":\"required\""},
        {"m-up",
         MORE("\"user\":\"u\",\"metadata\":{\"a\":\"b\"},\"service_tier\":\"flex\","
              "\"prompt_cache_key\":\"k\""),
         "\"user\":\"u\",\"metadata\":{\"a\":\"b\"},\"service_tier\":\"flex\","
         "\"prompt_cache_key\":\"k\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        SAID(rows[i].model, rows[i].body, rows[i].part);
}

static void what_is_left_out_is_said_to_be(void **state)
{
    (void)state;
    static const struct {
        const char *model, *body, *part, *lost;
    } rows[] = {
        {"m-up", MORE("\"seed\":7"), "seed", "seed"},
        {"m-up", MORE("\"frequency_penalty\":0"), "penalty", NULL},
        {"m-up", MORE("\"presence_penalty\":0.5"), "penalty", "presence_penalty"},
        {"m-up", MORE("\"store\":true"), "\"store\":true", "store"},
        {"gpt-5.1", MORE("\"temperature\":0.5"), "temperature", "temperature"},
        {"o3", MORE("\"temperature\":1,\"top_p\":1.0"), "temperature", NULL},
        {"gpt-4o", BODY(USER, ""), "include", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        UNSAID(rows[i].model, rows[i].body, rows[i].part, rows[i].lost);
}

static void what_it_has_no_place_for_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {MORE("\"n\":2"), "'n'"},
        {MORE("\"stop\":\"a\""), "'stop'"},
        {MORE("\"logit_bias\":{\"1\":2}"), "'logit_bias'"},
        {MORE("\"tool_choice\":\"required\""), "'tool_choice'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        REFUSED(rows[i].body, rows[i].name);
}

static void the_operator_adds_members_and_instructions(void **state)
{
    (void)state;
    struct asked g;
    asked_make(&g, &asking, "m-up", MORE("\"max_tokens\":5"));
    g.w.engine.default_system = STR("be kind");
    g.w.engine.default_params = STR(
        "{\"max_output_tokens\":9,\"truncation\":\"auto\",\"input\":[],\"store\":true}");
    assert_true(asked_encode(&g));
    assert_true(str_eqz(g.m.target, "/v1/responses"));
    assert_true(str_find(g.m.fields, STR("Bearer sk-operators")) >= 0);
    assert_true(str_find(g.body, STR("\"instructions\":\"be kind\"")) >= 0);
    assert_true(str_find(g.body, STR("\"max_output_tokens\":5")) >= 0);
    assert_true(str_ends(g.body, STR(",\"truncation\":\"auto\"}")));
    arena_reset(&g.w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_items_in_their_order),
        cmocka_unit_test(an_id_that_is_too_long_is_the_same_in_its_result),
        cmocka_unit_test(a_thought_goes_back_to_who_encrypted_it),
        cmocka_unit_test(wishes_become_members),
        cmocka_unit_test(what_is_left_out_is_said_to_be),
        cmocka_unit_test(what_it_has_no_place_for_is_refused_by_name),
        cmocka_unit_test(the_operator_adds_members_and_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
