/* fit_eval.c -- figures that say how far the speed model can be trusted. */
#include "cmd/decide/fit_eval.h"

#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "fit/evaluate.h"

#define RTX_GOAL_PCT     8.0
#define OUTSIDE_GOAL_PCT 15.0

static const char *pct(struct report *r, double v)
{
    return report_fmt(r, "%.1f", v);
}

static int families(struct report *r, const struct facts *f, const struct speeds *s,
                    double *ret_rtx, struct err *err)
{
    static const char *const columns[] = {
        "family", "rows", "e", "o us", "in sample %", "left out %", "w 0 / .5 / 1"};
    report_section(r, "families", "One GPU left out (mean absolute error)");
    report_table(r, "families", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "rows of the set \"public\", one GPU each", REPORT_NO_DATE);
    for (int k = FAMILY_RTX; k <= FAMILY_APPLE; k++) {
        struct evaluation e;
        if (evaluate_family(f, s, (enum speed_family)k, &e, err) < 0)
            return -1;
        const char *cells[] = {
            speed_families[k].name,
            report_fmt(r, "%zu", e.n),
            report_fmt(r, "%.3f", e.fit.efficiency),
            report_fmt(r, "%.1f", e.fit.overhead_us),
            pct(r, e.mape_pct),
            pct(r, e.left_out_mape_pct),
            report_fmt(r, "%.1f / %.1f / %.1f", e.left_out_by_width[0],
                       e.left_out_by_width[1], e.left_out_by_width[2]),
        };
        report_row(r, cells);
        if (k == FAMILY_RTX)
            *ret_rtx = e.left_out_mape_pct;
    }
    return 0;
}

static void outside(struct report *r, const struct outside_evaluation *e)
{
    static const char *const columns[] = {"rows",          "median %",
                                          "mean %",        "within 20 %",
                                          "in interval %", "median by w 0 / .5 / 1"};
    report_section(r, "outside", "Rows of another source, all of them");
    report_table(
        r, "outside", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
        "distinct dense NVIDIA rows of the set \"crowd\"; nothing is tuned on them",
        REPORT_NO_DATE);
    const char *cells[] = {
        report_fmt(r, "%zu", e->n),
        pct(r, e->median_pct),
        pct(r, e->mape_pct),
        pct(r, e->within_20_pct),
        pct(r, e->covered_pct),
        report_fmt(r, "%.1f / %.1f / %.1f", e->median_by_width[0], e->median_by_width[1],
                   e->median_by_width[2]),
    };
    report_row(r, cells);
}

int fit_evaluate(const struct options *o, const struct facts *f, const char *path)
{
    struct buf text;
    struct speeds *s = NULL;
    struct outside_evaluation e = {0};
    struct err err;
    double rtx = 0;
    struct report *r = report_create("fit", "The speed model, judged");
    if (!r)
        return EXIT_NO;
    buf_init(&text, FACTS_FILE_MAX);
    int rc = facts_read_file(path, &text, &err);
    if (rc == 0)
        rc = speeds_load(buf_view(&text), &s, &err);
    if (rc == 0)
        rc = families(r, f, s, &rtx, &err);
    if (rc == 0)
        rc = evaluate_outside(f, s, &e, &err);
    speeds_free(s);
    buf_release(&text);
    if (rc < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    outside(r, &e);
    report_answer(r,
                  "RTX, one GPU left out: %.1f %% (goal %.0f). Another source: median "
                  "%.1f %% (goal %.0f).",
                  rtx, RTX_GOAL_PCT, e.median_pct, OUTSIDE_GOAL_PCT);
    bool met = rtx <= RTX_GOAL_PCT && e.median_pct <= OUTSIDE_GOAL_PCT;
    return output_report(o, r, met ? EXIT_YES : EXIT_NO);
}
