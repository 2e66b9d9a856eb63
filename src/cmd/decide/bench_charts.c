/* bench_charts.c -- see bench_charts.h. */
#include "cmd/decide/bench_charts.h"

#include <math.h>

enum { CDF_POINTS = 21, TIME_POINTS = 60, TIME_CHARTS = 4, FEWEST_POINTS = 10 };

static const char *run_name(struct report *r, const struct bench_row *b)
{
    char load[BENCH_LOAD_BYTES];
    return report_fmt(r, "%s, %s, %s", b->target, b->workload,
                      bench_load_words(&b->load, load));
}

/* How much of the requests had their first token by then. */
void bench_ttft_chart(struct report *r, struct bench_sheet *s)
{
    static double x[REPORT_SERIES][CDF_POINTS], y[REPORT_SERIES][CDF_POINTS];
    struct report_chart c = {.id = "ttft_chart",
                             .title = "How many requests have their first token by then",
                             .x_label = "ms",
                             .y_label = "percent",
                             .mark_x = NAN};
    for (size_t i = 0; i < s->n && c.nseries < REPORT_SERIES; i++) {
        struct sample *t = &s->rows[i].summary.ttft;
        if (t->n < 2)
            continue;
        for (size_t p = 0; p < CDF_POINTS; p++) {
            y[c.nseries][p] = 100.0 * (double)p / (CDF_POINTS - 1);
            x[c.nseries][p] = sample_quantile(t, y[c.nseries][p] / 100);
        }
        c.series[c.nseries] = (struct report_series){.name = run_name(r, &s->rows[i]),
                                                     .x = x[c.nseries],
                                                     .y = y[c.nseries],
                                                     .n = CDF_POINTS};
        c.nseries++;
    }
    if (c.nseries)
        report_chart(r, &c);
}

void bench_sweep_chart(struct report *r, struct bench_sheet *s)
{
    static double x[REPORT_SERIES][BENCH_MOST_STEPS], y[REPORT_SERIES][BENCH_MOST_STEPS];
    struct report_chart c = {.id = "sweep_chart",
                             .title = "Tokens a second over requests at once",
                             .x_label = "requests at once",
                             .y_label = "tokens a second, all requests together",
                             .mark_x = NAN};
    size_t n;
    for (size_t at = 0; at < s->n && c.nseries < REPORT_SERIES; at += n) {
        struct bench_knee knee;
        n = bench_sweep(s, at, &knee);
        if (n < 2)
            continue;
        for (size_t i = 0; i < n && i < BENCH_MOST_STEPS; i++) {
            x[c.nseries][i] = s->rows[at + i].load.concurrency;
            y[c.nseries][i] = s->rows[at + i].summary.tokens_per_s;
        }
        if (c.nseries == 0 && knee.is_reached) {
            c.mark_x = x[0][knee.at];
            c.mark_label = "knee";
        }
        c.series[c.nseries] = (struct report_series){
            .name = report_fmt(r, "%s, %s", s->rows[at].target, s->rows[at].workload),
            .x = x[c.nseries],
            .y = y[c.nseries],
            .n = n < BENCH_MOST_STEPS ? n : BENCH_MOST_STEPS};
        c.nseries++;
    }
    if (c.nseries)
        report_chart(r, &c);
}

/* The slowest of each piece of time: a mean would hide a stall. */
static size_t slowest(const struct bench_summary *m, bool is_ttft, double *x, double *y)
{
    size_t n = 0;
    double end = 0;
    for (size_t i = 0; i < m->npoints; i++)
        end = fmax(end, (double)m->points[i].begun_s);
    double step = end > 0 ? end / TIME_POINTS : 1;
    double worst[TIME_POINTS + 1];
    for (size_t k = 0; k <= TIME_POINTS; k++)
        worst[k] = NAN;
    for (size_t i = 0; i < m->npoints; i++) {
        const struct bench_point *p = &m->points[i];
        size_t k = (size_t)fmax(0, (double)p->begun_s / step);
        k = k > TIME_POINTS ? TIME_POINTS : k;
        worst[k] = fmax(worst[k], (double)(is_ttft ? p->ttft_ms : p->latency_ms));
    }
    for (size_t k = 0; k <= TIME_POINTS; k++)
        if (!isnan(worst[k])) {
            x[n] = (double)k * step;
            y[n++] = worst[k];
        }
    return n;
}

/* Of each target and workload the load that tells most: the knee of a sweep. */
void bench_time_chart(struct report *r, struct bench_sheet *s)
{
    static double x[2][TIME_POINTS + 1], y[2][TIME_POINTS + 1];
    size_t n, ncharts = 0;
    for (size_t at = 0; at < s->n && ncharts < TIME_CHARTS; at += n) {
        struct bench_knee knee;
        n = bench_sweep(s, at, &knee);
        const struct bench_row *b = &s->rows[at + knee.at];
        if (b->summary.npoints < FEWEST_POINTS)
            continue;
        struct report_chart c = {
            .id = report_fmt(r, "time_chart_%zu", ++ncharts),
            .title = report_fmt(r, "Over time: %s", run_name(r, b)),
            .x_label = "seconds since the load began",
            .y_label = "ms, the slowest request of each moment, by when it was to begin",
            .mark_x = NAN,
            .nseries = 2};
        c.series[0] =
            (struct report_series){.name = "whole answer",
                                   .x = x[0],
                                   .y = y[0],
                                   .n = slowest(&b->summary, false, x[0], y[0])};
        c.series[1] = (struct report_series){.name = "first token",
                                             .x = x[1],
                                             .y = y[1],
                                             .n = slowest(&b->summary, true, x[1], y[1])};
        report_chart(r, &c);
    }
}
