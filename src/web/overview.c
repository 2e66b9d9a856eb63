/* overview.c -- GET /weir/api/overview: the sums of the first screen, in the one rollup
 * that weir ledger adds up too. */
#include "core/clock.h"
#include "web/later.h"

#include <time.h>

static int add_line(void *ctx, const struct ledger_sums *s)
{
    struct json_writer *w = ctx;
    json_object_open(w);
    web_key_str(w, "side", s->words[0]);
    json_key(w, "sums");
    web_write_sums(w, s);
    json_object_close(w);
    return 0;
}

static int write_span(struct server *s, struct json_writer *w, const char *name,
                      uint64_t since_ms, struct err *err)
{
    const struct ledger_sums_query q = {.state_dir = str_of(s->state_dir),
                                        .since_ms = since_ms,
                                        .by = {SUMS_BY_SIDE},
                                        .nby = 1,
                                        .is_glance = true};
    json_key(w, name);
    json_object_open(w);
    web_key_u64(w, "since_ms", since_ms);
    json_key(w, "sides");
    json_array_open(w);
    if (ledger_sum(&q, add_line, w, err) < 0)
        return -1;
    json_array_close(w);
    json_object_close(w);
    return 0;
}

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

void web_write_engines(struct json_writer *w, const struct setup *setup, uint64_t now_ms)
{
    static const char *const breakers[] = {"closed", "half-open", "open"};
    const struct config *cfg = setup->config;
    json_array_open(w);
    for (size_t i = 0; i < cfg->nengines; i++) {
        struct gate_state g = gate_look(setup->gates[i], 0, now_ms);
        json_object_open(w);
        web_key_str(w, "name", cfg->engines[i].name);
        web_key_str(w, "side", str_of(side_name(cfg->engines[i].side)));
        web_key_str(w, "breaker", str_of(breakers[g.breaker]));
        web_key_u64(w, "inflight", g.inflight);
        web_key_u64(w, "queued", g.queued);
        json_object_close(w);
    }
    json_array_close(w);
}

int web_write_overview(struct server *s, const struct setup *setup, struct buf *out,
                       struct err *err)
{
    uint64_t now = clock_wall_ms();
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    web_key_u64(&w, "now_ms", now);
    if (write_span(s, &w, "today", begin_of(now, false), err) < 0 ||
        write_span(s, &w, "month", begin_of(now, true), err) < 0)
        return -1;
    json_key(&w, "engines");
    web_write_engines(&w, setup, clock_mono_ms());
    json_object_close(&w);
    return 0;
}

static int make(struct later *l, struct err *err)
{
    return web_write_overview(l->server, l->setup, &l->out, err);
}

void web_overview(struct request *r)
{
    later_answer(r, make);
}
