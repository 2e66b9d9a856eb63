/* test_forms_memory.c -- every form in which engines speak, with one allocation failing
 * after the other: a request is refused or the same, an answer fails or says the same. */
#include "../contract/engine_world.h"
#include "nomem.h"

#include <stdlib.h>

static const char body[] = "{\"model\":\"m\",\"stream\":true,\"max_tokens\":77,"
                           "\"reasoning_effort\":\"low\",\"messages\":["
                           "{\"role\":\"system\",\"content\":\"be "
                           "brief\"},{\"role\":\"user\",\"content\":[{\"type\":"
                           "\"text\",\"text\":\"see\"},{\"type\":\"image_url\",\"image_"
                           "url\":{\"url\":\"data:image/png;"
                           "base64,AAAA\"}}]},{\"role\":\"assistant\",\"content\":null,"
                           "\"tool_calls\":[{\"id\":\"a.b\","
                           "\"type\":\"function\",\"function\":{\"name\":\"look\","
                           "\"arguments\":\"{}\"}}]},{\"role\":"
                           "\"tool\",\"tool_call_id\":\"a.b\",\"content\":\"r\"},{"
                           "\"role\":\"tool\",\"tool_call_id\":\"z\","
                           "\"content\":\"late\"}],\"tools\":[{\"type\":\"function\","
                           "\"function\":{\"name\":\"look\"}}],"
                           "\"response_format\":{\"type\":\"json_schema\",\"json_"
                           "schema\":{\"name\":\"n\",\"schema\":{"
                           "\"type\":\"object\"}}}}";

static void a_request_is_the_same_or_refused(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct str first = {NULL, 0};
        struct world keep;
        world_make(&keep, body, ENGINE_OPENAI, (enum engine_speech)speech, SIDE_LOCAL);
        for (long n = 1; nomem_begin(n); n++) {
            struct http_message m;
            struct engine_plan plan;
            struct err err = {0};
            struct arena a;
            arena_init(&a, 1 << 20);
            int rc = engine_encode(&keep.chat, &keep.target, NULL, &a, &m, &plan, &err);
            bool was_short = nomem_end();
            if (rc != 0) {
                assert_true(was_short);
                assert_string_equal(err.code, "out_of_memory");
            } else if (!was_short) {
                first = arena_join(&keep.arena, m.body, m.npieces);
                assert_true(first.n > 0);
            }
            arena_reset(&a);
        }
        assert_true(str_find(first, STR("look")) >= 0);
        arena_reset(&keep.arena);
    }
}

/* A draft holds it until the answer begins: what only translating needed is gone. */
static void a_request_takes_the_room_of_what_is_sent(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++) {
        struct http_message m;
        struct engine_plan plan;
        struct err err = {0};
        struct world keep;
        struct arena a;
        world_make(&keep, body, ENGINE_OPENAI, (enum engine_speech)speech, SIDE_LOCAL);
        arena_init(&a, 1 << 20);
        assert_int_equal(
            engine_encode(&keep.chat, &keep.target, NULL, &a, &m, &plan, &err), 0);
        size_t sent = m.body_bytes + m.target.n + m.fields.n;
        assert_in_range(a.used_bytes, 1, 3 * sent + 1024);
        arena_reset(&a);
        arena_reset(&keep.arena);
    }
}

static const struct {
    const char *stream, *whole;
} answers[SPEECH_COUNT] = {
    [SPEECH_OPENAI] = {"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
                       "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
                       NULL},
    [SPEECH_OLLAMA] =
        {"{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":true}\n",
         "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":true}"},
    [SPEECH_ANTHROPIC] =
        {"data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{"
         "\"input_tokens\":4}}}\n\n"
         "data: "
         "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
         "\"thinking\",\"thinking\":\"h\",\"signature\":\"S\"}}\n\n"
         "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
         "\"text_delta\",\"text\":\"a\"}}\n\n"
         "data: "
         "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":"
         "\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"q\":1}}}\n\n"
         "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},"
         "\"usage\":{\"output_tokens\":5}}\n\n"
         "data: {\"type\":\"message_stop\"}\n\n",
         "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"h\","
         "\"signature\":\"S\"},{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"tool_use\","
         "\"id\":\"t\",\"name\":\"f\",\"input\":{}}],\"stop_reason\":\"tool_use\"}"},
    [SPEECH_GEMINI] =
        {"data: "
         "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"},{\"functionCall\":{"
         "\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"S\"}]},\"finishReason\":"
         "\"STOP\"}],"
         "\"usageMetadata\":{\"promptTokenCount\":7}}\n\n",
         "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"},{\"functionCall\":{"
         "\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"S\"}]},\"finishReason\":"
         "\"STOP\"}]}"},
    [SPEECH_RESPONSES] =
        {"data: "
         "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":"
         "\"reasoning\",\"summary\":[],\"encrypted_content\":\"E\"}}\n\n"
         "data: "
         "{\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"a\"}"
         "\n\n"
         "data: "
         "{\"type\":\"response.output_item.done\",\"output_index\":2,\"item\":{\"type\":"
         "\"custom_tool_call\",\"call_id\":\"c\",\"name\":\"f\",\"input\":\"x\"}}\n\n"
         "data: "
         "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
         "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{"
         "\"type\":"
         "\"output_text\",\"text\":\"a\"}]},{\"type\":\"function_call\",\"call_id\":"
         "\"c\","
         "\"name\":\"f\",\"arguments\":\"{}\"}]}"},
};

struct heard {
    size_t content, nerrors;
};

static int on_event(void *ctx, const struct event *e)
{
    struct heard *h = ctx;
    h->content += e->content_bytes;
    h->nerrors += e->kind == EVENT_ERROR;
    return 0;
}

static void a_stream_says_the_same_or_fails(void **state)
{
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++)
        for (long n = 1; nomem_begin(n); n++) {
            struct engine_decoder d;
            struct heard h = {0, 0};
            struct err err = {0};
            struct str all = str_of(answers[speech].stream);
            engine_decoder_init(&d, (enum engine_speech)speech, SURFACE_CHAT);
            int rc = engine_decode(&d, str_sub(all, 0, all.n / 2), on_event, &h, &err);
            if (rc == 0)
                rc =
                    engine_decode(&d, str_sub(all, all.n / 2, all.n), on_event, &h, &err);
            if (rc == 0)
                rc = engine_decode_end(&d, on_event, &h, &err);
            bool is_finished = engine_decoder_is_finished(&d, 1);
            engine_decoder_release(&d);
            if (!nomem_end()) {
                assert_int_equal(rc, 0);
                assert_int_equal(h.nerrors, 0);
                assert_true(is_finished);
                assert_true(h.content > 0);
            }
        }
}

static void a_whole_answer_says_the_same_or_fails(void **state)
{
    static const struct engine_naming naming = {.id = 7};
    (void)state;
    for (int speech = 0; speech < SPEECH_COUNT; speech++)
        for (long n = 1; answers[speech].whole && nomem_begin(n); n++) {
            struct buf out;
            struct err err = {0};
            buf_init(&out, 1 << 20);
            int rc =
                engine_translate_answer((enum engine_speech)speech, SURFACE_CHAT, &naming,
                                        str_of(answers[speech].whole), &out, &err);
            bool was_short = nomem_end();
            if (rc == 0 && !out.failed) {
                assert_true(str_find(buf_view(&out), STR("\"content\":\"a\"")) >= 0);
            } else {
                assert_true(was_short);
            }
            buf_release(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_the_same_or_refused),
        cmocka_unit_test(a_request_takes_the_room_of_what_is_sent),
        cmocka_unit_test(a_stream_says_the_same_or_fails),
        cmocka_unit_test(a_whole_answer_says_the_same_or_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
