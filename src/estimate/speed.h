/* speed.h -- how fast one stream decodes, and how sure that is.
 *
 * Decoding reads every weight once a token, so bandwidth bounds it:
 *
 *     ceiling   = bandwidth / bytes                                   tokens a second
 *     1/estimate = bytes / (bandwidth x e) + layers x o x (hidden/4096)^w   seconds
 *
 * bytes = quantised weights read for a token (estimate/quant.h) + keys and values held.
 * e is the share of the bandwidth a decoder gets; o is what a layer costs whatever its
 * bytes: launches, normalisation, the tail of each matrix product.  That work grows
 * with the width of the layer, but less than linearly; w is 1/2 where the measured
 * rows of a family predict a left-out GPU best with it, else 0.  Three values of w were
 * tried (0, 1/2, 1) and chosen by that error alone.
 *
 * e, o and w are fitted per family of hardware on measured rows (speeds_fit()); the
 * constants in speed_families were produced by it and tests refit them.  A family
 * without rows says so: is_validated is false and its interval is wide.
 *
 * One local measurement beats all of it: speed_calibrate(). */
#ifndef WEIR_ESTIMATE_SPEED_H
#define WEIR_ESTIMATE_SPEED_H

#include "estimate/quant.h"
#include "facts/devices.h"

enum speed_family {
    FAMILY_RTX,   /* NVIDIA GeForce, RTX and Ada/Ampere cards with GDDR memory */
    FAMILY_HBM,   /* NVIDIA data-centre cards with HBM: A100, H100 */
    FAMILY_APPLE, /* M1 and later */
    FAMILY_AMD,
    FAMILY_INTEL,
    FAMILY_CPU,
    FAMILIES /* sentinel */
};

struct speed_coefficients {
    const char *name;
    double efficiency;     /* e, 0..1 */
    double overhead_us;    /* o, at hidden = 4096 */
    double width_exponent; /* w */
    double spread;         /* the interval is estimate / and x (1 + spread) */
    bool is_validated;     /* fitted on measured rows */
    const char *source;    /* of the rows, with their date */
};

extern const struct speed_coefficients speed_families[FAMILIES];

enum speed_family speed_family_of(const struct device *d);

/* What one token costs, before any hardware is named. */
struct speed_load {
    double weight_bytes; /* read a token */
    double kv_bytes;     /* read a token, at the depth asked about */
    double layers;
    double hidden;
};

/* Fails as model_size() does. */
int speed_load_of(const struct model *m, enum quant q, uint64_t depth_tokens,
                  struct speed_load *ret, struct err *err);

struct speed {
    double ceiling_tok_s; /* physics: nothing that reads all weights is faster */
    double estimate_tok_s;
    double low_tok_s, high_tok_s; /* the interval around the estimate */
    bool is_measured;             /* calibrated by a local measurement */
};

/* On `bandwidth_gbs` (10^9 bytes a second) of one device. */
struct speed speed_estimate(const struct speed_coefficients *c,
                            const struct speed_load *load, double bandwidth_gbs);

/* Part of the layers on a device, the rest read from main memory: times add up.
 * `gpu_share` is the share of the bytes that fit on the device, 0..1. */
struct speed speed_offload(const struct speed_coefficients *gpu,
                           const struct speed_load *load, double gpu_gbs,
                           double gpu_share, double ram_gbs);

/* The coefficients that make the estimate for `load` equal to what was measured: e and
 * o are scaled together, and the spread shrinks to what one run leaves open (median
 * error of calibrating one model from another on the same GPU: 6 % over 300 pairs). */
int speed_calibrate(const struct speed_coefficients *c, const struct speed_load *load,
                    double bandwidth_gbs, double measured_tok_s,
                    struct speed_coefficients *ret, struct err *err);

#endif
