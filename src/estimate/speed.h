/* speed.h -- how fast one stream decodes, and how sure that is.
 *
 * To make one token, a device reads every weight that takes part and the keys and values
 * of the tokens before it, and pays for each layer whatever its size:
 *
 *     ceiling = bandwidth / bytes                                      tokens a second
 *     1/estimate = bytes / (bandwidth x e) + layers x o x x x sqrt(hidden/4096)  seconds
 *
 * bytes  quantised weights read for a token (estimate/quant.h) + keys and values
 * e      share of the bandwidth that a decoder gets; on some chips less of it for
 *        quantised weights than for 16-bit ones
 * o      microseconds a layer costs beside its bytes: launches, normalisation, the tail
 *        of each matrix product; grows with the square root of the layer's width
 * x      1, or for a mixture of experts what choosing and gathering them costs more
 *
 * What is read from main memory adds its own time (speed_of(), `ram_bytes`).
 *
 * MLX reads formats of its own (4.5 bits a weight where Q4_K_M has 4.9) and gets the same
 * share: with a factor for it the rows of left-out devices are met worse (7.0 % and not
 * 5.7 % of 115), so there is none.
 *
 * e, o and x are fitted per family of hardware on measured rows (fit/evaluate.h); the
 * table speed_families was produced by it and a test refits it.  The interval holds four
 * of five rows of devices that the fit never saw.  A family without rows of its own says
 * so: is_validated is false and its interval is wide.
 *
 * One local measurement corrects it on that machine: speed_calibrate(). */
#ifndef WEIR_ESTIMATE_SPEED_H
#define WEIR_ESTIMATE_SPEED_H

#include "estimate/kv.h"
#include "estimate/quant.h"
#include "facts/devices.h"

enum speed_family {
    FAMILY_TURING,      /* NVIDIA GeForce 16 and 20, Quadro RTX, T4 and older */
    FAMILY_AMPERE,      /* 30, A2000 to A40 */
    FAMILY_ADA,         /* 40, RTX Ada, L4, L40 */
    FAMILY_BLACKWELL,   /* 50, RTX PRO */
    FAMILY_HBM,         /* NVIDIA with HBM memory: A100, H100, ... */
    FAMILY_GRACE,       /* NVIDIA with unified LPDDR memory: DGX Spark, Jetson */
    FAMILY_APPLE,       /* M1 to M6, those below apart */
    FAMILY_APPLE_M1,    /* M1 Pro and M1 Max: slow at quantised weights */
    FAMILY_APPLE_ULTRA, /* two dies */
    FAMILY_RDNA,        /* AMD Radeon */
    FAMILY_AMD_UNIFIED, /* Ryzen AI Max and other Radeon graphics in main memory */
    FAMILY_INSTINCT,    /* AMD with HBM memory */
    FAMILY_INTEL,
    FAMILY_CPU,
    FAMILIES /* sentinel */
};

/* Factors on the estimate between which four of five measurements lie. */
struct speed_interval {
    double low, high;
};

struct speed_coefficients {
    const char *name;
    double efficiency;              /* e, 0..1, of 16-bit weights, keys and values */
    double quantised_share;         /* of e that quantised weights get, 0..1 */
    double overhead_us;             /* o, at hidden = 4096 */
    double expert_factor;           /* x, for a mixture of experts */
    bool is_validated;              /* fitted on measured rows of this family */
    const char *source;             /* of the rows, with their dates */
    struct speed_interval interval; /* both 0: the usual one for the kind of load */
    bool is_measured;               /* calibrated by a local measurement */
};

extern const struct speed_coefficients speed_families[FAMILIES];
extern const char speed_fitted_on[]; /* the day of the fit, "2026-11-30" */

enum speed_family speed_family_of(const struct device *d);

/* What is really read of main memory a second when nobody said how fast it is, in 10^9
 * bytes: the rate that explains the measured rows of models partly in main memory. */
#define RAM_GBS_USUAL 48.0
#define RAM_GBS_BEST  89.6 /* two channels of DDR5-5600, for a ceiling */

/* What one token costs, before any hardware is named. */
struct speed_load {
    double weight_bytes; /* read a token */
    double expert_bytes; /* of these, of routed experts */
    double kv_bytes;     /* read a token, at the depth asked about */
    double layers;
    double hidden;
    bool is_quantised;
    bool has_experts;
};

/* With `depth_tokens` already in the context.  Fails as model_size() does. */
int speed_load_of(const struct model *m, enum quant q, uint64_t depth_tokens,
                  struct speed_load *ret, struct err *err);

/* Part of a load on one device, the rest elsewhere. */
struct speed_part {
    const struct speed_coefficients *c;
    double bandwidth_gbs; /* 10^9 bytes a second */
    double share;         /* of the layers on it: of weights, keys, values, overhead */
};

struct speed {
    double ceiling_tok_s; /* physics: nothing that reads all weights is faster */
    double estimate_tok_s;
    double low_tok_s, high_tok_s; /* four of five measurements lie between */
    bool is_measured;             /* calibrated by a local measurement */
};

/* On one device. */
struct speed speed_estimate(const struct speed_coefficients *c,
                            const struct speed_load *load, double bandwidth_gbs);

/* Seconds that `n` parts take one after the other (a layer split) for what `ram_bytes` of
 * the weights leave, and those from main memory at `ram_gbs` after them (0: unknown). */
struct speed speed_of(const struct speed_part *parts, size_t n,
                      const struct speed_load *load, double ram_bytes, double ram_gbs);

/* One device that holds `gpu_share` of the layers, 0..1; the rest stays in main memory.
 */
struct speed speed_offload(const struct speed_coefficients *gpu,
                           const struct speed_load *load, double gpu_gbs,
                           double gpu_share, double ram_gbs);

/* The coefficients that make the estimate for `load` equal to what was measured on the
 * same machine: the times of bytes and layers are scaled alike.  The interval is that of
 * a repeated run. */
int speed_calibrate(const struct speed_coefficients *c, const struct speed_load *load,
                    double bandwidth_gbs, double measured_tok_s,
                    struct speed_coefficients *ret, struct err *err);

/* The same for other models on that machine.  One run tells the machine's own deviation
 * and the accident of that model alike, so half of it (of its logarithm) is carried over;
 * `weir fit --eval` measures what that gains.  The interval is that of such pairs. */
int speed_calibrate_others(const struct speed_coefficients *c,
                           const struct speed_load *load, double bandwidth_gbs,
                           double measured_tok_s, struct speed_coefficients *ret,
                           struct err *err);

/* --- several streams, drafts, prompts --- */

/* How many times the tokens of one stream `streams` of them get together.  The weights
 * are read once for all; each further stream costs 3 % of a step, so that eight get 6.6
 * times (vLLM on an A100 40GB, johnmusgrave.com, 2026).  llama.cpp gains less. */
double speed_batch_gain(double streams);

/* Tokens a second when a draft model proposes `length` tokens a step and each is accepted
 * with probability `acceptance`: expected tokens of a step / its time (Leviathan et al.
 * 2023, equation 1; checking them takes one step of the target). */
double speed_with_draft(double target_tok_s, double draft_tok_s, unsigned length,
                        double acceptance);

/* Prompt tokens a second over a prompt of `prompt_tokens`: useful operations a second of
 * the device / 2 for each active parameter, less what attention costs over the length.
 * Where the device was not measured, its `decode_tok_s` of this model times what its
 * family reads prompts faster; *ret_is_rule tells that. */
double speed_prefill(const struct device *d, const struct model *m, double decode_tok_s,
                     double prompt_tokens, bool *ret_is_rule);

#endif
