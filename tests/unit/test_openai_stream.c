/* test_openai_stream.c -- streamed answers: what engines send, and what the client
 * then sees, under every way of cutting the bytes. */
#include "fixture.h"
#include "stream_run.h"

static void plain_stream_passes_byte_for_byte(void **state)
{
    (void)state;
    static const char in[] = EV(ROLE) EV(DELTA("Hi")) EV(DELTA(" \\\"you\\\""))
        EV(DELTA("\xF0\x9F\x8C\x8A")) EV(FINISH) DONE;
    check(ENGINE_OPENAI, false, in, in);
    check(ENGINE_OPENAI, true, in, in); /* none came: none is invented */
    check_trace(in, "s0/0/0.0 d2/0/0.0 d8/0/0.0 d4/0/0.0 f0/0/0.0 x0/0/0.0 ");
}

static void usage_is_shown_only_when_asked(void **state)
{
    (void)state;
    static const char in[] = EV(ROLE) EV(DELTA("a")) EV(FINISH) EV(USAGE) DONE;
    check(ENGINE_OPENAI, true, in, in);
    check(ENGINE_OPENAI, false, in, EV(ROLE) EV(DELTA("a")) EV(FINISH) DONE);
}

static void usage_in_the_finish_chunk_gets_a_chunk_of_its_own(void **state)
{
    (void)state;
    static const char in[] = EV(DELTA("a")) EV(FINISH_USAGE) DONE;
    check(ENGINE_MISTRAL, false, in, EV(DELTA("a")) EV(FINISH) DONE);
    check(ENGINE_MISTRAL, true, in, EV(DELTA("a")) EV(FINISH) EV(USAGE) DONE);
}

static void usage_in_every_chunk_is_taken_out_and_the_last_counts(void **state)
{
    (void)state;
#define WITH(n)                                                                          \
    CHUNK("{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}",          \
          ",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":" n "}")
    static const char in[] = EV(WITH("1")) EV(WITH("2")) EV(FINISH_USAGE) DONE;
    check(ENGINE_GEMINI, true, in,
          EV(DELTA("a")) EV(DELTA("a")) EV(FINISH) EV(USAGE) DONE);
    check(ENGINE_GEMINI, false, in, EV(DELTA("a")) EV(DELTA("a")) EV(FINISH) DONE);
}

static void the_same_usage_in_every_chunk_is_taken_out_of_each(void **state)
{
    (void)state;
    check(ENGINE_GEMINI, false, EV(WITH("1")) EV(WITH("1")) EV(WITH("1")) DONE,
          EV(DELTA("a")) EV(DELTA("a")) EV(DELTA("a")) DONE);
}

static void null_usage_stays_where_openai_puts_it(void **state)
{
    (void)state;
    static const char in[] =
        EV(CHUNK("{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}",
                 ",\"usage\":null")) EV(FINISH) EV(USAGE) DONE;
    check(ENGINE_OPENAI, true, in, in);
}

static void usage_before_the_finish_comes_after_it(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, true, EV(DELTA("a")) EV(USAGE) EV(FINISH) DONE,
          EV(DELTA("a")) EV(FINISH) EV(USAGE) DONE);
}

static void repeated_usage_is_shown_once(void **state)
{
    (void)state;
    struct run r;
    static const char in[] = EV(DELTA("a")) EV(FINISH) EV(USAGE) EV(USAGE) DONE;
    check(ENGINE_OPENAI, true, in, EV(DELTA("a")) EV(FINISH) EV(USAGE) DONE);
    static const char two[] = EV(DELTA("a"))
        EV(CHUNK("{\"index\":1,\"delta\":{\"content\":\"b\"}}", "")) EV(FINISH)
            EV(CHUNK("{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}", ""))
                EV(USAGE) EV(USAGE) DONE;
    run_whole(&r, ENGINE_LLAMA_SERVER, true, str_of(two));
    assert_int_equal(r.usage.output_tokens, 4); /* one count a choice: they add up */
    assert_int_equal(r.usage.input_tokens, 5);
    assert_true(str_find(buf_view(&r.out), STR("\"completion_tokens\":4")) > 0);
    assert_true(str_find(buf_view(&r.out), STR("\"completion_tokens\":2")) < 0);
    run_release(&r);
}

static void an_empty_delta_after_the_finish_gives_only_its_usage(void **state)
{
    (void)state;
    static const char in[] = EV(DELTA("a")) EV(FINISH)
        EV(CHUNK("{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                 "\"finish_reason\":null}",
                 ",\"usage\":" USAGE_OBJECT)) DONE;
    check(ENGINE_OPENROUTER, true, in, EV(DELTA("a")) EV(FINISH) EV(USAGE) DONE);
    check(ENGINE_OPENROUTER, false, in, EV(DELTA("a")) EV(FINISH) DONE);
}

static void groq_says_usage_in_its_own_place(void **state)
{
    (void)state;
    struct run r;
    run_whole(
        &r, ENGINE_GROQ, false,
        STR(EV(CHUNK("{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}",
                     ",\"x_groq\":{\"id\":\"r\",\"usage\":" USAGE_OBJECT "}")) DONE));
    assert_true(r.usage.is_known);
    assert_int_equal(r.usage.input_tokens, 5);
    run_release(&r);
}

static void missing_done_is_added(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, false, EV(DELTA("a")) EV(FINISH),
          EV(DELTA("a")) EV(FINISH) DONE);
    /* ... also when the last event is not terminated, or the mark is cut */
    check(ENGINE_OPENAI, false, EV(DELTA("a")) "data: " FINISH,
          EV(DELTA("a")) EV(FINISH) DONE);
    check(ENGINE_OPENAI, false, EV(DELTA("a")) EV(FINISH) "data: [DO",
          EV(DELTA("a")) EV(FINISH) DONE);
}

static void nothing_follows_done(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, true,
          EV(DELTA("a")) EV(FINISH) DONE EV(DELTA("b")) EV(USAGE) DONE,
          EV(DELTA("a")) EV(FINISH) DONE);
}

static void deltas_after_a_finish_come_before_it(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, false, EV(DELTA("a")) EV(FINISH) EV(DELTA("b")) DONE,
          EV(DELTA("a")) EV(DELTA("b")) EV(FINISH) DONE);
}

static void other_framings_reach_the_client_canonical(void **state)
{
    (void)state;
    static const char want[] = EV(DELTA("a")) EV(DELTA("b")) EV(FINISH) DONE;
    check(ENGINE_OPENAI, false,
          "data:" DELTA("a") "\n\ndata:" DELTA("b") "\n\ndata:" FINISH
                                                    "\n\ndata:[DONE]\n\n",
          want);
    check(ENGINE_OPENAI, false,
          "data: " DELTA("a") "\r\n\r\ndata: " DELTA("b") "\r\n\r\ndata: " FINISH
                                                          "\r\n\r\ndata: [DONE]\r\n\r\n",
          want);
    check(ENGINE_OPENAI, false,
          "event: message\nid: 4\ndata: " DELTA("a") "\n\n" EV(DELTA("b")) EV(FINISH)
              DONE,
          want);
    check(ENGINE_OPENAI, false,
          "\xEF\xBB\xBF" EV(DELTA("a")) EV(DELTA("b")) EV(FINISH) DONE, want);
}

static void data_over_several_lines_stays_one_event(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, false,
          "data: {\"choices\":[{\"index\":0,\ndata: "
          "\"delta\":{\"content\":\"a\"}}]}\n\n" DONE,
          "data: {\"choices\":[{\"index\":0,\ndata: "
          "\"delta\":{\"content\":\"a\"}}]}\n\n" DONE);
}

static void comments_pass(void **state)
{
    (void)state;
    static const char in[] =
        ": OPENROUTER PROCESSING\n\n" EV(DELTA("a")) ": ping\n\n" EV(FINISH);
    check(ENGINE_OPENROUTER, false, in,
          ": OPENROUTER PROCESSING\n\n" EV(DELTA("a")) ": ping\n\n" EV(FINISH) DONE);
}

static void half_a_comment_at_the_end_is_dropped(void **state)
{
    (void)state;
    check(ENGINE_OPENAI, false, EV(DELTA("a")) EV(FINISH) ": pi",
          EV(DELTA("a")) EV(FINISH) DONE);
}

static void events_without_meaning_pass(void **state)
{
    (void)state;
    static const char in[] =
        EV("{\"choices\":[],\"prompt_filter_results\":[{\"index\":0}]}") EV(DELTA("a"))
            DONE;
    check(ENGINE_OPENAI, false, in, in);
}

static void an_error_in_the_stream_ends_it_without_success(void **state)
{
    (void)state;
    struct run r;
    static const char in[] = EV(DELTA("a"))
        EV("{\"error\":{\"code\":502,\"message\":\"Provider gone\"}}") EV(FINISH) DONE;
    run_whole(&r, ENGINE_OPENROUTER, true, str_of(in));
    assert_true(r.has_error);
    assert_int_equal(r.error.kind, ERR_UPSTREAM);
    assert_string_equal(r.error.msg, "Provider gone");
    assert_same(
        buf_view(&r.out),
        STR(EV(DELTA("a")) EV("{\"error\":{\"message\":\"Provider gone\",\"type\":"
                              "\"api_error\",\"param\":null,\"code\":"
                              "\"upstream_error\"}}")));
    assert_same_under_splits(ENGINE_OPENROUTER, true, str_of(in), &r);
    run_release(&r);
}

static void errors_are_recognised_in_every_dress(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        enum err_kind kind;
        const char *code;
    } cases[] = {
        {EV("{\"error\":{\"message\":\"x\",\"type\":\"rate_limit_exceeded\"}}"),
         ERR_RATE_LIMIT, "upstream_rate_limit"},
        {EV("{\"error\":\"model overloaded\"}"), ERR_UPSTREAM, "upstream_error"},
        {EV("{\"error\":{\"message\":\"x\",\"type\":\"overloaded_error\"}}"),
         ERR_OVERLOAD, "upstream_overloaded"},
        {"event: error\ndata: {\"message\":\"x\",\"code\":\"429\"}\n\n", ERR_UPSTREAM,
         "upstream_error"},
        {"event: error\ndata: it broke\n\n", ERR_UPSTREAM, "upstream_error"},
        {EV("{\"object\":\"error\",\"message\":\"bad\",\"type\":\"BadRequestError\","
            "\"code\":400}"),
         ERR_BAD_REQUEST, "upstream_rejected"},
        {EV("{\"id\":\"g\",\"error\":{\"code\":429,\"message\":\"slow\"},\"choices\":[{"
            "\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}"),
         ERR_RATE_LIMIT, "upstream_rate_limit"},
        {EV("{\"error\":{\"code\":400,\"message\":\"too long\",\"type\":"
            "\"exceed_context_size_error\",\"n_prompt_tokens\":9,\"n_ctx\":8}}"),
         ERR_BAD_REQUEST, "context_length_exceeded"},
        {EV("<html>"), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("{\"choices\":[{\"delta\":"), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("[1]"), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("it broke"), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("timeout"), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("\"overloaded\""), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("NaN"), ERR_UPSTREAM, "upstream_bad_sse"},
        {EV("{\"error\":{\"message\":\"\",\"code\":500}}"), ERR_UPSTREAM,
         "upstream_error"},
        {EV("{\"choices\":[{\"delta\":{\"content\":\"\xFF\"}}]}"), ERR_UPSTREAM,
         "upstream_bad_sse"},
        {"data: {\"choices\":[{\"delta\":", ERR_UPSTREAM, "upstream_truncated"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run r;
        run_whole(&r, ENGINE_OPENAI, true, str_of(cases[i].in));
        if (!r.has_error || r.error.kind != cases[i].kind ||
            strcmp(r.error.code, cases[i].code) != 0)
            fail_msg("case %zu: kind %d code %s", i, r.error.kind,
                     r.has_error ? r.error.code : "none");
        assert_true(str_starts(buf_view(&r.out), STR("data: {\"error\":{\"message\":")));
        assert_true(str_find(buf_view(&r.out), STR("[DONE]")) < 0);
        run_release(&r);
    }
}

static void an_error_member_that_says_nothing_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *error;
        bool is_kept; /* clients read it as no error; the others are taken out */
    } cases[] = {
        {"\"\"", true},
        {"null", true},
        {"false", true},
        {"0", true},
        {"{}", false},
        {"[]", false},
        {"{\"code\":0,\"message\":\"\"}", false},
        {"{\"message\":null,\"details\":[]}", false},
        {"\"none\"", false},
        {"\"No error.\"", false},
        {"\"200 OK\"", false},
        {"200", false},
        {"{\"code\":200,\"message\":\"OK\"}", false},
        {"{\"code\":\"0\",\"message\":\"Success\",\"type\":\"none\"}", false},
        {"{\"status\":\"ok\",\"message\":\"request was served\"}", false},
        {"{\"request_id\":\"r-1\"}", false},
        {"[{\"message\":\"\"},null]", false},
        {"\"warning: the model is deprecated\"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char in[1024], out[1024];
        snprintf(in, sizeof in,
                 "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
                 "\"finish_reason\":null}],\"error\":%s}\n\n" EV(FINISH) DONE,
                 cases[i].error);
        snprintf(out, sizeof out, "%s",
                 "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
                 "\"finish_reason\":null}]}\n\n" EV(FINISH) DONE);
        check(ENGINE_OPENAI, false, in, cases[i].is_kept ? in : out);
    }
}

static void an_error_beside_text_that_says_a_failure_is_one(void **state)
{
    (void)state;
    static const char *const errors[] = {"true",
                                         "500",
                                         "-1",
                                         "\"it broke\"",
                                         "[\"it broke\"]",
                                         "{\"code\":\"out_of_memory\"}",
                                         "{\"code\":500,\"message\":\"OK\"}",
                                         "{\"message\":\"no worker\"}",
                                         "{\"error\":{\"message\":\"no worker\"}}"};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        char in[1024];
        struct run r;
        snprintf(in, sizeof in,
                 EV(DELTA("x")) "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                                "\"a\"}}],\"error\":%s}\n\n" EV(FINISH) DONE,
                 errors[i]);
        run_whole(&r, ENGINE_OPENAI, false, str_of(in));
        if (!r.has_error)
            fail_msg("%s is no error", errors[i]);
        assert_true(str_find(buf_view(&r.out), STR("[DONE]")) < 0);
        run_release(&r);
    }
}

/* Engines have other forms than `error` for one. */
static void an_object_that_is_no_chunk_may_be_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *event;
        bool is_error;
    } cases[] = {
        {EV("{\"detail\":\"Internal server error\"}"), true},
        {EV("{\"detail\":[{\"msg\":\"x\"}]}"), true},
        {EV("{\"errors\":[{\"message\":\"dead\"}]}"), true},
        {EV("{\"status\":500,\"message\":\"dead\"}"), true},
        {EV("{\"status\":\"error\"}"), true},
        {EV("{\"status_code\":\"503 gone\"}"), true},
        {EV("{\"error_code\":17,\"error_msg\":\"quota\"}"), true},
        {EV("{\"code\":-1,\"msg\":\"x\"}"), true},
        {EV("{\"code\":\"InvalidParameter\",\"message\":\"x\"}"), true},
        {EV("{\"code\":1301,\"choices\":null}"), true},
        {EV("{\"base_resp\":{\"status_code\":1004,\"status_msg\":\"x\"}}"), true},
        {EV("{\"success\":false}"), true},
        {EV("{\"type\":\"error\",\"message\":\"x\"}"), true},
        {EV("{\"type\":\"response.failed\"}"), true},
        {"event: error\ndata:\n\n", true},
        {"event: error\n\n", true},
        {"event: stream_error\ndata: {}\n\n", true},
        {"event: message\ndata: {}\n\n", false},
        {EV("{\"status\":\"processing\",\"message\":\"half done\"}"), false},
        {EV("{\"status\":200,\"message\":\"OK\"}"), false},
        {EV("{\"code\":0,\"message\":\"success\"}"), false},
        {EV("{\"type\":\"ping\"}"), false},
        {EV("{\"type\":\"tool_call.failed\"}"), false},
        {EV("{\"errors\":[],\"detail\":null}"), false},
        {EV("{\"choices\":[],\"status\":500}"), false},
        {EV("{\"id\":\"x\",\"created\":1700000000,\"status\":1}"), false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char in[1024];
        struct run r;
        snprintf(in, sizeof in, "%s%s" DONE, EV(DELTA("x")), cases[i].event);
        run_whole(&r, ENGINE_OPENAI, false, str_of(in));
        if (r.has_error != cases[i].is_error)
            fail_msg("%s: error %d", cases[i].event, r.has_error);
        run_release(&r);
    }
}

static void a_finish_that_names_a_failure_is_one(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool without_text, with_text; /* is it a failure? */
        enum err_kind kind;
    } cases[] = {
        {"error", true, true, ERR_UPSTREAM},
        {"FAILED", true, true, ERR_UPSTREAM},
        {"engine_failure", true, true, ERR_UPSTREAM},
        {"ERROR_LIMIT", true, true, ERR_UPSTREAM},
        {"internalError", true, true, ERR_UPSTREAM},
        {"timeout", true, false, ERR_TIMEOUT},
        {"request-timed-out", true, false, ERR_TIMEOUT},
        {"overloaded", true, false, ERR_OVERLOAD},
        {"aborted", true, true, ERR_UPSTREAM},
        {"USER_CANCELLED", true, true, ERR_UPSTREAM},
        {"no_error", false, false, ERR_NONE},
        {"eos_token", false, false, ERR_NONE},
        {"stop", false, false, ERR_NONE},
        {"COMPLETE", false, false, ERR_NONE},
        {"terrorist", false, false, ERR_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (int has_text = 0; has_text < 2; has_text++) {
            char in[1024];
            struct run r;
            bool wanted = has_text ? cases[i].with_text : cases[i].without_text;
            snprintf(in, sizeof in,
                     "%s"
                     "data: {\"choices\":[{\"index\":0,\"delta\":{},"
                     "\"finish_reason\":\"%s\"}]}\n\n" DONE,
                     has_text ? EV(DELTA("x")) : EV(ROLE), cases[i].word);
            run_whole(&r, ENGINE_OPENAI, false, str_of(in));
            if (r.has_error != wanted)
                fail_msg("%s, text %d: error %d", cases[i].word, has_text, r.has_error);
            if (wanted)
                assert_int_equal(r.error.kind, cases[i].kind);
            run_release(&r);
        }
}

static void data_that_says_nothing_is_a_heartbeat(void **state)
{
    (void)state;
    static const char *const words[] = {"null",
                                        "ping",
                                        "[]",
                                        "PING",
                                        "\"\"",
                                        "true",
                                        "0",
                                        "keep-alive",
                                        " ping ",
                                        "\"ping\"",
                                        ": ping",
                                        "keep alive",
                                        "[PING]",
                                        "OPENROUTER PROCESSING",
                                        "queue position 3",
                                        "2026-11-28T12:00:00Z",
                                        "[END]",
                                        "\"[DONE]\""};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char in[1024];
        snprintf(in, sizeof in,
                 EV(DELTA("a")) "data: %s\n\n" EV(DELTA("b")) EV(FINISH) DONE, words[i]);
        check(ENGINE_OPENAI, false, in,
              EV(DELTA("a")) ": ping\n\n" EV(DELTA("b")) EV(FINISH) DONE);
    }
}

static void data_that_may_be_trouble_is_an_error(void **state)
{
    (void)state;
    static const char *const words[] = {"the card is gone",  "[error]",
                                        "waiting timed out", "{\"ping\"",
                                        "processing failed", "<ping/>"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char in[1024];
        snprintf(in, sizeof in, EV(DELTA("a")) "data: %s\n\n", words[i]);
        check_trace(in, "d1/0/0.0 e0/0/0.0 ");
    }
}

static void a_known_shape_is_not_trusted_further_than_its_string(void **state)
{
    (void)state;
    /* After "a" the shape is known; each of these only looks like it. */
    static const char bad[] = EV(DELTA("a")) EV(DELTA("b\xFF"));
    check_trace(EV(DELTA("a")) EV(DELTA("")) EV(DELTA("bc")),
                "d1/0/0.0 s0/0/0.0 d2/0/0.0 ");
    check_trace(EV(DELTA("a")) EV(DELTA("\\n\\u00e9")), "d1/0/0.0 d8/0/0.0 ");
    check_trace(bad, "d1/0/0.0 e0/0/0.0 ");
    check_trace(EV(DELTA("a")) EV(DELTA("\\x")), "d1/0/0.0 e0/0/0.0 ");
    check_trace(EV(DELTA("a")) EV(DELTA("b\",\"role\":\"x")), "d1/0/0.0 d1/0/0.0 ");
    check_trace(EV(DELTA("a"))
                    EV(DELTA("b\"},\"usage\":{\"prompt_tokens\":1},\"z\":{\"y\":\"")),
                "d1/0/0.0 d1/0/0.0 ");
}

static void reasoning_and_tools_are_counted_apart(void **state)
{
    (void)state;
#define D(members)                                                                       \
    EV(CHUNK("{\"index\":1,\"delta\":{" members "},\"finish_reason\":null}", ""))
    check_trace(
        D("\"reasoning_content\":\"abc\"") D("\"reasoning_content\":\"de\"")
            D("\"reasoning\":\"x\",\"content\":\"yz\"") D("\"refusal\":\"no\"") D(
                "\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"type\":\"function\","
                "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]")
                D("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]") D(
                    "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"abc\"}}]")
                    D("\"function_call\":{\"arguments\":\"a\"}")
                        D("\"audio\":{\"data\":\"AA\"}"),
        "d0/3/0.1 d0/2/0.1 d2/1/0.1 d2/0/0.1 d0/0/1.1 d0/0/2.1 d0/0/3.1 d0/0/1.1 "
        "d13/0/0.1 ");
}

static void a_finish_may_carry_content(void **state)
{
    (void)state;
    check_trace(EV(CHUNK("{\"index\":0,\"delta\":{\"content\":\"end\"},"
                         "\"finish_reason\":\"length\"}",
                         "")),
                "f3/0/0.0 ");
}

static void absurd_usage_is_unknown(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{\"prompt_tokens\":-5,\"completion_tokens\":-1}",
        "{\"prompt_tokens\":1.5}",
        "{\"prompt_tokens\":99999999999999999999}",
        "{}",
        "{\"prompt_tokens\":null}",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run r;
        struct buf in;
        buf_init(&in, 4096);
        buf_printf(&in, "data: {\"choices\":[],\"usage\":%s}\n\n", cases[i]);
        run_whole(&r, ENGINE_OPENAI, true, buf_view(&in));
        assert_false(r.usage.is_known);
        assert_same(buf_view(&r.out), STR(DONE));
        run_release(&r);
        buf_release(&in);
    }
}

static void details_of_usage_are_read(void **state)
{
    (void)state;
    struct run r;
    run_whole(
        &r, ENGINE_OPENAI, false,
        STR(EV("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":"
               "4,\"prompt_tokens_details\":{\"cached_tokens\":3},"
               "\"completion_tokens_details\":{\"reasoning_tokens\":2}}}")));
    assert_int_equal(r.usage.cached_tokens, 3);
    assert_int_equal(r.usage.reasoning_tokens, 2);
    run_release(&r);
    run_whole(
        &r, ENGINE_OPENAI, false,
        STR(EV("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":"
               "4,\"prompt_cache_hit_tokens\":6,\"prompt_cache_miss_tokens\":3}}")));
    assert_int_equal(r.usage.cached_tokens, 6);
    run_release(&r);
}

static int stop_at_once(void *ctx, const struct event *e)
{
    (void)e;
    ++*(int *)ctx;
    return -1;
}

static void the_sink_can_stop_the_decoder(void **state)
{
    (void)state;
    struct engine_decoder d;
    struct err err;
    int n = 0;
    engine_decoder_init(&d, SPEECH_OPENAI, SURFACE_CHAT);
    assert_int_equal(
        engine_decode(&d, STR(EV(DELTA("a")) EV(DELTA("b"))), stop_at_once, &n, &err),
        -1);
    assert_int_equal(n, 1);
    engine_decoder_release(&d);
}

/* An event that came in two reads, and ends where the second one does, is not held on. */
static void an_event_that_is_over_is_not_held(void **state)
{
    enum { TEXT = 100000 };
    (void)state;
    struct run r;
    struct buf event;
    run_init(&r, ENGINE_OPENAI, false);
    buf_init(&event, 1 << 20);
    buf_lit(&event, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    for (int i = 0; i < TEXT; i++)
        buf_byte(&event, 'x');
    buf_lit(&event, "\"},\"finish_reason\":null}]}\n\n");
    feed(&r, str_sub(buf_view(&event), 0, event.n / 2));
    assert_true(engine_decoder_held(&r.decoder) >= event.n / 2);
    feed(&r, str_sub(buf_view(&event), event.n / 2, event.n));
    assert_true(engine_decoder_held(&r.decoder) < 1000);
    buf_release(&event);
    run_release(&r);
}

static void an_event_without_end_meets_the_bound(void **state)
{
    (void)state;
    struct run r;
    char *piece = malloc(1 << 20);
    int status = 0;
    memset(piece, 'x', 1 << 20);
    run_init(&r, ENGINE_OPENAI, false);
    feed(&r, STR("data: {\"choices\":[{\"delta\":{\"content\":\""));
    for (int i = 0; i < 64 && status == 0; i++)
        status = engine_decode(&r.decoder, (struct str){piece, 1 << 20}, on_event, &r,
                               &r.error);
    assert_int_equal(status, -1);
    assert_string_equal(r.error.code, "upstream_bad_sse");
    free(piece);
    run_release(&r);
}

/* --- what was recorded from llama-server ------------------------------------------ */

static const struct {
    const char *stream;
    uint64_t output_tokens;
} recorded[] = {
    {"chat.sse", 12},       {"logprobs.sse", 3},     {"n2.sse", 8},
    {"empty.sse", 1},       {"tools.sse", 86},       {"multibyte.sse", 0},
    {"completions.sse", 4}, {"chat_nousage.sse", 0},
};

static struct str recording(const char *name, struct buf *b)
{
    char path[128];
    snprintf(path, sizeof path, "llama-server/%s", name);
    return fixture_read(path, b);
}

/* deltas*, finish*, usage?, [DONE]: 0 while deltas come, then 1, 2, 3 */
static int rank_of(struct str data)
{
    if (str_eqz(data, "[DONE]"))
        return 3;
    assert_true(str_find(data, STR("\"choices\":[")) > 0);
    if (str_find(data, STR("\"choices\":[]")) > 0)
        return 2;
    return str_find(data, STR("\"finish_reason\":\"")) >= 0 ? 1 : 0;
}

static void assert_canonical(struct str out, bool wants_usage)
{
    struct str line;
    int rank = 0, nusage = 0, ndone = 0;
    while (str_split(&out, '\n', &line)) {
        if (!str_starts(line, STR("data: ")))
            continue;
        struct str data = str_sub(line, 6, line.n);
        int next = rank_of(data);
        assert_true(next >= rank);
        rank = next;
        nusage += next == 2;
        ndone += next == 3;
    }
    assert_int_equal(ndone, 1);
    assert_true(nusage <= (wants_usage ? 1 : 0));
}

static void recorded_streams_come_out_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(recorded); i++)
        for (int wants = 0; wants < 2; wants++) {
            struct run r;
            struct buf b;
            struct str in = recording(recorded[i].stream, &b);
            run_whole(&r, ENGINE_LLAMA_SERVER, wants, in);
            assert_false(r.has_error);
            assert_canonical(buf_view(&r.out), wants);
            if (recorded[i].output_tokens)
                assert_int_equal(r.usage.output_tokens, recorded[i].output_tokens);
            assert_same_under_splits(ENGINE_LLAMA_SERVER, wants, in, &r);
            run_release(&r);
            buf_release(&b);
        }
}

static void a_stream_cut_by_sigterm_has_no_finish(void **state)
{
    (void)state;
    struct run r;
    struct buf b;
    run_init(&r, ENGINE_LLAMA_SERVER, true);
    feed(&r, recording("sigterm_tail.sse", &b));
    assert_int_equal(engine_decode_end(&r.decoder, on_event, &r, &r.error), 0);
    assert_int_equal(r.decoder.nfinished, 0);
    assert_false(r.decoder.has_ended);
    run_release(&r);
    buf_release(&b);
}

/* --- any order whatever ---------------------------------------------------------- */

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    return *x ^= *x << 17;
}

static void any_order_of_events_comes_out_canonical(void **state)
{
    (void)state;
    static const char *const menu[] = {
        EV(ROLE),
        EV(DELTA("a")),
        EV(DELTA("bc")),
        EV(FINISH),
        EV(FINISH_USAGE),
        EV(USAGE),
        DONE,
        "data: {\"error\":\"x\"}\n\n",
        ": note\n\n",
    };
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 4000; round++) {
        struct run r;
        bool wants_usage = next_random(&x) & 1, has_error = false;
        run_init(&r, round & 2 ? ENGINE_LLAMA_SERVER : ENGINE_OPENAI, wants_usage);
        for (size_t n = next_random(&x) % 12; n > 0; n--) {
            /* ends and errors are rarer, or most runs would be short */
            size_t pick = next_random(&x) % (ARRAY_LEN(menu) + 8);
            pick = pick < ARRAY_LEN(menu) ? pick : pick % 6;
            feed(&r, str_of(menu[pick]));
        }
        has_error = r.has_error && r.encoder->has_error;
        run_end(&r);
        struct str out = buf_view(&r.out);
        if (has_error) {
            assert_true(str_find(out, STR("[DONE]")) < 0);
            assert_true(str_ends(out, STR("}}\n\n")));
            ptrdiff_t at = str_find(out, STR("data: {\"error\""));
            assert_true(at >= 0);
            assert_true(str_find(str_sub(out, (size_t)at, out.n - 2), STR("\n\n")) < 0);
        } else {
            assert_true(str_ends(out, STR(DONE)));
            assert_canonical(out, wants_usage);
            assert_int_equal(str_find(out, STR("\"choices\":[],\"usage\"")) >= 0,
                             wants_usage && r.usage.is_known);
        }
        run_release(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_stream_passes_byte_for_byte),
        cmocka_unit_test(usage_is_shown_only_when_asked),
        cmocka_unit_test(usage_in_the_finish_chunk_gets_a_chunk_of_its_own),
        cmocka_unit_test(usage_in_every_chunk_is_taken_out_and_the_last_counts),
        cmocka_unit_test(the_same_usage_in_every_chunk_is_taken_out_of_each),
        cmocka_unit_test(null_usage_stays_where_openai_puts_it),
        cmocka_unit_test(usage_before_the_finish_comes_after_it),
        cmocka_unit_test(repeated_usage_is_shown_once),
        cmocka_unit_test(an_empty_delta_after_the_finish_gives_only_its_usage),
        cmocka_unit_test(groq_says_usage_in_its_own_place),
        cmocka_unit_test(missing_done_is_added),
        cmocka_unit_test(nothing_follows_done),
        cmocka_unit_test(deltas_after_a_finish_come_before_it),
        cmocka_unit_test(other_framings_reach_the_client_canonical),
        cmocka_unit_test(data_over_several_lines_stays_one_event),
        cmocka_unit_test(comments_pass),
        cmocka_unit_test(half_a_comment_at_the_end_is_dropped),
        cmocka_unit_test(events_without_meaning_pass),
        cmocka_unit_test(an_error_in_the_stream_ends_it_without_success),
        cmocka_unit_test(errors_are_recognised_in_every_dress),
        cmocka_unit_test(an_error_member_that_says_nothing_is_none),
        cmocka_unit_test(an_error_beside_text_that_says_a_failure_is_one),
        cmocka_unit_test(an_object_that_is_no_chunk_may_be_an_error),
        cmocka_unit_test(a_finish_that_names_a_failure_is_one),
        cmocka_unit_test(data_that_says_nothing_is_a_heartbeat),
        cmocka_unit_test(data_that_may_be_trouble_is_an_error),
        cmocka_unit_test(a_known_shape_is_not_trusted_further_than_its_string),
        cmocka_unit_test(reasoning_and_tools_are_counted_apart),
        cmocka_unit_test(a_finish_may_carry_content),
        cmocka_unit_test(absurd_usage_is_unknown),
        cmocka_unit_test(details_of_usage_are_read),
        cmocka_unit_test(the_sink_can_stop_the_decoder),
        cmocka_unit_test(an_event_that_is_over_is_not_held),
        cmocka_unit_test(an_event_without_end_meets_the_bound),
        cmocka_unit_test(recorded_streams_come_out_canonical),
        cmocka_unit_test(a_stream_cut_by_sigterm_has_no_finish),
        cmocka_unit_test(any_order_of_events_comes_out_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
