/* test_toolnames.c -- names of tools that an engine's form does not take, there and back.
 */
#include "engine/toolnames.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

enum { MOST_TOOLS = 40, MOST_BYTES = 200, RUNS = 2000 };

struct world {
    struct arena arena;
    struct config_engine engine;
    struct config_model model;
    struct target target;
    struct buf lost, names;
    struct engine_asking q;
    struct conversation c;
    struct tool tools[MOST_TOOLS];
    struct err err;
};

static void begin(struct world *w, enum engine_speech speaks)
{
    memset(w, 0, sizeof *w);
    arena_init(&w->arena, 1 << 20);
    w->engine = (struct config_engine){.name = STR("e"), .speaks = speaks};
    w->model = (struct config_model){.name = STR("m"), .engine = &w->engine};
    w->target = (struct target){.engine = &w->engine, .model = &w->model};
    buf_init(&w->lost, 1024);
    buf_init(&w->names, 0);
    w->q = (struct engine_asking){
        .target = &w->target, .lost = &w->lost, .names = &w->names};
    w->c.tools = w->tools;
}

static void end(struct world *w)
{
    arena_reset(&w->arena);
    buf_release(&w->lost);
    buf_release(&w->names);
}

static void offer(struct world *w, struct str name)
{
    w->tools[w->c.ntools++].name = name;
}

static int fit(struct world *w)
{
    return toolnames_fit(&w->q, &w->arena, &w->c, &w->err);
}

/* As the vendors' documents say it, once more. */
static bool is_taken(enum engine_speech speaks, struct str name)
{
    size_t most = speaks == SPEECH_ANTHROPIC ? 128 : 64;
    const char *more = speaks == SPEECH_GEMINI ? "_-.:" : "_-";
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_digit = c >= '0' && c <= '9';
        if (!is_letter && !is_digit && (!c || !strchr(more, c)))
            return false;
        if (i == 0 && speaks == SPEECH_GEMINI && !is_letter && c != '_')
            return false;
    }
    return name.n > 0 && name.n <= most;
}

static const enum engine_speech ruled[] = {SPEECH_OPENAI, SPEECH_RESPONSES,
                                           SPEECH_ANTHROPIC, SPEECH_GEMINI};

/* -- there ----------------------------------------------------------------------------
 */

static void a_name_that_is_taken_stays(void **state)
{
    (void)state;
    static const struct {
        enum engine_speech speaks;
        const char *name;
    } rows[] = {
        {SPEECH_OPENAI, "read_file-2"},    {SPEECH_RESPONSES, "2read"},
        {SPEECH_ANTHROPIC, "-mcp__a__b"},  {SPEECH_GEMINI, "_files.read:all-1"},
        {SPEECH_OLLAMA, "größe: \"x\" y"}, {SPEECH_OLLAMA, "a_x0123456789abcdef"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        begin(&w, rows[i].speaks);
        offer(&w, str_of(rows[i].name));
        assert_int_equal(fit(&w), 0);
        assert_true(str_eqz(w.tools[0].name, rows[i].name));
        assert_int_equal(buf_len(&w.names), 0);
        end(&w);
    }
}

/* The digits are part of the promise: another weir, later, makes the same. */
static void a_name_becomes_the_same_in_every_place(void **state)
{
    (void)state;
    static const char made[] = "files_read_all_x6a2d420b0bcc5126";
    struct tool_call calls[] = {{.id = STR("c"), .name = STR("files.read:all")}};
    struct message messages[] = {{.speaker = SPEAKER_MODEL, .calls = calls, .ncalls = 1},
                                 {.speaker = SPEAKER_TOOL, .name = STR("files.read:all")},
                                 {.speaker = SPEAKER_USER}};
    for (size_t i = 0; i < 3; i++) { /* Gemini takes this one */
        struct world w;
        begin(&w, ruled[i]);
        calls[0].name = messages[1].name = STR("files.read:all");
        offer(&w, STR("files.read:all"));
        w.c.choice_name = STR("files.read:all");
        w.c.messages = messages;
        w.c.nmessages = ARRAY_LEN(messages);
        assert_int_equal(fit(&w), 0);
        const struct str found[] = {w.tools[0].name, w.c.choice_name, calls[0].name,
                                    messages[1].name};
        for (size_t j = 0; j < ARRAY_LEN(found); j++)
            if (!str_eqz(found[j], made))
                fail_msg("%zu: %.*s", j, STR_ARG(found[j]));
        assert_true(str_eqz(buf_view(&w.names),
                            "{\"files_read_all_x6a2d420b0bcc5126\":\"files.read:all\"}"));
        end(&w);
    }
}

static void its_beginning_can_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *head;
    } rows[] = {
        {"größe", "gr_e_x"},
        {"1st", "_1st_x"},
        {"--", "_--_x"},
        {" ", "__x"},
        {"a...b", "a_b_x"},
        {"read_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         "read_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_x"},
    };
    struct arena a;
    arena_init(&a, 1 << 16);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str made = toolname_made(str_of(rows[i].name), &a);
        if (!str_eqz(str_sub(made, 0, made.n - 16), rows[i].head))
            fail_msg("%s becomes %.*s", rows[i].name, STR_ARG(made));
        for (size_t j = 0; j < ARRAY_LEN(ruled); j++)
            assert_true(is_taken(ruled[j], made));
    }
    arena_reset(&a);
}

/* A client that calls a tool so must not get the one it was made of. */
static void a_name_that_looks_made_is_made_anew(void **state)
{
    (void)state;
    struct world w;
    begin(&w, SPEECH_OPENAI);
    struct str made = toolname_made(STR("a.b"), &w.arena);
    offer(&w, STR("a.b"));
    offer(&w, made);
    assert_int_equal(fit(&w), 0);
    assert_true(str_eq(w.tools[0].name, made));
    assert_false(str_eq(w.tools[1].name, made));
    end(&w);
}

static void a_tool_needs_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ruled); i++) {
        struct world w;
        begin(&w, ruled[i]);
        offer(&w, STR(""));
        assert_int_equal(fit(&w), -1);
        assert_true(engine_cannot_say(&w.err));
        assert_non_null(strstr(w.err.msg, "a tool without a name"));
        end(&w);
    }
}

/* Ten thousand calls of ever other names: refused, and not looked for one by one. */
static void too_many_are_refused(void **state)
{
    (void)state;
    enum { MANY = 1025 };
    struct world w;
    begin(&w, SPEECH_OPENAI);
    struct tool_call *calls = arena_array(&w.arena, struct tool_call, MANY);
    struct message m = {.speaker = SPEAKER_MODEL, .calls = calls};
    for (size_t i = 0; i < MANY; i++)
        calls[i].name = arena_printf(&w.arena, "a.%zu", i);
    w.c.messages = &m;
    w.c.nmessages = 1;
    m.ncalls = MANY - 1;
    assert_int_equal(fit(&w), 0);
    for (size_t i = 0; i < MANY; i++)
        calls[i].name = arena_printf(&w.arena, "a.%zu", i);
    buf_release(&w.names);
    m.ncalls = MANY;
    assert_int_equal(fit(&w), -1);
    assert_true(engine_cannot_say(&w.err));
    end(&w);
}

/* -- back -----------------------------------------------------------------------------
 */

#define NAMES                                                                            \
    STR("{\"files_read_all_x6a2d420b0bcc5126\":\"files.read:all\","                      \
        "\"a_x0123456789abcdef\":\"a \\\"b\\\"\"}")

static void back(const char *in, const char *out)
{
    struct buf b;
    buf_init(&b, 4096);
    engine_names_back(NAMES, str_of(in), &b);
    if (!str_eqz(buf_view(&b), out))
        fail_msg("%s\nbecomes %.*s\nand not %s", in, STR_ARG(buf_view(&b)), out);
    buf_release(&b);
}

static void calls_have_the_clients_names(void **state)
{
    (void)state;
    back("{\"name\":\"files_read_all_x6a2d420b0bcc5126\"}",
         "{\"name\":\"files.read:all\"}");
    back("{\"name\" :\n \"a_x0123456789abcdef\", \"name\":\"look\",\"x\":1}",
         "{\"name\" :\n \"a \\\"b\\\"\", \"name\":\"look\",\"x\":1}");
    back("[{\"name\":\"a_x0123456789abcdef\"},{\"name\":\"a_x0123456789abcdef\"}]",
         "[{\"name\":\"a \\\"b\\\"\"},{\"name\":\"a \\\"b\\\"\"}]");
}

/* Texts and arguments are the model's, whatever stands in them. */
static void nothing_else_is_touched(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "{}",
        "\"name\"",
        "{\"name\":",
        "{\"name\":\"a_x0123456789abcdef",
        "{\"name\":\"a_x0123456789abcdee\"}",
        "{\"name\":\"b_x0123456789abcdef\"}",
        "{\"name\":7,\"n\":\"a_x0123456789abcdef\"}",
        "{\"content\":\"\\\"name\\\":\\\"a_x0123456789abcdef\\\"\"}",
        "{\"arguments\":\"{\\\"name\\\":\\\"a_x0123456789abcdef\\\"}\"}",
        "{\"content\":\"a_x0123456789abcdef\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        back(rows[i], rows[i]);
}

static void words_have_the_clients_names(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"tools.0.custom.name 'files_read_all_x6a2d420b0bcc5126' is odd",
         "tools.0.custom.name 'files.read:all' is odd"},
        {"a_x0123456789abcdef", "a \\\"b\\\""},
        {"a_x0123456789abcdef,a_x0123456789abcdef.", "a \\\"b\\\",a \\\"b\\\"."},
        {"a_x0123456789abcdef0 ba_x0123456789abcdef",
         "a_x0123456789abcdef0 ba_x0123456789abcdef"},
    };
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_clear(&b);
        engine_names_in_words(NAMES, str_of(rows[i].in), &b);
        if (!str_eqz(buf_view(&b), rows[i].out))
            fail_msg("%s becomes %.*s", rows[i].in, STR_ARG(buf_view(&b)));
    }
    buf_release(&b);
}

static int keep_event(void *ctx, const struct event *e)
{
    struct buf *out = ctx;
    if (e->error)
        buf_append(out, str_of(e->error->msg));
    buf_append(out, e->raw);
    buf_append(out, e->data);
    return 0;
}

/* A stream of calls, an error in it, both with the engine's names. */
static void events_have_the_clients_names(void **state)
{
    (void)state;
    static const char stream[] =
        "data: "
        "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"type\":\"function\","
        "\"function\":{\"name\":\"files_read_all_x6a2d420b0bcc5126\",\"arguments\":\"{}"
        "\"}}"
        "]},\"finish_reason\":null}]}\n\n"
        "data: {\"error\":{\"message\":\"no files_read_all_x6a2d420b0bcc5126 "
        "here\"}}\n\n";
    struct engine_decoder d;
    struct buf out;
    struct err err;
    buf_init(&out, 1 << 16);
    engine_decoder_init(&d, SPEECH_OPENAI, SURFACE_CHAT);
    engine_decoder_name(&d, &(struct engine_naming){.names = NAMES});
    assert_int_equal(engine_decode(&d, str_of(stream), keep_event, &out, &err), 0);
    assert_int_equal(engine_decode_end(&d, keep_event, &out, &err), 0);
    assert_true(str_find(buf_view(&out), STR("{\"name\":\"files.read:all\",")) > 0);
    assert_true(str_find(buf_view(&out), STR("no files.read:all here")) > 0);
    assert_true(str_find(buf_view(&out), STR("_x6a2d420b0bcc5126")) < 0);
    engine_decoder_release(&d);
    buf_release(&out);
}

/* -- any names ------------------------------------------------------------------------
 */

static struct str some_name(struct arena *a, const struct str *before, size_t n)
{
    static const char *const bits[] = {"a",  "b", "_",  "-",    ".",      ":",  "1",
                                       "/",  " ", "\"", "\\",   "ü",      "日", "_x",
                                       "\n", "A", "z",  "read", "_files", "0f"};
    char text[MOST_BYTES];
    size_t used = 0, most = (size_t)rand() % (MOST_BYTES - 8) + 1;
    if (n && rand() % 4 == 0) /* what another one becomes, or nearly it */
        return toolname_made(before[(size_t)rand() % n], a);
    while (used < most) {
        const char *bit = bits[(size_t)rand() % ARRAY_LEN(bits)];
        memcpy(text + used, bit, strlen(bit));
        used += strlen(bit);
        if (rand() % 12 == 0)
            break;
    }
    return arena_strdup(a, (struct str){text, used});
}

static bool is_among(struct str name, const struct str *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static void assert_own(struct world *w, struct str sent, struct str own)
{
    struct buf said, want, got;
    buf_init(&said, 1 << 16);
    buf_init(&want, 1 << 16);
    buf_init(&got, 1 << 16);
    buf_lit(&said, "{\"name\":");
    json_write_string(&said, sent);
    buf_lit(&said, ",\"arguments\":\"{}\"}");
    buf_lit(&want, "{\"name\":");
    json_write_string(&want, own);
    buf_lit(&want, ",\"arguments\":\"{}\"}");
    engine_names_back(buf_view(&w->names), buf_view(&said), &got);
    if (!str_eq(buf_view(&got), buf_view(&want)))
        fail_msg("'%.*s' comes back as %.*s", STR_ARG(own), STR_ARG(buf_view(&got)));
    buf_release(&said);
    buf_release(&want);
    buf_release(&got);
}

static void no_two_names_become_one_and_each_comes_back(void **state)
{
    (void)state;
    srand(7);
    for (size_t run = 0; run < RUNS; run++) {
        struct world w;
        struct str own[MOST_TOOLS], sent[MOST_TOOLS];
        enum engine_speech speaks = ruled[run % ARRAY_LEN(ruled)];
        size_t n = (size_t)rand() % MOST_TOOLS + 1;
        begin(&w, speaks);
        while (w.c.ntools < n) {
            struct str name = some_name(&w.arena, own, w.c.ntools);
            if (is_among(name, own, w.c.ntools))
                continue;
            own[w.c.ntools] = name;
            offer(&w, name);
        }
        assert_int_equal(fit(&w), 0);
        for (size_t i = 0; i < n; i++) {
            sent[i] = w.tools[i].name;
            assert_true(is_taken(speaks, sent[i]));
            assert_false(is_among(sent[i], sent, i));
            assert_own(&w, sent[i], own[i]);
        }
        end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_is_taken_stays),
        cmocka_unit_test(a_name_becomes_the_same_in_every_place),
        cmocka_unit_test(its_beginning_can_be_read),
        cmocka_unit_test(a_name_that_looks_made_is_made_anew),
        cmocka_unit_test(a_tool_needs_a_name),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(calls_have_the_clients_names),
        cmocka_unit_test(nothing_else_is_touched),
        cmocka_unit_test(words_have_the_clients_names),
        cmocka_unit_test(events_have_the_clients_names),
        cmocka_unit_test(no_two_names_become_one_and_each_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
