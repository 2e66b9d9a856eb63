/* test_calibrate.c -- what the operator asks for is what happens, on traffic that differs
 * from what the router learnt from. */
#include "core/mem.h"
#include "route/calibrate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct router router;
static struct calibration cal;

static int open_router(void **state)
{
    struct err err = {0};
    (void)state;
    return router_open(&router, router_builtin(), &err);
}

static double uniform(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (double)(*x >> 11) / 9007199254740992.0;
}

/* Scores of a traffic with another middle and another width. */
static struct router_score draw(uint64_t *x, double middle, double width)
{
    double sum = uniform(x) + uniform(x) + uniform(x) - 1.5;
    return (struct router_score){.gap = (float)(middle + width * sum), .suffices = 0.6f};
}

static double realised(const struct goal *goal, double middle, double width, unsigned n)
{
    uint64_t x = 7;
    unsigned sent = 0;
    for (unsigned i = 0; i < n; i++) {
        struct router_score s = draw(&x, middle, width);
        sent += s.gap >= calibration_decide(&cal, &router, &s, goal, -1, 1000 + i);
    }
    return sent / (double)n;
}

static void the_asked_share_is_what_goes(void **state)
{
    (void)state;
    static const double middles[] = {-0.2, 0.1, 0.3, 0.6};
    for (size_t m = 0; m < 4; m++)
        for (double asked = 0.1; asked < 0.95; asked += 0.2) {
            const struct goal goal = {GOAL_SHARE, asked};
            calibration_reset(&cal);
            assert_true(fabs(realised(&goal, middles[m], 0.1, 2000) - asked) <= 0.03);
        }
}

static void nothing_and_everything_are_exact(void **state)
{
    (void)state;
    calibration_reset(&cal);
    assert_true(realised(&(struct goal){GOAL_SHARE, 0}, 0.2, 0.3, 500) == 0);
    calibration_reset(&cal);
    assert_true(realised(&(struct goal){GOAL_SHARE, 1}, 0.2, 0.3, 500) == 1);
}

static void traffic_that_changes_is_followed(void **state)
{
    (void)state;
    const struct goal goal = {GOAL_SHARE, 0.3};
    calibration_reset(&cal);
    realised(&goal, 0.1, 0.1, 5000);
    realised(&goal, 0.5, 0.1, 12000); /* the old half fades */
    assert_true(fabs(realised(&goal, 0.5, 0.1, 2000) - 0.3) <= 0.03);
}

/* A local answer is worse with a chance that rises with the score; when 90 % of what the
 * cloud gives is asked for, the loss of what stays is below 10 %. */
static void the_more_leaves_the_fewer_answers_are_worse(void **state)
{
    (void)state;
    struct calibration_point points[11];
    calibration_reset(&cal);
    assert_false(calibration_curve(&cal, &router, points, 11));
    for (int i = 0; i < 11; i++) {
        assert_true(fabs(points[i].share - i / 10.0) < 1e-9);
        assert_true(points[i].loss >= 0 && points[i].loss <= 1);
        assert_true(i == 0 || points[i].loss <= points[i - 1].loss);
    }
    assert_true(points[0].loss > 0 && points[10].loss == 0);
    const struct goal goal = {GOAL_SHARE, 0.3};
    realised(&goal, 0.1, 0.1, 1000);
    for (int i = 0; i < 200; i++)
        calibration_outcome(&cal, 0.1f, i % 10 == 0);
    assert_true(calibration_curve(&cal, &router, points, 11));
    /* All stay: the upper bound of 20 in 200. */
    assert_true(fabs(points[0].loss - calibration_upper(20, 200)) < 1e-9);
    const struct calibration_counts n = calibration_count(&cal);
    assert_int_equal(n.npairs, 200);
    assert_int_equal(n.worse, 20);
    assert_int_equal(n.count, 1000);
    assert_true(n.sent > 250 && n.sent < 350);
}

static void a_quality_is_kept(void **state)
{
    (void)state;
    const struct goal goal = {GOAL_QUALITY, 0.9};
    uint64_t x = 3, y = 4;
    unsigned lost = 0, sent = 0, n = 4000;
    calibration_reset(&cal);
    for (unsigned i = 0; i < n; i++) {
        struct router_score s = draw(&x, 0.3, 0.4);
        bool worse = uniform(&y) < fmin(1, fmax(0, (double)s.gap));
        bool goes = s.gap >= calibration_decide(&cal, &router, &s, &goal, -1, i + 1);
        if (i % 8 == 0)
            calibration_outcome(&cal, s.gap, worse);
        sent += goes;
        lost += !goes && worse;
    }
    assert_true(lost <= n / 10);
    assert_true(sent > n / 10 && sent < n * 9 / 10); /* and it did not send all */
}

static void a_price_is_not_exceeded(void **state)
{
    (void)state;
    const struct goal goal = {GOAL_PRICE, 10};
    uint64_t x = 3, spent = 0, cost = 2000000;  /* $0.002 */
    const uint64_t every_ms = 60000, n = 20000; /* 43,834 requests a month: $87.67 */
    calibration_reset(&cal);
    for (uint64_t i = 0; i < n; i++) {
        struct router_score s = draw(&x, 0.3, 0.2);
        float t = calibration_decide(&cal, &router, &s, &goal, (int64_t)cost,
                                     1000000 + i * every_ms);
        spent += s.gap >= t ? cost : 0;
    }
    double month = (double)spent / 1e9 * 30.44 * 86400e3 / (double)(n * every_ms);
    assert_true(month > 9 && month < 11);
}

static void outcomes_say_what_a_score_is_worth(void **state)
{
    (void)state;
    uint64_t x = 5, y = 6;
    const struct goal goal = {GOAL_SHARE, 0.5};
    double off = 0;
    calibration_reset(&cal);
    struct router_score s = {.gap = 0.2f, .suffices = 0.9f};
    assert_true(calibration_suffices(&cal, &s) == 0.9f); /* nothing is known yet */
    for (unsigned i = 0; i < 600; i++) {
        s = draw(&x, 0.4, 0.5);
        calibration_outcome(&cal, s.gap, uniform(&y) < (double)s.gap);
        calibration_decide(&cal, &router, &s, &goal, -1, i);
    }
    float before = 2;
    for (int i = 1; i <= 7; i++) {
        s.gap = (float)i / 10;
        float p = calibration_suffices(&cal, &s);
        assert_true(p <= before); /* it falls with the score */
        before = p;
        off += fabs((double)p - (1 - (double)s.gap)) / 7;
    }
    assert_true(off < 0.08);
}

static void upper_bounds_are_clopper_and_pearsons(void **state)
{
    (void)state;
    /* 0 of n: 1 - 0.05^(1/n); 1 of 10 by their table: .394. */
    assert_true(fabs(calibration_upper(0, 10) - (1 - pow(0.05, 0.1))) < 1e-6);
    assert_true(fabs(calibration_upper(1, 10) - 0.3942) < 1e-3);
    assert_true(calibration_upper(3, 3) == 1 && calibration_upper(0, 0) == 1);
}

static void a_restart_keeps_what_is_known(void **state)
{
    (void)state;
    static unsigned char bytes[CALIBRATION_BYTES];
    static struct calibration again;
    const struct goal goal = {GOAL_SHARE, 0.4};
    calibration_reset(&cal);
    realised(&goal, 0.55, 0.05, 700);
    calibration_outcome(&cal, 0.5f, true);
    calibration_save(&cal, router.digest, bytes);
    struct str s = {(const char *)bytes, sizeof bytes};
    assert_true(calibration_load(&again, router.digest, s));
    assert_true(calibration_threshold(&again, &router, &goal, 2000) ==
                calibration_threshold(&cal, &router, &goal, 2000));
    assert_true(atomic_load(&again.npairs) == 1);
    /* Other weights, a cut file, a damaged one: it begins anew. */
    assert_false(calibration_load(&again, router.digest + 1, s));
    assert_true(atomic_load(&again.count) == 0);
    assert_false(calibration_load(&again, router.digest, str_sub(s, 0, s.n - 1)));
    bytes[100] ^= 1;
    assert_false(calibration_load(&again, router.digest, s));
    assert_true(atomic_load(&again.count) == 0);
}

/* What one model could do says nothing of the next; the traffic is the same. */
static void outcomes_of_other_models_are_forgotten(void **state)
{
    (void)state;
    const struct goal goal = {GOAL_SHARE, 0.3};
    unsigned char bytes[CALIBRATION_BYTES];
    calibration_reset(&cal);
    assert_false(calibration_of_models(&cal, 7));
    (void)realised(&goal, 0.1, 0.1, 500);
    for (int i = 0; i < 200; i++)
        calibration_outcome(&cal, 0.1f, i % 2);
    assert_false(calibration_of_models(&cal, 7));
    assert_int_equal(atomic_load(&cal.npairs), 200);
    calibration_save(&cal, router.digest, bytes);
    assert_true(calibration_load(&cal, router.digest,
                                 (struct str){(const char *)bytes, sizeof bytes}));
    assert_int_equal(atomic_load(&cal.models), 7);
    assert_true(calibration_of_models(&cal, 8));
    assert_int_equal(atomic_load(&cal.npairs), 0);
    assert_int_equal(atomic_load(&cal.count), 500);
    const struct router_score s = {.gap = 0.1f, .suffices = 0.6f};
    assert_true(calibration_suffices(&cal, &s) == 0.6f);
    assert_false(calibration_of_models(&cal, 8));
}

/* Another file behind the same name is another model; what is not known changes nothing.
 */
static void outcomes_of_other_files_are_forgotten_once(void **state)
{
    (void)state;
    unsigned char bytes[CALIBRATION_BYTES];
    calibration_reset(&cal);
    (void)calibration_of_models(&cal, 7);
    calibration_outcome(&cal, 0.1f, true);
    assert_false(calibration_of_files(&cal, 0));
    assert_false(calibration_of_files(&cal, 3)); /* the first that is known */
    assert_false(calibration_of_files(&cal, 0));
    assert_false(calibration_of_files(&cal, 3));
    assert_int_equal(atomic_load(&cal.npairs), 1);
    calibration_save(&cal, router.digest, bytes);
    assert_true(calibration_load(&cal, router.digest,
                                 (struct str){(const char *)bytes, sizeof bytes}));
    assert_true(calibration_of_files(&cal, 4));
    assert_int_equal(atomic_load(&cal.npairs), 0);
    assert_false(calibration_of_files(&cal, 4));
    calibration_outcome(&cal, 0.1f, true);
    assert_true(calibration_of_models(&cal, 8)); /* others: their files are not known */
    assert_false(calibration_of_files(&cal, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_asked_share_is_what_goes),
        cmocka_unit_test(outcomes_of_other_files_are_forgotten_once),
        cmocka_unit_test(nothing_and_everything_are_exact),
        cmocka_unit_test(traffic_that_changes_is_followed),
        cmocka_unit_test(a_quality_is_kept),
        cmocka_unit_test(a_price_is_not_exceeded),
        cmocka_unit_test(outcomes_say_what_a_score_is_worth),
        cmocka_unit_test(the_more_leaves_the_fewer_answers_are_worse),
        cmocka_unit_test(upper_bounds_are_clopper_and_pearsons),
        cmocka_unit_test(a_restart_keeps_what_is_known),
        cmocka_unit_test(outcomes_of_other_models_are_forgotten),
    };
    return cmocka_run_group_tests(tests, open_router, NULL);
}
