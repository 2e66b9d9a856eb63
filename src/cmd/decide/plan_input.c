/* plan_input.c -- what a plan is made from, and where each number comes from.
 *
 * Defaults are rules of thumb and are labelled so: a reader sees which figures are his
 * and which are guesses to be replaced. */
#include "cmd/decide/plan_input.h"

#include "cmd/decide/measured.h"
#include "cmd/decide/plan_ledger.h"
#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/money.h"
#include "facts/price_offers.h"

#define DEFAULT_TARIFF     INT64_C(150000000) /* $0.15 a kWh */
#define DEFAULT_IDLE_MW    20000              /* a desktop card with a model loaded */
#define PREFILL_PER_DECODE 10                 /* cautious; cards reach 20 to 40 */

const char *usd(struct report *r, int64_t nanousd)
{
    char text[MONEY_TEXT];
    int64_t magnitude = nanousd < 0 ? -nanousd : nanousd;
    money_format(nanousd, magnitude && magnitude < NANOUSD_PER_USD ? 4 : 2, text);
    return report_fmt(r, "%s", text);
}

const char *usd_number(struct report *r, int64_t nanousd)
{
    char text[MONEY_TEXT];
    money_decimal(nanousd, text);
    return report_fmt(r, "%s", text);
}

static int check_currency(const struct options *o, struct err *err)
{
    const char *currency = options_get(o, "--currency");
    if (currency && strcmp(currency, "USD") != 0)
        return err_set(err, ERR_CONFIG, "unknown_currency",
                       "--currency: \"%s\" is unknown; prices are in USD: convert your "
                       "own figures and leave it out",
                       currency);
    return 0;
}

/* Without a provider the maker's price, else that of the first who sells the model. */
static int choose_price(const struct prices *p, struct str provider, struct str model,
                        const char *day, struct plan_inputs *x, struct err *err)
{
    char since[DATE_TEXT], wanted[DATE_TEXT];
    x->in.price = prices_find(p, provider, model, x->today);
    prices_offers(p, model, x->today, &x->offers);
    x->is_provider_given = provider.n > 0;
    if (!x->in.price && provider.n == 0 && x->offers.n)
        x->in.price = x->offers.row[0];
    int64_t first = prices_since(p, provider, model);
    if (day && first != DATE_UNKNOWN && x->today < first) {
        date_format(first, since);
        date_format(x->today, wanted);
        return err_set(err, ERR_CONFIG, "unknown_price",
                       "--date: no price of %.*s is known for %s; the first is of %s",
                       (int)(model.n > 60 ? 60 : model.n), model.p, wanted, since);
    }
    x->is_price_stale = x->in.price && price_is_stale(p, x->in.price, date_today());
    return x->in.price ? 0 : prices_explain(p, provider, model, err);
}

static int read_cloud(const struct options *o, const struct facts *f,
                      struct plan_inputs *x, struct err *err)
{
    const char *model = options_get(o, "--model");
    const char *provider = options_get(o, "--provider");
    const char *day = options_get(o, "--date");
    x->today = date_today();
    if (day && !date_parse(str_of(day), &x->today))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--date: \"%s\" is no day; write 2026-07-01", day);
    if (!model)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--model: name the cloud model, for example gpt-4o-mini");
    if (choose_price(f->prices, str_of(provider ? provider : ""), str_of(model), day, x,
                     err) < 0)
        return -1;
    if (value_percent(o, "--batch-share", &x->in.batch_share_ppm, err) < 0 ||
        value_percent(o, "--batch-discount", &x->in.batch_discount_ppm, err) < 0 ||
        value_percent(o, "--price-decline", &x->in.api_decline_ppm, err) < 0)
        return -1;
    return 0;
}

static int read_ledger(const struct options *o, struct plan_inputs *x, struct err *err)
{
    x->workload_truth = TRUTH_GIVEN;
    if (!options_has(o, "--from-ledger"))
        return 0;
    x->workload_truth = TRUTH_MEASURED;
    return plan_ledger_read(options_get(o, "--state-dir"), &x->in, &x->ledger_days, err);
}

static int read_volume(const struct options *o, struct plan_input *in, struct err *err)
{
    uint64_t daily = 0;
    int64_t peak = (int64_t)in->peak_milli;
    struct token_counts *t = &in->per_request;
    if (value_u64(o, "--days", &in->days, err) < 0 ||
        value_u64(o, "--requests-per-day", &daily, err) < 0 ||
        value_u64(o, "--requests-per-month", &in->requests, err) < 0 ||
        value_u64(o, "--input-tokens", &t->input, err) < 0 ||
        value_u64(o, "--cached-tokens", &t->cached, err) < 0 ||
        value_u64(o, "--output-tokens", &t->output, err) < 0 ||
        value_u64(o, "--reasoning-tokens", &t->reasoning, err) < 0 ||
        value_fixed(o, "--peak", 3, &peak, err) < 0)
        return -1;
    in->peak_milli = (uint64_t)peak;
    if (options_has(o, "--requests-per-day") && options_has(o, "--requests-per-month"))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--requests-per-day, --requests-per-month: give one of them");
    if (options_has(o, "--requests-per-day") && in->days >= 1 && in->days <= 31) {
        if (daily > UINT64_MAX / 31)
            return err_set(err, ERR_CONFIG, "bad_value", "--requests-per-day: too many");
        in->requests = daily * in->days;
    }
    return 0;
}

static int read_device(const struct options *o, const struct facts *f,
                       struct plan_inputs *x, struct err *err)
{
    const char *name = options_get(o, "--device");
    double memory = 0;
    if (value_double(o, "--memory", &memory, err) < 0)
        return -1;
    if (!name)
        return 0;
    struct device_answer a;
    if (devices_choose(f->devices, str_of(name), memory, &a, err) < 0)
        return -1;
    x->device = a.choices[0];
    x->cards = a.count;
    x->memory_gb = a.memory_gb;
    return 0;
}

static int estimate_speed(const struct options *o, const struct facts *f,
                          struct plan_inputs *x, struct err *err)
{
    const char *name = options_get(o, "--local-model");
    const char *quant = options_get(o, "--quant");
    struct speed_load load;
    x->quant = QUANT_Q4_K_M;
    if (quant && !quant_parse(str_of(quant), &x->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--quant: \"%s\" is unknown; for example Q4_K_M", quant);
    if (!name)
        return 0;
    struct model_answer a;
    if (models_choose(f->models, str_of(name), &a, err) < 0)
        return -1;
    x->local_model = a.choices[0];
    if (!quant)
        x->quant = quant_default(x->local_model);
    if (!quant && a.quant[0] && !quant_parse(str_of(a.quant), &x->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--local-model: the quantisation \"%s\" of its name is unknown; "
                       "give one with --quant",
                       a.quant);
    if (!quant && !a.quant[0])
        x->quant = quant_default(x->local_model);
    if (!x->device)
        return 0;
    uint64_t depth = x->in.per_request.input + x->in.per_request.output / 2;
    if (speed_load_of(x->local_model, x->quant, depth, &load, err) < 0)
        return -1;
    const struct speed_coefficients *c = &speed_families[speed_family_of(x->device)];
    x->speed = speed_estimate(c, &load, x->device->bandwidth_gbs);
    x->in.decode_milli_tok_s = (uint64_t)(x->speed.estimate_tok_s * 1000.0);
    x->speed_truth = c->is_validated ? TRUTH_COMPUTED : TRUTH_RULE;
    double point = x->speed.estimate_tok_s;
    x->ranges.low_ppm[FACTOR_SPEED] = (uint64_t)(PPM * x->speed.low_tok_s / point);
    x->ranges.high_ppm[FACTOR_SPEED] = (uint64_t)(PPM * x->speed.high_tok_s / point);
    return 0;
}

/* What `weir bench` measured of the model here; of a named device nothing is. */
static void use_measured(const struct options *o, const struct facts *f,
                         struct plan_inputs *x)
{
    struct bench_kept_row row;
    if (!x->local_model || options_has(o, "--device") ||
        !measured_find(f->models, x->local_model, options_get(o, "--quant"),
                       options_get(o, "--state-dir"), &row))
        return;
    x->in.decode_milli_tok_s = (uint64_t)(row.stream_tok_s * 1000.0);
    x->speed_truth = TRUTH_MEASURED;
    x->bench_day = measured_day(&row);
    x->ranges.low_ppm[FACTOR_SPEED] = 900000;
    x->ranges.high_ppm[FACTOR_SPEED] = 1100000;
}

static int read_speed(const struct options *o, const struct facts *f,
                      struct plan_inputs *x, struct err *err)
{
    int64_t decode = 0;
    int64_t prefill = 0;
    int64_t parallel = MILLI;
    uint64_t seen_decode = x->in.decode_milli_tok_s;
    uint64_t seen_prefill = x->in.prefill_milli_tok_s;
    if (estimate_speed(o, f, x, err) < 0 ||
        value_fixed(o, "--speed", 3, &decode, err) < 0 ||
        value_fixed(o, "--prefill-speed", 3, &prefill, err) < 0 ||
        value_fixed(o, "--parallel", 3, &parallel, err) < 0)
        return -1;
    x->in.parallel_milli = (uint64_t)parallel;
    use_measured(o, f, x);
    if (seen_decode) { /* of people's own requests */
        x->in.decode_milli_tok_s = seen_decode;
        x->speed_truth = TRUTH_MEASURED;
        x->bench_day = 0;
    }
    if (options_has(o, "--speed")) {
        x->in.decode_milli_tok_s = (uint64_t)decode;
        x->speed_truth = TRUTH_GIVEN;
        x->bench_day = 0;
        x->ranges.low_ppm[FACTOR_SPEED] = 900000;
        x->ranges.high_ppm[FACTOR_SPEED] = 1100000;
    }
    if (x->in.decode_milli_tok_s == 0)
        return err_set(err, ERR_CONFIG, "unknown_speed",
                       "--speed: the local speed is unknown; give it, or --device and "
                       "--local-model to estimate it");
    x->prefill_truth = options_has(o, "--prefill-speed") ? TRUTH_GIVEN
                       : seen_prefill                    ? TRUTH_MEASURED
                                                         : TRUTH_RULE;
    x->in.prefill_milli_tok_s = options_has(o, "--prefill-speed") ? (uint64_t)prefill
                                : seen_prefill
                                    ? seen_prefill
                                    : x->in.decode_milli_tok_s * PREFILL_PER_DECODE;
    return 0;
}

static int read_power(const struct options *o, struct plan_inputs *x, struct err *err)
{
    int64_t load = x->device ? (int64_t)(x->device->tdp_w * 1000.0 * x->cards) : 0;
    int64_t idle = DEFAULT_IDLE_MW;
    int64_t pue = MILLI;
    int64_t tariff = DEFAULT_TARIFF;
    if (value_fixed(o, "--load-watts", 3, &load, err) < 0 ||
        value_fixed(o, "--idle-watts", 3, &idle, err) < 0 ||
        value_fixed(o, "--pue", 3, &pue, err) < 0 ||
        value_fixed(o, "--tariff", 9, &tariff, err) < 0)
        return -1;
    if (load == 0)
        return err_set(err, ERR_CONFIG, "unknown_power",
                       "--load-watts: the power under load is unknown; give it in watts");
    x->power_truth = options_has(o, "--load-watts") ? TRUTH_GIVEN : TRUTH_LIST;
    x->idle_truth = options_has(o, "--idle-watts") ? TRUTH_GIVEN : TRUTH_RULE;
    x->tariff_truth = options_has(o, "--tariff") ? TRUTH_GIVEN : TRUTH_RULE;
    x->in.load_mw = (uint64_t)load;
    x->in.idle_mw =
        (uint64_t)(idle > load && !options_has(o, "--idle-watts") ? load / 5 : idle);
    x->in.pue_milli = (uint64_t)pue;
    x->in.tariff_nanousd_per_kwh = tariff;
    return 0;
}

static int read_money(const struct options *o, struct plan_inputs *x, struct err *err)
{
    struct plan_input *in = &x->in;
    int64_t hours = 0;
    bool rented = options_has(o, "--rent");
    int64_t price = x->device ? device_price(x->device, x->memory_gb) : -1;
    bool known = price >= 0;
    if (value_u64(o, "--machines", &in->machines, err) < 0)
        return -1;
    if (in->machines < 1 || in->machines > 100000)
        return err_set(err, ERR_CONFIG, "bad_value", "--machines: must be 1 to 100,000");
    if (known && !rented)
        in->capex_nanousd = price * (int64_t)in->machines * x->cards;
    x->capex_truth = options_has(o, "--capex") ? TRUTH_GIVEN : TRUTH_LIST;
    if (value_fixed(o, "--capex", 9, &in->capex_nanousd, err) < 0 ||
        value_fixed(o, "--resale", 9, &in->resale_nanousd, err) < 0 ||
        value_u64(o, "--amortise", &in->amortise_months, err) < 0 ||
        value_fixed(o, "--rent", 9, &in->rent_nanousd_per_hour, err) < 0 ||
        value_fixed(o, "--ops-hours", 3, &hours, err) < 0 ||
        value_fixed(o, "--wage", 9, &in->wage_nanousd_per_hour, err) < 0 ||
        value_fixed(o, "--other", 9, &in->other_nanousd, err) < 0 ||
        value_percent(o, "--acceptance", &in->acceptance_ppm, err) < 0 ||
        value_percent(o, "--busy-limit", &in->busy_limit_ppm, err) < 0)
        return -1;
    if (!rented && !known && !options_has(o, "--capex"))
        return err_set(
            err, ERR_CONFIG, "unknown_price",
            "--capex: the machine's price is unknown; give it, 0 if you have it");
    if (hours > 0 && in->wage_nanousd_per_hour == 0)
        return err_set(
            err, ERR_CONFIG, "unknown_wage",
            "--wage: what an hour of the people in --ops-hours costs is unknown");
    in->ops_milli_hours = (uint64_t)hours;
    x->ops_truth = options_has(o, "--ops-hours") ? TRUTH_GIVEN : TRUTH_RULE;
    if (options_has(o, "--acceptance")) {
        x->ranges.low_ppm[FACTOR_ACCEPTANCE] = 900000;
        x->ranges.high_ppm[FACTOR_ACCEPTANCE] = 1100000;
    }
    x->acceptance_truth = options_has(o, "--acceptance") ? TRUTH_GIVEN : TRUTH_RULE;
    return 0;
}

int plan_inputs_read(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_inputs *ret, struct err *err)
{
    struct plan_inputs x = {.speed_truth = TRUTH_GIVEN, .cards = 1};
    plan_input_init(&x.in);
    plan_ranges_default(&x.ranges);
    if (check_currency(o, err) < 0 || read_cloud(o, f, &x, err) < 0 ||
        read_ledger(o, &x, err) < 0 || read_volume(o, &x.in, err) < 0 ||
        read_device(o, f, &x, err) < 0 || read_speed(o, f, &x, err) < 0 ||
        read_power(o, &x, err) < 0 || read_money(o, &x, err) < 0 ||
        plan_input_check(&x.in, err) < 0)
        return -1;
    x.local_name = report_fmt(
        r, "%s%s%s%.*s",
        x.local_model ? report_fmt(r, "%.*s %s on ", STR_ARG(x.local_model->id),
                                   quant_name(x.quant))
                      : "local, ",
        x.in.machines > 1 ? report_fmt(r, "%llu x ", (unsigned long long)x.in.machines)
                          : "",
        x.cards > 1 ? report_fmt(r, "%ux ", x.cards) : "",
        x.device ? (int)x.device->name.n : 12,
        x.device ? x.device->name.p : "your machine");
    *ret = x;
    return 0;
}

static void add(struct report *r, const char *key, const char *label, const char *text,
                const char *number, const char *unit, enum truth truth,
                const char *source, int64_t date, int64_t expires)
{
    if (truth == TRUTH_GIVEN)
        source = "given by you";
    else if (truth == TRUTH_RULE)
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

static const char *milli(struct report *r, uint64_t v)
{
    return report_fmt(r, "%llu.%03llu", (unsigned long long)(v / 1000),
                      (unsigned long long)(v % 1000));
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
    } rows[] = {
        {"requests", "requests", in->requests, "/month"},
        {"input_tokens", "input", in->per_request.input, "tokens/request"},
        {"cached_tokens", "of it cached", in->per_request.cached, "tokens/request"},
        {"output_tokens", "output", in->per_request.output, "tokens/request"},
        {"reasoning_tokens", "of it reasoning", in->per_request.reasoning,
         "tokens/request"}};
    report_section(r, "workload", "Workload");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].v || i < 2 || i == 3)
            add(r, rows[i].key, rows[i].label, whole(r, rows[i].v), whole(r, rows[i].v),
                rows[i].unit, x->workload_truth, "weir's ledger, the last 30 days",
                REPORT_NO_DATE, REPORT_NO_DATE);
    if (x->ledger_days && x->ledger_days < PLAN_LEDGER_DAYS)
        report_text(r, "The ledger has rows on %llu days; they are scaled to 30.",
                    (unsigned long long)x->ledger_days);
}

static void add_list_price(const struct plan_inputs *x, struct report *r, const char *key,
                           const char *label, int64_t pico)
{
    const struct price *p = x->in.price;
    char text[MONEY_TEXT] = "unknown";
    if (pico != PRICE_UNKNOWN)
        money_decimal_per_million(pico, text);
    add(r, key, label, text, pico == PRICE_UNKNOWN ? NULL : text, "USD/M tokens",
        TRUTH_LIST, report_fmt(r, "%.*s", STR_ARG(p->source)), p->source_days,
        p->source_days + 90);
}

/* Who sells the model for less or more, for this workload. */
static void report_offers(const struct plan_inputs *x, struct report *r)
{
    const struct price *low = NULL, *high = NULL;
    int64_t low_cost = 0, high_cost = 0;
    for (size_t i = 0; i < x->offers.n; i++) {
        const struct price *row = x->offers.row[i];
        struct err ignored;
        int64_t cost;
        if (str_eq(row->provider, x->in.price->provider) ||
            prices_cost_of_many_nanousd(row, &x->in.per_request, x->in.requests, &cost,
                                        &ignored) < 0)
            continue;
        if (!low || cost < low_cost) {
            low = row;
            low_cost = cost;
        }
        if (!high || cost > high_cost) {
            high = row;
            high_cost = cost;
        }
    }
    if (!low)
        return;
    report_text(r,
                "The price is that of %.*s%s. Of the others who sell this model, %.*s is "
                "the cheapest for this workload (%s/month) and %.*s the dearest "
                "(%s/month).",
                STR_ARG(x->in.price->provider),
                x->is_provider_given ? "" : ", as no --provider is given",
                STR_ARG(low->provider), usd(r, low_cost), STR_ARG(high->provider),
                usd(r, high_cost));
}

static void report_cloud(const struct plan_inputs *x, struct report *r)
{
    const struct price *p = x->in.price;
    report_section(
        r, "cloud",
        report_fmt(r, "Cloud: %.*s (%.*s)", STR_ARG(p->model), STR_ARG(p->provider)));
    add_list_price(x, r, "price_input", "input", p->input);
    if (x->in.per_request.cached)
        add_list_price(x, r, "price_cached", "cached input", p->cached_input);
    add_list_price(x, r, "price_output", "output", p->output);
    report_offers(x, r);
    if (p->status.n)
        report_text(r, "The provider calls this model %.*s.", STR_ARG(p->status));
    if (p->other_input != PRICE_UNKNOWN || p->other_output != PRICE_UNKNOWN)
        report_text(r, "Another source (%.*s) disagrees with this price: verify it.",
                    STR_ARG(p->other_source));
    if (x->is_price_stale)
        report_text(r,
                    "Nobody has looked at this price for more than 90 days: verify it, "
                    "then weir facts update prices FILE.");
}

void plan_inputs_report(const struct plan_inputs *x, struct report *r)
{
    const struct plan_input *in = &x->in;
    const char *device_source =
        x->device ? report_fmt(r, "%.*s", STR_ARG(x->device->source)) : "device list";
    int64_t device_day = x->device ? x->device->source_days : REPORT_NO_DATE;
    report_workload(x, r);
    report_cloud(x, r);
    report_section(r, "local", report_fmt(r, "Local: %s", x->local_name));
    add(r, "speed", "decode speed, one stream", milli(r, in->decode_milli_tok_s),
        milli(r, in->decode_milli_tok_s), "tok/s", x->speed_truth,
        x->bench_day ? "weir bench, one stream on this machine"
        : x->speed_truth == TRUTH_MEASURED
            ? "weir's ledger: output over whole time, prompt included"
            : "speed model, see weir fit",
        x->bench_day ? x->bench_day : REPORT_NO_DATE, x->today + 365);
    add(r, "prefill", "prefill speed", milli(r, in->prefill_milli_tok_s),
        milli(r, in->prefill_milli_tok_s), "tok/s", x->prefill_truth, "weir's ledger",
        REPORT_NO_DATE, REPORT_NO_DATE);
    if (in->rent_nanousd_per_hour)
        add(r, "rent", "rent", usd(r, in->rent_nanousd_per_hour),
            usd_number(r, in->rent_nanousd_per_hour), "/machine hour", TRUTH_GIVEN, "",
            REPORT_NO_DATE, REPORT_NO_DATE);
    else
        add(r, "capex", "purchase", usd(r, in->capex_nanousd),
            usd_number(r, in->capex_nanousd), "USD", x->capex_truth,
            report_fmt(r, "launch price%s; %s",
                       x->device && x->device->price_unverified ? ", unverified" : "",
                       device_source),
            device_day, REPORT_NO_DATE);
    add(r, "load_watts", "power under load", milli(r, in->load_mw), milli(r, in->load_mw),
        "W", x->power_truth, device_source, device_day, REPORT_NO_DATE);
    add(r, "idle_watts", "power at idle", milli(r, in->idle_mw), milli(r, in->idle_mw),
        "W", x->idle_truth, "", REPORT_NO_DATE, REPORT_NO_DATE);
    add(r, "tariff", "tariff", usd(r, in->tariff_nanousd_per_kwh),
        usd_number(r, in->tariff_nanousd_per_kwh), "/kWh", x->tariff_truth, "",
        REPORT_NO_DATE, REPORT_NO_DATE);
    add(r, "ops_hours", "people's hours", milli(r, in->ops_milli_hours),
        milli(r, in->ops_milli_hours), "h/month", x->ops_truth, "", REPORT_NO_DATE,
        REPORT_NO_DATE);
    add(r, "acceptance", "local answers accepted",
        report_fmt(r, "%.1f", (double)in->acceptance_ppm / 1e4),
        report_fmt(r, "%.4f", (double)in->acceptance_ppm / 1e4), "%", x->acceptance_truth,
        "", REPORT_NO_DATE, REPORT_NO_DATE);
}
