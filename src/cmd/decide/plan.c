/* plan.c -- weir plan: local or API, on your own numbers. */
#include "plan/plan.h"

#include "cmd/decide/plan_answer.h"
#include "cmd/decide/plan_charts.h"
#include "cmd/decide/plan_method.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/money.h"

static const struct command_option plan_options[] = {
    {"--model", "NAME", "Cloud model to compare with, such as gpt-4o-mini."},
    {"--provider", "NAME", "Its provider, when several sell it."},
    {"--date", "DAY", "Price as of this day, 2026-07-01; default today."},
    {"--requests-per-day", "N", "Workload; or --requests-per-month."},
    {"--requests-per-month", "N", "Workload."},
    {"--input-tokens", "N", "Mean prompt of a request, cached part included."},
    {"--cached-tokens", "N", "The part of it the provider reads from its cache."},
    {"--cache-write-tokens", "N", "The part of it the provider writes to its cache."},
    {"--images", "N", "Pictures in a request; the model must see pictures."},
    {"--image-tokens", "N", "Tokens of one; default 1000."},
    {"--output-tokens", "N", "Mean answer of a request, reasoning included."},
    {"--reasoning-tokens", "N", "The part of it that is reasoning."},
    {"--days", "N", "Days in the month; default 30."},
    {"--peak", "X", "Busiest hour over the mean hour; default 3."},
    {"--batch-share", "PERCENT", "Requests that may wait for a batch price."},
    {"--batch-discount", "PERCENT", "Discount on those; default its batch price."},
    {"--price-decline", "PERCENT", "Yearly fall of API prices, for the net value."},
    {"--subscription", "SUM", "Flat fee a month in place of prices for each token."},
    {"--device", "NAME",
     "Local machine, such as \"2x RTX 3090\"; again for more; default this one."},
    {"--memory", "GB", "Which memory size of that device."},
    {"--ram", "GB", "Main memory beside the cards; default 32."},
    {"--machines", "N", "How many; default as many as the busiest hour needs."},
    {"--local-model", "NAME", "Local model, to estimate its speed."},
    {"--draft", "MODEL", "A smaller model that proposes tokens to the local one."},
    {"--draft-accept", "PERCENT", "Of its proposals; default 65, between 53 and 80."},
    {"--quant", "NAME", "Its quantisation; default Q4_K_M, of gpt-oss MXFP4."},
    {"--speed", "TOK_S", "Decode speed of one stream, when measured."},
    {"--prefill-speed", "TOK_S", "Prompt speed; default by the kind of device."},
    {"--parallel", "X", "Speed of all streams over one; default from the load."},
    {"--busy-limit", "PERCENT", "Share of the month a machine may be busy; 100."},
    {"--capex", "SUM", "Purchase of all machines; default launch price and a PC."},
    {"--pc", "SUM", "Of it the PC around the cards; default 700, or a quarter."},
    {"--resale", "SUM", "What they fetch in the end."},
    {"--amortise", "MONTHS", "Over how long; default 36."},
    {"--rent", "SUM_HOUR", "Rent of a machine, or \"list\" for the cheapest known."},
    {"--load-watts", "W", "Power of a machine at the wall under load."},
    {"--idle-watts", "W", "The same at idle with the model loaded."},
    {"--tariff", "SUM_KWH", "Price of electricity; default that of --country."},
    {"--country", "CODE", "Whose household price, such as DE; default US."},
    {"--pue", "X", "Cooling and losses, 1 at home; default 1."},
    {"--ops-hours", "H", "People's hours a month to keep it running."},
    {"--wage", "SUM_HOUR", "What such an hour costs."},
    {"--other", "SUM", "Other monthly cost, such as colocation."},
    {"--acceptance", "PERCENT",
     "Local answers that are good enough, such as 80; from a pilot."},
    {"--currency", "CODE", "What your sums are in, such as EUR; default USD."},
    {"--workload", "FILE", "YAML, a line each such as model: gpt-4o; flags win."},
    {"--from-ledger", NULL, "Take the workload from weir's ledger, the last 30 days."},
    {"--short-sample", NULL, "Take a ledger of less than a day for a month."},
    {"--state-dir", "DIR", "Where that ledger is; default as weir ledger."},
    {"--method", "NAME", "Run a published formula: " METHOD_WORDS "."},
    OUTPUT_OPTIONS,
};

static const char plan_details[] =
    "Says first what would make the plan wrong (the model does not fit, the prompt is\n"
    "longer than it reads, nobody would wait for it), then the money a month, what the\n"
    "money assumes, and what turns the answer. How many local answers are good enough "
    "is\n"
    "unknown until you compare them: without --acceptance the answer is a range.\n\n"
    "  weir plan --model gpt-4o-mini --requests-per-day 5000 --input-tokens 800 \\\n"
    "    --output-tokens 400 --device \"RTX 4090\" --local-model llama-3.1-8b\n"
    "  weir plan --workload load.yaml --html plan.html\n"
    "  weir plan --from-ledger --model gpt-4o-mini --device \"RTX 4090\" --speed 95\n"
    "  weir plan --method run-locally  a published formula, and what it gets wrong\n"
    "  weir plan --method errata       all known errors of those articles, recomputed";

static void add_sum(struct report *r, const struct plan_inputs *x, const char *key,
                    const char *label, int64_t v, const char *source, const char *note)
{
    report_add(r, &(struct report_value){.key = key,
                                         .label = label,
                                         .text = plan_money(x, r, v),
                                         .number = plan_money_number(x, r, v),
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

static void add_load(struct report *r, const struct plan_inputs *x, const struct plan *p)
{
    const char *text = report_fmt(r, "%llu", (unsigned long long)p->machines_at_peak);
    add_share(r, "busy",
              x->in.machines > 1 ? report_fmt(r, "time it takes of all %llu machines",
                                              (unsigned long long)x->in.machines)
                                 : "time it takes of the machine",
              p->busy_ppm, "prompts / reading speed + answers / writing speed",
              p->busy_ppm > PPM ? "more than the machines have" : NULL);
    report_add(r, &(struct report_value){
                      .key = "machines_at_peak",
                      .label = "machines for the busiest hour",
                      .text = text,
                      .number = text,
                      .unit = "",
                      .truth = TRUTH_COMPUTED,
                      .source = "time x busiest hour over mean hour, without what waits",
                      .date_days = REPORT_NO_DATE,
                      .expires_days = REPORT_NO_DATE});
    add_share(r, "displaceable", "API bill that local answers replace",
              p->displaceable_ppm, "what the machines can answer x what is good enough",
              NULL);
}

static void report_costs(struct report *r, const struct plan_inputs *x,
                         const struct plan *p)
{
    report_section(r, "month",
                   x->acceptance_truth == TRUTH_GIVEN
                       ? "One month"
                       : report_fmt(r, "One month, if %.3g %% of local answers will do",
                                    (double)x->in.acceptance_ppm / 1e4));
    add_sum(r, x, "api", "API alone", p->api_nanousd,
            x->in.subscription_nanousd ? "the subscription" : "requests x list price",
            NULL);
    add_load(r, x, p);
    add_sum(r, x, "displaced", "API spend that goes away", p->displaced_nanousd,
            "API x share", NULL);
    if (!x->is_electricity_in_rent)
        add_sum(r, x, "energy", "electricity", p->energy_nanousd,
                "idle and busy watts x tariff",
                report_fmt(r, "%.2f kWh", (double)p->energy_mwh / 1e6));
    add_sum(r, x, "operations", "people", p->ops_nanousd, "hours x wage",
            p->ops_nanousd ? NULL : "no hours given: free labour flatters local");
    if (p->rent_nanousd)
        add_sum(r, x, "rent_month", "rent", p->rent_nanousd, "machines x hours x rent",
                NULL);
    if (p->other_nanousd)
        add_sum(r, x, "other", "other", p->other_nanousd, "given by you", NULL);
    if (!x->is_rented)
        add_sum(r, x, "amortised",
                report_fmt(r, "purchase, a part of it each of %llu months",
                           (unsigned long long)x->in.amortise_months),
                p->amortised_nanousd, "(purchase - resale) / months", NULL);
    add_sum(r, x, "local", "local altogether", p->local_nanousd, "sum", NULL);
    add_sum(r, x, "hybrid", "local, and what stays on the API", p->hybrid_nanousd, "sum",
            NULL);
    add_sum(r, x, "ahead", "local first saves", p->ahead_nanousd, "API alone less that",
            p->ahead_nanousd < 0 ? "below 0: it costs more" : NULL);
}

static int64_t ask_again(const struct plan_inputs *x)
{
    int64_t again = x->today + 60;
    int64_t stale = x->in.price->source_days + 90;
    return stale > x->today && stale < again ? stale : again;
}

static void add_payback(struct report *r, const struct plan_inputs *x,
                        const struct plan_result *p, int64_t again)
{
    const struct plan_interval *i = &p->interval;
    const struct payback *back = &p->plan.payback;
    bool never = back->kind == PAYBACK_NEVER;
    report_add(r, &(struct report_value){
                      .key = "months",
                      .label = "until the purchase is paid back",
                      .text = plan_months(r, *back),
                      .number = never ? NULL
                                      : report_fmt(r, "%.3f",
                                                   (double)back->milli_months / 1000.0),
                      .unit = never ? "" : "months",
                      .truth = TRUTH_COMPUTED,
                      .source = "(purchase - resale) / (API spend that goes - cash)",
                      .date_days = REPORT_NO_DATE,
                      .expires_days = again});
    report_add(r, &(struct report_value){
                      .key = "interval",
                      .label = "80 % interval of it",
                      .text = report_fmt(r, "%s to %s", plan_months(r, i->low),
                                         plan_months(r, i->high)),
                      .number = NULL,
                      .unit = "months",
                      .truth = TRUTH_COMPUTED,
                      .source = "500 draws over the ranges below",
                      .date_days = REPORT_NO_DATE,
                      .expires_days = again,
                      .note = i->never_ppm
                                  ? report_fmt(r,
                                               "in %.0f %% of the draws it is never "
                                               "paid back",
                                               (double)i->never_ppm / 1e4)
                                  : NULL});
    report_add(r, &(struct report_value){
                      .key = "npv",
                      .label = report_fmt(r, "ahead after %llu months",
                                          (unsigned long long)x->in.amortise_months),
                      .text = plan_money(x, r, p->plan.npv_nanousd),
                      .number = plan_money_number(x, r, p->plan.npv_nanousd),
                      .unit = plan_currency(x),
                      .truth = TRUTH_COMPUTED,
                      .source = "spend that goes - cash each month, less the purchase",
                      .date_days = REPORT_NO_DATE,
                      .expires_days = again});
}

static void report_payback(struct report *r, const struct plan_inputs *x,
                           const struct plan_result *p)
{
    char day[DATE_TEXT];
    int64_t again = ask_again(x);
    date_format(again, day);
    report_section(r, "payback", x->is_rented ? "When to ask again" : "Break-even");
    if (x->in.capex_nanousd - x->in.resale_nanousd > 0) {
        add_payback(r, x, p, again);
        plan_chart_payback(r, x, p);
    } else {
        report_text(r, "Nothing is bought, so nothing has to be paid back: each month is "
                       "ahead or behind by itself.");
    }
    report_text(r, "What binds: %s.", constraint_name(p->plan.binds));
    report_text(r, "Decide again after %s: prices and models move.", day);
}

/* An input that changes nothing is not drawn. */
static size_t moving(const struct plan_effect *all, struct plan_effect *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < PLAN_FACTORS; i++)
        if (all[i].ahead_low_nanousd != all[i].ahead_high_nanousd)
            ret[n++] = all[i];
    return n;
}

static int report_sensitivity(struct report *r, const struct plan_inputs *x,
                              const struct plan *p, struct err *err)
{
    static const char *const columns[] = {"input", "from", "to", "saves a month",
                                          "paid back in months"};
    struct plan_effect all[PLAN_FACTORS];
    struct plan_effect e[PLAN_FACTORS];
    struct report_bar bars[PLAN_FACTORS];
    double unit = x->currency ? (double)x->currency->nanousd_per_unit : 1e9;
    bool bought = x->in.capex_nanousd - x->in.resale_nanousd > 0;
    if (plan_sensitivity(&x->in, &x->ranges, all, err) < 0)
        return -1;
    size_t n = moving(all, e);
    report_section(r, "sensitivity", "What matters most, one input at a time");
    for (size_t i = 0; i < n; i++)
        bars[i] = (struct report_bar){
            plan_factor_name(e[i].factor),
            report_fmt(r, "%s to %s", plan_money_about(x, r, e[i].ahead_low_nanousd),
                       plan_money_about(x, r, e[i].ahead_high_nanousd)),
            (double)e[i].ahead_low_nanousd / unit,
            (double)e[i].ahead_high_nanousd / unit};
    report_bars(r, "ahead", "What local first saves a month", plan_currency(x),
                (double)p->ahead_nanousd / unit, bars, n);
    report_table(
        r, "ranges", columns, bought ? 5 : 4, TRUTH_RULE,
        "ranges are defaults of weir; those of speed and of accepted answers are "
        "their intervals",
        REPORT_NO_DATE);
    for (size_t i = 0; i < n; i++) {
        enum plan_factor f = e[i].factor;
        const char *cells[] = {
            plan_factor_name(f),
            report_fmt(r, "x %.2f", (double)x->ranges.low_ppm[f] / PPM),
            report_fmt(r, "x %.2f", (double)x->ranges.high_ppm[f] / PPM), bars[i].text,
            report_fmt(r, "%s to %s", plan_months(r, e[i].at_low),
                       plan_months(r, e[i].at_high))};
        report_row(r, cells);
    }
    return 0;
}

enum { STEPS = 6 };

/* Whole machines, from one to as many as the busiest hour needs. */
static int report_machines(struct report *r, const struct plan_inputs *x,
                           const struct plan *p, struct err *err)
{
    static const char *const columns[] = {"machines", "of the busiest hour",
                                          "local altogether", "saves a month"};
    uint64_t most = p->machines_at_peak;
    uint64_t last = 0;
    if (most <= 1)
        return 0;
    report_section(r, "machines", "How many machines?");
    report_table(
        r, "staircase", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
        "each machine at the same price; what does not fit waits, or goes to the "
        "API",
        REPORT_NO_DATE);
    for (uint64_t k = 1; k <= STEPS; k++) {
        uint64_t n = (most * k + STEPS - 1) / STEPS;
        struct plan_input in = plan_with_machines(&x->in, n);
        struct plan q;
        if (n == last)
            continue;
        last = n;
        if (plan_compute(&in, &q, err) < 0)
            return -1;
        const char *cells[] = {
            report_fmt(r, "%llu", (unsigned long long)n),
            report_fmt(r, "%.0f %%",
                       n >= most ? 100.0 : 100.0 * (double)n / (double)most),
            plan_money(x, r, q.local_nanousd), plan_money(x, r, q.ahead_nanousd)};
        report_row(r, cells);
    }
    return 0;
}

/* The thresholds articles give, beside the computed value: they disagree. */
static void report_rules(struct report *r, const struct plan_inputs *x,
                         const struct plan *p)
{
    static const char *const columns[] = {"an article says", "here", "by that rule"};
    static const struct {
        const char *text;
        int64_t usd;
    } rules[] = {{"local above $30 of API spend a month (a note, 16 May 2026)", 30},
                 {"local pays in months above $200 (the same note)", 200},
                 {"a pilot above $300 (\"When to Run Locally\")", 300},
                 {"local above $500 (\"When to Run Locally\")", 500}};
    report_section(r, "rules", "What articles say, beside the figure computed here");
    report_table(r, "thresholds", columns, ARRAY_LEN(columns), TRUTH_RULE,
                 "two articles of 2026; the figures above outrank them", REPORT_NO_DATE);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        bool above = p->api_nanousd > rules[i].usd * NANOUSD_PER_USD;
        const char *cells[] = {rules[i].text, usd(r, p->api_nanousd),
                               above ? "local" : "API"};
        report_row(r, cells);
    }
    report_text(
        r,
        "Computed: local first %s %s a month. Articles say that local answers "
        "save 30 to 50 %%, 55 to 70 %% or 95 %% of an API bill; here %.0f %% of it "
        "goes away.",
        p->ahead_nanousd < 0 ? "costs more by" : "saves",
        plan_money(x, r, p->ahead_nanousd < 0 ? -p->ahead_nanousd : p->ahead_nanousd),
        (double)p->displaceable_ppm / 1e4);
}

/* What stays true when the model cannot be used there. */
static int report_fault(const struct options *o, struct report *r,
                        const struct plan_inputs *x, const struct plan_result *p)
{
    plan_answer_fault(r, x, p);
    plan_inputs_report(x, r);
    report_section(r, "month", "One month");
    add_sum(r, x, "api", "API alone", p->plan.api_nanousd, "requests x list price", NULL);
    return output_report(o, r, EXIT_NO);
}

static int make_plan(const struct options *o, const struct facts *f)
{
    struct plan_inputs x;
    struct plan_result p;
    struct err err;
    struct report *r = report_create("plan", "Local or API?");
    if (!r)
        return EXIT_NO;
    int rc = plan_inputs_read(o, f, r, &x, &err);
    if (rc == 0)
        rc = plan_result_of(&x, &p, &err);
    if (rc == 0 && !plan_local_runs(&x.local))
        return report_fault(o, r, &x, &p);
    if (rc == 0) {
        plan_answer(r, &x, &p);
        rc = plan_chart_acceptance(r, &x, &p, &err);
    }
    if (rc == 0) {
        report_costs(r, &x, &p.plan);
        rc = report_machines(r, &x, &p.plan, &err);
    }
    if (rc == 0) {
        report_payback(r, &x, &p);
        rc = report_sensitivity(r, &x, &p.plan, &err);
    }
    if (rc == 0)
        rc = plan_chart_volume(r, &x, &p, &err);
    if (rc < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    plan_inputs_report(&x, r);
    report_rules(r, &x, &p.plan);
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
