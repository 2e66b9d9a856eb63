/* test_dialect.c -- reading OpenAI requests, and saying errors. */
#include "config/kinds.h"
#include "dialect/dialect.h"
#include "dialect/feature_names.h"
#include "dialect/openai_usage.h"
#include "dialect/openai_view.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

static struct arena arena;

static int decode(enum surface s, const char *body, struct chat *chat, struct err *err)
{
    memset(chat, 0xA5, sizeof *chat);
    return dialect_read(dialect_get(DIALECT_OPENAI), s, str_of(body), &arena, chat, err);
}

static struct chat read_ok(enum surface s, const char *body)
{
    struct chat chat;
    struct err err;
    if (decode(s, body, &chat, &err) != 0)
        fail_msg("%s: %s", body, err.msg);
    return chat;
}

static void refuse(enum surface s, const char *body, const char *code, const char *word)
{
    struct chat chat;
    struct err err;
    if (decode(s, body, &chat, &err) == 0)
        fail_msg("accepted: %s", body);
    assert_int_equal(err.kind, ERR_BAD_REQUEST);
    assert_string_equal(err.code, code);
    if (!strstr(err.msg, word))
        fail_msg("'%s' is not in: %s", word, err.msg);
}

static void assert_str(struct str got, const char *want)
{
    if (!str_eqz(got, want))
        fail_msg("want %s, got %.*s", want, STR_ARG(got));
}

static struct str span(const struct chat *c, struct member m)
{
    return str_sub(c->body, m.at, m.end);
}

static void reads_what_routing_needs(void **state)
{
    (void)state;
    struct chat c = read_ok(
        SURFACE_CHAT,
        " {\"model\" : \"gpt\\u002d4o\", "
        "\"messages\":[{\"role\":\"system\",\"content\":\"be\"},"
        "{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":"
        "null},"
        "{\"role\":\"tool\",\"content\":\"42\"},{\"content\":\"two\",\"role\":\"user\"}],"
        "\"stream\":true, \"stream_options\":{\"include_usage\":true,\"x\":1},\"n\":3,"
        "\"max_tokens\":9,\"max_completion_tokens\":12,\"nobody\":{\"knows\":[1]}}  ");
    assert_str(c.model, "gpt-4o");
    assert_str(span(&c, c.view->model_at), "\"model\" : \"gpt\\u002d4o\"");
    assert_true(c.view->model_at.first);
    assert_false(c.view->model_at.last);
    assert_str(span(&c, c.view->stream_at), "\"stream\":true");
    assert_str(member_value(c.body, &c.view->stream_options_at),
               "{\"include_usage\":true,\"x\":1}");
    assert_int_equal(c.body.p[c.view->messages_at.value_at], '[');
    assert_true(c.is_stream);
    assert_true(c.wants_usage);
    assert_int_equal(c.nchoices, 3);
    assert_int_equal(c.max_output_tokens, 12);
    assert_int_equal(c.nmessages, 5);
    assert_true(c.has_system);
    assert_true(c.has_tool_results);
    assert_str(c.system_text, "\"be\"");
    assert_int_equal(c.nturns, 2);
    assert_str(c.turns[0].user, "\"one\"");
    assert_str(c.last_user, "\"two\"");
    assert_int_equal(c.needs, CAP_CHAT);
    assert_int_equal(c.view->nkeys, 8);
    assert_str(c.view->keys[7], "nobody");
    assert_int_equal(c.body.p[c.view->object_at], '"');
}

static void absent_members_have_their_defaults(void **state)
{
    (void)state;
    struct chat c = read_ok(
        SURFACE_CHAT, "{\"messages\":[{\"role\":\"user\"}],\"model\":\"m\",\"n\":null,"
                      "\"max_tokens\":null,\"stream\":null,\"stream_options\":null}");
    assert_false(c.is_stream);
    assert_false(c.wants_usage);
    assert_int_equal(c.nchoices, 1);
    assert_int_equal(c.max_output_tokens, -1);
    assert_false(c.has_system);
    assert_true(c.view->stream_options_at.last);
    assert_null(c.system_text.p);
    c = read_ok(SURFACE_CHAT, "{\"messages\":[{\"role\":\"user\"}],\"model\":\"m\","
                              "\"stream_options\":{\"include_usage\":true}}");
    assert_false(c.wants_usage); /* no stream, no usage chunk */
}

static void duplicate_and_disguised_keys_are_refused(void **state)
{
    (void)state;
#define M "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"
    refuse(SURFACE_CHAT, "{\"model\":\"a\"," M ",\"model\":\"b\"}", "duplicate_key",
           "model");
    refuse(SURFACE_CHAT, "{\"model\":\"a\"," M "," M "}", "duplicate_key", "messages");
    refuse(SURFACE_CHAT, "{\"model\":\"a\"," M ",\"x\":1,\"x\":1}", "duplicate_key", "x");
    refuse(SURFACE_CHAT, "{\"model\":\"a\"," M ",\"mod\\u0065l\":\"b\"}", "ambiguous_key",
           "without escapes");
    refuse(SURFACE_CHAT,
           "{\"model\":\"a\"," M ",\"stream_options\":{\"include_usage\":true,"
           "\"include_usage\":false}}",
           "duplicate_key", "include_usage");
    refuse(SURFACE_CHAT,
           "{\"model\":\"a\"," M ",\"stream_options\":{\"include\\u005fusage\":true}}",
           "ambiguous_key", "include_usage");
}

/* Go's encoding/json, jsoniter and cJSON take these for the plain names. */
static void names_that_resemble_known_ones_are_refused(void **state)
{
    (void)state;
    static const char *const members[] = {
        "\"Model\":\"b\"",
        "\"MODEL\":\"b\"",
        "\"MESSAGES\":[]",
        "\"me\xC5\xBF\xC5\xBF"
        "ages\":[]",
        "\"\xC5\xBFtream\":true",
        "\"\xC4\xB0nput\":\"x\"",
        "\"pro\xEF\xBC\xADpt\":1,\"Prompt\":\"x\"",
        "\"Stream\":true",
        "\"Stream_Options\":{}",
        "\"Max_Tokens\":1",
        "\"N\":3",
        "\"Tools\":[]",
        "\"to\xC3\xB6ls\":[],\"Functions\":[]",
        "\"Response_Format\":{}",
        "\"stream_options\":{\"Include_Usage\":true}",
        "\"response_format\":{\"Type\":\"json_schema\"}",
        "\"response_format\":{\"type\":\"x\",\"json_schema\":{\"Schema\":{}}}",
        "\"tools\":[{\"type\":\"function\",\"Function\":{}}]",
        "\"tools\":[{\"function\":{\"Name\":\"f\"}}]",
        "\"tools\":[{\"function\":{\"Parameters\":{}}}]",
        "\"functions\":[{\"Name\":\"f\"}]",
        "\"tool_choice\":{\"function\":{\"NAME\":\"f\"}}",
        "\"prediction\":{\"type\":\"content\",\"Content\":\"x\"}",
        "\"Suffix\":\"x\"",
        "\"temperature\":0,\"Temperature\":1",
        "\"Temperature\":0,\"temperature\":1",
        "\"top_k\":0,\"top_\xE2\x84\xAA\":1",
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        char body[512];
        snprintf(body, sizeof body, "{\"model\":\"a\"," M ",%s}", members[i]);
        refuse(SURFACE_CHAT, body, "ambiguous_key", "");
        snprintf(body, sizeof body, "{%s,\"model\":\"a\"," M "}", members[i]);
        refuse(SURFACE_CHAT, body, "ambiguous_key", "");
    }
    refuse(SURFACE_CHAT, "{\"Model\":\"a\"," M "}", "ambiguous_key",
           "write 'model' once");
    refuse(SURFACE_CHAT, "{\"model\":\"a\",\"Messages\":[]}", "ambiguous_key",
           "messages");
    refuse(SURFACE_COMPLETIONS, "{\"model\":\"a\",\"Prompt\":\"x\"}", "ambiguous_key",
           "prompt");
    refuse(SURFACE_EMBEDDINGS, "{\"model\":\"a\",\"input\":\"x\",\"INPUT\":\"y\"}",
           "ambiguous_key", "'INPUT' in the request");
}

/* What no engine can take for a member that it knows. */
static void names_with_escapes_are_read_as_what_they_mean(void **state)
{
    (void)state;
    static const char *const members[] = {
        "\"\\u00e9t\\u00e9\":1", "\"\\u65e5\\u672c\":1",
        "\"\\ud83d\\ude00\":1",  "\"a\\/b\":1",
        "\"a\\\"b\":1",          "\"a\\\\u0062\":1,\"ab\":2",
        "\"\\tmodel\":1",        "\"model\\u0020\":1",
        "\"my_m\\u006fdel\":1",  "\"\\u00e9t\\u00e9\":1,\"\\u00e8t\\u00e8\":2",
        "\"m\\u00f6del\":1",
    };
    static const char *const disguised[] = {
        "\"\\u006dodel\":\"b\"",
        "\"\\u004DODEL\":\"b\"",
        "\"model\\u0000\":\"b\"",
        "\"model\\u0000\\u00e9\":\"b\"",
        "\"me\\u017f\\u017fages\":[]",
        "\"\\u017ftream\":true",
        "\"inpu\\u0074\":\"x\"",
        "\"\\u0066unctions\":[]",
        "\"t\\u0065mperature\":0,\"temperature\":1",
        "\"temperature\":0,\"\\u0054emperature\":1",
        "\"\\u00e9t\\u00e9\":1,\"\xC3\xA9t\xC3\xA9\":2",
        "\"\\u00e9t\\u00e9\":1,\"\\u00E9t\\u00E9\":2",
        "\"a_name_that_is_longer_than_all_that_are_known_here\":1,"
        "\"\\u0061_name_that_is_longer_than_all_that_are_known_here\":1",
    };
    char body[512];
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        snprintf(body, sizeof body, "{\"model\":\"a\"," M ",%s}", members[i]);
        read_ok(SURFACE_CHAT, body);
    }
    for (size_t i = 0; i < ARRAY_LEN(disguised); i++) {
        snprintf(body, sizeof body, "{\"model\":\"a\"," M ",%s}", disguised[i]);
        refuse(SURFACE_CHAT, body, "ambiguous_key", "");
    }
    /* What weir adds is not added twice. */
    struct chat c =
        read_ok(SURFACE_CHAT, "{\"model\":\"a\"," M ",\"t\\u0065mperature\":0}");
    assert_true(str_eqz(c.view->keys[2], "temperature"));
}

static void names_in_messages_are_as_strict(void **state)
{
    (void)state;
    static const char *const members[] = {
        "\"Role\":\"system\"",
        "\"rol\\u0065\":\"system\"",
        "\"role\\u0000x\":\"system\"",
        "\"Content\":\"x\"",
        "\"NAME\":\"x\"",
        "\"Tool_Calls\":[]",
        "\"tool_call\\u017f\":[]",
        "\"too\\u006c_calls\":[]",
        "\"Images\":[]",
        "\"content\":[{\"Type\":\"text\"}]",
        "\"content\":[{\"type\":\"text\",\"text\":\"a\",\"Text\":\"b\"}]",
        "\"content\":[{\"Image_Url\":\"http://a/b\"}]",
        "\"content\":[{\"image_url\":{\"URL\":\"http://a/b\"}}]",
        "\"content\":[{\"input_audio\":{\"DATA\":\"\"}}]",
        "\"content\":{\"Text\":\"x\"}",
        "\"content\":[{\"type\":\"tool_result\",\"content\":[{\"Text\":\"x\"}]}]",
        "\"tool_calls\":[{\"Function\":{}}]",
        "\"tool_calls\":[{\"function\":{\"Arguments\":\"{}\"}}]",
        "\"function_call\":{\"Name\":\"f\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        char body[512];
        snprintf(body, sizeof body,
                 "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",%s}]}", members[i]);
        refuse(SURFACE_CHAT, body, "ambiguous_key", "");
    }
    refuse(SURFACE_CHAT,
           "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"a\","
           "\"content\":\"b\"}]}",
           "duplicate_key", "'content' is given twice in a message");
    refuse(SURFACE_CHAT,
           "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":["
           "{\"type\":\"text\",\"text\":\"a\",\"text\":\"b\"}]}]}",
           "duplicate_key", "text");
}

/* Where the names are the client's own, ID and id are two members. */
static void names_of_the_clients_own_are_free(void **state)
{
    (void)state;
#define BOTH "{\"id\":1,\"ID\":2,\"Model\":\"x\",\"role\":1,\"Role\":2,\"a\":1,\"a\":2}"
    static const char *const members[] = {
        "\"metadata\":" BOTH,
        "\"logit_bias\":" BOTH,
        "\"chat_template_kwargs\":" BOTH,
        "\"options\":" BOTH,
        "\"keep_alive\":1,\"Nobody_Knows\":2",
        "\"top_p\":1,\"topP\":1,\"maxTokens\":3",
        "\"gr\xC3\xB6\xC3\x9F"
        "e\":1,\"GR\xC3\x96\xC3\x9F"
        "E\":2",
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
        "{\"type\":\"object\",\"properties\":" BOTH "}}}]",
        "\"tools\":[{\"function\":{\"parameters\":" BOTH "}}]",
        "\"functions\":[{\"name\":\"f\",\"parameters\":" BOTH "}]",
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":" BOTH
        "}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        char body[1024];
        snprintf(body, sizeof body, "{\"model\":\"a\"," M ",%s}", members[i]);
        read_ok(SURFACE_CHAT, body);
    }
    read_ok(SURFACE_CHAT,
            "{\"model\":\"a\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":["
            "{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":" BOTH "}}],"
            "\"Some_Thing\":1,\"cache_control\":" BOTH "}]}");
}

static void integers_may_be_written_with_a_point_or_an_exponent(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        int64_t value;
    } good[] = {{"100", 100},
                {"100.0", 100},
                {"100.000", 100},
                {"1e3", 1000},
                {"1E+2", 100},
                {"1.5e1", 15},
                {"-1.0", -1},
                {"0.0", 0},
                {"120e-1", 12},
                {"0.01e2", 1},
                {"-1", -1},
                {"0e999999999999", 0},
                {"9007199254740992.0", INT64_C(9007199254740992)}};
    static const char *const bad[] = {"1.5",     "1e-1",   "1e400",
                                      "1e19",    "100.01", "9223372036854775808",
                                      "\"100\"", "true",   "9007199254740993.0",
                                      "[1]",     "{}",     "1e99999999999999999999"};
    char body[256];
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        snprintf(body, sizeof body, "{\"model\":\"m\",\"max_tokens\":%s," M "}",
                 good[i].written);
        int64_t want = good[i].value < 0 ? -1 : good[i].value;
        assert_int_equal(read_ok(SURFACE_CHAT, body).max_output_tokens, want);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(body, sizeof body, "{\"model\":\"m\",\"max_tokens\":%s," M "}", bad[i]);
        refuse(SURFACE_CHAT, body, "invalid_field", "max_tokens");
    }
    assert_int_equal(read_ok(SURFACE_CHAT, "{\"model\":\"m\",\"n\":2.0," M "}").nchoices,
                     2);
}

/* Engines answer each prompt with n choices: so many finishes make the answer whole. */
static void prompts_are_counted(void **state)
{
    static const struct {
        const char *prompt;
        uint32_t nprompts, nchoices;
    } cases[] = {
        {"\"a\"", 1, 1},         {"[]", 1, 1},
        {"[\"a\"]", 1, 1},       {"[\"a\",\"b\",\"c\"]", 3, 3},
        {"[1,2,3]", 1, 1},       {"[[1,2],[3]]", 2, 2},
        {"[[1,2],\"b\"]", 2, 2}, {"[\"a\",\"b\"],\"n\":3", 2, 6},
    };
    (void)state;
    char body[256];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        snprintf(body, sizeof body, "{\"model\":\"m\",\"prompt\":%s}", cases[i].prompt);
        struct chat c = read_ok(SURFACE_COMPLETIONS, body);
        assert_int_equal(c.nprompts, cases[i].nprompts);
        assert_int_equal(c.nchoices, cases[i].nchoices);
    }
}

static void faults_name_the_member(void **state)
{
    (void)state;
    refuse(SURFACE_CHAT, "{" M "}", "missing_field", "model");
    refuse(SURFACE_CHAT, "{\"model\":\"m\"}", "missing_field", "messages");
    refuse(SURFACE_COMPLETIONS, "{\"model\":\"m\"}", "missing_field", "prompt");
    refuse(SURFACE_EMBEDDINGS, "{\"model\":\"m\"}", "missing_field", "input");
    refuse(SURFACE_CHAT, "{}", "missing_field", "model");
    refuse(SURFACE_CHAT, "{\"model\":\"\"," M "}", "invalid_field", "model");
    refuse(SURFACE_CHAT, "{\"model\":7," M "}", "invalid_field", "model");
    refuse(SURFACE_CHAT, "{\"model\":null," M "}", "invalid_field", "model");
    refuse(SURFACE_CHAT, "{\"model\":\"m\\u0000n\"," M "}", "invalid_field", "control");
    refuse(SURFACE_CHAT, "{\"model\":\"m\\ud800\"," M "}", "invalid_field", "half");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"messages\":{}}", "invalid_field",
           "messages");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"messages\":[]}", "invalid_field",
           "messages");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"messages\":[1]}", "invalid_field",
           "messages[0]");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"},{}]}",
           "invalid_field", "messages[1]");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"messages\":[{\"role\":1}]}", "invalid_field",
           "role");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"stream\":\"yes\"," M "}", "invalid_field",
           "stream");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"stream_options\":[]," M "}", "invalid_field",
           "stream_options");
    refuse(SURFACE_CHAT,
           "{\"model\":\"m\",\"stream_options\":{\"include_usage\":1}," M "}",
           "invalid_field", "include_usage");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"n\":0," M "}", "invalid_field", "'n'");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"n\":1.5," M "}", "invalid_field", "'n'");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"max_tokens\":\"9\"," M "}", "invalid_field",
           "max_tokens");
    refuse(SURFACE_CHAT, "{\"model\":\"m\",\"tools\":7," M "}", "invalid_field", "tools");
    refuse(SURFACE_COMPLETIONS, "{\"model\":\"m\",\"prompt\":7}", "invalid_field",
           "prompt");
    refuse(SURFACE_EMBEDDINGS, "{\"model\":\"m\",\"input\":[{}]}", "invalid_field",
           "input");
}

static void what_is_not_one_json_object_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "  ",
        "null",
        "[]",
        "\"x\"",
        "{",
        "{\"model\":\"m\"",
        "{\"model\":\"m\"," M "} x",
        "{\"model\":\"m\",}",
        "{\"model\":\"\xFF\"," M "}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",]}",
        "{\"model\":\"m\",\"x\":01," M "}",
        "{'model':'m'}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        refuse(SURFACE_CHAT, bodies[i], "invalid_json", "");
}

static void needs_are_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        unsigned needs;
        uint32_t nmedia;
    } cases[] = {
        {"\"tools\":[]", 0, 0},
        {"\"tools\":null", 0, 0},
        {"\"tools\":[{\"type\":\"function\"}]", CAP_TOOLS, 0},
        {"\"functions\":[{\"name\":\"f\"}]", CAP_TOOLS, 0},
        {"\"response_format\":{\"type\":\"text\"}", 0, 0},
        {"\"response_format\":{\"type\":\"json_object\"}", 0, 0},
        {"\"response_format\":{\"json_schema\":{\"type\":\"x\"},\"type\":\"json_"
         "schema\"}",
         CAP_JSON_SCHEMA, 0},
        {"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
         "\"image_url\":{\"url\":\"http://a/b\"}}]}]",
         CAP_VISION, 1},
        {"\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"},"
         "{\"input_audio\":{\"data\":\"AAAA\"},\"type\":\"input_audio\"},"
         "{\"type\":\"file\",\"file\":{}},{\"type\":\"text\",\"text\":\"x\"}]}]",
         CAP_VISION | CAP_AUDIO | CAP_FILES, 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char body[1024];
        bool has_messages = strstr(cases[i].more, "\"messages\"") != NULL;
        snprintf(body, sizeof body, "{\"model\":\"m\",%s%s}", has_messages ? "" : M ",",
                 cases[i].more);
        struct chat c = read_ok(SURFACE_CHAT, body);
        assert_int_equal(c.needs, cases[i].needs | CAP_CHAT);
        assert_int_equal(c.nmedia, cases[i].nmedia);
    }
    struct chat c = read_ok(SURFACE_EMBEDDINGS, "{\"model\":\"m\",\"input\":\"x\"}");
    assert_int_equal(c.needs, CAP_EMBEDDINGS);
}

static void text_is_counted_and_pictures_are_not(void **state)
{
    (void)state;
    static const char messages[] = "[{\"role\":\"user\",\"content\":\"caf\xC3\xA9\"}]";
    static const char tools[] = "[{\"type\":\"\xE6\x97\xA5\"}]";
    char body[4096];
    snprintf(body, sizeof body,
             "{\"model\":\"m\",\"messages\":%s,\"tools\":%s,\"user\":\"%s\"}", messages,
             tools, "who is not read by the model");
    struct chat c = read_ok(SURFACE_CHAT, body);
    assert_int_equal(c.text_bytes, sizeof messages - 1 + sizeof tools - 1);
    assert_int_equal(c.wide_bytes, 5);
    assert_int_equal(c.longest_bytes, c.text_bytes);

    static const char part[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
        "\"image_url\",\"image_url\":{\"url\":\"%s\"}}]}]}";
    char url[1001];
    snprintf(body, sizeof body, part, "");
    uint64_t without = read_ok(SURFACE_CHAT, body).text_bytes;
    memset(url, 'A', 1000);
    url[1000] = '\0';
    memcpy(url, "data:image/png;base64,", 22);
    snprintf(body, sizeof body, part, url);
    c = read_ok(SURFACE_CHAT, body);
    assert_int_equal(c.text_bytes, without);
    assert_true(chat_tokens_bound(&c) >= 1600);
    memcpy(url, "http", 4);
    snprintf(body, sizeof body, part, url);
    assert_int_equal(read_ok(SURFACE_CHAT, body).text_bytes, without + 1000);
}

static void inputs_are_counted_one_by_one(void **state)
{
    (void)state;
    struct chat c = read_ok(SURFACE_EMBEDDINGS,
                            "{\"model\":\"m\",\"input\":[\"abc\",\"abcdef\",[1,2,3]]}");
    assert_int_equal(c.text_bytes, 18);
    assert_int_equal(c.longest_bytes, 9);
    assert_int_equal(chat_tokens_bound(&c), 3);
    c = read_ok(SURFACE_COMPLETIONS, "{\"model\":\"m\",\"prompt\":[12,345]}");
    assert_int_equal(chat_tokens_bound(&c), 2); /* ready-made ids: exact */
    c = read_ok(SURFACE_COMPLETIONS, "{\"model\":\"m\",\"prompt\":\"\"}");
    assert_int_equal(chat_tokens_bound(&c), 0);
}

static void the_bound_is_never_below_the_estimate(void **state)
{
    (void)state;
    struct chat c = {.surface = SURFACE_CHAT, .nmessages = 2};
    for (c.text_bytes = 0; c.text_bytes < 400; c.text_bytes += 7)
        for (c.wide_bytes = 0; c.wide_bytes <= c.text_bytes; c.wide_bytes += 3)
            assert_true(chat_tokens_bound(&c) + 1 >= chat_tokens_estimate(&c));
    c.text_bytes = 3000;
    c.wide_bytes = 0;
    assert_int_equal(chat_tokens_bound(&c), 1000 + 16);
    assert_int_equal(chat_tokens_estimate(&c), 750 + 16);
}

static void many_members_are_read_and_too_many_refused(void **state)
{
    (void)state;
    char *body = malloc(1 << 16);
    for (int n = 250; n < 270; n += 10) {
        size_t at = (size_t)sprintf(body, "{\"model\":\"m\"," M);
        for (int i = 2; i < n; i++)
            at += (size_t)sprintf(body + at, ",\"k%d\":%d", i, i);
        strcpy(body + at, "}");
        if (n <= 256)
            assert_int_equal(read_ok(SURFACE_CHAT, body).view->nkeys, n);
        else
            refuse(SURFACE_CHAT, body, "invalid_field", "256");
    }
    free(body);
}

static void memory_past_the_ceiling_is_an_error(void **state)
{
    (void)state;
    struct arena tiny;
    struct chat chat;
    struct err err;
    arena_init(&tiny, 16);
    assert_int_equal(dialect_read(dialect_get(DIALECT_OPENAI), SURFACE_CHAT,
                                  STR("{\"model\":\"m\"," M "}"), &tiny, &chat, &err),
                     -1);
    assert_int_equal(err.kind, ERR_INTERNAL);
    arena_reset(&tiny);
}

static void errors_are_openai_shaped(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        const char *type;
    } cases[] = {
        {ERR_BAD_REQUEST, "invalid_request_error"},
        {ERR_AUTH, "authentication_error"},
        {ERR_FORBIDDEN, "permission_error"},
        {ERR_NOT_FOUND, "not_found_error"},
        {ERR_TOO_LARGE, "invalid_request_error"},
        {ERR_RATE_LIMIT, "rate_limit_error"},
        {ERR_UPSTREAM, "api_error"},
        {ERR_OVERLOAD, "server_error"},
        {ERR_INTERNAL, "server_error"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err;
        struct buf out;
        json_error_t e;
        buf_init(&out, 4096);
        err_set(&err, cases[i].kind, i ? "a_code" : NULL, "bad \"quote\" \xFF\xC3 %c", 7);
        dialect_get(DIALECT_OPENAI)->encode_error(&err, &out);
        json_t *j = json_loadb(out.p, out.n, 0, &e);
        assert_non_null(j); /* so it is UTF-8, too */
        json_t *o = json_object_get(j, "error");
        assert_string_equal(json_string_value(json_object_get(o, "type")), cases[i].type);
        assert_true(json_is_null(json_object_get(o, "param")));
        assert_int_equal(json_is_null(json_object_get(o, "code")), i == 0);
        assert_non_null(
            strstr(json_string_value(json_object_get(o, "message")), "\"quote\""));
        json_decref(j);
        buf_release(&out);
    }
}

static void each_dialect_has_a_row_and_a_name(void **state)
{
    (void)state;
    for (int id = 0; id < DIALECT_COUNT; id++) {
        const struct dialect *d = dialect_get((enum dialect_id)id);
        assert_non_null(d);
        assert_int_equal(d->id, id);
    }
    assert_null(dialect_get(DIALECT_COUNT));
    assert_string_equal(surface_name(SURFACE_EMBEDDINGS), "embeddings");
    assert_string_equal(dialect_name(DIALECT_OLLAMA), "ollama");
}

static void a_path_belongs_to_the_dialect_that_knows_most_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum dialect_id id;
        const char *advice; /* NULL: it is served, or nothing is known of it */
    } cases[] = {
        {"/v1/chat/completions", DIALECT_OPENAI, NULL},
        {"/v1/models/a/b", DIALECT_OPENAI, NULL},
        {"/models", DIALECT_OPENAI, "ends in /v1"},
        {"/v1/responses", DIALECT_OPENAI_RESPONSES, NULL},
        {"/v1/responses/x", DIALECT_OPENAI_RESPONSES, "keeps no responses"},
        {"/v1/conversations/x/items", DIALECT_OPENAI_RESPONSES, "keeps no responses"},
        {"/v1/messages", DIALECT_ANTHROPIC, NULL},
        {"/v1/messages/count_tokens", DIALECT_ANTHROPIC, NULL},
        {"/v1/messages/batches", DIALECT_ANTHROPIC, "no batches"},
        {"/v1/v1/messages", DIALECT_ANTHROPIC, "no /v1 at its end"},
        {"/messages", DIALECT_ANTHROPIC, "ends in /v1"},
        {"/v1beta/models/g:generateContent", DIALECT_GEMINI, NULL},
        {"/v1/models/g:generateContent", DIALECT_GEMINI, NULL},
        {"/v1beta/files", DIALECT_GEMINI, "Google's API"},
        {"/api/chat", DIALECT_OLLAMA, NULL},
        {"/", DIALECT_OLLAMA, NULL},
        {"/api/pull", DIALECT_OLLAMA, "ollama pull"},
        {"/api/chats", DIALECT_OLLAMA, "Ollama"},
        {"/health", DIALECT_OPENAI, NULL},
        {"", DIALECT_OPENAI, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *advice = "unset";
        const struct dialect *d = dialect_of_path(str_of(cases[i].path), &advice);
        assert_int_equal(d->id, cases[i].id);
        assert_ptr_equal(d, dialect_of_path(str_of(cases[i].path), NULL));
        if (cases[i].advice)
            assert_non_null(strstr(advice, cases[i].advice));
        else
            assert_null(advice);
    }
}

static void a_name_in_a_path_is_what_stands_between_its_ends(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path, *name; /* NULL: no match */
    } cases[] = {
        {"/v1/models", "/v1/models", ""},
        {"/v1/models", "/v1/models/", NULL},
        {"/v1/models/{model}", "/v1/models/a/b%20c", "a/b%20c"},
        {"/v1/models/{model}", "/v1/models", NULL},
        {"/m/{model}:run", "/m/x:run", "x"},
        {"/m/{model}:run", "/m/x:run:run", "x:run"},
        {"/m/{model}:run", "/m/x:walk", NULL},
        {"/m/{model}:run", "/m/:run", ""},
        {"/m/{m}/m/", "/m/", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct dialect_path p = {.method = "POST", .pattern = cases[i].pattern};
        struct str name;
        bool matches = dialect_path_matches(&p, str_of(cases[i].path), &name);
        assert_int_equal(matches, cases[i].name != NULL);
        if (matches)
            assert_str(name, cases[i].name);
    }
}

static void members_are_found_and_cut(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{\"u\":1,\"a\":2}", "{\"a\":2}"},
        {"{\"a\":2,\"u\":1}", "{\"a\":2}"},
        {"{\"a\":2, \"u\" : {\"x\":[1]} ,\"b\":3}", "{\"a\":2, \"b\":3}"},
        {"{ \"u\":1 }", "{  }"},
        {"{\"a\":2 , \"u\":null }", "{\"a\":2  }"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct member m;
        struct buf out;
        buf_init(&out, 256);
        assert_true(member_find(str_of(cases[i].in), "u", &m));
        member_cut(str_of(cases[i].in), &m, &out);
        assert_str(buf_view(&out), cases[i].out);
        buf_release(&out);
    }
    struct member m;
    assert_false(member_find(STR("{\"a\":1}"), "u", &m));
    assert_false(member_find(STR("[1]"), "u", &m));
    assert_false(member_find(STR("{\"u\":1"), "u", &m));
}

static void written_usage_reads_back(void **state)
{
    (void)state;
    struct usage u = {.input_tokens = 10,
                      .cached_tokens = 4,
                      .cache_write_tokens = 3,
                      .output_tokens = 6,
                      .reasoning_tokens = 2,
                      .is_known = true};
    struct usage back = {0};
    struct buf b;
    buf_init(&b, 512);
    usage_write(&u, &b);
    assert_true(usage_read(buf_view(&b), &back));
    assert_true(usage_equal(&u, &back));
    assert_true(str_find(buf_view(&b), STR("\"total_tokens\":16")) > 0);
    buf_release(&b);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 22);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void only_names_of_features_go_on(void **state)
{
    (void)state;
    static const char *const good[] = {
        "2023-06-01",
        "2026-10-21",
        "prompt-caching-2024-07-31,context-1m-2025-08-07",
        "claude-code-20250219, oauth-2025-04-20 ,fine-grained-tool-streaming-2025-05-14",
        "responses=v1",
        "assistants=v2",
        "responses=experimental",
        "responses_websockets=2026-02-06",
    };
    static const char *const bad[] = {
        "",
        ",",
        "maria",
        "Maria Schmidt",
        "maria.schmidt",
        "maria.schmidt@acme-labs.io",
        "maria-schmidt-1980-05-03",
        "x-2025-13-01",
        "x-2025-08-070",
        "536-22-8726",
        "a536228726-2025-08-07",
        "DE89370400440532013000",
        "sk-abcdef",
        "responses=maria",
        "responses=v1,maria",
        "context-1m-2025-08-07,,",
        "responses=v1\tmaria",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (!features_are_plain(str_of(good[i])))
            fail_msg("%s stays", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (features_are_plain(str_of(bad[i])))
            fail_msg("%s goes on", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_names_of_features_go_on),
        TEST(reads_what_routing_needs),
        TEST(absent_members_have_their_defaults),
        TEST(duplicate_and_disguised_keys_are_refused),
        TEST(names_with_escapes_are_read_as_what_they_mean),
        TEST(names_that_resemble_known_ones_are_refused),
        TEST(names_in_messages_are_as_strict),
        TEST(names_of_the_clients_own_are_free),
        TEST(integers_may_be_written_with_a_point_or_an_exponent),
        TEST(prompts_are_counted),
        TEST(faults_name_the_member),
        TEST(what_is_not_one_json_object_is_refused),
        TEST(needs_are_recognised),
        TEST(text_is_counted_and_pictures_are_not),
        TEST(inputs_are_counted_one_by_one),
        TEST(the_bound_is_never_below_the_estimate),
        TEST(many_members_are_read_and_too_many_refused),
        TEST(memory_past_the_ceiling_is_an_error),
        TEST(errors_are_openai_shaped),
        TEST(each_dialect_has_a_row_and_a_name),
        TEST(a_path_belongs_to_the_dialect_that_knows_most_of_it),
        TEST(a_name_in_a_path_is_what_stands_between_its_ends),
        TEST(members_are_found_and_cut),
        TEST(written_usage_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
