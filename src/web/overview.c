/* overview.c -- GET /weir/api/overview: the sums of the first screen, in the one rollup
 * that weir ledger adds up too. */
#include "core/clock.h"
#include "facts/date.h"
#include "web/later.h"

#include <time.h>

enum { HOURS = 24, HOUR_MS = 3600 * 1000, CHECK_ROWS = 20000 };

/* The beginning of the day or month of weir's own clock and zone. */
static uint64_t begin_of(uint64_t now_ms, bool is_month)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm at;
    if (!localtime_r(&now, &at))
        return now_ms;
    at.tm_hour = at.tm_min = at.tm_sec = 0;
    at.tm_mday = is_month ? 1 : at.tm_mday;
    at.tm_isdst = -1;
    return (uint64_t)mktime(&at) * 1000;
}

/* The model that all of it is held against: the strongest of the cloud. */
const struct price *web_write_versus_model(struct json_writer *w,
                                           const struct setup *setup, uint64_t now_ms)
{
    const struct config_model *m = setup_strong_cloud(setup->config);
    const struct price *price = m ? setup_price_at(setup, m, now_ms) : NULL;
    json_key(w, "versus");
    if (!m) {
        json_str(w, (struct str){NULL, 0});
        return NULL;
    }
    json_object_open(w);
    web_key_str(w, "model", m->name);
    web_key_str(w, "provider", price ? price->provider : STR(""));
    web_key_str(w, "price", price ? price->model : STR(""));
    web_key_str(w, "price_date", str_of(price ? price->source_date : ""));
    json_object_close(w);
    return price;
}

/* -- the last 24 hours ------------------------------------------------------------------
 */

struct hours {
    struct json_writer *w;
    uint64_t newest_ms, newest_requests; /* the newest whole hour with requests */
    uint64_t whole_until_ms;
};

static uint64_t hour_of(struct str word)
{
    int64_t days;
    uint64_t hour;
    if (!date_parse(str_sub(word, 0, 10), &days) ||
        !str_to_u64(str_sub(word, 11, 13), &hour))
        return 0;
    return ((uint64_t)days * 24 + hour) * HOUR_MS;
}

static int add_hour(void *ctx, const struct ledger_sums *s)
{
    struct hours *h = ctx;
    uint64_t at_ms = hour_of(s->words[0]);
    if (at_ms < h->whole_until_ms) {
        h->newest_requests =
            (at_ms == h->newest_ms ? h->newest_requests : 0) + s->requests;
        h->newest_ms = at_ms;
    }
    json_object_open(h->w);
    web_key_u64(h->w, "at_ms", at_ms);
    web_key_str(h->w, "side", s->words[1]);
    web_write_few_sums(h->w, s);
    json_object_close(h->w);
    return 0;
}

/* -- do rows and sums agree? ------------------------------------------------------------
 */

static int take_sums(void *ctx, const struct ledger_sums *s)
{
    ledger_sums_add(ctx, s);
    return 0;
}

static bool agree(const struct ledger_sums *a, const struct ledger_sums *b)
{
    return a->requests == b->requests && a->local_ok == b->local_ok &&
           a->input_tokens == b->input_tokens && a->output_tokens == b->output_tokens &&
           a->cost_nanousd == b->cost_nanousd && a->cost_unknown == b->cost_unknown;
}

/* The newest whole hour that has requests: as a whole it comes from the sums, its halves
 * from the rows. */
static int write_check(struct server *s, const struct hours *h, struct err *err)
{
    struct ledger_sums whole = {0}, halves = {0};
    const uint64_t ends[] = {h->newest_ms, h->newest_ms + HOUR_MS / 2,
                             h->newest_ms + HOUR_MS};
    struct ledger_sums_query q = {.state_dir = str_of(s->state_dir),
                                  .since_ms = ends[0],
                                  .until_ms = ends[2],
                                  .is_glance = true};
    json_key(h->w, "check");
    if (!h->newest_ms || h->newest_requests > CHECK_ROWS) {
        json_str(h->w, (struct str){NULL, 0});
        return 0;
    }
    if (ledger_sum(&q, take_sums, &whole, err) < 0)
        return -1;
    for (size_t i = 0; i < 2; i++) {
        q.since_ms = ends[i];
        q.until_ms = ends[i + 1];
        if (ledger_sum(&q, take_sums, &halves, err) < 0)
            return -1;
    }
    json_object_open(h->w);
    web_key_u64(h->w, "since_ms", ends[0]);
    web_key_u64(h->w, "until_ms", ends[2]);
    web_key_u64(h->w, "requests", whole.requests);
    web_key_u64(h->w, "rows", halves.requests);
    web_key_bool(h->w, "agree", agree(&whole, &halves));
    json_object_close(h->w);
    return 0;
}

static int write_hours(struct server *s, struct json_writer *w, uint64_t now_ms,
                       struct err *err)
{
    uint64_t now_hour = now_ms / HOUR_MS * HOUR_MS;
    struct hours h = {.w = w, .whole_until_ms = now_hour};
    const struct ledger_sums_query q = {.state_dir = str_of(s->state_dir),
                                        .since_ms =
                                            now_hour - (uint64_t)(HOURS - 1) * HOUR_MS,
                                        .by = {SUMS_BY_HOUR, SUMS_BY_SIDE},
                                        .nby = 2,
                                        .is_glance = true};
    json_key(w, "hours");
    json_object_open(w);
    web_key_u64(w, "since_ms", q.since_ms);
    web_key_u64(w, "step_ms", HOUR_MS);
    web_key_u64(w, "n", HOURS);
    json_key(w, "items");
    json_array_open(w);
    if (ledger_sum(&q, add_hour, &h, err) < 0)
        return -1;
    json_array_close(w);
    json_object_close(w);
    return write_check(s, &h, err);
}

/* -- all of it -------------------------------------------------------------------------
 */

int web_write_overview(struct server *s, const struct setup *setup, struct buf *out,
                       struct err *err)
{
    uint64_t now = clock_wall_ms();
    uint64_t today = begin_of(now, false), month = begin_of(now, true);
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    web_key_u64(&w, "now_ms", now);
    web_key_i64(&w, "utc_offset_min", web_utc_offset_min(now));
    const struct price *price = web_write_versus_model(&w, setup, now);
    if (web_write_spans(s->pages_ctx, s, today, month, price, &w, err) < 0 ||
        write_hours(s, &w, now, err) < 0 ||
        web_write_held(s->pages_ctx, s, today, month, &w, err) < 0 ||
        web_write_speeds(&w, s, err) < 0)
        return -1;
    json_key(&w, "engines");
    web_write_engines(&w, s, setup, clock_mono_ms());
    json_key(&w, "cloud");
    web_write_cloud(&w, s);
    json_object_close(&w);
    return 0;
}

static int make(struct later *l, struct err *err)
{
    return web_write_overview(l->server, l->setup, &l->out, err);
}

void web_overview(struct request *r)
{
    web_memory_tend(web_of(r), r->worker, loop_now_ms(r->worker->loop));
    later_answer(r, make);
}
