/* test_pick.c -- the order in which models are offered, and speeds in a full context. */
#include "facts_loaded.h"
#include "fit/pick.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 512 };

static struct run_machine machine_of(const struct facts *f, const char *name, double gb)
{
    struct run_machine m = {.ram_gb = 32};
    struct err err;
    const struct device *d = devices_find(f->devices, str_of(name), gb);
    if (!d || run_machine_add(&m, d, 1, gb, &err) < 0)
        fail_msg("no device %s", name);
    return m;
}

static size_t picks_on(const struct facts *f, const char *device, double gb,
                       struct pick *ret)
{
    struct run_machine m = machine_of(f, device, gb);
    struct pick_ask ask = {.run = {.quant = QUANT_Q4_K_M, .kv.bits_x2 = KV_F16_X2}};
    return picks_of(f->models, &m, &ask, ret, MOST);
}

static size_t place_of(const struct pick *picks, size_t n, const char *model)
{
    for (size_t i = 0; i < n; i++)
        if (str_eqz(picks[i].model->id, model))
            return i;
    fail_msg("%s does not fit", model);
    return 0;
}

/* Newer of one size before older, larger of one family before smaller. */
static void newer_and_larger_come_first(void **state)
{
    static struct pick p[MOST];
    static const char *const pairs[][2] = {
        {"Qwen3.8-27B", "Qwen3.6-27B"}, {"Qwen3.6-27B", "Qwen3.5-27B"},
        {"Qwen3.5-9B", "Qwen3.5-4B"},   {"Qwen3-32B", "Qwen2.5-32B"},
        {"Gemma-4-12B", "Gemma-3-12B"}, {"Qwen3-8B", "Llama-2-7B"}};
    size_t n = picks_on(*state, "RTX 4090", 24, p);
    assert_true(n > 50);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (place_of(p, n, pairs[i][0]) > place_of(p, n, pairs[i][1]))
            fail_msg("%s stands behind %s", pairs[i][0], pairs[i][1]);
    for (size_t i = 1; i < n; i++)
        assert_true(p[i - 1].reach >= p[i].reach || p[i].is_slow);
}

static void all_lie_wholly_on_the_device(void **state)
{
    static struct pick p[MOST];
    size_t n = picks_on(*state, "RTX 4060", 8, p);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(p[i].run.memory.verdict, MEMORY_FITS);
        assert_true(p[i].context >= RUN_LEAST_CONTEXT);
    }
}

static void slow_ones_stand_behind(void **state)
{
    static struct pick p[MOST];
    bool seen = false;
    size_t n = picks_on(*state, "CPU dual-channel DDR5-5600", 64, p);
    assert_true(n > 20);
    for (size_t i = 0; i < n; i++) {
        bool slow = p[i].run.full_speed.estimate_tok_s < PICK_TOK_S;
        assert_int_equal(slow, p[i].is_slow);
        assert_true(slow || !seen);
        seen = seen || slow;
    }
    assert_true(seen);
}

static void uses_get_what_suits_them(void **state)
{
    static struct pick p[MOST];
    size_t n = picks_on(*state, "RTX 4090", 24, p);
    for (size_t i = 0; i < n; i++) {
        const struct model *m = p[i].model;
        assert_true(!pick_suits(&p[i], PICK_CHAT) || !m->is_embedding);
        assert_int_equal(pick_suits(&p[i], PICK_SEARCH), m->is_embedding);
        if (pick_suits(&p[i], PICK_LONG))
            assert_true(p[i].run.memory.largest_context >= 100000);
        if (pick_suits(&p[i], PICK_PICTURES))
            assert_true(m->vision_params > 0);
    }
    assert_true(pick_suits(&p[place_of(p, n, "Qwen3-Coder-30B-A3B")], PICK_CODE));
    assert_false(pick_suits(&p[place_of(p, n, "Qwen3-Coder-30B-A3B")], PICK_CHAT));
}

/* Only what lies on the machine; a context that is asked for must fit too. */
static void a_context_that_is_asked_for_must_fit(void **state)
{
    static struct pick p[MOST];
    const struct facts *f = *state;
    struct run_machine m = machine_of(f, "RTX 4090", 24);
    struct pick_ask ask = {.run = {.quant = QUANT_Q4_K_M, .kv.bits_x2 = KV_F16_X2},
                           .has_quant = true,
                           .least_context = 100000};
    size_t n = picks_of(f->models, &m, &ask, p, MOST);
    assert_true(n > 5);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(p[i].quant, QUANT_Q4_K_M);
        assert_true(p[i].run.memory.largest_context >= 100000);
    }
}

/* 131,072 tokens of Llama 3.1 8B are 17.2 GB that are read for each token beside 4.6 GB
 * of weights. */
static void a_full_context_is_slower(void **state)
{
    const struct facts *f = *state;
    struct run_machine m = machine_of(f, "RTX 5090", 32);
    struct run r;
    struct err err;
    struct run_ask ask = {.model = models_find(f->models, STR("Llama-3.1-8B")),
                          .quant = QUANT_Q4_K_M,
                          .kv = {.context = 131072, .bits_x2 = KV_F16_X2}};
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    assert_int_equal(r.full_tokens, 131072);
    assert_true(r.full_speed.estimate_tok_s < 0.4 * r.speed.estimate_tok_s);
    ask.depth_tokens = 131072;
    double full = r.full_speed.estimate_tok_s;
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    assert_true(fabs(r.speed.estimate_tok_s / full - 1) < 1e-9);
    ask.kv.bits_x2 = KV_Q8_0_X2; /* half the bytes */
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    assert_true(r.full_speed.estimate_tok_s > 1.4 * full);
    ask.kv.slots = 4; /* a quarter of the tokens each */
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    assert_int_equal(r.full_tokens, 32768);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newer_and_larger_come_first),
        cmocka_unit_test(all_lie_wholly_on_the_device),
        cmocka_unit_test(slow_ones_stand_behind),
        cmocka_unit_test(uses_get_what_suits_them),
        cmocka_unit_test(a_context_that_is_asked_for_must_fit),
        cmocka_unit_test(a_full_context_is_slower),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
