/* test_fit.c -- sizes, memory, speed and the GGUF reader.
 *
 * Published sizes are single facts: those of llama.cpp's quantize README, of the
 * GPU-Benchmarks-on-LLM-Inference table and of gguf-parser's README. */
#include "core/mem.h"
#include "estimate/memory.h"
#include "facts/facts.h"
#include "fit/evaluate.h"
#include "fit/gguf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static int load(void **state)
{
    static struct facts f;
    struct err err;
    if (facts_load(&f, NULL, &err) < 0) {
        print_error("%s\n", err.msg);
        return -1;
    }
    *state = &f;
    return 0;
}

static int unload(void **state)
{
    facts_release(*state);
    return 0;
}

static void published_gguf_sizes_are_computed_within_a_fifth_of_a_per_cent(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *model, *quant;
        double bytes;
    } rows[] = {
        {"Llama-3-70B", "Q2_K", 26371099197},
        {"Llama-3-70B", "Q3_K_M", 34263101603},
        {"Llama-3-70B", "Q4_K_S", 40351217745},
        {"Llama-3-70B", "Q4_K_M", 42520176230},
        {"Llama-3-70B", "Q5_K_M", 49950469652},
        {"Llama-3-70B", "Q6_K", 57885421731},
        {"Llama-3-70B", "Q8_0", 74979391569},
        {"Llama-3-70B", "F16", 141121887928},
        {"Llama-3.1-8B", "Q2_K", 3167538380},
        {"Llama-3.1-8B", "Q3_K_S", 3661459619},
        {"Llama-3.1-8B", "Q3_K_L", 4316442132},
        {"Llama-3.1-8B", "Q4_K_S", 4681514352},
        {"Llama-3.1-8B", "Q4_K_M", 4917737553},
        {"Llama-3.1-8B", "Q5_K_M", 5723043921},
        {"Llama-3.1-8B", "Q6_K", 6592774799},
        {"Llama-3.1-8B", "Q8_0", 8536247500},
        {"Llama-3.1-8B", "F16", 16063177687},
        {"Llama-3.3-70B-Instruct", "Q4_K_M", 42509438812},
        {"Qwen2.5-7B", "Q4_K_M", 4681514352},
        {"Qwen2.5-7B", "Q8_0", 8096013352},
        {"Qwen2.5-7B", "F16", 15236396482},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_size s;
        struct err err;
        enum quant q;
        const struct model *m = models_find(f->models, str_of(rows[i].model));
        assert_non_null(m);
        assert_true(quant_parse(str_of(rows[i].quant), &q));
        assert_int_equal(model_size(m, q, &s, &err), 0);
        double off = fabs((double)s.file_bytes / rows[i].bytes - 1.0);
        if (off > 0.002 || s.is_approximate)
            fail_msg("%s %s: off by %.3f %%", rows[i].model, rows[i].quant, 100 * off);
    }
}

/* Files of ggml-org and Unsloth, against the rule alone: experts stay in MXFP4. */
static void gpt_oss_keeps_its_experts_in_mxfp4(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *model;
        enum quant q;
        double bytes;
    } rows[] = {{"gpt-oss-20b", QUANT_MXFP4, 12101070356},
                {"gpt-oss-120b", QUANT_MXFP4, 63372242452},
                {"gpt-oss-20b", QUANT_F16, 13779630336}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_size s;
        struct err err;
        struct model m = *models_find(f->models, str_of(rows[i].model));
        assert_int_equal(model_size(&m, rows[i].q, &s, &err), 0);
        assert_true((double)s.file_bytes == rows[i].bytes);
        m.nfiles = 0; /* nobody has published a size */
        assert_int_equal(model_size(&m, rows[i].q, &s, &err), 0);
        if (fabs((double)s.file_bytes / rows[i].bytes - 1.0) > 0.005)
            fail_msg("%s: %.2f GB", rows[i].model, (double)s.file_bytes / 1e9);
        assert_true(s.read_bytes < s.file_bytes / 3);
        assert_int_equal(quant_default(&m), QUANT_MXFP4);
    }
}

static void quantisations_are_known_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum quant q;
    } rows[] = {{"q4_k_m", QUANT_Q4_K_M},
                {"UD-Q4_K_XL", QUANT_UD_Q4_K_XL},
                {"ud_q4_k_xl", QUANT_UD_Q4_K_XL},
                {"mlx-4bit", QUANT_MLX_4},
                {"8bit", QUANT_MLX_8},
                {"fp8", QUANT_FP8},
                {"NVFP4", QUANT_NVFP4},
                {"awq", QUANT_AWQ},
                {"GPTQ-Int4", QUANT_GPTQ},
                {"mxfp4", QUANT_MXFP4},
                {"Q4_1", QUANT_Q4_1},
                {"bf16", QUANT_F16}};
    enum quant q;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_true(quant_parse(str_of(rows[i].text), &q));
        assert_int_equal(q, rows[i].q);
        assert_true(quant_parse(str_of(quant_name(q)), &q));
        assert_int_equal(q, rows[i].q);
    }
    assert_false(quant_parse(STR("Q9_K"), &q));
    assert_false(quant_parse(STR(""), &q));
}

/* The sizes the model table should have shown (Q4_K_M). */
static void sizes_of_002_11_are_those_of_q4_k_m(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *model;
        double gb;
    } rows[] = {{"Llama-3.1-8B", 4.92},
                {"Qwen2.5-Coder-7B", 4.68},
                {"Mistral-7B-v0.3", 4.37},
                {"Phi-3-mini-4k", 2.36},
                {"Llama-3.1-70B", 42.5}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_size s;
        struct err err;
        const struct model *m = models_find(f->models, str_of(rows[i].model));
        assert_non_null(m);
        assert_int_equal(model_size(m, QUANT_Q4_K_M, &s, &err), 0);
        if (fabs((double)s.file_bytes / 1e9 / rows[i].gb - 1.0) > 0.02)
            fail_msg("%s: %.2f GB", rows[i].model, (double)s.file_bytes / 1e9);
    }
}

static void two_kv_logs_are_reproduced_to_the_byte(void **state)
{
    (void)state;
    struct model small = {.layers = 40, .kv_bytes_per_token = 2 * 2 * 40 * 8 * 128};
    struct model large = {.layers = 56, .kv_bytes_per_token = 2 * 2 * 56 * 8 * 128};
    assert_int_equal(model_kv_bytes(&small, 4096, KV_F16_X2), UINT64_C(640) << 20);
    assert_int_equal(model_kv_bytes(&large, 49152, KV_Q8_0_X2), UINT64_C(5712) << 20);
}

static void a_window_bounds_what_its_layers_hold(void **state)
{
    (void)state;
    struct model m = {
        .layers = 4, .window = 100, .window_layers = 3, .kv_bytes_per_token = 4 * 32};
    assert_int_equal(model_kv_bytes(&m, 100, KV_F16_X2), 100 * 128);
    assert_int_equal(model_kv_bytes(&m, 1000, KV_F16_X2), 1000 * 32 + 100 * 96);
}

/* llama.cpp prints 258.50 MiB for Llama 3 8B. */
static void the_compute_buffer_is_the_one_llama_cpp_prints(void **state)
{
    const struct facts *f = *state;
    struct memory_need need;
    struct err err;
    const struct model *m = models_find(f->models, STR("Llama-3-8B"));
    assert_int_equal(memory_need(m, QUANT_Q4_K_M, 8192, KV_F16_X2, &need, &err), 0);
    assert_int_equal(need.compute, 271056896);
    assert_int_equal(need.kv, UINT64_C(1) << 30);
}

static void memory_plan_at(const struct facts *f, const char *model, const char *device,
                           double gb, uint64_t context, struct memory_plan *ret)
{
    struct err err;
    const struct model *m = models_find(f->models, str_of(model));
    const struct device *d = devices_find(f->devices, str_of(device), 0);
    assert_non_null(m);
    assert_non_null(d);
    uint64_t ram = d->is_unified ? 0 : UINT64_C(32) << 30;
    assert_int_equal(memory_plan(m, QUANT_Q4_K_M, context, KV_F16_X2,
                                 memory_usable(d, gb), ram, ret, &err),
                     0);
}

/* 14B in Q4_K_M is 8.98 GB and does not fit 8 GB. */
static void a_14b_model_does_not_fit_8_gb(void **state)
{
    const struct facts *f = *state;
    struct memory_plan p;
    memory_plan_at(f, "Qwen2.5-14B", "RTX 4060", 8, 4096, &p);
    assert_int_equal(p.verdict, MEMORY_SPLITS);
    assert_int_equal(p.need.weights / 10000000, 898);
    assert_int_equal(p.largest_context, 0);
    memory_plan_at(f, "Qwen2.5-7B", "RTX 4060", 8, 4096, &p);
    assert_int_equal(p.verdict, MEMORY_FITS);
}

/* 20,000 tokens: 7B fits the 4060 the rule avoids, 14B does not fit the 16 GB Mac.
 */
static void long_confidential_requests_fit_the_other_machine(void **state)
{
    const struct facts *f = *state;
    struct memory_plan p;
    memory_plan_at(f, "Qwen2.5-7B", "RTX 4060", 8, 20000, &p);
    assert_int_equal(p.verdict, MEMORY_FITS);
    memory_plan_at(f, "Qwen2.5-14B", "Apple M4", 16, 20000, &p);
    assert_int_equal(p.verdict, MEMORY_NEVER);
}

/* 70B in Q4_K_M is 42.5 GB and fits one A100 80GB. */
static void a_70b_model_fits_one_a100(void **state)
{
    const struct facts *f = *state;
    struct memory_plan p;
    memory_plan_at(f, "Llama-3.1-70B", "A100 PCIe 80GB", 80, 4096, &p);
    assert_int_equal(p.verdict, MEMORY_FITS);
    memory_plan_at(f, "Llama-3.1-70B", "RTX 4090", 24, 4096, &p);
    assert_int_equal(p.verdict, MEMORY_SPLITS);
}

static void coefficients_are_what_the_carried_rows_give(void **state)
{
    const struct facts *f = *state;
    for (int k = FAMILY_RTX; k <= FAMILY_APPLE; k++) {
        struct evaluation e;
        struct err err;
        assert_int_equal(evaluate_family(f, f->speeds, (enum speed_family)k, &e, &err),
                         0);
        const struct speed_coefficients *c = &speed_families[k];
        if (fabs(e.fit.efficiency - c->efficiency) > 0.002 ||
            fabs(e.fit.overhead_us - c->overhead_us) > 1.0)
            fail_msg("%s: refit gives e=%.4f o=%.1f", c->name, e.fit.efficiency,
                     e.fit.overhead_us);
        assert_int_equal(e.above_ceiling, 0);
        assert_true(e.max_of_ceiling < 0.88);
    }
}

static void a_left_out_rtx_card_is_predicted_within_8_per_cent(void **state)
{
    const struct facts *f = *state;
    struct evaluation e;
    struct err err;
    assert_int_equal(evaluate_family(f, f->speeds, FAMILY_RTX, &e, &err), 0);
    assert_int_equal(e.n, 107);
    assert_true(e.left_out_mape_pct <= 8.0);
    for (size_t i = 0; i < 3; i++)
        assert_true(e.left_out_mape_pct <= e.left_out_by_width[i] + 1e-9);
}

static void rows_of_another_source_have_a_median_error_within_15_per_cent(void **state)
{
    const struct facts *f = *state;
    struct outside_evaluation e;
    struct err err;
    assert_int_equal(evaluate_outside(f, f->speeds, &e, &err), 0);
    assert_int_equal(e.n, 47);
    assert_true(e.median_pct <= 15.0);
}

static void one_measurement_is_recovered_within_3_per_cent(void **state)
{
    const struct facts *f = *state;
    struct err err;
    static const double truths[] = {0.4, 0.7, 1.0, 1.08};
    const struct model *m = models_find(f->models, STR("Llama-3.1-8B"));
    for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
        struct speed_load l;
        struct speed_coefficients c;
        assert_int_equal(speed_load_of(m, QUANT_Q4_K_M, 1024, &l, &err), 0);
        double tok_s =
            truths[i] *
            speed_estimate(&speed_families[FAMILY_RTX], &l, 272).estimate_tok_s;
        assert_int_equal(
            speed_calibrate(&speed_families[FAMILY_RTX], &l, 272, tok_s, &c, &err), 0);
        double back = speed_estimate(&c, &l, 272).estimate_tok_s;
        assert_true(fabs(back / tok_s - 1.0) < 0.03);
        assert_int_equal(
            speed_calibrate(&speed_families[FAMILY_RTX], &l, 272, 1000, &c, &err), -1);
        assert_int_equal(
            speed_calibrate(&speed_families[FAMILY_RTX], &l, 272, NAN, &c, &err), -1);
    }
}

/* --- GGUF --- */

struct writer {
    unsigned char p[4096];
    size_t n;
};

static void put(struct writer *w, uint64_t v, size_t bytes)
{
    assert_true(w->n + bytes <= sizeof w->p);
    for (size_t i = 0; i < bytes; i++)
        w->p[w->n++] = (unsigned char)(v >> (8 * i));
}

static void put_text(struct writer *w, const char *s)
{
    put(w, strlen(s), 8);
    for (; *s; s++)
        put(w, (unsigned char)*s, 1);
}

static void put_u32(struct writer *w, const char *key, uint32_t v)
{
    put_text(w, key);
    put(w, 4, 4);
    put(w, v, 4);
}

static void put_tensor(struct writer *w, const char *name, uint64_t row, uint64_t rows,
                       uint32_t type, uint64_t offset)
{
    put_text(w, name);
    put(w, 2, 4);
    put(w, row, 8);
    put(w, rows, 8);
    put(w, type, 4);
    put(w, offset, 8);
}

enum { TINY_DATA = 2 * 256 * 4 / 256 * 144 + 256 * 8 / 256 * 210 };

/* A llama of one layer: an embedding, an output matrix, one attention tensor. */
static void write_tiny(struct writer *w)
{
    uint64_t quarter = 256 * 4 / 256 * 144;
    put(w, 0x46554747, 4);
    put(w, 3, 4);
    put(w, 3, 8);
    put(w, 8, 8);
    put_text(w, "general.architecture");
    put(w, 8, 4);
    put_text(w, "llama");
    put_text(w, "general.name");
    put(w, 8, 4);
    put_text(w, "Tiny");
    put_u32(w, "llama.block_count", 1);
    put_u32(w, "llama.embedding_length", 256);
    put_u32(w, "llama.attention.head_count", 4);
    put_u32(w, "llama.attention.head_count_kv", 2);
    put_u32(w, "llama.context_length", 2048);
    put_text(w, "tokenizer.ggml.tokens");
    put(w, 9, 4);
    put(w, 8, 4);
    put(w, 4, 8);
    for (int i = 0; i < 4; i++)
        put_text(w, "tok");
    put_tensor(w, "token_embd.weight", 256, 4, 12, 0);
    put_tensor(w, "output.weight", 256, 4, 12, quarter);
    put_tensor(w, "blk.0.attn_q.weight", 256, 8, 14, 2 * quarter);
}

static int read_bytes(const unsigned char *p, size_t n, uint64_t file, struct gguf *g,
                      struct err *err)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    /* A copy of exactly n bytes, so that a read past the end is seen. */
    char *exact = mem_alloc(n ? n : 1);
    memcpy(exact, p, n);
    int rc = gguf_read((struct str){exact, n}, file, &a, g, err);
    if (rc == 0)
        g->shape.id = STR("copied");
    arena_reset(&a);
    mem_free(exact);
    return rc;
}

static void a_gguf_head_gives_shape_and_bytes(void **state)
{
    (void)state;
    struct writer w = {.n = 0};
    struct gguf g;
    struct err err;
    write_tiny(&w);
    if (read_bytes(w.p, w.n, w.n + 64 + TINY_DATA, &g, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(g.tensor_bytes, TINY_DATA);
    assert_int_equal(g.read_bytes, TINY_DATA - 256 * 4 / 256 * 144);
    assert_int_equal(g.shape.layers, 1);
    assert_int_equal(g.shape.vocab, 4);
    assert_int_equal(g.shape.context, 2048);
    assert_int_equal(g.shape.kv_bytes_per_token, 2 * 2 * 1 * 2 * 64);
    assert_string_equal(g.main_type, "Q6_K");
}

static void every_truncation_of_a_gguf_is_a_clear_fault(void **state)
{
    (void)state;
    struct writer w = {.n = 0};
    write_tiny(&w);
    for (size_t n = 0; n < w.n; n++) {
        struct gguf g;
        struct err err = {0};
        assert_int_equal(read_bytes(w.p, n, w.n + 64 + TINY_DATA, &g, &err), -1);
        assert_true(strstr(err.msg, "ends inside") || strstr(err.msg, "GGUF"));
    }
    struct gguf g;
    struct err err;
    assert_int_equal(read_bytes(w.p, w.n, w.n + TINY_DATA - 100, &g, &err), -1);
    assert_non_null(strstr(err.msg, "past the end"));
}

/* Flipped bits may leave a file that still reads; they must never read past the end. */
static void flipped_bits_in_a_gguf_never_harm_the_reader(void **state)
{
    (void)state;
    struct writer w = {.n = 0};
    size_t refused = 0;
    write_tiny(&w);
    for (size_t i = 0; i < w.n * 8; i++) {
        struct gguf g;
        struct err err;
        w.p[i / 8] ^= (unsigned char)(1u << (i % 8));
        refused += read_bytes(w.p, w.n, w.n + 64 + TINY_DATA, &g, &err) < 0;
        w.p[i / 8] ^= (unsigned char)(1u << (i % 8));
    }
    assert_true(refused > w.n);
}

static void random_bytes_after_the_magic_are_refused(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 3000; round++) {
        struct writer w = {.n = 0};
        struct gguf g;
        struct err err;
        put(&w, 0x46554747, 4);
        put(&w, 3, 4);
        put(&w, (uint64_t)(round % 4), 8);
        put(&w, (uint64_t)(round % 5), 8);
        for (int i = 0; i < 60; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            put(&w, round % 2 ? x : x & 0xF, 8);
        }
        assert_int_equal(read_bytes(w.p, w.n, w.n, &g, &err), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpt_oss_keeps_its_experts_in_mxfp4),
        cmocka_unit_test(quantisations_are_known_as_people_write_them),
        cmocka_unit_test(published_gguf_sizes_are_computed_within_a_fifth_of_a_per_cent),
        cmocka_unit_test(sizes_of_002_11_are_those_of_q4_k_m),
        cmocka_unit_test(two_kv_logs_are_reproduced_to_the_byte),
        cmocka_unit_test(a_window_bounds_what_its_layers_hold),
        cmocka_unit_test(the_compute_buffer_is_the_one_llama_cpp_prints),
        cmocka_unit_test(a_14b_model_does_not_fit_8_gb),
        cmocka_unit_test(long_confidential_requests_fit_the_other_machine),
        cmocka_unit_test(a_70b_model_fits_one_a100),
        cmocka_unit_test(coefficients_are_what_the_carried_rows_give),
        cmocka_unit_test(a_left_out_rtx_card_is_predicted_within_8_per_cent),
        cmocka_unit_test(rows_of_another_source_have_a_median_error_within_15_per_cent),
        cmocka_unit_test(one_measurement_is_recovered_within_3_per_cent),
        cmocka_unit_test(a_gguf_head_gives_shape_and_bytes),
        cmocka_unit_test(every_truncation_of_a_gguf_is_a_clear_fault),
        cmocka_unit_test(flipped_bits_in_a_gguf_never_harm_the_reader),
        cmocka_unit_test(random_bytes_after_the_magic_are_refused),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
