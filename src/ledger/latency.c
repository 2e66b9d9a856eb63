/* latency.c -- see latency.h. */
#include "ledger/latency.h"

#include "ledger/period.h"

#include <math.h>

enum { WORDS_BYTES = 4 << 20, MIN_TOKENS = 8 };

void latency_init(struct latency_table *t)
{
    *t = (struct latency_table){.first = NULL};
    arena_init(&t->words, WORDS_BYTES);
}

void latency_release(struct latency_table *t)
{
    for (struct latency_line *l = t->first; l; l = l->next) {
        sample_release(&l->ttft);
        sample_release(&l->paused);
        sample_release(&l->speed);
    }
    arena_reset(&t->words);
}

static struct latency_line *line_of(struct latency_table *t, const struct ledger_leg *leg)
{
    struct latency_line **at = &t->first;
    while (*at &&
           !(str_eq((*at)->engine, leg->engine) && str_eq((*at)->model, leg->model)))
        at = &(*at)->next;
    if (*at)
        return *at;
    struct latency_line *l = arena_new(&t->words, struct latency_line);
    if (!l)
        return NULL;
    *l = (struct latency_line){.engine = arena_strdup(&t->words, leg->engine),
                               .model = arena_strdup(&t->words, leg->model),
                               .side = leg->side};
    sample_init(&l->ttft);
    sample_init(&l->paused);
    sample_init(&l->speed);
    *at = l->engine.p && l->model.p ? l : NULL;
    return *at;
}

/* Of what was made behind the first token: too few tokens say too little. */
static double speed_of(const struct ledger_leg *leg)
{
    uint64_t made_ms = leg->total_ms - (uint64_t)leg->ttft_ms;
    if (!leg->usage_is_reported || leg->usage.output_tokens < MIN_TOKENS || made_ms == 0)
        return NAN;
    return 1000.0 * (double)(leg->usage.output_tokens - 1) / (double)made_ms;
}

static int add_leg(struct latency_table *t, const struct ledger_row *row,
                   const struct ledger_leg *leg, struct err *err)
{
    struct latency_line *l = line_of(t, leg);
    if (!l)
        return err_nomem(err);
    uint64_t began = row->open.ts_ms + leg->started_ms;
    uint64_t ended = began + leg->total_ms;
    if (ledger_was_set_back(l->began_ms, began))
        l->last_ms = ended;
    bool is_first = l->legs == 0 || began > l->last_ms + LATENCY_PAUSE_MS;
    l->began_ms = began;
    if (ended > l->last_ms)
        l->last_ms = ended;
    l->legs++;
    if (!row->is_stream || !leg->is_promised || leg->ttft_ms < 0 ||
        leg->outcome != OUTCOME_OK || (uint64_t)leg->ttft_ms > leg->total_ms)
        return 0;
    if (sample_add(is_first ? &l->paused : &l->ttft, (double)leg->ttft_ms, err) < 0)
        return -1;
    double speed = speed_of(leg);
    if (t->each && t->each(t->each_ctx, row, leg, is_first, speed, err) < 0)
        return -1;
    return sample_add(&l->speed, speed, err);
}

int latency_add(struct latency_table *t, const struct ledger_row *row, struct err *err)
{
    for (size_t i = 0; i < row->nlegs; i++)
        if (!row->legs[i].is_bare && add_leg(t, row, &row->legs[i], err) < 0)
            return -1;
    return 0;
}
