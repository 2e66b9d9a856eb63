/* test_sizes.c -- sizes of GGUF files from a model's shape, against published files.
 *
 * The rule is asked with the published sizes put aside: otherwise it would be given the
 * answer. */
#include "estimate/run.h"
#include "facts_loaded.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct model *model(const struct facts *f, const char *name)
{
    const struct model *m = models_find(f->models, str_of(name));
    if (!m)
        fail_msg("no model %s", name);
    return m;
}

static enum quant quant_of(const char *name)
{
    enum quant q = QUANTS;
    if (!quant_parse(str_of(name), &q))
        fail_msg("no quantisation %s", name);
    return q;
}

/* By the rule alone. */
static struct model_size size_by_rule(const struct model *m, enum quant q)
{
    struct model_size s;
    struct err err;
    struct model bare = *m;
    bare.nfiles = 0;
    if (model_size(&bare, q, &s, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Exact bytes of model layers in Ollama's registry, 2025-08-05 (josh/ollama-models-nix).
 */
static void files_of_a_registry_are_met_by_the_rule(void **state)
{
    static const struct {
        const char *model, *quant;
        double bytes;
    } rows[] = {
        {"Qwen3-4B", "Ollama-Q4_K_M", 2620774592},
        {"Qwen3-8B", "Ollama-Q4_K_M", 5225374496},
        {"Qwen3-14B", "Ollama-Q4_K_M", 9276184896},
        {"Qwen3-32B", "Ollama-Q4_K_M", 20201240160},
        {"Qwen3-30B-A3B", "Q4_K_M", 18556685856},
        {"Qwen3-Coder-30B-A3B", "Q4_K_M", 18556688736},
        {"Qwen3-235B-A22B", "Q4_K_M", 142154073664},
        {"DeepSeek-R1-Distill-Qwen-1.5B", "Q4_K_M", 1117320512},
        {"DeepSeek-R1-Distill-Qwen-7B", "Q4_K_M", 4683073184},
        {"DeepSeek-R1-Distill-Qwen-14B", "Q4_K_M", 8988109952},
        {"DeepSeek-R1-Distill-Qwen-32B", "Q4_K_M", 19851335552},
        {"DeepSeek-R1-Distill-Llama-70B", "Q4_K_M", 42520395616},
        {"DeepSeek-R1-0528-Qwen3-8B", "Ollama-Q4_K_M", 5225373760},
        {"DeepSeek-R1-671B", "Q4_K_M", 404430186848},
        {"Mistral-Nemo-12B", "Q4_0", 7071700672},
        {"Mistral-Small-3-24B", "Q4_K_M", 14333908384},
        {"Devstral-Small-24B-2505", "Q4_K_M", 14333909728},
        {"Magistral-Small-24B", "Q4_K_M", 14333907488},
        {"Gemma-3-1B", "Ollama-Q4_K_M", 815310432},
        {"Phi-4", "Q4_K_M", 9053114464},
        {"Phi-4-reasoning", "Ollama-Q4_K_M", 11117500000},
        {"Phi-4-mini", "Q4_K_M", 2491874624},
        {"Phi-3-medium-14B", "Q4_0", 7897125664},
        {"Command-R-35B-08-2024", "Q4_0", 18719489184},
        {"Command-R7B-12-2024", "Q4_K_M", 5057009504},
        {"Command-A-111B", "Q4_K_M", 67135509120},
    };
    double off[ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_size s =
            size_by_rule(model(*state, rows[i].model), quant_of(rows[i].quant));
        off[i] = fabs((double)s.file_bytes / rows[i].bytes - 1.0);
        if (s.is_approximate || off[i] > 0.007)
            fail_msg("%s %s: off by %.3f %%", rows[i].model, rows[i].quant, 100 * off[i]);
    }
    qsort(off, ARRAY_LEN(off), sizeof *off, rising);
    print_message("median %.3f %%, worst %.2f %%\n", 100 * off[ARRAY_LEN(off) / 2],
                  100 * off[ARRAY_LEN(off) - 1]);
    assert_true(off[ARRAY_LEN(off) / 2] < 0.001);
}

/* All that data/models.json has of the kinds that are replayed, also prints with two
 * decimals and files of makers with recipes of their own. */
static void most_published_files_are_within_one_per_cent(void **state)
{
    const struct facts *f = *state;
    double off[400];
    size_t n = 0, near = 0;
    for (size_t i = 0; i < models_count(f->models); i++) {
        const struct model *m = models_at(f->models, i);
        for (size_t k = 0; k < m->nfiles && n < ARRAY_LEN(off); k++) {
            enum quant q;
            if (!quant_parse(m->files[k].quant, &q) || q >= QUANT_REPLAYED)
                continue;
            struct model_size s = size_by_rule(m, q);
            off[n] = fabs((double)s.file_bytes / (double)m->files[k].bytes - 1.0);
            near += off[n++] < 0.01;
        }
    }
    qsort(off, n, sizeof *off, rising);
    assert_true(n > 80);
    print_message("%zu files: median %.3f %%, nine of ten %.2f %%, worst %.1f %%; "
                  "%zu within 1 %%\n",
                  n, 100 * off[n / 2], 100 * off[n * 9 / 10], 100 * off[n - 1], near);
    assert_true(off[n / 2] < 0.0015);
    assert_true((double)near > 0.8 * (double)n);
}

/* The size that is known is the one that is said. */
static void a_published_file_is_taken_as_it_is(void **state)
{
    struct model_size s;
    struct err err;
    const struct model *m = model(*state, "Qwen3-0.6B");
    assert_int_equal(model_size(m, QUANT_OLLAMA, &s, &err), 0);
    assert_int_equal(s.file_bytes, 522640096);
    /* It holds the embedding twice, which its shape does not say. */
    assert_true(size_by_rule(m, QUANT_OLLAMA).file_bytes < s.file_bytes);
    m = model(*state, "Qwen3.6-27B");
    assert_int_equal(model_size(m, QUANT_IQ4_XS, &s, &err), 0);
    assert_false(s.is_approximate);
    assert_int_equal(s.file_bytes, 15428596269);
}

static void a_tag_of_ollama_means_its_own_file(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *name, *quant;
    } rows[] = {{"qwen3:8b", "Ollama-Q4_K_M"},
                {"qwen3:8b-q4_K_M", "Ollama-Q4_K_M"},
                {"ollama.com/library/qwen3:8b", "Ollama-Q4_K_M"},
                {"qwen3:8b-q8_0", "q8_0"},
                {"qwen3:30b-a3b", ""}, /* the same as everybody's */
                {"Qwen/Qwen3-8B", ""},
                {"hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M", "q4_k_m"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_answer a;
        models_ask(f->models, str_of(rows[i].name), &a);
        assert_int_equal(a.verdict, NAME_FOUND);
        if (strcmp(a.quant, rows[i].quant) != 0)
            fail_msg("%s: %s", rows[i].name, a.quant);
    }
}

/* 96 weights in a row: no block of 256 fits. */
static void rows_that_hold_no_block_of_256_take_another_type(void **state)
{
    (void)state;
    struct model m = {.id = STR("x"),
                      .params = 1,
                      .layers = 1,
                      .hidden = 96,
                      .heads = 1,
                      .kv_heads = 1,
                      .head_dim = 96,
                      .ffn = 96,
                      .vocab = 96};
    m.params = 2 * 96 * 96 + 7 * 96 * 96;
    struct model_size k = size_by_rule(&m, QUANT_Q4_K_S);
    struct model_size plain = size_by_rule(&m, QUANT_Q5_0);
    assert_false(k.is_approximate);
    /* Q4_K falls back to Q5_0, Q5_K (values of the first layers) to Q5_1. */
    assert_int_equal(k.file_bytes - plain.file_bytes, 96 * 96 * (6.0 - 5.5) / 8 + 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_a_registry_are_met_by_the_rule),
        cmocka_unit_test(most_published_files_are_within_one_per_cent),
        cmocka_unit_test(a_published_file_is_taken_as_it_is),
        cmocka_unit_test(a_tag_of_ollama_means_its_own_file),
        cmocka_unit_test(rows_that_hold_no_block_of_256_take_another_type),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
