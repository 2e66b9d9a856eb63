/* memory.h -- what a model needs in memory at a context, device by device.
 *
 * need = weights + keys and values + compute buffer.  The compute buffer is that of
 * llama.cpp with flash attention and batches of 512: (vocab + hidden) x 512 x 4 bytes;
 * it reproduces the 258.5 MiB it reports for Llama 3 8B.  Beside a graphics card the
 * embedding table stays in main memory (a look-up, no multiplication).  Available is the
 * device's memory less a margin: 1 GiB on a graphics card (llama.cpp's own default for
 * --fit), and on a Mac what macOS lends the GPU, 70 % up to 36 GB and 78 % above.
 *
 * Nothing here asks the machine; the caller says how much memory there is. */
#ifndef WEIR_ESTIMATE_MEMORY_H
#define WEIR_ESTIMATE_MEMORY_H

#include "estimate/kv.h"
#include "estimate/quant.h"
#include "facts/devices.h"

#define GIB 1073741824.0

/* Bytes of a model, whatever its source: a shape or a file. */
struct memory_need {
    uint64_t weights, kv, compute;
    uint64_t total;
    uint64_t table;   /* of weights: stays in main memory beside a graphics card */
    uint64_t experts; /* of weights: may be moved to main memory by themselves */
    uint64_t draft;   /* of weights: a draft model with its keys and values */
    bool is_approximate;
    bool is_published; /* weights: of a published file */
};

int memory_need(const struct model *m, enum quant q, const struct kv_ask *kv,
                struct memory_need *ret, struct err *err);

/* Bytes of `memory_gb` (GiB, as marketed) that a model may use on such a device. */
uint64_t memory_usable(const struct device *d, double memory_gb);

enum memory_verdict {
    MEMORY_FITS,   /* all of it on the device or devices */
    MEMORY_SPLITS, /* the rest in main memory; slower */
    MEMORY_NEVER   /* not even together */
};

enum { MEMORY_DEVICES = 16 };

/* Where it may lie. */
struct memory_room {
    uint64_t usable[MEMORY_DEVICES]; /* of each device */
    size_t n;
    uint64_t ram;         /* main memory free for what spills; 0 on unified memory */
    bool is_unified;      /* the devices use main memory themselves */
    bool may_move_layers; /* false: a mixture of experts moves its experts only */
};

/* What lies where. */
struct memory_plan {
    struct memory_need need;
    uint64_t usable; /* of all devices together */
    uint64_t wanted; /* of them, so that all lies there that should: need.total but for
                        the table of words, which cards leave in main memory */
    enum memory_verdict verdict;
    double share[MEMORY_DEVICES]; /* of the layers on each device; sums up to 1 less what
                                     is in main memory */
    double device_share;          /* of the layers on devices, 0..1 */
    double experts_moved; /* of the experts, in main memory while their layers stay */
    uint64_t
        moved_bytes; /* weights (and keys, values) in main memory, without the table */
    uint64_t largest_context; /* that still fits wholly; 0 when the weights do not */
};

/* Several devices: each has its own compute buffer, and layers fill them in proportion
 * to their room.  A mixture of experts that does not fit moves experts first, which is
 * what llama.cpp --fit and --n-cpu-moe do, then layers. */
void memory_place(const struct memory_need *need, const struct memory_room *room,
                  struct memory_plan *ret);

/* memory_need(), memory_place() and the largest context together. */
int memory_plan(const struct model *m, enum quant q, const struct kv_ask *kv,
                const struct memory_room *room, struct memory_plan *ret, struct err *err);

/* The largest context, in tokens of all slots, that lies wholly on the devices beside the
 * rest of `need`; at most the model's own; 0 when not even its weights do. */
uint64_t memory_largest_context(const struct model *m, const struct memory_need *need,
                                const struct kv_ask *kv, const struct memory_room *room);

#endif
