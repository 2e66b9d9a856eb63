/* fit_choose.c -- from options, or by looking at this machine. */
#include "cmd/decide/fit_choose.h"

#include "cmd/lib/values.h"
#include "discover/machine.h"
#include "facts/date.h"

static int choose_named(struct fitting *x, const char *name, struct err *err)
{
    double memory = 0;
    if (value_double(x->o, "--memory", &memory, err) < 0)
        return -1;
    if (memory > 100000)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--memory: must be GB, at most 100000");
    struct device_answer a;
    if (devices_choose(x->f->devices, str_of(name), memory, &a, err) < 0)
        return -1;
    x->device = *a.choices[0];
    x->cards = a.count;
    x->memory_gb = a.memory_gb;
    x->device_truth = TRUTH_LIST;
    x->ram_gb = 32;
    /* The memory of a processor is the main memory. */
    if (x->memory_gb <= 0 && x->device.kind == DEVICE_CPU &&
        value_double(x->o, "--ram", &x->memory_gb, err) < 0)
        return -1;
    if (x->memory_gb <= 0)
        return err_set(err, ERR_CONFIG, "unknown_memory",
                       "--memory: the memory of %.*s is unknown; give it in GB",
                       STR_ARG(x->device.name));
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

/* The group with most memory of its own. */
static struct group best_group(const struct machine *m, const struct devices *d)
{
    struct group best = group_of(m, 0, d);
    for (size_t i = 1; i < m->ncards; i++) {
        struct group g = group_of(m, i, d);
        bool more = g.memory_gb * g.count > best.memory_gb * best.count;
        if (g.is_shared != best.is_shared ? best.is_shared : more)
            best = g;
    }
    return best;
}

/* A card that the list does not have: its memory is known, its bandwidth a guess. */
static int estimate_card(struct fitting *x, const struct group *g,
                         const struct machine *m, struct err *err)
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
    x->device = (struct device){
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

static int choose_card(struct fitting *x, const struct machine *m, struct err *err)
{
    struct group g = best_group(m, x->f->devices);
    x->memory_gb = g.memory_gb;
    x->cards = g.count;
    x->free_gb = g.is_shared ? 0 : g.card->free_gb;
    x->other_cards = (unsigned)m->ncards - g.count;
    if (!g.row)
        return estimate_card(x, &g, m, err);
    x->device = *g.row;
    if (x->memory_gb <= 0)
        x->memory_gb = g.row->memory_gb;
    return 0;
}

static int choose_machine(struct fitting *x, struct err *err)
{
    struct machine m;
    machine_read(&m, true);
    x->device_truth = TRUTH_MEASURED;
    x->ram_gb = m.free_ram_gb > 0 ? m.free_ram_gb : m.ram_gb;
    if (m.ncards)
        return choose_card(x, &m, err);
    if (m.ram_gb <= 0 || m.ram_gbs <= 0)
        return err_set(err, ERR_CONFIG, "unknown_machine",
                       "this machine's memory cannot be read; name one with --device");
    x->memory_gb = m.ram_gb;
    x->free_gb = m.free_ram_gb;
    x->ram_gb = 0;
    x->device = (struct device){
        .name = str_of(report_fmt(x->r, "this machine's CPU, %s",
                                  m.cpu[0] ? m.cpu : "of unknown name")),
        .kind = DEVICE_CPU,
        .memory_gb = m.ram_gb,
        .bandwidth_gbs = m.ram_gbs,
        .is_unified = true,
        .source = STR("read and measured on this machine"),
        .source_days = date_today(),
    };
    return 0;
}

int fit_choose(struct fitting *x, struct err *err)
{
    const char *quant = options_get(x->o, "--quant");
    const char *kv = options_get(x->o, "--kv");
    const char *device = options_get(x->o, "--device");
    x->quant = x->model ? quant_default(x->model) : QUANT_Q4_K_M;
    x->context = 8192;
    x->kv_x2 = KV_F16_X2;
    x->cards = 1;
    if (!quant && x->named_quant && x->named_quant[0])
        quant = x->named_quant;
    if (quant && !quant_parse(str_of(quant), &x->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--quant: \"%s\" is unknown; for example Q4_K_M, Q8_0, F16",
                       quant);
    if (kv && strcmp(kv, "q8_0") == 0)
        x->kv_x2 = KV_Q8_0_X2;
    else if (kv && strcmp(kv, "q4_0") == 0)
        x->kv_x2 = KV_Q4_0_X2;
    else if (kv && strcmp(kv, "f16") != 0)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--kv: \"%s\" is unknown; f16, q8_0 or q4_0", kv);
    if (value_u64(x->o, "--context", &x->context, err) < 0)
        return -1;
    if (x->context == 0 || x->context > 100000000)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--context: must be 1 to 100,000,000 tokens");
    if ((device ? choose_named(x, device, err) : choose_machine(x, err)) < 0 ||
        value_double(x->o, "--ram", &x->ram_gb, err) < 0)
        return -1;
    x->speed = speed_families[speed_family_of(&x->device)];
    /* What was measured is what a reader gets, not a peak to take a share of. */
    if (x->device.kind == DEVICE_CPU && x->device_truth == TRUTH_MEASURED)
        x->speed.efficiency = 1.0;
    x->device_name = report_fmt(x->r, x->cards > 1 ? "%ux %.*s" : "%.0u%.*s",
                                x->cards > 1 ? x->cards : 0, STR_ARG(x->device.name));
    return 0;
}
