/* test_judge_pair.c -- a judge's verdicts are read, and only what both orders say counts.
 */
#include "judge/pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void verdicts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum pair_verdict means;
    } rows[] = {
        {"Both are right, A says why.\nVerdict: A", PAIR_FIRST},
        {"...\n**Verdict: B**\n", PAIR_SECOND},
        {"Verdict: **tie**", PAIR_TIE},
        {"verdict - tie.", PAIR_TIE},
        {"My verdict: A is long.\nVerdict: [[B]]", PAIR_SECOND},
        {"Verdict: A\nOr rather:\nVerdict: B\r\n", PAIR_SECOND},
        {"Verdict: answer b", PAIR_SECOND},
        {" b.\n", PAIR_SECOND},
        {"tie", PAIR_TIE},
        {"A good answer would name the year.", PAIR_UNKNOWN},
        {"Verdict: Apples", PAIR_UNKNOWN},
        {"", PAIR_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(pair_read(str_of(rows[i].answer)), rows[i].means);
}

static void only_what_both_orders_say_counts(void **state)
{
    (void)state;
    static const enum pair_verdict wanted[4][4] = {
        /* back:     unknown       A: second      B: first     tie */
        /* unknown */ {PAIR_UNKNOWN, PAIR_UNKNOWN, PAIR_UNKNOWN, PAIR_UNKNOWN},
        /* A: first */ {PAIR_UNKNOWN, PAIR_TIE, PAIR_FIRST, PAIR_TIE},
        /* B: second */ {PAIR_UNKNOWN, PAIR_SECOND, PAIR_TIE, PAIR_TIE},
        /* tie */ {PAIR_UNKNOWN, PAIR_TIE, PAIR_TIE, PAIR_TIE},
    };
    for (int there = 0; there < 4; there++)
        for (int back = 0; back < 4; back++)
            assert_int_equal(
                pair_of_both((enum pair_verdict)there, (enum pair_verdict)back),
                wanted[there][back]);
}

static void the_question_holds_all_three_texts(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    pair_question(STR("2+2?"), STR("four"), STR("five"), &out);
    ptrdiff_t q = str_find(buf_view(&out), STR("2+2?")),
              a = str_find(buf_view(&out), STR("four")),
              b = str_find(buf_view(&out), STR("five"));
    assert_true(0 < q && q < a && a < b);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_read),
        cmocka_unit_test(only_what_both_orders_say_counts),
        cmocka_unit_test(the_question_holds_all_three_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
