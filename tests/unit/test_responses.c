/* test_responses.c -- requests to OpenAI's Responses: read for routing, and said as a
 * conversation. */
#include "config/kinds.h"
#include "dialect/responses.h"

#include "nomem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct world {
    struct arena a;
    struct chat chat;
    struct conversation c;
    struct err err;
};

static int decode(struct world *w, const char *body)
{
    *w = (struct world){.err = {0}};
    arena_init(&w->a, 1 << 20);
    return dialect_read(&dialect_openai_responses, SURFACE_CHAT, str_of(body), &w->a,
                        &w->chat, &w->err);
}

static int read_body(struct world *w, const char *body)
{
    if (decode(w, body) != 0)
        fail_msg("%s: %s", body, w->err.msg);
    return responses_read_conversation(&w->chat, &w->a, &w->c, &w->err);
}

static void read_well(struct world *w, const char *body)
{
    if (read_body(w, body) != 0)
        fail_msg("%s: %s", body, w->err.msg);
}

#define assert_str(s, text)                                                              \
    do {                                                                                 \
        struct str got_ = (s);                                                           \
        if (!str_eqz(got_, text))                                                        \
            fail_msg("'%.*s' is not '%s'", STR_ARG(got_), text);                         \
    } while (0)

#define INPUT(items) "{\"model\":\"m\",\"input\":[" items "]}"
#define WITH(more)   "{\"model\":\"m\",\"input\":\"hi\"," more "}"
#define USER(text)   "{\"role\":\"user\",\"content\":\"" text "\"}"
#define CALL(id, name)                                                                   \
    "{\"type\":\"function_call\",\"id\":\"fc_1\",\"status\":\"completed\",\"call_id\":"  \
    "\"" id "\",\"name\":\"" name                                                        \
    "\",\"arguments\":\"{}\",\"parsed_arguments\":{\"a\":1}}"
#define RESULT(id, output)                                                               \
    "{\"type\":\"function_call_output\",\"call_id\":\"" id "\",\"output\":" output "}"

/* -- for routing
 * -------------------------------------------------------------------------- */

static void what_routing_needs_is_read(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(&w,
               "{\"model\":\"m\",\"stream\":true,\"instructions\":\"be brief\","
               "\"max_output_tokens\":9,\"prompt_cache_key\":\"k\",\"metadata\":{\"a\":"
               "\"b\"},\"text\":{\"format\":{\"type\":\"json_schema\",\"schema\":{}}},"
               "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}],"
               "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
               "\"text\":\"a\"},{\"type\":\"input_image\",\"image_url\":\"data:image/png;"
               "base64,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
               "\"}]},{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}," CALL(
                   "c1", "f") "," RESULT("c1", "\"r\"") "," USER("b") "]}"),
        0);
    assert_true(w.chat.is_stream && w.chat.wants_usage && w.chat.has_system);
    assert_str(w.chat.model, "m");
    assert_str(w.chat.system_text, "\"be brief\"");
    assert_int_equal(w.chat.max_output_tokens, 9);
    assert_int_equal(w.chat.needs, CAP_CHAT | CAP_TOOLS | CAP_JSON_SCHEMA | CAP_VISION);
    assert_int_equal(w.chat.nmedia, 1);
    assert_int_equal(w.chat.nmessages, 5);
    assert_true(w.chat.has_tool_results);
    assert_int_equal(w.chat.nturns, 2);
    assert_str(w.chat.turns[0].reply, "\"c1\"");
    assert_str(w.chat.last_user, "\"b\"");
    assert_null(w.chat.turns[1].reply.p);
    assert_str(w.chat.prompt_cache_key, "\"k\"");
    assert_str(w.chat.metadata, "{\"a\":\"b\"}");
    assert_int_equal(w.chat.forwards.n, 0);
    uint64_t with_image = w.chat.text_bytes;
    assert_true(with_image < w.chat.body.n - 64); /* the picture is no text */
    arena_reset(&w.a);
}

static void an_input_may_be_one_text(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(decode(&w, "{\"model\":\"m\",\"input\":\"h\xC3\xA9\"}"), 0);
    assert_int_equal(w.chat.nmessages, 1);
    assert_int_equal(w.chat.nturns, 1);
    assert_int_equal(w.chat.wide_bytes, 2);
    assert_false(w.chat.is_stream);
    arena_reset(&w.a);
}

static void bad_bodies_are_refused_by_the_members_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *code, *names;
    } rows[] = {
        {"[]", "invalid_json", "object"},
        {"{\"model\":\"m\",\"input\":\"x\"", "invalid_json", "byte"},
        {"{\"input\":\"x\"}", "missing_field", "'model'"},
        {"{\"model\":\"m\"}", "missing_field", "'input'"},
        {"{\"model\":7,\"input\":\"x\"}", "invalid_field", "'model'"},
        {"{\"model\":\"m\",\"input\":{}}", "invalid_field", "'input'"},
        {"{\"model\":\"m\",\"input\":[7]}", "invalid_field", "'input[0]'"},
        {"{\"model\":\"m\",\"input\":[{}]}", "invalid_field", "'input[0]'"},
        {"{\"model\":\"m\",\"input\":[" USER("a") ",{\"type\":\"message\"}]}",
         "invalid_field", "'input[1]' must have a role"},
        {"{\"model\":\"m\",\"input\":[{\"type\":7}]}", "invalid_field", "'input[0]'"},
        {WITH("\"instructions\":[]"), "invalid_field", "'instructions'"},
        {WITH("\"stream\":\"yes\""), "invalid_field", "'stream'"},
        {WITH("\"max_output_tokens\":\"9\""), "invalid_field", "'max_output_tokens'"},
        {WITH("\"max_output_tokens\":-1"), "invalid_field", "'max_output_tokens'"},
        {WITH("\"tools\":{}"), "invalid_field", "'tools'"},
        {WITH("\"tools\":[7]"), "invalid_field", "'tools'"},
        {WITH("\"text\":\"x\""), "invalid_field", "'text'"},
        {WITH("\"model\":\"n\""), "duplicate_key", "'model'"},
        {WITH("\"Input\":\"n\""), "ambiguous_key", "'input'"},
        {INPUT("{\"role\":\"user\",\"Content\":\"x\"}"), "ambiguous_key", "'content'"},
        {INPUT("{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\","
               "\"text\":\"b\"}]}"),
         "duplicate_key", "'text'"},
        {WITH("\"tools\":[{\"type\":\"function\",\"name\":\"a\",\"NAME\":\"b\"}]"),
         "ambiguous_key", "'name'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(decode(&w, rows[i].body), -1);
        assert_string_equal(w.err.code, rows[i].code);
        if (!strstr(w.err.msg, rows[i].names))
            fail_msg("%s: %s", rows[i].body, w.err.msg);
        arena_reset(&w.a);
    }
}

/* What names a response that a server has stored is no fault of the body. */
static void a_reference_may_stand_for_the_input(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"model\":\"m\",\"previous_response_id\":\"resp_1\"}",
        "{\"model\":\"m\",\"conversation\":\"conv_1\"}",
        "{\"model\":\"m\",\"prompt\":{\"id\":\"pmpt_1\"}}"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct world w;
        assert_int_equal(decode(&w, bodies[i]), 0);
        assert_int_equal(responses_read_conversation(&w.chat, &w.a, &w.c, &w.err), -1);
        arena_reset(&w.a);
    }
}

static void a_server_of_tools_is_another_place(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(&w, WITH("\"tools\":[{\"type\":\"mcp\",\"server_label\":\"l\","
                        "\"server_url\":\"https://tools.example\"}]")),
        0);
    assert_str(w.chat.forwards, "server_url");
    arena_reset(&w.a);
    assert_int_equal(decode(&w, WITH("\"api_base\":\"https://x.example\"")), 0);
    assert_str(w.chat.forwards, "api_base");
    arena_reset(&w.a);
}

/* -- as a conversation
 * -------------------------------------------------------------------- */

static void items_of_the_model_are_one_message_in_their_order(void **state)
{
    (void)state;
    struct world w;
    read_well(
        &w, "{\"model\":\"m\",\"instructions\":\"be\",\"input\":["
            "{\"role\":\"developer\",\"content\":\"d\"}," USER(
                "q") ","
                     "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{"
                     "\"type\":\"summary_text\","
                     "\"text\":\"one\"},{\"type\":\"summary_text\",\"text\":"
                     "\"two\"}],"
                     "\"encrypted_content\":\"seal\"},"
                     "{\"type\":\"message\",\"id\":\"msg_1\",\"role\":"
                     "\"assistant\",\"status\":"
                     "\"completed\",\"phase\":\"commentary\",\"content\":[{"
                     "\"type\":\"output_text\","
                     "\"text\":\"look\",\"annotations\":[],\"logprobs\":[]}]}"
                     "," CALL("c1", "f") "," CALL("c2", "g") "," RESULT(
                         "c2", "\"second\"") "," RESULT("c1", "\"first\"") ","
                                                                           "{\"type\":"
                                                                           "\"message\","
                                                                           "\"role\":"
                                                                           "\"assistant\""
                                                                           ",\"content\":"
                                                                           "[{\"type\":"
                                                                           "\"refusal\","
                                                                           "\"refusal\":"
                                                                           "\"no\"}]}]}");
    static const enum speaker speakers[] = {SPEAKER_SYSTEM, SPEAKER_SYSTEM, SPEAKER_USER,
                                            SPEAKER_MODEL,  SPEAKER_TOOL,   SPEAKER_TOOL,
                                            SPEAKER_MODEL};
    assert_int_equal(w.c.nmessages, ARRAY_LEN(speakers));
    for (size_t i = 0; i < ARRAY_LEN(speakers); i++)
        assert_int_equal(w.c.messages[i].speaker, speakers[i]);
    const struct message *m = &w.c.messages[3];
    static const enum piece_kind kinds[] = {PIECE_THOUGHT, PIECE_TEXT, PIECE_CALL,
                                            PIECE_CALL};
    assert_int_equal(m->npieces, ARRAY_LEN(kinds));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_int_equal(m->pieces[i].kind, kinds[i]);
    assert_str(piece_plain(&m->pieces[0], &w.a), "one\n\ntwo");
    assert_str(m->pieces[0].sealed, "seal");
    assert_str(piece_plain(&m->pieces[1], &w.a), "look");
    assert_int_equal(m->pieces[3].call, 1);
    assert_int_equal(m->ncalls, 2);
    assert_str(m->calls[1].id, "c2");
    assert_str(m->calls[1].name, "g");
    assert_str(m->calls[1].arguments, "{}");
    assert_str(w.c.messages[4].result_of, "c2");
    assert_str(piece_plain(&w.c.messages[4].pieces[0], &w.a), "second");
    assert_str(w.c.messages[5].result_of, "c1");
    assert_int_equal(w.c.messages[6].pieces[0].kind, PIECE_REFUSAL);
    assert_int_equal(w.c.nothers, 0);
    assert_int_equal(w.c.nlost, 1);
    assert_str(w.c.lost[0], "input.phase");
    arena_reset(&w.a);
}

/* Reasoning that is there whole counts, and not its summary; one that says nothing is
 * none. */
static void reasoning_is_read_once(void **state)
{
    (void)state;
    struct world w;
    read_well(&w, INPUT("{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\","
                        "\"text\":\"short\"}],\"content\":[{\"type\":\"reasoning_text\","
                        "\"text\":\"long\"}]},{\"type\":\"reasoning\",\"summary\":[]},"
                        "{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":"
                        "\"s\"}"));
    assert_int_equal(w.c.nmessages, 1);
    assert_int_equal(w.c.messages[0].npieces, 2);
    assert_str(piece_plain(&w.c.messages[0].pieces[0], &w.a), "long");
    assert_str(w.c.messages[0].pieces[1].sealed, "s");
    arena_reset(&w.a);
}

/* Named bugs: a tool's picture that vanishes; results that are no string refused. */
static void results_may_hold_pictures_and_files(void **state)
{
    (void)state;
    struct world w;
    read_well(&w, INPUT(CALL("c", "f") "," RESULT(
                      "c", "[{\"type\":\"input_text\",\"text\":\"a\"},{\"type\":"
                           "\"input_image\",\"image_url\":\"data:image/png;base64,AA\","
                           "\"detail\":\"auto\"},{\"type\":\"input_file\",\"filename\":"
                           "\"x.pdf\",\"file_data\":\"data:application/pdf;base64,BB\"}"
                           "]")));
    const struct message *m = &w.c.messages[1];
    assert_int_equal(m->npieces, 3);
    assert_str(piece_plain(&m->pieces[0], &w.a), "a");
    assert_str(m->pieces[1].media_type, "image/png");
    assert_str(m->pieces[1].data, "AA");
    assert_int_equal(m->pieces[2].kind, PIECE_FILE);
    assert_str(piece_plain(&m->pieces[2], &w.a), "x.pdf");
    assert_str(m->pieces[2].data, "BB");
    arena_reset(&w.a);
}

static void parts_of_every_kind_are_read(void **state)
{
    (void)state;
    struct world w;
    read_well(&w,
              INPUT("{\"role\":\"user\",\"content\":["
                    "{\"type\":\"input_text\",\"text\":\"t\",\"prompt_cache_breakpoint\""
                    ":{\"mode\":\"explicit\"}},"
                    "{\"type\":\"input_image\",\"image_url\":\"https://x.example/a\"},"
                    "{\"type\":\"input_image\",\"file_id\":\"file_1\"},"
                    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"QQ\","
                    "\"format\":\"wav\"}},"
                    "{\"type\":\"input_file\",\"file_url\":\"https://x.example/f\"},"
                    "{\"type\":\"input_file\",\"file_data\":\"Qk0=\"}]}"));
    const struct piece *p = w.c.messages[0].pieces;
    assert_int_equal(w.c.messages[0].npieces, 6);
    assert_str(p[0].cache, "{\"type\":\"ephemeral\"}");
    assert_str(p[1].url, "https://x.example/a");
    assert_null(p[1].cache.p);
    assert_str(p[2].file_id, "file_1");
    assert_str(p[3].data, "QQ");
    assert_str(p[3].media_type, "wav");
    assert_str(p[4].url, "https://x.example/f");
    assert_str(p[5].data, "Qk0=");
    arena_reset(&w.a);
}

static void what_refers_to_state_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *code, *names;
    } rows[] = {
        {WITH("\"previous_response_id\":\"resp_1\""), "previous_response_not_found",
         "'previous_response_id'"},
        {WITH("\"conversation\":{\"id\":\"conv_1\"}"), "not_expressible",
         "'conversation'"},
        {WITH("\"prompt\":{\"id\":\"p\"}"), "not_expressible", "'prompt'"},
        {WITH("\"background\":true"), "not_expressible", "'background'"},
        {INPUT(USER("a") ",{\"type\":\"item_reference\",\"id\":\"msg_1\"}"),
         "not_expressible", "'input[1]'"},
        {INPUT("{\"type\":\"compaction\",\"encrypted_content\":\"x\"}"),
         "not_expressible", "'input[0].type'"},
        {INPUT("{\"type\":\"computer_call\",\"call_id\":\"c\",\"action\":{\"type\":"
               "\"wait\"}}"),
         "not_expressible", "'input[0].type'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(read_body(&w, rows[i].body), -1);
        assert_int_equal(w.err.kind, ERR_BAD_REQUEST);
        assert_string_equal(w.err.code, rows[i].code);
        if (!strstr(w.err.msg, rows[i].names))
            fail_msg("%s: %s", rows[i].body, w.err.msg);
        arena_reset(&w.a);
    }
}

static void what_asks_for_nothing_special_is_served(void **state)
{
    (void)state;
    struct world w;
    read_well(&w,
              WITH("\"store\":false,\"background\":false,\"previous_response_id\":null,"
                   "\"conversation\":null,\"reasoning\":null,\"tools\":null,"
                   "\"truncation\":\"disabled\",\"include\":["
                   "\"reasoning.encrypted_content\"],\"text\":{},\"client_metadata\":{"
                   "},\"stream_options\":{\"include_obfuscation\":true}"));
    assert_int_equal(w.c.nothers, 0);
    assert_int_equal(w.c.nlost, 0);
    assert_int_equal(w.c.format, FORMAT_TEXT);
    assert_int_equal(w.c.max_output_tokens, -1);
    arena_reset(&w.a);
}

/* ... and each once, however often it is there. */
static void what_is_left_out_is_named(void **state)
{
    (void)state;
    static const char *const lost[] = {"store",
                                       "max_tool_calls",
                                       "client_metadata",
                                       "input.content.detail",
                                       "input.phase",
                                       "reasoning.summary",
                                       "include[0] (web_search_call.results)"};
    struct world w;
    read_well(&w, "{\"model\":\"m\",\"store\":true,\"max_tool_calls\":3,\"client_"
                  "metadata\":{\"a\":\"b\"},"
                  "\"reasoning\":{\"summary\":\"detailed\"},\"include\":[\"web_search_"
                  "call.results\"],"
                  "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\","
                  "\"image_url\":"
                  "\"https://x.example/"
                  "a.png\",\"detail\":\"low\"},{\"type\":\"input_image\",\"image_url\":"
                  "\"https://x.example/"
                  "b.png\",\"detail\":\"high\"}]},{\"role\":\"assistant\",\"phase\":"
                  "\"commentary\",\"content\":\"a\"},{\"role\":\"assistant\",\"phase\":"
                  "\"commentary\","
                  "\"content\":\"b\"}]}");
    assert_int_equal(w.c.nlost, ARRAY_LEN(lost));
    for (size_t i = 0; i < ARRAY_LEN(lost); i++)
        assert_str(w.c.lost[i], lost[i]);
    arena_reset(&w.a);
}

static struct str other(const struct world *w, const char *name)
{
    for (size_t i = 0; i < w->c.nothers; i++)
        if (str_eqz(w->c.others[i].name, name))
            return w->c.others[i].value;
    return (struct str){NULL, 0};
}

static void settings_have_the_names_of_chat(void **state)
{
    (void)state;
    struct world w;
    read_well(&w,
              WITH("\"temperature\":0.10,\"top_p\":1e-1,\"max_output_tokens\":7,"
                   "\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"},"
                   "\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\","
                   "\"name\":\"n\",\"strict\":true,\"schema\":{\"type\":\"object\"}}},"
                   "\"top_logprobs\":2,\"user\":\"u\",\"service_tier\":\"auto\","
                   "\"parallel_tool_calls\":false,\"prompt_cache_key\":\"k\","
                   "\"moderation\":{\"model\":\"x\"},\"truncation\":\"auto\""));
    assert_str(w.c.sampling[SAMPLING_TEMPERATURE], "0.10");
    assert_str(w.c.sampling[SAMPLING_TOP_P], "1e-1");
    assert_int_equal(w.c.max_output_tokens, 7);
    assert_str(w.c.effort, "low");
    assert_int_equal(w.c.format, FORMAT_SCHEMA);
    assert_str(w.c.schema, "{\"type\":\"object\"}");
    assert_str(w.c.schema_name, "n");
    assert_str(w.c.schema_strict, "true");
    assert_str(other(&w, "verbosity"), "\"low\"");
    assert_str(other(&w, "logprobs"), "true");
    assert_str(other(&w, "top_logprobs"), "2");
    assert_str(other(&w, "user"), "\"u\"");
    assert_str(other(&w, "service_tier"), "\"auto\"");
    assert_str(other(&w, "parallel_tool_calls"), "false");
    assert_str(other(&w, "prompt_cache_key"), "\"k\"");
    assert_str(other(&w, "responses.moderation"), "{\"model\":\"x\"}");
    assert_int_equal(w.c.nlost, 1);
    assert_str(w.c.lost[0], "truncation (auto)");
    arena_reset(&w.a);
}

/* -- tools
 * --------------------------------------------------------------------------------- */

#define TOOLS                                                                            \
    "\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"description\":\"d\","            \
    "\"parameters\":{\"type\":\"object\"},\"strict\":true},{\"type\":\"web_search\"},"   \
    "{\"type\":\"custom\",\"name\":\"patch\",\"format\":{\"type\":\"grammar\","          \
    "\"syntax\":\"lark\",\"definition\":\"x\"}},{\"type\":\"namespace\",\"name\":"       \
    "\"ns\","                                                                            \
    "\"description\":\"n\",\"tools\":[{\"type\":\"function\",\"name\":\"go\"}]}]"

/* Named bug: tools that are no functions refused. */
static void tools_of_every_kind_are_read(void **state)
{
    (void)state;
    struct world w;
    read_well(&w, WITH(TOOLS));
    assert_int_equal(w.c.ntools, 3);
    assert_str(w.c.tools[0].name, "f");
    assert_str(w.c.tools[0].description.raw, "d");
    assert_str(w.c.tools[0].parameters, "{\"type\":\"object\"}");
    assert_str(w.c.tools[0].strict, "true");
    assert_int_equal(w.c.tools[1].kind, TOOL_CUSTOM);
    assert_str(json_get(w.c.tools[1].grammar, "syntax"), "\"lark\"");
    assert_str(w.c.tools[2].name, "ns__go");
    assert_int_equal(w.c.nlost, 2);
    assert_str(w.c.lost[0], "tools[1] (web_search)");
    assert_str(w.c.lost[1], "tools.description (namespace)");
    arena_reset(&w.a);
}

static void calls_of_every_kind_are_read(void **state)
{
    (void)state;
    struct world w;
    read_well(&w, INPUT("{\"type\":\"custom_tool_call\",\"call_id\":\"c1\",\"name\":"
                        "\"patch\",\"input\":\"*** Begin\"},"
                        "{\"type\":\"function_call\",\"call_id\":\"c2\",\"name\":\"go\","
                        "\"namespace\":\"ns\",\"arguments\":\"{}\"},"
                        "{\"type\":\"custom_tool_call_output\",\"call_id\":\"c1\","
                        "\"output\":\"done\"},{\"type\":\"web_search_call\",\"id\":\"w\","
                        "\"status\":\"completed\",\"action\":{\"type\":\"search\"}}"));
    const struct message *m = &w.c.messages[0];
    assert_int_equal(m->ncalls, 2);
    assert_true(m->calls[0].is_custom);
    assert_str(m->calls[0].arguments, "*** Begin");
    assert_false(m->calls[1].is_custom);
    assert_str(m->calls[1].name, "ns__go");
    assert_str(w.c.messages[1].result_of, "c1");
    assert_int_equal(w.c.nlost, 1);
    assert_str(w.c.lost[0], "input[3] (web_search_call)");
    arena_reset(&w.a);
}

/* Named bug: ids of more than 64 bytes are refused upstream. */
static void long_ids_of_calls_become_short_ones_that_agree(void **state)
{
    (void)state;
    static const char id[] =
        "call_0123456789012345678901234567890123456789012345678901234"
        "567890123456789";
    char body[1024];
    struct world w;
    snprintf(body, sizeof body,
             "{\"model\":\"m\",\"input\":[{\"type\":\"function_call\",\"call_id\":\"%s\","
             "\"name\":\"f\",\"arguments\":\"\"},{\"type\":\"function_call_output\","
             "\"call_id\":\"%s\",\"output\":\"x\"}]}",
             id, id);
    read_well(&w, body);
    struct str call = w.c.messages[0].calls[0].id;
    assert_true(call.n <= 64 && call.n > 8 && str_starts(call, STR("call_")));
    assert_true(str_eq(call, w.c.messages[1].result_of));
    arena_reset(&w.a);
}

static void a_name_that_grows_too_long_is_cut_and_told_apart(void **state)
{
    (void)state;
    struct arena a;
    static const struct str ns = STR_INIT("a_namespace_of_a_server_with_a_long_name_00"),
                            one = STR_INIT("a_function_with_a_long_name_too_1"),
                            two = STR_INIT("a_function_with_a_long_name_too_2");
    arena_init(&a, 1 << 16);
    struct str first = responses_flat_name(&a, ns, one);
    assert_true(first.n == 64);
    assert_true(str_eq(first, responses_flat_name(&a, ns, one)));
    assert_false(str_eq(first, responses_flat_name(&a, ns, two)));
    assert_str(responses_flat_name(&a, STR("n"), STR("f")), "n__f");
    assert_str(responses_flat_name(&a, STR(""), STR("f")), "f");
    arena_reset(&a);
}

static void choices_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *choice;
        enum tool_choice is;
        const char *name;
        size_t ntools;
    } rows[] = {
        {"\"auto\"", CHOICE_AUTO, "", 3},
        {"\"none\"", CHOICE_NONE, "", 3},
        {"\"required\"", CHOICE_REQUIRED, "", 3},
        {"{\"type\":\"function\",\"name\":\"f\"}", CHOICE_NAMED, "f", 3},
        {"{\"type\":\"custom\",\"name\":\"patch\"}", CHOICE_NAMED, "patch", 3},
        {"{\"type\":\"function\",\"name\":\"go\"}", CHOICE_NAMED, "ns__go", 3},
        {"{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":[{\"type\":"
         "\"function\",\"name\":\"f\"},{\"type\":\"web_search\"}]}",
         CHOICE_REQUIRED, "", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[2048];
        struct world w;
        snprintf(body, sizeof body, WITH(TOOLS ",\"tool_choice\":%s"), rows[i].choice);
        read_well(&w, body);
        assert_int_equal(w.c.choice, rows[i].is);
        assert_str(w.c.choice_name, rows[i].name);
        assert_int_equal(w.c.ntools, rows[i].ntools);
        arena_reset(&w.a);
    }
}

/* Named bug: "required" with nothing left to choose from. */
static void a_choice_that_cannot_be_kept_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body, *names;
    } rows[] = {
        {WITH("\"tools\":[{\"type\":\"web_search\"}],\"tool_choice\":\"required\""),
         "'tools[0].type'"},
        {WITH(TOOLS ",\"tool_choice\":{\"type\":\"web_search\"}"), "'tool_choice.type'"},
        {WITH(TOOLS ",\"tool_choice\":{\"type\":\"function\",\"name\":\"h\"}"),
         "'tool_choice.name'"},
        {WITH(TOOLS ",\"tool_choice\":\"any\""), "'tool_choice'"},
        {WITH("\"tools\":[{\"type\":\"function\"}]"), "'tools[0]'"},
        {WITH("\"tools\":[{\"name\":\"f\"}]"), "'tools[0].type'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(read_body(&w, rows[i].body), -1);
        assert_string_equal(w.err.code, "not_expressible");
        if (!strstr(w.err.msg, rows[i].names))
            fail_msg("%s: %s", rows[i].body, w.err.msg);
        arena_reset(&w.a);
    }
    struct world w;
    read_well(&w, WITH("\"tools\":[{\"type\":\"web_search\"}],\"tool_choice\":\"auto\""));
    assert_int_equal(w.c.choice, CHOICE_UNSAID);
    arena_reset(&w.a);
}

static void what_has_no_place_is_refused_by_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *body, *names;
    } rows[] = {
        {INPUT("{\"role\":\"tool\",\"content\":\"x\"}"), "'input[0].role'"},
        {INPUT("{\"role\":\"user\",\"content\":\"x\",\"extra\":1}"), "'input[0].extra'"},
        {INPUT("{\"role\":\"user\",\"content\":\"x\",\"call_id\":\"c\"}"),
         "'input[0].call_id'"},
        {INPUT("{\"role\":\"user\",\"content\":[{\"type\":\"video\"}]}"),
         "'input[0].content[0].type'"},
        {INPUT("{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}"),
         "'input[0].content[0].image_url'"},
        {INPUT("{\"type\":\"function_call_output\",\"output\":\"x\"}"),
         "'input[0].call_id'"},
        {INPUT("{\"type\":\"function_call\",\"call_id\":\"x\"}"), "'input[0].name'"},
        {INPUT(""), "'input'"},
        {WITH("\"text\":{\"format\":{\"type\":\"xml\"}}"), "'text.format.type'"},
        {WITH("\"text\":{\"format\":{\"type\":\"json_schema\"}}"),
         "'text.format.schema'"},
        {WITH("\"reasoning\":{\"mode\":\"pro\"}"), "'reasoning.mode'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(read_body(&w, rows[i].body), -1);
        assert_string_equal(w.err.code, "not_expressible");
        if (!strstr(w.err.msg, rows[i].names))
            fail_msg("%s: %s", rows[i].body, w.err.msg);
        arena_reset(&w.a);
    }
}

/* -- errors
 * -------------------------------------------------------------------------------- */

static void errors_name_the_member_in_param(void **state)
{
    (void)state;
    struct world w;
    struct buf out;
    buf_init(&out, 4096);
    assert_int_equal(read_body(&w, WITH("\"previous_response_id\":\"resp_1\"")), -1);
    responses_encode_error(&w.err, &out);
    struct str error = json_get(buf_view(&out), "error");
    assert_str(json_get(error, "param"), "\"previous_response_id\"");
    assert_str(json_get(error, "code"), "\"previous_response_not_found\"");
    assert_str(json_get(error, "type"), "\"invalid_request_error\"");
    buf_clear(&out);
    err_set(&w.err, ERR_UPSTREAM, "upstream_reset", "'x' broke");
    responses_encode_error(&w.err, &out);
    assert_str(json_path(buf_view(&out), "error", "param", NULL), "null");
    buf_release(&out);
    arena_reset(&w.a);
}

/* -- echo
 * ---------------------------------------------------------------------------------- */

static void an_echo_says_what_was_asked_on_one_line(void **state)
{
    (void)state;
    struct world w;
    struct buf out, object;
    buf_init(&out, 1 << 16);
    buf_init(&object, 1 << 16);
    assert_int_equal(decode(&w, "{\"model\":\"m\",\"temperature\":0.5,\n\"input\":\"x\","
                                "\"metadata\": {\n\"a\":\"b\\n\"\n},\n" TOOLS "}"),
                     0);
    assert_int_equal(responses_echo(&w.chat, &w.a, &out, &w.err), 0);
    responses_write_asked(buf_view(&out), &object);
    struct str members = buf_view(&object);
    assert_true(str_index(members, '\n') < 0);
    assert_true(str_find(members, STR("\"temperature\":0.5,")) >= 0);
    assert_true(str_find(members, STR("\"metadata\":{ \"a\":\"b\\n\" },")) >= 0);
    assert_true(str_find(members, STR("\"store\":false,")) >= 0);
    assert_true(str_find(members, STR("\"truncation\":\"disabled\",")) >= 0);
    assert_true(str_ends(members, STR(",")));
    struct responses_tool tool = responses_tool_of(buf_view(&out), STR("ns__go"));
    assert_false(tool.is_custom);
    assert_str(tool.ns, "ns");
    assert_str(tool.name, "go");
    tool = responses_tool_of(buf_view(&out), STR("patch"));
    assert_true(tool.is_custom);
    assert_null(responses_tool_of(buf_view(&out), STR("f")).name.p);
    assert_null(responses_tool_of(STR(""), STR("f")).name.p);
    buf_release(&out);
    buf_release(&object);
    arena_reset(&w.a);
}

static void of_a_request_that_asks_for_nothing_nothing_is_kept(void **state)
{
    (void)state;
    struct world w;
    struct buf out, object;
    buf_init(&out, 1 << 16);
    buf_init(&object, 1 << 16);
    assert_int_equal(
        decode(&w, "{\"model\":\"m\",\"input\":\"x\",\"tools\":null,\"stream\":true}"),
        0);
    assert_int_equal(responses_echo(&w.chat, &w.a, &out, &w.err), 0);
    assert_int_equal(buf_len(&out), 0);
    responses_write_asked(buf_view(&out), &object);
    assert_true(str_find(buf_view(&object), STR("\"temperature\":1,")) >= 0);
    assert_true(str_find(buf_view(&object), STR("\"tools\":[],")) >= 0);
    buf_release(&object);
    arena_reset(&w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_routing_needs_is_read),
        cmocka_unit_test(an_input_may_be_one_text),
        cmocka_unit_test(bad_bodies_are_refused_by_the_members_name),
        cmocka_unit_test(a_reference_may_stand_for_the_input),
        cmocka_unit_test(a_server_of_tools_is_another_place),
        cmocka_unit_test(items_of_the_model_are_one_message_in_their_order),
        cmocka_unit_test(reasoning_is_read_once),
        cmocka_unit_test(results_may_hold_pictures_and_files),
        cmocka_unit_test(parts_of_every_kind_are_read),
        cmocka_unit_test(what_refers_to_state_is_refused_by_name),
        cmocka_unit_test(what_asks_for_nothing_special_is_served),
        cmocka_unit_test(what_is_left_out_is_named),
        cmocka_unit_test(settings_have_the_names_of_chat),
        cmocka_unit_test(tools_of_every_kind_are_read),
        cmocka_unit_test(calls_of_every_kind_are_read),
        cmocka_unit_test(long_ids_of_calls_become_short_ones_that_agree),
        cmocka_unit_test(a_name_that_grows_too_long_is_cut_and_told_apart),
        cmocka_unit_test(choices_are_read),
        cmocka_unit_test(a_choice_that_cannot_be_kept_is_refused),
        cmocka_unit_test(what_has_no_place_is_refused_by_its_place),
        cmocka_unit_test(errors_name_the_member_in_param),
        cmocka_unit_test(an_echo_says_what_was_asked_on_one_line),
        cmocka_unit_test(of_a_request_that_asks_for_nothing_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
