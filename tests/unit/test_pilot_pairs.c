/* test_pilot_pairs.c -- what two answers say of each other without an opinion; and a
 * pilot's lines, written and read again. */
#include "core/mem.h"
#include "pilot/code.h"
#include "pilot/compare.h"
#include "pilot/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

static struct judge_answer says(const char *text)
{
    return (struct judge_answer){
        .text = str_of(text), .refusal = STR(""), .finish = FINISH_STOP};
}

/* -- two answers -----------------------------------------------------------------------
 */

static const struct row {
    const char *prompt, *first, *second;
    enum pilot_check check;
    int better;
    unsigned task;
} rows[] = {
    {"A box holds 12 eggs. How many eggs are in 3 boxes?",
     "There are 18 left. The answer is 18.", "\\boxed{18}", PILOT_SAME, 0, TASK_NUMBER},
    /* One of them is wrong, and nobody says which. */
    {"A box holds 12 eggs. How many eggs are in 3 boxes?", "The answer is 18.",
     "The answer is 17.", PILOT_UNKNOWN, 0, TASK_NUMBER},
    {"Say hello.", "Hello there!", "", PILOT_RULES, 1, TASK_OPEN},
    {"Say hello.", "", "Hello there!", PILOT_RULES, -1, TASK_OPEN},
    {"Say hello.", "", "", PILOT_RULES, 0, TASK_OPEN},
    {"Say hello.", "Hello there!", " Hello there!\n", PILOT_SAME, 0, TASK_OPEN},
    {"Say hello.", "Hello there!", "Good morning!", PILOT_UNKNOWN, 0, TASK_OPEN},
};

static void what_needs_no_opinion_is_decided(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        const struct judge_question q = {.prompt = str_of(r->prompt)};
        const struct judge_answer a = says(r->first), b = says(r->second);
        struct pilot_compared c;
        assert_int_equal(pilot_compare(&q, &a, &b, &arena, &c), 0);
        if (c.check != r->check || c.better != r->better || c.task != r->task)
            fail_msg("row %zu: %s, %d, %s", i, pilot_check_name(c.check), c.better,
                     pilot_task_name(c.task));
    }
}

/* What stands in a fence, and what is known of it. */
static void code_is_read_and_not_run(void **state)
{
    enum { WHOLE, BROKEN, NOTHING };
    static const struct {
        const char *word, *code;
        int want;
    } blocks[] = {
        {"json", "{\"a\": [1, 2]}", WHOLE},
        {"JSON", "{\"a\": [1, 2}", BROKEN},
        {"json", "{\"a\": [1, 2]", BROKEN},
        {"json", "{\"a\": [1, ...]}", NOTHING},
        {"json", "{\"a\": 1} // why\n", NOTHING},
        {"json", "{\"a\": 1}\n{\"a\": 2}\n", NOTHING},
        {"jsonc", "{", NOTHING},
        {"python", "def f(x):\n    return {'a': [x, \"]\"]}  # ) it's\n", WHOLE},
        {"py", "print(f\"{x['a']}\")\ns = '''it's\n(\n'''\n", WHOLE},
        {"python", "def f(x):\n    return {'a': [x]\n", BROKEN},
        {"python", "def f(x:\n    return x)]\n", BROKEN},
        {"python", "s = 'abc\nprint(s)\n", BROKEN},
        {"python", "s = 'abc\\\ndef'\nt = \"\\\"\"\n", WHOLE},
        {"python", "s = \"\"\"never\n", BROKEN},
        {"python", "class A:\n    ...\n", WHOLE},
        {"c", "int main(void) { return '}' - L'{' + 1'0; /* ( */ } // don't\n", WHOLE},
        {"c", "int main(void) { if (x) { return 0; }\n", BROKEN},
        {"c", "/* never", BROKEN},
        {"c", "#ifdef A\nif (a) {\n#else\nif (b) {\n#endif\n}\n", NOTHING},
        {"c", "#error don't\n{", NOTHING},
        {"cpp", "auto s = R\"x(}\")x\"; int n = 1'000'000;\n", WHOLE},
        {"c++", "auto s = R\"(}\n", BROKEN},
        {"java", "class A { String s = \"\"\"\n { \"\"\"; }\n", WHOLE},
        {"java", "class A { void f() { }\n", BROKEN},
        {"go", "func f() { s := `{\n\"`; r := '{'; _ = s }\n", WHOLE},
        {"go", "func f() { s := `{\n", BROKEN},
        {"rust", "fn f<'a>() {", NOTHING},
        {"", "{", NOTHING},
        {"python", "", NOTHING},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
        for (int is_closed = 0; is_closed < 2; is_closed++) {
            struct str text =
                arena_printf(&arena, "So:\n\n```%s\n%s%s", blocks[i].word, blocks[i].code,
                             is_closed ? "\n```\nThat is (it.\n" : "");
            struct pilot_code c = pilot_code_of(text);
            int got = c.broken ? BROKEN : c.whole ? WHOLE : NOTHING;
            if (got != blocks[i].want)
                fail_msg("block %zu: %d", i, got);
        }
    }
    assert_true(pilot_code_of(STR("No code: (")).broken == 0);
}

/* Every cut of a text is read to its end and not beyond it. */
static void cut_code_is_read_within_its_bounds(void **state)
{
    static const char text[] = "```cpp\nR\"x(a)x\" 'a' /* b */ \"\\\"\" [(){}]\n```\n"
                               "```python\n'''a''' \"\\\n```\n```java\n\"\"\"a\"\"\"";
    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        char *copy = mem_alloc(n + 1);
        assert_non_null(copy);
        memcpy(copy + 1, text, n); /* the sanitizer sees what is behind it */
        struct pilot_code c = pilot_code_of((struct str){copy + 1, n});
        assert_int_equal(c.broken & c.whole, 0);
        mem_free(copy);
    }
}

static void whole_code_is_better_than_broken_code(void **state)
{
    static const char whole[] = "```python\nprint((1))\n```",
                      other[] = "```python\nprint([2])\n```\nor\n```json\n{\n```",
                      broken[] = "```python\nprint((1)\n```",
                      in_c[] = "```c\nf((1);\n```", none[] = "Use print.";
    static const struct {
        const char *first, *second;
        enum pilot_check check;
        int better;
    } pairs[] = {
        {whole, broken, PILOT_CODE, 1},   {broken, whole, PILOT_CODE, -1},
        {whole, other, PILOT_UNKNOWN, 0}, {broken, other, PILOT_CODE, -1},
        {broken, in_c, PILOT_UNKNOWN, 0}, {broken, none, PILOT_UNKNOWN, 0},
        {whole, none, PILOT_UNKNOWN, 0},
    };
    (void)state;
    const struct judge_question q = {.prompt = STR("How do I print 1 in Python?")};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const struct judge_answer a = says(pairs[i].first), b = says(pairs[i].second);
        struct pilot_compared c;
        assert_int_equal(pilot_compare(&q, &a, &b, &arena, &c), 0);
        if (c.check != pairs[i].check || c.better != pairs[i].better)
            fail_msg("pair %zu: %s, %d", i, pilot_check_name(c.check), c.better);
    }
}

static void json_is_compared_by_what_it_says(void **state)
{
    static const struct {
        const char *first, *second;
        enum pilot_check check;
        int better;
    } jsons[] = {
        {"{\"a\":1,\"b\":[2]}", "{ \"b\": [2.0], \"a\": 1 }", PILOT_SAME, 0},
        {"{\"a\":1}", "{\"a\":2}", PILOT_UNKNOWN, 0},
        {"{\"a\":1}", "{\"a\":", PILOT_RULES, 1},
        {"{\"a\":\"x\"}", "{\"a\":1}", PILOT_RULES, -1},
    };
    (void)state;
    const struct judge_question q = {
        .prompt = STR("Extract it."),
        .format = FORMAT_SCHEMA,
        .schema = STR("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"}},"
                      "\"required\":[\"a\"]}")};
    for (size_t i = 0; i < ARRAY_LEN(jsons); i++) {
        const struct judge_answer a = says(jsons[i].first), b = says(jsons[i].second);
        struct pilot_compared c;
        assert_int_equal(pilot_compare(&q, &a, &b, &arena, &c), 0);
        if (c.check != jsons[i].check || c.better != jsons[i].better)
            fail_msg("row %zu: %s, %d", i, pilot_check_name(c.check), c.better);
    }
}

static void calls_are_the_same_by_name_and_arguments(void **state)
{
    const struct tool tools[] = {{.name = STR("find"), .parameters = {NULL, 0}}};
    const struct judge_question q = {
        .prompt = STR("Find it."), .tools = tools, .ntools = 1};
    const struct tool_call calls[] = {
        {.name = STR("find"), .arguments = STR("{\"a\":1,\"b\":2}")},
        {.name = STR("find"), .arguments = STR("{\"b\": 2, \"a\": 1}")},
        {.name = STR("find"), .arguments = STR("{\"a\":3}")},
        {.name = STR("search"), .arguments = STR("{}")}};
    static const struct {
        enum pilot_check check;
        int better;
    } wanted[] = {
        {PILOT_SAME_CALL, 0}, {PILOT_SAME_CALL, 0}, {PILOT_UNKNOWN, 0}, {PILOT_RULES, 1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct judge_answer a = says(""), b = says("");
        struct pilot_compared c;
        a.calls = &calls[0];
        b.calls = &calls[i];
        a.ncalls = b.ncalls = 1;
        assert_int_equal(pilot_compare(&q, &a, &b, &arena, &c), 0);
        if (c.check != wanted[i].check || c.better != wanted[i].better)
            fail_msg("row %zu: %s, %d", i, pilot_check_name(c.check), c.better);
        assert_int_equal(c.task, PILOT_CALLS);
    }
}

/* -- lines -----------------------------------------------------------------------------
 */

static const struct pilot_terms terms = {.id = 0xfedcba9876543210U,
                                         .key0 = 1,
                                         .key1 = 0xffffffffffffffffU,
                                         .began_ms = 1764470700000,
                                         .to = "home/near",
                                         .judge = "big",
                                         .margin = .05,
                                         .kept = .2,
                                         .keep = 100,
                                         .share_ppm = 100000,
                                         .days = 30,
                                         .max_nanousd = 5000000000};

static void terms_are_read_as_they_were_written(void **state)
{
    struct buf out;
    struct pilot_terms back;
    struct err err = {0};
    (void)state;
    buf_init(&out, 1 << 16);
    pilot_terms_write(&terms, &out);
    assert_int_equal(pilot_terms_read(buf_view(&out), &back, &err), 0);
    assert_true(back.id == terms.id && back.key0 == terms.key0 &&
                back.key1 == terms.key1);
    assert_string_equal(back.to, terms.to);
    assert_string_equal(back.judge, terms.judge);
    assert_true(back.margin == terms.margin && back.kept == terms.kept &&
                back.keep == terms.keep && back.share_ppm == terms.share_ppm);
    assert_true(back.days == 30 && back.max_nanousd == terms.max_nanousd);
    assert_true(pilot_terms_end_ms(&back) == terms.began_ms + 30ULL * 86400000);
    /* Cut off anywhere, it is no file of ours. */
    for (size_t n = 0; n + 2 < buf_len(&out); n++)
        assert_int_equal(pilot_terms_read(str_sub(buf_view(&out), 0, n), &back, &err),
                         -1);
    assert_string_equal(err.code, "pilot_file");
    buf_release(&out);
}

static void add_pair(struct buf *out, enum pilot_check check, double score, bool is_kept)
{
    const struct pilot_pair p = {.at_ms = 5,
                                 .question = 0xabcdef0123456789U,
                                 .local = 2,
                                 .other = 3,
                                 .local_nanousd = 0,
                                 .other_nanousd = 125000,
                                 .judge_nanousd = -1,
                                 .local_ttft_ms = -1,
                                 .other_ttft_ms = 250,
                                 .score = (float)score,
                                 .task = PILOT_CALLS,
                                 .check = (uint8_t)check,
                                 .is_kept = is_kept};
    pilot_write_pair(&p, out);
}

static void a_story_is_read_as_it_happened(void **state)
{
    struct buf out, labels;
    struct pilot_story s;
    (void)state;
    buf_init(&out, 1 << 16);
    buf_init(&labels, 1 << 16);
    pilot_write_money(1000, 0, &out);
    add_pair(&out, PILOT_RULES, -1, false);
    buf_lit(&out, "{\"pair_ms\":5,\"task\":\"nu\n"); /* a crash in the middle of a line */
    add_pair(&out, PILOT_JUDGED, .5, true);
    pilot_write_lost(3, &out);
    pilot_write_money(2000, 1500, &out);
    pilot_write_end(77, "stopped", &out);
    pilot_write_end(78, "days", &out);
    buf_lit(&out, "{\"lost\":100"); /* not whole yet */
    assert_int_equal(pilot_story_init(&s, &terms), 0);
    assert_int_equal(pilot_story_read_pairs(&s, buf_view(&out)), 0);
    assert_int_equal(s.book.n, 2);
    const struct pilot_pair *p = &s.book.pairs[1];
    assert_true(p->question == 0xabcdef0123456789U && p->local == 2 && p->other == 3);
    assert_true(p->local_nanousd == 0 && p->other_nanousd == 125000 &&
                p->judge_nanousd == -1 && p->local_ttft_ms == -1 &&
                p->other_ttft_ms == 250);
    assert_true(p->score == .5f && p->is_kept && p->task == PILOT_CALLS &&
                p->check == PILOT_JUDGED);
    assert_true(s.granted_nanousd == 2000 && s.spent_nanousd == 1500 && s.nlost == 3);
    assert_true(s.ended_ms == 77 && s.nkept == 1);
    assert_string_equal(s.ended_why, "stopped");
    assert_int_equal(pilot_book_counted(&s.book, 0), 1);
    pilot_write_label(1, -1, &labels);
    buf_lit(&labels, "{\"pair\":1,\"lab");
    pilot_story_read_labels(&s, buf_view(&labels));
    assert_int_equal(s.nlabels, 1);
    assert_int_equal(pilot_book_counted(&s.book, 0), 2);
    buf_lit(&labels, "el\":1}\n"); /* the rest of it: the first word counts */
    pilot_story_read_labels(&s, buf_view(&labels));
    assert_int_equal(s.nlabels, 1);
    assert_int_equal(s.labels_read, buf_len(&labels));
    pilot_story_release(&s);
    buf_release(&out);
    buf_release(&labels);
}

static void kept_texts_come_back(void **state)
{
    const struct pilot_kept k = {7, STR("a \"quoted\"\nquestion"), STR("one\t"),
                                 STR("\xC3\xA4 two \\")};
    struct buf out;
    struct pilot_kept back;
    (void)state;
    buf_init(&out, 1 << 16);
    buf_lit(&out, "{\"pair\":3,\"question\":\"cut\n");
    pilot_write_kept(&k, &out);
    struct str rest = buf_view(&out);
    assert_true(pilot_read_kept(&rest, &arena, &back));
    assert_int_equal(back.pair, 7);
    assert_true(str_eq(back.question, k.question) && str_eq(back.local, k.local) &&
                str_eq(back.other, k.other));
    assert_false(pilot_read_kept(&rest, &arena, &back));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_no_opinion_is_decided),
        cmocka_unit_test(json_is_compared_by_what_it_says),
        cmocka_unit_test(code_is_read_and_not_run),
        cmocka_unit_test(cut_code_is_read_within_its_bounds),
        cmocka_unit_test(whole_code_is_better_than_broken_code),
        cmocka_unit_test(calls_are_the_same_by_name_and_arguments),
        cmocka_unit_test(terms_are_read_as_they_were_written),
        cmocka_unit_test(a_story_is_read_as_it_happened),
        cmocka_unit_test(kept_texts_come_back),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
