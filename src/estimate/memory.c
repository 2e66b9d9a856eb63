/* memory.c -- sums of bytes, and the context that still fits by bisection. */
#include "estimate/memory.h"

#include <math.h>

enum { BATCH = 512, FLOAT_BYTES = 4, CONTEXT_UNSAID = 1 << 20 };

int memory_need(const struct model *m, enum quant q, const struct kv_ask *kv,
                struct memory_need *ret, struct err *err)
{
    struct model_size size;
    if (model_size(m, q, &size, err) < 0)
        return -1;
    struct memory_need need = {
        .weights = size.file_bytes - size.head_bytes,
        .kv = kv_reserved(m, kv),
        .compute = (m->vocab + m->hidden) * BATCH * FLOAT_BYTES,
        .table = size.table_bytes,
        .experts = size.expert_bytes,
        .is_published = size.is_published,
        .is_approximate =
            size.is_approximate || (m->kv_bytes_per_token == 0 && !m->is_embedding),
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

/* Room for layers: of a device, and of all of them. */
static uint64_t layer_room(const struct memory_need *need, const struct memory_room *room,
                           size_t i)
{
    return room->usable[i] > need->compute ? room->usable[i] - need->compute : 0;
}

static uint64_t all_room(const struct memory_need *need, const struct memory_room *room)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < room->n; i++)
        sum += layer_room(need, room, i);
    return sum;
}

static uint64_t on_devices(const struct memory_need *need, const struct memory_room *room)
{
    return need->weights + need->kv - (room->is_unified ? 0 : need->table);
}

/* What does not fit leaves: experts first, then whole layers with what is left of them.
 */
static void spill(const struct memory_need *need, uint64_t over, uint64_t wanted,
                  bool may_move_layers, struct memory_plan *p)
{
    uint64_t experts = need->experts < over ? need->experts : over;
    if (need->experts)
        p->experts_moved = (double)experts / (double)need->experts;
    uint64_t rest = over - experts;
    uint64_t others = wanted - need->experts;
    if (rest && may_move_layers && others)
        p->device_share = 1.0 - fmin(1.0, (double)rest / (double)others);
    p->moved_bytes = over;
}

void memory_place(const struct memory_need *need, const struct memory_room *room,
                  struct memory_plan *ret)
{
    struct memory_plan p = {.need = *need, .device_share = 1.0};
    uint64_t wanted = on_devices(need, room);
    uint64_t layers = all_room(need, room);
    uint64_t table = room->is_unified ? 0 : need->table;
    for (size_t i = 0; i < room->n; i++)
        p.usable += room->usable[i];
    p.wanted = wanted + need->compute;
    p.verdict = MEMORY_FITS;
    if (wanted > layers) {
        uint64_t over = wanted - layers;
        spill(need, over, wanted, room->may_move_layers || !need->experts, &p);
        bool cannot = !room->may_move_layers && need->experts && over > need->experts;
        p.verdict = over + table <= room->ram && !cannot ? MEMORY_SPLITS : MEMORY_NEVER;
    }
    for (size_t i = 0; i < room->n && layers; i++)
        p.share[i] = p.device_share * (double)layer_room(need, room, i) / (double)layers;
    *ret = p;
}

uint64_t memory_largest_context(const struct model *m, const struct memory_need *need,
                                const struct kv_ask *kv, const struct memory_room *room)
{
    struct memory_need without = *need;
    struct kv_ask ask = *kv;
    uint64_t low = 0;
    uint64_t high = m->context ? m->context : CONTEXT_UNSAID;
    without.kv = 0;
    uint64_t fixed = on_devices(&without, room);
    uint64_t all = all_room(need, room);
    if (fixed > all)
        return 0;
    while (low < high) {
        ask.context = low + (high - low + 1) / 2;
        if (kv_reserved(m, &ask) <= all - fixed)
            low = ask.context;
        else
            high = ask.context - 1;
    }
    return low;
}

int memory_plan(const struct model *m, enum quant q, const struct kv_ask *kv,
                const struct memory_room *room, struct memory_plan *ret, struct err *err)
{
    struct memory_need need;
    if (memory_need(m, q, kv, &need, err) < 0)
        return -1;
    memory_place(&need, room, ret);
    ret->largest_context = memory_largest_context(m, &need, kv, room);
    return 0;
}
