/* bench_report.c -- see bench_report.h. */
#include "cmd/decide/bench_report.h"

#include "facts/money.h"

#include <math.h>

enum { CDF_POINTS = 21 };

#define MEASURED "weir bench, this run"

/* -- cells -------------------------------------------------------------------------- */

static const char *number(struct report *r, double v, const char *unit)
{
    if (isnan(v))
        return "unknown";
    return report_fmt(r,
                      fabs(v) < 10    ? "%.2f%s"
                      : fabs(v) < 100 ? "%.1f%s"
                                      : "%.0f%s",
                      v, unit);
}

static const char *ms(struct report *r, double v)
{
    return number(r, v, "");
}

static const char *percent(struct report *r, double share)
{
    return isnan(share) ? "unknown" : report_fmt(r, "%.0f%%", 100 * share);
}

static const char *load_words(struct report *r, const struct bench_load *l)
{
    if (l->shape == LOAD_CLOSED)
        return report_fmt(r, "%u at once", l->concurrency);
    return report_fmt(r, "%g/s %s", l->per_s,
                      l->shape == LOAD_POISSON ? "Poisson" : "constant");
}

/* -- tables ------------------------------------------------------------------------- */

static void first_token(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {"target",    "workload", "cold", "mean",
                                          "deviation", "CV",       "p50",  "p99"};
    report_section(r, "ttft", "Time to first token (TTFT), milliseconds");
    report_text(
        r,
        "TTFT: %s. Cold is the first warm-up request, when the model may not have "
        "been in memory; it is in no other figure. Deviation is of the sample "
        "(n - 1), CV = deviation / mean.",
        bench_words[s->as].ttft);
    report_table(r, "ttft", columns, ARRAY_LEN(columns), TRUTH_MEASURED, MEASURED,
                 REPORT_NO_DATE);
    for (size_t i = 0; i < s->n; i++) {
        struct bench_row *b = &s->rows[i];
        struct sample *t = &b->summary.ttft;
        const char *cells[] = {
            b->target,
            report_fmt(r, "%s, %s", b->workload, load_words(r, &b->load)),
            ms(r, b->summary.cold_ttft_ms),
            ms(r, sample_mean(t)),
            ms(r, sample_deviation(t)),
            percent(r, sample_variation(t)),
            ms(r, sample_quantile(t, .5)),
            ms(r, sample_quantile(t, .99))};
        report_row(r, cells);
    }
}

static void streams(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {"target",      "workload",   "ITL p50",
                                          "ITL p99",     "jitter",     "tokens/s",
                                          "visible p50", "latency p50"};
    report_section(r, "streams", "While it answers: one stream");
    report_text(r,
                "Inter-token latency (ITL): %s. Jitter: mean difference of neighbouring "
                "gaps. Tokens a second: (tokens - 1) / (last content - first content) of "
                "each request, its median. Visible: to the first text or call, without "
                "thoughts. Latency: %s. Milliseconds but for tokens a second.",
                bench_words[s->as].itl, bench_words[s->as].latency);
    report_table(r, "streams", columns, ARRAY_LEN(columns), TRUTH_MEASURED, MEASURED,
                 REPORT_NO_DATE);
    for (size_t i = 0; i < s->n; i++) {
        struct bench_row *b = &s->rows[i];
        struct bench_summary *m = &b->summary;
        const char *cells[] = {
            b->target,
            report_fmt(r, "%s, %s", b->workload, load_words(r, &b->load)),
            ms(r, sample_quantile(&m->gaps, .5)),
            ms(r, sample_quantile(&m->gaps, .99)),
            ms(r, sample_mean(&m->jitter)),
            number(r, sample_quantile(&m->speed, .5), ""),
            ms(r, sample_quantile(&m->visible, .5)),
            ms(r, sample_quantile(&m->latency, .5))};
        report_row(r, cells);
    }
}

static const char *cost_of(struct report *r, const struct bench_row *b)
{
    char text[MONEY_TEXT];
    if (b->is_simulated)
        return "simulated";
    if (!b->is_paid)
        return "not billed";
    if (!b->is_price_known)
        return "unknown";
    money_format(b->result.cost_nanousd, 4, text);
    return report_fmt(r, "%s", text);
}

static void throughput(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {"target",     "workload", "requests", "failed",
                                          "requests/s", "tokens/s", "good/s",   "cost"};
    report_section(r, "load", "All requests together");
    report_text(r,
                "Good a second: requests a second that keep the stated limits (--slo). "
                "Latencies of open loops count from the intended start.");
    report_table(r, "load", columns, ARRAY_LEN(columns), TRUTH_MEASURED, MEASURED,
                 REPORT_NO_DATE);
    for (size_t i = 0; i < s->n; i++) {
        const struct bench_row *b = &s->rows[i];
        const struct bench_summary *m = &b->summary;
        const char *cells[] = {
            b->target,
            report_fmt(r, "%s, %s", b->workload, load_words(r, &b->load)),
            report_fmt(r, "%u", m->done),
            report_fmt(r, "%u", m->failed),
            number(r, m->requests_per_s, ""),
            number(r, m->tokens_per_s, ""),
            number(r, m->good_per_s, ""),
            cost_of(r, b)};
        report_row(r, cells);
    }
}

/* -- what a reader must know -------------------------------------------------------- */

static void warn_of(struct report *r, struct bench_row *b)
{
    struct bench_summary *m = &b->summary;
    for (size_t i = 0; i < m->nreasons; i++)
        report_text(r, "%s, %s: %u failed with %s.", b->target, b->workload,
                    m->reasons[i].n, m->reasons[i].code);
    if (bench_summary_omits(m))
        report_text(
            r,
            "%s, %s: a stall kept requests from starting. From the intended start "
            "p99 of the latency is %s ms; a tool that counts from the actual start "
            "would show %s ms.",
            b->target, b->workload, ms(r, sample_quantile(&m->latency, .99)),
            ms(r, sample_quantile(&m->from_start, .99)));
    if (m->untold)
        report_text(
            r,
            "%s, %s: the engine told no token counts for %u answers; there events "
            "are counted, and an event may hold several tokens.",
            b->target, b->workload, m->untold);
    if (m->unvisible)
        report_text(r, "%s, %s: %u answers held no visible text.", b->target, b->workload,
                    m->unvisible);
    if (m->cached_tokens)
        report_text(r,
                    "%s, %s: %.0f %% of the prompt tokens came from the engine's cache.",
                    b->target, b->workload,
                    100 * (double)m->cached_tokens / (double)m->input_tokens);
    if (m->cancelled)
        report_text(r, "%s, %s: the run was stopped; %u open requests are in no figure.",
                    b->target, b->workload, m->cancelled);
    if (b->result.is_over_budget)
        report_text(r,
                    "%s, %s: requests were left out that --max-usd would not have "
                    "covered.",
                    b->target, b->workload);
    if (b->result.busy_us > (uint64_t)(m->seconds * 8e5))
        report_text(
            r,
            "%s, %s: weir itself was busy %.0f %% of the time; its own work may be "
            "in the figures.",
            b->target, b->workload, (double)b->result.busy_us / (m->seconds * 1e4));
}

size_t bench_knee(const struct bench_row *rows, size_t from, size_t to)
{
    size_t knee = from;
    for (size_t i = from + 1; i <= to; i++) {
        if (!(rows[i].summary.tokens_per_s >= 1.1 * rows[knee].summary.tokens_per_s))
            break;
        knee = i;
    }
    return knee;
}

/* -- charts ------------------------------------------------------------------------- */

/* How much of the requests had their first token by then. */
static void ttft_chart(struct report *r, struct bench_sheet *s)
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
        c.series[c.nseries] = (struct report_series){
            .name = report_fmt(r, "%s, %s", s->rows[i].target, s->rows[i].workload),
            .x = x[c.nseries],
            .y = y[c.nseries],
            .n = CDF_POINTS};
        c.nseries++;
    }
    if (c.nseries)
        report_chart(r, &c);
}

static void answer(struct report *r, struct bench_sheet *s)
{
    struct bench_row *b = &s->rows[0];
    for (size_t i = 1; i < s->n; i++)
        if (sample_quantile(&s->rows[i].summary.ttft, .5) <
            sample_quantile(&b->summary.ttft, .5))
            b = &s->rows[i];
    if (b->summary.done == 0) {
        report_answer(r, "No request was answered.");
        return;
    }
    report_answer(r,
                  "%s%s: first token after %s ms, then %s tokens a second (medians of "
                  "%u requests).",
                  s->n > 1 ? "Soonest: " : "", b->target,
                  ms(r, sample_quantile(&b->summary.ttft, .5)),
                  number(r, sample_quantile(&b->summary.speed, .5), ""), b->summary.done);
}

struct report *bench_report(struct bench_sheet *s)
{
    struct report *r = report_create("bench", "Measured on this machine, now");
    if (!r)
        return NULL;
    answer(r, s);
    first_token(r, s);
    ttft_chart(r, s);
    streams(r, s);
    throughput(r, s);
    report_section(r, "notes", "What to know");
    report_text(r, "Definitions: %s's. %s", bench_as_names[s->as],
                s->has_mark
                    ? "Each prompt began with another number, so that no engine's "
                      "prompt cache could answer for it."
                    : "Prompts were repeated as they are; engines may have answered "
                      "from their prompt caches.");
    for (size_t i = 0; i < s->n; i++)
        warn_of(r, &s->rows[i]);
    return r;
}
