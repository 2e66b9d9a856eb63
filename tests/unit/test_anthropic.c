/* test_anthropic.c -- a chat as Anthropic's Messages: what is carried, what is left out
 * and said to be, what is refused by name.  Answers: test_anthropic_answer.c. */
#include "asking.h"
#include "core/hash.h"

static const struct asking_of asking = {ENGINE_ANTHROPIC, SPEECH_ANTHROPIC,
                                        "https://api.anthropic.com"};

#define SAID(model, body, part)         assert_said(&asking, model, body, part)
#define UNSAID(model, body, part, lost) assert_unsaid(&asking, model, body, part, lost)
#define REFUSED(body, name)             assert_refused(&asking, body, name)

static void messages_become_blocks_in_their_order(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {BODY(
             "{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"developer\","
             "\"content\":[{\"type\":\"text\",\"text\":\"b\",\"cache_control\":{\"type\":"
             "\"ephemeral\"}}]}," USER,
             ""),
         "\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":"
         "\"b\","
         "\"cache_control\":{\"type\":\"ephemeral\"}}]"},
        /* Bug 6: instructions later on keep their place. */
        {BODY(USER ",{\"role\":\"system\",\"content\":\"now brief\"}", ""),
         "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"now "
         "brief\"}]}"},
        {BODY(USER "," USER, ""),
         "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
         "\"hi\"},{\"type\":\"text\",\"text\":\"hi\"}]}]"},
        {CONTENT(
             "[{\"type\":\"text\",\"text\":\"\"},{\"type\":\"text\",\"text\":\"a\"}]"),
         "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]"},
        {BODY(USER "," MODEL("\"refusal\":\"no\"") "," USER, ""),
         "{\"type\":\"text\",\"text\":\"no\"}"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL(
                  "a", "{\\\"q\\\":1.50}") "]") "," RESULT("a", "r"),
              ""),
         "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},{"
         "\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\",\"input\":{\"q\":1.50}}]},{"
         "\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\","
         "\"content\":\"r\"}]}"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL("a", "") "]"), ""), "\"input\":{}"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL("a", "{broken") "]"), ""),
         "\"input\":{\"text\":\"{broken\"}"},
        /* All results of a turn come first in the one message behind it. */
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL("a", "{}") "," CALL(
                  "b", "{}") "]") "," USER "," RESULT("b", "2") "," RESULT("a", "1"),
              ""),
         "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
         "\"b\","
         "\"content\":\"2\"},{\"type\":\"tool_result\",\"tool_use_id\":\"a\",\"content\":"
         "\"1\"},{\"type\":\"text\",\"text\":\"hi\"}]}"},
        /* A result whose call was cut away is the user's text. */
        {BODY(RESULT("z", "late"), ""), "{\"role\":\"user\",\"content\":[{\"type\":"
                                        "\"text\",\"text\":\"Result of the tool "
                                        "z:\"},{\"type\":\"text\",\"text\":\"late\"}]}"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL("", "{}") "]") "," RESULT("", "r"),
              ""),
         "\"tool_use_id\":\"call_1_0\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        SAID("m-up", rows[i].body, rows[i].part);
}

/* Bug 17: other models' ids are out of Anthropic's pattern. */
static void an_odd_id_is_the_same_odd_id_in_its_result(void **state)
{
    (void)state;
    struct asked g;
    asked_make(
        &g, &asking, "m-up",
        BODY(USER "," MODEL("\"tool_calls\":[" CALL(
                 "functions.Bash:0", "{}") "]") "," RESULT("functions.Bash:0", "r"),
             ""));
    assert_true(asked_encode(&g));
    ptrdiff_t at = str_find(g.body, STR("\"id\":\"call_"));
    assert_true(at >= 0);
    struct str id = str_sub(g.body, (size_t)at + 6, (size_t)at + 6 + 37);
    char want[96];
    snprintf(want, sizeof want, "\"tool_use_id\":\"%.*s\"", STR_ARG(id));
    assert_true(str_find(g.body, str_of(want)) > at);
    assert_true(str_find(g.body, STR("functions.Bash")) < 0);
    arena_reset(&g.w.arena);
}

#define PICTURE(url)                                                                     \
    CONTENT("[{\"type\":\"image_url\",\"image_url\":{\"url\":\"" url "\"}}]")
#define FILE_OF(members) CONTENT("[{\"type\":\"file\",\"file\":{" members "}}]")

static void pictures_and_documents_are_carried(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {PICTURE("data:image/jpg;base64,/9j/AA"),
         "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/"
         "jpeg\","
         "\"data\":\"/9j/AA\"}}"},
        {PICTURE("data:;base64,iVBORw0KGgoAAAA"), "\"media_type\":\"image/png\""},
        {PICTURE("https://a.test/b.png"),
         "\"source\":{\"type\":\"url\",\"url\":\"https://a.test/b.png\"}"},
        {FILE_OF("\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,"
                 "JVBERi0\""),
         "{\"type\":\"document\",\"source\":{\"type\":\"base64\",\"media_type\":"
         "\"application/pdf\",\"data\":\"JVBERi0\"},\"title\":\"a.pdf\"}"},
        {FILE_OF("\"filename\":\"a.md\",\"file_data\":\"data:;base64,aMOpbGxv\""),
         "\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":"
         "\"h\xc3\xa9llo\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        SAID("m-up", rows[i].body, rows[i].part);
    REFUSED(PICTURE("data:image/bmp;base64,AAAA"), "image/bmp");
    REFUSED(PICTURE("file:///etc/passwd"), "'messages[0]'");
    REFUSED(FILE_OF("\"file_id\":\"file-1\""), "'messages[0]'");
    REFUSED(FILE_OF("\"file_data\":\"data:application/zip;base64,AAAA\""),
            "application/zip");
    REFUSED(CONTENT("[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\","
                    "\"format\":\"wav\"}}]"),
            "audio");
}

/* -- thoughts -------------------------------------------------------------------------
 */

/* The message of a model whose one thought is "hm", sealed so; then it called f. */
static void thought_of(char *out, size_t size, const char *sealed)
{
    snprintf(out, size,
             BODY(USER ",{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":"
                       "\"hm\",\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
                       "\"data\":\"%s\"}],\"tool_calls\":[" CALL("a", "{}") "]}," RESULT(
                           "a", "r"),
                  ",\"reasoning_effort\":\"low\""),
             sealed);
}

/* As its answers seal it. */
static void seal_as(char *out, size_t size, const char *url, const char *text)
{
    char digest[32];
    const struct siphash_key key = {5, 6};
    snprintf(digest, sizeof digest, "%016llx",
             (unsigned long long)siphash_once(key, str_of(text)));
    const struct seal s = {.kind = SEAL_THOUGHT,
                           .length = 2,
                           .call = str_of(digest),
                           .payload = STR("SIGNED")};
    seal_of(out, size, SPEECH_ANTHROPIC, url, s);
}

/* Bug 9: signed thoughts go back as they came, at their place. */
static void a_thought_goes_back_to_who_signed_it_and_to_nobody_else(void **state)
{
    (void)state;
    char sealed[256], body[1024];
    const char *own =
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
        "\"thinking\":\"hm\",\"signature\":\"SIGNED\"},{\"type\":\"tool_use\"";
    seal_as(sealed, sizeof sealed, "https://api.anthropic.com", "hm");
    thought_of(body, sizeof body, sealed);
    SAID("claude-sonnet-4-5", body, own);
    SAID("claude-sonnet-4-5", body, "\"thinking\":{\"type\":\"enabled\"");
    /* Of another engine, or changed on its way. */
    seal_as(sealed, sizeof sealed, "https://elsewhere.test", "hm");
    thought_of(body, sizeof body, sealed);
    UNSAID("m-up", body, "SIGNED", "reasoning of earlier turns");
    seal_as(sealed, sizeof sealed, "https://api.anthropic.com", "HM");
    thought_of(body, sizeof body, sealed);
    UNSAID("m-up", body, "SIGNED", "reasoning of earlier turns");
    thought_of(body, sizeof body, "raw of a vendor");
    UNSAID("m-up", body, "raw of a vendor", "reasoning of earlier turns");
}

/* A budget asks that the turn whose calls were just answered begins with a thought. */
static void without_its_thought_a_turn_goes_on_without_thinking(void **state)
{
    (void)state;
    char body[1024];
    thought_of(body, sizeof body, "raw of a vendor");
    UNSAID("claude-sonnet-4-5", body, "budget_tokens", "reasoning_effort");
    SAID("claude-opus-4-6", body, "\"thinking\":{\"type\":\"adaptive\"}");
}

static void text_that_nobody_signed_is_no_thought(void **state)
{
    (void)state;
    UNSAID("m-up", BODY(USER "," MODEL("\"reasoning_content\":\"hm\"") "," USER, ""),
           "\"hm\"", "reasoning of earlier turns");
}

/* -- wishes ---------------------------------------------------------------------------
 */

#define HAIKU  "claude-haiku-4-5-20251001"
#define SONNET "claude-sonnet-5-5"

static void wishes_become_members(void **state)
{
    (void)state;
    static const struct {
        const char *model, *body, *part;
    } rows[] = {
        {"m-up", MORE("\"max_tokens\":77"), "\"max_tokens\":77"},
        {"m-up", MORE("\"max_tokens\":null"), "\"max_tokens\":32000"},
        {"m-up", MORE("\"temperature\":0.25,\"top_p\":0.5,\"top_k\":4"),
         "\"temperature\":0.25,\"top_p\":0.5,\"top_k\":4"},
        {"m-up", MORE("\"stop\":[\"a\",\"b\"]"), "\"stop_sequences\":[\"a\",\"b\"]"},
        {"m-up", MORE("\"user\":\"u1\""), "\"metadata\":{\"user_id\":\"u1\"}"},
        {"m-up", MORE("\"service_tier\":\"default\""),
         "\"service_tier\":\"standard_only\""},
        {"m-up", SCHEMA(""),
         "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":"
         "\"object\",\"additionalProperties\":false}}}"},
        {"m-up", MORE("\"tools\":[" F "]"),
         "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\","
         "\"properties\":{}"
         "}}]"},
        {"m-up",
         MORE("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
              "\"parameters\":{\"properties\":{}},\"strict\":true}}]"),
         "\"input_schema\":{\"type\":\"object\",\"properties\":{}},\"strict\":true"},
        {"m-up", MORE("\"tools\":[" F "],\"tool_choice\":\"required\""),
         "\"tool_choice\":{\"type\":\"any\"}"},
        {"m-up", MORE("\"tools\":[" F "],\"tool_choice\":\"none\""),
         "\"tool_choice\":{\"type\":\"none\"}"},
        {"m-up",
         MORE("\"tools\":[" F "],\"tool_choice\":{\"type\":\"function\",\"function\":{"
              "\"name\":\"f\"}}"),
         "\"tool_choice\":{\"type\":\"tool\",\"name\":\"f\"}"},
        {"m-up", MORE("\"tools\":[" F "],\"parallel_tool_calls\":false"),
         "\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}"},
        /* How much it is to think: a budget below the limit, or an effort. */
        {HAIKU, MORE("\"reasoning_effort\":\"high\""),
         "\"max_tokens\":32768,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
         "24576}"},
        {HAIKU, MORE("\"reasoning_effort\":\"low\",\"max_tokens\":2000"),
         "\"max_tokens\":2000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
         "1500}"},
        {"claude-3-7-sonnet-20250219", MORE("\"reasoning_effort\":\"minimal\""),
         "\"budget_tokens\":1024"},
        {SONNET, MORE("\"reasoning_effort\":\"xhigh\""),
         "\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},\"output_"
         "config\":"
         "{\"effort\":\"xhigh\"}"},
        {HAIKU, MORE("\"reasoning_effort\":\"none\""),
         "\"thinking\":{\"type\":\"disabled\"}"},
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
        {"m-up", MORE("\"frequency_penalty\":0.5"), "penalty", "frequency_penalty"},
        {"m-up", MORE("\"frequency_penalty\":0,\"logprobs\":false"), "penalty", NULL},
        {"m-up", MORE("\"metadata\":{\"a\":\"b\"},\"store\":true"), "store",
         "metadata, store"},
        {"m-up", MORE("\"prompt_cache_key\":\"k\""), "\"k\"", "prompt_cache_key"},
        {HAIKU, MORE("\"temperature\":0.5,\"reasoning_effort\":\"low\""), "temperature",
         "temperature"},
        {HAIKU, MORE("\"temperature\":0.5,\"top_p\":0.9"), "top_p", "top_p"},
        {SONNET, MORE("\"temperature\":0.5"), "temperature", "temperature"},
        {SONNET, MORE("\"temperature\":1,\"top_p\":1.0"), "temperature", NULL},
        {HAIKU, MORE("\"reasoning_effort\":\"low\",\"max_tokens\":500"), "thinking",
         "reasoning_effort"},
        {HAIKU,
         MORE("\"reasoning_effort\":\"low\",\"tools\":[" F
              "],\"tool_choice\":\"required\""),
         "thinking", "reasoning_effort"},
        {HAIKU, MORE("\"reasoning_effort\":\"none\""), "budget_tokens", NULL},
        {"m-up",
         BODY("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\","
              "\"cache_control\":null}]}",
              ""),
         "cache_control", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        UNSAID(rows[i].model, rows[i].body, rows[i].part, rows[i].lost);
}

#define FORMAT(schema)                                                                   \
    MORE(                                                                                \
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\"," \
        "\"schema\":" schema "}}")

/* Anthropic refuses open objects, and bounds. */
static void a_schema_is_closed_and_without_bounds(void **state)
{
    (void)state;
    SAID("m-up",
         FORMAT("{\"type\":\"object\",\"properties\":{\"format\":{\"type\":\"integer\","
                "\"minimum\":1},\"b\":{\"type\":\"array\",\"minItems\":1,\"items\":{"
                "\"oneOf\":[{\"type\":\"object\",\"additionalProperties\":true},{"
                "\"$ref\":\"#/$defs/c\"}]}}},\"$defs\":{\"c\":{\"type\":\"string\","
                "\"format\":\"regex\",\"enum\":[\"minimum\"],\"default\":{\"type\":"
                "\"object\"}}}}"),
         "\"schema\":{\"type\":\"object\",\"properties\":{\"format\":{\"type\":"
         "\"integer\"},"
         "\"b\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"anyOf\":[{\"type\":"
         "\"object\","
         "\"additionalProperties\":false},{\"$ref\":\"#/$defs/c\"}]}}},\"$defs\":{\"c\":{"
         "\"type\":\"string\",\"enum\":[\"minimum\"],\"default\":{\"type\":\"object\"}}},"
         "\"additionalProperties\":false}");
    UNSAID("m-up", FORMAT("{\"type\":\"string\",\"maxLength\":5}"), "maxLength",
           "bounds in response_format");
    UNSAID("m-up", FORMAT("{\"type\":\"object\",\"additionalProperties\":false}"), "true",
           NULL);
}

static void what_it_has_no_place_for_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {MORE("\"n\":2"), "'n'"},
        {MORE("\"temperature\":1.5"), "'temperature'"},
        {MORE("\"logprobs\":true"), "'logprobs'"},
        {MORE("\"logit_bias\":{\"1\":2}"), "'logit_bias'"},
        {MORE("\"response_format\":{\"type\":\"json_object\"}"), "'response_format'"},
        {MORE("\"service_tier\":\"flex\""), "'service_tier'"},
        {MORE("\"reasoning_effort\":\"enormous\""), "'enormous'"},
        {MORE("\"web_search_options\":{}"), "'web_search_options'"},
        {MORE("\"tool_choice\":\"required\""), "'tool_choice'"},
        {BODY("{\"role\":\"system\",\"content\":\"only\"}", ""), "without messages"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        REFUSED(rows[i].body, rows[i].name);
}

/* -- the engine -----------------------------------------------------------------------
 */

static void the_url_may_end_in_v1_and_the_operator_adds_members(void **state)
{
    (void)state;
    static const struct {
        const char *base, *target;
    } rows[] = {{"/v1", "/v1/messages"},
                {"", "/v1/messages"},
                {"/anthropic", "/anthropic/v1/messages"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked g;
        asked_make(&g, &asking, "m-up", MORE("\"top_k\":4"));
        g.w.engine.base_path = str_of(rows[i].base);
        g.w.engine.default_system = STR("be kind");
        g.w.engine.default_params =
            STR("{\"top_k\":9,\"speed\":\"fast\",\"messages\":[],\"model\":\"z\"}");
        g.w.target.output_max = 64000;
        assert_true(asked_encode(&g));
        assert_true(str_eqz(g.m.target, rows[i].target));
        assert_true(str_find(g.m.fields, STR("anthropic-version: 2023-06-01\r\n")) >= 0);
        assert_true(str_find(g.body, STR("\"system\":[{\"type\":\"text\",\"text\":\"be "
                                         "kind\"}]")) >= 0);
        assert_true(str_find(g.body, STR("\"top_k\":4,\"speed\":\"fast\"}")) >= 0);
        assert_true(str_find(g.body, STR("\"max_tokens\":64000")) >= 0);
        assert_true(str_find(g.body, STR("\"z\"")) < 0);
        arena_reset(&g.w.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_blocks_in_their_order),
        cmocka_unit_test(an_odd_id_is_the_same_odd_id_in_its_result),
        cmocka_unit_test(pictures_and_documents_are_carried),
        cmocka_unit_test(a_thought_goes_back_to_who_signed_it_and_to_nobody_else),
        cmocka_unit_test(without_its_thought_a_turn_goes_on_without_thinking),
        cmocka_unit_test(text_that_nobody_signed_is_no_thought),
        cmocka_unit_test(wishes_become_members),
        cmocka_unit_test(what_is_left_out_is_said_to_be),
        cmocka_unit_test(a_schema_is_closed_and_without_bounds),
        cmocka_unit_test(what_it_has_no_place_for_is_refused_by_name),
        cmocka_unit_test(the_url_may_end_in_v1_and_the_operator_adds_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
