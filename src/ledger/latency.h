/* latency.h -- how soon each model answered, from the requests that people sent.
 *
 * Counted are legs that were streamed to their client and ended well.  A model that had
 * nothing to do for LATENCY_PAUSE_MS may have been taken out of memory: the first leg
 * after such a pause, and the very first, stand apart as "after a pause".  Times are the
 * monotonic clock's; pauses alone are the wall clock's, and where that was set back there
 * is none. */
#ifndef WEIR_LEDGER_LATENCY_H
#define WEIR_LEDGER_LATENCY_H

#include "core/arena.h"
#include "eval/sample.h"
#include "ledger/ledger.h"

enum { LATENCY_PAUSE_MS = 5 * 60 * 1000 }; /* the default keep_alive of Ollama */

/* One engine and model. */
struct latency_line {
    struct str engine, model;
    enum side side;
    struct sample ttft, paused; /* milliseconds */
    struct sample speed;        /* tokens a second while it answered, where told */
    uint64_t began_ms, last_ms; /* wall clock: its last leg began, the last one ended */
    uint64_t legs;              /* also those that say nothing of the first token */
    struct latency_line *next;
};

/* One leg that was streamed to its client and ended well; speed may be not a number. */
typedef int latency_leg_fn(void *ctx, const struct ledger_row *row,
                           const struct ledger_leg *leg, bool is_after_pause,
                           double speed, struct err *err);

struct latency_table {
    struct arena words;
    struct latency_line *first;
    latency_leg_fn *each; /* is told of each; NULL: nobody is */
    void *each_ctx;
};

void latency_init(struct latency_table *t);
void latency_release(struct latency_table *t);
/* Adds the legs of a row; rows come oldest first.  -1: no memory. */
int latency_add(struct latency_table *t, const struct ledger_row *row, struct err *err);

#endif
