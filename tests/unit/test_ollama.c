/* test_ollama.c -- the translator to Ollama's /api/chat and back: what is carried, what
 * is left out, what is refused by name; and what of its answers is not taken for one. */
#include "../contract/engine_world.h"

#include <stdio.h>

/* -- requests ------------------------------------------------------------------------ */

/* -1: refused. */
static int encode(struct world *w, const char *body, struct str *ret, struct err *err)
{
    struct http_message m;
    struct engine_plan plan;
    err_clear(err);
    world_make(w, body, ENGINE_OLLAMA, SPEECH_OLLAMA, SIDE_LOCAL);
    if (engine_encode(&w->chat, &w->target, NULL, &w->arena, &m, &plan, err) != 0)
        return -1;
    *ret = joined(w, &m);
    return 0;
}

static void assert_carried(const char *body, const char *part)
{
    struct world w;
    struct err err;
    struct str got;
    if (encode(&w, body, &got, &err) != 0)
        fail_msg("%s\nis refused: %s", body, err.msg);
    if (str_find(got, str_of(part)) < 0)
        fail_msg("%s\nbecomes %.*s\nwithout %s", body, STR_ARG(got), part);
    arena_reset(&w.arena);
}

static void assert_refused(const char *body, const char *name)
{
    struct world w;
    struct err err;
    struct str got;
    if (encode(&w, body, &got, &err) == 0)
        fail_msg("%s\nbecomes %.*s", body, STR_ARG(got));
    if (!err.code || strcmp(err.code, "not_expressible") != 0 || !strstr(err.msg, name))
        fail_msg("%s\nis refused as %s: %s\nwithout %s", body, err.code, err.msg, name);
    assert_int_equal(err_http_status(err.kind), 400);
    arena_reset(&w.arena);
}

#define BODY(messages, more) "{\"model\":\"m\",\"messages\":[" messages "]" more "}"
#define USER                 "{\"role\":\"user\",\"content\":\"hi\"}"
#define CONTENT(value)       BODY("{\"role\":\"user\",\"content\":" value "}", "")
#define OF_USER(more)        BODY("{\"role\":\"user\",\"content\":\"hi\"," more "}", "")
#define OF_MODEL(more)                                                                   \
    BODY(USER ",{\"role\":\"assistant\",\"content\":\"x\"," more "}", "")
#define CALL(call)   OF_MODEL("\"tool_calls\":[" call "]")
#define RESULT(more) BODY(USER ",{\"role\":\"tool\"," more "}", "")
#define MORE(member) BODY(USER, "," member)
#define TOOL(tool)   MORE("\"tools\":[" tool "]")
#define F            "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"
#define PICTURE      "data:image/png;base64,AAAA"

static void messages_are_carried_in_every_form_that_servers_take(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {CONTENT("\"a\\n\""), "\"content\":\"a\\n\""},
        {CONTENT("[\"a\",\"b\"]"), "\"content\":\"a\\nb\""},
        {CONTENT("{\"type\":\"text\",\"text\":\"a\"}"), "\"content\":\"a\""},
        {CONTENT("[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":"
                 "\"ephemeral\"}}]"),
         "\"content\":\"a\""},
        {CONTENT("[{\"type\":\"text\",\"text\":\"a\",\"image_url\":null}]"),
         "\"content\":\"a\""},
        {CONTENT("null"), "\"content\":\"\""},
        {CONTENT("[]"), "\"content\":\"\""},
        {CONTENT("[{\"type\":\"image_url\",\"image_url\":\"" PICTURE "\"}]"),
         "\"images\":[\"AAAA\"]"},
        {CONTENT("[{\"type\":\"image_url\",\"image_url\":{\"url\":\"DATA:image/"
                 "png;BASE64,AAAA\",\"detail\":\"high\"}}]"),
         "\"images\":[\"AAAA\"]"},
        {OF_USER("\"images\":[\"AAAA\",\"" PICTURE "\"]"),
         "\"images\":[\"AAAA\",\"AAAA\"]"},
        {OF_USER("\"name\":\"Ann\""), "\"content\":\"hi\""},
        {OF_USER("\"tool_calls\":[],\"refusal\":null,\"prefix\":false"), "\"hi\""},
        {OF_MODEL("\"thinking\":\"hm\""), "\"thinking\":\"hm\""},
        {OF_MODEL("\"reasoning\":\"hm\",\"reasoning_content\":\"hm\""),
         "\"thinking\":\"hm\""},
        {OF_MODEL("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"h\"},"
                  "{\"type\":\"reasoning.summary\",\"summary\":\"m\"}]"),
         "\"thinking\":\"hm\""},
        {OF_MODEL("\"refusal\":\"no\""), "\"content\":\"x\\nno\""},
        {OF_MODEL("\"annotations\":[{\"type\":\"url_citation\"}],\"audio\":null"),
         "\"content\":\"x\""},
        {CALL("{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\","
              "\"arguments\":\"{\\\"q\\\":1.50}\"}}"),
         "\"arguments\":{\"q\":1.50}"},
        {CALL("{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":{\"q\":1.50}}}"),
         "\"arguments\":{\"q\":1.50}"},
        {CALL("{\"id\":\"c\",\"function\":{\"name\":\"f\"}}"), "\"arguments\":{}"},
        {RESULT("\"tool_call_id\":\"c\",\"content\":\"r\""), "\"tool_call_id\":\"c\""},
        {RESULT("\"tool_name\":\"f\",\"content\":\"r\""), "\"tool_name\":\"f\""},
        {BODY("{\"role\":\"function\",\"name\":\"f\",\"content\":\"r\"}", ""),
         "\"role\":\"tool\",\"content\":\"r\",\"tool_name\":\"f\""},
        {BODY("{\"role\":\"developer\",\"content\":\"d\"}," USER, ""),
         "\"role\":\"system\",\"content\":\"d\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_carried(rows[i].body, rows[i].part);
}

static void what_a_message_cannot_carry_is_refused_by_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {CONTENT("5"), "'messages[0].content'"},
        {CONTENT("true"), "'messages[0].content'"},
        {CONTENT("{\"temp\":5}"), "'messages[0].content'"},
        {CONTENT("[7]"), "'messages[0].content[0]'"},
        {CONTENT("[{\"type\":\"text\",\"text\":{\"value\":\"a\"}}]"),
         "'messages[0].content[0].text'"},
        {CONTENT("[\"a\",{\"type\":\"text\",\"content\":\"a\"}]"),
         "'messages[0].content[1].content'"},
        {CONTENT("[{\"type\":\"text\",\"text\":\"a\",\"image_url\":{\"url\":\"" PICTURE
                 "\"}}]"),
         "'messages[0].content[0].image_url'"},
        {CONTENT("[{\"type\":\"image_url\"}]"), "'messages[0].content[0].image_url'"},
        {CONTENT("[{\"type\":\"image_url\",\"image_url\":5}]"), "image_url'"},
        {CONTENT("[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://a/b\"}}]"),
         "'messages[0]'"},
        {CONTENT("[{\"type\":\"input_audio\",\"input_audio\":{\"format\":\"wav\"}}]"),
         "input_audio'"},
        {CONTENT("[{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}]"), "a file"},
        {CONTENT("[{\"type\":\"video_url\",\"video_url\":{\"url\":\"x\"}}]"),
         "'messages[0].content[0]"},
        {BODY("{\"role\":\"critic\",\"content\":\"x\"}", ""), "'messages[0].role'"},
        {BODY("{\"role\":\"USER\",\"content\":\"x\"}", ""), "'messages[0].role'"},
        {OF_USER("\"images\":\"AAAA\""), "'messages[0].images'"},
        {OF_USER("\"images\":[5]"), "'messages[0].images[0]'"},
        {OF_USER("\"images\":[\"data:image/png,AAAA\"]"), "'messages[0].images[0]'"},
        {OF_USER("\"thinking\":\"hm\""), "'messages[0].thinking'"},
        {OF_USER("\"tool_call_id\":\"c\""), "'messages[0].tool_call_id'"},
        {OF_USER("\"tool_calls\":[{}]"), "'messages[0].tool_calls'"},
        {OF_MODEL("\"thinking\":{\"a\":1}"), "'messages[1].thinking'"},
        {OF_MODEL("\"reasoning\":\"a\",\"reasoning_content\":\"b\""),
         "'messages[1].reasoning'"},
        {OF_MODEL("\"refusal\":5"), "'messages[1].refusal'"},
        {OF_MODEL("\"prefix\":true"), "'messages[1].prefix'"},
        {OF_MODEL("\"audio\":{\"id\":\"a\"}"), "'messages[1].audio'"},
        {OF_MODEL("\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}"),
         "'messages[1].function_call'"},
        {OF_MODEL("\"tool_calls\":{\"id\":\"c\"}"), "'messages[1].tool_calls'"},
        {CALL("{\"id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"}"),
         "'messages[1].tool_calls[0]'"},
        {CALL("{\"id\":\"c\",\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}"),
         "'messages[1].tool_calls[0]'"},
        {CALL("{\"id\":7,\"function\":{\"name\":\"f\"}}"),
         "'messages[1].tool_calls[0].id'"},
        {CALL("{\"function\":{\"arguments\":\"{}\"}}"),
         "'messages[1].tool_calls[0].function'"},
        {CALL("{\"function\":{\"name\":\"f\",\"arguments\":[1]}}"),
         "'messages[1].tool_calls[0].function.arguments'"},
        {CALL("\"f\""), "'messages[1].tool_calls[0]'"},
        {RESULT("\"content\":{\"temp\":5}"), "'messages[1].content'"},
        {RESULT("\"tool_name\":\"f\",\"name\":\"g\",\"content\":\"r\""),
         "'messages[1].name'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_refused(rows[i].body, rows[i].name);
}

/* Ids come again in some histories: "call_0" in every turn. */
static void a_result_is_of_the_last_call_of_its_id(void **state)
{
    (void)state;
#define TURN(id, name)                                                                   \
    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"" id                              \
    "\",\"function\":{\"name\":\"" name                                                  \
    "\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"r\"}"
    static const char body[] = BODY(TURN("c0", "one") "," TURN("c1", "two") "," TURN(
                                        "c0", "three") ",{\"role\":\"tool\","
                                                       "\"tool_call_id\":\"c2\","
                                                       "\"content\":\"r\"}",
                                    "");
    assert_carried(body, "\"tool_name\":\"one\",\"tool_call_id\":\"c0\"");
    assert_carried(body, "\"tool_name\":\"two\",\"tool_call_id\":\"c1\"");
    assert_carried(body, "\"tool_name\":\"three\",\"tool_call_id\":\"c0\"");
    assert_carried(body, "\"content\":\"r\",\"tool_call_id\":\"c2\"");
#undef TURN
}

static void what_stands_beside_the_messages_is_carried(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {TOOL(F), "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","},
        {TOOL("{\"function\":{\"name\":\"f\",\"strict\":true}}"), "\"name\":\"f\""},
        {TOOL("{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"a\":1}}"),
         "\"name\":\"f\",\"parameters\":{\"a\":1}"},
        {MORE("\"tools\":[" F "],\"tool_choice\":{\"type\":\"auto\"}"), "\"tools\""},
        {MORE("\"tools\":[" F "],\"tool_choice\":{}"), "\"tools\""},
        {MORE("\"tools\":[" F "],\"tool_choice\":\"required\""), "\"tools\":[{"},
        {MORE("\"tools\":[" F ",{\"type\":\"function\",\"function\":{\"name\":\"g\"}}],"
              "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}"),
         "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\""},
        {MORE("\"tools\":[" F "],\"tool_choice\":{\"type\":\"none\"}"),
         "\"stream\":false,\"truncate\""},
        {MORE("\"tools\":[" F "],\"tool_choice\":\"none\""),
         "\"stream\":false,\"truncate\""},
        {MORE("\"response_format\":{\"type\":\"json_object\"}"), "\"format\":\"json\""},
        {MORE("\"response_format\":{\"type\":\"json_object\",\"schema\":{\"a\":1}}"),
         "\"format\":{\"a\":1}"},
        {MORE("\"response_format\":{\"type\":\"json_schema\",\"schema\":{\"a\":1}}"),
         "\"format\":{\"a\":1}"},
        {MORE("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
              "\"n\",\"strict\":true,\"schema\":{\"a\":1}}}"),
         "\"format\":{\"a\":1}"},
        {MORE("\"response_format\":{\"type\":\"text\"},\"format\":\"json\""),
         "\"format\":\"json\""},
        {MORE("\"stop\":[\"a\",null,\"\",\"b\"]"), "\"stop\":[\"a\",\"b\"]"},
        {MORE("\"stop\":\"\""), "\"options\":{}"},
        {MORE("\"max_tokens\":-1"), "\"options\":{}"},
        {MORE("\"max_completion_tokens\":7"), "\"num_predict\":7"},
        {MORE("\"temperature\":0.10,\"repetition_penalty\":1.1,\"typical_p\":0.5"),
         "\"temperature\":0.10,\"repeat_penalty\":1.1,\"typical_p\":0.5"},
        {MORE("\"options\":{\"num_ctx\":9,\"top_k\":4},\"top_k\":4"),
         "\"options\":{\"top_k\":4,\"num_ctx\":9}"},
        {MORE("\"reasoning_effort\":\"minimal\""), "\"think\":\"low\""},
        {MORE("\"reasoning\":{\"effort\":\"high\"}"), "\"think\":\"high\""},
        {MORE("\"think\":true,\"reasoning_effort\":\"low\""), "\"think\":\"low\""},
        {MORE("\"enable_thinking\":false"), "\"think\":false"},
        {MORE("\"thinking\":{\"type\":\"disabled\"}"), "\"think\":false"},
        {MORE("\"think\":false,\"reasoning_effort\":\"none\""), "\"think\":false"},
        {MORE("\"modalities\":[ \"text\" ],\"logprobs\":false,\"top_logprobs\":0,"
              "\"functions\":[],\"function_call\":\"none\",\"logit_bias\":{}"),
         "\"options\":{}"},
        {MORE("\"user\":\"u\",\"metadata\":{\"a\":\"b\"},\"store\":true"),
         "\"options\":{}"},
        {MORE("\"stream\":true,\"stream_options\":{\"include_usage\":true,"
              "\"include_obfuscation\":true}"),
         "\"stream\":true"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_carried(rows[i].body, rows[i].part);
}

static void what_has_no_place_beside_the_messages_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {TOOL("\"f\""), "'tools[0]'"},
        {TOOL("{\"type\":\"function\",\"function\":{}}"), "'tools[0].function'"},
        {TOOL(F ",{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}"), "'tools[1].type'"},
        {TOOL("{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":\"x\"}"
              "}"),
         "'tools[0].function.parameters'"},
        {TOOL("{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":5}}"),
         "'tools[0].function.description'"},
        {TOOL("{\"name\":\"f\",\"input_schema\":{\"a\":1}}"), "'tools[0].input_schema'"},
        {MORE("\"tool_choice\":\"required\""), "'tool_choice'"},
        {MORE("\"tool_choice\":\"any\""), "'tool_choice'"},
        {MORE("\"tool_choice\":\"f\""), "'tool_choice'"},
        {MORE("\"tool_choice\":true"), "'tool_choice'"},
        {MORE("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"),
         "'tool_choice'"},
        {MORE("\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":"
              "\"auto\"}}"),
         "'tool_choice.allowed_tools'"},
        {MORE("\"response_format\":\"json_object\""), "'response_format'"},
        {MORE("\"response_format\":{\"type\":\"grammar\",\"grammar\":\"x\"}"),
         "'response_format.type'"},
        {MORE("\"response_format\":{\"type\":\"regex\",\"value\":\"x\"}"),
         "'response_format.type'"},
        {MORE("\"response_format\":{\"type\":\"text\",\"schema\":{\"a\":1}}"),
         "'response_format'"},
        {MORE("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":\"x\"}"),
         "'response_format.json_schema'"},
        {MORE("\"response_format\":{\"type\":\"json_schema\",\"schema\":\"x\"}"),
         "'response_format.schema'"},
        {MORE("\"response_format\":{\"type\":\"json_schema\",\"schema\":{\"a\":1},"
              "\"json_schema\":{\"schema\":{\"a\":2}}}"),
         "'response_format.schema'"},
        {MORE("\"response_format\":{\"type\":\"json_object\"},\"format\":{\"a\":1}"),
         "'response_format'"},
        {MORE("\"stop\":5"), "'stop'"},
        {MORE("\"stop\":[1,\"a\"]"), "'stop[0]'"},
        {MORE("\"stop\":{\"a\":1}"), "'stop'"},
        {MORE("\"options\":[1]"), "'options'"},
        {MORE("\"options\":\"{}\""), "'options'"},
        {MORE("\"options\":{\"stop\":[\"x\"]},\"stop\":\"y\""), "'options.stop'"},
        {MORE("\"options\":{\"num_predict\":3},\"max_tokens\":7"),
         "'options.num_predict'"},
        {MORE("\"options\":{\"temperature\":1},\"temperature\":0"),
         "'options.temperature'"},
        {MORE("\"max_tokens\":0"), "'max_tokens'"},
        {MORE("\"max_tokens\":-2"), "'max_tokens'"},
        {MORE("\"reasoning_effort\":5"), "'reasoning_effort'"},
        {MORE("\"reasoning\":{\"max_tokens\":9}"), "'reasoning.max_tokens'"},
        {MORE("\"think\":false,\"reasoning_effort\":\"low\""), "'reasoning_effort'"},
        {MORE("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":9}"), "'thinking'"},
        {MORE("\"enable_thinking\":\"no\""), "'enable_thinking'"},
        {MORE("\"think\":true,\"enable_thinking\":false"), "'enable_thinking'"},
        {MORE("\"repeat_penalty\":1,\"repetition_penalty\":2"), "'repetition_penalty'"},
        {MORE("\"modalities\":[\"text\",\"audio\"]"), "'modalities'"},
        {MORE("\"logprobs\":true"), "'logprobs'"},
        {MORE("\"do_sample\":false"), "'do_sample'"},
        {MORE("\"web_search_options\":{}"), "'web_search_options'"},
        {MORE("\"logit_bias\":{\"5\":1}"), "'logit_bias'"},
        {MORE("\"functions\":[{\"name\":\"f\"}]"), "'functions'"},
        {MORE("\"n\":2"), "'n'"},
        {MORE("\"stream\":true,\"stream_options\":{\"continuous_usage_stats\":true}"),
         "'stream_options.continuous_usage_stats'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_refused(rows[i].body, rows[i].name);
}

/* -- answers ------------------------------------------------------------------------- */

/* What a client of the answer sees: text, finish, errors. */
struct seen {
    struct buf data;
    struct err err;
    size_t nends;
};

static int note(void *ctx, const struct event *e)
{
    struct seen *s = ctx;
    buf_append(&s->data, e->kind == EVENT_ERROR ? STR("") : e->raw);
    if (e->kind == EVENT_ERROR)
        s->err = *e->error;
    s->nends += e->kind == EVENT_END;
    return 0;
}

/* True: it is whole. */
static bool read_stream(const char *lines, struct seen *s, struct engine_decoder *d)
{
    *s = (struct seen){.nends = 0};
    buf_init(&s->data, 1 << 16);
    engine_decoder_init(d, SPEECH_OLLAMA, SURFACE_CHAT);
    const struct engine_naming naming = {.id = 0xabc};
    engine_decoder_name(d, &naming);
    int rc = engine_decode(d, str_of(lines), note, s, &s->err);
    if (rc == 0)
        rc = engine_decode_end(d, note, s, &s->err);
    bool is_whole = rc == 0 && !s->err.code && engine_decoder_is_finished(d, 1);
    engine_decoder_release(d);
    return is_whole;
}

static bool read_plain(const char *answer, struct seen *s, struct usage *usage)
{
    const struct engine_naming naming = {.id = 0xabc};
    struct engine_answer read = {.content_bytes = 0};
    *s = (struct seen){.nends = 0};
    buf_init(&s->data, 1 << 16);
    struct str body = engine_object_in(str_of(answer));
    bool ok = engine_translate_answer(SPEECH_OLLAMA, SURFACE_CHAT, &naming, body,
                                      &s->data, &s->err) == 0 &&
              engine_read_answer(SURFACE_CHAT, buf_view(&s->data), &read, &s->err) == 0;
    *usage = read.usage;
    return ok;
}

#define LINE(more)    "{\"model\":\"m\"," more "}\n"
#define SAID(message) "\"message\":{\"role\":\"assistant\"," message "}"
#define TEXT(text)    LINE(SAID("\"content\":\"" text "\"") ",\"done\":false")
#define COUNTS        "\"prompt_eval_count\":7,\"eval_count\":5"
#define DONE                                                                             \
    LINE(SAID("\"content\":\"\"") ",\"done\":true,\"done_reason\":\"stop\"," COUNTS)

static void a_stream_is_read_however_its_lines_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *part;
    } rows[] = {
        {TEXT("hi") LINE("\"done\":true," COUNTS), "\"finish_reason\":\"stop\""},
        {TEXT("hi") LINE("\"message\":null,\"done\":true," COUNTS), "\"content\":\"hi\""},
        {LINE(SAID("\"content\":\"hi\"") ",\"error\":null,\"done\":false") DONE,
         "\"hi\""},
        {LINE(SAID("\"content\":\"hi\"") ",\"error\":\"\",\"done\":false") DONE,
         "\"hi\""},
        {LINE(SAID("\"content\":\"hi\"") ",\"error\":{},\"done\":false") DONE, "\"hi\""},
        {"data: " TEXT("hi") "\ndata: " DONE "\n", "\"content\":\"hi\""},
        {"\xEF\xBB\xBF" TEXT("hi") DONE, "\"content\":\"hi\""},
        {": ok\n" TEXT("hi") "{\"status\":\"loading\"}\n" DONE, "\"content\":\"hi\""},
        {"{" SAID("\"content\":\"hi\"") "}\r{" SAID(
             "\"content\":\"\"") ",\"done\":true," COUNTS "}",
         "\"content\":\"hi\""},
        {TEXT("hi") LINE(SAID("\"content\":\"\"") ",\"done\":true,\"done_reason\":"
                                                  "\"length\"," COUNTS),
         "\"finish_reason\":\"length\""},
        {TEXT("hi") LINE(SAID("\"content\":\"\"") ",\"done\":true,\"done_reason\":"
                                                  "\"unload\"," COUNTS),
         "\"finish_reason\":\"unload\""},
        {TEXT("hi") LINE(SAID("\"content\":\"\"") ",\"done\":true,\"done_reason\":"
                                                  "\"\"," COUNTS),
         "\"finish_reason\":\"stop\""},
        {LINE(SAID("\"content\":\"\",\"images\":[\"AA\"]") ",\"done\":false") DONE,
         "\"images\":[\"AA\"]"},
        {"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n{\"choices\":[{"
         "\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{"
         "\"prompt_tokens\":7,\"completion_tokens\":5}}\n",
         "\"content\":\"hi\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seen s;
        struct engine_decoder d;
        if (!read_stream(rows[i].lines, &s, &d))
            fail_msg("%s\nis no answer: %s", rows[i].lines, s.err.msg);
        if (str_find(buf_view(&s.data), str_of(rows[i].part)) < 0 ||
            str_find(buf_view(&s.data), STR("loading")) >= 0)
            fail_msg("%s\nbecomes %.*s", rows[i].lines, STR_ARG(buf_view(&s.data)));
        assert_int_equal(d.usage.input_tokens, 7);
        assert_int_equal(d.usage.output_tokens, 5);
        buf_release(&s.data);
    }
}

static void a_stream_that_is_not_understood_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *code;
    } rows[] = {
        {TEXT("hi"), NULL}, /* no finish: the gateway says that it is cut */
        {TEXT("hi") LINE(SAID("\"content\":\"\"") ",\"done\":\"true\""), NULL},
        {TEXT("hi") "data: [DONE]\n", NULL},
        {TEXT("hi") "{\"mess", "upstream_truncated"},
        {TEXT("hi") LINE("\"error\":\"it broke\""), "upstream_error"},
        {LINE(SAID("\"content\":\"hi\"") ",\"error\":\"it broke\",\"done\":true"),
         "upstream_error"},
        {TEXT("hi") LINE("\"detail\":\"no\",\"status\":500"), "upstream_error"},
        {TEXT("hi") LINE(SAID("\"content\":\"\"") ",\"done\":true,\"done_reason\":"
                                                  "\"error\""),
         "upstream_error"},
        {TEXT("hi") "<p>no</p>\n" DONE, "upstream_bad_sse"},
        {LINE(SAID("\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]")) DONE,
         "upstream_bad_answer"},
        {LINE(SAID("\"content\":5")) DONE, "upstream_bad_answer"},
        {LINE(SAID("\"content\":\"\",\"thinking\":[\"a\"]")) DONE, "upstream_bad_answer"},
        {LINE("\"message\":\"hi\",\"done\":false") DONE, "upstream_bad_answer"},
        {LINE("\"response\":\"hi\",\"done\":false") LINE("\"done\":true"),
         "upstream_bad_answer"},
        {LINE(SAID("\"tool_calls\":{\"a\":1}")) DONE, "upstream_bad_answer"},
        {LINE(SAID("\"tool_calls\":[null]")) DONE, "upstream_bad_answer"},
        {LINE(SAID("\"tool_calls\":[{\"function\":{\"arguments\":{}}}]")) DONE,
         "upstream_bad_answer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seen s;
        struct engine_decoder d;
        if (read_stream(rows[i].lines, &s, &d))
            fail_msg("%s\nbecomes %.*s", rows[i].lines, STR_ARG(buf_view(&s.data)));
        if (rows[i].code ? !s.err.code || strcmp(s.err.code, rows[i].code) != 0
                         : s.err.code != NULL)
            fail_msg("%s\nis %s: %s", rows[i].lines, s.err.code, s.err.msg);
        buf_release(&s.data);
    }
}

/* What came before a line that is not understood has been passed on. */
static void text_before_a_bad_line_is_not_lost(void **state)
{
    (void)state;
    struct seen s;
    struct engine_decoder d;
    assert_false(read_stream(TEXT("hi") LINE("\"message\":5"), &s, &d));
    assert_true(str_find(buf_view(&s.data), STR("\"content\":\"hi\"")) >= 0);
    buf_release(&s.data);
}

static void a_plain_answer_is_whole_or_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *part, *code;
    } rows[] = {
        {LINE(SAID("\"content\":\"hi\"") ",\"done\":true," COUNTS),
         "\"finish_reason\":\"stop\"", NULL},
        {LINE(SAID("\"content\":\"hi\"") ",\"error\":null,\"done\":true," COUNTS),
         "\"content\":\"hi\"", NULL},
        {LINE(SAID("\"content\":\"\"") ",\"done\":true,\"done_reason\":\"load\"," COUNTS),
         "\"finish_reason\":\"load\"", NULL},
        {TEXT("h") TEXT("i") DONE, "\"content\":\"hi\"", NULL},
        {TEXT("h") LINE(SAID("\"content\":\"i\"") ",\"done\":true," COUNTS),
         "\"finish_reason\":\"stop\"", NULL},
        {LINE(SAID("\"content\":\"hi\"") ",\"done\":false"), "", "upstream_truncated"},
        {LINE(SAID("\"content\":\"hi\"")), "", "upstream_truncated"},
        {TEXT("h") TEXT("i"), "", "upstream_truncated"},
        {TEXT("h") "{\"message\":{\"con", "", "upstream_truncated"},
        {TEXT("h") LINE("\"error\":\"it broke\""), "", "upstream_error"},
        {TEXT("h") LINE("\"message\":\"i\""), "", "upstream_bad_answer"},
        {LINE("\"error\":\"it broke\""), "", "upstream_error"},
        {LINE("\"message\":\"hi\",\"done\":true"), "", "upstream_bad_answer"},
        {LINE("\"response\":\"hi\",\"done\":true"), "", "upstream_bad_answer"},
        {LINE("\"done\":true"), "", "upstream_bad_answer"},
        {LINE(SAID("\"content\":[\"hi\"]") ",\"done\":true"), "", "upstream_bad_answer"},
        {"[" TEXT("hi") "]", "", "upstream_bad_answer"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct seen s;
        struct usage usage;
        bool ok = read_plain(rows[i].answer, &s, &usage);
        if (ok != !rows[i].code || (!ok && strcmp(s.err.code, rows[i].code) != 0))
            fail_msg("%s\nis %s: %s", rows[i].answer, s.err.code, s.err.msg);
        if (str_find(buf_view(&s.data), str_of(rows[i].part)) < 0)
            fail_msg("%s\nbecomes %.*s", rows[i].answer, STR_ARG(buf_view(&s.data)));
        if (ok)
            assert_int_equal(usage.output_tokens, 5);
        buf_release(&s.data);
    }
}

/* Of the answer's own number, so that two turns of a conversation never share one. */
static void ids_are_of_the_answer_alone(void **state)
{
    (void)state;
    static const char call[] =
        LINE(SAID("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{}}},{"
                  "\"id\":\"own\","
                  "\"function\":{\"name\":\"g\"}}]") ",\"done\":true");
    static const char *const ids[] = {"\"chatcmpl-bbbbbbbbbbbbbpqr\"",
                                      "\"call_bbbbbbbbbbbbbpqr_0\"", "\"own\""};
    struct seen stream, plain;
    struct engine_decoder d;
    struct usage usage;
    assert_true(read_stream(call, &stream, &d));
    assert_true(read_plain(call, &plain, &usage));
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        assert_true(str_find(buf_view(&stream.data), str_of(ids[i])) >= 0);
        assert_true(str_find(buf_view(&plain.data), str_of(ids[i])) >= 0);
    }
    buf_release(&stream.data);
    buf_release(&plain.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_carried_in_every_form_that_servers_take),
        cmocka_unit_test(what_a_message_cannot_carry_is_refused_by_its_place),
        cmocka_unit_test(a_result_is_of_the_last_call_of_its_id),
        cmocka_unit_test(what_stands_beside_the_messages_is_carried),
        cmocka_unit_test(what_has_no_place_beside_the_messages_is_refused_by_name),
        cmocka_unit_test(a_stream_is_read_however_its_lines_are_written),
        cmocka_unit_test(a_stream_that_is_not_understood_is_an_error),
        cmocka_unit_test(text_before_a_bad_line_is_not_lost),
        cmocka_unit_test(a_plain_answer_is_whole_or_an_error),
        cmocka_unit_test(ids_are_of_the_answer_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
