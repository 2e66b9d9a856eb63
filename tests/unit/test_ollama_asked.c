/* test_ollama_asked.c -- how a body of a client of Ollama is read, and what routing
 * sees of it; and what is no chat in it. */
#include "config/kinds.h"
#define ASKING_OF DIALECT_OLLAMA
#include "client_asking.h"

#define CHAT(messages, more) "{\"model\":\"m\",\"messages\":[" messages "]" more "}"
#define USER                 "{\"role\":\"user\",\"content\":\"hi\"}"

/* -- reading ------------------------------------------------------------------------- */

static void a_stream_unless_it_is_said_otherwise(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        bool is_stream;
    } rows[] = {{"", true},
                {",\"stream\":null", true},
                {",\"stream\":true", true},
                {",\"stream\":false", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];
        struct world w;
        snprintf(body, sizeof body, CHAT(USER, "%s"), rows[i].more);
        assert_int_equal(decode(&w, "/api/chat", body), 0);
        assert_int_equal(w.chat.is_stream, rows[i].is_stream);
        assert_true(w.chat.wants_usage);
        end(&w);
    }
}

static void what_routing_needs_is_seen(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(&w, "/api/chat",
               CHAT("{\"role\":\"System\",\"content\":\"be brief\"}," USER
                    ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{"
                    "\"function\":{\"name\":\"f\",\"arguments\":{}}}]},"
                    "{\"role\":\"tool\",\"content\":\"r\"},"
                    "{\"role\":\"user\",\"content\":\"see\",\"images\":[\"" PNG "\"]}",
                    ",\"format\":{\"type\":\"object\"},\"tools\":[{\"type\":\"function\","
                    "\"function\":{\"name\":\"f\"}}],\"options\":{\"num_predict\":7}")),
        0);
    assert_int_equal(w.chat.needs, CAP_CHAT | CAP_TOOLS | CAP_VISION | CAP_JSON_SCHEMA);
    assert_int_equal(w.chat.nmessages, 5);
    assert_int_equal(w.chat.nmedia, 1);
    assert_int_equal(w.chat.max_output_tokens, 7);
    assert_true(w.chat.has_system && w.chat.has_tool_results);
    assert_str(w.chat.system_text, "\"be brief\"");
    assert_str(w.chat.last_user, "\"see\"");
    assert_int_equal(w.chat.nturns, 2);
    assert_has(w.chat.turns[0].reply, "\"name\":\"f\"");
    assert_int_equal(w.chat.text_bytes, w.chat.input.n - strlen(PNG) - 2 +
                                            strlen("[{\"type\":\"function\",\"function\":"
                                                   "{\"name\":\"f\"}}]"));
    end(&w);
}

static void a_limit_below_zero_is_none(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        decode(&w, "/api/chat", CHAT(USER, ",\"options\":{\"num_predict\":-2}")), 0);
    assert_int_equal(w.chat.max_output_tokens, -1);
    end(&w);
}

static void bad_bodies_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body, *says;
    } rows[] = {
        {"/api/chat", "[]", "object"},
        {"/api/chat", "{\"messages\":[" USER "]}", "'model'"},
        {"/api/chat", "{\"model\":7}", "'model'"},
        {"/api/chat", "{\"model\":\"m\",\"messages\":7}", "'messages'"},
        {"/api/chat", "{\"model\":\"m\",\"messages\":[7]}", "'messages[0]'"},
        {"/api/chat", CHAT("{\"content\":\"x\"}", ""), "'messages[0]'"},
        {"/api/chat", CHAT(USER ",{\"role\":\"user\",\"content\":[]}", ""),
         "'messages[1]'"},
        {"/api/chat", CHAT("{\"role\":\"user\",\"images\":[7]}", ""), "'images'"},
        {"/api/chat", CHAT(USER, ",\"stream\":1"), "'stream'"},
        {"/api/chat", CHAT(USER, ",\"Stream\":false"), "'Stream'"},
        {"/api/chat", CHAT(USER, ",\"stream\":true,\"stream\":false"), "given twice"},
        {"/api/chat", CHAT(USER, ",\"tools\":{}"), "'tools'"},
        {"/api/chat", CHAT(USER, ",\"format\":7"), "'format'"},
        {"/api/chat", CHAT(USER, ",\"options\":[]"), "'options'"},
        {"/api/chat", CHAT(USER, ",\"options\":{\"num_predict\":\"7\"}"),
         "'options.num_predict'"},
        {"/api/generate", "{\"model\":\"m\",\"prompt\":[]}", "'prompt'"},
        {"/api/generate", "{\"model\":\"m\",\"prompt\":\"x\",\"raw\":\"yes\"}", "'raw'"},
        {"/api/embed", "{\"model\":\"m\"}", "'input'"},
        {"/api/embeddings", "{\"model\":\"m\"}", "'prompt'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(decode(&w, rows[i].path, rows[i].body), -1);
        assert_int_equal(w.err.kind, ERR_BAD_REQUEST);
        assert_has(str_of(w.err.msg), rows[i].says);
        end(&w);
    }
}

/* Nothing is asked: the model is to be loaded, or unloaded, and no model answers. */
static void an_empty_request_is_answered_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body, *reason, *place;
    } rows[] = {
        {"/api/chat", "{\"model\":\"m\"}", "\"done_reason\":\"load\"", "\"message\""},
        {"/api/chat", "{\"model\":\"m\",\"messages\":[],\"keep_alive\":\"5m\"}",
         "\"done_reason\":\"load\"", "\"message\""},
        {"/api/chat", "{\"model\":\"m\",\"messages\":[],\"keep_alive\":0}",
         "\"done_reason\":\"unload\"", "\"message\""},
        {"/api/generate", "{\"model\":\"m\"}", "\"done_reason\":\"load\"",
         "\"response\""},
        {"/api/generate", "{\"keep_alive\":0,\"prompt\":\"\",\"model\":\"m\"}",
         "\"done_reason\":\"unload\"", "\"response\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(decode(&w, rows[i].path, rows[i].body), 0);
        assert_has(w.chat.answered, rows[i].reason);
        assert_has(w.chat.answered, rows[i].place);
        assert_has(w.chat.answered, "\"done\":true");
        assert_true(str_ends(w.chat.answered, STR("}\n")));
        end(&w);
        assert_int_equal(decode(&w, "/api/chat", CHAT(USER, "")), 0);
        assert_null(w.chat.answered.p);
        end(&w);
    }
}

static struct str as_openai(struct world *w, const char *path, const char *body)
{
    struct str ret = {NULL, 0};
    if (decode(w, path, body) != 0)
        fail_msg("%s: %s", body, w->err.msg);
    if (asked()->as_openai(&w->chat, &w->a, &w->c, &ret, &w->err) != 0)
        return (struct str){NULL, 0};
    return ret;
}

static void other_surfaces_are_said_in_openais_form(void **state)
{
    (void)state;
    struct world w;
    assert_str(as_openai(&w, "/api/generate",
                         "{\"model\":\"m\",\"prompt\":\"a\",\"suffix\":\"b\",\"stream\":"
                         "false,\"options\":{\"num_ctx\":4096,\"num_predict\":5,"
                         "\"temperature\":0,\"stop\":[\"x\"]},\"keep_alive\":\"30m\"}"),
               "{\"model\":\"m\",\"prompt\":\"a\",\"suffix\":\"b\",\"stream\":false,"
               "\"max_tokens\":5,\"temperature\":0,\"stop\":[\"x\"]}");
    assert_int_equal(w.chat.surface, SURFACE_COMPLETIONS);
    assert_int_equal(w.c.nlost, 2);
    assert_str(w.c.lost[0], "keep_alive");
    assert_str(w.c.lost[1], "options.num_ctx");
    end(&w);
    assert_str(as_openai(&w, "/api/generate",
                         "{\"model\":\"m\",\"prompt\":\"[INST] a\",\"raw\":true}"),
               "{\"model\":\"m\",\"prompt\":\"[INST] a\",\"stream\":true,"
               "\"stream_options\":{\"include_usage\":true}}");
    assert_int_equal(w.c.nlost, 0);
    end(&w);
    assert_str(as_openai(&w, "/api/embed",
                         "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"truncate\":true,"
                         "\"dimensions\":64,\"keep_alive\":0}"),
               "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"dimensions\":64}");
    assert_int_equal(w.chat.nprompts, 2);
    assert_false(w.chat.is_stream);
    end(&w);
    assert_str(as_openai(&w, "/api/embeddings", "{\"model\":\"m\",\"prompt\":\"a\"}"),
               "{\"model\":\"m\",\"input\":\"a\"}");
    end(&w);
    assert_null(as_openai(&w, "/api/generate",
                          "{\"model\":\"m\",\"prompt\":\"a\",\"raw\":true,\"options\":{"
                          "\"mirostat\":2}}")
                    .p);
    assert_has(str_of(w.err.msg), "'options.mirostat'");
    end(&w);
    assert_null(as_openai(&w, "/api/generate",
                          "{\"model\":\"m\",\"prompt\":\"a\",\"raw\":true,\"system\":"
                          "\"s\"}")
                    .p);
    assert_has(str_of(w.err.msg), "'system'");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_unless_it_is_said_otherwise),
        cmocka_unit_test(what_routing_needs_is_seen),
        cmocka_unit_test(a_limit_below_zero_is_none),
        cmocka_unit_test(bad_bodies_are_refused_by_name),
        cmocka_unit_test(an_empty_request_is_answered_at_once),
        cmocka_unit_test(other_surfaces_are_said_in_openais_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
