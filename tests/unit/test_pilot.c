/* test_pilot.c -- a pilot that is looked at every day, played many times.
 *
 * WEIR_PILOTS: how many are simulated (1,000); `make soak-pilot` plays 10,000. */
#include "core/random.h"
#include "pilot/evidence.h"
#include "pilot/power.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t runs(void)
{
    const char *text = getenv("WEIR_PILOTS");
    return text ? (uint32_t)atol(text) : 1000;
}

static double uniform(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (double)(*x >> 11) / 9007199254740992.0;
}

static double draw(double mean, double split, uint64_t *x)
{
    double u = uniform(x);
    return u < (split + mean) / 2 ? 1 : u < split ? -1 : 0;
}

/* The standard error of a share: what a simulation may be off by. */
static double noise(double share)
{
    return 3 * sqrt(share * (1 - share) / runs());
}

/* -- the promise
 * ------------------------------------------------------------------------- */

/* The local side is exactly as much worse as the margin forbids: however often one looks,
 * at most one pilot in twenty says yes. */
static void it_accepts_wrongly_at_most_so_often(void **state)
{
    static const struct pilot_plan rows[] = {
        {.margin = .05,
         .alpha = .05,
         .truth = -.05,
         .split = .2,
         .per_day = 50,
         .days = 30},
        {.margin = .05,
         .alpha = .05,
         .truth = -.05,
         .split = .05,
         .per_day = 20,
         .days = 60},
        {.margin = .02,
         .alpha = .05,
         .truth = -.02,
         .split = .5,
         .per_day = 200,
         .days = 30},
        {.margin = .1, .alpha = .01, .truth = -.1, .split = .3, .per_day = 5, .days = 90},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double share = pilot_power(&rows[i], runs(), 11 + i);
        print_message("# %u pilots, margin %.2f: %.4f accept wrongly, at most %.2f may\n",
                      runs(), rows[i].margin, share, rows[i].alpha);
        if (share > rows[i].alpha + noise(rows[i].alpha))
            fail_msg("row %zu: %.4f accept, at most %.2f may", i, share, rows[i].alpha);
    }
}

/* A fixed test of 5 % that is looked at every day: what this is better than. */
static void looking_every_day_at_a_fixed_test_is_worse(void **state)
{
    uint32_t wrong = 0;
    (void)state;
    for (uint32_t run = 0; run < runs(); run++) {
        uint64_t x = 77 + run;
        double sum = 0, squares = 0;
        bool has_accepted = false;
        for (int i = 1; i <= 30 * 50; i++) {
            double d = draw(-.05, .2, &x);
            sum += d;
            squares += d * d;
            if (i % 50 == 0) {
                double mean = sum / i, error = sqrt((squares / i - mean * mean) / i);
                has_accepted |= mean - 1.645 * error > -.05;
            }
        }
        wrong += has_accepted;
    }
    print_message("# a fixed test looked at every day: %.4f\n", (double)wrong / runs());
    assert_true((double)wrong / runs() > .15);
}

static void it_has_the_power_that_was_planned(void **state)
{
    struct pilot_plan p = {
        .margin = .05, .alpha = .05, .truth = 0, .split = .2, .per_day = 50, .days = 30};
    (void)state;
    p.days = pilot_days(&p, .8, 400, 1);
    assert_true(p.days > 9 && p.days < 60);
    double power =
        pilot_power(&p, runs(), 12345); /* other pilots than it was planned with */
    print_message("# power .80 planned, %u days of %u: %.4f\n", (unsigned)p.days,
                  (unsigned)p.per_day, power);
    if (power < .8 - noise(.8))
        fail_msg("%.3f instead of .8 in %u days", power, (unsigned)p.days);
    p.margin = pilot_margin(&p, .8, 400, 1);
    assert_true(p.margin <= .05);
    /* More requests decide sooner, a smaller margin later. */
    struct pilot_plan more = p, closer = p;
    more.per_day = 500;
    closer.margin = p.margin / 2;
    assert_true(pilot_days(&more, .8, 200, 1) < pilot_days(&p, .8, 200, 1));
    uint64_t days = pilot_days(&closer, .8, 200, 1);
    assert_true(days == 0 || days > pilot_days(&p, .8, 200, 1));
}

/* -- evidence
 * ------------------------------------------------------------------------------ */

static void it_says_what_the_pairs_say(void **state)
{
    static const struct {
        double mean;
        enum verdict_of_pilot verdict;
    } rows[] = {{.1, PILOT_ACCEPT}, {0, PILOT_ACCEPT}, {-.2, PILOT_REJECT}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static struct evidence e;
        uint64_t x = 5 + i;
        double low, high;
        evidence_init(&e, .05, .05);
        assert_int_equal(evidence_verdict(&e), PILOT_UNDECIDED);
        assert_true(isnan(evidence_mean(&e)));
        for (int k = 0; k < 4000; k++)
            evidence_add(&e, draw(rows[i].mean, .3, &x));
        assert_int_equal(evidence_verdict(&e), rows[i].verdict);
        evidence_interval(&e, &low, &high);
        assert_true(low <= rows[i].mean && rows[i].mean <= high);
        assert_true(high - low < .15);
        assert_true(low <= evidence_mean(&e) && evidence_mean(&e) <= high);
    }
}

/* What has been shown stays shown: a verdict does not change with further pairs. */
static void a_verdict_stays(void **state)
{
    static struct evidence e;
    (void)state;
    evidence_init(&e, .05, .05);
    for (int i = 0; i < 200; i++)
        evidence_add(&e, 1);
    assert_int_equal(evidence_verdict(&e), PILOT_ACCEPT);
    for (int i = 0; i < 50; i++)
        evidence_add(&e, -1);
    assert_int_equal(evidence_verdict(&e), PILOT_ACCEPT);
}

/* The interval holds the true mean at every look of at least nine pilots in ten. */
static void the_interval_holds_at_every_look(void **state)
{
    uint32_t missed = 0, n = runs() / 10;
    (void)state;
    for (uint32_t run = 0; run < n; run++) {
        static struct evidence e;
        uint64_t x = 900 + run;
        bool has_missed = false;
        evidence_init(&e, .05, .05);
        for (int i = 1; i <= 600; i++) {
            double low, high;
            evidence_add(&e, draw(-.12, .4, &x));
            if (i % 20)
                continue;
            evidence_interval(&e, &low, &high);
            has_missed |= -.12 < low || -.12 > high;
        }
        missed += has_missed;
    }
    assert_true((double)missed / n <= .1 + 3 * sqrt(.09 / n));
}

/* The lean bet of the planning is the evidence's own. */
static void the_plan_plays_the_same_bet(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        static struct evidence e;
        const struct pilot_plan p = {.margin = .08,
                                     .alpha = .05,
                                     .truth = 0,
                                     .split = .25,
                                     .per_day = 400,
                                     .days = 1};
        double share = pilot_power(&p, 1, seed);
        uint64_t x = seed;
        evidence_init(&e, .08, .05);
        for (int i = 0; i < 400; i++) {
            double u = random_uniform(&x);
            evidence_add(&e, u < .125 ? 1 : u < .25 ? -1 : 0);
        }
        assert_int_equal(evidence_verdict(&e) == PILOT_ACCEPT, share > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_accepts_wrongly_at_most_so_often),
        cmocka_unit_test(looking_every_day_at_a_fixed_test_is_worse),
        cmocka_unit_test(it_has_the_power_that_was_planned),
        cmocka_unit_test(it_says_what_the_pairs_say),
        cmocka_unit_test(a_verdict_stays),
        cmocka_unit_test(the_interval_holds_at_every_look),
        cmocka_unit_test(the_plan_plays_the_same_bet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
