/* test_conversation.c -- a chat request said once more in no dialect's words; and the
 * errors of dialects that are only told what to change. */
#include "dialect/conversation.h"
#include "dialect/dialect.h"

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

/* -1: as reading it said; the body itself is always good. */
static int read_body(struct world *w, const char *body)
{
    *w = (struct world){.err = {0}};
    arena_init(&w->a, 1 << 20);
    if (dialect_read(dialect_first(), SURFACE_CHAT, str_of(body), &w->a, &w->chat,
                     &w->err) < 0)
        fail_msg("%s: %s", body, w->err.msg);
    return dialect_first()->read_conversation(&w->chat, &w->a, &w->c, &w->err);
}

#define assert_str(s, text)                                                              \
    do {                                                                                 \
        struct str got_ = (s);                                                           \
        if (!str_eqz(got_, text))                                                        \
            fail_msg("'%.*s' is not '%s'", STR_ARG(got_), text);                         \
    } while (0)

#define CHAT(messages, more) "{\"model\":\"m\",\"messages\":[" messages "]" more "}"
#define USER                 "{\"role\":\"user\",\"content\":\"hi\"}"

static void who_speaks_and_what_is_kept(void **state)
{
    (void)state;
    struct world w;
    assert_int_equal(
        read_body(
            &w, CHAT("{\"role\":\"system\",\"content\":\"be \\u00e9\"},"
                     "{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":"
                     "\"b\"}]}," USER ","
                     "{\"role\":\"assistant\",\"content\":null,\"reasoning\":\"why\","
                     "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
                     "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
                     "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"r\"},"
                     "{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\","
                     "\"refusal\":\"no\"}],\"reasoning_content\":\"because\"}",
                     "")),
        0);
    static const enum speaker speakers[] = {SPEAKER_SYSTEM, SPEAKER_SYSTEM,
                                            SPEAKER_USER,   SPEAKER_MODEL,
                                            SPEAKER_TOOL,   SPEAKER_MODEL};
    assert_int_equal(w.c.nmessages, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(w.c.messages[i].speaker, speakers[i]);
    assert_str(piece_plain(&w.c.messages[0].pieces[0], &w.a), "be \xC3\xA9");
    assert_str(piece_plain(&w.c.messages[1].pieces[0], &w.a), "b");
    assert_int_equal(w.c.messages[3].npieces, 2);
    assert_int_equal(w.c.messages[3].pieces[0].kind, PIECE_THOUGHT);
    assert_str(piece_plain(&w.c.messages[3].pieces[0], &w.a), "why");
    assert_int_equal(w.c.messages[3].pieces[1].kind, PIECE_CALL);
    assert_int_equal(w.c.messages[3].pieces[1].call, 0);
    assert_int_equal(w.c.messages[3].ncalls, 1);
    assert_str(w.c.messages[3].calls[0].id, "c1");
    assert_str(w.c.messages[3].calls[0].arguments, "{\"a\":1}");
    assert_str(w.c.messages[4].result_of, "c1");
    assert_int_equal(w.c.messages[5].npieces, 2);
    assert_str(piece_plain(&w.c.messages[5].pieces[0], &w.a), "because");
    assert_int_equal(w.c.messages[5].pieces[1].kind, PIECE_REFUSAL);
    assert_str(piece_plain(&w.c.messages[5].pieces[1], &w.a), "no");
    arena_reset(&w.a);
}

static void pieces_of_every_kind_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        enum piece_kind kind;
        const char *text, *media_type, *data, *url;
    } rows[] = {
        {"{\"type\":\"text\",\"text\":\"a\"}", PIECE_TEXT, "a", "", "", ""},
        {"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/"
         "png;base64,AA==\"}}",
         PIECE_IMAGE, "", "image/png", "AA==", ""},
        {"{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x.test/a.png\"}}",
         PIECE_IMAGE, "", "", "", "https://x.test/a.png"},
        {"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/svg+xml,<svg/>\"}}",
         PIECE_IMAGE, "", "", "", "data:image/svg+xml,<svg/>"},
        {"{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"UklG\",\"format\":"
         "\"wav\"}}",
         PIECE_AUDIO, "", "wav", "UklG", ""},
        {"{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}", PIECE_FILE, "", "", "",
         "file-1"},
        {"{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
         "\"data:application/pdf;base64,JVBE\"}}",
         PIECE_FILE, "a.pdf", "application/pdf", "JVBE", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[512];
        struct world w;
        snprintf(body, sizeof body, CHAT("{\"role\":\"user\",\"content\":[%s]}", ""),
                 rows[i].part);
        assert_int_equal(read_body(&w, body), 0);
        assert_int_equal(w.c.messages[0].npieces, 1);
        const struct piece *p = &w.c.messages[0].pieces[0];
        assert_int_equal(p->kind, rows[i].kind);
        assert_str(piece_plain(p, &w.a), rows[i].text);
        assert_str(p->media_type, rows[i].media_type);
        assert_str(p->data, rows[i].data);
        assert_str(p->file_id.n ? p->file_id : p->url, rows[i].url);
        arena_reset(&w.a);
    }
}

static void choices_formats_stops_and_sampling_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        enum tool_choice choice;
        const char *choice_name;
        enum answer_format format;
        const char *schema, *effort;
        size_t nstops, nothers;
    } rows[] = {
        {"", CHOICE_UNSAID, "", FORMAT_TEXT, "", "", 0, 0},
        {",\"tool_choice\":\"auto\"", CHOICE_AUTO, "", FORMAT_TEXT, "", "", 0, 0},
        {",\"tool_choice\":\"none\"", CHOICE_NONE, "", FORMAT_TEXT, "", "", 0, 0},
        {",\"tool_choice\":\"required\"", CHOICE_REQUIRED, "", FORMAT_TEXT, "", "", 0, 0},
        {",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
         CHOICE_NAMED, "f", FORMAT_TEXT, "", "", 0, 0},
        {",\"tool_choice\":null", CHOICE_UNSAID, "", FORMAT_TEXT, "", "", 0, 0},
        {",\"response_format\":{\"type\":\"text\"}", CHOICE_UNSAID, "", FORMAT_TEXT, "",
         "", 0, 0},
        {",\"response_format\":{\"type\":\"json_object\"}", CHOICE_UNSAID, "",
         FORMAT_JSON, "", "", 0, 0},
        {",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":"
         "{\"type\":\"object\"}}}",
         CHOICE_UNSAID, "", FORMAT_SCHEMA, "{\"type\":\"object\"}", "", 0, 0},
        {",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}"
         "}",
         CHOICE_UNSAID, "", FORMAT_JSON, "", "", 0, 0},
        {",\"stop\":\"END\"", CHOICE_UNSAID, "", FORMAT_TEXT, "", "", 1, 0},
        {",\"stop\":[\"END\",\"x\"]", CHOICE_UNSAID, "", FORMAT_TEXT, "", "", 2, 0},
        {",\"reasoning_effort\":\"low\"", CHOICE_UNSAID, "", FORMAT_TEXT, "", "low", 0,
         0},
        {",\"user\":\"u\",\"logit_bias\":{\"1\":2}", CHOICE_UNSAID, "", FORMAT_TEXT, "",
         "", 0, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char body[512];
        struct world w;
        snprintf(body, sizeof body, "{\"model\":\"m\",\"messages\":[" USER "]%s}",
                 rows[i].more);
        assert_int_equal(read_body(&w, body), 0);
        assert_int_equal(w.c.choice, rows[i].choice);
        assert_str(w.c.choice_name, rows[i].choice_name);
        assert_int_equal(w.c.format, rows[i].format);
        assert_str(w.c.schema, rows[i].schema);
        assert_str(w.c.effort, rows[i].effort);
        assert_int_equal(w.c.nstops, rows[i].nstops);
        assert_int_equal(w.c.nothers, rows[i].nothers);
        arena_reset(&w.a);
    }
    struct world w;
    assert_int_equal(
        read_body(&w,
                  CHAT(USER, ",\"temperature\":0.10,\"top_p\":1e0,\"top_k\":4,\"min_p\":"
                             "0,\"seed\":12345678901234567890,\"frequency_penalty\":"
                             "-1,\"presence_penalty\":2,\"max_tokens\":7,\"stream\":true"
                             ",\"n\":1")),
        0);
    static const char *const sampling[SAMPLING_COUNT] = {
        "0.10", "1e0", "4", "0", "12345678901234567890", "-1", "2"};
    for (int i = 0; i < SAMPLING_COUNT; i++)
        assert_str(w.c.sampling[i], sampling[i]);
    assert_int_equal(w.c.max_output_tokens, 7);
    assert_int_equal(w.c.nothers, 0);
    arena_reset(&w.a);
}

static void what_has_no_place_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *says;
    } rows[] = {
        {CHAT(USER ",{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                   "{\"type\":\"hologram\"}]}",
              ""),
         "messages[1].content[1]"},
        {CHAT(USER, ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},"
                    "{\"type\":\"web_search\"}]"),
         "tools[1]"},
        {CHAT("{\"role\":\"narrator\",\"content\":\"x\"}", ""), "messages[0].role"},
        {CHAT(USER ",{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\"}]}", ""),
         "messages[1].tool_calls[0]"},
        {CHAT(USER, ",\"stop\":[\"a\",2]"), "stop[1]"},
        {CHAT(USER, ",\"response_format\":{\"type\":\"grammar\"}"),
         "response_format.type"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(read_body(&w, rows[i].body), -1);
        assert_string_equal(w.err.code, "not_expressible");
        assert_int_equal(err_http_status(w.err.kind), 400);
        if (!strstr(w.err.msg, rows[i].says))
            fail_msg("%s", w.err.msg);
        arena_reset(&w.a);
    }
}

static const char rich[] = CHAT(
    "{\"role\":\"system\",\"content\":\"s\\n\"},"
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\\t\"},{\"type\":"
    "\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}]},"
    "{\"role\":\"assistant\",\"content\":\"x\",\"tool_calls\":[{\"id\":\"c1\",\"type\":"
    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
    "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"r\"}",
    ",\"stop\":[\"END\"],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
    "\"description\":\"d\",\"parameters\":{}}}],\"user\":\"u\"");

/* At any ceiling of the arena: all of it, or an error. */
static void no_memory_is_an_error(void **state)
{
    (void)state;
    bool was_read = false;
    for (size_t spare = 0; !was_read && spare < 65536; spare += 64) {
        struct world w = {.err = {0}};
        arena_init(&w.a, 1 << 20);
        assert_int_equal(dialect_read(dialect_first(), SURFACE_CHAT, str_of(rich), &w.a,
                                      &w.chat, &w.err),
                         0);
        w.a.ceiling_bytes = w.a.used_bytes;
        while (arena_alloc(&w.a, 16)) {
        }
        w.a.ceiling_bytes += spare;
        int rc = dialect_first()->read_conversation(&w.chat, &w.a, &w.c, &w.err);
        was_read = rc == 0;
        if (rc < 0) {
            assert_string_equal(w.err.code, "out_of_memory");
        } else {
            assert_int_equal(w.c.nmessages, 4);
            assert_int_equal(w.c.ntools, 1);
            assert_str(w.c.tools[0].description.raw, "d");
            assert_int_equal(w.c.nothers, 1);
        }
        arena_reset(&w.a);
    }
    assert_true(was_read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_speaks_and_what_is_kept),
        cmocka_unit_test(pieces_of_every_kind_are_read),
        cmocka_unit_test(choices_formats_stops_and_sampling_are_read),
        cmocka_unit_test(what_has_no_place_is_refused_by_name),
        cmocka_unit_test(no_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
