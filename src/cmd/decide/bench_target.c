/* bench_target.c -- see bench_target.h. */
#include "cmd/decide/bench_target.h"

#include "cmd/serve/serving.h"
#include "core/clock.h"
#include "dialect/dialect.h"
#include "discover/yaml.h"
#include "engine/engine.h"
#include "facts/money.h"
#include "guard/screen.h"

#include <stdlib.h>

enum { ARENA_BYTES = 1 << 30, YAML_BYTES = 1 << 20, URL_BYTES = 512 };

int bench_house_open(struct bench_house *h, struct err *err)
{
    h->meters = meters_create();
    h->standings = standings_create();
    if (!h->meters || !h->standings)
        return err_nomem(err);
    return prices_load_embedded(&h->prices, err);
}

void bench_house_close(struct bench_house *h)
{
    serve_sims_stop(&h->sims);
    config_unref(h->config);
    meters_free(h->meters);
    standings_free(h->standings);
    prices_free(h->prices);
}

static const struct prices *prices_of(void *ctx)
{
    return ((struct bench_house *)ctx)->prices;
}

static int set_up(struct bench_target *t, struct bench_house *h, struct config *config,
                  struct err *err)
{
    const struct setup_parts parts = {.prices = prices_of,
                                      .prices_ctx = h,
                                      .sim_port = serve_sims_port,
                                      .sim_ctx = &h->sims,
                                      .meters = h->meters,
                                      .standings = h->standings};
    if (!config)
        return err_set(err, ERR_CONFIG, "bench_config",
                       "the configuration cannot be used; see above");
    t->setup = setup_create(config, NULL, &parts, err);
    return t->setup ? 0 : -1;
}

/* -- configurations ----------------------------------------------------------------- */

/* The engines of this machine; port 0: at the usual places. */
static struct config *look_around(struct bench_house *h, uint16_t port, bool *ret_found,
                                  struct err *err)
{
    struct discover_options look = {.prices = h->prices, .no_cloud = port != 0};
    struct discovery *found = NULL;
    struct config *config = NULL;
    struct buf yaml;
    if (port == 0)
        discover_default_ports(&look);
    else
        look.ports[look.nports++] = (struct discover_port){STR("target"), port, false};
    buf_init(&yaml, YAML_BYTES);
    if (discover_run(&look, &found, err) == 0) {
        *ret_found = !found->is_simulated;
        if (*ret_found || port == 0) {
            discover_yaml(found, STR(""), &yaml);
            config = serving_parse(buf_view(&yaml), "weir bench");
        }
    }
    discover_free(found);
    buf_release(&yaml);
    return config;
}

/* A name that a weir behind the URL understands and a configuration may not have. */
static bool is_own_word(struct str model)
{
    enum role role;
    return str_eqz(model, "auto") || str_eqz(model, "local") || str_eqz(model, "cloud") ||
           role_parse(model, &role);
}

/* One engine at a URL of which nothing else is known. */
static struct config *one_engine(const struct bench_house *h, struct str url,
                                 struct str model)
{
    struct buf yaml;
    buf_init(&yaml, YAML_BYTES);
    buf_printf(&yaml,
               "listen: 127.0.0.1:0\nengines:\n  - name: target\n    kind: openai\n"
               "    speaks: %s\n    side: %s\n    url: \"%.*s\"\n",
               engine_speech_name(h->speaks), h->is_local ? "local" : "cloud",
               STR_ARG(url));
    if (h->key_env)
        buf_printf(&yaml, "    api_key: ${%s}\n", h->key_env);
    buf_lit(&yaml, "    models: [{name: \"");
    if (is_own_word(model))
        buf_lit(&yaml, "weir's ");
    buf_append(&yaml, model);
    if (is_own_word(model)) {
        buf_lit(&yaml, "\", as: \"");
        buf_append(&yaml, model);
    }
    buf_lit(&yaml, "\"}]\n");
    struct config *config =
        yaml.failed ? NULL : serving_parse(buf_view(&yaml), "weir bench");
    buf_release(&yaml);
    return config;
}

/* -- choosing ----------------------------------------------------------------------- */

static bool is_chat(const struct config_model *m)
{
    return !(m->caps & CAP_EMBEDDINGS);
}

static int choose(struct bench_target *t, struct str engine, struct str model)
{
    const struct config *c = t->setup->config;
    for (size_t i = 0; i < c->nmodels && !t->model; i++) {
        const struct config_model *m = c->models[i];
        if ((engine.n == 0 || str_eq(m->engine->name, engine)) &&
            (model.n == 0 ? is_chat(m) : str_eq(m->name, model)))
            t->model = m;
    }
    if (!t->model)
        return -1;
    t->endpoint = &t->setup->endpoints[t->model->engine->index];
    t->speaks = t->model->engine->speaks;
    t->price = setup_price_at(t->setup, t->model, clock_wall_ms());
    snprintf(t->title, sizeof t->title, "%.*s on %.*s", STR_ARG(t->model->name),
             STR_ARG(t->model->engine->name));
    if (t->model->engine->kind == ENGINE_SIM) {
        size_t n = strlen(t->title);
        snprintf(t->title + n, sizeof t->title - n, " (simulated)");
    }
    return 0;
}

/* The names that could have been meant. */
static int no_such(const struct bench_target *t, const char *word, struct err *err)
{
    char names[300] = "";
    const struct config *c = t->setup->config;
    for (size_t i = 0; i < c->nengines; i++) {
        size_t n = strlen(names);
        snprintf(names + n, sizeof names - n, "%s%.*s", n ? ", " : "",
                 STR_ARG(c->engines[i].name));
    }
    return err_set(err, ERR_BAD_REQUEST, "bench_target",
                   "no engine and no model is called '%s'; the engines are: %s", word,
                   c->nengines ? names : "none");
}

static bool is_here(struct str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    struct str host = str_sub(url, (size_t)at + 3, url.n);
    return str_starts(host, STR("127.0.0.1:")) || str_starts(host, STR("localhost:")) ||
           str_starts(host, STR("[::1]:"));
}

/* The digits behind the last colon of the host; 0: there are none. */
static uint16_t port_of(struct str url)
{
    uint64_t port = 0;
    ptrdiff_t at = str_find(url, STR("://"));
    struct str rest = str_sub(url, (size_t)at + 3, url.n);
    ptrdiff_t slash = str_index(rest, '/');
    struct str host = slash < 0 ? rest : str_sub(rest, 0, (size_t)slash);
    size_t n = host.n;
    while (n && host.p[n - 1] != ':')
        n--;
    return str_to_u64(str_sub(host, n, host.n), &port) && port <= UINT16_MAX
               ? (uint16_t)port
               : 0;
}

/* The person says that it is theirs, whatever its fingerprint lacks: the same engine,
 * with the model asked for or its first.  Takes over the reference. */
static struct config *claimed(struct bench_house *h, struct config *found, struct str url,
                              struct str *model)
{
    static char name[256];
    const struct config_model *m = NULL;
    for (size_t i = 0; found && i < found->nmodels && !m; i++)
        if (model->n ? str_eq(found->models[i]->name, *model) : is_chat(found->models[i]))
            m = found->models[i];
    if (m && !m->is_cloud)
        return found;
    if (m && model->n == 0) {
        snprintf(name, sizeof name, "%.*s", STR_ARG(m->name));
        *model = str_of(name);
    }
    config_unref(found);
    return one_engine(h, url, *model);
}

static int open_url(struct bench_target *t, struct bench_house *h, struct str word,
                    struct err *err)
{
    ptrdiff_t mark = str_index(word, '#');
    struct str url = mark < 0 ? word : str_sub(word, 0, (size_t)mark);
    struct str model = mark < 0 ? STR("") : str_sub(word, (size_t)mark + 1, word.n);
    struct config *config = NULL;
    bool is_found = false;
    if (str_index(word, '"') >= 0 || str_index(word, '\\') >= 0 || url.n > URL_BYTES)
        return err_set(err, ERR_BAD_REQUEST, "bench_target", "this is no URL");
    if (is_here(url) && (model.n == 0 || is_own_word(model)) &&
        asked_gateway_answers(STR("127.0.0.1"), port_of(url)))
        return err_set(err, ERR_BAD_REQUEST, "bench_target",
                       "it is weir that answers at %.*s: `weir bench weir` measures it, "
                       "with -c FILE when it is not the usual one, and the name of an "
                       "engine or a model what stands behind it",
                       STR_ARG(url));
    if (is_here(url) && !h->key_env)
        config = look_around(h, port_of(url), &is_found, err);
    if (!is_found && model.n == 0) {
        config_unref(config);
        return err_set(err, ERR_BAD_REQUEST, "bench_target",
                       "weir does not know what answers at %.*s; name the model behind a "
                       "'#': %.*s#MODEL",
                       STR_ARG(url), STR_ARG(url));
    }
    if (is_found && h->is_local)
        config = claimed(h, config, url, &model);
    if (!is_found)
        config = one_engine(h, url, model);
    if (set_up(t, h, config, err) < 0)
        return -1;
    if (choose(t, STR(""), model) == 0)
        return 0;
    return err_set(err, ERR_BAD_REQUEST, "bench_target",
                   "the engine at %.*s has no model '%.*s' for chats", STR_ARG(url),
                   STR_ARG(model));
}

/* The gateway itself, at the address where it listens. */
static int open_weir(struct bench_target *t, struct bench_house *h, struct err *err)
{
    char url[URL_BYTES], address[ASKED_ADDRESS];
    const char *key = getenv("WEIR_API_KEY");
    struct str host;
    uint16_t port;
    if (asked_gateway_address(h->config_path, address, err) < 0 ||
        asked_gateway_split(str_of(address), &host, &port, err) < 0)
        return -1;
    if (!asked_gateway_answers(host, port))
        return err_set(
            err, ERR_BAD_REQUEST, "bench_target",
            "no weir answers at %s: start it with weir up or weir serve, or say "
            "with -c FILE which one is meant",
            address);
    snprintf(url, sizeof url, "http://%.*s:%u/v1", STR_ARG(host), port);
    const char *was = h->key_env;
    if (!was && key && *key)
        h->key_env = "WEIR_API_KEY";
    int rc = set_up(t, h, one_engine(h, str_of(url), STR("auto")), err);
    h->key_env = was;
    if (rc == 0)
        rc = choose(t, STR(""), STR(""));
    snprintf(t->title, sizeof t->title, "weir");
    t->is_weir = true;
    return rc;
}

int bench_target_open(struct bench_target *t, struct bench_house *h, const char *word,
                      struct err *err)
{
    struct str name = str_of(word);
    bool is_found;
    *t = (struct bench_target){.likely_nanousd = -1};
    arena_init(&t->arena, ARENA_BYTES);
    if (str_starts(name, STR("http://")) || str_starts(name, STR("https://")))
        return open_url(t, h, name, err);
    if (str_eqz(name, "weir"))
        return open_weir(t, h, err);
    t->is_named = true;
    if (!h->config)
        h->config = h->config_path ? serving_load(h->config_path)
                                   : look_around(h, 0, &is_found, err);
    if (set_up(t, h, h->config ? config_ref(h->config) : NULL, err) < 0)
        return -1;
    ptrdiff_t slash = str_index(name, '/');
    if (choose(t, name, STR("")) == 0 || choose(t, STR(""), name) == 0)
        return 0;
    if (slash > 0 && choose(t, str_sub(name, 0, (size_t)slash),
                            str_sub(name, (size_t)slash + 1, name.n)) == 0)
        return 0;
    return no_such(t, word, err);
}

static void drop_prompts(struct bench_target *t)
{
    for (size_t i = 0; i < t->nprompts; i++)
        buf_release(&t->masked[i]);
    t->nprompts = 0;
    arena_reset(&t->arena);
}

void bench_target_close(struct bench_target *t)
{
    drop_prompts(t);
    setup_unref(t->setup);
}

/* -- money -------------------------------------------------------------------------- */

bool bench_target_is_paid(const struct bench_target *t)
{
    return t->model->is_cloud && t->model->engine->kind != ENGINE_SIM;
}

bool bench_target_is_here(const struct bench_target *t)
{
    struct str host = t->endpoint->host;
    return (str_starts(host, STR("127.")) || str_eqz(host, "localhost") ||
            str_eqz(host, "::1")) &&
           !t->is_weir && !t->model->is_cloud && t->model->engine->kind != ENGINE_SIM;
}

bool bench_target_wants_relay(const struct bench_target *t)
{
    return t->is_named && bench_target_is_paid(t);
}

void bench_target_relay(struct bench_target *t, const struct asked_gateway *g)
{
    t->relay = g;
    t->endpoint = &g->endpoint;
    t->speaks = SPEECH_OPENAI;
}

static int64_t price_of(const struct bench_target *t, uint64_t input, uint64_t output)
{
    struct err ignored;
    int64_t cost;
    const struct token_counts n = {.input = input, .output = output};
    if (!bench_target_is_paid(t))
        return 0;
    return t->price && prices_cost_nanousd(t->price, &n, &cost, &ignored) == 0 ? cost
                                                                               : -1;
}

int64_t bench_target_cost(const void *ctx, const struct usage *u)
{
    const struct bench_target *t = ctx;
    struct err ignored;
    int64_t cost;
    const struct token_counts n = {.input = u->input_tokens,
                                   .cached = u->cached_tokens,
                                   .cache_write = u->cache_write_tokens,
                                   .output = u->output_tokens,
                                   .reasoning = u->reasoning_tokens};
    if (!bench_target_is_paid(t))
        return 0;
    return t->price && prices_cost_nanousd(t->price, &n, &cost, &ignored) == 0 ? cost
                                                                               : -1;
}

/* -- prompts ------------------------------------------------------------------------ */

/* The bytes that may go to this target, and what says so: *ret_chat is the body to
 * encode. */
static int screen(struct bench_target *t, struct str body, struct screened *s,
                  struct buf *masked, struct chat *chat, struct err *err)
{
    const struct config *c = t->setup->config;
    const struct screen_input in = {
        .rules = t->setup->rules,
        .declared = {.fallback = c->default_sensitivity},
        .body = body,
        .is_dry = true,
    };
    if (!t->model->is_cloud)
        return 0;
    buf_init(masked, 2 * body.n + 64 * 1024);
    guard_screen(&in, &t->arena, masked, s);
    if (!s->clearance)
        return err_set(err, ERR_FORBIDDEN, "bench_stays", "it may not leave for %s: %.*s",
                       t->title, STR_ARG(label_words(&s->label, &t->arena)));
    /* A clearance is for these very bytes: they are neither copied nor freed. */
    return s->masked.total ? dialect_read(dialect_first(), SURFACE_CHAT, s->leaving,
                                          &t->arena, chat, err)
                           : 0;
}

/* Tokens that an answer can have at most; 0: nobody says. */
static uint64_t output_max(const struct bench_target *t, const struct chat *chat)
{
    if (chat->max_output_tokens > 0)
        return (uint64_t)chat->max_output_tokens;
    return t->price ? t->price->max_output : 0;
}

static int encode(struct bench_target *t, struct str body, struct bench_prompt *p,
                  uint32_t number, int64_t *likely, struct err *err)
{
    struct chat chat;
    struct screened s = {0};
    struct http_message message;
    struct engine_plan plan;
    const struct target target = {
        .engine = t->model->engine,
        .model = t->model,
        .output_max = t->price ? t->price->max_output : 0,
    };
    int rc = dialect_read(dialect_first(), SURFACE_CHAT, body, &t->arena, &chat, err);
    if (rc == 0)
        rc = screen(t, body, &s, &t->masked[number], &chat, err);
    if (rc == 0)
        rc = engine_encode(&chat, &target, s.clearance, &t->arena, &message, &plan, err);
    if (rc == 0) {
        uint64_t most = output_max(t, &chat);
        bench_prompt_init(p, &message, number);
        int64_t worst = most || !bench_target_is_paid(t)
                            ? price_of(t, chat_tokens_bound(&chat), most)
                            : -1;
        p->worst_nanousd = worst < 0 ? 0 : worst;
        *likely = worst < 0 ? -1 : price_of(t, chat_tokens_estimate(&chat), most / 2);
    }
    screened_release(&s);
    return rc;
}

/* The same prompt as a client of that weir sends it, for this engine and no other. */
static int relay_prompt(struct bench_target *t, const struct bench_workload *w, size_t i,
                        bool has_mark, struct err *err)
{
    struct bench_prompt *p = &t->prompts[i];
    const struct config_model *m = t->model;
    struct str name =
        arena_printf(&t->arena, "%.*s/%.*s", STR_ARG(m->engine->name), STR_ARG(m->name));
    struct buf body;
    buf_init(&body, 64 << 20);
    bench_workload_body(w, i, name, has_mark, &body);
    struct str all = buf_view(&body), wish = STR("\"stream\":true,");
    ptrdiff_t at = str_find(all, wish);
    struct str pieces[] = {str_sub(all, 0, (size_t)at + wish.n),
                           STR("\"stream_options\":{\"include_usage\":true},"),
                           str_sub(all, (size_t)at + wish.n, all.n)};
    struct http_message message = {.method = STR("POST"),
                                   .target = STR("/v1/chat/completions"),
                                   .fields = str_of(t->relay->fields),
                                   .npieces = ARRAY_LEN(pieces)};
    for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
        message.body[k] = arena_strdup(&t->arena, pieces[k]);
        message.body_bytes += pieces[k].n;
    }
    bool is_whole = !body.failed && name.p && message.body[0].p && message.body[2].p;
    buf_release(&body);
    int64_t worst = p->worst_nanousd;
    bench_prompt_init(p, &message, (uint32_t)i);
    p->worst_nanousd = worst;
    return is_whole ? 0 : err_nomem(err);
}

int bench_target_load(struct bench_target *t, const struct bench_workload *w,
                      bool has_mark, struct err *err)
{
    struct buf body;
    drop_prompts(t);
    t->likely_nanousd = 0;
    t->prompts = arena_array(&t->arena, struct bench_prompt, w->n);
    t->masked = arena_array(&t->arena, struct buf, w->n);
    if (!t->prompts || !t->masked)
        return err_nomem(err);
    buf_init(&body, 64 << 20);
    for (size_t i = 0; i < w->n; i++) {
        int64_t likely = -1;
        buf_clear(&body);
        bench_workload_body(w, i, t->model->name, has_mark, &body);
        struct str copy = arena_strdup(&t->arena, buf_view(&body));
        struct err why = {0};
        t->nprompts = i + 1;
        if (body.failed || !copy.p ||
            encode(t, copy, &t->prompts[i], (uint32_t)i, &likely, &why) < 0 ||
            (t->relay && relay_prompt(t, w, i, has_mark, &why) < 0)) {
            buf_release(&body);
            return err_set(err, why.kind ? why.kind : ERR_INTERNAL, "bench_prompt",
                           "prompt %zu of the workload: %s", i + 1,
                           why.kind ? why.msg : "no memory");
        }
        t->likely_nanousd =
            likely < 0 || t->likely_nanousd < 0 ? -1 : t->likely_nanousd + likely;
    }
    buf_release(&body);
    return 0;
}
