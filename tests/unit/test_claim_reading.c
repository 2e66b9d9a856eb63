/* test_claim_reading.c -- what people write about speeds, and what weir reads in it.
 *
 * Each claim is compared as one line: verdict-free, with model, format, device, speed and
 * what the speed is of. */
#include "core/buf.h"
#include "facts_loaded.h"
#include "fit/claim.h"
#include "fit/claim_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void add_claim(void *arg, const struct claim *c)
{
    struct buf *out = arg;
    static const char *const about[] = {"", " prompt", " mixed"};
    buf_printf(out, "%s", buf_len(out) ? "; " : "");
    if (c->model)
        buf_printf(out, "%.*s", STR_ARG(c->model->id));
    else
        buf_printf(out, "?");
    if (!c->quant.is_assumed)
        buf_printf(out, " %s", quant_name(c->quant.least));
    buf_printf(out, " on ");
    for (size_t i = 0; i < c->ncards; i++) {
        if (c->cards[i].count > 1)
            buf_printf(out, "%s%ux ", i ? " + " : "", c->cards[i].count);
        else
            buf_printf(out, "%s", i ? " + " : "");
        buf_printf(out, "%.*s", STR_ARG(c->cards[i].device->name));
    }
    if (c->ncards == 0)
        buf_printf(out, "?");
    buf_printf(out, c->low_tok_s < c->high_tok_s ? " = %.5g-%.5g" : " = %.5g",
               c->low_tok_s, c->high_tok_s);
    buf_printf(out, "%s", about[c->about]);
    if (c->streams != 1)
        buf_printf(out, " x%u", c->streams);
    if (c->is_drafted)
        buf_printf(out, " draft");
    if (c->depth_tokens)
        buf_printf(out, " at %llu", (unsigned long long)c->depth_tokens);
}

struct reading {
    const char *text, *claims;
};

static void compare(const struct facts *f, const struct reading *rows, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf out;
        struct err err;
        buf_init(&out, 1 << 20);
        if (claim_scan(f, str_of(rows[i].text), add_claim, &out, &err) < 0)
            fail_msg("%s: %s", rows[i].text, err.msg);
        if (!str_eqz(buf_view(&out), rows[i].claims)) {
            print_error("%s\n  read: %.*s\n  meant: %s\n", rows[i].text,
                        STR_ARG(buf_view(&out)), rows[i].claims);
            wrong++;
        }
        buf_release(&out);
    }
    assert_int_equal(wrong, 0);
}

#define COMPARE(rows) compare(*state, rows, ARRAY_LEN(rows))

static void several_cards_are_counted_however_they_are_written(void **state)
{
    static const struct reading rows[] = {
        {"2x RTX 3090 Llama-3-70B Q4_K_M 16 tok/s",
         "Llama-3-70B Q4_K_M on 2x RTX 3090 = 16"},
        {"Llama-3-70B Q4_K_M on 3090 24GB * 2: 16.29 tok/s",
         "Llama-3-70B Q4_K_M on 2x RTX 3090 = 16.29"},
        {"RTX 3090 x2, Llama 3 70B Q8_0: 16 t/s", "Llama-3-70B Q8_0 on 2x RTX 3090 = 16"},
        {"dual RTX 3090, Llama-3-70B Q8_0, 16 tok/s",
         "Llama-3-70B Q8_0 on 2x RTX 3090 = 16"},
        {"two used 3090s run Llama-3-70B Q8_0 at 16 tok/s",
         "Llama-3-70B Q8_0 on 2x RTX 3090 = 16"},
        {"RTX 3090\xC3\x97"
         "2: Llama-3-70B Q8_0 16 tok/s",
         "Llama-3-70B Q8_0 on 2x RTX 3090 = 16"},
        {"Llama-3.1-405B FP8, 8xH100 SXM: 60 tok/s",
         "Llama-3.1-405B FP8 on 8x H100 SXM5 80GB = 60"},
        {"4x 80GB A100 SXM4: Llama-3.1-405B FP8 12 t/s",
         "Llama-3.1-405B FP8 on 4x A100 SXM4 80GB = 12"},
        {"RTX 3090 (2x), Llama-3-70B Q8_0, 16 tok/s",
         "Llama-3-70B Q8_0 on 2x RTX 3090 = 16"},
        {"Llama 2 on a 3090: Llama-2-7B F16 50 tok/s", "Llama-2-7B F16 on RTX 3090 = 50"},
    };
    COMPARE(rows);
}

static void different_cards_make_one_machine_when_they_are_joined(void **state)
{
    static const struct reading rows[] = {
        {"RTX 3090 + RTX 3060 12GB: Qwen2.5-32B Q4_K_M 20 tok/s",
         "Qwen2.5-32B Q4_K_M on RTX 3090 + RTX 3060 12GB = 20"},
        {"a 3090 and an RTX 3060 12GB run Qwen2.5-32B Q4_K_M at 20 tok/s",
         "Qwen2.5-32B Q4_K_M on RTX 3090 + RTX 3060 12GB = 20"},
        {"2x RTX 3090 + 4090: Qwen2.5-32B Q4_K_M 20 tok/s",
         "Qwen2.5-32B Q4_K_M on 2x RTX 3090 + RTX 4090 = 20"},
    };
    COMPARE(rows);
}

static void main_memory_makes_a_processor(void **state)
{
    static const struct reading rows[] = {
        {"12 channels DDR5-4800, Qwen3-30B-A3B Q4_K_M: 40 tok/s",
         "Qwen3-30B-A3B Q4_K_M on CPU 12-channel DDR5-4800 = 40"},
        {"Llama-3.1-8B Q4_0 mit 8 Kanälen DDR5-4800: 20 Token/s",
         "Llama-3.1-8B Q4_0 on CPU 8-channel DDR5-4800 = 20"},
        {"Threadripper DDR5-4800, Llama-3.1-8B Q4_0: 20 tok/s",
         "Llama-3.1-8B Q4_0 on CPU 8-channel DDR5-4800 = 20"},
        {"Llama-3.1-8B Q4_0 in DDR5-4800: 20 tok/s",
         "Llama-3.1-8B Q4_0 on CPU 12-channel DDR5-4800 = 20"},
        {"Ryzen 9 with DDR5-4800, Llama-3.1-8B Q4_0: 8 tok/s",
         "Llama-3.1-8B Q4_0 on CPU dual-channel DDR5-4800 = 8"},
        {"phi-4 Q4_K_M on CPU 12-channel DDR5-4800: 28.74 tok/s",
         "Phi-4 Q4_K_M on CPU 12-channel DDR5-4800 = 28.74"},
        /* beside a card it is where the rest of the model lies */
        {"RTX 4090 with 128GB DDR5-5600: Qwen3-235B-A22B Q4_K_M 6 tok/s",
         "Qwen3-235B-A22B Q4_K_M on RTX 4090 = 6"},
    };
    COMPARE(rows);
}

static void numbers_are_read_by_their_form(void **state)
{
    static const struct {
        const char *number;
        double value;
        size_t length;
    } rows[] = {
        {"45", 45, 2},
        {"45.3", 45.3, 4},
        {"4,4", 4.4, 3},
        {"1,250", 1250, 5},
        {"1.250", 1.25, 5},
        {"1.250,5", 1250.5, 7},
        {"1,250.5", 1250.5, 7},
        {"12,50", 12.5, 5},
        {"1,234,567", 1234567, 9},
        {"1'250", 1250, 5},
        {"1.2k", 1200, 4},
        {"45.", 45, 2},
        {"45,", 45, 2},
        {"0,123", 123, 5},
        {"1250,25", 1250.25, 7},
        {"12345678901234567890", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double v = 0;
        size_t n = claim_number(str_of(rows[i].number), 0, &v);
        if (n != rows[i].length || fabs(v - rows[i].value) > 1e-9)
            fail_msg("%s: %zu bytes, %g", rows[i].number, n, v);
    }
}

static void speeds_have_many_units_and_forms(void **state)
{
    static const struct {
        const char *speed, *read;
    } forms[] = {
        {"45 tok/s", "45"},
        {"45 t/s", "45"},
        {"45 tps", "45"},
        {"45 tokens/sec", "45"},
        {"45 tokens per second", "45"},
        {"45 tokens a second", "45"},
        {"45tok/s", "45"},
        {"~45 tok/s", "45"},
        {"**45** tok/s", "45"},
        {"2700 tokens/min", "45"},
        {"20 ms per token", "50"},
        {"20 ms/tok", "50"},
        {"0.02 s/token", "50"},
        {"1,250 tok/s", "1250"},
        {"4,4 tok/s", "4.4"},
        {"45 +- 3 tok/s", "45"},
        {"45 \xC2\xB1 3 tok/s", "45"},
        {"45 +/- 3 tok/s", "45"},
        {"40-50 tok/s", "40-50"},
        {"40\xE2\x80\x93"
         "50 tok/s",
         "40-50"},
        {"40 to 50 tok/s", "40-50"},
        {"between 40 and 50 tok/s", "40-50"},
        {"45+ tok/s", "45"},
        {"\xEF\xBC\x94\xEF\xBC\x95 tok/s", "45"}, /* full-width digits */
        {"1\xE2\x80\xAF"
         "250 tok/s",
         "1250"},
        {"45 Token pro Sekunde", "45"},
        {"45 jetons par seconde", "45"},
        {"45 tokens por segundo", "45"},
        {"45 token al secondo", "45"},
        {"45 \xD1\x82\xD0\xBE\xD0\xBA\xD0\xB5\xD0\xBD\xD0\xBE\xD0\xB2/\xD1\x81", "45"},
        {"\xE6\xAF\x8E\xE7\xA7\x92"
         "45\xE3\x83\x88\xE3\x83\xBC\xE3\x82\xAF\xE3\x83\xB3",
         "45"},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        char text[160], meant[160];
        snprintf(text, sizeof text, "Llama-3.1-8B Q8_0 on RTX 3090: %s", forms[i].speed);
        snprintf(meant, sizeof meant, "Llama-3.1-8B Q8_0 on RTX 3090 = %s",
                 forms[i].read);
        struct reading row = {text, meant};
        compare(*state, &row, 1);
    }
}

static void what_is_no_speed_is_not_read(void **state)
{
    static const struct reading rows[] = {
        {"14B on M4: -3 tok/s", ""},
        {"14B on M4: 0 tok/s", ""},
        {"RTX 4090, 1800 dollars, 24 GB, 450 W, 16384 cores, 1008 GB/s, 8B", ""},
        {"8B on a 4090 took 45 s for 298 tokens in 2024", ""},
        {"price: 0.15 per 1M tokens, 8B, 4090", ""},
    };
    COMPARE(rows);
}

static void circumstances_belong_to_their_speed(void **state)
{
    static const struct reading rows[] = {
        {"Llama-3.1-8B FP8 on H100 SXM, batch 64: 4000 tok/s",
         "Llama-3.1-8B FP8 on H100 SXM5 80GB = 4000 x64"},
        {"Llama-3.1-8B FP8 on H100 SXM with concurrency 32: 2500 tok/s",
         "Llama-3.1-8B FP8 on H100 SXM5 80GB = 2500 x32"},
        {"H100 SXM, Llama-3.1-8B FP8, 64 parallel requests: 5000 tok/s",
         "Llama-3.1-8B FP8 on H100 SXM5 80GB = 5000 x64"},
        {"H100 SXM, Llama-3.1-8B FP8: 5000 tok/s in aggregate",
         "Llama-3.1-8B FP8 on H100 SXM5 80GB = 5000 x0"},
        {"RTX 4060, Qwen2.5-7B Q4_K_M with speculative decoding: 90 tok/s",
         "Qwen2.5-7B Q4_K_M on RTX 4060 = 90 draft"},
        {"RTX 4060, Qwen2.5-7B Q4_K_M without speculative decoding: 90 tok/s",
         "Qwen2.5-7B Q4_K_M on RTX 4060 = 90"},
        {"On the 4060, Qwen2.5-7B Q4_K_M does 45 tok/s and 90 tok/s with a draft model",
         "Qwen2.5-7B Q4_K_M on RTX 4060 = 45; Qwen2.5-7B Q4_K_M on RTX 4060 = 90 draft"},
        {"Llama-3.3-70B Q8_0 EAGLE-3 on H100 SXM: 90 tok/s",
         "Llama-3.3-70B Q8_0 on H100 SXM5 80GB = 90 draft"},
        {"Llama-3.1-8B Q4_K_M at 32k context on 3090: 60 tok/s",
         "Llama-3.1-8B Q4_K_M on RTX 3090 = 60 at 32000"},
        {"Llama-3.1-8B Q4_K_M on 3090, tg128 @ d4096: 60 tok/s",
         "Llama-3.1-8B Q4_K_M on RTX 3090 = 60 at 4096"},
        /* room for so much, not filled */
        {"Llama-3.1-8B Q4_K_M with 32k context window on 3090: 60 tok/s",
         "Llama-3.1-8B Q4_K_M on RTX 3090 = 60"},
    };
    COMPARE(rows);
}

static void prompts_and_answers_are_kept_apart(void **state)
{
    static const struct reading rows[] = {
        {"prompt at 512 t/s, generation at 45 t/s, Llama-3.1-8B Q8_0 on M2 Max",
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 512 prompt; "
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 45"},
        {"pp512 1250, tg128 45: Llama-3.1-8B Q8_0 on M2 Max",
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 1250 prompt; "
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 45"},
        {"512 t/s prompt processing and 45 t/s generation: Llama-3.1-8B Q8_0 on M2 Max",
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 512 prompt; "
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 45"},
        {"Llama-3.1-8B Q8_0 on M2 Max: prefill 512, decode 45 t/s",
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 512 prompt; "
         "Llama-3.1-8B Q8_0 on Apple M2 Max = 45"},
    };
    COMPARE(rows);
}

static void several_claims_in_a_sentence_keep_what_is_theirs(void **state)
{
    static const struct reading rows[] = {
        {"Llama-3.1-8B Q8_0 does 110 and Llama-3.1-70B Q2_K does 9 tok/s on a 3090",
         "Llama-3.1-8B Q8_0 on RTX 3090 = 110; Llama-3.1-70B Q2_K on RTX 3090 = 9"},
        {"Llama-3.1-8B Q4_K_M: on a 4090 it's 120 t/s, on an M2 Ultra 80",
         "Llama-3.1-8B Q4_K_M on RTX 4090 = 120; "
         "Llama-3.1-8B Q4_K_M on Apple M2 Ultra = 80"},
        {"120 tok/s on a 4090, 80 tok/s on an M2 Ultra with Llama-3.1-8B Q4_K_M",
         "Llama-3.1-8B Q4_K_M on RTX 4090 = 120; "
         "Llama-3.1-8B Q4_K_M on Apple M2 Ultra = 80"},
        {"Llama-3.1-8B on a 4090: Q4_K_M gives 120 tok/s and Q8_0 80 tok/s",
         "Llama-3.1-8B Q4_K_M on RTX 4090 = 120; Llama-3.1-8B Q8_0 on RTX 4090 = 80"},
        {"RTX 4090: Phi-4 Q8_0 50 tok/s, Llama-3.1-8B Q4_K_M 120 tok/s, Llama-3.1-70B "
         "Q2_K "
         "20 tok/s",
         "Phi-4 Q8_0 on RTX 4090 = 50; Llama-3.1-8B Q4_K_M on RTX 4090 = 120; "
         "Llama-3.1-70B Q2_K on RTX 4090 = 20"},
        {"110/9 tok/s for Llama-3.1-8B and Llama-3.1-70B, all Q8_0, on a 3090",
         "Llama-3.1-8B Q8_0 on RTX 3090 = 110; Llama-3.1-70B Q8_0 on RTX 3090 = 9"},
        {"I run Phi-4 Q8_0. My 3090 does 50 tok/s. The 4090 does 60 tok/s.",
         "Phi-4 Q8_0 on RTX 3090 = 50; Phi-4 Q8_0 on RTX 4090 = 60"},
    };
    COMPARE(rows);
}

static void an_unknown_name_is_not_replaced(void **state)
{
    static const struct reading rows[] = {
        {"Foo-34B on 3090: 20 tok/s", "? on RTX 3090 = 20"},
        {"Llama-3.3-Foo-49B on 3090: 20 tok/s", "? on RTX 3090 = 20"},
        {"Phi-4 Q8_0 on a toaster: 44 tok/s", "Phi-4 Q8_0 on ? = 44"},
        {"Phi-4 Q8_0 on 3090: 40 tok/s\n\nsomething else does 20 tok/s",
         "Phi-4 Q8_0 on RTX 3090 = 40; ? on ? = 20"},
        {"RTX 3090\n\n| Model | tok/s |\n|---|---|\n| GPT-4o Mini | 80 |\n",
         "? on RTX 3090 = 80"},
    };
    COMPARE(rows);
}

static void headings_and_captions_lend_to_tables(void **state)
{
    static const struct reading rows[] = {
        {"# RTX 3090\n\n| Model | Quant | VRAM | tok/s |\n|---|---|---|---|\n"
         "| Phi-4 | Q8_0 | 15 GB | 50 |\n## Phi-4 Q4_K_M\nWe saw 70 tok/s.\n",
         "Phi-4 Q8_0 on RTX 3090 = 50; Phi-4 Q4_K_M on RTX 3090 = 70"},
        {"Average tokens/s\n\n| GPU | Llama-3-8B Q4_K_M | Llama-3-8B F16 "
         "|\n|---|---|---|\n"
         "| RTX 3090 24GB | 111.74 | 46.51 |\n| RTX 3070 8GB | 70.94 | OOM |\n",
         "Llama-3-8B Q4_K_M on RTX 3090 = 111.74; Llama-3-8B F16 on RTX 3090 = 46.51; "
         "Llama-3-8B Q4_K_M on RTX 3070 = 70.94"},
        {"Phi-4 Q8_0\n| GPU | pp512 | tg128 |\n|---|---|---|\n| RTX 3090 | 2500 | 50 |\n",
         "Phi-4 Q8_0 on RTX 3090 = 2500 prompt; Phi-4 Q8_0 on RTX 3090 = 50"},
        {"device\tmodel\ttok/s\nRTX 3090\tPhi-4 Q8_0\t50\n",
         "Phi-4 Q8_0 on RTX 3090 = 50"},
        {"device;model;Token/s\nRTX 3090;Phi-4 Q8_0;50,5\n",
         "Phi-4 Q8_0 on RTX 3090 = 50.5"},
        {"gpu,model,batch size,tokens/s\nH100 SXM,Phi-4 FP8,16,900\n",
         "Phi-4 FP8 on H100 SXM5 80GB = 900 x16"},
        {"| GPU | # GPUs | model | tok/s |\n|---|---|---|---|\n| RTX 3090 | 2 | Phi-4 "
         "Q8_0 | 50 "
         "|\n",
         "Phi-4 Q8_0 on 2x RTX 3090 = 50"},
    };
    COMPARE(rows);
}

static void what_programs_print_is_read(void **state)
{
    static const struct reading rows[] = {
        {"RTX 3090\n| model | size | params | backend | ngl | n_batch | test | t/s |\n"
         "| --- | ---: | ---: | --- | --: | --: | --: | ---: |\n"
         "| phi3 14B Q4_K - Medium | 8.4 GiB | 14.66 B | CUDA | 99 | 512 | pp512 | "
         "2512.1 "
         "\xC2\xB1 9.4 |\n"
         "| llama 8B Q4_K - Medium | 4.6 GiB | 8.03 B | CUDA | 99 | 512 | tg128 | 128.4 "
         "\xC2\xB1 0.4 |\n",
         "Phi-3-medium-14B Q4_K_M on RTX 3090 = 2512.1 prompt; Llama-3-8B Q4_K_M on RTX "
         "3090 = "
         "128.4"},
        {"cpu_info,gpu_info,model_filename,model_type,n_batch,n_prompt,n_gen,n_depth,avg_"
         "ts\n"
         "\"AMD Ryzen 9 7950X\",\"NVIDIA GeForce RTX "
         "4090\",\"m/phi-4-q4_k_m.gguf\",\"phi3 14B "
         "Q4_K - Medium\",\"2048\",\"0\",\"128\",\"0\",\"81.5\"\n",
         "Phi-4 Q4_K_M on RTX 4090 = 81.5"},
        {"[{\"gpu_info\": \"NVIDIA GeForce RTX 4090\", \"model_filename\": "
         "\"phi-4-q4_k_m.gguf\", \"n_prompt\": 0, \"n_gen\": 128, \"n_batch\": 2048, "
         "\"avg_ts\": 81.5}, {\"gpu_info\": \"NVIDIA GeForce RTX 4090\", "
         "\"model_filename\": "
         "\"phi-4-q4_k_m.gguf\", \"n_prompt\": 512, \"n_gen\": 0, \"avg_ts\": 4000}]",
         "Phi-4 Q4_K_M on RTX 4090 = 81.5; Phi-4 Q4_K_M on RTX 4090 = 4000 prompt"},
        {"RTX 3090\n$ ollama run llama3.1:8b-instruct-q8_0 --verbose\n"
         "total duration:       6.9s\nprompt eval count:    26 token(s)\n"
         "prompt eval rate:     342.26 tokens/s\neval count:           298 token(s)\n"
         "eval rate:            45.3 tokens/s\n",
         "Llama-3.1-8B Q8_0 on RTX 3090 = 342.26 prompt; Llama-3.1-8B Q8_0 on RTX 3090 = "
         "45.3"},
        {"Device 0: NVIDIA GeForce RTX 3090, compute capability 8.6\n"
         "general.name = Meta Llama 3.1 8B Instruct Q8_0\n\n\n\n\n"
         "prompt eval time = 100.5 ms / 26 tokens ( 3.9 ms per token, 256.4 tokens per "
         "second)\n"
         "       eval time = 6120.5 ms / 287 runs ( 21.3 ms per token, 46.9 tokens per "
         "second)\n",
         "Llama-3.1-8B Q8_0 on RTX 3090 = 256.4 prompt; Llama-3.1-8B Q8_0 on RTX 3090 = "
         "46.9"},
        {"Phi-4 FP8 on H100 SXM\n\nAvg prompt throughput: 100.0 tokens/s, Avg generation "
         "throughput: 1234.5 tokens/s, Running: 32 reqs, Waiting: 0 reqs\n",
         "Phi-4 FP8 on H100 SXM5 80GB = 100 prompt; Phi-4 FP8 on H100 SXM5 80GB = 1234.5 "
         "x32"},
    };
    COMPARE(rows);
}

/* Of every claim: a speed above zero that stands in its text, and a text that a terminal
 * can print. */
struct checked {
    size_t n;
};

static void check_claim(void *arg, const struct claim *c)
{
    struct checked *checked = arg;
    checked->n++;
    assert_true(c->low_tok_s > 0 && c->high_tok_s >= c->low_tok_s &&
                isfinite(c->high_tok_s));
    assert_true(c->wrote.n > 0 && claim_is_digit(c->wrote.p[0]));
    for (size_t i = 0; i < c->text.n; i++) {
        unsigned char byte = (unsigned char)c->text.p[i];
        assert_true(byte == '\t' || (byte >= ' ' && byte != 0x7F));
    }
    if (c->missing == CLAIM_WHOLE)
        assert_true(c->model && c->ncards > 0 && c->cards[0].count > 0);
}

static void hostile_texts_are_read_or_refused(void **state)
{
    static const char *const pieces[] = {"45 tok/s",
                                         "RTX 3090",
                                         "x2",
                                         " 8B ",
                                         "\x1b[31m",
                                         "\x1b]0;t\a",
                                         "\xFF\xFE",
                                         "|",
                                         "\n",
                                         "\t",
                                         ",",
                                         "pp512 ",
                                         "Q4_K_M",
                                         "2x ",
                                         "+",
                                         "and ",
                                         "batch 99999",
                                         "1,250,000",
                                         ". ",
                                         "/",
                                         "45-",
                                         "12-channel",
                                         "DDR5-4800",
                                         "M4 (16 GB)",
                                         "# ",
                                         "tok/s: ",
                                         "\xE6\xAF\x8E\xE7\xA7\x92",
                                         "-A3B",
                                         "30B",
                                         "~",
                                         "draft ",
                                         "at 32k context ",
                                         "tok/s;",
                                         "prompt ",
                                         "ms per token "};
    uint64_t seed = 42;
    for (int round = 0; round < 3000; round++) {
        char text[1200] = "";
        size_t used = 0;
        struct checked checked = {0};
        struct err err;
        for (int i = 0; i < 30; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(seed >> 33) % ARRAY_LEN(pieces)];
            used += (size_t)snprintf(text + used, sizeof text - used, "%s", piece);
        }
        assert_int_equal(claim_scan(*state, str_of(text), check_claim, &checked, &err),
                         0);
    }
}

static void json_that_is_none_is_refused(void **state)
{
    static const char *const texts[] = {"{\"a\": ", "[{\"a\": 1}, 3", "[{\"a\" 1}]"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct checked checked = {0};
        struct err err;
        assert_int_equal(
            claim_scan(*state, str_of(texts[i]), check_claim, &checked, &err), -1);
        assert_non_null(strstr(err.msg, "JSON"));
    }
}

/* What the article's sentence needs: the ceiling with several tokens a step. */
static void streams_and_drafts_lift_the_ceiling(void **state)
{
    static const struct {
        const char *text;
        enum claim_word word;
    } rows[] = {
        {"Llama-3.1-8B F16 on H100 SXM batch 64: 4000 tok/s", CLAIM_PLAUSIBLE},
        {"Llama-3.1-8B F16 on H100 SXM: 4000 tok/s", CLAIM_IMPOSSIBLE},
        {"Llama-3.1-8B F16 on H100 SXM batch 8: 4000 tok/s", CLAIM_IMPOSSIBLE},
        {"Llama-3.1-8B F16 on H100 SXM, aggregate: 4000 tok/s", CLAIM_UNKNOWN},
        {"Qwen2.5-7B Q4_K_M on RTX 4060 with speculative decoding: 90 tok/s",
         CLAIM_PLAUSIBLE},
        {"Qwen2.5-7B Q4_K_M on RTX 4060: 90 tok/s", CLAIM_IMPOSSIBLE},
        {"Qwen2.5-7B Q4_K_M on RTX 4060 with speculative decoding: 900 tok/s",
         CLAIM_IMPOSSIBLE},
        {"Llama-3.1-8B Q4_K_M on RTX 3090 prompt 5000 tok/s", CLAIM_UNKNOWN},
        {"Foo-34B on RTX 3090: 5000 tok/s", CLAIM_UNKNOWN},
        {"Llama-3-70B Q4_K_M on 3090 24GB * 2: 16.29 tok/s", CLAIM_PLAUSIBLE},
        {"Llama-3-70B Q4_K_M on 4090 24GB * 2: 19.06 tok/s", CLAIM_PLAUSIBLE},
        /* of variants the fastest, unless one is named */
        {"Llama-3.1-8B F16 on H100: 150 tok/s", CLAIM_PLAUSIBLE},
        {"Llama-3.1-8B F16 on H100 PCIe: 150 tok/s", CLAIM_IMPOSSIBLE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct claim c;
        struct claim_verdict v;
        struct err err;
        claim_parse(*state, str_of(rows[i].text), &c, &err);
        assert_int_equal(claim_judge(&c, &v, &err), 0);
        if (v.word != rows[i].word)
            fail_msg("%s: %s, ceiling %g", rows[i].text, claim_word(v.word),
                     v.speed.ceiling_tok_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_cards_are_counted_however_they_are_written),
        cmocka_unit_test(different_cards_make_one_machine_when_they_are_joined),
        cmocka_unit_test(main_memory_makes_a_processor),
        cmocka_unit_test(numbers_are_read_by_their_form),
        cmocka_unit_test(speeds_have_many_units_and_forms),
        cmocka_unit_test(what_is_no_speed_is_not_read),
        cmocka_unit_test(circumstances_belong_to_their_speed),
        cmocka_unit_test(prompts_and_answers_are_kept_apart),
        cmocka_unit_test(several_claims_in_a_sentence_keep_what_is_theirs),
        cmocka_unit_test(an_unknown_name_is_not_replaced),
        cmocka_unit_test(headings_and_captions_lend_to_tables),
        cmocka_unit_test(what_programs_print_is_read),
        cmocka_unit_test(hostile_texts_are_read_or_refused),
        cmocka_unit_test(json_that_is_none_is_refused),
        cmocka_unit_test(streams_and_drafts_lift_the_ceiling),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
