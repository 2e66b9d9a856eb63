/* test_anthropic_read.c -- requests of Anthropic's clients: what routing sees of them,
 * and what they say as a conversation. */
#include "config/kinds.h"
#include "dialect/anthropic.h"
#include "dialect/openai_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct world {
    struct arena a;
    struct chat chat;
    struct conversation c;
    struct buf body;
    struct err err;
};

static int decode(struct world *w, const char *body)
{
    *w = (struct world){.err = {0}};
    arena_init(&w->a, 1 << 20);
    buf_init(&w->body, 1 << 20);
    return dialect_read(&dialect_anthropic, SURFACE_CHAT, str_of(body), &w->a, &w->chat,
                        &w->err);
}

static int read_body(struct world *w, const char *body)
{
    if (decode(w, body) != 0)
        fail_msg("%s: %s", body, w->err.msg);
    return dialect_anthropic.read_conversation(&w->chat, &w->a, &w->c, &w->err);
}

static void end(struct world *w)
{
    buf_release(&w->body);
    arena_reset(&w->a);
}

#define assert_str(s, text)                                                              \
    do {                                                                                 \
        struct str got_ = (s);                                                           \
        if (!str_eqz(got_, text))                                                        \
            fail_msg("'%.*s' is not '%s'", STR_ARG(got_), text);                         \
    } while (0)

#define BODY(messages, more)                                                             \
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[" messages "]" more "}"
#define USER           "{\"role\":\"user\",\"content\":\"hi\"}"
#define CONTENT(value) BODY("{\"role\":\"user\",\"content\":" value "}", "")
#define OF_MODEL(blocks)                                                                 \
    BODY(USER ",{\"role\":\"assistant\",\"content\":[" blocks "]}", "")
#define RESULT(content)                                                                  \
    CONTENT("[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\",\"content\":" content "}" \
            "]")
#define MORE(members) BODY(USER, "," members)
#define TEXT(text)    "{\"type\":\"text\",\"text\":\"" text "\"}"
#define TOOL(name)    "{\"name\":\"" name "\",\"input_schema\":{\"type\":\"object\"}}"
#define PICTURE                                                                          \
    "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\","  \
    "\"data\":\"AAAA\"}}"

/* -- what routing sees ------------------------------------------------------------------
 */

static void what_is_asked_for_is_seen(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(
            &w,
            "{\"model\":\"cl\\u0061ude\",\"max_tokens\":64000,\"stream\":true,"
            "\"system\":[" TEXT(
                "be brief") "],\"metadata\":{\"user_id\":\"u\"},"
                            "\"tools\":[" TOOL(
                                "f") "],\"output_config\":{\"format\":{\"type\":"
                                     "\"json_schema\",\"schema\":{}}},\"messages\":[" USER
                                     ",{\"role\":\"assistant\",\"content\":\"ok\"},{"
                                     "\"role\":\"user\","
                                     "\"content\":[{\"type\":\"tool_result\",\"tool_use_"
                                     "id\":\"c\","
                                     "\"content\":[" PICTURE
                                     "]}]},{\"role\":\"user\",\"content\":[{\"type\":"
                                     "\"document\",\"source\":{\"type\":\"base64\","
                                     "\"media_type\":"
                                     "\"application/pdf\",\"data\":\"BBBB\"}}," TEXT(
                                         "x") "]}]}"),
        0);
    assert_str(w.chat.model, "claude");
    assert_int_equal(w.chat.max_output_tokens, 64000);
    assert_true(w.chat.is_stream && w.chat.wants_usage && w.chat.has_system);
    assert_true(w.chat.has_tool_results);
    assert_str(w.chat.system_text, "[" TEXT("be brief") "]");
    assert_str(w.chat.metadata, "{\"user_id\":\"u\"}");
    assert_int_equal(w.chat.needs,
                     CAP_CHAT | CAP_TOOLS | CAP_JSON_SCHEMA | CAP_VISION | CAP_FILES);
    assert_int_equal(w.chat.nmessages, 4);
    assert_int_equal(w.chat.nmedia, 2);
    assert_int_equal(w.chat.nturns, 2);
    assert_str(w.chat.turns[0].user, "\"hi\"");
    assert_str(w.chat.turns[0].reply, "\"ok\"");
    assert_null(w.chat.turns[1].reply.p);
    assert_int_equal(w.chat.forwards.n, 0);
    assert_null(w.chat.view);
    end(&w);
}

/* Signatures and pictures are no text that the model reads; a document's text is. */
static void text_is_counted_and_bytes_are_not(void **state)
{
    (void)state;
    struct world plain, w;
    decode(&plain, CONTENT("[" TEXT("a") "]"));
    decode(&w, CONTENT("[" PICTURE "]"));
    size_t around = strlen("[{\"role\":\"user\",\"content\":[" PICTURE "]}]") - 4;
    assert_int_equal(w.chat.text_bytes, around);
    end(&w);
    decode(&w,
           OF_MODEL("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"12345\"},"
                    "{\"type\":\"redacted_thinking\",\"data\":\"12345\"}"));
    around =
        strlen("[" USER ",{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
               "\"thinking\":\"\",\"signature\":\"\"},{\"type\":\"redacted_"
               "thinking\",\"data\":\"\"}]}]");
    assert_int_equal(w.chat.text_bytes, around);
    end(&w);
    decode(&w, CONTENT("[{\"type\":\"document\",\"source\":{\"type\":\"text\","
                       "\"media_type\":\"text/plain\",\"data\":\"12345\"}}]"));
    assert_true(w.chat.text_bytes > plain.chat.text_bytes);
    assert_int_equal(w.chat.needs, CAP_CHAT);
    assert_int_equal(w.chat.nmedia, 0);
    end(&w);
    end(&plain);
}

static void faults_name_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *body, *code, *part;
    } rows[] = {
        {"{\"max_tokens\":9,\"messages\":[" USER "]}", "missing_field", "model"},
        {"{\"model\":\"m\",\"messages\":[" USER "]}", "missing_field", "max_tokens"},
        {"{\"model\":\"m\",\"max_tokens\":9}", "missing_field", "messages"},
        {BODY("", ""), "invalid_field", "'messages' is empty"},
        {"{\"model\":\"m\",\"max_tokens\":-1,\"messages\":[" USER "]}", "invalid_field",
         "max_tokens"},
        {BODY(USER ",7", ""), "invalid_field", "'messages[1]'"},
        {BODY("{\"role\":\"tool\",\"content\":\"x\"}", ""), "invalid_field",
         "'messages[0].role' must be user, assistant or system"},
        {BODY("{\"role\":\"user\"}", ""), "invalid_field", "'messages[0].content'"},
        {BODY("{\"content\":\"x\"}", ""), "invalid_field", "'messages[0].role'"},
        {CONTENT("7"), "invalid_field", "'messages[0].content'"},
        {MORE("\"system\":7"), "invalid_field", "system"},
        {MORE("\"stream\":\"yes\""), "invalid_field", "stream"},
        {MORE("\"tools\":{}"), "invalid_field", "tools"},
        {MORE("\"model\":\"n\""), "duplicate_key", "model"},
        {MORE("\"Model\":\"n\""), "ambiguous_key", "model"},
        {MORE("\"x\":1,\"x\":2"), "duplicate_key", "x"},
        {MORE("\"xyz\":1,\"xYz\":2"), "ambiguous_key", "xYz"},
        {CONTENT("[{\"type\":\"text\",\"text\":\"a\",\"text\":\"b\"}]"), "duplicate_key",
         "a content block"},
        {CONTENT("[{\"type\":\"text\",\"Text\":\"b\"}]"), "ambiguous_key", "Text"},
        {CONTENT("[{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"a\","
                 "\"url\":\"b\"}}]"),
         "duplicate_key", "a source"},
        {RESULT("[{\"type\":\"text\",\"text\":\"a\",\"text\":\"b\"}]"), "duplicate_key",
         "text"},
        {MORE("\"output_config\":{\"effort\":\"low\",\"effort\":\"high\"}"),
         "duplicate_key", "effort"},
        {MORE("\"tools\":[{\"name\":\"a\",\"name\":\"b\"}]"), "duplicate_key", "a tool"},
        {"\xEF\xBB\xBF{}", "invalid_json", "byte order mark"},
        {"[]", "invalid_json", "object"},
        {"{\"model\":\"m\"", "invalid_json", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        if (decode(&w, rows[i].body) == 0)
            fail_msg("%s is read", rows[i].body);
        if (strcmp(w.err.code, rows[i].code) != 0 || !strstr(w.err.msg, rows[i].part))
            fail_msg("%s: %s: %s", rows[i].body, w.err.code, w.err.msg);
        end(&w);
    }
}

/* The client's own objects may have any names. */
static void names_of_the_clients_own_are_free(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(decode(&w, OF_MODEL("{\"type\":\"tool_use\",\"id\":\"c\",\"name\":"
                                         "\"f\",\"input\":{\"Text\":1,\"text\":2}}")),
                     0);
    end(&w);
    assert_int_equal(decode(&w, MORE("\"tools\":[{\"name\":\"f\",\"input_schema\":{"
                                     "\"Type\":\"object\",\"type\":\"object\"}}]")),
                     0);
    end(&w);
}

static void what_would_go_elsewhere_is_noted(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(&w, MORE("\"mcp_servers\":[{\"url\":\"https://x.example\"}]")), 0);
    assert_str(w.chat.forwards, "mcp_servers");
    end(&w);
    assert_int_equal(decode(&w, MORE("\"fallbacks\":[{\"model\":\"x\"}]")), 0);
    assert_str(w.chat.forwards, "fallbacks");
    end(&w);
    assert_int_equal(decode(&w, MORE("\"metadata\":{\"user_id\":\"u\",\"callback_url\":"
                                     "\"http://x.example\"}")),
                     0);
    assert_str(w.chat.forwards, "callback_url");
    end(&w);
    assert_int_equal(decode(&w, MORE("\"mcp_servers\":[]")), 0);
    assert_int_equal(w.chat.forwards.n, 0);
    end(&w);
}

/* -- conversations ----------------------------------------------------------------------
 */

/* As a request in OpenAI's form: the shortest way to see what was understood. */
static void assert_carried(const char *body, const char *part)
{
    struct world w;
    if (read_body(&w, body) != 0)
        fail_msg("%s\nis refused: %s", body, w.err.msg);
    struct chat made = {0};
    if (openai_make_chat(&w.c, &w.chat, STR(""), &w.a, &made, &w.err) != 0)
        fail_msg("%s\nis not written: %s", body, w.err.msg);
    buf_append(&w.body, made.body);
    if (str_find(buf_view(&w.body), str_of(part)) < 0)
        fail_msg("%s\nbecomes %.*s\nwithout %s", body, STR_ARG(buf_view(&w.body)), part);
    end(&w);
}

static void assert_refused(const char *body, const char *name)
{
    struct world w;
    if (read_body(&w, body) == 0)
        fail_msg("%s is read", body);
    if (strcmp(w.err.code, "not_expressible") != 0 || !strstr(w.err.msg, name))
        fail_msg("%s\nis refused as %s: %s", body, w.err.code, w.err.msg);
    end(&w);
}

static void messages_are_carried(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        /* escapes stay as they are written, but for half a pair */
        {CONTENT("\"h\\u00e9\\n\""), "{\"role\":\"user\",\"content\":\"h\\u00e9\\n\"}"},
        {CONTENT("\"\\ud83d\\ude00 \\ud83d\\n\""),
         "{\"role\":\"user\",\"content\":\"\xF0\x9F\x98\x80 \xEF\xBF\xBD\\n\"}"},
        {CONTENT("[" TEXT("a") "," TEXT("b") "]"),
         "\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":"
         "\"b\"}]"},
        {CONTENT("[" PICTURE "]"), "\"url\":\"data:image/png;base64,AAAA\""},
        {CONTENT("[{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://"
                 "x.example/a.png\"}}]"),
         "\"url\":\"https://x.example/a.png\""},
        {CONTENT("[{\"type\":\"document\",\"title\":\"a.pdf\",\"source\":{\"type\":"
                 "\"base64\",\"media_type\":\"application/pdf\",\"data\":\"BB\"}}]"),
         "\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,"
         "BB\"}"},
        {CONTENT("[{\"type\":\"document\",\"title\":\"T\",\"context\":\"C\",\"source\":{"
                 "\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"D\"}}]"),
         "[" TEXT("T") "," TEXT("C") "," TEXT("D") "]"},
        {CONTENT("[{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":"
                 "[" TEXT("D") "," PICTURE "]}}]"),
         "[" TEXT("D") ",{\"type\":\"image_url\""},
        {CONTENT("[{\"type\":\"search_result\",\"title\":\"T\",\"source\":\"S\","
                 "\"content\":[" TEXT("D") "]}]"),
         "[" TEXT("T") "," TEXT("S") "," TEXT("D") "]"},
        {BODY("{\"role\":\"assistant\",\"content\":\"pre\"}", ""),
         "{\"role\":\"assistant\",\"content\":\"pre\"}"},
        /* results first, then what the user says beside them */
        {CONTENT("[" TEXT(
             "now") ",{\"type\":\"tool_result\",\"tool_use_id\":\"c1\","
                    "\"content\":\"r\"},{\"type\":\"tool_result\",\"tool_use_id\":\"c2\","
                    "\"content\":[" TEXT("s") "],\"is_error\":true}]"),
         "\"messages\":[{\"role\":\"tool\",\"content\":\"r\",\"tool_call_id\":\"c1\"},"
         "{\"role\":\"tool\",\"content\":\"Error: s\",\"tool_call_id\":\"c2\"},"
         "{\"role\":\"user\",\"content\":\"now\"}]"},
        {CONTENT("[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\"}]"),
         "\"messages\":[{\"role\":\"tool\",\"content\":\"\",\"tool_call_id\":\"c1\"}]"},
        {RESULT("[{\"type\":\"tool_reference\",\"tool_name\":\"f\"}]"),
         "\"content\":\"f\""},
        {RESULT("[" PICTURE "]"), "data:image/png;base64,AAAA"},
        {OF_MODEL(TEXT("t") ",{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\","
                            "\"input\":{\"a\": 1.50},\"caller\":{\"type\":\"direct\"}}"),
         "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
         "\"f\",\"arguments\":\"{\\\"a\\\": 1.50}\"}}]"},
        {OF_MODEL("{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\",\"input\":{}}"),
         "\"arguments\":\"{}\""},
        {OF_MODEL(
             "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"\"}," TEXT("t")),
         "\"reasoning_content\":\"hm\""},
        {MORE("\"system\":\"be brief\""),
         "[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\""},
        {BODY(USER ",{\"role\":\"system\",\"content\":\"now this\"}," USER, ""),
         "\"hi\"},{\"role\":\"system\",\"content\":\"now this\"},{\"role\":\"user\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_carried(rows[i].body, rows[i].part);
}

static void members_are_carried(void **state)
{
    (void)state;
    static const struct {
        const char *body, *part;
    } rows[] = {
        {MORE("\"temperature\":0.10,\"top_p\":1e-1,\"top_k\":null"),
         "\"temperature\":0.10,\"top_p\":1e-1,\"max_tokens\":9"},
        {MORE("\"stop_sequences\":[\"a\",\"\",\"b\"]"), "\"stop\":[\"a\",\"b\"]"},
        {MORE("\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"input_schema\":{"
              "\"type\":\"object\"},\"defer_loading\":true,\"eager_input_streaming\":"
              "true}]"),
         "\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":"
         "\"object\"}"},
        {MORE("\"tools\":[" TOOL("f") "],\"tool_choice\":{\"type\":\"any\"}"),
         "\"tool_choice\":\"required\""},
        {MORE("\"tools\":[" TOOL("f") "],\"tool_choice\":{\"type\":\"none\"}"),
         "\"tool_choice\":\"none\""},
        {MORE("\"tools\":[" TOOL("f") "],\"tool_choice\":{\"type\":\"tool\",\"name\":"
                                      "\"f\"}"),
         "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"},
        {MORE("\"output_config\":{\"effort\":\"high\",\"format\":{\"type\":\"json_"
              "schema\","
              "\"schema\":{\"type\":\"object\"}}}"),
         "\"schema\":{\"type\":\"object\"}"},
        {MORE("\"output_config\":{\"effort\":\"high\"}"),
         "\"reasoning_effort\":\"high\""},
        {MORE("\"output_format\":{\"type\":\"json_schema\",\"schema\":{\"type\":"
              "\"object\"}}"),
         "\"type\":\"json_schema\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_carried(rows[i].body, rows[i].part);
}

#define LONG_ID                                                                          \
    "call_0123456789012345678901234567890123456789012345678901234567890123456789"

/* OpenAI refuses ids of more than 64 bytes; the same one becomes the same. */
static void long_ids_become_short_ones(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        read_body(&w, BODY("{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\","
                           "\"id\":\"" LONG_ID "\",\"name\":\"f\",\"input\":{}}]},{"
                           "\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                           "\"tool_use_id\":\"" LONG_ID "\",\"content\":\"r\"}]}",
                           "")),
        0);
    struct chat made;
    assert_int_equal(openai_make_chat(&w.c, &w.chat, STR(""), &w.a, &made, &w.err), 0);
    struct str messages = json_get(made.body, "messages");
    ptrdiff_t call = str_find(messages, STR("\"id\":\"call_"));
    ptrdiff_t result = str_find(messages, STR("\"tool_call_id\":\"call_"));
    assert_true(call > 0 && result > 0);
    size_t n = strlen("call_") + 32 + 1; /* with the quote behind it */
    struct str id = str_sub(messages, (size_t)call + strlen("\"id\":\""), messages.n);
    struct str again =
        str_sub(messages, (size_t)result + strlen("\"tool_call_id\":\""), messages.n);
    assert_true(str_eq(str_sub(id, 0, n), str_sub(again, 0, n)));
    assert_int_equal(id.p[n - 1], '"');
    end(&w);
}

/* The value of that name; p == NULL: there is none. */
static struct str other(const struct conversation *c, const char *name)
{
    for (size_t i = 0; i < c->nothers; i++)
        if (str_eqz(c->others[i].name, name))
            return c->others[i].value;
    return (struct str){NULL, 0};
}

static void what_openai_has_no_member_for_keeps_its_own_name(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        read_body(
            &w, MORE("\"tools\":[" TOOL(
                    "f") "],\"tool_choice\":{\"type\":\"auto\","
                         "\"disable_parallel_tool_use\":true},\"metadata\":{\"user_id\":"
                         "\"u\"},\"service_tier\":\"standard_only\",\"container\":\"c\","
                         "\"speed\":\"fast\",\"unheard_of\":1,\"mcp_servers\":[],"
                         "\"inference_geo\":null")),
        0);
    assert_str(other(&w.c, "parallel_tool_calls"), "false");
    assert_str(other(&w.c, "user"), "\"u\"");
    assert_str(other(&w.c, "service_tier"), "\"default\"");
    assert_str(other(&w.c, "anthropic.container"), "\"c\"");
    assert_str(other(&w.c, "anthropic.speed"), "\"fast\"");
    assert_str(other(&w.c, "anthropic.unheard_of"), "1");
    assert_int_equal(w.c.nothers, 6);
    end(&w);
    /* what asks for nothing */
    assert_int_equal(
        read_body(&w,
                  MORE("\"service_tier\":\"auto\",\"speed\":\"standard\","
                       "\"diagnostics\":{\"previous_message_id\":null},"
                       "\"context_management\":{\"edits\":[{\"type\":\"clear_thinking_"
                       "20251015\",\"keep\":\"all\"}]},\"metadata\":{\"user_id\":"
                       "\"01234567890123456789012345678901234567890123456789012345"
                       "67890123456789\"}")),
        0);
    assert_int_equal(w.c.nothers, 0);
    assert_int_equal(w.c.nlost, 1); /* OpenAI takes 64 bytes */
    assert_str(w.c.lost[0], "metadata.user_id");
    end(&w);
}

static void thoughts_keep_their_seals_and_their_places(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        read_body(
            &w, OF_MODEL("{\"type\":\"thinking\",\"thinking\":\"h\\n\",\"signature\":"
                         "\"Eq=\"}," TEXT(
                             "t") ",{\"type\":\"redacted_thinking\","
                                  "\"data\":\"Zz\"},{\"type\":\"tool_use\",\"id\":\"c1\","
                                  "\"name\":\"f\",\"input\":{}},{\"type\":\"thinking\","
                                  "\"thinking\":\"x\",\"signature\":\"\"}")),
        0);
    static const enum piece_kind kinds[] = {PIECE_THOUGHT, PIECE_TEXT, PIECE_THOUGHT,
                                            PIECE_CALL, PIECE_THOUGHT};
    const struct message *m = &w.c.messages[1];
    assert_int_equal(m->npieces, ARRAY_LEN(kinds));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_int_equal(m->pieces[i].kind, kinds[i]);
    assert_str(piece_plain(&m->pieces[0], &w.a), "h\n");
    assert_str(m->pieces[0].sealed, "Eq=");
    assert_int_equal(m->pieces[2].thought.n, 0);
    assert_str(m->pieces[2].sealed, "Zz");
    assert_int_equal(m->pieces[3].call, 0);
    assert_int_equal(m->ncalls, 1);
    assert_int_equal(m->pieces[4].sealed.n, 0);
    end(&w);
}

#define MARK "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}"

static void marks_for_the_cache_stay_where_they_are(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        read_body(
            &w,
            BODY(
                "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\","
                "\"cache_control\":" MARK "}," TEXT(
                    "b") "]},{\"role\":\"user\","
                         "\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c\","
                         "\"cache_control\":" MARK "},{\"type\":\"tool_result\","
                         "\"tool_use_id\":\"d\",\"content\":\"r\",\"cache_control\":" MARK
                         "}]}",
                ",\"system\":[" TEXT(
                    "s") ",{\"type\":\"text\",\"text\":\"t\","
                         "\"cache_control\":" MARK "}],\"tools\":[{\"name\":\"f\","
                         "\"cache_control\":" MARK ",\"strict\":true}]")),
        0);
    assert_int_equal(w.c.nmessages, 4);
    assert_int_equal(w.c.messages[0].npieces, 2); /* system: pieces of their own */
    assert_null(w.c.messages[0].pieces[0].cache.p);
    assert_str(w.c.messages[0].pieces[1].cache, MARK);
    assert_str(w.c.messages[1].pieces[0].cache, MARK);
    assert_null(w.c.messages[1].pieces[1].cache.p);
    assert_str(w.c.messages[2].pieces[0].cache, MARK);
    assert_str(w.c.messages[3].pieces[0].cache, MARK);
    assert_str(w.c.tools[0].cache, MARK);
    assert_str(w.c.tools[0].strict, "true");
    end(&w);
    assert_int_equal(read_body(&w, MORE("\"cache_control\":" MARK)), 0);
    assert_str(w.c.messages[0].pieces[0].cache, MARK);
    end(&w);
}

static void thinking_is_a_budget(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int64_t budget;
    } rows[] = {
        {MORE("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}"), 2048},
        {MORE("\"thinking\":{\"type\":\"disabled\"}"), 0},
        {MORE("\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"}"),
         THINKING_UNSAID},
        {BODY(USER, ""), THINKING_UNSAID},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(read_body(&w, rows[i].body), 0);
        assert_int_equal(w.c.thinking_budget, rows[i].budget);
        assert_int_equal(w.c.nlost, 0);
        end(&w);
    }
}

static void what_is_left_out_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *body, *lost;
    } rows[] = {
        {MORE("\"tools\":[" TOOL("f") ",{\"type\":\"web_search_20250305\",\"name\":\"web_"
                                      "search\"}]"),
         "tools[1] (web_search_20250305)"},
        {MORE("\"tools\":[{\"type\":\"web_fetch_20250910\",\"name\":\"web_fetch\"}],"
              "\"tool_choice\":{\"type\":\"auto\"}"),
         "tools[0] (web_fetch_20250910)"},
        {MORE("\"tools\":[{\"name\":\"f\",\"input_examples\":[{}]}]"),
         "tools[0].input_examples"},
        {MORE("\"context_management\":{\"edits\":[{\"type\":\"clear_tool_uses_"
              "20250919\"}]}"),
         "context_management"},
        {MORE("\"output_config\":{\"task_budget\":{\"type\":\"tokens\",\"total\":9}}"),
         "output_config.task_budget"},
        {MORE("\"thinking\":{\"type\":\"adaptive\",\"display\":\"updates\"}"),
         "thinking.display"},
        {CONTENT("[{\"type\":\"document\",\"citations\":{\"enabled\":true},\"source\":{"
                 "\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"D\"}}]"),
         "messages[0].content[0].citations"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        if (read_body(&w, rows[i].body) != 0)
            fail_msg("%s: %s", rows[i].body, w.err.msg);
        assert_int_equal(w.c.nlost, 1);
        assert_str(w.c.lost[0], rows[i].lost);
        assert_int_not_equal(w.c.choice, CHOICE_AUTO);
        end(&w);
    }
}

static void what_cannot_be_said_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *name;
    } rows[] = {
        {MORE("\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]"),
         "'tools[0].type'"},
        {MORE("\"tools\":[" TOOL("f") ",{\"type\":\"text_editor_20250728\",\"name\":"
                                      "\"e\"}]"),
         "'tools[1].type'"},
        {MORE("\"tools\":[" TOOL("f") ",{\"type\":\"web_search_20250305\",\"name\":\"web_"
                                      "search\"}],\"tool_choice\":{\"type\":\"tool\","
                                      "\"name\":\"web_search\"}"),
         "'tools[1].type'"},
        {MORE("\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],"
              "\"tool_choice\":{\"type\":\"any\"}"),
         "'tools[0].type'"},
        {MORE("\"tools\":[{\"description\":\"d\"}]"), "'tools[0]'"},
        {MORE("\"tools\":[{\"name\":\"f\",\"input_schema\":7}]"), "input_schema"},
        {MORE("\"tools\":[{\"name\":\"f\",\"unheard_of\":7}]"), "'tools[0].unheard_of'"},
        {MORE("\"tool_choice\":{\"type\":\"some\"}"), "'tool_choice.type'"},
        {MORE("\"tool_choice\":{\"type\":\"tool\"}"), "'tool_choice.name'"},
        {MORE("\"thinking\":{\"type\":\"enabled\"}"), "'thinking.budget_tokens'"},
        {MORE("\"thinking\":{\"type\":\"much\"}"), "'thinking.type'"},
        {MORE("\"output_config\":{\"unheard_of\":7}"), "'output_config.unheard_of'"},
        {MORE("\"output_config\":{\"format\":{\"type\":\"grammar\"}}"),
         "'output_config.format.type'"},
        {MORE("\"stop_sequences\":[7]"), "'stop_sequences[0]'"},
        {"{\"model\":\"m\",\"max_tokens\":0,\"messages\":[" USER "]}", "'max_tokens'"},
        {CONTENT("[{\"type\":\"audio\"}]"), "'messages[0].content[0].type'"},
        {CONTENT("[7]"), "'messages[0].content[0]'"},
        {CONTENT("[{\"type\":\"text\",\"text\":7}]"), "'messages[0].content[0].text'"},
        {CONTENT("[{\"type\":\"text\",\"unheard_of\":7}]"),
         "'messages[0].content[0].unheard_of'"},
        {CONTENT("[{\"type\":\"image\",\"source\":{\"type\":\"ftp\"}}]"),
         "'messages[0].content[0].source.type'"},
        {CONTENT("[{\"type\":\"image\",\"source\":{\"type\":\"base64\"}}]"),
         "'messages[0].content[0].source.data'"},
        {CONTENT("[{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":{}}]"),
         "'messages[0].content[0].type'"},
        {CONTENT("[{\"type\":\"container_upload\",\"file_id\":\"f\"}]"),
         "'messages[0].content[0].type'"},
        {OF_MODEL("{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\","
                  "\"input\":{}}"),
         "'messages[1].content[0].type'"},
        {OF_MODEL("{\"type\":\"tool_use\",\"id\":\"c\",\"name\":\"f\",\"input\":\"x\"}"),
         "'messages[1].content[0].input'"},
        {CONTENT("[{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[{"
                 "\"type\":\"document\"}]}}]"),
         "'messages[0].content[0].source.content[0].type'"},
        {CONTENT(
             "[{\"type\":\"tool_result\",\"tool_use_id\":\"c\",\"is_error\":\"yes\"}]"),
         "'messages[0].content[0].is_error'"},
        {MORE("\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":1}"),
         "'tool_choice.disable_parallel_tool_use'"},
        {RESULT("[{\"type\":\"browser_state\"}]"),
         "'messages[0].content[0].content[0].type'"},
        {RESULT("[{\"type\":\"tool_result\",\"tool_use_id\":\"c\"}]"),
         "'messages[0].content[0].content[0].type'"},
        {BODY("{\"role\":\"user\",\"content\":\"x\",\"name\":\"Ann\"}", ""),
         "'messages[0].name'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_refused(rows[i].body, rows[i].name);
}

/* A tool's result that holds a schema is its text, and nothing is looked up in it. */
static void results_are_texts_whatever_they_hold(void **state)
{
    (void)state;
    assert_carried(RESULT("\"{\\\"$ref\\\":\\\"#/$defs/x\\\"}\""),
                   "\"content\":\"{\\\"$ref\\\":\\\"#/$defs/x\\\"}\"");
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    static const char body[] =
        BODY("{\"role\":\"user\",\"content\":[" TEXT(
                 "a\\n") "," PICTURE ",{\"type\":\"tool_result\",\"tool_use_id\":"
                         "\"\\u0063\",\"content\":[" TEXT("r") "]}]}",
             ",\"system\":\"s\\n\",\"container\":\"c\",\"stop_sequences\":[\"a\"],"
             "\"tools\":[" TOOL("f") ",{\"type\":\"web_search_1\",\"name\":\"w\"}]");
    struct arena a;
    struct chat chat;
    struct conversation c;
    struct err err = {0};
    size_t ceiling = 0;
    int rc = -1;
    for (; rc != 0 && ceiling < 1 << 20; ceiling += 64) {
        arena_init(&a, ceiling);
        rc =
            dialect_read(&dialect_anthropic, SURFACE_CHAT, str_of(body), &a, &chat, &err);
        if (rc == 0)
            rc = dialect_anthropic.read_conversation(&chat, &a, &c, &err);
        if (rc != 0)
            assert_true(err.kind == ERR_INTERNAL || err.kind == ERR_TOO_LARGE);
        arena_reset(&a);
    }
    assert_int_equal(rc, 0);
}

/* -- counting ---------------------------------------------------------------------------
 */

static void tokens_are_estimated_on_request(void **state)
{
    (void)state;
    const struct dialect_path *path = &dialect_anthropic.paths[1];
    struct arena a;
    struct buf out;
    struct err err = {0};
    struct dialect_query q = {.path = path,
                              .arena = &a,
                              .body = STR("{\"model\":\"m\",\"messages\":[" USER "]}")};
    arena_init(&a, 1 << 20);
    buf_init(&out, 4096);
    assert_string_equal(path->pattern, "/v1/messages/count_tokens");
    assert_int_equal(path->tell(&q, &out, &err), 0);
    assert_true(str_starts(buf_view(&out), STR("{\"input_tokens\":")));
    q.body = STR("{\"model\":\"m\"}");
    assert_int_equal(path->tell(&q, &out, &err), -1);
    assert_string_equal(err.code, "missing_field");
    buf_release(&out);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_is_seen),
        cmocka_unit_test(text_is_counted_and_bytes_are_not),
        cmocka_unit_test(faults_name_the_member),
        cmocka_unit_test(names_of_the_clients_own_are_free),
        cmocka_unit_test(what_would_go_elsewhere_is_noted),
        cmocka_unit_test(messages_are_carried),
        cmocka_unit_test(members_are_carried),
        cmocka_unit_test(long_ids_become_short_ones),
        cmocka_unit_test(what_openai_has_no_member_for_keeps_its_own_name),
        cmocka_unit_test(thoughts_keep_their_seals_and_their_places),
        cmocka_unit_test(marks_for_the_cache_stay_where_they_are),
        cmocka_unit_test(thinking_is_a_budget),
        cmocka_unit_test(what_is_left_out_is_named),
        cmocka_unit_test(what_cannot_be_said_is_refused_by_name),
        cmocka_unit_test(results_are_texts_whatever_they_hold),
        cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(tokens_are_estimated_on_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
