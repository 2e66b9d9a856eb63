/* samples.c -- reading rows against the lists of models and devices. */
#include "fit/samples.h"

#include "core/mem.h"
#include "facts/date.h"

enum { YEAR_2025 = 20089 }; /* days from 1970 to 2025-01-01 */

#define SPLIT_RAM_GB 64.0 /* of a machine that ran a split model: enough */

const char *sample_kind_name(enum sample_kind k)
{
    static const char *const names[KINDS] = {"NVIDIA", "datacentre", "Apple",
                                             "AMD",    "Intel",      "CPU",
                                             "MoE",    "small",      "partly in RAM"};
    return names[k];
}

static enum sample_kind kind_of(const struct sample *s, const struct model *m)
{
    if (s->row->is_split)
        return KIND_SPLIT;
    if (m->experts)
        return KIND_EXPERTS;
    if ((double)m->params < SMALL_PARAMS)
        return KIND_SMALL;
    switch (s->family) {
    case FAMILY_HBM:
        return KIND_DATACENTRE;
    case FAMILY_APPLE:
    case FAMILY_APPLE_M1:
    case FAMILY_APPLE_ULTRA:
        return KIND_APPLE;
    case FAMILY_RDNA:
    case FAMILY_AMD_UNIFIED:
    case FAMILY_INSTINCT:
        return KIND_AMD;
    case FAMILY_INTEL:
        return KIND_INTEL;
    case FAMILY_CPU:
        return KIND_CPU;
    default:
        return KIND_NVIDIA;
    }
}

/* The device a row names; of a short name's variants the fastest. */
static void device_of(const struct facts *f, const struct speed_row *row,
                      struct sample *to)
{
    struct device_range found;
    to->device = (struct device){.name = row->gpu, .kind = DEVICE_NVIDIA};
    if (devices_in_sentence(f->devices, row->gpu, 0, &found))
        to->device = *found.fastest;
    else if (str_starts(row->gpu, STR("Apple")))
        to->device.kind = DEVICE_APPLE;
    else if (str_starts(row->gpu, STR("RX ")))
        to->device.kind = DEVICE_AMD;
    to->bandwidth_gbs =
        row->bandwidth_gbs > 0 ? row->bandwidth_gbs : to->device.bandwidth_gbs;
    to->device.bandwidth_gbs = to->bandwidth_gbs;
    to->family = speed_family_of(&to->device);
}

static int place_split(const struct model *m, enum quant q, struct sample *s,
                       struct err *err)
{
    struct run_machine machine = {.ram_gb = SPLIT_RAM_GB};
    struct run_ask ask = {.model = m, .quant = q, .kv.bits_x2 = KV_F16_X2};
    struct run run;
    uint64_t context = 0;
    if (s->device.memory_gb <= 0)
        return 0;
    if (run_machine_add(&machine, &s->device, 1, s->device.memory_gb, err) < 0 ||
        run_estimate_usual(&machine, ask, &run, &context, err) < 0)
        return -1;
    s->layers_on_device = run.memory.device_share;
    s->ram_bytes = run_ram_bytes(&run.memory, &s->load);
    return 0;
}

/* Collections write MLX's 4 bits as Q4_0, which has as many. */
static enum quant as_measured(const struct speed_row *row, enum quant q)
{
    bool is_mlx =
        str_eq_nocase(row->engine, STR("mlx")) || str_find(row->source, STR("MLX")) >= 0;
    return is_mlx && q == QUANT_Q4_0 ? QUANT_MLX_4 : q;
}

static int collect_row(const struct facts *f, const struct speed_row *row, bool wants_fit,
                       struct samples *ret, struct err *err)
{
    enum quant q;
    struct sample s = {.row = row, .layers_on_device = 1.0};
    const struct model *m = models_find(f->models, row->model);
    s.is_old = row->source_days > 0 && row->source_days < YEAR_2025;
    if (s.is_old && !wants_fit)
        return 0;
    if (row->gpus != 1 || !m || row->tok_s <= 0 || !quant_parse(row->quant, &q) ||
        (wants_fit && row->flag.n))
        return 0;
    q = as_measured(row, q);
    device_of(f, row, &s);
    if (s.bandwidth_gbs <= 0)
        return 0;
    if (speed_load_of(m, q, (uint64_t)row->depth_tokens, &s.load, err) < 0)
        return -1;
    s.kind = kind_of(&s, m);
    if (row->is_split && place_split(m, q, &s, err) < 0)
        return -1;
    ret->v[ret->n++] = s;
    return 0;
}

/* Rows that say the same (model and quantisation on one device) share one weight. */
static void weigh(struct samples *all)
{
    for (size_t i = 0; i < all->n; i++) {
        struct sample *s = &all->v[i];
        size_t same = 0;
        for (size_t k = 0; k < all->n; k++) {
            const struct sample *o = &all->v[k];
            same += o->is_old == s->is_old && str_eq(o->row->model, s->row->model) &&
                    str_eq(o->row->quant, s->row->quant) && samples_same_device(o, s);
        }
        s->weight = (str_eqz(s->row->set, "field") ? 4.0 : 1.0) / (double)same;
    }
}

int samples_collect(const struct facts *f, const struct speeds *s, bool wants_fit,
                    struct samples *ret, struct err *err)
{
    size_t total = speeds_count(s);
    ret->n = 0;
    ret->v = mem_zalloc(sizeof *ret->v * (total ? total : 1));
    if (!ret->v)
        return err_nomem(err);
    for (size_t i = 0; i < total; i++) {
        if (collect_row(f, speeds_at(s, i), wants_fit, ret, err) < 0) {
            samples_release(ret);
            return -1;
        }
    }
    weigh(ret);
    return 0;
}

void samples_release(struct samples *s)
{
    mem_free(s->v);
    *s = (struct samples){0};
}

static struct str plain_name(struct str name)
{
    ptrdiff_t at = str_index(name, '(');
    if (at > 0)
        name = str_trim(str_sub(name, 0, (size_t)at));
    if (str_starts(name, STR("Apple ")))
        name = str_sub(name, 6, name.n);
    return name;
}

bool samples_same_device(const struct sample *a, const struct sample *b)
{
    return str_eq_nocase(plain_name(a->device.name), plain_name(b->device.name));
}

static struct str collection(struct str source)
{
    size_t n = 0;
    while (n < source.n && source.p[n] != '@' && source.p[n] != '#' && source.p[n] != ' ')
        n++;
    return str_sub(source, 0, n);
}

bool samples_same_source(const struct sample *a, const struct sample *b)
{
    return str_eq(collection(a->row->source), collection(b->row->source));
}
