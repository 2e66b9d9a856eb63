/* test_pilot.c -- a pilot that is looked at every day, played many times.
 *
 * WEIR_PILOTS: how many are simulated (1,000); `make soak-pilot` plays 10,000. */
#include "core/random.h"
#include "pilot/book.h"
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
    p.days = pilot_days(&p, .8, 1000, 1);
    assert_true(p.days > 9 && p.days < 60);
    double power =
        pilot_power(&p, runs(), 12345); /* other pilots than it was planned with */
    print_message("# power .80 planned, %u days of %u: %.4f\n", (unsigned)p.days,
                  (unsigned)p.per_day, power);
    if (power < .8 - noise(.8))
        fail_msg("%.3f instead of .8 in %u days", power, (unsigned)p.days);
    p.margin = pilot_margin(&p, .8, 1000, 1);
    assert_true(p.margin <= .05);
    /* More requests decide sooner, a smaller margin later. */
    struct pilot_plan more = p, closer = p;
    more.per_day = 500;
    closer.margin = p.margin / 2;
    assert_true(pilot_days(&more, .8, 200, 1) < pilot_days(&p, .8, 200, 1));
    uint64_t days = pilot_days(&closer, .8, 200, 1);
    assert_true(days == 0 || days > pilot_days(&p, .8, 200, 1));
}

/* -- a judge, and people who look at a share of what it says ---------------------------
 */

/* Judges who do what a judge must not: they like the local side, or they guess. */
enum bias { LIKES_LOCAL, GUESSES, RIGHT };

static double judged_as(enum bias bias, double y, uint64_t *x)
{
    double u = uniform(x);
    if (bias == LIKES_LOCAL)
        return u < .5 ? 1 : y;
    return bias == GUESSES ? floor(3 * u) - 1 : y;
}

/* Does a pilot accept at one of its looks?  corrected: as the book counts. */
static bool accepts(enum bias bias, double truth, double kept, bool corrected, uint64_t x)
{
    struct evidence_tally seen = {0};
    double capital = 0, bound = corrected ? pilot_bound(kept) : 1, enough = -log(.05);
    for (int i = 0; i < 30 * 50; i++) {
        double y = draw(truth, .3, &x), f = judged_as(bias, y, &x);
        double value = corrected && uniform(&x) < kept ? pilot_corrected(f, y, kept) : f;
        capital += log1p(evidence_stake(&seen, bound, -.05, true) * (value + .05));
        evidence_count(&seen, value);
        if (capital >= enough)
            return true;
    }
    return false;
}

static double share_that_accepts(enum bias bias, double truth, double kept,
                                 bool corrected)
{
    uint32_t n = 0;
    for (uint32_t run = 0; run < runs(); run++)
        n += accepts(bias, truth, kept, corrected, 31 + (uint64_t)run * 7919);
    return (double)n / runs();
}

static void a_judge_who_is_not_fair_does_not_make_it_accept(void **state)
{
    (void)state;
    for (int bias = LIKES_LOCAL; bias <= RIGHT; bias++) {
        double share = share_that_accepts((enum bias)bias, -.05, .2, true);
        print_message("# judge %d, a fifth looked at: %.4f accept wrongly\n", bias,
                      share);
        if (share > .05 + noise(.05))
            fail_msg("judge %d: %.4f accept", bias, share);
    }
    /* Its word alone would. */
    assert_true(share_that_accepts(LIKES_LOCAL, -.05, .2, false) > .9);
    /* And what the correction leaves is enough to decide. */
    assert_true(share_that_accepts(RIGHT, .1, .2, true) > .8);
}

static void a_judged_pilot_has_the_power_that_was_planned(void **state)
{
    struct pilot_plan p = {.margin = .08,
                           .alpha = .05,
                           .split = .2,
                           .per_day = 100,
                           .days = 30,
                           .judged = .5,
                           .judge_wrong = .15,
                           .kept = .2};
    (void)state;
    p.days = pilot_days(&p, .8, 1000, 1);
    assert_true(p.days > 0);
    double power = pilot_power(&p, runs(), 4711);
    struct pilot_plan worse = p;
    worse.truth = -p.margin;
    double wrong = pilot_power(&worse, runs(), 99);
    print_message("# judged, power .80 planned, %u days: %.4f; %.4f accept wrongly\n",
                  (unsigned)p.days, power, wrong);
    if (power < .8 - noise(.8))
        fail_msg("%.3f instead of .8 in %u days", power, (unsigned)p.days);
    assert_true(wrong <= .05 + noise(.05));
    /* Fewer looks of people decide later. */
    struct pilot_plan fewer = p;
    fewer.kept = .1;
    assert_true(pilot_days(&fewer, .8, 200, 1) > p.days);
}

/* -- the book --------------------------------------------------------------------------
 */

static const struct pilot_bar bar = {.margin = .05, .alpha = .05, .kept = .2};

static void add(struct pilot_book *b, enum pilot_check check, double score, bool is_kept)
{
    const struct pilot_pair p = {.task = TASK_NUMBER,
                                 .check = (uint8_t)check,
                                 .score = (float)score,
                                 .is_kept = is_kept};
    assert_int_equal(pilot_book_add(b, &p), 0);
}

static void what_nobody_knows_speaks_against_both_answers(void **state)
{
    struct pilot_book b;
    double low, high, mean;
    (void)state;
    assert_int_equal(pilot_book_init(&b, &bar), 0);
    for (int i = 0; i < 2000; i++)
        add(&b, i % 4 ? PILOT_SAME : PILOT_UNKNOWN, 0, false);
    assert_int_equal(pilot_book_verdict(&b, 0), PILOT_UNDECIDED);
    pilot_book_interval(&b, 0, &low, &high, &mean);
    assert_true(isnan(mean));
    assert_true(low <= -.25 && high >= .25);
    pilot_book_release(&b);
    assert_int_equal(pilot_book_init(&b, &bar), 0);
    for (int i = 0; i < 2000; i++)
        add(&b, PILOT_SAME, 0, false);
    assert_int_equal(pilot_book_verdict(&b, 0), PILOT_ACCEPT);
    assert_int_equal(pilot_book_verdict(&b, 1 + TASK_NUMBER), PILOT_ACCEPT);
    assert_int_equal(pilot_book_verdict(&b, 1 + TASK_JSON), PILOT_UNDECIDED);
    pilot_book_release(&b);
}

static void a_drawn_pair_waits_for_its_label(void **state)
{
    struct pilot_book b;
    (void)state;
    assert_int_equal(pilot_book_init(&b, &bar), 0);
    add(&b, PILOT_JUDGED, 1, false);
    add(&b, PILOT_JUDGED, 1, true);
    add(&b, PILOT_JUDGED, 1, false);
    assert_int_equal(pilot_book_counted(&b, 0), 1);
    assert_false(pilot_book_label(&b, 0, -1)); /* it was not drawn */
    assert_false(pilot_book_label(&b, 3, -1));
    assert_true(pilot_book_label(&b, 1, -1));
    assert_false(pilot_book_label(&b, 1, 1)); /* it has its label */
    assert_int_equal(pilot_book_counted(&b, 0), 3);
    /* 1 + (-1 - 1) / 0.2 = -9, which is as far as it goes. */
    assert_true(fabs(b.low[0].seen.sum - (1 - 9 + 1)) < 1e-9);
    assert_true(pilot_bound(.2) == 9);
    pilot_book_release(&b);
}

/* Labels that come late count as those that came at once. */
static void labels_may_come_late(void **state)
{
    struct pilot_book early, late;
    uint64_t x = 3;
    (void)state;
    assert_int_equal(pilot_book_init(&early, &bar), 0);
    assert_int_equal(pilot_book_init(&late, &bar), 0);
    for (size_t i = 0; i < 200; i++) {
        bool is_kept = uniform(&x) < .2;
        double f = floor(3 * uniform(&x)) - 1;
        add(&early, PILOT_JUDGED, f, is_kept);
        add(&late, PILOT_JUDGED, f, is_kept);
        if (is_kept)
            assert_true(pilot_book_label(&early, i, 0));
    }
    for (size_t i = 200; i-- > 0;)
        if (late.pairs[i].is_kept)
            assert_true(pilot_book_label(&late, i, 0));
    assert_int_equal(pilot_book_counted(&late, 0), 200);
    assert_memory_equal(early.low, late.low, (1 + PILOT_TASKS) * sizeof *late.low);
    pilot_book_release(&early);
    pilot_book_release(&late);
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
        evidence_init(&e, .05, .05, 1);
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
    evidence_init(&e, .05, .05, 1);
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
        evidence_init(&e, .05, .05, 1);
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
        evidence_init(&e, .08, .05, 1);
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
        cmocka_unit_test(a_judge_who_is_not_fair_does_not_make_it_accept),
        cmocka_unit_test(a_judged_pilot_has_the_power_that_was_planned),
        cmocka_unit_test(what_nobody_knows_speaks_against_both_answers),
        cmocka_unit_test(a_drawn_pair_waits_for_its_label),
        cmocka_unit_test(labels_may_come_late),
        cmocka_unit_test(it_says_what_the_pairs_say),
        cmocka_unit_test(a_verdict_stays),
        cmocka_unit_test(the_interval_holds_at_every_look),
        cmocka_unit_test(the_plan_plays_the_same_bet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
