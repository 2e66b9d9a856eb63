/* test_gemini_answered.c -- what clients of Gemini's API read of answers and of models.
 */
#include "config/kinds.h"
#include "dialect/seal.h"

#define ASKING_OF DIALECT_GEMINI
#include "client_asking.h"

#define GENERATE "/v1beta/models/{model}:generateContent"
#define STREAM   "/v1beta/models/{model}:streamGenerateContent"

/* The data of the n-th event; each is whole and ends with an empty line. */
static struct str event_of(const struct answering *x, size_t n)
{
    struct str rest = buf_view(&x->out), data = {NULL, 0};
    assert_true(str_ends(rest, STR("\n\n")));
    for (size_t i = 0; i <= n; i++) {
        while (rest.n && rest.p[0] == '\n') /* signs of life */
            rest = str_sub(rest, 1, rest.n);
        ptrdiff_t at = str_find(rest, STR("\n\n"));
        assert_true(at > 0 && str_starts(rest, STR("data: ")));
        data = str_sub(rest, strlen("data: "), (size_t)at);
        rest = str_sub(rest, (size_t)at + 2, rest.n);
        struct json_cur c;
        json_begin(&c, data);
        assert_true(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
    }
    return data;
}

static size_t count_events(const struct answering *x)
{
    struct str rest = buf_view(&x->out);
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(rest, STR("data: "))) >= 0; n++)
        rest = str_sub(rest, (size_t)at + 6, rest.n);
    return n;
}

/* Counts of thoughts stand apart; the end is an event of its own, and no [DONE] follows.
 */
static void a_stream_is_events(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, STREAM, "t");
    say(&x, EVENT_START, DELTA("\"role\":\"assistant\""));
    say(&x, EVENT_DELTA, DELTA("\"reasoning_content\":\"hm\""));
    say(&x, EVENT_NOTE, "");
    say(&x, EVENT_DELTA, DELTA("\"content\":\"h\\n\\u00e9\""));
    say(&x, EVENT_FINISH, FINISH("length"));
    const struct event usage = {.kind = EVENT_USAGE,
                                .usage = {.is_known = true,
                                          .input_tokens = 20,
                                          .cached_tokens = 5,
                                          .output_tokens = 9,
                                          .reasoning_tokens = 4}};
    asked()->encode_event(x.enc, &usage, &x.out);
    assert_int_equal(count_events(&x), 2);
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_events(&x), 3);
    assert_str(
        json_get(event_of(&x, 0), "candidates"),
        "[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hm\",\"thought\":"
        "true}]},\"index\":0}]");
    assert_has(event_of(&x, 1), "\"parts\":[{\"text\":\"h\\n\xC3\xA9\"}]");
    assert_has(event_of(&x, 1), "\"modelVersion\":\"m:latest\",\"responseId\":\"");
    assert_has(event_of(&x, 2), "\"finishReason\":\"MAX_TOKENS\"");
    assert_str(json_get(event_of(&x, 2), "usageMetadata"),
               "{\"promptTokenCount\":20,\"cachedContentTokenCount\":5,"
               "\"candidatesTokenCount\":5,\"thoughtsTokenCount\":4,\"totalTokenCount\":"
               "29}");
    assert_has_not(buf_view(&x.out), "DONE");
    answer_over(&x);
}

static void thoughts_are_for_who_asked_for_them(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, STREAM, "");
    say(&x, EVENT_DELTA, DELTA("\"reasoning_content\":\"hm\""));
    assert_int_equal(x.out.n, 0);
    say(&x, EVENT_DELTA, DELTA("\"content\":\"yes\""));
    assert_has_not(buf_view(&x.out), "hm");
    answer_over(&x);
}

/* Bug list 4 and 16: calls are whole and all there; STOP follows them. */
static void calls_are_whole(void **state)
{
    (void)state;
    struct answering x;
    struct buf sealed, data;
    buf_init(&sealed, 256);
    buf_init(&data, 1024);
    seal_write(&(struct seal){.issuer = STR("gemini-1"),
                              .kind = SEAL_CALL,
                              .call = STR("a"),
                              .payload = STR("SIG")},
               &sealed);
    buf_printf(&data,
               DELTA("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
                     "\"data\":\"%.*s\"}]"),
               STR_ARG(buf_view(&sealed)));
    buf_byte(&data, '\0');
    answer_on(&x, STREAM, "");
    say(&x, EVENT_DELTA, data.p);
    say(&x, EVENT_DELTA, PIECE("0", "\"a\"", "\"f\"", "{\\\"x\\\":"));
    say(&x, EVENT_DELTA, PIECE("1", "\"b\"", "\"g\"", ""));
    say(&x, EVENT_DELTA, PIECE("0", "null", "null", " [1.50]}"));
    say(&x, EVENT_FINISH, FINISH("tool_calls"));
    assert_int_equal(x.out.n, 0);
    assert_true(x.enc->held_bytes > 0);
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_events(&x), 1);
    assert_has(event_of(&x, 0),
               "{\"functionCall\":{\"id\":\"a\",\"name\":\"f\",\"args\":{"
               "\"x\": [1.50]}},\"thoughtSignature\":\"d2VpcjE6");
    assert_has(event_of(&x, 0),
               "{\"functionCall\":{\"id\":\"b\",\"name\":\"g\",\"args\":{}}}]");
    assert_has(event_of(&x, 0), "\"finishReason\":\"STOP\"");
    buf_release(&sealed);
    buf_release(&data);
    answer_over(&x);
}

/* What was cut off is kept as a text. */
static void arguments_that_are_no_object_are_kept(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, STREAM, "");
    say(&x, EVENT_DELTA, PIECE("0", "\"a\"", "\"f\"", "{\\\"x\\\":"));
    say(&x, EVENT_FINISH, FINISH("length"));
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_events(&x), 1);
    assert_has(event_of(&x, 0), "\"args\":{\"text\":\"{\\\"x\\\":\"}");
    assert_has(event_of(&x, 0), "\"finishReason\":\"MAX_TOKENS\"");
    answer_over(&x);
}

/* Each candidate has its own calls and its own end. */
static void candidates_end_each(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, STREAM, "");
    say(&x, EVENT_DELTA, DELTA("\"content\":\"a\""));
    say(&x, EVENT_DELTA,
        "{\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"k\","
        "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}");
    say(&x, EVENT_FINISH,
        "{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}");
    say(&x, EVENT_FINISH, FINISH("length"));
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_events(&x), 2);
    assert_str(json_get(event_of(&x, 1), "candidates"),
               "[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"\"}]},"
               "\"finishReason\":\"MAX_TOKENS\",\"index\":0},{\"content\":{\"role\":"
               "\"model\",\"parts\":[{\"functionCall\":{\"id\":\"k\",\"name\":\"f\","
               "\"args\":{}}}]},\"finishReason\":\"STOP\",\"index\":1}]");
    /* Bug list 8: what counts tokens is there, also when nobody has counted. */
    assert_has(event_of(&x, 1), "\"usageMetadata\":{\"promptTokenCount\":0,");
    answer_over(&x);
}

/* Bug list 37: what was blocked does not look like an end. */
static void what_is_blocked_says_so(void **state)
{
    (void)state;
    struct answering x;
    struct world w;
    answer_on(&x, STREAM, "");
    say(&x, EVENT_FINISH, FINISH("content_filter"));
    asked()->encode_end(x.enc, &x.out);
    assert_str(json_get(event_of(&x, 0), "promptFeedback"),
               "{\"blockReason\":\"SAFETY\"}");
    assert_null(json_get(event_of(&x, 0), "candidates").p);
    answer_over(&x);
    struct str got = whole(&w, GENERATE,
                           "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"\","
                           "\"refusal\":\"no\"},\"finish_reason\":\"content_filter\"}]}");
    assert_has(got, "\"parts\":[{\"text\":\"no\"}]");
    assert_has(got, "\"finishReason\":\"SAFETY\"");
    end(&w);
    got = whole(&w, GENERATE,
                "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"\"},"
                "\"finish_reason\":\"content_filter\"}]}");
    assert_has(got, "\"promptFeedback\":{\"blockReason\":\"SAFETY\"}");
    end(&w);
}

static void whole_answers(void **state)
{
    (void)state;
    static const char answer[] =
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
        "\"a\","
        "\"reasoning_content\":\"hm\",\"tool_calls\":[{\"id\":\"c\",\"type\":"
        "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"q\\\":1}\"}}]},"
        "\"finish_reason\":\"tool_calls\"},{\"index\":1,\"message\":{\"content\":\"b\"},"
        "\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}";
    struct world w;
    assert_str(
        whole_for(&w, GENERATE, "t", answer),
        "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hm\","
        "\"thought\":true},{\"text\":\"a\"},{\"functionCall\":{\"id\":\"c\",\"name\":"
        "\"f\",\"args\":{\"q\":1}}}]},\"finishReason\":\"STOP\",\"index\":0},{"
        "\"content\":"
        "{\"role\":\"model\",\"parts\":[{\"text\":\"b\"}]},\"finishReason\":\"STOP\","
        "\"index\":1}],\"usageMetadata\":{\"promptTokenCount\":3,"
        "\"candidatesTokenCount\":4,\"totalTokenCount\":7},\"modelVersion\":\"m\","
        "\"responseId\":\"bbbbbbbbbbbbbbbl\"}");
    end(&w);
    assert_has(
        whole(&w, GENERATE,
              "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":"
              "\"f\",\"arguments\":\"[\"}}]}}]}"),
        "\"args\":{\"text\":\"[\"}");
    end(&w);
}

static void how_likely_tokens_were(void **state)
{
    (void)state;
    struct world w;
    assert_has(whole(&w, GENERATE,
                     "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a\"},"
                     "\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":-0.25,"
                     "\"bytes\":[97],\"top_logprobs\":[{\"token\":\"b\",\"logprob\":"
                     "-1}]}]},\"finish_reason\":\"stop\"}]}"),
               "\"logprobsResult\":{\"topCandidates\":[{\"candidates\":[{\"token\":\"b\","
               "\"logProbability\":-1}]}],\"chosenCandidates\":[{\"token\":\"a\","
               "\"logProbability\":-0.25}]}");
    end(&w);
}

#define CITED                                                                            \
    "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":"             \
    "\"https://a.example\",\"title\":\"A\",\"start_index\":3,\"end_index\":6}},{"        \
    "\"type\":\"file_citation\"},{\"type\":\"url_citation\",\"url\":\"https://"          \
    "b.example\","                                                                       \
    "\"start_index\":0,\"end_index\":99}]"

/* Google counts bytes of the part, and thoughts are parts too. */
static void pages_that_were_cited(void **state)
{
    (void)state;
    struct world w;
    struct str got = whole_for(
        &w, GENERATE, "t",
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"reasoning_content\":\"hm\",\"content\":\"\xC3\xA9, ab\xC3\xBC.\"," CITED
        "},\"finish_reason\":\"stop\"}]}");
    assert_has(got,
               "\"groundingMetadata\":{\"groundingChunks\":[{\"web\":{\"uri\":"
               "\"https://a.example\",\"title\":\"A\"}},{\"web\":{\"uri\":"
               "\"https://b.example\"}}],\"groundingSupports\":[{\"segment\":{"
               "\"partIndex\":1,\"startIndex\":4,\"endIndex\":8,\"text\":"
               "\"ab\xC3\xBC\"},\"groundingChunkIndices\":[0]},{\"segment\":{"
               "\"partIndex\":1,\"startIndex\":0,\"endIndex\":9,\"text\":\"\xC3\xA9, "
               "ab\xC3\xBC.\"},\"groundingChunkIndices\":[1]}]}");
    end(&w);
    struct answering x;
    answer_on(&x, STREAM, "");
    say(&x, EVENT_DELTA, DELTA("\"content\":\"ab\""));
    say(&x, EVENT_DELTA, DELTA(CITED));
    say(&x, EVENT_DELTA, DELTA("\"annotations\":[]"));
    assert_int_equal(count_events(&x), 2);
    assert_has(event_of(&x, 1), "\"groundingMetadata\":{\"groundingChunks\":[{\"web\":{");
    assert_has_not(event_of(&x, 1), "groundingSupports");
    answer_over(&x);
}

/* Without alt=sse: whatever comes, it is one whole array. */
static void array_of(struct answering *x)
{
    const struct dialect_path *p = path_of(STREAM);
    assert_string_equal(p->query, "alt=sse");
    for (p++; strcmp(p->pattern, STREAM) != 0; p++) {
    }
    assert_null(p->query);
    assert_true(p->is_stream);
    assert_str(dialect_stream_type(asked(), p), "application/json");
    const struct answer_about about = {.path = p, .model = STR("m"), .id = 7};
    x->enc = answer_encoder_create(asked(), &about, true);
    buf_init(&x->out, 1 << 20);
}

static void assert_array(const struct answering *x, size_t n)
{
    struct json_cur c;
    size_t found = 0;
    json_begin(&c, str_trim(buf_view(&x->out)));
    assert_true(json_peek(&c) == JSON_ARRAY && json_enter_array(&c));
    for (; json_next_element(&c); found++)
        assert_true(json_skip(&c, NULL));
    assert_int_equal(found, n);
}

static void a_stream_may_be_an_array(void **state)
{
    (void)state;
    struct answering x;
    array_of(&x);
    say(&x, EVENT_DELTA, DELTA("\"content\":\"a\""));
    assert_true(str_starts(buf_view(&x.out), STR("[{\"candidates\":[")));
    assert_has(buf_view(&x.out), "{\"text\":\"a\"}");
    say(&x, EVENT_NOTE, "");
    say(&x, EVENT_DELTA, DELTA("\"content\":\"b\""));
    asked()->encode_end(x.enc, &x.out);
    assert_array(&x, 3);
    assert_has_not(buf_view(&x.out), "data: ");
    answer_over(&x);
    array_of(&x); /* nothing at all */
    asked()->encode_end(x.enc, &x.out);
    assert_array(&x, 1);
    answer_over(&x);
    array_of(&x); /* an error ends it */
    say(&x, EVENT_DELTA, DELTA("\"content\":\"a\""));
    struct err err = {0};
    err_set(&err, ERR_UPSTREAM, "upstream_error", "it broke");
    asked()->encode_stream_error(x.enc, &err, &x.out);
    asked()->encode_end(x.enc, &x.out);
    assert_array(&x, 2);
    assert_has(buf_view(&x.out), "it broke");
    answer_over(&x);
}

static void vectors(void **state)
{
    (void)state;
    static const char answer[] = "{\"object\":\"list\",\"data\":[{\"index\":0,"
                                 "\"embedding\":[0.50,1]},{\"index\":1,"
                                 "\"embedding\":[2]}]}";
    struct world w;
    assert_str(whole(&w, "/v1beta/models/{model}:embedContent", answer),
               "{\"embedding\":{\"values\":[0.50,1]}}");
    end(&w);
    assert_str(whole(&w, "/v1beta/models/{model}:batchEmbedContents", answer),
               "{\"embeddings\":[{\"values\":[0.50,1]},{\"values\":[2]}]}");
    end(&w);
    assert_null(whole(&w, "/v1beta/models/{model}:embedContent", "{\"data\":[]}").p);
    end(&w);
}

static void errors_have_googles_words(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        int status;
        const char *word, *reason;
    } rows[] = {
        {ERR_BAD_REQUEST, 400, "INVALID_ARGUMENT", "a_code"},
        {ERR_AUTH, 400, "INVALID_ARGUMENT", "API_KEY_INVALID"},
        {ERR_FORBIDDEN, 403, "PERMISSION_DENIED", "a_code"},
        {ERR_NOT_FOUND, 404, "NOT_FOUND", "a_code"},
        {ERR_RATE_LIMIT, 429, "RESOURCE_EXHAUSTED", "a_code"},
        {ERR_INTERNAL, 500, "INTERNAL", "a_code"},
        {ERR_OVERLOAD, 503, "UNAVAILABLE", "a_code"},
        {ERR_TIMEOUT, 504, "DEADLINE_EXCEEDED", "a_code"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char want[256];
        struct err err;
        struct buf out;
        buf_init(&out, 4096);
        err_set(&err, rows[i].kind, "a_code", "why");
        asked()->encode_error(&err, &out);
        snprintf(want, sizeof want, "{\"error\":{\"code\":%d,\"message\":\"why\",",
                 rows[i].status);
        assert_has(buf_view(&out), want);
        snprintf(want, sizeof want, "\"status\":\"%s\"", rows[i].word);
        assert_has(buf_view(&out), want);
        snprintf(want, sizeof want, "\"reason\":\"%s\"", rows[i].reason);
        assert_has(buf_view(&out), want);
        assert_int_equal(dialect_error_status(asked(), &err), rows[i].status);
        buf_release(&out);
    }
}

/* -- pages --------------------------------------------------------------------------- */

static struct str page(struct world *w, const char *path, const char *name,
                       const char *body)
{
    static const struct dialect_model models[] = {
        {.id = STR_INIT("cloud"), .owner = STR_INIT("weir")},
        {.id = STR_INIT("a/b"),
         .owner = STR_INIT("own"),
         .max_context = 32768,
         .caps = CAP_CHAT | CAP_TOOLS},
        {.id = STR_INIT("embed"), .owner = STR_INIT("own"), .caps = CAP_EMBEDDINGS},
    };
    begin(w);
    const struct dialect_query q = {.path = path_of(path),
                                    .name = str_of(name),
                                    .body = str_of(body),
                                    .arena = &w->a,
                                    .models = models,
                                    .nmodels = ARRAY_LEN(models)};
    if (q.path->tell(&q, &w->out, &w->err) != 0)
        return (struct str){NULL, 0};
    return buf_view(&w->out);
}

static void models_are_listed(void **state)
{
    (void)state;
    struct world w;
    struct str got = page(&w, "/v1beta/models", "", "");
    assert_has(got, "{\"models\":[{\"name\":\"models/a/b\",\"displayName\":\"a/b\","
                    "\"inputTokenLimit\":32768,"
                    "\"supportedGenerationMethods\":[\"generateContent\"");
    assert_has(got, "[\"embedContent\",\"batchEmbedContents\"]");
    assert_has_not(got, "models/cloud");
    end(&w);
    got = page(&w, "/v1beta/models/{model}", "a/b", "");
    assert_has(got, "{\"name\":\"models/a/b\"");
    end(&w);
    assert_null(page(&w, "/v1beta/models/{model}", "nowhere", "").p);
    assert_int_equal(w.err.kind, ERR_NOT_FOUND);
    end(&w);
}

static void tokens_are_counted(void **state)
{
    (void)state;
    static const char *const path = "/v1beta/models/{model}:countTokens";
    struct world w, other;
    struct str plain =
        page(&w, path, "m", "{\"contents\":[{\"parts\":[{\"text\":\"hello there\"}]}]}");
    assert_has(plain, "{\"totalTokens\":");
    assert_true(str_eq(plain, page(&other, path, "m",
                                   "{\"generateContentRequest\":{\"contents\":[{"
                                   "\"parts\":[{\"text\":\"hello there\"}]}]}}")));
    end(&other);
    end(&w);
    assert_null(page(&w, path, "m", "{}").p);
    assert_has(str_of(w.err.msg), "'contents'");
    end(&w);
    assert_null(page(&w, path, "m", "{").p);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_events),
        cmocka_unit_test(thoughts_are_for_who_asked_for_them),
        cmocka_unit_test(calls_are_whole),
        cmocka_unit_test(arguments_that_are_no_object_are_kept),
        cmocka_unit_test(candidates_end_each),
        cmocka_unit_test(what_is_blocked_says_so),
        cmocka_unit_test(whole_answers),
        cmocka_unit_test(how_likely_tokens_were),
        cmocka_unit_test(pages_that_were_cited),
        cmocka_unit_test(a_stream_may_be_an_array),
        cmocka_unit_test(vectors),
        cmocka_unit_test(errors_have_googles_words),
        cmocka_unit_test(models_are_listed),
        cmocka_unit_test(tokens_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
