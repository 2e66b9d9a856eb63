/* test_gemini_asked.c -- requests of clients of Gemini's API: what routing sees of them,
 * and what they say. */
#include "config/kinds.h"
#include "dialect/seal.h"
#include "nomem.h"

#define ASKING_OF DIALECT_GEMINI
#include "client_asking.h"

#define GENERATE            "/v1beta/models/{model}:generateContent"
#define EMBED               "/v1beta/models/{model}:embedContent"
#define EMBED_MANY          "/v1beta/models/{model}:batchEmbedContents"
#define ASK(contents, more) "{\"contents\":[" contents "]" more "}"
#define USER                "{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}"
#define MODEL(parts)        "{\"role\":\"model\",\"parts\":[" parts "]}"
#define SAID(parts)         "{\"role\":\"user\",\"parts\":[" parts "]}"

static void what_routing_needs_is_seen(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(
            &w, GENERATE,
            ASK(USER "," MODEL(
                    "{\"functionCall\":{\"name\":\"f\",\"args\":{"
                    "}}}") "," SAID("{\"functionResponse\":{\"name\":\"f\",\"response\":{"
                                    "}}"
                                    "}") "," SAID("{\"text\":\"see\"},{\"inlineData\":{"
                                                  "\"mimeType\":\"image/png\","
                                                  "\"data\":\"" PNG "\"}}"),
                ",\"system_instruction\":{\"parts\":[{\"text\":\"be "
                "brief\"}]},"
                "\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\"}]}],"
                "\"generationConfig\":{\"maxOutputTokens\":7,"
                "\"responseMimeType\":"
                "\"application/"
                "json\",\"response_schema\":{\"type\":\"OBJECT\"}}")),
        0);
    assert_str(w.chat.model, "m");
    assert_int_equal(w.chat.needs, CAP_CHAT | CAP_TOOLS | CAP_VISION | CAP_JSON_SCHEMA);
    assert_int_equal(w.chat.nmessages, 4);
    assert_int_equal(w.chat.nmedia, 1);
    assert_int_equal(w.chat.max_output_tokens, 7);
    assert_true(w.chat.has_system && w.chat.has_tool_results && w.chat.wants_usage);
    assert_false(w.chat.is_stream);
    assert_str(w.chat.system_text, "[{\"text\":\"be brief\"}]");
    assert_true(str_starts(w.chat.last_user, STR("[{\"text\":\"see\"}")));
    assert_int_equal(w.chat.nturns, 2);
    assert_has(w.chat.turns[0].reply, "functionCall");
    end(&w);
}

static void a_tool_of_googles_own_is_no_function(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(&w, GENERATE, ASK(USER, ",\"tools\":[{\"googleSearch\":{}}]")), 0);
    assert_int_equal(w.chat.needs, CAP_CHAT);
    end(&w);
}

static void bad_bodies_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body, *says;
    } rows[] = {
        {GENERATE, "[]", "object"},
        {GENERATE, "{}", "'contents'"},
        {GENERATE, "{\"contents\":[]}", "'contents'"},
        {GENERATE, "{\"contents\":\"hi\"}", "'contents'"},
        {GENERATE, "{\"contents\":[7]}", "'contents[0]'"},
        {GENERATE, ASK(USER ",{\"parts\":7}", ""), "'contents[1]'"},
        {GENERATE, ASK(USER ",{\"parts\":{\"text\":7}}", ""), "'contents[1]'"},
        {GENERATE, ASK(USER, ",\"systemInstruction\":{\"parts\":7}"),
         "'systemInstruction' must have"},
        {GENERATE, ASK("{\"parts\":[7]}", ""), "'contents[0]'"},
        {GENERATE, ASK("{\"parts\":[{\"text\":7}]}", ""), "'contents[0]'"},
        {GENERATE, ASK(USER, ",\"tools\":7"), "'tools'"},
        {GENERATE, ASK(USER, ",\"generationConfig\":7"), "'generationConfig'"},
        {GENERATE, ASK(USER, ",\"generationConfig\":{\"candidateCount\":0}"),
         "candidateCount"},
        {GENERATE, ASK(USER, ",\"systemInstruction\":\"be brief\""),
         "'systemInstruction'"},
        {GENERATE,
         ASK(USER, ",\"system_instruction\":{\"parts\":[]},\"systemInstruction\":{"
                   "\"parts\":[]}"),
         "'systemInstruction' is given twice"},
        {EMBED, "{}", "'content'"},
        {EMBED_MANY, "{}", "'requests'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(decode(&w, rows[i].path, rows[i].body), -1);
        assert_int_equal(w.err.kind, ERR_BAD_REQUEST);
        assert_has(str_of(w.err.msg), rows[i].says);
        end(&w);
    }
}

static void who_speaks_and_what_is_kept(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        converse(
            &w, GENERATE,
            ASK(USER
                "," MODEL("{\"text\":\"hm\",\"thought\":true},{\"text\":\"y\"}") "," SAID(
                    "{\"text\":\"h\\u00e9\"},{\"inline_data\":{\"mime_type\":"
                    "\"audio/x-wav\",\"data\":\"BB\"}},{\"fileData\":{"
                    "\"mimeType\":\"image/png\",\"fileUri\":"
                    "\"https://x.example/a.png\"}},{\"inlineData\":{"
                    "\"mimeType\":\"application/pdf\",\"data\":\"CC\","
                    "\"displayName\":\"a.pdf\"}},{\"fileData\":{\"fileUri\":"
                    "\"https://generativelanguage.googleapis.com/v1beta/files/"
                    "x\"}}"),
                ",\"systemInstruction\":{\"role\":\"user\",\"parts\":[{\"text\":"
                "\"be brief\"}]}")),
        0);
    const struct message *m = w.c.messages;
    assert_int_equal(w.c.nmessages, 4);
    assert_int_equal(m[0].speaker, SPEAKER_SYSTEM);
    assert_str(piece_plain(&m[0].pieces[0], &w.a), "be brief");
    assert_int_equal(m[1].speaker, SPEAKER_USER);
    assert_int_equal(m[2].speaker, SPEAKER_MODEL);
    assert_int_equal(m[2].npieces, 2);
    assert_int_equal(m[2].pieces[0].kind, PIECE_THOUGHT);
    assert_str(piece_plain(&m[2].pieces[0], &w.a), "hm");
    assert_str(piece_plain(&m[2].pieces[1], &w.a), "y");
    assert_int_equal(m[3].npieces, 5);
    assert_str(piece_plain(&m[3].pieces[0], &w.a), "h\xC3\xA9");
    assert_int_equal(m[3].pieces[1].kind, PIECE_AUDIO);
    assert_str(m[3].pieces[1].media_type, "wav");
    assert_int_equal(m[3].pieces[2].kind, PIECE_IMAGE);
    assert_str(m[3].pieces[2].url, "https://x.example/a.png");
    assert_int_equal(m[3].pieces[3].kind, PIECE_FILE);
    assert_str(m[3].pieces[3].media_type, "application/pdf");
    assert_str(piece_plain(&m[3].pieces[3], &w.a), "a.pdf");
    assert_true(m[3].pieces[4].file_id.n > 0 && m[3].pieces[4].url.n == 0);
    end(&w);
}

#define CALL(name, id)                                                                   \
    "{\"functionCall\":{\"name\":\"" name "\",\"args\":{\"q\":1}" id "}}"
#define RESULT(name, id, response)                                                       \
    "{\"functionResponse\":{\"name\":\"" name "\"" id ",\"response\":" response "}}"

static void results_are_paired_with_calls(void **state)
{
    (void)state;
    static const struct {
        const char *calls, *results;
        size_t first, second; /* which call */
    } rows[] = {
        {CALL("a", "") "," CALL("b", ""), RESULT("b", "", "{}") "," RESULT("a", "", "{}"),
         1, 0},
        {CALL("a", "") "," CALL("a", ""), RESULT("a", "", "{}") "," RESULT("a", "", "{}"),
         0, 1},
        {CALL("a", ",\"id\":\"x\"") "," CALL("a", ",\"id\":\"y\""),
         RESULT("a", ",\"id\":\"y\"", "{}") "," RESULT("a", ",\"id\":\"x\"", "{}"), 1, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[1024];
        struct world w;
        snprintf(body, sizeof body, ASK(USER "," MODEL("%s") "," SAID("%s"), ""),
                 rows[i].calls, rows[i].results);
        assert_int_equal(converse(&w, GENERATE, body), 0);
        const struct message *m = w.c.messages;
        assert_int_equal(w.c.nmessages,
                         4); /* nothing is left of what had results alone */
        assert_int_equal(m[2].speaker, SPEAKER_TOOL);
        assert_true(str_eq(m[2].result_of, m[1].calls[rows[i].first].id));
        assert_true(str_eq(m[3].result_of, m[1].calls[rows[i].second].id));
        assert_false(str_eq(m[1].calls[0].id, m[1].calls[1].id));
        assert_str(m[1].calls[0].arguments, "{\"q\":1}");
        end(&w);
    }
}

static void what_a_result_says(void **state)
{
    (void)state;
    static const struct {
        const char *response, *text;
        bool is_error;
    } rows[] = {
        {"{\"output\":\"a\\u00e9\"}", "a\xC3\xA9", false},
        {"{\"result\":\"b\"}", "b", false},
        {"{\"error\":\"no\"}", "no", true},
        {"{\"output\":{\"x\":1}}", "{\"x\":1}", false},
        {"{\"output\":\"a\",\"more\":1}", "{\"output\":\"a\",\"more\":1}", false},
        {"{\"$ref\":\"#/$defs/x\"}", "{\"$ref\":\"#/$defs/x\"}", false},
        {"{}", "{}", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[1024];
        struct world w;
        snprintf(body, sizeof body,
                 ASK(USER "," MODEL(CALL("f", "")) "," SAID(
                         "{\"functionResponse\":{\"name\":\"f\",\"response\":%s,"
                         "\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\","
                         "\"data\":\"" PNG "\"}}]}},{\"text\":\"go on\"}"),
                     ""),
                 rows[i].response);
        assert_int_equal(converse(&w, GENERATE, body), 0);
        const struct message *m = &w.c.messages[2];
        assert_int_equal(w.c.nmessages, 4); /* what the user says beside it comes after */
        assert_str(piece_plain(&m->pieces[0], &w.a), rows[i].text);
        assert_int_equal(m->is_error, rows[i].is_error);
        assert_int_equal(m->pieces[1].kind, PIECE_IMAGE);
        assert_str(piece_plain(&w.c.messages[3].pieces[0], &w.a), "go on");
        end(&w);
    }
}

/* Bug list 18: signatures are kept where they stood. */
static void signatures_come_back(void **state)
{
    (void)state;
    struct world w;
    struct buf thought, call;
    char body[2048];
    buf_init(&thought, 256);
    buf_init(&call, 256);
    seal_write(&(struct seal){.issuer = STR("anthropic-1"),
                              .kind = SEAL_THOUGHT,
                              .length = 4,
                              .payload = STR("SIG")},
               &thought);
    seal_write(&(struct seal){.issuer = STR("gemini-1"),
                              .kind = SEAL_CALL,
                              .call = STR("k"),
                              .payload = STR("CALLSIG")},
               &call);
    snprintf(body, sizeof body,
             ASK(USER "," MODEL(
                     "{\"text\":\"ab\",\"thought\":true},{\"text\":\"cd\","
                     "\"thought\":true},{\"text\":\"\",\"thought\":true,"
                     "\"thoughtSignature\":\"%.*s\"},{\"text\":\"y\"},{\"text\":\"es\"},"
                     "{\"functionCall\":{\"name\":\"f\",\"id\":\"k\"},"
                     "\"thoughtSignature\":\"%.*s\"},{\"functionCall\":{"
                     "\"name\":\"g\"},\"thoughtSignature\":\"vendor\"}"),
                 ""),
             STR_ARG(buf_view(&thought)), STR_ARG(buf_view(&call)));
    assert_int_equal(converse(&w, GENERATE, body), 0);
    const struct message *m = &w.c.messages[1];
    assert_int_equal(m->npieces, 6);
    assert_int_equal(m->pieces[0].kind, PIECE_THOUGHT);
    assert_str(piece_plain(&m->pieces[0], &w.a),
               "abcd"); /* as it was before it was streamed */
    assert_true(str_eq(m->pieces[0].sealed, buf_view(&thought)));
    assert_str(piece_plain(&m->pieces[1], &w.a), "yes");
    assert_int_equal(m->pieces[2].kind, PIECE_THOUGHT);
    assert_true(str_eq(m->pieces[2].sealed, buf_view(&call)));
    assert_int_equal(m->pieces[3].kind, PIECE_CALL);
    assert_str(m->pieces[4].sealed, "vendor");
    assert_int_equal(m->pieces[5].call, 1);
    buf_release(&thought);
    buf_release(&call);
    end(&w);
    /* A provider's own signature is on the thought before it, which is said once. */
    assert_int_equal(
        converse(&w, GENERATE,
                 ASK(USER "," MODEL("{\"text\":\"ab\",\"thought\":true},{\"text\":\"\","
                                    "\"thought\":true,\"thoughtSignature\":\"SIG\"},{"
                                    "\"text\":\"yes\"}"),
                     "")),
        0);
    assert_int_equal(w.c.messages[1].npieces, 2);
    assert_str(piece_plain(&w.c.messages[1].pieces[0], &w.a), "ab");
    assert_str(w.c.messages[1].pieces[0].sealed, "SIG");
    end(&w);
}

static void settings_have_their_places(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        converse(&w, GENERATE,
                 ASK(USER,
                     ",\"generationConfig\":{\"temperature\":0.10,\"topP\":0.9,\"top_k\":"
                     "40.0,\"seed\":3,\"presencePenalty\":1,\"frequency_penalty\":2,"
                     "\"stopSequences\":[\"a\",\"\"],\"candidateCount\":2,"
                     "\"responseLogprobs\":true,\"logprobs\":3,\"maxOutputTokens\":9,"
                     "\"thinkingConfig\":{\"thinkingBudget\":1024,\"includeThoughts\":"
                     "true},\"responseModalities\":[\"TEXT\"],\"mediaResolution\":"
                     "\"MEDIA_RESOLUTION_LOW\"},\"serviceTier\":\"standard\","
                     "\"safetySettings\":[{\"category\":\"c\",\"threshold\":\"t\"}],"
                     "\"labels\":{\"a\":\"b\"}")),
        0);
    assert_str(w.c.sampling[SAMPLING_TEMPERATURE], "0.10");
    assert_str(w.c.sampling[SAMPLING_TOP_P], "0.9");
    assert_str(w.c.sampling[SAMPLING_TOP_K], "40");
    assert_str(w.c.sampling[SAMPLING_SEED], "3");
    assert_str(w.c.sampling[SAMPLING_PRESENCE_PENALTY], "1");
    assert_str(w.c.sampling[SAMPLING_FREQUENCY_PENALTY], "2");
    assert_int_equal(w.c.nstops, 1);
    assert_int_equal(w.c.thinking_budget, 1024);
    assert_int_equal(w.chat.nchoices, 2);
    static const char *const others[][2] = {{"logprobs", "true"},
                                            {"top_logprobs", "3"},
                                            {"n", "2"},
                                            {"service_tier", "\"default\""}};
    assert_int_equal(w.c.nothers, ARRAY_LEN(others));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_str(w.c.others[i].name, others[i][0]);
        assert_str(w.c.others[i].value, others[i][1]);
    }
    assert_int_equal(w.c.nlost, 3);
    assert_str(w.c.lost[0], "safetySettings");
    assert_str(w.c.lost[1], "labels");
    assert_str(w.c.lost[2], "generationConfig.mediaResolution");
    assert_int_equal(asked()->echo(&w.chat, &w.a, &w.out, &w.err), 0);
    assert_str(buf_view(&w.out), "t");
    end(&w);
}

static void how_much_to_think(void **state)
{
    (void)state;
    static const struct {
        const char *config, *effort;
        int64_t budget;
    } rows[] = {{"{}", "", -1},
                {"{\"thinkingBudget\":0}", "", 0},
                {"{\"thinkingBudget\":-1}", "", -1},
                {"{\"thinking_level\":\"HIGH\"}", "high", -1},
                {"{\"thinkingLevel\":\"MINIMAL\"}", "minimal", -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];
        struct world w;
        snprintf(body, sizeof body,
                 ASK(USER, ",\"generation_config\":{\"thinking_config\":%s}"),
                 rows[i].config);
        assert_int_equal(converse(&w, GENERATE, body), 0);
        assert_str(w.c.effort, rows[i].effort);
        assert_int_equal(w.c.thinking_budget, rows[i].budget);
        assert_int_equal(asked()->echo(&w.chat, &w.a, &w.out, &w.err), 0);
        assert_int_equal(w.out.n, 0);
        end(&w);
    }
}

/* Bug list 13: Google's own kind of schema becomes JSON Schema, and that stays. */
static void schemas_are_json_schema(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{\"type\":\"OBJECT\",\"properties\":{\"type\":{\"type\":\"STRING\","
         "\"nullable\":true},\"n\":{\"type\":\"INTEGER\",\"minimum\":1}},\"required\":["
         "\"n\"],\"propertyOrdering\":[\"n\"]}",
         "{\"type\":\"object\",\"properties\":{\"type\":{\"type\":[\"string\",\"null\"]},"
         "\"n\":{\"type\":\"integer\",\"minimum\":1}},\"required\":[\"n\"]}"},
        {"{\"type\":\"ARRAY\",\"items\":{\"any_of\":[{\"type\":\"STRING\",\"enum\":["
         "\"TYPE\"]},{\"type\":\"NUMBER\"}]},\"min_items\":\"2\",\"maxItems\":3}",
         "{\"type\":\"array\",\"items\":{\"anyOf\":[{\"type\":\"string\",\"enum\":["
         "\"TYPE\"]},{\"type\":\"number\"}]},\"minItems\":2,\"maxItems\":3}"},
        {"{\"type\":\"object\",\"additionalProperties\":false}",
         "{\"type\":\"object\",\"additionalProperties\":false}"},
        {"{\"type\":\"TYPE_UNSPECIFIED\",\"default\":\"OBJECT\",\"example\":{\"type\":"
         "\"X\"}}",
         "{\"default\":\"OBJECT\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[2048];
        struct world w;
        snprintf(body, sizeof body,
                 ASK(USER, ",\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\","
                           "\"parameters\":%s},{\"name\":\"g\",\"parametersJsonSchema\":"
                           "%s}]}],\"generationConfig\":{\"responseMimeType\":"
                           "\"application/json\",\"responseSchema\":%s}"),
                 rows[i][0], rows[i][0], rows[i][0]);
        assert_int_equal(converse(&w, GENERATE, body), 0);
        assert_str(w.c.tools[0].parameters, rows[i][1]);
        assert_str(w.c.tools[1].parameters, rows[i][0]);
        assert_int_equal(w.c.format, FORMAT_SCHEMA);
        assert_str(w.c.schema, rows[i][1]);
        end(&w);
    }
}

static void which_function_may_be_called(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        enum tool_choice choice;
        size_t ntools;
    } rows[] = {
        {"{}", CHOICE_UNSAID, 2},
        {"{\"mode\":\"AUTO\"}", CHOICE_AUTO, 2},
        {"{\"mode\":\"ANY\"}", CHOICE_REQUIRED, 2},
        {"{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"g\"]}", CHOICE_NAMED, 2},
        {"{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"g\",\"x\"]}", CHOICE_REQUIRED, 1},
        {"{\"mode\":\"AUTO\",\"allowedFunctionNames\":[\"g\"]}", CHOICE_AUTO, 1},
        {"{\"mode\":\"VALIDATED\"}", CHOICE_AUTO, 2},
        {"{\"mode\":\"none\"}", CHOICE_NONE, 2}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[512];
        struct world w;
        snprintf(body, sizeof body,
                 ASK(USER,
                     ",\"tools\":[{\"function_declarations\":[{\"name\":\"f\"}]},"
                     "{\"functionDeclarations\":[{\"name\":\"g\"}]}],\"toolConfig\":"
                     "{\"functionCallingConfig\":%s}"),
                 rows[i].config);
        assert_int_equal(converse(&w, GENERATE, body), 0);
        assert_int_equal(w.c.choice, rows[i].choice);
        assert_int_equal(w.c.ntools, rows[i].ntools);
        assert_str(w.c.tools[rows[i].ntools - 1].name, "g");
        end(&w);
    }
}

static void what_has_no_place_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *says;
    } rows[] = {
        {ASK(USER, ",\"tools\":[{\"googleSearch\":{}}]"), "'tools[0].googleSearch'"},
        {ASK(USER, ",\"tools\":[{\"codeExecution\":{}}]"), "'tools[0].codeExecution'"},
        {ASK(USER, ",\"cachedContent\":\"cachedContents/x\""), "'cachedContent'"},
        {ASK(USER, ",\"newMember\":1"), "'newMember'"},
        {ASK(USER, ",\"generationConfig\":{\"responseModalities\":[\"IMAGE\"]}"),
         "responseModalities"},
        {ASK(USER, ",\"generationConfig\":{\"speechConfig\":{\"a\":1}}"), "speechConfig"},
        {ASK(USER, ",\"generationConfig\":{\"responseMimeType\":\"text/x.enum\"}"),
         "responseMimeType"},
        {ASK(USER, ",\"generationConfig\":{\"topP\":1,\"top_p\":1}"), "'topP'"},
        {ASK(USER, ",\"serviceTier\":\"fast\""), "'serviceTier'"},
        {ASK("{\"role\":\"robot\",\"parts\":[]}", ""), "'contents[0].role'"},
        {ASK(SAID("{\"executableCode\":{\"code\":\"x\"}}"), ""),
         "'contents[0].parts[0].executableCode'"},
        {ASK(SAID("{\"inlineData\":{\"data\":\"AA\"}}"), ""),
         "'contents[0].parts[0].inlineData'"},
        {ASK(SAID("{\"functionCall\":{\"name\":\"f\"}}"), ""),
         "'contents[0].parts[0].functionCall'"},
        {ASK(SAID("{\"text\":\"x\",\"thought\":true}"), ""),
         "'contents[0].parts[0].thought'"},
        {ASK(SAID("{\"functionResponse\":{\"name\":\"f\",\"response\":7}}"), ""),
         "functionResponse.response'"},
        {ASK(USER, ",\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"SOME\"}}"),
         "mode'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(converse(&w, GENERATE, rows[i].body), -1);
        assert_int_equal(w.err.kind, ERR_BAD_REQUEST);
        assert_has(str_of(w.err.msg), rows[i].says);
        end(&w);
    }
}

/* As Google's API takes it: what is meant to be a list may be one value, and a number may
 * stand in a string. */
static void one_value_is_a_list_of_one(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        converse(&w, GENERATE,
                 "{\"contents\":{\"parts\":{\"text\":\"hi\"}},"
                 "\"tools\":{\"function_declarations\":{\"name\":\"f\"}},"
                 "\"toolConfig\":{\"function_calling_config\":{\"mode\":\"ANY\","
                 "\"allowedFunctionNames\":\"f\"}},"
                 "\"generation_config\":{\"stopSequences\":\"END\",\"top_k\":\"40.0\","
                 "\"temperature\":\"0.5\",\"max_output_tokens\":\"7\","
                 "\"responseModalities\":\"TEXT\"}}"),
        0);
    assert_true(w.chat.needs & CAP_TOOLS);
    assert_int_equal(w.c.nmessages, 1);
    assert_int_equal(w.c.ntools, 1);
    assert_str(w.c.tools[0].name, "f");
    assert_int_equal(w.c.choice, CHOICE_NAMED);
    assert_str(w.c.choice_name, "f");
    assert_int_equal(w.c.nstops, 1);
    assert_str(w.c.stops[0], "END");
    assert_str(w.c.sampling[SAMPLING_TEMPERATURE], "0.5");
    assert_str(w.c.sampling[SAMPLING_TOP_K], "40");
    assert_int_equal(w.c.max_output_tokens, 7);
    end(&w);
    assert_int_equal(decode(&w, EMBED_MANY,
                            "{\"requests\":{\"content\":{\"parts\":{\"text\":\"a\"}}}}"),
                     0);
    assert_int_equal(w.chat.nprompts, 1);
    struct str got = {NULL, 0};
    assert_int_equal(asked()->as_openai(&w.chat, &w.a, &w.c, &got, &w.err), 0);
    assert_str(got, "{\"model\":\"m\",\"input\":[\"a\"]}");
    end(&w);
}

static void texts_to_embed_are_said_in_openais_form(void **state)
{
    (void)state;
    struct world w;
    struct str got = {NULL, 0};
    assert_int_equal(
        decode(&w, EMBED,
               "{\"model\":\"models/m\",\"content\":{\"parts\":[{\"text\":\"a\"},"
               "{\"text\":\"\\u00e9\"}]},\"taskType\":\"RETRIEVAL_QUERY\","
               "\"outputDimensionality\":64}"),
        0);
    assert_int_equal(asked()->as_openai(&w.chat, &w.a, &w.c, &got, &w.err), 0);
    assert_str(got, "{\"model\":\"m\",\"input\":[\"a\xC3\xA9\"],\"dimensions\":64}");
    assert_int_equal(w.c.nlost, 1);
    assert_str(w.c.lost[0], "taskType");
    end(&w);
    assert_int_equal(decode(&w, EMBED_MANY,
                            "{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}},"
                            "{\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}"),
                     0);
    assert_int_equal(w.chat.nprompts, 2);
    assert_int_equal(asked()->as_openai(&w.chat, &w.a, &w.c, &got, &w.err), 0);
    assert_str(got, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}");
    end(&w);
    assert_int_equal(decode(&w, EMBED_MANY,
                            "{\"requests\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},"
                            "\"outputDimensionality\":1},{\"content\":{\"parts\":[{"
                            "\"text\":\"b\"}]},\"outputDimensionality\":2}]}"),
                     0);
    assert_int_equal(asked()->as_openai(&w.chat, &w.a, &w.c, &got, &w.err), -1);
    assert_has(str_of(w.err.msg), "'requests[1].outputDimensionality'");
    end(&w);
}

static int read_all(void)
{
    static const char body[] = ASK(
        USER "," MODEL(
            "{\"text\":\"h\\u00e9\",\"thought\":true},{\"text\":\"\\u00e9\"},"
            "{\"functionCall\":{\"name\":\"f\"}}") "," SAID("{\"functionResponse\":{"
                                                            "\"name\":\"f\",\"response\":"
                                                            "{\"output\":"
                                                            "\"\\u00e9\"}}}"),
        ",\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{"
        "\"type\":\"OBJECT\"}}]}],\"generationConfig\":{\"stopSequences\":[\"\\n\"]}");
    struct world w;
    begin(&w);
    const struct dialect_ask ask = {
        .path = path_of(GENERATE), .model = STR("m"), .body = str_of(body)};
    int rc = dialect_decode(asked(), &ask, &w.a, &w.chat, &w.err);
    if (rc == 0)
        rc = asked()->read_conversation(&w.chat, &w.a, &w.c, &w.err);
    end(&w);
    return rc;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    for (long n = 1; nomem_begin(n); n++) {
        int rc = read_all();
        assert_true(nomem_end() ? rc != 0 : rc == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_routing_needs_is_seen),
        cmocka_unit_test(a_tool_of_googles_own_is_no_function),
        cmocka_unit_test(one_value_is_a_list_of_one),
        cmocka_unit_test(bad_bodies_are_refused_by_name),
        cmocka_unit_test(who_speaks_and_what_is_kept),
        cmocka_unit_test(results_are_paired_with_calls),
        cmocka_unit_test(what_a_result_says),
        cmocka_unit_test(signatures_come_back),
        cmocka_unit_test(settings_have_their_places),
        cmocka_unit_test(how_much_to_think),
        cmocka_unit_test(schemas_are_json_schema),
        cmocka_unit_test(which_function_may_be_called),
        cmocka_unit_test(what_has_no_place_is_refused_by_name),
        cmocka_unit_test(texts_to_embed_are_said_in_openais_form),
        cmocka_unit_test(no_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
