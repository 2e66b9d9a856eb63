/* summary.c -- see summary.h. */
#include "bench/summary.h"

#include "core/mem.h"

#include <math.h>
#include <stdio.h>

static void samples_of(struct bench_summary *s, struct sample *all[10])
{
    struct sample *list[] = {&s->ttft, &s->visible, &s->itl,   &s->tpot, &s->latency,
                             &s->gaps, &s->jitter,  &s->speed, &s->late, &s->from_start};
    memcpy(all, list, sizeof list);
}

static bool keeps(double value, double limit)
{
    return isnan(limit) || value <= limit;
}

/* The gaps of a run may be many millions; a random half a million of them has the same
 * quantiles, to a twentieth of a percentile. */
enum { MOST_GAPS = 1 << 19, FIRST_POINTS = 64 };

static int add_point(struct bench_summary *s, const struct bench_trace *t,
                     const struct bench_figures *f, struct err *err)
{
    if (s->npoints == s->room) {
        size_t room = s->room ? 2 * s->room : FIRST_POINTS;
        struct bench_point *points = mem_realloc(s->points, room * sizeof *points);
        if (!points)
            return err_nomem(err);
        s->points = points;
        s->room = room;
    }
    /* Seconds of the clock until the beginning is known: bench_summary_end(). */
    int64_t begun = s->is_open_loop ? t->intended_us : t->start_us;
    if (s->npoints == 0)
        s->first_us = begun;
    s->points[s->npoints++] =
        (struct bench_point){(float)((double)(begun - s->first_us) / 1e6),
                             (float)f->ttft_ms, (float)f->latency_ms};
    return 0;
}

static int add_request(struct bench_summary *s, const struct bench_trace *t,
                       struct err *err)
{
    struct bench_figures f, plain;
    struct sample gaps;
    bench_figures(t, s->as, s->is_open_loop, &f);
    bench_figures(t, s->as, false, &plain);
    sample_init(&gaps);
    int rc = bench_gaps(t, AS_WEIR, &gaps, err);
    double jitter = sample_jitter(&gaps);
    sample_release(&gaps);
    if (rc < 0 || bench_gaps(t, s->as, &s->gaps, err) < 0 || add_point(s, t, &f, err) < 0)
        return -1;
    const struct {
        struct sample *to;
        double value;
    } values[] = {{&s->ttft, f.ttft_ms},       {&s->visible, f.visible_ms},
                  {&s->itl, f.itl_ms},         {&s->tpot, f.tpot_ms},
                  {&s->latency, f.latency_ms}, {&s->speed, f.tokens_per_s},
                  {&s->late, f.late_ms},       {&s->from_start, plain.latency_ms},
                  {&s->jitter, jitter}};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (sample_add(values[i].to, values[i].value, err) < 0)
            return -1;
    s->done++;
    s->untold += !f.are_tokens_told;
    s->unvisible += isnan(f.visible_ms) != 0;
    s->output_tokens += (uint64_t)f.tokens;
    s->input_tokens += t->usage.input_tokens;
    s->cached_tokens += t->usage.cached_tokens;
    s->reasoning_tokens += t->usage.reasoning_tokens;
    s->good += keeps(f.ttft_ms, s->slo.ttft_ms) &&
               keeps(f.latency_ms, s->slo.latency_ms) &&
               (isnan(f.itl_ms) || keeps(f.itl_ms, s->slo.itl_ms));
    return 0;
}

/* Of more reasons than there is room for, those that came first are named. */
static void add_failure(struct bench_summary *s, const char *code)
{
    size_t i = 0;
    s->failed++;
    while (i < s->nreasons && strcmp(s->reasons[i].code, code) != 0)
        i++;
    if (i == BENCH_MAX_REASONS)
        return;
    if (i == s->nreasons)
        snprintf(s->reasons[s->nreasons++].code, sizeof s->reasons[i].code, "%s", code);
    s->reasons[i].n++;
    for (; i > 0 && s->reasons[i].n > s->reasons[i - 1].n; i--) {
        struct bench_reason r = s->reasons[i];
        s->reasons[i] = s->reasons[i - 1];
        s->reasons[i - 1] = r;
    }
}

void bench_summary_begin(struct bench_summary *s, const struct bench_load *l,
                         enum bench_as as, const struct bench_slo *slo)
{
    struct sample *all[10];
    *s = (struct bench_summary){.cold_ttft_ms = NAN,
                                .as = as,
                                .slo = *slo,
                                .is_open_loop = l->shape != LOAD_CLOSED};
    samples_of(s, all);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        sample_init(all[i]);
    s->gaps.most = MOST_GAPS;
}

int bench_summary_add(struct bench_summary *s, const struct bench_trace *t,
                      struct err *err)
{
    struct bench_figures f;
    if (t->is_cold && t->end == BENCH_DONE) {
        bench_figures(t, s->as, false, &f);
        s->cold_ttft_ms = f.ttft_ms;
    }
    if (t->end == BENCH_FAILED)
        add_failure(s, t->code);
    s->cancelled += t->end == BENCH_CANCELLED;
    return !t->is_warmup && t->end == BENCH_DONE ? add_request(s, t, err) : 0;
}

void bench_summary_end(struct bench_summary *s, const struct bench_result *r)
{
    const struct bench_slo *slo = &s->slo;
    s->seconds = (double)(r->ended_us - r->began_us) / 1e6;
    bool is_known = s->seconds > 0 && s->done;
    bool has_slo = !isnan(slo->ttft_ms) || !isnan(slo->itl_ms) || !isnan(slo->latency_ms);
    s->requests_per_s = is_known ? s->done / s->seconds : NAN;
    s->tokens_per_s = is_known ? (double)s->output_tokens / s->seconds : NAN;
    s->good_per_s = is_known && has_slo ? s->good / s->seconds : NAN;
    for (size_t i = 0; i < s->npoints; i++)
        s->points[i].begun_s += (float)((double)(s->first_us - r->began_us) / 1e6);
}

void bench_summary_release(struct bench_summary *s)
{
    struct sample *all[10];
    samples_of(s, all);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        sample_release(all[i]);
    mem_free(s->points);
    s->points = NULL;
    s->npoints = s->room = 0;
}

bool bench_summary_omits(struct bench_summary *s)
{
    double intended = sample_quantile(&s->latency, .99);
    double actual = sample_quantile(&s->from_start, .99);
    return intended >= 2 * actual && intended >= actual + 100;
}
