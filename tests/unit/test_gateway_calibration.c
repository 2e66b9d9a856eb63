/* test_gateway_calibration.c -- what is known of the traffic outlives a restart, and a
 * file that cannot be used is no reason not to start. */
#include "folder.h"
#include "gateway/calibration.h"
#include "gateway/feedback.h"
#include "gateway/fingerprint.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct calibration_file file;

static char dir[64];
static const struct goal goal = {GOAL_SHARE, 0.3};
static struct router router;

static int make_folder(void **state)
{
    struct err err = {0};
    (void)state;
    snprintf(dir, sizeof dir, "%s", "/tmp/weir-calibration-XXXXXX");
    return mkdtemp(dir) && router_open(&router, router_builtin(), &err) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return folder_remove(dir);
}

static void pass(unsigned n, float gap)
{
    struct router_score s = {.gap = gap, .suffices = 0.5f};
    for (unsigned i = 0; i < n; i++) {
        s.gap = gap + (float)i * 1e-4f;
        calibration_decide(&file.now, &router, &s, &goal, -1, i + 1);
    }
}

static void what_was_counted_is_there_after_a_restart(void **state)
{
    (void)state;
    calibration_open(&file, dir, router.digest);
    assert_int_equal(atomic_load(&file.now.count), 0);
    pass(200, 0.6f);
    calibration_keep(&file, dir, 1000, false); /* a minute has not passed */
    calibration_open(&file, dir, router.digest);
    assert_int_equal(atomic_load(&file.now.count), 0);
    pass(200, 0.6f);
    calibration_keep(&file, dir, 60 * 1000, false);
    float was = calibration_threshold(&file.now, &router, &goal, 1);
    calibration_open(&file, dir, router.digest);
    assert_int_equal(atomic_load(&file.now.count), 200);
    assert_true(calibration_threshold(&file.now, &router, &goal, 1) == was);
    assert_true(was > 0.6f && was < 0.62f);
}

static void other_weights_begin_anew(void **state)
{
    (void)state;
    calibration_open(&file, dir, router.digest + 1);
    assert_int_equal(atomic_load(&file.now.count), 0);
    pass(20, 0.1f);
    calibration_change(&file, router.digest + 1); /* a reload that changes no weights */
    assert_int_equal(atomic_load(&file.now.count), 20);
    assert_true(isnan(atomic_load(&file.now.threshold))); /* but perhaps the wish */
    calibration_change(&file, router.digest);
    assert_int_equal(atomic_load(&file.now.count), 0);
}

static void a_folder_that_cannot_be_written_is_told_once(void **state)
{
    (void)state;
    calibration_open(&file, "/nonexistent/weir", router.digest);
    pass(3, 0.1f);
    calibration_keep(&file, "/nonexistent/weir", 1000, true);
    assert_true(file.is_told);
    calibration_keep(&file, dir, 2000, true);
    assert_false(file.is_told);
}

static void weights_of_the_operator_are_read_or_refused(void **state)
{
    (void)state;
    struct arena a;
    struct err err = {0};
    char path[128];
    struct config_learned l = {.wish = LEARNED_QUALITY, .value = 0.95};
    arena_init(&a, 1 << 20);
    assert_non_null(router_configured(&l, &a, &err));
    assert_int_equal(goal_configured(&l).kind, GOAL_QUALITY);
    snprintf(path, sizeof path, "%s/w.bin", dir);
    l.weights = str_of(path);
    assert_null(router_configured(&l, &a, &err));
    assert_non_null(strstr(err.msg, "cannot read"));
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    struct str good = router_builtin();
    assert_int_equal(fwrite(good.p, 1, good.n - 1, f), good.n - 1);
    fclose(f);
    err = (struct err){0};
    assert_null(router_configured(&l, &a, &err));
    assert_non_null(strstr(err.msg, "cut off"));
    assert_non_null(strstr(err.msg, path));
    arena_reset(&a);
}

static void say(uint64_t uid, enum feedback said, double score, bool is_local)
{
    const struct feedback_heard heard = {
        uid, said, {.score = score, .is_there = true, .is_local = is_local}};
    calibration_heard(&file.now, &heard);
}

static unsigned sum_of(const atomic_uint bins[CALIBRATE_BINS])
{
    unsigned n = 0;
    for (int i = 0; i < CALIBRATE_BINS; i++)
        n += atomic_load(&bins[i]);
    return n;
}

/* Only of local answers whose prompts a score kept here; of asking again a third. */
static void what_is_said_of_local_answers_are_outcomes(void **state)
{
    (void)state;
    calibration_reset(&file.now);
    say(1, FEEDBACK_GOOD, 0.1, true);
    say(2, FEEDBACK_BAD, 0.1, true);
    say(3, FEEDBACK_REGENERATE, 0.1, true);
    say(4, FEEDBACK_EDITED, 0.1, true);
    say(5, FEEDBACK_BAD, 0.1, false);
    say(6, FEEDBACK_BAD, NAN, true);
    assert_int_equal(atomic_load(&file.now.npairs), 4);
    assert_int_equal(sum_of(file.now.worse), 3);
    for (uint64_t uid = 9; uid < 18; uid++)
        say(uid, FEEDBACK_REASK, 0.1, true);
    assert_int_equal(atomic_load(&file.now.npairs), 7);
    assert_int_equal(sum_of(file.now.worse), 6);
}

/* What Ollama, llama-server and vLLM say of a model counts, and nothing of others. */
static void a_list_tells_one_file_from_another(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        bool is_same;
    } rows[] = {
        {"{\"models\":[{\"name\":\"a:latest\",\"digest\":\"1\",\"size\":5}]}", true},
        {"{\"models\":[{\"name\":\"b\",\"digest\":\"9\"},{\"size\":5,\"model\":\"a\","
         "\"modified_at\":\"today\",\"digest\":\"1\"}]}",
         true},
        {"{\"models\":[{\"name\":\"a\",\"digest\":\"2\",\"size\":5}]}", false},
        {"{\"models\":[{\"name\":\"a\",\"digest\":\"1\",\"size\":6}]}", false},
        {"{\"data\":[{\"id\":\"a\",\"meta\":{\"n_params\":7}}]}", false},
        {"{\"data\":[{\"id\":\"a\",\"root\":\"/models/a\"}]}", false},
        {"{\"models\":[]}", false},
        {"", false},
        {"[1", false},
        {"{\"models\":[7,{\"name\":7}", false},
    };
    uint32_t first = fingerprint_add(1, str_of(rows[0].list), STR("a"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(fingerprint_add(1, str_of(rows[i].list), STR("a")) == first,
                         rows[i].is_same);
    uint32_t none = fingerprint_add(1, STR("{\"data\":[]}"), STR("a"));
    assert_int_equal(none, fingerprint_add(1, STR("no list"), STR("a")));
    assert_int_not_equal(none, fingerprint_add(1, STR("{\"data\":[]}"), STR("b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_tells_one_file_from_another),
        cmocka_unit_test(what_was_counted_is_there_after_a_restart),
        cmocka_unit_test(other_weights_begin_anew),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told_once),
        cmocka_unit_test(weights_of_the_operator_are_read_or_refused),
        cmocka_unit_test(what_is_said_of_local_answers_are_outcomes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
