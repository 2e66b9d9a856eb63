/* test_responses_stream.c -- answers towards clients of OpenAI's Responses: streams,
 * which a strict client reads, and whole ones. */
#include "dialect/responses_stream.h"
#include "dialect/seal.h"

#include "nomem.h"
#include "responses_client.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What was asked: a custom tool and a namespace. */
#define ECHO                                                                             \
    "[[\"patch\",\"c\",\"\",\"patch\"],[\"ns__go\",\"f\",\"ns\",\"go\"]]\n"              \
    "\"store\":false,\"tools\":[{\"type\":\"custom\"}],"

struct answer {
    struct answer_encoder *encoder;
    struct buf out;
    struct responses_client client;
};

static const struct answer_about about = {
    .model = STR_INIT("auto"), .echo = STR_INIT(ECHO), .id = 0xABC};

static void begin(struct answer *a)
{
    *a = (struct answer){
        .encoder = answer_encoder_create(&dialect_openai_responses, &about, true)};
    buf_init(&a->out, 1 << 20);
}

static void say(struct answer *a, enum event_kind kind, const char *data)
{
    const struct event e = {.kind = kind, .data = str_of(data)};
    a->encoder->dialect->encode_event(a->encoder, &e, &a->out);
}

static void delta(struct answer *a, const char *members)
{
    char data[1024];
    snprintf(data, sizeof data,
             "{\"id\":\"c\",\"created\":77,\"choices\":[{\"index\":0,\"delta\":{%s}}]}",
             members);
    say(a, EVENT_DELTA, data);
}

static void finish(struct answer *a, const char *word)
{
    char data[256];
    snprintf(data, sizeof data,
             "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}]}", word);
    say(a, EVENT_FINISH, data);
}

/* Read by the strict client. */
static void end(struct answer *a)
{
    a->encoder->dialect->encode_end(a->encoder, &a->out);
    responses_client_read(&a->client, buf_view(&a->out));
    if (a->client.problem[0])
        fail_msg("%s\n%.*s", a->client.problem, STR_ARG(buf_view(&a->out)));
}

static void release(struct answer *a)
{
    responses_client_release(&a->client);
    answer_encoder_free(a->encoder);
    buf_release(&a->out);
}

static size_t times(const struct answer *a, const char *text)
{
    struct str rest = buf_view(&a->out);
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(rest, str_of(text))) >= 0; n++)
        rest = str_sub(rest, (size_t)at + 1, rest.n);
    return n;
}

static const char *of_item(const struct answer *a, size_t i, const char *key)
{
    return responses_text(json_array_get(a->client.items, i), key);
}

static json_t *part_of(const struct answer *a, size_t i, size_t part)
{
    return json_array_get(json_object_get(json_array_get(a->client.items, i), "content"),
                          part);
}

/* The names of all events in their order, without "response.". */
static void assert_events(const struct answer *a, const char *const *names, size_t n)
{
    struct str rest = buf_view(&a->out);
    size_t i = 0;
    for (ptrdiff_t at; (at = str_find(rest, STR("event: response."))) >= 0; i++) {
        rest = str_sub(rest, (size_t)at + strlen("event: response."), rest.n);
        struct str name = str_sub(rest, 0, (size_t)str_index(rest, '\n'));
        if (i >= n || !str_eqz(name, names[i]))
            fail_msg("event %zu is %.*s", i, STR_ARG(name));
    }
    assert_int_equal(i, n);
}

/* Named bug: a stream that begins with a delta. */
static void a_text_has_its_whole_life(void **state)
{
    (void)state;
    static const char *const names[] = {"created",           "in_progress",
                                        "output_item.added", "content_part.added",
                                        "output_text.delta", "output_text.delta",
                                        "output_text.done",  "content_part.done",
                                        "output_item.done",  "completed"};
    struct answer a;
    begin(&a);
    say(&a, EVENT_START,
        "{\"created\":77,\"choices\":[{\"index\":0,\"delta\":{\"role\":"
        "\"assistant\",\"content\":\"\"}}]}");
    delta(&a, "\"content\":\"h\\u00e9 \"");
    delta(&a, "\"content\":\"\\\"you\\\"\"");
    finish(&a, "stop");
    const struct event usage = {.kind = EVENT_USAGE,
                                .usage = {.input_tokens = 9,
                                          .cached_tokens = 2,
                                          .output_tokens = 5,
                                          .reasoning_tokens = 1,
                                          .is_known = true}};
    a.encoder->dialect->encode_event(a.encoder, &usage, &a.out);
    assert_true(a.encoder->held_bytes > 0);
    end(&a);
    assert_events(&a, names, ARRAY_LEN(names));
    json_t *r = a.client.response, *u = json_object_get(r, "usage");
    assert_string_equal(responses_text(part_of(&a, 0, 0), "text"), "h\xC3\xA9 \"you\"");
    assert_string_equal(responses_text(r, "status"), "completed");
    assert_string_equal(responses_text(r, "model"), "auto");
    assert_int_equal(json_integer_value(json_object_get(r, "created_at")), 77);
    assert_true(json_integer_value(json_object_get(r, "completed_at")) > 0);
    assert_true(json_is_false(json_object_get(r, "store")));
    assert_int_equal(json_array_size(json_object_get(r, "tools")), 1);
    assert_int_equal(json_integer_value(json_object_get(u, "input_tokens")), 9);
    assert_int_equal(json_integer_value(json_object_get(u, "total_tokens")), 14);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(u, "input_tokens_details"), "cached_tokens")),
                     2);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(u, "output_tokens_details"),
                                           "reasoning_tokens")),
        1);
    release(&a);
}

/* Named bugs: wrong places where kinds alternate; all items told as done at the end. */
static void each_item_is_done_when_the_next_begins(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"reasoning_content\":\"hm\"");
    delta(&a, "\"content\":\"a\"");
    assert_int_equal(times(&a, "event: response.output_item.done"), 1);
    delta(&a, "\"reasoning_content\":\"again\"");
    assert_int_equal(times(&a, "event: response.output_item.done"), 2);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"{\\\"a\\\":\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":\"g\","
              "\"arguments\":\"{}\"}}]");
    assert_int_equal(times(&a, "event: response.output_item.done"), 4);
    finish(&a, "tool_calls");
    end(&a);
    static const char *const types[] = {"reasoning", "message", "reasoning",
                                        "function_call", "function_call"};
    assert_int_equal(json_array_size(a.client.items), ARRAY_LEN(types));
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        assert_string_equal(of_item(&a, i, "type"), types[i]);
    assert_string_equal(of_item(&a, 3, "call_id"), "c1");
    assert_string_equal(of_item(&a, 3, "arguments"), "{\"a\":1}");
    assert_string_equal(of_item(&a, 4, "name"), "g");
    assert_int_equal(times(&a, "reasoning_summary_part.added"), 2 * 2);
    release(&a);
}

/* Named bugs: parallel calls mixed up; the tail of arguments behind a text. */
static void pieces_of_calls_in_turn_go_where_they_belong(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\"}},"
              "{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":\"g\"}}]");
    delta(&a,
          "\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{\\\"b\\\":\"}}]");
    delta(&a,
          "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]");
    delta(&a, "\"content\":\"meanwhile\"");
    delta(&a, "\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"2}\"}},"
              "{\"index\":0,\"function\":{\"arguments\":\"\\\"}\\\\\\\"\\\"}\"}}]");
    finish(&a, "tool_calls");
    end(&a);
    assert_int_equal(json_array_size(a.client.items), 3);
    assert_string_equal(of_item(&a, 0, "arguments"), "{\"a\":\"}\\\"\"}");
    assert_string_equal(of_item(&a, 1, "arguments"), "{\"b\":2}");
    assert_string_equal(of_item(&a, 2, "type"), "message");
    release(&a);
}

/* Some engines give every call the index 0, and some the name with each piece. */
static void calls_of_one_index_are_told_apart_by_id_or_name(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"{\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"}\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c2\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"{}\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"g\","
              "\"arguments\":\"{}\"}}]");
    end(&a);
    assert_int_equal(json_array_size(a.client.items), 3);
    assert_string_equal(of_item(&a, 0, "arguments"), "{}");
    assert_string_equal(of_item(&a, 1, "call_id"), "c2");
    assert_string_equal(of_item(&a, 2, "name"), "g");
    assert_true(strncmp(of_item(&a, 2, "call_id"), "call_", 5) == 0);
    release(&a);
}

/* Named bug: a call whose name comes behind its arguments ends the stream. */
static void a_call_waits_for_its_name(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{"
              "\"arguments\":\"{}\"}}]");
    delta(&a, "\"content\":\"a\"");
    delta(&a, "\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]");
    end(&a);
    assert_string_equal(of_item(&a, 0, "name"), "f");
    assert_string_equal(of_item(&a, 0, "arguments"), "{}");
    release(&a);
}

/* Named bug: a call without parameters has "" for arguments. */
static void a_call_of_nothing_has_an_empty_object(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"\"}}]");
    finish(&a, "tool_calls");
    end(&a);
    assert_string_equal(of_item(&a, 0, "arguments"), "{}");
    assert_string_equal(of_item(&a, 0, "status"), "completed");
    release(&a);
}

static void tools_get_their_own_names_and_kinds_back(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":"
              "\"ns__go\",\"arguments\":\"{}\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":"
              "\"patch\",\"arguments\":\"{\\\"input\\\":\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":"
              "\"\\\"a\\\\n\\\\\\\"b\\\"}\"}}]");
    delta(&a, "\"tool_calls\":[{\"index\":2,\"id\":\"c3\",\"function\":{\"name\":"
              "\"patch\",\"arguments\":\"plain\"}}]");
    end(&a);
    assert_string_equal(of_item(&a, 0, "name"), "go");
    assert_string_equal(of_item(&a, 0, "namespace"), "ns");
    assert_string_equal(of_item(&a, 1, "type"), "custom_tool_call");
    assert_string_equal(of_item(&a, 1, "input"), "a\n\"b");
    assert_string_equal(of_item(&a, 1, "call_id"), "c2");
    assert_string_equal(of_item(&a, 2, "input"), "plain");
    release(&a);
}

/* Named bug: ids of calls longer than 64 bytes. */
static void a_long_id_is_the_one_that_reading_makes_of_it(void **state)
{
    (void)state;
    char id[101], room[RESPONSES_ID_BYTES], members[512];
    struct answer a;
    memset(id, 'x', 100);
    id[100] = '\0';
    begin(&a);
    snprintf(members, sizeof members,
             "\"tool_calls\":[{\"index\":0,\"id\":\"%s\",\"function\":{\"name\":\"f\"}}]",
             id);
    delta(&a, members);
    end(&a);
    struct str same = responses_call_id(str_of(id), room);
    assert_true(str_eqz(same, of_item(&a, 0, "call_id")));
    assert_true(same.n <= 64);
    release(&a);
}

static void a_seal_closes_its_thought(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"reasoning_content\":\"one\"");
    delta(&a, "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"
              "\"weir1:i:t:3:0:A\"}]");
    delta(&a, "\"reasoning_content\":\"two\"");
    delta(&a, "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"
              "\"weir1:i:r:0:0:B\"}]");
    delta(&a, "\"content\":\"said\",\"reasoning_details\":[{\"type\":"
              "\"reasoning.encrypted\",\"data\":\"weir1:i:x:0:0:C\"}]");
    end(&a);
    static const char *const sealed[] = {"weir1:i:t:3:0:A", "", "weir1:i:r:0:0:B", "",
                                         "weir1:i:x:0:0:C"};
    assert_int_equal(json_array_size(a.client.items), ARRAY_LEN(sealed));
    for (size_t i = 0; i < ARRAY_LEN(sealed); i++)
        assert_string_equal(of_item(&a, i, "encrypted_content"), sealed[i]);
    assert_string_equal(of_item(&a, 3, "type"), "message");
    release(&a);
}

static void refusals_and_annotations_have_their_parts(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"content\":\"see\"");
    delta(&a, "\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":"
              "\"u\",\"title\":\"t\",\"start_index\":0,\"end_index\":3}}]");
    delta(&a, "\"annotations\":[{\"type\":\"file_path\",\"file_id\":\"f\"}]");
    delta(&a, "\"refusal\":\"I will \"");
    delta(&a, "\"refusal\":\"not\"");
    delta(&a, "\"content\":\"more\"");
    end(&a);
    assert_int_equal(json_array_size(a.client.items), 2);
    json_t *notes = json_object_get(part_of(&a, 0, 0), "annotations");
    assert_int_equal(json_array_size(notes), 2);
    assert_string_equal(responses_text(json_array_get(notes, 0), "url"), "u");
    assert_string_equal(responses_text(json_array_get(notes, 0), "type"), "url_citation");
    assert_int_equal(times(&a, "\"annotation_index\":1"), 1);
    assert_string_equal(responses_text(part_of(&a, 0, 1), "refusal"), "I will not");
    assert_string_equal(responses_text(part_of(&a, 1, 0), "text"), "more");
    release(&a);
}

static void logprobs_come_with_their_text(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    say(&a, EVENT_DELTA,
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{"
        "\"content\":[{\"token\":\"a\",\"logprob\":-0.5,\"top_logprobs\":[]}]}}]}");
    say(&a, EVENT_DELTA,
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"logprobs\":{"
        "\"content\":[{\"token\":\"b\",\"logprob\":-1,\"top_logprobs\":[]}]}}]}");
    end(&a);
    assert_int_equal(json_array_size(json_object_get(part_of(&a, 0, 0), "logprobs")), 2);
    release(&a);
}

static void what_is_cut_short_is_incomplete(void **state)
{
    (void)state;
    static const struct {
        const char *finish, *reason;
    } rows[] = {{"length", "max_output_tokens"}, {"content_filter", "content_filter"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct answer a;
        begin(&a);
        delta(&a, "\"content\":\"a\"");
        delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":"
                  "\"f\",\"arguments\":\"{\\\"a\"}}]");
        finish(&a, rows[i].finish);
        end(&a);
        assert_string_equal(a.client.last, "response.incomplete");
        json_t *details = json_object_get(a.client.response, "incomplete_details");
        assert_string_equal(responses_text(details, "reason"), rows[i].reason);
        assert_string_equal(of_item(&a, 0, "status"), "completed");
        assert_string_equal(of_item(&a, 1, "status"), "incomplete");
        json_t *usage = json_object_get(a.client.response, "usage");
        assert_int_equal(json_integer_value(json_object_get(usage, "total_tokens")), 0);
        assert_non_null(json_object_get(usage, "total_tokens"));
        release(&a);
    }
}

static void an_error_is_a_failed_response_and_the_last_event(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        const char *own, *code;
    } rows[] = {
        {ERR_UPSTREAM, "upstream_reset", "server_error"},
        {ERR_BAD_REQUEST, "context_length_exceeded", "context_length_exceeded"},
        {ERR_RATE_LIMIT, "upstream_rate_limit", "rate_limit_exceeded"},
        {ERR_UPSTREAM, "upstream_quota", "insufficient_quota"},
        {ERR_BAD_REQUEST, "upstream_rejected", "invalid_prompt"},
        {ERR_INTERNAL, NULL, "server_error"},
    };
    for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
        struct answer a;
        struct err err;
        begin(&a);
        if (i % 2) {
            delta(&a, "\"content\":\"half\"");
            delta(&a, "\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"patch\","
                      "\"arguments\":\"{\\\"input\\\":\"}}]");
        }
        err_set(&err, rows[i / 2].kind, rows[i / 2].own, "it \"broke\"");
        const struct event e = {.kind = EVENT_ERROR, .error = &err};
        a.encoder->dialect->encode_event(a.encoder, &e, &a.out);
        size_t before = a.out.n;
        delta(&a, "\"content\":\"late\"");
        end(&a);
        assert_int_equal(a.out.n, before);
        assert_string_equal(a.client.last, "response.failed");
        json_t *error = json_object_get(a.client.response, "error");
        assert_string_equal(responses_text(error, "code"), rows[i / 2].code);
        assert_string_equal(responses_text(error, "message"), "it \"broke\"");
        assert_string_equal(responses_text(a.client.response, "status"), "failed");
        assert_true(a.encoder->has_error);
        release(&a);
    }
}

static void more_of_a_call_that_was_whole_is_an_error(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"{}\"}}]");
    delta(&a, "\"content\":\"a\"");
    delta(&a, "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\" \\n\"}}]");
    assert_false(a.encoder->has_error);
    delta(&a, "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]");
    assert_true(a.encoder->has_error);
    end(&a);
    assert_string_equal(a.client.last, "response.failed");
    release(&a);
}

static void an_answer_of_nothing_has_no_items(void **state)
{
    (void)state;
    struct answer a;
    begin(&a);
    end(&a);
    assert_int_equal(a.client.nevents, 3);
    assert_int_equal(json_array_size(a.client.items), 0);
    release(&a);
}

/* -- whole answers
 * ------------------------------------------------------------------------- */

static json_t *whole(const char *answer)
{
    struct buf out;
    struct err err = {0};
    json_error_t e;
    buf_init(&out, 1 << 20);
    if (responses_encode_answer(&about, str_of(answer), &out, &err) != 0)
        fail_msg("%s", err.msg);
    json_t *ret = json_loadb(buf_view(&out).p, out.n, 0, &e);
    assert_non_null(ret);
    buf_release(&out);
    return ret;
}

static void a_whole_answer_has_the_same_items(void **state)
{
    (void)state;
    json_t *r = whole(
        "{\"id\":\"x\",\"created\":5,\"choices\":[{\"index\":0,\"message\":{\"role\":"
        "\"assistant\",\"reasoning_content\":\"onetwo\",\"reasoning_details\":[{\"data\":"
        "\"weir1:i:t:3:0:A\"},{\"data\":\"weir1:i:t:3:0:B\"}],\"content\":\"said\","
        "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
        "\"patch\",\"arguments\":\"{\\\"input\\\":\\\"p\\\"}\"}},{\"id\":\"c2\",\"type\":"
        "\"function\",\"function\":{\"name\":\"ns__go\",\"arguments\":\"\"}}]},"
        "\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":3,"
        "\"completion_tokens\":4}}");
    static const char *const types[] = {"reasoning", "reasoning", "message",
                                        "custom_tool_call", "function_call"};
    json_t *output = json_object_get(r, "output");
    assert_int_equal(json_array_size(output), ARRAY_LEN(types));
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        assert_string_equal(responses_text(json_array_get(output, i), "type"), types[i]);
        assert_string_equal(responses_text(json_array_get(output, i), "status"),
                            "completed");
    }
    json_t *second = json_array_get(output, 1);
    assert_string_equal(responses_text(second, "encrypted_content"), "weir1:i:t:3:0:B");
    assert_string_equal(
        responses_text(json_array_get(json_object_get(second, "summary"), 0), "text"),
        "two");
    assert_string_equal(responses_text(json_array_get(output, 3), "input"), "p");
    assert_string_equal(responses_text(json_array_get(output, 4), "arguments"), "{}");
    assert_string_equal(responses_text(json_array_get(output, 4), "namespace"), "ns");
    assert_string_equal(responses_text(r, "object"), "response");
    assert_string_equal(responses_text(r, "status"), "completed");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(r, "usage"), "total_tokens")),
        7);
    json_decref(r);
}

static void a_whole_answer_that_was_cut_is_incomplete(void **state)
{
    (void)state;
    json_t *r = whole("{\"choices\":[{\"message\":{\"content\":\"half\"},"
                      "\"finish_reason\":\"length\"}]}");
    assert_string_equal(responses_text(r, "status"), "incomplete");
    assert_non_null(json_object_get(json_object_get(r, "usage"), "total_tokens"));
    assert_string_equal(
        responses_text(json_array_get(json_object_get(r, "output"), 0), "status"),
        "incomplete");
    json_decref(r);
}

static void nothing_is_half_written_without_memory(void **state)
{
    (void)state;
    for (long n = 1; nomem_begin(n); n++) {
        struct buf out;
        struct err err = {0};
        buf_init(&out, 1 << 20);
        int rc = responses_encode_answer(
            &about,
            STR("{\"choices\":[{\"message\":{\"content\":\"a\\n\",\"tool_calls\":[{"
                "\"id\":"
                "\"c\",\"function\":{\"name\":\"patch\",\"arguments\":\"{\\\"input\\\":"
                "\\\"\\\\n\\\"}\"}}]}}]}"),
            &out, &err);
        bool was_short = nomem_end();
        assert_int_equal(rc, was_short ? -1 : 0);
        if (was_short)
            assert_int_equal(err.kind, ERR_INTERNAL);
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_its_whole_life),
        cmocka_unit_test(each_item_is_done_when_the_next_begins),
        cmocka_unit_test(pieces_of_calls_in_turn_go_where_they_belong),
        cmocka_unit_test(calls_of_one_index_are_told_apart_by_id_or_name),
        cmocka_unit_test(a_call_waits_for_its_name),
        cmocka_unit_test(a_call_of_nothing_has_an_empty_object),
        cmocka_unit_test(tools_get_their_own_names_and_kinds_back),
        cmocka_unit_test(a_long_id_is_the_one_that_reading_makes_of_it),
        cmocka_unit_test(a_seal_closes_its_thought),
        cmocka_unit_test(refusals_and_annotations_have_their_parts),
        cmocka_unit_test(logprobs_come_with_their_text),
        cmocka_unit_test(what_is_cut_short_is_incomplete),
        cmocka_unit_test(an_error_is_a_failed_response_and_the_last_event),
        cmocka_unit_test(more_of_a_call_that_was_whole_is_an_error),
        cmocka_unit_test(an_answer_of_nothing_has_no_items),
        cmocka_unit_test(a_whole_answer_has_the_same_items),
        cmocka_unit_test(a_whole_answer_that_was_cut_is_incomplete),
        cmocka_unit_test(nothing_is_half_written_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
