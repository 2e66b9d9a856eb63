/* memory.h -- what a model needs in memory at a context, and whether a device has it.
 *
 * need = weights + keys and values + compute buffer.  The compute buffer is that of
 * llama.cpp with flash attention and batches of 512: (vocab + hidden) x 512 x 4 bytes;
 * it reproduces the 258.5 MiB it reports for Llama 3 8B.  Available is the device's
 * memory less a margin: 1 GiB on a graphics card (llama.cpp's own default for --fit),
 * and on a Mac what macOS lends the GPU, 70 % up to 36 GB and 78 % above.
 *
 * Nothing here asks the machine; the caller says how much memory there is. */
#ifndef WEIR_ESTIMATE_MEMORY_H
#define WEIR_ESTIMATE_MEMORY_H

#include "estimate/quant.h"
#include "facts/devices.h"

#define GIB 1073741824.0

struct memory_need {
    uint64_t weights, kv, compute;
    uint64_t total;
    bool is_approximate;
};

int memory_need(const struct model *m, enum quant q, uint64_t context_tokens,
                unsigned kv_bits_x2, struct memory_need *ret, struct err *err);

/* Bytes of `memory_gb` (GiB, as marketed) that a model may use on such a device. */
uint64_t memory_usable(const struct device *d, double memory_gb);

enum memory_verdict {
    MEMORY_FITS,   /* all of it on the device */
    MEMORY_SPLITS, /* the rest in main memory; slower */
    MEMORY_NEVER   /* not even together */
};

struct memory_plan {
    struct memory_need need;
    uint64_t usable; /* on the device */
    enum memory_verdict verdict;
    double device_share;      /* of the weights, 0..1 */
    uint64_t largest_context; /* that still fits wholly; 0 when the weights do not */
};

/* `ram_bytes` is main memory free for the part that spills; 0 on unified memory. */
int memory_plan(const struct model *m, enum quant q, uint64_t context_tokens,
                unsigned kv_bits_x2, uint64_t usable, uint64_t ram_bytes,
                struct memory_plan *ret, struct err *err);

#endif
