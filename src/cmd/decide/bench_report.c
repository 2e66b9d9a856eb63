/* bench_report.c -- see bench_report.h. */
#include "cmd/decide/bench_report.h"

#include "cmd/decide/bench_charts.h"
#include "facts/money.h"

#include <math.h>
#include <stdio.h>

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

const char *bench_load_words(const struct bench_load *l, char ret[BENCH_LOAD_BYTES])
{
    if (l->shape == LOAD_CLOSED)
        snprintf(ret, BENCH_LOAD_BYTES, "%u at once", l->concurrency);
    else
        snprintf(ret, BENCH_LOAD_BYTES, "%g/s %s", l->per_s,
                 l->shape == LOAD_POISSON ? "Poisson" : "constant");
    return ret;
}

/* "chat, 4 at once" */
static const char *run_words(struct report *r, const struct bench_row *b)
{
    char load[BENCH_LOAD_BYTES];
    return report_fmt(r, "%s, %s", b->workload, bench_load_words(&b->load, load));
}

/* -- tables ------------------------------------------------------------------------- */

static void first_token(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {
        "target", "workload", "cold", "mean", "deviation", "CV", "p50", "p90", "p99"};
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
        const char *cells[] = {b->target,
                               run_words(r, b),
                               ms(r, b->summary.cold_ttft_ms),
                               ms(r, sample_mean(t)),
                               ms(r, sample_deviation(t)),
                               percent(r, sample_variation(t)),
                               ms(r, sample_quantile(t, .5)),
                               ms(r, sample_quantile(t, .9)),
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
        const char *cells[] = {b->target,
                               run_words(r, b),
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
        const char *cells[] = {b->target,
                               run_words(r, b),
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
    if (b->is_relayed)
        report_text(
            r,
            "%s, %s: asked through weir, as any client asks; its requests stand in "
            "the ledger and in the audit chain, and weir's own time is in the "
            "figures.",
            b->target, b->workload);
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
    if (m->done && b->result.busy_us > (uint64_t)(m->seconds * 8e5))
        report_text(
            r,
            "%s, %s: weir itself was busy %.0f %% of the time; its own work may be "
            "in the figures.",
            b->target, b->workload,
            fmin((double)b->result.busy_us / (m->seconds * 1e4), 100));
}

/* -- sweeps ------------------------------------------------------------------------- */

size_t bench_sweep(const struct bench_sheet *s, size_t from, struct bench_knee *ret)
{
    struct bench_step steps[BENCH_MOST_STEPS];
    const struct bench_row *first = &s->rows[from];
    size_t n = 0;
    while (from + n < s->n && n < BENCH_MOST_STEPS &&
           s->rows[from + n].target == first->target &&
           s->rows[from + n].workload == first->workload &&
           (n == 0 || first->load.shape == LOAD_CLOSED)) {
        const struct bench_summary *m = &s->rows[from + n].summary;
        uint32_t all = m->done + m->failed;
        bool is_told = all && !isnan(m->good_per_s);
        steps[n++] = (struct bench_step){
            .tokens_per_s = isnan(m->tokens_per_s) ? 0 : m->tokens_per_s,
            .good_share = is_told ? (double)m->good / all : NAN};
    }
    *ret = bench_knee(steps, n);
    return n;
}

static const char *kept_words(struct report *r, const struct bench_knee *k,
                              const struct bench_row *rows, size_t n)
{
    if (!k->has_limits)
        return "no --slo";
    if (!k->is_kept)
        return "at none";
    if (k->kept_up_to + 1 == n)
        return "at all";
    return report_fmt(r, "up to %u", rows[k->kept_up_to].load.concurrency);
}

static void knees(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {"target",   "workload", "knee",
                                          "tokens/s", "TTFT p99", "limits kept"};
    bool has_any = false;
    size_t n;
    for (size_t at = 0; at < s->n; at += n) {
        struct bench_knee k;
        n = bench_sweep(s, at, &k);
        if (n < 2)
            continue;
        if (!has_any) {
            report_section(r, "knee", "The knee: how many requests at once pay");
            report_text(r,
                        "Knee: the last load whose tokens a second are at least a tenth "
                        "above those of the load before; behind it requests wait for one "
                        "another. Limits kept: by 99 %% of the requests (--slo).");
            report_table(r, "knee", columns, ARRAY_LEN(columns), TRUTH_MEASURED, MEASURED,
                         REPORT_NO_DATE);
        }
        has_any = true;
        struct bench_row *b = &s->rows[at + k.at];
        const char *cells[] = {b->target,
                               b->workload,
                               k.is_reached
                                   ? report_fmt(r, "%u at once", b->load.concurrency)
                                   : report_fmt(r, "above %u", b->load.concurrency),
                               number(r, b->summary.tokens_per_s, ""),
                               ms(r, sample_quantile(&b->summary.ttft, .99)),
                               kept_words(r, &k, &s->rows[at], n)};
        report_row(r, cells);
    }
    if (has_any)
        bench_sweep_chart(r, s);
}

/* -- energy ------------------------------------------------------------------------- */

static void energy(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {
        "target",  "workload",           "joules",    "watts", "idle watts",
        "J/token", "J/token above idle", "counted by"};
    report_section(r, "energy", "Energy");
    report_text(r,
                "What this machine drew during the load, over the tokens of output. Idle "
                "is what it drew in the second before the first request.");
    report_table(r, "energy", columns, ARRAY_LEN(columns), TRUTH_MEASURED, MEASURED,
                 REPORT_NO_DATE);
    for (size_t i = 0; i < s->n; i++) {
        const struct bench_row *b = &s->rows[i];
        const struct bench_energy *e = &b->energy;
        double tokens = b->summary.output_tokens ? (double)b->summary.output_tokens : NAN;
        const char *cells[] = {
            b->target,
            run_words(r, b),
            number(r, e->joules, ""),
            number(r, e->joules / e->seconds, ""),
            number(r, e->idle_watts, ""),
            number(r, e->joules / tokens, ""),
            number(r, (e->joules - e->idle_watts * e->seconds) / tokens, ""),
            isnan(e->joules) ? report_fmt(r, "nobody: %s", e->words) : e->words};
        report_row(r, cells);
    }
}

/* -- weir itself -------------------------------------------------------------------- */

static void own_work(struct report *r, struct bench_sheet *s)
{
    static const char *const columns[] = {
        "target",     "workload", "events/s", "at work", "waited for the engine",
        "unaccounted"};
    report_section(r, "own", "How much of it was weir?");
    report_text(r,
                "What became of the time of weir's own thread. Unaccounted: it had work "
                "and no core to do it on, so its stamps may be late.");
    report_table(r, "own", columns, ARRAY_LEN(columns), TRUTH_MEASURED, MEASURED,
                 REPORT_NO_DATE);
    for (size_t i = 0; i < s->n; i++) {
        const struct bench_row *b = &s->rows[i];
        double all = b->summary.seconds * 1e6, busy = (double)b->result.busy_us / all;
        double kept =
            b->result.kept_us == BENCH_UNTOLD ? NAN : (double)b->result.kept_us / all;
        bool is_known = all > 0;
        const char *cells[] = {
            b->target,
            run_words(r, b),
            number(r, is_known ? (double)b->result.events * 1e6 / all : NAN, ""),
            percent(r, is_known ? busy : NAN),
            percent(r, is_known ? fmax(0, 1 - busy - kept) : NAN),
            is_known && !isnan(kept) ? report_fmt(r, "%.1f%%", 100 * kept) : "unknown"};
        report_row(r, cells);
    }
}

/* -- the whole ---------------------------------------------------------------------- */

/* " Knee: 16 at once." of the sweep that this row belongs to; "": none. */
static const char *knee_words(struct report *r, const struct bench_sheet *s,
                              const struct bench_row *b)
{
    size_t at = (size_t)(b - s->rows);
    struct bench_knee k;
    while (at > 0 && s->rows[at - 1].target == b->target &&
           s->rows[at - 1].workload == b->workload)
        at--;
    if (bench_sweep(s, at, &k) < 2)
        return "";
    return report_fmt(r,
                      k.is_reached ? " Knee: %u at once, %s tokens a second together."
                                   : " Still rising at %u at once, %s tokens a second "
                                     "together.",
                      s->rows[at + k.at].load.concurrency,
                      number(r, s->rows[at + k.at].summary.tokens_per_s, ""));
}

static void answer(struct report *r, struct bench_sheet *s)
{
    struct bench_row *b = &s->rows[0];
    uint32_t done = b->summary.done;
    for (size_t i = 1; i < s->n; i++) {
        double now = sample_quantile(&b->summary.ttft, .5),
               other = sample_quantile(&s->rows[i].summary.ttft, .5);
        done += s->rows[i].summary.done;
        if (other < now || (isnan(now) && !isnan(other)))
            b = &s->rows[i];
    }
    if (done == 0) {
        report_answer(r, "No request was answered.");
        return;
    }
    if (isnan(sample_quantile(&b->summary.ttft, .5))) {
        report_answer(
            r,
            "%u requests were answered, and no answer has a token: look at what "
            "this model says to such prompts (a wrong chat template ends it at "
            "once).",
            done);
        return;
    }
    report_answer(r,
                  "%s%s: first token after %s ms, then %s tokens a second (medians of "
                  "%u requests).%s",
                  s->n > 1 ? "Soonest: " : "", b->target,
                  ms(r, sample_quantile(&b->summary.ttft, .5)),
                  number(r, sample_quantile(&b->summary.speed, .5), ""), b->summary.done,
                  knee_words(r, s, b));
}

struct report *bench_report(struct bench_sheet *s)
{
    struct report *r = report_create("bench", "Measured on this machine, now");
    if (!r)
        return NULL;
    answer(r, s);
    first_token(r, s);
    bench_ttft_chart(r, s);
    streams(r, s);
    throughput(r, s);
    bench_time_chart(r, s);
    knees(r, s);
    energy(r, s);
    own_work(r, s);
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
