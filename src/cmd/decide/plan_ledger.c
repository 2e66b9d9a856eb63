/* plan_ledger.c -- sums by side and model, as the rows a plan starts from.
 *
 * The decode speed is output tokens over the whole time of local requests, as clients
 * saw it.  Prompt, queue and load are inside, so the machine looks slower than it is and
 * never faster.  Time to first token cannot be taken off: for answers that are not
 * streamed it is the whole time.
 *
 * A speed counts for the model that had it, on the machine that has the ledger. */
#include "cmd/decide/plan_ledger.h"

#include "core/clock.h"
#include "ledger/index/sums.h"
#include "ledger/period.h"

#include <stdio.h>
#include <stdlib.h>

#define MS_PER_DAY UINT64_C(86400000)

enum { ROWS_MAX = 256, PATH_ROOM = 1024 };

struct gathered {
    const struct plan_ledger_ask *ask;
    struct plan_ledger_row rows[ROWS_MAX];
    size_t n;
    size_t timed_models; /* local ones with a speed */
};

static bool is_wanted(const struct plan_ledger_ask *ask, struct str name)
{
    struct model_answer a = {.n = 0};
    if (!ask->model)
        return true;
    models_ask(ask->models, name, &a);
    return a.n == 1 && a.choices[0] == ask->model;
}

static int gather(void *ctx, const struct ledger_sums *s)
{
    struct gathered *g = ctx;
    if (g->n == ROWS_MAX)
        return 0;
    struct plan_ledger_row *row = &g->rows[g->n++];
    *row = (struct plan_ledger_row){
        .is_local = str_eqz(s->words[0], "local"),
        .requests = s->requests,
        .cost_nanousd = s->cost_nanousd,
        .tokens = {.input = s->input_tokens,
                   .cached = s->cached_tokens,
                   .cache_write = s->cache_write_tokens,
                   .output = s->output_tokens,
                   .reasoning = s->reasoning_tokens},
    };
    if (g->ask->wants_speed && row->is_local && s->estimated == 0 && s->total_ms &&
        is_wanted(g->ask, s->words[1])) {
        row->decode_ms = s->total_ms;
        g->timed_models++;
    }
    return 0;
}

static void usual_place(char out[PATH_ROOM])
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state && state[0] == '/')
        snprintf(out, PATH_ROOM, "%s/weir", state);
    else
        snprintf(out, PATH_ROOM, "%s/.local/state/weir", home ? home : "");
}

static int take_first(void *ctx, const struct ledger_row *row)
{
    uint64_t *first = ctx;
    *first = row->open.ts_ms;
    return 1;
}

static int check_span(const struct plan_ledger_ask *ask,
                      const struct plan_ledger_seen *seen, struct err *err)
{
    if (seen->span_ms >= MS_PER_DAY || ask->allow_short)
        return 0;
    return err_set(err, ERR_CONFIG, "short_sample",
                   "--from-ledger: its rows begin %.1f hours ago; that is no month. Wait "
                   "for a day of them, or take it for one with --short-sample",
                   (double)seen->span_ms / 3600000.0);
}

int plan_ledger_read(const struct plan_ledger_ask *ask, struct plan_input *in,
                     struct plan_ledger_seen *ret, struct err *err)
{
    char usual[PATH_ROOM];
    struct gathered g = {.ask = ask};
    uint64_t now = clock_wall_ms();
    uint64_t first = now;
    usual_place(usual);
    struct ledger_sums_query q = {
        .state_dir = str_of(ask->state_dir ? ask->state_dir : usual),
        .since_ms = ledger_before(now, PLAN_LEDGER_DAYS * MS_PER_DAY),
        .by = {SUMS_BY_SIDE, SUMS_BY_MODEL},
        .nby = 2,
    };
    struct ledger_query rows = {.state_dir = q.state_dir, .since_ms = q.since_ms};
    if (ledger_sum(&q, gather, &g, err) < 0)
        return -1;
    /* Of several models' speeds none is the plan's. */
    for (size_t i = 0; i < g.n && !ask->model && g.timed_models > 1; i++)
        g.rows[i].decode_ms = 0;
    if (plan_from_ledger(g.rows, g.n, in, err) < 0 ||
        ledger_read(&rows, take_first, &first, err) < 0)
        return -1;
    *ret = (struct plan_ledger_seen){in->requests, now > first ? now - first : 1};
    if (check_span(ask, ret, err) < 0)
        return -1;
    in->days = PLAN_LEDGER_DAYS;
    double scaled = (double)in->requests * (double)(PLAN_LEDGER_DAYS * MS_PER_DAY) /
                    (double)ret->span_ms;
    in->requests = scaled < 1 ? 1 : scaled > 2e9 ? 2000000000 : (uint64_t)(scaled + 0.5);
    return 0;
}
