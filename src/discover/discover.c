/* discover.c -- asks every place at once, then the ones that answered for more.
 *
 * Round 1 asks each port for /v1/models on 127.0.0.1 and ::1: a closed port answers at
 * once, and a web server that is no engine is asked one harmless question.  Round 2
 * asks those that spoke HTTP for their fingerprints.  Round 3 asks Ollama about each
 * model, because only /api/show says what a model can do and where it runs. */
#include "discover/probe.h"
#include "upstream/fetch.h"

#include "config/config.h"
#include "core/mem.h"
#include "facts/date.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUND_MS = 1500, MAX_SHOWS = 96, RESERVED_FOR_PROVIDERS = 64 };

void discover_default_ports(struct discover_options *o)
{
    static const struct discover_port ports[] = {
        {STR_INIT("ollama"), 11434, false},
        {STR_INIT("lm-studio"), 1234, false},
        {STR_INIT("llama-server"), 8080, false},
        {STR_INIT("vllm"), 8000, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(ports); i++)
        o->ports[o->nports++] = ports[i];
}

void discover_free(struct discovery *d)
{
    if (!d)
        return;
    arena_reset(&d->arena);
    mem_free(d);
}

/* -- rounds ----------------------------------------------------------------------- */

static const char *const hosts[] = {"127.0.0.1", "[::1]"};

struct places {
    struct fetch first[2 * DISCOVER_MAX_PORTS];
    struct fetch more[DISCOVER_MAX_PORTS * PROBE_QUESTIONS];
    const char *host[DISCOVER_MAX_PORTS]; /* NULL: nobody is there */
    size_t n;
};

static struct places *places_create(size_t n)
{
    struct places *p = mem_new(struct places);
    if (!p)
        return NULL;
    p->n = n;
    for (size_t i = 0; i < ARRAY_LEN(p->first); i++)
        fetch_init(&p->first[i]);
    for (size_t i = 0; i < ARRAY_LEN(p->more); i++)
        fetch_init(&p->more[i]);
    return p;
}

static void places_free(struct places *p)
{
    for (size_t i = 0; i < ARRAY_LEN(p->first); i++)
        fetch_release(&p->first[i]);
    for (size_t i = 0; i < ARRAY_LEN(p->more); i++)
        fetch_release(&p->more[i]);
    mem_free(p);
}

static bool is_asked(const struct discover_options *o, size_t i)
{
    return o->ports[i].port && o->ports[i].port != o->own_port;
}

static int ask_who_is_there(const struct discover_options *o, struct places *p,
                            struct err *err)
{
    size_t n = 0, owner[2 * DISCOVER_MAX_PORTS];
    for (size_t i = 0; i < o->nports; i++)
        for (size_t h = 0; h < ARRAY_LEN(hosts) && is_asked(o, i); h++) {
            snprintf(p->first[n].url, sizeof p->first[n].url, "http://%s:%u%s", hosts[h],
                     o->ports[i].port, probe_path(PROBE_V1_MODELS));
            owner[n++] = 2 * i + h;
        }
    if (fetch_all(p->first, n, ROUND_MS, err) < 0)
        return -1;
    for (size_t k = 0; k < n; k++)
        if (p->first[k].status && !p->host[owner[k] / 2])
            p->host[owner[k] / 2] = hosts[owner[k] % 2];
    return 0;
}

/* A question that got no answer at all decides nothing: asked once more, so that a
 * busy engine does not look like a stranger. */
static int ask_the_silent_again(struct places *p, size_t n, struct err *err)
{
    size_t silent = 0, which[DISCOVER_MAX_PORTS * PROBE_QUESTIONS];
    for (size_t i = 0; i < n; i++)
        if (p->more[i].status == 0)
            which[silent++] = i;
    struct fetch *again = silent ? mem_zalloc(sizeof *again * silent) : NULL;
    if (!again)
        return 0;
    for (size_t k = 0; k < silent; k++) {
        again[k] = p->more[which[k]];
        buf_clear(&again[k].body);
    }
    int rc = fetch_all(again, silent, ROUND_MS, err);
    for (size_t k = 0; k < silent; k++)
        p->more[which[k]] = again[k];
    mem_free(again);
    return rc;
}

static int ask_for_fingerprints(const struct discover_options *o, struct places *p,
                                struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (int q = 0; q < PROBE_QUESTIONS && p->host[i]; q++, n++)
            snprintf(p->more[n].url, sizeof p->more[n].url, "http://%s:%u%s", p->host[i],
                     o->ports[i].port, probe_path((enum probe_question)q));
    if (fetch_all(p->more, n, ROUND_MS, err) < 0)
        return -1;
    return ask_the_silent_again(p, n, err);
}

/* A configuration holds only so many models in all. */
static void keep_within_limit(const struct discovery *d, struct found_engine *e)
{
    size_t room = CONFIG_MAX_MODELS - RESERVED_FOR_PROVIDERS;
    for (size_t i = 0; i < d->nengines && room; i++)
        room -= d->engines[i].nmodels < room ? d->engines[i].nmodels : room;
    if (e->nmodels > room) {
        e->nleft_out += e->nmodels - room;
        e->nmodels = room;
    }
}

static void read_place(struct discovery *d, const struct discover_port *port,
                       const char *host, const struct fetch *more)
{
    struct probe_answer answers[PROBE_QUESTIONS];
    struct found_engine e = {
        .url = arena_printf(&d->arena, "http://%s:%u/v1", host, port->port)};
    for (int q = 0; q < PROBE_QUESTIONS; q++)
        answers[q] = (struct probe_answer){more[q].status, buf_view(&more[q].body)};
    if (d->nengines == DISCOVER_MAX_ENGINES ||
        !probe_engine(answers, port->is_child, &d->arena, &e))
        return;
    e.name = e.kind == ENGINE_OPENAI && !port->is_child
                 ? arena_printf(&d->arena, "unknown-%u", port->port)
                 : str_of(engine_kind_name(e.kind));
    if (port->is_child)
        e.name = STR("engine");
    keep_within_limit(d, &e);
    for (size_t i = 0; i < d->nengines; i++)
        if (str_eq(d->engines[i].name, e.name))
            e.name = arena_printf(&d->arena, "%.*s-%u", STR_ARG(e.name), port->port);
    d->engines[d->nengines++] = e;
}

/* -- models, one by one: those of Ollama and of a llama-server that is a router --------
 */

struct shows {
    struct fetch items[MAX_SHOWS];
    char *posts[MAX_SHOWS];
    struct found_model *models[MAX_SHOWS];
    size_t n;
};

static void plan_show(struct shows *s, const struct found_engine *e, size_t i)
{
    json_t *body = json_pack("{s:s%}", "model", e->models[i].name.p, e->models[i].name.n);
    struct fetch *f = &s->items[s->n];
    fetch_init(f);
    s->posts[s->n] = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    f->post = s->posts[s->n];
    snprintf(f->url, sizeof f->url, "%.*s/api/show", (int)e->url.n - 3, e->url.p);
    s->models[s->n++] = &e->models[i];
}

/* Printable ASCII as a query's value. */
static void append_escaped(char *out, size_t size, struct str s)
{
    size_t n = strlen(out);
    for (size_t i = 0; i < s.n && n + 4 < size; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
        n += (size_t)snprintf(out + n, size - n, is_plain ? "%c" : "%%%02X", c);
    }
}

/* A router loads a model that is asked about, so one that is not loaded is not. */
static void plan_props(struct shows *s, const struct found_engine *e, size_t i)
{
    struct fetch *f = &s->items[s->n];
    if (e->models[i].load == LOAD_NO)
        return;
    fetch_init(f);
    s->posts[s->n] = NULL;
    snprintf(f->url, sizeof f->url, "%.*s/props?model=", (int)e->url.n - 3, e->url.p);
    append_escaped(f->url, sizeof f->url, e->models[i].name);
    s->models[s->n++] = &e->models[i];
}

static void read_answer(struct discovery *d, const struct shows *s, size_t i)
{
    struct str body = buf_view(&s->items[i].body);
    if (s->items[i].status != 200)
        return;
    if (s->posts[i])
        probe_ollama_show(body, &d->arena, s->models[i]);
    else
        probe_llama_props(body, s->models[i]);
}

static int ask_about_models(struct discovery *d, struct err *err)
{
    struct shows *s = mem_new(struct shows);
    if (!s)
        return err_nomem(err);
    for (size_t e = 0; e < d->nengines; e++)
        for (size_t i = 0; i < d->engines[e].nmodels && s->n < MAX_SHOWS; i++)
            if (d->engines[e].kind == ENGINE_OLLAMA)
                plan_show(s, &d->engines[e], i);
            else if (d->engines[e].is_router)
                plan_props(s, &d->engines[e], i);
    int rc = fetch_all(s->items, s->n, ROUND_MS, err);
    for (size_t i = 0; i < s->n; i++) {
        read_answer(d, s, i);
        fetch_release(&s->items[i]);
        free(s->posts[i]);
    }
    mem_free(s);
    return rc;
}

/* -- all of it -------------------------------------------------------------------- */

static int look(const struct discover_options *o, struct discovery *d, struct err *err)
{
    struct places *p = places_create(o->nports);
    if (!p)
        return err_nomem(err);
    int rc = ask_who_is_there(o, p, err);
    if (rc == 0)
        rc = ask_for_fingerprints(o, p, err);
    const struct fetch *more = p->more;
    for (size_t i = 0; rc == 0 && i < o->nports; i++)
        if (p->host[i]) {
            read_place(d, &o->ports[i], p->host[i], more);
            more += PROBE_QUESTIONS;
        }
    places_free(p);
    return rc == 0 ? ask_about_models(d, err) : rc;
}

/* The maker's list price, as the ledger takes it for a model of an unknown engine. */
static void price_strangers(struct discovery *d, const struct prices *prices)
{
    for (size_t e = 0; e < d->nengines; e++)
        for (size_t i = 0; i < d->engines[e].nmodels; i++) {
            struct found_model *m = &d->engines[e].models[i];
            if (m->is_cloud)
                m->price = prices_find(prices, STR(""), m->name, date_today());
        }
}

static bool has_usable(const struct discovery *d)
{
    for (size_t i = 0; i < d->nengines; i++)
        if (d->engines[i].nmodels && !d->engines[i].problem.n)
            return true;
    return false;
}

int discover_run(const struct discover_options *o, struct discovery **ret,
                 struct err *err)
{
    struct discovery *d = mem_new(struct discovery);
    if (!d)
        return err_nomem(err);
    arena_init(&d->arena, DISCOVER_ARENA_BYTES);
    if (look(o, d, err) < 0) {
        discover_free(d);
        return -1;
    }
    price_strangers(d, o->prices);
    if (!o->no_cloud)
        discover_add_providers(d, o);
    if (!has_usable(d))
        discover_add_simulated(d, o->prices);
    discover_assign_roles(d);
    *ret = d;
    return 0;
}

/* -- keeping what is only busy ------------------------------------------------------ */

/* Somebody answers there, or has taken its name. */
static bool is_replaced(const struct discovery *d, const struct found_engine *was)
{
    for (size_t i = 0; i < d->nengines; i++)
        if (str_eq(d->engines[i].url, was->url) || str_eq(d->engines[i].name, was->name))
            return true;
    return false;
}

static bool copy_engine(struct discovery *d, const struct found_engine *was)
{
    struct arena *a = &d->arena;
    struct found_engine *e = &d->engines[d->nengines];
    *e = *was;
    e->misses = was->misses + 1;
    e->name = arena_strdup(a, was->name);
    e->why = arena_strdup(a, was->why);
    e->url = arena_strdup(a, was->url);
    e->key_env = arena_strdup(a, was->key_env);
    e->problem = arena_strdup(a, was->problem);
    e->models = arena_array(a, struct found_model, was->nmodels + 1);
    if (!e->models)
        return false;
    for (size_t i = 0; i < was->nmodels; i++) {
        e->models[i] = was->models[i];
        e->models[i].name = arena_strdup(a, was->models[i].name);
        e->models[i].why = arena_strdup(a, was->models[i].why);
        e->models[i].price_name = arena_strdup(a, was->models[i].price_name);
    }
    d->nengines++;
    return true;
}

static void drop_simulated(struct discovery *d)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->nengines; i++)
        if (d->engines[i].kind != ENGINE_SIM)
            d->engines[kept++] = d->engines[i];
    d->nengines = kept;
    d->is_simulated = false;
}

int discover_keep(struct discovery *d, const struct discovery *was)
{
    enum { MOST_MISSES = 2 };
    for (size_t i = 0; i < was->nengines; i++) {
        const struct found_engine *e = &was->engines[i];
        bool is_local_place = e->url.n && !e->key_env.n;
        if (!is_local_place || e->misses >= MOST_MISSES || is_replaced(d, e) ||
            e->problem.n || d->nengines == DISCOVER_MAX_ENGINES)
            continue;
        drop_simulated(d);
        if (!copy_engine(d, e))
            return -1;
    }
    discover_assign_roles(d);
    return 0;
}
