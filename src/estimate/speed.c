/* speed.c -- the roofline with an overhead, forwards and calibrated. */
#include "estimate/speed.h"

#include <math.h>

const char speed_fitted_on[] = "2026-11-30";

static const char with_rows[] = "measured rows of others, 2024-05 to 2026-11";
static const char no_rows[] = "no measured rows of this family";

const struct speed_coefficients speed_families[FAMILIES] = {
    [FAMILY_TURING] =
        {"NVIDIA Turing", 0.881, 1, 74.1, 1.30, true, with_rows, {0, 0}, false},
    [FAMILY_AMPERE] =
        {"NVIDIA Ampere", 0.881, 1, 62.6, 1.30, true, with_rows, {0, 0}, false},
    [FAMILY_ADA] = {"NVIDIA Ada", 0.881, 1, 45.9, 1.30, true, with_rows, {0, 0}, false},
    [FAMILY_BLACKWELL] =
        {"NVIDIA Blackwell", 0.881, 1, 62.6, 1.30, true, with_rows, {0, 0}, false},
    [FAMILY_HBM] = {"NVIDIA HBM", 0.686, 1, 57.9, 1.30, true, with_rows, {0, 0}, false},
    [FAMILY_GRACE] =
        {"NVIDIA unified", 0.769, 1, 59.0, 1.30, true, with_rows, {0, 0}, false},
    [FAMILY_APPLE] = {"Apple", 0.838, 1, 76.9, 1.80, true, with_rows, {0, 0}, false},
    [FAMILY_APPLE_M1] =
        {"Apple M1 Pro, Max", 0.838, 0.612, 76.9, 1.80, true, with_rows, {0, 0}, false},
    [FAMILY_APPLE_ULTRA] =
        {"Apple Ultra", 0.838, 1, 135.3, 1.80, true, with_rows, {0, 0}, false},
    [FAMILY_RDNA] = {"AMD Radeon", 0.826, 1, 66.3, 1.80, true, with_rows, {0, 0}, false},
    [FAMILY_AMD_UNIFIED] =
        {"AMD unified", 0.844, 1, 60.2, 1.80, true, with_rows, {0, 0}, false},
    [FAMILY_INSTINCT] =
        {"AMD Instinct", 0.60, 1, 80, 1.80, false, no_rows, {0.5, 1.6}, false},
    [FAMILY_INTEL] = {"Intel", 0.766, 1, 61.3, 1.80, true, with_rows, {0.65, 1.3}, false},
    [FAMILY_CPU] = {"CPU", 0.541, 1, 0.0, 1.00, true, with_rows, {0.65, 1.45}, false},
};

/* Four of five rows of left-out devices lie between (fit/evaluate.h), by kind of load. */
static const struct speed_interval usual = {0.90, 1.11};
static const struct speed_interval of_small = {0.86, 1.14};
static const struct speed_interval of_experts = {0.78, 1.25};
static const struct speed_interval of_split = {0.42, 2.0};
static const struct speed_interval of_repeated_run = {0.95, 1.05};
static const struct speed_interval after_one_run = {0.88, 1.12};

#define SMALL_BYTES                                                                      \
    2.6e9 /* read a token: models of up to about 4.5 billion in 4 bits                   \
           */

static bool is_any(struct str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_find(name, str_of(list[i])) >= 0)
            return true;
    return false;
}

static enum speed_family family_of_nvidia(struct str name)
{
    static const char *const hbm[] = {"A100", "H100", "H200",    "B200", "B300",
                                      "A30",  "V100", "Titan V", "P100", "GH200"};
    static const char *const turing[] = {"RTX 20",   "GTX",      "Quadro", "Titan",
                                         "Tesla T4", "Tesla P4", "Tesla M"};
    static const char *const ada[] = {"RTX 40", "Ada", "L4", "L20"};
    static const char *const blackwell[] = {"RTX 50", "RTX PRO", "Blackwell"};
    static const char *const grace[] = {"Spark", "GB10", "Jetson"};
    if (is_any(name, hbm, ARRAY_LEN(hbm)))
        return FAMILY_HBM;
    if (is_any(name, grace, ARRAY_LEN(grace)))
        return FAMILY_GRACE;
    if (is_any(name, ada, ARRAY_LEN(ada)))
        return FAMILY_ADA;
    if (is_any(name, turing, ARRAY_LEN(turing)))
        return FAMILY_TURING;
    return is_any(name, blackwell, ARRAY_LEN(blackwell)) ? FAMILY_BLACKWELL
                                                         : FAMILY_AMPERE;
}

static enum speed_family family_of_apple(struct str name)
{
    static const char *const m1[] = {"M1 Pro", "M1 Max"};
    if (str_find(name, STR("Ultra")) >= 0)
        return FAMILY_APPLE_ULTRA;
    return is_any(name, m1, ARRAY_LEN(m1)) ? FAMILY_APPLE_M1 : FAMILY_APPLE;
}

enum speed_family speed_family_of(const struct device *d)
{
    switch (d->kind) {
    case DEVICE_APPLE:
        return family_of_apple(d->name);
    case DEVICE_AMD:
        if (str_starts(d->name, STR("Instinct")))
            return FAMILY_INSTINCT;
        return d->is_unified ? FAMILY_AMD_UNIFIED : FAMILY_RDNA;
    case DEVICE_INTEL:
        return FAMILY_INTEL;
    case DEVICE_CPU:
        return FAMILY_CPU;
    case DEVICE_NVIDIA:
        break;
    }
    return family_of_nvidia(d->name);
}

int speed_load_of(const struct model *m, enum quant q, uint64_t depth_tokens,
                  struct speed_load *ret, struct err *err)
{
    struct model_size size;
    if (model_size(m, q, &size, err) < 0)
        return -1;
    *ret = (struct speed_load){
        .weight_bytes = (double)size.read_bytes,
        .expert_bytes = (double)size.expert_read_bytes,
        .kv_bytes = (double)kv_read(m, depth_tokens),
        .layers = (double)m->layers,
        .hidden = (double)m->hidden,
        .is_quantised = q != QUANT_F16,
        .has_experts = m->experts > 0,
    };
    return 0;
}

/* Seconds for `weights` and `kv` bytes and a share of the layers on one device. */
static double seconds_on(const struct speed_part *p, const struct speed_load *l,
                         double weights, double kv, double layers)
{
    const struct speed_coefficients *c = p->c;
    double rate = p->bandwidth_gbs * 1e9 * c->efficiency;
    double slower = l->is_quantised && c->quantised_share > 0 ? c->quantised_share : 1.0;
    double factor = l->has_experts ? c->expert_factor : 1.0;
    return weights / (rate * slower) + kv / rate +
           layers * c->overhead_us * 1e-6 * factor * sqrt(l->hidden / 4096.0);
}

static struct speed_interval wider(struct speed_interval a, struct speed_interval b)
{
    return (struct speed_interval){fmin(a.low, b.low), fmax(a.high, b.high)};
}

static struct speed_interval interval_of(const struct speed_part *parts, size_t n,
                                         const struct speed_load *l, bool is_split)
{
    struct speed_interval i = l->has_experts                  ? of_experts
                              : l->weight_bytes < SMALL_BYTES ? of_small
                                                              : usual;
    bool calibrated = n > 0;
    for (size_t k = 0; k < n; k++) {
        struct speed_interval own = parts[k].c->interval;
        calibrated = calibrated && parts[k].c->is_measured;
        if (own.low > 0)
            i = wider(i, own);
    }
    if (calibrated)
        i = parts[0].c->interval;
    return is_split ? wider(i, of_split) : i;
}

struct speed speed_of(const struct speed_part *parts, size_t n,
                      const struct speed_load *load, double ram_bytes, double ram_gbs)
{
    bool is_known = ram_gbs > 0;
    double at_best = ram_bytes / ((is_known ? ram_gbs : RAM_GBS_BEST) * 1e9);
    double expected = ram_bytes / ((is_known ? ram_gbs : RAM_GBS_USUAL) * 1e9);
    double weights = fmax(load->weight_bytes - ram_bytes, 0);
    double held = 0;
    for (size_t i = 0; i < n; i++)
        held += parts[i].share;
    for (size_t i = 0; i < n && held > 0; i++) {
        double of_all = parts[i].share / held;
        double own_weights = weights * of_all;
        double own_kv = load->kv_bytes * of_all;
        at_best += (own_weights + own_kv) / (parts[i].bandwidth_gbs * 1e9);
        expected += seconds_on(&parts[i], load, own_weights, own_kv,
                               load->layers * parts[i].share);
    }
    struct speed s = {.ceiling_tok_s = 1.0 / at_best, .estimate_tok_s = 1.0 / expected};
    for (size_t i = 0; i < n; i++)
        s.is_measured = s.is_measured || parts[i].c->is_measured;
    struct speed_interval in = interval_of(parts, n, load, ram_bytes > 0);
    s.low_tok_s = s.estimate_tok_s * in.low;
    s.high_tok_s = fmin(s.estimate_tok_s * in.high, s.ceiling_tok_s);
    return s;
}

struct speed speed_estimate(const struct speed_coefficients *c,
                            const struct speed_load *load, double bandwidth_gbs)
{
    struct speed_part part = {c, bandwidth_gbs, 1.0};
    return speed_of(&part, 1, load, 0, 0);
}

struct speed speed_offload(const struct speed_coefficients *gpu,
                           const struct speed_load *load, double gpu_gbs,
                           double gpu_share, double ram_gbs)
{
    struct speed_part part = {gpu, gpu_gbs, fmin(fmax(gpu_share, 0), 1.0)};
    return speed_of(&part, 1, load, load->weight_bytes * (1.0 - part.share), ram_gbs);
}

/* All times `slower` times as long.  Bytes cannot be read faster than the bandwidth
 * allows: what that leaves is the layers'. */
static struct speed_coefficients scaled(const struct speed_coefficients *c,
                                        const struct speed_load *load,
                                        double bandwidth_gbs, double slower)
{
    struct speed_coefficients ret = *c;
    struct speed_coefficients bytes_alone = *c;
    bytes_alone.overhead_us = 0;
    double all_s = 1.0 / speed_estimate(c, load, bandwidth_gbs).estimate_tok_s;
    double read_s =
        1.0 / speed_estimate(&bytes_alone, load, bandwidth_gbs).estimate_tok_s;
    double layers_s = all_s - read_s;
    ret.efficiency = fmin(c->efficiency / slower, 1.0);
    double left_s = all_s * slower - read_s * c->efficiency / ret.efficiency;
    ret.overhead_us = layers_s > 0 ? c->overhead_us * fmax(left_s / layers_s, 0) : 0;
    ret.is_validated = true;
    ret.is_measured = true;
    ret.source = "one local measurement";
    return ret;
}

/* A run that much slower was no run of this model on this device. */
enum { LEAST_OF_ESTIMATE = 100 };

int speed_calibrate(const struct speed_coefficients *c, const struct speed_load *load,
                    double bandwidth_gbs, double measured_tok_s,
                    struct speed_coefficients *ret, struct err *err)
{
    struct speed s = speed_estimate(c, load, bandwidth_gbs);
    if (!(measured_tok_s > 0) || !isfinite(measured_tok_s))
        return err_set(err, ERR_CONFIG, "bad_measurement",
                       "measured speed: must be above 0 tokens a second");
    if (measured_tok_s > s.ceiling_tok_s)
        return err_set(err, ERR_CONFIG, "bad_measurement",
                       "measured speed: %.1f tok/s is above the ceiling of %.1f for "
                       "this bandwidth; check the model, the quantisation and the device",
                       measured_tok_s, s.ceiling_tok_s);
    if (measured_tok_s * LEAST_OF_ESTIMATE < s.estimate_tok_s)
        return err_set(err, ERR_CONFIG, "bad_measurement",
                       "measured speed: %g tok/s is less than a hundredth of the %.0f "
                       "that are expected; was all of the model on this device?",
                       measured_tok_s, s.estimate_tok_s);
    *ret = scaled(c, load, bandwidth_gbs, s.estimate_tok_s / measured_tok_s);
    ret->interval = of_repeated_run;
    return 0;
}

int speed_calibrate_others(const struct speed_coefficients *c,
                           const struct speed_load *load, double bandwidth_gbs,
                           double measured_tok_s, struct speed_coefficients *ret,
                           struct err *err)
{
    if (speed_calibrate(c, load, bandwidth_gbs, measured_tok_s, ret, err) < 0)
        return -1;
    double estimate = speed_estimate(c, load, bandwidth_gbs).estimate_tok_s;
    *ret = scaled(c, load, bandwidth_gbs, sqrt(estimate / measured_tok_s));
    ret->interval = after_one_run;
    return 0;
}

double speed_batch_gain(double streams)
{
    const double step_share = 0.03;
    return streams <= 1 ? 1.0 : streams / (1.0 + step_share * (streams - 1.0));
}

double speed_with_draft(double target_tok_s, double draft_tok_s, unsigned length,
                        double acceptance)
{
    double a = fmin(fmax(acceptance, 0), 1.0);
    double tokens = a < 1.0 ? (1.0 - pow(a, length + 1.0)) / (1.0 - a) : length + 1.0;
    return tokens / (length / draft_tok_s + 1.0 / target_tok_s);
}

/* Prompt length at which the mean speed has halved: gpt-oss at 32k tokens keeps 64 to
 * 83 % on NVIDIA cards, 86 % on the DGX Spark, 39 to 60 % on Apple and AMD (llama.cpp
 * discussion 15396, 2025-08 to 2026-02). */
static double halves_at(enum speed_family f)
{
    if (f <= FAMILY_HBM)
        return 80000;
    return f == FAMILY_GRACE ? 200000 : 32768;
}

/* Prompt speed / decode speed of an 8B model in 4 bits (llama-bench, 2024-05): 35 to 44
 * on NVIDIA, 12 on Apple M1 to M3.  The others are read from single rows of 2026. */
static double times_decode(enum speed_family f)
{
    switch (f) {
    case FAMILY_APPLE:
    case FAMILY_APPLE_M1:
    case FAMILY_APPLE_ULTRA:
        return 12;
    case FAMILY_RDNA:
    case FAMILY_INSTINCT:
        return 30;
    case FAMILY_AMD_UNIFIED:
        return 20;
    case FAMILY_INTEL:
        return 20;
    case FAMILY_CPU:
        return 5;
    case FAMILY_HBM:
        return 44;
    default:
        return 38;
    }
}

double speed_prefill(const struct device *d, const struct model *m, double decode_tok_s,
                     double prompt_tokens, bool *ret_is_rule)
{
    enum speed_family f = speed_family_of(d);
    double active = (double)(m->params_active ? m->params_active : m->params);
    double tflops = m->experts ? d->prefill_moe_tflops : d->prefill_tflops;
    double at_start = decode_tok_s * times_decode(f);
    *ret_is_rule = !(tflops > 0 && active > 0);
    if (!*ret_is_rule)
        at_start = tflops * 1e12 / (2.0 * active);
    return at_start / (1.0 + prompt_tokens / halves_at(f));
}
