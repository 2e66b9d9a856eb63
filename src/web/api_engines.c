/* api_engines.c -- GET /weir/api/engines: what each engine is and has, and how soon and
 * how fast it answered, day by day or hour by hour. */
#include "web/days.h"

#include "core/clock.h"
#include "ledger/latency.h"

#include <math.h>

/* Times stand in rows: so many of the newest are read. */
enum { ROWS_MOST = 20000, ENGINES_SEEN = 64, MODELS_TOLD = 200, HOURLY_DAYS = 2 };
#define HOUR_MS (3600ULL * 1000)
#define PAST_MS (24 * HOUR_MS)

/* An engine in a day or an hour. */
struct cell {
    struct sample ttft, speed;
    uint32_t cold; /* first answers after a pause; in no other figure */
};

struct times {
    struct later *l;
    struct web_days days;
    struct latency_table table;
    bool is_hourly;
    uint64_t steps_since_ms;
    size_t nsteps;
    struct engine_seen {
        struct str name;
        enum side side;
        struct cell **cells; /* nsteps; NULL: nothing */
    } engines[ENGINES_SEEN];
    size_t nengines;
    uint64_t rows, first_ms;
    uint64_t requests; /* all of these days */
    struct err err;
};

/* -- over time --------------------------------------------------------------------------
 */

static uint64_t step_begin(const struct times *t, size_t i)
{
    return t->is_hourly ? t->steps_since_ms + i * HOUR_MS
                        : web_days_begin(&t->days, (int)i);
}

static size_t step_of(const struct times *t, uint64_t at_ms)
{
    size_t lo = 0, hi = t->nsteps - 1;
    while (lo < hi) {
        size_t mid = (lo + hi + 1) / 2;
        if (step_begin(t, mid) <= at_ms)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

static struct engine_seen *engine_of(struct times *t, const struct ledger_leg *leg)
{
    for (size_t i = 0; i < t->nengines; i++)
        if (str_eq(t->engines[i].name, leg->engine))
            return &t->engines[i];
    if (t->nengines == ENGINES_SEEN)
        return NULL;
    struct engine_seen *e = &t->engines[t->nengines];
    e->name = arena_strdup(&t->l->arena, leg->engine);
    e->side = leg->side;
    e->cells = arena_array(&t->l->arena, struct cell *, t->nsteps);
    if (!e->name.p || !e->cells)
        return NULL;
    memset(e->cells, 0, t->nsteps * sizeof *e->cells);
    t->nengines++;
    return e;
}

static struct cell *cell_of(struct times *t, const struct ledger_row *row,
                            const struct ledger_leg *leg)
{
    struct engine_seen *e = engine_of(t, leg);
    struct cell **at = e ? &e->cells[step_of(t, row->open.ts_ms)] : NULL;
    if (!at || *at)
        return at ? *at : NULL;
    *at = arena_new(&t->l->arena, struct cell);
    if (!*at)
        return NULL;
    sample_init(&(*at)->ttft);
    sample_init(&(*at)->speed);
    (*at)->cold = 0;
    return *at;
}

static int add_leg(void *ctx, const struct ledger_row *row, const struct ledger_leg *leg,
                   bool is_after_pause, double speed, struct err *err)
{
    struct cell *c = cell_of(ctx, row, leg);
    if (!c)
        return 0; /* it has no room: the table of the models still has it */
    c->cold += is_after_pause;
    if (!is_after_pause && sample_add(&c->ttft, (double)leg->ttft_ms, err) < 0)
        return -1;
    return sample_add(&c->speed, speed, err);
}

static int add_row(void *ctx, const struct ledger_row *row)
{
    struct times *t = ctx;
    if (t->rows++ == 0)
        t->first_ms = row->open.ts_ms;
    return latency_add(&t->table, row, &t->err);
}

static int has_some(void *ctx, const struct ledger_sums *s)
{
    *(bool *)ctx |= s->requests > 0;
    return 0;
}

/* Hours of the days with requests where those are two at most, else days. */
static int find_steps(struct times *t, struct err *err)
{
    const struct web_days *d = &t->days;
    struct ledger_sums_query q = web_days_query(d, t->l->server);
    int first = 0, last = d->ndays - 1;
    if (d->ndays > HOURLY_DAYS) {
        first = last = -1;
        for (int i = 0; i < d->ndays && web_days_begin(d, i) <= d->now_ms &&
                        last - first < HOURLY_DAYS;
             i++) {
            bool has = false;
            q.since_ms = web_days_begin(d, i);
            q.until_ms = web_days_begin(d, i + 1);
            if (ledger_sum(&q, has_some, &has, err) < 0)
                return -1;
            first = has && first < 0 ? i : first;
            last = has ? i : last;
        }
    }
    t->is_hourly = first >= 0 && last - first < HOURLY_DAYS;
    t->steps_since_ms = web_days_begin(d, t->is_hourly ? first : 0);
    t->nsteps =
        t->is_hourly
            ? (size_t)((web_days_begin(d, last + 1) - t->steps_since_ms) / HOUR_MS)
            : (size_t)d->ndays;
    return 0;
}

static int read_times(struct times *t, struct err *err)
{
    const struct ledger_query q = {.state_dir = str_of(t->l->server->state_dir),
                                   .since_ms = t->days.since_ms,
                                   .until_ms = t->days.until_ms,
                                   .limit = ROWS_MOST,
                                   .is_glance = true};
    t->table.each = add_leg;
    t->table.each_ctx = t;
    err_init(&t->err);
    if (find_steps(t, err) < 0 || ledger_read(&q, add_row, t, err) < 0)
        return -1;
    if (t->err.kind)
        *err = t->err;
    return t->err.kind ? -1 : 0;
}

static void release(struct times *t)
{
    latency_release(&t->table);
    for (size_t i = 0; i < t->nengines; i++)
        for (size_t k = 0; k < t->nsteps; k++)
            if (t->engines[i].cells[k]) {
                sample_release(&t->engines[i].cells[k]->ttft);
                sample_release(&t->engines[i].cells[k]->speed);
            }
}

/* -- writing ----------------------------------------------------------------------------
 */

static void write_number(struct json_writer *w, double v)
{
    if (isfinite(v))
        json_double(w, v);
    else
        json_str(w, (struct str){NULL, 0});
}

static void key_number(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    write_number(w, v);
}

static void write_series(struct json_writer *w, const struct times *t,
                         const struct engine_seen *e)
{
    json_object_open(w);
    web_key_str(w, "engine", e->name);
    web_key_str(w, "side", str_of(side_name(e->side)));
    json_key(w, "ttft_ms");
    json_array_open(w);
    for (size_t i = 0; i < t->nsteps; i++)
        write_number(w, e->cells[i] ? sample_quantile(&e->cells[i]->ttft, .5) : NAN);
    json_array_close(w);
    json_key(w, "tok_s");
    json_array_open(w);
    for (size_t i = 0; i < t->nsteps; i++)
        write_number(w, e->cells[i] ? sample_quantile(&e->cells[i]->speed, .5) : NAN);
    json_array_close(w);
    json_key(w, "cold");
    json_array_open(w);
    for (size_t i = 0; i < t->nsteps; i++)
        json_u64(w, e->cells[i] ? e->cells[i]->cold : 0);
    json_array_close(w);
    json_object_close(w);
}

static void write_times(struct json_writer *w, struct times *t)
{
    web_write_reach(w, t->rows, t->requests, t->first_ms);
    web_key_bool(w, "is_hourly", t->is_hourly);
    web_key_u64(w, "steps_since_ms", t->steps_since_ms);
    web_key_u64(w, "steps", t->nsteps);
    json_key(w, "series");
    json_array_open(w);
    for (size_t i = 0; i < t->nengines; i++)
        write_series(w, t, &t->engines[i]);
    json_array_close(w);
}

static void write_latency(struct json_writer *w, struct latency_line *l)
{
    json_object_open(w);
    web_key_str(w, "engine", l->engine);
    web_key_str(w, "model", l->model);
    web_key_str(w, "side", str_of(side_name(l->side)));
    web_key_u64(w, "legs", l->legs);
    web_key_u64(w, "streamed", l->ttft.n + l->paused.n);
    web_key_u64(w, "after_pause", l->paused.n);
    key_number(w, "ttft_ms_p50", sample_quantile(&l->ttft, .5));
    key_number(w, "ttft_ms_p90", sample_quantile(&l->ttft, .9));
    key_number(w, "ttft_ms_p99", sample_quantile(&l->ttft, .99));
    key_number(w, "ttft_ms_after_pause_p50", sample_quantile(&l->paused, .5));
    key_number(w, "tokens_per_s_p50", sample_quantile(&l->speed, .5));
    json_object_close(w);
}

static void write_model(struct json_writer *w, const struct setup *s,
                        const struct config_model *m, uint64_t now_ms)
{
    const struct price *p = setup_price_at(s, m, now_ms);
    uint64_t context = m->context_tokens ? m->context_tokens : m->context_max;
    if (!context && p)
        context = p->context_window;
    json_object_open(w);
    web_key_str(w, "name", m->name);
    web_key_str(w, "upstream", m->upstream);
    web_key_bool(w, "is_cloud", m->is_cloud);
    web_key_known(w, "context", context ? (int64_t)context : -1);
    json_key(w, "price");
    if (p) {
        json_object_open(w);
        web_key_str(w, "provider", p->provider);
        web_key_str(w, "model", p->model);
        /* Pico-dollars a token are micro-dollars a million. */
        web_key_known(w, "input_microusd", p->input);
        web_key_known(w, "output_microusd", p->output);
        web_key_str(w, "date", str_of(p->source_date));
        json_object_close(w);
    } else {
        json_str(w, (struct str){NULL, 0});
    }
    json_object_close(w);
}

static void write_models(struct json_writer *w, const struct setup *s,
                         const struct config_engine *e, uint64_t now_ms)
{
    json_key(w, "models");
    json_array_open(w);
    for (size_t i = 0; i < e->nmodels && i < MODELS_TOLD; i++)
        write_model(w, s, &e->models[i], now_ms);
    json_array_close(w);
    web_key_u64(w, "configured", e->nmodels);
}

struct counted {
    struct json_writer *w;
    uint64_t requests;
};

static int add_sums(void *ctx, const struct ledger_sums *s)
{
    struct counted *c = ctx;
    struct json_writer *w = c->w;
    c->requests += s->requests;
    json_object_open(w);
    web_key_str(w, "engine", s->words[0]);
    web_key_u64(w, "requests", s->requests);
    web_key_u64(w, "ok", s->outcomes[OUTCOME_OK]);
    web_key_u64(w, "failed", s->outcomes[OUTCOME_ERROR]);
    web_key_u64(w, "failed_attempts", s->failed_attempts);
    json_object_close(w);
    return 0;
}

static int write_sums(struct json_writer *w, struct times *t, struct err *err)
{
    struct ledger_sums_query q = web_days_query(&t->days, t->l->server);
    struct counted c = {w, 0};
    q.by[0] = SUMS_BY_ENGINE;
    q.nby = 1;
    json_key(w, "by_engine");
    json_array_open(w);
    if (ledger_sum(&q, add_sums, &c, err) < 0)
        return -1;
    t->requests = c.requests;
    json_array_close(w);
    return 0;
}

static void write_past(struct json_writer *w, struct gate *g, uint64_t mono_ms,
                       uint64_t wall_ms)
{
    struct past_change items[PAST_CHANGES];
    size_t n = gate_past(g, mono_ms, wall_ms - PAST_MS, items);
    json_key(w, "breaker_past");
    json_array_open(w);
    for (size_t i = 0; i < n; i++) {
        json_object_open(w);
        web_key_str(w, "what", str_of(past_what_name(items[i].what)));
        web_key_u64(w, "at_ms", items[i].at_ms);
        web_key_u64(w, "first_ms", items[i].first_ms);
        web_key_u64(w, "times", items[i].times);
        web_key_str(w, "why", str_of(items[i].why));
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_engines(struct json_writer *w, const struct times *t)
{
    const struct setup *s = t->l->setup;
    const struct config *c = s->config;
    uint64_t now = clock_mono_ms();
    json_key(w, "now");
    web_write_engines(w, t->l->server, s, now);
    json_key(w, "engines");
    json_array_open(w);
    for (size_t i = 0; i < c->nengines; i++) {
        struct gate_state g = gate_look(s->gates[i], 0, now);
        json_object_open(w);
        web_key_str(w, "name", c->engines[i].name);
        web_key_str(w, "host", c->engines[i].host);
        web_key_u64(w, "port", c->engines[i].port);
        web_key_known(w, "retry_after_ms",
                      g.breaker == BREAKER_OPEN ? (int64_t)g.retry_after_ms : -1);
        web_key_known(w, "queue_time_ms",
                      g.queue_time_ms ? (int64_t)g.queue_time_ms : -1);
        write_past(w, s->gates[i], now, clock_wall_ms());
        write_models(w, s, &c->engines[i], t->days.now_ms);
        json_object_close(w);
    }
    json_array_close(w);
}

static int write_all(struct times *t, struct err *err)
{
    struct json_writer w;
    if (read_times(t, err) < 0)
        return -1;
    json_writer_init(&w, &t->l->out);
    json_object_open(&w);
    web_days_write(&t->days, &w);
    write_engines(&w, t);
    if (write_sums(&w, t, err) < 0)
        return -1;
    json_key(&w, "latency");
    json_array_open(&w);
    for (struct latency_line *l = t->table.first; l; l = l->next)
        write_latency(&w, l);
    json_array_close(&w);
    write_times(&w, t);
    json_object_close(&w);
    return 0;
}

static int make(struct later *l, struct err *err)
{
    struct times t = {.l = l};
    if (web_days_read(l, &t.days, err) < 0)
        return -1;
    latency_init(&t.table);
    int failed = write_all(&t, err);
    release(&t);
    return failed;
}

void web_engines(struct request *r)
{
    web_memory_tend(web_of(r), r->worker, loop_now_ms(r->worker->loop));
    later_answer(r, make);
}
