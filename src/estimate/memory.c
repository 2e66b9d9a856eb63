/* memory.c -- sums of bytes, and the context that still fits by bisection. */
#include "estimate/memory.h"

enum { BATCH = 512, FLOAT_BYTES = 4 };

int memory_need(const struct model *m, enum quant q, uint64_t context_tokens,
                unsigned kv_bits_x2, struct memory_need *ret, struct err *err)
{
    struct model_size size;
    if (model_size(m, q, &size, err) < 0)
        return -1;
    struct memory_need need = {
        .weights = size.file_bytes,
        .kv = model_kv_bytes(m, context_tokens, kv_bits_x2),
        .compute = (m->vocab + m->hidden) * BATCH * FLOAT_BYTES,
        .is_approximate = size.is_approximate || m->kv_bytes_per_token == 0,
    };
    need.total = need.weights + need.kv + need.compute;
    *ret = need;
    return 0;
}

uint64_t memory_usable(const struct device *d, double memory_gb)
{
    double bytes = memory_gb * GIB;
    if (d->kind == DEVICE_APPLE)
        return (uint64_t)(bytes * (memory_gb <= 36.0 ? 0.70 : 0.78));
    if (d->kind == DEVICE_CPU || d->is_unified)
        return (uint64_t)(bytes * 0.80);
    return bytes > GIB ? (uint64_t)(bytes - GIB) : 0;
}

static uint64_t largest_context(const struct model *m, const struct memory_need *need,
                                unsigned kv_bits_x2, uint64_t usable)
{
    uint64_t fixed = need->weights + need->compute;
    uint64_t low = 0;
    uint64_t high = m->context ? m->context : 1u << 20;
    if (fixed > usable)
        return 0;
    while (low < high) {
        uint64_t mid = low + (high - low + 1) / 2;
        if (fixed + model_kv_bytes(m, mid, kv_bits_x2) <= usable)
            low = mid;
        else
            high = mid - 1;
    }
    return low;
}

int memory_plan(const struct model *m, enum quant q, uint64_t context_tokens,
                unsigned kv_bits_x2, uint64_t usable, uint64_t ram_bytes,
                struct memory_plan *ret, struct err *err)
{
    struct memory_plan p = {.usable = usable};
    if (memory_need(m, q, context_tokens, kv_bits_x2, &p.need, err) < 0)
        return -1;
    p.largest_context = largest_context(m, &p.need, kv_bits_x2, usable);
    if (p.need.total <= usable) {
        p.verdict = MEMORY_FITS;
        p.device_share = 1.0;
    } else {
        uint64_t layers = p.need.weights + p.need.kv;
        uint64_t room = usable > p.need.compute ? usable - p.need.compute : 0;
        p.device_share = layers ? (double)room / (double)layers : 0;
        p.verdict = p.need.total <= usable + ram_bytes ? MEMORY_SPLITS : MEMORY_NEVER;
    }
    *ret = p;
    return 0;
}
