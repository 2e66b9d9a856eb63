/* gateway_world.h -- a worker without a socket: a configuration, what is built from it, a
 * ledger in a folder of its own, and requests that no client has sent. */
#ifndef WEIR_TESTS_GATEWAY_WORLD_H
#define WEIR_TESTS_GATEWAY_WORLD_H

#include "core/mem.h"
#include "gateway/aside.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "gateway/request.h"

#include "config_help.h"
#include "ledger_fixture.h"

/* "near" is local; "priced" and "unpriced" are of a cloud engine. */
static const char world_yaml[] =
    "engines:\n"
    "  - {name: home, side: local, url: 'http://127.0.0.1:1/v1', max_inflight: 2,\n"
    "     models: [{name: near}]}\n"
    "  - {name: away, side: cloud, url: 'https://api.example.com/v1', api_key: "
    "'${KEY}',\n"
    "     models: [{name: priced, price: acme/m1}, {name: unpriced}]}\n";

/* USD for a million tokens: 2 in, half a dollar from the cache, 10 out. */
static const char world_prices[] =
    "{\"format\":1,\"currency\":\"USD\",\"per_tokens\":1000000,\"built\":\"2026-07-01\","
    "\"stale_after_days\":90,\"rows\":[{\"provider\":\"acme\",\"id\":\"m1\",\"input\":"
    "\"2\",\"cached_input\":\"0.5\",\"output\":\"10\",\"source\":\"s\","
    "\"source_date\":\"2026-07-01\"}]}";

#define A_CHAT "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}"

static const struct page world_page_list[] = {
    {"GET", "/health", page_health, ACCESS_OPEN},
    {"POST", "/v1/label", page_label, ACCESS_OPERATOR},
};
static const struct page_table world_pages = {world_page_list,
                                              ARRAY_LEN(world_page_list)};

struct world {
    struct server server;
    struct worker worker;
    struct prices *prices;
    void *dir;
};

/* A request and what belongs to it; it lies in no slab. */
struct asked {
    struct request r;
    struct draft d;
    struct screened screened;
    struct buf masked;
};

static inline const struct prices *world_price_list(void *ctx)
{
    return ctx;
}

static inline void world_open(struct world *w, const char *yaml)
{
    struct err err = {0};
    *w = (struct world){0};
    struct server *s = &w->server;
    if (prices_load(str_of(world_prices), &w->prices, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(make_dir(&w->dir), 0);
    s->parts = (struct setup_parts){.prices = world_price_list,
                                    .prices_ctx = w->prices,
                                    .meters = meters_create(),
                                    .standings = standings_create()};
    s->pages = &world_pages;
    s->recent = recent_create(100);
    const struct sessions_limits limits = {100, 1 << 20};
    s->sessions = sessions_create(&limits, &err);
    s->setup = setup_create(must_parse(yaml), NULL, &s->parts, &err);
    if (!s->setup)
        fail_msg("%s", err.msg);
    s->ledger = open_or_fail(w->dir, 1);
    snprintf(s->state_dir, sizeof s->state_dir, "%s", (const char *)w->dir);
    struct worker *k = &w->worker;
    k->server = s;
    k->setup = s->setup;
    k->log = ledger_log_of(s->ledger, 0);
    k->loop = loop_create(&err);
    list_init(&k->clients);
    list_init(&k->launches);
    list_init(&k->asides);
    list_init(&k->dead);
    list_init(&k->dead_asides);
    slabs_init(&k->requests, sizeof(struct request));
    slabs_init(&k->drafts, sizeof(struct draft));
}

static inline void world_close(struct world *w)
{
    struct server *s = &w->server;
    aside_free_dead(&w->worker);
    loop_free(w->worker.loop);
    ledger_close(s->ledger);
    setup_unref(s->setup);
    sessions_free(s->sessions);
    recent_free(s->recent);
    meters_free(s->parts.meters);
    standings_free(s->parts.standings);
    prices_free(w->prices);
    assert_int_equal(drop_dir(&w->dir), 0);
}

static inline const struct config_model *world_model(const struct world *w,
                                                     const char *name)
{
    const struct config *c = w->server.setup->config;
    for (size_t i = 0; i < c->nmodels; i++)
        if (str_eqz(c->models[i]->name, name))
            return c->models[i];
    fail_msg("no model %s", name);
    return NULL;
}

/* What the scan says of it. */
static inline void world_screen(struct asked *q, struct world *w, const char *body)
{
    const struct screen_input in = {
        .rules = w->server.setup->rules, .body = str_of(body), .is_dry = true};
    buf_init(&q->masked, 1 << 20);
    guard_screen(&in, &q->d.arena, &q->masked, &q->screened);
    q->d.screened = &q->screened;
    q->d.clearance = q->screened.clearance;
}

/* A chat of this body, read and scanned; its label is public. */
static inline void ask(struct asked *q, struct world *w, const char *body)
{
    struct err err = {0};
    *q = (struct asked){0};
    struct request *r = &q->r;
    r->worker = &w->worker;
    r->setup = w->server.setup;
    r->draft = &q->d;
    r->dialect = dialect_first();
    r->path = dialect_path_of(r->dialect, SURFACE_CHAT);
    r->uid = ledger_new_uid(w->worker.log);
    r->started_ms = loop_now_ms(w->worker.loop);
    r->started_wall_ms = start_ms;
    r->label = (struct label){SENSITIVITY_PUBLIC, true, "default", "default", 0};
    arena_init(&r->keep, 1 << 20);
    arena_init(&q->d.arena, 1 << 20);
    list_init(&r->asides);
    leg_init(&r->leg, r);
    if (dialect_read(r->dialect, SURFACE_CHAT, str_of(body), &q->d.arena, &q->d.chat,
                     &err) < 0)
        fail_msg("%s: %s", body, err.msg);
    world_screen(q, w, body);
}

static inline void forget(struct asked *q)
{
    leg_release_answer(&q->r.leg);
    screened_release(&q->screened);
    buf_release(&q->masked);
    arena_reset(&q->r.keep);
    arena_reset(&q->d.arena);
}

/* The row of a request, out of the ledger; for drop_rows(). */
static inline struct collected *world_row(struct world *w, uint64_t uid)
{
    char id[17];
    ledger_format_uid(uid, id);
    assert_int_equal(ledger_log_flush(w->worker.log), 0);
    struct collected *c =
        read_with((struct ledger_query){.state_dir = str_of(w->dir), .id = str_of(id)});
    assert_int_equal(c->n, 1);
    assert_int_equal(c->rows[0].open.uid, uid);
    return c;
}

#endif
