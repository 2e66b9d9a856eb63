/* period.h -- the time that rows cover, by the wall clock that they carry.
 *
 * Rows come in the order of their ids; a wall clock that was set back, and requests that
 * were read at the same time, let a later row carry an earlier time.  So a period goes
 * from the earliest to the latest, whichever came first, and is never negative. */
#ifndef WEIR_LEDGER_PERIOD_H
#define WEIR_LEDGER_PERIOD_H

#include "core/compiler.h"

struct ledger_period {
    uint64_t first_ms, last_ms; /* since 1970; 0: no row was taken */
};

static inline void ledger_period_take(struct ledger_period *p, uint64_t ts_ms)
{
    if (!p->first_ms || ts_ms < p->first_ms)
        p->first_ms = ts_ms;
    if (ts_ms > p->last_ms)
        p->last_ms = ts_ms;
}

static inline double ledger_period_days(const struct ledger_period *p)
{
    return (double)(p->last_ms - p->first_ms) / 86400000.0;
}

/* Was the wall clock set back between a row and a later one?  Requests whose bodies came
 * slowly are rows some seconds late. */
enum { LEDGER_LATE_MS = 60000 };
static inline bool ledger_was_set_back(uint64_t before_ms, uint64_t ts_ms)
{
    return ts_ms + LEDGER_LATE_MS < before_ms;
}

/* So long before that moment; a clock that stands near 1970 has nothing before it. */
static inline uint64_t ledger_before(uint64_t now_ms, uint64_t ms)
{
    return now_ms > ms ? now_ms - ms : 0;
}

#endif
