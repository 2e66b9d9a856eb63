/* plan_method.c -- the articles' own examples, run by name, corrections beside them. */
#include "cmd/decide/plan_method.h"

#include "cmd/decide/plan_input.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "facts/money.h"
#include "plan/method.h"

struct example {
    struct report *r;
    const struct facts *f;
    const struct options *o;
    struct err *err;
};

static void line(struct example *e, const char *what, const char *value, const char *note)
{
    const char *cells[] = {what, value, note};
    report_row(e->r, cells);
}

static const struct price *price_for(struct example *e, const char *fallback)
{
    const char *name = options_get(e->o, "--model");
    struct str model = str_of(name ? name : fallback);
    const struct price *p = prices_find(e->f->prices, (struct str){0}, model, 0);
    if (!p)
        prices_explain_unknown(e->f->prices, model, e->err);
    return p;
}

static int gut_feeling(struct example *e)
{
    uint64_t in = 500000;
    uint64_t out = 100000;
    struct gut_month m;
    const struct price *p = price_for(e, "gemini-2.0-flash-lite");
    if (!p || value_u64(e->o, "--input-tokens", &in, e->err) < 0 ||
        value_u64(e->o, "--output-tokens", &out, e->err) < 0 ||
        gut_month(in, out, 30, p, &m, e->err) < 0)
        return -1;
    line(e,
         report_fmt(e->r, "API, %llu in + %llu out a day", (unsigned long long)in,
                    (unsigned long long)out),
         usd(e->r, m.api_nanousd), "E01: the article prints 2.475");
    line(e, "electricity, 115 W at 30 % of all hours", usd(e->r, m.electricity_nanousd),
         "E06: utilisation should follow the volume");
    line(e, "energy", report_fmt(e->r, "%.2f kWh", (double)m.energy_mwh / 1e6), "");
    line(e, "verdict", m.api_nanousd < m.electricity_nanousd ? "API" : "local",
         "purchase of the card not counted");
    return 0;
}

static int constraint(struct example *e)
{
    struct payback a = locally_break_even(1000 * NANOUSD_PER_USD, 50 * NANOUSD_PER_USD,
                                          10 * NANOUSD_PER_USD);
    struct payback b = locally_break_even(1700 * NANOUSD_PER_USD, 30 * NANOUSD_PER_USD,
                                          20 * NANOUSD_PER_USD);
    line(e, "card $1000-1700, power $10-20, API spend $30-50",
         report_fmt(e->r, "%.0f to %.0f months", (double)a.milli_months / 1e3,
                    (double)b.milli_months / 1e3),
         "E09: the article says 2-3 years");
    line(e, "tokens of one card a day at 35 tok/s",
         report_fmt(e->r, "%.1fM", (double)constraint_tokens_per_day(35000) / 1e6),
         "E10: it cannot displace more than that");
    return 0;
}

static int run_locally(struct example *e)
{
    uint64_t requests = 5000;
    uint64_t in = 800;
    uint64_t out = 400;
    int64_t setup = 1600 * NANOUSD_PER_USD;
    int64_t month;
    const struct price *p = price_for(e, "gpt-4o-mini");
    if (!p || value_u64(e->o, "--requests-per-day", &requests, e->err) < 0 ||
        value_u64(e->o, "--input-tokens", &in, e->err) < 0 ||
        value_u64(e->o, "--output-tokens", &out, e->err) < 0 ||
        value_fixed(e->o, "--capex", 9, &setup, e->err) < 0 ||
        locally_month(requests, in, out, p, &month, e->err) < 0)
        return -1;
    struct payback b = locally_break_even(setup, month, 30 * NANOUSD_PER_USD);
    line(e, report_fmt(e->r, "API a month, %.*s", STR_ARG(p->model)), usd(e->r, month),
         "");
    line(e, "local a month", "$30.00", "E08: cannot hold power and the card");
    line(e, "setup", usd(e->r, setup), "");
    line(e, "break-even",
         b.kind == PAYBACK_NEVER
             ? "never"
             : report_fmt(e->r, "%.1f months", (double)b.milli_months / 1e3),
         "0 is a number, not never");
    line(e, "quality", report_fmt(e->r, "%u%% lower", locally_quality_loss_pct(750)),
         "the score has no method behind it");
    return 0;
}

static int eight_factors(struct example *e)
{
    struct token_counts t = {.output = 10000000};
    int64_t cost;
    const struct price *p = price_for(e, "gpt-4o");
    if (!p || prices_cost_nanousd(p, &t, &cost, e->err) < 0)
        return -1;
    line(e, report_fmt(e->r, "10M output tokens on %.*s", STR_ARG(p->model)),
         usd(e->r, cost), "");
    line(e, "power implied by $0.10-0.30 an hour",
         report_fmt(e->r, "%.0f-%.0f W",
                    (double)factors_implied_mw(100000000, 120000000) / 1e3,
                    (double)factors_implied_mw(300000000, 120000000) / 1e3),
         "E07: a 450 W card is $0.054 an hour");
    return 0;
}

static int definitive(struct example *e)
{
    int64_t low = definitive_per_request(2800 * NANOUSD_PER_USD, 500000);
    int64_t high = definitive_per_request(8500 * NANOUSD_PER_USD, 500000);
    line(e, "a request on the API",
         report_fmt(e->r, "%s to %s", usd(e->r, low), usd(e->r, high)),
         "from $2,800-8,500 for 500K requests");
    line(e, "requests that pay a rent of $350-800",
         report_fmt(e->r, "%llu to %llu",
                    (unsigned long long)definitive_break_even_requests(
                        350 * NANOUSD_PER_USD, 8500 * NANOUSD_PER_USD, 500000),
                    (unsigned long long)definitive_break_even_requests(
                        800 * NANOUSD_PER_USD, 2800 * NANOUSD_PER_USD, 500000)),
         "E13: the article says 200K");
    return 0;
}

/* `was` is the name that the method had until 0.1.1; it is still understood. */
static const struct {
    const char *name, *was, *title;
    int (*run)(struct example *e);
} methods[] = {
    {"gut-feeling", "seed-000",
     "Gut Feeling (March 2026): monthly API cost and electricity", gut_feeling},
    {"constraint", "seed-001", "Constraint (May 2026): payback of a 24 GB card",
     constraint},
    {"run-locally", "seed-002", "When to Run Locally (2026): break-even months",
     run_locally},
    {"eight-factors", "seed-003", "Eight Factors (2026): cost of output tokens",
     eight_factors},
    {"definitive", "seed-004", "Definitive Comparison (2026): requests that pay a rent",
     definitive},
};

static int run_method(const struct options *o, const struct facts *f, size_t i)
{
    static const char *const columns[] = {"figure", "value", "correction"};
    struct err err;
    struct example e = {report_create("plan", methods[i].title), f, o, &err};
    if (!e.r)
        return EXIT_NO;
    report_section(e.r, "method", methods[i].title);
    report_table(e.r, "method", columns, ARRAY_LEN(columns), TRUTH_RULE,
                 "the article's formula, weir's prices", REPORT_NO_DATE);
    if (methods[i].run(&e) < 0) {
        report_free(e.r);
        return value_fault(o, &err);
    }
    return output_report(o, e.r, EXIT_YES);
}

int plan_method(const struct options *o, const struct facts *f)
{
    const char *name = options_get(o, "--method");
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (strcmp(name, methods[i].name) == 0 || strcmp(name, methods[i].was) == 0)
            return run_method(o, f, i);
    if (strcmp(name, "errata") != 0)
        return options_fault(
            o->command, "--method: \"%s\" is unknown; there are " METHOD_WORDS, name);
    struct report *r = report_create("plan", "Known errors of five articles, recomputed");
    if (!r)
        return EXIT_NO;
    if (errata_report(r, f, &err) < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    return output_report(o, r, EXIT_YES);
}
