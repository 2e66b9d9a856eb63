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

/* Words by which vocabularies may differ (llama.cpp, SPEC_VOCAB_MAX_SIZE_DIFFERENCE). */
enum { WORDS_APART = 128, LONGEST_DRAFT = 8 };

int run_draft_check(const struct model *m, const struct run_draft *draft, struct err *err)
{
    const struct model *d = draft->model;
    uint64_t apart = m->vocab > d->vocab ? m->vocab - d->vocab : d->vocab - m->vocab;
    if (m->vocab == 0 || d->vocab == 0 || apart > WORDS_APART)
        return err_set(
            err, ERR_CONFIG, "bad_draft",
            "--draft: %.*s has %llu words and %.*s %llu; a draft needs the "
            "vocabulary of its model, so take a smaller one of the same family",
            STR_ARG(d->id), (unsigned long long)d->vocab, STR_ARG(m->id),
            (unsigned long long)m->vocab);
    if (d->params == 0 || d->params >= m->params)
        return err_set(err, ERR_CONFIG, "bad_draft",
                       "--draft: %.*s is no smaller than %.*s", STR_ARG(d->id),
                       STR_ARG(m->id));
    return 0;
}

/* Several tokens that are checked at once ask more experts: 1 - (1 - p)^n of them are
 * read, each being asked with probability p for each token. */
static struct speed_load checking(const struct run_ask *ask, const struct speed_load *l,
                                  double tokens)
{
    const struct model *m = ask->model;
    struct speed_load ret = *l;
    if (m->experts == 0 || m->experts_per_token == 0)
        return ret;
    double p = (double)m->experts_per_token / (double)m->experts;
    double more = l->expert_bytes * ((1.0 - pow(1.0 - p, tokens)) / p - 1.0);
    ret.weight_bytes += more;
    ret.expert_bytes += more;
    return ret;
}

static double with_draft(const struct run_machine *machine, const struct run_ask *ask,
                         const struct memory_plan *p, const struct speed_load *load,
                         double draft_tok_s, unsigned length, double acceptance)
{
    struct speed_load step = checking(ask, load, length + 1.0);
    double target = split_speed(machine, ask, p, &step).estimate_tok_s;
    return speed_with_draft(target, draft_tok_s, length, acceptance);
}

/* The draft lies wholly on the devices, which its memory was counted for. */
static int draft(const struct run_machine *machine, const struct run_ask *ask,
                 const struct speed_load *load, struct run *r, struct err *err)
{
    const struct run_draft *d = ask->draft;
    struct memory_plan wholly = {.device_share = 1.0};
    struct run_drafted best = {0};
    struct speed_load small;
    double usual = d->acceptance > 0 ? d->acceptance : DRAFT_ACCEPTED;
    double least = d->acceptance > 0 ? d->acceptance : DRAFT_LEAST;
    double most = d->acceptance > 0 ? d->acceptance : DRAFT_MOST;
    if (speed_load_of(d->model, d->quant, ask->depth_tokens, &small, err) < 0)
        return -1;
    for (size_t i = 0; i < machine->n; i++)
        wholly.share[i] = 1.0 / (double)machine->n;
    best.draft_tok_s = split_speed(machine, ask, &wholly, &small).estimate_tok_s;
    for (unsigned n = 1; n <= LONGEST_DRAFT; n++) {
        double tok_s =
            with_draft(machine, ask, &r->memory, load, best.draft_tok_s, n, usual);
        if (tok_s <= best.speed.estimate_tok_s)
            continue;
        best.length = n;
        best.speed.estimate_tok_s = tok_s;
    }
    double plain = r->speed.estimate_tok_s;
    best.speed.low_tok_s =
        r->speed.low_tok_s / plain *
        with_draft(machine, ask, &r->memory, load, best.draft_tok_s, best.length, least);
    best.speed.high_tok_s =
        r->speed.high_tok_s / plain *
        with_draft(machine, ask, &r->memory, load, best.draft_tok_s, best.length, most);
    r->drafted = best;
    return 0;
}

static int add_draft_memory(const struct run_ask *ask, struct memory_need *need,
                            struct err *err)
{
    struct memory_need d;
    if (memory_need(ask->draft->model, ask->draft->quant, &ask->kv, &d, err) < 0)
        return -1;
    need->draft = d.total;
    need->weights += d.total;
    need->total += d.total;
    need->table += d.table;
    return 0;
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
        speed_load_of(ask->model, ask->quant, ask->depth_tokens, &load, err) < 0 ||
        (ask->draft && add_draft_memory(ask, &need, err) < 0))
        return -1;
    run_estimate_sizes(machine, ask, &need, &load, ret);
    if (ask->draft && ret->memory.verdict != MEMORY_NEVER)
        return draft(machine, ask, &load, ret, err);
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
