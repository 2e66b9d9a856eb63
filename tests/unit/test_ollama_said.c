/* test_ollama_said.c -- a chat in Ollama's form, as a conversation. */
#include "nomem.h"
#define ASKING_OF DIALECT_OLLAMA
#include "client_asking.h"

#define CHAT(messages, more) "{\"model\":\"m\",\"messages\":[" messages "]" more "}"
#define USER                 "{\"role\":\"user\",\"content\":\"hi\"}"

/* -- conversations ------------------------------------------------------------------- */

#define CALLS(first, second)                                                             \
    "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" first "," second "]}"
#define CALL(id, name)                                                                   \
    "{" id "\"function\":{\"name\":\"" name "\",\"arguments\":{\"q\":1}}}"

/* Home Assistant sends neither a name nor an id with a result. */
static void results_are_paired_with_calls(void **state)
{
    (void)state;
    static const struct {
        const char *calls, *results;
        const char *first, *second; /* which call: by its name */
    } rows[] = {
        {CALLS(CALL("", "a"), CALL("", "b")),
         "{\"role\":\"tool\",\"content\":\"1\"},{\"role\":\"tool\",\"content\":\"2\"}",
         "a", "b"},
        {CALLS(CALL("", "a"), CALL("", "b")),
         "{\"role\":\"tool\",\"tool_name\":\"b\",\"content\":\"1\"},"
         "{\"role\":\"tool\",\"tool_name\":\"a\",\"content\":\"2\"}",
         "b", "a"},
        {CALLS(CALL("\"id\":\"x\",", "a"), CALL("\"id\":\"y\",", "b")),
         "{\"role\":\"tool\",\"tool_call_id\":\"y\",\"content\":\"1\"},"
         "{\"role\":\"tool\",\"content\":\"2\"}",
         "b", "a"},
        {CALLS(CALL("", "a"), CALL("", "b")), /* ids that the client kept for itself */
         "{\"role\":\"tool\",\"tool_call_id\":\"x\",\"content\":\"1\"},"
         "{\"role\":\"tool\",\"tool_call_id\":\"y\",\"content\":\"2\"}",
         "a", "b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[1024];
        struct world w;
        snprintf(body, sizeof body, CHAT(USER ",%s,%s", ""), rows[i].calls,
                 rows[i].results);
        assert_int_equal(converse(&w, "/api/chat", body), 0);
        assert_int_equal(w.c.nmessages, 4);
        const struct message *m = w.c.messages;
        assert_str(m[2].name, rows[i].first);
        assert_str(m[3].name, rows[i].second);
        for (size_t k = 0; k < 2; k++) {
            const struct tool_call *call = &m[1].calls[k];
            bool is_first = str_eq(call->name, m[2].name);
            assert_true(call->id.n > 0);
            assert_true(str_eq(call->id, m[is_first ? 2 : 3].result_of));
            assert_str(call->arguments, "{\"q\":1}");
        }
        end(&w);
    }
}

static void a_result_that_fits_no_call_keeps_what_it_says(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(converse(&w, "/api/chat",
                              CHAT(USER ",{\"role\":\"tool\",\"tool_name\":\"f\","
                                        "\"tool_call_id\":\"x\",\"content\":\"1\"}",
                                   "")),
                     0);
    assert_str(w.c.messages[1].result_of, "x");
    assert_str(w.c.messages[1].name, "f");
    end(&w);
}

/* Results in the opposite order are looked for among a bounded number of calls. */
static void many_calls_are_paired_in_bounded_time(void **state)
{
    (void)state;
    enum { N = 20000 };
    struct world w;
    struct buf body;
    buf_init(&body, 8 << 20);
    buf_lit(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":"
                   "\"\",\"tool_calls\":[");
    for (int i = 0; i < N; i++)
        buf_printf(&body, "%s{\"id\":\"c%d\",\"function\":{\"name\":\"f\"}}",
                   i ? "," : "", i);
    buf_lit(&body, "]}");
    for (int i = N; i > 0; i--)
        buf_printf(&body, ",{\"role\":\"tool\",\"tool_call_id\":\"c%d\"}", i - 1);
    buf_lit(&body, "]}");
    buf_byte(&body, '\0');
    begin(&w);
    arena_allow(&w.a, 64 << 20);
    const struct dialect_ask ask = {.path = path_of("/api/chat"), .body = str_of(body.p)};
    assert_int_equal(dialect_decode(asked(), &ask, &w.a, &w.chat, &w.err), 0);
    assert_int_equal(asked()->read_conversation(&w.chat, &w.a, &w.c, &w.err), 0);
    assert_str(w.c.messages[1].result_of, "c19999");
    assert_str(w.c.messages[N].name, "f");
    buf_release(&body);
    end(&w);
}

static void pictures_are_known_by_their_first_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *data, *type;
        enum piece_kind kind;
    } rows[] = {
        {PNG, "image/png", PIECE_IMAGE},
        {"data:image/png;base64," PNG, "image/png", PIECE_IMAGE},
        {"/9j/4AAQSkZJRgABAQAAAQ", "image/jpeg", PIECE_IMAGE},
        {"R0lGODlhAQABAIAAAAAA", "image/gif", PIECE_IMAGE},
        {"UklGRiQAAABXRUJQVlA4", "image/webp", PIECE_IMAGE},
        {"UklGRiQAAABXQVZFZm10", "wav", PIECE_AUDIO},
        {"Qk1GAAAAAAAAADYAAAAo", "image/bmp", PIECE_IMAGE},
        {"SUQzBAAAAAAAI1RTU0UA", "mp3", PIECE_AUDIO},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[512];
        struct world w;
        snprintf(body, sizeof body,
                 CHAT("{\"role\":\"user\",\"content\":\"x\",\"images\":[\"%s\"]}", ""),
                 rows[i].data);
        assert_int_equal(converse(&w, "/api/chat", body), 0);
        const struct piece *p = &w.c.messages[0].pieces[1];
        assert_int_equal(w.c.messages[0].npieces, 2);
        assert_int_equal(p->kind, rows[i].kind);
        assert_str(p->media_type, rows[i].type);
        assert_true(str_ends(str_of(rows[i].data), p->data));
        end(&w);
    }
}

/* Bug list 32: a picture in a tool's result vanished. */
static void a_picture_in_a_tools_result_is_kept(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        converse(&w, "/api/chat",
                 CHAT(USER ",{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{"
                           "\"name\":\"shot\",\"arguments\":{}}}]},"
                           "{\"role\":\"tool\",\"content\":\"here\",\"images\":[\"" PNG
                           "\"]}",
                      "")),
        0);
    assert_int_equal(w.c.messages[2].npieces, 2);
    assert_int_equal(w.c.messages[2].pieces[1].kind, PIECE_IMAGE);
    assert_str(w.c.messages[2].name, "shot");
    end(&w);
}

static void thoughts_stand_before_what_is_said(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        converse(&w, "/api/chat",
                 CHAT(USER ",{\"role\":\"assistant\",\"content\":\"yes\","
                           "\"thinking\":\"hm\",\"tool_calls\":[{\"function\":"
                           "{\"name\":\"f\",\"arguments\":\"{}\"}}]}",
                      "")),
        0);
    const struct message *m = &w.c.messages[1];
    assert_int_equal(m->npieces, 3);
    assert_int_equal(m->pieces[0].kind, PIECE_THOUGHT);
    assert_str(piece_plain(&m->pieces[0], &w.a), "hm");
    assert_str(piece_plain(&m->pieces[1], &w.a), "yes");
    assert_int_equal(m->pieces[2].kind, PIECE_CALL);
    assert_str(m->calls[0].arguments, "{}"); /* a text of an object is taken as well */
    end(&w);
}

static void settings_have_their_places(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        converse(&w, "/api/chat",
                 CHAT(USER, ",\"format\":{\"type\":\"object\"},\"think\":\"max\","
                            "\"keep_alive\":-1,\"truncate\":false,\"logprobs\":true,"
                            "\"top_logprobs\":3,\"options\":{\"temperature\":0.10,"
                            "\"top_k\":5,\"stop\":[\"a\",\"\"],\"num_predict\":9,"
                            "\"num_ctx\":8192,\"mirostat\":1,\"seed\":-1}")),
        0);
    assert_int_equal(w.c.format, FORMAT_SCHEMA);
    assert_str(w.c.schema, "{\"type\":\"object\"}");
    assert_str(w.c.effort, "xhigh");
    assert_str(w.c.sampling[SAMPLING_TEMPERATURE], "0.10");
    assert_str(w.c.sampling[SAMPLING_TOP_K], "5");
    assert_null(w.c.sampling[SAMPLING_SEED].p);
    assert_int_equal(w.c.nstops, 1);
    assert_str(w.c.stops[0], "a");
    assert_int_equal(w.c.max_output_tokens, 9);
    static const char *const others[][2] = {
        {"ollama.options", "{\"num_ctx\":8192,\"mirostat\":1}"},
        {"logprobs", "true"},
        {"top_logprobs", "3"},
        {"ollama.keep_alive", "-1"},
        {"ollama.truncate", "false"},
    };
    assert_int_equal(w.c.nothers, ARRAY_LEN(others));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_str(w.c.others[i].name, others[i][0]);
        assert_str(w.c.others[i].value, others[i][1]);
    }
    end(&w);
}

static void whether_to_think(void **state)
{
    (void)state;
    static const struct {
        const char *think, *effort;
        int64_t budget;
    } rows[] = {{"true", "medium", -1},
                {"false", "", 0},
                {"null", "", -1},
                {"\"low\"", "low", -1},
                {"\"max\"", "xhigh", -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[256];
        struct world w;
        snprintf(body, sizeof body, CHAT(USER, ",\"think\":%s"), rows[i].think);
        assert_int_equal(converse(&w, "/api/chat", body), 0);
        assert_str(w.c.effort, rows[i].effort);
        assert_int_equal(w.c.thinking_budget, rows[i].budget);
        end(&w);
    }
}

static void a_prompt_is_what_one_user_says(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(converse(&w, "/api/generate",
                              "{\"model\":\"m\",\"prompt\":\"h\\u00e9\",\"system\":\"be "
                              "brief\",\"images\":[\"" PNG "\"],\"format\":\"json\"}"),
                     0);
    assert_int_equal(w.chat.surface, SURFACE_CHAT);
    assert_int_equal(w.chat.nmessages, 2);
    assert_true(w.chat.has_system);
    assert_int_equal(w.c.nmessages, 2);
    assert_str(piece_plain(&w.c.messages[0].pieces[0], &w.a), "be brief");
    assert_str(piece_plain(&w.c.messages[1].pieces[0], &w.a), "h\xC3\xA9");
    assert_str(w.c.messages[1].pieces[1].media_type, "image/png");
    assert_int_equal(w.c.format, FORMAT_JSON);
    end(&w);
}

static void what_has_no_place_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body, *says;
    } rows[] = {
        {"/api/generate", "{\"model\":\"m\",\"prompt\":\"x\",\"template\":\"{{ .P }}\"}",
         "'template'"},
        {"/api/generate", "{\"model\":\"m\",\"prompt\":\"x\",\"context\":[1,2]}",
         "'context'"},
        {"/api/chat", CHAT(USER, ",\"think\":7"), "'think'"},
        {"/api/chat", CHAT(USER, ",\"format\":\"xml\""), "'format'"},
        {"/api/chat", CHAT(USER, ",\"new_member\":1"), "'new_member'"},
        {"/api/chat", CHAT(USER, ",\"options\":{\"stop\":7}"), "'options.stop'"},
        {"/api/chat", CHAT("{\"role\":\"control\",\"content\":\"x\"}", ""),
         "'messages[0].role'"},
        {"/api/chat", CHAT("{\"role\":\"user\",\"images\":[\"AAAAAAAAAAAA\"]}", ""),
         "'messages[0].images[0]'"},
        {"/api/chat",
         CHAT("{\"role\":\"user\",\"content\":\"x\",\"thinking\":\"t\"}", ""),
         "'messages[0].thinking'"},
        {"/api/chat", CHAT(USER, ",\"tools\":[{\"type\":\"web\"}]"), "'tools[0].type'"},
        {"/api/chat", CHAT(USER, ",\"tools\":[{\"function\":{}}]"),
         "'tools[0].function'"},
        {"/api/chat",
         CHAT("{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
              "\"arguments\":[]}}]}",
              ""),
         "'messages[0].tool_calls[0].function.arguments'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(converse(&w, rows[i].path, rows[i].body), -1);
        assert_string_equal(w.err.code, "not_expressible");
        assert_has(str_of(w.err.msg), rows[i].says);
        end(&w);
    }
}

/* -- memory -------------------------------------------------------------------------- */

static int read_all(void)
{
    static const char body[] =
        CHAT("{\"role\":\"assistant\",\"content\":\"a\\n\",\"thinking\":\"\\u00e9\","
             "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{}}}]},"
             "{\"role\":\"tool\",\"content\":\"r\"}",
             ",\"options\":{\"stop\":[\"\\n\"],\"num_ctx\":1}");
    struct world w;
    begin(&w);
    const struct dialect_ask ask = {.path = path_of("/api/chat"), .body = str_of(body)};
    int rc = dialect_decode(asked(), &ask, &w.a, &w.chat, &w.err);
    if (rc == 0)
        rc = asked()->read_conversation(&w.chat, &w.a, &w.c, &w.err);
    end(&w);
    return rc;
}

static void no_memory_is_an_error(void **state)
{
    (void)state;
    for (long n = 1; nomem_begin(n); n++) {
        int rc = read_all();
        assert_true(nomem_end() ? rc != 0 : rc == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_paired_with_calls),
        cmocka_unit_test(a_result_that_fits_no_call_keeps_what_it_says),
        cmocka_unit_test(many_calls_are_paired_in_bounded_time),
        cmocka_unit_test(pictures_are_known_by_their_first_bytes),
        cmocka_unit_test(a_picture_in_a_tools_result_is_kept),
        cmocka_unit_test(thoughts_stand_before_what_is_said),
        cmocka_unit_test(settings_have_their_places),
        cmocka_unit_test(whether_to_think),
        cmocka_unit_test(a_prompt_is_what_one_user_says),
        cmocka_unit_test(what_has_no_place_is_refused_by_name),
        cmocka_unit_test(no_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
