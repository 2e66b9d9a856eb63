/* test_gateway_learning.c -- outcomes become an adapter that serves, and all of it
 * outlives a restart; what cannot be used begins anew. */
#include "core/mem.h"
#include "folder.h"
#include "gateway/calibration.h"
#include "gateway/feedback.h"
#include "gateway/learning.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WEIGHTS = 5, MODELS = 6 };

static char dir[64];
static struct calibration cal;
static struct learning *learning;
static uint64_t random_state;

static int make_folder(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "%s", "/tmp/weir-learning-XXXXXX");
    random_state = 1;
    calibration_reset(&cal);
    learning = learning_create();
    return learning && mkdtemp(dir) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    learning_free(learning);
    return folder_remove(dir);
}

static void restart(void)
{
    learning_free(learning);
    learning = learning_create();
    assert_non_null(learning);
}

static double uniform(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static struct noted scored(void)
{
    return (struct noted){.in = {.logit = (int16_t)(4000 * uniform() - 2000)},
                          .weights = WEIGHTS,
                          .models = MODELS,
                          .chance = NOTED_CHANCE};
}

/* The local answer is good with this chance, whatever the weights say. */
static void hand_in(unsigned n, double chance)
{
    for (unsigned i = 0; i < n; i++) {
        const struct noted s = scored();
        learning_outcome(learning, &s, uniform() < chance, 1);
        if (i % 500 == 499)
            learning_tend(learning, dir, &cal, 1, false);
    }
    learning_tend(learning, dir, &cal, 1, false);
}

static bool says(const char *line)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    learning_write_metrics(learning, &b);
    buf_append(&b, (struct str){"", 1});
    bool has = !b.failed && strstr(buf_view(&b).p, line);
    buf_release(&b);
    return has;
}

static void begin(uint32_t models)
{
    learning_change(learning, dir, true, WEIGHTS, models, NULL);
}

static void what_is_learnt_comes_to_serve_and_outlives_a_restart(void **state)
{
    struct adapter first, second;
    (void)state;
    begin(MODELS);
    assert_false(learning_serves(learning, &first));
    atomic_store(&cal.seen[9], 50);
    hand_in(1500, 0.95);
    assert_true(learning_serves(learning, &first));
    assert_true(first.x[0] > 0.5f);                 /* the level is higher */
    assert_int_equal(atomic_load(&cal.seen[9]), 0); /* scores are others now */
    assert_true(says("weir_learned_serving 1\n"));
    assert_true(says("weir_learned_outcomes_total 1500\n"));
    learning_tend(learning, dir, &cal, 2, true);
    restart();
    begin(MODELS);
    assert_true(learning_serves(learning, &second));
    assert_memory_equal(&first, &second, sizeof first);
    assert_true(says("weir_learned_outcomes_total 1500\n"));
}

static void when_the_world_changes_the_weights_come_back(void **state)
{
    struct adapter now;
    (void)state;
    begin(MODELS);
    hand_in(1500, 0.95);
    assert_true(learning_serves(learning, &now));
    for (unsigned i = 0; i < 400; i++) { /* as the weights say, and against what serves */
        struct noted s = scored();
        s.in.logit = -3000;
        learning_outcome(learning, &s, false, 1);
    }
    learning_tend(learning, dir, &cal, 1, false);
    assert_true(says("weir_learned_rolled_back_total 1\n"));
    assert_false(learning_serves(learning, &now));
}

static void other_models_and_damage_begin_anew(void **state)
{
    struct adapter now;
    char path[128];
    (void)state;
    begin(MODELS);
    hand_in(1500, 0.95);
    begin(MODELS); /* a reload that changes nothing */
    assert_true(learning_serves(learning, &now));
    learning_tend(learning, dir, &cal, 2, true);
    begin(MODELS + 1);
    assert_false(learning_serves(learning, &now));
    assert_true(says("weir_learned_outcomes_total 0\n"));
    hand_in(10, 0.5); /* answers of the models that were */
    assert_true(says("weir_learned_outcomes_total 0\n"));
    restart();
    begin(MODELS + 1); /* the file is of the others */
    assert_false(learning_serves(learning, &now));
    snprintf(path, sizeof path, "%s/route.adapter", dir);
    assert_int_equal(truncate(path, 1000), 0);
    restart();
    begin(MODELS);
    assert_false(learning_serves(learning, &now));
}

static void off_nothing_is_taken_and_nothing_serves(void **state)
{
    struct adapter now;
    (void)state;
    begin(MODELS);
    hand_in(1500, 0.95);
    learning_change(learning, dir, false, WEIGHTS, MODELS, NULL);
    assert_false(learning_serves(learning, &now));
    hand_in(100, 0.95);
    assert_false(says("weir_learned"));
    begin(MODELS); /* on again: it goes on from what was kept */
    assert_true(learning_serves(learning, &now));
    assert_true(says("weir_learned_outcomes_total 1500\n"));
}

static void what_comes_too_fast_is_lost_and_counted(void **state)
{
    (void)state;
    begin(MODELS);
    for (unsigned i = 0; i < LEARNING_QUEUE + 7; i++) {
        const struct noted s = scored();
        learning_outcome(learning, &s, true, 1);
    }
    assert_true(says("weir_learned_outcomes_lost_total 7\n"));
}

static void only_what_is_said_of_local_scored_answers_counts(void **state)
{
    struct feedback_heard h = {.uid = 1, .said = FEEDBACK_GOOD};
    (void)state;
    begin(MODELS);
    h.answer = (struct recent_answer){.noted = scored(), .is_there = true};
    learning_heard(learning, &h);
    h.answer.is_local = true;
    learning_heard(learning, &h);
    h.answer.has_noted = true;
    learning_heard(learning, &h);
    h.said = FEEDBACK_REASK;
    learning_heard(learning, &h);
    learning_tend(learning, dir, &cal, 1, false);
    assert_true(says("weir_learned_outcomes_total 2\n"));
}

static void an_adapter_of_the_operator_is_read_or_refused(void **state)
{
    static struct router router;
    struct arena a;
    struct buf b;
    struct err err = {0};
    char path[128];
    const struct adapter *got, base = adapter_base();
    struct config_learned l = {.adapter = STR("")};
    (void)state;
    arena_init(&a, 1 << 20);
    buf_init(&b, 4096);
    router.digest = WEIGHTS;
    assert_int_equal(adapter_configured(&l, &router, &a, &got, &err), 0);
    assert_null(got);
    snprintf(path, sizeof path, "%s/a.bin", dir);
    l.adapter = str_of(path);
    assert_int_equal(adapter_configured(&l, &router, &a, &got, &err), -1);
    assert_non_null(strstr(err.msg, "cannot read adapter"));
    for (uint32_t weights = WEIGHTS; weights < WEIGHTS + 2; weights++) {
        FILE *f = fopen(path, "wb");
        b.n = 0;
        adapter_write(&base, weights, &b);
        assert_true(f && fwrite(b.p, 1, b.n, f) == b.n);
        fclose(f);
        err = (struct err){0};
        int rc = adapter_configured(&l, &router, &a, &got, &err);
        assert_int_equal(rc, weights == WEIGHTS ? 0 : -1);
        assert_true(weights == WEIGHTS ? memcmp(got, &base, sizeof base) == 0
                                       : strstr(err.msg, "other weights") != NULL);
    }
    for (size_t i = 0; i < ADAPTER_FILE_BYTES; i++) {
        struct adapter ignored;
        b.n = 0;
        adapter_write(&base, WEIGHTS, &b);
        b.p[i] ^= 1;
        assert_int_equal(adapter_open(&ignored, WEIGHTS, buf_view(&b), &err), -1);
    }
    buf_release(&b);
    arena_reset(&a);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(what_is_learnt_comes_to_serve_and_outlives_a_restart),
        TEST(when_the_world_changes_the_weights_come_back),
        TEST(other_models_and_damage_begin_anew),
        TEST(off_nothing_is_taken_and_nothing_serves),
        TEST(what_comes_too_fast_is_lost_and_counted),
        TEST(only_what_is_said_of_local_scored_answers_counts),
        TEST(an_adapter_of_the_operator_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
