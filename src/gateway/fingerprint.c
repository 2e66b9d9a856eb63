/* fingerprint.c -- see fingerprint.h. */
#include "gateway/fingerprint.h"

#include "config/url.h"
#include "core/hash.h"
#include "core/mem.h"
#include "upstream/fetch.h"
#include "json/scan.h"

#include <stdio.h>

enum { MOST_ENGINES = 16, WAIT_MS = 1000 };

/* -- what a list says ------------------------------------------------------------------
 */

static bool is_named(struct str entry, struct str model)
{
    static const char *const members[] = {"id", "name", "model"};
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        struct str raw = json_get(entry, members[i]);
        if (raw.n < 2 || raw.p[0] != '"')
            continue;
        struct str name = str_sub(raw, 1, raw.n - 1);
        if (str_ends(name, STR(":latest")) && !str_ends(model, STR(":latest")))
            name = str_sub(name, 0, name.n - (sizeof ":latest" - 1));
        if (str_eq(name, model))
            return true;
    }
    return false;
}

uint32_t fingerprint_add(uint32_t sum, struct str body, struct str model)
{
    static const char *const members[] = {"digest", "meta", "root", "size"};
    struct str list = json_get(body, "models"), entry;
    struct json_cur c;
    if (!list.p)
        list = json_get(body, "data");
    json_begin(&c, list.p ? list : STR("[]"));
    bool ok = json_enter_array(&c);
    sum = crc32c(sum, model);
    while (ok && json_next_element(&c) && json_skip(&c, &entry)) {
        if (entry.p[0] != '{' || !is_named(entry, model))
            continue;
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
            struct str raw = json_get(entry, members[i]);
            sum = crc32c(sum, raw.p ? raw : STR("-"));
        }
    }
    return sum ? sum : 1;
}

/* -- asking ----------------------------------------------------------------------------
 */

/* An engine's list of models, and where its build stands. */
struct asked {
    const struct config_engine *engine;
    struct fetch *list, *build; /* build NULL: it says none */
};

static bool has_local_model(const struct config_engine *e)
{
    for (size_t i = 0; i < e->nmodels; i++)
        if (!e->models[i].is_cloud)
            return true;
    return false;
}

static bool can_be_asked(const struct config_engine *e)
{
    return e->kind != ENGINE_SIM && !e->is_tls && url_host_is_loopback(e->host) &&
           has_local_model(e);
}

static const char *build_path(const struct config_engine *e)
{
    return e->kind == ENGINE_OLLAMA         ? "/api/version"
           : e->kind == ENGINE_LLAMA_SERVER ? "/props"
           : e->kind == ENGINE_VLLM         ? "/version"
                                            : NULL;
}

static struct fetch *ask(struct fetch *f, const struct config_engine *e, struct str base,
                         const char *path, const char *bearer)
{
    bool is_v6 = str_index(e->host, ':') >= 0;
    fetch_init(f);
    snprintf(f->url, sizeof f->url,
             is_v6 ? "http://[%.*s]:%u%.*s%s" : "http://%.*s:%u%.*s%s", STR_ARG(e->host),
             e->port, STR_ARG(base), path);
    f->bearer = bearer && *bearer ? bearer : NULL;
    return f;
}

static uint32_t sum_of(const struct asked *a)
{
    uint32_t sum = crc32c(1, a->engine->name);
    if (a->list->status != 200 || (a->build && a->build->status != 200))
        return 0;
    for (size_t i = 0; i < a->engine->nmodels; i++)
        if (!a->engine->models[i].is_cloud)
            sum = fingerprint_add(sum, buf_view(&a->list->body),
                                  a->engine->models[i].upstream);
    if (!a->build)
        return sum;
    struct str body = buf_view(&a->build->body), build = json_get(body, "build_info");
    if (!build.p)
        build = json_get(body, "version");
    return crc32c(sum, build.p ? build : STR("-"));
}

uint32_t fingerprint_ask(const struct config *c)
{
    struct asked asked[MOST_ENGINES];
    char *bearers[MOST_ENGINES];
    struct err ignored;
    uint32_t sum = 1;
    size_t n = 0, nitems = 0;
    struct fetch *items = mem_zalloc(2 * (size_t)MOST_ENGINES * sizeof *items);
    if (!items)
        return 0;
    for (size_t i = 0; i < c->nengines && n < MOST_ENGINES; i++) {
        const struct config_engine *e = &c->engines[i];
        bool is_ollama = e->kind == ENGINE_OLLAMA;
        if (!can_be_asked(e))
            continue;
        bearers[n] = mem_strndup(e->api_key.n ? e->api_key.p : "", e->api_key.n);
        asked[n] = (struct asked){.engine = e};
        asked[n].list = ask(&items[nitems++], e, is_ollama ? STR("") : e->base_path,
                            is_ollama ? "/api/tags" : "/models", bearers[n]);
        if (build_path(e))
            asked[n].build = ask(&items[nitems++], e, STR(""), build_path(e), bearers[n]);
        n++;
    }
    bool ok = n > 0 && fetch_all(items, nitems, WAIT_MS, &ignored) == 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t one = ok ? sum_of(&asked[i]) : 0;
        ok = ok && one;
        sum = crc32c(sum, (struct str){(const char *)&one, sizeof one});
        mem_free(bearers[i]);
    }
    for (size_t i = 0; i < nitems; i++)
        fetch_release(&items[i]);
    mem_free(items);
    return !ok ? 0 : sum ? sum : 1;
}
