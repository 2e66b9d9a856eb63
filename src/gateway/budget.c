/* budget.c -- see budget.h. */
#include "gateway/budget.h"

bool budget_change(struct worker *w, uint64_t *mine, uint64_t now)
{
    struct server_counters *c = &w->server->counters;
    uint64_t was = *mine, limit = w->setup->config->max_buffered_bytes;
    if (now <= BUDGET_SMALL_BYTES)
        now = 0;
    *mine = now;
    if (now <= was) {
        atomic_fetch_sub_explicit(&c->buffered_bytes, was - now, memory_order_relaxed);
        return now == 0 ||
               atomic_load_explicit(&c->buffered_bytes, memory_order_relaxed) <= limit;
    }
    uint64_t sum =
        now - was +
        atomic_fetch_add_explicit(&c->buffered_bytes, now - was, memory_order_relaxed);
    if (LIKELY(sum <= limit))
        return true;
    atomic_store_explicit(&c->short_at_ms, loop_now_ms(w->loop), memory_order_relaxed);
    return false;
}

bool budget_is_burst(const struct worker *w)
{
    uint64_t sum =
        atomic_load_explicit(&w->server->counters.buffered_bytes, memory_order_relaxed);
    return sum > w->setup->config->max_buffered_bytes + BUDGET_SLACK_BYTES;
}

bool budget_was_short_since(const struct worker *w, uint64_t ms)
{
    return atomic_load_explicit(&w->server->counters.short_at_ms, memory_order_relaxed) >=
           ms;
}

int budget_refuse(struct err *err)
{
    return err_set(err, ERR_OVERLOAD, "buffers_full",
                   "all bodies and answers in memory together exceed limits: buffered; "
                   "try again soon");
}
