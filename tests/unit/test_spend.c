/* test_spend.c -- which rule of thumb a month's bill has reached. */
#include "ledger/spend.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_highest_rule_reached_is_named(void **state)
{
    (void)state;
    static const struct {
        int64_t cents;
        int dollars; /* of the rule; 0: none */
    } rows[] = {{0, 0},       {2999, 0},    {3000, 30},   {19999, 30},
                {20000, 200}, {49999, 200}, {50000, 500}, {9999999, 500}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct spend_rule *rule = spend_rule_for(rows[i].cents * 10000000);
        if (!rows[i].dollars) {
            assert_null(rule);
            continue;
        }
        assert_non_null(rule);
        assert_int_equal(rule->from_nanousd, rows[i].dollars * INT64_C(1000000000));
        assert_true(rule->source[0] && rule->says[0]);
    }
}

static void the_text_gives_the_bill_and_the_way_to_compute(void **state)
{
    (void)state;
    char text[400];
    int64_t bill = 212400000000;
    spend_text(bill, spend_rule_for(bill), text, sizeof text);
    assert_non_null(strstr(text, "$212.40"));
    assert_non_null(strstr(text, "When to Run Locally"));
    assert_non_null(strstr(text, "weir plan --from-ledger"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_rule_reached_is_named),
        cmocka_unit_test(the_text_gives_the_bill_and_the_way_to_compute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
