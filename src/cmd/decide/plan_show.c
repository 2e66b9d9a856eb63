/* plan_show.c -- the figures a plan was made from, each with where it is from. */
#include "cmd/decide/plan_input.h"

#include "facts/date.h"
#include "facts/money.h"

static void add(struct report *r, const char *key, const char *label, const char *text,
                const char *number, const char *unit, enum truth truth,
                const char *source, int64_t date, int64_t expires)
{
    if (truth == TRUTH_GIVEN)
        source = "given by you";
    else if (!source || !source[0])
        source = "default of weir: replace it by your own figure";
    report_add(r, &(struct report_value){.key = key,
                                         .label = label,
                                         .text = text,
                                         .number = number,
                                         .unit = unit,
                                         .truth = truth,
                                         .source = source,
                                         .date_days = truth == TRUTH_LIST ||
                                                              truth == TRUTH_MEASURED
                                                          ? date
                                                          : REPORT_NO_DATE,
                                         .expires_days = expires});
}

/* No more digits than the figure is sure of. */
static const char *rounded(struct report *r, uint64_t milli)
{
    double v = (double)milli / 1000.0;
    return report_fmt(r, v >= 100 ? "%.0f" : v >= 10 ? "%.1f" : "%.2f", v);
}

static const char *exact(struct report *r, uint64_t milli)
{
    return report_fmt(r, "%llu.%03llu", (unsigned long long)(milli / 1000),
                      (unsigned long long)(milli % 1000));
}

static const char *whole(struct report *r, uint64_t v)
{
    return report_fmt(r, "%llu", (unsigned long long)v);
}

static void report_workload(const struct plan_inputs *x, struct report *r)
{
    const struct plan_input *in = &x->in;
    const struct {
        const char *key, *label;
        uint64_t v;
        const char *unit;
    } rows[] = {{"requests", "requests", in->requests, "/month"},
                {"input_tokens", "input", in->per_request.input, "tokens/request"},
                {"image_tokens", "of it pictures", x->image_tokens, "tokens/request"},
                {"cached_tokens", "of it read from a cache", in->per_request.cached,
                 "tokens/request"},
                {"cache_write_tokens", "of it written to a cache",
                 in->per_request.cache_write, "tokens/request"},
                {"output_tokens", "output", in->per_request.output, "tokens/request"},
                {"reasoning_tokens", "of it reasoning", in->per_request.reasoning,
                 "tokens/request"}};
    report_section(r, "workload", "Workload");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].v || i < 2 || i == 5)
            add(r, rows[i].key, rows[i].label, whole(r, rows[i].v), whole(r, rows[i].v),
                rows[i].unit, x->workload_truth, "weir's ledger", REPORT_NO_DATE,
                REPORT_NO_DATE);
    if (x->ledger_window)
        report_text(r, "Measured: %s.", x->ledger_window);
    if (in->per_request.cached)
        report_text(r, "The local engine is taken to find as much in its cache as the "
                       "provider does.");
}

static void add_list_price(const struct plan_inputs *x, struct report *r, const char *key,
                           const char *label, int64_t pico, const struct price *p)
{
    char text[MONEY_TEXT] = "unknown";
    (void)x;
    if (pico != PRICE_UNKNOWN)
        money_decimal_per_million(pico, text);
    add(r, key, label, text, pico == PRICE_UNKNOWN ? NULL : text, "USD/M tokens",
        TRUTH_LIST, report_fmt(r, "%.*s", STR_ARG(p->source)), p->source_days,
        p->source_days + 90);
}

bool plan_other_sellers(const struct plan_inputs *x, struct plan_sellers *ret)
{
    *ret = (struct plan_sellers){.low = NULL};
    for (size_t i = 0; i < x->offers.n; i++) {
        const struct price *row = x->offers.row[i];
        struct err ignored;
        int64_t cost;
        if (str_eq(row->provider, x->in.price->provider) ||
            prices_cost_of_many_nanousd(row, &x->in.per_request, x->in.requests, &cost,
                                        &ignored) < 0)
            continue;
        if (!ret->low || cost < ret->low_nanousd) {
            ret->low = row;
            ret->low_nanousd = cost;
        }
        if (!ret->high || cost > ret->high_nanousd) {
            ret->high = row;
            ret->high_nanousd = cost;
        }
    }
    return ret->low != NULL;
}

static void report_offers(const struct plan_inputs *x, struct report *r)
{
    struct plan_sellers s;
    if (!plan_other_sellers(x, &s))
        return;
    report_text(r,
                "The price is that of %.*s%s. Of the others who sell this model, %.*s is "
                "the cheapest for this workload (%s/month) and %.*s the dearest "
                "(%s/month).",
                STR_ARG(x->in.price->provider),
                x->is_provider_given ? "" : ", as no --provider is given",
                STR_ARG(s.low->provider), plan_money(x, r, s.low_nanousd),
                STR_ARG(s.high->provider), plan_money(x, r, s.high_nanousd));
}

/* The tier by which such a prompt is priced, or NULL: the ordinary price. */
static const struct price_tier *tier_of(const struct price *p, uint64_t input)
{
    const struct price_tier *found = NULL;
    for (size_t i = 0; i < p->ntiers; i++)
        if (input > p->tiers[i].above_tokens)
            found = &p->tiers[i];
    return found;
}

static void report_prices(const struct plan_inputs *x, struct report *r)
{
    const struct price *p = x->in.price;
    const struct token_counts *t = &x->in.per_request;
    const struct price_tier *tier = tier_of(p, t->input);
    add_list_price(x, r, "price_input", "input", tier ? tier->input : p->input, p);
    if (t->cached)
        add_list_price(x, r, "price_cached", "input read from a cache",
                       tier && tier->cached_input != PRICE_UNKNOWN ? tier->cached_input
                                                                   : p->cached_input,
                       p);
    if (t->cache_write)
        add_list_price(x, r, "price_cache_write", "input written to a cache",
                       p->cache_write, p);
    if (t->output)
        add_list_price(x, r, "price_output", "output", tier ? tier->output : p->output,
                       p);
    if (tier)
        report_text(r,
                    "These are its prices for prompts of more than %llu tokens; shorter "
                    "ones cost less.",
                    (unsigned long long)tier->above_tokens);
    if (x->in.batch_share_ppm && x->in.batch) {
        add_list_price(x, r, "price_batch_input", "input of requests that wait",
                       x->in.batch->input, x->in.batch);
        add_list_price(x, r, "price_batch_output", "output of requests that wait",
                       x->in.batch->output, x->in.batch);
    }
}

static void report_cloud(const struct plan_inputs *x, struct report *r)
{
    const struct price *p = x->in.price;
    report_section(
        r, "cloud",
        report_fmt(r, "Cloud: %.*s (%.*s)", STR_ARG(p->model), STR_ARG(p->provider)));
    if (x->in.subscription_nanousd)
        add(r, "subscription", "subscription, in place of prices",
            plan_money(x, r, x->in.subscription_nanousd),
            plan_money_number(x, r, x->in.subscription_nanousd), "/month", TRUTH_GIVEN,
            "", REPORT_NO_DATE, REPORT_NO_DATE);
    else
        report_prices(x, r);
    report_offers(x, r);
    if (p->status.n)
        report_text(r, "The provider calls this model %.*s.", STR_ARG(p->status));
    if (p->other_input != PRICE_UNKNOWN || p->other_output != PRICE_UNKNOWN)
        report_text(r, "Another source (%.*s) disagrees with this price: verify it.",
                    STR_ARG(p->other_source));
    if (p->at_peak)
        report_text(r, "In its busy hours (%.*s) the provider asks more.",
                    STR_ARG(p->peak_hours));
    if (x->is_price_stale)
        report_text(r,
                    "Nobody has looked at this price for more than 90 days: verify it, "
                    "then weir facts update prices FILE.");
    if (x->currency) {
        char day[DATE_TEXT];
        date_format(x->currency->from.days, day);
        report_text(r, "1 %.*s = %s, the rate of %s (%.*s). API prices are in USD.",
                    STR_ARG(x->currency->code), usd(r, x->currency->nanousd_per_unit),
                    day, STR_ARG(x->currency->from.source));
    }
}

static void report_machine_price(const struct plan_inputs *x, struct report *r)
{
    const struct plan_input *in = &x->in;
    if (x->is_rented) {
        add(r, "rent", "rent", plan_money(x, r, in->rent_nanousd_per_hour),
            plan_money_number(x, r, in->rent_nanousd_per_hour), "/machine hour",
            x->capex_truth, x->capex_source, x->capex_day, REPORT_NO_DATE);
        return;
    }
    add(r, "capex", "purchase", plan_money(x, r, in->capex_nanousd),
        plan_money_number(x, r, in->capex_nanousd), plan_currency(x), x->capex_truth,
        x->capex_source, x->capex_day, REPORT_NO_DATE);
    if (x->pc_nanousd)
        add(r, "pc", "of it the PC around the card, each",
            plan_money(x, r, x->pc_nanousd), plan_money_number(x, r, x->pc_nanousd),
            plan_currency(x), x->pc_truth,
            "rule of thumb: $700, or a quarter of dear cards; --pc 0 if you have one",
            REPORT_NO_DATE, REPORT_NO_DATE);
}

static void report_power(const struct plan_inputs *x, struct report *r)
{
    const struct plan_input *in = &x->in;
    if (x->is_electricity_in_rent) {
        report_text(r, "Electricity is in the rent.");
        return;
    }
    add(r, "load_watts", "power under load", rounded(r, in->load_mw),
        exact(r, in->load_mw), "W", x->power_truth, x->power_source, x->power_day,
        REPORT_NO_DATE);
    add(r, "idle_watts", "power at idle", rounded(r, in->idle_mw), exact(r, in->idle_mw),
        "W", x->idle_truth, x->idle_source, REPORT_NO_DATE, REPORT_NO_DATE);
    add(r, "tariff", "electricity", plan_money(x, r, in->tariff_nanousd_per_kwh),
        plan_money_number(x, r, in->tariff_nanousd_per_kwh), "/kWh", x->tariff_truth,
        x->tariff_source, x->tariff_day, REPORT_NO_DATE);
}

static void report_speeds(const struct plan_inputs *x, struct report *r)
{
    const struct plan_input *in = &x->in;
    const struct plan_local *l = &x->local;
    if (in->decode_milli_tok_s)
        add(r, "speed", "writing, one stream", rounded(r, in->decode_milli_tok_s),
            exact(r, in->decode_milli_tok_s), "tok/s", l->speed_truth, l->speed_source,
            l->bench_day ? l->bench_day : REPORT_NO_DATE,
            l->bench_day ? l->bench_day + 365 : REPORT_NO_DATE);
    add(r, "prefill", "reading prompts", rounded(r, in->prefill_milli_tok_s),
        exact(r, in->prefill_milli_tok_s), "tok/s", l->prefill_truth, l->prefill_source,
        REPORT_NO_DATE, REPORT_NO_DATE);
    if (l->parallel_truth == TRUTH_GIVEN || l->streams > 1)
        add(r, "parallel", "writing, all streams of a machine",
            report_fmt(r, "x %s%s", rounded(r, in->parallel_milli),
                       l->streams > 1 ? report_fmt(r, ", %llu at once",
                                                   (unsigned long long)l->streams)
                                      : ""),
            exact(r, in->parallel_milli), "", l->parallel_truth, l->parallel_source,
            REPORT_NO_DATE, REPORT_NO_DATE);
}

void plan_inputs_report(const struct plan_inputs *x, struct report *r)
{
    const struct plan_input *in = &x->in;
    report_workload(x, r);
    report_cloud(x, r);
    report_section(r, "local", report_fmt(r, "Local: %s", x->local_name));
    report_speeds(x, r);
    report_machine_price(x, r);
    report_power(x, r);
    add(r, "ops_hours", "people's work", rounded(r, in->ops_milli_hours),
        exact(r, in->ops_milli_hours), "hours/month", x->ops_truth, "", REPORT_NO_DATE,
        REPORT_NO_DATE);
    add(r, "acceptance", "local answers that are good enough",
        x->acceptance_truth == TRUTH_GIVEN
            ? report_fmt(r, "%.1f", (double)in->acceptance_ppm / 1e4)
            : report_fmt(r, "unknown: %.0f to %.0f", (double)x->accepted_low_ppm / 1e4,
                         (double)x->accepted_high_ppm / 1e4),
        report_fmt(r, "%.4f", (double)in->acceptance_ppm / 1e4), "%", x->acceptance_truth,
        x->is_same_model
            ? "the same model on both sides; its format may cost a little quality"
            : "what articles say, from 30 % to 95 %: measure yours with weir pilot",
        REPORT_NO_DATE, REPORT_NO_DATE);
}
