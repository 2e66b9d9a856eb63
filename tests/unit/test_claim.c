/* test_claim.c -- claims people publish, and what physics says of them.
 *
 * The numbers in the test names are those of the requirements and of the known errors
 * (E16-E19) in the published articles whose speed tables are judged here. */
#include "facts_loaded.h"
#include "fit/claim.h"
#include "fit/evaluate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct expected {
    const char *text, *word, *low_word;
    double ceiling, estimate; /* as computed by hand; 0 = not compared */
};

static void judge(const struct facts *f, const struct expected *e)
{
    struct claim c;
    struct claim_verdict v;
    struct err err;
    if (claim_parse(f, str_of(e->text), &c, &err) < 0 || claim_judge(&c, &v, &err) < 0)
        fail_msg("%s: %s", e->text, err.msg);
    if (strcmp(claim_word(v.word), e->word) != 0 ||
        (e->low_word && strcmp(claim_word(v.low_word), e->low_word) != 0))
        fail_msg("%s: %s (low end %s), ceiling %.1f, estimate %.1f", e->text,
                 claim_word(v.word), claim_word(v.low_word), v.speed.ceiling_tok_s,
                 v.speed.estimate_tok_s);
    if (e->ceiling > 0 && fabs(v.speed.ceiling_tok_s / e->ceiling - 1.0) > 0.04)
        fail_msg("%s: ceiling %.1f", e->text, v.speed.ceiling_tok_s);
    if (e->estimate > 0 && fabs(v.speed.estimate_tok_s / e->estimate - 1.0) > 0.15)
        fail_msg("%s: estimate %.1f", e->text, v.speed.estimate_tok_s);
}

/* The RTX 4060 table. */
static void claims_000_01_rtx_4060(void **state)
{
    static const struct expected rows[] = {
        {"Qwen2.5-7B Q4_K_M on RTX 4060: 68 tok/s", "impossible", NULL, 62, 48},
        {"Qwen2.5-14B Q4_K_M on RTX 4060: 31 tok/s", "implausible", NULL, 31.8, 0},
        {"Qwen2.5-14B Q3_K_M on RTX 4060: 38 tok/s", "implausible", NULL, 39, 30},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

/* The M4 table. */
static void claims_000_02_m4(void **state)
{
    static const struct expected rows[] = {
        {"14B Q4_K_M on M4: 44 tok/s", "impossible", NULL, 15.3, 12},
        {"Qwen2.5-14B Q4_K_M on Apple M4 16GB: 44 tok/s", "impossible", NULL, 14, 11},
        {"Qwen2.5-32B Q4_K_M on M4 (16 GB): 18 tok/s", "impossible", NULL, 6.2, 5.1},
        {"gemma-3-12b Q5_K_M on M4: 39 tok/s", "impossible", NULL, 14, 11},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

/* 10.8 tok/s for a 32B model on 8 GB of VRAM.  Impossible at the
 * quantisations the article's table uses; at two bits it would need fast memory. */
static void claims_000_22_32b_on_8gb(void **state)
{
    static const struct expected rows[] = {
        {"RTX 4060 8GB Qwen2.5-32B Q4_K_M 10.8 t/s", "impossible", NULL, 0, 0},
        {"RTX 4060 8GB Qwen2.5-32B Q3_K_M 10.8 t/s", "impossible", NULL, 0, 0},
        {"RTX 4060 8GB Qwen2.5-32B Q2_K 10.8 t/s", "plausible", NULL, 14.0, 7.0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

/* A 27B quant on 24 GB, 30 to 100. */
static void claims_001_05_27b_on_24gb(void **state)
{
    static const struct expected row = {"27B Q4_K_M on RTX 4090: 30-100 tok/s",
                                        "impossible", "plausible", 64, 43};
    judge(*state, &row);
}

/* The two local options. */
static void claims_002_02_local_options(void **state)
{
    static const struct expected rows[] = {
        {"Llama 3.1 8B Q4_K_M on RTX 4090: 100 tok/s", "plausible", NULL, 217, 150},
        {"Llama 3.1 70B Q4_K_M on 2x A100: 40 tok/s", "plausible", NULL, 97, 42},
        {"Llama 3.1 70B Q4_K_M on 2\xC3\x97 A100: 40 tok/s", "plausible", NULL, 97, 42},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

/* The speed table. */
static void claims_003_07_speed_table(void **state)
{
    static const struct expected rows[] = {
        {"CPU only (modern laptop): Llama 3.1 8B Q4_K_M, 10-25 tok/sec", "plausible",
         "plausible", 29.6, 16}, /* the fastest memory of a laptop */
        {"Apple M3 Pro (18 GB unified) Llama 3.1 8B Q4_K_M 55\xE2\x80\x93"
         "75 tok/sec",
         "impossible", "impossible", 32, 26},
        {"NVIDIA RTX 4060 (8 GB VRAM) Llama 3.1 8B Q4_K_M 70-100 tok/sec", "impossible",
         "impossible", 58, 47},
        {"NVIDIA RTX 4090 (24 GB VRAM) Llama 3.1 8B Q4_K_M 130-160 tok/sec", "plausible",
         "plausible", 217, 150},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

/* 70B on one A100. */
static void claims_004_02_70b_on_a100(void **state)
{
    static const struct expected rows[] = {
        {"Llama 3.3 70B Q4_K_M on A100: ~90 t/s", "impossible", NULL, 48, 27},
        /* as the article has it, without a quantisation: the smallest usual one */
        {"Llama 3.3 70B on A100: ~90 t/s", "impossible", NULL, 54, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

static void none_of_the_188_fitted_rows_is_impossible(void **state)
{
    const struct facts *f = *state;
    size_t n = 0;
    for (size_t i = 0; i < speeds_count(f->speeds); i++) {
        const struct speed_row *r = speeds_at(f->speeds, i);
        struct claim_verdict v;
        struct err err;
        struct device d = {.name = r->gpu,
                           .bandwidth_gbs = r->bandwidth_gbs,
                           .is_unified = str_starts(r->gpu, STR("Apple")),
                           .kind = str_starts(r->gpu, STR("Apple")) ? DEVICE_APPLE
                                                                    : DEVICE_NVIDIA};
        struct claim c = {.cards = {{.device = &d,
                                     .gbs = d.bandwidth_gbs,
                                     .slowest_gbs = d.bandwidth_gbs,
                                     .count = 1}},
                          .ncards = 1,
                          .streams = 1,
                          .low_tok_s = r->tok_s,
                          .high_tok_s = r->tok_s,
                          .model = models_find(f->models, r->model)};
        if (!str_eqz(r->set, "public") || r->gpus != 1)
            continue;
        assert_non_null(c.model);
        assert_true(quant_parse(r->quant, &c.quant.least));
        c.quant.most = c.quant.least;
        assert_int_equal(claim_judge(&c, &v, &err), 0);
        if (v.word == CLAIM_IMPOSSIBLE)
            fail_msg("%.*s: %.1f of %.1f", STR_ARG(r->gpu), r->tok_s,
                     v.speed.ceiling_tok_s);
        n++;
    }
    assert_int_equal(n, 188);
}

static void the_crowd_row_at_144_per_cent_is_impossible(void **state)
{
    static const struct expected rows[] = {
        {"Qwen2.5-7B Q4_K_M on RTX 3060 12GB: 119 tok/s", "impossible", NULL, 0, 0},
        {"Qwen2.5-14B Q4_K_M on RTX 3080 10GB: 14 tok/s", "below-expectation", NULL, 0,
         0},
        {"Gemma-3-12b-it Q4_K_M on RTX 3080 10GB: 27 tok/s", "below-expectation", NULL, 0,
         0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        judge(*state, &rows[i]);
}

static void names_are_found_as_people_write_them(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *text, *model, *device;
        enum quant q;
        unsigned devices;
    } rows[] = {
        {"llama3.1 8b q8_0 on a 4090 does 90 t/s", "Llama-3.1-8B", "RTX 4090", QUANT_Q8_0,
         1},
        {"Qwen2.5 Coder 7B, M4 Pro, 40 tokens/s", "Qwen2.5-Coder-7B", "Apple M4 Pro",
         QUANT_IQ4_XS, 1},
        {"RTX 4060 Ti 16GB: phi-4 Q6_K 20 tok/s", "Phi-4", "RTX 4060 Ti 16GB", QUANT_Q6_K,
         1},
        {"4x RTX 3090 Llama-3-70B F16 6 tok/s", "Llama-3-70B", "RTX 3090", QUANT_F16, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct claim c;
        struct err err;
        if (claim_parse(f, str_of(rows[i].text), &c, &err) < 0)
            fail_msg("%s: %s", rows[i].text, err.msg);
        if (!str_eqz(c.model->id, rows[i].model) ||
            !str_eqz(c.cards[0].device->name, rows[i].device) ||
            c.quant.least != rows[i].q || c.cards[0].count != rows[i].devices)
            fail_msg("%s: read as %.*s, %.*s, %s, %u", rows[i].text, STR_ARG(c.model->id),
                     STR_ARG(c.cards[0].device->name), quant_name(c.quant.least),
                     c.cards[0].count);
    }
}

static void a_claim_without_a_part_says_which(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"14B on M4", "speed"},
        {"14B on M4: -3 tok/s", "speed"},
        {"14B on M4: 0 tok/s", "speed"},
        {"14B on M4: NaN tok/s", "speed"},
        {"something on M4: 44 tok/s", "model"},
        {"14B Q4_K_M on a toaster: 44 tok/s", "device"},
        {"", "speed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct claim c;
        struct err err = {0};
        int rc = claim_parse(f, str_of(rows[i].text), &c, &err);
        if (rc == 0 || !strstr(err.msg, rows[i].says))
            fail_msg("%s: %s", rows[i].text, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_000_01_rtx_4060),
        cmocka_unit_test(claims_000_02_m4),
        cmocka_unit_test(claims_000_22_32b_on_8gb),
        cmocka_unit_test(claims_001_05_27b_on_24gb),
        cmocka_unit_test(claims_002_02_local_options),
        cmocka_unit_test(claims_003_07_speed_table),
        cmocka_unit_test(claims_004_02_70b_on_a100),
        cmocka_unit_test(none_of_the_188_fitted_rows_is_impossible),
        cmocka_unit_test(the_crowd_row_at_144_per_cent_is_impossible),
        cmocka_unit_test(names_are_found_as_people_write_them),
        cmocka_unit_test(a_claim_without_a_part_says_which),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
