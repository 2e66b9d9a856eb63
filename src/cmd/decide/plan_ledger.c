/* plan_ledger.c -- sums by day and side, as the rows a plan starts from.
 *
 * The decode speed is output tokens over the whole time of local requests, as clients
 * saw it.  Prompt, queue and load are inside, so the machine looks slower than it is and
 * never faster.  Time to first token cannot be taken off: for answers that are not
 * streamed it is the whole time. */
#include "cmd/decide/plan_ledger.h"

#include "core/clock.h"
#include "ledger/index/sums.h"

#include <stdio.h>
#include <stdlib.h>

#define MS_PER_DAY UINT64_C(86400000)

enum { ROWS_MAX = 4 * (PLAN_LEDGER_DAYS + 2), PATH_ROOM = 1024 };

struct gathered {
    struct plan_ledger_row rows[ROWS_MAX];
    size_t n;
    uint64_t days; /* distinct */
    char last_day[16];
};

static int gather(void *ctx, const struct ledger_sums *s)
{
    struct gathered *g = ctx;
    if (g->n == ROWS_MAX)
        return 0;
    if (!str_eqz(s->words[0], g->last_day)) {
        snprintf(g->last_day, sizeof g->last_day, "%.*s", STR_ARG(s->words[0]));
        g->days++;
    }
    struct plan_ledger_row *row = &g->rows[g->n++];
    *row = (struct plan_ledger_row){
        .is_local = str_eqz(s->words[1], "local"),
        .requests = s->requests,
        .cost_nanousd = s->cost_nanousd,
        .tokens = {.input = s->input_tokens,
                   .cached = s->cached_tokens,
                   .cache_write = s->cache_write_tokens,
                   .output = s->output_tokens,
                   .reasoning = s->reasoning_tokens},
    };
    if (s->estimated == 0)
        row->decode_ms = s->total_ms;
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

int plan_ledger_read(const char *state_dir, struct plan_input *in, uint64_t *ret_days,
                     struct err *err)
{
    char usual[PATH_ROOM];
    struct gathered g = {.n = 0};
    usual_place(usual);
    struct ledger_sums_query q = {
        .state_dir = str_of(state_dir ? state_dir : usual),
        .since_ms = clock_wall_ms() - PLAN_LEDGER_DAYS * MS_PER_DAY,
        .by = {SUMS_BY_DAY, SUMS_BY_SIDE},
        .nby = 2,
    };
    if (ledger_sum(&q, gather, &g, err) < 0 || plan_from_ledger(g.rows, g.n, in, err) < 0)
        return -1;
    in->requests = in->requests * PLAN_LEDGER_DAYS / g.days;
    in->days = PLAN_LEDGER_DAYS;
    *ret_days = g.days;
    return 0;
}
