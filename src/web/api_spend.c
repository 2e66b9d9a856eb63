/* api_spend.c -- GET /weir/api/spend: what a month, or other days, cost: by day, key,
 * model and side; tries that failed; costs that nobody knows, and what helps. */
#include "core/clock.h"
#include "ledger/index/failed.h"
#include "ledger/versus.h"
#include "web/days.h"

#define DAY_MS (24ULL * 3600 * 1000)

struct spend {
    struct later *l;
    struct web_days days;
    struct json_writer w;
    struct ledger_sums total, cloud;
    uint64_t first_day_ms; /* the first day with requests; 0: there is none */
    int day;               /* of the lines that come now */
};

static void write_few(struct json_writer *w, const struct ledger_sums *s)
{
    web_key_u64(w, "requests", s->requests);
    web_key_u64(w, "local_ok", s->local_ok);
    web_key_u64(w, "local_after_cloud", s->local_after_cloud);
    web_key_u64(w, "cloud_unreached", s->cloud_unreached);
    web_key_u64(w, "failed", s->outcomes[OUTCOME_ERROR]);
    web_key_u64(w, "input", s->input_tokens);
    web_key_u64(w, "output", s->output_tokens);
    web_key_i64(w, "cost_nanousd", s->cost_nanousd);
    web_key_u64(w, "cost_unknown", s->cost_unknown);
    web_key_u64(w, "failed_attempts", s->failed_attempts);
}

/* -- lines ------------------------------------------------------------------------------
 */

static int add_day(void *ctx, const struct ledger_sums *s)
{
    struct spend *p = ctx;
    if (!p->first_day_ms)
        p->first_day_ms = web_days_begin(&p->days, p->day);
    json_object_open(&p->w);
    web_days_key(&p->days, &p->w, "day", p->day);
    web_key_str(&p->w, "side", s->words[0]);
    write_few(&p->w, s);
    json_object_close(&p->w);
    return 0;
}

/* weir's own days, not those of UTC: each is added up by itself. */
static int write_by_day(struct spend *p, struct err *err)
{
    struct ledger_sums_query q = web_days_query(&p->days, p->l->server);
    q.by[0] = SUMS_BY_SIDE;
    q.nby = 1;
    json_key(&p->w, "by_day");
    json_array_open(&p->w);
    for (int i = 0; i < p->days.ndays; i++) {
        p->day = i;
        q.since_ms = web_days_begin(&p->days, i);
        q.until_ms = web_days_begin(&p->days, i + 1);
        if (q.since_ms > p->days.now_ms)
            break;
        if (ledger_sum(&q, add_day, p, err) < 0)
            return -1;
    }
    json_array_close(&p->w);
    return 0;
}

static int add_side(void *ctx, const struct ledger_sums *s)
{
    struct spend *p = ctx;
    ledger_sums_add(&p->total, s);
    if (str_eqz(s->words[0], "cloud"))
        ledger_sums_add(&p->cloud, s);
    json_object_open(&p->w);
    web_key_str(&p->w, "side", s->words[0]);
    write_few(&p->w, s);
    json_object_close(&p->w);
    return 0;
}

static int add_key(void *ctx, const struct ledger_sums *s)
{
    struct spend *p = ctx;
    json_object_open(&p->w);
    web_key_str(&p->w, "key", s->words[0]);
    web_key_str(&p->w, "side", s->words[1]);
    write_few(&p->w, s);
    json_object_close(&p->w);
    return 0;
}

static const struct config_model *model_of(const struct config *c, struct str engine,
                                           struct str model)
{
    for (size_t i = 0; i < c->nmodels; i++)
        if (str_eq(c->models[i]->engine->name, engine) &&
            (str_eq(c->models[i]->name, model) || str_eq(c->models[i]->upstream, model)))
            return c->models[i];
    return NULL;
}

/* Why some of its costs are unknown, and what helps. */
static void write_remedy(struct spend *p, const struct ledger_sums *s)
{
    const struct setup *setup = p->l->setup;
    const struct config_model *m = model_of(setup->config, s->words[0], s->words[1]);
    const char *why = "";
    if (!s->cost_unknown)
        why = "";
    else if (!m)
        why = "it is no longer in weir.yaml, and had no price when it was asked";
    else if (m->is_cloud && !setup_price_at(setup, m, p->days.now_ms))
        why = "weir knows no price of it: set `price: PROVIDER/MODEL` at it in weir.yaml "
              "(`weir facts prices` lists them); later answers then have a cost";
    else
        why = "it has a price today; these were interrupted, came without counts of "
              "tokens, or were asked before it had one";
    web_key_str(&p->w, "remedy", str_of(why));
}

static int add_model(void *ctx, const struct ledger_sums *s)
{
    struct spend *p = ctx;
    json_object_open(&p->w);
    web_key_str(&p->w, "engine", s->words[0]);
    web_key_str(&p->w, "model", s->words[1]);
    web_key_str(&p->w, "side", s->words[2]);
    write_few(&p->w, s);
    write_remedy(p, s);
    json_object_close(&p->w);
    return 0;
}

static int write_lines(struct spend *p, const char *name, const enum sums_by *by,
                       size_t nby, ledger_sums_fn *fn, struct err *err)
{
    struct ledger_sums_query q = web_days_query(&p->days, p->l->server);
    for (size_t i = 0; i < nby; i++)
        q.by[i] = by[i];
    q.nby = nby;
    json_key(&p->w, name);
    json_array_open(&p->w);
    if (ledger_sum(&q, fn, p, err) < 0)
        return -1;
    json_array_close(&p->w);
    return 0;
}

static int write_tables(struct spend *p, struct err *err)
{
    static const enum sums_by sides[] = {SUMS_BY_SIDE};
    static const enum sums_by keys[] = {SUMS_BY_KEY, SUMS_BY_SIDE};
    static const enum sums_by models[] = {SUMS_BY_ENGINE, SUMS_BY_MODEL, SUMS_BY_SIDE};
    if (write_lines(p, "by_side", sides, ARRAY_LEN(sides), add_side, err) < 0 ||
        write_lines(p, "by_key", keys, ARRAY_LEN(keys), add_key, err) < 0)
        return -1;
    return write_lines(p, "by_model", models, ARRAY_LEN(models), add_model, err);
}

/* -- figures ----------------------------------------------------------------------------
 */

static int write_failed(struct spend *p, struct err *err)
{
    const struct ledger_sums_query q = web_days_query(&p->days, p->l->server);
    struct ledger_failed f;
    if (ledger_sum_failed(&q, &f, err) < 0)
        return -1;
    json_key(&p->w, "failed_tries");
    json_object_open(&p->w);
    web_key_u64(&p->w, "tries", f.tries);
    web_key_i64(&p->w, "cost_nanousd", f.cost_nanousd);
    web_key_u64(&p->w, "cost_unknown", f.cost_unknown);
    json_object_close(&p->w);
    return 0;
}

static void write_money(struct json_writer *w, const char *key, bool is_known, int64_t v)
{
    json_key(w, key);
    if (is_known)
        json_i64(w, v);
    else
        json_str(w, (struct str){NULL, 0});
}

static int write_saved(struct spend *p, struct err *err)
{
    const struct price *price =
        web_write_versus_model(&p->w, p->l->setup, p->days.now_ms);
    const struct ledger_sums_query q = web_days_query(&p->days, p->l->server);
    struct ledger_sums beside;
    struct err unpriced;
    int64_t nanousd = 0;
    if (ledger_sum_beside(&q, &beside, err) < 0)
        return -1;
    bool is_known =
        price && ledger_versus(&p->total, &beside, price, &nanousd, &unpriced) == 0;
    write_money(&p->w, "versus_nanousd", is_known, nanousd);
    write_money(&p->w, "saved_nanousd", is_known, nanousd - p->total.cost_nanousd);
    return 0;
}

static int find_any(void *ctx, const struct ledger_sums *s)
{
    *(bool *)ctx = s->requests > 0;
    return 1;
}

/* From where on the month is measured: from its beginning when weir was used before it,
 * else from the first day with requests. */
static int pace_begins(struct spend *p, uint64_t *ret_ms, struct err *err)
{
    struct ledger_sums_query q = web_days_query(&p->days, p->l->server);
    bool was_used = false;
    q.since_ms = 0;
    q.until_ms = p->days.since_ms;
    if (ledger_sum(&q, find_any, &was_used, err) < 0)
        return -1;
    *ret_ms = was_used ? p->days.since_ms : p->first_day_ms;
    return 0;
}

/* What this month comes to at the rate of its days so far; null before a day is over. */
static int write_pace(struct spend *p, struct err *err)
{
    const struct web_days *d = &p->days;
    uint64_t from = 0;
    json_key(&p->w, "pace");
    bool is_now = d->is_month && web_days_have(d, d->now_ms);
    if (is_now && pace_begins(p, &from, err) < 0)
        return -1;
    if (!from || d->now_ms < from + DAY_MS) {
        json_str(&p->w, (struct str){NULL, 0});
        return 0;
    }
    double rate = (double)p->cloud.cost_nanousd / (double)(d->now_ms - from);
    double rest = rate * (double)(d->until_ms - d->now_ms);
    json_object_open(&p->w);
    web_key_u64(&p->w, "from_ms", from);
    web_key_i64(&p->w, "month_nanousd", p->cloud.cost_nanousd + (int64_t)rest);
    json_object_close(&p->w);
    return 0;
}

static int make(struct later *l, struct err *err)
{
    struct spend p = {.l = l};
    if (web_days_read(l, &p.days, err) < 0)
        return -1;
    json_writer_init(&p.w, &l->out);
    json_object_open(&p.w);
    web_days_write(&p.days, &p.w);
    if (write_by_day(&p, err) < 0 || write_tables(&p, err) < 0 ||
        write_failed(&p, err) < 0 || write_saved(&p, err) < 0 || write_pace(&p, err) < 0)
        return -1;
    json_object_close(&p.w);
    return 0;
}

void web_spend(struct request *r)
{
    later_answer(r, make);
}
