/* test_fit.c -- file sizes, the fitted speed model and the GGUF reader.
 *
 * Published sizes are single facts: those of llama.cpp's quantize README, of the
 * GPU-Benchmarks-on-LLM-Inference table and of gguf-parser's README. */
#include "core/buf.h"
#include "core/mem.h"
#include "estimate/run.h"
#include "facts_loaded.h"
#include "fit/evaluate.h"
#include "fit/gguf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

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
        {"Phi-4", "Q4_K_M", 9053114464}, /* one matrix of queries, keys and values */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_size s;
        struct err err;
        enum quant q;
        const struct model *known = models_find(f->models, str_of(rows[i].model));
        assert_non_null(known);
        struct model m = *known;
        m.nfiles = 0; /* the rule alone */
        assert_true(quant_parse(str_of(rows[i].quant), &q));
        assert_int_equal(model_size(&m, q, &s, &err), 0);
        /* Most of these are sums of tensors, as llama.cpp prints them. */
        double off = fabs((double)(s.file_bytes - s.head_bytes) / rows[i].bytes - 1.0);
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

/* --- the speed model --- */

static bool all_rows(const void *arg, const struct sample *s)
{
    (void)arg;
    (void)s;
    return true;
}

static void coefficients_are_what_the_carried_rows_give(void **state)
{
    const struct facts *f = *state;
    struct samples all;
    struct refit fit;
    struct err err;
    assert_int_equal(samples_collect(f, f->speeds, true, &all, &err), 0);
    refit_rows(&all, all_rows, NULL, &fit);
    samples_release(&all);
    assert_true(fabs(fit.ram_gbs - RAM_GBS_USUAL) < 1.0);
    for (int k = 0; k < FAMILIES; k++) {
        const struct speed_coefficients *c = &speed_families[k];
        const struct speed_coefficients *now = &fit.families[k];
        if (fabs(now->efficiency - c->efficiency) > 0.004 ||
            fabs(now->quantised_share - c->quantised_share) > 0.004 ||
            fabs(now->overhead_us - c->overhead_us) > 1.0 ||
            fabs(now->expert_factor - c->expert_factor) > 0.02)
            fail_msg("%s: refit gives e=%.4f q=%.4f o=%.1f x=%.2f", c->name,
                     now->efficiency, now->quantised_share, now->overhead_us,
                     now->expert_factor);
    }
}

/* The rows collected in 2026-11, as a file of their own. */
static struct speeds *field_rows(const struct facts *f)
{
    struct speeds *ret = NULL;
    struct buf text;
    struct err err;
    buf_init(&text, 1 << 20);
    buf_append(&text, STR("{\"rows\": ["));
    for (size_t i = 0, n = 0; i < speeds_count(f->speeds); i++) {
        const struct speed_row *r = speeds_at(f->speeds, i);
        if (!str_eqz(r->set, "field"))
            continue;
        buf_printf(&text,
                   "%s{\"device\": \"%.*s\", \"model\": \"%.*s\", \"quant\": \"%.*s\", "
                   "\"depth_tokens\": %.0f, \"tok_s\": %.4f, \"splits_with_ram\": %s, "
                   "\"source\": \"%.*s\"}",
                   n++ ? ", " : "", STR_ARG(r->gpu), STR_ARG(r->model), STR_ARG(r->quant),
                   r->depth_tokens, r->tok_s, r->is_split ? "true" : "false",
                   STR_ARG(r->source));
    }
    buf_append(&text, STR("]}"));
    if (speeds_load(buf_view(&text), &ret, &err) < 0)
        fail_msg("%s", err.msg);
    buf_release(&text);
    return ret;
}

/* Each device is predicted by coefficients that never saw it. */
static void left_out_devices_are_predicted_within_the_goals(void **state)
{
    const struct facts *f = *state;
    static const struct {
        enum sample_kind kind;
        double goal_pct;
    } goals[] = {{KIND_NVIDIA, 7},   {KIND_APPLE, 12}, {KIND_AMD, 12},
                 {KIND_EXPERTS, 12}, {KIND_SMALL, 12}, {KIND_SPLIT, 25}};
    struct evaluation e;
    struct err err;
    struct speeds *rows = field_rows(f);
    assert_int_equal(evaluate_rows(f, rows, &e, &err), 0);
    speeds_free(rows);
    assert_true(e.all.n > 100);
    assert_true(e.all.device_pct <= 10);
    assert_true(e.all.source_pct <= 10);
    assert_true(e.all.in_interval >= 0.78 && e.all.in_interval <= 0.88);
    for (size_t i = 0; i < ARRAY_LEN(goals); i++) {
        const struct evaluated *k = &e.of[goals[i].kind];
        if (k->n < 10 || k->device_pct > goals[i].goal_pct)
            fail_msg("%s: %.1f %% of %zu rows", sample_kind_name(goals[i].kind),
                     k->device_pct, k->n);
    }
}

static void one_run_helps_other_models_on_its_machine(void **state)
{
    const struct facts *f = *state;
    struct pairs_evaluation p;
    struct err err;
    struct speeds *rows = field_rows(f);
    assert_int_equal(evaluate_pairs(f, rows, &p, &err), 0);
    speeds_free(rows);
    assert_true(p.n > 500);
    assert_true(p.median_pct <= p.uncorrected_pct);
    assert_true(p.in_interval >= 0.78);
}

static void a_file_without_usable_rows_is_refused(void **state)
{
    struct speeds *rows = NULL;
    struct evaluation e;
    struct err err;
    assert_int_equal(speeds_load(STR("{\"rows\": [{\"device\": \"RTX 4090\", \"model\": "
                                     "\"nobody-knows-1b\", \"quant\": \"Q4_K_M\", "
                                     "\"tok_s\": 1, \"source\": \"here\"}]}"),
                                 &rows, &err),
                     0);
    assert_int_equal(evaluate_rows(*state, rows, &e, &err), -1);
    assert_non_null(strstr(err.msg, "no row"));
    speeds_free(rows);
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

static void put_parts(struct writer *w, unsigned parts, unsigned part)
{
    put_u32(w, "split.count", parts);
    put_u32(w, "split.no", part);
}

/* A llama of one layer: an embedding, an output matrix, one attention tensor.  With
 * `parts` it is the part with that number (from 0) of a file in so many. */
static void write_named(struct writer *w, const char *name, unsigned parts, unsigned part)
{
    uint64_t quarter = 256 * 4 / 256 * 144;
    put(w, 0x46554747, 4);
    put(w, 3, 4);
    put(w, 3, 8);
    put(w, parts ? 10 : 8, 8);
    if (parts)
        put_parts(w, parts, part);
    put_text(w, "general.architecture");
    put(w, 8, 4);
    put_text(w, "llama");
    put_text(w, "general.name");
    put(w, 8, 4);
    put_text(w, name);
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

static void write_tiny(struct writer *w)
{
    write_named(w, "Tiny", 0, 0);
}

/* A further part: no shape, one tensor. */
static void write_part(struct writer *w, unsigned parts, unsigned part)
{
    put(w, 0x46554747, 4);
    put(w, 3, 4);
    put(w, 1, 8);
    put(w, 2, 8);
    put_parts(w, parts, part);
    put_tensor(w, "blk.0.attn_k.weight", 256, 8, 14, 0);
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

/* "Bad" ESC "[31m" and a bell, as a file may be named. */
static void escapes_in_a_name_never_reach_a_terminal(void **state)
{
    (void)state;
    struct writer w = {.n = 0};
    struct arena a;
    struct gguf g;
    struct err err;
    write_named(&w, "Ti\x1b[31m\x07ny", 0, 0);
    arena_init(&a, 1 << 20);
    assert_int_equal(gguf_read((struct str){(const char *)w.p, w.n}, w.n + 64 + TINY_DATA,
                               &a, &g, &err),
                     0);
    assert_true(str_eqz(g.shape.id, "Ti?[31m?ny"));
    arena_reset(&a);
}

static void the_parts_of_a_file_are_added_up(void **state)
{
    (void)state;
    struct writer first = {.n = 0};
    struct writer second = {.n = 0};
    struct gguf g;
    struct err err;
    uint64_t more = 256 * 8 / 256 * 210;
    write_named(&first, "Tiny", 2, 0);
    write_part(&second, 2, 1);
    assert_int_equal(read_bytes(first.p, first.n, first.n + 64 + TINY_DATA, &g, &err), 0);
    assert_int_equal(g.parts, 2);
    assert_int_equal(g.part, 1);
    struct str text = {(const char *)second.p, second.n};
    assert_int_equal(gguf_read_part(text, second.n + 64 + more, &g, &err), 0);
    assert_int_equal(g.tensor_bytes, TINY_DATA + more);
    assert_int_equal(g.read_bytes, TINY_DATA - 256 * 4 / 256 * 144 + more);
    assert_int_equal(g.tensors, 4);
    assert_int_equal(g.shape.layers, 1);
    /* A part of three does not belong to one of two. */
    second.n = 0;
    write_part(&second, 3, 1);
    text.n = second.n;
    assert_int_equal(gguf_read_part(text, second.n + 64 + more, &g, &err), -1);
}

/* A file whose shape has a context fits with one, and says which. */
static void a_files_context_is_found(void **state)
{
    const struct facts *f = *state;
    struct writer w = {.n = 0};
    struct gguf g;
    struct err err;
    struct run_machine m = {.ram_gb = 32};
    struct run_ask ask = {.kv = {.context = 1024, .bits_x2 = KV_F16_X2}};
    struct memory_need need;
    struct speed_load load;
    struct run run;
    write_tiny(&w);
    assert_int_equal(read_bytes(w.p, w.n, w.n + 64 + TINY_DATA, &g, &err), 0);
    const struct device *d = devices_find(f->devices, STR("RTX 4060"), 0);
    assert_non_null(d);
    assert_int_equal(run_machine_add(&m, d, 1, 8, &err), 0);
    ask.model = &g.shape;
    gguf_sizes(&g, &ask.kv, &need, &load);
    run_estimate_sizes(&m, &ask, &need, &load, &run);
    assert_int_equal(run.memory.verdict, MEMORY_FITS);
    assert_int_equal(run.memory.largest_context, 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gpt_oss_keeps_its_experts_in_mxfp4),
        cmocka_unit_test(quantisations_are_known_as_people_write_them),
        cmocka_unit_test(published_gguf_sizes_are_computed_within_a_fifth_of_a_per_cent),
        cmocka_unit_test(sizes_of_002_11_are_those_of_q4_k_m),
        cmocka_unit_test(coefficients_are_what_the_carried_rows_give),
        cmocka_unit_test(left_out_devices_are_predicted_within_the_goals),
        cmocka_unit_test(one_run_helps_other_models_on_its_machine),
        cmocka_unit_test(a_file_without_usable_rows_is_refused),
        cmocka_unit_test(a_gguf_head_gives_shape_and_bytes),
        cmocka_unit_test(every_truncation_of_a_gguf_is_a_clear_fault),
        cmocka_unit_test(flipped_bits_in_a_gguf_never_harm_the_reader),
        cmocka_unit_test(random_bytes_after_the_magic_are_refused),
        cmocka_unit_test(escapes_in_a_name_never_reach_a_terminal),
        cmocka_unit_test(the_parts_of_a_file_are_added_up),
        cmocka_unit_test(a_files_context_is_found),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
