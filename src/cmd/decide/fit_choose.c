/* fit_choose.c -- from options, or by looking at this machine. */
#include "cmd/decide/fit_choose.h"

#include "cmd/decide/measured.h"
#include "cmd/lib/values.h"
#include "discover/machine.h"
#include "facts/date.h"

#define RAM_GB_USUAL 32.0

/* Adds cards of a kind, and says so in the machine's name. */
static int add_device(struct fitting *x, const struct device *d, unsigned count,
                      double memory_gb, struct err *err)
{
    size_t at = x->machine.n;
    if (at == MEMORY_DEVICES)
        return err_set(err, ERR_CONFIG, "bad_value", "--device: at most %d in a machine",
                       MEMORY_DEVICES);
    x->devices[at] = *d;
    if (run_machine_add(&x->machine, &x->devices[at], count, memory_gb, err) < 0)
        return -1;
    const char *times = count > 1 ? report_fmt(x->r, "%ux ", count) : "";
    x->device_name = report_fmt(x->r, "%s%s%s%.*s", at ? x->device_name : "",
                                at ? " and " : "", times, STR_ARG(d->name));
    return 0;
}

static int add_named(struct fitting *x, const char *name, double memory, struct err *err)
{
    struct device_answer a;
    if (devices_choose(x->f->devices, str_of(name), memory, &a, err) < 0)
        return -1;
    const struct device *d = a.choices[0];
    double gb = a.memory_gb;
    /* The memory of a processor is the main memory. */
    if (gb <= 0 && d->kind == DEVICE_CPU && value_double(x->o, "--ram", &gb, err) < 0)
        return -1;
    if (gb <= 0)
        return err_set(err, ERR_CONFIG, "unknown_memory",
                       "--memory: the memory of %.*s is unknown; give it in GB",
                       STR_ARG(d->name));
    return add_device(x, d, a.count, gb, err);
}

static int choose_named(struct fitting *x, struct err *err)
{
    const char *name;
    double memory = 0;
    if (value_double(x->o, "--memory", &memory, err) < 0)
        return -1;
    if (memory > 100000 || (options_has(x->o, "--memory") && memory <= 0))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--memory: must be GB, above 0 and at most 100000");
    if (memory > 0 && options_nth(x->o, "--device", 1))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--memory: with several devices write it into their names, such "
                       "as \"RTX 3060 12GB\"");
    x->device_truth = TRUTH_LIST;
    x->machine.ram_gb = RAM_GB_USUAL;
    for (size_t i = 0; (name = options_nth(x->o, "--device", i)); i++)
        if (add_named(x, name, memory, err) < 0)
            return -1;
    return 0;
}

/* The row of a card, by its name, else by what the PCI bus calls it. */
static const struct device *row_of(const struct devices *d, const struct machine_card *c)
{
    const struct device *row = devices_seen(d, str_of(c->name), c->memory_gb);
    if (!row)
        row = devices_seen(d, str_of(c->pci), c->memory_gb);
    const char *rev = strstr(c->pci, " rev ");
    if (!row && rev)
        row = devices_seen(d, str_sub(str_of(c->pci), 0, (size_t)(rev - c->pci)),
                           c->memory_gb);
    return row;
}

/* One card of this machine, or several alike. */
struct group {
    const struct machine_card *card;
    const struct device *row; /* NULL: not in the device list */
    unsigned count;
    double memory_gb; /* of one */
    bool is_shared;   /* the memory is the machine's */
};

static struct group group_of(const struct machine *m, size_t i, const struct devices *d)
{
    const struct machine_card *c = &m->cards[i];
    struct group g = {.card = c, .row = row_of(d, c), .memory_gb = c->memory_gb};
    g.is_shared =
        g.row ? g.row->is_unified : c->memory_gb <= 0 || c->shared_gb > 4 * c->memory_gb;
    if (g.is_shared && c->memory_gb <= 0)
        g.memory_gb = m->ram_gb;
    else if (g.is_shared)
        g.memory_gb += c->shared_gb;
    for (size_t k = 0; k < m->ncards; k++)
        g.count += strcmp(m->cards[k].name, c->name) == 0 &&
                   strcmp(m->cards[k].pci, c->pci) == 0;
    if (g.is_shared)
        g.count = 1;
    return g;
}

/* A card that the list does not have: its memory is known, its bandwidth a guess. */
static int estimate_card(struct fitting *x, const struct group *g,
                         const struct machine *m, struct device *ret, struct err *err)
{
    enum device_kind kind = g->card->is_nvidia ? DEVICE_NVIDIA : DEVICE_AMD;
    const struct device *like = devices_slowest(x->f->devices, kind, g->memory_gb);
    const char *name = g->card->name[0] ? g->card->name : g->card->pci;
    double gbs = g->is_shared ? m->ram_gbs : like ? like->bandwidth_gbs : 0;
    if (gbs <= 0 || g->memory_gb <= 0)
        return err_set(
            err, ERR_CONFIG, "unknown_machine",
            "the card \"%s\" of this machine is not in the device list and its "
            "driver does not say enough: name one like it with --device",
            name);
    *ret = (struct device){
        .name = str_of(report_fmt(x->r, "%s", name[0] ? name : "a card without a name")),
        .kind = kind,
        .memory_gb = g->memory_gb,
        .bandwidth_gbs = gbs,
        .price_nanousd = -1,
        .is_unified = g->is_shared,
        .source = str_of(
            g->is_shared ? "not in the device list: bandwidth of main memory, measured"
                         : report_fmt(x->r,
                                      "not in the device list: bandwidth of the slowest "
                                      "known card with that memory, %.*s",
                                      STR_ARG(like->name))),
        .source_days = date_today(),
    };
    x->device_truth = TRUTH_RULE;
    return 0;
}

static int add_group(struct fitting *x, const struct group *g, const struct machine *m,
                     struct err *err)
{
    struct device guessed;
    double gb = g->memory_gb;
    if (!g->row) {
        if (estimate_card(x, g, m, &guessed, err) < 0)
            return -1;
        return add_device(x, &guessed, g->count, gb, err);
    }
    return add_device(x, g->row, g->count, gb > 0 ? gb : g->row->memory_gb, err);
}

/* The first card of its kind: the others are counted with it. */
static bool is_first(const struct machine *m, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(m->cards[k].name, m->cards[i].name) == 0 &&
            strcmp(m->cards[k].pci, m->cards[i].pci) == 0)
            return false;
    return true;
}

/* All cards with memory of their own; where there is none, the first that shares. */
static int choose_cards(struct fitting *x, const struct machine *m, struct err *err)
{
    for (int shared = 0; shared <= 1 && x->machine.n == 0; shared++) {
        for (size_t i = 0; i < m->ncards; i++) {
            struct group g = group_of(m, i, x->f->devices);
            if (g.is_shared != shared || !is_first(m, i) || (shared && x->machine.n))
                continue;
            if (add_group(x, &g, m, err) < 0)
                return -1;
            x->free_gb += shared ? 0 : g.card->free_gb * g.count;
            if (!x->seen_by)
                x->seen_by = report_fmt(x->r, "%s", g.card->seen_by);
        }
    }
    x->other_cards = (unsigned)(m->ncards - x->machine.n);
    return 0;
}

static int choose_machine(struct fitting *x, struct err *err)
{
    struct machine m;
    if (options_has(x->o, "--memory"))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--memory: name the device that has it, with --device; of this "
                       "machine weir knows the memory");
    machine_read(&m, true);
    x->device_truth = TRUTH_MEASURED;
    x->machine.ram_gb = m.free_ram_gb > 0 ? m.free_ram_gb : m.ram_gb;
    x->machine.ram_gbs = m.ram_gbs;
    if (m.ncards)
        return choose_cards(x, &m, err);
    if (m.ram_gb <= 0 || m.ram_gbs <= 0)
        return err_set(err, ERR_CONFIG, "unknown_machine",
                       "this machine's memory cannot be read; name one with --device");
    x->machine.ram_gb = 0;
    x->free_gb = m.free_ram_gb;
    struct device cpu = {
        .name = str_of(report_fmt(x->r, "this machine's CPU, %s",
                                  m.cpu[0] ? m.cpu : "of unknown name")),
        .kind = DEVICE_CPU,
        .memory_gb = m.ram_gb,
        .bandwidth_gbs = m.ram_gbs,
        .is_unified = true,
        .source = STR("read and measured on this machine"),
        .source_days = date_today(),
    };
    if (add_device(x, &cpu, 1, m.ram_gb, err) < 0)
        return -1;
    /* What was measured is what a reader gets, not a peak to take a share of. */
    x->machine.devices[0].speed.efficiency = 1.0;
    return 0;
}

static int choose_kv(struct fitting *x, struct err *err)
{
    static const struct {
        const char *name;
        unsigned bits_x2;
    } types[] = {{"f16", KV_F16_X2},
                 {"q8_0", KV_Q8_0_X2},
                 {"q5_1", KV_Q5_1_X2},
                 {"q4_0", KV_Q4_0_X2}};
    const char *name = options_get(x->o, "--kv");
    x->ask.kv.bits_x2 = KV_F16_X2;
    if (!name)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(name, types[i].name) == 0) {
            x->ask.kv.bits_x2 = types[i].bits_x2;
            return 0;
        }
    }
    return err_set(err, ERR_CONFIG, "bad_value",
                   "--kv: \"%s\" is unknown; f16, q8_0, q5_1 or q4_0", name);
}

static int choose_quant(struct fitting *x, struct err *err)
{
    const char *quant = options_get(x->o, "--quant");
    x->ask.quant = QUANT_Q4_K_M;
    if (!quant && x->named_quant && x->named_quant[0])
        quant = x->named_quant;
    x->quant_is_given = quant != NULL;
    if (quant && !quant_parse(str_of(quant), &x->ask.quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--quant: \"%s\" is unknown; for example Q4_K_M, Q8_0, F16",
                       quant);
    return 0;
}

static int choose_load(struct fitting *x, struct err *err)
{
    const char *split = options_get(x->o, "--split");
    uint64_t slots = 1;
    x->context_is_given = options_has(x->o, "--context");
    x->ask.kv.context = RUN_USUAL_CONTEXT;
    x->ask.experts_in_ram = options_has(x->o, "--experts-in-ram");
    if (value_u64(x->o, "--context", &x->ask.kv.context, err) < 0 ||
        value_u64(x->o, "--parallel", &slots, err) < 0)
        return -1;
    if (x->ask.kv.context == 0 || x->ask.kv.context > 100000000)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--context: must be 1 to 100,000,000 tokens");
    if (slots == 0 || slots > 1024)
        return err_set(err, ERR_CONFIG, "bad_value", "--parallel: must be 1 to 1024");
    if (split && strcmp(split, "tensors") == 0)
        x->ask.split = SPLIT_TENSORS;
    else if (split && strcmp(split, "layers") != 0)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--split: \"%s\" is unknown; layers or tensors", split);
    x->ask.kv.slots = (unsigned)slots;
    x->ask.kv.context *= slots;
    return 0;
}

int fit_choose(struct fitting *x, struct err *err)
{
    bool named = options_has(x->o, "--device");
    if (choose_quant(x, err) < 0 || choose_kv(x, err) < 0 || choose_load(x, err) < 0 ||
        (named ? choose_named(x, err) : choose_machine(x, err)) < 0)
        return -1;
    return value_double(x->o, "--ram", &x->machine.ram_gb, err);
}

int fit_choose_draft(struct fitting *x, const struct options *o, const struct model *m,
                     struct err *err)
{
    const char *name = options_get(o, "--draft");
    struct model_answer a;
    double percent = 0;
    if (value_double(o, "--draft-accept", &percent, err) < 0)
        return -1;
    if (options_has(o, "--draft-accept") && (percent < 1 || percent > 99))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--draft-accept: must be 1 to 99 percent");
    if (!name && options_has(o, "--draft-accept"))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--draft-accept: needs --draft, the model that proposes");
    if (!name)
        return 0;
    if (models_choose(x->f->models, str_of(name), &a, err) < 0)
        return -1;
    x->draft = (struct run_draft){.model = a.choices[0],
                                  .quant = quant_default(a.choices[0]),
                                  .acceptance = percent / 100.0};
    if (a.quant[0] && !quant_parse(str_of(a.quant), &x->draft.quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--draft: the quantisation \"%s\" of its name is unknown",
                       a.quant);
    return run_draft_check(m, &x->draft, err);
}

bool fit_learn_from_bench(struct fitting *x, const char *state_dir)
{
    struct bench_kept_row row;
    struct model_answer a;
    struct speed_load load;
    struct run run;
    struct err ignored;
    struct run_device *d = &x->machine.devices[0];
    if (options_has(x->o, "--device") || options_has(x->o, "--memory") ||
        options_has(x->o, "--measured") || x->machine.n != 1 ||
        !measured_any(x->f->models, state_dir, &row, &a))
        return false;
    struct run_ask ask = x->ask;
    enum quant named;
    ask.model = a.choices[0];
    ask.quant = a.quant[0] && quant_parse(str_of(a.quant), &named)
                    ? named
                    : quant_default(ask.model);
    if (run_estimate_usual(&x->machine, ask, &run, &ask.kv.context, &ignored) < 0 ||
        run.memory.verdict != MEMORY_FITS ||
        speed_load_of(ask.model, ask.quant, 0, &load, &ignored) < 0)
        return false;
    struct speed_coefficients list = d->speed;
    if (speed_calibrate_others(&list, &load, d->device->bandwidth_gbs, row.stream_tok_s,
                               &d->speed, &ignored) < 0)
        return false;
    d->speed.source = report_fmt(x->r, "corrected by weir bench, run %llu, %s",
                                 (unsigned long long)row.id, row.model);
    return true;
}

uint64_t fit_usable(const struct fitting *x)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < x->machine.n; i++)
        sum +=
            memory_usable(x->machine.devices[i].device, x->machine.devices[i].memory_gb);
    return sum;
}
