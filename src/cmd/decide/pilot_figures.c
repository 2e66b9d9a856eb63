/* pilot_figures.c -- see pilot_figures.h. */
#include "cmd/decide/pilot_figures.h"

#include "ledger/ledger.h"
#include "ledger/period.h"
#include "pilot/power.h"

#include <math.h>
#include <string.h>

#define DAY_MS 86400000.0
#define MONTH  30
#define NANO   1e-9
#define ENOUGH 0.8 /* days_left: so surely it has decided by then */
/* It is looked at after so many pairs, and 10 * LOOKS times at most. */
enum { LEAST_PAIRS = 20, RUNS = 200, SEED = 1, STEP_PAIRS = 50, LOOKS = 36 };

/* -- the pairs -------------------------------------------------------------------------
 */

static void add_cost(struct pilot_side *s, int64_t nanousd)
{
    s->nanousd += nanousd >= 0 ? nanousd : 0;
    s->npriced += nanousd >= 0;
}

static int add_pair(struct pilot_figures *f, const struct pilot_pair *p, struct err *err)
{
    f->npairs++;
    f->of_check[p->check]++;
    f->of_task[p->task]++;
    add_cost(&f->local, p->local_nanousd);
    add_cost(&f->other, p->other_nanousd);
    if (p->has_label && p->check == PILOT_JUDGED) {
        f->nchecked++;
        f->nright += p->score == p->label;
    }
    if (p->local_ttft_ms < 0 || p->other_ttft_ms < 0)
        return 0;
    return sample_add(&f->local.ttft_ms, p->local_ttft_ms, err) < 0 ||
                   sample_add(&f->other.ttft_ms, p->other_ttft_ms, err) < 0
               ? -1
               : 0;
}

/* -- how much longer -------------------------------------------------------------------
 */

static double share(size_t part, size_t of)
{
    return of ? (double)part / (double)of : 0;
}

/* The pairs so far as a plan: how often sides differ, how far, and what checks decide. */
static struct pilot_plan plan_of(const struct pilot_place *p,
                                 const struct pilot_figures *f, double mean)
{
    const struct pilot_book *b = &p->story.book;
    size_t nother = f->of_check[PILOT_JUDGED] + f->of_check[PILOT_ASKED];
    size_t ndiffer = 0;
    for (size_t i = 0; i < b->n; i++)
        ndiffer +=
            b->pairs[i].has_label ? b->pairs[i].label != 0 : b->pairs[i].score != 0;
    double wrong = f->nchecked ? 1 - share(f->nright, f->nchecked) : .15;
    return (struct pilot_plan){.margin = p->terms.margin,
                               .alpha = PILOT_ALPHA,
                               .truth = mean,
                               .split = fmax(share(ndiffer, b->n), fabs(mean)),
                               .per_day = STEP_PAIRS,
                               .days = LOOKS,
                               .judged = share(nother, b->n),
                               .judge_wrong = wrong,
                               .kept = p->terms.kept};
}

/* Days that a pilot takes to accept in four of five cases, if all goes on as so far. */
static double days_left(const struct pilot_place *p, const struct pilot_figures *f)
{
    double low, high, mean;
    pilot_book_interval(&p->story.book, 0, &low, &high, &mean);
    if (f->npairs < LEAST_PAIRS || isnan(mean) || mean <= -p->terms.margin)
        return NAN;
    const struct pilot_plan plan = plan_of(p, f, mean);
    double steps = (double)pilot_days(&plan, ENOUGH, RUNS, SEED);
    double days = steps * STEP_PAIRS / ((double)f->npairs / f->days);
    return steps > 0 ? fmax(days - f->days, 0) : NAN;
}

/* -- the month -------------------------------------------------------------------------
 */

struct counting {
    const struct pilot_terms *terms;
    uint64_t n, unknown;
    struct ledger_period period;
    int64_t nanousd;
};

static int count_row(void *ctx, const struct ledger_row *row)
{
    struct counting *c = ctx;
    bool is_of_side = (row->side == SIDE_LOCAL) == c->terms->to_cloud;
    if (row->outcome != OUTCOME_OK || row->open.surface == SURFACE_EMBEDDINGS ||
        !is_of_side)
        return 0;
    int64_t cost = ledger_own_cost(row);
    c->n++;
    c->unknown += cost < 0;
    c->nanousd += cost >= 0 ? cost : 0;
    ledger_period_take(&c->period, row->open.ts_ms);
    return 0;
}

/* What the cloud would ask for one more answer, as the mirrors were paid. */
static double usd_each(const struct pilot_side *s)
{
    return s->npriced ? (double)s->nanousd * NANO / (double)s->npriced : NAN;
}

static struct pilot_month month_of(const struct pilot_place *p,
                                   const struct pilot_figures *f, uint64_t now_ms)
{
    struct counting c = {.terms = &p->terms};
    struct err ignored;
    const struct ledger_query q = {.state_dir = str_of(p->dir),
                                   .since_ms =
                                       ledger_before(now_ms, (uint64_t)(MONTH * DAY_MS)),
                                   .until_ms = now_ms + 1};
    if (ledger_read(&q, count_row, &c, &ignored) != 0 || c.n == 0)
        return (struct pilot_month){.is_known = false};
    double days = fmax(ledger_period_days(&c.period), 1);
    double month = (double)c.n * MONTH / days;
    double usd = p->terms.to_cloud ? usd_each(&f->other) * month
                                   : (double)c.nanousd * NANO * MONTH / days;
    return (struct pilot_month){.is_known = !isnan(usd),
                                .days = days,
                                .requests = (uint64_t)(month + .5),
                                .usd = usd,
                                .unknown = c.unknown};
}

/* --------------------------------------------------------------------------------------
 */

int pilot_figures_of(const struct pilot_place *p, uint64_t now_ms,
                     struct pilot_figures *ret, struct err *err)
{
    const struct pilot_book *b = &p->story.book;
    uint64_t until = p->story.ended_ms ? p->story.ended_ms : now_ms;
    memset(ret, 0, sizeof *ret);
    sample_init(&ret->local.ttft_ms);
    sample_init(&ret->other.ttft_ms);
    for (size_t i = 0; i < b->n; i++) {
        if (add_pair(ret, &b->pairs[i], err) < 0)
            return -1;
        ret->nwaiting += b->pairs[i].is_kept && !b->pairs[i].has_label;
    }
    /* The clock may have been set back since; it has no more days than it was given. */
    uint64_t ran = ledger_before(until, p->terms.began_ms);
    ret->days = fmin(fmax((double)ran / DAY_MS, 1 / DAY_MS), (double)p->terms.days);
    ret->days_left = days_left(p, ret);
    ret->month = month_of(p, ret, now_ms);
    return 0;
}

void pilot_figures_release(struct pilot_figures *f)
{
    sample_release(&f->local.ttft_ms);
    sample_release(&f->other.ttft_ms);
}
