/* plan_charts.c -- see plan_charts.h. */
#include "cmd/decide/plan_charts.h"

#include "facts/money.h"

#include <math.h>

enum { POINTS = 41 };

/* In the user's currency. */
static double money_of(const struct plan_inputs *x, int64_t nanousd)
{
    double rate = x->currency ? (double)x->currency->nanousd_per_unit : 1e9;
    return (double)nanousd / rate;
}

static const char *money_sign(const struct plan_inputs *x, struct report *r)
{
    return x->currency ? report_fmt(r, "%s ", plan_currency(x)) : "$";
}

int plan_chart_acceptance(struct report *r, const struct plan_inputs *x,
                          const struct plan_result *p, struct err *err)
{
    double at[POINTS], api[POINTS], local[POINTS];
    uint64_t flip = p->flips.acceptance_ppm;
    for (size_t k = 0; k < POINTS; k++) {
        struct plan_input in = x->in;
        struct plan q;
        in.acceptance_ppm = PPM * k / (POINTS - 1);
        if (plan_compute(&in, &q, err) < 0)
            return -1;
        at[k] = (double)in.acceptance_ppm / 1e4;
        api[k] = money_of(x, q.api_nanousd);
        local[k] = money_of(x, q.hybrid_nanousd);
    }
    struct report_chart c = {
        .id = "acceptance_curve",
        .title = "What a month costs, by how many local answers are good enough",
        .x_label = "local answers that are good enough",
        .y_label = report_fmt(r, "%s a month", plan_currency(x)),
        .x_suffix = " %",
        .y_prefix = money_sign(x, r),
        .series = {{"local first", at, local, NULL, NULL, POINTS, REPORT_LOCAL},
                   {"API alone", at, api, NULL, NULL, POINTS, REPORT_API}},
        .nseries = 2,
        .mark_x = flip > 0 && flip <= PPM ? (double)flip / 1e4 : NAN,
        .mark_label = report_fmt(r, "pays from %.3g %%", (double)flip / 1e4),
    };
    report_section(r, "picture", "");
    report_chart(r, &c);
    return 0;
}

void plan_chart_payback(struct report *r, const struct plan_inputs *x,
                        const struct plan_result *p)
{
    double at[POINTS], stay[POINTS], go[POINTS], low[POINTS], high[POINTS];
    const struct plan_interval *i = &p->interval;
    const struct payback *back = &p->plan.payback;
    int64_t sunk_nanousd = x->in.capex_nanousd - x->in.resale_nanousd;
    if (sunk_nanousd <= 0)
        return;
    double sunk = money_of(x, sunk_nanousd);
    double span = back->kind == PAYBACK_MONTHS
                      ? fmin(fmax(1.8 * (double)back->milli_months / 1000.0, 12), 120)
                      : 36;
    for (size_t k = 0; k < POINTS; k++) {
        at[k] = span * (double)k / (POINTS - 1);
        stay[k] = 0;
        go[k] = at[k] * money_of(x, p->plan.net_nanousd) - sunk;
        low[k] = at[k] * money_of(x, i->net_low_nanousd) - sunk;
        high[k] = at[k] * money_of(x, i->net_high_nanousd) - sunk;
    }
    struct report_chart c = {
        .id = "payback_curve",
        .title = "Money ahead of staying on the API",
        .x_label = "months",
        .y_label = report_fmt(r, "%s; the band is the 80 %% interval", plan_currency(x)),
        .y_prefix = money_sign(x, r),
        .series = {{"local first", at, go, low, high, POINTS, REPORT_LOCAL},
                   {"API alone", at, stay, NULL, NULL, POINTS, REPORT_API}},
        .nseries = 2,
        .mark_x =
            back->kind == PAYBACK_MONTHS ? (double)back->milli_months / 1000.0 : NAN,
        .mark_label = "break-even",
    };
    report_chart(r, &c);
}

int plan_chart_volume(struct report *r, const struct plan_inputs *x,
                      const struct plan_result *p, struct err *err)
{
    double at[POINTS], api[POINTS], local[POINTS];
    uint64_t most = x->in.requests < 600000000 ? x->in.requests * 3 : x->in.requests;
    for (size_t k = 0; k < POINTS; k++) {
        struct plan_input in = x->in;
        struct plan q;
        in.requests = most * (k + 1) / POINTS;
        in.requests = in.requests ? in.requests : 1;
        if (plan_compute(&in, &q, err) < 0)
            return -1;
        /* A staircase: whole machines, as many as the busiest hour needs. */
        in = plan_with_machines(&in, q.machines_at_peak > x->in.machines &&
                                             !x->are_machines_given
                                         ? q.machines_at_peak
                                         : x->in.machines);
        if (plan_compute(&in, &q, err) < 0)
            return -1;
        at[k] = (double)in.requests;
        api[k] = money_of(x, q.api_nanousd);
        local[k] = money_of(x, q.hybrid_nanousd);
    }
    struct report_chart c = {
        .id = "volume_curve",
        .title = "What a month costs, by volume",
        .x_label = "requests a month",
        .y_label = report_fmt(r, "%s a month", plan_currency(x)),
        .y_prefix = money_sign(x, r),
        .series = {{"local first", at, local, NULL, NULL, POINTS, REPORT_LOCAL},
                   {"API alone", at, api, NULL, NULL, POINTS, REPORT_API}},
        .nseries = 2,
        .mark_x = p->flips.requests && p->flips.requests <= most
                      ? (double)p->flips.requests
                      : NAN,
        .mark_label = "both cost the same",
    };
    report_section(r, "volume", "By volume");
    report_chart(r, &c);
    if (p->flips.requests)
        report_text(r, "Local first costs less from %llu requests a month on.",
                    (unsigned long long)p->flips.requests);
    else
        report_text(r, "Up to a hundred times this volume local first never costs less "
                       "with the machines named here.");
    return 0;
}
