/* engines.c -- the engines as they are now, and how fast their models were of late. */
#include "web/room.h"

#include "core/clock.h"
#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { MODELS_TOLD = 8, SPEED_ROWS = 300, SPEED_MODELS = 32, SPEED_TEXT = 130 };

/* -- as they are now --------------------------------------------------------------------
 */

/* Those that have answered since weir began, at most MODELS_TOLD. */
static void write_models(struct json_writer *w, const struct setup *setup,
                         const struct config_engine *e)
{
    size_t told = 0;
    json_key(w, "models");
    json_array_open(w);
    for (size_t i = 0; i < e->nmodels && told < MODELS_TOLD; i++) {
        const struct config_model *m = &e->models[i];
        struct meter *meter = setup->model_meters ? setup->model_meters[m->index] : NULL;
        uint64_t s = meter ? atomic_load(&meter->answered_s) : 0;
        if (!s)
            continue;
        told++;
        json_object_open(w);
        web_key_str(w, "name", m->name);
        web_key_u64(w, "answered_ms", s * 1000);
        json_object_close(w);
    }
    json_array_close(w);
}

void web_write_engines(struct json_writer *w, const struct server *s,
                       const struct setup *setup, uint64_t now_ms)
{
    static const char *const breakers[] = {"closed", "half-open", "open"};
    const struct config *cfg = setup->config;
    json_array_open(w);
    for (size_t i = 0; i < cfg->nengines; i++) {
        const struct config_engine *e = &cfg->engines[i];
        struct gate_state g = gate_look(setup->gates[i], 0, now_ms);
        json_object_open(w);
        web_key_str(w, "name", e->name);
        web_key_str(w, "side", str_of(side_name(e->side)));
        web_key_str(w, "kind", str_of(engine_kind_name(e->kind)));
        web_key_str(w, "speaks", str_of(engine_speech_name(e->speaks)));
        web_key_str(w, "breaker", str_of(breakers[g.breaker]));
        web_key_u64(w, "inflight", g.inflight);
        web_key_known(w, "max_inflight", e->max_inflight ? (int64_t)e->max_inflight : -1);
        web_key_u64(w, "queued", g.queued);
        web_key_u64(w, "configured", e->nmodels);
        write_models(w, setup, e);
        web_memory_write(w, s->pages_ctx, g.hold ? NULL : e, now_ms);
        kept_write(w, s, e);
        json_object_close(w);
    }
    json_array_close(w);
}

/* -- how fast of late -------------------------------------------------------------------
 */

struct speed {
    char engine[SPEED_TEXT], model[SPEED_TEXT];
    enum side side;
    uint32_t ttft_ms[SPEED_ROWS], tok_s10[SPEED_ROWS]; /* tok_s10: tenths */
    size_t nttft, nspeeds;
};

struct speeds {
    struct speed items[SPEED_MODELS];
    size_t n;
    uint64_t rows, first_ms;
};

static struct speed *speed_of(struct speeds *all, const struct ledger_leg *leg)
{
    struct str engine = str_sub(leg->engine, 0, SPEED_TEXT - 1);
    struct str model = str_sub(leg->model, 0, SPEED_TEXT - 1);
    for (size_t i = 0; i < all->n; i++)
        if (str_eqz(engine, all->items[i].engine) && str_eqz(model, all->items[i].model))
            return &all->items[i];
    if (all->n == SPEED_MODELS)
        return NULL;
    struct speed *s = &all->items[all->n++];
    s->side = leg->side;
    memcpy(s->engine, engine.p, engine.n);
    memcpy(s->model, model.p, model.n);
    return s;
}

/* As weir ledger --latency: legs that were streamed to their client and ended well; the
 * first token belongs to the wait for it. */
static int add_speed(void *ctx, const struct ledger_row *row)
{
    struct speeds *all = ctx;
    const struct ledger_leg *leg = ledger_own_leg(row);
    if (all->rows++ == 0)
        all->first_ms = row->open.ts_ms;
    if (!row->is_stream || row->outcome != OUTCOME_OK || !leg || !leg->is_promised ||
        leg->ttft_ms < 0 || leg->ttft_ms > UINT32_MAX)
        return 0;
    struct speed *s = speed_of(all, leg);
    if (!s || s->nttft == SPEED_ROWS)
        return 0;
    s->ttft_ms[s->nttft++] = (uint32_t)leg->ttft_ms;
    uint64_t made_ms = leg->total_ms - (uint64_t)leg->ttft_ms;
    uint64_t tokens = leg->usage.output_tokens;
    if (leg->usage_is_reported && tokens > 1 && leg->total_ms > (uint64_t)leg->ttft_ms &&
        (tokens - 1) * 10000 / made_ms <= UINT32_MAX)
        s->tok_s10[s->nspeeds++] = (uint32_t)((tokens - 1) * 10000 / made_ms);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The middle one; of two, the lower. */
static uint32_t median(uint32_t *v, size_t n)
{
    qsort(v, n, sizeof *v, compare);
    return v[(n - 1) / 2];
}

static void write_speed(struct json_writer *w, struct speed *s)
{
    json_object_open(w);
    web_key_str(w, "engine", str_of(s->engine));
    web_key_str(w, "model", str_of(s->model));
    web_key_str(w, "side", str_of(side_name(s->side)));
    web_key_u64(w, "answers", s->nttft);
    web_key_u64(w, "ttft_ms", median(s->ttft_ms, s->nttft));
    json_key(w, "tok_s");
    if (s->nspeeds) {
        char text[24];
        uint32_t v = median(s->tok_s10, s->nspeeds);
        int n = snprintf(text, sizeof text, "%u.%u", v / 10, v % 10);
        json_raw(w, (struct str){text, (size_t)n});
    } else {
        json_str(w, (struct str){NULL, 0});
    }
    json_object_close(w);
}

int web_write_speeds(struct json_writer *w, const struct server *server, struct err *err)
{
    const struct ledger_query q = {
        .state_dir = str_of(server->state_dir), .limit = SPEED_ROWS, .is_glance = true};
    struct speeds *all = mem_new(struct speeds);
    int failed = all ? ledger_read(&q, add_speed, all, err) : err_nomem(err);
    json_key(w, "speeds");
    json_array_open(w);
    for (size_t i = 0; !failed && i < all->n; i++)
        write_speed(w, &all->items[i]);
    json_array_close(w);
    if (!failed) {
        web_key_u64(w, "speeds_rows", all->rows);
        web_key_known(w, "speeds_since_ms", all->rows ? (int64_t)all->first_ms : -1);
    }
    mem_free(all);
    return failed;
}
