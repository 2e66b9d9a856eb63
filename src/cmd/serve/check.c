/* check.c -- `weir check`: every fault of a configuration, or what it says. */
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "config/config.h"
#include "gateway/setup.h"
#include "scan/find/patterns.h"
#include "json/write.h"

static const struct command_option options[] = {
    {"-c", "FILE", "The configuration to check; weir.yaml when not given."},
    {"--json", NULL, "Print one JSON object instead of text."},
};

static void print_model_names(const struct config_engine *e)
{
    for (size_t i = 0; i < e->nmodels; i++)
        printf("%s%.*s%s", i ? ", " : "", STR_ARG(e->models[i].name),
               e->models[i].is_cloud && e->side == SIDE_LOCAL ? " (cloud)" : "");
    putchar('\n');
}

static void print_guard(const struct config_guard *g)
{
    size_t words = 0, patterns = 0;
    for (size_t i = 0; i < g->nrules; i++) {
        words += g->rules[i].nwords;
        patterns += g->rules[i].pattern.n > 0;
    }
    printf("  guard      %s\n", g->is_strict ? "strict: every name is masked"
                                             : "balanced: names of private persons are "
                                               "masked, names of common knowledge leave");
    printf("             %s, media %s, %zu own words, %zu own patterns, %zu zones\n\n",
           g->is_shadow ? "SHADOW (nothing that is found is held)" : "enforce",
           g->is_media_public ? "public" : "local", words, patterns, g->nzones);
}

/* Who is asked when m's answer is too weak, as the request may leave or stays. */
static const struct config_model *stronger(const struct config *c,
                                           const struct config_model *m, bool may_leave)
{
    const struct config_model *cloud = setup_strong_cloud(c);
    const struct config_model *large = c->roles[ROLE_LOCAL_LARGE];
    if (may_leave && cloud && c->policy != POLICY_LOCAL_ONLY)
        return cloud;
    return large != m ? large : NULL;
}

static bool is_judged_model(const struct config_model *m)
{
    return !m->is_cloud && !(m->caps & CAP_EMBEDDINGS);
}

static void print_stronger(const char *when, const struct config_model *m)
{
    if (m)
        printf("%s %.*s on %.*s", when, STR_ARG(m->name), STR_ARG(m->engine->name));
    else
        printf("%s nobody, so not judged", when);
}

/* One line for each local model: who gives an opinion, and where its weak answers go. */
static void print_route(const struct config *c, const struct config_model *m)
{
    const struct config_escalate *e = &c->escalate;
    size_t n = 0;
    printf("             %.*s on %.*s: ", STR_ARG(m->name), STR_ARG(m->engine->name));
    for (size_t i = 0; i < e->nopinions; i++)
        if (e->opinions[i] != m)
            printf("%s%.*s", n++ ? ", " : "second opinion of ",
                   STR_ARG(e->opinions[i]->name));
    if (e->nopinions)
        printf("%s; ", n ? "" : "no second opinion");
    print_stronger("too weak:", stronger(c, m, true));
    print_stronger("; what must stay:", stronger(c, m, false));
    putchar('\n');
}

static void print_escalate(const struct config *c)
{
    const struct config_escalate *e = &c->escalate;
    if (!e->may_ask) {
        printf("  escalate   off: local answers are given as they come\n\n");
        return;
    }
    printf("  escalate   %s, when weir has chosen the model\n",
           e->is_on ? "each local answer is judged"
                    : "a local answer is judged where key or client asks for it");
    printf("             by rules%s, and kept from a score of %.2f on\n",
           e->nopinions ? " and second opinions" : "", e->threshold);
    printf("             a stream is held for %.1f s or %u tokens at most\n",
           (double)e->hold_ms / 1000, e->hold_tokens);
    if (e->judge)
        printf("             judge: %.*s on %.*s\n", STR_ARG(e->judge->name),
               STR_ARG(e->judge->engine->name));
    for (size_t i = 0; i < c->nmodels; i++)
        if (is_judged_model(c->models[i]))
            print_route(c, c->models[i]);
    for (size_t i = 0; i < c->nkeys; i++)
        if (c->keys[i].has_escalate)
            printf("             key %.*s: %s\n", STR_ARG(c->keys[i].name),
                   c->keys[i].escalate ? "on" : "off");
    putchar('\n');
}

static void write_named(struct json_writer *w, const char *key,
                        const struct config_model *m)
{
    json_key(w, key);
    json_str(w, m ? m->name : (struct str){NULL, 0});
}

static void write_route(struct json_writer *w, const struct config *c,
                        const struct config_model *m)
{
    const struct config_escalate *e = &c->escalate;
    json_object_open(w);
    json_key(w, "engine");
    json_str(w, m->engine->name);
    write_named(w, "model", m);
    json_key(w, "second_opinions");
    json_array_open(w);
    for (size_t i = 0; i < e->nopinions; i++)
        if (e->opinions[i] != m)
            json_str(w, e->opinions[i]->name);
    json_array_close(w);
    write_named(w, "stronger", stronger(c, m, true));
    write_named(w, "stronger_local", stronger(c, m, false));
    json_object_close(w);
}

/* null where it is off. */
static void write_escalate(struct json_writer *w, const struct config *c)
{
    const struct config_escalate *e = &c->escalate;
    json_key(w, "escalate");
    if (!e->may_ask) {
        json_write_null(w);
        return;
    }
    json_object_open(w);
    json_key(w, "when");
    json_str(w, e->is_on ? STR("always") : STR("asked"));
    json_key(w, "threshold");
    json_double(w, e->threshold);
    json_key(w, "hold_ms");
    json_u64(w, e->hold_ms);
    json_key(w, "hold_tokens");
    json_u64(w, e->hold_tokens);
    write_named(w, "judge", e->judge);
    json_key(w, "models");
    json_array_open(w);
    for (size_t i = 0; i < c->nmodels; i++)
        if (is_judged_model(c->models[i]))
            write_route(w, c, c->models[i]);
    json_array_close(w);
    json_object_close(w);
}

static void print_config(const struct config *c)
{
    printf("%.*s is in order\n\n", STR_ARG(c->path));
    printf("  listen     ");
    for (size_t i = 0; i < c->nlistens; i++)
        printf("%s%.*s%s", i ? " and " : "", STR_ARG(c->listens[i].address),
               c->listens[i].if_free ? " (if free)" : "");
    printf(", %u worker%s, policy %s, %zu key%s\n", c->workers,
           c->workers == 1 ? "" : "s", policy_name(c->policy), c->nkeys,
           c->nkeys == 1 ? "" : "s");
    printf("  state_dir  %.*s\n", STR_ARG(c->state_dir));
    print_guard(&c->guard);
    print_escalate(c);
    printf("  %-14s %-6s %-12s %s\n", "ENGINE", "SIDE", "KIND", "MODELS");
    for (size_t i = 0; i < c->nengines; i++) {
        const struct config_engine *e = &c->engines[i];
        printf("  %-14.*s %-6s %-12s ", STR_ARG(e->name), side_name(e->side),
               engine_kind_name(e->kind));
        print_model_names(e);
    }
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++)
        if (c->roles[r])
            printf("  %-14s is %.*s on %.*s\n", role_name((enum role)r),
                   STR_ARG(c->roles[r]->name), STR_ARG(c->roles[r]->engine->name));
}

static void write_faults(struct json_writer *w, const struct config_faults *faults)
{
    json_key(w, "faults");
    json_array_open(w);
    for (size_t i = 0; i < faults->n; i++) {
        const struct config_fault *f = &faults->items[i];
        json_object_open(w);
        json_key(w, "line");
        json_u64(w, f->line);
        json_key(w, "column");
        json_u64(w, f->column);
        json_key(w, "level");
        json_str(w, f->is_warning ? STR("warning") : STR("error"));
        json_key(w, "message");
        json_str(w, f->text);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_engine(struct json_writer *w, const struct config_engine *e)
{
    json_object_open(w);
    json_key(w, "name");
    json_str(w, e->name);
    json_key(w, "kind");
    json_str(w, str_of(engine_kind_name(e->kind)));
    json_key(w, "side");
    json_str(w, str_of(side_name(e->side)));
    json_key(w, "models");
    json_array_open(w);
    for (size_t i = 0; i < e->nmodels; i++) {
        json_object_open(w);
        json_key(w, "name");
        json_str(w, e->models[i].name);
        json_key(w, "side");
        json_str(w, str_of(side_name(e->models[i].is_cloud ? SIDE_CLOUD : SIDE_LOCAL)));
        json_object_close(w);
    }
    json_array_close(w);
    json_object_close(w);
}

static void write_listens(struct json_writer *w, const struct config *c)
{
    json_array_open(w);
    for (size_t i = 0; i < c->nlistens; i++) {
        const struct config_listen *l = &c->listens[i];
        json_object_open(w);
        json_key(w, "address");
        json_str(w, l->address);
        json_key(w, "speaks");
        json_array_open(w);
        for (size_t k = 0; k < l->ndialects; k++)
            json_str(w, l->dialects[k]);
        json_array_close(w);
        json_key(w, "if_free");
        json_bool(w, l->if_free);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_config(struct json_writer *w, const struct config *c)
{
    json_key(w, "listen");
    json_str(w, c->listen);
    json_key(w, "listens");
    write_listens(w, c);
    json_key(w, "workers");
    json_u64(w, c->workers);
    json_key(w, "state_dir");
    json_str(w, c->state_dir);
    json_key(w, "policy");
    json_str(w, str_of(policy_name(c->policy)));
    json_key(w, "keys");
    json_u64(w, c->nkeys);
    write_escalate(w, c);
    json_key(w, "engines");
    json_array_open(w);
    for (size_t i = 0; i < c->nengines; i++)
        write_engine(w, &c->engines[i]);
    json_array_close(w);
    json_key(w, "roles");
    json_object_open(w);
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++)
        if (c->roles[r]) {
            json_key(w, role_name((enum role)r));
            json_str(w, c->roles[r]->name);
        }
    json_object_close(w);
}

/* c is NULL when there are faults. */
static void print_json(const struct config_faults *faults, const char *path,
                       const struct config *c)
{
    struct buf b;
    struct json_writer w;
    buf_init(&b, 8 << 20);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "file");
    json_str(&w, str_of(path));
    json_key(&w, "ok");
    json_bool(&w, c != NULL);
    write_faults(&w, faults);
    if (c)
        write_config(&w, c);
    json_object_close(&w);
    printf("%.*s\n", STR_ARG(buf_view(&b)));
    buf_release(&b);
}

static void print_faults(const struct config_faults *faults, const char *path)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    config_faults_print(faults, path, &text);
    fprintf(stderr, "%.*s", STR_ARG(buf_view(&text)));
    if (faults->nerrors)
        fprintf(stderr, "%zu fault%s\n", faults->nerrors,
                faults->nerrors == 1 ? "" : "s");
    buf_release(&text);
}

/* What only the scanner can say of guard: that its patterns compile. */
static struct config *check_patterns(struct config *c, struct config_faults *faults)
{
    struct err err = {0};
    for (size_t i = 0; c && i < c->guard.nrules; i++) {
        const struct config_guard_rule *r = &c->guard.rules[i];
        if (r->pattern.n && pattern_check(r, &err) < 0)
            config_fault_add(faults, r->line, r->column, err.msg);
    }
    if (faults->nerrors == 0)
        return c;
    config_unref(c);
    return NULL;
}

/* The files of policy learned are there and whole. */
static struct config *check_weights(struct config *c, struct config_faults *faults)
{
    struct arena a;
    struct err err = {0};
    const struct config_learned *l = c ? &c->learned : NULL;
    const struct adapter *adapter;
    if (!c)
        return NULL;
    arena_init(&a, 16 << 20);
    const struct router *r = router_configured(l, &a, &err);
    bool ok = r && adapter_configured(l, r, &a, &adapter, &err) == 0;
    arena_reset(&a);
    if (ok)
        return c;
    config_fault_add(faults, r ? l->adapter_line : l->weights_line,
                     r ? l->adapter_column : l->weights_column, err.msg);
    config_unref(c);
    return NULL;
}

/* What serve warns of when it takes the file. */
static void check_prices(const struct config *c, struct config_faults *faults)
{
    struct prices *prices;
    struct err err;
    char text[320];
    if (!c || prices_load_embedded(&prices, &err) < 0)
        return;
    for (size_t i = 0; i < c->nmodels; i++)
        if (setup_lacks_price(c->models[i], setup_price(c->models[i], prices), text,
                              sizeof text))
            config_warning_add(faults, text);
    prices_free(prices);
}

static int run(int argc, char **argv)
{
    struct options o;
    int exit_code = EXIT_YES;
    struct config_faults faults;
    if (!options_read(&o, &cmd_check, argc, argv, &exit_code))
        return exit_code;
    const char *path = options_get(&o, "-c");
    if (!path)
        path = o.nwords ? o.words[0] : "weir.yaml";
    config_faults_init(&faults);
    struct config *c = config_load(path, NULL, &faults);
    c = check_patterns(c, &faults);
    c = check_weights(c, &faults);
    check_prices(c, &faults);
    if (options_has(&o, "--json")) {
        print_json(&faults, path, c);
    } else {
        print_faults(&faults, path);
        if (c)
            print_config(c);
    }
    exit_code = c ? EXIT_YES : EXIT_USAGE;
    config_unref(c);
    config_faults_release(&faults);
    return exit_code;
}

const struct command cmd_check = {
    .name = "check",
    .summary = "check a configuration: every fault, with its line",
    .usage = "[-c weir.yaml] [--json]",
    .details =
        "Prints every fault at once as file:line:column, or a summary of what the\n"
        "file says. Exit codes: 0 in order (warnings may be printed), 2 faults.",
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
