/* samples.h -- measured rows as the terms that the speed model adds up.
 *
 * A row is usable when model and quantisation are known, one device made it and its
 * bandwidth is known, from the row or from the device list. */
#ifndef WEIR_FIT_SAMPLES_H
#define WEIR_FIT_SAMPLES_H

#include "estimate/run.h"
#include "facts/facts.h"

/* How rows are told apart in figures. */
enum sample_kind {
    KIND_NVIDIA,
    KIND_DATACENTRE,
    KIND_APPLE,
    KIND_AMD,
    KIND_INTEL,
    KIND_CPU,
    KIND_EXPERTS, /* a mixture of experts, wholly on the device */
    KIND_SMALL,   /* below SMALL_PARAMS */
    KIND_SPLIT,   /* partly in main memory */
    KINDS         /* sentinel */
};
const char *sample_kind_name(enum sample_kind k);
#define SMALL_PARAMS 4.5e9

struct sample {
    const struct speed_row *row;
    struct device device; /* of the list, or made from the row's name */
    struct speed_load load;
    enum speed_family family;
    enum sample_kind kind;
    double bandwidth_gbs;
    bool is_old; /* measured before 2025: engines had more to do for a layer */
    /* Where the model lay: all of it on the device unless it was split. */
    double layers_on_device; /* share of the layers, 0..1 */
    double ram_bytes;        /* of the weights that a token reads */
    double weight;           /* in a fit: rows that say the same share one, and rows of
                                the collection of 2026-11 count four times */
};

struct samples {
    struct sample *v; /* owned */
    size_t n;
};

/* The usable rows of `s`: to be fitted on, those that are not flagged as doubtful; to be
 * judged, those that are not old. */
int samples_collect(const struct facts *f, const struct speeds *s, bool wants_fit,
                    struct samples *ret, struct err *err);
void samples_release(struct samples *s);

/* The same machine, whatever it is called ("M4 Pro", "Apple M4 Pro (20-core GPU)"). */
bool samples_same_device(const struct sample *a, const struct sample *b);
/* The same collection: the start of the source, up to the first '@', '#' or blank. */
bool samples_same_source(const struct sample *a, const struct sample *b);

#endif
