/* test_json.c -- the scanner agrees with RFC 8259 and with jansson; the writer writes
 * what the scanner reads. */
#include "../fuzz/jansson_oracle.h"
#include "json/ends.h"
#include "json/plain.h"
#include "json/scan.h"
#include "json/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool accepts(struct str text, struct json_cur *c)
{
    json_begin(c, text);
    json_skip(c, NULL);
    return json_finish(c, NULL) == 0;
}

/* In a buffer of just as many bytes: not one behind them is read. */
static void a_plain_run_ends_at_the_first_byte_that_is_none(void **state)
{
    static const char ends[] = {'"', '\\', '\n', '\x1F', '\x80', '\xFF'};
    (void)state;
    for (size_t n = 1; n <= 50; n++) {
        char *s = malloc(n);
        memset(s, 'x', n);
        assert_ptr_equal(json_plain_run(s, s + n), s + n);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < sizeof ends; k++) {
                s[i] = ends[k];
                s[n - 1] = i < n - 1 ? '"' : ends[k]; /* one behind it changes nothing */
                assert_ptr_equal(json_plain_run(s, s + n), s + i);
                s[i] = s[n - 1] = 'x';
            }
        free(s);
    }
}

static void accepts_what_the_grammar_says(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool legal;
    } rows[] = {
        {"{}", true},
        {"[]", true},
        {" \t\r\n1 ", true},
        {"\"\"", true},
        {"[1,2,{\"a\":[]}]", true},
        {"-0", true},
        {"0.5e-10", true},
        {"1E+2", true},
        {"123456789012345678901234567890", true},
        {"1e999", true},
        {"\"\\u0000\\ud800\\\"\\\\\\/\\b\\f\\n\\r\\t\"", true},
        {"\"\x7f \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"", true},
        {"{\"a\":1,\"a\":2}", true},
        {"", false},
        {" ", false},
        {"{", false},
        {"}", false},
        {"[1,]", false},
        {"[,1]", false},
        {"[1 2]", false},
        {"{\"a\":1,}", false},
        {"{,}", false},
        {"{\"a\"}", false},
        {"{\"a\" 1}", false},
        {"{a:1}", false},
        {"{\"a\":}", false},
        {"[}", false},
        {"{]", false},
        {"[1]]", false},
        {"1 2", false},
        {"01", false},
        {"-", false},
        {"-01", false},
        {"+1", false},
        {"1.", false},
        {".5", false},
        {"1e", false},
        {"1e+", false},
        {"0x10", false},
        {"tru", false},
        {"truex", false},
        {"nul", false},
        {"NaN", false},
        {"'a'", false},
        {"\"", false},
        {"\"\\\"", false},
        {"\"\\x41\"", false},
        {"\"\\u12g4\"", false},
        {"\"\\u12", false},
        {"\"a\nb\"", false},
        {"\"a\x1f\"", false},
        {"\"\xC0\x80\"", false},
        {"\"\xE0\x80\x80\"", false},
        {"\"\xED\xA0\x80\"", false},
        {"\"\xF4\x90\x80\x80\"", false},
        {"\"\xF8\x88\x80\x80\x80\"", false},
        {"\"\x80\"", false},
        {"\"\xE2\x82\"", false},
        {"\"\xF0\x9F\x98", false},
        {"\xEF\xBB\xBF{}", false},
        {"// x\n1", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_cur c;
        if (accepts(str_of(rows[i].text), &c) != rows[i].legal)
            fail_msg("%s: expected %d, %s", rows[i].text, rows[i].legal, c.problem);
    }
    struct json_cur c;
    assert_false(accepts((struct str){"\"a\0b\"", 5}, &c));
    assert_false(accepts((struct str){"1\0", 2}, &c));
}

/* Strings are looked at 16 bytes together: every length and every place for the byte
 * that ends the run must come out the same. */
static void finds_the_odd_byte_at_every_offset(void **state)
{
    (void)state;
    static const char odd[] = {'"', '\\', '\n', '\0', '\x80', 'x'};
    for (size_t n = 1; n < 70; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t k = 0; k < sizeof odd; k++) {
                char *text = malloc(n + 2); /* exact size: ASan sees a read past it */
                struct json_cur c;
                memset(text, 'a', n + 2);
                text[0] = text[n + 1] = '"';
                text[at + 1] = odd[k];
                bool legal = odd[k] == 'x';
                /* A backslash before the closing quote swallows it; before an 'a'
                 * it is no escape: refused both ways. */
                assert_int_equal(accepts((struct str){text, n + 2}, &c), legal);
                free(text);
            }
}

static void nests_to_its_depth_and_no_deeper(void **state)
{
    (void)state;
    char text[2 * JSON_MAX_DEPTH + 2];
    struct json_cur c;
    for (size_t depth = JSON_MAX_DEPTH - 1; depth <= JSON_MAX_DEPTH + 1; depth++) {
        bool fits = depth <= JSON_MAX_DEPTH;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(accepts((struct str){text, 2 * depth}, &c), fits);
        json_begin(&c, (struct str){text, 2 * depth});
        size_t entered = 0;
        while (json_enter_array(&c) && json_next_element(&c))
            entered++;
        assert_int_equal(entered, fits ? depth - 1 : JSON_MAX_DEPTH);
        assert_int_equal(json_ok(&c), fits);
    }
    /* What the cursor has entered counts too. */
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    json_begin(&c, (struct str){text, 2 * JSON_MAX_DEPTH + 2});
    assert_true(json_enter_array(&c) && json_next_element(&c));
    assert_false(json_skip(&c, NULL));
}

static void walks_a_chat_body(void **state)
{
    (void)state;
    struct str body = STR(" { \"model\" : \"gpt\\u002dx\", \"n\":3,\n\"stream\":true, "
                          "\"messages\":[ {\"role\":\"user\"} , 2 ,[]], \"o\":{} } ");
    struct json_cur c;
    struct json_string key, model = {{NULL, 0}, false};
    struct str raw[8];
    size_t nraw = 0;
    int64_t n = 0;
    bool stream = false;
    json_begin(&c, body);
    assert_int_equal(json_peek(&c), JSON_OBJECT);
    assert_true(json_enter_object(&c));
    while (json_next_member(&c, &key)) {
        if (json_string_is(key, "model")) {
            assert_int_equal(json_peek(&c), JSON_STRING);
            assert_int_equal(body.p[json_offset(&c)], '"');
            assert_true(json_read_string(&c, &model));
        } else if (json_string_is(key, "n")) {
            assert_true(json_read_i64(&c, &n));
        } else if (json_string_is(key, "stream")) {
            assert_true(json_read_bool(&c, &stream));
        } else if (json_string_is(key, "messages")) {
            assert_true(json_enter_array(&c));
            while (json_next_element(&c))
                assert_true(json_skip(&c, &raw[nraw++]));
        } else {
            assert_true(json_skip(&c, &raw[nraw++]));
        }
    }
    assert_int_equal(json_finish(&c, NULL), 0);
    assert_int_equal(n, 3);
    assert_true(stream);
    assert_true(str_eqz(model.raw, "gpt\\u002dx"));
    assert_true(json_string_is(model, "gpt-x"));
    assert_int_equal(nraw, 4);
    assert_true(str_eqz(raw[0], "{\"role\":\"user\"}"));
    assert_true(str_eqz(raw[1], "2"));
    assert_true(str_eqz(raw[2], "[]"));
    assert_true(str_eqz(raw[3], "{}"));
}

static void errors_stick_and_name_the_byte(void **state)
{
    (void)state;
    struct json_cur c;
    struct json_string s;
    struct err err;
    int64_t n;
    bool b;
    json_begin(&c, STR("{\"a\": 1.5, \"b\": 2}"));
    assert_true(json_enter_object(&c));
    assert_true(json_next_member(&c, &s));
    assert_false(json_read_i64(&c, &n));
    assert_false(json_ok(&c));
    assert_false(json_next_member(&c, &s));
    assert_false(json_read_string(&c, &s));
    assert_false(json_read_bool(&c, &b));
    assert_false(json_enter_array(&c));
    assert_false(json_skip(&c, NULL));
    assert_int_equal(json_peek(&c), JSON_NONE);
    assert_int_equal(json_finish(&c, &err), -1);
    assert_int_equal(err.kind, ERR_BAD_REQUEST);
    assert_string_equal(err.code, "invalid_json");
    assert_string_equal(err.msg, "JSON at byte 6: an integer was expected here");

    json_begin(&c, STR("[1]"));
    json_fail(&c, "no such thing");
    assert_int_equal(json_finish(&c, &err), -1);
    assert_string_equal(err.msg, "JSON at byte 0: no such thing");

    json_begin(&c, STR("[[]"));
    assert_true(json_enter_array(&c));
    assert_true(json_next_element(&c));
    assert_true(json_skip(&c, NULL));
    assert_int_equal(json_finish(&c, &err), -1);

    json_begin(&c, STR("18446744073709551616"));
    assert_false(json_read_i64(&c, &n));
    json_begin(&c, STR("-9223372036854775807"));
    assert_true(json_read_i64(&c, &n));
    assert_true(n == -INT64_MAX);
}

static struct str unescape(struct arena *a, const char *quoted)
{
    struct json_cur c;
    struct json_string s = {{NULL, 0}, false};
    json_begin(&c, str_of(quoted));
    assert_true(json_read_string(&c, &s));
    return json_unescape(a, s);
}

static void unescapes_what_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *quoted;
        struct str meaning;
    } rows[] = {
        {"\"plain\"", STR_INIT("plain")},
        {"\"\"", STR_INIT("")},
        {"\"a\\\"b\\\\c\\/d\"", STR_INIT("a\"b\\c/d")},
        {"\"\\b\\f\\n\\r\\t\"", STR_INIT("\b\f\n\r\t")},
        {"\"\\u0041\\u00e9\\u20AC\"", STR_INIT("A\xC3\xA9\xE2\x82\xAC")},
        {"\"x\\u0000y\"", STR_INIT("x\0y")},
        {"\"\\ud83d\\uDE00!\"", STR_INIT("\xF0\x9F\x98\x80!")},
        {"\"\\ud83d\"", STR_INIT("\xEF\xBF\xBD")},
        {"\"\\ude00\"", STR_INIT("\xEF\xBF\xBD")},
        {"\"\\ud83dx\"", STR_INIT("\xEF\xBF\xBDx")},
        {"\"\\ud83d\\u0041\"", STR_INIT("\xEF\xBF\xBD"
                                        "A")},
        {"\"\\ud83d\\ud83d\\ude00\"", STR_INIT("\xEF\xBF\xBD\xF0\x9F\x98\x80")},
    };
    struct arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!str_eq(unescape(&a, rows[i].quoted), rows[i].meaning))
            fail_msg("row %zu: %s", i, rows[i].quoted);
    arena_reset(&a);
    arena_init(&a, 8);
    assert_null(unescape(&a, "\"0123456789\\n\"").p);
    arena_reset(&a);
}

static void keys_match_by_meaning(void **state)
{
    (void)state;
    struct json_string s = {STR_INIT("mod\\u0065l"), true};
    assert_true(json_string_is(s, "model"));
    assert_false(json_string_is(s, "mode"));
    assert_false(json_string_is(s, "models"));
    assert_false(json_string_is(s, "mod\\u0065l"));
}

static void shortcuts_find_members(void **state)
{
    (void)state;
    struct str text = STR("{\"usage\":{\"a\":{\"b\": 7 },\"n\":[1]},\"x\":1,\"x\":2}");
    assert_true(str_eqz(json_get(text, "usage"), "{\"a\":{\"b\": 7 },\"n\":[1]}"));
    assert_true(str_eqz(json_path(text, "usage", "a", "b", NULL), "7"));
    assert_null(json_path(text, "usage", "zzz", "b", NULL).p);
    assert_null(json_path(text, "usage", "n", "b", NULL).p);
    assert_true(str_eqz(json_get(text, "x"), "2"));
    assert_null(json_get(STR("{\"x\":1} x"), "x").p);
    assert_null(json_get(STR("[1]"), "x").p);
    assert_null(json_get((struct str){NULL, 0}, "x").p);
}

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void check_against_jansson(struct str text)
{
    const char *dissent = oracle_dissent(text);
    if (dissent)
        fail_msg("%s: %.*s", dissent, STR_ARG(text));
}

static const char *const seeds[] = {
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"h\xC3\xA9llo "
    "\xF0\x9F\x98\x80 \\u00e9\\ud83d\\ude00 tail that is longer than sixteen\"}],"
    "\"temperature\":0.7,\"stop\":null,\"stream\":true}",
    "[1,-2.5e+10,0.0,1E5,[[],{}],false,\"\\\\\\\"\\n\\/\"]",
    "{\"a\":{\"b\":[{\"c\":\"\"}]},\"d\":[true,false,null]}",
    " \"just a string with \xE2\x82\xAC in it\" ",
};

/* Mutations keep to bytes that matter, so that about one in five stays legal. */
static size_t mutate(char *text, size_t n, uint64_t *random)
{
    static const char bytes[] =
        "{}[]\",:\\0123456789eE+-.truefalsn /ud8\x80\xC3\xED\xF0 ";
    size_t at = next_random(random) % n;
    char ch = bytes[next_random(random) % (sizeof bytes - 1)];
    switch (next_random(random) % 4) {
    case 0:
        text[at] = ch;
        return n;
    case 1:
        memmove(text + at, text + at + 1, n - at - 1);
        return n - 1;
    case 2:
        memmove(text + at + 1, text + at, n - at);
        text[at] = ch;
        return n + 1;
    default:
        text[at] = (char)next_random(random);
        return n;
    }
}

static void agrees_with_jansson_on_mutations(void **state)
{
    (void)state;
    uint64_t random = 0x9E3779B97F4A7C15ULL;
    for (int round = 0; round < 20000; round++) {
        char text[400];
        const char *seed = seeds[(size_t)round % ARRAY_LEN(seeds)];
        size_t n = strlen(seed);
        memcpy(text, seed, n);
        for (uint64_t k = next_random(&random) % 4; k > 0; k--)
            n = mutate(text, n, &random);
        check_against_jansson((struct str){text, n});
    }
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
        for (size_t cut = 0; cut <= strlen(seeds[i]); cut++)
            check_against_jansson((struct str){seeds[i], cut});
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    struct buf b;
    struct json_writer w;
    buf_init(&b, 4096);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "a\"b");
    json_array_open(&w);
    json_array_open(&w);
    json_array_close(&w);
    json_i64(&w, -5);
    json_u64(&w, UINT64_MAX);
    json_double(&w, 0.1);
    json_double(&w, 1.0 / 3);
    json_double(&w, 1e300 * 1e300);
    json_bool(&w, true);
    json_bool(&w, false);
    json_write_null(&w);
    json_array_close(&w);
    json_key(&w, "o");
    json_object_open(&w);
    json_object_close(&w);
    json_key(&w, "r");
    json_raw(&w, STR("[1, 2]"));
    json_key(&w, "s");
    json_str(&w, STR("x"));
    json_key(&w, "n");
    json_str(&w, (struct str){NULL, 0});
    json_object_close(&w);
    assert_true(str_eqz(buf_view(&b), "{\"a\\\"b\":[[],-5,18446744073709551615,0.1,"
                                      "0.3333333333333333,null,true,false,null],\"o\":{},"
                                      "\"r\":[1, 2],\"s\":\"x\",\"n\":null}"));
    buf_release(&b);
}

static void written_strings_are_legal_utf8(void **state)
{
    (void)state;
    static const struct {
        struct str in;
        const char *out;
    } rows[] = {
        {STR_INIT(""), "\"\""},
        {STR_INIT("a\"\\/\b\f\n\r\t"), "\"a\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {STR_INIT("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\""},
        {STR_INIT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
         "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""},
        {STR_INIT("x\xFFy\xC3"), "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\""},
        {STR_INIT("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_cur c;
        buf_clear(&b);
        json_write_string(&b, rows[i].in);
        assert_true(str_eqz(buf_view(&b), rows[i].out));
        assert_true(accepts(buf_view(&b), &c));
    }
    buf_release(&b);
}

/* Any bytes survive the way out and back, but for what was not UTF-8. */
static void strings_survive_the_round_trip(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252ULL;
    struct buf b;
    struct arena a;
    buf_init(&b, 4096);
    arena_init(&a, 4096);
    for (int round = 0; round < 3000; round++) {
        char text[80];
        size_t n = next_random(&random) % sizeof text;
        for (size_t i = 0; i < n; i++)
            text[i] = (char)(next_random(&random) % 128);
        buf_clear(&b);
        arena_reset(&a);
        json_write_string(&b, (struct str){text, n});
        struct json_cur c;
        struct json_string s = {{NULL, 0}, false};
        json_begin(&c, buf_view(&b));
        assert_true(json_read_string(&c, &s));
        assert_int_equal(json_finish(&c, NULL), 0);
        assert_true(str_eq(json_unescape(&a, s), (struct str){text, n}));
    }
    arena_reset(&a);
    buf_release(&b);
}

static void doubles_read_back(void **state)
{
    (void)state;
    static const double values[] = {0.0,
                                    -0.0,
                                    1.0,
                                    0.1,
                                    1e21,
                                    5e-324,
                                    1.7976931348623157e308,
                                    123456789.125,
                                    -2.2250738585072014e-308};
    struct buf b;
    struct json_writer w;
    buf_init(&b, 4096);
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        struct json_cur c;
        double back = 1;
        buf_clear(&b);
        json_writer_init(&w, &b);
        json_double(&w, values[i]);
        assert_true(accepts(buf_view(&b), &c));
        assert_true(str_to_double(buf_view(&b), &back));
        assert_memory_equal(&back, &values[i], sizeof back);
    }
    buf_release(&b);
}

/* Whatever stands there is stepped over, so that the walk goes on behind it. */
static void what_is_not_wanted_is_skipped(void **state)
{
    (void)state;
    static const char *const values[] = {"{\"x\":1}", "[1,{}]", "\"a\"", "1", "null"};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        char text[64];
        struct json_cur c;
        snprintf(text, sizeof text, "[%s,[%s],7]", values[i], values[i]);
        json_begin(&c, str_of(text));
        assert_true(json_enter_array(&c) && json_next_element(&c));
        if (json_object_or_skip(&c)) {
            struct json_string k;
            assert_int_equal(i, 0);
            assert_true(json_next_member(&c, &k) && json_skip(&c, NULL));
            assert_false(json_next_member(&c, &k));
        }
        assert_true(json_next_element(&c));
        assert_true(json_array_or_skip(&c));
        assert_true(json_next_element(&c) && json_skip(&c, NULL));
        assert_false(json_next_element(&c));
        assert_true(json_next_element(&c));
        assert_false(json_array_or_skip(&c));
        assert_false(json_next_element(&c));
        assert_int_equal(json_finish(&c, NULL), 0);
    }
}

/* -- where long values end --------------------------------------------------------------
 */

/* Objects, lists and texts of all lengths around the one that is noted, some in others.
 */
static void write_sample(struct buf *b, unsigned depth, unsigned seed)
{
    buf_lit(b, "{\"s\":\"");
    for (unsigned i = 0; i < seed * 37 % 300; i++)
        buf_append(b, seed % 3 == 0 && i % 7 == 0 ? STR("\\n") : STR("t"));
    buf_lit(b, "\", \"n\":[1,{},[],\"x\"] ,\"in\":[");
    for (unsigned i = 0; depth && i < 1 + seed % 4; i++) {
        buf_append(b, i ? STR(" , ") : STR(""));
        write_sample(b, depth - 1, seed * 7 + i);
    }
    buf_lit(b, "]}");
}

/* Steps in and over as the seed says, and sometimes looks ahead with a copy. */
static void walk_noting(struct json_cur *c, unsigned seed)
{
    struct json_string k;
    if (seed % 5 == 1) {
        struct json_cur ahead = *c;
        json_enter_object(&ahead);
        json_next_member(&ahead, &k);
        json_skip(&ahead, NULL);
    }
    if (seed % 3 == 2 || json_peek(c) != JSON_OBJECT) {
        json_skip(c, NULL);
        return;
    }
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        if (json_peek(c) != JSON_ARRAY || seed % 4 == 0) {
            json_skip(c, NULL);
            continue;
        }
        json_enter_array(c);
        for (unsigned i = 0; json_next_element(c); i++)
            walk_noting(c, seed * 7 + i);
    }
}

/* Whatever is stepped over at once is what a walk over it finds. */
static void compare(struct str value, const struct json_ends *ends)
{
    struct json_cur known, plain;
    struct json_string k, l, s, t;
    struct str a, b;
    json_begin_known(&known, value, ends);
    json_begin(&plain, value);
    if (json_peek(&plain) == JSON_STRING) {
        assert_true(json_read_string(&known, &s) && json_read_string(&plain, &t));
        assert_ptr_equal(s.raw.p, t.raw.p);
        assert_int_equal(s.raw.n, t.raw.n);
        assert_int_equal(s.has_escapes, t.has_escapes);
        return;
    }
    bool is_object = json_peek(&plain) == JSON_OBJECT;
    if (!is_object && json_peek(&plain) != JSON_ARRAY)
        return;
    if (is_object)
        assert_true(json_enter_object(&known) && json_enter_object(&plain));
    else
        assert_true(json_enter_array(&known) && json_enter_array(&plain));
    while (is_object ? json_next_member(&plain, &l) : json_next_element(&plain)) {
        assert_true(is_object ? json_next_member(&known, &k) : json_next_element(&known));
        assert_true(json_skip(&known, &a) && json_skip(&plain, &b));
        assert_ptr_equal(a.p, b.p);
        assert_int_equal(a.n, b.n);
        compare(a, ends);
    }
    assert_false(is_object ? json_next_member(&known, &k) : json_next_element(&known));
    assert_int_equal(json_finish(&known, NULL), 0);
}

static void ends_that_were_noted_are_those_of_a_walk(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 24; seed++) {
        struct arena a;
        struct buf b;
        struct json_cur c;
        struct json_noting noting;
        arena_init(&a, seed == 23 ? 2048 : 1 << 20); /* the last has no room for all */
        buf_init(&b, 1 << 20);
        write_sample(&b, 5, seed);
        while (b.n < 8192) /* shorter texts are not noted */
            buf_byte(&b, ' ');
        json_begin_noting(&c, buf_view(&b), &noting, &a);
        walk_noting(&c, seed);
        assert_int_equal(json_finish(&c, NULL), 0);
        compare(buf_view(&b), &noting.ends);
        buf_release(&b);
        arena_reset(&a);
    }
}

static void ends_of_another_text_are_not_looked_at(void **state)
{
    (void)state;
    struct arena a;
    struct json_cur c;
    struct json_noting noting;
    struct str raw;
    char text[6000], other[6000];
    memset(text, 'a', sizeof text);
    memcpy(text, "[\"", 2);
    memcpy(text + sizeof text - 2, "\"]", 2);
    memcpy(other, text, sizeof other);
    memcpy(other + 100, "\",\"", 3);
    arena_init(&a, 1 << 20);
    json_begin_noting(&c, (struct str){text, sizeof text}, &noting, &a);
    assert_true(json_skip(&c, NULL));
    assert_int_equal(noting.ends.n, 2);
    json_begin_known(&c, (struct str){other, sizeof other}, &noting.ends);
    assert_true(json_enter_array(&c) && json_next_element(&c) && json_skip(&c, &raw));
    assert_int_equal(raw.n, 100);
    json_begin_known(&c, (struct str){text, sizeof text}, &noting.ends);
    assert_true(json_enter_array(&c) && json_next_element(&c) && json_skip(&c, &raw));
    assert_int_equal(raw.n, sizeof text - 2);
    arena_reset(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_run_ends_at_the_first_byte_that_is_none),
        cmocka_unit_test(accepts_what_the_grammar_says),
        cmocka_unit_test(finds_the_odd_byte_at_every_offset),
        cmocka_unit_test(nests_to_its_depth_and_no_deeper),
        cmocka_unit_test(walks_a_chat_body),
        cmocka_unit_test(errors_stick_and_name_the_byte),
        cmocka_unit_test(unescapes_what_is_written),
        cmocka_unit_test(keys_match_by_meaning),
        cmocka_unit_test(shortcuts_find_members),
        cmocka_unit_test(what_is_not_wanted_is_skipped),
        cmocka_unit_test(agrees_with_jansson_on_mutations),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(written_strings_are_legal_utf8),
        cmocka_unit_test(ends_that_were_noted_are_those_of_a_walk),
        cmocka_unit_test(ends_of_another_text_are_not_looked_at),
        cmocka_unit_test(strings_survive_the_round_trip),
        cmocka_unit_test(doubles_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
