/* profile.c -- published figures, one row each.
 *
 * Sources: GUT is "Still Picking API vs Local LLM by Gut Feeling?" (March 2026), with an
 * RTX 4060, a Mac mini M4 and three services; LOCALLY is "When to Run Locally" (2026);
 * FACTORS a comparison by eight factors (2026); DEFINITIVE "The Definitive Performance
 * and Cost Comparison" (2026).  A range is played at its middle with half its width as
 * jitter; samples at their mean with their standard deviation. Bandwidths in `doubt` are
 * the makers' (RTX 4060 272 GB/s, M4 120, M3 Pro 150, A100-80 2,039), weights those of
 * the GGUF files.
 *
 * Not here: what the machine would really do (fit/), and prices (facts/). */
#include "sim/profile.h"

#include "facts/nearest.h"

#define GUT        "Gut Feeling (March 2026)"
#define LOCALLY    "When to Run Locally (2026)"
#define FACTORS    "Eight Factors (2026)"
#define DEFINITIVE "Definitive Comparison (2026)"

static const struct sim_profile profiles[] = {
    {.name = "instant",
     .model = "sim",
     .source = "none: no wait and no pacing, for tests and load"},
    {.name = "rtx4060-qwen2.5-7b",
     .model = "qwen2.5-7b",
     .ttft_ms = 47,
     .jitter_ms = 3,
     .tokps = 68,
     .source = GUT ", RTX 4060 table and first-token samples",
     .doubt = "272 GB/s over 4.68 GB of weights is at most 58 tok/s"},
    {.name = "rtx4060-qwen2.5-14b",
     .model = "qwen2.5-14b",
     .ttft_ms = 80,
     .jitter_ms = 5,
     .is_ttft_assumed = true,
     .tokps = 31,
     .source = GUT ", RTX 4060 table",
     .doubt = "8.98 GB do not fit 8 GB; split with the CPU it gives about 12 tok/s"},
    {.name = "rtx4060-qwen2.5-14b-q3",
     .model = "qwen2.5-14b-q3",
     .ttft_ms = 80,
     .jitter_ms = 5,
     .is_ttft_assumed = true,
     .tokps = 38,
     .source = GUT ", RTX 4060 table",
     .doubt = "272 GB/s over 7.34 GB of weights is at most 37 tok/s"},
    {.name = "rtx4060-llama3.1-8b",
     .model = "llama3.1-8b",
     .ttft_ms = 47,
     .jitter_ms = 3,
     .is_ttft_assumed = true,
     .tokps = 85,
     .source = FACTORS ", table of speeds",
     .doubt = "272 GB/s over 4.92 GB of weights is at most 55 tok/s"},
    {.name = "rtx4090-llama3.1-8b",
     .model = "llama3.1-8b",
     .ttft_ms = 30,
     .jitter_ms = 3,
     .is_ttft_assumed = true,
     .tokps = 145,
     .source = FACTORS ", table of speeds"},
    {.name = "m4-qwen2.5-14b",
     .model = "qwen2.5-14b",
     .ttft_ms = 78,
     .jitter_ms = 3,
     .tokps = 44,
     .source = GUT ", M4 table and first-token samples",
     .doubt = "120 GB/s over 8.98 GB of weights is at most 13 tok/s"},
    {.name = "m4-qwen2.5-32b",
     .model = "qwen2.5-32b",
     .ttft_ms = 160,
     .jitter_ms = 6,
     .is_ttft_assumed = true,
     .tokps = 18,
     .source = GUT ", M4 table",
     .doubt = "120 GB/s over 19.9 GB of weights is at most 6 tok/s, and 16 GB hold less"},
    {.name = "m4-gemma3-12b",
     .model = "gemma-3-12b",
     .ttft_ms = 78,
     .jitter_ms = 3,
     .is_ttft_assumed = true,
     .tokps = 39,
     .source = GUT ", M4 table",
     .doubt = "120 GB/s over 8.4 GB of weights is at most 14 tok/s"},
    {.name = "m3pro-llama3.1-8b",
     .model = "llama3.1-8b",
     .ttft_ms = 60,
     .jitter_ms = 3,
     .is_ttft_assumed = true,
     .tokps = 65,
     .source = FACTORS ", table of speeds",
     .doubt = "150 GB/s over 4.92 GB of weights is at most 30 tok/s"},
    {.name = "cpu-llama3.1-8b",
     .model = "llama3.1-8b",
     .ttft_ms = 400,
     .jitter_ms = 40,
     .is_ttft_assumed = true,
     .tokps = 17,
     .source = FACTORS ", table of speeds"},
    {.name = "a100-llama3.3-70b",
     .model = "llama3.3-70b",
     .ttft_ms = 60,
     .jitter_ms = 20,
     .tokps = 90,
     .source = DEFINITIVE ", cloud beside an A100",
     .doubt = "2,039 GB/s over 42.5 GB of weights is at most 48 tok/s"},
    {.name = "2xa100-llama3.1-70b",
     .model = "llama3.1-70b",
     .ttft_ms = 60,
     .jitter_ms = 20,
     .is_ttft_assumed = true,
     .tokps = 40,
     .source = LOCALLY ", options compared"},
    {.name = "cloud-gemini-2.0-flash",
     .model = "gemini-2.0-flash",
     .is_cloud = true,
     .ttft_ms = 297,
     .jitter_ms = 95,
     .tokps = 150,
     .source = GUT ", table of APIs and first-token samples"},
    {.name = "cloud-gemini-2.5-pro",
     .model = "gemini-2.5-pro",
     .is_cloud = true,
     .ttft_ms = 265,
     .jitter_ms = 85,
     .tokps = 150,
     .source = DEFINITIVE ", cloud beside an A100"},
    {.name = "cloud-claude-3.5-haiku",
     .model = "claude-3.5-haiku",
     .is_cloud = true,
     .ttft_ms = 450,
     .jitter_ms = 150,
     .tokps = 100,
     .source = GUT ", table of APIs"},
    {.name = "cloud-gpt-4o-mini",
     .model = "gpt-4o-mini",
     .is_cloud = true,
     .ttft_ms = 400,
     .jitter_ms = 100,
     .tokps = 120,
     .source = GUT ", table of APIs"},
    {.name = "cloud-gpt-4o",
     .model = "gpt-4o",
     .is_cloud = true,
     .ttft_ms = 400,
     .jitter_ms = 100,
     .is_ttft_assumed = true,
     .tokps = 150,
     .source = LOCALLY ", options compared"},
};

const struct sim_profile *sim_profiles(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(profiles);
    return profiles;
}

const struct sim_profile *sim_profile_find(struct str name, struct err *err)
{
    struct nearest near;
    char words[200];
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        if (str_eqz(name, profiles[i].name))
            return &profiles[i];
    nearest_init(&near, name);
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
        nearest_offer(&near, str_of(profiles[i].name));
    nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
    err_set(err, ERR_CONFIG, "unknown_profile",
            "unknown profile %.*s%s; weir sim --list has them all", STR_ARG(name), words);
    return NULL;
}
