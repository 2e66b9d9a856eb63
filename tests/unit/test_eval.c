/* test_eval.c -- the figures of a router, against cases that were worked by hand. */
#include "core/mem.h"
#include "eval/apgr.h"
#include "eval/calibrated.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define assert_near(a, b, within) assert_true(fabs((double)(a) - (double)(b)) <= (within))

enum { N = 11 };

/* Eleven prompts; the cloud is right on all, the local model where `local` says '1'. */
static void pairs_of(const char *local, struct eval_pair *v)
{
    for (size_t i = 0; i < N; i++)
        v[i] = (struct eval_pair){local[i] - '0', 1, i};
}

static struct eval_figures measured(const char *local, const double *scores)
{
    struct eval_pair v[N];
    struct eval_figures f;
    struct err err = {0};
    pairs_of(local, v);
    assert_int_equal(eval_scores(v, scores, N, &f, &err), 0);
    return f;
}

static const double falling[N] = {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
static const double rising[N] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

/* The edges of ten bins of eleven scores are the scores 1, 2, .. 11; at the last one only
 * higher scores go, so the shares are 11/11, 10/11 .. 2/11, 0. */
static void thresholds_are_the_edges_of_ten_bins(void **state)
{
    (void)state;
    struct eval_figures f = measured("00000000000", falling);
    assert_near(f.curve[0].share, 0, 0);
    for (int k = 1; k < EVAL_POINTS; k++)
        assert_near(f.curve[k].share, (k + 1) / 11.0, 1e-12);
    assert_near(f.curve[1].quality, 2 / 11.0, 1e-12);
}

/* Quality is the share itself: a straight line. */
static void what_gains_the_same_everywhere_is_chance(void **state)
{
    (void)state;
    struct eval_figures f = measured("00000000000", falling);
    assert_near(f.apgr, 0.5, 1e-12);
    assert_near(f.cpt50, 50, 1e-9);
    assert_near(f.cpt80, 80, 1e-9);
    assert_near(f.share95, 100, 0); /* 10/11 is .91, so all eleven */
}

/* One prompt needs the cloud.  Sent first: half of the gain by interpolation at 1/11,
 * everything from 2/11 on: area 1/11 + 9/11. */
static void the_one_that_needs_it_goes_first_or_last(void **state)
{
    (void)state;
    struct eval_figures f = measured("01111111111", falling);
    assert_near(f.apgr, 10 / 11.0, 1e-12);
    assert_near(f.cpt50, 100 / 11.0, 1e-9);
    assert_near(f.cpt80, 160 / 11.0, 1e-9);
    assert_near(f.share95, 100 / 11.0, 1e-9);
    /* Sent last: nothing up to 10/11, then a line to 1. */
    f = measured("01111111111", rising);
    assert_near(f.apgr, 0.5 / 11.0, 1e-12);
    assert_near(f.cpt50, 100 * 10.5 / 11, 1e-9);
    assert_near(f.share95, 100, 0);
}

/* Where the local model is at times better than the cloud, an order can beat the cloud:
 * of eleven prompts the local model is right on six, the cloud on all but one of these.
 * After the five that need the cloud quality is 1, until the one where the cloud fails.
 */
static void an_order_may_beat_the_cloud(void **state)
{
    (void)state;
    struct eval_pair v[N];
    struct eval_figures f;
    struct err err = {0};
    pairs_of("11111100000", v);
    v[0].cloud = 0;
    assert_int_equal(eval_oracle(v, N, &f, &err), 0);
    /* In units of 1/11: quality 6, 8, 9, 10, 11, 11, .. 11, 10 at shares 0, 2, 3, .. 11.
     */
    double area = (2 * 7 + 8.5 + 9.5 + 10.5 + 5 * 11 + 10.5) / 121;
    assert_near(f.local, 6 / 11.0, 1e-12);
    assert_near(f.cloud, 10 / 11.0, 1e-12);
    assert_near(f.apgr, (area - 6 / 11.0) / (4 / 11.0), 1e-12);
    assert_near(f.curve[5].quality, 1, 1e-12);
    assert_true(f.curve[5].quality > f.cloud);
    assert_near(f.share95, 400 / 11.0, 1e-9); /* 10 of 11 is .95 of 10 of 11 */
}

static void nothing_to_recover_has_no_figure(void **state)
{
    (void)state;
    struct eval_figures f = measured("11111111111", falling);
    assert_true(isnan(f.apgr) && isnan(f.cpt50) && isnan(f.cpt80));
    assert_near(f.share95, 0, 0);
}

/* Equal scores are ordered by the id's hash, in whatever order the lines come. */
static void equal_scores_are_ordered_by_id(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
    struct eval_pair there[6], back[6];
    double same[6] = {0};
    for (size_t i = 0; i < 6; i++) {
        there[i] = (struct eval_pair){0, 1, eval_tie(str_of(ids[i]))};
        back[5 - i] = there[i];
    }
    uint32_t *a = eval_order(there, same, 6), *b = eval_order(back, same, 6);
    assert_non_null(a);
    assert_non_null(b);
    bool is_line_order = true;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(a[i], 5 - b[i]);
        is_line_order = is_line_order && a[i] == i;
    }
    assert_false(is_line_order);
    mem_free(a);
    mem_free(b);
}

static void a_score_that_is_no_number_comes_last(void **state)
{
    (void)state;
    struct eval_pair v[3] = {{0, 1, 1}, {0, 1, 2}, {0, 1, 3}};
    const double scores[] = {NAN, -5, 7};
    uint32_t *order = eval_order(v, scores, 3);
    assert_non_null(order);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
    assert_int_equal(order[2], 0);
    mem_free(order);
}

enum { MANY = 2000 };

/* A thousand prompts that need the cloud and a thousand that do not. */
static void halves(struct eval_pair *v, double *good)
{
    for (size_t i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof id, "p%zu", i);
        v[i] = (struct eval_pair){(double)(i % 2), 1, eval_tie(str_of(id))};
        good[i] = (double)((i % 2 == 0 ? 1000 : 0) + i % 1500);
    }
}

static void chance_is_a_half_and_errors_shrink_with_n(void **state)
{
    (void)state;
    static struct eval_pair v[MANY];
    static double good[MANY];
    struct err err = {0};
    double chance, se, se_few, se_diff;
    halves(v, good);
    assert_int_equal(eval_random(v, MANY, &chance, &err), 0);
    assert_near(chance, 0.5, 0.01);
    uint32_t *order = eval_order(v, good, MANY);
    uint32_t *few = eval_order(v, good, MANY / 16);
    assert_non_null(order);
    assert_non_null(few);
    assert_int_equal(eval_error(v, order, NULL, MANY, &se, &err), 0);
    assert_int_equal(eval_error(v, few, NULL, MANY / 16, &se_few, &err), 0);
    assert_int_equal(eval_error(v, order, order, MANY, &se_diff, &err), 0);
    assert_true(se > 0.003 && se < 0.03);
    assert_true(se_few > 2 * se && se_few < 8 * se); /* 16 times fewer: 4 times wider */
    assert_near(se_diff, 0, 1e-12);
    mem_free(order);
    mem_free(few);
}

static void length_counts_characters(void **state)
{
    (void)state;
    assert_near(eval_length(STR("")), 0, 0);
    assert_near(eval_length(STR("abc")), 3, 0);
    assert_near(eval_length(STR("M\xc3\xbcller \xe9\x9d\x92")), 8, 0);
}

/* Ten stated 0.75 of which 6 came true: off by .15; ten stated 0.25 of which 2 did: .05.
 */
static void calibration_error_is_the_mean_distance(void **state)
{
    (void)state;
    double stated[20];
    bool came[20];
    for (size_t i = 0; i < 20; i++) {
        stated[i] = i < 10 ? 0.75 : 0.25;
        came[i] = i < 10 ? i < 6 : i < 12;
    }
    assert_near(eval_ece(stated, came, 20), 0.10, 1e-12);
    stated[0] = 1; /* the last bin is closed */
    assert_true(eval_ece(stated, came, 1) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_are_the_edges_of_ten_bins),
        cmocka_unit_test(what_gains_the_same_everywhere_is_chance),
        cmocka_unit_test(the_one_that_needs_it_goes_first_or_last),
        cmocka_unit_test(an_order_may_beat_the_cloud),
        cmocka_unit_test(nothing_to_recover_has_no_figure),
        cmocka_unit_test(equal_scores_are_ordered_by_id),
        cmocka_unit_test(a_score_that_is_no_number_comes_last),
        cmocka_unit_test(chance_is_a_half_and_errors_shrink_with_n),
        cmocka_unit_test(length_counts_characters),
        cmocka_unit_test(calibration_error_is_the_mean_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
