/* contract_translators.c -- what every form in which engines speak must keep.
 *
 * encode: pure, and nothing to the cloud without a clearance for these bytes.  decode:
 * the same events however the bytes are cut; garbage ends in an error or in nothing; an
 * answer that breaks off is not whole; memory is bounded. */
#include "contract/engine_world.h"
#include "unit/cleared.h"

#include <stdio.h>
#include <stdlib.h>

static const char body[] =
    "{\"model\":\"auto\",\"stream\":true,\"temperature\":0.25,\"max_tokens\":77,"
    "\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
    "{\"role\":\"user\",\"content\":\"h\\u00e9llo\"}],"
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\","
    "\"parameters\":{\"type\":\"object\",\"properties\":{\"q\":{\"type\":\"string\"}}}}}]"
    "}";

/* One answer in each form: "a é", reasoning "hm", a call of look({"q":"x"}), 7 tokens in
 * and 5 out, stopped for its call. */
static const struct sample {
    const char *path, *stream, *whole, *error;
    const char *key; /* how a request shows it; NULL: as a Bearer */
} samples[SPEECH_COUNT] = {
    [SPEECH_OPENAI] =
        {"/v1/chat/completions",
         "data: "
         "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
         "\"reasoning_content\":\"hm\"}}]}\n\n"
         "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a "
         "\xc3\xa9\"}}]}\n\n"
         "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{"
         "\"index\":0,\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"look\","
         "\"arguments\":\"{\\\"q\\\":\\\"x\\\"}\"}}]}}]}\n\n"
         "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},"
         "\"finish_reason\":\"tool_calls\"}]}\n\n"
         "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,"
         "\"completion_tokens\":5}}\n\n"
         "data: [DONE]\n\n",
         "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
         "\"message\":{\"role\":\"assistant\",\"reasoning_content\":\"hm\",\"content\":"
         "\"a \xc3\xa9\",\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\","
         "\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"q\\\":\\\"x\\\"}\"}}]},"
         "\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":7,"
         "\"completion_tokens\":5}}",
         "data: {\"error\":{\"message\":\"out of memory\",\"code\":500}}\n\n"},
    [SPEECH_OLLAMA] =
        {"/api/chat",
         "{\"model\":\"m\",\"created_at\":\"2026-11-28T20:44:12.5Z\",\"message\":{"
         "\"role\":"
         "\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n"
         "{\"model\":\"m\",\"created_at\":\"2026-11-28T20:44:13Z\",\"message\":{\"role\":"
         "\"assistant\",\"content\":\"a \xc3\xa9\"},\"done\":false}\r\n\n"
         "{\"model\":\"m\",\"created_at\":\"2026-11-28T20:44:14Z\",\"message\":{\"role\":"
         "\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":"
         "\"look\","
         "\"arguments\":{\"q\":\"x\"}}}]},\"done\":false}\n"
         "{\"model\":\"m\",\"created_at\":\"2026-11-28T20:44:15Z\",\"message\":{\"role\":"
         "\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\","
         "\"prompt_eval_count\":7,\"eval_count\":5}\n",
         "{\"model\":\"m\",\"created_at\":\"2026-11-28T20:44:15Z\",\"message\":{\"role\":"
         "\"assistant\",\"content\":\"a \xc3\xa9\",\"thinking\":\"hm\",\"tool_calls\":[{"
         "\"function\":{\"name\":\"look\",\"arguments\":{\"q\":\"x\"}}}]},\"done\":true,"
         "\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":5}\n",
         "{\"error\":\"out of memory\"}\n"},
    [SPEECH_ANTHROPIC] =
        {"/v1/messages",
         "event: message_start\n"
         "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":"
         "\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"m\","
         "\"stop_reason\":null,\"usage\":{\"input_tokens\":4,\"cache_read_input_tokens\":"
         "3,\"output_tokens\":1}}}\n\n"
         "event: content_block_start\n"
         "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
         "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
         "event: ping\ndata: {\"type\":\"ping\"}\n\n"
         "event: content_block_delta\n"
         "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
         "\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
         "event: content_block_stop\n"
         "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "event: content_block_start\n"
         "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
         "\"type\":\"text\",\"text\":\"\"}}\n\n"
         "event: content_block_delta\n"
         "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
         "\"text_delta\",\"text\":\"a \xc3\xa9\"}}\n\n"
         "event: content_block_stop\n"
         "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
         "event: content_block_start\n"
         "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{"
         "\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"look\",\"input\":{}}}\n\n"
         "event: content_block_delta\n"
         "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":"
         "\"input_json_delta\",\"partial_json\":\"{\\\"q\\\":\\\"x\\\"}\"}}\n\n"
         "event: content_block_stop\n"
         "data: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
         "event: message_delta\n"
         "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\","
         "\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\n"
         "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
         "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
         "\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"s\"},{"
         "\"type\":\"text\",\"text\":\"a \xc3\xa9\",\"citations\":null},{\"type\":"
         "\"tool_use\",\"id\":\"toolu_1\",\"name\":\"look\",\"input\":{\"q\":\"x\"}}],"
         "\"stop_reason\":\"tool_use\",\"stop_sequence\":null,\"usage\":{\"input_"
         "tokens\":"
         "4,\"cache_read_input_tokens\":3,\"output_tokens\":5}}",
         "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","
         "\"message\":\"out of memory\"}}\n\n",
         "x-api-key: sk-operators\r\n"},
    [SPEECH_GEMINI] =
        {"/v1beta/models/m-up:streamGenerateContent?alt=sse",
         "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":"
         "\"hm\",\"thought\":true}]},\"index\":0}],\"usageMetadata\":{"
         "\"promptTokenCount\":7},\"modelVersion\":\"m\",\"responseId\":\"r\"}\n\n"
         "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":"
         "\"a \xc3\xa9\"}]},\"index\":0}]}\r\n\r\n"
         "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
         "\"functionCall\":{\"name\":\"look\",\"args\":{\"q\":\"x\"}}}]},\"index\":0,"
         "\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":7,"
         "\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"totalTokenCount\":12}}"
         "\n\n",
         "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hm\","
         "\"thought\":true},{\"text\":\"a \xc3\xa9\"},{\"functionCall\":{\"name\":"
         "\"look\",\"args\":{\"q\":\"x\"}}}]},\"finishReason\":\"STOP\",\"index\":0}],"
         "\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":3,"
         "\"thoughtsTokenCount\":2,\"totalTokenCount\":12}}",
         "data: {\"error\":{\"code\":500,\"message\":\"out of memory\",\"status\":"
         "\"INTERNAL\"}}\n\n",
         "x-goog-api-key: sk-operators\r\n"},
    [SPEECH_RESPONSES] =
        {"/v1/responses",
         "event: response.created\n"
         "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":"
         "\"m\",\"created_at\":7,\"status\":\"in_progress\"}}\n\n"
         "event: response.output_item.added\n"
         "data: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{"
         "\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}}\n\n"
         "event: response.reasoning_summary_text.delta\n"
         "data: {\"type\":\"response.reasoning_summary_text.delta\",\"output_index\":0,"
         "\"summary_index\":0,\"delta\":\"hm\"}\n\n"
         "event: response.output_text.delta\n"
         "data: "
         "{\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"a "
         "\xc3\xa9\"}\n\n"
         "event: response.output_item.added\n"
         "data: {\"type\":\"response.output_item.added\",\"output_index\":2,\"item\":{"
         "\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"look\",\"arguments\":"
         "\"\"}}\n\n"
         "event: response.function_call_arguments.delta\n"
         "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":2,"
         "\"delta\":\"{\\\"q\\\":\\\"x\\\"}\"}\n\n"
         "event: response.completed\n"
         "data: "
         "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"status\":"
         "\"completed\",\"usage\":{\"input_tokens\":7,\"output_tokens\":5,\"total_"
         "tokens\":"
         "12}}}\n\n",
         "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"error\":"
         "null,"
         "\"model\":\"m\",\"output\":[{\"type\":\"reasoning\",\"id\":\"rs_1\","
         "\"summary\":[{"
         "\"type\":\"summary_text\",\"text\":\"hm\"}]},{\"type\":\"message\",\"role\":"
         "\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"a "
         "\xc3\xa9\",\"annotations\":[]}]},{\"type\":\"function_call\",\"call_id\":"
         "\"c1\","
         "\"name\":\"look\",\"arguments\":\"{\\\"q\\\":\\\"x\\\"}\"}],\"usage\":{"
         "\"input_tokens\":7,\"output_tokens\":5,\"total_tokens\":12}}",
         "event: error\ndata: "
         "{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"out "
         "of memory\",\"param\":null}\n\n",
         NULL},
};

static void nothing_leaves_without_a_clearance(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct world w;
        struct http_message m;
        struct engine_plan plan;
        struct err err = {0};
        world_make(&w, body, ENGINE_OPENAI, (enum engine_speech)speech, SIDE_CLOUD);
        struct chat other = w.chat;
        other.body = STR("{}");
        const struct clearance *good = cleared(&w.chat, SENSITIVITY_UNLABELLED, &w.arena);
        const struct clearance *wrong = cleared(&other, SENSITIVITY_UNLABELLED, &w.arena);
        assert_int_equal(
            engine_encode(&w.chat, &w.target, NULL, &w.arena, &m, &plan, &err), -1);
        assert_string_equal(err.code, "no_clearance");
        assert_int_equal(
            engine_encode(&w.chat, &w.target, wrong, &w.arena, &m, &plan, &err), -1);
        assert_string_equal(err.code, "no_clearance");
        assert_int_equal(
            engine_encode(&w.chat, &w.target, good, &w.arena, &m, &plan, &err), 0);
        arena_reset(&w.arena);
    }
}

static void the_same_request_has_the_same_bytes(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct world w;
        struct http_message first, again;
        struct engine_plan plan;
        struct err err = {0};
        world_make(&w, body, ENGINE_OPENAI, (enum engine_speech)speech, SIDE_LOCAL);
        assert_int_equal(
            engine_encode(&w.chat, &w.target, NULL, &w.arena, &first, &plan, &err), 0);
        assert_true(plan.is_stream);
        assert_int_equal(
            engine_encode(&w.chat, &w.target, NULL, &w.arena, &again, &plan, &err), 0);
        struct str a = joined(&w, &first), b = joined(&w, &again);
        assert_true(str_eq(a, b));
        assert_true(str_eqz(first.target, samples[speech].path));
        static const char *const said[] = {"0.25", "77", "be brief", "look"};
        assert_true(str_find(a, STR("\"m-up\"")) >= 0 ||
                    str_find(first.target, STR("/m-up:")) >= 0);
        for (size_t i = 0; i < ARRAY_LEN(said); i++)
            assert_true(str_find(a, str_of(said[i])) >= 0);
        assert_true(str_contains_nocase(first.fields, STR("accept-encoding: identity")));
        const char *key = samples[speech].key;
        assert_true(str_find(first.fields, str_of(key ? key : "Bearer sk-operators")) >=
                    0);
        assert_int_equal(key != NULL, str_find(first.fields, STR("Bearer")) < 0);
        assert_true(str_find(first.target, STR("sk-")) < 0);
        arena_reset(&w.arena);
    }
}

/* -- decode ----------------------------------------------------------------------------
 */

struct seen {
    struct buf trace; /* what the events say, in weir's form */
    size_t nerrors, nends;
    uint64_t content, reasoning, tool;
    enum finish_reason finish;
};

static int note(void *ctx, const struct event *e)
{
    struct seen *s = ctx;
    buf_printf(&s->trace, "%d %.*s\n", e->kind, STR_ARG(e->data));
    s->nerrors += e->kind == EVENT_ERROR;
    s->nends += e->kind == EVENT_END;
    s->content += e->content_bytes;
    s->reasoning += e->reasoning_bytes;
    s->tool += e->tool_bytes;
    if (e->finish)
        s->finish = e->finish;
    return 0;
}

/* What its decoder knows at the end. */
struct outcome {
    struct usage usage;
    bool is_finished, has_failed;
};

static void feed(struct engine_decoder *d, struct str piece, struct seen *s,
                 struct outcome *ret)
{
    struct err err = {0};
    char *copy = malloc(piece.n ? piece.n : 1); /* so that a read past its end is seen */
    memcpy(copy, piece.p, piece.n);
    ret->has_failed |= engine_decode(d, (struct str){copy, piece.n}, note, s, &err) != 0;
    free(copy);
}

static struct seen read_stream(int speech, struct str all, size_t cut,
                               struct outcome *ret)
{
    struct seen s = {.nerrors = 0};
    struct engine_decoder d;
    struct err err = {0};
    *ret = (struct outcome){.is_finished = false};
    buf_init(&s.trace, 1 << 24);
    engine_decoder_init(&d, (enum engine_speech)speech, SURFACE_CHAT);
    feed(&d, str_sub(all, 0, cut), &s, ret);
    feed(&d, str_sub(all, cut, all.n), &s, ret);
    ret->has_failed |= engine_decode_end(&d, note, &s, &err) != 0;
    ret->usage = d.usage;
    ret->is_finished = engine_decoder_is_finished(&d, 1);
    engine_decoder_release(&d);
    return s;
}

static void the_same_events_however_it_is_cut(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct str all = str_of(samples[speech].stream);
        struct outcome o;
        struct seen whole = read_stream(speech, all, all.n, &o);
        assert_false(o.has_failed);
        assert_true(o.is_finished);
        assert_true(o.usage.is_known);
        assert_int_equal(o.usage.input_tokens, 7);
        assert_int_equal(o.usage.output_tokens, 5);
        assert_int_equal(whole.content, strlen("a \xc3\xa9"));
        assert_int_equal(whole.reasoning, strlen("hm"));
        assert_true(whole.tool > strlen("look"));
        assert_int_equal(whole.finish, FINISH_TOOL_CALLS);
        assert_int_equal(whole.nends, 1);
        assert_int_equal(whole.nerrors, 0);
        for (size_t cut = 0; cut < all.n; cut++) {
            struct seen s = read_stream(speech, all, cut, &o);
            assert_true(str_eq(buf_view(&s.trace), buf_view(&whole.trace)));
            assert_int_equal(o.usage.output_tokens, 5);
            buf_release(&s.trace);
        }
        buf_release(&whole.trace);
    }
}

/* Cut anywhere before its finish, it is not whole; cut inside of an event, it says so. */
static void what_breaks_off_is_not_whole(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct str all = str_of(samples[speech].stream);
        const char *look = strstr(all.p, "look");
        for (size_t n = 1; n < (size_t)(look - all.p); n++) {
            struct outcome o;
            struct seen s = read_stream(speech, str_sub(all, 0, n), n / 2, &o);
            assert_false(o.is_finished);
            assert_int_equal(s.nends, 0);
            buf_release(&s.trace);
        }
        struct outcome o;
        struct seen s =
            read_stream(speech, str_sub(all, 0, (size_t)(look - all.p)), 0, &o);
        assert_int_equal(s.nerrors, 1);
        buf_release(&s.trace);
    }
}

static void an_error_in_the_stream_is_an_error(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct outcome o;
        struct str error = str_of(samples[speech].error);
        for (size_t cut = 0; cut <= error.n; cut++) {
            struct seen s = read_stream(speech, error, cut, &o);
            assert_int_equal(s.nerrors, 1);
            assert_false(o.is_finished);
            buf_release(&s.trace);
        }
    }
}

static void garbage_is_never_an_answer(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (int speech = 0; speech < SPEECH_COUNT; speech++)
        for (int round = 0; round < 300; round++) {
            char bytes[512];
            struct str sample = str_of(samples[speech].stream);
            struct outcome o;
            for (size_t i = 0; i < sizeof bytes; i++) {
                seed = seed * 1664525U + 1013904223U;
                char random = (char)(seed >> 24);
                bytes[i] = seed >> 8 & 3 ? sample.p[i % sample.n] : random;
            }
            struct seen s = read_stream(speech, (struct str){bytes, sizeof bytes},
                                        seed % sizeof bytes, &o);
            assert_false(o.is_finished);
            buf_release(&s.trace);
        }
}

static void an_event_without_end_is_refused(void **state)
{
    (void)state;
    static char piece[1 << 20];
    memset(piece, 'x', sizeof piece);
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct engine_decoder d;
        struct seen s = {.nerrors = 0};
        struct err err = {0};
        int rc = 0, n = 0;
        buf_init(&s.trace, 1 << 20);
        engine_decoder_init(&d, (enum engine_speech)speech, SURFACE_CHAT);
        for (; n < 64 && rc == 0; n++)
            rc = engine_decode(&d, (struct str){piece, sizeof piece}, note, &s, &err);
        assert_int_equal(rc, -1);
        assert_string_equal(err.code, "upstream_bad_sse");
        assert_true(n <= 17);
        engine_decoder_release(&d);
        buf_release(&s.trace);
    }
}

static void a_whole_answer_says_the_same(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct str answer = engine_object_in(str_of(samples[speech].whole));
        const struct engine_naming naming = {.id = 7};
        struct engine_answer read = {.content_bytes = 0};
        struct err err = {0};
        struct buf own;
        buf_init(&own, 1 << 16);
        if (engine_translates((enum engine_speech)speech, SURFACE_CHAT)) {
            assert_int_equal(engine_translate_answer((enum engine_speech)speech,
                                                     SURFACE_CHAT, &naming, answer, &own,
                                                     &err),
                             0);
            answer = buf_view(&own);
        }
        assert_int_equal(engine_read_answer(SURFACE_CHAT, answer, &read, &err), 0);
        assert_int_equal(read.usage.input_tokens, 7);
        assert_int_equal(read.usage.output_tokens, 5);
        assert_false(read.is_other);
        static const char *const said[] = {"a \xc3\xa9", "\"reasoning_content\":\"hm\"",
                                           "\"name\":\"look\"", "{\\\"q\\\":\\\"x\\\"}",
                                           "\"finish_reason\":\"tool_calls\""};
        for (size_t i = 0; i < ARRAY_LEN(said); i++)
            assert_true(str_find(answer, str_of(said[i])) >= 0);
        buf_release(&own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_without_a_clearance),
        cmocka_unit_test(the_same_request_has_the_same_bytes),
        cmocka_unit_test(the_same_events_however_it_is_cut),
        cmocka_unit_test(what_breaks_off_is_not_whole),
        cmocka_unit_test(an_error_in_the_stream_is_an_error),
        cmocka_unit_test(garbage_is_never_an_answer),
        cmocka_unit_test(an_event_without_end_is_refused),
        cmocka_unit_test(a_whole_answer_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
