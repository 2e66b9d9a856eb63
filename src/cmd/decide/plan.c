/* plan.c -- weir plan: local or API, on your own numbers. */
#include "plan/plan.h"

#include "cmd/decide/plan_input.h"
#include "cmd/decide/plan_method.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/money.h"

#include <math.h>

static const struct command_option plan_options[] = {
    {"--model", "NAME", "Cloud model to compare with, such as gpt-4o-mini."},
    {"--provider", "NAME", "Its provider, when several sell it."},
    {"--date", "DAY", "Price as of this day, 2026-07-01; default today."},
    {"--requests-per-day", "N", "Workload; or --requests-per-month."},
    {"--requests-per-month", "N", "Workload."},
    {"--input-tokens", "N", "Mean prompt of a request, cached part included."},
    {"--cached-tokens", "N", "The part of it the provider reads from its cache."},
    {"--output-tokens", "N", "Mean answer of a request, reasoning included."},
    {"--reasoning-tokens", "N", "The part of it that is reasoning."},
    {"--days", "N", "Days in the month; default 30."},
    {"--peak", "X", "Busiest hour over the mean hour; default 3."},
    {"--batch-share", "PERCENT", "Requests that may wait for a batch price."},
    {"--batch-discount", "PERCENT", "The provider's discount on those."},
    {"--price-decline", "PERCENT", "Yearly fall of API prices, for the net value."},
    {"--device", "NAME", "Local hardware, such as \"RTX 4090\"."},
    {"--memory", "GB", "Which memory size of that device."},
    {"--machines", "N", "How many of them; default 1."},
    {"--local-model", "NAME", "Local model, to estimate its speed."},
    {"--quant", "NAME", "Its quantisation; default Q4_K_M, of gpt-oss MXFP4."},
    {"--speed", "TOK_S", "Decode speed of one stream, when measured."},
    {"--prefill-speed", "TOK_S", "Prompt speed; default 10 times decode, a guess."},
    {"--parallel", "X", "Throughput of batched streams over one stream; default 1."},
    {"--busy-limit", "PERCENT", "Share of the month a machine may be busy; 100."},
    {"--capex", "USD", "Purchase of all machines; default launch price."},
    {"--resale", "USD", "What they fetch in the end."},
    {"--amortise", "MONTHS", "Over how long; default 36."},
    {"--rent", "USD_HOUR", "Rent of a machine instead of a purchase."},
    {"--load-watts", "W", "Power of a machine under load; default its rating."},
    {"--idle-watts", "W", "Power at idle with the model loaded; default 20."},
    {"--tariff", "USD_KWH", "Price of electricity; default 0.15."},
    {"--pue", "X", "Cooling and losses, 1 at home; default 1."},
    {"--ops-hours", "H", "People's hours a month to keep it running."},
    {"--wage", "USD_HOUR", "What such an hour costs."},
    {"--other", "USD", "Other monthly cost, such as colocation."},
    {"--acceptance", "PERCENT", "Local answers that are good enough; from a pilot."},
    {"--currency", "CODE", "Only USD is known."},
    {"--workload", "FILE", "YAML with these names without dashes; flags win."},
    {"--from-ledger", NULL, "Take the workload from weir's ledger, the last 30 days."},
    {"--state-dir", "DIR", "Where that ledger is; default as weir ledger."},
    {"--method", "NAME", "Run a published formula: " METHOD_WORDS "."},
    OUTPUT_OPTIONS,
};

static const char plan_details[] =
    "Answers with the monthly cost of each side, what the machine can displace, the\n"
    "months until it has paid for itself (a number, 0, or never and why), an 80 %\n"
    "interval, which inputs matter most, and the day to ask again.\n\n"
    "  weir plan --model gpt-4o-mini --requests-per-day 5000 --input-tokens 800 \\\n"
    "    --output-tokens 400 --device \"RTX 4090\" --local-model llama-3.1-8b\n"
    "  weir plan --workload load.yaml --html plan.html\n"
    "  weir plan --from-ledger --model gpt-4o-mini --device \"RTX 4090\" --speed 95\n"
    "  weir plan --method run-locally  a published formula, and what it gets wrong\n"
    "  weir plan --method errata       all known errors of those articles, recomputed";

static const char *months(struct report *r, struct payback p)
{
    if (p.kind == PAYBACK_NEVER)
        return "never";
    if (p.kind == PAYBACK_NOTHING_TO_PAY)
        return "0";
    return report_fmt(r, "%.1f", (double)p.milli_months / 1000.0);
}

static void add_usd(struct report *r, const char *key, const char *label, int64_t v,
                    const char *source, const char *note)
{
    report_add(r, &(struct report_value){.key = key,
                                         .label = label,
                                         .text = usd(r, v),
                                         .number = usd_number(r, v),
                                         .unit = "/month",
                                         .truth = TRUTH_COMPUTED,
                                         .source = source,
                                         .date_days = REPORT_NO_DATE,
                                         .expires_days = REPORT_NO_DATE,
                                         .note = note});
}

static void add_share(struct report *r, const char *key, const char *label, uint64_t ppm,
                      const char *source, const char *note)
{
    report_add(r,
               &(struct report_value){.key = key,
                                      .label = label,
                                      .text = report_fmt(r, "%.1f", (double)ppm / 1e4),
                                      .number = report_fmt(r, "%.4f", (double)ppm / 1e4),
                                      .unit = "%",
                                      .truth = TRUTH_COMPUTED,
                                      .source = source,
                                      .date_days = REPORT_NO_DATE,
                                      .expires_days = REPORT_NO_DATE,
                                      .note = note});
}

static void report_costs(struct report *r, const struct plan_inputs *x,
                         const struct plan *p)
{
    report_section(r, "month", "One month");
    add_usd(r, "api", "all on the API", p->api_nanousd, "requests x list price", NULL);
    add_share(r, "busy", "one machine's time it would take", p->busy_ppm,
              "prompt / prefill + output / decode speed",
              p->busy_ppm > PPM ? "more than the machines have" : NULL);
    add_share(r, "displaceable", "share that can go local", p->displaceable_ppm,
              "capacity x acceptance", NULL);
    report_add(
        r, &(struct report_value){
               .key = "machines_at_peak",
               .label = "machines for the busiest hour",
               .text = report_fmt(r, "%llu", (unsigned long long)p->machines_at_peak),
               .number = report_fmt(r, "%llu", (unsigned long long)p->machines_at_peak),
               .unit = "",
               .truth = TRUTH_COMPUTED,
               .source = "busy time x peak over mean hour",
               .date_days = REPORT_NO_DATE,
               .expires_days = REPORT_NO_DATE});
    add_usd(r, "displaced", "API spend that goes away", p->displaced_nanousd,
            "API x share", NULL);
    add_usd(r, "energy", "electricity", p->energy_nanousd, "idle and busy watts x tariff",
            report_fmt(r, "%.2f kWh", (double)p->energy_mwh / 1e6));
    add_usd(r, "operations", "people", p->ops_nanousd, "hours x wage",
            p->ops_nanousd ? NULL : "no hours given: free labour flatters local");
    if (p->rent_nanousd)
        add_usd(r, "rent_month", "rent", p->rent_nanousd, "machines x hours x rent",
                NULL);
    add_usd(r, "amortised", "purchase, spread", p->amortised_nanousd,
            report_fmt(r, "(purchase - resale) / %llu months",
                       (unsigned long long)x->in.amortise_months),
            NULL);
    add_usd(r, "local", "local altogether", p->local_nanousd, "sum", NULL);
    add_usd(r, "hybrid", "local plus what stays on the API", p->hybrid_nanousd, "sum",
            NULL);
}

static void report_payback(struct report *r, const struct plan_inputs *x,
                           const struct plan *p, const struct plan_interval *i)
{
    int64_t again = x->today + 60;
    int64_t stale = x->in.price->source_days + 90;
    if (stale > x->today && stale < again)
        again = stale;
    char day[DATE_TEXT];
    date_format(again, day);
    report_section(r, "payback", "Break-even");
    report_add(
        r, &(struct report_value){
               .key = "months",
               .label = "months until paid back",
               .text = months(r, p->payback),
               .number = p->payback.kind == PAYBACK_NEVER ? NULL : months(r, p->payback),
               .unit = p->payback.kind == PAYBACK_NEVER ? "" : "months",
               .truth = TRUTH_COMPUTED,
               .source = "(purchase - resale) / (displaced - cash cost)",
               .date_days = REPORT_NO_DATE,
               .expires_days = again});
    report_add(
        r, &(struct report_value){
               .key = "interval",
               .label = "80 % interval",
               .text = report_fmt(r, "%s to %s", months(r, i->low), months(r, i->high)),
               .number = NULL,
               .unit = "months",
               .truth = TRUTH_COMPUTED,
               .source = "500 draws over the ranges below",
               .date_days = REPORT_NO_DATE,
               .expires_days = again,
               .note = i->never_ppm ? report_fmt(r, "%.0f %% of the draws never pay back",
                                                 (double)i->never_ppm / 1e4)
                                    : NULL});
    report_add(r, &(struct report_value){
                      .key = "npv",
                      .label = report_fmt(r, "net over %llu months",
                                          (unsigned long long)x->in.amortise_months),
                      .text = usd(r, p->npv_nanousd),
                      .number = usd_number(r, p->npv_nanousd),
                      .unit = "USD",
                      .truth = TRUTH_COMPUTED,
                      .source = "displaced - cash each month, less the purchase",
                      .date_days = REPORT_NO_DATE,
                      .expires_days = again});
    if (p->payback.kind == PAYBACK_MONTHS &&
        (i->low.kind == PAYBACK_NEVER || i->low.milli_months > p->payback.milli_months))
        report_text(r,
                    "The interval lies above the figure itself because the ranges lean "
                    "that way: API prices fall, and not every local answer is accepted. "
                    "A pilot's --acceptance narrows it.");
    report_text(r, "What binds: %s.", constraint_name(p->binds));
    report_text(r, "Decide again after %s: prices and models move.", day);
}

static int report_sensitivity(struct report *r, const struct plan_inputs *x,
                              const struct plan *p, struct err *err)
{
    static const char *const columns[] = {"input", "from", "to", "net a month",
                                          "payback"};
    struct plan_effect e[PLAN_FACTORS];
    struct report_bar bars[PLAN_FACTORS];
    if (plan_sensitivity(&x->in, &x->ranges, e, err) < 0)
        return -1;
    report_section(r, "sensitivity", "What matters most, one input at a time");
    for (size_t i = 0; i < PLAN_FACTORS; i++)
        bars[i] = (struct report_bar){
            plan_factor_name(e[i].factor),
            report_fmt(r, "%s to %s", usd(r, e[i].net_low_nanousd),
                       usd(r, e[i].net_high_nanousd)),
            (double)e[i].net_low_nanousd / 1e9, (double)e[i].net_high_nanousd / 1e9};
    report_bars(r, "net", "Monthly net (displaced less cash cost)", "USD",
                (double)p->net_nanousd / 1e9, bars, PLAN_FACTORS);
    report_table(r, "ranges", columns, ARRAY_LEN(columns), TRUTH_RULE,
                 "ranges are defaults of weir; speed's is its interval", REPORT_NO_DATE);
    for (size_t i = 0; i < PLAN_FACTORS; i++) {
        enum plan_factor f = e[i].factor;
        const char *cells[] = {
            plan_factor_name(f),
            report_fmt(r, "x %.2f", (double)x->ranges.low_ppm[f] / PPM),
            report_fmt(r, "x %.2f", (double)x->ranges.high_ppm[f] / PPM),
            report_fmt(r, "%s to %s", usd(r, e[i].net_low_nanousd),
                       usd(r, e[i].net_high_nanousd)),
            report_fmt(r, "%s to %s", months(r, e[i].at_low), months(r, e[i].at_high))};
        report_row(r, cells);
    }
    return 0;
}

enum { POINTS = 41 };

/* Cumulative money: the API's line against purchase and cash cost, with its band. */
static void payback_curve(struct report *r, const struct plan_inputs *x,
                          const struct plan *p, const struct plan_interval *i)
{
    double at[POINTS], stay[POINTS], go[POINTS], low[POINTS], high[POINTS];
    double sunk = (double)(x->in.capex_nanousd - x->in.resale_nanousd) / 1e9;
    double span =
        p->payback.kind == PAYBACK_MONTHS
            ? fmin(fmax(1.8 * (double)p->payback.milli_months / 1000.0, 12), 120)
            : 36;
    for (size_t k = 0; k < POINTS; k++) {
        at[k] = span * (double)k / (POINTS - 1);
        stay[k] = 0;
        go[k] = at[k] * (double)p->net_nanousd / 1e9 - sunk;
        low[k] = at[k] * (double)i->net_low_nanousd / 1e9 - sunk;
        high[k] = at[k] * (double)i->net_high_nanousd / 1e9 - sunk;
    }
    struct report_chart c = {
        .id = "payback_curve",
        .title = "Money ahead of staying on the API",
        .x_label = "months",
        .y_label = "USD; the band is the 80 % interval",
        .series = {{"local", at, go, low, high, POINTS},
                   {"API", at, stay, NULL, NULL, POINTS}},
        .nseries = 2,
        .mark_x = p->payback.kind == PAYBACK_MONTHS
                      ? (double)p->payback.milli_months / 1000.0
                      : NAN,
        .mark_label = "break-even",
    };
    report_chart(r, &c);
}

static int volume_curve(struct report *r, const struct plan_inputs *x, struct err *err)
{
    double at[POINTS], api[POINTS], local[POINTS];
    uint64_t most = x->in.requests < 600000000 ? x->in.requests * 3 : x->in.requests;
    uint64_t crossing = plan_crossing(&x->in, most);
    for (size_t k = 0; k < POINTS; k++) {
        struct plan_input in = x->in;
        struct plan p;
        in.requests = most * (k + 1) / POINTS;
        in.requests = in.requests ? in.requests : 1;
        if (plan_compute(&in, &p, err) < 0)
            return -1;
        at[k] = (double)in.requests;
        api[k] = (double)p.api_nanousd / 1e9;
        local[k] = (double)p.hybrid_nanousd / 1e9;
    }
    struct report_chart c = {
        .id = "volume_curve",
        .title = "Cost by volume",
        .x_label = "requests a month",
        .y_label = "USD a month",
        .series = {{"all API", at, api, NULL, NULL, POINTS},
                   {"local first", at, local, NULL, NULL, POINTS}},
        .nseries = 2,
        .mark_x = crossing ? (double)crossing : NAN,
        .mark_label = "crossing",
    };
    report_section(r, "volume", "By volume");
    report_chart(r, &c);
    if (crossing)
        report_text(r, "Local first costs less from %llu requests a month.",
                    (unsigned long long)crossing);
    else
        report_text(r, "Up to three times this volume local first never costs less.");
    return 0;
}

/* The thresholds articles give, beside the computed value: they disagree. */
static void report_rules(struct report *r, const struct plan *p)
{
    static const char *const columns[] = {"rule of thumb", "here", "it says"};
    static const struct {
        const char *text;
        int64_t usd;
    } rules[] = {{"Constraint: above $30 API spend a month", 30},
                 {"Constraint: above $200 a month, payback in months", 200},
                 {"Run Locally: a pilot above $300 a month", 300},
                 {"Run Locally: local above $500 a month", 500}};
    report_section(r, "rules", "Published thresholds, for comparison");
    report_table(r, "thresholds", columns, ARRAY_LEN(columns), TRUTH_RULE,
                 "two articles of 2026; the computed break-even above outranks them",
                 REPORT_NO_DATE);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        bool above = p->api_nanousd > rules[i].usd * NANOUSD_PER_USD;
        const char *cells[] = {rules[i].text, usd(r, p->api_nanousd),
                               above ? "local" : "API"};
        report_row(r, cells);
    }
    report_text(r,
                "Savings of a hybrid are quoted as 30-50 %% (000), 95 %% of requests "
                "(001) and 55-70 %% (004); here %.0f %% of the API spend can go.",
                (double)p->displaceable_ppm / 1e4);
}

static void report_verdict(struct report *r, const struct plan_inputs *x,
                           const struct plan *p, const struct plan_interval *i)
{
    if (p->payback.kind == PAYBACK_NEVER)
        report_answer(r,
                      "API: local never pays back. It would displace %s a month and cost "
                      "%s in cash. What binds: %s.",
                      usd(r, p->displaced_nanousd), usd(r, p->cash_nanousd),
                      constraint_name(p->binds));
    else if (p->payback.kind == PAYBACK_NOTHING_TO_PAY)
        report_answer(r, "Local: pays from the first month, %s a month ahead of the API.",
                      usd(r, p->net_nanousd));
    else
        report_answer(r,
                      "%s: %s pays back in %s months (80 %% interval %s to %s) against "
                      "%.*s at %s a month.",
                      p->payback.milli_months <= (int64_t)x->in.amortise_months * 1000
                          ? "Local first"
                          : "API",
                      x->local_name, months(r, p->payback), months(r, i->low),
                      months(r, i->high), STR_ARG(x->in.price->model),
                      usd(r, p->api_nanousd));
}

static int make_plan(const struct options *o, const struct facts *f)
{
    struct plan_inputs x;
    struct plan p;
    struct plan_interval i;
    struct err err;
    struct report *r = report_create("plan", "Local or API?");
    if (!r)
        return EXIT_NO;
    if (plan_inputs_read(o, f, r, &x, &err) < 0 || plan_compute(&x.in, &p, &err) < 0 ||
        plan_interval(&x.in, &x.ranges, &i, &err) < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    report_verdict(r, &x, &p, &i);
    plan_inputs_report(&x, r);
    report_costs(r, &x, &p);
    report_payback(r, &x, &p, &i);
    payback_curve(r, &x, &p, &i);
    if (report_sensitivity(r, &x, &p, &err) < 0 || volume_curve(r, &x, &err) < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    report_rules(r, &p);
    return output_report(o, r, EXIT_YES);
}

static int run(int argc, char **argv)
{
    struct options o;
    struct facts f;
    struct arena room;
    struct err err;
    int rc;
    if (!options_read(&o, &cmd_plan, argc, argv, &rc))
        return rc;
    if (o.nwords)
        return options_fault(&cmd_plan, "\"%s\" is not an option", o.words[0]);
    arena_init(&room, 1 << 20);
    const char *workload = options_get(&o, "--workload");
    if ((workload && values_from_yaml(&o, workload, &room, &err) < 0) ||
        facts_load(&f, options_get(&o, "--facts"), &err) < 0) {
        rc = value_fault(&o, &err);
    } else {
        rc = options_has(&o, "--method") ? plan_method(&o, &f) : make_plan(&o, &f);
        facts_release(&f);
    }
    arena_reset(&room);
    return rc;
}

const struct command cmd_plan = {
    .name = "plan",
    .summary = "local or API: cost, capacity, break-even with an interval",
    .usage = "--model NAME --requests-per-day N --input-tokens N --output-tokens N "
             "--device NAME --local-model NAME",
    .details = plan_details,
    .options = plan_options,
    .noptions = ARRAY_LEN(plan_options),
    .run = run,
};
