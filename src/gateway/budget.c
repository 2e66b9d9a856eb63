/* budget.c -- see budget.h. */
#include "gateway/budget.h"

/* All that is held, this place at `now` bytes. */
static uint64_t set(struct server *s, uint64_t *mine, uint64_t now)
{
    atomic_ullong *sum = &s->counters.buffered_bytes;
    uint64_t was = *mine;
    if (now <= BUDGET_SMALL_BYTES)
        now = 0;
    *mine = now;
    uint64_t rest =
        now <= was
            ? atomic_fetch_sub_explicit(sum, was - now, memory_order_relaxed) - was
            : atomic_fetch_add_explicit(sum, now - was, memory_order_relaxed) - was;
    return rest + now + sessions_vault_bytes(s->sessions);
}

bool budget_hold_aside(struct worker *w, const struct config *c, uint64_t *mine,
                       uint64_t now)
{
    return set(w->server, mine, now) <= c->max_buffered_bytes;
}

bool budget_change(struct worker *w, uint64_t *mine, uint64_t now)
{
    bool is_more = now > *mine;
    uint64_t sum = set(w->server, mine, now);
    if (LIKELY(*mine == 0 || sum <= w->setup->config->max_buffered_bytes))
        return true;
    if (is_more)
        atomic_store_explicit(&w->server->counters.short_at_ms, loop_now_ms(w->loop),
                              memory_order_relaxed);
    return false;
}

bool budget_is_burst(const struct worker *w)
{
    uint64_t sum =
        atomic_load_explicit(&w->server->counters.buffered_bytes, memory_order_relaxed) +
        sessions_vault_bytes(w->server->sessions);
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
