/* run.c -- a machine, a model, and what comes of them. */
#include "estimate/run.h"

#include <math.h>

/* An exchange between cards over PCI Express; two for each layer of a tensor split.  A
 * rule of thumb: no measured rows of tensor splits are carried. */
#define EXCHANGE_US 15.0

int run_machine_add(struct run_machine *to, const struct device *d, unsigned count,
                    double memory_gb, struct err *err)
{
    bool shares = d->is_unified || d->kind == DEVICE_CPU || d->kind == DEVICE_APPLE;
    bool others_share = false;
    for (size_t i = 0; i < to->n; i++)
        others_share = others_share || to->devices[i].device->is_unified;
    if (count == 0 || count > MEMORY_DEVICES - to->n)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "devices: a machine has 1 to %d of them", MEMORY_DEVICES);
    if ((shares && (to->n || count > 1)) || others_share)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "devices: %.*s shares main memory and stands alone; name it once",
                       STR_ARG(d->name));
    for (unsigned i = 0; i < count; i++)
        to->devices[to->n++] = (struct run_device){
            .device = d,
            .memory_gb = memory_gb,
            .speed = speed_families[speed_family_of(d)],
        };
    return 0;
}

static struct memory_room room_of(const struct run_machine *m, const struct run_ask *ask)
{
    struct memory_room room = {.n = m->n, .may_move_layers = !ask->keep_layers};
    for (size_t i = 0; i < m->n; i++) {
        const struct run_device *d = &m->devices[i];
        room.usable[i] = memory_usable(d->device, d->memory_gb);
        room.is_unified = room.is_unified || d->device->is_unified ||
                          d->device->kind == DEVICE_CPU ||
                          d->device->kind == DEVICE_APPLE;
    }
    if (!room.is_unified && m->ram_gb > 0)
        room.ram = (uint64_t)(m->ram_gb * 0.8 * GIB);
    return room;
}

/* All cards at once: as one device with their bandwidth together. */
static struct speed tensor_speed(const struct run_machine *m, const struct speed_load *l)
{
    struct speed_coefficients c = m->devices[0].speed;
    double slowest = m->devices[0].device->bandwidth_gbs;
    for (size_t i = 1; i < m->n; i++)
        slowest = fmin(slowest, m->devices[i].device->bandwidth_gbs);
    double width = sqrt(l->hidden / 4096.0);
    if (m->n > 1 && width > 0)
        c.overhead_us += 2 * EXCHANGE_US / width;
    c.interval = (struct speed_interval){0.6, 1.3};
    c.is_validated = false;
    return speed_estimate(&c, l, slowest * (double)m->n);
}

double run_ram_bytes(const struct memory_plan *p, const struct speed_load *load)
{
    double others = load->weight_bytes - load->expert_bytes;
    return load->expert_bytes * p->experts_moved + others * (1.0 - p->device_share);
}

static struct speed split_speed(const struct run_machine *m, const struct run_ask *ask,
                                const struct memory_plan *p, const struct speed_load *l)
{
    struct speed_part parts[MEMORY_DEVICES];
    bool wholly = p->verdict == MEMORY_FITS && p->experts_moved <= 0;
    if (ask->split == SPLIT_TENSORS && m->n > 1 && wholly)
        return tensor_speed(m, l);
    for (size_t i = 0; i < m->n; i++)
        parts[i] = (struct speed_part){&m->devices[i].speed,
                                       m->devices[i].device->bandwidth_gbs, p->share[i]};
    return speed_of(parts, m->n, l, run_ram_bytes(p, l), m->ram_gbs);
}

/* The slowest card's rate stands for all; what lies in main memory is computed there or
 * brought over, and slows prompts in proportion to decoding. */
static void read_prompts(const struct run_machine *machine, const struct run_ask *ask,
                         const struct speed_load *load, struct run *r)
{
    double depth = (double)ask->depth_tokens;
    for (size_t i = 0; i < machine->n; i++) {
        const struct run_device *d = &machine->devices[i];
        bool is_rule = false;
        double whole =
            speed_estimate(&d->speed, load, d->device->bandwidth_gbs).estimate_tok_s;
        double own = speed_prefill(d->device, ask->model, whole, depth, &is_rule);
        if (r->memory.verdict == MEMORY_SPLITS)
            own *= fmin(1.0, r->speed.estimate_tok_s / whole);
        if (i == 0 || own < r->prefill_tok_s)
            r->prefill_tok_s = own;
        r->prefill_is_rule =
            r->prefill_is_rule || is_rule || r->memory.verdict == MEMORY_SPLITS;
    }
}

/* The speed with all of a slot's context to be read for each token. */
static void fill_context(const struct run_machine *machine, const struct run_ask *ask,
                         const struct speed_load *load, struct run *r)
{
    uint64_t slots = ask->kv.slots ? ask->kv.slots : 1;
    unsigned bits_x2 = ask->kv.bits_x2 ? ask->kv.bits_x2 : KV_F16_X2;
    struct speed_load full = *load;
    r->full_tokens = ask->kv.context / slots;
    full.kv_bytes =
        (double)kv_read(ask->model, r->full_tokens) * (double)bits_x2 / KV_F16_X2;
    r->full_speed = split_speed(machine, ask, &r->memory, &full);
}

static void move_experts(const struct memory_room *room, struct memory_plan *p)
{
    if (p->need.experts == 0 || room->is_unified || p->verdict == MEMORY_NEVER)
        return;
    p->experts_moved = 1.0;
    if (p->moved_bytes < p->need.experts)
        p->moved_bytes = p->need.experts;
    p->verdict =
        p->moved_bytes + p->need.table <= room->ram ? MEMORY_SPLITS : MEMORY_NEVER;
}

void run_estimate_sizes(const struct run_machine *machine, const struct run_ask *ask,
                        const struct memory_need *need, const struct speed_load *load,
                        struct run *ret)
{
    const struct model *m = ask->model;
    struct memory_room room = room_of(machine, ask);
    struct run r = {.longest_prompt = ask->kv.context};
    uint64_t slots = ask->kv.slots ? ask->kv.slots : 1;
    memory_place(need, &room, &r.memory);
    if (ask->experts_in_ram)
        move_experts(&room, &r.memory);
    r.memory.largest_context = memory_largest_context(m, need, &ask->kv, &room);
    if (ask->kv.is_partitioned)
        r.longest_prompt /= slots;
    if (m->context && r.longest_prompt > m->context)
        r.longest_prompt = m->context;
    if (r.memory.verdict != MEMORY_NEVER) {
        r.speed = split_speed(machine, ask, &r.memory, load);
        fill_context(machine, ask, load, &r);
        r.all_streams_tok_s = r.speed.estimate_tok_s * speed_batch_gain((double)slots);
        read_prompts(machine, ask, load, &r);
        double layers = (double)m->layers;
        r.expert_layers_moved = (uint64_t)ceil(r.memory.experts_moved * layers - 1e-9);
        r.layers_on_devices = (uint64_t)(r.memory.device_share * layers + 1e-9);
    }
    *ret = r;
}

int run_estimate(const struct run_machine *machine, const struct run_ask *ask,
                 struct run *ret, struct err *err)
{
    struct memory_need need;
    struct speed_load load;
    if (memory_need(ask->model, ask->quant, &ask->kv, &need, err) < 0 ||
        speed_load_of(ask->model, ask->quant, ask->depth_tokens, &load, err) < 0)
        return -1;
    run_estimate_sizes(machine, ask, &need, &load, ret);
    return 0;
}

int run_estimate_usual(const struct run_machine *machine, struct run_ask ask,
                       struct run *ret, uint64_t *ret_context, struct err *err)
{
    uint64_t slots = ask.kv.slots ? ask.kv.slots : 1;
    ask.kv.context = RUN_USUAL_CONTEXT * slots;
    if (run_estimate(machine, &ask, ret, err) < 0)
        return -1;
    uint64_t fits = ret->memory.largest_context;
    if (ret->memory.verdict != MEMORY_FITS) {
        uint64_t least = RUN_LEAST_CONTEXT * slots;
        ask.kv.context = fits > least ? fits / 256 * 256 : least;
        if (ask.kv.context > RUN_USUAL_CONTEXT * slots)
            ask.kv.context = RUN_USUAL_CONTEXT * slots;
        if (run_estimate(machine, &ask, ret, err) < 0)
            return -1;
    }
    *ret_context = ask.kv.context;
    return 0;
}

enum run_fault run_judge(const struct run *r, uint64_t prompt_tokens,
                         uint64_t answer_tokens)
{
    if (r->memory.verdict == MEMORY_NEVER)
        return RUN_NO_MEMORY;
    if (prompt_tokens > r->longest_prompt ||
        answer_tokens > r->longest_prompt - prompt_tokens)
        return RUN_LONG_PROMPT;
    if (r->speed.estimate_tok_s < RUN_USABLE_TOK_S)
        return RUN_TOO_SLOW;
    return r->memory.verdict == MEMORY_SPLITS ? RUN_SPILLS : RUN_GOOD;
}
