/* test_judge_rules.c -- what the rules find in an answer, and what they leave alone. */
#include "judge/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* cmocka.h wants what stands above */
#include <cmocka.h>

enum { NOTHING = -1, ARENA_BYTES = 1 << 20 };

/* The weightiest finding's rule, or NOTHING. */
static int found_in(const struct judge_question *q, const struct judge_answer *a,
                    struct str *ret_detail)
{
    static char detail[256];
    struct arena arena;
    struct judge_findings f;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(judge_rules(q, a, &arena, &f), 0);
    int rule = f.n ? (int)f.v[0].rule : NOTHING;
    for (size_t i = 1; i < f.n; i++)
        assert_true(f.v[i - 1].weight >= f.v[i].weight);
    if (f.n && ret_detail) {
        ret_detail->n = f.v[0].detail.n < sizeof detail ? f.v[0].detail.n : sizeof detail;
        memcpy(detail, f.v[0].detail.p, ret_detail->n);
        ret_detail->p = detail;
    }
    arena_reset(&arena);
    return rule;
}

static void expect(const char *prompt, const char *text, int rule)
{
    struct judge_question q = {.prompt = str_of(prompt)};
    struct judge_answer a = {.text = str_of(text)};
    struct str why = STR("");
    int got = found_in(&q, &a, &why);
    if (got != rule)
        fail_msg("\"%.300s\" gives %s (%.*s), not %s", text,
                 got < 0 ? "nothing" : judge_rule_name((enum judge_rule)got),
                 STR_ARG(why),
                 rule < 0 ? "nothing" : judge_rule_name((enum judge_rule)rule));
}

static const char *const open_prompt = "Tell me about the harbour of Rotterdam.";

static void an_answer_without_text_is_empty(void **state)
{
    (void)state;
    expect(open_prompt, "", RULE_EMPTY);
    expect(open_prompt, " \n\t ", RULE_EMPTY);
    expect(open_prompt, "It is large.", NOTHING);
    struct tool_call call = {
        .id = STR("c1"), .name = STR("look"), .arguments = STR("{}")};
    struct tool look = {.name = STR("look")};
    struct judge_question q = {.prompt = STR("x"), .tools = &look, .ntools = 1};
    struct judge_answer a = {.calls = &call, .ncalls = 1};
    assert_int_equal(found_in(&q, &a, NULL), NOTHING);
}

static void refusals_are_known_in_many_languages(void **state)
{
    (void)state;
    static const char *const refusals[] = {
        "I'm sorry, but I can't help with that.",
        "I cannot assist with this request.",
        "I am unable to provide that information.",
        "As an AI language model, I cannot browse the internet.",
        "Sorry, I won't write that.",
        "Unfortunately, I'm not able to access files on your computer.",
        "I\xe2\x80\x99m sorry, but I can\xe2\x80\x99t assist with that.",
        "I must decline.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Je suis désolé, mais je ne peux pas vous aider avec cela.",
        "Lo siento, pero no puedo ayudar con eso.",
        "Mi dispiace, ma non posso aiutarti.",
        "Desculpe, mas não posso ajudar com isso.",
        "Het spijt me, maar ik kan je niet helpen.",
        "К сожалению, я не могу помочь с этим.",
        "抱歉，我无法提供这方面的帮助。",
        "申し訳ありませんが、お手伝いできません。",
        "죄송하지만 도와드릴 수 없습니다.",
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        expect(open_prompt, refusals[i], RULE_REFUSAL);
}

static void words_of_refusal_elsewhere_are_none(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "I can't believe how large it is! The harbour covers 12,603 hectares.",
        "I cannot overstate its importance for Europe.",
        "The model answered: \"I'm sorry, but I can't help with that.\" That is a "
        "refusal.",
        "\"I cannot assist with this request\" is what such a filter says.",
        "Sorry about the confusion: the harbour has 42 kilometres of quays.",
        "You could say that ships cannot help but come here.",
        "Leider ist der Hafen heute geschlossen.",
        "Je ne peux pas imaginer un plus grand port.",
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        expect(open_prompt, answers[i], NOTHING);
    /* It begins like one and then gives what was asked for. */
    char text[1400] = "I can't open the file, but here is how it is done. ";
    while (strlen(text) < 1200)
        strcat(text, strlen(text) % 2
                         ? "First look at the head of it. "
                         : "Then read on from there, line by line, and so on. ");
    struct judge_question q = {.prompt = str_of(open_prompt)};
    struct judge_answer a = {.text = str_of(text)};
    assert_int_not_equal(found_in(&q, &a, NULL), RULE_REFUSAL);
}

static void an_engine_may_mark_a_refusal(void **state)
{
    (void)state;
    struct judge_question q = {.prompt = STR("x")};
    struct judge_answer a = {.refusal = STR("Not this.")};
    assert_int_equal(found_in(&q, &a, NULL), RULE_REFUSAL);
}

static void how_it_ended_counts(void **state)
{
    (void)state;
    struct judge_question q = {.prompt = str_of(open_prompt)};
    static const struct {
        enum finish_reason finish;
        int rule;
    } rows[] = {{FINISH_NONE, NOTHING},
                {FINISH_STOP, NOTHING},
                {FINISH_OTHER, NOTHING},
                {FINISH_LENGTH, RULE_CUT_OFF},
                {FINISH_CONTENT_FILTER, RULE_FILTERED},
                {FINISH_TOOL_CALLS, RULE_NO_TOOL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct judge_answer a = {.text = STR("It is large."), .finish = rows[i].finish};
        assert_int_equal(found_in(&q, &a, NULL), rows[i].rule);
    }
}

static void text_that_goes_in_circles_is_found(void **state)
{
    (void)state;
    char text[8000];
    strcpy(text, "The harbour is large. ");
    for (int i = 0; i < 20; i++)
        strcat(text, "and so it goes on ");
    expect(open_prompt, text, RULE_LOOPS);
    strcat(text, "and so it g"); /* stopped in the middle of it */
    expect(open_prompt, text, RULE_LOOPS);
    text[0] = '\0';
    for (int i = 0; i < 12; i++)
        sprintf(text + strlen(text), "%d. The harbour has many quays.\n", i);
    expect(open_prompt, text, RULE_LOOPS);
    text[0] = '\0';
    for (int i = 0; i < 60; i++)
        sprintf(text + strlen(text), "Ships come in %s and ships go out %s of the port. ",
                i % 2 ? "early" : "late", i % 3 ? "again" : "then");
    expect(open_prompt, text, RULE_LOOPS);
}

static void what_repeats_for_a_reason_is_no_loop(void **state)
{
    (void)state;
    char text[4000] = "";
    for (int i = 0; i < 40; i++)
        strcat(text, "hello ");
    expect("Write hello 40 times.", text, NOTHING);
    expect(open_prompt,
           "| a | b |\n|---|---|\n| 1 | 2 |\n"
           "------------------------------------------------------------------------"
           "------------------------------------------------------------------------",
           NOTHING);
    text[0] = '\0';
    for (int i = 0; i < 30; i++)
        sprintf(text + strlen(text), "Line %d says that quay %d has %d ships.\n", i,
                i * 7, i * i);
    expect(open_prompt, text, NOTHING);
    text[0] = '\0';
    for (int i = 0; i < 12; i++)
        sprintf(text + strlen(text),
                "    {\n      \"type\": \"string\",\n      "
                "\"name\": \"field%d\"\n    },\n",
                i);
    expect(open_prompt, text, NOTHING);
}

static int judged(enum answer_format format, const char *schema, const char *text,
                  struct str *ret_why)
{
    struct judge_question q = {.prompt = STR("List it."),
                               .format = format,
                               .schema = {schema, schema ? strlen(schema) : 0}};
    struct judge_answer a = {.text = str_of(text)};
    return found_in(&q, &a, ret_why);
}

static void json_is_checked_where_it_was_asked_for(void **state)
{
    (void)state;
    assert_int_equal(judged(FORMAT_JSON, NULL, "{\"a\": 1}", NULL), NOTHING);
    assert_int_equal(judged(FORMAT_JSON, NULL, "{\"a\": 1", NULL), RULE_NO_JSON);
    assert_int_equal(judged(FORMAT_JSON, NULL, "Here you are.", NULL), RULE_NO_JSON);
    assert_int_equal(judged(FORMAT_JSON, NULL, "[1]", NULL), RULE_NO_JSON);
    assert_int_equal(judged(FORMAT_JSON, NULL, "```json\n{\"a\": 1}\n```", NULL),
                     RULE_NO_JSON);
    assert_int_equal(judged(FORMAT_TEXT, NULL, "{\"a\": 1", NULL), NOTHING);
    struct str why;
    const char *schema = "{\"type\":\"object\",\"required\":[\"total\"],"
                         "\"properties\":{\"total\":{\"type\":\"number\"}}}";
    assert_int_equal(judged(FORMAT_SCHEMA, schema, "{\"total\": 3}", NULL), NOTHING);
    assert_int_equal(judged(FORMAT_SCHEMA, schema, "{\"total\": \"3\"}", &why),
                     RULE_SCHEMA);
    assert_true(str_find(why, STR("$.total")) >= 0);
    assert_int_equal(judged(FORMAT_SCHEMA, schema, "{\"sum\": 3}", &why), RULE_SCHEMA);
    assert_true(str_find(why, STR("total")) >= 0);
}

static int called(const struct judge_question *q, const char *name, const char *args,
                  struct str *ret_why)
{
    struct tool_call call = {
        .id = STR("c1"), .name = str_of(name), .arguments = str_of(args)};
    struct judge_answer a = {.calls = &call, .ncalls = 1, .finish = FINISH_TOOL_CALLS};
    return found_in(q, &a, ret_why);
}

static void calls_are_held_against_the_tools(void **state)
{
    (void)state;
    static const struct tool tools[] = {
        {.name = STR_INIT("weather"),
         .parameters =
             STR_INIT("{\"type\":\"object\",\"required\":[\"city\"],\"properties\":{"
                      "\"city\":{\"type\":\"string\"},\"days\":{\"type\":"
                      "\"integer\"}},\"additionalProperties\":false}")},
        {.name = STR_INIT("now")},
    };
    struct judge_question q = {.prompt = STR("Weather?"), .tools = tools, .ntools = 2};
    struct str why;
    assert_int_equal(called(&q, "weather", "{\"city\":\"Bonn\",\"days\":2}", NULL),
                     NOTHING);
    assert_int_equal(called(&q, "now", "", NULL), NOTHING);
    assert_int_equal(called(&q, "forecast", "{}", &why), RULE_NO_TOOL);
    assert_true(str_find(why, STR("forecast")) >= 0);
    assert_int_equal(called(&q, "weather", "{\"city\":", NULL), RULE_ARGUMENTS);
    assert_int_equal(called(&q, "weather", "\"Bonn\"", NULL), RULE_ARGUMENTS);
    assert_int_equal(called(&q, "weather", "{}", NULL), RULE_ARGUMENTS);
    assert_int_equal(called(&q, "weather", "{\"city\":\"Bonn\",\"days\":\"2\"}", NULL),
                     RULE_ARGUMENTS);
    assert_int_equal(called(&q, "weather", "{\"city\":\"Bonn\",\"land\":\"de\"}", NULL),
                     RULE_ARGUMENTS);

    struct judge_answer text = {.text = STR("It will rain.")};
    assert_int_equal(found_in(&q, &text, NULL), NOTHING);
    q.choice = CHOICE_REQUIRED;
    assert_int_equal(found_in(&q, &text, NULL), RULE_NO_TOOL);
    q.choice = CHOICE_NAMED;
    q.choice_name = STR("weather");
    assert_int_equal(called(&q, "now", "{}", NULL), RULE_NO_TOOL);
    assert_int_equal(called(&q, "weather", "{\"city\":\"Bonn\"}", NULL), NOTHING);
    q.choice = CHOICE_AUTO;
    text.text = STR("<tool_call>{\"name\":\"now\"}</tool_call>");
    assert_int_equal(found_in(&q, &text, NULL), RULE_NO_TOOL);
    text.text = STR("{\"name\":\"now\",\"arguments\":{}}");
    assert_int_equal(found_in(&q, &text, NULL), RULE_NO_TOOL);
    q.ntools = 0;
    assert_int_equal(found_in(&q, &text, NULL), NOTHING);
}

static void a_task_with_an_answer_wants_one(void **state)
{
    (void)state;
    const char *count = "A box holds 12 eggs. How many eggs are in 3 boxes?";
    const char *choose = "Which one?\nA. Paris\nB. Rome\nC. Bonn";
    expect(count, "That depends on the boxes.", RULE_NO_FINAL);
    expect(count, "There are 36 eggs.", NOTHING);
    expect(choose, "None of us can know.", RULE_NO_FINAL);
    expect(choose, "It is B.", NOTHING);
    expect("Write a function that adds two numbers.", "That is easy to do.",
           RULE_NO_FINAL);
    expect("Write a function that adds two numbers.", "```c\nint f;\n```", NOTHING);
    expect("What is the capital? Answer in JSON.", "Bonn", RULE_NO_FINAL);
    expect("What is the capital? Answer in JSON.", "{\"capital\":\"Bonn\"}", NOTHING);
}

static void two_answers_that_differ_are_told(void **state)
{
    (void)state;
    const char *count = "A box holds 12 eggs. How many eggs are in 3 boxes?";
    expect(count, "{\"reasoning\":\"So the answer is 24.\",\"answer\":\"36\"}",
           RULE_CONTRADICTION);
    expect(count, "{\"reasoning\":\"So the answer is 36.\",\"answer\":\"36\"}", NOTHING);
}

static void sums_that_do_not_add_up_are_told(void **state)
{
    (void)state;
    const char *count = "How many eggs are 3 and 4 eggs, how many 6 times 12?";
    static const struct {
        const char *text;
        int rule;
    } rows[] = {
        {"3 + 4 = 7", NOTHING},
        {"3 + 4 = 8", RULE_SUM},
        {"3 * (4 + 1) = 15", NOTHING},
        {"3 * (4 + 1) = 13", RULE_SUM},
        {"$1,200 / 12 = $100 a month", NOTHING},
        {"$1,200 / 12 = $110 a month", RULE_SUM},
        {"10 / 3 = 3.33", NOTHING},
        {"10 / 3 = 3.4", RULE_SUM},
        {"6 eggs * 12 = 72 eggs", NOTHING},
        {"6 eggs * 12 = 62 eggs", RULE_SUM},
        {"20% * 50 = 10", NOTHING},
        {"2 + 3 = 5 = 10 / 2", NOTHING},
        {"2 \\times 3 = 6", NOTHING},
        {"2 \\times 3 = 7", RULE_SUM},
        {"48/2=<<48/2=24>>24", NOTHING},
        /* Nothing is said of what is no sum of plain numbers. */
        {"3x + 4 = 8", NOTHING},
        {"x + 3 * 4 = 8", NOTHING},
        {"2^3 + 1 = 8", NOTHING},
        {"5! / 4 = 8", NOTHING},
        {"2 + 2 = 5x", NOTHING},
        {"f(3) = 8", NOTHING},
        {"2024-01-05 = 7", RULE_SUM}, /* a date would be read as one; nobody writes so */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(count, rows[i].text, rows[i].rule);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    struct arena arena;
    struct judge_findings f;
    struct judge_question q = {.prompt = STR("x")};
    struct judge_answer a = {.text = STR("I cannot help with that.")};
    arena_init(&arena, 0);
    assert_int_equal(judge_rules(&q, &a, &arena, &f), -1);
    arena_reset(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_without_text_is_empty),
        cmocka_unit_test(refusals_are_known_in_many_languages),
        cmocka_unit_test(words_of_refusal_elsewhere_are_none),
        cmocka_unit_test(an_engine_may_mark_a_refusal),
        cmocka_unit_test(how_it_ended_counts),
        cmocka_unit_test(text_that_goes_in_circles_is_found),
        cmocka_unit_test(what_repeats_for_a_reason_is_no_loop),
        cmocka_unit_test(json_is_checked_where_it_was_asked_for),
        cmocka_unit_test(calls_are_held_against_the_tools),
        cmocka_unit_test(a_task_with_an_answer_wants_one),
        cmocka_unit_test(two_answers_that_differ_are_told),
        cmocka_unit_test(sums_that_do_not_add_up_are_told),
        cmocka_unit_test(a_full_arena_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
