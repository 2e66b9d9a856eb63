/* devices.h -- memory, bandwidth, power and launch price of hardware. */
#ifndef WEIR_FACTS_DEVICES_H
#define WEIR_FACTS_DEVICES_H

#include "core/err.h"
#include "core/str.h"

enum device_kind { DEVICE_NVIDIA, DEVICE_AMD, DEVICE_INTEL, DEVICE_APPLE, DEVICE_CPU };

struct device {
    struct str name;
    enum device_kind kind;
    double memory_gb;      /* as marketed: GiB of VRAM, or of unified memory */
    double bandwidth_gbs;  /* 10^9 bytes a second */
    double tdp_w;          /* 0 = unknown */
    int64_t price_nanousd; /* at launch; -1 = unknown */
    bool is_unified;       /* CPU and GPU share the memory */
    bool has_conflict;     /* sources disagree; see conflict */
    struct str conflict;   /* "bandwidth_gbs: 200" as the other source has it */
    bool price_unverified;
    struct str source;
    int64_t source_days;
};

struct devices; /* opaque: devices.c; immutable after loading */

int devices_load(struct str json, struct devices **ret, struct err *err) NODISCARD;
void devices_free(struct devices *d);

size_t devices_count(const struct devices *d);
const struct device *devices_at(const struct devices *d, size_t i);
int64_t devices_built_days(const struct devices *d);

/* By name; case, separators, a leading maker ("NVIDIA GeForce", "Apple", "AMD Radeon")
 * and a trailing memory size may differ.  When several sizes match, `memory_gb` (0 =
 * any) picks, else the first in the file.  NULL when unknown. */
const struct device *devices_find(const struct devices *d, struct str name,
                                  double memory_gb);
int devices_explain_unknown(const struct devices *d, struct str name, struct err *err);

#endif
