/* setup.c -- from configuration to gates, endpoints and prices. */
#include "gateway/setup.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/mem.h"

enum { SETUP_ARENA_BYTES = 4 << 20, DAY_MS = 86400 * 1000 };

static const char *provider_of(const struct config_engine *e)
{
    static const struct {
        const char *host_part, *provider;
    } rows[] = {
        {"openai.com", "openai"},
        {"anthropic.com", "anthropic"},
        {"googleapis.com", "google"},
        {"openrouter.ai", "openrouter"},
        {"groq.com", "groq"},
        {"mistral.ai", "mistral"},
        {"deepseek.com", "deepseek"},
        {"together.", "togetherai"},
        {"fireworks.ai", "fireworks-ai"},
        {"x.ai", "xai"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_contains_nocase(e->host, str_of(rows[i].host_part)))
            return rows[i].provider;
    return "";
}

/* By what words its price is looked for; false: it has none. */
static bool price_words(const struct config_model *m, struct str *ret_provider,
                        struct str *ret_model)
{
    ptrdiff_t slash = m->price.n ? str_index(m->price, '/') : -1;
    *ret_model = m->price.n ? m->price : m->upstream;
    *ret_provider = m->price.n ? STR("") : str_of(provider_of(m->engine));
    if (slash >= 0) {
        *ret_provider = str_sub(m->price, 0, (size_t)slash);
        *ret_model = str_sub(m->price, (size_t)slash + 1, m->price.n);
    }
    return m->is_cloud || m->price.n;
}

const struct price *setup_price(const struct config_model *m, const struct prices *prices)
{
    struct str provider, model;
    return price_words(m, &provider, &model)
               ? prices_find(prices, provider, model, (int64_t)(clock_wall_ms() / DAY_MS))
               : NULL;
}

bool setup_lacks_price(const struct config_model *m, const struct price *price, char *out,
                       size_t size)
{
    if (!m->is_cloud || price)
        return false;
    snprintf(out, size,
             "no price is known for %.*s on %.*s: its cost will be null; set price: "
             "provider/model",
             STR_ARG(m->name), STR_ARG(m->engine->name));
    return true;
}

const struct price *setup_price_at(const struct setup *s, const struct config_model *m,
                                   uint64_t wall_ms)
{
    return price_on(&s->model_prices[m->index], (int64_t)(wall_ms / DAY_MS));
}

static struct price_series prices_of(struct setup *s, const struct config_model *m,
                                     const struct setup_parts *parts)
{
    const struct price_series none = {NULL, 0};
    struct str provider, model;
    if (!price_words(m, &provider, &model))
        return none;
    const struct prices *prices = parts->prices(parts->prices_ctx);
    return prices ? prices_series(prices, provider, model, &s->arena) : none;
}

static void find_what_models_have(struct setup *s, const struct setup_parts *parts)
{
    char text[320];
    if (parts->measured)
        s->measured = arena_array(&s->arena, struct route_measured, s->config->nmodels);
    for (size_t i = 0; s->measured && i < s->config->nmodels; i++)
        s->measured[i] = (struct route_measured){0};
    if (parts->measured && s->measured)
        parts->measured(parts->measured_ctx, s->config, s->measured);
    for (size_t i = 0; i < s->config->nmodels; i++) {
        const struct config_model *m = s->config->models[i];
        s->model_prices[i] = prices_of(s, m, parts);
        s->model_meters[i] = meters_for(parts->meters, m);
        s->standings[i] = standings_for(parts->standings, m);
        if (setup_lacks_price(m, setup_price_at(s, m, clock_wall_ms()), text,
                              sizeof text))
            log_warn("%s", text);
    }
}

static struct gate *gate_for(const struct config_engine *e, const struct setup *was)
{
    struct gate_limits limits = {e->max_inflight, e->max_queue};
    for (size_t i = 0; was && i < was->config->nengines; i++)
        if (str_eq(was->config->engines[i].identity, e->identity))
            return gate_ref(was->gates[i]);
    return gate_create(limits);
}

void setup_apply(struct setup *s)
{
    for (size_t i = 0; i < s->config->nengines; i++) {
        const struct config_engine *e = &s->config->engines[i];
        gate_set_limits(s->gates[i], (struct gate_limits){e->max_inflight, e->max_queue});
    }
}

static void fill_endpoint(struct setup *s, const struct config_engine *e,
                          uint16_t sim_port)
{
    bool is_builtin = e->kind == ENGINE_SIM && e->host.n == 0;
    struct str host = is_builtin ? STR("127.0.0.1") : e->host;
    unsigned port = is_builtin ? sim_port : e->port;
    s->endpoints[e->index] = (struct endpoint){
        .name = e->name,
        .host = host,
        .port = (uint16_t)port,
        .is_tls = e->is_tls,
        .ca_file = e->ca_file,
        .is_cloud = e->side == SIDE_CLOUD,
        .use_proxy = e->side == SIDE_CLOUD,
        .deadlines = {e->timeouts.connect_ms, e->timeouts.first_byte_ms,
                      e->timeouts.idle_ms, e->timeouts.total_ms},
        .origin = arena_printf(&s->arena, "%.*s %s://%.*s:%u %.*s", STR_ARG(e->name),
                               e->is_tls ? "https" : "http", STR_ARG(host), port,
                               STR_ARG(e->ca_file)),
    };
}

const struct config_model *setup_strong_cloud(const struct config *c)
{
    const struct config_model *m = c->roles[ROLE_CLOUD_STRONG];
    for (size_t i = 0; !m && i < c->nmodels; i++)
        if (c->models[i]->is_cloud && !(c->models[i]->caps & CAP_EMBEDDINGS))
            m = c->models[i];
    return m;
}

bool setup_has_cloud(const struct config *c)
{
    for (size_t i = 0; i < c->nmodels; i++)
        if (c->models[i]->is_cloud)
            return true;
    return false;
}

static bool allocate(struct setup *s)
{
    const struct config *c = s->config;
    s->gates = arena_array(&s->arena, struct gate *, c->nengines + 1);
    s->endpoints = arena_array(&s->arena, struct endpoint, c->nengines + 1);
    s->model_prices = arena_array(&s->arena, struct price_series, c->nmodels + 1);
    s->model_meters = arena_array(&s->arena, struct meter *, c->nmodels + 1);
    s->standings = arena_array(&s->arena, struct standing *, c->nmodels + 1);
    return s->gates && s->endpoints && s->model_prices && s->model_meters && s->standings;
}

struct setup *setup_create(struct config *config, const struct setup *was,
                           const struct setup_parts *parts, struct err *err)
{
    struct setup *s = mem_new(struct setup);
    if (!s) {
        config_unref(config);
        err_nomem(err);
        return NULL;
    }
    atomic_init(&s->refs, 1);
    s->config = config;
    arena_init(&s->arena, SETUP_ARENA_BYTES);
    bool ok = allocate(s);
    bool must_scan = setup_has_cloud(config) || guard_rules_can_block(config);
    /* First: a file of rules is the likeliest fault, and nothing is begun before it. */
    if (ok && must_scan && !(s->rules = guard_rules_create(config, err))) {
        setup_unref(s);
        return NULL;
    }
    if (ok && (!(s->router = router_configured(&config->learned, &s->arena, err)) ||
               adapter_configured(&config->learned, s->router, &s->arena, &s->adapter,
                                  err) < 0)) {
        setup_unref(s);
        return NULL;
    }
    s->calibration = parts->calibration;
    s->models = models_digest(config);
    s->goal = goal_configured(&config->learned);
    for (size_t i = 0; ok && i < config->nengines; i++) {
        const struct config_engine *e = &config->engines[i];
        s->gates[i] = gate_for(e, was);
        ok = s->gates[i] != NULL;
        fill_endpoint(s, e, parts->sim_port ? parts->sim_port(parts->sim_ctx, e) : 0);
    }
    if (!ok) {
        setup_unref(s);
        err_nomem(err);
        return NULL;
    }
    find_what_models_have(s, parts);
    return s;
}

struct setup *setup_ref(struct setup *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void setup_unref(struct setup *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; s->gates && i < s->config->nengines; i++)
        gate_unref(s->gates[i]);
    guard_rules_free(s->rules);
    config_unref(s->config);
    arena_reset(&s->arena);
    mem_free(s);
}
