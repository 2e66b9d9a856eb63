/* test_learner.c -- the adapter, its fit, and when it comes to serve: on streams of made
 * up outcomes, whose truth is known. */
#include "core/mem.h"
#include "route/train/learner.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct learner learner, other;
static unsigned char bytes[LEARNER_BYTES], again[LEARNER_BYTES];

static double uniform(uint64_t *x)
{
    *x = *x * 6364136223846793005u + 1442695040888963407u;
    return (double)(*x >> 11) / 9007199254740992.0;
}

static int8_t drawn(uint64_t *x, int most)
{
    return (int8_t)(uniform(x) * (most + 1));
}

static struct adapter_inputs draw(uint64_t *x)
{
    struct adapter_inputs in = {
        .logit = (int16_t)(3000 * (uniform(x) + uniform(x) - 1) + 500),
        .gap = (int16_t)(600 * (uniform(x) + uniform(x) - 1) + 200)};
    for (size_t k = 0; k < ADAPTER_FIGURES; k++)
        in.figure[k] = drawn(x, k == 15 || k >= 22 ? 1 : 60);
    return in;
}

static struct adapt_row outcome(uint64_t *x, const struct adapter *truth)
{
    struct adapt_row r = {.in = draw(x), .weight = 1};
    r.suffices = uniform(x) < adapter_suffices(truth, &r.in);
    return r;
}

/* What the base says is true, but for the level, and for two of the figures. */
static struct adapter other_truth(void)
{
    struct adapter a = adapter_base();
    a.x[0] = 0.8f;
    a.x[1] = 0.7f;
    a.x[3] = -0.5f;
    a.x[4] = 0.4f;
    return a;
}

/* -- the adapter -------------------------------------------------------------------- */

static void the_base_says_what_the_weights_say(void **state)
{
    uint64_t x = 1;
    const struct adapter base = adapter_base();
    (void)state;
    for (int i = 0; i < 1000; i++) {
        const struct adapter_inputs in = draw(&x);
        struct router_score s = {.gap = 0.25f};
        double p = 1 / (1 + exp(-in.logit / 1000.0));
        assert_true(adapter_suffices(&base, &in) == p);
        adapter_apply(&base, &in, &s);
        assert_true(s.gap == 0.25f && s.suffices == (float)p);
    }
}

static void a_score_is_the_sum_that_the_header_says(void **state)
{
    uint64_t x = 2;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct adapter a;
        double row[ADAPTER_SIZE], sum = 0;
        for (size_t k = 0; k < ADAPTER_SIZE; k++)
            a.x[k] = (float)(uniform(&x) - 0.5);
        const struct adapter_inputs in = draw(&x);
        adapter_row(&in, row);
        for (size_t k = 0; k < ADAPTER_SIZE; k++)
            sum += (double)a.x[k] * row[k];
        double p = 1 / (1 + exp(-sum));
        struct router_score s = {.gap = 0.1f};
        assert_true(adapter_suffices(&a, &in) == p); /* to the last bit */
        adapter_apply(&a, &in, &s);
        assert_true(s.gap == 0.1f - (float)(p - 1 / (1 + exp(-(double)in.logit / 1000))));
    }
}

static void inputs_are_coarse_and_within_their_bytes(void **state)
{
    struct router *r = mem_new(struct router);
    struct prompt *p = mem_new(struct prompt);
    struct router_score s;
    struct adapter_inputs in, nearly;
    struct err err = {0};
    (void)state;
    assert_true(r && p);
    assert_int_equal(router_open(r, router_builtin(), &err), 0);
    const struct str one = STR("Tom has 3 apples and buys 40 more. How many are left?");
    const struct str two = STR("Ann has 5 grapes and finds 70 more. How many are left?");
    prompt_read(&r->words, r->w.common, one, p);
    router_judge(r, p, &s);
    adapter_inputs_of(p, &s, &in);
    assert_int_equal(in.gap, lrint(1000 * (double)s.gap));
    assert_int_equal(in.figure[0], lrint(16 * log(1 + (double)one.n)));
    assert_int_equal(in.figure[25], 1); /* a word problem */
    prompt_read(&r->words, r->w.common, two, p);
    router_judge(r, p, &s);
    adapter_inputs_of(p, &s, &nearly);
    assert_int_equal(in.figure[0], nearly.figure[0]); /* a letter more is not seen */
    for (size_t k = 0; k < F_NFEATURES; k++)
        p->f[k] = 1e9f;
    s.gap = 100;
    s.suffices = 1;
    adapter_inputs_of(p, &s, &in);
    assert_true(in.gap == 2000 && in.logit == 4000 && in.figure[0] == 127);
    mem_free(r);
    mem_free(p);
}

static void every_weight_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned k = 0; k < ADAPTER_SIZE; k++)
        for (unsigned j = 0; j < k; j++)
            assert_string_not_equal(adapter_weight_name(k), adapter_weight_name(j));
}

/* -- the fit ------------------------------------------------------------------------ */

static void without_outcomes_nothing_moves(void **state)
{
    struct adapter from = other_truth(), to;
    (void)state;
    adapt_fit(NULL, 0, &from, 1, &to);
    assert_memory_equal(&from, &to, sizeof to);
}

/* At the least, the slope of the objective is 0: what the header writes down, added up
 * here in another way. */
static void the_fit_is_the_least_of_its_objective(void **state)
{
    static struct adapt_row rows[400];
    const struct adapter truth = other_truth(), base = adapter_base();
    struct adapter a;
    double loss[2] = {0};
    uint64_t x = 3;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        rows[i] = outcome(&x, &truth);
    adapt_fit(rows, ARRAY_LEN(rows), &base, 1, &a);
    for (size_t k = 0; k < ADAPTER_SIZE; k++) {
        double hold = k == 0 ? 1 : k < 3 ? 10 : 60, slope, row[ADAPTER_SIZE];
        slope = hold * ((double)a.x[k] - (double)base.x[k]);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            adapter_row(&rows[i].in, row);
            slope += (adapter_suffices(&a, &rows[i].in) - rows[i].suffices) * row[k];
        }
        assert_true(fabs(slope) < 0.01);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        loss[0] += adapt_loss(&base, &rows[i]);
        loss[1] += adapt_loss(&a, &rows[i]);
    }
    assert_true(loss[1] < loss[0]);
}

static void a_weight_of_two_is_two_outcomes(void **state)
{
    static struct adapt_row twice[200], heavy[100];
    const struct adapter truth = other_truth(), base = adapter_base();
    struct adapter a, b;
    uint64_t x = 4;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(heavy); i++) {
        heavy[i] = twice[2 * i] = twice[2 * i + 1] = outcome(&x, &truth);
        heavy[i].weight = 2;
    }
    adapt_fit(twice, ARRAY_LEN(twice), &base, 1, &a);
    adapt_fit(heavy, ARRAY_LEN(heavy), &base, 1, &b);
    for (size_t k = 0; k < ADAPTER_SIZE; k++)
        assert_true(fabsf(a.x[k] - b.x[k]) < 1e-5f);
}

/* -- when it serves ----------------------------------------------------------------- */

struct played {
    unsigned promoted, rolled_back, first;
    double before, after; /* mean loss of what serves: the first 200, the last 500 */
};

static struct played play(struct learner *l, uint64_t *x, const struct adapter *truth,
                          unsigned n)
{
    struct played p = {0};
    for (unsigned i = 0; i < n; i++) {
        const struct adapt_row r = outcome(x, truth);
        double loss = adapt_loss(&l->serving, &r);
        p.before += i < 200 ? loss / 200 : 0;
        p.after += i + 500 >= n ? loss / 500 : 0;
        enum learner_step step = learner_take(l, &r);
        if (step == LEARNER_PROMOTED && !p.promoted++)
            p.first = i + 1;
        p.rolled_back += step == LEARNER_ROLLED_BACK;
    }
    return p;
}

#ifndef SEEDS_N
#define SEEDS_N 2 /* a build without sanitizers has time for hundreds */
#endif
enum { SEEDS = SEEDS_N, LENGTH = SEEDS_N > 9 ? 3000 : 1200 };

static void where_the_truth_differs_it_comes_to_serve(void **state)
{
    const struct adapter base = adapter_base(), truth = other_truth();
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t x = seed;
        learner_reset(&learner, &base);
        const struct played p = play(&learner, &x, &truth, 1200);
        assert_true(p.promoted >= 1 && p.rolled_back == 0 && learner.is_serving);
        assert_true(p.first >= LEARNER_LEAST);
        assert_true(p.after < p.before - 0.05);
    }
}

static void where_the_base_is_right_it_never_serves(void **state)
{
    const struct adapter base = adapter_base();
    unsigned n = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t x = seed;
        learner_reset(&learner, &base);
        const struct played p = play(&learner, &x, &base, LENGTH);
        n += p.promoted > 0;
    }
    print_message("served by chance in %u of %u streams of %d\n", n, SEEDS, LENGTH);
    assert_int_equal(n, 0);
}

static void when_the_truth_changes_the_base_comes_back_once(void **state)
{
    const struct adapter base = adapter_base(), truth = other_truth();
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t x = seed;
        learner_reset(&learner, &base);
        assert_true(play(&learner, &x, &truth, 1000).promoted >= 1);
        const struct played back = play(&learner, &x, &base, LENGTH);
        assert_int_equal(back.rolled_back, 1);
        assert_int_equal(learner.nrolled_back, 1);
    }
}

/* -- the disk ----------------------------------------------------------------------- */

static void a_life_goes_on_to_the_bit(void **state)
{
    const struct adapter base = adapter_base(), truth = other_truth();
    uint64_t x = 9, y;
    (void)state;
    learner_reset(&learner, &base);
    (void)play(&learner, &x, &truth, 777);
    learner_save(&learner, 42, bytes);
    assert_int_equal(
        learner_load(&other, &base, 42, (struct str){(const char *)bytes, sizeof bytes}),
        LEARNER_LOADED);
    y = x;
    (void)play(&learner, &x, &truth, 1300);
    (void)play(&other, &y, &truth, 1300);
    learner_save(&learner, 42, bytes);
    learner_save(&other, 42, again);
    assert_memory_equal(bytes, again, sizeof bytes);
}

static void what_is_damaged_or_of_others_begins_anew(void **state)
{
    const struct adapter base = adapter_base(), truth = other_truth();
    const struct str whole = {(const char *)bytes, sizeof bytes};
    uint64_t x = 11;
    (void)state;
    learner_reset(&learner, &base);
    (void)play(&learner, &x, &truth, 300);
    learner_save(&learner, 42, bytes);
    assert_int_equal(learner_load(&other, &base, 43, whole), LEARNER_OTHER);
    assert_true(other.nrows == 0 && !other.is_serving);
    assert_int_equal(learner_load(&other, &base, 42, str_sub(whole, 0, whole.n - 1)),
                     LEARNER_DAMAGED);
    for (size_t at = 0; at < sizeof bytes - 8; at += 97) {
        bytes[at] ^= 0x40;
        assert_int_equal(learner_load(&other, &base, 42, whole), LEARNER_DAMAGED);
        assert_true(other.nrows == 0);
        bytes[at] ^= 0x40;
    }
    assert_int_equal(learner_load(&other, &base, 42, whole), LEARNER_LOADED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_base_says_what_the_weights_say),
        cmocka_unit_test(a_score_is_the_sum_that_the_header_says),
        cmocka_unit_test(inputs_are_coarse_and_within_their_bytes),
        cmocka_unit_test(every_weight_has_a_name_of_its_own),
        cmocka_unit_test(without_outcomes_nothing_moves),
        cmocka_unit_test(the_fit_is_the_least_of_its_objective),
        cmocka_unit_test(a_weight_of_two_is_two_outcomes),
        cmocka_unit_test(where_the_truth_differs_it_comes_to_serve),
        cmocka_unit_test(where_the_base_is_right_it_never_serves),
        cmocka_unit_test(when_the_truth_changes_the_base_comes_back_once),
        cmocka_unit_test(a_life_goes_on_to_the_bit),
        cmocka_unit_test(what_is_damaged_or_of_others_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
