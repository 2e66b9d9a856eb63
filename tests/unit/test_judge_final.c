/* test_judge_final.c -- the final answer in a text, and whether two of them are the same;
 * schemas and log-probabilities, on which the rest stands. */
#include "judge/final.h"
#include "judge/logprobs.h"
#include "judge/schema.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

enum { ARENA_BYTES = 1 << 20 };

static struct final find(struct arena *a, struct task_facts t, const char *text)
{
    struct final f;
    assert_int_equal(final_find(t, str_of(text), a, &f), 0);
    return f;
}

static const struct task_facts number = {TASK_NUMBER, 0}, letter = {TASK_LETTER, 10},
                               literal = {TASK_LITERAL, 0}, json = {TASK_JSON, 0},
                               open_task = {TASK_OPEN, 0};

static void tasks_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *prompt;
        enum task task;
        unsigned nchoices;
    } rows[] = {
        {"A box holds 12 eggs. How many eggs are in 3 boxes?", TASK_NUMBER, 0},
        {"Compute $2^{10} \\bmod 7$.", TASK_NUMBER, 0},
        {"Wie viele Eier sind in 3 Kisten zu 12?", TASK_NUMBER, 0},
        {"How many people write essays? Write an essay on the 3 reasons.", TASK_OPEN, 0},
        {"Jo writes a letter to two friends twice a week. How many a year?", TASK_NUMBER,
         0},
        {"Explain how many people live on 2 continents.", TASK_OPEN, 0},
        {"What was the name of the ship that sank in 1912?", TASK_OPEN, 0},
        {"How much do you like me?", TASK_OPEN, 0},
        {"Which?\nA. one\nB. two\nC. three\nD. four", TASK_LETTER, 4},
        {"Which?\n(A) one\n(B) two", TASK_LETTER, 2},
        {"Which is it: (A) one, (B) two or (C) three?", TASK_LETTER, 3},
        {"def f(x):\n    return x\nassert f(1) == ??", TASK_LITERAL, 0},
        {"What is the output of this code? print(1)", TASK_LITERAL, 0},
        {"Write a function that adds 2 numbers.", TASK_CODE, 0},
        {"Give me the address as JSON.", TASK_JSON, 0},
        {"Write a letter to my landlord.", TASK_OPEN, 0},
        /* Sums, in signs and in words. */
        {"What is 17 * 23?", TASK_NUMBER, 0},
        {"what's 17*23", TASK_NUMBER, 0},
        {"What\xe2\x80\x99s 1,200 - 350.5?", TASK_NUMBER, 0},
        {"17 \xc3\x97 23 =", TASK_NUMBER, 0},
        {"(3 + 4) / 7 = ?", TASK_NUMBER, 0},
        {"2^10", TASK_NUMBER, 0},
        {"What is 144 / 12? Answer briefly.", TASK_NUMBER, 0},
        {"What is 15% of 80?", TASK_NUMBER, 0},
        {"What is seventeen times twenty-three?", TASK_NUMBER, 0},
        {"What is the square root of 144?", TASK_NUMBER, 0},
        {"Was ist 7 mal 8?", TASK_NUMBER, 0},
        {"Combien font 7 fois 8 ?", TASK_NUMBER, 0},
        {"¿Cuánto es 7 por 8?", TASK_NUMBER, 0},
        {"Quanto fa 7 per 8?", TASK_NUMBER, 0},
        {"Сколько будет 7 умножить на 8?", TASK_NUMBER, 0},
        {"What's the total of 3 boxes of 12?", TASK_NUMBER, 0},
        /* Numbers that are none. */
        {"Give me 3 reasons to move to Lyon.", TASK_OPEN, 0},
        {"Is Python 3.12 faster than 3.11?", TASK_OPEN, 0},
        {"What is new in 3.12.1?", TASK_OPEN, 0},
        {"What is the difference between Python 2 and Python 3?", TASK_OPEN, 0},
        {"What is 24/7?", TASK_OPEN, 0},
        {"What is 24/7 support?", TASK_OPEN, 0},
        {"What is 3-5 business days?", TASK_OPEN, 0},
        {"What is a 2x4?", TASK_OPEN, 0},
        {"What is C++?", TASK_OPEN, 0},
        {"What is 5 + 3 for a child? Make it fun.", TASK_OPEN, 0},
        {"What's the best of these 3 books?", TASK_OPEN, 0},
        {"2026-11-29", TASK_OPEN, 0},
        {"Call me at 555-0134", TASK_OPEN, 0},
        {"42", TASK_OPEN, 0},
        {"Write 3 + 4 as a poem.", TASK_OPEN, 0},
        /* Choices in one line, with small letters, in other languages. */
        {"Which is even? A) 3 B) 6 C) 9", TASK_LETTER, 3},
        {"What is 2+2? A) 4 B) 6 C) 8 D) 10", TASK_LETTER, 4},
        {"Which one: (a) red, (b) green or (c) blue?", TASK_LETTER, 3},
        {"Which of the following is a fruit? a) apple b) brick", TASK_LETTER, 2},
        {"Which of the following is prime?\na) 4\nb) 6\nc) 7", TASK_LETTER, 3},
        {"Which is it? A. red B. green C. blue", TASK_LETTER, 3},
        {"Welche Stadt ist es?\na) Bonn\nb) Kiel", TASK_LETTER, 2},
        {"¿Cuál es? a) sol b) luna", TASK_LETTER, 2},
        /* Lists that are none. */
        {"I did a) the dishes, b) the laundry. Write about it.", TASK_OPEN, 0},
        {"Do this:\na) open the file\nb) fix the bug", TASK_OPEN, 0},
        {"Is plan A) cheaper than plan B)", TASK_OPEN, 0},
        {"Thanks to A. Smith, B. Jones and C. Lee.", TASK_OPEN, 0},
        {"See section (a) and (c).", TASK_OPEN, 0},
        {"", TASK_OPEN, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct task_facts t = task_of(str_of(rows[i].prompt), false);
        if (t.task != rows[i].task || t.nchoices != rows[i].nchoices)
            fail_msg("\"%s\" is %s of %u", rows[i].prompt, task_name(t.task), t.nchoices);
    }
    assert_int_equal(task_of(STR("Hello"), true).task, TASK_JSON);
}

static void numbers_are_found_however_they_are_marked(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum final_mark mark;
        double number;
    } rows[] = {
        {"18", FINAL_MARKED, 18},
        {"$18", FINAL_MARKED, 18},
        {"-3.50", FINAL_MARKED, -3.5},
        {"So 3 * 6 = 18.\n#### 18", FINAL_MARKED, 18},
        {"#### 1,234", FINAL_MARKED, 1234},
        {"Thus \\boxed{18} it is, not 17.", FINAL_MARKED, 18},
        {"Thus $\\boxed{\\frac{3}{4}}$.", FINAL_MARKED, .75},
        {"{\"reasoning\": \"6 + 12\", \"answer\": \"18\"}", FINAL_MARKED, 18},
        {"{\"reasoning\": \"6 + 12\", \"answer\": 18}", FINAL_MARKED, 18},
        {"{\"reasoning\": \"6 + 12\", \"answer\": \"$18 per week\"}", FINAL_MARKED, 18},
        {"{\"reasoning\": \"6 + 12\", \"answer\": \"He has 18 eggs left.\"}",
         FINAL_MARKED, 18},
        {"\\boxed{x = 18}", FINAL_MARKED, 18},
        {"{\"reasoning\": \"\\frac broken\", \"answer\": \"18\"\n", FINAL_MARKED, 18},
        {"{\n \"reasoning\": \"a\",\n \"answer\": 18.0\n}", FINAL_MARKED, 18},
        {"Two steps, 4 and 5.\nThe answer is 18.", FINAL_SAID, 18},
        {"The answer is **$1,234.50**.", FINAL_SAID, 1234.5},
        {"Answer: 18 apples\n", FINAL_SAID, 18},
        {"The final answer is 3 * 6 = 18 eggs.", FINAL_SAID, 18},
        {"La respuesta es 18.", FINAL_SAID, 18},
        {"The answer is \\(\\frac{1}{2}\\).", FINAL_SAID, .5},
        {"The answer is 3/4 of it.", FINAL_SAID, .75},
        {"First 4, then 5, and so there are 18 in all.", FINAL_GUESS, 18},
        {"He pays $1,234.56 in total.", FINAL_GUESS, 1234.56},
        {"It is 5 degrees, later -7", FINAL_GUESS, -7},
        {"Of the three there are twelve left.", FINAL_GUESS, 12},
    };
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct final f = find(&a, number, rows[i].text);
        if (f.mark != rows[i].mark || !f.is_number ||
            fabs(f.number - rows[i].number) > 1e-9)
            fail_msg("\"%s\": mark %d, %s %g", rows[i].text, f.mark,
                     f.is_number ? "number" : "text", f.number);
    }
    assert_int_equal(find(&a, number, "No idea of this one.").mark, FINAL_NONE);
    assert_int_equal(find(&a, number, "").mark, FINAL_NONE);
    assert_false(find(&a, number, "\\boxed{x^2+1}").is_number);
    arena_reset(&a);
}

static void letters_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char letter; /* 0: none */
    } rows[] = {
        {"B", 'B'},
        {"(B)", 'B'},
        {"b", 'B'},
        {"B. Paris", 'B'},
        {"The answer is (B).", 'B'},
        {"The answer is B because A is wrong.", 'B'},
        {"The correct answer is option **C**.", 'C'},
        {"Answer: J", 'J'},
        {"{\"reasoning\": \"x\", \"answer\": \"D\"}", 'D'},
        {"{\"answer\": \"D) Rome\"}", 'D'},
        {"Let us think. A is wrong, so it must be (E).", 'E'},
        {"$\\boxed{\\text{F}}$", 'F'},
        {"I think so.", 0},
        {"A hard one.", 0},
        {"The answer is Z.", 0},
    };
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct final f = find(&a, letter, rows[i].text);
        char got = f.mark && f.norm.n ? f.norm.p[0] : 0;
        if (got != rows[i].letter)
            fail_msg("\"%s\" gives %c, not %c", rows[i].text, got ? got : '-',
                     rows[i].letter ? rows[i].letter : '-');
    }
    arena_reset(&a);
}

static void finals_agree(struct task_facts t, const char *x, const char *y, bool do_agree)
{
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct final f = find(&a, t, x), g = find(&a, t, y);
    if (final_agree(&f, &g) != do_agree || final_agree(&g, &f) != do_agree)
        fail_msg("\"%s\" and \"%s\" should%s agree (%.*s | %.*s)", x, y,
                 do_agree ? "" : " not", STR_ARG(f.norm), STR_ARG(g.norm));
    arena_reset(&a);
}

static void what_means_the_same_agrees(void **state)
{
    (void)state;
    finals_agree(number, "1,234.50", "The answer is 1234.5.", true);
    finals_agree(number, "\\boxed{\\frac{1}{2}}", "0.5", true);
    finals_agree(number, "\\boxed{\\dfrac12}", "1/2", true);
    finals_agree(number, "-\\frac{1}{2}", "-0.5", true);
    finals_agree(number, "1 1/2", "1.5", true);
    finals_agree(number, "50%", "50", true);
    finals_agree(number, "{\"answer\": \"18\"}", "so \\boxed{18.0}", true);
    finals_agree(number, "18", "19", false);
    finals_agree(number, "\\boxed{2\\sqrt{3}}", "\\boxed{ 2 \\sqrt{3} }", true);
    finals_agree(number, "\\boxed{\\left(1, 2\\right)}", "\\boxed{(1,2)}", true);
    finals_agree(number, "\\boxed{2\\sqrt{3}}", "\\boxed{3\\sqrt{2}}", false);
    finals_agree(number, "No idea.", "No idea.", false);
    finals_agree(letter, "(B)", "The answer is b.", true);
    finals_agree(letter, "B", "C", false);
    finals_agree(literal, "[1, 2]", "[1,2]", true);
    finals_agree(literal, "{\"answer\": \"[1, 2]\"}", "```python\n[1, 2,]\n```", true);
    finals_agree(literal, "assert f(1) == [1, 2]", "The output is `[1,2]`", true);
    finals_agree(literal, "'abc'", "\"abc\"", true);
    finals_agree(literal, "'abc'", "abc", true);
    finals_agree(literal, "'a b'", "'ab'", false);
    finals_agree(literal, "True", "False", false);
    finals_agree(literal, "(1, 2)", "[1, 2]", false);
    finals_agree(literal, "3", "3.0", true);
    finals_agree(literal, "'3'", "3", false);
    finals_agree(json, "{\"a\":1,\"b\":[true]}",
                 "```json\n{\"b\": [true], \"a\": 1.0}\n```", true);
    finals_agree(json, "{\"a\":1}", "{\"a\":2}", false);
    finals_agree(json, "{\"why\":\"x\",\"answer\":3}", "{\"why\":\"y\",\"answer\":3}",
                 true);
    finals_agree(json, "{\"why\":\"x\",\"answer\":3}",
                 "{\"why\":\"y\",\"answer\":\"$3.00\"}", true);
    finals_agree(number, "{\"answer\": \"-\\frac{1}{2}\"}", "-0.5", true);
    finals_agree(literal, "{\"answer\": \"\"}", "{\"answer\":\"\"}", true);
    finals_agree(open_task, "So \\boxed{4}.", "We get \\boxed{4}", true);
    finals_agree(open_task, "I like 4.", "I like 4.", false);
}

/* Two texts that happen to name the same number last do not agree: neither states it. */
static void a_guess_is_no_agreement(void **state)
{
    (void)state;
    static const struct {
        const struct task_facts *task;
        const char *texts[4];
        int want[4];
    } rows[] = {
        {&number,
         {"Then came 4, and 7 of them.", "A lot of words, 7", "7", NULL},
         {0, 0, 1, 0}},
        {&number,
         {"The answer is 7.", "\\boxed{7}", "So 7 or so", "#### 8"},
         {1, 1, 0, 2}},
        {&letter,
         {"Some of B) and more", "Others of B) too", "(B)", "The answer is b."},
         {0, 0, 1, 1}},
        {&open_task, {"I like 4.", "I like 4.", NULL, NULL}, {0, 0, 0, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena a;
        struct str texts[4];
        int got[4];
        arena_init(&a, ARENA_BYTES);
        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            texts[k] =
                rows[i].texts[k] ? str_of(rows[i].texts[k]) : (struct str){NULL, 0};
        assert_int_equal(final_groups(*rows[i].task, texts, ARRAY_LEN(texts), &a, got),
                         0);
        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            if (got[k] != rows[i].want[k])
                fail_msg("row %zu: \"%.*s\" is of group %d, not %d", i, STR_ARG(texts[k]),
                         got[k], rows[i].want[k]);
        arena_reset(&a);
    }
}

static void schemas_are_held_against_values(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *value;
        bool fits, has_unread;
    } rows[] = {
        {"{}", "1", true, false},
        {"true", "1", true, false},
        {"{\"type\":\"integer\"}", "1", true, false},
        {"{\"type\":\"integer\"}", "1.0", true, false},
        {"{\"type\":\"integer\"}", "1.5", false, false},
        {"{\"type\":[\"string\",\"null\"]}", "null", true, false},
        {"{\"type\":[\"string\",\"null\"]}", "3", false, false},
        {"{\"enum\":[\"a\",2]}", "2.0", true, false},
        {"{\"enum\":[\"a\",2]}", "\"\\u0061\"", true, false},
        {"{\"enum\":[\"a\",2]}", "\"b\"", false, false},
        {"{\"const\":{\"a\":[1]}}", "{\"a\":[1]}", true, false},
        {"{\"const\":{\"a\":[1]}}", "{\"a\":[2]}", false, false},
        {"{\"minimum\":1,\"maximum\":3}", "3", true, false},
        {"{\"minimum\":1,\"maximum\":3}", "4", false, false},
        {"{\"exclusiveMinimum\":1}", "1", false, false},
        {"{\"exclusiveMaximum\":1}", "1", false, false},
        {"{\"minLength\":2}", "\"\xc3\xa4\"", false, false},
        {"{\"maxLength\":1}", "\"\xc3\xa4\"", true, false},
        {"{\"items\":{\"type\":\"string\"},\"minItems\":1}", "[\"a\"]", true, false},
        {"{\"items\":{\"type\":\"string\"},\"minItems\":1}", "[]", false, false},
        {"{\"items\":{\"type\":\"string\"}}", "[\"a\",1]", false, false},
        {"{\"maxItems\":1}", "[1,2]", false, false},
        {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"number\"}}",
         "[\"a\",1]", true, false},
        {"{\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"type\":\"number\"}}",
         "[\"a\",\"b\"]", false, false},
        {"{\"required\":[\"a\"]}", "{\"b\":1}", false, false},
        {"{\"properties\":{\"a\":{\"type\":\"null\"}}}", "{\"a\":1}", false, false},
        {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}", false,
         false},
        {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"b\":\"1\"}", false,
         false},
        {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "null", true, false},
        {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1", false, false},
        {"{\"allOf\":[{\"minimum\":1},{\"maximum\":2}]}", "3", false, false},
        {"{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"type\":\"string\"}}}", "1", false,
         false},
        {"{\"$ref\":\"#\"}", "1", true, true}, /* without end */
        {"{\"$ref\":\"http://example.org/x\"}", "1", true, true},
        {"{\"pattern\":\"^a$\"}", "\"b\"", true, true},
        {"{\"title\":\"x\",\"description\":\"y\"}", "1", true, false},
        {"7", "1", true, true},
        {"{broken", "1", true, true},
    };
    struct arena a;
    arena_init(&a, ARENA_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct schema_result r =
            schema_check(str_of(rows[i].schema), str_of(rows[i].value), &a);
        if (r.fits != rows[i].fits || r.has_unread != rows[i].has_unread ||
            r.fits != (r.why.p == NULL))
            fail_msg("%s of %s: fits %d, unread %d, %.*s", rows[i].schema, rows[i].value,
                     r.fits, r.has_unread, STR_ARG(r.why));
    }
    arena_reset(&a);
}

static void quantiles_do_not_know_the_length(void **state)
{
    (void)state;
    struct logprobs one = {0}, two = {0}, none = {0};
    for (int i = 1; i <= 100; i++) {
        logprobs_add(&one, -i / 100.0);
        for (int k = 0; k < 7; k++)
            logprobs_add(&two, -i / 100.0);
    }
    for (double q = .05; q < 1; q += .15) {
        double v = logprobs_quantile(&one, q);
        assert_true(fabs(v - logprobs_quantile(&two, q)) < 1e-9);
        assert_true(fabs(v + (1 - q)) < .12 * (1 - q) + .011);
    }
    assert_true(isnan(logprobs_quantile(&none, .5)));
    logprobs_add(&none, NAN);
    logprobs_add(&none, 3);
    assert_true(logprobs_quantile(&none, 0) == 0);
    logprobs_add(&none, -INFINITY);
    assert_true(logprobs_quantile(&none, 0) < -40);
}

static void logprobs_are_read_in_both_forms(void **state)
{
    (void)state;
    struct logprobs l = {0};
    assert_int_equal(
        logprobs_read(&l, STR("{\"content\":[{\"token\":\"a\",\"logprob\":-0.5,"
                              "\"top_logprobs\":[{\"token\":\"b\",\"logprob\":-9}"
                              "]},{\"token\":\"b\",\"logprob\":-2}]}")),
        2);
    assert_true(fabs(l.least + 2) < 1e-9);
    assert_int_equal(logprobs_read(&l, STR("{\"tokens\":[\"a\",\"b\"],\"token_logprobs\":"
                                           "[null,-3]}")),
                     1);
    assert_int_equal(logprobs_read(&l, STR("null")), 0);
    assert_int_equal(logprobs_read(&l, STR("{\"content\":null}")), 0);
    assert_int_equal(logprobs_read(&l, STR("{\"content\":[")), 0);
    assert_int_equal(logprobs_read(&l, (struct str){NULL, 0}), 0);
    assert_int_equal(l.n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_are_told_apart),
        cmocka_unit_test(numbers_are_found_however_they_are_marked),
        cmocka_unit_test(letters_are_found),
        cmocka_unit_test(what_means_the_same_agrees),
        cmocka_unit_test(a_guess_is_no_agreement),
        cmocka_unit_test(schemas_are_held_against_values),
        cmocka_unit_test(quantiles_do_not_know_the_length),
        cmocka_unit_test(logprobs_are_read_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
