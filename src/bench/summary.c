/* summary.c -- see summary.h. */
#include "bench/summary.h"

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

static int add_request(struct bench_summary *s, const struct bench_trace *t,
                       enum bench_as as, bool is_open, const struct bench_slo *slo,
                       struct err *err)
{
    struct bench_figures f, plain;
    struct sample gaps;
    bench_figures(t, as, is_open, &f);
    bench_figures(t, as, false, &plain);
    sample_init(&gaps);
    int rc = bench_gaps(t, AS_WEIR, &gaps, err);
    double jitter = sample_jitter(&gaps);
    sample_release(&gaps);
    if (rc < 0 || bench_gaps(t, as, &s->gaps, err) < 0)
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
    s->good += keeps(f.ttft_ms, slo->ttft_ms) && keeps(f.latency_ms, slo->latency_ms) &&
               (isnan(f.itl_ms) || keeps(f.itl_ms, slo->itl_ms));
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

static void rates(struct bench_summary *s, const struct bench_result *r,
                  const struct bench_slo *slo)
{
    s->seconds = (double)(r->ended_us - r->began_us) / 1e6;
    bool is_known = s->seconds > 0 && s->done;
    bool has_slo = !isnan(slo->ttft_ms) || !isnan(slo->itl_ms) || !isnan(slo->latency_ms);
    s->requests_per_s = is_known ? s->done / s->seconds : NAN;
    s->tokens_per_s = is_known ? (double)s->output_tokens / s->seconds : NAN;
    s->good_per_s = is_known && has_slo ? s->good / s->seconds : NAN;
}

int bench_summarise(const struct bench_result *r, const struct bench_load *l,
                    enum bench_as as, const struct bench_slo *slo,
                    struct bench_summary *ret, struct err *err)
{
    struct bench_figures f;
    struct sample *all[10];
    *ret = (struct bench_summary){.cold_ttft_ms = NAN};
    samples_of(ret, all);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        sample_init(all[i]);
    for (size_t i = 0; i < r->n; i++) {
        const struct bench_trace *t = &r->traces[i];
        if (t->is_cold && t->end == BENCH_DONE) {
            bench_figures(t, as, false, &f);
            ret->cold_ttft_ms = f.ttft_ms;
        }
        if (t->end == BENCH_FAILED)
            add_failure(ret, t->code);
        ret->cancelled += t->end == BENCH_CANCELLED;
        if (!t->is_warmup && t->end == BENCH_DONE &&
            add_request(ret, t, as, l->shape != LOAD_CLOSED, slo, err) < 0)
            return -1;
    }
    rates(ret, r, slo);
    return 0;
}

void bench_summary_release(struct bench_summary *s)
{
    struct sample *all[10];
    samples_of(s, all);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        sample_release(all[i]);
}

bool bench_summary_omits(struct bench_summary *s)
{
    double intended = sample_quantile(&s->latency, .99);
    double actual = sample_quantile(&s->from_start, .99);
    return intended >= 2 * actual && intended >= actual + 100;
}
