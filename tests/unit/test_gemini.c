/* test_gemini.c -- a chat as Gemini's generateContent: what is carried, what is left out
 * and said to be, what is refused by name.  Answers: test_gemini_answer.c. */
#include "asking.h"
#include "dialect/seal.h"

static const struct asking_of asking = {ENGINE_GEMINI, SPEECH_GEMINI,
                                        "https://generativelanguage.googleapis.com"};

#define SAID(model, body, part)         assert_said(&asking, model, body, part)
#define UNSAID(model, body, part, lost) assert_unsaid(&asking, model, body, part, lost)
#define REFUSED(body, name)             assert_refused(&asking, body, name)

static void messages_become_contents_in_their_order(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {BODY("{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"developer\","
              "\"content\":"
              "\"b\"}," USER,
              ""),
         "{\"systemInstruction\":{\"parts\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
         "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}]"},
        /* Bug 6: instructions later on keep their place. */
        {BODY(USER "," MODEL(
                  "\"name\":\"x\"") ",{\"role\":\"system\",\"content\":\"now\"}," USER,
              ""),
         "{\"role\":\"user\",\"parts\":[{\"text\":\"now\"},{\"text\":\"hi\"}]}"},
        {BODY(USER "," USER, ""), "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
                                  "\"hi\"},{\"text\":\"hi\"}]}]"},
        {BODY(USER "," MODEL("\"tool_calls\":[" CALL(
                  "a", "{\\\"q\\\":1.50}") "]") "," RESULT("a", "r"),
              ""),
         "{\"role\":\"model\",\"parts\":[{\"text\":\"x\"},{\"functionCall\":{\"name\":"
         "\"f\","
         "\"args\":{\"q\":1.50}},\"thoughtSignature\":\"skip_thought_signature_"
         "validator\"}]"
         "},{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\","
         "\"response\":{\"output\":\"r\"}}}]}"},
        /* Results stand alone, in the order of the calls; bug 12: as a text. */
        {BODY(
             USER "," MODEL("\"tool_calls\":[" CALL("a", "{}") "," CALL(
                 "b", "{}") "]") "," USER
                                 "," RESULT("b", "2") "," RESULT("a", "{\\\"$ref\\\":1}"),
             ""),
         "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\","
         "\"response\":{"
         "\"output\":\"{\\\"$ref\\\":1}\"}}},{\"functionResponse\":{\"name\":\"f\","
         "\"response\":{\"output\":\"2\"}}},{\"text\":\"hi\"}]}"},
        {BODY(RESULT("z", "late"), ""),
         "{\"parts\":[{\"text\":\"Result of the tool z:\"},{\"text\":\"late\"}]}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!strstr(rows[i].part, "\"parts\":[{\"text\":\"Result"))
            SAID("m-up", rows[i].body, rows[i].part);
        else
            SAID("m-up", rows[i].body,
                 "{\"text\":\"Result of the tool z:\"},{\"text\":"
                 "\"late\"}");
}

#define PICTURE(url)                                                                     \
    CONTENT("[{\"type\":\"image_url\",\"image_url\":{\"url\":\"" url "\"}}]")

static void media_is_carried_inline_or_from_googles_own_stores(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {PICTURE("data:image/jpg;base64,/9j/AA"),
         "{\"inlineData\":{\"mimeType\":\"image/jpeg\",\"data\":\"/9j/AA\"}}"},
        {PICTURE("gs://b/c.png"),
         "{\"fileData\":{\"mimeType\":\"image/png\",\"fileUri\":\"gs://b/c.png\"}}"},
        {CONTENT("[{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\",\"format\":"
                 "\"wav\"}}]"),
         "{\"inlineData\":{\"mimeType\":\"audio/wav\",\"data\":\"AA\"}}"},
        {CONTENT("[{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
                 "\"data:application/pdf;base64,JVBERi0\"}}]"),
         "{\"inlineData\":{\"mimeType\":\"application/pdf\",\"data\":\"JVBERi0\"}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        SAID("m-up", rows[i].body, rows[i].part);
    REFUSED(PICTURE("https://a.test/b.png"), "'messages[0]'");
    REFUSED(CONTENT("[{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}]"),
            "'messages[0]'");
}

/* -- signatures ------------------------------------------------------------------------
 */

static void sealed_call(char *out, size_t size, const char *url, enum seal_kind kind)
{
    char text[256];
    const struct seal s = {.kind = kind, .call = STR("a"), .payload = STR("SIGNED")};
    seal_of(text, sizeof text, SPEECH_GEMINI, url, s);
    snprintf(
        out, size,
        BODY(USER
             ",{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_details\":[{"
             "\"type\":\"reasoning.encrypted\",\"data\":\"%s\"}],\"tool_calls\":[" CALL(
                 "a", "{}") "," CALL("b", "{}") "]}," RESULT("a", "r") "," RESULT("b",
                                                                                  "r"),
             ""),
        text);
}

/* Bugs 18, 25: at the part that it came on, and to nobody else. */
static void a_signature_goes_back_to_its_part(void **state)
{
    (void)state;
    char body[1024];
    sealed_call(body, sizeof body, asking.url, SEAL_CALL);
    SAID(
        "gemini-3-pro", body,
        "\"args\":{}},\"thoughtSignature\":\"SIGNED\"},{\"functionCall\":{\"name\":\"f\","
        "\"args\":{}}}]");
    sealed_call(body, sizeof body, asking.url, SEAL_TEXT);
    SAID("gemini-3-pro", body, "{\"text\":\"x\",\"thoughtSignature\":\"SIGNED\"}");
    sealed_call(body, sizeof body, "https://elsewhere.test", SEAL_CALL);
    UNSAID("gemini-3-pro", body, "SIGNED", "reasoning of earlier turns");
    SAID("gemini-3-pro", body,
         "\"args\":{}},\"thoughtSignature\":\"skip_thought_signature_validator\"},{"
         "\"functionCall\":{\"name\":\"f\",\"args\":{}}}]");
    /* Older models know no such thing, and turns that are over are not looked at. */
    SAID("gemini-2.5-flash", body, "\"args\":{}}},{");
    UNSAID("gemini-3-pro",
           BODY(USER "," MODEL("\"tool_calls\":[" CALL("a", "{}") "]") "," RESULT(
                    "a", "r") "," USER,
                ""),
           "thoughtSignature", NULL);
}

/* -- wishes ---------------------------------------------------------------------------
 */

#define OLD "gemini-2.5-flash"
#define NEW "gemini-3-pro-preview"

static void wishes_become_members(void **state)
{
    (void)state;
    static const struct {
        const char *model, *body, *part;
    } rows[] = {
        {"m-up",
         MORE("\"max_tokens\":77,\"temperature\":1.5,\"top_p\":0.5,\"top_k\":4,"
              "\"seed\":7,\"frequency_penalty\":0.5,\"stop\":\"a\",\"n\":2"),
         "\"generationConfig\":{\"temperature\":1.5,\"topP\":0.5,\"topK\":4,\"seed\":7,"
         "\"frequencyPenalty\":0.5,\"maxOutputTokens\":77,\"candidateCount\":2,"
         "\"stopSequences\":[\"a\"]}"},
        {"m-up", MORE("\"logprobs\":true,\"top_logprobs\":2"),
         "{\"responseLogprobs\":true,\"logprobs\":2}"},
        {"m-up", SCHEMA(""),
         "\"responseMimeType\":\"application/json\",\"responseJsonSchema\":{\"type\":"
         "\"object\"}"},
        {"m-up", MORE("\"response_format\":{\"type\":\"json_object\"}"),
         "{\"responseMimeType\":\"application/json\"}"},
        {"m-up", MORE("\"tools\":[" F "]"),
         "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parametersJsonSchema\":"
         "{"
         "\"type\":\"object\",\"properties\":{}}}]}]"},
        {"m-up", MORE("\"tools\":[" F "],\"tool_choice\":\"none\""),
         "\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"NONE\"}}"},
        {"m-up", MORE("\"tools\":[" F "],\"tool_choice\":\"required\""),
         "\"functionCallingConfig\":{\"mode\":\"ANY\"}"},
        {"m-up",
         MORE("\"tools\":[" F "],\"tool_choice\":{\"type\":\"function\",\"function\":{"
              "\"name\":\"f\"}}"),
         "{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"f\"]}"},
        {OLD, MORE("\"reasoning_effort\":\"high\""),
         "\"thinkingConfig\":{\"includeThoughts\":true,\"thinkingBudget\":24576}"},
        {OLD, MORE("\"reasoning_effort\":\"none\""),
         "\"thinkingConfig\":{\"thinkingBudget\":0}"},
        {NEW, MORE("\"reasoning_effort\":\"medium\""),
         "\"thinkingConfig\":{\"includeThoughts\":true,\"thinkingLevel\":\"MEDIUM\"}"},
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
        {"m-up", MORE("\"min_p\":0.5"), "0.5", "min_p"},
        {"m-up", MORE("\"user\":\"u1\""), "u1", "user"},
        {"m-up", MORE("\"tools\":[" F "],\"parallel_tool_calls\":false"), "parallel",
         "parallel_tool_calls"},
        {"m-up",
         MORE("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
              "\"strict\":true}}]"),
         "strict", "tools.strict"},
        {"m-up",
         CONTENT("[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":"
                 "\"ephemeral\"}}]"),
         "ephemeral", "cache_control"},
        {NEW, MORE("\"reasoning_effort\":\"none\""), "includeThoughts",
         "reasoning_effort"},
        {NEW, MORE("\"reasoning_effort\":\"max\""), "MAX", "reasoning_effort"},
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
        {MORE("\"logit_bias\":{\"1\":2}"), "'logit_bias'"},
        {MORE("\"service_tier\":\"scale\""), "'service_tier'"},
        {MORE("\"reasoning_effort\":\"enormous\""), "'enormous'"},
        {MORE("\"tool_choice\":\"required\""), "'tool_choice'"},
        {BODY("{\"role\":\"system\",\"content\":\"only\"}", ""), "without messages"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        REFUSED(rows[i].body, rows[i].name);
}

/* -- the engine -----------------------------------------------------------------------
 */

static void the_model_is_in_the_path_and_the_operator_adds_members(void **state)
{
    (void)state;
    static const struct {
        const char *base, *model, *more, *target;
    } rows[] = {
        {"/v1", "gemini-3-pro", "", "/v1beta/models/gemini-3-pro:generateContent"},
        {"/v1beta", "models/a b/c", ",\"stream\":true",
         "/v1beta/models/a%20b%2Fc:streamGenerateContent?alt=sse"},
        {"/x/v1beta/openai", "m", "", "/x/v1beta/models/m:generateContent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked g;
        char body[256];
        snprintf(body, sizeof body,
                 "{\"model\":\"m\",\"top_k\":4,\"messages\":[" USER "]%s}", rows[i].more);
        asked_make(&g, &asking, rows[i].model, body);
        g.w.engine.base_path = str_of(rows[i].base);
        g.w.engine.default_system = STR("be kind");
        g.w.engine.default_params =
            STR("{\"generationConfig\":{\"topK\":9,\"topP\":0.5},\"safetySettings\":[],"
                "\"contents\":[]}");
        assert_true(asked_encode(&g));
        assert_true(str_eqz(g.m.target, rows[i].target));
        assert_true(str_find(g.body, STR("{\"systemInstruction\":{\"parts\":[{\"text\":"
                                         "\"be kind\"}]}")) >= 0);
        assert_true(str_find(g.body, STR("\"generationConfig\":{\"topK\":4,\"topP\":0.5},"
                                         "\"safetySettings\":[]}")) >= 0);
        arena_reset(&g.w.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_contents_in_their_order),
        cmocka_unit_test(media_is_carried_inline_or_from_googles_own_stores),
        cmocka_unit_test(a_signature_goes_back_to_its_part),
        cmocka_unit_test(wishes_become_members),
        cmocka_unit_test(what_is_left_out_is_said_to_be),
        cmocka_unit_test(what_it_has_no_place_for_is_refused_by_name),
        cmocka_unit_test(the_model_is_in_the_path_and_the_operator_adds_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
