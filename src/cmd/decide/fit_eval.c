/* fit_eval.c -- figures that say how far the speed model can be trusted. */
#include "cmd/decide/fit_eval.h"

#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "fit/evaluate.h"

#define MEDIAN_GOAL_PCT 10.0

static const char *pct(struct report *r, double v)
{
    return report_fmt(r, "%.1f", v);
}

static void add_row(struct report *r, const char *name, const struct evaluated *e)
{
    const char *cells[] = {
        name,
        report_fmt(r, "%zu", e->n),
        pct(r, e->device_pct),
        pct(r, e->source_pct),
        pct(r, e->carried_pct),
        report_fmt(r, "%+.1f", e->bias_pct),
        pct(r, 100 * e->in_interval),
        pct(r, 100 * e->carried_in),
        report_fmt(r, "%zu", e->above_ceiling),
    };
    if (e->n)
        report_row(r, cells);
}

static void add_kinds(struct report *r, const struct evaluation *e)
{
    static const char *const columns[] = {
        "rows of", "rows",          "device left out %", "source left out %", "carried %",
        "lean %",  "in interval %", "carried in %",      "above ceiling"};
    report_section(r, "kinds", "Median error, one device or one source left out");
    report_table(r, "kinds", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "rows of FILE; fitted on the rows that weir carries", REPORT_NO_DATE);
    add_row(r, "all", &e->all);
    for (int k = 0; k < KINDS; k++)
        add_row(r, sample_kind_name((enum sample_kind)k), &e->of[k]);
    report_text(r,
                "Measured / estimate, device left out: a tenth of the rows below %.2f, a "
                "tenth above %.2f.",
                e->low_10, e->high_90);
}

static void add_fit(struct report *r, const struct evaluation *e)
{
    static const char *const columns[] = {"family", "share e", "quantised", "us a layer",
                                          "experts x"};
    report_section(r, "fit", "Coefficients, fitted on all rows that weir carries");
    report_table(r, "fit", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "as estimate/speed.c carries them", REPORT_NO_DATE);
    for (int f = 0; f < FAMILIES; f++) {
        const struct speed_coefficients *c = &e->fit.families[f];
        const char *cells[] = {
            c->name,
            report_fmt(r, "%.3f", c->efficiency),
            report_fmt(r, "%.3f", c->quantised_share),
            report_fmt(r, "%.1f", c->overhead_us),
            report_fmt(r, "%.2f", c->expert_factor),
        };
        report_row(r, cells);
    }
    report_text(r, "Main memory of unknown speed: %.1f GB/s.", e->fit.ram_gbs);
}

static void add_pairs(struct report *r, const struct pairs_evaluation *e)
{
    report_section(r, "pairs", "One measurement corrects other models on its machine");
    report_text(r,
                "%zu pairs of rows: median error %.1f %% (%.1f %% without); %.1f %% of "
                "them inside the interval.",
                e->n, e->median_pct, e->uncorrected_pct, 100 * e->in_interval);
}

int fit_evaluate(const struct options *o, const struct facts *f, const char *path)
{
    struct buf text;
    struct speeds *s = NULL;
    struct evaluation e = {.low_10 = 0};
    struct pairs_evaluation pairs = {.n = 0};
    struct err err;
    struct report *r = report_create("fit", "The speed model, judged");
    if (!r)
        return EXIT_NO;
    buf_init(&text, FACTS_FILE_MAX);
    int rc = facts_read_file(path, &text, &err);
    if (rc == 0)
        rc = speeds_load(buf_view(&text), &s, &err);
    if (rc == 0)
        rc = evaluate_rows(f, s, &e, &err);
    if (rc == 0)
        rc = evaluate_pairs(f, s, &pairs, &err);
    speeds_free(s);
    buf_release(&text);
    if (rc < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    add_kinds(r, &e);
    add_pairs(r, &pairs);
    add_fit(r, &e);
    report_answer(r,
                  "%zu rows, one device left out: median error %.1f %% (goal %.0f), %.1f "
                  "%% inside the interval; as carried %.1f %%.",
                  e.all.n, e.all.device_pct, MEDIAN_GOAL_PCT, 100 * e.all.in_interval,
                  e.all.carried_pct);
    return output_report(o, r, e.all.device_pct <= MEDIAN_GOAL_PCT ? EXIT_YES : EXIT_NO);
}
