/* test_adapt_own.c -- an adapter of recorded outcomes is believed only when it predicts
 * conversations that it has not seen. */
#include "route/train/adapt_own.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 600, SEEDS = 6 };

static struct adapt_own_row rows[ROWS], again[ROWS];
static uint64_t random_state;

static double uniform(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static struct adapter truth_of(double level, double length)
{
    struct adapter a = adapter_base();
    a.x[0] = (float)level;
    a.x[3] = (float)length;
    return a;
}

/* n outcomes of which `each` belong to one conversation, and have its figures. */
static void draw(const struct adapter *truth, size_t n, size_t each)
{
    for (size_t i = 0; i < n; i++) {
        struct adapt_own_row *r = &rows[i];
        memset(r, 0, sizeof *r);
        r->row.in.logit = (int16_t)(3000 * uniform() - 1500);
        for (size_t k = 0; k < ADAPTER_FIGURES; k++)
            r->row.in.figure[k] = (int8_t)(uniform() * 60);
        r->row.weight = 1;
        r->conversation = 1000 + i / each;
        if (i % each)
            r->row = rows[i - 1].row;
        else
            r->row.suffices = uniform() < adapter_suffices(truth, &r->row.in);
    }
}

static struct adapt_own weigh(size_t n, struct adapter *ret)
{
    const struct adapter base = adapter_base();
    struct adapt_own report;
    struct err err = {0};
    assert_int_equal(adapt_own(rows, n, &base, ret, &report, &err), 0);
    return report;
}

static void what_differs_is_found_held_out(void **state)
{
    const struct adapter truth = truth_of(0.8, -0.6);
    struct adapter a;
    (void)state;
    random_state = 1;
    draw(&truth, ROWS, 1);
    const struct adapt_own r = weigh(ROWS, &a);
    assert_true(r.n == ROWS && r.nconversations == ROWS && r.is_better);
    assert_true(r.loss_after < r.loss_before - 2 * r.error);
    assert_true(a.x[0] > 0.2f && a.x[3] < -0.1f);
}

static void what_is_as_it_was_said_is_left_alone(void **state)
{
    const struct adapter truth = adapter_base();
    unsigned believed = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct adapter a;
        random_state = seed;
        draw(&truth, ROWS / 2, 1);
        const struct adapt_own r = weigh(ROWS / 2, &a);
        believed += r.is_better;
        if (!r.is_better)
            assert_memory_equal(&a, &truth, sizeof a);
    }
    print_message("believed by chance in %u of %u\n", believed, SEEDS);
    assert_true(believed <= 1);
}

/* Twelve conversations of fifty rows each that are all alike: they are twelve outcomes.
 */
static void many_rows_of_few_conversations_are_few(void **state)
{
    const struct adapter truth = adapter_base();
    unsigned believed = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct adapter a;
        random_state = seed;
        draw(&truth, ROWS, 50);
        const struct adapt_own r = weigh(ROWS, &a);
        assert_int_equal(r.nconversations, 12);
        believed += r.is_better;
    }
    print_message("believed by chance in %u of %u\n", believed, SEEDS);
    assert_true(believed <= 1);
}

static void few_and_none_are_no_reason(void **state)
{
    const struct adapter truth = truth_of(3, 0);
    struct adapter a;
    (void)state;
    random_state = 3;
    draw(&truth, ADAPT_OWN_LEAST - 1, 1);
    assert_false(weigh(ADAPT_OWN_LEAST - 1, &a).is_better);
    const struct adapt_own none = weigh(0, &a);
    assert_true(none.n == 0 && !none.is_better && isnan(none.loss_before));
}

static void the_order_of_rows_does_not_matter(void **state)
{
    const struct adapter truth = truth_of(0.8, -0.6);
    struct adapter a, b;
    (void)state;
    random_state = 4;
    draw(&truth, ROWS, 1);
    for (size_t i = 0; i < ROWS; i++)
        again[i] = rows[ROWS - 1 - i];
    const struct adapt_own first = weigh(ROWS, &a);
    memcpy(rows, again, sizeof rows);
    const struct adapt_own second = weigh(ROWS, &b);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(first.loss_after == second.loss_after && first.error == second.error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_differs_is_found_held_out),
        cmocka_unit_test(what_is_as_it_was_said_is_left_alone),
        cmocka_unit_test(many_rows_of_few_conversations_are_few),
        cmocka_unit_test(few_and_none_are_no_reason),
        cmocka_unit_test(the_order_of_rows_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
