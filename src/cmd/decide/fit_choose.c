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

static int choose_machine(struct fitting *x, struct err *err)
{
    struct machine m;
    machine_read(&m, true);
    x->device_truth = TRUTH_MEASURED;
    x->ram_gb = m.free_ram_gb > 0 ? m.free_ram_gb : m.ram_gb;
    for (size_t i = 0; i < m.ncards; i++) {
        const struct device *d =
            devices_find(x->f->devices, str_of(m.cards[i].name), m.cards[i].memory_gb);
        if (!d)
            continue;
        x->device = *d;
        x->memory_gb = m.cards[i].memory_gb;
        return 0;
    }
    if (m.ram_gb <= 0 || m.ram_gbs <= 0)
        return err_set(err, ERR_CONFIG, "unknown_machine",
                       "this machine's memory cannot be read; name one with --device");
    x->memory_gb = m.ram_gb;
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
