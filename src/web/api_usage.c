/* api_usage.c -- GET /weir/api/usage: what the last 30 days of the ledger asked for, as a
 * plan wants it; docs/page.md. */
#include "core/clock.h"
#include "ledger/index/sums.h"
#include "ledger/period.h"
#include "web/later.h"

#define DAY_MS UINT64_C(86400000)
enum { DAYS = 30 };

static int add_sums(void *ctx, const struct ledger_sums *s)
{
    ledger_sums_add(ctx, s);
    return 0;
}

static int take_first(void *ctx, const struct ledger_row *row)
{
    uint64_t *first = ctx;
    *first = row->open.ts_ms;
    return 1;
}

static int make(struct later *l, struct err *err)
{
    uint64_t now = clock_wall_ms(), first = 0;
    struct ledger_sums all = {.requests = 0};
    struct json_writer w;
    const struct ledger_sums_query q = {.state_dir = str_of(l->server->state_dir),
                                        .since_ms = ledger_before(now, DAYS * DAY_MS),
                                        .is_glance = true};
    const struct ledger_query rows = {
        .state_dir = q.state_dir, .since_ms = q.since_ms, .is_glance = true};
    if (ledger_sum(&q, add_sums, &all, err) < 0 ||
        ledger_read(&rows, take_first, &first, err) < 0)
        return -1;
    json_writer_init(&w, &l->out);
    json_object_open(&w);
    web_key_u64(&w, "now_ms", now);
    web_key_known(&w, "since_ms", first ? (int64_t)first : -1);
    json_key(&w, "sums");
    web_write_sums(&w, &all);
    json_object_close(&w);
    return 0;
}

void web_usage(struct request *r)
{
    later_answer(r, make);
}
