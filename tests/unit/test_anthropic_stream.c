/* test_anthropic_stream.c -- an answer in weir's form as a client of Anthropic gets it:
 * the order of its blocks, whatever the order in which an engine says them; whole
 * answers; and errors. */
#include "anthropic_reader.h"
#include "dialect/anthropic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { MAX_BYTES = 1 << 24 };

static struct answer_about about = {
    .model = STR_INIT("asked"), .id = 0x77, .echo = STR_INIT("thoughts")};

/* One event: what it says of usage is in `usage`. */
static void send_event(struct answer_encoder *enc, const char *data,
                       const struct usage *usage, struct buf *out)
{
    struct event e = {.kind = EVENT_DELTA, .data = str_of(data)};
    if (strstr(data, "\"finish_reason\":\"length\""))
        e.finish = FINISH_LENGTH;
    else if (strstr(data, "\"finish_reason\":\"tool_calls\""))
        e.finish = FINISH_TOOL_CALLS;
    else if (strstr(data, "\"finish_reason\":\"content_filter\""))
        e.finish = FINISH_CONTENT_FILTER;
    else if (strstr(data, "\"finish_reason\":\""))
        e.finish = FINISH_STOP;
    if (e.finish != FINISH_NONE)
        e.kind = EVENT_FINISH;
    if (usage)
        e.usage = *usage;
    enc->dialect->encode_event(enc, &e, out);
}

/* What a client reads of these events, up to NULL; freed by the next call. */
static const char *read_events(const char *const *events, const struct usage *usage)
{
    static char said[8192];
    struct answer_encoder *enc = answer_encoder_create(&dialect_anthropic, &about, true);
    struct anthropic_reader r = {.nblocks = 0};
    struct buf out;
    buf_init(&out, MAX_BYTES);
    buf_init(&r.said, sizeof said - 1);
    for (; *events; events++)
        send_event(enc, *events, events[1] ? NULL : usage, &out);
    enc->dialect->encode_end(enc, &out);
    assert_int_equal(enc->held_bytes, 0);
    const char *fault = anthropic_read(&r, buf_view(&out));
    if (fault)
        fail_msg("%s in:\n%.*s", fault, STR_ARG(buf_view(&out)));
    assert_true(r.is_ended);
    snprintf(said, sizeof said, "%.*s", STR_ARG(buf_view(&r.said)));
    answer_encoder_free(enc);
    buf_release(&out);
    buf_release(&r.said);
    return said;
}

#define EVENTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define DELTA(members)                                                                   \
    "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{" members "}}]}"
#define TEXT(text)    DELTA("\"content\":\"" text "\"")
#define THOUGHT(text) DELTA("\"reasoning_content\":\"" text "\"")
#define SEAL(data)                                                                       \
    DELTA("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"" data    \
          "\"}]")
#define CALL(index, id, name, arguments)                                                 \
    DELTA("\"tool_calls\":[{\"index\":" index ",\"id\":\"" id                            \
          "\",\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments "\"}}]")
#define MORE(index, arguments)                                                           \
    DELTA("\"tool_calls\":[{\"index\":" index                                            \
          ",\"function\":{\"arguments\":\"" arguments "\"}}]")
#define FINISH(word)                                                                     \
    "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" word "\"}]}"

#define assert_read(events, said) assert_string_equal(read_events(events, NULL), said)

static void an_answer_begins_once_and_with_the_block_it_begins_with(void **state)
{
    (void)state;
    assert_read(EVENTS(DELTA("\"role\":\"assistant\""), DELTA("\"content\":\"\""),
                       THOUGHT("hm"), THOUGHT("."), TEXT("a"), TEXT("b"), FINISH("stop")),
                "(H\"hm\"\".\".T\"a\"\"b\".):end_turn");
    assert_read(EVENTS(DELTA("\"role\":\"assistant\""), FINISH("stop")), "():end_turn");
}

/* The delta that makes another block begin is its first. */
static void no_delta_is_lost_between_blocks(void **state)
{
    (void)state;
    assert_read(EVENTS(DELTA("\"reasoning_content\":\"r\",\"content\":\"t\""),
                       THOUGHT("s"), CALL("0", "c1", "f", "{}"), FINISH("tool_calls")),
                "(H\"r\".T\"t\".H\"s\".C:f\"{}\".):tool_use");
}

static void a_whole_call_in_one_delta_has_its_arguments(void **state)
{
    (void)state;
    assert_read(EVENTS(CALL("0", "c1", "f", "{\\\"a\\\":1}"), FINISH("tool_calls")),
                "(C:f\"{\\\"a\\\":1}\".):tool_use");
}

static void arguments_come_in_the_pieces_they_came_in(void **state)
{
    (void)state;
    assert_read(EVENTS(CALL("0", "c1", "f", ""), MORE("0", "{\\\"a\\\""),
                       MORE("0", ":1}"), FINISH("tool_calls")),
                "(C:f\"{\\\"a\\\"\"\":1}\".):tool_use");
}

static void blocks_of_calls_do_not_overlap(void **state)
{
    (void)state;
    /* one after another: the second is told as soon as the first is whole */
    assert_read(EVENTS(CALL("0", "c1", "f", "{\\\"a\\\":"), MORE("0", "\\\"}\\\"}"),
                       CALL("1", "c2", "g", "{}"), FINISH("tool_calls")),
                "(C:f\"{\\\"a\\\":\"\"\\\"}\\\"}\".C:g\"{}\".):tool_use");
    /* interleaved: the second waits */
    assert_read(EVENTS(CALL("0", "c1", "f", "{\\\"a\\\""), CALL("1", "c2", "g", "{\\\"b"),
                       MORE("0", ":1}"), MORE("1", "\\\":2}"), FINISH("tool_calls")),
                "(C:f\"{\\\"a\\\"\"\":1}\".C:g\"{\\\"b\"\"\\\":2}\".):tool_use");
    /* both in one event */
    assert_read(
        EVENTS(DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{"
                     "\"name\":\"f\",\"arguments\":\"{}\"}},{\"index\":1,\"id\":"
                     "\"y\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]"),
               FINISH("tool_calls")),
        "(C:f\"{}\".C:g\"{}\".):tool_use");
    /* text within a call that is not whole, and a tail behind it */
    assert_read(EVENTS(CALL("0", "c1", "f", "{"), TEXT("t"), MORE("0", "}"), TEXT("u"),
                       FINISH("tool_calls")),
                "(C:f\"{\"\"}\".T\"t\"\"u\".):tool_use");
}

static void a_call_without_arguments_is_an_empty_object(void **state)
{
    (void)state;
    assert_read(
        EVENTS(CALL("0", "c1", "f", ""), CALL("1", "c2", "g", ""), FINISH("tool_calls")),
        "(C:f.C:g.):tool_use");
}

/* Engines give the next call the index of the one before; each id is a call. */
static void an_index_that_is_used_again_begins_another_call(void **state)
{
    (void)state;
    assert_read(EVENTS(CALL("0", "c1", "f", "{}"), CALL("0", "c2", "g", "{}"),
                       FINISH("tool_calls")),
                "(C:f\"{}\".C:g\"{}\".):tool_use");
    assert_read(
        EVENTS(CALL("0", "", "f", "{}"), CALL("0", "", "f", "{}"), FINISH("tool_calls")),
        "(C:f\"{}\".C:f\"{}\".):tool_use");
}

/* ... or its name and id with each piece; or all of it once more at the end. */
static void what_is_repeated_is_said_once(void **state)
{
    (void)state;
    assert_read(EVENTS(CALL("0", "c1", "f", "{"), CALL("0", "c1", "f", "}"),
                       FINISH("tool_calls")),
                "(C:f\"{\"\"}\".):tool_use");
    assert_read(EVENTS(CALL("0", "c1", "f", "{"), MORE("0", "}"),
                       CALL("0", "c1", "f", "{}"), CALL("1", "c2", "g", "{}"),
                       CALL("0", "c1", "f", "{}"), MORE("0", ""), FINISH("tool_calls")),
                "(C:f\"{\"\"}\".C:g\"{}\".):tool_use");
}

static void a_piece_that_comes_before_its_name_waits_for_it(void **state)
{
    (void)state;
    assert_read(EVENTS(MORE("0", "{"), TEXT("t"), CALL("0", "c1", "f", "}"),
                       FINISH("tool_calls")),
                "(C:f\"{}\".T\"t\".):tool_use");
    assert_read(EVENTS(TEXT("t"), MORE("0", "{}"), FINISH("tool_calls")), "(T\"t\".!");
}

static void ids_have_only_the_letters_that_may_be_in_them(void **state)
{
    (void)state;
    struct answer_encoder *enc = answer_encoder_create(&dialect_anthropic, &about, true);
    struct buf out;
    buf_init(&out, MAX_BYTES);
    send_event(enc, CALL("0", "toolu_01-A", "f", "{}"), NULL, &out);
    send_event(enc, CALL("1", "functions.Bash:0", "f", "{}"), NULL, &out);
    send_event(enc, CALL("2", "", "f", "{}"), NULL, &out);
    enc->dialect->encode_end(enc, &out);
    assert_true(str_find(buf_view(&out), STR("\"id\":\"toolu_01-A\"")) >= 0);
    assert_true(str_find(buf_view(&out), STR("functions.Bash")) < 0);
    assert_true(str_find(buf_view(&out), STR("\"id\":\"call_")) >= 0);
    assert_true(str_find(buf_view(&out), STR("\"id\":\"toolu_bbbbbbbbbbbbbbll_2\"")) >=
                0);
    answer_encoder_free(enc);
    buf_release(&out);
}

#define SIGNED(payload) "weir1:anthropic-1:t:2:0:" payload
#define HIDDEN(payload) "weir1:anthropic-1:r:0:0:" payload
#define OF_CALL         "weir1:gemini-1:c:0:2:c1sig"

static void seals_stand_where_a_client_keeps_them(void **state)
{
    (void)state;
    assert_read(EVENTS(THOUGHT("hm"), SEAL(SIGNED("A")), THOUGHT("so"), SEAL(SIGNED("B")),
                       TEXT("t"), FINISH("stop")),
                "(H\"hm\"s:" SIGNED("A") ".H\"so\"s:" SIGNED("B") ".T\"t\".):end_turn");
    /* a thought that was not shown has its seal alone */
    assert_read(EVENTS(SEAL(SIGNED("A")), TEXT("t"), FINISH("stop")),
                "(Hs:" SIGNED("A") ".T\"t\".):end_turn");
    assert_read(
        EVENTS(SEAL(HIDDEN("A")), CALL("0", "c1", "f", "{}"), FINISH("tool_calls")),
        "(Rs:" HIDDEN("A") ".C:f\"{}\".):tool_use");
    assert_read(EVENTS(SEAL(OF_CALL), CALL("0", "c1", "f", "{}"), FINISH("tool_calls")),
                "(Rs:" OF_CALL ".C:f\"{}\".):tool_use");
    /* not told before the call that is open is whole */
    assert_read(EVENTS(CALL("0", "c1", "f", "{"), SEAL(SIGNED("A")), SEAL(HIDDEN("B")),
                       MORE("0", "}"), FINISH("tool_calls")),
                "(C:f\"{\"\"}\".Hs:" SIGNED("A") ".Rs:" HIDDEN("B") ".):tool_use");
}

static void a_thought_without_a_seal_has_no_signature(void **state)
{
    (void)state;
    assert_read(EVENTS(THOUGHT("hm"), TEXT("t"), FINISH("stop")),
                "(H\"hm\".T\"t\".):end_turn");
}

/* A client that did not ask for thoughts takes the first block for the text.  While the
 * model thinks it reads that the answer goes on. */
static void thoughts_are_shown_to_who_asked_for_them(void **state)
{
    (void)state;
    about.echo = STR("");
    assert_read(EVENTS(THOUGHT("hm"), THOUGHT("so"), SEAL(SIGNED("A")), SEAL(HIDDEN("B")),
                       TEXT("t"), FINISH("stop")),
                "(~T\"t\".):end_turn");
    assert_read(EVENTS(THOUGHT("hm"), SEAL(OF_CALL), CALL("0", "c1", "f", "{}"),
                       FINISH("tool_calls")),
                "(~Rs:" OF_CALL ".C:f\"{}\".):tool_use");
    about.echo = STR("thoughts sealed");
    assert_read(EVENTS(THOUGHT("hm"), SEAL(SIGNED("A")), TEXT("t"), FINISH("stop")),
                "(~Hs:" SIGNED("A") ".T\"t\".):end_turn");
    about.echo = STR("thoughts");
}

static void what_a_client_asked_to_see_is_kept_of_its_request(void **state)
{
    (void)state;
    static const struct {
        const char *thinking;
        enum anthropic_thoughts shown;
    } rows[] = {
        {"", THOUGHTS_HIDDEN},
        {",\"thinking\":null", THOUGHTS_HIDDEN},
        {",\"thinking\":{\"type\":\"disabled\"}", THOUGHTS_HIDDEN},
        {",\"thinking\":{\"type\":\"adaptive\"}", THOUGHTS_SHOWN},
        {",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}", THOUGHTS_SHOWN},
        {",\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"}",
         THOUGHTS_SEALED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];
        struct arena a;
        struct chat chat;
        struct buf echo;
        struct err err = {0};
        arena_init(&a, 1 << 16);
        buf_init(&echo, 256);
        snprintf(body, sizeof body,
                 "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                 "\"content\":\"x\"}]%s}",
                 rows[i].thinking);
        assert_int_equal(
            dialect_read(&dialect_anthropic, SURFACE_CHAT, str_of(body), &a, &chat, &err),
            0);
        assert_int_equal(dialect_anthropic.echo(&chat, &a, &echo, &err), 0);
        const struct answer_about told = {.echo = buf_view(&echo)};
        assert_int_equal(anthropic_thoughts(&told), rows[i].shown);
        buf_release(&echo);
        arena_reset(&a);
    }
}

static void refusals_are_text_and_say_so(void **state)
{
    (void)state;
    assert_read(EVENTS(DELTA("\"refusal\":\"I can\""), DELTA("\"refusal\":\"not\""),
                       FINISH("content_filter")),
                "(T\"I can\"\"not\".):refusal");
    assert_read(EVENTS(TEXT("so"), FINISH("content_filter")), "(T\"so\".):refusal");
    assert_read(EVENTS(DELTA("\"refusal\":\"no\""), FINISH("stop")),
                "(T\"no\".):refusal");
}

static void the_reason_for_the_end_is_what_was_said(void **state)
{
    (void)state;
    assert_read(EVENTS(TEXT("t"), FINISH("length")), "(T\"t\".):max_tokens");
    assert_read(EVENTS(CALL("0", "c", "f", "{}"), FINISH("stop")),
                "(C:f\"{}\".):tool_use");
    assert_read(EVENTS(TEXT("t"), FINISH("tool_calls")), "(T\"t\".):end_turn");
    assert_read(EVENTS(CALL("0", "c", "f", "{"), FINISH("length")),
                "(C:f\"{\".):max_tokens");
    assert_read(EVENTS(TEXT("t")), "(T\"t\".):end_turn");
    assert_read(EVENTS(TEXT("t"), "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_"
                                  "reason\":\"stop\",\"stop_reason\":\"END\"}]}"),
                "(T\"t\".):stop_sequence");
    /* a finish with the last piece of a call */
    assert_read(
        EVENTS(CALL("0", "c", "f", "{\\\"a\\\":"),
               "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
               "\"function\":{\"arguments\":\"1}\"}}]},\"finish_reason\":\"tool_"
               "calls\"}]}"),
        "(C:f\"{\\\"a\\\":\"\"1}\".):tool_use");
    /* a finish in the middle, and text behind it */
    assert_read(EVENTS(TEXT("a"), FINISH("stop"), TEXT("b")), "(T\"a\"\"b\".):end_turn");
}

static void other_choices_are_not_read(void **state)
{
    (void)state;
    assert_read(EVENTS(TEXT("a"),
                       "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}",
                       FINISH("stop")),
                "(T\"a\".):end_turn");
}

static void usage_is_whole_and_without_what_the_cache_gave(void **state)
{
    (void)state;
    static const struct usage usage = {.input_tokens = 100,
                                       .cached_tokens = 60,
                                       .cache_write_tokens = 30,
                                       .output_tokens = 9,
                                       .reasoning_tokens = 4,
                                       .is_known = true};
    static const char *const wanted[] = {"\"input_tokens\":10,",
                                         "\"cache_read_input_tokens\":60,",
                                         "\"cache_creation_input_tokens\":30,",
                                         "\"output_tokens\":9,",
                                         "\"thinking_tokens\":4}",
                                         "\"stop_sequence\":null}"};
    struct answer_encoder *enc = answer_encoder_create(&dialect_anthropic, &about, true);
    struct buf out;
    buf_init(&out, MAX_BYTES);
    send_event(enc, TEXT("t"), NULL, &out);
    /* all members, as zeros, also where nothing is known yet */
    assert_true(str_find(buf_view(&out), STR("\"usage\":{\"input_tokens\":0,\"cache_"
                                             "creation_input_tokens\":0")) > 0);
    size_t before = out.n;
    send_event(enc, FINISH("stop"), NULL, &out);
    send_event(enc, "{\"choices\":[]}", &usage, &out);
    enc->dialect->encode_end(enc, &out);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (str_find(str_sub(buf_view(&out), before, out.n), str_of(wanted[i])) < 0)
            fail_msg("%s is not in %.*s", wanted[i], STR_ARG(buf_view(&out)));
    answer_encoder_free(enc);
    buf_release(&out);
}

/* What waits is bounded: an engine that never ends a call is told to have failed. */
static void what_waits_is_bounded(void **state)
{
    (void)state;
    struct answer_encoder *enc = answer_encoder_create(&dialect_anthropic, &about, true);
    struct buf out, text;
    buf_init(&out, MAX_BYTES);
    buf_init(&text, 2 << 20);
    buf_lit(&text, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    for (int i = 0; i < 1 << 20; i++)
        buf_byte(&text, 'x');
    buf_lit(&text, "\"}}]}");
    buf_byte(&text, '\0');
    send_event(enc, CALL("0", "c", "f", "{"), NULL, &out);
    for (int i = 0; i < 40 && !enc->is_ended; i++) {
        send_event(enc, text.p, NULL, &out);
        assert_true(enc->held_bytes <= 33 << 20);
    }
    assert_true(enc->is_ended && enc->has_error);
    assert_true(str_find(buf_view(&out), STR("event: error")) > 0);
    answer_encoder_free(enc);
    buf_release(&out);
    buf_release(&text);
}

static void many_calls_that_wait_are_too_many(void **state)
{
    (void)state;
    struct answer_encoder *enc = answer_encoder_create(&dialect_anthropic, &about, true);
    struct buf out;
    char data[256];
    buf_init(&out, MAX_BYTES);
    for (int i = 0; i < 2000 && !enc->is_ended; i++) {
        snprintf(data, sizeof data,
                 "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":%d,"
                 "\"id\":\"c%d\",\"function\":{\"name\":\"f\"}}]}}]}",
                 i, i);
        send_event(enc, data, NULL, &out);
    }
    assert_true(enc->has_error);
    answer_encoder_free(enc);
    buf_release(&out);
}

/* -- whole answers --------------------------------------------------------------------
 */

static int encode_answer(const char *answer, struct buf *out, struct err *err)
{
    buf_init(out, MAX_BYTES);
    return dialect_anthropic.encode_answer(&about, str_of(answer), out, err);
}

#define ANSWER(message, finish, more)                                                    \
    "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{" message      \
    "},\"finish_reason\":\"" finish "\"}]" more "}"

static void whole_answers_have_their_blocks_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *part;
    } rows[] = {
        {ANSWER("\"content\":\"a\\n\"", "stop", ""),
         "{\"id\":\"msg_bbbbbbbbbbbbbbll\",\"type\":\"message\",\"role\":\"assistant\","
         "\"model\":\"asked\",\"content\":[{\"type\":\"text\",\"text\":\"a\\n\"}],\"stop_"
         "reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":0,"},
        {"{\"choices\":[{\"message\":{\"content\":\"\"}}]}",
         "\"model\":\"asked\",\"content\":[],"},
        {ANSWER("\"content\":null,\"reasoning_content\":\"hm\"", "length", ""),
         "[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"\"}],"
         "\"stop_reason\":\"max_tokens\""},
        {ANSWER("\"content\":\"t\",\"reasoning_content\":\"hm\",\"reasoning_details\":[{"
                "\"type\":\"reasoning.encrypted\",\"data\":\"" SIGNED(
                    "A") "\"},{\"type\":"
                         "\"reasoning.encrypted\",\"data\":\"" HIDDEN("B") "\"}]",
                "stop", ""),
         "[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"" SIGNED(
             "A") "\"},"
                  "{\"type\":\"redacted_thinking\",\"data\":\"" HIDDEN(
                      "B") "\"},"
                           "{\"type\":\"text\",\"text\":\"t\"}]"},
        {ANSWER(
             "\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":"
             "\"f\",\"arguments\":\"{\\\"a\\\": 1.50}\"}},{\"id\":\"c2\",\"function\":{"
             "\"name\":\"g\",\"arguments\":\"\"}}]",
             "stop", ""),
         "[{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\",\"input\":{\"a\": 1.50}},"
         "{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"g\",\"input\":{}}],"
         "\"stop_reason\":\"tool_use\""},
        /* broken arguments are kept, as a text */
        {ANSWER("\"tool_calls\":[{\"id\":\"c1\",\"function\":{\"name\":\"f\","
                "\"arguments\":\"{\\\"a\\\"\"}}]",
                "length", ""),
         "\"input\":{\"text\":\"{\\\"a\\\"\"}}],\"stop_reason\":\"max_tokens\""},
        {ANSWER("\"content\":null,\"refusal\":\"no\"", "content_filter", ""),
         "[{\"type\":\"text\",\"text\":\"no\"}],\"stop_reason\":\"refusal\""},
        {ANSWER("\"content\":\"a\"", "stop",
                ",\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":9,\"prompt_"
                "tokens_details\":{\"cached_tokens\":60}}"),
         "\"usage\":{\"input_tokens\":40,\"cache_creation_input_tokens\":0,\"cache_read_"
         "input_tokens\":60,\"output_tokens\":9"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        struct err err = {0};
        assert_int_equal(encode_answer(rows[i].answer, &out, &err), 0);
        if (str_find(buf_view(&out), str_of(rows[i].part)) < 0)
            fail_msg("%s\nbecomes %.*s\nwithout %s", rows[i].answer,
                     STR_ARG(buf_view(&out)), rows[i].part);
        buf_release(&out);
    }
}

static void whole_answers_show_thoughts_to_who_asked_for_them(void **state)
{
    (void)state;
    static const char answer[] =
        ANSWER("\"content\":\"t\",\"reasoning_content\":\"hm\",\"reasoning_details\":[{"
               "\"type\":\"reasoning.encrypted\",\"data\":\"" SIGNED("A") "\"}]",
               "stop", "");
    static const struct {
        const char *echo, *part;
    } rows[] = {
        {"", "\"content\":[{\"type\":\"text\",\"text\":\"t\"}]"},
        {"thoughts sealed",
         "[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"weir1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        struct err err = {0};
        about.echo = str_of(rows[i].echo);
        assert_int_equal(encode_answer(answer, &out, &err), 0);
        assert_true(str_find(buf_view(&out), str_of(rows[i].part)) > 0);
        buf_release(&out);
    }
    about.echo = STR("thoughts");
}

static void a_whole_answer_with_a_nameless_call_is_none(void **state)
{
    (void)state;
    struct buf out;
    struct err err = {0};
    assert_int_equal(
        encode_answer(
            ANSWER("\"tool_calls\":[{\"id\":\"c\",\"function\":{}}]", "stop", ""), &out,
            &err),
        -1);
    assert_string_equal(err.code, "upstream_bad_answer");
    buf_release(&out);
}

/* -- errors ---------------------------------------------------------------------------
 */

static void errors_have_their_type_and_status(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        int status;
        const char *type;
    } rows[] = {
        {ERR_BAD_REQUEST, 400, "invalid_request_error"},
        {ERR_AUTH, 401, "authentication_error"},
        {ERR_FORBIDDEN, 403, "permission_error"},
        {ERR_NOT_FOUND, 404, "not_found_error"},
        {ERR_TOO_LARGE, 413, "request_too_large"},
        {ERR_RATE_LIMIT, 429, "rate_limit_error"},
        {ERR_INTERNAL, 500, "api_error"},
        {ERR_UPSTREAM, 502, "api_error"},
        {ERR_TIMEOUT, 504, "timeout_error"},
        {ERR_OVERLOAD, 529, "overloaded_error"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err;
        struct buf out;
        char wanted[128];
        buf_init(&out, 4096);
        err_set(&err, rows[i].kind, "a_code", "what");
        dialect_anthropic.encode_error(&err, &out);
        snprintf(wanted, sizeof wanted,
                 "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"what\","
                 "\"details\":{\"error_code\":\"a_code\"}}}",
                 rows[i].type);
        assert_true(str_eqz(buf_view(&out), wanted));
        assert_int_equal(dialect_error_status(&dialect_anthropic, &err), rows[i].status);
        buf_release(&out);
    }
}

/* Claude Code makes its history shorter when it reads these words. */
static void a_prompt_that_is_too_long_is_said_in_the_apis_words(void **state)
{
    (void)state;
    struct err err;
    struct buf out;
    buf_init(&out, 4096);
    err_set(&err, ERR_BAD_REQUEST, "context_length_exceeded", "9 tokens are too many");
    dialect_anthropic.encode_error(&err, &out);
    assert_true(str_find(buf_view(&out),
                         STR("\"prompt is too long: 9 tokens are too many\"")) > 0);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_begins_once_and_with_the_block_it_begins_with),
        cmocka_unit_test(no_delta_is_lost_between_blocks),
        cmocka_unit_test(a_whole_call_in_one_delta_has_its_arguments),
        cmocka_unit_test(arguments_come_in_the_pieces_they_came_in),
        cmocka_unit_test(blocks_of_calls_do_not_overlap),
        cmocka_unit_test(a_call_without_arguments_is_an_empty_object),
        cmocka_unit_test(an_index_that_is_used_again_begins_another_call),
        cmocka_unit_test(what_is_repeated_is_said_once),
        cmocka_unit_test(a_piece_that_comes_before_its_name_waits_for_it),
        cmocka_unit_test(ids_have_only_the_letters_that_may_be_in_them),
        cmocka_unit_test(seals_stand_where_a_client_keeps_them),
        cmocka_unit_test(a_thought_without_a_seal_has_no_signature),
        cmocka_unit_test(thoughts_are_shown_to_who_asked_for_them),
        cmocka_unit_test(what_a_client_asked_to_see_is_kept_of_its_request),
        cmocka_unit_test(refusals_are_text_and_say_so),
        cmocka_unit_test(the_reason_for_the_end_is_what_was_said),
        cmocka_unit_test(other_choices_are_not_read),
        cmocka_unit_test(usage_is_whole_and_without_what_the_cache_gave),
        cmocka_unit_test(what_waits_is_bounded),
        cmocka_unit_test(many_calls_that_wait_are_too_many),
        cmocka_unit_test(whole_answers_have_their_blocks_in_order),
        cmocka_unit_test(whole_answers_show_thoughts_to_who_asked_for_them),
        cmocka_unit_test(a_whole_answer_with_a_nameless_call_is_none),
        cmocka_unit_test(errors_have_their_type_and_status),
        cmocka_unit_test(a_prompt_that_is_too_long_is_said_in_the_apis_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
