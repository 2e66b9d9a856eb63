/* test_estimate.c -- memory and speed of a model on a machine, by hand.
 *
 * Cells and megabytes of keys and values are those that llama.cpp prints or that its
 * rule gives; speeds are worked out beside the assertion. */
#include "estimate/run.h"
#include "facts_loaded.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

static const struct model *model(const struct facts *f, const char *name)
{
    const struct model *m = models_find(f->models, str_of(name));
    if (!m)
        fail_msg("no model %s", name);
    return m;
}

static void add(const struct facts *f, struct run_machine *m, const char *name,
                unsigned count, double gb)
{
    struct err err;
    const struct device *d = devices_find(f->devices, str_of(name), gb);
    if (!d)
        fail_msg("no device %s", name);
    if (run_machine_add(m, d, count, gb, &err) < 0)
        fail_msg("%s", err.msg);
}

/* --- keys and values --- */

static void two_kv_logs_are_reproduced_to_the_byte(void **state)
{
    (void)state;
    struct model small = {.layers = 40, .kv_bytes_per_token = 2 * 2 * 40 * 8 * 128};
    struct model large = {.layers = 56, .kv_bytes_per_token = 2 * 2 * 56 * 8 * 128};
    struct kv_ask at_4096 = {.context = 4096, .bits_x2 = KV_F16_X2};
    struct kv_ask at_49152 = {.context = 49152, .bits_x2 = KV_Q8_0_X2};
    assert_int_equal(kv_reserved(&small, &at_4096), 640 * MIB);
    assert_int_equal(kv_reserved(&large, &at_49152), 5712 * MIB);
}

/* gpt-oss-20b: 12 layers with a window of 128, 12 without, 2,048 bytes each. */
static void windows_hold_the_cells_that_llama_cpp_gives_them(void **state)
{
    const struct model *m = model(*state, "gpt-oss-20b");
    uint64_t layer = 2 * 2 * 8 * 64;
    struct kv_ask server = {.context = 32768, .slots = 4, .bits_x2 = KV_F16_X2};
    struct kv_ask alone = {.context = 32768, .slots = 1, .bits_x2 = KV_F16_X2};
    struct kv_ask apart = server;
    /* PAD(128 x 4 + 512, 256) = 1024; PAD(128 + 512, 256) = 768 */
    assert_int_equal(kv_reserved(m, &server), 12 * layer * (32768 + 1024));
    assert_int_equal(kv_reserved(m, &alone), 12 * layer * (32768 + 768));
    /* Four caches of 8192 cells and 768 each. */
    apart.is_partitioned = true;
    assert_int_equal(kv_reserved(m, &apart), 12 * layer * 4 * (8192 + 768));
}

/* Gemma 3 27B: 52 of 62 layers with a window of 1024; 8,192 bytes a layer. */
static void a_window_of_gemma_holds_4608_or_1536_cells(void **state)
{
    const struct model *m = model(*state, "Gemma-3-27B");
    uint64_t layer = 2 * 2 * 16 * 128;
    struct kv_ask server = {.context = 8192, .slots = 4, .bits_x2 = KV_F16_X2};
    struct kv_ask alone = {.context = 8192, .slots = 1, .bits_x2 = KV_F16_X2};
    assert_int_equal(kv_reserved(m, &server), layer * (10 * 8192 + 52 * 4608));
    assert_int_equal(kv_reserved(m, &alone), layer * (10 * 8192 + 52 * 1536));
    alone.context = 1000; /* padded to 1024, fewer than a window has */
    assert_int_equal(kv_reserved(m, &alone), layer * 62 * 1024);
}

/* 62.8 MiB of state a sequence are logged for Qwen3.5-35B-A3B, 251.25 for four. */
static void a_recurrent_state_does_not_grow_with_the_context(void **state)
{
    const struct model *m = model(*state, "Qwen3.5-35B-A3B");
    struct kv_ask ask = {.context = 1024, .slots = 4, .bits_x2 = KV_F16_X2};
    uint64_t small = kv_reserved(m, &ask) - 1024 * m->kv_bytes_per_token;
    ask.context = 65536;
    assert_int_equal(kv_reserved(m, &ask) - 65536 * m->kv_bytes_per_token, small);
    assert_true(fabs((double)small / (double)MIB - 251.25) < 0.05);
}

/* What llama.cpp printed at its start ("llama_kv_cache: size =", "llama_memory_recurrent:
 * size ="), in public logs of 2025-05 to 2026-10, all caches of a model together.
 * Two decimals are printed. */
static void logs_of_llama_cpp_are_reproduced(void **state)
{
    enum { F16 = KV_F16_X2, Q8 = KV_Q8_0_X2, Q4 = KV_Q4_0_X2 };
    static const struct {
        const char *model;
        uint64_t context;
        unsigned slots, bits_x2;
        double mib;
    } rows[] = {
        {"Qwen3-8B", 4096, 1, F16, 576.00},
        {"Qwen3-8B", 40960, 1, F16, 5760.00},
        {"Qwen3-30B-A3B", 16384, 1, F16, 1536.00},
        {"Qwen3-Coder-30B-A3B", 65536, 4, F16, 6144.00},
        {"Qwen3-Coder-30B-A3B", 32768, 1, Q8, 1632.00},
        {"Mistral-Small-3-24B", 4096, 1, F16, 640.00},
        {"Devstral-Small-2-24B", 256, 1, F16, 40.00},
        {"GLM-4.5-Air", 131072, 1, F16, 23552.00},
        {"MiniMax-M2.7", 65536, 1, Q8, 8432.00},
        {"MiniMax-M2.7", 65536, 1, Q4, 4464.00},
        /* with a sliding window: the whole context, and the window's cells */
        {"gpt-oss-20b", 131072, 4, F16, 3072.00 + 24.00},
        {"gpt-oss-20b", 131072, 1, F16, 3072.00 + 18.00},
        {"Gemma-4-31B", 32768, 4, F16, 2560.00 + 3600.00},
        {"Gemma-4-26B-A4B", 262144, 1, Q8, 2720.00 + 159.38},
        {"Gemma-4-12B", 16384, 1, Q8, 136.00 + 255.00},
        {"Gemma-4-E4B", 65536, 1, Q8, 544.00 + 21.25},
        /* with layers that keep a state: the cache, and a state for each slot */
        {"Qwen3.5-0.8B", 32768, 1, F16, 384.00 + 19.27},
        {"Qwen3.5-0.8B", 32768, 1, Q4, 108.00 + 19.27},
        {"Qwen3.5-2B", 262144, 4, F16, 3072.00 + 77.06},
        {"Qwen3.5-9B", 135168, 4, F16, 4224.00 + 201.00},
        {"Qwen3.5-9B", 262144, 1, Q8, 4352.00 + 50.25},
        {"Qwen3.6-27B", 24576, 1, F16, 1536.00 + 149.62},
        {"Qwen3.6-35B-A3B", 32768, 1, F16, 640.00 + 62.81},
        {"Qwen3.8-Flash-Next", 8192, 1, F16, 192.00 + 24.00 + 112.22},
        {"LFM2-2.6B", 65536, 1, Q8, 544.00 + 0.34},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kv_ask ask = {.context = rows[i].context,
                             .slots = rows[i].slots,
                             .bits_x2 = rows[i].bits_x2};
        double mib = (double)kv_reserved(model(*state, rows[i].model), &ask) / MIB;
        if (fabs(mib - rows[i].mib) > 0.02)
            fail_msg("%s, %llu tokens: %.2f MiB instead of %.2f", rows[i].model,
                     (unsigned long long)rows[i].context, mib, rows[i].mib);
    }
}

static void a_token_reads_no_more_than_a_window(void **state)
{
    (void)state;
    struct model m = {.layers = 4,
                      .window = 100,
                      .window_layers = 3,
                      .full_layers = 1,
                      .kv_bytes_per_token = 4 * 32};
    assert_int_equal(kv_read(&m, 100), 100 * 128);
    assert_int_equal(kv_read(&m, 1000), 1000 * 32 + 100 * 96);
    assert_int_equal(kv_read(&m, 0), 0);
}

/* --- sizes --- */

/* 12.1 and 63.4 GB are what the published files weigh; other quantisations keep the
 * experts as they are. */
static void gpt_oss_keeps_its_experts_in_4_bits(void **state)
{
    static const struct {
        const char *model;
        enum quant quant;
        double gb;
    } rows[] = {{"gpt-oss-20b", QUANT_MXFP4, 12.10},
                {"gpt-oss-120b", QUANT_MXFP4, 63.37},
                {"gpt-oss-20b", QUANT_F16, 13.78},
                {"gpt-oss-120b", QUANT_F16, 65.36}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct model_size s;
        struct err err;
        const struct model *m = model(*state, rows[i].model);
        assert_int_equal(model_size(m, rows[i].quant, &s, &err), 0);
        double off = (double)s.file_bytes / 1e9 / rows[i].gb - 1.0;
        if (fabs(off) > 0.005)
            fail_msg("%s %s: %.2f GB, off by %.2f %%", rows[i].model,
                     quant_name(rows[i].quant), (double)s.file_bytes / 1e9, 100 * off);
        assert_true(s.expert_bytes > s.file_bytes / 2);
    }
    assert_int_equal(quant_default(model(*state, "gpt-oss-20b")), QUANT_MXFP4);
    assert_int_equal(quant_default(model(*state, "Qwen3-8B")), QUANT_Q4_K_M);
}

/* --- memory --- */

/* llama.cpp prints 258.50 MiB for Llama 3 8B. */
static void the_compute_buffer_is_the_one_llama_cpp_prints(void **state)
{
    struct memory_need need;
    struct err err;
    struct kv_ask kv = {.context = 8192, .bits_x2 = KV_F16_X2};
    const struct model *m = model(*state, "Llama-3-8B");
    assert_int_equal(memory_need(m, QUANT_Q4_K_M, &kv, &need, &err), 0);
    assert_int_equal(need.compute, 271056896);
    assert_int_equal(need.kv, 1024 * MIB);
    /* 4403 MiB is what it puts on the card, 281 the table it leaves in main memory. */
    assert_int_equal((need.weights - need.table) / MIB, 4403);
    assert_int_equal(need.table / MIB, 281);
}

/* "memory breakdown: self" and "projected to use" of llama.cpp: all it takes of a device,
 * in MiB, in public logs of 2026. */
static void memory_in_use_is_what_llama_cpp_takes(void **state)
{
    static const struct {
        const char *model;
        enum quant quant;
        uint64_t context;
        unsigned slots, bits_x2;
        double mib;
    } rows[] = {
        {"Gemma-3-1B", QUANT_Q4_K_M, 32768, 1, KV_F16_X2, 1426},
        {"Gemma-3-4B", QUANT_Q4_K_M, 131072, 1, KV_F16_X2, 5619},
        {"Qwen3.6-27B", QUANT_Q4_K_M, 73728, 4, KV_F16_X2, 21388},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct memory_need need;
        struct err err;
        struct kv_ask kv = {.context = rows[i].context,
                            .slots = rows[i].slots,
                            .bits_x2 = rows[i].bits_x2};
        const struct model *m = model(*state, rows[i].model);
        assert_int_equal(memory_need(m, rows[i].quant, &kv, &need, &err), 0);
        double mib = (double)(need.total - need.table) / MIB;
        if (fabs(mib / rows[i].mib - 1.0) > 0.03)
            fail_msg("%s: %.0f MiB instead of %.0f", rows[i].model, mib, rows[i].mib);
    }
}

static struct run run_on(const struct facts *f, const struct run_machine *machine,
                         const char *name, enum quant q, uint64_t context)
{
    struct run r;
    struct err err;
    struct run_ask ask = {.model = model(f, name),
                          .quant = q,
                          .kv = {.context = context, .bits_x2 = KV_F16_X2}};
    if (run_estimate(machine, &ask, &r, &err) < 0)
        fail_msg("%s", err.msg);
    return r;
}

/* 14B in Q4_K_M is 8.98 GB and does not fit 8 GB; 7B does, with 20,000 tokens too. */
static void a_14b_model_does_not_fit_8_gb(void **state)
{
    struct run_machine m = {.ram_gb = 32};
    add(*state, &m, "RTX 4060", 1, 8);
    struct run r = run_on(*state, &m, "Qwen2.5-14B", QUANT_Q4_K_M, 4096);
    assert_int_equal(r.memory.verdict, MEMORY_SPLITS);
    assert_int_equal(r.memory.need.weights / 10000000, 898);
    assert_int_equal(r.memory.largest_context, 0);
    assert_int_equal(run_judge(&r, 100, 100), RUN_SPILLS);
    r = run_on(*state, &m, "Qwen2.5-7B", QUANT_Q4_K_M, 20000);
    assert_int_equal(r.memory.verdict, MEMORY_FITS);
    assert_int_equal(run_judge(&r, 100, 100), RUN_GOOD);
    r = run_on(*state, &m, "Llama-3.1-405B", QUANT_Q4_K_M, 4096);
    assert_int_equal(r.memory.verdict, MEMORY_NEVER);
    assert_int_equal(run_judge(&r, 100, 100), RUN_NO_MEMORY);
}

/* 20,000 tokens of a 14B model do not fit the 16 GB Mac, and there is nothing to spill
 * to.
 */
static void shared_memory_has_nothing_beside_it(void **state)
{
    struct run_machine m = {.ram_gb = 32};
    add(*state, &m, "Apple M4 (10-core GPU)", 1, 16);
    struct run r = run_on(*state, &m, "Qwen2.5-14B", QUANT_Q4_K_M, 20000);
    assert_int_equal(r.memory.verdict, MEMORY_NEVER);
    struct err err;
    const struct device *d =
        devices_find(((struct facts *)*state)->devices, STR("RTX 4060"), 0);
    assert_int_equal(run_machine_add(&m, d, 1, 8, &err), -1);
    assert_non_null(strstr(err.msg, "alone"));
}

/* 42.5 GB of weights: one card of 24 GB cannot, two can; a layer split is no faster than
 * one card would be. */
static void two_cards_hold_what_one_does_not(void **state)
{
    struct run_machine one = {.ram_gb = 0};
    struct run_machine two = {.ram_gb = 0};
    add(*state, &one, "RTX 3090", 1, 24);
    add(*state, &two, "RTX 3090", 2, 24);
    struct run r = run_on(*state, &one, "Llama-3.3-70B", QUANT_Q4_K_M, 8192);
    assert_int_equal(r.memory.verdict, MEMORY_NEVER);
    r = run_on(*state, &two, "Llama-3.3-70B", QUANT_Q4_K_M, 8192);
    assert_int_equal(r.memory.verdict, MEMORY_FITS);
    assert_true(fabs(r.memory.share[0] - 0.5) < 1e-9);
    struct speed_load load;
    struct err err;
    assert_int_equal(
        speed_load_of(model(*state, "Llama-3.3-70B"), QUANT_Q4_K_M, 0, &load, &err), 0);
    struct speed s = speed_estimate(&speed_families[FAMILY_AMPERE], &load, 936.2);
    assert_true(fabs(r.speed.estimate_tok_s / s.estimate_tok_s - 1.0) < 1e-6);
    /* Measured with two RTX 3090: 16.29 tok/s. */
    assert_true(r.speed.low_tok_s < 16.29 && 16.29 < r.speed.high_tok_s);
}

/* Shares follow the room: 24 - 1 and 12 - 1 GiB less a buffer each. */
static void unlike_cards_share_by_their_room(void **state)
{
    struct run_machine m = {.ram_gb = 0};
    add(*state, &m, "RTX 3090", 1, 24);
    add(*state, &m, "RTX 3060 12GB", 1, 12);
    struct run r = run_on(*state, &m, "Qwen2.5-32B", QUANT_Q4_K_M, 8192);
    assert_int_equal(r.memory.verdict, MEMORY_FITS);
    double buffer = (double)r.memory.need.compute / GIB;
    double expected = (23 - buffer) / (23 + 11 - 2 * buffer);
    assert_true(fabs(r.memory.share[0] - expected) < 1e-6);
    struct run_machine fast = {.ram_gb = 0};
    add(*state, &fast, "RTX 3090", 2, 24);
    struct run f = run_on(*state, &fast, "Qwen2.5-32B", QUANT_Q4_K_M, 8192);
    assert_true(r.speed.estimate_tok_s < f.speed.estimate_tok_s);
}

static void a_tensor_split_reads_on_all_cards_at_once(void **state)
{
    struct run_machine m = {.ram_gb = 0};
    struct run r;
    struct err err;
    add(*state, &m, "RTX 3090", 2, 24);
    struct run_ask ask = {.model = model(*state, "Llama-3.3-70B"),
                          .quant = QUANT_Q4_K_M,
                          .kv = {.context = 8192, .bits_x2 = KV_F16_X2}};
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    double layers = r.speed.estimate_tok_s;
    ask.split = SPLIT_TENSORS;
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    assert_true(r.speed.estimate_tok_s > 1.5 * layers);
    assert_true(r.speed.estimate_tok_s < 2.0 * layers);
}

/* A mixture of experts moves experts, not layers: attention stays on the card. */
static void experts_move_before_layers(void **state)
{
    struct run_machine m = {.ram_gb = 64};
    add(*state, &m, "RTX 2080", 1, 8);
    struct run r = run_on(*state, &m, "Qwen3-30B-A3B", QUANT_Q4_K_M, 4096);
    assert_int_equal(r.memory.verdict, MEMORY_SPLITS);
    assert_true(r.memory.experts_moved > 0.5 && r.memory.experts_moved < 0.8);
    assert_true(r.memory.device_share >= 1.0);
    assert_true(r.expert_layers_moved > 24 && r.expert_layers_moved < 40);
    /* Measured on an RTX 2080: 33.7 tok/s. */
    assert_true(r.speed.low_tok_s < 33.7 && 33.7 < r.speed.high_tok_s);
    struct err err;
    struct run_ask ask = {.model = model(*state, "Qwen3-30B-A3B"),
                          .quant = QUANT_Q4_K_M,
                          .kv = {.context = 4096, .bits_x2 = KV_F16_X2},
                          .experts_in_ram = true};
    double some = r.speed.estimate_tok_s;
    assert_int_equal(run_estimate(&m, &ask, &r, &err), 0);
    assert_int_equal(r.expert_layers_moved, 48);
    assert_true(r.speed.estimate_tok_s < some);
}

/* 8192 tokens do not fit beside it, 4096 would not either way: the context is shortened
 * only where that keeps the model on the card. */
static void the_usual_context_is_what_fits(void **state)
{
    struct run_machine m = {.ram_gb = 64};
    struct run r;
    struct err err;
    uint64_t context = 0;
    add(*state, &m, "RTX 3060 12GB", 1, 12);
    struct run_ask ask = {.quant = QUANT_Q4_K_M, .kv.bits_x2 = KV_F16_X2};
    ask.model = model(*state, "Llama-3.1-8B");
    assert_int_equal(run_estimate_usual(&m, ask, &r, &context, &err), 0);
    assert_int_equal(context, RUN_USUAL_CONTEXT);
    ask.model = model(*state, "OLMo-2-1124-13B"); /* 0.82 MB a token */
    assert_int_equal(run_estimate_usual(&m, ask, &r, &context, &err), 0);
    assert_true(context >= RUN_LEAST_CONTEXT && context < RUN_USUAL_CONTEXT);
}

static void a_prompt_must_fit_model_and_context(void **state)
{
    struct run_machine m = {.ram_gb = 32};
    add(*state, &m, "RTX 4090", 1, 24);
    struct run r = run_on(*state, &m, "Qwen3-8B", QUANT_Q4_K_M, 65536);
    assert_int_equal(r.longest_prompt, model(*state, "Qwen3-8B")->context);
    assert_int_equal(run_judge(&r, 150000, 100), RUN_LONG_PROMPT);
    assert_int_equal(run_judge(&r, r.longest_prompt - 100, 101), RUN_LONG_PROMPT);
    assert_int_equal(run_judge(&r, r.longest_prompt - 100, 100), RUN_GOOD);
    r = run_on(*state, &m, "Qwen3-8B", QUANT_Q4_K_M, 8192);
    assert_int_equal(r.longest_prompt, 8192);
}

static void a_model_that_crawls_is_called_too_slow(void **state)
{
    struct run_machine m = {.ram_gb = 128};
    add(*state, &m, "RTX 4060", 1, 8);
    struct run r = run_on(*state, &m, "Llama-3.1-70B", QUANT_Q4_K_M, 4096);
    assert_int_equal(r.memory.verdict, MEMORY_SPLITS);
    assert_int_equal(run_judge(&r, 100, 100), RUN_TOO_SLOW);
}

/* --- speed --- */

/* 10 GB at 1000 GB/s x 0.5, and 20 layers of 50 us, of width 4096: 20 + 1 ms. */
static void an_estimate_is_bytes_and_layers(void **state)
{
    (void)state;
    struct speed_coefficients c = {
        .efficiency = 0.5, .quantised_share = 1, .overhead_us = 50, .expert_factor = 2};
    struct speed_load l = {.weight_bytes = 9e9,
                           .kv_bytes = 1e9,
                           .layers = 20,
                           .hidden = 4096,
                           .is_quantised = true};
    struct speed s = speed_estimate(&c, &l, 1000);
    assert_true(fabs(s.estimate_tok_s - 1000.0 / 21) < 1e-6);
    assert_true(fabs(s.ceiling_tok_s - 100) < 1e-9);
    l.hidden = 1024; /* half the width's root: 10 us less a layer pair */
    assert_true(fabs(speed_estimate(&c, &l, 1000).estimate_tok_s - 1000.0 / 20.5) < 1e-6);
    l.has_experts = true;
    assert_true(fabs(speed_estimate(&c, &l, 1000).estimate_tok_s - 1000.0 / 21) < 1e-6);
    c.quantised_share = 0.5; /* 9 GB take 36 ms instead of 18 */
    assert_true(fabs(speed_estimate(&c, &l, 1000).estimate_tok_s - 1000.0 / 39) < 1e-6);
    l.is_quantised = false;
    assert_true(fabs(speed_estimate(&c, &l, 1000).estimate_tok_s - 1000.0 / 21) < 1e-6);
}

/* Half of the layers on the card: 10 + 0.5 ms, and 5 GB at 50 GB/s: 100 ms. */
static void what_is_in_main_memory_adds_its_time(void **state)
{
    (void)state;
    struct speed_coefficients c = {
        .efficiency = 0.5, .overhead_us = 50, .expert_factor = 1};
    struct speed_load l = {.weight_bytes = 10e9, .layers = 20, .hidden = 4096};
    struct speed s = speed_offload(&c, &l, 1000, 0.5, 50);
    assert_true(fabs(s.estimate_tok_s - 1000.0 / 110.5) < 1e-6);
    assert_true(fabs(s.ceiling_tok_s - 1000.0 / 105) < 1e-6);
}

static void one_measurement_is_recovered(void **state)
{
    static const double truths[] = {0.4, 0.7, 1.0, 1.08};
    const struct speed_coefficients *c = &speed_families[FAMILY_ADA];
    struct speed_load l;
    struct err err;
    assert_int_equal(
        speed_load_of(model(*state, "Llama-3.1-8B"), QUANT_Q4_K_M, 1024, &l, &err), 0);
    double before = speed_estimate(c, &l, 272).estimate_tok_s;
    for (size_t i = 0; i < ARRAY_LEN(truths); i++) {
        struct speed_coefficients own;
        struct speed_coefficients others;
        double tok_s = truths[i] * before;
        assert_int_equal(speed_calibrate(c, &l, 272, tok_s, &own, &err), 0);
        struct speed back = speed_estimate(&own, &l, 272);
        assert_true(fabs(back.estimate_tok_s / tok_s - 1.0) < 1e-6);
        assert_true(back.is_measured);
        assert_int_equal(speed_calibrate_others(c, &l, 272, tok_s, &others, &err), 0);
        struct speed half = speed_estimate(&others, &l, 272);
        assert_true(fabs(half.estimate_tok_s / (before * sqrt(truths[i])) - 1) < 1e-6);
        assert_true(half.high_tok_s / half.low_tok_s > back.high_tok_s / back.low_tok_s);
    }
    struct speed_coefficients own;
    assert_int_equal(speed_calibrate(c, &l, 272, 1000, &own, &err), -1);
    assert_non_null(strstr(err.msg, "ceiling"));
    assert_int_equal(speed_calibrate(c, &l, 272, NAN, &own, &err), -1);
    assert_int_equal(speed_calibrate(c, &l, 272, 0.0001, &own, &err), -1);
    assert_non_null(strstr(err.msg, "hundredth"));
    assert_int_equal(speed_calibrate(c, &l, 272, 0, &own, &err), -1);
}

static void families_are_told_by_name(void **state)
{
    const struct facts *f = *state;
    static const struct {
        const char *device;
        enum speed_family family;
    } rows[] = {{"RTX 2080 Ti", FAMILY_TURING},
                {"Quadro RTX 5000", FAMILY_TURING},
                {"Tesla T4", FAMILY_TURING},
                {"RTX 3090", FAMILY_AMPERE},
                {"RTX A4000", FAMILY_AMPERE},
                {"A40", FAMILY_AMPERE},
                {"RTX 5000 Ada", FAMILY_ADA},
                {"L40S", FAMILY_ADA},
                {"RTX 5070 Ti", FAMILY_BLACKWELL},
                {"RTX PRO 4000 Blackwell", FAMILY_BLACKWELL},
                {"A100 SXM4 80GB", FAMILY_HBM},
                {"H200 NVL 141GB", FAMILY_HBM},
                {"DGX Spark", FAMILY_GRACE},
                {"Apple M1 Max (32-core GPU)", FAMILY_APPLE_M1},
                {"Apple M1 (8-core GPU)", FAMILY_APPLE},
                {"Apple M3 Ultra (80-core GPU)", FAMILY_APPLE_ULTRA},
                {"Apple M4 Max (40-core GPU)", FAMILY_APPLE},
                {"RX 7900 XTX", FAMILY_RDNA},
                {"Ryzen AI Max+ 395", FAMILY_AMD_UNIFIED},
                {"Instinct MI300X", FAMILY_INSTINCT},
                {"Arc B580", FAMILY_INTEL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct device *d = devices_find(f->devices, str_of(rows[i].device), 0);
        if (!d || speed_family_of(d) != rows[i].family)
            fail_msg("%s: %s", rows[i].device,
                     d ? speed_families[speed_family_of(d)].name : "unknown");
    }
}

static void streams_and_drafts_gain_what_their_sources_say(void **state)
{
    (void)state;
    assert_true(fabs(speed_batch_gain(1) - 1) < 1e-12);
    assert_true(fabs(speed_batch_gain(8) - 6.6) < 0.05);
    assert_true(speed_batch_gain(64) > speed_batch_gain(32));
    /* Three proposals, 80 % accepted: 1 + .8 + .64 + .512 = 2.952 tokens in 3/200 + 1/40
     * seconds. */
    assert_true(fabs(speed_with_draft(40, 200, 3, 0.8) - 2.952 / 0.040) < 1e-6);
    /* Nothing accepted: one token, and the drafts cost time. */
    assert_true(fabs(speed_with_draft(40, 200, 3, 0) - 25) < 1e-9);
}

static struct run run_drafted(const struct facts *f, const char *device, double gb,
                              const char *name, const char *small, double acceptance)
{
    struct run_machine m = {.ram_gb = 0};
    struct run r;
    struct err err;
    add(f, &m, device, 1, gb);
    struct run_draft draft = {
        .model = model(f, small), .quant = QUANT_Q4_K_M, .acceptance = acceptance};
    struct run_ask ask = {.model = model(f, name),
                          .quant = QUANT_Q4_K_M,
                          .kv = {.context = 4096, .bits_x2 = KV_F16_X2},
                          .draft = &draft};
    if (run_estimate(&m, &ask, &r, &err) < 0)
        fail_msg("%s", err.msg);
    return r;
}

/* At its length the gain is the equation's; other lengths gain less. */
static void a_draft_gains_what_the_equation_says(void **state)
{
    const struct facts *f = *state;
    struct run r =
        run_drafted(f, "RTX 5090", 32, "Qwen3-32B", "Qwen3-0.6B", DRAFT_ACCEPTED);
    double plain = r.speed.estimate_tok_s;
    double small = r.drafted.draft_tok_s;
    unsigned n = r.drafted.length;
    assert_true(n > 1 && n < 8);
    assert_true(fabs(r.drafted.speed.estimate_tok_s /
                         speed_with_draft(plain, small, n, DRAFT_ACCEPTED) -
                     1) < 1e-9);
    for (unsigned k = 1; k <= 8; k++)
        assert_true(speed_with_draft(plain, small, k, DRAFT_ACCEPTED) <=
                    r.drafted.speed.estimate_tok_s + 1e-9);
    assert_true(r.drafted.speed.estimate_tok_s > 1.5 * plain);
    struct run alone =
        run_on(f, &(struct run_machine){.n = 0}, "Qwen3-32B", QUANT_Q4_K_M, 4096);
    assert_int_equal(r.memory.need.weights - r.memory.need.draft,
                     alone.memory.need.weights);
    assert_true(r.memory.need.draft > 400 * MIB);
}

/* What nobody measured is a wide range; what somebody says is not. */
static void an_unknown_acceptance_is_a_range(void **state)
{
    const struct facts *f = *state;
    struct run guessed = run_drafted(f, "RTX 5090", 32, "Qwen3-32B", "Qwen3-0.6B", 0);
    struct run said = run_drafted(f, "RTX 5090", 32, "Qwen3-32B", "Qwen3-0.6B", 0.65);
    assert_true(guessed.drafted.speed.low_tok_s < said.drafted.speed.low_tok_s);
    assert_true(guessed.drafted.speed.high_tok_s > said.drafted.speed.high_tok_s);
}

/* Several tokens ask more experts, so that checking them is dearer. */
static void a_draft_gains_a_mixture_of_experts_less(void **state)
{
    const struct facts *f = *state;
    struct run dense = run_drafted(f, "RTX 5090", 32, "Qwen3-32B", "Qwen3-0.6B", 0.65);
    struct run experts =
        run_drafted(f, "RTX 5090", 32, "Qwen3-30B-A3B", "Qwen3-0.6B", 0.65);
    assert_true(experts.drafted.speed.estimate_tok_s / experts.speed.estimate_tok_s <
                0.7 * dense.drafted.speed.estimate_tok_s / dense.speed.estimate_tok_s);
}

static void a_draft_needs_the_same_words_and_fewer_weights(void **state)
{
    const struct facts *f = *state;
    struct err err;
    struct run_draft d = {.model = model(f, "Llama-3.2-1B")};
    assert_int_equal(run_draft_check(model(f, "Qwen3-32B"), &d, &err), -1);
    assert_non_null(strstr(err.msg, "128256"));
    d.model = model(f, "Qwen3-32B");
    assert_int_equal(run_draft_check(model(f, "Qwen3-8B"), &d, &err), -1);
    assert_non_null(strstr(err.msg, "no smaller"));
    d.model = model(f, "Qwen3-0.6B");
    assert_int_equal(run_draft_check(model(f, "Qwen3-8B"), &d, &err), 0);
}

/* 100 TFLOPS on 8 billion: 6250 tok/s, half of it over 80,000 tokens. */
static void prompts_are_read_at_the_measured_rate(void **state)
{
    (void)state;
    bool is_rule = true;
    struct device d = {
        .name = STR("RTX 4090"), .kind = DEVICE_NVIDIA, .prefill_tflops = 100};
    struct model m = {.params = 8000000000, .params_active = 8000000000};
    assert_true(fabs(speed_prefill(&d, &m, 100, 80000, &is_rule) - 3125) < 1e-6);
    assert_false(is_rule);
    /* Of mixtures of experts nothing was measured: 38 times decoding. */
    m.experts = 8;
    assert_true(fabs(speed_prefill(&d, &m, 100, 0, &is_rule) - 3800) < 1e-6);
    assert_true(is_rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_kv_logs_are_reproduced_to_the_byte),
        cmocka_unit_test(windows_hold_the_cells_that_llama_cpp_gives_them),
        cmocka_unit_test(a_window_of_gemma_holds_4608_or_1536_cells),
        cmocka_unit_test(a_recurrent_state_does_not_grow_with_the_context),
        cmocka_unit_test(logs_of_llama_cpp_are_reproduced),
        cmocka_unit_test(a_token_reads_no_more_than_a_window),
        cmocka_unit_test(gpt_oss_keeps_its_experts_in_4_bits),
        cmocka_unit_test(the_compute_buffer_is_the_one_llama_cpp_prints),
        cmocka_unit_test(memory_in_use_is_what_llama_cpp_takes),
        cmocka_unit_test(a_14b_model_does_not_fit_8_gb),
        cmocka_unit_test(shared_memory_has_nothing_beside_it),
        cmocka_unit_test(two_cards_hold_what_one_does_not),
        cmocka_unit_test(unlike_cards_share_by_their_room),
        cmocka_unit_test(a_tensor_split_reads_on_all_cards_at_once),
        cmocka_unit_test(experts_move_before_layers),
        cmocka_unit_test(the_usual_context_is_what_fits),
        cmocka_unit_test(a_prompt_must_fit_model_and_context),
        cmocka_unit_test(a_model_that_crawls_is_called_too_slow),
        cmocka_unit_test(an_estimate_is_bytes_and_layers),
        cmocka_unit_test(what_is_in_main_memory_adds_its_time),
        cmocka_unit_test(one_measurement_is_recovered),
        cmocka_unit_test(families_are_told_by_name),
        cmocka_unit_test(streams_and_drafts_gain_what_their_sources_say),
        cmocka_unit_test(a_draft_gains_what_the_equation_says),
        cmocka_unit_test(an_unknown_acceptance_is_a_range),
        cmocka_unit_test(a_draft_gains_a_mixture_of_experts_less),
        cmocka_unit_test(a_draft_needs_the_same_words_and_fewer_weights),
        cmocka_unit_test(prompts_are_read_at_the_measured_rate),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
