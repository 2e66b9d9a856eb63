/* plan_costs.c -- what the local side costs: purchase or rent, power, people.
 *
 * Sums are in USD, or in the currency that --currency names, turned into USD by the
 * dated rate of the fact files. */
#include "cmd/decide/plan_input.h"

#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/money.h"

/* Measured at the wall, for what no row says (geerlingguy/ai-benchmarks, 2025 and 2026):
 * whole PCs at idle 48 W, under load the card's rating and 14 to 145 W, median 58. */
#define PC_IDLE_MW 50000
#define PC_LOAD_MW 60000
/* A Mac at idle: 7 to 12 W (Mac Studio, geerlingguy/top500-benchmark, number 57).  Under
 * load by its bandwidth: an M3 Ultra, 819 GB/s, takes 223 to 262 W at the wall. */
#define MAC_IDLE_MW         10000
#define MAC_LOAD_MW_BASE    20000
#define MAC_LOAD_MW_PER_GBS 270

/* The computer around the cards. */
#define PC_USUAL (700 * NANOUSD_PER_USD)

static int read_currency(const struct options *o, const struct facts *f,
                         struct plan_inputs *x, struct err *err)
{
    const char *code = options_get(o, "--currency");
    if (!code || strcmp(code, "USD") == 0)
        return 0;
    x->currency = costs_currency(f->costs, str_of(code));
    if (!x->currency)
        return err_set(err, ERR_CONFIG, "unknown_currency",
                       "--currency: no rate of \"%s\" is known; give sums in USD and "
                       "leave it out, or one of EUR, GBP, CHF, JPY and those that weir "
                       "facts costs lists",
                       code);
    return 0;
}

/* A sum of the user's, in USD. */
static int read_sum(const struct options *o, const struct plan_inputs *x,
                    const char *name, int64_t *ret, struct err *err)
{
    int64_t v = 0;
    if (!options_has(o, name))
        return 0;
    if (value_fixed(o, name, 9, &v, err) < 0)
        return -1;
    if (!x->currency) {
        *ret = v;
        return 0;
    }
    return costs_to_usd(x->currency, v, ret, err);
}

static int read_tariff(const struct options *o, const struct facts *f, struct report *r,
                       struct plan_inputs *x, struct err *err)
{
    const char *country = options_get(o, "--country");
    const struct cost_electricity *e =
        costs_electricity(f->costs, str_of(country ? country : "US"));
    x->tariff_day = REPORT_NO_DATE;
    if (country && !e)
        return err_set(err, ERR_CONFIG, "unknown_country",
                       "--country: no price of electricity is known for \"%s\"; write "
                       "two letters such as DE, or give --tariff",
                       country);
    if (e) {
        x->in.tariff_nanousd_per_kwh = e->nanousd_per_kwh;
        x->tariff_truth = TRUTH_LIST;
        x->tariff_source = report_fmt(r, "households, %.*s %.*s, %.*s", STR_ARG(e->name),
                                      STR_ARG(e->period), STR_ARG(e->from.source));
        x->tariff_day = e->from.days;
    }
    if (x->is_rented && !options_has(o, "--tariff")) {
        x->in.tariff_nanousd_per_kwh = 0;
        x->is_electricity_in_rent = true;
        x->tariff_truth = TRUTH_RULE;
        x->tariff_source = "a rent by the hour has the electricity in it";
        x->tariff_day = REPORT_NO_DATE;
    }
    if (options_has(o, "--tariff")) {
        x->tariff_truth = TRUTH_GIVEN;
        x->tariff_source = "given by you";
        x->tariff_day = REPORT_NO_DATE;
    }
    return read_sum(o, x, "--tariff", &x->in.tariff_nanousd_per_kwh, err);
}

/* Of all devices of the machine together; 0: of one of them it is unknown. */
static double rated_watts(const struct plan_local *l)
{
    double sum = 0;
    for (size_t i = 0; i < l->fitting.machine.n; i++) {
        const struct device *d = l->fitting.machine.devices[i].device;
        if (d->tdp_w <= 0)
            return 0;
        sum += d->tdp_w;
    }
    return sum;
}

static int64_t launch_price(const struct plan_local *l)
{
    int64_t sum = 0;
    for (size_t i = 0; i < l->fitting.machine.n; i++) {
        const struct run_device *d = &l->fitting.machine.devices[i];
        int64_t one = device_price(d->device, d->memory_gb);
        if (one < 0)
            return -1;
        sum += one;
    }
    return sum;
}

static bool are_alike(const struct plan_local *l)
{
    for (size_t i = 1; i < l->fitting.machine.n; i++)
        if (!str_eq(l->fitting.machine.devices[i].device->name, l->device->name))
            return false;
    return true;
}

static bool is_mac(const struct device *d)
{
    return d->kind == DEVICE_APPLE;
}

static void usual_power(struct plan_inputs *x, struct report *r)
{
    const struct device *d = x->local.device;
    struct plan_input *in = &x->in;
    x->power_truth = x->idle_truth = TRUTH_RULE;
    x->power_day = REPORT_NO_DATE;
    x->idle_source = "a whole PC with a card, measured at the wall: 48 W";
    in->idle_mw = PC_IDLE_MW;
    if (!d)
        return;
    if (d->load_w > 0) {
        in->load_mw = (uint64_t)(d->load_w * 1000.0);
        x->power_truth = TRUTH_LIST;
        x->power_source = "the whole machine, measured at the wall";
    } else if (is_mac(d)) {
        in->load_mw =
            (uint64_t)(MAC_LOAD_MW_BASE + MAC_LOAD_MW_PER_GBS * d->bandwidth_gbs);
        x->power_source = "by bandwidth, from an M3 Ultra's 223 to 262 W at the wall";
    } else if (rated_watts(&x->local) > 0) {
        in->load_mw = (uint64_t)(rated_watts(&x->local) * 1000.0) + PC_LOAD_MW;
        x->power_source = report_fmt(r, "rating of %.0f W, and 60 W for the PC around it",
                                     rated_watts(&x->local));
    }
    if (d->idle_w > 0) {
        in->idle_mw = (uint64_t)(d->idle_w * 1000.0);
        x->idle_truth = TRUTH_LIST;
        x->idle_source = "the whole machine, measured at the wall";
    } else if (is_mac(d) || d->is_unified) {
        in->idle_mw = MAC_IDLE_MW;
        x->idle_source = "a small computer at idle, measured 7 to 12 W at the wall";
    } else if (x->local.cards > 1) {
        in->idle_mw = PC_IDLE_MW + (x->local.cards - 1) * UINT64_C(20000);
        x->idle_source = "a whole PC, 48 W, and 20 W for each further card";
    }
    if (in->load_mw && in->idle_mw > in->load_mw)
        in->idle_mw = in->load_mw / 5;
}

static int read_power(const struct options *o, struct report *r, struct plan_inputs *x,
                      struct err *err)
{
    int64_t pue = MILLI;
    usual_power(x, r);
    int64_t load = (int64_t)x->in.load_mw;
    int64_t idle = (int64_t)x->in.idle_mw;
    if (value_fixed(o, "--load-watts", 3, &load, err) < 0 ||
        value_fixed(o, "--idle-watts", 3, &idle, err) < 0 ||
        value_fixed(o, "--pue", 3, &pue, err) < 0)
        return -1;
    if (load == 0 && x->is_electricity_in_rent)
        load = idle = 1000; /* somebody else pays for it */
    if (load == 0)
        return err_set(err, ERR_CONFIG, "unknown_power",
                       "--load-watts: the power under load is unknown; give it in watts");
    if (options_has(o, "--load-watts"))
        x->power_truth = TRUTH_GIVEN;
    if (options_has(o, "--idle-watts"))
        x->idle_truth = TRUTH_GIVEN;
    x->in.load_mw = (uint64_t)load;
    x->in.idle_mw =
        (uint64_t)(idle > load && !options_has(o, "--idle-watts") ? load / 5 : idle);
    x->in.pue_milli = (uint64_t)pue;
    return 0;
}

/* --- purchase and rent --- */

/* Lists of rents call a card by its short name: "H100", "H100 SXM".  The cheapest row
 * with this memory under the longest name that is known. */
static bool find_rent(const struct facts *f, const struct plan_local *l,
                      struct cost_rent *ret, size_t *ret_n)
{
    struct cost_rent rows[64];
    struct str name = l->device->name;
    while (name.n) {
        size_t n = costs_rent(f->costs, name, rows, ARRAY_LEN(rows));
        *ret_n = 0;
        for (size_t i = 0; i < n && i < ARRAY_LEN(rows); i++) {
            bool same = rows[i].memory_gb <= 0 || l->memory_gb <= 0 ||
                        (rows[i].memory_gb < l->memory_gb + 1 &&
                         rows[i].memory_gb > l->memory_gb - 1);
            if (!same || rows[i].nanousd_per_gpu_hour < 0 || rows[i].is_reserved)
                continue;
            if ((*ret_n)++ == 0)
                *ret = rows[i];
        }
        if (*ret_n)
            return true;
        while (name.n && name.p[name.n - 1] != ' ')
            name.n--;
        while (name.n && name.p[name.n - 1] == ' ')
            name.n--;
    }
    return false;
}

static int cheapest_rent(const struct facts *f, struct report *r, struct plan_inputs *x,
                         struct err *err)
{
    struct cost_rent row;
    size_t n;
    if (!x->local.device || !are_alike(&x->local) || !find_rent(f, &x->local, &row, &n))
        return err_set(err, ERR_CONFIG, "unknown_rent",
                       "--rent: no rent of this device is known; give the price of an "
                       "hour");
    x->in.rent_nanousd_per_hour = row.nanousd_per_gpu_hour * x->local.cards;
    x->capex_truth = TRUTH_LIST;
    x->capex_source =
        report_fmt(r, "the cheapest of %zu listed for an hour, %.*s%s; %.*s", n,
                   STR_ARG(row.provider), row.from.is_unverified ? ", not verified" : "",
                   STR_ARG(row.from.source));
    x->capex_day = row.from.days;
    return 0;
}

static int read_rent(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_inputs *x, struct err *err)
{
    static const char *const bought[] = {"--capex", "--resale", "--pc"};
    const char *rent = options_get(o, "--rent");
    x->is_rented = rent != NULL;
    if (!rent)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(bought); i++)
        if (options_has(o, bought[i]))
            return err_set(err, ERR_CONFIG, "bad_value",
                           "--rent, %s: a machine is rented or bought; give one of them",
                           bought[i]);
    x->capex_truth = TRUTH_GIVEN;
    x->capex_source = "given by you";
    x->capex_day = REPORT_NO_DATE;
    if (strcmp(rent, "list") == 0)
        return cheapest_rent(f, r, x, err);
    return read_sum(o, x, "--rent", &x->in.rent_nanousd_per_hour, err);
}

/* Cards are put into a computer; what is a computer of its own is bought whole. */
static int64_t usual_pc(const struct plan_inputs *x, int64_t cards)
{
    const struct device *d = x->local.device;
    if (!d || d->is_unified || d->kind == DEVICE_APPLE || d->kind == DEVICE_CPU)
        return 0;
    return cards / 4 > PC_USUAL ? cards / 4 : PC_USUAL;
}

static int unknown_price(const struct device *d, struct err *err)
{
    char least[MONEY_TEXT];
    if (!d || d->price_nanousd < 0)
        return err_set(err, ERR_CONFIG, "unknown_price",
                       "--capex: the machine's price is unknown; give it, 0 if you have "
                       "it");
    money_format(d->price_nanousd, 0, least);
    return err_set(err, ERR_CONFIG, "unknown_price",
                   "--capex: the price with this much memory is unknown; at launch the "
                   "smallest %.*s cost %s. Give it, 0 if you have it",
                   STR_ARG(d->name), least);
}

static int read_purchase(const struct options *o, struct report *r, struct plan_inputs *x,
                         struct err *err)
{
    struct plan_input *in = &x->in;
    const struct device *d = x->local.device;
    int64_t price = d ? launch_price(&x->local) : -1;
    bool given = options_has(o, "--capex");
    if (x->is_rented)
        return 0;
    if (x->local.is_here && d && !given) {
        x->capex_truth = TRUTH_RULE;
        x->capex_source = "this machine is here already";
        x->capex_day = REPORT_NO_DATE;
        return 0;
    }
    if (price < 0 && !given)
        return unknown_price(d, err);
    x->pc_truth = TRUTH_RULE;
    if (!given) {
        int64_t cards = price;
        x->pc_nanousd = usual_pc(x, cards);
        if (read_sum(o, x, "--pc", &x->pc_nanousd, err) < 0)
            return -1;
        x->pc_truth = options_has(o, "--pc") ? TRUTH_GIVEN : TRUTH_RULE;
        in->capex_nanousd = (cards + x->pc_nanousd) * (int64_t)in->machines;
        x->capex_truth = TRUTH_LIST;
        x->capex_source =
            report_fmt(r, "price at launch%s, not what shops ask today; %.*s",
                       d->price_unverified ? ", unverified" : "",
                       STR_ARG(d->price_source.n ? d->price_source : d->source));
        x->capex_day = d->source_days;
    } else {
        x->capex_truth = TRUTH_GIVEN;
        x->capex_source = "given by you";
        x->capex_day = REPORT_NO_DATE;
    }
    return read_sum(o, x, "--capex", &in->capex_nanousd, err) < 0 ||
                   read_sum(o, x, "--resale", &in->resale_nanousd, err) < 0
               ? -1
               : 0;
}

static int read_people(const struct options *o, struct plan_inputs *x, struct err *err)
{
    struct plan_input *in = &x->in;
    int64_t hours = 0;
    if (value_u64(o, "--amortise", &in->amortise_months, err) < 0 ||
        value_fixed(o, "--ops-hours", 3, &hours, err) < 0 ||
        read_sum(o, x, "--wage", &in->wage_nanousd_per_hour, err) < 0 ||
        read_sum(o, x, "--other", &in->other_nanousd, err) < 0 ||
        read_sum(o, x, "--subscription", &in->subscription_nanousd, err) < 0 ||
        value_percent(o, "--busy-limit", &in->busy_limit_ppm, err) < 0)
        return -1;
    if (hours > 0 && in->wage_nanousd_per_hour == 0)
        return err_set(
            err, ERR_CONFIG, "unknown_wage",
            "--wage: what an hour of the people in --ops-hours costs is unknown");
    in->ops_milli_hours = (uint64_t)hours;
    x->ops_truth = options_has(o, "--ops-hours") ? TRUTH_GIVEN : TRUTH_RULE;
    return 0;
}

static bool is_same_model(const struct facts *f, const struct plan_inputs *x)
{
    struct model_answer a = {.n = 0};
    models_ask(f->models, price_plain_name(x->in.price->model), &a);
    return x->local.model && a.n == 1 && a.choices[0] == x->local.model;
}

/* Nobody knows how many answers will do until somebody has compared them; but those of
 * the same model are the same, a quantisation aside. */
static int read_acceptance(const struct options *o, const struct facts *f,
                           struct plan_inputs *x, struct err *err)
{
    const char *given = options_get(o, "--acceptance");
    x->acceptance_truth = TRUTH_GIVEN;
    if (given && strcmp(given, "1") == 0)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--acceptance: \"1\" may be all of them or one in a hundred: "
                       "write 100 or 1%%");
    if (given)
        return value_percent(o, "--acceptance", &x->in.acceptance_ppm, err);
    x->acceptance_truth = TRUTH_RULE;
    x->is_same_model = is_same_model(f, x);
    x->accepted_low_ppm = x->is_same_model ? 900000 : ACCEPTANCE_LOW_PPM;
    x->accepted_high_ppm = x->is_same_model ? PPM : ACCEPTANCE_HIGH_PPM;
    uint64_t middle = (x->accepted_low_ppm + x->accepted_high_ppm) / 2;
    x->in.acceptance_ppm = middle;
    x->ranges.low_ppm[FACTOR_ACCEPTANCE] = x->accepted_low_ppm * PPM / middle;
    x->ranges.high_ppm[FACTOR_ACCEPTANCE] = x->accepted_high_ppm * PPM / middle;
    return 0;
}

int plan_costs_read(const struct options *o, const struct facts *f, struct report *r,
                    struct plan_inputs *x, struct err *err)
{
    struct plan_input *in = &x->in;
    if (read_currency(o, f, x, err) < 0 ||
        value_u64(o, "--machines", &in->machines, err) < 0)
        return -1;
    if (in->machines < 1 || in->machines > 100000)
        return err_set(err, ERR_CONFIG, "bad_value", "--machines: must be 1 to 100,000");
    x->are_machines_given =
        options_has(o, "--machines") || options_has(o, "--capex") || x->local.is_here;
    if (read_rent(o, f, r, x, err) < 0 || read_tariff(o, f, r, x, err) < 0 ||
        read_power(o, r, x, err) < 0 || read_purchase(o, r, x, err) < 0 ||
        read_people(o, x, err) < 0 || read_acceptance(o, f, x, err) < 0)
        return -1;
    return 0;
}
