/* memory.c -- which models local engines have in memory, as they themselves say.
 *
 * Asked each EACH_MS while somebody watches the page or `weir top`, all at once, on a
 * thread of its own: an engine that does not answer holds up no other view.  Engines of
 * the cloud are never asked.  What was said is forgotten after a minute. */
#include "web/later.h"

#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"
#include "engine/loaded.h"
#include "upstream/fetch.h"

#include <stdio.h>

enum { EACH_MS = 15 * 1000, KEPT_MS = 60 * 1000, WAIT_MS = 1000, ENGINES_ASKED = 16 };

struct told {
    uint64_t engine; /* a digest of its identity */
    uint64_t at_ms;  /* of the clock that only goes on; 0: nothing is known */
    struct loaded loaded;
};

struct web_memory {
    atomic_bool is_asking;
    atomic_ullong asked_ms; /* 0: never */
    pthread_mutex_t mutex;  /* of what is below; held for microseconds */
    struct told told[ENGINES_ASKED];
};

struct web_memory *web_memory_create(void)
{
    struct web_memory *m = mem_new(struct web_memory);
    if (m)
        pthread_mutex_init(&m->mutex, NULL);
    return m;
}

void web_memory_free(struct web_memory *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->mutex);
    mem_free(m);
}

static uint64_t digest_of(const struct config_engine *e)
{
    return siphash_once((struct siphash_key){0, 0}, e->identity);
}

/* -- asking ---------------------------------------------------------------------------
 */

struct asked {
    const struct config_engine *engine;
    struct loaded_question questions[LOADED_QUESTIONS];
    struct fetch items[LOADED_QUESTIONS];
    char *bearer;
};

static bool may_be_asked(const struct config_engine *e)
{
    struct loaded_question ignored[LOADED_QUESTIONS];
    return e->side == SIDE_LOCAL && loaded_questions(e->kind, ignored) > 0;
}

static void prepare(struct asked *a, const struct setup *s, const struct config_engine *e)
{
    a->engine = e;
    a->bearer = e->api_key.n ? mem_strndup(e->api_key.p, e->api_key.n) : NULL;
    loaded_questions(e->kind, a->questions);
    for (size_t i = 0; i < LOADED_QUESTIONS; i++) {
        struct fetch *f = &a->items[i];
        fetch_init(f);
        if (!a->questions[i].path)
            continue;
        buf_init(&f->body, LOADED_BODY_BYTES);
        f->endpoint = &s->endpoints[e->index];
        f->bearer = a->bearer;
        struct str base = a->questions[i].is_at_root ? STR("") : e->base_path;
        snprintf(f->url, sizeof f->url, "%.*s%s", STR_ARG(base), a->questions[i].path);
    }
}

/* Its place, or that of the one that was told the longest ago. */
static struct told *place_of(struct web_memory *m, uint64_t engine)
{
    struct told *oldest = &m->told[0];
    for (size_t i = 0; i < ENGINES_ASKED; i++) {
        if (m->told[i].engine == engine)
            return &m->told[i];
        if (m->told[i].at_ms < oldest->at_ms)
            oldest = &m->told[i];
    }
    return oldest;
}

/* What cannot be understood, or did not come, takes away what was said before. */
static void keep(struct web_memory *m, const struct asked *a)
{
    struct told now = {.engine = digest_of(a->engine)};
    struct str bodies[LOADED_QUESTIONS];
    for (size_t i = 0; i < LOADED_QUESTIONS; i++)
        bodies[i] = a->items[i].status == 200 ? buf_view(&a->items[i].body) : STR("");
    if (loaded_read(a->engine->kind, bodies, &now.loaded))
        now.at_ms = clock_mono_ms() + 1;
    pthread_mutex_lock(&m->mutex);
    *place_of(m, now.engine) = now;
    pthread_mutex_unlock(&m->mutex);
}

static void release(struct asked *a)
{
    for (size_t i = 0; i < LOADED_QUESTIONS; i++)
        fetch_release(&a->items[i]);
    mem_free(a->bearer);
}

/* fetch_all() wants its items in one row. */
static void ask_all(struct asked *asked, size_t n)
{
    struct fetch *row[ENGINES_ASKED * LOADED_QUESTIONS];
    struct err ignored;
    size_t nrow = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < LOADED_QUESTIONS; k++)
            if (asked[i].questions[k].path)
                row[nrow++] = &asked[i].items[k];
    struct fetch *items = nrow ? mem_zalloc(nrow * sizeof *items) : NULL;
    for (size_t i = 0; items && i < nrow; i++)
        items[i] = *row[i];
    if (items)
        (void)fetch_all(items, nrow, WAIT_MS, &ignored);
    for (size_t i = 0; items && i < nrow; i++)
        *row[i] = items[i];
    mem_free(items);
}

/* What listens on the port of an engine that weir runs, and that does not run, is
 * somebody else. */
static bool is_there(const struct setup *s, const struct config_engine *e)
{
    return gate_look(s->gates[e->index], 0, clock_mono_ms()).hold == GATE_RUNS;
}

static int ask(struct later *l, struct err *err)
{
    struct web *web = l->server->pages_ctx;
    const struct config *c = l->setup->config;
    struct asked *asked = mem_zalloc(ENGINES_ASKED * sizeof *asked);
    size_t n = 0;
    if (!asked)
        return err_nomem(err);
    for (size_t i = 0; i < c->nengines && n < ENGINES_ASKED; i++)
        if (may_be_asked(&c->engines[i]) && is_there(l->setup, &c->engines[i]))
            prepare(&asked[n++], l->setup, &c->engines[i]);
    ask_all(asked, n);
    for (size_t i = 0; i < n; i++) {
        keep(web->memory, &asked[i]);
        release(&asked[i]);
    }
    mem_free(asked);
    return 0;
}

static void on_asked(struct later *l)
{
    struct web *web = l->server->pages_ctx;
    atomic_store(&web->memory->is_asking, false);
}

static bool has_any_to_ask(const struct config *c)
{
    for (size_t i = 0; i < c->nengines; i++)
        if (may_be_asked(&c->engines[i]))
            return true;
    return false;
}

void web_memory_tend(struct web *web, struct worker *worker, uint64_t now_ms)
{
    struct web_memory *m = web->memory;
    uint64_t asked_ms = atomic_load(&m->asked_ms);
    bool no = false;
    if ((asked_ms && now_ms < asked_ms + EACH_MS) || worker->is_draining ||
        !has_any_to_ask(worker->setup->config) ||
        !atomic_compare_exchange_strong(&m->is_asking, &no, true))
        return;
    atomic_store(&m->asked_ms, now_ms ? now_ms : 1);
    if (!later_run(worker, web->asking, ask, on_asked))
        atomic_store(&m->is_asking, false);
}

/* -- telling --------------------------------------------------------------------------
 */

static bool look(struct web_memory *m, const struct config_engine *e, uint64_t now_ms,
                 struct loaded *ret)
{
    uint64_t engine = digest_of(e);
    bool is_known = false;
    pthread_mutex_lock(&m->mutex);
    for (size_t i = 0; i < ENGINES_ASKED && !is_known; i++) {
        const struct told *t = &m->told[i];
        if (t->engine != engine || t->at_ms == 0 || now_ms > t->at_ms + KEPT_MS)
            continue;
        *ret = t->loaded;
        is_known = true;
    }
    pthread_mutex_unlock(&m->mutex);
    return is_known;
}

static void key_number(struct json_writer *w, const char *key, bool is_known, uint64_t v)
{
    web_key_known(w, key, is_known && v <= INT64_MAX ? (int64_t)v : -1);
}

static void write_model(struct json_writer *w, const struct loaded_model *m)
{
    json_object_open(w);
    web_key_str(w, "name", str_of(m->name));
    key_number(w, "bytes", m->bytes != 0, m->bytes);
    key_number(w, "gpu_bytes", m->has_gpu, m->gpu_bytes);
    key_number(w, "weights_bytes", m->weights_bytes != 0, m->weights_bytes);
    key_number(w, "until_ms", m->until_ms != 0, m->until_ms);
    web_key_bool(w, "stays", m->stays);
    json_object_close(w);
}

void web_memory_write(struct json_writer *w, const struct web *web,
                      const struct config_engine *e, uint64_t now_ms)
{
    struct loaded loaded;
    json_key(w, "memory");
    if (!e || !may_be_asked(e) || !look(web->memory, e, now_ms, &loaded)) {
        json_str(w, (struct str){NULL, 0});
        return;
    }
    json_object_open(w);
    json_key(w, "models");
    json_array_open(w);
    for (size_t i = 0; i < loaded.n; i++)
        write_model(w, &loaded.items[i]);
    json_array_close(w);
    web_key_u64(w, "more", loaded.more);
    json_object_close(w);
}
