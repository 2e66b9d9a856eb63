/* speed.c -- the roofline with an overhead, forwards and calibrated.
 *
 * The coefficients below are what evaluate.c's fit gives on the measured rows carried
 * in data/speeds.json; tests/unit/test_fit.c refits and compares.  AMD and Intel have
 * no clean rows: they borrow the RTX shape with a wide interval.  CPU has none either;
 * 0.84 of the peak is what reading memory in order reaches on desktop parts. */
#include "estimate/speed.h"

#include <math.h>

static const char rtx_source[] = "107 rows, llama.cpp, 2024-05 to 2026-03";
static const char hbm_source[] = "36 rows, llama.cpp, 2024-05";
static const char apple_source[] = "45 rows, llama.cpp, 2024-05 to 2026-03";

const struct speed_coefficients speed_families[FAMILIES] = {
    [FAMILY_RTX] = {"NVIDIA RTX", 0.908, 99.0, 0.5, 0.25, true, rtx_source},
    [FAMILY_HBM] = {"NVIDIA HBM", 0.561, 103.0, 0.0, 0.25, true, hbm_source},
    [FAMILY_APPLE] = {"Apple", 0.744, 249.0, 0.0, 0.45, true, apple_source},
    [FAMILY_AMD] = {"AMD", 0.70, 120.0, 0.5, 1.0, false, "no clean rows"},
    [FAMILY_INTEL] = {"Intel", 0.60, 150.0, 0.5, 1.0, false, "no clean rows"},
    [FAMILY_CPU] = {"CPU", 0.84, 0.0, 0.0, 0.60, false, "rule of thumb"},
};

enum speed_family speed_family_of(const struct device *d)
{
    static const char *const hbm[] = {"A100", "H100", "H200",      "B200",
                                      "A30",  "V100", "Tesla P100"};
    switch (d->kind) {
    case DEVICE_APPLE:
        return FAMILY_APPLE;
    case DEVICE_AMD:
        return FAMILY_AMD;
    case DEVICE_INTEL:
        return FAMILY_INTEL;
    case DEVICE_CPU:
        return FAMILY_CPU;
    case DEVICE_NVIDIA:
        break;
    }
    for (size_t i = 0; i < ARRAY_LEN(hbm); i++)
        if (str_starts(d->name, str_of(hbm[i])))
            return FAMILY_HBM;
    return FAMILY_RTX;
}

int speed_load_of(const struct model *m, enum quant q, uint64_t depth_tokens,
                  struct speed_load *ret, struct err *err)
{
    struct model_size size;
    if (model_size(m, q, &size, err) < 0)
        return -1;
    *ret = (struct speed_load){
        .weight_bytes = (double)size.read_bytes,
        .kv_bytes = (double)model_kv_bytes(m, depth_tokens, KV_F16_X2),
        .layers = (double)m->layers,
        .hidden = (double)m->hidden,
    };
    return 0;
}

static double overhead_s(const struct speed_coefficients *c, const struct speed_load *l)
{
    return l->layers * c->overhead_us * 1e-6 * pow(l->hidden / 4096.0, c->width_exponent);
}

static void set_interval(struct speed *s, double spread)
{
    s->low_tok_s = s->estimate_tok_s / (1.0 + spread);
    s->high_tok_s = fmin(s->estimate_tok_s * (1.0 + spread), s->ceiling_tok_s);
}

struct speed speed_estimate(const struct speed_coefficients *c,
                            const struct speed_load *load, double bandwidth_gbs)
{
    double bytes = load->weight_bytes + load->kv_bytes;
    double bandwidth = bandwidth_gbs * 1e9;
    struct speed s = {
        .ceiling_tok_s = bandwidth / bytes,
        .estimate_tok_s =
            1.0 / (bytes / (bandwidth * c->efficiency) + overhead_s(c, load)),
    };
    set_interval(&s, c->spread);
    return s;
}

struct speed speed_offload(const struct speed_coefficients *gpu,
                           const struct speed_load *load, double gpu_gbs,
                           double gpu_share, double ram_gbs)
{
    const struct speed_coefficients *cpu = &speed_families[FAMILY_CPU];
    double bytes = load->weight_bytes + load->kv_bytes;
    double on_gpu = bytes * gpu_share;
    double on_cpu = bytes - on_gpu;
    double at_best = on_gpu / (gpu_gbs * 1e9) + on_cpu / (ram_gbs * 1e9);
    double expected = on_gpu / (gpu_gbs * 1e9 * gpu->efficiency) +
                      on_cpu / (ram_gbs * 1e9 * cpu->efficiency) +
                      overhead_s(gpu, load) * gpu_share;
    struct speed s = {.ceiling_tok_s = 1.0 / at_best, .estimate_tok_s = 1.0 / expected};
    set_interval(&s, fmax(gpu->spread, cpu->spread));
    return s;
}

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
    double ratio = measured_tok_s / s.estimate_tok_s;
    *ret = *c;
    ret->efficiency = fmin(c->efficiency * ratio, 1.0);
    double bytes_s =
        (load->weight_bytes + load->kv_bytes) / (bandwidth_gbs * 1e9 * ret->efficiency);
    double per_layer = overhead_s(c, load) / c->overhead_us;
    if (c->overhead_us > 0)
        ret->overhead_us = fmax((1.0 / measured_tok_s - bytes_s) / per_layer, 0.0);
    ret->spread = 0.10;
    ret->is_validated = true;
    ret->source = "one local measurement";
    return 0;
}
