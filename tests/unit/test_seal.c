/* test_seal.c -- what providers want back with their models' thoughts: how it is written,
 * read again, and put back to the thoughts that it closes. */
#include "dialect/dialect.h"
#include "dialect/openai_body.h"
#include "dialect/seal.h"
#include "dialect/spoken.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define assert_str(s, text)                                                              \
    do {                                                                                 \
        struct str got_ = (s);                                                           \
        if (!str_eqz(got_, text))                                                        \
            fail_msg("'%.*s' is not '%s'", STR_ARG(got_), text);                         \
    } while (0)

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const struct seal seals[] = {
        {.issuer = STR_INIT("anthropic-1"),
         .length = 12,
         .payload = STR_INIT("EqQB+/=:")},
        {.issuer = STR_INIT("a"), .kind = SEAL_REDACTED, .payload = STR_INIT("x")},
        {.issuer = STR_INIT("gemini-2"),
         .kind = SEAL_CALL,
         .call = STR_INIT("call:1:x"),
         .payload = STR_INIT(":")},
        {.issuer = STR_INIT("g"), .kind = SEAL_TEXT, .payload = STR_INIT("")},
    };
    for (size_t i = 0; i < ARRAY_LEN(seals); i++) {
        struct buf b;
        struct seal s;
        buf_init(&b, 256);
        seal_write(&seals[i], &b);
        assert_true(seal_read(buf_view(&b), &s));
        assert_true(str_eq(s.issuer, seals[i].issuer));
        assert_int_equal(s.kind, seals[i].kind);
        assert_int_equal(s.length, seals[i].length);
        assert_true(str_eq(s.call, seals[i].call));
        assert_true(str_eq(s.payload, seals[i].payload));
        buf_release(&b);
    }
}

/* Google's clients take it for bytes: Python's gives it back in the other alphabet, and
 * without padding some may. */
static void as_base64_it_is_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {"weir1:a:t:1:0:", "weir1:a:t:1:0:x",
                                        "weir1:a:t:1:0:xy", "weir1:a:t:1:0:?>?~\x7f\xff"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena a;
        struct buf b;
        arena_init(&a, 4096);
        buf_init(&b, 256);
        seal_write_string(str_of(texts[i]), &b);
        assert_true(str_starts(buf_view(&b), STR("\"" SEAL_BASE64_MARK)));
        struct str inner = str_sub(buf_view(&b), 1, buf_len(&b) - 1);
        assert_int_equal(inner.n % 4, 0);
        assert_str(seal_of_base64(inner, &a), texts[i]);
        for (size_t k = 0; k < inner.n; k++)
            if (strchr("+/", inner.p[k]))
                ((char *)b.p)[1 + k] = inner.p[k] == '+' ? '-' : '_';
        while (inner.n && inner.p[inner.n - 1] == '=')
            inner.n--;
        assert_str(seal_of_base64(inner, &a), texts[i]);
        buf_release(&b);
        arena_reset(&a);
    }
}

static void what_is_no_seal_is_written_as_it_is(void **state)
{
    (void)state;
    struct arena a;
    struct buf b;
    arena_init(&a, 4096);
    buf_init(&b, 256);
    seal_write_string(STR("EqQB+/\"="), &b);
    assert_str(buf_view(&b), "\"EqQB+/\\\"=\"");
    assert_str(seal_of_base64(STR("EqQB+/="), &a), "EqQB+/=");
    assert_str(seal_of_base64(STR("d2VpcjE6*"), &a), "d2VpcjE6*");
    buf_release(&b);
    arena_reset(&a);
}

static void other_texts_are_no_seals(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "EqQBCgIYAhIk",
                                        "weir1:",
                                        "weir1:a",
                                        "weir1:a:t:1",
                                        "weir1:a:t:1:2",
                                        "weir1:a:t:1:2:x", /* the call is shorter */
                                        "weir1:a:z:1:0:x",
                                        "weir1:a:tt:1:0:x",
                                        "weir1:a:t:-1:0:x",
                                        "weir1:a:t:1:99999999999999999999:x"};
    struct seal s;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (seal_read(str_of(texts[i]), &s))
            fail_msg("'%s' is read as a seal", texts[i]);
}

static void an_event_says_its_seals(void **state)
{
    (void)state;
    const struct seal seal = {.issuer = STR("a"), .length = 2, .payload = STR("\"q\\")};
    struct arena a;
    struct buf b;
    struct spoken s;
    struct err err = {0};
    struct seal got;
    arena_init(&a, 1 << 16);
    buf_init(&b, 4096);
    buf_lit(&b,
            "{\"id\":\"i\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":"
            "\"hm\",");
    seal_write_member(&seal, &b);
    buf_lit(&b, "}}]}");
    assert_int_equal(spoken_read(buf_view(&b), STR(""), &a, &s, &err), 0);
    assert_str(s.reasoning, "hm");
    assert_int_equal(s.nseals, 1);
    assert_true(seal_read(s.seals[0], &got));
    assert_str(got.payload, "\"q\\");
    buf_release(&b);
    arena_reset(&a);
}

static void every_choice_of_an_answer_is_read(void **state)
{
    (void)state;
    struct arena a;
    struct spoken *all;
    struct err err = {0};
    size_t n;
    arena_init(&a, 1 << 16);
    assert_int_equal(
        spoken_read_all(
            STR("{\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
                "\"content\":\"a\\nb\",\"tool_calls\":[{\"id\":\"c1\",\"function\":{"
                "\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"c2\",\"function\":{"
                "\"name\":\"g\",\"arguments\":\"\"}}]},\"finish_reason\":\"tool_calls\"},"
                "{"
                "\"index\":1,\"message\":{\"content\":null,\"refusal\":\"no\"},"
                "\"finish_reason\":\"stop\",\"stop_reason\":\"END\"}]}"),
            STR(""), &a, &all, &n, &err),
        0);
    assert_int_equal(n, 2);
    assert_str(all[0].text, "a\nb");
    assert_int_equal(all[0].ncalls, 2);
    assert_int_equal(all[0].calls[1].index, 1);
    assert_str(all[0].calls[1].name, "g");
    assert_str(all[0].finish, "tool_calls");
    assert_null(all[1].text.p);
    assert_str(all[1].refusal, "no");
    assert_str(all[1].stopped_by, "END");
    assert_int_equal(all[1].choice, 1);
    assert_str(all[1].model, "m");
    arena_reset(&a);
}

/* -- a message that comes back
 * ------------------------------------------------------------ */

struct back {
    struct arena a;
    struct chat chat;
    struct conversation c;
};

static const struct message *read_back(struct back *w, const char *thoughts)
{
    char body[1024];
    struct err err = {0};
    arena_init(&w->a, 1 << 20);
    snprintf(
        body, sizeof body,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":"
        "\"assistant\",\"content\":\"done\",%s}]}",
        thoughts);
    struct str text = arena_strdup(&w->a, str_of(body));
    if (dialect_read(dialect_first(), SURFACE_CHAT, text, &w->a, &w->chat, &err) < 0 ||
        dialect_first()->read_conversation(&w->chat, &w->a, &w->c, &err) < 0)
        fail_msg("%s: %s", body, err.msg);
    return &w->c.messages[1];
}

static void seals_find_their_thoughts_again(void **state)
{
    (void)state;
    struct back w;
    const struct message *m =
        read_back(&w, "\"reasoning_content\":\"onetwothree\",\"reasoning_details\":[{"
                      "\"type\":\"reasoning.encrypted\",\"data\":\"weir1:a:t:3:0:S1\"},{"
                      "\"type\":\"reasoning.encrypted\",\"data\":\"weir1:a:r:0:0:R\"},{"
                      "\"type\":\"reasoning.encrypted\",\"data\":\"weir1:a:t:3:0:S2\"}]");
    assert_int_equal(m->npieces, 5);
    assert_str(piece_plain(&m->pieces[0], &w.a), "one");
    assert_str(m->pieces[0].sealed, "weir1:a:t:3:0:S1");
    assert_str(piece_plain(&m->pieces[1], &w.a), "");
    assert_str(m->pieces[1].sealed, "weir1:a:r:0:0:R");
    assert_str(piece_plain(&m->pieces[2], &w.a), "two");
    assert_str(m->pieces[2].sealed, "weir1:a:t:3:0:S2");
    assert_str(piece_plain(&m->pieces[3], &w.a), "three");
    assert_str(m->pieces[3].sealed, "");
    assert_int_equal(m->pieces[4].kind, PIECE_TEXT);
    arena_reset(&w.a);
}

/* Its client has cut the thought: what was signed is no longer there. */
static void a_seal_without_its_thought_is_dropped(void **state)
{
    (void)state;
    struct back w;
    const struct message *m =
        read_back(&w, "\"reasoning_content\":\"on\",\"reasoning_details\":[{\"type\":"
                      "\"reasoning.encrypted\",\"data\":\"weir1:a:t:3:0:S1\"}]");
    assert_int_equal(m->npieces, 2);
    assert_str(piece_plain(&m->pieces[0], &w.a), "on");
    assert_str(m->pieces[0].sealed, "");
    arena_reset(&w.a);
}

static void other_makers_details_are_kept_as_they_are(void **state)
{
    (void)state;
    struct back w;
    const struct message *m = read_back(
        &w, "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\","
            "\"signature\":\"Eq\"},{\"type\":\"reasoning.encrypted\",\"data\":"
            "\"blob\"}]");
    assert_int_equal(m->npieces, 3);
    assert_str(piece_plain(&m->pieces[0], &w.a), "hm");
    assert_str(m->pieces[0].sealed, "Eq");
    assert_str(m->pieces[1].sealed, "blob");
    arena_reset(&w.a);
}

/* -- a conversation in OpenAI's form
 * --------------------------------------------------------- */

static void what_openai_has_no_place_for_is_put_where_it_has_one(void **state)
{
    (void)state;
    struct piece ask[] = {{.text = {STR_INIT("x")}}};
    struct piece said[] = {{.kind = PIECE_THOUGHT,
                            .thought = STR_INIT("hm"),
                            .sealed = STR_INIT("weir1:a:t:2:0:S")},
                           {.kind = PIECE_CALL}};
    struct piece gave[] = {{.text = {STR_INIT("bad")}},
                           {.kind = PIECE_IMAGE,
                            .media_type = STR_INIT("image/png"),
                            .data = STR_INIT("AAAA")}};
    struct tool_call call = {.id = STR("c1"),
                             .name = STR("patch"),
                             .arguments = STR("a\n\"b\""),
                             .is_custom = true};
    struct message all[] = {{.speaker = SPEAKER_USER, .pieces = ask, .npieces = 1},
                            {.speaker = SPEAKER_MODEL,
                             .pieces = said,
                             .npieces = 2,
                             .calls = &call,
                             .ncalls = 1},
                            {.speaker = SPEAKER_TOOL,
                             .pieces = gave,
                             .npieces = 2,
                             .result_of = STR("c1"),
                             .is_error = true}};
    struct tool tool = {.kind = TOOL_CUSTOM, .name = STR("patch")};
    struct other_member user = {STR("user"), STR("\"u\"")};
    const struct conversation c = {.messages = all,
                                   .nmessages = 3,
                                   .tools = &tool,
                                   .ntools = 1,
                                   .max_output_tokens = -1,
                                   .thinking_budget = THINKING_UNSAID,
                                   .others = &user,
                                   .nothers = 1};
    const struct chat asked = {.model = STR("m"), .body = STR("{}")};
    struct arena a;
    struct chat made;
    struct err err = {0};
    arena_init(&a, 1 << 20);
    assert_int_equal(openai_make_chat(&c, &asked, STR(""), &a, &made, &err), 0);
    assert_str(
        made.body,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_content\":\"hm\",\"tool_calls\":[{"
        "\"id\":"
        "\"c1\",\"type\":\"function\",\"function\":{\"name\":\"patch\",\"arguments\":"
        "\"{\\\"input\\\":\\\"a\\\\n\\\\\\\"b\\\\\\\"\\\"}\"}}]},{\"role\":\"tool\","
        "\"content\":"
        "\"Error: "
        "bad\",\"tool_call_id\":\"c1\"},{\"role\":\"user\",\"content\":[{\"type\":"
        "\"text\",\"text\":\"The tool call c1 "
        "gave:\"},{\"type\":\"image_url\",\"image_url\":{"
        "\"url\":\"data:image/png;base64,AAAA\"}}]}],\"tools\":[{\"type\":\"function\","
        "\"function\":{\"name\":\"patch\",\"parameters\":{\"type\":\"object\","
        "\"properties\":{"
        "\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}}}],\"user\":\"u\"}");
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(as_base64_it_is_the_same),
        cmocka_unit_test(what_is_no_seal_is_written_as_it_is),
        cmocka_unit_test(other_texts_are_no_seals),
        cmocka_unit_test(an_event_says_its_seals),
        cmocka_unit_test(every_choice_of_an_answer_is_read),
        cmocka_unit_test(seals_find_their_thoughts_again),
        cmocka_unit_test(a_seal_without_its_thought_is_dropped),
        cmocka_unit_test(other_makers_details_are_kept_as_they_are),
        cmocka_unit_test(what_openai_has_no_place_for_is_put_where_it_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
