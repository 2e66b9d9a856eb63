/* providers.c -- cloud providers whose API key stands in the environment, and the
 * simulated engines for when there is nothing at all.
 *
 * No call is made: a key that is there is taken at its word until the first request.
 * The models are a short list, cheap to strong, of those the price list knows; contexts,
 * capabilities and prices come from there.  Anything else a provider sells is one line
 * in a weir.yaml. */
#include "discover/discover.h"

#include "config/config.h"
#include "facts/date.h"
#include "facts/providers.h"

#include <stdlib.h>

enum {
    SHORTEST_KEY = 20 /* every provider's are longer; "weir" and "none" are not */
};

static void price_model(struct arena *a, const struct provider *p,
                        const struct prices *prices, struct found_model *m)
{
    m->price_name =
        *p->price ? arena_printf(a, "%s/%.*s", p->price, STR_ARG(m->name)) : m->name;
    m->price = prices_find(prices, str_of(p->price), m->name, date_today());
    /* A dated row knows the day's price and nothing else of the model. */
    const struct price *listed = prices_find(prices, str_of(p->price), m->name, 0);
    m->caps = CAP_CHAT;
    m->caps_unknown = listed ? 0 : CAPS_UNSURE;
    if (!listed)
        return;
    m->context_tokens = listed->context_window;
    if (listed->tool_call)
        m->caps |= CAP_TOOLS;
    if (listed->structured_output)
        m->caps |= CAP_JSON_SCHEMA;
    if (listed->accepts_image)
        m->caps |= CAP_VISION;
}

static void add_provider(struct discovery *d, const struct provider *p,
                         const struct prices *prices, bool is_short)
{
    struct found_engine *e = &d->engines[d->nengines];
    *e = (struct found_engine){
        .name = str_of(p->kind),
        .side = SIDE_CLOUD,
        .url = str_of(p->url),
        .key_env = str_of(p->env),
        .why = arena_printf(&d->arena, "%s is set%s; not called yet", p->env,
                            is_short ? " (so short that it may be a placeholder)" : ""),
        .models = arena_array(&d->arena, struct found_model, PROVIDER_MODELS)};
    if (!e->models || !engine_kind_parse(e->name, &e->kind))
        return;
    for (size_t i = 0; i < PROVIDER_MODELS && p->models[i]; i++) {
        struct found_model *m = &e->models[e->nmodels++];
        m->name = str_of(p->models[i]);
        m->is_cloud = true;
        price_model(&d->arena, p, prices, m);
    }
    d->nengines++;
}

/* A key that config refuses is told with the variable it stands in. */
static void add_faulty(struct discovery *d, const struct provider *p, const char *fault)
{
    d->engines[d->nengines++] =
        (struct found_engine){.name = str_of(p->kind),
                              .side = SIDE_CLOUD,
                              .url = str_of(p->url),
                              .key_env = str_of(p->env),
                              .why = arena_printf(&d->arena, "%s is set", p->env),
                              .problem = arena_printf(&d->arena, "%s %s", p->env, fault)};
}

void discover_add_providers(struct discovery *d, const struct discover_options *o)
{
    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        const char *value =
            o->getenv_fn ? o->getenv_fn(providers[i].env) : getenv(providers[i].env);
        struct str key = secret_trim(str_of(value));
        const char *fault = secret_fault(key);
        if (key.n == 0 || d->nengines == DISCOVER_MAX_ENGINES)
            continue;
        if (fault)
            add_faulty(d, &providers[i], fault);
        else
            add_provider(d, &providers[i], o->prices, key.n < SHORTEST_KEY);
    }
}

/* -- nothing there ------------------------------------------------------------------- */

static struct found_engine *add_sim(struct discovery *d, const char *name, enum side side,
                                    const char *profile)
{
    struct found_engine *e = &d->engines[d->nengines++];
    *e = (struct found_engine){
        .name = str_of(name),
        .kind = ENGINE_SIM,
        .side = side,
        .profile = str_of(profile),
        .why = side == SIDE_LOCAL ? STR("simulated by weir: made-up answers, no model")
                                  : STR("simulated by weir: it stands for a cloud"),
        .models = arena_array(&d->arena, struct found_model, 2)};
    return e;
}

static void add_sim_model(struct found_engine *e, const char *name, const char *price,
                          uint64_t context, const struct prices *prices)
{
    struct found_model *m = &e->models[e->nmodels++];
    *m = (struct found_model){.name = str_of(name),
                              .price_name = str_of(price),
                              .is_cloud = e->side == SIDE_CLOUD,
                              .context_tokens = context,
                              .caps = CAP_CHAT | CAP_TOOLS | CAP_JSON_SCHEMA};
    if (*price)
        m->price = prices_find(prices, STR("openai"), str_of(name), date_today());
}

void discover_add_simulated(struct discovery *d, const struct prices *prices)
{
    d->is_simulated = true;
    struct found_engine *local =
        add_sim(d, "sim-local", SIDE_LOCAL, "rtx4060-qwen2.5-7b");
    struct found_engine *cloud = add_sim(d, "sim-cloud", SIDE_CLOUD, "cloud-gpt-4o-mini");
    if (!local->models || !cloud->models)
        return;
    add_sim_model(local, "qwen2.5-7b", "", 32768, prices);
    local->models[0].params = 7000000000;
    add_sim_model(cloud, "gpt-4o-mini", "openai/gpt-4o-mini", 128000, prices);
    add_sim_model(cloud, "gpt-4o", "openai/gpt-4o", 128000, prices);
}
