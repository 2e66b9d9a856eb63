/* advise_models.c -- see advise_models.h. */
#include "cmd/decide/advise_models.h"

#include "cmd/decide/fit_choose.h"
#include "cmd/lib/commands.h"
#include "core/mem.h"
#include "discover/machine.h"
#include "facts/date.h"
#include "facts/providers.h"
#include "fit/pick.h"

/* Tokens that are worth their memory in most work. */
enum { CONTEXT_MOST = 32768 };

/* The card of this machine; x->machine has none when it has none, or one that no list
 * knows. */
static const char *look_here(const struct facts *f, struct report *r,
                             struct options *fit_options, struct fitting *x)
{
    char *argv[] = {(char *)(uintptr_t) "fit"};
    struct machine seen;
    struct err err;
    int rc;
    machine_read(&seen, false);
    if (!seen.ncards)
        return "no graphics card was found on this machine";
    *x = (struct fitting){.o = fit_options, .f = f, .r = r};
    if (!options_read(fit_options, &cmd_fit, 1, argv, &rc) || fit_choose(x, &err) < 0) {
        x->machine.n = 0;
        return "the card of this machine tells too little about itself";
    }
    if (x->device_truth != TRUTH_RULE)
        return NULL;
    x->machine.n = 0;
    return report_fmt(r, "this machine's card, %s, is not in the device list",
                      x->device_name);
}

static int read_named(const struct facts *f, const char *name, struct run_machine *ret,
                      struct report *r, struct advice_models *m, struct err *err)
{
    struct device_answer d;
    if (devices_choose(f->devices, str_of(name), 0, &d, err) < 0)
        return -1;
    m->device = report_fmt(r, "%.*s", STR_ARG(d.choices[0]->name));
    if (d.memory_gb <= 0) /* main memory: plan asks for it */
        return 0;
    return run_machine_add(ret, d.choices[0], d.count, d.memory_gb, err);
}

/* Which machine, and where that is known from.  x holds the devices of this one. */
static int read_machine(const struct options *o, const struct facts *f, struct report *r,
                        struct options *fit_options, struct fitting *x,
                        struct advice_models *m, struct err *err)
{
    const char *name = options_get(o, "--device");
    m->device_says = "";
    if (name)
        return read_named(f, name, &x->machine, r, m, err);
    const char *why_not = look_here(f, r, fit_options, x);
    m->is_here = !why_not;
    if (m->is_here) {
        m->device = report_fmt(r, "this machine's %s", x->device_name);
        m->device_says = report_fmt(r,
                                    "Reckoned on this machine: %s, %.3g GB%s, found by "
                                    "%s. Another one: --device.",
                                    x->device_name, x->machine.devices[0].memory_gb,
                                    x->machine.n > 1 ? " each" : "", x->seen_by);
        return 0;
    }
    m->device_says = report_fmt(
        r, "Reckoned on an " ADVISE_DEVICE ", an example: %s. Name yours with --device.",
        why_not);
    if (read_named(f, ADVISE_DEVICE, &x->machine, r, m, err) < 0)
        return -1;
    m->device = "an " ADVISE_DEVICE ", an example";
    return 0;
}

static const struct pick *first_with_tag(const struct pick *picks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (pick_suits(&picks[i], PICK_CHAT) && picks[i].model->ollama_tag.n)
            return &picks[i];
    return NULL;
}

/* What weir fit would try first there, in the usual quantisation. */
static const struct model *pick_first(const struct facts *f,
                                      const struct run_machine *machine)
{
    struct pick_ask ask = {.run = {.quant = QUANT_Q4_K_M, .kv.bits_x2 = KV_F16_X2},
                           .has_quant = true};
    size_t most = models_count(f->models);
    struct pick *picks = machine->n ? mem_alloc((most + 1) * sizeof *picks) : NULL;
    if (!picks)
        return NULL;
    const struct pick *first =
        first_with_tag(picks, picks_of(f->models, machine, &ask, picks, most));
    const struct model *m = first ? first->model : NULL;
    mem_free(picks);
    return m;
}

/* As much context as lies on the machine, in steps that are easy to read. */
static uint64_t context_of(const struct run_machine *machine, const struct model *m)
{
    struct run run;
    struct err ignored;
    uint64_t context = RUN_LEAST_CONTEXT, taken = 0;
    struct run_ask ask = {.model = m, .quant = quant_default(m), .kv.bits_x2 = KV_F16_X2};
    if (!machine->n || run_estimate_usual(machine, ask, &run, &taken, &ignored) < 0)
        return RUN_USUAL_CONTEXT;
    while (context < CONTEXT_MOST && context * 2 <= run.memory.largest_context &&
           (!m->context || context * 2 <= m->context))
        context *= 2;
    return context;
}

static int choose_local(const struct options *o, const struct facts *f, struct report *r,
                        struct advice_models *ret, struct err *err)
{
    const char *named = options_get(o, "--local-model");
    struct options fit_options;
    struct fitting x = {.machine.n = 0};
    struct model_answer a = {.n = 0};
    if (read_machine(o, f, r, &fit_options, &x, ret, err) < 0 ||
        (named && models_choose(f->models, str_of(named), &a, err) < 0))
        return -1;
    const struct model *m = named ? a.choices[0] : pick_first(f, &x.machine);
    if (!m)
        m = models_find(f->models, STR("Qwen3.5-4B")); /* runs nearly everywhere */
    if (!m)
        return err_set(err, ERR_CONFIG, "unknown_model",
                       "--local-model: name one; none is known that fits the device");
    ret->local = report_fmt(r, "%.*s", STR_ARG(m->id));
    ret->local_tag =
        report_fmt(r, "%.*s", STR_ARG(m->ollama_tag.n ? m->ollama_tag : m->id));
    ret->local_context = context_of(&x.machine, m);
    return 0;
}

/* Who sells it: its maker, or else the first of those whose address is known. */
static const struct provider *seller_of(const struct facts *f, struct str name,
                                        const struct price **ret)
{
    *ret = prices_find(f->prices, STR(""), name, date_today());
    for (size_t i = 0; *ret && i < PROVIDERS; i++)
        if (str_eqz((*ret)->provider, providers[i].price))
            return &providers[i];
    for (size_t i = 0; i < PROVIDERS; i++) {
        const struct price *p =
            providers[i].price[0]
                ? prices_find(f->prices, str_of(providers[i].price), name, date_today())
                : NULL;
        if (!p)
            continue;
        *ret = p;
        return &providers[i];
    }
    return NULL;
}

static int choose_cloud(const struct options *o, const struct facts *f, struct report *r,
                        struct advice_models *ret, struct err *err)
{
    const char *given = options_get(o, "--model");
    struct str name = str_of(given ? given : ADVISE_CHEAP);
    const struct price *p;
    const struct provider *seller = seller_of(f, name, &p);
    if (!p)
        return prices_explain_unknown(f->prices, name, err);
    ret->cloud = report_fmt(r, "%.*s", STR_ARG(p->model));
    ret->cloud_context = p->context_window;
    ret->cloud_kind = seller ? seller->kind : "openai";
    ret->cloud_url =
        seller ? seller->url
               : report_fmt(r, "https://ADDRESS-OF-%.*s/v1", STR_ARG(p->provider));
    ret->cloud_key = seller ? seller->env : "CLOUD_API_KEY";
    return 0;
}

int advise_models_choose(const struct options *o, const struct facts *f, struct report *r,
                         struct advice_models *ret, struct err *err)
{
    *ret = (struct advice_models){.cloud = ADVISE_CHEAP};
    if (choose_local(o, f, r, ret, err) < 0)
        return -1;
    return choose_cloud(o, f, r, ret, err);
}
