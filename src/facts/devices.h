/* devices.h -- memory, bandwidth, power and launch price of hardware. */
#ifndef WEIR_FACTS_DEVICES_H
#define WEIR_FACTS_DEVICES_H

#include "core/err.h"
#include "core/str.h"
#include "facts/names.h"

enum device_kind { DEVICE_NVIDIA, DEVICE_AMD, DEVICE_INTEL, DEVICE_APPLE, DEVICE_CPU };

enum { DEVICE_SIZES = 6 };

struct device {
    struct str name;
    enum device_kind kind;
    double memory_gb; /* as marketed: GiB of VRAM, or of unified memory */
    double
        sizes[DEVICE_SIZES]; /* what it is sold with, when that is several; ascending */
    size_t nsizes;
    double bandwidth_gbs;  /* 10^9 bytes a second */
    double tdp_w;          /* of the board or chip; 0 = unknown */
    double idle_w, load_w; /* of the whole machine, measured at the wall; 0 = unknown */
    /* Useful operations a second while it reads prompts, in 10^12: median of measured
     * prompt speeds x 2 x active parameters; 0 = not measured. */
    double prefill_tflops, prefill_moe_tflops;
    uint64_t gpu_cores;    /* of an Apple chip; 0 = unknown */
    int64_t price_nanousd; /* at launch, with the smallest memory; -1 = unknown */
    int64_t size_nanousd[DEVICE_SIZES]; /* with sizes[i]; -1 = unknown */
    bool is_unified;                    /* CPU and GPU share the memory */
    bool has_conflict;                  /* sources disagree; see conflict */
    struct str conflict; /* "bandwidth_gbs: 200" as the other source has it */
    bool price_unverified;
    struct str unverified; /* fields without a page behind them: "tdp_w, sizes"; or "" */
    struct str source, price_source, power_source; /* the last two may be "" */
    int64_t source_days;
};

struct devices; /* opaque: devices.c; immutable after loading */

int devices_load(struct str json, struct devices **ret, struct err *err) NODISCARD;
void devices_free(struct devices *d);

size_t devices_count(const struct devices *d);
const struct device *devices_at(const struct devices *d, size_t i);
int64_t devices_built_days(const struct devices *d);

/* What a name means: "4090", "2x RTX 3090", "M4 Max 128GB", "Strix Halo". */
struct device_answer {
    enum name_verdict verdict;
    const struct device *choices[NAME_ROWS]; /* one when found; several in a question */
    size_t n;
    unsigned count;   /* "2x RTX 3090" is two; else 1 */
    double memory_gb; /* of one: as the name or the caller says, else what the row has;
                         0: a question of its own, the row is sold with several sizes */
    bool is_size;     /* unknown because no row of that name has that memory */
};

/* `memory_gb` is what the caller knows, 0: nothing; it picks among variants. */
void devices_ask(const struct devices *d, struct str name, double memory_gb,
                 struct device_answer *ret);

/* The same for a command line: one device with its memory, or -1 and a fault that asks
 * which one is meant, or says that none is known.  The memory of a device whose memory
 * is main memory (a CPU) stays 0 when it was not given. */
int devices_choose(const struct devices *d, struct str name, double memory_gb,
                   struct device_answer *ret, struct err *err) NODISCARD;

/* The row of a card that a driver names; of several variants the one whose memory is
 * nearest to `memory_gb` (0: unknown), of those alike the slowest.  NULL: unknown. */
const struct device *devices_seen(const struct devices *d, struct str name,
                                  double memory_gb);

/* A card that no row names, estimated: the slowest known one of its kind with about that
 * memory, whose bandwidth it is given.  NULL: none is known. */
const struct device *devices_slowest(const struct devices *d, enum device_kind kind,
                                     double memory_gb);

/* The device that a sentence names, by its longest name.  Among variants `memory_gb`
 * picks, where one has it; ret gets the fastest and the slowest of those that are left.
 * False: no device is named. */
struct device_range {
    const struct device *fastest, *slowest;
    double memory_gb; /* the most that one of them has */
};
bool devices_in_sentence(const struct devices *d, struct str sentence, double memory_gb,
                         struct device_range *ret);

/* The devices whose name begins at `at` of a sentence, where a word must begin; the end
 * of the name there, or 0. */
struct device_named {
    const struct device *rows[NAME_ROWS];
    size_t n;
};
size_t devices_named_at(const struct devices *d, struct str sentence, size_t at,
                        struct device_named *ret);
/* Those of them that have the memory (0: not said); all, when none has. */
void devices_with(const struct device_named *named, double memory_gb,
                  struct device_range *ret);

/* By a name that means one row, or NULL. */
const struct device *devices_find(const struct devices *d, struct str name,
                                  double memory_gb);

/* Launch price with that memory; -1 = unknown. */
int64_t device_price(const struct device *d, double memory_gb);
bool device_has_size(const struct device *d, double memory_gb);

#endif
