/* test_ollama_answered.c -- what a client of Ollama reads of answers and of models. */
#include "config/kinds.h"
#define ASKING_OF DIALECT_OLLAMA
#include "client_asking.h"
#include "core/clock.h"

/* -- answers ------------------------------------------------------------------------- */

/* Each line is one JSON object and ends, the last one too: Continue loses it else. */
static struct str line_of(const struct answering *x, size_t n)
{
    struct str rest = buf_view(&x->out), line = {NULL, 0};
    assert_true(str_ends(rest, STR("\n")));
    for (size_t i = 0; i <= n; i++) {
        ptrdiff_t at = str_index(rest, '\n');
        assert_true(at >= 0);
        line = str_sub(rest, 0, (size_t)at);
        rest = str_sub(rest, (size_t)at + 1, rest.n);
        struct json_cur c;
        json_begin(&c, line);
        assert_true(json_skip(&c, NULL) && json_finish(&c, NULL) == 0);
    }
    return line;
}

static size_t count_lines(const struct answering *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->out.n; i++)
        n += x->out.p[i] == '\n';
    return n;
}

static void a_stream_is_lines(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, "/api/chat", "");
    say(&x, EVENT_START, DELTA("\"role\":\"assistant\""));
    say(&x, EVENT_DELTA, DELTA("\"reasoning_content\":\"hm\""));
    say(&x, EVENT_DELTA, DELTA("\"content\":\"h\\n\\u00e9\""));
    say(&x, EVENT_NOTE, "");
    say(&x, EVENT_DELTA, DELTA("\"refusal\":\"no\""));
    say(&x, EVENT_DELTA,
        "{\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":[{\"token\":"
        "\"n\",\"logprob\":-1}]}}]}");
    say(&x, EVENT_FINISH, FINISH("length"));
    const struct event usage = {
        .kind = EVENT_USAGE,
        .usage = {.is_known = true, .input_tokens = 20, .output_tokens = 9}};
    asked()->encode_event(x.enc, &usage, &x.out);
    assert_int_equal(count_lines(&x), 4);
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_lines(&x), 5);
    assert_has(line_of(&x, 0), "{\"model\":\"m:latest\",\"created_at\":\"");
    assert_str(json_get(line_of(&x, 0), "message"),
               "{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"}");
    assert_str(json_get(line_of(&x, 1), "message"),
               "{\"role\":\"assistant\",\"content\":\"h\\n\xC3\xA9\"}");
    assert_str(json_get(line_of(&x, 1), "done"), "false");
    assert_true(line_of(&x, 2).p[0] == ' '); /* a sign of life */
    assert_has(line_of(&x, 2), "\"content\":\"no\"");
    assert_str(json_get(line_of(&x, 3), "logprobs"),
               "[{\"token\":\"n\",\"logprob\":-1}]");
    struct str last = line_of(&x, 4);
    assert_str(json_get(last, "done"), "true");
    assert_str(json_get(last, "done_reason"), "\"length\"");
    assert_str(json_get(last, "prompt_eval_count"), "20");
    assert_str(json_get(last, "eval_count"), "9");
    assert_null(json_get(last, "total_duration").p); /* nothing is invented */
    answer_over(&x);
}

/* Bug lists 14 and 33: calls that come side by side are one each, counted from 0, with
 * objects as arguments; and the end says stop. */
static void calls_are_whole_and_counted(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, "/api/chat", "");
    say(&x, EVENT_DELTA, PIECE("0", "\"a\"", "\"f\"", "{\\\"x\\\":"));
    say(&x, EVENT_DELTA, PIECE("1", "\"b\"", "\"g\"", ""));
    say(&x, EVENT_DELTA, PIECE("0", "null", "null", " [1.50]}"));
    say(&x, EVENT_FINISH, FINISH("tool_calls"));
    assert_int_equal(count_lines(&x), 0);
    assert_true(x.enc->held_bytes > 0);
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_lines(&x), 2);
    assert_str(json_path(line_of(&x, 0), "message", "tool_calls", NULL),
               "[{\"id\":\"a\",\"function\":{\"index\":0,\"name\":\"f\",\"arguments\":{"
               "\"x\": [1.50]}}},{\"id\":\"b\",\"function\":{\"index\":1,\"name\":\"g\","
               "\"arguments\":{}}}]");
    assert_str(json_get(line_of(&x, 0), "done"), "false");
    assert_str(json_get(line_of(&x, 1), "done_reason"), "\"stop\"");
    assert_has_not(line_of(&x, 1), "tool_calls");
    answer_over(&x);
}

/* What was cut off is kept as a text. */
static void arguments_that_are_no_object_are_kept(void **state)
{
    (void)state;
    struct answering x;
    answer_on(&x, "/api/chat", "");
    say(&x, EVENT_DELTA, PIECE("0", "\"a\"", "\"f\"", "{\\\"x\\\":"));
    say(&x, EVENT_FINISH, FINISH("length"));
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_lines(&x), 2);
    assert_has(line_of(&x, 0), "\"arguments\":{\"text\":\"{\\\"x\\\":\"}");
    assert_str(json_get(line_of(&x, 1), "done_reason"), "\"length\"");
    answer_over(&x);
}

/* What waits is bounded. */
static void calls_without_end_are_an_error(void **state)
{
    (void)state;
    struct answering x;
    struct buf piece;
    answer_on(&x, "/api/chat", "");
    buf_init(&piece, 4 << 20);
    buf_lit(&piece,
            "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{"
            "\"arguments\":\"");
    while (piece.n < 1 << 20)
        buf_lit(&piece, "xxxxxxxxxxxxxxxx");
    buf_lit(&piece, "\"}}]}}]}");
    buf_byte(&piece, '\0');
    for (int i = 0; i < 16; i++)
        say(&x, EVENT_DELTA, piece.p);
    assert_int_equal(count_lines(&x), 1);
    assert_has(line_of(&x, 0), "{\"error\":");
    assert_true(x.enc->is_ended && x.enc->has_error);
    buf_release(&piece);
    answer_over(&x);
}

static void an_error_in_a_stream_is_a_line_and_the_last(void **state)
{
    (void)state;
    struct answering x;
    struct err err;
    answer_on(&x, "/api/generate", "");
    say(&x, EVENT_DELTA, DELTA("\"content\":\"par\""));
    err_set(&err, ERR_UPSTREAM, "x", "it broke");
    const struct event e = {.kind = EVENT_ERROR, .error = &err};
    asked()->encode_event(x.enc, &e, &x.out);
    asked()->encode_end(x.enc, &x.out);
    assert_int_equal(count_lines(&x), 2);
    assert_str(json_get(line_of(&x, 0), "response"), "\"par\"");
    assert_str(line_of(&x, 1), "{\"error\":\"it broke\"}");
    answer_over(&x);
}

static void whole_answers(void **state)
{
    (void)state;
    struct world w;
    struct str got = whole(
        &w, "/api/chat",
        "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
        "\"a\","
        "\"reasoning_content\":\"hm\",\"tool_calls\":[{\"id\":\"c\",\"type\":"
        "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"q\\\":1}\"}}]},"
        "\"finish_reason\":\"tool_calls\",\"logprobs\":{\"content\":[{\"token\":\"a\"}]}}"
        "],"
        "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}");
    assert_str(json_get(got, "message"),
               "{\"role\":\"assistant\",\"content\":\"a\",\"thinking\":\"hm\","
               "\"tool_calls\":[{\"id\":\"c\",\"function\":{\"index\":0,\"name\":\"f\","
               "\"arguments\":{\"q\":1}}}]}");
    assert_str(json_get(got, "done"), "true");
    assert_str(json_get(got, "done_reason"), "\"stop\"");
    assert_str(json_get(got, "prompt_eval_count"), "3");
    assert_str(json_get(got, "eval_count"), "4");
    assert_str(json_get(got, "logprobs"), "[{\"token\":\"a\"}]");
    end(&w);
    got = whole(&w, "/api/generate",
                "{\"choices\":[{\"index\":0,\"text\":\"tail\",\"finish_reason\":"
                "\"stop\"}]}");
    assert_str(json_get(got, "response"), "\"tail\"");
    end(&w);
    got = whole(&w, "/api/chat",
                "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":"
                "\"f\",\"arguments\":\"[\"}}]},\"finish_reason\":\"content_filter\"}]}");
    assert_has(got, "\"arguments\":{\"text\":\"[\"}");
    assert_str(json_get(got, "done_reason"), "\"stop\"");
    end(&w);
}

static void vectors(void **state)
{
    (void)state;
    static const char answer[] = "{\"object\":\"list\",\"data\":[{\"index\":0,"
                                 "\"embedding\":[0.50,1]},{\"index\":1,"
                                 "\"embedding\":[2]}],\"usage\":{\"prompt_tokens\":3}}";
    struct world w;
    assert_str(whole(&w, "/api/embed", answer),
               "{\"model\":\"m\",\"embeddings\":[[0.50,1],[2]],\"prompt_eval_count\":3}");
    end(&w);
    assert_str(whole(&w, "/api/embeddings", answer), "{\"embedding\":[0.50,1]}");
    end(&w);
    assert_null(whole(&w, "/api/embed", "{\"data\":[{\"embedding\":\"AAAA\"}]}").p);
    end(&w);
    assert_null(whole(&w, "/api/embed", "{\"data\":[]}").p);
    end(&w);
}

/* -- pages --------------------------------------------------------------------------- */

static const struct dialect_model models[] = {
    {.id = STR_INIT("cloud"), .owner = STR_INIT("weir")},
    {.id = STR_INIT("qwen3:8b"),
     .owner = STR_INIT("own"),
     .is_local = true,
     .loaded_until_s = 1800000000,
     .max_context = 32768,
     .caps = CAP_CHAT | CAP_TOOLS | CAP_VISION},
    {.id = STR_INIT("plain"),
     .owner = STR_INIT("own"),
     .caps = CAP_CHAT,
     .caps_unsaid = CAPS_UNSURE},
    {.id = STR_INIT("embed"), .owner = STR_INIT("own"), .caps = CAP_EMBEDDINGS},
};

static struct str page(struct world *w, const char *path, const char *body)
{
    begin(w);
    const struct dialect_query q = {.path = path_of(path),
                                    .body = str_of(body),
                                    .arena = &w->a,
                                    .models = models,
                                    .nmodels = ARRAY_LEN(models)};
    if (q.path->tell(&q, &w->out, &w->err) != 0)
        return (struct str){NULL, 0};
    return buf_view(&w->out);
}

/* VS Code (Copilot with own models) and Open WebUI compare its numbers. */
static void the_version_is_numbers_and_new_enough(void **state)
{
    (void)state;
    struct world w;
    unsigned major, minor, patch;
    char text[64], rest;
    struct str version = json_get(page(&w, "/api/version", ""), "version");
    snprintf(text, sizeof text, "%.*s", STR_ARG(version));
    assert_int_equal(sscanf(text, "\"%u.%u.%u%c", &major, &minor, &patch, &rest), 4);
    assert_int_equal(rest, '"');
    assert_true(major * 1000000 + minor * 1000 + patch >= 6004);
    end(&w);
}

/* Home Assistant and Open WebUI read `model` and `name`; the latter compares digests. */
static void the_list_has_every_name_that_is_served(void **state)
{
    (void)state;
    struct world w;
    struct str list = page(&w, "/api/tags", "");
    assert_has(list, "{\"models\":[{\"name\":\"qwen3:8b\",\"model\":\"qwen3:8b\","
                     "\"size\":0,\"digest\":\"");
    assert_has(list, "\"capabilities\":[\"completion\",\"tools\",\"vision\"]");
    assert_has(list, "\"capabilities\":[\"embedding\"]");
    assert_has(list, "\"modified_at\":\"1970-01-01T00:00:00Z\"");
    assert_has_not(list, "\"cloud\""); /* nothing stands behind it */
    struct str again = arena_strdup(&w.a, list);
    struct world other;
    assert_true(str_eq(again, page(&other, "/api/tags", "")));
    end(&other);
    end(&w);
}

/* Open WebUI reads when a model leaves memory, as a time. */
static void what_is_loaded_is_told(void **state)
{
    (void)state;
    struct world w;
    struct str list = page(&w, "/api/ps", "");
    assert_has(list, "\"name\":\"qwen3:8b\"");
    assert_has(list, "\"expires_at\":\"2027-01-15T08:00:00Z\"");
    assert_has_not(list, "plain");
    end(&w);
}

/* VS Code needs an architecture, a base name, a context length and `tools`, or it has no
 * agent mode and cuts prompts; LlamaIndex looks for a key with context_length in it. */
static void a_model_says_what_it_can_do(void **state)
{
    (void)state;
    struct world w;
    struct str got = page(&w, "/api/show", "{\"model\":\"qwen3:8b\"}");
    assert_str(json_get(got, "model_info"),
               "{\"general.architecture\":\"weir\",\"general.basename\":\"qwen3:8b\","
               "\"general.parameter_count\":0,\"weir.embedding_length\":0,"
               "\"weir.context_length\":32768}");
    assert_str(json_get(got, "capabilities"), "[\"completion\",\"tools\",\"vision\"]");
    assert_str(json_get(got, "parameters"), "\"\""); /* Continue reads lines of it */
    assert_str(json_get(got, "template"), "\"\"");   /* ... and looks for .Suffix */
    assert_has(json_get(got, "details"), "\"families\":[\"weir\"]");
    end(&w);
    /* Where nobody said, tools are tried; a context that is not known is left out. */
    got = page(&w, "/api/show", "{\"name\":\"plain:latest\"}"); /* Continue says name */
    assert_str(json_get(got, "capabilities"), "[\"completion\",\"tools\"]");
    assert_has_not(got, "context_length");
    end(&w);
    assert_null(page(&w, "/api/show", "{\"model\":\"nowhere\"}").p);
    assert_int_equal(w.err.kind, ERR_NOT_FOUND);
    assert_has(str_of(w.err.msg), "'nowhere'");
    end(&w);
    assert_null(page(&w, "/api/show", "{\"model\":7}").p);
    assert_int_equal(w.err.kind, ERR_BAD_REQUEST);
    end(&w);
    assert_null(page(&w, "/api/show", "").p);
    assert_has(str_of(w.err.msg), "JSON");
    end(&w);
}

static void the_root_says_that_ollama_is_running(void **state)
{
    (void)state;
    struct world w;
    assert_str(page(&w, "/", ""), "Ollama is running");
    assert_true(str_starts(str_of(path_of("/")->type), STR("text/plain")));
    assert_int_equal(path_of("/")->access, DIALECT_FOR_ALL);
    end(&w);
}

static void models_are_not_pulled_here(void **state)
{
    (void)state;
    static const char *const paths[] = {"/api/pull", "/api/delete",
                                        "/api/blobs/sha256:1"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const char *advice = NULL;
        assert_ptr_equal(dialect_of_path(str_of(paths[i]), &advice), asked());
        assert_has(str_of(advice), "weir keeps no models itself");
    }
}

/* Of a request that came four seconds ago; what is not known is not there. */
static void how_long_it_took(void **state)
{
    (void)state;
    struct answering x;
    struct str line;
    for (int has_text = 0; has_text < 2; has_text++) {
        const struct answer_about about = {.path = path_of("/api/chat"),
                                           .model = STR("m"),
                                           .began_ms = clock_mono_ms() - 4000};
        x.enc = answer_encoder_create(asked(), &about, true);
        buf_init(&x.out, 1 << 20);
        if (has_text)
            say(&x, EVENT_DELTA, DELTA("\"content\":\"a\""));
        say(&x, EVENT_FINISH, FINISH("stop"));
        asked()->encode_end(x.enc, &x.out);
        line = buf_view(&x.out);
        while (str_index(line, '\n') + 1 < (ptrdiff_t)line.n)
            line = str_sub(line, (size_t)str_index(line, '\n') + 1, line.n);
        line = str_trim(str_sub(line, 0, line.n - 1));
        uint64_t total = 0, prompt = 0;
        assert_true(str_to_u64(json_get(line, "total_duration"), &total));
        assert_in_range(total, 4000000000, 600000000000);
        assert_int_equal(str_to_u64(json_get(line, "prompt_eval_duration"), &prompt),
                         has_text);
        assert_true(prompt <= total);
        assert_has_not(line, "load_duration");
        answer_over(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_long_it_took),
        cmocka_unit_test(a_stream_is_lines),
        cmocka_unit_test(calls_are_whole_and_counted),
        cmocka_unit_test(arguments_that_are_no_object_are_kept),
        cmocka_unit_test(calls_without_end_are_an_error),
        cmocka_unit_test(an_error_in_a_stream_is_a_line_and_the_last),
        cmocka_unit_test(whole_answers),
        cmocka_unit_test(vectors),
        cmocka_unit_test(the_version_is_numbers_and_new_enough),
        cmocka_unit_test(the_list_has_every_name_that_is_served),
        cmocka_unit_test(what_is_loaded_is_told),
        cmocka_unit_test(a_model_says_what_it_can_do),
        cmocka_unit_test(the_root_says_that_ollama_is_running),
        cmocka_unit_test(models_are_not_pulled_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
