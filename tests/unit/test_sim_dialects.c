/* test_sim_dialects.c -- the simulated engine as the vendors answer: transcripts written
 * down from their references, not from weir's own encoders, so that an error which both
 * sides share is seen. */
#include "sim_talk.h"

#define VERSION  "anthropic-version: 2023-06-01\r\n"
#define MESSAGES "/v1/messages"

/* Ids, times and the like differ; what a reader needs must be there in this order. */
static void expect_in_order(struct str body, const char *const *wanted, size_t n)
{
    struct str rest = body;
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t at = str_find(rest, str_of(wanted[i]));
        if (at < 0)
            fail_msg("missing, or not in its place: %s\nin %.*s", wanted[i],
                     STR_ARG(body));
        rest = str_sub(rest, (size_t)at + strlen(wanted[i]), rest.n);
    }
}
#define EXPECT(body, wanted) expect_in_order(body, wanted, ARRAY_LEN(wanted))

#define RULE                                                                             \
    "[[sim:{\\\"think\\\":\\\"hm\\\",\\\"say\\\":\\\"I look.\\\",\\\"call\\\":{"         \
    "\\\"look|Look\\\":{\\\"at\\\":\\\"x\\\"}},\\\"usage\\\":{\\\"input\\\":9,"          \
    "\\\"output\\\":5,\\\"cached\\\":4}}]]"

#define ANTHROPIC_ASK                                                                    \
    "{\"model\":\"m\",\"max_tokens\":100,\"thinking\":{\"type\":\"adaptive\"},"          \
    "\"messages\":[{\"role\":\"user\",\"content\":\"go " RULE                            \
    "\"}],\"tools\":[{\"name\":\"look\",\"input_schema\":{\"type\":\"object\"}}]"

static void anthropic_streams(void **state)
{
    static const char *const wanted[] = {
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{",
        "\"role\":\"assistant\"",
        "\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{"
        "\"input_tokens\":5,",
        "\"cache_read_input_tokens\":4,",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
        "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}"
        "\n\n",
        "\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}",
        "\"delta\":{\"type\":\"signature_delta\",\"signature\":\"d2VpcnNpb",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}",
        "\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"I\"}",
        "{\"type\":\"content_block_stop\",\"index\":1}",
        "\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"call_",
        "\"name\":\"look\",\"input\":{}}",
        "\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"at\\\":"
        "\\\"x\\\"}\"}",
        "{\"type\":\"content_block_stop\",\"index\":2}",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
        "\"stop_reason\":\"tool_use\",\"stop_sequence\":null",
        "\"output_tokens\":5",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, MESSAGES "?beta=true", VERSION, ANTHROPIC_ASK ",\"stream\":true}", &r);
    assert_int_equal(r.status, 200);
    assert_true(has(str_of(r.fields), "content-type: text/event-stream"));
    EXPECT(buf_view(&r.body), wanted);
    assert_int_equal(count(buf_view(&r.body), "event: message_start"), 1);
    assert_int_equal(count(buf_view(&r.body), "content_block_stop\""), 3 * 1);
    assert_false(has(buf_view(&r.body), "weir1:"));
    assert_false(has(buf_view(&r.body), "[DONE]"));
    reply_release(&r);
    sim_stop(s);
}

static void anthropic_answers_whole(void **state)
{
    static const char *const wanted[] = {
        "\"type\":\"message\",\"role\":\"assistant\"",
        "\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":"
        "\"d2VpcnNpb",
        "{\"type\":\"text\",\"text\":\"I look.\"}",
        "{\"type\":\"tool_use\",\"id\":\"call_",
        "\"name\":\"look\",\"input\":{\"at\":\"x\"}}]",
        "\"stop_reason\":\"tool_use\"",
        "\"usage\":{\"input_tokens\":5,",
        "\"cache_read_input_tokens\":4,\"output_tokens\":5",
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, MESSAGES, VERSION, ANTHROPIC_ASK "}", &r);
    assert_int_equal(r.status, 200);
    EXPECT(buf_view(&r.body), wanted);
    reply_release(&r);
    post(
        s, MESSAGES, VERSION,
        "{\"model\":\"m\",\"max_tokens\":9,\"stop_sequences\":[\"STOP\"],\"messages\":["
        "{\"role\":\"user\",\"content\":\"[[sim:{\\\"say\\\":\\\"on STOP off\\\"}]]\"}]}",
        &r);
    assert_true(has(buf_view(&r.body), "{\"type\":\"text\",\"text\":\"on \"}"));
    assert_true(has(buf_view(&r.body),
                    "\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"STOP\""));
    reply_release(&r);
    post(s, MESSAGES "/count_tokens", VERSION,
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"one two\"}]}",
         &r);
    assert_true(has(buf_view(&r.body), "{\"input_tokens\":"));
    reply_release(&r);
    sim_stop(s);
}

static void anthropic_refuses_in_its_own_form(void **state)
{
    struct reply r;
    struct sim *s = start_with((struct sim_options){.api_key = STR("sk-1")});
    (void)state;
    post(s, MESSAGES, VERSION, ANTHROPIC_ASK "}", &r);
    assert_int_equal(r.status, 401);
    assert_true(has(buf_view(&r.body), "\"type\":\"authentication_error\""));
    reply_release(&r);
    post(s, MESSAGES, VERSION "x-api-key: sk-1\r\n", "{\"model\":\"m\"}", &r);
    assert_int_equal(r.status, 400);
    assert_true(has(buf_view(&r.body),
                    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                    "\"message\":\"max_tokens: Field required\"}"));
    reply_release(&r);
    post(s, MESSAGES, VERSION "x-api-key: sk-1\r\n", "{\"model\"", &r);
    assert_int_equal(r.status, 400);
    assert_true(has(buf_view(&r.body), "invalid_request_error"));
    reply_release(&r);
    post(s, MESSAGES, VERSION "authorization: Bearer sk-1\r\n", ANTHROPIC_ASK "}", &r);
    assert_int_equal(r.status, 200);
    reply_release(&r);
    sim_stop(s);
}

/* -- Ollama ----------------------------------------------------------------- */

#define OLLAMA_ASK                                                                       \
    "{\"model\":\"sim\",\"messages\":[{\"role\":\"user\",\"content\":\"go " RULE         \
    "\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\","            \
    "\"parameters\":{\"type\":\"object\"}}}]"

static void ollama_streams_lines(void **state)
{
    static const char *const wanted[] = {
        "{\"model\":\"sim\",\"created_at\":\"",
        "\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},"
        "\"done\":false}\n",
        "\"message\":{\"role\":\"assistant\",\"content\":\"I\"},\"done\":false}\n",
        "\"tool_calls\":[{",
        "\"name\":\"look\",\"arguments\":{\"at\":\"x\"}}}]},\"done\":false}\n",
        "\"done\":true,\"done_reason\":\"stop\"",
        "\"prompt_eval_count\":9,\"eval_count\":5}\n",
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, "/api/chat", "", OLLAMA_ASK "}", &r); /* a stream unless told otherwise */
    assert_int_equal(r.status, 200);
    assert_true(has(str_of(r.fields), "content-type: application/x-ndjson"));
    EXPECT(buf_view(&r.body), wanted);
    assert_false(has(buf_view(&r.body), "data:"));
    reply_release(&r);
    post(s, "/api/chat", "", OLLAMA_ASK ",\"stream\":false}", &r);
    assert_true(has(buf_view(&r.body), "\"content\":\"I look.\",\"thinking\":\"hm\""));
    assert_true(has(buf_view(&r.body), "\"arguments\":{\"at\":\"x\"}"));
    reply_release(&r);
    sim_stop(s);
}

static void ollama_has_its_pages_and_surfaces(void **state)
{
    static const struct {
        const char *path, *body, *has;
    } rows[] = {
        {"/api/generate", "{\"model\":\"m\",\"prompt\":\"a [[sim:words=2]]\"}",
         "\"response\":\"\",\"done\":true,\"done_reason\":\"stop\""},
        {"/api/embed", "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"dimensions\":2}",
         "\"embeddings\":[["},
        {"/api/show", "{\"model\":\"sim\"}", "\"model_info\":{"},
        {"/api/tags", NULL, "{\"models\":[{\"name\":\"sim\""},
        {"/api/version", NULL, "{\"version\":\""},
        {"/", NULL, "Ollama is running"},
        {"/v1/models", NULL,
         "\"data\":[{\"id\":\"sim\""}, /* ... for all of OpenAI's kin */
        {"/v1/models", NULL, "\"first_id\":\"sim\""},
        {"/v1/models", NULL, "\"models\":[{\"slug\":\"sim\""},
        {"/v1/models/sim", NULL, "{\"id\":\"sim\""},
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].body)
            post(s, rows[i].path, "", rows[i].body, &r);
        else
            get(s, rows[i].path, "", &r);
        if (r.status != 200 || !has(buf_view(&r.body), rows[i].has))
            fail_msg("%s: %d %.*s", rows[i].path, r.status, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    int fd = dial(s);
    reply_init(&r);
    say(fd, STR("HEAD / HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n\r\n"));
    hear(fd, &r, NULL);
    close(fd);
    assert_true(has(buf_view(&r.raw), "HTTP/1.1 200 OK\r\n"));
    assert_true(str_ends(buf_view(&r.raw), STR("\r\n\r\n")));
    reply_release(&r);
    post(s, "/api/tags", "", "{}", &r);
    assert_int_equal(r.status, 405);
    assert_true(has(buf_view(&r.body), "{\"error\":\"no such method here\"}"));
    reply_release(&r);
    sim_stop(s);
}

static void ollama_has_its_faults_as_lines(void **state)
{
    static const struct {
        const char *fault, *end;
        int status;
    } rows[] = {
        {"error-mid-stream=1", "\n{\"error\":\"the simulated engine gave up\"}\n", 200},
        {"no-done", "\"done\":false}\n", 200},
        {"odd-sse", "}\r\n", 200},
        {"429=3", "{\"error\":\"too many requests\"}", 429},
        {"status=500", "{\"error\":\"simulated status\"}", 500},
    };
    struct sim *s = start();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        char fields[64];
        snprintf(fields, sizeof fields, "x-sim-fault: words=3,%s\r\n", rows[i].fault);
        post(s, "/api/chat", fields,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
             &r);
        if (r.status != rows[i].status ||
            !str_ends(buf_view(&r.body), str_of(rows[i].end)))
            fail_msg("%s: %d %.*s", rows[i].fault, r.status, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    sim_stop(s);
}

/* -- Responses -------------------------------------------------------------- */

#define RESPONSES_ASK                                                                    \
    "{\"model\":\"m\",\"store\":false,\"include\":[\"reasoning.encrypted_content\"],"    \
    "\"input\":\"go " RULE "\",\"tools\":[{\"type\":\"function\",\"name\":\"look\","     \
    "\"parameters\":{\"type\":\"object\"}}]"

static void responses_stream(void **state)
{
    static const char *const wanted[] = {
        "event: response.created\n",
        "\"sequence_number\":0",
        "event: response.in_progress\n",
        "event: response.output_item.added\n",
        "\"output_index\":0",
        "\"type\":\"reasoning\"",
        "event: response.reasoning_summary_part.added\n",
        "event: response.reasoning_summary_text.delta\n",
        "\"delta\":\"hm\"",
        "event: response.reasoning_summary_text.done\n",
        "event: response.reasoning_summary_part.done\n",
        "event: response.output_item.done\n",
        "\"encrypted_content\":\"d2VpcnNpb",
        "event: response.output_item.added\n",
        "\"output_index\":1",
        "event: response.content_part.added\n",
        "event: response.output_text.delta\n",
        "\"delta\":\"I\"",
        "event: response.output_text.done\n",
        "\"text\":\"I look.\"",
        "event: response.content_part.done\n",
        "event: response.output_item.done\n",
        "event: response.output_item.added\n",
        "\"output_index\":2",
        "\"type\":\"function_call\"",
        "event: response.function_call_arguments.delta\n",
        "event: response.function_call_arguments.done\n",
        "\"arguments\":\"{\\\"at\\\":\\\"x\\\"}\"",
        "event: response.output_item.done\n",
        "event: response.completed\n",
        "\"status\":\"completed\"",
        "\"input_tokens\":9",
        "\"cached_tokens\":4",
        "\"output_tokens\":5",
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, "/v1/responses", "", RESPONSES_ASK ",\"stream\":true}", &r);
    assert_int_equal(r.status, 200);
    EXPECT(buf_view(&r.body), wanted);
    assert_false(has(buf_view(&r.body), "weir1:"));
    reply_release(&r);
    sim_stop(s);
}

static void responses_have_their_errors_and_faults(void **state)
{
    static const struct {
        const char *fault, *has, *lacks;
        int status;
    } rows[] = {
        {"429=7", "\"code\":\"rate_limit_exceeded\"}}", "event", 429},
        {"overflow", "\"code\":\"context_length_exceeded\"}}", "event", 400},
        {"error-mid-stream=1", "event: response.failed\n", "response.completed", 200},
        {"no-done", "response.output_text.delta", "response.completed", 200},
        {"pings=1", ": ping\n\n", "\r", 200},
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char fields[64];
        snprintf(fields, sizeof fields, "x-sim-fault: words=3,%s\r\n", rows[i].fault);
        post(s, "/v1/responses", fields,
             "{\"model\":\"m\",\"input\":\"a\",\"stream\":true,\"store\":false}", &r);
        if (r.status != rows[i].status || !has(buf_view(&r.body), rows[i].has) ||
            has(buf_view(&r.body), rows[i].lacks))
            fail_msg("%s: %d %.*s", rows[i].fault, r.status, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    post(s, "/v1/responses", "",
         "{\"model\":\"m\",\"input\":[{\"type\":\"reasoning\",\"summary\":[],"
         "\"encrypted_content\":\"gAAA\"}]}",
         &r);
    assert_int_equal(r.status, 400);
    assert_true(has(buf_view(&r.body), "\"code\":\"invalid_encrypted_content\"}}"));
    reply_release(&r);
    sim_stop(s);
}

/* -- Gemini ----------------------------------------------------------------- */

#define GEMINI "/v1beta/models/m-1:"
#define GEMINI_ASK                                                                       \
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"go " RULE                  \
    "\"}]}],\"tools\":[{\"functionDeclarations\":[{\"name\":\"look\"}]}],"               \
    "\"generationConfig\":{\"thinkingConfig\":{\"includeThoughts\":true}}}"

static void gemini_streams(void **state)
{
    static const char *const wanted[] = {
        "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[",
        "\"text\":\"hm\",\"thought\":true",
        "\"text\":\"I\"",
        "\"text\":\" look.\"",
        "\"functionCall\":{",
        "\"name\":\"look\",\"args\":{\"at\":\"x\"}}",
        "\"thoughtSignature\":\"d2VpcnNpb",
        "\"finishReason\":\"STOP\"",
        "\"promptTokenCount\":9",
        "\"cachedContentTokenCount\":4",
        "\"totalTokenCount\":14",
    };
    struct reply r;
    struct sim *s = start();
    (void)state;
    post(s, GEMINI "streamGenerateContent?alt=sse", "", GEMINI_ASK, &r);
    assert_int_equal(r.status, 200);
    assert_true(has(str_of(r.fields), "content-type: text/event-stream"));
    EXPECT(buf_view(&r.body), wanted);
    assert_true(has(buf_view(&r.body), "\"modelVersion\":\"m-1\""));
    assert_false(has(buf_view(&r.body), "event:"));
    assert_false(has(buf_view(&r.body), "[DONE]"));
    assert_false(has(buf_view(&r.body), "weir1:"));
    reply_release(&r);
    post(s, GEMINI "generateContent", "", GEMINI_ASK, &r);
    assert_true(has(buf_view(&r.body), "\"thoughtSignature\":\"d2VpcnNpb"));
    assert_true(has(buf_view(&r.body), "\"finishReason\":\"STOP\""));
    reply_release(&r);
    post(s, GEMINI "countTokens", "",
         "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}]}", &r);
    assert_true(has(buf_view(&r.body), "\"totalTokens\":"));
    reply_release(&r);
    sim_stop(s);
}

static void gemini_has_its_errors_and_faults(void **state)
{
    static const struct {
        const char *fault, *has, *lacks;
        int status;
    } rows[] = {
        {"429=7", "\"retryDelay\":\"7s\"}]}}", "data:", 429},
        {"503=3", "\"status\":\"UNAVAILABLE\"", "data:", 503},
        {"overflow", "The input token count (9020) exceeds", "data:", 400},
        {"error-mid-stream=1", "data: {\"error\":{\"code\":503,", "finishReason", 200},
        {"no-done", "\"parts\":[", "finishReason", 200},
    };
    struct reply r;
    struct sim *s = start_with((struct sim_options){.api_key = STR("k1")});
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char fields[96];
        snprintf(fields, sizeof fields,
                 "x-goog-api-key: k1\r\nx-sim-fault: words=3,%s\r\n", rows[i].fault);
        post(s, GEMINI "streamGenerateContent?alt=sse", fields,
             "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"a\"}]}]}", &r);
        if (r.status != rows[i].status || !has(buf_view(&r.body), rows[i].has) ||
            has(buf_view(&r.body), rows[i].lacks))
            fail_msg("%s: %d %.*s", rows[i].fault, r.status, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    post(s, GEMINI "generateContent?key=k1", "", "{\"contents\":[]}", &r);
    assert_int_equal(r.status, 400);
    assert_true(has(buf_view(&r.body), "contents is not specified"));
    assert_true(has(buf_view(&r.body), "\"status\":\"INVALID_ARGUMENT\""));
    reply_release(&r);
    post(s, GEMINI "generateContent?key=other", "", "{\"contents\":[]}", &r);
    assert_int_equal(r.status, 400);
    reply_release(&r);
    sim_stop(s);
}

/* -- faults ----------------------------------------------------------------- */

static void ask_anthropic(const struct sim *s, const char *fault, struct reply *r)
{
    char fields[128];
    snprintf(fields, sizeof fields, VERSION "x-sim-fault: words=6,%s\r\n", fault);
    post(s, MESSAGES, fields,
         "{\"model\":\"m\",\"max_tokens\":100,\"stream\":true,\"messages\":[{\"role\":"
         "\"user\",\"content\":\"hi\"}]}",
         r);
}

static void faults_have_the_dialects_form(void **state)
{
    static const struct {
        const char *fault;
        int status;
        bool is_complete;
        const char *has, *lacks;
    } rows[] = {
        {"words=6", 200, true, "event: message_stop", "event: ping"},
        {"no-done", 200, true, "text_delta", "event: message_stop"},
        {"finish-missing", 200, true, "text_delta", "event: message_stop"},
        {"cut-mid-stream=2", 200, false, "text_delta", "event: message_stop"},
        {"error-mid-stream=2", 200, true,
         "event: error\ndata: "
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"",
         "event: message_stop"},
        {"error-in-200", 200, true, "event: error\n", "message_start"},
        {"pings=3", 200, true, "event: ping\ndata: {\"type\":\"ping\"}\n\n", "\r"},
        {"odd-sse", 200, true, "data:{\"type\":\"message_stop\"}\r\n\r\n", "data: "},
        {"empty-stream", 200, true, "", "event"},
        {"bad-json", 200, true, "event: message_stop", "\r"},
        {"slow-first-token=0", 200, true, "event: message_stop", "\r"},
        {"429=7", 429, true, "rate_limit_error", "\r"},
        {"status=529", 529, true, "overloaded_error", "\r"},
        {"500", 500, true, "api_error", "\r"},
        {"overflow", 400, true, "prompt is too long: 9020 tokens > 1024 maximum", "\r"},
    };
    struct sim *s = start();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct reply r;
        ask_anthropic(s, rows[i].fault, &r);
        if (r.status != rows[i].status || r.is_complete != rows[i].is_complete ||
            !has(buf_view(&r.body), rows[i].has) || has(buf_view(&r.body), rows[i].lacks))
            fail_msg("%s: %d, %.*s", rows[i].fault, r.status, STR_ARG(buf_view(&r.body)));
        reply_release(&r);
    }
    sim_stop(s);
}

static void a_broken_event_is_in_a_whole_frame(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    ask_anthropic(s, "bad-json", &r);
    struct str rest = buf_view(&r.body);
    size_t nbroken = 0;
    for (ptrdiff_t at; (at = str_find(rest, STR("\n\n"))) >= 0;) {
        struct str event = str_sub(rest, 0, (size_t)at);
        rest = str_sub(rest, (size_t)at + 2, rest.n);
        assert_true(str_starts(event, STR("event: ")));
        nbroken += !str_ends(event, STR("}"));
    }
    assert_int_equal(nbroken, 1);
    assert_int_equal(rest.n, 0);
    reply_release(&r);
    sim_stop(s);
}

static void an_event_may_be_cut_inside(void **state)
{
    struct reply r;
    struct sim *s = start();
    (void)state;
    ask_anthropic(s, "cut-mid-event=2", &r);
    assert_false(r.is_complete);
    assert_int_equal(count(buf_view(&r.body), "\"text_delta\",\"text\":\""), 2);
    assert_false(str_ends(buf_view(&r.body), STR("\n\n")));
    reply_release(&r);
    post(s, CHAT, "x-sim-fault: words=6,cut-mid-event=2\r\n", stream_ask, &r);
    assert_false(r.is_complete);
    assert_false(str_ends(buf_view(&r.body), STR("\n\n")));
    assert_int_equal(deltas(&r), 2);
    reply_release(&r);
    sim_stop(s);
}

static void the_first_token_may_be_late(void **state)
{
    struct reply r;
    struct sim *s = start();
    int fd = dial(s);
    (void)state;
    reply_init(&r);
    say_post(fd, CHAT,
             "connection: close\r\nx-sim-fault: words=2,slow-first-token=500\r\n",
             stream_ask);
    hear(fd, &r, "\"role\":\"assistant\"");
    settle(s);
    overhear(fd, &r);
    assert_false(has(buf_view(&r.raw), "\"delta\":{\"content\":"));
    clock_pass(500);
    hear(fd, &r, "[DONE]");
    assert_int_equal(count(buf_view(&r.raw), "\"delta\":{\"content\":"), 2);
    close(fd);
    reply_release(&r);
    sim_stop(s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anthropic_streams),
        cmocka_unit_test(anthropic_answers_whole),
        cmocka_unit_test(anthropic_refuses_in_its_own_form),
        cmocka_unit_test(ollama_streams_lines),
        cmocka_unit_test(ollama_has_its_pages_and_surfaces),
        cmocka_unit_test(ollama_has_its_faults_as_lines),
        cmocka_unit_test(responses_stream),
        cmocka_unit_test(responses_have_their_errors_and_faults),
        cmocka_unit_test(gemini_streams),
        cmocka_unit_test(gemini_has_its_errors_and_faults),
        cmocka_unit_test(faults_have_the_dialects_form),
        cmocka_unit_test(a_broken_event_is_in_a_whole_frame),
        cmocka_unit_test(an_event_may_be_cut_inside),
        cmocka_unit_test(the_first_token_may_be_late),
    };
    (void)argc;
    clock_open(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
