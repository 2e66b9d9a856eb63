/* test_sim_checks.c -- what the simulated vendors refuse in a request: their words, one
 * row each, and what they take. */
#include "sim_talk.h"

#include "sim/check.h"
#include "sim/sign.h"

struct row {
    const char *body;
    const char *why; /* NULL: it is taken */
};

static const char signed_hm[] = "d2VpcnNpb"; /* the beginning of every signature */

/* "SIG" in a body is replaced by the simulator's signature of "hm". */
static struct str with_signature(struct arena *a, const char *body)
{
    struct buf b;
    struct str rest = str_of(body);
    buf_init(&b, 1 << 20);
    for (ptrdiff_t at; (at = str_find(rest, STR("SIG"))) >= 0;) {
        buf_append(&b, str_sub(rest, 0, (size_t)at));
        sim_sign(STR("hm"), &b);
        rest = str_sub(rest, (size_t)at + 3, rest.n);
    }
    buf_append(&b, rest);
    struct str ret = arena_strdup(a, buf_view(&b));
    buf_release(&b);
    return ret;
}

static void check_rows(enum dialect_id id, const char *version, const char *directives,
                       const struct row *rows, size_t n)
{
    struct arena a;
    struct dialect d = {.id = id};
    struct sim_directives asked = {0};
    struct err err = {0};
    arena_init(&a, 64 << 20);
    assert_int_equal(sim_directives_add(&asked, str_of(directives), &err), 0);
    for (size_t i = 0; i < n; i++) {
        char room[SIM_MESSAGE_BYTES];
        struct sim_trouble t;
        const struct sim_checking c = {.dialect = &d,
                                       .surface = SURFACE_CHAT,
                                       .body = with_signature(&a, rows[i].body),
                                       .version = str_of(version),
                                       .asked = &asked,
                                       .arena = &a};
        bool refused = sim_check(&c, &t, room);
        if (refused != (rows[i].why != NULL) ||
            (refused && !has(str_of(t.message), rows[i].why)))
            fail_msg("%s\n-> %s, not %s", rows[i].body, refused ? t.message : "taken",
                     rows[i].why ? rows[i].why : "taken");
        if (refused)
            assert_int_equal(t.status, 400);
    }
    arena_reset(&a);
}

#define CHECK(id, version, directives, rows)                                             \
    check_rows(id, version, directives, rows, ARRAY_LEN(rows))

#define A(rest)      "{\"model\":\"m\",\"max_tokens\":100," rest "}"
#define AM(messages) A("\"messages\":[" messages "]")
#define AU           "{\"role\":\"user\",\"content\":\"hi\"}"
#define ACALL(id)                                                                        \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"" id           \
    "\",\"name\":\"f\",\"input\":{}}]}"
#define ARESULT(id)                                                                      \
    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" id    \
    "\",\"content\":\"ok\"}]}"
#define ATHOUGHT(signature)                                                              \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","   \
    "\"signature\":\"" signature "\"},{\"type\":\"text\",\"text\":\"a\"}]}," AU

static void anthropic_refuses(void **state)
{
    static const struct row rows[] = {
        {AM(AU), NULL},
        {"{\"model\":\"m\",\"messages\":[" AU "]}", "max_tokens: Field required"},
        {"{\"max_tokens\":1,\"messages\":[" AU "]}", "model: Field required"},
        {A("\"x\":1"), "messages: Field required"},
        {AM(""), "messages: at least one message is required"},
        {AM("{\"role\":\"tool\",\"content\":\"x\"}"), "messages.0.role: Input should be"},
        {AM("{\"role\":\"assistant\",\"content\":\"x\"}"), "first message must use"},
        {AM("{\"role\":\"system\",\"content\":\"x\"}," AU), NULL},
        {AM("{\"role\":\"user\",\"content\":\"\"}"), "non-empty content"},
        {AM("{\"role\":\"user\",\"content\":[]}"), "non-empty content"},
        {AM(AU ",{\"role\":\"assistant\",\"content\":\"\"}"), NULL},
        {AM("{\"role\":\"user\"}"), "messages.0.content: Field required"},
        {AM("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\"}]}"),
         "text content blocks must be non-empty"},
        {AM(AU "," ACALL("toolu_1") "," ARESULT("toolu_1")), NULL},
        {AM(AU "," ACALL("functions.Bash:0") "," ARESULT("functions.Bash:0")),
         "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"},
        {AM(AU "," ACALL("") "," ARESULT("")), "tool_use.id: String should match"},
        {AM(AU "," ACALL("t1")), "`tool_use` ids were found without `tool_result`"},
        {AM(AU "," ACALL("t1") "," AU "," ACALL("t2") "," ARESULT("t2")),
         "`tool_use` ids were found without `tool_result`"},
        {AM(AU "," ARESULT("t1")), "unexpected `tool_use_id` found in `tool_result`"},
        {AM(AU "," ACALL("t1") "," ARESULT("t1") "," ARESULT("t1")), "unexpected"},
        {AM(AU "," ACALL("t1") "," ACALL("t2") "," ARESULT("t1") "," ARESULT("t2")),
         NULL},
        {AM(AU
            ",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
            "\"name\":\"f\",\"input\":\"{}\"}]}"),
         "tool_use.input: Input should be a valid dictionary"},
        {AM(AU "," ATHOUGHT("SIG")), NULL},
        {AM(AU "," ATHOUGHT("other")),
         "messages.1.content.0: Invalid `signature` in `thinking` block"},
        {AM(AU "," ATHOUGHT("")), "Invalid `signature` in `thinking` block"},
        {AM(AU ",{\"role\":\"assistant\",\"content\":[{\"type\":\"redacted_thinking\","
               "\"data\":\"x\"}]}"),
         "Invalid `data` in `redacted_thinking` block"},
        {A("\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],"
           "\"messages\":[" AU "]"),
         NULL},
        {A("\"tools\":[{\"name\":\"f\",\"input_schema\":{}}],\"messages\":[" AU "]"),
         "tools.0.custom.input_schema.type: Input should be 'object'"},
        {A("\"tools\":[{\"name\":\"f\"}],\"messages\":[" AU "]"),
         "tools.0.custom.input_schema: Field required"},
        {A("\"tools\":[{\"name\":\"a.b\",\"input_schema\":{\"type\":\"object\"}}],"
           "\"messages\":[" AU "]"),
         "tools.0.custom.name: String should match"},
        {A("\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}],\"messages\":[" AU
           "]"),
         NULL},
        {A("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":10},\"messages\":[" AU
           "]"),
         "greater than or equal to 1024"},
        {A("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},\"messages\":[" AU
           "]"),
         "`max_tokens` must be greater than `thinking.budget_tokens`"},
        {"{\"model\":\"m\",\"max_tokens\":4000,\"thinking\":{\"type\":\"enabled\","
         "\"budget_tokens\":2000},\"messages\":[" AU "," ACALL("t") "," ARESULT("t") "]}",
         "Expected `thinking` or `redacted_thinking`, but found `tool_use`"},
        {A("\"system\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{}},"
           "{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{}},"
           "{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{}}],\"messages\":["
           "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\","
           "\"cache_control\":{}},{\"type\":\"text\",\"text\":\"b\",\"cache_control\":{}}"
           "]}]"),
         "A maximum of 4 blocks with cache_control may be provided. Found 5."},
    };
    static const struct row new_version[] = {
        {AM(AU), NULL},
        {A("\"temperature\":1,\"messages\":[" AU "]"), "temperature: Extra inputs"},
    };
    static const struct row no_version[] = {
        {AM(AU), "anthropic-version: header is required"}};
    static const struct row lenient[] = {{"{}", NULL}};
    (void)state;
    CHECK(DIALECT_ANTHROPIC, "2023-06-01", "", rows);
    CHECK(DIALECT_ANTHROPIC, "2026-10-21", "", new_version);
    CHECK(DIALECT_ANTHROPIC, "", "", no_version);
    CHECK(DIALECT_ANTHROPIC, "", "lenient", lenient);
    check_rows(DIALECT_ANTHROPIC, "2023-06-01", "",
               &(struct row){A("\"temperature\":1,\"messages\":[" AU "]"), NULL}, 1);
}

#define G(contents) "{\"contents\":[" contents "]}"
#define GU          "{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}"
#define GCALL(more)                                                                      \
    "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{}}" more \
    "}]}"
#define GRESULT                                                                          \
    "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"f\",\"response\":"  \
    "{\"output\":\"ok\"}}}]}"

static void gemini_refuses(void **state)
{
    static const struct row rows[] = {
        {G(GU), NULL},
        {"{}", "contents is not specified"},
        {G(""), "contents is not specified"},
        {G("{\"parts\":[{\"text\":\"no role\"}]}"), NULL},
        {G("{\"role\":\"assistant\",\"parts\":[{\"text\":\"x\"}]}"), "use a valid role"},
        {G("{\"role\":\"user\",\"parts\":[]}"), "contents.parts must not be empty"},
        {G("{\"role\":\"user\",\"parts\":[{}]}"), "must have one initialized field"},
        {G(GU "," GU), "alternate between user and model"},
        {G(GU "," GCALL("") "," GRESULT), NULL},
        {G(GU "," GRESULT), "alternate"},
        {G(GU ",{\"role\":\"model\",\"parts\":[{\"text\":\"x\"}]}," GRESULT),
         "function response turn comes immediately after a function call turn"},
        {G(GU "," GCALL("") "," GU), "number of function response parts is equal"},
        {G(GU ",{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"f\"}},"
              "{\"functionCall\":{\"name\":\"f\"}}]}," GRESULT),
         "number of function response parts is equal"},
        {G(GCALL("") "," GRESULT),
         "function call turn comes immediately after a user turn"},
        {G(GU "," GCALL(",\"thoughtSignature\":\"SIG\"") "," GRESULT), NULL},
        {G(GU "," GCALL(",\"thought_signature\":\"nope\"") "," GRESULT),
         "Thought signature is not valid"},
        {G(GU "," GCALL(
             ",\"thoughtSignature\":\"skip_thought_signature_validator\"") "," GRESULT),
         NULL},
        {G(GU
           "," GCALL("") ",{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":"
                         "\"f\",\"response\":\"ok\"}}]}"),
         "function_response.response"},
        {"{\"contents\":[" GU
         "],\"tools\":[{\"functionDeclarations\":[{\"name\":\"a.b:c-d"
         "\"}]}]}",
         NULL},
        {"{\"contents\":[" GU
         "],\"tools\":[{\"function_declarations\":[{\"name\":\"1a\"}]"
         "}]}",
         "must start with a letter or an underscore"},
    };
    static const struct row with_signatures[] = {
        {G(GU "," GCALL("") "," GRESULT), "missing a thought_signature"},
        {G(GU "," GCALL(",\"thoughtSignature\":\"SIG\"") "," GRESULT), NULL},
        /* of a turn before this one none is wanted */
        {G(GU "," GCALL("") "," GRESULT
                            ",{\"role\":\"model\",\"parts\":[{\"text\":\"x\"}]}," GU),
         NULL},
    };
    (void)state;
    CHECK(DIALECT_GEMINI, "", "", rows);
    CHECK(DIALECT_GEMINI, "", "signed-calls", with_signatures);
}

#define R(input) "{\"model\":\"m\",\"input\":[" input "]}"
#define RU       "{\"role\":\"user\",\"content\":\"hi\"}"
#define RCALL(id)                                                                        \
    "{\"type\":\"function_call\",\"call_id\":\"" id                                      \
    "\",\"name\":\"f\",\"arguments\":\"{}\"}"
#define ROUT(id)                                                                         \
    "{\"type\":\"function_call_output\",\"call_id\":\"" id "\",\"output\":\"ok\"}"
#define LONG_ID "0123456789012345678901234567890123456789012345678901234567890123_"

static void responses_refuse(void **state)
{
    static const struct row rows[] = {
        {R(RU), NULL},
        {"{\"model\":\"m\",\"input\":\"hi\"}", NULL},
        {"{\"model\":\"m\"}", "Missing required parameter: 'input'."},
        {"{\"input\":\"x\"}", "Missing required parameter: 'model'."},
        {"{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":\"resp_1\"}",
         "Previous response with id 'resp_1' not found."},
        {"{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":null}", NULL},
        {R(RU "," RCALL("c1") "," ROUT("c1")), NULL},
        {R(RU "," RCALL(LONG_ID) "," ROUT(LONG_ID)),
         "Invalid 'input[1].call_id': string too long. Expected a string with maximum "
         "length 64, but got a string with length 65 instead."},
        {R(RU "," ROUT("c9")), "No tool call found for function call output with call_id "
                               "c9."},
        {R(RU "," RCALL("c1")), "No tool output found for function call c1."},
        {R(RU ",{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\","
              "\"arguments\":{}}"),
         "Invalid type for 'input[1].arguments'"},
        {R(RU ",{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"SIG\"}"),
         NULL},
        {R(RU
           ",{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":\"gAAAAAB\"}"),
         "The encrypted content gAAAAAB... could not be verified"},
        {R("{\"role\":\"assistant\",\"content\":[{\"type\":\"input_text\",\"text\":\"x\"}"
           "]"
           "}"),
         "Invalid value: 'input_text' at 'input[0].content[0].type'"},
        {R("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}"),
         "Invalid value: 'text'"},
        {R("{\"role\":\"tool\",\"content\":\"x\"}"), "Invalid value: 'tool'"},
        {"{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":\"function\",\"name\":"
         "\"a.b\"}]}",
         "Invalid 'tools[0].name'"},
    };
    (void)state;
    CHECK(DIALECT_OPENAI_RESPONSES, "", "", rows);
}

#define O(messages) "{\"model\":\"m\",\"messages\":[" messages "]}"

static void ollama_refuses(void **state)
{
    static const struct row rows[] = {
        {O(RU), NULL},
        {"{\"messages\":[]}", "model is required"},
        {O("{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}"),
         "json: cannot unmarshal array into Go struct field ChatRequest.messages.content "
         "of "
         "type string"},
        {O("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"function\":{"
           "\"name\":\"f\",\"arguments\":{}}}]}"),
         NULL},
        {O("{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
           "\"arguments\":\"{}\"}}]}"),
         "json: cannot unmarshal string into Go struct field ToolCallFunction"},
        {O("{\"role\":\"user\",\"content\":\"x\",\"images\":[\"data:image/"
           "png;base64,AA\"]"
           "}"),
         "illegal base64 data at input byte 4"},
        {"{\"model\":\"m\",\"messages\":[],\"think\":\"high\"}", NULL},
        {"{\"model\":\"m\",\"messages\":[],\"think\":\"xhigh\"}", "invalid think value"},
    };
    static const struct row no_thinking[] = {
        {"{\"model\":\"m\",\"messages\":[],\"think\":true}",
         "\"m\" does not support thinking"},
        {"{\"model\":\"m\",\"messages\":[],\"think\":false}", NULL},
    };
    (void)state;
    CHECK(DIALECT_OLLAMA, "", "", rows);
    CHECK(DIALECT_OLLAMA, "", "no-thinking", no_thinking);
}

#define CCALL(id)                                                                        \
    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"" id                              \
    "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}"
#define CRESULT(id) "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"ok\"}"

static void openai_refuses_when_asked_to(void **state)
{
    static const struct row rows[] = {
        {O(RU), NULL},
        {O(""), "Invalid 'messages': empty array"},
        {"{\"messages\":[" RU "]}", "you must provide a model parameter"},
        {O(RU "," CCALL("c1") "," CRESULT("c1")), NULL},
        {O(RU "," CCALL("c1")), "did not have response messages: c1"},
        {O(RU "," CCALL("c1") "," RU), "did not have response messages: c1"},
        {O(RU "," CRESULT("c1")), "messages with role 'tool' must be a response"},
        {O("{\"role\":\"user\",\"content\":7}"),
         "Invalid type for 'messages[0].content'"},
        {O("{\"role\":\"user\",\"content\":[{\"type\":\"input_text\"}]}"),
         "Invalid value: 'input_text' at 'messages[0].content[0].type'"},
        {O("{\"role\":\"bot\",\"content\":\"x\"}"), "Invalid value: 'bot'"},
        {O(RU ",{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{"
              "\"name\":\"f\",\"arguments\":{}}}]}"),
         "function.arguments': expected a string"},
    };
    static const struct row usual[] = {{"{\"messages\":[]}", NULL}};
    (void)state;
    CHECK(DIALECT_OPENAI, "", "strict", rows);
    CHECK(DIALECT_OPENAI, "", "", usual);
}

static void what_is_no_json_is_left_to_the_reader(void **state)
{
    static const struct row rows[] = {{"{\"model\":", NULL}, {"[]", NULL}, {"", NULL}};
    (void)state;
    CHECK(DIALECT_ANTHROPIC, "2023-06-01", "", rows);
}

static void signatures_are_known_again(void **state)
{
    struct buf one, other;
    (void)state;
    buf_init(&one, 64);
    buf_init(&other, 64);
    sim_sign(STR("a thought"), &one);
    sim_sign(STR("a thought."), &other);
    assert_int_equal(one.n, SIM_SIGNATURE_BYTES);
    assert_true(str_starts(buf_view(&one), str_of(signed_hm)));
    assert_false(str_eq(buf_view(&one), buf_view(&other)));
    assert_true(sim_signed(STR("a thought"), buf_view(&one)));
    assert_false(sim_signed(STR("a thought"), buf_view(&other)));
    assert_true(sim_is_signature(buf_view(&other)));
    assert_false(sim_is_signature(STR("d2VpcnNpb")));
    buf_release(&one);
    buf_release(&other);
}

static void seals_are_left_as_signatures(void **state)
{
    struct buf sealed, out;
    (void)state;
    buf_init(&sealed, 1024);
    buf_init(&out, 1024);
    sim_seal_thought(STR("hm"), &sealed);
    buf_lit(&sealed, ", \"weir1:other:t:0:0:x\" ");
    sim_seal_call(7, STR("f"), &sealed);
    assert_true(has(buf_view(&sealed), "weir1:sim:"));
    sim_unseal(buf_view(&sealed), &out);
    assert_false(has(buf_view(&out), "weir1:sim:"));
    assert_true(has(buf_view(&out), "weir1:other:"));
    assert_int_equal(count(buf_view(&out), "\"data\":\"d2VpcnNpb"), 2);
    buf_release(&sealed);
    buf_release(&out);
}

static void every_vendor_has_its_own_error_body(void **state)
{
    static const struct {
        enum dialect_id id;
        const char *limited, *overflow, *key;
    } rows[] = {
        {DIALECT_ANTHROPIC,
         "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":",
         "\"message\":\"prompt is too long: 9000 tokens > 1000 maximum\"}",
         "\"type\":\"authentication_error\",\"message\":\"invalid x-api-key\""},
        {DIALECT_GEMINI, "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":",
         "The input token count (9000) exceeds the maximum number of tokens allowed "
         "(1000)",
         "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid "
         "API "
         "key.\",\"status\":\"INVALID_ARGUMENT\",\"details\":[{\"@type\":\"type."
         "googleapis."
         "com/google.rpc.ErrorInfo\",\"reason\":\"API_KEY_INVALID\""},
        {DIALECT_OPENAI_RESPONSES, "Please try again in 7s.\",\"type\":\"requests\"",
         "\"param\":\"input\",\"code\":\"context_length_exceeded\"}",
         "\"param\":null,\"code\":\"invalid_api_key\"}"},
        {DIALECT_OLLAMA, "{\"error\":\"too many requests\"}",
         "{\"error\":\"the input length exceeds the context length",
         "{\"error\":\"unauthorized\"}"},
        {DIALECT_OPENAI, "\"type\":\"rate_limit_exceeded\",\"param\":null,\"code\":429}}",
         "exceeds the context length", "\"code\":401}}"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char room[SIM_MESSAGE_BYTES];
        struct sim_trouble t;
        struct buf out;
        buf_init(&out, 4096);
        sim_trouble_limited(&t, rows[i].id, 7, room);
        sim_trouble_write(&t, &out);
        assert_true(has(buf_view(&out), rows[i].limited));
        buf_clear(&out);
        sim_trouble_fields(&t, &out);
        assert_true(str_eqz(buf_view(&out),
                            rows[i].id == DIALECT_GEMINI ? "" : "retry-after: 7\r\n"));
        buf_clear(&out);
        sim_trouble_overflow(&t, rows[i].id, 9000, 1000, room);
        sim_trouble_write(&t, &out);
        assert_true(has(buf_view(&out), rows[i].overflow));
        buf_clear(&out);
        sim_trouble_key(&t, rows[i].id);
        sim_trouble_write(&t, &out);
        if (!has(buf_view(&out), rows[i].key))
            fail_msg("%.*s", STR_ARG(buf_view(&out)));
        buf_release(&out);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anthropic_refuses),
        cmocka_unit_test(gemini_refuses),
        cmocka_unit_test(responses_refuse),
        cmocka_unit_test(ollama_refuses),
        cmocka_unit_test(openai_refuses_when_asked_to),
        cmocka_unit_test(what_is_no_json_is_left_to_the_reader),
        cmocka_unit_test(signatures_are_known_again),
        cmocka_unit_test(seals_are_left_as_signatures),
        cmocka_unit_test(every_vendor_has_its_own_error_body),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
