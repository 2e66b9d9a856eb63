/* meter.h -- counters and histograms per model, for /metrics and for estimates.
 *
 * One meter for each (engine, model) ever configured in this process, so labels are
 * bounded by configuration and never by what clients send.  Meters are found when a
 * setup is built and only ever added; workers update them without locks.  Names follow
 * the OpenTelemetry GenAI conventions where these have one. */
#ifndef WEIR_GATEWAY_METER_H
#define WEIR_GATEWAY_METER_H

#include "config/config.h"
#include "ledger/judged.h"

#include <stdatomic.h>

enum { METER_BUCKETS = 14 };

struct histogram {
    atomic_ullong counts[METER_BUCKETS + 1]; /* the last: beyond all bounds */
    atomic_ullong sum_us;
};

struct meter {
    struct meter *next;
    char engine[128], model[256];
    enum side side;
    atomic_ullong requests[OUTCOME_COUNT];
    atomic_ullong input_tokens, cached_tokens, output_tokens, cost_nanousd, uncosted;
    struct histogram ttft, duration;
    atomic_uint ttft_ewma_ms; /* 0: none yet */
    atomic_ullong answered_s; /* when it answered last, since 1970; 0: it has not */
};

struct meters; /* the process's */

struct meters *meters_create(void); /* NULL: no memory */
void meters_free(struct meters *m);
/* The model's meter, made if new; NULL when memory is out. Main thread only. */
struct meter *meters_for(struct meters *m, const struct config_model *model);
/* After a request, on the model that its row names: any thread. */
void meter_count(struct meter *m, enum outcome outcome, int64_t ttft_ms,
                 uint64_t total_ms);
/* It has answered; wall_ms: since 1970.  Any thread. */
void meter_note_answer(struct meter *m, uint64_t wall_ms);
/* After each of its legs, on the leg's own model: tokens and cost.  m may be NULL. */
void meter_count_leg(struct meter *m, const struct ledger_leg *leg);
/* For requests that met no engine. */
void meters_count_refused(struct meters *m, enum outcome outcome);
/* What became of an answer that was to be judged. */
void meters_count_judged(struct meters *m, enum judged result);
/* A leg of a request whose local answer was to be judged: what it cost to judge it and to
 * ask a stronger model.  The leg whose answer was given because it was kept is none. */
void meters_count_judging(struct meters *m, const struct ledger_leg *leg);
/* A judge's reply that holds no verdict, or an opinion without a text. */
void meters_count_unread(struct meters *m, enum leg_purpose purpose);
/* Prometheus text format, version 0.0.4. */
void meters_write(struct meters *all, struct buf *b);

#endif
