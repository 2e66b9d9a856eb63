/* serve_sims.c -- one simulator a name, started when first asked for. */
#include "cmd/serve/serve_sims.h"

#include "core/log.h"
#include "sim/server.h"

#include <stdio.h>

enum { MAX_SIM_MODELS = 64 };

static struct sim *find(const struct serve_sims *s, struct str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eqz(name, s->items[i].name))
            return s->items[i].sim;
    return NULL;
}

static struct sim *start(struct serve_sims *s, const struct config_engine *e)
{
    struct err err = {0};
    struct sim *sim = NULL;
    struct str models[MAX_SIM_MODELS];
    size_t n = e->nmodels < MAX_SIM_MODELS ? e->nmodels : MAX_SIM_MODELS;
    for (size_t i = 0; i < n; i++)
        models[i] = e->models[i].upstream;
    const struct sim_options o = {
        .profile = e->sim_profile,
        .host = STR("127.0.0.1"),
        .models = models,
        .nmodels = n,
        .speed = 1.0,
    };
    if (s->n == ARRAY_LEN(s->items) || sim_start(&o, &sim, &err) < 0) {
        log_error("simulated engine '%.*s': %s", STR_ARG(e->name), err.msg);
        return NULL;
    }
    snprintf(s->items[s->n].name, sizeof s->items[s->n].name, "%.*s", STR_ARG(e->name));
    s->items[s->n++].sim = sim;
    return sim;
}

uint16_t serve_sims_port(void *ctx, const struct config_engine *e)
{
    struct serve_sims *s = ctx;
    if (e->kind != ENGINE_SIM || e->host.n)
        return 0;
    struct sim *sim = find(s, e->name);
    if (!sim)
        sim = start(s, e);
    return sim ? sim_port(sim) : 0;
}

void serve_sims_stop(struct serve_sims *s)
{
    for (size_t i = 0; i < s->n; i++)
        sim_stop(s->items[i].sim);
    s->n = 0;
}
